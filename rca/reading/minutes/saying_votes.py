"""Votes as events: their counts, what yes and no stood for, and each member's ballot.

The decision hidden here: which count, meaning and list belong to one vote. An item may hold several; a result goes with the
list or the meaning before it, a list in an annex with the vote of its order, and lists that do not add up are issues.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.reading.documents.blocks import DocumentKind
from rca.reading.minutes.saying import CODE, Telling
from rca.reading.minutes.sections import read_number
from rca.reading.minutes.structure import Item, Paragraph, Part, paragraphs
from rca.reading.minutes.votes import Ballot, Counts, Table, counts_of, listed_ballots, meanings_of

if TYPE_CHECKING:
    from rca.reading.minutes.saying_items import ItemTelling

__all__ = ["VoteTelling"]


@dataclass(slots=True)
class Session:
    """One vote of an item: its name, what yes and no meant, its counts, the event that told them, and the ballots listed."""

    item: Item
    name: str
    meaning: tuple[str, str] = ("", "")
    counts: Counts | None = None
    event: str = ""
    tally: list[Ballot] = field(default_factory=list)

    @property
    def is_used(self) -> bool:
        """Whether anything of it was told."""
        return self.counts is not None or bool(self.tally)

    def differing(self) -> str:
        """How the list differs from the counts, "" where it doesn't or where one of them is missing."""
        if self.counts is None or not self.tally or any(not ballot.option for ballot in self.tally):
            return ""
        named = Counter(ballot.option for ballot in self.tally)
        return "; ".join(
            f"{option} {count} stated, {named[option]} named"
            for option, count in self.counts.options.items()
            if option in ("yes", "no") and named[option] != count
        )


