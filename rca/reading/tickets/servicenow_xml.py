"""ServiceNow as XML: unloads with all tables of a record, list exports, and the answers of SOAP and of the Table API.

The decision hidden here: what is a record. In an unload it is an element with an `action`, whatever its table is called; in
a list it is each child of the root (or each `result`). Fields bear names of tables too (`sys_attachment` inside
`sys_attachment_doc`, `task` inside `task_sla`), so that a record ends at its own end tag, or where the next one begins. A first
pass learns the tables and the numbers of the tasks, since journals name their task by sys_id only. Chunks of attachments
(sys_attachment_doc) are structure; the files are put together from them and handed on as attachments.

References:
    ServiceNow product documentation, "Exporting and importing XML files", "XML web service", "Tables: sys_attachment_doc".
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.evidence.opening import mark_length
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import DeskTeller
from rca.reading.tickets.servicenow_journal import figures_in, read_shown
from rca.reading.tickets.servicenow_json import has_names
from rca.reading.tickets.servicenow_records import Records
from rca.reading.tickets.servicenow_rows import Cell, Row
from rca.reading.window import Window, xml_encoding
from rca.reading.xml_elements import Element, loose_text, parse_elements

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_xml", "score_xml"]

_NAME = r"[A-Za-z_][\w.\-]{0,120}"
_ACTION = rf"<(?P<tag>{_NAME})(?=\s[^<>]{{0,400}}?\baction\s*=\s*[\"'](?:INSERT|UPDATE|DELETE)[A-Z_]*[\"'])"
_ROOT = re.compile(
    rf"(?:<\?[^>]*+>|(?><!--.*?-->)|<!DOCTYPE[^>]*+>|\s++)*+<(?P<root>{_NAME}(?::{_NAME})?)(?P<rest>[^<>]*+)>",
    re.DOTALL,
)
_CHILD = re.compile(rf"\s*+(?:(?><!--.*?-->)\s*+)*+<(?P<tag>{_NAME})(?=[\s/>])", re.DOTALL)
_WRAPPERS = frozenset({"Envelope", "Body", "Header", "getRecordsResponse", "getResponse"})
_OPENED = re.compile(r"<!\[CDATA\[|<!--")
_LONGEST = 1 << 25
_FILE_LIMIT = 1 << 26
_MARKS = re.compile(r"[\s>\]\0]*+")


@dataclass(frozen=True, slots=True)
class _Piece:
    what: str
    start: int
    raw: bytes
    line: int
    last_line: int
    tag: str = ""
    is_whole: bool = True

    @property
    def locator(self) -> str:
        return f"L{self.line}" if self.line == self.last_line else f"L{self.line}-{self.last_line}"


def score_xml(sample: Sample) -> float:
    """0.98 for an unload, or a list of records with ServiceNow's columns; else 0."""
    text = sample.text.lstrip("\ufeff\0 \t\r\n")
    root = _ROOT.match(text[:8_000])
    if root is None:
        return 0.0
    if root["root"] == "unload" and ("unload_date" in root["rest"] or re.search(_ACTION, text)):
        return 0.98
    begin = _begin(text)
    if begin is None:
        return 0.0
    found = begin.search(text)
    if found is None:
        return 0.0
    elements = parse_elements(text[found.start() : found.start() + 30_000])
    names = [one.local for one in elements[0].children] if elements else []
    return 0.98 if has_names(names) else 0.0


def _begin(text: str) -> re.Pattern[str] | None:
    """The beginning of a record, told by the beginning of a document: an element with an action, or a child of the root."""
    if re.search(_ACTION, text):
        return re.compile(_ACTION)
    at = 0
    root = _ROOT.match(text)
    if root is None:
        return None
    at = root.end()
    while (child := _CHILD.match(text, at)) is not None:
        tag = child["tag"].rpartition(":")[2]
        if tag not in _WRAPPERS:
            return re.compile(rf"<(?P<tag>{re.escape(child['tag'])})(?=[\s/>])")
        end = text.find(">", child.end())
        if end < 0:
            return None
        at = end + 1
    return None


