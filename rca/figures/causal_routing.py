"""Routing of the causal graph: arrows run in channels between rows and through gaps between boxes, never behind one.

The decision hidden here: the way of an arrow. It leaves its box, runs along a track of the channel next to it, passes
each row in between through a free gap, and enters its effect from the near side. Arrows to the same effect with the same
standing share tracks and gaps, so that a fan-in becomes one trunk with a count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rca.figures.causal_layout import Box, Layout

__all__ = ["Link", "Routed", "route"]

_TRACK = 7.0
_LANE = 6.0
_CHANNEL = 30.0
_EMPTY_BAND = 30.0
_BAND_PAD = 10.0
_PORT = {"claimed": -9.0, "claimed_possible": 3.0, "inference": 15.0, "rejected": 27.0}


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow to route: its id, cause, effect and standing (basis)."""

    id: str
    cause: str
    effect: str
    basis: str


@dataclass(slots=True)
class Routed:
    """Arrows as corner points in pixels, bands as (key, name, top, bottom, is_empty), and the height of it all."""

    paths: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    bands: list[tuple[str, str, float, float, bool]] = field(default_factory=list)
    height: float = 0.0
    fans: dict[tuple[str, str, str], int] = field(default_factory=dict)


@dataclass(slots=True)
class _Way:
    """An arrow's way: the x at which it passes each row, and the channels that it turns in."""

    link: Link
    group: tuple[str, str, str]
    down: bool
    start: float
    end: float
    passes: list[tuple[int, float]]
    turns: list[tuple[int, float, float]]


def route(layout: Layout, links: Sequence[Link]) -> Routed:
    """Lay tracks for all arrows, give rows and bands their height, and set the boxes' y."""
    boxes = layout.boxes
    lanes: dict[tuple[int, tuple[str, str, str]], float] = {}
    ways = [_way(layout, link, lanes) for link in _sorted(layout, links)]
    _spread_exits(ways, boxes)
    for way in ways:
        way.turns = _turns(way, boxes)
    tracks = _assign_tracks(ways)
    routed = Routed()
    tops = _stack(layout, routed, tracks)
    for way in ways:
        routed.paths[way.link.id] = _points(way, boxes, tops, tracks)
        routed.fans[way.group] = routed.fans.get(way.group, 0) + 1
    return routed


def _sorted(layout: Layout, links: Sequence[Link]) -> list[Link]:
    return sorted(
        links,
        key=lambda k: (k.effect, k.basis, abs(layout.boxes[k.cause].row - layout.boxes[k.effect].row), k.id),
    )


def _way(layout: Layout, link: Link, lanes: dict[tuple[int, tuple[str, str, str]], float]) -> _Way:
    cause, effect = layout.boxes[link.cause], layout.boxes[link.effect]
    down = effect.row > cause.row
    side = "above" if down or effect.row == cause.row else "below"
    group = (link.effect, link.basis, side)
    target = effect.x + max(-effect.width / 2 + 10, min(effect.width / 2 - 10, _PORT.get(link.basis, 0.0)))
    between = range(cause.row + 1, effect.row) if down else range(cause.row - 1, effect.row, -1)
    passes: list[tuple[int, float]] = []
    at = cause.x
    for row in between:
        key = (row, group)
        if key not in lanes:
            taken = [x for (r, _), x in lanes.items() if r == row]
            lanes[key] = _gap(layout.rows[row], layout.width, target, at, taken)
        at = lanes[key]
        passes.append((row, at))
    return _Way(link, group, down, cause.x, target, passes, [])


def _gap(row: Sequence[Box], width: float, target: float, at: float, taken: Sequence[float]) -> float:
    """A free x in a row: the target's own if it is free, else the nearest to the way there."""
    edges = [-24.0]
    for box in sorted(row, key=lambda b: b.left):
        edges += [box.left, box.right]
    edges.append(width + 24.0)
    free = [(edges[i] + 6, edges[i + 1] - 6) for i in range(0, len(edges), 2) if edges[i + 1] - edges[i] > 14]
    best: tuple[float, float] | None = None
    for low, high in free:
        for wish in (target, at):
            x = min(max(wish, low), high)
            for shift in (0.0, *(s * k * _LANE for k in range(1, 6) for s in (1, -1))):
                moved = x + shift
                if low <= moved <= high and all(abs(moved - t) >= _LANE - 0.5 for t in taken):
                    x = moved
                    break
            cost = abs(x - target) + 0.6 * abs(x - at)
            if best is None or (cost, x) < best:
                best = (cost, x)
    return best[1] if best else target


