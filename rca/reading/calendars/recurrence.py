"""When a recurring appointment takes place: rules, further dates and exceptions as wall-clock times.

The decision hidden here: how far a recurrence is told. Rules are worked out on the wall clock of the appointment's own
zone, so that nine o'clock stays nine o'clock across summer time; a rule with an end is told to its end, one without
around what else the file shows, and never more than a stated number of times. Rules of vCalendar 1.0 are put in the
words of iCalendar first.

References:
    RFC 5545, 3.3.10, 3.8.5; vCalendar 1.0, 2.3.11 (basic recurrence rule grammar).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rca.reading.calendars.content import Component

__all__ = ["MOST", "YEARS", "Expansion", "expand", "from_vcalendar", "onsets", "read_wall"]

MOST = 1_000
"""The most occurrences of one appointment that are told."""
YEARS = 5
"""Of a recurrence without an end, so many years are told: the last of them is the year after the file's last stamp."""

_STEPS = 40_000
_WALL = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[Tt ]?(\d{2}):?(\d{2}):?(\d{2})?)?")
_UNITS = {"YEARLY": 366, "MONTHLY": 31, "WEEKLY": 7, "DAILY": 1}
_FINE = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
_KNOWN = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO",
     "BYMONTH", "BYSETPOS", "WKST"}
)  # fmt: skip
_V1 = re.compile(r"(D|W|MP|MD|YM|YD)(\d{1,4})((?: +(?!#)[^#]*?)?)(?: +(?:#(\d{1,6})|(\d{8}T\d{6}Z?)))?\s*$")


@dataclass(frozen=True, slots=True)
class Expansion:
    """The wall clocks at which a rule strikes, in order; what is wrong with the rule; whether it goes on unsaid."""

    walls: tuple[dt.datetime, ...] = ()
    trouble: str = ""
    is_cut: bool = False
    has_end: bool = True


def read_wall(text: str) -> dt.datetime | None:
    """The wall clock that a date or date-time states, midnight for a date.

    >>> read_wall("20241112T053000Z")
    datetime.datetime(2024, 11, 12, 5, 30)
    """
    found = _WALL.match(text.strip())
    if not found:
        return None
    second = min(int(found[6] or 0), 59)
    try:
        return dt.datetime(
            int(found[1]), int(found[2]), int(found[3]), int(found[4] or 0), int(found[5] or 0), second
        )
    except ValueError:
        return None


def from_vcalendar(rule: str) -> str:
    """A rule of vCalendar 1.0 as one of iCalendar; a rule that is none of its own is handed back.

    >>> from_vcalendar("W2 MO WE #10")
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10'
    >>> from_vcalendar("MP1 1+ TU 20251231T000000")
    'FREQ=MONTHLY;INTERVAL=1;BYDAY=1TU;UNTIL=20251231T000000'
    """
    found = _V1.match(rule.strip().upper())
    if not found:
        return rule
    kind, words = found[1], found[3].split()
    parts = {"D": "DAILY", "W": "WEEKLY", "MP": "MONTHLY", "MD": "MONTHLY", "YM": "YEARLY", "YD": "YEARLY"}
    told = [f"FREQ={parts[kind]}", f"INTERVAL={int(found[2]) or 1}"]
    if kind == "MP":
        days, number = [], ""
        for word in words:
            if re.fullmatch(r"[1-5][+-]?", word):
                number = ("-" if word.endswith("-") else "") + word[0]
            elif re.fullmatch(r"SU|MO|TU|WE|TH|FR|SA", word):
                days.append(number + word)
        told += [f"BYDAY={','.join(days)}"] if days else []
    elif kind == "W":
        days = [word for word in words if re.fullmatch(r"SU|MO|TU|WE|TH|FR|SA", word)]
        told += [f"BYDAY={','.join(days)}"] if days else []
    elif kind in ("MD", "YM", "YD"):
        numbers = ["-1" if word == "LD" else word.rstrip("+") for word in words]
        numbers = [f"-{word[:-1]}" if word.endswith("-") else word for word in numbers]
        numbers = [word for word in numbers if re.fullmatch(r"-?\d{1,3}", word)]
        name = {"MD": "BYMONTHDAY", "YM": "BYMONTH", "YD": "BYYEARDAY"}[kind]
        told += [f"{name}={','.join(numbers)}"] if numbers else []
    if found[4] and int(found[4]):
        told.append(f"COUNT={found[4]}")
    elif found[5]:
        told.append(f"UNTIL={found[5]}")
    elif not found[4]:
        told.append("COUNT=2")  # vCalendar 1.0: the default duration of a rule is #2
    return ";".join(told)


def _parts(rule: str) -> dict[str, str]:
    text = rule.strip().removeprefix("RRULE:").upper().rstrip(";")
    parts: dict[str, str] = {}
    for piece in text.split(";"):
        name, mark, value = piece.partition("=")
        if mark and value.strip(" ,"):
            parts[name.strip()] = value.strip(" ,").replace(" ", "")
    return parts


