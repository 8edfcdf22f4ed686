"""Bugzilla's bugs, comments, histories and attachments become events, from XML, REST and the page of a bug's activity.

Shapes are those of Bugzilla's documentation and templates; the words are our own.
"""

import base64
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.tickets.bugzilla import BugzillaReader
from rca.reading.tickets.bugzilla_activity import BugzillaActivityReader
from rca.reading.tickets.bugzilla_xml import BugzillaXmlReader

REST, XML, PAGE = BugzillaReader(), BugzillaXmlReader(), BugzillaActivityReader()


def read(value, reader, **declared):
    data = (
        value
        if isinstance(value, bytes)
        else value.encode()
        if isinstance(value, str)
        else json.dumps(value, indent=1).encode()
    )
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in reader.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        row["fields"] = json.loads(row["attributes"] or "{}")
    return rows, source


def score(value, reader):
    data = (
        value
        if isinstance(value, bytes)
        else value.encode()
        if isinstance(value, str)
        else json.dumps(value).encode()
    )
    return reader.score(Source.of_bytes(data).sample)


def kinds(rows):
    return [row["kind"] for row in rows]


DATA = base64.b64encode(b"a picture").decode()
BUGS = f"""<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE bugzilla SYSTEM "https://bugs.region.example/bugzilla.dtd">
<bugzilla version="5.0.4" urlbase="https://bugs.region.example/" maintainer="chief@region.example">
    <bug>
      <bug_id>30</bug_id>
      <creation_ts>2024-10-26 08:00:00 +0200</creation_ts>
      <short_desc>Log-in fails &amp; nobody knows</short_desc>
      <delta_ts>2024-11-14 08:00:00 +0100</delta_ts>
      <product>EHR</product><component>Log-in</component>
      <bug_status>RESOLVED</bug_status><resolution>FIXED</resolution>
      <priority>P1</priority><bug_severity>critical</bug_severity>
      <dependson>12</dependson><blocked>40</blocked><blocked>41</blocked>
      <reporter name="Ward lead">ward@region.example</reporter>
      <assigned_to name="IT lead">it@region.example</assigned_to>
      <long_desc isprivate="0"><commentid>1</commentid><comment_count>0</comment_count>
        <who name="Ward lead">ward@region.example</who><bug_when>2024-10-26 08:00:00 +0200</bug_when>
        <thetext>since 06:00 \x0b nothing, see bug 12</thetext></long_desc>
      <long_desc isprivate="1"><commentid>2</commentid><comment_count>1</comment_count>
        <who name="IT lead">it@region.example</who><bug_when>2024-10-27 08:00:00 +0100</bug_when>
        <thetext encoding="base64">{base64.b64encode(b"do not tell").decode()}</thetext></long_desc>
      <attachment isobsolete="0" isprivate="0"><attachid>7</attachid><date>2024-10-26 08:05:00 +0200</date>
        <desc>screen</desc><filename>screen.png</filename><type>image/png</type><size>9</size>
        <attacher name="Ward lead">ward@region.example</attacher><data encoding="base64">{DATA}</data></attachment>
    </bug>
    <bug error="NotPermitted"><bug_id>31</bug_id></bug>
</bugzilla>
"""


def test_the_first_comment_is_the_description_and_stands_beside_the_creation():
    assert score(BUGS, XML) == 0.98
    rows, _ = read(BUGS, XML)
    assert kinds(rows) == [
        "ticket.created",
        "ticket.comment",
        "ticket.note",
        "ticket.attachment",
    ]
    made, first = rows[0], rows[1]
    assert made["message"] == "bug 30 created: Log-in fails & nobody knows"
    assert (made["actor"], made["record_id"], made["component"]) == (
        "ward@region.example",
        "bugzilla:30",
        "Log-in",
    )
    assert first["fields"]["description"] == "true"
    assert first["refs"] == ["bug 12"]
    assert first["parent"] == made["event_id"]


def test_offsets_switch_within_one_bug_and_each_stamp_keeps_its_own():
    rows, _ = read(BUGS, XML)
    summer, winter = (row for row in rows if row["kind"] in ("ticket.comment", "ticket.note"))
    assert str(summer["time"]).startswith("2024-10-26 06:00")
    assert str(winter["time"]).startswith("2024-10-27 07:00")
    assert summer["time_text"] == "2024-10-26 08:00:00 +0200"
    assert {row["time_basis"] for row in rows} == {"offset_stated"}


