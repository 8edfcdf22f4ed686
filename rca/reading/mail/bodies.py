"""The body of a mail: its text, the files in it and the mails in it.

The decision hidden here: what of a MIME body a person reads. Of alternatives the plain text counts, else the HTML; a
part with a name, or of another type than text, is a file; `message/rfc822` is a mail of its own. The structure is read by
`email` under its oldest policy, which never raises on damage; charsets that are wrong or missing are guessed, and told.

References:
    RFC 2045, 2046, 2183 (MIME); RFC 3464 (delivery status notifications).
"""

from __future__ import annotations

import binascii
import email
import email.policy
import quopri
import re
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any

from rca.evidence.opening import detect_encoding
from rca.reading.mail.headers import Head, decode_words, plain
from rca.reading.mail.markup import html_text

__all__ = ["Body", "Part", "read_body"]

_MOST_PARTS = 1_000
_MOST_TEXT = 2_000_000
_DEEP = 30
_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\r\n]{1,200})\r?\nContent-", re.IGNORECASE)
_CHARSETS = {"utf8": "utf-8", "unicode-1-1-utf-7": "utf-7", "x-unknown": "", "unknown-8bit": "", "default": "",
             "iso-8859-8-i": "iso-8859-8", "x-mac-roman": "mac-roman", "ansi": "cp1252", "x-user-defined": ""}  # fmt: skip
