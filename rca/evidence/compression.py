"""Compression: gzip, bzip2, xz, zstd and lz4 streams, recognised by their first bytes and unpacked step by step.

The decision hidden here: how much survives damage. A decompressor that meets damage throws away what it had unpacked in
the same call; so the stream is gone through once more, byte by byte near the damage, and all that can be had is handed
out before the damage is told. Several streams in one file are one stream; what follows the last one is an issue.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from rca.errors import Issue
from rca.evidence.streams import CHUNK, DAMAGE, OVER_LIMIT, Limits, Opener, Stop, defect, over_limit

__all__ = ["compression_of", "foreign_kind", "inflated"]

_STEP = 1 << 16
_FIRST_STEP = 1 << 9
_MAGIC: dict[str, bytes] = {
    "gzip": b"\x1f\x8b",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\x00",
    "zstd": b"\x28\xb5\x2f\xfd",
    "lz4": b"\x04\x22\x4d\x18",
}
_PADDED = ("gzip", "xz")
_SINGLE = ("deflate", "lzma")
_FOREIGN: dict[bytes, str] = {
    b"7z\xbc\xaf\x27\x1c": "A 7z archive",
    b"Rar!\x1a\x07": "A RAR archive",
    b"MSCF\0\0\0\0": "A cabinet (CAB) archive",
    b"\x1f\x9d": "A file compressed by compress (.Z)",
    b"LZIP\x01": "A file compressed by lzip",
    b"\xff\x06\0\0sNaPpY": "A file compressed by snappy",
    b"\x02\x21\x4c\x18": "A file compressed by lz4 in its legacy format",
}


def foreign_kind(head: bytes) -> str | None:
    r"""What a file is that is known but not unpacked, by its first bytes.

    >>> foreign_kind(b"7z\xbc\xaf\x27\x1c..."), foreign_kind(b"a line")
    ('A 7z archive', None)
    """
    return next((name for magic, name in _FOREIGN.items() if head.startswith(magic)), None)


def compression_of(head: bytes, opener: Opener) -> str | None:
    """The compression of a stream that begins with `head`, None where it is not compressed in a way that is read.

    Skippable frames before the first frame of zstd or lz4 are passed over; `opener` is asked where they are longer
    than `head`.

    References:
        RFC 1952 (gzip), RFC 8878 (zstd, skippable frames in 3.1.2), LZ4 frame format 1.6, xz file format 1.2.
    """
    if _is_skippable(head):
        head = _after_skippable(opener)
    kind = next((k for k, magic in _MAGIC.items() if head.startswith(magic)), None)
    if kind == "gzip" and head[2:3] not in (b"", b"\x08"):
        return None
    if kind == "bzip2" and (head[3:4] not in b"123456789" or head[4:10] not in _BZIP2_BLOCKS):
        return None
    return kind


_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")


def _is_skippable(head: bytes) -> bool:
    return len(head) >= 8 and 0x50 <= head[0] <= 0x5F and head[1:4] == b"\x2a\x4d\x18"


def _after_skippable(opener: Opener) -> bytes:
    """The first bytes after skippable frames, b"" where there are none or too many."""
    try:
        with opener() as stream:
            for _ in range(64):
                head = stream.read(8)
                if not _is_skippable(head):
                    return head
                left = int.from_bytes(head[4:8], "little")
                while left:
                    passed = len(stream.read(min(left, CHUNK)))
                    left -= passed
                    if not passed:
                        return b""
    except (Stop, *DAMAGE):
        pass
    return b""


class _Engine(Protocol):
    """A decompressor that takes what it is fed and says when it wants more."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Zlib:
    """zlib in the shape of bz2 and lzma: it keeps its own unconsumed input."""

    def __init__(self, wbits: int) -> None:
        self._engine = zlib.decompressobj(wbits=wbits)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._engine.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        unpacked = self._engine.decompress(self._engine.unconsumed_tail + data, max_length)
        self._full = len(unpacked) == max_length
        return unpacked


