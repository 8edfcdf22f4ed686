"""Needs: what a line must have for a pattern to fit it, told without running the pattern.

The decision hidden here: most of some hundred formats can be ruled out for a line by its first character and by texts that
their patterns hold. A pattern's needs are read from its source once; they never rule out a line that it fits, so that
asking them first changes nothing but the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["ANY_BYTE", "Lines", "Needs", "needs_of"]

ANY_BYTE = (1 << 256) - 1
"""All bytes, as a set of bits."""
_HIGH = ANY_BYTE ^ ((1 << 128) - 1)
_DIGITS = sum(1 << c for c in range(48, 58))
_LETTERS = sum(1 << c for c in (*range(65, 91), *range(97, 123)))
_WORD = _DIGITS | _LETTERS | 1 << 95
_SPACE = sum(1 << c for c in (9, 10, 11, 12, 13, 32))
_CLASSES = {
    "d": _DIGITS,
    "w": _WORD,
    "s": _SPACE,
    "D": ANY_BYTE ^ _DIGITS,
    "W": ANY_BYTE ^ _WORD,
    "S": ANY_BYTE ^ _SPACE,
}
_DIGIT = re.compile("[0-9]")
_SOME_DIGIT = "\0digit"
"""Among the texts of a pattern: some digit."""
_CONTROL = {"t": 9, "n": 10, "r": 13, "f": 12, "v": 11, "a": 7, "0": 0, "x": -1, "u": -1}


@dataclass(frozen=True, slots=True)
class Needs:
    """The bytes with which a line may begin, as a set of bits, the texts that it must hold, and whether a digit must be in it."""

    first: int
    texts: tuple[str, ...]
    digit: bool = False

    def allow(self, line: str) -> bool:
        """Whether the pattern may fit `line`."""
        start = line[:1].encode("utf-8", "replace")[0] if line else 10
        if not self.first >> start & 1 or not all(text in line for text in self.texts):
            return False
        return not self.digit or _DIGIT.search(line) is not None

    def allow_any(self, lines: Lines) -> bool:
        """Whether the pattern may fit one of `lines`."""
        if not self.first & lines.first or not all(text in lines.whole for text in self.texts):
            return False
        return any(map(self.allow, lines.each))


class Lines:
    """Some lines, with what all of them together have: most patterns are ruled out by that."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.each = tuple(dict.fromkeys(lines))
        self.whole = "\n".join(self.each)
        self.first = 0
        for line in self.each:
            self.first |= 1 << (line[:1].encode("utf-8", "replace")[0] if line else 10)


@lru_cache(maxsize=4096)
def needs_of(pattern: str) -> Needs:
    r"""What a line must have for `pattern`, which begins with `^`, to fit it.

    >>> needs_of(r"^\[(?P<stamp>[0-9]+)\] (?P<level>INFO|WARN): (?P<message>.*)$").texts
    ('[', '] ', ': ')
    """
    parser = _Parser(pattern)
    first, is_empty, texts = parser.choice()
    if not pattern.startswith("^") or parser.failed:
        return Needs(ANY_BYTE, ())
    held = dict.fromkeys(text for text in texts if text not in (" ", _SOME_DIGIT))
    return Needs(ANY_BYTE if is_empty else first, tuple(held), _SOME_DIGIT in texts)


