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
from rca.reading.xml_elements import loose_text, parse_elements
from rca.reading.xml_meaning import find_shape, say

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["XmlRecordsReader"]

_BATCH = 20_000
_LONGEST = 1 << 23
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
        self.unended: dict[str, int] = {}

    # -- cutting ------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all records; what stands between them is booked."""
        with self.source.open() as stream:
            stream.read(self.mark)
            window = Window(stream, start=self.mark, encoding=self.encoding)
            if self.shape is not None:
                yield from self._records(window, re.escape(self.shape.tag))
            while window.left or window.read_more():
                self._between(window, len(window.text))
            start, line, odd = window.start, window.line, window.take_odd()
            if odd:
                self.source.unparsed_bytes(start, odd, place=f"L{line}", reason="half a character")

    def _records(self, window: Window, tag: str) -> Iterator[dict[str, Any]]:
        begin = re.compile(rf"<{tag}(?=[\s/>])")
        stop = re.compile(rf"<!\[CDATA\[|<!--|</{tag}\s*+>|<{tag}(?=[\s/>])")
        head = re.compile(rf"<{tag}(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+>")
        while True:
            found = begin.search(window.text, window.at)
            if found is None:
                cut = len(window.text) if window.is_done else window.text.rfind("<", window.at)
                if cut < 0 or window.left > _LONGEST:
                    cut = len(window.text)  # else a tag that begins here may go on in the next block
                self._between(window, cut)
                if not window.read_more() and not window.left:
                    return
                continue
            self._between(window, found.start())
            while (end := self._find_end(window, head, stop)) is None:
                window.read_more()
            yield self._row(*window.take(end[0]), is_whole=end[1])

    def _find_end(
        self, window: Window, head: re.Pattern[str], stop: re.Pattern[str]
    ) -> tuple[int, bool] | None:
        """Where the record at the window's place ends and whether its end is written; None where more must be read."""
        is_final = window.is_done or window.left > _LONGEST
        found = head.match(window.text, window.at)
        if found is not None and found[0].endswith("/>"):
            return found.end(), True
        at, limit = window.at + 1, min(window.at + _LONGEST, len(window.text))
        while (found := stop.search(window.text, at, limit)) is not None:
            if found[0].startswith("</"):
                return found.end(), True
            if not found[0].startswith("<!"):
                return found.start(), False
            close = "]]>" if found[0] == "<![CDATA[" else "-->"
            end = self._find_close(window, close, found.end())
            if end < 0 and not is_final:
                return None
            at = end if end >= 0 else found.end()
        return (limit, False) if is_final else None

    def _find_close(self, window: Window, close: str, at: int) -> int:
        """Behind the next `close`, -1 where the window has none; a window is searched in vain only once."""
        window_end = window.start + window.left * window.width
        if self.unended.get(close) == window_end:
            return -1
        end = window.text.find(close, at)
        if end < 0:
            self.unended[close] = window_end
            return -1
        return end + len(close)

    def _between(self, window: Window, end: int) -> None:
        """Book what stands between two records: blank space, markup, or text that no markup encloses."""
        if end <= window.at:
            return
        text = window.text[window.at : end]
        start, raw, line, _ = window.take(end)
        if not text.strip():
            self.source.blank_bytes(start, len(raw))
        elif _MARKS.fullmatch(loose_text(text)):
            self.source.structure_bytes(start, len(raw))
        else:
            reason = "text between the records of an XML log"
            self.source.unparsed_bytes(start, raw, place=f"L{line}", reason=reason)

    # -- rows ---------------------------------------------------------------------------------------------

    def _row(self, start: int, raw: bytes, line: int, last: int, *, is_whole: bool) -> dict[str, Any]:
        source, shape = self.source, self.shape
        assert shape is not None
        elements = parse_elements(raw.decode(self.encoding, errors="backslashreplace"))
        said = say(elements[0], shape) if elements else None
        place = f"L{line}" if line == last else f"L{line}-{last}"
        source.event_bytes(start, len(raw))
        if not is_whole and shape.how != "list":
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
            "event_id": event_id(source.stream_key, start),
            "source_kind": SourceKind.LOG.value,
            "kind": "log.line",
            "time_basis": Basis.UNDATED.value,
            "time_kind": TimeKind.OCCURRED.value,
            "message": shape.tag,
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(place),
            "byte_start": start,
            "byte_length": len(raw),
            "line": line,
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
