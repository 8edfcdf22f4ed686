"""`Moment`: what the evidence allows a time to be, and the closed vocabularies of time.

The decision hidden here: a time is a half-open interval of UTC nanoseconds with a reason, and two times compare as
before, after, overlapping or equal, never as a silent bool.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rca.errors import UsageError

__all__ = ["Basis", "Moment", "Order", "Precision", "TimeKind"]


class Precision(StrEnum):
    """How fine a time is written, finest first. A stamp of precision p spans one unit of p."""

    NS = "ns"
    US = "us"
    MS = "ms"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    PART_OF_DAY = "part_of_day"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Basis(StrEnum):
    """Why a time is believed, strongest first. Where several apply, a row states the weakest."""

    OFFSET_STATED = "offset_stated"
    ZONE_GIVEN = "zone_given"
    ZONE_ASSUMED = "zone_assumed"
    YEAR_INFERRED = "year_inferred"
    DATE_INFERRED = "date_inferred"
    FOLD_INFERRED = "fold_inferred"
    GAP_INFERRED = "gap_inferred"
    RELATIVE = "relative"
    INTERPOLATED = "interpolated"
    UNDATED = "undated"

    @staticmethod
    def weakest(*bases: Basis) -> Basis:
        """The weakest of the bases that apply.

        >>> Basis.weakest(Basis.ZONE_GIVEN, Basis.YEAR_INFERRED)
        <Basis.YEAR_INFERRED: 'year_inferred'>
        """
        return max(bases, key=_STRENGTH.__getitem__)


_STRENGTH = {basis: rank for rank, basis in enumerate(Basis)}


class TimeKind(StrEnum):
    """What a time means."""

    OCCURRED = "occurred"
    RECORDED = "recorded"
    SENT = "sent"
    SAID = "said"
    STARTED = "started"
    ENDED = "ended"
    SCHEDULED = "scheduled"
    DUE = "due"
    REPORTED = "reported"
    MODIFIED = "modified"


class Order(StrEnum):
    """How one moment lies to another. EQUAL: the same bounds."""

    BEFORE = "before"
    AFTER = "after"
    OVERLAPS = "overlaps"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as the evidence allows it: the half-open interval [`earliest`, `latest`) in UTC nanoseconds since 1970.

    There is no `<`: ask `compare`, `surely_before` or `possibly_before`.

    >>> morning = Moment(0, 6 * 3600 * 10**9, Precision.PART_OF_DAY, Basis.ZONE_GIVEN, "morning")
    >>> noon = Moment(6 * 3600 * 10**9, 6 * 3600 * 10**9 + 10**9, Precision.SECOND, Basis.ZONE_GIVEN, "06:00:00")
    >>> morning.compare(noon)
    <Order.BEFORE: 'before'>
    """

    earliest: int
    latest: int
    precision: Precision
    basis: Basis
    text: str = ""
    zone: str | None = None
    kind: TimeKind = TimeKind.OCCURRED

    def __post_init__(self) -> None:
        if self.latest <= self.earliest:
            raise UsageError(
                f"A moment ends after it begins, not {self.latest} <= {self.earliest}",
                hint="Bounds are half-open: latest is the first nanosecond that is no longer possible.",
            )

    def compare(self, other: Moment) -> Order:
        """BEFORE or AFTER when every reading of the evidence says so, else OVERLAPS, or EQUAL for the same bounds."""
        if (self.earliest, self.latest) == (other.earliest, other.latest):
            return Order.EQUAL
        if self.latest <= other.earliest:
            return Order.BEFORE
        if other.latest <= self.earliest:
            return Order.AFTER
        return Order.OVERLAPS

    def surely_before(self, other: Moment) -> bool:
        """Whether this moment precedes `other` under every reading of the evidence."""
        return self.latest <= other.earliest

    def possibly_before(self, other: Moment) -> bool:
        """Whether this moment precedes `other` under some reading of the evidence."""
        return self.earliest < other.latest - 1
