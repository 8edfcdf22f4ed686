"""The occurrences of recurring appointments, each with the line that says so.

The decision hidden here: which occurrences stand. Rules and further dates give them, exceptions take them away, and an
occurrence that was moved or cancelled is told where its own component stands, not here.

References:
    RFC 5545, 3.8.4.4 (RECURRENCE-ID), 3.8.5 (EXDATE, RDATE, RRULE).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rca.errors import Severity
from rca.moments.moment import TimeKind
from rca.reading.calendars.content import Component, Line
from rca.reading.calendars.recurrence import YEARS, expand, from_vcalendar
from rca.reading.calendars.times import Clock, Stated, read_duration, read_stated
from rca.reading.telling import Place, Teller

__all__ = ["Appointment", "Occurrences", "known_stamp", "line_place", "place_of", "utc_stamp"]

_MOST_RULES = 20
_MOST_IDLE = 30


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment that was told: its component, title, ids, who is invited, and the columns that its events share."""

    component: Component
    summary: str
    record: str
    told: str
    people: list[str]
    columns: dict[str, Any] = field(default_factory=dict)


class Occurrences:
    """Tells the occurrences of appointments. `note` takes down an issue: sort, severity, message, component, hint."""

    def __init__(
        self,
        teller: Teller,
        clock: Clock,
        last: dt.datetime | None,
        note: Callable[[str, Severity, str, Component, str], None],
    ) -> None:
        self.teller = teller
        self.clock = clock
        self.last = last
        self.note = note
        self.idle = 0

    def tell(self, one: Appointment, start: Stated, moved: list[Stated]) -> None:
        """Tell the occurrences of an appointment that starts at `start`; `moved` are those told by components of their own."""
        component = one.component
        rules, extra = component.all("RRULE"), component.all("RDATE")
        if not rules and not extra:
            return
        found: dict[dt.datetime, tuple[Line, Stated, str]] = {}
        first = component.first("DTSTART")
        if not rules and first is not None:
            found[start.wall] = (first, start, "")
        for rule in rules[:_MOST_RULES]:
            for wall in self._strike(rule, start, one):
                found.setdefault(wall, (rule, start.at(wall), ""))
        for line, stated, length in self._dates_of(extra):
            further = self.clock.wall_in_zone_of(start, stated)
            if further is not None:
                found.setdefault(further, (line, stated, length))
        gone, days = self._excluded(one, start, moved)
        left = [wall for wall in sorted(found) if wall not in gone and wall.date() not in days]
        usual = component.text("DURATION") or self._length(component, start)
        for number, wall in enumerate(left, start=1):
            line, stated, length = found[wall]
            self._tell_one(one, number, line, stated, length or usual)

    def tell_dates(self, one: Appointment) -> None:
        """Tell the further dates of an appointment that has no start."""
        for number, (line, stated, length) in enumerate(self._dates_of(one.component.all("RDATE")), start=1):
            self._tell_one(one, number, line, stated, length)

    def _tell_one(self, one: Appointment, number: int, line: Line, stated: Stated, length: str) -> None:
        moment, rests = self.clock.moment(stated, place_of=f"L{one.component.line}")
        if moment is None:
            return
        self.teller.tell(
            "calendar.occurrence",
            one.summary,
            _spread(one.component, line, number),
            moment=moment,
            end=self.clock.end(stated, None, length),
            time_kind=TimeKind.SCHEDULED,
            known=known_stamp(one.component),
            record=one.record,
            audience=one.people,
            fields={"occurrence": str(number), "by": line.name},
            assumptions=rests,
            parent=one.told,
            **one.columns,
        )

    def _strike(self, line: Line, start: Stated, one: Appointment) -> list[dt.datetime]:
        """The wall clocks of a rule; what was cut or not understood becomes an issue."""
        ended = re.search(r"(?i)UNTIL=([0-9TZ-]+)", from_vcalendar(line.value))
        if self.idle >= _MOST_IDLE:
            why = "many rules of this file never strike, so that the others are not followed"
            self.note(
                "idle",
                Severity.WARNING,
                f"The rule of “{one.summary}” was not followed: {why}",
                one.component,
                "",
            )
            return []
        until = self._until(ended[1], start) if ended else None
        result = expand(line.value, start.wall, until=until, evidence=self.last)
        is_idle = len(result.walls) <= 1 and until is None and "COUNT=1" not in line.value.upper()
        self.idle += is_idle
        if result.trouble:
            self.note(
                "rule",
                Severity.WARNING,
                f"The rule of “{one.summary}” was not followed: {result.trouble}",
                one.component,
                "The appointment itself is told; its occurrences have to be read by hand.",
            )
        elif result.is_cut and result.walls and line.name == "RRULE":
            low, high = result.walls[0], result.walls[-1]
            why = (
                "recurs more often"
                if result.has_end
                else f"recurs without an end ({YEARS} years at most are told)"
            )
            self.note(
                "bound",
                Severity.INFO,
                f"“{one.summary}” {why}: {len(result.walls)} occurrences are told, from {low:%Y-%m-%d} to {high:%Y-%m-%d}",
                one.component,
                "The bound lies around the last stamp of the file; the rule itself is kept with the appointment.",
            )
        return list(result.walls)

    def _until(self, text: str, start: Stated) -> dt.datetime | None:
        stated = read_stated(text)
        if stated is None:
            return None
        if stated.is_date and not start.is_date:
            return stated.wall + dt.timedelta(hours=23, minutes=59, seconds=59)
        if stated.offset is None or start.is_date:
            return stated.wall
        return self.clock.wall_in_zone_of(start, stated) or stated.wall

    def _dates_of(self, lines: list[Line]) -> Iterator[tuple[Line, Stated, str]]:
        """The dates of RDATE lines, with the duration that a period states."""
        told = 0
        for line in lines:
            for text in re.split("[,;]", line.value):
                begin, _, rest = text.strip().partition("/")
                stated = read_stated(begin, line.params.get("TZID", ""))
                if stated is None:
                    continue
                told += 1
                if told > 1_000:
                    return
                length = rest if read_duration(rest) else ""
                finish = read_stated(rest) if rest and not length else None
                if finish is not None:
                    length = f"PT{max(0, int((finish.wall - stated.wall).total_seconds()))}S"
                yield line, stated, length

    def _excluded(
        self, one: Appointment, start: Stated, moved: list[Stated]
    ) -> tuple[set[dt.datetime], set[dt.date]]:
        """The wall clocks, and whole days, at which the appointment does not take place as the rule says."""
        gone: set[dt.datetime] = set()
        days: set[dt.date] = set()
        exceptions = list(moved)
        for line in one.component.all("EXDATE"):
            texts = re.split("[,;]", line.value)[:5_000]
            exceptions += [each for text in texts if (each := read_stated(text, line.params.get("TZID", "")))]
        for each in exceptions:
            wall = self.clock.wall_in_zone_of(start, each)
            if wall is not None:
                gone.add(wall)
            if each.is_date and not start.is_date:
                days.add(each.wall.date())
        for rule in one.component.all("EXRULE")[:_MOST_RULES]:
            gone |= set(self._strike(rule, start, one))
        return gone, days

    def _length(self, component: Component, start: Stated) -> str:
        """How long each occurrence lasts, from the end of the first."""
        finish = self.clock.stated(component.first("DTEND"))
        if finish is None:
            return ""
        if start.is_date and finish.is_date:
            return f"P{max(0, (finish.wall - start.wall).days)}D"
        begun, _ = self.clock.moment(start)
        ended, _ = self.clock.moment(finish)
        if begun is None or ended is None or ended.earliest < begun.earliest:
            return ""
        return f"PT{min((ended.earliest - begun.earliest) // 10**9, 999_999_999)}S"


