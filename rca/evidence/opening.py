"""Opening: from a file to the streams of bytes inside it.

The decision hidden here: what is unpacked, and how far. Compression and archives are recognised by their first bytes,
never by name; a member's name is only a name, nothing is written under it; ratio, size, depth and count are limited;
what is cut off, encrypted or over a limit becomes an `Issue`, and what came before it is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from rca.errors import EvidenceError, Issue, Severity
from rca.evidence.compression import compression_of, foreign_kind, inflated
from rca.evidence.encodings import detect_encoding, is_binary, mark_length
from rca.evidence.streams import (
    CHUNK,
    Budget,
    Limits,
    Member,
    Opener,
    defect,
    forgiving,
    over_limit,
    part,
    seekable,
)
from rca.evidence.tapes import is_tar_header, tar_entries
from rca.evidence.zips import ZipEntry, open_entry, zip_entries, zip_oddity
from rca.moments.instants import SECOND

__all__ = [
    "Limits",
    "Member",
    "detect_encoding",
    "is_binary",
    "mark_length",
    "members",
    "open_member",
    "sha256_of",
]

_HEAD = 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_DOCUMENT_ENTRIES = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")


def members(path: Path, *, limits: Limits | None = None) -> Iterator[Member | Issue]:
    """The streams inside the file at `path`, in the archive's own order; what cannot be unpacked is an `Issue`.

    A plain or compressed file is one member; zip and tar archives yield their files, nested ones too. Office
    documents are one member each: they are documents, not archives. An archive that is known but not unpacked (7z, RAR,
    CAB, one that is nested too deep) is one member too, whose `issues` say so.

    Reading the members one after the other unpacks an archive once, whatever its compression; a member can still be
    opened again later, as often as needed. Archives inside something compressed are kept for that in a temporary file
    until their last member is let go.

    Raises:
        EvidenceError: the file cannot be opened.
    """
    limits = limits or Limits()
    path = Path(path)
    try:
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        raise EvidenceError(f"{path} cannot be opened: {error.strerror}") from None
    yield from _unfold(_Way((), lambda: path.open("rb")), Budget(limits, size))


@dataclass(frozen=True, slots=True)
class _Way:
    """A stream that may hold more: how it was reached, how it is opened, what is known of its time."""

    names: tuple[str, ...]
    opener: Opener
    modified: int | None = None
    gzip_modified: int | None = None
    layers: int = 0
    """How many compressions and archives lie around it."""

    def member(self, budget: Budget) -> Member:
        return Member(self.names, self.opener, self.modified, self.gzip_modified, _budget=budget)


def _unfold(way: _Way, budget: Budget) -> Iterator[Member | Issue]:
    head = _head(way.opener)
    deepest = budget.limits.max_depth
    kind = compression_of(head, way.opener)
    if kind is not None and way.layers < 2 * deepest:
        yield from _unfold(_without_compression(way, kind, head, budget.limits), budget)
        return
    # what looks like an archive is read to its directory before it is known to be none: by one opener from here on
    is_tar = is_tar_header(head)
    if kind is None and len(way.names) < deepest and (is_tar or head.startswith(_ZIP)):
        issues: list[Issue] = []
        whole = replace(way, opener=seekable(way.opener, budget, issues))
        if is_tar:
            yield from _untar(whole, budget, issues)
            yield from dict.fromkeys(issues)
            return
        entries = _listed(whole.opener, budget, issues)
        yield from dict.fromkeys(issues)
        if not _is_document(entries):
            yield from _unzip(whole, entries, budget)
            return
        way = whole
    member = way.member(budget)
    foreign = foreign_kind(head)
    if foreign is not None:
        member.note(defect("RCA134", f"{foreign} is not read", "Unpack it and add the result."))
    elif kind is not None or (len(way.names) >= deepest and (is_tar or head.startswith(_ZIP))):
        member.note(over_limit(f"Archives are nested deeper than {deepest}"))
    yield member


def _head(opener: Opener) -> bytes:
    with Member((), opener).open() as stream:
        return stream.read(_HEAD)


def _without_compression(way: _Way, kind: str, head: bytes, limits: Limits) -> _Way:
    packed = way.opener

    def inflate() -> BinaryIO:
        return inflated(packed, kind, limits)

    stamp = int.from_bytes(head[4:8], "little") * SECOND if kind == "gzip" and len(head) >= 8 else 0
    return replace(way, opener=inflate, gzip_modified=stamp or way.gzip_modified, layers=way.layers + 1)


class _Names:
    """Keeps members of one name in one archive apart: the second `a.log` is `a.log~2`."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def distinct(self, name: str) -> str:
        name = name or "unnamed"
        given = name
        while given in self._times:
            self._times[name] += 1
            given = f"{name}~{self._times[name]}"
        self._times[given] = 1
        return given


