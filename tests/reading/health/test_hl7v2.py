"""HL7 v2 message files: what chapter 2 of the standard and RECORDS.md, section 7, say of them."""

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.events import is_kind
from rca.reading import Declared, Source
from rca.reading.health.hl7v2 import Hl7v2Reader

HEADER = r"MSH|^~\&|LAB|NORTH|EHR|REGION|20241112081500||ORU^R01^ORU_R01|MSG1|P|2.5"
SEGMENTS = [
    HEADER,
    "PID|1||8001^^^REG||Surname^Given||19500101|F",
    "PV1|1|I|WARD2^5^1^HOSPITAL||||||||||||||||VISIT9|||||||||||||||||||||||||20241111",
    "ORC|RE|PLACER7|FILLER8||CM||||20241112073000",
    "OBR|1|PLACER7|FILLER8|CRP^C-reactive protein^L|||202411120700",
    "OBX|1|NM|CRP^C-reactive protein^L||12|mg/L|||||F|||20241112080102.5",
]
RESULT = "\r".join(SEGMENTS)


def ack(code, ending="\r"):
    return (
        r"MSH|^~\&|EHR|REGION|LAB|NORTH|20241112081501||ACK^R01|A1|P|2.5"
        + ending
        + f"MSA|{code}|MSG1|Surname not found"
    )


def read(data, zone="Europe/Stockholm"):
    data = data.encode() if isinstance(data, str) else data
    source = Source.of_bytes(data, name="m.hl7", declared=Declared(zone=zone))
    rows = [row for b in Hl7v2Reader().read(source) for row in b.to_pylist()]
    books = source.ledger.close(source.size)
    assert books.balanced
    assert len({row["event_id"] for row in rows}) == len(rows)
    assert all(is_kind(row["kind"]) for row in rows)
    return rows, source


def messages(rows):
    return [row for row in rows if row["kind"] in ("hl7.message", "hl7.ack")]


def score(data):
    data = data.encode() if isinstance(data, str) else data
    return Hl7v2Reader().score(Source.of_bytes(data).sample)


def time_of(stamp, zone="Europe/Stockholm"):
    rows, source = read(HEADER.replace("20241112081500", stamp), zone)
    return rows[0], source


def test_a_message_is_one_event_and_its_times_are_events_of_its_record():
    rows, _ = read(RESULT)
    assert [row["kind"] for row in rows] == [
        "hl7.message",
        "hl7.admission",
        "hl7.order",
        "hl7.observation",
        "hl7.observation",
    ]
    assert len({row["record_id"] for row in rows}) == 1
    assert [row["time_text"] for row in rows] == [
        "20241112081500",
        "20241111",
        "20241112073000",
        "202411120700",
        "20241112080102.5",
    ]
    assert [row["time_precision"] for row in rows] == ["second", "day", "second", "minute", "ms"]
    assert [row["time_kind"] for row in rows] == ["sent", "started", "recorded", "started", "occurred"]


def test_the_header_says_who_sent_what_to_whom_under_which_id():
    row = read(RESULT)[0][0]
    assert (row["actor"], row["subject"]) == ("LAB/NORTH", "EHR/REGION")
    assert (row["component"], row["trace_id"], row["refs"]) == ("ORU^R01", "MSG1", ["MSG1"])
    assert row["unit"] == "HOSPITAL/WARD2"
    said = json.loads(row["attributes"])
    assert (said["version"], said["processing_id"], said["trigger"], said["control_id"]) == (
        "2.5",
        "P",
        "R01",
        "MSG1",
    )
    assert row["locator"] == "R1"


def test_orders_and_visits_are_references_of_their_events():
    rows, _ = read(RESULT)
    assert rows[1]["refs"] == ["VISIT9"]
    assert rows[2]["refs"] == ["PLACER7", "FILLER8"]
    assert rows[4]["parent"] == "MSG1"


def test_names_births_and_identity_numbers_stay_in_the_exhibit():
    rows, _ = read(RESULT + "\r" + ack("AE"))
    for row in rows:
        told = f"{row['message']} {row['attributes']} {row['refs']} {row['actor']} {row['subject']}"
        assert not any(word in told for word in ("Surname", "Given", "1950", "8001"))


