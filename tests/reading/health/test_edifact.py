"""EDIFACT interchanges: what ISO 9735 and the UN/EDIFACT code lists say of them."""

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.events import is_kind
from rca.reading import Declared, Source
from rca.reading.health.edifact import EdifactReader
from rca.reading.health.edifact_times import read_dtm

SERVICE = "UNA:+.? '"
OPENING = "UNB+UNOC:3+LAB77:14+EHR88:14+241112:0815+FILE5++MEDRPT++1'"
REPORT = [
    "UNH+M1+MEDRPT:D:93A:UN:R0130K+RPT01'",
    "BGM+LRP++9+NA'",
    "DTM+137:202411120810:203'",
    "PNA+PAT+8001011234:::CPR:IM+++SU:Surname+FO:Given'",
    "DTM+329:19500101:102'",
    "RFF+SRI:REPORT6'",
    "DTM+SCO:20241111:102'",
    "FTX+ACM+P00++it?'s 5 ?+ 6 ??'",
    "UNT+9+M1'",
]
FILE = [SERVICE, OPENING, *REPORT, "UNZ+1+FILE5'"]


def contrl(action):
    return "".join(
        [
            SERVICE,
            "UNB+UNOC:3+EHR88:14+LAB77:14+241112:0816+BACK1'",
            "UNH+A1+CONTRL:D:93A:ZZ'",
            f"UCI+FILE5+LAB77:14+EHR88:14+{action}'",
            f"UCM+M1+MEDRPT:D:93A:UN+{action}'",
            "UNT+4+A1'",
            "UNZ+1+BACK1'",
        ]
    )


