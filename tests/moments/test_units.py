"""Units of the calendar last as long as they last in the zone."""

import datetime as dt

import pytest

from rca.moments import PartOfDay, Precision, part_span, unit_span
from rca.moments.instants import SECOND, from_datetime
from rca.moments.units import to_local

HOUR = 3600 * SECOND


def span(precision, *parts, zone="Europe/Stockholm"):
    return unit_span(to_local(dt.datetime(*parts)), precision, zone)


@pytest.mark.parametrize("day, hours", [((2024, 3, 31), 23), ((2024, 10, 27), 25), ((2024, 11, 12), 24)])
def test_a_day_is_the_local_day(day, hours):
    low, high = span(Precision.DAY, *day)
    assert (high - low) // HOUR == hours


@pytest.mark.parametrize(
    "precision, first, after",
    [
        (Precision.WEEK, (2024, 11, 11), (2024, 11, 18)),
        (Precision.MONTH, (2024, 11, 1), (2024, 12, 1)),
        (Precision.QUARTER, (2024, 10, 1), (2025, 1, 1)),
        (Precision.YEAR, (2024, 1, 1), (2025, 1, 1)),
        (Precision.DAY, (2024, 11, 12), (2024, 11, 13)),
    ],
)
def test_a_unit_reaches_from_its_first_midnight_to_the_next(precision, first, after):
    low, high = span(precision, 2024, 11, 12, 5, 30, zone="UTC")
    assert low == from_datetime(dt.datetime(*first, tzinfo=dt.UTC))
    assert high == from_datetime(dt.datetime(*after, tzinfo=dt.UTC))


def test_a_minute_is_sixty_seconds_and_a_nanosecond_is_one():
    low, high = span(Precision.MINUTE, 2024, 11, 12, 5, 30)
    assert high - low == 60 * SECOND
    assert low == from_datetime(dt.datetime(2024, 11, 12, 4, 30, tzinfo=dt.UTC))
    low, high = unit_span(5, Precision.NS, "UTC")
    assert (low, high) == (5, 6)


def test_a_morning_is_six_to_noon_also_when_the_clocks_change():
    low, high = part_span(to_local(dt.datetime(2024, 10, 27)), PartOfDay.MORNING, "Europe/Stockholm")
    assert (high - low) // HOUR == 6
    low, high = part_span(to_local(dt.datetime(2024, 10, 27)), PartOfDay.NIGHT, "Europe/Stockholm")
    assert (high - low) // HOUR == 7