class VoteTelling:
    """Tells the votes of one set of minutes."""

    def __init__(self, telling: Telling, items: ItemTelling) -> None:
        self.telling = telling
        self.items = items
        self.meanings: dict[int, tuple[str, str]] = {}
        self._sessions: dict[int, list[Session]] = {}
        self._lists: dict[int, int] = {}
        self._lost_columns = 0

    def note_meaning(self, item: Item, text: str) -> None:
        """Remember what a paragraph before a vote says that yes and no stand for."""
        meaning = meanings_of(text)
        if any(meaning):
            self.meanings[id(item)] = meaning

    def tell_votes(self, item: Item | None, part: Part, parent: str) -> None:
        """Votes: their counts, what yes and no meant, and each member's, over any number of pages."""
        if item is None:
            self.items.tell_statements(item, part, parent)
            return
        word = part.label.word.casefold() if part.label is not None else ""
        target, owner = self._target(item, part, parent)
        session = self._session(target, word)
        table = Table()
        for one in paragraphs(part, by_line=True):
            piece = one.pieces[0]
            cells = () if self.telling.cut.kind is DocumentKind.PDF else piece.cells
            number = read_number(piece.text, style="§")
            if (number is not None and number.key in self.items.by_key) or table.header(
                piece.raw, cells, is_aligned=piece.is_aligned
            ):
                self.telling.book(one.pieces, is_event=False)
            elif (
                ballot := table.row(piece.raw, cells, is_aligned=piece.is_aligned)
                if table.is_open or cells
                else None
            ) is not None:
                self._tell_ballot(target, one, ballot, session, owner)
            elif (
                table.is_open
                and len(piece.text) < 80
                and re.match(r"(?:transport|summa|totalt|antal|sum|total)\b", piece.text, re.IGNORECASE)
            ):
                self.telling.book(one.pieces, is_event=False)
        for one in paragraphs(part):
            if all(id(piece) in self.telling.booked for piece in one.pieces):
                continue
            ballots = listed_ballots(one.text)
            if not ballots and any(meanings_of(one.text)):
                session.meaning = meanings_of(one.text)
            counts = counts_of(one.text, in_vote=not ballots)
            if counts is not None or ballots:
                session = self.tell_vote(target, one, counts, ballots, owner, session=session)
            elif not self.items.tell_special(target, one, owner):
                self.items.tell_paragraph(target, part, one, owner, may_decide=False)

    def _target(self, item: Item, part: Part, parent: str) -> tuple[Item, str]:
        """The item that a list of votes names, where it stands in an annex; else the one it stands in."""
        for piece in part.pieces[:6]:
            number = read_number(piece.text, style="§")
            if number is not None and number.key in self.items.by_key:
                target = self.items.by_key[number.key]
                return target, self.items.item_events.get(id(target), parent)
        return item, parent

    def _session(self, item: Item, word: str) -> Session:
        """The vote of an item that a part belongs to: a result goes with the list before it, a list in an annex by its order."""
        sessions = self._sessions.setdefault(id(item), [])
        if re.search(r"list|bilaga|protokoll", word):
            done = self._lists.get(id(item), 0)
            self._lists[id(item)] = done + 1
            if done < len(sessions):
                return sessions[done]
        elif sessions and (re.search(r"resultat|result|tulos", word) or not sessions[-1].is_used):
            return sessions[-1]
        sessions.append(Session(item, f"{item.label or item.title} #{len(sessions) + 1}"))
        return sessions[-1]

    def tell_vote(
        self,
        item: Item,
        one: Paragraph,
        counts: Counts | None,
        ballots: Sequence[Ballot],
        parent: str,
        *,
        session: Session | None = None,
    ) -> Session:
        """A vote that a paragraph states: its counts, and the ballots that it lists."""
        sessions = self._sessions.setdefault(id(item), [])
        session = session or (sessions[-1] if sessions else None)
        if session is None or (
            counts is not None and session.counts is not None and counts != session.counts
        ):
            meaning = session.meaning if session is not None and session.counts is None else ("", "")
            session = Session(item, f"{item.label or item.title} #{len(sessions) + 1}", meaning)
            sessions.append(session)
        if counts is not None:
            said = meanings_of(one.text) if not ballots else ("", "")
            session.meaning = (
                said
                if any(said)
                else session.meaning
                if any(session.meaning)
                else self.meanings.pop(id(item), ("", ""))
            )
            session.counts = counts
            fields = {
                **counts.fields(),
                "vote_event": session.name,
                "yes_means": session.meaning[0],
                "no_means": session.meaning[1],
            }
            session.event = self.telling.tell(
                "minutes.vote",
                one.text,
                one.pieces,
                item=item,
                parent=parent or self.telling.meeting,
                fields=fields,
            )
        for ballot in ballots:
            self._tell_ballot(item, one, ballot, session, parent)
        return session

    def _tell_ballot(self, item: Item, one: Paragraph, ballot: Ballot, session: Session, parent: str) -> None:
        session.tally.append(ballot)
        fields = {"option": ballot.option, "replaces": ballot.replaces, "vote_event": session.name}
        if not ballot.option:
            fields["option_unknown"] = "the column of the mark was lost"
            self._lost_columns += 1
            if self._lost_columns == 1:
                self.telling.source.issue(
                    CODE,
                    Severity.WARNING,
                    "Votes of members stand in columns that were lost; how they voted is unknown",
                    place=one.place.locator,
                    hint="Look at the page; the counts beside the list are read.",
                )
        said = ballot.option or "option unknown"
        self.telling.tell(
            "minutes.vote",
            f"{ballot.name}: {said}",
            one.pieces,
            item=item,
            parent=session.event or parent or self.telling.meeting,
            fields=fields,
            actor=ballot.name,
        )

    def close(self) -> None:
        """Issues where the names on a list of votes don't add up to the counts that the minutes state."""
        for sessions in self._sessions.values():
            for session in sessions:
                differing = session.differing()
                if differing:
                    self.telling.source.issue(
                        CODE,
                        Severity.WARNING,
                        f"{session.name}: the list of votes differs from its counts: {differing}",
                        place=session.item.pieces[0].place.locator,
                        hint="Compare the list with the page; both are kept.",
                    )
