"""The line engine: lines become records, records get their times together, then they become batches.

The decision hidden here: two passes. The first cuts the stream into lines, finds each line's format (the one before it
is tried first, so that several may live in one file), folds continuations, and keeps only spans and stamps; then
`settle` dates the whole stream at once; the second pass takes each record apart and fills columns, a batch at a time.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, columns_batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import mark_length
from rca.moments.moment import Basis, TimeKind
from rca.moments.settling import Settled, settle
from rca.moments.stamps import Stamp
from rca.reading.lines.folding import is_continuation
from rca.reading.lines.formats import Format
from rca.reading.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Matcher", "read_lines"]

BATCH = 8_192
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_REFS = re.compile(r"\b(?:[A-Z][A-Z0-9]{1,9}-\d{1,7}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\b")
_NOT_REFS = ("UTF-", "ISO-", "SHA-", "RFC-", "MD-", "AES-", "TLS-", "IEC-", "CP-", "US-")
_UNDATED = -1


class Matcher:
    """Finds the format of a line: the format of the line before is asked first, then all in their order.

    A format takes a line only if the stamp that it finds is a possible date.
    """

    def __init__(self, formats: tuple[Format, ...]) -> None:
        self.formats = formats
        self._last = 0
        self._known: list[dict[str, bool]] = [{} for _ in formats]

    def find(self, line: str) -> tuple[int, str] | None:
        """The index of the format that takes `line`, and the text of its stamp."""
        text = self._ask(self._last, line)
        if text is not None:
            return self._last, text
        for index in range(len(self.formats)):
            if index != self._last:
                text = self._ask(index, line)
                if text is not None:
                    self._last = index
                    return index, text
        return None

    def _ask(self, index: int, line: str) -> str | None:
        found = self.formats[index]
        text = found.find_stamp(line)
        if text is None:
            return None
        known = self._known[index]
        is_stamp = known.get(text)
        if is_stamp is None:
            is_stamp = (
                text == "-"
                or found.parse_stamp(text) is not None
                or (bool(found.other_layouts) and found.parse_stamp(text, swapped=True) is not None)
            )
            if len(known) > 200_000:
                known.clear()
            known[text] = is_stamp
        return text if is_stamp else None


@dataclass(slots=True)
class _Records:
    """The records of a stream as columns: span, lines, format and stamp of each."""

    start: array[int] = field(default_factory=lambda: array("q"))
    length: array[int] = field(default_factory=lambda: array("q"))
    first_length: array[int] = field(default_factory=lambda: array("q"))
    line: array[int] = field(default_factory=lambda: array("q"))
    last_line: array[int] = field(default_factory=lambda: array("q"))
    format: array[int] = field(default_factory=lambda: array("h"))
    stamp: list[str | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.stamp)

    def add(self, start: int, length: int, line: int, format_index: int, stamp: str | None) -> None:
        self.start.append(start)
        self.length.append(length)
        self.first_length.append(length)
        self.line.append(line)
        self.last_line.append(line)
        self.format.append(format_index)
        self.stamp.append(stamp)

    def extend_last(self, end: int, line: int) -> None:
        self.length[-1] = end - self.start[-1]
        self.last_line[-1] = line


def read_lines(
    source: Source, formats: tuple[Format, ...], *, reader: str, version: str
) -> Iterator[pa.RecordBatch]:
    """The events of a stream of lines, in file order."""
    with source.open() as stream:
        data = stream.read()
    decoder = _Decoder(source)
    records = _cut(source, decoder, Matcher(formats))
    stamps = _read_stamps(source, records, formats)
    settled = settle(
        stamps,
        zone=source.zone,
        zone_basis=source.zone_basis,
        anchors=source.anchors,
        scope=source.stream_key[:12],
    )
    for assumption in settled.assumptions:
        source.adopt(assumption)
    for issue in settled.issues:
        row = int(issue.where.removeprefix("row ")) - 1
        source.issue(
            issue.code, issue.severity, issue.message, place=f"L{records.line[row]}", hint=issue.hint
        )
    _bound_undated(settled)
    decoder.report()
    for low in range(0, len(records), BATCH):
        rows = range(low, min(low + BATCH, len(records)))
        yield _build(source, data, decoder, records, formats, settled, rows, reader, version)


class _Decoder:
    """Decodes lines one by one, so that a stray byte costs no more than its own line's fidelity."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.encoding = "utf-8" if source.encoding == "utf-8-sig" else source.encoding
        self.strays = 0

    def __call__(self, raw: bytes) -> str:
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError:
            text = raw.decode(self.encoding, errors="backslashreplace")
        if "\x1b" in text:
            text = _ANSI.sub("", text)
        return text.rstrip("\r\n")

    def count_strays(self, raw: bytes) -> None:
        try:
            raw.decode(self.encoding)
        except UnicodeDecodeError:
            self.strays += 1

    def report(self) -> None:
        if self.strays:
            self.source.issue(
                "RCA154",
                Severity.INFO,
                f"{self.strays} lines hold bytes that are not {self.encoding}; they are shown escaped",
                hint="The raw bytes stand in the exhibit, reachable through the citation.",
            )


