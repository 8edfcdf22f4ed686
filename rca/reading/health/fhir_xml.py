"""`cut_resources`: where FHIR resources begin and end in XML, alone, one after another, or in bundles.

The decision hidden here: which elements are resources. An element with the name of a resource is one, or any that
stands in `resource`; bundles and their entries are entered. A resource that breaks off ends where the entry, resource
or document after it begins. `resource_of` makes an element the object that JSON would hold.

References:
    HL7 FHIR R5, 2.1.17 (XML representation) and 2.1.18 (JSON representation).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rca.reading.health.fhir_times import TYPES
from rca.reading.window import Window
from rca.reading.xml_elements import Element, loose_text

__all__ = ["Piece", "cut_resources", "is_fhir_xml", "resource_of"]

_LONGEST = 1 << 24
_DEPTH = 100
_BLANK = " \t\r\n\0\x0b\x0c"
_PREFIX = r"(?:[A-Za-z_][\w.\-]{0,60}:)?"
_KNOWN = "|".join(sorted(TYPES - {"Bundle"}, key=lambda name: (-len(name), name)))
_BEGIN = re.compile(
    rf"(?P<comment><!--)|(?P<known><{_PREFIX}(?:{_KNOWN})(?=[\s/>]))"
    rf"|<{_PREFIX}resource(?:\s[^<>]{{0,400}})?+>\s*+(?P<other><{_PREFIX}(?!Bundle[\s/>])[A-Z])",
    re.ASCII,
)
_NAME = r"[A-Za-z_][\w.\-]*+(?::[\w.\-]++)?"
_TOKEN = re.compile(
    rf"(?P<bound><!--|<!\[CDATA\[)|(?P<document><\?xml\s)|</(?P<close>{_NAME})\s*+>"
    rf"|<(?P<open>{_NAME})(?=[\s/>])(?P<rest>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>",
    re.ASCII,
)
_ENTRY = re.compile(rf"\s*+<{_PREFIX}(?:fullUrl|resource|link|request|response|search)[\s/>]", re.ASCII)
_HOLDERS = frozenset({"contained", "resource", "outcome"})
_ROOT = re.compile(
    rf"[\s\ufeff\0]*+(?:(?:<\?(?:[^<>?]|\?(?!>)){{0,500}}+\?>|<!--(?:[^-]|-(?!->)){{0,4000}}+-->|<!DOCTYPE[^<>]{{0,500}}+>)\s*+)*+"
    rf"<{_PREFIX}(?P<name>[A-Z]\w*+)(?P<rest>[^<>]*+)",
    re.ASCII,
)
_SPACE = re.compile(r"xmlns(?::[\w.\-]+)?\s*=\s*[\"']http://hl7\.org/fhir/?[\"']")
_SIGNS = re.compile(
    rf"<{_PREFIX}(?:id|recorded|agent|entry|type|participant|event|status)(?:\s[^<>]*)?+>", re.ASCII
)
_MARKS = re.compile(r"[\s>\]\0-]*+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a stream. `what` is resource, structure, blank or unparsed."""

    what: str
    start: int
    raw: bytes
    line: int
    last_line: int
    is_whole: bool = True
    reason: str = ""


def is_fhir_xml(text: str) -> bool:
    """Whether a text begins as a resource in XML: of the namespace of FHIR, or an audit event or bundle without one.

    >>> is_fhir_xml('<Patient xmlns="http://hl7.org/fhir">'), is_fhir_xml("<Patient>")
    (True, False)
    """
    found = _ROOT.match(text)
    if found is None:
        return False
    if _SPACE.search(found["rest"]):
        return True
    is_wrapper = _SPACE.search(text[:4_000]) is not None and _BEGIN.search(text[:4_000]) is not None
    is_plain = found["name"] in ("AuditEvent", "SecurityEvent", "Bundle") and "xmlns" not in found["rest"]
    return is_wrapper or (is_plain and _SIGNS.search(text[:4_000]) is not None and ' value="' in text)


def cut_resources(window: Window) -> Iterator[Piece]:
    """All of a window in order, every byte in one piece."""
    return _Cut(window).run()


