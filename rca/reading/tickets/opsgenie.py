"""Opsgenie (and Jira Service Management alerts): alerts, incidents, their logs, notes and timelines, as recorded answers.

The decision hidden here: how answers are told apart that all lie under `data`. An alert has a `tinyId`, a log entry a `log`
with an `owner` and an `offset`, a note a `note` with them; which alert the entries of a log belong to is in the request only.

References:
    Atlassian, Opsgenie Docs: Alert API (alerts, logs, notes, recipients), Incident API (incidents, timeline), Webhook
    integration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.source import Sample, Source
from rca.reading.tickets.desk_telling import plain_text
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape
from rca.reading.tickets.tracker_telling import TrackerTeller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OpsgenieReader"]

_SIGNS = re.compile(r'"tinyId"|"alertId"|"requestId"|"offset"|"eventTime"')
_LISTS = {"data", "entries", "alerts", "incidents", "response"}
_OF_RECORD = {"id", "tinyId", "log", "note", "message", "alertId", "eventTime", "owner"}
_PRIORITIES = {"P1": 21, "P2": 17, "P3": 13, "P4": 9, "P5": 5}
_LOGS = (
    ("ticket.acknowledged", re.compile(r"\backnowledged\b", re.IGNORECASE)),
    ("ticket.closed", re.compile(r"\bclosed?\b", re.IGNORECASE)),
    ("ticket.escalated", re.compile(r"\bescalat", re.IGNORECASE)),
    ("ticket.assignee", re.compile(r"\b(?:ownership|assigned|owner)\b", re.IGNORECASE)),
    ("ticket.notified", re.compile(r"\b(?:notif|e-?mail|sms|voice|call|push|sent to|viewed)", re.IGNORECASE)),
    ("ticket.priority", re.compile(r"\bpriority\b", re.IGNORECASE)),
    ("ticket.note", re.compile(r"\bnote\b", re.IGNORECASE)),
)


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    if members.keys() & _OF_RECORD:
        return False
    if key == "data":
        return (
            ahead[:1] == "["
            or re.match(r'\s*\{\s*"(?:entries|id|nextOffset|tinyId|alias)"', ahead) is not None
        )
    return ahead[:1] == "[" and key in _LISTS


def _shape_of(piece: Piece) -> str:
    """What an object is: alert, incident, log, note, entry or hook; "" for none of Opsgenie's."""
    said = piece.said
    alert = piece.piece("alert")
    if alert is not None and alert.has("alertId") and "action" in said:
        return "hook"
    if "tinyId" in said and "createdAt" in said and "message" in said:
        is_incident = "impactStartDate" in said or "impactedServices" in said or "ownerTeam" in said
        return "incident" if is_incident else "alert"
    if "log" in said and "owner" in said and "createdAt" in said:
        return "log"
    if "note" in said and "owner" in said and "createdAt" in said:
        return "note"
    return "entry" if "eventTime" in said and isinstance(said.get("title"), dict) and "type" in said else ""


class OpsgenieReader:
    """Reads answers of Opsgenie; alerts, incidents, log entries, notes and entries of timelines are events."""

    name = "opsgenie"
    version = "1"
    title = "Opsgenie: alerts, incidents, logs, notes, timelines"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is one of Opsgenie's by its keys, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        told = _Telling(source, self)
        for piece in read_pieces(source, _enter, code="RCA191"):
            told.tell(piece)
            yield from told.teller.batches()
        told.end()
        yield from told.teller.rest()


