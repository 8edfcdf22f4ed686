"""Settling: from what the words say to the moments that they can mean.

The decision hidden here: how a day, a time of day and a part of the day become an interval. An hour that no clock shows leaves nothing;
a repeated hour keeps both of its instants; an hour in words without the half of the day, and a night without its side of the day,
keep both readings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from rca.errors import UsageError
from rca.moments.instants import SECOND, is_in_range
from rca.moments.moment import Basis, Moment, Precision, TimeKind
from rca.moments.spoken.dated import ONE_DAY, Dated, Frame, dated, month_start
from rca.moments.spoken.pieces import Ago, Clock, Expression, Guess, Night, Note, Part
from rca.moments.units import PARTS, PartOfDay, days_span, part_span, to_local, unit_span
from rca.moments.zones import offset_at, place, possible_zones

__all__ = ["Reading", "readings"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of an expression: its beginning, the end of its range, and what it takes for granted."""

    start: Moment
    end: Moment | None
    notes: tuple[Note, ...]


def readings(expression: Expression, text: str, frame: Frame) -> tuple[Reading, ...]:
    """All readings of an expression, the likeliest first; none where it is impossible or rests on a time of saying that is unknown."""
    if expression.is_habit:
        return ()
    try:
        found = tuple(_all(expression, text, frame))
    except (ValueError, OverflowError, UsageError):  # beyond the calendar, or a day that its zone skipped
        return ()
    distinct: dict[tuple[int, int, int | None], Reading] = {}
    for reading in found:
        key = reading.start.earliest, reading.start.latest, reading.end.earliest if reading.end else None
        distinct.setdefault(key, reading)
    return tuple(
        reading
        for reading in distinct.values()
        if is_in_range(reading.start.earliest) and is_in_range(reading.start.latest)
    )


def _all(expression: Expression, text: str, frame: Frame) -> Iterator[Reading]:
    clock, part, date = expression.clock, expression.part, expression.date
    if clock is not None and not clock.is_valid:
        return
    if isinstance(date, Ago):
        moment = _ago(date, text, frame)
        if moment is not None:
            yield Reading(moment, None, ())
        return
    if date is None:
        today = frame.day()
        if today is None or clock is None:
            return
        note = Guess.DATE, "the day on which it was said"
        found = [Dated(today, today + ONE_DAY, Precision.DAY, Basis.DATE_INFERRED, (note,))]
    else:
        found = list(dated(date, frame, expression.languages))
    if part is not None and part.night is Night.BETWEEN:
        found = [
            replace(days, first=days.last[0], after=days.last[1], last=None) if days.last else days
            for days in found
        ]
    for days in found:
        if clock is not None:
            yield from _clocked(days, clock, part, text, frame)
        elif part is not None:
            yield from _parted(days, part, text, frame)
        else:
            yield _plain(days, text, frame)


def _ago(piece: Ago, text: str, frame: Frame) -> Moment | None:
    """The calendar unit, of the size in which it was told, in which the moment so many units away falls."""
    if frame.low is None or frame.high is None:
        return None
    if piece.unit in ("second", "minute", "hour"):
        width = {"second": 1, "minute": 60, "hour": 3600}[piece.unit] * SECOND
        if frame.high - frame.low > width:
            return None
        at = frame.low + piece.count * width
        at -= (at + offset_at(at, frame.zone) * SECOND) % width
        return Moment(at, at + width, Precision(piece.unit), Basis.RELATIVE, text, frame.zone)
    today = frame.day()
    if today is None or abs(piece.count) > 100_000:
        return None
    if piece.unit in ("day", "week"):
        day = today + piece.count * (7 if piece.unit == "week" else 1) * ONE_DAY
    else:
        months = piece.count * (12 if piece.unit == "year" else 1)
        day = month_start(today.year, today.month + months)
    low, high = unit_span(_local(day), Precision(piece.unit), frame.zone)
    return Moment(low, high, Precision(piece.unit), Basis.RELATIVE, text, frame.zone)


