"""Tapes: the members of a tar archive, each as a span of the archive's bytes.

The decision hidden here: what is believed of a header. Only one whose checksum is right; a damaged one costs its own
member, and the next right one is looked for. Names and sizes in extended headers are read up to a limit, so that no
header makes us hold or seek more than there is.

References:
    POSIX.1-2017 pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from rca.errors import Issue
from rca.evidence.streams import defect
from rca.moments.instants import SECOND, is_in_range

__all__ = ["TarEntry", "is_tar_header", "tar_entries"]

_BLOCK = 512
_ZEROS = bytes(_BLOCK)
_MAX_EXTENSION = 1 << 20
_MAX_SIZE = 1 << 60
_REGULAR = b"0\0 7"


@dataclass(frozen=True, slots=True)
class TarEntry:
    """A member: where its bytes lie, its last write (UTC nanoseconds), and what it is if not a regular file."""

    name: str
    start: int
    size: int
    modified: int | None
    is_folder: bool = False
    oddity: str = ""


def is_tar_header(block: bytes) -> bool:
    """Whether 512 bytes are a tar header: its checksum, of unsigned or signed bytes, is right."""
    if len(block) < _BLOCK or block[:_BLOCK] == _ZEROS:
        return False
    stated = _number(block[148:156])
    if stated is None:
        return False
    around = block[:148] + b" " * 8 + block[156:_BLOCK]
    total = sum(around)
    signed = total - 256 * sum(byte > 127 for byte in around)
    return stated in (total, signed) and _number(block[124:136]) is not None


def _number(field: bytes) -> int | None:
    """A number as octal digits, or in base 256 where its first bit is set; None where it is neither."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big", signed=False) & ((1 << (8 * len(field) - 1)) - 1)
        is_negative = bool(field[0] & 0x40)
        return value - (1 << (8 * len(field) - 1)) if is_negative else value
    text = field.split(b"\0", 1)[0].strip()
    if not text:
        return 0
    return int(text, 8) if all(48 <= digit <= 55 for digit in text) else None


def tar_entries(stream: BinaryIO) -> Iterator[TarEntry | Issue]:
    """The members of the archive in `stream` (seekable), in its order, and what is wrong with it."""
    extended: dict[str, str] = {}
    common: dict[str, str] = {}
    at = 0
    is_lost = False
    while True:
        stream.seek(at)
        block = stream.read(_BLOCK)
        if len(block) < _BLOCK:
            if block.strip(b"\0"):
                yield defect("RCA135", "The archive breaks off in a header", "What came before is kept.")
            return
        if block == _ZEROS:
            at += _BLOCK
            continue
        size = _number(block[124:136]) if is_tar_header(block) else None
        if size is None or not 0 <= size <= _MAX_SIZE:
            if not is_lost:
                hint = "The next whole header is looked for; ask for a whole copy."
                yield defect("RCA135", f"The archive is damaged at byte {at}: no header is there", hint)
            is_lost, at, extended = True, at + _BLOCK, {}
            continue
        is_lost = False
        kind, start = block[156:157], at + _BLOCK
        if kind in (b"x", b"g", b"X", b"L", b"K"):
            at = start + _padded(size)
            body = stream.read(min(size, _MAX_EXTENSION))
            if len(body) < min(size, _MAX_EXTENSION):
                yield defect("RCA135", "The archive breaks off in a header", "What came before is kept.")
                return
            if size > _MAX_EXTENSION:
                yield defect("RCA135", f"A header of {size} bytes at byte {start} was passed over")
            elif kind == b"L":
                extended["path"] = _text(body.split(b"\0", 1)[0])
            elif kind == b"g":
                common.update(_records(body))
            elif kind in (b"x", b"X"):
                extended.update(_records(body))
            continue
        facts = {**common, **extended}
        extended = {}
        entry = _entry(block, kind, start, size, facts)
        yield entry
        at = start + (0 if kind in (b"1", b"2", b"3", b"4", b"5", b"6") else _padded(entry.size))


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _entry(block: bytes, kind: bytes, start: int, size: int, facts: dict[str, str]) -> TarEntry:
    name = _text(block[:100].split(b"\0", 1)[0])
    prefix = _text(block[345:500].split(b"\0", 1)[0])
    if block[257:263] == b"ustar\0" and prefix:
        name = f"{prefix}/{name}"
    name = facts.get("path") or name
    if facts.get("size", "").isascii() and facts.get("size", "").isdecimal() and len(facts["size"]) < 19:
        size = int(facts["size"])
    is_sparse = kind == b"S" or any(key.startswith("GNU.sparse") for key in facts)
    name = facts.get("GNU.sparse.name") or name
    oddity = ""
    if is_sparse:
        oddity = "a sparse file"
    elif kind not in _REGULAR and kind != b"5":
        oddity = {b"1": "a link", b"2": "a link", b"3": "a device", b"4": "a device", b"6": "a pipe"}.get(
            kind, "of a kind that is not read"
        )
    is_folder = kind == b"5" or (kind in b"0\0" and name.endswith("/"))
    return TarEntry(name, start, size, _modified(block[136:148], facts.get("mtime")), is_folder, oddity)


def _modified(field: bytes, stated: str | None) -> int | None:
    try:
        seconds = Decimal(stated) if stated else Decimal(_number(field) or 0)
        instant = int(seconds * SECOND)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return instant if instant and is_in_range(instant) else None


def _records(body: bytes) -> dict[str, str]:
    """The records (length, key, value) of a pax header, up to the first that is malformed."""
    found: dict[str, str] = {}
    at = 0
    while at < len(body):
        digits, space, _ = body[at : at + 12].partition(b" ")
        if not space or not digits.isdigit() or len(digits) > 9:
            break
        length = int(digits)
        record = body[at + len(digits) + 1 : at + length]
        key, equals, value = record.partition(b"=")
        if length <= len(digits) + 1 or not equals or not record.endswith(b"\n"):
            break
        found[_text(key)] = _text(value[:-1])
        at += length
    return found


def _text(raw: bytes) -> str:
    """A name as UTF-8; where it is none, byte by byte as Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
