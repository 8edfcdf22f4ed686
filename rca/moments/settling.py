"""Settling: a whole stream of stamps gets its years, dates, folds and gaps at once.

The decision hidden here: what a stream as a whole says about a stamp that does not say enough. A missing year is the
latest that the anchor allows; a fall by half a year is a rollover only if it lasts; a repeated hour is told apart by
the backward step inside it. Every guess is an `Assumption`, every row names those it rests on, and what cannot be
settled stays undated.

References:
    The rules are this project's own; the traps they answer (fall-back hours, leap days, New Year with a late line,
    last writes older than the stamps) are those in which published timeline tools were measured to fail.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from rca.assumptions import Assumption
from rca.errors import Issue, Severity
from rca.moments.instants import SECOND, format_instant, is_in_range
from rca.moments.laps import count_laps
from rca.moments.moment import Basis, Precision
from rca.moments.stamps import Stamp
from rca.moments.units import DAY, local_day, unit_span
from rca.moments.years import (
    YEARS_BACK,
    distinct,
    in_day,
    in_year,
    latest_years,
    wall,
    weekday,
    year_of_lap,
    years_by_neighbours,
)
from rca.moments.zones import offset_at, place, possible_zones

__all__ = ["Anchor", "Settled", "settle"]

TOLERANCE = 25 * 3600 * SECOND
"""How far a stamp may lie after its anchor: a day for zones and an hour for clocks that ran fast."""

_CLOCK_TOLERANCE = 3600 * SECOND
_LATE_LINE = 120 * SECOND
_LOOK_AHEAD = 20
_ORDER = ("option", "stamp in the file", "member mtime", "gzip header", "modified", "sibling")
_WORDS = {
    "option": "the anchor that was given",
    "stamp in the file": "stamps of the same file that state their year",
    "member mtime": "the archive member's last write",
    "gzip header": "the time in the gzip header",
    "modified": "the file's last write",
    "sibling": "the first stamp of the next rotated file",
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """An instant that no stamp of the stream should exceed, and where it comes from."""

    instant: int
    kind: str


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
class _Row:
    """A stamp on its way: its wall clock once the date is known, and the reasons collected so far."""

    stamp: Stamp
    local: int | None = None
    basis: Basis = Basis.OFFSET_STATED
    reasons: list[str] = field(default_factory=list)


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
    return _Settling(stamps, zone, zone_basis, tuple(anchors), scope, base).run()


class _Settling:
    """The state of one call of `settle`; each step fills in what the step before left open."""

    def __init__(
        self,
        stamps: Sequence[Stamp | None],
        zone: str,
        zone_basis: Basis,
        anchors: tuple[Anchor, ...],
        scope: str,
        base: int | None,
    ) -> None:
        self.zone, self.zone_basis, self.scope, self.base = zone, zone_basis, scope, base
        self.anchors = {anchor.kind: anchor.instant for anchor in reversed(anchors)}
        self.rows = [None if stamp is None else _Row(stamp) for stamp in stamps]
        self.assumptions: dict[str, Assumption] = {}
        self.issues: list[Issue] = []

    def run(self) -> Settled:
        self._date_full_stamps()
        self._infer_years()
        self._infer_dates()
        folds = self._infer_folds()
        return self._place(folds)

    # -- notes --------------------------------------------------------------------------------------------

    def _assume(
        self,
        rows: Iterable[_Row],
        kind: str,
        what: str,
        rests_on: str,
        alternatives: tuple[str, ...],
        basis: Basis,
    ) -> None:
        assumption = Assumption(kind, what, rests_on, alternatives, self.scope)
        self.assumptions[assumption.id] = assumption
        for row in rows:
            row.basis = Basis.weakest(row.basis, basis)
            row.reasons.append(assumption.id)

    def _issue(self, code: str, severity: Severity, message: str, row: int, hint: str) -> None:
        self.issues.append(Issue(code, severity, message, f"row {row + 1}", hint))

    # -- steps --------------------------------------------------------------------------------------------

    def _date_full_stamps(self) -> None:
        for row in self.rows:
            if row is None:
                continue
            stamp = row.stamp
            if stamp.instant is None and stamp.year is not None and stamp.month is not None:
                row.local = wall(stamp, stamp.year)
        naive = [
            r
            for r in self.rows
            if r and r.stamp.offset is None and r.stamp.instant is None and not r.stamp.abbreviation
        ]
        if naive and self.zone_basis is Basis.ZONE_ASSUMED:
            self._assume(
                naive,
                "zone",
                f"{len(naive)} stamps without an offset are read as {self.zone}",
                "nobody stated the zone of this exhibit",
                (
                    "the zone of the machine that wrote it",
                    "another zone, given with zone=… or in the register",
                ),
                Basis.ZONE_ASSUMED,
            )
        else:
            for row in naive:
                row.basis = Basis.ZONE_GIVEN

    def _infer_years(self) -> None:
        open_rows = [(i, r) for i, r in enumerate(self.rows) if r and r.stamp.month and r.stamp.year is None]
        if not open_rows:
            return
        keys = [in_year(row.stamp) for _, row in open_rows]
        laps, is_transient = count_laps(keys, 366 * DAY, look_ahead=_LOOK_AHEAD)
        rows = [row for _, row in open_rows]
        kind, year_of = self._years(open_rows, laps, is_transient)
        if not year_of:
            first = open_rows[0][0]
            self._issue(
                "RCA251",
                Severity.WARNING,
                f"{len(rows)} stamps lack the year and nothing says which it was; they stay undated",
                first,
                "Give anchor=… (a time that no stamp exceeds).",
            )
            return
        limit = self._limit(kind)
        for (index, row), lap, transient in zip(open_rows, laps, is_transient, strict=True):
            start = year = year_of_lap(year_of, lap)
            local = wall(row.stamp, year)
            if transient or local is None:
                while local is None or (limit is not None and self._instant(row.stamp, local) > limit):
                    year -= 1
                    if start - year > YEARS_BACK:
                        break
                    local = wall(row.stamp, year)
            row.local = local
            if local is None:
                self._issue(
                    "RCA252", Severity.WARNING, f'"{row.stamp.text}" fits no year', index, "Look at the line."
                )
        years = sorted({year_of_lap(year_of, lap) for lap in laps})
        span = f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
        reason = _WORDS[kind]
        if kind in self.anchors:
            reason += f", {format_instant(self.anchors[kind])}"
        self._assume(
            rows,
            "year",
            f"{len(rows)} stamps without a year are of {span}",
            reason,
            (f"{years[0] - 1} (one year earlier)", "another year, given with anchor=…"),
            Basis.YEAR_INFERRED,
        )

    def _years(
        self, open_rows: list[tuple[int, _Row]], laps: list[int], is_transient: list[bool]
    ) -> tuple[str, dict[int, int]]:
        """What decided, and the year of each lap; no years where nothing decides."""
        full = [(i, r.local) for i, r in enumerate(self.rows) if r and r.local is not None]
        full += [(i, r.stamp.instant) for i, r in enumerate(self.rows) if r and r.stamp.instant is not None]
        kinds = [k for k in _ORDER if k in self.anchors or (k == "stamp in the file" and full)]
        if not kinds:
            return "", {}
        kind = kinds[0]
        stable = [
            (index, row.stamp, lap)
            for (index, row), lap, transient in zip(open_rows, laps, is_transient, strict=True)
            if not transient
        ]
        if kind == "stamp in the file":
            return kind, years_by_neighbours(stable, sorted(full))
        hard = distinct(stable)
        limit = self.anchors[kind] + TOLERANCE
        for with_weekdays in (True, False):
            years = latest_years(hard, limit, partial(self._fits, limit=limit, with_weekdays=with_weekdays))
            if years:
                if not with_weekdays and any(stamp.weekday is not None for stamp, _ in hard):
                    self._issue(
                        "RCA253",
                        Severity.WARNING,
                        "The weekdays written in the stamps fit no year; they were passed over",
                        stable[0][0],
                        "Was the log edited, or the clock wrong?",
                    )
                return kind, years
        return kind, {}

    def _fits(self, stamp: Stamp, year: int, *, limit: int, with_weekdays: bool) -> bool:
        local = wall(stamp, year)
        if local is None:
            return False
        if with_weekdays and stamp.weekday is not None and weekday(local) != stamp.weekday:
            return False
        return self._instant(stamp, local) <= limit

    def _limit(self, kind: str) -> int | None:
        return self.anchors[kind] + TOLERANCE if kind in self.anchors else None

    def _instant(self, stamp: Stamp, local: int) -> int:
        if stamp.offset is not None:
            return local - stamp.offset * SECOND
        return place(local, self.zone).instants[0]

    def _infer_dates(self) -> None:
        open_rows = [(i, r) for i, r in enumerate(self.rows) if r and r.stamp.is_time_only]
        if not open_rows:
            return
        keys = [in_day(row.stamp) for _, row in open_rows]
        laps, _ = count_laps(keys, DAY, look_ahead=_LOOK_AHEAD)
        found = self._base_day(open_rows, keys, laps)
        if found is None:
            self._issue(
                "RCA254",
                Severity.WARNING,
                f"{len(open_rows)} stamps state a time without a date, and nothing says which day it was",
                open_rows[0][0],
                "Give anchor=… (a time that no stamp exceeds).",
            )
            return
        midnight, reason = found
        for (_, row), key, lap in zip(open_rows, keys, laps, strict=True):
            row.local = midnight + lap * DAY + key
        days = laps[-1] - laps[0] + 1
        self._assume(
            [row for _, row in open_rows],
            "date",
            f"{len(open_rows)} stamps without a date begin on {_day_text(midnight + laps[0] * DAY)}, {days} day(s) long",
            reason,
            ("a day earlier or later", "another date, given with anchor=…"),
            Basis.DATE_INFERRED,
        )

    def _base_day(
        self, open_rows: list[tuple[int, _Row]], keys: list[int], laps: list[int]
    ) -> tuple[int, str] | None:
        first_index = open_rows[0][0]
        if self.base is not None:
            return local_day(self.base) - laps[0] * DAY, "the date in the header"
        before = [r.local for r in self.rows[:first_index] if r and r.local is not None]
        if before:
            midnight = local_day(before[-1])
            if keys[0] < before[-1] - midnight - DAY // 2:
                midnight += DAY
            return midnight - laps[0] * DAY, "the dated line before them"
        after = [
            (i, r.local)
            for i, r in enumerate(self.rows)
            if r and r.local is not None and not r.stamp.is_time_only
        ]
        if after:
            at = max(k for k, (i, _) in enumerate(open_rows) if i < after[0][0])
            midnight = local_day(after[0][1])
            if keys[at] > after[0][1] - midnight + DAY // 2:
                midnight -= DAY
            return midnight - laps[at] * DAY, "the dated line after them"
        for kind in _ORDER:
            if kind in self.anchors:
                anchor = self.anchors[kind]
                limit = anchor + offset_at(anchor, self.zone) * SECOND + _CLOCK_TOLERANCE
                latest = max(lap * DAY + key for lap, key in zip(laps, keys, strict=True))
                midnight = local_day(limit - latest)
                return midnight, f"{_WORDS[kind]}, {format_instant(anchor)}"
        return None

    def _infer_folds(self) -> dict[int, int]:
        """For rows in a repeated hour: which of the two instants it was; a row that is missing is undecided."""
        decided: dict[int, int] = {}
        runs: dict[int, list[tuple[int, int]]] = {}
        for index, row in enumerate(self.rows):
            if row is None or row.local is None or row.stamp.offset is not None or row.stamp.abbreviation:
                continue
            spot = place(row.local, self.zone)
            if spot.is_fold:
                runs.setdefault(row.local // DAY, []).append((index, row.local))
        for run in runs.values():
            switch = _backward_step([local for _, local in run])
            if switch is not None:
                for position, (index, _) in enumerate(run):
                    decided[index] = int(position >= switch)
            rows = [row for index, _ in run if (row := self.rows[index]) is not None]
            day = _day_text(run[0][1])
            if switch is None:
                what, why = (
                    f"{len(rows)} stamps of {day} lie in the repeated hour",
                    "no line of the file tells which hour",
                )
                other: tuple[str, ...] = ("the first hour", "the second hour")
            else:
                what = f"{switch} stamps of {day} lie in the first repeated hour, {len(rows) - switch} in the second"
                why, other = "the backward step inside the repeated hour", ("the lines were out of order",)
            self._assume(rows, "fold", what, why, other, Basis.FOLD_INFERRED)
        return decided

    # -- placing ------------------------------------------------------------------------------------------

    def _place(self, folds: dict[int, int]) -> Settled:
        n = len(self.rows)
        out = Settled([None] * n, [None] * n, [None] * n, [None] * n, [Basis.UNDATED] * n, [()] * n)
        gaps: list[_Row] = []
        hints: dict[str, list[int]] = {}
        bounds: dict[tuple[int, Precision, int | None, int | None], tuple[int, int, int] | None] = {}
        for index, row in enumerate(self.rows):
            if row is None:
                continue
            stamp = row.stamp
            out.precision[index] = stamp.precision
            if stamp.abbreviation and row.local is not None:
                placed = self._by_abbreviation(row, index, hints)
            elif stamp.instant is not None:
                width = stamp.width or SECOND
                placed = (stamp.instant, stamp.instant + width, stamp.instant)
            elif row.local is None:
                continue
            else:
                fold = folds.get(index)
                key = (row.local, stamp.precision, stamp.offset, fold if fold is not None else stamp.width)
                if key not in bounds or fold is not None:
                    bounds[key] = self._bounds(stamp, row.local, fold)
                placed = bounds[key]
                if stamp.offset is None and place(row.local, self.zone).is_gap:
                    gaps.append(row)
            if placed is None or not (is_in_range(placed[0]) and is_in_range(placed[1])):
                out.precision[index] = None
                self._issue(
                    "RCA255",
                    Severity.WARNING,
                    f'"{stamp.text}" lies outside the years 1678 to 2261; the row stays undated',
                    index,
                    "The text of the stamp is kept.",
                )
                continue
            out.earliest[index], out.latest[index], out.time[index] = placed
        self._note_gaps(gaps)
        self._note_abbreviations(hints)
        for index, row in enumerate(self.rows):
            if row is not None and out.time[index] is not None:
                out.basis[index] = row.basis
                out.rests_on[index] = tuple(dict.fromkeys(row.reasons))
        out.assumptions = tuple(sorted(self.assumptions.values()))
        out.issues = tuple(self.issues)
        return out

    def _bounds(self, stamp: Stamp, local: int, fold: int | None) -> tuple[int, int, int] | None:
        if stamp.precision in _COARSE:
            if stamp.offset is not None:
                low, high = unit_span(local, stamp.precision, "UTC")
                shift = stamp.offset * SECOND
                return low - shift, high - shift, low - shift
            low, high = unit_span(local, stamp.precision, self.zone)
            return low, high, low
        width = stamp.width or _WIDTHS[stamp.precision]
        if stamp.offset is not None:
            instant = local - stamp.offset * SECOND
            return instant, instant + width, instant
        spot = place(local, self.zone)
        if spot.is_gap:
            assert spot.transition is not None
            return spot.instants[0], spot.instants[1] + width, spot.transition
        if spot.is_fold and fold is None:
            return spot.instants[0], spot.instants[1] + width, spot.instants[0]
        instant = spot.instants[fold or 0]
        return instant, instant + width, instant

    def _by_abbreviation(
        self, row: _Row, index: int, hints: dict[str, list[int]]
    ) -> tuple[int, int, int] | None:
        stamp = row.stamp
        assert row.local is not None
        assert stamp.abbreviation is not None
        readings = possible_zones(stamp.abbreviation)
        width = stamp.width or _WIDTHS.get(stamp.precision, DAY)
        instants = sorted(row.local - _offset_seconds(text) * SECOND for text in readings)
        mine = place(row.local, self.zone)
        hints.setdefault(stamp.abbreviation, []).append(index)
        own = [t for t in mine.instants if t in instants]
        if own and (self.zone_basis is Basis.ZONE_GIVEN or len(own) == len(instants)):
            row.basis = Basis.weakest(row.basis, self.zone_basis)
            return own[0], own[0] + width, own[0]
        row.basis = Basis.weakest(row.basis, Basis.ZONE_ASSUMED)
        if not instants:
            return self._bounds(stamp, row.local, None)
        if self.zone_basis is Basis.ZONE_GIVEN and not _is_utc(self.zone):
            self._issue(
                "RCA256",
                Severity.WARNING,
                f"The stamp says {stamp.abbreviation}, which {self.zone} does not have at that time",
                index,
                "Check the zone that was declared; the stamp's own word was used.",
            )
        return instants[0], instants[-1] + width, instants[0]

    def _note_abbreviations(self, hints: dict[str, list[int]]) -> None:
        for abbreviation, indexes in sorted(hints.items()):
            readings = possible_zones(abbreviation)
            rows = [row for i in indexes if (row := self.rows[i]) is not None]
            self._assume(
                rows,
                "zone",
                f"{len(rows)} stamps say {abbreviation}",
                f"its readings: {', '.join(readings)}"
                if readings
                else f"no reading is known; read as {self.zone}",
                readings or ("another zone, given with zone=…",),
                rows[0].basis if rows else Basis.ZONE_ASSUMED,
            )

    def _note_gaps(self, gaps: list[_Row]) -> None:
        by_day = Counter(_day_text(row.local) for row in gaps if row.local is not None)
        for day, count in sorted(by_day.items()):
            rows = [row for row in gaps if row.local is not None and _day_text(row.local) == day]
            self._assume(
                rows,
                "gap",
                f"{count} stamps of {day} lie in the hour that {self.zone} left out",
                "both readings are kept as bounds; the time is that of the change",
                ("the clock had not been put forward yet", "the zone is another one"),
                Basis.GAP_INFERRED,
            )


_COARSE = {
    Precision.DAY,
    Precision.WEEK,
    Precision.MONTH,
    Precision.QUARTER,
    Precision.YEAR,
    Precision.PART_OF_DAY,
}
_WIDTHS = {
    Precision.NS: 1,
    Precision.US: 1_000,
    Precision.MS: 1_000_000,
    Precision.SECOND: SECOND,
    Precision.MINUTE: 60 * SECOND,
    Precision.HOUR: 3600 * SECOND,
}


def _day_text(local: int) -> str:
    return f"{dt.date(1970, 1, 1) + dt.timedelta(days=local // DAY)}"


def _backward_step(locals_: list[int]) -> int | None:
    """Where the second repeated hour begins: the first lasting step back, not counting a line that is merely late."""
    highest = locals_[0]
    for position in range(1, len(locals_)):
        step = highest - locals_[position]
        if step > 0:
            ahead = locals_[position + 1 : position + 1 + _LOOK_AHEAD]
            is_late = step <= _LATE_LINE and any(local >= highest for local in ahead)
            if not is_late:
                return position
        highest = max(highest, locals_[position])
    return None


def _offset_seconds(text: str) -> int:
    sign = -1 if text[0] == "-" else 1
    return sign * (int(text[1:3]) * 3600 + int(text[4:6]) * 60)


def _is_utc(zone: str) -> bool:
    return zone in ("UTC", "Etc/UTC", "GMT")
