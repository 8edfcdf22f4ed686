"""A public update is a claim with two times: the one that the page shows and the one at which it was entered.

Shapes are those of the Statuspage API; the words are our own.
"""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.tickets.statuspage import StatuspageReader

READER = StatuspageReader()


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


def update(status, shown, entered, number="u1", **more):
    return {"id": number, "status": status, "body": f"We are {status}.", "incident_id": "i1", "created_at": entered, "updated_at": entered, "display_at": shown,
            "affected_components": [{"code": "c1", "name": "Log-in", "old_status": "operational", "new_status": "major_outage"}],
            "deliver_notifications": True, **more}  # fmt: skip


def incident(*updates, **more):
    return {"id": "i1", "name": "Log-in disturbed", "status": "resolved", "impact": "major", "created_at": "2024-11-12T05:00:00.000+01:00",
            "started_at": "2024-11-12T04:00:00.000+01:00", "resolved_at": "2024-11-12T09:00:00.000+01:00", "shortlink": "https://stspg.example/x", "page_id": "p",
            "incident_updates": list(updates), "components": [{"id": "c1", "name": "Log-in"}], **more}  # fmt: skip


NOW = "2024-11-12T05:00:00.000+01:00"


def test_an_update_lies_where_the_page_shows_it_and_is_known_from_its_entry():
    one = incident(
        update("investigating", NOW, NOW),
        update("resolved", "2024-11-12T06:00:00.000+01:00", "2024-11-12T09:00:00.000+01:00"),
    )
    assert score({"page": {"id": "p", "name": "Region"}, "incidents": [one]}) == 0.98
    rows, source = read({"page": {"id": "p", "name": "Region"}, "incidents": [one]})
    assert kinds(rows) == ["ticket.created", "status.posted", "status.posted"]
    plain, moved = rows[1:]
    assert str(moved["time"]).startswith("2024-11-12 05:00:00")
    assert str(moved["known_time"]).startswith("2024-11-12 08:00:00.001")
    assert (moved["fields"]["displayed"], moved["fields"]["entered"]) == (
        "2024-11-12T06:00:00.000+01:00",
        "2024-11-12T09:00:00.000+01:00",
    )
    assert moved["fields"]["back_dated"] == "true"
    assert moved["assumptions"] == [source.assumptions[0].id]
    assert plain["assumptions"] is None
    assert "back_dated" not in plain["fields"]
    (issue,) = [one for one in source.issues if "back-dated" in one.message]
    assert issue.where.endswith("J/incidents/0/incident_updates/1")
    assert plain["fields"]["components"] == "Log-in: operational → major_outage"
    assert plain["component"] == "Log-in"


def test_a_plan_a_postmortem_and_an_unsaid_resolution_are_statements():
    one = incident(update("scheduled", NOW, NOW), scheduled_for="2024-11-15T05:00:00.000+01:00", scheduled_until="2024-11-15T07:00:00.000+01:00",
                   postmortem_body="<p>What we learnt</p>", postmortem_published_at="2024-12-01T05:00:00.000+01:00")  # fmt: skip
    rows, _ = read({"scheduled_maintenances": [one]})
    assert kinds(rows) == ["ticket.created", *["status.posted"] * 4]
    assert rows[1]["time_kind"] == "scheduled"
    assert str(rows[1]["time_end"])[:16] == "2024-11-15 06:00"
    assert rows[3]["fields"]["status"] == "resolved"
    assert rows[4]["fields"]["text"] == "What we learnt"


def test_a_single_incident_a_bare_list_and_a_webhook_are_read():
    one = incident(update("investigating", NOW, NOW))
    for answer in (
        {"incident": one},
        [one],
        {"meta": {"documentation": "x"}, "page": {"id": "p"}, "incident": one},
    ):
        assert score(answer) == 0.98
        assert "status.posted" in kinds(read(answer)[0])
    hook = {"page": {"id": "p"}, "component_update": {"created_at": "2024-11-12T04:00:00Z", "old_status": "operational", "new_status": "major_outage",
            "component_id": "c1"}, "component": {"id": "c1", "name": "Log-in"}}  # fmt: skip
    (row,) = read(hook)[0]
    assert row["message"] == "Log-in: operational → major_outage"


def test_other_json_is_not_taken():
    assert score({"incidents": [{"id": 1, "name": "x", "created_at": NOW}]}) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_cut_and_no_change_of_a_byte_stops_reading_or_unbalances_the_books(data):
    whole = json.dumps(
        {
            "page": {"id": "p"},
            "incidents": [incident(update("investigating", NOW, "2024-11-12T09:00:00.000+01:00"))],
        }
    ).encode()
    cut = data.draw(st.integers(0, len(whole)))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] = data.draw(st.integers(0, 255))
    for text in (whole[:cut], bytes(changed)):
        READER.score(Source.of_bytes(text).sample)
        read(text)
