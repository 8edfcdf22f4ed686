"""Items and the text in them as events: what is told of each label, and what a paragraph says whatever label it stands under.

The decision hidden here: what the text under each label is told as. Only a label of decisions, or a sentence in which the
meeting itself decides, makes a decision; proposals, the chair's procedure and what other bodies decided before never do.
"""

from __future__ import annotations

import re
from typing import Any

from rca.moments.moment import TimeKind
from rca.reading.minutes.attendance import person_key
from rca.reading.minutes.decisions import deals_with_attendance
from rca.reading.minutes.references import find_case_numbers, find_references
from rca.reading.minutes.saying import Telling
from rca.reading.minutes.saying_course import CourseTelling
from rca.reading.minutes.saying_decisions import RulingTelling
from rca.reading.minutes.saying_votes import VoteTelling
from rca.reading.minutes.speakers import mover, people_in, reserves, speaker
from rca.reading.minutes.structure import Item, Paragraph, Part, paragraphs
from rca.reading.minutes.votes import counts_of, is_about_voting, listed_ballots

__all__ = ["ItemTelling"]

_MOVED = re.compile(r"(?:it was )?(?:moved|motion(?: by|:)|proposed by)\b", re.IGNORECASE)
_FORMAL = ("yrkar", "yrkade", "moved", "moves", "fremmet", "fremsatte")
_DECIDES = re.compile(
    r"(?:^|[.!?]\s+)(?P<who>(?:(?:kommun|region|års|medlems|stäm|stämmo|förenings|divisions)?(?:mötet|styrelsen|stämman|nämnden|utskottet|fullmäktige|kommittén|styrgruppen|gruppen|rådet|ledningsgruppen|direktionen|delegationen|beredningen)|\w+(?:styrelsen|nämnden|utskottet|fullmäktige|stämman|mötet)|it was|the (?:board|committee|meeting|council|group|tsc|working group)|styret|utvalget|rådet|møtet|bestyrelsen|mødet|udvalget|hallitus|kokous|lautakunta|valtuusto))"
    r"(?:\s+(?:enhälligt|därmed|därför|sedan|unanimously|enstemmig))?\s+(?P<verb>beslutar|beslutade|beslöt|beslutas|väljer|valde|fastställer|fastställde|godkänner|godkände|utser|utsåg|bordlägger|bordlade|avslår|avslog|bifaller|biföll|antar|antog|decided|resolved|agreed|approved|vedtok|vedtar|besluttet|besluttede|godkendte|godkjente|päätti|päättää|hyväksyi|valitsi)\b",
    re.IGNORECASE,
)
_WITHDRAWN = re.compile(
    r"(?:ärendet|punkten|paragrafen|frågan|saken|sagen) (?:utgår|utgick|utgår från .{3,40}|trekkes|udgår)\.?",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"\b(?:tidigare|förra|föregående|senast|previously|last (?:meeting|week|year)|earlier|i fjol|forrige|sidste|\d{4}-\d{2}-\d{2}|(?:19|20)\d\d)\b|\bska\b|\bskulle\b|\bborde\b|\bkan\b|\bom\b (?:mötet|styrelsen)",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"(?:paragrafen|punkten|ärendet|beslutet)\s+(?:är|förklaras|justeras)\s+(?:för\s+)?omedelbart|omedelbart justerad|^\W*omedelbar justering",
    re.IGNORECASE,
)