class _Cut:
    """Cuts a window into records and what is between them."""

    def __init__(self, window: Window, begin: re.Pattern[str]) -> None:
        self.window = window
        self.begin = begin

    def run(self) -> Iterator[_Piece]:
        window = self.window
        while True:
            found = self.begin.search(window.text, window.at)
            if found is None:
                cut = len(window.text) if window.is_done else window.text.rfind("<", window.at)
                if cut < 0 or window.left > _LONGEST:
                    cut = len(window.text)
                yield from self._between(cut)
                if not window.read_more() and not window.left:
                    break
                continue
            yield from self._between(found.start())
            tag = found["tag"]
            while (end := self._end(tag)) is None:
                window.read_more()
            yield _Piece("record", *window.take(end[0]), tag=tag, is_whole=end[1])
        start, line, odd = window.start, window.line, window.take_odd()
        if odd:
            yield _Piece("unparsed", start, odd, line, line)

    def _end(self, tag: str) -> tuple[int, bool] | None:
        """Where the record at the window's place ends, and whether its end tag is there; None where more must be read."""
        window = self.window
        is_final = window.is_done or window.left > _LONGEST
        head = re.compile(rf"<{re.escape(tag)}(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+>").match(
            window.text, window.at
        )
        if head is not None and head[0].endswith("/>"):
            return head.end(), True
        close = re.compile(rf"<!\[CDATA\[|<!--|</{re.escape(tag)}\s*+>|{self.begin.pattern}")
        at, limit = window.at + 1, min(window.at + _LONGEST, len(window.text))
        while (found := close.search(window.text, at, limit)) is not None:
            if found[0].startswith("</"):
                return found.end(), True
            if not _OPENED.match(found[0]):
                return found.start(), False
            mark = "]]>" if found[0] == "<![CDATA[" else "-->"
            end = window.find_after(mark, found.end())
            if end < 0 and not is_final:
                return None
            at = end if end >= 0 else found.end()
        return (limit, False) if is_final else None

    def _between(self, end: int) -> Iterator[_Piece]:
        window = self.window
        if end <= window.at:
            return
        text = window.text[window.at : end]
        what = "structure"
        if not text.strip():
            what = "blank"
        elif not _MARKS.fullmatch(loose_text(text)):
            what = "unparsed"
        yield _Piece(what, *window.take(end))


@dataclass(slots=True)
class _File:
    """A file that is put together from its chunks."""

    name: str
    media: str
    place: str
    is_packed: bool
    chunks: dict[int, bytes] = field(default_factory=dict)
    size: int = 0


