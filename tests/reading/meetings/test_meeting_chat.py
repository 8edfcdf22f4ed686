"""The saved chat of a meeting: two clocks, whom it was written to, what answers what.

The layouts are those of Zoom's support pages: chats of cloud recordings, and chats that participants save.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.evidence.locators import parse_citation
from rca.moments.instants import parse_instant
from rca.reading import Declared, Source
from rca.reading.meetings.meeting_chat import MeetingChatReader

READER = MeetingChatReader()


def read(data, *, name="memory", **declared):
    data = data if isinstance(data, bytes) else data.encode()
    source = Source.of_bytes(data, name=name, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        place = row["locator"]
        assert str(parse_citation(f"E1:{place}")) == f"E1:{place}"
    return rows, source


def score(data):
    return READER.score(Source.of_bytes(data if isinstance(data, bytes) else data.encode()).sample)


def fields(row):
    return json.loads(row["attributes"])


RECORDED = '00:11:09\tHead nurse:\thello\n00:11:40\tIT lead:\tReacted to "hello" with 👍\n00:12:00\tIT lead:\tReplying to "hel..."\n\nhi back\nand more\n'
SAVED = (
    "10:03:50 From Head nurse to Everyone:\n\tAre we ready?\n\tPlease answer.\n"
    "10:04:10 From  IT lead  to  Head nurse(Direct Message):\n\tno\n"
    "10:05:10\t From IT lead : done\n10:06:00 From IT lead To Everyone : yes\n"
)


def test_a_chat_of_a_recording_has_offsets_and_tabs():
    assert score(RECORDED) == pytest.approx(0.98)
    rows, source = read(RECORDED)
    assert [(row["kind"], row["actor"], row["message"]) for row in rows] == [
        ("meeting.chat", "Head nurse", "hello"),
        ("meeting.chat", "IT lead", 'Reacted to "hello" with 👍'),
        ("meeting.chat", "IT lead", "hi back and more"),
    ]
    assert [row["locator"] for row in rows] == ["T00:11:09", "T00:11:40", "T00:12:00"]
    assert {row["time"] for row in rows} == {None}
    assert len({row["record_id"] for row in rows}) == 3
    assert source.ledger.close(source.size).unparsed == 0


def test_reactions_and_replies_hang_on_the_message_that_they_quote():
    rows, _ = read(RECORDED)
    assert [row["parent"] for row in rows[1:]] == [rows[0]["event_id"]] * 2
    assert fields(rows[1])["reaction"] == "👍"
    assert fields(rows[2])["answers"] == "hel..."


def test_an_anchor_dates_the_chat_of_a_recording():
    rows, _ = read(RECORDED, anchor=parse_instant("2024-11-12T09:00:05Z"))
    assert str(rows[0]["time"]) == "2024-11-12 09:11:14+00:00"
    assert (rows[0]["time_basis"], rows[0]["time_kind"]) == ("relative", "sent")
    rows, _ = read(RECORDED, name="GMT20241112-090000_RecordingnewChat.txt")
    assert str(rows[0]["time"]) == "2024-11-12 09:11:09+00:00"


def test_a_chat_that_a_participant_saved_has_times_of_day_and_addressees():
    assert score(SAVED) == pytest.approx(0.98)
    rows, _ = read(SAVED)
    assert [(row["actor"], row["audience"], row["message"]) for row in rows] == [
        ("Head nurse", ["Everyone"], "Are we ready? Please answer."),
        ("IT lead", ["Head nurse"], "no"),
        ("IT lead", None, "done"),
        ("IT lead", ["Everyone"], "yes"),
    ]
    assert fields(rows[1])["private"] == "true"
    assert [row["time_text"] for row in rows] == ["10:03:50", "10:04:10", "10:05:10", "10:06:00"]
    assert {row["time"] for row in rows} == {None}


def test_a_date_before_the_time_of_day_dates_it():
    rows, _ = read("2024-11-12 10:03:50 From Head nurse to Everyone:\n\tReady?\n", zone="Europe/Stockholm")
    assert str(rows[0]["time"]) == "2024-11-12 09:03:50+00:00"


def test_the_bytes_of_a_message_are_exact():
    data = RECORDED.replace("hello", "hallå").encode("utf-16")
    rows, _ = read(data)
    raw = data[rows[0]["byte_start"] : rows[0]["byte_start"] + rows[0]["byte_length"]].decode("utf-16-le")
    assert raw == "00:11:09\tHead nurse:\thallå\n"


@pytest.mark.parametrize(
    "text",
    [
        "00:11:09\tstarted\n00:11:10\tstopped\n",
        "10:03:50 INFO server: up\n",
        "From a to b: x\n",
        "",
        "10:03 <nick> hi\n",
    ],
)
def test_other_lines_with_times_are_not_claimed(text):
    assert score(text) == 0


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_cut_or_changed_the_books_balance(data):
    sample = data.draw(st.sampled_from([RECORDED.encode(), SAVED.encode()]))
    cut = data.draw(st.integers(0, len(sample)))
    at = data.draw(st.integers(0, len(sample) - 1))
    changed = sample[:at] + bytes([data.draw(st.integers(0, 255))]) + sample[at + 1 :]
    for body in (sample[:cut], sample[cut:], changed):
        score(body)
        read(body)
