"""Identifiers in minutes: numbers of cases (Dnr, Saksnr), § of earlier meetings, keys of tickets.

The decision hidden here: what is an identifier and what a number. A case number stands behind its label, or has the form
of one; a bare `1435/22` counts only in the heading of an item, since everywhere else it is a fraction or a date.
"""

from __future__ import annotations

import re

__all__ = ["find_case_numbers", "find_references", "heading_case_number"]

_LABELLED = re.compile(
    r"\b(?:dnr|d\.nr|diarienummer|diarienr|diarie-?nr|ärendenummer|ärendenr|ärende-?id|saksnr|saksnummer|arkivsaksnr|arkivsak|sagsnr|sagsnummer"
    r"|asianro|dnro|diaarinumero|diaarinro|case no|file no|ref)\b\.?\s*:?\s*(?:nr\.?\s*)?"
    r"(?P<value>(?:[A-ZÅÄÖÆØ]{1,8}[ /-]?)?\d[\d/:.-]*\d(?:\s?[A-Z]{2,4}(?=[\s,;.)]|$))?|\d{3,})",
    re.IGNORECASE,
)
_FORMED = re.compile(
    r"(?<![\w/-])(?:"
    r"[A-ZÅÄÖÆØ]{2,8}[ -]?\d{4}[-/]\d{2,6}(?::\d{1,4})?"
    r"|[A-ZÅÄÖÆØ]{1,8}/\d{4}[:/]\d{1,6}"
    r"|[A-ZÅÄÖÆØ]{2,8} \d{1,5}/\d{4}"
    r"|\d{5}/\d{4}"
    r"|\d{4}-\d{5,6}"
    r"|\d{4}/\d{3,6}(?:-\d{1,3})?"
    r")"
)
_BARE = re.compile(r"(?<![\w/.-])(?P<value>\d{1,5}/\d{2}(?:\d{2})?(?:-\d{1,3})?)(?![\d/])")
_GLUED = re.compile(r"(\d{5}/\d{4})\d{1,2}(?:\.\d{1,2})*\.?$")
_KEY = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{1,9}-\d{1,6}(?![\w-])")
_SECTION = re.compile(r"§{1,2}\s?\d{1,4}(?:\s?[a-h](?!\w))?(?:/\d{2,4})?")


def _cleaned(value: str) -> str:
    value = value.strip().rstrip(".,:;-/")
    glued = _GLUED.match(value)
    return glued[1] if glued else value


def find_case_numbers(text: str) -> list[str]:
    """The case numbers in a text, labelled or of their form; a classification glued to one is cut off.

    >>> find_case_numbers("Dnr 00123/20212.6."), find_case_numbers("Ärendenummer SLK-2026-00015")
    (['00123/2021'], ['SLK-2026-00015'])
    """
    found: list[tuple[int, str]] = []
    spans: list[tuple[int, int]] = []
    for match in _LABELLED.finditer(text):
        value = _cleaned(match["value"])
        if len(value) >= 3:
            found.append((match.start("value"), value))
            spans.append(match.span("value"))
    found.extend(
        (match.start(), _cleaned(match[0]))
        for match in _FORMED.finditer(text)
        if not any(low < match.end() and match.start() < high for low, high in spans)
    )
    return list(dict.fromkeys(value for _, value in sorted(found)))


def heading_case_number(text: str) -> tuple[str, list[str]]:
    """The title of an item without its case numbers at the ends, and these.

    >>> heading_case_number("Budget 2025 1435/22"), heading_case_number("Diarienummer 00322/2026 Budget")
    (('Budget 2025', ['1435/22']), ('Budget', ['00322/2026']))
    """
    numbers = find_case_numbers(text)
    title = text
    for pattern in (_LABELLED, _FORMED):
        for match in reversed(list(pattern.finditer(title))):
            if re.search(r"\(\s*$", title[: match.start()]):
                continue  # in brackets it is part of the title as written
            if not title[: match.start()].strip(" ,;–-") or not title[match.end() :].strip(" .,;–-"):
                title = f"{title[: match.start()].rstrip(' ,;–-(')} {title[match.end() :].lstrip(' .,;–-)')}".strip()
    bare = [
        match
        for match in _BARE.finditer(title)
        if not re.search(
            r"\b(?:den|till|från|läsåret|vintern|säsongen|budget|år|året)\s*$",
            title[: match.start()],
            re.IGNORECASE,
        )
    ]
    if not numbers and bare:
        match = bare[-1]
        at_end = not title[match.end() :].strip(" .,;)")
        at_begin = not title[: match.start()].strip(" ,;(")
        if at_end or at_begin:
            numbers = [match["value"]]
            title = (
                f"{title[: match.start()].rstrip(' ,;–-(')} {title[match.end() :].lstrip(' .,;–-)')}".strip()
            )
    return " ".join(title.split()), numbers


def find_references(text: str) -> list[str]:
    """Case numbers, keys of tickets and § that a text refers to.

    >>> find_references("Bordlagd den 26 januari 2023, § 29 (OPS-7)")
    ['§ 29', 'OPS-7']
    """
    text = text[:20_000]
    found = [re.sub(r"^§+\s?", "§ ", match) for match in _SECTION.findall(text)]
    cases = find_case_numbers(text)
    keys = [key for key in _KEY.findall(text) if not any(key in case for case in cases)]
    return list(dict.fromkeys([*found, *cases, *keys]))
