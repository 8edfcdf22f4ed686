"""Days: days of a month, weekdays, and days counted from the day of saying.

The decision hidden here: which words make up one day. A weekday and a date beside it are one day; a range of days has its last day
in the same piece.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from rca.moments.spoken.cursor import DASHES, Cursor
from rca.moments.spoken.figures import date_at, is_day
from rca.moments.spoken.lexicon import EN, FI, SV, Kind
from rca.moments.spoken.pieces import (
    Context,
    DatePiece,
    Day,
    DayFromNow,
    Direction,
    Night,
    Part,
    Weekday,
    Ymd,
)
from rca.moments.units import PartOfDay

__all__ = ["Found", "day_at", "day_from_now_at", "night_between_at", "weekday_at"]

Found = tuple[DatePiece | None, Part | None, int, int, Context]
"""A date piece, a part of the day that its words name too, the next index, the languages left, the context needed."""


def day_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A day of the month: `tisdagen den 5 november 2024`, `ti 5.11.`, `November 12–14, 2024`, `w/c 4 November`."""
    week = cursor.take(index, languages, Kind.WEEK_OF)
    if week is not None:
        at, left = cursor.skip(week.next, week.languages, Kind.ARTICLE)
        found = _core(cursor, at, left, has_article=at > week.next) or _core(
            cursor, week.next, week.languages, has_article=False
        )
        if found is None:
            return None
        day, after, left, _ = found
        return replace(day, starts_week=True), None, after, left, Context.NOTHING
    at, left, weekday, last_weekday, is_soft = index, languages, None, None, False
    name = cursor.take(at, left, Kind.WEEKDAY, Kind.WEEKDAY_SHORT)
    if name is not None:
        weekday = name.sense.value
        is_soft = (
            name.sense.kind is Kind.WEEKDAY_SHORT
            and languages != FI
            and name.next - at == 1
            and len(cursor.tokens.word(at)) == 2
        )
        at, left = name.next, name.languages
        joint = cursor.joint(at, left)
        other = joint and cursor.take(joint[0], joint[1], Kind.WEEKDAY, Kind.WEEKDAY_SHORT)
        if other:
            last_weekday, at, left = other.sense.value, other.next, other.languages
        at = cursor.comma(cursor.dot(at))
    article = cursor.take(at, left, Kind.ARTICLE)
    found = None
    if article is not None and (cursor.tokens.word(at) != "d" or cursor.dot(article.next) > article.next):
        found = _core(cursor, cursor.dot(article.next), article.languages, has_article=True)
    else:
        article = None
    if found is None:
        article = None
        found = _core(cursor, at, left, has_article=False)
    if found is None:
        return None
    day, after, left, context = found
    if weekday is None and (behind := _weekday_behind(cursor, day, after, left)) is not None:
        weekday, after, left = behind
    if weekday is not None or article is not None:
        context = Context.NOTHING
    if last_weekday is not None and day.last is None:
        return None
    if weekday is not None:
        day = replace(day, weekday=weekday, last_weekday=last_weekday, is_soft_weekday=is_soft)
    return day, None, after, left, context


def _weekday_behind(cursor: Cursor, day: Day, index: int, languages: int) -> tuple[int, int, int] | None:
    """The weekday behind a date: `2024-11-12 (tisdag)`, `2024-11-12 tisdag`; without brackets only where it is true."""
    if cursor.tokens.word(index) == "(":
        name = cursor.take(index + 1, languages, Kind.WEEKDAY, Kind.WEEKDAY_SHORT)
        if name is None or cursor.tokens.word(cursor.dot(name.next)) != ")":
            return None
        return name.sense.value, cursor.dot(name.next) + 1, name.languages
    name = cursor.take(index, languages, Kind.WEEKDAY)
    first = day.options[0]
    if (
        name is None
        or first.year is None
        or first.is_short
        or cursor.tokens.lines_before(index)
        or not is_day(first)
    ):
        return None
    is_true = dt.date(first.year, first.month, first.day).weekday() == name.sense.value
    return (name.sense.value, name.next, name.languages) if is_true and len(day.options) == 1 else None


