"""Segments of an EDIFACT stream with exact spans: the service string, the release character, wrapped lines.

The decision hidden here: where a segment ends. It ends at the terminator that UNA states or at `'`, unless the release
character stands before it; line ends mean nothing, so that files wrapped at 80 columns read as others do. A segment
whose terminator was lost ends where a line begins with a service segment, so that it costs itself only.

References:
    ISO 9735-1:2002, 7 (service characters), 8 (structure of an interchange); ISO 9735:1988, 5 and 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from rca.reading.window import Window

__all__ = ["Marks", "Segment", "cut", "read_elements", "read_marks"]

_LONGEST = 1 << 20  # no segment of a message is longer
_TAG = re.compile(
    r"([A-Z])[\r\n]*([A-Z0-9])[\r\n]*([A-Z0-9])[\r\n]*(?![A-Za-z0-9])"
)  # a wrapped line may cut it
_BLANK = re.compile(r"(?:ï»¿|[\x00-\x20\xa0\ufeff])++")


@dataclass(frozen=True, slots=True)
class Marks:
    """The service characters; `release` is "" where the service string leaves it out."""

    component: str = ":"
    element: str = "+"
    release: str = "?"
    terminator: str = "'"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its tag, span and bytes. Without a tag it is blank space or, where `is_text`, no segment at all.

    `is_torn` says that no terminator ends it.
    """

    tag: str
    start: int
    raw: bytes
    line: int
    marks: Marks
    is_text: bool = False
    is_torn: bool = False


@cache
def _body(marks: Marks) -> re.Pattern[str]:
    """Everything up to and with the terminator, or up to a line that begins with a service segment."""
    end, release, element = re.escape(marks.terminator), re.escape(marks.release), re.escape(marks.element)
    fresh = rf"(?:U[NI][BGHTEZ]{element}|UNA[^A-Za-z0-9\s])"
    if marks.terminator in "\r\n":
        return re.compile(rf"[^{end}]*+(?P<end>{end})")
    kept = rf"[^{release}{end}\r\n]++" if marks.release else rf"[^{end}\r\n]++"
    released = rf"|{release}(?:[\r\n]*+[^\r\n])?+" if marks.release else ""
    return re.compile(rf"(?:{kept}{released}|[\r\n](?!{fresh}))*+(?:(?P<end>{end})|(?=[\r\n]))?")


def read_marks(text: str) -> Marks | None:
    """The service characters that the service string at the beginning of `text` states; None where they can't be.

    >>> read_marks("UNA:+.? '").terminator
    "'"
    """
    if len(text) < 9 or not text.startswith("UNA"):
        return None
    component, element, release, terminator = text[3], text[4], text[6], text[8]
    release = release.strip()
    seen = [component, element, terminator, *([release] if release else [])]
    if len(set(seen)) < len(seen) or any(mark.isalnum() for mark in seen) or element in " \t\r\n":
        return None
    return Marks(component, element, release, terminator)


def cut(stream: BinaryIO, *, start: int = 0, encoding: str = "utf-8") -> Iterator[Segment]:
    """The segments of a stream that stands at byte `start`, blank space and text between them included."""
    window = Window(stream, start=start, encoding=encoding)
    marks, is_inside = Marks(), False
    while True:
        if not window.left and not window.read_more():
            return
        blank = _BLANK.match(window.text, window.at)
        if blank is not None:
            begin, raw, line, _ = window.take(blank.end())
            yield Segment("", begin, raw, line, marks)
            continue
        while window.left < 12 and window.read_more():
            pass
        found = read_marks(window.text[window.at : window.at + 9])
        if found is not None:
            marks, is_inside = found, True
            begin, raw, line, _ = window.take(window.at + 9)
            yield Segment("UNA", begin, raw, line, marks)
            continue
        tag = _TAG.match(window.text, window.at)
        is_segment = tag is not None and window.text[tag.end() : tag.end() + 1] in (
            marks.element, marks.terminator, marks.component,
        )  # fmt: skip
        name = "".join(tag.groups()) if tag is not None else ""
        is_first = is_segment and name in ("UNB", "UNH", "UIB", "UIH", "UNG")
        if not (is_first or (is_inside and is_segment)):
            yield _take_text(window, marks)
            continue
        is_inside = True
        end, is_torn = _next_end(window, marks)
        begin, raw, line, _ = window.take(end)
        yield Segment(name, begin, raw, line, marks, is_torn=is_torn)


def _next_end(window: Window, marks: Marks) -> tuple[int, bool]:
    """Where the segment ends that begins here, and whether it has no terminator."""
    while True:
        found = _body(marks).match(window.text, window.at)
        end = len(window.text) if found is None else found.end()
        if found is not None and found["end"]:
            return end, False
        if end - window.at >= _LONGEST:
            return end, True
        if end < len(window.text) - 8 and window.text[end] in "\r\n":
            return max(end, window.at + 3), True
        if not window.read_more():
            return max(end, window.at + 3), True


def _take_text(window: Window, marks: Marks) -> Segment:
    """A line, or what is before the next terminator, that is no segment."""
    stops = _stops(marks)
    while True:
        found = stops.search(window.text, window.at, window.at + _LONGEST)
        if found is not None or window.left >= _LONGEST or not window.read_more():
            break
    end = found.end() if found is not None else min(len(window.text), window.at + _LONGEST)
    begin, raw, line, _ = window.take(end)
    return Segment("", begin, raw, line, marks, is_text=True)


@cache
def _stops(marks: Marks) -> re.Pattern[str]:
    return re.compile(rf"[\r\n{re.escape(marks.terminator)}]++")


def read_elements(text: str, marks: Marks) -> list[list[str]]:
    """The data elements of a segment's text, each as its components, released characters unmasked; [0] is the tag.

    >>> read_elements("UCI+A?+1+5790:14'", Marks())
    [['UCI'], ['A+1'], ['5790', '14']]
    """
    text = text.replace("\r", "").replace("\n", "").removesuffix(marks.terminator)
    if not marks.release or marks.release not in text:
        return [element.split(marks.component) for element in text.split(marks.element)]
    elements: list[list[str]] = [[]]
    piece: list[str] = []
    at = 0
    for found in _special(marks).finditer(text):
        piece.append(text[at : found.start()])
        mark, at = found[0], found.end()
        if mark.startswith(marks.release):
            piece.append(mark[1:])
            continue
        elements[-1].append("".join(piece))
        piece = []
        if mark == marks.element:
            elements.append([])
    piece.append(text[at:])
    elements[-1].append("".join(piece))
    return elements


@cache
def _special(marks: Marks) -> re.Pattern[str]:
    return re.compile(
        rf"{re.escape(marks.release)}.?|[{re.escape(marks.component)}{re.escape(marks.element)}]", re.DOTALL
    )
