"""Times of day and parts of the day: `kl. 14.30`, `halv tre`, `quarter to three`, `13.00–15.30`, `på förmiddagen`.

The decision hidden here: what is a time of day. Figures with a colon are; figures with a point are behind a word or a date; an hour
alone is behind a word or before am, pm. Hours in figures are those of 24; hours in words are those of 12, whose half of
the day another word has to tell.
"""

from __future__ import annotations

from dataclasses import replace

from rca.moments.instants import SECOND
from rca.moments.moment import Precision
from rca.moments.spoken.cursor import Cursor
from rca.moments.spoken.figures import clock_at as figures_at
from rca.moments.spoken.figures import zone_at
from rca.moments.spoken.lexicon import EN, Kind
from rca.moments.spoken.pieces import Clock, Context, Night, Part
from rca.moments.units import PartOfDay

__all__ = ["ClockFound", "PartFound", "clock_at", "part_at"]

ClockFound = tuple[Clock, int, int, Context]
PartFound = tuple[Part, int, int]
_MINUTE = 60 * SECOND


def clock_at(cursor: Cursor, index: int, languages: int, *, follows_date: bool) -> ClockFound | None:
    """A time of day, with the end of a range and the zone where they are written."""
    tokens = cursor.tokens
    at, left, is_iso = index, languages, False
    if (
        follows_date
        and tokens.word(at) == "t"
        and tokens.is_glued(at)
        and tokens.is_glued(at + 1)
        and tokens.is_number(at + 1)
    ):
        at, is_iso = at + 1, True
    lead = cursor.take(at, left, Kind.BETWEEN)
    is_between = lead is not None
    if lead is None and (lead := cursor.take(at, left, Kind.PART_LEAD)) is not None:
        # vid midnatt
        lead = lead if cursor.take(lead.next, lead.languages, Kind.NOON, Kind.MIDNIGHT) else None
    if lead is not None:
        at, left = lead.next, lead.languages
    word = None if is_iso else cursor.take(at, left, Kind.CLOCK, Kind.CLOCK_WEAK)
    if word is not None:
        at, left = cursor.dot(word.next), word.languages
    about = cursor.take(at, left, Kind.ABOUT)
    if (
        about is None
        and word is None
        and (lead := cursor.take(at, left, Kind.PART_LEAD)) is not None
        and tokens.is_number(lead.next)
    ):
        about = lead if cursor.take(lead.next + 2, left, Kind.OCLOCK) else None
    if about is not None:
        at, left = cursor.dot(about.next), about.languages
        again = None if word else cursor.take(at, left, Kind.CLOCK)
        if again is not None:
            word, at, left = again, cursor.dot(again.next), again.languages
    body = _figures(cursor, at, left, has_word=word is not None or is_iso) or _words(
        cursor, at, left, has_word=word is not None
    )
    if body is None:
        return None
    clock, after, left, context = body
    if word is None and about is not None and not clock.is_marked and context is Context.NOTHING:
        context = Context.WHOLE
    if word is not None:
        is_weak_hour = (
            word.sense.kind is Kind.CLOCK_WEAK and clock.precision is Precision.HOUR and not clock.has_half
        )
        context = Context.WHOLE if is_weak_hour and not clock.is_marked else Context.NOTHING
        is_sites = (
            word.sense.kind is Kind.CLOCK_WEAK and clock.is_spoken and clock.precision is Precision.HOUR
        )
        context = Context.WHOLE if is_weak_hour or is_sites else context
        clock = clock if clock.is_marked else replace(clock, is_marked=True)
    if about is not None and about.sense.kind is Kind.ABOUT:
        clock = replace(clock, is_about=True)
    clock, after, left = _until(cursor, clock, after, left, has_word=word is not None, is_between=is_between)
    if is_between and clock.until is None:
        return None
    return *_zone(cursor, clock, after, left, is_iso=is_iso), context


