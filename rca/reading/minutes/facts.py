"""`Facts`: what minutes say of the meeting as a whole: when, where, which body, who was on which list, and its notices.

The decision hidden here: which of the many dates of a protokoll is the meeting's. The labelled date wins, then that in the
title, then one that is a heading of its own; a date of the next meeting, of verification or of notice never does. The time
of day is that of its label, else the one at which the meeting was opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from rca.moments.moment import Moment
from rca.moments.spoken import SpokenSpan
from rca.reading.minutes.attendance import Person, Roll, is_elsewhere, is_header_row, read_people, with_cells
from rca.reading.minutes.cutting import Cut, Piece, Shape
from rca.reading.minutes.dates import Clock, Dates, Day, find_clock
from rca.reading.minutes.notices import Notice, read_notices
from rca.reading.minutes.structure import Item, Minutes, Part

__all__ = ["Entry", "Facts", "closing_clock", "entries_of", "opening_clock", "read_facts"]

_OPENING = re.compile(
    r"\b(?:öppna(?:s|r|de|des|t)?|öppnande(?:t)?|inled(?:s|er|de|des)?|börja(?:r|de)|startade|called to order|call to order|opened|started|began|åpnet|åpning|satt\b|åbnet|åbnede|avattiin|avaa|avaus)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\b(?:avsluta(?:s|r|de|des|t)?|avslutning(?:en)?|avslutande(?:t)?|slutade|slut\b|upphörde|adjourned|adjournment|closed|ended|closure|hevet|avsluttet|hævet|afsluttet|sluttede|päätettiin|päättyi|päätti|päättäminen)\b",
    re.IGNORECASE,
)
_MEETING = re.compile(
    r"\b(?:möte\w*|sammanträde\w*|stämma\w*|årsmöte\w*|meeting|møte\w*|møde\w*|kokou\w*|session)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"(?:ersätter|tjänstgör|§|för\b|\(|t\.?\s?o\.?\s?m|fr\.?\s?o\.?\s?m|ej\b|pga|\d)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A person on a list, which list, its label as written, and where it stands."""

    person: Person
    group: str
    label: str
    pieces: tuple[Piece, ...]


@dataclass(slots=True)
class Facts:
    """What is known of the meeting. `days` are its first and last day, `is_contradicted` where a weekday belies its date."""

    title: str = ""
    organ: str = ""
    when: SpokenSpan | None = None
    days: Day | None = None
    place: str = ""
    stated: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    roll: Roll = field(default_factory=Roll)
    notices: list[Notice] = field(default_factory=list)
    annexes: list[Piece] = field(default_factory=list)
    invited: list[str] = field(default_factory=list)
    is_contradicted: bool = False
    during: Moment | None = None
    """The whole meeting as one moment: from its beginning to its end, where an end is known."""

    @property
    def known(self) -> Moment | None:
        """By when the text was fixed: when it was verified, else announced."""
        fixed = [notice.moment for notice in self.notices if notice.what == "approved"]
        fixed = fixed or [notice.moment for notice in self.notices if notice.what == "published"]
        return min(fixed, key=lambda moment: moment.latest) if fixed else None


def read_facts(minutes: Minutes, cut: Cut, dates: Dates) -> Facts:
    """What the head and foot of minutes say."""
    facts = Facts(title=minutes.title, organ=minutes.organ)
    parts = minutes.parts
    for part in parts:
        text = _text(part)
        if part.name == "organ" and text and not facts.organ:
            facts.organ = text
        elif (
            part.name in ("chair", "secretary", "approver", "sections", "number", "purpose")
            and text
            and not text.endswith(":")
            and "___" not in text
        ):
            facts.stated.setdefault(part.name, text[:300])
        elif part.name == "place" and text and not facts.place:
            facts.place = text[:200]
        elif part.name == "invited":
            facts.invited.extend(entry.person.name for entry in entries_of(part))
    _read_lists(minutes, facts)
    facts.notices = read_notices(parts, dates)
    _settle(minutes, cut, dates, facts)
    facts.during = _during(facts.when)
    return facts


