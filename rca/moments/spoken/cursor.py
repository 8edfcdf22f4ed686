"""The cursor: what the grammar may ask of the tokens at a place.

The decision hidden here: a rule gets an index and the languages still possible, and gives what it found, the next index and the
languages left. Nothing is ever read twice for want of memory: the senses of a token are looked up once.
"""

from __future__ import annotations

from typing import NamedTuple

from rca.moments.spoken.figures import short_year_at, year_at
from rca.moments.spoken.lexicon import EN, FIGURES, Kind, Lexicon, Sense, kinds
from rca.moments.spoken.tokens import Tokens

__all__ = ["DASHES", "Cursor", "Taken", "WrittenYear"]

DASHES = frozenset("-–—")
_BEHIND = frozenset("-–—'’") | {"am", "pm", "a", "p", "f", "e"}
"""What may stand behind the first number of a date besides words that have a sense: dashes, and am or pm."""
_SMALL = kinds(
    Kind.ARTICLE, Kind.PREPOSITION, Kind.PART_LEAD, Kind.LINK, Kind.IN, Kind.AGO_LEAD, Kind.CLOCK_WEAK, Kind.ABOUT, Kind.COMING,
    Kind.OF, Kind.LIMIT, Kind.LABEL, Kind.JOINT, Kind.AND, Kind.TO, Kind.PAST, Kind.MINUTES, Kind.AGO, Kind.DAY_WORD, Kind.OCLOCK,
    Kind.ARTICLE_NUMBER, Kind.FROM_NOW, Kind.BETWEEN,
)  # fmt: skip
"""Small words: a date may begin with one, never consist of them."""


class Taken(NamedTuple):
    """A sense found, the index after its words, and the languages left."""

    sense: Sense
    next: int
    languages: int


class WrittenYear(NamedTuple):
    """A year as written, or counted from now, with the index after it and the languages left."""

    year: int | None
    is_short: bool
    years_from_now: int | None
    next: int
    languages: int


