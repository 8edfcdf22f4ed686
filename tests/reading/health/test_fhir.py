"""FHIR resources become events at the time that the standard gives them; persons stay in the exhibit."""

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rca
from rca.moments import Basis
from rca.reading import Declared, Source
from rca.reading.health.fhir import FhirReader

AUDIT = {
    "resourceType": "AuditEvent",
    "id": "a17",
    "meta": {"lastUpdated": "2024-11-12T09:00:00Z"},
    "type": {
        "system": "http://dicom.nema.org/resources/ontology/DCM",
        "code": "110114",
        "display": "User Authentication",
    },
    "subtype": [{"code": "110122", "display": "Login"}],
    "action": "E",
    "recorded": "2024-11-12T05:30:00.123+01:00",
    "outcome": "8",
    "agent": [
        {"who": {"reference": "Device/9"}, "requestor": False},
        {"who": {"identifier": {"value": "nurse7"}}, "name": "Firstname Lastname", "requestor": True},
    ],
    "source": {"site": "Ward 7", "observer": {"reference": "Device/ehr01"}},
    "entity": [{"what": {"reference": "Patient/12"}}, {"what": {"reference": "DocumentReference/55"}}],
}
PATIENT = {"resourceType": "Patient", "id": "12", "birthDate": "1958-02-03", "name": [{"family": "Lastname"}]}
OBSERVATION = {
    "resourceType": "Observation", "id": "o1", "status": "final", "code": {"coding": [{"code": "8480-6", "display": "Systolic"}]},
    "subject": {"reference": "Patient/12", "display": "Lastname"}, "effectiveDateTime": "2024-11-12", "issued": "2024-11-12T06:00:00Z",
}  # fmt: skip


def read(data, **declared):
    """The events of some bytes, and the source."""
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = []
    for batch in FhirReader().read(source):
        plain = batch.to_pydict() | {
            name: batch.column(name).cast("int64").to_pylist()
            for name in ("time", "time_earliest", "time_latest")
        }
        rows += [{name: values[n] for name, values in plain.items()} for n in range(batch.num_rows)]
    assert source.ledger.close(len(data)).balanced
    return rows, source


def dump(value, **choices):
    return json.dumps(value, **choices).encode()


def test_an_audit_event_says_who_did_what_to_which_object_and_how_it_ended():
    (row,), _ = read(dump(AUDIT))
    assert (row["kind"], row["time"], row["time_basis"]) == (
        "fhir.audit",
        1731385800123000000,
        "offset_stated",
    )
    assert (row["actor"], row["subject"], row["unit"], row["component"]) == (
        "nurse7", "DocumentReference/55", "Ward 7", "Device/ehr01",
    )  # fmt: skip
    assert (row["severity"], row["severity_text"]) == (17, "8")
    assert row["message"] == "Login execute of DocumentReference/55"
    assert json.loads(row["attributes"])["stored"] == "2024-11-12T09:00:00Z"


@pytest.mark.parametrize(
    ("change", "stamp"),
    [
        ({"recorded": None, "occurredDateTime": "2024-11-12T04:00:00Z"}, "2024-11-12T04:00:00Z"),
        ({"recorded": None, "occurredPeriod": {"start": "2024-11-12T03:00:00Z"}}, "2024-11-12T03:00:00Z"),
        ({"recorded": None, "event": {"dateTime": "2024-11-12T02:00:00Z"}}, "2024-11-12T02:00:00Z"),
        ({"occurredDateTime": "2024-11-12T04:00:00Z"}, "2024-11-12T05:30:00.123+01:00"),
    ],
)
def test_the_time_of_an_audit_event_is_the_first_that_the_versions_of_the_standard_name(change, stamp):
    (row,), _ = read(dump(AUDIT | change))
    assert row["time_text"] == stamp


def test_only_the_time_of_storing_dates_nothing():
    (row,), _ = read(dump({k: v for k, v in AUDIT.items() if k != "recorded"}))
    assert (row["time"], row["time_basis"], row["time_text"]) == (None, "undated", None)


def test_an_outcome_of_r5_is_a_coding():
    (row,), _ = read(dump(AUDIT | {"outcome": {"code": {"code": "error"}}}))
    assert row["severity"] == 17


def test_persons_and_days_of_birth_stay_in_the_exhibit():
    rows, _ = read(
        dump({"resourceType": "Bundle", "entry": [{"resource": r} for r in (AUDIT, PATIENT, OBSERVATION)]})
    )
    assert [row["kind"] for row in rows] == ["fhir.audit", "fhir.resource", "fhir.resource"]
    assert rows[1]["time"] is None
    shown = repr(rows)
    for word in ("Lastname", "Firstname", "1958", "Patient/12"):
        assert word not in shown


def test_a_date_is_a_day_in_the_zone_of_the_exhibit():
    (row,), source = read(dump(OBSERVATION), zone="Europe/Stockholm", zone_basis=Basis.ZONE_ASSUMED)
    assert (row["time_precision"], row["time_basis"]) == ("day", "zone_assumed")
    assert row["time_latest"] - row["time_earliest"] == 86_400 * 10**9
    assert row["time"] == 1731366000 * 10**9  # midnight in Stockholm
    assert [a.kind for a in source.assumptions] == ["zone"]


@pytest.mark.parametrize("indent", [None, 2])
def test_spans_in_a_bundle_are_those_of_its_entries(indent):
    data = dump(
        {"resourceType": "Bundle", "entry": [{"resource": AUDIT}, {"resource": OBSERVATION}]}, indent=indent
    )
    rows, _ = read(data)
    spans = [json.loads(data[r["byte_start"] : r["byte_start"] + r["byte_length"]])["resource"] for r in rows]
    assert spans == [AUDIT, OBSERVATION]
    assert rows[1]["locator"].endswith("entry/1")


def test_a_broken_line_of_ndjson_costs_itself():
    data = b"\n".join((dump(AUDIT), b"", b'{"resourceType": "Patient", ', dump(OBSERVATION), b""))
    rows, source = read(data)
    assert [row["kind"] for row in rows] == ["fhir.audit", "fhir.resource"]
    assert len(source.unparsed) == 1
    assert {issue.code for issue in source.issues} == {"RCA187"}


@pytest.mark.parametrize(
    "text", ['{"a": 1}', '{"exportId":"1","timestamp":"2024-11-12T05:30:00Z"}', "resourceType", ""]
)
def test_what_is_no_resource_is_left_to_others(text):
    assert FhirReader().score(Source.of_bytes(text.encode()).sample) == 0


def test_odd_values_where_the_standard_has_others_raise_nothing():
    for name in AUDIT:
        for odd in (None, 5, "x", [], [None, 3], {}, {"code": {"coding": 7}}, True):
            rows, _ = read(dump(AUDIT | {name: odd} if name != "resourceType" else {"resourceType": odd}))
            assert len(rows) == 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_books_balance_for_mutilated_resources(data):
    whole = dump(
        {"resourceType": "Bundle", "entry": [{"resource": AUDIT}, {"resource": OBSERVATION}]}, indent=1
    )
    raw = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(raw))


def test_the_outside_files_have_as_many_events_as_their_manifest_says(shared):
    folder = shared / "corpora" / "health"
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        wanted = [row for row in csv.DictReader(stream) if row["file"].startswith(("fhir/", "synthea/"))]
    for row in wanted:
        reading = rca.read(folder / row["file"], zone="UTC")
        counts = {len(reading.events), *reading.events["kind"].value_counts()}
        assert int(row["expected_events"]) in counts, row["file"]
        assert reading.books.balanced
