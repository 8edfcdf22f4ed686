"""`walk`: the objects of JSON documents one after another, with exact spans, without holding the document.

The decision hidden here: where a record begins and ends. A document is entered along one path of keys (arrays on the
way are passed through), each object at its end is decoded by itself, all other values are passed over. An object that
is malformed or breaks off costs itself: reading goes on at the next object that begins like it.

References:
    RFC 8259; RFC 7464 (text sequences); RFC 6901 (pointers).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote

from rca.reading.window import Window

__all__ = ["Found", "decoder", "peek", "walk"]

_LONGEST = 1 << 24  # one object of 16 million characters is no record
_DEPTH = 64
_SPACE = re.compile(r"[\s\x1e\ufeff\0]*+")
_KEY = re.compile(r'"(?P<key>(?:[^"\\]|\\.)*+)"\s*+:\s*+', re.DOTALL)
_OTHER = re.compile(r'"(?:[^"\\]|\\.)*+"|[^\s{}\[\],][^{}\[\],\n]*+', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{},:]|[^\s,\[\]{}":]++', re.DOTALL)
_COMPACT = re.compile(r'[}\]]\s*+,?\s*+(?=\{\s*+")')
_CLOSER = {"{": "}", "[": "]"}
decoder = json.JSONDecoder(parse_float=str, parse_int=str, strict=False)
"""Numbers stay as written; control characters in texts are passed through."""


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a document: a record (with its `value`), markup around records, or what could not be read.

    `what` is record, structure, blank or unparsed; `pointer` says where a record stands, `reason` why bytes could not
    be read.
    """

    what: str
    start: int
    raw: bytes
    line: int
    last_line: int
    pointer: str = ""
    value: dict[str, Any] | None = None
    reason: str = ""


@dataclass(slots=True)
class _Level:
    """An array or object that is open: how much of the path lies behind it, its pointer, and how many values it had."""

    kind: str
    depth: int
    pointer: str
    count: int = 0


def walk(
    stream: BinaryIO, *, path: Sequence[str] = (), is_sequence: bool = True, start: int = 0, encoding: str
) -> Iterator[Found]:
    """All of a stream that stands at byte `start`, in order: the objects at the end of `path`, and what is around them.

    `is_sequence` says that several documents follow one another: then pointers begin with the document's number.
    """
    return _Walk(stream, tuple(path), start, encoding, is_sequence=is_sequence).run()


