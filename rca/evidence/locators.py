"""Citations: how a place in an exhibit is written, `E3:L48` and its kin.

The decision hidden here: the grammar. An exhibit, archive members each after `!`, then a place: lines, bytes, a record's
ordinal, a JSON pointer, page and paragraph, a time in a recording, a § or a key. Names and keys are percent-encoded,
so that a citation is one word without spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

from rca.errors import UsageError

__all__ = ["Citation", "LocatorKind", "cite", "key_locator", "member_prefix", "parse_citation"]

_SAFE = "/._-~@+=,"


class LocatorKind(StrEnum):
    """What a locator counts or names."""

    EXHIBIT = ""
    LINE = "L"
    BYTES = "B"
    RECORD = "R"
    JSON = "J"
    PAGE = "P"
    TIME = "T"
    SECTION = "S"
    KEY = "#"


_FORMS: dict[LocatorKind, re.Pattern[str]] = {
    LocatorKind.LINE: re.compile(r"L(\d+)(?:-(\d+))?"),
    LocatorKind.BYTES: re.compile(r"B(\d+)\+(\d+)"),
    LocatorKind.RECORD: re.compile(r"R(\d+)((?:/\d+)*)"),
    LocatorKind.JSON: re.compile(r"J((?:/[^\s:#!]*)*)"),
    LocatorKind.PAGE: re.compile(r"P(\d+)(?:\.(\d+))?"),
    LocatorKind.TIME: re.compile(r"T(\d{2,}:\d{2}:\d{2}(?:\.\d+)?)"),
    LocatorKind.SECTION: re.compile(r"S([0-9]+[a-zåäö]?)"),
}
_EXHIBIT = re.compile(r"E[1-9]\d*")
_HINT = 'Write it like "E3:L48", "E3:L48-52", "E1#M101" or "E3!var/log/a.log:L7".'


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in an exhibit. `first` and `last` are lines, or byte and length, or ordinals, or page and paragraph.

    `name` is a key, a pointer, a time, a §, or the parts inside a record (`/2` in R3/2).
    """

    exhibit: str
    members: tuple[str, ...] = ()
    kind: LocatorKind = LocatorKind.EXHIBIT
    first: int | None = None
    last: int | None = None
    name: str = ""

    @property
    def place(self) -> str:
        """The place inside the member: `L48`, `#M101`; empty for a whole exhibit."""
        kind = self.kind
        if kind is LocatorKind.EXHIBIT:
            return ""
        if kind is LocatorKind.KEY:
            return f"#{quote(self.name, safe=_SAFE)}"
        if kind is LocatorKind.LINE:
            return f"L{self.first}" + (f"-{self.last}" if self.last is not None else "")
        if kind is LocatorKind.BYTES:
            return f"B{self.first}+{self.last}"
        if kind is LocatorKind.PAGE:
            return f"P{self.first}" + (f".{self.last}" if self.last is not None else "")
        if kind is LocatorKind.RECORD:
            return f"R{self.first}{self.name}"
        return f"{kind.value}{self.name}"

    @property
    def locator(self) -> str:
        """The text of the event's `locator` column: members and place, without the exhibit."""
        prefix = member_prefix(self.members)
        if not prefix:
            return self.place
        if self.kind is LocatorKind.KEY:
            return f"{prefix}{self.place}"
        return f"{prefix}:{self.place}" if self.place else prefix

    def __str__(self) -> str:
        return cite(self.exhibit, self.locator)


def member_prefix(members: tuple[str, ...]) -> str:
    """The archive members of a locator, each after `!`, percent-encoded.

    >>> member_prefix(("logs/a b.tar", "x.log"))
    '!logs/a%20b.tar!x.log'
    """
    return "".join(f"!{quote(name, safe=_SAFE)}" for name in members)


def key_locator(key: str) -> str:
    """The locator of a row by its key.

    >>> key_locator("M 101")
    '#M%20101'
    """
    return f"#{quote(key, safe=_SAFE)}"


def cite(exhibit: str, locator: str) -> str:
    """The citation of a locator in an exhibit.

    >>> cite("E3", "L48"), cite("E1", "#M101"), cite("E3", "!a.log:L7")
    ('E3:L48', 'E1#M101', 'E3!a.log:L7')
    """
    joint = "" if locator[:1] in ("#", "!", "") else ":"
    return f"{exhibit}{joint}{locator}"


def parse_citation(text: str) -> Citation:
    """The citation that `text` writes.

    Raises:
        UsageError: it is no citation; the hint shows the forms.

    >>> parse_citation("E3!var/log/a.log!b:L48").members
    ('var/log/a.log', 'b')
    >>> str(parse_citation("E3:R12/2"))
    'E3:R12/2'
    """
    found = _EXHIBIT.match(text)
    if not found:
        raise UsageError(f'"{text}" is no citation: it does not begin with an exhibit such as E3', hint=_HINT)
    exhibit, rest = found[0], text[found.end() :]
    members: list[str] = []
    while rest.startswith("!"):
        end = min((i for i in (rest.find(mark, 1) for mark in "!:#") if i > 0), default=len(rest))
        if end == 1:
            raise UsageError(
                f'"{text}" is no citation: the name of a member is missing after "!"', hint=_HINT
            )
        members.append(unquote(rest[1:end]))
        rest = rest[end:]
    if not rest:
        return Citation(exhibit, tuple(members))
    if rest.startswith("#") and len(rest) > 1:
        return Citation(exhibit, tuple(members), LocatorKind.KEY, name=unquote(rest[1:]))
    if rest.startswith(":"):
        place = _parse_place(rest[1:])
        if place is not None:
            kind, first, last, name = place
            return Citation(exhibit, tuple(members), kind, first, last, name)
    raise UsageError(f'"{text}" is no citation: "{rest}" is no place in an exhibit', hint=_HINT)


def _parse_place(text: str) -> tuple[LocatorKind, int | None, int | None, str] | None:
    for kind, pattern in _FORMS.items():
        found = pattern.fullmatch(text)
        if not found:
            continue
        if kind in (LocatorKind.JSON, LocatorKind.TIME, LocatorKind.SECTION):
            return kind, None, None, found[1]
        if kind is LocatorKind.RECORD:
            return kind, int(found[1]), None, found[2]
        last = found[2] if pattern.groups > 1 else None
        return kind, int(found[1]), int(last) if last is not None else None, ""
    return None
