r"""`Numbering`: the automatic numbers of a Word document as the page shows them.

The decision hidden here: how Word counts. Lists that share a definition go on counting together, unless one of them
starts anew; a number of a higher level lets the lower levels begin again. A bullet has no label.

References:
    ECMA-376 part 1, 17.9 (numbering), 17.18.59 (number formats).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rca.reading.documents.packages import Node

__all__ = ["Numbering", "numeral"]

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int


def numeral(number: int, form: str) -> str:
    """A number as Word writes it in a format.

    >>> numeral(4, "lowerRoman"), numeral(28, "upperLetter"), numeral(7, "decimalZero")
    ('iv', 'BB', '07')
    """
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        found = ""
        rest = number
        for value, letters in _ROMAN:
            while rest >= value:
                found, rest = found + letters, rest - value
        return found.upper() if form == "upperRoman" else found
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * min(1 + (number - 1) // 26, 20)
        return letter.upper() if form == "upperLetter" else letter
    return f"{number:02}" if form == "decimalZero" else str(number)


class Numbering:
    """The numbers of all lists of a document, counted as its paragraphs come."""

    def __init__(self, tree: Node) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        for one in tree.find("abstractNum"):
            key = one.attributes.get("abstractNumId", "")
            self._levels[key] = {
                _number(level.attributes.get("ilvl", "")): _read(level) for level in one.find("lvl")
            }
        for one in tree.find("num"):
            key = one.attributes.get("numId", "")
            self._lists[key] = one.value("abstractNumId")
            self._starts[key] = {
                _number(change.attributes.get("ilvl", "")): _number(change.value("startOverride"))
                for change in one.find("lvlOverride")
                if change.child("startOverride") is not None
            }

    def label(self, number: str, level: str) -> tuple[str, bool]:
        """What stands before the next paragraph of a list, and whether it stands in a list at all."""
        key = self._lists.get(number)
        if key is None:
            return "", False
        at = min(_number(level), 8)
        shape = self._levels.get(key, {}).get(at)
        if shape is None:
            return "", True
        counts = self._counts.setdefault(key, {})
        if at in self._starts.get(number, {}) and (number, at) not in self._begun:
            counts[at] = self._starts[number][at]
        else:
            counts[at] = counts.get(at, shape.start - 1) + 1
        self._begun.add((number, at))
        for lower in [one for one in counts if one > at]:
            del counts[lower]
        if shape.form in ("bullet", "none"):
            return "", shape.form == "bullet"
        return re.sub(
            r"%([1-9])", lambda found: self._shown(key, int(found[1]) - 1), shape.text
        ).strip(), True

    def _shown(self, key: str, level: int) -> str:
        shape = self._levels[key].get(level)
        if shape is None:
            return ""
        return numeral(self._counts[key].get(level, shape.start), shape.form)


def _read(level: Node) -> _Level:
    start = level.value("start")
    return _Level(level.value("numFmt") or "decimal", level.value("lvlText"), _number(start) if start else 1)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0