def _figures(cursor: Cursor, index: int, languages: int, *, has_word: bool) -> ClockFound | None:
    tokens = cursor.tokens
    if not tokens.is_number(index):
        return None
    behind = cursor.take(index + 1, languages, Kind.OCLOCK)
    if behind is None and tokens.word(index + 1) == "-" and tokens.is_glued(index + 1):
        behind = cursor.take(index + 2, languages, Kind.OCLOCK)
    found = figures_at(
        cursor.text,
        cursor.place(index),
        has_word=has_word or behind is not None,
        is_packed=behind is not None,
    )
    if found is None:
        return None
    clock, end = found
    after, left = tokens.after(end, index), languages
    if (
        clock.has_half
        and "m" in cursor.text[end - 3 : end].lower()
        and tokens.word(index + 1) in ("am", "pm", "a", "p")
    ):
        left = languages & EN or languages
    again = cursor.take(after, left, Kind.OCLOCK)
    if again is None and tokens.word(after) == "-":
        again = cursor.take(after + 1, left, Kind.OCLOCK)
    if again is not None:
        after, left = again.next, again.languages
        clock = replace(
            clock,
            is_marked=True,
            is_spoken="clock" in tokens.word(after - 1) and clock.hour <= 12 and not clock.has_half,
        )
    is_said = clock.has_half or again is not None
    return (
        clock,
        after,
        left,
        Context.NOTHING if is_said else Context.NO_LABEL if clock.is_marked else Context.WHOLE,
    )


def _words(cursor: Cursor, index: int, languages: int, *, has_word: bool) -> ClockFound | None:
    """`halv tre`, `kvart i tre`, `fem över halv tre`, `half past two`, `varttia vaille kolme`, `noon`, `midnatt`."""
    named = cursor.take(index, languages, Kind.NOON, Kind.MIDNIGHT)
    if named is not None:
        is_midnight = named.sense.kind is Kind.MIDNIGHT
        clock = Clock(
            0 if is_midnight else 12,
            0,
            0,
            0,
            Precision.MINUTE,
            _MINUTE,
            is_midnight=is_midnight,
            is_marked=True,
        )
        return clock, named.next, named.languages, Context.NOTHING
    past = cursor.take(index, languages, Kind.HALF_PAST)
    if past is not None:
        return _told(_hour(cursor, past.next, past.languages), 30, Context.NOTHING)
    half = cursor.take(index, languages, Kind.HALF_TO)
    if half is not None:
        return _told(_hour(cursor, half.next, half.languages), -30, Context.NOTHING)
    quarter = cursor.take(index, languages, Kind.QUARTER_HOUR)
    number = quarter or cursor.take(index, languages, Kind.NUMBER)
    if number is not None:
        minutes, at, left = 15 if quarter else number.sense.value, number.next, number.languages
    elif cursor.number(index) is not None:
        minutes, at, left = cursor.number(index) or 0, index + 1, languages
    else:
        return _hour_alone(cursor, index, languages, has_word=has_word)
    at, left = cursor.skip(at, left, Kind.MINUTES)
    for kind, sign in ((Kind.TO, -1), (Kind.PAST, 1)):
        side = cursor.take(at, left, kind)
        if side is not None and 0 < minutes < 60:
            inner = cursor.take(side.next, side.languages, Kind.HALF_TO)
            hour = (
                _hour(cursor, inner.next, inner.languages)
                if inner
                else _hour(cursor, side.next, side.languages)
            )
            if hour is not None and (number is not None or inner is not None):
                is_sure = quarter is not None or inner is not None or has_word
                return _told(
                    hour,
                    (-30 if inner else 0) + sign * minutes,
                    Context.NOTHING if is_sure else Context.WHOLE,
                )
    return _hour_alone(cursor, index, languages, has_word=has_word)


def _hour_alone(cursor: Cursor, index: int, languages: int, *, has_word: bool) -> ClockFound | None:
    """`klockan tre`, `nine o'clock`."""
    hour = None if cursor.tokens.is_number(index) else _hour(cursor, index, languages)
    if hour is None:
        return None
    behind = cursor.take(hour[1], hour[2], Kind.OCLOCK)
    if behind is None and not has_word:
        return None
    at, left = (behind.next, behind.languages) if behind else (hour[1], hour[2])
    clock = Clock(
        hour[0] % 24, 0, 0, 0, Precision.HOUR, 3600 * SECOND, is_spoken=hour[0] <= 12, is_marked=True
    )
    return clock, at, left, Context.NOTHING


def _hour(cursor: Cursor, index: int, languages: int) -> tuple[int, int, int] | None:
    """The hour that a time in words is told by."""
    word = cursor.take(index, languages, Kind.NUMBER, Kind.ARTICLE_NUMBER)
    if word is not None:
        return (
            (word.sense.value, word.next, word.languages)
            if 1 <= word.sense.value <= 24 and cursor.tokens.word(index) not in ("a", "an")
            else None
        )
    number = cursor.number(index)
    return (number, index + 1, languages) if number is not None and 1 <= number <= 24 else None


