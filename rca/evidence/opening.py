"""Opening: from a file to the streams of bytes inside it.

The decision hidden here: what is unpacked, and how far. Compression and archives are recognised by their first bytes,
never by name; nothing is written to disk, so that a member's name is only a name; ratio, size, depth and count are
limited; what is cut off, encrypted or over a limit becomes an `Issue`, and what came before it is kept.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from rca.errors import EvidenceError, Issue, Severity
from rca.moments.instants import SECOND, from_datetime

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

_CHUNK = 1 << 20
_COMPRESSIONS: dict[str, bytes] = {
    "gzip": b"\x1f\x8b",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\x00",
    "zstd": b"\x28\xb5\x2f\xfd",
}
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_DOCUMENT_ENTRIES = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an exhibit is unpacked: bytes of one stream, ratio to the packed size, depth, and number of members."""

    max_bytes: int = 64 << 30
    max_ratio: int = 2_000
    free_bytes: int = 64 << 20
    max_depth: int = 6
    max_members: int = 100_000


class _Stop(Exception):  # noqa: N818 (it ends a stream; it is no error of the caller)
    """A stream ends here for a reason that becomes an issue."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message)
        self.issue = issue


@dataclass(slots=True)
class Member:
    """One stream of bytes: a file, or a member of an archive.

    `names` is the way through nested archives, empty for the file itself; compression of a single file adds no name.
    `modified` is the member's own last write, `gzip_modified` the time in a gzip header, both in UTC nanoseconds.
    `issues` is complete once the stream has been read to its end.
    """

    names: tuple[str, ...]
    _opener: Callable[[], BinaryIO]
    modified: int | None = None
    gzip_modified: int | None = None
    _issues: list[Issue] = field(default_factory=list)

    def open(self) -> BinaryIO:
        """The decompressed bytes from the start; a cut or damaged stream ends where it can no longer be read."""
        return io.BufferedReader(_Lenient(self._opener, self._note), buffer_size=_CHUNK)

    def issues(self) -> tuple[Issue, ...]:
        """What was found wrong with the stream so far, each once."""
        return tuple(dict.fromkeys(self._issues))

    def _note(self, issue: Issue) -> None:
        self._issues.append(issue)


class _Lenient(io.RawIOBase):
    """A raw stream that ends, with a note, where its source is cut, damaged or over a limit."""

    def __init__(self, opener: Callable[[], BinaryIO], note: Callable[[Issue], None]) -> None:
        self._note = note
        self._source: BinaryIO | None = None
        self._left: bytes = b""
        self._ended = False
        try:
            self._source = opener()
        except _Stop as stop:
            note(stop.issue)
            self._ended = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._left and not self._ended:
            self._left = self._next()
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _next(self) -> bytes:
        assert self._source is not None
        try:
            chunk = self._source.read(_CHUNK)
        except _Stop as stop:
            self._note(stop.issue)
            chunk = b""
        except (
            EOFError,
            OSError,
            zlib.error,
            lzma.LZMAError,
            zipfile.BadZipFile,
            ValueError,
            RuntimeError,
        ) as error:
            self._note(_issue("RCA131", f"The stream breaks off: {error}", "What came before is kept."))
            chunk = b""
        if not chunk:
            self._ended = True
        return chunk

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
        super().close()


class _Inflating(io.RawIOBase):
    """Decompresses step by step, so that what came before a cut is handed out, and counts against the limits."""

    def __init__(self, source: BinaryIO, kind: str, limits: Limits) -> None:
        self._source, self._kind, self._limits = source, kind, limits
        self._engine = _engine(kind)
        self._packed = self._unpacked = 0
        self._members = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        del size
        while True:
            packed = b""
            if getattr(self._engine, "eof", False):
                rest = self._engine.unused_data
                packed = rest or self._source.read(_CHUNK)
                self._packed += 0 if rest else len(packed)
                packed = packed.lstrip(b"\0") if self._kind == "gzip" else packed
                if not packed:
                    return b""
                if not packed.startswith(_COMPRESSIONS[self._kind][: len(packed)]):
                    raise _Stop(
                        _issue("RCA132", "Bytes that are not compressed follow the compressed stream", "")
                    )
                self._engine = _engine(self._kind)
            elif self._kind in ("gzip", "raw") and self._engine.unconsumed_tail:
                packed = self._engine.unconsumed_tail
            elif getattr(self._engine, "needs_input", True):
                packed = self._source.read(1 << 16)
                self._packed += len(packed)
                if not packed:
                    raise EOFError("it ends before its end marker")
            data: bytes = self._engine.decompress(packed, _CHUNK)
            self._unpacked += len(data)
            self._check()
            if data:
                return data

    def _check(self) -> None:
        limits = self._limits
        if self._unpacked > limits.max_bytes:
            raise _Stop(_issue("RCA133", f"The stream is larger than {limits.max_bytes} bytes", _RAISE))
        if self._unpacked > limits.free_bytes and self._unpacked > self._packed * limits.max_ratio:
            raise _Stop(
                _issue("RCA133", f"The stream unpacks to over {limits.max_ratio} times its size", _RAISE)
            )

    def close(self) -> None:
        self._source.close()
        super().close()


_RAISE = "It may be a bomb. If it is meant, raise the limit: rca.evidence.Limits(max_bytes=…, max_ratio=…)."


def _engine(kind: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 (four unrelated decompressors with one shape)
    if kind == "gzip":
        return zlib.decompressobj(wbits=31)
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    if kind == "xz":
        return lzma.LZMADecompressor(memlimit=1 << 30)
    raise _Stop(_issue("RCA134", f"{kind} is not read", "Unpack it and add the result."))


def _issue(code: str, message: str, hint: str) -> Issue:
    return Issue(code, Severity.WARNING, message, "", hint)


def members(path: Path, *, limits: Limits | None = None) -> Iterator[Member | Issue]:
    """The streams inside the file at `path`, in the archive's own order; what cannot be unpacked is an `Issue`.

    A plain or compressed file is one member; zip and tar archives yield their files, nested ones too. Office
    documents are one member each: they are documents, not archives.

    Raises:
        EvidenceError: the file cannot be opened.
    """
    limits = limits or Limits()
    path = Path(path)
    try:
        path.open("rb").close()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be opened: {error.strerror}") from None
    yield from _unfold((), lambda: path.open("rb"), limits, None, None, _Count(limits))


@dataclass(slots=True)
class _Count:
    limits: Limits
    seen: int = 0

    def take(self) -> bool:
        self.seen += 1
        return self.seen <= self.limits.max_members


def _unfold(
    names: tuple[str, ...],
    opener: Callable[[], BinaryIO],
    limits: Limits,
    modified: int | None,
    gzip_modified: int | None,
    count: _Count,
) -> Iterator[Member | Issue]:
    head = _head(opener)
    kind = next((k for k, magic in _COMPRESSIONS.items() if head.startswith(magic)), None)
    if kind == "bzip2" and head[4:10] not in (b"1AY&SY", b"\x17rE8P\x90"):
        kind = None
    if kind is not None:
        stamp = int.from_bytes(head[4:8], "little") * SECOND if kind == "gzip" and len(head) >= 8 else 0

        def inflate(opener: Callable[[], BinaryIO] = opener, kind: str = kind) -> BinaryIO:
            return _Inflating(opener(), kind, limits)  # type: ignore[return-value]

        yield from _unfold(names, inflate, limits, modified, stamp or gzip_modified, count)
    elif head.startswith((_ZIP, _EMPTY_ZIP)) and not _is_document(opener):
        yield from _unzip(names, opener, limits, count)
    elif _is_tar(head):
        yield from _untar(names, opener, limits, count)
    else:
        yield Member(names, opener, modified, gzip_modified)


def _head(opener: Callable[[], BinaryIO]) -> bytes:
    with Member((), opener).open() as stream:
        return stream.read(1024)


def _is_tar(head: bytes) -> bool:
    return len(head) >= 512 and head[257:262] == b"ustar"


def _whole(opener: Callable[[], BinaryIO]) -> tuple[BinaryIO, list[Issue]]:
    """A seekable stream of all bytes: archives need to look back."""
    source = opener()
    if isinstance(source, io.BufferedReader) and source.seekable():
        return source, []
    source.close()
    member = Member((), opener)
    with member.open() as stream:
        return io.BytesIO(stream.read()), list(member.issues())


def _is_document(opener: Callable[[], BinaryIO]) -> bool:
    stream, _ = _whole(opener)
    with stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                names = archive.namelist()[:50]
        except (zipfile.BadZipFile, OSError, ValueError):
            return False
    return any(name in names for name in _DOCUMENT_ENTRIES) and any(
        "/" in n or n in _DOCUMENT_ENTRIES for n in names
    )


def _unzip(
    names: tuple[str, ...], opener: Callable[[], BinaryIO], limits: Limits, count: _Count
) -> Iterator[Member | Issue]:
    if len(names) >= limits.max_depth:
        yield _issue("RCA133", f"Archives are nested deeper than {limits.max_depth}", _RAISE)
        return
    stream, issues = _whole(opener)
    yield from issues
    with stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            yield _issue("RCA135", f"The archive cannot be read: {error}", "Ask for a whole copy.")
            return
    for entry in entries:
        if not count.take():
            yield _issue("RCA133", f"The archive holds more than {limits.max_members} members", _RAISE)
            return
        if entry.flag_bits & 0x1:
            yield _issue(
                "RCA136", f"{entry.filename} is encrypted", "Ask for the password, unpack it, add the result."
            )
            continue
        if stat.S_ISLNK(entry.external_attr >> 16):
            yield _issue("RCA137", f"{entry.filename} is a link and was passed over", "")
            continue

        def one(entry: zipfile.ZipInfo = entry) -> BinaryIO:
            if entry.file_size > max(limits.free_bytes, entry.compress_size * limits.max_ratio):
                raise _Stop(
                    _issue(
                        "RCA133",
                        f"{entry.filename} unpacks to over {limits.max_ratio} times its size",
                        _RAISE,
                    )
                )
            whole, _ = _whole(opener)
            return zipfile.ZipFile(whole).open(entry)  # type: ignore[return-value]

        yield from _unfold((*names, entry.filename), one, limits, _zip_time(entry), None, count)


def _zip_time(entry: zipfile.ZipInfo) -> int | None:
    import datetime as dt

    try:
        moment = dt.datetime(*entry.date_time, tzinfo=dt.UTC)
    except ValueError:
        return None
    return from_datetime(moment) if moment.year > 1980 else None


def _untar(
    names: tuple[str, ...], opener: Callable[[], BinaryIO], limits: Limits, count: _Count
) -> Iterator[Member | Issue]:
    if len(names) >= limits.max_depth:
        yield _issue("RCA133", f"Archives are nested deeper than {limits.max_depth}", _RAISE)
        return
    stream, issues = _whole(opener)
    yield from issues
    entries: list[tarfile.TarInfo] = []
    with stream:
        try:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                for entry in archive:
                    if not count.take():
                        yield _issue(
                            "RCA133", f"The archive holds more than {limits.max_members} members", _RAISE
                        )
                        break
                    entries.append(entry)
        except (tarfile.TarError, OSError, EOFError) as error:
            yield _issue("RCA135", f"The archive breaks off: {error}", "What came before is kept.")
    for entry in entries:
        if entry.isdir():
            continue
        if not entry.isreg():
            yield _issue("RCA137", f"{entry.name} is a link or a device and was passed over", "")
            continue

        def one(entry: tarfile.TarInfo = entry) -> BinaryIO:
            whole, _ = _whole(opener)
            found = tarfile.open(fileobj=whole, mode="r:").extractfile(entry)  # noqa: SIM115 (closed by the reader)
            assert found is not None
            return found  # type: ignore[return-value]

        yield from _unfold((*names, entry.name), one, limits, int(entry.mtime) * SECOND or None, None, count)


def open_member(path: Path, names: tuple[str, ...], *, limits: Limits | None = None) -> Member:
    """The member of the file at `path` that `names` leads to.

    Raises:
        EvidenceError: there is no such member.
    """
    known = []
    for member in members(path, limits=limits):
        if isinstance(member, Member):
            if member.names == names:
                return member
            known.append("!".join(member.names) or "(the file itself)")
    raise EvidenceError(
        f"{path.name} has no member {'!'.join(names) or '(the file itself)'}",
        hint=f"It has: {', '.join(known[:8])}.",
    )


def sha256_of(path: Path) -> tuple[str, int]:
    """The sha256 (hex) and the size in bytes of a file.

    Raises:
        EvidenceError: the file cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from None
    return digest.hexdigest(), size


