"""The structure that lines of one log share: separators, brackets, levels and numbers at the same place in nearly all.

The decision hidden here: what counts as structure. A piece is taken when nearly all lines have it at that place; words
between such pieces are fields; where nothing is shared any more, the message begins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rca.reading.lines.formats import severity_number

__all__ = ["LETTERS", "Structure", "shared_structure"]

LETTERS = {"t": 1, "v": 1, "d": 5, "i": 9, "n": 10, "w": 13, "e": 17, "c": 18, "a": 19, "f": 21}
"""Levels that are written as one letter."""

_NEARLY_ALL = 0.97
_KEPT = 0.9
_MOST_FIELDS = 12
_MANY = 30
_UNSURE_IN_A_ROW = 2
_CLOSING = {"[": "]", "(": ")", "{": "}", "<": ">", '"': '"', "'": "'"}
_TOKEN = re.compile(r"[^\s|;]+")
_PROGRAM = re.compile(r"([^\s\[\]:]+)\[(\d+)\](?=:|\s|$)")
_PROGRAM_ONLY = re.compile(r"([^\s\[\]:]+)(?:\[(\d+)\])?(?=:\s)")
_CALLED = re.compile(r"[\w.$/@-]+(?=:(?:\s|$))")
_PAIR = re.compile(r"(\w+)=")
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?=\s|$)|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f.:]*(?=\s|$)")
_NUMBER = re.compile(r"\d+(?=\s|$)")


@dataclass(slots=True)
class Structure:
    """A pattern for the shared beginning of texts, the values of its fields, and which texts it was found in."""

    pattern: str = ""
    values: dict[str, Counter[str]] = field(default_factory=dict)
    rests: list[str] = field(default_factory=list)
    letters: bool = False


@dataclass(slots=True)
class _Piece:
    pattern: str
    values: dict[str, list[str]]
    is_sure: bool
    is_number: bool = False


def shared_structure(texts: Sequence[str], *, first_field: int, is_before: bool) -> Structure:
    """The structure at the beginning of the texts; `is_before` texts end where the stamp begins and are taken whole.

    Fields without a better name are called field_N, counting from `first_field`.
    """
    pieces: list[_Piece] = []
    rests = list(texts)
    history: list[list[str]] = []
    number, unsure = first_field, 0
    names: set[str] = set()
    while len(history) < 3 * _MOST_FIELDS:
        found = _separator(rests) or _field(rests, number, names, pieces[-1].pattern[-1:] if pieces else "")
        if found is None:
            break
        piece, left = found
        if len(left) < _KEPT * len(texts) or left == rests:
            break
        if piece.is_number and unsure:
            piece.is_sure = False  # words and a number are a sentence
        unsure = 0 if piece.is_sure else unsure + bool(piece.values)
        if unsure > (_UNSURE_IN_A_ROW if not is_before else _MOST_FIELDS):
            break
        if len(texts) < _MANY and len(pieces) > 1 and _ends_a_head(pieces[-2:]):
            break  # few lines share much by chance: what stands after "program: " is taken as text
        history.append(rests)
        pieces.append(piece)
        names |= set(piece.values)
        number += sum(1 for name in piece.values if name.startswith("field_"))
        rests = left
        if not any(rests):
            break
    if not is_before:
        last = max((n for n, piece in enumerate(pieces) if piece.is_sure), default=-1) + 1
        while last < len(pieces) and not pieces[last].values:
            last += 1  # the separators before the message are none of it
        if last < len(pieces):
            pieces, rests = pieces[:last], history[last]
    values = {name: Counter(seen) for piece in pieces for name, seen in piece.values.items()}
    is_letters = "severity" in values and all(len(word) == 1 for word in values["severity"])
    return Structure("".join(piece.pattern for piece in pieces), values, rests, is_letters)


def _ends_a_head(pieces: Sequence[_Piece]) -> bool:
    return pieces[0].pattern == ":" and pieces[1].pattern.startswith(" ")


def _most(texts: Sequence[str], key: Callable[[str], str | None]) -> str | None:
    """The key that nearly all texts share."""
    if not texts:
        return None
    (best, count), *_ = Counter(map(key, texts)).most_common(1)
    return best if best is not None and count >= _NEARLY_ALL * len(texts) else None


def _separator(rests: Sequence[str]) -> tuple[_Piece, list[str]] | None:
    one = _most(
        rests, lambda text: text[:1] if text[:1] and not text[:1].isalnum() and text[:1] != "_" else None
    )
    if one is None:
        return None
    kept = [text for text in rests if text[:1] == one]
    if one == " ":
        left = [text.lstrip(" ") for text in kept]
        is_single = all(len(text) - len(short) == 1 for text, short in zip(kept, left, strict=True))
        return _Piece(" " if is_single else " +", {}, is_sure=False), left
    pattern = re.escape(one) if one != "\t" else r"\t"
    return _Piece(pattern, {}, is_sure=one in "|\t;"), [text[1:] for text in kept]


def _field(
    rests: Sequence[str], number: int, names: set[str], before: str
) -> tuple[_Piece, list[str]] | None:
    """The next field of nearly all texts, by the most telling shape that fits; `before` is the separator's end."""
    free = f"field_{number}"
    closing = _CLOSING.get(before)
    if closing and (found := _until(rests, closing, free, names)):
        return found
    for delimiter in ("\t", "|", ";"):
        if before in ("", " ", delimiter) and (found := _until(rests, delimiter, free, names)):
            return found
    key = _most(rests, lambda text: m[1] if (m := _PAIR.match(text)) else None)
    if key is not None:
        kept = [text for text in rests if text.startswith(f"{key}=")]
        return _Piece(f"{re.escape(key)}=", {}, is_sure=True), [text[len(key) + 1 :] for text in kept]
    if found := _level(rests, names):
        return found
    shapes: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = (
        (_PROGRAM, r"(?P<{0}>[^ \[\]:]+)\[(?P<{1}>\d+)\]", ("component", "pid")),
        (_PROGRAM_ONLY, r"(?P<{0}>[^ \[\]:]+)(?:\[(?P<{1}>\d+)\])?", ("component", "pid")),
        (_CALLED, r"(?P<{0}>[\w.$/@-]+)", (free,)),
        (_ADDRESS, r"(?P<{0}>[0-9A-Fa-f.:]+)", (free,)),
        (_NUMBER, r"(?P<{0}>\d+)", (free,)),
        (_TOKEN, r"(?P<{0}>[^ |;]+)", (free,)),
    )
    for shape, pattern, wanted in shapes:
        if names & set(wanted):
            continue
        matched = [m for text in rests if (m := shape.match(text))]
        if len(matched) >= _NEARLY_ALL * len(rests):
            values = {
                name: [m[n] or "" if shape.groups else m[0] for m in matched]
                for n, name in enumerate(wanted, 1)
            }
            if not all(any(seen) for seen in values.values()):
                continue
            left = [m.string[m.end() :] for m in matched]
            is_number = shape in (_NUMBER, _ADDRESS)
            return _Piece(
                pattern.format(*wanted), values, is_sure=shape is not _TOKEN, is_number=is_number
            ), left
    return None


