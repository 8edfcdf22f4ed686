"""`Board`: a figure as a page of its own, in which a mark leads to the raw source behind it.

The decision hidden here: how a notebook shows a page that has scripts. The page stands in a frame of its own (`srcdoc`,
sandboxed: its scripts run, and reach nothing outside), so that Jupyter, VS Code and exported HTML show what `save` writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rca.figures.page import figure_page, write_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Board", "drawn_events"]


class Board:
    """A figure with the raw sources of its marks. Shows itself in a notebook; `save` writes it as one HTML file."""

    def __init__(
        self, figure: go.Figure, raw: Mapping[str, Any], *, title: str = "", language: str = "en"
    ) -> None:
        self.figure = figure
        self.raw = raw
        self.title = title
        self.language = language

    @property
    def html(self) -> str:
        """The page as text."""
        return figure_page(self.figure, title=self.title, language=self.language, raw=self.raw)

    def save(self, path: str | Path) -> Path:
        """Write the page, one self-contained HTML file; its path."""
        return write_text(Path(path), self.html)

    def _repr_html_(self) -> str:
        height = int(self.figure.layout.height or 600) + 120
        return (
            f'<iframe title="{escape(self.title)}" sandbox="allow-scripts" width="100%" height="{height}" '
            f'style="border:0" srcdoc="{escape(self.html)}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"Board({self.title!r}, {len(self.raw.get('sources', {}))} sources behind its marks)"


def drawn_events(figure: go.Figure) -> frozenset[str]:
    """The ids of the events that a figure draws as marks or bars, or lists in its table."""
    found = {one for trace in figure.data if trace.customdata is not None for one in trace.ids or ()}
    return frozenset(found | set((figure.layout.meta or {}).get("events", ())))