class Cursor:
    """The tokens of a text with their senses."""

    __slots__ = ("_kinds", "_senses", "is_month_first", "is_whole", "text", "tokens", "words")

    def __init__(self, tokens: Tokens, words: Lexicon, *, is_whole: bool, is_month_first: bool) -> None:
        self.tokens, self.words, self.text = tokens, words, tokens.text
        self.is_whole, self.is_month_first = is_whole, is_month_first
        self._senses: dict[int, tuple[tuple[Sense, int], ...]] = {}
        self._kinds: dict[int, int] = {}

    def senses(self, index: int) -> tuple[tuple[Sense, int], ...]:
        """All senses of the phrases that begin at `index`, longest first."""
        found = self._senses.get(index)
        if found is None:
            known = index < len(self.tokens) and self.tokens.words[index] in self.words.first
            found = self._senses[index] = self.words.senses(self.tokens.words, index) if known else ()
        return found

    def kinds(self, index: int) -> int:
        """The kinds of all phrases that begin at `index`, as bits; `FIGURES` for a number in figures."""
        found = self._kinds.get(index)
        if found is None:
            found = FIGURES if self.tokens.is_number(index) else 0
            for sense, _ in self.senses(index):
                found |= sense.bit
            self._kinds[index] = found
        return found

    def leads_on(self, index: int, most: int = 5) -> bool:
        """Whether what begins at `index` is, or leads within `most` small words to, a word of a date."""
        places = {index}
        for _ in range(most):
            here = [place for place in places if self.kinds(place)]
            if any(self.kinds(place) & ~_SMALL for place in here):
                return True
            places = {self.dot(after) for place in here for _, after in self.senses(place)}
            if not places:
                return False
        return False

    def is_plain_number(self, index: int) -> bool:
        """Whether the number at `index` stands among other words, as most do, so that no date can begin with it but a bare year."""
        tokens = self.tokens
        after = self.text[tokens.ends[index] : tokens.ends[index] + 1]
        if after and not after.isspace() and after not in ',;)]}"!?':
            return False
        if len(tokens.words[index]) == 8 or (
            after == "," and self.text[tokens.ends[index] + 1 : tokens.ends[index] + 2].isdigit()
        ):
            return False
        return not self.kinds(index + 1) & ~FIGURES and tokens.word(index + 1) not in _BEHIND

    def take(self, index: int, languages: int, *kinds: Kind) -> Taken | None:
        """The longest phrase at `index` that has one of these kinds in one of these languages."""
        found = self._senses.get(index)
        if found is None:
            found = self.senses(index)
        for sense, after in found:
            left = sense.languages & languages
            if left and sense.kind in kinds:
                return Taken(sense, after, left)
        return None

    def skip(self, index: int, languages: int, *kinds: Kind) -> tuple[int, int]:
        """The index and languages behind such a phrase, or the same ones where there is none."""
        found = self.take(index, languages, *kinds)
        return (found.next, found.languages) if found else (index, languages)

    def dot(self, index: int) -> int:
        """The index behind a full stop that belongs to the word before it."""
        return index + 1 if self.tokens.word(index) == "." and self.tokens.is_glued(index) else index

    def comma(self, index: int) -> int:
        """The index behind a comma."""
        return index + 1 if self.tokens.word(index) == "," else index

    def place(self, index: int) -> int:
        """The character at which a token starts."""
        return self.tokens.starts[index] if index < len(self.tokens) else len(self.text)

    def number(self, index: int) -> int | None:
        """The number of one or two figures at `index`, standing by itself."""
        tokens = self.tokens
        if not tokens.is_number(index) or len(tokens.words[index]) > 2:
            return None
        end = tokens.ends[index]
        after = self.text[end : end + 2]
        if len(after) == 2 and after[0] in ".,:/" and after[1] in "0123456789":
            return None
        return int(tokens.words[index])

    def joint(self, index: int, languages: int) -> tuple[int, int] | None:
        """The index and languages behind a dash or a word that leads from one to another."""
        after = index
        while after < index + 2 and self.tokens.word(after) in DASHES:
            after += 1
        if after > index:
            return after, languages
        found = self.take(index, languages, Kind.JOINT)
        return (found.next, found.languages) if found else None

    def year(self, index: int, languages: int, *, is_glued: bool = False) -> WrittenYear | None:
        """The year that stands behind a day, month or week: `2024`, `, 2024`, `-24`, `'24`, `i fjol`, `vuonna 2024`."""
        tokens = self.tokens
        if tokens.lines_before(index) > 1:
            return None
        at = self.comma(index)
        word = self.take(at, languages, Kind.YEAR)
        if word is not None:
            found = self._figures(self.dot(word.next), word.languages)
            if found is not None:
                return found
        found = self._figures(at, languages)
        if found is not None:
            return found
        mark = tokens.word(index)
        if mark in DASHES and is_glued:
            found = self._figures(index + 1, languages)
            if found is not None:
                return found
        if mark in "-–'’" and mark:
            short = short_year_at(self.text, self.place(index))
            if short is not None:
                return WrittenYear(short[0], True, None, tokens.after(short[1], index), languages)
        if (
            self.is_whole
            and index == len(tokens) - 1
            and tokens.is_number(index)
            and len(tokens.words[index]) == 2
        ):
            return WrittenYear(int(tokens.words[index]), True, None, index + 1, languages)
        return self._years_from_now(index, languages)

    def _figures(self, index: int, languages: int) -> WrittenYear | None:
        if not self.tokens.is_number(index):
            return None
        found = year_at(self.text, self.place(index))
        return WrittenYear(found[0], False, None, index + 1, languages) if found else None

    def _years_from_now(self, index: int, languages: int) -> WrittenYear | None:
        period = self.take(index, languages, Kind.PERIOD)
        if period is not None and period.sense.unit == "year":
            return WrittenYear(None, False, period.sense.value, period.next, period.languages)
        for kind, offset in ((Kind.LAST, -1), (Kind.NEXT, 1), (Kind.THIS, 0)):
            turn = self.take(index, languages, kind)
            unit = turn and self.take(turn.next, turn.languages, Kind.UNIT)
            if unit and unit.sense.unit == "year" and unit.sense.value == 1:
                return WrittenYear(None, False, offset, unit.next, unit.languages)
        return None

    def of_year(self, index: int, languages: int, *, is_glued: bool = False) -> WrittenYear | None:
        """A year as in `year`, or behind "of", "i" or a bar."""
        found = self.year(index, languages, is_glued=is_glued)
        if found is not None:
            return found
        if self.tokens.word(index) == "/" and self.tokens.is_glued(index):
            return self._figures(index + 1, languages)
        word = self.take(index, languages, Kind.OF)
        return self._figures(word.next, word.languages) if word else None

    def is_verb_perhaps(self, index: int, languages: int) -> bool:
        """Whether the English month at `index` is written as the verb it may be: may, march."""
        return (
            languages == EN
            and self.tokens.word(index) in ("may", "march")
            and not self.tokens.is_capital(index)
        )