def _plain(days: Dated, text: str, frame: Frame) -> Reading:
    low, high = days_span(_local(days.first), _local(days.after), frame.zone)
    basis = Basis.weakest(frame.basis, days.basis)
    start = Moment(low, high, days.precision, basis, text, frame.zone)
    end = None
    if days.last is not None:
        low, high = days_span(_local(days.last[0]), _local(days.last[1]), frame.zone)
        end = replace(start, earliest=low, latest=high, kind=TimeKind.ENDED)
    return Reading(start, end, days.notes)


def _parted(days: Dated, part: Part, text: str, frame: Frame) -> Iterator[Reading]:
    basis = Basis.weakest(frame.basis, days.basis)
    midnight = _local(days.first)
    for day, note in _nights(part, midnight):
        low, high = part_span(day, part.part, frame.zone)
        if part.night is Night.LAST:
            low = part_span(_local(days.first - ONE_DAY), PartOfDay.EVENING, frame.zone)[0]
        notes = (*days.notes, note) if note else days.notes
        yield Reading(Moment(low, high, Precision.PART_OF_DAY, basis, text, frame.zone), None, notes)


def _nights(part: Part, midnight: int) -> Iterator[tuple[int, Note | None]]:
    """The days on which a part of a day may lie: a night belongs to the day before or after it, unless the words say which."""
    if part.part is not PartOfDay.NIGHT or part.night in (Night.BEFORE, Night.LAST, Night.BETWEEN):
        yield midnight, None
        return
    past = "the past night" if part.night is Night.EITHER else "the night before the day"
    coming = "the coming night" if part.night is Night.EITHER else "the night after the day"
    yield midnight, (Guess.NIGHT, past)
    yield midnight + 86_400 * SECOND, (Guess.NIGHT, coming)


def _clocked(days: Dated, clock: Clock, part: Part | None, text: str, frame: Frame) -> Iterator[Reading]:
    basis = Basis.weakest(frame.basis, days.basis)
    notes = days.notes
    if clock.is_about:
        notes = (*notes, (Guess.ABOUT, "told as an approximate time"))
    midnight = _local(days.first)
    for of_day, note in _hours(clock, part):
        said = (*notes, note) if note else notes
        for start, zoned in _instants(midnight + of_day, clock, text, frame, basis):
            end = _ends(start, of_day, days, clock, text, frame)
            yield Reading(start, end, (*said, zoned) if zoned else said)


def _hours(clock: Clock, part: Part | None) -> Iterator[tuple[int, Note | None]]:
    """The nanoseconds after the day's midnight that a clock may mean."""
    hour, half_day = 3600 * SECOND, 12 * 3600 * SECOND
    if clock.is_midnight:
        ends_day = part is None or part.part is not PartOfDay.NIGHT or part.night is not Night.BEFORE
        yield 0, (Guess.MIDNIGHT, "the beginning of the day") if ends_day else None
        if ends_day:
            yield 24 * hour, (Guess.MIDNIGHT, "the end of the day")
        return
    if part is None or clock.has_half:
        if clock.is_spoken:
            yield clock.of_day % half_day, (Guess.HALF_OF_DAY, "before noon")
            yield clock.of_day % half_day + half_day, (Guess.HALF_OF_DAY, "after noon")
        else:
            yield clock.of_day, None
        return
    low, high = (bound * hour for bound in PARTS[part.part])
    options = (
        [clock.of_day] if clock.hour > 12 else [clock.of_day % half_day, clock.of_day % half_day + half_day]
    )
    if part.part is PartOfDay.NIGHT:
        # a night reaches from the evening before to the morning
        nights = [at for at in options if at < 8 * hour] or [
            at - 24 * hour for at in options if at >= 20 * hour
        ]
        for at in nights:
            if part.night in (Night.BEFORE, Night.LAST, Night.BETWEEN):
                yield at, None
            else:
                late = "the past night" if part.night is Night.EITHER else "the night before the day"
                yield (
                    (at if at >= 0 or part.night is Night.EITHER else at + 24 * hour),
                    (Guess.NIGHT, late) if part.night else None,
                )
                if part.night is Night.EITHER:
                    yield at + 24 * hour, (Guess.NIGHT, "the coming night")
        if not nights and part.night is Night.LAST:
            yield clock.of_day % half_day - half_day, None
        return
    inside = [at for at in options if low <= at < high]
    near = [at for at in options if low - 3 * hour <= at < high + 2 * hour]
    for at in (inside or near)[:1]:
        yield at, None


