"""A wall-clock time means no instant, one, or two; the truth is the IANA rules as laws state them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.errors import UsageError
from rca.moments import check_zone, place, possible_zones
from rca.moments.instants import SECOND, from_datetime
from rca.moments.units import to_local
from rca.moments.zones import local_time

UTC = dt.UTC


def wall(*parts):
    return to_local(dt.datetime(*parts))


def utc(*parts):
    return from_datetime(dt.datetime(*parts, tzinfo=UTC))


def test_the_hour_that_stockholm_has_twice_has_two_instants():
    spot = place(wall(2024, 10, 27, 2, 30), "Europe/Stockholm")
    assert spot.is_fold
    assert spot.instants == (utc(2024, 10, 27, 0, 30), utc(2024, 10, 27, 1, 30))


def test_the_hour_that_stockholm_leaves_out_has_two_readings_and_the_moment_of_the_change():
    spot = place(wall(2024, 3, 31, 2, 30), "Europe/Stockholm")
    assert spot.is_gap
    assert not spot.is_fold
    assert spot.transition == utc(2024, 3, 31, 1, 0)
    assert spot.instants == (utc(2024, 3, 31, 0, 30), utc(2024, 3, 31, 1, 30))


def test_kathmandu_is_five_hours_and_three_quarters_ahead():
    assert place(wall(2024, 1, 1, 5, 45), "Asia/Kathmandu").instants == (utc(2024, 1, 1),)


def test_lord_howe_turns_back_by_half_an_hour():
    spot = place(wall(2024, 4, 7, 1, 45), "Australia/Lord_Howe")
    assert spot.is_fold
    assert spot.instants[1] - spot.instants[0] == 1800 * SECOND


ZONES = (
    "Europe/Stockholm",
    "America/Los_Angeles",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "UTC",
    "America/Sao_Paulo",
)


@settings(max_examples=300, deadline=None)
@given(st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2036, 12, 31)), st.sampled_from(ZONES))
def test_placing_agrees_with_zoneinfo_everywhere(moment, zone):
    instant = from_datetime(moment.replace(tzinfo=UTC))
    spot = place(local_time(instant, zone), zone)
    assert instant in spot.instants
    both = {from_datetime(moment.replace(tzinfo=ZoneInfo(zone), fold=f)) for f in (0, 1)}
    assert set(place(to_local(moment), zone).instants) == both


def test_an_unknown_zone_gets_the_closest_and_an_abbreviation_its_readings():
    assert check_zone("Europe/Stockholm") == "Europe/Stockholm"
    with pytest.raises(UsageError, match='Did you mean "Europe/Stockholm"'):
        check_zone("Europe/Stokholm")
    with pytest.raises(UsageError, match=r"\+01:00"):
        check_zone("CET")
    with pytest.raises(UsageError, match="no zone"):
        check_zone("../etc/passwd")
    assert len(possible_zones("IST")) == 3
