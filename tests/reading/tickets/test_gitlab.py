"""GitLab's issues, notes and resource events become changes; system notes are read as the sentences that GitLab writes.

Shapes are those of GitLab's documentation; the sentences those of its system notes; the words are our own.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.gitlab import GitlabReader
from rca.reading.tickets.gitlab_csv import GitlabCsvReader

READER = GitlabReader()
WEB = "https://git.region.example/region/ehr"


def read(value, reader=READER):
    data = value if isinstance(value, bytes) else json.dumps(value, indent=1, ensure_ascii=False).encode()
    source = Source.of_bytes(data)
    rows = [row for b in reader.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        row["fields"] = json.loads(row["attributes"] or "{}")
    return rows, source


def score(value, reader=READER):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return reader.score(Source.of_bytes(data).sample)


def kinds(rows):
    return [row["kind"] for row in rows]


def person(name):
    return {"id": 1, "username": name, "name": name.title(), "web_url": f"https://git.region.example/{name}"}


def issue(iid=5, **more):
    return {
        "id": 900 + iid, "iid": iid, "project_id": 3, "title": "Log-in fails", "description": "see #4 and !8", "state": "opened",
        "created_at": "2024-11-12T05:30:00.123+01:00", "updated_at": "2024-11-12T09:00:00.000Z", "closed_at": None,
        "author": person("ward-lead"), "assignees": [person("it-lead")], "labels": ["incident"], "milestone": None,
        "references": {"full": f"region/ehr#{iid}"}, "web_url": f"{WEB}/-/issues/{iid}", "user_notes_count": 2, **more,
    }  # fmt: skip


def note(body, *, system=True, number=1, **more):
    return {
        "id": number, "body": body, "author": person("it-lead"), "created_at": "2024-11-12T06:00:00.000Z", "updated_at": "2024-11-12T06:00:00.000Z",
        "system": system, "noteable_id": 905, "noteable_type": "Issue", "noteable_iid": 5, "project_id": 3, "resolvable": False, **more,
    }  # fmt: skip


def test_an_issue_keeps_its_own_offset_and_names_what_it_mentions():
    closed = issue(state="closed", closed_at="2024-11-13T05:00:00Z", closed_by=person("chief"))
    assert score([closed]) == 0.98
    rows, source = read([closed])
    assert kinds(rows) == ["ticket.created", "ticket.closed"]
    assert rows[0]["record_id"] == "gitlab:issue:905"
    assert rows[0]["subject"] == "region/ehr#5"
    assert rows[0]["time_text"] == "2024-11-12T05:30:00.123+01:00"
    assert rows[0]["time_precision"] == "ms"
    assert rows[0]["refs"] == ["region/ehr#4", "region/ehr!8"]
    assert rows[1]["actor"] == "chief"
    assert any(one.code == "RCA190" for one in source.issues)


def test_a_closed_issue_without_a_time_of_closing_has_a_state_not_a_closing():
    rows, _ = read(issue(state="closed"))
    assert kinds(rows) == ["ticket.created"]
    shown = rows[0]["fields"]["as_exported"]
    assert (shown["state"]["new"], shown["state"]["message"]) == ("closed", "region/ehr#5 state: closed")
    assert (shown["known"], shown["known_time"]) == ("2024-11-12T09:00:00.000Z", "2024-11-12T09:00:00.001Z")


def test_a_closing_that_a_note_of_the_same_issue_tells_is_told_once():
    rows, _ = read(issue(state="closed", closed_at="2024-11-12T06:00:00.100Z", notes=[note("closed")]))
    assert kinds(rows) == ["ticket.created", "ticket.status"]


def test_a_merge_request_tells_its_merge():
    rows, _ = read(issue(source_branch="fix", merged_at="2024-11-12T08:00:00Z", merge_commit_sha="a" * 40, merge_user=person("chief"),
                         references={"full": "region/ehr!5"}))  # fmt: skip
    assert kinds(rows) == ["ticket.created", "ticket.commit"]
    assert rows[1]["refs"] == ["a" * 40]
    assert rows[1]["record_id"] == "gitlab:merge_request:905"


@pytest.mark.parametrize(
    ("body", "kind", "field", "old", "new"),
    [
        ("closed", "ticket.status", "state", "opened", "closed"),
        ("reopened", "ticket.status", "state", "closed", "opened"),
        (
            "changed title from **{-Log-in-} fails** to **{+Sign-in+} fails**",
            "ticket.change",
            "title",
            "Log-in fails",
            "Sign-in fails",
        ),
        (
            "assigned to @night-lead and unassigned @it-lead",
            "ticket.assignee",
            "assignee",
            "it-lead",
            "night-lead",
        ),
        ("unassigned @it-lead", "ticket.assignee", "assignee", "it-lead", None),
        (
            'added ~"needs review" ~stop labels and removed ~4 label',
            "ticket.change",
            "labels",
            "4",
            "needs review, stop",
        ),
        ('changed milestone to %"restart"', "ticket.change", "milestone", None, "restart"),
        ("changed severity to **Critical - S1**", "ticket.priority", "severity", None, "Critical - S1"),
        ("changed the incident status to **Acknowledged**", "ticket.status", "status", None, "Acknowledged"),
        ("added 1h 30m of time spent", "ticket.worklog", "time_spent", None, "1h 30m"),
        ("made the issue confidential", "ticket.change", "confidential", None, "confidential"),
        ("changed the description", "ticket.change", "description", None, None),
        ("did something that nobody knows", "ticket.change", "note", None, "did something that nobody knows"),
    ],
)
def test_a_system_note_is_the_change_that_it_says(body, kind, field, old, new):
    rows, _ = read([note(body)])
    (row,) = rows
    assert (row["kind"], row["record_id"], row["actor"]) == (kind, "gitlab:issue:905", "it-lead")
    assert (row["fields"]["field"], row["fields"].get("old"), row["fields"].get("new")) == (field, old, new)


@pytest.mark.parametrize(
    ("body", "relation", "target", "direction"),
    [
        ("moved to region/server#268", "moved_to", "region/server#268", "outward"),
        ("mentioned in issue region/lab#7", "mentioned_in", "region/lab#7", "inward"),
        ("marked this issue as related to region/lab#7", "relates", "region/lab#7", "outward"),
        ("marked this incident as blocked by region/lab#7", "blocked_by", "region/lab#7", "inward"),
        ("marked this issue as a duplicate of region/lab#7", "duplicates", "region/lab#7", "outward"),
        ("marked region/lab#7 as a duplicate of this issue", "duplicated_by", "region/lab#7", "inward"),
    ],
)
def test_a_system_note_that_links_is_a_link_with_its_direction(body, relation, target, direction):
    (row,) = read([note(body)])[0]
    assert row["kind"] == "ticket.link"
    assert (row["fields"]["relation"], row["refs"], row["fields"]["direction"]) == (
        relation,
        [target],
        direction,
    )
    assert row["fields"]["asserted"] == "true"


def test_closing_through_a_merge_request_or_commit_tells_both():
    assert kinds(read([note("closed via merge request !12")])[0]) == ["ticket.status", "ticket.link"]
    assert kinds(read([note("closed via commit 0123abcd")])[0]) == ["ticket.status", "ticket.commit"]
    assert read([note("mentioned in commit 0123abcd")])[0][0]["refs"] == ["0123abcd"]


def test_what_a_person_wrote_is_a_comment_and_what_is_internal_a_note():
    rows, _ = read([note("closed", system=False), note("private", system=False, internal=True)])
    assert kinds(rows) == ["ticket.comment", "ticket.note"]


def test_discussions_hold_notes():
    rows, _ = read(
        [
            {
                "id": "a1",
                "individual_note": False,
                "notes": [note("a", system=False), note("b", system=False, number=2)],
            }
        ]
    )
    assert [row["locator"] for row in rows] == ["J/0/notes/0", "J/0/notes/1"]


def test_resource_events_are_changes_of_the_ticket_that_they_name_by_its_global_id():
    common = {
        "user": person("chief"),
        "created_at": "2024-11-12T07:00:00.000Z",
        "resource_type": "Issue",
        "resource_id": 905,
    }
    events = [
        {"id": 1, **common, "state": "closed", "source_commit": None, "source_merge_request": None},
        {"id": 2, **common, "action": "add", "label": {"id": 4, "name": "stop"}},
        {"id": 3, **common, "action": "remove", "milestone": {"id": 4, "title": "restart"}},
    ]
    assert score(events) == 0.98
    rows, _ = read(events)
    assert kinds(rows) == ["ticket.status", "ticket.change", "ticket.change"]
    assert {row["record_id"] for row in rows} == {"gitlab:issue:905"}
    assert rows[1]["fields"]["new"] == "stop"
    assert rows[2]["fields"]["old"] == "restart"


def test_the_answer_of_the_links_api_is_a_link_and_says_that_its_other_end_is_missing():
    rows, source = read(
        [issue(7, link_type="is_blocked_by", link_created_at="2024-11-12T07:00:00.000Z", issue_link_id=1)]
    )
    assert kinds(rows) == ["ticket.created", "ticket.link"]
    assert rows[1]["fields"]["relation"] == "blocked_by"
    assert rows[1]["refs"] == ["region/ehr#7"]
    assert any("from which the links go" in one.message for one in source.issues)


def test_an_entry_of_an_incident_timeline_happened_earlier_than_it_was_known():
    entry = {"id": "gid://gitlab/IncidentManagement::TimelineEvent/1", "note": "EHR unreachable", "occurredAt": "2024-11-12T04:30:00Z",
             "createdAt": "2024-11-12T09:00:00Z", "author": {"username": "it-lead"},
             "incident": {"id": "gid://gitlab/Issue/905", "webUrl": f"{WEB}/-/issues/5"}}  # fmt: skip
    answer = {"data": {"project": {"incidentManagementTimelineEvents": {"nodes": [entry]}}}}
    assert score(answer) == 0.98
    (row,) = read(answer)[0]
    assert (row["kind"], row["time_text"], row["record_id"]) == (
        "ticket.note",
        "2024-11-12T04:30:00Z",
        "gitlab:issue:905",
    )
    assert row["known_time"].isoformat().startswith("2024-11-12T09:00:01")


def test_graphql_names_the_same_things_otherwise():
    one = {"id": "gid://gitlab/Issue/905", "iid": "5", "title": "Log-in fails", "webUrl": f"{WEB}/-/issues/5", "state": "opened",
           "createdAt": "2024-11-12T04:30:00Z", "author": {"username": "ward-lead"},
           "notes": {"nodes": [{"id": "gid://gitlab/Note/1", "body": "closed", "system": True, "createdAt": "2024-11-12T05:00:00Z",
                                "author": {"username": "chief"}}]}}  # fmt: skip
    rows, _ = read({"data": {"project": {"issues": {"nodes": [one]}}}})
    assert kinds(rows) == ["ticket.created", "ticket.status"]
    assert {row["record_id"] for row in rows} == {"gitlab:issue:905"}


def test_a_webhook_tells_each_change():
    hook = {"object_kind": "issue", "user": {"username": "chief"}, "project": {"path_with_namespace": "region/ehr"},
            "object_attributes": {"id": 905, "iid": 5, "action": "update", "updated_at": "2024-11-12 05:00:00 UTC", "state": "opened"},
            "changes": {"title": {"previous": "A", "current": "B"}, "updated_at": {"previous": "x", "current": "y"},
                        "labels": {"previous": [], "current": [{"title": "stop"}]}}}  # fmt: skip
    assert score(hook) == 0.98
    rows, _ = read(hook)
    assert [(row["fields"]["field"], row["fields"]["new"]) for row in rows] == [
        ("title", "B"),
        ("labels", "stop"),
    ]


CSV = (
    "Title,Description,Issue ID,URL,State,Author,Author Username,Assignee,Assignee Username,Confidential,Locked,Due Date,Created At (UTC),"
    "Updated At (UTC),Closed At (UTC),Milestone,Weight,Labels,Time Estimate,Time Spent\r\n"
    f'"Log-in fails","first line\nsecond, see #4",5,{WEB}/-/issues/5,Closed,Ward Lead,ward-lead,,,No,No,,2024-11-12 04:30:00,'
    "2024-11-13 05:00:00,2024-11-13 05:00:00,,,incident,0,0\r\n"
)


def test_the_csv_export_is_utc_by_the_names_of_its_columns_and_has_no_notes():
    reader = GitlabCsvReader()
    assert score(CSV.encode(), reader) == 0.98
    assert score(b"Title,State\nx,y\n", reader) == 0.0
    rows, source = read(CSV.encode(), reader)
    assert kinds(rows) == ["ticket.created", "ticket.closed"]
    assert rows[0]["locator"] == "L2-3"
    assert rows[0]["subject"] == "region/ehr#5"
    assert rows[0]["refs"] == ["region/ehr#4"]
    assert rows[0]["time_basis"] == "zone_given"
    assert str(rows[0]["time"]).startswith("2024-11-12 04:30:00")
    assert any(one.code == "RCA190" for one in source.issues)


def test_other_json_is_not_taken():
    for foreign in (
        [{"iid": 5, "name": "x"}],
        [
            {
                "id": 1,
                "iid": 34,
                "project_id": 3,
                "title": "restart",
                "state": "closed",
                "created_at": "2024-11-12T04:30:00Z",
            }
        ],
        {"resource_type": "x", "time": "2024-11-12T04:30:00Z"},
        [{"number": 5, "title": "x", "html_url": "https://github.com/region/ehr/issues/5", "node_id": "I"}],
    ):
        assert score(foreign) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    for whole, reader in (
        (json.dumps([issue(), note("closed via !1"), note("x", system=False)]).encode(), READER),
        (CSV.encode(), GitlabCsvReader()),
    ):
        cut = data.draw(st.integers(0, len(whole)))
        at = data.draw(st.integers(0, len(whole) - 1))
        changed = bytearray(whole)
        changed[at] = data.draw(st.integers(0, 255))
        for text in (whole[:cut], bytes(changed)):
            reader.score(Source.of_bytes(text).sample)
            read(text, reader)
