"""`read_cues`: the cues of a WebVTT, SubRip or YouTube (.sbv) file with exact spans; every byte is booked.

The decision hidden here: the grammar of cue files, as their specification has it and as programs write it. A line with
an arrow between times begins a cue whatever stands before it; what a player would drop (a cue without an end, text after
a blank line, minutes above 59) is kept as evidence, and says what is wrong with it. NOTE, STYLE, REGION and the header
are structure, handed out because they may say when the recording was made.

References:
    WebVTT: The Web Video Text Tracks Format, W3C Candidate Recommendation 4 April 2019, sections 4.1 and 6.1.
    SubRip has no specification; Google, "Supported subtitle and closed caption files" (SubRip, SubViewer).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from rca.evidence.opening import mark_length
from rca.reading.meetings.clock import Offset, read_offset
from rca.reading.source import Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

__all__ = ["Cue", "CueForm", "CueLine", "Head", "cue_form", "read_cues"]

_TIME = r"(?:\d{1,6}:)?\d{1,3}:\d{1,2}(?:[.,:]\d{1,9})?"
_ARROW = re.compile(rf"^\s*(?P<start>{_TIME})\s*(?:-{{1,2}}|–|—)>\s*(?P<end>{_TIME})(?:[ \t]+(?P<rest>.*))?$")
_BROKEN = re.compile(r"^[\d:.,\s-]*-->(?P<after>.*)$")
_COMMA = re.compile(rf"^(?P<start>{_TIME})\s*,\s*(?P<end>{_TIME})(?P<rest>)\s*$")
_BLOCK = re.compile(r"^(?:NOTE|STYLE|REGION|Style:?|Region:?)(?:[ \t]|$)")
_SIGNATURE = re.compile(r"^\ufeff?WEBVTT(?:\s|\Z)")


class CueForm(StrEnum):
    """The three forms of cue files."""

    VTT = "vtt"
    SRT = "srt"
    SBV = "sbv"


@dataclass(frozen=True, slots=True)
class CueLine:
    """A line: its text without its end, its first byte, its length with its end, and its number."""

    text: str
    start: int
    length: int
    number: int


@dataclass(frozen=True, slots=True)
class Head:
    """A block that is no cue: the header, a NOTE, a STYLE, what stands before the first cue."""

    lines: tuple[str, ...]


@dataclass(slots=True)
class Cue:
    """One cue. `start` and `end` are None where they cannot be read; `faults` says what is wrong with it."""

    number: int
    timing: CueLine
    name: str = ""
    start: Offset | None = None
    end: Offset | None = None
    start_text: str = ""
    end_text: str = ""
    settings: str = ""
    first: CueLine | None = None
    lines: list[CueLine] = field(default_factory=list)
    stray: int | None = None
    """The number of the first line that stands after a blank line: nobody's words, unless it says whose."""
    faults: list[str] = field(default_factory=list)

    @property
    def place_start(self) -> int:
        """The first byte: that of its identifier where it has one."""
        return (self.first or self.timing).start

    @property
    def length(self) -> int:
        """Its bytes, from the identifier to its last line."""
        last = self.lines[-1] if self.lines else self.timing
        return last.start + last.length - self.place_start

    @property
    def payload(self) -> str:
        """Its text as written, markup and all."""
        return "\n".join(line.text for line in self.lines)

    def place(self, locator: str) -> Place:
        """The place of the whole cue."""
        return Place(locator, self.place_start, self.length, (self.first or self.timing).number)

    def place_of(self, begin: int, end: int, locator: str, encoding: str) -> Place:
        """The place of the characters `begin` to `end` of the payload; whole lines where bytes and text differ."""
        start = stop = number = 0
        at, is_found = 0, False
        for line in self.lines:
            size = len(line.text)
            if not is_found and begin <= at + size:
                start, number = line.start + _width(line, begin - at, encoding, is_end=False), line.number
                is_found = True
            if end <= at + size:
                stop = line.start + _width(line, end - at, encoding, is_end=True)
                break
            at += size + 1
        if not is_found or stop <= start:
            return self.place(locator)
        return Place(locator, start, stop - start, number)


def _width(line: CueLine, count: int, encoding: str, *, is_end: bool) -> int:
    """The bytes of the first `count` characters of a line; its beginning or end where they cannot be told."""
    if "\\" in line.text and not is_end:
        return 0
    if "\\" in line.text:
        return line.length
    return len(line.text[: max(0, count)].encode(encoding, errors="surrogatepass"))


def cue_form(text: str) -> CueForm | None:
    r"""The form of cues that a text is in, by its beginning; None where it is no cue file.

    >>> cue_form("WEBVTT\n"), cue_form("1\n00:00:01,000 --> 00:00:02,000\nJa\n")
    (<CueForm.VTT: 'vtt'>, <CueForm.SRT: 'srt'>)
    """
    if _SIGNATURE.match(text):
        return CueForm.VTT
    solid = [line.strip() for line in text[:20_000].splitlines() if line.strip("\ufeff \t")]
    for number, line in enumerate(solid[:60]):
        if _ARROW.match(line):
            before = solid[number - 1] if number else ""
            return CueForm.SRT if number <= 1 or before.isdigit() else None
        if number <= 1 and _COMMA.match(line):
            return CueForm.SBV if number == 0 else None
    return None


