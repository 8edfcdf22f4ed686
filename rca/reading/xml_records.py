"""XML event logs: Windows events, java.util.logging, log4j, and flat lists of elements that carry a date.

The decision hidden here: where a record begins and ends. A record is the element of one name, found in the stream's
own bytes, so that files without a root, with several roots, one event a line or broken in the middle are read alike;
a record that breaks off ends where the next one begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import Basis, TimeKind
from rca.reading.dating import Dating
from rca.reading.source import Sample, Source
from rca.reading.window import Window, xml_encoding
from rca.reading.xml_elements import parse_elements
from rca.reading.xml_meaning import find_shape, say
from rca.reading.xml_pieces import XmlPiece, cut_elements

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["XmlRecordsReader"]

_BATCH = 20_000
_MANY = 100
_START = re.compile(r"\s*(?:-\s*)?(?:Record \d+\s*)?<(?:\?xml|!--|!DOCTYPE|[A-Za-z_])")
_MARKS = re.compile(r"(?:[\s>\]-]|Record \d+)*+")  # marks of viewers and of exporters around a record


class XmlRecordsReader:
    """Reads XML event logs, each record an event, whole or broken, with or without a root."""

    name = "xml"
    version = "1"
    title = "XML event logs: Windows events, java.util.logging, log4j, flat lists with dates"
    suffixes = (".xml",)

    def score(self, sample: Sample) -> float:
        """0.98 for the event logs that are known by name, 0.92 for a list of dated elements, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        text = sample.text.lstrip("\ufeff")
        if not _START.match(text):
            return 0.0
        return find_shape(text, parse_elements(text))[1]

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, one a record, in file order."""
        stream = _Stream(source)
        rows: list[dict[str, Any]] = []
        for row in stream.rows():
            rows.append(row)
            if len(rows) >= _BATCH:
                yield batch(stream.dated(rows))
                rows = []
        if rows:
            yield batch(stream.dated(rows))


class _Stream:
    """One stream on its way: the window, the shape of its records, and the stamps that wait for their times."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.encoding = xml_encoding(source)
        mark = mark_length(source.head)
        source.structure_bytes(0, mark)
        text = source.head[mark:].decode(self.encoding, errors="replace")
        self.shape = find_shape(text, parse_elements(text))[0]
        self.mark = mark
        self.stamps: list[tuple[str, str]] = []
        self.torn = 0
        self.dating = Dating(source)
        self.has_order = False

    # -- cutting ------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all records; what stands between them is booked."""
        source = self.source
        names = [self.shape.tag] if self.shape is not None else []
        with source.open() as stream:
            stream.read(self.mark)
            window = Window(stream, start=self.mark, encoding=self.encoding)
            for piece in cut_elements(window, names, marks=_MARKS):
                if piece.what == "element":
                    yield self._row(piece)
                elif piece.what == "unparsed":
                    source.unparsed_bytes(piece.start, piece.raw, place=f"L{piece.line}", reason=piece.reason)
                elif piece.what == "blank":
                    source.blank_bytes(piece.start, len(piece.raw))
                else:
                    source.structure_bytes(piece.start, len(piece.raw))

    # -- rows ---------------------------------------------------------------------------------------------

    def _row(self, piece: XmlPiece) -> dict[str, Any]:
        source, shape = self.source, self.shape
        assert shape is not None
        element = piece.element(self.encoding)
        said = say(element, shape) if element is not None else None
        place = piece.locator
        source.event_bytes(piece.start, len(piece.raw))
        if not piece.is_whole and shape.how != "list":
            self.torn += 1
            if self.torn <= _MANY:
                source.issue(
                    "RCA181",
                    Severity.WARNING,
                    "The record breaks off before its end",
                    place=place,
                    hint="What was written is kept; is the file cut or still being written?",
                )
        row: dict[str, Any] = {
            "event_id": event_id(source.stream_key, piece.start),
            "source_kind": SourceKind.LOG.value,
            "kind": "log.line",
            "time_basis": Basis.UNDATED.value,
            "time_kind": TimeKind.OCCURRED.value,
            "message": shape.tag,
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(place),
            "byte_start": piece.start,
            "byte_length": len(piece.raw),
            "line": piece.line,
            "reader": XmlRecordsReader.name,
            "reader_version": XmlRecordsReader.version,
            "reliability": source.declared.reliability or None,
        }
        self.stamps.append((said.stamp, said.zone) if said else ("", ""))
        if said is not None:
            row |= said.columns
            row["attributes"] = attributes(said.fields)
        return row

    def dated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a batch with their times."""
        texts = [text for text, _ in self.stamps]
        if not self.has_order:
            self.dating.tell_order(texts)
            self.has_order = True
        self.dating.date(rows, texts, [zone for _, zone in self.stamps])
        self.stamps = []
        return rows