class _Walk:
    def __init__(
        self, stream: BinaryIO, path: tuple[str, ...], start: int, encoding: str, *, is_sequence: bool
    ) -> None:
        self.window = Window(stream, start=start, encoding=encoding)
        self.encoding = encoding
        self.path = path
        self.is_sequence = is_sequence
        self.documents = 0
        self.stack: list[_Level] = []

    # -- stretches ----------------------------------------------------------------------------------------

    def _take(self, what: str, end: int, **more: Any) -> Found:
        return Found(what, *self.window.take(end), **more)

    def run(self) -> Iterator[Found]:
        """The stretches, every byte in one."""
        window = self.window
        while True:
            end = _SPACE.match(window.text, window.at).end()  # type: ignore[union-attr]
            if end > window.at:
                yield self._take("blank", end)
            if not window.left:
                if window.read_more():
                    continue
                break
            yield from self._step(window.text[window.at])
        start, line, odd = window.start, window.line, window.take_odd()
        if odd:
            yield Found("unparsed", start, odd, line, line, reason="half a character")

    def _step(self, char: str) -> Iterator[Found]:
        window, level = self.window, self.stack[-1] if self.stack else None
        if char == "," or (level is not None and char == _CLOSER[level.kind]):
            if char != ",":
                self.stack.pop()
            yield self._take("structure", window.at + 1)
        elif level is not None and level.kind == "{":
            yield from self._member(level)
        elif char in "{[":
            yield from self._value(char, level.depth if level else 0, self._next_pointer(level))
        else:
            yield self._garbage("no object")

    def _next_pointer(self, level: _Level | None) -> str:
        if level is not None:
            level.count += 1
            return f"{level.pointer}/{level.count - 1}"
        self.documents += 1
        return f"/{self.documents - 1}" if self.is_sequence or self.documents > 1 else ""

    def _value(self, char: str, depth: int, pointer: str) -> Iterator[Found]:
        """An array or object on the path: entered, or decoded where the path ends."""
        if char == "{" and depth == len(self.path):
            yield self._record(pointer)
        elif len(self.stack) >= _DEPTH:
            yield self._garbage("nested too deeply")
        else:
            self.stack.append(_Level(char, depth, pointer))
            yield self._take("structure", self.window.at + 1)

    def _member(self, level: _Level) -> Iterator[Found]:
        """A key of an object that is entered, with its value where the path does not lead there."""
        window = self.window
        while (found := _KEY.match(window.text, window.at)) is None or found.end() == len(window.text):
            if window.left > _LONGEST or not window.read_more():
                break
        if found is None:
            yield self._garbage("an object that breaks off or is malformed")
            return
        try:
            key = json.loads(f'"{found["key"]}"', strict=False)
        except ValueError:
            key = found["key"]
        char = window.text[found.end() : found.end() + 1]
        yield self._take("structure", found.end())
        if char and char in "{[" and level.depth < len(self.path) and key == self.path[level.depth]:
            yield from self._value(char, level.depth + 1, f"{level.pointer}/{_escaped(key)}")
        elif char and char not in "}],":
            yield self._passed_over()

    def _passed_over(self) -> Found:
        """A value beside the path."""
        end = self._decode()[1]
        if end is not None:
            return self._take("structure", end)
        return self._garbage("a value that breaks off or is malformed")

    def _record(self, pointer: str) -> Found:
        value, end = self._decode()
        if end is None:
            is_cut = self.window.is_done and self._is_cut
            reason = "an object that breaks off" if is_cut else "a malformed object"
            return self._take("unparsed", self._next_record(), pointer=pointer, reason=reason)
        found = self._take("record", end, pointer=pointer)
        if not found.raw.isascii() or self.window.width > 1:
            value = self._decoded(found.raw) or value
        return Found("record", found.start, found.raw, found.line, found.last_line, pointer, value)

    def _decoded(self, raw: bytes) -> dict[str, Any] | None:
        try:
            value = decoder.decode(raw.decode(self.encoding, errors="replace"))
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    # -- decoding -----------------------------------------------------------------------------------------

    _is_cut = False

    def _decode(self) -> tuple[Any, int | None]:
        """The value at the window's place and its end; no end where it is malformed or breaks off."""
        window = self.window
        while True:
            try:
                value, end = decoder.raw_decode(window.text, window.at)
            except json.JSONDecodeError as error:
                self._is_cut = error.msg.startswith("Unterminated") or error.pos >= len(window.text) - 8
                if not self._is_cut or window.left > _LONGEST or not window.read_more():
                    return None, None
            except (RecursionError, ValueError):
                self._is_cut = False
                return None, None
            else:
                if end < len(window.text) or window.text[end - 1] in '}]"' or not window.read_more():
                    return value, end

    def _next_record(self) -> int:
        """Where reading goes on after an object that could not be read: at the next one that begins like it."""
        window = self.window
        line = window.text.rfind("\n", 0, window.at) + 1
        indent = window.text[line : window.at]
        anchored = re.compile(rf"\n{re.escape(indent)}(?=\{{)") if not indent.strip() else None
        at = window.at
        while True:
            found = anchored.search(window.text, at + 1) if anchored else None
            found = found or _COMPACT.search(window.text, at + 1)
            if found is not None:
                return found.end()
            if window.left > _LONGEST:
                return window.at + _LONGEST
            at = max(at, len(window.text) - 200)
            shift = window.at
            if not window.read_more():
                return len(window.text)
            at -= shift

    def _garbage(self, reason: str) -> Found:
        """What is no JSON here, up to the next place where an object or array may begin."""
        window = self.window
        if reason == "no object":
            found = _OTHER.match(window.text, window.at)
            return self._take("unparsed", found.end() if found else window.at + 1, reason=reason)
        end = self._next_record()
        if end < len(window.text):
            while len(self.stack) > 1 and self.stack[-1].kind == "{":
                self.stack.pop()
        return self._take("unparsed", max(end, window.at + 1), reason=reason)


def _escaped(key: str) -> str:
    """A key as a part of a pointer, one word without spaces."""
    return quote(key.replace("~", "~0").replace("/", "~1"), safe="._-~@+=,$")


def peek(text: str) -> list[Any]:
    r"""The values at the beginning of a text that may be cut anywhere: a last one that is cut is closed where it can be.

    >>> peek('{"a": 1}\n{"b": [1, 2, {"c": "d", "e')
    [{'a': '1'}, {'b': ['1', '2', {'c': 'd'}]}]
    """
    found: list[Any] = []
    at = 0
    while len(found) < 1_000:
        space = re.compile(r"[\s,\x1e\ufeff]*+").match(text, at)
        at = space.end() if space else at
        if text[at : at + 1] not in ("{", "["):
            break
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            cut = _close(text, at)
            if cut is not None:
                found.append(cut)
            break
        found.append(value)
    return found


def _close(text: str, at: int) -> Any:
    """The value that begins at `at`, closed after its last whole member; None where none is whole."""
    stack: list[str] = []
    cuts: list[tuple[int, str]] = []
    for token in _TOKEN.finditer(text, at):
        char = token[0]
        if char in ("{", "["):
            stack.append(_CLOSER[char])
            if len(stack) > _DEPTH:
                break
        elif char in ("}", "]"):
            if not stack or stack.pop() != char or not stack:
                break
            cuts.append((token.end(), "".join(reversed(stack))))
        elif char == ",":
            cuts.append((token.start(), "".join(reversed(stack))))
        if len(cuts) > 8:
            del cuts[0]
    for end, closers in reversed(cuts):
        try:
            return decoder.decode(text[at:end] + closers)
        except (ValueError, RecursionError):
            continue
    return None
