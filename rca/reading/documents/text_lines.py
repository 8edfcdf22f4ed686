r"""`read_lines`: a text document as lines with their bytes, and how its blocks are put together from them.

The decision hidden here: which line begins a block of its own. A line that begins with a label (`Present:`), a bullet, a
number or a § does; so does a line after one that its author ended early. Lines that were wrapped at a margin are joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rca.evidence.opening import mark_length
from rca.reading.documents.blocks import Block, BlockKind
from rca.reading.source import Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

__all__ = [
    "BULLET",
    "LABEL",
    "RULE",
    "Line",
    "block_of",
    "book_the_rest",
    "is_heading_line",
    "joined",
    "margin",
    "read_lines",
    "starts_block",
]

LABEL = re.compile(r"[*_]{0,3}[^\W\d_][^\W_]*(?:[ ./&-]{1,2}[^\W_]+){0,4}\)?[*_]{0,3}\s?:[*_]{0,3}(?=\s|$)")
"""A label at the beginning of a line: up to five words and a colon."""
BULLET = re.compile(
    r"(?P<indent>[ \t]*)(?:(?P<bullet>[-*+•●◦▪–·])|(?P<number>\(?(?:\d{1,3}|[a-z])[.)]))[ \t]+(?=\S)"
)
"""A bullet or a number at the beginning of a line."""
RULE = re.compile(r"\s*(?:[-*_=~#.·—–][ \t]*){3,}\s*")
_SECTION = re.compile(r"\s*(?:[*_]{0,2}§{1,2}\s*\d+)")
_SENTENCE = re.compile(r"[.!?:;,]\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, its first byte and its bytes with the line end, and its text without it."""

    number: int
    start: int
    length: int
    text: str

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written on it."""
        return not self.text.strip()


def read_lines(source: Source) -> list[Line]:
    """All lines of a text; bytes that are no text in its encoding stay visible as escapes."""
    encoding, mark = plain_encoding(source), mark_length(source.head)
    if mark:
        source.structure_bytes(0, mark)
    found: list[Line] = []
    for number, begin, raw in source.lines():
        start = max(begin, mark) if number == 1 else begin
        text = raw[start - begin :].decode(encoding, errors="backslashreplace").rstrip("\r\n")
        found.append(
            Line(number, start, len(raw) - (start - begin), text.replace("\r", " ").replace("\0", ""))
        )
    return found


def block_of(
    lines: Sequence[Line],
    text: str,
    kind: BlockKind,
    *,
    level: int = 0,
    cells: tuple[str, ...] = (),
    is_strong: bool = False,
) -> Block:
    """The block that consecutive `lines` make."""
    first, last = lines[0], lines[-1]
    locator = f"L{first.number}" if first is last else f"L{first.number}-{last.number}"
    place = Place(locator, first.start, last.start + last.length - first.start, first.number)
    return Block(text, place, kind, level=level, cells=cells, is_strong=is_strong)


def book_the_rest(source: Source, lines: Sequence[Line], blocks: Iterable[Block]) -> None:
    """Book the lines that no block holds: blank ones as blank, the others as structure (rules, markup)."""
    spans = sorted((b.place.start or 0, (b.place.start or 0) + (b.place.length or 0)) for b in blocks)
    at = reach = 0
    for line in lines:
        while at < len(spans) and spans[at][0] <= line.start:
            reach = max(reach, spans[at][1])
            at += 1
        if line.start + line.length <= reach:
            continue
        if line.is_blank:
            source.blank_bytes(line.start, line.length)
        else:
            source.structure_bytes(line.start, line.length)


def joined(texts: Iterable[str]) -> str:
    """Wrapped lines as one text.

    >>> joined(["the log-in server ", " did not answer"])
    'the log-in server did not answer'
    """
    return " ".join(" ".join(texts).split())


def margin(texts: Iterable[str]) -> int:
    """The width at which the lines are wrapped; 0 where they are not: then each line is a paragraph.

    >>> margin(["x" * 70] * 9 + ["short"]), margin(["x" * 300] * 9)
    (70, 0)
    """
    sizes = sorted(len(text.rstrip()) for text in texts if len(text.strip()) > 30)
    if len(sizes) < 2:
        return 0
    width = sizes[min(len(sizes) - 1, len(sizes) * 9 // 10)]
    return width if 40 <= width <= 132 else 0


def is_heading_line(text: str) -> bool:
    """Whether a line of plain text that stands at the beginning of a block is a heading: a §, or capitals only."""
    plain = text.strip()
    if len(plain) > 150:
        return False
    if _SECTION.match(plain):
        return not _SENTENCE.search(plain) or len(plain) < 80
    letters = [c for c in plain if c.isalpha()]
    return len(plain) <= 80 and len(letters) >= 4 and plain.isupper() and not LABEL.match(plain)


def starts_block(text: str, before: Sequence[Line], width: int) -> bool:
    """Whether a line begins a block of its own after the lines `before` of a text wrapped at `width`."""
    if LABEL.match(text.strip()) or BULLET.match(text) or _SECTION.match(text):
        return True
    bullet = BULLET.match(before[0].text)
    if bullet and _indent(text) > _indent(bullet["indent"] + "x"):
        return False
    return not width or len(before[-1].text.rstrip()) < width * 0.6


def _indent(text: str) -> int:
    wide = text.expandtabs(4)
    return len(wide) - len(wide.lstrip())
