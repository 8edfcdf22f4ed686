"""FHIR resources in JSON: audit events with who did what to which object and how it ended, other resources by their time.

The decision hidden here: which time of a resource is that of the event, and what stays in the exhibit. An AuditEvent has
`recorded` (R4, R5), else `occurredDateTime` or `occurredPeriod` (R5), else `event.dateTime` (DSTU2); when it was stored is
no time of its own. A day of birth never is one. Names, addresses and identifiers of patients are not taken.

References:
    HL7 FHIR R5, R4 and DSTU2: AuditEvent, Bundle, the data types dateTime and instant; the file format NDJSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import Basis, TimeKind
from rca.reading.dating import Dating
from rca.reading.json_walk import Found, peek, walk
from rca.reading.source import Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FhirReader"]

_BATCH = 20_000
_MANY = 100
_LONG = 300
_TYPE = re.compile(r"[A-Z][A-Za-z]{2,60}")
_AUDIT = (("recorded",), ("occurredDateTime",), ("occurredPeriod", "start"), ("event", "dateTime"))
_TIMES: tuple[tuple[tuple[str, ...], TimeKind], ...] = (
    (("effectiveDateTime",), TimeKind.OCCURRED),
    (("effectiveInstant",), TimeKind.OCCURRED),
    (("effectivePeriod", "start"), TimeKind.STARTED),
    (("performedDateTime",), TimeKind.OCCURRED),
    (("performedPeriod", "start"), TimeKind.STARTED),
    (("occurrenceDateTime",), TimeKind.OCCURRED),
    (("occurredDateTime",), TimeKind.OCCURRED),
    (("occurrencePeriod", "start"), TimeKind.STARTED),
    (("occurredPeriod", "start"), TimeKind.STARTED),
    (("period", "start"), TimeKind.STARTED),
    (("actualPeriod", "start"), TimeKind.STARTED),
    (("started",), TimeKind.STARTED),
    (("start",), TimeKind.SCHEDULED),
    (("sent",), TimeKind.SENT),
    (("recorded",), TimeKind.RECORDED),
    (("recordedDate",), TimeKind.RECORDED),
    (("recordedOn",), TimeKind.RECORDED),
    (("authoredOn",), TimeKind.RECORDED),
    (("issued",), TimeKind.REPORTED),
    (("created",), TimeKind.RECORDED),
    (("date",), TimeKind.RECORDED),
    (("timestamp",), TimeKind.SENT),
    (("whenHandedOver",), TimeKind.OCCURRED),
)
_OUTCOMES = {
    "0": 9,
    "4": 13,
    "8": 17,
    "12": 21,
    "success": 9,
    "information": 9,
    "warning": 13,
    "error": 17,
    "fatal": 21,
}
_ACTIONS = {"C": "create", "R": "read", "U": "update", "D": "delete", "E": "execute"}
_PERSONS = {"Patient", "RelatedPerson", "Person"}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a resource tells: its time as written and what that means, and the columns and fields of its event."""

    kind: str
    stamp: str
    time_kind: TimeKind
    columns: dict[str, Any]
    fields: dict[str, Any]


