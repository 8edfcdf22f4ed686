"""Dates and times of day in figures: `2024-11-12`, `12/11-24`, `5.11.2024`, `2024-W46`, `14.30`, `0915`, `T09:15Z`.

The decision hidden here: the order of day, month and year. Four digits first is year, month, day. Points part day, month and year in
every language. Bars and hyphens do so too, except that English has the month first as well, and that two digits thrice
with hyphens begin with the year in Swedish. What fits two orders keeps both.

References:
    ISO 8601-1:2019; Språkrådet, Svenska skrivregler, 9.3; Dansk Sprognævn, "Datoer"; Språkrådet (Norway), "Dato";
    Kielitoimiston ohjepankki, "Päiväykset".
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from rca.moments.instants import SECOND
from rca.moments.moment import Precision
from rca.moments.spoken.lexicon import ALL, DA, EN, FI, NB, SV
from rca.moments.spoken.pieces import Clock, Context, DatePiece, Day, Months, Week, Ymd

__all__ = ["Written", "clock_at", "date_at", "is_day", "short_year", "short_year_at", "year_at", "zone_at"]

Written = tuple[DatePiece, int, int, Context]
"""A piece, the character after it, the languages in which it is written so, and the context it needs."""

NORDIC = SV | NB | DA | FI
_R = r"(?![^\W_]|[.,:/]?[0-9]|-[0-9]|\s?[%‰°])"
_S = r"[^\S\n]"
_DASH = rf"{_S}?[-–—]{{1,2}}{_S}?"
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:"
    rf"(?:{_DASH})(?:([0-9]{{4}})-)?(?:([0-9]{{2}})-)?([0-9]{{2}})(?![^\W_]|[.,:/-]?[0-9])"
    r"|(?=[Tt][0-9]{2})|(?![0-9]|-(?![0-9]{4}-|[0-9]{2}[.:][0-9]{2}|[0-9]{6}(?![0-9]))[0-9]|[.:/][0-9]))"
)
_ISO_WEEK = re.compile(rf"([0-9]{{4}})-?[Ww]([0-9]{{2}})(?:-?([1-9]))?{_R}")
_ISO_MONTH = re.compile(rf"([0-9]{{4}})-([0-9]{{2}}){_R}(?![-/_])")
_BIG_FIRST = re.compile(rf"([0-9]{{4}})([/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){_R}")
_PACKED = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:(?=[Tt][0-9]{4})|" + _R + ")")
_SIX = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})" + _R)
_THREE = re.compile(rf"([0-9]{{1,2}})([./-])([0-9]{{1,2}})\2([0-9]{{4}}|[0-9]{{2}}){_R}")
_POINTS = re.compile(rf"([0-9]{{1,2}})\.{_S}([0-9]{{1,2}})\.{_S}?([0-9]{{4}}){_R}")
_BAR_YEAR = re.compile(
    rf"([0-9]{{1,2}})/([0-9]{{1,2}})(?:{_S}?[-–]{_S}?([0-9]{{4}}|[0-9]{{2}})|,?{_S}([0-9]{{4}})){_R}"
)
_BAR = re.compile(rf"([0-9]{{1,2}})/([0-9]{{1,2}}){_R}(?!{_S}?[-–]{_S}?[0-9])")
_POINT = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.(?![^\W_]|[0-9]|[.,:/-][0-9])")
_MONTH_YEAR = re.compile(rf"([0-9]{{1,2}})/([0-9]{{4}}){_R}")
_DAYS = re.compile(rf"([0-9]{{1,2}})\.?{_DASH}(?=[0-9]{{1,2}}[./][0-9]{{1,2}}(?![0-9]))")
_YEAR = re.compile(r"([0-9]{4})(?![^\W_]|[.,:/][0-9]|-[0-9]|\s?[%‰°])")
_SHORT_YEAR = re.compile(r"(?:[-–][^\S\n]?|['’])([0-9]{2})(?![^\W_]|[.,:/-]?[0-9])")

_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:(?P<mark>[:.])(?P<minute>[0-9]{2})(?:(?P=mark)(?P<second>[0-9]{2})(?:(?:,|(?<=:[0-9][0-9])\.)(?P<fraction>[0-9]{1,9})(?![0-9-]))?)?)?"
    r"(?(fraction)(?![0-9])|(?![0-9]|[.:][0-9]|,[0-9]+(?![0-9-])|-?[0-9]{3}))"
)
_FOUR = re.compile(r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?(?![0-9]|[.,:/-][0-9])")
_HALF = re.compile(r"\s?(?:(?P<am>a\.?\s?m)|(?P<pm>p\.?\s?m))(?![^\W_])\.?(?![^\W_])", re.IGNORECASE)
_HALF_SV = re.compile(r"\s?(?:(?P<am>f\.?\s?m)|(?P<pm>e\.?\s?m))(?![^\W_])\.?(?![^\W_])", re.IGNORECASE)
_OFFSET = re.compile(
    r"(?:(?P<z>[Zz])(?![^\W_])|\s?(?P<sign>[+\-−])(?P<h>0[0-9]|1[0-4]):?(?P<m>[0-5][0-9])?(?![0-9:.]))"
)
_AMOUNT = re.compile(
    r"\s?(?:%|‰|€|\$|£|(?:kr|kronor|kroner|mkr|tkr|mnkr|sek|nok|dkk|eur|euro|euroa|usd|procent|prosent|percent|prosenttia|"
    r"m?g|kg|[dcm]?l|[kcm]?m|mmol|timmar|timer|tuntia|hours)(?![^\W_]))",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\s?\(?(?P<zone>UTC|GMT|CET|CEST|MET|MEST|EET|EEST|WET|WEST|BST|IST|EST|EDT|CST|CDT|MST|MDT|PST|PDT)(?![^\W_])\)?"
    r"(?:(?P<sign>[+\-−])(?P<h>[0-9]{1,2})(?::?(?P<m>[0-9]{2}))?(?![0-9:]))?"
)


def date_at(text: str, place: int, languages: int, *, is_month_first: bool = False) -> Written | None:
    """The date in figures at `place`, valid or not; None where the figures have no date's form."""
    for read in (_iso, _packed, _big_first):
        found = read(text, place)
        if found is not None:
            return found
    return _small_first(text, place, languages, is_month_first=is_month_first)