def test_a_private_comment_is_a_note_and_its_text_may_be_encoded():
    (note,) = [row for row in read(BUGS, XML)[0] if row["kind"] == "ticket.note"]
    assert note["message"].endswith("do not tell")


def test_links_and_an_end_without_a_time_are_no_events_but_were_held_by_the_last_change():
    made = read(BUGS, XML)[0][0]
    shown = made["fields"]["as_exported"]
    assert [(one["relation"], one["phrase"], one["target"], one["asserted"]) for one in shown["links"]] == [
        ("depends_on", "depends on", "bug 12", "true"), ("blocks", "blocks", "bug 40", "true"),
        ("blocks", "blocks", "bug 41", "true")]  # fmt: skip
    assert made["refs"] == ["bug 12", "bug 40", "bug 41"]
    assert (shown["state"]["new"], shown["state"]["resolution"]) == ("RESOLVED", "FIXED")
    assert shown["state"]["message"] == "bug 30 status: RESOLVED FIXED"
    assert (shown["known"], shown["known_time"]) == ("2024-11-14 08:00:00 +0100", "2024-11-14T07:00:01Z")
    assert made["known_time"] is None, "of the export's time, never of creation's"


def test_an_attachment_is_handed_on_and_a_bug_that_may_not_be_seen_is_said():
    seen = []
    rows, source = read(BUGS, XML, attachments=lambda found, data: seen.append((found.name, data)))
    assert seen == [("screen.png", b"a picture")]
    assert any("NotPermitted" in one.message for one in source.issues)
    assert any(one.code == "RCA190" and "history" in one.message for one in source.issues)


def test_a_character_that_no_xml_may_hold_costs_nothing():
    (first,) = [row for row in read(BUGS, XML)[0] if row["kind"] == "ticket.comment"]
    assert "nothing, see bug 12" in first["fields"]["text"]


def bug(**more):
    return {
        "id": 30, "summary": "Log-in fails", "product": "EHR", "component": "Log-in", "status": "NEW", "resolution": "",
        "creator": "ward@region.example", "creation_time": "2024-11-12T04:30:00Z", "last_change_time": "2024-11-14T04:30:00Z",
        "severity": "critical", "depends_on": [12], "blocks": [], "dupe_of": None, "see_also": ["https://git.region.example/5"],
        "flags": [{"name": "needinfo", "status": "?"}], **more,
    }  # fmt: skip


def test_rest_bugs_tell_creation_links_and_when_they_were_resolved():
    assert score({"bugs": [bug()]}, REST) == 0.98
    rows, source = read(
        {"bugs": [bug(status="RESOLVED", resolution="FIXED", cf_last_resolved="2024-11-13T04:30:00Z")]}, REST
    )
    assert kinds(rows) == ["ticket.created", "ticket.resolved"]
    links = rows[0]["fields"]["as_exported"]["links"]
    assert [(one["target"], one["cite"]) for one in links] == [
        ("bug 12", "J/bugs/0/depends_on"), ("https://git.region.example/5", "J/bugs/0/see_also")]  # fmt: skip
    assert rows[1]["time_text"] == "2024-11-13T04:30:00Z"
    assert len([one for one in source.issues if one.code == "RCA190"]) == 2


def test_each_change_of_a_history_is_an_event_and_its_flags_ask_somebody():
    answer = {"bugs": [{"id": 30, "alias": [], "history": [{"when": "2024-11-12T05:00:00Z", "who": "it@region.example", "changes": [
        {"field_name": "status", "removed": "NEW", "added": "ASSIGNED"},
        {"field_name": "flagtypes.name", "removed": "", "added": "needinfo?(ward@region.example), review+"},
        {"field_name": "depends_on", "removed": "", "added": "12, 13"},
        {"field_name": "blocks", "removed": "40", "added": ""}]}]}, {"id": 31, "alias": None, "history": []}]}  # fmt: skip
    assert score(answer, REST) == 0.98
    rows, _ = read(answer, REST)
    assert kinds(rows) == ["ticket.status", "ticket.change", "ticket.link", "ticket.link", "ticket.change"]
    assert rows[1]["audience"] == ["ward@region.example"]
    assert [row["refs"] for row in rows[2:4]] == [["bug 12"], ["bug 13"]]
    assert rows[4]["fields"]["old"] == "40"
    assert rows[1]["locator"] == "J/bugs/0/history/0/changes/1"


