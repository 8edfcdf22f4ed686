"""Questions about uncertain time, held against a plain way of answering them."""

import datetime as dt

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.errors import UsageError
from rca.events import from_arrow
from rca.events.batches import batch
from rca.timeline import Timeline, row_in_words
from rca.timeline.windows import parse_duration, parse_when

SECOND = 10**9


def event(n, low, high, **more):
    return {
        "event_id": f"{n:024x}", "time": low, "time_earliest": low, "time_latest": high, "time_precision": "second",
        "time_basis": "zone_given", "exhibit": "E1", "locator": f"L{n}", "byte_start": n, "message": f"event {n}",
        "kind": "log.line", **more,
    }  # fmt: skip


def timeline(rows, zone="UTC"):
    return Timeline(pl.from_arrow(batch(rows)).lazy(), zone=zone)


def ids(tl):
    return list(tl.frame["locator"])


INTERVALS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=25)
WINDOW = st.tuples(st.integers(0, 60), st.integers(1, 40)).map(
    lambda w: (w[0] * SECOND, (w[0] + w[1]) * SECOND)
)


def rows_of(intervals):
    return [
        event(n, low * SECOND, (low + width) * SECOND) for n, (low, width) in enumerate(intervals, start=1)
    ]


@settings(max_examples=80, deadline=None)
@given(INTERVALS, WINDOW)
def test_between_keeps_what_possibly_and_what_surely_happened(intervals, window):
    rows, (low, high) = rows_of(intervals), window
    tl = timeline(rows)
    possibly = {r["locator"] for r in rows if r["time_earliest"] < high and r["time_latest"] > low}
    surely = {r["locator"] for r in rows if r["time_earliest"] >= low and r["time_latest"] <= high}
    assert set(ids(tl.between(low, high))) == possibly
    assert set(ids(tl.between(low, high, surely=True))) == surely


@settings(max_examples=60, deadline=None)
@given(INTERVALS, WINDOW, WINDOW)
def test_chained_windows_keep_what_meets_each_in_any_order(intervals, one, two):
    tl = timeline(rows_of(intervals))
    there = set(ids(tl.between(*one).between(*two)))
    assert there == set(ids(tl.between(*two).between(*one)))
    assert there == set(ids(tl.between(*one))) & set(ids(tl.between(*two)))


@settings(max_examples=80, deadline=None)
@given(INTERVALS, st.integers(1, 10))
def test_gaps_are_what_no_interval_touches(intervals, least):
    gaps = timeline(rows_of(intervals)).gaps(least * SECOND)
    covered = {s for low, width in intervals for s in range(low, low + width)}
    expected, run = [], 0
    if covered:
        for second in range(min(covered), max(covered) + 1):
            if second in covered:
                if run >= least:
                    expected.append((second - run, second))
                run = 0
            else:
                run += 1
    assert [(int(g.start.timestamp()), int(g.end.timestamp())) for g in gaps.itertuples()] == expected


def test_undated_events_are_left_out_of_windows_and_counted():
    rows = [event(1, 0, SECOND), {"event_id": "f" * 24, "exhibit": "E1", "locator": "L2", "message": "lost"}]
    tl = timeline(rows)
    assert "1 undated" in repr(tl)
    assert (
        repr(tl.between(0, 10 * SECOND))
        == "Timeline(1970-01-01 00:00 … 00:00, 1 events, 1 sources, 1 undated left out, 0 assumptions, 0 unparsed)"
    )


def test_naive_bounds_are_local_to_the_zone():
    tl = timeline([event(1, 0, SECOND)], zone="Europe/Stockholm")
    assert tl.between("1970-01-01 01:00", "1970-01-01 02:00").count() == 1
    assert tl.between("1970-01-01 00:00", "1970-01-01 01:00").count() == 0
    assert tl.between("1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z").count() == 1
    assert tl.between(dt.datetime(1970, 1, 1, 1), pd.Timestamp("1970-01-01T01:00Z")).count() == 1


def test_conditions():
    rows = [
        event(1, 0, SECOND, severity=17, message="Disk FULL", kind="fact.warning", refs=["A-1"]),
        event(2, SECOND, 2 * SECOND, severity=9, message="fine", kind="factory"),
        event(3, 2 * SECOND, 3 * SECOND, message="none", kind="fact"),
    ]
    tl = timeline(rows)
    assert ids(tl.where(severity=">=error")) == ["L1"]
    assert ids(tl.where(severity="info")) == ["L2"]
    assert ids(tl.where(text="disk full")) == ["L1"]
    assert ids(tl.where(kind="fact")) == ["L1", "L3"]
    assert ids(tl.where(kind=["factory", "fact.warning"])) == ["L1", "L2"]
    assert ids(tl.where(refs="A-1")) == ["L1"]
    assert ids(tl.where(pl.col("message") == "fine")) == ["L2"]
    assert tl.where().count() == 3


