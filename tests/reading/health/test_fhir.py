"""FHIR resources become events at the time that the standard gives them; persons stay in the exhibit."""

import csv
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rca
from rca.moments import Basis
from rca.reading import Declared, Source
from rca.reading.health.fhir import FhirReader
from rca.reading.readers import choose

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
    assert row["message"] == (
        "User Authentication, Login: execute by nurse7 with Device/9 on DocumentReference/55; serious failure"
    )
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
            rows, source = read(dump(AUDIT | {name: odd}))
            assert len(rows) + len(source.unparsed) == 1
            assert len(rows) == (name != "resourceType")


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


# -- shapes ------------------------------------------------------------------------------------------------


def bundle(*resources, **more):
    return {"resourceType": "Bundle", "type": "searchset", **more, "entry": [{"fullUrl": "urn:uuid:1", "resource": r} for r in resources]}  # fmt: skip


NESTED = bundle(AUDIT, bundle(OBSERVATION, AUDIT), PATIENT)
SHAPES = {
    "one": dump(AUDIT),
    "pretty": dump(AUDIT, indent=2),
    "array": dump([AUDIT, OBSERVATION]),
    "lines": dump(AUDIT) + b"\r\n\r\n" + dump(OBSERVATION) + b"\r\n",
    "bundle": dump(bundle(AUDIT, OBSERVATION), indent=1),
    "nested": dump(NESTED),
    "lines of bundles": dump(OBSERVATION) + b"\n" + dump(bundle(AUDIT)) + b"\n" + dump(NESTED) + b"\n",
    "type behind the entries": dump({"entry": bundle(AUDIT, OBSERVATION)["entry"], "resourceType": "Bundle"}),
}


def count(value):
    if isinstance(value, list):
        return sum(map(count, value))
    entries = value.get("entry")
    return sum(count(one["resource"]) for one in entries) if entries else 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_resource_is_an_event_in_every_shape_and_its_bytes_are_exact(shape, encoding):
    text = SHAPES[shape].decode()
    data = text.encode(encoding)
    values = (
        [json.loads(line) for line in text.splitlines() if line] if "lines" in shape else [json.loads(text)]
    )
    rows, source = read(data)
    assert FhirReader().score(source.sample) >= 0.97
    assert len(rows) == sum(map(count, values))
    assert not source.unparsed
    assert [row["byte_start"] for row in rows] == sorted(row["byte_start"] for row in rows)
    for row in rows:
        raw = data[row["byte_start"] : row["byte_start"] + row["byte_length"]]
        value = json.loads(raw.decode("utf-16-le" if encoding == "utf-16" else "utf-8"))
        kind = value.get("resource", value)["resourceType"]
        assert (kind == "AuditEvent") == (row["kind"] == "fhir.audit")


def test_a_broken_entry_of_a_bundle_costs_itself():
    text = dump(bundle(AUDIT, OBSERVATION, AUDIT), indent=1).decode()
    rows, source = read(text.replace('"status": "final"', '"status": final').encode())
    assert [row["kind"] for row in rows] == ["fhir.audit", "fhir.audit"]
    assert len(source.unparsed) == 1


def test_a_line_that_is_no_json_at_the_beginning_does_not_hide_the_rest():
    data = b"broken-row\n" + (dump(OBSERVATION) + b"\n") * 3
    rows, source = read(data)
    assert FhirReader().score(source.sample) >= 0.97
    assert len(rows) == 3
    assert source.unparsed[0].reason


def test_an_entry_without_a_resource_says_what_was_asked_and_answered():
    """Bundle.entry of a history: a deletion has a request and no resource."""
    entry = {"request": {"method": "DELETE", "url": "Patient/12"}, "response": {"status": "204", "lastModified": "2024-11-12T06:00:00Z"}}  # fmt: skip
    (row,), _ = read(dump({"resourceType": "Bundle", "type": "history", "entry": [entry]}))
    assert (row["message"], row["time_text"]) == (
        "Bundle entry: DELETE Patient/[patient], 204",
        "2024-11-12T06:00:00Z",
    )
    assert row["time_kind"] == "modified"


# -- XML ---------------------------------------------------------------------------------------------------

