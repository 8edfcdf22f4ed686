"""Blocks: bytes of a stream cut at line ends, and the texts of those lines as one Arrow column.

The decision hidden here: where lines end and how they are decoded. A line ends at LF, in a stream without LF at CR, in
UTF-16 and UTF-32 at their own LF. A block that is not valid UTF-8 is decoded as a whole, stray bytes escaped, so that its
lines stay the same lines; colour codes of terminals are taken out; spans always speak of the raw bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Block", "LineEnds", "cut", "views"]

_ANSI = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LONGEST = 1 << 20
"""Of a longer line only the first MiB is looked at; its span stays whole."""
_PAD = bytes(16)

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class LineEnds:
    """How the lines of a stream end: the encoding, and the bytes of the line end in it."""

    encoding: str
    end: bytes

    @classmethod
    def of(cls, encoding: str, head: bytes) -> LineEnds:
        """The line ends of a stream of which `head` is the beginning."""
        name = encoding.lower().replace("_", "-")
        name = "utf-8" if name == "utf-8-sig" else name
        if name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            return cls(name, "\n".encode(name))
        return cls(name, b"\r" if b"\n" not in head and b"\r" in head else b"\n")

    def last_in(self, data: bytes) -> int:
        """The byte after the last line end in `data` (which begins at a line), 0 where there is none."""
        width = len(self.end)
        at = data.rfind(self.end)
        while at >= 0 and at % width:
            at = data.rfind(self.end, 0, at + width - 1)
        return at + width if at >= 0 else 0


@dataclass(slots=True)
class Block:
    """The lines of a piece of a stream. `start` and `length` are raw bytes (with the line end), counted from `offset`.

    `texts` are the lines as text without their ends; `is_blank` and `is_indented` (begins with a blank or tab) speak of
    them; `strays` counts lines with bytes that the encoding does not know, `cut` those longer than a MiB.
    """

    offset: int
    start: Array
    length: Array
    texts: pl.Series
    data: Array
    text_start: Array
    text_length: Array
    is_blank: Array
    is_indented: Array
    strays: int
    cut: int

    def __len__(self) -> int:
        return len(self.start)


def views(data: Array, start: Array, length: Array) -> pl.Series:
    """Texts that lie in `data` (UTF-8, followed by 16 bytes of padding) at `start`, without copying them.

    References:
        Apache Arrow columnar format, "Variable-size Binary View Layout".
    """
    import polars as pl
    import pyarrow as pa

    words = np.ndarray(shape=(max(len(data) - 3, 0),), dtype="<u4", buffer=data, strides=(1,))
    view = np.empty((len(start), 4), np.uint32)
    view[:, 0] = length
    view[:, 1] = words[start]
    view[:, 2] = 0
    view[:, 3] = start
    short = np.flatnonzero(length <= 12)
    if len(short):
        masks = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], np.uint32)
        for word in range(3):
            kept = np.clip(length[short] - 4 * word, 0, 4)
            view[short, 1 + word] = words[start[short] + 4 * word] & masks[kept]
    array = pa.Array.from_buffers(
        pa.string_view(), len(start), [None, pa.py_buffer(view), pa.py_buffer(data)]
    )
    series = pl.from_arrow(array)
    assert isinstance(series, pl.Series)
    return series


def cut(raw: bytes, offset: int, ends: LineEnds) -> Block:
    """The lines of `raw`, which begins at a line and lies at byte `offset` of its stream."""
    start, stop = _spans(raw, ends)
    text, strays = _decode(raw, ends)
    if text is raw and b"\x1b" not in raw:
        text_start, text_stop = start, stop
    else:
        if b"\x1b" in text:
            text = _ANSI.sub(b"", text)
        text_start, text_stop = _spans(text, LineEnds("utf-8", b"\n" if len(ends.end) > 1 else ends.end))
        assert len(text_start) == len(start)
    data = np.frombuffer(text + _PAD, np.uint8)
    text_stop = _strip(data, text_start, text_stop)
    length = text_stop - text_start
    too_long = length > _LONGEST
    if too_long.any():
        text_stop = np.where(too_long, _character_end(data, text_start + _LONGEST, text_start), text_stop)
        length = text_stop - text_start
    first = data[text_start]
    is_indented = ((first == 32) | (first == 9)) & (length > 0)
    is_blank = length == 0
    if is_indented.any():
        led = views(data, text_start[is_indented], length[is_indented])
        is_blank[is_indented] = ~led.str.contains("[^ \t\r]").to_numpy()
        is_indented &= ~is_blank
    return Block(
        offset,
        start,
        stop - start,
        views(data, text_start, length),
        data,
        text_start,
        length,
        is_blank,
        is_indented,
        strays,
        int(too_long.sum()),
    )


def _spans(raw: bytes, ends: LineEnds) -> tuple[Array, Array]:
    """First byte and byte after each line, the line end included; what follows the last line end is a line too."""
    data = np.frombuffer(raw, np.uint8)
    width = len(ends.end)
    if width == 1:
        stop = np.flatnonzero(data == ends.end[0]) + 1
    else:
        units = data[: len(data) // width * width].reshape(-1, width)
        stop = (np.flatnonzero((units == np.frombuffer(ends.end, np.uint8)).all(axis=1)) + 1) * width
    if not len(stop) or stop[-1] < len(data):
        stop = np.append(stop, len(data))
    start = np.empty(len(stop), np.int64)
    start[:1] = 0
    start[1:] = stop[:-1]
    return start, stop.astype(np.int64)


def _decode(raw: bytes, ends: LineEnds) -> tuple[bytes, int]:
    """The block as UTF-8 with the same line ends, and how many lines hold bytes that the encoding does not know."""
    if ends.encoding in {"utf-8", "ascii"}:
        if raw.isascii():
            return raw, 0
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            pieces = raw.split(ends.end)
            strays = 0
            for at, piece in enumerate(pieces):
                if not piece.isascii():
                    try:
                        piece.decode("utf-8")
                    except UnicodeDecodeError:
                        pieces[at] = piece.decode("utf-8", "backslashreplace").encode()
                        strays += 1
            return ends.end.join(pieces), strays
        return raw, 0
    try:
        return raw.decode(ends.encoding).encode("utf-8", "backslashreplace"), 0
    except UnicodeDecodeError:
        width = len(ends.end)
        whole = raw[: len(raw) // width * width]
        text = whole.decode(ends.encoding, "backslashreplace") + "".join(
            f"\\x{byte:02x}" for byte in raw[len(whole) :]
        )
        return text.encode("utf-8", "backslashreplace"), 1


def _strip(data: Array, start: Array, stop: Array) -> Array:
    """Where the lines end without their CR and LF."""
    stop = stop.copy()
    for _ in range(4):
        last = data[np.maximum(stop - 1, 0)]
        ends = ((last == 10) | (last == 13)) & (stop > start)
        if not ends.any():
            break
        stop[ends] -= 1
    return stop


def _character_end(data: Array, at: Array, start: Array) -> Array:
    """The next position at or before `at` at which a character of UTF-8 begins."""
    at = at.copy()
    for _ in range(3):
        inside = (data[np.minimum(at, len(data) - 1)] & 0xC0) == 0x80
        at = np.where(inside & (at > start), at - 1, at)
    return at