def read(data, zone="Europe/Stockholm"):
    data = data.encode() if isinstance(data, str) else data
    source = Source.of_bytes(data, name="m.edi", declared=Declared(zone=zone))
    rows = [row for b in EdifactReader().read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    assert len({row["event_id"] for row in rows}) == len(rows)
    assert all(is_kind(row["kind"]) for row in rows)
    return rows, source


def messages(rows):
    return [row for row in rows if row["kind"] == "edifact.message"]


def score(data):
    return EdifactReader().score(Source.of_bytes(data.encode() if isinstance(data, str) else data).sample)


def dtm(composite):
    rows, source = read(f"{OPENING}UNH+M1+MEDRPT:D:93A:UN'DTM+{composite}'UNT+3+M1'UNZ+1+FILE5'")
    return rows[1], source


def test_a_message_is_one_event_and_its_times_are_events_of_its_record():
    rows, source = read("".join(FILE))
    assert [row["kind"] for row in rows] == [
        "edifact.message",
        "edifact.time.issued",
        "edifact.time.specimen",
    ]
    assert [row["time_text"] for row in rows] == ["241112:0815", "202411120810", "20241111"]
    assert [row["time_precision"] for row in rows] == ["minute", "minute", "day"]
    assert [row["time_kind"] for row in rows] == ["sent", "recorded", "started"]
    assert len({row["record_id"] for row in rows}) == 1
    assert not source.issues


def test_the_message_has_the_preparation_time_of_its_interchange():
    row = read("".join(FILE))[0][0]
    assert row["time"].isoformat().startswith("2024-11-12T07:15:00")
    assert row["time_basis"] == "zone_given"


def test_a_two_digit_year_and_a_missing_zone_are_assumptions():
    rows, source = read("".join(FILE), zone=None)
    assert sorted(a.kind for a in source.assumptions) == ["year", "zone"]
    assert len(rows[0]["assumptions"]) == 2
    assert rows[0]["time_basis"] == "zone_assumed"
    assert len(rows[1]["assumptions"]) == 1


def test_the_envelope_says_who_sent_what_to_whom():
    row = read("".join(FILE))[0][0]
    assert (row["actor"], row["subject"], row["component"]) == ("LAB77", "EHR88", "MEDRPT")
    assert row["refs"] == ["FILE5", "M1", "REPORT6"]
    said = json.loads(row["attributes"])
    assert (said["association"], said["control_id"], said["interchange"]) == ("R0130K", "M1", "FILE5")


def test_names_births_and_identity_numbers_stay_in_the_exhibit():
    for row in read("".join(FILE))[0]:
        told = f"{row['message']} {row['attributes']} {row['refs']} {row['time_text']}"
        assert not any(word in told for word in ("Surname", "Given", "19500101", "8001011234"))


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_spans_are_exact_with_and_without_line_ends(end, encoding):
    data = end.join(FILE).encode(encoding)
    rows, source = read(data)
    assert score(data) > 0.95
    assert len(rows) == 3
    for row, begin, stop in zip(
        rows, ("UNH+", "DTM+137", "DTM+SCO"), ("UNT+9+M1'", "203'", "102'"), strict=True
    ):
        span = data[row["byte_start"] : row["byte_start"] + row["byte_length"]].decode(source.encoding)
        assert span.startswith(begin)
        assert span.endswith(stop)


@pytest.mark.parametrize("width", [*range(10, 40), 80])
def test_a_file_wrapped_at_a_width_reads_as_others_do(width):
    text = "".join(FILE)
    wrapped = "\r\n".join(text[at : at + width] for at in range(0, len(text), width))
    rows, source = read(wrapped)
    assert [row["time_text"] for row in rows] == ["241112:0815", "202411120810", "20241111"]
    assert not source.issues


def test_latin_1_is_read_as_the_syntax_identifier_says():
    text = "".join(FILE).replace("LAB77", "LABÖ")
    assert read(text.encode("latin-1"))[0][0]["actor"] == "LABÖ"


def test_separators_are_those_that_the_service_string_states():
    table = str.maketrans({"+": "\x1d", ":": "\x1f", "'": "\x1c"})
    text = "".join(FILE).replace("??", "").replace("?'", "").replace("?+", "").translate(table)
    rows, source = read(text)
    assert [row["time_text"] for row in rows] == ["241112:0815", "202411120810", "20241111"]
    assert score(text) > 0.95
    assert not source.issues


def test_a_terminator_may_be_a_line_end():
    text = "".join(FILE).replace("??", "").replace("?'", "").replace("'", "\n")
    rows, source = read(text)
    assert len(rows) == 3
    assert not source.issues


def test_released_separators_are_plain_in_values():
    text = "".join(FILE).replace("LAB77", "LAB?+7?:?'7??")
    assert read(text)[0][0]["actor"] == "LAB+7:'7?"


def test_a_message_without_an_interchange_has_the_time_at_which_it_was_issued():
    rows, _ = read("".join(REPORT))
    assert (rows[0]["time_text"], rows[0]["time_kind"]) == ("202411120810", "recorded")
    assert score("".join(REPORT)) > 0.95


def test_groups_are_structure_and_counted():
    group = "UNG+MEDRPT+A+B+241112:0815+G1+UN+D:93A'"
    text = SERVICE + OPENING + group + "".join(REPORT) + "UNE+1+G1'UNZ+1+FILE5'"
    rows, source = read(text)
    assert not source.issues
    assert json.loads(rows[0]["attributes"])["group"] == "G1"
    assert "UNE states 4 messages" in read(text.replace("UNE+1", "UNE+4"))[1].issues[0].message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("UNT+9", "UNT+8", "UNT states 8 segments, and there are 9"),
        ("UNZ+1", "UNZ+2", "UNZ states 2 messages, and there are 1"),
        ("UNT+9+M1", "UNT+9+M2", "UNT names message M2"),
        ("UNZ+1+FILE5", "UNZ+1+FILE6", "UNZ names interchange FILE6"),
        ("UNT+9+M1'", "", "no UNT"),
        ("UNZ+1+FILE5'", "", "no UNZ"),
    ],
)
def test_trailers_that_are_wrong_or_missing_are_issues(old, new, words):
    rows, source = read("".join(FILE).replace(old, new))
    assert len(messages(rows)) == 1
    assert any(words in issue.message for issue in source.issues)


def test_a_segment_without_its_terminator_costs_only_itself():
    rows, _ = read(
        "\n".join([SERVICE, OPENING, REPORT[0], "DTM+137:202411120810:203", *REPORT, "UNZ+2+FILE5'"])
    )
    assert len(messages(rows)) == 2


@pytest.mark.parametrize(
    ("action", "severity", "words"),
    [("4", 17, "rejected"), ("7", 9, "acknowledged"), ("8", 9, "received")],
)
def test_contrl_says_what_became_of_the_message(action, severity, words):
    row = read(contrl(action))[0][0]
    assert (row["severity"], row["severity_text"]) == (severity, action)
    assert f"message M1 {words}" in row["message"]
    assert row["parent"] == "M1"
    assert {"FILE5", "M1"} <= set(row["refs"])
    assert json.loads(row["attributes"])["ack_code"] == action


