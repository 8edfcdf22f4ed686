"""`ZendeskFeeds`: ticket events, metrics and webhooks of Zendesk, which say beside tickets and audits what happened.

The decision hidden here: how these other shapes are brought to the events of an audit. A child event of the incremental export
has its fields as members; a webhook has `current` and `previous`; metrics say when a ticket was solved, metric events when a
service level was breached.

References:
    Zendesk developer documentation: "Incremental Exports" (ticket events), "Ticket Metrics", "Ticket Metric Events",
    "Ticket events" (webhooks), "Zendesk Events Connector" (EventBridge).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import facts_of, said_of
from rca.reading.tickets.zendesk_events import NOTIFIED, SAID, ZendeskEvents, inner_of

__all__ = ["ZendeskFeeds"]

Placer = Callable[[str], Place]


class ZendeskFeeds:
    """Tells what ticket events, metrics and webhooks say, through the `ZendeskEvents` of the stream."""

    def __init__(self, events: ZendeskEvents) -> None:
        self.events = events
        self.teller = events.teller

    def tell_metrics(self, ticket: dict[str, Any], place: Placer) -> None:
        """The metrics that stand in a ticket."""
        key = text_of(ticket.get("id"))
        for name in ("metric_set", "metrics"):
            if isinstance(ticket.get(name), dict):
                self.tell_metric(ticket[name], inner_of(place, f"/{name}"), ticket=key)
        for metric, found in dict_of(ticket.get("metric_events")).items():
            for number, one in enumerate(list_of(found)):
                if isinstance(one, dict) and text_of(one.get("time")):
                    where = inner_of(place, f"/metric_events/{metric}/{number}")
                    self.tell_metric_event({"metric": metric, **one}, where, ticket=key)

    def tell_ticket_event(self, event: dict[str, Any], place: Placer) -> None:
        """An audit as the incremental export of ticket events writes it: fields are members of its child events."""
        self.events.seen.add("ticket_event")
        key = text_of(event.get("ticket_id"))
        audit = {
            "id": event.get("id"),
            "ticket_id": key,
            "author_id": event.get("updater_id"),
            "created_at": text_of(event.get("created_at")) or text_of(event.get("timestamp")),
            "via": {"channel": text_of(event.get("via"))},
        }
        state: dict[str, Any] = {"created": "", "initial": {}}
        children = [
            (n, one) for n, one in enumerate(list_of(event.get("child_events"))) if isinstance(one, dict)
        ]
        known = (
            "id",
            "via",
            "via_reference_id",
            "event_type",
            "previous_value",
            "created_at",
            "comment_public",
            "comment_present",
        )
        for number, one in children:
            kind = text_of(one.get("event_type")) or "Change"
            at = inner_of(place, f"/child_events/{number}")
            if kind in SAID or kind in NOTIFIED:
                said = {**one, "type": kind}
                if "comment_public" in one:
                    said["public"] = one["comment_public"]
                self.events.tell_event({k: v for k, v in said.items() if k != "via"}, at, key, audit, state)
                continue
            fields = [name for name in one if name not in known]
            if kind == "Create":
                state["initial"] |= {name: said_of(one[name]) for name in fields}
            for name in fields:
                if name == "custom_ticket_fields":
                    continue
                item = {
                    "type": kind,
                    "field_name": name,
                    "value": one[name],
                    "previous_value": one.get("previous_value"),
                }
                self.events.tell_event(item, at, key, audit, state)
            for name, new in dict_of(one.get("custom_ticket_fields")).items():
                item = {
                    "type": kind,
                    "field_name": name,
                    "value": new,
                    "previous_value": one.get("previous_value"),
                }
                self.events.tell_event(item, at, key, audit, state)

    def tell_metric(self, metric: dict[str, Any], place: Placer, *, ticket: str = "") -> None:
        """When a ticket was solved for the last time, as its metrics state."""
        key = text_of(metric.get("ticket_id")) or ticket
        if not key or not text_of(metric.get("solved_at")):
            return
        self.teller.tell(
            "ticket.resolved",
            f"{key} solved",
            place("/solved_at"),
            record=self.teller.record_of(key),
            subject=key,
            stamp=text_of(metric.get("solved_at")),
            fields=facts_of(
                metric,
                (
                    "reopens",
                    "replies",
                    "assigned_at",
                    "initially_assigned_at",
                    "status_updated_at",
                    "latest_comment_added_at",
                ),
            ),
        )

    def tell_metric_event(self, event: dict[str, Any], place: Placer, *, ticket: str = "") -> None:
        """A clock of a service level: activated, fulfilled, breached."""
        key = text_of(event.get("ticket_id")) or ticket
        kind, metric = text_of(event.get("type")), text_of(event.get("metric"))
        self.teller.tell(
            "ticket.escalated" if kind == "breach" else "ticket.change",
            f"{key} {metric}: {kind}",
            place(""),
            record=self.teller.record_of(key),
            subject=key,
            stamp=text_of(event.get("time")),
            fields={"field": metric, "new": kind, **facts_of(event, ("instance_id", "deleted"))},
        )

    def tell_webhook(self, event: dict[str, Any], place: Placer) -> None:
        """A ticket event as webhooks and EventBridge carry it: `current` and `previous` of one thing."""
        self.events.seen.add("webhook")
        detail = dict_of(event.get("detail"))
        inner = dict_of(detail.get("ticket_event"))
        what = dict_of(event.get("event")) or inner
        ticket = detail if "id" in detail else dict_of(inner.get("ticket"))
        key = text_of(ticket.get("id"))
        name = (
            (text_of(inner.get("type")) or text_of(event.get("type")).rpartition(".")[2] or "event")
            .replace(" ", "_")
            .casefold()
        )
        common: dict[str, Any] = {
            "stamp": text_of(dig(inner, "meta", "occurred_at")) or text_of(event.get("time")),
            "record": self.teller.record_of(key),
        }
        actor = self.events.name(dig(inner, "meta", "actor_id") or detail.get("actor_id"))
        comment = dict_of(what.get("comment"))
        if comment:
            is_public = text_of(comment.get("is_public")) != "false"
            who = self.events.name(dig(comment, "author", "id")) or actor
            self.teller.tell_text(
                key, text_of(comment.get("body")), place("/event"), is_public=is_public, who=who, **common
            )
            return
        if "created" in name:
            title = text_of(ticket.get("subject"))
            self.teller.tell(
                "ticket.created",
                f"{key} created: {title}",
                place(""),
                subject=key,
                actor=actor,
                refs=[key],
                **common,
            )
            return
        field = name.removesuffix("_changed").removesuffix("_assignment")
        change = (said_of(what.get("previous")), said_of(what.get("current")))
        self.teller.tell_change(key, field, change, place(""), actor=actor, **common)
