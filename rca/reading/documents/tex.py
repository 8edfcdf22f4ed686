r"""`read_tex`: a LaTeX source as blocks with the lines on which they stand.

The decision hidden here: what a person would see on the page, as far as it is written in the source. Commands that set
type give their text; environments of lists and tables give items and rows; an environment or command of the author's own
(`\begin{beslut}`) is a label, since its name says what it holds. Nothing is expanded or run.

References:
    L. Lamport, LaTeX: A Document Preparation System; LaTeX2e: An unofficial reference manual (latexref.xyz).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from rca.reading.documents.blocks import Block, BlockKind, Content
from rca.reading.documents.text_lines import LABEL, Line, block_of, book_the_rest, joined, read_lines
from rca.reading.source import Source

__all__ = ["plain_tex", "read_tex"]

_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 1,
    "subsection": 2,
    "subsubsection": 3,
    "paragraph": 4,
    "subparagraph": 5,
}
_LISTS = ("itemize", "enumerate", "description", "compactitem", "compactenum", "list")
_TABLES = ("tabular", "tabularx", "longtable", "array", "tabu", "tblr")
_PLAIN = [
    "document",
    "center",
    "displayquote",
    "displaycquote",
    "flushleft",
    "flushright",
    "quote",
    "quotation",
    "verse",
    "abstract",
    "titlepage",
    "minipage",
    "multicols",
    "figure",
    "table",
    "wrapfigure",
    "landscape",
    "small",
    "large",
    "footnotesize",
    "verbatim",
    "lstlisting",
    "equation",
    "align",
    "letter",
    "adjustwidth",
    "spacing",
]
_DROPPED = [
    "label",
    "ref",
    "pageref",
    "eqref",
    "cite",
    "vspace",
    "hspace",
    "includegraphics",
    "input",
    "include",
    "usepackage",
    "bibliography",
    "bibliographystyle",
    "newpage",
    "clearpage",
    "pagebreak",
    "pagestyle",
    "thispagestyle",
    "setlength",
    "setcounter",
    "addtocounter",
    "pagenumbering",
    "hline",
    "toprule",
    "midrule",
    "bottomrule",
    "cline",
    "centering",
    "raggedright",
    "noindent",
    "maketitle",
    "tableofcontents",
    "begin",
    "end",
    "csname",
    "endcsname",
    "arabic",
    "geometry",
    "hypersetup",
    "KOMAoptions",
    "documentclass",
    "newcommand",
    "renewcommand",
    "providecommand",
    "def",
    "selectlanguage",
    "phantomsection",
    "vfill",
    "hfill",
    "bigskip",
    "medskip",
    "smallskip",
    "appendix",
    "linespread",
    "setlist",
    "index",
    "null",
]
_TYPE = [
    "textbf",
    "textit",
    "emph",
    "underline",
    "texttt",
    "textsc",
    "textsf",
    "textrm",
    "text",
    "mbox",
    "footnote",
    "textsuperscript",
    "textsubscript",
    "href",
    "url",
    "blockquote",
    "enquote",
    "large",
    "Large",
    "sout",
    "uline",
    "hl",
    "centerline",
    "item",
    "quote",
    "verb",
]
_HEADS = {
    "title": BlockKind.HEADING,
    "subtitle": BlockKind.PARAGRAPH,
    "author": BlockKind.PARAGRAPH,
    "date": BlockKind.PARAGRAPH,
}
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*$")
_COMMAND = re.compile(r"\\([^\W\d_]+)\*?")
_HEADING = re.compile(r"\s*\\(part|chapter|(?:sub){0,2}section|(?:sub)?paragraph)\*?\s*(?:\[[^\]]*\])?\s*\{")
_BEGIN = re.compile(r"\s*\\(begin|end)\s*\{([^{}]+)\}(.*)$")
_ITEM = re.compile(r"\s*\\item\b\s*(?:\[([^\]]*)\])?\s*(.*)$")
_HEAD = re.compile(r"\s*\\(title|subtitle|author|date)\s*(?:\[[^\]]*\])?\s*\{")
_ARGUMENTS = re.compile(r"\s*\\([^\W\d_]+)\*?((?:\s*(?:\[[^\[\]]*\]|\{[^{}]*\}))+)\s*$")
_ARGUMENT = re.compile(r"\[([^\[\]]*)\]|\{([^{}]*)\}")
_VERB = re.compile(r"\\verb\*?([^\w\s*])(.*?)\1")
_LINK = re.compile(r"\\href\s*\{[^{}]*\}\s*\{([^{}]*)\}")
_GONE = re.compile(rf"\\(?:{'|'.join(_DROPPED)})\b\*?(?:\s*(?:\[[^\[\]]*\]|\{{[^{{}}]*\}}))*")
_OPTION = re.compile(r"(\\[^\W\d_]+\*?)\s*\[[^\[\]]*\]")
_ACCENT = re.compile(
    r"\\([`'^\"~=.])\s*(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))|\\([cvHuk])\s*\{([A-Za-z])\}|\\r\s*\{([Aa])\}"
)
_MARKS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328",
}  # fmt: skip
_LETTERS = {"aa": "å", "AA": "Å", "ae": "æ", "AE": "Æ", "o": "ø", "O": "Ø", "ss": "ß", "S": "§", "P": "¶", "ldots": "…",
            "dots": "…", "textendash": "–", "textemdash": "—", "LaTeX": "LaTeX", "TeX": "TeX", "euro": "€", "today": ""}  # fmt: skip
_LETTER = re.compile(rf"\\({'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}| )?")


def plain_tex(text: str) -> str:
    r"""The text of TeX as it would be set.

    >>> plain_tex(r"\textbf{Tid:} 15:00~-- 16:30, 5 \S, caf\'e")
    'Tid: 15:00 – 16:30, 5 §, café'
    """
    text = _VERB.sub(r"\2", text)
    text = _LINK.sub(r"\1", text)
    text = _ACCENT.sub(_composed, text)
    text = _LETTER.sub(lambda found: _LETTERS[found[1]], text)
    text = _GONE.sub(" ", text)
    text = _OPTION.sub(r"\1", text)
    text = re.sub(r"\\\\(?:\[[^\]]*\])?", " ", text)
    text = re.sub(r"\\([%&_#${} ])", lambda found: chr(0xE000 + ord(found[1])), text)
    text = _COMMAND.sub("", text)
    text = re.sub(r"[{}]", "", text).replace("~", " ").replace("---", "—").replace("--", "–")
    text = (
        text.replace("``", "“").replace("''", "”").replace("\\,", " ").replace("\\@", "").replace("\\-", "")
    )
    return joined([re.sub(r"[\ue000-\ue0ff]", lambda found: chr(ord(found[0]) - 0xE000), text)])


def _composed(found: re.Match[str]) -> str:
    if found[6]:
        return "Å" if found[6] == "A" else "å"
    mark, letter = found[1] or found[4], found[2] or found[3] or found[5]
    return unicodedata.normalize("NFC", letter + _MARKS[mark])


def read_tex(source: Source) -> Content:
    """The blocks of a LaTeX source; its title, author and date are properties and blocks."""
    lines = read_lines(source)
    found = _Tex(lines)
    blocks = list(found.blocks())
    book_the_rest(source, lines, blocks)
    return Content(blocks, found.properties)


class _Tex:
    """One source on its way from lines to blocks."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.texts = [_COMMENT.sub(r"\1", line.text) for line in lines]
        self.properties: dict[str, str] = {}
        begin = next((i for i, text in enumerate(self.texts) if r"\begin{document}" in text), None)
        self.begin = 0 if begin is None else begin + 1
        self.depth = 0
        self.tables = 0
        self.held: list[int] = []
        self.is_item = False

    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        yield from self._head()
        number = self.begin
        while number < len(self.lines):
            text = self.texts[number]
            if r"\end{document}" in text:
                break
            if not text.strip():
                if not self.lines[number].text.strip():
                    yield from self._flush()
                number += 1
                continue
            heading = _HEADING.match(text)
            head = _HEAD.match(text)
            if heading or head:
                yield from self._flush()
                end, whole = self._braced(number, (heading or head).end() - 1)  # type: ignore[union-attr]
                if heading:
                    title = plain_tex(whole)
                    if title:
                        yield block_of(
                            self.lines[number : end + 1], title, BlockKind.HEADING, level=_LEVELS[heading[1]]
                        )
                elif head:
                    yield from self._titled(head[1], number, end, whole)
                number = end + 1
                continue
            yield from self._line(number, text)
            number += 1
        yield from self._flush()

    def _head(self) -> Iterator[Block]:
        """Title, author and date from before the document begins."""
        number = 0
        while number < self.begin:
            head = _HEAD.match(self.texts[number])
            if head:
                end, whole = self._braced(number, head.end() - 1)
                yield from self._titled(head[1], number, end, whole)
                number = end
            number += 1

    def _titled(self, name: str, number: int, end: int, whole: str) -> Iterator[Block]:
        text = plain_tex(whole)
        if text:
            self.properties.setdefault(name, text)
            shown = text if name in ("title", "subtitle") else f"{name}: {text}"
            yield block_of(self.lines[number : end + 1], shown, _HEADS[name], level=int(name == "title"))

    def _braced(self, number: int, at: int) -> tuple[int, str]:
        """The text between the brace at `at` and the one that closes it, and the line where that is."""
        depth, parts = 0, list[str]()
        for line in range(number, min(number + 20, len(self.lines))):
            text = self.texts[line][at if line == number else 0 :]
            for place, letter in enumerate(text):
                depth += (letter == "{") - (letter == "}")
                if depth == 0:
                    parts.append(text[: place + 1])
                    return line, " ".join(parts)[1:-1]
            parts.append(text)
        return number, self.texts[number][at + 1 :]

    def _line(self, number: int, text: str) -> Iterator[Block]:
        environment = _BEGIN.match(text)
        if environment:
            yield from self._flush()
            yield from self._environment(number, environment)
            return
        item = _ITEM.match(text)
        if item:
            yield from self._flush()
            self.held, self.is_item = [number], True
            if text.rstrip().endswith("\\\\"):
                yield from self._flush()
            return
        if self.tables and "&" in text:
            yield from self._flush()
            yield from self._cells(number, [plain_tex(cell) for cell in re.split(r"(?<!\\)&", text)])
            return
        own = _ARGUMENTS.match(text)
        if own and own[1] not in _DROPPED and own[1] not in _TYPE and own[1] not in _LETTERS:
            yield from self._flush()
            yield from self._cells(
                number, [plain_tex(one[1] or one[2] or "") for one in _ARGUMENT.finditer(own[2])]
            )
            return
        shown = plain_tex(self._named(text))
        if not shown:
            return
        if self.held and LABEL.match(shown):
            yield from self._flush()
        self.held.append(number)
        if text.rstrip().endswith("\\\\"):
            yield from self._flush()

    def _environment(self, number: int, found: re.Match[str]) -> Iterator[Block]:
        what, name, rest = found[1], found[2].strip().rstrip("*"), found[3]
        change = 1 if what == "begin" else -1
        if name in _TABLES:
            self.tables = max(0, self.tables + change)
            return
        if name in _LISTS:
            self.depth = max(0, self.depth + change)
            return
        if name in _PLAIN or what == "end":
            rest = plain_tex(rest) if name in _PLAIN and not rest.lstrip().startswith(("[", "{")) else ""
            if rest:
                self.held = [number]
            return
        label = name.replace("_", " ").replace("-", " ")
        about = plain_tex(re.sub(r"[\[\]]", " ", rest))
        text = f"{label[:1].upper()}{label[1:]}: {about}".strip()
        yield block_of([self.lines[number]], text, BlockKind.PARAGRAPH, is_strong=True)

    def _named(self, text: str) -> str:
        r"""The text with what `\title`, `\author` and `\date` said in place of their names."""
        if "@" not in text:
            return text
        return re.sub(
            r"@(title|subtitle|author|date)\b", lambda found: self.properties.get(found[1], found[0]), text
        )

    def _cells(self, number: int, cells: list[str]) -> Iterator[Block]:
        text = " | ".join(cell for cell in cells if cell)
        if text:
            yield block_of([self.lines[number]], text, BlockKind.ROW, cells=tuple(cells))

    def _flush(self) -> Iterator[Block]:
        held, self.held = self.held, []
        is_item, self.is_item = self.is_item, False
        if not held:
            return
        raw = "\n".join(self.texts[number] for number in held)
        label = ""
        if is_item:
            found = _ITEM.match(self.texts[held[0]])
            label = f"{plain_tex(found[1])}: " if found and found[1] and plain_tex(found[1]) else ""
            raw = re.sub(r"\\item\b\s*(?:\[[^\]]*\])?", "", raw, count=1)
        environment = _BEGIN.match(self.texts[held[0]])
        if environment:
            raw = raw.replace(environment[0], environment[3], 1)
        text = label + plain_tex(self._named(raw))
        if text:
            lines = self.lines[held[0] : held[-1] + 1]
            kind = BlockKind.ITEM if is_item else BlockKind.PARAGRAPH
            yield block_of(lines, text, kind, level=max(1, self.depth) if is_item else 0)
