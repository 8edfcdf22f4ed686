r"""`read_typst`: a Typst source as blocks with the lines on which they stand.

The decision hidden here: what a person would see on the page, as far as it is written in the source. Text given to a
function is text; a function of the author's own that holds a list (`#beslut(…)`) is a label; strings and dates that are
given to a template by name (`date: datetime(year: …)`) are properties and blocks. Nothing is evaluated or run.

References:
    Typst reference, syntax (typst.app/docs/reference/syntax).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rca.reading.documents.blocks import Block, BlockKind, Content
from rca.reading.documents.text_lines import LABEL, Line, block_of, book_the_rest, joined, read_lines
from rca.reading.source import Source

__all__ = ["plain_typst", "read_typst"]

_HEADING = re.compile(r"\s*(={1,6})[ \t]+(.*)$")
_ITEM = re.compile(r"([ \t]*)([-+/]|\d{1,3}\.)[ \t]+(.*)$")
_LET = re.compile(r"\s*#let\s+([\w-]+)\s*=\s*\"([^\"]*)\"\s*$")
_CODE = re.compile(r"\s*#(?:import|include|set|show|let|pagebreak|colbreak|outline|bibliography|v|h|line)\b")
_NAMED = re.compile(r"\s*\(?\s*([\w-]+)\s*:\s*(.*?)\s*,?\s*\)?\s*$")
_DATE = re.compile(r"datetime\(\s*year:\s*(\d{4}),\s*month:\s*(\d{1,2}),\s*day:\s*(\d{1,2})[^)]*\)")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
_CALL = re.compile(r"\s*#([\w.-]+)(?=[\[(])")
_LINK = re.compile(r"#link\(\"[^\"]*\"\)\[([^\[\]]*)\]")
_BREAK = re.compile(r"#linebreak\(\)|(?<=\s)\\(?=\s|$)")
_INLINE = re.compile(r"#([\w.-]+)(\((?:[^()]|\([^()]*\))*\))?")
_CELL = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_HEADING_CALL = re.compile(r"\s*#heading([(\[].*)$")
_OPTION = re.compile(r"true|false|none|auto|[\d.]+\w*%?")
_MARK = re.compile(r"(?<![\w\\])([*_])(?=\S)([^*_\n]{1,1000}?)(?<=[^\s\\])\1(?!\w)")
_COMMENT = re.compile(r"(?<!:)//.*$")


def plain_typst(text: str, names: dict[str, str] | None = None) -> str:
    """The text of Typst as it would be set; `names` are variables that hold text.

    >>> plain_typst('*Tid:* #time, se #link("https://x.example")[dnr 4]~#emph[nu]', {"time": "17:38"})
    'Tid: 17:38, se dnr 4 nu'
    """
    text = _LINK.sub(r"\1", text)
    text = _INLINE.sub(lambda found: (names or {}).get(found[1], "") if not found[2] else "", text)
    text = re.sub(r"(?<=\s)<[\w:.-]+>|(?<=\s)@[\w:.-]+", "", text)
    for _ in range(2):
        text = _MARK.sub(r"\2", text)
    text = re.sub(r"(?<!\\)[\[\]]", " ", text).replace("~", " ").replace("`", "")
    text = re.sub(r"\\([#*_\[\]$@<>`~\\/=+-])", r"\1", text)
    return joined([text.replace("---", "—").replace("--", "–").replace("\\", " ")])


def read_typst(source: Source) -> Content:
    """The blocks of a Typst source; what is given to its template by name is properties and blocks."""
    lines = read_lines(source)
    found = _Typst(lines)
    blocks = list(found.blocks())
    book_the_rest(source, lines, blocks)
    return Content(blocks, found.properties)


class _Typst:
    """One source on its way from lines to blocks."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.texts = _without_comments(lines)
        self.names = {found[1]: found[2] for text in self.texts if (found := _LET.match(text))}
        self.properties: dict[str, str] = {}
        self.held: list[int] = []
        self.is_item = False

    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        number = 0
        while number < len(self.lines):
            text = self.texts[number]
            heading = _HEADING.match(text)
            if not text.strip():
                yield from self._flush()
            elif heading:
                yield from self._flush()
                title = plain_typst(heading[2], self.names)
                if title:
                    yield block_of([self.lines[number]], title, BlockKind.HEADING, level=len(heading[1]))
            elif _CODE.match(text):
                yield from self._flush()
                end = self._end_of(number)
                yield from self._named(number, end)
                number = end
            elif (call := _CALL.match(text)) and self._stands_alone(number):
                yield from self._flush()
                end = self._end_of(number)
                yield from self._called(call, number, end)
                number = end
            else:
                yield from self._line(number, text)
            number += 1
        yield from self._flush()

    def _end_of(self, number: int) -> int:
        """The line where the brackets opened on this one are closed."""
        depth = 0
        for line in range(number, min(number + 2_000, len(self.lines))):
            plain = _STRING.sub("", self.texts[line])
            depth += sum(map(plain.count, "([{")) - sum(map(plain.count, ")]}"))
            if depth <= 0:
                return line
        return number

    def _stands_alone(self, number: int) -> bool:
        """Whether a call is all that stands on its lines."""
        return self.texts[self._end_of(number)].rstrip().endswith((")", "]"))

    def _named(self, number: int, end: int) -> Iterator[Block]:
        """What is given by name to a template: strings and dates."""
        for line in range(number, end + 1):
            text = self.texts[line]
            if line == number:
                inner = text.partition("(")[2]
                pieces = [inner] if end > number else re.split(r",\s*(?=[\w-]+\s*:)", inner)
            else:
                pieces = re.split(r",\s*(?=[\w-]+\s*:)", text) if "datetime" not in text else [text]
            for piece in pieces:
                found = _NAMED.match(piece)
                value = self._value(found[2]) if found else ""
                if found and value and ".with(" in self.texts[number]:
                    self.properties.setdefault(found[1], value)
                    yield block_of([self.lines[line]], f"{found[1]}: {value}", BlockKind.PARAGRAPH)

    def _value(self, written: str) -> str:
        date = _DATE.search(written)
        if date:
            return f"{date[1]}-{int(date[2]):02}-{int(date[3]):02}"
        text = _STRING.match(written)
        if text:
            return text[1]
        cell = _CELL.match(written)
        if cell:
            return plain_typst(cell[1], self.names)
        return self.names.get(written.strip(", "), "")

    def _called(self, call: re.Match[str], number: int, end: int) -> Iterator[Block]:
        """A call: its name is a label where it holds several things, and the text in it is text."""
        name = call[1]
        is_text = name in (
            "align",
            "text",
            "box",
            "block",
            "emph",
            "strong",
            "pad",
            "quote",
            "figure",
            "table",
            "grid",
            "heading",
        )
        if not is_text:
            words = re.sub(r"[-_]|(?<=[^\W_])(?=[A-ZÅÄÖÆØ])", " ", name).lower()
            label = f"{words[:1].upper()}{words[1:]}:"
            yield block_of([self.lines[number]], label, BlockKind.PARAGRAPH, is_strong=True)
        held: list[tuple[int, str]] = []
        is_listed = not is_text
        for line in range(number, end + 1):
            text = self.texts[line]
            if line == number and name != "heading":
                text = text[call.end() :]
                text = text if text.startswith("[") else text[1:]
            cells = [plain_typst(cell, self.names) for cell in _CELL.findall(text)]
            heading = self._heading_of(text)
            item = _ITEM.match(text)
            named = _NAMED.match(text) if not cells else None
            is_option = named is not None and _OPTION.fullmatch(named[2].strip(" ,)")) is not None
            if (
                not re.sub(r"[\s()\[\],]", "", text)
                or heading
                or item
                or is_option
                or text.lstrip().startswith("[")
            ):
                yield from self._held(held, is_listed=is_listed)
                held = []
            if heading:
                yield block_of([self.lines[line]], heading[1], BlockKind.HEADING, level=heading[0])
            elif len(cells) > 1 and any(cells):
                shown = " | ".join(cell for cell in cells if cell)
                yield block_of([self.lines[line]], shown, BlockKind.ROW, cells=tuple(cells))
            elif not is_option and re.sub(r"[\s()\[\],]", "", text):
                string = _STRING.fullmatch(text.strip(" \t(),"))
                held.append((line, string[1] if string else cells[0] if cells else text))
                if text.rstrip().endswith(("]", "],", "])", ")")):
                    yield from self._held(held, is_listed=is_listed)
                    held = []
        yield from self._held(held, is_listed=is_listed)

    def _heading_of(self, text: str) -> tuple[int, str] | None:
        """The level and title of a heading that stands inside a call, as marks or as `#heading(…)`."""
        written = _HEADING.match(text.strip(" []()"))
        if written:
            title = plain_typst(written[2], self.names)
            return (len(written[1]), title) if title else None
        call = _HEADING_CALL.match(text)
        if not call:
            return None
        found = _STRING.search(call[1]) or _CELL.search(call[1])
        level = re.search(r"\blevel:\s*(\d)", call[1])
        shown = plain_typst(found[1], self.names) if found else ""
        return (int(level[1]) if level else 1, shown) if shown else None

    def _held(self, held: Sequence[tuple[int, str]], *, is_listed: bool) -> Iterator[Block]:
        """The block of consecutive lines of text inside a call."""
        if not held:
            return
        first = held[0][1]
        item = _ITEM.match(first)
        texts = [item[3] if item else first, *(text for _, text in held[1:])]
        shown = plain_typst(re.sub(r"^[\s(\[]+|[\s)\],]+$", "", joined(texts)), self.names)
        if shown:
            lines = self.lines[held[0][0] : held[-1][0] + 1]
            kind = BlockKind.ITEM if is_listed or item else BlockKind.PARAGRAPH
            yield block_of(lines, shown, kind, level=int(kind is BlockKind.ITEM))

    def _line(self, number: int, text: str) -> Iterator[Block]:
        item = _ITEM.match(text)
        if item:
            yield from self._flush()
            self.held, self.is_item = [number], True
            return
        shown = plain_typst(text, self.names)
        if self.held and (LABEL.match(shown) or _BREAK.search(self.texts[self.held[-1]])):
            yield from self._flush()
        if shown:
            self.held.append(number)

    def _flush(self) -> Iterator[Block]:
        held, self.held = self.held, []
        is_item, self.is_item = self.is_item, False
        if not held:
            return
        texts = [_BREAK.sub(" ", self.texts[number]) for number in held]
        level = 0
        if is_item:
            found = _ITEM.match(texts[0])
            if found:
                level = 1 + len(found[1].expandtabs(4)) // 2
                texts[0] = f"{found[2]} {found[3]}" if found[2][0].isdigit() else found[3]
        raw = joined(texts)
        text = plain_typst(raw, self.names)
        if text:
            is_strong = len(raw) > 2 and raw[0] == raw[-1] == "*" and raw.count("*") == 2
            kind = BlockKind.ITEM if is_item else BlockKind.PARAGRAPH
            yield block_of(
                self.lines[held[0] : held[-1] + 1],
                text,
                kind,
                level=level,
                is_strong=is_strong and not is_item,
            )


def _without_comments(lines: Sequence[Line]) -> list[str]:
    """The lines without comments, those over several lines too."""
    found: list[str] = []
    is_inside = False
    for line in lines:
        text = line.text
        if is_inside:
            _, mark, text = text.partition("*/")
            is_inside = not mark
        text = re.sub(r"/\*.*?\*/", " ", text)
        if "/*" in text:
            text, is_inside = text.partition("/*")[0], True
        found.append(_COMMENT.sub("", text))
    return found
