r"""The content lines and components of a calendar file, each with its exact bytes.

The decision hidden here: how lines are unfolded and nested. Lines are joined as bytes before they are decoded, because
programs fold inside a character; what vCalendar 1.0 does otherwise (quoted-printable, bare parameters) is read too. A
component that is not closed ends where the next one of its kind begins; a line without a name goes on with the line
before it.

References:
    RFC 5545, 3.1 to 3.4; RFC 6868 (carets in parameters); vCalendar 1.0, 2.1.
"""

from __future__ import annotations

import io
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from rca.reading.source import Source
from rca.reading.window import plain_encoding, unit_width

__all__ = ["Component", "Item", "ItemKind", "Line", "read_items", "unescape"]

_NAME = re.compile(r"(?:[A-Za-z0-9-]{1,60}\.)?([A-Za-z0-9-]{1,60})(?=[;:])")
_PARAM = re.compile(
    r";([A-Za-z0-9-]{1,60})(?:=((?:\"[^\"]*+\"?|[^\";:,])*+(?:,(?:\"[^\"]*+\"?|[^\";:,])*+)*+))?"
)
_DATES = frozenset(
    {"DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "EXDATE", "RDATE", "COMPLETED", "CREATED", "DTSTAMP"}
)
_DATE_END = re.compile(r":(\d{8}(?:T\d{6}Z?)?(?:,\d{8}(?:T\d{6}Z?)?)*)$")
_ESCAPE = re.compile(r"\\([\\;,nN])")
_MOST = 16 << 20
_DEEP = 20
_BIG = 1 << 26


@dataclass(frozen=True, slots=True)
class Line:
    """One content line: name in capitals, parameters, raw value, and the bytes and lines on which it stands."""

    name: str
    params: dict[str, str]
    value: str
    start: int
    length: int
    line: int
    last_line: int

    @property
    def text(self) -> str:
        """The value as text, its escapes resolved."""
        return unescape(self.value)


@dataclass(slots=True)
class Component:
    """A component with its lines and the components in it; `start` and `end` are bytes, `is_closed` that its END came."""

    name: str
    start: int
    line: int
    end: int = 0
    last_line: int = 0
    lines: list[Line] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    is_closed: bool = False

    def first(self, name: str) -> Line | None:
        """The first line called `name`."""
        return next((one for one in self.lines if one.name == name), None)

    def all(self, name: str) -> list[Line]:
        """All lines called `name`."""
        return [one for one in self.lines if one.name == name]

    def text(self, name: str) -> str:
        """The text of the first line called `name`, "" where there is none."""
        found = self.first(name)
        return found.text.strip() if found is not None else ""


class ItemKind(StrEnum):
    """What stands at the top of a calendar file or directly in a calendar."""

    OPENED = "opened"
    CLOSED = "closed"
    PROPERTY = "property"
    COMPONENT = "component"
    STRAY = "stray"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the way through a calendar file; `start` and `length` are its bytes."""

    kind: ItemKind
    start: int
    length: int
    line: int
    property: Line | None = None
    component: Component | None = None
    raw: bytes = b""


def unescape(value: str) -> str:
    r"""A text value with its escapes resolved.

    >>> unescape(r"Ward 4\, floor 2\nBring keys")
    'Ward 4, floor 2\nBring keys'
    """
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


@dataclass(slots=True)
class _Raw:
    """A logical line as bytes."""

    data: bytes
    start: int
    length: int
    line: int
    last_line: int


def _physical(source: Source) -> Iterator[tuple[int, int, bytes]]:
    """The lines as they stand, with number and first byte; UTF-16 and old Mac files as the source cuts them."""
    wide = unit_width(source.sample.encoding) > 1
    if wide or (b"\n" not in source.head and b"\r" in source.head):
        name = plain_encoding(source)
        for number, start, raw in source.lines():
            text = raw.decode(name, "replace") if wide else raw.replace(b"\r", b"\n").decode("latin-1")
            yield number, start, (text.lstrip("\ufeff").encode("utf-8") if wide else text.encode("latin-1"))
        return
    with source.open() as opened:
        stream = io.BufferedReader(opened, 1 << 20) if isinstance(opened, io.RawIOBase) else opened
        start, number = 0, 1
        while raw := stream.readline(_BIG):
            yield number, start, raw
            start, number = start + len(raw), number + raw.endswith(b"\n")


def _lengths(source: Source) -> Iterator[tuple[int, int, int, bytes]]:
    """The physical lines with the length that they have in the file."""
    held: tuple[int, int, bytes] | None = None
    for number, start, raw in _physical(source):
        if held is not None:
            yield held[0], held[1], start - held[1], held[2]
        held = (number, start, raw)
    if held is not None:
        yield held[0], held[1], source.size - held[1], held[2]


def _logical(source: Source) -> Iterator[_Raw]:
    """The content lines, unfolded as bytes; a blank line is a line of its own, with no data."""
    held: _Raw | None = None
    pieces: list[bytes] = []
    taken = 0
    is_soft = False
    for number, start, length, raw in _lengths(source):
        data = raw.rstrip(b"\r\n")
        if start == 0:
            data = data.removeprefix(b"\xef\xbb\xbf")
        is_fold = data[:1] in (b" ", b"\t")
        if held is not None and (is_soft or (is_fold and held.data != b"")):
            if is_soft:
                pieces[-1] = pieces[-1][:-1]
            piece = data if is_soft else data[1:]
            if taken < _MOST:
                pieces.append(piece)
                taken += len(piece)
            held.length, held.last_line = start + length - held.start, number
        else:
            if held is not None:
                held.data = b"".join(pieces)
                yield held
            held = _Raw(data or b"", start, length, number, number)
            pieces, taken = [data], len(data)
        is_soft = data.endswith(b"=") and b"QUOTED-PRINTABLE" in pieces[0][:400].upper()
    if held is not None:
        held.data = b"".join(pieces)
        yield held


def _parse(raw: _Raw, fallback: str) -> Line | None:
    """The content line that `raw` is; None where it has no name."""
    try:
        text = raw.data.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.data.decode(fallback, "replace")
    found = _NAME.match(text)
    if found is None:
        return None
    params: dict[str, str] = {}
    at = found.end()
    while (param := _PARAM.match(text, at)) is not None:
        name, value = param[1].upper(), param[2]
        if value is None:
            name, value = ("ENCODING", param[1]) if name in ("QUOTED-PRINTABLE", "BASE64") else (name, "")
        value = value.replace('"', "").replace("^n", "\n").replace("^'", '"').replace("^^", "^")
        params[name] = f"{params[name]},{value}" if name in params else value
        at = param.end()
    at = text.find(":", at)
    if at < 0:
        return None
    name, value = found[1].upper(), text[at + 1 :]
    if name in _DATES and ":" in value:
        tail = _DATE_END.search(value)
        if tail:  # a colon in a parameter that ought to be quoted: TZID=(UTC+01:00) …
            lost = text[: len(text) - len(tail[0])].partition("=")[2]
            params = {"TZID": lost.partition(";")[0].replace('"', "")}
            value = tail[1]
    if params.get("ENCODING", "").upper() == "QUOTED-PRINTABLE":
        value = _unquote(raw.data[raw.data.find(b":") + 1 :], params.get("CHARSET", ""), fallback)
    value = value.replace("\0", "\ufffd")
    return Line(name, params, value, raw.start, raw.length, raw.line, raw.last_line)


def _unquote(data: bytes, charset: str, fallback: str) -> str:
    plain = quopri.decodestring(data)
    for name in (charset, "utf-8", fallback):
        try:
            return plain.decode(name or "utf-8").replace("\r\n", "\\n").replace("\n", "\\n")
        except (LookupError, UnicodeError, ValueError):
            continue
    return plain.decode("latin-1")


def read_items(source: Source) -> Iterator[Item]:
    """What stands in the file, in its order: calendars opened and closed, their properties, their components."""
    fallback = plain_encoding(source)
    if fallback == "utf-8" or unit_width(fallback) > 1:
        fallback = "cp1252"
    stack: list[Component] = []

    def close(end: int, line: int, *, is_closed: bool) -> Item | None:
        done = stack.pop()
        done.end, done.last_line, done.is_closed = end, line, is_closed
        if stack:
            stack[-1].children.append(done)
            return None
        return Item(ItemKind.COMPONENT, done.start, end - done.start, done.line, component=done)

    last_end = last_line = 0
    for raw in _logical(source):
        end = raw.start + raw.length
        line = _parse(raw, fallback) if raw.data.strip() else None
        word = line.value.strip().upper() if line is not None and line.name in ("BEGIN", "END") else ""
        if line is None:
            if not stack:
                kind = ItemKind.STRAY if raw.data.strip() else ItemKind.BLANK
                yield Item(kind, raw.start, raw.length, raw.line, raw=raw.data[:2_000])
            elif raw.data.strip() and stack[-1].lines:
                _append(stack[-1], raw, fallback)
        elif line.name == "BEGIN" and word != "VCALENDAR":
            if (stack and (stack[-1].name == word or word in _TOP)) or len(stack) > _DEEP:
                while stack:
                    item = close(last_end, last_line, is_closed=False)
                    if item is not None:
                        yield item
            stack.append(Component(word, raw.start, raw.line))
        elif line.name in ("BEGIN", "END") and word == "VCALENDAR":
            while stack:
                item = close(last_end, last_line, is_closed=False)
                if item is not None:
                    yield item
            kind = ItemKind.OPENED if line.name == "BEGIN" else ItemKind.CLOSED
            yield Item(kind, raw.start, raw.length, raw.line)
        elif line.name == "END":
            if not any(one.name == word for one in stack):
                if not stack:
                    yield Item(ItemKind.STRAY, raw.start, raw.length, raw.line, raw=raw.data[:2_000])
                last_end, last_line = end, raw.last_line
                continue
            while stack:
                is_it = stack[-1].name == word
                item = close(
                    end if is_it else last_end, raw.last_line if is_it else last_line, is_closed=is_it
                )
                if item is not None:
                    yield item
                if is_it:
                    break
        elif stack:
            stack[-1].lines.append(line)
        else:
            yield Item(ItemKind.PROPERTY, raw.start, raw.length, raw.line, property=line)
        last_end, last_line = end, raw.last_line
    while stack:
        item = close(last_end, last_line, is_closed=False)
        if item is not None:
            yield item


_TOP = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"})


def _append(component: Component, raw: _Raw, fallback: str) -> None:
    """Let a line without a name go on with the line before it: a program did not fold it."""
    last = component.lines[-1]
    try:
        text = raw.data.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.data.decode(fallback, "replace")
    if len(last.value) < _MOST // 16:
        component.lines[-1] = Line(
            last.name,
            last.params,
            f"{last.value}\\n{text}",
            last.start,
            raw.start + raw.length - last.start,
            last.line,
            raw.last_line,
        )