def _core(
    cursor: Cursor, index: int, languages: int, *, has_article: bool
) -> tuple[Day, int, int, Context] | None:
    tokens = cursor.tokens
    if tokens.is_number(index):
        written = date_at(cursor.text, cursor.place(index), languages, is_month_first=cursor.is_month_first)
        if written is not None and isinstance(written[0], Day) and written[2]:
            return written[0], tokens.after(written[1], index), written[2], written[3]
        return _day_first(cursor, index, languages) or _year_first(cursor, index, languages)
    if cursor.take(index, languages, Kind.ORDINAL):
        return _day_first(cursor, index, languages)
    return None if has_article else _month_first(cursor, index, languages)


def _day_first(cursor: Cursor, index: int, languages: int) -> tuple[Day, int, int, Context] | None:
    """`12 november 2024`, `12:e november`, `the third of March`, `12–14. november`, `30 november–2 december 2024`."""
    first = _number(cursor, index, languages)
    if first is None:
        return None
    number, at, left = first
    last_number = None
    joint = cursor.joint(at, left)
    second = joint and _number(cursor, joint[0], joint[1])
    if not second:
        both = cursor.take(at, left, Kind.AND)
        second = both and _number(cursor, both.next, both.languages)
        if second and second[0] != number + 1:
            return None
    if second:
        last_number, at, left = second
        if last_number <= number:
            return None
    month = _month(cursor, at, left)
    if month is None:
        return None
    value, after, left, is_glued = month
    verb = cursor.is_verb_perhaps(after - 1 - (cursor.tokens.word(after - 1) == "."), left)
    last: tuple[int, int] | None = (value, last_number) if last_number else None
    if last is None:
        joint = cursor.joint(after, left)
        other_at, other_left = cursor.skip(joint[0], joint[1], Kind.ARTICLE) if joint else (after, left)
        other = joint and _number(cursor, other_at, other_left)
        other_month = other and _month(cursor, other[1], other[2])
        if other and other_month and (other_month[0], other[0]) > (value, number):
            last, after, left = (other_month[0], other[0]), other_month[1], other_month[2]
    year = cursor.year(after, left, is_glued=is_glued)
    if year is None:
        if verb:
            return None
        day = Day((Ymd(None, value, number),), last=Ymd(None, *last) if last else None)
        return day, after, left, Context.NOTHING
    end = Ymd(year.year, *last, year.is_short) if last else None
    day = Day((Ymd(year.year, value, number, year.is_short),), last=end, years_from_now=year.years_from_now)
    return day, year.next, year.languages, Context.NOTHING


def _number(cursor: Cursor, index: int, languages: int) -> tuple[int, int, int] | None:
    """The number of a day: `12`, `12.`, `12:e`, `12th`, `tredje`."""
    tokens = cursor.tokens
    ordinal = cursor.take(index, languages, Kind.ORDINAL)
    if ordinal is not None:
        return ordinal.sense.value, ordinal.next, ordinal.languages
    number = cursor.number(index)
    if number is None:
        return None
    after, suffix = index + 1, tokens.word(index + 1)
    if not tokens.is_glued(after):
        return number, after, languages
    if suffix in ("st", "nd", "rd", "th"):
        return (number, after + 1, languages & EN) if languages & EN else None
    if suffix == ":" and tokens.word(after + 1) in ("e", "a") and tokens.is_glued(after + 1):
        return (number, after + 2, languages & SV) if languages & SV else None
    if suffix == "e" and languages & SV:
        return number, after + 1, languages & SV
    if suffix == ".":
        return (number, after + 1, languages & ~EN) if languages & ~EN else None
    return number, after, languages


