"""Zones: which instants a wall-clock time can mean in a place, repeated and missing hours included.

The decision hidden here: zones are IANA names, never offsets or abbreviations, and a wall-clock time may have no
instant (a gap), one, or two (a fold). Offsets come from the IANA data through `zoneinfo`.

References:
    IANA Time Zone Database; PEP 495 (fold and gap).
"""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from rca.errors import UsageError, did_you_mean
from rca.moments.instants import SECOND

__all__ = ["Placement", "check_zone", "local_time", "offset_at", "place", "possible_zones", "zone_names"]

_HOUR = 3600
_EPOCH = dt.datetime(1970, 1, 1)

# What an abbreviation in a stamp may mean: hints for a person, never a silent mapping.
_ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "UTC": ("+00:00",),
    "GMT": ("+00:00",),
    "Z": ("+00:00",),
    "CET": ("+01:00",),
    "CEST": ("+02:00",),
    "MET": ("+01:00",),
    "MEST": ("+02:00",),
    "EET": ("+02:00",),
    "EEST": ("+03:00",),
    "WET": ("+00:00",),
    "WEST": ("+01:00",),
    "BST": ("+01:00 (British Summer Time)", "+06:00 (Bangladesh)"),
    "IST": ("+05:30 (India)", "+01:00 (Ireland)", "+02:00 (Israel)"),
    "CST": ("-06:00 (North America)", "+08:00 (China)", "-05:00 (Cuba)"),
    "CDT": ("-05:00 (North America)", "-04:00 (Cuba)"),
    "EST": ("-05:00 (North America)", "+10:00 (Australia, old)"),
    "EDT": ("-04:00",),
    "MST": ("-07:00 (North America)", "+08:00 (Malaysia, old)"),
    "MDT": ("-06:00",),
    "PST": ("-08:00 (North America)", "+08:00 (Philippines)"),
    "PDT": ("-07:00",),
    "MSK": ("+03:00",),
    "JST": ("+09:00",),
    "KST": ("+09:00",),
    "SGT": ("+08:00",),
    "AEST": ("+10:00",),
    "AEDT": ("+11:00",),
    "NZST": ("+12:00",),
    "NZDT": ("+13:00",),
}


class Placement(NamedTuple):
    """The instants that a wall-clock time can mean: one, two in a fold (earlier first), two readings in a gap.

    In a gap neither reading existed; `transition` is the instant at which the clocks were put forward.
    """

    instants: tuple[int, ...]
    is_gap: bool = False
    transition: int | None = None

    @property
    def is_fold(self) -> bool:
        """Whether the wall clock showed this time twice."""
        return len(self.instants) == 2 and not self.is_gap


@cache
def zone_names() -> frozenset[str]:
    """The names of all zones."""
    return frozenset(available_timezones())


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def check_zone(name: str) -> str:
    """`name`, if it is a zone of the IANA database.

    Raises:
        UsageError: it is not; the hint names the closest zone.

    >>> check_zone("Europe/Stockholm")
    'Europe/Stockholm'
    """
    if name.upper() in _ABBREVIATIONS and name.upper() not in ("UTC", "GMT"):
        readings = " or ".join(_ABBREVIATIONS[name.upper()])
        raise UsageError(
            f'"{name}" is an abbreviation ({readings}), not a zone',
            hint='Name a place, such as "Europe/Stockholm": its rules say when summer time applies.',
        )
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, (z for z in zone_names() if "/" in z or z == "UTC"))
        raise UsageError(
            f'There is no zone "{name}"', hint=hint if "?" in hint else 'Write it like "Europe/Stockholm".'
        ) from None
    return name


def possible_zones(abbreviation: str) -> tuple[str, ...]:
    """What a zone abbreviation may mean, as offsets with a word of where; empty when it is unknown.

    >>> possible_zones("IST")
    ('+05:30 (India)', '+01:00 (Ireland)', '+02:00 (Israel)')
    """
    return _ABBREVIATIONS.get(abbreviation.upper(), ())


def offset_at(instant: int, zone: str) -> int:
    """The offset of `zone` from UTC at an instant, in seconds."""
    seconds = instant // SECOND
    moment = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(seconds=seconds)
    offset = moment.astimezone(_zone(zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


def local_time(instant: int, zone: str) -> int:
    """The wall clock of `zone` at an instant: nanoseconds since 1970-01-01T00:00 on that clock."""
    return instant + offset_at(instant, zone) * SECOND


@lru_cache(maxsize=65_536)
def _place_hour(hour: int, zone: str) -> tuple[int, int] | None:
    """The offset that holds for a whole hour of wall clock, as (offset, offset), or None near a transition."""
    if zone == "UTC":
        return (0, 0)
    start = _EPOCH + dt.timedelta(hours=hour)
    offsets = set()
    for minutes in (-121, 0, 60, 181):
        for fold in (0, 1):
            near = (start + dt.timedelta(minutes=minutes)).replace(tzinfo=_zone(zone), fold=fold)
            offsets.add(near.utcoffset())
    if len(offsets) != 1:
        return None
    seconds = round((offsets.pop() or dt.timedelta()).total_seconds())
    return (seconds, seconds)


def place(local: int, zone: str) -> Placement:
    """The instants that the wall-clock time `local` (nanoseconds since 1970 on that clock) can mean in `zone`.

    >>> fold = (dt.datetime(2024, 10, 27, 2, 30) - dt.datetime(1970, 1, 1)) // dt.timedelta(seconds=1) * SECOND
    >>> place(fold, "Europe/Stockholm").is_fold
    True
    """
    settled = _place_hour(local // (_HOUR * SECOND), zone)
    if settled is not None:
        return Placement((local - settled[0] * SECOND,))
    whole, fraction = divmod(local, SECOND)
    wall = (_EPOCH + dt.timedelta(seconds=whole)).replace(tzinfo=_zone(zone))
    before, after = wall.replace(fold=0).utcoffset(), wall.replace(fold=1).utcoffset()
    assert before is not None
    assert after is not None
    first = (whole - round(before.total_seconds())) * SECOND + fraction
    second = (whole - round(after.total_seconds())) * SECOND + fraction
    if before == after:
        return Placement((first,))
    if before > after:
        return Placement((first, second))
    return Placement((second, first), is_gap=True, transition=_transition(second, first, zone))


def _transition(low: int, high: int, zone: str) -> int:
    """The instant between `low` and `high` at which the offset of `zone` changes, to the second."""
    old = offset_at(low, zone)
    low_s, high_s = low // SECOND, -(-high // SECOND)
    while high_s - low_s > 1:
        middle = (low_s + high_s) // 2
        if offset_at(middle * SECOND, zone) == old:
            low_s = middle
        else:
            high_s = middle
    return high_s * SECOND
