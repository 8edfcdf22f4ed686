"""Motions and decisions as events, each decision with its outcome and the motion that it speaks of.

The decision hidden here: where one decision ends and another begins. Under a label of an item it is one, unless its clauses
end differently; a list outside § is one each. A motion is named beside a decision only where the number is certain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.moments.moment import TimeKind
from rca.reading.documents.blocks import DocumentKind
from rca.reading.minutes.attendance import names_nobody
from rca.reading.minutes.cutting import Piece
from rca.reading.minutes.decisions import (
    Outcome,
    Ruling,
    deals_with_attendance,
    is_no_decision,
    outcome_of,
    split_clauses,
)
from rca.reading.minutes.references import find_references
from rca.reading.minutes.saying import Telling
from rca.reading.minutes.speakers import by_mover, moved_by, mover, reserves, sentences_moved, speaker
from rca.reading.minutes.structure import Item, Paragraph, Part, paragraphs, whole_items
from rca.reading.minutes.votes import counts_of, is_about_voting

if TYPE_CHECKING:
    from rca.reading.minutes.saying_items import ItemTelling

__all__ = ["RulingTelling"]

_NUMBERED = re.compile(
    r"\b(?:att-?sats|yrkande|förslag|motion|punkt)\w*\s+(?:nr\.?\s*)?(\d{1,2})\b", re.IGNORECASE
)
_ORDINALS = ["första", "andra", "tredje", "fjärde", "femte", "sjätte", "first", "second", "third"]


@dataclass(slots=True)
class Moved:
    """The motions under one label: a proposal (`Förslag`, `Att:`), or what was moved at the meeting (`Yrkande`)."""

    is_proposal: bool
    is_moved: bool
    texts: list[str] = field(default_factory=list)


class RulingTelling:
    """Tells the motions and decisions of one set of minutes."""

    def __init__(self, telling: Telling, items: ItemTelling) -> None:
        self.telling = telling
        self.items = items
        self.motions: list[Moved] = []
        self._last_number = 0

    def begin(self) -> None:
        """A new item: what was moved before no longer counts."""
        self.motions = []

    def tell_motions(self, item: Item | None, part: Part, parent: str) -> None:
        """Motions and proposals, each with who made it where that is written."""
        owner = part.label.owner if part.label is not None else ""
        word = part.label.word if part.label is not None else ""
        moved = Moved(part.name == "proposal", bool(re.search(r"yrkan", word, re.IGNORECASE)))
        self.motions.append(moved)
        made_by = (
            part.label.rest if part.label is not None and not part.opening and part.label.rest else owner
        )
        for one in by_mover(self._whole(part)):
            if item is not None and self.items.tell_special(item, one, parent):
                continue
            if names_nobody(one.text):
                continue
            pieces = sentences_moved(one.text) if part.name == "motion" else [one.text]
            for text in pieces:
                who = mover(text)[0]
                who = who or moved_by(text) or moved_by(word) or made_by
                if not who and part.name == "motion":
                    who = speaker(text)
                fields = {
                    "form": part.name if part.name != "motion" else "",
                    "label": part.label.word.strip(" :") if part.label else "",
                }
                moved.texts.append(text)
                self.telling.tell(
                    "minutes.motion",
                    text,
                    one.pieces,
                    item=item,
                    fields=fields,
                    parent=parent or self.telling.meeting,
                    actor=" ".join(who.split()).strip(" ,:"),
                    refs=find_references(text)[:20],
                )

    def tell_decision(self, item: Item | None, part: Part, parent: str) -> None:
        """A decision: one event, or one for each clause where the clauses end differently."""
        is_other = self._is_of_another_body(item, part)
        ruling_pieces: list[Piece] = []
        lines: list[str] = []
        found = self._whole(part)
        self._last_number = max(
            (int(number) for one in found for number in _NUMBERED.findall(one.text)), default=0
        )
        for one in found:
            if item is not None and not is_other and self._tell_aside_in_decision(item, one, parent):
                continue
            if (is_no_decision(one.text) or one.text.endswith("?")) and not lines:
                self.telling.tell(
                    "minutes.statement",
                    one.text,
                    one.pieces,
                    item=item,
                    time_kind=TimeKind.SAID,
                    parent=parent or self.telling.meeting,
                    fields={"part": "decision"},
                )
                continue
            if is_other:
                self.telling.tell(
                    "minutes.referred",
                    one.text,
                    one.pieces,
                    item=item,
                    parent=parent or self.telling.meeting,
                    actor=part.label.owner if part.label else "",
                    fields={"treatment": "decided by another body"},
                    refs=find_references(one.text)[:20],
                )
                continue
            if self._is_list(item, one):
                self._flush(item, lines, ruling_pieces, parent, part)
                lines, ruling_pieces = [], []
            lines.extend(one.lines)
            ruling_pieces.extend(one.pieces)
        self._flush(item, lines, ruling_pieces, parent, part)

    def _whole(self, part: Part) -> list[Paragraph]:
        """The paragraphs of a part; in TeX and Typst an item holds the paragraphs inside it."""
        found = paragraphs(part)
        return (
            whole_items(found) if self.telling.cut.kind in (DocumentKind.TEX, DocumentKind.TYPST) else found
        )

    def _flush(
        self, item: Item | None, lines: Sequence[str], pieces: Sequence[Piece], parent: str, part: Part
    ) -> None:
        if lines:
            self.tell_ruling(item, "\n".join(lines), pieces, parent, fields=self._label_fields(part))

    @staticmethod
    def _label_fields(part: Part) -> dict[str, Any]:
        owner = part.label.owner if part.label is not None else ""
        return {"body": owner.strip(" :")} if owner else {}

    def _is_list(self, item: Item | None, one: Paragraph) -> bool:
        """Whether a list item is a decision of its own: outside §, where a label heads a list of decisions."""
        return (
            one.is_item
            and (item is None or item.number is None or item.number.style != "§")
            and not re.match(r"(?:att\b|\d+[.)])", one.text, re.IGNORECASE)
        )

    def _tell_aside_in_decision(self, item: Item, one: Paragraph, parent: str) -> bool:
        if reserves(one.text) or deals_with_attendance(one.text):
            return self.items.tell_special(item, one, parent)
        if re.fullmatch(
            r"(?:paragrafen|ärendet|punkten|beslutet)\s+(?:är|förklaras|justeras)\s+omedelbart(?:\s+justera\w*)?\.?",
            one.text,
            re.IGNORECASE,
        ):
            self.items.tell_fixed(item, one, parent)
            return True
        return False

    def _is_of_another_body(self, item: Item | None, part: Part) -> bool:
        """Whether a label names a body that isn't the one that met, in an item with a decision of its own."""
        owner = part.label.owner.casefold().rstrip("s: ") if part.label is not None else ""
        organ = self.telling.facts.organ.casefold()
        if not owner or not organ or item is None:
            return False
        if owner in organ or organ.rstrip("s") in owner or owner.split()[-1][:8] in organ:
            return False
        if re.match(r"(?:möte|stämma|styrelse|nämnd|utskott|grupp|organ|board|committee)", owner):
            return False
        return any(other is not part and other.name == "decision" for other in item.parts)

    def tell_ruling(
        self, item: Item | None, text: str, pieces: Sequence[Piece], parent: str, *, fields: dict[str, Any]
    ) -> None:
        """A decision with its outcome; a vote that it states and a verification at the meeting are told too."""
        flat = " ".join(text.split())
        ruling = outcome_of(flat)
        clauses = _differing(text, ruling)
        for clause, one in clauses or [(flat, ruling)]:
            named = {**fields, **_ruling_fields(one)}
            motion = self._motion_of(clause)
            if motion:
                named["motion"] = motion[:500]
            message = self._said(item, clause, motion)
            self.telling.tell(
                "minutes.decision",
                message,
                pieces,
                item=item,
                parent=parent or self.telling.meeting,
                fields=named,
                refs=find_references(flat)[:20],
                text=flat if not clauses else clause,
            )
        counts = counts_of(flat) if is_about_voting(flat) else None
        if counts is not None and item is not None:
            self.items.votes.tell_vote(item, Paragraph([flat], list(pieces)), counts, (), parent)
        if ruling.is_immediate and item is not None:
            self.items.tell_fixed(item, Paragraph([flat], list(pieces)), parent)

    def _motion_of(self, clause: str) -> str:
        """The motion that a short decision speaks of: "attsats 2 nekas", "attsatsen bifalles"; "" where that isn't certain."""
        if len(clause) > 120:
            return ""
        is_moved = re.search(r"\b(?:ändrings|tilläggs)?yrkan\w*", clause, re.IGNORECASE) is not None
        lists = (
            [one for one in self.motions if one.is_moved == is_moved]
            if is_moved
            else [one for one in self.motions if one.is_proposal] or self.motions
        )
        if not lists:
            return ""
        found = _NUMBERED.search(clause)
        ordinal = re.search(
            rf"\b({'|'.join(_ORDINALS)})\s+(?:att-?sats|yrkande|förslag)\w*", clause, re.IGNORECASE
        )
        if found or ordinal:
            number = int(found[1]) if found else _ORDINALS.index(ordinal[1].lower()) + 1  # type: ignore[index]
            texts = (
                [text for one in lists for text in one.texts]
                if is_moved and all(len(one.texts) == 1 for one in lists)
                else lists[-1].texts
            )
            is_whole = ordinal is not None or is_moved or self._last_number == len(texts)
            return texts[number - 1] if 0 < number <= len(texts) and is_whole else ""
        is_one = re.search(
            r"\b(?:att-?sats(?:en)?|yrkandet|förslaget|motion(?:en)?)\b", clause, re.IGNORECASE
        )
        last = self.motions[-1]
        return last.texts[0] if is_one and len(last.texts) == 1 else ""

    @staticmethod
    def _said(item: Item | None, clause: str, motion: str) -> str:
        """A decision that can be read alone: a short one with the title of its item and the motion it speaks of."""
        if not motion and (
            len(clause) > 45 or re.search(r"\b(?:beslut\w*|decid\w*|resolved)\b", clause, re.IGNORECASE)
        ):
            return clause
        title = item.title if item is not None else ""
        about = f" ({motion})" if motion else ""
        is_bare = motion or re.search(r"\b(?:att-?sats|yrkan|förslaget)", clause, re.IGNORECASE)
        return f"{title}: {clause}{about}" if title and is_bare else clause + about