class FhirReader:
    """Reads FHIR resources in JSON: one alone, in a Bundle, in an array, or one a line; one event a resource."""

    name = "fhir"
    version = "1"
    title = "FHIR: audit events and other resources, in JSON, Bundles and NDJSON"
    suffixes = (".json", ".ndjson")

    def score(self, sample: Sample) -> float:
        """0.98 where most values at the beginning say a resourceType; else 0."""
        if '"resourceType"' not in sample.text or is_binary(sample.head):
            return 0.0
        values = [
            one for value in peek(sample.text) for one in (value if isinstance(value, list) else [value])
        ]
        typed = sum(_type_of(value) != "" for value in values)
        return 0.98 if typed and typed * 2 >= len(values) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the resources, in file order."""
        resources = _Resources(source)
        rows: list[dict[str, Any]] = []
        for row in resources.rows():
            rows.append(row)
            if len(rows) >= _BATCH:
                yield batch(resources.dated(rows))
                rows = []
        if rows:
            yield batch(resources.dated(rows))


class _Resources:
    """The resources of one stream on their way: the stamps that wait for their times, and what could not be read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.encoding = "utf-8" if source.encoding == "utf-8-sig" else source.encoding
        self.mark = mark_length(source.head)
        source.structure_bytes(0, self.mark)
        values = peek(source.sample.text)
        first = values[0] if values else {}
        first = first[0] if isinstance(first, list) and first else first
        self.path = ("entry",) if _type_of(first) == "Bundle" else ()
        self.is_sequence = len(values) > 1
        self.dating = Dating(source, code="RCA187")
        self.stamps: list[str] = []
        self.faults = 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all resources; what stands between them is booked."""
        source = self.source
        book = {"blank": source.blank_bytes, "structure": source.structure_bytes}
        with source.open() as stream:
            stream.read(self.mark)
            for found in walk(
                stream, path=self.path, is_sequence=self.is_sequence, start=self.mark, encoding=self.encoding
            ):
                if found.value is not None:
                    yield self._row(found, found.value)
                elif found.what in book:
                    book[found.what](found.start, len(found.raw))
                else:
                    self._leave(found)

    def dated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a batch with their times."""
        self.dating.date(rows, self.stamps)
        self.stamps = []
        return rows

    def _leave(self, found: Found) -> None:
        place = f"L{found.line}" if found.line == found.last_line else f"L{found.line}-{found.last_line}"
        reason = found.reason or "no resource"
        self.source.unparsed_bytes(found.start, found.raw, place=place, reason=reason)
        self.faults += 1
        if self.faults <= _MANY:
            hint = "Is the file cut or still being written? The rest is read."
            self.source.issue("RCA187", Severity.WARNING, f"Not read: {reason}", place=place, hint=hint)

    def _row(self, found: Found, value: Mapping[str, Any]) -> dict[str, Any]:
        source = self.source
        resource = value.get("resource")
        told = _tell(resource if isinstance(resource, dict) else value)
        source.event_bytes(found.start, len(found.raw))
        self.stamps.append(told.stamp)
        return {
            "event_id": event_id(source.stream_key, found.start),
            "source_kind": SourceKind.LOG.value,
            "kind": told.kind,
            "time_basis": Basis.UNDATED.value,
            "time_kind": told.time_kind.value,
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(f"J{found.pointer}"),
            "byte_start": found.start,
            "byte_length": len(found.raw),
            "line": found.line,
            "reader": FhirReader.name,
            "reader_version": FhirReader.version,
            "reliability": source.declared.reliability or None,
            **told.columns,
            "attributes": attributes(told.fields),
        }


# -- what a resource tells --------------------------------------------------------------------------------


def _type_of(value: Any) -> str:
    """The type of a resource; nothing for what is none."""
    name = value.get("resourceType") if isinstance(value, dict) else None
    return name if isinstance(name, str) and _TYPE.fullmatch(name) else ""


def _tell(resource: Mapping[str, Any]) -> _Told:
    return _tell_audit(resource) if _type_of(resource) == "AuditEvent" else _tell_other(resource)


def _tell_audit(resource: Mapping[str, Any]) -> _Told:
    """Who did what to which object, and how it ended."""
    event = _object(resource.get("event"))  # DSTU2 keeps there what later versions have at the top
    stamp = next((text for path in _AUDIT if (text := _text(_reach(resource, path)))), "")
    kind = _code(resource.get("type") or resource.get("category") or event.get("type"))
    subtype = _code(resource.get("subtype") or resource.get("code") or event.get("subtype"))
    action = _text(resource.get("action") or event.get("action"))
    outcome = _outcome(resource.get("outcome", event.get("outcome")))
    agents = [_object(one) for one in _list(resource.get("agent") or resource.get("participant"))]
    agent = next((one for one in agents if one.get("requestor") is True), agents[0] if agents else {})
    entities = [_object(one) for one in _list(resource.get("entity") or resource.get("object"))]
    objects = [shown for one in entities if (shown := _reference(_of_entity(one)))]
    observer = _object(resource.get("source"))
    site = _text(observer.get("site")) or _display(observer.get("site"))
    component = _reference(observer.get("observer") or observer.get("identifier"))
    what = " ".join(word for word in (subtype or kind or "audit event", _ACTIONS.get(action, action)) if word)
    columns = {
        "message": " ".join(f"{what}{f' of {objects[0]}' if objects else ''}".split())[:_LONG],
        "actor": _agent(agent) or None,
        "subject": objects[0] if objects else None,
        "component": component or None,
        "unit": site or None,
        "severity": _OUTCOMES.get(outcome.casefold()),
        "severity_text": outcome or None,
        "refs": list(dict.fromkeys(objects)) or None,
    }
    fields = {
        "id": _text(resource.get("id")),
        "type": kind,
        "subtype": subtype,
        "action": action,
        "stored": _text(_reach(resource, ("meta", "lastUpdated"))),
        "agent_role": _code(agent.get("role") or agent.get("type")),
        "network": _text(_reach(agent, ("network", "address"))) or _text(agent.get("networkString")),
        "entity_type": _code(entities[0].get("type")) if entities else "",
        "entity_role": _code(entities[0].get("role")) if entities else "",
    }
    return _Told("fhir.audit", stamp, TimeKind.RECORDED, columns, fields)


