"""`Window`: a stream as text of one character a code unit, block by block, so that places in it are places in bytes.

The decision hidden here: how spans stay exact in every encoding while patterns run on text. In encodings that keep
ASCII a byte is a character (as Latin-1 has it); in UTF-16 and UTF-32 a code unit is one, halves of pairs too. What a
span says is read by decoding its bytes, never from the window.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from rca.evidence.opening import mark_length
from rca.reading.source import Source

__all__ = ["Window", "plain_encoding", "unit_width", "xml_encoding"]

_BLOCK = 1 << 20
_DECLARED = re.compile(r"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.\-]{2,40})[\"']")


def xml_encoding(source: Source, *, within: int = 400) -> str:
    """The encoding that a byte order mark or an XML declaration in the first bytes states, else what the bytes look like."""
    head = source.head
    if mark_length(head) == 0 and unit_width(source.sample.encoding) == 1:
        found = _DECLARED.search(head[:within].decode("latin-1"))
        if found:
            try:
                name = codecs.lookup(found[1]).name
                if "<?xml".encode(name, "replace") == b"<?xml":
                    return name
            except (
                LookupError,
                UnicodeError,
            ):  # a name that is none, or of a codec that is no encoding of text
                return plain_encoding(source)
    return plain_encoding(source)


def plain_encoding(source: Source) -> str:
    """The encoding of a stream as codecs know it, without the byte order mark."""
    return "utf-8" if source.encoding == "utf-8-sig" else source.encoding


def unit_width(encoding: str) -> int:
    """The bytes of a code unit: 2 for UTF-16, 4 for UTF-32, else 1.

    >>> unit_width("utf-16-le"), unit_width("cp1252")
    (2, 1)
    """
    name = encoding.lower().replace("_", "-")
    return 2 if name.startswith("utf-16-") else 4 if name.startswith("utf-32-") else 1


class Window:
    """The part of a stream that is looked at: `text[at:]` is not consumed yet, `start` is the byte where it begins."""

    def __init__(self, stream: BinaryIO, *, start: int = 0, encoding: str = "utf-8") -> None:
        self.stream = stream
        self.width = unit_width(encoding)
        self.is_big = encoding.lower().endswith("be")
        self.text, self.at = "", 0
        self.start, self.line = start, 1
        self.is_done = False
        self._missing: dict[str, int] = {}
        self._data = b""
        self._odd = b""
        self._base = start
        self.read_more()
        self.newline = "\r" if "\n" not in self.text and "\r" in self.text else "\n"

    def read_more(self) -> bool:
        """Append the next block and drop what was consumed; the window doubles, so that it is scanned a few times only."""
        if self.is_done:
            return False
        block = self._odd + self.stream.read(max(_BLOCK, (len(self.text) - self.at) * self.width))
        if len(block) == len(self._odd):
            self.is_done = True
            return False
        end = len(block) // self.width * self.width
        self._data = self._data[self.start - self._base :] + block[:end]
        self._base = self.start
        self._odd = block[end:]
        self.text, self.at = self.text[self.at :] + self._units(block[:end]), 0
        return True

    def _units(self, block: bytes) -> str:
        if self.width == 1:
            return block.decode("latin-1")
        if self.width == 2:
            wide = bytearray(len(block) * 2)
            low, high = (1, 0) if self.is_big else (0, 1)
            wide[0::4], wide[1::4] = block[low::2], block[high::2]
            return wide.decode("utf-32-le", "surrogatepass")
        return block.decode("utf-32-be" if self.is_big else "utf-32-le", "replace")

    @property
    def left(self) -> int:
        """How many characters are in the window and not consumed."""
        return len(self.text) - self.at

    def raw(self, begin: int, end: int) -> bytes:
        """The bytes of `text[begin:end]`."""
        shift = self.start - self._base - self.at * self.width
        return self._data[shift + begin * self.width : shift + end * self.width]

    def take(self, end: int) -> tuple[int, bytes, int, int]:
        """Consume up to `end`: the first byte, the bytes, the first and the last line."""
        first, begin, raw = self.line, self.start, self.raw(self.at, end)
        lines = self.text.count(self.newline, self.at, end)
        ends_line = end > self.at and self.text[end - 1] == self.newline
        self.start, self.line, self.at = begin + len(raw), first + lines, end
        return begin, raw, first, max(first, first + lines - ends_line)

    def find_after(self, mark: str, at: int) -> int:
        """Behind the next `mark` from `at` on, -1 where the window has none; a window is searched in vain only once."""
        window_end = self.start + self.left * self.width
        if self._missing.get(mark) == window_end:
            return -1
        found = self.text.find(mark, at)
        if found < 0:
            self._missing[mark] = window_end
            return -1
        return found + len(mark)

    def take_odd(self) -> bytes:
        """Bytes at the very end that are no whole code unit."""
        odd, self._odd = self._odd, b""
        self.start += len(odd)
        return odd
