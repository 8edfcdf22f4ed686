"""Years: which year a stamp without one is of, where its calendar and its neighbours tell.

The decision hidden here: what counts as evidence for a year. A leap day and a weekday are hard; each lap of the calendar
follows the one before by a year, or by more where they ask for it; dated rows of the same file draw those around them.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from rca.moments.instants import SECOND
from rca.moments.stamps import Stamp
from rca.moments.units import DAY, to_local

__all__ = [
    "distinct",
    "in_day",
    "in_year",
    "latest_years",
    "wall",
    "weekday",
    "year_of_lap",
    "years_by_neighbours",
]

YEARS_BACK = 100
_SAMPLE = 400
_BEFORE_MONTH = (0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)


def wall(stamp: Stamp, year: int) -> int | None:
    """The wall clock of a stamp in a year; None where that date does not exist."""
    if not 1 <= year <= 9999:
        return None
    try:
        day = dt.datetime(year, stamp.month or 1, stamp.day or 1)
    except ValueError:
        return None
    return to_local(day) + in_day(stamp)


def in_day(stamp: Stamp) -> int:
    """The time of day of a stamp, in nanoseconds since midnight."""
    return ((stamp.hour * 60 + stamp.minute) * 60 + stamp.second) * SECOND + stamp.ns


def in_year(stamp: Stamp) -> int:
    """The place of a stamp in a leap year, in nanoseconds."""
    return (_BEFORE_MONTH[(stamp.month or 1) - 1] + (stamp.day or 1) - 1) * DAY + in_day(stamp)


def weekday(local: int) -> int:
    """The day of the week of a wall-clock time, 0 for Monday."""
    return (local // DAY + 3) % 7


def year_of_lap(years: Mapping[int, int], lap: int) -> int:
    """The year of a lap; one in which only late lines lie counts from the nearest lap below, or above."""
    if lap in years:
        return years[lap]
    below = [known for known in years if known < lap]
    near = max(below) if below else min(years)
    return years[near] + lap - near


def latest_years(
    hard: Sequence[tuple[Stamp, int]], limit: int, fits: Callable[[Stamp, int], bool]
) -> dict[int, int]:
    """The latest year of each lap, the last lap first, in which all its stamps of `hard` fit; empty where none does.

    Laps follow each other by a year, or by more where a leap day or a weekday asks for it.
    """
    latest = (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=limit // SECOND)).year + 1
    years: dict[int, int] = {}
    above = 0
    for lap in sorted({lap for _, lap in hard}, reverse=True):
        stamps = [stamp for stamp, its_lap in hard if its_lap == lap]
        if years:
            latest = years[above] - (above - lap)
        above = lap
        for year in range(latest, latest - YEARS_BACK, -1):
            if all(fits(stamp, year) for stamp in stamps):
                years[lap] = year
                break
        else:
            return {}
    return years


def years_by_neighbours(
    stable: Sequence[tuple[int, Stamp, int]], full: Sequence[tuple[int, int]]
) -> dict[int, int]:
    """The years, lap by lap, that put rows (place, stamp, lap) nearest to the dated rows (place, time) around them."""
    dated = [(dt.datetime(1970, 1, 1) + dt.timedelta(seconds=time // SECOND)).year for _, time in full]
    laps = sorted({lap for _, _, lap in stable})
    if not laps:
        return {}
    places = [place for place, _ in full]
    sample = stable if len(stable) <= _SAMPLE else stable[:: len(stable) // _SAMPLE]
    best: tuple[int, int] | None = None
    for base in range(min(dated) - laps[-1] - 1, max(dated) - laps[0] + 2):
        distance = 0
        for place, stamp, lap in sample:
            local = wall(stamp, base + lap)
            if local is None:
                break
            after = min(bisect_left(places, place), len(full) - 1)
            before = max(after - 1, 0)
            nearer = before if place - places[before] <= abs(places[after] - place) else after
            distance += abs(local - full[nearer][1])
        else:
            if best is None or distance <= best[0]:
                best = (distance, base)
    return {lap: best[1] + lap for lap in laps} if best else {}


def distinct(stable: list[tuple[int, Stamp, int]]) -> list[tuple[Stamp, int]]:
    """The stamps that can decide a year: the last of each lap, leap days, and one of each weekday and date."""
    chosen: dict[object, tuple[Stamp, int]] = {}
    for _, stamp, lap in stable:
        latest = chosen.get(("last", lap))
        if latest is None or in_year(stamp) > in_year(latest[0]):
            chosen["last", lap] = (stamp, lap)
        if stamp.month == 2 and stamp.day == 29:
            chosen["leap", lap] = (stamp, lap)
        if stamp.weekday is not None:
            chosen["weekday", lap, stamp.month, stamp.day, stamp.weekday] = (stamp, lap)
    return list(chosen.values())
