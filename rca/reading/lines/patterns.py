r"""Patterns: regular expressions as the formats write them, made ready for Rust's linear-time engine.

The decision hidden here: one meaning of a pattern. `\d`, `\w`, `\s` and `\b` are ASCII, `.` takes everything, nothing can
backtrack, so that no line and no user's pattern can hang the reading. A pattern whose last piece is the rest of the line
is run without it: where the rest begins is known from the length of what stands before.

References:
    The `regex` crate of Rust: syntax, and its guarantee of linear time.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rca.errors import FormatError

__all__ = ["PREFIX", "check", "names", "shape_of", "split_tail", "translate"]

PREFIX = "rca_prefix"
"""The group that holds what stands before the rest of the line."""
_TAIL = re.compile(
    r"\(\?P<message>(?:\.\*|(?<= [+*]\(\?P<message>)\(\?:\[\^ \]\.\*\)\?|(?<= [+*]\)\(\?P<message>)\(\?:\[\^ \]\.\*\)\?)\)\$$"
)
_INSIDE = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\r\f\v"}
_OUTSIDE = {"D": "0-9", "W": "0-9A-Za-z_", "S": r" \t\n\r\f\v"}


@lru_cache(maxsize=4096)
def translate(pattern: str) -> str:
    r"""`pattern` in Rust's syntax, with ASCII classes and a dot that takes everything.

    >>> translate(r"^\d+ \S")
    '(?s)^[0-9]+ [^ \\t\\n\\r\\f\\v]'
    """
    out: list[str] = []
    at, in_class = 0, False
    while at < len(pattern):
        one = pattern[at]
        if one == "\\" and at + 1 < len(pattern):
            letter = pattern[at + 1]
            if letter in _INSIDE:
                out.append(_INSIDE[letter] if in_class else f"[{_INSIDE[letter]}]")
            elif letter in _OUTSIDE and not in_class:
                out.append(f"[^{_OUTSIDE[letter]}]")
            elif letter == "b" and not in_class:
                out.append(r"(?-u:\b)")
            elif letter in "/'\"<>=!,;:@%`" or letter == " ":  # escapes that are none in Rust
                out.append(letter)
            else:
                out.append(one + letter)
            at += 2
            continue
        if one == "[" and not in_class:
            in_class = True
            out.append(one)
            at += 1
            if pattern[at : at + 1] == "^":
                out.append("^")
                at += 1
            if pattern[at : at + 1] == "]":
                out.append(r"\]")
                at += 1
            continue
        if one == "]" and in_class:
            in_class = False
        elif in_class and (one == "[" or pattern[at : at + 2] in ("&&", "--", "~~")):
            out.append("\\" + one)
            at += 1
            continue
        out.append(one)
        at += 1
    return "(?s)" + _ascii_case("".join(out))


def _ascii_case(pattern: str) -> str:
    """`pattern` with letters of either case told apart in ASCII alone where it says so of ASCII only: three times as fast.

    Rust lets no part of a pattern be so that could match half a character; then it stays as it is.
    """
    if not pattern.startswith("(?i)"):
        return pattern
    rest = pattern[4:].replace("(?-u:\\b)", "")
    is_plain = rest.isascii() and not re.search(r"\[\^|(?<!\\)\.|\\[pPxuUBX]|\(\?[a-z]", rest)
    return f"(?i-u){pattern[4:]}" if is_plain else pattern


@lru_cache(maxsize=4096)
def names(pattern: str) -> tuple[str, ...]:
    """The names of the groups of a pattern, in order."""
    return tuple(re.findall(r"\(\?P?<([A-Za-z_]\w*)>", pattern))


@lru_cache(maxsize=4096)
def split_tail(pattern: str) -> tuple[str, bool]:
    """`pattern` without its last piece, if that is the rest of the line as the message; and whether it was.

    The rest always matches, so that leaving it out changes no other group. So does a rest that begins with no blank,
    where all blanks before it are taken already.
    """
    found = _TAIL.search(pattern)
    if not found or not pattern.startswith("^") or _has_open_choice(pattern[: found.start()]):
        return pattern, False
    return f"^(?P<{PREFIX}>{pattern[1 : found.start()]})", True


def _has_open_choice(pattern: str) -> bool:
    """Whether the pattern is a choice between wholes (`a|b`), of which the tail would be one's part only."""
    depth, at, in_class = 0, 0, False
    while at < len(pattern):
        one = pattern[at]
        if one == "\\":
            at += 2
            continue
        if in_class:
            in_class = one != "]"
        elif one == "[":
            in_class = True
            at += 2 if pattern[at + 1 : at + 2] == "^" else 1
            at += pattern[at : at + 1] == "]"
            continue
        elif one == "(":
            depth += 1
        elif one == ")":
            depth -= 1
        elif one == "|" and depth == 0:
            return True
        at += 1
    return False


def shape_of(text: str) -> str:
    r"""A pattern of all stamps that have digits, capitals, small letters and marks where `text` has them.

    >>> shape_of("Nov 12 05:30:00")
    '[A-Z][a-z]{2}\\ [0-9]{2}\\ [0-9]{2}:[0-9]{2}:[0-9]{2}'
    """
    classes = [
        "[0-9]"
        if c.isdecimal() and c.isascii()
        else "[A-Z]"
        if "A" <= c <= "Z"
        else "[a-z]"
        if "a" <= c <= "z"
        else re.escape(c)
        for c in text
    ]
    out: list[str] = []
    at = 0
    while at < len(classes):
        run = at
        while run < len(classes) and classes[run] == classes[at]:
            run += 1
        out.append(
            classes[at]
            if run - at == 1 or not classes[at].startswith("[")
            else f"{classes[at]}{{{run - at}}}"
        )
        at = run if classes[at].startswith("[") else at + 1
    return "".join(out)


def check(pattern: str, *, place: str) -> None:
    """Compile a pattern as the engine will.

    Raises:
        FormatError: it does not compile, or uses what cannot run in linear time (look-around, back-references).
    """
    import polars as pl

    try:
        pl.Series(["x"]).str.contains(translate(pattern))
    except pl.exceptions.ComputeError as error:
        reason = next(
            (line.removeprefix("error: ") for line in str(error).splitlines() if line.startswith("error: ")),
            str(error).splitlines()[0],
        )
        raise FormatError(
            f"The pattern does not compile: {reason}",
            where=place,
            hint="Patterns run in linear time: no look-around, no back-references.",
        ) from None
