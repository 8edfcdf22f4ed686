"""`tell_minutes`: minutes become events, in reading order.

The decision hidden here: what each part of minutes is told as, at which time and before whom. Everything happened at the
meeting unless its text says otherwise; it was heard by those recorded as present for that item; it is known from when the
minutes were verified. Sending a decision on has no date unless one is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.moments.moment import Basis, Moment, TimeKind
from rca.reading.documents.blocks import BlockKind, DocumentKind
from rca.reading.minutes.attendance import Person
from rca.reading.minutes.cutting import Cut, Piece, Shape, joined_place
from rca.reading.minutes.dates import Dates, find_clock
from rca.reading.minutes.facts import Entry, Facts, closing_clock, opening_clock
from rca.reading.minutes.notices import Notice
from rca.reading.minutes.spells import Spell, words_of
from rca.reading.minutes.structure import Item, Minutes, Part
from rca.reading.source import Source
from rca.reading.telling import Place, Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CODE", "Telling"]

CODE = "RCA160"
_TEMPLATE = "2013-12-23T23:15:00Z"
"""The date of python-docx's template, which it leaves in the documents that it makes."""
_MANY = 300
"""More people than this are named by the meeting, its items and decisions, not by each statement."""
_GUESSED = (DocumentKind.PDF, DocumentKind.TEXT)
"""Forms whose headings are told by how they look, not marked."""


