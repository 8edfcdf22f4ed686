"""What a FHIR resource says: an audit event who did what to what, others what they are; nothing of the patient.

The decision hidden here: what of a resource may leave the exhibit. Codes, statuses, user ids, systems and the ids of
resources may; patients, related persons, names, free text, national numbers of persons and searches may not.
Elements of DSTU2 to R5 are read alike.

References:
    HL7 FHIR R5 and R4, AuditEvent, Provenance, References; STU3 and DSTU2, AuditEvent; FHIR CodeSystems
    audit-event-outcome, audit-event-action, object-role, audit-entity-type; IHE BALP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rca.moments.moment import TimeKind
from rca.reading.health.fhir_times import times_of

__all__ = ["Said", "is_bundle_entry", "say_resource"]

_MOST = 50
_LONG = 400
_PRIVATE = {"Patient": "[patient]", "RelatedPerson": "[related person]", "Person": "[person]"}
_PATIENT = "[patient]"
_WITHOUT_IDS = frozenset({*_PRIVATE, "Practitioner", "PractitionerRole", "Coverage", "Account", "Group"})
_SEVERITIES = {
    "0": 9, "4": 13, "8": 17, "12": 21, "success": 9, "information": 9, "warning": 13, "error": 17, "fatal": 21,
}  # fmt: skip
_LEVELS = {
    "debug": 5, "informational": 9, "notice": 10, "warning": 13, "error": 17, "critical": 19, "alert": 20, "emergency": 21,
}  # fmt: skip
_OUTCOMES = {"0": "success", "4": "minor failure", "8": "serious failure", "12": "major failure"}
_ACTIONS = {"C": "create", "R": "read", "U": "update", "D": "delete", "E": "execute"}
_AUDITS = ("AuditEvent", "SecurityEvent")
_PRIVATE_ROLES = frozenset({"1", "9", "10", "19"})  # patient, subscriber, guarantor, customer (object-role)
_STAFF_ROLES = frozenset({"6", "8", "11", "12", "15"})  # user, doctor, security user or group, practitioner
_PATIENT_WORDS = frozenset({"PAT", "PATIENT"})
_OF_SYSTEMS = frozenset({"110100", "110101", "110108", "110113", "110114", *map(str, range(110120, 110139))})
_SYSTEMS = frozenset(
    {"", "Device", "Endpoint", "HealthcareService", "Location", "Organization", "Subscription"}
)
_REFERENCE = re.compile(
    r"(?:[a-z][a-z+.\-]{1,20}://[^?#\s]{1,500}?/)?(?P<type>[A-Z][A-Za-z]{2,50})"
    r"(?:/(?P<id>[A-Za-z0-9\-._~:#]{1,80})(?:/_history(?:/[A-Za-z0-9\-.]{1,64})?)?/?|(?P<search>\?.*))?",
    re.DOTALL,
)
_PERSON_NUMBERS = re.compile(
    r"us-ssn|2\.16\.840\.1\.113883\.4\.1(?![.\d])|1\.2\.752\.(?:129|74)\.|1\.2\.246\.21(?![.\d])|1\.2\.208\.176\.1\.2"
    r"|2\.16\.578\.1\.12\.4\.1\.4\.[123]|nhs-number|personnummer|personnr|fodselsnummer|national-?id|hetu",
    re.IGNORECASE,
)
_PERSON_TYPES = frozenset(
    {"SS", "NI", "NIIP", "NNSWE", "NNNOR", "NNDNK", "NNFIN", "SB", "PPN", "DL", "MR", "PI", "PT"}
)
_PATH_OF_PERSON = re.compile(r"\b(Patient|RelatedPerson|Person)/[^/?#\s]+")
_ACTORS = ("performer", "author", "requester", "orderer", "recorder", "asserter", "informationSource", "sender", "source",
           "who", "prescriber", "agent", "enterer", "provider")  # fmt: skip
_WHO = ("actor", "who", "agent", "whoReference", "individual", "reference", "member")
_CODES = ("code", "type", "class", "category", "activity", "vaccineCode", "medicationCodeableConcept", "medication",
          "serviceType", "procedureCode", "modality", "event", "eventCoding", "topic")  # fmt: skip
_LINKS = ("encounter", "context", "basedOn", "request", "partOf", "focus", "replaces", "target", "specimen", "study",
          "imagingStudy", "report", "result", "prescription", "medicationReference", "location")  # fmt: skip


@dataclass(slots=True)
class Said:
    """What one resource says: its main time as written, when it was stored, columns of the event, and named values."""

    stamp: str = ""
    end: str = ""
    stored: str = ""
    time_kind: TimeKind = TimeKind.OCCURRED
    columns: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


def say_resource(resource: Mapping[str, Any]) -> Said:
    """What a resource says, or an entry of a bundle that holds none."""
    return _Resource(resource).said


def is_bundle_entry(value: Mapping[str, Any]) -> bool:
    """Whether an object is an entry of a bundle that says what was asked or answered, without a resource."""
    return isinstance(value.get("request"), dict) or isinstance(value.get("response"), dict)


# -- values of any shape ----------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value.split()) if isinstance(value, str) else ""


def _items(value: Any) -> list[dict[str, Any]]:
    """The objects that a value is or holds: XML does not tell a list of one from an object."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _first(value: Any) -> dict[str, Any]:
    return next(iter(_items(value)), {})


