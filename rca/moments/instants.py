"""Instants as integers: nanoseconds since 1970-01-01 in UTC, to and from RFC 3339.

The decision hidden here: the range. A 64-bit count of nanoseconds reaches from 1677-09-21 to 2262-04-11; we accept the
whole years 1678 to 2261. What lies outside keeps its text and stays undated.
"""

from __future__ import annotations

import datetime as dt
import re

from rca.errors import UsageError

__all__ = [
    "FIRST",
    "LAST",
    "SECOND",
    "format_instant",
    "from_datetime",
    "is_in_range",
    "parse_instant",
    "to_datetime",
]

SECOND = 10**9
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d:?\d\d)", re.ASCII
)


def from_datetime(moment: dt.datetime) -> int:
    """The instant of an aware `moment`, in nanoseconds."""
    if moment.tzinfo is None:
        raise UsageError(
            "A datetime without a zone is no instant", hint="Give it a tzinfo, or use localise()."
        )
    gap = moment - _EPOCH
    return (gap.days * 86_400 + gap.seconds) * SECOND + gap.microseconds * 1_000


def to_datetime(instant: int) -> dt.datetime:
    """The UTC datetime of an instant, its nanoseconds cut to microseconds."""
    return _EPOCH + dt.timedelta(microseconds=instant // 1_000)


FIRST = from_datetime(dt.datetime(1678, 1, 1, tzinfo=dt.UTC))
LAST = from_datetime(dt.datetime(2262, 1, 1, tzinfo=dt.UTC))


def is_in_range(instant: int) -> bool:
    """Whether the instant lies in the years 1678 to 2261.

    >>> is_in_range(0), is_in_range(2**63)
    (True, False)
    """
    return FIRST <= instant < LAST


def format_instant(instant: int, *, at_least: int = 0) -> str:
    """The instant as RFC 3339 in UTC, with as many decimals as it needs and `at_least` that many.

    >>> format_instant(1_500_000_000), format_instant(0, at_least=3)
    ('1970-01-01T00:00:01.5Z', '1970-01-01T00:00:00.000Z')
    """
    seconds, fraction = divmod(instant, SECOND)
    whole = _EPOCH + dt.timedelta(seconds=seconds)
    digits = f"{fraction:09d}".rstrip("0").ljust(at_least, "0")
    return f"{whole:%Y-%m-%dT%H:%M:%S}{'.' + digits if digits else ''}Z"


def parse_instant(text: str) -> int:
    """The instant of an RFC 3339 stamp; up to nine decimals are kept.

    Raises:
        UsageError: the text is not RFC 3339 with an offset, or lies outside the years 1678 to 2261.

    References:
        RFC 3339, section 5.6.

    >>> parse_instant("1970-01-01T01:00:00.000000001+01:00")
    1
    """
    found = _RFC3339.fullmatch(text)
    if not found:
        raise UsageError(f'"{text}" is not a time with an offset', hint="Write it like 2024-11-12T05:30:00Z.")
    year, month, day, hour, minute = (int(found[i]) for i in range(1, 6))
    second, fraction, offset = int(found[6] or 0), (found[7] or "").ljust(9, "0"), found[8]
    try:
        whole = dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)
    except ValueError as error:
        raise UsageError(f'"{text}" is no time: {error}') from None
    if second > 60:
        raise UsageError(f'"{text}" is no time: a minute has at most 60 seconds')
    instant = from_datetime(whole) + second * SECOND + int(fraction)
    if offset not in "Zz":
        digits = offset[1:].replace(":", "")
        shift = (int(digits[:2]) * 60 + int(digits[2:])) * 60 * SECOND
        instant -= shift if offset[0] == "+" else -shift
    if not is_in_range(instant):
        raise UsageError(f'"{text}" lies outside the years 1678 to 2261')
    return instant
