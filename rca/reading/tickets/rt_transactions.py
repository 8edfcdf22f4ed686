"""`Transactions`: what the transactions of Request Tracker say happened.

The decision hidden here: the types of transactions. `Correspond` is read by the requestor, `Comment` is internal; `Set` names a
field; `AddLink` and `DeleteLink` name a link in Field. A type that is not known stays with its own words.

References:
    RT documentation, "RT::Transaction" (types), "RT::Link" (DependsOn, RefersTo, MemberOf, MergedInto).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rca.moments.moment import TimeKind
from rca.reading.json_fields import text_of
from rca.reading.source import Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import DeskTeller

__all__ = ["Transactions", "ticket_in"]

_NOTHING = frozenset({"", "This transaction appears to have no content", "Not set", "None"})
_LINK = {
    "DependsOn": ("depends on", ""),
    "DependedOnBy": ("depended on by", ""),
    "RefersTo": ("refers to", ""),
    "ReferredToBy": ("referred to by", ""),
    "MemberOf": ("member of", "child of"),
    "HasMember": ("has member", "parent of"),
    "Members": ("has member", "parent of"),
    "MergedInto": ("merged into", ""),
}
_URI = re.compile(r"(?:fsck\.com-rt://[^/\s]+/ticket/|t:|#|.*[?&]id=)?(?P<id>\d{1,12})")


def ticket_in(text: str) -> str:
    """The ticket that a link's end names, by its URI or number; else the end as written.

    >>> ticket_in("fsck.com-rt://example.org/ticket/43"), ticket_in("http://wiki/ward-12")
    ('43', 'http://wiki/ward-12')
    """
    found = _URI.fullmatch(text.strip())
    return found["id"] if found else text.strip()


class Transactions:
    """Tells the events of transactions; knows the tickets and files that were told."""

    def __init__(self, source: Source, reader: Any) -> None:
        self.source = source
        self.teller = DeskTeller(source, reader, system="rt")
        self.created: dict[str, str] = {}
        self.seen: set[str] = set()

    def finish(self) -> None:
        """The coverage notes."""
        if "ticket" in self.seen:
            self.teller.miss(
                {
                    "history (no transactions)": "transaction" in self.seen,
                    "comments and correspondence": bool(self.seen & {"text"}),
                }
            )

    def record(self, key: str) -> str:
        """The record of a ticket; one of the stream's own where the ticket is not named."""
        if key:
            return self.teller.record_of(key)
        self.teller.note_absence("the ticket that entries belong to", hint="The request names it.")
        return f"rt:{self.source.stream_key[:12]}"

    def tell(
        self,
        value: Mapping[str, str],
        key: str,
        place: Place,
        *,
        zone: str = "",
        assumptions: Sequence[str] = (),
    ) -> None:
        """The event of a transaction, with its fields as text."""
        self.seen.add("transaction")
        teller = self.teller
        kind, field = value.get("Type", ""), value.get("Field", "")
        old, new = value.get("OldValue", ""), value.get("NewValue", "")
        content = value.get("Content", "")
        content = "" if content.strip() in _NOTHING else content
        stamp = value.get("Created", "")
        common: dict[str, Any] = {
            "record": self.record(key),
            "parent": self.created.get(key, ""),
            "stamp": stamp,
            "zone": zone,
            "assumptions": list(assumptions) if stamp else [],
            "actor": value.get("Creator", ""),
        }
        subject = key or "ticket"
        facts = {"transaction": value.get("id", ""), "type": kind, "time_taken": value.get("TimeTaken", "")}
        facts = {n: v for n, v in facts.items() if v and v != "0"}
        words = value.get("Description", "")
        if kind in ("Create", "Correspond", "Comment", "EmailRecord", "CommentEmailRecord"):
            self._tell_text(kind, content, subject, place, facts, words, common)
        elif kind in ("AddLink", "DeleteLink") and (new or old):
            self._tell_link(kind, field, (old, new), subject, place, facts, common)
        elif (
            kind in ("Status", "Set", "CustomField", "SetWatcher", "AddWatcher", "DelWatcher", "SystemError")
            or field
        ):
            name = field or {"Status": "Status"}.get(kind, kind)
            name = (
                "Status" if kind == "Status" else f"CF.{field}" if kind == "CustomField" and field else name
            )
            teller.tell_change(subject, name, (old, new), place, fields=facts, **common)
        elif kind in ("Give", "Take", "Steal", "Untake", "Force", "SetOwner"):
            teller.tell_change(subject, "Owner", (old, new), place, fields=facts, **common)
        elif kind == "Told":
            teller.tell(
                "ticket.notified", f"{subject} requestor told", place, subject=key, fields=facts, **common
            )
        else:
            line = f"{subject} {words or kind or 'transaction'}"
            teller.tell(
                "ticket.change",
                line,
                place,
                subject=key,
                text=content,
                fields={"old": old, "new": new, **facts},
                **common,
            )

    def _tell_text(
        self,
        kind: str,
        content: str,
        subject: str,
        place: Place,
        facts: dict[str, str],
        words: str,
        common: dict[str, Any],
    ) -> None:
        """Creation, correspondence, comments, and records of mails that RT sent."""
        teller = self.teller
        if kind in ("EmailRecord", "CommentEmailRecord"):
            line = f"{subject} {words or 'outgoing email recorded'}"
            teller.tell(
                "ticket.notified",
                line,
                place,
                subject=subject,
                text=content,
                fields=facts,
                time_kind=TimeKind.SENT,
                **common,
            )
            return
        if kind == "Create" and common["parent"]:
            if content:  # the ticket itself was told already; its first text is the requestor's
                self.seen.add("text")
                teller.tell_text(
                    subject,
                    content,
                    place,
                    is_public=True,
                    who=common.pop("actor"),
                    what="first message",
                    fields=facts,
                    **common,
                )
            else:
                teller.tell(
                    "ticket.change",
                    f"{subject} {words or 'created'}",
                    place,
                    subject=subject,
                    fields=facts,
                    **common,
                )
            return
        if kind == "Create":
            line = f"{subject} {words or 'created'}"
            told = teller.tell(
                "ticket.created",
                line,
                place,
                subject=subject,
                text=content,
                refs=[subject],
                fields=facts,
                **common,
            )
            self.created.setdefault(subject, told)
            return
        self.seen.add("text")
        is_public = kind == "Correspond"
        what = "correspondence" if is_public else "comment (internal)"
        teller.tell_text(
            subject,
            content,
            place,
            is_public=is_public,
            who=common.pop("actor"),
            what=what,
            fields=facts,
            **common,
        )

    def _tell_link(
        self,
        kind: str,
        field: str,
        change: tuple[str, str],
        subject: str,
        place: Place,
        facts: dict[str, str],
        common: dict[str, Any],
    ) -> None:
        phrase, relation = _LINK.get(field, (field or "linked to", ""))
        if kind == "AddLink":
            target = ticket_in(change[1] or change[0])
            self.teller.tell_link(
                subject, phrase, target, place, relation=relation, field=field, fields=facts, **common
            )
            return
        target = ticket_in(change[0] or change[1])
        line = f"{subject} no longer {phrase}: {target}"
        fields = {"field": field, "old": target, "new": "", **facts}
        self.teller.tell(
            "ticket.change", line, place, subject=subject, refs=[target], fields=fields, **common
        )

    def tell_content(
        self, name: str, media: str, content: str, transaction: str, place: Place, *, value: Mapping[str, Any]
    ) -> None:
        """An attachment of REST 2: a file, or a text that belongs to a transaction."""
        key = ""
        creator = value.get("Creator")
        who = text_of(creator.get("id")) if isinstance(creator, dict) else text_of(creator)
        facts = {"transaction": transaction, "content_type": media, "id": text_of(value.get("id"))}
        data = b""
        try:
            data = base64.b64decode(re.sub(r"\s+", "", content), validate=True) if content else b""
        except (binascii.Error, ValueError):
            data = content.encode("utf-8", errors="replace")
        common: dict[str, Any] = {"record": self.record(key), "stamp": text_of(value.get("Created"))}
        if name:
            self.teller.tell_file("ticket", name, place, actor=who, fields=facts, **common)
            if data:
                self.source.attach(name, media or "application/octet-stream", data, place=place.locator)
        elif media.startswith("text/"):
            text = data.decode("utf-8", errors="replace")
            line = f"ticket text of transaction {transaction}: {text}"
            self.teller.tell("ticket.change", line, place, text=text, actor=who, fields=facts, **common)
