"""Searching: where in running text dates can stand, and which of them what stands around bears out.

The decision hidden here: what only looks like a date. Figures inside a number, path or address begin none; those behind `version`, `rum`,
`dnr` or § are none; a bare year, `12/11` or `5.11.` is one only behind a word such as `senast` or `in`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rca.moments.spoken.cursor import DASHES, Cursor
from rca.moments.spoken.grammar import expression_at
from rca.moments.spoken.lexicon import Kind
from rca.moments.spoken.pieces import Context, Expression

__all__ = ["expressions", "windows"]

_REACH = 160
"""How far before a figure a date may begin, in characters."""
_MOST_WORDS = 24
"""How many words and marks can stand before the first figure of a date."""
_FIGURES = re.compile(r"[0-9]+")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def windows(text: str, *, needs_figures: bool) -> Iterator[tuple[int, int]]:
    """The stretches of text in which dates can be; without a time of saying, a date holds figures."""
    if not needs_figures:
        if text:
            yield 0, len(text)
        return
    begin = end = -1
    for found in _FIGURES.finditer(text):
        at = found.start()
        if end >= 0 and at - 2 * _REACH <= end:
            end = found.end() + _REACH
            continue
        if end >= 0:
            yield begin, _word_end(text, end)
        begin, end = _word_start(text, max(at - _REACH, 0)), found.end() + _REACH
    if end >= 0:
        yield begin, min(end, len(text))


def _word_start(text: str, place: int) -> int:
    while place > 0 and not text[place - 1].isspace():
        place -= 1
    return place


def _word_end(text: str, place: int) -> int:
    while place < len(text) and not text[place].isspace():
        place += 1
    return place


def expressions(
    cursor: Cursor, languages: int, *, needs_figures: bool
) -> Iterator[tuple[int, int, Expression]]:
    """The expressions in running text that what stands around them allows, with their first character and the one after the last."""
    tokens = cursor.tokens
    index, count = 0, len(tokens)
    first = cursor.words.first
    figure = behind_dash = -1
    while index < count:
        if needs_figures and figure < index:
            figure = next((at for at in range(index, count) if tokens.is_number(at)), count)
            if figure == count:
                return
        if needs_figures and figure - index > _MOST_WORDS:
            index = figure - _MOST_WORDS
        word = tokens.words[index]
        if word[0] not in "0123456789" and (word not in first or not cursor.leads_on(index)):
            index += 1
            continue
        if not (index == behind_dash or _can_start(cursor, index)) or (
            word[0] in "0123456789"
            and cursor.is_plain_number(index)
            and not _is_year_perhaps(cursor, index, languages)
        ):
            index += 1
            continue
        found = expression_at(cursor, index, languages)
        if found is None or found.context is Context.WHOLE:
            index += 1
            continue
        if _is_borne_out(cursor, found, languages):
            yield tokens.starts[found.first], tokens.ends[found.next - 1], found
        index = found.next
        if cursor.tokens.word(index) in DASHES and index + 1 < count:
            behind_dash = index + 1


def _can_start(cursor: Cursor, index: int) -> bool:
    """Whether a date can begin with the token: not in the middle of a word, a number, a path or an address."""
    start = cursor.tokens.starts[index]
    if start == 0:
        return True
    before = cursor.text[start - 1]
    if before.isspace() or before in "([{\"'”“’«»|>;":
        return True
    if _ISO.match(cursor.text, start):
        return not before.isalnum() and before not in "-_"
    if before.isalnum() or before in "-–/\\_#§$€£+.@&%~":
        return before == "–" and start > 1 and cursor.text[start - 2].isspace()
    return not (before in ",:" and start > 1 and cursor.text[start - 2].isdigit())


def _is_borne_out(cursor: Cursor, found: Expression, languages: int) -> bool:
    """Whether the text around an expression makes it the date that it looks like."""
    if found.context is Context.NOTHING:
        return True
    start = cursor.tokens.starts[found.first]
    if cursor.words.label.search(cursor.text, max(0, start - 24), start):
        return False
    if found.context is Context.NO_LABEL:
        return True
    return _follows_limit(cursor, found, languages)


def _is_year_perhaps(cursor: Cursor, index: int, languages: int) -> bool:
    return len(cursor.tokens.words[index]) == 4 and _follows_limit(
        cursor, Expression(index, index + 1, languages), languages
    )


def _follows_limit(cursor: Cursor, found: Expression, languages: int) -> bool:
    """Whether a word before it (`senast`, `in`) or brackets around it say that figures are a date."""
    tokens = cursor.tokens
    before = found.first - 1
    while before >= 0 and tokens.words[before] in (":", ".", "="):
        before -= 1
    if before < 0:
        return False
    if tokens.words[before] == "(" and tokens.word(found.next) in (")", ","):
        return True
    return any(
        sense.kind is Kind.LIMIT and sense.languages & languages
        for sense, after in cursor.senses(before)
        if after == before + 1
    )
