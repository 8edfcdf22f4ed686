"""The date of a mail header as a stamp, with what its zone is worth.

The decision hidden here: how `Date` and the end of `Received` are read. An offset is taken as stated; `-0000` is UTC
without a word on the sender's zone; EST to PDT are offsets because RFC 5322 says so; any other word is a zone
abbreviation with its readings, and a zone that is none leaves a naive stamp.

References:
    RFC 5322, 3.3 and 4.3 (obsolete dates and zones).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from rca.moments.moment import Precision
from rca.moments.stamps import Stamp, month_number, weekday_number
from rca.moments.zones import possible_zones

__all__ = ["OBSOLETE", "MailDate", "ZoneWord", "read_date"]

OBSOLETE = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""The zones of North America whose offsets RFC 5322, 4.3 defines, in hours."""

_MONTHS = {
    "mai": 5, "des": 12, "desember": 12, "dez": 12, "dezember": 12, "mär": 3, "mrz": 3, "märz": 3, "marts": 3,
    "juin": 6, "juil": 7, "août": 8, "avr": 4, "févr": 2, "janv": 1, "déc": 12, "augustus": 8, "mei": 5, "mrt": 3,
    "ene": 1, "abr": 4, "ago": 8, "dic": 12, "tammi": 1, "helmi": 2, "maalis": 3, "huhti": 4, "touko": 5, "kesä": 6,
    "heinä": 7, "elo": 8, "syys": 9, "loka": 10, "marras": 11, "joulu": 12, "januar": 1, "februar": 2, "juni": 6,
    "juli": 7, "august": 8, "januari": 1, "februari": 2, "maart": 3,
}  # fmt: skip
_NAMES = (
    ("mandag", "man", "montag", "mo", "maanantai", "maanantaina", "ma", "lundi", "lun", "lunes", "maandag"),
    ("tirsdag", "tir", "dienstag", "di", "tiistai", "tiistaina", "ti", "mardi", "martes", "dinsdag"),
    ("mittwoch", "mi", "keskiviikko", "keskiviikkona", "ke", "mercredi", "mer", "miércoles", "woensdag", "wo"),
    ("tor", "donnerstag", "do", "torstai", "torstaina", "to", "jeudi", "jeu", "jueves", "donderdag"),
    ("fre", "freitag", "fr", "perjantai", "perjantaina", "pe", "vendredi", "ven", "viernes", "vrijdag", "vr"),
    ("lørdag", "lør", "samstag", "sa", "lauantai", "lauantaina", "la", "samedi", "sam", "sábado", "zaterdag", "za"),
    ("søndag", "søn", "sonntag", "so", "sunnuntai", "sunnuntaina", "su", "dimanche", "dim", "domingo", "zondag", "zo"),
)  # fmt: skip
_WEEKDAYS = {name: number for number, names in enumerate(_NAMES) for name in names}
_SMALL = frozenset({"den", "the", "at", "kl", "klo", "um", "uhr", "st", "nd", "rd", "th", "of", "de", "le"})
_COMMENT = re.compile(r"\(([^()]*)\)")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?")
_OFFSET = re.compile(r"(?:GMT|UTC|UT)?([+-])(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_TOKEN = re.compile(r"[+-]\d[\d:]*|\d+(?:[:.,]\d+)+|\d+|[^\W\d_]+(?:[+-]?\d[\d:]*)?", re.UNICODE)


class ZoneWord(StrEnum):
    """What the zone of a mail's date is worth."""

    OFFSET = "offset"
    UTC_ONLY = "utc, sender's zone not told"
    OBSOLETE = "offset by RFC 5322"
    WORD = "abbreviation"
    NONE = "none"
    STRANGE = "not understood"


@dataclass(frozen=True, slots=True)
class MailDate:
    """A date as a mail states it: the stamp, what its zone is worth, the zone's own word, and a wrong weekday."""

    stamp: Stamp
    zone: ZoneWord
    word: str = ""
    wrong_weekday: str = ""


def read_date(text: str) -> MailDate | None:
    """The date that a header states, None where it states none or an impossible one.

    >>> read_date("Tue, 12 Nov 2024 05:30:00 +0100 (CET)").stamp.offset
    3600
    >>> read_date("Tue, 12 Nov 2024 05:30 CEST").zone
    <ZoneWord.WORD: 'abbreviation'>
    >>> read_date("Tue, 12 Nov 2024    59:10 -0500") is None
    True
    """
    if len(text) > 400:
        return None
    bare, comments = _strip_comments(text)
    bare = re.sub(r"(?<=\d)\s*:\s*(?=\d)", ":", bare)
    bare = re.sub(r"\b(\d{1,2})-([^\W\d_]{3,12})-(\d{2,4})\b", r"\1 \2 \3", bare)
    bare = re.sub(r"(\d:\d{2}(?::\d{2})?)([+-]\d{4}|Z)\b", r"\1 \2", bare)
    bare = re.sub(r"(\d{4})T(?=\d{1,2}:)", r"\1 ", bare)
    parts = _Parts()
    for found in _TOKEN.finditer(bare):
        if not parts.take(found[0]):
            return None
    if parts.clock is None or parts.day is None or parts.month is None or parts.year is None:
        return None
    if not parts.zone and not parts.strange and comments and possible_zones(comments[-1].strip()):
        parts.zone = comments[-1].strip()
    return parts.build(text)


def _strip_comments(text: str) -> tuple[str, list[str]]:
    comments: list[str] = []
    for _ in range(5):
        found = _COMMENT.findall(text)
        if not found:
            break
        comments.extend(found)
        text = _COMMENT.sub(" ", text)
    return text.partition("(")[0] if "(" in text else text, comments


class _Parts:
    """The words of a date as they are taken in, one after another."""

    def __init__(self) -> None:
        self.day: int | None = None
        self.month: int | None = None
        self.year: int | None = None
        self.clock: tuple[int, int, int, str] | None = None
        self.is_fine = False
        self.half = self.zone = self.weekday = self.strange = ""

    def take(self, word: str) -> bool:
        """Take a word in; False where a date cannot have it there."""
        clock = _CLOCK.fullmatch(word)
        if clock and self.clock is None:
            hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
            self.clock, self.is_fine = (hour, minute, second, clock[4] or ""), clock[3] is not None
            return hour <= 24 and minute <= 59 and second <= 60
        if word[0] in "+-":
            if self.clock is None:
                return False
            self.zone = self.zone + word if self.zone.upper() in ("GMT", "UTC", "UT") else self.zone or word
            return True
        return self._take_number(word) if word.isdecimal() else self._take_word(word)

    def _take_number(self, word: str) -> bool:
        if len(word) <= 2 and self.day is None:
            self.day = int(word)
        elif self.year is None and len(word) in (2, 3, 4):
            year = int(word)
            if len(word) < 4:
                year += 2000 if len(word) == 2 and year < 50 else 1900
            self.year = year
        elif self.clock is None or self.year is None:
            return False
        else:
            self.strange = self.strange or word
        return True

    def _take_word(self, word: str) -> bool:
        low = word.casefold().removesuffix("kuuta").removesuffix("kuu")
        is_month = self.month is None and (month_number(low) is not None or low in _MONTHS)
        if is_month and self.clock is None and (low != "ma" or self.weekday or self.day is not None):
            self.month = month_number(low) or _MONTHS[low]
            return True
        if self.month is None and not self.weekday and (weekday_number(low) is not None or low in _WEEKDAYS):
            self.weekday = low
            return True
        if is_month:
            self.month = month_number(low) or _MONTHS[low]
            return True
        if self.clock is None:
            return low in _SMALL
        if low in ("am", "pm") and not self.half:
            self.half = low
        elif not self.zone:
            self.zone = word
        elif word.upper() != "DST":
            self.strange = self.strange or word
        return True

    def build(self, text: str) -> MailDate | None:
        assert self.clock is not None
        hour, minute, second, fraction = self.clock
        if self.half and not 1 <= hour <= 12:
            return None
        if self.half:
            hour = hour % 12 + (12 if self.half == "pm" else 0)
        assert self.day is not None
        assert self.month is not None
        assert self.year is not None
        wrong = ""
        try:
            day = dt.date(self.year, self.month, self.day)
        except ValueError:
            return None
        if hour == 24:
            return None
        if self.weekday:
            number = weekday_number(self.weekday)
            number = _WEEKDAYS.get(self.weekday) if number is None else number
            wrong = self.weekday if number is not None and number != day.weekday() else ""
        kind, offset, word = self._read_zone()
        precision = Precision.SECOND if self.is_fine else Precision.MINUTE
        ns, width = 0, None
        if fraction:
            ns, width = int(fraction.ljust(9, "0")), 10 ** (9 - len(fraction))
            precision = (
                Precision.MS if len(fraction) <= 3 else Precision.US if len(fraction) <= 6 else Precision.NS
            )
        stamp = Stamp(
            text,
            precision,
            self.year,
            self.month,
            self.day,
            hour,
            minute,
            second,
            ns,
            offset,
            word if kind is ZoneWord.WORD else None,
            width=width,
        )
        return MailDate(stamp, kind, word, wrong)

    def _read_zone(self) -> tuple[ZoneWord, int | None, str]:
        zone, upper = self.zone, self.zone.upper()
        if not zone:
            return (ZoneWord.STRANGE, None, self.strange) if self.strange else (ZoneWord.NONE, None, "")
        found = _OFFSET.fullmatch(zone)
        if found and (zone[0] not in "+-" or len(zone) >= 3):
            digits = found[2] + (found[3] or "")
            hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
            if hours <= 18 and minutes <= 59:
                seconds = (hours * 3600 + minutes * 60) * (-1 if found[1] == "-" else 1)
                if found[1] == "-" and seconds == 0 and zone[0] == "-":
                    return ZoneWord.UTC_ONLY, 0, zone
                return ZoneWord.OFFSET, seconds, zone
            return ZoneWord.STRANGE, None, zone
        if upper in ("UT", "UTC", "GMT", "Z"):
            return ZoneWord.OFFSET, 0, zone
        if upper in OBSOLETE:
            return ZoneWord.OBSOLETE, OBSOLETE[upper] * 3600, zone
        if possible_zones(zone):
            return ZoneWord.WORD, None, upper
        return ZoneWord.STRANGE, None, zone
