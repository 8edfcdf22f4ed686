r"""`statements`: the sentences, items and rows of a document that name a date, each with its moment and its section.

The decision hidden here: how far a date reaches. A date counts for its own sentence. A day that a heading names counts for
clock times at the beginning of what stands under it, a day in a row for the rows below whose cell for it is empty; the
moment says that its date was inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rca.moments.moment import Basis, Moment, Precision
from rca.moments.spoken import find_dates, spoken_span
from rca.reading.documents.blocks import Block, BlockKind

__all__ = ["Statement", "statements"]

_TOLD = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW, BlockKind.HEADING)
_CLOCK = re.compile(
    r"[\W_]{0,2}(?:kl\.?|klo|klockan|ca|cirka|at|about|around|c:a)?\s{0,2}(?P<clock>(?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d)?)"
    r"(?![\d.:]|\s?(?:%|kr|mkr|tkr|ms|s\b|km|mg|ml|gb|mb))(?:\s*[-–—]\s*(?P<until>(?:[01]?\d|2[0-4])[:.][0-5]\d))?",
    re.IGNORECASE,
)
_DUE = re.compile(r"(?:senast|före|innan|till och med|t\.o\.m\.|förfaller|klart|by|before|no later than|due|deadline|until"
                  r"|senest|inden|innen|viimeistään|mennessä)\W{0,3}(?:den\s)?$", re.IGNORECASE)  # fmt: skip
_PUBLISHED = re.compile(
    r"(?:publicera[dt]|publiceringsdatum|utgiven|utgivningsdatum|beslutsdatum|beslutad|fastställd|published|date of publication"
    r"|publication date|date of issue|issued|offentliggjort|udgivet|utgitt|julkaistu)\b[^:]{0,20}:",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?…][\"”’)]?\s+(?=[A-ZÅÄÖÆØ0-9§\"“(])")
_SHORT = re.compile(
    r"(?:^|[\s(.])(?:kl|ca|nr|bl\.?a|t\.?ex|dvs|d\.v\.s|t\.?o\.?m|fr\.?o\.?m|m\.?m|st|dr|prof|mr|ms|mrs|no|vs|e\.?g|i\.?e|approx"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|okt|oct|nov|dec|resp|inkl|exkl|s|p|v|f|c:a|kap|art|\d{1,2}|[A-ZÅÄÖ])\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that a document states of a time: the sentence, item or row, its block, and what it rests on."""

    text: str
    moment: Moment
    block: Block
    end: Moment | None = None
    section: str = ""
    others: tuple[str, ...] = ()
    carried_from: str = ""
    is_due: bool = False
    is_publication: bool = False


@dataclass(frozen=True, slots=True)
class _Day:
    """A day that was named above: its text, where, and the level of the heading that names it (0: a row)."""

    text: str
    level: int
    place: str


def statements(blocks: Sequence[Block], *, zone: str, zone_basis: Basis) -> Iterator[Statement]:
    """The statements of a document, in reading order."""
    path: list[tuple[int, str]] = []
    headings: list[_Day] = []
    row: _Day | None = None
    for block in blocks:
        if block.kind not in _TOLD:
            continue
        if block.kind is not BlockKind.ROW:
            row = None
        text = (
            " ".join(" ".join(cell.split()) for cell in block.cells)
            if block.kind is BlockKind.ROW
            else block.text
        )
        dates = find_dates(text, zone=zone, zone_basis=zone_basis)
        if block.kind is BlockKind.HEADING:
            path = [one for one in path if one[0] < block.level]
        section = " / ".join(title for _, title in path)
        if block.kind is BlockKind.HEADING:
            path.append((block.level, block.text))
            headings = [day for day in headings if day.level < block.level]
            day = _day_of(dates, block, block.level)
            if day is not None:
                headings.append(day)
            if dates and not _is_only_date(text, dates):
                yield from _by_sentence(block, block.text, dates, section)
            elif not dates and headings:
                found = _carried(block, text, headings[-1], section, zone, zone_basis)
                if found is not None:
                    yield found
            continue
        if dates:
            if block.kind is BlockKind.ROW:
                yield _row(block, dates, section)
                row = _day_of(dates, block, 0)
            else:
                yield from _by_sentence(block, text, dates, section)
            continue
        day = row if row is not None and not block.cells[0].strip() else headings[-1] if headings else row
        if day is not None:
            found = _carried(block, text, day, section, zone, zone_basis)
            if found is not None:
                yield found


