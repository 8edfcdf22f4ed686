"""What an audit message says: who did what to which object, with what outcome, and nothing of the patient.

The decision hidden here: what of a message may leave the exhibit. Codes, user ids, systems, addresses and the ids of
studies, documents and messages may; names of persons and the ids of patients may not, wherever in the message they
stand. The text of an outcome is kept for events of systems only (start, login, alert), where it speaks of no patient.

References:
    RFC 3881, section 5 (fields and their codes); DICOM PS3.15, A.5; PS3.16, CID 400 and 401; IHE ITI TF-1, 9.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from rca.reading.xml_elements import Element
from rca.reading.xml_meaning import Said

__all__ = ["element_of", "say_audit"]

_MOST = 50  # participants and objects that become fields of their own
_LONG = 400
_DEPTH = 12
_PATIENT = "[patient]"
_SEVERITIES = {"0": 9, "4": 13, "8": 17, "12": 21}
_OUTCOMES = {"0": "success", "4": "minor failure", "8": "serious failure", "12": "major failure"}
_ACTIONS = {"C": "create", "R": "read", "U": "update", "D": "delete", "E": "execute"}
_NAMES = {
    "110100": "Application Activity", "110101": "Audit Log Used", "110102": "Begin Transferring DICOM Instances",
    "110103": "DICOM Instances Accessed", "110104": "DICOM Instances Transferred", "110105": "DICOM Study Deleted",
    "110106": "Export", "110107": "Import", "110108": "Network Entry", "110109": "Order Record",
    "110110": "Patient Record", "110111": "Procedure Record", "110112": "Query", "110113": "Security Alert",
    "110114": "User Authentication", "110120": "Application Start", "110121": "Application Stop", "110122": "Login",
    "110123": "Logout", "110124": "Attach", "110125": "Detach", "110126": "Node Authentication",
    "110127": "Emergency Override Started", "110128": "Network Configuration", "110129": "Security Configuration",
    "110130": "Hardware Configuration", "110131": "Software Configuration", "110132": "Use of Restricted Function",
    "110133": "Audit Recording Stopped", "110134": "Audit Recording Started",
    "110135": "Object Security Attributes Changed", "110136": "Security Roles Changed",
    "110137": "User Security Attributes Changed", "110138": "Emergency Override Stopped",
}  # fmt: skip
"""The events of DICOM PS3.16, CID 400 and 401, for messages that state the code only."""
_OF_SYSTEMS = frozenset({"110100", "110101", "110108", "110113", "110114", *map(str, range(110120, 110139))})
_PERSON, _PATIENT_ROLE = "1", "1"
_STAFF = frozenset(
    {"6", "8", "11", "12", "15"}
)  # user, doctor, security user or group, provider (RFC 3881, 5.5.2)
_OF_PERSONS = frozenset({"1", "2", "4", "5", "7"})  # kinds of patient numbers (RFC 3881, 5.5.4)
_RFC_3881 = ("", "RFC-3881", "RFC3881")
_SEARCH = "10"  # an object id that is what was searched for (RFC 3881, 5.5.4)
_PATIENT_ROLES = frozenset({"PAT", "PATIENT"})
_MESSAGE_IDS = frozenset({"MSH-10", "MESSAGE CONTROL ID"})
_AS_THEY_ARE = frozenset({"code", "csd-code", "codeSystem", "codeSystemName", "displayName", "originalText", "type", "value"})  # fmt: skip
_PATH_OF_PATIENT = re.compile(r"\bPatient/[^/?#\s]+")
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def element_of(name: str, value: Mapping[str, Any], depth: int = 0) -> Element:
    """The element that a camel-cased object of JSON stands for, as OpenHIM keeps audit messages.

    >>> element_of("AuditMessage", {"eventIdentification": {"eventID": {"code": "110114"}}}).children[0].name
    'EventIdentification'
    """
    element = Element(name)
    for key, inner in value.items():
        own = key if key in _AS_THEY_ARE else key[:1].upper() + key[1:]
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict) and "$date" in one:  # as MongoDB exports a date
                date = one["$date"]
                one = date.get("$numberLong") if isinstance(date, dict) else date
            if isinstance(one, dict):
                if depth < _DEPTH:
                    element.children.append(element_of(own, one, depth + 1))
            elif isinstance(one, bool):
                element.attributes[own] = str(one).lower()
            elif isinstance(one, str):
                element.attributes[own] = one
    return element


def say_audit(message: Element) -> Said:
    """What an `AuditMessage` says; its stamp is EventDateTime."""
    return _Audit(message).said


def _attribute(element: Element, *names: str) -> str:
    for name in names:
        value = element.attributes.get(name, "").strip()
        if value and value != "-":
            return " ".join(value.split())
    return ""


def _code(element: Element) -> str:
    return _attribute(element, "csd-code", "code")


def _name(element: Element) -> str:
    """How a code reads: as the message has it, else as the standard has it, else the code itself."""
    return (
        _attribute(element, "displayName", "originalText") or _NAMES.get(_code(element), "") or _code(element)
    )


def _all(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element.children if one.local == name)


class _Audit:
    """One message on its way to columns and fields."""

    def __init__(self, message: Element) -> None:
        event = message.child("EventIdentification") or Element("")
        self.said = Said(stamp=event.attributes.get("EventDateTime", "").strip())
        self.objects = list(_all(message, "ParticipantObjectIdentification"))
        self.hidden = self._patient_ids()
        self.refs: dict[str, None] = {}
        self.message_ids: dict[str, None] = {}
        self.others: list[str] = []
        self._event(event)
        self._participants(list(_all(message, "ActiveParticipant")))
        self._source(message)
        for number, one in enumerate(self.objects[:_MOST], start=1):
            self._object(one, f"ParticipantObject.{number}")
        if len(self.objects) > _MOST:
            self._field("ParticipantObject.count", str(len(self.objects)))
        self._field("MessageControlID", "; ".join(self.message_ids))
        if self.refs:
            self.said.columns["refs"] = list(self.refs)
        self._message(event)

    def _field(self, name: str, value: str) -> None:
        if value:
            self.said.fields[name] = value[:_LONG]

    # -- what is kept back --------------------------------------------------------------------------------

    def _patient_ids(self) -> re.Pattern[str] | None:
        """The ids of the patients of this message, as a pattern that finds them in its other texts.

        An id of up to three characters is looked for as a part of an address only: "1" is in every number.
        """
        ids: set[str] = set()
        for one in self.objects[:_MOST]:
            if not _may_show(one):
                written = _attribute(one, "ParticipantObjectID")
                for part in (written, written.partition("^")[0].strip()):
                    ids |= {part, quote(part, safe="")} if part else set()
        longest = sorted(ids, key=lambda text: (-len(text), text))
        found = [
            rf"(?<!\w){re.escape(text)}(?!\w)" if len(text) > 3 else rf"(?<=/){re.escape(text)}(?=/|$)"
            for text in longest
        ]
        return re.compile("|".join(found)) if found else None

    def _shown(self, text: str) -> str:
        """An id or address as it may leave the exhibit: no patient's id, and of an address no query."""
        if "/" in text:
            text = text.partition("?")[0]
        text = _PATH_OF_PATIENT.sub(f"Patient/{_PATIENT}", text)
        return self.hidden.sub(_PATIENT, text) if self.hidden else text

    # -- parts --------------------------------------------------------------------------------------------

    def _event(self, event: Element) -> None:
        columns = self.said.columns
        outcome = _attribute(event, "EventOutcomeIndicator")
        if outcome:
            columns["severity_text"] = outcome
            columns["severity"] = _SEVERITIES.get(outcome)
        self._field("EventOutcomeIndicator", outcome)
        self._field("EventActionCode", _attribute(event, "EventActionCode"))
        for name in ("EventID", "EventTypeCode", "PurposeOfUse"):
            codes = list(_all(event, name))[:_MOST]
            self._field(name, "; ".join(filter(None, map(_code, codes))))
            self._field(f"{name}.name", "; ".join(filter(None, map(_name, codes))))
            systems = dict.fromkeys(_attribute(one, "codeSystemName", "codeSystem") for one in codes)
            self._field(f"{name}.system", "; ".join(filter(None, systems)))

    def _participants(self, participants: list[Element]) -> None:
        requestors: list[str] = []
        others: list[str] = []
        for number, one in enumerate(participants, start=1):
            roles = list(_all(one, "RoleIDCode"))
            is_patient = any(
                word.upper() in _PATIENT_ROLES for role in roles for word in (_code(role), _name(role))
            )
            written = _attribute(one, "UserID")
            user = _PATIENT if is_patient and written else self._shown(written)
            asks = _attribute(one, "UserIsRequestor").lower()
            if user:
                (requestors if asks in ("true", "1") else others).append(user)
            if number > _MOST:
                continue
            prefix = f"ActiveParticipant.{number}"
            self._field(f"{prefix}.UserID", user)
            self._field(f"{prefix}.UserIsRequestor", asks)
            if not is_patient:
                self._field(f"{prefix}.AlternativeUserID", self._shown(_attribute(one, "AlternativeUserID")))
            self._field(f"{prefix}.RoleIDCode", "; ".join(filter(None, map(_code, roles))))
            self._field(f"{prefix}.RoleIDCode.name", "; ".join(filter(None, map(_name, roles))))
            self._field(
                f"{prefix}.NetworkAccessPointID", self._shown(_attribute(one, "NetworkAccessPointID"))
            )
        if len(participants) > _MOST:
            self._field("ActiveParticipant.count", str(len(participants)))
        if requestors or others:
            actor = self.said.columns["actor"] = (requestors or others)[0]
            self.others = [user for user in dict.fromkeys(others or requestors) if user != actor]

    def _source(self, message: Element) -> None:
        source = message.child("AuditSourceIdentification") or Element("")
        name, site = _attribute(source, "AuditSourceID"), _attribute(source, "AuditEnterpriseSiteID")
        if name:
            self.said.columns["component"] = name
        if site:
            self.said.columns["unit"] = site
        kinds = [_code(one) for one in _all(source, "AuditSourceTypeCode")] or [_code(source)]
        self._field("AuditSourceTypeCode", "; ".join(filter(None, kinds)))

    def _object(self, one: Element, prefix: str) -> None:
        kind = one.child("ParticipantObjectIDTypeCode") or Element("")
        self._field(f"{prefix}.TypeCode", _attribute(one, "ParticipantObjectTypeCode"))
        self._field(f"{prefix}.TypeCodeRole", _attribute(one, "ParticipantObjectTypeCodeRole"))
        self._field(f"{prefix}.DataLifeCycle", _attribute(one, "ParticipantObjectDataLifeCycle"))
        self._field(f"{prefix}.IDTypeCode", _code(kind))
        self._field(f"{prefix}.IDTypeCode.name", _name(kind))
        written = _attribute(one, "ParticipantObjectID")
        if written and _may_show(one):
            shown = self._shown(written)
            self._field(f"{prefix}.ID", shown)
            self._refer(shown)
            trace = _TRACE.fullmatch(written) if _code(kind) == "traceparent" else None
            if trace:
                self.said.columns["trace_id"] = trace[1]
        for detail in _all(one, "ParticipantObjectDetail"):
            if _attribute(detail, "type").upper() in _MESSAGE_IDS:
                message_id = self._shown(_decode(_attribute(detail, "value")))
                if message_id:
                    self.message_ids[message_id] = None
                self._refer(message_id)
        for described in [one, *_all(one, "ParticipantObjectDescription")]:
            for accession in _all(described, "Accession"):
                number = self._shown(_attribute(accession, "Number"))
                self._field(f"{prefix}.Accession", number)
                self._refer(number)
            for step in _all(described, "MPPS"):
                self._field(f"{prefix}.MPPS", _attribute(step, "UID"))

    def _refer(self, text: str) -> None:
        if text and _PATIENT not in text and len(self.refs) < _MOST:
            self.refs[text] = None

    def _message(self, event: Element) -> None:
        said = self.said
        codes = [*_all(event, "EventID"), *_all(event, "EventTypeCode")][:_MOST]
        what = ", ".join(dict.fromkeys(filter(None, map(_name, codes)))) or "Audit message"
        action = _attribute(event, "EventActionCode")
        words = [_ACTIONS.get(action, action)] if action else []
        if said.columns.get("actor"):
            words.append(f"by {said.columns['actor']}")
        if self.others:
            words.append(f"with {self.others[0]}")
        ids = [value for name, value in said.fields.items() if name.endswith(".ID")]
        if ids:
            words.append(f"on {ids[0]}" + (f" and {len(ids) - 1} more" if len(ids) > 1 else ""))
        subject = ids[0] if ids else self.others[0] if self.others else ""
        if subject:
            said.columns["subject"] = subject
        outcome = said.columns.get("severity_text", "")
        text = f"{what}: {' '.join(words)}" if words else what
        if outcome:
            text = f"{text}; {_OUTCOMES.get(outcome, f'outcome {outcome}')}"
        described = self._outcome_text(event)
        self._field("EventOutcomeDescription", described)
        said.columns["message"] = (f"{text}: {described}" if described else text)[:_LONG]

    def _outcome_text(self, event: Element) -> str:
        """The text of the outcome where the event is one of systems and the message names no person."""
        event_id = _code(event.child("EventID") or Element(""))
        if event_id not in _OF_SYSTEMS or any(not _may_show(one) for one in self.objects):
            return ""
        written = event.text_of("EventOutcomeDescription") or _attribute(event, "EventOutcomeDescription")
        return " ".join(written.split())


def _may_show(one: Element) -> bool:
    """Whether the id of an object is surely no private person's."""
    kind, role = (_attribute(one, f"ParticipantObjectTypeCode{part}") for part in ("", "Role"))
    code = one.child("ParticipantObjectIDTypeCode") or Element("")
    system = _attribute(code, "codeSystemName", "codeSystem").upper()
    if role == _PATIENT_ROLE or not kind or (kind == _PERSON and role not in _STAFF):
        return False
    return not (system in _RFC_3881 and _code(code) in (*_OF_PERSONS, _SEARCH))


def _decode(text: str) -> str:
    """The text that base64 holds, "" where it is none."""
    try:
        return " ".join(base64.b64decode(text, validate=True).decode("utf-8").split())
    except (binascii.Error, ValueError):
        return ""
