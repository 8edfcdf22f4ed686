"""PagerDuty's incidents, log entries, notes, alerts and public posts become events; references are not told again.

Shapes are those of PagerDuty's documentation of its REST API and webhooks; the words are our own.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.pagerduty import PagerdutyReader

READER = PagerdutyReader()
API = "https://api.pagerduty.com"


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


def ref(number, what, summary):
    return {"id": number, "type": f"{what}_reference", "summary": summary, "self": f"{API}/{what}s/{number}"}


def incident(**more):
    return {
        "id": "PINC1", "type": "incident", "self": f"{API}/incidents/PINC1", "incident_number": 12, "title": "EHR unreachable",
        "created_at": "2024-11-12T04:30:00Z", "status": "triggered", "incident_key": "ehr-1", "urgency": "high", "service": ref("PS", "service", "EHR"),
        "first_trigger_log_entry": {"id": "R1", "type": "trigger_log_entry_reference", "self": f"{API}/log_entries/R1"},
        "priority": ref("PP", "priority", "P1"), "assignments": [], "acknowledgements": [], **more,
    }  # fmt: skip


def entry(kind, number="R1", **more):
    return {
        "id": number, "type": f"{kind}_log_entry", "summary": f"{kind} by somebody", "self": f"{API}/log_entries/{number}",
        "created_at": "2024-11-12T04:31:00Z", "agent": ref("PU", "user", "it lead"), "channel": {"type": "web"},
        "incident": {"id": "PINC1", "type": "incident_reference", "summary": "[#12] EHR unreachable"}, "teams": [ref("PT", "team", "Night")], **more,
    }  # fmt: skip


def test_an_incident_tells_who_acknowledged_who_was_assigned_and_who_resolved():
    one = incident(
        status="resolved", resolved_at="2024-11-12T08:00:00Z", last_status_change_at="2024-11-12T08:00:00Z", last_status_change_by=ref("PU", "user", "chief"),
        acknowledgements=[{"at": "2024-11-12T04:40:00Z", "acknowledger": ref("PU", "user", "it lead")}],
        assignments=[{"at": "2024-11-12T04:35:00Z", "assignee": ref("PU", "user", "it lead")}],
    )  # fmt: skip
    assert score({"incidents": [one]}) == 0.98
    assert score({"incident": one}) == 0.98
    rows, source = read({"incidents": [one], "limit": 1, "offset": 0, "more": True})
    assert kinds(rows) == ["ticket.created", "ticket.acknowledged", "ticket.assignee", "ticket.resolved"]
    assert {row["record_id"] for row in rows} == {"pagerduty:PINC1"}
    assert (rows[1]["actor"], rows[2]["audience"], rows[3]["actor"]) == ("it lead", ["it lead"], "chief")
    assert rows[0]["component"] == "EHR"
    assert any("further pages" in one.message for one in source.issues)
    assert any("log entries" in one.message for one in source.issues)


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        ("trigger", {"agent": ref("PS", "service", "EHR")}, "ticket.status"),
        ("acknowledge", {}, "ticket.acknowledged"),
        ("assign", {"assignees": [ref("PU", "user", "chief")]}, "ticket.assignee"),
        ("escalate", {"assignees": [ref("PU", "user", "chief")]}, "ticket.escalated"),
        (
            "notify",
            {
                "user": ref("PU", "user", "chief"),
                "channel": {"type": "auto", "notification": {"type": "phone", "status": "success"}},
            },
            "ticket.notified",
        ),
        ("annotate", {"channel": {"type": "note", "content": "restarted the proxy"}}, "ticket.note"),
        ("resolve", {}, "ticket.resolved"),
        ("snooze", {"duration": 3600}, "ticket.status"),
        ("urgency_change", {"urgency": "low"}, "ticket.priority"),
        ("exhaust_escalation_path", {}, "ticket.escalated"),
        ("reach_ack_limit", {}, "ticket.status"),
        ("something_new", {}, "ticket.change"),
    ],
)
def test_each_type_of_log_entry_is_what_it_says(kind, more, told):
    (row,) = read({"log_entries": [entry(kind, **more)]})[0]
    assert (row["kind"], row["subject"], row["record_id"], row["unit"]) == (
        told,
        "incident #12",
        "pagerduty:PINC1",
        "Night",
    )
    if kind in ("assign", "escalate", "notify"):
        assert row["audience"] == ["chief"]
    if kind == "annotate":
        assert row["fields"]["text"] == "restarted the proxy"


def test_references_and_repeated_entries_are_told_once():
    twin = {"id": "R2", "type": "notify_log_entry_reference", "self": f"{API}/log_entries/R2"}
    rows, _ = read({"log_entries": [entry("trigger"), twin, entry("trigger"), entry("resolve", "R3")]})
    assert kinds(rows) == ["ticket.status", "ticket.resolved"]
    assert kinds(read({"log_entry": entry("resolve")})[0]) == ["ticket.resolved"]


def test_notes_keep_the_offset_of_the_account_and_say_that_their_incident_is_missing():
    answer = {"notes": [{"id": "N1", "user": ref("PU", "user", "it lead"), "channel": {"summary": "web"}, "content": "proxy restarted",
                         "created_at": "2024-11-12T00:40:00-05:00"}]}  # fmt: skip
    assert score(answer) == 0.98
    (row,) = read(answer)[0]
    assert (row["kind"], row["time_basis"]) == ("ticket.note", "offset_stated")
    assert str(row["time"]).startswith("2024-11-12 05:40")


def test_an_alert_has_a_severity_and_belongs_to_its_incident():
    alert = {"id": "A1", "type": "alert", "self": f"{API}/alerts/A1", "summary": "no answer from EHR", "created_at": "2024-11-12T04:30:00Z", "alert_key": "k",
             "severity": "critical", "status": "resolved", "service": ref("PS", "service", "EHR"), "incident": {"id": "PINC1", "type": "incident_reference"}}  # fmt: skip
    (row,) = read({"alerts": [alert]})[0]
    assert (row["kind"], row["severity"], row["record_id"], row["component"]) == (
        "alert",
        21,
        "pagerduty:PINC1",
        "EHR",
    )


def test_similar_incidents_are_told_and_the_one_they_resemble_is_missing():
    inner = {
        "id": "P9",
        "created_at": "2024-10-01T04:30:00Z",
        "self": f"{API}/incidents/P9",
        "title": "EHR slow",
    }
    for answer in ({"past_incidents": [{"incident": inner, "score": 46.8}], "total": 1},
                   {"related_incidents": [{"incident": inner, "relationships": [{"type": "machine_learning_inferred"}]}]}):  # fmt: skip
        assert score(answer) == 0.98
        rows, source = read(answer)
        assert kinds(rows) == ["ticket.created"]
        assert rows[0]["record_id"] == "pagerduty:P9"
        assert any("similar or related" in one.message for one in source.issues)


def test_a_public_update_is_a_claim_at_the_time_that_it_reports():
    update = {"id": "U1", "type": "status_page_post_update", "message": "<p>We are <b>investigating</b></p>", "reported_at": "2024-11-12T05:00:00Z",
              "reviewed_status": "approved", "notify_subscribers": True, "post": {"id": "P1", "type": "status_page_post"}}  # fmt: skip
    (row,) = read({"post_updates": [update]})[0]
    assert (row["kind"], row["record_id"], row["fields"]["text"]) == (
        "status.posted",
        "pagerduty:post:P1",
        "We are investigating",
    )
    post = {"id": "P1", "type": "status_page_post", "post_type": "maintenance", "title": "restart", "starts_at": "2024-11-15T05:00:00Z",
            "ends_at": "2024-11-15T07:00:00Z", "updates": [{"id": "U1", "type": "status_page_post_update"}]}  # fmt: skip
    (row,) = read({"posts": [post]})[0]
    assert (row["time_kind"], str(row["time_end"])[:16]) == ("scheduled", "2024-11-15 07:00")


def test_change_events_and_webhooks_are_read():
    change = {"id": "C1", "type": "change_event", "summary": "EHR 2.1 deployed", "timestamp": "2024-11-12T04:00:00Z", "source": "pipeline",
              "services": [ref("PS", "service", "EHR")]}  # fmt: skip
    (row,) = read({"change_events": [change]})[0]
    assert (row["kind"], row["component"]) == ("log.changed", "EHR")
    hook = {"event": {"id": "W1", "event_type": "incident.acknowledged", "resource_type": "incident", "occurred_at": "2024-11-12T04:40:00.123Z",
            "agent": ref("PU", "user", "it lead"), "data": {"id": "PINC1", "type": "incident", "number": 12, "title": "EHR unreachable"}}}  # fmt: skip
    hook["event"]["data"]["self"] = f"{API}/incidents/PINC1"
    assert score(hook) == 0.98
    (row,) = read(hook)[0]
    assert (row["kind"], row["actor"], row["record_id"]) == (
        "ticket.acknowledged",
        "it lead",
        "pagerduty:PINC1",
    )


def test_other_json_is_not_taken():
    for foreign in (
        {"incidents": [{"id": 1, "title": "fire", "created_at": "2024-11-12T04:30:00Z"}]},
        {"notes": [{"content": "x", "created_at": "y", "user": "z"}]},
    ):
        assert score(foreign) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    whole = json.dumps(
        {
            "incidents": [incident(acknowledgements=[{"at": 1}])],
            "log_entries": [entry("merge"), entry("notify")],
        }
    ).encode()
    cut = data.draw(st.integers(0, len(whole)))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] = data.draw(st.integers(0, 255))
    for text in (whole[:cut], bytes(changed)):
        READER.score(Source.of_bytes(text).sample)
        read(text)
