"""Zendesk: tickets, audits, comments and ticket events as its API and exports give them, pages, single objects, one a line.

The decision hidden here: which objects of a document are records, and which shape each has. Lists of a page are entered, what
stands inside a ticket (its audits, comments, metrics) belongs to it. Users and groups that come along give names to ids; they
may come last, so that a document that has them is looked through for them first. What the events mean is in `zendesk_events`.

References:
    Zendesk developer documentation: "Tickets", "Ticket Audits", "Ticket Audit events reference", "Ticket Comments",
    "Incremental Exports", "Exporting data to a JSON, CSV, or XML file" (JSON exports hold one ticket a line).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.evidence.opening import mark_length
from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.json_records import json_head, read_values
from rca.reading.json_spans import iter_spans
from rca.reading.source import Sample, Source
from rca.reading.tickets.desk_telling import CODE
from rca.reading.tickets.zendesk_events import ZendeskEvents
from rca.reading.tickets.zendesk_feeds import ZendeskFeeds
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ZendeskReader", "shape_of"]

_PAGES = frozenset({
    "tickets", "ticket", "audits", "audit", "comments", "comment", "ticket_events", "results", "users", "user", "groups",
    "organizations", "ticket_metrics", "ticket_metric", "metric_sets", "ticket_metric_events", "requests", "request",
    "deleted_tickets", "suspended_tickets", "satisfaction_ratings", "macros", "brands",
})  # fmt: skip
_TICKET = frozenset({
    "submitter_id", "requester_id", "assignee_id", "organization_id", "raw_subject", "has_incidents", "problem_id", "via",
    "brand_id", "ticket_form_id", "satisfaction_rating", "sharing_agreement_ids", "followup_ids", "collaborator_ids",
    "follower_ids", "email_cc_ids", "allow_channelback", "allow_attachments", "custom_status_id", "is_public",
    "generated_timestamp", "encoded_id", "external_id",
})  # fmt: skip
_OTHERS = frozenset(
    {"responder_id", "fr_escalated", "email_config_id", "workspace_id", "helpdesk_ticket", "state_id"}
)
_NAMES = 1 << 26


def shape_of(value: Mapping[str, Any]) -> str:
    """What an object is: ticket, audit, comment, ticket_event, metric, metric_event, person, or "" for none of Zendesk's.

    >>> shape_of({"id": 1, "ticket_id": 2, "events": [], "author_id": 3}), shape_of({"a": 1})
    ('audit', '')
    """
    has = value.keys().__contains__
    if len(value.keys() & _OTHERS) > 0:
        return ""
    if isinstance(value.get("child_events"), list) and has("ticket_id"):
        return "ticket_event"
    if isinstance(value.get("events"), list) and (has("ticket_id") or has("author_id")):
        return "audit"
    if has("detail") and has("event") and "ticket" in text_of(value.get("type")):
        return "webhook"
    if (
        has("detail-type")
        and "Ticket" in text_of(value.get("detail-type"))
        and isinstance(value.get("detail"), dict)
    ):
        return "webhook"
    if (
        has("id")
        and has("created_at")
        and len(value.keys() & _TICKET) >= 3
        and (has("status") or has("subject"))
    ):
        return "ticket"
    if (
        has("author_id")
        and (has("body") or has("html_body") or has("plain_body"))
        and (has("public") or has("audit_id"))
    ):
        return "comment"
    if has("ticket_id") and (has("solved_at") or has("reply_time_in_minutes") or has("assignee_stations")):
        return "metric"
    if has("ticket_id") and has("metric") and has("time"):
        return "metric_event"
    if has("name") and has("id") and (has("url") or has("email") or has("role")):
        return "person"
    return ""


def _shapes(value: Any) -> Iterator[str]:
    """The shapes of the objects at the beginning of a document: itself, or those in its lists."""
    for one in list_of(value)[:3] or [value]:
        top = dict_of(one)
        yield shape_of(top)
        for name in _PAGES & top.keys():
            inner = top[name]
            for child in list_of(inner)[:3] or [inner]:
                yield shape_of(dict_of(child))


class ZendeskReader:
    """Reads exports of Zendesk Support, one event per thing that happened to a ticket."""

    name = "zendesk"
    version = "1"
    title = (
        "Zendesk: tickets, ticket audits, comments and ticket events as JSON, exports of one ticket a line"
    )
    suffixes = (".json", ".jsonl", ".ndjson")

    def score(self, sample: Sample) -> float:
        """0.98 where the first objects are Zendesk's, else 0."""
        found = {shape for value in json_head(sample)[:3] for shape in _shapes(value)}
        return 0.98 if found - {"", "person"} else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, record by record."""
        events = ZendeskEvents(source, self)
        feeds = ZendeskFeeds(events)
        tell: dict[str, Callable[..., None]] = {
            "ticket": events.tell_ticket,
            "audit": events.tell_audit,
            "comment": events.tell_comment,
            "ticket_event": feeds.tell_ticket_event,
            "metric": feeds.tell_metric,
            "metric_event": feeds.tell_metric_event,
            "webhook": feeds.tell_webhook,
        }
        self._learn_names(source, events)
        for value in read_values(source, _enter, code=CODE):
            shape = shape_of(value.value)
            if shape in tell:
                tell[shape](value.value, value.place)
                if shape == "ticket":
                    feeds.tell_metrics(value.value, value.place)
                yield from events.teller.batches()
            elif (
                value.key not in ("users", "user", "groups", "organizations", "brands", "macros")
                and shape != "person"
            ):
                events.teller.complain(
                    "An object that is no ticket, audit or comment",
                    place=f"J{value.pointer}",
                    severity=Severity.INFO,
                    hint="No event is made of it.",
                )
        _look_for_pages(source, events)
        events.finish()
        yield from events.teller.rest()

    @staticmethod
    def _learn_names(source: Source, events: ZendeskEvents) -> None:
        """The names of users and groups that come along with tickets."""
        if source.size > _NAMES:
            return
        with source.open() as stream:
            data = stream.read()
        if not re.search(rb'"(?:users|groups)"\s*:\s*\[', data.replace(b"\0", b"")):
            return
        with source.open() as stream:
            mark = mark_length(source.head)
            stream.read(mark)
            for one in iter_spans(stream, _enter, start=mark, encoding=plain_encoding(source)):
                if one.value is not None and one.key in ("users", "groups"):
                    identity, name = text_of(one.value.get("id")), text_of(one.value.get("name"))
                    if identity and name:
                        events.names.setdefault(identity, name)


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    """Enter the lists of a page; what stands in a ticket, an audit or a comment belongs to it."""
    if key not in _PAGES or ahead[:1] not in ("{", "["):
        return False
    if "id" in members and key != "audit":
        return False
    return "ticket_id" not in members and "detail" not in members


def _look_for_pages(source: Source, events: ZendeskEvents) -> None:
    """Say that a page has more after it, where its beginning or end says so."""
    head = source.head
    tail = head
    if len(head) < source.size <= _NAMES:
        with source.open() as stream:
            stream.seek(max(0, source.size - 4_096))
            tail = stream.read()
    for part in (head[:4_096], tail[-4_096:]):
        found = re.search(rb'"next_page"\s*:\s*"[^"]', part) or re.search(rb'"has_more"\s*:\s*true', part)
        ended = re.search(rb'"end_of_stream"\s*:\s*true', part)
        if found and not ended:
            events.teller.note_absence(
                "the pages after this one",
                hint="The answer says that more follow (next_page, has_more): ask for all of them.",
            )