def _instants(
    local: int, clock: Clock, text: str, frame: Frame, basis: Basis
) -> Iterator[tuple[Moment, Note | None]]:
    """The moments that a wall-clock time can mean: in a repeated hour both stay inside one, in a skipped one its two readings."""
    if clock.offset is not None:
        low = local - clock.offset * SECOND
        yield Moment(low, low + clock.width, clock.precision, _stated(basis), text, None), None
        return
    spot = place(local, frame.zone)
    if clock.zone or clock.is_summer is not None:
        fitting = [low for low in spot.instants if not spot.is_gap and _is_called(low, clock, frame.zone)]
        if fitting:
            yield Moment(fitting[0], fitting[0] + clock.width, clock.precision, basis, text, frame.zone), None
            return
        if clock.is_summer is not None:
            return
        names = possible_zones(clock.zone)
        for name in names:
            low = local - _offset(name) * SECOND
            note = (Guess.ZONE, f"{clock.zone} is {name}") if len(names) > 1 else None
            yield Moment(low, low + clock.width, clock.precision, _stated(basis), text, None), note
        return
    if spot.is_fold or spot.is_gap:
        inferred = Basis.weakest(basis, Basis.FOLD_INFERRED if spot.is_fold else Basis.GAP_INFERRED)
        yield (
            Moment(
                spot.instants[0], spot.instants[1] + clock.width, clock.precision, inferred, text, frame.zone
            ),
            None,
        )
        return
    yield (
        Moment(spot.instants[0], spot.instants[0] + clock.width, clock.precision, basis, text, frame.zone),
        None,
    )


def _stated(basis: Basis) -> Basis:
    """A stated offset settles the zone, not a day that was inferred."""
    return (
        basis if basis in (Basis.YEAR_INFERRED, Basis.DATE_INFERRED, Basis.RELATIVE) else Basis.OFFSET_STATED
    )


def _offset(name: str) -> int:
    """The seconds of an offset written as `+05:30 (India)`."""
    hours, minutes = int(name[1:3]), int(name[4:6])
    return (hours * 3600 + minutes * 60) * (-1 if name[0] == "-" else 1)


def _is_called(instant: int, clock: Clock, zone: str) -> bool:
    """Whether the zone's own clocks bear that abbreviation, or show summer time as said, at an instant."""
    wall = dt.datetime.fromtimestamp(instant // SECOND, ZoneInfo(zone))
    if clock.is_summer is not None:
        return bool(wall.dst()) == clock.is_summer
    return wall.tzname() == clock.zone


def _ends(start: Moment, of_day: int, days: Dated, clock: Clock, text: str, frame: Frame) -> Moment | None:
    until = clock.until
    if until is None:
        if days.last is None:
            return None
        low, high = days_span(_local(days.last[0]), _local(days.last[1]), frame.zone)
        return replace(start, earliest=low, latest=high, precision=days.precision, kind=TimeKind.ENDED)
    day = days.last[0] if days.last else days.first
    local = until.of_day
    while days.last is None and local <= of_day:
        # half past eleven to one: the next time that a clock shows it
        local += (
            (
                12
                if clock.hour != of_day // (3600 * SECOND) and not until.has_half and until.hour <= 12
                else 24
            )
            * 3600
            * SECOND
        )
    zoned = replace(until, offset=clock.offset, zone=clock.zone, is_summer=clock.is_summer)
    basis = (
        start.basis
        if start.basis not in (Basis.FOLD_INFERRED, Basis.GAP_INFERRED)
        else Basis.weakest(frame.basis, days.basis)
    )
    found = next(_instants(_local(day) + local, zoned, text, frame, basis), None)
    if found is None or found[0].latest <= start.earliest:
        return None
    return replace(found[0], kind=TimeKind.ENDED)


def _local(day: dt.date) -> int:
    return to_local(dt.datetime(day.year, day.month, day.day))
