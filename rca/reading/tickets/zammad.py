"""Zammad: tickets, their articles and their history as its API gives them.

The decision hidden here: which lists and look-up tables of an answer hold records. Answers come plain (ids), expanded (names),
or with `assets`, tables of tickets, articles and users by id; names of users, states and groups come from there. `internal`
parts notes from what the customer may read; an article is a comment or a mail by its type. History is the ticket's own.

References:
    Zammad REST API documentation, "Ticket", "Articles", "Ticket history", "Links"; expand=true and full=true (assets).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.evidence.opening import mark_length
from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.json_records import json_head, read_values
from rca.reading.json_spans import iter_spans
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import CODE, DeskTeller
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ZammadReader", "shape_of"]

Placer = Callable[[str], Place]
_PAGES = frozenset({
    "tickets", "ticket", "articles", "article", "ticket_articles", "history", "assets", "records", "Ticket", "TicketArticle",
    "User", "TicketState", "TicketPriority", "Group", "Organization", "links", "TicketArticleType", "TicketArticleSender",
})  # fmt: skip
_TICKET = frozenset({
    "group_id", "state_id", "priority_id", "owner_id", "customer_id", "create_article_type_id", "create_article_sender_id",
    "article_count", "last_contact_at", "close_at", "group", "state", "priority", "owner", "customer", "article_ids",
    "pending_time", "escalation_at", "first_response_at",
})  # fmt: skip
_NAMED = frozenset(
    {"User", "TicketState", "TicketPriority", "Group", "TicketArticleType", "TicketArticleSender"}
)
_NAMES = 1 << 26


def shape_of(value: Mapping[str, Any]) -> str:
    """What an object is: ticket, article, history, link, or "" for none of Zammad's.

    >>> shape_of({"ticket_id": 1, "internal": False, "body": "x", "sender_id": 2, "type_id": 1})
    'article'
    """
    has = value.keys().__contains__
    if has("number") and has("title") and has("created_at") and len(value.keys() & _TICKET) >= 3:
        return "ticket"
    if has("ticket_id") and has("internal") and has("body") and (has("sender_id") or has("sender")):
        return "article"
    if has("object") and has("o_id") and has("type") and (has("created_by_id") or has("created_at")):
        return "history"
    if has("link_type") and has("link_object") and has("link_object_value"):
        return "link"
    return ""


class ZammadReader:
    """Reads what Zammad's API gives, one event per thing that happened to a ticket."""

    name = "zammad"
    version = "1"
    title = "Zammad: tickets, articles and ticket history as JSON"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where the first objects are Zammad's, else 0."""
        return 0.98 if any(_finds(value, 0) for value in json_head(sample)[:3]) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, record by record."""
        desk = _Desk(source, self)
        desk.learn_names()
        tell: dict[str, Callable[[dict[str, Any], Placer], None]] = {
            "ticket": desk.ticket,
            "article": desk.article,
            "history": desk.history,
            "link": desk.link,
        }
        for value in read_values(source, _enter, code=CODE):
            shape = shape_of(value.value)
            if shape:
                tell[shape](value.value, value.place)
                yield from desk.teller.batches()
            elif value.pointer.count("/assets/") == 0 and value.key not in _NAMED:
                desk.teller.complain(
                    "An object that is no ticket, article or history",
                    place=f"J{value.pointer}",
                    severity=Severity.INFO,
                    hint="No event is made of it.",
                )
        desk.finish()
        yield from desk.teller.rest()


def _finds(value: Any, depth: int) -> bool:
    """Whether a record of Zammad's stands at the beginning of a value."""
    if isinstance(value, list):
        return any(_finds(one, depth) for one in value[:3])
    if not isinstance(value, dict) or depth > 4:
        return False
    if shape_of(value):
        return True
    inner = [value[name] for name in _PAGES & value.keys()]
    inner += [one for name, one in list(value.items())[:3] if str(name).isdecimal() and depth]
    return any(_finds(one, depth + 1) for one in inner)


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    if ahead[:1] not in ("{", "["):
        return False
    if key.isdecimal():
        return True
    return key in _PAGES and not ({"id", "number", "ticket_id"} & members.keys())