def test_a_message_is_known_when_it_was_sent():
    rows, _ = read(RESULT)
    assert rows[4]["known_time"] == rows[0]["time_latest"]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_spans_are_exact_whatever_ends_a_segment(end):
    data = (RESULT.replace("\r", end) + end).encode()
    rows, _ = read(data * 2)
    assert len(messages(rows)) == 2
    second = messages(rows)[1]
    assert (second["byte_start"], second["byte_length"]) == (len(data), len(data))
    for row in rows[1:5]:
        span = data[row["byte_start"] : row["byte_start"] + row["byte_length"]]
        assert row["time_text"].encode() in span
        assert end.encode() not in span


def test_line_ends_may_be_mixed_in_one_file():
    first, second = HEADER + "\r\nEVN|A01|20241112\nPID|1\r", HEADER + "\nPID|1\r\r\n"
    rows, _ = read(first + second)
    assert len(messages(rows)) == 2
    assert messages(rows)[1]["byte_start"] == len(first)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_spans_count_bytes_of_the_stream_in_every_encoding(encoding):
    text = (HEADER.replace("NORTH", "SJÖ") + "\rOBX|1|TX|A^B||åäö||||||F|||20241112\r") * 2
    data = text.encode(encoding)
    rows, source = read(data)
    assert score(data) > 0.95
    assert [row["kind"] for row in rows] == ["hl7.message", "hl7.observation"] * 2
    assert {row["actor"] for row in rows} == {"LAB/SJÖ"}
    codec = source.encoding
    for row in rows:
        span = data[row["byte_start"] : row["byte_start"] + row["byte_length"]].decode(codec)
        assert span.startswith("MSH|" if row["kind"] == "hl7.message" else "OBX|")


def test_the_charset_that_a_message_names_reads_what_is_no_utf_8():
    text = HEADER.replace("NORTH", "Łódź").replace("|P|2.5", "|P|2.5||||||8859/2")
    assert read(text.encode("iso8859-2"))[0][0]["actor"] == "LAB/Łódź"


def test_frames_of_mllp_are_structure():
    framed = b"\x0b" + RESULT.encode() + b"\r\x1c\r"
    rows, source = read(framed * 3)
    books = source.ledger.close(source.size)
    assert len(messages(rows)) == 3
    assert messages(rows)[1]["byte_start"] == len(framed) + 1
    assert messages(rows)[0]["byte_length"] == len(framed) - 3
    assert books.structure == 9
    assert not source.issues


def test_a_frame_that_is_not_closed_is_an_issue():
    _, source = read(b"\x0b" + HEADER.encode() + b"\r")
    assert "not closed" in source.issues[0].message


def test_separators_are_those_that_the_header_states():
    rows, _ = read("MSH@~&#\\@LAB@N@EHR@R@20241112081500@@ADT~A01@M9@P@2.5\rEVN@A01@20241112\r")
    assert (rows[0]["component"], rows[0]["trace_id"]) == ("ADT^A01", "M9")
    assert rows[1]["kind"] == "hl7.recorded"


def test_escaped_separators_are_plain_in_values():
    assert read(HEADER.replace("NORTH", r"N\T\S"))[0][0]["actor"] == "LAB/N&S"


def test_segment_ids_may_be_in_lower_case():
    rows, _ = read("msh" + HEADER[3:] + "\rpid|1\robx|1|NM|A||1||||||F|||20241112\r")
    assert [row["kind"] for row in rows] == ["hl7.message", "hl7.observation"]


def test_text_before_the_first_message_is_unparsed_with_the_reason():
    rows, source = read("# exported for the review\njunk\n\n" + HEADER + "\r")
    assert len(rows) == 1
    assert rows[0]["byte_start"] == len("# exported for the review\njunk\n\n")
    assert [u.reason for u in source.unparsed] == ["text before the first message"]
    assert score("# exported for the review\n" + HEADER + "\r") > 0.95


