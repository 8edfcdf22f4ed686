"""One schema: pandas, Arrow and JSON Lines hold the same events."""

import datetime as dt
import json

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.errors import FormatError, UsageError
from rca.events import (
    COLUMNS,
    Type,
    arrow_schema,
    attributes,
    batch,
    conform,
    event_id,
    from_arrow,
    from_jsonl,
    is_kind,
    to_arrow,
    to_jsonl,
)
from rca.moments.instants import FIRST, LAST

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
VALUES = {
    Type.TEXT: TEXT,
    Type.TEXTS: st.lists(TEXT, max_size=3),
    Type.TIME: st.integers(FIRST, LAST - 1),
    Type.INTEGER: st.integers(0, 2**62),
    Type.SMALL: st.integers(1, 24),
}


def value(column):
    return st.sampled_from(column.values) if column.type is Type.CATEGORY else VALUES[column.type]


ROW = st.fixed_dictionaries({}, optional={c.name: value(c) for c in COLUMNS})


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=6))
def test_events_survive_pandas_arrow_and_lines(rows):
    first = batch(rows)
    frame = from_arrow(first)
    assert list(frame.columns) == [c.name for c in COLUMNS]
    table = to_arrow(frame)
    assert table.schema.equals(arrow_schema())
    assert table.equals(pa.Table.from_batches([first]))
    assert from_jsonl(to_jsonl([first])).equals(first)
    pd.testing.assert_frame_equal(conform(frame), frame)


def test_every_frame_has_the_pinned_types():
    frame = conform(
        pd.DataFrame({"time": pd.to_datetime(["2024-11-12T05:30Z"]).as_unit("us"), "severity": [17]})
    )
    assert str(frame["time"].dtype) == "datetime64[ns, UTC]"
    assert str(frame["severity"].dtype) == "Int8"
    assert str(frame["time_precision"].dtype) == "category"
    assert str(frame["byte_start"].dtype) == "Int64"


def test_joining_frames_with_different_categories_keeps_the_type():
    one = conform(pd.DataFrame({"time_precision": ["day"]}))
    two = conform(pd.DataFrame({"time_precision": ["ns"]}))
    assert isinstance(conform(pd.concat([one, two]))["time_precision"].dtype, pd.CategoricalDtype)


def test_a_strange_column_or_value_is_refused_with_advice():
    with pytest.raises(UsageError, match='Did you mean "message"'):
        conform(pd.DataFrame({"mesage": ["x"]}))
    with pytest.raises(UsageError, match='"fortnight" is not a time_precision'):
        conform(pd.DataFrame({"time_precision": ["fortnight"]}))
    with pytest.raises(UsageError, match='no column "mesage"'):
        batch([{"mesage": "x"}])


def test_a_line_shows_the_digits_that_the_stamp_has():
    instant = int(dt.datetime(2024, 11, 12, 4, 30, tzinfo=dt.UTC).timestamp()) * 10**9
    rows = [
        {"time": instant, "time_precision": "minute"},
        {"time": instant + 4_000_000, "time_precision": "ms"},
        {"time": instant + 500_000_000, "time_precision": "ms"},
        {"time": instant + 123456789, "time_precision": "ns"},
        {},
    ]
    lines = [json.loads(line) for line in to_jsonl([batch(rows)])]
    assert [line.get("time") for line in lines] == [
        "2024-11-12T04:30:00Z",
        "2024-11-12T04:30:00.004Z",
        "2024-11-12T04:30:00.500Z",
        "2024-11-12T04:30:00.123456789Z",
        None,
    ]
    assert lines[-1] == {}


def test_a_broken_line_is_named():
    with pytest.raises(FormatError, match="line 2"):
        from_jsonl(["{}", "{"])


def test_ids_are_addresses_of_content():
    assert event_id("0123456789abcdef", 0) == "0123456789ab" + "0" * 10 + "00"
    assert event_id("0123456789abcdef", 4096, 1) == "0123456789ab" + "0000001000" + "01"


def test_attributes_are_sorted_and_leave_out_what_is_empty():
    assert attributes({"ö": "å", "b": "", "a": 1}) == '{"a":1,"ö":"å"}'
    assert attributes({"b": None}) is None


def test_kinds_may_be_refined_but_not_invented():
    assert is_kind("log.line")
    assert is_kind("fact.warning")
    assert not is_kind("factory")
