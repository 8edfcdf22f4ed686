"""Freshservice and Freshdesk: tickets, conversations and activities as their APIs and exports give them.

The decision hidden here: what of a ticket's words is a change. Activities are sentences for people ("set Status as Open"), or
objects of field and value; both give a change where they say so plainly, else they stay as they were written. Numbers of
statuses and priorities get the words that the API documentation gives them. `private` parts notes from replies.

References:
    Freshservice API v2, "Tickets", "Conversations", "Activities"; Freshdesk API v2, "Tickets", "Conversations"; Freshdesk,
    "Export ticket activities" (activities_data) and account exports (helpdesk_ticket with helpdesk_notes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.json_records import json_head, read_values
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import CODE, DeskTeller, facts_of, kind_of_field, plain_text, said_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FreshworksReader", "shape_of", "split_sentence"]

Placer = Callable[[str], Place]
_PAGES = frozenset({
    "tickets", "ticket", "conversations", "conversation", "activities", "activities_data", "helpdesk_ticket", "results",
    "helpdesk_tickets", "problems", "problem", "changes", "change", "releases", "release", "time_entries", "notes",
})  # fmt: skip
_TICKET = frozenset({
    "responder_id", "fr_escalated", "fr_due_by", "email_config_id", "spam", "is_escalated", "fwd_emails", "reply_cc_emails",
    "workspace_id", "department_id", "display_id", "helpdesk_notes", "ticket_cc_emails", "cc_emails", "to_emails",
    "sub_category", "item_category", "requested_for_id", "association_type", "nr_due_by", "tasks_dependency_type",
})  # fmt: skip
_STATUS = {"2": "Open", "3": "Pending", "4": "Resolved", "5": "Closed"}
_PRIORITY = {"1": "Low", "2": "Medium", "3": "High", "4": "Urgent"}
_SOURCES = {
    "1": "email",
    "2": "portal",
    "3": "phone",
    "7": "chat",
    "9": "feedback widget",
    "10": "outbound email",
}
_FACTS = (
    "type", "category", "sub_category", "item_category", "department_id", "company_id", "product_id", "requester_id",
    "due_by", "fr_due_by", "tags", "urgency", "impact", "is_escalated", "spam", "deleted", "workspace_id",
)  # fmt: skip
_SET = re.compile(
    r"(?:[^:]{0,200}:\s+)?(?:set|changed|updated|modified|added)\s+(?:the\s+)?(?P<field>[^\W\d_][\w /()-]{0,60}?)"
    r"(?:\s+from\s+(?P<old>.{1,200}?))?\s+(?:as|to|=)\s+(?P<new>.{1,300})",
    re.IGNORECASE,
)
_NEXT = re.compile(r"(?:[,;]| and)\s+(?=(?:set|changed|updated|modified|added)\s)", re.IGNORECASE)
_NOTE = re.compile(r"\b(?P<private>private)?\s*note\b|\bconversation\b|\brepl(?:y|ied)\b", re.IGNORECASE)


def shape_of(value: Mapping[str, Any], key: str = "") -> str:
    """What an object is: ticket, conversation, activity, exported activity, or "" for none of theirs.

    >>> shape_of({"body_text": "x", "private": True, "user_id": 1, "ticket_id": 2, "incoming": False})
    'conversation'
    """
    has = value.keys().__contains__
    if has("performed_at") and isinstance(value.get("activity"), dict):
        return "exported"
    if has("private") and has("incoming") and (has("body") or has("body_text")):
        return "conversation"
    if isinstance(value.get("actor"), dict) and has("content") and has("created_at"):
        return "activity"
    if has("subject") and has("created_at") and len(value.keys() & _TICKET) >= 2 and not has("submitter_id"):
        return "ticket"
    if key in ("problems", "problem", "changes", "change") and has("subject") and has("created_at"):
        return "ticket"
    return ""


def split_sentence(text: str) -> list[tuple[str, str, str]]:
    """The changes that an activity's sentence states as (field, old, new); [] where it states none plainly.

    >>> split_sentence("set Status as Open, set Priority as High")
    [('Status', '', 'Open'), ('Priority', '', 'High')]
    """
    parts = _NEXT.split(" ".join(text[:2_000].split()))
    found = [_SET.fullmatch(part[:600]) for part in parts]
    return [
        (one["field"].strip(), (one["old"] or "").strip(), one["new"].strip(" ."))
        for one in found
        if one is not None
    ]


class FreshworksReader:
    """Reads exports of Freshservice and Freshdesk, one event per thing that happened to a ticket."""

    name = "freshworks"
    version = "1"
    title = "Freshservice and Freshdesk: tickets, conversations and activities as JSON"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where the first objects are theirs, else 0."""
        for value in json_head(sample)[:3]:
            for one in list_of(value)[:3] or [value]:
                top = dict_of(one)
                if shape_of(top):
                    return 0.98
                for name in _PAGES & top.keys():
                    inner = top[name]
                    for child in list_of(inner)[:3] or [inner]:
                        if shape_of(dict_of(child), name):
                            return 0.98
        return 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, record by record."""
        desk = _Desk(source, self)
        tell: dict[str, Callable[[dict[str, Any], Placer], None]] = {
            "ticket": desk.ticket,
            "conversation": desk.conversation,
            "activity": desk.activity,
            "exported": desk.exported,
        }
        for value in read_values(source, _enter, code=CODE):
            shape = shape_of(value.value, value.key)
            if shape:
                tell[shape](value.value, value.place)
                yield from desk.teller.batches()
            else:
                desk.teller.complain(
                    "An object that is no ticket, conversation or activity",
                    place=f"J{value.pointer}",
                    severity=Severity.INFO,
                    hint="No event is made of it.",
                )
        desk.finish()
        yield from desk.teller.rest()


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    return (
        key in _PAGES and ahead[:1] in ("{", "[") and not ({"id", "subject", "display_id"} & members.keys())
    )


class _Desk:
    def __init__(self, source: Source, reader: Any) -> None:
        self.teller = DeskTeller(source, reader, system="freshworks")
        self.seen: set[str] = set()
        self.unnamed = f"freshworks:{source.stream_key[:12]}"

    def finish(self) -> None:
        if "ticket" in self.seen:
            self.teller.miss(
                {
                    "status history (no activities)": "activity" in self.seen,
                    "conversations (replies and notes)": "conversation" in self.seen,
                }
            )

    def _record(self, key: str) -> str:
        if key:
            return self.teller.record_of(key)
        self.teller.note_absence(
            "the number of the ticket that entries belong to", hint="The request names it."
        )
        return self.unnamed

    def ticket(self, ticket: dict[str, Any], place: Placer) -> None:
        """A ticket, problem or change, with what stands in it."""
        self.seen.add("ticket")
        teller = self.teller
        key = text_of(ticket.get("display_id")) or text_of(ticket.get("id"))
        subject = text_of(ticket.get("subject"))
        body = text_of(ticket.get("description_text")) or plain_text(text_of(ticket.get("description")))
        record = self._record(key)
        parent = teller.tell(
            "ticket.created",
            f"{key} created: {subject}",
            place(""),
            stamp=text_of(ticket.get("created_at")),
            record=record,
            subject=key,
            actor=_person(ticket, "requester"),
            unit=text_of(dig(ticket, "group", "name")) or text_of(ticket.get("group_id")),
            channel=_SOURCES.get(text_of(ticket.get("source")), text_of(ticket.get("source_name"))),
            text="\n".join(filter(None, (subject, body))),
            refs=[key] if key else [],
            fields=facts_of(ticket, _FACTS),
        )
        self._stats(ticket, key, {"record": record, "subject": key, "parent": parent}, place)
        self._links(ticket, key, {"record": record, "parent": parent}, place)
        self._files(ticket, key, place, record=record, parent=parent, stamp=text_of(ticket.get("created_at")))
        for name in ("conversations", "helpdesk_notes", "notes"):
            for number, one in enumerate(list_of(ticket.get(name))):
                inner = (
                    dict_of(dict_of(one).get("note"))
                    or dict_of(dict_of(one).get("helpdesk_note"))
                    or dict_of(one)
                )
                pointer = f"/{name}/{number}" + ("" if inner is one else f"/{next(iter(dict_of(one)), '')}")
                if inner:
                    self.conversation(inner, _inner(place, pointer), ticket=key, parent=parent)
        for number, one in enumerate(list_of(ticket.get("activities"))):
            if isinstance(one, dict):
                self.activity(one, _inner(place, f"/activities/{number}"), ticket=key, parent=parent)

    def _stats(self, ticket: dict[str, Any], key: str, more: dict[str, Any], place: Placer) -> None:
        stats = dict_of(ticket.get("stats")) or dict_of(ticket.get("ticket_states"))
        name = "stats" if ticket.get("stats") else "ticket_states"
        for field, kind, word in (
            ("resolved_at", "ticket.resolved", "resolved"),
            ("reopened_at", "ticket.status", "reopened"),
            ("opened_at", "ticket.status", "opened anew"),
            ("closed_at", "ticket.closed", "closed"),
        ):
            stamp = text_of(stats.get(field))
            if stamp and not (field == "opened_at" and text_of(stats.get("reopened_at"))):
                self.teller.tell(kind, f"{key} {word}", place(f"/{name}/{field}"), stamp=stamp, **more)
        status = _worded(_STATUS, ticket.get("status_name") or ticket.get("status"))
        self.teller.tell(
            "ticket.state",
            f"{key} as exported: {status or 'no status given'}",
            place(""),
            stamp=text_of(ticket.get("updated_at")),
            time_kind=TimeKind.MODIFIED,
            fields={
                "status": status,
                "priority": _worded(_PRIORITY, ticket.get("priority_name") or ticket.get("priority")),
                "responder": _person(ticket, "responder"),
                **facts_of(
                    ticket,
                    ("group_id", "tags", "due_by", "is_escalated", "resolution_notes", "custom_fields"),
                ),
                **{f"stats.{n}": text_of(v) for n, v in stats.items() if text_of(v)},
            },
            **more,
        )

    def _links(self, ticket: dict[str, Any], key: str, more: dict[str, Any], place: Placer) -> None:
        known = {"known": text_of(ticket.get("updated_at"))}
        for field, phrase, relation in (
            ("problem", "associated problem", "relates to"),
            ("problem_id", "associated problem", "relates to"),
            ("change_initiating_ticket", "change initiating this ticket", ""),
            ("change_initiated_by_ticket", "change initiated by this ticket", ""),
            ("parent_id", "parent", "child of"),
        ):
            value = ticket.get(field)
            for one in list_of(value) or [value]:
                inner = dict_of(one)
                target = text_of(inner.get("display_id")) or text_of(inner.get("id")) or text_of(one)
                if target:
                    self.teller.tell_link(
                        key,
                        phrase,
                        target,
                        place(f"/{field}"),
                        relation=relation,
                        field=field,
                        **known,
                        **more,
                    )
        related = dict_of(ticket.get("related_tickets"))
        for field, phrase in (("parent_id", "child of"), ("child_ids", "parent of")):
            for one in list_of(related.get(field)) or [related.get(field)]:
                if text_of(one):
                    self.teller.tell_link(
                        key, phrase, text_of(one), place("/related_tickets"), field=field, **known, **more
                    )
        kind = {"1": "parent of", "2": "child of", "3": "tracker of", "4": "tracked by"}
        phrase = kind.get(text_of(ticket.get("association_type")), "associated with")
        for one in list_of(ticket.get("associated_tickets_list")):
            if text_of(one):
                self.teller.tell_link(
                    key,
                    phrase,
                    text_of(one),
                    place("/associated_tickets_list"),
                    field="associated_tickets_list",
                    **known,
                    **more,
                )

    def _files(self, holder: dict[str, Any], key: str, place: Placer, **more: Any) -> None:
        for number, one in enumerate(list_of(holder.get("attachments"))):
            inner = dict_of(one)
            if inner:
                own = {**more, "stamp": text_of(inner.get("created_at")) or more.get("stamp", "")}
                name = text_of(inner.get("name")) or text_of(inner.get("content_file_name"))
                facts = facts_of(inner, ("content_type", "size", "content_content_type", "content_file_size"))
                self.teller.tell_file(
                    key or "ticket", name, place(f"/attachments/{number}"), fields=facts, **own
                )

    def conversation(self, one: dict[str, Any], place: Placer, *, ticket: str = "", parent: str = "") -> None:
        """A reply or a note; `private` tells whether the requester may read it."""
        self.seen.add("conversation")
        key = ticket or text_of(one.get("ticket_id"))
        is_private = text_of(one.get("private")) == "true"
        body = text_of(one.get("body_text")) or text_of(one.get("body")) or text_of(one.get("body_html"))
        is_incoming = text_of(one.get("incoming")) == "true"
        kind = {"0": "reply", "2": "note"}.get(text_of(one.get("source")), "")
        record = self._record(key)
        who = (
            text_of(one.get("from_email"))
            if is_incoming and text_of(one.get("from_email"))
            else _person(one, "user")
        )
        stamp = text_of(one.get("created_at"))
        told = self.teller.tell_text(
            key or "ticket",
            body,
            place(""),
            is_public=not is_private,
            who=who,
            what="private note" if is_private else "reply from the requester" if is_incoming else kind,
            record=record,
            parent=parent,
            stamp=stamp,
            audience=[
                text_of(v)
                for n in ("to_emails", "cc_emails", "bcc_emails")
                for v in list_of(one.get(n))
                if text_of(v)
            ],
            fields={
                "incoming": text_of(one.get("incoming")),
                **facts_of(one, ("id", "source", "category", "updated_at", "deleted")),
            },
        )
        self._files(one, key, place, record=record, parent=told, stamp=stamp, actor=who)

    def activity(self, one: dict[str, Any], place: Placer, *, ticket: str = "", parent: str = "") -> None:
        """An activity of Freshservice: a sentence, and sentences below it; each change that it states plainly."""
        self.seen.add("activity")
        key = ticket or text_of(one.get("ticket_id"))
        content = plain_text(text_of(one.get("content"))).strip()
        below = [plain_text(text_of(sub)).strip() for sub in list_of(one.get("sub_contents"))]
        common: dict[str, Any] = {
            "record": self._record(key),
            "parent": parent,
            "stamp": text_of(one.get("created_at")),
            "actor": text_of(dig(one, "actor", "name")) or text_of(dig(one, "actor", "id")),
        }
        changes = [change for sentence in (content, *below) for change in split_sentence(sentence)]
        whole = "\n".join(filter(None, (content, *below)))
        if not changes:
            kind = (
                "ticket.created"
                if re.match(
                    r"(?:created|raised|submitted)\b(?! (?:a )?(?:note|task))", content, re.IGNORECASE
                )
                else "ticket.change"
            )
            line = f"{key or 'ticket'} activity: {whole or '(empty)'}"
            self.teller.tell(
                kind, line, place(""), subject=key, text=whole, fields={"content": content}, **common
            )
        for field, old, new in changes:
            self.teller.tell_change(
                key or "ticket", field, (old, new), place(""), fields={"content": content}, **common
            )

    def exported(self, one: dict[str, Any], place: Placer) -> None:
        """An activity of Freshdesk's export: fields and their new values."""
        self.seen.add("activity")
        key = text_of(one.get("ticket_id"))
        common: dict[str, Any] = {
            "record": self._record(key),
            "stamp": text_of(one.get("performed_at")),
            "actor": text_of(one.get("performer_id")) or text_of(one.get("performer_type")),
        }
        facts = {"performer_type": text_of(one.get("performer_type"))}
        for field, value in dict_of(one.get("activity")).items():
            inner = dict_of(value)
            at = place(f"/activity/{field}")
            if field in ("note", "conversation") or (inner and _NOTE.search(field)):
                told = {**facts, **{f"note.{n}": text_of(v) for n, v in inner.items() if text_of(v)}}
                self.teller.tell(
                    "ticket.change",
                    f"{key} {field} added",
                    at,
                    subject=key,
                    fields={"field": field, **told},
                    **common,
                )
                self.teller.note_absence("the texts of notes (the export of activities names them only)")
                continue
            old, new = _pair(value)
            if not old and not new:
                line = f"{key} {field} emptied"
                self.teller.tell(
                    kind_of_field(field), line, at, subject=key, fields={"field": field, **facts}, **common
                )
                continue
            self.teller.tell_change(key or "ticket", field, (old, new), at, fields=facts, **common)


def _pair(value: object) -> tuple[str, str]:
    """Old and new value of an exported activity: a pair, or the new one alone."""
    found = list_of(value)
    if len(found) == 2 and not isinstance(found[0], (dict, list)):
        return text_of(found[0]), text_of(found[1])
    return "", said_of(value)


def _inner(place: Placer, pointer: str) -> Placer:
    return lambda more: place(pointer + more)


def _person(value: Mapping[str, Any], who: str) -> str:
    """The name of a person that stands along, else the id."""
    found = dict_of(value.get(who))
    return (
        text_of(found.get("name"))
        or text_of(value.get(f"{who}_name"))
        or text_of(value.get(f"{who}_id"))
        or text_of(found.get("id"))
    )


def _worded(words: Mapping[str, str], value: object) -> str:
    """A number with the word that the documentation gives it."""
    text = text_of(value)
    return f"{words[text]} ({text})" if text in words else text
