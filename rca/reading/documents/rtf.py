r"""`read_rtf`: a Rich Text document as blocks, with comments and tracked changes.

The decision hidden here: which groups of RTF hold text that a person sees. Tables of fonts, colours and styles, pictures
and what a reader does not know (`\*`) are passed over; bytes are read in the code page that the document names.

References:
    Rich Text Format (RTF) Specification 1.9.1.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from rca.reading.documents.blocks import Block, BlockKind, Content
from rca.reading.source import Source
from rca.reading.telling import Place

__all__ = ["read_rtf"]

_NOWHERE = Place("")
_LARGEST = 64 << 20
_TOKEN = re.compile(
    rb"\\(?:(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|'(?P<hex>[0-9A-Fa-f]{2})|(?P<mark>[^A-Za-z']))"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]++)|[\r\n\\]",
    re.DOTALL,
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet pict object themedata colorschememapping latentstyles datastore rsidtbl generator listtable"
    b" listoverridetable filetbl revtbl xmlnstbl mmathPr shppict nonshppict fldinst bkmkstart bkmkend atnid atrfstart atrfend"
    b" atnref panose falt pgptbl wgrffmtfilter listpicture shpinst sp sv sn".split()
)
_INFO = {b"title": "title", b"author": "author", b"operator": "modified_by", b"subject": "subject",
         b"creatim": "created", b"revtim": "modified", b"printim": "printed"}  # fmt: skip
_MARKS = {b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
          b"bullet": "•", b"tab": "\t", b"emspace": " ", b"enspace": " ", b"qmspace": " "}  # fmt: skip
_PAGES = {437: "cp437", 850: "cp850", 10000: "mac_roman", 65001: "utf-8"}


@dataclass(slots=True)
class _State:
    """What a group sets and its end takes back."""

    is_skipped: bool = False
    sink: str = ""
    is_bold: bool = False
    is_deleted: bool = False
    is_inserted: bool = False
    author: int = 0
    stamp: int = 0
    uc: int = 1


@dataclass(slots=True)
class _Change:
    kind: BlockKind
    author: int
    stamp: int
    text: str = ""


@dataclass(slots=True)
class _Paragraph:
    parts: list[str] = field(default_factory=list)
    changes: list[_Change] = field(default_factory=list)
    comments: list[Block] = field(default_factory=list)
    strong: int = 0
    weak: int = 0


def read_rtf(source: Source) -> Content:
    """The blocks of an RTF document and its properties."""
    with source.open() as stream:
        data = stream.read(_LARGEST)
    return _Rtf(data).read()


class _Rtf:
    """One document on its way from tokens to blocks."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.encoding = "cp1252"
        self.state = _State()
        self.stack: list[_State] = []
        self.blocks: list[Block] = []
        self.properties: dict[str, str] = {}
        self.sinks: dict[str, list[str]] = {}
        self.paragraph = _Paragraph()
        self.cells: list[str] = []
        self.cell: list[str] = []
        self.in_table = False
        self.level = 0
        self.is_item = False
        self.skip = 0
        self.bytes = bytearray()
        self.authors = self._authors()
        self.furniture: list[Block] = []

    def _authors(self) -> list[str]:
        found = re.search(rb"\{\\\*\\revtbl((?:\s*\{[^{}]*\})*)", self.data)
        names = re.findall(rb"\{([^{}]*);?\}", found[1]) if found else []
        return [name.rstrip(b";").decode("cp1252", "replace").strip() for name in names]

    def read(self) -> Content:
        """All blocks."""
        for token in _TOKEN.finditer(self.data):
            self._take(token)
        self._decode()
        self._end_paragraph()
        self._end_row()
        return Content([*self.blocks, *self.furniture], self.properties)

    def _take(self, token: re.Match[bytes]) -> None:
        if token["hex"] is not None:
            if self.skip:
                self.skip -= 1
            else:
                self.bytes.append(int(token["hex"], 16))
            return
        if token["text"] is not None:
            text = token["text"]
            if self.skip:
                text, self.skip = text[self.skip :], max(0, self.skip - len(text))
            self.bytes.extend(text)
            return
        self._decode()
        if token["brace"] == b"{":
            self.stack.append(replace(self.state))
        elif token["brace"] == b"}":
            self._close()
        elif token["word"] is not None:
            number = int(token["number"]) if token["number"] else None
            self._word(token["word"], number)
        elif token["mark"] == b"*":
            self.state.sink = self.state.sink or "*"
        elif token["mark"] is not None:
            self._put(
                {b"~": " ", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n"}.get(
                    token["mark"], token["mark"].decode("latin-1")
                )
            )

    def _decode(self) -> None:
        if self.bytes:
            text = bytes(self.bytes).decode(self.encoding, errors="backslashreplace")
            self.bytes.clear()
            self._put(text)

    def _close(self) -> None:
        before = self.state
        self.state = self.stack.pop() if self.stack else _State()
        if before.sink and before.sink != self.state.sink:
            self._end_sink(before)

    def _end_sink(self, state: _State) -> None:
        name = state.sink
        text = " ".join("".join(self.sinks.pop(name, [])).split())
        if not text:
            return
        if name in ("header", "footer"):
            kind = BlockKind.HEADER if name == "header" else BlockKind.FOOTER
            if all(block.text != text for block in self.furniture):
                self.furniture.append(Block(text, _NOWHERE, kind))
        elif name == "annotation":
            author = " ".join("".join(self.sinks.pop("atnauthor.kept", [])).split())
            stamp = _packed("".join(self.sinks.pop("atndate.kept", [])).strip())
            self.paragraph.comments.append(
                Block(text, _NOWHERE, BlockKind.COMMENT, author=author, stamp=stamp)
            )
        elif name in ("atnauthor", "atndate"):
            self.sinks[f"{name}.kept"] = [text]
        elif name == "footnote":
            self.paragraph.comments.append(Block(text, _NOWHERE, BlockKind.PARAGRAPH))
        elif name in self.properties.values() or name in _INFO.values():
            self.properties.setdefault(name, text)

    def _word(self, word: bytes, number: int | None) -> None:
        state = self.state
        if word in _SKIPPED:
            state.is_skipped = True
        elif word in (b"annotation", b"atnauthor", b"atndate", b"footnote"):
            state.sink = word.decode()
        elif word in (b"header", b"headerl", b"headerr", b"headerf"):
            state.sink = "header"
        elif word in (b"footer", b"footerl", b"footerr", b"footerf"):
            state.sink = "footer"
        elif word in _INFO and self.stack and not self.blocks:
            state.sink = _INFO[word]
        elif word in (b"yr", b"mo", b"dy", b"hr", b"min", b"sec") and state.sink in (
            "created",
            "modified",
            "printed",
        ):
            mark = {b"yr": "", b"mo": "-", b"dy": "-", b"hr": "T", b"min": ":", b"sec": ":"}[word]
            width = 4 if word == b"yr" else 2
            self.sinks.setdefault(state.sink, []).append(f"{mark}{number or 0:0{width}}")
        elif word in (b"par", b"line", b"sect", b"page"):
            self._put("\n")
            if word != b"line":
                self._end_paragraph()
        elif word == b"cell":
            self._end_cell()
        elif word in (b"row", b"nestrow"):
            self._end_cell(is_last=True)
            self._end_row()
        elif word == b"intbl":
            self.in_table = True
        elif word == b"pard":
            self.in_table, self.level, self.is_item = False, 0, False
        elif word == b"plain":
            state.is_bold = state.is_deleted = state.is_inserted = False
        elif word == b"b":
            state.is_bold = number != 0
        elif word == b"outlinelevel":
            self.level = (number or 0) + 1
        elif word in (b"ls", b"ilvl", b"pn", b"pnlvlblt"):
            self.is_item = True
        elif word in (b"revised", b"deleted"):
            setattr(state, "is_inserted" if word == b"revised" else "is_deleted", number != 0)
        elif word in (b"revauth", b"revauthdel"):
            state.author = number or 0
        elif word in (b"revdttm", b"revdttmdel"):
            state.stamp = number or 0
        elif word == b"ansicpg" and number:
            self._use(_PAGES.get(number, f"cp{number}"))
        elif word == b"uc":
            state.uc = max(0, number or 0)
        elif word == b"u" and number is not None:
            self._put(chr(number & 0xFFFF) if not 0xD800 <= number & 0xFFFF < 0xE000 else "\ufffd")
            self.skip = state.uc
        elif word == b"bin" and number:
            state.is_skipped = True
        elif word in (b"listtext", b"pntext"):
            self.is_item = True
            state.sink = "label"
        elif word in _MARKS:
            self._put(_MARKS[word])

    def _use(self, name: str) -> None:
        try:
            self.encoding = codecs.lookup(name).name
        except LookupError:
            self.encoding = "cp1252"

    def _put(self, text: str) -> None:
        state = self.state
        if state.is_skipped or state.sink == "*":
            return
        if state.sink == "label":
            label = text.strip()
            if label and any(c.isalnum() for c in label):
                self.paragraph.parts.append(f"{label} ")
            return
        if state.sink:
            self.sinks.setdefault(state.sink, []).append(text)
            return
        if text.strip():
            self.paragraph.strong += state.is_bold
            self.paragraph.weak += not state.is_bold
        if state.is_deleted or state.is_inserted:
            kind = BlockKind.DELETED if state.is_deleted else BlockKind.INSERTED
            changes = self.paragraph.changes
            if not changes or (changes[-1].kind, changes[-1].author, changes[-1].stamp) != (
                kind,
                state.author,
                state.stamp,
            ):
                changes.append(_Change(kind, state.author, state.stamp))
            changes[-1].text += text
        if not state.is_deleted:
            self.paragraph.parts.append(text)

    def _end_cell(self, *, is_last: bool = False) -> None:
        lines = [line for one in "".join(self.paragraph.parts).split("\n") if (line := " ".join(one.split()))]
        self.cell.extend(lines)
        self.paragraph.parts = []
        if self.cell or not is_last:
            self.cells.append("\n".join(self.cell))
        self.cell = []

    def _end_row(self) -> None:
        cells, self.cells = self.cells, []
        filled = [cell for cell in cells if cell]
        if len(filled) < 2:
            self.blocks.extend(
                Block(line, _NOWHERE, BlockKind.PARAGRAPH) for cell in filled for line in cell.split("\n")
            )
        else:
            text = " | ".join(" ".join(cell.split()) for cell in filled)
            self.blocks.append(Block(text, _NOWHERE, BlockKind.ROW, cells=tuple(cells)))
        self._hang()

    def _end_paragraph(self) -> None:
        if self.state.sink:
            return
        if self.in_table:
            self.paragraph.parts.append("\n")
            return
        if self.cells or self.cell:
            self._end_row()
        paragraph = self.paragraph
        for line in "".join(paragraph.parts).split("\n"):
            text = " ".join(line.split())
            if not text:
                continue
            kind = (
                BlockKind.HEADING if self.level else BlockKind.ITEM if self.is_item else BlockKind.PARAGRAPH
            )
            level = self.level or int(self.is_item)
            is_strong = bool(paragraph.strong and not paragraph.weak)
            self.blocks.append(Block(text, _NOWHERE, kind, level=level, is_strong=is_strong))
        self._hang()

    def _hang(self) -> None:
        for change in self.paragraph.changes:
            text = " ".join(change.text.split())
            if text:
                author = self.authors[change.author] if 0 <= change.author < len(self.authors) else ""
                stamp = _packed(str(change.stamp))
                self.blocks.append(Block(text, _NOWHERE, change.kind, author=author, stamp=stamp))
        self.blocks.extend(self.paragraph.comments)
        self.paragraph = _Paragraph()


def _packed(text: str) -> str:
    """A time that RTF packs into a number (minute, hour, day, month, year from 1900), as ISO text.

    >>> _packed("121330270")
    '2015-11-11T09:30'
    """
    if not re.fullmatch(r"-?\d{1,10}", text) or text == "0":
        return ""
    number = int(text) & 0xFFFFFFFF
    minute, hour, day = number & 0x3F, number >> 6 & 0x1F, number >> 11 & 0x1F
    month, year = number >> 16 & 0xF, 1900 + (number >> 20 & 0x1FF)
    return f"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}"
