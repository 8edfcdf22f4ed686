"""Streams: the bytes of one member from the start, as often as asked, to where they can no longer be read.

The decision hidden here: damage ends a stream, it never raises. What was cut, damaged or over a limit becomes an
`Issue` of the member; what came before it is handed out to the last byte. Archives that must be looked back into are
spooled once: in memory while they are small, beyond that in a nameless temporary file that goes with its last user.
"""

from __future__ import annotations

import io
import lzma
import tempfile
import threading
import weakref
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from rca.errors import Issue, Severity

__all__ = [
    "CHUNK",
    "DAMAGE",
    "OVER_LIMIT",
    "Budget",
    "Limits",
    "Member",
    "Opener",
    "Stop",
    "defect",
    "forgiving",
    "over_limit",
    "part",
    "seekable",
]

CHUNK = 1 << 20
OVER_LIMIT = "RCA133"
SPOOL_IN_MEMORY = 32 << 20
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError, OverflowError, RuntimeError)

Opener = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an exhibit is unpacked.

    `max_bytes` is the size of one stream; `max_ratio` what a stream may grow to in units of its packed size, and all
    members together in units of the exhibit; neither ratio counts below `free_bytes`. `max_depth` is how deep archives
    may be nested, `max_members` how many members there may be, empty folders and links included.
    """

    max_bytes: int = 64 << 30
    max_ratio: int = 1_000
    free_bytes: int = 64 << 20
    max_depth: int = 6
    max_members: int = 100_000


class Stop(Exception):  # noqa: N818 (it ends a stream; it is no error of the caller)
    """A stream ends here for a reason that becomes an issue."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message)
        self.issue = issue


def defect(code: str, message: str, hint: str = "") -> Issue:
    """A warning about a container."""
    return Issue(code, Severity.WARNING, message, "", hint)


def over_limit(message: str) -> Issue:
    """The issue of a stream or archive that goes over a limit."""
    hint = "It may be a bomb. If it is meant, raise the limit: rca.evidence.Limits(max_bytes=…, max_ratio=…)."
    return defect(OVER_LIMIT, message, hint)


@dataclass(slots=True)
class Budget:
    """What the members of one exhibit may still cost together: their number, and their bytes."""

    limits: Limits
    packed: int
    seen: int = 0
    unpacked: int = 0

    def take_member(self) -> bool:
        """Whether one more member is within the limit."""
        self.seen += 1
        return self.seen <= self.limits.max_members

    def take_bytes(self, count: int) -> None:
        """Account for bytes that are unpacked for the first time.

        Raises:
            Stop: all members together are over the ratio.
        """
        self.unpacked += count
        limits = self.limits
        # an archive in something compressed is unpacked once as a whole and once as its members
        if self.unpacked > 2 * max(limits.free_bytes, self.packed * limits.max_ratio):
            raise Stop(over_limit(f"All members together unpack to over {limits.max_ratio} times its size"))


@dataclass(slots=True)
class Member:
    """One stream of bytes: a file, or a member of an archive.

    `names` is the way through nested archives, empty for the file itself; compression of a single file adds no name.
    A second member of the same name in one archive is called `name~2`. Names are never used as paths.
    `modified` is the member's own last write in UTC nanoseconds. Tar keeps it in UTC. Zip has it in UTC where the packer
    wrote an extended timestamp or NTFS times; else it is a DOS time, which has no zone: its digits are taken as if
    they were UTC, so it may be off by the offset of the machine that packed (at most 14 hours).
    `gzip_modified` is the time in a gzip header, UTC; None where it is 0.
    `issues` is complete once the stream has been read to its end.
    """

    names: tuple[str, ...]
    _opener: Opener
    modified: int | None = None
    gzip_modified: int | None = None
    _issues: list[Issue] = field(default_factory=list)
    _budget: Budget | None = None
    _farthest: int = 0

    def open(self) -> BinaryIO:
        """The decompressed bytes from the start; a cut or damaged stream ends where it can no longer be read."""
        return io.BufferedReader(_Lenient(self), buffer_size=CHUNK)

    def is_plain(self) -> bool:
        """Whether the stream is the file itself, neither packed nor a member of an archive."""
        if self.names:
            return False
        with self._opener() as stream:
            return stream.seekable()

    def seekable(self) -> Opener:
        """An opener whose streams can go to any byte: over the file itself, or over a spool of what is unpacked."""
        return seekable(self._opener, self._budget or Budget(Limits(), 0), self._issues)

    def issues(self) -> tuple[Issue, ...]:
        """What was found wrong with the stream so far, each once."""
        return tuple(dict.fromkeys(self._issues))

    def note(self, issue: Issue) -> None:
        """Take down what is wrong with the stream."""
        self._issues.append(issue)

    def reached(self, position: int) -> None:
        """The stream was read up to `position`: what is new counts against the budget."""
        if position > self._farthest:
            if self._budget is not None:
                self._budget.take_bytes(position - self._farthest)
            self._farthest = position


