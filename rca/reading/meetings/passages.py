"""`open_passages`: a transcript as lines of text or paragraphs of a document, each of which can be booked.

The decision hidden here: that a transcript reads the same as plain text and as Word, ODT or HTML. Text is taken line by
line with exact spans, a document paragraph by paragraph. `peek` gives the lines at the beginning of either, so that a
reader can tell by content whether a document is its own.

References:
    ECMA-376 part 1, 17.3 (paragraphs); ODF 1.3 part 3, chapter 5.
"""

from __future__ import annotations

import html
import re
import zlib
from dataclasses import dataclass, field

from rca.evidence.opening import is_binary, mark_length
from rca.reading.documents.blocks import Block, BlockKind, Document, open_document
from rca.reading.documents.kinds import DocumentKind, document_kind
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

__all__ = ["Passage", "Passages", "open_passages", "peek"]

_OFFICE = {DocumentKind.DOCX: b"word/document.xml", DocumentKind.ODT: b"content.xml"}
_PEEK = 400
_LINE_END = re.compile(
    r"</w:tr>|</w:p>|<w:(?:br|cr)\b[^<>]*/>|</text:(?:p|h)>|<text:line-break/>|</table:table-row>|<br\s*/?>|</(?:p|li|tr|div|h\d)>",
    re.IGNORECASE,
)
_CELL_END = re.compile(r"(?:</w:p>\s*)?</w:tc>|(?:</text:p>\s*)?</table:table-cell>|</t[dh]>", re.IGNORECASE)
_TAB = re.compile(r"<w:tab\b[^<>]*/>|<text:tab/>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,4000}>")
_FURNITURE = (BlockKind.HEADER, BlockKind.FOOTER)
CHANGES = {
    BlockKind.COMMENT: "document.comment",
    BlockKind.INSERTED: "document.inserted",
    BlockKind.DELETED: "document.deleted",
}


@dataclass(slots=True)
class Passage:
    """A line or a paragraph: its text, its place, and the block of the document that it is."""

    text: str
    place: Place
    number: int
    block: Block | None = None

    @property
    def is_blank(self) -> bool:
        """Whether it has no words."""
        return not self.text.strip(" \t\0\ufeff\u200b\xa0")


@dataclass(slots=True)
class Passages:
    """A transcript that is open: its passages in reading order, and comments and tracked changes beside them."""

    source: Source
    lines: list[Passage] = field(default_factory=list)
    changes: list[Block] = field(default_factory=list)
    document: Document | None = None

    def as_event(self, passage: Passage) -> None:
        """The passage ended in events."""
        if self.document is not None and passage.block is not None:
            self.document.as_event(passage.block)
        elif passage.place.start is not None:
            self.source.event_bytes(passage.place.start, passage.place.length or 0)

    def as_structure(self, passage: Passage) -> None:
        """The passage was understood as structure or context."""
        if self.document is not None and passage.block is not None:
            self.document.as_structure(passage.block)
        elif passage.place.start is not None:
            self.source.structure_bytes(passage.place.start, passage.place.length or 0)

    def span(self, first: Passage, last: Passage, locator: str = "") -> Place:
        """The place from the first to the last passage; lines or the first paragraph are the locator where none is given."""
        if self.document is not None and not self.document.kind.is_text:
            return first.place
        start = first.place.start or 0
        end = (last.place.start or 0) + (last.place.length or 0)
        if not locator:
            one, other = first.place.line or 1, last.place.line or 1
            locator = f"L{one}" if one == other else f"L{one}-{other}"
        return Place(locator, start, end - start, first.place.line)

    def close(self) -> None:
        """Book what a document holds beside."""
        if self.document is not None:
            self.document.close()


def open_passages(source: Source) -> Passages:
    """The passages of a stream: text line by line, documents by their paragraphs."""
    kind = document_kind(source.sample)
    if kind in (None, DocumentKind.TEXT, DocumentKind.MARKDOWN, DocumentKind.TEX, DocumentKind.TYPST):
        return _text(source)
    document = open_document(source, kind)
    passages = Passages(source, document=document)
    for block in document.blocks:
        if block.kind in CHANGES:
            passages.changes.append(block)
        elif block.kind not in _FURNITURE:
            text = "\t".join(block.cells) if block.kind is BlockKind.ROW and block.cells else block.text
            passages.lines.append(Passage(text, block.place, block.number, block))
    return passages


def _text(source: Source) -> Passages:
    passages = Passages(source)
    encoding, mark = plain_encoding(source), mark_length(source.head)
    source.structure_bytes(0, mark)
    for number, start, raw in source.lines():
        shift = mark if start == 0 else 0
        text = raw[shift:].decode(encoding, errors="backslashreplace").rstrip("\r\n")
        place = Place(f"L{number}", start + shift, len(raw) - shift, number)
        passage = Passage(text, place, number - 1)
        if passage.is_blank:
            source.blank_bytes(start + shift, len(raw) - shift)
        passages.lines.append(passage)
    return passages


def peek(sample: Sample) -> list[str]:
    """The lines at the beginning of a text, a Word, ODT or HTML document; [] where there is no text to be seen."""
    if not sample.head.strip():
        return []
    kind = document_kind(sample)
    if kind in _OFFICE:
        text = _member(sample.head, _OFFICE[kind])
        return _plain(text) if text else []
    if kind is DocumentKind.HTML:
        return _plain(sample.text)
    if kind in (DocumentKind.PDF, DocumentKind.RTF) or is_binary(sample.head):
        return []
    return sample.text.removeprefix("\ufeff").splitlines()[:_PEEK]


def _plain(text: str) -> list[str]:
    text = _LINE_END.sub("\n", _TAB.sub("\t", _CELL_END.sub("\t", text.replace("\n", " "))))
    lines = (html.unescape(_TAG.sub("", line)).strip() for line in text.split("\n")[:_PEEK])
    return list(lines)


def _member(head: bytes, name: bytes) -> str:
    """The beginning of a member of a zip, as far as the head of the file holds it."""
    at = head.find(b"PK\x03\x04")
    while at >= 0:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        extra = int.from_bytes(head[at + 28 : at + 30], "little")
        if head[at + 30 : at + 30 + length] == name:
            packed = head[at + 30 + length + extra :]
            if int.from_bytes(head[at + 8 : at + 10], "little") == 0:
                return packed.decode("utf-8", errors="replace")
            try:
                return zlib.decompressobj(-15).decompress(packed, 1 << 20).decode("utf-8", errors="replace")
            except zlib.error:
                return ""
        at = head.find(b"PK\x03\x04", at + 4)
    return ""
