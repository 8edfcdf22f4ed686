"""Opsgenie, incident.io, FireHydrant and Rootly: alerts, logs, timestamps, updates and entries of timelines become events.

Shapes are those of the vendors' documentation; the words are our own.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.incident_tools import IncidentToolsReader
from rca.reading.tickets.opsgenie import OpsgenieReader

TOOLS, OPSGENIE = IncidentToolsReader(), OpsgenieReader()


def read(value, reader):
    data = value if isinstance(value, bytes) else json.dumps(value, indent=1).encode()
    source = Source.of_bytes(data)
    rows = [row for b in reader.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        row["fields"] = json.loads(row["attributes"] or "{}")
    return rows, source


def score(value, reader):
    return reader.score(Source.of_bytes(json.dumps(value).encode()).sample)


def kinds(rows):
    return [row["kind"] for row in rows]


ALERT = {"id": "a1", "tinyId": "12", "alias": "ehr-1", "message": "EHR does not answer", "status": "closed", "acknowledged": True, "priority": "P1",
         "createdAt": "2024-11-12T04:30:00.123Z", "updatedAt": "2024-11-12T08:00:00.000Z", "source": "probe", "owner": "it-lead", "tags": ["ehr"],
         "report": {"ackTime": 60000, "closeTime": 90000, "acknowledgedBy": "it-lead", "closedBy": "chief"}}  # fmt: skip


def test_an_alert_of_opsgenie_tells_who_acknowledged_it_without_inventing_when():
    assert score({"data": [ALERT], "took": 0.1, "requestId": "r"}, OPSGENIE) == 0.98
    rows, source = read({"data": [ALERT], "took": 0.1, "requestId": "r"}, OPSGENIE)
    assert kinds(rows) == ["alert", "ticket.acknowledged", "ticket.state"]
    assert rows[0]["severity"] == 21
    assert rows[0]["refs"] == ["ehr-1"]
    assert rows[1]["time"] is None
    assert rows[1]["fields"]["after_ms"] == "60000"
    assert any("logs of the alerts" in one.message for one in source.issues)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Alert acknowledged via web", "ticket.acknowledged"),
        ("Alert closed via API", "ticket.closed"),
        ("Sent sms notification to [night-lead]", "ticket.notified"),
        ("Escalated to next step", "ticket.escalated"),
        ("Tag added", "ticket.change"),
    ],
)
def test_a_log_entry_of_opsgenie_is_what_its_words_say(text, kind):
    answer = {
        "data": [
            {
                "log": text,
                "type": "system",
                "owner": "it-lead",
                "createdAt": "2024-11-12T04:30:00.000Z",
                "offset": "1_2",
            }
        ],
        "requestId": "r",
    }
    assert score(answer, OPSGENIE) == 0.98
    (row,) = read(answer, OPSGENIE)[0]
    assert (row["kind"], row["actor"]) == (kind, "it-lead")
    assert row["record_id"]


def test_notes_incidents_and_timelines_of_opsgenie_are_read():
    note = {
        "data": [
            {
                "note": "proxy restarted",
                "owner": "it-lead",
                "createdAt": "2024-11-12T04:30:00.000Z",
                "offset": "1",
            }
        ]
    }
    assert kinds(read(note, OPSGENIE)[0]) == ["ticket.note"]
    one = {"data": {"id": "i1", "tinyId": "3", "message": "EHR down", "status": "resolved", "createdAt": "2024-11-12T04:30:00Z", "updatedAt": "2024-11-12T09:00:00Z",
                    "impactStartDate": "2024-11-12T04:00:00Z", "ownerTeam": "t", "priority": "P1"}}  # fmt: skip
    assert score(one, OPSGENIE) == 0.98
    rows, _ = read(one, OPSGENIE)
    assert kinds(rows) == ["ticket.created", "ticket.change"]
    shown = rows[0]["fields"]["as_exported"]
    assert shown["state"]["message"].endswith("status: resolved")
    assert (shown["known"], shown["known_time"]) == ("2024-11-12T09:00:00Z", "2024-11-12T09:00:01Z")
    assert str(rows[1]["known_time"]).startswith("2024-11-12 04:30:01")
    line = {"data": {"entries": [{"id": "e", "group": "g", "type": "IncidentNoteAdded", "eventTime": "2024-11-12T05:00:00Z", "actor": {"name": "chief"},
            "title": {"type": "system", "content": "Note added"}, "description": {"content": "care is ready"}}]}}  # fmt: skip
    assert score(line, OPSGENIE) == 0.98
    (row,) = read(line, OPSGENIE)[0]
    assert (row["kind"], row["actor"]) == ("ticket.note", "chief")


def test_an_incident_of_incident_io_tells_its_timestamps_and_updates():
    one = {"id": "01", "reference": "INC-7", "name": "EHR down", "summary": "x", "created_at": "2024-11-12T04:40:00Z", "updated_at": "2024-11-12T09:00:00Z",
           "incident_status": {"name": "Closed", "category": "closed"}, "severity": {"name": "Major"}, "permalink": "https://app.incident.io/x",
           "incident_timestamp_values": [{"incident_timestamp": {"name": "Resolved at"}, "value": {"value": "2024-11-12T08:00:00Z"}},
                                         {"incident_timestamp": {"name": "Impact started at"}, "value": None}]}  # fmt: skip
    assert score({"incidents": [one]}, TOOLS) == 0.98
    rows, _ = read({"incidents": [one], "pagination_meta": {"total": 1}}, TOOLS)
    assert kinds(rows) == ["ticket.created", "ticket.resolved"]
    assert rows[1]["time_text"] == "2024-11-12T08:00:00Z"
    update = {"id": "u", "incident_id": "01", "message": "found it", "created_at": "2024-11-12T05:00:00Z", "new_incident_status": {"name": "Fixing"},
              "updater": {"user": {"name": "it lead"}}}  # fmt: skip
    (row,) = read({"incident_updates": [update]}, TOOLS)[0]
    assert (row["kind"], row["fields"]["new"], row["record_id"]) == (
        "ticket.status",
        "Fixing",
        "incident.io:01",
    )


def test_rootly_and_firehydrant_tell_when_things_happened_and_when_that_was_entered():
    rootly = {"data": [{"id": "r1", "type": "incidents", "attributes": {"title": "EHR down", "sequential_id": 3, "status": "resolved", "created_at": "2024-11-12T04:40:00Z",
              "started_at": "2024-11-12T04:30:00Z", "resolved_at": "2024-11-12T08:00:00Z", "mitigated_at": None}}]}  # fmt: skip
    assert score(rootly, TOOLS) == 0.98
    assert kinds(read(rootly, TOOLS)[0]) == ["ticket.created", "ticket.change", "ticket.resolved"]
    entry = {"data": [{"id": "e", "type": "incident_events", "attributes": {"event": "proxy restarted", "occurred_at": "2024-11-12T05:00:00Z",
             "created_at": "2024-11-12T07:00:00Z", "user_display_name": "it lead", "visibility": "internal"}}]}  # fmt: skip
    (row,) = read(entry, TOOLS)[0]
    assert row["time_text"] == "2024-11-12T05:00:00Z"
    assert str(row["known_time"]).startswith("2024-11-12 07:00:01")
    hydrant = {"data": [{"id": "h1", "name": "EHR down", "created_at": "2024-11-12T04:40:00Z", "current_milestone": "resolved", "number": 4, "milestones": [
              {"id": "m", "type": "resolved", "occurred_at": "2024-11-12T08:00:00Z", "created_at": "2024-11-12T08:05:00Z"}]}]}  # fmt: skip
    assert score(hydrant, TOOLS) == 0.98
    rows, _ = read(hydrant, TOOLS)
    assert kinds(rows) == ["ticket.created", "ticket.resolved"]
    assert str(rows[1]["known_time"]).startswith("2024-11-12 08:05:01")


def test_other_json_is_not_taken():
    for foreign in (
        {"data": [{"id": 1, "type": "incidents", "attributes": {"title": "x"}}]},
        {"data": [{"message": "x", "createdAt": "y"}]},
    ):
        assert score(foreign, TOOLS) == 0.0
        assert score(foreign, OPSGENIE) == 0.0


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    for whole, reader in ((json.dumps({"data": [ALERT]}).encode(), OPSGENIE),
                          (json.dumps({"incidents": [{"id": "1", "name": "x", "incident_status": {"name": "Closed"}, "incident_timestamp_values": [{"value": {}}]}]}).encode(), TOOLS)):  # fmt: skip
        cut = data.draw(st.integers(0, len(whole)))
        at = data.draw(st.integers(0, len(whole) - 1))
        changed = bytearray(whole)
        changed[at] = data.draw(st.integers(0, 255))
        for text in (whole[:cut], bytes(changed)):
            reader.score(Source.of_bytes(text).sample)
            read(text, reader)
