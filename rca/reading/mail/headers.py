"""The header of a mail: its fields with exact spans, words decoded, addresses as written.

The decision hidden here: which lines at the top of a text are header fields, and how damaged ones are read. Fields are
cut from the raw bytes, so that each `Received` can be cited; encoded words, folding, raw 8-bit text and addresses are
read as senders write them, and nothing here raises.

References:
    RFC 5322, 2.2 and 4; RFC 2047 (encoded words); RFC 6532 (UTF-8 in headers).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from email.utils import getaddresses

from rca.evidence.opening import detect_encoding

__all__ = ["Field", "Head", "addresses", "decode_text", "decode_words", "is_field", "plain", "read_head"]

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_NEXT = re.compile(rb"[!-9;-~]{1,100}[ \t]*:[ \t\r\n]")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.{0,4000}?)\?=")
_GAP = re.compile(r"(?<=\?=)\s+(?==\?)")
_STRANGE = re.compile("[\ud800-\udfff\0]")
_MOST = 200_000


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name as written, its raw value unfolded, and where it lies in the message."""

    name: str
    value: str
    start: int
    length: int
    line: int

    @property
    def key(self) -> str:
        """The name in small letters."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a mail: its fields in order, and `length`, how many bytes it takes with the empty line after it."""

    fields: tuple[Field, ...]
    length: int
    is_closed: bool

    def first(self, key: str) -> str:
        """The raw value of the first field called `key` that says something, "" where there is none."""
        return next((one.value for one in self.fields if one.key == key and one.value.strip()), "")

    def all(self, key: str) -> list[Field]:
        """All fields called `key`, in the order of the file."""
        return [one for one in self.fields if one.key == key]


def plain(text: str) -> str:
    r"""`text` as text that can be written: half characters and NUL become a replacement mark.

    >>> plain("a\udce5\x00")
    'a\ufffd\ufffd'
    """
    return text if text.isascii() and "\0" not in text else _STRANGE.sub("\ufffd", text)


def decode_text(data: bytes) -> str:
    """Raw bytes of a header as text: UTF-8, else what they look like."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        encoding, _ = detect_encoding(data[:4096], complete=len(data) <= 4096)
        return data.decode(encoding, "replace")


def is_field(line: bytes) -> bool:
    """Whether a line begins like a header field."""
    return _FIELD.match(line) is not None


def read_head(raw: bytes) -> Head:
    r"""The header at the beginning of `raw`: up to the first empty line, or to a line that no header can have.

    A line in the middle that is neither field nor continuation, with fields going on after it, is left out.

    >>> head = read_head(b"From: ward 4\r\nTo: it,\r\n\tboard\r\n\r\nHello")
    >>> [(one.name, one.value) for one in head.fields], head.length
    ([('From', 'ward 4'), ('To', 'it, board')], 33)
    """
    end = b"\n" if b"\n" in raw[:_MOST] or b"\r" not in raw[:_MOST] else b"\r"
    found: list[tuple[str, list[bytes], int, int, int]] = []
    at = line = 0
    is_closed = False
    while at < len(raw):
        stop = raw.find(end, at)
        stop = len(raw) if stop < 0 else stop + 1
        text = raw[at:stop].rstrip(b"\r\n")
        if not text:
            at, is_closed = stop, True
            break
        matched = _FIELD.match(text)
        if text[:1] in b" \t" and found:
            found[-1][1].append(text)
            name, values, start, _, first = found[-1]
            found[-1] = (name, values, start, stop - start, first)
        elif matched:
            found.append((matched[1].decode("ascii"), [text[matched.end() :]], at, stop - at, line))
        elif found and not _goes_on(raw, stop, end):
            break
        at, line = stop, line + 1
    fields = tuple(
        Field(name, _unfold(values), start, length, first) for name, values, start, length, first in found
    )
    return Head(fields, at, is_closed)


def _goes_on(raw: bytes, at: int, end: bytes) -> bool:
    """Whether a header goes on after a stray line."""
    stop = raw.find(end, at)
    return stop >= 0 and _NEXT.match(raw[at : stop + 1]) is not None


def _unfold(values: list[bytes]) -> str:
    text = b" ".join(value.strip() for value in values)
    return plain(decode_text(text[:_MOST])).strip()


def decode_words(text: str) -> str:
    """`text` with its encoded words decoded; a word that cannot be decoded stays as it is written.

    >>> decode_words("=?UTF-8?Q?f=C3=B6r=20?= =?utf-8?B?bMOkbmdl?=")
    'för länge'
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    held: tuple[str, bytes] | None = (
        None  # words of one charset are joined first: senders cut characters in two
    )
    at = 0
    text = _GAP.sub("", text)
    for found in _WORD.finditer(text):
        charset = found[1].partition("*")[0].lower()
        data = _decode_word(found[2], found[3])
        if found.start() > at or held is None or held[0] != charset or data is None:
            if held is not None:
                pieces.append(_decode_charset(*held))
                held = None
            pieces.append(text[at : found.start()])
            if data is None:
                pieces.append(found[0])
            else:
                held = (charset, data)
        else:
            held = (charset, held[1] + data)
        at = found.end()
    if held is not None:
        pieces.append(_decode_charset(*held))
    return plain("".join(pieces) + text[at:])


def _decode_word(kind: str, text: str) -> bytes | None:
    if kind in "qQ":
        return re.sub(
            rb"=([0-9A-Fa-f]{2})",
            lambda found: bytes([int(found[1], 16)]),
            text.replace("_", " ").encode("utf-8", "replace"),
        )
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return None


def _decode_charset(charset: str, data: bytes) -> str:
    try:
        return data.decode(charset)
    except (LookupError, UnicodeError, ValueError):
        return decode_text(data)


def addresses(values: list[str]) -> list[str]:
    """The addresses in raw header values, each as `Name <address>` with words decoded, in order, each once.

    >>> addresses(['"Head of IT, acting" <it@h.example>, ward@h.example (Ward 4)'])
    ['Head of IT, acting <it@h.example>', 'Ward 4 <ward@h.example>']
    """
    found: list[str] = []
    for value in values:
        if not value.strip():
            continue
        try:
            pairs = getaddresses([value])
        except Exception:  # deep comments and other traps: the value is cut at its commas instead
            pairs = [("", one) for one in value.split(",")]
        if not any(name or address for name, address in pairs) and ";" not in value:
            pairs = [("", value)]
        for name, address in pairs:
            word = decode_words(name).strip().strip("\"'").strip()
            address = decode_words(address).strip()
            if word and address and word.casefold() != address.casefold():
                found.append(f"{word} <{address}>")
            elif word or address:
                found.append(address or word)
    return list(dict.fromkeys(plain(one) for one in found))
