"""`profile_of`: how a text transcript marks its turns, and `turns_in`: the turns themselves.

The decision hidden here: the layouts of turns that products and people write, as a table. Each layout says where a turn
begins and who speaks; a text is a transcript only where one layout holds for it and its names come back. A time that
stands between turns (Google Meet, every five minutes) says after what they were said, not when.

References:
    Microsoft Teams, Zoom, Otter, Webex, Google Meet: transcripts as downloaded. ELITR minuting corpus ([PERSONn]);
    Europarl corpus (SPEAKER). whisper.cpp (text output).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from rca.reading.meetings.clock import Offset, read_offset
from rca.reading.meetings.names import is_name, is_person_mark, split_label

__all__ = ["Layout", "Profile", "Start", "Turn", "is_footer", "profile_of", "turns_in"]

_TIME = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_RANGE = rf"(?P<time>{_TIME})(?:\s*(?:-->|-|–|—|to)\s*(?P<end>{_TIME}))?"
_STEP = 300 * 10**9
_STRONG = re.compile(r"\*\*|__")


class Layout(StrEnum):
    """How a transcript marks the beginning of a turn."""

    EUROPARL = "SPEAKER tag"
    MARK = "mark in brackets"
    TIMED_LABEL = "time, name, colon"
    LABEL_TIMED = "name, time in brackets"
    HEADLINE = "name and time on a line"
    CAPTION = "name in brackets and time of day"
    STACKED = "name, time and text on lines of their own"
    ARROW = "times, name and text on lines of their own"
    LABEL = "name, colon"
    TIMED = "time in brackets, no name"


_TIMED_LABEL = re.compile(
    rf"^\s*(?:\[{_RANGE}\]|\({_RANGE.replace('<time>', '<time2>').replace('<end>', '<end2>')}\)"
    rf"|(?P<bare>{_TIME}))[\s:–—-]{{1,4}}(?P<rest>\S.*)$"
)
_LABEL_TIMED = re.compile(
    rf"^\s*(?P<name>[^\[\]():\n]{{1,80}}?)\s*[\[(]\s*(?P<time>{_TIME})\s*[\])]\s*:?(?:\s+(?P<text>\S.*))?\s*$"
)
_HEADLINE = re.compile(rf"^\s*(?P<name>[^\n\t]{{1,80}}?)(?:\s*[\t,|·•]\s*|\s+)(?P<time>{_TIME})\s*$")
_CAPTION = re.compile(r"^\s*\[(?P<name>[^\[\]\n]{1,80})\]\s*(?P<time>\d{1,2}:\d{2}:\d{2})\s*$")
_MARK = {
    "[": re.compile(r"^\s*\[(?P<name>[^\[\]\n]{1,40})\]\s*:?(?:\s+(?P<text>.*))?$"),
    "(": re.compile(r"^\s*\((?P<name>[^()\n]{1,40})\)\s*:?(?:\s+(?P<text>.*))?$"),
}
_TIMED = re.compile(rf"^\s*[\[(]\s*{_RANGE}\s*[\])]\s*:?\s*(?P<text>\S.*)$")
_ARROW = re.compile(
    r"^\s*(?P<time>\d{1,2}:\d{1,2}:\d{1,2}[.,]\d{1,3})\s*-->\s*(?P<end>\d{1,2}:\d{1,2}:\d{1,2}[.,]\d{1,3})\s*$"
)
_SPEAKER = re.compile(r"^\s*<SPEAKER\b(?P<rest>[^<>]{0,400})>\s*(?P<text>.*)$", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([A-Z]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\">]+))", re.IGNORECASE)
_ALONE = re.compile(rf"^\s*(?:#{{1,6}}\s*)?[\[(]?(?P<time>{_TIME})[\])]?\s*$")
_FOOTER = re.compile(
    r"^\W*(?:transcription ended after|transcribed by|this editable transcript was|view original transcript|"
    r"https://otter\.ai|transkriberingen avslutades|den här redigerbara)",
    re.IGNORECASE,
)
_ENDED = re.compile(rf"(?:ended after|avslutades efter)\s+(?P<time>{_TIME})", re.IGNORECASE)
_TITLED = re.compile(
    r"transcript|transkript|transkri(?:bering|psjon|ption)|litterointi|utskrift av", re.IGNORECASE
)
_LISTED = re.compile(
    r"^\W*(?:attendees|deltagare|deltakere|deltagere|osallistujat|teilnehmer)\W*$", re.IGNORECASE
)
_HINT = re.compile(
    r"transcri(?:pt|bed)|transkri(?:pt|ber|ps)|transskri|litteroin|utskrift av|attendees|speakers|otter\.ai|"
    r"wortprotokoll|talare|inspelning|recording",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a turn: who, when, the words on the same line, and how many lines the mark takes."""

    speaker: str
    time: str = ""
    end: str = ""
    text: str = ""
    lines: int = 1
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """How one text marks its turns: its layout, the brackets of its marks, and the names that come back.

    `is_spaced` tells that a wide gap stands between name and time; then a single blank does not make a headline.
    """

    layout: Layout
    bracket: str = "["
    names: frozenset[str] = frozenset()
    has_marks_of_time: bool = False
    is_spaced: bool = False