def test_wrong_questions_get_advice():
    tl = timeline([event(1, 0, SECOND)])
    with pytest.raises(UsageError, match='Did you mean "severity"'):
        tl.where(severty="error")
    with pytest.raises(UsageError, match="severity"):
        tl.where(severity=">=errr")
    with pytest.raises(UsageError, match="2024-11-12 04:00"):
        tl.between("noon", "2024-11-12")
    with pytest.raises(UsageError, match="ends before"):
        tl.between("2024-11-13", "2024-11-12")
    with pytest.raises(UsageError, match="10min"):
        tl.gaps("ten minutes")
    with pytest.raises(UsageError, match="no event"):
        tl.around("E1:L99")
    with pytest.raises(UsageError, match="no event"):
        tl.cite(5)


def test_around_and_cite():
    tl = timeline([event(n, n * 60 * SECOND, n * 60 * SECOND + SECOND) for n in range(1, 10)])
    assert ids(tl.around("E1:L5", "1min")) == ["L4", "L5", "L6"]
    assert ids(tl.around(f"{5:024x}", "1min")) == ["L4", "L5", "L6"]
    assert tl.cite(0) == "E1:L1"
    assert tl.cite(f"{7:024x}") == "E1:L7"


def test_a_verb_never_changes_its_timeline():
    tl = timeline([event(1, 0, SECOND), event(2, SECOND, 2 * SECOND)])
    before = repr(tl)
    tl.between(0, 1).where(text="x").head(1)
    assert repr(tl) == before
    with pytest.raises(AttributeError):
        tl.zone = "UTC"


def test_merging_keeps_what_stands_in_both_once():
    one, two = [event(1, 0, 1), event(2, 1, 2)], [event(2, 1, 2), event(3, 2, 3)]
    assert ids(timeline(one).merge(timeline(two))) == ["L1", "L2", "L3"]


def test_an_empty_timeline_answers_everything():
    tl = timeline([])
    assert (tl.count(), len(tl.gaps("1s")), ids(tl.between("2024-01-01", "2025-01-01"))) == (0, 0, [])
    assert repr(tl) == "Timeline(0 events, 0 sources, 0 assumptions, 0 unparsed)"
    assert "<table>" in tl._repr_html_()


def test_hostile_text_shows_as_text():
    html = timeline([event(1, 0, SECOND, message="<img src=x onerror=alert(1)>", actor="<b>")])._repr_html_()
    assert "<img" not in html
    assert "&lt;img" in html


@pytest.mark.parametrize(
    "low, high, precision, words",
    [
        ("2024-11-11T23:00Z", "2024-11-12T23:00Z", "day", "2024-11-12"),
        ("2024-10-31T23:00Z", "2024-11-30T23:00Z", "month", "2024-11"),
        ("2023-12-31T23:00Z", "2024-12-31T23:00Z", "year", "2024"),
        ("2024-05-31T22:00Z", "2024-08-31T22:00Z", "quarter", "2024-06-01 – 2024-08-31"),
        ("2024-11-12T04:30Z", "2024-11-17T23:00Z", "week", "2024-11-12 05:30 – 2024-11-18 00:00"),
        ("2024-11-12T05:00Z", "2024-11-12T11:00Z", "part_of_day", "2024-11-12 06:00 – 12:00"),
        ("2024-11-12T17:00Z", "2024-11-12T23:00Z", "part_of_day", "2024-11-12 18:00 – 24:00"),
        ("2024-11-12T04:30Z", "2024-11-12T04:31Z", "minute", "2024-11-12 05:30"),
        ("2024-11-12T04:30:00.25Z", "2024-11-12T04:30:00.251Z", "ms", "2024-11-12 05:30:00.250"),
        ("2024-11-12T04:30:00Z", "2024-11-12T04:30:01Z", "second", "2024-11-12 05:30:00"),
    ],
)
def test_times_in_words_say_what_the_evidence_allows(low, high, precision, words):
    row = {
        "time": pd.Timestamp(low),
        "time_earliest": pd.Timestamp(low),
        "time_latest": pd.Timestamp(high),
        "time_precision": precision,
    }
    assert row_in_words(row, "Europe/Stockholm") == words


def test_durations_and_times():
    assert parse_duration("1h 30min") == 5400 * SECOND
    assert parse_duration(dt.timedelta(minutes=2)) == 120 * SECOND
    assert parse_when("2024-10-27 02:30", "Europe/Stockholm") == parse_when("2024-10-27T00:30:00Z", "UTC")


def test_a_frame_becomes_a_timeline():
    frame = from_arrow(batch([event(1, 0, SECOND)]))
    assert Timeline.of(frame).count() == 1