def _during(when: SpokenSpan | None) -> Moment | None:
    if when is None or when.end is None or when.end.latest <= when.start.latest:
        return when.start if when is not None else None
    return replace(when.start, latest=when.end.latest)


def _text(part: Part) -> str:
    return " ".join(" ".join([part.opening, *(piece.text for piece in part.pieces)]).split())


# -- lists of people ------------------------------------------------------------------------------------------


def _read_lists(minutes: Minutes, facts: Facts) -> None:
    for part in _attendance_parts(minutes):
        if part.name == "invited":
            continue
        if is_elsewhere(_text(part)):
            facts.annexes.extend([part.piece] if part.piece else part.pieces[:1])
            continue
        facts.entries.extend(entries_of(part))
    for entry in facts.entries:
        facts.roll.add(entry.person, entry.group)


def _attendance_parts(minutes: Minutes) -> Iterator[Part]:
    for one in minutes.order:
        for part in one.parts if isinstance(one, Item) else (one,):
            if part.meaning.startswith("present."):
                yield part


def entries_of(part: Part) -> list[Entry]:
    """The people on the list under a label."""
    label = part.label.word.strip(" :*_") if part.label else ""
    header: tuple[str, ...] = ()
    found: list[Entry] = []
    for text, pieces in _wrapped(part):
        piece = pieces[0]
        people: list[Person] = []
        if piece.shape is Shape.ROW and len(piece.cells) > 1 and piece is not part.piece:
            if is_header_row(piece.cells):
                header = piece.cells
                continue
            person = with_cells(piece.cells, header)
            people = [person] if person else []
        else:
            people = read_people(
                text, is_item=piece.shape is Shape.ITEM, columns="  " in text.strip() or "\t" in text
            )
        found.extend(Entry(person, _group(part, person), label, tuple(pieces)) for person in people)
    return found


def _group(part: Part, person: Person) -> str:
    if person.is_absent:
        return "absent"
    return "serving" if person.replaces and part.name in ("members", "serving") else part.name


def _wrapped(part: Part) -> list[tuple[str, list[Piece]]]:
    """The lines of a list, with those put together over which one entry was wrapped."""
    lines: list[tuple[str, list[Piece]]] = []
    written: list[tuple[str, Piece, bool]] = []
    if part.opening and part.piece is not None:
        written.extend((line, part.piece, False) for line in part.opening.split("\n"))
    written.extend(
        (piece.raw if piece.shape is Shape.LINE and piece.raw else piece.text, piece, piece.has_gap)
        for piece in part.pieces
    )
    for text, piece, has_gap in written:
        before = lines[-1][0].rstrip() if lines else ""
        is_open = bool(
            re.search(r"\bersätter\b(?![^()]*\()[^()]*$|\bför\s*$|[,–-]$", before)
        ) and not before.endswith("),")
        is_line = piece.shape is Shape.LINE or piece is part.piece
        if lines and is_line and (is_open or _CONTINUES.match(text.strip())) and not has_gap:
            lines[-1] = (
                f"{before} {text.strip()}",
                lines[-1][1] if piece in lines[-1][1] else [*lines[-1][1], piece],
            )
        else:
            lines.append((text, [piece]))
    return lines


# -- when -----------------------------------------------------------------------------------------------------


def _settle(minutes: Minutes, cut: Cut, dates: Dates, facts: Facts) -> None:
    """The time of the meeting: its days, from their best place, and the time of day."""
    day, text = _day(minutes, cut, dates, facts)
    if day is None:
        return
    facts.days = day
    clock = find_clock(text[day.end : day.end + 60]) or _labelled_clock(minutes, dates)
    if clock is None and "kl" in text[: day.begin]:
        clock = find_clock(text[: day.begin])
    opened = opening_clock(_all_texts(minutes))
    clock = clock or opened
    if clock is not None and clock.until is None and day.first == day.last:
        closed = closing_clock(_all_texts(minutes))
        if closed is not None and (closed.hour, closed.minute) > (clock.hour, clock.minute):
            clock = replace(clock, until=(closed.hour, closed.minute))
    written = f"{day.text} {clock.text}" if clock is not None and clock.text not in day.text else day.text
    facts.when = dates.span(day, clock, written)