def _iso(text: str, place: int) -> Written | None:
    found = _ISO.match(text, place)
    if found:
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        last = None
        if found[6]:
            last = Ymd(int(found[4] or year), int(found[5] or month), int(found[6]))
            if not is_day(last) or tuple(last[:3]) <= (year, month, day):
                return None
        return Day((Ymd(year, month, day),), last=last), found.end(), ALL, Context.NOTHING
    found = _ISO_WEEK.match(text, place)
    if found:
        weekday = int(found[3]) - 1 if found[3] else None
        return Week(int(found[2]), int(found[1]), weekday=weekday), found.end(), ALL, Context.NOTHING
    found = _ISO_MONTH.match(text, place)
    if found and 1678 <= int(found[1]) < 2262:
        return Months(int(found[2]), year=int(found[1])), found.end(), ALL, Context.NO_LABEL
    return None


def _packed(text: str, place: int) -> Written | None:
    found = _PACKED.match(text, place)
    if found and found[1][:2] in ("19", "20"):
        return Day((Ymd(int(found[1]), int(found[2]), int(found[3])),)), found.end(), ALL, Context.NO_LABEL
    return None


def _big_first(text: str, place: int) -> Written | None:
    found = _BIG_FIRST.match(text, place)
    if found and found[1][:2] in ("19", "20"):
        return Day((Ymd(int(found[1]), int(found[3]), int(found[4])),)), found.end(), ALL, Context.NO_LABEL
    return None


