"""The times of EDIFACT: how a value reads in its format code, and what a qualifier says that a time means.

The decision hidden here: the format code decides, never the look of the digits; a value whose code is missing or
unknown is read by its length, as an assumption. Two-digit years are an assumption. Births are left in the exhibit.

References:
    UN/EDIFACT code lists 2005 (date or time qualifier) and 2379 (date or time format), D.93A to D.21A; the qualifiers
    in letters are those of CEN ENV 1613 as MedCom and NHS messages use them.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from rca.moments.moment import Precision, TimeKind
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.dating import Dating

__all__ = ["QUALIFIERS", "EdifactDating", "meaning", "read_dtm", "split_period"]

_Y2 = r"(?P<y>\d\d)"
_Y4 = r"(?P<y>\d{4})"
_MD = r"(?P<m>\d\d)(?P<d>\d\d)"
_HM = r"(?P<H>\d\d)(?P<M>\d\d)"
_S = r"(?P<S>\d\d)"
_Z = r" ?(?P<z>[A-Z]{3}|Z|[+-]\d\d(?::?\d\d)?)?"
_FORMATS: dict[str, str] = {
    "2": r"(?P<d>\d\d)(?P<m>\d\d)" + _Y2,
    "3": r"(?P<m>\d\d)(?P<d>\d\d)" + _Y2,
    "4": r"(?P<d>\d\d)(?P<m>\d\d)" + _Y4,
    "101": _Y2 + _MD,
    "102": _Y4 + _MD,
    "105": _Y2 + r"(?P<j>\d{3})",
    "107": _Y4 + r"(?P<j>\d{3})",
    "201": _Y2 + _MD + _HM,
    "202": _Y2 + _MD + _HM + _S,
    "203": _Y4 + _MD + _HM,
    "204": _Y4 + _MD + _HM + _S,
    "205": _Y4 + _MD + _HM + r" ?(?P<z>[+-]\d{4})",
    "208": _Y4 + _MD + _HM + _S + r" ?(?P<z>[+-]\d{4})",
    "301": _Y2 + _MD + _HM + _Z,
    "302": _Y2 + _MD + _HM + _S + _Z,
    "303": _Y4 + _MD + _HM + _Z,
    "304": _Y4 + _MD + _HM + _S + _Z,
    "602": _Y4,
    "608": _Y4 + r"(?P<q>[1-4])",
    "609": _Y2 + r"(?P<m>\d\d)",
    "610": _Y4 + r"(?P<m>\d\d)",
    "615": _Y2 + r"(?P<w>\d\d)",
    "616": _Y4 + r"(?P<w>\d\d)",
}
_COMPILED = {code: re.compile(pattern) for code, pattern in _FORMATS.items()}
_PERIODS = {"711": "102", "713": "201", "717": "101", "718": "102", "719": "203", "720": "204"}
_BY_LENGTH = {4: "602", 6: "101", 8: "102", 10: "201", 12: "203", 14: "204"}

_BIRTH = frozenset({"329", "BD"})
QUALIFIERS: dict[str, tuple[str, TimeKind, str]] = {
    "2": ("due", TimeKind.DUE, "delivery requested"),
    "4": ("order", TimeKind.RECORDED, "order"),
    "7": ("started", TimeKind.STARTED, "effective from"),
    "8": ("order", TimeKind.RECORDED, "order received"),
    "9": ("occurred", TimeKind.OCCURRED, "processing"),
    "11": ("sent", TimeKind.SENT, "despatch"),
    "35": ("occurred", TimeKind.OCCURRED, "delivery"),
    "36": ("due", TimeKind.DUE, "expiry"),
    "50": ("occurred", TimeKind.RECORDED, "goods received"),
    "63": ("due", TimeKind.DUE, "latest delivery"),
    "64": ("scheduled", TimeKind.SCHEDULED, "earliest delivery"),
    "69": ("scheduled", TimeKind.SCHEDULED, "delivery promised"),
    "76": ("scheduled", TimeKind.SCHEDULED, "delivery scheduled"),
    "90": ("started", TimeKind.STARTED, "period begins"),
    "91": ("ended", TimeKind.ENDED, "period ends"),
    "97": ("recorded", TimeKind.RECORDED, "transaction created"),
    "132": ("scheduled", TimeKind.SCHEDULED, "estimated arrival"),
    "133": ("scheduled", TimeKind.SCHEDULED, "estimated departure"),
    "137": ("issued", TimeKind.RECORDED, "message issued"),
    "140": ("due", TimeKind.DUE, "payment due"),
    "163": ("started", TimeKind.STARTED, "start"),
    "164": ("ended", TimeKind.ENDED, "end"),
    "178": ("occurred", TimeKind.OCCURRED, "arrival"),
    "182": ("issued", TimeKind.RECORDED, "issued"),
    "186": ("occurred", TimeKind.OCCURRED, "departure"),
    "194": ("started", TimeKind.STARTED, "start"),
    "206": ("ended", TimeKind.ENDED, "end"),
    "310": ("recorded", TimeKind.RECORDED, "received"),
    "334": ("modified", TimeKind.MODIFIED, "status changed"),
    "ISR": ("reported", TimeKind.REPORTED, "service report issued"),
    "SCO": ("specimen", TimeKind.STARTED, "specimen collected"),
    "SRI": ("specimen", TimeKind.RECORDED, "specimen received"),
}
"""What the qualifiers mean that health-care messages use: the refinement of the kind, the kind of time, the words."""


def meaning(qualifier: str) -> tuple[str, TimeKind, str] | None:
    """What a qualifier says that a time means; None for a birth, which identifies a person."""
    if qualifier in _BIRTH:
        return None
    return QUALIFIERS.get(
        qualifier, ("stated", TimeKind.OCCURRED, f"date or time {qualifier or 'without a qualifier'}")
    )


def split_period(value: str, code: str) -> tuple[str, str, str]:
    """The beginning of a value, its end where the format is that of a period, and the format of either.

    >>> split_period("2024111220241115", "718")
    ('20241112', '20241115', '102')
    """
    single = _PERIODS.get(code)
    if single is None:
        return value, "", code
    plain = value.replace("-", "")
    half = len(plain) // 2
    return plain[:half], plain[half:], single


@lru_cache(maxsize=8192)
def read_dtm(value: str, code: str) -> Stamp | None:
    """The stamp that `value` is in format `code`, or by its length where the code says nothing; None where it is none.

    >>> read_dtm("202411120815", "203").precision
    <Precision.MINUTE: 'minute'>
    """
    value = value.strip()
    pattern = _COMPILED.get(code) or _COMPILED.get(_BY_LENGTH.get(len(value), ""))
    found = pattern.fullmatch(value) if pattern is not None else None
    if found is None:
        return None
    parts = found.groupdict()
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 2000 if year < 69 else 1900
    date = _date(year, parts)
    if date is None:
        return None
    text = date.isoformat()
    if parts.get("H"):
        text += f"T{parts['H']}:{parts['M']}" + (f":{parts['S']}" if parts.get("S") else "")
    zone = parts.get("z") or ""
    if zone and not zone[0].isalpha():
        text, zone = text + zone, ""
    stamp = compile_layout("iso").parse(text)
    if stamp is None:
        return None
    if zone in ("Z", "UTC", "GMT"):
        stamp, zone = replace(stamp, offset=0), ""
    precision = stamp.precision
    for key, unit in (("q", Precision.QUARTER), ("w", Precision.WEEK)):
        if parts.get(key):
            precision = unit
    if not parts.get("d") and not parts.get("j") and precision is Precision.DAY:
        precision = Precision.MONTH if parts.get("m") else Precision.YEAR
    return replace(stamp, text=value, precision=precision, abbreviation=zone or None)


def _date(year: int, parts: dict[str, str | None]) -> dt.date | None:
    """The first day of what the parts of a value state."""
    try:
        if parts.get("w"):
            return dt.date.fromisocalendar(year, int(parts["w"] or 0), 1)
        if parts.get("j"):
            day = dt.date(year, 1, 1) + dt.timedelta(days=int(parts["j"] or 0) - 1)
            return day if day.year == year else None
        if parts.get("q"):
            return dt.date(year, int(parts["q"] or 1) * 3 - 2, 1)
        return dt.date(year, int(parts.get("m") or 1), int(parts.get("d") or 1))
    except (ValueError, OverflowError):
        return None


class EdifactDating(Dating):
    """Reads values with their format codes, written as "value:code"."""

    def parse(self, text: str) -> Stamp | None:
        """The stamp that "value:code" is."""
        value, _, code = text.rpartition(":")
        return read_dtm(value, code)

    def _note(self, row: dict[str, Any], stamp: Stamp) -> None:  # noqa: ARG002 — the value itself is asked
        """The assumptions that lie in how the value is written."""
        value, _, code = str(row["time_text"]).rpartition(":")
        reasons: list[str] = []
        if code not in _COMPILED:
            reasons.append(
                self.source.assume(
                    "format",
                    "a time without a known format code is read by its length",
                    rests_on="8, 12 and 14 digits are CCYYMMDD, CCYYMMDDHHMM and CCYYMMDDHHMMSS; 6 and 10 have two of the year",
                    alternatives=("another order of day, month and year",),
                )
            )
            code = _BY_LENGTH.get(len(value.strip()), "")
        if _Y2 in _FORMATS.get(code, ""):
            reasons.append(
                self.source.assume(
                    "year",
                    "two-digit years are those of 1969 to 2068",
                    rests_on="POSIX strptime, %y",
                    alternatives=("another century",),
                )
            )
        if reasons:
            row["assumptions"] = [*(row.get("assumptions") or ()), *reasons]
