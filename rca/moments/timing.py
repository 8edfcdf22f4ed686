"""Timing: what a stream as a whole says about stamps that do not say enough: years, dates and repeated hours.

The decision hidden here: the rules of inference. A missing year is the latest that the anchor allows; a fall by half a
year is a rollover only if it lasts; a date that stands in the file dates the times after it; a repeated hour is told
apart by the backward step inside it. `Skeleton` keeps no more of a stream than that needs: runs of equal seconds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

from rca.assumptions import Assumption
from rca.errors import Issue, Severity
from rca.moments.columns import NO_OFFSET, StampColumns, days_since_epoch
from rca.moments.instants import SECOND
from rca.moments.laps import count_laps
from rca.moments.years import YEARS_BACK, latest_years, wall_second, year_of_lap, years_by_neighbours
from rca.moments.zones import offset_at, place, place_all

__all__ = ["Anchor", "Skeleton", "Sort", "Timing", "infer", "local_seconds", "said_of"]

TOLERANCE = 25 * 3600
"""How many seconds a stamp may lie after its anchor: a day for zones and an hour for clocks that ran fast."""

_CLOCK_TOLERANCE = 3600
_LATE_LINE = 120
_LOOK_AHEAD = 20
_DAY = 86_400
_ORDER = ("option", "stamp in the file", "member mtime", "gzip header", "modified", "sibling")
_WORDS = {
    "option": "the anchor that was given",
    "stamp in the file": "stamps of the same file that state their year",
    "member mtime": "the archive member's last write",
    "gzip header": "the time in the gzip header",
    "modified": "the file's last write",
    "sibling": "the first stamp of the next rotated file",
}
_LAST_WRITES = ("member mtime", "gzip header", "modified")
UNBOUND = 2**63 - 1
_BEFORE_MONTH = np.array([0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335], np.int64)

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Anchor:
    """An instant that no stamp of the stream should exceed, in UTC nanoseconds, and where it comes from."""

    instant: int
    kind: str


class Sort(IntEnum):
    """What a stamp states, for inference."""

    FULL = 0  # a date and a time on a wall clock
    INSTANT = 1  # a date and a time with their offset, or a count since 1970
    YEARLESS = 2  # a date without its year
    CLOCK = 3  # a time of day
    ABBREVIATED = 4  # a date and a time with the abbreviation of a zone
    HEADER = 5  # a date that a header line of the file states for the times that follow


@dataclass(slots=True)
class Skeleton:
    """The stamps of a stream in its order, as runs of rows of one sort and second.

    `place` is the place of the run's first row in the stream, `second` its wall clock (FULL, ABBREVIATED, HEADER), UTC
    (INSTANT), second of a leap year (YEARLESS) or of the day (CLOCK); `weekday` is -1 where none is stated.
    """

    place: Array
    sort: Array
    second: Array
    weekday: Array

    @classmethod
    def of(cls, columns: StampColumns, places: Array, *, header: bool = False) -> Skeleton:
        """The runs of columns whose rows lie at `places`; rows that are not `ok` are passed over."""
        rows = np.flatnonzero(columns.ok)
        part = columns if len(rows) == len(columns) else columns.take(rows)
        clock = part.clock // SECOND
        days = days_since_epoch(np.maximum(part.year, 1), np.maximum(part.month, 1), np.maximum(part.day, 1))
        sort = np.full(len(rows), Sort.FULL, np.int8)
        second = days * _DAY + clock
        stated = part.offset != NO_OFFSET
        second = np.where(stated, second - part.offset, second)
        sort[stated] = Sort.INSTANT
        sort[part.abbreviation >= 0] = Sort.ABBREVIATED
        yearless = (part.month > 0) & (part.year == 0)
        sort[yearless] = Sort.YEARLESS
        in_year = (_BEFORE_MONTH[part.month] + np.maximum(part.day, 1) - 1) * _DAY + clock
        second = np.where(yearless, in_year, second)
        only_clock = (part.month == 0) & ~part.is_instant
        sort[only_clock] = Sort.CLOCK
        second = np.where(only_clock, clock, second)
        second = np.where(part.is_instant, part.instant // SECOND, second)
        sort[part.is_instant] = Sort.INSTANT
        if header:
            sort[sort != Sort.CLOCK] = Sort.HEADER
        return cls(places[rows], sort, second, part.weekday).shrink()

    @classmethod
    def join(cls, parts: Sequence[Skeleton]) -> Skeleton:
        """The skeleton of parts of one stream, in the order of their places."""
        if not parts:
            nothing = np.zeros(0, np.int64)
            return cls(nothing, nothing.astype(np.int8), nothing, nothing.astype(np.int8))
        whole = cls(
            *(np.concatenate([getattr(p, n) for p in parts]) for n in ("place", "sort", "second", "weekday"))
        )
        order = np.argsort(whole.place, kind="stable")
        return whole._rows(order).shrink()

    def _rows(self, rows: Array) -> Skeleton:
        return Skeleton(self.place[rows], self.sort[rows], self.second[rows], self.weekday[rows])

    def shrink(self) -> Skeleton:
        """The same with neighbouring runs of one sort and second made one."""
        if len(self.place) < 2:
            return self
        differs = (
            (np.diff(self.sort) != 0)
            | (np.diff(self.second) != 0)
            | (np.diff(self.weekday) != 0)
            | (self.sort[1:] == Sort.HEADER)
        )
        return self._rows(np.concatenate([[0], np.flatnonzero(differs) + 1]))

    def __len__(self) -> int:
        return len(self.place)


@dataclass(slots=True)
class Steps:
    """A value for each row of a stream that changes only at some places."""

    place: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    value: Array = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(cls, places: Array, values: Array) -> Steps:
        """The steps of runs at `places` that have `values`."""
        if not len(places):
            return cls()
        keep = np.concatenate([[True], np.diff(values) != 0])
        return cls(places[keep], values[keep])

    def at(self, places: Array, *, missing: int) -> Array:
        """The values that hold at `places`; `missing` before the first step."""
        if not len(self.place):
            return np.full(len(places), missing, np.int64)
        found = np.searchsorted(self.place, places, side="right") - 1
        return np.where(found < 0, missing, self.value[np.maximum(found, 0)])


UNKNOWN = -(2**62)
"""The year or the day of rows for which nothing decides."""


@dataclass(slots=True)
class Timing:
    """What was inferred for a stream: years and days step by step, and where the second repeated hour of a day begins.

    `folds` has, for each wall-clock day (since 1970) with rows in a repeated hour, the place from which on they are of
    the second hour, or None where nothing tells. `notes` are the assumptions by what they are about: `year`, `date`,
    `fold:DAY`.
    """

    years: Steps = field(default_factory=Steps)
    days: Steps = field(default_factory=Steps)
    folds: dict[int, int | None] = field(default_factory=dict)
    notes: dict[str, Assumption] = field(default_factory=dict)
    date_notes: Steps = field(default_factory=Steps)
    issues: list[tuple[int, Issue]] = field(default_factory=list)


def said_of(timing: Timing, skeleton: Skeleton) -> str:
    """A digest of all that an inference says of the stamps of `skeleton`: rows settled by it stand while that is the same."""
    digest = hashlib.sha256(
        repr((sorted(timing.notes.items()), sorted(timing.folds.items(), key=str))).encode()
    )
    for name in ("years", "days", "date_notes"):
        digest.update(getattr(timing, name).at(skeleton.place, missing=UNKNOWN).tobytes())
    return digest.hexdigest()


def local_seconds(instant: int, zone: str) -> int:
    """The wall clock of `zone` at an instant, in seconds since 1970 on that clock."""
    return instant // SECOND + offset_at(instant, zone)


def infer(
    skeleton: Skeleton, *, zone: str, anchors: Iterable[Anchor] = (), scope: str = "", base: int | None = None
) -> Timing:
    """What the stamps of a whole stream say about those that lack a year, a date or the hour of a fold.

    Args:
        skeleton: the stamps in the order of the stream.
        zone: IANA zone of stamps without an offset.
        anchors: what the last stamp may not exceed; the first in the order option, stamps of the file, archive
            member, gzip header, last write, sibling wins.
        scope: the stream key, so that assumptions of two streams differ.
        base: a wall-clock day, in nanoseconds, for times of day, where a caller knows it.
    """
    return _Inference(skeleton, zone, tuple(anchors), scope, base).run()


class _Inference:
    """The state of one call of `infer`; each step fills in the wall clock that the step before left open."""

    def __init__(
        self, skeleton: Skeleton, zone: str, anchors: tuple[Anchor, ...], scope: str, base: int | None
    ) -> None:
        self.runs, self.zone, self.scope, self.base = skeleton, zone, scope, base
        self.anchors = {anchor.kind: anchor.instant for anchor in reversed(anchors)}
        sort = skeleton.sort
        self.local = np.where(
            np.isin(sort, (Sort.FULL, Sort.INSTANT, Sort.ABBREVIATED, Sort.HEADER)), skeleton.second, UNKNOWN
        )
        self.out = Timing()

    def run(self) -> Timing:
        self._infer_years()
        self._infer_dates()
        self._infer_folds()
        return self.out

    def _note(self, key: str, kind: str, what: str, rests_on: str, alternatives: tuple[str, ...]) -> None:
        self.out.notes[key] = Assumption(kind, what, rests_on, alternatives, self.scope)

    def _issue(self, code: str, message: str, place: int, hint: str) -> None:
        self.out.issues.append((place, Issue(code, Severity.WARNING, message, "", hint)))

    # -- years --------------------------------------------------------------------------------------------

    def _infer_years(self) -> None:
        runs = self.runs
        rows = np.flatnonzero(runs.sort == Sort.YEARLESS)
        if not len(rows):
            return
        second, places = runs.second[rows], runs.place[rows]
        laps, is_late = count_laps(second, 366 * _DAY, look_ahead=_LOOK_AHEAD)
        kind, year_of = self._years(rows, laps, is_late)
        if not year_of:
            self._issue(
                "RCA251",
                "Stamps lack the year and nothing says which it was; they stay undated",
                int(places[0]),
                "Give anchor=… (a time that no stamp exceeds).",
            )
            return
        present = sorted({int(lap) for lap in np.unique(laps)})
        years = np.zeros(len(rows), np.int64)
        for lap in present:
            years[laps == lap] = year_of_lap(year_of, lap)
        span = f"{years.min()}" if years.min() == years.max() else f"{years.min()} to {years.max()}"
        limit = self.anchors[kind] // SECOND + TOLERANCE if kind in self.anchors else None
        local = wall_second(second, years)
        for at in np.flatnonzero(is_late | (local == UNKNOWN)).tolist():
            years[at], local[at] = self._earlier(int(second[at]), int(years[at]), limit)
            if local[at] == UNKNOWN:
                self._issue("RCA252", "A date fits no year", int(places[at]), "Look at the line.")
        self.local[rows] = local
        self.out.years = Steps.of(places, np.where(local == UNKNOWN, UNKNOWN, years))
        reason = _WORDS[kind]  # without its instant: a log that grows keeps the ids of what it rests on
        first = span.split(" ", 1)[0]
        self._note(
            "year",
            "year",
            f"stamps without a year are of {span}",
            reason,
            (f"{int(first) - 1} (one year earlier)", "another year, given with anchor=…"),
        )

    def _earlier(self, second: int, year: int, limit: int | None) -> tuple[int, int]:
        """The latest year up to `year` in which the date exists and lies within the limit, and its wall clock."""
        for candidate in range(year, year - YEARS_BACK - 1, -1):
            local = int(wall_second(np.array([second]), np.array([candidate]))[0])
            if local != UNKNOWN and (limit is None or self._utc(local) <= limit):
                return candidate, local
        return year, UNKNOWN

    def _utc(self, local: int) -> int:
        return place(local * SECOND, self.zone).instants[0] // SECOND

    def _years(self, rows: Array, laps: Array, is_late: Array) -> tuple[str, dict[int, int]]:
        """What decided, and the year of each lap; no years where nothing decides."""
        runs = self.runs
        dated = np.flatnonzero(self.local != UNKNOWN)
        kinds = [k for k in _ORDER if k in self.anchors or (k == "stamp in the file" and len(dated))]
        if not kinds:
            return "", {}
        kind = kinds[0]
        if kind in _LAST_WRITES and self.anchors.get("sibling", UNBOUND) < self.anchors[kind]:
            kind = "sibling"  # a rotated file ends before the next one begins, whenever it was last copied
        stable = rows[~is_late]
        steady_laps = laps[~is_late]
        if kind == "stamp in the file":
            return kind, years_by_neighbours(
                runs.place[stable], runs.second[stable], steady_laps, runs.place[dated], self.local[dated]
            )
        limit = self.anchors[kind] // SECOND + TOLERANCE
        for with_weekdays in (True, False):
            years = latest_years(
                runs.second[stable],
                runs.weekday[stable] if with_weekdays else np.full(len(stable), -1),
                steady_laps,
                limit,
                self._utc,
            )
            if years:
                if not with_weekdays and (runs.weekday[stable] >= 0).any():
                    self._issue(
                        "RCA253",
                        "The weekdays written in the stamps fit no year; they were passed over",
                        int(runs.place[stable[0]]),
                        "Was the log edited, or the clock wrong?",
                    )
                return kind, years
        return kind, {}

    # -- dates --------------------------------------------------------------------------------------------

    def _infer_dates(self) -> None:
        runs = self.runs
        rows = np.flatnonzero(runs.sort == Sort.CLOCK)
        if not len(rows):
            return
        known = np.flatnonzero(self.local != UNKNOWN)
        segment = np.searchsorted(known, rows)  # how many dated runs lie before each row
        days = np.full(len(rows), UNKNOWN, np.int64)
        notes = np.zeros(len(rows), np.int64)
        found: dict[str, tuple[int, int]] = {}
        for number in np.unique(segment).tolist():
            inside = np.flatnonzero(segment == number)
            seconds = runs.second[rows[inside]]
            laps, _ = count_laps(seconds, _DAY, look_ahead=_LOOK_AHEAD)
            base = self._base_day(number, known, seconds, laps)
            if base is None:
                self._issue(
                    "RCA254",
                    "Stamps state a time without a date, and nothing says which day it was",
                    int(runs.place[rows[inside[0]]]),
                    "Give anchor=… (a time that no stamp exceeds).",
                )
                continue
            day, reason = base
            days[inside] = day + laps
            first, _ = found.setdefault(reason, (int(days[inside[0]]), len(found) + 1))
            notes[inside] = found[reason][1]
            self._note(
                f"date:{found[reason][1]}",
                "date",
                f"stamps without a date begin on {_day_text(first)}",
                reason,
                ("a day earlier or later", "another date, given with anchor=…"),
            )
        self.local[rows] = np.where(days == UNKNOWN, UNKNOWN, days * _DAY + runs.second[rows])
        self.out.days = Steps.of(runs.place[rows], days)
        self.out.date_notes = Steps.of(runs.place[rows], notes)

    def _base_day(self, number: int, known: Array, seconds: Array, laps: Array) -> tuple[int, str] | None:
        """The day of lap 0 of a stretch of times of day, and the reason."""
        runs = self.runs
        if number:
            before = int(known[number - 1])
            local = self._on_the_wall(before)
            if runs.sort[before] == Sort.HEADER:
                day, reason = local // _DAY, "the date in the header"
            else:
                day, reason = local // _DAY, "the dated line before them"
            if seconds[0] < local % _DAY - _DAY // 2:
                day += 1
            return day - int(laps[0]), reason
        if self.base is not None:
            return self.base // SECOND // _DAY - int(laps[0]), "the date in the header"
        if len(known):
            local = self._on_the_wall(int(known[0]))
            day = local // _DAY
            if seconds[-1] > local % _DAY + _DAY // 2:
                day -= 1
            return day - int(laps[-1]), "the dated line after them"
        for kind in _ORDER:
            if kind in self.anchors:
                anchor = self.anchors[kind]
                limit = local_seconds(anchor, self.zone) + _CLOCK_TOLERANCE
                latest = int((laps * _DAY + seconds).max())
                return (limit - latest) // _DAY, _WORDS[kind]
        return None

    def _on_the_wall(self, run: int) -> int:
        """The wall clock of a dated run in the zone of the stream."""
        second = int(self.local[run])
        if self.runs.sort[run] == Sort.INSTANT:
            return local_seconds(second * SECOND, self.zone)
        return second

    # -- folds --------------------------------------------------------------------------------------------

    def _infer_folds(self) -> None:
        runs = self.runs
        naive = (self.local != UNKNOWN) & np.isin(runs.sort, (Sort.FULL, Sort.YEARLESS, Sort.CLOCK))
        rows = np.flatnonzero(naive)
        rows = rows[place_all(self.local[rows] * SECOND, self.zone).is_fold]
        days = self.local[rows] // _DAY
        for day in np.unique(days).tolist():
            inside = rows[days == day]
            switch = _backward_step(self.local[inside])
            self.out.folds[day] = None if switch is None else int(runs.place[inside[switch]])
            if switch is None:
                what = f"stamps of {_day_text(day)} lie in the repeated hour"
                why = "no line of the file tells which hour"
                other: tuple[str, ...] = ("the first hour", "the second hour")
            else:
                what = f"stamps of {_day_text(day)} lie in the first and, after the step back, in the second repeated hour"
                why, other = "the backward step inside the repeated hour", ("the lines were out of order",)
            self._note(f"fold:{day}", "fold", what, why, other)


def _backward_step(seconds: Array) -> int | None:
    """Where the second repeated hour begins: the first lasting step back, not counting a line that is merely late."""
    highest = np.maximum.accumulate(seconds)
    for position in (np.flatnonzero(seconds[1:] < highest[:-1]) + 1).tolist():
        step = highest[position - 1] - seconds[position]
        ahead = seconds[position + 1 : position + 1 + _LOOK_AHEAD]
        if not (step <= _LATE_LINE and (ahead >= highest[position - 1]).any()):
            return int(position)
    return None


def _day_text(day: int) -> str:
    return f"{dt.date(1970, 1, 1) + dt.timedelta(days=day)}"
