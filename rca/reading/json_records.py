"""`read_values`: the records of a JSON document with exact places, for what stands inside them too.

The decision hidden here: how a JSON export is gone through. Wrappers (an array, a page with its list) are entered, each
record is decoded by itself, what stands between is booked; a torn record costs itself. `Value.place` finds the bytes of
anything in a record by its pointer, so that each comment and each change cites its own.

References:
    RFC 8259; RFC 6901 (pointers).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from rca.errors import Severity
from rca.evidence.opening import is_binary, mark_length
from rca.reading.json_spans import escaped, iter_spans
from rca.reading.json_walk import peek
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

__all__ = ["Value", "json_head", "read_values"]

Enter = Callable[[str, Mapping[str, Any], str], bool]
"""Whether an object under a key is entered, by its members so far and the text ahead (see `json_spans`)."""
_MANY = 100
_DEPTH = 60
_STRETCH = 1 << 12
_SPACE = re.compile(r"[ \t\r\n]*+")
_SCALAR = re.compile(r"[^\s,\[\]{}\":]++")


@dataclass(frozen=True)
class Value:
    """One record of a document: its value (numbers as text), pointer (`/issues/0`), bytes and lines.

    `key` is the key under which its list or itself was entered, `around` the texts that its wrappers had said before it.
    """

    value: dict[str, Any]
    pointer: str
    start: int
    raw: bytes
    line: int
    last_line: int
    encoding: str
    key: str = ""
    around: Mapping[str, Any] = field(default_factory=dict)

    def place(self, inner: str = "") -> Place:
        """The place of the record, or of what `inner` points to in it (`/fields/comment/comments/0`)."""
        locator = f"J{self.pointer}{inner}"
        begin, end = self._places.get(inner, (0, 0)) if inner else (0, 0)
        if not inner or end <= begin:
            return Place(locator, self.start, len(self.raw), self.line)
        line = self.line + bisect_left(self._breaks, begin)
        start = self._byte(begin)
        return Place(locator, self.start + start, self._byte(end) - start, line)

    @cached_property
    def _text(self) -> str:
        return self.raw.decode(self.encoding, errors="surrogateescape")

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        return _scan_places(self._text)

    @cached_property
    def _breaks(self) -> list[int]:
        return [found.start() for found in re.finditer("\n", self._text)]

    @cached_property
    def _marks(self) -> list[int]:
        """The byte at which each stretch of the text begins."""
        text = self._text
        sizes = (self._size(text[at : at + _STRETCH]) for at in range(0, len(text), _STRETCH))
        return list(accumulate(sizes, initial=0))

    def _byte(self, at: int) -> int:
        """How many bytes of the record stand before a character."""
        if len(self._text) == len(self.raw):
            return at
        number = at // _STRETCH
        return self._marks[number] + self._size(self._text[number * _STRETCH : at])

    def _size(self, text: str) -> int:
        return len(text.encode(self.encoding, errors="surrogateescape"))


def _scan_places(text: str) -> dict[str, tuple[int, int]]:
    """The first character and the end of each object, array and text in a JSON value, by pointer."""
    found: dict[str, tuple[int, int]] = {}

    def skip(at: int) -> int:
        space = _SPACE.match(text, at)
        return space.end() if space else at

    def value(at: int, pointer: str, depth: int) -> int:
        begin = at = skip(at)
        mark = text[at : at + 1]
        if mark == '"':
            at = scanstring(text, at + 1, False)[1]
        elif mark and mark in "{[" and depth < _DEPTH:
            at = skip(at + 1)
            number = 0
            closing = "}" if mark == "{" else "]"
            while text[at : at + 1] != closing:
                key = str(number)
                if mark == "{":
                    key, at = scanstring(text, at + 1, False)
                    key = escaped(key)
                    at = skip(at) + 1
                at = skip(value(at, f"{pointer}/{key}", depth + 1))
                number += 1
                if text[at : at + 1] == ",":
                    at = skip(at + 1)
                elif text[at : at + 1] != closing:
                    raise ValueError
            at += 1
        else:
            scalar = _SCALAR.match(text, at)
            if scalar is None:
                raise ValueError
            at = scalar.end()
        found[pointer] = (begin, at)
        return at

    try:
        value(0, "", 0)
    except (ValueError, IndexError, RecursionError):
        return found  # what was found before the fault holds; the rest cites the record as a whole
    return found


def json_head(sample: Sample) -> list[Any]:
    """The JSON values at the beginning of a stream, torn ones closed; [] for what is no JSON. For `score`.

    A stream of one object a line gives one value a line.
    """
    if not sample.head.strip() or is_binary(sample.head):
        return []
    text = sample.text.lstrip(" \t\r\n\0\x1e\ufeff")
    return _peeked(text) if text[:1] in ("{", "[") else []


@lru_cache(maxsize=2)
def _peeked(text: str) -> list[Any]:
    """The values of a beginning; some twenty readers ask for those of the same one. They leave them as they are."""
    return peek(text)


def read_values(source: Source, enter: Enter, *, code: str, what: str = "record") -> Iterator[Value]:
    """The records of a stream in order; every byte is booked: records as events, markup as structure.

    An object is a record unless `enter` says that its objects are. What cannot be read is an Issue of `code`.
    """
    mark = mark_length(source.head)
    source.structure_bytes(0, mark)
    encoding = plain_encoding(source)
    faults = 0
    with source.open() as stream:
        stream.read(mark)
        for part in iter_spans(stream, enter, start=mark, encoding=encoding):
            if part.what == "value" and part.value is not None:
                source.event_bytes(part.start, len(part.raw))
                yield Value(
                    part.value, part.pointer, part.start, part.raw, part.line, part.last_line, encoding, part.key,
                    part.around,
                )  # fmt: skip
            elif part.what == "structure":
                source.structure_bytes(part.start, len(part.raw))
            elif part.what == "blank":
                source.blank_bytes(part.start, len(part.raw))
            else:
                reason = part.reason or f"no {what}"
                source.unparsed_bytes(part.start, part.raw, place=f"L{part.line}", reason=reason)
                faults += 1
                if faults <= _MANY:
                    source.issue(
                        code,
                        Severity.WARNING,
                        f"Not read: {reason}",
                        place=f"L{part.line}",
                        hint="Is the file cut or still being written? The rest is read.",
                    )