class _Desk:
    def __init__(self, source: Source, reader: Any) -> None:
        self.source = source
        self.teller = DeskTeller(source, reader, system="zammad")
        self.names: dict[tuple[str, str], str] = {}
        self.numbers: dict[str, str] = {}
        self.seen: set[str] = set()
        self.told: set[tuple[str, str]] = set()

    def learn_names(self) -> None:
        """The names that look-up tables give to ids, and the numbers of tickets, since both may come last."""
        if self.source.size > _NAMES:
            return
        with self.source.open() as stream:
            mark = mark_length(self.source.head)
            stream.read(mark)
            for one in iter_spans(stream, _enter, start=mark, encoding=plain_encoding(self.source)):
                if one.value is None:
                    continue
                identity = text_of(one.value.get("id"))
                table = one.pointer.rpartition("/")[0].rpartition("/")[2]
                if table in _NAMED:
                    parts = (text_of(one.value.get(n)) for n in ("firstname", "lastname"))
                    name = " ".join(filter(None, parts)) or text_of(one.value.get("login"))
                    self.names[table, identity] = (
                        text_of(one.value.get("name")) or name or text_of(one.value.get("email"))
                    )
                elif shape_of(one.value) == "ticket":
                    self.numbers.setdefault(identity, text_of(one.value.get("number")))

    def finish(self) -> None:
        if "ticket" in self.seen:
            self.teller.miss(
                {
                    "status history": "history" in self.seen,
                    "articles (mails, notes, calls)": "article" in self.seen,
                }
            )

    def _key(self, identity: str) -> str:
        """The number of a ticket where it is known, else its id, marked as such."""
        return self.numbers.get(identity) or (f"id {identity}" if identity else "ticket")

    def _record(self, key: str) -> str:
        return self.teller.record_of(key.replace(" ", "-"))

    def _name(self, value: Mapping[str, Any], field: str, table: str) -> str:
        """The name of `field` where the answer is expanded, else from the look-up tables, else the id."""
        name = (
            text_of(value.get(field))
            or text_of(dict_of(value.get(field)).get("name"))
            or text_of(dict_of(value.get(field)).get("login"))
        )
        identity = text_of(value.get(f"{field}_id"))
        name = name or self.names.get((table, identity), "") or identity
        return "" if name in ("-", "1") and table == "User" else name

    def ticket(self, ticket: dict[str, Any], place: Placer) -> None:
        """A ticket, with the articles and the history that stand in it."""
        identity = text_of(ticket.get("id"))
        if ("ticket", identity) in self.told:
            return
        self.told.add(("ticket", identity))
        self.seen.add("ticket")
        key = text_of(ticket.get("number")) or self._key(identity)
        title = text_of(ticket.get("title"))
        common: dict[str, Any] = {
            "record": self._record(key),
            "subject": key,
            "unit": self._name(ticket, "group", "Group"),
        }
        parent = self.teller.tell(
            "ticket.created",
            f"{key} created: {title}",
            place(""),
            stamp=text_of(ticket.get("created_at")),
            actor=self._name(ticket, "created_by", "User") or self._name(ticket, "customer", "User"),
            channel=self._name(ticket, "create_article_type", "TicketArticleType"),
            refs=[key],
            fields={"id": identity, "customer": self._name(ticket, "customer", "User"), "title": title},
            **common,
        )
        closed = text_of(ticket.get("close_at"))
        if closed:
            self.teller.tell(
                "ticket.closed", f"{key} closed", place("/close_at"), stamp=closed, parent=parent, **common
            )
        state = self._name(ticket, "state", "TicketState")
        facts = (
            "pending_time",
            "escalation_at",
            "first_response_at",
            "last_contact_at",
            "article_count",
            "note",
            "tags",
            "time_unit",
        )
        self.teller.tell(
            "ticket.state",
            f"{key} as exported: {state or 'no state given'}",
            place(""),
            stamp=text_of(ticket.get("updated_at")),
            time_kind=TimeKind.MODIFIED,
            parent=parent,
            actor=self._name(ticket, "updated_by", "User"),
            fields={
                "state": state,
                "priority": self._name(ticket, "priority", "TicketPriority"),
                "owner": self._name(ticket, "owner", "User"),
                **{n: text_of(ticket.get(n)) for n in facts if text_of(ticket.get(n))},
            },
            **common,
        )
        for name in ("articles", "ticket_articles"):
            for number, one in enumerate(list_of(ticket.get(name))):
                if isinstance(one, dict):
                    self.article(one, _inner(place, f"/{name}/{number}"), ticket=key, parent=parent)
        if isinstance(ticket.get("article"), dict):
            self.article(ticket["article"], _inner(place, "/article"), ticket=key, parent=parent)
        for number, one in enumerate(list_of(ticket.get("history"))):
            if isinstance(one, dict):
                self.history(one, _inner(place, f"/history/{number}"), ticket=key, parent=parent)

    def article(self, one: dict[str, Any], place: Placer, *, ticket: str = "", parent: str = "") -> None:
        """An article: a mail, call, chat or note; internal ones are notes."""
        identity = text_of(one.get("id"))
        if identity and ("article", identity) in self.told:
            return
        self.told.add(("article", identity))
        self.seen.add("article")
        key = ticket or self._key(text_of(one.get("ticket_id")))
        kind = self._name(one, "type", "TicketArticleType")
        sender = self._name(one, "sender", "TicketArticleSender")
        is_internal = text_of(one.get("internal")) == "true"
        who = text_of(one.get("from")) or self._name(one, "created_by", "User")
        stamp = text_of(one.get("created_at"))
        record = self._record(key)
        subject = text_of(one.get("subject"))
        body = text_of(one.get("body"))
        words = f"{'internal ' if is_internal else ''}{kind if not kind.isdecimal() and kind else 'article'}"
        told = self.teller.tell_text(
            key,
            f"{subject}\n{body}" if subject else body,
            place(""),
            is_public=not is_internal,
            who=who,
            what=words,
            record=record,
            parent=parent,
            stamp=stamp,
            channel=kind,
            audience=[
                part.strip() for n in ("to", "cc") for part in text_of(one.get(n)).split(",") if part.strip()
            ],
            refs=[text for text in (text_of(one.get("message_id")), text_of(one.get("in_reply_to"))) if text],
            fields={
                "article_id": identity,
                "sender": sender,
                "type": kind,
                **{
                    n: text_of(one.get(n))
                    for n in ("subject", "message_id", "in_reply_to", "updated_at")
                    if text_of(one.get(n))
                },
            },
        )
        for number, each in enumerate(list_of(one.get("attachments"))):
            inner = dict_of(each)
            if inner:
                self._file(
                    inner,
                    place(f"/attachments/{number}"),
                    key,
                    record=record,
                    parent=told,
                    stamp=stamp,
                    actor=who,
                )

    def _file(self, one: dict[str, Any], place: Place, key: str, **more: Any) -> None:
        name = text_of(one.get("filename"))
        media = text_of(dict_of(one.get("preferences")).get("Content-Type")) or text_of(one.get("mime-type"))
        facts = {"id": text_of(one.get("id")), "size": text_of(one.get("size")), "content_type": media}
        self.teller.tell_file(key, name, place, fields={n: v for n, v in facts.items() if v}, **more)
        data = text_of(one.get("data"))
        if data:
            try:
                found = base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError):
                return
            self.source.attach(name, media or "application/octet-stream", found, place=place.locator)

    def history(self, one: dict[str, Any], place: Placer, *, ticket: str = "", parent: str = "") -> None:
        """An entry of the history: a change, a notification, a merge, or the creation of the ticket or an article."""
        self.seen.add("history")
        thing, kind, field = (
            text_of(one.get("object")),
            text_of(one.get("type")),
            text_of(one.get("attribute")),
        )
        owner = text_of(one.get("o_id")) if thing == "Ticket" else text_of(one.get("related_o_id"))
        key = ticket or self._key(owner)
        old, new = text_of(one.get("value_from")), text_of(one.get("value_to"))
        common: dict[str, Any] = {
            "record": self._record(key),
            "parent": parent,
            "stamp": text_of(one.get("created_at")),
            "actor": self._name(one, "created_by", "User"),
        }
        facts = {"object": thing, "type": kind, "history_id": text_of(one.get("id"))}
        facts |= {n: text_of(one.get(n)) for n in ("id_from", "id_to") if text_of(one.get(n))}
        facts = {n: v for n, v in facts.items() if v}
        at = place("")
        if kind in ("notification", "email"):
            self.teller.tell(
                "ticket.notified", f"{key} {kind}: {new or old}", at, subject=key, fields=facts, time_kind=TimeKind.SENT,
                audience=[new.partition("(")[0]] if new else [], **common,
            )  # fmt: skip
        elif kind in ("received_merge", "merged_into"):
            phrase = "merged into" if kind == "merged_into" else "merged from"
            target = (
                self._key(text_of(one.get("id_to") or one.get("id_from") or ""))
                if not (new or old)
                else new or old
            )
            self.teller.tell_link(key, phrase, target, at, field=kind, fields=facts, **common)
        elif kind in ("escalation", "escalation_warning"):
            self.teller.tell(
                "ticket.escalated",
                f"{key} {kind.replace('_', ' ')}: {new or old}",
                at,
                subject=key,
                fields=facts,
                **common,
            )
        elif field and (old or new):
            self.teller.tell_change(key, field, (old, new), at, fields=facts, **common)
        else:
            is_new = kind == "created" and thing == "Ticket"
            words = f"{thing.casefold() or 'entry'} {kind.replace('_', ' ')}" + (
                f": {new or old}" if new or old else ""
            )
            self.teller.tell(
                "ticket.created" if is_new and "ticket" not in self.seen else "ticket.change",
                f"{key} {words}", at, subject=key, fields={"field": field or thing, **facts}, **common,
            )  # fmt: skip

    def link(self, one: dict[str, Any], place: Placer) -> None:
        """A link of the list of links; the ticket that was asked for is not in the answer."""
        phrase = text_of(one.get("link_type"))
        target = self._key(text_of(one.get("link_object_value")))
        self.teller.note_absence("the ticket whose links these are", hint="The request names it.")
        relation = {"parent": "parent of", "child": "child of", "normal": "relates to"}.get(phrase, phrase)
        self.teller.tell_link(
            "ticket",
            phrase,
            target,
            place(""),
            relation=relation,
            record=f"zammad:{self.source.stream_key[:12]}",
        )


def _inner(place: Placer, pointer: str) -> Placer:
    return lambda more: place(pointer + more)