class ItemTelling:
    """Tells the items of one set of minutes."""

    def __init__(self, telling: Telling) -> None:
        self.telling = telling
        self.by_key = {item.number.key: item for item in telling.minutes.items if item.number is not None}
        self.item_events: dict[int, str] = {}
        self.votes = VoteTelling(telling, self)
        self.rulings = RulingTelling(telling, self)
        self.course = CourseTelling(telling, self)
        for item in telling.minutes.items:
            item.is_fixed = any(
                _FIXED.search(piece.text)
                for part in item.parts
                for piece in ([part.piece] if part.piece else []) + part.pieces
            )
        self._note_recused()

    def _note_recused(self) -> None:
        """Who stood aside for an item was not among those who heard it; told before anything of it is."""
        for item in self.telling.minutes.items:
            for part in item.parts:
                if part.name != "recused":
                    continue
                for one in paragraphs(part):
                    for name in people_in(one.text):
                        self.telling.facts.roll.recused.setdefault(item.key, set()).add(person_key(name))

    def tell(self, item: Item) -> None:
        """An item and its parts."""
        telling = self.telling
        self.rulings.begin()
        title = item.title or item.label
        fields = {"is_continued": "true" if item.continuations else ""}
        event = telling.tell(
            "minutes.item", title, item.pieces, item=item, fields=fields, parent=telling.meeting
        )
        self.item_events[id(item)] = event
        telling.tell_opening(item.pieces[0].text, item.pieces[:1], item)
        telling.book(item.continuations, is_event=False)
        for part in item.parts:
            self.tell_part(item, part, event)

    def tell_part(self, item: Item | None, part: Part, parent: str) -> None:
        """What stands under one label."""
        if part.piece is not None and (item is not None or not part.meaning):
            self.telling.tell_headings([part.piece])
        tellers = {
            "decision": self.rulings.tell_decision,
            "proposal": self.rulings.tell_motions,
            "motion": self.rulings.tell_motions,
            "vote": self.votes.tell_votes,
            "dissent": self.course.tell_dissent,
            "special_opinion": self.course.tell_dissent,
            "recused": self.course.tell_recused,
            "no_part": self.course.tell_recused,
            "earlier": self.course.tell_earlier,
            "dispatched": self.course.tell_dispatched,
            "immediate": self.tell_immediate,
            "action": self.course.tell_actions,
        }
        if part.meaning.startswith("present."):
            self.telling.tell_attendance(part)
        elif part.name == "reference":
            self._take_reference(item, part)
        else:
            tellers.get(part.name, self.tell_statements)(item, part, parent)

    def _take_reference(self, item: Item | None, part: Part) -> None:
        pieces = ([part.piece] if part.piece else []) + part.pieces
        if item is not None:
            for piece in pieces:
                item.refs = list(dict.fromkeys([*item.refs, *find_case_numbers(piece.text)]))
        self.telling.book(pieces[:1], is_event=False)
        rest = Part("", None, None, "", part.pieces)
        if part.pieces and item is not None and not re.fullmatch(r"[\w/:. -]{1,40}", part.pieces[0].text):
            self.tell_statements(item, rest, self.item_events.get(id(item), ""))

    def tell_statements(self, item: Item | None, part: Part, parent: str) -> None:
        """Text: what was said or reported; votes, dissent and decisions in it are told as such."""
        has_decision = item is not None and any(one.name == "decision" for one in item.parts)
        for one in paragraphs(part):
            self.tell_paragraph(
                item,
                part,
                one,
                parent,
                may_decide=item is not None and not has_decision and part.name in ("text", "background"),
            )

    def tell_paragraph(
        self, item: Item | None, part: Part, one: Paragraph, parent: str, *, may_decide: bool
    ) -> None:
        """A paragraph as what it is: a motion, a decision in words, an opening, or a statement."""
        telling, text = self.telling, one.text
        if not text.strip(" .,;:-–|"):
            return
        if part.name != "documents" and item is not None and self.tell_special(item, one, parent):
            return
        if telling.tell_opening(text, one.pieces, item):
            return
        who, verb, begin = mover(text) if part.name in ("text", "procedure", "background") else ("", "", -1)
        is_moved = begin == 0 and (verb in _FORMAL or "(" in who)
        if item is not None and part.name != "documents" and (is_moved or _MOVED.match(text)):
            self.rulings.tell_motions(item, Part("part.motion", None, None, "", one.pieces), parent)
            return
        if may_decide and item is not None:
            if _WITHDRAWN.fullmatch(text):
                self.rulings.tell_ruling(
                    item, text, one.pieces, parent, fields={"told_by": "sentence", "detail": "withdrawn"}
                )
                return
            text = self._tell_spoken(item, one, parent)
            if not text:
                return
        if item is not None:
            self.votes.note_meaning(item, text)
        told = telling.clock_moment(text)
        columns: dict[str, Any] = {}
        if told is None and re.search(
            r"\bajourn\w*|\bpaus(?:as|ades|en)?\b|\bbreak\b|\brecess\b", text, re.IGNORECASE
        ):
            told = telling.clock_moment(text, begins=False)
        if told is not None and told[1] is not None:
            columns["time_end"] = told[1].earliest
        fields = {"part": part.name if part.name not in ("text", "") else ""}
        telling.tell(
            "minutes.statement",
            text,
            one.pieces,
            item=item,
            moment=told[0] if told else None,
            time_kind=TimeKind.SAID,
            fields=fields,
            refs=find_references(text)[:20],
            parent=parent or telling.meeting,
            actor=self._speaker(text, is_item=one.is_item) if item is not None else "",
            **columns,
        )

    def tell_special(self, item: Item, one: Paragraph, parent: str) -> bool:
        """A paragraph that states a vote, a reservation or that someone took no part, under whatever label."""
        text = one.text
        if reserves(text) and not re.search(r"\bom\b.{0,20}reserver", text):
            self.course.tell_reservation(item, one, parent, form="reservation")
            return True
        if deals_with_attendance(text):
            self.course.tell_aside(item, one, parent, is_bias=False)
            return True
        if (
            re.fullmatch(
                r".{0,40}(?:är|förklaras|justeras|justerades)?\s*(?:omedelbart justera\w*|direktjusterad\w*)\.?",
                text,
                re.IGNORECASE,
            )
            and len(text) < 90
        ):
            self.tell_fixed(item, one, parent)
            return True
        if is_about_voting(text):
            counts = counts_of(text)
            ballots = listed_ballots(text)
            if counts is not None or ballots:
                self.votes.tell_vote(item, one, counts, ballots, parent)
                return True
        return False

    def _tell_spoken(self, item: Item, one: Paragraph, parent: str) -> str:
        """Tell the sentences in which the meeting itself decides; what is left of the paragraph."""
        left: list[str] = []
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-ZÅÄÖÆØ])", one.text):
            decided = _DECIDES.match(sentence)
            if (
                decided
                and not sentence.endswith("?")
                and not _EARLIER.search(sentence[decided.end() :][:40])
                and not _EARLIER.search(decided[0])
            ):
                self.rulings.tell_ruling(item, sentence, one.pieces, parent, fields={"told_by": "sentence"})
            else:
                left.append(sentence)
        return " ".join(left)

    def _speaker(self, text: str, *, is_item: bool) -> str:
        """Who said something; in a list only someone known to be there, since its items begin with topics."""
        who = speaker(text)
        if not who or not is_item:
            return who
        known = {
            name
            for entry in self.telling.facts.entries
            for name in (entry.person.key, entry.person.key.split()[0])
        }
        return who if person_key(who) in known else ""

    def close(self) -> None:
        """What can be said only when all has been told: votes that don't add up."""
        self.votes.close()

    def tell_immediate(self, item: Item | None, part: Part, parent: str) -> None:
        """An item whose text was fixed at the meeting."""
        pieces = ([part.piece] if part.piece else []) + part.pieces[:1]
        if item is not None and pieces:
            self.tell_fixed(item, Paragraph([piece.text for piece in pieces], pieces), parent)
        rest = Part("", None, None, "", part.pieces[1:])
        if rest.pieces:
            self.tell_statements(item, rest, parent)

    def tell_fixed(self, item: Item, one: Paragraph, parent: str) -> None:
        """The text of an item was verified at the meeting."""
        self.telling.tell(
            "minutes.approved",
            f"{item.label or item.title}: {one.text}"
            if len(one.text) < 120
            else f"{item.label}: omedelbart justerad",
            one.pieces,
            item=item,
            parent=parent,
            fields={"immediate": "true"},
        )
