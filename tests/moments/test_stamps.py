"""A layout reads what a stamp says, no more; an impossible date is no stamp."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.errors import FormatError
from rca.moments import Precision, compile_layout


def parts(layout, text):
    s = compile_layout(layout).parse(text)
    return (
        None
        if s is None
        else (s.year, s.month, s.day, s.hour, s.minute, s.second, s.ns, s.offset, s.precision)
    )


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2024-11-12", (2024, 11, 12, 0, 0, 0, 0, None, Precision.DAY)),
        ("2024-11-12T05:30Z", (2024, 11, 12, 5, 30, 0, 0, 0, Precision.MINUTE)),
        ("2024-11-12 05:30:00,004", (2024, 11, 12, 5, 30, 0, 4_000_000, None, Precision.MS)),
        ("2024-11-12T05:30:00.123456789+01:00", (2024, 11, 12, 5, 30, 0, 123456789, 3600, Precision.NS)),
        ("2024-11-12T05:30:00-0730", (2024, 11, 12, 5, 30, 0, 0, -27000, Precision.SECOND)),
        ("20241112T053000Z", (2024, 11, 12, 5, 30, 0, 0, 0, Precision.SECOND)),
        ("2016-12-31T23:59:60Z", (2016, 12, 31, 23, 59, 60, 0, 0, Precision.SECOND)),
        ("2024-02-30", None),
        ("2024-11-12T25:00:00Z", None),
        ("2023-02-29", None),
        ("yesterday", None),
    ],
)
def test_iso_stamps(text, expected):
    assert parts("iso", text) == expected


@pytest.mark.parametrize(
    "layout, text, expected",
    [
        ("%b %e %H:%M:%S", "Nov  3 01:24:56", (None, 11, 3, 1, 24, 56, 0, None, Precision.SECOND)),
        ("%b %e %H:%M:%S", "Feb 29 00:00:01", (None, 2, 29, 0, 0, 1, 0, None, Precision.SECOND)),
        ("%b %e %H:%M:%S", "Feb 30 00:00:01", None),
        (
            "%d/%b/%Y:%H:%M:%S %z",
            "12/Nov/2024:05:30:01 +0100",
            (2024, 11, 12, 5, 30, 1, 0, 3600, Precision.SECOND),
        ),
        ("%d %B %Y", "3 maj 2024", (2024, 5, 3, 0, 0, 0, 0, None, Precision.DAY)),
        ("%Y-%j", "2024-366", (2024, 12, 31, 0, 0, 0, 0, None, Precision.DAY)),
        ("%Y-%j", "2023-366", None),
        ("%m/%d/%Y %I:%M %p", "11/12/2024 12:05 AM", (2024, 11, 12, 0, 5, 0, 0, None, Precision.MINUTE)),
        ("%a %b %e %H:%M:%S %Y", "Mon Nov 12 05:30:00 2024", None),  # it was a Tuesday
        ("%H:%M:%S.%f", "05:30:00.25", (None, None, None, 5, 30, 0, 250_000_000, None, Precision.MS)),
    ],
)
def test_layouts(layout, text, expected):
    assert parts(layout, text) == expected


@pytest.mark.parametrize(
    "layout, text, instant",
    [
        ("epoch:s", "1731385800", 1_731_385_800 * 10**9),
        ("epoch:s", "1731385800.25", 1_731_385_800_250_000_000),
        ("epoch:ms", "1731385800250", 1_731_385_800_250_000_000),
        ("epoch:ns", "1731385800123456789", 1_731_385_800_123_456_789),
        ("epoch:s", "-1", -(10**9)),
    ],
)
def test_counts_since_1970(layout, text, instant):
    assert compile_layout(layout).parse(text).instant == instant


def test_an_unknown_directive_is_named():
    with pytest.raises(FormatError, match='"%Q"'):
        compile_layout("%Y %Q")
    with pytest.raises(FormatError, match="fortnight"):
        compile_layout("epoch:fortnight")


def test_a_cet_stamp_keeps_its_word_and_gets_no_offset():
    stamp = compile_layout("%a, %d %b %Y %H:%M:%S %Z").parse("Tue, 12 Nov 2024 05:30:00 CET")
    assert (stamp.offset, stamp.abbreviation) == (None, "CET")


@given(st.text(max_size=40))
def test_no_text_makes_a_layout_raise(text):
    for layout in ("iso", "%b %e %H:%M:%S", "%d/%b/%Y:%H:%M:%S %z", "epoch:s", "%Y-%j"):
        compile_layout(layout).parse(text)
