"""JSON documents become one event a record; envelopes and wrappers are opened, what is torn costs itself.

What the records mean is told by the formats of the package; the field names are those of the vendors' documentation.
"""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.evidence.locators import parse_citation
from rca.reading import Declared, Source
from rca.reading.json_walk import peek
from rca.reading.objects import ObjectsReader

READER = ObjectsReader()


def trail(second, **more):
    """A CloudTrail record (AWS, CloudTrail record contents)."""
    return {
        "eventVersion": "1.08",
        "userIdentity": {"type": "IAMUser", "userName": "ops"},
        "eventTime": f"2024-11-12T04:30:{second:02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "DeleteBucket",
        "requestID": f"r{second}",
        **more,
    }


def read(data, **declared):
    source = Source.of_bytes(
        data if isinstance(data, bytes) else data.encode(), declared=Declared(**declared)
    )
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    books = source.ledger.close(source.size)
    assert books.balanced
    return rows, source, books


def score(text):
    return READER.score(Source.of_bytes(text if isinstance(text, bytes) else text.encode()).sample)


def texts(rows):
    return [row["time_text"] for row in rows]


SECONDS = [f"2024-11-12T04:30:{n:02}Z" for n in range(3)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_wrapper_gives_one_event_a_record_with_its_exact_bytes(indent, encoding):
    text = json.dumps({"Records": [trail(n, note="ö𝄞") for n in range(3)]}, indent=indent, ensure_ascii=False)
    data = text.encode(encoding)
    assert score(data) >= 0.97
    rows, _, books = read(data)
    assert texts(rows) == SECONDS
    assert [row["locator"] for row in rows] == ["J/Records/0", "J/Records/1", "J/Records/2"]
    plain = "utf-8" if "utf-8" in encoding else "utf-16-le"
    for second, row in enumerate(rows):
        raw = data[row["byte_start"] : row["byte_start"] + row["byte_length"]].decode(plain)
        assert json.loads(raw) == trail(second, note="ö𝄞")
        assert row["line"] == data[: row["byte_start"]].decode(plain).count("\n") + 1
        assert parse_citation(f"E3:{row['locator']}").name == f"/Records/{second}"
    assert (rows[0]["message"], rows[0]["actor"], rows[0]["component"], rows[0]["trace_id"]) == (
        "DeleteBucket",
        "ops",
        "s3.amazonaws.com",
        "r0",
    )
    assert json.loads(rows[0]["attributes"])["note"] == "ö𝄞"
    assert books.unparsed == 0


@pytest.mark.parametrize(
    "name, text",
    [
        ("array", json.dumps([trail(n) for n in range(3)])),
        ("array with an object a line", "[\n" + ",\n".join(json.dumps(trail(n)) for n in range(3)) + "\n]\n"),
        ("objects with commas", ",\n".join(json.dumps(trail(n)) for n in range(3)) + "\n"),
        ("pretty-printed, one after another", "\n".join(json.dumps(trail(n), indent=4) for n in range(3))),
        ("an array a line", "".join(json.dumps([trail(n)]) + "\n" for n in range(3))),
        ("a wrapper a line", "".join(json.dumps({"Records": [trail(n)]}) + "\n" for n in range(3))),
        ("a text sequence", "".join("\x1e" + json.dumps(trail(n), indent=1) + "\n" for n in range(3))),
    ],
)
def test_arrays_and_sequences_of_documents_are_read_alike(name, text):
    assert score(text) >= 0.97
    rows, source, _ = read(text)
    assert texts(rows) == SECONDS
    assert source.unparsed == []
    assert len({row["locator"] for row in rows}) == 3


def test_one_object_a_line_is_left_to_the_line_reader():
    lines = "".join(json.dumps(trail(n)) + "\n" for n in range(3))
    assert score(lines) == 0
    assert score(json.dumps(trail(1))) == 0
    assert score(lines.encode("utf-16")) == 0


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": [1, 2, {"c": "d"}]}',
        '[{"version": "1.0"}, {"version": "1.1"}]',
        '{\n  "resourceType": "AuditEvent",\n  "recorded": "2024-11-12T04:30:00Z"\n}',
        '[{"resourceType": "AuditEvent", "recorded": "2024-11-12T04:30:00Z"}]',
        "[2024-11-12 05:30:00] INFO started\n[2024-11-12 05:30:01] INFO ready\n",
        "[]",
        "{}",
        "",
        "\x00\x01\x02\x03",
    ],
)
def test_what_is_no_log_is_left_alone(text):
    assert score(text) == 0


