"""When minutes were approved, announced and taken down: three dates that are not the meeting's.

The decision hidden here: which of them a line states. Verification (justering) fixes the text; a notice (anslag) announces
it and has a day on which it is taken down; a planned verification is none. A notice printed in two columns names its dates in
the order of its labels.

References:
    Kommunallagen (2017:725), 5 kap. 69 § (justering) and 8 kap. 12 § (anslag), 13 kap. 5 § (appeal).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rca.moments.moment import Moment
from rca.reading.minutes.cutting import Piece
from rca.reading.minutes.dates import Dates, find_clock
from rca.reading.minutes.structure import Part

__all__ = ["Notice", "read_notices"]

_UP = re.compile(
    r"uppsätt\w*|sätts\s+upp|satts\s+upp|sattes\s+upp|uppsatt\b|anslås\b|anslagits\b|publicera\w*|framlägg\w*|framlagt|nähtävänä|posted|published|anslagsdatum|anslagsdag|anslaget\b(?!\s+(?:tas|tag))|anslag\b(?!et|s)",
    re.IGNORECASE,
)
_DOWN = re.compile(r"nedtag\w*|tas\s+ne[dr]|tagits\s+ne[dr]|nedtas|removed", re.IGNORECASE)
_APPROVED = re.compile(
    r"\bjustera(?:t|d|des)\b|justeringsda\w+|\btarkastettu\b|\bgodkendt\b|\bgodkjent\b|\bapproved\b|\bunderteckna\w*|\bsignera(?:t|d|des)\b",
    re.IGNORECASE,
)
_MEETING = re.compile(r"sammanträdesda\w+|mötesdatum|möte den|sammanträde den", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Notice:
    """One of the three: `approved`, `planned` or `published`, with its moment, and `until` when a notice is taken down."""

    what: str
    moment: Moment
    text: str
    pieces: tuple[Piece, ...]
    until: Moment | None = None


def read_notices(parts: Sequence[Part], dates: Dates) -> list[Notice]:
    """The notices in the head and foot of minutes, in order."""
    found: list[Notice] = []
    held: list[tuple[str, Moment, Piece, str]] = []
    for part in parts:
        if part.name not in (
            "approved",
            "published",
            "unpublished",
            "approval_planned",
            "signatures",
            "approver",
        ):
            continue
        held.extend(_dated(part, dates))
    ends = [one for one in held if one[0] == "down"]
    for what, moment, piece, text in held:
        if what == "down":
            continue
        end = next((one for one in ends if what == "published" and one[1].earliest > moment.earliest), None)
        if end is not None:
            ends.remove(end)
        found.append(Notice(what, moment, text, (piece,), end[1] if end else None))
    return found


def _dated(part: Part, dates: Dates) -> list[tuple[str, Moment, Piece, str]]:
    """The dates of a part and what each is, by the words before it, or by the order of the words in the line above."""
    default = {
        "approved": "approved",
        "published": "published",
        "unpublished": "down",
        "approval_planned": "planned",
    }.get(part.name, "")
    waiting: list[str] = []
    found: list[tuple[str, Moment, Piece, str]] = []
    lines: list[tuple[str, Piece]] = []
    if part.piece is not None:
        lines.append((part.piece.raw.strip() or part.piece.text, part.piece))
    lines.extend((piece.raw.strip() or piece.text, piece) for piece in part.pieces)
    for text, piece in lines:
        days = [day for day in dates.days(text) if not day.is_contradicted]
        at = 0
        words: list[str] = []
        for day in days:
            said = _last_word(text[at : day.begin])
            words = _words(text[at : day.begin])
            at = day.end
            what = said or (waiting.pop(0) if waiting else default)
            if len(words) > 1 and not said:
                what = words[0]
            if what in ("", "meeting"):
                continue
            clock = find_clock(text[day.end : day.end + 30])
            span = dates.span(day, clock)
            if span is not None:
                found.append((what, span.start, piece, _told(part, piece)))
        if not days:
            new = _words(text)
            waiting = new or waiting
    return found


def _told(part: Part, piece: Piece) -> str:
    if part.piece is piece or part.label is None:
        return piece.text
    return f"{part.label.word.strip(' :')}: {piece.text}"


def _words(text: str) -> list[str]:
    hits = [
        (one.start(), name)
        for name, pattern in (
            ("published", _UP),
            ("down", _DOWN),
            ("approved", _APPROVED),
            ("meeting", _MEETING),
        )
        for one in pattern.finditer(text)
    ]
    ordered = [name for _, name in sorted(hits)]
    return [name for number, name in enumerate(ordered) if number == 0 or ordered[number - 1] != name]


def _last_word(text: str) -> str:
    words = _words(text)
    return words[-1] if words else ""
