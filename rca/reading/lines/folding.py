"""Folding: which lines that are no record of their own belong to the record before them.

The decision hidden here: the forms of continuation. Indented lines, the lines of Java, Python, .NET and Go stack traces
and closing brackets fold into any record; any other line folds only into a record of a format whose messages run over
several lines; what is left is an event without a date. Blank lines inside a record are part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rca.reading.lines.blocks import Block
from rca.reading.lines.patterns import translate
from rca.reading.lines.plan import Layout

__all__ = ["Folded", "fold", "is_continuation"]

_TRACE = (
    r"^(?:[ \t]"
    r"|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames)|at [\w.$<>/]+\("
    r"|Traceback \(most recent call last\):|During handling of the above|The above exception was"
    r"|(?:[A-Za-z_$][\w$]*\.)*[A-Z]\w*(?:Exception|Error|Throwable|Warning|Interrupt|Exit|Failure)(?::| |$)"
    r"|--- End of |goroutine \d+ \[|[}\])]+[;,]?\s*$)"
)

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(slots=True)
class Folded:
    """The events of a block: the row of each one's first and last line, and whether its first line bears a stamp.

    `inside` tells, for every line, whether it belongs to an event.
    """

    first: Array
    last: Array
    is_head: Array
    inside: Array


def is_continuation(line: str) -> bool:
    r"""Whether `line` by its form belongs to the record before it, whatever that is.

    >>> is_continuation("\tat org.example.Order.take(Order.java:17)")
    True
    >>> is_continuation("and this went wrong")
    False
    """
    import polars as pl

    return bool(pl.Series([line]).str.contains(translate(_TRACE))[0])


def fold(block: Block, layout: Layout) -> Folded:
    """Fold the lines that no format took into the records before them."""
    n = len(block)
    is_head = layout.owner >= 0
    group = np.cumsum(is_head)  # 0 before the first record
    heads = np.flatnonzero(is_head)
    whole = np.array([bool(t.format.head) for t in layout.taken] + [False])[layout.owner]
    runs_on = np.array([t.format.multiline for t in layout.taken] + [False])[layout.owner]
    of_whole = np.concatenate([[False], whole[heads]])[group]
    layout.is_structure &= ~of_whole & ~is_head
    is_structure = layout.is_structure
    other = ~block.is_blank & ~is_head & ~is_structure
    follows = np.zeros(n, bool)
    open_rows = np.flatnonzero(other & (group > 0))
    if len(open_rows):
        follows[open_rows] = np.concatenate([[False], runs_on[heads]])[group[open_rows]]
        has_tail = np.array([bool(t.format.tail) for t in layout.taken] + [False])[layout.owner]
        if has_tail.any():
            tailed = open_rows[np.concatenate([[False], has_tail[heads]])[group[open_rows]]]
            follows[tailed] = layout.is_swallowed[tailed]
        unsure = open_rows[~follows[open_rows]]
        if len(unsure):
            follows[unsure] = block.texts.gather(unsure).str.contains(translate(_TRACE)).to_numpy()
    breaks = np.cumsum((other & ~follows) | is_structure)
    since = breaks - np.concatenate([[0], breaks[heads]])[group]
    folded = other & follows & (since == 0)
    end = heads.copy()
    folded_rows = np.flatnonzero(folded)
    end[group[folded_rows] - 1] = folded_rows
    undated = np.flatnonzero(other & ~folded)
    first = np.concatenate([heads, undated])
    last = np.concatenate([end, undated])
    order = np.argsort(first, kind="stable")
    edges = np.zeros(n + 1, np.int64)
    np.add.at(edges, first, 1)
    np.add.at(edges, last + 1, -1)
    inside = np.cumsum(edges[:-1]) > 0
    stamped = np.concatenate([np.ones(len(heads), bool), np.zeros(len(undated), bool)])
    return Folded(first[order], last[order], stamped[order], inside)
