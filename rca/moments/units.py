"""Units of the calendar as intervals: how long a second, a morning, a day or a quarter lasts in a zone.

The decision hidden here: the bounds. A day is the local day, of 23 or 25 hours when the clocks change; a week is an
ISO week; parts of a day have the bounds that `PARTS` states.

References:
    ISO 8601-1:2019 (weeks); the bounds of the parts of a day are this project's own, as documented in `PARTS`.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from functools import lru_cache

from rca.moments.instants import SECOND
from rca.moments.moment import Precision
from rca.moments.zones import place

__all__ = [
    "DAY",
    "PARTS",
    "PartOfDay",
    "days_span",
    "from_local",
    "local_day",
    "part_span",
    "to_local",
    "unit_span",
]

DAY = 86_400 * SECOND
_EPOCH = dt.datetime(1970, 1, 1)

_FIXED = {
    Precision.NS: 1,
    Precision.US: 1_000,
    Precision.MS: 1_000_000,
    Precision.SECOND: SECOND,
    Precision.MINUTE: 60 * SECOND,
    Precision.HOUR: 3600 * SECOND,
}


class PartOfDay(StrEnum):
    """The parts of a day that people speak of."""

    NIGHT = "night"
    MORNING = "morning"
    FORENOON = "forenoon"
    LUNCHTIME = "lunchtime"
    AFTERNOON = "afternoon"
    EVENING = "evening"


PARTS: dict[PartOfDay, tuple[int, int]] = {
    PartOfDay.NIGHT: (0, 6),
    PartOfDay.MORNING: (6, 12),
    PartOfDay.FORENOON: (9, 12),
    PartOfDay.LUNCHTIME: (11, 14),
    PartOfDay.AFTERNOON: (12, 18),
    PartOfDay.EVENING: (18, 24),
}
"""First and last hour (excluded) of each part of a day."""


def to_local(wall: dt.datetime) -> int:
    """A wall-clock datetime as nanoseconds since 1970-01-01T00:00 on that clock."""
    gap = wall.replace(tzinfo=None) - _EPOCH
    return (gap.days * 86_400 + gap.seconds) * SECOND + gap.microseconds * 1_000


def from_local(local: int) -> dt.datetime:
    """The wall-clock datetime of such a count, its nanoseconds cut to microseconds."""
    return _EPOCH + dt.timedelta(microseconds=local // 1_000)


def local_day(local: int) -> int:
    """The midnight (on the wall clock) at which the day of `local` begins."""
    return local - local % DAY


def unit_span(local: int, precision: Precision, zone: str) -> tuple[int, int]:
    """The UTC bounds [earliest, latest) of the unit of `precision` that contains the wall-clock time `local`.

    A part of a day has no bounds of its own here (see `part_span`): its whole day is given.

    >>> summer_ends = to_local(dt.datetime(2024, 10, 27))
    >>> low, high = unit_span(summer_ends, Precision.DAY, "Europe/Stockholm")
    >>> (high - low) // (3600 * SECOND)
    25
    """
    length = _FIXED.get(precision)
    if length is not None:
        start = place(local - local % length, zone)
        return _lowest(start.instants), _lowest(start.instants) + length
    first, last = _calendar_bounds(local // DAY, precision)
    return _midnight(first, zone), _midnight(last, zone)


@lru_cache(maxsize=16_384)
def _calendar_bounds(day: int, precision: Precision) -> tuple[int, int]:
    """The first day and the day after the last of the unit around `day`, as days since 1970."""
    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    if precision is Precision.WEEK:
        first = date - dt.timedelta(days=date.weekday())
        last = first + dt.timedelta(days=7)
    elif precision is Precision.MONTH:
        first = date.replace(day=1)
        last = _add_months(first, 1)
    elif precision is Precision.QUARTER:
        first = date.replace(month=(date.month - 1) // 3 * 3 + 1, day=1)
        last = _add_months(first, 3)
    elif precision is Precision.YEAR:
        first = date.replace(month=1, day=1)
        last = first.replace(year=first.year + 1)
    else:
        first, last = date, date + dt.timedelta(days=1)
    origin = dt.date(1970, 1, 1)
    return (first - origin).days, (last - origin).days


def _add_months(first: dt.date, months: int) -> dt.date:
    index = first.year * 12 + first.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def days_span(first: int, after: int, zone: str) -> tuple[int, int]:
    """The UTC bounds of the days from the midnight `first` to before the midnight `after`, both on the wall clock of `zone`.

    Seasons, thirds of a month and half-years are such runs of days.

    >>> summer = to_local(dt.datetime(2024, 6, 1)), to_local(dt.datetime(2024, 9, 1))
    >>> low, high = days_span(*summer, "Europe/Stockholm")
    >>> (high - low) // DAY
    92
    """
    return _midnight(first // DAY, zone), _midnight(after // DAY, zone)


def part_span(local: int, part: PartOfDay, zone: str) -> tuple[int, int]:
    """The UTC bounds of a part of the day that contains the wall-clock time `local`."""
    first, last = PARTS[part]
    midnight = local_day(local)
    low = place(midnight + first * 3600 * SECOND, zone)
    high = place(midnight + last * 3600 * SECOND, zone)
    return _lowest(low.instants), high.instants[-1]


@lru_cache(maxsize=16_384)
def _midnight(day: int, zone: str) -> int:
    spot = place(day * DAY, zone)
    return spot.transition if spot.is_gap and spot.transition is not None else spot.instants[0]


def _lowest(instants: tuple[int, ...]) -> int:
    return instants[0]
