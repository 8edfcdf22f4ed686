"""Mail files: mbox, single messages (eml, Maildir, Apple Mail), each message with its hops, files and enclosed mails.

The decision hidden here: what is a mail by its first lines. A header block with a trace of transport, or with a sender,
a recipient and a subject, is one; labels of other texts that look alike are not. Messages are read one at a time, so
that a mailbox of many gigabytes needs no more memory than its largest message.

References:
    RFC 5322; RFC 4155; see `mailbox`, `message` and `events` for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary
from rca.reading.mail.events import CODE, MailTeller, Spot, read_stamp
from rca.reading.mail.headers import plain, read_head
from rca.reading.mail.mailbox import Cut, cut_messages, is_separator
from rca.reading.mail.message import read_mail
from rca.reading.mail.saved import is_saved, read_saved
from rca.reading.source import Sample, Source
from rca.reading.telling import Place, Teller
from rca.reading.window import plain_encoding, unit_width

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MailReader"]

_MOST = 64 << 20
_HELD = 32 << 20
"""Rows wait for a batch until their messages have so many bytes."""
_TRACE = frozenset(
    {"received", "return-path", "message-id", "delivered-to", "x-original-to", "dkim-signature", "in-reply-to",
     "references", "x-mailer", "x-mozilla-status", "x-gmail-labels", "x-gm-thrid", "authentication-results",
     "arc-seal", "x-received", "envelope-to", "received-spf", "x-uidl", "x-envelope-from", "x-apparently-to",
     "resent-from", "resent-message-id", "x-message-delivery", "x-message-info", "thread-index", "thread-topic",
     "x-ms-has-attach", "list-id", "list-unsubscribe", "x-originating-ip", "x-spam-status", "x-apple-uuid",
     "x-universally-unique-identifier", "newsgroups", "x-account-key", "x-forwarded-to"}
)  # fmt: skip
_PEOPLE = frozenset({"from", "to", "cc", "bcc", "reply-to", "sender"})
_OTHERS = frozenset(
    {"subject", "date", "mime-version", "content-type", "content-transfer-encoding", "content-disposition",
     "content-language", "importance", "priority", "precedence", "user-agent", "status", "organization", "keywords",
     "comments", "errors-to", "x-priority", "auto-submitted", "sensitivity"}
)  # fmt: skip
_BOUNDARY = re.compile(r"(?i)multipart/.*boundary")
_PAGES = frozenset({"snapshot-content-location"})


class MailReader:
    """Reads mails and mailboxes."""

    name = "mail"
    version = "1"
    title = "mail: mbox, eml, Maildir, Apple Mail"
    suffixes = (".eml", ".mbox", ".mbx", ".emlx", ".mail")

    def score(self, sample: Sample) -> float:
        """0.98 for a header of a mail or a mailbox, 0.93 for the least of one, else 0."""
        if not sample.head.strip() or sample.head[:4] == b"\xd0\xcf\x11\xe0":
            return 0.0
        if is_binary(sample.head[:2048]) and sample.head[:5] != b"From ":
            return 0.0
        text = sample.text.lstrip("\ufeff\r\n")[:40_000]
        first, _, rest = text.partition("\n")
        if first.strip().isdecimal() and len(first.strip()) <= 12:
            text = rest  # Apple Mail: the length of the message in the first line
        elif first.startswith("From "):
            after = rest.partition("\n")[0].encode()
            if not is_separator(first.rstrip().encode(), after, is_after_blank=True):
                return 0.0
            text = rest
        if is_saved(text):
            return 0.98
        return _score_header(text, is_boxed=first.startswith("From "))

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the mails, in file order."""
        teller = Teller(source, self, source_kind=SourceKind.MAIL, code=CODE, read=read_stamp)
        if unit_width(source.sample.encoding) > 1:
            yield from _read_text(source, teller)
            return
        if is_saved(source.sample.text[:40_000]):
            yield from _read_text(source, teller)
            return
        cuts = cut_messages(source.open, source.size)
        starts: dict[int, int] = {}
        for cut in cuts[:1_000_000]:
            if cut.key is not None:
                starts.setdefault(cut.key, cut.start)
        mails = MailTeller(teller, starts)
        if cuts and cuts[0].begin:
            _book_lead(source, cuts[0].begin)
        held = 0
        with source.open() as stream:
            for cut in cuts:
                held += _tell_cut(source, mails, cut, stream)
                if held > _HELD:
                    held = 0
                    yield from teller.rest()
                yield from teller.batches()
        mails.close()
        yield from teller.rest()


