"""Periods: weeks, months and their thirds, quarters, seasons, years, and times counted in units from now.

The decision hidden here: what may stand without its year. In running text a month, week or quarter alone needs a word that
makes it a time (`i oktober`); a year alone needs one too (`under 2024`), and that word is then no part of it.
"""

from __future__ import annotations

from dataclasses import replace

from rca.moments.spoken.cursor import Cursor, WrittenYear
from rca.moments.spoken.days import Found
from rca.moments.spoken.figures import date_at, year_at
from rca.moments.spoken.lexicon import EN, FI, SV, Kind
from rca.moments.spoken.pieces import Ago, Context, Months, Period, Week, Year

__all__ = [
    "SEASONS",
    "ago_at",
    "month_at",
    "part_of_year_at",
    "period_at",
    "season_at",
    "week_at",
    "year_alone_at",
]

SEASONS = ("spring", "summer", "autumn", "winter")
_PERIODS = frozenset({"week", "month", "year"})


def week_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A week, or a weekday in it: `v. 46 2024`, `vecka 45–46`, `uke 45/2024`, `tisdag v. 46`, `2024-W46-2`, `2024 v 46`."""
    tokens = cursor.tokens
    if tokens.is_number(index):
        written = date_at(cursor.text, cursor.place(index), languages)
        if written is not None and isinstance(written[0], Week):
            return written[0], None, tokens.after(written[1], index), written[2], written[3]
        before = year_at(cursor.text, cursor.place(index))
        found = before and _week(cursor, index + 1, languages)
        if not before or not found or found[0].year is not None:
            return None
        return replace(found[0], year=before[0]), None, found[1], found[2], Context.NOTHING
    at, left, weekday = index, languages, None
    name = cursor.take(at, left, Kind.WEEKDAY, Kind.WEEKDAY_SHORT)
    if name is not None:
        weekday, at, left = name.sense.value, cursor.comma(cursor.dot(name.next)), name.languages
        at, left = cursor.skip(at, left, Kind.OF, Kind.COMING)
    else:
        at, left = cursor.skip(at, left, Kind.PREPOSITION)
    found = _week(cursor, at, left)
    if found is None:
        return None
    week, after, left = found
    is_bare = (
        week.year is None
        and tokens.word(at) == "v"
        and cursor.dot(at + 1) == at + 1
        and not tokens.is_glued(at + 1)
    )
    is_bare = is_bare or (week.year is None and tokens.word(after) == "of")  # week 12 of the treatment
    return replace(week, weekday=weekday), None, after, left, Context.WHOLE if is_bare else Context.NO_LABEL


def _week(cursor: Cursor, index: int, languages: int) -> tuple[Week, int, int] | None:
    word = cursor.take(index, languages, Kind.WEEK)
    if word is None:
        return None
    at = cursor.dot(word.next)
    number = cursor.number(at)
    if number is None and not (cursor.tokens.is_number(at) and cursor.tokens.word(at + 1) == "/"):
        return None
    if number is None:
        if len(cursor.tokens.words[at]) > 2:
            return None
        number = int(cursor.tokens.words[at])
    after, left, last = at + 1, word.languages, None
    joint = cursor.joint(after, left)
    if (
        joint
        and cursor.number(joint[0]) is not None
        and (cursor.number(joint[0]) or 0) > number
        and not _is_short_year(cursor, after)
    ):
        last, after, left = cursor.number(joint[0]), joint[0] + 1, joint[1]
    both = cursor.take(after, left, Kind.AND) if last is None else None
    if both is not None and cursor.number(both.next) == number + 1:
        last, after, left = number + 1, both.next + 1, both.languages
    year = cursor.of_year(after, left)
    if year is None or year.years_from_now is not None:
        return Week(number, last=last), after, left
    return Week(number, year.year, year.is_short, last=last), year.next, year.languages


def _is_short_year(cursor: Cursor, index: int) -> bool:
    """Whether the dash at `index` leads to a year of two digits: `v.45 -24`, not `v. 45-46`."""
    tokens = cursor.tokens
    return tokens.word(index) == "-" and not tokens.is_glued(index) and tokens.is_glued(index + 1)


def month_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A month or a third of it: `november 2024`, `i mitten av mars`, `mid-March 2024`, `maaliskuun alussa 2024`, `2024-11`."""
    tokens = cursor.tokens
    if tokens.is_number(index):
        written = date_at(cursor.text, cursor.place(index), languages)
        if written is not None and isinstance(written[0], Months):
            return written[0], None, tokens.after(written[1], index), written[2], written[3]
        return None
    at, left, third, has_preposition = index, languages, None, False
    part = cursor.take(at, left, Kind.THIRD)
    if part is not None:
        third, at, left = part.sense.value, part.next, part.languages
        if tokens.word(at) == "-":
            at += 1
    else:
        at, left = cursor.skip(at, left, Kind.PREPOSITION)
        has_preposition = at > index
    month = cursor.take(at, left, Kind.MONTH, Kind.MONTH_SHORT)
    if month is None or tokens.lines_before(at) > 1:
        return None
    is_short = month.sense.kind is Kind.MONTH_SHORT
    after, left = cursor.dot(month.next) if is_short else month.next, month.languages
    piece = Months(month.sense.value, third=third)
    after_third = cursor.take(after, left, Kind.THIRD_AFTER)
    if after_third is not None:
        piece, after, left = (
            replace(piece, third=after_third.sense.value),
            after_third.next,
            after_third.languages,
        )
    joint = cursor.joint(after, left) if piece.third is None else None
    other = joint and cursor.take(joint[0], joint[1], Kind.MONTH, Kind.MONTH_SHORT)
    if other and other.sense.value > piece.month:
        piece, after, left = (
            replace(piece, last_month=other.sense.value),
            cursor.dot(other.next),
            other.languages,
        )
    year = _year_of_month(cursor, after, left)
    if year is not None and has_preposition and not cursor.is_whole:
        return None  # the month with its year begins at its own name
    if year is not None:
        piece = replace(piece, year=year.year, is_short=year.is_short, years_from_now=year.years_from_now)
        after, left = year.next, year.languages
        later = (
            _later_month(cursor, after, left)
            if year.year and not year.is_short and piece.third is None
            else None
        )
        if later is not None and (later[1], later[0]) > (year.year or 0, piece.month):
            return (
                replace(piece, last_month=later[0], last_year=later[1]),
                None,
                later[2],
                later[3],
                Context.NOTHING,
            )
        if piece.third is None and (after_third := cursor.take(after, left, Kind.THIRD_AFTER)) is not None:
            piece, after, left = (
                replace(piece, third=after_third.sense.value),
                after_third.next,
                after_third.languages,
            )
        return piece, None, after, left, Context.NOTHING
    if (is_short and piece.third is None) or cursor.is_verb_perhaps(at, left):
        return None
    is_a_time = (
        has_preposition
        or piece.third is not None
        or (left == FI and tokens.word(at).endswith(("kuussa", "kuuta")))
    )
    return piece, None, after, left, Context.NO_LABEL if is_a_time else Context.LIMIT


