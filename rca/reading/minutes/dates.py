"""Dates and times of day of minutes, in five languages, as moments with the bounds that they allow.

The decision hidden here: which date a line of minutes states. The grammar of Swedish and English is that of
`rca.moments.spoken`; Norwegian, Danish and Finnish names, dates in figures, days joined by a dash and stated zones are
brought into its form here, and the text stays as written. A year that is not written is never invented.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from rca.moments.instants import SECOND
from rca.moments.moment import Basis, Moment, Precision
from rca.moments.spoken import SpokenSpan, find_dates, spoken_span

__all__ = ["Clock", "Dates", "Day", "find_clock"]

_MONTHS = (
    ("januari", "january", "januar", "tammikuu", "jan"),
    ("februari", "february", "februar", "helmikuu", "feb", "febr"),
    ("mars", "march", "marts", "maaliskuu", "mar"),
    ("april", "huhtikuu", "apr"),
    ("maj", "may", "mai", "toukokuu"),
    ("juni", "june", "kesäkuu", "jun"),
    ("juli", "july", "heinäkuu", "jul"),
    ("augusti", "august", "elokuu", "aug"),
    ("september", "syyskuu", "sept", "sep"),
    ("oktober", "october", "lokakuu", "okt", "oct"),
    ("november", "marraskuu", "nov"),
    ("december", "desember", "joulukuu", "dec", "des"),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_WEEKDAYS = (
    ("måndag", "monday", "mandag", "maanantai"),
    ("tisdag", "tuesday", "tirsdag", "tiistai"),
    ("onsdag", "wednesday", "keskiviikko"),
    ("torsdag", "thursday", "torstai"),
    ("fredag", "friday", "perjantai"),
    ("lördag", "saturday", "lørdag", "lauantai"),
    ("söndag", "sunday", "søndag", "sunnuntai"),
)
_WEEKDAY = "|".join(name for names in _WEEKDAYS for name in names)
_JOINT = r"\s*(?:[-–—]|och|og|and|ja|till|til|to)\s*"
_DAY = re.compile(
    rf"(?<![\w/.-])(?:(?P<weekday>{_WEEKDAY})(?:en|ina|na)?\.?,?\s+(?:{_JOINT}(?:{_WEEKDAY})(?:en)?,?\s+)?)?(?:(?:den|the|d\.)\s+)?(?:"
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:(?:\s*[-–—]\s*|\s+(?:och|og|and|ja)\s+)(?:(?P<year2>\d{4})-)?(?:(?P<month2>\d{2})-)?(?P<day2>\d{2})(?![\d:.]))?"
    rf"|(?P<day_n>\d{{1,2}})(?:\.|:e|st|nd|rd|th)?(?:{_JOINT}(?:den\s+)?(?P<day_n2>\d{{1,2}})(?:\.|:e|st|nd|rd|th)?)?\s*(?:of\s+)?(?P<name>{_NAMES})(?:ta|n)?\.?,?\s+(?P<year_n>\d{{4}})(?!\d)"
    rf"|(?P<name_us>{_NAMES})\.?\s+(?P<day_us>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*[-–]\s*(?P<day_us2>\d{{1,2}}))?,?\s+(?P<year_us>\d{{4}})(?!\d)"
    r"|(?P<big>\d{4})[/.](?P<big_month>\d{1,2})[/.](?P<big_day>\d{1,2})(?![\d/])"
    r"|(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)\s?(?P<y>\d{4}|\d{2})(?![\d/:])"
    r"|(?P<sa>\d{1,2})/(?P<sb>\d{1,2})[\s-]+(?P<sy>\d{4}|-?\d{2})(?![\d:.])"
    r"|(?P<packed>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
    r")",
    re.IGNORECASE,
)
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "wet": 0, "west": 60,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip
"""Minutes east of UTC: the zones of RFC 2822, 4.3, and those of the European Union (directive 2000/84/EC)."""
_CLOCK = re.compile(
    r"(?<![\w:.,/-])(?P<word>(?:kl\.?|klockan|klo|kello|at|@)\s*)?(?P<hour>[01]?\d|2[0-4])(?:(?P<mark>[:.])(?P<minute>[0-5]\d))?"
    r"(?:[:.](?P<second>[0-5]\d))?(?![\d/]|[.:]\d)\s?(?P<half>[ap]\.?m\b\.?)?"
    r"(?:\s*(?:[-–—]|till|til|to|until)\s*(?:kl\.?\s*|klockan\s*|klo\s*)?(?P<hour2>[01]?\d|2[0-4])(?:[:.](?P<minute2>[0-5]\d))?(?![\d:]|[./-]\d)\s?(?P<half2>[ap]\.?m\b\.?)?)?"
    r"(?:\s*\(?(?P<zone>UTC|GMT|CET|CEST|EET|EEST|WET|WEST|EST|EDT|CST|CDT|MST|MDT|PST|PDT)\b(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or the days from `first` to `last`, as written at `begin` to `end` of a text.

    `reasons` names what was assumed: "order" of day and month, "year" with two digits. `is_contradicted` where the weekday
    that is written is another.
    """

    first: dt.date
    last: dt.date
    begin: int
    end: int
    text: str
    reasons: tuple[str, ...] = ()
    is_contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, with an end where one is written, and minutes east of UTC where a zone is stated."""

    hour: int
    minute: int
    until: tuple[int, int] | None
    offset: int | None
    begin: int
    end: int
    text: str


def find_clock(text: str, *, needs_mark: bool = True) -> Clock | None:
    """The first time of day in `text`: with a colon or point, or behind "kl." or before am; None where there is none.

    >>> find_clock("kl. 13–15.30").until, find_clock("öppnades 17:31").hour, find_clock("12 personer")
    ((15, 30), 17, None)
    """
    for found in _CLOCK.finditer(text):
        is_marked = found["minute"] or found["word"] or found["half"] or (found["hour2"] and found["minute2"])
        if needs_mark and not is_marked:
            continue
        if (
            found["mark"] == "."
            and not found["word"]
            and re.match(r"\s?(?:kr|kronor|%|procent|mkr|tkr)", text[found.end() :])
        ):
            continue
        hour = _hour(
            int(found["hour"]), found["half"] or (found["half2"] if int(found["hour"]) < 12 else None)
        )
        until = None
        if found["hour2"]:
            last = _hour(int(found["hour2"]), found["half2"])
            until = (last, int(found["minute2"] or 0))
            if not found["half"] and found["half2"] and hour > last:
                hour -= 12
        minute = int(found["minute"] or 0)
        if hour < 0 or hour > 24 or (hour == 24 and minute):
            continue
        zone = found["zone"]
        offset = _ZONES[zone.lower()] + _minutes(found["offset"] or "") if zone else None
        return Clock(hour, minute, until, offset, found.start(), found.end(), found[0].strip())
    return None


def _hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    return hour % 12 + (12 if half.lower().startswith("p") else 0)


def _minutes(written: str) -> int:
    if not written:
        return 0
    sign = -1 if written[0] == "-" else 1
    digits = written[1:].replace(":", "")
    return sign * (int(digits[:-2] or 0) * 60 + int(digits[-2:]) if len(digits) > 2 else int(digits) * 60)


class Dates:
    """Reads the dates of one set of minutes in its zone.

    `assume` is called with what a date rests on ("order", "year"), once for each use.
    """

    def __init__(self, zone: str, basis: Basis, assume: Callable[[str], None] | None = None) -> None:
        self.zone, self.basis = zone, basis
        self._assume = assume

    def days(self, text: str) -> list[Day]:
        """The days that `text` names, in order."""
        found = [day for match in _DAY.finditer(text[:20_000]) if (day := _day(match)) is not None]
        return [day for day in found if day.first.year >= 1678 and day.last.year <= 2261]

    def first(self, text: str) -> Day | None:
        """The first day that `text` names and that its own weekday does not contradict."""
        return next((day for day in self.days(text) if not day.is_contradicted), None)

    def span(self, day: Day, clock: Clock | None = None, text: str = "") -> SpokenSpan | None:
        """The moments of a day, or of the days from its first to its last, with their times of day."""
        for reason in day.reasons:
            if self._assume is not None:
                self._assume(reason)
        written = text or (day.text if clock is None else f"{day.text} {clock.text}")
        start = self._at(day.first, (clock.hour, clock.minute) if clock else None, clock, written)
        if start is None:
            return None
        end = None
        if clock is not None and clock.until is not None:
            late = day.last + dt.timedelta(
                days=int(day.first == day.last and clock.until < (clock.hour, clock.minute))
            )
            end = self._at(late, clock.until, clock, written)
        elif day.last > day.first:
            whole = self._at(day.last, None, None, written)
            end = whole and replace(whole, earliest=whole.latest - SECOND)
        return SpokenSpan(start, end)

    def moment(self, text: str) -> Moment | None:
        """The first moment that `text` names, with the time of day behind its date."""
        day = self.first(text)
        if day is None:
            return None
        clock = find_clock(text[day.end : day.end + 30])
        span = self.span(day, clock)
        return span.start if span else None

    def _at(
        self, day: dt.date, time: tuple[int, int] | None, clock: Clock | None, written: str
    ) -> Moment | None:
        if time is not None and clock is not None and clock.offset is not None:
            local = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) + dt.timedelta(
                hours=time[0], minutes=time[1]
            )
            instant = int((local - dt.timedelta(minutes=clock.offset)).timestamp()) * SECOND
            return Moment(instant, instant + 60 * SECOND, Precision.MINUTE, Basis.OFFSET_STATED, written)
        said = day.isoformat() + (f" kl. {time[0]}.{time[1]:02}" if time is not None else "")
        span = spoken_span(said, zone=self.zone, zone_basis=self.basis)
        return replace(span.start, text=written) if span else None

    def spoken(self, text: str) -> Moment | None:
        """The first date in running text, where it is less than a day too (`november 2024`)."""
        named = self.moment(text)
        if named is not None:
            return named
        hits = find_dates(text, zone=self.zone, zone_basis=self.basis)
        return hits[0][2] if hits else None


def _day(found: re.Match[str]) -> Day | None:
    reasons: list[str] = []
    try:
        first, last = _bounds(found, reasons)
    except ValueError:
        return None
    weekday = found["weekday"]
    names = next((n for n, words in enumerate(_WEEKDAYS) if weekday and weekday.lower() in words), None)
    is_contradicted = names is not None and first.weekday() != names
    return Day(
        first, max(first, last), found.start(), found.end(), found[0].strip(), tuple(reasons), is_contradicted
    )


def _bounds(found: re.Match[str], reasons: list[str]) -> tuple[dt.date, dt.date]:
    if found["year"]:
        first = dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
        if not found["day2"]:
            return first, first
        year = int(found["year2"] or found["year"])
        return first, dt.date(year, int(found["month2"] or found["month"]), int(found["day2"]))
    if found["name"]:
        month, year = _MONTH[found["name"].lower()], int(found["year_n"])
        first = dt.date(year, month, int(found["day_n"]))
        return first, dt.date(year, month, int(found["day_n2"])) if found["day_n2"] else first
    if found["name_us"]:
        month, year = _MONTH[found["name_us"].lower()], int(found["year_us"])
        first = dt.date(year, month, int(found["day_us"]))
        return first, dt.date(year, month, int(found["day_us2"])) if found["day_us2"] else first
    if found["big"]:
        first = dt.date(int(found["big"]), int(found["big_month"]), int(found["big_day"]))
        return first, first
    if found["packed"]:
        packed = found["packed"]
        first = dt.date(int(packed[:4]), int(packed[4:6]), int(packed[6:]))
        return first, first
    a, b = int(found["a"] or found["sa"]), int(found["b"] or found["sb"])
    written = (found["y"] or found["sy"]).lstrip("-")
    year = int(written) if len(written) == 4 else 2000 + int(written) - (100 if int(written) > 68 else 0)
    if len(written) == 2:
        reasons.append("year")
    if (found["mark"] in ("/", "-") or found["sa"]) and a <= 12 and b <= 12 and a != b:
        reasons.append("order")
    first = dt.date(year, a, b) if b > 12 >= a else dt.date(year, b, a)
    return first, first
