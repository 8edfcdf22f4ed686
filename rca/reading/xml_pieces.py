"""`cut_elements`: the elements of given names in an XML stream, each with its exact bytes, and what stands between them.

The decision hidden here: where an element begins and ends, without a parser that a torn or hostile document could stop. An
element that holds another of its names ends where that begins; markup in CDATA and comments is none; nothing is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rca.reading.window import Window
from rca.reading.xml_elements import Element, loose_text, parse_elements

__all__ = ["XmlPiece", "cut_elements"]

_LONGEST = 1 << 23
_MARKS = re.compile(r"[\s>\]\0]*+")


@dataclass(frozen=True, slots=True)
class XmlPiece:
    """A stretch of a stream. `what` is element, structure, blank or unparsed; an element may break off (`is_whole`)."""

    what: str
    start: int
    raw: bytes
    line: int
    last_line: int
    is_whole: bool = True
    reason: str = ""

    @property
    def locator(self) -> str:
        """Its lines as a locator."""
        return f"L{self.line}" if self.line == self.last_line else f"L{self.line}-{self.last_line}"

    def element(self, encoding: str) -> Element | None:
        """The element itself; None where not even its first tag is whole."""
        elements = parse_elements(self.raw.decode(encoding, errors="backslashreplace"))
        return elements[0] if elements else None


def cut_elements(
    window: Window, names: Sequence[str], *, marks: re.Pattern[str] = _MARKS
) -> Iterator[XmlPiece]:
    """All of a window in order, every byte in one piece; elements of `names` (with their prefix, if any) are cut out.

    Text outside of all elements is unparsed, unless it is only `marks`.
    """
    return _Cut(window, names, marks).run()


class _Cut:
    def __init__(self, window: Window, names: Sequence[str], marks: re.Pattern[str]) -> None:
        self.window = window
        self.marks = marks
        tags = "|".join(re.escape(name) for name in names) or "(?!)"
        self.begin = re.compile(rf"<!\[CDATA\[|<!--|<(?P<tag>{tags})(?=[\s/>])")
        self.stop = re.compile(rf"<!\[CDATA\[|<!--|</(?P<end>{tags})\s*+>|<(?P<tag>{tags})(?=[\s/>])")
        self.head = re.compile(rf"<(?P<tag>{tags})(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+>")

    def run(self) -> Iterator[XmlPiece]:
        """The pieces."""
        window = self.window
        while True:
            begin = self._find()
            if begin < 0:
                cut = len(window.text) if window.is_done else window.text.rfind("<", window.at)
                if cut < 0 or window.left > _LONGEST:
                    cut = len(window.text)  # else a tag that begins here may go on in the next block
                yield from self._between(cut)
                if not window.read_more() and not window.left:
                    break
                continue
            yield from self._between(begin)
            while (end := self._end()) is None:
                window.read_more()
            yield XmlPiece("element", *window.take(end[0]), is_whole=end[1])
        start, line, odd = window.start, window.line, window.take_odd()
        if odd:
            yield XmlPiece("unparsed", start, odd, line, line, reason="half a character")

    def _find(self) -> int:
        """Where the next element begins that is not inside a comment or CDATA, -1 where the window shows none."""
        window, at = self.window, self.window.at
        while (found := self.begin.search(window.text, at)) is not None:
            if found["tag"]:
                return found.start()
            end = window.find_after("]]>" if found[0] == "<![CDATA[" else "-->", found.end())
            if end < 0 and not window.is_done and window.left <= _LONGEST:
                return -1
            at = end if end >= 0 else found.end()
        return -1

    def _end(self) -> tuple[int, bool] | None:
        """Where the element at the window's place ends and whether its end is written; None where more must be read."""
        window = self.window
        is_final = window.is_done or window.left > _LONGEST
        found = self.head.match(window.text, window.at)
        if found is not None and found[0].endswith("/>"):
            return found.end(), True
        at, limit = window.at + 1, min(window.at + _LONGEST, len(window.text))
        while (found := self.stop.search(window.text, at, limit)) is not None:
            if found["end"]:
                return found.end(), True
            if found["tag"]:
                return found.start(), False
            end = window.find_after("]]>" if found[0] == "<![CDATA[" else "-->", found.end())
            if end < 0 and not is_final:
                return None
            at = end if end >= 0 else found.end()
        return (limit, False) if is_final else None

    def _between(self, end: int) -> Iterator[XmlPiece]:
        """What stands between two elements: blank space, markup, or text that no markup encloses."""
        window = self.window
        if end <= window.at:
            return
        text = window.text[window.at : end]
        if not text.strip():
            yield XmlPiece("blank", *window.take(end))
        elif self.marks.fullmatch(loose_text(text)):
            yield XmlPiece("structure", *window.take(end))
        else:
            yield XmlPiece(
                "unparsed", *window.take(end), reason="text between the records of an XML document"
            )
