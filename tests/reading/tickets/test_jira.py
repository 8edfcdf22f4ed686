"""Answers of Jira's REST API: each change, comment, work log and link once, at its own place, as the API documents them."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.tickets.jira_bodies import body_text
from rca.reading.tickets.jira_json import JiraReader

READER = JiraReader()
USER = {
    "accountId": "712:a",
    "displayName": "on-call",
    "self": "https://jira.example/rest/api/3/user?accountId=712:a",
}


def adf(text):
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def change(number, created, *items):
    keys = ("field", "fieldId", "from", "fromString", "to", "toString")
    return {
        "id": str(number), "author": USER, "created": created,
        "items": [dict(zip(keys, item, strict=True)) | {"fieldtype": "jira"} for item in items],
    }  # fmt: skip


LINKED = ["EHR-3", "EHR-4", "EHR-9", "EHR-1", "EHR-8"]
STATUS = ("status", "status", "1", "Open", "3", "In Progress")
ISSUE = {
    "id": "10007",
    "key": "EHR-7",
    "self": "https://jira.example/rest/api/3/issue/10007",
    "fields": {
        "summary": "Medication list empty on all wards",
        "description": adf("Empty since 4. We now know that it was the disk."),
        "issuetype": {"name": "Bug"},
        "status": {"name": "Klar", "statusCategory": {"key": "done"}},
        "created": "2024-11-12T04:30:00.000+0100",
        "resolutiondate": "2024-11-12T05:45:10.000+0100",
        "resolution": {"name": "Fixed"},
        "reporter": {"displayName": "ward nurse"},
        "creator": {"displayName": "desk"},
        "customfield_10050": {"value": "7B"},
        "comment": {
            "comments": [
                {"id": "1", "author": USER, "body": adf("Restarted, see EHR-3"), "created": "2024-11-12T04:41:00.000+0100",
                 "updated": "2024-11-12T04:44:00.000+0100", "updateAuthor": USER, "jsdPublic": True},
                {"id": "2", "author": USER, "body": "disk *full*", "created": "2024-11-12T04:42:00.000+0100",
                 "visibility": {"type": "role", "value": "Developers"}},
                {"id": "3", "parentId": 1, "author": None, "body": adf("who?"), "created": "2024-11-12T04:43:00.000+0100",
                 "properties": [{"key": "sd.public.comment", "value": {"internal": True}}]},
            ],
            "maxResults": 3, "total": 5, "startAt": 0,
        },
        "worklog": {
            "worklogs": [
                {"id": "4", "author": USER, "started": "2024-11-12T04:30:00.000+0100", "created": "2024-11-12T07:00:00.000+0100",
                 "timeSpentSeconds": 5400, "comment": adf("restored")},
            ],
            "total": 1, "maxResults": 20, "startAt": 0,
        },
        "attachment": [
            {"id": "77", "filename": "screen.png", "author": USER, "created": "2024-11-12T04:35:00.000+0100", "size": 3},
            {"id": "78", "filename": "log.txt", "author": USER, "created": "2024-11-12T04:36:00.000+0100"},
        ],
        "issuelinks": [
            {"id": "1", "type": {"name": "Problem/Incident", "inward": "is caused by", "outward": "causes"},
             "inwardIssue": {"key": "EHR-3"}},
            {"id": "2", "type": {"name": "Causes", "inward": "relates to", "outward": "relates to"},
             "outwardIssue": {"key": "EHR-4"}},
            {"id": "3", "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
             "outwardIssue": {"key": "EHR-9"}},
        ],
        "subtasks": [{"key": "EHR-8"}],
        "parent": {"key": "EHR-1"},
    },
    "changelog": {
        "startAt": 0, "maxResults": 5, "total": 5,
        "histories": [
            change(5, "2024-11-12T05:45:10.400+0100", ("resolution", "resolution", None, None, "1", "Fixed"),
                   ("status", "status", "3", "In Progress", "5", "Klar")),
            change(4, "2024-11-12T05:00:00.000+0100",
                   ("summary", "summary", None, "Medication list empty", None, "Medication list empty on all wards"),
                   ("description", "description", None, "Empty since 4.", None, "Empty since 4. We now know that it was the disk.")),
            change(3, "2024-11-12T04:50:00.000+0100", ("Link", "issuelinks", None, None, "EHR-9", "This issue blocks EHR-9"),
                   ("Link", "issuelinks", "EHR-2", "This issue is caused by EHR-2", None, None)),
            change(2, "2024-11-12T04:36:00.000+0100", ("Attachment", "attachment", None, None, "78", "log.txt"),
                   ("priority", "priority", "3", "Medium", "1", "Highest"), ("assignee", "assignee", None, None, "712:a", "on-call")),
            change(1, "2024-11-12T04:33:00.000+0100", STATUS),
        ],
    },
}  # fmt: skip


def read(value, **declared):
    data = (
        value
        if isinstance(value, bytes)
        else (value if isinstance(value, str) else json.dumps(value)).encode()
    )
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def score(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return READER.score(Source.of_bytes(text.encode()).sample)


def by_kind(rows, kind):
    return [row for row in rows if row["kind"] == kind]


def more(row):
    return json.loads(row["attributes"])


def plain(issue=ISSUE, **fields):
    found = copy.deepcopy(issue)
    del found["changelog"]
    found["fields"] |= fields
    return found


def test_each_item_of_a_history_is_an_event_with_its_time_author_and_place():
    rows, _ = read(ISSUE)
    changes = [row for row in rows if "change_id" in (row["attributes"] or "")]
    assert len(changes) == 10
    status = by_kind(rows, "ticket.status")
    assert [row["message"] for row in status] == [
        "EHR-7 status: In Progress → Klar",
        "EHR-7 status: Open → In Progress",
    ]
    assert (more(status[1])["old"], more(status[1])["new"], more(status[1])["change_id"]) == (
        "Open",
        "In Progress",
        "1",
    )
    assert {row["actor"] for row in changes} == {"on-call"}
    assert status[1]["locator"] == "J/changelog/histories/4/items/0"
    raw = json.dumps(ISSUE)
    assert json.loads(raw[status[1]["byte_start"] :][: status[1]["byte_length"]])["toString"] == "In Progress"
    assert str(status[1]["time"]) == "2024-11-12 03:33:00+00:00"
    assert [row["message"] for row in by_kind(rows, "ticket.assignee")] == ["EHR-7 assignee: – → on-call"]
    assert len(by_kind(rows, "ticket.priority")) == 1


def test_what_the_changelog_dates_is_told_once():
    """The resolution, the link to EHR-9 and the file 78 stand in the fields and in the changelog."""
    rows, _ = read(ISSUE)
    assert [row["time_text"] for row in by_kind(rows, "ticket.resolved")] == ["2024-11-12T05:45:10.400+0100"]
    assert [more(row)["name"] for row in by_kind(rows, "ticket.attachment")] == ["log.txt", "screen.png"]
    blocks = [row for row in by_kind(rows, "ticket.link") if row["refs"] == ["EHR-9"]]
    assert [(more(row)["relation"], str(row["time"])) for row in blocks] == [
        ("blocks", "2024-11-12 03:50:00+00:00")
    ]


def test_a_link_is_read_by_its_phrase_in_its_direction_and_relates_is_never_causal():
    rows, _ = read(ISSUE)
    created = by_kind(rows, "ticket.created")[0]
    (made,) = by_kind(rows, "ticket.link")
    shown = more(created)["as_exported"]["links"]
    links = {one["target"]: one for one in (more(made), *shown)}
    assert len(shown) == 4, (
        "the changelog dates the one to EHR-9: an event; the others are as the export shows them"
    )
    assert made["refs"] == ["EHR-9"]
    assert set(created["refs"]) >= {"EHR-3", "EHR-4", "EHR-1", "EHR-8"}
    assert {target: one["relation"] for target, one in links.items()} == {
        "EHR-9": "blocks", "EHR-3": "caused_by", "EHR-4": "relates", "EHR-1": "child_of", "EHR-8": "parent_of",
    }  # fmt: skip
    assert (links["EHR-3"]["direction"], links["EHR-3"]["phrase"]) == ("inward", "is caused by")
    removed = [row for row in by_kind(rows, "ticket.change") if row["refs"] == ["EHR-2"]]
    assert more(removed[0])["old"] == "This issue is caused by EHR-2"


def test_an_issue_is_told_as_it_was_when_it_was_created():
    """What was learnt later must not stand in the event of the creation, where the changelog allows to tell."""
    rows, _ = read(ISSUE)
    created = by_kind(rows, "ticket.created")[0]
    assert created["message"] == "EHR-7 created: Medication list empty"
    assert more(created)["text"] == "Empty since 4."
    assert more(created)["status_when_created"] == "Open"
    assert more(created)["summary_as_of_export"] == "Medication list empty on all wards"
    assert (created["actor"], more(created)["reporter"], more(created)["values_as_of"]) == (
        "desk",
        "ward nurse",
        "export",
    )
    short = copy.deepcopy(ISSUE)
    short["changelog"]["total"] = 9
    rows, source = read(short)
    assert by_kind(rows, "ticket.created")[0]["message"].endswith("on all wards")
    assert any("5 of 9 changes" in issue.message and issue.code == "RCA190" for issue in source.issues)


def test_comments_with_a_restricted_audience_are_notes_and_answers_have_parents():
    rows, source = read(ISSUE)
    (comment,) = by_kind(rows, "ticket.comment")
    role, internal = by_kind(rows, "ticket.note")
    assert (comment["refs"], more(comment)["edited"]) == (["EHR-3"], "2024-11-12T04:44:00.000+0100")
    assert (more(role)["visibility"], role["message"]) == (
        "role Developers",
        "EHR-7 internal comment: disk *full*",
    )
    assert (more(internal)["visibility"], internal["actor"]) == ("internal", None)
    assert internal["parent"] == comment["event_id"]
    assert role["parent"] == by_kind(rows, "ticket.created")[0]["event_id"]
    assert comment["locator"] == "J/fields/comment/comments/0"
    assert any("3 of 5 comments" in issue.message for issue in source.issues)


def test_work_is_dated_by_when_it_began_and_known_by_when_it_was_logged():
    rows, _ = read(ISSUE)
    (work,) = by_kind(rows, "ticket.worklog")
    assert work["message"] == "EHR-7 work logged (1 h 30 min): restored"
    assert str(work["time"]) == "2024-11-12 03:30:00+00:00"
    assert str(work["known_time"])[:19] == "2024-11-12 06:00:00"


def test_without_a_changelog_the_absence_is_said_and_the_fields_are_told():
    rows, source = read(plain())
    assert [row["time_text"] for row in by_kind(rows, "ticket.resolved")] == ["2024-11-12T05:45:10.000+0100"]
    assert any("status history" in issue.message for issue in source.issues)
    assert not by_kind(rows, "ticket.link")
    links = more(by_kind(rows, "ticket.created")[0])["as_exported"]["links"]
    assert [one["target"] for one in links] == LINKED


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: {"expand": "names", "startAt": 0, "maxResults": 50, "total": 1, "issues": [one]},
        lambda one: [one],
        lambda one: {"issues": [one], "isLast": True},
        lambda one: {"data": {"issues": [one]}},
        lambda one: {"data": one},
        lambda one: json.dumps(one) + "\n" + json.dumps(one | {"key": "EHR-70"}) + "\n",
    ],
)
def test_issues_are_found_in_whatever_wraps_them(wrap):
    value = wrap(ISSUE)
    assert score(value) == 0.98
    rows, source = read(value)
    assert by_kind(rows, "ticket.created")[0]["subject"] == "EHR-7"
    assert not [issue for issue in source.issues if "issues" in issue.message and "holds" in issue.message]


def test_a_page_of_a_search_says_that_there_are_more_and_names_its_fields():
    value = {
        "startAt": 0,
        "total": 40,
        "issues": [ISSUE],
        "names": {"customfield_10050": "Ward", "summary": "Summary"},
    }
    rows, source = read(value)
    assert any("1 of 40 issues" in issue.message for issue in source.issues)
    assert more(by_kind(rows, "ticket.created")[0])["customfield_10050 (Ward)"] == "7B"
    _, source = read({"issues": [ISSUE], "nextPageToken": "abc", "isLast": False})
    assert any("there are more" in issue.message for issue in source.issues)


def test_pages_of_changes_comments_and_work_by_themselves_name_their_issue():
    base = "https://jira.example/rest/api/3/issue/EHR-7"
    page = {"self": f"{base}/changelog?maxResults=2", "maxResults": 2, "startAt": 0, "total": 5, "isLast": False,
            "values": ISSUE["changelog"]["histories"][3:]}  # fmt: skip
    assert score(page) == 0.98
    rows, source = read(page)
    assert {row["record_id"] for row in rows} == {"jira:EHR-7"}
    assert len(rows) == 4
    assert any("2 of 5 changes" in issue.message for issue in source.issues)
    comments = [
        one | {"self": f"{base}/comment/{one['id']}"} for one in ISSUE["fields"]["comment"]["comments"]
    ]
    rows, _ = read({"startAt": 0, "maxResults": 50, "total": 3, "comments": comments})
    assert [row["kind"] for row in rows] == ["ticket.comment", "ticket.note", "ticket.note"]
    assert rows[0]["locator"] == "J/comments/0"
    logs = [one | {"issueId": "10007"} for one in ISSUE["fields"]["worklog"]["worklogs"]]
    rows, _ = read({"startAt": 0, "maxResults": 50, "total": 1, "worklogs": logs})
    assert [(row["kind"], row["record_id"]) for row in rows] == [("ticket.worklog", "jira:10007")]


def test_changes_fetched_in_bulk_count_their_time_since_1970():
    histories = [change(1, 1731382380000, STATUS)]
    value = {"issueChangeLogs": [{"issueId": "10007", "changeHistories": histories}], "nextPageToken": "x"}
    assert score(value) == 0.98
    rows, _ = read(value)
    assert [(row["kind"], str(row["time"])) for row in rows] == [
        ("ticket.status", "2024-11-12 03:33:00+00:00")
    ]


def test_a_document_of_adf_is_read_as_text():
    item = {"type": "listItem", "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": "log", "marks": [{"type": "link", "attrs": {"href": "https://x.example/l"}}]}]}]}  # fmt: skip
    doc = {"type": "doc", "content": [
        {"type": "heading", "content": [{"type": "text", "text": "Plan"}]},
        {"type": "bulletList", "content": [item]},
        {"type": "decisionItem", "attrs": {"state": "DECIDED"}, "content": [{"type": "text", "text": "roll back"}]},
        {"type": "paragraph", "content": [{"type": "date", "attrs": {"timestamp": "1731369600000"}}]}]}  # fmt: skip
    assert body_text(doc) == "Plan\nlog (https://x.example/l)\nDecision: roll back\n2024-11-12"
    assert body_text({"content": [None, [], 3, {"content": "x"}]}) == ""


@pytest.mark.parametrize(
    "value",
    [{"issues": [{"key": "a", "title": "b"}]}, {"key": "EHR-7", "value": 1}, [], {}, "x", {"fields": {"summary": "x"}},
     {"comments": [{"body": "x", "created": "2024-11-12"}]}],
)  # fmt: skip
def test_other_json_is_left_to_others(value):
    assert score(value) == 0.0


WRONG = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def paths(value, path=()):
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from paths(value[key], (*path, key))


ALL = [path for path in paths(ISSUE) if path]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ALL), WRONG), min_size=1, max_size=4))
def test_values_of_any_type_anywhere_are_read_without_an_error(changes):
    value = copy.deepcopy(ISSUE)
    for path, wrong in changes:
        holder = value
        for key in path[:-1]:
            holder = (
                holder[key]
                if isinstance(holder, (dict, list))
                and (
                    key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)
                )
                else None
            )
        if isinstance(holder, dict) or (
            isinstance(holder, list) and isinstance(path[-1], int) and path[-1] < len(holder)
        ):
            holder[path[-1]] = wrong
    read(value)
    score(value)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_cut_or_changed_is_read_and_booked(data):
    whole = json.dumps({"issues": [ISSUE, ISSUE]}, indent=1).encode()
    at = data.draw(st.integers(0, len(whole)))
    piece = data.draw(st.binary(max_size=6))
    upto = data.draw(st.integers(at, len(whole)))
    read(whole[:at] + piece + whole[upto:])
