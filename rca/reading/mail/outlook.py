"""Mails that Outlook saved (.msg), and what to do with its stores (.pst, .ost).

The decision hidden here: which property of a message says what. The transport header, where it is kept, states dates
with offsets and the hops; else the properties do, whose times are UTC by their definition. A draft that was never sent
stays undated. A store of many mails is not opened here: an issue names the tool that turns it into mbox.

References:
    [MS-OXMSG]; [MS-OXOMSG] 2.2 (PidTagClientSubmitTime, PidTagMessageDeliveryTime); [MS-OXPROPS]; [MS-PST] 2.2.2.6.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.moments.moment import TimeKind
from rca.reading.mail.bodies import Part
from rca.reading.mail.events import CODE, MailTeller, Spot, read_stamp
from rca.reading.mail.headers import plain, read_head
from rca.reading.mail.mapi import Storage, filetime_text, read_storage, unpack_rtf
from rca.reading.mail.markup import html_text
from rca.reading.mail.message import Mail, message_ids, read_headers
from rca.reading.mail.quotes import part_quotes
from rca.reading.mail.rtf import rtf_text
from rca.reading.source import Sample, Source
from rca.reading.telling import Place, Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OutlookReader"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STORE = b"!BDN"
_TNEF = b"\x78\x9f\x3e\x22"
_CLASS = bytes.fromhex("0b0d020000000000c000000000000046")
_NAMES = tuple(
    name.encode("utf-16-le") for name in ("__properties_version1.0", "__nameid_version1.0", "__substg1.0_")
)
_DEEP = 8


class OutlookReader:
    """Reads the messages that Outlook saves one a file."""

    name = "msg"
    version = "1"
    title = "mail: Outlook messages (.msg); stores (.pst) are named, not opened"
    suffixes = (".msg", ".oft", ".pst", ".ost")

    def score(self, sample: Sample) -> float:
        """0.98 for a message of Outlook or a store, 0.6 for a container whose directory lies beyond the head, else 0."""
        head = sample.head
        if head.startswith((_STORE, _TNEF)):
            return 0.98
        if not head.startswith(_OLE):
            return 0.0
        if any(name in head for name in _NAMES):
            return 0.98
        root = _root_entry(head)
        if root is None:
            return 0.6
        return 0.98 if root[80:96] == _CLASS else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the message, in its order."""
        if source.head.startswith((_STORE, _TNEF)):
            _refuse(source)
            return
        teller = Teller(source, self, source_kind=SourceKind.MAIL, code=CODE, read=read_stamp)
        message = _open(source)
        if message is not None:
            mails = MailTeller(teller)
            _Telling(source, mails, teller).tell(message, Spot(Place("R1"), "R1", is_exact=False))
            mails.close()
        yield from teller.rest()


def _root_entry(head: bytes) -> bytes | None:
    """The directory entry of the root storage ([MS-CFB], 2.2 and 2.6), None where it lies beyond the head."""
    if len(head) < 52:
        return None
    shift, first = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<I", head, 48)[0]
    if shift not in (9, 12):
        return None
    at = (first + 1) << shift
    entry = head[at : at + 128]
    return entry if len(entry) == 128 else None


def _refuse(source: Source) -> None:
    """A container of many mails, or of Outlook's own form: named, not opened."""
    is_store = source.head.startswith(_STORE)
    what = (
        "an Outlook store of many mails (.pst, .ost)"
        if is_store
        else "a container of Outlook (TNEF, winmail.dat)"
    )
    tool = (
        "Unpack it with readpst -r -D -o FOLDER FILE (libpst) into mbox files, and add those."
        if is_store
        else "Unpack it with ytnef or tnef and add what it holds."
    )
    source.unparsed_bytes(
        0, source.head, place=f"B0+{source.size}", reason=f"{what}; not opened", length=source.size
    )
    source.issue(CODE, Severity.WARNING, f"Not read: {what}", hint=tool)


def _open(source: Source) -> Storage | None:
    """The message in the container; where there is none, the bytes are unparsed and an issue says why."""
    try:
        import olefile
    except ImportError:
        _give_up(source, "the package olefile is not installed")
        return None
    try:
        with source.open() as stream, olefile.OleFileIO(stream) as container:
            entries = container.listdir(streams=True, storages=False)
            if not any(entry[0].startswith(("__substg1.0_", "__properties_")) for entry in entries):
                _give_up(source, "an OLE container that holds no message of Outlook")
                return None
            message = read_storage(container)
            source.count_in("streams", len(entries))
            source.event_bytes(0, len(entries))
            return message
    except Exception as error:  # olefile raises whatever a damaged container leads it to
        _give_up(source, f"a damaged OLE container ({type(error).__name__}: {str(error)[:100]})")
        return None


def _give_up(source: Source, why: str) -> None:
    source.count_in("bytes", source.size)
    source.unparsed_bytes(0, source.head, place=f"B0+{source.size}", reason=why, length=source.size)
    source.issue(
        CODE,
        Severity.WARNING,
        f"Not read: {why}",
        hint="Save the message as .eml (or unpack it) and add that.",
    )


