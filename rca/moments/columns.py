"""Stamps by the million: a column of written times becomes columns of their parts, without a Python object for each.

The decision hidden here: shapes. Stamps whose digits, letters and marks stand at the same places have one shape; the
layout finds the parts of one of them, and numpy reads the same bytes of all the others. Names of months and days and
offsets are looked up once for each spelling; what has no parts (a count since 1970, a computed layout) is read as a
number, or one distinct text at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from rca.moments.instants import SECOND
from rca.moments.moment import Precision
from rca.moments.stamps import (
    Layout,
    Stamp,
    compile_layout,
    decimal_width,
    month_number,
    read_bias,
    read_offset,
    weekday_number,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = ["NO_OFFSET", "PRECISIONS", "StampColumns", "days_since_epoch", "read_stamps"]

NO_OFFSET = -(2**31)
"""The offset of a stamp that states none."""
PRECISIONS = tuple(Precision)
"""The precisions in the order of their codes in a column."""
_CODE = {precision: code for code, precision in enumerate(PRECISIONS)}

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(slots=True)
class StampColumns:
    """The parts of n stamps as arrays of length n. `year`, `month` and `day` are 0 where they are not stated.

    `ok` tells which rows are possible dates; `clock` is the time of day in nanoseconds; `precision` an index into
    `PRECISIONS`; `width` how long the last written unit lasts, in nanoseconds, 0 where the precision tells; `offset` in
    seconds east of UTC or NO_OFFSET; `weekday` 0 for Monday or -1; `abbreviation` an index into `abbreviations` or -1;
    `instant` UTC nanoseconds where `is_instant` (counts since 1970).
    """

    ok: Array
    year: Array
    month: Array
    day: Array
    clock: Array
    precision: Array
    width: Array
    offset: Array
    weekday: Array
    abbreviation: Array
    instant: Array
    is_instant: Array
    abbreviations: list[str]

    @classmethod
    def empty(cls, n: int) -> StampColumns:
        """Columns of `n` rows that state nothing."""
        return cls(
            np.zeros(n, bool),
            np.zeros(n, np.int32),
            np.zeros(n, np.int32),
            np.zeros(n, np.int32),
            np.zeros(n, np.int64),
            np.zeros(n, np.int8),
            np.zeros(n, np.int64),
            np.full(n, NO_OFFSET, np.int64),
            np.full(n, -1, np.int8),
            np.full(n, -1, np.int16),
            np.zeros(n, np.int64),
            np.zeros(n, bool),
            [],
        )

    @classmethod
    def of(cls, stamps: Sequence[Stamp | None]) -> StampColumns:
        """The columns of stamps that were parsed one by one; None makes a row that is not `ok`."""
        columns = cls.empty(len(stamps))
        for row, stamp in enumerate(stamps):
            if stamp is not None:
                columns.put(row, stamp)
        return columns

    def __len__(self) -> int:
        return len(self.ok)

    def put(self, rows: Any, stamp: Stamp) -> None:
        """Write one stamp into a row, or into all rows of an index array."""
        self.ok[rows] = True
        self.year[rows], self.month[rows], self.day[rows] = stamp.year or 0, stamp.month or 0, stamp.day or 0
        self.clock[rows] = ((stamp.hour * 60 + stamp.minute) * 60 + stamp.second) * SECOND + stamp.ns
        self.precision[rows] = _CODE[stamp.precision]
        self.width[rows] = stamp.width or 0
        self.offset[rows] = NO_OFFSET if stamp.offset is None else stamp.offset
        self.weekday[rows] = -1 if stamp.weekday is None else stamp.weekday
        self.abbreviation[rows] = -1 if stamp.abbreviation is None else self.code_of(stamp.abbreviation)
        if stamp.instant is not None:
            self.instant[rows] = min(max(stamp.instant, -(2**63)), 2**63 - 1)
            self.is_instant[rows] = True
            if not -(2**63) < stamp.instant < 2**63 - 1:  # keeps its text; settling finds it out of range
                self.instant[rows] = 2**63 - 1

    def code_of(self, abbreviation: str) -> int:
        """The code of an abbreviation in this column."""
        if abbreviation not in self.abbreviations:
            self.abbreviations.append(abbreviation)
        return self.abbreviations.index(abbreviation)

    def take(self, rows: Array) -> StampColumns:
        """The columns of some rows, in that order."""
        names = [f.name for f in fields(self) if f.name != "abbreviations"]
        return StampColumns(
            **{name: getattr(self, name)[rows] for name in names}, abbreviations=list(self.abbreviations)
        )

    def assign(self, rows: Array, other: StampColumns) -> None:
        """Write the rows of `other` into `rows` of this one."""
        for f in fields(self):
            mine = getattr(self, f.name)
            if isinstance(mine, np.ndarray) and f.name != "abbreviation":
                mine[rows] = getattr(other, f.name)
        codes = np.array([*(self.code_of(a) for a in other.abbreviations), -1], np.int16)
        self.abbreviation[rows] = codes[other.abbreviation]


def days_since_epoch(year: Array, month: Array, day: Array) -> Array:
    """Days since 1970-01-01 of dates of the proleptic Gregorian calendar.

    References:
        Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    """
    y = year.astype(np.int64) - (month <= 2)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month.astype(np.int64) + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    found: Array = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return found


def read_stamps(texts: pl.Series, layouts: Iterable[str]) -> StampColumns:
    """The parts of each text in the first of `layouts` in which it is a possible date.

    `layouts` are those of `compile_layout`, or `epoch` for a count whose size tells its unit. Null rows and texts that
    are no date in any layout are not `ok`.
    """
    import polars as pl

    out = StampColumns.empty(len(texts))
    present = texts.is_not_null().to_numpy()
    rows = np.flatnonzero(present)
    if not len(rows):
        return out
    series = texts.drop_nulls() if len(rows) < len(texts) else texts
    flat = series.to_arrow(compat_level=pl.CompatLevel.oldest())
    if len(flat.buffers()) < 3:  # pragma: no cover (a layout of strings that Arrow does not give here)
        raise AssertionError("texts are not laid out as offsets and bytes")
    offsets = np.frombuffer(flat.buffers()[1], np.int64)[flat.offset : flat.offset + len(flat) + 1]
    data = np.frombuffer(flat.buffers()[2] or b"", np.uint8)
    lengths = np.diff(offsets)
    names = tuple(layouts)
    for length in _distinct(lengths):
        if not length:
            continue
        chosen = np.flatnonzero(lengths == length)
        table = _table(data, offsets, chosen, int(length), whole=len(chosen) == len(lengths))
        for group in _by_shape(table):
            part = table if group is None else np.ascontiguousarray(table[:, group])
            _read_group(out, rows[chosen if group is None else chosen[group]], part, names)
    return out


def _distinct(values: Array) -> list[int]:
    if len(values) and (values == values[0]).all():
        return [int(values[0])]
    return [int(v) for v in np.unique(values)]


def _table(data: Array, offsets: Array, chosen: Array, length: int, *, whole: bool) -> Array:
    """The bytes of texts of one length: one text a column, so that the same byte of all texts lies together."""
    if whole:
        rows = data[offsets[0] : offsets[0] + len(chosen) * length].reshape(len(chosen), length)
        return np.ascontiguousarray(rows.T)
    return data[offsets[chosen] + np.arange(length)[:, None]]


_CLASS = np.arange(256, dtype=np.uint8)
_CLASS[48:58] = 48
_CLASS[65:91] = 65
_CLASS[97:123] = 97


def _by_shape(table: Array) -> list[Array | None]:
    """The texts of each shape: digits, capitals and small letters at the same places, other bytes the same.

    [None] says that all are of one shape.
    """
    if all(_is_uniform(line) for line in table):
        return [None]
    rng = np.random.default_rng(7)
    key = np.zeros(table.shape[1], np.int64)
    for line in table:
        key += _CLASS[line].astype(np.int64) * int(rng.integers(1, 2**52))
    unique, inverse = np.unique(key, return_inverse=True)
    return [np.flatnonzero(inverse == code) for code in range(len(unique))]


def _is_uniform(line: Array) -> bool:
    """Whether one byte of all texts is of one class."""
    first = _CLASS[line[0]]
    if first == 48:
        return bool(((line - 48) < 10).all())
    if first in (65, 97):
        return bool(((line - first) < 26).all())
    return bool((line == line[0]).all())


def _read_group(out: StampColumns, rows: Array, table: Array, layouts: Sequence[str]) -> None:
    """Read texts of one shape into `rows`, each in the first layout in which it is a date."""
    left = np.arange(len(rows))
    part = table
    for name in layouts:
        text = part[:, 0].tobytes().decode("utf-8", "replace")
        if name == "epoch" or name.startswith("epoch:"):
            read = _read_counts(part, text, name)
        else:
            layout = compile_layout(name)
            spans = layout.spans(text) if text.isascii() else None
            if spans is not None:
                read = _read_parts(part, spans)
            elif layout.has_parts and text.isascii():
                read = None
            else:  # letters beyond ASCII have no place in a shape, computed layouts have no parts
                read = _read_each(part, layout)
        if read is None:
            continue
        good = read.ok
        if good.all():
            out.assign(rows[left], read)
            return
        out.assign(rows[left[good]], read.take(np.flatnonzero(good)))
        left = left[~good]
        part = np.ascontiguousarray(table[:, left])


def _read_each(table: Array, layout: Layout) -> StampColumns:
    """Texts read one by one, each distinct one once."""
    out = StampColumns.empty(table.shape[1])
    known: dict[bytes, list[int]] = {}
    for row, raw in enumerate(np.ascontiguousarray(table.T)):
        known.setdefault(raw.tobytes(), []).append(row)
    for raw_text, rows in known.items():
        stamp = layout.parse(raw_text.decode("utf-8", "replace"))
        if stamp is not None:
            out.put(np.array(rows), stamp)
    return out


def _number(table: Array, start: int, end: int) -> Array:
    """The digits at some places as numbers; blanks count as nothing."""
    value = np.zeros(table.shape[1], np.int64 if end - start > 9 else np.int32)
    for line in table[start:end]:
        if line[0] == 32:  # a shape has its blanks at the same places
            continue
        value *= 10
        value += line - 48
    return value


def _lookup(table: Array, start: int, end: int, meaning: Callable[[str], int | None], none: int) -> Array:
    """What the letters at some places mean, each spelling looked up once; `none` where they mean nothing."""
    part = table[start:end]
    n = part.shape[1]
    differs = np.zeros(max(n - 1, 0), bool)
    for line in part:
        differs |= line[1:] != line[:-1]
    starts = np.concatenate([[0], np.flatnonzero(differs) + 1])
    values = np.empty(len(starts), np.int64)
    known: dict[bytes, int] = {}
    for at, column in enumerate(starts):
        raw = part[:, column].tobytes()
        if raw not in known:
            found = meaning(raw.decode("utf-8", "replace"))
            known[raw] = none if found is None else found
        values[at] = known[raw]
    return np.repeat(values, np.diff([*starts, n]))


_BAD = -9
_MONTH_LENGTHS = np.array([31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _read_parts(table: Array, spans: Sequence[tuple[str, int, int]]) -> StampColumns:
    """Texts of one shape whose parts stand at `spans`."""
    out = StampColumns.empty(table.shape[1])
    out.ok[:] = True
    where = {name: (start, end) for name, start, end in spans}
    if "year" in where:
        out.year[:] = _number(table, *where["year"])
        out.ok &= out.year >= 1
    elif "year2" in where:
        short = _number(table, *where["year2"])
        out.year[:] = short + np.where(short < 69, 2000, 1900)
    if "month" in where:
        out.month[:] = _number(table, *where["month"])
        out.ok &= (out.month >= 1) & (out.month <= 12)
    elif "month_name" in where:
        out.month[:] = _lookup(table, *where["month_name"], month_number, _BAD)
        out.ok &= out.month > 0
    if "day" in where:
        out.day[:] = _number(table, *where["day"])
        _check_days(out)
    if "ordinal" in where:
        _read_ordinal(out, _number(table, *where["ordinal"]))
    if "weekday" in where:
        days = _lookup(table, *where["weekday"], weekday_number, _BAD)
        out.weekday[:] = days
        out.ok &= days >= 0
        full = out.ok & (out.year > 0) & (out.day > 0)
        since = days_since_epoch(out.year, np.maximum(out.month, 1), out.day)
        out.ok &= ~full | ((since + 3) % 7 == days)
    _read_clock(out, table, where)
    if "offset" in where:
        start, end = where["offset"]
        offsets = _lookup(table, start, end, read_offset, NO_OFFSET)
        out.offset[:] = offsets
        out.ok &= offsets != NO_OFFSET
    if "bias" in where:
        start, end = where["bias"]
        out.offset[:] = _lookup(table, start, end, read_bias, NO_OFFSET)
        out.ok &= out.offset != NO_OFFSET
    if "abbreviation" in where:
        start, end = where["abbreviation"]
        codes = _lookup(table, start, end, out.code_of, -1)
        for at, word in enumerate(out.abbreviations):
            if word in ("UTC", "GMT", "Z"):
                out.offset[codes == at] = 0
                codes = np.where(codes == at, -1, codes)
        out.abbreviation[:] = codes
    return out


def _check_days(out: StampColumns) -> None:
    lengths = _MONTH_LENGTHS[np.clip(out.month, 0, 12)]
    year = out.year
    is_leap = (year == 0) | ((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)))
    lengths = np.where((out.month == 2) & ~is_leap, 28, lengths)
    out.ok &= (out.day >= 1) & (out.day <= lengths)


def _read_ordinal(out: StampColumns, ordinal: Array) -> None:
    year = out.year
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    out.ok &= (year >= 1) & (ordinal >= 1) & (ordinal <= 365 + is_leap)
    ends = np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    inside = np.clip(ordinal, 1, 366)
    month = np.empty(len(ordinal), np.int32)
    day = np.empty(len(ordinal), np.int32)
    for leap in (False, True):
        rows = is_leap == leap
        limits = ends + (np.arange(12) >= 1) * leap
        at = np.minimum(np.searchsorted(limits, inside[rows]), 11)
        month[rows] = at + 1
        day[rows] = inside[rows] - np.concatenate([[0], limits])[at]
    out.month[:], out.day[:] = month, day


def _read_clock(out: StampColumns, table: Array, where: dict[str, tuple[int, int]]) -> None:
    if "hour" not in where and "hour12" not in where:
        out.precision[:] = _CODE[Precision.DAY if "day" in where or "ordinal" in where else Precision.MONTH]
        return
    if "hour" in where:
        hour = _number(table, *where["hour"])
    else:
        hour = _number(table, *where["hour12"])
        out.ok &= (hour >= 1) & (hour <= 12)
        half = np.zeros(table.shape[1], np.int64)
        if "half" in where:
            half = _lookup(table, *where["half"], _half, _BAD)
            out.ok &= half >= 0
        hour = hour % 12 + 12 * half
    minute = _number(table, *where["minute"]) if "minute" in where else np.zeros(table.shape[1], np.int64)
    second = _number(table, *where["second"]) if "second" in where else np.zeros(table.shape[1], np.int64)
    out.ok &= (hour <= 23) & (minute <= 59) & (second <= 60)
    nanosecond: Any = 0
    precision = (
        Precision.SECOND if "second" in where else Precision.MINUTE if "minute" in where else Precision.HOUR
    )
    if "fraction" in where:
        start, end = where["fraction"]
        digits = end - start
        nanosecond = _number(table, start, min(end, start + 9)).astype(np.int64) * 10 ** max(9 - digits, 0)
        precision = Precision.MS if digits <= 3 else Precision.US if digits <= 6 else Precision.NS
        out.width[:] = decimal_width("0" * digits)
    out.clock[:] = ((hour * 60 + minute) * 60 + second).astype(np.int64) * SECOND + nanosecond
    out.precision[:] = _CODE[precision]


def _half(text: str) -> int | None:
    return {"A": 0, "P": 1}.get(text[:1].upper()) if text[-1:].upper() in ("M", ".") else None


_UNITS = {"s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}
_FINEST = {"s": Precision.SECOND, "ms": Precision.MS, "us": Precision.US, "ns": Precision.NS}


def _read_counts(table: Array, text: str, layout: str) -> StampColumns | None:
    """Counts since 1970, all with as many digits before and after the point."""
    bare = text.strip()
    whole, point, decimals = bare.lstrip("-").partition(".")
    if (
        not whole.isdecimal()
        or not whole.isascii()
        or (point and not (decimals.isdecimal() and decimals.isascii()))
    ):
        return None
    if layout == "epoch":
        if not 9 <= len(whole) <= 19:
            return None
        digits = len(whole)
        unit = "s" if digits <= 11 else "ms" if digits <= 14 else "us" if digits <= 17 else "ns"
    else:
        unit = layout.partition(":")[2]
    scale = _UNITS[unit]
    if len(whole) > 19 or len(decimals) > 12 or len(whole) + {"s": 9, "ms": 6, "us": 3, "ns": 0}[unit] > 18:
        return _read_each(
            table, compile_layout(f"epoch:{unit}")
        )  # near the end of 64 bits: exactly, one by one
    start = text.index(whole)
    value = _number(table, start, start + len(whole)).astype(np.int64) * scale
    out = StampColumns.empty(table.shape[1])
    precision, width = _FINEST[unit], scale
    if decimals:
        first = start + len(whole) + 1
        value = value + _number(table, first, first + len(decimals)).astype(np.int64) * scale // 10 ** len(
            decimals
        )
        digits = len(decimals) + {"s": 0, "ms": 3, "us": 6, "ns": 9}[unit]
        precision = Precision.MS if digits <= 3 else Precision.US if digits <= 6 else Precision.NS
        width = max(1, scale // 10 ** len(decimals))
    out.ok[:] = True
    out.instant[:] = -value if bare.startswith("-") else value
    out.is_instant[:] = True
    out.offset[:] = 0
    out.precision[:] = _CODE[precision]
    out.width[:] = width
    return out
