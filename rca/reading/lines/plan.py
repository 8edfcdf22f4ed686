"""The plan of a stream: what is decided once, before its parts are read in any order.

The decision hidden here: what the beginning of a stream may decide. It shows how lines end, which formats to ask first and
which stamps they hold; it never decides that a later line is of no other format. What needs the whole stream (missing
years and dates, repeated hours, the order of day and month) is inferred from a scan of all its stamps.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rca.moments.moment import Basis
from rca.moments.settling import needs_timing
from rca.moments.timing import Timing
from rca.reading.lines.blocks import Block, LineEnds, cut
from rca.reading.lines.formats import Format, with_stamp
from rca.reading.lines.matching import (
    Taken,
    Way,
    is_structure,
    join,
    lock,
    match,
    relevant,
    representatives,
    take,
    ways,
)
from rca.reading.lines.patterns import translate

__all__ = ["Asked", "Layout", "Plan", "Settings", "lay_out", "look_at", "plan_for"]

_TELLING = 300
_LONGEST_TAILED = 5_000
"""A record with a tail has at most so many lines."""

Asked = tuple[Format, tuple[Way, ...]]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is declared of a stream, and what its events say of where they come from."""

    stream_key: str
    zone: str
    zone_basis: Basis
    prefix: str = ""
    exhibit: str = ""
    reliability: str | None = None
    reader: str = "lines"
    version: str = "1"

    @property
    def scope(self) -> str:
        """What assumptions of this stream are told apart by."""
        return self.stream_key[:12]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a stream is read: its line ends, the formats asked of every line and those asked of what is left.

    `wants_timing` says that the beginning of the stream holds stamps that only the whole stream settles.
    """

    settings: Settings
    ends: LineEnds
    first: int
    candidates: tuple[Asked, ...]
    others: tuple[Asked, ...]
    swapped: frozenset[str] = frozenset()
    timing: Timing | None = None
    takes_indented: bool = False
    wants_timing: bool = False

    @property
    def is_chained(self) -> bool:
        """Whether a part needs what the part before it knew: the columns that a header names."""
        return any(one.style.header for one, _ in self.candidates)

    def inferred(self, timing: Timing, swapped: frozenset[str]) -> Plan:
        """The plan once the whole stream was asked."""

        def turn(asked: Sequence[Asked]) -> tuple[Asked, ...]:
            return tuple(
                (one, ways(one, swapped=True)) if one.name in swapped and one.other_layouts else (one, plan)
                for one, plan in asked
            )

        return replace(
            self, timing=timing, swapped=swapped, candidates=turn(self.candidates), others=turn(self.others)
        )


def plan_for(head: bytes, encoding: str, first: int, formats: Sequence[Format], settings: Settings) -> Plan:
    """The plan of a stream that begins with `head`; `first` is where its text begins, after a byte order mark."""
    look = look_at(head, encoding, first, tuple(formats))
    ends, block, found, takes_indented = look.ends, look.block, look.layout, look.takes_indented
    asked: list[Asked] = [(one, ways(one)) for one in formats]
    seen = {taken.format.name for taken in found.taken} | set(found.columns)
    seen |= {one.name for one, _ in asked if one.date_line and _has(one, block)}
    candidates = tuple(
        (one, _locked(one, plan, block, found.taken)) for one, plan in asked if one.name in seen
    )
    others = tuple((one, plan) for one, plan in asked if one.name not in seen)
    wants = any(
        taken.format.other_layouts or needs_timing(taken.stamps, settings.zone) for taken in found.taken
    )
    return Plan(settings, ends, first, candidates, others, takes_indented=takes_indented, wants_timing=wants)


@dataclass(frozen=True, slots=True)
class Look:
    """The beginning of a stream: its line ends, its lines and what they are, and whether its records begin with blanks."""

    ends: LineEnds
    block: Block
    layout: Layout
    takes_indented: bool


_looks: dict[tuple[bytes, str], tuple[tuple[Format, ...], Look]] = {}
_lock = threading.Lock()


def look_at(head: bytes, encoding: str, first: int, formats: tuple[Format, ...]) -> Look:
    """What the lines of a stream's beginning are. The last look is kept: scoring and planning look at the same bytes."""
    key = (head, encoding)
    with _lock:
        known = _looks.get(key)
    if known is not None and known[0] == formats:
        return known[1]
    ends = LineEnds.of(encoding, head[first:])
    sample = head[first:]
    last = ends.last_in(sample)
    block = cut(sample[:last] if last else sample, first, ends)
    likely = relevant([(one, ways(one)) for one in formats], _telling(block))
    layout, takes_indented = lay_out(block, likely, (), {}, takes_indented=False), False
    if not layout.taken and block.is_indented.any():
        layout, takes_indented = lay_out(block, likely, (), {}, takes_indented=True), True
    look = Look(ends, block, layout, takes_indented)
    with _lock:
        _looks.clear()
        _looks[key] = (formats, look)
    return look


