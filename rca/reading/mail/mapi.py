"""The properties of a message in an Outlook container (.msg): storages and streams become named values.

The decision hidden here: the layout of [MS-OXMSG]. Fixed values stand in the property stream, long ones in streams named
by property and type; recipients, attachments and embedded messages are storages of their own. Text is UTF-16 or in the
code page that the message names; times are FILETIME in UTC. Sizes are limited, nothing raises on damage.

References:
    [MS-OXMSG] 2.1 to 2.4; [MS-OXPROPS]; [MS-OXCDATA] 2.11; [MS-OXRTFCP] (compressed RTF).
"""

from __future__ import annotations

import codecs
import datetime as dt
import re
import struct
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Storage", "filetime_text", "read_storage", "unpack_rtf"]

_MOST = 64 << 20
_MOST_PARTS = 5_000
_STREAM = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})")
_RECIPIENT = re.compile(r"__recip_version1\.0_#[0-9A-Fa-f]{8}", re.IGNORECASE)
_ATTACHMENT = re.compile(r"__attach_version1\.0_#[0-9A-Fa-f]{8}", re.IGNORECASE)
_PROPERTIES = "__properties_version1.0"
_EPOCH = 11_644_473_600
_NUMBERS = {0x0002: "<h", 0x0003: "<i", 0x000B: "<H", 0x0014: "<q", 0x0040: "<Q"}
_PAGES = {65001: "utf-8", 28591: "latin-1", 20127: "ascii", 20866: "koi8-r", 932: "cp932", 936: "gbk", 949: "cp949",
          950: "big5", 28605: "iso-8859-15", 50220: "iso-2022-jp", 51949: "euc-kr", 52936: "gb2312"}  # fmt: skip


@dataclass(slots=True)
class Storage:
    """The properties of one storage by their number, and the storages in it."""

    numbers: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    binaries: dict[int, bytes] = field(default_factory=dict)
    recipients: list[Storage] = field(default_factory=list)
    attachments: list[Storage] = field(default_factory=list)
    embedded: Storage | None = None
    too_large: list[int] = field(default_factory=list)

    def text(self, *properties: int) -> str:
        """The first of the properties that says something as text, "" where none does."""
        for one in properties:
            value = self.texts.get(one, "").rstrip("\0").strip()
            if value:
                return value
        return ""

    def number(self, one: int) -> int | None:
        """A number, a truth value or a time."""
        return self.numbers.get(one)


def filetime_text(value: int | None) -> str:
    """A FILETIME (100 ns since 1601 in UTC) as RFC 3339, "" where it is none of our days.

    >>> filetime_text(133760034123000000)
    '2024-11-13T20:30:12.3Z'
    """
    if not value or value < 0:
        return ""
    seconds, ticks = divmod(value, 10_000_000)
    try:
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds - _EPOCH)
    except OverflowError:
        return ""
    if not 1970 <= moment.year < 2200:
        return ""
    fraction = f".{ticks:07d}".rstrip("0") if ticks else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def read_storage(container: Any, path: tuple[str, ...] = (), *, page: str = "", depth: int = 0) -> Storage:
    """The message (or part of one) at `path` of an opened OLE container."""
    found = Storage()
    names = _children(container, path)
    _read_fixed(container, path, found, 32 if not path else 24)
    page = _page(found) or page or "cp1252"
    for name in sorted(names):
        stream = _STREAM.fullmatch(name)
        if stream:
            _read_stream(container, (*path, name), int(stream[1], 16), int(stream[2], 16), found, page, depth)
        elif _RECIPIENT.fullmatch(name) and len(found.recipients) < _MOST_PARTS:
            found.recipients.append(_read_part(container, (*path, name), page, depth))
        elif _ATTACHMENT.fullmatch(name) and len(found.attachments) < _MOST_PARTS:
            found.attachments.append(_read_part(container, (*path, name), page, depth))
    return found


def _children(container: Any, path: tuple[str, ...]) -> list[str]:
    size = len(path)
    names = {
        entry[size]
        for entry in container.listdir(streams=True, storages=True)
        if len(entry) > size and tuple(entry[:size]) == path
    }
    return list(names)


def _read_part(container: Any, path: tuple[str, ...], page: str, depth: int) -> Storage:
    """A recipient or an attachment."""
    found = Storage()
    _read_fixed(container, path, found, 8)
    for name in sorted(_children(container, path)):
        stream = _STREAM.fullmatch(name)
        if stream:
            _read_stream(container, (*path, name), int(stream[1], 16), int(stream[2], 16), found, page, depth)
    return found


def _bytes(container: Any, path: tuple[str, ...], found: Storage, number: int) -> bytes:
    where = "/".join(path)
    if container.get_size(where) > _MOST:
        found.too_large.append(number)
        return b""
    with container.openstream(where) as stream:
        return bytes(stream.read(_MOST))


def _read_fixed(container: Any, path: tuple[str, ...], found: Storage, header: int) -> None:
    where = (*path, _PROPERTIES)
    try:
        data = _bytes(container, where, found, 0)
    except Exception:  # a container without the stream, or with a damaged one: its other streams still tell
        return
    for at in range(header, len(data) - 15, 16):
        kind, number = struct.unpack_from("<HH", data, at)
        form = _NUMBERS.get(kind)
        if form:
            found.numbers[number] = struct.unpack_from(form, data, at + 8)[0]


def _page(found: Storage) -> str:
    """The codec of 8-bit text: PidTagMessageCodepage, else PidTagInternetCodepage."""
    for one in (0x3FFD, 0x3FDE):
        number = found.numbers.get(one)
        if number:
            name = _PAGES.get(number, f"cp{number}")
            try:
                codecs.lookup(name)
            except LookupError:
                continue
            return name
    return ""


def _read_stream(
    container: Any, path: tuple[str, ...], number: int, kind: int, found: Storage, page: str, depth: int
) -> None:
    if kind == 0x000D:
        if depth < 8 and container.exists("/".join((*path, _PROPERTIES))):
            found.embedded = read_storage(container, path, page=page, depth=depth + 1)
        return
    if kind not in (0x001F, 0x001E, 0x0102):
        return
    try:
        data = _bytes(container, path, found, number)
    except Exception:  # a stream whose sectors are gone: the message lacks this property
        return
    if kind == 0x0102:
        found.binaries[number] = data
    elif kind == 0x001F:
        found.texts[number] = data.decode("utf-16-le", "replace").rstrip("\0")
    else:
        found.texts.setdefault(number, data.decode(page, "replace").rstrip("\0"))


_RTF_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def unpack_rtf(data: bytes) -> bytes:
    """The RTF in a compressed RTF stream ([MS-OXRTFCP], 3); what is damaged is read up to there."""
    if len(data) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    size = min(size, _MOST)
    if kind == 0x414C454D:
        return data[16 : 16 + size]
    if kind != 0x75465A4C:
        return b""
    window = bytearray(_RTF_START.ljust(4096, b"\0"))
    write, out, at = len(_RTF_START), bytearray(), 16
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(out) >= size:
                break
            if control >> bit & 1:
                if at + 1 >= len(data):
                    return bytes(out)
                token = data[at] << 8 | data[at + 1]
                at += 2
                offset, length = token >> 4, (token & 15) + 2
                if offset == write:
                    return bytes(out)
                for step in range(length):
                    one = window[(offset + step) % 4096]
                    out.append(one)
                    window[write] = one
                    write = (write + 1) % 4096
            else:
                out.append(data[at])
                window[write] = data[at]
                write = (write + 1) % 4096
                at += 1
    return bytes(out)
