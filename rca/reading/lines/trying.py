"""Trying: which format takes which lines of a file, and why the others are what they are.

The decision hidden here: what an investigator needs to trust a reading: for each format the lines it took, an example with
its stamp and how that was read; for the rest whether lines are structure, belong to the record before, or have no stamp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rca.evidence.opening import mark_length
from rca.reading.lines.folding import fold
from rca.reading.lines.formats import Format
from rca.reading.lines.plan import look_at
from rca.reading.source import Source

__all__ = ["Share", "Trial", "try_formats"]

LOOKED_AT = 8 << 20
"""So much of the beginning of a file is looked at."""


@dataclass(frozen=True, slots=True)
class Share:
    """Lines of one fate: by whom they were taken or what they are, how many, the first of them, and an example."""

    who: str
    why: str
    lines: int
    first: int
    example: str
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What trying all formats on a file gave; `is_whole` says whether all of the file was looked at."""

    shares: tuple[Share, ...]
    lines: int
    is_whole: bool


def try_formats(source: Source, formats: tuple[Format, ...]) -> Trial:
    """Which of `formats` takes which lines of the beginning of a stream."""
    head = source.head_of(LOOKED_AT)
    first = mark_length(head)
    if not head[first:]:
        return Trial((), 0, is_whole=True)
    look = look_at(head, source.encoding, first, formats)
    block, layout = look.block, look.layout
    folded = fold(block, layout)
    shares = []
    for taken in layout.taken:
        one = taken.format
        row = int(taken.rows[0])
        stamp = "" if one.head else str(taken.stamp_text[0])
        shares.append(
            Share(one.name, one.title, len(taken.rows), row + 1, str(block.texts[row])[:160], stamp)
        )
    shares.sort(key=lambda share: (-share.lines, share.who))
    is_head = np.zeros(len(block), bool)
    is_head[folded.first] = True
    undated = folded.first[~folded.is_head]
    rest = (
        ("(record before)", "continues the record before it", folded.inside & ~is_head & ~block.is_blank),
        ("(structure)", "understood as structure of a format", layout.is_structure & ~folded.inside),
        ("(blank)", "holds nothing", block.is_blank & ~folded.inside),
    )
    for who, why, mask in rest:
        rows = np.flatnonzero(mask)
        if len(rows):
            shares.append(Share(who, why, len(rows), int(rows[0]) + 1, str(block.texts[int(rows[0])])[:160]))
    if len(undated):
        row = int(undated[0])
        why = "no stamp here: no format finds a possible date in it"
        shares.append(Share("(undated)", why, len(undated), row + 1, str(block.texts[row])[:160]))
    return Trial(tuple(shares), len(block), is_whole=len(head) < LOOKED_AT)