def _day(minutes: Minutes, cut: Cut, dates: Dates, facts: Facts) -> tuple[Day | None, str]:
    for texts in _places(minutes, cut):
        for text in texts:
            days = dates.days(text)
            good = [day for day in days if not day.is_contradicted]
            if days and not good:
                facts.is_contradicted = True
            if good:
                first = good[0]
                last = max(day.last for day in good) if texts and _is_labelled(minutes, text) else first.last
                if last > first.last and (last - first.first).days <= 14:
                    first = replace(first, last=last)
                return first, text
    return None, ""


def _is_labelled(minutes: Minutes, text: str) -> bool:
    return any(part.name in ("date", "place_time") and text == _text(part) for part in minutes.parts)


def _places(minutes: Minutes, cut: Cut) -> Iterator[list[str]]:
    """Where the date of a meeting may stand, best place first."""
    items = minutes.items
    head: list[Part] = []
    for one in minutes.order:
        if isinstance(one, Item):
            break
        head.append(one)
    yield [_text(part) for part in head if part.name == "date"]
    yield [_text(part) for part in head if part.name == "place_time"]
    yield [_text(part) for part in head if part.name == "time"]
    yield [minutes.title]
    yield [piece.text for piece in minutes.title_pieces]
    yield [piece.text for piece in minutes.furniture[:12]]
    yield [cut.properties.get("date", "")]
    yield [_text(part) for part in minutes.parts if part.name in ("date", "place_time")]
    texts = [part for part in head if part.name == "text"][:6]
    yield [
        paragraph
        for part in texts
        for paragraph in (piece.text for piece in part.pieces[:6])
        if len(paragraph) < 200 and not _is_other_date(paragraph)
    ]
    if items and not minutes.title:
        yield [items[0].title] if not _is_other_date(items[0].title) else []


def _is_other_date(text: str) -> bool:
    return (
        re.search(
            r"nästa|next|neste|næste|seuraava|juster|anslag|föregående|previous|kalla(?:de|s)|skicka|publi",
            text,
            re.IGNORECASE,
        )
        is not None
    )


def _labelled_clock(minutes: Minutes, dates: Dates) -> Clock | None:
    for name in ("time", "place_time", "date"):
        for part in minutes.parts:
            if part.name != name:
                continue
            text = _text(part)
            for day in reversed(dates.days(text)):
                text = f"{text[: day.begin]} {text[day.end :]}"
            clock = find_clock(text) or (find_clock(text, needs_mark=False) if name == "time" else None)
            if clock is not None:
                return clock
    return None


def _all_texts(minutes: Minutes) -> Iterator[str]:
    for one in minutes.order:
        if isinstance(one, Item):
            yield one.pieces[0].text
        for part in one.parts if isinstance(one, Item) else (one,):
            for piece in ([part.piece] if part.piece else []) + part.pieces:
                yield piece.text


def opening_clock(texts: Sequence[str] | Iterator[str]) -> Clock | None:
    """The time at which the meeting was opened, as a sentence or heading of the minutes says.

    >>> opening_clock(["Mötet öppnades 17:31"]).minute, opening_clock(["Butiken öppnades 17:31"])
    (31, None)
    """
    return _clock_of(texts, _OPENING)


def closing_clock(texts: Sequence[str] | Iterator[str]) -> Clock | None:
    """The time at which it was closed.

    >>> closing_clock(["Mötet avslutas 19.54"]).hour
    19
    """
    return _clock_of(texts, _CLOSING)


def _clock_of(texts: Sequence[str] | Iterator[str], words: re.Pattern[str]) -> Clock | None:
    for text in texts:
        if (
            len(text) < 300
            and words.search(text)
            and (
                _MEETING.search(text)
                or re.match(r"(?:öppn|avslut|called|adjourn|closed|opened)", text, re.IGNORECASE)
            )
        ):
            found = words.search(text)
            clock = find_clock(text[found.start() :]) if found else None
            clock = clock or find_clock(text)
            if clock is not None:
                return clock
    return None
