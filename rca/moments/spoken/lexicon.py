"""The words of dates: what each word or phrase can mean, and in which languages.

The decision hidden here: all languages are read at once. A sense carries the set of languages that have it; an expression
holds together only where one language has all of its words. The words themselves are the tables in `words/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from rca.errors import UsageError, did_you_mean

__all__ = [
    "ALL",
    "DA",
    "EN",
    "FI",
    "FIGURES",
    "NB",
    "SV",
    "Kind",
    "Lexicon",
    "Sense",
    "Table",
    "kinds",
    "language_names",
    "languages_of",
    "lexicon",
]

SV, NB, DA, FI, EN = 1, 2, 4, 8, 16
ALL = SV | NB | DA | FI | EN
_NAMED = {"sv": SV, "nb": NB, "no": NB, "nn": NB, "da": DA, "fi": FI, "en": EN, "und": ALL, "mul": ALL}


class Kind(StrEnum):
    """What a word does in a date. The value and unit that a table gives with it are told here."""

    MONTH = "month"  # value: 1 to 12
    MONTH_SHORT = "month_short"
    WEEKDAY = "weekday"  # value: 0 for Monday
    WEEKDAY_SHORT = "weekday_short"
    WEEKDAY_PAST = "weekday_past"  # i tisdags
    WEEKDAY_PART = "weekday_part"  # tisdagskväll; unit: the part of the day
    HABIT = "habit"  # tisdagar, daily: no day at all
    EVERY = "every"  # makes a habit of the word after it
    NUMBER = "number"
    ARTICLE_NUMBER = "article_number"  # en, ett, a: one, where it isn't just an article
    ORDINAL = "ordinal"
    DAY = "day"  # value: days from the day of saying
    DAY_PART = "day_part"  # i morse; unit: the part of the day
    PART = "part"  # unit: the part of the day; value: 1 where the night can only be that of the day itself
    PART_LEAD = "part_lead"  # på (förmiddagen), in the (morning)
    NIGHT_BEFORE = "night_before"  # natten till (the day)
    NIGHT_AFTER = "night_after"  # (päivän) vastaisena yönä
    NIGHT_BETWEEN = "night_between"  # natten mellan (two days)
    NIGHT_BETWEEN_AFTER = "night_between_after"  # (two days) välisenä yönä
    NIGHT_VAGUE = "night_vague"  # i natt: the past one or the coming one
    NIGHT_LAST = "night_last"  # last night: evening and night
    LAST = "last"
    NEXT = "next"
    THIS = "this"
    COMING = "coming"  # på (fredag)
    UNIT = "unit"  # value: how many of the unit; unit: minute, week, …
    PERIOD = "period"  # i fjol; value: units from now; unit: year or the name of a season
    WEEK = "week"
    WEEK_OF = "week_of"  # week commencing (a day)
    FRACTION = "fraction"  # quarter; value: its length in months
    FRACTION_SIGN = "fraction_sign"  # Q, H, T
    SEASON = "season"  # value: 0 for spring
    YEAR = "year"  # år (2024)
    THIRD = "third"  # i början av (mars); value: 0 to 2
    THIRD_AFTER = "third_after"  # (maaliskuun) alussa
    CLOCK = "clock"  # kl, klockan
    CLOCK_WEAK = "clock_weak"  # at: a clock only before what looks like one
    ABOUT = "about"  # cirka
    OCLOCK = "oclock"  # (nine) o'clock, (14)-tiden, (1430) hrs
    HALF_TO = "half_to"  # halv (tre)
    HALF_PAST = "half_past"
    QUARTER_HOUR = "quarter_hour"
    MINUTES = "minutes"  # (fem) minuter (i tre)
    TO = "to"  # (fem) i (tre)
    PAST = "past"
    NOON = "noon"
    MIDNIGHT = "midnight"
    AGO = "ago"
    AGO_LEAD = "ago_lead"  # för (tre dagar sedan)
    IN = "in"  # om (tre dagar)
    FROM_NOW = "from_now"  # (three days) from now
    SUMMER_TIME = "summer_time"
    WINTER_TIME = "winter_time"
    ARTICLE = "article"  # den, the, d.
    OF = "of"
    LINK = "link"  # may stand between a time and its day
    PREPOSITION = "preposition"  # i (oktober), during
    DAY_WORD = "day_word"  # (5.) päivänä
    JOINT = "joint"  # till, to: from one to the other
    AND = "and"
    BETWEEN = "between"  # mellan (kl. 13 och 15)
    LIMIT = "limit"  # senast, before: a day follows
    LABEL = "label"  # version, dnr, rum: what follows is a number, not a date


class Sense(NamedTuple):
    """One meaning of a word or phrase. `bit` is its kind as a bit, for sets of kinds."""

    kind: Kind
    value: int
    unit: str
    languages: int
    bit: int = 0


_BITS = {kind: 2 << number for number, kind in enumerate(Kind)}
FIGURES = 1
"""The bit of a number in figures, which has no sense."""


def kinds(*names: Kind) -> int:
    """A set of kinds, as bits."""
    return sum(_BITS[name] for name in names)


Table = Mapping[Kind, Mapping[int, str] | Mapping[tuple[int, str], str]]
"""Kind → value, or (value, unit) → the words and phrases, parted by bars."""


class _Node:
    __slots__ = ("next", "senses")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.senses: list[Sense] = []


class Lexicon:
    """All words of all languages, as a tree over the words of each phrase."""

    def __init__(self, tables: Mapping[int, Table]) -> None:
        self.root = _Node()
        self.first = self.root.next
        labels: set[str] = set()
        for language, table in tables.items():
            for kind, meanings in table.items():
                for meaning, phrases in meanings.items():
                    value, unit = meaning if isinstance(meaning, tuple) else (meaning, "")
                    for phrase in phrases.split("|"):
                        if kind is Kind.LABEL:
                            labels.add(phrase)
                        self._add(phrase, Sense(kind, value, unit, language, _BITS[kind]))
        names = "|".join(sorted(map(re.escape, labels), key=len, reverse=True))
        self.label = re.compile(rf"(?:(?<![^\W\d_])(?:{names})|[§#№$€£])\s?[.:#]?\s*\Z", re.IGNORECASE)
        """Matches a text whose end says that the number after it is no date."""

    def _add(self, phrase: str, sense: Sense) -> None:
        node = self.root
        for word in re.findall(r"[^\W\d_]+|\S", phrase):
            node = node.next.setdefault(word, _Node())
        for index, known in enumerate(node.senses):
            if known[:3] == sense[:3]:
                node.senses[index] = known._replace(languages=known.languages | sense.languages)
                return
        node.senses.append(sense)

    def senses(self, words: list[str], index: int) -> tuple[tuple[Sense, int], ...]:
        """The senses of the phrases that begin at `index`, longest phrase first, each with the index behind it."""
        found: list[tuple[Sense, int]] = []
        node: _Node | None = self.root
        while index < len(words) and node is not None:
            node = node.next.get(words[index])
            index += 1
            if node is not None:
                found.extend((sense, index) for sense in node.senses)
        return tuple(reversed(found))


@cache
def lexicon() -> Lexicon:
    """The words of all five languages."""
    from rca.moments.spoken.words import da, en, fi, nb, sv

    return Lexicon({SV: sv.WORDS, NB: nb.WORDS, DA: da.WORDS, FI: fi.WORDS, EN: en.WORDS})


def languages_of(language: str | None) -> int:
    """The set of languages that a language tag names; None means all of them.

    Raises:
        UsageError: no words are known in that language.

    >>> languages_of("sv-FI") == SV, languages_of(None) == ALL
    (True, True)
    """
    if language is None:
        return ALL
    found = _NAMED.get(re.split(r"[-_]", language.strip().lower())[0])
    if found is None:
        raise UsageError(
            f'No dates are read in the language "{language}"',
            hint=did_you_mean(language, ("sv", "nb", "da", "fi", "en")),
        )
    return found


def language_names(languages: int) -> tuple[str, ...]:
    """The tags of a set of languages."""
    return tuple(
        name for name, bit in (("sv", SV), ("nb", NB), ("da", DA), ("fi", FI), ("en", EN)) if languages & bit
    )