def test_hits_of_a_search_are_taken_out_of_their_envelopes():
    hits = [
        {
            "_index": "ward",
            "_id": str(n),
            "_source": {"@timestamp": SECONDS[n], "message": "no ack", "log": {"level": "error"}},
        }
        for n in range(3)
    ]
    rows, _, _ = read(json.dumps({"took": 3, "hits": {"total": {"value": 3}, "hits": hits}}))
    assert texts(rows) == SECONDS
    assert rows[1]["locator"] == "J/hits/hits/1"
    assert (rows[1]["message"], rows[1]["severity"]) == ("no ack", 17)
    assert json.loads(rows[1]["attributes"])["_id"] == "1"


def test_an_audit_record_that_is_a_text_is_opened_and_its_time_is_utc():
    # Office 365 Management Activity API: CreationTime is UTC and written without an offset
    inner = {
        "CreationTime": "2024-11-12T04:30:00",
        "Operation": "FileDeleted",
        "Workload": "SharePoint",
        "UserId": "nurse7",
    }
    outer = {
        "RecordType": 6,
        "CreationDate": "2024-11-12T04:30:00Z",
        "UserIds": "nurse7",
        "AuditData": json.dumps(inner),
    }
    rows, _, _ = read(json.dumps([outer, outer], indent=1), zone="Europe/Stockholm")
    assert len(rows) == 2
    assert str(rows[0]["time"])[:19] == "2024-11-12 04:30:00"
    assert rows[0]["actor"] == "nurse7"


@pytest.mark.parametrize(
    "wrapper, first",
    [
        ({"value": [{"eventTimestamp": SECONDS[0], "operationName": {"value": "x/write"}}]}, SECONDS[0]),
        (
            {"entries": [{"logName": "l", "timestamp": SECONDS[0], "insertId": "i", "textPayload": "x"}]},
            SECONDS[0],
        ),
        (
            {"kind": "EventList", "items": [{"auditID": "a", "stage": "x", "stageTimestamp": SECONDS[0]}]},
            SECONDS[0],
        ),
        ({"Findings": [{"Type": "t", "Severity": 5, "Service": {"EventLastSeen": SECONDS[0]}}]}, SECONDS[0]),
        (
            {"events": [{"timestamp": 1731385800123, "message": "x", "ingestionTime": 1731385900000}]},
            "1731385800123",
        ),
        (
            {
                "log": {
                    "version": "1.2",
                    "entries": [{"startedDateTime": SECONDS[0], "request": {"url": "u"}}],
                }
            },
            SECONDS[0],
        ),
        ({"own": {"list": [{"timestamp": SECONDS[0], "level": "info", "msg": "x"}]}}, SECONDS[0]),
    ],
    ids=["Azure", "GCP", "Kubernetes", "GuardDuty", "CloudWatch", "HAR", "unknown"],
)
def test_the_wrappers_of_clouds_are_opened(wrapper, first):
    text = json.dumps(wrapper, indent=1)
    assert score(text) >= 0.5
    rows, _, _ = read(text)
    assert texts(rows) == [first]


def test_log_records_of_opentelemetry_are_events_of_their_own():
    record = {"timeUnixNano": "1731385802123456789", "severityNumber": 9, "body": {"stringValue": "printed"}}
    text = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record, record]}]}]})
    rows, _, _ = read(text)
    assert [row["locator"][-13:] for row in rows] == ["/logRecords/0", "/logRecords/1"]
    assert rows[0]["time_precision"] == "ns"