class _ZipLzma:
    """LZMA as zip stores it (method 14): version, size of the properties, properties, raw stream.

    References:
        APPNOTE.TXT 6.3.10, 5.8.8.
    """

    def __init__(self) -> None:
        self._head = b""
        self._engine: lzma.LZMADecompressor | None = None

    @property
    def eof(self) -> bool:
        return self._engine is not None and self._engine.eof

    @property
    def needs_input(self) -> bool:
        return self._engine is None or self._engine.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data if self._engine is not None else b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if self._engine is None:
            self._head += data
            if len(self._head) < 9:
                return b""
            packed, size = self._head[4], int.from_bytes(self._head[5:9], "little")
            if self._head[2:4] != b"\x05\x00" or packed >= 225 or size > 1 << 30:
                raise lzma.LZMAError("its LZMA properties are not valid")
            lc, lp, pb = packed % 9, packed // 9 % 5, packed // 45
            chain = [{"id": lzma.FILTER_LZMA1, "dict_size": size, "lc": lc, "lp": lp, "pb": pb}]
            self._engine = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)
            data = self._head[9:]
        return self._engine.decompress(data, max_length)


_ENGINES: dict[str, Callable[[], _Engine]] = {
    "gzip": lambda: _Zlib(31),
    "deflate": lambda: _Zlib(-15),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=1 << 30),
    "lzma": _ZipLzma,
}


class _Fed:
    """Unpacks by feeding an engine from a buffer, stream after stream.

    What is fed at once begins small in each stream and doubles: a file of a million tiny streams costs no more than
    one of a few large ones.
    """

    def __init__(self, source: BinaryIO, kind: str) -> None:
        self._source, self._kind = source, kind
        self._engine = _ENGINES[kind]()
        self._buffer, self._at = b"", 0
        self._pace = _STEP
        self._taken = 0
        self._is_out = False

    @property
    def packed(self) -> int:
        return self._taken - (len(self._buffer) - self._at)

    def _refill(self, keep: bytes = b"") -> bool:
        more = self._source.read(_STEP)
        self._taken += len(more)
        self._buffer, self._at = keep + more, 0
        return bool(more)

    def pull(self, size: int, step: int) -> bytes:
        while True:
            if self._engine.eof and not self._next_stream():
                return b""
            packed = b""
            if self._engine.needs_input:
                if self._at == len(self._buffer) and not self._refill():
                    raise EOFError("it ends before its end marker")
                packed = self._buffer[self._at : self._at + min(step, self._pace)]
                self._at += len(packed)
                self._pace = min(2 * self._pace, _STEP)
            data = self._engine.decompress(packed, size)
            if self._engine.eof:
                self._at -= len(self._engine.unused_data)
            if data:
                return data

    def _next_stream(self) -> bool:
        if self._kind in _SINGLE or self._is_out:
            return False
        magic = _MAGIC[self._kind]
        while True:
            if self._kind in _PADDED and self._buffer[self._at : self._at + 1] in (b"", b"\0"):
                self._buffer, self._at = self._buffer[self._at :].lstrip(b"\0"), 0
            if len(self._buffer) - self._at >= len(magic) or not self._refill(self._buffer[self._at :]):
                break
        if self._at == len(self._buffer):
            self._is_out = True
            return False
        if not self._buffer.startswith(magic, self._at):
            self._is_out = True
            raise Stop(_followed())
        self._engine, self._pace = _ENGINES[self._kind](), _FIRST_STEP
        return True


def _followed() -> Issue:
    return defect(
        "RCA132",
        "Bytes that are not compressed follow the compressed stream",
        "They are not read. Ask how the file was made; two files may have been joined.",
    )


