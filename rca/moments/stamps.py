"""Stamps: what a written time says by itself, before its zone and a missing year are settled.

The decision hidden here: layouts. A layout is data (`"iso"`, `"%b %d %H:%M:%S"`, `"epoch:ms"`), compiled once into a
regular expression and a reader of its groups; parsing never guesses between layouts, and an impossible date is no
stamp.

References:
    ISO 8601-1:2019; RFC 3339; POSIX strptime for the directives.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rca.errors import FormatError, did_you_mean
from rca.moments.instants import SECOND
from rca.moments.moment import Precision

__all__ = [
    "DIRECTIVES",
    "Layout",
    "Stamp",
    "compile_layout",
    "decimal_width",
    "month_number",
    "parse_count",
    "read_bias",
    "read_offset",
    "weekday_number",
]

_MONTHS = {
    1: ("january", "jan", "januari"),
    2: ("february", "feb", "februari", "febr"),
    3: ("march", "mar", "mars"),
    4: ("april", "apr"),
    5: ("may", "maj"),
    6: ("june", "jun", "juni"),
    7: ("july", "jul", "juli"),
    8: ("august", "aug", "augusti"),
    9: ("september", "sep", "sept"),
    10: ("october", "oct", "okt", "oktober"),
    11: ("november", "nov"),
    12: ("december", "dec"),
}
_MONTH = {name: number for number, names in _MONTHS.items() for name in names}
_WEEKDAYS = (
    ("monday", "mon", "måndag", "mån"),
    ("tuesday", "tue", "tues", "tisdag", "tis"),
    ("wednesday", "wed", "onsdag", "ons"),
    ("thursday", "thu", "thur", "thurs", "torsdag", "tors", "tor"),
    ("friday", "fri", "fredag", "fre"),
    ("saturday", "sat", "lördag", "lör"),
    ("sunday", "sun", "söndag", "sön"),
)
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_EPOCH = {"s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamp says. Parts that it does not state are None; `instant` is set for counts since 1970 only.

    `offset` is in seconds east of UTC; `weekday` counts from 0 for Monday; `width` is how many nanoseconds the last
    decimal spans, where there are decimals.
    """

    text: str
    precision: Precision
    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int = 0
    minute: int = 0
    second: int = 0
    ns: int = 0
    offset: int | None = None
    abbreviation: str | None = None
    weekday: int | None = None
    instant: int | None = None
    width: int | None = None

    @property
    def is_time_only(self) -> bool:
        """Whether the stamp states a time of day and no date."""
        return self.instant is None and self.month is None


@dataclass(frozen=True, slots=True)
class Layout:
    """A compiled layout. `pattern` is its regular expression without anchors, for formats to embed."""

    name: str
    pattern: str
    _parse: Callable[[str], Stamp | None]
    _spans: Callable[[str], tuple[tuple[str, int, int], ...] | None] | None = None

    @property
    def has_parts(self) -> bool:
        """Whether the layout is a sequence of parts, each at its place."""
        return self._spans is not None

    def spans(self, text: str) -> tuple[tuple[str, int, int], ...] | None:
        """Where each part stands in `text`, as (name, start, end); None when the text is not of this layout's form.

        Layouts that are no sequence of parts (counts since 1970 and others that are computed) have no spans: None.
        """
        return self._spans(text) if self._spans is not None else None

    def parse(self, text: str) -> Stamp | None:
        """The stamp that `text`, as a whole, is in this layout; None when it is none or no possible date."""
        return self._parse(text)


def weekday_number(name: str) -> int | None:
    """The number of a weekday, 0 for Monday, by its English or Swedish name or abbreviation.

    >>> weekday_number("tis"), weekday_number("Sun"), weekday_number("Someday")
    (1, 6, None)
    """
    return _WEEKDAY.get(name.rstrip(".").casefold())


def month_number(name: str) -> int | None:
    """The number of a month by its English or Swedish name or abbreviation.

    >>> month_number("Okt."), month_number("brumaire")
    (10, None)
    """
    return _MONTH.get(name.rstrip(".").casefold())


