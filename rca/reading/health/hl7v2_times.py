"""The times of HL7 v2: how a stamp is read, and which fields of which segments hold one.

The decision hidden here: a stamp of 4 to 14 digits is as precise as it is long, more digits are decimals of a second,
and an offset stands only where it is written; interfaces also write ISO dates, dates in figures and counts since 1970.
What has the length of no unit stays undated, except 13 digits, of which twelve are read.

References:
    HL7 v2.8.2, chapter 2A: 2.A.22 (DTM), 2.A.76 (TS, with the degree of precision up to v2.5); chapter 2, 2.14.9.7 (MSH-7).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from rca.moments.moment import Precision, TimeKind
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.dating import Dating, read_stamp

__all__ = ["TIMES", "Field", "Hl7Dating", "read_hl7_stamp"]

_TS = re.compile(r"(\d{4,20})(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d{2}:?\d{2}|[+-]\d{2}))?")
_UNITS = {
    4: Precision.YEAR,
    6: Precision.MONTH,
    8: Precision.DAY,
    10: Precision.HOUR,
    12: Precision.MINUTE,
    13: Precision.MINUTE,
    14: Precision.SECOND,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field that holds a time: its number and component, what event it makes, and the field of the end, if any."""

    number: int
    kind: str
    time_kind: TimeKind
    words: str
    component: int = 1
    end: int = 0


TIMES: dict[str, tuple[Field, ...]] = {
    "EVN": (
        Field(2, "hl7.recorded", TimeKind.RECORDED, "event recorded"),
        Field(3, "hl7.planned", TimeKind.SCHEDULED, "event planned"),
        Field(6, "hl7.occurred", TimeKind.OCCURRED, "event occurred"),
    ),
    "PV1": (
        Field(44, "hl7.admission", TimeKind.STARTED, "admission"),
        Field(45, "hl7.discharge", TimeKind.ENDED, "discharge"),
    ),
    "ORC": (
        Field(9, "hl7.order", TimeKind.RECORDED, "order transaction"),
        Field(15, "hl7.order", TimeKind.OCCURRED, "order effective"),
    ),
    "OBR": (
        Field(7, "hl7.observation", TimeKind.STARTED, "observation", end=8),
        Field(14, "hl7.specimen", TimeKind.RECORDED, "specimen received"),
        Field(22, "hl7.reported", TimeKind.REPORTED, "results reported or status changed"),
    ),
    "OBX": (
        Field(14, "hl7.observation", TimeKind.OCCURRED, "observation"),
        Field(19, "hl7.analysis", TimeKind.OCCURRED, "analysis"),
    ),
    "SPM": (
        Field(17, "hl7.specimen", TimeKind.STARTED, "specimen collected"),
        Field(18, "hl7.specimen", TimeKind.RECORDED, "specimen received"),
    ),
    "TXA": (
        Field(4, "hl7.document", TimeKind.OCCURRED, "activity that the document describes"),
        Field(6, "hl7.document", TimeKind.RECORDED, "document originated"),
    ),
    "RXA": (Field(3, "hl7.administration", TimeKind.STARTED, "administration", end=4),),
    "PR1": (Field(5, "hl7.procedure", TimeKind.OCCURRED, "procedure"),),
    "FT1": (Field(4, "hl7.transaction", TimeKind.OCCURRED, "financial transaction"),),
    "SCH": (Field(11, "hl7.appointment", TimeKind.SCHEDULED, "appointment", component=4),),
    "AIS": (Field(4, "hl7.appointment", TimeKind.SCHEDULED, "appointment for a service"),),
    "AIG": (Field(8, "hl7.appointment", TimeKind.SCHEDULED, "appointment for a resource"),),
    "AIL": (Field(6, "hl7.appointment", TimeKind.SCHEDULED, "appointment at a place"),),
    "AIP": (Field(6, "hl7.appointment", TimeKind.SCHEDULED, "appointment with staff"),),
}
"""The times of a message beside MSH-7. Births and deaths are left in the exhibit: they identify persons."""


@lru_cache(maxsize=8192)
def read_hl7_stamp(text: str, *, day_first: bool = False) -> Stamp | None:
    """The stamp that the value of a TS or DTM is; None where it is no possible time.

    >>> read_hl7_stamp("202501151430").precision, read_hl7_stamp("20250115").precision
    (<Precision.MINUTE: 'minute'>, <Precision.DAY: 'day'>)
    >>> read_hl7_stamp("20250115143000.25+0100").offset
    3600
    """
    text = text.strip()
    found = _TS.fullmatch(text)
    if found is None or (found[3] and len(found[1]) < 8):
        return read_stamp(text, day_first=day_first) or compile_layout("%b %e, %Y").parse(text)
    digits, decimals, offset = found.groups()
    if digits[:4] < "1800" and len(digits) in (10, 13) and not offset:
        return read_stamp(text)  # no year of HL7's days: a count of seconds or milliseconds
    size = len(digits)
    if (size not in _UNITS and size < 15) or (decimals and size != 14):
        return None
    stamp = _plain(digits[:14] if size != 13 else digits[:12], decimals or digits[14:], offset or "")
    return replace(stamp, text=text) if stamp is not None else None


def _plain(digits: str, decimals: str, offset: str) -> Stamp | None:
    """The stamp of an even number of digits, from the year on."""
    parts = [digits[:4], *(digits[at : at + 2] for at in range(4, len(digits), 2))]
    iso = "-".join([*parts[:3], "01", "01"][:3])
    clock = [*parts[3:], "00", "00"][: max(2, len(parts) - 3)]
    text = f"{iso}T{':'.join(clock)}{'.' + decimals[:9] if decimals else ''}{offset}"
    stamp = compile_layout("iso").parse(text)
    if stamp is None or decimals:
        return stamp
    return replace(stamp, precision=_UNITS[len(digits)])


class Hl7Dating(Dating):
    """Reads the stamps of HL7; of dates in figures that tell no order the month comes first, as an assumption."""

    def tell_order(self, samples: Iterable[str]) -> None:
        """Let the first stamps of the source tell the order of day and month."""
        super().tell_order(samples)
        if not self.order.is_told:
            self.order = replace(self.order, day_first=False)

    def parse(self, text: str) -> Stamp | None:
        """The stamp that `text` is."""
        return read_hl7_stamp(text, day_first=self.order.day_first)

    def _note(self, row: dict[str, Any], stamp: Stamp) -> None:
        super()._note(row, stamp)
        if stamp.instant is None and re.fullmatch(r"\d{13}", stamp.text):
            reason = self.source.assume(
                "format",
                "of a stamp of 13 digits the first twelve are the time to the minute",
                rests_on="HL7 v2 knows 12 and 14 digits; the last digit is left unread",
                alternatives=("a digit is missing elsewhere", "the stamp counts milliseconds"),
            )
            row["assumptions"] = [*(row.get("assumptions") or ()), reason]
