"""The palette: the same thing has the same colour and the same glyph in every figure.

The decision hidden here: colours and shapes. Colours are those of Okabe & Ito and of Tol, safe for colour-blind readers;
each key also has a glyph, so that print in grey still tells kinds apart. A kind of the registry has the colour of its
family (ticket, mail, log, …), what failed or was refused one of its own, and a glyph by its place in the registry, so that
neither depends on what stands beside it. Other known keys are fixed; the rest get the next free pair by their names.

References:
    Okabe & Ito 2008, Color Universal Design; Tol 2021, Colour Schemes (SRON/EPS/TN/09-002).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from rca.events.kinds import KINDS

__all__ = [
    "FOCUS",
    "GRID",
    "INK",
    "MUTED",
    "PAPER",
    "STRIPE",
    "Look",
    "family_of",
    "looks_of",
    "readable",
    "tint",
]

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
    "deviation": 3,
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
    "measurement": 9,
    "table": 9,
}
_FAMILIES = {
    "failure": "#D55E00",
    "alert": "#882255",
    "log": "#3D4650",
    "ticket": "#AA4499",
    "status": "#E69F00",
    "minutes": "#009E73",
    "meeting": "#6A5ACD",
    "interview": "#8C7A1E",
    "mail": "#0072B2",
    "chat": "#2E9FDB",
    "calendar": "#7A8CA6",
    "document": "#A0522D",
    "health": "#CC6677",
    "annotation": "#117733",
}
"""The colour of each family of kinds; the order is that of the legend."""
_APART = {"failure": ("log.login_failed", "log.crashed", "log.blocked", "log.alert"), "alert": ("alert",)}
_HEALTH = ("hl7", "fhir", "edifact", "atna")
_GLYPHS = (
    ("●", "circle"), ("◆", "diamond"), ("▲", "triangle-up"), ("■", "square"), ("▼", "triangle-down"), ("✚", "cross"),
    ("★", "star"), ("○", "circle-open"), ("◇", "diamond-open"), ("△", "triangle-up-open"), ("□", "square-open"),
    ("▽", "triangle-down-open"), ("✖", "x"), ("☆", "star-open"), ("⬟", "pentagon"), ("⬢", "hexagon"), ("⬠", "pentagon-open"),
    ("⬡", "hexagon-open"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How one key looks: colour, glyph in words, marker symbol, a name for the legend, and the family of a kind."""

    colour: str
    glyph: str
    symbol: str
    name: str
    family: str = ""


def family_of(key: str) -> str:
    """The family of a kind of the registry, or of one that refines it; empty for facts, tables and other keys.

    >>> family_of("ticket.comment"), family_of("log.login_failed"), family_of("fhir.audit"), family_of("fact.warning")
    ('ticket', 'failure', 'health', '')
    """
    for family, kinds in _APART.items():
        if any(key == kind or key.startswith(f"{kind}.") for kind in kinds):
            return family
    room, _, rest = key.partition(".")
    if room in _HEALTH:
        return "health"
    return room if room in _FAMILIES and (rest or room in KINDS) else ""


def _family_look(key: str, family: str) -> Look:
    """The look of a kind: the colour of its family, the glyph of its place in the registry."""
    mates = [kind for kind in KINDS if family_of(kind) == family]
    place = mates.index(key) if key in mates else zlib.crc32(key.encode("utf-8"))
    return Look(_FAMILIES[family], *_GLYPHS[place % len(_GLYPHS)], readable(key), family)


def looks_of(keys: Iterable[str]) -> dict[str, Look]:
    """A look for each key: fixed for known ones, the next free one for others; families in the legend's order.

    >>> looks_of(["fact.warning_concern"])["fact.warning_concern"].glyph
    '▲'
    >>> looks_of(["mail.message"])["mail.message"] == looks_of(["alert", "mail.message"])["mail.message"]
    True
    """
    families = list(_FAMILIES)
    every = sorted(set(keys))
    kinds = list(KINDS)
    by_family = sorted(
        (key for key in every if family_of(key)),
        key=lambda key: (
            families.index(family_of(key)),
            kinds.index(key) if key in KINDS else len(kinds),
            key,
        ),
    )
    unique = [key for key in every if not family_of(key)]
    taken: dict[str, int] = {}
    for key in unique:
        short = key.rsplit(".", 1)[-1]
        if short in _KNOWN:
            taken[key] = _KNOWN[short]
    free = [i for i in range(len(_CYCLE)) if i not in taken.values()] or list(range(len(_CYCLE)))
    strangers = [key for key in unique if key not in taken]
    for position, key in enumerate(strangers):
        taken[key] = free[position % len(free)]
    looks = {key: Look(*_CYCLE[taken[key]], readable(key)) for key in unique}
    return looks | {key: _family_look(key, family_of(key)) for key in by_family}


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