@dataclass(slots=True)
class _Telling:
    """The messages of one container on their way to events."""

    source: Source
    mails: MailTeller
    teller: Teller

    def tell(self, message: Storage, spot: Spot, *, outer: str = "", depth: int = 0) -> str:
        """Tell a message and those embedded in it."""
        mail, embedded = _mail_of(message)
        submitted, delivered = filetime_text(message.number(0x0039)), filetime_text(message.number(0x0E06))
        rests: list[str] = []
        is_draft = bool((message.number(0x0E07) or 0) & 8)
        if not mail.date and submitted and not is_draft:
            mail.date = submitted
            rests.append(self._assume("the time of sending (PidTagClientSubmitTime)"))
        mail.fields |= {
            "submitted": submitted,
            "created": filetime_text(message.number(0x3007)),
            "modified": filetime_text(message.number(0x3008)),
            "class": message.text(0x001A),
            "draft": "true" if is_draft else "",
        }
        told = self.mails.tell(mail, spot, outer=outer, depth=depth, assumptions=tuple(rests))
        if delivered and not is_draft:
            self.teller.tell(
                "mail.received",
                f"The mail was delivered to the mailbox: {mail.subject or '(no subject)'}",
                spot.place,
                stamp=delivered,
                time_kind=TimeKind.RECORDED,
                record=self.mails.record,
                fields={"property": "PidTagMessageDeliveryTime"},
                assumptions=[self._assume("the time of delivery (PidTagMessageDeliveryTime)")],
                actor=message.text(0x0076, 0x0040),
                parent=told,
            )
        for number, one in enumerate(embedded, start=1):
            if depth < _DEEP:
                within = Spot(spot.place, f"{spot.number}/m{number}", is_exact=False)
                self.tell(one, within, outer=told, depth=depth + 1)
        return told

    def _assume(self, what: str) -> str:
        return self.source.assume(
            "zone",
            f"{what} is in UTC",
            rests_on="[MS-OXCDATA] 2.11.1: PtypTime counts in UTC",
            alternatives=("local time",),
        )


def _mail_of(message: Storage) -> tuple[Mail, list[Storage]]:
    """The mail that a message storage is, and the messages embedded in it."""
    transport = message.text(0x007D)
    mail = read_headers(read_head(transport.lstrip().encode("utf-8", "replace"))) if transport else Mail()
    mail.subject = plain(message.text(0x0037) or mail.subject or message.text(0x0E1D, 0x0070))
    if len(mail.subject) > 2 and mail.subject[0] == "\x01":  # the length of the prefix, in old containers
        mail.subject = mail.subject[2:]
    mail.sender = mail.sender or _person(message, (0x0042, 0x0C1A), (0x5D02, 0x5D01, 0x0065, 0x0C1F))
    behind = _person(message, (0x0C1A,), (0x5D01, 0x0C1F))
    if behind and behind != mail.sender and not transport:
        mail.fields.setdefault("sender", behind)
    mail.to, mail.cc, mail.bcc = (
        (given or _recipients(message, kind) or _shown(message.text(shown)))
        for given, kind, shown in ((mail.to, 1, 0x0E04), (mail.cc, 2, 0x0E03), (mail.bcc, 3, 0x0E02))
    )
    identity = message.text(0x1035)
    mail.message_id = mail.message_id or next(iter(message_ids(identity)), identity.strip("<> "))
    mail.answers = mail.answers or message_ids(message.text(0x1042))
    mail.references = mail.references or message_ids(message.text(0x1039))
    text, form = _text_of(message)
    parted = part_quotes(plain(text))
    mail.text, mail.quoted = parted.own, parted.quoted
    if form:
        mail.fields["format"] = form
    if message.too_large:
        mail.troubles.append("a property of it is too large")
    embedded: list[Storage] = []
    for one in message.attachments:
        if one.embedded is not None:
            embedded.append(one.embedded)
            continue
        name = plain(one.text(0x3707, 0x3704, 0x3001))
        media = one.text(0x370E) or "application/octet-stream"
        if one.too_large:
            mail.troubles.append(f"the file {name or 'without a name'} is too large to be taken out")
        data = one.binaries.get(0x3701, b"")
        shown = "inline" if one.text(0x3712) and one.number(0x7FFE) else "attachment"
        mail.parts.append(Part(name, media, data, shown, plain(one.text(0x3712))))
    return mail, embedded


def _person(one: Storage, names: tuple[int, ...], mails: tuple[int, ...]) -> str:
    name = plain(one.text(*names)).strip("'\" ")
    address = next((text for text in (plain(one.text(each)) for each in mails) if "@" in text), "")
    if not address:
        address = next((text for text in (plain(one.text(each)) for each in mails) if text and not name), "")
    if name and address and name.casefold() != address.casefold():
        return f"{name} <{address}>"
    return address or name


def _recipients(message: Storage, kind: int) -> list[str]:
    found = [
        _person(one, (0x3001, 0x5FF6), (0x39FE, 0x3003))
        for one in message.recipients
        if (one.number(0x0C15) or 0) & 0xF == kind
    ]
    return list(dict.fromkeys(one for one in found if one))


def _shown(text: str) -> list[str]:
    return [plain(one.strip()) for one in text.split(";") if one.strip()]


def _text_of(message: Storage) -> tuple[str, str]:
    """The body as text, and the form it was kept in where that is not plain text."""
    plain_text = message.text(0x1000)
    if plain_text:
        return plain_text, ""
    markup: Any = message.binaries.get(0x1013) or message.text(0x1013)
    if markup:
        if isinstance(markup, bytes):
            declared = re.search(rb"charset=[\"']?([\w-]{2,40})", markup[:4096])
            try:
                markup = markup.decode(declared[1].decode("ascii") if declared else "utf-8")
            except (LookupError, UnicodeError):
                markup = markup.decode("cp1252", "replace")
        return html_text(markup), "html"
    packed = message.binaries.get(0x1009)
    if packed:
        text, is_html = rtf_text(unpack_rtf(packed))
        return (html_text(text), "html in rtf") if is_html else (text, "rtf")
    return "", ""