def test_a_line_that_is_no_segment_belongs_to_the_segment_before_it():
    text = (
        HEADER + "\nOBX|1|TX|A^B||first line\nsecond line\n\nlast line||||||F|||20241112\nOBX|2|TX|A^B||x\n"
    )
    rows, _ = read(text)
    assert [row["kind"] for row in rows] == ["hl7.message", "hl7.observation"]
    assert rows[0]["byte_length"] == len(text)


def test_add_continues_the_segment_before_it_and_dsc_names_what_follows():
    text = HEADER + "\rOBX|1|TX|A^B||x||||||F|||\rADD|20241112\rDSC|PTR1|I\r"
    rows, _ = read(text + HEADER + "||PTR1\rADD|more of it\r")
    assert rows[1]["time_text"] == "20241112"
    assert json.loads(rows[0]["attributes"])["continued_by"] == "PTR1"
    assert json.loads(rows[2]["attributes"])["continues"] == "PTR1"


@pytest.mark.parametrize(
    ("code", "severity", "words"),
    [
        ("AA", 9, "accepted"),
        ("AE", 17, "error"),
        ("AR", 17, "rejected"),
        ("CA", 9, "accepted"),
        ("CE", 17, "error"),
        ("CR", 17, "rejected"),
    ],
)
def test_an_acknowledgement_says_its_verdict_and_whom_it_answers(code, severity, words):
    row = read(ack(code))[0][0]
    assert (row["kind"], row["severity"], row["severity_text"]) == ("hl7.ack", severity, code)
    assert row["parent"] == "MSG1"
    assert row["refs"] == ["A1", "MSG1"]
    assert words in row["message"]
    assert "deliver" not in row["message"]


def test_an_error_segment_gives_the_code_of_the_error():
    row = read(ack("AE") + "\rERR||PID^1^3|204^Unknown key identifier|E\r")[0][0]
    assert json.loads(row["attributes"])["error"] == "204"


@pytest.mark.parametrize(
    ("stamp", "precision", "time"),
    [
        ("2025", "year", "2024-12-31T23:00:00Z"),
        ("202507", "month", "2025-06-30T22:00:00Z"),
        ("20250115", "day", "2025-01-14T23:00:00Z"),
        ("2025011514", "hour", "2025-01-15T13:00:00Z"),
        ("202501151430", "minute", "2025-01-15T13:30:00Z"),
        ("2025011514305", "minute", "2025-01-15T13:30:00Z"),
        ("20250115143007", "second", "2025-01-15T13:30:07Z"),
        ("2025011514300712", "ms", "2025-01-15T13:30:07.12Z"),
        ("20250115143007123", "ms", "2025-01-15T13:30:07.123Z"),
        ("202501151430071234", "us", "2025-01-15T13:30:07.1234Z"),
        ("20250115143007.123-0500", "ms", "2025-01-15T19:30:07.123Z"),
        ("202501151430+0530", "minute", "2025-01-15T09:00:00Z"),
        ("2025-01-15T14:30:07Z", "second", "2025-01-15T14:30:07Z"),
        ("01/15/2025 14:30:07", "second", "2025-01-15T13:30:07Z"),
        ("20250115 1430", "minute", "2025-01-15T13:30:00Z"),
        ("20250115^D", "day", "2025-01-14T23:00:00Z"),
    ],
)
def test_stamps_of_every_length_are_as_precise_as_they_are_written(stamp, precision, time):
    row, _ = time_of(stamp)
    assert row["time_precision"] == precision
    assert row["time"].isoformat().startswith(time.rstrip("Z")[:19])
    assert row["time_text"] == stamp.split("^")[0]


def test_a_day_is_the_local_day():
    row, _ = time_of("20250330")
    assert (row["time_latest"] - row["time_earliest"]).total_seconds() == 23 * 3600


def test_a_stamp_without_an_offset_is_never_utc_silently():
    row, source = time_of("20250115143007", zone=None)
    assert row["time_basis"] == "zone_assumed"
    assert row["assumptions"]
    assert [a.kind for a in source.assumptions] == ["zone"]