class _Piped:
    """Unpacks zstd and lz4 frames through Arrow, which is a core dependency; it reads its source by itself."""

    def __init__(self, source: BinaryIO, kind: str) -> None:
        import pyarrow as pa

        self._tap = _Tap(source)
        self._pulled = 0
        self._stream = pa.CompressedInputStream(pa.PythonFile(self._tap, mode="r"), kind)

    @property
    def packed(self) -> int:
        return self._tap.count

    def pull(self, size: int, step: int) -> bytes:
        del step
        try:
            data: bytes = self._stream.read(min(size, _STEP))
        except MemoryError:
            raise OSError("it asks for too much memory") from None
        except OSError as error:
            if self._tap.failure is None and self._pulled and "nknown" in str(error):
                raise Stop(_followed()) from None
            raise self._tap.failure or error from None
        if not data and self._tap.failure is not None:
            raise self._tap.failure
        self._pulled += len(data)
        return data


class _Tap(io.RawIOBase):
    """What Arrow reads from: it counts, and keeps a failure of its source for later, as Arrow would reword it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.count = 0
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.failure is not None:
            return b""
        try:
            data = self._source.read(size)
        except (Stop, *DAMAGE) as error:
            self.failure = error
            return b""
        self.count += len(data)
        return data


class _Inflating(io.RawIOBase):
    """The unpacked bytes of a compressed stream, within the limits; damage is raised once all before it is handed out."""

    def __init__(self, opener: Opener, kind: str, limits: Limits) -> None:
        self._opener, self._kind, self._limits = opener, kind, limits
        self._source = opener()
        self._engine = _unpacker(self._source, kind)
        self._unpacked = 0
        self._saved = b""
        self._failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = CHUNK if size < 0 else min(size, CHUNK)
        if not size:
            return b""
        if not self._saved:
            if self._failure is not None:
                raise self._failure
            try:
                data = self._engine.pull(size, _STEP)
            except (Stop, *DAMAGE) as error:
                self._failure = error
                is_bomb = isinstance(error, Stop) and error.issue.code == OVER_LIMIT
                self._saved = b"" if is_bomb else self._salvage()
                if not self._saved:
                    raise
        if self._saved:
            data, self._saved = self._saved[:size], self._saved[size:]
        self._unpacked += len(data)
        self._check()
        return data

    def _salvage(self) -> bytes:
        """What can still be unpacked after the bytes that were handed out."""
        near = self._engine.packed - 2 * _STEP
        found = bytearray()
        passed = 0
        try:
            with self._opener() as source:
                engine = _unpacker(source, self._kind)
                while True:
                    skipping = passed < self._unpacked
                    step = 1 if engine.packed >= near else _STEP
                    if isinstance(engine, _Piped):
                        size = min(CHUNK, self._unpacked - passed) if skipping else 1
                    else:
                        size = CHUNK
                    data = engine.pull(size, step)
                    if not data:
                        break
                    found += data[max(0, self._unpacked - passed) :]
                    passed += len(data)
        except (Stop, *DAMAGE):
            pass
        return bytes(found)

    def _check(self) -> None:
        limits = self._limits
        if self._unpacked > limits.max_bytes:
            raise Stop(over_limit(f"The stream is larger than {limits.max_bytes} bytes"))
        if self._unpacked > limits.free_bytes and self._unpacked > self._engine.packed * limits.max_ratio:
            raise Stop(over_limit(f"The stream unpacks to over {limits.max_ratio} times its size"))

    def close(self) -> None:
        self._source.close()
        super().close()


def inflated(opener: Opener, kind: str, limits: Limits) -> BinaryIO:
    """The unpacked bytes of the stream that `opener` opens, within the limits.

    `kind` is what `compression_of` says, or "deflate" or "lzma" for a single stream as zip holds it. Damage is raised
    once all that can be had before it was read.
    """
    return _Inflating(opener, kind, limits)  # type: ignore[return-value]


def _unpacker(source: BinaryIO, kind: str) -> _Fed | _Piped:
    return _Piped(source, kind) if kind in ("zstd", "lz4") else _Fed(source, kind)
