"""Launchpad's bugs, tasks, activity and messages become events.

Shapes are those of Launchpad's web service; the words are our own.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.launchpad import LaunchpadReader

READER = LaunchpadReader()
API = "https://api.launchpad.net/1.0"


def read(value):
    data = value if isinstance(value, bytes) else json.dumps(value, indent=1).encode()
    source = Source.of_bytes(data)
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        row["fields"] = json.loads(row["attributes"] or "{}")
    return rows, source


def score(value):
    return READER.score(Source.of_bytes(json.dumps(value).encode()).sample)


def kinds(rows):
    return [row["kind"] for row in rows]


def activity(what, old=None, new=None, message=None):
    return {"resource_type_link": f"{API}/#bug_activity", "bug_link": f"{API}/bugs/7", "person_link": f"{API}/~it-lead", "whatchanged": what,
            "oldvalue": old, "newvalue": new, "message": message, "datechanged": "2024-11-12T04:30:00.123456+00:00", "self_link": f"{API}/bugs/7/activity"}  # fmt: skip


def test_a_bug_names_the_one_that_it_duplicates():
    bug = {"resource_type_link": f"{API}/#bug", "id": 7, "title": "Log-in fails", "description": "since 06:00", "owner_link": f"{API}/~ward-lead",
           "date_created": "2024-11-12T04:30:00.123456+00:00", "duplicate_of_link": f"{API}/bugs/3", "tags": ["ehr"], "self_link": f"{API}/bugs/7"}  # fmt: skip
    assert score(bug) == 0.98
    rows, source = read(bug)
    assert kinds(rows) == ["ticket.created"]
    assert (rows[0]["actor"], rows[0]["time_precision"], rows[0]["record_id"]) == (
        "ward-lead",
        "us",
        "launchpad:7",
    )
    assert rows[0]["refs"] == ["bug 3"]
    (link,) = rows[0]["fields"]["as_exported"]["links"]
    assert (link["relation"], link["target"], link["cite"]) == ("duplicates", "bug 3", "J/duplicate_of_link")
    assert {one.code for one in source.issues} == {"RCA190"}


def test_a_task_tells_when_it_reached_each_status():
    task = {"resource_type_link": f"{API}/#bug_task", "bug_link": f"{API}/bugs/7", "title": 'Bug #7 in ehr: "Log-in fails"', "status": "Fix Released",
            "importance": "High", "owner_link": f"{API}/~ward-lead", "assignee_link": f"{API}/~it-lead", "date_created": "2024-11-12T04:30:00+00:00",
            "date_assigned": "2024-11-12T05:00:00+00:00", "date_triaged": "2024-11-12T05:30:00+00:00", "date_fix_released": "2024-11-13T05:30:00+00:00",
            "date_closed": "2024-11-13T05:30:00+00:00", "bug_target_name": "ehr"}  # fmt: skip
    rows, _ = read({"entries": [task], "total_size": 1, "start": 0})
    assert kinds(rows) == [
        "ticket.created",
        "ticket.assignee",
        "ticket.status",
        "ticket.status",
        "ticket.closed",
    ]
    assert [row["fields"]["new"] for row in rows[1:4]] == ["it-lead", "Triaged", "Fix Released"]
    assert rows[0]["component"] == "ehr"
    assert rows[0]["message"].endswith("Log-in fails")


@pytest.mark.parametrize(
    ("entry", "kind", "field"),
    [
        (activity("ehr: status", "New", "Triaged"), "ticket.status", "status"),
        (activity("ehr: importance", "Undecided", "High"), "ticket.priority", "importance"),
        (activity("ehr: assignee", None, "IT lead (it-lead)"), "ticket.assignee", "assignee"),
        (activity("tags", "", "ehr"), "ticket.change", "tags"),
        (activity("bug", message="added bug"), "ticket.created", None),
        (activity("marked as duplicate", None, "3"), "ticket.link", None),
        (activity("attachment added", None, "log.txt https://x"), "ticket.attachment", None),
        (activity("removed duplicate marker", "3", None), "ticket.change", "removed duplicate marker"),
    ],
)
def test_each_activity_is_what_its_words_say(entry, kind, field):
    (row,) = read({"entries": [entry], "total_size": 1})[0]
    assert (row["kind"], row["fields"].get("field"), row["record_id"], row["actor"]) == (
        kind,
        field,
        "launchpad:7",
        "it-lead",
    )


def test_message_0_is_the_description_and_a_page_says_how_many_there_are():
    message = {"resource_type_link": f"{API}/#message", "self_link": f"{API}/ehr/+bug/7/comments/0", "content": "as bug 3", "subject": "Log-in fails",
               "owner_link": f"{API}/~ward-lead", "date_created": "2024-11-12T04:30:00+00:00", "parent_link": None}  # fmt: skip
    later = {**message, "self_link": f"{API}/ehr/+bug/7/comments/1", "content": "on it"}
    rows, source = read({"entries": [message, later], "start": 0, "total_size": 5})
    assert kinds(rows) == ["ticket.comment", "ticket.comment"]
    assert [row["fields"].get("description") for row in rows] == ["true", None]
    assert rows[0]["refs"] == ["bug 3"]
    assert any("holds 2 of 5" in one.message for one in source.issues)


def test_people_and_other_json_are_not_taken():
    assert (
        score(
            {
                "resource_type_link": f"{API}/#person",
                "name": "it-lead",
                "date_created": "2010-01-01T00:00:00+00:00",
            }
        )
        == 0.0
    )
    assert score({"entries": [{"time": "2024-11-12T04:30:00Z"}]}) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    whole = json.dumps(
        {
            "total_size": 2,
            "entries": [activity("ehr: status", "New", "Triaged"), activity("bug", message="added bug")],
        }
    ).encode()
    cut = data.draw(st.integers(0, len(whole)))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] = data.draw(st.integers(0, 255))
    for text in (whole[:cut], bytes(changed)):
        READER.score(Source.of_bytes(text).sample)
        read(text)