def place_of(component: Component) -> Place:
    """The place of a whole component."""
    last = component.last_line
    locator = f"L{component.line}-{last}" if last > component.line else f"L{component.line}"
    return Place(locator, component.start, component.end - component.start, component.line)


def line_place(line: Line | None, component: Component) -> Place:
    """The place of a line, of the component where there is none."""
    if line is None:
        return place_of(component)
    locator = f"L{line.line}-{line.last_line}" if line.last_line > line.line else f"L{line.line}"
    return Place(locator, line.start, line.length, line.line)


def _spread(component: Component, line: Line, number: int) -> Place:
    """The place of an occurrence: its rule, or, where an id of that line has been given too often, another line of it."""
    if number <= 250:
        return line_place(line, component)
    others = [
        one
        for one in component.lines
        if one is not line and one.name not in ("ATTENDEE", "COMPLETED", "STATUS")
    ]
    if not others:
        return line_place(line, component)
    return line_place(others[((number - 251) // 250) % len(others)], component)


def utc_stamp(text: str) -> str:
    """A stamp that states UTC, as it is; else "" (RFC 5545 wants these stamps in UTC)."""
    stated = read_stated(text)
    return text if stated is not None and stated.offset is not None else ""


def known_stamp(component: Component) -> str:
    """The latest time by which the calendar held what it says."""
    return next(
        (
            text
            for name in ("LAST-MODIFIED", "DTSTAMP", "CREATED")
            if (text := utc_stamp(component.text(name)))
        ),
        "",
    )