def _month(cursor: Cursor, index: int, languages: int) -> tuple[int, int, int, bool] | None:
    """The name of a month behind the number of a day, with the index behind it and whether a hyphen or bar glues it."""
    tokens = cursor.tokens
    if tokens.lines_before(index) > 1:
        return None
    at, left, is_glued = index, languages, False
    if tokens.word(at) in ("-", "/") and tokens.is_glued(at) and tokens.is_glued(at + 1):
        at, is_glued = at + 1, True
    else:
        at, left = cursor.skip(at, left, Kind.DAY_WORD)
        if tokens.word(at) == "of" and left & EN:
            at, left = at + 1, left & EN
    found = cursor.take(at, left, Kind.MONTH, Kind.MONTH_SHORT)
    if found is None:
        return None
    after = cursor.dot(found.next) if found.sense.kind is Kind.MONTH_SHORT else found.next
    if tokens.word(after) == "/" and is_glued:
        after += 1
    return found.sense.value, after, found.languages, is_glued


def _month_first(cursor: Cursor, index: int, languages: int) -> tuple[Day, int, int, Context] | None:
    """`November 12, 2024`, `Nov. 12–14, 2024`, `marraskuun 5. päivänä 2024`."""
    tokens = cursor.tokens
    month = cursor.take(index, languages & (EN | FI), Kind.MONTH, Kind.MONTH_SHORT)
    if month is None:
        return None
    at = cursor.dot(month.next)
    at, left = cursor.skip(at, month.languages, Kind.ARTICLE)
    first = _number(cursor, at, left)
    if first is None or tokens.lines_before(at) > 1:
        return None
    number, after, left = first
    if left == FI:
        after, left = cursor.skip(after, left, Kind.DAY_WORD)
        if tokens.word(after - 1) == "." and cursor.year(after, left) is None:
            return None
    last = None
    if tokens.word(after) in DASHES:
        second = _number(cursor, after + 1, left)
        if second and second[0] > number:
            last, after, left = second
    year = cursor.year(after, left)
    if year is None:
        if left == EN and not (
            tokens.is_capital(index) and tokens.word(index - 1) not in ("in", "during", "since")
        ):
            return None
        end = Ymd(None, month.sense.value, last) if last else None
        return Day((Ymd(None, month.sense.value, number),), last=end), after, left, Context.NOTHING
    end = Ymd(year.year, month.sense.value, last, year.is_short) if last else None
    first_day = Ymd(year.year, month.sense.value, number, year.is_short)
    return (
        Day((first_day,), last=end, years_from_now=year.years_from_now),
        year.next,
        year.languages,
        Context.NOTHING,
    )


def _year_first(cursor: Cursor, index: int, languages: int) -> tuple[Day, int, int, Context] | None:
    """`2024 November 12`, `2024-Nov-12`."""
    tokens = cursor.tokens
    if len(tokens.words[index]) != 4:
        return None
    is_glued = tokens.word(index + 1) == "-" and tokens.is_glued(index + 1)
    at = index + 2 if is_glued else index + 1
    month = cursor.take(at, languages, Kind.MONTH, Kind.MONTH_SHORT)
    if month is None:
        return None
    after = month.next
    if is_glued and tokens.word(after) == "-":
        after += 1
    number = cursor.number(after)
    year = int(tokens.words[index])
    if number is None or not 1678 <= year < 2262 or not is_day(Ymd(year, month.sense.value, number)):
        return None
    return Day((Ymd(year, month.sense.value, number),)), after + 1, month.languages, Context.NOTHING


def night_between_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """The night that ends on the second of two days: `natten mellan tisdag och onsdag`, `natten mellan den 12 och 13 november`."""
    part = Part(PartOfDay.NIGHT, Night.BETWEEN)
    between = cursor.take(index, languages, Kind.NIGHT_BETWEEN)
    if between is None:
        return _night_between_behind(cursor, index, languages, part)
    first = day_at(cursor, between.next, between.languages)
    if first is not None and isinstance(first[0], Day) and first[0].last is not None:
        return first[0], part, first[2], first[3], Context.NOTHING
    for rule in (day_at, _bare_day, weekday_at):
        before = rule(cursor, between.next, between.languages)
        both = cursor.take(before[2], before[3], Kind.AND, Kind.JOINT) if before else None
        second = both and (
            day_at(cursor, both.next, both.languages) or weekday_at(cursor, both.next, both.languages)
        )
        if before and second:
            date = second[0] if _is_day_before(before[0], second[0]) else Day(())
            return date, part, second[2], second[3], Context.NOTHING
    return None


