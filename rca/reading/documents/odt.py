r"""`read_odt`: an OpenDocument text as blocks, with comments and tracked changes.

The decision hidden here: where OpenDocument keeps what a person sees. Inserted text stands in the body between two marks,
deleted text apart from it in the list of changes; a paragraph is told as it reads with all changes accepted, and the
changes follow it. Times have no zone: they are those of the author's computer.

References:
    ODF 1.3 part 3, 5 (text), 5.5 (tracked changes), 14.1 (annotations), 4.3 (metadata).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rca.errors import Severity
from rca.reading.documents.blocks import CODE, Block, BlockKind, Content
from rca.reading.documents.docx import rows_or_paragraphs
from rca.reading.documents.packages import Node, Package
from rca.reading.source import Source
from rca.reading.telling import Place

__all__ = ["read_odt"]

_NOWHERE = Place("")
_MOST = 200


@dataclass(frozen=True, slots=True)
class _Change:
    kind: BlockKind
    author: str
    stamp: str
    blocks: tuple[Node, ...] = ()


@dataclass(slots=True)
class _Run:
    lines: list[list[str]] = field(default_factory=lambda: [[]])
    hanging: list[Block] = field(default_factory=list)
    frames: list[Node] = field(default_factory=list)


def read_odt(source: Source) -> Content:
    """The blocks of an OpenDocument text and its properties."""
    return _Text(source).read()


class _Text:
    """One document on its way from parts to blocks."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.package = Package(source, code=CODE)
        self.changes: dict[str, _Change] = {}
        self.inserting: dict[str, list[str]] = {}
        self.strong: set[str] = set()
        self.notes = 0

    def read(self) -> Content:
        """All blocks: headers, the body with what hangs on it, footers."""
        package = self.package
        manifest = (
            package.tree("META-INF/manifest.xml") if package.name_of("META-INF/manifest.xml") else Node("")
        )
        is_encrypted = package.is_encrypted or any(True for _ in manifest.find("encryption-data"))
        if is_encrypted or not package.name_of("content.xml"):
            reason = "it is encrypted" if is_encrypted else "it has no text part"
            self.source.issue(
                CODE,
                Severity.ERROR,
                f"The document cannot be read: {reason}",
                hint="Ask for the password, open it and save it without one; or ask for a whole copy.",
            )
            return Content(unread=[("", reason), *package.unread])
        headers, footers = self._furniture()
        content = package.tree("content.xml")
        for style in content.find("style"):
            weight = style.child("text-properties")
            if weight is not None and weight.attributes.get("font-weight") == "bold":
                self.strong.add(style.attributes.get("name", ""))
        body = next(content.find("text"), Node(""))
        self._list_changes(body)
        blocks = [*headers, *self._blocks(body.children, 0), *footers]
        return Content(blocks, self._properties(), unread=package.unread)

    def _properties(self) -> dict[str, str]:
        names = {"title": "title", "initial-creator": "author", "creation-date": "created", "date": "modified",
                 "creator": "modified_by", "generator": "application", "subject": "subject", "printed": "printed"}  # fmt: skip
        found: dict[str, str] = {}
        for meta in self.package.tree("meta.xml").find("meta"):
            for one in meta.children:
                if one.name in names and one.text.strip():
                    found.setdefault(names[one.name], one.text.strip())
        return found

    def _furniture(self) -> tuple[list[Block], list[Block]]:
        styles = self.package.tree("styles.xml") if self.package.name_of("styles.xml") else Node("")
        found: list[list[Block]] = []
        for name, kind in (("header", BlockKind.HEADER), ("footer", BlockKind.FOOTER)):
            seen = dict.fromkeys(
                block.text for one in styles.find(name) for block in self._blocks(one.children, 0)
            )
            found.append([Block(text, _NOWHERE, kind) for text in seen])
        return found[0], found[1]

    def _list_changes(self, body: Node) -> None:
        for region in body.find("changed-region"):
            key = region.attributes.get("id", "")
            for one in region.children:
                kind = {"insertion": BlockKind.INSERTED, "deletion": BlockKind.DELETED}.get(one.name)
                info = one.child("change-info")
                if kind is not None:
                    author = _text_of(info, "creator")
                    gone = tuple(node for node in one.children if node.name != "change-info")
                    self.changes[key] = _Change(kind, author, _text_of(info, "date"), gone)

    def _blocks(self, nodes: Iterable[Node], depth: int) -> Iterator[Block]:
        if depth > _MOST:
            return
        for node in nodes:
            name = node.name
            if name in ("p", "h"):
                yield from self._paragraph(node, depth)
            elif name == "list":
                for item in node.children:
                    for block in self._blocks(item.children, depth + 1):
                        if block.kind is BlockKind.PARAGRAPH:
                            yield Block(block.text, _NOWHERE, BlockKind.ITEM, level=_depth(depth) + 1)
                        else:
                            yield block
            elif name == "table":
                yield from self._table(node, depth, is_head=False)
            elif name in (
                "section",
                "index-body",
                "text-box",
                "table-of-content",
                "frame",
                "index-title",
                "g",
            ):
                yield from self._blocks(node.children, depth)
            elif name in ("change-start", "change-end", "change"):
                run = _Run()
                self._mark(node, run)
                yield from run.hanging

    def _table(self, node: Node, depth: int, *, is_head: bool) -> Iterator[Block]:
        for one in node.children:
            if one.name in ("table-header-rows", "table-rows", "table-row-group"):
                yield from self._table(one, depth, is_head=one.name == "table-header-rows")
            elif one.name == "table-row":
                cells = [
                    list(self._blocks(cell.children, depth + 1))
                    for cell in one.children
                    if cell.name in ("table-cell", "covered-table-cell")
                ]
                yield from rows_or_paragraphs(cells, is_head=is_head)

    def _paragraph(self, node: Node, depth: int) -> Iterator[Block]:
        run = _Run()
        self._walk(node, run, 0)
        level = node.attributes.get("outline-level", "1")
        is_strong = node.attributes.get("style-name", "") in self.strong
        for line in run.lines:
            text = " ".join("".join(line).split())
            if not text:
                continue
            if node.name == "h":
                yield Block(text, _NOWHERE, BlockKind.HEADING, level=int(level) if level.isdecimal() else 1)
            else:
                yield Block(text, _NOWHERE, BlockKind.PARAGRAPH, is_strong=is_strong)
        yield from run.hanging
        yield from self._blocks(run.frames, depth + 1)

    def _walk(self, node: Node, run: _Run, depth: int) -> None:
        if depth > 50:
            return
        for one in node.content:
            if isinstance(one, str):
                self._put(run, one)
            elif one.name in (
                "span",
                "a",
                "meta",
                "meta-field",
                "ruby",
                "ruby-base",
                "bookmark-ref",
                "sequence",
            ):
                self._walk(one, run, depth + 1)
            elif one.name == "line-break":
                run.lines.append([])
            elif one.name == "tab":
                self._put(run, "\t")
            elif one.name == "s":
                self._put(run, " ")
            elif one.name in ("change-start", "change-end", "change"):
                self._mark(one, run)
            elif one.name == "annotation":
                run.hanging.append(self._comment(one))
            elif one.name == "note":
                self.notes += 1
                body = one.child("note-body")
                blocks = list(self._blocks(body.children, 1)) if body is not None else []
                for index, block in enumerate(blocks):
                    text = block.text if index else f"[{self.notes}] {block.text}"
                    run.hanging.append(Block(text, _NOWHERE, BlockKind.PARAGRAPH))
            elif one.name in ("frame", "custom-shape", "rect"):
                run.frames.extend(one.find("text-box"))
            elif one.name not in (
                "annotation-end",
                "bookmark",
                "bookmark-start",
                "bookmark-end",
                "soft-page-break",
            ):
                self._put(run, one.text)  # fields: dates, page numbers, references

    def _put(self, run: _Run, text: str) -> None:
        run.lines[-1].append(text)
        for held in self.inserting.values():
            held.append(text)

    def _mark(self, node: Node, run: _Run) -> None:
        key = node.attributes.get("change-id", "")
        change = self.changes.get(key)
        if node.name == "change-start":
            self.inserting.setdefault(key, [])
            return
        if change is None:
            return
        if node.name == "change-end":
            text = " ".join("".join(self.inserting.pop(key, [])).split())
        else:
            text = " ".join(block.text for block in self._blocks(change.blocks, 1))
        if text:
            run.hanging.append(Block(text, _NOWHERE, change.kind, author=change.author, stamp=change.stamp))

    def _comment(self, node: Node) -> Block:
        text = " ".join(block.text for block in self._blocks(node.children, 1) if block.text)
        return Block(
            text, _NOWHERE, BlockKind.COMMENT, author=_text_of(node, "creator"), stamp=_text_of(node, "date")
        )


def _text_of(node: Node | None, name: str) -> str:
    found = node.child(name) if node is not None else None
    return found.text.strip() if found is not None else ""


def _depth(depth: int) -> int:
    return min(depth, 20)