def test_the_offset_of_the_header_is_that_of_its_message():
    text = RESULT.replace("20241112081500", "20241112081500-0500")
    rows, source = read(text)
    assert rows[4]["time"].isoformat().startswith("2024-11-12T13:01:02.5")
    assert (rows[4]["time_basis"], rows[0]["time_basis"]) == ("zone_given", "offset_stated")
    assert rows[4]["time_text"] == "20241112080102.5"
    assert "2.14.9.7" in source.assumptions[0].rests_on


@pytest.mark.parametrize(
    "stamp", ["20251332", "00000000", "2025011524", "20250229120000", "soon", "202501150"]
)
def test_an_impossible_stamp_keeps_its_text_and_is_an_issue(stamp):
    row, source = time_of(stamp)
    assert (row["time"], row["time_basis"], row["time_text"]) == (None, "undated", stamp)
    assert source.issues


@pytest.mark.parametrize("stamp", ["", '""'])
def test_an_empty_time_is_undated(stamp):
    row, source = time_of(stamp)
    assert (row["time"], row["time_text"]) == (None, None)
    assert "MSH-7" in source.issues[0].message


def test_batches_are_structure_and_right_counts_are_silent():
    head = r"FHS|^~\&|LAB|N" + "\r" + r"BHS|^~\&|LAB|N" + "\r"
    rows, source = read(head + HEADER + "\r" + HEADER + "\rBTS|2\rFTS|1\r")
    assert len(rows) == 2
    assert source.ledger.close(source.size).structure == len(head) + len("BTS|2\rFTS|1\r")
    assert not source.issues


def test_wrong_counts_and_missing_trailers_are_issues():
    head = r"BHS|^~\&|LAB|N" + "\r"
    assert "BTS-1 states 3 messages" in read(head + HEADER + "\rBTS|3\r")[1].issues[0].message
    assert "BHS has no BTS" in read(head + HEADER + "\r")[1].issues[0].message
    assert "no BHS began" in read(HEADER + "\rBTS|1\r")[1].issues[0].message


def test_a_message_sent_twice_is_two_records():
    rows, _ = read((HEADER + "\r") * 2)
    assert len({row["record_id"] for row in rows}) == 2


def test_a_torn_header_costs_only_itself():
    rows, _ = read(HEADER + "\rPID|1\rMSH|^~\r" + HEADER + "\r")
    assert [row["time"] is None for row in rows] == [False, True, False]


def test_a_message_written_on_one_line_is_read_to_its_end():
    rows, _ = read(HEADER + r"\rEVN|A01|20241112\rPV1|1|I" + "\n")
    assert [row["kind"] for row in rows] == ["hl7.message", "hl7.recorded"]


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-12 08:15:00 INFO received " + RESULT,
        "2024-11-12 08:15:00,123 DEBUG [thread] message:\n" + RESULT.replace("\r", "\n"),
        '{"payload": "' + HEADER + '"}',
        "MSH-7 is the time of the message\n" * 3,
        "MSH|Message Header|required\nPID|Patient|required\n",
        "",
        "plain text",
    ],
)
def test_what_only_speaks_of_messages_is_left_to_others(text):
    assert score(text) == 0


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_books_balance_for_mutilated_files(data):
    whole = ("\x0b" + RESULT + "\r\x1c\r" + r"BHS|^~\&|A" + "\r" + ack("AE") + "\rBTS|2\r").encode(
        data.draw(st.sampled_from(["utf-8", "utf-16", "utf-32"]))
    )
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8)) if broken else 0):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(broken))


def test_every_outside_message_file_has_the_messages_that_were_counted(shared):
    root = shared / "corpora" / "health"
    if not (root / "hl7v2").is_dir():
        pytest.skip("outside message files are not here")
    seen = 0
    for row in csv.DictReader((root / "manifest.csv").open(newline="", encoding="utf-8")):
        if row["file"].startswith("hl7v2/"):
            data = (root / row["file"]).read_bytes()
            assert score(data) > 0.95, row["file"]
            rows, _ = read(data, "UTC")
            assert len(messages(rows)) == int(row["expected_events"]), row["file"]
            assert len({r["record_id"] for r in rows}) == len(messages(rows)), row["file"]
            seen += 1
    assert seen
