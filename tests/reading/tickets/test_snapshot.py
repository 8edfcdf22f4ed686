"""What an export shows of a ticket without saying since when is kept in its creation, named as knowledge of the export."""

import json

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from rca.events.schema import SourceKind
from rca.reading.source import Declared, Source
from rca.reading.telling import Place, Teller
from rca.reading.tickets.snapshot import fold_snapshot


class _Reader:
    name = "tickets"
    version = "1"


def teller(kind=SourceKind.TICKET, **declared):
    source = Source.of_bytes(b"x" * 400, declared=Declared(**declared))
    return Teller(source, _Reader(), source_kind=kind, code="RCA191")


def rows_of(told):
    rows = pa.Table.from_batches(list(told.rest())).to_pylist()
    for row in rows:
        row["fields"] = json.loads(row["attributes"] or "{}")
    return rows


def created(told, key, at=0, **more):
    more = {"stamp": "2024-11-12T04:30:00Z", "refs": [key], "fields": {"status": "Open"}, **more}
    return told.tell(
        "ticket.created", f"{key} created", Place(f"L{at}", at, 9, 1), record=f"t:{key}", subject=key, **more
    )


def linked(told, key, target, at=0, **more):
    fields = {
        "relation": "caused_by",
        "phrase": "is caused by",
        "target": target,
        "direction": "inward",
        "asserted": "true",
    }
    return told.tell("ticket.link", f"{key} is caused by {target}", Place(f"L{at}", at, 5, 1), record=f"t:{key}", subject=key,
                     refs=[target], fields=fields, **more)  # fmt: skip


def state(told, key, new, at=0, **more):
    return told.tell("ticket.state", f"{key} as exported: {new}", Place(f"L{at}", at, 5, 1), record=f"t:{key}", subject=key,
                     fields={"new": new}, **more)  # fmt: skip


def test_undated_links_and_the_state_go_into_the_creation_with_their_places_and_what_was_known_by_when():
    told = teller()
    made = created(told, "A-1")
    linked(told, "A-1", "A-2", 20, parent=made, known="2024-11-14T08:00:00Z")
    linked(told, "A-1", "A-1", 30, parent=made, known="2024-11-14T08:00:00Z")
    state(told, "A-1", "Closed", 40, parent=made, known="2024-11-14T08:00:00Z")
    (row,) = rows_of(told)
    assert told.events == 1
    link = {"relation": "caused_by", "phrase": "is caused by", "direction": "inward", "asserted": "true"}
    assert row["fields"]["as_exported"] == {
        "links": [{**link, "target": "A-2", "cite": "L20"}, {**link, "target": "A-1", "cite": "L30"}],
        "state": {"new": "Closed", "message": "A-1 as exported: Closed", "cite": "L40"},
        "known": "2024-11-14T08:00:00Z",
        "known_time": "2024-11-14T08:00:01Z",
    }
    assert row["fields"]["status"] == "Open"
    assert row["refs"] == ["A-1", "A-2"]
    assert row["known_time"] is None, "what the export knew was not known at creation"
    assert str(row["time"]).startswith("2024-11-12 04:30")


def test_a_link_with_a_time_and_one_whose_time_cannot_be_read_stay_events():
    told = teller()
    created(told, "A-1")
    linked(told, "A-1", "A-2", 20, stamp="2024-11-12T05:00:00Z")
    linked(told, "A-1", "A-3", 30, stamp="the other day")
    rows = rows_of(told)
    assert [row["kind"] for row in rows] == ["ticket.created", "ticket.link", "ticket.link"]
    assert rows[2]["time_text"] == "the other day"
    assert "as_exported" not in rows[0]["fields"]


def test_without_a_creation_in_the_rows_a_link_and_a_state_stay_as_they_are():
    told = teller()
    created(told, "A-1")
    linked(told, "B-1", "A-2", 20, known="2024-11-14T08:00:00Z")
    state(told, "B-1", "Closed", 30)
    rows = rows_of(told)
    assert [row["kind"] for row in rows] == ["ticket.created", "ticket.link", "ticket.state"]
    assert str(rows[1]["known_time"]).startswith("2024-11-14 08:00:01")
    assert "as_exported" not in rows[0]["fields"]