XML_AUDIT = """<AuditEvent xmlns="http://hl7.org/fhir">
  <contained><Patient><id value="p"/><name><family value="Lastname"/></name></Patient></contained>
  <type><code value="110114"/><display value="User Authentication"/></type>
  <subtype><code value="110122"/><display value="Login"/></subtype>
  <recorded value="2024-11-12T05:30:00.123+01:00"/><outcome value="8"/>
  <agent><who><reference value="#p"/></who><requestor value="false"/></agent>
  <agent><who><identifier><value value="nurse7"/></identifier></who><name value="Firstname Lastname"/><requestor value="true"/></agent>
  <source><site value="Ward 7"/><observer><reference value="Device/ehr01"/></observer></source>
  <entity><what><reference value="Patient/12"/></what></entity>
  <entity><what><reference value="DocumentReference/55"/></what></entity>
</AuditEvent>"""
XML_OBSERVATION = '<Observation xmlns="http://hl7.org/fhir"><id value="o1"/><status value="final"/><effectiveDateTime value="2024-11"/></Observation>'
XML_BUNDLE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/>\n'
    + "".join(
        f"<entry><fullUrl value='urn:uuid:{n}'/>\n<resource>{one}</resource></entry>\n"
        for n, one in enumerate((XML_AUDIT, XML_OBSERVATION, XML_AUDIT))
    )
    + "</Bundle>\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_says_the_same_as_json(encoding):
    data = XML_BUNDLE.encode(encoding)
    rows, source = read(data)
    assert FhirReader().score(source.sample) >= 0.97
    assert [row["kind"] for row in rows] == ["fhir.audit", "fhir.resource", "fhir.audit"]
    assert (rows[0]["actor"], rows[0]["subject"], rows[0]["unit"], rows[0]["component"], rows[0]["severity"]) == (
        "nurse7", "DocumentReference/55", "Ward 7", "Device/ehr01", 17,
    )  # fmt: skip
    assert rows[0]["time"] == 1731385800123000000
    assert rows[1]["time_precision"] == "month"
    plain = "utf-16-le" if encoding == "utf-16" else "utf-8"
    spans = [data[r["byte_start"] : r["byte_start"] + r["byte_length"]].decode(plain) for r in rows]
    assert spans == [XML_AUDIT, XML_OBSERVATION, XML_AUDIT]
    assert rows[0]["locator"] == "L4-14"
    assert not source.unparsed
    for word in ("Lastname", "Firstname", "Patient/12"):
        assert word not in repr(rows)


def test_a_resource_in_xml_that_breaks_off_costs_only_itself():
    cut = XML_AUDIT[: XML_AUDIT.index("<source>")]
    rows, source = read(XML_BUNDLE.replace(XML_AUDIT, cut, 1).encode())
    assert [row["kind"] for row in rows] == ["fhir.audit", "fhir.resource", "fhir.audit"]
    assert [row["actor"] for row in rows] == ["nurse7", None, "nurse7"]
    assert "breaks off" in source.issues[0].message
    rows, _ = read((cut + "\n" + XML_AUDIT).encode())
    assert len(rows) == 2


def test_entities_are_not_expanded_and_comments_hold_no_resources():
    data = '<!DOCTYPE a [<!ENTITY b "x">]>\n<!-- <AuditEvent/> -->\n' + XML_AUDIT.replace(
        "nurse7", "&b;&#229;"
    )
    rows, _ = read(data.encode())
    assert [row["actor"] for row in rows] == ["&b;å"]


# -- time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stamp", "precision", "days"), [("2024", "year", 366), ("2024-02", "month", 29), ("2024-02-03", "day", 1)])  # fmt: skip
def test_a_date_is_as_fine_as_it_is_written(stamp, precision, days):
    (row,), _ = read(dump(OBSERVATION | {"effectiveDateTime": stamp}), zone="UTC")
    assert (row["time_text"], row["time_precision"]) == (stamp, precision)
    assert row["time_latest"] - row["time_earliest"] == days * 86_400 * 10**9


@pytest.mark.parametrize("stamp", ["2024-02-30", "2024-13", "2024-11-12T05:30:00+99:00"])
def test_an_impossible_time_keeps_its_text_and_an_issue_says_so(stamp):
    (row,), source = read(dump(AUDIT | {"recorded": stamp}))
    assert (row["time"], row["time_text"], row["time_basis"]) == (None, stamp, "undated")
    assert source.issues


STAMP = "2024-11-12T05:30:00Z"


