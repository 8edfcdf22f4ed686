"""OParl and Popolo: council data as JSON. Expected from the specifications (OParl 1.1; Popolo)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.moments import format_instant
from rca.reading import Declared, Source
from rca.reading.minutes.oparl import OParlReader
from rca.reading.minutes.popolo import PopoloReader

TYPE = "https://schema.oparl.org/1.1/"
HOST = "https://oparl.example.org/"


def item(number, result=None, **more):
    return {
        "id": f"{HOST}item/{number}",
        "type": f"{TYPE}AgendaItem",
        "number": str(number),
        "name": f"Punkt {number}",
        "public": True,
        "result": result,
        **more,
    }


MEETING = {
    "id": f"{HOST}meeting/1",
    "type": f"{TYPE}Meeting",
    "name": "Krankenhausausschuss",
    "meetingState": "durchgeführt",
    "start": "2024-03-12T13:00:00+01:00",
    "end": "2024-03-12T15:30:00+01:00",
    "organization": [f"{HOST}organization/1"],
    "participant": [
        {"id": f"{HOST}person/1", "type": f"{TYPE}Person", "name": "Mitglied Eins"},
        f"{HOST}person/2",
    ],
    "agendaItem": [
        item(1, "Geändert beschlossen"),
        item(2, "zur Kenntnis genommen"),
        item(3, "vertagt"),
        item(4),
    ],
    "resultsProtocol": {
        "id": f"{HOST}file/1",
        "type": f"{TYPE}File",
        "name": "Protokoll",
        "date": "2024-03-20",
    },
    "created": "2024-03-01T08:00:00+01:00",
    "modified": "2024-03-21T09:00:00+01:00",
}
POPOLO = {
    "organizations": [{"id": "o1", "name": "Sjukhusnämnden"}],
    "persons": [{"id": "p1", "name": "Ledamot Ett"}, {"id": "p2", "name": "Ledamot Två"}],
    "memberships": [
        {"person_id": "p1", "organization_id": "o1", "role": "ordförande", "start_date": "2023-01-01"}
    ],
    "events": [
        {
            "id": "e1",
            "name": "Möte",
            "start_date": "2024-03-12T13:00:00+01:00",
            "attendees": [{"id": "p1", "name": "Ledamot Ett"}],
        }
    ],
    "motions": [
        {
            "id": "m1",
            "text": "Starta systemet",
            "creator_id": "p1",
            "date": "2024-03-12",
            "result": "fail",
            "organization_id": "o1",
        }
    ],
    "vote_events": [
        {
            "id": "v1",
            "motion_id": "m1",
            "start_date": "2024-03-12T14:00:00+01:00",
            "result": "fail",
            "counts": [{"option": "yes", "value": 1}, {"option": "no", "value": 3}],
            "votes": [{"voter_id": "p1", "option": "yes"}, {"voter_id": "p2", "option": "no"}],
        }
    ],
    "speeches": [
        {
            "id": "s1",
            "text": "Det är inte klart.",
            "creator_id": "p2",
            "event_id": "e1",
            "start_date": "2024-03-12T13:40:00+01:00",
        }
    ],
}


def read(reader, value):
    data = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    source = Source.of_bytes(data, name="x.json", declared=Declared())
    rows = [row for b in reader.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    assert len({row["event_id"] for row in rows}) == len(rows)
    return rows, source


def of(rows, kind):
    return [row for row in rows if row["kind"] == kind]


def fields(row):
    return json.loads(row["attributes"] or "{}")


def when(instant):
    return format_instant(instant.value)


def test_a_meeting_has_its_own_times_and_those_who_took_part():
    rows, _ = read(OParlReader(), MEETING)
    (meeting,) = of(rows, "minutes.meeting")
    assert (when(meeting["time"]), when(meeting["time_end"])) == (
        "2024-03-12T12:00:00Z",
        "2024-03-12T14:30:00Z",
    )
    assert (meeting["time_basis"], meeting["time_kind"]) == ("offset_stated", "occurred")
    assert meeting["audience"] == ["Mitglied Eins", f"{HOST}person/2"]
    assert [row["actor"] for row in of(rows, "minutes.present")] == ["Mitglied Eins", f"{HOST}person/2"]
    assert when(meeting["known_time"]) == "2024-03-21T08:00:01Z"


def test_results_are_decisions_with_outcomes_and_items_without_one_are_none():
    rows, _ = read(OParlReader(), MEETING)
    assert len(of(rows, "minutes.item")) == 4
    assert [fields(row)["outcome"] for row in of(rows, "minutes.decision")] == ["approved", "noted", "tabled"]
    assert of(rows, "minutes.decision")[0]["locator"] == "J/agendaItem/0"


def test_a_planned_meeting_did_not_take_place_yet():
    planned = {key: MEETING[key] for key in ("id", "type", "name", "start", "end", "created", "modified")}
    rows, source = read(OParlReader(), {**planned, "meetingState": "eingeladen"})
    assert of(rows, "minutes.meeting")[0]["time_kind"] == "scheduled"
    assert "RCA190" in {issue.code for issue in source.issues}
    rows, _ = read(OParlReader(), {**MEETING, "cancelled": True})
    assert of(rows, "minutes.meeting")[0]["time_kind"] == "scheduled"
    assert of(rows, "minutes.meeting")[0]["message"].startswith("cancelled")


def test_a_result_that_was_known_before_its_meeting_is_an_issue():
    rows, source = read(
        OParlReader(),
        {**MEETING, "agendaItem": [item(1, "beschlossen", modified="2024-03-01T08:00:00+01:00")]},
    )
    assert of(rows, "minutes.decision")[0]["known_time"] is None
    assert "RCA160" in {issue.code for issue in source.issues}


def test_a_page_of_a_list_is_its_objects():
    paper = {"id": f"{HOST}paper/1", "type": f"{TYPE}Paper", "name": "Antrag", "reference": "12/2024", "date": "2024-02-01",
             "consultation": [{"id": f"{HOST}consultation/1", "type": f"{TYPE}Consultation", "role": "Entscheidung", "authoritative": True, "meeting": f"{HOST}meeting/1"}]}  # fmt: skip
    rows, source = read(
        OParlReader(), {"data": [MEETING, paper], "pagination": {"totalElements": 2}, "links": {}}
    )
    assert OParlReader().score(source.sample) == 0.98
    assert len(of(rows, "minutes.meeting")) == 1
    assert [row["subject"] for row in of(rows, "document.published")] == ["12/2024"]
    assert f"{HOST}meeting/1" in of(rows, "minutes.referred")[0]["refs"]


def test_a_body_a_person_and_a_membership_are_entries_of_a_register():
    for kind in ("Organization", "Person", "Membership", "Body"):
        rows, _ = read(
            OParlReader(),
            {"id": f"{HOST}x", "type": TYPE + kind, "name": "x", "created": "2024-01-01T00:00:00+01:00"},
        )
        assert [row["kind"] for row in rows] == ["minutes.register"]


def test_popolo_tells_motions_votes_and_speeches_by_name():
    rows, source = read(PopoloReader(), POPOLO)
    assert PopoloReader().score(source.sample) == 0.98
    (motion,) = of(rows, "minutes.motion")
    assert motion["actor"] == "Ledamot Ett"
    assert [fields(row)["outcome"] for row in of(rows, "minutes.decision")] == ["rejected"]
    count, *ballots = of(rows, "minutes.vote")
    assert (fields(count)["yes"], fields(count)["no"]) == ("1", "3")
    assert [(row["actor"], fields(row)["option"], row["parent"]) for row in ballots] == [
        ("Ledamot Ett", "yes", count["event_id"]),
        ("Ledamot Två", "no", count["event_id"]),
    ]
    (speech,) = of(rows, "minutes.statement")
    assert (speech["actor"], when(speech["time"])) == ("Ledamot Två", "2024-03-12T12:40:00Z")
    assert [row["actor"] for row in of(rows, "minutes.present")] == ["Ledamot Ett"]


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        [],
        [1, 2],
        {"type": "x"},
        {"persons": [{"name": "x"}]},
        {"votes": [1]},
        {"events": [{"id": 1}], "areas": []},
    ],
)
def test_other_json_is_neither(value):
    sample = Source.of_bytes(json.dumps(value).encode()).sample
    assert OParlReader().score(sample) == PopoloReader().score(sample) == 0.0


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(max_size=4), s, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(MEETING)), JUNK)
def test_wrong_types_anywhere_never_raise(key, junk):
    read(OParlReader(), {**MEETING, key: junk, "type": MEETING["type"]})
    read(OParlReader(), {**MEETING, "agendaItem": [{**item(1, "x"), "name": junk, "result": junk}]})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(POPOLO)), JUNK)
def test_wrong_types_in_popolo_never_raise(key, junk):
    read(PopoloReader(), {**POPOLO, key: junk})
    read(PopoloReader(), {**POPOLO, key: [{**POPOLO[key][0], name: junk} for name in POPOLO[key][0]]})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_torn_document_keeps_its_books(data):
    for reader, value in ((OParlReader(), MEETING), (PopoloReader(), POPOLO)):
        whole = json.dumps(value).encode()
        read(reader, whole[: data.draw(st.integers(0, len(whole)))])
