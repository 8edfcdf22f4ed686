"""Request Tracker: REST 2 as JSON, REST 1 as text, whose tickets are on the reader's clock and whose history is UTC.

Members and forms are those of RT's documentation and sources (REST2; REST/1.0/Forms/ticket); all contents are made up.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.tickets.rt import RequestTrackerReader

READER = RequestTrackerReader()
TICKET = {
    "id": 42, "EffectiveId": {"type": "ticket", "id": "42"}, "Type": "ticket", "Subject": "No replies from the lab", "Status": "open",
    "Queue": {"id": "1", "type": "queue", "Name": "Integration"}, "Owner": {"id": "Nobody", "type": "user"},
    "Creator": {"id": "ward", "type": "user"}, "Requestor": [{"id": "ward@example.org", "type": "user"}], "Cc": [], "AdminCc": [],
    "Created": "2024-03-05T10:00:00Z", "Started": "2024-03-05T10:05:00Z", "Resolved": "1970-01-01T00:00:00Z",
    "Due": "1970-01-01T00:00:00Z", "LastUpdated": "2024-03-05T11:00:00Z", "TimeWorked": "0", "CustomFields": [],
    "_hyperlinks": [{"ref": "self", "type": "ticket", "id": 42}, {"ref": "depends-on", "type": "ticket", "id": "43", "_url": "u/43"}],
}  # fmt: skip


def transaction(number, kind, **more):
    return {
        "id": number, "Type": kind, "Field": None, "OldValue": None, "NewValue": None, "Data": None, "TimeTaken": "0",
        "Creator": {"id": "lead", "type": "user"}, "Created": "2024-03-05T10:10:00Z", "Object": {"type": "ticket", "id": "42"}, **more,
    }  # fmt: skip


ITEMS = [
    transaction(
        1,
        "Create",
        Creator={"id": "ward", "type": "user"},
        Created="2024-03-05T10:00:00Z",
        Content="None since six.",
    ),
    transaction(2, "Status", Field="Status", OldValue="new", NewValue="open"),
    transaction(3, "Correspond", Content="We look into it."),
    transaction(4, "Comment", Content="The interface was stopped on purpose."),
    transaction(5, "AddLink", Field="DependsOn", NewValue="fsck.com-rt://example.org/ticket/43"),
    transaction(6, "Take", Field="Owner", OldValue="10", NewValue="14"),
    transaction(7, "Set", Field="Queue", OldValue="1", NewValue="2"),
    transaction(8, "EmailRecord", Data="<x@example.org>"),
]
TEXT = """RT/4.4.1 200 Ok

id: ticket/42
Queue: Integration
Owner: lead
Creator: ward
Subject: No replies from the lab
Status: resolved
Priority: 0
Requestors: ward@example.org
Cc:
AdminCc:
Created: Tue Mar 05 10:00:00 2024
Starts: Not set
Started: Tue Mar 05 10:05:00 2024
Due: Not set
Resolved: Tue Mar 05 12:00:00 2024
Told: Not set
LastUpdated: Tue Mar 05 12:00:00 2024
TimeEstimated: 0
CF.{Ward}: 12

"""
LINKS = """RT/4.4.1 200 Ok

id: ticket/42/links

DependsOn: fsck.com-rt://example.org/ticket/43,
           fsck.com-rt://example.org/ticket/44

"""
HISTORY = """RT/4.4.1 200 Ok

# 3/3 (id/1/total)

id: 1
Ticket: 42
TimeTaken: 0
Type: Create
Field:
OldValue:
NewValue: 10
Data: No replies from the lab
Description: Ticket created by ward
Content: None since six.

         Not even on ward 12.
Creator: ward
Created: 2024-03-05 09:00:00
Attachments:
             7: untitled (12b)
             8: queue.log (3.4k)

--

# 3/3 (id/2/total)

id: 2
Ticket: 42
TimeTaken: 0
Type: Status
Field: Status
OldValue: new
NewValue: open
Data:
Description: Status changed from 'new' to 'open' by lead
Content: This transaction appears to have no content
Creator: lead
Created: 2024-03-05 09:05:00
Attachments:

--

# 3/3 (id/3/total)

id: 3
Ticket: 42
TimeTaken: 5
Type: Comment
Field:
OldValue:
NewValue:
Data:
Description: Comments added by lead
Content: The interface was stopped on purpose.
Creator: lead
Created: 2024-03-05 09:06:00
Attachments:

