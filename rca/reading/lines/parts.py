"""The parts of a log: read one by one in any order, in one thread or several, with the same events.

The decision hidden here: what the parts of a stream share. They share its plan and the numbers of their first lines; where
some stamp needs the whole stream, all parts are scanned first. Threads serve: the work is done by Polars, numpy and
Arrow, which let others run meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from rca.assumptions import Assumption
from rca.errors import Severity
from rca.evidence.opening import mark_length
from rca.moments.timing import Skeleton, said_of
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

__all__ = ["Parts", "Shelf", "Written", "make_plan"]

_END = 1 << 62
_WORTH_A_GUESS = 4

Write = Callable[[int, "Iterator[pa.Table]"], None]
"""Called with the number of a part and its tables; may be called from several threads at once."""


@dataclass(frozen=True, slots=True)
class Written:
    """What must be known of a part that was written, so that it may stand when its log has grown.

    `plan` is a digest of how it was read, `said` of what inference said of its stamps, empty where it had none to say;
    `first_line` and `bounds` place it in the stream.
    """

    number: int
    bounds: tuple[int, int]
    first_line: int
    plan: str
    said: str
    result: PartResult
    skeleton: Skeleton | None


class Shelf(Protocol):
    """Where parts are written, and where those that were written before may stand."""

    def write(self, number: int, tables: Iterator[pa.Table]) -> None:
        """Write a part; called from several threads at once."""
        ...

    def standing(self, number: int) -> Written | None:
        """What is known of a part written before, of bytes that are the same still; None where there is none."""
        ...

    def keep(self, written: Written, *, stands: bool) -> None:
        """Take note of a part: written now, or left as it stands."""
        ...


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
    return plan_for(source.head, source.encoding, mark_length(source.head), formats, settings)


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

    def write(self, shelf: Shelf, *, workers: int = 1) -> None:
        """Put the tables of each part on `shelf`, but for those that stand there from before the log grew.

        What was noted goes to the source in the order of the parts.
        """
        numbers = range(len(self.bounds))
        if self.plan.is_chained:
            self._infer_if_known(workers)
            self._write_chained(shelf)
            return
        sign = self._sign()
        old = {n: known for n in numbers if (known := self._standing(shelf, n, sign)) is not None}
        with ThreadPoolExecutor(max(workers, 1)) as pool:
            results = self._write_all(shelf, old, pool, workers)
        for number in numbers:
            result = results[number]
            said = self._said(result)
            skeleton = Skeleton.join(result.skeletons) if result.skeletons is not None else None
            written = Written(
                number, self.bounds[number], self._first_lines[number], sign, said, result, skeleton
            )
            stands = number in old and old[number].result is result
            shelf.keep(written, stands=stands)
            self._report(result)

    def _sign(self) -> str:
        """A digest of how the parts are read, but for what only the whole stream tells."""
        plan = self.plan
        facts = (
            plan.settings,
            plan.ends,
            plan.first,
            plan.takes_indented,
            [(one.name, run) for one, run in plan.candidates],
            sorted(self.source.declared.definitions.items()),
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def _standing(self, shelf: Shelf, number: int, sign: str) -> Written | None:
        """A part written before, if it was read as it would be read now, wholly before the end of the stream."""
        known = shelf.standing(number)
        if known is None or known.plan != sign or known.result.read_to < 0:
            return None
        place = (self.bounds[number], self._first_lines[number])
        return known if (known.bounds, known.first_line) == place else None

    def _said(self, result: PartResult) -> str:
        if result.skeletons is None or self.plan.timing is None:
            return ""
        return said_of(self.plan.timing, Skeleton.join(result.skeletons))

    def _write_all(
        self, shelf: Shelf, old: Mapping[int, Written], pool: ThreadPoolExecutor, workers: int
    ) -> list[PartResult]:
        """Write the parts that do not stand; the results of all."""
        numbers = range(len(self.bounds))

        def run(chosen: Iterable[int], *, keep: bool) -> dict[int, PartResult | None]:
            chosen = list(chosen)
            done = pool.map(lambda n: self._write_part(n, shelf.write, {}, keep=keep), chosen)
            return dict(zip(chosen, done, strict=True))

        keep = self.plan.wants_timing
        if not keep:
            results = {n: known.result for n, known in old.items() if not known.said}
            fresh = run((n for n in numbers if n not in results), keep=False)
            late = [n for n, result in fresh.items() if result is None]
            if not late:
                return [results[n] if n in results else _sure(fresh[n]) for n in numbers]
            self._infer(workers)
            fresh.update(run(late, keep=True))
            return [results[n] if n in results else _sure(fresh[n]) for n in numbers]
        if not self._guess(old):
            self._infer(workers)
            fresh = run(numbers, keep=True)
            return [_sure(fresh[n]) for n in numbers]
        guess = self.plan.timing
        assert guess is not None
        stands = {n: known for n, known in old.items() if known.skeleton is not None}
        fresh = run((n for n in numbers if n not in stands), keep=True)
        unsure = {n for n, result in fresh.items() if _sure(result).orders}
        skeletons = [
            stands[n].skeleton or Skeleton.join([])
            if n in stands
            else Skeleton.join(_sure(fresh[n]).skeletons or [])
            for n in numbers
        ]
        if unsure:  # the ends did not show that the order of day and month must be asked for
            self._infer(workers)
        else:
            self.plan, notes, _ = infer_timing([Scan(s) for s in skeletons], self.plan, self.source.anchors)
            self._note_timing(notes)
        timing = self.plan.timing
        assert timing is not None
        settled = {n: known.said for n, known in stands.items()}
        settled |= {n: said_of(guess, skeletons[n]) for n in fresh}
        wrong = [n for n in numbers if n in unsure or settled[n] != said_of(timing, skeletons[n])]
        fresh.update(run(wrong, keep=True))
        return [_sure(fresh[n]) if n in fresh else stands[n].result for n in numbers]

    def _write_chained(self, shelf: Shelf) -> None:
        """Write the parts one after the other, each knowing the columns that a header before it names."""
        columns: dict[str, tuple[str, ...]] = {}
        sign = self._sign()
        for number in range(len(self.bounds)):
            result = self._write_part(number, shelf.write, columns)
            if result is None:
                self._infer(1)
                result = _sure(self._write_part(number, shelf.write, columns))
            columns = result.columns
            result.read_to = -1  # what stands before it must be known to read it: it is written anew
            written = Written(number, self.bounds[number], self._first_lines[number], sign, "", result, None)
            shelf.keep(written, stands=False)
            self._report(result)

    def _guess(self, old: Mapping[int, Written]) -> bool:
        """Plan with what the first and the last part tell, where that may spare a scan of all of them."""
        if self.plan.timing is not None or len(self.bounds) < _WORTH_A_GUESS:
            return False
        last = len(self.bounds) - 1
        ends = [
            Scan(known.skeleton)
            if (known := old.get(n)) is not None and known.skeleton is not None
            else scan_part(self.source.open, *self._span(n), self.plan, {})
            for n in (0, last)
        ]
        if any(scan.orders for scan in ends):
            return False
        self.plan, _, again = infer_timing(ends, self.plan, self.source.anchors)
        return not again

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


def _sure(result: PartResult | None) -> PartResult:
    assert result is not None
    return result
