"""`meaning_of`: what a log entry of a PagerDuty incident says happened.

The decision hidden here: which kind each type of log entry is. A trigger puts an incident into the state "triggered"; it
may come again while the incident is open, and so is a status, not a creation. Who was notified is an audience.

References:
    PagerDuty Developer Documentation, REST API v2, Log Entries (types of `LogEntry`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rca.reading.tickets.pieces import Piece

__all__ = ["Meaning", "meaning_of", "severity_of"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an entry means: its kind, a line where the entry has no summary, its audience, identifiers and fields."""

    kind: str
    line: str
    audience: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


_KINDS = {
    "trigger": "ticket.status",
    "acknowledge": "ticket.acknowledged",
    "unacknowledge": "ticket.status",
    "assign": "ticket.assignee",
    "delegate": "ticket.assignee",
    "escalate": "ticket.escalated",
    "repeat_escalation_path": "ticket.escalated",
    "exhaust_escalation_path": "ticket.escalated",
    "notify": "ticket.notified",
    "responder_request": "ticket.notified",
    "add_responder": "ticket.notified",
    "annotate": "ticket.note",
    "resolve": "ticket.resolved",
    "snooze": "ticket.status",
    "unsnooze": "ticket.status",
    "reopen": "ticket.status",
    "reach_trigger_limit": "ticket.change",
    "reach_ack_limit": "ticket.status",
    "urgency_change": "ticket.priority",
    "priority_change": "ticket.priority",
    "merge": "ticket.link",
    "status_update": "status.posted",
}
_STATES = {
    "trigger": "triggered",
    "unacknowledge": "triggered",
    "reach_ack_limit": "triggered",
    "snooze": "snoozed",
    "unsnooze": "triggered",
    "reopen": "triggered",
}
_SEVERITIES = {"info": 9, "warning": 13, "error": 17, "critical": 21}


def severity_of(text: str) -> int | None:
    """The severity number of an alert's severity, None for one that isn't known.

    >>> severity_of("critical"), severity_of("")
    (21, None)
    """
    return _SEVERITIES.get(text.casefold())


def meaning_of(piece: Piece) -> Meaning:
    """What a log entry says happened."""
    name = piece.text("type").removesuffix("_log_entry")
    kind = _KINDS.get(name, "ticket.change")
    people = piece.texts("assignees", "summary", "name") or piece.texts("assigned_users", "summary", "name")
    user = piece.text("user.summary", "user.name")
    fields: dict[str, str] = {}
    audience = [*people, *([user] if user else [])]
    if name in _STATES:
        fields |= {"field": "status", "new": _STATES[name]}
    if name in ("assign", "delegate", "escalate"):
        fields |= {"field": "assignee", "new": ", ".join(people)}
    if name in ("urgency_change", "priority_change"):
        value = piece.text(
            "urgency", "event_details.new_priority.summary", "event_details.new_urgency", "priority.summary"
        )
        fields |= {"field": name.removesuffix("_change"), "new": value}
    if name == "snooze":
        fields |= {"until": piece.text("changed_actions.0.at"), "duration": piece.text("duration")}
    if name == "notify":
        fields |= {
            "notification": piece.text("channel.notification.type", "notification.type"),
            "notification_status": piece.text("channel.notification.status", "notification.status"),
        }
    refs: list[str] = []
    if name == "merge":
        refs = piece.texts("source_incidents", "id") or [
            one for one in (piece.text("source_incident.id"),) if one
        ]
        fields |= {"relation": "merged_from", "phrase": "merged from", "target": ", ".join(refs), "direction": "inward",
                   "asserted": "true"}  # fmt: skip
        kind = kind if refs else "ticket.change"
    return Meaning(kind, name.replace("_", " "), audience, refs, fields)
