r"""`read_docx`: a Word document as blocks, with comments and tracked changes.

The decision hidden here: which text of a Word document is its text. A paragraph is told as it reads when all changes are
accepted; what was inserted and deleted, by whom and when, follows it as blocks of their own. Automatic numbers (`§ 12`)
are counted and written before the text, as the page shows them. Word states the local time of the author's computer as
if it were UTC in comments and changes: there the `Z` is not believed, unless the true UTC time stands beside it.

References:
    ECMA-376 part 1, 17.3 (paragraphs), 17.4 (tables), 17.9 (numbering), 17.13.4 (comments), 17.13.5 (revisions);
    [MS-DOCX] 2.7 (w16du:dateUtc); [MS-OI29500] 2.1.504 (date of annotations).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rca.errors import Severity
from rca.reading.documents.blocks import CODE, Block, BlockKind, Content
from rca.reading.documents.numbering import Numbering
from rca.reading.documents.packages import Node, Package
from rca.reading.source import Source
from rca.reading.telling import Place

__all__ = ["read_docx", "rows_or_paragraphs"]

_NOWHERE = Place("")
_LARGE_CELL = 12
_INLINE = ("hyperlink", "smartTag", "sdtContent", "fldSimple", "bdo", "dir", "customXml", "ins", "moveTo", "sdt", "Choice",
           "AlternateContent")  # fmt: skip


def read_docx(source: Source) -> Content:
    """The blocks of a Word document and its properties."""
    return _Word(source).read()


def rows_or_paragraphs(cells: list[list[Block]], *, is_head: bool) -> list[Block]:
    """A table row as one block; where the table only lays out the page, the paragraphs in its cells."""
    filled = [cell for cell in cells if cell]
    changes = (BlockKind.COMMENT, BlockKind.INSERTED, BlockKind.DELETED)
    plain = [[block for block in cell if block.kind not in changes] for cell in cells]
    is_layout = len([cell for cell in plain if cell]) < 2 or any(len(cell) > _LARGE_CELL for cell in plain)
    if is_layout or any(block.kind in (BlockKind.HEADING, BlockKind.ROW) for cell in plain for block in cell):
        return [block for cell in filled for block in cell]
    texts = tuple("\n".join(block.text for block in cell) for cell in plain)
    text = " | ".join(" ".join(cell.split()) for cell in texts if cell)
    row = Block(text, _NOWHERE, BlockKind.ROW, level=int(is_head), cells=texts)
    return [row, *(block for cell in filled for block in cell if block.kind in changes)]


@dataclass(slots=True)
class _Change:
    kind: BlockKind
    author: str
    stamp: str
    text: str


@dataclass(slots=True)
class _Run:
    """What a paragraph was found to hold: its lines, the changes in it, and what it refers to."""

    lines: list[list[str]] = field(default_factory=lambda: [[]])
    changes: list[_Change] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Node] = field(default_factory=list)
    open_comments: dict[str, list[str]] = field(default_factory=dict)
    strong: int = 0
    weak: int = 0


@dataclass(frozen=True, slots=True)
class _Style:
    name: str = ""
    level: int = 0
    numbering: tuple[str, str] = ("", "")
    is_strong: bool = False


class _Word:
    """One document on its way from parts to blocks."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.package = Package(source, code=CODE)
        self.main = (self.package.related("", "officeDocument") or ["word/document.xml"])[0]
        self.properties = self.package.properties() if self.package.parts else {}
        self.is_word = "microsoft" in self.properties.get("application", "").lower()
        self.styles = self._styles()
        self.numbering = Numbering(self._part("numbering"))
        self.comments = {one.attributes.get("id", ""): one for one in self._part("comments").find("comment")}
        self.notes = {
            (kind, one.attributes.get("id", "")): one
            for kind in ("footnote", "endnote")
            for one in self._part(f"{kind}s").find(kind)
        }
        self.told: set[str] = set()
        self.note_count = 0
        self.local_stamps = 0

    def read(self) -> Content:
        """All blocks: headers, the body with what hangs on it, comments that hang on nothing, footers."""
        package = self.package
        blocks: list[Block] = []
        if package.is_encrypted or not package.name_of(self.main):
            reason = "it is encrypted" if package.is_encrypted else "it has no text part"
            self.source.issue(
                CODE,
                Severity.ERROR,
                f"The document cannot be read: {reason}",
                hint="Ask for the password, open it in Word and save it without one; or ask for a whole copy.",
            )
            return Content(properties=self.properties, unread=[("", reason), *package.unread])
        blocks.extend(self._furniture("header", BlockKind.HEADER))
        document = package.tree(self.main).child("document")
        body = document.child("body") if document is not None else None
        blocks.extend(self._blocks(body.children if body is not None else ()))
        for key in self.comments:
            blocks.extend(self._comment(key, ""))
        blocks.extend(self._furniture("footer", BlockKind.FOOTER))
        self._attach()
        if self.local_stamps:
            self.properties["stamp_assumption"] = self.source.assume(
                "zone",
                "the times of comments and tracked changes are local times of the authors' computers",
                rests_on="Word writes the local time with the letter Z, as if it were UTC",
                alternatives=("they are UTC, as written",),
            )
        return Content(blocks, self.properties, unread=package.unread)

    def _part(self, kind: str) -> Node:
        names = self.package.related(self.main, kind)
        return self.package.tree(names[0]) if names else Node("")

    def _furniture(self, kind: str, block_kind: BlockKind) -> Iterator[Block]:
        """The texts of headers or footers, each once."""
        seen: set[str] = set()
        for name in self.package.related(self.main, kind):
            for top in self.package.tree(name).children:
                for block in self._blocks(top.children):
                    if block.text not in seen:
                        seen.add(block.text)
                        yield Block(block.text, _NOWHERE, block_kind, cells=block.cells)

    def _attach(self) -> None:
        """Files embedded in the document are exhibits of their own."""
        for name in list(self.package.parts):
            if "/embeddings/" in name and not name.endswith("/"):
                data = self.package.read(name)
                if data:
                    self.source.attach(name.rpartition("/")[2], "", data, place="P0")

    # -- styles -------------------------------------------------------------------------------------------

    def _styles(self) -> dict[str, _Style]:
        raw = {one.attributes.get("styleId", ""): one for one in self._part("styles").find("style")}
        return {key: self._style(key, raw) for key in raw}

    def _style(self, key: str, raw: dict[str, Node], depth: int = 0) -> _Style:
        node = raw.get(key)
        if node is None or depth > 10:
            return _Style()
        base = self._style(node.value("basedOn"), raw, depth + 1)
        name = node.value("name")
        number = node.child("pPr", "numPr")
        return _Style(
            name,
            _level(name, node.value("pPr", "outlineLvl")) or base.level,
            (number.value("numId"), number.value("ilvl")) if number is not None else base.numbering,
            is_strong=_is_on(node.child("rPr", "b"), default=base.is_strong),
        )

    # -- blocks -------------------------------------------------------------------------------------------

    def _blocks(self, nodes: Iterable[Node]) -> Iterator[Block]:
        for node in nodes:
            if node.name == "p":
                yield from self._paragraph(node)
            elif node.name == "tbl":
                yield from self._table(node)
            elif node.name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "Choice", "smartTag"):
                yield from self._blocks(node.children)
            elif node.name == "AlternateContent":
                chosen = node.child("Choice") or node.child("Fallback")
                yield from self._blocks(chosen.children if chosen is not None else ())
            elif node.name == "altChunk":
                self.package.note("The document embeds another one in a form that is not read (altChunk)")

    def _table(self, node: Node) -> Iterator[Block]:
        for row in _rows(node):
            cells = [list(self._blocks(cell.children)) for cell in _cells(row)]
            is_head = _is_on(row.child("trPr", "tblHeader"), default=False)
            yield from rows_or_paragraphs(cells, is_head=is_head)

    def _paragraph(self, node: Node) -> Iterator[Block]:
        style = self.styles.get(node.value("pPr", "pStyle"), _Style())
        run = _Run()
        self._walk(node, run, None, depth=0)
        level = _level("", node.value("pPr", "outlineLvl")) or style.level
        own = node.child("pPr", "numPr")
        number = (own.value("numId"), own.value("ilvl")) if own is not None else style.numbering
        texts = [text for line in run.lines if (text := " ".join("".join(line).split()))]
        label, is_listed = "", False
        if texts and number[0] not in ("", "0"):
            label, is_listed = self.numbering.label(number[0], number[1] or style.numbering[1])
        is_strong = bool(run.strong and not run.weak)
        kind = BlockKind.PARAGRAPH
        if level:
            kind = BlockKind.HEADING
        elif is_listed or style.name.lower().startswith(("list bullet", "list number")):
            kind, level = BlockKind.ITEM, 1 + int(number[1] or 0) if (number[1] or "0").isdecimal() else 1
        for index, text in enumerate(texts):
            shown = f"{label} {text}" if label and not index else text
            yield Block(shown, _NOWHERE, kind, level=level, is_strong=is_strong)
        yield from self._hanging(run)

    def _hanging(self, run: _Run) -> Iterator[Block]:
        """What hangs on a paragraph: changes, comments, notes, text boxes."""
        for change in _merged(run.changes):
            text = " ".join(change.text.split())
            if text:
                yield Block(text, _NOWHERE, change.kind, author=change.author, stamp=change.stamp)
        for key in run.comments:
            yield from self._comment(key, " ".join("".join(run.open_comments.get(key, ())).split()))
        for number in run.notes:
            note = self.notes.pop(number, None)
            if note is not None:
                self.note_count += 1
                for index, block in enumerate(self._blocks(note.children)):
                    text = block.text if index else f"[{self.note_count}] {block.text}"
                    yield Block(text, _NOWHERE, BlockKind.PARAGRAPH)
        for box in run.boxes:
            yield from self._blocks(box.children)

    def _comment(self, key: str, about: str) -> Iterator[Block]:
        node = self.comments.get(key)
        if node is None or key in self.told:
            return
        self.told.add(key)
        text = " ".join(block.text for block in self._blocks(node.children))
        author = node.attributes.get("author", "")
        yield Block(text, _NOWHERE, BlockKind.COMMENT, author=author, stamp=self._stamp(node), about=about)

    def _stamp(self, node: Node) -> str:
        """When a change or comment was made: the true UTC time where it stands, else the local time Word wrote."""
        utc, date = node.attributes.get("dateUtc", "").strip(), node.attributes.get("date", "").strip()
        if utc:
            return utc if utc.endswith("Z") or "+" in utc else f"{utc}Z"
        if self.is_word and date.endswith("Z"):
            self.local_stamps += 1
            return date[:-1]
        return date

    # -- inside a paragraph -------------------------------------------------------------------------------

    def _walk(self, node: Node, run: _Run, change: _Change | None, depth: int) -> None:
        for one in node.children:
            name = one.name
            if name == "r":
                self._read_run(one, run, change)
            elif name in ("ins", "moveTo", "del", "moveFrom"):
                is_gone = name in ("del", "moveFrom")
                kind = BlockKind.DELETED if is_gone else BlockKind.INSERTED
                inner = _Change(kind, one.attributes.get("author", ""), self._stamp(one), "")
                run.changes.append(inner)
                if depth < 50:
                    self._walk(one, run, inner, depth + 1)
                if change is not None:  # deleted again by another: it was inserted all the same
                    change.text += inner.text
            elif name == "commentRangeStart":
                run.open_comments.setdefault(one.attributes.get("id", ""), [])
            elif name == "commentRangeEnd":
                run.comments.append(one.attributes.get("id", ""))
            elif name == "AlternateContent":
                chosen = one.child("Choice") or one.child("Fallback")
                if chosen is not None and depth < 50:
                    self._walk(chosen, run, change, depth + 1)
            elif name in _INLINE and depth < 50:
                self._walk(one, run, change, depth + 1)
            elif name == "oMath":
                self._put(run, one.text, change)

    def _read_run(self, node: Node, run: _Run, change: _Change | None) -> None:
        is_strong = _is_on(node.child("rPr", "b"), default=False)
        for one in node.children:
            name = one.name
            if name in ("t", "delText"):
                text = one.text
                self._put(run, text, change)
                if text.strip():
                    run.strong, run.weak = run.strong + is_strong, run.weak + (not is_strong)
            elif name in ("tab", "ptab"):
                self._put(run, "\t", change)
            elif name == "noBreakHyphen":
                self._put(run, "-", change)
            elif name in ("br", "cr") and one.attributes.get("type", "") not in ("page", "column"):
                if change is None or change.kind is BlockKind.INSERTED:
                    run.lines.append([])
                    for held in run.open_comments.values():
                        held.append(" ")
            elif name == "sym":
                code = one.attributes.get("char", "")
                try:
                    self._put(run, chr(int(code, 16)) if int(code, 16) < 0xE000 else "•", change)
                except ValueError:
                    continue
            elif name in ("footnoteReference", "endnoteReference"):
                run.notes.append((name.removesuffix("Reference"), one.attributes.get("id", "")))
            elif name == "commentReference":
                run.comments.append(one.attributes.get("id", ""))
            elif name in ("drawing", "pict", "AlternateContent", "object"):
                boxes = list(one.find("txbxContent"))
                run.boxes.extend(boxes[:1] if name == "AlternateContent" else boxes)

    def _put(self, run: _Run, text: str, change: _Change | None) -> None:
        if change is not None:
            change.text += text
        if change is None or change.kind is BlockKind.INSERTED:
            run.lines[-1].append(text)
            for held in run.open_comments.values():
                held.append(text)