def _later_month(cursor: Cursor, index: int, languages: int) -> tuple[int, int, int, int] | None:
    """The second of two months with their years: `november 2023–januari 2024`."""
    joint = cursor.joint(index, languages)
    month = joint and cursor.take(joint[0], joint[1], Kind.MONTH)
    year = cursor.year(month.next, month.languages) if month else None
    if not month or year is None or year.year is None or year.is_short:
        return None
    return month.sense.value, year.year, year.next, year.languages


def _year_of_month(cursor: Cursor, index: int, languages: int) -> WrittenYear | None:
    year = cursor.year(index, languages)
    if year is None and cursor.tokens.word(index) == "of" and languages & EN:
        year = cursor.year(index + 1, languages & EN)
    if (
        year is not None
        and year.is_short
        and cursor.tokens.word(index) in ("-", "–")
        and cursor.tokens.is_glued(index)
        and not cursor.is_whole
    ):
        return None
    return year


def part_of_year_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A quarter, a third or a half of a year: `Q3 2024`, `2024Q3`, `3. kvartal 2024`, `the third quarter`, `H1 2024`, `tertial 2 2024`."""
    tokens = cursor.tokens
    if tokens.is_number(index):
        found = _year_then_sign(cursor, index, languages)
        if found is not None:
            return found
    genitive = cursor.take(index, languages & FI, Kind.YEAR)
    if genitive is not None:
        year = year_at(cursor.text, cursor.place(genitive.next)) if tokens.is_number(genitive.next) else None
        part = year and _ordinal_then_word(cursor, genitive.next + 1, FI)
        return (replace(part[0], year=year[0]), None, part[1], FI, Context.NOTHING) if year and part else None
    at, left = cursor.skip(index, languages, Kind.PREPOSITION)
    at, left = cursor.skip(at, left, Kind.ARTICLE)
    signed = _sign(cursor, at, left)
    found_part = signed or _ordinal_then_word(cursor, at, left) or _word_then_number(cursor, at, left)
    if found_part is None:
        return None
    piece, after, left = found_part
    year_behind = cursor.of_year(after, left, is_glued=bool(signed))
    if year_behind is None:
        # the first half, a third: no part of a year unless the year is there; nor is H1, a heading
        if (piece.count != 3 and not cursor.is_whole) or (signed and piece.count != 3):
            return None
        return piece, None, after, left, Context.NO_LABEL
    piece = replace(
        piece, year=year_behind.year, is_short=year_behind.is_short, years_from_now=year_behind.years_from_now
    )
    return piece, None, year_behind.next, year_behind.languages, Context.NOTHING


def _part(number: int, months: int) -> Months:
    """The n-th part of a year, of so many months; month 0 where there is no such part."""
    return Months(number * months - months + 1 if 1 <= number <= 12 // months else 0, months)


def _sign(cursor: Cursor, index: int, languages: int) -> tuple[Months, int, int] | None:
    """`Q3`."""
    tokens = cursor.tokens
    if (
        tokens.word(index) not in ("q", "h", "t")
        or not tokens.is_number(index + 1)
        or not tokens.is_glued(index + 1)
    ):
        return None
    end = tokens.ends[index + 1]
    if (
        len(tokens.words[index + 1]) > 1
        or cursor.text[end : end + 1].isalpha()
        or not tokens.is_capital(index)
    ):
        return None
    months = {"q": 3, "t": 4, "h": 6}[tokens.word(index)]
    return _part(int(tokens.words[index + 1]), months), index + 2, languages


def _year_then_sign(cursor: Cursor, index: int, languages: int) -> Found | None:
    """`2024Q3`, `2024-Q3`."""
    tokens = cursor.tokens
    if len(tokens.words[index]) != 4 or not 1678 <= int(tokens.words[index]) < 2262:
        return None
    at = index + 2 if tokens.word(index + 1) == "-" else index + 1
    signed = _sign(cursor, at, languages)
    if signed is None:
        return None
    return replace(signed[0], year=int(tokens.words[index])), None, signed[1], languages, Context.NOTHING


def _ordinal_then_word(cursor: Cursor, index: int, languages: int) -> tuple[Months, int, int] | None:
    """`tredje kvartalet`, `3. kvartal`, `third quarter`."""
    ordinal = cursor.take(index, languages, Kind.ORDINAL)
    if ordinal is not None:
        number, at, left = ordinal.sense.value, ordinal.next, ordinal.languages
    else:
        figure = cursor.number(index)
        if figure is None:
            return None
        at, left, number = index + 1, languages, figure
        suffix = cursor.tokens.word(at) if cursor.tokens.is_glued(at) else ""
        if suffix == ".":
            at, left = at + 1, left & ~EN
        elif suffix in ("st", "nd", "rd", "th"):
            at, left = at + 1, left & EN
        elif suffix == ":" and cursor.tokens.word(at + 1) in ("e", "a"):
            at, left = at + 2, left & SV
        else:
            return None
    word = cursor.take(at, left, Kind.FRACTION)
    return (_part(number, word.sense.value), word.next, word.languages) if word else None


def _word_then_number(cursor: Cursor, index: int, languages: int) -> tuple[Months, int, int] | None:
    """`kvartal 3`, `tertial 2`."""
    word = cursor.take(index, languages, Kind.FRACTION)
    if word is None:
        return None
    at = cursor.dot(word.next)
    number = cursor.number(at)
    if number is None or cursor.tokens.word(at + 1) in ("%", "procent"):
        return None
    return _part(number, word.sense.value), at + 1, word.languages


def season_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A season: `hösten 2024`, `summer of 2024`, `vintern 2024/25`, `syksyllä 2024`."""
    at, left = cursor.skip(index, languages, Kind.PREPOSITION)
    at, left = cursor.skip(at, left, Kind.ARTICLE)
    word = cursor.take(at, left, Kind.SEASON)
    if word is None:
        return None
    is_winter = word.sense.value == 3
    piece = Months(word.sense.value * 3 + 3, 3, is_winter=is_winter)
    year = cursor.year(word.next, word.languages)
    if year is None and cursor.tokens.word(word.next) == "of":
        year = cursor.year(word.next + 1, word.languages & EN)
    if year is None:
        ranged = cursor.tokens.is_number(word.next) and _two_years(cursor, word.next)
        if ranged and is_winter:
            piece = replace(piece, year=ranged[0], has_next_year=True)
            return piece, None, ranged[1], word.languages, Context.NOTHING
        return (piece, None, word.next, word.languages, Context.WHOLE) if cursor.is_whole else None
    piece = replace(piece, year=year.year, is_short=year.is_short, years_from_now=year.years_from_now)
    after = year.next
    if is_winter and cursor.tokens.word(after) in ("/", "-", "–"):
        ranged = _two_years(cursor, after - 1)
        if ranged:
            return replace(piece, has_next_year=True), None, ranged[1], year.languages, Context.NOTHING
    return piece, None, after, year.languages, Context.NOTHING