_WORD = r"[A-Za-zÅÄÖåäö]{3,10}\.?"
DIRECTIVES: dict[str, tuple[str, str]] = {
    "%Y": ("year", r"\d{4}"),
    "%y": ("year2", r"\d{2}"),
    "%m": ("month", r"\d{1,2}"),
    "%b": ("month_name", _WORD),
    "%B": ("month_name", _WORD),
    "%d": ("day", r" ?\d{1,2}"),
    "%e": ("day", r" ?\d{1,2}"),
    "%j": ("ordinal", r"\d{3}"),
    "%H": ("hour", r" ?\d{1,2}"),
    "%I": ("hour12", r" ?\d{1,2}"),
    "%M": ("minute", r"\d{2}"),
    "%S": ("second", r"\d{2}"),
    "%f": ("fraction", r"\d{1,12}"),
    "%p": ("half", r"[AaPp]\.?[Mm]\.?"),
    "%z": ("offset", r"Z|[+-]\d{2}:?\d{2}(?::?\d{2})?|[+-]\d{2}"),
    "%~": ("bias", r"[+-]\d{1,4}"),
    "%Z": ("abbreviation", r"[A-Z][A-Za-z]{1,5}"),
    "%a": ("weekday", _WORD),
    "%A": ("weekday", _WORD),
    "%%": ("", "%"),
}
"""The directives of a layout: what each reads, and its pattern. `%~` is a bias: the minutes that UTC is later."""


@lru_cache(maxsize=512)
def compile_layout(layout: str) -> Layout:
    """The layout called or written `layout`: `iso`, `epoch:s|ms|us|ns`, or directives such as `%d/%b/%Y:%H:%M:%S %z`.

    `tai64n` is a label of multilog, `symantec-hex` six bytes in hexadecimal digits.

    Raises:
        FormatError: a directive is unknown.

    >>> compile_layout("%b %e %H:%M:%S").parse("Nov  3 01:24:56").day
    3
    """
    if layout == "iso":
        return Layout(layout, _ISO_PATTERN, _parse_iso, _iso_spans)
    if layout in _COMPUTED:
        return Layout(layout, *_COMPUTED[layout])
    if layout.startswith("epoch:"):
        unit = layout.partition(":")[2]
        if unit not in _EPOCH:
            raise FormatError(f'There is no count in "{unit}"', where=layout, hint=did_you_mean(unit, _EPOCH))
        return Layout(layout, r"-?\d{1,19}(?:\.\d{1,12})?", _epoch_parser(_EPOCH[unit]))
    return _compile_directives(layout)


def _compile_directives(layout: str) -> Layout:
    pieces: list[str] = []
    named: list[str] = []
    at = 0
    while at < len(layout):
        if layout[at] == "%":
            directive = layout[at : at + 2]
            if directive not in DIRECTIVES:
                raise FormatError(
                    f'A layout has no directive "{directive}"',
                    where=layout,
                    hint=did_you_mean(directive, DIRECTIVES),
                )
            name, pattern = DIRECTIVES[directive]
            pieces.append(f"({pattern})" if name else pattern)
            if name:
                named.append(name)
            at += 2
        else:
            pieces.append(r" +" if layout[at] == " " else re.escape(layout[at]))
            at += 1
    whole = "".join(pieces).replace(r" +( ?\d", r" +(\d")
    anonymous = re.sub(r"\((?!\?)", "(?:", whole)
    compiled = re.compile(whole)

    @lru_cache(maxsize=4096)
    def date_parts(values: tuple[tuple[str, str], ...]) -> dict[str, int] | None:
        return _read_date(dict(values))

    def parse(text: str) -> Stamp | None:
        found = compiled.fullmatch(text.strip())
        if not found:
            return None
        groups = dict(zip(named, found.groups(), strict=True))
        date = date_parts(tuple((k, v) for k, v in groups.items() if k in _DATE_GROUPS))
        clock = _read_clock(groups)
        if date is None or clock is None:
            return None
        offset = read_offset(groups["offset"]) if "offset" in groups else None
        if "bias" in groups:
            offset = read_bias(groups["bias"])
            if offset is None:
                return None
        abbreviation = groups.get("abbreviation")
        if abbreviation in ("UTC", "GMT", "Z"):
            offset, abbreviation = 0, None
        hour, minute, second, ns, precision = clock
        width = decimal_width(groups["fraction"]) if "fraction" in groups else None
        return Stamp(
            text,
            precision if precision is not None else (Precision.DAY if "day" in date else Precision.MONTH),
            date.get("year"),
            date.get("month"),
            date.get("day"),
            hour,
            minute,
            second,
            ns,
            offset,
            abbreviation,
            date.get("weekday"),
            width=width,
        )

    def spans(text: str) -> tuple[tuple[str, int, int], ...] | None:
        found = compiled.fullmatch(text)
        if not found:
            return None
        return tuple((name, *found.span(i)) for i, name in enumerate(named, start=1))

    return Layout(layout, anonymous, parse, spans)


