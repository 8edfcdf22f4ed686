"""`ZendeskEvents`: what Zendesk's tickets, audits and comments say happened.

The decision hidden here: the meaning of the events of an audit. Each is an event of its own: a comment (public or an internal
note), a changed field, a notification. The fields that a ticket was created with are its creation: the first is told as
`ticket.created` with all of them, the others as `ticket.created.field`. A comment that stands both in the ticket's comments
and in its audits is told once. Stamps are UTC as written.

References:
    Zendesk developer documentation: "Ticket Audit events reference", "Ticket Comments" (public), "Tickets" (problem_id,
    followup_ids, via), "Via object", "Ticket Metrics", "Ticket Metric Events", "Ticket events" (webhooks).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.source import Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import DeskTeller, facts_of, kind_of_field, said_of

__all__ = ["NOTIFIED", "SAID", "ZendeskEvents", "inner_of"]

Placer = Callable[[str], Place]
NOTIFIED = frozenset({
    "Notification", "NotificationWithCcs", "Cc", "SmsNotification", "FollowerNotificationEvent", "OrganizationActivity",
    "External", "Push", "FollowerNotification", "TranslatedNotification", "MessagingNotification", "SurveyOffered",
    "SatisfactionSurveyOffered", "AnswerBotNotification",
})  # fmt: skip
SAID = frozenset({
    "Comment", "VoiceComment", "VoiceApiComment", "FacebookComment", "FacebookEvent", "Tweet", "LogMeInTranscript", "ChatEndedEvent",
    "ChatStartedEvent", "ChatFileAttachment", "AnyChannelComment",
})  # fmt: skip
_FACTS = (
    "type", "external_id", "via", "requester_id", "submitter_id", "organization_id", "group_id", "brand_id", "ticket_form_id",
    "recipient", "due_at", "tags", "url",
)  # fmt: skip
_STATE = (
    "status",
    "custom_status_id",
    "priority",
    "type",
    "assignee_id",
    "group_id",
    "tags",
    "due_at",
    "satisfaction_rating",
)
_LINKS = (
    ("problem_id", "incident of problem", "relates to"),
    ("followup_source_id", "follow-up of", "follow up of"),
)


class ZendeskEvents:
    """Tells the events of Zendesk's objects; `names` are those of users and groups by id."""

    def __init__(self, source: Source, reader: Any) -> None:
        self.teller = DeskTeller(source, reader, system="zendesk")
        self.names: dict[str, str] = {}
        self.seen: set[str] = set()
        self.said: set[tuple[str, str]] = set()
        self.unnamed = f"zendesk:{source.stream_key[:12]}"

    def name(self, value: object) -> str:
        """The name of a user or group by its id, else the id."""
        identity = text_of(value)
        return self.names.get(identity, identity) if identity not in ("0", "-1") else "system"

    def finish(self) -> None:
        """The coverage notes."""
        if "ticket" in self.seen:
            self.teller.miss(
                {
                    "status history (no ticket audits)": bool(
                        self.seen & {"audit", "ticket_event", "webhook"}
                    ),
                    "comments": bool(self.seen & {"comment", "audit"}),
                },
                hint="Ask for the tickets' audits, which hold both: a ticket alone has only its last state.",
            )
        elif "audit" in self.seen or "comment" in self.seen:
            self.teller.note_absence("the tickets themselves (subject, last state)")

    # -- tickets ------------------------------------------------------------------------------------------

    def tell_ticket(self, ticket: dict[str, Any], place: Placer) -> None:
        """A ticket, with the audits, comments and metrics that stand in it."""
        self.seen.add("ticket")
        teller = self.teller
        key = text_of(ticket.get("id"))
        subject = text_of(ticket.get("subject")) or text_of(ticket.get("raw_subject"))
        description = text_of(ticket.get("description"))
        common: dict[str, Any] = {"record": teller.record_of(key), "unit": self.name(ticket.get("group_id"))}
        is_created_here = not _has_creation(ticket)
        parent = ""
        if is_created_here:
            parent = teller.tell(
                "ticket.created",
                f"{key} created: {subject or description}",
                place(""),
                stamp=text_of(ticket.get("created_at")),
                subject=key,
                actor=self.name(ticket.get("submitter_id") or ticket.get("requester_id")),
                channel=text_of(dig(ticket, "via", "channel")),
                text="\n".join(filter(None, (subject, description))),
                refs=[key],
                fields={
                    **facts_of(ticket, _FACTS),
                    **({"via": text_of(dig(ticket, "via", "channel"))} if ticket.get("via") else {}),
                },
                **common,
            )
        history = [one for one in list_of(ticket.get("audits")) if isinstance(one, dict)]
        if not history:
            teller.tell(
                "ticket.state",
                f"{key} as exported: {text_of(ticket.get('status')) or 'no status given'}",
                place(""),
                stamp=text_of(ticket.get("updated_at")),
                time_kind=TimeKind.MODIFIED,
                subject=key,
                parent=parent,
                fields=facts_of(ticket, _STATE),
                **common,
            )
        self._tell_links(ticket, key, parent, place)
        for number, one in enumerate(list_of(ticket.get("comments"))):
            if isinstance(one, dict):
                self.tell_comment(one, inner_of(place, f"/comments/{number}"), ticket=key, parent=parent)
        for number, one in enumerate(list_of(ticket.get("audits"))):
            if isinstance(one, dict):
                self.tell_audit(one, inner_of(place, f"/audits/{number}"), ticket=key, parent=parent)

    def _tell_links(self, ticket: dict[str, Any], key: str, parent: str, place: Placer) -> None:
        known = text_of(ticket.get("updated_at"))
        more = {"parent": parent, "known": known}
        for name, phrase, relation in _LINKS:
            target = text_of(ticket.get(name))
            if target and target != "0":
                self.teller.tell_link(
                    key, phrase, target, place(f"/{name}"), relation=relation, field=name, **more
                )
        for number, one in enumerate(list_of(ticket.get("followup_ids"))):
            if text_of(one):
                self.teller.tell_link(
                    key, "followed up by", text_of(one), place(f"/followup_ids/{number}"), relation="precedes",
                    field="followup_ids", **more,
                )  # fmt: skip
        source = dict_of(dig(ticket, "via", "source"))
        target = text_of(dig(source, "from", "ticket_id"))
        if (
            target
            and text_of(source.get("rel")) == "follow_up"
            and not text_of(ticket.get("followup_source_id"))
        ):
            self.teller.tell_link(
                key, "follow-up of", target, place("/via"), relation="follow up of", field="via", **more
            )

    # -- comments -----------------------------------------------------------------------------------------

    def tell_comment(
        self,
        comment: dict[str, Any],
        place: Placer,
        *,
        ticket: str = "",
        parent: str = "",
        audit: Mapping[str, Any] | None = None,
    ) -> None:
        """A comment, from a list of comments or out of an audit; its attachments are events of their own."""
        self.seen.add("comment")
        key = ticket or text_of(comment.get("ticket_id"))
        identity = text_of(comment.get("id"))
        if identity and (key, identity) in self.said:
            return
        self.said.add((key, identity))
        record = self.teller.record_of(key) if key else self.unnamed
        if not key:
            self.teller.note_absence(
                "the number of the ticket that the comments belong to", hint="The request names it."
            )
        data = dict_of(comment.get("data"))
        kind = text_of(comment.get("type")) or "Comment"
        body = next(
            filter(None, (text_of(comment.get(n)) for n in ("plain_body", "body", "html_body", "value"))),
            text_of(data.get("transcription_text")),
        )
        is_public = comment.get("public") is not False and text_of(comment.get("public")) != "false"
        whole = {**(audit or {}), **{k: v for k, v in comment.items() if v is not None}}
        facts = {
            "comment_id": identity,
            "audit_id": text_of(comment.get("audit_id")) or text_of(dict_of(audit).get("id")),
            "type": kind,
            **({} if "public" in comment else {"public": "not stated"}),
            **{f"call.{k}": text_of(v) for k, v in data.items() if text_of(v)},
        }
        stamp = text_of(comment.get("created_at")) or text_of(dict_of(audit).get("created_at"))
        told = self.teller.tell_text(
            key or "ticket",
            body,
            place(""),
            is_public=is_public,
            who=self.name(whole.get("author_id")),
            what="" if kind == "Comment" else f"{'comment' if is_public else 'note'} ({kind})",
            record=record,
            parent=parent,
            stamp=stamp,
            channel=text_of(dig(whole, "via", "channel")),
            fields={k: v for k, v in facts.items() if v},
        )
        for number, one in enumerate(list_of(comment.get("attachments"))):
            if isinstance(one, dict):
                self._tell_file(one, place(f"/attachments/{number}"), key, record, told, stamp, whole)

    def _tell_file(
        self,
        one: dict[str, Any],
        place: Place,
        key: str,
        record: str,
        parent: str,
        stamp: str,
        whole: dict[str, Any],
    ) -> None:
        self.teller.tell_file(
            key or "ticket",
            text_of(one.get("file_name")) or text_of(one.get("name")),
            place,
            record=record,
            parent=parent,
            stamp=stamp,
            actor=self.name(whole.get("author_id")),
            fields=facts_of(
                one,
                (
                    "file_name",
                    "name",
                    "content_type",
                    "size",
                    "content_url",
                    "malware_scan_result",
                    "deleted",
                ),
            ),
        )

    # -- audits -------------------------------------------------------------------------------------------

    def tell_audit(self, audit: dict[str, Any], place: Placer, *, ticket: str = "", parent: str = "") -> None:
        """The events of an audit: all at its time, by its author."""
        self.seen.add("audit")
        key = text_of(audit.get("ticket_id")) or ticket
        events = [(n, one) for n, one in enumerate(list_of(audit.get("events"))) if isinstance(one, dict)]
        initial = {
            text_of(one.get("field_name")): said_of(one.get("value"))
            for _, one in events
            if text_of(one.get("type")) == "Create"
        }
        state = {"created": parent, "initial": initial}
        for number, one in events:
            self.tell_event(one, inner_of(place, f"/events/{number}"), key, audit, state)

    def tell_event(
        self, one: dict[str, Any], place: Placer, key: str, audit: dict[str, Any], state: dict[str, Any]
    ) -> None:
        """One event of an audit; `state` holds how the ticket was created."""
        kind = text_of(one.get("type"))
        if kind in SAID:
            self.tell_comment(one, place, ticket=key, parent=state["created"], audit=audit)
            return
        via = dict_of(one.get("via")) or dict_of(audit.get("via"))
        common: dict[str, Any] = {
            "record": self.teller.record_of(key) if key else self.unnamed,
            "parent": state["created"],
            "stamp": text_of(one.get("created_at")) or text_of(audit.get("created_at")),
            "actor": self.name(one.get("author_id") or audit.get("author_id")),
            "channel": text_of(via.get("channel")),
        }
        facts = {
            "audit_id": text_of(audit.get("id")),
            "type": kind,
            "via": said_of(dig(via, "source", "from", "title")) or text_of(dig(via, "source", "rel")),
            "via_ticket": text_of(dig(via, "source", "from", "ticket_id")),
        }
        facts = {name: value for name, value in facts.items() if value}
        subject = key or "ticket"
        if kind == "Create":
            self._tell_create(one, place(""), subject, state, facts, common)
        elif kind in NOTIFIED:
            self._tell_notified(one, place(""), subject, facts, common)
        elif kind == "CommentPrivacyChange":
            new = "public" if text_of(one.get("public")) == "true" else "internal"
            facts["comment_id"] = text_of(one.get("comment_id"))
            self.teller.tell_change(subject, "comment privacy", ("", new), place(""), fields=facts, **common)
        elif kind == "Error":
            message = text_of(one.get("message")) or text_of(one.get("body"))
            self.teller.tell(
                "ticket.change",
                f"{subject} error: {message}",
                place(""),
                subject=subject,
                fields={"field": "error", **facts},
                **common,
            )
        else:
            self._tell_changed(one, place(""), subject, kind, facts, common)

    def _tell_create(
        self,
        one: dict[str, Any],
        place: Place,
        subject: str,
        state: dict[str, Any],
        facts: dict[str, str],
        common: dict[str, Any],
    ) -> None:
        field, value = text_of(one.get("field_name")), said_of(one.get("value"))
        if state["created"]:
            self.teller.tell(
                "ticket.created.field",
                f"{subject} created with {field}: {self._named(field, value) or '(empty)'}",
                place,
                subject=subject,
                fields={"field": field, "new": value, **facts},
                **common,
            )
            return
        initial = state["initial"]
        told = {f"initial.{name}": text for name, text in initial.items() if text}
        state["created"] = self.teller.tell(
            "ticket.created",
            f"{subject} created: {initial.get('subject') or field}",
            place,
            subject=subject,
            refs=[subject],
            fields={"field": field, "new": value, **facts, **told},
            **common,
        )

    def _tell_notified(
        self, one: dict[str, Any], place: Place, subject: str, facts: dict[str, str], common: dict[str, Any]
    ) -> None:
        found = list_of(one.get("recipients"))
        audience = [self.name(text_of(dict_of(r).get("id")) if isinstance(r, dict) else r) for r in found]
        title = (
            text_of(one.get("subject"))
            or text_of(one.get("body"))
            or text_of(one.get("value"))
            or text_of(one.get("resource"))
        )
        body = text_of(one.get("body"))
        self.teller.tell(
            "ticket.notified",
            f"{subject} notification: {title}" if title else f"{subject} notification",
            place,
            subject=subject,
            audience=[name for name in audience if name],
            text=body if body != title else "",
            time_kind=TimeKind.SENT,
            fields=facts,
            **common,
        )

    def _tell_changed(
        self,
        one: dict[str, Any],
        place: Place,
        subject: str,
        kind: str,
        facts: dict[str, str],
        common: dict[str, Any],
    ) -> None:
        """A changed field, or an event of a kind that is not known: its own words are kept."""
        field = text_of(one.get("field_name")) or kind or "event"
        old, new = said_of(one.get("previous_value")), said_of(one.get("value"))
        if not text_of(one.get("field_name")):
            for names in (
                ("previous_followers", "current_followers"),
                ("previous_email_ccs", "current_email_ccs"),
            ):
                if names[1] in one:
                    old, new = said_of(one.get(names[0])), said_of(one.get(names[1]))
            rest = {
                n: said_of(v)
                for n, v in one.items()
                if n not in ("id", "type", "via", "value", "previous_value")
            }
            facts = {**facts, **{n: v for n, v in rest.items() if v}}
            new = (
                new
                or said_of(one.get("score"))
                or said_of(one.get("macro_title"))
                or said_of(one.get("action"))
                or said_of(one.get("body"))
            )
        change = (self._named(field, old), self._named(field, new))
        if not any(change):
            line = (
                f"{subject} {field}" if not text_of(one.get("field_name")) else f"{subject} {field} emptied"
            )
            self.teller.tell(
                kind_of_field(field), line, place, subject=subject, fields={"field": field, **facts}, **common
            )
            return
        if field == "problem_id" and new:
            self.teller.tell_link(
                subject,
                "incident of problem",
                new,
                place,
                relation="relates to",
                field=field,
                old=old,
                fields=facts,
                **common,
            )
            return
        self.teller.tell_change(subject, field, change, place, fields=facts, **common)

    def _named(self, field: str, value: str) -> str:
        """The value of a field that holds an id, with the name where it is known."""
        if field in ("assignee_id", "group_id", "requester_id", "submitter_id", "organization_id"):
            found = self.names.get(value)
            return f"{found} ({value})" if found else value
        return value


def inner_of(place: Placer, pointer: str) -> Placer:
    """A placer for what stands at `pointer` of a record."""
    return lambda more: place(pointer + more)


def _has_creation(ticket: Mapping[str, Any]) -> bool:
    """Whether the ticket's own audits tell how it was created."""
    return any(
        text_of(dict_of(one).get("type")) == "Create"
        and kind_of_field(text_of(dict_of(one).get("field_name")))
        for audit in list_of(ticket.get("audits"))
        for one in list_of(dict_of(audit).get("events"))
    )