@pytest.mark.parametrize(
    ("kind", "members", "time_kind"),
    [
        ("Encounter", {"period": {"start": STAMP}}, "started"),
        ("Encounter", {"actualPeriod": {"start": STAMP}}, "started"),
        ("Observation", {"effectivePeriod": {"start": STAMP}, "issued": "2024-11-13T00:00:00Z"}, "started"),
        ("Observation", {"issued": STAMP}, "reported"),
        ("Provenance", {"recorded": STAMP}, "recorded"),
        ("ImagingStudy", {"started": STAMP}, "started"),
        ("Procedure", {"performedDateTime": STAMP}, "occurred"),
        ("Procedure", {"occurrencePeriod": {"start": STAMP}}, "started"),
        ("Communication", {"sent": STAMP, "received": "2024-11-13T00:00:00Z"}, "sent"),
        ("Task", {"authoredOn": STAMP}, "recorded"),
        ("MedicationRequest", {"authoredOn": STAMP}, "recorded"),
        ("Condition", {"recordedDate": STAMP, "onsetDateTime": "2024-01-01"}, "recorded"),
        ("Condition", {"onsetDateTime": STAMP}, "occurred"),
        ("Immunization", {"occurrenceDateTime": STAMP}, "occurred"),
        ("DiagnosticReport", {"issued": STAMP, "effectiveDateTime": "2024-11-11"}, "reported"),
        ("Appointment", {"start": STAMP, "created": "2024-11-01"}, "scheduled"),
        ("MedicationAdministration", {"occurenceDateTime": STAMP}, "occurred"),
        ("Specimen", {"collection": {"collectedDateTime": STAMP}}, "occurred"),
        ("ValueSet", {"date": STAMP}, "modified"),
    ],
)
def test_each_resource_has_its_own_main_time(kind, members, time_kind):
    (row,), _ = read(dump({"resourceType": kind, "id": "x", **members}))
    assert (row["time_text"], row["time_kind"]) == (STAMP, time_kind)


@pytest.mark.parametrize("kind", ["Patient", "Practitioner", "Person", "RelatedPerson"])
def test_a_birth_and_a_death_date_nothing(kind):
    (row,), _ = read(dump({"resourceType": kind, "id": "12", "birthDate": "1958-02-03", "deceasedDateTime": "2020-01-01", "meta": {"lastUpdated": STAMP}}))  # fmt: skip
    assert (row["time"], row["time_text"]) == (None, None)
    assert row["known_basis"] == "stated"
    assert "1958" not in repr(row)
    assert "2020" not in repr(row)


def test_a_period_has_an_end():
    (row,), _ = read(dump({"resourceType": "Encounter", "id": "e", "period": {"start": "2024-11-12T05:00:00Z", "end": "2024-11-12T06:00:00Z"}}))  # fmt: skip
    assert row["time_end"].timestamp() - row["time"] / 10**9 == 3600


# -- persons -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entity",
    [
        {"what": {"reference": "https://ehr.test/fhir/Patient/SECRET/_history/3"}},
        {"what": {"reference": "Patient?identifier=SECRET"}},
        {"what": {"reference": "#SECRET"}},
        {"what": {"reference": "urn:uuid:SECRET"}, "role": {"code": "1"}},
        {"what": {"identifier": {"value": "SECRET"}}, "type": {"code": "1"}, "role": {"code": "1"}},
        {"what": {"identifier": {"value": "SECRET"}, "type": "Patient"}},
        {"what": {"identifier": {"value": "SECRET"}}},
        {"identifier": {"value": "SECRET"}, "type": {"code": "1"}},
        {"reference": {"reference": "RelatedPerson/SECRET", "display": "SECRET"}},
        {"what": {"reference": "Observation?patient=Patient/SECRET"}},
        {
            "what": {"reference": "Observation/1"},
            "name": "SECRET",
            "description": "SECRET",
            "query": "SECRET",
        },
    ],
)
def test_no_entity_tells_a_private_person(entity):
    contained = [{"resourceType": "Patient", "id": "SECRET"}]
    (row,), _ = read(
        dump(AUDIT | {"entity": [entity], "contained": contained, "outcomeDesc": "SECRET refused"})
    )
    assert "SECRET" not in repr(row)


@pytest.mark.parametrize(
    "agent",
    [
        {"who": {"reference": "Patient/SECRET"}},
        {"who": {"reference": "#SECRET"}},
        {"who": {"identifier": {"value": "SECRET"}}, "role": [{"coding": [{"code": "PAT"}]}]},
        {"who": {"reference": "urn:uuid:SECRET"}},
        {"who": {"identifier": {"system": "urn:oid:1.2.752.129.2.1.3.1", "value": "SECRET"}}},
        {"name": "SECRET", "role": [{"text": "Patient"}]},
        {
            "who": {"reference": "Device/1"},
            "network": {"address": "http://a.test/fhir/Patient/SECRET?name=SECRET"},
        },
    ],
)
def test_no_agent_tells_a_private_person(agent):
    audit = AUDIT | {
        "agent": [agent | {"requestor": True}],
        "contained": [{"resourceType": "Patient", "id": "SECRET"}],
        "patient": {"reference": "urn:uuid:SECRET"},
    }
    (row,), _ = read(dump(audit))
    assert "SECRET" not in repr(row)


