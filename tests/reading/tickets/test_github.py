"""GitHub's answers become one event a creation, comment, change, link and commit, whichever way they were got.

Shapes and names are those of GitHub's documentation (REST, GraphQL, webhooks, event feed); the words are our own.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.github import GithubReader

READER = GithubReader()
API = "https://api.github.com/repos/region/ehr"
WEB = "https://github.com/region/ehr"


def read(value):
    data = value if isinstance(value, bytes) else json.dumps(value, indent=1, ensure_ascii=False).encode()
    source = Source.of_bytes(data)
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        row["fields"] = json.loads(row["attributes"] or "{}")
        if row["byte_start"] is not None:
            assert row["byte_start"] + row["byte_length"] <= len(data)
    return rows, source


def score(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return READER.score(Source.of_bytes(data).sample)


def kinds(rows):
    return [row["kind"] for row in rows]


def issue(number=5, **more):
    return {
        "url": f"{API}/issues/{number}",
        "repository_url": API,
        "comments_url": f"{API}/issues/{number}/comments",
        "html_url": f"{WEB}/issues/{number}",
        "id": 1000 + number,
        "node_id": f"I_{number}",
        "number": number,
        "title": "Log-in fails on ward computers",
        "user": {"login": "ward-lead", "url": "https://api.github.com/users/ward-lead"},
        "labels": [{"name": "incident"}, {"name": "stop"}],
        "state": "open",
        "assignees": [{"login": "it-lead"}],
        "comments": 1,
        "created_at": "2024-11-12T04:30:00Z",
        "updated_at": "2024-11-12T06:00:00Z",
        "closed_at": None,
        "body": "Same as #4, see region/lab#7.",
        **more,
    }


def event(name, number=1, **more):
    return {
        "id": number,
        "node_id": f"E_{number}",
        "url": f"{API}/issues/events/{number}",
        "actor": {"login": "it-lead"},
        "event": name,
        "commit_id": None,
        "created_at": f"2024-11-12T05:00:{number:02}Z",
        **more,
    }


def test_an_issue_is_created_and_closed_and_its_texts_name_other_issues():
    closed = issue(
        state="closed",
        closed_at="2024-11-13T07:00:00Z",
        closed_by={"login": "it-lead"},
        state_reason="completed",
    )
    assert score([closed]) == 0.98
    rows, source = read([closed])
    assert kinds(rows) == ["ticket.created", "ticket.closed"]
    made, done = rows
    assert made["message"] == "region/ehr#5 created: Log-in fails on ward computers"
    assert (made["actor"], made["record_id"], made["subject"]) == (
        "ward-lead",
        "github:region/ehr#5",
        "region/ehr#5",
    )
    assert made["refs"] == ["region/ehr#4", "region/lab#7"]
    assert made["fields"]["text"].endswith("see region/lab#7.")
    assert made["fields"]["labels"] == "incident, stop"
    assert (made["time_basis"], made["time_precision"], made["locator"]) == ("offset_stated", "second", "J/0")
    assert (done["actor"], done["parent"], done["fields"]["state_reason"]) == (
        "it-lead",
        made["event_id"],
        "completed",
    )
    assert [one.code for one in source.issues] == ["RCA190", "RCA190"]
    assert source.assumptions == []


def test_a_single_issue_and_a_search_result_are_read_alike_and_a_cut_search_is_said():
    assert kinds(read(issue())[0]) == ["ticket.created"]
    rows, source = read({"total_count": 40, "incomplete_results": False, "items": [issue(1), issue(2)]})
    assert [row["locator"] for row in rows] == ["J/items/0", "J/items/1"]
    assert any("holds 2 of 40" in one.message for one in source.issues)


def test_a_pull_request_tells_its_merge_with_the_commit():
    pull = issue(
        9,
        html_url=f"{WEB}/pull/9",
        merged_at="2024-11-13T06:00:00Z",
        merge_commit_sha="ab" * 20,
        diff_url="x",
        merged_by={"login": "it-lead"},
    )
    rows, _ = read([pull])
    assert kinds(rows) == ["ticket.created", "ticket.commit"]
    assert rows[1]["refs"] == ["ab" * 20]
    assert rows[0]["fields"]["pull_request"] == "true"


@pytest.mark.parametrize(
    ("name", "more", "kind", "field", "old", "new"),
    [
        ("labeled", {"label": {"name": "stop"}}, "ticket.change", "label", None, "stop"),
        ("unlabeled", {"label": {"name": "stop"}}, "ticket.change", "label", "stop", None),
        (
            "assigned",
            {"assignee": {"login": "night-lead"}},
            "ticket.assignee",
            "assignee",
            None,
            "night-lead",
        ),
        (
            "unassigned",
            {"assignee": {"login": "night-lead"}},
            "ticket.assignee",
            "assignee",
            "night-lead",
            None,
        ),
        ("reopened", {}, "ticket.status", "state", "closed", "open"),
        ("renamed", {"rename": {"from": "A", "to": "B"}}, "ticket.change", "title", "A", "B"),
        ("milestoned", {"milestone": {"title": "restart"}}, "ticket.change", "milestone", None, "restart"),
        ("locked", {"lock_reason": "resolved"}, "ticket.change", "locked", None, "true"),
        ("referenced", {"commit_id": "c" * 40}, "ticket.commit", "commit", None, "c" * 40),
        ("something_new", {}, "ticket.change", "something_new", None, None),
    ],
)
def test_each_event_is_one_change_with_old_and_new_value(name, more, kind, field, old, new):
    rows, _ = read([event(name, issue=issue(), **more)])
    (row,) = rows
    assert (row["kind"], row["record_id"], row["actor"]) == (kind, "github:region/ehr#5", "it-lead")
    assert (row["fields"].get("field"), row["fields"].get("old"), row["fields"].get("new")) == (
        field,
        old,
        new,
    )


def test_closing_by_a_commit_also_tells_the_commit():
    rows, _ = read([event("closed", issue=issue(), commit_id="d" * 40)])
    assert kinds(rows) == ["ticket.status", "ticket.commit"]
    assert all(row["refs"] == ["d" * 40] for row in rows)


def test_events_of_a_list_that_names_no_issue_share_one_record_and_that_is_said():
    rows, source = read([event("labeled", 1, label={"name": "x"}), event("closed", 2)])
    assert len({row["record_id"] for row in rows}) == 1
    assert rows[0]["record_id"]
    assert any("number of the issue" in one.message for one in source.issues)


def timeline():
    return [
        {"event": "commented", "node_id": "C1", "url": f"{API}/issues/comments/1", "html_url": f"{WEB}/issues/5#issuecomment-1",
         "issue_url": f"{API}/issues/5", "user": {"login": "it-lead"}, "created_at": "2024-11-12T05:00:00Z", "body": "Fixed in #6"},
        {"event": "cross-referenced", "actor": {"login": "lab-lead"}, "created_at": "2024-11-12T05:01:00Z",
         "source": {"type": "issue", "issue": issue(8)}},
        {"event": "committed", "sha": "e" * 40, "node_id": "K", "author": {"name": "it lead", "date": "2024-11-12T05:02:00Z"},
         "committer": {"name": "it lead", "date": "2024-11-12T05:03:00Z"}, "message": "Fix the log-in, closes #5"},
        {"event": "reviewed", "node_id": "R", "user": {"login": "chief"}, "state": "approved", "body": None,
         "submitted_at": "2024-11-12T05:04:00Z", "html_url": f"{WEB}/pull/5#pullrequestreview-1", "pull_request_url": f"{API}/pulls/5"},
        event("mentioned", 9),
    ]  # fmt: skip


def test_a_timeline_belongs_to_the_issue_that_its_comments_name():
    assert score(timeline()) == 0.98
    rows, _ = read(timeline())
    assert kinds(rows) == [
        "ticket.comment",
        "ticket.link",
        "ticket.commit",
        "ticket.change",
        "ticket.notified",
    ]
    assert {row["record_id"] for row in rows} == {"github:region/ehr#5"}
    comment, link, commit, review, told = rows
    assert comment["refs"] == ["region/ehr#6"]
    assert (link["refs"], link["fields"]["relation"], link["fields"]["direction"]) == (
        ["region/ehr#8"],
        "mentioned_in",
        "inward",
    )
    assert commit["time_text"] == "2024-11-12T05:03:00Z"
    assert commit["refs"] == ["e" * 40]
    assert review["fields"]["new"] == "approved"
    assert told["audience"] == ["it-lead"]


def test_a_review_with_a_text_is_a_comment_and_a_comment_on_code_names_the_file():
    rows, _ = read([
        {"pull_request_url": f"{API}/pulls/5", "id": 1, "node_id": "a", "user": {"login": "chief"}, "state": "CHANGES_REQUESTED",
         "body": "Not ready", "submitted_at": "2024-11-12T05:04:00Z", "html_url": f"{WEB}/pull/5#pullrequestreview-1"},
        {"pull_request_url": f"{API}/pulls/5", "id": 2, "node_id": "b", "user": {"login": "chief"}, "diff_hunk": "@@", "path": "login.py",
         "body": "Why?", "created_at": "2024-11-12T05:05:00Z", "html_url": f"{WEB}/pull/5#discussion_r2"},
    ])  # fmt: skip
    assert kinds(rows) == ["ticket.comment", "ticket.comment"]
    assert "changes requested" in rows[0]["message"]
    assert rows[1]["fields"]["file"] == "login.py"


def graphql(**more):
    nodes = [
        {"__typename": "LabeledEvent", "id": "L", "createdAt": "2024-11-12T05:00:00Z", "actor": {"login": "it-lead"}, "label": {"name": "stop"}},
        {"__typename": "ClosedEvent", "id": "C", "createdAt": "2024-11-13T05:00:00Z", "actor": {"login": "it-lead"}, "stateReason": "COMPLETED",
         "closer": {"__typename": "PullRequest", "number": 9, "url": f"{WEB}/pull/9"}},
        {"__typename": "MarkedAsDuplicateEvent", "id": "M", "createdAt": "2024-11-13T06:00:00Z", "actor": {"login": "it-lead"},
         "canonical": {"number": 3, "url": f"{WEB}/issues/3"}},
        {"__typename": "IssueComment", "id": "K", "createdAt": "2024-11-13T07:00:00Z", "author": {"login": "chief"}, "body": "Thank you"},
    ]  # fmt: skip
    return {
        "number": 5, "title": "Log-in fails", "url": f"{WEB}/issues/5", "createdAt": "2024-11-12T04:30:00Z",
        "closedAt": "2024-11-13T05:00:00Z", "author": {"login": "ward-lead"}, "body": "since 06:00",
        "timelineItems": {"nodes": nodes, "pageInfo": {"hasNextPage": False}}, **more,
    }  # fmt: skip


def test_graphql_nodes_mean_the_same_and_the_closing_is_told_once():
    answer = {"data": {"repository": {"nameWithOwner": "region/ehr", "issue": graphql()}}}
    assert score(answer) == 0.98
    rows, _ = read(answer)
    assert kinds(rows) == [
        "ticket.created",
        "ticket.change",
        "ticket.status",
        "ticket.link",
        "ticket.link",
        "ticket.comment",
    ]
    assert {row["record_id"] for row in rows} == {"github:region/ehr#5"}
    assert rows[3]["fields"]["phrase"] == "closed by"
    assert rows[3]["refs"] == ["region/ehr#9"]
    assert rows[4]["fields"]["relation"] == "duplicates"
    assert rows[4]["refs"] == ["region/ehr#3"]
    assert rows[2]["locator"] == "J/data/repository/issue/timelineItems/nodes/1"


def test_pages_of_issues_by_graphql_come_as_nodes_or_edges():
    for page in (
        {"nodes": [graphql(), graphql(number=6)]},
        {"edges": [{"cursor": "a", "node": graphql()}, {"node": graphql()}]},
    ):
        rows, _ = read({"data": {"repository": {"issues": {"totalCount": 2, **page}}}})
        assert kinds(rows).count("ticket.created") == 2


def test_a_timeline_without_the_number_is_named_by_a_reference_to_it():
    nodes = [
        {"eventType": "LabeledEvent", "createdAt": "2024-11-12T05:00:00Z", "actor": {"login": "it-lead"}, "label": {"name": "stop"}},
        {"eventType": "CrossReferencedEvent", "createdAt": "2024-11-12T05:01:00Z", "actor": {"login": "it-lead"},
         "url": f"{WEB}/issues/5#ref-issue-9", "source": {"number": 2, "url": f"{WEB}/issues/2"}},
    ]  # fmt: skip
    rows, _ = read({"data": {"repository": {"issue": {"timelineItems": {"nodes": nodes}}}}})
    assert {row["record_id"] for row in rows} == {"github:region/ehr#5"}


def test_rows_of_the_command_line_tool_are_read():
    row = {"assignees": [], "author": {"login": "ward-lead"}, "body": "x", "comments": [
        {"author": {"login": "it-lead"}, "body": "On it", "createdAt": "2024-11-12T05:00:00Z", "url": f"{WEB}/issues/5#issuecomment-1"}],
        "createdAt": "2024-11-12T04:30:00Z", "number": 5, "state": "OPEN", "title": "t", "url": f"{WEB}/issues/5"}  # fmt: skip
    assert score([row]) == 0.98
    rows, _ = read([row])
    assert kinds(rows) == ["ticket.created", "ticket.comment"]
    assert rows[1]["parent"] == rows[0]["event_id"]


def test_a_webhook_tells_what_was_done_and_by_whom():
    hook = {
        "action": "labeled",
        "issue": issue(),
        "label": {"name": "stop"},
        "repository": {"full_name": "region/ehr"},
        "sender": {"login": "chief"},
    }
    assert score(hook) == 0.98
    rows, _ = read(hook)
    assert kinds(rows) == ["ticket.change"]
    assert (rows[0]["actor"], rows[0]["fields"]["new"]) == ("chief", "stop")
    rows, _ = read({**hook, "action": "opened"})
    assert kinds(rows) == ["ticket.created"]


def test_the_event_feed_is_read_line_by_line():
    lines = [
        {"id": "1", "type": "IssuesEvent", "actor": {"login": "chief"}, "repo": {"name": "region/ehr"}, "created_at": "2024-11-12T05:00:00Z",
         "payload": {"action": "closed", "issue": issue()}},
        {"id": "2", "type": "PushEvent", "actor": {"login": "chief"}, "repo": {"name": "region/ehr"}, "created_at": "2024-11-12T05:01:00Z",
         "payload": {"commits": [{"sha": "f" * 40, "message": "Fix #5", "author": {"name": "it lead"}}]}},
    ]  # fmt: skip
    data = "\n".join(map(json.dumps, lines)).encode()
    assert score(data) == 0.98
    rows, _ = read(data)
    assert kinds(rows) == ["ticket.status", "ticket.commit"]
    assert rows[1]["refs"] == ["f" * 40, "region/ehr#5"]


def exchange(method, path, response, status=200):
    return {"scope": "https://api.github.com:443", "method": method, "path": path, "body": "", "status": status, "response": response,
            "headers": {"date": "Tue, 12 Nov 2024 05:30:00 GMT"}}  # fmt: skip


def test_a_recorded_exchange_is_an_event_by_the_clock_of_the_server_and_its_answer_is_read():
    tape = [
        exchange("get", "/repos/region/ehr/issues?per_page=2", [issue(1), issue(2)]),
        exchange("put", "/repos/region/ehr/issues/2/lock", "", 204),
        exchange("post", "/repos/region/ehr/issues/2/labels", [{"id": 1, "name": "stop"}]),
        exchange("put", "/repos/region/ehr/issues/3/lock", {"message": "Not Found"}, 404),
    ]
    assert score(tape) == 0.98
    rows, _ = read(tape)
    assert kinds(rows) == [
        "log.access",
        "ticket.created",
        "ticket.created",
        "log.access",
        "ticket.change",
        "log.access",
        "ticket.change",
        "log.access",
    ]
    assert rows[0]["time_text"] == "Tue, 12 Nov 2024 05:30:00 GMT"
    assert rows[0]["time_kind"] == "recorded"
    assert rows[2]["locator"] == "J/0/response/1"
    assert rows[4]["fields"]["field"] == "locked"
    assert rows[6]["fields"]["new"] == "stop"


def test_an_enterprise_server_counts_and_other_trackers_do_not():
    text = (
        json.dumps([issue()])
        .replace("api.github.com/repos", "git.region.example/api/v3/repos")
        .replace("github.com", "git.region.example")
    )
    assert score(text.encode()) == 0.98
    for foreign in (
        [{"number": 5, "title": "x", "url": "https://tracker.example/api/5", "state": "open"}],
        [
            {
                "html_url": "https://forge.example/region/ehr/issues/5",
                "number": 5,
                "title": "x",
                "user": {"login": "a"},
            }
        ],
        [{"time": "2024-11-12T05:00:00Z", "msg": "github is down", "event": "closed"}],
        {"resourceType": "Bundle", "entry": [{"url": "https://github.com/region/ehr"}]},
        [{"iid": 5, "project_id": 1, "title": "x", "web_url": "https://gitlab.com/region/ehr/-/issues/5"}],
    ):
        assert score(foreign) == 0.0


def test_wrong_types_anywhere_stop_nothing():
    odd = issue(
        user=["x"], labels={"a": 1}, assignees=None, created_at=[1], body={"x": 1}, title=None, milestone="m"
    )
    rows, _ = read([odd, event(7), {"event": "closed", "node_id": 1, "actor": "x"}, None, [], issue()])
    assert kinds(rows).count("ticket.created") == 2


def test_half_a_character_is_replaced():
    rows, _ = read(json.dumps(issue(title="Log-in \ud83d fails \ud83d\ude00")).encode())
    assert rows[0]["fields"]["title"] == "Log-in \ufffd fails \U0001f600"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    whole = json.dumps(
        [graphql(), issue(), *timeline(), exchange("get", "/repos/region/ehr/issues", [issue()])]
    ).encode()
    cut = data.draw(st.integers(0, len(whole)))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] = data.draw(st.integers(0, 255))
    for text in (whole[:cut], bytes(changed)):
        READER.score(Source.of_bytes(text).sample)
        read(text)
