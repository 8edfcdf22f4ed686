"""PagerDuty: incidents, log entries, notes, alerts, change events, status pages and webhooks, as recorded answers.

The decision hidden here: what each type of object means, and that a reference is none: `…_reference` twins repeat an object
that stands elsewhere. Log entries are the history of an incident. Posts of a status page are public claims. Offsets differ
within one API (notes have the account's, the rest UTC), so each stamp keeps its own.

References:
    PagerDuty Developer Documentation, REST API v2: Incidents, Log Entries, Alerts, Change Events, Status Pages; Webhooks v3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.moments.moment import TimeKind
from rca.reading.json_fields import text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.desk_telling import plain_text
from rca.reading.tickets.pagerduty_entries import meaning_of, severity_of
from rca.reading.tickets.pieces import Piece, note_total, read_pieces, says_shape, wrapper_tail
from rca.reading.tickets.tracker_telling import TrackerTeller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PagerdutyReader"]

_SIGNS = re.compile(
    r'pagerduty|_log_entry"|"status_page_post|"incident_reference"|"past_incidents"|"outlier_incident"|"incident_key"',
    re.IGNORECASE,
)
_LISTS = {
    "incidents", "log_entries", "notes", "alerts", "posts", "post_updates", "past_incidents", "related_incidents", "change_events",
    "status_updates", "messages", "data", "response",
}  # fmt: skip
_SINGLE = (
    "incident", "log_entry", "note", "alert", "post", "post_update", "change_event", "status_update", "postmortem", "outlier_incident",
)  # fmt: skip
_OF_RECORD = {
    "id",
    "type",
    "summary",
    "self",
    "created_at",
    "score",
    "title",
    "status",
    "content",
    "action",
    "webhook",
    "request",
}


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    return not members.keys() & _OF_RECORD and ahead[:1] == "[" and key in _LISTS


def _unwrapped(piece: Piece) -> Piece:
    """The object of an answer that holds a single one (`{"incident": {…}}`), else `piece` itself."""
    if piece.said.keys() & {"id", "type", "score", "relationships", "summary", "event"}:
        return piece
    found = piece.piece(*_SINGLE)
    return found if found is not None and piece.key != "outlier_incident" else piece


def _is_theirs(piece: Piece) -> bool:
    """Whether an object has PagerDuty's address, or one inside it has."""
    links = [piece.text("self", "html_url", "api_url")]
    links += [
        one.text("self", "html_url")
        for one in (
            piece.piece(name) for name in ("service", "incident", "user", "agent", "post", "status_page")
        )
        if one is not None
    ]
    return any(".pagerduty.com" in link for link in links)


def _shape_of(piece: Piece) -> str:
    """What an object is; "" for none of PagerDuty's."""
    piece = _unwrapped(piece)
    said, kind = piece.said, piece.text("type")
    event = piece.piece("event")
    if event is not None and event.has("event_type", "occurred_at"):
        return "hook"
    if kind.endswith("_reference"):
        return "reference" if _is_theirs(piece) or "log_entry" in kind else ""
    if kind.endswith("_log_entry"):
        return "entry"
    if kind in ("status_page_post", "status_page_post_update", "status_page_postmortem"):
        return kind
    inner = piece.piece("incident")
    if inner is not None and ("score" in said or "relationships" in said or piece.key == "outlier_incident"):
        return "similar" if inner.has("id") else ""
    if kind == "change_event" or (
        "timestamp" in said and "summary" in said and _is_theirs(piece) and "source" in said
    ):
        return "change"
    if kind == "alert" and ("alert_key" in said or _is_theirs(piece)):
        return "alert"
    if kind == "incident" or "incident_number" in said or "incident_key" in said:
        return "incident" if _is_theirs(piece) or "incident_number" in said else ""
    if (
        piece.key in ("notes", "note")
        and "content" in said
        and "created_at" in said
        and ("user" in said or "channel" in said)
    ):
        return "note"
    if piece.key in ("status_updates", "status_update") and "message" in said and "created_at" in said:
        return "update" if _is_theirs(piece.piece("sender") or piece) else ""
    return ""


