"""The causal graph as a figure: bands of levels, boxes that cite, arrows that say who claims them.

The decision hidden here: how standing looks. Solid where a source claims the link, dashed where the analysts infer it,
dash-dot where it is claimed as possible, orange dots with a cross where it was considered and rejected; context stands
apart in grey. A level at which nothing is recorded is drawn empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rca.figures.causal_layout import Box, Layout, lay_out
from rca.figures.causal_routing import Link, Routed, route
from rca.figures.lettering import FONT, escape_markup, truncate, wrap
from rca.figures.palette import FOCUS, INK, MUTED, PAPER, STRIPE
from rca.texts import say

if TYPE_CHECKING:
    import networkx as nx
    import plotly.graph_objects as go

__all__ = ["causal_figure"]

_MOST = 160
_LEFT = 158
_COLOURS = {"1": "#6A5ACD", "2": "#6A5ACD", "3": "#A6903B", "4": "#0072B2", "5": "#009E73", "6": "#333333"}
_OUTCOME, _CONTEXT, _UNPLACED = "outcome", "context", "unplaced"
_STYLE = {
    "claimed": ("solid", INK, 1.6),
    "claimed_possible": ("dashdot", INK, 1.4),
    "inference": ("dash", "#66707c", 1.2),
    "rejected": ("dot", "#d97706", 1.6),
}


def causal_figure(
    graph: nx.MultiDiGraph[str],
    *,
    title: str = "",
    language: str = "en",
    width: int = 1500,
    focus: str | None = None,
    depth: int = 2,
) -> go.Figure:
    """A plotly figure of the factors of `graph` and the mechanisms between them.

    Args:
        graph: as `CausalGraph.nx` hands it out.
        title: what one sees.
        language: `en` or `sv`.
        width: of the figure in pixels.
        focus: a factor; only what lies within `depth` steps of it is drawn. Graphs of more than 160 factors are drawn
            around their focal factors in any case, and the title says how many are not shown.
        depth: how many steps around the focus.
    """
    return _Drawing(graph, title, language, width, focus, depth).figure()


class _Drawing:
    """One figure on its way."""

    def __init__(
        self,
        graph: Any,
        title: str,
        language: str,
        width: int,
        focus: str | None,
        depth: int,
    ) -> None:
        self.graph, self.title, self.language, self.width = graph, title, language, width
        self.factors: dict[str, dict[str, Any]] = {
            n: d for n, d in sorted(graph.nodes(data=True)) if d.get("kind") == "factor"
        }
        self.mechanisms = self._mechanisms()
        self.total = len(self.factors)
        self.around = ""
        self._select(focus, depth)
        self.shapes: list[dict[str, Any]] = []
        self.owners: list[list[str]] = []
        self.opacities: list[float] = []
        self.notes: list[dict[str, Any]] = []
        self.note_owners: list[str | None] = []

    def say(self, key: str, **values: object) -> str:
        return say(f"causal.{key}", self.language, **values)

    def _mechanisms(self) -> dict[str, tuple[dict[str, Any], list[str], str]]:
        """Mechanisms with their causes and their effect, those only whose ends are factors here."""
        found = {}
        for node, data in sorted(self.graph.nodes(data=True)):
            if data.get("kind") != "mechanism":
                continue
            causes = sorted(
                s for s, _, k in self.graph.in_edges(node, data="kind") if k == "input" and s in self.factors
            )
            effects = sorted(
                t
                for _, t, k in self.graph.out_edges(node, data="kind")
                if k == "yields" and t in self.factors
            )
            if causes and effects:
                found[node] = (data, causes, effects[0])
        return found

    def _select(self, focus: str | None, depth: int) -> None:
        if focus is None and len(self.factors) <= _MOST:
            return
        roots = (
            [focus]
            if focus
            else [n for n, d in self.factors.items() if d.get("focal")] or sorted(self.factors)[:1]
        )
        near: dict[str, set[str]] = {n: set() for n in self.factors}
        for _, causes, effect in self.mechanisms.values():
            for cause in causes:
                near[cause].add(effect)
                near[effect].add(cause)
        kept, edge = set(roots), set(roots)
        for _ in range(depth if focus else 99):
            edge = {m for n in edge for m in near[n]} - kept
            if len(kept) + len(edge) > _MOST:
                kept |= set(sorted(edge)[: _MOST - len(kept)])
                break
            kept |= edge
        self.around = ", ".join(str(self.factors[r].get("source_id") or r) for r in roots[:4])
        self.factors = {n: d for n, d in self.factors.items() if n in kept}
        self.mechanisms = {
            m: (d, [c for c in causes if c in kept], effect)
            for m, (d, causes, effect) in self.mechanisms.items()
            if effect in kept and any(c in kept for c in causes)
        }

    def _band(self, data: dict[str, Any]) -> str:
        if data.get("status") == "context":
            return _CONTEXT
        level = data.get("level")
        if level in range(1, 7):
            return str(level)
        return _OUTCOME if data.get("focal") else _UNPLACED

    def _bands(self, present: set[str]) -> list[tuple[str, str]]:
        bands = [(str(level), self.say(f"level_{level}")) for level in range(1, 7)]
        return bands + [(key, self.say(key)) for key in (_UNPLACED, _OUTCOME, _CONTEXT) if key in present]

    # -- the figure -------------------------------------------------------------------------------------

    def figure(self) -> go.Figure:
        import plotly.graph_objects as go

        band_of = {n: self._band(d) for n, d in self.factors.items()}
        bands = self._bands(set(band_of.values()))
        texts = {n: str(d.get("statement") or n) for n, d in self.factors.items()}
        links = [
            Link(f"{mechanism}|{cause}", cause, effect, str(data.get("basis") or "inference"))
            for mechanism, (data, causes, effect) in self.mechanisms.items()
            for cause in causes
            if cause != effect
        ]
        plot_width = self.width - _LEFT - 40.0
        layout = lay_out(texts, band_of, bands, [(k.cause, k.effect) for k in links], width=plot_width)
        routed = route(layout, links)
        self._draw_bands(routed, plot_width)
        for link in links:
            self._draw_link(link, routed)
        self._draw_fans(layout, routed)
        for box in layout.boxes.values():
            self._draw_box(box)
        head = 74.0
        height = int(routed.height + head + 24)
        figure = go.Figure(data=[self._touch_links(links, routed, layout), self._touch_boxes(layout)])
        figure.update_layout(self._frame(height, head, routed, plot_width, links))
        return figure

    def _draw_bands(self, routed: Routed, plot_width: float) -> None:
        for index, (_, name, top, bottom, is_empty) in enumerate(routed.bands):
            if index % 2 == 0:
                self._shape({"type": "rect", "xref": "paper", "x0": -(_LEFT - 4) / plot_width, "x1": 1 + 32 / plot_width, "y0": top, "y1": bottom, "fillcolor": STRIPE, "line": {"width": 0}, "layer": "below"}, [])  # fmt: skip
            words = wrap(name, _LEFT - 24, 12, lines=4, bold=True)
            self._note({"xref": "paper", "x": -(_LEFT - 10) / plot_width, "y": top + 7, "xanchor": "left", "yanchor": "top", "align": "left", "text": "<br>".join(f"<b>{escape_markup(w)}</b>" for w in words), "font": {"size": 12, "color": INK}}, None)  # fmt: skip
            if is_empty:
                self._note({"x": 8, "y": (top + bottom) / 2, "xanchor": "left", "yanchor": "middle", "text": f"<i>{escape_markup(self.say('empty_level'))}</i>", "font": {"size": 11.5, "color": MUTED}}, None)  # fmt: skip

    def _draw_link(self, link: Link, routed: Routed) -> None:
        dash, colour, width = _STYLE.get(link.basis, _STYLE["inference"])
        points = routed.paths[link.id]
        owner = [link.cause, link.effect]
        self._shape({"type": "path", "path": _rounded(points), "line": {"color": colour, "width": width, "dash": dash}, "layer": "below"}, owner)  # fmt: skip
        (x, y), (_, before) = points[-1], points[-2]
        way = 1 if y > before else -1
        tip = f"M {x:.1f},{y:.1f} L {x - 4.5:.1f},{y - 8 * way:.1f} L {x + 4.5:.1f},{y - 8 * way:.1f} Z"
        self._shape(
            {"type": "path", "path": tip, "fillcolor": colour, "line": {"color": colour, "width": 0.5}}, owner
        )
        if link.basis == "rejected":
            mx, my = _middle(points)
            cross = f"M {mx - 5:.1f},{my - 5:.1f} L {mx + 5:.1f},{my + 5:.1f} M {mx - 5:.1f},{my + 5:.1f} L {mx + 5:.1f},{my - 5:.1f}"
            self._shape({"type": "path", "path": cross, "line": {"color": colour, "width": 2}}, owner)

    def _draw_fans(self, layout: Layout, routed: Routed) -> None:
        """A trunk of several arrows says how many they are."""
        ends: dict[tuple[str, str, str], tuple[float, float]] = {}
        for link_id, points in routed.paths.items():
            data, _, effect = self.mechanisms[link_id.split("|", 1)[0]]
            for side in ("above", "below"):
                group = (effect, str(data.get("basis") or "inference"), side)
                box = layout.boxes[effect]
                at_top = abs(points[-1][1] - box.y) < 0.5
                if group in routed.fans and at_top == (side == "above"):
                    ends[group] = points[-1]
        for group, (x, y) in sorted(ends.items()):
            if routed.fans[group] > 1:
                shift = -12 if group[2] == "above" else 12
                colour = _STYLE.get(group[1], _STYLE["inference"])[1]
                self._note({"x": x + 5, "y": y + shift, "xanchor": "left", "yanchor": "middle", "text": f"<b>{routed.fans[group]}</b>", "font": {"size": 10, "color": colour}}, group[0])  # fmt: skip

    def _draw_box(self, box: Box) -> None:
        data = self.factors[box.id]
        is_context = data.get("status") == "context"
        colour = FOCUS if data.get("focal") else _COLOURS.get(box.band, "#8C8C8C")
        line = {
            "color": "#8C8C8C" if is_context else colour,
            "width": 1.3,
            "dash": "dot" if is_context else "solid",
        }
        self._shape({"type": "rect", "x0": box.left, "x1": box.right, "y0": box.y, "y1": box.bottom, "fillcolor": PAPER, "line": line}, [box.id])  # fmt: skip
        if not is_context:
            self._shape({"type": "rect", "x0": box.left, "x1": box.left + 4, "y0": box.y, "y1": box.bottom, "fillcolor": colour, "line": {"width": 0}}, [box.id])  # fmt: skip
        words = "<br>".join(escape_markup(w) for w in box.lines)
        self._note({"x": box.left + 11, "y": box.y + 5, "xanchor": "left", "yanchor": "top", "align": "left", "text": words, "font": {"size": 11.5, "color": MUTED if is_context else INK}}, box.id)  # fmt: skip
        count = len(self._citations(box.id))
        foot = " · ".join(
            t for t in (str(data.get("source_id") or ""), f"[{count}]" if count else "[–]") if t
        )
        self._note({"x": box.right - 5, "y": box.bottom - 2, "xanchor": "right", "yanchor": "bottom", "text": escape_markup(foot), "font": {"size": 9.5, "color": MUTED}}, box.id)  # fmt: skip

    def _citations(self, node: str) -> list[str]:
        found = [
            str(self.graph.nodes[s].get("citation"))
            for s, _, k in self.graph.in_edges(node, data="kind")
            if k == "bears_on"
        ]
        return sorted(c for c in found if c)

    # -- touch ------------------------------------------------------------------------------------------

    def _touch_links(self, links: Sequence[Link], routed: Routed, layout: Layout) -> Any:
        """Points along the arrows that a pointer finds, without being seen."""
        import plotly.graph_objects as go

        xs: list[float] = []
        ys: list[float] = []
        texts: list[str] = []
        for link in links:
            mechanism = link.id.split("|", 1)[0]
            data = self.mechanisms[mechanism][0]
            lines = [
                f"<b>{escape_markup(w)}</b>"
                for w in wrap(str(data.get("how") or data.get("statement") or "–"), 380, 13, lines=6)
            ]
            standing = [
                self.say(f"basis_{link.basis}"),
                self.say(f"join_{data.get('join') or 'undetermined'}"),
            ]
            if (link.cause, link.effect) in layout.loops:
                standing.append(self.say("loop"))
            lines.append(" · ".join(standing))
            if data.get("said_by"):
                lines.append(escape_markup(truncate(self.say("says", who=data["said_by"]), 420, 12)))
            lines.append(
                escape_markup(
                    " ".join([str(data.get("source_id") or mechanism), *self._citations(mechanism)])
                )
            )
            for x, y in _sample(routed.paths[link.id], 26):
                xs.append(round(x, 1))
                ys.append(round(y, 1))
                texts.append("<br>".join(lines))
        return go.Scatter(
            x=xs,
            y=ys,
            mode="markers",
            marker={"size": 9, "opacity": 0},
            hovertext=texts,
            hoverinfo="text",
            showlegend=False,
        )

    def _touch_boxes(self, layout: Layout) -> Any:
        import plotly.graph_objects as go

        xs: list[float] = []
        ys: list[float] = []
        ids: list[str] = []
        texts: list[str] = []
        for box in layout.boxes.values():
            data = self.factors[box.id]
            lines = [
                f"<b>{escape_markup(w)}</b>"
                for w in wrap(str(data.get("statement") or box.id), 380, 13, lines=8)
            ]
            if data.get("said_by"):
                lines += [
                    escape_markup(w) for w in wrap(self.say("says", who=data["said_by"]), 400, 12, lines=3)
                ]
            cited = self._citations(box.id)
            lines += [escape_markup(w) for w in wrap(f"{self.say('citations', n=len(cited))}: {' '.join(cited)}" if cited else self.say("citations", n=0), 400, 12, lines=4)]  # fmt: skip
            for fx in (0.15, 0.38, 0.62, 0.85):
                for fy in (0.25, 0.75):
                    xs.append(round(box.left + fx * box.width, 1))
                    ys.append(round(box.y + fy * box.height, 1))
                    ids.append(box.id)
                    texts.append("<br>".join(lines))
        return go.Scatter(x=xs, y=ys, mode="markers", marker={"size": 26, "opacity": 0, "symbol": "square"}, customdata=ids, hovertext=texts, hoverinfo="text", showlegend=False)  # fmt: skip

    # -- frame ------------------------------------------------------------------------------------------

    def _shape(self, shape: dict[str, Any], owner: list[str]) -> None:
        self.shapes.append({"xref": "x", "yref": "y", "opacity": 1, **shape})
        self.owners.append(owner)
        self.opacities.append(1.0)

    def _note(self, note: dict[str, Any], owner: str | None) -> None:
        self.notes.append({"xref": "x", "yref": "y", "showarrow": False, **note})
        self.note_owners.append(owner)

    def _frame(
        self, height: int, head: float, routed: Routed, plot_width: float, links: Sequence[Link]
    ) -> dict[str, Any]:
        subtitle = [self.say("legend")]
        if len(self.factors) < self.total:
            subtitle.append(self.say("hidden", shown=len(self.factors), total=self.total, focus=self.around))
        names = {n: str(d.get("source_id") or n) for n, d in self.factors.items()}
        because: dict[str, list[str]] = {n: [] for n in self.factors}
        for link in links:
            because[link.effect].append(names[link.cause])
        rows = [
            [
                names[n],
                str(d.get("statement") or ""),
                str(d.get("band") or d.get("level") or ""),
                ", ".join(because[n]),
                " ".join(self._citations(n)),
            ]
            for n, d in self.factors.items()
        ]
        axis = {"visible": False, "fixedrange": False}
        return {
            "title": {
                "text": f"<b>{escape_markup(truncate(self.title, self.width - 40, 19, bold=True))}</b>",
                "x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top",
                "pad": {"l": 12, "t": 12}, "font": {"size": 19, "color": INK, "family": FONT},
                "subtitle": {"text": "<br>".join(escape_markup(w) for s in subtitle for w in wrap(s, self.width - 60, 12)), "font": {"size": 12, "color": MUTED}},
            },
            "width": self.width, "height": height, "margin": {"l": _LEFT, "r": 40, "t": head, "b": 24},
            "paper_bgcolor": PAPER, "plot_bgcolor": "rgba(0,0,0,0)", "font": {"family": FONT, "size": 12, "color": INK},
            "hovermode": "closest", "dragmode": "pan",
            "hoverlabel": {"align": "left", "bgcolor": PAPER, "bordercolor": MUTED, "font": {"size": 12, "color": INK, "family": FONT}},
            "xaxis": {**axis, "range": [0, plot_width]}, "yaxis": {**axis, "range": [routed.height, 0]},
            "shapes": self.shapes, "annotations": self.notes,
            "meta": {
                "causal": {
                    "links": [[k.cause, k.effect] for k in links], "shapes": self.owners,
                    "opacities": self.opacities, "texts": self.note_owners,
                },
                "table": {
                    "head": [self.say("head_factor"), "", self.say("head_level"), self.say("head_because"), say("timeline.head_citation", self.language)],
                    "rows": rows,
                },
            },
        }  # fmt: skip


def _rounded(points: Sequence[tuple[float, float]], radius: float = 6.0) -> str:
    """An SVG path through the corner points, its corners rounded."""
    path = f"M {points[0][0]:.1f},{points[0][1]:.1f}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        a = _toward(corner, before, radius)
        b = _toward(corner, after, radius)
        path += f" L {a[0]:.1f},{a[1]:.1f} Q {corner[0]:.1f},{corner[1]:.1f} {b[0]:.1f},{b[1]:.1f}"
    return f"{path} L {points[-1][0]:.1f},{points[-1][1]:.1f}"


def _toward(start: tuple[float, float], end: tuple[float, float], most: float) -> tuple[float, float]:
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    if length == 0:
        return start
    share = min(most, length / 2) / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _sample(points: Sequence[tuple[float, float]], step: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for (x0, y0), (x1, y1) in pairwise(points):
        count = max(1, int((abs(x1 - x0) + abs(y1 - y0)) // step))
        found += [
            (x0 + (x1 - x0) * (i + 0.5) / count, y0 + (y1 - y0) * (i + 0.5) / count) for i in range(count)
        ]
    return found


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    sampled = _sample(points, 6)
    return sampled[len(sampled) // 2]