def _telling(block: Block) -> list[str]:
    """Lines that tell which formats a block may hold: one of each shape, and some from everywhere."""
    solid = np.flatnonzero(~block.is_blank)
    if len(solid) > _TELLING:
        shapes = solid[representatives(block.texts.gather(solid))]
        solid = np.unique(np.concatenate([shapes, solid[:100], solid[:: len(solid) // 100]]))
    return block.texts.gather(solid).to_list()


def _has(one: Format, block: Block) -> bool:
    return bool(is_structure((one.date_line,), block.texts.head(50), one.date_layouts).any())


def _locked(one: Format, plan: tuple[Way, ...], block: Block, taken: Sequence[Taken]) -> tuple[Way, ...]:
    mine = next((t for t in taken if t.format.name == one.name), None)
    if mine is None or one.style.is_keyed or one.head or len(mine.rows) < 8:
        return plan
    rows = mine.rows[:200]
    samples = list(
        zip(block.texts.gather(rows).to_list(), mine.stamp_text.head(len(rows)).to_list(), strict=True)
    )
    return tuple(lock(one, way, samples) for way in plan)


@dataclass(slots=True)
class Layout:
    """What the lines of a block are: which format took which, the first lines of records, structure, and the rest.

    `owner` is an index into `taken`, -1 for none; `is_swallowed` tells the lines between the first and the last line of a
    record that has a `tail`; `columns` are the column names in force at the block's end.
    """

    taken: list[Taken]
    owner: np.ndarray[Any, np.dtype[Any]]
    is_structure: np.ndarray[Any, np.dtype[Any]]
    is_swallowed: np.ndarray[Any, np.dtype[Any]]
    columns: dict[str, tuple[str, ...]]
    dates: list[Taken]


def lay_out(
    block: Block,
    candidates: Sequence[Asked],
    others: Sequence[Asked],
    columns: Mapping[str, tuple[str, ...]],
    *,
    takes_indented: bool,
) -> Layout:
    """Ask the formats of all lines of a block; records whose `head` finds them are taken by their first line only."""
    n = len(block)
    taken: list[Taken] = []
    left, names = np.flatnonzero(~block.is_blank), dict(columns)
    is_struct = np.zeros(n, bool)
    indented = block.is_indented
    if takes_indented:
        block.is_indented = np.zeros(n, bool)
    is_swallowed = np.zeros(n, bool)
    for asked in (candidates, others):
        if not len(left):
            break
        if (
            asked is others
        ):  # what the beginning of the stream did not show is asked of what is left, if it may fit
            free = left[~block.is_indented[left]]
            shown = free[representatives(block.texts.gather(free))]
            asked = relevant(others, block.texts.gather(shown).to_list())
        for one, plan in asked:
            if one.tail and len(left):
                left = _take_tailed(one, plan, block, left, taken, is_swallowed)
            if one.style.header and len(left):
                left = _take_headed(one, block, left, names, taken, is_struct)
        plain = [(one, plan) for one, plan in asked if not one.style.header and not one.tail]
        found, left = match(block, left, plain, is_sure=asked is candidates)
        taken.extend(found)
    block.is_indented = indented
    owner = np.full(n, -1, np.int32)
    for index, got in enumerate(taken):
        owner[got.rows] = index
    active = {one.name: one for one, _ in candidates} | {t.format.name: t.format for t in taken}
    dates = _find_structure(block, active, left, is_struct)
    return Layout(taken, owner, is_struct, is_swallowed, names, dates)


def _take_tailed(
    one: Format,
    plan: Sequence[Way],
    block: Block,
    left: np.ndarray[Any, np.dtype[Any]],
    taken: list[Taken],
    is_swallowed: np.ndarray[Any, np.dtype[Any]],
) -> np.ndarray[Any, np.dtype[Any]]:
    """The records of a format whose first and last lines are known; no other format is asked of what lies between."""
    found = take(one, block, left, plan)
    if found is None:
        return left
    tails = left[is_structure((one.tail,), block.texts.gather(left))]
    heads, kept, free = found.rows, [], 0
    for at, head in enumerate(heads.tolist()):
        if head < free:
            continue
        kept.append(at)
        following = int(heads[at + 1]) if at + 1 < len(heads) else len(block)
        next_tail = np.searchsorted(tails, head, side="right")
        end = int(tails[next_tail]) + 1 if next_tail < len(tails) else len(block)
        free = min(end, following, head + _LONGEST_TAILED)
        is_swallowed[head + 1 : free] = True
    rows = np.array(kept, np.int64)
    taken.append(Taken(one, heads[rows], found.stamps.take(rows), found.stamp_text.gather(rows), {}))
    kept_left: np.ndarray[Any, np.dtype[Any]] = left[~is_swallowed[left] & ~np.isin(left, heads[rows])]
    return kept_left


def _take_headed(
    one: Format,
    block: Block,
    left: np.ndarray[Any, np.dtype[Any]],
    names: dict[str, tuple[str, ...]],
    taken: list[Taken],
    is_struct: np.ndarray[Any, np.dtype[Any]],
) -> np.ndarray[Any, np.dtype[Any]]:
    """The lines under each header of a format, and the headers as structure; what is left of the lines."""
    texts = block.texts.gather(left)
    found = texts.str.extract(translate(one.style.header), 1)
    at = left[found.is_not_null().to_numpy()]
    if not len(at) and one.name not in names:
        return left
    is_struct[at] = True
    headers = found.drop_nulls().to_list()
    bounds = [0, *at.tolist(), len(block)]
    mine = []
    for number in range(len(bounds) - 1):
        if number:
            separator = one.style.separator
            line = headers[number - 1].strip(" \r\n")
            by_blanks = (
                separator == " " or separator not in line
            )  # names may stand between blanks all the same
            parts = line.split() if by_blanks else line.split(separator)
            names[one.name] = tuple(part.strip().strip('"') for part in parts)
        if one.name in names:
            rows = left[(left > bounds[number] if number else left >= 0) & (left < bounds[number + 1])]
            rows = rows[~is_struct[rows]]
            if len(rows):
                got = take(one, block, rows, (), names_=names[one.name])
                if got is not None:
                    got.format = one
                    mine.append(got)
    together = join(mine)
    if together is not None:
        taken.append(together)
        left = np.setdiff1d(left, together.rows, assume_unique=True)
    return np.setdiff1d(left, at, assume_unique=True)


def _find_structure(
    block: Block,
    active: Mapping[str, Format],
    left: np.ndarray[Any, np.dtype[Any]],
    is_struct: np.ndarray[Any, np.dtype[Any]],
) -> list[Taken]:
    """Mark the lines that the active formats understand as structure; those that state a date, with their stamps."""
    dates: list[Taken] = []
    for one in active.values():
        if not len(left):
            break
        if one.date_line:
            for way in _date_ways(one):
                found = take(replace(one, style=type(one.style)()), block, left, (way,))
                if found is not None:
                    dates.append(found)
                    is_struct[found.rows] = True
                    left = np.setdiff1d(left, found.rows, assume_unique=True)
        if one.structure and len(left):
            hits = left[is_structure(one.structure, block.texts.gather(left))]
            is_struct[hits] = True
            left = np.setdiff1d(left, hits, assume_unique=True)
    return dates


def _date_ways(one: Format) -> tuple[Way, ...]:
    layouts = one.date_layouts or one.layouts
    return (Way(with_stamp(one.date_line, layouts), has_tail=False, layouts=layouts),)
