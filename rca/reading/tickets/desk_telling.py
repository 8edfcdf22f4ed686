"""`DeskTeller`: how the things that happen to a ticket of a service desk are told, the same for every product.

The decision hidden here: which kind a changed field is, how a change and a link read as one line, and what goes into their
fields. A field counts by its name with small letters and without marks, in English and in the names that products use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.reading.json_fields import text_of
from rca.reading.source import Source
from rca.reading.telling import Place, Teller
from rca.reading.tickets.links import relation_of

__all__ = ["CODE", "DeskTeller", "facts_of", "kind_of_field", "numbers_in", "plain_text", "said_of"]

CODE = "RCA191"
_MANY = 100
_DEPTH = 8
_STATUS = frozenset({
    "state", "status", "statusid", "stateid", "incidentstate", "ticketstate", "customstatusid", "problemstate", "substate",
    "stateupdate", "pendingstate", "changestate", "ticketstatus",
})  # fmt: skip
_ASSIGNEE = frozenset({
    "assignedto", "assignmentgroup", "assignee", "assigneeid", "group", "groupid", "groupname", "queue", "queueid", "owner",
    "ownerid", "ownerupdate", "responder", "responderid", "responsible", "responsibleid", "responsibleupdate", "agent",
    "agentid", "team", "teamid", "workgroup", "workgroupid", "assignedgroup", "assignedagent", "move", "internalgroupid",
    "internalagentid",
})  # fmt: skip
_PRIORITY = frozenset({
    "priority", "priorityid", "urgency", "impact", "severity", "priorityupdate", "finalpriority", "initialpriority",
})  # fmt: skip
_LINK = frozenset({
    "problemid", "rfc", "causedby", "parent", "parentid", "parentincident", "duplicateof", "linkedid", "mergedinto", "problem",
})  # fmt: skip
_NUMBER = re.compile(
    r"\b(?:INC|PRB|CHG|RITM|REQ|SCTASK|CTASK|PTASK|TASK|CS|HRC|SIR|KB|STRY|Ticket#|SR|PBI|WO)-?\d{3,12}\b"
)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h[1-6]|blockquote)\s*>", re.IGNORECASE)
_TAG = re.compile(r"<(?:/?[A-Za-z][\w:-]*(?:\s[^<>]*)?/?|!--[^<>]*--)>")
_MARKUP = re.compile(
    r"</?(?:p|br|div|span|a|b|i|ul|ol|li|table|td|tr|html|body|strong|em|img|pre|code)\b[^<>]*>",
    re.IGNORECASE,
)


def kind_of_field(field: str) -> str:
    """The kind of event that a change to a field called `field` is.

    >>> kind_of_field("assignment_group"), kind_of_field("StateUpdate"), kind_of_field("subject")
    ('ticket.assignee', 'ticket.status', 'ticket.change')
    """
    plain = re.sub(r"[\W_]+", "", field).casefold()
    for kind, names in (
        ("ticket.status", _STATUS),
        ("ticket.assignee", _ASSIGNEE),
        ("ticket.priority", _PRIORITY),
        ("ticket.link", _LINK),
    ):
        if plain in names:
            return kind
    return "ticket.change"


def numbers_in(*texts: str) -> list[str]:
    """The numbers of tickets that stand in texts, each once.

    >>> numbers_in("see PRB0040001, as INC0010002", "INC0010002")
    ['PRB0040001', 'INC0010002']
    """
    return list(dict.fromkeys(found[0] for text in texts for found in _NUMBER.finditer(text[:100_000])))


def plain_text(text: str) -> str:
    r"""`text` without markup where it is HTML; anything else stays as it is.

    >>> plain_text("<div>No reply<br>from the lab</div>"), plain_text("pO2 < 8 and > 6")
    ('No reply\nfrom the lab', 'pO2 < 8 and > 6')
    """
    if "<" not in text or not _MARKUP.search(text):
        return text
    from html import unescape

    return unescape(_TAG.sub("", _BREAK.sub("\n", text))).strip()


def said_of(value: object, depth: int = 0) -> str:
    """A JSON value as text: lists joined, objects by their names and values; what lies deeper than anybody reads is left out.

    >>> said_of(["ward", {"bed": "3", "note": None}])
    'ward, bed=3'
    """
    if depth > _DEPTH:
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, (said_of(one, depth + 1) for one in value[:1_000])))
    if isinstance(value, dict):
        parts = ((str(name), said_of(one, depth + 1)) for name, one in list(value.items())[:100])
        return "; ".join(f"{name}={one}" for name, one in parts if one)
    return text_of(value)


def facts_of(value: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """The members of these names that say something, as text."""
    found = {name: said_of(value.get(name)) for name in names}
    return {name: text for name, text in found.items() if text}


class DeskTeller(Teller):
    """A `Teller` of tickets: says changes, links and texts in one way, and bounds its issues."""

    def __init__(self, source: Source, reader: Any, *, system: str, **more: Any) -> None:
        super().__init__(source, reader, source_kind=SourceKind.TICKET, code=CODE, **more)
        self.system = system
        self._issues: dict[str, int] = {}

    def record_of(self, ticket: str) -> str:
        """The record id of a ticket."""
        return f"{self.system}:{ticket}"

    def tell_change(
        self,
        ticket: str,
        field: str,
        change: tuple[str, str],
        place: Place,
        *,
        label: str = "",
        target: str = "",
        **more: Any,
    ) -> str:
        """A change of `field` from the first to the second of `change`; "" stands for nothing.

        A field that holds a link gives a link to its new value; where only the old one is left, the change.
        """
        old, new = change
        kind = kind_of_field(field)
        if kind == "ticket.link" and new:
            return self.tell_link(ticket, label or field, target or new, place, field=field, old=old, **more)
        if kind == "ticket.link":
            kind = "ticket.change"
        fields = {"field": field, "old": old, "new": new, **more.pop("fields", {})}
        line = f"{ticket} {label or field}: {old or '(empty)'} → {new or '(empty)'}"
        return self.tell(
            kind,
            line,
            place,
            record=more.pop("record", self.record_of(ticket)),
            subject=ticket,
            fields=fields,
            **more,
        )

    def tell_link(
        self,
        ticket: str,
        phrase: str,
        target: str,
        place: Place,
        *,
        relation: str = "",
        direction: str = "outward",
        field: str = "",
        old: str = "",
        **more: Any,
    ) -> str:
        """A link from `ticket` to `target`; `relation` is the plain phrase where the product's own says it otherwise."""
        fields = {
            "relation": relation_of(relation or phrase).value,
            "phrase": phrase,
            "target": target,
            "direction": direction,
            "asserted": "true",
            "field": field,
            "old": old,
            **more.pop("fields", {}),
        }
        return self.tell(
            "ticket.link",
            f"{ticket} {phrase}: {target}",
            place,
            record=more.pop("record", self.record_of(ticket)),
            subject=ticket,
            refs=[target],
            fields={name: value for name, value in fields.items() if value != ""},
            **more,
        )

    def tell_text(
        self,
        ticket: str,
        text: str,
        place: Place,
        *,
        is_public: bool,
        who: str = "",
        what: str = "",
        **more: Any,
    ) -> str:
        """A comment that the reporter may read, or an internal note. `what` names it where it isn't simply that."""
        plain = plain_text(text)
        head = f"{ticket} {what or ('comment' if is_public else 'note')}{f' by {who}' if who else ''}"
        return self.tell(
            "ticket.comment" if is_public else "ticket.note",
            f"{head}: {plain}" if plain.strip() else head,
            place,
            record=more.pop("record", self.record_of(ticket)),
            subject=ticket,
            actor=who,
            text=plain,
            refs=[*more.pop("refs", ()), *(n for n in numbers_in(plain) if n != ticket)],
            fields={"internal": "false" if is_public else "true", **more.pop("fields", {})},
            **more,
        )

    def tell_file(self, ticket: str, name: str, place: Place, **more: Any) -> str:
        """A file that was attached to a ticket."""
        return self.tell(
            "ticket.attachment",
            f"{ticket} attachment: {name or '(without a name)'}",
            place,
            record=more.pop("record", self.record_of(ticket)),
            subject=ticket,
            **more,
        )

    def complain(
        self,
        what: str,
        *,
        place: str = "",
        hint: str = "",
        severity: Severity = Severity.WARNING,
        detail: str = "",
    ) -> None:
        """An issue; of those with the same `what` only the first hundred, since more would say nothing new."""
        self._issues[what] = self._issues.get(what, 0) + 1
        if self._issues[what] <= _MANY:
            self.source.issue(
                self.code, severity, f"{what}: {detail}" if detail else what, place=place, hint=hint
            )

    def miss(self, given: Mapping[str, bool] | Iterable[tuple[str, bool]], *, hint: str = "") -> None:
        """Coverage notes for each thing that was not `given`."""
        pairs = given.items() if isinstance(given, Mapping) else given
        for what, is_there in pairs:
            if not is_there:
                self.note_absence(what, hint=hint)
