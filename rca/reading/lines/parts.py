"""The parts of a log: read one by one in any order, in one thread or several, with the same events.

The decision hidden here: what the parts of a stream share. They share its plan and the numbers of their first lines; where
some stamp needs the whole stream, all parts are scanned first. Threads serve: the work is done by Polars, numpy and
Arrow, which let others run meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from rca.assumptions import Assumption
from rca.errors import Severity
from rca.evidence.opening import mark_length
from rca.moments.timing import Skeleton, agree
from rca.reading.lines.engine import (
    NeedsTimingError,
    PartResult,
    Scan,
    infer_timing,
    line_start,
    lines_between,
    part_bounds,
    read_part,
    scan_part,
)
from rca.reading.lines.formats import Format
from rca.reading.lines.plan import Plan, Settings, plan_for
from rca.reading.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Parts", "make_plan"]

_END = 1 << 62
_SAMPLE = 1 << 18
_WORTH_A_GUESS = 4

Write = Callable[[int, "Iterator[pa.Table]"], None]
"""Called with the number of a part and its tables; may be called from several threads at once."""


def make_plan(source: Source, formats: tuple[Format, ...], *, reader: str, version: str) -> Plan:
    """The plan of a stream."""
    settings = Settings(
        source.stream_key,
        source.zone,
        source.zone_basis,
        source.locator(""),
        source.declared.exhibit,
        source.declared.reliability,
        reader,
        version,
    )
    return plan_for(source.head_of(_SAMPLE), source.encoding, mark_length(source.head), formats, settings)


class Parts:
    """The parts of one stream. `read` gives them in order in this thread, `write` in several threads at once."""

    def __init__(self, source: Source, formats: tuple[Format, ...], *, reader: str, version: str) -> None:
        self.source = source
        self.plan = make_plan(source, formats, reader=reader, version=version)
        self.bounds = part_bounds(source.size)
        self.events = self.undated = 0
        self._first_lines = self._number_lines()
        if self.plan.first:
            source.structure_bytes(0, self.plan.first)

    def _number_lines(self) -> list[int]:
        """The number of the first line that begins in each part."""
        numbers = [1]
        ends, marks = self.plan.ends, self.source.line_feeds
        for number in range(1, len(self.bounds)):
            low = self.bounds[number][0]
            if ends.end == b"\n" and len(marks) >= number:
                numbers.append(2 + marks[number - 1])
            else:
                start = line_start(self.source.open, low, self.plan)
                before = self.bounds[number - 1][0]
                numbers.append(numbers[-1] + lines_between(self.source.open, before, start, self.plan))
        return numbers

    def read(self) -> Iterator[pa.Table]:
        """The events of all parts in file order; what was noted goes to the source."""
        self._infer_if_known()
        columns: dict[str, tuple[str, ...]] = {}
        for number in range(len(self.bounds)):
            result = PartResult()
            try:
                tables = list(self._part(number, result, columns))
            except NeedsTimingError:
                self._infer(1)
                result = PartResult()
                tables = list(self._part(number, result, columns))
            yield from tables
            columns = result.columns
            self._report(result)

    def write(self, write: Write, *, workers: int = 1) -> None:
        """Hand the tables of each part to `write`; what was noted goes to the source in the order of the parts."""
        if self._guess():
            self._write_and_check(write, workers)
            return
        self._infer_if_known(workers)
        numbers = range(len(self.bounds))
        if self.plan.is_chained or workers <= 1 or len(self.bounds) == 1:
            columns: dict[str, tuple[str, ...]] = {}
            for number in numbers:
                result = self._write_part(number, write, columns)
                if result is None:
                    self._infer(workers)
                    result = self._write_part(number, write, columns)
                assert result is not None
                columns = result.columns
                self._report(result)
            return
        with ThreadPoolExecutor(workers) as pool:
            results = list(pool.map(lambda number: self._write_part(number, write, {}), numbers))
            if any(result is None for result in results):
                self._infer(workers)
                again = [number for number in numbers if results[number] is None]
                for number, result in zip(
                    again, pool.map(lambda number: self._write_part(number, write, {}), again), strict=True
                ):
                    results[number] = result
        for result in results:
            assert result is not None
            self._report(result)

    def _guess(self) -> bool:
        """Plan with what the first and the last part tell, where that may spare a scan of all of them."""
        if not self.plan.wants_timing or self.plan.is_chained or len(self.bounds) < _WORTH_A_GUESS:
            return False
        ends = [scan_part(self.source.open, *self._span(n), self.plan, {}) for n in (0, len(self.bounds) - 1)]
        if any(scan.orders for scan in ends):
            return False
        self.plan, _, again = infer_timing(ends, self.plan, self.source.anchors)
        return not again

    def _write_and_check(self, write: Write, workers: int) -> None:
        """Write all parts as guessed, then those again of whose stamps the whole stream says something else."""
        numbers = range(len(self.bounds))
        with ThreadPoolExecutor(workers) as pool:
            results = list(pool.map(lambda n: self._write_part(n, write, {}, keep=True), numbers))
            guessed = self.plan.timing
            assert guessed is not None
            skeletons = [Skeleton.join(r.skeletons or []) if r else Skeleton.join([]) for r in results]
            unsure = {n for n in numbers if (r := results[n]) is None or r.orders}
            if unsure:  # the ends did not show that the order of day and month must be asked for
                self._infer(workers)
            else:
                self.plan, notes, _ = infer_timing(
                    [Scan(s) for s in skeletons], self.plan, self.source.anchors
                )
                self._note_timing(notes)
            timing = self.plan.timing
            assert timing is not None
            wrong = [n for n in numbers if n in unsure or not agree(guessed, timing, skeletons[n])]
            for number, result in zip(
                wrong, pool.map(lambda n: self._write_part(n, write, {}), wrong), strict=True
            ):
                results[number] = result
        for result in results:
            assert result is not None
            self._report(result)

    def _part(
        self, number: int, result: PartResult, columns: dict[str, tuple[str, ...]]
    ) -> Iterator[pa.Table]:
        low, high = self._span(number)
        return read_part(
            self.source.open,
            low,
            high,
            self.plan,
            first_line=self._first_lines[number],
            columns=columns,
            result=result,
        )

    def _write_part(
        self, number: int, write: Write, columns: dict[str, tuple[str, ...]], *, keep: bool = False
    ) -> PartResult | None:
        """Write one part; None where its stamps need the whole stream. With `keep` its stamps are kept."""
        result = PartResult(skeletons=[] if keep else None)
        try:
            write(number, self._part(number, result, columns))
        except NeedsTimingError:
            return None
        return result

    def _span(self, number: int) -> tuple[int, int]:
        low, high = self.bounds[number]
        return low, high if number + 1 < len(self.bounds) else _END

    # -- what only the whole stream tells -----------------------------------------------------------------

    def _infer_if_known(self, workers: int = 1) -> None:
        if self.plan.wants_timing and self.plan.timing is None:
            self._infer(workers)

    def _infer(self, workers: int) -> None:
        """Scan all stamps of the stream, and plan with what they tell."""
        notes: list[Assumption] = []
        for _ in range(3):
            self.plan, notes, again = infer_timing(self._scan(workers), self.plan, self.source.anchors)
            if not again:
                break
        self._note_timing(notes)

    def _note_timing(self, notes: list[Assumption]) -> None:
        for note in notes:
            self.source.adopt(note)
        assert self.plan.timing is not None
        for place, issue in self.plan.timing.issues:
            self.source.issue(issue.code, issue.severity, issue.message, place=f"B{place}+1", hint=issue.hint)

    def _scan(self, workers: int) -> list[Scan]:
        plan, opener = self.plan, self.source.open
        numbers = range(len(self.bounds))
        if plan.is_chained or workers <= 1:
            scans: list[Scan] = []
            columns: dict[str, tuple[str, ...]] = {}
            for number in numbers:
                scans.append(scan_part(opener, *self._span(number), plan, columns))
                columns = scans[-1].columns
            return scans
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(lambda n: scan_part(opener, *self._span(n), plan, {}), numbers))

    def _report(self, result: PartResult) -> None:
        """Hand what a part noted to the source."""
        source = self.source
        self.events += result.events
        self.undated += result.undated
        for entry, start, length in result.spans:
            source.ledger.enter(entry, start, length)
        for assumption in sorted(result.assumptions):
            source.adopt(assumption)
        for issue in sorted(result.issues):
            source.issues.append(replace(issue, where=source.cite(issue.where)))
        if result.strays:
            source.issue(
                "RCA154",
                Severity.INFO,
                f"Lines hold bytes that are not {self.plan.ends.encoding}; they are shown escaped",
                hint="The raw bytes stand in the exhibit, reachable through the citation.",
            )
