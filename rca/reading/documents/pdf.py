r"""`read_pdf`: a PDF as blocks by page, with its comments; a scanned page is said to be one.

The decision hidden here: how lines on a page become paragraphs. The library lays text out as it stands on the page; from
there blank lines, margins and gaps tell paragraphs, rows and cells, and what stands at the edge of most pages is page
furniture. A hyphen at a line's end stays, since only a dictionary could tell whether it belongs to the word. Reading is
bounded by sizes: of the file, of its pages, and of what is drawn on each.

References:
    ISO 32000-1, 7.9.4 (dates), 12.5.6 (annotations), 14.3.3 (document information).
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rca.errors import Severity
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.documents.blocks import CODE, Block, BlockKind, Content
from rca.reading.documents.text_lines import BULLET, LABEL, RULE, is_heading_line, joined, margin
from rca.reading.source import Source
from rca.reading.telling import Place

__all__ = ["read_pdf", "read_pdf_stamp"]

_LARGEST = 512 << 20
_MAX_PAGES = 3_000
_PLAIN_BEYOND = 3 << 20
_PAGE_LIMIT = 32 << 20
_ALL_PAGES = 256 << 20
_FEW = 50
_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
_PAGE_NUMBER = re.compile(
    r"\W*(?:sida|sid|page|side|sivu|seite)?\s*\d{1,4}\s*(?:\(\d{1,4}\)|/\s*\d{1,4}|(?:av|of|af|/|von)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+[^\W\d_a-zåäöæø]")
_STAMP = re.compile(
    r"(?:D:)?(?P<year>\d{4})(?P<month>\d{2})?(?P<day>\d{2})?(?P<hour>\d{2})?(?P<minute>\d{2})?(?P<second>\d{2})?"
    r"(?P<zone>Z|[+-]\d{2}'?(?:\d{2})?'?)?(?:00'?(?:00'?)?)?"
)


def read_pdf_stamp(text: str) -> Stamp | None:
    """The stamp that a date of PDF writes.

    >>> read_pdf_stamp("D:20241112053000+01'00'").offset
    3600
    """
    found = _STAMP.fullmatch(text.strip())
    if not found or not found["day"]:
        return None
    plain = f"{found['year']}-{found['month']}-{found['day']}"
    if found["hour"]:
        plain += f"T{found['hour']}:{found['minute'] or '00'}" + (
            f":{found['second']}" if found["second"] else ""
        )
        zone = (found["zone"] or "").replace("'", "")
        plain += zone if zone in ("", "Z") else f"{zone[:3]}:{zone[3:] or '00'}"
    stamp = compile_layout("iso").parse(plain)
    if stamp is None:
        return None
    from dataclasses import replace

    return replace(stamp, text=text)


@dataclass(slots=True)
class _Page:
    number: int
    lines: list[str]
    count: int = 0
    has_image: bool = False
    comments: tuple[Block, ...] = ()


def read_pdf(source: Source) -> Content:
    """The blocks of a PDF and its properties."""
    content = Content()
    if source.size > _LARGEST:
        return _refused(source, content, "it is larger than is read", "Split it, and add the parts.")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    import io

    import pypdf
    from pypdf.errors import DependencyError

    with source.open() as stream:
        data = stream.read()
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return _refused(
                source, content, "it is encrypted", "Ask for the password, and save it without one."
            )
        count = len(reader.pages)
    except DependencyError:
        return _refused(
            source, content, "it is encrypted", "Open it in a viewer, print it to a new PDF, and add that."
        )
    except Exception as error:  # pypdf fails in many ways on damaged files
        return _refused(source, content, _reason(error), "Ask for a whole copy, or print it to a new PDF.")
    content.properties.update(_properties(reader))
    pages = list(_pages(source, reader, count, content))
    _build(pages, content, _outline(reader))
    _tell_scanned(source, pages, content, count)
    _attach(source, reader)
    return content


def _refused(source: Source, content: Content, reason: str, hint: str) -> Content:
    source.issue(CODE, Severity.ERROR, f"The PDF cannot be read: {reason}", hint=hint)
    content.unread.append(("", reason))
    return content


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


# -- from the file to lines -----------------------------------------------------------------------------------


def _pages(source: Source, reader: Any, count: int, content: Content) -> Iterator[_Page]:
    left = _ALL_PAGES
    for number in range(1, min(count, _MAX_PAGES) + 1):
        try:
            page = reader.pages[number - 1]
            stream = page.get_contents()
            size = len(stream.get_data()) if stream is not None else 0
            if size > min(_PAGE_LIMIT, left):
                raise ValueError("more is drawn on it than is read")  # noqa: TRY301
            left -= size
            lines = _lines(page, size)
            has_image = _has_image(page)
        except Exception as error:  # a damaged page costs itself, not the document
            content.unread.append((f"P{number}", f"page {number}: {_reason(error)}"))
            source.issue(
                CODE,
                Severity.WARNING,
                f"Page {number} cannot be read: {_reason(error)}",
                place=f"P{number}",
                hint="Look at it in a viewer; print it to a new PDF and add that.",
            )
            continue
        letters = sum(len(line) - line.count(" ") for line in lines)
        yield _Page(number, lines, letters, has_image, tuple(_comments(page, number)))
    if count > _MAX_PAGES:
        content.unread.append((f"P{_MAX_PAGES + 1}", f"pages after {_MAX_PAGES} are not read"))
        source.issue(CODE, Severity.WARNING, f"It has {count} pages; {_MAX_PAGES} are read", hint="Split it.")


def _lines(page: Any, size: int) -> list[str]:
    """The lines of a page as they stand on it; as the file writes them where the layout cannot be told."""
    text = ""
    if size <= _PLAIN_BEYOND:
        try:
            text = page.extract_text(extraction_mode="layout", layout_mode_strip_rotated=False)
        except Exception:  # fonts that lack what a layout needs
            text = ""
    lines = text.split("\n")
    if not text.strip() or _is_columns(lines):
        text = page.extract_text() or text
    text = text.replace("\u00ad", "").replace("\0", "").replace("\u00a0", " ")
    return [line.rstrip() for line in text.split("\n")]


def _is_columns(lines: Sequence[str]) -> bool:
    """Whether a page is set in columns as a newspaper: most of its lines are two long cells side by side."""
    written = [line for line in lines if line.strip()]
    wide = [
        cells for line in written if len(cells := _GAP.split(line.strip())) == 2 and min(map(len, cells)) > 28
    ]
    return len(written) > 8 and len(wide) * 2 > len(written)


def _has_image(page: Any) -> bool:
    try:
        resources = page.get("/Resources")
        objects = (resources.get_object() if resources is not None else {}).get("/XObject")
        found = objects.get_object() if objects is not None else {}
        return any(one.get_object().get("/Subtype") == "/Image" for one in list(found.values())[:200])
    except Exception:  # what is drawn on a damaged page is not known
        return False


def _comments(page: Any, number: int) -> Iterator[Block]:
    """The notes that readers left on a page."""
    try:
        annotations = list(page.get("/Annots") or ())[:2_000]
    except Exception:  # a damaged list of notes
        return
    for place, one in enumerate(annotations, start=1):
        try:
            note = one.get_object()
            if note.get("/Subtype") in ("/Link", "/Widget", "/Popup"):
                continue
            text = joined([str(note.get("/Contents") or "")])
            if not text:
                continue
            stamp = str(note.get("/CreationDate") or note.get("/M") or "")
            author = str(note.get("/T") or "")
        except Exception:  # noqa: S112 (a damaged note costs itself)
            continue
        where = Place(f"P{number}.{9000 + place}")
        yield Block(text, where, BlockKind.COMMENT, page=number, author=author, stamp=stamp)


def _properties(reader: Any) -> dict[str, str]:
    names = {"/Title": "title", "/Author": "author", "/Subject": "subject", "/Creator": "application",
             "/Producer": "producer", "/CreationDate": "created", "/ModDate": "modified"}  # fmt: skip
    found: dict[str, str] = {}
    try:
        for key, value in (reader.metadata or {}).items():
            if key in names and str(value).strip():
                found[names[key]] = str(value).strip()[:500]
    except Exception:  # properties that cannot be read are none
        return found
    return found


def _outline(reader: Any) -> dict[str, int]:
    """The titles of the bookmarks and their level: lines that say the same are headings."""
    found: dict[str, int] = {}

    def walk(items: Sequence[Any], level: int) -> None:
        for one in items:
            if len(found) > 3_000 or level > 8:
                return
            if isinstance(one, list):
                walk(one, level + 1)
            else:
                found.setdefault(joined([str(one.get("/Title", ""))]).casefold(), level)

    try:
        walk(reader.outline, 1)
    except Exception:  # a damaged outline tells nothing
        return found
    found.pop("", None)
    return found


def _attach(source: Source, reader: Any) -> None:
    """Files embedded in the PDF are exhibits of their own."""
    try:
        for name, bodies in list(reader.attachments.items())[:1_000]:
            for body in bodies:
                source.attach(str(name), "", bytes(body), place="P1")
    except Exception:  # a damaged list of files
        source.issue(CODE, Severity.WARNING, "Files are embedded in the PDF that cannot be taken out")


# -- from lines to blocks -------------------------------------------------------------------------------------


def _build(pages: Sequence[_Page], content: Content, outline: dict[str, int]) -> None:
    furniture = _furniture(pages)
    width = margin(line.strip() for page in pages for line in page.lines)
    for page in pages:
        for count, block in enumerate(_blocks(page, furniture, width, outline), start=1):
            place = Place(f"P{page.number}.{count}")
            content.blocks.append(
                Block(block.text, place, block.kind, level=block.level, page=page.number, cells=block.cells)
            )
        content.blocks.extend(page.comments)


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _edges(page: _Page, depth: int) -> dict[int, bool]:
    """The first and last written lines of a page by index, and whether they stand at its top."""
    written = [index for index, line in enumerate(page.lines) if line.strip()]
    half = (len(written) + 1) // 2
    return {index: at < half for at, index in enumerate(written) if at < depth or at >= len(written) - depth}


def _furniture(pages: Sequence[_Page]) -> set[str]:
    """The shapes of lines that stand at the edge of most pages."""
    if len(pages) < 2:
        return set()
    depth = 1 if len(pages) < 4 else 4
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({_shape(page.lines[index]) for index in _edges(page, depth)})
    return {shape for shape, count in counts.items() if count >= max(2, (len(pages) + 1) // 2)}


def _blocks(page: _Page, furniture: set[str], width: int, outline: dict[str, int]) -> Iterator[Block]:
    nowhere = Place("")
    edges, ends = _edges(page, 6), _edges(page, 2)
    held: list[str] = []
    cells: list[str] = []
    columns: list[int] = []
    is_after_gap = True
    lines = page.lines

    def flush() -> Iterator[Block]:
        nonlocal held, cells, columns
        if cells:
            text = " | ".join(" ".join(cell.split()) for cell in cells if cell.strip())
            yield Block(text, nowhere, BlockKind.ROW, cells=tuple(cells))
        elif held:
            yield _block(held, outline)
        held, cells, columns = [], [], []

    for index, line in enumerate(lines):
        text = line.strip()
        if not text or RULE.fullmatch(text):
            yield from flush()
            is_after_gap = True
            continue
        if (index in edges and _shape(text) in furniture) or (index in ends and _PAGE_NUMBER.fullmatch(text)):
            yield from flush()
            yield Block(joined([text]), nowhere, BlockKind.HEADER if edges[index] else BlockKind.FOOTER)
            continue
        indent = len(line) - len(line.lstrip())
        bullet = BULLET.match(text)
        parts = _GAP.split(text) if not bullet else [text]
        if len(parts) > 1 and _looks_tabular(parts):
            yield from flush()
            columns = [indent + found.end() for found in _GAP.finditer(text)]
            cells = [joined([part]) for part in parts]
        elif cells and columns and indent >= columns[0] - 2:
            at = max(i for i, column in enumerate(columns) if indent >= column - 2 or i == 0)
            cells[at + 1] += "\n" + joined([text])
        else:
            starts = (
                is_after_gap or bool(cells) or bool(bullet) or bool(LABEL.match(text)) or text.startswith("§")
                or (bool(held) and (is_heading_line(held[-1]) or _is_short(held[-1], width) or _is_title(held, outline)))
                or joined([text]).casefold() in outline
            )  # fmt: skip
            if starts:
                yield from flush()
            held.append(text)
        is_after_gap = False
    yield from flush()


def _looks_tabular(parts: Sequence[str]) -> bool:
    """Whether gaps in a line part cells: justified text has gaps too, but then its words stand alone."""
    return len(parts) <= 12 and not (
        len(parts) > 3 and all(" " not in part for part in parts) and len(parts) > 8
    )


def _is_short(line: str, width: int) -> bool:
    return not width or len(line) < width * 0.6


def _is_title(held: Sequence[str], outline: dict[str, int]) -> bool:
    return joined(held).casefold() in outline


def _block(lines: Sequence[str], outline: dict[str, int]) -> Block:
    nowhere = Place("")
    text = _joined(lines)
    level = outline.get(text.casefold(), 0)
    if level:
        return Block(text, nowhere, BlockKind.HEADING, level=level)
    if len(lines) <= 2 and is_heading_line(text):
        return Block(text, nowhere, BlockKind.HEADING, level=1)
    if len(lines) == 1 and len(text) < 90 and _NUMBERED.match(text) and text[-1] not in ".:;,":
        return Block(text, nowhere, BlockKind.HEADING, level=1 + text.split()[0].rstrip(".").count("."))
    bullet = BULLET.match(lines[0])
    if bullet:
        body = text if bullet["number"] else text[len(bullet["bullet"]) :].strip()
        return Block(body, nowhere, BlockKind.ITEM, level=1)
    return Block(text, nowhere, BlockKind.PARAGRAPH)


def _joined(lines: Sequence[str]) -> str:
    """Lines as one text; after a hyphen inside a word no blank is put."""
    text = ""
    for line in lines:
        plain = " ".join(line.split())
        is_broken = re.search(r"\w-$", text) is not None and plain[:1].islower()
        text += plain if is_broken or not text else f" {plain}"
    return text


def _tell_scanned(source: Source, pages: Sequence[_Page], content: Content, count: int) -> None:
    empty = [page.number for page in pages if page.count < _FEW and page.has_image]
    content.pages_without_text = tuple(empty)
    content.is_scanned = bool(empty) and len(empty) * 2 > len(pages)
    for page in pages:
        if page.has_image and not page.count:
            content.unread.append((f"P{page.number}", f"page {page.number} is a picture without text"))
    if not empty:
        if count and not any(page.count for page in pages) and not content.unread:
            content.unread.append(("P1", "no page has text"))
            source.issue(
                CODE,
                Severity.WARNING,
                "The PDF has no text",
                hint="Its text may be drawn as lines. Run text recognition.",
            )
        return
    which = "It is scanned: " if content.is_scanned else ""
    shown = ", ".join(str(number) for number in empty[:20]) + (" …" if len(empty) > 20 else "")
    source.issue(
        CODE,
        Severity.WARNING,
        f"{which}{len(empty)} of {count} pages are pictures with little or no text (page {shown})",
        place=f"P{empty[0]}",
        hint="Run text recognition (for example ocrmypdf) and add the result; what stands there was not read.",
    )
