"""Layout of the causal graph: bands of levels, rows of boxes inside them, the same for the same graph.

The decision hidden here: where boxes stand. A band holds the factors of one level, in rows such that a cause inside the
level stands above its effect; rows are ordered by their neighbours' positions, ties by id; boxes keep their distance.

References:
    Sugiyama, Tagawa & Toda 1981, layered drawing; barycentre ordering and separation as there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rca.figures.lettering import wrap

__all__ = ["BOX_GAP", "BOX_WIDTH", "Band", "Box", "Layout", "lay_out"]

BOX_WIDTH = 168.0
BOX_GAP = 34.0
_LINE = 14.0
_SIZE = 11.5
_PAD = 9.0
_SWEEPS = 12


@dataclass(slots=True)
class Box:
    """One factor: its text in lines, and where it stands. `row` counts all rows from the top."""

    id: str
    lines: list[str]
    band: str
    row: int = 0
    x: float = 0.0
    y: float = 0.0
    width: float = BOX_WIDTH
    height: float = 0.0

    @property
    def left(self) -> float:
        """The x of the left edge."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Band:
    """A level: its key, its name, and the rows that it holds (none when nothing is recorded there)."""

    key: str
    name: str
    rows: tuple[int, ...]


@dataclass(slots=True)
class Layout:
    """All boxes by id, the rows from top to bottom, and the bands."""

    boxes: dict[str, Box]
    rows: list[list[Box]]
    bands: list[Band]
    width: float
    loops: set[tuple[str, str]] = field(default_factory=set)


def lay_out(
    texts: Mapping[str, str],
    band_of: Mapping[str, str],
    bands: Sequence[tuple[str, str]],
    links: Sequence[tuple[str, str]],
    *,
    width: float,
) -> Layout:
    """Rows and columns for boxes with `texts`, in `bands` (key, name) from top to bottom, linked cause to effect."""
    boxes = {
        node: Box(node, wrap(texts[node], BOX_WIDTH - 2 * _PAD, _SIZE), band_of[node])
        for node in sorted(texts)
    }
    for box in boxes.values():
        box.height = max(2, len(box.lines)) * _LINE + 2 * _PAD + 8
    capacity = max(1, int((width + BOX_GAP) // (BOX_WIDTH + BOX_GAP)))
    loops = _loops(sorted(texts), links)
    rows: list[list[Box]] = []
    placed: list[Band] = []
    for key, name in bands:
        members = [node for node in sorted(texts) if band_of[node] == key]
        depth = _depths(members, [link for link in links if link not in loops])
        mine: list[int] = []
        for level in sorted(set(depth.values())):
            here = [boxes[node] for node in members if depth[node] == level]
            for start in range(0, len(here), capacity):
                mine.append(len(rows))
                rows.append(here[start : start + capacity])
        placed.append(Band(key, name, tuple(mine)))
    for number, row in enumerate(rows):
        for box in row:
            box.row = number
    _arrange(rows, boxes, links, width)
    return Layout(boxes, rows, placed, width, loops)


def _loops(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """The links that close a circle when one walks the graph in the order of ids: drawn, but not layered by."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for cause, effect in sorted(set(links)):
        after[cause].append(effect)
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()
    for root in nodes:
        if root in state:
            continue
        stack: list[tuple[str, int]] = [(root, 0)]
        state[root] = 1
        while stack:
            node, at = stack[-1]
            if at < len(after[node]):
                stack[-1] = (node, at + 1)
                child = after[node][at]
                if state.get(child) == 1:
                    back.add((node, child))
                elif child not in state:
                    state[child] = 1
                    stack.append((child, 0))
            else:
                state[node] = 2
                stack.pop()
    return back


def _depths(members: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """How deep each member stands below the causes of its own band."""
    inside = set(members)
    before: dict[str, list[str]] = {node: [] for node in members}
    for cause, effect in links:
        if cause in inside and effect in inside and cause != effect:
            before[effect].append(cause)
    depth: dict[str, int] = {}
    for _ in range(len(members) + 1):
        changed = False
        for node in members:
            new = max((depth.get(c, 0) + 1 for c in before[node]), default=0)
            if depth.get(node) != new:
                depth[node], changed = new, True
        if not changed:
            break
    return depth


def _arrange(
    rows: list[list[Box]], boxes: Mapping[str, Box], links: Sequence[tuple[str, str]], width: float
) -> None:
    """Order each row by the mean place of its neighbours, sweeping down and up, then settle the distances."""
    near: dict[str, list[str]] = {node: [] for node in boxes}
    for cause, effect in sorted(set(links)):
        if boxes[cause].row != boxes[effect].row:
            near[cause].append(effect)
            near[effect].append(cause)
    for row in rows:
        row.sort(key=lambda box: box.id)
        step = width / len(row)
        for index, box in enumerate(row):
            box.x = step * (index + 0.5)
    for sweep in range(_SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for number in order:
            row = rows[number]
            wish = {box.id: _mean([boxes[n].x for n in near[box.id]], box.x) for box in row}
            row.sort(key=lambda box: (round(wish[box.id], 3), box.id))
            _separate(row, [wish[box.id] for box in row], width)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _separate(row: Sequence[Box], wishes: Sequence[float], width: float) -> None:
    """Place boxes as near to their wishes as their distance allows (pool adjacent violators), inside the width."""
    step = BOX_WIDTH + BOX_GAP
    blocks: list[list[float]] = []
    for index, wish in enumerate(wishes):
        blocks.append([wish - index * step, 1.0])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            value, weight = blocks.pop()
            blocks[-1][0] = (blocks[-1][0] * blocks[-1][1] + value * weight) / (blocks[-1][1] + weight)
            blocks[-1][1] += weight
    low, high = BOX_WIDTH / 2, width - BOX_WIDTH / 2 - (len(row) - 1) * step
    index = 0
    for value, weight in blocks:
        base = min(max(value, low), max(low, high))
        for _ in range(int(weight)):
            row[index].x = base + index * step
            index += 1