_DELIVERY = ("Action", "Status", "Final-Recipient", "Diagnostic-Code")


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a mail: its name as written, media type, bytes, and how it was meant to be shown."""

    name: str
    media: str
    data: bytes
    disposition: str
    content_id: str


@dataclass(slots=True)
class Body:
    """What the body of a mail holds."""

    text: str = ""
    is_html: bool = False
    parts: list[Part] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    delivery: str = ""
    guessed: str = ""
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    is_html: bool


def read_body(raw: bytes, head: Head) -> Body:
    """The body of the message `raw` with the header `head`; damage is told in `troubles`."""
    found = Body()
    lines = b"".join(raw[one.start : one.start + one.length] for one in head.fields)
    if lines and not lines.endswith((b"\n", b"\r")):
        lines += b"\n"
    rest = raw[head.length :]
    try:
        texts = _walk(_parse(lines, rest, found), found, 0)
    except (
        Exception
    ) as error:  # nested too deep for the parser, or a defect of it: the body is shown as it is
        found.troubles.append(f"its parts could not be told apart ({type(error).__name__})")
        texts = [_Text(_decode(rest[:_MOST_TEXT], "", found), is_html=False)]
    texts = [one for one in texts if one.text.strip()]
    found.is_html = bool(texts) and all(one.is_html for one in texts)
    found.text = plain("\n\n".join(html_text(one.text) if one.is_html else one.text for one in texts)).strip(
        "\n"
    )
    return found


def _parse(lines: bytes, rest: bytes, found: Body) -> Message:
    message: Message = email.message_from_bytes(lines + b"\n" + rest, policy=email.policy.compat32)
    if message.get_content_maintype() == "multipart" and not message.is_multipart():
        real = _BOUNDARY.search(rest)
        if real:
            found.troubles.append("the boundary that it declares does not occur; another one was used")
            del message["Content-Type"]
            name = real[1].decode("latin-1").rstrip()
            again = f'Content-Type: multipart/mixed; boundary="{name}"\n\n'.encode("latin-1")
            message = email.message_from_bytes(again + rest, policy=email.policy.compat32)
    return message


def _walk(part: Message, found: Body, depth: int) -> list[_Text]:
    if depth > _DEEP:
        found.troubles.append("its parts are nested too deep")
        return []
    media = part.get_content_type()
    payload: Any = part.get_payload()
    if media in ("message/rfc822", "message/global"):
        _take_mail(part, found)
        return []
    if isinstance(payload, list) and part.get_content_maintype() == "multipart":
        each = [_walk(one, found, depth + 1) for one in payload[:_MOST_PARTS]]
        if len(payload) > _MOST_PARTS:
            found.troubles.append(f"of its {len(payload)} parts {_MOST_PARTS} were read")
        if media == "multipart/alternative":
            return _choose(each)
        return [text for texts in each for text in texts]
    if part.get_content_maintype() == "multipart":
        text = _decode(_bytes_of(part)[:_MOST_TEXT], "", found)
        if text.strip():
            found.troubles.append("it is declared to have parts, but none begins")
        return [_Text(text, is_html=text.lstrip()[:1] == "<")]
    return _leaf(part, media, found)


def _choose(each: list[list[_Text]]) -> list[_Text]:
    """Of alternatives the first with plain text, else the first with any text."""
    for texts in each:
        if any(not one.is_html and one.text.strip() for one in texts):
            return texts
    return next((texts for texts in each if any(one.text.strip() for one in texts)), [])


def _leaf(part: Message, media: str, found: Body) -> list[_Text]:
    name, disposition = _name(part), _disposition(part)
    if media == "message/delivery-status":
        found.delivery = found.delivery or _delivery(part)
    is_text = media in ("text/plain", "text/html", "text/enriched") or (
        media.startswith("text/") and not name and disposition != "attachment" and media != "text/calendar"
    )
    is_shown = is_text and disposition != "attachment"
    if is_shown and name and media == "text/html":
        is_shown = disposition == "inline"
    texts: list[_Text] = []
    data = _bytes_of(part)
    if is_shown:
        text = _decode(data[:_MOST_TEXT], _charset(part), found, is_html=media == "text/html")
        texts.append(_Text(text, media == "text/html"))
    if not is_shown or name:
        if len(found.parts) < _MOST_PARTS:
            identity = plain(decode_words(str(part.get("Content-ID") or ""))).strip("<> ")
            found.parts.append(Part(name, media, data, disposition, identity))
        elif len(found.parts) == _MOST_PARTS:
            found.troubles.append(f"more than {_MOST_PARTS} files are in it; the others were left out")
    return texts


def _take_mail(part: Message, found: Body) -> None:
    payload: Any = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    try:
        if inner is None:
            data = _bytes_of(part)
        elif "base64" in str(part.get("Content-Transfer-Encoding", "")).lower() and not inner.keys():
            data = binascii.a2b_base64(str(inner.get_payload()).encode("ascii", "replace"))
        else:
            data = inner.as_bytes(policy=email.policy.compat32)
    except Exception as error:  # the writer of `email` fails on damaged mails that its reader accepts
        found.troubles.append(f"a mail inside it could not be read ({type(error).__name__})")
        return
    if len(found.mails) < _MOST_PARTS:
        found.mails.append(data)


def _bytes_of(part: Message) -> bytes:
    """The decoded bytes of a part, whatever its transfer encoding is called."""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        pieces = []
        for one in payload[:_MOST_PARTS]:
            try:
                pieces.append(one.as_bytes(policy=email.policy.compat32))
            except Exception:  # the writer of `email` fails on damaged parts: what it can show is kept
                pieces.append(str(one.get_payload()).encode("utf-8", "replace"))
        return b"\n".join(pieces)
    try:
        data: Any = part.get_payload(decode=True)
    except Exception:  # a damaged transfer encoding: the text is kept as it stands
        data = None
    if not isinstance(data, bytes):
        data = str(payload or "").encode("utf-8", "surrogateescape")
    coding = re.sub(r"[^a-z0-9]", "", str(part.get("Content-Transfer-Encoding", "")).lower())
    if (
        coding == "quotedprintable"
        and str(part["Content-Transfer-Encoding"]).lower().strip() != "quoted-printable"
    ):
        data = quopri.decodestring(data)
    return bytes(data)


def _name(part: Message) -> str:
    return _parameter(part, "filename", "content-disposition") or _parameter(part, "name", "content-type")


def _parameter(part: Message, key: str, header: str) -> str:
    try:
        value = part.get_param(key, None, header)
        text = "" if value is None else str(collapse_rfc2231_value(value))
    except Exception:  # parameters may be damaged in any way: then the part has no name
        return ""
    return plain(decode_words(text)).strip().strip('"')[:500]


def _disposition(part: Message) -> str:
    try:
        word = str(part.get_content_disposition() or "")
    except Exception:  # a disposition that is no token
        return ""
    return word if word in ("inline", "attachment") else ""


def _charset(part: Message) -> str:
    try:
        name = str(part.get_content_charset("") or "")
    except Exception:  # a charset that is not ASCII, or half a parameter
        return ""
    return _CHARSETS.get(name, name)


def _decode(data: bytes, charset: str, found: Body, *, is_html: bool = False) -> str:
    """The text of a part; a charset that is wrong or not declared is guessed and told."""
    if is_html and not charset:
        declared = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", data[:4096], re.IGNORECASE)
        charset = declared[1].decode("ascii", "replace") if declared else ""
    try:
        return data.decode(charset or "ascii")
    except (LookupError, UnicodeError, ValueError):
        guess, _ = detect_encoding(data[:65_536], complete=len(data) <= 65_536)
        said = f"declared as {charset}" if charset else "of no declared charset"
        found.guessed = found.guessed or f"{guess}, {said}"
        return data.decode(guess, "replace")


def _delivery(part: Message) -> str:
    """What a delivery status notification says became of the mail."""
    told: list[str] = []
    payload: Any = part.get_payload()
    for group in payload[:50] if isinstance(payload, list) else []:
        for name in _DELIVERY:
            value = str(group.get(name) or "").strip()
            if value:
                told.append(f"{name}: {' '.join(value.split())}")
    return plain("; ".join(told))[:2_000]
