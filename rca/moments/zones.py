"""Zones: which instants a wall-clock time can mean in a place, repeated and missing hours included.

The decision hidden here: zones are IANA names, never offsets or abbreviations, and a wall-clock time may have no
instant (a gap), one, or two (a fold). Offsets come from the IANA data through `zoneinfo`.

References:
    IANA Time Zone Database; PEP 495 (fold and gap).
"""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from rca.errors import UsageError, did_you_mean
from rca.moments.instants import SECOND

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

__all__ = [
    "Placement",
    "Placements",
    "check_zone",
    "local_time",
    "offset_at",
    "place",
    "place_all",
    "possible_zones",
    "zone_names",
]

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


class Placements(NamedTuple):
    """The instants that many wall-clock times can mean, as arrays: `first` and `second` are equal outside folds and gaps.

    In a gap `transition` is the instant at which the clocks were put forward; elsewhere it is `first`.
    """

    first: Array
    second: Array
    is_fold: Array
    is_gap: Array
    transition: Array


def place_all(local: Array, zone: str) -> Placements:
    """The instants that wall-clock times (nanoseconds since 1970 on that clock) can mean in `zone`, as `place` for one.

    >>> import numpy as np
    >>> noon = np.array([12 * 3600 * SECOND])
    >>> (noon - place_all(noon, "Europe/Stockholm").first) // SECOND
    array([3600])
    """
    import numpy as np

    nothing = np.zeros(len(local), bool)
    if zone in ("UTC", "Etc/UTC") or not len(local):
        return Placements(local, local, nothing, nothing, local)
    low, high = int(local.min()) // (_YEAR * SECOND) - 1, int(local.max()) // (_YEAR * SECOND) + 1
    spans = [_changes(year, zone) for year in range(max(low, -300), min(high, 300) + 1)]
    start = spans[0][0]
    changes = [change for _, found in spans for change in found]
    at = np.array([t for t, _, _ in changes], np.int64) * SECOND
    before = np.array([b for _, b, _ in changes] or [0], np.int64) * SECOND
    after = np.array([a for _, _, a in changes] or [0], np.int64) * SECOND
    offsets = np.concatenate([[start * SECOND], after[: len(at)]])
    old = np.searchsorted(at + before[: len(at)], local, side="right")  # as if the old offset went on
    new = np.searchsorted(at + after[: len(at)], local, side="right")  # as if the new one had held before
    first, second = local - offsets[np.minimum(old, new)], local - offsets[np.maximum(old, new)]
    is_fold, is_gap = new > old, new < old
    transition = first
    if is_gap.any():
        # the reading with the new offset comes first in time, the one with the old offset second
        first, second = np.where(is_gap, second, first), np.where(is_gap, first, second)
        transition = np.where(is_gap, at[np.minimum(new, len(at) - 1)], first)
    return Placements(first, second, is_fold, is_gap, transition)


_YEAR = 31_556_952
_STEP = 7 * 86_400


@lru_cache(maxsize=4096)
def _changes(year: int, zone: str) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """The offset at the start of a mean year since 1970, and the changes in it: (second, offset before, offset after)."""
    begin, end = year * _YEAR, (year + 1) * _YEAR
    changes = []
    known, offset = begin, offset_at(begin * SECOND, zone)
    start = offset
    for probe in [*range(begin + _STEP, end, _STEP), end]:
        found = offset_at(probe * SECOND, zone)
        if found != offset:
            at = _transition(known * SECOND, probe * SECOND, zone) // SECOND
            changes.append((at, offset, found))
            offset = found
        known = probe
    return start, tuple(changes)
