"""Tokens: the words, numbers and marks of a text with their places.

The decision hidden here: a run of letters, a run of figures and any other mark are one token each; case doesn't count, and
neither does whether å is written as one character or as two.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["Tokens", "composed"]

_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+|\S")


class Tokens:
    """The tokens of `text` from `begin` to `end`: `words` in lower case, with where each starts and ends."""

    __slots__ = ("ends", "starts", "text", "words")

    def __init__(self, text: str, begin: int = 0, end: int | None = None) -> None:
        self.text = text
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        for found in _TOKEN.finditer(text, begin, len(text) if end is None else end):
            self.words.append(found[0].lower())
            self.starts.append(found.start())
            self.ends.append(found.end())

    def __len__(self) -> int:
        return len(self.words)

    def word(self, index: int) -> str:
        """The word at `index` in lower case; empty beyond the ends."""
        return self.words[index] if 0 <= index < len(self.words) else ""

    def is_number(self, index: int) -> bool:
        """Whether the token is a run of figures."""
        return 0 <= index < len(self.words) and self.words[index][0] in "0123456789"

    def is_capital(self, index: int) -> bool:
        """Whether the token begins with a capital letter, as written."""
        return self.text[self.starts[index]].isupper()

    def is_glued(self, index: int) -> bool:
        """Whether nothing stands between this token and the one before it."""
        return 0 < index < len(self.words) and self.starts[index] == self.ends[index - 1]

    def lines_before(self, index: int) -> int:
        """How many line ends stand between this token and the one before it."""
        if not 0 < index < len(self.words):
            return 0
        return self.text.count("\n", self.ends[index - 1], self.starts[index])

    def after(self, place: int, index: int) -> int:
        """The first token from `index` on that starts at or after the character at `place`."""
        while index < len(self.words) and self.starts[index] < place:
            index += 1
        return index


def composed(text: str) -> tuple[str, list[int] | None]:
    r"""The text with each letter and its marks as one character, and where each character stood (None: unchanged).

    >>> composed("ma\u030andag")
    ('måndag', [0, 1, 3, 4, 5, 6, 7])
    """
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text, None
    pieces: list[str] = []
    places: list[int] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index < len(text) and unicodedata.combining(text[index]) and index - start < 8:
            continue
        piece = unicodedata.normalize("NFC", text[start:index])
        pieces.append(piece)
        places.extend([start] * len(piece))
        start = index
    places.append(len(text))
    return "".join(pieces), places
