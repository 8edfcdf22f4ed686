"""The timeline figure: lanes of events on local time, uncertain ones as bars as long as the source allows.

The decision hidden here: what is drawn where. Events known to about a day stand in their lanes, packed so that labels
keep apart in the opening window; where that would take too many rows, marks keep apart and labels stand where there is
room, and where even marks would, each kind has its row. Events known to the month stand in a lane of their own, those known
to the quarter or year in a strip with the axis of the whole span. What is not drawn is counted in the subtitle. Each mark
carries the citation of its event (`customdata`) and its id (`ids`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rca.figures.family_legend import LINE, family_lines, legend_notes
from rca.figures.lettering import FONT, escape_markup, text_width, truncate, wrap
from rca.figures.packing import Box, pack
from rca.figures.palette import FOCUS, GRID, INK, MUTED, PAPER, STRIPE, Look, looks_of, readable, tint
from rca.figures.timeline_items import (
    DAY_MS,
    EPOCH,
    MONTHLY,
    YEARLY,
    Item,
    focus_lines,
    iso,
    items_of,
    opening_view,
)
from rca.texts import say

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

__all__ = ["timeline_figure"]

_ROW = 19
_SIZE = 11.5
_MOST_LANES = 14
_DENSE = 1_500
_MOST_ROWS = 16
_UNSEEN_ROWS = 3
_MARGIN_LEFT = 172
_MARGIN_RIGHT = 28
_LABEL_MOST = 330.0


def timeline_figure(
    frame: pd.DataFrame,
    *,
    title: str = "",
    zone: str = "UTC",
    lanes: str = "source_kind",
    colour: str = "kind",
    language: str = "en",
    focus: Sequence[tuple[str, str]] = (),
    window: tuple[int, int] | None = None,
    width: int = 1400,
) -> go.Figure:
    """A plotly figure of the events of `frame`, opening on `window`, with the whole span above it.

    Args:
        frame: events as `rca.events.conform` gives them, times in UTC.
        title: what one sees; the subtitle counts what is shown and what is not.
        zone: IANA zone of the wall clock on the axis.
        lanes: a column of the event, or a key of its `attributes`, whose values make the lanes.
        colour: the same, for colours and glyphs.
        language: `en` or `sv`.
        focus: citations, event ids or ISO local times with a label each, drawn as lines through all lanes.
        window: first and last instant (UTC nanoseconds) of the opening view; else the days around the focus, else
            the stretch in which most events lie.
        width: of the figure in pixels.

    Raises:
        UsageError: `lanes` or `colour` names neither a column nor an attribute.
    """
    items, undated = items_of(frame, zone, lanes, colour, language)
    lines = focus_lines(focus, items, frame, zone)
    looks = looks_of(item.key for item in items)
    if not items:
        return _empty(title, undated, language, width)
    view = opening_view(items, lines, window, zone)
    return _Drawing(items, lines, looks, view, undated, title, zone, language, width).figure()


# -- drawing ----------------------------------------------------------------------------------------------


class _Drawing:
    """One figure on its way: where lanes lie, then bars, marks, labels, overview and strip."""

    def __init__(
        self,
        items: list[Item],
        lines: list[tuple[float, str]],
        looks: dict[str, Look],
        view: tuple[float, float],
        undated: int,
        title: str,
        zone: str,
        language: str,
        width: int,
    ) -> None:
        self.items, self.lines, self.looks, self.view = items, lines, looks, view
        self.undated, self.title, self.zone, self.language, self.width = undated, title, zone, language, width
        self.left = _MARGIN_LEFT if width >= 700 else 96
        self.plot_width = max(200, width - self.left - _MARGIN_RIGHT)
        self.per_ms = self.plot_width / (view[1] - view[0])
        self.yearly = [i for i in items if i.precision in YEARLY]
        self.monthly = [i for i in items if i.precision in MONTHLY]
        self.fine = [i for i in items if i.precision not in (*YEARLY, *MONTHLY)]
        inside = sum(i.high > view[0] and i.low < view[1] for i in self.fine)
        self.is_dense = inside > _DENSE
        self.traces: list[Any] = []
        self.shapes: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.crowded: set[int] = set()
        self.is_by_family = sum(bool(look.family) for look in looks.values()) > 1
        self.span = self._span()

    def _span(self) -> tuple[float, float]:
        low, high = min(i.low for i in self.items), max(i.high for i in self.items)
        low, high = min(low, self.view[0]), max(high, self.view[1])
        pad = max((high - low) * 0.01, 1000.0)
        return low - pad, high + pad

    def say(self, key: str, **values: object) -> str:
        return say(f"timeline.{key}", self.language, **values)

    def figure(self) -> go.Figure:
        import plotly.graph_objects as go

        lanes = self._lanes()
        names = [name for name, _ in lanes]
        rows = [self._place(members) for _, members in lanes]
        strip_rows = self._place_strip()
        head = 60 + 16 * self._subtitle().count("<br>") + 16
        overview, gap = 58, 64 + 14 * max(0, len(self.lines) - 2) + self._tick_lift()
        lane_heights = [n * _ROW + 12 for n in rows]
        body = sum(lane_heights)
        strip = strip_rows * _ROW + 30 if strip_rows else 0
        legend = 34 + 22 * math.ceil(len(self.looks) * 190 / max(self.plot_width, 1))
        if self.is_by_family:
            families = family_lines(
                Counter(i.key for i in self.items), self.looks, self.plot_width, self.language
            )
            legend = 44 + LINE * len(families)
        height = head + overview + gap + body + (strip + 34 if strip else 0) + 36 + legend
        plot = height - head - legend
        tops = self._lay_lanes(names, lane_heights, body)
        self._bars(lanes, tops)
        marks = self._labels(lanes, tops)
        marks["window"] = len(self.shapes)
        self._overview()
        if strip:
            self._strip(strip)
        domain = {
            "over": (1 - overview / plot, 1.0),
            "body": (1 - (overview + gap + body) / plot, 1 - (overview + gap) / plot),
            "strip": (36 / plot, (36 + strip) / plot) if strip else (0, 0.001),
        }
        self._focus(domain["body"])
        if self.is_by_family:
            self.notes.extend(legend_notes(families, -(self.left - 10) / self.plot_width))
        layout = self._layout(height, domain, body, strip, legend, head, marks)
        return go.Figure(data=self.traces, layout=layout)

    # -- lanes ------------------------------------------------------------------------------------------

    def _lanes(self) -> list[tuple[str, list[Item]]]:
        """The lanes in order of their size in the window, with the monthly ones last."""
        groups: dict[str, list[Item]] = {}
        for item in self.fine:
            groups.setdefault(item.lane, []).append(item)

        def weight(name: str) -> tuple[int, int, str]:
            inside = sum(i.high > self.view[0] and i.low < self.view[1] for i in groups[name])
            return (-inside, -len(groups[name]), name)

        order = sorted(groups, key=weight)
        if len(order) > _MOST_LANES:
            kept, rest = order[: _MOST_LANES - 1], order[_MOST_LANES - 1 :]
            merged = [item for name in rest for item in groups[name]]
            lanes = [(name, groups[name]) for name in kept]
            lanes.append((self.say("other", n=len(rest)), merged))
        else:
            lanes = [(name, groups[name]) for name in order]
        if self.monthly:
            lanes.append((self.say("lane_long"), self.monthly))
        return lanes or [("", [])]

    def _pixels(self, ms: float) -> float:
        return (ms - self.view[0]) * self.per_ms

    def _place(self, members: list[Item]) -> int:
        """Give each event of a lane its row; how many rows there are."""
        if self.is_dense and members and members[0] not in self.monthly:
            return 3
        is_seen = any(item.high > self.view[0] and item.low < self.view[1] for item in members)
        most = _MOST_ROWS if is_seen else _UNSEEN_ROWS
        placed = pack([self._box(item, is_labelled=True) for item in members])
        if max(placed, default=0) >= most:
            self.crowded.update(id(item) for item in members)
            placed = pack([self._box(item, is_labelled=False) for item in members])
        if max(placed, default=0) >= most:
            counts = Counter(item.key for item in members)
            order = sorted(counts, key=lambda key: (-counts[key], key))
            placed = [min(order.index(item.key), most // 2) for item in members]
        for item, row in zip(members, placed, strict=True):
            item.row = row
        return max(placed, default=0) + 1

    def _box(self, item: Item, *, is_labelled: bool) -> Box:
        """The room that an event takes in its row, with its label or without."""
        start, end = self._pixels(item.low), self._pixels(item.high)
        anchor = max(start, 0.0) if end > 0 else start
        if item.is_dot:
            anchor = self._pixels(item.at)
            start, end = anchor - 6, anchor + 6
        label = min(text_width(item.label, _SIZE, bold=item.is_dot), _LABEL_MOST) + 24
        return Box(start, max(end, anchor + label) if is_labelled else end)

    def _lay_lanes(self, names: list[str], heights: list[int], body: int) -> list[float]:
        """Draw the lanes' backgrounds and names; where each begins, in pixels from the top of the body."""
        tops, at = [], 0.0
        for index, (name, height) in enumerate(zip(names, heights, strict=True)):
            tops.append(at)
            if index % 2 == 0:
                self.shapes.append(
                    {
                        "type": "rect", "xref": "paper", "yref": "y", "x0": -self.left / self.plot_width, "x1": 1,
                        "y0": body - at, "y1": body - at - height, "fillcolor": STRIPE, "line": {"width": 0}, "layer": "below",
                    }
                )  # fmt: skip
            words = wrap(name.replace("/", " / "), self.left - 26, 12.5, lines=3, bold=True)
            self.notes.append(
                {
                    "xref": "paper", "x": -(self.left - 10) / self.plot_width, "xanchor": "left", "yref": "y",
                    "y": body - at - 4, "yanchor": "top", "align": "left", "showarrow": False,
                    "text": "<br>".join(f"<b>{escape_markup(w)}</b>" for w in words),
                    "font": {"size": 12.5, "color": INK},
                }
            )  # fmt: skip
            at += height
        return tops

    # -- events -----------------------------------------------------------------------------------------

    def _y(self, item: Item, top: float, body: float) -> float:
        return body - top - 6 - item.row * _ROW - _ROW / 2

    def _bars(self, lanes: list[tuple[str, list[Item]]], tops: list[float]) -> None:
        import plotly.graph_objects as go

        body = tops[-1] + self._height(lanes[-1][1])
        shown_in_legend: set[str] = set()
        for key, look in self.looks.items():
            bars: list[tuple[Item, float]] = []
            dots: list[tuple[Item, float]] = []
            for (_, members), top in zip(lanes, tops, strict=True):
                if self.is_dense and members and members[0] not in self.monthly:
                    continue
                for item in members:
                    if item.key == key:
                        (dots if item.is_dot else bars).append((item, self._y(item, top, body)))
            in_legend = bool(bars or dots) or any(i.key == key for i in self.items)
            if bars:
                self.traces.append(
                    go.Bar(
                        orientation="h",
                        base=[iso(i.low) for i, _ in bars],
                        x=[i.high - i.low for i, _ in bars],
                        y=[y for _, y in bars],
                        width=_ROW - 4,
                        marker={
                            "color": [tint(look.colour, _strength(i)) for i, _ in bars],
                            "line": {
                                "color": [tint(look.colour, min(1.0, _strength(i) + 0.25)) for i, _ in bars],
                                "width": 1,
                            },
                        },
                        hovertext=[i.hover for i, _ in bars],
                        hoverinfo="text",
                        customdata=[i.citation for i, _ in bars],
                        ids=[i.event for i, _ in bars],
                        showlegend=False,
                        name=look.name,
                    )
                )
            if dots:
                self.traces.append(
                    go.Scatter(
                        x=[iso(i.at) for i, _ in dots],
                        y=[y for _, y in dots],
                        mode="markers",
                        marker={
                            "symbol": look.symbol,
                            "size": [7 if id(i) in self.crowded else 10 for i, _ in dots],
                            "color": look.colour,
                            "opacity": 0.85 if any(id(i) in self.crowded for i, _ in dots) else 1,
                            "line": {
                                "color": look.colour if look.symbol.endswith("-open") else PAPER,
                                "width": 1.4
                                if look.symbol.endswith("-open")
                                else [0 if id(i) in self.crowded else 1 for i, _ in dots],
                            },
                        },
                        hovertext=[i.hover for i, _ in dots],
                        hoverinfo="text",
                        customdata=[i.citation for i, _ in dots],
                        ids=[i.event for i, _ in dots],
                        showlegend=False,
                        name=look.name,
                        cliponaxis=True,
                    )
                )
            if in_legend and key not in shown_in_legend and not self.is_by_family:
                shown_in_legend.add(key)
                self.traces.append(
                    go.Scatter(
                        x=[None], y=[None], mode="markers", name=f"{look.name}",
                        marker={"symbol": look.symbol, "size": 10, "color": look.colour},
                    )
                )  # fmt: skip
        if self.is_dense:
            self._density(lanes, tops, body)

    def _height(self, members: list[Item]) -> float:
        if self.is_dense and members and members[0] not in self.monthly:
            return 3 * _ROW + 12
        return (max((i.row for i in members), default=0) + 1) * _ROW + 12

    def _density(self, lanes: list[tuple[str, list[Item]]], tops: list[float], body: float) -> None:
        """Too many events for marks: counts per bin, a strip a lane, the height by the square root."""
        import plotly.graph_objects as go

        bins = 240
        low, high = self.view
        step = (high - low) / bins
        for (_, members), top in zip(lanes, tops, strict=True):
            if not members or members[0] in self.monthly:
                continue
            counts = Counter(int((i.at - low) // step) for i in members if low <= i.at < high)
            if not counts:
                continue
            most = max(counts.values())
            floor = body - top - 3 * _ROW - 6
            self.traces.append(
                go.Bar(
                    x=[iso(low + (b + 0.5) * step) for b in sorted(counts)],
                    y=[3 * _ROW * math.sqrt(counts[b] / most) for b in sorted(counts)],
                    base=[floor] * len(counts),
                    width=step,
                    marker={"color": tint(INK, 0.45), "line": {"width": 0}},
                    hovertext=[
                        f"{iso(low + b * step)} – {iso(low + (b + 1) * step)}<br>{self.say('count', n=counts[b])}"
                        for b in sorted(counts)
                    ],
                    hoverinfo="text",
                    showlegend=False,
                )
            )

    def _labels(self, lanes: list[tuple[str, list[Item]]], tops: list[float]) -> dict[str, Any]:
        """The labels of all events; what the page's script needs to lay them out again on zoom."""
        import plotly.graph_objects as go

        body = tops[-1] + self._height(lanes[-1][1])
        drawn: list[tuple[Item, float, int, int]] = []
        base = 0
        for index, ((_, members), top) in enumerate(zip(lanes, tops, strict=True)):
            if self.is_dense and members and members[0] not in self.monthly:
                continue
            drawn.extend((item, self._y(item, top, body), index, base + item.row) for item in members)
            base += max((i.row for i in members), default=0) + 1
        hidden = [0] * len(lanes)
        texts, anchors = [], []
        following = self._following(drawn)
        for item, _, lane, _row in drawn:
            look = self.looks[item.key]
            inside = item.high > self.view[0] and item.low < self.view[1]
            start = item.at if item.is_dot else max(item.low, self.view[0]) if inside else item.low
            room = min(self.plot_width, following.get(id(item), math.inf)) - self._pixels(start) - 24
            label = truncate(item.label, min(_LABEL_MOST, room), _SIZE, bold=item.is_dot) if inside else ""
            if inside and (not label or room < 30):
                hidden[lane] += 1
                label = ""
            words = escape_markup(label)
            bold = f"<b>{words}</b>" if item.is_dot else words
            glyph = "\u2002" if item.is_dot else f'<span style="color:{look.colour}">{look.glyph}</span>'
            texts.append(f"{glyph} {bold}" if label else "")
            anchors.append(iso(start))
        first_note = len(self.notes)
        for (_, members), top, count in zip(lanes, tops, hidden, strict=True):
            self.notes.append(
                {
                    "xref": "paper", "x": 1, "xanchor": "right", "yref": "y", "showarrow": False,
                    "y": body - top - self._height(members) + 2, "yanchor": "bottom",
                    "text": self.say("hidden", n=count) if count else "", "font": {"size": 11, "color": MUTED},
                    "bgcolor": "rgba(255,255,255,0.7)",
                }
            )  # fmt: skip
        self.traces.append(
            go.Scatter(
                x=anchors,
                y=[y for _, y, _, _ in drawn],
                text=texts,
                mode="text",
                textposition="middle right",
                textfont={
                    "size": _SIZE,
                    "color": INK,
                    "family": FONT,
                    "shadow": f"0 0 2px {PAPER}, 0 0 2px {PAPER}, 0 0 3px {PAPER}",
                },
                hoverinfo="skip",
                showlegend=False,
                cliponaxis=True,
            )
        )
        return {
            "trace": len(self.traces) - 1,
            "window": 0,
            "size": _SIZE,
            "overhang": 0,
            "more": self.say("hidden", n="{n}"),
            "lanes": [first_note + i for i in range(len(lanes))],
            "items": [
                {
                    "start": iso(item.at if item.is_dot else item.low),
                    "end": iso(item.at if item.is_dot else item.high),
                    "text": truncate(item.label, _LABEL_MOST, _SIZE, bold=item.is_dot),
                    "row": row,
                    "lane": lane,
                    "dot": item.is_dot,
                    "glyph": "\u2002" if item.is_dot else self.looks[item.key].glyph,
                    "colour": self.looks[item.key].colour,
                }
                for item, _, lane, row in drawn
            ],
        }

    def _following(self, drawn: list[tuple[Item, float, int, int]]) -> dict[int, float]:
        """Where the next event of its row begins, in pixels, for the events of crowded lanes."""
        rows: dict[int, list[Item]] = {}
        for item, _, _, row in drawn:
            if id(item) in self.crowded:
                rows.setdefault(row, []).append(item)
        found: dict[int, float] = {}
        for members in rows.values():
            ordered = sorted(members, key=lambda i: (i.at if i.is_dot else i.low, i.citation, i.event))
            for item, after in pairwise(ordered):
                found[id(item)] = self._pixels(after.at) - 6 if after.is_dot else self._pixels(after.low)
        return found

    # -- overview and strip -----------------------------------------------------------------------------

    def _overview(self) -> None:
        import plotly.graph_objects as go

        unit, starts = _periods(*self.span)
        counts: dict[str, Counter[int]] = {}
        for item in self.items:
            at = min(max(item.at, starts[0]), starts[-1] - 1)
            index = _bisect(starts, at)
            counts.setdefault(item.key, Counter())[index] += 1
        totals: Counter[int] = Counter()
        for one in counts.values():
            totals.update(one)
        for key, look in self.looks.items():
            if key not in counts:
                continue
            where = sorted(counts[key])
            self.traces.append(
                go.Bar(
                    x=[iso((starts[b] + starts[b + 1]) / 2) for b in where],
                    y=[counts[key][b] / math.sqrt(totals[b]) for b in where],
                    width=[(starts[b + 1] - starts[b]) * 0.9 for b in where],
                    marker={"color": look.colour, "line": {"width": 0}},
                    xaxis="x2",
                    yaxis="y2",
                    hovertext=[
                        f"{iso(starts[b])[:10]}: {self.say('count', n=counts[key][b])}, {look.name}"
                        for b in where
                    ],
                    hoverinfo="text",
                    showlegend=False,
                )
            )
        self.shapes.append(
            {
                "type": "rect", "xref": "x2", "yref": "y2 domain", "x0": iso(self.view[0]), "x1": iso(self.view[1]),
                "y0": 0, "y1": 1, "fillcolor": FOCUS, "opacity": 0.18, "layer": "below", "line": {"color": FOCUS, "width": 1.5},
            }
        )  # fmt: skip
        words = wrap(
            self.say("overview", n=len(self.items), unit=self.say(unit)), self.left - 24, 11, lines=4
        )
        self.notes.append(
            {
                "xref": "paper", "x": -(self.left - 10) / self.plot_width, "xanchor": "left", "yref": "y2 domain", "y": 1,
                "yanchor": "top", "align": "left", "showarrow": False, "text": "<br>".join(words),
                "font": {"size": 11, "color": MUTED},
            }
        )  # fmt: skip

    def _place_strip(self) -> int:
        per_ms = self.plot_width / (self.span[1] - self.span[0])
        boxes = []
        for item in self.yearly:
            start, end = (item.low - self.span[0]) * per_ms, (item.high - self.span[0]) * per_ms
            label = min(text_width(item.label, _SIZE), 250) + 20
            start = min(start, self.plot_width - label - 4)
            boxes.append(Box(start, max(end, start + label)))
        rows = pack(boxes)
        for item, row in zip(self.yearly, rows, strict=True):
            item.row = row
        return max(rows, default=-1) + 1

    def _strip(self, height: int) -> None:
        """Events known to the quarter or year, on the axis of the whole span."""
        import plotly.graph_objects as go

        per_ms = self.plot_width / (self.span[1] - self.span[0])
        for key, look in self.looks.items():
            members = [i for i in self.yearly if i.key == key]
            if not members:
                continue
            self.traces.append(
                go.Bar(
                    orientation="h",
                    base=[iso(i.low) for i in members],
                    x=[i.high - i.low for i in members],
                    y=[height - 26 - i.row * _ROW for i in members],
                    width=_ROW - 5,
                    marker={
                        "color": [tint(look.colour, 0.2 * i.grade) for i in members],
                        "line": {"color": tint(look.colour, 0.4), "width": 1},
                    },
                    xaxis="x3",
                    yaxis="y3",
                    hovertext=[i.hover for i in members],
                    hoverinfo="text",
                    showlegend=False,
                )
            )
        texts, xs, ys = [], [], []
        for item in self.yearly:
            start = (item.low - self.span[0]) * per_ms
            label = truncate(item.label, 250, _SIZE)
            start = min(start, self.plot_width - text_width(label, _SIZE) - 22)
            look = self.looks[item.key]
            texts.append(f'<span style="color:{look.colour}">{look.glyph}</span> {escape_markup(label)}')
            xs.append(iso(self.span[0] + max(start, 0) / per_ms))
            ys.append(height - 26 - item.row * _ROW)
        self.traces.append(
            go.Scatter(
                x=xs, y=ys, text=texts, mode="text", textposition="middle right", xaxis="x3", yaxis="y3",
                textfont={"size": _SIZE, "color": INK, "family": FONT}, hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip
        words = wrap(self.say("strip"), self.left - 26, 12.5, lines=3, bold=True)
        self.notes.append(
            {
                "xref": "paper", "x": -(self.left - 10) / self.plot_width, "xanchor": "left", "yref": "y3 domain", "y": 1,
                "yanchor": "top", "align": "left", "showarrow": False, "text": "<br>".join(f"<b>{w}</b>" for w in words),
                "font": {"size": 12.5, "color": INK},
            }
        )  # fmt: skip

    # -- frame ------------------------------------------------------------------------------------------

    def _focus(self, domain: tuple[float, float]) -> None:
        taken: list[Box] = []
        for at, label in sorted(self.lines):
            self.shapes.append(
                {
                    "type": "line", "xref": "x", "yref": "paper", "x0": iso(at), "x1": iso(at), "y0": domain[0],
                    "y1": domain[1], "line": {"color": FOCUS, "width": 1.6}, "layer": "below",
                }
            )  # fmt: skip
            start = self._pixels(at)
            box = Box(start, start + text_width(label, 12, bold=True))
            lift = sum(b.end > box.start for b in taken)
            taken.append(box)
            self.notes.append(
                {
                    "xref": "x", "x": iso(at), "xanchor": "left", "yref": "paper", "y": domain[1], "yanchor": "bottom",
                    "yshift": 18 + 14 * lift + self._tick_lift(), "showarrow": False, "text": f"<b>{escape_markup(label)}</b>",
                    "font": {"size": 12, "color": FOCUS},
                }
            )  # fmt: skip

    def _tick_lift(self) -> int:
        """How much higher focus labels stand where ticks are times of day with their day below, in two lines."""
        return 18 if self.lines and self.view[1] - self.view[0] < 1.5 * DAY_MS else 0

    def _subtitle(self) -> str:
        inside = sum(i.high > self.view[0] and i.low < self.view[1] for i in (*self.fine, *self.monthly))
        total = len(self.items) + self.undated
        outside = len(self.fine) + len(self.monthly) - inside
        parts = [self.say("shown", shown=inside, total=total, outside=outside)]
        if self.yearly:
            parts.append(self.say("long", n=len(self.yearly)))
        if self.undated:
            parts.append(self.say("undated", n=self.undated))
        if self.is_dense:
            parts.append(self.say("dense", n=inside, unit=_unit_words((self.view[1] - self.view[0]) / 240)))
        lines = wrap("; ".join(parts) + ".", self.width - 60, 12) + wrap(
            self.say("how") + ".", self.width - 60, 12
        )
        return "<br>".join(escape_markup(line) for line in lines)

    def _layout(
        self, height: float, domain: dict[str, tuple[float, float]], body: float, strip: float, legend: int, head: int,
        marks: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        axis = {
            "type": "date",
            "showgrid": True,
            "gridcolor": GRID,
            "zeroline": False,
            "linecolor": GRID,
            "tickfont": {"size": 11, "color": MUTED},
        }
        hidden = {"showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True}
        ordered = sorted(self.items, key=lambda i: (i.at, i.citation))[:2_000]
        table = {
            "head": [self.say(f"head_{n}") for n in ("time", "kind", "actor", "message", "citation")],
            "rows": [
                [i.in_words, readable(i.key), i.actor, truncate(i.label, 900), i.citation] for i in ordered
            ],
        }
        layout = {
            "title": {
                "text": f"<b>{escape_markup(truncate(self.title, self.width - 40, 19, bold=True))}</b>" if self.title else "",
                "x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top",
                "pad": {"l": 12, "t": 12}, "font": {"size": 19, "color": INK, "family": FONT},
                "subtitle": {"text": self._subtitle(), "font": {"size": 12, "color": MUTED}},
            },
            "width": self.width, "height": height, "margin": {"l": self.left, "r": _MARGIN_RIGHT, "t": head, "b": legend},
            "paper_bgcolor": PAPER, "plot_bgcolor": "rgba(0,0,0,0)", "font": {"family": FONT, "size": 12, "color": INK},
            "barmode": "overlay", "bargap": 0, "hovermode": "closest", "dragmode": "pan",
            "hoverlabel": {"align": "left", "bgcolor": PAPER, "bordercolor": MUTED, "font": {"size": 12, "color": INK, "family": FONT}},
            "legend": {"orientation": "h", "x": 0, "y": 0, "yref": "paper", "yanchor": "top", "xanchor": "left", "font": {"size": 11.5}, "itemclick": False, "itemdoubleclick": False},
            "xaxis": {**axis, "side": "top", "anchor": "y", "range": [iso(self.view[0]), iso(self.view[1])], **self._ticks()},
            "yaxis": {**hidden, "domain": list(domain["body"]), "range": [0, body]},
            "xaxis2": {**axis, "anchor": "y2", "range": [iso(self.span[0]), iso(self.span[1])], "fixedrange": True, "showgrid": False},
            "yaxis2": {**hidden, "domain": list(domain["over"]), "rangemode": "tozero"},
            "shapes": self.shapes, "annotations": self.notes,
            "meta": {
                "labels": marks,
                "table": table,
                "citations": [i.citation for i in ordered],
                "events": [i.event for i in ordered],
            },
        }  # fmt: skip
        if strip:
            layout["xaxis3"] = {
                **axis,
                "anchor": "y3",
                "matches": "x2",
                "range": [iso(self.span[0]), iso(self.span[1])],
                "fixedrange": True,
            }
            layout["yaxis3"] = {**hidden, "domain": list(domain["strip"]), "range": [0, strip]}
        self.notes.append(
            {
                "xref": "paper", "x": 1, "xanchor": "right", "yref": "paper", "y": domain["body"][0], "yanchor": "top",
                "showarrow": False, "text": escape_markup(self.say("axis", zone=self.zone)), "font": {"size": 11, "color": MUTED},
            }
        )  # fmt: skip
        return layout

    def _ticks(self) -> dict[str, Any]:
        days = (self.view[1] - self.view[0]) / DAY_MS
        if 1.5 <= days <= 16:
            return {
                "tick0": iso(self.view[0] // DAY_MS * DAY_MS), "dtick": DAY_MS, "ticklabelposition": "outside right",
                "tickformatstops": [
                    {"dtickrange": [None, DAY_MS - 1], "value": "%H:%M\n%a %e %b"},
                    {"dtickrange": [DAY_MS, None], "value": "%a %e %b"},
                ],
            }  # fmt: skip
        return {}


def _strength(item: Item) -> float:
    """How strong the ink is: the longer the interval, the paler; the weaker the source, the paler."""
    hours = max((item.high - item.low) / 3_600_000, 0.02)
    by_length = (
        0.62
        if hours <= 3
        else 0.5
        if hours <= 8
        else 0.34
        if hours <= 25.5
        else 0.24
        if hours <= 24 * 8
        else 0.15
    )
    return by_length * item.grade


def _periods(low: float, high: float) -> tuple[str, list[float]]:
    """The unit of the overview's bars and their bounds: hours, days, months or years, at most some 150."""
    days = (high - low) / DAY_MS
    start = EPOCH + dt.timedelta(milliseconds=low)
    bounds: list[float] = []
    if days <= 6:
        first = low // 3_600_000 * 3_600_000
        bounds = [first + n * 3_600_000 for n in range(int(days * 24) + 3)]
        return "hour", bounds
    if days <= 150:
        first = low // DAY_MS * DAY_MS
        return "day", [first + n * DAY_MS for n in range(int(days) + 3)]
    unit, months = ("month", 1) if days <= 365 * 14 else ("year", 12)
    year, month = start.year, start.month if unit == "month" else 1
    while not bounds or bounds[-1] <= high:
        index = year * 12 + month - 1 + len(bounds) * months
        bound = dt.datetime(min(index // 12, 9999), index % 12 + 1, 1)  # noqa: DTZ001
        bounds.append((bound - EPOCH).total_seconds() * 1000)
    return unit, bounds


def _bisect(starts: Sequence[float], at: float) -> int:
    from bisect import bisect_right

    return max(0, min(bisect_right(starts, at) - 1, len(starts) - 2))


def _unit_words(ms: float) -> str:
    for name, size in (("d", DAY_MS), ("h", 3_600_000.0), ("min", 60_000.0), ("s", 1000.0)):
        if ms >= size:
            return f"{ms / size:.3g} {name}"
    return f"{ms:.3g} ms"


def _empty(title: str, undated: int, language: str, width: int) -> go.Figure:
    import plotly.graph_objects as go

    words = say("timeline.empty", language)
    if undated:
        words += f" ({say('timeline.undated', language, n=undated)})"
    return go.Figure(
        layout={
            "title": {"text": f"<b>{escape_markup(title)}</b>", "x": 0, "xref": "container", "pad": {"l": 12}},
            "width": width, "height": 220, "paper_bgcolor": PAPER, "plot_bgcolor": PAPER,
            "xaxis": {"visible": False}, "yaxis": {"visible": False}, "font": {"family": FONT, "color": INK},
            "annotations": [{"text": words, "showarrow": False, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}],
            "meta": {"table": {"head": [], "rows": []}},
        }
    )  # fmt: skip