def _small_first(text: str, place: int, languages: int, *, is_month_first: bool) -> Written | None:
    ranged = _DAYS.match(text, place)
    if ranged and 1 <= int(ranged[1]) <= 31:
        rest = _small_first(text, ranged.end(), languages & NORDIC, is_month_first=False)
        if rest is not None and isinstance(rest[0], Day) and rest[0].options:
            last = rest[0].options[0]
            if last.day > int(ranged[1]):
                day = replace(rest[0], options=(last._replace(day=int(ranged[1])),), last=last)
                return day, *rest[1:]
    found = _THREE.match(text, place)
    if found:
        written = found[1], found[3], found[4]
        options = _orders(written, found[2], languages, is_month_first=is_month_first)
        context = Context.NO_LABEL
        if found[2] == "." and len(found[4]) == 2 and len(found[1]) == 1 and len(found[3]) == 1:
            context = Context.LIMIT
        return Day(options), found.end(), languages, context
    found = _POINTS.match(text, place)
    if found:
        return (
            Day((Ymd(int(found[3]), int(found[2]), int(found[1])),)),
            found.end(),
            languages,
            Context.NO_LABEL,
        )
    found = _BAR_YEAR.match(text, place)
    if found and languages & NORDIC:
        year = found[3] or found[4]
        written_day = Ymd(int(year), int(found[2]), int(found[1]), len(year) == 2)
        return Day((written_day,)), found.end(), languages & NORDIC, Context.NOTHING
    found = _MONTH_YEAR.match(text, place)
    if found and found[2][:2] in ("19", "20") and languages & NORDIC:
        return Months(int(found[1]), year=int(found[2])), found.end(), languages & NORDIC, Context.LIMIT
    found = _BAR.match(text, place)
    if found:
        a, b = int(found[1]), int(found[2])
        orders = [Ymd(None, b, a)]
        if languages & EN:
            orders.insert(0 if is_month_first else 1, Ymd(None, a, b, languages=EN))
        return Day(_possible(orders)), found.end(), languages, Context.LIMIT
    found = _POINT.match(text, place)
    if found and languages & ~EN:
        return Day((Ymd(None, int(found[2]), int(found[1])),)), found.end(), languages & ~EN, Context.LIMIT
    found = _SIX.match(text, place)
    if found:
        return Day(_six(found[1], found[2], found[3], languages)), found.end(), languages, Context.WHOLE
    return None


def _orders(
    written: tuple[str, str, str], mark: str, languages: int, *, is_month_first: bool
) -> tuple[Ymd, ...]:
    """The orders in which three numbers may be written; the likeliest first; one impossible day where none is possible."""
    a, b, c = map(int, written)
    is_short = len(written[2]) == 2
    day_first, month_first = Ymd(c, b, a, is_short), Ymd(c, a, b, is_short)
    if mark == ".":
        return (day_first,)
    options = [day_first]
    if languages & EN or mark == "/":
        # where 13 can be no month, the other order holds in every language
        is_only = not is_day(day_first)
        if languages & EN or is_only:
            reader = ~0 if is_only else EN
            options.insert(0 if is_month_first else 1, month_first._replace(languages=reader))
    if mark == "-" and is_short and len(written[0]) == 2:
        year_first = Ymd(a, b, c, is_short=True)
        if languages == SV:
            options = [year_first]
        else:
            options.insert(0 if languages & SV else len(options), year_first)
    return _possible(options)


def _six(a: str, b: str, c: str, languages: int) -> tuple[Ymd, ...]:
    year_first, day_first = (
        Ymd(int(a), int(b), int(c), is_short=True),
        Ymd(int(c), int(b), int(a), is_short=True),
    )
    if languages == SV:
        return (year_first,)
    if languages & SV:
        # the order isn't known: the year nearest to the age of computers first
        return _possible(sorted((year_first, day_first), key=lambda day: abs((day.year or 0) - 20)))
    return _possible([day_first, year_first])


def _possible(options: list[Ymd]) -> tuple[Ymd, ...]:
    distinct = {day[:3]: day for day in reversed(options) if is_day(day)}
    return tuple(day for day in options if distinct.get(day[:3]) is day) or (options[0],)


def is_day(day: Ymd) -> bool:
    """Whether the calendar has the day in some year."""
    try:
        year = 2000 if day.year is None else short_year(day.year) if day.is_short else day.year
        dt.date(year, day.month, day.day)
    except ValueError:
        return False
    return True


