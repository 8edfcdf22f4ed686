"""Request Tracker: tickets and transactions of REST 2 (JSON), and the text of REST 1 and of the `rt` command.

The decision hidden here: which of RT's two interfaces wrote a file, and what its stamps mean. REST 2 gives UTC with a Z; an
unset date is 1970. In the text of REST 1 a ticket's dates are those of the reading user's zone ("Tue Mar 05 10:00:00 2024"),
while the history's are the database's (`rt_text`). What transactions mean is in `rt_transactions`.

References:
    RT documentation, "RT::REST2"; RT wiki, "REST" (version 1.0); share/html/REST/1.0/Forms/ticket/{default,history,links}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.evidence.opening import is_binary
from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.json_records import json_head, read_values
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import CODE
from rca.reading.tickets.rt_text import is_rt_text, read_text
from rca.reading.tickets.rt_transactions import Transactions

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RequestTrackerReader"]

Placer = Callable[[str], Place]
_LINKS = {
    "depends-on": "depends on",
    "depended-on-by": "depended on by",
    "refers-to": "refers to",
    "referred-to-by": "referred to by",
    "member-of": "member of",
    "member": "has member",
    "parent": "child of",
    "child": "parent of",
    "merged-into": "merged into",
}
_TICKET = frozenset(
    {
        "EffectiveId",
        "Requestor",
        "AdminCc",
        "Status",
        "Queue",
        "LastUpdated",
        "TimeWorked",
        "Subject",
        "Owner",
        "Creator",
    }
)
_DATES = (
    ("Started", "ticket.acknowledged", "started"),
    ("Resolved", "ticket.resolved", "resolved"),
    ("Told", "ticket.notified", "requestor last told"),
)
_FACTS = (
    "Status",
    "Priority",
    "InitialPriority",
    "FinalPriority",
    "TimeWorked",
    "TimeEstimated",
    "TimeLeft",
    "SLA",
    "Due",
    "Starts",
    "Disabled",
)


class RequestTrackerReader:
    """Reads what Request Tracker's interfaces give, one event per thing that happened to a ticket."""

    name = "rt"
    version = "1"
    title = "Request Tracker: REST 2 tickets and transactions as JSON, REST 1 tickets, links and histories as text"
    suffixes = (".json", ".txt")

    def score(self, sample: Sample) -> float:
        """0.98 for RT's text or objects, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        if is_rt_text(sample.text):
            return 0.98
        for value in json_head(sample)[:3]:
            for one in list_of(value)[:3] or [value]:
                top = dict_of(one)
                inner = [
                    child
                    for name in ("items", "transactions", "history")
                    for child in list_of(top.get(name))[:3]
                ]
                if any(_shape(dict_of(found)) for found in (top, *inner)):
                    return 0.98
        return 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, record by record."""
        told = Transactions(source, self)
        if is_rt_text(source.sample.text):
            yield from read_text(source, told)
        else:
            for value in read_values(source, _enter, code=CODE):
                _tell(value.value, value.place, told)
                yield from told.teller.batches()
        told.finish()
        yield from told.teller.rest()


def _shape(value: Mapping[str, Any]) -> str:
    """What an object is: ticket, transaction, attachment, stub, or "" for none of RT's."""
    has = value.keys().__contains__
    if (
        has("Type")
        and has("Created")
        and (has("OldValue") or has("NewValue") or has("Object"))
        and has("Creator")
    ):
        return "transaction"
    if (
        has("Created")
        and len(value.keys() & _TICKET) >= 4
        and (has("EffectiveId") or has("_hyperlinks") or has("Requestor"))
    ):
        return "ticket"
    if has("TransactionId") and (has("Content") or has("Filename")):
        return "attachment"
    if has("_url") and text_of(value.get("type")) in ("ticket", "transaction", "attachment") and has("id"):
        return "ticket" if has("Subject") and has("Created") else "stub"
    return ""


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    return (
        key in ("items", "transactions", "history")
        and ahead[:1] in ("{", "[")
        and "EffectiveId" not in members
        and "Subject" not in members
    )


def _tell(value: dict[str, Any], place: Placer, told: Transactions) -> None:
    shape = _shape(value)
    if shape == "ticket":
        _tell_ticket(value, place, told)
    elif shape == "transaction":
        _tell_transaction(value, place, told)
    elif shape == "attachment":
        _tell_attachment(value, place, told)
    elif shape == "stub":
        told.teller.note_absence(
            "the fields of the objects in this list (it has ids and addresses only)",
            hint="Ask RT for the objects themselves, or for fields=… in the search.",
        )
    else:
        told.teller.complain(
            "An object that is no ticket and no transaction", place=place("").locator, severity=Severity.INFO
        )


