"""OTRS and Znuny: tickets, articles and history as the Generic Interface gives them (TicketGet, TicketHistoryGet).

The decision hidden here: the clock and the entries of history. Stamps are naive, in the zone of the server (from OTRS 6 in
OTRSTimeZone, which an upgrade keeps); only an article's IncomingTime counts from 1970, so that it is used for articles, and an
issue says how far the server's clock is from it. An entry of history packs its values between `%%`; their order depends on its type.

References:
    OTRS 6 and Znuny developer manuals, "Generic Interface: Ticket connector" (TicketGet, TicketHistoryGet);
    Kernel/System/Ticket.pm, HistoryAdd; OTRS 6 administration manual, "Time zones" (OTRSTimeZone).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.json_records import json_head, read_values
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import CODE, DeskTeller, facts_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OtrsReader", "split_entry"]

Placer = Callable[[str], Place]
_PAGES = frozenset({"Ticket", "TicketHistory", "Tickets", "Data"})
_STATE = (
    "State", "StateType", "Queue", "Owner", "Responsible", "Priority", "Lock", "Service", "SLA", "UntilTime", "EscalationTime",
    "FirstResponse", "SolutionTime", "UnlockTimeout", "Age",
)  # fmt: skip
# How the values of an entry lie between its marks: the place of the old and of the new value.
_ORDERS: dict[str, tuple[str, int | None, int | None]] = {
    "StateUpdate": ("State", 0, 1),
    "OwnerUpdate": ("Owner", None, 0),
    "ResponsibleUpdate": ("Responsible", None, 0),
    "PriorityUpdate": ("Priority", 0, 2),
    "Move": ("Queue", 2, 0),
    "TypeUpdate": ("Type", 2, 0),
    "ServiceUpdate": ("Service", 2, 0),
    "SLAUpdate": ("SLA", 2, 0),
    "TitleUpdate": ("Title", 0, 1),
    "CustomerUpdate": ("Customer", None, 0),
    "SetPendingTime": ("PendingTime", None, 0),
    "Lock": ("Lock", None, 0),
    "Unlock": ("Lock", None, 0),
    "ArchiveFlagUpdate": ("ArchiveFlag", None, 0),
}
_NOTIFIED = frozenset(
    {
        "SendAgentNotification",
        "SendCustomerNotification",
        "SendAutoReply",
        "SendAutoReject",
        "SendAutoFollowUp",
    }
)
_ESCALATED = re.compile(r"Escalation(?:Response|Update|Solution)Time(?:Start|NotifyBefore)")
_CLOSED = re.compile(r"clos|stängd|geschlossen|lukket|ferm|cerrad|erfolgreich", re.IGNORECASE)


def split_entry(kind: str, name: str) -> tuple[str, str, str]:
    """The field, old and new value of an entry of history; no field where it is no change.

    >>> split_entry("StateUpdate", "%%new%%open%%")
    ('State', 'new', 'open')
    >>> split_entry("TicketDynamicFieldUpdate", "%%FieldName%%Ward%%Value%%12%%OldValue%%11")
    ('Ward', '11', '12')
    """
    parts = [part.strip() for part in name.split("%%")]
    parts = parts[1:] if parts and not parts[0] else parts
    if kind == "TicketDynamicFieldUpdate":
        pairs = dict(zip(parts[::2], parts[1::2], strict=False))
        return pairs.get("FieldName", kind), pairs.get("OldValue", ""), pairs.get("Value", "")
    if kind not in _ORDERS:
        return "", "", ""
    field, old, new = _ORDERS[kind]
    if kind in ("Lock", "Unlock"):
        return field, "", kind.casefold()
    text = [parts[at] if at is not None and at < len(parts) else "" for at in (old, new)]
    return field, text[0], text[1]


def _is_ticket(value: Mapping[str, Any]) -> bool:
    return (
        "TicketNumber" in value
        and ("TicketID" in value or "Created" in value)
        and bool({"Queue", "QueueID", "StateID", "State", "Article"} & value.keys())
    )


def _is_history(value: Mapping[str, Any]) -> bool:
    found = value.get("History")
    return isinstance(found, list) and (
        "TicketID" in value or bool(dict_of(found[0] if found else None).get("HistoryType"))
    )


class OtrsReader:
    """Reads what the Generic Interface of OTRS and Znuny gives, one event per thing that happened to a ticket."""

    name = "otrs"
    version = "1"
    title = "OTRS and Znuny: TicketGet with articles and TicketHistoryGet as JSON"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where the first objects are OTRS', else 0."""
        for value in json_head(sample)[:3]:
            for one in list_of(value)[:3] or [value]:
                top = dict_of(one)
                inner = [
                    child for name in _PAGES & top.keys() for child in list_of(top[name])[:2] or [top[name]]
                ]
                if any(_is_ticket(dict_of(found)) or _is_history(dict_of(found)) for found in (top, *inner)):
                    return 0.98
        return 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, record by record."""
        desk = _Desk(source, self)
        for value in read_values(source, _enter, code=CODE):
            if _is_ticket(value.value):
                desk.ticket(value.value, value.place)
            elif _is_history(value.value):
                desk.histories(value.value, value.place)
            elif dict_of(value.value.get("Error")):
                error = dict_of(value.value.get("Error"))
                detail = text_of(error.get("ErrorMessage")) or text_of(error.get("ErrorCode"))
                desk.teller.complain(
                    "The interface answered with an error", detail=detail, place=f"J{value.pointer}"
                )
            else:
                desk.teller.complain(
                    "An object that is no ticket and no history",
                    place=f"J{value.pointer}",
                    severity=Severity.INFO,
                )
            yield from desk.teller.batches()
        desk.finish()
        yield from desk.teller.rest()


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    return (
        key in _PAGES
        and ahead[:1] in ("{", "[")
        and "TicketNumber" not in members
        and "TicketID" not in members
    )


class _Desk:
    def __init__(self, source: Source, reader: Any) -> None:
        self.source = source
        self.teller = DeskTeller(source, reader, system="otrs")
        self.numbers: dict[str, str] = {}
        self.seen: set[str] = set()
        self.gaps: set[int] = set()
        self.reason = ""

    def finish(self) -> None:
        if "ticket" in self.seen:
            self.teller.miss(
                {
                    "status history (no TicketHistoryGet)": "history" in self.seen,
                    "articles": "article" in self.seen,
                }
            )

    def _server(self) -> list[str]:
        """The assumption that stamps without an offset are on the server's clock."""
        if not self.reason:
            self.reason = self.source.assume(
                "zone",
                "stamps of OTRS without an offset are in the zone of its server",
                rests_on="the Generic Interface gives them as the database holds them; the zone is not in the answer",
                alternatives=(
                    "UTC, the default of OTRSTimeZone in installations that began with OTRS 6 or Znuny",
                ),
            )
        return [self.reason]

    def ticket(self, ticket: dict[str, Any], place: Placer) -> None:
        """A ticket with its articles."""
        self.seen.add("ticket")
        key = text_of(ticket.get("TicketNumber"))
        self.numbers[text_of(ticket.get("TicketID"))] = key
        title = text_of(ticket.get("Title"))
        common: dict[str, Any] = {
            "record": self.teller.record_of(key),
            "subject": key,
            "unit": text_of(ticket.get("Queue")),
        }
        parent = self.teller.tell(
            "ticket.created",
            f"{key} created: {title}",
            place(""),
            stamp=text_of(ticket.get("Created")),
            actor=text_of(ticket.get("CustomerUserID")) or text_of(ticket.get("CreateBy")),
            refs=[key],
            assumptions=self._server(),
            fields=facts_of(
                ticket, ("TicketID", "CustomerID", "CustomerUserID", "Type", "Title", "CreateBy")
            ),
            **common,
        )
        closed = text_of(ticket.get("Closed"))
        if closed:
            self.teller.tell(
                "ticket.closed",
                f"{key} closed",
                place("/Closed"),
                stamp=closed,
                parent=parent,
                assumptions=self._server(),
                **common,
            )
        dynamic = {
            f"DynamicField_{text_of(one.get('Name'))}": _joined(one.get("Value"))
            for one in map(dict_of, list_of(ticket.get("DynamicField")))
            if _joined(one.get("Value"))
        }
        dynamic |= {
            str(n): _joined(v) for n, v in ticket.items() if str(n).startswith("DynamicField_") and _joined(v)
        }
        self.teller.tell(
            "ticket.state",
            f"{key} as exported: {text_of(ticket.get('State')) or 'no state given'}",
            place(""),
            stamp=text_of(ticket.get("Changed")),
            time_kind=TimeKind.MODIFIED,
            parent=parent,
            assumptions=self._server() if ticket.get("Changed") else [],
            fields={**facts_of(ticket, _STATE), **dynamic},
            **common,
        )
        for number, one in enumerate(list_of(ticket.get("Article"))):
            if isinstance(one, dict):
                self._article(one, _inner(place, f"/Article/{number}"), key, parent)
        if isinstance(ticket.get("History"), list):
            self.histories(ticket, place)

    def _article(self, one: dict[str, Any], place: Placer, key: str, parent: str) -> None:
        """An article: visible for the customer or internal, by its flag (OTRS 6) or its type (before)."""
        self.seen.add("article")
        kind = text_of(one.get("ArticleType")) or text_of(one.get("CommunicationChannel"))
        visible = text_of(one.get("IsVisibleForCustomer"))
        is_public = (
            visible in ("1", "true") if visible else kind != "" and not kind.endswith(("internal", "report"))
        )
        counted, made = (
            text_of(one.get("IncomingTime")),
            text_of(one.get("CreateTime")) or text_of(one.get("Created")),
        )
        if counted in ("0", ""):
            counted = ""
        else:
            self._compare(counted, made, place("").locator)
        who = text_of(one.get("From")) or text_of(one.get("CreateBy"))
        subject, body = text_of(one.get("Subject")), text_of(one.get("Body"))
        told = self.teller.tell_text(
            key,
            f"{subject}\n{body}" if subject else body,
            place(""),
            is_public=is_public,
            who=who,
            what=" ".join(filter(None, ("" if is_public else "internal", kind or "article"))),
            parent=parent,
            stamp=counted or made,
            assumptions=[] if counted else self._server(),
            channel=kind or text_of(one.get("CommunicationChannelID")),
            audience=[
                part.strip() for n in ("To", "Cc") for part in text_of(one.get(n)).split(",") if part.strip()
            ],
            refs=[text for text in (text_of(one.get("MessageID")), text_of(one.get("InReplyTo"))) if text],
            fields={
                **facts_of(
                    one,
                    (
                        "ArticleID",
                        "ArticleNumber",
                        "SenderType",
                        "Subject",
                        "CreateTime",
                        "MessageID",
                        "InReplyTo",
                    ),
                ),
                **({} if visible or kind else {"visible": "not stated"}),
            },
        )
        for number, each in enumerate(list_of(one.get("Attachment"))):
            inner = dict_of(each)
            if inner:
                stamp, reasons = (counted, list[str]()) if counted else (made, self._server())
                self._file(
                    inner,
                    place(f"/Attachment/{number}"),
                    key,
                    parent=told,
                    stamp=stamp,
                    assumptions=reasons,
                    actor=who,
                )

    def _file(self, one: dict[str, Any], place: Place, key: str, **more: Any) -> None:
        name, media = text_of(one.get("Filename")), text_of(one.get("ContentType"))
        facts = facts_of(one, ("FileID", "Filesize", "FilesizeRaw", "Disposition", "ContentType"))
        self.teller.tell_file(key, name, place, fields=facts, **more)
        data = text_of(one.get("Content"))
        if not data:
            return
        try:
            found = base64.b64decode(re.sub(r"\s+", "", data), validate=True)
        except (binascii.Error, ValueError):
            self.teller.complain(
                "The content of an attachment is no Base64", detail=name, place=place.locator
            )
            return
        self.source.attach(
            name, media.partition(";")[0] or "application/octet-stream", found, place=place.locator
        )

    def _compare(self, counted: str, made: str, place: str) -> None:
        """Say how far the server's clock is from the count since 1970, once for each distance."""
        first, second = self.teller.dating.parse(counted), self.teller.dating.parse(made) if made else None
        if first is None or second is None or first.instant is None or second.offset is not None:
            return
        if second.year is None or second.month is None or second.day is None:
            return
        from datetime import UTC, datetime

        wall = datetime(
            second.year,
            second.month,
            second.day,
            second.hour,
            second.minute,
            min(second.second, 59),
            tzinfo=UTC,
        )
        steps = round((wall.timestamp() - first.instant / 1e9) / 1_800)
        if (
            abs(steps) > 28
            or abs(wall.timestamp() - first.instant / 1e9 - steps * 1_800) > 300
            or steps in self.gaps
        ):
            return
        self.gaps.add(steps)
        if steps:
            self.source.issue(
                self.teller.code,
                Severity.INFO,
                f"Two clocks in one record: CreateTime {made} is {steps / 2:+g} h from IncomingTime {counted} (UTC)",
                place=place,
                hint="So the server's clock was this far from UTC then: give its zone, so that other stamps are read with it.",
            )

    # -- history ------------------------------------------------------------------------------------------

    def histories(self, holder: dict[str, Any], place: Placer) -> None:
        """The history of a ticket, one entry after another."""
        self.seen.add("history")
        identity = text_of(holder.get("TicketID"))
        key = text_of(holder.get("TicketNumber")) or self.numbers.get(identity, "")
        entries = [(n, one) for n, one in enumerate(list_of(holder.get("History"))) if isinstance(one, dict)]
        if not key:
            new = next((one for _, one in entries if text_of(one.get("HistoryType")) == "NewTicket"), {})
            parts = [part for part in text_of(new.get("Name")).split("%%") if part]
            key = parts[0] if parts and parts[0].isdecimal() and len(parts[0]) > 5 else f"id {identity}"
        record = self.teller.record_of(key.replace(" ", "-"))
        parent = ""
        for number, one in entries:
            told = self._entry(one, place(f"/History/{number}"), key, {"record": record, "parent": parent})
            parent = parent or told

    def _entry(self, one: dict[str, Any], place: Place, key: str, more: dict[str, Any]) -> str:
        kind, name = text_of(one.get("HistoryType")), text_of(one.get("Name"))
        parts = [part.strip() for part in name.split("%%") if part.strip()]
        common: dict[str, Any] = {
            **more,
            "stamp": text_of(one.get("CreateTime")),
            "assumptions": self._server(),
            "actor": text_of(one.get("CreateByLogin")) or text_of(one.get("CreateBy")),
        }
        facts = {
            "type": kind,
            "entry": name,
            **facts_of(one, ("ArticleID", "Queue", "State", "Priority", "HistoryID")),
        }
        if kind == "NewTicket" and "ticket" not in self.seen:
            words = ", ".join(parts[1:]) if len(parts) > 1 else ""
            return self.teller.tell(
                "ticket.created",
                f"{key} created: {words}",
                place,
                subject=key,
                fields=facts,
                refs=[key],
                **common,
            )
        field, old, new = split_entry(kind, name)
        if field and (old or new):
            told = self.teller.tell_change(key, field, (old, new), place, fields=facts, **common)
            if field == "State" and _CLOSED.search(new) and not _CLOSED.search(old):
                line = f"{key} closed: {new}"
                self.teller.tell(
                    "ticket.closed", line, place, subject=key, fields={"type": kind, "new": new}, **common
                )
            return told
        if kind in ("TicketLinkAdd", "TicketLinkDelete"):
            target = parts[0] if parts else ""
            if kind == "TicketLinkAdd" and target:
                return self.teller.tell_link(
                    key, "linked to", target, place, field=kind, fields=facts, **common
                )
        if kind == "Merged" and parts:
            target = next(
                (part for part in parts if part.isdecimal() and len(part) > 5 and part != key), parts[0]
            )
            return self.teller.tell_link(
                key, "merged", target, place, relation="", field=kind, fields=facts, **common
            )
        if kind in _NOTIFIED:
            audience = parts[-1:]
            line = f"{key} {kind}: {', '.join(parts)}"
            return self.teller.tell(
                "ticket.notified",
                line,
                place,
                subject=key,
                audience=audience,
                fields=facts,
                time_kind=TimeKind.SENT,
                **common,
            )
        if kind == "TimeAccounting":
            line = f"{key} time accounted: {parts[0] if parts else ''}"
            return self.teller.tell("ticket.worklog", line, place, subject=key, fields=facts, **common)
        is_escalation = _ESCALATED.fullmatch(kind) is not None
        line = f"{key} {kind or 'entry'}" + (f": {', '.join(parts)}" if parts else "")
        told_kind = "ticket.escalated" if is_escalation else "ticket.change"
        return self.teller.tell(
            told_kind, line, place, subject=key, fields={"field": kind, **facts}, **common
        )


def _inner(place: Placer, pointer: str) -> Placer:
    return lambda more: place(pointer + more)


def _joined(value: object) -> str:
    return (
        ", ".join(filter(None, map(text_of, list_of(value)))) if isinstance(value, list) else text_of(value)
    )