class _Parser:
    """Reads a pattern piece by piece; each piece gives its first bytes, whether it may be empty, and its texts."""

    def __init__(self, pattern: str) -> None:
        self.text, self.at, self.failed = pattern, 0, False
        self.folds_case = False

    def choice(self) -> tuple[int, bool, list[str]]:
        first, is_empty, texts = self.sequence()
        while self.text[self.at : self.at + 1] == "|":
            self.at += 1
            other, may, more = self.sequence()
            digit = [_SOME_DIGIT] if _SOME_DIGIT in texts and _SOME_DIGIT in more else []
            first, is_empty, texts = first | other, is_empty or may, digit
        return first, is_empty, texts

    def sequence(self) -> tuple[int, bool, list[str]]:
        first, is_empty, texts, run = 0, True, [], ""
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            piece, may, inner, letter = self.piece()
            low, high = self.repeat()
            may = may or low == 0
            if is_empty:
                first |= piece
            is_empty = is_empty and may
            if letter is not None and low == 1 and high == 1:
                run += letter
                continue
            if letter is not None and low >= 1:
                run += letter
            texts.append(run)
            run = ""
            if low >= 1:
                texts.extend(inner)
                if letter is None and piece and piece & ~_DIGITS == 0 and not inner:
                    texts.append(_SOME_DIGIT)
        texts.append(run)
        return first, is_empty, [t for t in texts if t]

    def repeat(self) -> tuple[int, int]:
        """The least and the greatest number of times that the piece before is repeated."""
        low = high = 1
        mark = self.text[self.at : self.at + 1]
        if mark and mark in "?*+":
            self.at += 1
            low, high = {"?": (0, 1), "*": (0, 9), "+": (1, 9)}[mark]
        elif mark == "{":
            end = self.text.find("}", self.at)
            inside = self.text[self.at + 1 : end]
            if end > 0 and inside.replace(",", "").isdecimal():
                self.at = end + 1
                least, comma, most = inside.partition(",")
                low = int(least or 0)
                high = int(most or 9) if comma else low
        if self.text[self.at : self.at + 1] == "?" and (low, high) != (1, 1):
            self.at += 1
        return low, high

    def piece(self) -> tuple[int, bool, list[str], str | None]:
        """First bytes, whether it may be empty, texts, and the letter where it is one."""
        one = self.text[self.at]
        self.at += 1
        if one in "^$":
            return 0, True, [], None
        if one == ".":
            return ANY_BYTE, False, [], None
        if one == "[":
            return self.bracket(), False, [], None
        if one == "(":
            return self.group()
        if one == "\\":
            return self.escape()
        return self.letter(one)

    def letter(self, one: str) -> tuple[int, bool, list[str], str | None]:
        if not one.isascii():
            return _HIGH, False, [], None if self.folds_case else one
        if self.folds_case and one.isalpha():
            return 1 << ord(one.lower()) | 1 << ord(one.upper()), False, [], None
        return 1 << ord(one), False, [], one

    def escape(self) -> tuple[int, bool, list[str], str | None]:
        one = self.text[self.at : self.at + 1]
        self.at += 1
        if one in _CLASSES:
            return _CLASSES[one], False, [], None
        if one in ("b", "B", "A", "z", "Z"):
            return 0, True, [], None
        if one in _CONTROL:
            code = _CONTROL[one]
            if code < 0:
                self._skip_code(one)
                return ANY_BYTE, False, [], None
            return 1 << code, False, [], chr(code)
        if one.isalnum():  # a class of Unicode or another escape that is not read here
            self.failed = True
            return ANY_BYTE, True, [], None
        return self.letter(one)

    def _skip_code(self, one: str) -> None:
        if self.text[self.at : self.at + 1] == "{":
            self.at = self.text.find("}", self.at) + 1
        else:
            self.at += 2 if one == "x" else 4

    def bracket(self) -> int:
        found, is_not = 0, False
        if self.text[self.at : self.at + 1] == "^":
            is_not = True
            self.at += 1
        is_first = True
        while self.at < len(self.text) and (self.text[self.at] != "]" or is_first):
            is_first = False
            low = self._member()
            if (
                low < 0
                or self.text[self.at : self.at + 1] != "-"
                or self.text[self.at + 1 : self.at + 2] in ("]", "")
            ):
                found |= 0 if low < 0 else 1 << low
                found |= self._class
                continue
            self.at += 1
            high = self._member()
            found |= sum(1 << code for code in range(low, max(high, low) + 1)) if high >= 0 else ANY_BYTE
        self.at += 1
        if self.folds_case:
            for code in range(26):
                if found >> (65 + code) & 1 or found >> (97 + code) & 1:
                    found |= 1 << (65 + code) | 1 << (97 + code)
        return (ANY_BYTE ^ found) | _HIGH if is_not else found

    _class = 0

    def _member(self) -> int:
        """A member of a bracket: its byte, or -1 with `_class` set."""
        self._class = 0
        one = self.text[self.at]
        self.at += 1
        if one != "\\":
            if one.isascii():
                return ord(one)
            self._class = _HIGH
            return -1
        one = self.text[self.at : self.at + 1]
        self.at += 1
        if one in _CLASSES:
            self._class = _CLASSES[one]
            return -1
        if one in _CONTROL:
            code = _CONTROL[one]
            if code < 0:
                self._skip_code(one)
                self._class = ANY_BYTE
                return -1
            return code
        return ord(one)

    def group(self) -> tuple[int, bool, list[str], str | None]:
        folds = self.folds_case
        if self.text[self.at : self.at + 1] == "?":
            end = self.at + 1
            if self.text[end : end + 2] in ("P<", "<=", "<!") or self.text[end : end + 1] == "<":
                self.at = self.text.find(">", end) + 1
            else:
                while self.text[end : end + 1] not in (":", ")", ""):
                    end += 1
                flags = self.text[self.at + 1 : end]
                self.folds_case = ("i" in flags.partition("-")[0]) or (
                    folds and "i" not in flags.partition("-")[2]
                )
                self.at = end + 1
                if self.text[end : end + 1] == ")":  # flags for what follows
                    return 0, True, [], None
        first, is_empty, texts = self.choice()
        self.at += 1
        self.folds_case = folds
        return first, is_empty, texts, None
