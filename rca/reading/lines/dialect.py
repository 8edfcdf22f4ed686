"""Foreign regular expressions as trees: what PCRE (lnav) and Oniguruma (grok) write, in the words that rca has.

The decision hidden here: a foreign pattern is parsed, never edited as text. Possessive quantifiers and atomic groups
become plain ones (they only forbid a second try, which a matcher in linear time never makes), groups without a name
capture nothing, and whatever needs memory of what was matched (backreferences, recursion, conditions) is refused by
name. Every piece carries the set of characters that it can take, so that `lookaround` can prove when a look at the
neighbour says nothing new.

References:
    pcre2pattern(3); Oniguruma, doc/RE; the syntax of Rust's crate regex, whose ASCII classes are meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from rca.reading.lines.pattern_tree import (
    ANY,
    BEYOND,
    DIGITS,
    SPACES,
    WORDS,
    Branch,
    Group,
    Look,
    Mark,
    Node,
    Piece,
    Times,
    UntranslatableError,
    literal,
    plain,
    written,
)

__all__ = ["Flavour", "parse"]


class Flavour(StrEnum):
    r"""Whose regular expressions they are; the two differ in `\h`, `{,n}` and in what `+` after `{n}` means."""

    PCRE = "pcre"
    ONIGURUMA = "oniguruma"


_HEX = sum(1 << ord(c) for c in "0123456789abcdefABCDEF")
_LETTER = WORDS & ~DIGITS & ~(1 << ord("_"))
_UPPER = sum(1 << ord(c) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CLASSES = {"d": DIGITS, "w": WORDS, "s": SPACES}
_POSIX = {
    "alpha": _LETTER, "digit": DIGITS, "alnum": _LETTER | DIGITS, "upper": _UPPER, "lower": _LETTER & ~_UPPER,
    "space": SPACES, "blank": (1 << 32) | (1 << 9), "xdigit": _HEX, "word": WORDS, "cntrl": (1 << 32) - 1 | 1 << 127,
    "punct": sum(1 << c for c in range(33, 127)) & ~_LETTER & ~DIGITS,
    "print": sum(1 << c for c in range(32, 127)), "graph": sum(1 << c for c in range(33, 127)),
    "ascii": (1 << 128) - 1,
}  # fmt: skip
_PROPERTIES = {
    "L": _LETTER | BEYOND, "Alpha": _LETTER | BEYOND, "Alnum": _LETTER | DIGITS | BEYOND, "Lu": _UPPER,
    "Ll": _LETTER & ~_UPPER, "N": DIGITS, "Nd": DIGITS, "Digit": DIGITS, "Space": SPACES, "Word": WORDS,
    "Upper": _UPPER, "Lower": _LETTER & ~_UPPER, "Punct": _POSIX["punct"], "P": _POSIX["punct"],
}  # fmt: skip
_CONTROLS = {"a": 7, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9}
_EDGES = {"A": "^", "G": "^", "z": "$", "Z": "$"}
_START_VERBS = re.compile(
    r"\(\*(?:UTF8?|UCP|CR|LF|CRLF|ANY|ANYCRLF|NUL|BSR_\w+|NO_\w+|NOTEMPTY\w*|LIMIT_\w+=\d+)\)"
)
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_MOST_REPEATS = 1000  # more is refused by Rust's limit on the size of a compiled pattern, or very slow


def parse(
    pattern: str, flavour: Flavour, *, expand: Callable[[str], Group] | None = None
) -> tuple[Branch, ...]:
    """The branches of a foreign pattern; `expand` turns the inside of a `%{…}` into a group, for grok.

    Raises:
        UntranslatableError: the pattern uses what a pattern in linear time cannot say, or is none.

    >>> from rca.reading.lines.pattern_tree import render
    >>> render(parse("a*+(?<x>b|c)", Flavour.PCRE))
    'a*(?P<x>b|c)'
    """
    return _Parser(pattern, flavour, expand).whole()


class _Parser:
    """A reader of one pattern, from left to right; inline flags hold to the end of the group that they stand in."""

    def __init__(self, pattern: str, flavour: Flavour, expand: Callable[[str], Group] | None) -> None:
        self.pattern = pattern
        self.flavour = flavour
        self.expand = expand
        self.at = 0

    def whole(self) -> tuple[Branch, ...]:
        while verb := _START_VERBS.match(self.pattern, self.at):
            self.at = verb.end()
        branches = self._branches(frozenset())
        if self.at < len(self.pattern):
            raise UntranslatableError("a closing bracket without an opening one")
        return branches

    def _branches(self, flags: frozenset[str]) -> tuple[Branch, ...]:
        done: list[Branch] = []
        nodes: list[Node] = []
        outer, start = flags, 0

        def close() -> None:
            nonlocal nodes, start
            if flags != outer and nodes[start:]:
                folded = Group((tuple(nodes[start:]),), flags="i" if "i" in flags else "-i")
                is_same = ("i" in flags) == ("i" in outer)
                nodes = [*nodes[:start], *(nodes[start:] if is_same else [folded])]
            done.append(tuple(nodes))
            nodes, start = [], 0

        while self.at < len(self.pattern):
            one = self.pattern[self.at]
            if one == ")":
                break
            if one == "|":
                self.at += 1
                close()
                continue
            inline = re.compile(r"\(\?(\^?[imsxnUJ]*(?:-[imsx]*)?)\)").match(self.pattern, self.at)
            if inline and inline[1]:
                self.at = inline.end()
                if nodes[start:] and flags != outer:
                    raise UntranslatableError(f"a second change of flags {inline[0]} within a group")
                flags, start = _changed(flags, inline[1]), len(nodes)
                continue
            node = self._node(flags)
            if node is not None:
                nodes.append(node)
        close()
        return tuple(done)

    def _node(self, flags: frozenset[str]) -> Node | None:
        one = self.pattern[self.at]
        if "x" in flags and (one.isspace() or one == "#"):
            comment = re.compile(r"#[^\n]*|\s+").match(self.pattern, self.at)
            self.at = comment.end() if comment else self.at + 1
            return None
        atom = self._atom(one, flags)
        return None if atom is None else self._repeated(atom)

    def _atom(self, one: str, flags: frozenset[str]) -> Node | None:
        if one == "%" and self.expand and self.pattern.startswith("%{", self.at):
            end = self.pattern.find("}", self.at)
            if end < 0:
                raise UntranslatableError("a %{ without its }")
            inside, self.at = self.pattern[self.at + 2 : end], end + 1
            return self.expand(inside)
        if one == "(":
            return self._group(flags)
        if one == "[":
            return self._class(folds="i" in flags)
        if one == "\\":
            return self._escape(folds="i" in flags)
        self.at += 1
        if one in "^$":
            return Mark(one)
        if one == ".":
            return Piece(".", ANY)
        if one in "*+?":
            raise UntranslatableError(f'a "{one}" with nothing to repeat')
        return literal(one, folds="i" in flags)

    def _repeated(self, atom: Node) -> Node | None:
        node: Node | None = atom
        is_first = True
        while node is not None and (times := self._times()) is not None:
            if isinstance(node, Look | Mark):
                node = None if times.low == 0 else node
            elif is_first:
                node = replace(node, times=times)
            else:
                node = Group(((node,),), times=times)
            is_first = False
        return node

    def _times(self) -> Times | None:
        rest = self.pattern[self.at : self.at + 1]
        if rest and rest in "*+?":
            self.at += 1
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[rest]
            is_counted = False
        else:
            count = _COUNT.match(self.pattern, self.at)
            if not count or not (count[1] or (count[3] and self.flavour is Flavour.ONIGURUMA)):
                return None
            self.at = count.end()
            low = int(count[1] or 0)
            high = (int(count[3]) if count[3] else None) if count[2] else low
            is_counted = True
            if max(low, high or 0) > _MOST_REPEATS:
                raise UntranslatableError(f"more than {_MOST_REPEATS} repeats {count[0]}")
        suffix = self.pattern[self.at : self.at + 1]
        if suffix == "?":
            self.at += 1
            return Times(low, high, is_lazy=True)
        if suffix == "+" and not (is_counted and self.flavour is Flavour.ONIGURUMA):
            self.at += 1  # possessive
        return Times(low, high)

    def _group(self, flags: frozenset[str]) -> Node | None:
        start = self.at
        text = self.pattern
        if text.startswith("(?#", start):
            self.at = text.find(")", start) + 1 or len(text)
            return None
        if text.startswith("(*", start):
            raise UntranslatableError(f"the verb {text[start : start + 12]}")
        opening = re.compile(
            r"\(\?(?:P?<(?P<name>[^=!>][^>]*)>|'(?P<quoted>[^']+)'|(?P<look><?[=!])|(?P<plain>[:>|])"
            r"|(?P<flags>\^?[imsxnUJ]*(?:-[imsx]*)?):)"
        ).match(text, start)
        name = look = None
        inner = flags
        if opening:
            self.at = opening.end()
            name, look = opening["name"] or opening["quoted"], opening["look"]
            inner = _changed(flags, opening["flags"] or "")
        elif text.startswith("(?", start):
            raise UntranslatableError(f"the construct {text[start : start + 6]}…")
        else:
            self.at += 1
        branches = self._branches(inner)
        if not text.startswith(")", self.at):
            raise UntranslatableError("an opening bracket without a closing one")
        self.at += 1
        if look:
            return Look(branches, "<" in look, "!" in look, text[start : self.at])
        change = "" if ("i" in inner) == ("i" in flags) else "i" if "i" in inner else "-i"
        return Group(branches, name, change)

    def _escape(self, *, folds: bool) -> Node | None:
        one = self.pattern[self.at + 1 : self.at + 2]
        if one == "Q":
            end = self.pattern.find("\\E", self.at)
            quoted = self.pattern[self.at + 2 : end if end >= 0 else None]
            self.at = end + 2 if end >= 0 else len(self.pattern)
            pieces = tuple(literal(c, folds=folds) for c in quoted)
            return pieces[0] if len(pieces) == 1 else Group((pieces,))
        if one in "bB" and one:
            self.at += 2
            return Mark("\\" + one)
        if one in _EDGES:
            self.at += 2
            return Mark(_EDGES[one])
        if one in "KE" and one:  # where a match is said to begin does not matter for its groups
            self.at += 2
            return None
        if one == "R":
            self.at += 2
            crlf = (literal("\r", folds=False), literal("\n", folds=False))
            return Group((crlf, (Piece("[\\x0a-\\x0d]", _span(10, 13)),)))
        if one in "NXO" and one:
            self.at += 2
            return Piece(".", ANY)
        if one.isdigit() and one != "0":
            raise UntranslatableError(f"the backreference \\{one}")
        if one in "kg" and one:
            raise UntranslatableError(f"the reference {self.pattern[self.at : self.at + 8]}")
        chars, is_exact, text = self._escaped_set()
        if text and len(text) == 1:
            return literal(text, folds=folds)
        return Piece(text or written(chars), chars, is_exact)

    def _escaped_set(self) -> tuple[int, bool, str]:
        """The set that the escape here stands for; its text is one character where it is one, or a class's name."""
        one = self.pattern[self.at + 1 : self.at + 2]
        self.at += 2
        if one.lower() in _CLASSES and one:
            chars = _CLASSES[one.lower()]
            return (chars if one.islower() else ANY & ~chars), True, "\\" + one
        spaces = {"h": (1 << 32) | (1 << 9), "v": _span(10, 13)}
        if self.flavour is Flavour.ONIGURUMA:
            spaces = {"h": _HEX, "v": 1 << 11}
        if one.lower() in spaces and one:
            chars = spaces[one.lower()]
            return (chars if one.islower() else ANY & ~chars), True, ""
        if one in _CONTROLS:
            return 1 << _CONTROLS[one], True, chr(_CONTROLS[one])
        if one in "xu0" and one:
            code = re.compile(r"\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{4}|[0-9A-Fa-f]{1,2})|").match(
                self.pattern, self.at
            )
            octal = re.compile(r"[0-7]{0,2}").match(self.pattern, self.at)
            found = octal if one == "0" else code
            assert found is not None
            digits = found[0].strip("{}")[: None if found[0].startswith("{") or one == "u" else 2]
            self.at += len(found[0]) if found[0].startswith("{") else len(digits)
            value = int(digits or "0", 8 if one == "0" else 16)
            if value > 0x10FFFF:
                raise UntranslatableError(f"the character \\{one}{digits}")
            return (1 << value if value < 128 else BEYOND), value < 128, chr(value)
        if one in "pP" and one:
            found = re.compile(r"\{(\^?)(\w+)\}|()(\w)").match(self.pattern, self.at)
            name = (found[2] or found[4]) if found else ""
            if found is None or name not in _PROPERTIES:
                raise UntranslatableError(f"the property \\{one}{found[0] if found else ''}")
            self.at = found.end()
            chars = _PROPERTIES[name]
            is_negated = (one == "P") != bool(found[1])
            return (ANY & ~chars if is_negated else chars), False, ""
        if not one or one.isalnum():
            raise UntranslatableError(f"the escape \\{one}")
        return (1 << ord(one) if ord(one) < 128 else BEYOND), ord(one) < 128, one

    def _class(self, *, folds: bool) -> Piece:
        start = self.at
        self.at += 1
        is_negated = self.pattern.startswith("^", self.at)
        self.at += is_negated
        chars, is_exact, beyond, is_first = 0, True, "", True
        while True:
            one = self.pattern[self.at : self.at + 1]
            if not one:
                raise UntranslatableError(f"the class {self.pattern[start : start + 8]}… without its end")
            if one == "]" and not is_first:
                self.at += 1
                break
            if self.flavour is Flavour.ONIGURUMA and self.pattern.startswith("&&", self.at):
                raise UntranslatableError("the intersection && in a class")
            is_first = False
            low, exact, text = self._class_item(one)
            range_end = self.pattern[self.at + 1 : self.at + 2]
            if len(text) == 1 and self.pattern.startswith("-", self.at) and range_end not in ("]", ""):
                self.at += 1
                _, _, high = self._class_item(self.pattern[self.at])
                if len(high) != 1 or high < text:
                    raise UntranslatableError(f"the range {text}-{high} in a class")
                chars |= _span(ord(text), min(ord(high), 127)) if ord(text) < 128 else 0
                if ord(high) > 127:
                    beyond += f"{plain(max(ord(text), 128))}-{plain(ord(high))}"
                continue
            chars |= low & ~BEYOND if len(text) == 1 else low
            is_exact = is_exact and (exact or len(text) == 1)
            if len(text) == 1 and ord(text) > 127:
                beyond += plain(ord(text))
        if folds:
            chars |= sum(
                1 << ord(chr(c).swapcase()) for c in range(65, 123) if chars >> c & 1 and chr(c).isalpha()
            )
        if beyond and not chars & BEYOND:
            text = written(chars)[1:-1] if chars else ""
            whole = ANY & ~chars if is_negated else chars | BEYOND
            return Piece(f"[{'^' * is_negated}{text}{beyond}]", whole, is_exact=False)
        chars = ANY & ~chars if is_negated else chars
        if not chars:
            raise UntranslatableError(f"the class {self.pattern[start : self.at]}, which takes nothing,")
        return Piece(written(chars), chars, is_exact)

    def _class_item(self, one: str) -> tuple[int, bool, str]:
        posix = re.compile(r"\[:(\^?)(\w+):\]").match(self.pattern, self.at)
        if posix and posix[2] in _POSIX:
            self.at = posix.end()
            chars = _POSIX[posix[2]]
            return (ANY & ~chars if posix[1] else chars), True, ""
        if one == "[" and self.flavour is Flavour.ONIGURUMA:
            inner = self._class(folds=False)
            return inner.chars, inner.is_exact, ""
        if one == "\\":
            if self.pattern.startswith("\\b", self.at):
                self.at += 2
                return 1 << 8, True, "\b"
            chars, is_exact, text = self._escaped_set()
            return chars, is_exact, text if len(text) == 1 else ""
        self.at += 1
        return (1 << ord(one) if ord(one) < 128 else BEYOND), ord(one) < 128, one


def _span(low: int, high: int) -> int:
    return sum(1 << c for c in range(low, high + 1))


def _changed(flags: frozenset[str], change: str) -> frozenset[str]:
    if change.startswith("^"):
        flags, change = frozenset(), change[1:]
    on, _, off = change.partition("-")
    if "U" in on:
        raise UntranslatableError("the flag U, which swaps greedy and lazy,")
    return (flags | set(on)) - set(off)
