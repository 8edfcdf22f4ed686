"""Line logs: formats are data, several may live in one file, every byte is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.evidence.opening import is_binary, mark_length
from rca.reading.lines.engine import (
    NeedsTimingError,
    PartResult,
    Scan,
    infer_timing,
    part_bounds,
    read_part,
    scan_part,
)
from rca.reading.lines.formats import Format, load_formats, names_of, parse_formats
from rca.reading.lines.plan import Plan, Settings, plan_for
from rca.reading.source import Declared, Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Format", "LineReader"]


class LineReader:
    """Reads logs line by line. An unknown format name is refused by the seam; without one, content decides."""

    name = "lines"
    version = "2"
    title = "logs: records led by a stamp, JSON Lines, stack traces folded in"
    suffixes = (".log", ".txt", ".jsonl", ".ndjson", ".out", ".err")

    def formats(self) -> dict[str, Format]:
        """The formats that ship with the package, by name."""
        return names_of(load_formats())

    def score(self, sample: Sample) -> float:
        """The share of sampled lines that a format takes, scaled to at most 0.9; a little for any text."""
        from rca.reading.lines.blocks import LineEnds, cut
        from rca.reading.lines.folding import fold
        from rca.reading.lines.matching import ways
        from rca.reading.lines.plan import first_look

        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        first = mark_length(sample.head)
        head = sample.head[first : first + 32_768]
        ends = LineEnds.of(sample.encoding, head)
        last = ends.last_in(head)
        block = cut(head[:last] if last else head, first, ends)
        asked = [(one, ways(one)) for one in _formats_for(sample.declared)]
        layout, _ = first_look(block, asked)
        folded = fold(block, layout)
        records = int(folded.is_head.sum())
        solid = int((~block.is_blank & ~layout.is_structure).sum())
        if not records or not solid:
            return 0.05
        inside = int((folded.inside & ~block.is_blank).sum()) - int((~folded.is_head).sum())
        return 0.3 + 0.6 * min(inside, records * 5) / solid

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        from rca.events.columns import conformed

        for table in read_stream(source, _formats_for(source.declared), LineReader.version):
            yield conformed(table)


def make_plan(source: Source, formats: tuple[Format, ...], version: str) -> Plan:
    """The plan of a stream."""
    prefix = source.locator("")
    settings = Settings(
        source.stream_key,
        source.zone,
        source.zone_basis,
        prefix,
        source.declared.exhibit,
        source.declared.reliability,
        LineReader.name,
        version,
    )
    return plan_for(source.head_of(1 << 18), source.encoding, mark_length(source.head), formats, settings)


def read_stream(source: Source, formats: tuple[Format, ...], version: str) -> Iterator[pa.Table]:
    """The events of a stream part by part, in this process; what was noted goes to the source."""
    plan = make_plan(source, formats, version)
    if plan.first:
        source.structure_bytes(0, plan.first)
    bounds = part_bounds(source.size)
    line = 1
    columns: dict[str, tuple[str, ...]] = {}
    for low, high in bounds:
        end = high if high < source.size else 1 << 62
        result = PartResult()
        tables: list[pa.Table] = []
        try:
            tables = list(
                read_part(source.open, low, end, plan, first_line=line, columns=columns, result=result)
            )
        except NeedsTimingError:
            plan = time_plan(source, plan, bounds)
            result = PartResult()
            tables = list(
                read_part(source.open, low, end, plan, first_line=line, columns=columns, result=result)
            )
        yield from tables
        line += result.lines
        columns = result.columns
        report(source, result, plan)


def time_plan(source: Source, plan: Plan, bounds: list[tuple[int, int]]) -> Plan:
    """The plan once all stamps of the stream are scanned."""
    for _ in range(3):
        scans: list[Scan] = []
        columns: dict[str, tuple[str, ...]] = {}
        for low, high in bounds:
            end = high if high < source.size else 1 << 62
            scans.append(scan_part(source.open, low, end, plan, columns))
            columns = scans[-1].columns
        plan, notes, again = infer_timing(scans, plan, source.anchors)
        for note in notes:
            source.adopt(note)
        if not again:
            break
    assert plan.timing is not None
    for place, issue in plan.timing.issues:
        source.issue(issue.code, issue.severity, issue.message, place=f"B{place}+1", hint=issue.hint)
    return plan


def report(source: Source, result: PartResult, plan: Plan) -> None:
    """Hand what a part noted to the source."""
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
            f"Lines hold bytes that are not {plan.ends.encoding}; they are shown escaped",
            hint="The raw bytes stand in the exhibit, reachable through the citation.",
        )


def _formats_for(declared: Declared) -> tuple[Format, ...]:
    own = [
        f for origin, document in declared.definitions.items() for f in parse_formats(document, origin=origin)
    ]
    known = (*own, *load_formats())
    asked = declared.format
    if asked is not None and asked != LineReader.name:
        chosen = tuple(f for f in known if f.name == asked)
        if chosen:
            return chosen
    return known
