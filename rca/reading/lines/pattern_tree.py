"""Patterns as trees: what stands in a pattern, which characters each piece can take, and how it is written.

The decision hidden here: the pieces that a pattern in linear time is made of, and that every piece knows the set of
characters it can take, as a whole number with a bit for each.

References:
    The syntax of Rust's crate regex and of Python's re, as far as they agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = [
    "ANY", "BEYOND", "DIGITS", "EDGE", "ONCE", "SPACES", "WORDS", "Branch", "Group", "Look", "Mark", "Node", "Piece",
    "Times", "UntranslatableError", "literal", "named", "plain", "render", "written",
]  # fmt: skip


class UntranslatableError(ValueError):
    """A construct that no pattern in linear time can say; the message names it as written."""


EDGE = 1 << 129
"""The place before the first or after the last character, in a set of characters."""
BEYOND = 1 << 128  # any character beyond ASCII
ANY = (1 << 129) - 1
DIGITS = sum(1 << ord(c) for c in "0123456789")
WORDS = DIGITS | sum(1 << ord(c) for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
SPACES = sum(1 << ord(c) for c in " \t\n\r\f\v")


@dataclass(frozen=True, slots=True)
class Times:
    """How often a node stands: at least `low`, at most `high` (None: no limit); `is_lazy` prefers fewer."""

    low: int = 1
    high: int | None = 1
    is_lazy: bool = False

    def __str__(self) -> str:
        if (self.low, self.high) == (1, 1):
            return ""
        known = {(0, None): "*", (1, None): "+", (0, 1): "?"}
        if (self.low, self.high) in known:
            text = known[self.low, self.high]
        elif self.low == self.high:
            return f"{{{self.low}}}"
        else:
            text = f"{{{self.low},{'' if self.high is None else self.high}}}"
        return text + "?" * self.is_lazy


ONCE = Times()


@dataclass(frozen=True, slots=True)
class Piece:
    """One character of a set. `is_exact` says whether `chars` is the whole truth or a superset."""

    text: str
    chars: int
    is_exact: bool = True
    times: Times = ONCE


@dataclass(frozen=True, slots=True)
class Mark:
    r"""A place without width: `^`, `$`, `\b` or `\B`."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Branches of which one stands here. `origin` is the definition that it came from, for grok."""

    branches: tuple[Branch, ...]
    name: str | None = None
    flags: str = ""
    times: Times = ONCE
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A condition on what stands before (`is_behind`) or after this place."""

    branches: tuple[Branch, ...]
    is_behind: bool
    is_negative: bool
    text: str


Node = Piece | Mark | Group | Look
Branch = tuple[Node, ...]


def render(branches: Sequence[Branch]) -> str:
    """The pattern that the branches are, in the syntax common to Rust's regex and Python's re."""
    return "|".join("".join(map(_render_node, branch)) for branch in branches)


def _render_node(node: Node) -> str:
    match node:
        case Piece():
            return node.text + str(node.times)
        case Mark():
            return node.text
        case Group():
            inner = render(node.branches)
            lead = f"?P<{node.name}>" if node.name else f"?{node.flags}:"
            if node.name and node.flags:
                inner = f"(?{node.flags}:{inner})"
            return f"({lead}{inner}){node.times}"
        case Look():
            raise UntranslatableError(f"the look at the neighbour {node.text}")


def named(branches: Sequence[Branch]) -> Iterator[Group]:
    """The groups with a name, in the order of their opening brackets."""
    for branch in branches:
        for node in branch:
            if isinstance(node, Group):
                if node.name:
                    yield node
                yield from named(node.branches)


def written(chars: int) -> str:
    r"""A set of characters as a class.

    >>> written(DIGITS), written(ANY & ~(1 << ord("]")))
    ('\\d', '[^\\]]')
    """
    if chars & ANY == ANY:
        return "."
    short = {DIGITS: "\\d", WORDS: "\\w", SPACES: "\\s", ANY & ~SPACES: "\\S"}
    if chars in short:
        return short[chars]
    if not chars & BEYOND and chars.bit_count() == 1:
        return literal(chr(chars.bit_length() - 1), folds=False).text
    is_negated = bool(chars & BEYOND)
    mask = (ANY & ~chars) if is_negated else chars
    shorthand = ""
    for letter, members in (("w", WORDS), ("d", DIGITS), ("s", SPACES)):
        if mask & members == members:
            shorthand, mask = f"{shorthand}\\{letter}", mask & ~members
    codes = [c for c in range(128) if mask >> c & 1]
    spans: list[list[int]] = []
    for code in codes:
        if spans and spans[-1][1] == code - 1 and _kind(spans[-1][0]) == _kind(code) != "other":
            spans[-1][1] = code
        else:
            spans.append([code, code])
    text = "".join(
        _in_class(a) if a == b else f"{_in_class(a)}{'-' if b > a + 1 else ''}{_in_class(b)}"
        for a, b in spans
    )
    return f"[{'^' * is_negated}{shorthand}{text}]"


def _kind(code: int) -> str:
    one = chr(code)
    return "digit" if one.isdigit() else "upper" if one.isupper() else "lower" if one.islower() else "other"


def _in_class(code: int) -> str:
    return "\\" + chr(code) if chr(code) in r"\]^-[&~" else plain(code)


def plain(code: int) -> str:
    """A character as itself where it can be seen, else by its number."""
    return chr(code) if 32 <= code < 127 or code > 160 else f"\\x{code:02x}"


def literal(one: str, *, folds: bool) -> Piece:
    """The piece that is one character; `folds` means that capitals and small letters are the same."""
    code = ord(one)
    chars = 1 << code if code < 128 else BEYOND
    if folds and one.isalpha():
        chars = sum(1 << ord(c) for c in {one.lower(), one.upper()} if c.isascii()) or BEYOND
    text = "\\" + one if one in r".^$*+?{}[]\|()" else plain(code)
    return Piece(text, chars, code < 128)