_DATE_GROUPS = frozenset({"year", "year2", "month", "month_name", "day", "ordinal", "weekday"})


def _read_date(groups: dict[str, str]) -> dict[str, int] | None:
    """The date parts as numbers; None when a name is unknown or the date does not exist."""
    date: dict[str, int] = {}
    if "year" in groups:
        date["year"] = int(groups["year"])
    elif "year2" in groups:
        short = int(groups["year2"])
        date["year"] = short + (2000 if short < 69 else 1900)
    if "month" in groups:
        date["month"] = int(groups["month"])
    elif "month_name" in groups:
        month = month_number(groups["month_name"])
        if month is None:
            return None
        date["month"] = month
    if "day" in groups:
        date["day"] = int(groups["day"])
    if "ordinal" in groups:
        if "year" not in date:
            return None
        ordinal = int(groups["ordinal"])
        first = dt.date(max(date["year"], 1), 1, 1)
        day = first + dt.timedelta(days=ordinal - 1)
        if not 1 <= ordinal <= 366 or day.year != first.year:
            return None
        date["month"], date["day"] = day.month, day.day
    if "weekday" in groups:
        weekday = weekday_number(groups["weekday"])
        if weekday is None:
            return None
        date["weekday"] = weekday
    return date if _is_possible(date) else None


def _is_possible(date: dict[str, int]) -> bool:
    if "month" not in date:
        return True
    year = date.get("year", 2024)  # a leap year: without a year, Feb 29 is possible
    try:
        day = dt.date(year, date["month"], date.get("day", 1))
    except ValueError:
        return False
    return (
        "year" not in date or "weekday" not in date or "day" not in date or day.weekday() == date["weekday"]
    )


def _read_clock(groups: dict[str, str]) -> tuple[int, int, int, int, Precision | None] | None:
    """Hour, minute, second, nanosecond and the precision; precision None when there is no time of day."""
    if "hour" not in groups and "hour12" not in groups:
        return 0, 0, 0, 0, None
    hour = int(groups.get("hour") or groups["hour12"])
    if "hour12" in groups:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if groups.get("half", "a")[0] in "pP" else 0)
    minute, second = int(groups.get("minute", 0)), int(groups.get("second", 0))
    if hour > 23 or minute > 59 or second > 60:
        return None
    if "fraction" in groups:
        ns, precision = _read_fraction(groups["fraction"])
        return hour, minute, second, ns, precision
    if "second" in groups:
        return hour, minute, second, 0, Precision.SECOND
    return hour, minute, 0, 0, Precision.MINUTE if "minute" in groups else Precision.HOUR


def _read_fraction(digits: str) -> tuple[int, Precision]:
    """Nanoseconds, and the precision that holds the number of digits written."""
    count = len(digits)
    precision = Precision.MS if count <= 3 else Precision.US if count <= 6 else Precision.NS
    return int(digits[:9].ljust(9, "0")), precision


def decimal_width(digits: str) -> int:
    """How many nanoseconds the last of these decimals of a second spans; from the tenth on they are cut.

    >>> decimal_width("5"), decimal_width("004")
    (100000000, 1000000)
    """
    return int(10 ** (9 - min(len(digits), 9)))


def read_offset(text: str) -> int | None:
    """An offset from UTC in seconds east, such as `+0100`, `-07:00`, `Z` or `GMT`; None where it is none."""
    if text in ("Z", "z", "UTC", "GMT"):
        return 0
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
    seconds = int(digits[4:6] or 0)
    if hours > 18 or minutes > 59 or seconds > 59:
        return None
    value = hours * 3600 + minutes * 60 + seconds
    return -value if text[0] == "-" else value


def read_bias(text: str) -> int | None:
    """The offset from UTC, in seconds east, of a bias: minutes that must be added to the local time to get UTC.

    References:
        Microsoft, TIME_ZONE_INFORMATION: UTC = local time + bias.

    >>> read_bias("-60")
    3600
    """
    minutes = int(text[1:])
    if minutes > 18 * 60:
        return None
    return minutes * 60 if text[0] == "-" else -minutes * 60


def _parse_tai64n(text: str) -> Stamp | None:
    """A TAI64 or TAI64N label as multilog writes it: 2^62 + 10 seconds are added to the seconds since 1970.

    References:
        D. J. Bernstein, TAI64, TAI64N, and TAI64NA; daemontools, multilog.
    """
    found = re.fullmatch(r"@([0-9a-fA-F]{16})([0-9a-fA-F]{8})?(?:[0-9a-fA-F]{8})?", text)
    if not found:
        return None
    nanoseconds = int(found[2] or "0", 16)
    if nanoseconds > 999_999_999:
        return None
    instant = (int(found[1], 16) - 2**62 - 10) * SECOND + nanoseconds
    precision = Precision.NS if found[2] else Precision.SECOND
    return Stamp(text, precision, offset=0, instant=instant, width=1 if found[2] else SECOND)


