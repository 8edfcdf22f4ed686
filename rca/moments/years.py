"""Years: which year a stamp without one is of, where its calendar and its neighbours tell.

The decision hidden here: what counts as evidence for a year. A leap day and a weekday are hard; each lap of the calendar
follows the one before by a year, or by more where they ask for it; dated rows of the same file draw those around them.
Stamps are seconds of a leap year, so that 29 February has its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rca.moments.columns import days_since_epoch
from rca.moments.instants import SECOND
from rca.moments.stamps import Stamp
from rca.moments.units import to_local

__all__ = ["YEARS_BACK", "latest_years", "wall", "wall_second", "year_of_lap", "years_by_neighbours"]

YEARS_BACK = 100
_SAMPLE = 400
_DAY = 86_400
_STARTS = np.array([0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335], np.int64)
_NO_SUCH_DAY = -(2**62)

Array = np.ndarray[Any, np.dtype[Any]]


def wall(stamp: Stamp, year: int) -> int | None:
    """The wall clock of a stamp in a year, in nanoseconds; None where that date does not exist."""
    if not 1 <= year <= 9999:
        return None
    try:
        day = dt.datetime(year, stamp.month or 1, stamp.day or 1)
    except ValueError:
        return None
    return to_local(day) + ((stamp.hour * 60 + stamp.minute) * 60 + stamp.second) * SECOND + stamp.ns


def wall_second(in_year: Array, years: Array) -> Array:
    """The wall clock, in seconds since 1970, of seconds of a leap year in `years`; -2**62 where the date does not exist."""
    days, clock = in_year // _DAY, in_year % _DAY
    month = np.searchsorted(_STARTS, days, side="right")
    day = days - _STARTS[month - 1] + 1
    is_leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    exists = (years >= 1) & (years <= 9999) & (is_leap | ~((month == 2) & (day == 29)))
    local = days_since_epoch(np.clip(years, 1, 9999), month, day) * _DAY + clock
    return np.where(exists, local, _NO_SUCH_DAY)


def year_of_lap(years: Mapping[int, int], lap: int) -> int:
    """The year of a lap; one in which only late lines lie counts from the nearest lap below, or above."""
    if lap in years:
        return years[lap]
    below = [known for known in years if known < lap]
    near = max(below) if below else min(years)
    return years[near] + lap - near


def latest_years(
    in_year: Array, weekday: Array, laps: Array, limit: int, utc: Callable[[int], int]
) -> dict[int, int]:
    """The latest year of each lap, the last lap first, in which all its stamps fit; empty where none does.

    Laps follow each other by a year, or by more where a leap day or a weekday asks for it.

    Args:
        in_year: seconds of a leap year.
        weekday: the day of the week that each stamp states, -1 for none.
        laps: the lap of each stamp.
        limit: the second (UTC) that no stamp exceeds.
        utc: the instant, in seconds, of a wall clock.
    """
    latest = (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=limit)).year + 1
    years: dict[int, int] = {}
    above = 0
    for lap in sorted({int(one) for one in np.unique(laps)}, reverse=True):
        rows = laps == lap
        seconds, days = _decisive(in_year[rows], weekday[rows])
        if years:
            latest = years[above] - (above - lap)
        above = lap
        for year in range(latest, latest - YEARS_BACK, -1):
            local = wall_second(seconds, np.full(len(seconds), year))
            if (local == _NO_SUCH_DAY).any():
                continue
            stated = days >= 0
            if ((local[stated] // _DAY + 3) % 7 != days[stated]).any():
                continue
            if all(utc(int(one)) <= limit for one in local[:1]):
                years[lap] = year
                break
        else:
            return {}
    return years


def _decisive(seconds: Array, weekday: Array) -> tuple[Array, Array]:
    """The stamps of a lap that can decide its year, the latest first: it, leap days, and one of each weekday and date."""
    chosen = [int(np.argmax(seconds))]
    leap = np.flatnonzero((seconds // _DAY) == 59)
    chosen += leap[:1].tolist()
    stated = np.flatnonzero(weekday >= 0)
    if len(stated):
        _, first = np.unique(seconds[stated] // _DAY * 7 + weekday[stated], return_index=True)
        chosen += stated[first].tolist()
    return seconds[chosen], weekday[chosen]


def years_by_neighbours(
    places: Array, in_year: Array, laps: Array, dated_places: Array, dated: Array
) -> dict[int, int]:
    """The years, lap by lap, that put stamps nearest to the dated rows around them.

    Args:
        places: where the stamps stand in the stream, in order.
        in_year: seconds of a leap year.
        laps: the lap of each stamp.
        dated_places: where the dated rows stand, in order.
        dated: their wall clocks, in seconds since 1970.
    """
    if not len(places):
        return {}
    every = max(1, len(places) // _SAMPLE)
    place, second, lap = places[::every], in_year[::every], laps[::every]
    after = np.minimum(np.searchsorted(dated_places, place), len(dated) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(place - dated_places[before] <= np.abs(dated_places[after] - place), before, after)
    low = 1970 + int(dated.min()) // 31_556_952 - 1 - int(laps.max())
    high = 1970 + int(dated.max()) // 31_556_952 + 2 - int(laps.min())
    best: tuple[int, int] | None = None
    for base in range(low, high + 1):
        local = wall_second(second, base + lap)
        if (local == _NO_SUCH_DAY).any():
            continue
        distance = int(np.abs(local - dated[nearer]).astype(np.float64).sum())
        if best is None or distance <= best[0]:
            best = (distance, base)
    return {int(one): best[1] + int(one) for one in np.unique(laps)} if best else {}
