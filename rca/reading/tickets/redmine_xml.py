"""Redmine's issues in XML.

The decision hidden here: how an issue is taken apart without holding it. Its own fields stand first; children, which are
issues inside the issue, files, relations, commits and journals follow, each cut out by itself.

References:
    Redmine wiki, "Rest api", Issues in XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rca.evidence.opening import is_binary, mark_length
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.pieces import OnePlace, Piece
from rca.reading.tickets.redmine_telling import RedmineTeller
from rca.reading.window import Window, xml_encoding
from rca.reading.xml_elements import Element
from rca.reading.xml_pieces import XmlPiece, cut_elements

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RedmineXmlReader"]

_PARTS = ("issue", "journal", "attachment", "relation", "changeset", "time_entry")
_ISSUE = re.compile(
    r"<issue[\s>][\s\S]{0,4000}?<tracker\s[^<>]*\bid=|<time_entry[\s>][\s\S]{0,2000}?<spent_on>"
)


class RedmineXmlReader:
    """Reads issues of Redmine from XML, with the events that the JSON reader gives."""

    name = "redmine-xml"
    version = "1"
    title = "Redmine: issues with journals (XML)"
    suffixes = (".xml",)

    def score(self, sample: Sample) -> float:
        """0.98 for an issue with a tracker, else 0."""
        text = sample.text.lstrip("\ufeff \t\r\n")
        if not text.startswith("<") or is_binary(sample.head.replace(b"\0", b"")):
            return 0.0
        return 0.98 if _ISSUE.search(text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        told = _Telling(source, self)
        mark = mark_length(source.head)
        source.structure_bytes(0, mark)
        with source.open() as stream:
            stream.read(mark)
            for piece in cut_elements(Window(stream, start=mark, encoding=told.encoding), _PARTS):
                told.take(piece)
                yield from told.teller.batches()
        if told.issues and not told.has_journals:
            told.teller.note_absence("journals of the issues (notes, status history)")
        told.teller.note_end()
        yield from told.teller.rest()


class _Telling:
    """One stream on its way."""

    def __init__(self, source: Source, reader: RedmineXmlReader) -> None:
        self.source = source
        self.encoding = xml_encoding(source)
        self.teller = RedmineTeller(source, reader)
        self.is_among_children = self.has_journals = False
        self.issues = 0

    def take(self, piece: XmlPiece) -> None:
        """Book a piece and tell its events."""
        source = self.source
        if piece.what == "unparsed":
            source.unparsed_bytes(piece.start, piece.raw, place=piece.locator, reason=piece.reason)
        elif piece.what == "blank":
            source.blank_bytes(piece.start, len(piece.raw))
        elif piece.what == "structure":
            source.structure_bytes(piece.start, len(piece.raw))
        else:
            self._take_element(piece)
        text = piece.raw.decode(self.encoding, errors="replace")
        begins, ends = text.rfind("<children"), text.rfind("</children")
        if begins != ends:
            self.is_among_children = begins > ends

    def _take_element(self, piece: XmlPiece) -> None:
        element = piece.element(self.encoding)
        if element is None:
            self.source.unparsed_bytes(
                piece.start,
                piece.raw,
                place=piece.locator,
                reason="an element that breaks off in its first tag",
            )
            return
        place = Place(piece.locator, piece.start, len(piece.raw), piece.line)
        teller, said = self.teller, _said_of(element)
        one = Piece(said, OnePlace(place), "", element.local)
        if element.local == "issue" and (self.is_among_children or not one.text("created_on", "subject")):
            self.source.structure_bytes(piece.start, len(piece.raw))
            if self.is_among_children and one.text("id"):
                self.source.event_bytes(piece.start, len(piece.raw))
                teller.tell_child(one)
            return
        tell = {
            "issue": teller.open_issue,
            "journal": teller.tell_journal,
            "attachment": teller.tell_attached,
            "relation": teller.tell_relation,
            "changeset": teller.tell_changeset,
            "time_entry": teller.tell_hours,
        }.get(element.local)
        if tell is None:  # a tag that is torn lets the name of the next one appear
            self.source.unparsed_bytes(
                piece.start, piece.raw, place=piece.locator, reason="an element whose tag is torn"
            )
            return
        self.source.event_bytes(piece.start, len(piece.raw))
        if element.local == "issue":
            self.issues += 1
            teller.open_issue(one)
            return
        self.has_journals = self.has_journals or element.local == "journal"
        if not piece.is_whole:
            teller.complain(
                "A part of an issue breaks off before its end",
                place=place.locator,
                hint="What was written is kept.",
            )
        tell(one)


def _said_of(element: Element) -> dict[str, Any]:
    """An element as the JSON of the same API has it: attributes and children as members, arrays as lists."""
    said: dict[str, Any] = dict(element.attributes)
    for one in element.children:
        if one.attributes.get("type") == "array" or (
            one.children and len({c.name for c in one.children}) == 1 and len(one.children) > 1
        ):
            said[one.local] = [
                _said_of(c) if c.attributes or c.children else c.text.strip() for c in one.children
            ]
        elif one.children or one.attributes:
            said[one.local] = _said_of(one)
        else:
            said[one.local] = one.text.strip()
    return said