def _codings(value: Any) -> Iterator[tuple[str, str, str]]:
    """The code, the name and the system of each concept in a code, Coding, CodeableConcept or list of them."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one.strip():
            yield _text(one), "", ""
        elif isinstance(one, dict):
            if isinstance(one.get("concept"), dict):  # a CodeableReference of R5
                one = one["concept"]
            codings = _items(one.get("coding"))
            text = _text(one.get("text"))
            if codings:
                for coding in codings[:_MOST]:
                    yield (
                        _text(coding.get("code")),
                        _text(coding.get("display")) or text,
                        _text(coding.get("system")),
                    )
            elif text or isinstance(one.get("code"), str) or isinstance(one.get("display"), str):
                yield _text(one.get("code")), _text(one.get("display")) or text, _text(one.get("system"))


def _names(value: Any) -> list[str]:
    return list(dict.fromkeys(name or code for code, name, _ in _codings(value) if name or code))[:5]


def _codes(value: Any) -> list[str]:
    return list(dict.fromkeys(code for code, _, _ in _codings(value) if code))


# -- one resource -----------------------------------------------------------------------------------------


class _Resource:
    """One resource on its way to columns and fields."""

    def __init__(self, resource: Mapping[str, Any]) -> None:
        self.resource = resource
        self.type = _text(resource.get("resourceType"))
        self.refs: dict[str, None] = {}
        self.contained = {
            _text(one.get("id")): _text(one.get("resourceType")) for one in _items(resource.get("contained"))
        }
        self.said = Said()
        self._times()
        if self.type in _AUDITS:
            self._audit()
        elif self.type:
            self._other()
        else:
            self._entry()
        if self.refs:
            self.said.columns["refs"] = list(self.refs)

    def _times(self) -> None:
        times = times_of(self.type, self.resource)
        said = self.said
        said.stamp, said.end, said.time_kind = times.stamp, times.end, times.kind
        said.stored = _text(_first(self.resource.get("meta")).get("lastUpdated"))
        for path, text in times.others:
            self._field(path, text)
        self._field("time.path", times.path)
        self._field("stored", said.stored)

    def _field(self, name: str, value: str) -> None:
        if value:
            self.said.fields[name] = value[:_LONG]

    def _field_codes(self, name: str, value: Any) -> None:
        found = list(_codings(value))[:_MOST]
        self._field(name, "; ".join(dict.fromkeys(code for code, _, _ in found if code)))
        self._field(f"{name}.name", "; ".join(dict.fromkeys(text for _, text, _ in found if text)))
        self._field(f"{name}.system", "; ".join(dict.fromkeys(system for _, _, system in found if system)))

    def _refer(self, text: str) -> None:
        if text and "[" not in text and len(self.refs) < _MOST:
            self.refs[text] = None

    # -- references -------------------------------------------------------------------------------------------

    def _type_of(self, reference: Mapping[str, Any]) -> str:
        """The type of the resource that a reference leads to, "" where nothing says it."""
        written = _text(reference.get("reference"))
        if written.startswith("#"):
            return self.contained.get(written[1:], "") or _text(reference.get("type"))
        found = _REFERENCE.fullmatch(written)
        return (found["type"] if found else "") or _text(reference.get("type")).rpartition("/")[2]

    def _shown(self, reference: Mapping[str, Any]) -> str:
        """A reference as it may leave the exhibit: type and id, or the identifier; of persons only what they are."""
        kind = self._type_of(reference)
        if kind in _PRIVATE:
            return _PRIVATE[kind]
        written = _text(reference.get("reference"))
        if written:
            found = _REFERENCE.fullmatch(written)
            if found and found["id"]:
                return f"{kind}/{found['id']}"
            if written.startswith("#"):
                return f"{kind} {written}".strip()
            if found and found["search"]:
                is_staff = kind.startswith("Practitioner") and not _PERSON_NUMBERS.search(written)
                return written if is_staff else kind
            return _without_persons(written)
        identifier = _first(reference.get("identifier"))
        return _identifier(identifier) or kind

    # -- audit events -------------------------------------------------------------------------------------

    def _audit(self) -> None:
        resource = self.resource
        event = _first(resource.get("event")) or resource
        entities = [*_items(resource.get("entity")), *_items(resource.get("object"))]
        agents = [*_items(resource.get("agent")), *_items(resource.get("participant"))]
        private = self._private_texts(entities)
        self._field("resourceType", self.type)
        self._field("id", _text(resource.get("id")))
        for name in ("type", "subtype", "category", "code", "purposeOfEvent"):
            self._field_codes(name, event.get(name) or resource.get(name))
        action = _text(event.get("action"))
        self._field("action", action)
        outcome = self._outcome(event)
        actor, others = self._agents(agents, private)
        ids = self._entities(entities)
        self._source(_first(resource.get("source")))
        for name in ("encounter", "basedOn"):
            self._link(name)
        columns = self.said.columns
        if actor:
            columns["actor"] = actor
        subject = ids[0] if ids else others[0] if others else ""
        if subject:
            columns["subject"] = subject
        said_codes = [
            one
            for name in ("code", "type", "subtype")
            for one in _names(event.get(name) or resource.get(name))
        ]
        what = ", ".join(dict.fromkeys(said_codes)) or "Audit event"
        words = [_ACTIONS.get(action, action)] if action else []
        words += [f"by {actor}"] if actor else []
        words += [f"with {others[0]}"] if others else []
        words += [f"on {ids[0]}" + (f" and {len(ids) - 1} more" if len(ids) > 1 else "")] if ids else []
        text = f"{what}: {' '.join(words)}" if words else what
        if outcome:
            text = f"{text}; {_OUTCOMES.get(outcome, outcome if outcome.isalpha() else f'outcome {outcome}')}"
        described = self._outcome_text(event, entities)
        self._field("outcomeDesc", described)
        columns["message"] = (f"{text}: {described}" if described else text)[:_LONG]

    def _outcome(self, event: Mapping[str, Any]) -> str:
        value = event.get("outcome")
        if isinstance(value, dict) and isinstance(value.get("code"), dict):
            value = value["code"]
        outcome = next(iter(_codes(value)), "")
        level = _text(event.get("severity"))
        self._field("outcome", outcome)
        self._field("severity", level)
        if outcome or level:
            self.said.columns["severity_text"] = outcome or level
            self.said.columns["severity"] = _SEVERITIES.get(outcome) if outcome else _LEVELS.get(level)
        return outcome

    def _outcome_text(self, event: Mapping[str, Any], entities: list[dict[str, Any]]) -> str:
        """The text of the outcome where the event is one of systems and has to do with no person's record."""
        codes = {code for name in ("type", "subtype", "code") for code in _codes(event.get(name))}
        kinds = {
            self._type_of(one)
            for part in entities
            for name in ("what", "reference")
            for one in _items(part.get(name))
        }
        is_plain = (
            kinds <= _SYSTEMS
            and "patient" not in self.resource
            and not set(self.contained.values()) & set(_PRIVATE)
        )
        if not codes & _OF_SYSTEMS or not is_plain or any(not self._may_show(one) for one in entities):
            return ""
        return _text(event.get("outcomeDesc"))

    def _private_texts(self, entities: list[dict[str, Any]]) -> frozenset[str]:
        """The references and identifiers of patients as this event writes them, wherever they stand."""
        found = [_first(self.resource.get("patient"))]
        for one in entities:
            if not self._may_show(one):
                found += [part for name in ("what", "reference") for part in _items(one.get(name))]
                found.append({"identifier": one.get("identifier")})
        texts = {_text(one.get("reference")) for one in found}
        texts |= {_text(_first(one.get("identifier")).get("value")) for one in found}
        return frozenset(text for text in texts if text)

    def _agents(self, agents: list[dict[str, Any]], private: frozenset[str]) -> tuple[str, list[str]]:
        """Who acted, and who else took part."""
        asked: list[str] = []
        others: list[str] = []
        for number, one in enumerate(agents, start=1):
            kinds = [*_codings(one.get("type")), *_codings(one.get("role"))]
            is_patient = any(
                word.upper() in _PATIENT_WORDS for code, name, _ in kinds for word in (code, name)
            )
            user = _PATIENT if is_patient else self._user(one, private)
            requestor = _text(one.get("requestor"))
            shown = user or next(iter([*_names(one.get("role")), *_names(one.get("type"))]), "")
            if shown:
                (asked if requestor == "true" else others).append(shown)
            if number > _MOST:
                continue
            prefix = f"agent.{number}"
            self._field(f"{prefix}.who", user)
            self._field(f"{prefix}.requestor", requestor)
            self._field_codes(f"{prefix}.type", one.get("type"))
            self._field_codes(f"{prefix}.role", one.get("role"))
            network = _first(one.get("network"))
            address = _text(network.get("address")) or _text(network.get("identifier"))
            address = address or _text(one.get("networkString")) or _text(one.get("networkUri"))
            self._field(f"{prefix}.network", _without_persons(address))
        if len(agents) > _MOST:
            self._field("agent.count", str(len(agents)))
        actor = next(iter(asked or others), "")
        rest = dict.fromkeys((others or asked) if asked else others)
        return actor, [user for user in rest if user != actor]

    def _user(self, agent: Mapping[str, Any], private: frozenset[str]) -> str:
        """The id of an agent: what it refers to, its identifier, its user id, or its other id."""
        for name in ("who", "reference"):
            for who in _items(agent.get(name)):
                written = (_text(who.get("reference")), _text(_first(who.get("identifier")).get("value")))
                if any(text in private for text in written if text):
                    return _PATIENT
                shown = self._shown(who)
                if shown:
                    return shown
        for text in (
            _identifier(_first(agent.get("userId"))),
            _text(agent.get("userId")),
            _text(agent.get("altId")),
        ):
            if text:
                return _PATIENT if text in private else _without_persons(text)
        return ""

    def _entities(self, entities: list[dict[str, Any]]) -> list[str]:
        """What was acted on, as far as it may be told."""
        ids: list[str] = []
        for number, one in enumerate(entities, start=1):
            shown = ""
            if self._may_show(one):
                for part in [*_items(one.get("what")), *_items(one.get("reference")), one]:
                    shown = shown or ("" if part is one and "identifier" not in one else self._shown(part))
            if shown and not shown.startswith("["):
                ids.append(shown)
                self._refer(shown)
            if number > _MOST:
                continue
            prefix = f"entity.{number}"
            self._field(f"{prefix}.what", shown)
            self._field_codes(f"{prefix}.type", one.get("type"))
            self._field_codes(f"{prefix}.role", one.get("role"))
            self._field_codes(f"{prefix}.lifecycle", one.get("lifecycle"))
        if len(entities) > _MOST:
            self._field("entity.count", str(len(entities)))
        return list(dict.fromkeys(ids))

    def _may_show(self, entity: Mapping[str, Any]) -> bool:
        """Whether an entity is surely no private person."""
        types, roles = set(_codes(entity.get("type"))), set(_codes(entity.get("role")))
        kinds = {self._type_of(one) for name in ("what", "reference") for one in _items(entity.get(name))} - {
            ""
        }
        if kinds & set(_PRIVATE) or types & set(_PRIVATE):
            return False
        if kinds:
            return True
        if roles & _PRIVATE_ROLES or ("1" in types and not roles & _STAFF_ROLES):
            return False
        return bool(types or roles)

    def _source(self, source: Mapping[str, Any]) -> None:
        observer = _first(source.get("observer"))
        name = self._shown(observer) or _identifier(_first(source.get("identifier")))
        if not name and _text(observer.get("type")) in ("Device", "Organization"):
            name = _text(observer.get("display"))
        site = _text(source.get("site"))
        if isinstance(source.get("site"), dict):
            site = _text(source["site"].get("display")) or self._shown(source["site"])
        if name:
            self.said.columns["component"] = name
        if site:
            self.said.columns["unit"] = site
        self._field_codes("source.type", source.get("type"))

    # -- other resources ----------------------------------------------------------------------------------

    def _link(self, name: str) -> list[str]:
        """The references under a name, noted as a field and as things that can be looked up."""
        found: dict[str, None] = {}
        for one in _items(self.resource.get(name))[:_MOST]:
            one = one["reference"] if isinstance(one.get("reference"), dict) else one
            kind = self._type_of(one)
            if not _text(one.get("reference")) or not kind or kind in _PRIVATE:
                continue
            shown = self._shown(one)
            found[shown] = None
            self._refer(shown)
        self._field(name, "; ".join(found))
        return list(found)

    def _other(self) -> None:
        resource, columns = self.resource, self.said.columns
        is_private = self.type in _PRIVATE
        own_id = "" if is_private else _text(resource.get("id"))
        self._field("resourceType", self.type)
        self._field("id", own_id)
        status = _text(resource.get("status")) or next(iter(_codes(resource.get("clinicalStatus"))), "")
        self._field("status", status)
        what: list[str] = []
        if not is_private:
            for name in _CODES:
                self._field_codes(name, resource.get(name))
                what = what or _names(resource.get(name))
            links = {name: self._link(name) for name in _LINKS}
            self._identifiers()
            self._actor()
            self._place()
            subject = self._shown(_first(resource.get("subject")))
            if self.type == "Provenance" and links["target"]:
                columns["subject"] = links["target"][0]
            elif own_id:
                columns["subject"] = f"{self.type}/{own_id}"
            if subject and not subject.startswith("["):
                self._field("subject", subject)
        if self.type == "OperationOutcome":
            what = self._issues()
        words = [*what[:3], *([status] if status else [])]
        text = f"{self.type}: {', '.join(words)}" if words else self.type
        if columns.get("actor"):
            text = f"{text}, by {columns['actor']}" if words else f"{text}: by {columns['actor']}"
        if self.type == "Provenance" and columns.get("subject"):
            text = f"{text} on {columns['subject']}"
        columns["message"] = text[:_LONG]

    def _identifiers(self) -> None:
        if self.type not in _WITHOUT_IDS:
            found = [_identifier(one) for one in _items(self.resource.get("identifier"))[:_MOST]]
            for one in found:
                self._refer(one)
            self._field("identifier", "; ".join(filter(None, found)))

    def _actor(self) -> None:
        for name in _ACTORS:
            for one in _items(self.resource.get(name)):
                inner = next((one[key] for key in _WHO if isinstance(one.get(key), dict)), one)
                if not ({"reference", "identifier"} & set(inner)):
                    continue
                shown = self._shown(inner)
                if shown:
                    self.said.columns["actor"] = shown
                    return

    def _place(self) -> None:
        places = [*_items(self.resource.get("location")), _first(self.resource.get("serviceProvider"))]
        for one in places:
            one = one["location"] if isinstance(one.get("location"), dict) else one
            if self._type_of(one) in ("Location", "Organization"):
                self.said.columns["unit"] = _text(one.get("display")) or self._shown(one)
                return

    def _issues(self) -> list[str]:
        """The codes of an OperationOutcome; its severity is that of its worst issue. Its texts may name a patient."""
        words = [_text(one.get("severity")) for one in _items(self.resource.get("issue"))]
        worst = max(
            (word for word in words if word in _SEVERITIES), key=lambda word: _SEVERITIES[word], default=""
        )
        if worst:
            self.said.columns["severity_text"], self.said.columns["severity"] = worst, _SEVERITIES[worst]
        codes = dict.fromkeys(_text(one.get("code")) for one in _items(self.resource.get("issue")))
        return [worst, *filter(None, codes)] if worst else list(filter(None, codes))

    def _entry(self) -> None:
        """An entry without a resource: what was asked, or how it was answered."""
        request, response = _first(self.resource.get("request")), _first(self.resource.get("response"))
        status = _text(response.get("status"))
        asked = " ".join(
            filter(None, (_text(request.get("method")), _without_persons(_text(request.get("url")))))
        )
        place = _without_persons(_text(response.get("location")))
        self._field("request", asked)
        self._field("response.status", status)
        self._field("response.location", place)
        code = status[:3]
        if code.isdecimal() and len(code) == 3:
            self.said.columns["severity"] = 9 if code < "400" else 17
            self.said.columns["severity_text"] = code
        words = [one for one in (asked, status, place) if one]
        self.said.columns["message"] = f"Bundle entry: {', '.join(words) or 'no resource'}"[:_LONG]


def _without_persons(text: str) -> str:
    """An address or id without the ids of patients and without what was searched for."""
    if "/" in text or "?" in text:
        text = text.partition("?")[0]
    return _PATH_OF_PERSON.sub(lambda found: f"{found[1]}/{_PRIVATE[found[1]]}", text)


def _identifier(identifier: Mapping[str, Any]) -> str:
    """The value of an identifier, "" where its system or type is one of persons."""
    system = _text(identifier.get("system"))
    if _PERSON_NUMBERS.search(system) or _PERSON_TYPES & set(_codes(identifier.get("type"))):
        return ""
    return _without_persons(_text(identifier.get("value")))
