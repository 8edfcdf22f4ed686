"""The legend by family: a line for each family of kinds, with the glyph and the count of each kind that is there.

The decision hidden here: how some forty kinds stay legible. The family's name stands in the margin in its colour, its kinds
beside it in the order of the registry; a family that needs more room goes on in the next line. A legend of plotly's own
would lay them out by width alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rca.figures.lettering import escape_markup, text_width
from rca.figures.palette import INK, MUTED, Look
from rca.texts import say

__all__ = ["LINE", "FamilyLine", "family_lines", "legend_notes"]

LINE = 18
"""The height of a line in pixels."""
_SIZE = 11.5


@dataclass(slots=True)
class FamilyLine:
    """One line: the family's name (empty where it goes on), its colour, and its kinds as markup."""

    name: str
    colour: str
    pieces: list[str] = field(default_factory=list)


def family_lines(
    counts: Mapping[str, int], looks: Mapping[str, Look], width: float, language: str
) -> list[FamilyLine]:
    """The lines for the kinds in `counts`, families in the palette's order, other keys last.

    >>> from rca.figures.palette import looks_of
    >>> kinds = ["mail.message", "fact.warning"]
    >>> [line.name for line in family_lines(dict.fromkeys(kinds, 1), looks_of(kinds), 900, "en")]
    ['mail', 'tables and others']
    """
    groups: dict[str, list[tuple[str, Look]]] = {}
    for key, look in looks.items():
        groups.setdefault(look.family, []).append((key, look))
    lines: list[FamilyLine] = []
    for family, members in sorted(groups.items(), key=lambda pair: not pair[0]):
        colour = members[0][1].colour if family else INK
        line = FamilyLine(say(f"timeline.family_{family or 'other'}", language), colour)
        used = 0.0
        for key, look in members:
            needed = text_width(f"{look.name} {counts.get(key, 0)}", _SIZE) + 34
            if line.pieces and used + needed > width:
                lines.append(line)
                line, used = FamilyLine("", colour), 0.0
            used += needed
            line.pieces.append(
                f'<span style="color:{look.colour}">{look.glyph}</span>\u2009{escape_markup(look.name)}'
                f'\u2009<span style="color:{MUTED}">{counts.get(key, 0)}</span>'
            )
        lines.append(line)
    return lines


def legend_notes(lines: Sequence[FamilyLine], margin: float) -> list[dict[str, Any]]:
    """The lines as annotations below the axis; `margin` is where the names begin, in widths of the plot."""
    notes: list[dict[str, Any]] = []
    for place, line in enumerate(lines):
        below = {
            "xref": "paper", "yref": "paper", "y": 0, "yanchor": "top", "yshift": -16 - LINE * place, "showarrow": False,
            "align": "left", "xanchor": "left",
        }  # fmt: skip
        notes.append(
            {**below, "x": 0, "text": "\u2003 ".join(line.pieces), "font": {"size": _SIZE, "color": INK}}
        )
        if line.name:
            name = f"<b>{escape_markup(line.name)}</b>"
            notes.append({**below, "x": margin, "text": name, "font": {"size": _SIZE, "color": line.colour}})
    return notes