def _score_header(text: str, *, is_boxed: bool) -> float:
    raw = text.encode("utf-8", "replace")
    head = read_head(raw)
    keys = {one.key for one in head.fields}
    if not keys or keys & _PAGES:
        return 0.0
    known = keys & (_TRACE | _PEOPLE | _OTHERS)
    has_trace, people = keys & _TRACE, keys & _PEOPLE
    if is_boxed and known:
        return 0.98
    if head.fields[0].key not in known and not head.fields[0].key.startswith(
        ("x-", "arc-", "list-", "resent-")
    ):
        return 0.0
    if not head.is_closed and head.length < len(raw) and len(known) < 3:
        return 0.0
    if has_trace and len(known) >= 2:
        return 0.98
    if len(people) >= 2 or (people and keys & {"subject", "date", "mime-version"}):
        return 0.98
    if "mime-version" in keys and "content-type" in keys:
        return 0.98
    if head.is_closed and _BOUNDARY.match(head.first("content-type")) and b"\n--" in raw[head.length - 1 :]:
        return 0.93
    if keys <= known and keys & {"subject", "from", "message-id"} and head.is_closed:
        return 0.93
    return 0.0


def _book_lead(source: Source, count: int) -> None:
    """Blank lines and a byte order mark before the first message."""
    source.structure_bytes(0, 3 if source.head.startswith(b"\xef\xbb\xbf") else 0)
    source.blank_bytes(0, count)


def _tell_cut(source: Source, mails: MailTeller, cut: Cut, stream: BinaryIO) -> int:
    """Tell one message; how many bytes it has."""
    stream.seek(cut.begin)
    lead = stream.read(min(cut.start - cut.begin, _MOST))
    raw = stream.read(min(cut.end - cut.start, _MOST))
    source.structure_bytes(cut.begin, cut.start - cut.begin)
    length = cut.end - cut.start
    if length > _MOST:
        source.issue(
            CODE,
            Severity.WARNING,
            f"The message has {length} bytes; its first {_MOST} were read",
            place=f"R{cut.number}",
            hint="What is in its end has to be looked at by hand.",
        )
    else:
        kept = len(raw.rstrip(b"\r\n"))
        kept = min(len(raw), kept + 2 if raw[kept : kept + 2] == b"\r\n" else kept + 1)
        if cut.is_boxed and kept < len(raw):
            source.blank_bytes(cut.start + kept, len(raw) - kept)
            raw, length = raw[:kept], kept
    source.event_bytes(cut.start, length)
    if cut.rest < source.size and not cut.is_boxed:
        source.structure_bytes(cut.rest, source.size - cut.rest)
    place = Place(f"R{cut.number}", cut.start, length, cut.line)
    envelope = lead.decode("latin-1").strip() if cut.is_boxed else ""
    if not raw.strip():
        source.issue(
            CODE, Severity.INFO, "Nothing follows the line that begins a message", place=place.locator
        )
    mails.tell(read_mail(raw, is_boxed=cut.is_boxed), Spot(place, f"R{cut.number}", envelope))
    return len(raw)


def _read_text(source: Source, teller: Teller) -> Iterator[pa.RecordBatch]:
    """A message saved as text, or as UTF-16 or UTF-32: one mail."""
    with source.open() as stream:
        raw = stream.read(_MOST)
    text = raw.decode(plain_encoding(source), "replace").lstrip("\ufeff")
    source.event_bytes(0, source.size)
    mail = read_saved(plain(text)) if is_saved(text) else read_mail(text.encode("utf-8", "replace"))
    mails = MailTeller(teller)
    mails.tell(mail, Spot(Place("R1", 0, source.size, 1), "R1", is_exact=False))
    mails.close()
    yield from teller.rest()
