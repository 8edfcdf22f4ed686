"""`Mail`: what one message says, whichever file it came from.

The decision hidden here: which headers mean what. A message of MIME and one of Outlook end in the same value; identifiers
of other mails are taken from their angle brackets, free text in `In-Reply-To` is none.

References:
    RFC 5322, 3.6; RFC 3834 (Auto-Submitted); RFC 2919 (List-Id).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rca.reading.mail.bodies import Part, read_body
from rca.reading.mail.headers import Field, Head, addresses, decode_words, plain, read_head
from rca.reading.mail.mailbox import unquote
from rca.reading.mail.quotes import part_quotes

__all__ = ["MORE", "Mail", "message_ids", "read_mail", "references_in"]

_ID = re.compile(r"<[^<>\s]{1,1000}>")
_TICKET = re.compile(
    r"(?<![\w/-])(?:[A-Z][A-Z0-9]{1,9}-\d{1,7}|(?:INC|CHG|PRB|RITM|REQ|TASK|SCTASK)\d{5,10})(?![\w-])"
)
_NO_TICKET = re.compile(
    r"(?:UTF|ISO|RFC|SHA|CVE|COVID|WINDOWS|MD|RS|IEC|EN|SS|TLS|HTTP|UTC|GMT|AES|US|A|AS)-\d+"
)
_MOST_REFS = 200

MORE = {
    "reply-to": "reply_to", "sender": "sender", "importance": "importance", "x-priority": "priority",
    "auto-submitted": "auto_submitted", "x-mailer": "program", "user-agent": "program", "list-id": "list_id",
    "return-path": "return_path", "delivered-to": "delivered_to", "x-gmail-labels": "labels", "keywords": "keywords",
    "organization": "organization", "thread-topic": "thread_topic", "status": "status", "resent-from": "resent_from",
    "resent-to": "resent_to", "resent-date": "resent_date", "x-folder": "folder",
    "disposition-notification-to": "receipt_to", "sensitivity": "sensitivity",
}  # fmt: skip
"""Headers that are kept as they are, and the names of their values."""


@dataclass(slots=True)
class Mail:
    """One message: who to whom, when as written, its own words, what it quotes and holds."""

    subject: str = ""
    sender: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    date: str = ""
    dates: int = 0
    message_id: str = ""
    answers: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    hops: list[Field] = field(default_factory=list)
    text: str = ""
    quoted: str = ""
    parts: list[Part] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    guessed: str = ""
    troubles: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    head: Head | None = None

    @property
    def audience(self) -> list[str]:
        """All who were addressed openly, each once."""
        return list(dict.fromkeys([*self.to, *self.cc]))


def message_ids(text: str) -> list[str]:
    """The Message-IDs in a header value, without their brackets.

    >>> message_ids("Your message of <1@h.example>, <2@h.example>")
    ['1@h.example', '2@h.example']
    """
    return [found[0][1:-1] for found in _ID.finditer(text)][:_MOST_REFS]


def references_in(text: str) -> list[str]:
    """The keys of tickets that a text names.

    >>> references_in("As OPS-7 says, INC0012345 is solved (UTF-8).")
    ['OPS-7', 'INC0012345']
    """
    found = (one[0] for one in _TICKET.finditer(text[:200_000]))
    return list(dict.fromkeys(one for one in found if not _NO_TICKET.fullmatch(one)))[:_MOST_REFS]


def read_mail(raw: bytes, *, is_boxed: bool = False) -> Mail:
    """The mail that `raw` is; `is_boxed` says that it stood in an mbox, where `From ` at a line's start is quoted."""
    head = read_head(raw)
    mail = read_headers(head)
    if is_boxed:
        raw = raw[: head.length] + unquote(raw[head.length :])
    body = read_body(raw, head)
    parted = part_quotes(body.text)
    mail.text, mail.quoted = parted.own, parted.quoted
    mail.parts, mail.mails = body.parts, body.mails
    mail.guessed, mail.troubles = body.guessed, body.troubles
    mail.fields["delivery"] = body.delivery
    mail.fields["format"] = "html" if body.is_html else ""
    return mail


def read_headers(head: Head) -> Mail:
    """What the header of a mail says."""

    def people(key: str) -> list[str]:
        return addresses([one.value for one in head.all(key)])

    identity = head.first("message-id")
    ids = message_ids(identity)
    mail = Mail(
        subject=plain(decode_words(head.first("subject"))),
        sender="; ".join(people("from")) or "; ".join(people("sender")),
        to=people("to"),
        cc=people("cc"),
        bcc=people("bcc"),
        date=head.first("date"),
        dates=len({one.value for one in head.all("date") if one.value}),
        message_id=ids[0] if ids else "".join(identity.strip("<> ").split())[:1000],
        answers=message_ids(" ".join(one.value for one in head.all("in-reply-to"))),
        references=message_ids(" ".join(one.value for one in head.all("references"))),
        hops=head.all("received")[:_MOST_REFS],
        head=head,
    )
    for one in head.fields:
        name = MORE.get(one.key)
        if name and one.value:
            mail.fields.setdefault(name, plain(decode_words(one.value))[:2_000])
    return mail
