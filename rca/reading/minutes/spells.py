"""`Spell`: for which items somebody was present, as a note beside the name says it.

The decision hidden here: what a note leaves open. "Lämnade efter 4.19 §" is certain for every item; "lämnade vid 5.2" is
unknown for 5.2; a bare "5.3" says neither coming nor going, and a time of day names no item: then nothing is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rca.reading.minutes.dates import find_clock
from rca.reading.minutes.sections import ALL, Key, Range, Ranges, dotted, find_ranges, in_words

__all__ = ["Spell", "is_partial", "is_yes", "limit_at", "limits", "read_spell", "words_of"]

_UNTIL = re.compile(
    r"\b(?:t\.?\s?o\.?\s?m\.?|till och med|tom|til og med|t\.o\.m|until|through|saakka)\b|\b(?:lämnade?|gick|avvek|left|forlot|forlod|poistui)\b[^,;]*?\b(?:efter|after|etter)\b",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:f\.?\s?r\.?\s?o\.?\s?m\.?|från och med|from|fra og med|fr o m|alkaen)\b", re.IGNORECASE
)
_ARRIVED = re.compile(
    r"\b(?:anlände?|kom|ankom|tillträdde|ansluter|anslöt|arrived|joined|tiltrådte|ankommer|saapui|infann sig)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"\b(?:lämna(?:r|de|t)|gick|avvek|avviker|left|leaves|forlot|forlod|fratrådte|poistui|utgick)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:efter|after|etter|jälkeen)\b", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:före|innan|before|før|ennen)\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:ej|inte|icke|utom|förutom|exkl\.?|except|not|ikke|ei|undantag(?:en)?|frånvarande|deltar ej|ej närvarande)\b",
    re.IGNORECASE,
)
_YES = re.compile(r"^(?:ja|yes|x|närvarande|present|kyllä|☒|✓|✔)$", re.IGNORECASE)
_BEYOND = 10**9
"""Larger than any number of an item: the end of all that stands inside one."""
_EVERY, _NONE = Ranges(), Ranges(())


@dataclass(frozen=True, slots=True)
class Spell:
    """For which numbers a person was present (`inside`), surely not (`outside`), or neither can be said (`open`)."""

    inside: Ranges = _EVERY
    outside: Ranges = _NONE
    unclear: Ranges = _NONE

    def at(self, key: Key) -> bool | None:
        """Whether the person was present at an item; None where it can't be said."""
        if not key:
            return True if self.is_whole else None
        if key in self.outside:
            return False
        if key in self.unclear:
            return None
        return key in self.inside

    @property
    def is_whole(self) -> bool:
        """Whether nothing limits it."""
        return self.inside.is_all and not self.outside.parts and not self.unclear.parts


def read_spell(note: str) -> Spell:
    """When somebody was present, as a note says it; the whole meeting where it says nothing.

    >>> spell = read_spell("Lämnade efter 4.19 §")
    >>> spell.at((4, 19)), spell.at((4, 20))
    (True, False)
    >>> read_spell("5.3").at((5, 1)), read_spell("ej § 7").at((7,))
    (None, False)
    """
    note = note.strip(" ,;[]()")
    if not note or _YES.fullmatch(note):
        return Spell()
    bare = re.fullmatch(
        r"(?:(?:ja|yes),?\s+)?(?P<word>[^\d]*?)\s*(?P<low>\d{1,4}(?:\.\d{1,3})+)(?:\s*[-–]\s*(?P<high>\d{1,4}(?:\.\d{1,3})+))?(?:\s*§)?",
        note,
        re.IGNORECASE,
    )
    ranges = find_ranges(note)
    if not ranges and bare and not _is_clock(note):
        low = tuple(map(int, bare["low"].split(".")))
        high = tuple(map(int, bare["high"].split("."))) if bare["high"] else low
        ranges = [(low, high)]
        if not bare["word"].strip() or re.search(r"paus|under", bare["word"], re.IGNORECASE):
            return Spell(Ranges(()), unclear=Ranges())
    if not ranges:
        return Spell(Ranges(()), unclear=Ranges()) if is_partial(note) else Spell()
    low, high = ranges[0][0], ranges[-1][1]
    if _LEFT.search(note) and not _ARRIVED.search(note):
        if _AFTER.search(note):
            return Spell(Ranges((((), high),)), outside=_above(high))
        return Spell(
            _below(low),
            outside=_above(high),
            unclear=Ranges() if _BEFORE.search(note) is None and low == () else Ranges(((low, high),)),
        )
    if _ARRIVED.search(note) and not _LEFT.search(note):
        if _AFTER.search(note):
            return Spell(_above(high), outside=Ranges((((), high),)))
        return Spell(_above(high), outside=_below(low), unclear=Ranges(((low, high),)))
    if _UNTIL.search(note) and not _FROM.search(note):
        return Spell(Ranges((((), high),)), outside=_above(high))
    if _FROM.search(note) and not _UNTIL.search(note):
        return Spell(Ranges(((low, ALL[1]),)), outside=_below(low))
    if _FROM.search(note) and _UNTIL.search(note):
        return Spell(Ranges(((low, high),)))
    if _NOT.search(note):
        return Spell(outside=Ranges(tuple(ranges)))
    return Spell(Ranges(tuple(ranges)))


