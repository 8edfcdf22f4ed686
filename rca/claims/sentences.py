"""Sentences and their parts, as exact places in a text.

The decision hidden here: where a sentence ends (not after `bl.a.`, `kl.`, `e.g.` or `8.`), where it breaks into parts that
make acts of their own (`;`, `, but`, `, men`), and what stands in quotation marks. Nothing is longer than `LONGEST`, so
that whatever looks at a sentence stays linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["LONGEST", "lowered", "quotations", "split_parts", "split_sentences"]

LONGEST = 1200
_SHORT = (
    "bl.a t.ex kl d.v.s dvs m.m m.fl o.s.v osv s.k t.o.m fr.o.m f.d resp ev ca nr st tel avd forts enl "
    "jfr inkl exkl mm mfl p.g.a pga f.n fn i.e e.g etc vs no mr mrs ms dr prof approx dept fig art sec "
    "vol ref a.m p.m jan feb mar apr jun jul aug sep sept okt oct nov dec mån tis ons tors fre lör sön "
    "dnr bil st ung max min u.s inc ltd "
)
_ABBREVIATIONS = frozenset(_SHORT.split())
_END = re.compile(
    r"(?P<stop>[.!?…]+[\"”’»)\]]*)(?=\s|$)"
    r"|\n[ \t]*\r?\n"
    r"|\n(?=[ \t]*(?:[-*•>#§|–]|\d{1,3}[.)]\s|\[|@))"
    r"|(?P<line>\n)(?=[ \t]*[A-ZÅÄÖ\"”“])"
)
_BEFORE = re.compile(r"[\w.]+$")
_QUOTES = re.compile(
    r"\"[^\"\n]{1,800}\"|“[^”\n]{1,800}”|”[^”\n]{1,800}”|„[^“”\n]{1,800}[“”]|»[^«»\n]{1,800}[«»]|«[^«»\n]{1,800}»"
    r"|(?<!\w)‘[^’\n]{1,400}’(?!\w)|(?<!\w)'[^'\n]{3,400}'(?!\w)"
)
_PART = re.compile(
    r"\s*;\s+|\s+[–—]\s+|[,.]?\s+(?:men|dock|däremot|but|however|yet|although|though|även om|trots att|medan|whereas)\s+"
)


def lowered(text: str) -> str:
    """`text` in lower case, character for character, so that places stay the same.

    >>> lowered("İ Är")
    'i är'
    """
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower()[0] for c in text)
    return low.replace("’", "'").replace("\u00a0", " ").replace("\n", " ").replace("\t", " ")


def quotations(text: str) -> list[tuple[int, int]]:
    """What stands in quotation marks, marks included: first character, character after the last."""
    return [found.span() for found in _QUOTES.finditer(text)]


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of `text` without the space around them: first character, character after the last.

    >>> text = "Möte kl. 9. Allt klart, bl.a. nätet! Sedan?"
    >>> [text[a:b] for a, b in split_sentences(text)]
    ['Möte kl. 9.', 'Allt klart, bl.a. nätet!', 'Sedan?']
    """
    begin = 0
    for found in _END.finditer(text):
        end = found.end() if found["stop"] else found.start()
        if found["stop"] == "." and not _ends(text, begin, found.start(), found.end()):
            continue
        if found["line"] and _wrapped(text, begin, found.start()):
            continue
        yield from _pieces(text, begin, end)
        begin = found.end()
    yield from _pieces(text, begin, len(text))


def _ends(text: str, begin: int, stop: int, after: int) -> bool:
    """Whether the full stop at `stop` ends a sentence: not an abbreviation, an initial or a number in a list."""
    following = text[after : after + 40].lstrip()
    if not following:
        return True
    before = _BEFORE.search(text[max(begin, stop - 20) : stop])
    word = before[0].casefold() if before else ""
    starts_new = following[0].isupper() or following[0] in "\"”“'>-*•§«»([@" or following[0].isdigit()
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()):
        return False
    if word.isdigit() and stop - max(begin, stop - 20) == len(word) and begin + len(word) >= stop:
        return False
    return starts_new or text[after : after + 1] == "\n"


def _wrapped(text: str, begin: int, stop: int) -> bool:
    """Whether the line end at `stop` is a hard wrap inside a sentence: the line is long and ends in no mark."""
    start = max(text.rfind("\n", begin, stop) + 1, begin)
    return stop - start >= 60


def _pieces(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    while begin < end:
        cut = end
        if end - begin > LONGEST:
            cut = text.rfind(" ", begin, begin + LONGEST) + 1
            if cut <= begin:
                cut = begin + LONGEST
        first, last = begin, cut
        while first < last and text[first].isspace():
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        if first < last:
            yield first, last
        begin = cut


def split_parts(low: str) -> list[tuple[int, int]]:
    """The parts of a sentence (in lower case) that stand for themselves: split at `;`, a dash and `but`.

    >>> low = "klart, men vi saknar personal"
    >>> [low[a:b] for a, b in split_parts(low)]
    ['klart', 'vi saknar personal']
    """
    spans, begin = [], 0
    for found in _PART.finditer(low):
        if found.start() > begin:
            spans.append((begin, found.start()))
        begin = found.end()
    if begin < len(low):
        spans.append((begin, len(low)))
    return spans
