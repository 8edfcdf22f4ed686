"""A whole stream is dated at once; the expected times are worked out by hand from the calendar."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.moments import Anchor, Basis, Precision, compile_layout, parse_instant, settle
from rca.moments.instants import format_instant
from rca.moments.laps import count_laps

SYSLOG = compile_layout("%b %e %H:%M:%S")
ISO = compile_layout("iso")


def run(lines, *, zone="UTC", anchor=None, layout=SYSLOG, basis=Basis.ZONE_GIVEN, kind="modified"):
    anchors = [Anchor(parse_instant(anchor), kind)] if anchor else []
    stamps = [None if line is None else layout.parse(line) for line in lines]
    return settle(stamps, zone=zone, zone_basis=basis, anchors=anchors)


def times(settled):
    return [None if t is None else format_instant(t)[:-1] for t in settled.time]


def test_stamps_may_not_be_later_than_the_last_write():
    settled = run(["Nov 20 10:00:00", "Nov 21 10:00:00"], anchor="2026-03-01T00:00:00Z")
    assert times(settled) == ["2025-11-20T10:00:00", "2025-11-21T10:00:00"]
    assert settled.basis[0] is Basis.YEAR_INFERRED
    assert [a.kind for a in settled.assumptions] == ["year"]
    assert settled.rests_on[0] == (settled.assumptions[0].id,)


def test_a_new_year_with_a_late_line():
    lines = ["Dec 31 23:59:58", "Jan  1 00:00:01", "Dec 31 23:59:59", "Jan  1 00:00:02", "Jan  2 00:00:00"]
    assert times(run(lines, anchor="2025-01-02T00:00:05Z")) == [
        "2024-12-31T23:59:58", "2025-01-01T00:00:01", "2024-12-31T23:59:59", "2025-01-01T00:00:02", "2025-01-02T00:00:00",
    ]  # fmt: skip


def test_a_leap_day_forces_a_leap_year():
    lines = ["Feb 28 23:00:00", "Feb 29 00:00:01", "Mar  1 00:00:00"]
    assert times(run(lines, anchor="2027-06-01T00:00:00Z"))[1] == "2024-02-29T00:00:01"


def test_a_weekday_decides_between_years():
    layout = compile_layout("%a %b %e %H:%M:%S")
    settled = run(["Tue Nov 12 05:30:00"], anchor="2026-12-31T00:00:00Z", layout=layout)
    assert times(settled) == ["2024-11-12T05:30:00"]  # 2025: Wednesday, 2026: Thursday


def test_a_quiet_log_may_jump_forward_by_most_of_a_year():
    lines = ["Jan  5 10:00:00", "Nov 20 10:00:00", "Nov 21 10:00:00", "Nov 22 10:00:00"]
    assert times(run(lines, anchor="2025-11-23T00:00:00Z"))[0] == "2025-01-05T10:00:00"


def test_several_rollovers():
    lines = ["Jul  1 00:00:00", "Jan  1 00:00:00", "Jul  1 00:00:00", "Jan  1 00:00:00"]
    years = [t[:4] for t in times(run(lines, anchor="2025-01-01T12:00:00Z"))]
    assert years == ["2023", "2024", "2024", "2025"]


def test_without_an_anchor_no_year_is_invented():
    settled = run(["Nov 20 10:00:00"])
    assert times(settled) == [None]
    assert settled.basis == [Basis.UNDATED]
    assert [i.code for i in settled.issues] == ["RCA251"]


def test_an_option_outranks_the_last_write():
    stamps = [SYSLOG.parse("Nov 20 10:00:00")]
    anchors = [
        Anchor(parse_instant("2026-12-01T00:00:00Z"), "modified"),
        Anchor(parse_instant("2021-12-01T00:00:00Z"), "option"),
    ]
    settled = settle(stamps, zone="UTC", zone_basis=Basis.ZONE_GIVEN, anchors=anchors)
    assert times(settled) == ["2021-11-20T10:00:00"]


def test_full_stamps_of_the_file_outrank_the_last_write():
    stamps = [
        SYSLOG.parse("Dec 31 23:00:00"),
        ISO.parse("2019-12-31 23:30:00"),
        SYSLOG.parse("Jan  1 00:10:00"),
    ]
    settled = settle(
        stamps,
        zone="UTC",
        zone_basis=Basis.ZONE_GIVEN,
        anchors=[Anchor(parse_instant("2026-01-01T00:00:00Z"), "modified")],
    )
    assert times(settled) == ["2019-12-31T23:00:00", "2019-12-31T23:30:00", "2020-01-01T00:10:00"]


def test_the_repeated_hour_is_told_apart_by_the_backward_step():
    lines = ["2024-10-27 02:10:00", "2024-10-27 02:50:00", "2024-10-27 02:05:00", "2024-10-27 03:00:00"]
    settled = run(lines, zone="Europe/Stockholm", layout=ISO)
    assert times(settled) == [
        "2024-10-27T00:10:00",
        "2024-10-27T00:50:00",
        "2024-10-27T01:05:00",
        "2024-10-27T02:00:00",
    ]
    assert settled.basis[:3] == [Basis.FOLD_INFERRED] * 3


def test_an_undecided_repeated_hour_keeps_both_readings_as_bounds():
    settled = run(["2024-10-27 02:10:00", "2024-10-27 02:20:00"], zone="Europe/Stockholm", layout=ISO)
    assert format_instant(settled.earliest[0]) == "2024-10-27T00:10:00Z"
    assert format_instant(settled.latest[0]) == "2024-10-27T01:10:01Z"
    assert settled.basis[0] is Basis.FOLD_INFERRED


def test_a_line_that_is_two_seconds_late_is_no_second_hour():
    lines = ["2024-10-27 02:10:05", "2024-10-27 02:10:03", "2024-10-27 02:10:06"]
    settled = run(lines, zone="Europe/Stockholm", layout=ISO)
    assert settled.assumptions[0].alternatives == ("the first hour", "the second hour")


def test_a_missing_hour_takes_the_moment_of_the_change():
    settled = run(["2024-03-31 02:30:00"], zone="Europe/Stockholm", layout=ISO)
    assert times(settled) == ["2024-03-31T01:00:00"]
    assert settled.basis == [Basis.GAP_INFERRED]


def test_an_offset_needs_no_zone_and_no_assumption():
    settled = run(["2024-10-27T02:10:00+01:00"], layout=ISO, basis=Basis.ZONE_ASSUMED)
    assert times(settled) == ["2024-10-27T01:10:00"]
    assert settled.basis == [Basis.OFFSET_STATED]
    assert settled.assumptions == ()


def test_an_assumed_zone_is_on_record():
    settled = run(["2024-11-12 05:30:00"], layout=ISO, basis=Basis.ZONE_ASSUMED)
    assert settled.basis == [Basis.ZONE_ASSUMED]
    assert "UTC" in settled.assumptions[0].what


def test_times_without_a_date_roll_over_midnight():
    layout = compile_layout("%H:%M:%S")
    settled = run(["23:59:00", "00:01:00", "00:02:00"], anchor="2024-11-13T00:02:30Z", layout=layout)
    assert times(settled) == ["2024-11-12T23:59:00", "2024-11-13T00:01:00", "2024-11-13T00:02:00"]
    assert settled.basis == [Basis.DATE_INFERRED] * 3


def test_a_year_that_nanoseconds_cannot_hold_stays_undated():
    settled = run(["9999-12-31 00:00:00", "1066-10-14 09:00:00"], layout=ISO)
    assert times(settled) == [None, None]
    assert {i.code for i in settled.issues} == {"RCA255"}


def test_a_zone_abbreviation_is_never_silently_mapped():
    layout = compile_layout("%a, %d %b %Y %H:%M:%S %Z")
    ours = run(["Tue, 12 Nov 2024 05:30:00 CET"], zone="Europe/Stockholm", layout=layout)
    assert times(ours) == ["2024-11-12T04:30:00"]
    many = run(["Tue, 12 Nov 2024 05:30:00 IST"], layout=layout, basis=Basis.ZONE_ASSUMED)
    assert format_instant(many.earliest[0]) == "2024-11-12T00:00:00Z"  # +05:30
    assert format_instant(many.latest[0]) == "2024-11-12T04:30:01Z"  # +01:00
    assert many.assumptions[0].alternatives[0].startswith("+05:30")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.datetimes(dt.datetime(2023, 1, 1), dt.datetime(2024, 12, 31)), min_size=1, max_size=30))
def test_no_stamp_is_dated_later_than_the_anchor_and_a_day(moments):
    anchor = parse_instant("2025-01-01T00:00:00Z")
    lines = [f"{m:%b} {m.day:2d} {m:%H:%M:%S}" for m in moments]
    settled = run(lines, anchor="2025-01-01T00:00:00Z")
    for time, line in zip(settled.time, lines, strict=True):
        assert time is not None
        assert time <= anchor + 25 * 3600 * 10**9
        shown = dt.datetime.fromtimestamp(time / 1e9, dt.UTC)
        assert f"{shown:%b} {shown.day:2d}" == line[:6]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 86_400 * 1200), min_size=2, max_size=60).map(sorted))
def test_an_ordered_log_without_half_year_silences_gets_its_years_back(seconds):
    begin = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
    steps = [min(b - a, 150 * 86_400) for a, b in zip(seconds, seconds[1:], strict=False)]
    moments = [begin]
    for step in steps:
        moments.append(moments[-1] + dt.timedelta(seconds=step))
    lines = [f"{m:%b} {m.day:2d} {m:%H:%M:%S}" for m in moments]
    settled = run(lines, anchor=f"{moments[-1]:%Y-%m-%dT%H:%M:%SZ}")
    assert times(settled) == [f"{m:%Y-%m-%dT%H:%M:%S}" for m in moments]


def test_laps_by_hand():
    laps, is_late = count_laps([1, 5, 11, 0, 4], 12)
    assert (laps.tolist(), is_late.tolist()) == ([0, 0, 0, 1, 1], [False] * 5)
    assert len(count_laps([], 12)[0]) == 0


def test_precision_survives_as_written():
    settled = run(["2024-11-12 05:30", "2024-11-12", "2024-11-12 05:30:00.5"], layout=ISO)
    assert settled.precision == [Precision.MINUTE, Precision.DAY, Precision.MS]
    widths = [(hi - lo) for lo, hi in zip(settled.earliest, settled.latest, strict=True)]
    assert widths == [60 * 10**9, 86_400 * 10**9, 10**8]


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "Asia/Kathmandu"])
def test_settling_twice_gives_the_same(zone):
    lines = ["Oct 27 02:10:00", None, "Oct 27 02:50:00", "Oct 27 02:05:00"]
    one = run(lines, zone=zone, anchor="2024-10-28T00:00:00Z")
    two = run(lines, zone=zone, anchor="2024-10-28T00:00:00Z")
    assert (one.time, one.basis, one.rests_on) == (two.time, two.basis, two.rests_on)
    assert one.time[1] is None