"""


def read(value, **declared):
    text = value if isinstance(value, (bytes, str)) else json.dumps(value, indent=1)
    source = Source.of_bytes(
        text if isinstance(text, bytes) else text.encode(), declared=Declared(**declared)
    )
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def score(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return READER.score(Source.of_bytes(text.encode()).sample)


def kinds(rows):
    return [row["kind"] for row in rows]


def at(row):
    return str(row["time"])[:19]


def test_a_ticket_of_rest_2_gives_its_dates_and_links_and_no_date_of_1970():
    assert score(TICKET) == 0.98
    rows, _ = read(TICKET)
    assert kinds(rows) == ["ticket.created", "ticket.acknowledged", "ticket.state"]
    assert all("1970" not in str(row["time"]) for row in rows)
    assert rows[0]["refs"] == ["42", "43"]
    (link,) = json.loads(rows[0]["attributes"])["as_exported"]["links"]
    assert (link["relation"], link["target"], link["cite"]) == ("depends_on", "43", "J/_hyperlinks/1")
    assert (rows[0]["actor"], rows[0]["unit"]) == ("ward", "Integration")


def test_transactions_of_rest_2_by_their_types():
    page = {"count": 8, "page": 1, "per_page": 20, "total": 8, "items": ITEMS}
    assert score(page) == 0.98
    rows, _ = read(page)
    assert kinds(rows) == [
        "ticket.created",
        "ticket.status",
        "ticket.comment",
        "ticket.note",
        "ticket.link",
        "ticket.assignee",
        "ticket.assignee",
        "ticket.notified",
    ]
    assert {row["record_id"] for row in rows} == {"rt:42"}
    assert rows[4]["refs"] == ["43"]
    assert rows[0]["time_basis"] == "offset_stated"


def test_a_list_of_ids_says_that_it_has_no_fields():
    page = {
        "count": 1,
        "items": [{"type": "ticket", "id": "42", "_url": "https://example.org/REST/2.0/ticket/42"}],
    }
    assert score(page) == 0.98
    rows, source = read(page)
    assert rows == []
    assert any("ids and addresses only" in i.message for i in source.issues)


def test_the_text_of_a_ticket_is_on_the_clock_of_who_asked():
    assert score(TEXT) == 0.98
    rows, _ = read(TEXT, zone="Europe/Stockholm")
    assert [(row["kind"], at(row)) for row in rows] == [
        ("ticket.created", "2024-03-05 09:00:00"),
        ("ticket.acknowledged", "2024-03-05 09:05:00"),
        ("ticket.resolved", "2024-03-05 11:00:00"),
        ("ticket.state", "2024-03-05 11:00:00"),
    ]
    assert json.loads(rows[3]["attributes"])["CF.{Ward}"] == "12"
    rows, _ = read(TEXT)
    assert {row["time_basis"] for row in rows} == {"zone_assumed"}


def test_the_text_of_a_history_is_utc_and_says_why():
    assert score(HISTORY) == 0.98
    rows, source = read(HISTORY, zone="Europe/Stockholm")
    assert [(row["kind"], at(row)) for row in rows] == [
        ("ticket.created", "2024-03-05 09:00:00"),
        ("ticket.attachment", "2024-03-05 09:00:00"),
        ("ticket.status", "2024-03-05 09:05:00"),
        ("ticket.note", "2024-03-05 09:06:00"),
    ]
    text = json.loads(rows[0]["attributes"])["text"]
    assert text == "None since six.\n\nNot even on ward 12."
    assert rows[1]["message"] == "42 attachment: queue.log"
    reasons = {a.id for a in source.assumptions if "UTC" in a.what}
    assert all(reasons & set(row["assumptions"]) for row in rows)


def test_links_stand_on_several_lines():
    rows, _ = read(TEXT + LINKS)
    links = json.loads(rows[0]["attributes"])["as_exported"]["links"]
    assert [one["target"] for one in links] == ["43", "44"]
    assert rows[0]["refs"] == ["42", "43", "44"]
    assert "ticket.link" not in kinds(rows)


def test_a_short_history_has_no_times_and_says_so():
    rows, source = read(
        "RT/4.4.1 200 Ok\n\n# 2/2 (/total)\n\n1: Ticket created by ward\n2: Status changed from 'new' to 'open' by lead\n"
    )
    assert kinds(rows) == ["ticket.change", "ticket.change"]
    assert all(row["time"] is None for row in rows)
    assert any("times and persons" in i.message for i in source.issues)


def test_several_tickets_in_one_answer():
    second = TEXT.partition("\n\n")[2].replace("ticket/42", "ticket/43")
    rows, _ = read(TEXT.rstrip("\n") + "\n\n--\n\n" + second)
    assert {row["record_id"] for row in rows} == {"rt:42", "rt:43"}


@pytest.mark.parametrize("wrong", [None, [], {}, 7, True, "x", [None], {"a": [None]}])
def test_members_of_a_wrong_type_stop_nothing(wrong):
    for name in TICKET:
        read([{**TICKET, name: wrong}, wrong])
    for name in ITEMS[1]:
        read(
            {
                "items": [
                    {**ITEMS[1], name: wrong},
                    {**ITEMS[3], name: wrong},
                    {**ITEMS[4], name: wrong},
                    wrong,
                ]
            }
        )


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_torn_or_altered_the_books_balance(data):
    raw = bytearray(
        data.draw(
            st.sampled_from([TEXT, HISTORY, LINKS, json.dumps([TICKET]), json.dumps({"items": ITEMS})])
        ).encode()
    )
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
        raw = raw or bytearray(b"R")
    del raw[data.draw(st.integers(0, len(raw))) :]
    READER.score(Source.of_bytes(bytes(raw)).sample)
    read(bytes(raw))