@dataclass(slots=True)
class Telling:
    """One set of minutes and all that the telling of each part needs."""

    source: Source
    teller: Teller
    cut: Cut
    minutes: Minutes
    facts: Facts
    dates: Dates
    record: str
    assumptions: list[str] = field(default_factory=list)
    meeting: str = ""
    booked: set[int] = field(default_factory=set)
    by_piece: dict[int, list[Entry]] = field(default_factory=dict)
    outlined: set[int] = field(default_factory=set)

    # -- what all events share ----------------------------------------------------------------------------

    def tell(
        self,
        kind: str,
        message: str,
        pieces: Sequence[Piece],
        *,
        item: Item | None = None,
        moment: Moment | None = None,
        is_undated: bool = False,
        time_kind: TimeKind = TimeKind.OCCURRED,
        audience: Sequence[str] | None = None,
        fields: dict[str, Any] | None = None,
        refs: Sequence[str] = (),
        text: str = "",
        place: Place | None = None,
        **columns: Any,
    ) -> str:
        """Tell an event of these pieces, and book them."""
        facts = self.facts
        at = None if is_undated else moment or facts.during
        named = dict(fields or {})
        present: list[str] = []
        if item is not None:
            present, unclear = facts.roll.at(item.key)
            if unclear and kind in ("minutes.item", "minutes.decision"):
                named.setdefault("presence_unknown", "; ".join(unclear))
            if item.label or item.outline:
                named.setdefault("section", _number(item))
        elif audience is None:
            present, _ = facts.roll.at(())
        if len(present) > _MANY and kind not in ("minutes.meeting", "minutes.item", "minutes.decision"):
            named["present"], present = str(len(present)), []
        more: dict[str, Any] = {"channel": facts.organ or facts.title, "unit": facts.place, **columns}
        if (
            at is not None
            and at is facts.during
            and facts.when
            and facts.when.end
            and kind == "minutes.meeting"
        ):
            more["time_end"] = facts.when.end.earliest
        known = self._known(item)
        if known is not None and time_kind is not TimeKind.DUE:
            more["known_time"], more["known_basis"] = known.latest, "stated"
        named_refs = [*(item.refs if item is not None else ()), *refs]
        if item is not None and item.label:
            named_refs.insert(0, item.label)
        event = self.teller.tell(
            kind,
            message,
            place or joined_place(pieces),
            moment=at,
            time_kind=time_kind,
            record=self.record,
            text=text,
            audience=present if audience is None else audience,
            refs=named_refs,
            fields=named,
            assumptions=self.assumptions if at is not None and at.basis is not Basis.OFFSET_STATED else (),
            **more,
        )
        self.book(pieces)
        return event

    def _known(self, item: Item | None) -> Moment | None:
        """From when the text is fixed: verification, or the meeting itself for an item verified there."""
        if item is not None and item.is_fixed and self.facts.during is not None:
            return self.facts.during
        return self.facts.known

    def book(self, pieces: Sequence[Piece], *, is_event: bool = True) -> None:
        """Book pieces, once, as events or as structure."""
        for piece in pieces:
            if id(piece) in self.booked:
                continue
            self.booked.add(id(piece))
            (self.cut.book_event if is_event else self.cut.book_structure)(piece)

    # -- the whole ----------------------------------------------------------------------------------------

    def run(self) -> Iterator[pa.RecordBatch]:
        """All events, in order; every piece is booked."""
        from rca.reading.minutes.saying_items import ItemTelling

        self._warn()
        items = ItemTelling(self)
        self._tell_meeting()
        self.tell_headings(self.minutes.title_pieces)
        for one in self.minutes.order:
            if isinstance(one, Item):
                self.tell_headings(one.pieces)
                items.tell(one)
            else:
                self.tell_headings([one.piece] if one.piece else [])
                self._tell_part(one, items)
            yield from self.teller.batches()
        items.close()
        self.tell_headings(self.minutes.structure)
        for notice in self.facts.notices:
            self._tell_notice(notice)
        self._tell_remarks()
        self._tell_properties()
        self.book(self.cut.pieces, is_event=False)
        self.cut.close()
        yield from self.teller.rest()

    def _warn(self) -> None:
        facts, source = self.facts, self.source
        if facts.when is None:
            why = (
                "state a weekday that is not that of its date"
                if facts.is_contradicted
                else "state no date of the meeting"
            )
            hint = (
                "Check the date against a calendar or the notice of the meeting."
                if facts.is_contradicted
                else "Is the date on a covering page? Add it as a line: Datum: 2024-11-12."
            )
            source.issue(
                CODE,
                Severity.WARNING,
                f"The minutes {why}; their events stay undated, in order",
                place=self._first_place(),
                hint=hint,
            )
        elif facts.when.start.basis is Basis.ZONE_ASSUMED:
            self.assumptions.append(
                source.assume(
                    "zone",
                    f"the dates of the minutes are read as {source.zone}",
                    rests_on="minutes state no zone",
                    alternatives=("another zone, given with zone=… or in the register",),
                )
            )
        if facts.annexes:
            self.teller.note_absence(
                "the list of those present, which is in an annex",
                place=facts.annexes[0].place.locator,
                hint="Add the annex; until then nobody is known to be present or absent.",
            )
        elif not facts.roll.is_known:
            self.teller.note_absence(
                "who was present at the meeting", hint="Presence is unknown, which is not absence."
            )

    def _first_place(self) -> str:
        return self.cut.pieces[0].place.locator if self.cut.pieces else "L1"

    def _tell_meeting(self) -> None:
        minutes, facts = self.minutes, self.facts
        pieces = minutes.title_pieces or self._opening_pieces()
        if not pieces:
            return
        when = facts.days.text if facts.days is not None else ""
        title = facts.title or facts.organ or facts.stated.get("purpose", "") or f"meeting {when}".strip()
        if facts.organ and facts.organ.casefold() not in title.casefold():
            title = f"{facts.organ}: {title}"
        fields = {
            "organization": facts.organ,
            "chair": facts.stated.get("chair", ""),
            "secretary": facts.stated.get("secretary", ""),
            "verifiers": facts.stated.get("approver", ""),
            "sections": facts.stated.get("sections", ""),
            "number": facts.stated.get("number", ""),
            "invited": "; ".join(facts.invited),
            "last_day": facts.days.last.isoformat()
            if facts.days is not None and facts.days.last > facts.days.first
            else "",
        }
        self.meeting = self.tell(
            "minutes.meeting",
            title,
            pieces[:1],
            audience=facts.roll.everybody(),
            fields=fields,
            subject=facts.organ or facts.title,
        )

    def _opening_pieces(self) -> list[Piece]:
        for one in self.minutes.order:
            if isinstance(one, Item):
                return one.pieces[:1]
            found = [one.piece] if one.piece else one.pieces[:1]
            if found:
                return found
        return [piece for piece in self.cut.pieces if piece.shape is not Shape.REMARK][:1]

    def tell_headings(self, pieces: Sequence[Piece]) -> None:
        """The headings among pieces as the document marks them, once: its outline, apart from what they mean."""
        for piece in pieces:
            is_marked = piece.shape is Shape.HEADING and self.cut.kind not in _GUESSED
            if is_marked and id(piece) not in self.outlined:
                self.outlined.add(id(piece))
                fields = {"level": str(piece.level)}
                self.tell(
                    "minutes.heading", piece.text, [piece], audience=(), fields=fields, parent=self.meeting
                )

    # -- head and foot ------------------------------------------------------------------------------------

    def _tell_part(self, part: Part, items: Any) -> None:
        if part.meaning.startswith("present."):
            self.tell_attendance(part)
        elif part.meaning.startswith("part.") or not part.meaning:
            items.tell_part(None, part, "")
        elif part.name == "formalities":
            items.tell_statements(None, part, "")
        else:
            self._tell_breaks(part)

    def _tell_breaks(self, part: Part) -> None:
        """Breaks that the head states beside the time of the meeting."""
        lines = [(line, part.piece) for line in part.opening.split("\n")] if part.piece is not None else []
        for text, piece in [*lines, *((piece.text, piece) for piece in part.pieces)]:
            found = re.search(r"\b(?:ajourn\w*|paus|uppehåll|break|recess)\b.*", text, re.IGNORECASE)
            if found:
                told = self.clock_moment(found[0], begins=False)
                more: dict[str, Any] = {"time_end": told[1].earliest} if told and told[1] else {}
                self.tell(
                    "minutes.statement",
                    found[0],
                    [piece],
                    moment=told[0] if told else None,
                    fields={"part": "break"},
                    parent=self.meeting,
                    **more,
                )

    def tell_attendance(self, part: Part) -> None:
        """Everybody on the list under a label: present, absent, or for some numbers only."""
        if not self.by_piece:
            for entry in self.facts.entries:
                self.by_piece.setdefault(id(entry.pieces[0]), []).append(entry)
        for piece in ([part.piece] if part.piece else []) + part.pieces:
            for entry in self.by_piece.get(id(piece), ()):
                self._tell_entry(entry)

    def _tell_entry(self, entry: Entry) -> None:
        person = entry.person
        is_absent = entry.group == "absent" or person.is_absent
        sections = words_of(person.spell)
        fields = {
            "role": person.role,
            "organization": person.party,
            "capacity": {
                "members": "member",
                "serving": "serving substitute",
                "substitutes": "substitute",
                "others": "other",
                "absent": "",
            }.get(entry.group, ""),
            "sections": sections,
            "replaces": person.replaces,
            "note": person.note,
            "mode": person.mode,
            "presence": "unclear"
            if person.spell.unclear.is_all
            else "partial"
            if not person.spell.is_whole
            else "",
        }
        written = f"{entry.label}: {person.written}" if entry.label else person.written
        kind = "minutes.absent" if is_absent else "minutes.present"
        place = self.cut.find(entry.pieces[0], person.written) if len(entry.pieces) == 1 else None
        event = self.tell(
            kind,
            written,
            entry.pieces,
            audience=(),
            fields=fields,
            actor=person.name,
            parent=self.meeting,
            place=place,
        )
        if person.is_recused and not person.replaces:
            aside = words_of(Spell(person.spell.outside)) if person.spell.outside.parts else ""
            self.tell(
                "minutes.recused",
                written,
                entry.pieces,
                audience=(),
                fields={"sections": aside, "reason": "bias"},
                actor=person.name,
                parent=event,
            )
        if person.replaces:
            self._tell_replaced(entry, person, sections, event)

    def _tell_replaced(self, entry: Entry, person: Person, sections: str, parent: str) -> None:
        fields = {
            "sections": sections,
            "replaced_by": person.name,
            "reason": "recused" if person.is_recused else "",
        }
        span = f" (§§ {sections})" if sections else ""
        message = f"{person.replaces} is replaced by {person.name}{span}"
        self.tell(
            "minutes.absent",
            message,
            entry.pieces,
            audience=(),
            fields=fields,
            actor=person.replaces,
            parent=parent,
        )
        if person.is_recused:
            self.tell(
                "minutes.recused",
                f"{person.replaces}: jäv{span}",
                entry.pieces,
                audience=(),
                fields=fields,
                actor=person.replaces,
                parent=parent,
            )

    def _tell_notice(self, notice: Notice) -> None:
        fields: dict[str, Any] = {"planned": "true" if notice.what == "planned" else ""}
        columns: dict[str, Any] = {}
        if notice.until is not None:
            fields["until"] = notice.until.text
            columns["time_end"] = notice.until.earliest
        kind = "minutes.published" if notice.what == "published" else "minutes.approved"
        time_kind = TimeKind.SCHEDULED if notice.what == "planned" else TimeKind.OCCURRED
        self.tell(
            kind,
            notice.text,
            notice.pieces,
            moment=notice.moment,
            time_kind=time_kind,
            audience=(),
            fields=fields,
            parent=self.meeting,
            **columns,
        )

    # -- what readers left in it --------------------------------------------------------------------------

    def _tell_remarks(self) -> None:
        """Comments and tracked changes of a document: events of the document, at their own stamps."""
        kinds = {
            BlockKind.COMMENT: "document.comment",
            BlockKind.INSERTED: "document.inserted",
            BlockKind.DELETED: "document.deleted",
        }
        for piece in self.minutes.remarks:
            block = piece.remark
            if block is None:
                continue
            self.teller.tell(
                kinds.get(block.kind, "document.comment"),
                piece.text or "(empty)",
                piece.place,
                stamp=block.stamp,
                record=self.record,
                fields={"about": block.about},
                actor=block.author,
            )
            self.book([piece])

    def _tell_properties(self) -> None:
        """When an office file was made and last saved: minutes saved after they were verified are worth a look."""
        properties = self.cut.properties
        if self.cut.is_lines or self.cut.kind in (DocumentKind.TEX, DocumentKind.TYPST, DocumentKind.HTML):
            return
        for name, who, time_kind in (
            ("created", "author", TimeKind.OCCURRED),
            ("modified", "modified_by", TimeKind.MODIFIED),
        ):
            stamp = properties.get(name, "")
            if stamp and stamp != _TEMPLATE:
                self.teller.tell(
                    f"document.{name}",
                    f"the file of the minutes was {name}",
                    Place("P0"),
                    stamp=stamp,
                    time_kind=time_kind,
                    record=self.record,
                    actor=properties.get(who, ""),
                    fields={"application": properties.get("application", "")},
                    parent=self.meeting,
                )

    # -- clocks -------------------------------------------------------------------------------------------

    def clock_moment(self, text: str, *, begins: bool = True) -> tuple[Moment, Moment | None] | None:
        """The time of day that a sentence of the minutes names, on the day of the meeting; None where that isn't one day."""
        days = self.facts.days
        if days is None or days.first != days.last:
            return None
        if begins and not re.match(
            r"\W*(?:kl\b\.?|klockan|at\b|klo\b|\d{1,2}[.:]\d{2}\b)", text, re.IGNORECASE
        ):
            return None
        clock = find_clock(text)
        if clock is None or (begins and clock.begin > 3):
            return None
        span = self.dates.span(days, clock, clock.text)
        return (span.start, span.end) if span else None

    def tell_opening(self, text: str, pieces: Sequence[Piece], item: Item | None) -> bool:
        """Tell that the meeting was opened or closed, where the text says when; whether it did."""
        for kind, found in (
            ("meeting.started", opening_clock([text])),
            ("meeting.ended", closing_clock([text])),
        ):
            if found is None:
                continue
            told = self.clock_moment(text[max(0, text.find(found.text)) :], begins=False)
            if told is not None:
                self.tell(kind, text, pieces, item=item, moment=told[0], parent=self.meeting)
                return True
        return False


def _number(item: Item) -> str:
    from rca.reading.minutes.sections import dotted

    if item.number is not None:
        return item.number.label.removeprefix("§").strip()
    return dotted(item.outline)
