"""Laps: how many times a clock that shows no year (or no date) has gone round.

The decision hidden here: when a fall is a rollover. The clock's hand moves on a circle; a fall by about half a turn (11
parts of 24: July to January counts) is a new lap if the rows that follow stay on the new side, a rise by half a turn is
a late line of the lap before if they do not. Everything else belongs to the lap at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["count_laps"]

Array = np.ndarray[Any, np.dtype[Any]]


def count_laps(keys: Sequence[int] | Array, turn: int, *, look_ahead: int = 20) -> tuple[Array, Array]:
    """The lap of each row, from 0 at the lowest, and whether the row is out of order (its lap is its neighbours').

    Args:
        keys: where the hand of the clock stands, in [0, `turn`).
        turn: the length of a whole turn.
        look_ahead: how many of the rows that follow are asked whether a jump lasts.

    >>> laps, is_late = count_laps([11, 0, 11, 0, 1], 12)
    >>> laps.tolist(), is_late.tolist()
    ([0, 1, 0, 1, 1], [False, False, True, False, False])
    """
    values = np.asarray(keys, np.int64)
    laps = np.zeros(len(values), np.int64)
    is_late = np.zeros(len(values), bool)
    steps = np.diff(values)
    lap = done = 0
    for jump_at in (np.flatnonzero(~_is_plain(steps, turn)) + 1).tolist():
        if jump_at < done:
            continue
        laps[done:jump_at] = lap
        lap, done = _walk(values, jump_at, lap, turn, look_ahead, laps, is_late)
    laps[done:] = lap
    return laps - min(int(laps.min(initial=0)), 0), is_late


def _is_plain(jump: Any, turn: int) -> Any:
    """Whether a step of the hand is neither a fall nor a rise of about half a turn."""
    return (-24 * jump < 11 * turn) & (2 * jump < turn)


def _walk(
    values: Array, start: int, lap: int, turn: int, look_ahead: int, laps: Array, is_late: Array
) -> tuple[int, int]:
    """Go on row by row from a jump until the rows are in order again: the lap then, and the first row not decided."""
    level = int(values[start - 1])
    for at in range(start, len(values)):
        key = int(values[at])
        jump = key - level
        if _is_plain(jump, turn):
            laps[at] = lap
            return lap, at + 1
        lasts = _lasts(values[at : at + 1 + look_ahead].tolist(), level, turn)
        if jump < 0:
            laps[at], is_late[at] = lap + 1, lasts is False
            if lasts is not False:
                lap, level = lap + 1, key
        elif lasts:
            laps[at], level = lap, key
        else:
            laps[at], is_late[at] = lap - 1, True
    return lap, len(values)


def _lasts(keys: Sequence[int], level: int, turn: int) -> bool | None:
    """Whether the rows after the first of `keys` go on from it rather than from `level`; None when none of them tells.

    Rows go forward, but for lines that are late. Those that lie more than a quarter of a turn ahead of both tell nothing.
    """
    votes = count = 0
    for key in keys[1:]:
        from_here, from_level = _ahead(keys[0], key, turn), _ahead(level, key, turn)
        if min(from_here, from_level) * 4 > turn:
            break
        count += 1
        votes += from_here <= from_level
    return votes * 2 >= count if count else None


def _ahead(start: int, end: int, turn: int) -> int:
    """How far the hand goes forward from `start` to `end`; a little backward counts as forward: late lines."""
    return (end - start + turn // 24) % turn
