"""Pieces: what the words of a date say, before anything is settled.

The decision hidden here: reading and settling are parted. A piece holds only what is written, in the order of likelihood where it
can be read in more than one way; which day, zone or year that is comes later, in `resolve`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from rca.moments.moment import Precision
from rca.moments.units import PartOfDay

__all__ = [
    "Ago",
    "Clock",
    "Context",
    "DatePiece",
    "Day",
    "DayFromNow",
    "Direction",
    "Expression",
    "Guess",
    "Months",
    "Night",
    "Note",
    "Part",
    "Period",
    "Week",
    "Weekday",
    "Year",
    "Ymd",
]


class Guess(StrEnum):
    """What a reading takes for granted that the words don't say."""

    CENTURY = "century"
    ORDER = "order"
    YEAR = "year"
    DATE = "date"
    TENSE = "tense"
    HALF_OF_DAY = "half_of_day"
    NIGHT = "night"
    MIDNIGHT = "midnight"
    WINTER = "winter"
    ZONE = "zone"
    ABOUT = "about"


Note = tuple[Guess, str]
"""What is taken for granted, and in words how."""


class Direction(StrEnum):
    """Where a weekday, period or season lies from the time of saying."""

    UNSAID = "unsaid"
    PAST = "past"
    LAST = "last"
    THIS = "this"
    COMING = "coming"
    NEXT = "next"


class Context(StrEnum):
    """What has to stand around an expression in running text before it is taken for a date."""

    NOTHING = "nothing"
    NO_LABEL = "no_label"
    LIMIT = "limit"
    WHOLE = "whole"


class Ymd(NamedTuple):
    """A day as written; `year` is None where it isn't, and of two digits where `is_short`.

    `languages` are those that write a day in this order, where that is a matter of the language.
    """

    year: int | None
    month: int
    day: int
    is_short: bool = False
    languages: int = ~0


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month, in one or more orders of its figures, with the weekday that stands before it.

    `last` is the last day of a range; `starts_week` where the day only says which week is meant.
    """

    options: tuple[Ymd, ...]
    weekday: int | None = None
    last: Ymd | None = None
    last_weekday: int | None = None
    years_from_now: int | None = None
    starts_week: bool = False
    is_soft_weekday: bool = False


@dataclass(frozen=True, slots=True)
class Weekday:
    """A weekday by its name alone."""

    number: int
    direction: Direction = Direction.UNSAID


@dataclass(frozen=True, slots=True)
class DayFromNow:
    """A day so many days after the day of saying."""

    days: int


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week, or one of its days."""

    number: int
    year: int | None = None
    is_short: bool = False
    weekday: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Months:
    """`count` months from `month` on: a month, a third of it, a season, a quarter, a half-year; `is_winter` turns the year."""

    month: int
    count: int = 1
    year: int | None = None
    is_short: bool = False
    third: int | None = None
    last_month: int | None = None
    last_year: int | None = None
    years_from_now: int | None = None
    is_winter: bool = False
    has_next_year: bool = False

    @property
    def precision(self) -> Precision:
        """The precision with which it is written."""
        return Precision.MONTH if self.count == 1 and not self.is_winter else Precision.QUARTER


@dataclass(frozen=True, slots=True)
class Year:
    """A calendar year."""

    year: int


@dataclass(frozen=True, slots=True)
class Period:
    """A week, month, quarter, year or season counted from now, or a weekday in such a week."""

    unit: str
    offset: int
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Ago:
    """So many units before (or after, with a positive count) the time of saying."""

    count: int
    unit: str


DatePiece = Day | Weekday | DayFromNow | Week | Months | Year | Period | Ago


class Night(StrEnum):
    """Which night is meant, where a night isn't just a part of its day."""

    BEFORE = "before"  # the night that ends on the day
    EITHER = "either"  # the past one or the coming one
    LAST = "last"  # the past evening and night together
    BETWEEN = "between"  # the night between the two days that are named


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day; `night` where its night is another than that of its day."""

    part: PartOfDay
    night: Night | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `is_spoken` where twelve hours are told and the half of the day isn't.

    `offset` is in seconds east of UTC, `zone` the abbreviation as written, `is_summer` what "sommartid" says.
    """

    hour: int
    minute: int
    second: int
    ns: int
    precision: Precision
    width: int
    is_valid: bool = True
    is_spoken: bool = False
    has_half: bool = False
    is_midnight: bool = False
    is_marked: bool = False
    is_about: bool = False
    until: Clock | None = None
    offset: int | None = None
    zone: str = ""
    is_summer: bool | None = None

    @property
    def of_day(self) -> int:
        """Nanoseconds since midnight."""
        return ((self.hour * 60 + self.minute) * 60 + self.second) * 10**9 + self.ns


class Expression(NamedTuple):
    """All pieces of one date, with the tokens from `first` to before `next`."""

    first: int
    next: int
    languages: int
    date: DatePiece | None = None
    clock: Clock | None = None
    part: Part | None = None
    is_habit: bool = False
    context: Context = Context.NOTHING