def short_year(year: int, near: int | None = None) -> int:
    """The year that two digits mean: the one nearest to `near`, else 1969 to 2068, as in POSIX `strptime`.

    >>> short_year(24), short_year(69), short_year(1, near=1899)
    (2024, 1969, 1901)
    """
    if near is None:
        return year + (2000 if year < 69 else 1900)
    return min(
        (century + year for century in range(near // 100 * 100 - 100, near // 100 * 100 + 101, 100)),
        key=lambda y: abs(y - near),
    )


def year_at(text: str, place: int) -> tuple[int, int] | None:
    """A year of four digits at `place`, with the character after it."""
    found = _YEAR.match(text, place)
    if found and 1678 <= int(found[1]) < 2262:
        return int(found[1]), found.end()
    return None


def short_year_at(text: str, place: int) -> tuple[int, int] | None:
    """A year of two digits behind a hyphen or an apostrophe at `place`, with the character after it."""
    found = _SHORT_YEAR.match(text, place)
    return (int(found[1]), found.end()) if found else None


def clock_at(
    text: str, place: int, *, has_word: bool = False, is_packed: bool = False
) -> tuple[Clock, int] | None:
    """The time of day in figures at `place`, with am or pm; hours alone and 0915 only behind a word or before am, pm.

    The clock is no longer valid where its hour or minute doesn't exist.
    """
    found = (_FOUR.match(text, place) if has_word or is_packed else None) or _CLOCK.match(text, place)
    if found is None:
        return None
    groups = found.groupdict()
    end = found.end()
    half = _HALF.match(text, end) or (_HALF_SV.match(text, end) if has_word or groups["minute"] else None)
    if half:
        end = half.end()
    if not (has_word or half or groups["minute"]):
        return None
    if not (has_word or half) and groups["mark"] == "." and _AMOUNT.match(text, end):
        return None
    if end < len(text) and ((text[end].isalpha() and text[end] not in "ZzTth") or text[end] in "%‰°"):
        return None
    hour, minute, second = int(groups["hour"]), int(groups["minute"] or 0), int(groups["second"] or 0)
    fraction = groups.get("fraction") or ""
    is_valid = hour <= 24 and minute < 60 and second < 60 and (hour < 24 or not (minute or second))
    if half:
        is_valid = is_valid and 1 <= hour <= 12
        hour = hour % 12 + (12 if half["pm"] else 0)
    precision, width = _fineness(groups["minute"], groups["second"], fraction)
    is_marked = has_word or bool(half) or groups.get("mark") == ":"
    ns = int(fraction.ljust(9, "0"))
    clock = Clock(
        hour, minute, second, ns, precision, width, is_valid, has_half=bool(half), is_marked=is_marked
    )
    return clock, end


def _fineness(minute: str | None, second: str | None, fraction: str) -> tuple[Precision, int]:
    if fraction:
        precision = (Precision.MS, Precision.US, Precision.NS)[(len(fraction) - 1) // 3]
        return precision, 10 ** (9 - len(fraction))
    if second:
        return Precision.SECOND, SECOND
    return (Precision.MINUTE, 60 * SECOND) if minute else (Precision.HOUR, 3600 * SECOND)


def zone_at(text: str, place: int, *, is_iso: bool, is_second: bool) -> tuple[str, int | None, int] | None:
    """The zone that stands at `place`: its abbreviation, its offset in seconds where stated, the character after it.

    A minus sign states an offset behind the T of ISO 8601, and before four digits behind seconds, as in mail (RFC 5322, 3.3);
    elsewhere it leads to the end of a range.
    """
    found = _OFFSET.match(text, place)
    if found and (is_iso or found["sign"] == "+" or found["z"] == "Z" or (is_second and _is_mail(found))):
        return "", 0 if found["z"] else _seconds(found), found.end()
    found = _ZONE.match(text, place)
    if found is None:
        return None
    offset = _seconds(found) if found["h"] else None
    return found["zone"], offset, found.end()


def _is_mail(found: re.Match[str]) -> bool:
    return found["m"] is not None and ":" not in found[0] and found[0][:1].isspace()


def _seconds(found: re.Match[str]) -> int:
    seconds = (int(found["h"]) * 60 + int(found["m"] or 0)) * 60
    return seconds if found["sign"] == "+" else -seconds
