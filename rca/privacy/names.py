"""Personal names in text: what should be a role before anything is published.

The decision hidden here: what counts as a name without asking a model. A known given name followed by a capitalised
word, a double given name, or a title with a capitalised word after it. Roles, places and organisations are silent; a
surname alone is not found, and that is said here.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

__all__ = ["find_names"]

_TITLES = (
    r"(?:[Dd]r|[Dd]oktor|[Pp]rof(?:essor)?|[Mm]r|[Mm]rs|[Mm]s|[Hh]err|[Ff]ru|[Ff]röken|[Öö]verläkare|"
    r"[Ss]juksköterskan?|[Nn]urse|[Cc]hefen|[Dd]irektör)"
)
_CAPITAL = r"[A-ZÅÄÖÆØÉÜ][a-zåäöæøéèü]+(?:-[A-ZÅÄÖÆØÉÜ][a-zåäöæøéèü]+)?"
_NOT_SURNAMES = {
    "Region", "Sjukhus", "Hospital", "University", "Universitetssjukhuset", "Health", "System", "Hospitals", "Street",
    "Gatan", "Park", "Oracle", "Cerner", "Millennium", "Dagen", "Day", "Score", "Method", "The", "Och", "And",
}  # fmt: skip


@cache
def _given_names() -> frozenset[str]:
    text = resources.files(__package__).joinpath("given_names.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


_PAIR = re.compile(rf"\b({_CAPITAL})((?:\s+{_CAPITAL}){{1,2}})\b")
_DOUBLE = re.compile(r"\b([A-ZÅÄÖ][a-zåäöé]+)-([A-ZÅÄÖ][a-zåäöé]+)\b")
_TITLED = re.compile(rf"\b{_TITLES}\.?\s+({_CAPITAL})\b")


def find_names(text: str) -> list[tuple[int, int, str]]:
    """Where `text` names a person: first character, character after the last, the name; in order.

    >>> [name for _, _, name in find_names("The director, Anna Svensson, said so; Region Skåne did not.")]
    ['Anna Svensson']
    """
    names = _given_names()
    hits: dict[tuple[int, int], str] = {}
    for found in _PAIR.finditer(text):
        first = found[1].split("-")[0]
        rest = found[2].split()
        if first in names and rest[0] not in _NOT_SURNAMES:
            hits[found.start(), found.end()] = found[0]
    for found in _DOUBLE.finditer(text):
        if found[1] in names and found[2] in names:
            hits[found.start(), found.end()] = found[0]
    for found in _TITLED.finditer(text):
        if found[1] not in _NOT_SURNAMES:
            hits[found.start(1), found.end(1)] = found[1]
    kept: list[tuple[int, int, str]] = []
    for (start, end), name in sorted(hits.items(), key=lambda hit: (hit[0][0], -hit[0][1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, name))
    return kept