class _Lenient(io.RawIOBase):
    """A raw stream that ends, with a note, where its source is cut, damaged or over a limit."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._source: BinaryIO | None = None
        self._position = 0
        self._left: memoryview = memoryview(b"")
        self._ended = False
        try:
            self._source = member._opener()  # noqa: SLF001 (a member and its stream are one thing)
        except Stop as stop:
            self._end(stop.issue)
        except DAMAGE as error:
            self._end(_breaks_off(error))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._left and not self._ended:
            self._left = memoryview(self._next())
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _next(self) -> bytes:
        assert self._source is not None
        try:
            # always as much, so that a limit cuts at the same byte however the stream is read
            chunk = self._source.read(CHUNK)
            self._position += len(chunk)
            self._member.reached(self._position)
        except Stop as stop:
            self._end(stop.issue)
            return b""
        except DAMAGE as error:
            self._end(_breaks_off(error))
            return b""
        self._ended = not chunk
        return chunk

    def _end(self, issue: Issue) -> None:
        self._member.note(issue)
        self._ended = True

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
        super().close()


def _breaks_off(error: BaseException) -> Issue:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return defect("RCA131", f"The stream breaks off: {reason}", "What came before is kept.")


class _Slice(io.RawIOBase):
    """The bytes [start, start + length) of a seekable stream; it is an EOFError where the stream ends within them."""

    def __init__(self, source: BinaryIO, start: int, length: int) -> None:
        self._source, self._start, self._length = source, start, length
        self._at = 0
        source.seek(start)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        self._source.seek(self._start + self._at)
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._length - self._at)
        wanted = left if size < 0 else min(size, left)
        data = self._source.read(wanted) if wanted else b""
        if wanted and not data:
            raise EOFError("the archive ends before its member does")
        self._at += len(data)
        return data

    def close(self) -> None:
        self._source.close()
        super().close()


def part(source: BinaryIO, start: int, length: int) -> BinaryIO:
    """The bytes [start, start + length) of a seekable stream, seekable; an EOFError where the stream ends within."""
    return _Slice(source, start, length)  # type: ignore[return-value]


class _Forgiving(io.RawIOBase):
    """A seekable stream that ends, with a note, where its source cannot be read."""

    def __init__(self, source: BinaryIO, issues: list[Issue]) -> None:
        self._source, self._issues = source, issues
        self._is_beyond = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._is_beyond = False
        try:
            return self._source.seek(offset, whence)
        except (OSError, OverflowError, ValueError):  # a header leads to where no file reaches
            self._is_beyond = True
            return offset

    def read(self, size: int = -1) -> bytes:
        if self._is_beyond:
            return b""
        try:
            return self._source.read(size)
        except Stop as stop:
            self._issues.append(stop.issue)
        except DAMAGE as error:
            self._issues.append(_breaks_off(error))
        return b""

    def close(self) -> None:
        self._source.close()
        super().close()


def forgiving(source: BinaryIO, issues: list[Issue]) -> BinaryIO:
    """A seekable stream as one that ends where it cannot be read; `issues` gets why."""
    return _Forgiving(source, issues)  # type: ignore[return-value]


class _Spool:
    """The bytes of a stream that cannot seek, kept as far as somebody has asked for them."""

    def __init__(self, opener: Opener, budget: Budget, issues: list[Issue]) -> None:
        self._member = Member((), opener, _issues=issues, _budget=budget)
        self._source: BinaryIO | None = self._member.open()
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOL_IN_MEMORY, mode="w+b")  # noqa: SIM115
        self._size = 0
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._file, self._source)

    def open(self) -> BinaryIO:
        return _View(self)  # type: ignore[return-value]

    def read_at(self, position: int, count: int) -> bytes:
        with self._lock:
            self._fill(position + count)
            self._file.seek(position)
            return self._file.read(min(count, max(0, self._size - position)))

    def size(self) -> int:
        """The size of the whole stream, which is read to its end for that."""
        with self._lock:
            while self._source is not None:
                self._fill(self._size + CHUNK)
            return self._size

    def _fill(self, wanted: int) -> None:
        while self._source is not None and self._size < wanted:
            chunk = self._source.read(CHUNK)
            if chunk:
                self._file.seek(self._size)
                try:
                    self._file.write(chunk)
                except OSError as error:
                    hint = (
                        "Free space there, or set TMPDIR to a folder that has room; what came before is kept."
                    )
                    place = f"{tempfile.gettempdir()}: {error.strerror}"
                    self._member.note(
                        defect("RCA138", f"The archive does not fit into the temporary folder {place}", hint)
                    )
                    chunk = b""
            self._size += len(chunk)
            if not chunk:
                self._source.close()
                self._source = None


def _close_all(*streams: BinaryIO | tempfile.SpooledTemporaryFile[bytes]) -> None:
    for stream in streams:
        stream.close()


class _View(io.RawIOBase):
    """A reader's own position in a spool."""

    def __init__(self, spool: _Spool) -> None:
        self._spool, self._at = spool, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            offset += self._spool.size()
        elif whence == io.SEEK_CUR:
            offset += self._at
        self._at = max(0, offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            size = max(0, self._spool.size() - self._at)
        data = self._spool.read_at(self._at, size)
        self._at += len(data)
        return data


def seekable(opener: Opener, budget: Budget, issues: list[Issue]) -> Opener:
    """An opener whose streams can seek: the same one, or one over a spool; `issues` gets what the spool meets."""
    try:
        with opener() as stream:
            if stream.seekable():
                return opener
    except Stop as stop:
        issues.append(stop.issue)
        return io.BytesIO
    except DAMAGE as error:
        issues.append(_breaks_off(error))
        return io.BytesIO
    return _Spool(opener, budget, issues).open
