"""The palette: the same thing has the same colour and the same glyph in every figure.

The decision hidden here: colours and shapes. Colours are those of Okabe & Ito, safe for colour-blind readers; each key
also has a glyph, so that print in grey still tells kinds apart. Known keys are fixed; others get the next free pair by
the order of their names.

References:
    Okabe & Ito 2008, Color Universal Design.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["FOCUS", "GRID", "INK", "MUTED", "PAPER", "STRIPE", "Look", "looks_of", "readable", "tint"]

INK = "#1b1f24"
MUTED = "#5b6570"
GRID = "#d5dae0"
STRIPE = "#f4f6f8"
PAPER = "#ffffff"
FOCUS = "#c2410c"

_CYCLE = (
    ("#0072B2", "◆", "diamond"),
    ("#E69F00", "▲", "triangle-up"),
    ("#009E73", "■", "square"),
    ("#D55E00", "▼", "triangle-down"),
    ("#56B4E9", "✚", "cross"),
    ("#CC79A7", "★", "star"),
    ("#6A5ACD", "⬟", "pentagon"),
    ("#333333", "●", "circle"),
    ("#8C8C8C", "⬢", "hexagon"),
    ("#A6903B", "◇", "diamond-open"),
)
_KNOWN = {
    "assurance_claim": 0,
    "assurance": 0,
    "warning_concern": 1,
    "warning": 1,
    "meeting_decision": 2,
    "decision": 2,
    "minutes": 2,
    "consequence_impact": 3,
    "corrective_action": 4,
    "ticket_incident_report": 5,
    "ticket": 5,
    "regulatory": 6,
    "log_like_system_event": 7,
    "log": 7,
    "line": 7,
    "access": 8,
    "investigation_finding": 8,
    "finding": 8,
    "contract_finance": 9,
    "table": 9,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How one key looks: colour, glyph in words, marker symbol, and a name for the legend."""

    colour: str
    glyph: str
    symbol: str
    name: str


def looks_of(keys: Iterable[str]) -> dict[str, Look]:
    """A look for each key: fixed for known ones, the next free one for others, in the order of their names.

    >>> looks_of(["fact.warning_concern"])["fact.warning_concern"].glyph
    '▲'
    """
    unique = sorted(set(keys))
    taken: dict[str, int] = {}
    for key in unique:
        short = key.rsplit(".", 1)[-1]
        if short in _KNOWN:
            taken[key] = _KNOWN[short]
    free = [i for i in range(len(_CYCLE)) if i not in taken.values()] or list(range(len(_CYCLE)))
    strangers = [key for key in unique if key not in taken]
    for position, key in enumerate(strangers):
        taken[key] = free[position % len(free)]
    return {key: Look(*_CYCLE[taken[key]], readable(key)) for key in unique}


def readable(key: str) -> str:
    """A key as words for a legend.

    >>> readable("fact.meeting_decision"), readable("patient-safety")
    ('meeting decision', 'patient safety')
    """
    return key.rsplit(".", 1)[-1].replace("_", " ").replace("-", " ") or "–"


def tint(colour: str, strength: float) -> str:
    """A colour mixed with white: strength 1 is the colour, 0 is white. Opaque, so that what lies below is covered."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(255 - (255 - part) * strength) for part in parts]
    return "#" + "".join(f"{m:02x}" for m in mixed)