def _inside(way: _Way, name: str, opener: Opener, modified: int | None) -> _Way:
    return _Way((*way.names, name), opener, modified, None, way.layers + 1)


def _too_many(budget: Budget) -> Issue:
    return over_limit(f"The archive holds more than {budget.limits.max_members} members")


def _listed(opener: Opener, budget: Budget, issues: list[Issue]) -> list[ZipEntry | Issue]:
    """What a zip archive lists; never more than one over the limit on members."""
    found: list[ZipEntry | Issue] = []
    with forgiving(opener(), issues) as stream:
        for entry in zip_entries(stream):
            found.append(entry)
            if len(found) > budget.limits.max_members:
                break
    return found


def _is_document(entries: list[ZipEntry | Issue]) -> bool:
    names = {entry.name for entry in entries if isinstance(entry, ZipEntry)}
    return any(name in names for name in _DOCUMENT_ENTRIES) and any(
        "/" in n or n in _DOCUMENT_ENTRIES for n in names
    )


def _unzip(way: _Way, entries: list[ZipEntry | Issue], budget: Budget) -> Iterator[Member | Issue]:
    names = _Names()
    for entry in entries:
        if isinstance(entry, Issue):
            yield entry
            continue
        if entry.is_folder:
            continue
        if not budget.take_member():
            yield _too_many(budget)
            return
        oddity = zip_oddity(entry)
        if oddity is not None:
            yield oddity
            continue

        def one(entry: ZipEntry = entry) -> BinaryIO:
            return open_entry(way.opener, entry, budget.limits)

        name = names.distinct(entry.name)
        yield from _renamed(name, entry.name)
        yield from _unfold(_inside(way, name, one, entry.modified), budget)


def _untar(way: _Way, budget: Budget, issues: list[Issue]) -> Iterator[Member | Issue]:
    names = _Names()
    with forgiving(way.opener(), issues) as stream:
        for entry in tar_entries(stream):
            if isinstance(entry, Issue):
                yield entry
                continue
            if not budget.take_member():
                yield _too_many(budget)
                return
            if entry.is_folder:
                continue
            if entry.oddity:
                yield defect("RCA137", f"{entry.name} is {entry.oddity} and was passed over")
                continue

            def one(start: int = entry.start, size: int = entry.size) -> BinaryIO:
                return part(way.opener(), start, size)

            name = names.distinct(entry.name)
            yield from _renamed(name, entry.name)
            yield from _unfold(_inside(way, name, one, entry.modified), budget)


def _renamed(name: str, written: str) -> Iterator[Issue]:
    if written and name != written:
        message = f"The archive holds more than one {written}; this one is called {name}"
        yield Issue("RCA139", Severity.INFO, message)


def open_member(path: Path, names: tuple[str, ...], *, limits: Limits | None = None) -> Member:
    """The member of the file at `path` that `names` leads to.

    Raises:
        EvidenceError: there is no such member.
    """
    known: list[str] = []
    for member in members(path, limits=limits):
        if isinstance(member, Member):
            if member.names == names:
                return member
            if len(known) < 8:
                known.append("!".join(member.names) or "(the file itself)")
    raise EvidenceError(
        f"{path.name} has no member {'!'.join(names) or '(the file itself)'}",
        hint=f"It has: {', '.join(known)}." if known else "It has none that can be read.",
    )


def sha256_of(path: Path) -> tuple[str, int]:
    """The sha256 (hex) and the size in bytes of a file.

    Raises:
        EvidenceError: the file cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from None
    return digest.hexdigest(), size
