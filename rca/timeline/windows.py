"""What a person writes for a time or a duration: "2024-11-12 04:00", "10min".

The decision hidden here: the forms that the timeline's verbs take. A time without an offset is local to the case's
zone; a time that exists twice means its first, one that does not exist the moment of the change.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from rca.errors import UsageError
from rca.moments.instants import SECOND, from_datetime
from rca.moments.stamps import compile_layout
from rca.moments.units import to_local
from rca.moments.years import wall
from rca.moments.zones import place

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["parse_duration", "parse_when"]

_UNITS = {
    "ns": 1, "us": 1_000, "ms": 1_000_000, "s": SECOND, "sec": SECOND, "min": 60 * SECOND, "h": 3600 * SECOND,
    "d": 86_400 * SECOND, "w": 7 * 86_400 * SECOND,
}  # fmt: skip
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")


def parse_when(when: str | dt.datetime | pd.Timestamp | int, zone: str) -> int:
    """The instant that a caller means, in UTC nanoseconds. Text and datetimes without an offset are local to `zone`.

    Raises:
        UsageError: the text is no time.

    >>> parse_when("1970-01-01 01:00", "Europe/Stockholm")
    0
    """
    if isinstance(when, bool):
        raise UsageError("A time is not true or false")
    if isinstance(when, int):
        return when
    if isinstance(when, dt.datetime):
        nanoseconds = getattr(when, "value", None)  # a pandas Timestamp counts finer than a datetime
        if nanoseconds is not None:
            return int(nanoseconds) if when.tzinfo else _first(int(nanoseconds), zone)
        return from_datetime(when) if when.tzinfo else _first(to_local(when), zone)
    stamp = compile_layout("iso").parse(str(when))
    if stamp is None or stamp.year is None:
        raise UsageError(
            f'"{when}" is no time', hint='Write it like "2024-11-12", "2024-11-12 04:00" or with an offset.'
        )
    local = wall(stamp, stamp.year)
    assert local is not None
    return local - stamp.offset * SECOND if stamp.offset is not None else _first(local, zone)


def _first(local: int, zone: str) -> int:
    spot = place(local, zone)
    return spot.transition if spot.transition is not None else spot.instants[0]


def parse_duration(text: str | int | dt.timedelta) -> int:
    """A duration in nanoseconds.

    Raises:
        UsageError: the text is no duration.

    >>> parse_duration("10min") // SECOND, parse_duration("1h 30min") // SECOND
    (600, 5400)
    """
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    if isinstance(text, dt.timedelta):
        return (text.days * 86_400 + text.seconds) * SECOND + text.microseconds * 1_000
    words = str(text).strip().lower()
    parts = _DURATION.findall(words)
    if not parts or _DURATION.sub("", words).strip(" ,") or any(unit not in _UNITS for _, unit in parts):
        raise UsageError(f'"{text}" is no duration', hint='Write it like "5s", "10min", "2h" or "1d".')
    return sum(round(float(number) * _UNITS[unit]) for number, unit in parts)
