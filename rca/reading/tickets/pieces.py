"""`Piece`: an object of a JSON export with its exact place, and how readers of trackers go through an export.

The decision hidden here: how what lies inside an answer of an API is reached and cited. Lists come bare, as pages with
their list, as GraphQL connections (`nodes`, `edges`) or as texts of recorded answers; a reader asks for what it means and
gets objects with places, whatever their types turn out to be. Scoring looks at the same objects that reading gives.

References:
    RFC 6901 (pointers); GraphQL Cursor Connections Specification (`edges`, `node`, `pageInfo`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rca.errors import Severity
from rca.reading.json_fields import dig, list_of, text_of
from rca.reading.json_records import Enter, json_head, read_values
from rca.reading.source import HEAD, Sample, Source
from rca.reading.telling import Place

__all__ = ["OnePlace", "Piece", "first_pieces", "note_total", "read_pieces", "says_shape", "wrapper_tail"]

_HALF = re.compile(rb"\\\0?u\0?[dD]")
_FIRST = 60
_DEPTH = 12
_TAIL = 4096
_END = re.compile(r'\]\s*((?:,\s*"[\w-]+"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)\s*)*)\}\s*$')
_MEMBER = re.compile(r'"([\w-]+)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([\w.+-]+))')


@dataclass(frozen=True)
class Piece:
    """An object: what it says (numbers as text), and where it stands.

    `key` is the key under which it or its list stood, `pointer` its pointer in the document, `around` the texts that the
    objects around it had said before it.
    """

    said: Mapping[str, Any]
    whole: Callable[[str], Place]
    inner: str = ""
    key: str = ""
    root: str = ""
    around: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pointer(self) -> str:
        """Its pointer in the document."""
        return f"{self.root}{self.inner}"

    def place(self, name: str = "") -> Place:
        """Where it stands, or its member `name`."""
        return self.whole(f"{self.inner}/{_escaped(name)}" if name else self.inner)

    def text(self, *paths: str) -> str:
        """The first text at these paths that isn't empty (`user.login`)."""
        for path in paths:
            value = self.said.get(path) if "." not in path else dig(self.said, *path.split("."))
            found = value if isinstance(value, str) else text_of(value)
            if found and not found.isspace():
                return found
        return ""

    def flag(self, *paths: str) -> bool:
        """Whether one of these is true, as a truth value, a number other than 0, or a text."""
        return self.text(*paths).strip().casefold() in ("true", "1", "yes", "t")

    def has(self, *names: str) -> bool:
        """Whether all of these names are there, with any value."""
        return all(name in self.said for name in names)

    def texts(self, name: str, *inner: str) -> list[str]:
        """The texts in a list, or at the first of the paths `inner` in its objects."""
        found = []
        for one in _members(self.said.get(name))[0]:
            value = text_of(one)
            if not value and isinstance(one, dict):
                value = next((t for path in inner if (t := text_of(dig(one, *path.split("."))))), "")
            if value:
                found.append(value)
        return found

    def piece(self, *names: str) -> Piece | None:
        """The object under the first of these names that is one."""
        for name in names:
            if isinstance(self.said.get(name), dict):
                return self._inside(self.said[name], f"/{_escaped(name)}", name)
        return None

    def pieces(self, *names: str) -> Iterator[Piece]:
        """The objects in the lists under these names: bare, or of a connection of GraphQL."""
        for name in names:
            values, path = _members(self.said.get(name))
            for number, value in enumerate(values):
                if isinstance(value, dict):
                    where = f"/{_escaped(name)}{path}/{number}"
                    node = value.get("node")
                    if path == "/edges" and isinstance(node, dict):
                        value, where = node, f"{where}/node"
                    yield self._inside(value, where, name)

    def answer(self, name: str) -> Iterator[Piece]:
        """The objects that a recorded answer under `name` is: an object, a list, or a text that holds JSON."""
        value, is_text = self.said.get(name), False
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            is_text = True
            try:
                value = json.JSONDecoder(parse_float=str, parse_int=str, strict=False).decode(value)
            except (ValueError, RecursionError):
                return
        where = f"/{_escaped(name)}"
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(one, dict):
                inside = where if is_text or not isinstance(value, list) else f"{where}/{number}"
                if is_text:
                    place = self.whole(f"{self.inner}{where}")
                    yield Piece(one, OnePlace(place), "", name, self.root, self.around)
                else:
                    yield self._inside(one, inside, name)

    def _inside(self, value: Mapping[str, Any], where: str, key: str) -> Piece:
        return Piece(value, self.whole, f"{self.inner}{where}", key, self.root, self.around)