class _Cut:
    def __init__(self, window: Window) -> None:
        self.window = window

    def _take(self, what: str, end: int, *, is_whole: bool = True, reason: str = "") -> Piece:
        return Piece(what, *self.window.take(end), is_whole=is_whole, reason=reason)

    def run(self) -> Iterator[Piece]:
        """The pieces."""
        window = self.window
        while True:
            begin = self._find()
            if begin < 0:
                if window.is_done or window.left > _LONGEST:
                    yield from self._between(len(window.text))
                if not window.read_more() and not window.left:
                    break
                continue
            yield from self._between(begin)
            end, is_whole = self._end()
            yield self._take("resource", end, is_whole=is_whole)
        start, line, odd = window.start, window.line, window.take_odd()
        if odd:
            yield Piece("unparsed", start, odd, line, line, reason="half a character")

    def _find(self) -> int:
        """Where the next resource outside of a comment begins, -1 where the window shows none."""
        window, at = self.window, self.window.at
        while (found := _BEGIN.search(window.text, at)) is not None:
            if found["comment"] is None:
                return found.start("known") if found["known"] is not None else found.start("other")
            end = window.find_after("-->", found.end())
            if end < 0 and not window.is_done and window.left <= _LONGEST:
                return -1
            at = max(found.end(), end)
        return -1

    def _end(self) -> tuple[int, bool]:
        """Where the resource at the window's place ends, and whether its end is written."""
        window = self.window
        open_names: list[str] = []
        done = 0  # how far it was looked at, from the window's place
        while True:
            found = _TOKEN.search(window.text, window.at + done)
            if found is None or (found["open"] is not None and found.end() + 400 > len(window.text)):
                if window.left <= _LONGEST and window.read_more():
                    continue  # the tag, or what tells an entry, may go on in the next block
                if found is None:
                    return self._trimmed(len(window.text)), False
            if window.left > _LONGEST and found.start() - window.at > _LONGEST:
                return window.at + _LONGEST, False
            if found["bound"] is not None:
                end = window.find_after("-->" if found["bound"] == "<!--" else "]]>", found.end())
                if end < 0 and window.left <= _LONGEST and window.read_more():
                    continue
                done = max(found.end(), end) - window.at
                continue
            if self._is_after(found, open_names):
                return self._trimmed(found.start()), False
            done = found.end() - window.at
            if found["close"] is not None:
                while open_names.pop() != found["close"]:
                    pass
            elif not found["rest"].endswith("/"):
                open_names.append(found["open"])
            if not open_names:
                return found.end(), True

    def _is_after(self, found: re.Match[str], open_names: list[str]) -> bool:
        """Whether markup is behind a resource of which the elements `open_names` are open."""
        if not open_names:
            return False
        if found["document"] is not None or len(open_names) > _DEPTH:
            return True
        if found["close"] is not None:
            return found["close"] not in open_names
        name, above = _local(found["open"]), _local(open_names[-1])
        if name in TYPES and above not in _HOLDERS:
            return True
        is_entry = name == "entry" and _ENTRY.match(self.window.text, found.end()) is not None
        return is_entry and not any(_local(one) == "Bundle" for one in open_names)

    def _trimmed(self, end: int) -> int:
        window = self.window
        text = window.text[window.at : end].rstrip(_BLANK)
        return window.at + max(1, len(text))

    def _between(self, end: int) -> Iterator[Piece]:
        """What stands between two resources: blank space, markup, or text that no markup encloses."""
        window = self.window
        if end <= window.at:
            return
        text = window.text[window.at : end]
        if not text.strip(_BLANK):
            yield self._take("blank", end)
        elif _MARKS.fullmatch(loose_text(text)):
            yield self._take("structure", end)
        else:
            yield self._take("unparsed", end, reason="text outside of a FHIR resource")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def resource_of(element: Element) -> dict[str, Any]:
    """The object that JSON would hold for a resource in XML; an element that stands once is no list.

    >>> from rca.reading.xml_elements import parse_elements
    >>> resource_of(parse_elements('<List><status value="current"/></List>')[0])
    {'resourceType': 'List', 'status': 'current'}
    """
    return {"resourceType": element.local, **_members(element)}


def _members(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: value
        for name, value in element.attributes.items()
        if not name.startswith("xmlns") and name != "value"
    }
    for one in element.children:
        if one.local == "div":  # the narrative
            continue
        value = _value(one)
        if one.local not in found:
            found[one.local] = value
        elif isinstance(found[one.local], list):
            found[one.local].append(value)
        else:
            found[one.local] = [found[one.local], value]
    return found


def _value(element: Element) -> Any:
    if "value" in element.attributes:
        return element.attributes["value"]
    if element.local in _HOLDERS and len(element.children) == 1 and element.children[0].local[:1].isupper():
        return resource_of(element.children[0])
    return _members(element)
