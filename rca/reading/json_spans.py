"""`iter_spans`: where the objects of JSON documents begin and end, in a stream that may be cut, broken or concatenated.

The decision hidden here: a document is read member by member, so that the reader of a format decides at each key, from
what was read so far, whether the value is entered or belongs to the object. What is malformed or breaks off costs
itself: reading goes on at the next sibling, an object that begins like those before it.

References:
    RFC 8259; RFC 7464 (text sequences); RFC 6901 (pointers).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import quote

from rca.reading.window import Window

__all__ = ["Enter", "Stretch", "escaped", "iter_spans", "iter_values"]

_LONGEST = 1 << 26  # one object of 64 million characters is no record
_AHEAD = 400
_DEPTH = 64
_PATIENCE = 1 << 25  # characters that are read in vain before broken input is no longer looked at twice
_NESTED = 1 << 16
_SPACE = re.compile(r"[\s\x1e\ufeff\0]*+")
_BETWEEN = re.compile(r"[\s,\0]*+")
_KEY = re.compile(r'"(?P<key>(?:[^"\\]|\\.)*+)"\s*+:\s*+', re.DOTALL)
_OTHER = re.compile(r"[^\n{}\[\]]++")
_CLOSER = {"{": "}", "[": "]"}
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, strict=False)

Enter = Callable[[str, Mapping[str, Any], str], bool]
"""Whether a value is entered: the key, the members of its object before it, and how the value begins."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a stream: an object (`value`), markup around objects, blank space, or what could not be read.

    `what` is value, structure, blank or unparsed. `pointer` says where an object stands, `key` under which key it or
    its array was entered ("" at the top), `around` what the objects around it had said before.
    """

    what: str
    start: int
    raw: bytes
    line: int
    last_line: int
    pointer: str = ""
    key: str = ""
    value: dict[str, Any] | None = None
    around: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def iter_spans(
    stream: BinaryIO, enter: Enter, *, start: int = 0, encoding: str = "utf-8"
) -> Iterator[Stretch]:
    """All of a stream that stands at byte `start`, in order, every byte in one stretch.

    An object in which nothing is entered is a value; of one that is entered, the objects inside are. Pointers of all
    documents after the first begin with the document's number from 0.
    """
    return _Walk(stream, enter, start, encoding).run()


def iter_values(
    data: bytes, start: int = 0, path: Sequence[str] = (), *, encoding: str = "utf-8"
) -> Iterator[tuple[str, int, int]]:
    """The pointer, first byte and end of each object at the end of `path`, a list of keys; arrays are passed through.

    >>> list(iter_values(b'{"n": 2, "Records": [{"a": 1}, {"a": 2}]}', path=("Records",)))
    [('/Records/0', 21, 29), ('/Records/1', 31, 39)]
    """

    def enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:  # noqa: ARG001
        return key in path

    with io.BytesIO(data) as stream:
        stream.read(start)
        for one in iter_spans(stream, enter, start=start, encoding=encoding):
            keys = tuple(part for part in one.pointer.split("/") if part and not part.isdecimal())
            if one.what == "value" and keys == tuple(map(escaped, path)):
                yield one.pointer, one.start, one.start + len(one.raw)


@dataclass(slots=True)
class _Level:
    """An array, or an object that was entered: its pointer, the key it stands under, and what its members said."""

    kind: str
    pointer: str
    key: str
    members: dict[str, Any] = field(default_factory=dict)
    around: Mapping[str, Any] = field(default_factory=dict)
    count: int = 0
    sibling: re.Pattern[str] | None = None


class _Broken(Exception):  # noqa: N818
    """A value that cannot be read; `at` is how far it was looked at, from the window's place."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.reason, self.at = reason, at


