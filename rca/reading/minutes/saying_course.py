"""Dissent, those who stood aside, where a matter came from, where it goes, and tasks, as events.

The decision hidden here: what each says of whom and when. Each member who reserves is an event; who is biased is no audience
of the item; a reference keeps the day and § of the earlier treatment; sending has no date unless one is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rca.moments.moment import TimeKind
from rca.reading.minutes.attendance import names_nobody
from rca.reading.minutes.cutting import Piece
from rca.reading.minutes.references import find_references
from rca.reading.minutes.saying import Telling
from rca.reading.minutes.speakers import people_in
from rca.reading.minutes.structure import Item, Paragraph, Part, paragraphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rca.reading.minutes.saying_items import ItemTelling

__all__ = ["CourseTelling"]

_TREATED = re.compile(
    r"(?P<what>bordlagd\w*|bordlade\w*|återremitter\w*|beredd\w*|behandla\w*|tillstyrk\w*|anmäld\w*|väckt\w*|beslutad\w*|uppskjut\w*|utsatt|udsat|pöydä\w*|tabled|deferred|referred)",
    re.IGNORECASE,
)
_KIND_OF_TREATMENT = (
    ("bordl", "tabled"),
    ("uppskj", "tabled"),
    ("utsatt", "tabled"),
    ("udsat", "tabled"),
    ("pöyd", "tabled"),
    ("tabled", "tabled"),
    ("deferr", "tabled"),
    ("återrem", "remitted"),
    ("referred", "remitted"),
)
_OWNER = re.compile(
    r"\b(?:ansvarig(?:a)?|ansvar|owner|responsible|assignee|ansvarlig|vastuu\w*)\s*:\s*([^.;,()\n]+)",
    re.IGNORECASE,
)
_TO_DO = re.compile(
    r"^\[?(?P<who>[A-ZÅÄÖÆØ][\w.'’-]*\]?(?:(?:,| and| och| &)? [A-ZÅÄÖÆØ(][\w.'’)-]*){0,3})\s+(?:to|will|ska|skall|tar|fixar|skal)\s+[a-zåäö]"
)
_DUE = re.compile(
    r"\b(?:senast|klart|klar|förfaller|due|by|before|deadline|frist|innen|senest|viimeistään|until)\b\s*:?\s*",
    re.IGNORECASE,
)
_RECIPIENTS = re.compile(
    r"\s*(?:[;\n•]|,(?![^()]*\))|\s{2,}|(?<=[a-zåäö)])\s+(?:och|samt|og|ja|and)\s+(?=[A-ZÅÄÖÆØ]))\s*"
)


class CourseTelling:
    """Tells dissent, recusals, references, dispatches and tasks of one set of minutes."""

    def __init__(self, telling: Telling, items: ItemTelling) -> None:
        self.telling = telling
        self.items = items

    def tell_dissent(self, item: Item | None, part: Part, parent: str) -> None:
        """Reservations and special opinions."""
        form = "reservation" if part.name == "dissent" else "special opinion"
        made_by = part.label.rest if part.label is not None and part.label.rest and not part.opening else ""
        for one in paragraphs(part):
            if names_nobody(one.text):
                self.telling.book(one.pieces, is_event=False)
                continue
            self.tell_reservation(item, one, parent, form=form, made_by=made_by)

    def tell_reservation(
        self, item: Item | None, one: Paragraph, parent: str, *, form: str, made_by: str = ""
    ) -> None:
        """One event for each member who reserves or has a special opinion; one without a name where none is written."""
        people = people_in(made_by or one.text) or ([made_by] if made_by else [])
        for who in people or [""]:
            self.telling.tell(
                "minutes.dissent",
                one.text if len(people) < 2 else f"{who}: {one.text}",
                one.pieces,
                item=item,
                parent=parent or self.telling.meeting,
                actor=who,
                fields={"form": form},
                text=one.text,
            )

    def tell_recused(self, item: Item | None, part: Part, parent: str) -> None:
        """Who took no part: for bias, or by not taking part in the decision."""
        for one in paragraphs(part):
            if names_nobody(one.text) or re.fullmatch(
                r"(?:inget|ingen|no) .{0,30}jäv.{0,30}", one.text, re.IGNORECASE
            ):
                self.telling.book(one.pieces, is_event=False)
                continue
            self.tell_aside(item, one, parent, is_bias=part.name == "recused")

    def tell_aside(self, item: Item | None, one: Paragraph, parent: str, *, is_bias: bool) -> None:
        """One event for each member who takes no part."""
        people = people_in(one.text)
        for who in people or [""]:
            self.telling.tell(
                "minutes.recused",
                one.text if len(people) < 2 else f"{who}: {one.text}",
                one.pieces,
                item=item,
                parent=parent or self.telling.meeting,
                actor=who,
                fields={"reason": "bias" if is_bias else "took no part in the decision"},
                text=one.text,
            )

    def tell_earlier(self, item: Item | None, part: Part, parent: str) -> None:
        """How the matter was treated before: the § and day of that, as a reference."""
        for one in _each_line(paragraphs(part)):
            self._refer(item, one, parent)

    def _refer(self, item: Item | None, one: Paragraph, parent: str) -> None:
        treated = _TREATED.search(one.text)
        word = treated["what"].casefold() if treated else ""
        fields = {
            "treatment": next((kind for stem, kind in _KIND_OF_TREATMENT if word.startswith(stem)), word),
            "date": next((day.text for day in self.telling.dates.days(one.text)), ""),
        }
        self.telling.tell(
            "minutes.referred",
            one.text,
            one.pieces,
            item=item,
            parent=parent or self.telling.meeting,
            fields=fields,
            refs=find_references(one.text),
        )

    def tell_dispatched(self, item: Item | None, part: Part, parent: str) -> None:
        """To whom a decision goes: one event with all of them; undated unless a day is written."""
        found = paragraphs(part)
        recipients: list[str] = []
        pieces: list[Piece] = [part.piece] if part.piece is not None else []
        for one in found:
            pieces.extend(piece for piece in one.pieces if piece is not part.piece)
            recipients.extend(name.strip(" .,;–-") for line in one.lines for name in _RECIPIENTS.split(line))
        recipients = [
            name for name in dict.fromkeys(recipients) if name and len(name) < 160 and not names_nobody(name)
        ]
        if not recipients or not pieces:
            return
        word = part.label.word.strip(" :") if part.label is not None else ""
        text = " ".join([part.label.word if part.label else "", *(one.text for one in found)]).strip()
        moment = self.telling.dates.moment(text)
        self.telling.tell(
            "minutes.dispatched",
            f"{item.label + ' ' if item is not None and item.label else ''}{word}: {', '.join(recipients)}",
            pieces,
            item=item,
            moment=moment,
            is_undated=moment is None,
            audience=recipients,
            parent=parent or self.telling.meeting,
            text=text,
        )

    def tell_actions(self, item: Item | None, part: Part, parent: str) -> None:
        """Tasks, with who has them and by when."""
        for one in paragraphs(part):
            text = one.text
            if not text.strip(" .:-–") or self.telling.tell_opening(text, one.pieces, item):
                continue
            owner, doer = _OWNER.search(text), _TO_DO.match(text)
            due = None
            for found in _DUE.finditer(text):
                day = self.telling.dates.first(text[found.end() : found.end() + 60])
                if day is not None and day.begin <= 2:
                    due = self.telling.dates.moment(text[found.end() : found.end() + 60])
                    break
            who = owner[1].strip() if owner else doer["who"].strip("[]") if doer else ""
            event = self.telling.tell(
                "minutes.action",
                text,
                one.pieces,
                item=item,
                parent=parent or self.telling.meeting,
                fields={"owner": who, "due": due.text if due else ""},
                refs=find_references(text)[:20],
            )
            if due is not None:
                self.telling.tell(
                    "minutes.action",
                    f"due: {text}",
                    one.pieces,
                    item=item,
                    moment=due,
                    time_kind=TimeKind.DUE,
                    parent=event,
                )


def _each_line(found: Sequence[Paragraph]) -> list[Paragraph]:
    """Paragraphs cut into their lines, where each line names a number or a day of its own."""
    cut: list[Paragraph] = []
    for one in found:
        if (
            len(one.lines) > 1
            and len(one.lines) == len(one.pieces)
            and all(line[:1].isupper() and re.search(r"\d", line) for line in one.lines)
        ):
            cut.extend(Paragraph([line], [piece]) for line, piece in zip(one.lines, one.pieces, strict=True))
        else:
            cut.append(one)
    return cut
