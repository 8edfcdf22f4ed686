"""ATNA audit messages: what RFC 3881, DICOM PS3.15 A.5 and RECORDS.md, section 7, say of them."""

import csv
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.events import is_kind
from rca.reading import Declared, Source
from rca.reading.health.atna import AtnaReader
from rca.reading.readers import choose

CODES = {"dicom": ("csd-code", "originalText"), "rfc": ("code", "displayName")}
PATIENT = (
    '<ParticipantObjectIdentification ParticipantObjectID="PAT4711^^^&amp;1.2.3&amp;ISO"'
    ' ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1">'
    '<ParticipantObjectIDTypeCode code="2" codeSystemName="RFC-3881" displayName="Patient Number"/>'
    "<ParticipantObjectName>SURNAME^GIVEN</ParticipantObjectName></ParticipantObjectIdentification>"
)
STUDY = (
    '<ParticipantObjectIdentification ParticipantObjectID="1.2.840.99.7" ParticipantObjectTypeCode="2"'
    ' ParticipantObjectTypeCodeRole="3"><ParticipantObjectIDTypeCode csd-code="110180"'
    ' originalText="Study Instance UID" codeSystemName="DCM"/>'
    '<ParticipantObjectDetail type="MSH-10" value="TVNHNw=="/>'
    '<ParticipantObjectDescription><Accession Number="ACC9"/></ParticipantObjectDescription>'
    "</ParticipantObjectIdentification>"
)


def message(
    stamp="2024-11-12T05:30:00.250+01:00",
    *,
    outcome="0",
    user="radiologist",
    objects="",
    style="dicom",
    gap="",
    event="110103",
    description="",
):
    """An audit message as DICOM PS3.15, A.5 has it, or as RFC 3881 with `code=`."""
    code, name = CODES[style]
    dated = f' EventDateTime="{stamp}"' if stamp is not None else ""
    source = f'<RoleIDCode {code}="110153" codeSystemName="DCM" {name}="Source"/>'
    person = f'UserID="{user}" UserName="Firstname Lastname" UserIsRequestor="true"'
    return gap.join(
        [
            "<AuditMessage>",
            f'<EventIdentification EventActionCode="R"{dated} EventOutcomeIndicator="{outcome}">',
            f'<EventID {code}="{event}" codeSystemName="DCM" {name}="Instances Accessed"/>',
            f'<EventTypeCode {code}="ITI-43" codeSystemName="IHE Transactions" {name}="Retrieve"/>',
            description,
            "</EventIdentification>",
            '<ActiveParticipant UserID="archive" UserIsRequestor="false" NetworkAccessPointID="pacs01">',
            f"{source}</ActiveParticipant>",
            f'<ActiveParticipant {person} NetworkAccessPointID="10.0.0.7"/>',
            '<AuditSourceIdentification AuditSourceID="arc" AuditEnterpriseSiteID="NORTH"/>',
            objects,
            "</AuditMessage>",
        ]
    )


HEADERS = {
    "RFC 5424": "<85>1 2024-11-12T04:30:02.5Z pacs01 arc 77 IHE+RFC-3881 - \ufeff",
    "RFC 5424 with data": '<85>1 2024-11-12T04:30:02.5Z pacs01 arc 77 IHE+DICOM [a@1 b="x\\]"] <?xml version="1.0"?>',
    "RFC 3164": "<85>Nov 12 05:30:02 pacs01 arc[77]: ",
    "RFC 3164 without priority": "Nov 12 05:30:02 pacs01 arc: <?xml version='1.0' encoding='UTF-8'?>",
    "file of a daemon": "2024-11-12T05:30:02.123456+01:00 pacs01 arc[77]: ",
}
SYSLOG = "".join(HEADERS["RFC 5424"] + message(f"2024-11-12T05:30:0{n}Z") + "\n" for n in range(3))
OPENHIM = {
    "rawMessage": message(objects=PATIENT),
    "eventIdentification": {
        "eventDateTime": "2024-11-12T05:30:00.250+01:00",
        "eventOutcomeIndicator": "8",
        "eventActionCode": "R",
        "eventID": {"code": "110112", "displayName": "Query", "codeSystemName": "DCM"},
        "eventTypeCode": {"code": "ITI-9", "displayName": "PIX Query", "codeSystemName": "IHE Transactions"},
    },
    "activeParticipant": [
        {"userID": "pix|NORTH", "userIsRequestor": True, "networkAccessPointID": "10.0.0.7",
         "roleIDCode": {"code": "110153", "displayName": "Source", "codeSystemName": "DCM"}},
        {"userID": "mpi|NORTH", "userIsRequestor": "false"},
    ],
    "auditSourceIdentification": {"auditSourceID": "openhim"},
    "participantObjectIdentification": [
        {"participantObjectID": "PAT4711^^^A", "participantObjectTypeCode": "1",
         "participantObjectTypeCodeRole": "1", "participantObjectIDTypeCode": {"code": "2"}},
        {"participantObjectID": "query-7", "participantObjectTypeCode": "2",
         "participantObjectTypeCodeRole": "24", "participantObjectIDTypeCode": {"code": "ITI-9"},
         "participantObjectDetail": {"type": "MSH-10", "value": "TVNHNw=="}},
    ],
}  # fmt: skip


