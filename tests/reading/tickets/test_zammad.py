"""Zammad: articles by type and visibility, history by what it says, names from the tables that come along.

Members are those of Zammad's REST API documentation; all contents are made up.
"""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.zammad import ZammadReader

READER = ZammadReader()
TICKET = {
    "id": 5, "number": "31005", "title": "Referrals vanish", "group_id": 1, "priority_id": 2, "state_id": 2, "owner_id": 4,
    "customer_id": 7, "create_article_type_id": 1, "article_count": 2, "article_ids": [9, 10],
    "created_at": "2024-11-12T04:30:00.123Z", "updated_at": "2024-11-12T09:00:00.000Z", "close_at": "2024-11-12T09:00:00.000Z",
    "created_by_id": 7, "updated_by_id": 4,
}  # fmt: skip
ARTICLE = {
    "id": 9, "ticket_id": 5, "type_id": 1, "sender_id": 2, "type": "email", "sender": "Customer", "from": "Ward <ward@example.org>",
    "to": "desk@example.org", "subject": "Referrals", "body": "<p>They are gone</p>", "content_type": "text/html",
    "internal": False, "created_at": "2024-11-12T04:30:00.200Z", "created_by_id": 7, "message_id": "<1@example.org>",
    "attachments": [{"id": 1, "filename": "a.txt", "size": "3", "preferences": {"Content-Type": "text/plain"},
                     "data": base64.b64encode(b"abc").decode()}],
}  # fmt: skip
NOTE = {**ARTICLE, "id": 10, "type": "note", "sender": "Agent", "internal": True, "body": "We lost them", "subject": None,
        "from": "Night lead", "created_at": "2024-11-12T05:00:00.000Z", "attachments": []}  # fmt: skip
HISTORY = [
    {"id": 1, "o_id": 5, "type": "created", "object": "Ticket", "created_by_id": 7, "created_at": "2024-11-12T04:30:00.123Z"},
    {"id": 2, "o_id": 5, "type": "updated", "object": "Ticket", "attribute": "state", "value_from": "new", "value_to": "open",
     "id_from": 1, "id_to": 2, "created_by_id": 4, "created_at": "2024-11-12T05:00:00.000Z"},
    {"id": 3, "o_id": 5, "type": "notification", "object": "Ticket", "value_to": "lead@example.org(create:online)",
     "created_by_id": 1, "created_at": "2024-11-12T05:00:01.000Z"},
    {"id": 4, "o_id": 9, "type": "created", "object": "Ticket::Article", "related_o_id": 5, "created_by_id": 7,
     "created_at": "2024-11-12T04:30:00.200Z"},
]  # fmt: skip
ASSETS = {
    "Ticket": {"5": TICKET},
    "TicketArticle": {"9": ARTICLE, "10": NOTE},
    "User": {"4": {"id": 4, "firstname": "Night", "lastname": "lead"}, "7": {"id": 7, "login": "ward"}},
    "TicketState": {"2": {"id": 2, "name": "open"}},
    "Group": {"1": {"id": 1, "name": "Integration"}},
}


def read(value):
    data = value if isinstance(value, bytes) else json.dumps(value, indent=1).encode()
    source = Source.of_bytes(data)
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def score(value):
    return READER.score(Source.of_bytes(json.dumps(value).encode()).sample)


def kinds(rows):
    return [row["kind"] for row in rows]


@pytest.mark.parametrize(
    "value",
    [TICKET, [TICKET], {"tickets": [5], "assets": ASSETS}, [ARTICLE], {"history": HISTORY, "assets": {}}],
)
def test_answers_of_each_kind_are_known(value):
    assert score(value) == 0.98


def test_tables_by_id_give_tickets_articles_and_names():
    rows, source = read({"tickets": [5], "tickets_count": 1, "assets": ASSETS})
    assert kinds(rows) == [
        "ticket.created",
        "ticket.closed",
        "ticket.state",
        "ticket.comment",
        "ticket.attachment",
        "ticket.note",
    ]
    assert {row["record_id"] for row in rows} == {"zammad:31005"}
    assert (rows[0]["actor"], rows[0]["unit"], rows[0]["time_precision"]) == ("ward", "Integration", "ms")
    assert rows[2]["message"] == "31005 as exported: open"
    assert rows[3]["refs"] == ["<1@example.org>"]
    assert rows[3]["message"].endswith("They are gone")
    assert rows[3]["locator"] == "J/assets/TicketArticle/9"
    assert [a.name for a in source.attachments] == ["a.txt"]


def test_the_history_gives_changes_and_notifications_of_the_ticket():
    rows, _ = read({"history": HISTORY, "assets": ASSETS})
    assert kinds(rows)[:4] == ["ticket.created", "ticket.status", "ticket.notified", "ticket.change"]
    assert rows[1]["message"] == "31005 state: new → open"
    assert rows[1]["actor"] == "Night lead"
    assert rows[2]["audience"] == ["lead@example.org"]


def test_articles_alone_name_their_ticket_by_its_id():
    rows, _ = read([ARTICLE, NOTE])
    assert {row["record_id"] for row in rows} == {"zammad:id-5"}
    assert kinds(rows) == ["ticket.comment", "ticket.attachment", "ticket.note"]


@pytest.mark.parametrize("wrong", [None, [], {}, 7, True, "x", [None], {"a": [None]}])
def test_members_of_a_wrong_type_stop_nothing(wrong):
    for base in (TICKET, ARTICLE, HISTORY[1]):
        for name in base:
            read([{**base, name: wrong}, wrong])
    for name in ASSETS:
        read({"assets": {**ASSETS, name: wrong}})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4_000), st.integers(0, 2_500), st.binary(max_size=5))
def test_whatever_is_torn_or_altered_the_books_balance(end, at, more):
    raw = json.dumps({"assets": ASSETS, "history": HISTORY}, indent=1).encode()[:end]
    read(raw[:at] + more + raw[at + 3 :])
