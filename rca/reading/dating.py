"""`Dating`: rows of records get their times from stamps as text, one batch after another.

The decision hidden here: how a record's stamp is read where no line format says it. Layouts are tried in order; a
number counts from 1970, its size telling the unit; the order of day and month is told by the dates themselves, else it
is an assumption, as are two-digit years and a zone that nobody stated. What is impossible stays as text, undated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rca.errors import Severity
from rca.moments.moment import Basis
from rca.moments.settling import settle
from rca.moments.stamps import Stamp, compile_layout
from rca.moments.zones import zone_names
from rca.reading.source import Source

__all__ = ["LAYOUTS", "Dating", "is_figures", "is_stamp", "read_stamp", "zone_of"]

LAYOUTS = (
    "iso",
    "epoch",
    "%Y/%m/%d %H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d/%b/%Y:%H:%M:%S %z",
    "%d/%b/%Y:%H:%M:%S",
    "%d/%b/%Y %H:%M:%S",
    "%d/%b/%Y %H:%M",
    "%d-%b-%Y %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %Z",
    "%a %b %e %H:%M:%S %Y",
    "%a %b %e %H:%M:%S %Z %Y",
    "%b %e, %Y @ %H:%M:%S.%f",
    "%b %e, %Y @ %H:%M:%S",
    "%b %e, %Y, %I:%M:%S %p",
    "%b %e, %Y %I:%M:%S.%f %p",
    "%b %e, %Y %I:%M:%S %p",
    "%b %e, %Y %I:%M %p",
    "%b %e, %Y %H:%M:%S",
    "%b %e %Y %H:%M:%S.%f",
    "%b %e %Y %H:%M:%S",
    "%b %e %H:%M:%S",
)
"""The layouts of stamps in records, most common first; dates in figures with `/`, `.` or `-` are read besides."""

_FIGURES = re.compile(
    r"(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})"
    r"(?:(?P<gap>,? |T)(?P<clock>\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?)"
    r"(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?)?"
)
_NUMBER = re.compile(r"-?\d{9,19}(?:\.\d{1,12})?")
_COMPACT = re.compile(
    r"((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:[.,](\d{1,9}))?([Zz]|[+-]\d{2}:?\d{2})?"
)
_EXPONENT = re.compile(r"(\d)\.(\d+)[eE]\+?(\d{1,2})")
_MAX_STAMP = 80
_LEVELS = ((10**11, "s"), (10**14, "ms"), (10**17, "us"), (10**20, "ns"))


@dataclass(frozen=True, slots=True)
class _Order:
    """Which comes first in dates in figures, and whether a date of the stream told."""

    day_first: bool
    is_told: bool


@lru_cache(maxsize=8192)
def read_stamp(text: str, *, day_first: bool = True) -> Stamp | None:
    """The stamp that `text` as a whole is, in any layout of records; None where it is none.

    >>> read_stamp("1731385802.5").precision
    <Precision.MS: 'ms'>
    >>> read_stamp("11/12/2024 5:30:00 AM", day_first=False).month
    11
    """
    text = text.strip()
    if not text or len(text) > _MAX_STAMP:
        return None
    if _NUMBER.fullmatch(text):
        compact = _read_compact(text) if len(text.partition(".")[0]) == 14 else None
        return compact or _read_count(text)
    figures = _FIGURES.fullmatch(text)
    if figures:
        return _read_figures(figures, text, day_first=day_first)
    for name in LAYOUTS:
        if name != "epoch":
            stamp = compile_layout(name).parse(text)
            if stamp is not None:
                return stamp
    return _read_compact(text) or _read_power(text)


def is_stamp(text: str) -> bool:
    """Whether `text` is a stamp with a date, in either order of day and month."""
    for day_first in (True, False):
        stamp = read_stamp(text, day_first=day_first)
        if stamp is not None and (stamp.instant is not None or stamp.month is not None):
            return True
    return False


def is_figures(text: str) -> bool:
    """Whether `text` is a date in figures, of which the order of day and month has to be told.

    >>> is_figures("03/04/2024 05:30"), is_figures("2024-04-03")
    (True, False)
    """
    return _FIGURES.fullmatch(text.strip()) is not None


def _read_count(text: str) -> Stamp | None:
    size = abs(int(text.partition(".")[0]))
    unit = next((name for limit, name in _LEVELS if size < limit), None)
    return compile_layout(f"epoch:{unit}").parse(text) if unit else None


def _read_compact(text: str) -> Stamp | None:
    found = _COMPACT.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    plain = f"{year}-{month}-{day}T{hour}:{minute}:{second}{'.' + fraction if fraction else ''}{offset or ''}"
    return _renamed(compile_layout("iso").parse(plain), text)


def _read_power(text: str) -> Stamp | None:
    """A count that a spreadsheet or a JSON writer wrote with an exponent (1.7313858025E9)."""
    found = _EXPONENT.fullmatch(text)
    if not found:
        return None
    digits, shift = found[1] + found[2], int(found[3]) + 1
    if not 9 <= shift <= 19:
        return None
    whole, rest = digits[:shift].ljust(shift, "0"), digits[shift:][:12]
    return _renamed(_read_count(f"{whole}.{rest}" if rest else whole), text)


def _read_figures(found: re.Match[str], text: str, *, day_first: bool) -> Stamp | None:
    day, month = (found["a"], found["b"]) if day_first else (found["b"], found["a"])
    year = found["year"]
    parts, layout = f"{year}/{month}/{day}", "%Y/%m/%d" if len(year) == 4 else "%y/%m/%d"
    clock = found["clock"]
    if clock:
        half = re.search(r" ?([AaPp])\.?[Mm]\.?$", clock)
        digits = re.split(r"[:.,]", clock[: half.start()] if half else clock)
        parts += " " + ":".join(digits[:3])
        layout += " " + ("%I" if half else "%H") + ":%M" + (":%S" if len(digits) > 2 else "")
        if len(digits) > 3:
            parts, layout = f"{parts}.{digits[3]}", f"{layout}.%f"
        if half:
            parts, layout = f"{parts} {half[1]}M", f"{layout} %p"
        zone = (found["zone"] or "").strip()
        if zone:
            parts, layout = f"{parts} {'Z' if zone in ('UTC', 'GMT') else zone}", f"{layout} %z"
    return _renamed(compile_layout(layout).parse(parts), text)


def _renamed(stamp: Stamp | None, text: str) -> Stamp | None:
    from dataclasses import replace

    return replace(stamp, text=text) if stamp is not None else None


class Dating:
    """Reads the stamps of one source and settles their times; what it assumes is noted in the source.

    `read` is asked before the layouts of records.
    """

    def __init__(
        self,
        source: Source,
        *,
        samples: Iterable[str] = (),
        code: str = "RCA180",
        read: Callable[[str], Stamp | None] | None = None,
    ) -> None:
        self.source = source
        self.read = read
        self.code = code
        self.order = _tell_order(samples)
        self.troubles = 0
        self.known: dict[str, str] = {}

    def tell_order(self, samples: Iterable[str]) -> None:
        """Let `samples`, all stamps of the source or the first of them, tell the order of day and month."""
        self.order = _tell_order(samples)

    def parse(self, text: str) -> Stamp | None:
        """The stamp that `text` is, in the order of day and month that this source has."""
        found = self.read(text) if self.read is not None else None
        return found or read_stamp(text, day_first=self.order.day_first)

    def date(
        self, rows: Sequence[dict[str, Any]], texts: Sequence[str], zones: Sequence[str] | None = None
    ) -> None:
        """Give each row its time columns from the text of its stamp; `zones` names a zone that the record states."""
        stamps = [self.parse(text) if text else None for text in texts]
        groups: dict[str, list[int]] = {}
        for index, stamp in enumerate(stamps):
            zone = zones[index] if zones is not None and stamp is not None and stamp.offset is None else ""
            groups.setdefault(zone, []).append(index)
        for zone, indices in groups.items():
            self._settle(rows, stamps, indices, zone)
        for row, text, stamp in zip(rows, texts, stamps, strict=True):
            row["time_text"] = text.strip() or None
            if text.strip() and stamp is None:
                self._trouble(row, f'"{text.strip()[:60]}" is no date')
            if row.get("time") is None:
                row.pop("time_kind", None)
                row["time_basis"] = Basis.UNDATED.value
            elif stamp is not None:
                self._note(row, stamp)

    def _settle(
        self, rows: Sequence[dict[str, Any]], stamps: Sequence[Stamp | None], indices: list[int], zone: str
    ) -> None:
        source = self.source
        is_assumed = not zone and source.zone_basis is Basis.ZONE_ASSUMED
        settled = settle(
            [stamps[index] for index in indices],
            zone=zone or source.zone,
            zone_basis=Basis.ZONE_GIVEN,
            anchors=source.anchors,
            scope=source.stream_key[:12],
        )
        for assumption in settled.assumptions:
            source.adopt(assumption)
        for issue in settled.issues:
            found = re.fullmatch(r"row (\d+)", issue.where)
            row = rows[indices[int(found[1]) - 1]] if found else {}
            place = _place_of(row)
            source.issue(issue.code, issue.severity, issue.message, place=place, hint=issue.hint)
        for at, index in enumerate(indices):
            time, stamp, row = settled.time[at], stamps[index], rows[index]
            if time is None or stamp is None:
                continue
            precision, basis = settled.precision[at], settled.basis[at]
            reasons = list(settled.rests_on[at])
            if is_assumed and stamp.offset is None and stamp.instant is None and not stamp.abbreviation:
                basis = Basis.weakest(basis, Basis.ZONE_ASSUMED)
                reasons.append(self._assume_zone())
            row["time"], row["time_earliest"] = time, settled.earliest[at]
            row["time_latest"], row["time_basis"] = settled.latest[at], basis.value
            row["time_precision"] = precision.value if precision else None
            row["assumptions"] = [*(row.get("assumptions") or ()), *reasons] or None

    def _assume(self, kind: str, what: str, why: str, *other: str) -> str:
        """The id of an assumption, which is taken down once."""
        if what not in self.known:
            self.known[what] = self.source.assume(kind, what, rests_on=why, alternatives=other)
        return self.known[what]

    def _assume_zone(self) -> str:
        return self._assume(
            "zone",
            f"stamps without an offset are read as {self.source.zone}",
            "nobody stated the zone of this exhibit",
            "the zone of the machine that wrote it",
            "another zone, given with zone=… or in the register",
        )

    def _note(self, row: dict[str, Any], stamp: Stamp) -> None:
        """The assumptions that lie in how the stamp is written."""
        reasons: list[str] = []
        if stamp.instant is not None:
            reasons.append(
                self._assume(
                    "format",
                    "numeric stamps count from 1970; their unit is told by their size",
                    "numbers below 10^11 are read as seconds, below 10^14 as milliseconds, then µs and ns",
                    "another unit or another epoch",
                )
            )
        figures = _FIGURES.fullmatch(stamp.text.strip())
        if figures and not self.order.is_told and figures["a"] != figures["b"]:
            first, other = ("day", "month") if self.order.day_first else ("month", "day")
            reasons.append(
                self._assume(
                    "order",
                    f"in dates such as 03/04/2024 the {first} comes first",
                    "no date of the stream tells: none has a number above 12 in one place only",
                    f"the {other} comes first",
                )
            )
        if figures and len(figures["year"]) == 2:
            reasons.append(
                self._assume(
                    "year",
                    "two-digit years are those of 1969 to 2068",
                    "POSIX strptime, %y",
                    "another century",
                )
            )
        if reasons:
            row["assumptions"] = [*(row.get("assumptions") or ()), *reasons]

    def _trouble(self, row: dict[str, Any], what: str) -> None:
        self.troubles += 1
        if self.troubles > 100:  # the rest would only repeat it; the rows themselves say "undated"
            return
        place = _place_of(row)
        self.source.issue(
            self.code,
            Severity.WARNING,
            f"The record stays undated: {what}",
            place=place,
            hint="The text of the stamp is kept.",
        )


def _place_of(row: dict[str, Any]) -> str:
    """The place in the stream that a row's locator names, without the archive members before it."""
    locator = str(row.get("locator") or "")
    found = re.search(r"[:#]", locator) if locator.startswith("!") else None
    return locator[found.start() :].removeprefix(":") if found else locator


def _tell_order(samples: Iterable[str]) -> _Order:
    """Whether the day comes first in dates in figures: a number above 12 tells, else habit is assumed."""
    day = month = 0
    has_half, mark = False, "/"
    for text in samples:
        found = _FIGURES.fullmatch(text.strip())
        if not found:
            continue
        first, second = int(found["a"]), int(found["b"])
        day += first > 12
        month += second > 12
        mark = found["mark"]
        has_half = has_half or bool(found["clock"] and re.search(r"[AaPp]\.?[Mm]\.?$", found["clock"]))
    if day != month:
        return _Order(day > month, is_told=True)
    return _Order(mark != "/" or not has_half, is_told=mark == ".")


def zone_of(text: str) -> str:
    """The IANA zone that a cell names, UTC for its short forms, "" where it names none."""
    text = text.strip()
    if text.upper() in ("UTC", "GMT", "Z", "ZULU"):
        return "UTC"
    return text if text in zone_names() else ""