def _told(hour: tuple[int, int, int] | None, minutes: int, context: Context) -> ClockFound | None:
    if hour is None:
        return None
    spoken, after, left = hour
    total = (spoken * 60 + minutes) % (24 * 60)
    if spoken <= 12:
        total %= 12 * 60
    clock = Clock(
        total // 60, total % 60, 0, 0, Precision.MINUTE, _MINUTE, is_spoken=spoken <= 12, is_marked=True
    )
    return clock, after, left, context


def _until(
    cursor: Cursor, clock: Clock, index: int, languages: int, *, has_word: bool, is_between: bool
) -> tuple[Clock, int, int]:
    """The clock with the end of its range, where one is written."""
    joint = cursor.joint(index, languages)
    if joint is None and is_between and (both := cursor.take(index, languages, Kind.AND)) is not None:
        joint = both.next, both.languages
    if joint is None or clock.is_midnight:
        return clock, index, languages
    at, left = joint
    word = cursor.take(at, left, Kind.CLOCK)
    if word is not None:
        at, left = cursor.dot(word.next), word.languages
    if not cursor.tokens.is_number(at) or cursor.tokens.lines_before(at):
        return clock, index, languages
    found = figures_at(
        cursor.text,
        cursor.place(at),
        has_word=has_word or word is not None or clock.precision is Precision.HOUR,
    )
    if found is None:
        return clock, index, languages
    until, end = found
    if (
        clock.precision is not Precision.HOUR
        and until.precision is Precision.HOUR
        and not (has_word or until.has_half)
    ):
        return clock, index, languages
    if until.has_half and not clock.has_half and 1 <= clock.hour <= 12:
        late = clock.hour % 12 + (12 if until.hour >= 12 else 0)
        early = replace(clock, hour=late, has_half=True, is_marked=True, is_spoken=False)
        clock = early if early.of_day <= until.of_day else replace(early, hour=clock.hour % 12)
    is_valid = clock.is_valid and until.is_valid
    return replace(clock, until=until, is_valid=is_valid, is_marked=True), cursor.tokens.after(end, at), left


def _zone(
    cursor: Cursor, clock: Clock, index: int, languages: int, *, is_iso: bool
) -> tuple[Clock, int, int]:
    """The clock with what is said of its zone: an offset, an abbreviation, summer time."""
    season = cursor.take(index, languages, Kind.SUMMER_TIME, Kind.WINTER_TIME)
    if season is not None:
        return replace(clock, is_summer=season.sense.kind is Kind.SUMMER_TIME), season.next, season.languages
    end = cursor.tokens.ends[index - 1]
    stated = zone_at(cursor.text, end, is_iso=is_iso, is_second=clock.width <= SECOND)
    if stated is None:
        return clock, index, languages
    return replace(clock, zone=stated[0], offset=stated[1]), cursor.tokens.after(stated[2], index), languages


def part_at(cursor: Cursor, index: int, languages: int, *, follows_date: bool) -> PartFound | None:
    """A part of the day: `på förmiddagen`, `in the early hours`, `natten till`, `vastaisena yönä`."""
    between = cursor.take(index, languages, Kind.NIGHT_BETWEEN_AFTER) if follows_date else None
    if between is not None:
        return Part(PartOfDay.NIGHT, Night.BETWEEN), between.next, between.languages
    night = cursor.take(index, languages, Kind.NIGHT_AFTER if follows_date else Kind.NIGHT_BEFORE)
    if night is not None:
        return Part(PartOfDay.NIGHT, Night.BEFORE), night.next, night.languages
    at, left = cursor.skip(index, languages, Kind.PART_LEAD)
    night = None if follows_date else cursor.take(at, left, Kind.NIGHT_BEFORE)
    if night is not None:
        return Part(PartOfDay.NIGHT, Night.BEFORE), night.next, night.languages
    part = cursor.take(at, left, Kind.PART)
    if part is None and at > index:
        part = cursor.take(index, languages, Kind.PART)
    if part is None:
        return None
    return (
        Part(PartOfDay(part.sense.unit), Night.BEFORE if part.sense.value else None),
        part.next,
        part.languages,
    )
