"""`cut`: any document as the lines or paragraphs that minutes are read from, with pages, and the books of its bytes.

The decision hidden here: minutes in plain text and Markdown are read line by line, since a label, a name or a vote stands
on a line of its own without a blank one around it, and columns are told by blanks; all other forms come as the blocks of
`rca.reading.documents`. Running heads and feet of pages are told apart here: they are structure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rca.reading.documents.blocks import (
    Block,
    BlockKind,
    Document,
    DocumentKind,
    document_kind,
    open_document,
)
from rca.reading.documents.text_blocks import plain
from rca.reading.documents.text_lines import Line, read_lines
from rca.reading.source import Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

__all__ = ["Cut", "Piece", "Shape", "cut", "cut_document", "is_furniture", "joined_place"]


class Shape(StrEnum):
    """What a piece is on the page."""

    HEADING = "heading"
    ITEM = "item"
    ROW = "row"
    LINE = "line"
    FURNITURE = "furniture"
    REMARK = "remark"


@dataclass(slots=True)
class Piece:
    """A line, or a paragraph of a document.

    `raw` keeps the blanks of columns; `has_gap` where a blank line, a new paragraph or a new page stands before it; `block`
    is the number of the block, for documents; `is_aligned` where the blanks of `raw` are those of the page; `remark` is a comment or a tracked change.
    """

    text: str
    place: Place
    shape: Shape
    raw: str = ""
    level: int = 0
    page: int = 0
    cells: tuple[str, ...] = ()
    has_gap: bool = True
    is_strong: bool = False
    block: int = -1
    is_aligned: bool = True
    remark: Block | None = None

    @property
    def indent(self) -> int:
        """How far the text stands from the margin, in characters."""
        return len(self.raw) - len(self.raw.lstrip())


@dataclass(slots=True)
class Cut:
    """The pieces of a document in reading order, and how each is booked."""

    kind: DocumentKind
    pieces: list[Piece]
    properties: dict[str, str]
    is_scanned: bool
    book_event: Callable[[Piece], None]
    book_structure: Callable[[Piece], None]
    close: Callable[[], None]
    source: Source
    _held: tuple[int, bytes, int] = (-1, b"", 0)

    def find(self, piece: Piece, words: str) -> Place:
        """Where some words of a piece stand, in bytes; the piece itself where they can't be found in it as written.

        Words are looked for behind those found before in the same piece, so that a list gives each name its own place.
        """
        start, length = piece.place.start, piece.place.length
        if start is None or not length or not words:
            return piece.place
        if self._held[0] != start:
            with self.source.open() as stream:
                stream.seek(start)
                self._held = (start, stream.read(length), 0)
        _, raw, behind = self._held
        sought = words.encode(plain_encoding(self.source), errors="surrogateescape")
        at = raw.find(sought, behind)
        if at < 0:
            return piece.place
        self._held = (start, raw, at + len(sought))
        return Place(piece.place.locator, start + at, len(sought), piece.place.line)

    @property
    def is_lines(self) -> bool:
        """Whether the pieces are lines, so that several make a paragraph."""
        return self.kind in (DocumentKind.TEXT, DocumentKind.MARKDOWN)


_RULE = re.compile(r"\s*(?:[-*_=~·—–+][ \t]*){3,}\s*|\|?(?:\s*:?-{2,}:?\s*\|)+\s*:?-*:?\s*")
_UNDERLINE = re.compile(r"\s{0,3}(={3,}|-{3,})\s*")
_ATX = re.compile(r"\s{0,3}(#{1,6})(?:\s+|(?=[A-ZÅÄÖÆØ]))(.*?)\s*#*\s*")
_BULLET = re.compile(r"(\s*)(?:[-*+•●◦▪–·]\s+|>\s*[-*+]\s+)(?:\[[ xX]\]\s+)?(?=\S)")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_ROW = re.compile(r"\s*\|.*\|\s*")
_QUOTE = re.compile(r"\s{0,3}(?:>\s?)+")
_FURNITURE = (
    r"justerandes? sign(?:atur(?:er)?|\.)?:?|justerares? sign(?:atur(?:er)?|\.)?:?|justerarnas sign(?:aturer|\.)?:?|just\. sign\.?"
    r"|ordförandes? sign(?:atur|\.)?:?|sekreterares? sign(?:atur|\.)?:?|utdragsbestyrkande:?|protokollsutdrag bestyrkes:?"
    r"|(?:sida|sid\.?|page|side|s\.|sivu)?\s*\d{1,4}\s*(?:\(\d{1,4}\)|\[\d{1,4}\]|av \d{1,4}|of \d{1,4}|af \d{1,4}|/\s?\d{1,4})"
    r"|(?:sida|sid|page|side|sivu)\s+\d{1,4}|sida|sidnr|page|side|underskrift(?:er)?:?|signatur(?:er)?:?|paraf(?:er)?:?"
    r"|-\s*\d{1,4}\s*-|_{3,}|\.{5,}|…{2,}"
)
_IS_FURNITURE = re.compile(rf"(?:(?:{_FURNITURE})[\s|]*)+", re.IGNORECASE)
_STAYS = re.compile(r"underskrift(?:er)?:?|signatur(?:er)?:?|sida|page|side", re.IGNORECASE)
_RUNNING = re.compile(
    r"protokoll|sammanträdes|minutes|møte|pöytäkirja|\d{4}-##-##|####|nämnd|styrelse|utskott|fullmäktige|sida|page|side|kommun|region"
    r"|diarie|dnr|sid\b|#\s?\(#",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b\d{1,4}\s?\(\d{1,4}\)$")
_MARK = re.compile(r"[xX✓✔☒●•]")
_TOP, _BOTTOM = 7, 4


def is_furniture(text: str) -> bool:
    """Whether a line is part of a page and not of the text: signatures of those who verify, page n (m).

    >>> is_furniture("Justerandes signatur      Utdragsbestyrkande"), is_furniture("3 (12)"), is_furniture("3 (S)")
    (True, True, False)
    """
    line = " ".join(text.split())
    return (
        bool(line) and len(line) < 160 and bool(_IS_FURNITURE.fullmatch(line)) and not _STAYS.fullmatch(line)
    )


def joined_place(pieces: Sequence[Piece]) -> Place:
    """The place that consecutive pieces take up together."""
    first, last = pieces[0].place, pieces[-1].place
    if first is last or first.start is None or last.start is None:
        return first
    end = last.start + (last.length or 0)
    low, high = first.line, last.locator.removeprefix("L").rpartition("-")[2]
    locator = first.locator if str(low) == high else f"L{low}-{high}"
    return Place(locator, first.start, end - first.start, low)


def cut(source: Source) -> Cut:
    """The pieces of the document in `source`; what is damaged is an issue of it, never an exception."""
    kind = document_kind(source.sample) or DocumentKind.TEXT
    if kind in (DocumentKind.TEXT, DocumentKind.MARKDOWN):
        return _cut_lines(source, kind)
    return cut_document(open_document(source, kind))


def cut_document(document: Document) -> Cut:
    """The pieces of an open document."""
    pieces = list(_pieces_of(document))
    blocks = {block.number: block for block in document.blocks}

    def event(piece: Piece) -> None:
        document.as_event(blocks[piece.block])

    def structure(piece: Piece) -> None:
        document.as_structure(blocks[piece.block])

    _mark_running(pieces)
    if document.kind is DocumentKind.PDF:
        _align(document.source, pieces)
    return Cut(
        document.kind,
        pieces,
        document.properties,
        document.is_scanned,
        event,
        structure,
        document.close,
        document.source,
    )


def _pieces_of(document: Document) -> Iterator[Piece]:
    shapes = {
        BlockKind.HEADING: Shape.HEADING,
        BlockKind.ITEM: Shape.ITEM,
        BlockKind.ROW: Shape.ROW,
        BlockKind.HEADER: Shape.FURNITURE,
        BlockKind.FOOTER: Shape.FURNITURE,
        BlockKind.COMMENT: Shape.REMARK,
        BlockKind.INSERTED: Shape.REMARK,
        BlockKind.DELETED: Shape.REMARK,
    }
    last: Block | None = None
    for block in document.blocks:
        shape = shapes.get(block.kind, Shape.LINE)
        text = block.text
        if is_furniture(text.replace("|", " ")):
            shape = Shape.FURNITURE
        if "**" in text or "__" in text:
            text = plain(text)
        bullet = _BULLET.match(text) if shape is Shape.LINE else None
        if bullet:
            text, shape = text[bullet.end() :], Shape.ITEM
        yield Piece(
            " ".join(text.split()),
            block.place,
            shape,
            raw=text if shape is not Shape.ROW else "   ".join(block.cells),
            level=block.level,
            page=block.page,
            cells=tuple(
                "\n".join(" ".join(line.split()) for line in cell.split("\n")).strip() for cell in block.cells
            ),
            is_strong=block.is_strong,
            block=block.number,
            has_gap=document.kind is not DocumentKind.PDF or not _is_wrapped(last, block),
            remark=block if shape is Shape.REMARK else None,
        )
        last = block


def _align(source: Source, pieces: Sequence[Piece]) -> None:
    """Give rows with marks in columns the blanks that they have on the page: an X means what stands above it."""
    rows = [piece for piece in pieces if piece.shape is Shape.ROW]
    pages = {piece.page for piece in rows if any(_MARK.fullmatch(cell) for cell in piece.cells)}
    for piece in rows:
        piece.is_aligned = False
    if not pages:
        return
    lines = _page_lines(source, pages)
    for piece in rows:
        outline = "".join("".join(piece.cells).split())
        waiting = lines.get(piece.page, [])
        for number, line in enumerate(waiting):
            if "".join(line.split()) == outline:
                piece.raw, piece.is_aligned = line, True
                del waiting[: number + 1]
                break


def _page_lines(source: Source, pages: set[int]) -> dict[int, list[str]]:
    """The lines of some pages of a PDF as they are laid out; none where the library can't tell."""
    import io

    import pypdf

    found: dict[int, list[str]] = {}
    try:
        with source.open() as stream:
            reader = pypdf.PdfReader(io.BytesIO(stream.read()), strict=False)
        for number in sorted(pages)[:500]:
            text = reader.pages[number - 1].extract_text(
                extraction_mode="layout", layout_mode_strip_rotated=False
            )
            found[number] = [
                line.rstrip() for line in text.replace("\u00a0", " ").split("\n") if line.strip()
            ]
    except Exception:  # what can't be laid out has lost its columns, and is said to
        return found
    return found


