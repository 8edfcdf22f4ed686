"""Laps: how many times a clock that shows no year (or no date) has gone round.

The decision hidden here: when a fall is a rollover. The clock's hand moves on a circle; a fall by about half a turn (11
parts of 24: July to January counts) is a new lap if the rows that follow stay on the new side, a rise by half a turn is a late line of the lap before if
they do not. Everything else belongs to the lap at hand.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["count_laps"]


def count_laps(keys: Sequence[int], turn: int, *, look_ahead: int = 20) -> tuple[list[int], list[bool]]:
    """The lap of each row, from 0 at the first row, and whether the row is out of order (its lap is its neighbours').

    Args:
        keys: where the hand of the clock stands, in [0, `turn`).
        turn: the length of a whole turn.
        look_ahead: how many of the rows that follow are asked whether a jump lasts.

    >>> count_laps([11, 0, 11, 0, 1], 12)
    ([0, 1, 0, 1, 1], [False, False, True, False, False])
    """
    laps: list[int] = []
    is_late: list[bool] = []
    lap, level = 0, keys[0] if keys else 0
    for position, key in enumerate(keys):
        jump = key - level
        if -24 * jump < 11 * turn and 2 * jump < turn:
            laps.append(lap)
            is_late.append(False)
            level = key
            continue
        lasts = _lasts(keys, position, level, turn, look_ahead)
        if jump < 0:
            laps.append(lap + 1)
            is_late.append(lasts is False)
            if lasts is not False:
                lap, level = lap + 1, key
        elif lasts:
            laps.append(lap)
            is_late.append(False)
            level = key
        else:
            laps.append(lap - 1)
            is_late.append(True)
    lowest = min(laps, default=0)
    return [one - lowest for one in laps], is_late


def _lasts(keys: Sequence[int], position: int, level: int, turn: int, look_ahead: int) -> bool | None:
    """Whether the rows after `position` go on from it rather than from `level`; None when none of them tells.

    Rows go forward, but for lines that are late. Those that lie more than a quarter of a turn ahead of both tell nothing.
    """
    votes = count = 0
    for key in keys[position + 1 : position + 1 + look_ahead]:
        from_here, from_level = _ahead(keys[position], key, turn), _ahead(level, key, turn)
        if min(from_here, from_level) * 4 > turn:
            break
        count += 1
        votes += from_here <= from_level
    return votes * 2 >= count if count else None


def _ahead(start: int, end: int, turn: int) -> int:
    """How far the hand goes forward from `start` to `end`; a little backward counts as forward: late lines."""
    return (end - start + turn // 24) % turn