class _Walk:
    def __init__(self, stream: BinaryIO, enter: Enter, start: int, encoding: str) -> None:
        self.window = Window(stream, start=start, encoding=encoding)
        self.encoding = encoding
        self.enter = enter
        self.top = _Level("", "", "")
        self.stack: list[_Level] = []
        self.last_array: _Level | None = None
        self.wasted = 0

    def _take(self, what: str, end: int, **more: Any) -> Stretch:
        return Stretch(what, *self.window.take(end), **more)

    def run(self) -> Iterator[Stretch]:
        """The stretches, every byte in one."""
        window = self.window
        while True:
            found = _SPACE.match(window.text, window.at)
            if found is not None and found.end() > window.at:
                yield self._take("blank", found.end())
            if not window.left:
                if window.read_more():
                    continue
                break
            try:
                yield from self._step(window.text[window.at])
            except _Broken as broken:
                yield self._resume(broken)
        start, line, odd = window.start, window.line, window.take_odd()
        if odd:
            yield Stretch("unparsed", start, odd, line, line, reason="half a character")

    def _step(self, char: str) -> Iterator[Stretch]:
        window, level = self.window, self.stack[-1] if self.stack else self.top
        if char == ",":
            yield self._take("structure", window.at + 1)
        elif char in "}]" and any(_CLOSER[one.kind] == char for one in self.stack):
            while _CLOSER[(closed := self.stack.pop()).kind] != char:
                pass
            self.last_array = closed if closed.kind == "[" else self.last_array
            yield self._take("structure", window.at + 1)
        elif level.kind == "{":
            yield from self._members(level, 0)
        elif char in "{[":
            pointer = self._next_pointer(level)
            if char == "{":
                self._learn_sibling(level)
            yield from self._open(char, pointer, level.key, level.around)
        else:
            other = _OTHER.match(window.text, window.at)
            end = other.end() if other else window.at + 1
            yield self._take("unparsed", end, reason="no JSON object")

    def _next_pointer(self, level: _Level) -> str:
        level.count += 1
        if level is self.top and level.count == 1:
            return ""
        return f"{level.pointer}/{level.count - 1}"

    def _open(self, char: str, pointer: str, key: str, around: Mapping[str, Any]) -> Iterator[Stretch]:
        """The array or object at the window's place."""
        level = _Level(char, pointer, key, around=around)
        if char == "{":
            yield from self._members(level, 1)
        elif len(self.stack) >= _DEPTH:
            raise _Broken("nested too deeply", 1)
        else:
            self.stack.append(level)
            yield self._take("structure", self.window.at + 1)

    def _members(self, level: _Level, skip: int) -> Iterator[Stretch]:
        """The members of an object that stands `skip` characters before them; one that is not entered is a value."""
        window, members, entered = self.window, level.members, not skip
        at = skip
        while True:
            at = self._end_of(_BETWEEN, at)
            char = window.text[window.at + at : window.at + at + 1]
            if char == "}" and not entered:
                yield self._value(level, at + 1)
                return
            if entered and (char in ("", "}", "]") or at):
                yield self._take("structure" if window.text[window.at : window.at + at].strip() else "blank",
                                 window.at + at)  # fmt: skip
                return
            key, at = self._key(at)
            self._look_ahead(at)
            ahead = window.text[window.at + at : window.at + at + _AHEAD]
            if ahead[:1] in ("{", "[") and len(self.stack) < _DEPTH and self.enter(key, members, ahead):
                if not entered:
                    self.stack.append(level)
                yield self._take("structure", window.at + at)
                inside = {**level.around, **{k: v for k, v in members.items() if isinstance(v, str)}}
                yield from self._open(ahead[0], f"{level.pointer}/{escaped(key)}", key, inside)
                return
            value, at = self._decode(at)
            if not entered or isinstance(value, str):
                members[key] = value
            if entered:
                yield self._take("structure", window.at + at)
                at = 0
                return

    def _value(self, level: _Level, size: int) -> Stretch:
        value = level.members
        found = self._take(
            "value", self.window.at + size, pointer=level.pointer, key=level.key, around=level.around
        )
        if not found.raw.isascii() or self.window.width > 1:
            value = self._decoded(found.raw) or value
        return Stretch(
            "value", found.start, found.raw, found.line, found.last_line, level.pointer, level.key, value, level.around
        )  # fmt: skip

    def _decoded(self, raw: bytes) -> dict[str, Any] | None:
        """The object as its encoding has it; the window knows code units only."""
        try:
            value = _DECODER.decode(raw.decode(self.encoding, errors="replace"))
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    # -- places, counted from the window's own, which reading more moves --------------------------------------

    def _end_of(self, pattern: re.Pattern[str], at: int) -> int:
        window = self.window
        while True:
            found = pattern.match(window.text, window.at + at)
            end = found.end() - window.at if found else at
            if end < window.left or not window.read_more():
                return end

    def _look_ahead(self, at: int) -> None:
        while self.window.left - at < _AHEAD and self.window.read_more():
            pass

    def _key(self, at: int) -> tuple[str, int]:
        """The key at `at`, and where its value begins."""
        window = self.window
        while True:
            found = _KEY.match(window.text, window.at + at)
            if found is not None and found.end() < len(window.text):
                break
            is_open = found is not None or window.left - at < _AHEAD or window.text[window.at + at] == '"'
            if not is_open or window.left > _LONGEST or not window.read_more():
                break
        if found is None:
            raise _Broken("an object that breaks off" if window.left <= at else "a malformed object", at)
        key = found["key"]
        if "\\" in key or not key.isascii():
            key = self._text_of(found.start("key"), found.end("key"))
        return key, found.end() - window.at

    def _text_of(self, begin: int, end: int) -> str:
        text = self.window.raw(begin, end).decode(self.encoding, errors="replace")
        try:
            return str(json.loads(f'"{text}"', strict=False))
        except ValueError:
            return text

    def _decode(self, at: int) -> tuple[Any, int]:
        """The value at `at`, and its end."""
        window = self.window
        while True:
            try:
                value, end = _DECODER.raw_decode(window.text, window.at + at)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos >= len(window.text) - 8
                if is_cut and window.left <= _LONGEST and window.read_more():
                    continue
                looked = window.left if error.msg.startswith("Unterminated") else error.pos - window.at
                reason = "an object that breaks off" if is_cut and window.is_done else "a malformed object"
                raise _Broken(reason, looked) from None
            except (RecursionError, ValueError):
                raise _Broken("nested too deeply", at + _NESTED) from None
            if end < len(window.text) or not window.read_more():
                return value, end - window.at

    # -- going on after what is broken ------------------------------------------------------------------------

    def _learn_sibling(self, level: _Level) -> None:
        """How the objects of `level` begin: on a line of their own with this indent, or with this key."""
        if level.sibling is not None:
            return
        window = self.window
        line = max(window.text.rfind("\n", 0, window.at), window.text.rfind("\r", 0, window.at)) + 1
        indent = window.text[line : window.at]
        if not indent.strip() and (line or (level is self.top and re.search(r"[\r\n]", window.text))):
            level.sibling = re.compile(rf"[\r\n]{re.escape(indent)}(?=\{{)")
            return
        found = _KEY.match(window.text, self._end_of(_BETWEEN, 1) + window.at)
        key = re.escape(found["key"]) if found else '[^"]{1,80}+'
        level.sibling = re.compile(rf'[}}\]\n]\s*+,?\s*+(?=\{{\s*+"{key}"\s*+:)')

    def _resume(self, broken: _Broken) -> Stretch:
        """What cannot be read, up to the next sibling of the object around it that stands in an array or at the top."""
        window = self.window
        while self.stack and self.stack[-1].kind != "[":
            self.last_array = self.last_array if self.stack.pop() else None
        within = self.stack[-1] if self.stack else self.top
        others = [one for one in (within, self.last_array) if one is not None and one.sibling is not None]
        if within is not self.top:
            others = others[:1] if within.sibling is not None else []
        self.wasted += min(broken.at, window.left)
        at = 1 if self.wasted < _PATIENCE else max(1, min(broken.at, window.left) - 1)
        found: re.Match[str] | None = None
        chosen = within
        while True:
            for one in others:
                match = one.sibling.search(window.text, window.at + at) if one.sibling else None
                if match is not None and (found is None or match.end() < found.end()):
                    found, chosen = match, one
            if found is not None or window.left > _LONGEST:
                break
            at = max(at, window.left - _AHEAD)
            if not window.read_more():
                break
        if found is not None and chosen is not within:
            self.stack.append(chosen)
        pointer = within.pointer
        end = found.end() if found is not None else len(window.text)
        return self._take("unparsed", max(end, window.at + 1), pointer=pointer, reason=broken.reason)


def escaped(key: str) -> str:
    """A key as a part of a pointer, one word without spaces.

    >>> escaped("a/b c")
    'a~1b%20c'
    """
    return quote(key.replace("~", "~0").replace("/", "~1"), safe="._-~@+=,$")
