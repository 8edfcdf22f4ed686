r"""Pieces of an HL7 v2 stream: lines with exact spans, each a header, a segment, the rest of a segment, or blank.

The decision hidden here: where a segment ends and what makes a line one. CR, LF, CRLF and the frame bytes of MLLP (VT
before a message, FS after it) all end a line, mixed as they come; MSH, FHS and BHS state the separators of what
follows; a line that begins with three letters or digits and the field separator is a segment, any other line
belongs to the segment before it.

References:
    HL7 v2.8.2, chapter 2: 2.5 (segments, delimiters), 2.6 (encoding rules), 2.10 (continuation, batches);
    HL7 Transport Specification: MLLP, Release 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from rca.reading.window import Window

__all__ = ["HEADERS", "Piece", "Separators", "cut", "read_separators"]

HEADERS = frozenset({"MSH", "FHS", "BHS"})
"""The segments that state the separators themselves."""

_END = re.compile(r"\r\n|\x1c\r?\n?|[\r\n\x0b]")
_RUN = re.compile(r"[\r\n]{2,}+|\x0b+(?=\x0b)|\x1c+(?=\x1c)")
_LONGEST = 1 << 24  # characters of a line that are held at once; what follows is its rest
_HEAD = 256  # characters in which the separators of a header must stand
_LEAD = re.compile(
    r"(?P<lead>[\x00-\x20]{0,16}(?:ï»¿|\ufeff)?(?:[\[<{(]\w{1,6}[\]>})]|\^K)?[\x00-\x20]{0,16})(?P<name>MSH|FHS|BHS)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(
    r"(?:MSH|FHS|BHS)(?:(?P<bar>\|)|(?P<other>[^\w\s])(?=[^\w\s])(?!(?P=other))|(?P<tab>\t)(?=[^\w\s]{2,5}\t))",
    re.IGNORECASE,
)
_NAME = re.compile(r"[\x00-\x20]{0,8}([A-Za-z][A-Za-z0-9]{2})(?![A-Za-z0-9])")
_BARE = re.compile(r"[\x00-\x20]{0,8}([A-Z][A-Z0-9]{2})[\x00-\x20]*\Z")
_BLANK = re.compile(r"(?:ï»¿|[\x00-\x20\xa0\ufeff])*+\Z")


@dataclass(frozen=True, slots=True)
class Separators:
    """The separators that a header states. `is_odd` says that its list of encoding characters is none."""

    field: str
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    is_odd: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A line: its content in `start` and `length`, its end in `tail` bytes after it.

    `name` is the segment's id in capitals, "" for a line that is none. `lead` bytes before the content are framing.
    `separators` are set for headers only. `frame` is VT or FS where such a byte ends the line; `is_rest` says that the
    piece goes on in the middle of a line too long to hold.
    """

    start: int
    length: int
    tail: int
    line: int
    raw: bytes
    name: str = ""
    lead: int = 0
    separators: Separators | None = None
    frame: str = ""
    is_blank: bool = False
    is_rest: bool = False

    @property
    def end(self) -> int:
        """The first byte after the line, its end included unless that is framing."""
        return self.start + self.length + (0 if self.frame else self.tail)


def read_separators(text: str) -> Separators | None:
    r"""The separators that the header at the beginning of `text` states; None where `text` is no header.

    >>> read_separators(r"MSH@~&#\@LAB").component
    '~'
    >>> read_separators("MSH-7 is the time") is None
    True
    """
    found = _SEPARATORS.match(text)
    if not found:
        return None
    field = found[0][3]
    listed = text[found.end() : found.end() + _HEAD].split(field, 1)[0].rstrip("\r\n")
    is_odd = not 1 <= len(listed) <= 5 or any(c.isalnum() or c.isspace() for c in listed)
    if is_odd:
        return Separators(field, is_odd=True)
    marks = [*listed, *"^~\\&"[len(listed) :]]
    component, repetition, escape, subcomponent = marks[:4]
    return Separators(field, component, repetition, escape, subcomponent, is_odd=len(listed) < 4)


def cut(stream: BinaryIO, *, start: int = 0, encoding: str = "utf-8") -> Iterator[Piece]:
    """The lines of a stream that stands at byte `start`; bytes at the end that are no whole character are left out."""
    window = Window(stream, start=start, encoding=encoding)
    separator = ""
    is_open = False  # in the middle of a line too long to hold
    while True:
        run = _RUN.match(window.text, window.at) if not is_open else None
        if run is not None:  # empty lines at once
            line = window.line
            begin, raw, _, _ = window.take(run.end())
            yield Piece(begin, len(raw), 0, line, b"", is_blank=True)
            continue
        end, mark = _next_end(window)
        if end == window.at:
            return
        line, text = window.line, window.text[window.at : end]
        begin, raw, _, _ = window.take(end)
        tail = len(mark) * window.width
        content = text[: len(text) - len(mark)]
        is_rest, is_open = is_open, not mark and not window.is_done
        frame = mark[0] if mark[:1] in ("\x0b", "\x1c") else ""
        lead, name, separators = 0, "", None
        if not is_rest:
            lead, name, separators = _classify(content, raw, separator, encoding, window.width)
            if separators is not None:
                separator = _as_units(separators.field, encoding, window.width)
        yield Piece(
            begin + lead,
            len(raw) - tail - lead,
            tail,
            line,
            raw[lead : len(raw) - tail],
            name,
            lead,
            separators,
            frame,
            not is_rest and _BLANK.match(content) is not None,
            is_rest,
        )


def _next_end(window: Window) -> tuple[int, str]:
    """Where the next line ends in the window, and what ends it; "" at the end of the stream or of what is held."""
    at = 0  # how far the window was searched, counted from window.at
    while True:
        found = _END.search(window.text, window.at + at)
        if found is not None and (found.end() < len(window.text) or found[0][-1] not in "\r\x1c"):
            return found.end(), found[0]
        at = window.left if found is None else found.start() - window.at
        if found is None and at >= _LONGEST:
            return window.at + at, ""
        if not window.read_more():
            return (window.at + at, "") if found is None else (found.end(), found[0])


def _classify(
    content: str, raw: bytes, separator: str, encoding: str, width: int
) -> tuple[int, str, Separators | None]:
    """The length in bytes of the framing before a line's content, the segment's id and its separators."""
    found = _LEAD.match(content)
    if found is not None:
        lead = found.end("lead") * width
        separators = read_separators(raw[lead : lead + _HEAD * width].decode(encoding, errors="replace"))
        if separators is not None:
            return lead, found["name"].upper(), separators
    if not separator:
        return 0, "", None
    found = _NAME.match(content)
    if found is not None and content.startswith(separator, found.end()):
        return 0, found[1].upper(), None
    found = _BARE.match(content)
    return 0, found[1] if found is not None else "", None


def _as_units(text: str, encoding: str, width: int) -> str:
    """`text` as the window shows it: one character a code unit."""
    return text if width > 1 else text.encode(encoding, errors="replace").decode("latin-1")