def _is_day_before(first: DatePiece | None, second: DatePiece | None) -> bool:
    """Whether the number of a day is the one before that of the other, as far as both are written."""
    if not isinstance(first, Day) or not isinstance(second, Day):
        return True
    return second.options[0].day in (first.options[0].day + 1, 1)


def _night_between_behind(cursor: Cursor, index: int, languages: int, part: Part) -> Found | None:
    """`tiistain ja keskiviikon välisenä yönä`."""
    name = cursor.take(index, languages & FI, Kind.WEEKDAY)
    both = name and cursor.take(name.next, name.languages, Kind.AND)
    second = both and (
        day_at(cursor, both.next, both.languages) or weekday_at(cursor, both.next, both.languages)
    )
    night = second and cursor.take(second[2], second[3], Kind.NIGHT_BETWEEN_AFTER)
    return (second[0], part, night.next, night.languages, Context.NOTHING) if second and night else None


def _bare_day(cursor: Cursor, index: int, languages: int) -> Found | None:
    """`tisdagen den 12` before another day."""
    at, left = cursor.skip(index, languages, Kind.WEEKDAY)
    at, left = cursor.skip(at, left, Kind.ARTICLE)
    number = _number(cursor, at, left)
    if number is None:
        return None
    return Day((Ymd(None, 0, number[0]),)), None, number[1], number[2], Context.NOTHING


def weekday_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A weekday alone: `på fredag`, `i tisdags`, `förra tisdagen`, `next Monday`, `tiistaiaamuna`."""
    past = cursor.take(index, languages, Kind.WEEKDAY_PAST)
    if past is not None:
        return Weekday(past.sense.value, Direction.PAST), None, past.next, past.languages, Context.NOTHING
    at, left, direction = index, languages, Direction.UNSAID
    for kind in (Kind.COMING, Kind.LAST, Kind.NEXT, Kind.THIS):
        turn = cursor.take(index, languages, kind)
        if turn is not None and cursor.take(turn.next, turn.languages, Kind.WEEKDAY, Kind.WEEKDAY_PART):
            at, left, direction = turn.next, turn.languages, Direction(kind.value)
            break
    else:
        on = cursor.take(index, languages, Kind.LINK)
        if on is not None and cursor.tokens.word(index) == "on":
            at, left = on.next, on.languages
    name = cursor.take(at, left, Kind.WEEKDAY_PART, Kind.WEEKDAY)
    if name is None:
        return None
    part = Part(PartOfDay(name.sense.unit)) if name.sense.unit else None
    if direction is Direction.UNSAID and name.sense.languages & EN and not cursor.tokens.is_capital(at):
        return None
    return Weekday(name.sense.value, direction), part, name.next, name.languages, Context.NOTHING


def day_from_now_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A day or part of a day counted from the day of saying: `i går`, `this morning`, `i natt`, `last night`."""
    found = cursor.take(index, languages, Kind.DAY, Kind.DAY_PART, Kind.NIGHT_VAGUE, Kind.NIGHT_LAST)
    if found is None:
        return None
    sense = found.sense
    if sense.kind is Kind.NIGHT_VAGUE or sense.kind is Kind.NIGHT_LAST:
        night = Night.EITHER if sense.kind is Kind.NIGHT_VAGUE else Night.LAST
        return DayFromNow(0), Part(PartOfDay.NIGHT, night), found.next, found.languages, Context.NOTHING
    part = Part(PartOfDay(sense.unit)) if sense.unit else None
    return DayFromNow(sense.value), part, found.next, found.languages, Context.NOTHING