def test_comments_and_attachments_lie_under_the_number_of_their_bug():
    comment = {
        "id": 1,
        "bug_id": 30,
        "count": 0,
        "text": "since 06:00",
        "creator": "ward@region.example",
        "time": "2024-11-12T04:30:00Z",
        "is_private": False,
    }
    rows, _ = read(
        {
            "bugs": {
                "30": {"comments": [comment, {**comment, "count": 1, "is_private": True}]},
                "31": {"comments": []},
            },
            "comments": {},
        },
        REST,
    )
    assert kinds(rows) == ["ticket.comment", "ticket.note"]
    assert rows[0]["fields"]["description"] == "true"
    assert rows[1]["fields"].get("description") is None
    file = {
        "id": 7,
        "bug_id": 30,
        "file_name": "a.txt",
        "content_type": "text/plain",
        "creation_time": "2024-11-12T04:30:00Z",
        "creator": "w",
        "data": DATA,
        "size": 9,
    }
    seen = []
    rows, _ = read(
        {"attachments": {"7": file}, "bugs": {}}, REST, attachments=lambda found, data: seen.append(data)
    )
    assert kinds(rows) == ["ticket.attachment"]
    assert seen == [b"a picture"]
    assert kinds(read({"bugs": {"30": [file]}}, REST)[0]) == ["ticket.attachment"]


def test_an_answer_of_json_rpc_is_opened():
    assert kinds(read({"error": None, "id": 1, "result": {"bugs": [bug()]}}, REST)[0])[0] == "ticket.created"


ACTIVITY = """<!DOCTYPE html><html><head><title>Changes made to bug 30</title></head><body>
<p>Back to <a href="show_bug.cgi?id=30">bug 30</a></p>
<table border cellpadding="4"><tr><th>Who</th><th>When</th><th>What</th><th>Removed</th><th>Added</th></tr>
<tr><td rowspan="2" valign="top">it@region.example</td><td rowspan="2">2024-11-12 05:00:00 CET</td><td>Status</td><td>NEW</td><td>RESOLVED</td></tr>
<tr><td>Resolution</td><td>---</td><td>FIXED</td></tr>
<tr><td>ward@region.example</td><td>2024-11-12 06:00:00 UTC</td><td>CC</td><td></td><td>chief@region.example &amp; co</td></tr>
</table></body></html>"""


def test_rows_of_one_change_share_who_and_when_on_the_page_of_activity():
    assert score(ACTIVITY, PAGE) == 0.98
    assert score("<html><table><tr><th>Who</th></tr></table>", PAGE) == 0.0
    rows, _ = read(ACTIVITY, PAGE, zone="Europe/Stockholm")
    assert kinds(rows) == ["ticket.status", "ticket.change", "ticket.change"]
    assert rows[1]["actor"] == "it@region.example"
    assert rows[1]["time_text"] == "2024-11-12 05:00:00 CET"
    assert rows[2]["fields"]["new"] == "chief@region.example & co"
    assert rows[2]["time_basis"] == "offset_stated"
    assert {row["record_id"] for row in rows} == {"bugzilla:30"}


def test_an_abbreviation_of_a_zone_is_never_an_offset():
    rows, source = read(ACTIVITY, PAGE)
    assert rows[0]["time_basis"] != "offset_stated"
    assert source.assumptions


def test_other_files_are_not_taken():
    assert score({"bugs": [{"name": "beetle"}]}, REST) == 0.0
    assert score("<bugs><bug><name>beetle</name></bug></bugs>", XML) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    for whole, reader in (
        (BUGS.encode(), XML),
        (json.dumps({"bugs": [bug(), bug()]}).encode(), REST),
        (ACTIVITY.encode(), PAGE),
    ):
        cut = data.draw(st.integers(0, len(whole)))
        at = data.draw(st.integers(0, len(whole) - 1))
        changed = bytearray(whole)
        changed[at] = data.draw(st.integers(0, 255))
        for text in (whole[:cut], bytes(changed)):
            reader.score(Source.of_bytes(text).sample)
            read(text, reader)
