"""Tables: CSV and TSV, each row an event, by a mapping that the investigator wrote or one that is guessed and said so.

The decision hidden here: where the header of a delimited text stands, and where its rows lie in the bytes. What its rows
mean is told elsewhere (`table_rows`), the same for every file that holds a table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.events.batches import batch
from rca.evidence.opening import is_binary, mark_length
from rca.reading.exports import recognise
from rca.reading.mapping import find_mapping
from rca.reading.records import Record, cells, read_records, records, sniff_delimiter
from rca.reading.source import HEAD, Sample, Source
from rca.reading.table_rows import Spot, TableRows, distinct_names, is_header

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TableReader", "first_rows"]

_PREAMBLE = re.compile(r'"?sep=.{1,2}"?|#TYPE\b.*', re.IGNORECASE)
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class _Head:
    """The beginning of a table: its delimiter, where the header stands, its cells and those of the first rows."""

    delimiter: str
    start: int
    header: list[str]
    rows: list[list[str]]

    @property
    def width(self) -> int:
        """How many cells most rows have: the header's number, or one more where the last column has no name."""
        count = Counter(len(row) for row in self.rows)
        wide = len(self.header) + 1
        return wide if count[wide] * 2 > len(self.rows) else len(self.header)


class TableReader:
    """Reads delimited tables. With a mapping it is sure; without one it guesses only a column that is clearly time."""

    name = "table"
    version = "2"
    title = "tables: CSV and TSV, by a column mapping or by the names that exports of logs use"
    suffixes = (".csv", ".tsv")

    def score(self, sample: Sample) -> float:
        """1 where a mapping applies; 0.95 for a table with a clear time column, 0.5 for one without."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        head = _look(sample.head, sample.encoding)
        if head is None:
            return 0.0
        if find_mapping(head.header, sample.declared.definitions) is not None:
            return 1.0
        if not is_header(head.header):
            return 0.0
        return 0.95 if recognise(_padded(head), head.rows) is not None else 0.5

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the table, one a row, in file order."""
        table = _Table(source)
        rows: list[dict[str, Any]] = []
        with source.open() as stream:
            stream.read(table.mark)
            for record in table.rows(
                read_records(
                    stream,
                    start=table.mark,
                    delimiter=table.delimiter,
                    encoding=table.encoding,
                    width=table.width,
                )
            ):
                rows.extend(table.events(record))
                if len(rows) >= _BATCH:
                    yield batch(table.dated(rows))
                    rows = []
        if rows:
            yield batch(table.dated(rows))


def _look(head: bytes, encoding: str) -> _Head | None:
    """The beginning of a table in the first bytes of a stream; None where no delimiter cuts it into cells."""
    mark = mark_length(head)
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    body = head[mark:] if len(head) < HEAD else head[mark : HEAD - 4]
    lines = body.decode(name, errors="backslashreplace").splitlines(keepends=True)
    skipped = 0
    while skipped < min(len(lines), 20) and (not lines[skipped].strip() or _PREAMBLE.match(lines[skipped])):
        skipped += 1
    delimiter = sniff_delimiter("".join(lines[skipped:]))
    if delimiter is None:
        return None
    start, header, rows = -1, list[str](), list[list[str]]()
    for record in records(head, start=mark, delimiter=delimiter, encoding=name):
        text = record.raw.decode(name, errors="backslashreplace").rstrip("\r\n")
        if not text.strip() or (not header and _PREAMBLE.match(text)):
            continue
        is_cut = len(head) >= HEAD and record.start + len(record.raw) >= len(head)
        if not header:
            if record.is_torn:
                return None
            start, header = record.start, [cell.strip() for cell in cells(text, delimiter)]
        elif not is_cut and not record.is_torn:
            rows.append(cells(text, delimiter))
        if len(rows) >= 500:
            break
    return _Head(delimiter, start, header, rows) if header else None


def first_rows(sample: Sample) -> tuple[list[str], list[list[str]]] | None:
    """The header and first rows of a delimited table, for a draft of a mapping; None where it is no table."""
    if not sample.head.strip() or is_binary(sample.head):
        return None
    head = _look(sample.head, sample.encoding)
    return (distinct_names(head.header), head.rows) if head is not None and is_header(head.header) else None


def _padded(head: _Head) -> list[str]:
    """The header, with a name for the message of which Windows' Event Viewer names no column."""
    return [*head.header, "message"] if head.width > len(head.header) else head.header


class _Table:
    """One table on its way: its bytes, its header, and what its rows mean."""

    def __init__(self, source: Source) -> None:
        self.source = source
        name = source.encoding
        self.encoding = "utf-8" if name == "utf-8-sig" else name
        self.mark = mark_length(source.head)
        if self.mark:
            source.structure_bytes(0, self.mark)
        self.head = _look(source.head, source.encoding)
        self.delimiter = self.head.delimiter if self.head else ","
        self.width = self.head.width if self.head else None
        self.header: list[str] = []
        self.meaning: TableRows | None = None

    def rows(self, found: Iterator[Record]) -> Iterator[Record]:
        """The records after the header; blank ones and the header are booked, a torn one is unparsed."""
        empty = f'{self.delimiter}"'
        for record in found:
            text = self._decode(record.raw)
            if not text.strip() or (self.header and not text.strip().strip(empty).strip()):
                self.source.blank_bytes(record.start, len(record.raw))
            elif record.is_torn:
                self.source.unparsed_bytes(
                    record.start,
                    record.raw,
                    place=f"L{record.line}",
                    reason="a quote is opened here and never closed",
                )
            elif self.header:
                yield record
            elif _PREAMBLE.match(text) and (self.head is None or record.start < self.head.start):
                self.source.structure_bytes(record.start, len(record.raw))
            else:
                self._take_header(record)

    def _take_header(self, record: Record) -> None:
        names = [c.strip() for c in cells(self._decode(record.raw).rstrip("\r\n"), self.delimiter)]
        if self.head is not None and self.head.width > len(names) == len(self.head.header):
            names.append("message")
            self.source.assume(
                "mapping",
                "the cell after the last named column is the message",
                rests_on="most rows have one cell more",
            )
        self.header = distinct_names(names)
        self.source.structure_bytes(record.start, len(record.raw))
        rows = self.head.rows if self.head else []
        self.meaning = TableRows(self.source, TableReader, self.header, rows, stamps=self._stamps)

    def _stamps(self, stamp: Callable[[Sequence[str]], str]) -> Iterator[str]:
        """The stamps of the whole table: the order of day and month may be told by its last row."""
        with self.source.open() as stream:
            stream.read(self.mark)
            for record in read_records(
                stream, start=self.mark, delimiter=self.delimiter, encoding=self.encoding, width=self.width
            ):
                yield stamp(cells(self._decode(record.raw).rstrip("\r\n"), self.delimiter))

    def _decode(self, raw: bytes) -> str:
        return raw.decode(self.encoding, errors="backslashreplace")

    def events(self, record: Record) -> list[dict[str, Any]]:
        """The events of one record."""
        assert self.meaning is not None
        values = cells(self._decode(record.raw).rstrip("\r\n"), self.delimiter)
        place = f"L{record.line}" if record.line == record.last_line else f"L{record.line}-{record.last_line}"
        self.source.event_bytes(record.start, len(record.raw))
        spot = Spot(place, record.line, record.start, len(record.raw), record.line)
        return self.meaning.events(values, spot)

    def dated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The events of a batch with their times."""
        return self.meaning.dated(rows) if self.meaning is not None else rows