def _parse_symantec(text: str) -> Stamp | None:
    """Six bytes in hexadecimal: the year since 1970, the month from 0, day, hour, minute and second, local time."""
    if not re.fullmatch(r"[0-9A-Fa-f]{12}", text):
        return None
    year, month, day, hour, minute, second = bytes.fromhex(text)
    try:
        date = dt.date(1970 + year, month + 1, day)
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    return Stamp(text, Precision.SECOND, date.year, date.month, date.day, hour, minute, second)


_COMPUTED: dict[str, tuple[str, Callable[[str], Stamp | None]]] = {
    "tai64n": (r"@[0-9a-fA-F]{16}(?:[0-9a-fA-F]{8}){0,2}", _parse_tai64n),
    "symantec-hex": (r"[0-9A-Fa-f]{12}", _parse_symantec),
}
"""Layouts that are no sequence of parts: their pattern, and what reads them."""

_ISO_PATTERN = (
    r"\d{4}-\d{2}-\d{2}"
    r"(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,12})?)?(?: ?(?:Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?"
)
_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[Tt ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,12}))?)?(?: ?(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?"
)


@lru_cache(maxsize=4096)
def _iso_date(year: str, month: str, day: str) -> tuple[int, int, int] | None:
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return date.year, date.month, date.day


@lru_cache(maxsize=1024)
def _iso_offset(text: str) -> int | None:
    return read_offset(text)


def _parse_iso(text: str) -> Stamp | None:
    found = _ISO.fullmatch(text.strip())
    if not found:
        return None
    date = _iso_date(found[1], found[2], found[3])
    if date is None:
        return None
    if found[4] is None:
        return Stamp(text, Precision.DAY, *date)
    hour, minute, second = int(found[4]), int(found[5]), int(found[6] or 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    ns, precision = 0, Precision.SECOND if found[6] else Precision.MINUTE
    if found[7]:
        ns, precision = _read_fraction(found[7])
    offset = _iso_offset(found[8]) if found[8] else None
    if found[8] and offset is None:
        return None
    width = decimal_width(found[7]) if found[7] else None
    return Stamp(text, precision, *date, hour, minute, second, ns, offset, width=width)


_ISO_PARTS = ("year", "month", "day", "hour", "minute", "second", "fraction", "offset")


def _iso_spans(text: str) -> tuple[tuple[str, int, int], ...] | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    return tuple(
        (name, *found.span(i)) for i, name in enumerate(_ISO_PARTS, start=1) if found.span(i) != (-1, -1)
    )


def parse_count(text: str) -> Stamp | None:
    """A count since 1970 whose size tells its unit: up to 11 digits are seconds, up to 14 ms, up to 17 µs, then ns."""
    whole = text.partition(".")[0].lstrip("-")
    if not whole.isdecimal() or not 9 <= len(whole) <= 19:  # shorter numbers are no times of our days
        return None
    digits = len(whole)
    unit = "s" if digits <= 11 else "ms" if digits <= 14 else "us" if digits <= 17 else "ns"
    return compile_layout(f"epoch:{unit}").parse(text)


def _epoch_parser(unit: int) -> Callable[[str], Stamp | None]:
    finest = {SECOND: Precision.SECOND, 1_000_000: Precision.MS, 1_000: Precision.US, 1: Precision.NS}[unit]
    pattern = re.compile(r"(-?)(\d{1,19})(?:\.(\d{1,12}))?")

    def parse(text: str) -> Stamp | None:
        found = pattern.fullmatch(text.strip())
        if not found:
            return None
        precision, width = finest, unit
        instant = int(found[2]) * unit
        if found[3]:
            scaled = int(found[3]) * unit
            instant += scaled // 10 ** len(found[3])
            digits = len(found[3]) + {SECOND: 0, 1_000_000: 3, 1_000: 6, 1: 9}[unit]
            precision = Precision.MS if digits <= 3 else Precision.US if digits <= 6 else Precision.NS
            width = max(1, unit // 10 ** len(found[3]))
        instant = -instant if found[1] else instant
        return Stamp(text, precision, offset=0, instant=instant, width=width)

    return parse