class PagerdutyReader:
    """Reads answers of PagerDuty; incidents, log entries, notes, alerts and public posts are events."""

    name = "pagerduty"
    version = "1"
    title = "PagerDuty: incidents, log entries, notes, alerts, change events, status pages, webhooks"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is one of PagerDuty's by its type and addresses, else 0."""
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

    def __init__(self, source: Source, reader: PagerdutyReader) -> None:
        self.source = source
        self.teller = TrackerTeller(source, reader, system="pagerduty")
        self.seen: dict[str, int] = {}
        self.entries: set[str] = set()
        self.around: dict[str, str] = {}

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        piece = _unwrapped(piece)
        shape = _shape_of(piece)
        self.seen[shape] = self.seen.get(shape, 0) + 1
        self.around |= {name: text_of(piece.around.get(name)) for name in ("total", "more", "limit")}
        tell = {
            "incident": self._tell_incident,
            "entry": self._tell_entry,
            "note": self._tell_note,
            "alert": self._tell_alert,
            "change": self._tell_change,
            "similar": self._tell_similar,
            "status_page_post": self._tell_post,
            "status_page_post_update": self._tell_update,
            "status_page_postmortem": self._tell_update,
            "update": self._tell_status_update,
            "hook": self._tell_hook,
        }.get(shape)
        if tell is not None:
            tell(piece)
        elif shape != "reference":
            self.teller.pass_over(piece)

    def end(self) -> None:
        """What the stream does not contain."""
        teller, seen = self.teller, self.seen
        says = {**{k: v for k, v in self.around.items() if v}, **wrapper_tail(self.source)}
        if says.get("more") == "true":
            teller.note_absence("further pages: the answer says that there are more records")
        elif says.get("total"):
            count = sum(number for shape, number in seen.items() if shape not in ("", "reference"))
            note_total(self.source, count, says["total"], code=teller.code, what="records")
        if seen.get("incident") and not seen.get("entry"):
            teller.note_absence("log entries of the incidents (who was notified, escalations, history)")
        if seen.get("incident") and not seen.get("note"):
            teller.note_absence("notes of the incidents")
        teller.end()

    def _incident_of(self, piece: Piece) -> tuple[str, str]:
        """The name and the record id of the incident that an object belongs to."""
        number = piece.text("incident.id")
        summary = piece.text("incident.summary")
        found = re.match(r"\[#(\d+)\]", summary)
        name = piece.text("incident.incident_number") or (found[1] if found else "")
        if not number:
            found = re.search(r"/incidents/(\w+)", piece.text("self", "html_url"))
            number = found[1] if found else ""
        record = (
            f"pagerduty:{number}"
            if number
            else f"pagerduty:{self.source.stream_key[:12]}:{piece.root.rpartition('/')[0]}"
        )
        return (f"incident #{name}" if name else f"incident {number}".strip(), record)

    # -- incidents ----------------------------------------------------------------------------------------

    def _tell_incident(self, piece: Piece) -> None:
        teller = self.teller
        number = piece.text("incident_number")
        ticket = f"incident #{number}" if number else f"incident {piece.text('id')}"
        common: dict[str, Any] = {
            "record": f"pagerduty:{piece.text('id')}",
            "component": piece.text("service.summary", "service.name"),
            "unit": ", ".join(piece.texts("teams", "summary", "name")),
        }
        names = ("status", "urgency", "incident_key", "assigned_via", "resolve_reason", "description")
        fields = {name: piece.text(name) for name in names}
        fields |= {
            "title": piece.text("title", "summary"),
            "priority": piece.text("priority.summary", "priority.name"),
            "escalation_policy": piece.text("escalation_policy.summary"),
            "alerts": piece.text("alert_counts.all"),
            "updated": piece.text("updated_at"),
            "url": piece.text("html_url"),
        }
        body = piece.text("body.details", "description")
        parent = teller.tell_created(
            ticket, piece.text("title", "description", "summary"), piece.place(), body=body, fields=fields,
            stamp=piece.text("created_at", "created_on"), actor=piece.text("first_trigger_log_entry.agent.summary"),
            severity_text=piece.text("priority.summary", "priority.name", "urgency"), **common,
        )  # fmt: skip
        common["parent"] = parent
        for one in piece.pieces("acknowledgements"):
            who = one.text("acknowledger.summary", "acknowledger.name")
            teller.tell(
                "ticket.acknowledged", f"{ticket} acknowledged{f' by {who}' if who else ''}", one.place(), stamp=one.text("at"),
                actor=who, subject=ticket, **common,
            )  # fmt: skip
        for one in piece.pieces("assignments"):
            who = one.text("assignee.summary", "assignee.name")
            teller.tell_field(
                ticket,
                "ticket.assignee",
                ("assignee", "", who),
                one.place(),
                stamp=one.text("at"),
                audience=[who] if who else [],
                **common,
            )
        for one in piece.pieces("incidents_responders"):
            who = one.text("user.summary", "user.name")
            teller.tell(
                "ticket.notified", f"{ticket} responder {who}: {one.text('state')}", one.place(), stamp=one.text("requested_at", "updated_at"),
                actor=one.text("requester.summary"), audience=[who] if who else [], subject=ticket, text=one.text("message"), **common,
            )  # fmt: skip
        self._tell_resolved(piece, ticket, common)

    def _tell_resolved(self, piece: Piece, ticket: str, common: dict[str, Any]) -> None:
        if piece.text("status") != "resolved":
            return
        changed, actor = (
            piece.text("last_status_change_at", "last_status_change_on"),
            piece.text("last_status_change_by.summary"),
        )
        stamp = piece.text("resolved_at") or changed
        reason = piece.text("resolve_reason.type", "resolve_reason")
        merged = piece.text("resolve_reason.incident.id")
        if stamp:
            self.teller.tell(
                "ticket.resolved", f"{ticket} resolved{f' ({reason})' if reason else ''}", piece.place(), stamp=stamp, subject=ticket,
                actor=actor if stamp == changed else "", fields={"reason": reason}, refs=[merged] if merged else [], **common,
            )  # fmt: skip
        else:
            self.teller.tell(
                "ticket.state",
                f"{ticket} status: resolved",
                piece.place(),
                subject=ticket,
                fields={"new": "resolved"},
                **common,
            )

    def _tell_similar(self, piece: Piece) -> None:
        """An incident that PagerDuty holds similar or related to another, which the answer doesn't name."""
        inner = piece.piece("incident")
        assert inner is not None
        score = piece.text("score")
        why = ", ".join(piece.texts("relationships", "type"))
        self.teller.note_absence(
            "the incident to which these are similar or related",
            hint="The request names it, the answer does not.",
        )
        self.teller.tell_created(
            f"incident {inner.text('id')}", inner.text("title", "summary"), piece.place(), record=f"pagerduty:{inner.text('id')}",
            stamp=inner.text("created_at"), component=inner.text("service.summary"),
            fields={"similarity": score, "related": why, "listed_as": piece.key, "url": inner.text("self"), "status": inner.text("status")},
        )  # fmt: skip

    # -- log entries, notes, alerts, changes --------------------------------------------------------------

    def _tell_entry(self, piece: Piece) -> None:
        number = piece.text("id")
        if number and number in self.entries:
            return
        self.entries.add(number)
        ticket, record = self._incident_of(piece)
        meaning = meaning_of(piece)
        agent = piece.text("agent.summary", "agent.name")
        body = piece.text(
            "channel.content", "channel.details.description", "channel.summary", "event_details.description"
        )
        summary = piece.text("summary") or meaning.line
        fields = {
            "change_id": number,
            "type": piece.text("type"),
            "channel": piece.text("channel.type"),
            "agent_type": piece.text("agent.type").removesuffix("_reference"),
            "url": piece.text("html_url"),
            **meaning.fields,
        }
        self.teller.tell(
            meaning.kind, f"{ticket} {summary}", piece.place(), stamp=piece.text("created_at"), subject=ticket, record=record, actor=agent,
            audience=meaning.audience, refs=meaning.refs, text=body if meaning.kind in ("ticket.note", "status.posted") and body else "",
            fields={**fields, "details": body}, component=piece.text("service.summary"), unit=", ".join(piece.texts("teams", "summary")),
        )  # fmt: skip

    def _tell_note(self, piece: Piece) -> None:
        ticket, record = self._incident_of(piece)
        self.teller.tell_text(
            ticket, piece.text("content"), piece.place(), is_public=False, who=piece.text("user.summary", "user.name"), record=record,
            stamp=piece.text("created_at"), fields={"change_id": piece.text("id"), "channel": piece.text("channel.summary", "channel.type")},
        )  # fmt: skip

    def _tell_alert(self, piece: Piece) -> None:
        ticket, record = self._incident_of(piece)
        level = piece.text("severity")
        self.teller.tell(
            "alert", piece.text("summary", "title") or f"alert {piece.text('id')}", piece.place(), stamp=piece.text("created_at"),
            subject=ticket if record else None, component=piece.text("service.summary"), record=record, severity=severity_of(level),
            severity_text=level, actor=piece.text("integration.summary"), refs=[one for one in (piece.text("alert_key"),) if one],
            fields={"alert_id": piece.text("id"), "status": piece.text("status"), "suppressed": "true" if piece.flag("suppressed") else "",
                    "details": piece.text("body.details"), "url": piece.text("html_url"), "updated": piece.text("updated_at")},
        )  # fmt: skip

    def _tell_change(self, piece: Piece) -> None:
        services = ", ".join(piece.texts("services", "summary", "id"))
        self.teller.tell(
            "log.changed", piece.text("summary"), piece.place(), stamp=piece.text("timestamp", "created_at"), actor=piece.text("source"),
            component=services or piece.text("integration.summary"), record=f"pagerduty:change:{piece.text('id')}",
            refs=piece.texts("links", "href"), fields={"correlation": piece.text("correlation_reason.reason")},
        )  # fmt: skip

    # -- status pages, updates, webhooks ------------------------------------------------------------------

    def _tell_post(self, piece: Piece) -> None:
        """A post: for when it says that something happens. What was said, and when, is in its updates."""
        kind = piece.text("post_type")
        record = f"pagerduty:post:{piece.text('id')}"
        parent = self.teller.tell(
            "status.posted", f"{kind or 'post'}: {piece.text('title')}", piece.place(), stamp=piece.text("starts_at", "created_at"),
            end=piece.text("ends_at"), time_kind=TimeKind.SCHEDULED if kind == "maintenance" else TimeKind.STARTED, record=record,
            channel=piece.text("status_page.summary", "status_page.id"), subject=piece.text("title"),
            fields={"post_type": kind, "starts_at": piece.text("starts_at"), "ends_at": piece.text("ends_at")},
        )  # fmt: skip
        updates = list(piece.pieces("updates"))
        for one in updates:
            if one.text("message", "reported_at"):
                self._tell_update(one, record, parent)
        if any(not one.text("message", "reported_at") for one in updates):
            self.teller.note_absence("the texts of the updates of public posts")

    def _tell_update(self, piece: Piece, record: str = "", parent: str = "") -> None:
        post = piece.text("post.id")
        is_review = piece.text("type") == "status_page_postmortem"
        text = plain_text(piece.text("message"))
        states = piece.text("status.summary", "status.name", "status.description")
        is_approved = piece.text("reviewed_status") in ("", "approved")
        head = "postmortem" if is_review else "update"
        self.teller.tell(
            "status.posted", f"public {head}{f' ({states})' if states else ''}: {text}", piece.place(), stamp=piece.text("reported_at"),
            text=text, record=record or f"pagerduty:post:{post or piece.text('id')}", parent=parent,
            severity_text=piece.text("severity.summary", "severity.description"),
            fields={"update_id": piece.text("id"), "reviewed": piece.text("reviewed_status"), "public": "true" if is_approved else "unknown",
                    "subscribers_notified": piece.text("notify_subscribers"), "status": states,
                    "services": ", ".join(piece.texts("impacted_services", "service.summary", "service.id"))},
        )  # fmt: skip

    def _tell_status_update(self, piece: Piece) -> None:
        ticket, record = self._incident_of(piece)
        self.teller.tell(
            "status.posted", f"{ticket} status update: {piece.text('message')}", piece.place(), stamp=piece.text("created_at"),
            actor=piece.text("sender.summary", "sender.name"), subject=ticket, record=record, text=piece.text("message"),
            fields={"change_id": piece.text("id")},
        )  # fmt: skip

    def _tell_hook(self, piece: Piece) -> None:
        """A webhook: what happened to an incident, at the moment that the event names."""
        event = piece.piece("event") or piece
        data = event.piece("data")
        kind = event.text("event_type")
        verb = kind.rpartition(".")[2]
        incident = data.piece("incident") if data is not None and data.text("type") != "incident" else data
        number = incident.text("id") if incident else ""
        label = incident.text("number", "incident_number") if incident else ""
        ticket = f"incident #{label}" if label else f"incident {number}".strip()
        kinds = {
            "triggered": "ticket.created", "acknowledged": "ticket.acknowledged", "resolved": "ticket.resolved",
            "escalated": "ticket.escalated", "delegated": "ticket.assignee", "reassigned": "ticket.assignee",
            "priority_updated": "ticket.priority", "annotated": "ticket.note", "reopened": "ticket.status",
            "unacknowledged": "ticket.status",
        }  # fmt: skip
        told = kinds.get(verb, "status.posted" if "status_update" in kind else "ticket.change")
        text = data.text("content", "message") if data else ""
        title = data.text("title", "summary") if data else ""
        self.teller.tell(
            told, f"{ticket} {verb.replace('_', ' ')}: {text or title}", event.place(), stamp=event.text("occurred_at"), subject=ticket,
            actor=event.text("agent.summary"), record=f"pagerduty:{number}", text=text,
            component=data.text("service.summary") if data else "", fields={"event_type": kind, "change_id": event.text("id"), "title": title},
        )  # fmt: skip
