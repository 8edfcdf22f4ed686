"""WHEN: moments with bounds and reasons, zones, stamps, and the settling of what a stamp leaves open."""

from rca.moments.instants import format_instant, parse_instant
from rca.moments.moment import Basis, Moment, Order, Precision, TimeKind
from rca.moments.settling import Anchor, Settled, settle
from rca.moments.spoken import find_dates, spoken_date, spoken_span
from rca.moments.stamps import Layout, Stamp, compile_layout
from rca.moments.units import PartOfDay, part_span, unit_span
from rca.moments.zones import Placement, check_zone, place, possible_zones

__all__ = [
    "Anchor",
    "Basis",
    "Layout",
    "Moment",
    "Order",
    "PartOfDay",
    "Placement",
    "Precision",
    "Settled",
    "Stamp",
    "TimeKind",
    "check_zone",
    "compile_layout",
    "find_dates",
    "format_instant",
    "parse_instant",
    "part_span",
    "place",
    "possible_zones",
    "settle",
    "spoken_date",
    "spoken_span",
    "unit_span",
]
