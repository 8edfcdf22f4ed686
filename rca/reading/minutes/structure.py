"""What a set of minutes consists of: the meeting, its items, their parts and paragraphs.

The decision hidden here: the shape that all grammars of minutes are brought into before anything is told. A part is what
stands under one label; a paragraph may be several lines of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rca.reading.minutes.cutting import Piece, Shape, joined_place
from rca.reading.minutes.sections import Key, Number
from rca.reading.minutes.words import Label
from rca.reading.telling import Place

__all__ = ["Item", "Minutes", "Paragraph", "Part", "paragraphs", "whole_items"]


@dataclass(slots=True)
class Part:
    """What stands under one label: what it means, the label, and its pieces. `opening` is the text behind the label."""

    meaning: str
    label: Label | None = None
    piece: Piece | None = None
    opening: str = ""
    pieces: list[Piece] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The meaning without its room; "text" for what stands under no label."""
        return self.meaning.partition(".")[2] or "text"


@dataclass(slots=True)
class Item:
    """One item of the agenda: its number where it has one, title, pieces of its heading, and parts in order."""

    title: str
    pieces: list[Piece]
    number: Number | None = None
    outline: Key = ()
    level: int = 0
    parts: list[Part] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    continuations: list[Piece] = field(default_factory=list)
    is_fixed: bool = False
    """Whether its text was verified at the meeting (omedelbart justerad)."""

    @property
    def key(self) -> Key:
        """The number by which attendance finds it."""
        return self.number.key if self.number else self.outline

    @property
    def label(self) -> str:
        """The number as it is written, "" where it has none."""
        return self.number.label if self.number else ""


@dataclass(slots=True)
class Minutes:
    """Minutes in reading order: parts of the head and foot (`Part`) and items (`Item`), and what is only layout."""

    order: list[Part | Item] = field(default_factory=list)
    structure: list[Piece] = field(default_factory=list)
    furniture: list[Piece] = field(default_factory=list)
    headings: list[Piece] = field(default_factory=list)
    remarks: list[Piece] = field(default_factory=list)
    title: str = ""
    title_pieces: list[Piece] = field(default_factory=list)
    organ: str = ""

    @property
    def items(self) -> list[Item]:
        """The items in order."""
        return [one for one in self.order if isinstance(one, Item)]

    @property
    def parts(self) -> list[Part]:
        """The parts outside items, in order."""
        return [one for one in self.order if isinstance(one, Part)]


@dataclass(slots=True)
class Paragraph:
    """One paragraph: the lines it consists of, as text."""

    lines: list[str]
    pieces: list[Piece]

    @property
    def text(self) -> str:
        """All of it as one line; hyphens at line ends stay."""
        return " ".join(" ".join(self.lines).split())

    @property
    def place(self) -> Place:
        """Where it stands."""
        return joined_place(self.pieces)

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return self.pieces[0].shape is Shape.ITEM


def paragraphs(part: Part, *, by_line: bool = False) -> list[Paragraph]:
    """The paragraphs of a part, with the text behind its label first; `by_line` keeps each line by itself."""
    found: list[Paragraph] = []
    if part.opening and part.piece is not None:
        found.append(Paragraph([part.opening], [part.piece]))
    for piece in part.pieces:
        last = found[-1] if found else None
        starts = (
            by_line
            or last is None
            or piece.has_gap
            or piece.shape in (Shape.ITEM, Shape.ROW, Shape.HEADING)
            or last.pieces[-1].shape in (Shape.ROW, Shape.HEADING)
        )
        if starts:
            found.append(Paragraph([piece.text], [piece]))
        elif last is not None:
            last.lines.append(piece.text)
            last.pieces.append(piece)
    return found


def whole_items(found: list[Paragraph]) -> list[Paragraph]:
    """Paragraphs of TeX or Typst with what is written inside an item joined to it: quotations, the rest of its lines."""
    if not any(one.is_item for one in found):
        return found
    joined: list[Paragraph] = []
    for one in found:
        before = joined[-1] if joined else None
        goes_on = before is not None and before.is_item and (not one.is_item or before.text.endswith(","))
        if before is not None and goes_on:
            before.lines.extend(one.lines)
            before.pieces.extend(one.pieces)
        else:
            joined.append(one)
    return joined
