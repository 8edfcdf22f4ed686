"""`open_document`: any document as blocks in reading order: headings, paragraphs, items, rows, comments, tracked changes.

The decision hidden here: what a document is to those who look for meaning in it (minutes, interviews, reports). A block
is one paragraph as a person sees it: lines that were wrapped are joined, a line that its author broke is a block of its
own, so that no text has a line end in it. A table that only lays out a page is told as the paragraphs in its cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rca.errors import Severity
from rca.evidence.opening import is_binary
from rca.reading.documents.kinds import DocumentKind, document_kind
from rca.reading.source import Source
from rca.reading.telling import Place

__all__ = [
    "CODE",
    "Block",
    "BlockKind",
    "Content",
    "Document",
    "DocumentKind",
    "document_kind",
    "open_document",
]

CODE = "RCA196"
"""The code of what is wrong with a document."""


_TYPED = re.compile(r"([•●▪*–-])\s+(?=\S)")


class BlockKind(StrEnum):
    """What a block is on the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    HEADER = "header"
    FOOTER = "footer"
    COMMENT = "comment"
    INSERTED = "inserted"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, item, row, comment or change.

    `level` is the depth of a heading (from 1) or of a list item (from 1); `page` counts from 1 where pages are known;
    `cells` are those of a row, where a cell of several paragraphs has line ends; `author` and `stamp` are those of a
    comment or a tracked change, as written. `is_strong` tells a paragraph that is set in bold as a whole: many documents
    have no other headings. `about` is the text that a comment stands at.
    """

    text: str
    place: Place
    kind: BlockKind
    level: int = 0
    page: int = 0
    cells: tuple[str, ...] = ()
    author: str = ""
    stamp: str = ""
    number: int = 0
    is_strong: bool = False
    about: str = ""


@dataclass(slots=True)
class Content:
    """What the reader of one form found: blocks with or without places, properties, and what could not be read."""

    blocks: list[Block] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    is_scanned: bool = False
    pages_without_text: tuple[int, ...] = ()
    unread: list[tuple[str, str]] = field(default_factory=list)
    """Parts of a container that could not be read: locator and reason."""


class Document:
    """A document that is open: its blocks, its properties, and the books of its bytes or parts.

    Whoever reads it says of each block whether it ended in events or is context; `close` books the rest as structure.
    """

    def __init__(self, source: Source, kind: DocumentKind, content: Content) -> None:
        self.source = source
        self.kind = kind
        self.properties = content.properties
        self.is_scanned = content.is_scanned
        self.pages_without_text = content.pages_without_text
        self._booked: set[int] = set()
        if kind.is_text:
            self.blocks = [replace(block, number=number) for number, block in enumerate(content.blocks)]
        else:
            self.blocks = _placed(content.blocks)
            self._count(content.unread)

    def _count(self, unread: list[tuple[str, str]]) -> None:
        count = len(self.blocks)
        if not count and not unread:
            unread = [("", "no text was found in it")]
        self.source.count_in("paragraphs", count + len(unread))
        for number, (place, reason) in enumerate(unread, start=count):
            self.source.unparsed_bytes(number, b"", place=place, reason=reason, length=1)

    def as_event(self, block: Block) -> None:
        """The block ended in events."""
        self._booked.add(block.number)
        self.source.event_bytes(*_span(block))

    def as_structure(self, block: Block) -> None:
        """The block was understood as structure or context."""
        self._booked.add(block.number)
        self.source.structure_bytes(*_span(block))

    def close(self) -> None:
        """Book what nobody booked as structure: its text was understood as context."""
        for block in self.blocks:
            if block.number not in self._booked:
                self.as_structure(block)


def _span(block: Block) -> tuple[int, int]:
    if block.place.start is None:
        return block.number, 1
    return block.place.start, block.place.length or 0


def _placed(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a container, numbered; one without a place of its own gets `P` and its number from 1.

    Text that was pasted from Markdown keeps its marks in Word; where several paragraphs have them, they are read.
    """
    from rca.reading.documents.text_blocks import plain

    has_marks = sum(block.text.count("**") >= 2 for block in blocks) >= 2
    found: list[Block] = []
    for number, block in enumerate(blocks):
        place = block.place if block.place.locator else Place(f"P{number + 1}")
        text, kind, level = block.text, block.kind, block.level
        typed = _TYPED.match(text) if kind is BlockKind.PARAGRAPH else None
        if typed and (typed[1] in "•●▪" or has_marks):
            text, kind, level = text[typed.end() :], BlockKind.ITEM, 1
        is_strong = block.is_strong or (has_marks and text[:2] == text[-2:] == "**" and text.count("**") == 2)
        text = plain(text) if has_marks else text
        found.append(
            replace(block, number=number, place=place, text=text, kind=kind, level=level, is_strong=is_strong)
        )
    return found


def open_document(source: Source, kind: DocumentKind | None = None) -> Document:
    """The document in `source`; `kind` where the content has been told already.

    It never raises for the document's sake: what is damaged or encrypted is an issue, and what could be read is there.
    """
    kind = kind or document_kind(source.sample)
    if kind is None and is_binary(source.head):
        source.issue(
            CODE, Severity.ERROR, "The document is in a form that is not read", hint="Add it as PDF or text."
        )
        source.unparsed_bytes(
            0, b"", place=f"B0+{source.size}", reason="no form of document that is read", length=source.size
        )
        return Document(source, DocumentKind.TEXT, Content())
    kind = kind or DocumentKind.TEXT
    try:
        content = _read(source, kind)
    except Exception as error:  # a library may fail in any way on a damaged file; the issue says how
        reason = f"{type(error).__name__}: {error}"[:200]
        source.issue(
            CODE,
            Severity.ERROR,
            f"The document could not be read as {kind.value}: {reason}",
            hint="Open it in its own program and save it anew, or add it as PDF or text.",
        )
        content = Content(unread=[("", reason)])
        if kind.is_text:
            source.unparsed_bytes(0, source.head_of(2_000), place="L1", reason=reason, length=source.size)
    return Document(source, kind, content)


def _read(source: Source, kind: DocumentKind) -> Content:
    """What the reader of the form finds; the readers are loaded when they are needed."""
    if kind is DocumentKind.PDF:
        from rca.reading.documents.pdf import read_pdf

        return read_pdf(source)
    if kind is DocumentKind.DOCX:
        from rca.reading.documents.docx import read_docx

        return read_docx(source)
    if kind is DocumentKind.ODT:
        from rca.reading.documents.odt import read_odt

        return read_odt(source)
    if kind is DocumentKind.RTF:
        from rca.reading.documents.rtf import read_rtf

        return read_rtf(source)
    if kind is DocumentKind.HTML:
        from rca.reading.documents.html_blocks import read_html

        return read_html(source)
    if kind is DocumentKind.TEX:
        from rca.reading.documents.tex import read_tex

        return read_tex(source)
    if kind is DocumentKind.TYPST:
        from rca.reading.documents.typst import read_typst

        return read_typst(source)
    from rca.reading.documents.text_blocks import read_markdown, read_text

    return read_markdown(source) if kind is DocumentKind.MARKDOWN else read_text(source)
