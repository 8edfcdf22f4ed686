"""Moments compare as before, after, overlapping or equal."""

import pytest

from rca.errors import UsageError
from rca.moments import Basis, Moment, Order, Precision, format_instant, parse_instant


def moment(low, high):
    return Moment(low, high, Precision.SECOND, Basis.ZONE_GIVEN)


@pytest.mark.parametrize(
    "one, other, order",
    [
        ((0, 5), (5, 9), Order.BEFORE),
        ((5, 9), (0, 5), Order.AFTER),
        ((0, 6), (5, 9), Order.OVERLAPS),
        ((0, 5), (0, 5), Order.EQUAL),
    ],
)
def test_order(one, other, order):
    assert moment(*one).compare(moment(*other)) is order


def test_surely_and_possibly():
    assert moment(0, 5).surely_before(moment(5, 6))
    assert not moment(0, 6).surely_before(moment(5, 9))
    assert moment(0, 6).possibly_before(moment(5, 9))
    assert not moment(5, 9).possibly_before(moment(0, 2))


def test_there_is_no_less_than():
    with pytest.raises(TypeError):
        _ = moment(0, 1) < moment(2, 3)


def test_an_empty_moment_is_refused():
    with pytest.raises(UsageError, match="half-open"):
        moment(5, 5)


@pytest.mark.parametrize(
    "text", ["2024-11-12T05:30:00", "2024-13-01T00:00:00Z", "noon", "1600-01-01T00:00:00Z"]
)
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(UsageError):
        parse_instant(text)


def test_instants_round_trip_to_the_nanosecond():
    for text in ("2024-11-12T05:30:00Z", "2025-01-01T00:00:00.123456789Z", "1969-12-31T23:59:59.999999999Z"):
        assert format_instant(parse_instant(text)) == text