def test_bytes_that_the_journal_writes_as_numbers_are_read():
    # systemd, Journal JSON Format: a field that is no UTF-8 is an array of its bytes
    one = '{\n\t"__REALTIME_TIMESTAMP" : "1731385800123456",\n\t"MESSAGE" : [72, 101, 106],\n\t"PRIORITY" : "3"\n}\n'
    rows, _, _ = read(one + one)
    assert [(row["message"], row["severity"], row["time_precision"]) for row in rows] == [
        ("Hej", 17, "us")
    ] * 2


@pytest.mark.parametrize("indent", [None, 4])
def test_a_malformed_object_costs_itself(indent):
    text = json.dumps([trail(n) for n in range(4)], indent=indent)
    text = text.replace('"r1"', "@@")
    rows, source, _ = read(text)
    assert [row["trace_id"] for row in rows] == ["r0", "r2", "r3"]
    assert [u.reason for u in source.unparsed] == ["a malformed object"]
    assert {i.code for i in source.issues} == {"RCA182"}


def test_a_document_that_breaks_off_keeps_what_came_before():
    text = json.dumps({"Records": [trail(n) for n in range(4)]}, indent=2)
    rows, source, _ = read(text[:-70])
    assert [row["trace_id"] for row in rows] == ["r0", "r1", "r2"]
    assert [u.reason for u in source.unparsed] == ["an object that breaks off"]


def test_an_object_without_a_stamp_among_others_is_undated():
    rows, _, _ = read(json.dumps([trail(0), {"note": "rotated"}, trail(2)]))
    assert [row["time_text"] for row in rows] == [SECONDS[0], None, SECONDS[2]]
    assert rows[1]["time_basis"] == "undated"
    assert json.loads(rows[1]["attributes"]) == {"note": "rotated"}


def test_a_stamp_without_an_offset_takes_the_declared_zone_and_says_so():
    text = json.dumps([{"timestamp": "2024-11-12 05:30:00", "level": "info", "msg": "x"}])
    rows, source, _ = read(text, zone="Europe/Stockholm")
    assert (str(rows[0]["time"])[:19], rows[0]["time_basis"]) == ("2024-11-12 04:30:00", "zone_given")
    rows, source, _ = read(text)
    assert rows[0]["time_basis"] == "zone_assumed"
    assert [a.kind for a in source.assumptions] == ["zone"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 200_000,
        '[{"eventTime":"' * 50_000,
        '{"Records":[' + '{"a":"' * 50_000,
        "[" + '"x' * 200_000,
        '{"Records":[' + "}" * 200_000,
        "[" + ",".join(['{"a":[}'] * 40_000),
    ],
)
def test_nests_and_endless_texts_cost_little(text):
    begun = time.monotonic()
    score(text)
    read(text)
    assert time.monotonic() - begun < 20


def test_large_documents_are_read_in_parts():
    text = json.dumps({"Records": [trail(n % 60, pad="x" * 300) for n in range(6_000)]})
    rows, _, books = read(text)
    assert len(rows) == 6_000
    assert rows[-1]["locator"] == "J/Records/5999"
    assert books.unparsed == 0


BASE = json.dumps({"Records": [trail(n) for n in range(3)]}, indent=1).encode()


def test_truncation_at_every_byte_raises_nothing():
    for end in range(len(BASE)):
        score(BASE[:end])
        read(BASE[:end])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), max_size=6))
def test_the_books_balance_with_any_bytes_changed(changes):
    data = bytearray(BASE)
    for at, byte in changes:
        data[at] = byte
    score(bytes(data))
    read(bytes(data))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120), st.sampled_from([b"", b"[", b'{"Records":[', b"\xff\xfe"]))
def test_the_books_balance_for_any_bytes(data, head):
    score(head + data)
    read(head + data)


def test_a_cut_value_is_closed_behind_its_last_whole_member():
    assert peek('[{"a": 1}, {"b": 2, "c": "d') == [[{"a": "1"}, {"b": "2"}]]
    assert peek("no json") == []
