"""Zendesk: each event of an audit is an event, public comments and internal notes are kept apart.

Members are those of Zendesk's developer documentation (Tickets, Ticket Audits, Ticket Audit events reference, Ticket Comments,
Incremental Exports); all contents are made up.
"""

import csv
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.tickets.zendesk import ZendeskReader

READER = ZendeskReader()


def read(data, **declared):
    data = (
        data
        if isinstance(data, bytes)
        else (data if isinstance(data, str) else json.dumps(data, indent=1)).encode()
    )
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def score(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return READER.score(Source.of_bytes(text.encode()).sample)


def fields(row):
    return json.loads(row["attributes"])


def kinds(rows):
    return [row["kind"] for row in rows]


TICKET = {
    "id": 35,
    "url": "https://example.zendesk.com/api/v2/tickets/35.json",
    "external_id": None,
    "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
    "created_at": "2024-11-12T04:30:00Z",
    "updated_at": "2024-11-13T08:00:00Z",
    "type": "incident",
    "subject": "Replies without the word no",
    "description": "Two replies from radiology lack a word.",
    "priority": "high",
    "status": "pending",
    "requester_id": 7,
    "submitter_id": 7,
    "assignee_id": 9,
    "group_id": 3,
    "problem_id": 12,
    "followup_ids": [40],
    "tags": ["radiology"],
}
AUDIT = {
    "id": 500,
    "ticket_id": 35,
    "created_at": "2024-11-12T04:30:00Z",
    "author_id": 7,
    "via": {"channel": "email"},
    "metadata": {},
    "events": [
        {"id": 501, "type": "Comment", "author_id": 7, "body": "Two replies lack a word.", "public": True,
         "attachments": [{"id": 1, "file_name": "reply.pdf", "content_type": "application/pdf", "size": 9}]},
        {"id": 502, "type": "Create", "field_name": "subject", "value": "Replies without the word no"},
        {"id": 503, "type": "Create", "field_name": "status", "value": "new"},
        {"id": 504, "type": "Notification", "subject": "Received", "body": "We have it.", "recipients": [7],
         "via": {"channel": "rule", "source": {"from": {"title": "Notify requester"}, "rel": "trigger"}}},
    ],
}  # fmt: skip
LATER = {
    "id": 510,
    "ticket_id": 35,
    "created_at": "2024-11-12T05:00:00Z",
    "author_id": 9,
    "via": {"channel": "web"},
    "events": [
        {"id": 511, "type": "Comment", "author_id": 9, "body": "Ask the vendor first.", "public": False, "attachments": []},
        {"id": 512, "type": "Change", "field_name": "status", "value": "open", "previous_value": "new"},
        {"id": 513, "type": "Change", "field_name": "problem_id", "value": "12", "previous_value": None},
        {"id": 514, "type": "Error", "message": "The mail could not be sent"},
        {"id": 515, "type": "CommentPrivacyChange", "comment_id": 501, "public": False},
        {"id": 516, "type": "VoiceComment", "public": True, "data": {"from": "1", "to": "2", "transcription_text": "it is urgent"}},
    ],
}  # fmt: skip


def test_a_ticket_alone_gives_its_creation_its_last_state_and_its_links():
    assert score(TICKET) == 0.98
    rows, source = read(TICKET)
    assert kinds(rows) == ["ticket.created", "ticket.state"]
    assert str(rows[0]["time"])[:19] == "2024-11-12 04:30:00"
    assert rows[0]["time_basis"] == "offset_stated"
    shown = fields(rows[0])["as_exported"]
    assert [(one["relation"], one["target"], one["cite"]) for one in shown["links"]] == [
        ("relates", "12", "J/problem_id"),
        ("precedes", "40", "J/followup_ids/0"),
    ]
    assert (shown["known"], rows[0]["refs"]) == ("2024-11-13T08:00:00Z", ["35", "12", "40"])
    assert {i.message for i in source.issues} == {
        "Not in this source: status history (no ticket audits)",
        "Not in this source: comments",
    }


def test_each_event_of_an_audit_is_an_event_and_a_file_besides():
    rows, _ = read({"audits": [AUDIT], "next_page": None, "count": 1})
    assert kinds(rows) == [
        "ticket.comment",
        "ticket.attachment",
        "ticket.created",
        "ticket.created.field",
        "ticket.notified",
    ]
    assert {row["record_id"] for row in rows} == {"zendesk:35"}
    assert rows[0]["locator"] == "J/audits/0/events/0"
    assert rows[4]["audience"] == ["7"]
    assert fields(rows[4])["via"] == "Notify requester"


def test_notes_comments_changes_and_errors_of_an_audit_are_told_apart():
    rows, _ = read({"audits": [LATER]})
    assert kinds(rows) == [
        "ticket.note",
        "ticket.status",
        "ticket.link",
        "ticket.change",
        "ticket.change",
        "ticket.comment",
    ]
    assert rows[1]["message"] == "35 status: new → open"
    assert fields(rows[0])["internal"] == "true"
    assert rows[4]["message"].endswith("internal")
    assert "it is urgent" in rows[5]["message"]
    assert len({row["event_id"] for row in rows}) == 6


def test_names_that_come_after_the_tickets_are_used():
    page = {"tickets": [TICKET], "users": [{"id": 7, "name": "Ward nurse", "role": "end-user", "url": "u"}]}
    rows, source = read(page)
    assert rows[0]["actor"] == "Ward nurse"
    assert not [i for i in source.issues if i.code == "RCA191"]


def test_exports_of_one_ticket_a_line_with_comments_and_audits_tell_a_comment_once():
    comment = {"id": 501, "type": "Comment", "author_id": 7, "body": "Two replies lack a word.", "public": True,
               "created_at": "2024-11-12T04:30:00Z", "attachments": [], "audit_id": 500}  # fmt: skip
    line = json.dumps({**TICKET, "comments": [comment], "audits": [AUDIT, LATER]})
    other = json.dumps({**TICKET, "id": 36, "problem_id": None, "followup_ids": []})
    text = f"{line}\n{other}\n"
    assert score(text) == 0.98
    rows, _ = read(text)
    first = [row for row in rows if row["record_id"] == "zendesk:35"]
    assert Counter(kinds(first))["ticket.comment"] == 2, "the comment 501 and the call 516"
    assert Counter(kinds(first))["ticket.created"] == 1
    assert "ticket.state" not in kinds(first), "its history is there"
    assert Counter(kinds(rows))["ticket.created"] == 2


def test_comments_without_their_ticket_say_so():
    comment = {"id": 1, "type": "Comment", "author_id": 7, "body": "Hello", "public": False, "created_at": "2024-11-12T04:30:00Z",
               "attachments": [], "audit_id": 2}  # fmt: skip
    assert score({"comments": [comment]}) == 0.98
    rows, source = read({"comments": [comment], "count": 1})
    assert kinds(rows) == ["ticket.note"]
    assert any("the number of the ticket" in i.message for i in source.issues)


def test_a_page_that_has_more_after_it_says_so():
    _, source = read({"audits": [AUDIT], "next_page": "https://example.zendesk.com/?page=2", "count": 900})
    assert any("pages after this one" in i.message for i in source.issues)
    _, source = read(
        {"tickets": [TICKET], "next_page": "https://x/?start_time=1", "end_of_stream": True, "end_time": 1}
    )
    assert not any("pages after this one" in i.message for i in source.issues)


def test_child_events_of_the_incremental_export_are_changes_of_their_members():
    event = {
        "id": 1, "ticket_id": 35, "timestamp": 1731385800, "created_at": "2024-11-12T04:30:00Z", "updater_id": 9, "via": "Web form",
        "event_type": "Audit",
        "child_events": [
            {"id": 2, "via": "Web form", "via_reference_id": 0, "status": "open", "previous_value": "new", "event_type": "Change"},
            {"id": 3, "via": "Web form", "comment_public": False, "comment_present": True, "event_type": "Comment", "body": "x"},
        ],
    }  # fmt: skip
    assert score({"ticket_events": [event], "count": 1}) == 0.98
    rows, _ = read({"ticket_events": [event]})
    assert kinds(rows) == ["ticket.status", "ticket.note"]
    assert rows[0]["message"] == "35 status: new → open"


def test_metrics_tell_when_a_ticket_was_solved_and_a_breach():
    metric = {
        "id": 1,
        "ticket_id": 35,
        "solved_at": "2024-11-13T07:00:00Z",
        "reopens": 1,
        "reply_time_in_minutes": {},
    }
    breach = {
        "id": 2,
        "ticket_id": 35,
        "metric": "reply_time",
        "type": "breach",
        "time": "2024-11-12T06:00:00Z",
    }
    rows, _ = read({"ticket_metrics": [metric]})
    assert kinds(rows) == ["ticket.resolved"]
    rows, _ = read({"ticket_metric_events": [breach]})
    assert kinds(rows) == ["ticket.escalated"]


def test_a_webhook_gives_the_change_that_it_carries():
    hook = {
        "type": "zen:event-type:ticket.status_changed", "time": "2024-11-12T05:00:00Z", "id": "x",
        "detail": {"id": "35", "status": "OPEN", "actor_id": "9", "created_at": "2024-11-12T04:30:00Z", "subject": "s"},
        "event": {"current": "OPEN", "previous": "NEW"},
    }  # fmt: skip
    assert score(hook) == 0.98
    rows, _ = read(hook)
    assert (rows[0]["kind"], rows[0]["message"]) == ("ticket.status", "35 status: NEW → OPEN")


def test_an_event_of_a_kind_that_is_not_known_is_kept_with_its_own_words():
    rows, _ = read({**LATER, "events": [{"id": 1, "type": "SomethingNew", "detail": "ward 12"}]})
    assert (rows[0]["kind"], rows[0]["message"]) == ("ticket.change", "35 SomethingNew")
    assert fields(rows[0])["detail"] == "ward 12"


@pytest.mark.parametrize(
    "other",
    [
        {
            "id": 1,
            "subject": "a",
            "responder_id": 2,
            "requester_id": 3,
            "cc_emails": [],
            "created_at": "x",
            "status": 2,
        },
        [{"timestamp": "2024-11-12T04:30:00Z", "message": "x"}],
        {"users": [{"id": 7, "name": "x", "url": "u"}]},
        {},
    ],
)
def test_what_is_not_zendesks_is_left_alone(other):
    assert score(other) == 0


@pytest.mark.parametrize("wrong", [None, [], {}, 7, True, "x", [None], {"a": [None]}])
def test_members_of_a_wrong_type_stop_nothing(wrong):
    for name in TICKET:
        read({"tickets": [{**TICKET, name: wrong, "comments": wrong, "audits": wrong}, wrong]})
    for name in AUDIT:
        read({"audits": [{**AUDIT, name: wrong}]})
    for name in ("type", "field_name", "value", "body", "public", "attachments", "recipients", "via", "data"):
        read(
            {
                "audits": [
                    {
                        **AUDIT,
                        "events": [
                            {**AUDIT["events"][0], name: wrong},
                            {**AUDIT["events"][1], name: wrong},
                            wrong,
                        ],
                    }
                ]
            }
        )


def test_deep_values_stop_nothing():
    deep = "[" * 900 + "]" * 900
    text = json.dumps(
        {"audits": [{**LATER, "events": [{"type": "Change", "field_name": "x", "value": "@"}]}]}
    ).replace('"@"', deep)
    read(text)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_torn_or_altered_the_books_balance(data):
    text = json.dumps(
        data.draw(st.sampled_from([TICKET, {"audits": [AUDIT, LATER]}, {"tickets": [TICKET], "users": []}])),
        indent=1,
    )
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
        raw = raw or bytearray(b"{")
    del raw[data.draw(st.integers(0, len(raw))) :]
    READER.score(Source.of_bytes(bytes(raw)).sample)
    read(bytes(raw))


def test_the_outside_files_hold_what_was_counted_in_them(shared):
    """`len(audit.events)` for an audit, else one ticket (its record); see manifest.csv."""
    found = {}
    with (shared / "corpora/records/manifest.csv").open(encoding="utf-8", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["file"].startswith("zendesk/")]
    for row in listed:
        data = (shared / "corpora/records" / row["file"]).read_bytes()
        assert READER.score(Source.of_bytes(data).sample) == 0.98
        rows, source = read(data)
        assert source.unparsed == []
        counts = {len(rows), len({one["record_id"] for one in rows}), *Counter(kinds(rows)).values()}
        found[row["file"]] = (int(row["expected_events"]), int(row["expected_events"]) in counts)
    assert found
    assert all(fits for _, fits in found.values()), found
