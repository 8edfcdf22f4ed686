r"""`read_text`: the text of Request Tracker's REST 1 interface: forms of fields, one after another.

The decision hidden here: where a form and a field end, and which clock a date is on. Forms are parted by a line `--`; a field's
further lines are indented as far as its text. Dates of a ticket are in the zone of the user who asked, those of its history
are the database's, which is UTC.

References:
    RT wiki, "REST" (version 1.0); share/html/REST/1.0/Forms/ticket/default (`$time->AsString`), …/history (`$t->Created`);
    RT documentation, "RT::Date" (the database holds UTC).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.evidence.opening import mark_length
from rca.moments.moment import TimeKind
from rca.reading.source import Source
from rca.reading.telling import Place
from rca.reading.tickets.rt_transactions import Transactions, ticket_in
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["is_rt_text", "read_text"]

_STATUS = re.compile(r"RT/\d[\w.]*(?:-[\w.]+)* \d{3} [^\r\n]{1,60}\r?$", re.MULTILINE)
_FIELD = re.compile(
    r"(?P<key>CF(?:\.\{[^}]{1,200}\}|-[^:]{1,200})|[A-Za-z][\w-]{0,60}):(?P<gap> ?)(?P<text>.*)", re.DOTALL
)
_SHORT = re.compile(r"(?P<id>\d{1,12}): (?P<text>.+)")
_TICKET = re.compile(r"(?:ticket/)?(?P<id>\d{1,12})(?P<rest>/links|/history)?")
_UNSET = frozenset({"", "Not set", "0"})
_DATES = (
    ("Started", "ticket.acknowledged", "started"),
    ("Resolved", "ticket.resolved", "resolved"),
    ("Told", "ticket.notified", "requestor last told"),
)
_LINKS = ("DependsOn", "DependedOnBy", "RefersTo", "ReferredToBy", "MemberOf", "Members")
_PHRASES = {
    "DependsOn": ("depends on", ""),
    "DependedOnBy": ("depended on by", ""),
    "RefersTo": ("refers to", ""),
    "ReferredToBy": ("referred to by", ""),
    "MemberOf": ("member of", "child of"),
    "Members": ("has member", "parent of"),
}
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class _Form:
    """A form: its fields, where it stands, and the lines that are no fields."""

    fields: dict[str, str]
    start: int
    length: int
    line: int
    last_line: int

    @property
    def place(self) -> Place:
        """Its lines."""
        return Place(
            f"L{self.line}" if self.line == self.last_line else f"L{self.line}-{self.last_line}",
            self.start,
            self.length,
            self.line,
        )


def is_rt_text(text: str) -> bool:
    r"""Whether a text is an answer of REST 1, with its status line or saved without it.

    >>> is_rt_text("RT/4.4.4 200 Ok\n\nid: ticket/1\n"), is_rt_text("id: 1\n")
    (True, False)
    """
    plain = text.lstrip("\ufeff \t\r\n")[:4_000]
    if _STATUS.match(plain):
        return True
    first = re.match(r"id: ticket/\d+(?:/\w+)?\r?\n", plain)
    return (
        first is not None
        and re.search(r"^(?:Queue|Requestors|DependsOn|Owner):", plain, re.MULTILINE) is not None
    )


def read_text(source: Source, told: Transactions) -> Iterator[pa.RecordBatch]:
    """The events of the forms, in order."""
    stored = ""
    current = ""
    for form in _forms(source):
        fields = form.fields
        if (
            "Type" in fields
            and "Created" in fields
            and ("Ticket" in fields or "Field" in fields or "Data" in fields)
        ):
            if not stored:
                stored = source.assume(
                    "zone",
                    "stamps of transactions are the database's and so UTC",
                    rests_on="REST 1 prints a transaction's Created as the database holds it, and RT's database holds UTC",
                    alternatives=("the zone of the user who asked, as the ticket's own dates are",),
                )
            key = fields.get("Ticket", "") or current
            told.tell(fields, key, form.place, zone="UTC", assumptions=[stored])
            _tell_files(fields, key, form.place, told, stored)
        elif (found := _TICKET.fullmatch(fields.get("id", ""))) is not None:
            current = found["id"]
            if found["rest"] == "/links" or (
                "Queue" not in fields and any(name in fields for name in _LINKS)
            ):
                _tell_links(fields, current, form.place, told)
            elif "Queue" in fields or "Created" in fields or "Subject" in fields:
                _tell_ticket(fields, current, form.place, told)
        else:
            _tell_short(fields, current, form.place, told)
        yield from told.teller.batches()


def _tell_ticket(fields: dict[str, str], key: str, place: Place, told: Transactions) -> None:
    teller = told.teller
    told.seen.add("ticket")
    subject = fields.get("Subject", "")
    common: dict[str, Any] = {
        "record": teller.record_of(key),
        "subject": key,
        "unit": fields.get("Queue", ""),
    }
    parent = teller.tell(
        "ticket.created",
        f"{key} created: {subject}",
        place,
        stamp=_set(fields.get("Created", "")),
        actor=fields.get("Creator", "") or fields.get("Requestors", ""),
        refs=[key],
        fields={name: fields[name] for name in ("Requestors", "Subject") if fields.get(name)},
        **common,
    )
    told.created[key] = parent
    for name, kind, word in _DATES:
        if _set(fields.get(name, "")):
            teller.tell(kind, f"{key} {word}", place, stamp=fields[name], parent=parent, **common)
    facts = {
        n: v
        for n, v in fields.items()
        if v not in _UNSET and n not in ("id", "Created", "Creator", "Subject")
    }
    teller.tell(
        "ticket.state",
        f"{key} as exported: {fields.get('Status', '') or 'no status given'}",
        place,
        stamp=_set(fields.get("LastUpdated", "")),
        time_kind=TimeKind.MODIFIED,
        parent=parent,
        fields=facts,
        **common,
    )


def _set(stamp: str) -> str:
    return "" if stamp in _UNSET else stamp


def _tell_links(fields: dict[str, str], key: str, place: Place, told: Transactions) -> None:
    for name in _LINKS:
        for target in re.split(r"[,\s]+", fields.get(name, "")):
            if target:
                phrase, relation = _PHRASES[name]
                told.teller.tell_link(
                    key,
                    phrase,
                    ticket_in(target),
                    place,
                    relation=relation,
                    field=name,
                    parent=told.created.get(key, ""),
                )


def _tell_files(fields: dict[str, str], key: str, place: Place, told: Transactions, reason: str) -> None:
    """The files of a transaction; parts without a name are its text, not files."""
    for found in re.finditer(r"(\d+): (.{1,300}?) \((\d[\d.]*[bkmg]?)\)", fields.get("Attachments", "")):
        if found[2] not in ("untitled", "(Unnamed)"):
            told.teller.tell_file(
                key or "ticket",
                found[2],
                place,
                record=told.record(key),
                stamp=fields.get("Created", ""),
                zone="UTC",
                assumptions=[reason],
                actor=fields.get("Creator", ""),
                fields={"id": found[1], "size": found[3], "transaction": fields.get("id", "")},
            )


def _tell_short(fields: dict[str, str], key: str, place: Place, told: Transactions) -> None:
    """A history in its short form: what happened, without when and by whom."""
    for name, text in fields.items():
        if name.startswith("#"):
            told.teller.note_absence(
                "the times and persons of the history (short form)", hint="Ask for the history with format=l."
            )
            told.seen.add("transaction")
            told.teller.tell(
                "ticket.change",
                f"{key or 'ticket'} {text}",
                place,
                subject=key,
                record=told.record(key),
                parent=told.created.get(key, ""),
                fields={"transaction": name[1:]},
            )


def _forms(source: Source) -> Iterator[_Form]:
    """The forms of the text; status lines, comments and separators are structure, blank lines blank."""
    encoding = plain_encoding(source)
    mark = mark_length(source.head)
    source.structure_bytes(0, mark)
    fields: dict[str, str] = {}
    first: tuple[int, int] | None = None
    last = (0, 0)
    key, indent, parts = "", 0, list[str]()

    def close() -> None:
        if key:
            text = "\n".join(parts).strip("\n")
            fields[key] = text.strip()[:_LONGEST] if key != "Content" else text.rstrip()[:_LONGEST]

    for number, start, raw in source.lines():
        begin = max(start, mark)
        size = start + len(raw) - begin
        text = raw[begin - start :].decode(encoding, errors="backslashreplace").rstrip("\r\n")
        is_header = not text.startswith(" ") and (
            _STATUS.fullmatch(text) or text.startswith("#") or text == "--"
        )
        if is_header:
            close()
            if first is not None and fields:
                yield _Form(fields, first[0], last[0] - first[0], first[1], last[1])
            fields, first, key, parts = {}, None, "", []
            source.structure_bytes(begin, size)
            continue
        if not text.strip():
            if key and first is not None:
                parts.append("")
            source.blank_bytes(begin, size)
            continue
        short = _SHORT.fullmatch(text)
        field = None if text.startswith((" ", "\t")) else _FIELD.fullmatch(text)
        if short is not None and not text.startswith(" "):
            close()
            key, parts = "", []
            if first is not None and any(not name.startswith("#") for name in fields):
                yield _Form(fields, first[0], last[0] - first[0], first[1], last[1])
                fields, first = {}, None
            first = first or (begin, number)
            fields[f"#{short['id']}"] = short["text"]
        elif field is not None:
            close()
            is_next = field["key"] == "id" and first is not None and "id" in fields
            if is_next and first is not None:
                yield _Form(fields, first[0], last[0] - first[0], first[1], last[1])
                fields, first = {}, None
            first = first or (begin, number)
            key, indent, parts = field["key"], len(field["key"]) + 2, [field["text"]]
        elif key:
            parts.append(text[indent:] if not text[:indent].strip() else text.lstrip())
        else:
            source.unparsed_bytes(
                begin, raw[begin - start :], place=f"L{number}", reason="no field of a form"
            )
            continue
        last = (start + len(raw), number)
        source.event_bytes(begin, size)
    close()
    if first is not None and fields:
        yield _Form(fields, first[0], last[0] - first[0], first[1], last[1])
