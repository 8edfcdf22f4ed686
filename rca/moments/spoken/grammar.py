"""The grammar: which pieces beside each other are one date.

The decision hidden here: a day, a time of day and a part of the day make one date in any order, at most one of each, with a comma or
a small word between them; all in one language. A line end parts them unless a word (`kl.`, `på`) joins them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from rca.moments.instants import SECOND
from rca.moments.moment import Precision
from rca.moments.spoken.clocks import clock_at, part_at
from rca.moments.spoken.cursor import DASHES, Cursor
from rca.moments.spoken.days import Found, day_at, day_from_now_at, night_between_at, weekday_at
from rca.moments.spoken.lexicon import FIGURES, Kind, kinds
from rca.moments.spoken.periods import (
    ago_at,
    month_at,
    part_of_year_at,
    period_at,
    season_at,
    week_at,
    year_alone_at,
)
from rca.moments.spoken.pieces import Context, DatePiece, Day, DayFromNow, Expression, Night, Week, Weekday

__all__ = ["expression_at"]

_RULES: tuple[tuple[Callable[[Cursor, int, int], Found | None], int], ...] = (
    (
        day_at,
        FIGURES
        | kinds(
            Kind.WEEK_OF,
            Kind.WEEKDAY,
            Kind.WEEKDAY_SHORT,
            Kind.ARTICLE,
            Kind.ORDINAL,
            Kind.MONTH,
            Kind.MONTH_SHORT,
        ),
    ),
    (
        weekday_at,
        kinds(
            Kind.WEEKDAY_PAST,
            Kind.WEEKDAY,
            Kind.WEEKDAY_PART,
            Kind.COMING,
            Kind.LAST,
            Kind.NEXT,
            Kind.THIS,
            Kind.LINK,
        ),
    ),
    (day_from_now_at, kinds(Kind.DAY, Kind.DAY_PART, Kind.NIGHT_VAGUE, Kind.NIGHT_LAST)),
    (night_between_at, kinds(Kind.NIGHT_BETWEEN, Kind.WEEKDAY)),
    (week_at, FIGURES | kinds(Kind.WEEK, Kind.WEEKDAY, Kind.WEEKDAY_SHORT, Kind.PREPOSITION)),
    (month_at, FIGURES | kinds(Kind.MONTH, Kind.MONTH_SHORT, Kind.THIRD, Kind.PREPOSITION)),
    (
        part_of_year_at,
        FIGURES
        | kinds(Kind.FRACTION, Kind.FRACTION_SIGN, Kind.ORDINAL, Kind.YEAR, Kind.ARTICLE, Kind.PREPOSITION),
    ),
    (season_at, kinds(Kind.SEASON, Kind.ARTICLE, Kind.PREPOSITION)),
    (period_at, kinds(Kind.PERIOD, Kind.WEEKDAY, Kind.LAST, Kind.NEXT, Kind.THIS, Kind.PREPOSITION)),
    (ago_at, FIGURES | kinds(Kind.NUMBER, Kind.ARTICLE_NUMBER, Kind.UNIT, Kind.IN, Kind.AGO_LEAD)),
    (year_alone_at, FIGURES | kinds(Kind.YEAR)),
)
"""The rules for the day or period of an expression, each with the kinds of words that it can begin with."""
_CLOCK = FIGURES | kinds(
    Kind.CLOCK, Kind.BETWEEN, Kind.CLOCK_WEAK, Kind.ABOUT, Kind.PART_LEAD, Kind.NOON, Kind.MIDNIGHT, Kind.HALF_PAST, Kind.HALF_TO,
    Kind.QUARTER_HOUR, Kind.NUMBER, Kind.ARTICLE_NUMBER, Kind.FRACTION_SIGN,
)  # fmt: skip
_PART = kinds(Kind.PART, Kind.PART_LEAD, Kind.NIGHT_BEFORE, Kind.NIGHT_AFTER, Kind.NIGHT_BETWEEN_AFTER)
_HABIT = kinds(Kind.HABIT, Kind.EVERY)


def expression_at(cursor: Cursor, index: int, languages: int) -> Expression | None:
    """The longest date that begins with the token at `index`, possible or not; None where none begins."""
    found = Expression(index, index, languages)
    while True:
        longer = None
        for at in _places(cursor, found):
            longer = _extended(cursor, found, at)
            if longer is not None:
                break
        if longer is None:
            break
        found = longer
    if found.next == index or not (found.date or found.clock or found.is_habit):
        return None
    if found.part is not None and found.part.night is Night.BEFORE and found.date is None:
        return None
    if found.date is None and found.clock is not None and _is_day_perhaps(found):
        return None
    return found


def _is_day_perhaps(found: Expression) -> bool:
    """Whether two numbers with a point between them, alone, may as well be a day and a month: 12.11."""
    clock = found.clock
    is_bare = (
        clock is not None
        and not clock.is_marked
        and clock.until is None
        and clock.precision is Precision.MINUTE
    )
    return is_bare and clock is not None and 1 <= clock.minute <= 12 and clock.hour >= 1


def _places(cursor: Cursor, found: Expression) -> Iterator[int]:
    """Where the next piece may begin: right behind, or behind a comma or a small word."""
    yield found.next
    if found.next == found.first:
        return
    at = cursor.comma(found.next)
    if at > found.next and found.date is None and cursor.tokens.is_glued(at):
        return  # the end of one cell of a table and the beginning of the next
    if at > found.next:
        yield at
    link = cursor.take(at, found.languages, Kind.LINK)
    if link is not None:
        yield link.next
    tokens = cursor.tokens
    if isinstance(found.date, Day) and tokens.word(found.next) in DASHES and not tokens.is_glued(found.next):
        after = found.next + 1  # 2024-11-12 – 14:30
        if tokens.is_number(after) and not tokens.is_glued(after) and tokens.word(after + 1) == ":":
            yield after


def _extended(cursor: Cursor, found: Expression, at: int) -> Expression | None:
    """The expression with the longest piece that begins at `at`."""
    is_first = found.next == found.first
    lines = 0 if is_first else sum(cursor.tokens.lines_before(i) for i in range(found.next, at + 1))
    if lines > 1:
        return None
    left = found.languages
    best: Expression | None = None
    here = cursor.kinds(at)
    for candidate, begins_with in _PIECES:
        longer = candidate(cursor, found, at, left) if here & begins_with else None
        if (
            longer is not None
            and (best is None or longer.next > best.next)
            and (not lines or _crosses_lines(cursor, longer, at))
        ):
            best = longer
    return best


def _crosses_lines(cursor: Cursor, longer: Expression, at: int) -> bool:
    """Whether the piece at `at` goes on from the line before: behind a word, or in a folded header of mail (RFC 5322, 2.2.3)."""
    before = cursor.text[cursor.place(at) - 1]
    if (
        before in " \t"
        and longer.clock is not None
        and longer.clock.width <= SECOND
        and longer.date is not None
    ):
        return True
    return (
        cursor.take(at, longer.languages, Kind.CLOCK, Kind.CLOCK_WEAK, Kind.PART_LEAD, Kind.ARTICLE)
        is not None
    )


def _with_date(cursor: Cursor, found: Expression, at: int, left: int) -> Expression | None:
    is_weekday = isinstance(found.date, Weekday)
    if found.date is not None and not is_weekday:
        return None
    best: Found | None = None
    here = cursor.kinds(at)
    for rule, begins_with in _RULES:
        if not here & begins_with or (is_weekday and rule not in (day_at, week_at)):
            continue
        piece = rule(cursor, at, left)
        if piece is not None and (best is None or piece[2] > best[2]):
            best = piece
            if isinstance(piece[0], Day) and piece[0].options and piece[0].options[0].year:
                break  # no other rule reads further than a whole day
    if best is None:
        return None
    date, part, after, languages, context = best
    if is_weekday:
        date = _joined(found.date, date)
        if date is None:
            return None
    if part is not None and (found.part is not None or (part.night and found.clock and found.date)):
        return None
    context = _context(found, date, context)
    return found._replace(
        date=date, part=part or found.part, next=after, languages=languages, context=context
    )


def _joined(weekday: DatePiece | None, date: DatePiece | None) -> DatePiece | None:
    """`tisdag morgon den 12 november 2024`: the weekday belongs to the day behind it."""
    if not isinstance(weekday, Weekday) or not isinstance(date, Day | Week) or date.weekday is not None:
        return None
    return replace(date, weekday=weekday.number)


def _context(found: Expression, date: DatePiece | None, context: Context) -> Context:
    """A clock or part of the day beside figures shows that they are a date."""
    if found.next == found.first:
        return context
    if isinstance(date, Day):
        return Context.NOTHING
    return max(context, found.context, key=tuple(Context).index)


def _with_clock(cursor: Cursor, found: Expression, at: int, left: int) -> Expression | None:
    if found.clock is not None or not _takes_clock(found.date):
        return None
    clock = clock_at(cursor, at, left, follows_date=found.date is not None)
    if clock is None or (found.date is not None and not clock[0].is_valid and cursor.tokens.is_number(at)):
        return None  # figures behind a date that are no time of day don't make it impossible
    piece, after, languages, context = clock
    if found.date is not None or found.part is not None:
        context = Context.NOTHING if piece.is_marked or isinstance(found.date, Day) else found.context
        if not piece.is_marked and not isinstance(found.date, Day | DayFromNow):
            return None
    if found.is_habit:
        context = Context.NOTHING
    return found._replace(clock=piece, next=after, languages=languages, context=context)


def _takes_clock(date: DatePiece | None) -> bool:
    """Whether a time of day can follow: on a day, not in a month."""
    return (
        date is None
        or isinstance(date, Day | DayFromNow | Weekday)
        or getattr(date, "weekday", None) is not None
    )


def _with_part(cursor: Cursor, found: Expression, at: int, left: int) -> Expression | None:
    if found.part is not None or not _takes_clock(found.date):
        return None
    part = part_at(cursor, at, left, follows_date=found.date is not None)
    if part is None:
        return None
    piece, after, languages = part
    context = Context.NOTHING if found.date or found.clock else found.context
    return found._replace(part=piece, next=after, languages=languages, context=context)


def _with_habit(cursor: Cursor, found: Expression, at: int, left: int) -> Expression | None:
    """`tisdagar`, `varje dag`, `every Tuesday`: no day at all."""
    if found.is_habit:
        return None
    habit = cursor.take(at, left, Kind.HABIT)
    if habit is not None:
        return found._replace(is_habit=True, next=habit.next, languages=habit.languages)
    every = cursor.take(at, left, Kind.EVERY)
    if every is not None:
        what = cursor.take(
            every.next, every.languages, Kind.WEEKDAY, Kind.WEEKDAY_PART, Kind.UNIT, Kind.PART, Kind.MONTH
        )
        if what is not None:
            return found._replace(is_habit=True, next=what.next, languages=what.languages)
    return None


_PIECES: tuple[tuple[Callable[[Cursor, Expression, int, int], Expression | None], int], ...] = (
    (_with_date, ~0),
    (_with_clock, _CLOCK),
    (_with_part, _PART),
    (_with_habit, _HABIT),
)