def read(data, zone=None):
    data = data.encode() if isinstance(data, str) else data
    source = Source.of_bytes(data, name="audit.xml", declared=Declared(zone=zone))
    rows = [row for b in AtnaReader().read(source) for row in b.to_pylist()]
    books = source.ledger.close(source.size)
    assert books.balanced
    assert len({row["event_id"] for row in rows}) == len(rows)
    assert all(is_kind(row["kind"]) for row in rows)
    return rows, source, books


def audits(data, zone=None):
    rows, source, _ = read(data, zone)
    return [row for row in rows if row["kind"] == "atna.audit"], source


def only(data, zone=None):
    rows, source = audits(data, zone)
    assert len(rows) == 1
    return rows[0], source


def fields(row):
    return json.loads(row["attributes"])


def span(row, data):
    data = data.encode() if isinstance(data, str) else data
    return data[row["byte_start"] : row["byte_start"] + row["byte_length"]]


def score(data):
    data = data.encode() if isinstance(data, str) else data
    return AtnaReader().score(Source.of_bytes(data).sample)


@pytest.mark.parametrize("style", CODES)
def test_a_message_says_who_did_what_where_and_with_what_outcome(style):
    row, _ = only(message(style=style, objects=STUDY))
    assert row["kind"] == "atna.audit"
    assert (row["actor"], row["component"], row["unit"]) == ("radiologist", "arc", "NORTH")
    assert row["subject"] == "1.2.840.99.7"
    said = fields(row)
    assert (said["EventID"], said["EventID.name"]) == ("110103", "Instances Accessed")
    assert (said["EventTypeCode"], said["EventActionCode"]) == ("ITI-43", "R")
    assert said["ActiveParticipant.1.RoleIDCode"] == "110153"
    assert said["ActiveParticipant.2.NetworkAccessPointID"] == "10.0.0.7"
    assert said["ParticipantObject.1.TypeCode"] == "2"
    assert said["ParticipantObject.1.ID"] == "1.2.840.99.7"
    for words in ("Instances Accessed", "Retrieve", "read", "radiologist", "success"):
        assert words in row["message"]


def test_the_ids_of_the_study_the_order_and_the_message_can_be_looked_up():
    row, _ = only(message(objects=STUDY))
    assert row["refs"] == ["1.2.840.99.7", "MSG7", "ACC9"]
    assert fields(row)["MessageControlID"] == "MSG7"


@pytest.mark.parametrize(("outcome", "severity"), [("0", 9), ("4", 13), ("8", 17), ("12", 21), ("99", None)])
def test_the_outcome_indicator_is_the_severity(outcome, severity):
    row, _ = only(message(outcome=outcome))
    assert (row["severity_text"], row["severity"]) == (outcome, severity)


# -- time --------------------------------------------------------------------------------------------------


def test_seven_decimals_are_a_hundred_nanoseconds():
    row, _ = only(message("2024-11-12T05:30:00.3842263+01:00"))
    assert row["time_text"] == "2024-11-12T05:30:00.3842263+01:00"
    assert (
        row["time"].value == int(datetime(2024, 11, 12, 4, 30, tzinfo=UTC).timestamp()) * 10**9 + 384_226_300
    )
    assert (row["time_precision"], row["time_basis"]) == ("ns", "offset_stated")


def test_a_time_without_an_offset_is_that_of_the_zone_that_was_given():
    row, source = only(message("2024-11-12T05:30:00"), "Europe/Stockholm")
    assert row["time"] == datetime(2024, 11, 12, 4, 30, tzinfo=UTC)
    assert row["time_basis"] == "zone_given"
    assert not source.assumptions


def test_a_time_without_an_offset_and_a_zone_is_an_assumption():
    row, source = only(message("2024-11-12T05:30:00.1234567"))
    assert row["time_basis"] == "zone_assumed"
    assert row["assumptions"] == [source.assumptions[0].id]


