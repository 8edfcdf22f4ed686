"""Packing: which row of its lane an event stands on, so that no bar and no label runs over a neighbour.

The decision hidden here: first fit. Events in order of time take the first row whose last occupant, bar or label, has
ended; a lane grows as many rows as that needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Box", "pack"]


@dataclass(frozen=True, slots=True)
class Box:
    """What one event takes up: where its bar or label begins and ends, in pixels from any origin."""

    start: float
    end: float


def pack(boxes: Sequence[Box], *, gap: float = 8) -> list[int]:
    """The row of each box, from 0, such that boxes of a row keep `gap` pixels between them.

    >>> pack([Box(0, 10), Box(5, 20), Box(20, 30)], gap=2)
    [0, 1, 0]
    """
    order = sorted(range(len(boxes)), key=lambda i: (boxes[i].start, boxes[i].end, i))
    ends: list[float] = []
    rows = [0] * len(boxes)
    for index in order:
        box = boxes[index]
        row = next((r for r, end in enumerate(ends) if end + gap <= box.start), len(ends))
        if row == len(ends):
            ends.append(box.end)
        else:
            ends[row] = box.end
        rows[index] = row
    return rows