def read_cues(source: Source, form: CueForm, *, is_booked: bool = True) -> Iterator[Cue | Head]:
    """The cues and other blocks of a stream in order; bytes are booked unless `is_booked` is false."""
    scan = _Scan(source, form, is_booked=is_booked)
    for line in _lines(source, scan):
        yield from scan.take(line)
    yield from scan.end()


def _lines(source: Source, scan: _Scan) -> Iterator[CueLine]:
    encoding, mark = plain_encoding(source), mark_length(source.head)
    if scan.is_booked:
        source.structure_bytes(0, mark)
    for number, start, raw in source.lines():
        shift = mark if start == 0 else 0
        text = raw[shift:].decode(encoding, errors="backslashreplace").rstrip("\r\n")
        yield CueLine(text, start + shift, len(raw) - shift, number)


class _Scan:
    """Lines on their way to cues: at most one cue is open, and the lines since a blank that belong to none yet."""

    def __init__(self, source: Source, form: CueForm, *, is_booked: bool) -> None:
        self.source, self.form, self.is_booked = source, form, is_booked
        self.cue: Cue | None = None
        self.is_closed = True
        self.held: list[CueLine] = []
        self.count = 0

    def take(self, line: CueLine) -> Iterator[Cue | Head]:
        if not line.text.strip(" \t\0\x0b\x0c\u200b"):
            if self.is_booked:
                self.source.blank_bytes(line.start, line.length)
            yield from self._settle_held()
            self.is_closed = True
            return
        cue = self._timing(line)
        if cue is not None:
            self._name(cue)
            yield from self._settle_held()
            if self.cue is not None:
                yield self._done(self.cue)
            self.cue, self.is_closed = cue, False
        elif self.cue is not None and not self.is_closed:
            self.cue.lines.append(line)
        else:
            self.held.append(line)

    def end(self) -> Iterator[Cue | Head]:
        yield from self._settle_held()
        if self.cue is not None:
            yield self._done(self.cue)

    def _timing(self, line: CueLine) -> Cue | None:
        pattern = _COMMA if self.form is CueForm.SBV else _ARROW
        found = pattern.match(line.text)
        if found:
            cue = Cue(self.count + 1, line, settings=(found["rest"] or "").strip())
            cue.start_text, cue.end_text = found["start"], found["end"]
            cue.start, cue.end = read_offset(found["start"]), read_offset(found["end"])
            if cue.start is None:
                cue.faults.append(f'"{found["start"]}" is no time')
            if cue.end is None:
                cue.faults.append(f'"{found["end"]}" is no time')
            elif cue.start is not None and cue.end.value < cue.start.value:
                cue.faults.append(f"it ends ({found['end']}) before it begins ({found['start']})")
                cue.end = None
        else:
            broken = _BROKEN.match(line.text) if self.form is not CueForm.SBV else None
            if not broken:
                return None
            before = line.text.partition("-->")[0].strip()
            cue = Cue(self.count + 1, line, start_text=before)
            cue.start = read_offset(before)
            cue.faults.append(f'"{line.text.strip()[:60]}" is no pair of times')
        self.count += 1
        return cue

    def _name(self, cue: Cue) -> None:
        """Take the line before the times as the cue's identifier where it is one."""
        line: CueLine | None = None
        if self.form is CueForm.SBV:
            return
        if self.held:
            last = self.held[-1]
            is_alone = len(self.held) == 1 and not _SIGNATURE.match(last.text)
            if last.text.strip().isdigit() or (is_alone and self.form is CueForm.VTT):
                line = self.held.pop()
        elif self.cue is not None and not self.is_closed and self.form is CueForm.SRT and self.cue.lines:
            last = self.cue.lines[-1]
            if last.text.strip().isdigit() and len(self.cue.lines) > 1:
                line = self.cue.lines.pop()
        if line is not None:
            cue.first, cue.name = line, line.text.strip()

    def _settle_held(self) -> Iterator[Cue | Head]:
        """What the lines since the last blank are: a block of their own, or more text of the cue before."""
        held, self.held = self.held, []
        if not held:
            return
        is_block = self.form is CueForm.VTT and (_BLOCK.match(held[0].text) or _SIGNATURE.match(held[0].text))
        if self.cue is not None and not is_block:
            if self.cue.stray is None:
                self.cue.stray = len(self.cue.lines)
                self.cue.faults.append("there is text after a blank line, read as part of it")
            self.cue.lines.extend(held)
            return
        if self.is_booked:
            for line in held:
                self.source.structure_bytes(line.start, line.length)
        yield Head(tuple(line.text for line in held))

    def _done(self, cue: Cue) -> Cue:
        if self.is_booked:
            self.source.event_bytes(cue.place_start, cue.length)
        return cue
