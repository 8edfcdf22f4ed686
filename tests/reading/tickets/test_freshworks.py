"""Freshservice and Freshdesk: private notes and replies are kept apart, activities give the changes that they state plainly.

Members are those of the Freshservice and Freshdesk API documentation; all contents are made up.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.freshworks import FreshworksReader, split_sentence

READER = FreshworksReader()
TICKET = {
    "id": 20,
    "subject": "Drug list is empty",
    "description_text": "The list of ward 12 shows no drugs.",
    "status": 4,
    "priority": 3,
    "source": 2,
    "requester_id": 7,
    "responder_id": 9,
    "group_id": 3,
    "cc_emails": [],
    "fr_escalated": False,
    "spam": False,
    "created_at": "2024-11-12T04:30:00Z",
    "updated_at": "2024-11-13T08:00:00Z",
    "stats": {"resolved_at": "2024-11-12T09:00:00Z", "closed_at": None, "first_responded_at": "2024-11-12T05:00:00Z"},
    "problem": {"display_id": 4, "subject": "p"},
    "related_tickets": {"child_ids": [21]},
    "conversations": [
        {"id": 1, "body": "<div>We look into it</div>", "body_text": "We look into it", "incoming": False, "private": False,
         "user_id": 9, "source": 0, "created_at": "2024-11-12T05:00:00Z", "ticket_id": 20, "to_emails": ["ward@example.org"],
         "attachments": [{"id": 5, "name": "list.png", "content_type": "image/png", "size": 3, "created_at": "2024-11-12T05:00:00Z"}]},
        {"id": 2, "body_text": "The vendor knew", "incoming": False, "private": True, "user_id": 9, "source": 2,
         "created_at": "2024-11-12T05:10:00Z", "ticket_id": 20, "attachments": []},
    ],
}  # fmt: skip


def read(value):
    data = value if isinstance(value, bytes) else json.dumps(value, indent=1).encode()
    source = Source.of_bytes(data)
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def score(value):
    return READER.score(Source.of_bytes(json.dumps(value).encode()).sample)


@pytest.mark.parametrize(
    "wrap", [lambda t: t, lambda t: [t], lambda t: {"ticket": t}, lambda t: {"tickets": [t], "total": 1}]
)
def test_a_ticket_gives_its_ends_links_replies_notes_and_files(wrap):
    assert score(wrap(TICKET)) == 0.98
    rows, _ = read(wrap(TICKET))
    assert [row["kind"] for row in rows] == [
        "ticket.created",
        "ticket.resolved",
        "ticket.state",
        "ticket.comment",
        "ticket.attachment",
        "ticket.note",
    ]
    assert {row["record_id"] for row in rows} == {"freshworks:20"}
    assert rows[2]["message"] == "20 as exported: Resolved (4)"
    shown = json.loads(rows[0]["attributes"])["as_exported"]
    assert [(one["relation"], one["target"]) for one in shown["links"]] == [
        ("relates", "4"),
        ("parent_of", "21"),
    ]
    assert shown["known"] == "2024-11-13T08:00:00Z"
    assert rows[3]["audience"] == ["ward@example.org"]
    assert rows[5]["message"] == "20 private note by 9: The vendor knew"


def test_activities_are_sentences_and_give_the_changes_that_they_state():
    activities = {
        "activities": [
            {"actor": {"id": 9, "name": "Night lead"}, "content": " set Status as Open, set Priority as High ", "sub_contents": [],
             "created_at": "2024-11-12T04:31:00Z"},
            {"actor": {"id": 9, "name": "Night lead"}, "content": " created this ticket", "sub_contents": ["set Group as Lab"],
             "created_at": "2024-11-12T04:30:00Z"},
            {"actor": {"id": 9, "name": "Night lead"}, "content": " sat and waited", "created_at": "2024-11-12T04:32:00Z"},
        ]
    }  # fmt: skip
    assert score(activities) == 0.98
    rows, source = read(activities)
    assert [row["kind"] for row in rows] == [
        "ticket.status",
        "ticket.priority",
        "ticket.assignee",
        "ticket.change",
    ]
    assert rows[0]["message"] == "ticket Status: (empty) → Open"
    assert rows[3]["message"] == "ticket activity: sat and waited"
    assert any("number of the ticket" in i.message for i in source.issues)


def test_exported_activities_name_fields_and_values():
    exported = {
        "activities_data": [
            {"performed_at": "24-05-2017 16:12:36 +0000", "ticket_id": 20, "performer_type": "user", "performer_id": 9,
             "activity": {"status": "Open", "group": None, "note": {"id": 3, "type": 4}}},
        ]
    }  # fmt: skip
    assert score(exported) == 0.98
    rows, source = read(exported)
    assert [(row["kind"], str(row["time"])[:19]) for row in rows] == [
        ("ticket.status", "2017-05-24 16:12:36"),
        ("ticket.assignee", "2017-05-24 16:12:36"),
        ("ticket.change", "2017-05-24 16:12:36"),
    ]
    assert any("texts of notes" in i.message for i in source.issues)


def test_a_sentence_that_states_no_change_gives_none():
    assert split_sentence("replied to the requester") == []
    assert split_sentence("changed the Status from Open to Resolved") == [("Status", "Open", "Resolved")]
    assert split_sentence("Escalation rule: set Group as Lab and set Priority as High") == [
        ("Group", "", "Lab"),
        ("Priority", "", "High"),
    ]


def test_zendesks_tickets_are_left_alone():
    assert (
        score(
            {
                "id": 1,
                "subject": "a",
                "submitter_id": 2,
                "via": {},
                "created_at": "x",
                "cc_emails": [],
                "brand_id": 1,
            }
        )
        == 0
    )


@pytest.mark.parametrize("wrong", [None, [], {}, 7, True, "x", [None], {"a": [None]}])
def test_members_of_a_wrong_type_stop_nothing(wrong):
    for name in TICKET:
        read({"tickets": [{**TICKET, name: wrong}, wrong]})
    for name in TICKET["conversations"][0]:
        read([{**TICKET, "conversations": [{**TICKET["conversations"][0], name: wrong}]}])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3_000), st.integers(0, 1_500), st.binary(max_size=5))
def test_whatever_is_torn_or_altered_the_books_balance(end, at, more):
    raw = json.dumps([TICKET], indent=1).encode()[:end]
    read(raw[:at] + more + raw[at + 3 :])
