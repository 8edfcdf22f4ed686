"""incident.io, FireHydrant and Rootly: incidents with their timestamps, updates, milestones and timeline entries.

The decision hidden here: what three young tools of one kind have in common. An incident has named timestamps that people set
afterwards (detected, mitigated, resolved), updates that change its status, and entries that say what happened when. A time
that was set by hand is when it is said to have happened; the entry's own creation is by when it was known.

References:
    incident.io API v2: Incidents, Incident updates, Actions, Follow-ups; FireHydrant API v1: Incidents, milestones, events;
    Rootly API v1 (JSON:API): incidents, incident-events, action items.
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

__all__ = ["IncidentToolsReader"]

_SIGNS = re.compile(
    r'"incident_status"|"incident_timestamp_values"|"new_incident_status"|"incident_events?"|"current_milestone"|"milestones"'
    r'|"sequential_id"|"mitigated_at"'
)
_LISTS = {"incidents", "incident_updates", "data", "actions", "follow_ups", "response"}
_SINGLE = ("incident", "incident_update", "action", "follow_up", "data")
_OF_RECORD = {"id", "name", "attributes", "message", "reference", "type", "created_at"}
_ROOTLY_TIMES = ("started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at", "closed_at", "cancelled_at",
                 "in_triage_at")  # fmt: skip


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    return ahead[:1] == "[" and key in _LISTS and not members.keys() & _OF_RECORD


def _unwrapped(piece: Piece) -> Piece:
    """The object of an answer that holds a single one, else `piece` itself."""
    return piece if piece.has("id") else piece.piece(*_SINGLE) or piece


def _shape_of(piece: Piece) -> str:
    """What an object is, by the tool that wrote it; "" for none of theirs."""
    piece = _unwrapped(piece)
    said, kind = piece.said, piece.text("type")
    inside = piece.piece("attributes")
    if inside is not None:
        if (
            kind == "incidents"
            and inside.has("title")
            and inside.said.keys() & {"sequential_id", "mitigated_at", "started_at"}
        ):
            return "rootly incident"
        return "rootly event" if kind == "incident_events" and inside.has("event", "occurred_at") else ""
    if "incident_status" in said and "name" in said:
        return "io incident"
    if "incident_id" in said and ("new_incident_status" in said or "new_severity" in said):
        return "io update"
    if (
        "incident_id" in said
        and "title" in said
        and ("assignee" in said or "completed_at" in said)
        and piece.key in ("actions", "follow_ups", "action", "follow_up")
    ):
        return "io action"
    if "milestones" in said and "current_milestone" in said:
        return "hydrant incident"
    if "incident_id" in said and "occurred_at" in said and "visibility" in said and kind:
        return "hydrant event"
    return ""


class IncidentToolsReader:
    """Reads incidents of incident.io, FireHydrant and Rootly; timestamps, updates and entries are events."""

    name = "incident-tools"
    version = "1"
    title = "incident.io, FireHydrant, Rootly: incidents, updates, timelines"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is an incident or entry by its keys, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        told = _Telling(source, self)
        for piece in read_pieces(source, _enter, code="RCA191"):
            told.tell(_unwrapped(piece))
            yield from told.teller.batches()
        told.teller.end()
        yield from told.teller.rest()


class _Telling:
    """One stream on its way."""

    def __init__(self, source: Source, reader: IncidentToolsReader) -> None:
        self.teller = TrackerTeller(source, reader, system="incidents")

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        tell = {
            "io incident": self._tell_io,
            "io update": self._tell_io_update,
            "io action": self._tell_io_action,
            "rootly incident": self._tell_rootly,
            "rootly event": self._tell_rootly_event,
            "hydrant incident": self._tell_hydrant,
            "hydrant event": self._tell_hydrant_event,
        }.get(_shape_of(piece))
        if tell is not None:
            tell(piece)
        else:
            self.teller.pass_over(piece)

    # -- incident.io --------------------------------------------------------------------------------------

    def _tell_io(self, piece: Piece) -> None:
        name = piece.text("reference", "id")
        common: dict[str, Any] = {"record": f"incident.io:{piece.text('id')}"}
        parent = self._tell_incident(
            piece, name, (piece.text("name"), piece.text("summary")), status=piece.text("incident_status.name"),
            severity=piece.text("severity.name"), common=common,
        )  # fmt: skip
        for one in piece.pieces("incident_timestamp_values"):
            self._tell_time(
                one,
                name,
                one.text("incident_timestamp.name"),
                one.text("value.value"),
                parent=parent,
                common=common,
            )
        for one in piece.pieces("incident_role_assignments"):
            who = one.text("assignee.name", "assignee.email")
            if who:
                self.teller.tell_field(
                    name,
                    "ticket.assignee",
                    (one.text("role.name"), "", who),
                    one.place(),
                    parent=parent,
                    audience=[who],
                    **common,
                )

    def _tell_io_update(self, piece: Piece) -> None:
        name = f"incident {piece.text('incident_id')}"
        status, severity = piece.text("new_incident_status.name"), piece.text("new_severity.name")
        text = plain_text(piece.text("message"))
        self.teller.tell(
            "ticket.status" if status else "ticket.note", f"{name} {status or 'update'}: {text}", piece.place(),
            stamp=piece.text("created_at"), subject=name, text=text, actor=piece.text("updater.user.name", "updater.workflow.name", "updater.api_key.name"),
            record=f"incident.io:{piece.text('incident_id')}", severity_text=severity,
            fields={"field": "status" if status else "", "new": status, "severity": severity, "change_id": piece.text("id")},
        )  # fmt: skip

    def _tell_io_action(self, piece: Piece) -> None:
        name = f"incident {piece.text('incident_id')}"
        who = piece.text("assignee.name")
        common: dict[str, Any] = {"record": f"incident.io:{piece.text('incident_id')}", "subject": name}
        parent = self.teller.tell(
            "ticket.change", f"{name} action: {piece.text('title', 'description')}", piece.place(), stamp=piece.text("created_at"),
            actor=piece.text("creator.user.name"), audience=[who] if who else [], text=piece.text("description"),
            fields={"field": "action", "status": piece.text("status"), "assignee": who}, **common,
        )  # fmt: skip
        if piece.text("completed_at"):
            self.teller.tell(
                "ticket.change", f"{name} action completed: {piece.text('title', 'description')}", piece.place("completed_at"),
                stamp=piece.text("completed_at"), parent=parent, fields={"field": "action", "new": "completed"}, **common,
            )  # fmt: skip

    # -- Rootly -------------------------------------------------------------------------------------------

    def _tell_rootly(self, piece: Piece) -> None:
        inside = piece.piece("attributes") or piece
        number = inside.text("sequential_id")
        name = f"incident #{number}" if number else f"incident {piece.text('id')}"
        common: dict[str, Any] = {"record": f"rootly:{piece.text('id')}"}
        parent = self._tell_incident(
            inside, name, (inside.text("title"), inside.text("summary")), status=inside.text("status"),
            severity=inside.text("severity.data.attributes.name", "severity"), common=common,
        )  # fmt: skip
        for field in _ROOTLY_TIMES:
            if inside.text(field):
                self._tell_time(
                    inside,
                    name,
                    field.removesuffix("_at"),
                    inside.text(field),
                    parent=parent,
                    common=common,
                    inner=field,
                )

    def _tell_rootly_event(self, piece: Piece) -> None:
        inside = piece.piece("attributes") or piece
        incident = piece.text("relationships.incident.data.id") or inside.text("incident_id")
        self._tell_entry(
            piece,
            inside,
            f"incident {incident}".strip(),
            f"rootly:{incident or piece.root}",
            inside.text("event"),
        )

    # -- FireHydrant --------------------------------------------------------------------------------------

    def _tell_hydrant(self, piece: Piece) -> None:
        number = piece.text("number")
        name = f"incident #{number}" if number else f"incident {piece.text('id')}"
        common: dict[str, Any] = {"record": f"firehydrant:{piece.text('id')}"}
        parent = self._tell_incident(
            piece, name, (piece.text("name"), piece.text("description", "summary")), status=piece.text("current_milestone"),
            severity=piece.text("severity"), common=common,
        )  # fmt: skip
        for one in piece.pieces("milestones"):
            self._tell_time(
                one,
                name,
                one.text("type", "name"),
                one.text("occurred_at"),
                parent=parent,
                common=common,
                known=one.text("created_at"),
            )

    def _tell_hydrant_event(self, piece: Piece) -> None:
        incident = piece.text("incident_id")
        text = piece.text("data.body", "data.summary", "data.description", "description", "context")
        self._tell_entry(piece, piece, f"incident {incident}", f"firehydrant:{incident}", text)

    # -- what they share ----------------------------------------------------------------------------------

    def _tell_incident(
        self,
        piece: Piece,
        name: str,
        said: tuple[str, str],
        *,
        status: str,
        severity: str,
        common: dict[str, Any],
    ) -> str:
        title, body = said
        fields = {
            "title": title,
            "status": status,
            "updated": piece.text("updated_at"),
            "url": piece.text("permalink", "url", "incident_url"),
        }
        return self.teller.tell_created(
            name, title, piece.place(), body=plain_text(body), stamp=piece.text("created_at"), severity_text=severity, fields=fields,
            actor=piece.text("creator.user.name", "created_by.name", "user.data.attributes.name"), **common,
        )  # fmt: skip

    def _tell_time(
        self,
        piece: Piece,
        name: str,
        what: str,
        stamp: str,
        *,
        parent: str,
        common: dict[str, Any],
        known: str = "",
        inner: str = "",
    ) -> None:
        """A named timestamp of an incident, as somebody set it."""
        if not stamp:
            return
        words = what.casefold()
        kind = "ticket.change"
        if "resolved" in words:
            kind = "ticket.resolved"
        elif "closed" in words or "cancel" in words:
            kind = "ticket.closed"
        elif "acknowledged" in words:
            kind = "ticket.acknowledged"
        self.teller.tell_field(
            name, kind, ("timestamp", "", what.replace("_", " ")), piece.place(inner), stamp=stamp, known=known, parent=parent,
            message=f"{name} {what.replace('_', ' ')}", **common,
        )  # fmt: skip

    def _tell_entry(self, piece: Piece, inside: Piece, name: str, record: str, text: str) -> None:
        plain = plain_text(text)
        self.teller.tell_text(
            name, plain or inside.text("type"), piece.place(), is_public=False, what="timeline entry", record=record,
            who=inside.text("user_display_name", "author.name", "user.name"), stamp=inside.text("occurred_at"), known=inside.text("created_at"),
            fields={"form": "timeline", "type": inside.text("type", "kind"), "visibility": inside.text("visibility"),
                    "entered": inside.text("created_at"), "change_id": piece.text("id")},
        )  # fmt: skip