def _spread_exits(ways: Sequence[_Way], boxes: dict[str, Box]) -> None:
    """Arrows of one side of a box leave at different points, in the order of where they go."""
    sides: dict[tuple[str, bool], list[_Way]] = {}
    for way in ways:
        sides.setdefault((way.link.cause, way.down), []).append(way)
    for (cause, _), group in sorted(sides.items()):
        box = boxes[cause]
        group.sort(key=lambda w: (w.passes[0][1] if w.passes else w.end, w.link.id))
        room = box.width - 40
        for index, way in enumerate(group):
            way.start = box.x + (index - (len(group) - 1) / 2) * min(14.0, room / max(1, len(group)))


def _turns(way: _Way, boxes: dict[str, Box]) -> list[tuple[int, float, float]]:
    """Where the way runs sideways: (channel, from x, to x). Channel n lies above row n."""
    row = boxes[way.link.cause].row
    points = [*way.passes, (boxes[way.link.effect].row, way.end)]
    turns = []
    at = way.start
    for target_row, x in points:
        if way.down:
            channel = target_row
        elif target_row == row:
            channel = row
        else:
            channel = target_row + 1
        turns.append((channel, at, x))
        at = x
    return turns


def _assign_tracks(ways: Sequence[_Way]) -> dict[tuple[int, tuple[str, str, str], int], tuple[int, int]]:
    """For each channel and group (and turn): its track and how many tracks the channel has."""
    spans: dict[int, dict[tuple[tuple[str, str, str], int], tuple[float, float]]] = {}
    for way in ways:
        for channel, low, high in way.turns:
            if abs(low - high) < 0.5:
                continue
            key = (way.group, 0)
            known = spans.setdefault(channel, {}).get(key, (low, low))
            spans[channel][key] = (min(known[0], low, high), max(known[1], low, high))
    out: dict[tuple[int, tuple[str, str, str], int], tuple[int, int]] = {}
    for channel, groups in spans.items():
        ends: list[float] = []
        chosen: dict[tuple[tuple[str, str, str], int], int] = {}
        for key, (low, high) in sorted(groups.items(), key=lambda g: (g[1][0], -g[1][1], g[0])):
            track = next((t for t, end in enumerate(ends) if end + 12 <= low), len(ends))
            if track == len(ends):
                ends.append(high)
            else:
                ends[track] = high
            chosen[key] = track
        for (group, turn), track in chosen.items():
            out[channel, group, turn] = (track, len(ends))
    return out


def _stack(
    layout: Layout, routed: Routed, tracks: dict[tuple[int, tuple[str, str, str], int], tuple[int, int]]
) -> dict[int, float]:
    """Give every channel and row its height; where the tracks of each channel begin."""
    count = {channel: number for (channel, _, _), (_, number) in tracks.items()}
    tops: dict[int, float] = {}
    y = 0.0
    for band in layout.bands:
        top = y
        if not band.rows:
            y += _EMPTY_BAND
            routed.bands.append((band.key, band.name, top, y, True))
            continue
        for number in band.rows:
            tops[number] = y + 12
            y += _CHANNEL + count.get(number, 0) * _TRACK
            height = max(box.height for box in layout.rows[number])
            for box in layout.rows[number]:
                box.y = y
            y += height
        y += _BAND_PAD
        routed.bands.append((band.key, band.name, top, y, False))
    last = len(layout.rows)
    if count.get(last):
        tops[last] = y
        y += count[last] * _TRACK + 12
    routed.height = y
    return tops


def _points(
    way: _Way,
    boxes: dict[str, Box],
    tops: dict[int, float],
    tracks: dict[tuple[int, tuple[str, str, str], int], tuple[int, int]],
) -> list[tuple[float, float]]:
    cause, effect = boxes[way.link.cause], boxes[way.link.effect]
    leaves_below = way.down
    points = [(way.start, cause.bottom if leaves_below else cause.y)]
    for channel, low, high in way.turns:
        if abs(low - high) < 0.5:
            continue
        track, _ = tracks[channel, way.group, 0]
        y = tops[channel] + track * _TRACK
        points += [(low, y), (high, y)]
    enters_above = way.group[2] == "above"
    points.append((way.end, effect.y if enters_above else effect.bottom))
    return points