class _Telling:
    """One stream on its way."""

    def __init__(self, source: Source, reader: OpsgenieReader) -> None:
        self.source = source
        self.teller = TrackerTeller(source, reader, system="opsgenie")
        self.seen: set[str] = set()

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        shape = _shape_of(piece)
        self.seen.add(shape)
        tell = {
            "alert": self._tell_alert,
            "incident": self._tell_incident,
            "log": self._tell_log,
            "note": self._tell_note,
            "entry": self._tell_entry,
            "hook": self._tell_hook,
        }.get(shape)
        if tell is not None:
            tell(piece)
        else:
            self.teller.pass_over(piece)

    def end(self) -> None:
        """What the stream does not contain."""
        if self.seen & {"alert", "incident"} and not self.seen & {"log", "entry"}:
            self.teller.note_absence("logs of the alerts and incidents (who was notified, escalations)")
        if self.seen & {"log", "note", "entry"} and not self.seen & {"alert", "incident"}:
            self.teller.note_absence(
                "the alert or incident that the entries belong to", hint="The request names it."
            )
        self.teller.end()

    def _unnamed(self, piece: Piece) -> dict[str, Any]:
        parent = piece.root.rpartition("/")[0]
        return {"record": f"opsgenie:{self.source.stream_key[:12]}:{parent}"}

    def _tell_alert(self, piece: Piece) -> None:
        teller, name = self.teller, f"alert #{piece.text('tinyId')}"
        priority = piece.text("priority")
        common: dict[str, Any] = {
            "record": f"opsgenie:{piece.text('id')}",
            "component": piece.text("entity", "source"),
        }
        alias = piece.text("alias")
        parent = teller.tell(
            "alert", f"{name} {piece.text('message')}", piece.place(), stamp=piece.text("createdAt"), subject=name,
            severity=_PRIORITIES.get(priority), severity_text=priority, actor=piece.text("integration.name", "source"),
            text=piece.text("description"), refs=[alias] if alias else [],
            fields={"status": piece.text("status"), "count": piece.text("count"), "last_occurred": piece.text("lastOccurredAt"),
                    "owner": piece.text("owner"), "tags": ", ".join(piece.texts("tags")), "updated": piece.text("updatedAt"),
                    "teams": ", ".join(piece.texts("teams", "name", "id"))}, **common,
        )  # fmt: skip
        report = piece.piece("report")
        status = piece.text("status")
        who = report.text("acknowledgedBy") if report else ""
        if who:
            teller.tell(
                "ticket.acknowledged", f"{name} acknowledged by {who}", piece.place("report"), subject=name, actor=who, parent=parent,
                fields={"after_ms": report.text("ackTime") if report else ""}, **common,
            )  # fmt: skip
        if status == "closed":
            closer = report.text("closedBy") if report else ""
            teller.tell(
                "ticket.state", f"{name} status: closed{f' by {closer}' if closer else ''}", piece.place(), subject=name, actor=closer,
                known=piece.text("updatedAt"), parent=parent, fields={"field": "status", "new": "closed",
                                                                      "after_ms": report.text("closeTime") if report else ""}, **common,
            )  # fmt: skip

    def _tell_incident(self, piece: Piece) -> None:
        name = f"incident #{piece.text('tinyId')}"
        common: dict[str, Any] = {"record": f"opsgenie:{piece.text('id')}", "unit": piece.text("ownerTeam")}
        title = piece.text("message")
        parent = self.teller.tell_created(
            name, title, piece.place(), body=piece.text("description"), stamp=piece.text("createdAt"), severity_text=piece.text("priority"),
            fields={"title": title, "status": piece.text("status"), "tags": ", ".join(piece.texts("tags")), "updated": piece.text("updatedAt"),
                    "services": ", ".join(piece.texts("impactedServices"))}, **common,
        )  # fmt: skip
        if piece.text("impactStartDate"):
            self.teller.tell_field(
                name, "ticket.change", ("impact", "", "began"), piece.place("impactStartDate"), stamp=piece.text("impactStartDate"),
                end=piece.text("impactEndDate"), known=piece.text("createdAt"), parent=parent, **common,
            )  # fmt: skip
        status = piece.text("status")
        if status in ("resolved", "closed"):
            self.teller.tell(
                "ticket.state", f"{name} status: {status}", piece.place(), subject=name, parent=parent, known=piece.text("updatedAt"),
                fields={"field": "status", "new": status}, **common,
            )  # fmt: skip

    def _tell_log(self, piece: Piece) -> None:
        text = piece.text("log")
        kind = next((kind for kind, pattern in _LOGS if pattern.search(text)), "ticket.change")
        self.teller.tell(
            kind, f"alert: {text}", piece.place(), stamp=piece.text("createdAt"), actor=piece.text("owner"),
            fields={"type": piece.text("type"), "offset": piece.text("offset")}, **self._unnamed(piece),
        )  # fmt: skip

    def _tell_note(self, piece: Piece) -> None:
        self.teller.tell_text(
            "alert", piece.text("note"), piece.place(), is_public=False, who=piece.text("owner"), stamp=piece.text("createdAt"),
            fields={"offset": piece.text("offset")}, **self._unnamed(piece),
        )  # fmt: skip

    def _tell_entry(self, piece: Piece) -> None:
        title, text = (
            piece.text("title.content"),
            plain_text(piece.text("description.content", "description.name")),
        )
        kind = piece.text("type")
        told = (
            "ticket.note"
            if "note" in kind.casefold()
            else "ticket.status"
            if "status" in kind.casefold()
            else "ticket.change"
        )
        self.teller.tell(
            told, f"incident: {title}{': ' + text if text else ''}", piece.place(), stamp=piece.text("eventTime"), text=text,
            actor=piece.text("actor.name"), fields={"type": kind, "group": piece.text("group"), "change_id": piece.text("id"),
                                                    "hidden": "true" if piece.flag("hidden") else ""}, **self._unnamed(piece),
        )  # fmt: skip

    def _tell_hook(self, piece: Piece) -> None:
        alert = piece.piece("alert") or piece
        action, name = piece.text("action"), f"alert #{alert.text('tinyId')}"
        kinds = {"Create": "alert", "Acknowledge": "ticket.acknowledged", "Close": "ticket.closed", "AddNote": "ticket.note",
                 "AssignOwnership": "ticket.assignee", "Escalate": "ticket.escalated", "UpdatePriority": "ticket.priority"}  # fmt: skip
        stamp = alert.text("createdAt") if action == "Create" else alert.text("updatedAt", "createdAt")
        self.teller.tell(
            kinds.get(action, "ticket.change"), f"{name} {action}: {alert.text('note', 'message')}", piece.place(), stamp=stamp,
            subject=name, actor=alert.text("username"), record=f"opsgenie:{alert.text('alertId')}", severity_text=alert.text("priority"),
            fields={"action": action, "source": piece.text("source.name")},
        )  # fmt: skip
