r"""`read_html`: a page as blocks with the exact bytes on which they stand.

The decision hidden here: what of a page a person sees. Text in scripts, styles and templates is never shown; tags that
begin a paragraph, an item, a row or a heading cut blocks, all others are passed over. Nothing is fetched, run or closed
for the author: a page that breaks off is read up to there.

References:
    HTML Living Standard, 13.2 (parsing), 15.3 (which elements are blocks), 12.2.3 (meta charset).
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rca.evidence.opening import mark_length
from rca.reading.documents.blocks import Block, BlockKind, Content
from rca.reading.source import Source
from rca.reading.telling import Place
from rca.reading.window import Window, plain_encoding, unit_width

__all__ = ["read_html"]

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[!?][^>]*+(?:>|\Z)"
    r"|<(?P<close>/?)(?P<name>[A-Za-z][\w:-]*+)(?P<rest>(?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+)(?:>|\Z|(?=<))"
    r"|(?P<text>[^<]++|<)",
    re.DOTALL,
)
_RAW = ("script", "style", "template", "noframes", "iframe", "object", "textarea", "svg", "math", "noembed")
_BREAKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "summary",
        "ul",
        "br",
        "title",
        "head",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)
_CHARSET = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_DATES = (
    "date",
    "created",
    "modified",
    "article:published_time",
    "article:modified_time",
    "dcterms.created",
    "dc.date",
)
_LARGEST = 64 << 20


@dataclass(slots=True)
class _Row:
    """A table row that is open: its cells, the paragraphs in them, and whether it only lays out the page."""

    cells: list[list[Block]] = field(default_factory=list)
    is_head: bool = True
    is_layout: bool = False


def read_html(source: Source) -> Content:
    """The blocks of a page and its properties (title, dates in its meta tags)."""
    return _Page(source).read()


def _encoding(source: Source) -> str:
    """The encoding: a byte order mark or valid UTF-8 first, else what the page declares, else what the bytes look like."""
    told = plain_encoding(source)
    if mark_length(source.head) or told in ("utf-8", "ascii") or unit_width(told) > 1:
        return told
    found = _CHARSET.search(source.head[:4096])
    if found:
        try:
            name = codecs.lookup(found[1].decode("latin-1")).name
        except LookupError:
            return told
        if name not in ("utf-8", "utf-16", "utf-32", "utf-7") and b"<".decode(name, "replace") == "<":
            return "cp1252" if name in ("iso8859-1", "ascii") else name
    return told


class _Page:
    """One page on its way from tokens to blocks."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.encoding = _encoding(source)
        self.base = mark_length(source.head)
        with source.open() as stream:
            stream.read(self.base)
            data = stream.read(_LARGEST)
        self.data = data
        self.width = unit_width(self.encoding)
        self.units = _units(data, self.encoding)
        self.lines = 1
        self.line_at = 0
        self.blocks: list[Block] = []
        self.properties: dict[str, str] = {}
        self.words: list[str] = []
        self.begin = self.end = 0
        self.lists = 0
        self.heading = 0
        self.is_item = self.is_title = False
        self.bold = 0
        self.is_strong = True
        self.rows: list[_Row] = []

    def read(self) -> Content:
        at, skip = 0, ""
        units = self.units
        while at < len(units) and (token := _TOKEN.match(units, at)) is not None:
            begin, at = at, token.end()
            if token["text"] is not None:
                self._take(begin, at)
                continue
            name = (token["name"] or "").lower()
            if not name:
                continue
            if token["close"]:
                self._close(name)
                continue
            if name in _RAW and not token["rest"].rstrip().endswith("/"):
                skip = name
                found = re.compile(rf"</{skip}\s*>|\Z", re.IGNORECASE).search(units, at)
                at = found.end() if found else len(units)
                continue
            self._open(name, token["rest"])
        self._flush()
        while self.rows:
            self._end_row()
        self._book()
        return Content(self.blocks, self.properties)

    # -- tokens -------------------------------------------------------------------------------------------

    def _take(self, begin: int, end: int) -> None:
        raw = self.data[begin * self.width : end * self.width]
        text = html.unescape(raw.decode(self.encoding, errors="backslashreplace"))
        if not text.strip():
            if self.words:
                self.words.append(" ")
            return
        if not self.words:
            self.begin = begin + len(self.units[begin:end]) - len(self.units[begin:end].lstrip())
            self.is_strong = True
        self.end = begin + len(self.units[begin:end].rstrip())
        self.words.append(text)
        self.is_strong = self.is_strong and self.bold > 0

    def _open(self, name: str, rest: str) -> None:
        if name in _BREAKS:
            self._flush()
        if name in ("b", "strong"):
            self.bold += 1
        elif name in ("ul", "ol", "menu", "dir"):
            self.lists += 1
        elif name in ("li", "dd"):
            self.is_item = True
        elif len(name) == 2 and name[0] == "h" and name[1] in "123456":
            self.heading = int(name[1])
        elif name == "title":
            self.is_title = True
        elif name == "tr":
            if self.rows and not self.rows[-1].cells:
                self.rows.pop()
            self.rows.append(_Row())
        elif name in ("td", "th") and self.rows:
            self.rows[-1].cells.append([])
            self.rows[-1].is_head = self.rows[-1].is_head and name == "th"
        elif name == "table" and self.rows:
            self.rows[-1].is_layout = True
        elif name == "meta":
            self._meta(rest)

    def _close(self, name: str) -> None:
        if name in _BREAKS:
            self._flush()
        if name in ("b", "strong"):
            self.bold = max(0, self.bold - 1)
        elif name in ("ul", "ol", "menu", "dir"):
            self.lists = max(0, self.lists - 1)
        elif name in ("li", "dd"):
            self.is_item = False
        elif len(name) == 2 and name[0] == "h":
            self.heading = 0
        elif name == "title":
            self.is_title = False
        elif name == "tr" and self.rows:
            self._end_row()

    def _meta(self, rest: str) -> None:
        found = {
            one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "")
            for one in _ATTRIBUTE.finditer(rest)
        }
        name = (found.get("name") or found.get("property") or "").lower()
        if (
            name
            and found.get("content")
            and (name in _DATES or name in ("author", "description", "generator"))
        ):
            known = (
                "created" if "created" in name or "published" in name or name in ("date", "dc.date") else name
            )
            self.properties.setdefault("modified" if "modified" in name else known, found["content"].strip())

    # -- blocks -------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        text = " ".join("".join(self.words).split())
        words, self.words = self.words, []
        if not text or not words:
            return
        if self.is_title:
            self.properties.setdefault("title", text)
            return
        place = self._place(self.begin, self.end)
        if self.heading:
            block = Block(text, place, BlockKind.HEADING, level=self.heading)
        elif self.is_item or self.lists:
            block = Block(text, place, BlockKind.ITEM, level=max(1, self.lists))
        else:
            block = Block(text, place, BlockKind.PARAGRAPH, is_strong=self.is_strong)
        self._put(block)

    def _put(self, block: Block) -> None:
        if self.rows and self.rows[-1].cells:
            self.rows[-1].cells[-1].append(block)
            self.rows[-1].is_layout = self.rows[-1].is_layout or block.kind is BlockKind.HEADING
        else:
            self.blocks.append(block)

    def _end_row(self) -> None:
        """A row with text in two cells at least is one; else its paragraphs stand for themselves."""
        row = self.rows.pop()
        filled = [cell for cell in row.cells if cell]
        if len(filled) < 2 or row.is_layout or any(len(cell) > 12 for cell in filled):
            for cell in filled:
                for block in cell:
                    self._put(block)
            return
        cells = tuple("\n".join(block.text for block in cell) for cell in row.cells)
        first, last = filled[0][0].place, filled[-1][-1].place
        start = first.start or 0
        length = (last.start or 0) + (last.length or 0) - start
        place = Place(_lines(first, last), start, length, first.line)
        text = " | ".join(" ".join(cell.split()) for cell in cells if cell)
        self._put(Block(text, place, BlockKind.ROW, level=int(row.is_head), cells=cells))

    def _place(self, begin: int, end: int) -> Place:
        first = self._line(begin)
        last = first + self.units.count("\n", begin, end)
        locator = f"L{first}" if first == last else f"L{first}-{last}"
        return Place(locator, self.base + begin * self.width, (end - begin) * self.width, first)

    def _line(self, at: int) -> int:
        """The line on which a place lies; places are asked for in order."""
        self.lines += self.units.count("\n", self.line_at, at)
        self.line_at = max(at, self.line_at)
        return self.lines

    def _book(self) -> None:
        """Markup and what is not shown is structure, white space between is blank."""
        source = self.source
        if self.base:
            source.structure_bytes(0, self.base)
        at = 0
        spans = sorted(((b.place.start or 0) - self.base, b.place.length or 0) for b in self.blocks)
        for start, length in [*spans, (len(self.data), 0)]:
            for begin, end, is_blank in self._gaps(at, start):
                (source.blank_bytes if is_blank else source.structure_bytes)(self.base + begin, end - begin)
            at = max(at, start + length)
        rest = source.size - self.base - len(self.data)
        if rest > 0:
            source.unparsed_bytes(
                self.base + len(self.data),
                b"",
                place=f"B{self.base + len(self.data)}+{rest}",
                reason="the page is longer than is read",
                length=rest,
            )

    def _gaps(self, begin: int, end: int) -> Iterator[tuple[int, int, bool]]:
        if begin < end:
            units = self.units[begin // self.width : -(-end // self.width)]
            yield begin, end, not units.strip()


def _lines(first: Place, last: Place) -> str:
    end = last.locator.rpartition("-")[2].lstrip("L")
    return f"L{first.line}" if end == str(first.line) else f"L{first.line}-{end}"


def _units(data: bytes, encoding: str) -> str:
    """The bytes as one character a code unit, so that places in it are places in the bytes."""
    import io

    if unit_width(encoding) == 1:
        return data.decode("latin-1")
    window = Window(io.BytesIO(data), encoding=encoding)
    while window.read_more():
        pass
    return window.text