def _is_only_date(text: str, dates: Sequence[tuple[int, int, Moment]]) -> bool:
    """Whether a heading says nothing but when: then it is context for what stands under it."""
    begin, end, moment = dates[0]
    rest = text[:begin] + text[end:]
    return moment.precision not in (Precision.MINUTE, Precision.SECOND) and not re.search(
        r"[^\W\d_]{3}", rest
    )


def _day_of(dates: Sequence[tuple[int, int, Moment]], block: Block, level: int) -> _Day | None:
    """The day that a heading or row names, where it names one only."""
    texts = {moment.text for _, _, moment in dates}
    fine = (Precision.DAY, Precision.PART_OF_DAY, Precision.HOUR, Precision.MINUTE, Precision.SECOND)
    if len(texts) != 1 or dates[0][2].precision not in fine:
        return None
    moment = dates[0][2]
    text = moment.text
    if moment.precision is not Precision.DAY:
        text = re.sub(r"[\s,T]*(?:kl\.?|klockan|at)?\s*\d{1,2}[:.]\d{2}.*$", "", text)
    return _Day(text, level, block.place.locator)


def _carried(block: Block, text: str, day: _Day, section: str, zone: str, basis: Basis) -> Statement | None:
    """The statement of a block that begins with a clock time, on a day named above."""
    cell = next((c for c in block.cells if c.strip()), "") if block.kind is BlockKind.ROW else text
    found = _CLOCK.match(" ".join(cell.split()))
    if found is None:
        return None
    until = f"–{found['until'].replace('.', ':')}" if found["until"] else ""
    span = spoken_span(
        f"{day.text} kl. {found['clock'].replace('.', ':')}{until}", zone=zone, zone_basis=basis
    )
    if span is None:
        return None
    moment = replace(
        span.start, text=found["clock"], basis=Basis.weakest(span.start.basis, Basis.DATE_INFERRED)
    )
    return Statement(block.text, moment, block, span.end, section, carried_from=f"{day.text} ({day.place})")


def _row(block: Block, dates: Sequence[tuple[int, int, Moment]], section: str) -> Statement:
    moment = dates[0][2]
    return Statement(block.text, moment, block, _end(moment), section, others=_others(dates[1:]))


def _end(moment: Moment) -> Moment | None:
    """The end of a range that the date was written with (`kl. 13.00–15.30`)."""
    span = spoken_span(moment.text, zone=moment.zone or "UTC", zone_basis=moment.basis)
    return span.end if span is not None else None


def _others(dates: Sequence[tuple[int, int, Moment]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(moment.text for _, _, moment in dates))


def _by_sentence(
    block: Block, text: str, dates: Sequence[tuple[int, int, Moment]], section: str
) -> Iterator[Statement]:
    """A statement for each sentence that names a date."""
    bounds = _bounds(text, dates)
    is_published = _PUBLISHED.match(text) is not None
    for begin, end in zip(bounds, [*bounds[1:], len(text)], strict=True):
        inside = [date for date in dates if begin <= date[0] < end]
        if not inside:
            continue
        first = inside[0]
        yield Statement(
            text[begin:end].strip(),
            first[2],
            block,
            _end(first[2]),
            section,
            others=_others(inside[1:]),
            is_due=_DUE.search(text[max(begin, first[0] - 30) : first[0]]) is not None,
            is_publication=is_published,
        )


def _bounds(text: str, dates: Sequence[tuple[int, int, Moment]]) -> list[int]:
    """Where sentences begin; a stop inside a date or after a short form ends none."""
    bounds = [0]
    for found in _END.finditer(text):
        at = found.start()
        if any(begin <= at < end - 1 for begin, end, _ in dates):
            continue
        if (
            text[at] == "."
            and _SHORT.search(text[max(0, at - 12) : at])
            and not any(end in (at, at + 1) for _, end, _ in dates)
        ):
            continue
        bounds.append(found.end())
    return bounds
