r"""`Package`: the parts of an office file (a zip of XML), read within limits, and their XML as trees.

The decision hidden here: how far an office file is trusted. A part is unpacked to a size, never further; XML is read by
expat with declarations of entities refused and nothing fetched; what breaks off is kept up to there, and said.

References:
    ECMA-376 part 2 (Open Packaging Conventions); ODF 1.3 part 2 (packages).
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from rca.errors import Issue, Severity
from rca.evidence.opening import Limits
from rca.evidence.streams import DAMAGE, Stop
from rca.evidence.zips import ZipEntry, open_entry, zip_entries, zip_oddity
from rca.reading.source import Source

__all__ = ["Node", "Package", "parse_xml"]

_PART = 96 << 20
_WHOLE = 512 << 20
_MAX_NODES = 3_000_000
_DEPTH = 200
_MAX_PARTS = 20_000


@dataclass(slots=True)
class Node:
    """An element of XML: local name, attributes by local name, and what it holds: elements and text, in order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[Node | str] = field(default_factory=list)

    @property
    def children(self) -> Iterator[Node]:
        """The elements in it."""
        return (one for one in self.content if isinstance(one, Node))

    def child(self, *names: str) -> Node | None:
        """The first element on the way down `names`."""
        at: Node | None = self
        for name in names:
            at = next((one for one in at.children if one.name == name), None) if at is not None else None
        return at

    def value(self, *names: str) -> str:
        """The attribute `val` of the element on the way down `names`, "" where there is none."""
        found = self.child(*names)
        return found.attributes.get("val", "") if found is not None else ""

    def find(self, name: str) -> Iterator[Node]:
        """All elements of this name in it, in order, none inside another."""
        stack = list(reversed(list(self.children)))
        while stack:
            one = stack.pop()
            if one.name == name:
                yield one
            else:
                stack.extend(reversed(list(one.children)))

    @property
    def text(self) -> str:
        """All text in it."""
        parts: list[str] = []
        stack: list[Node | str] = [self]
        while stack:
            one = stack.pop()
            if isinstance(one, str):
                parts.append(one)
            else:
                stack.extend(reversed(one.content))
        return "".join(parts)


class _Refused(Exception):  # noqa: N818 (it ends the reading of a part)
    """The part declares entities, or is larger than is read."""


def parse_xml(data: bytes) -> tuple[Node, str]:
    """The tree of a part under a nameless root, and why it ends early, "" where it is whole.

    >>> parse_xml(b"<a:b xmlns:a='u' a:c='1'>t</a:b>")[0].child("b")
    Node(name='b', attributes={'c': '1'}, content=['t'])
    """
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator="\n")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.take
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        return builder.top, str(error)
    except _Refused as error:
        return builder.top, str(error)
    except (ValueError, LookupError) as error:  # an encoding that expat does not know
        return builder.top, str(error)
    return builder.top, ""


class _Builder:
    """Takes the events of expat and makes a tree."""

    def __init__(self) -> None:
        self.top = Node("")
        self.stack = [self.top]
        self.count = self.skipped = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > _MAX_NODES:
            raise _Refused("it has more elements than are read")
        if len(self.stack) >= _DEPTH:
            self.skipped += 1
            return
        node = Node(
            name.rpartition("\n")[2], {key.rpartition("\n")[2]: text for key, text in attributes.items()}
        )
        self.stack[-1].content.append(node)
        self.stack.append(node)

    def end(self, _name: str) -> None:
        if self.skipped:
            self.skipped -= 1
        elif len(self.stack) > 1:
            self.stack.pop()

    def take(self, text: str) -> None:
        self.stack[-1].content.append(text)

    def refuse(self, *_: Any) -> None:
        raise _Refused("it declares entities, which are not read")