_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def mark_length(head: bytes) -> int:
    """The length of the byte order mark at the beginning, 0 where there is none."""
    return next((len(mark) for mark, _ in _BOMS if head.startswith(mark)), 0)


def detect_encoding(head: bytes, *, complete: bool = False) -> tuple[str, bool]:
    """The encoding of a text by its first bytes, and whether that is a guess.

    A byte order mark and valid UTF-8 are no guess. Text with a few bytes that are not UTF-8 among others that are
    stays UTF-8 (a guess); else the bytes are taken as Windows-1252, or as what their statistics say. `complete` says
    that `head` is the whole text, so that a character cut at its end counts.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, False
    evens, odds = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = max(1, len(head[:4096]) // 2)
    if odds > half * 0.4 and evens < half * 0.05:
        return "utf-16-le", True
    if evens > half * 0.4 and odds < half * 0.05:
        return "utf-16-be", True
    body = head if complete else head[: max(len(head) - 4, 0)] if len(head) > 8 else head
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        if not complete and error.start >= len(body) - 3 and error.reason == "unexpected end of data":
            return "utf-8", False
    else:
        return "utf-8", False
    text = body.decode("utf-8", errors="ignore")
    if any(ord(c) > 127 for c in text):
        return "utf-8", True
    return _by_statistics(body), True


def _by_statistics(body: bytes) -> str:
    """Windows-1252 unless statistics speak clearly for another encoding."""
    high = bytes(b for b in body if b > 127)
    if len(high) >= 200:
        from charset_normalizer import from_bytes

        best = from_bytes(body[:65_536]).best()
        if best is not None and best.encoding not in ("utf_8", "ascii"):
            return best.encoding.replace("_", "-")
    undefined = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return "iso-8859-1" if undefined & set(high) else "cp1252"


def is_binary(head: bytes) -> bool:
    """Whether bytes are not text: more than three in a hundred are control characters, outside UTF-16 and UTF-32.

    >>> is_binary(b"a log line"), is_binary(bytes(range(32)) * 8)
    (False, True)
    """
    if any(head.startswith(mark) for mark, _ in _BOMS):
        return False
    sample = head[:8192]
    if not sample or detect_encoding(sample)[0].startswith("utf-16"):
        return False
    strange = sum(b < 32 and b not in (7, 8, 9, 10, 11, 12, 13, 27, 28) for b in sample)
    return strange > 2 and strange * 33 > len(sample)
