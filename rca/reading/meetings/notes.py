"""`open_notes`: an interview's paragraphs, with what is a label, a heading or a block quotation.

The decision hidden here: the form of notes. Text and documents are both taken by paragraph; a row of two cells is a label
and its value; where an interview begins, and which lines are its head, is told by its labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rca.reading.documents.blocks import Block, BlockKind, Document, open_document
from rca.reading.documents.kinds import document_kind
from rca.reading.meetings.labels import INTERVIEW, label_of
from rca.reading.meetings.passages import CHANGES
from rca.reading.source import Source
from rca.reading.telling import Place

__all__ = ["Note", "Notes", "open_notes"]

_FURNITURE = (BlockKind.HEADER, BlockKind.FOOTER)
_HEAD = 40


@dataclass(slots=True)
class Note:
    """A paragraph of an interview."""

    text: str
    place: Place
    number: int
    block: Block | None = None
    label: tuple[str, str] = ("", "")
    is_heading: bool = False
    is_quote: bool = False
    is_question: bool = False


@dataclass(slots=True)
class Notes:
    """An interview that is open."""

    source: Source
    items: list[Note] = field(default_factory=list)
    changes: list[Block] = field(default_factory=list)
    document: Document | None = None
    titles: set[int] = field(default_factory=set)

    def as_event(self, note: Note) -> None:
        """The paragraph ended in events."""
        if self.document is not None and note.block is not None:
            self.document.as_event(note.block)

    def as_event_block(self, block: Block) -> None:
        """The comment or change ended in events."""
        if self.document is not None:
            self.document.as_event(block)

    def as_structure(self, note: Note) -> None:
        """The paragraph was understood as structure or context."""
        if self.document is not None and note.block is not None:
            self.document.as_structure(note.block)

    def close(self) -> None:
        """Book what a document holds beside."""
        if self.document is not None:
            self.document.close()

    def begins_interview(self, note: Note) -> bool:
        """Whether another interview begins here: a heading or label that says so, with a label soon after."""
        if not (note.is_heading or note.label[0] == "interview") or not INTERVIEW.search(note.text):
            return False
        after = self.items[note.number + 1 : note.number + 6]
        return any(one.label[0] in ("role", "date", "interviewer", "interviewee") for one in after)

    def head_from(self, note: Note) -> list[str]:
        """The lines of the head that begins with a paragraph, and labels of the end (approval, handling)."""
        lines: list[str] = []
        is_head = True
        for one in self.items[note.number :]:
            if one is not note and not is_head and self.begins_interview(one):
                break
            if is_head and len(lines) < _HEAD:
                lines.append(one.text)
                if (
                    not one.label[0]
                    and not one.is_heading
                    and one.number not in self.titles
                    and len(lines) > 2
                ):
                    is_head = False
            elif one.label[0] in ("approved", "handling", "conferred"):
                lines.append(one.text)
        return lines


def open_notes(source: Source) -> Notes:
    """The paragraphs of a stream."""
    document = open_document(source, document_kind(source.sample))
    notes = Notes(source, document=document)
    data = source.head_of(source.size) if document.kind.is_text else b""
    for block in document.blocks:
        if block.kind in CHANGES:
            notes.changes.append(block)
            continue
        if block.kind in _FURNITURE:
            continue
        text = block.text.strip()
        cells = [" ".join(cell.split()) for cell in block.cells if cell.strip()]
        if block.kind is BlockKind.ROW and len(cells) >= 2:
            text = f"{cells[0].rstrip(':')}: {' '.join(cells[1:])}"
        start = block.place.start
        is_quote = start is not None and data[start : start + 4].lstrip().startswith((b">", b"*>"))
        if is_quote:
            text = text.lstrip("> ").replace("\n> ", " ")
        label = label_of(text)
        number = len(notes.items)
        is_strong = block.is_strong and not label[0] and number > 2
        is_title = block.kind is BlockKind.HEADING or (
            is_strong and len(text.split()) <= 10 and text[-1:].isalnum()
        )
        is_question = is_strong and text.endswith("?")
        note = Note(text, block.place, number, block, label, is_title, is_quote, is_question)
        if not label[0] and number < 3 and INTERVIEW.search(text) and len(text) < 160:
            notes.titles.add(number)
        notes.items.append(note)
    return notes