def test_an_interactive_message_has_its_own_time():
    text = (
        "UNA:+./*'UIB+UNOA:0++77+++SENDER:C+RECEIVER:P+20241112:081522'UIH+SCRIPT:010:006:NEWRX+110+++20241112:081523'"
        "PVD+P1'UIT+110+3'UIZ++1'"
    )
    rows, source = read(text)
    assert (rows[0]["component"], rows[0]["time_text"]) == ("SCRIPT:NEWRX", "20241112:081523")
    assert (rows[0]["actor"], rows[0]["subject"]) == ("SENDER", "RECEIVER")
    assert not source.issues


@pytest.mark.parametrize(
    ("value", "code", "precision", "parts"),
    [
        ("241112", "101", "day", (2024, 11, 12, 0, 0, 0)),
        ("20241112", "102", "day", (2024, 11, 12, 0, 0, 0)),
        ("2411120815", "201", "minute", (2024, 11, 12, 8, 15, 0)),
        ("202411120815", "203", "minute", (2024, 11, 12, 8, 15, 0)),
        ("20241112081507", "204", "second", (2024, 11, 12, 8, 15, 7)),
        ("12112024", "4", "day", (2024, 11, 12, 0, 0, 0)),
        ("24317", "105", "day", (2024, 11, 12, 0, 0, 0)),
        ("2024", "602", "year", (2024, 1, 1, 0, 0, 0)),
        ("202411", "610", "month", (2024, 11, 1, 0, 0, 0)),
        ("20244", "608", "quarter", (2024, 10, 1, 0, 0, 0)),
        ("202446", "616", "week", (2024, 11, 11, 0, 0, 0)),
    ],
)
def test_the_format_code_says_how_a_value_reads(value, code, precision, parts):
    stamp = read_dtm(value, code)
    assert stamp.precision == precision
    assert (stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second) == parts


def test_an_offset_of_format_303_is_stated():
    row, _ = dtm("4:202411120815?+01:303")
    assert (row["time_basis"], row["time"].isoformat()[:16]) == ("offset_stated", "2024-11-12T07:15")


def test_a_period_is_an_event_that_lasts_to_the_end_of_its_last_day():
    row, _ = dtm("163:2024111220241113:718")
    assert row["time"].isoformat()[:16] == "2024-11-11T23:00"
    assert row["time_end"].isoformat()[:16] == "2024-11-13T23:00"


def test_a_value_without_a_format_code_is_read_by_its_length_as_an_assumption():
    row, source = dtm("4:20241112")
    assert row["time_precision"] == "day"
    assert "format" in [a.kind for a in source.assumptions]


@pytest.mark.parametrize("composite", ["4:20241332:102", "4:202411122575:203", "4:2024:102", "4:soon:203"])
def test_an_impossible_value_keeps_its_text_and_is_an_issue(composite):
    row, source = dtm(composite)
    assert (row["time"], row["time_basis"], row["time_text"]) == (None, "undated", composite.split(":")[1])
    assert source.issues


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UNITED we stand\n",
        "2024-11-12 08:15:00 INFO in:\n" + "\n".join(FILE),
        "2024-11-12 08:15:00 INFO " + "".join(FILE),
        "From: a@b.example\nSubject: x\n\n" + "".join(FILE),
    ],
)
def test_what_only_speaks_of_interchanges_is_left_to_others(text):
    assert score(text) == 0


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_books_balance_for_mutilated_files(data):
    text = ("\n".join(FILE) + contrl("4")).encode(data.draw(st.sampled_from(["utf-8", "utf-16"])))
    broken = bytearray(text[: data.draw(st.integers(0, len(text)))])
    for _ in range(data.draw(st.integers(0, 8)) if broken else 0):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(broken))


def test_every_outside_interchange_has_the_messages_that_were_counted(shared):
    root = shared / "corpora" / "health"
    if not (root / "edifact").is_dir():
        pytest.skip("outside interchanges are not here")
    seen = 0
    for row in csv.DictReader((root / "manifest.csv").open(newline="", encoding="utf-8")):
        if row["file"].startswith("edifact/"):
            data = (root / row["file"]).read_bytes()
            assert score(data) > 0.95, row["file"]
            rows, _ = read(data, "UTC")
            assert len(messages(rows)) == int(row["expected_events"]), row["file"]
            seen += 1
    assert seen