def _merged(changes: Iterable[_Change]) -> list[_Change]:
    """Neighbouring changes of one kind, author and time as one: Word cuts them where the type changes."""
    found: list[_Change] = []
    for change in changes:
        last = found[-1] if found else None
        if last and (last.kind, last.author, last.stamp) == (change.kind, change.author, change.stamp):
            last.text += change.text
        else:
            found.append(change)
    return found


def _rows(node: Node) -> Iterator[Node]:
    for one in node.children:
        if one.name == "tr":
            yield one
        elif one.name in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _rows(one)


def _cells(node: Node) -> Iterator[Node]:
    for one in node.children:
        if one.name == "tc":
            yield one
        elif one.name in ("sdt", "sdtContent", "customXml"):
            yield from _cells(one)


def _level(name: str, outline: str) -> int:
    """The level of a heading by its style's name (the same in every language) or its outline level; 0 for none."""
    folded = name.casefold()
    if folded.startswith("heading ") and folded[8:].strip().isdecimal():
        return int(folded[8:])
    if folded in ("title", "subtitle"):
        return 1 if folded == "title" else 2
    return int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else 0


def _is_on(node: Node | None, *, default: bool) -> bool:
    if node is None:
        return default
    return node.attributes.get("val", "1").lower() not in ("0", "false", "off", "none")