def expand(
    rule: str, start: dt.datetime, *, until: dt.datetime | None, evidence: dt.datetime | None
) -> Expansion:
    """The wall clocks of `rule` from `start` on.

    Args:
        rule: an RRULE (or EXRULE) of iCalendar or vCalendar 1.0.
        start: the wall clock of DTSTART.
        until: the rule's UNTIL on the same wall clock, None where it has none.
        evidence: the last stamp of the file besides, on the same wall clock.
    """
    parts = _parts(from_vcalendar(rule))
    parts.pop("UNTIL", None)
    strange = sorted(set(parts) - _KNOWN - {"SKIP"} - {name for name in parts if name.startswith("X-")})
    frequency = parts.get("FREQ", "")
    interval, count = parts.get("INTERVAL", "1"), parts.get("COUNT", "")
    if strange or frequency not in (*_UNITS, *_FINE):
        return Expansion(
            trouble=f"{', '.join(strange)} is not understood" if strange else "it has no frequency"
        )
    if not interval.isdecimal() or not 0 < int(interval) < 10_000 or (count and not count.isdecimal()):
        return Expansion(trouble="its interval or count is no number")
    has_end = until is not None or bool(count)
    focus = max(start, evidence or start)
    last = _reach(start, frequency, int(interval))
    if until is not None:
        last = min(last, until)
    elif not count:
        last = min(last, _later(focus, 366))
    first = start if has_end else max(start, _later(_later(focus, 366), -366 * YEARS))
    kept = {name: value for name, value in parts.items() if name in _KNOWN and name != "COUNT"}
    try:
        found = list(_strikes(kept, start, last, int(count) if count else None, first))
    except Exception as error:  # dateutil raises many kinds of errors on rules that are none
        return Expansion(trouble=f"it is no rule ({str(error)[:80]})", has_end=has_end)
    is_cut = len(found) > MOST or not has_end
    if len(found) > MOST:
        found = sorted(sorted(found, key=lambda wall: (abs(wall - focus), wall))[:MOST])
    return Expansion(tuple(found), is_cut=is_cut, has_end=has_end)


def _strikes(
    parts: dict[str, str], start: dt.datetime, last: dt.datetime, count: int | None, first: dt.datetime
) -> Iterator[dt.datetime]:
    """The wall clocks from `first` to `last` at which a rule strikes.

    dateutil asks a rule that never strikes up to the year 9999. The calendar repeats itself after 400 years, weekdays
    included; so the rule is asked as late as possible, and such a rule soon ends.
    """
    from dateutil.rrule import rrulestr

    shift = max(0, (9998 - max(last, start).year) // 400 * 400)
    asked = {**parts, "UNTIL": f"{last.replace(year=last.year + shift):%Y%m%dT%H%M%S}"}
    text = ";".join(
        f"{name}={value}" for name, value in sorted(asked.items(), key=lambda one: one[0] != "FREQ")
    )
    rule = rrulestr(text, dtstart=start.replace(year=start.year + shift))
    told = 1  # DTSTART is the first occurrence, whether the rule strikes it or not
    if start >= first:
        yield start
    for later in rule:
        wall = later.replace(year=later.year - shift)
        if wall == start:
            continue
        if count is not None and told >= count:
            return
        told += 1
        if wall >= first:
            yield wall


def _reach(start: dt.datetime, frequency: str, interval: int) -> dt.datetime:
    """How far a rule may be followed: a bounded number of steps, so that one that never strikes again ends."""
    if frequency in _UNITS:
        return _later(start, min(_UNITS[frequency] * interval * _STEPS, 3_000_000))
    return _later(start, _FINE[frequency] * interval * _STEPS // 86_400 + 1)


def _later(wall: dt.datetime, days: int) -> dt.datetime:
    try:
        moved = wall + dt.timedelta(days=days)
    except OverflowError:
        return dt.datetime(9998, 12, 31) if days > 0 else dt.datetime(1, 1, 2)
    return min(moved, dt.datetime(9998, 12, 31))


def onsets(component: Component, *, until: dt.datetime, offset: int) -> list[dt.datetime]:
    """The wall clocks at which a part of a VTIMEZONE begins, up to `until`; `offset` is that before it."""
    start = read_wall(component.text("DTSTART"))
    if start is None:
        return []
    found = {start}
    for line in component.all("RDATE"):
        found |= {wall for one in line.value.split(",")[:5_000] if (wall := read_wall(one)) is not None}
    for line in component.all("RRULE")[:20]:
        ended = re.search(r"UNTIL=([0-9TZ]+)", line.value.upper())
        stop = read_wall(ended[1]) if ended else None
        if ended and stop is not None and ended[1].endswith("Z"):
            stop += dt.timedelta(seconds=offset)
        parts = _parts(line.value)
        parts.pop("UNTIL", None)
        count = parts.pop("COUNT", "")
        interval = parts.get("INTERVAL", "1")
        if parts.get("FREQ") not in ("YEARLY", "MONTHLY") or not interval.isdecimal() or not int(interval):
            continue
        last = min(stop or until, until)
        kept = {name: value for name, value in parts.items() if name in _KNOWN}
        begin = start
        if start.year < 1900 and not count:
            begin = dt.datetime(1900, start.month, 1, start.hour, start.minute, start.second)
        with suppress(Exception):  # a rule that is none: the zone has the onsets that are stated
            struck = _strikes(kept, begin, last, int(count) if count.isdecimal() else None, begin)
            found |= {wall for wall in struck if wall != begin or begin == start}
    return sorted(found)