def _two_years(cursor: Cursor, index: int) -> tuple[int, int] | None:
    """The first of two years in `2024/25` or `2024–2025`, and the index behind them."""
    words = cursor.tokens.words
    if (
        index + 2 >= len(words)
        or len(words[index]) != 4
        or words[index + 1] not in ("/", "-", "–")
        or not words[index + 2].isdigit()
    ):
        return None
    first, second = int(words[index]), words[index + 2]
    if len(second) not in (2, 4) or not str(first + 1).endswith(second) or not 1678 <= first < 2261:
        return None
    return first, index + 3


def year_alone_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A year: `år 2024`, `vuonna 2024`, and `2024` where the words before it make it one."""
    word = cursor.take(index, languages, Kind.YEAR)
    at = cursor.dot(word.next) if word else index
    year = year_at(cursor.text, cursor.place(at)) if cursor.tokens.is_number(at) else None
    if year is None:
        return None
    if word is not None:
        return Year(year[0]), None, at + 1, word.languages, Context.NOTHING
    is_recent = cursor.is_whole or 1900 <= year[0] < 2100
    return (Year(year[0]), None, at + 1, languages, Context.LIMIT) if is_recent else None


def period_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """A period from now, or a weekday in a week from now: `förra veckan`, `i fjol`, `last summer`, `Tuesday last week`."""
    name = cursor.take(index, languages, Kind.WEEKDAY)
    if name is not None:
        at, left = cursor.skip(name.next, name.languages, Kind.OF, Kind.COMING)
        week = _turn(cursor, at, left)
        if week is None or week[0].unit != "week":
            return None
        return replace(week[0], weekday=name.sense.value), None, week[1], week[2], Context.NOTHING
    period = cursor.take(index, languages, Kind.PERIOD)
    if period is not None:
        piece, after, left = Period(period.sense.unit, period.sense.value), period.next, period.languages
        return _part_of_relative_year(cursor, piece, after, left) or (
            piece,
            None,
            after,
            left,
            Context.NOTHING,
        )
    found = _turn(cursor, index, languages)
    if found is None:
        at, left = cursor.skip(index, languages, Kind.PREPOSITION)
        found = _turn(cursor, at, left) if at > index else None
    if found is None:
        return None
    piece, after, left = found
    if left & FI and (part := _part_of_relative_year(cursor, piece, after, left & FI)) is not None:
        return part
    day = cursor.take(after, left & FI, Kind.WEEKDAY) if piece.unit == "week" else None
    if day is not None:
        return replace(piece, weekday=day.sense.value), None, day.next, day.languages, Context.NOTHING
    return piece, None, after, left, Context.NOTHING


def _part_of_relative_year(cursor: Cursor, year: Period, index: int, languages: int) -> Found | None:
    """`i fjol höst`, `i fjor sommer`, `viime vuoden marraskuussa`."""
    found = cursor.take(index, languages, Kind.SEASON, Kind.MONTH) if year.unit == "year" else None
    if found is None or (found.sense.kind is Kind.MONTH and not languages & FI):
        return None
    piece = Months(found.sense.value, years_from_now=year.offset)
    if found.sense.kind is Kind.SEASON:
        number = found.sense.value
        piece = Months(number * 3 + 3, 3, years_from_now=year.offset, is_winter=number == 3)
    return piece, None, found.next, found.languages, Context.NOTHING


def _turn(cursor: Cursor, index: int, languages: int) -> tuple[Period, int, int] | None:
    for kind, offset in ((Kind.LAST, -1), (Kind.NEXT, 1), (Kind.THIS, 0)):
        turn = cursor.take(index, languages, kind)
        if turn is None:
            continue
        unit = cursor.take(turn.next, turn.languages, Kind.UNIT)
        if unit is not None and unit.sense.unit in _PERIODS:
            if unit.sense.value == 1:
                return Period(unit.sense.unit, offset), unit.next, unit.languages
            if unit.sense.value == 3:
                return Period("quarter", offset), unit.next, unit.languages
        season = cursor.take(turn.next, turn.languages, Kind.SEASON)
        if season is not None:
            return Period(SEASONS[season.sense.value], offset), season.next, season.languages
    return None


def ago_at(cursor: Cursor, index: int, languages: int) -> Found | None:
    """So many units ago or from now: `för två veckor sedan`, `20 minutes ago`, `om tre dagar`, `kolmen päivän kuluttua`."""
    ahead = cursor.take(index, languages, Kind.IN)
    if ahead is not None and (cursor.is_whole or ahead.languages & ~EN):
        left = ahead.languages if cursor.is_whole else ahead.languages & ~EN
        counted = _count(cursor, ahead.next, left)
        if counted is not None:
            piece, after, left = counted
            return piece, None, after, left, Context.NOTHING
    at, left = cursor.skip(index, languages, Kind.AGO_LEAD)
    counted = _count(cursor, at, left) or (_count(cursor, index, languages) if at > index else None)
    if counted is None:
        return None
    piece, after, left = counted
    ago = cursor.take(after, left, Kind.AGO)
    if ago is not None:
        return replace(piece, count=-piece.count), None, ago.next, ago.languages, Context.NOTHING
    later = cursor.take(after, left, Kind.FROM_NOW)
    return (piece, None, later.next, later.languages, Context.NOTHING) if later else None


def _count(cursor: Cursor, index: int, languages: int) -> tuple[Ago, int, int] | None:
    """`två veckor`, `20 minutes`, `an hour`, `viikko`; not `a second` or `en minut`, which are manners of speaking."""
    number = cursor.take(index, languages, Kind.NUMBER)
    article = cursor.take(index, languages, Kind.ARTICLE_NUMBER)
    if number is not None:
        count, at, left = number.sense.value, number.next, number.languages
    elif cursor.tokens.is_number(index) and len(cursor.tokens.words[index]) <= 4:
        count, at, left = int(cursor.tokens.words[index]), index + 1, languages
        if cursor.text[cursor.tokens.ends[index] : cursor.tokens.ends[index] + 1] in (",", ".", ":", "/"):
            return None
    elif article is not None:
        count, at, left = 1, article.next, article.languages
    else:
        count, at, left = 1, index, languages
    unit = cursor.take(at, left, Kind.UNIT)
    if unit is None or count == 0:
        return None
    if at == index and (unit.sense.value == 1 and not unit.languages & FI):
        return None
    is_manner = count == 1 and unit.sense.value == 1 and unit.sense.unit in ("second", "minute")
    return None if is_manner else (Ago(count * unit.sense.value, unit.sense.unit), unit.next, unit.languages)
