"""Zips: the members of a zip archive, each as a span of packed bytes with what is needed to unpack it.

The decision hidden here: which of a zip's two lists is believed. The directory at its end where there is one; else, as
in a copy that broke off, the headers before each member, as far as they go. Members whose bytes overlap are a bomb.

References:
    PKWARE APPNOTE.TXT 6.3.10, 4.3 (records), 4.4.5 (methods), 4.5 (extra fields); Info-ZIP extrafld.txt (0x5455).
"""

from __future__ import annotations

import bisect
import datetime as dt
import io
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from rca.errors import Issue
from rca.evidence.compression import inflated
from rca.evidence.streams import DAMAGE, Limits, Opener, Stop, defect, over_limit, part
from rca.moments.instants import SECOND, from_datetime, is_in_range

__all__ = ["ZipEntry", "open_entry", "zip_entries", "zip_oddity"]

_LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
_METHODS = {0: "stored", 8: "deflate", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz"}
_NAMES = {1: "shrink", 6: "implode", 9: "Deflate64", 97: "WavPack", 98: "PPMd", 99: "AES encryption"}
_FILETIME_EPOCH = 11_644_473_600


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A member: its header's place, how it is packed, its sizes and checksum, its last write (UTC nanoseconds)."""

    name: str
    header: int
    method: int
    flags: int
    packed: int
    size: int
    crc: int
    modified: int | None
    is_link: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder's entry, without bytes."""
        return self.name.endswith("/") and not self.size


def zip_oddity(entry: ZipEntry) -> Issue | None:
    """Why a member is not unpacked: it is encrypted, a link, or packed by a method that is not read."""
    if entry.flags & 0x1:
        return defect(
            "RCA136", f"{entry.name} is encrypted", "Ask for the password, unpack it, add the result."
        )
    if entry.is_link:
        return defect("RCA137", f"{entry.name} is a link and was passed over")
    if entry.method not in _METHODS:
        method = _NAMES.get(entry.method, f"method {entry.method}")
        return defect(
            "RCA134",
            f"{entry.name} is packed by {method}, which is not read",
            "Unpack it and add the result.",
        )
    return None


def zip_entries(stream: BinaryIO) -> Iterator[ZipEntry | Issue]:
    """The members of the archive in `stream` (seekable), in the order of its directory, and what is wrong with it."""
    directory = _directory(stream)
    if directory is None:
        yield defect(
            "RCA135",
            "The archive cannot be read as a whole: its directory is missing",
            "It may be cut off; what its beginning holds is kept. Ask for a whole copy.",
        )
        yield from _by_headers(stream)
        return
    at, end, shift = directory
    taken: list[tuple[int, int]] = []
    while at < end:
        stream.seek(at)
        fixed = stream.read(46)
        if len(fixed) < 46 or fixed[:4] != _CENTRAL:
            yield defect("RCA135", "The archive's directory breaks off", "Ask for a whole copy.")
            return
        name, extra, note = struct.unpack_from("<3H", fixed, 28)
        entry = _central(fixed, stream.read(name), stream.read(extra), shift)
        at += 46 + name + extra + note
        if _overlaps(taken, entry.header, entry.header + 30 + entry.packed):
            yield over_limit(f"{entry.name} shares its bytes with another member")
            continue
        yield entry


def _overlaps(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether the span meets one of `taken` (sorted), to which it is added otherwise."""
    place = bisect.bisect(taken, (start, end))
    if place and taken[place - 1][1] > start:
        return True
    if place < len(taken) and taken[place][0] < end:
        return True
    taken.insert(place, (start, end))
    return False


def _directory(stream: BinaryIO) -> tuple[int, int, int] | None:
    """Where the directory begins and ends, and by how much offsets are shifted; None without one."""
    size = stream.seek(0, io.SEEK_END)
    tail_start = max(0, size - 65_557)
    stream.seek(tail_start)
    tail = _read_all(stream, size - tail_start)
    at = len(tail)
    while (at := tail.rfind(b"PK\x05\x06", 0, at)) >= 0:
        if at + 22 > len(tail):
            continue
        count, length, offset = struct.unpack_from("<HLL", tail, at + 10)
        end = tail_start + at
        if count == 0xFFFF or 0xFFFFFFFF in (length, offset):
            wide = _wide(stream, end)
            if wide is not None:
                count, length, offset, end = wide
        start = end - length
        if 0 <= offset <= start:
            stream.seek(start)
            if count == 0 or stream.read(4) == _CENTRAL:
                return start, end, start - offset
    return None


def _wide(stream: BinaryIO, end: int) -> tuple[int, int, int, int] | None:
    """Count, length, offset and end of a zip64 directory whose locator lies before `end`."""
    if end < 76:
        return None
    stream.seek(end - 20)
    locator = stream.read(20)
    if locator[:4] != b"PK\x06\x07":
        return None
    for place in (end - 76, int.from_bytes(locator[8:16], "little")):
        if place > end:
            continue
        stream.seek(place)
        record = stream.read(56)
        if len(record) == 56 and record[:4] == b"PK\x06\x06":
            count, length, offset = struct.unpack_from("<3Q", record, 32)
            return count, length, offset, place
    return None


def _read_all(stream: BinaryIO, count: int) -> bytes:
    parts = []
    while count > 0 and (part := stream.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _central(fixed: bytes, name: bytes, extra: bytes, shift: int) -> ZipEntry:
    flags, method, time, date, crc, packed, size = struct.unpack_from("<4H3L", fixed, 8)
    attributes, header = struct.unpack_from("<2L", fixed, 38)
    fields = _fields(extra)
    wide = fields.get(0x0001, b"")
    numbers = [size, packed, header]
    at = 0
    for index, number in enumerate(numbers):
        if number == 0xFFFFFFFF and at + 8 <= len(wide):
            numbers[index] = int.from_bytes(wide[at : at + 8], "little")
            at += 8
    size, packed, header = numbers
    return ZipEntry(
        _name(name),
        header + shift,
        method,
        flags,
        packed,
        size,
        crc,
        _modified(date, time, fields),
        stat.S_ISLNK(attributes >> 16),
    )


def _fields(extra: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        found.setdefault(tag, extra[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def _modified(date: int, time: int, fields: dict[int, bytes]) -> int | None:
    """The extended timestamp (UTC seconds) or else NTFS times (UTC), or else the DOS time as if it were UTC."""
    unix = fields.get(0x5455, b"")
    if len(unix) >= 5 and unix[0] & 1:
        seconds = int.from_bytes(unix[1:5], "little", signed=True)
        return seconds * SECOND or None
    ntfs = fields.get(0x000A, b"")
    if len(ntfs) >= 16 and ntfs[4:6] == b"\x01\x00":
        ticks = int.from_bytes(ntfs[8:16], "little")
        instant = ticks * 100 - _FILETIME_EPOCH * SECOND
        if ticks and is_in_range(instant):
            return instant
    try:
        moment = dt.datetime(
            1980 + (date >> 9),
            date >> 5 & 15,
            date & 31,
            time >> 11,
            time >> 5 & 63,
            (time & 31) * 2,
            tzinfo=dt.UTC,
        )
    except ValueError:
        return None
    return from_datetime(moment) if moment.year > 1980 else None


def _name(raw: bytes) -> str:
    """A name as UTF-8, which many packers write without saying so; where it is none, as code page 437."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def open_entry(opener: Opener, entry: ZipEntry, limits: Limits) -> BinaryIO:
    """The unpacked bytes of a member of the archive that `opener` opens; its checksum is held against them.

    Raises:
        Stop: there is no such member where the directory says.
    """

    def packed() -> BinaryIO:
        stream = opener()
        return part(stream, _data_start(stream, entry), entry.packed)

    kind = _METHODS[entry.method]
    source = packed() if kind == "stored" else inflated(packed, kind, limits)
    return _Checked(source, entry)  # type: ignore[return-value]


def _data_start(stream: BinaryIO, entry: ZipEntry) -> int:
    stream.seek(entry.header)
    fixed = stream.read(30)
    if len(fixed) < 30 or fixed[:4] != _LOCAL:
        stream.close()
        raise Stop(defect("RCA135", f"{entry.name} is not where the directory says", "Ask for a whole copy."))
    name, extra = struct.unpack_from("<2H", fixed, 26)
    return entry.header + 30 + int(name) + int(extra)


class _Checked(io.RawIOBase):
    """A member's bytes, no more than its stated size; it is damage where they are fewer or their checksum differs."""

    def __init__(self, source: BinaryIO, entry: ZipEntry) -> None:
        self._source, self._entry = source, entry
        self._crc = self._count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._count += len(data)
        self._crc = zlib.crc32(data, self._crc)
        if not data and size:
            if self._count != self._entry.size:
                raise EOFError(f"{self._count} bytes of {self._entry.size} were there")
            if self._crc != self._entry.crc:
                raise ValueError("its checksum does not match")
        return data

    def close(self) -> None:
        self._source.close()
        super().close()


# -- archives without a directory ---------------------------------------------------------------------------


def _by_headers(stream: BinaryIO) -> Iterator[ZipEntry | Issue]:
    """The members by the headers before each, up to where the next one is not found."""
    at = 0
    while True:
        stream.seek(at)
        fixed = stream.read(30)
        if len(fixed) < 30 or fixed[:4] != _LOCAL:
            return
        flags, method, time, date, crc, packed, size, name, extra = struct.unpack_from("<4H3L2H", fixed, 6)
        raw_name, raw_extra = stream.read(name), stream.read(extra)
        if len(raw_name) + len(raw_extra) < name + extra:
            return
        fields = _fields(raw_extra)
        wide = fields.get(0x0001, b"")
        if 0xFFFFFFFF in (packed, size) and len(wide) >= 16:
            size, packed = struct.unpack_from("<2Q", wide)
        start = at + 30 + name + extra
        entry = ZipEntry(_name(raw_name), at, method, flags, packed, size, crc, _modified(date, time, fields))
        if flags & 0x8 and not packed:
            if method != 8 or flags & 0x1:
                yield entry
                return
            entry, end = _measured(stream, entry, start)
        else:
            end = start + packed
        yield entry
        if end is None:
            return
        at = end


def _measured(stream: BinaryIO, entry: ZipEntry, start: int) -> tuple[ZipEntry, int | None]:
    """A deflated member whose sizes follow it: unpacked once to find its end; without an end, up to the cut."""
    stream.seek(start)
    engine = zlib.decompressobj(-15)
    packed = size = crc = 0
    try:
        while not engine.eof:
            data = engine.unconsumed_tail or stream.read(1 << 16)
            if not data:
                break
            before = len(data)
            out = engine.decompress(data, 1 << 20)
            packed += before - len(engine.unconsumed_tail) - len(engine.unused_data)
            size, crc = size + len(out), zlib.crc32(out, crc)
            if size > packed * 2_000 + (64 << 20):
                break
    except DAMAGE:
        pass
    if not engine.eof:
        rest = stream.seek(0, io.SEEK_END) - start
        return replace(entry, packed=rest, size=-1), None
    stream.seek(start + packed)
    tail = stream.read(32)
    follow = min((at for at in (tail.find(_LOCAL), tail.find(_CENTRAL)) if at >= 0), default=-1)
    return replace(entry, packed=packed, size=size, crc=crc), start + packed + follow if follow >= 0 else None