def _name(value: object) -> str:
    """The name of a person, group or queue, which stands as an object or as text."""
    found = dict_of(value)
    return text_of(found.get("Name")) or text_of(found.get("id")) or text_of(value)


def _is_set(stamp: str) -> bool:
    return bool(stamp) and not stamp.startswith("1970-01-01T00:00:00")


def _tell_ticket(ticket: dict[str, Any], place: Placer, told: Transactions) -> None:
    teller = told.teller
    told.seen.add("ticket")
    key = text_of(ticket.get("id")) or text_of(dict_of(ticket.get("EffectiveId")).get("id"))
    subject = text_of(ticket.get("Subject"))
    people = {
        name: ", ".join(filter(None, map(_name, list_of(ticket.get(name)))))
        for name in ("Requestor", "Cc", "AdminCc")
    }
    common: dict[str, Any] = {
        "record": teller.record_of(key),
        "subject": key,
        "unit": _name(ticket.get("Queue")),
    }
    parent = teller.tell(
        "ticket.created",
        f"{key} created: {subject}",
        place(""),
        stamp=text_of(ticket.get("Created")),
        actor=_name(ticket.get("Creator")),
        refs=[key],
        fields={"Requestor": people["Requestor"], "Subject": subject, "Type": text_of(ticket.get("Type"))},
        **common,
    )
    told.created[key] = parent
    for field, kind, word in _DATES:
        stamp = text_of(ticket.get(field))
        if _is_set(stamp):
            teller.tell(kind, f"{key} {word}", place(f"/{field}"), stamp=stamp, parent=parent, **common)
    custom = {
        f"CF.{text_of(one.get('name')) or text_of(one.get('id'))}": ", ".join(
            filter(None, map(text_of, list_of(one.get("values"))))
        )
        for one in map(dict_of, list_of(ticket.get("CustomFields")))
    }
    teller.tell(
        "ticket.state",
        f"{key} as exported: {text_of(ticket.get('Status')) or 'no status given'}",
        place(""),
        stamp=text_of(ticket.get("LastUpdated")) if _is_set(text_of(ticket.get("LastUpdated"))) else "",
        time_kind=TimeKind.MODIFIED,
        parent=parent,
        actor=_name(ticket.get("LastUpdatedBy")),
        fields={
            **{n: text_of(ticket.get(n)) for n in _FACTS if text_of(ticket.get(n))},
            "Owner": _name(ticket.get("Owner")),
            **{n: v for n, v in people.items() if v},
            **{n: v for n, v in custom.items() if v},
        },
        **common,
    )
    for number, one in enumerate(list_of(ticket.get("_hyperlinks"))):
        inner = dict_of(one)
        phrase = _LINKS.get(text_of(inner.get("ref")), "")
        target = text_of(inner.get("id")) or text_of(inner.get("_url")).rpartition("/")[2]
        if phrase and target and text_of(inner.get("type")) in ("ticket", ""):
            teller.tell_link(
                key,
                phrase,
                target,
                place(f"/_hyperlinks/{number}"),
                relation={"member of": "child of", "has member": "parent of"}.get(phrase, ""),
                field=text_of(inner.get("ref")),
                parent=parent,
                known=text_of(ticket.get("LastUpdated"))
                if _is_set(text_of(ticket.get("LastUpdated")))
                else "",
            )
    for name in ("Transactions", "transactions", "History", "history"):
        for number, one in enumerate(list_of(ticket.get(name))):
            if isinstance(one, dict):
                where = f"/{name}/{number}"
                _tell_transaction({"Object": {"id": key}, **one}, _inner(place, where), told)


def _inner(place: Placer, pointer: str) -> Placer:
    return lambda more: place(pointer + more)


def _tell_transaction(value: dict[str, Any], place: Placer, told: Transactions) -> None:
    thing = dict_of(value.get("Object"))
    key = text_of(thing.get("id")) or text_of(value.get("ObjectId"))
    told.tell(
        {
            "id": text_of(value.get("id")),
            "Type": text_of(value.get("Type")),
            "Field": text_of(value.get("Field")),
            "OldValue": _name(value.get("OldValue")),
            "NewValue": _name(value.get("NewValue")),
            "Data": text_of(value.get("Data")),
            "TimeTaken": text_of(value.get("TimeTaken")),
            "Creator": _name(value.get("Creator")),
            "Created": text_of(value.get("Created")),
            "Content": text_of(value.get("Content")) or text_of(value.get("Description")),
        },
        key,
        place(""),
    )


def _tell_attachment(value: dict[str, Any], place: Placer, told: Transactions) -> None:
    """An attachment: a file, or the text of a comment (without a file name)."""
    name, media = text_of(value.get("Filename")), text_of(value.get("ContentType"))
    transaction = _name(value.get("TransactionId"))
    told.tell_content(name, media, text_of(value.get("Content")), transaction, place(""), value=value)
