"""ServiceNow: two clocks are kept apart, journals are cut at their headers, history is derived and says so.

Column and element names are those of ServiceNow's documentation (tables task, incident, sys_journal_field, sys_audit,
sys_attachment) and of the UCI event log; all contents are made up.
"""

import base64
import csv
import gzip
import json
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.tickets.servicenow import ServiceNowReader
from rca.reading.tickets.servicenow_clock import hours_apart
from rca.reading.tickets.servicenow_journal import split_journal

READER = ServiceNowReader()
INC, PRB = "1" * 32, "2" * 32


def read(data, **declared):
    data = data if isinstance(data, bytes) else data.encode()
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    books = source.ledger.close(source.size)
    assert books.balanced
    return rows, source, books


def score(data):
    return READER.score(Source.of_bytes(data if isinstance(data, bytes) else data.encode()).sample)


def of_kind(rows, kind):
    return [row for row in rows if row["kind"] == kind]


def one(rows, kind):
    (found,) = of_kind(rows, kind)
    return found


def at(row):
    return str(row["time"])[:19]


def fields(row):
    return json.loads(row["attributes"])


def linked(row):
    return [link["target"] for link in fields(row)["as_exported"]["links"]]


UNLOAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<unload unload_date="2018-08-17 03:36:11">
<incident action="INSERT_OR_UPDATE">
<active>true</active>
<assignment_group display_value="Integration team">{"3" * 32}</assignment_group>
<caller_id display_value="Ward nurse">{"4" * 32}</caller_id>
<description>Copied from the screen: 2018-08-16 15:44:11 no labels are printed on ward 12 &amp; 13</description>
<number>INC0010007</number>
<opened_at>2018-08-16 22:44:46</opened_at>
<problem_id display_value="PRB0040002">{PRB}</problem_id>
<short_description>No labels are printed</short_description>
<state>2</state>
<sys_created_by>ward.nurse</sys_created_by>
<sys_created_on>2018-08-16 22:44:46</sys_created_on>
<sys_id>{INC}</sys_id>
<sys_updated_on>2018-08-17 01:00:00</sys_updated_on>
</incident>
<sys_journal_field action="INSERT_OR_UPDATE">
<element>work_notes</element>
<element_id>{INC}</element_id>
<name>incident</name>
<sys_created_by>integration.lead</sys_created_by>
<sys_created_on>2018-08-16 23:00:00</sys_created_on>
<value><![CDATA[Queue of the printer stands still.

2018-08-16 15:58:00 - Night lead (Work notes)
is what the other ticket says: </incident> <b>quoted</b>]]></value>
</sys_journal_field>
<sys_journal_field action="INSERT_OR_UPDATE">
<element>comments</element>
<element_id>{INC}</element_id>
<name>incident</name>
<sys_created_by>service.desk</sys_created_by>
<sys_created_on>2018-08-16 23:10:00</sys_created_on>
<value>We are looking into it.</value>
</sys_journal_field>
<sys_attachment action="INSERT_OR_UPDATE">
<compressed>true</compressed>
<content_type>text/plain</content_type>
<file_name>queue.log</file_name>
<sys_created_by>integration.lead</sys_created_by>
<sys_created_on>2018-08-16 23:05:00</sys_created_on>
<sys_id>{"a" * 32}</sys_id>
<table_name>incident</table_name>
<table_sys_id>{INC}</table_sys_id>
</sys_attachment>
<sys_attachment_doc action="INSERT_OR_UPDATE">
<data>@0</data>
<position>0</position>
<sys_attachment display_value="queue.log">{"a" * 32}</sys_attachment>
</sys_attachment_doc>
<sys_attachment_doc action="INSERT_OR_UPDATE">
<data>@1</data>
<position>1</position>
<sys_attachment display_value="queue.log">{"a" * 32}</sys_attachment>
</sys_attachment_doc>
<sys_audit action="INSERT_OR_UPDATE">
<documentkey>{INC}</documentkey>
<fieldname>state</fieldname>
<newvalue>2</newvalue>
<oldvalue>1</oldvalue>
<sys_created_on>2018-08-16 22:50:00</sys_created_on>
<tablename>incident</tablename>
<user>service.desk</user>
</sys_audit>
<task_sla action="INSERT_OR_UPDATE">
<sys_created_on>2018-08-16 22:44:46</sys_created_on>
<task display_value="INC0010007">{INC}</task>
</task_sla>
</unload>
"""
LOG_TEXT = b"00:44:11 queue stopped\n" * 9
PACKED = gzip.compress(LOG_TEXT, mtime=0)
for _number, _part in enumerate((PACKED[:20], PACKED[20:])):
    UNLOAD = UNLOAD.replace(f"@{_number}", base64.b64encode(_part).decode())


def test_database_time_and_a_time_pasted_from_the_screen_seven_hours_apart_are_both_kept_and_named():
    # ServiceNow's documentation: XML exports hold the database's value (UTC), the screen shows the reader's zone
    assert score(UNLOAD) == 0.98
    rows, source, _ = read(UNLOAD)
    opened = one(rows, "ticket.created")
    assert (at(opened), opened["time_text"]) == ("2018-08-16 22:44:46", "2018-08-16 22:44:46")
    assert "2018-08-16 15:44:11" in fields(opened)["text"]
    assert fields(opened)["hours_from_stored"] == "-7"
    named = [i for i in source.issues if i.message.startswith("Two clocks in one record")]
    assert any("2018-08-16 15:44:11, 7 h behind the stored 2018-08-16 22:44:46" in i.message for i in named)
    reasons = {a.id: a for a in source.assumptions}
    assert "documentation" in reasons[opened["assumptions"][0]].rests_on


def test_an_unload_gives_notes_comments_files_and_changes_of_the_ticket_but_none_of_chunks():
    rows, source, books = read(UNLOAD)
    assert {row["record_id"] for row in rows} == {"servicenow:INC0010007"}
    assert Counter(row["kind"] for row in rows) == {
        "ticket.created": 1,
        "ticket.state": 1,
        "ticket.note": 1,
        "ticket.comment": 1,
        "ticket.attachment": 1,
        "ticket.status": 1,
    }
    assert books.unparsed == 0
    assert fields(one(rows, "ticket.state"))["unload_date"] == "2018-08-17 03:36:11"
    assert linked(one(rows, "ticket.created")) == ["PRB0040002"]
    note = one(rows, "ticket.note")
    assert (at(note), note["actor"]) == ("2018-08-16 23:00:00", "integration.lead")
    assert "Night lead (Work notes)" in fields(note)["text"], "a header that was pasted is text, no entry"
    assert note["parent"] == one(rows, "ticket.created")["event_id"]
    assert one(rows, "ticket.status")["message"] == "INC0010007 state: 1 → 2"
    assert any("task_sla" in i.message for i in source.issues)


def test_the_chunks_of_an_attachment_are_put_together():
    found = []
    source = Source.of_bytes(
        UNLOAD.encode(), declared=Declared(attachments=lambda what, data: found.append((what.name, data)))
    )
    list(READER.read(source))
    assert found == [("queue.log", LOG_TEXT)]


def test_the_book_of_an_unload_cites_the_lines_of_each_record():
    rows, _, _ = read(UNLOAD)
    data = UNLOAD.encode()
    for row in rows:
        raw = data[row["byte_start"] : row["byte_start"] + row["byte_length"]].decode()
        assert (raw[0], raw[-1]) == ("<", ">")
        assert "action=" in raw
        assert row["locator"].startswith(f"L{row['line']}")


LIST_XML = """<?xml version="1.0" encoding="UTF-8"?><xml>
<incident><number>INC0010008</number><opened_at>2024-11-12 04:30:00</opened_at><short_description>a</short_description>
<sys_id>00000000000000000000000000000008</sys_id><sys_created_on>2024-11-12 04:30:05</sys_created_on>
<caused_by display_value="CHG0030001">99</caused_by></incident>
<incident><number>INC0010009</number><opened_at>2024-11-12 05:30:00</opened_at><short_description>b</short_description>
<sys_id>00000000000000000000000000000009</sys_id><sys_created_on>2024-11-12 05:30:05</sys_created_on></incident></xml>"""


def test_a_list_as_xml_is_read_and_its_links_are_asserted_not_found():
    assert score(LIST_XML) == 0.98
    rows, _, _ = read(LIST_XML)
    assert [row["subject"] for row in of_kind(rows, "ticket.created")] == ["INC0010008", "INC0010009"]
    opened = of_kind(rows, "ticket.created")[0]
    assert str(opened["known_time"])[:19] == "2024-11-12 04:30:06", "held when it was created, at the latest"
    (link,) = fields(opened)["as_exported"]["links"]
    assert {k: link[k] for k in ("relation", "phrase", "target", "asserted")} == {
        "relation": "caused_by",
        "phrase": "Caused by Change",
        "target": "CHG0030001",
        "asserted": "true",
    }
    assert opened["refs"] == ["INC0010008", "CHG0030001"]
    assert not of_kind(rows, "ticket.link"), "the list does not say when the link was made"


CSV = (
    '"number","short_description","state","opened_at","sys_created_on","sys_updated_on","resolved_at","closed_at","work_notes"\r\n'
    '"INC0010001","Log-in, fails","Closed","2024-11-12 04:30:00","2024-11-12 04:30:05","2024-11-13 08:00:00",'
    '"2024-11-12 10:00:00","2024-11-13 08:00:00",""\r\n'
)


def test_a_csv_by_column_names_is_utc_by_documentation_even_where_a_zone_was_given():
    assert score(CSV) == 0.98
    rows, source, _ = read(CSV, zone="Europe/Stockholm")
    assert [(row["kind"], at(row)) for row in rows] == [
        ("ticket.created", "2024-11-12 04:30:00"),
        ("ticket.resolved", "2024-11-12 10:00:00"),
        ("ticket.closed", "2024-11-13 08:00:00"),
        ("ticket.state", "2024-11-13 08:00:00"),
    ]
    assert any("Europe/Stockholm" in i.message and i.hint for i in source.issues)
    assert all(row["assumptions"] for row in rows)
    assert {i.message for i in source.issues if i.code == "RCA190"} == {
        "Not in this source: status history (no sys_audit, no sys_history_line)",
        "Not in this source: journal entries (work notes and additional comments)",
        "Not in this source: attachments (no sys_attachment)",
    }


@pytest.mark.parametrize(
    "header",
    [
        "Number,Opened,Short description,State,Assignment group,Updated",
        "Nummer,Öppnad,Kort beskrivning,Status,Tilldelningsgrupp,Uppdaterad",
        "Nummer,Geöffnet,Kurzbeschreibung,Status,Zuweisungsgruppe,Aktualisiert",
    ],
)
def test_labels_are_those_of_the_screen_so_stamps_are_in_the_zone_of_who_exported(header):
    text = header + "\nINC0010001,12-11-2024 05:30:00,Log-in fails,New,Service desk,12-11-2024 05:31:00\n"
    assert score(text) == 0.98
    rows, source, _ = read(text, zone="Europe/Stockholm")
    opened = one(rows, "ticket.created")
    assert (at(opened), opened["time_basis"]) == ("2024-11-12 04:30:00", "zone_given")
    assert opened["unit"] == "Service desk"
    rows, source, _ = read(text)
    assert one(rows, "ticket.created")["time_basis"] == "zone_assumed"
    assert any("as shown" in a.what for a in source.assumptions)


@pytest.mark.parametrize(
    "stamp", ["13-Jul-2026 10:29:21", "13-07-2026 10:29:21", "13-Jul-2026 10:29:21 AM", "13/07/2026 10:29:21"]
)
def test_stamps_in_another_format_than_the_databases_are_as_shown(stamp):
    text = f"number,short_description,state,opened_at,sys_created_on\nINC0010001,a,New,{stamp},{stamp}\n"
    rows, _, _ = read(text, zone="America/Los_Angeles")
    assert at(one(rows, "ticket.created")) == "2026-07-13 17:29:21"


def test_other_tables_are_left_to_the_other_readers():
    assert score("number,name\n1,a\n") == 0
    assert score("timestamp,level,message\n2024-11-12 05:30:00,INFO,x\n") == 0
    assert score('[{"id": 1, "created_at": "2024-11-12T05:30:00Z"}]') == 0
    assert score("<log><entry/></log>") == 0
    assert score("") == 0


def api(**more):
    return {
        "sys_id": INC,
        "number": "INC0010001",
        "short_description": "Log-in fails",
        "sys_created_by": "ward.nurse",
        "opened_at": "2019-10-15 10:56:00",
        "sys_created_on": "2019-10-15 10:56:00",
        "sys_updated_on": "2019-10-15 10:56:58",
        "state": "2",
        "sys_class_name": "incident",
        **more,
    }


def both(stored, shown):
    return {"display_value": shown, "value": stored}


def test_the_table_api_gives_utc_unless_asked_otherwise():
    text = json.dumps(
        {"result": [api(problem_id={"link": f"https://x/problem/{PRB}", "value": PRB})]}, indent=1
    )
    assert score(text) == 0.98
    rows, _, _ = read(text, zone="America/Los_Angeles")
    assert at(one(rows, "ticket.created")) == "2019-10-15 10:56:00"
    (link,) = fields(one(rows, "ticket.created"))["as_exported"]["links"]
    assert (link["target"], link["cite"]) == (PRB, "J/result/0/problem_id")


def test_with_both_values_the_stored_one_is_used_and_the_journal_is_on_the_clock_that_is_shown():
    record = {name: both(value, value) for name, value in api().items()}
    record["opened_at"] = both("2019-10-15 10:56:00", "2019-10-15 03:56:00")
    record["state"] = both("2", "In Progress")
    note = "2019-10-15 03:56:58 - System Administrator (Work notes)\nrestarted\n\n"
    record["work_notes"] = {"display_value": note, "value": ""}
    rows, source, _ = read(json.dumps({"result": [record]}), zone="America/Los_Angeles")
    assert at(one(rows, "ticket.created")) == "2019-10-15 10:56:00"
    assert at(one(rows, "ticket.note")) == "2019-10-15 10:56:58"
    assert one(rows, "ticket.state")["message"] == "INC0010001 as exported: In Progress"
    assert any("shown 2019-10-15 03:56:00 is 7 h behind" in i.message for i in source.issues)


def test_shown_values_alone_are_in_the_readers_zone():
    record = api(
        opened_at="2019-10-15 03:56:00",
        state="In Progress",
        sys_class_name="Incident",
        problem_id={"display_value": "PRB0040002", "link": f"https://x/problem/{PRB}"},
    )
    rows, _, _ = read(json.dumps({"result": record}), zone="America/Los_Angeles")
    assert at(one(rows, "ticket.created")) == "2019-10-15 10:56:00"
    assert linked(one(rows, "ticket.created")) == ["PRB0040002"]


JOURNAL = (
    "2019-10-15 04:10:00 - Integration (ext) - lead (Work notes)\nSecond, with a blank line:\n\nstill the second.\n\n"
    "2019-10-15 03:56:58 - System Administrator (Work notes)\nFirst.\n\n"
)


def test_a_journal_is_cut_at_its_headers_never_at_blank_lines():
    found = split_journal(JOURNAL)
    assert [(e.stamp, e.who, e.label) for e in found] == [
        ("2019-10-15 04:10:00", "Integration (ext) - lead", "Work notes"),
        ("2019-10-15 03:56:58", "System Administrator", "Work notes"),
    ]
    assert found[0].text == "Second, with a blank line:\n\nstill the second."


@pytest.mark.parametrize(
    "header, public",
    [
        ("15-10-2019 03:56:58 - Night lead (Additional comments)", True),
        ("10/15/2019 03:56:58 AM - Night lead (Additional comments (Customer visible))", True),
        ("15.10.2019 03:56:58 - Nattledare (Arbetsanteckningar)", False),
        ("15-Oct-2019 03:56:58 - Night lead (Internal comments)", False),
        ("2019-10-15 03:56:58 - Nattledare (Ytterligare kommentarer)", True),
    ],
)
def test_headers_have_other_dates_and_translated_labels(header, public):
    record = api(comments_and_work_notes=f"{header}\ntext\n\n")
    rows, _, _ = read(json.dumps({"result": [record]}))
    (entry,) = [row for row in rows if row["kind"] in ("ticket.note", "ticket.comment")]
    assert entry["kind"] == ("ticket.comment" if public else "ticket.note")
    assert at(entry) == "2019-10-15 03:56:58"


def test_entries_come_oldest_first_and_a_second_copy_of_them_is_told_once():
    record = api(work_notes=JOURNAL, comments_and_work_notes=JOURNAL)
    rows, source, _ = read(json.dumps({"result": [record]}))
    assert [at(row) for row in of_kind(rows, "ticket.note")] == ["2019-10-15 03:56:58", "2019-10-15 04:10:00"]
    assert any("headers of journal" in a.what for a in source.assumptions)
    assert all(row["time_basis"] == "zone_assumed" for row in of_kind(rows, "ticket.note"))


def test_a_journal_with_breaks_of_html_is_cut_too():
    found = split_journal(JOURNAL.replace("\n", "<br>"))
    assert [e.who for e in found] == ["Integration (ext) - lead", "System Administrator"]


AUDIT = (
    "documentkey,tablename,fieldname,oldvalue,newvalue,user,sys_created_on\n"
    "Incident: INC0010001,incident,state,New,In Progress,service.desk,2024-11-12 04:35:00\n"
    "Incident: INC0010001,incident,assigned_to,,Night lead,service.desk,2024-11-12 04:36:00\n"
    'Incident: INC0010001,incident,work_notes,,"called the ward",service.desk,2024-11-12 04:37:00\n'
    "Incident: INC0010001,incident,comments,,Please wait,service.desk,2024-11-12 04:38:00\n"
    "Incident: INC0010001,incident,problem_id,,PRB0040002,service.desk,2024-11-12 04:39:00\n"
)


def test_audit_rows_are_the_history_with_its_notes_and_comments():
    assert score(AUDIT) == 0.98
    rows, _, _ = read(AUDIT)
    assert [row["kind"] for row in rows] == [
        "ticket.status",
        "ticket.assignee",
        "ticket.note",
        "ticket.comment",
        "ticket.link",
    ]
    assert {row["record_id"] for row in rows} == {"servicenow:INC0010001"}
    assert rows[0]["message"] == "INC0010001 state: New → In Progress"


LOG = (
    "number,incident_state,active,reassignment_count,sys_mod_count,opened_by,opened_at,sys_created_by,sys_created_at,"
    "sys_updated_by,sys_updated_at,assignment_group,problem_id,caused_by,resolved_by,resolved_at,closed_at\n"
    "INC0000045,New,TRUE,0,0,Opened by 8,29-02-2016 01:16,?,?,Updated by 21,29-02-2016 01:23,Group 56,?,?,"
    "Resolved by 149,29-02-2016 11:29,05-03-2016 12:00\n"
    "INC0000045,Active,TRUE,1,3,Opened by 8,29-02-2016 01:16,?,?,Updated by 64,29-02-2016 08:53,Group 24,Problem 7,?,"
    "Resolved by 149,29-02-2016 11:29,05-03-2016 12:00\n"
    "INC0000045,Closed,FALSE,1,4,Opened by 8,29-02-2016 01:16,?,?,Updated by 80,05-03-2016 12:00,Group 24,Problem 7,?,"
    "Resolved by 149,29-02-2016 11:29,05-03-2016 12:00\n"
    "INC0000047,New,TRUE,0,0,Opened by 397,29-02-2016 04:40,Created by 1,29-02-2016 04:57,Updated by 746,29-02-2016 04:57,"
    "Group 70,?,?,?,?,06-03-2016 10:00\n"
)


def test_a_log_of_updates_gives_each_update_and_the_changes_between_rows():
    assert score(LOG) == 0.98
    rows, source, _ = read(LOG)
    assert len(of_kind(rows, "ticket.state")) == 4
    assert [(at(row), row["message"]) for row in of_kind(rows, "ticket.status")] == [
        ("2016-02-29 08:53:00", "INC0000045 incident_state: New → Active"),
        ("2016-03-05 12:00:00", "INC0000045 incident_state: Active → Closed"),
    ]
    change = of_kind(rows, "ticket.status")[0]
    assert (change["actor"], change["time_precision"]) == ("Updated by 64", "minute")
    assert fields(change)["updates_without_a_row"] == "2", "sys_mod_count goes from 0 to 3"
    assert any(a.kind == "history" and a.id in change["assumptions"] for a in source.assumptions)
    assert one(rows, "ticket.link")["refs"] == ["Problem 7"]


def test_question_marks_are_null_and_the_last_values_are_told_once():
    rows, source, _ = read(LOG)
    assert "?" not in json.dumps([row["attributes"] for row in rows])
    assert [at(row) for row in of_kind(rows, "ticket.closed")] == [
        "2016-03-05 12:00:00",
        "2016-03-06 10:00:00",
    ]
    assert [at(row) for row in of_kind(rows, "ticket.resolved")] == ["2016-02-29 11:29:00"]
    first = of_kind(rows, "ticket.state")[0]
    assert "05-03-2016" not in first["attributes"], "no row knows what came after it"
    assert any("hold what came after them" in i.message for i in source.issues)


def test_two_records_with_one_number_are_kept_apart():
    records = [api(), api(sys_id=PRB)]
    rows, source, _ = read(json.dumps({"records": records}))
    assert len({row["record_id"] for row in rows}) == 2
    assert any("same number" in i.message for i in source.issues)


def test_an_error_of_the_api_is_named():
    rows, source, _ = read(
        '{"error": {"message": "User Not Authenticated"}, "status": "failure", "result": []}'
    )
    assert rows == []
    assert any("User Not Authenticated" in i.message for i in source.issues)


def test_hours_apart_needs_whole_half_hours():
    assert hours_apart("2018-08-16 22:44:46", "2018-08-17 04:14:46") == 5.5
    assert hours_apart("2018-08-16 22:44:46", "2018-08-16 22:50:46") is None
    assert hours_apart("2018-08-16 22:44:46", "2018-08-10 22:44:46") is None


SAMPLES = [UNLOAD, LIST_XML, CSV, AUDIT, LOG, json.dumps({"result": [api(work_notes=JOURNAL)]}, indent=1)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sample", range(len(SAMPLES)))
def test_any_encoding_gives_the_same_events_and_exact_bytes(encoding, sample):
    text = SAMPLES[sample].replace('encoding="UTF-8"', "").replace("Ward nurse", "Avdelning å")
    data = text.encode(encoding)
    assert score(data) == 0.98
    rows, _, books = read(data)
    assert books.unparsed == 0
    assert [row["message"] for row in rows] == [row["message"] for row in read(text)[0]]
    assert all(row["byte_start"] + row["byte_length"] <= len(data) for row in rows)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_torn_or_altered_the_books_balance(data):
    raw = bytearray(data.draw(st.sampled_from(SAMPLES)).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        at_byte = data.draw(st.integers(0, len(raw) - 1))
        raw[at_byte : at_byte + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
        if not raw:
            raw = bytearray(b"<")
    del raw[data.draw(st.integers(0, len(raw))) :]
    score(bytes(raw))
    read(bytes(raw))


@pytest.mark.parametrize("wrong", [None, [], {}, 7, True, "x", [None], {"value": []}, [[{}]]])
def test_members_of_a_wrong_type_stop_nothing(wrong):
    for name in api():
        read(json.dumps({"result": [{**api(), name: wrong}, wrong, api()]}))


def expected(shared):
    with (shared / "corpora/records/manifest.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["file"]: int(row["expected_events"])
            for row in csv.DictReader(file)
            if row["file"].startswith("servicenow/")
        }


@cache
def outside(path):
    source = Source.of_bytes(path.read_bytes(), name=path.name)
    assert READER.score(source.sample) == 0.98
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def test_the_outside_files_hold_what_was_counted_in_them(shared):
    """Event log: a row is an update (`ticket.state`, dated by it). Import file: the filled cells of three dates. JSON: a record each.

    States here have times (`sys_updated_on`), so that they stay events; only links without a time went into the creations.
    """
    found = {}
    for name, count in expected(shared).items():
        rows, source = outside(shared / "corpora/records" / name)
        assert source.unparsed == []
        counts = {
            len(rows),
            len({row["record_id"] for row in rows}),
            *Counter(row["kind"] for row in rows).values(),
        }
        found[name] = (count, count in counts)
    assert found
    assert all(fits for _, fits in found.values()), found


def test_the_transitions_of_the_outside_log_are_as_many_as_were_counted(shared):
    """RECORDS.md 1.2: 2,527 state transitions between consecutive rows of one number, counted apart from this reader."""
    (path,) = [one for one in (shared / "corpora/records/servicenow").glob("*event_log.csv")]
    rows, _ = outside(path)
    assert len(of_kind(rows, "ticket.status")) == 2527
    assert len(of_kind(rows, "ticket.created")) == 890
