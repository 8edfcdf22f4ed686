"""The times of a calendar as moments: in UTC, in a named zone, by the file's own rules, or floating.

The decision hidden here: which instant a wall clock of a calendar is. A repeated hour means its first reading and a
left-out hour the offset before it, because RFC 5545 says so; a floating time has the zone that was declared for the
exhibit, else the one that the calendar is shown in, else UTC, and each guess is an assumption.

References:
    RFC 5545, 3.3.4, 3.3.5, 3.3.6, 3.3.9; X-WR-TIMEZONE (Apple, Google).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from rca.errors import Severity
from rca.moments.instants import FIRST, LAST, SECOND
from rca.moments.moment import Basis, Moment, Precision, TimeKind
from rca.moments.zones import offset_at, place
from rca.reading.calendars.content import Line
from rca.reading.calendars.recurrence import read_wall
from rca.reading.calendars.zones import Chosen, FileZone, choose_zone
from rca.reading.source import Source

__all__ = ["Clock", "Stated", "read_duration", "read_stated"]

_VALUE = re.compile(
    r"\d{4}-?\d{2}-?\d{2}(?:(?P<time>[Tt ]?\d{2}:?\d{2}(?::?(?P<second>\d{2}))?)\s*(?P<zone>Z|z|[+-]\d{2}:?\d{2})?)?"
)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?",
    re.IGNORECASE,
)
_EPOCH = dt.datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Stated:
    """A date or date-time as a calendar states it: the text, its wall clock, and what it says of the zone."""

    text: str
    wall: dt.datetime
    is_date: bool
    is_minute: bool = False
    offset: int | None = None
    tzid: str = ""

    def at(self, wall: dt.datetime) -> Stated:
        """The same kind of time at another wall clock, which is not written anywhere."""
        return Stated("", wall, self.is_date, self.is_minute, self.offset, self.tzid)


def read_stated(text: str, tzid: str = "") -> Stated | None:
    """The time that a value states, None where it states none or an impossible one.

    >>> read_stated("20241112").is_date, read_stated("20241112T053000Z").offset
    (True, 0)
    """
    text = text.strip()
    found = _VALUE.fullmatch(text)
    wall = read_wall(text) if found else None
    if found is None or wall is None:
        return None
    if found["time"] is None:
        return Stated(text, wall, is_date=True, tzid=tzid)
    offset = None
    if found["zone"]:
        digits = found["zone"].replace(":", "")
        offset = 0
        if digits.upper() != "Z":
            offset = (int(digits[1:3]) * 3600 + int(digits[3:5]) * 60) * (-1 if digits[0] == "-" else 1)
        if abs(offset) > 18 * 3600:
            return None
    return Stated(text, wall, is_date=False, is_minute=found["second"] is None, offset=offset, tzid=tzid)


def read_duration(text: str) -> tuple[int, int] | None:
    """A duration as days and seconds, None where it is none.

    >>> read_duration("P1DT2H"), read_duration("-PT15M")
    ((1, 7200), (0, -900))
    """
    found = _DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    return sign * (weeks * 7 + days), sign * (hours * 3600 + minutes * 60 + seconds)


class Clock:
    """Turns the times of one file into moments; `rules` are its zones by TZID, `shown_in` the zone that it is shown in."""

    def __init__(self, source: Source, code: str) -> None:
        self.source = source
        self.code = code
        self.rules: dict[str, FileZone] = {}
        self.shown_in = ""
        self._chosen: dict[str, Chosen] = {}
        self._told: set[str] = set()

    def choose(self, tzid: str) -> Chosen:
        """What a TZID means in this file."""
        if tzid not in self._chosen:
            self._chosen[tzid] = choose_zone(tzid, self.rules.get(tzid.strip('"')))
        return self._chosen[tzid]

    def stated(self, line: Line | None) -> Stated | None:
        """The time that a line states."""
        if line is None:
            return None
        return read_stated(line.value, line.params.get("TZID", ""))

    def moment(self, stated: Stated, *, place_of: str = "") -> tuple[Moment | None, list[str]]:
        """The moment of a stated time, and the assumptions that it rests on; None where it lies outside all calendars."""
        rests: list[str] = []
        if stated.offset is not None:
            return self._build(stated, stated.offset, Basis.OFFSET_STATED), rests
        zone, basis = "", Basis.ZONE_GIVEN
        if stated.tzid:
            chosen = self.choose(stated.tzid)
            if chosen.iana:
                zone = chosen.iana
                self._note_mapping(stated.tzid, chosen, rests)
                self._compare(stated, chosen, place_of)
            elif chosen.rules is not None:
                offset = chosen.rules.offset(stated.wall)
                if offset is not None:
                    return self._build(stated, offset, Basis.ZONE_GIVEN), rests
            elif chosen.fixed is not None:
                return self._build(stated, chosen.fixed, Basis.OFFSET_STATED), rests
            if not chosen.is_known or not (zone or chosen.fixed is not None):
                self._note_unknown(stated.tzid, place_of)
        if not zone:
            zone, basis = self._floating(rests)
        return self._place(stated, zone, basis, rests), rests

    # -- zones ----------------------------------------------------------------------------------------------

    def _floating(self, rests: list[str]) -> tuple[str, Basis]:
        source = self.source
        if source.declared.zone and source.zone_basis is Basis.ZONE_GIVEN:
            return source.declared.zone, Basis.ZONE_GIVEN
        shown = self.choose(self.shown_in).iana if self.shown_in else ""
        if shown:
            rests.append(
                source.assume(
                    "zone",
                    f"floating times are read as {shown}",
                    rests_on="X-WR-TIMEZONE: the calendar is shown in that zone",
                    alternatives=(
                        "the zone of whoever looks at the calendar",
                        "another zone, given with zone=…",
                    ),
                )
            )
            return shown, Basis.ZONE_ASSUMED
        rests.append(
            source.assume(
                "zone",
                f"stamps without an offset are read as {source.zone}",
                rests_on="nobody stated the zone of this exhibit",
                alternatives=(
                    "the zone of the machine that wrote it",
                    "another zone, given with zone=… or in the register",
                ),
            )
        )
        return source.zone, Basis.ZONE_ASSUMED

    def _note_mapping(self, tzid: str, chosen: Chosen, rests: list[str]) -> None:
        if chosen.how == "CLDR":
            rests.append(
                self.source.assume(
                    "zone",
                    f'the zone "{tzid}" is {chosen.iana}',
                    rests_on="Unicode CLDR, windowsZones, territory 001",
                    alternatives=("another country's zone of that name", "the rules that the file brings"),
                )
            )

    def _note_unknown(self, tzid: str, place_of: str) -> None:
        if f"unknown {tzid}" not in self._told and len(self._told) < 200:
            self._told.add(f"unknown {tzid}")
            self.source.issue(
                self.code,
                Severity.WARNING,
                f'No rules are known for the zone "{tzid[:80]}"; its times are read as floating',
                place=place_of,
                hint="Give the zone with zone=… or in the register.",
            )

    def _compare(self, stated: Stated, chosen: Chosen, place_of: str) -> None:
        """Say once where the file's own rules for a zone give another offset than the IANA zone."""
        if chosen.rules is None or stated.is_date or f"differs {stated.tzid}" in self._told:
            return
        own = chosen.rules.offset(stated.wall)
        spots = place(_local(stated.wall), chosen.iana) if _is_near(stated.wall) else None
        if own is None or spots is None:
            return
        offsets = {(_local(stated.wall) - instant) // SECOND for instant in spots.instants}
        if own not in offsets:
            self._told.add(f"differs {stated.tzid}")
            self.source.issue(
                self.code,
                Severity.WARNING,
                f'For {stated.wall:%Y-%m-%d %H:%M} the rules in the file give "{stated.tzid[:80]}" the offset'
                f" {_shown(own)}, the IANA zone {chosen.iana} has {_shown(min(offsets))}; the latter is used",
                place=place_of,
                hint="The file's rules may be old or cut short; compare with another source of the meeting.",
            )

    # -- moments --------------------------------------------------------------------------------------------

    def _build(self, stated: Stated, offset: int, basis: Basis) -> Moment | None:
        if not _is_near(stated.wall):
            return None
        instant = _local(stated.wall) - offset * SECOND
        return Moment(instant, instant + _width(stated), _precision(stated), basis, stated.text, kind=_KIND)

    def _place(self, stated: Stated, zone: str, basis: Basis, rests: list[str]) -> Moment | None:
        if not _is_near(stated.wall):
            return None
        if stated.is_date:
            low = place(_local(stated.wall), zone).instants[0]
            high = place(_local(stated.wall + dt.timedelta(days=1)), zone).instants[0]
            return Moment(low, max(high, low + 1), Precision.DAY, basis, stated.text, zone, _KIND)
        spots = place(_local(stated.wall), zone)
        instant = spots.instants[0]
        if spots.is_gap:
            instant, basis = spots.instants[1], Basis.weakest(basis, Basis.GAP_INFERRED)
            rests.append(self._by_standard("a time in a left-out hour has the offset before it", zone))
        elif spots.is_fold:
            basis = Basis.weakest(basis, Basis.FOLD_INFERRED)
            rests.append(self._by_standard("a time in a repeated hour is the first one", zone))
        return Moment(instant, instant + _width(stated), _precision(stated), basis, stated.text, zone, _KIND)

    def _by_standard(self, what: str, zone: str) -> str:
        return self.source.assume(
            "fold", f"{what} ({zone})", rests_on="RFC 5545, 3.3.5", alternatives=("the other reading",)
        )

    def end(self, stated: Stated, finish: Stated | None, duration: str) -> str:
        """When something ends, as RFC 3339 in UTC: from its end or its duration; "" where neither is stated."""
        if finish is not None:
            until, _ = self.moment(finish)
            return "" if until is None else _rfc3339(until.earliest)
        length = read_duration(duration) if duration else None
        if length is None:
            return ""
        try:
            nominal, _ = self.moment(stated.at(stated.wall + dt.timedelta(days=length[0])))
        except OverflowError:
            return ""
        return "" if nominal is None else _rfc3339(nominal.earliest + length[1] * SECOND)

    def wall_in_zone_of(self, stated: Stated, other: Stated) -> dt.datetime | None:
        """The wall clock that `other` shows in the zone of `stated`."""
        if other.is_date or (other.offset, other.tzid) == (stated.offset, stated.tzid):
            return other.wall
        moment, _ = self.moment(other)
        if moment is None:
            return None
        return self.wall_at(stated, moment.earliest)

    def wall_at(self, stated: Stated, instant: int) -> dt.datetime | None:
        """The wall clock in the zone of `stated` at an instant."""
        if not FIRST + 10**15 < instant < LAST - 10**15:
            return None
        offset = stated.offset
        if offset is None:
            chosen = self.choose(stated.tzid) if stated.tzid else Chosen()
            if not chosen.iana and chosen.rules is not None:
                guess = _EPOCH + dt.timedelta(seconds=instant // SECOND)
                near = chosen.rules.offset(guess) or 0
                offset = chosen.rules.offset(guess + dt.timedelta(seconds=near))
            elif not chosen.iana and chosen.fixed is not None:
                offset = chosen.fixed
            else:
                zone = chosen.iana or self._floating([])[0]
                offset = offset_at(instant, zone)
        return _EPOCH + dt.timedelta(seconds=instant // SECOND + (offset or 0))


_KIND = TimeKind.SCHEDULED


def _local(wall: dt.datetime) -> int:
    return round((wall - _EPOCH).total_seconds()) * SECOND


def _is_near(wall: dt.datetime) -> bool:
    """Whether a wall clock can be told in nanoseconds since 1970."""
    return 1680 <= wall.year <= 2259


def _width(stated: Stated) -> int:
    return (86_400 if stated.is_date else 60 if stated.is_minute else 1) * SECOND


def _precision(stated: Stated) -> Precision:
    return Precision.DAY if stated.is_date else Precision.MINUTE if stated.is_minute else Precision.SECOND


def _rfc3339(instant: int) -> str:
    seconds = instant // SECOND
    try:
        return f"{_EPOCH + dt.timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}Z"
    except OverflowError:
        return ""


def _shown(offset: int) -> str:
    sign, seconds = ("-" if offset < 0 else "+"), abs(offset)
    return f"{sign}{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
