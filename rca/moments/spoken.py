"""Spoken dates: written dates in Swedish and English as moments with the interval that they allow.

The decision hidden here: the grammar. A date that names its year becomes an interval of its own precision; a day, a
month or a year that is not written is never invented; a weekday that contradicts the date makes it no date.

Forms: `den 12 november 2024 kl. 14.30`, `tisdagen den 5 november 2024`, `12 November 2024, 14:30`,
`November 12, 2024`, `2024-11-12 kl 09:15`, `2024-11-12 13.00–15.30`, `november 2024`, `v. 46 2024`, `2024-W46`,
`Q3 2024`, `2024`, each with a part of the day (`förmiddag`, `evening`) where a day is named.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from rca.moments.instants import SECOND
from rca.moments.moment import Basis, Moment, Precision, TimeKind
from rca.moments.stamps import month_number
from rca.moments.units import PartOfDay, part_span, to_local, unit_span
from rca.moments.zones import place

__all__ = ["SpokenSpan", "find_dates", "spoken_date", "spoken_span"]

_MONTH = (
    r"(?:jan(?:uari|uary)?|feb(?:r|ruari|ruary)?|mar(?:s|ch)?|apr(?:il)?|maj|may|jun[ie]?|jul[iy]?|aug(?:usti|ust)?"
    r"|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAYS = (
    ("måndag", "monday", "mon"),
    ("tisdag", "tuesday", "tue", "tues"),
    ("onsdag", "wednesday", "wed"),
    ("torsdag", "thursday", "thu", "thurs"),
    ("fredag", "friday", "fri"),
    ("lördag", "saturday", "sat"),
    ("söndag", "sunday", "sun"),
)
_WEEKDAY = r"(?:(?:mån|tis|ons|tors|fre|lör|sön)dag(?:en)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_CLOCK = r"(?:kl\.?|klockan|at)?\s*(?P<hour>[01]?\d|2[0-4])[.:](?P<minute>[0-5]\d)(?:[.:](?P<second>[0-5]\d))?(?!\d)"
_UNTIL = (
    r"(?:\s*(?:[-–—]|till|to|until)\s*(?:kl\.?\s*)?(?P<hour2>[01]?\d|2[0-4])[.:](?P<minute2>[0-5]\d)(?!\d))?"
)
_PART = {
    "natten": PartOfDay.NIGHT,
    "natt": PartOfDay.NIGHT,
    "night": PartOfDay.NIGHT,
    "morgon": PartOfDay.MORNING,
    "morgonen": PartOfDay.MORNING,
    "morning": PartOfDay.MORNING,
    "förmiddag": PartOfDay.FORENOON,
    "förmiddagen": PartOfDay.FORENOON,
    "forenoon": PartOfDay.FORENOON,
    "lunchtid": PartOfDay.LUNCHTIME,
    "lunch": PartOfDay.LUNCHTIME,
    "lunchtime": PartOfDay.LUNCHTIME,
    "eftermiddag": PartOfDay.AFTERNOON,
    "eftermiddagen": PartOfDay.AFTERNOON,
    "afternoon": PartOfDay.AFTERNOON,
    "kväll": PartOfDay.EVENING,
    "kvällen": PartOfDay.EVENING,
    "evening": PartOfDay.EVENING,
}
_PARTS = "|".join(sorted(_PART, key=len, reverse=True))
_TAIL = rf"(?:\s*,?\s*(?:(?:på|in the|vid)\s+)?(?:(?:{_CLOCK}{_UNTIL})|(?P<part>{_PARTS})\b))?"
_DATE = (
    rf"(?:(?P<weekday>{_WEEKDAY}),?\s+)?"
    r"(?:"
    r"(?P<iso_year>\d{4})-(?P<iso_month>\d{2})-(?P<iso_day>\d{2})(?!\d)"
    rf"|(?:den\s+|the\s+)?(?P<day>\d{{1,2}})(?::e|st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH}),?\s+(?P<year>\d{{4}})(?!\d)"
    rf"|(?P<us_month>{_MONTH})\s+(?P<us_day>\d{{1,2}})(?:st|nd|rd|th)?,\s*(?P<us_year>\d{{4}})(?!\d)"
    r")"
)
_FULL = re.compile(rf"(?<![\w-]){_DATE}{_TAIL}", re.IGNORECASE)
_PERIOD = re.compile(
    rf"(?<![\w-])(?:(?P<month>{_MONTH})\s+(?P<month_year>\d{{4}})"
    r"|(?:v\.?|vecka|week)\s*(?P<week>\d{1,2}),?\s+(?P<week_year>\d{4})|(?P<iso_week_year>\d{4})-W(?P<iso_week>\d{2})"
    r"|Q(?P<quarter>[1-4])\s+(?P<quarter_year>\d{4})|(?P<quarter_year2>\d{4})[- ]?Q(?P<quarter2>[1-4]))(?![\w-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SpokenSpan:
    """A date with its beginning and, where one is written, its end."""

    start: Moment
    end: Moment | None = None


def spoken_date(text: str, *, zone: str, zone_basis: Basis = Basis.ZONE_GIVEN) -> Moment | None:
    """The moment that `text`, as a whole, names; None where it names none.

    >>> moment = spoken_date("tisdagen den 12 november 2024 kl. 05.30", zone="Europe/Stockholm")
    >>> moment.precision, (moment.latest - moment.earliest) // SECOND
    (<Precision.MINUTE: 'minute'>, 60)
    >>> spoken_date("måndagen den 12 november 2024", zone="Europe/Stockholm") is None
    True
    """
    span = spoken_span(text, zone=zone, zone_basis=zone_basis)
    return span.start if span else None


def spoken_span(text: str, *, zone: str, zone_basis: Basis = Basis.ZONE_GIVEN) -> SpokenSpan | None:
    """The date that `text` names as a whole, with the end of a written range (`kl. 13.00–15.30`)."""
    stripped = text.strip().rstrip(".").strip()
    found = _FULL.fullmatch(stripped)
    if found:
        return _full(found, zone, zone_basis)
    period = _PERIOD.fullmatch(stripped)
    moment = _period(period, zone, zone_basis) if period else None
    if moment is None and re.fullmatch(r"(?:1[6-9]|2[01])\d\d", stripped):
        moment = _unit(dt.datetime(int(stripped), 1, 1), Precision.YEAR, stripped, zone, zone_basis)
    return SpokenSpan(moment) if moment else None


def find_dates(
    text: str, *, zone: str, zone_basis: Basis = Basis.ZONE_GIVEN
) -> list[tuple[int, int, Moment]]:
    """The dates in running text: first character, character after the last, moment; in order, not overlapping."""
    hits: list[tuple[int, int, Moment]] = []
    for found in _FULL.finditer(text):
        span = _full(found, zone, zone_basis)
        if span:
            hits.append((found.start(), found.end(), span.start))
    for found in _PERIOD.finditer(text):
        moment = _period(found, zone, zone_basis)
        if moment and not any(start < found.end() and found.start() < end for start, end, _ in hits):
            hits.append((found.start(), found.end(), moment))
    return sorted(hits, key=lambda hit: hit[0])


def _full(found: re.Match[str], zone: str, basis: Basis) -> SpokenSpan | None:
    year = int(found["iso_year"] or found["year"] or found["us_year"])
    named = found["month"] or found["us_month"]
    month = int(found["iso_month"]) if found["iso_month"] else month_number(named)
    day = int(found["iso_day"] or found["day"] or found["us_day"])
    try:
        date = dt.datetime(year, month or 0, day)
    except ValueError:
        return None
    if found["weekday"] and date.weekday() != _weekday(found["weekday"]):
        return None
    if found["part"]:
        low, high = part_span(to_local(date), _PART[found["part"].lower()], zone)
        return SpokenSpan(Moment(low, high, Precision.PART_OF_DAY, basis, found[0].strip(), zone))
    if not found["hour"]:
        return SpokenSpan(_unit(date, Precision.DAY, found[0].strip(), zone, basis))
    start = _clock(date, found["hour"], found["minute"], found["second"], found[0].strip(), zone, basis)
    if start is None:
        return None
    end = None
    if found["hour2"]:
        end = _clock(
            date, found["hour2"], found["minute2"], None, found[0].strip(), zone, basis, TimeKind.ENDED
        )
    return SpokenSpan(start, end)


def _clock(
    date: dt.datetime,
    hour: str,
    minute: str,
    second: str | None,
    text: str,
    zone: str,
    basis: Basis,
    kind: TimeKind = TimeKind.OCCURRED,
) -> Moment | None:
    if int(hour) == 24 and int(minute):
        return None
    local = to_local(date) + ((int(hour) * 60 + int(minute)) * 60 + int(second or 0)) * SECOND
    precision = Precision.SECOND if second else Precision.MINUTE
    width = SECOND if second else 60 * SECOND
    spot = place(local, zone)
    if spot.is_fold or spot.is_gap:
        inferred = Basis.FOLD_INFERRED if spot.is_fold else Basis.GAP_INFERRED
        return Moment(spot.instants[0], spot.instants[1] + width, precision, inferred, text, zone, kind)
    return Moment(spot.instants[0], spot.instants[0] + width, precision, basis, text, zone, kind)


def _period(found: re.Match[str], zone: str, basis: Basis) -> Moment | None:
    text = found[0].strip()
    try:
        if found["month"]:
            month = month_number(found["month"])
            return _unit(
                dt.datetime(int(found["month_year"]), month or 0, 1), Precision.MONTH, text, zone, basis
            )
        week = found["week"] or found["iso_week"]
        if week:
            year = int(found["week_year"] or found["iso_week_year"])
            monday = dt.date.fromisocalendar(year, int(week), 1)
            start = dt.datetime(monday.year, monday.month, monday.day)
            return _unit(start, Precision.WEEK, text, zone, basis)
        quarter = int(found["quarter"] or found["quarter2"])
        year = int(found["quarter_year"] or found["quarter_year2"])
        return _unit(dt.datetime(year, quarter * 3 - 2, 1), Precision.QUARTER, text, zone, basis)
    except ValueError:
        return None


def _unit(start: dt.datetime, precision: Precision, text: str, zone: str, basis: Basis) -> Moment:
    low, high = unit_span(to_local(start), precision, zone)
    return Moment(low, high, precision, basis, text, zone)


def _weekday(name: str) -> int:
    folded = name.casefold().removesuffix("en")
    return next(number for number, names in enumerate(_DAYS) if folded in names)
