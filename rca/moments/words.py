"""A time in words: what the evidence allows, as one reads it in a table, a hover or a report.

The decision hidden here: how an interval is written. An instant shows the digits that its precision warrants; a whole day,
month or year is named as such; anything else shows both ends, the last one included for days.
"""

from __future__ import annotations

import datetime as dt

from rca.moments.instants import SECOND, to_datetime
from rca.moments.zones import local_time

__all__ = ["in_words"]

_FINE = ("ns", "us", "ms", "second", "minute")
_DIGITS = {"ms": 3, "us": 6, "ns": 9}


def in_words(
    earliest: int | None,
    latest: int | None,
    zone: str,
    *,
    time: int | None = None,
    precision: str | None = None,
) -> str:
    """The interval [`earliest`, `latest`) on the wall clock of `zone`; "undated" where there is none.

    `time` is the best single instant, shown instead of the interval where `precision` is a minute or finer.

    >>> in_words(0, 86_400 * SECOND, "UTC", precision="day"), in_words(0, 60 * SECOND, "UTC", precision="minute")
    ('1970-01-01', '1970-01-01 00:00')
    """
    if earliest is None or latest is None:
        return "undated"
    if latest - earliest <= 60 * SECOND and precision in (*_FINE, None):
        return _instant(earliest if time is None else time, zone, precision or "second")
    low, high = _wall(earliest, zone), _wall(latest, zone)
    if (low.hour, low.minute, low.second, high.hour, high.minute, high.second) == (0, 0, 0, 0, 0, 0):
        return _days(low, high)
    if high.date() == low.date():
        return f"{low:%Y-%m-%d %H:%M} – {high:%H:%M}"
    if high - low <= dt.timedelta(days=1) and high.hour == high.minute == 0:
        return f"{low:%Y-%m-%d %H:%M} – 24:00"
    return f"{low:%Y-%m-%d %H:%M} – {high:%Y-%m-%d %H:%M}"


def _instant(time: int, zone: str, precision: str) -> str:
    wall = _wall(time, zone)
    if precision == "minute":
        return f"{wall:%Y-%m-%d %H:%M}"
    digits = _DIGITS.get(precision, 0)
    fraction = f".{time % SECOND:09d}"[: digits + 1] if digits else ""
    return f"{wall:%Y-%m-%d %H:%M:%S}{fraction}"


def _days(low: dt.datetime, high: dt.datetime) -> str:
    last = high - dt.timedelta(days=1)
    if last <= low:
        return f"{low:%Y-%m-%d}"
    if low.day == high.day == 1:
        months = (high.year - low.year) * 12 + high.month - low.month
        if months == 1:
            return f"{low:%Y-%m}"
        if months == 12 and low.month == 1:
            return f"{low:%Y}"
    return f"{low:%Y-%m-%d} – {last:%Y-%m-%d}"


def _wall(instant: int, zone: str) -> dt.datetime:
    return to_datetime(local_time(instant, zone)).replace(tzinfo=None)