def _level(rests: Sequence[str], names: set[str]) -> tuple[_Piece, list[str]] | None:
    if "severity" in names:
        return None
    words = [m for text in rests if (m := re.match(r"[A-Za-z]+", text))]
    known = [m for m in words if severity_number(m[0]) is not None]
    if len(known) < _NEARLY_ALL * len(rests):
        letters = [m for m in words if m[0].casefold() in LETTERS]
        if len(letters) < _NEARLY_ALL * len(rests) or len({m[0] for m in letters}) < 2:
            return None
        known = letters
    left = [m.string[m.end() :] for m in known]
    return _Piece("(?P<severity>[A-Za-z]+)", {"severity": [m[0] for m in known]}, is_sure=True), left


def _until(rests: Sequence[str], end: str, free: str, names: set[str]) -> tuple[_Piece, list[str]] | None:
    """A field that runs to a closing bracket, a quote or a delimiter."""
    kept = [text for text in rests if end in text]
    if len(kept) < _NEARLY_ALL * len(rests):
        return None
    values = [text.partition(end)[0] for text in kept]
    left = [text.partition(end)[2] for text in kept]
    told = [value.strip() for value in values if value.strip()]
    is_level = bool(told) and sum(severity_number(v) is not None for v in told) >= _NEARLY_ALL * len(told)
    name = "severity" if is_level and "severity" not in names else free
    escaped = r"\t" if end == "\t" else re.escape(end)
    inside = rf"[^{escaped}]*"
    if all(value == value.strip() for value in values) or end in "\t)]}>\"'":
        return _Piece(f"(?P<{name}>{inside}){escaped}", {name: values}, is_sure=True), left
    pattern = rf"(?P<{name}>[^ {escaped}]*(?: +[^ {escaped}]+)*) *{escaped}"
    return _Piece(pattern, {name: [value.strip() for value in values]}, is_sure=True), left
