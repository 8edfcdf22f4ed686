"""Redmine's issues and journals become events; numbers stay numbers unless the same file names them.

Shapes are those of Redmine's documentation of its REST API; the words are our own.
"""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.redmine import RedmineReader
from rca.reading.tickets.redmine_xml import RedmineXmlReader

READER, XML = RedmineReader(), RedmineXmlReader()


def read(value, reader=READER):
    data = (
        value.encode()
        if isinstance(value, str)
        else value
        if isinstance(value, bytes)
        else json.dumps(value, indent=1).encode()
    )
    source = Source.of_bytes(data)
    rows = [row for b in reader.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        row["fields"] = json.loads(row["attributes"] or "{}")
    return rows, source


def score(value, reader=READER):
    data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return reader.score(Source.of_bytes(data).sample)


def kinds(rows):
    return [row["kind"] for row in rows]


def issue(**more):
    return {
        "id": 7, "project": {"id": 1, "name": "EHR"}, "tracker": {"id": 2, "name": "Incident"}, "status": {"id": 5, "name": "Stängd"},
        "priority": {"id": 4, "name": "High"}, "author": {"id": 3, "name": "ward lead"}, "subject": "Replies lost a word",
        "description": "as #3", "created_on": "2024-11-12T04:30:00Z", "updated_on": "2024-11-13T04:30:00Z", **more,
    }  # fmt: skip


def journal(number, *details, notes="", **more):
    return {"id": number, "user": {"id": 4, "name": "it lead"}, "notes": notes, "created_on": f"2024-11-13T04:30:{number:02}Z",
            "private_notes": False, "details": list(details), **more}  # fmt: skip


def detail(name, old, new, kind="attr"):
    return {"property": kind, "name": name, "old_value": old, "new_value": new}


def test_notes_and_each_detail_of_a_journal_are_events_of_one_change():
    entry = journal(
        1,
        detail("status_id", "1", "5"),
        detail("assigned_to_id", None, "9"),
        detail("done_ratio", "0", "100"),
        notes="checked",
    )
    assert score({"issue": issue(journals=[entry])}) == 0.98
    rows, source = read({"issue": issue(journals=[entry])})
    assert kinds(rows) == [
        "ticket.created",
        "ticket.comment",
        "ticket.status",
        "ticket.assignee",
        "ticket.change",
    ]
    assert {row["fields"]["change_id"] for row in rows[1:]} == {"1"}
    assert {row["record_id"] for row in rows} == {"redmine:7"}
    status = rows[2]
    assert status["message"] == "#7 status: 1 → 5 (Stängd)"
    assert (status["fields"]["old"], status["fields"]["new"], status["fields"]["new_name"]) == (
        "1",
        "5",
        "Stängd",
    )
    assert "old_name" not in status["fields"]
    assert status["locator"] == "J/issue/journals/0/details/0"
    assert any("names for all numbers" in one.message for one in source.issues)
    assert rows[0]["refs"] == ["#3"]


def test_a_private_note_is_internal_and_an_empty_journal_says_that_something_changed():
    rows, _ = read(
        {"issue": issue(journals=[journal(1, notes="do not tell", private_notes=True), journal(2)])}
    )
    assert kinds(rows) == ["ticket.created", "ticket.note", "ticket.change"]


def test_the_closing_is_told_once():
    closed = "2024-11-13T04:30:01Z"
    rows, _ = read({"issue": issue(closed_on=closed)})
    assert kinds(rows) == ["ticket.created", "ticket.closed"]
    rows, _ = read({"issue": issue(closed_on=closed, journals=[journal(1, detail("status_id", "1", "5"))])})
    assert kinds(rows) == ["ticket.created", "ticket.status"]


def test_an_issue_that_was_created_closed_was_not_closed_later():
    (row,), _ = read({"issue": issue(closed_on=issue()["created_on"])})
    assert (row["kind"], row["fields"]["created_closed"]) == ("ticket.created", "true")


def test_relations_are_seen_from_the_issue_and_told_once():
    relations = [{"id": 1, "issue_id": 9, "issue_to_id": 7, "relation_type": "blocks", "delay": None},
                 {"id": 2, "issue_id": 7, "issue_to_id": 8, "relation_type": "precedes", "delay": 2}]  # fmt: skip
    rows, _ = read(
        {
            "issue": issue(
                relations=relations, journals=[journal(1, detail("precedes", None, "8", "relation"))]
            )
        }
    )
    (made,) = [row for row in rows if row["kind"] == "ticket.link"]
    assert (made["fields"]["relation"], made["refs"], made["time"] is None) == ("precedes", ["#8"], False)
    shown = rows[0]["fields"]["as_exported"]["links"]
    assert [(one["relation"], one["target"]) for one in shown] == [("blocked_by", "#9")]


def test_a_file_is_told_once_and_a_parent_is_a_link():
    files = [
        {
            "id": 5,
            "filename": "a.txt",
            "filesize": 3,
            "author": {"id": 3, "name": "ward lead"},
            "created_on": "2024-11-12T05:00:00Z",
        }
    ]
    entry = journal(
        1,
        detail("5", None, "a.txt", "attachment"),
        detail("6", "b.txt", None, "attachment"),
        detail("parent_id", None, "31"),
    )
    rows, _ = read({"issue": issue(attachments=files, journals=[entry], parent={"id": 31})})
    assert kinds(rows) == ["ticket.created", "ticket.attachment", "ticket.change", "ticket.link"]
    assert rows[3]["fields"]["relation"] == "child_of"


def test_a_page_of_issues_says_what_it_lacks():
    rows, source = read({"issues": [issue(), issue(id=8)], "total_count": 40, "offset": 0, "limit": 2})
    assert kinds(rows) == ["ticket.created"] * 2
    assert any("holds 2 of 40" in one.message for one in source.issues)
    assert any("journals" in one.message for one in source.issues)


def test_hours_concern_a_day_and_were_entered_later():
    answer = {"time_entries": [{"id": 1, "project": {"id": 1, "name": "EHR"}, "issue": {"id": 7}, "user": {"id": 4, "name": "it lead"},
              "activity": {"id": 1, "name": "analysis"}, "hours": 2.5, "comments": "logs", "spent_on": "2024-11-12", "created_on": "2024-11-14T04:30:00Z"}]}  # fmt: skip
    assert score(answer) == 0.98
    (row,) = read(answer)[0]
    assert (row["kind"], row["time_precision"], row["record_id"]) == ("ticket.worklog", "day", "redmine:7")
    assert str(row["known_time"]).startswith("2024-11-14 04:30:01")


DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<issue><id>7</id><project id="1" name="EHR"/><tracker id="2" name="Incident"/><status id="5" name="Stängd"/><priority id="4" name="High"/>
<author id="3" name="ward lead"/><parent id="31"/><subject>Replies lost a word</subject><description>as #3</description>
<created_on>2024-11-12T04:30:00Z</created_on><updated_on>2024-11-13T04:30:00Z</updated_on><closed_on>2024-11-13T04:30:01Z</closed_on>
<children type="array"><issue id="8"><tracker id="2" name="Incident"/><subject>part</subject></issue></children>
<attachments type="array"><attachment><id>5</id><filename>a.txt</filename><filesize>3</filesize><author id="3" name="ward lead"/>
<created_on>2024-11-12T05:00:00Z</created_on></attachment></attachments>
<relations type="array"><relation id="1" issue_id="9" issue_to_id="7" relation_type="blocks" delay=""/></relations>
<journals type="array"><journal id="1"><user id="4" name="it lead"/><notes>checked</notes><created_on>2024-11-13T04:30:01Z</created_on>
<private_notes>true</private_notes><details type="array"><detail property="attr" name="status_id"><old_value>1</old_value><new_value>5</new_value>
</detail></details></journal></journals></issue>
"""


def test_xml_says_the_same():
    assert score(DOCUMENT, XML) == 0.98
    assert score("<issue><title>x</title></issue>", XML) == 0.0
    rows, _ = read(DOCUMENT, XML)
    assert sorted(kinds(rows)) == sorted(
        [
            "ticket.created",
            "ticket.attachment",
            "ticket.note",
            "ticket.status",
        ]
    )
    (created,) = [row for row in rows if row["kind"] == "ticket.created"]
    assert sorted((one["relation"], one["target"]) for one in created["fields"]["as_exported"]["links"]) == [
        ("blocked_by", "#9"), ("child_of", "#31"), ("parent_of", "#8")]  # fmt: skip
    assert {"#8", "#31", "#9"} <= set(created["refs"])
    (status,) = [row for row in rows if row["kind"] == "ticket.status"]
    assert status["message"] == "#7 status: 1 → 5 (Stängd)"
    assert status["line"] == 9


def test_a_tag_that_is_torn_stops_nothing():
    rows, source = read(DOCUMENT.replace('delay=""', 'delay=\0"'), XML)
    assert {"ticket.created", "ticket.note", "ticket.status"} <= set(kinds(rows))
    assert source.unparsed


def test_wrong_types_anywhere_stop_nothing():
    rows, _ = read(
        {
            "issue": issue(
                journals=[None, "x", {"details": "x", "user": [], "created_on": 1}],
                relations={"a": 1},
                attachments=[[]],
                author=7,
            )
        }
    )
    assert kinds(rows)[0] == "ticket.created"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    for whole, reader in (
        (
            json.dumps(
                {"issue": issue(journals=[journal(1, detail("status_id", "1", "5"), notes="x")])}
            ).encode(),
            READER,
        ),
        (DOCUMENT.encode(), XML),
    ):
        cut = data.draw(st.integers(0, len(whole)))
        at = data.draw(st.integers(0, len(whole) - 1))
        changed = bytearray(whole)
        changed[at] = data.draw(st.integers(0, 255))
        for text in (whole[:cut], bytes(changed)):
            reader.score(Source.of_bytes(text).sample)
            read(text, reader)