class Package:
    """An office file that is open: its parts by name. What is wrong with it is noted in the source."""

    def __init__(self, source: Source, *, code: str) -> None:
        self.source = source
        self.code = code
        self.parts: dict[str, ZipEntry] = {}
        self.is_encrypted = False
        self.unread: list[tuple[str, str]] = []
        self._left = _WHOLE
        self._limits = Limits(max_bytes=_PART, max_ratio=2_000)
        stream = source.open()
        if not stream.seekable():
            data = stream.read(_WHOLE)
            stream.close()
            self._open: Any = lambda: io.BytesIO(data)
        else:
            stream.close()
            self._open = source.open
        self._list()

    def _list(self) -> None:
        with self._open() as stream:
            try:
                for entry in zip_entries(stream):
                    if isinstance(entry, Issue):
                        self.note(entry.message, entry.hint)
                        continue
                    name = entry.name.replace("\\", "/").lstrip("/")
                    if zip_oddity(entry) is not None:
                        self.is_encrypted = self.is_encrypted or bool(entry.flags & 1)
                        continue
                    if len(self.parts) < _MAX_PARTS:
                        self.parts.setdefault(name, entry)
            except (*DAMAGE, Stop, KeyError, IndexError) as error:
                self.note(f"The office file cannot be read as a whole: {error}", "Ask for a whole copy.")

    def note(self, message: str, hint: str = "") -> None:
        """Take down what is wrong."""
        self.source.issue(self.code, Severity.WARNING, message, hint=hint)

    def name_of(self, name: str) -> str:
        """The name of a part as the package writes it: names are the same in any case."""
        if name in self.parts:
            return name
        folded = name.casefold()
        return next((one for one in self.parts if one.casefold() == folded), "")

    def read(self, name: str) -> bytes:
        """The bytes of a part, as far as they can be read and the limits allow; b"" where there is none."""
        entry = self.parts.get(self.name_of(name))
        if entry is None:
            return b""
        parts: list[bytes] = []
        taken, trouble = 0, ""
        try:
            with open_entry(self._open, entry, self._limits) as stream:
                while taken < min(_PART, self._left) and (block := stream.read(1 << 18)):
                    parts.append(block)
                    taken += len(block)
                trouble = "" if taken < min(_PART, self._left) else "it is larger than is read"
        except Stop as stop:
            trouble = stop.issue.message
        except DAMAGE as error:
            trouble = str(error) or type(error).__name__
        self._left -= taken
        if trouble:
            self.lose(name, trouble)
        return b"".join(parts)

    def tree(self, name: str) -> Node:
        """The XML of a part as a tree, as far as it can be read."""
        data = self.read(name)
        top, trouble = parse_xml(data) if data else (Node(""), "")
        if trouble:
            self.lose(name, trouble)
        return top

    def lose(self, name: str, trouble: str) -> None:
        """Take down that a part cannot be read to its end."""
        self.unread.append(("", f"{name}: {trouble}"))
        self.note(
            f"The part {name} cannot be read to its end: {trouble}",
            "What stands before it is kept. Ask for a whole copy, or open the file in its own program and save it anew.",
        )

    def related(self, name: str, kind: str) -> list[str]:
        """The parts that `name` ("" for the package) is related to by a type that ends in `kind`."""
        folder, _, last = name.rpartition("/")
        rels = posixpath.join(folder, "_rels", f"{last}.rels") if name else "_rels/.rels"
        found: list[str] = []
        for one in self.tree(rels).find("Relationship") if self.name_of(rels) else ():
            target = one.attributes.get("Target", "")
            if one.attributes.get("TargetMode") == "External" or not target:
                continue
            if one.attributes.get("Type", "").rpartition("/")[2] == kind:
                path = (
                    target.lstrip("/")
                    if target.startswith("/")
                    else posixpath.normpath(posixpath.join(folder, target))
                )
                if self.name_of(path):
                    found.append(self.name_of(path))
        return list(dict.fromkeys(found))

    def targets(self, name: str) -> dict[str, str]:
        """The parts that `name` is related to, by the id of the relation."""
        folder, _, last = name.rpartition("/")
        rels = posixpath.join(folder, "_rels", f"{last}.rels")
        found: dict[str, str] = {}
        for one in self.tree(rels).find("Relationship") if self.name_of(rels) else ():
            target = one.attributes.get("Target", "")
            if target and one.attributes.get("TargetMode") != "External":
                path = (
                    target.lstrip("/")
                    if target.startswith("/")
                    else posixpath.normpath(posixpath.join(folder, target))
                )
                found[one.attributes.get("Id", "")] = path
        return found

    def properties(self) -> dict[str, str]:
        """The properties of an OOXML package: title, author, created, modified, application as written."""
        found: dict[str, str] = {}
        core = (self.related("", "core-properties") or ["docProps/core.xml"])[0]
        names = {"title": "title", "subject": "subject", "creator": "author", "created": "created",
                 "modified": "modified", "lastModifiedBy": "modified_by", "keywords": "keywords",
                 "category": "category", "revision": "revision", "lastPrinted": "printed"}  # fmt: skip
        for node in self.tree(core).children:
            for one in node.children:
                if one.name in names and one.text.strip():
                    found.setdefault(names[one.name], one.text.strip())
        for node in self.tree("docProps/app.xml").children:
            for one in node.children:
                if one.name in ("Application", "Company", "Template") and one.text.strip():
                    found.setdefault(one.name.lower(), one.text.strip())
        return found