def test_an_impossible_time_keeps_its_text_and_is_undated():
    row, source = only(message("2024-02-30T05:30:00Z"))
    assert row["time"] is None
    assert (row["time_text"], row["time_basis"]) == ("2024-02-30T05:30:00Z", "undated")
    assert source.issues


def test_a_message_without_a_time_is_undated_and_an_issue_says_so():
    row, source = only(message(None))
    assert (row["time"], row["time_text"], row["time_basis"]) == (None, None, "undated")
    assert "EventDateTime" in source.issues[0].message


# -- shapes ------------------------------------------------------------------------------------------------


SHAPES = {
    "one": message(gap="\n  "),
    "without a root": "\n".join(message(gap="\n\t") for _ in range(3)),
    "on one line": "".join(message() for _ in range(3)),
    "with a root": "<?xml version='1.0'?>\n<Audits>\n" + message() + "\n" + message() + "\n</Audits>\n",
    "with declarations": ('<?xml version="1.0" encoding="UTF-8"?>\n' + message() + "\n") * 2,
    "with a prefix": message().replace("<AuditMessage", "<a:AuditMessage").replace("</Audit", "</a:Audit"),
    "after a comment": "<!-- a sample: <AuditMessage> -->\n" + message(),
    "as log lines": SYSLOG,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_messages_are_read_in_every_shape_with_their_exact_bytes(shape, encoding):
    text = SHAPES[shape].replace("\ufeff", "")
    if encoding == "utf-16-be":
        text = "\ufeff" + text
    data = text.encode(encoding)
    assert score(data) >= 0.97
    rows, _, books = read(data)
    assert len(rows) == text.count("<EventIdentification")
    assert books.unparsed == 0
    plain = "utf-8" if encoding.startswith("utf-8") else "utf-16-be" if "be" in encoding else "utf-16-le"
    for row in rows:
        raw = span(row, data).decode(plain)
        assert raw.startswith("<")
        assert raw.endswith("AuditMessage>")
        assert row["time"] is not None
        first = data[: row["byte_start"]].decode(plain).count("\n") + 1
        last = first + raw.count("\n")
        assert row["line"] == first
        assert row["locator"] == (f"L{first}" if first == last else f"L{first}-{last}")


@pytest.mark.parametrize("kind", HEADERS)
def test_a_log_line_with_its_header_is_the_event_of_its_message(kind):
    lines = [HEADERS[kind] + message(f"2024-11-12T05:30:0{n}+01:00") for n in range(3)]
    data = "\n".join(lines) + "\n"
    assert score(data) >= 0.97
    rows, source = audits(data)
    assert [span(row, data).decode() for row in rows] == lines
    assert [row["locator"] for row in rows] == ["L1", "L2", "L3"]
    assert [row["time"].second for row in rows] == [0, 1, 2]
    said = fields(rows[0])
    assert (said["syslog.host"], said["syslog.app"]) == ("pacs01", "arc")
    assert not source.issues


def test_a_header_that_states_its_offset_tells_when_the_message_was_known():
    row, _ = only(HEADERS["RFC 5424"] + message())
    assert row["known_basis"] == "stated"
    assert row["known_time"] >= datetime(2024, 11, 12, 4, 30, 2, 500_000, tzinfo=UTC)
    assert row["time"] == datetime(2024, 11, 12, 4, 30, 0, 250_000, tzinfo=UTC)
    row, _ = only(HEADERS["RFC 3164"] + message())
    assert row["known_time"] is None


def test_frames_that_count_their_bytes_need_no_line_ends():
    """RFC 6587, 3.4.1."""
    frames = [HEADERS["RFC 5424"] + message(gap="\n") for _ in range(3)]
    data = "".join(f"{len(frame.encode())} {frame}" for frame in frames)
    rows, _ = audits(data)
    assert [span(row, data).decode().partition(" ")[2] for row in rows] == frames


def test_line_feeds_that_a_daemon_wrote_as_numbers_are_line_feeds():
    row, _ = only(
        HEADERS["RFC 3164"] + message(gap="\n\t").replace("\n", "#012").replace("\t", "#011") + "\n"
    )
    assert (row["actor"], row["severity"]) == ("radiologist", 9)


def test_other_lines_of_the_log_are_events_and_only_few_are_allowed():
    other = "<46>Nov 12 05:29:00 pacs01 rsyslogd: [origin] start\n"
    data = SYSLOG + other + SYSLOG
    rows, _, books = read(data, "Europe/Stockholm")
    assert [row["kind"] for row in rows].count("atna.audit") == 6
    line = rows[3]
    assert (line["kind"], line["component"], line["subject"]) == ("log.line", "rsyslogd", "pacs01")
    assert line["message"] == "[origin] start"
    assert span(line, data).decode() + "\n" == other
    assert books.unparsed == 0
    assert score(data) >= 0.97
    assert score(other * 20 + SYSLOG) == 0


def test_the_encoding_of_a_message_in_latin_1_is_that_of_its_declaration():
    data = ('<?xml version="1.0" encoding="ISO-8859-1"?>\n' + message(user="läkare")).encode("latin-1")
    row, source = only(data)
    assert row["actor"] == "läkare"
    assert not source.assumptions


# -- patients ----------------------------------------------------------------------------------------------


def everything(row):
    return json.dumps({name: str(value) for name, value in row.items()}, ensure_ascii=False)


@pytest.mark.parametrize(
    "objects",
    [
        PATIENT,
        PATIENT.replace(' ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1"', ""),
        PATIENT.replace('TypeCodeRole="1"', 'TypeCodeRole="9"'),
        PATIENT.replace('TypeCode="1"', 'TypeCode="2"'),
    ],
)
def test_patients_stay_in_the_exhibit(objects):
    user = "http://pacs01/rs/patients/PAT4711/studies?PatientName=SURNAME"
    text = message(user=user, objects=objects + STUDY, description="<EventOutcomeDescription>SURNAME is not known</EventOutcomeDescription>")  # fmt: skip
    row, _ = only(text)
    for hidden in ("PAT4711", "SURNAME", "GIVEN", "Firstname", "Lastname"):
        assert hidden not in everything(row)
    assert row["actor"] == "http://pacs01/rs/patients/[patient]/studies"
    assert fields(row)["ParticipantObject.1.IDTypeCode"] == "2"
    assert row["subject"] == "1.2.840.99.7"


def test_a_patient_who_uses_a_portal_is_not_named():
    role = '<RoleIDCode csd-code="PAT" codeSystemName="2.16.756.5.30.1.127.3.10.6" originalText="Patient"/>'
    text = message(user="PORTAL-USER-1").replace(
        'ID="10.0.0.7"/>', f'ID="10.0.0.7">{role}</ActiveParticipant>'
    )
    row, _ = only(text)
    assert row["actor"] == "[patient]"
    assert "PORTAL-USER-1" not in everything(row)


def test_why_a_system_was_refused_is_kept():
    why = "<EventOutcomeDescription>Connection refused</EventOutcomeDescription>"
    row, _ = only(message(event="110113", outcome="4", description=why))
    assert row["message"].endswith("minor failure: Connection refused")
    row, _ = only(message(event="110112", outcome="4", description=why))
    assert "refused" not in everything(row)


# -- JSON --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 2])
def test_the_same_fields_are_read_from_the_json_of_openhim(indent):
    text = json.dumps(OPENHIM, indent=indent)
    assert score(text) >= 0.97
    row, _ = only(text)
    assert row["time"] == datetime(2024, 11, 12, 4, 30, 0, 250_000, tzinfo=UTC)
    assert (row["actor"], row["component"], row["severity"]) == ("pix|NORTH", "openhim", 17)
    assert row["refs"] == ["query-7", "MSG7"]
    assert fields(row)["ActiveParticipant.1.RoleIDCode"] == "110153"
    assert row["locator"] == "J"
    assert span(row, text).decode() == text
    for hidden in ("PAT4711", "SURNAME"):
        assert hidden not in everything(row)


def test_lists_and_exports_of_json_messages_are_read_one_by_one():
    for text in (json.dumps([OPENHIM] * 3), json.dumps({"audits": [OPENHIM] * 3}, indent=1)):
        rows, _ = audits(text)
        assert len(rows) == 3
        assert [json.loads(span(row, text)) for row in rows] == [OPENHIM] * 3
    exported = json.loads(json.dumps(OPENHIM))
    exported["eventIdentification"]["eventDateTime"] = {"$date": "2024-11-12T04:30:00.250Z"}
    rows, _ = audits((json.dumps({"_id": {"$oid": "54"}, **exported}) + "\n") * 3)
    assert [row["time"].minute for row in rows] == [30, 30, 30]


# -- hostile and broken ------------------------------------------------------------------------------------


def test_entities_are_not_expanded():
    bomb = '<!DOCTYPE a [<!ENTITY b "<AuditMessage>"><!ENTITY c SYSTEM "file:///etc/hostname">]>\n'
    row, _ = only(bomb + message(user="&c;&b;&#229;&lt;"))
    assert row["actor"] == "&c;&b;å<"


def test_a_torn_message_costs_only_itself():
    whole = message(gap="\n")
    data = whole + "\n" + whole[: len(whole) // 2] + "\n" + whole
    rows, source = audits(data)
    assert len(rows) == 3
    assert rows[2]["actor"] == "radiologist"
    assert any("breaks off" in issue.message for issue in source.issues)


@pytest.mark.parametrize("kind", HEADERS)
def test_a_message_that_the_limit_of_syslog_cut_ends_with_its_line(kind):
    lines = [HEADERS[kind] + message()[:length] for length in (14, 60, 300)] + [HEADERS[kind] + message()]
    data = "\n".join(lines) + "\n"
    rows, _ = audits(data)
    assert [span(row, data).decode() for row in rows] == lines
    assert rows[0]["time_kind"] == "recorded"
    assert rows[0]["assumptions"]
    assert (rows[2]["time_kind"], rows[2]["time"].microsecond) == ("occurred", 250_000)


def test_messages_across_blocks_keep_their_bytes():
    lines = [HEADERS["RFC 5424"] + message(user=f"user{n}", objects=STUDY) for n in range(2_000)]
    data = "\n".join(lines) + "\n"
    assert len(data) > 2 << 20
    rows, _ = audits(data)
    assert [span(row, data).decode() for row in rows] == lines
    assert [row["line"] for row in rows] == list(range(1, 2_001))


def test_what_is_no_audit_trail_is_left_to_others():
    for text in (
        "",
        "a text about <AuditMessage> and EventIdentification\n" * 5,
        "<Event><System/></Event>",
        json.dumps({"resourceType": "AuditEvent", "recorded": "2024-11-12T04:30:00Z"}),
        "MSH|^~\\&|A",
        "The sample below shows a login.\n\nIt has two parts:\n\n" + message(gap="\n"),
    ):
        assert score(text) == 0


def test_the_reader_is_found_by_its_name_and_gets_its_files():
    for text in (message(), SYSLOG, json.dumps(OPENHIM, indent=2)):
        found = choose(Source.of_bytes(text.encode()))
        assert found is not None
        assert found.name == "atna"


@pytest.mark.parametrize(
    "piece",
    [
        "<AuditMessage>",
        "<AuditMessage ",
        "<!--",
        "<![CDATA[",
        "<a>",
        "<85>1 ",
        '<!ENTITY a "',
        "<?xml ",
        "{",
        "&#9;",
    ],
)
def test_much_of_the_same_markup_takes_no_long_time(piece):
    for text in (message() + piece * 30_000, "<AuditMessage>" + piece * 30_000):
        begun = time.perf_counter()
        score(text)
        read(text)
        assert time.perf_counter() - begun < 20


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_books_balance_for_mutilated_files(data):
    text = data.draw(
        st.sampled_from(
            [
                SYSLOG,
                SHAPES["with a root"],
                message(objects=PATIENT + STUDY, gap="\n"),
                json.dumps([OPENHIM] * 2, indent=1),
            ]
        )
    )
    whole = text.encode(data.draw(st.sampled_from(["utf-8", "utf-16", "utf-32"])))
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8)) if broken else 0):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    score(bytes(broken))
    read(bytes(broken))


