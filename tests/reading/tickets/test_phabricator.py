"""Maniphest's tasks and transactions become events, each transaction one; times are seconds since 1970.

Shapes and edge types are those of Phabricator's Conduit API; the words are our own.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.phabricator import PhabricatorReader

READER = PhabricatorReader()


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


def task(**more):
    fields = {
        "name": "Log-in fails", "description": {"raw": "since 06:00"}, "authorPHID": "PHID-USER-ward", "ownerPHID": "PHID-USER-it",
        "status": {"value": "open", "name": "Open"}, "priority": {"value": 100, "name": "Unbreak now"}, "dateCreated": 1731385800,
        "dateModified": 1731389400, "dateClosed": None, "closerPHID": None, **more,
    }  # fmt: skip
    return {
        "id": 69,
        "type": "TASK",
        "phid": "PHID-TASK-a",
        "fields": fields,
        "attachments": {"projects": {"projectPHIDs": ["PHID-PROJ-x"]}},
    }


def old(kind, number=1, **more):
    return {"taskID": "69", "transactionID": str(number), "transactionPHID": f"PHID-XACT-TASK-{number}", "transactionType": kind, "oldValue": None,
            "newValue": None, "comments": None, "authorPHID": "PHID-USER-it", "dateCreated": "1731385805", **more}  # fmt: skip


def test_a_task_is_created_and_closed_by_whom_and_when_it_says():
    answer = {"result": {"data": [task(status={"value": "resolved", "name": "Resolved"}, dateClosed=1731389400, closerPHID="PHID-USER-chief")],
                         "maps": {}, "cursor": {"after": None}}, "error_code": None}  # fmt: skip
    assert score(answer) == 0.98
    rows, source = read(answer)
    assert kinds(rows) == ["ticket.created", "ticket.closed"]
    assert str(rows[0]["time"]).startswith("2024-11-12 04:30:00")
    assert rows[0]["refs"] == ["PHID-TASK-a"]
    assert rows[1]["actor"] == "PHID-USER-chief"
    assert rows[0]["record_id"] == "phabricator:T69"
    assert any("transactions" in one.message for one in source.issues)


def test_a_closed_task_without_a_time_has_a_state():
    rows, _ = read({"result": {"data": [task(status={"value": "invalid", "name": "Invalid"})]}})
    assert kinds(rows) == ["ticket.created"]
    shown = rows[0]["fields"]["as_exported"]
    assert (shown["state"]["new"], shown["known"]) == ("invalid", "1731389400")
    assert shown["known_time"] == "2024-11-12T05:30:01Z"


def test_answers_of_the_older_query_have_their_tasks_under_their_phid():
    inner = {"id": "69", "phid": "PHID-TASK-a", "authorPHID": "PHID-USER-ward", "title": "Log-in fails", "status": "open", "statusName": "Open",
             "isClosed": False, "dateCreated": "1731385800", "dateModified": "1731389400", "dependsOnTaskPHIDs": ["PHID-TASK-b"]}  # fmt: skip
    answer = {"result": {"PHID-TASK-a": inner, "PHID-TASK-c": {**inner, "id": "70", "phid": "PHID-TASK-c"}}}
    rows, _ = read(answer)
    assert kinds(rows) == ["ticket.created"] * 2
    for row in rows:
        (link,) = row["fields"]["as_exported"]["links"]
        assert (link["relation"], link["target"]) == ("depends_on", "PHID-TASK-b")
        assert "PHID-TASK-b" in row["refs"]
    assert rows[0]["locator"] == "J/result/PHID-TASK-a"


@pytest.mark.parametrize(
    ("transaction", "kind", "field", "new"),
    [
        (old("status", oldValue="open", newValue="resolved"), "ticket.status", "status", "resolved"),
        (old("reassign", newValue="PHID-USER-chief"), "ticket.assignee", "owner", "PHID-USER-chief"),
        (old("priority", oldValue=90, newValue=100), "ticket.priority", "priority", "100"),
        (
            old("core:subscribers", newValue=["PHID-USER-a", "PHID-USER-b"]),
            "ticket.change",
            "subscribers",
            "PHID-USER-a, PHID-USER-b",
        ),
        (
            old("core:edge", newValue={"PHID-PROJ-x": {"dst": "PHID-PROJ-x", "type": 41}}),
            "ticket.change",
            "projects",
            "PHID-PROJ-x",
        ),
        (old("title", oldValue="A", newValue="B"), "ticket.change", "title", "B"),
    ],
)
def test_each_transaction_is_one_event(transaction, kind, field, new):
    (row,) = read({"result": {"69": [transaction]}})[0]
    assert (row["kind"], row["fields"]["field"], row["fields"]["new"]) == (kind, field, new)
    assert row["record_id"] == "phabricator:T69"
    assert row["actor"] == "PHID-USER-it"


def test_a_task_is_created_once_though_two_transactions_say_so():
    rows, _ = read(
        {
            "result": {
                "69": [
                    old("title", 2, newValue="Log-in fails"),
                    old("core:create", 1),
                    old("core:comment", 3, comments="on it"),
                ]
            }
        }
    )
    assert kinds(rows) == ["ticket.created", "ticket.change", "ticket.comment"]


@pytest.mark.parametrize(
    ("edge", "relation", "direction"),
    [
        ("3", "depends_on", "outward"),
        ("4", "blocks", "outward"),
        ("51", "mentioned_in", "inward"),
        ("62", "duplicated_by", "inward"),
        ("63", "duplicates", "outward"),
    ],
)
def test_edges_to_tasks_are_links_by_the_type_of_the_edge(edge, relation, direction):
    (row,) = read(
        {
            "result": {
                "69": [
                    old(
                        "core:edge",
                        newValue={"PHID-TASK-b": {"dst": "PHID-TASK-b", "type": int(edge)}},
                        oldValue=[],
                    )
                ]
            }
        }
    )[0]
    assert (row["kind"], row["fields"]["relation"], row["fields"]["direction"], row["refs"]) == (
        "ticket.link",
        relation,
        direction,
        ["PHID-TASK-b"],
    )


def test_an_edge_that_is_taken_away_is_a_change_and_a_merge_a_link():
    rows, _ = read(
        {
            "result": {
                "69": [
                    old("core:edge", oldValue={"PHID-TASK-b": {"type": 3}}, newValue=[]),
                    old("mergedinto", 2, newValue="PHID-TASK-b"),
                ]
            }
        }
    )
    assert kinds(rows) == ["ticket.change", "ticket.link"]
    assert rows[0]["fields"]["old"] == "PHID-TASK-b"
    assert rows[1]["fields"]["relation"] == "merged_into"


def test_transactions_of_the_newer_search_are_read():
    common = {
        "authorPHID": "PHID-USER-it",
        "objectPHID": "PHID-TASK-a",
        "dateCreated": 1731385805,
        "groupID": "g",
    }
    answer = {"result": {"data": [
        {"id": 1, "phid": "PHID-XACT-TASK-1", "type": "comment", **common, "comments": [{"id": 1, "content": {"raw": "on it"}, "removed": False}], "fields": {}},
        {"id": 2, "phid": "PHID-XACT-TASK-2", "type": "status", **common, "comments": [], "fields": {"old": "open", "new": "resolved"}},
        {"id": 3, "phid": "PHID-XACT-TASK-3", "type": "projects", **common, "comments": [],
         "fields": {"operations": [{"operation": "add", "phid": "PHID-PROJ-x"}]}}]}}  # fmt: skip
    assert score(answer) == 0.98
    rows, _ = read(answer)
    assert kinds(rows) == ["ticket.comment", "ticket.status", "ticket.change"]
    assert {row["record_id"] for row in rows} == {"phabricator:PHID-TASK-a"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    whole = json.dumps(
        {
            "result": {
                "69": [
                    old("core:edge", newValue={"PHID-TASK-b": {"type": 3}}),
                    old("status", newValue="open"),
                ],
                "data": [task()],
            }
        }
    ).encode()
    cut = data.draw(st.integers(0, len(whole)))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] = data.draw(st.integers(0, 255))
    for text in (whole[:cut], bytes(changed)):
        READER.score(Source.of_bytes(text).sample)
        read(text)
