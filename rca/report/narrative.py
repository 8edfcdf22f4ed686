"""The narrative: prose in Markdown in which every sentence ends with the citation that carries it.

The decision hidden here: what a sentence is and where its citations stand. Citations come in square brackets,
`[E1#M074]` or `[E1#M125; E2:L48]`, at the end of the sentence, before or after its full stop. Headings, comments and
code are not sentences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rca.errors import FormatError

__all__ = ["Narrative", "Section", "Sentence", "parse_narrative", "read_narrative"]

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BRACKET = re.compile(r"\[(E\d+[^\[\]\s][^\[\]]*)\]")
_SENTENCE_END = re.compile(r"[.!?…][\"”»')]*(?:\s*\[E\d+[^\]]*\])*(?=\s+[\"“”«'(]?[A-ZÅÄÖÆØÉ0-9]|\s*$)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:bl\.a|t\.ex|dvs|ca|kl|nr|e\.g|i\.e|cf|Dr|Mr|Ms|St|No|vs|approx|p|pp|s|f|ff)|\b[A-ZÅÄÖ])\.$"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement: its text without the brackets, its citations, and the line where it begins."""

    text: str
    citations: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its paragraphs, each a tuple of sentences."""

    heading: str
    slug: str
    level: int
    paragraphs: tuple[tuple[Sentence, ...], ...]


@dataclass(frozen=True, slots=True)
class Narrative:
    """A whole narrative, section by section."""

    path: str
    sections: tuple[Section, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in order."""
        return tuple(s for section in self.sections for paragraph in section.paragraphs for s in paragraph)

    @property
    def citations(self) -> tuple[str, ...]:
        """All citations, each once, in order of first use."""
        return tuple(dict.fromkeys(c for sentence in self.sentences for c in sentence.citations))


def read_narrative(path: Path) -> Narrative:
    """The narrative in the Markdown file at `path`; an absent file is an empty narrative.

    Raises:
        FormatError: the file is not UTF-8.
    """
    if not path.is_file():
        return Narrative(path.name, ())
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"Not UTF-8 at byte {error.start}", where=str(path), hint="Save it as UTF-8."
        ) from None
    return parse_narrative(text, path=path.name)


def parse_narrative(text: str, *, path: str = "narrative.md") -> Narrative:
    """The sections, paragraphs and sentences of a narrative.

    >>> [s.citations for s in parse_narrative("It began at 05:30 [E1#M074]. It ended.").sentences]
    [('E1#M074',), ()]
    """
    blank_comments = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    sections: list[Section] = []
    heading, level, paragraphs, block = "", 1, [], []  # type: str, int, list[tuple[Sentence, ...]], list[tuple[int, str]]

    def close_block() -> None:
        if block:
            sentences = _sentences(block)
            if sentences:
                paragraphs.append(sentences)
            block.clear()

    def close_section() -> None:
        close_block()
        if heading or paragraphs:
            sections.append(Section(heading, _slug(heading), level, tuple(paragraphs)))

    for number, line in enumerate(blank_comments.splitlines(), start=1):
        found = re.match(r"(#{1,6})\s+(.*?)\s*#*\s*$", line)
        if found:
            close_section()
            heading, level, paragraphs = found[2], len(found[1]), []
        elif line.strip():
            if re.match(r"\s*(?:[-*+]|\d+[.)])\s", line):
                close_block()
                line = re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", line)
            block.append((number, line.strip()))
        else:
            close_block()
    close_section()
    return Narrative(path, tuple(sections))


def _sentences(block: list[tuple[int, str]]) -> tuple[Sentence, ...]:
    text = ""
    starts: list[tuple[int, int]] = []
    for number, words in block:
        starts.append((len(text), number))
        text += words + " "
    found: list[Sentence] = []
    begin = 0
    for end in [*_ends(text), len(text)]:
        raw = text[begin:end]
        if raw.strip():
            offset = begin + len(raw) - len(raw.lstrip())
            line = max(number for start, number in starts if start <= offset)
            citations = tuple(c.strip() for group in _BRACKET.findall(raw) for c in group.split(";"))
            plain = re.sub(r"\s+", " ", _BRACKET.sub("", raw)).strip()
            plain = re.sub(r"\s+([.!?…,;:])", r"\1", plain)
            if plain:
                found.append(Sentence(plain, citations, line))
        begin = end
    return tuple(found)


def _ends(text: str) -> list[int]:
    matches = _SENTENCE_END.finditer(text)
    return [m.end() for m in matches if not _ABBREVIATION.search(text[: m.start() + 1])]


def _slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9åäöæøé]+", "-", heading.lower()).strip("-")