def _cut(source: Source, decoder: _Decoder, matcher: Matcher) -> _Records:
    """The first pass: spans, formats and stamps of all records; blank lines and the byte order mark are booked."""
    records = _Records()
    mark = mark_length(source.head)
    if mark:
        source.structure_bytes(0, mark)
    is_multiline = False
    pending: list[tuple[int, int]] = []
    for number, start, raw in source.lines():
        if start < mark:
            raw, start = raw[mark - start :], mark
        if not raw:
            continue
        line = decoder(raw)
        if not line.strip():
            pending.append((start, len(raw)))
            continue
        if "�" in line or "\\x" in line:
            decoder.count_strays(raw)
        found = None if line[0] in " \t" and records.stamp else matcher.find(line)
        if found is not None:
            _book_blank(source, pending)
            records.add(start, len(raw), number, found[0], found[1])
            is_multiline = matcher.formats[found[0]].multiline
        elif (
            records.stamp and records.format[-1] != _UNDATED and is_continuation(line, multiline=is_multiline)
        ):
            pending.clear()
            records.extend_last(start + len(raw), number)
        else:
            _book_blank(source, pending)
            records.add(start, len(raw), number, _UNDATED, None)
    _book_blank(source, pending)
    for start, length in zip(records.start, records.length, strict=True):
        source.event_bytes(start, length)
    return records


def _book_blank(source: Source, pending: list[tuple[int, int]]) -> None:
    for start, length in pending:
        source.blank_bytes(start, length)
    pending.clear()


def _read_stamps(source: Source, records: _Records, formats: tuple[Format, ...]) -> list[Stamp | None]:
    """The stamp of each record, equal texts sharing one object; the order of day and month is decided file-wide."""
    swapped = _decide_orders(source, records, formats)
    known: dict[tuple[int, str], Stamp | None] = {}
    stamps: list[Stamp | None] = []
    for index, text in zip(records.format, records.stamp, strict=True):
        if text is None or text == "-":
            stamps.append(None)
            continue
        key = (index, text)
        if key not in known:
            known[key] = formats[index].parse_stamp(text, swapped=index in swapped)
        stamps.append(known[key])
    _note_counts(source, known)
    return stamps


def _note_counts(source: Source, known: dict[tuple[int, str], Stamp | None]) -> None:
    counts = sum(stamp is not None and stamp.instant is not None for stamp in known.values())
    if counts:
        source.assume(
            "format",
            f"{counts} numeric stamps count from 1970; their unit is told by their size",
            rests_on="numbers below 10^11 are read as seconds, below 10^14 as milliseconds, then µs and ns",
            alternatives=("another unit or another epoch, stated by an own format",),
        )