class _Stream:
    def __init__(self, source: Source, reader: Any) -> None:
        self.source = source
        self.encoding = xml_encoding(source)
        self.mark = mark_length(source.head)
        text = source.head[self.mark :].decode(self.encoding, errors="replace")
        self.begin = _begin(text) or re.compile(_ACTION)
        samples = figures_in(text)
        self.teller = DeskTeller(source, reader, system="servicenow", read=read_shown, order_samples=samples)
        self.records = Records(self.teller)
        dated = re.search(r"<unload\s[^<>]{0,400}?unload_date\s*=\s*[\"']([^\"'<>]{1,60})[\"']", text[:8_000])
        self.records.exported = dated[1] if dated else ""
        self.file: tuple[str, _File] | None = None
        self.files: dict[str, _File] = {}
        self.lost: set[str] = set()

    def pieces(self) -> Iterator[_Piece]:
        with self.source.open() as stream:
            stream.read(self.mark)
            window = Window(stream, start=self.mark, encoding=self.encoding)
            yield from _Cut(window, self.begin).run()

    def learn_numbers(self) -> None:
        """The numbers of tasks by their sys_id, since journals and files may stand before them."""
        number = re.compile(rb"<number(?:\s[^<>]*)?>\s*([^<\s]{1,60})\s*</number>")
        identity = re.compile(rb"<sys_id(?:\s[^<>]*)?>\s*([0-9a-f]{32})\s*</sys_id>")
        for piece in self.pieces():
            if piece.what == "record" and not piece.tag.startswith("sys_"):
                raw = piece.raw.replace(b"\0", b"")
                found, key = number.search(raw), identity.search(raw)
                if found and key:
                    self.records.numbers.setdefault(key[1].decode("ascii"), found[1].decode("latin-1"))

    def read(self) -> Iterator[pa.RecordBatch]:
        source = self.source
        book = {"blank": source.blank_bytes, "structure": source.structure_bytes}
        source.structure_bytes(0, self.mark)
        self.learn_numbers()
        for piece in self.pieces():
            if piece.what == "record":
                self._take(piece)
                yield from self.teller.batches()
            elif piece.what in book:
                book[piece.what](piece.start, len(piece.raw))
            else:
                reason = "text between the records of an XML document"
                source.unparsed_bytes(piece.start, piece.raw, place=f"L{piece.line}", reason=reason)
        self._finish_files()
        self.records.finish()
        yield from self.teller.rest()

    def _take(self, piece: _Piece) -> None:
        source = self.source
        elements = parse_elements(piece.raw.decode(self.encoding, errors="backslashreplace"))
        if not elements:
            source.unparsed_bytes(
                piece.start, piece.raw, place=piece.locator, reason="a record that breaks off"
            )
            return
        if not piece.is_whole:
            self.teller.complain(
                "A record breaks off before its end",
                place=piece.locator,
                hint="What was written is kept; is the file cut or still being written?",
            )
        element = elements[0]
        if element.local == "sys_attachment_doc":
            self._take_chunk(element)
            source.structure_bytes(piece.start, len(piece.raw))
            return
        place = Place(piece.locator, piece.start, len(piece.raw), piece.line)
        cells, is_stored = _cells(element)
        if element.attributes.get("action") == "DELETE":
            cells["unload_action"] = Cell("DELETE")
        table = element.local if element.local not in ("result", "getRecordsResult", "record", "row") else ""
        row = Row(cells, lambda _: place, table=table, is_stored=is_stored)
        is_told = self.records.tell(row)
        if element.local == "sys_attachment":
            self._begin_file(row, piece.locator)
        book = source.event_bytes if is_told else source.structure_bytes
        book(piece.start, len(piece.raw))

    # -- attachments --------------------------------------------------------------------------------------

    def _begin_file(self, row: Row, place: str) -> None:
        identity = row.stored("sys_id")
        if identity:
            is_packed = row.stored("compressed") == "true"
            media = row.stored("content_type") or "application/octet-stream"
            self.files[identity] = _File(row.text("file_name") or identity, media, place, is_packed)

    def _take_chunk(self, element: Element) -> None:
        """A chunk; a file whose chunks have all been seen is handed on when the next one's begin."""
        holder = element.child("sys_attachment")
        identity = holder.text.strip() if holder is not None else ""
        found = self.files.get(identity)
        if found is None:
            self.lost.add(identity)
            return
        if self.file is not None and self.file[0] != identity:
            self._hand_on(self.file[1])
            self.files.pop(self.file[0], None)
        self.file = (identity, found)
        position = element.text_of("position")
        try:
            data = base64.b64decode(element.text_of("data"), validate=False)
        except (binascii.Error, ValueError):
            data = b""
        found.size += len(data)
        if found.size <= _FILE_LIMIT:
            at = (
                int(position)
                if position.isascii() and position.isdecimal() and len(position) < 9
                else len(found.chunks)
            )
            found.chunks[at] = data

    def _finish_files(self) -> None:
        if self.file is not None:
            self._hand_on(self.file[1])
        if self.lost:
            self.teller.complain(
                "Chunks of attachments without their sys_attachment record",
                detail=f"{len(self.lost)} files",
                severity=Severity.INFO,
                hint="Without that record their names and whether they are packed are not known: they are not put together.",
            )

    def _hand_on(self, file: _File) -> None:
        data = b"".join(file.chunks[at] for at in sorted(file.chunks))
        file.chunks = {}
        if file.size > _FILE_LIMIT:
            self.teller.complain(
                "An attachment is too large to be put together", detail=file.name, place=file.place
            )
            return
        if file.is_packed or data[:2] == b"\x1f\x8b":
            try:
                data = _unpack(data)
            except (zlib.error, EOFError, ValueError) as error:
                self.teller.complain(
                    "An attachment cannot be unpacked", detail=f"{file.name} ({error})", place=file.place,
                    hint="Are all of its chunks in the export?",
                )  # fmt: skip
                return
        if data:
            self.source.attach(file.name, file.media, data, place=file.place)


def _unpack(data: bytes) -> bytes:
    """Gzip data unpacked, up to the limit for a file."""
    unpacker = zlib.decompressobj(wbits=47)
    found = unpacker.decompress(data, _FILE_LIMIT + 1)
    if len(found) > _FILE_LIMIT:
        raise ValueError("it unpacks to more than 64 MiB")
    if not unpacker.eof:
        raise EOFError("it breaks off")
    return found


def _cells(element: Element) -> tuple[dict[str, Cell], bool]:
    """The cells of a record, and whether its plain values are stored: not where references have only what is shown."""
    cells: dict[str, Cell] = {}
    has_value = has_shown = False
    for one in element.children:
        shown = one.attributes.get("display_value", "")
        stored = one.text.strip("\r\n") if not one.children else ""
        if one.children:
            stored = one.text_of("value")
            shown = one.text_of("display_value")
            has_value = has_value or one.child("value") is not None
            has_shown = has_shown or one.child("display_value") is not None
        if one.local not in cells:
            cells[one.local] = Cell(stored, shown)
    is_stored = has_value or not has_shown
    if not is_stored:
        cells = {name: cell if cell.shown else Cell("", cell.stored) for name, cell in cells.items()}
    return cells, is_stored


def read_xml(source: Source, reader: Any) -> Iterator[pa.RecordBatch]:
    """The events of an XML export, record by record."""
    yield from _Stream(source, reader).read()