@given(st.binary(max_size=300), st.sampled_from([b"", b"<AuditMessage ", b'{"eventIdentification":{']))
@settings(max_examples=100, deadline=None)
def test_books_balance_for_any_bytes(data, head):
    read(head + data)


def test_base64_that_is_none_is_no_message_id():
    row, _ = only(message(objects=STUDY.replace("TVNHNw==", "not base64!")))
    assert "MessageControlID" not in fields(row)


# -- outside files -----------------------------------------------------------------------------------------


def test_every_outside_audit_file_has_the_messages_that_were_counted(shared):
    root = shared / "corpora" / "health"
    if not (root / "atna").is_dir():
        pytest.skip("outside audit messages are not here")
    seen = 0
    for line in csv.DictReader((root / "manifest.csv").open(newline="", encoding="utf-8")):
        path = root / line["file"]
        if not path.is_file():
            continue
        if not line["file"].startswith("atna/"):
            assert score(path.read_bytes()) == 0, line["file"]
            continue
        data = path.read_bytes()
        assert score(data) >= 0.97, line["file"]
        rows, _, books = read(data)
        assert len(rows) == int(line["expected_events"]), line["file"]
        assert books.unparsed == 0
        dated = sorted((row["time"], row["time_text"]) for row in rows if row["time"] is not None)
        assert (dated[0][1], dated[-1][1]) == (line["first_ts"], line["last_ts"]), line["file"]
        assert {row["time_basis"] for row in rows} <= {"offset_stated", "undated"}
        seen += 1
    assert seen