def _decide_orders(source: Source, records: _Records, formats: tuple[Format, ...]) -> set[int]:
    """The formats whose stamps put the month first in this file."""
    swapped: set[int] = set()
    for index, one in enumerate(formats):
        if not one.other_layouts:
            continue
        texts = {
            t for i, t in zip(records.format, records.stamp, strict=True) if i == index and t is not None
        }
        if not texts:
            continue
        day_first = sum(one.parse_stamp(text) is None for text in texts)
        month_first = sum(one.parse_stamp(text, swapped=True) is None for text in texts)
        if day_first > month_first:
            swapped.add(index)
        if day_first == month_first:
            source.assume(
                "order",
                "in dates such as 03/04/2024 the day comes first",
                rests_on="no date of the file tells: none has a number above 12 in one place only",
                alternatives=("the month comes first",),
            )
    return swapped


def _bound_undated(settled: Settled) -> None:
    """Rows without a date lie between their neighbours: they take their bounds, not a time."""
    low: int | None = None
    lows: list[int | None] = []
    for time, earliest in zip(settled.time, settled.earliest, strict=True):
        low = earliest if time is not None else low
        lows.append(low)
    high: int | None = None
    for row in range(len(settled.time) - 1, -1, -1):
        if settled.time[row] is not None:
            high = settled.latest[row]
            continue
        below = lows[row]
        if below is not None and high is not None and below < high:
            settled.earliest[row], settled.latest[row] = below, high


def _build(
    source: Source,
    data: bytes,
    decoder: _Decoder,
    records: _Records,
    formats: tuple[Format, ...],
    settled: Settled,
    rows: range,
    reader: str,
    version: str,
) -> pa.RecordBatch:
    """The second pass over some rows: each record is taken apart into columns."""
    n = len(rows)
    columns: dict[str, list[Any]] = {
        name: [None] * n
        for name in (
            "message", "actor", "subject", "component", "unit", "channel", "trace_id", "severity", "severity_text",
            "attributes", "refs",
        )
    }  # fmt: skip
    kinds, texts, ids, locators = [], [], [], []
    for at, row in enumerate(rows):
        start, index = records.start[row], records.format[row]
        line = decoder(data[start : start + records.first_length[row]])
        if index == _UNDATED:
            columns["message"][at] = line.strip()
            kinds.append("log.line")
        else:
            one = formats[index]
            parts = one.take(line)
            assert parts is not None
            for name, value in parts.columns.items():
                columns[name][at] = value
            columns["attributes"][at] = attributes(parts.fields)
            kinds.append(one.kind)
        message = columns["message"][at]
        if message and "-" in message:
            refs = [ref for ref in _REFS.findall(message) if not ref.startswith(_NOT_REFS)]
            columns["refs"][at] = list(dict.fromkeys(refs)) or None
        texts.append(records.stamp[row])
        ids.append(event_id(source.stream_key, start))
        first, last = records.line[row], records.last_line[row]
        locators.append(source.locator(f"L{first}" if first == last else f"L{first}-{last}"))
    low, high = rows.start, rows.stop
    bases = settled.basis[low:high]
    filled: dict[str, Any] = {
        "event_id": ids,
        "time": settled.time[low:high],
        "time_earliest": settled.earliest[low:high],
        "time_latest": settled.latest[low:high],
        "time_text": texts,
        "time_precision": [
            p.value if p is not None and t is not None else None
            for p, t in zip(settled.precision[low:high], settled.time[low:high], strict=True)
        ],
        "time_basis": [basis.value for basis in bases],
        "time_kind": [TimeKind.RECORDED.value if b is not Basis.UNDATED else None for b in bases],
        "source_kind": [SourceKind.LOG.value] * n,
        "kind": kinds,
        "reliability": [source.declared.reliability or None] * n,
        "exhibit": [source.declared.exhibit or None] * n,
        "locator": locators,
        "byte_start": list(records.start[low:high]),
        "byte_length": list(records.length[low:high]),
        "line": list(records.line[low:high]),
        "reader": [reader] * n,
        "reader_version": [version] * n,
        "assumptions": [list(ids_) or None for ids_ in settled.rests_on[low:high]],
        **columns,
    }
    return columns_batch(filled, n)
