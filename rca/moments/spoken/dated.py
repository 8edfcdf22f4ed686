"""Which days: from a day, weekday, week or period as written to the days of the calendar that it can mean.

The decision hidden here: what is inferred, and from what. Relative words, weekdays and missing years are settled by the time of saying,
never without it; what it leaves open stays, the likeliest first. A weekday that contradicts its date and a day that the calendar
lacks leave nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rca.moments.instants import SECOND
from rca.moments.moment import Basis, Precision
from rca.moments.spoken.figures import is_day, short_year
from rca.moments.spoken.pieces import (
    DatePiece,
    Day,
    DayFromNow,
    Direction,
    Guess,
    Months,
    Note,
    Period,
    Week,
    Weekday,
    Year,
    Ymd,
)
from rca.moments.units import local_day
from rca.moments.zones import local_time

__all__ = ["ONE_DAY", "Dated", "Frame", "dated", "month_start"]

ONE_DAY = dt.timedelta(days=1)
_NEAR, _FAR = 31, 92
"""Days within which the nearest year is beyond doubt, and within which it is the likeliest."""
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where and when the words were said: the zone, why it is believed, and the bounds of the time of saying."""

    zone: str
    basis: Basis
    low: int | None = None
    high: int | None = None

    def day(self) -> dt.date | None:
        """The local day of saying; None where it isn't known to the day."""
        if self.low is None or self.high is None:
            return None
        first, last = _date(local_time(self.low, self.zone)), _date(local_time(self.high - 1, self.zone))
        return first if first == last else None

    def middle(self) -> dt.date | None:
        """The local day around which years are inferred; None where the time of saying is uncertain by more than a month."""
        if self.low is None or self.high is None or self.high - self.low > 32 * 86_400 * SECOND:
            return None
        return _date(local_time((self.low + self.high) // 2, self.zone))


@dataclass(frozen=True, slots=True)
class Dated:
    """A reading of the days of an expression: from `first` to before `after`, with the last unit of a range."""

    first: dt.date
    after: dt.date
    precision: Precision
    basis: Basis
    notes: tuple[Note, ...] = ()
    last: tuple[dt.date, dt.date] | None = None


def dated(date: DatePiece, frame: Frame, languages: int) -> Iterator[Dated]:
    """The days that a piece can mean, the likeliest first; `languages` are those in which it is written."""
    match date:
        case Day():
            yield from _day(date, frame, languages)
        case Weekday():
            yield from _weekday(date, frame)
        case DayFromNow():
            today = frame.day()
            if today is not None:
                first = today + date.days * ONE_DAY
                yield Dated(first, first + ONE_DAY, Precision.DAY, Basis.RELATIVE)
        case Week():
            yield from _week(date, frame)
        case Months():
            yield from _months(date, frame)
        case Year():
            yield Dated(dt.date(date.year, 1, 1), dt.date(date.year + 1, 1, 1), Precision.YEAR, frame.basis)
        case Period():
            yield from _period(date, frame)


def _day(piece: Day, frame: Frame, languages: int) -> Iterator[Dated]:
    options = [option for option in piece.options if is_day(option) and option.languages & languages]
    found: list[Dated] = []
    orders = len({option[:3] for option in options}) > 1
    for option in options:
        for year, basis, notes in _years(option, piece, frame):
            first = dt.date(year, option.month, option.day)
            if piece.weekday is not None and first.weekday() != piece.weekday and not piece.is_soft_weekday:
                continue
            if orders:
                notes = (*notes, (Guess.ORDER, f"day {option.day}, month {option.month}"))
            last = None
            if piece.last is not None:
                end = _last_day(piece.last, year)
                if end is None or (piece.last_weekday is not None and end.weekday() != piece.last_weekday):
                    continue
                last = end, end + ONE_DAY
            days = 7 if piece.starts_week else 1
            precision = Precision.WEEK if piece.starts_week else Precision.DAY
            found.append(Dated(first, first + days * ONE_DAY, precision, basis, notes, last))
    yield from found


def _last_day(last: Ymd, year: int) -> dt.date | None:
    try:
        return dt.date(year if last.year is None or last.is_short else last.year, last.month, last.day)
    except ValueError:
        return None


def _years(option: Ymd, piece: Day, frame: Frame) -> Iterator[tuple[int, Basis, tuple[Note, ...]]]:
    if option.year is not None and not option.is_short:
        yield option.year, frame.basis, ()
        return
    if option.year is not None:
        year, note = _century(option.year, frame)
        if is_day(Ymd(year, option.month, option.day)):
            yield year, frame.basis, (note,)
        return
    if piece.years_from_now is not None:
        today = frame.middle()
        if today is not None and is_day(Ymd(today.year + piece.years_from_now, option.month, option.day)):
            yield today.year + piece.years_from_now, Basis.RELATIVE, ()
        return

    def build(year: int) -> tuple[dt.date, dt.date] | None:
        if not is_day(Ymd(year, option.month, option.day)):
            return None
        first = dt.date(year, option.month, option.day)
        if piece.weekday is not None and not piece.is_soft_weekday and first.weekday() != piece.weekday:
            return None
        return first, first + ONE_DAY

    for first, _, notes in _nearest(build, frame):
        yield first.year, Basis.YEAR_INFERRED, notes


def _century(year: int, frame: Frame) -> tuple[int, Note]:
    today = frame.middle()
    full = short_year(year, today.year if today else None)
    return full, (Guess.CENTURY, f"{year:02d} is {full}")


def _nearest(
    build: Callable[[int], tuple[dt.date, dt.date] | None], frame: Frame
) -> Iterator[tuple[dt.date, dt.date, tuple[Note, ...]]]:
    """The candidates of the years around the time of saying: the nearest, and that of the same year where another is nearest.

    The nearest alone where it is near enough to leave no doubt; the one of the same year first where none is near.
    """
    today = frame.middle()
    if today is None:
        return
    around = [
        span for year in (today.year - 1, today.year, today.year + 1) if (span := build(year)) is not None
    ]
    if not around:  # 29 February
        around = [span for step in (2, 3, 4, -2, -3, -4) if (span := build(today.year + step)) is not None]
    if not around:
        return

    def distance(span: tuple[dt.date, dt.date]) -> int:
        first, after = span
        return max((first - today).days, (today - after).days + 1, 0)

    nearest = min(around, key=distance)
    same = build(today.year)
    chosen = [nearest] if same is None or same == nearest or distance(nearest) <= _NEAR else [nearest, same]
    if len(chosen) == 2 and distance(nearest) > _FAR:
        chosen.reverse()
    for span in chosen:
        how = (
            "the year nearest to the time of saying" if span == nearest else "the year of the time of saying"
        )
        yield *span, ((Guess.YEAR, how),)


def _weekday(piece: Weekday, frame: Frame) -> Iterator[Dated]:
    today = frame.day()
    if today is None:
        return
    past = today - ((today.weekday() - piece.number - 1) % 7 + 1) * ONE_DAY
    coming = today + ((piece.number - today.weekday() - 1) % 7 + 1) * ONE_DAY
    monday = today - today.weekday() * ONE_DAY
    match piece.direction:
        case Direction.PAST:
            days = [past]
        case Direction.COMING:
            days = [coming]
        case Direction.LAST:
            days = [past, past - 7 * ONE_DAY] if past >= monday else [past]
        case Direction.NEXT:
            days = [coming, coming + 7 * ONE_DAY] if coming < monday + 7 * ONE_DAY else [coming]
        case Direction.THIS:
            days = [monday + piece.number * ONE_DAY]
        case _:
            days = sorted((past, coming), key=lambda day: abs(day - today))
            if today.weekday() == piece.number:
                days = [today]
    for day in days:
        words = "the day of saying" if day == today else "past" if day < today else "coming"
        notes: tuple[Note, ...] = ((Guess.TENSE, f"{words}, {day}"),)
        if len(days) == 1 and piece.direction is not Direction.UNSAID:
            notes = ()
        yield Dated(day, day + ONE_DAY, Precision.DAY, Basis.RELATIVE, notes)


def _week(piece: Week, frame: Frame) -> Iterator[Dated]:
    def build(year: int) -> tuple[dt.date, dt.date] | None:
        try:
            monday = dt.date.fromisocalendar(year, piece.number, 1)
            if piece.last is not None:
                dt.date.fromisocalendar(year, piece.last, 1)
        except ValueError:
            return None
        return monday, monday + 7 * ONE_DAY

    if piece.weekday is not None and not 0 <= piece.weekday <= 6:
        return
    found: list[tuple[dt.date, Basis, tuple[Note, ...]]] = []
    if piece.year is not None:
        year, note = _century(piece.year, frame) if piece.is_short else (piece.year, None)
        span = build(year)
        found = [(span[0], frame.basis, (note,) if note else ())] if span else []
    else:
        found = [(first, Basis.YEAR_INFERRED, notes) for first, _, notes in _nearest(build, frame)]
    for monday, basis, notes in found:
        if piece.weekday is not None:
            first = monday + piece.weekday * ONE_DAY
            yield Dated(first, first + ONE_DAY, Precision.DAY, basis, notes)
            continue
        last = None
        if piece.last is not None:
            begin = monday + (piece.last - piece.number) * 7 * ONE_DAY
            last = begin, begin + 7 * ONE_DAY
        yield Dated(monday, monday + 7 * ONE_DAY, Precision.WEEK, basis, notes, last)


def _months(piece: Months, frame: Frame) -> Iterator[Dated]:
    def build(year: int) -> tuple[dt.date, dt.date] | None:
        if not 1 <= piece.month <= 12:
            return None
        first, after = month_start(year, piece.month), month_start(year, piece.month + piece.count)
        if piece.third is not None:
            after = (first + 10 * ONE_DAY, first + 20 * ONE_DAY, after)[piece.third]
            first += piece.third * 10 * ONE_DAY
        return first, after

    found: list[tuple[dt.date, dt.date, Basis, tuple[Note, ...]]] = []
    if piece.year is not None or piece.years_from_now is not None:
        notes: tuple[Note, ...] = ()
        basis = frame.basis
        if piece.year is None:
            today = frame.middle()
            if today is None:
                return
            year, basis = today.year + (piece.years_from_now or 0), Basis.RELATIVE
        elif piece.is_short:
            year, note = _century(piece.year, frame)
            notes = (note,)
        else:
            year = piece.year
        years = [year, year - 1] if piece.is_winter and not piece.has_next_year else [year]
        for begin in years:
            span = build(begin)
            how: tuple[Note, ...] = (
                (Guess.WINTER, f"the winter that {'begins' if begin == year else 'ends'} in {year}"),
            )
            if span is not None:
                found.append((*span, basis, (*notes, *how) if len(years) > 1 else notes))
    else:
        found = [(first, after, Basis.YEAR_INFERRED, notes) for first, after, notes in _nearest(build, frame)]
    for first, after, basis, notes in found:
        last = None
        if piece.last_month is not None:
            year = piece.last_year or first.year
            last = month_start(year, piece.last_month), month_start(year, piece.last_month + 1)
        yield Dated(first, after, piece.precision, basis, notes, last)


def month_start(year: int, month: int) -> dt.date:
    """The first day of a month; month 13 is January of the year after."""
    index = year * 12 + month - 1
    return dt.date(index // 12, index % 12 + 1, 1)


def _period(piece: Period, frame: Frame) -> Iterator[Dated]:
    today = frame.day() if piece.unit == "week" else frame.middle()
    if today is None:
        return
    if piece.unit in _SEASONS:
        month = _SEASONS[piece.unit]
        spans = [
            (month_start(year, month), month_start(year, month + 3))
            for year in range(today.year - 2, today.year + 3)
        ]
        if piece.offset < 0:
            first, after = max(span for span in spans if span[1] <= today)
        elif piece.offset > 0:
            first, after = min(span for span in spans if span[0] > today)
        else:
            inside = [span for span in spans if span[0] <= today < span[1]]
            first, after = inside[0] if inside else next(span for span in spans if span[0].year == today.year)
        yield Dated(first, after, Precision.QUARTER, Basis.RELATIVE)
        return
    if piece.unit == "week":
        first = today + (7 * piece.offset - today.weekday()) * ONE_DAY
        if piece.weekday is not None:
            first += piece.weekday * ONE_DAY
            yield Dated(first, first + ONE_DAY, Precision.DAY, Basis.RELATIVE)
            return
        yield Dated(first, first + 7 * ONE_DAY, Precision.WEEK, Basis.RELATIVE)
        return
    months = {"month": 1, "quarter": 3, "year": 12}[piece.unit]
    month = (today.month - 1) // months * months + 1 + piece.offset * months
    yield Dated(
        month_start(today.year, month),
        month_start(today.year, month + months),
        Precision(piece.unit),
        Basis.RELATIVE,
    )


def _date(local: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=local_day(local) // (86_400 * SECOND))