def test_why_a_system_was_refused_is_kept():
    (row,), _ = read(dump(AUDIT | {"entity": [], "outcomeDesc": "Connection refused"}))
    assert row["message"].endswith("serious failure: Connection refused")


# -- versions ----------------------------------------------------------------------------------------------


def test_dstu2_keeps_the_event_its_participants_and_objects_under_other_names():
    old = {
        "resourceType": "AuditEvent",
        "event": {"type": {"code": "rest"}, "action": "R", "dateTime": STAMP, "outcome": "0"},
        "participant": [{"userId": {"value": "clerk3"}, "requestor": True}],
        "source": {"identifier": {"value": "ehr01"}, "site": "Ward 7"},
        "object": [{"reference": {"reference": "Encounter/4"}}],
    }
    (row,), _ = read(dump(old))
    assert (row["actor"], row["subject"], row["component"], row["severity"], row["time_kind"]) == (
        "clerk3", "Encounter/4", "ehr01", 9, "occurred",
    )  # fmt: skip


def test_a_role_tells_who_acted_where_nothing_else_does():
    (row,), _ = read(dump(AUDIT | {"agent": [{"role": [{"text": "Service User"}], "name": "Firstname"}]}))
    assert row["actor"] == "Service User"


# -- others' files and hostile ones ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"resourceType":"Server","time":"2024-11-12T05:30:00Z","msg":"x"}\n' * 3,
        '{"resourceType":"Device","time":"2024-11-12T05:30:00Z"}\n' * 3,
        '{"records":[{"resourceType":"Patient"}]}',
        "<AuditMessage><EventIdentification/></AuditMessage>",
        "<Patients><Patient/></Patients>",
        '2024-11-12 got {"resourceType":"Patient"}\n' * 5,
    ],
)
def test_what_only_looks_like_fhir_is_left_to_others(text):
    assert FhirReader().score(Source.of_bytes(text.encode()).sample) == 0


@pytest.mark.parametrize("data", [*SHAPES.values(), XML_AUDIT.encode(), XML_BUNDLE.encode()])
def test_the_reader_gets_its_files(data):
    found = choose(Source.of_bytes(data))
    assert found is not None
    assert found.name == "fhir"


@pytest.mark.parametrize(
    "piece", ["<AuditEvent>", "<entry>", "<a>", "</a>", "<!--", "<![CDATA[", "<a b='", "<resource>", "&#9;"]
)
def test_much_of_the_same_markup_takes_no_long_time(piece):
    begun = time.perf_counter()
    for head in ("<AuditEvent xmlns='http://hl7.org/fhir'>", "<Bundle xmlns='http://hl7.org/fhir'>"):
        read((head + piece * 20_000).encode())
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize(
    "piece", ["{", "[", '{"entry":[', '{"resource":', '{"resourceType":"Bundle","entry":[{"resource":']
)
def test_much_of_the_same_json_takes_no_long_time(piece):
    begun = time.perf_counter()
    read((dump(AUDIT).decode() + "\n" + piece * 20_000).encode())
    assert time.perf_counter() - begun < 20


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_books_balance_for_mutilated_files_of_every_shape(data):
    whole = data.draw(st.sampled_from([*SHAPES.values(), XML_BUNDLE.encode(), XML_BUNDLE.encode("utf-16")]))
    raw = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8)) if raw else 0):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    FhirReader().score(Source.of_bytes(bytes(raw)).sample)
    read(bytes(raw))


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"<AuditEvent ", b'{"resourceType":"Bundle","entry":[{'])
)
def test_books_balance_for_any_bytes(data, head):
    read(head + data)


def test_the_outside_files_have_as_many_events_as_their_manifest_says(shared):
    folder = shared / "corpora" / "health"
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        wanted = [row for row in csv.DictReader(stream) if row["file"].startswith(("fhir/", "synthea/"))]
    for row in wanted:
        reading = rca.read(folder / row["file"], zone="UTC")
        counts = {len(reading.events), *reading.events["kind"].value_counts()}
        assert int(row["expected_events"]) in counts, row["file"]
        assert reading.books.balanced
