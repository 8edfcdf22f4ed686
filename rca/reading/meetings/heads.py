"""`head_date`: the date in the head of a transcript or interview, as six languages write it, as a moment.

The decision hidden here: which words are months and halves of the day in English, Swedish, Norwegian, Danish, Finnish
and German, and how far a head may be believed. A date is as fine as it is written; day and month in figures whose order
cannot be told are no date; an offset counts only where it is written (`GMT+1`, `UTC`, `+01:00`), an abbreviation such as
CET is a hint and counts for nothing.

References:
    Unicode CLDR, names of months (en, sv, nb, da, fi, de).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from rca.moments.instants import SECOND, is_in_range
from rca.moments.moment import Basis, Moment, Precision, TimeKind
from rca.moments.units import to_local, unit_span
from rca.moments.zones import place

__all__ = ["HeadDate", "find_head_date", "head_date"]

_MONTHS = (
    "january jan januari januar jän jänner tammikuu tammikuuta tammi",
    "february feb februari februar febr helmikuu helmikuuta helmi",
    "march mar mars marts märz mär maaliskuu maaliskuuta maalis",
    "april apr huhtikuu huhtikuuta huhti",
    "may maj mai toukokuu toukokuuta touko",
    "june jun juni kesäkuu kesäkuuta kesä",
    "july jul juli heinäkuu heinäkuuta heinä",
    "august aug augusti elokuu elokuuta elo",
    "september sep sept syyskuu syyskuuta syys",
    "october oct oktober okt lokakuu lokakuuta loka",
    "november nov marraskuu marraskuuta marras",
    "december dec dezember dez desember des joulukuu joulukuuta joulu",
)
_WORD = r"[^\W\d_]{3,13}"
_ORDINAL = r"(?:\.|:?e|st|nd|rd|th)?"
_CLOCK = (
    r"(?:T|[\s,;•·@(–—-]{1,4}(?:(?:kl\.?|klo|klockan|um|at|om|fra|från|from)\s*)?)"
    r"(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?(?!\d)"
    r"(?:\s?(?P<half>[ap]\.?\s?m\b\.?|[ef]m\b|[ai]p\b\.?))?(?:\s*Uhr\b)?"
    r"(?:\s?\(?(?P<zone>Z\b|(?:GMT|UTC)(?:\s?[+\-−]\d{1,2}(?::?\d{2})?)?(?![\w])|[+\-−]\d{2}:?\d{2}(?!\d)))?"
)
_DATE = re.compile(
    rf"(?<![\w.-])(?:(?P<iso_year>(?:19|20)\d{{2}})(?P<mark>[-/.])(?P<iso_month>\d{{1,2}})(?P=mark)(?P<iso_day>\d{{1,2}})(?!\d)"
    rf"|(?P<day>\d{{1,2}}){_ORDINAL}\s+(?:of\s+)?(?P<month>{_WORD})\.?,?\s+(?P<year>(?:19|20)\d{{2}})(?!\d)"
    rf"|(?P<us_month>{_WORD})\.?\s+(?P<us_day>\d{{1,2}}){_ORDINAL},?\s+(?P<us_year>(?:19|20)\d{{2}})(?!\d)"
    r"|(?P<a>\d{1,2})(?P<dot>[./-])(?P<b>\d{1,2})(?P=dot)(?P<figures_year>(?:19|20)\d{2})(?!\d))"
    rf"(?:{_CLOCK})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HeadDate:
    """A date in a head: its moment, where it stands in the text, and whether it names a time of day and an offset."""

    moment: Moment
    begin: int
    end: int
    has_clock: bool
    has_offset: bool


@cache
def _months() -> dict[str, int]:
    return {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}


def find_head_date(text: str, *, zone: str, zone_basis: Basis) -> HeadDate | None:
    """The first date in `text`; None where none can be told.

    >>> found = find_head_date("5. maaliskuuta 2024, 9.00", zone="Europe/Helsinki", zone_basis=Basis.ZONE_GIVEN)
    >>> found.moment.precision, found.has_clock
    (<Precision.MINUTE: 'minute'>, True)
    >>> find_head_date("03/04/2024", zone="UTC", zone_basis=Basis.ZONE_GIVEN) is None
    True
    """
    for found in _DATE.finditer(text[:2_000]):
        day = _day(found)
        moment = _moment(found, day, zone, zone_basis) if day is not None else None
        if moment is not None:
            has_offset = bool(found["hour"] and found["zone"])
            return HeadDate(moment, found.start(), found.end(), bool(found["hour"]), has_offset)
    return None


def head_date(text: str, *, zone: str, zone_basis: Basis) -> HeadDate | None:
    """The date that `text` is about: one that makes up most of it, but for a weekday or a length of time.

    >>> head_date("They met on 2024-03-05 in the small room", zone="UTC", zone_basis=Basis.ZONE_GIVEN) is None
    True
    """
    found = find_head_date(text, zone=zone, zone_basis=zone_basis)
    if found is None:
        return None
    rest = re.findall(r"[^\W\d_]{2,}", text[: found.begin] + " " + text[found.end :])
    return found if len(rest) <= 3 else None


def _day(found: re.Match[str]) -> dt.datetime | None:
    named = found["month"] or found["us_month"]
    if found["iso_year"]:
        year, month, day = int(found["iso_year"]), int(found["iso_month"]), int(found["iso_day"])
    elif named:
        year = int(found["year"] or found["us_year"])
        month, day = _months().get(named.casefold(), 0), int(found["day"] or found["us_day"])
    else:
        first, second = int(found["a"]), int(found["b"])
        year = int(found["figures_year"])
        if found["dot"] == "." or first > 12 or first == second:
            day, month = first, second
        elif second > 12:
            day, month = second, first
        else:
            return None
    try:
        return dt.datetime(year, month, day, tzinfo=dt.UTC)
    except ValueError:
        return None


def _moment(found: re.Match[str], day: dt.datetime, zone: str, basis: Basis) -> Moment | None:
    text = found[0].strip(" ,;•·@(–—-")
    if not found["hour"]:
        low, high = unit_span(to_local(day), Precision.DAY, zone)
        return Moment(low, high, Precision.DAY, basis, text, zone, TimeKind.STARTED)
    hour = int(found["hour"])
    half = (found["half"] or "").casefold().replace(" ", "").replace(".", "")
    if half and hour > 12:
        return None
    if half in ("pm", "em", "ip"):
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    precision = Precision.SECOND if found["second"] else Precision.MINUTE
    width = SECOND if found["second"] else 60 * SECOND
    local = to_local(day) + ((hour * 60 + int(found["minute"])) * 60 + int(found["second"] or 0)) * SECOND
    if found["zone"]:
        instant = local - _offset(found["zone"])
        if not is_in_range(instant):
            return None
        return Moment(instant, instant + width, precision, Basis.OFFSET_STATED, text, None, TimeKind.STARTED)
    spot = place(local, zone)
    if spot.is_fold or spot.is_gap:
        basis = Basis.FOLD_INFERRED if spot.is_fold else Basis.GAP_INFERRED
        return Moment(
            min(spot.instants), max(spot.instants) + width, precision, basis, text, zone, TimeKind.STARTED
        )
    return Moment(spot.instants[0], spot.instants[0] + width, precision, basis, text, zone, TimeKind.STARTED)


def _offset(text: str) -> int:
    found = re.search(r"([+\-−])(\d{1,2}):?(\d{2})?", text)
    if not found:
        return 0
    shift = (int(found[2]) * 60 + int(found[3] or 0)) * 60 * SECOND
    return shift if found[1] == "+" else -shift
