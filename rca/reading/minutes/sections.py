"""Numbers of minutes: § 82, sak 12/24, punkt 3, 4.19 §, and sets of them ("§§ 150-160, 163").

The decision hidden here: how a number is written and compared. A number is a tuple of integers, so that 4.19 comes after
4.2 and § 5 holds 5.3; a set is a list of closed ranges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ALL", "Key", "Number", "Ranges", "dotted", "find_ranges", "in_words", "read_number"]

Key = tuple[int, ...]
"""A number as integers: § 82 → (82,), 4.19 → (4, 19), § 12 b → (12, 2)."""
Range = tuple[Key, Key]
_LAST: Key = (10**9,)
ALL: Range = ((), _LAST)
"""Every number."""

_SIGN = re.compile(
    r"(?:(?P<forts>forts(?:ättning|\.)?(?: av)?|cont(?:inued|\.|d)?|fortsatt|fortsat)\s+)?"
    r"[*_]{0,3}§\s?(?!§)(?P<number>\d{1,4})(?:\s?(?P<letter>[a-hA-H])(?![\w-]))?(?P<year>/(?:\d{4}|\d{2})(?!\d))?"
    r"(?P<mark>[.:]?)[*_]{0,3}(?P<rest>(?:[\s|–—,(-].*)?)",
    re.IGNORECASE | re.DOTALL,
)
_AFTER = re.compile(
    r"(?P<number>\d{1,4})(?P<letter>[a-h])?\s?§(?!§)(?P<mark>[.:]?)(?P<rest>(?:\s.*)?)", re.DOTALL
)
_NAMED = re.compile(
    r"(?P<word>ps|fo-?sak|rs|sak(?:snr\.?|snummer|nr\.?)?|pkt\.?|punkt|dagsordens?punkt|dagsordenspunkt|item|agenda item|asia|paragraf|ärende|pykälä|tagesordnungspunkt|top)"
    r"\s*(?:nr\.?\s*)?(?P<number>\d{1,4})(?P<year>[/-](?:\d{4}|\d{2})(?!\d))?(?P<sub>(?:\.\d{1,3}){0,3})(?P<mark>[.:]?)"
    r"(?P<rest>(?:[\s|–—:-].*)?)",
    re.IGNORECASE | re.DOTALL,
)
_PLAIN = re.compile(
    r"(?P<number>\d{1,3})(?P<sub>(?:\.\d{1,3}){0,3})(?P<mark>[.)]?)(?P<rest>\s+\S.*)", re.DOTALL
)
_FORTS = re.compile(
    r"\(?\s*(?:[.…]{2,}\s*)?\(?(?:forts(?:ättning|\.)?|forts|cont(?:inued|\.|'d|d)?|fortsatt|fortsat|jatkuu|jatkoa)\.?\s*\)?",
    re.IGNORECASE,
)
_RANGES = re.compile(
    r"(?:§{1,2}|\bparagraf(?:er(?:na)?)?\b|\bpkt\b\.?|\bpunkt(?:er(?:na)?)?\b|\bsak(?:er)?\b|\bitems?\b|\bpykälät?\b)\s*"
    r"(?P<body>\d{1,4}(?:\.\d{1,3})*[a-h]?(?:\s*(?:[-–—]|,|och|og|and|ja|samt|till|to|&|(?=§))\s*(?:§{1,2}\s*)?\d{1,4}(?:\.\d{1,3})*[a-h]?(?![\d:]))*)"
    r"|(?P<before>\d{1,4}(?:\.\d{1,3})*[a-h]?(?:\s*(?:[-–—]|,|och|ja)\s*\d{1,4}(?:\.\d{1,3})*[a-h]?)*)\s*§{1,2}",
    re.IGNORECASE,
)
_PIECE = re.compile(r"(\d{1,4}(?:\.\d{1,3})*)([a-h])?")
_JOINT = re.compile(r"\s*(?:[-–—]|till|to)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """The number that a line begins with: as written (`§ 82`), as a key, and what stands behind it.

    `style` is "§", "named" or "plain"; `is_continued` for `§ 16 forts.`; `mark` is the point or colon behind it.
    """

    label: str
    key: Key
    rest: str
    style: str
    is_continued: bool = False
    mark: str = ""


def read_number(line: str, *, style: str = "") -> Number | None:
    """The number that `line` begins with, None where it begins with none; `style` asks for one way of writing.

    >>> read_number("§ 16 Budget … forts.").is_continued, read_number("Sak 12/24 Valg").label
    (True, 'Sak 12/24')
    """
    text = line.strip().lstrip("*_# ")
    if not text or not (text[0] in "§([" or text[0].isalnum()):
        return None
    for name, pattern in (("§", _SIGN), ("§", _AFTER), ("named", _NAMED), ("plain", _PLAIN)):
        if style and name != style:
            continue
        found = pattern.fullmatch(text)
        if found:
            number = _number(name, found, text)
            if number is not None:
                return number
    return None


def _number(style: str, found: re.Match[str], text: str) -> Number | None:
    groups = found.groupdict()
    parts = [int(found["number"])]
    parts.extend(int(part) for part in (groups.get("sub") or "").split(".") if part)
    letter = groups.get("letter")
    if letter:
        parts.append(ord(letter.lower()) - ord("a") + 1)
    rest = found["rest"]
    label = text[: len(text) - len(rest)].strip(" .:*_")
    rest = rest.strip().lstrip("–—|:- ").strip()
    if style == "§" and rest[:1] and not _may_head(rest, found):
        return None
    continued = bool(groups.get("forts"))
    tail = _FORTS.search(rest)
    if tail and (tail.start() == 0 or tail.end() == len(rest)) and (tail.end() - tail.start() >= 4):
        rest = (rest[: tail.start()] + rest[tail.end() :]).strip(" .…-–()")
        continued = True
    label = re.sub(r"^(?:forts\S*|cont\S*)\s+(?:av\s+)?", "", label, flags=re.IGNORECASE)
    label = re.sub(r"^§\s*", "§ ", label)
    return Number(label, tuple(parts), rest, style, continued, groups.get("mark") or "")


def _may_head(rest: str, found: re.Match[str]) -> bool:
    """Whether what follows a § can be a title: "5 § första stycket" and "§ 5, 6 och 7" refer to something."""
    if "year" not in found.groupdict() and rest[:1].islower():
        return False
    return not re.match(r"[,;)]|(?:[-–]\s*\d)|(?:och|och|samt|st\b|i\b|första|andra|tredje|kap\b)", rest)


def find_ranges(text: str) -> list[Range]:
    """The numbers that `text` names after or before a §; [] where it names none.

    >>> find_ranges("§§ 150-152, 163"), find_ranges("Lämnade efter 4.19 §")
    ([((150,), (152,)), ((163,), (163,))], [((4, 19), (4, 19))])
    """
    found: list[Range] = []
    for piece in _RANGES.finditer(text):
        found.extend(_ranges(piece["body"] or piece["before"] or ""))
    return found


def _ranges(body: str) -> list[Range]:
    pieces = list(_PIECE.finditer(body))
    found: list[Range] = []
    at = 0
    while at < len(pieces):
        low = _key(pieces[at])
        joint = body[pieces[at].end() : pieces[at + 1].start()] if at + 1 < len(pieces) else ""
        if joint and _JOINT.fullmatch(joint):
            high = _key(pieces[at + 1])
            if high < low and len(low) == len(high) == 1:
                high = _lengthened(low, high)
            found.append((low, high) if low <= high else (high, low))
            at += 2
        else:
            found.append((low, low))
            at += 1
    return found


def _lengthened(low: Key, high: Key) -> Key:
    """The end of a range of which only the last digits are written: 150-8 → 158."""
    head, tail = str(low[0]), str(high[0])
    return (int(head[: len(head) - len(tail)] + tail),) if len(tail) < len(head) else high


def _key(found: re.Match[str]) -> Key:
    parts = [int(part) for part in found[1].split(".")]
    if found[2]:
        parts.append(ord(found[2].lower()) - ord("a") + 1)
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of numbers.

    >>> (4, 19) in Ranges((((4,), (4,)),)), (150,) in Ranges((((1,), (149,)),))
    (True, False)
    """

    parts: tuple[Range, ...] = (ALL,)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, tuple):
            return False
        return any(low <= key and (key <= high or key[: len(high)] == high) for low, high in self.parts)

    @property
    def is_all(self) -> bool:
        """Whether every number is in it."""
        return ALL in self.parts


def dotted(key: Key) -> str:
    """A number as one writes it: 4.19.

    >>> dotted((4, 19))
    '4.19'
    """
    return ".".join(map(str, key))


def in_words(parts: list[Range] | tuple[Range, ...]) -> str:
    """Ranges as one writes them.

    >>> in_words([((150,), (160,)), ((163,), (163,)), ((170,), (1000000000,))])
    '150-160, 163, from 170'
    """
    told = []
    for low, high in parts:
        if low == high:
            told.append(dotted(low))
        elif not low:
            told.append(f"until {dotted(high)}")
        else:
            told.append(f"{dotted(low)}-{dotted(high)}" if high < _LAST else f"from {dotted(low)}")
    return ", ".join(told)
