"""`MappedTimes`: the times of rows whose columns an investigator's mapping names.

The decision hidden here: what a row's cells mean as a time. An interval given in the table wins over the width of a
precision word; naive times are local to the mapping's zone; a reduced date in the `known` column means the end of that
period, so that rounding never grants hindsight.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rca.errors import Severity
from rca.moments.instants import SECOND, is_in_range
from rca.moments.moment import Basis, Precision
from rca.moments.stamps import Stamp, compile_layout
from rca.moments.units import unit_span
from rca.moments.years import wall
from rca.moments.zones import place
from rca.reading.mapping import TableMapping
from rca.reading.source import Source

__all__ = ["MappedTimes"]

_FINE = {Precision.NS, Precision.US, Precision.MS, Precision.SECOND, Precision.MINUTE}
_REDUCED = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")

Tell = Callable[..., None]


@dataclass(slots=True)
class _Times:
    """The time columns of one row, and what was found wrong with them."""

    earliest: int | None = None
    latest: int | None = None
    time: int | None = None
    end: int | None = None
    precision: Precision | None = None
    basis: Basis = Basis.UNDATED
    text: str = ""
    assumptions: list[str] = field(default_factory=list)
    trouble: str = ""


class MappedTimes:
    """Reads the time columns of rows as a mapping names them; `issue` takes what is wrong with a cell."""

    def __init__(self, source: Source, mapping: TableMapping, issue: Tell) -> None:
        self.source = source
        self.mapping = mapping
        self._issue = issue

    def fill(self, event: dict[str, Any], row: Mapping[str, str], place_: str) -> None:
        """Give the event of a row its time, and the time by which the source knew it."""
        mapping = self.mapping
        self._set_times(event, self._times(row, mapping), mapping, place_)
        text = row.get(mapping.time.text or mapping.time.column, "").strip()
        if text:
            event["time_text"] = text
        known = self._known(row.get(mapping.time.known, ""), place_) if mapping.time.known else None
        if known is not None:
            event["known_time"], event["known_basis"] = known, mapping.time.known_basis

    def _zone(self, mapping: TableMapping) -> tuple[str, Basis]:
        if mapping.zone:
            return mapping.zone, Basis.ZONE_GIVEN
        return self.source.zone, self.source.zone_basis

    def _times(self, row: Mapping[str, str], mapping: TableMapping) -> _Times:
        columns, found = mapping.time, _Times()
        zone, basis = self._zone(mapping)
        word = row.get(columns.precision, "").strip().casefold() if columns.precision else ""
        if word:
            try:
                found.precision = Precision(word)
            except ValueError:
                found.trouble = f'"{word}" is no precision'
                return found
        main = self._stamp(row.get(columns.column, ""), columns.layouts)
        low = self._stamp(row.get(columns.earliest, ""), columns.layouts)
        high = self._stamp(row.get(columns.latest, ""), columns.layouts)
        for name, stamp in ((columns.column, main), (columns.earliest, low), (columns.latest, high)):
            if name and row.get(name, "").strip() and stamp is None:
                found.trouble = f'"{row[name].strip()}" in {name} is no date'
                return found
        if low is not None and high is not None:
            found.earliest, found.latest = self._point(low, zone), self._point(high, zone)
            found.basis = self._basis(low, basis)
            if found.precision is None:
                found.precision = main.precision if main else low.precision
        elif main is not None or low is not None:
            stamp = main or low
            assert stamp is not None
            found.precision = found.precision or stamp.precision
            found.earliest, found.latest, found.basis = self._unit(stamp, found.precision, zone, basis)
        else:
            return found
        if found.earliest is None or found.latest is None or found.latest <= found.earliest:
            found.trouble = "the interval ends before it begins"
            return found
        found.time = found.earliest
        if main is not None and main.precision in _FINE and found.precision in (*_FINE, Precision.HOUR):
            point = self._point(main, zone)
            if point is not None and found.earliest <= point < found.latest:
                found.time = point
        if columns.end and row.get(columns.end, "").strip():
            end = self._stamp(row[columns.end], columns.layouts)
            found.end = self._point(end, zone) if end else None
        if found.basis is Basis.ZONE_ASSUMED:
            found.assumptions.append(
                self.source.assume(
                    "zone",
                    f"dates without an offset are read as {zone}",
                    rests_on="nobody stated the zone of this table",
                    alternatives=('another zone, given with zone = "…" in the mapping',),
                )
            )
        return found

    def _stamp(self, text: str, layouts: Sequence[str]) -> Stamp | None:
        text = text.strip()
        if not text:
            return None
        for name in layouts:
            stamp = compile_layout(name).parse(text)
            if stamp is not None and (stamp.year is not None or stamp.instant is not None):
                return stamp
        return None

    def _point(self, stamp: Stamp, zone: str) -> int | None:
        """The instant at which the stamp begins."""
        if stamp.instant is not None:
            return stamp.instant
        local = _wall(stamp)
        if stamp.offset is not None:
            return local - stamp.offset * SECOND
        spot = place(local, zone)
        return spot.transition if spot.is_gap else spot.instants[0]

    def _unit(
        self, stamp: Stamp, precision: Precision, zone: str, basis: Basis
    ) -> tuple[int | None, int | None, Basis]:
        if stamp.instant is not None or stamp.offset is not None:
            start = self._point(stamp, zone)
            low, high = unit_span(_wall(stamp) if stamp.instant is None else stamp.instant, precision, "UTC")
            if stamp.instant is None and stamp.offset is not None:
                low, high = low - stamp.offset * SECOND, high - stamp.offset * SECOND
            assert start is not None
            return low, high, Basis.OFFSET_STATED
        local = _wall(stamp)
        spot = place(local, zone)
        if precision in _FINE and (spot.is_fold or spot.is_gap):
            width = unit_span(local, precision, "UTC")
            inferred = Basis.FOLD_INFERRED if spot.is_fold else Basis.GAP_INFERRED
            return spot.instants[0], spot.instants[1] + width[1] - width[0], Basis.weakest(basis, inferred)
        low, high = unit_span(local, precision, zone)
        return low, high, basis

    def _basis(self, stamp: Stamp, basis: Basis) -> Basis:
        return Basis.OFFSET_STATED if stamp.offset is not None or stamp.instant is not None else basis

    def _set_times(self, event: dict[str, Any], times: _Times, mapping: TableMapping, place_: str) -> None:
        given = [
            event_range
            for event_range in (times.earliest, times.latest, times.time)
            if event_range is not None
        ]
        if not times.trouble and given and not all(is_in_range(instant) for instant in given):
            times.trouble = "the date lies outside the years 1678 to 2261"
        event["time_kind"] = event.get("time_kind") or mapping.time_kind
        if times.trouble or times.time is None:
            event["time_basis"] = Basis.UNDATED.value
            event.pop("time_kind", None)
            if times.trouble:
                self._issue(
                    "RCA158",
                    Severity.WARNING,
                    f"The row stays undated: {times.trouble}",
                    place=place_,
                    hint="Correct the cell, or the layouts in the mapping.",
                )
        else:
            event["time"], event["time_earliest"], event["time_latest"] = (
                times.time,
                times.earliest,
                times.latest,
            )
            event["time_end"] = times.end
            event["time_precision"] = times.precision.value if times.precision else None
            event["time_basis"] = times.basis.value
            event["assumptions"] = times.assumptions or None

    def _known(self, text: str, place_: str) -> int | None:
        text = text.strip()
        if not text:
            return None
        mapping = self.mapping
        zone, _ = self._zone(mapping)
        found = _REDUCED.fullmatch(text)
        if found:
            precision = Precision.DAY if found[3] else Precision.MONTH if found[2] else Precision.YEAR
            stamp = compile_layout("%Y-%m-%d").parse(f"{found[1]}-{found[2] or '01'}-{found[3] or '01'}")
            if stamp is not None:
                return unit_span(_wall(stamp), precision, zone)[1]
        stamp = self._stamp(text, mapping.time.layouts)
        if stamp is not None:
            return self._unit(stamp, stamp.precision, zone, Basis.ZONE_GIVEN)[1]
        self._issue(
            "RCA159",
            Severity.WARNING,
            f'"{text}" is no date from which the source knew',
            place=place_,
            hint="Write YYYY, YYYY-MM or YYYY-MM-DD.",
        )
        return None


def _wall(stamp: Stamp) -> int:
    """The wall clock of a stamp that states its year."""
    assert stamp.year is not None
    local = wall(stamp, stamp.year)
    assert local is not None
    return local
