"""The books of a stream: every byte ends in events, in structure, in blank space or among the unparsed.

The decision hidden here: how spans are added up. Spans may come in any order and may overlap (two events of one
record share their bytes); each byte counts once, for the first kind in the order events, structure, blank, unparsed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Books", "Entry", "Ledger", "total_books"]


class Entry(StrEnum):
    """Where a byte may end, in the order in which a byte claimed twice is counted."""

    EVENTS = "events"
    STRUCTURE = "structure"
    BLANK = "blank"
    UNPARSED = "unparsed"


@dataclass(frozen=True, slots=True)
class Books:
    """How many bytes of a stream ended where. `unit` is "bytes", or the parts of a container format."""

    total: int
    in_events: int
    structure: int
    blank: int
    unparsed: int
    unit: str = "bytes"

    @property
    def balanced(self) -> bool:
        """Whether every byte is accounted for, once."""
        return self.total == self.in_events + self.structure + self.blank + self.unparsed

    def __add__(self, other: Books) -> Books:
        unit = self.unit if self.unit == other.unit else "parts"
        return Books(
            self.total + other.total,
            self.in_events + other.in_events,
            self.structure + other.structure,
            self.blank + other.blank,
            self.unparsed + other.unparsed,
            unit,
        )


class Ledger:
    """Takes down spans while a stream is read; `close` adds them up."""

    def __init__(self) -> None:
        self._spans: dict[Entry, list[tuple[int, int]]] = {entry: [] for entry in Entry}

    def enter(self, entry: Entry, start: int, length: int) -> None:
        """Note that `length` bytes from `start` on ended in `entry`; a span next to the last one extends it."""
        if length <= 0:
            return
        spans = self._spans[entry]
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], start + length)
        else:
            spans.append((start, start + length))

    def close(self, total: int, *, unit: str = "bytes") -> Books:
        """The books of a stream of `total` bytes; what lies outside the stream is not counted."""
        covered: list[tuple[int, int]] = []
        counts: dict[Entry, int] = {}
        for entry in Entry:
            before = sum(end - start for start, end in covered)
            covered = _union([*covered, *((max(0, s), min(total, e)) for s, e in self._spans[entry])])
            counts[entry] = sum(end - start for start, end in covered) - before
        return Books(
            total,
            counts[Entry.EVENTS],
            counts[Entry.STRUCTURE],
            counts[Entry.BLANK],
            counts[Entry.UNPARSED],
            unit,
        )


def _union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def total_books(books: Iterable[Books]) -> Books:
    """The books of several streams together.

    >>> total_books([Books(10, 8, 1, 1, 0), Books(5, 5, 0, 0, 0)]).balanced
    True
    """
    result: Books | None = None
    for one in books:
        result = one if result is None else result + one
    return result or Books(0, 0, 0, 0, 0)