def _is_wrapped(before: Block | None, block: Block) -> bool:
    """Whether a paragraph of a PDF goes on with a line that only looked like a beginning ("§ 121. …")."""
    if before is None or before.kind is not BlockKind.PARAGRAPH or block.kind is BlockKind.ITEM:
        return False
    return len(before.text) > 60 and before.text.rstrip()[-1:] not in ".:!?;)" and before.page == block.page


def _cut_lines(source: Source, kind: DocumentKind) -> Cut:
    lines = read_lines(source)
    is_markdown = kind is DocumentKind.MARKDOWN
    pieces: list[Piece] = []
    page, has_gap, fenced = 1, True, False
    for line in lines:
        text = line.text
        breaks = text.count("\f")
        if breaks:
            page, has_gap = page + breaks, True
            text = text.replace("\f", "")
        if not text.strip():
            (source.blank_bytes if not breaks else source.structure_bytes)(line.start, line.length)
            has_gap = True
            continue
        if is_markdown and _FENCE.match(text):
            source.structure_bytes(line.start, line.length)
            fenced, has_gap = not fenced, True
            continue
        last = pieces[-1] if pieces else None
        if is_markdown and last and not has_gap and _UNDERLINE.fullmatch(text) and last.shape is Shape.LINE:
            last.shape, last.level = Shape.HEADING, 1 if "=" in text else 2
            last.place = joined_place([last, Piece("", _place(line), Shape.LINE)])
            has_gap = True
            continue
        if _RULE.fullmatch(text):
            source.structure_bytes(line.start, line.length)
            has_gap = True
            continue
        piece = _piece(line, text, page, is_markdown=is_markdown)
        piece.has_gap = has_gap or piece.shape is Shape.HEADING
        has_gap = piece.shape is Shape.HEADING
        pieces.append(piece)
    _mark_running(pieces)

    def event(piece: Piece) -> None:
        source.event_bytes(piece.place.start or 0, piece.place.length or 0)

    def structure(piece: Piece) -> None:
        source.structure_bytes(piece.place.start or 0, piece.place.length or 0)

    return Cut(
        kind,
        pieces,
        {},
        is_scanned=False,
        book_event=event,
        book_structure=structure,
        close=lambda: None,
        source=source,
    )


