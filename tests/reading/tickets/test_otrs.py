"""OTRS and Znuny: naive stamps stay on the server's clock, articles take their count since 1970, entries of history are opened.

Members are those of the Generic Interface (TicketGet, TicketHistoryGet); all contents are made up.
"""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.tickets.otrs import OtrsReader

READER = OtrsReader()
TICKET = {
    "TicketID": "7", "TicketNumber": "2024030110000017", "Title": "Labels stand still", "State": "open", "StateType": "open",
    "Queue": "Integration", "Owner": "lead", "Responsible": "root@localhost", "Priority": "3 normal", "Lock": "unlock",
    "CustomerUserID": "ward", "Created": "2024-03-01 11:00:00", "Changed": "2024-03-01 12:00:00", "CreateBy": "1",
    "DynamicField": [{"Name": "Ward", "Value": "12"}],
    "Article": [
        {"ArticleID": "1", "ArticleType": "email-external", "SenderType": "customer", "From": "Ward <ward@example.org>",
         "To": "desk@example.org", "Subject": "Labels", "Body": "None are printed", "IncomingTime": "1709287200",
         "CreateTime": "2024-03-01 11:00:02",
         "Attachment": [{"Filename": "x.txt", "ContentType": "text/plain; charset=utf-8", "Content": base64.b64encode(b"abc").decode()}]},
        {"ArticleID": "2", "IsVisibleForCustomer": "0", "SenderType": "agent", "From": "lead", "Subject": "n", "Body": "known fault",
         "IncomingTime": 1709288000, "CreateTime": "2024-03-01 11:13:20"},
        {"ArticleID": "3", "IsVisibleForCustomer": 1, "SenderType": "agent", "From": "lead", "Subject": "r", "Body": "we look",
         "CreateTime": "2024-03-01 11:20:00"},
    ],
}  # fmt: skip
HISTORY = {
    "TicketID": "7",
    "History": [
        {"HistoryType": "NewTicket", "Name": "%%2024030110000017%%Integration%%3 normal%%new%%7", "CreateTime": "2024-03-01 11:00:00",
         "CreateBy": "1", "TicketID": "7"},
        {"HistoryType": "StateUpdate", "Name": "%%new%%open%%", "CreateTime": "2024-03-01 11:05:00", "CreateBy": "2"},
        {"HistoryType": "Move", "Name": "%%Integration%%3%%Desk%%1", "CreateTime": "2024-03-01 11:06:00", "CreateBy": "2"},
        {"HistoryType": "SendAgentNotification", "Name": "%%NewTicket%%lead@example.org", "CreateTime": "2024-03-01 11:00:01"},
        {"HistoryType": "TimeAccounting", "Name": "%%15%%15", "CreateTime": "2024-03-01 11:30:00", "CreateBy": "2"},
        {"HistoryType": "StateUpdate", "Name": "%%open%%closed successful%%", "CreateTime": "2024-03-01 12:00:00", "CreateBy": "2"},
        {"HistoryType": "Misc", "Name": "Reset of unlock time.", "CreateTime": "2024-03-01 12:00:00", "CreateBy": "2"},
    ],
}  # fmt: skip


def read(value, **declared):
    data = value if isinstance(value, bytes) else json.dumps(value, indent=1).encode()
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def score(value):
    return READER.score(Source.of_bytes(json.dumps(value).encode()).sample)


def test_a_ticket_with_its_articles():
    assert score({"Ticket": [TICKET]}) == 0.98
    rows, source = read({"Ticket": [TICKET]}, zone="Europe/Stockholm")
    assert [(row["kind"], str(row["time"])[:19]) for row in rows] == [
        ("ticket.created", "2024-03-01 10:00:00"),
        ("ticket.state", "2024-03-01 11:00:00"),
        ("ticket.comment", "2024-03-01 10:00:00"),
        ("ticket.attachment", "2024-03-01 10:00:00"),
        ("ticket.note", "2024-03-01 10:13:20"),
        ("ticket.comment", "2024-03-01 10:20:00"),
    ]
    assert {row["record_id"] for row in rows} == {"otrs:2024030110000017"}
    assert [a.name for a in source.attachments] == ["x.txt"]


def test_naive_stamps_are_the_servers_and_the_distance_to_the_count_is_named():
    rows, source = read({"Ticket": [TICKET]})
    assert rows[0]["time_basis"] == "zone_assumed"
    assert rows[2]["time_text"] == "1709287200", "an article is dated by its count since 1970"
    assert [i.message for i in source.issues if "Two clocks" in i.message] == [
        "Two clocks in one record: CreateTime 2024-03-01 11:00:02 is +1 h from IncomingTime 1709287200 (UTC)"
    ]


def test_the_entries_of_the_history_are_opened_by_their_type():
    assert score({"TicketHistory": [HISTORY]}) == 0.98
    rows, _ = read({"TicketHistory": [HISTORY]})
    assert [row["kind"] for row in rows] == [
        "ticket.created",
        "ticket.status",
        "ticket.assignee",
        "ticket.notified",
        "ticket.worklog",
        "ticket.status",
        "ticket.closed",
        "ticket.change",
    ]
    assert {row["record_id"] for row in rows} == {"otrs:2024030110000017"}
    assert rows[2]["message"] == "2024030110000017 Queue: Desk → Integration"
    assert rows[7]["message"] == "2024030110000017 Misc: Reset of unlock time."


def test_an_error_of_the_interface_is_named():
    _, source = read({"Error": {"ErrorCode": "TicketGet.AccessDenied", "ErrorMessage": "No access"}})
    assert any("No access" in i.message for i in source.issues)


@pytest.mark.parametrize("wrong", [None, [], {}, 7, True, "x", [None], {"a": [None]}])
def test_members_of_a_wrong_type_stop_nothing(wrong):
    for name in TICKET:
        read({"Ticket": [{**TICKET, name: wrong}, wrong]})
    for name in TICKET["Article"][0]:
        read({"Ticket": [{**TICKET, "Article": [{**TICKET["Article"][0], name: wrong}, wrong]}]})
    for name in HISTORY["History"][1]:
        read({"TicketHistory": [{**HISTORY, "History": [{**HISTORY["History"][1], name: wrong}, wrong]}]})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4_000), st.integers(0, 2_500), st.binary(max_size=5))
def test_whatever_is_torn_or_altered_the_books_balance(end, at, more):
    raw = json.dumps({"Ticket": [TICKET], "TicketHistory": [HISTORY]}, indent=1).encode()[:end]
    read(raw[:at] + more + raw[at + 3 :])
