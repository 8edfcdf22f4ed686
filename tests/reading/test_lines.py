"""Lines become records with exact bytes; several formats may live in one file; nothing vanishes."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rca
from rca.errors import EvidenceError, UsageError
from rca.reading import Declared, Source
from rca.reading.lines import LineReader
from rca.reading.reading import read_streams

MIXED = (
    b"Nov 20 10:00:00 web01 sshd[11]: Accepted publickey\r\n"
    b'10.1.1.1 - - [20/Nov/2025:10:00:01 +0000] "GET / HTTP/1.1" 200 12 "-" "curl/8"\n'
    b'{"timestamp":"2025-11-20T10:00:02Z","level":"error","msg":"db down"}\n'
    b"\n"
    b"2025-11-20 10:00:03,004 ERROR [main] com.example.A - boom\n"
    b"java.lang.IllegalStateException: x\n"
    b"\tat com.example.A.b(A.java:1)\n"
    b"Caused by: java.io.IOException: caf\xe9\n"
    b"2025-11-20 10:00:05,000 INFO [main] com.example.A - on again"
)


def read(tmp_path, data, name="a.log", **choices):
    path = tmp_path / name
    path.write_bytes(data)
    return rca.read(path, **{"zone": "UTC", "anchor": "2025-12-01T00:00:00Z", **choices})


def test_records_know_their_bytes_and_lines(tmp_path):
    reading = read(tmp_path, MIXED)
    events = reading.events
    assert list(events["locator"]) == ["L1", "L2", "L3", "L5-8", "L9"]
    for start, length, first in zip(events["byte_start"], events["byte_length"], events["line"], strict=True):
        assert MIXED[start : start + length].split(b"\n")[0] == MIXED.split(b"\n")[first - 1]
    assert reading.books.balanced
    assert (reading.books.blank, reading.books.unparsed) == (1, 0)
    assert list(events["kind"]) == ["log.line", "log.access", "log.line", "log.line", "log.line"]
    assert events.loc[3, "message"] == "boom"
    assert events.loc[3, "severity"] == 17


def test_a_stray_byte_costs_only_its_own_fidelity(tmp_path):
    data = b"Nov 20 10:00:00 h a[1]: caf\xe9\nNov 20 10:00:01 h a[1]: caf\xc3\xa9\n"
    reading = read(tmp_path, data)
    assert list(reading.events["message"]) == ["caf\\xe9", "café"]
    assert "RCA154" in {i.code for i in reading.issues}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-be"])
def test_marked_encodings_give_the_same_events(tmp_path, encoding):
    text = "2024-11-12 05:30:00 Störning i systemet\n2024-11-12 05:30:01 åter\n"
    reading = read(tmp_path, text.encode(encoding))
    assert list(reading.events["message"]) == ["Störning i systemet", "åter"]
    assert reading.books.balanced


def test_lines_without_a_stamp_stay_in_order_between_their_neighbours(tmp_path):
    data = b'10.0.0.1 - - [20/Nov/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 1\nlost words\n10.0.0.1 - - [20/Nov/2025:10:00:05 +0000] "GET / HTTP/1.1" 200 1\n'
    events = read(tmp_path, data).events
    assert list(events["time"].isna()) == [False, True, False]
    assert events.loc[1, "time_basis"] == "undated"
    assert events.loc[1, "time_earliest"] == events.loc[0, "time"]
    assert events.loc[1, "time_latest"] == events.loc[2, "time_latest"]


def test_text_without_any_stamp_is_undated_and_says_so(tmp_path):
    events = read(tmp_path, b"first\nsecond\n").events
    assert list(events["message"]) == ["first", "second"]
    assert events["time"].isna().all()


def test_the_order_of_day_and_month_is_decided_by_the_whole_file(tmp_path):
    american = read(tmp_path, b"11/12/2024 05:30:00 a\n11/13/2024 05:30:00 b\n").events
    assert [t.month for t in american["time"]] == [11, 11]
    unsure = read(tmp_path, b"11/12/2024 05:30:00 a\n10/11/2024 05:30:00 b\n")
    assert [t.day for t in unsure.events["time"]] == [11, 10]
    assert "order" in set(unsure.assumptions["kind"])


def test_without_a_zone_utc_is_assumed_and_on_record(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    reading = read(tmp_path, b"2024-11-12 05:30:00 x\n", zone=None)
    assert str(reading.events.loc[0, "time"]) == "2024-11-12 05:30:00+00:00"
    assert reading.events.loc[0, "time_basis"] == "zone_assumed"
    assert list(reading.events.loc[0, "assumptions"]) == list(reading.assumptions["id"])


def test_the_packed_file_gives_the_same_ids(tmp_path):
    plain = read(tmp_path, MIXED).events
    packed = read(tmp_path, gzip.compress(MIXED, mtime=0), name="a.log.gz").events
    assert list(plain["event_id"]) == list(packed["event_id"])
    assert list(plain["time"]) == list(packed["time"])


def test_unknown_zone_missing_file_and_folder_are_refused(tmp_path):
    (tmp_path / "a.log").write_text("x\n")
    with pytest.raises(UsageError, match="Europe/Stockholm"):
        rca.read(tmp_path / "a.log", zone="Europe/Stokholm")
    with pytest.raises(EvidenceError, match="There is no file"):
        rca.read(tmp_path / "absent.log")
    with pytest.raises(EvidenceError, match="is a directory"):
        rca.read(tmp_path)
    with pytest.raises(UsageError, match="2024-11-12T05:30:00Z"):
        rca.read(tmp_path / "a.log", anchor="yesterday")


def test_an_empty_and_a_binary_file_are_said_to_be_so(tmp_path):
    empty = read(tmp_path, b"")
    assert (len(empty.events), [i.code for i in empty.issues]) == (0, ["RCA152"])
    import zlib

    binary = read(tmp_path, zlib.compress(bytes(range(256)) * 40), name="a.bin")
    assert len(binary.events) == 0
    assert binary.unparsed.loc[0, "reason"] == "binary data that no reader knows"
    assert binary.books.balanced


def test_every_time_lies_in_its_bounds(tmp_path):
    events = read(tmp_path, MIXED).events
    assert (events["time_earliest"] <= events["time"]).all()
    assert (events["time"] < events["time_latest"]).all()


def reading_of(data):
    source = Source.of_bytes(data, declared=Declared(modified=1_764_547_200 * 10**9))
    batches = list(LineReader().read(source))
    return batches, source.ledger.close(len(data))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_the_books_balance_for_any_bytes(data):
    assert reading_of(data)[1].balanced


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(st.integers(0, len(MIXED) - 1), st.integers(0, 255))
def test_a_flipped_byte_loses_no_byte(position, value):
    data = MIXED[:position] + bytes([value]) + MIXED[position + 1 :]
    assert reading_of(data)[1].balanced


@pytest.mark.slow
def test_a_file_cut_at_any_byte_keeps_every_record_that_lies_before_the_cut():
    whole = reading_of(MIXED)[0][0]
    spans = list(
        zip(whole.column("byte_start").to_pylist(), whole.column("byte_length").to_pylist(), strict=True)
    )
    for cut in range(len(MIXED)):
        batches, books = reading_of(MIXED[:cut])
        assert books.balanced, cut
        starts = [start for b in batches for start in b.column("byte_start").to_pylist()]
        assert {start for start, length in spans if start + length <= cut} <= set(starts), cut


def test_ten_megabytes_without_a_line_end_are_read(tmp_path):
    path = tmp_path / "long.log"
    path.write_bytes(b"2024-11-12 05:30:00 " + b"x" * 10_000_000)
    summaries = list(read_streams(path, lambda _batch: None, declared=Declared(zone="UTC")))
    assert summaries[0].events == 1
    assert summaries[0].books.balanced