def _place(line: Line) -> Place:
    return Place(f"L{line.number}", line.start, line.length, line.number)


def _piece(line: Line, text: str, page: int, *, is_markdown: bool) -> Piece:
    place = _place(line)
    wide = text.expandtabs(8).rstrip()
    heading = _ATX.fullmatch(text) if is_markdown or re.match(r"\s{0,3}#{1,6}\s", text) else None
    if heading and heading[2]:
        return Piece(_tidy(heading[2]), place, Shape.HEADING, raw=wide, level=len(heading[1]), page=page)
    if _ROW.fullmatch(text) and text.count("|") >= 2:
        cells = tuple(_tidy(cell) for cell in text.strip().strip("|").split("|"))
        return Piece(" | ".join(c for c in cells if c), place, Shape.ROW, raw=wide, page=page, cells=cells)
    if is_furniture(text):
        return Piece(" ".join(text.split()), place, Shape.FURNITURE, raw=wide, page=page)
    bullet = _BULLET.match(text)
    if bullet and not re.match(r"\s*[*_]{2}", text):
        body = _tidy(text[bullet.end() :])
        level = 1 + len(bullet[1].expandtabs(4)) // 2
        return Piece(body, place, Shape.ITEM, raw=wide, level=level, page=page)
    quote = _QUOTE.match(text) if is_markdown else None
    body = text[quote.end() :] if quote else text
    is_strong = bool(re.fullmatch(r"\s*(\*\*|__)(?=\S)[^*_]+(?<=\S)\1[:\s]*", body))
    columns = tuple(cell.strip() for cell in text.strip().split("\t")) if "\t" in text.strip() else ()
    shape = Shape.ROW if len(columns) > 2 else Shape.LINE
    raw = plain(wide) if is_markdown and not re.search(r"\S {2,}\S", wide) else wide
    return Piece(
        _tidy(body),
        place,
        shape,
        raw=raw,
        page=page,
        cells=columns if shape is Shape.ROW else (),
        is_strong=is_strong,
    )