@dataclass(slots=True)
class Turn:
    """One turn: speaker, offset (or the time of day as written), and the numbers of its first and last line."""

    number: int
    speaker: str
    first: int
    last: int
    offset: Offset | None = None
    time: str = ""
    until: int | None = None
    end: str = ""
    parts: list[str] = field(default_factory=list)
    is_marked: bool = False
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What is said, its lines joined."""
        return " ".join(part.strip() for part in self.parts if part.strip())


def is_footer(line: str) -> bool:
    """Whether a line is what a product writes under its transcripts."""
    return _FOOTER.match(line) is not None


def _start(layout: Layout, lines: Sequence[str], at: int, profile: Profile | None = None) -> Start | None:
    """The turn that begins at line `at` in a layout."""
    line = _STRONG.sub("", lines[at]) if "*" in lines[at] or "__" in lines[at] else lines[at]
    if len(line) > 20_000:
        line = line[:20_000]
    match layout:
        case Layout.EUROPARL:
            return _europarl(line)
        case Layout.MARK:
            return _mark(line, profile)
        case Layout.TIMED_LABEL:
            return _timed_label(line, profile)
        case Layout.LABEL_TIMED:
            return _label_timed(line)
        case Layout.HEADLINE:
            return _headline(line, profile)
        case Layout.CAPTION:
            return _caption(line)
        case Layout.STACKED:
            return _stacked(line, lines, at)
        case Layout.ARROW:
            return _arrow(line, lines, at)
        case Layout.LABEL:
            return _label(line, profile)
        case Layout.TIMED:
            return _timed(line)


def _europarl(line: str) -> Start | None:
    found = _SPEAKER.match(line)
    if not found:
        return None
    named = {key.upper(): html.unescape(one or two) for key, one, two in _ATTRIBUTE.findall(found["rest"])}
    speaker = named.pop("NAME", "") or named.get("ID", "")
    more = tuple((f"speaker_{key.lower()}", value) for key, value in named.items() if value)
    return Start(speaker.strip(), text=found["text"], fields=more)


def _mark(line: str, profile: Profile | None) -> Start | None:
    for bracket in (profile.bracket,) if profile else ("[", "("):
        found = _MARK[bracket].match(line)
        if found and is_person_mark(found["name"]):
            return Start(found["name"].strip(), text=found["text"] or "")
    return None


def _timed_label(line: str, profile: Profile | None) -> Start | None:
    found = _TIMED_LABEL.match(line)
    if not found:
        return None
    time = found["time"] or found["time2"] or found["bare"]
    end = found["end"] or found["end2"] or ""
    label = split_label(found["rest"], is_strict=profile is None)
    if label:
        return Start(label[0], time, end, label[1])
    if not found["bare"] and is_name(found["rest"]) and len(found["rest"].split()) <= 4:
        return Start(found["rest"].strip(), time, end)
    return None


def _label_timed(line: str) -> Start | None:
    found = _LABEL_TIMED.match(line)
    if not found or not is_name(found["name"]):
        return None
    return Start(found["name"].strip(), found["time"], text=found["text"] or "")


def _headline(line: str, profile: Profile | None) -> Start | None:
    found = _HEADLINE.match(line)
    if not found or re.search(r"\b(?:19|20)\d\d\b|\d:\d\d", found["name"]):
        return None
    name = found["name"].strip(" :")
    if profile is not None and profile.is_spaced and not _is_spaced(line):
        return None
    known = profile is not None and name in profile.names
    return Start(name, found["time"]) if known or is_name(name) else None


def _is_spaced(line: str) -> bool:
    """Whether a wide gap stands before the time at the end of a line."""
    return re.search(r"(?:\s{2,}|\t\s*)[\d:.,]+\s*$", line) is not None


def _caption(line: str) -> Start | None:
    found = _CAPTION.match(line)
    return Start(found["name"].strip(), found["time"]) if found else None


def _stacked(line: str, lines: Sequence[str], at: int) -> Start | None:
    if at + 2 >= len(lines) or not is_name(line) or len(line.split()) > 5:
        return None
    found = _ALONE.match(lines[at + 1])
    return Start(line.strip(), found["time"], lines=2) if found and lines[at + 2].strip() else None


def _arrow(line: str, lines: Sequence[str], at: int) -> Start | None:
    found = _ARROW.match(line)
    if not found:
        return None
    has_name = at + 2 < len(lines) and is_name(lines[at + 1], is_strict=False) and bool(lines[at + 2].strip())
    speaker = lines[at + 1].strip() if has_name else ""
    return Start(speaker, found["time"], found["end"], lines=2 if has_name else 1)


def _label(line: str, profile: Profile | None) -> Start | None:
    found = split_label(line)
    if found is None and profile is not None:
        found = split_label(line, is_strict=False)
        if found and found[0] not in profile.names:
            found = None
    return Start(found[0], text=found[1]) if found else None


def _timed(line: str) -> Start | None:
    found = _TIMED.match(line)
    return Start("", found["time"], found["end"] or "", found["text"]) if found else None


# -- which layout -----------------------------------------------------------------------------------------------


def profile_of(lines: Sequence[str]) -> Profile | None:
    """How the text that begins with `lines` marks its turns; None where it is surely no transcript.

    >>> talk = ["Head nurse: The lists are empty.", "IT lead: We know of it.", "Head nurse: Since when?"] * 3
    >>> profile_of(talk).layout
    <Layout.LABEL: 'name, colon'>
    >>> profile_of(["name: x", "id: 4", "name: y", "id: 5"]) is None
    True
    """
    whole, lines = lines, [line[:2_000] for line in lines[:400]]
    solid = [line for line in lines if line.strip()]
    if not solid:
        return None
    has_hint = any(_HINT.search(line[:300]) for line in solid[:25]) or any(is_footer(line) for line in solid)
    for layout in Layout:
        starts = [
            (at, found)
            for at in range(len(lines))
            if lines[at].strip() and (found := _start(layout, lines, at))
        ]
        if starts and _holds(layout, lines, starts, len(starts) / len(solid), has_hint=has_hint):
            return _profile(layout, whole, starts)
    return None


Starts = list[tuple[int, Start]]


def _profile(layout: Layout, lines: Sequence[str], starts: Starts) -> Profile:
    bracket = "["
    if layout is Layout.MARK:
        round_ones = sum(lines[at].lstrip().startswith("(") for at, _ in starts)
        bracket = "(" if round_ones * 2 > len(starts) else "["
    has_marks = layout is Layout.LABEL and any(_ALONE.match(line[:200]) for line in lines)
    is_spaced = layout is Layout.HEADLINE and sum(_is_spaced(lines[at]) for at, _ in starts) * 5 >= 4 * len(
        starts
    )
    return Profile(layout, bracket, _names(layout, lines), has_marks, is_spaced)


def _names(layout: Layout, lines: Sequence[str]) -> frozenset[str]:
    """The names, of the whole text, that come back where a turn would begin."""
    count: Counter[str] = Counter()
    for line in lines:
        found = None
        if layout is Layout.LABEL:
            label = split_label(_STRONG.sub("", line[:400]), is_strict=False)
            found = label[0] if label else None
        elif layout is Layout.HEADLINE:
            headline = _HEADLINE.match(line[:400])
            found = (
                headline["name"].strip(" :*_")
                if headline and is_name(headline["name"], is_strict=False)
                else None
            )
        if found:
            count[found] += 1
    return frozenset(name for name, number in count.items() if number >= 2)


def _is_rising(starts: Starts) -> bool:
    """Whether nine in ten offsets are no less than the one before."""
    values = [found.value for _, start in starts if (found := read_offset(start.time))]
    if len(values) < len(starts) * 0.9:
        return False
    falls = sum(b < a for a, b in pairwise(values))
    return falls * 10 <= len(values)


def _comes_back(starts: Starts) -> bool:
    """Whether at least two speakers are there and most turns are of speakers who come back."""
    count = Counter(start.speaker for _, start in starts)
    again = sum(number for number in count.values() if number >= 2)
    return len(count) >= 2 and again * 3 >= 2 * len(starts)


def _is_speech(starts: Starts, lines: Sequence[str], *, least: float = 3) -> bool:
    """Whether the words after the labels are sentences: several words, most with a mark at their end."""
    texts = [start.text or (lines[at + 1] if at + 1 < len(lines) else "") for at, start in starts]
    texts = [text.strip() for text in texts if text.strip()]
    if not texts:
        return False
    words = sum(len(text.split()) for text in texts) / len(texts)
    ends = sum(text[-1] in ".?!…,–-\"”»)'*]" for text in texts)
    small = sum(bool(re.search(r"[^\W\d_]{2}", text)) and not re.match(r"[\w.-]+$", text) for text in texts)
    return words >= least and ends * 2 >= len(texts) and small * 10 >= 6 * len(texts)


def _is_talk(starts: Starts) -> bool:
    """Whether turns without a name have words."""
    return sum(len(start.text.split()) >= 2 for _, start in starts) * 2 >= len(starts)


def _has_words_between(starts: Starts, lines: Sequence[str]) -> bool:
    """Whether most turns have words under their headline."""
    places = {at for at, _ in starts}
    below = 0
    for at, start in starts:
        after = at + start.lines
        while after < len(lines) and not lines[after].strip():
            after += 1
        below += after < len(lines) and after not in places
    return below * 10 >= 6 * len(starts)


def _is_headed(lines: Sequence[str]) -> bool:
    """Whether the text says of itself that it is a transcript: in its title, a heading of attendees, or at its end."""
    solid = [line.strip() for line in lines if line.strip()]
    return (
        any(
            _TITLED.search(line) and len(line.split()) <= 14 and not line.endswith((".", "?"))
            for line in solid[:5]
        )
        or any(_LISTED.match(line) for line in solid[:12])
        or any(is_footer(line) for line in solid)
    )


def _holds(layout: Layout, lines: Sequence[str], starts: Starts, share: float, *, has_hint: bool) -> bool:
    """Whether the turns that a layout finds make the text a transcript."""
    count = len(starts)
    match layout:
        case Layout.EUROPARL:
            return True
        case Layout.MARK:
            return count >= 3 and share >= 0.1
        case Layout.TIMED_LABEL:
            is_talk = count >= 4 and _comes_back(starts) and _is_speech(starts, lines) and _is_early(starts)
            return count >= 2 and share >= 0.15 and _is_rising(starts) and (has_hint or is_talk)
        case Layout.LABEL_TIMED:
            return count >= (2 if has_hint else 3) and share >= 0.15 and _is_rising(starts)
        case Layout.HEADLINE:
            is_enough = count >= 3 or (has_hint and (count == 2 or share >= 0.08))
            return is_enough and share >= 0.08 and _is_rising(starts) and _has_words_between(starts, lines)
        case Layout.CAPTION:
            return count >= 2 and _has_words_between(starts, lines)
        case Layout.STACKED:
            return count >= 3 and share >= 0.1 and _is_rising(starts)
        case Layout.ARROW:
            return count >= 2 and _is_rising(starts)
        case Layout.LABEL:
            if _is_headed(lines):
                return count >= 2 and share >= 0.2 and _is_speech(starts, lines, least=1)
            return count >= 6 and share >= 0.5 and _comes_back(starts) and _is_speech(starts, lines)
        case Layout.TIMED:
            has_mark = has_hint or any(start.end for _, start in starts)
            return (
                count >= 2
                and share >= 0.6
                and has_mark
                and _is_rising(starts)
                and _is_early(starts)
                and _is_talk(starts)
            )


def _is_early(starts: Starts) -> bool:
    """Whether the first offset lies in the first ten minutes, as no time of day does by day."""
    found = read_offset(starts[0][1].time)
    return found is not None and found.value < 600 * 10**9


# -- the turns --------------------------------------------------------------------------------------------------


def turns_in(lines: Sequence[str], profile: Profile) -> Iterator[Turn | int]:
    """The turns of a transcript in order, and between them the numbers of lines that belong to none."""
    scan = _Scan(lines, profile)
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        start = _start(profile.layout, lines, at, profile)
        if start is not None and profile.layout is Layout.HEADLINE and not scan.goes_on(start):
            start = None
        if scan.is_apart(at, has_start=start is not None):
            yield from scan.pass_by(at)
            yield at
            at += 1
        elif start is not None:
            yield from scan.begin(start, at)
            at += start.lines
        elif scan.turn is not None:
            scan.turn.parts.append(lines[at])
            scan.turn.last = at
            at += 1
        else:
            yield at
            at += 1
    yield from scan.settle(None)


class _Scan:
    """The turn that is open, and the turns since the last mark of time, which wait for the next one."""

    def __init__(self, lines: Sequence[str], profile: Profile) -> None:
        self.lines, self.profile = lines, profile
        self.turn: Turn | None = None
        self.waiting: list[Turn] = []
        self.mark: Offset | None = None
        self.mark_text = ""
        self.count = 0
        self.latest = 0

    def goes_on(self, start: Start) -> bool:
        """Whether the time of a headline is no earlier than those before it, as far as a minute."""
        found = read_offset(start.time)
        return found is not None and found.value >= self.latest - 60 * 10**9

    def is_apart(self, at: int, *, has_start: bool) -> bool:
        """Whether a line stands outside of turns: a mark of time, markup, what a product writes at the end."""
        line = self.lines[at]
        if self.profile.has_marks_of_time and _ALONE.match(line[:200]):
            return True
        if has_start:
            return False
        return is_footer(line) or (
            self.profile.layout is Layout.EUROPARL
            and re.match(r"\s*</?[A-Z]+\b[^<>]*>\s*$", line) is not None
        )

    def pass_by(self, at: int) -> Iterator[Turn]:
        """Take note of a line outside of turns."""
        line = self.lines[at]
        alone = _ALONE.match(line[:200]) if self.profile.has_marks_of_time else None
        found = read_offset(alone["time"]) if alone else None
        if alone and found:
            yield from self.settle(found.value)
            self.mark, self.mark_text = found, alone["time"]
        elif is_footer(line):
            ended = _ENDED.search(line[:400])
            stop = read_offset(ended["time"]) if ended else None
            yield from self.settle(stop.value if stop else None)

    def begin(self, start: Start, at: int) -> Iterator[Turn]:
        """Open the turn that begins at a line."""
        if self.turn is not None:
            self.waiting.append(self.turn)
        if self.mark is None:
            yield from self.waiting
            self.waiting = []
        self.count += 1
        turn = Turn(self.count, start.speaker, at, at + start.lines - 1, parts=[start.text], end=start.end)
        turn.fields = dict(start.fields)
        turn.time = start.time or self.mark_text
        turn.offset = read_offset(turn.time) if turn.time else None
        turn.is_marked = not start.time and self.mark is not None
        if turn.offset is not None:
            self.latest = max(self.latest, turn.offset.value)
        self.turn = turn

    def settle(self, until: int | None) -> Iterator[Turn]:
        """The turns since the last mark of time, which lie before `until`, or within five minutes of the mark."""
        if until is None and self.mark is not None:
            until = self.mark.value + _STEP
        for one in [*self.waiting, *([self.turn] if self.turn is not None else [])]:
            if one.is_marked:
                one.until = until
            yield one
        self.waiting, self.turn = [], None
