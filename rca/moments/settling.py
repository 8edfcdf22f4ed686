"""Settling: stamps become instants with bounds, a precision and a reason, a whole column at a time.

The decision hidden here: what a stamp's instant and bounds are once its year, date and hour are inferred (see `timing`),
and which assumptions each row rests on. Every guess is an `Assumption`, every row names those it rests on, and what
cannot be settled stays undated.

References:
    The rules are this project's own; the traps they answer (fall-back hours, leap days, New Year with a late line,
    last writes older than the stamps) are those in which published timeline tools were measured to fail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rca.assumptions import Assumption
from rca.errors import Issue, Severity
from rca.moments.columns import NO_OFFSET, PRECISIONS, StampColumns, days_since_epoch
from rca.moments.instants import FIRST, LAST, SECOND
from rca.moments.moment import Basis, Precision
from rca.moments.stamps import Stamp
from rca.moments.timing import UNKNOWN, Anchor, Skeleton, Timing, infer
from rca.moments.units import DAY, unit_span
from rca.moments.years import wall_second
from rca.moments.zones import place_all, possible_zones

__all__ = ["BASES", "Anchor", "Settled", "SettledColumns", "needs_timing", "settle", "settle_columns"]

BASES = tuple(Basis)
"""The bases in the order of their codes in a column, strongest first."""
_BASIS = {basis: code for code, basis in enumerate(BASES)}
_DAY_SECONDS = 86_400
_WIDTHS = np.array(
    [
        {
            Precision.NS: 1,
            Precision.US: 1_000,
            Precision.MS: 1_000_000,
            Precision.SECOND: SECOND,
            Precision.MINUTE: 60 * SECOND,
            Precision.HOUR: 3600 * SECOND,
        }.get(precision, 0)
        for precision in PRECISIONS
    ],
    np.int64,
)
_STARTS = np.array([0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335], np.int64)

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(slots=True)
class Settled:
    """Where each stamp ended, row by row: instants in UTC nanoseconds, None where a row stays undated."""

    earliest: list[int | None]
    latest: list[int | None]
    time: list[int | None]
    precision: list[Precision | None]
    basis: list[Basis]
    rests_on: list[tuple[str, ...]]
    assumptions: tuple[Assumption, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(slots=True)
class SettledColumns:
    """Where n stamps ended, as arrays of length n; instants in UTC nanoseconds hold only where `dated`.

    `basis` are codes of `BASES`, `precision` of `PRECISIONS`; bit i of `rests_on` says that a row rests on the i-th of
    `assumptions`. `issues` carry the row that they speak of.
    """

    dated: Array
    earliest: Array
    latest: Array
    time: Array
    precision: Array
    basis: Array
    rests_on: Array
    assumptions: list[Assumption] = field(default_factory=list)
    issues: list[tuple[int, Issue]] = field(default_factory=list)

    def rest(self, rows: Array, assumption: Assumption, basis: Basis) -> None:
        """Note that rows rest on an assumption, and that their reason is at best `basis`."""
        if assumption not in self.assumptions:
            self.assumptions.append(assumption)
        bit = min(self.assumptions.index(assumption), 62)
        self.rests_on[rows] |= np.int64(1 << bit)
        self.basis[rows] = np.maximum(self.basis[rows], _BASIS[basis])


def settle(
    stamps: Sequence[Stamp | None],
    *,
    zone: str,
    zone_basis: Basis,
    anchors: Sequence[Anchor] = (),
    scope: str = "",
    base: int | None = None,
) -> Settled:
    """The times of a stream of stamps, in the order of the stream.

    Args:
        stamps: one a row; None where the row has no stamp.
        zone: IANA zone of stamps without an offset.
        zone_basis: ZONE_GIVEN or ZONE_ASSUMED.
        anchors: what the last stamp may not exceed; the first in the order option, stamps of the file, archive
            member, gzip header, last write, sibling wins.
        scope: the stream key, so that assumptions of two streams differ.
        base: a wall-clock day (see `units.to_local`) for stamps that state only a time, where a header gave one.
    """
    columns = StampColumns.of(stamps)
    places = np.arange(len(stamps), dtype=np.int64)
    timing = infer(Skeleton.of(columns, places), zone=zone, anchors=anchors, scope=scope, base=base)
    found = settle_columns(columns, places, timing, zone=zone, zone_basis=zone_basis, scope=scope)
    ids = [a.id for a in found.assumptions]
    dated = found.dated.tolist()

    def known(values: Array) -> list[int | None]:
        return [value if is_dated else None for value, is_dated in zip(values.tolist(), dated, strict=True)]

    return Settled(
        known(found.earliest),
        known(found.latest),
        known(found.time),
        [None if s is None else PRECISIONS[p] for s, p in zip(stamps, found.precision.tolist(), strict=True)],
        [BASES[code] for code in found.basis.tolist()],
        [
            tuple(one for bit, one in enumerate(ids) if mask >> bit & 1) if is_dated else ()
            for mask, is_dated in zip(found.rests_on.tolist(), dated, strict=True)
        ],
        tuple(sorted(found.assumptions)),
        tuple(
            Issue(i.code, i.severity, i.message, f"row {row + 1}", i.hint)
            for row, i in (*timing.issues, *found.issues)
        ),
    )


def needs_timing(columns: StampColumns, zone: str) -> bool:
    """Whether some stamp lacks a year or a date, or lies in a repeated hour: then the whole stream must be asked."""
    ok = columns.ok & ~columns.is_instant
    if (ok & ((columns.year == 0) | (columns.month == 0))).any():
        return True
    naive = ok & (columns.offset == NO_OFFSET) & (columns.abbreviation < 0)
    return bool(place_all(_wall(columns)[naive], zone).is_fold.any())


def _wall(columns: StampColumns) -> Array:
    """The wall clocks of stamps that state a whole date, in nanoseconds."""
    days = days_since_epoch(
        np.clip(columns.year, 1, 9999), np.maximum(columns.month, 1), np.maximum(columns.day, 1)
    )
    seconds = days * _DAY_SECONDS
    in_range = (seconds > FIRST // SECOND - 5 * _DAY_SECONDS) & (seconds < LAST // SECOND + 5 * _DAY_SECONDS)
    return np.where(in_range, seconds, LAST // SECOND + _DAY_SECONDS) * SECOND + columns.clock


def settle_columns(
    columns: StampColumns, places: Array, timing: Timing, *, zone: str, zone_basis: Basis, scope: str = ""
) -> SettledColumns:
    """The instants and bounds of stamps, given what was inferred for their whole stream.

    Args:
        columns: the stamps.
        places: where the rows stand in the stream, in the measure that `timing` was inferred in.
        timing: what `infer` found for the stream.
        zone: IANA zone of stamps without an offset.
        zone_basis: ZONE_GIVEN or ZONE_ASSUMED.
        scope: the stream key, so that assumptions of two streams differ.
    """
    return _Settling(columns, places, timing, zone, zone_basis, scope).run()


class _Settling:
    """The state of one call of `settle_columns`."""

    def __init__(
        self, columns: StampColumns, places: Array, timing: Timing, zone: str, zone_basis: Basis, scope: str
    ) -> None:
        n = len(columns)
        self.stamps, self.places, self.timing = columns, places, timing
        self.zone, self.zone_basis, self.scope = zone, zone_basis, scope
        self.local = np.full(n, UNKNOWN, np.int64)
        self.out = SettledColumns(
            dated=np.zeros(n, bool),
            earliest=np.zeros(n, np.int64),
            latest=np.zeros(n, np.int64),
            time=np.zeros(n, np.int64),
            precision=columns.precision.copy(),
            basis=np.zeros(n, np.int8),
            rests_on=np.zeros(n, np.int64),
        )
        self.has_offset = (columns.offset != NO_OFFSET) & ~columns.is_instant
        self.naive = columns.ok & ~columns.is_instant & ~self.has_offset & (columns.abbreviation < 0)

    def run(self) -> SettledColumns:
        self._mark_zone()
        self._date()
        self._place_instants()
        self._place_naive()
        self._place_abbreviated()
        self._drop_outside()
        self.out.basis[~self.out.dated] = _BASIS[Basis.UNDATED]
        self.out.rests_on[~self.out.dated] = 0
        return self.out

    # -- notes --------------------------------------------------------------------------------------------

    def _rest(self, rows: Array, assumption: Assumption, basis: Basis) -> None:
        self.out.rest(rows, assumption, basis)

    def _weaken(self, rows: Array, basis: Basis) -> None:
        self.out.basis[rows] = np.maximum(self.out.basis[rows], _BASIS[basis])

    def _issue(self, code: str, message: str, row: int, hint: str) -> None:
        self.out.issues.append((row, Issue(code, Severity.WARNING, message, "", hint)))

    # -- steps --------------------------------------------------------------------------------------------

    def _mark_zone(self) -> None:
        rows = np.flatnonzero(self.naive)
        if not len(rows):
            return
        if self.zone_basis is not Basis.ZONE_ASSUMED:
            self._weaken(rows, Basis.ZONE_GIVEN)
            return
        assumption = Assumption(
            "zone",
            f"stamps without an offset are read as {self.zone}",
            "nobody stated the zone of this exhibit",
            ("the zone of the machine that wrote it", "another zone, given with zone=… or in the register"),
            self.scope,
        )
        self._rest(rows, assumption, Basis.ZONE_ASSUMED)

    def _date(self) -> None:
        """Fill in the wall clock of every stamp whose date is stated or inferred."""
        stamps, timing = self.stamps, self.timing
        ok = stamps.ok & ~stamps.is_instant
        full = ok & (stamps.year > 0) & (stamps.month > 0)
        self.local = np.where(full, _wall(stamps), UNKNOWN)
        rows = np.flatnonzero(ok & (stamps.year == 0) & (stamps.month > 0))
        if len(rows):
            years = timing.years.at(self.places[rows], missing=UNKNOWN)
            seconds = (_STARTS[stamps.month[rows]] + np.maximum(stamps.day[rows], 1) - 1) * _DAY_SECONDS
            found = wall_second(seconds, np.where(years == UNKNOWN, 0, years))
            self.local[rows] = np.where(found == UNKNOWN, UNKNOWN, found * SECOND + stamps.clock[rows])
            if "year" in timing.notes:
                self._rest(rows[found != UNKNOWN], timing.notes["year"], Basis.YEAR_INFERRED)
        rows = np.flatnonzero(ok & (stamps.month == 0))
        if len(rows):
            days = timing.days.at(self.places[rows], missing=UNKNOWN)
            self.local[rows] = np.where(days == UNKNOWN, UNKNOWN, days * DAY + stamps.clock[rows])
            notes = timing.date_notes.at(self.places[rows], missing=0)
            for number in np.unique(notes[notes > 0]).tolist():
                self._rest(rows[notes == number], timing.notes[f"date:{number}"], Basis.DATE_INFERRED)

    def _width(self, rows: Array) -> Array:
        stated = self.stamps.width[rows]
        return np.where(stated > 0, stated, _WIDTHS[self.stamps.precision[rows]])

    def _put(self, rows: Array, earliest: Array, latest: Array, time: Array) -> None:
        self.out.dated[rows] = True
        self.out.earliest[rows], self.out.latest[rows], self.out.time[rows] = earliest, latest, time

    def _place_instants(self) -> None:
        rows = np.flatnonzero(self.stamps.ok & self.stamps.is_instant)
        if len(rows):
            instant = self.stamps.instant[rows]
            self._put(rows, instant, np.minimum(instant, LAST) + np.maximum(self._width(rows), 1), instant)
        rows = np.flatnonzero(self.stamps.ok & self.has_offset & (self.local != UNKNOWN))
        if len(rows):
            fine = _WIDTHS[self.stamps.precision[rows]] > 0
            instant = self.local[rows] - self.stamps.offset[rows] * SECOND
            self._put(rows, instant, instant + self._width(rows), instant)
            self._place_units(rows[~fine], self.stamps.offset)

    def _place_naive(self) -> None:
        rows = np.flatnonzero(self.naive & (self.local != UNKNOWN))
        if not len(rows):
            return
        coarse = _WIDTHS[self.stamps.precision[rows]] == 0
        self._place_units(rows[coarse], None)
        rows = rows[~coarse]
        spots, width = place_all(self.local[rows], self.zone), self._width(rows)
        self._put(rows, spots.first, spots.second + width, spots.transition)
        fold = np.flatnonzero(spots.is_fold)
        days = self.local[rows[fold]] // DAY
        for day in np.unique(days).tolist():
            inside = fold[days == day]
            switch = self.timing.folds.get(day)
            if switch is not None:
                second = self.places[rows[inside]] >= switch
                instant = np.where(second, spots.second[inside], spots.first[inside])
                self._put(rows[inside], instant, instant + width[inside], instant)
            note = self.timing.notes.get(f"fold:{day}")
            if note is not None:
                self._rest(rows[inside], note, Basis.FOLD_INFERRED)
        gap = rows[spots.is_gap]
        days = self.local[gap] // DAY
        for day in np.unique(days).tolist():
            assumption = Assumption(
                "gap",
                f"stamps of {_day_text(day)} lie in the hour that {self.zone} left out",
                "both readings are kept as bounds; the time is that of the change",
                ("the clock had not been put forward yet", "the zone is another one"),
                self.scope,
            )
            self._rest(gap[days == day], assumption, Basis.GAP_INFERRED)

    def _place_units(self, rows: Array, offsets: Array | None) -> None:
        """Stamps of a day or more: the bounds of that unit of the calendar."""
        for row in rows.tolist():
            local, precision = int(self.local[row]), PRECISIONS[int(self.stamps.precision[row])]
            if not FIRST < local < LAST:
                low = high = LAST
            elif offsets is not None:
                shift = int(offsets[row]) * SECOND
                low, high = (one - shift for one in unit_span(local, precision, "UTC"))
            else:
                low, high = unit_span(local, precision, self.zone)
            self._put(np.array([row]), np.array([low]), np.array([high]), np.array([low]))

    def _place_abbreviated(self) -> None:
        stamps = self.stamps
        mask = stamps.ok & (stamps.abbreviation >= 0) & (self.local != UNKNOWN)
        if not mask.any():
            return
        by_word = sorted((word, code) for code, word in enumerate(stamps.abbreviations))
        for word, code in by_word:
            rows = np.flatnonzero(mask & (stamps.abbreviation == code))
            if len(rows):
                self._place_word(word, rows)

    def _place_word(self, word: str, rows: Array) -> None:
        """Stamps with the abbreviation `word`: the zone's own reading where it is one, else all readings as bounds."""
        readings = possible_zones(word)
        local, spots = self.local[rows], place_all(self.local[rows], self.zone)
        width = np.where(self._width(rows) > 0, self._width(rows), DAY)
        instants = sorted(-_offset_seconds(text) * SECOND for text in readings)
        is_first = np.isin(spots.first - local, instants)
        is_second = np.isin(spots.second - local, instants) & ~spots.is_gap
        matches = is_first.astype(int) + (is_second & (spots.second != spots.first))
        own = (matches > 0) & ~spots.is_gap
        if self.zone_basis is not Basis.ZONE_GIVEN:
            own &= matches == len(instants)
        chosen = np.where(is_first, spots.first, spots.second)
        self._put(rows[own], chosen[own], chosen[own] + width[own], chosen[own])
        self._weaken(rows[own], self.zone_basis)
        other = rows[~own]
        if len(other):
            self._weaken(other, Basis.ZONE_ASSUMED)
            if instants:
                low, high = local[~own] + instants[0], local[~own] + instants[-1]
                self._put(other, low, high + width[~own], low)
            else:
                self._put(other, spots.first[~own], spots.second[~own] + width[~own], spots.transition[~own])
            if (
                instants
                and self.zone_basis is Basis.ZONE_GIVEN
                and self.zone not in ("UTC", "Etc/UTC", "GMT")
            ):
                self._issue(
                    "RCA256",
                    f"The stamp says {word}, which {self.zone} does not have at that time",
                    int(other[0]),
                    "Check the zone that was declared; the stamp's own word was used.",
                )
        assumption = Assumption(
            "zone",
            f"stamps say {word}",
            f"its readings: {', '.join(readings)}"
            if readings
            else f"no reading is known; read as {self.zone}",
            readings or ("another zone, given with zone=…",),
            self.scope,
        )
        self._rest(rows, assumption, Basis.OFFSET_STATED)

    def _drop_outside(self) -> None:
        out = self.out
        inside = (out.earliest >= FIRST) & (out.latest < LAST) & (out.latest > out.earliest)
        outside = np.flatnonzero(out.dated & ~inside)
        if not len(outside):
            return
        out.dated[outside] = False
        self._issue(
            "RCA255",
            "A stamp lies outside the years 1678 to 2261; the row stays undated",
            int(outside[0]),
            "The text of the stamp is kept.",
        )


def _day_text(day: int) -> str:
    return f"{dt.date(1970, 1, 1) + dt.timedelta(days=day)}"


def _offset_seconds(text: str) -> int:
    sign = -1 if text[0] == "-" else 1
    return sign * (int(text[1:3]) * 3600 + int(text[4:6]) * 60)
