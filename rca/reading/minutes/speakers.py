"""Who says, moves or sets aside something: the people whom a sentence of minutes names.

The decision hidden here: how a name is told in a sentence. Someone moves what stands behind "yrkar" when nothing but names
stands before it; a speaker is a name before a colon; people are named with their party, or at the beginning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rca.reading.minutes.attendance import read_people
from rca.reading.minutes.structure import Paragraph

__all__ = ["by_mover", "moved_by", "mover", "people_in", "reserves", "sentences_moved", "speaker"]

_MOVES = re.compile(
    r"\b(?P<verb>yrkar|yrkade|föreslår|föreslog|instämmer|instämde|biträder|tillstyrker|framställer|foreslår|foreslo|fremmet|fremsatte|ehdott\w*|esitt\w*|moves|moved|proposes|proposed|seconded|nominerar|nominerade)\b"
)
_MOVER_ROLE = re.compile(
    r"(?:ordförande\w*|ledamot\w*|styrelsen|förvaltningen|(?:the )?(?:chair|board)|\w+(?:partiet|gruppen|chefen|direktören|styrelsen|nämnden))",
    re.IGNORECASE,
)
_MOVER_NAMES = re.compile(
    r"(?:[A-ZÅÄÖÆØ(][\w.'’()+-]*[,]?|och|og|and|samt|med|stöd|av|instämmande|von|van|de|af|m\.fl\.)(?:\s+(?:[A-ZÅÄÖÆØ(][\w.'’()+-]*[,]?|och|og|and|samt|med|stöd|av|instämmande|von|van|de|af|m\.fl\.))*+"
)
_MOVED_BY = re.compile(
    r"\b(?:moved(?: by)?|motion by|proposed by|yrkande (?:från|av)|förslag (?:från|av)|från)\s*:?\s*(?P<who>(?-i:[A-ZÅÄÖÆØ])[^,.;:]{1,60})",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"(?P<who>\[?[A-ZÅÄÖÆØ][\w.'’-]*(?:,? (?:&|and|och)? ?[A-ZÅÄÖÆØ(][\w.'’)-]*){0,4}\]?(?:\s*\([A-ZÅÄÖÆØa-z+-]{1,7}\))?)\s*:\s+\S"
)
_NO_SPEAKER = re.compile(
    r"(?:question|proposal|note|notes|slides|link|links|q|a|tl;dr|background|update|status|topic|summary|context|see|https?|pr|issue|example|förslag|fråga|svar|bakgrund|not|obs|läget|syfte|mål|pris|kostnad|tid|datum|plats|next|todo|action|agenda|comments?)$",
    re.IGNORECASE,
)
_RESERVES = re.compile(
    r"\breserver(?:ar|ade|at) sig\b|\breservation (?:anmäls|lämnas|inges)|\banmäler (?:skriftlig )?reservation|\bblankt reserv\w+|\bjättää eriävän\b|\bdissent(?:s|ed)\b",
    re.IGNORECASE,
)


def reserves(text: str) -> bool:
    """Whether someone reserves against a decision."""
    return _RESERVES.search(text) is not None


def mover(text: str) -> tuple[str, str, int]:
    """Who moves something in a text, the verb, and where the name begins; "" and -1 where nobody does."""
    for found in _MOVES.finditer(text[:2_000]):
        head = text[: found.start()]
        begin = max(
            (head.rfind(mark) + 2 for mark in (". ", "; ", ": ", "! ", "? ") if mark in head), default=0
        )
        who = head[begin:].strip(" ,")
        if who and len(who) < 300 and (_MOVER_NAMES.fullmatch(who) or _MOVER_ROLE.fullmatch(who)):
            return who, found["verb"], begin
    return "", "", -1


def moved_by(text: str) -> str:
    """Who moved something, where it is written so: "moved by", "yrkande från"."""
    found = _MOVED_BY.search(text)
    return " ".join(found["who"].split()) if found else ""


def speaker(text: str) -> str:
    """Who said something, where a line begins with a name and a colon.

    >>> speaker("Anna Ek: det är klart"), speaker("Förslag: vänta")
    ('Anna Ek', '')
    """
    found = _SPEAKER.match(text)
    if not found or len(found["who"]) > 60 or _NO_SPEAKER.match(found["who"].strip("[]")):
        return ""
    return found["who"].strip("[]")


def by_mover(found: Sequence[Paragraph]) -> list[Paragraph]:
    """Paragraphs cut at lines that begin with who moves something."""
    cut: list[Paragraph] = []
    for one in found:
        starts = [n for n, line in enumerate(one.lines) if mover(line)[2] == 0 or speaker(line)]
        if len(one.lines) != len(one.pieces) or len(starts) < 2:
            cut.append(one)
            continue
        edges = [0, *(n for n in starts if n), len(one.lines)]
        cut.extend(Paragraph(one.lines[a:b], one.pieces[a:b]) for a, b in pairwise(edges))
    return cut


def sentences_moved(text: str) -> list[str]:
    """A paragraph of motions cut where another person begins to move something."""
    found: list[str] = []
    for sentence in re.split(r"(?<=[.;])\s+(?=[A-ZÅÄÖÆØ])", text):
        if found and mover(sentence)[2] != 0:
            found[-1] = f"{found[-1]} {sentence}"
        else:
            found.append(sentence)
    return found


def people_in(text: str) -> list[str]:
    """The people whom a sentence names with their party, or at its beginning."""
    named = re.findall(
        r"[A-ZÅÄÖÆØ][\w.'’-]*(?:\s+(?:(?:von|van|de|af)\s+)?[A-ZÅÄÖÆØ0-9][\w.'’-]*){0,4}\s*\([A-ZÅÄÖÆØa-zåäö+-]{1,7}\)",
        text,
    )
    if named:
        return list(dict.fromkeys(" ".join(name.split()) for name in named))
    if re.search(
        r"\b(?:samtliga|hela|alla) (?:ledamöter|gruppen)|\b\w+(?:partiet|demokraterna|gruppen)\b",
        text,
        re.IGNORECASE,
    ):
        found = re.match(r"\W*(?P<who>.{3,80}?)\s+(?:reserver|deltar|deltog|anmäl|avst)", text)
        return [found["who"]] if found else []
    found = re.match(
        r"\W*(?:mot beslutet\s+(?:reserverar|reserverade) sig\s+)?(?P<who>[^.;:]{2,120}?)\s+(?:reserver\w+ sig|deltar|deltog|anmäler|anmälde|lämnar|avst\w+|lämna\w*|på grund)",
        text,
        re.IGNORECASE,
    )
    if found:
        return [person.name for person in read_people(found["who"])]
    if len(text) < 120 and not text.endswith("."):
        return [person.name for person in read_people(text)]
    return []
