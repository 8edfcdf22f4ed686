"""`parse_element`: a tolerant reading of one XML element into names, attributes and text.

The decision hidden here: how much of XML evidence is trusted. Nothing is fetched or expanded: only the five predefined
entities and character numbers are read, a document type is passed over, nesting ends at a depth. Markup that breaks
off is closed where it ends, so that what was written before stays readable.

References:
    XML 1.0 (fifth edition), sections 2.4, 4.1 and 4.6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["NAME", "TAG", "Element", "loose_text", "parse_elements", "unescape"]

NAME = r"[A-Za-z_\u0080-\uffff][\w:.\-\u0080-\uffff]*"
TAG = rf"<(?P<open>{NAME})(?P<attributes>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>"
_TOKEN = re.compile(rf"(?P<bound><!--|<!\[CDATA\[|<\?|<!)|</(?P<close>{NAME})\s*+>|{TAG}|(?P<text>[^<]++)|<")
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>", "<!": ">"}
_ATTRIBUTE = re.compile(rf"(?<=[\s\"'])({NAME})\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));")
_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_DEPTH = 100
_MAX_ELEMENTS = 50_000


@dataclass(slots=True)
class Element:
    """An element: its name as written, its attributes, what it holds, and its own text."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    local: str = field(init=False)

    def __post_init__(self) -> None:
        """Set `local`, the name without its prefix."""
        self.local = self.name.rpartition(":")[2]

    @property
    def text(self) -> str:
        """Its own text, without that of its descendants."""
        return "".join(self.parts)

    def child(self, name: str) -> Element | None:
        """The first child with this local name."""
        for one in self.children:
            if one.local == name:
                return one
        return None

    def text_of(self, name: str) -> str:
        """The text of the first child with this local name, "" where there is none."""
        found = self.child(name)
        return found.text.strip() if found else ""

    def leaves(self, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
        """What the element says as names and values: attributes and text, those of descendants under dotted names."""
        for name, value in self.attributes.items():
            if not name.startswith("xmlns"):
                yield f"{prefix}{name.rpartition(':')[2]}", value
        for one in self.children:
            name = f"{prefix}{one.local}"
            if one.text.strip():
                yield name, one.text.strip()
            if depth < 8:
                yield from one.leaves(f"{name}.", depth + 1)


def unescape(text: str) -> str:
    """Text with the five predefined entities and character numbers read; any other entity stays as written.

    >>> unescape("a &lt; b &#229; &bomb;")
    'a < b å &bomb;'
    """
    return _ENTITY.sub(_read_entity, text) if "&" in text else text


def _read_entity(found: re.Match[str]) -> str:
    if found[3]:
        return _PREDEFINED[found[3]]
    number = int(found[1], 16) if found[1] else int(found[2])
    if number in (0x9, 0xA, 0xD) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0x110000:
        return chr(number)
    return found[0]


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """The markup and text of `text` as (what, name or text, attributes): open, close, text, or other."""
    at = 0
    unended: set[str] = set()
    while (token := _TOKEN.match(text, at)) is not None:
        at = token.end()
        if token["open"] is not None:
            yield "open", token["open"], token["attributes"]
        elif token["close"] is not None:
            yield "close", token["close"], ""
        elif token["text"] is not None:
            yield "text", unescape(token["text"]), ""
        elif (bound := token["bound"]) is not None and bound not in unended:
            end = text.find(_ENDS[bound], at)
            if end < 0:
                unended.add(bound)  # looked for once, not once for each of a million openings
                continue
            if bound == "<![CDATA[":
                yield "text", text[at:end], ""
            else:
                yield "other", "", ""
            at = end + len(_ENDS[bound])


def parse_elements(text: str) -> list[Element]:
    """The elements at the top of `text`. What is not closed is closed at its end; a stray end tag is passed over."""
    top = Element("")
    stack = [top]
    skipped = count = 0
    for what, name, written in _tokens(text):
        if what == "open":
            count += 1
            if count > _MAX_ELEMENTS:
                break
            is_empty = written.endswith("/")
            if len(stack) > _DEPTH:
                skipped += not is_empty
                continue
            element = Element(name)
            for found in _ATTRIBUTE.finditer(written):
                element.attributes[found[1]] = unescape(found[2] if found[2] is not None else found[3])
            stack[-1].children.append(element)
            if not is_empty:
                stack.append(element)
        elif what == "close":
            if skipped:
                skipped -= 1
                continue
            for depth in range(len(stack) - 1, 0, -1):
                if stack[depth].name == name:
                    del stack[depth:]
                    break
        elif what == "text":
            stack[-1].parts.append(name)
    return top.children


def loose_text(text: str) -> str:
    """The text in `text` that no start tag precedes: what stands between elements instead of in one.

    >>> loose_text("<a><b>in</b> out </a>")
    ' out '
    """
    loose: list[str] = []
    is_inside = False
    for what, name, written in _tokens(text):
        if what == "text" and not is_inside:
            loose.append(name)
        elif what != "text":
            is_inside = what == "open" and not written.endswith("/")
    return "".join(loose)