def _tell_other(resource: Mapping[str, Any]) -> _Told:
    """The type, the state and the codes of a resource, at its main time; nothing that names a person."""
    type_ = _type_of(resource) or "resource"
    stamp, time_kind = "", TimeKind.RECORDED
    if type_ not in _PERSONS and type_ != "Practitioner":
        for path, means in _TIMES:
            text = _text(_reach(resource, path))
            if text:
                stamp, time_kind = text, means
                break
    code = _code(resource.get("code") or resource.get("type") or resource.get("vaccineCode"))
    status = _text(resource.get("status")) or _code(resource.get("clinicalStatus"))
    identifier = _text(resource.get("id"))
    columns: dict[str, Any] = {"message": " ".join(word for word in (type_, status, code) if word)[:_LONG]}
    if type_ not in _PERSONS and identifier:
        columns["subject"] = f"{type_}/{identifier}"
    fields = {
        "type": type_,
        "status": status,
        "code": code,
        "stored": _text(_reach(resource, ("meta", "lastUpdated"))),
        "encounter": _reference(resource.get("encounter")),
    }
    return _Told("fhir.resource", stamp, time_kind, columns, fields)


def _outcome(value: Any) -> str:
    """The code of an outcome: a text up to R4, a coding inside an object in R5."""
    if isinstance(value, dict):
        return _text(_object(value.get("code")).get("code"))
    return _text(value)


def _agent(agent: Mapping[str, Any]) -> str:
    """Who acted: a reference or an id of an account, never the name of a person."""
    who = agent.get("who") or agent.get("reference") or agent.get("whoReference")
    user = agent.get("userId")
    for shown in (_reference(who), _text(agent.get("altId")), _identifier(user), _text(user)):
        if shown:
            return shown
    return _code(agent.get("role") or agent.get("type"))


def _of_entity(entity: Mapping[str, Any]) -> Any:
    return entity.get("what") or entity.get("reference") or entity.get("whatReference")


def _reference(value: Any) -> str:
    """What a reference leads to, as type and id; nothing where it leads to a patient or another private person."""
    if not isinstance(value, dict):
        return ""
    text = _text(value.get("reference"))
    type_ = _text(value.get("type"))
    parts = [part for part in text.split("/") if part]
    if type_ in _PERSONS or any(part in _PERSONS for part in parts):
        return ""
    if text:
        return text.split("?", 1)[0][:_LONG]
    return _identifier(value.get("identifier")) or (_text(value.get("value")) if "system" in value else "")


def _identifier(value: Any) -> str:
    return _text(_object(value).get("value"))


def _display(value: Any) -> str:
    return _text(_object(value).get("display"))


def _code(value: Any) -> str:
    """The words or the code of a Coding or CodeableConcept, the first of several."""
    if isinstance(value, list):
        return next((text for one in value if (text := _code(one))), "")
    if isinstance(value, str):
        return value
    concept = _object(value)
    for coding in _list(concept.get("coding")):
        text = _code(coding)
        if text:
            return text
    return _text(concept.get("display")) or _text(concept.get("code"))


def _reach(value: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = value
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