@dataclass(frozen=True, slots=True)
class OnePlace:
    """The place of all that an object says, where what lies inside has none of its own (a text, an XML element)."""

    place: Place

    def __call__(self, _: str) -> Place:
        """The place, whatever lies inside."""
        return self.place


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _members(value: Any) -> tuple[list[Any], str]:
    """The members of a list or connection, and the pointer from it to them."""
    if isinstance(value, dict):
        for name in ("nodes", "edges"):
            if isinstance(value.get(name), list):
                return value[name], f"/{name}"
    return list_of(value), ""


def read_pieces(source: Source, enter: Enter, *, code: str) -> Iterator[Piece]:
    """The records of a JSON stream as pieces; the bytes are booked by `read_values`."""
    for value in read_values(source, enter, code=code):
        said = _mended(value.value) if _HALF.search(value.raw) else value.value
        yield Piece(said, value.place, "", value.key, value.pointer, value.around)


def _mended(value: dict[str, Any]) -> dict[str, Any]:
    """`value` with half characters replaced (the first half of a pair, escaped, without its second): no text holds them."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        found = json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    except (RecursionError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def first_pieces(sample: Sample, enter: Enter) -> Iterator[Piece]:
    """The first objects of a stream as reading would give them, torn ones closed. For `score`."""
    left = _FIRST
    for value in json_head(sample):
        for piece in _walk(value, enter, "", "", {}, 0):
            yield piece
            left -= 1
            if not left:
                return


def _walk(
    value: Any, enter: Enter, root: str, key: str, around: Mapping[str, Any], depth: int
) -> Iterator[Piece]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for number, one in enumerate(value[:_FIRST]):
            yield from _walk(one, enter, f"{root}/{number}", key, around, depth + 1)
    if not isinstance(value, dict):
        return
    said: dict[str, Any] = {}
    is_entered = False
    for name, one in value.items():
        if isinstance(one, (dict, list)) and enter(name, said, json.dumps(one, ensure_ascii=False)[:400]):
            is_entered = True
            inside = {**around, **{k: v for k, v in said.items() if isinstance(v, str)}}
            yield from _walk(one, enter, f"{root}/{_escaped(name)}", name, inside, depth + 1)
        elif not is_entered or isinstance(one, str):
            said[name] = one
    if not is_entered:
        yield Piece(value, lambda inner: Place(f"J{root}{inner}"), "", key, root, around)


def says_shape(
    sample: Sample, enter: Enter, shape_of: Callable[[Piece], str], *, signs: re.Pattern[str]
) -> float:
    """0.98 where one of the first objects has a shape of the reader, else 0; `signs` are looked for first, being cheap."""
    if not signs.search(sample.text):
        return 0.0
    return 0.98 if any(shape_of(piece) for piece in first_pieces(sample, enter)) else 0.0


def wrapper_tail(source: Source) -> dict[str, str]:
    """What the object around a list says after it, at the very end of the stream: `more`, `total_count`."""
    tail = source.head
    if source.size > HEAD:
        try:
            with source.open() as stream:
                stream.seek(max(0, source.size - _TAIL))
                tail = stream.read(_TAIL)
        except (OSError, ValueError):  # a stream that can't go back; its total is unknown then
            return {}
    found = _END.search(tail[-_TAIL:].decode("latin-1"))
    return {m[1]: m[2] if m[2] is not None else m[3] for m in _MEMBER.finditer(found[1])} if found else {}


def note_total(source: Source, given: int, total: str, *, code: str, what: str) -> None:
    """An issue where an export holds fewer records than it says there are."""
    if total.isdecimal() and int(total[:12]) > given:
        source.issue(
            code,
            Severity.WARNING,
            f"The export holds {given} of {total} {what}",
            hint="Other pages may hold the rest; their absence here is no evidence.",
        )