def _ruling_fields(ruling: Ruling) -> dict[str, Any]:
    return {
        "outcome": ruling.outcome.value,
        "outcomes": ", ".join(one.value for one in ruling.outcomes),
        "proposes_to": ruling.proposes_to,
        "conditional": "true" if ruling.is_conditional else "",
        "unanimous": "true" if ruling.is_unanimous else "",
    }


def _differing(text: str, ruling: Ruling) -> list[tuple[str, Ruling]]:
    """The clauses of a decision with their own outcomes, where these differ and each tells one; else []."""
    if not ruling.outcomes or ruling.proposes_to:
        return []
    lines = [line for line in text.split("\n") if line.strip()]
    marked = sum(
        bool(re.match(r"(?:att\b|\d{1,2}[.)]|[a-h][.)]|[-–•])", line, re.IGNORECASE)) for line in lines
    )
    pieces = (
        _joined_clauses(lines)
        if marked > 1
        or (len(lines) > 1 and all(outcome_of(line).outcome is not Outcome.OTHER for line in lines))
        else split_clauses(text)
    )
    found: list[tuple[str, Ruling]] = []
    lead = ""
    for piece in pieces:
        one = outcome_of(piece)
        if one.outcomes:
            return []
        if one.outcome is Outcome.OTHER and not found and not one.words:
            lead = f"{lead} {piece}".strip()
        elif one.outcome is Outcome.OTHER and not one.words and found:
            found[-1] = (f"{found[-1][0]} {piece}", found[-1][1])
        else:
            found.append((f"{lead} {piece}".strip(), one))
    return found if len(found) > 1 else []


def _joined_clauses(lines: Sequence[str]) -> list[str]:
    """Lines put together to the clauses that begin with "att", a number or a dash."""
    found: list[str] = []
    for line in lines:
        if (
            found
            and not re.match(r"(?:att\b|\d{1,2}[.)]|[a-h][.)]|[-–•])", line, re.IGNORECASE)
            and re.match(r"(?:att\b|\d|[a-h][.)]|[-–•])", found[-1], re.IGNORECASE)
        ):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return found
