"""`find_clock`: where the offsets of a recording begin, so that `00:11:09` may become a time of day, and why.

The decision hidden here: what may anchor a recording. First the anchor that the caller gives, then a date with a time of
day in the head of the file, then a file name as Zoom writes it (GMT, by Zoom's own documentation), then a date alone:
each is an assumption that the rows rest on. Where there is none, the offsets keep the order and stay undated.

References:
    WebVTT (W3C), section 3.1: times are relative to the media. Zoom support, "Finding and viewing cloud recordings":
    files are named GMT and date and time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rca.errors import Severity
from rca.moments.instants import SECOND, is_in_range
from rca.moments.moment import Basis, Moment, Precision, TimeKind
from rca.moments.units import to_local, unit_span
from rca.moments.zones import local_time
from rca.reading.meetings.heads import find_head_date, head_date
from rca.reading.source import Source

__all__ = ["CODE", "Clock", "find_clock", "locator_of", "offset_text", "read_offset"]

CODE = "RCA192"
_MS = 1_000_000
_NAME = re.compile(r"(?:^|[/\\_ -])GMT(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})(?!\d)")
_OFFSET = re.compile(r"(?:(\d{1,6}):)?(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,9}))?")
_START = re.compile(
    r"^\W*(?:(?:meeting|recording|call|interview)\s+)?(?:date(?: and time)?|start(?:ed|s)?(?:\s+(?:time|at|on))?|"
    r"recorded(?:\s+(?:at|on))?|datum(?: och tid)?|inspela[dt]|starttid|startade|mötesdatum|inspelningsdatum|dato|"
    r"starttidspunkt|begonnen|beginn|aufgenommen|päivämäärä|alkoi|aloitusaika)\b\W*(?=\d|\w)",
    re.IGNORECASE,
)
_ORDER = {precision: rank for rank, precision in enumerate(Precision)}


@dataclass(frozen=True, slots=True)
class Offset:
    """A time in a recording in nanoseconds, and the unit that it is written in."""

    value: int
    width: int

    @property
    def precision(self) -> Precision:
        """How fine it is written."""
        return (
            Precision.SECOND if self.width >= SECOND else Precision.MS if self.width >= _MS else Precision.NS
        )


def read_offset(text: str) -> Offset | None:
    """The offset that `text` is as a whole; None where it is none, or no time (minutes above 59 after hours).

    >>> read_offset("00:11:09,500").value
    669500000000
    >>> read_offset("0:03").width == 10**9, read_offset("00:61:00")
    (True, None)
    """
    found = _OFFSET.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes, seconds = int(found[1] or 0), int(found[2]), int(found[3])
    if seconds > 59 or (found[1] is not None and minutes > 59):
        return None
    fraction = found[4] or ""
    value = ((hours * 60 + minutes) * 60 + seconds) * SECOND + int(fraction.ljust(9, "0") or 0)
    return Offset(value, 10 ** (9 - len(fraction)))


def offset_text(value: int) -> str:
    """An offset as hours, minutes, seconds and at least three decimals.

    >>> offset_text(669_500_000_000)
    '00:11:09.500'
    """
    seconds, rest = divmod(value, SECOND)
    fraction = f"{rest:09d}"
    fraction = fraction[:3] if fraction.endswith("000000") else fraction
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction}"


def locator_of(value: int) -> str:
    """The locator of an offset: its decimals only where there are any.

    >>> locator_of(669 * 10**9), locator_of(669_500_000_000)
    ('T00:11:09', 'T00:11:09.500')
    """
    return "T" + offset_text(value).removesuffix(".000")


@dataclass(frozen=True, slots=True)
class Clock:
    """When a recording began, where that is known, and the assumptions that it rests on."""

    start: Moment | None = None
    assumptions: tuple[str, ...] = ()

    def at(
        self,
        offset: Offset | None,
        text: str = "",
        *,
        until: int | None = None,
        kind: TimeKind = TimeKind.SAID,
    ) -> Moment | None:
        """The moment of an offset, from the earliest to the latest that the start allows; None where none is known.

        `until` is the offset before which it lies, where the offset only says after what.
        """
        if self.start is None or offset is None:
            return None
        earliest = self.start.earliest + offset.value
        last = offset.value + offset.width if until is None or until <= offset.value else until
        latest = self.start.latest + last - 1
        if not is_in_range(earliest) or not is_in_range(latest):
            return None
        precision = max(self.start.precision, offset.precision, key=_ORDER.__getitem__)
        if until is not None and latest - earliest > 60 * SECOND:
            precision = max(precision, Precision.HOUR, key=_ORDER.__getitem__)
        return Moment(earliest, latest, precision, Basis.RELATIVE, text, self.start.zone, kind)

    def during(self, kind: TimeKind = TimeKind.SAID) -> Moment | None:
        """From the start to the end of its day: said at the meeting, nothing tells when."""
        if self.start is None:
            return None
        day = self.start.earliest + 86_400 * SECOND
        if self.start.zone is not None:
            day = unit_span(local_time(self.start.earliest, self.start.zone), Precision.DAY, self.start.zone)[
                1
            ]
        latest = max(day, self.start.latest)
        return Moment(
            self.start.earliest, latest, Precision.DAY, Basis.RELATIVE, self.start.text, self.start.zone, kind
        )

    def instant(self, offset: Offset | None) -> int | None:
        """The single instant of an offset, for ends."""
        moment = self.at(offset)
        return moment.earliest if moment else None


def find_clock(source: Source, heads: Iterable[str] = (), *, is_loose: bool = False) -> Clock:
    """The clock of the recording in `source`.

    `heads` are the lines of its head; a date counts there after a word such as "Started:", or on a line of its own where
    `is_loose`. Where no start is known, an issue says how to give one.
    """
    if source.declared.anchor is not None:
        return _declared(source, source.declared.anchor)
    stated = _in_head(source, heads, is_loose=is_loose)
    if stated is not None and stated[1]:
        return stated[0]
    named = _in_name(source)
    if named is not None:
        return named
    if stated is not None:
        return stated[0]
    source.issue(
        CODE,
        Severity.INFO,
        "The times are offsets into a recording, and nothing says when it began: the events stay undated, in order",
        hint="Give the start with --anchor 2024-11-12T09:00:00Z (of the recording, not of the meeting).",
    )
    return Clock()


def _declared(source: Source, anchor: int) -> Clock:
    width, precision = 1, Precision.NS
    for unit, name in ((_MS, Precision.MS), (SECOND, Precision.SECOND), (60 * SECOND, Precision.MINUTE)):
        if anchor % unit == 0:
            width, precision = unit, name
    given = source.assume(
        "anchor",
        "offsets count from the anchor that was given, which is as exact as its last figure that is not zero",
        rests_on="the anchor given for this exhibit or call",
        alternatives=("another start of the recording",),
    )
    start = Moment(anchor, anchor + width, precision, Basis.OFFSET_STATED, "", None, TimeKind.STARTED)
    return Clock(start, (given,))


def _in_head(source: Source, heads: Iterable[str], *, is_loose: bool) -> tuple[Clock, bool] | None:
    """The clock that a date in the head gives, and whether it names a time of day."""
    best = None
    for line in heads:
        label = _START.match(line)
        if label:
            found = find_head_date(line[label.end() :], zone=source.zone, zone_basis=source.zone_basis)
        elif is_loose and len(line) <= 200:
            found = head_date(line, zone=source.zone, zone_basis=source.zone_basis)
            if found is None:
                found = find_head_date(line, zone=source.zone, zone_basis=source.zone_basis)
                found = found if found is not None and found.has_clock else None
        else:
            found = None
        if found is not None and (best is None or (found.has_clock and not best.has_clock)):
            best = found
    if best is None:
        return None
    reasons = [
        source.assume(
            "anchor",
            f"offsets count from {best.moment.text}",
            rests_on="the date in the head of the file",
            alternatives=("the recording began later than the meeting", "another start, given with --anchor"),
        )
    ]
    if not best.has_offset and source.zone_basis is Basis.ZONE_ASSUMED:
        reasons.append(_assume_zone(source))
    return Clock(best.moment, tuple(reasons)), best.has_clock


def _assume_zone(source: Source) -> str:
    return source.assume(
        "zone",
        f"stamps without an offset are read as {source.zone}",
        rests_on="nobody stated the zone of this exhibit",
        alternatives=(
            "the zone of the machine that wrote it",
            "another zone, given with zone=… or in the register",
        ),
    )


def _in_name(source: Source) -> Clock | None:
    found = _NAME.search(source.name)
    if not found:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in found.groups())
        wall = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None
    instant = to_local(wall)
    if not is_in_range(instant):
        return None
    reason = source.assume(
        "anchor",
        f"the recording began at {wall:%Y-%m-%d %H:%M:%S} GMT",
        rests_on="the name of the file, written as Zoom names recordings",
        alternatives=("the file was renamed", "another start, given with --anchor"),
    )
    start = Moment(
        instant, instant + SECOND, Precision.SECOND, Basis.OFFSET_STATED, found[0].strip("/\\_ -"), None,
        TimeKind.STARTED,
    )  # fmt: skip
    return Clock(start, (reason,))