def test_other_undated_events_of_a_ticket_stay_events():
    told = teller()
    made = created(told, "A-1")
    told.tell("ticket.comment", "a", Place("L2", 20, 5, 2), record="t:A-1", parent=made)
    assert [row["kind"] for row in rows_of(told)] == ["ticket.created", "ticket.comment"]


def test_what_belongs_to_a_link_that_is_no_event_belongs_to_the_creation():
    told = teller()
    made = created(told, "A-1")
    link = linked(told, "A-1", "A-2", 20, parent=made)
    told.tell("ticket.comment", "why", Place("L3", 30, 5, 3), record="t:A-1", parent=link)
    assert rows_of(told)[1]["parent"] == made


def test_a_ticket_that_stands_twice_in_an_export_keeps_its_links_apart():
    told = teller()
    first = created(told, "A-1")
    linked(told, "A-1", "A-2", 20)
    second = created(told, "A-1", 50)
    linked(told, "A-1", "A-3", 60)
    linked(told, "A-1", "A-4", 70, parent=first)
    one, other = rows_of(told)
    assert (one["event_id"], other["event_id"]) == (first, second)
    assert [link["target"] for link in one["fields"]["as_exported"]["links"]] == ["A-2", "A-4"]
    assert [link["target"] for link in other["fields"]["as_exported"]["links"]] == ["A-3"]


def test_a_known_that_differs_stands_with_what_it_belongs_to_and_is_lent_to_nothing_else():
    told = teller()
    created(told, "A-1")
    linked(told, "A-1", "A-2", 20, known="2024-11-14T08:00:00Z")
    state(told, "A-1", "Closed", 30)
    shown = rows_of(told)[0]["fields"]["as_exported"]
    assert "known" not in shown
    assert "known" not in shown["state"]
    assert (shown["links"][0]["known"], shown["links"][0]["known_time"]) == (
        "2024-11-14T08:00:00Z",
        "2024-11-14T08:00:01Z",
    )


def test_a_known_without_an_offset_rests_on_an_assumption_that_the_creation_names():
    told = teller()
    created(told, "A-1")
    linked(told, "A-1", "A-2", 20, known="2024-11-14 08:00:00")
    (row,) = rows_of(told)
    zones = [one.id for one in told.source.assumptions if one.kind == "zone"]
    assert zones
    assert set(zones) <= set(row["assumptions"])


def test_a_second_state_and_a_field_that_has_the_name_are_kept():
    told = teller()
    created(told, "A-1", fields={"as_exported": "a column of the site"})
    state(told, "A-1", "Closed", 20)
    state(told, "A-1", "Archived", 30, actor="desk")
    fields = rows_of(told)[0]["fields"]
    assert fields["as_exported (field)"] == "a column of the site"
    assert fields["as_exported"]["state"]["new"] == "Closed"
    assert [(one["new"], one["actor"]) for one in fields["as_exported"]["further_states"]] == [
        ("Archived", "desk")
    ]


def test_sources_other_than_tickets_are_left_alone():
    told = teller(SourceKind.CHAT)
    created(told, "A-1")
    linked(told, "A-1", "A-2", 20)
    assert len(rows_of(told)) == 2


KINDS = st.sampled_from(["ticket.created", "ticket.link", "ticket.state", "ticket.comment"])
TOLD = st.lists(st.tuples(KINDS, st.sampled_from(["t:1", "t:2", None]), st.booleans()), max_size=12)


@given(TOLD)
def test_nothing_is_lost_and_nothing_is_told_twice(told):
    rows = [
        {
            "event_id": str(n),
            "record_id": record,
            "kind": kind,
            "time": 0 if dated else None,
            "refs": [str(n)],
            "locator": f"L{n}",
        }
        for n, (kind, record, dated) in enumerate(told)
    ]
    kept = fold_snapshot(rows)
    cited = [row["locator"] for row in kept]
    for row in kept:
        shown = json.loads(row.get("attributes") or "{}").get("as_exported", {})
        states = [shown[name] for name in ("state",) if name in shown] + shown.get("further_states", [])
        cited += [one["cite"] for one in (*shown.get("links", []), *states)]
    assert sorted(cited) == sorted(f"L{n}" for n in range(len(told)))
    assert fold_snapshot(kept) == kept