def _tidy(text: str) -> str:
    return " ".join(plain(text.rstrip("\\")).split())


def _mark_running(pieces: list[Piece]) -> None:
    """Tell the lines that stand at the head or foot of several pages; the first of each stays in the text."""
    pages: dict[int, list[Piece]] = {}
    for piece in pieces:
        if piece.page and piece.shape is not Shape.REMARK:
            pages.setdefault(piece.page, []).append(piece)
    if len(pages) < 2:
        _mark_numbered(pieces)
        return
    seen: Counter[str] = Counter()
    for on_page in pages.values():
        seen.update({_outline(piece) for piece in _edges(on_page)})
    first = min(pages)
    for number, on_page in pages.items():
        if number == first:
            continue
        for piece in _edges(on_page):
            outline = _outline(piece)
            is_common = seen[outline] >= 2 and (
                seen[outline] * 2 > len(pages) or bool(_RUNNING.search(outline))
            )
            if is_common and piece.shape in (Shape.LINE, Shape.ROW) and "§" not in outline:
                piece.shape = Shape.FURNITURE


def _mark_numbered(pieces: Sequence[Piece]) -> None:
    """Tell the running heads of a text whose pages are not marked: a line that recurs with another "n (m)" at its end."""
    seen: set[str] = set()
    for piece in pieces:
        if piece.shape in (Shape.LINE, Shape.ROW) and _NUMBERED.search(piece.text) and "§" not in piece.text:
            outline = _outline(piece)
            if outline in seen:
                piece.shape = Shape.FURNITURE
            seen.add(outline)


def _edges(on_page: Sequence[Piece]) -> Iterable[Piece]:
    return on_page if len(on_page) <= _TOP + _BOTTOM else [*on_page[:_TOP], *on_page[-_BOTTOM:]]


def _outline(piece: Piece) -> str:
    return re.sub(r"\d+", "#", piece.text).casefold()
