"""Lettering: how wide text is, so that labels can be laid out before a browser draws them.

The decision hidden here: the widths. Advances of Helvetica's metrics in thousandths of the size, which Arial and
Liberation Sans share; letters outside the table count as their class (wide CJK, emoji, capitals, others).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["FONT", "escape_markup", "text_width", "truncate", "wrap"]

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

_NARROW = (
    dict.fromkeys("ijl'|", 222)
    | dict.fromkeys("ftI.,:;!/\\ ()[]-rt·", 290)
    | {"r": 333, "-": 333, "(": 333, ")": 333}
)
_WIDE = {
    "m": 833,
    "M": 833,
    "w": 722,
    "W": 944,
    "@": 1015,
    "%": 889,
    "&": 667,
    "…": 1000,
    "–": 556,
    "—": 1000,
}
_CAPITALS = {"A": 667, "B": 667, "C": 722, "D": 722, "E": 667, "F": 611, "G": 778, "H": 722, "J": 500, "K": 667,
             "L": 556, "N": 722, "O": 778, "P": 667, "Q": 778, "R": 722, "S": 667, "T": 611, "U": 722, "V": 667,
             "X": 667, "Y": 667, "Z": 611}  # fmt: skip
_SMALL = {"c": 500, "k": 500, "s": 500, "v": 500, "x": 500, "y": 500, "z": 500}


@lru_cache(maxsize=4096)
def _advance(char: str) -> int:
    base = unicodedata.normalize("NFD", char)[0]
    for table in (_NARROW, _WIDE, _CAPITALS, _SMALL):
        if base in table:
            return table[base]
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn"):
        return 0
    if unicodedata.east_asian_width(char) in ("W", "F") or ord(char) > 0x1F000:
        return 1000
    if 0x2500 <= ord(char) <= 0x2BFF:
        return 800
    return 556


def text_width(text: str, size: float = 12, *, bold: bool = False) -> float:
    """The width of a line of text in pixels, a little on the safe side.

    >>> 20 < text_width("abc", 12) < 24
    True
    """
    return sum(_advance(c) for c in text) * size / 1000 * (1.07 if bold else 1.0) + 2


def truncate(text: str, most: float, size: float = 12, *, bold: bool = False) -> str:
    """`text` cut to at most `most` pixels, ending in an ellipsis where it was cut; empty where nothing fits.

    >>> truncate("a long sentence that does not fit", 60)
    'a long s…'
    """
    text = " ".join(text[:2_000].split())
    if text_width(text, size, bold=bold) <= most:
        return text
    room = most - text_width("…", size, bold=bold)
    out, used = "", 2.0
    for char in text:
        used += _advance(char) * size / 1000 * (1.07 if bold else 1.0)
        if used > room:
            break
        out += char
    out = out.rstrip(" ,.;:–-")
    return f"{out}…" if out else ""


def wrap(
    text: str, most: float, size: float = 12, *, lines: int | None = None, bold: bool = False
) -> list[str]:
    """`text` broken into lines of at most `most` pixels; with `lines`, the last one ends in an ellipsis if cut."""
    words = text[:10_000].split()
    out: list[str] = []
    current = ""
    for word in words:
        while text_width(word, size, bold=bold) > most and len(word) > 1:
            head = truncate(word, most, size, bold=bold).rstrip("…") or word[0]
            joint = max(head.rfind("-"), head.rfind("/"))
            head = head[: joint + 1] if joint > 0 else head
            if current:
                out.append(current)
                current = ""
            out.append(head)
            word = word[len(head) :]
        longer = f"{current} {word}" if current else word
        if text_width(longer, size, bold=bold) <= most:
            current = longer
        else:
            out.append(current)
            current = word
    if current:
        out.append(current)
    if lines is not None and len(out) > lines:
        rest = " ".join(out[lines - 1 :])
        out = [*out[: lines - 1], truncate(rest, most, size, bold=bold)]
    return out


def escape_markup(text: str) -> str:
    """`text` so that plotly shows it literally: it reads a part of HTML in labels and hovers."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