def _is_clock(note: str) -> bool:
    """Whether figures with a point are a time of day and no number of an item: 14.10 and kl. 4.19 are, 4.19 is none."""
    clock = find_clock(note)
    return clock is not None and (
        clock.until is not None
        or clock.hour > 6
        or ":" in clock.text
        or re.search(r"\bkl", note, re.IGNORECASE) is not None
    )


def is_partial(note: str) -> bool:
    """Whether a note limits the presence by a time of day or by words, without saying at which items."""
    return find_clock(note) is not None or bool(
        _ARRIVED.search(note)
        or _LEFT.search(note)
        or re.search(r"\bdel av (?:mötet|tiden)\b|\bdelvis\b|\bpartly\b|\bunder paus", note, re.IGNORECASE)
    )


def _above(key: Key) -> Ranges:
    return Ranges((((*key, _BEYOND), ALL[1]),)) if key else Ranges(())


def _below(key: Key) -> Ranges:
    if not key:
        return Ranges(())
    return Ranges((((), (*key[:-1], key[-1] - 1, _BEYOND)),))


def words_of(spell: Spell) -> str:
    """The numbers for which somebody was present, as one writes them; "" for the whole meeting or where it is open.

    >>> words_of(read_spell("§§ 80-81")), words_of(read_spell("lämnade efter 4.19 §")), words_of(read_spell("ej § 7"))
    ('80-81', 'until 4.19', 'not 7')
    """
    if spell.is_whole or spell.unclear.is_all:
        return ""
    if spell.outside.parts and spell.inside.is_all:
        return f"not {in_words(spell.outside.parts)}"
    return ", ".join(_shown(part) for part in spell.inside.parts)


def _shown(part: Range) -> str:
    """A range as one writes it; one that begins behind a number, or ends before one, says so."""
    low, high = part
    if low and low[-1] >= _BEYOND:
        return f"after {dotted(low[:-1])}"
    if not low and len(high) > 1 and high[-1] >= _BEYOND:
        return f"before {dotted((*high[:-2], high[-2] + 1))}"
    return in_words([part])


def limits(text: str) -> bool:
    """Whether words speak of coming, leaving or a part of the meeting."""
    return any(pattern.search(text) for pattern in (_ARRIVED, _LEFT, _NOT, _UNTIL, _FROM))


def limit_at(text: str) -> int:
    """Where such words begin behind a name; -1 where there are none."""
    found = [
        hit.start()
        for pattern in (_UNTIL, _FROM, _ARRIVED, _LEFT, _NOT)
        if (hit := pattern.search(text)) and hit.start() > 2
    ]
    return min(found, default=-1)


def is_yes(text: str) -> bool:
    """Whether a cell says that somebody was present."""
    return _YES.fullmatch(text) is not None
