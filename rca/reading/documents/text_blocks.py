r"""`read_text`, `read_markdown`: plain text and Markdown as blocks with the lines on which they stand.

The decision hidden here: CommonMark tells the blocks of Markdown (headings, items and their depth, rows, code), by a
parser that keeps line numbers; inside a paragraph a label begins a block of its own, since people write heads of minutes
so. Plain text has paragraphs between blank lines, items behind bullets, and headings only where a § or capitals say so.

References:
    CommonMark 0.31; GitHub Flavored Markdown 0.29, 4.10 (tables).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rca.reading.documents.blocks import Block, BlockKind, Content
from rca.reading.documents.text_lines import (
    BULLET,
    LABEL,
    RULE,
    Line,
    block_of,
    book_the_rest,
    is_heading_line,
    joined,
    margin,
    read_lines,
    starts_block,
)
from rca.reading.source import Source

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["plain", "read_markdown", "read_text"]

_LARGEST = 4 << 20
"""Markdown beyond this size is read as plain text: it is no document that a person wrote."""
_TAGS = (
    "a|abbr|b|big|blockquote|br|center|code|dd|del|details|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|s"
    "|samp|section|small|span|strike|strong|sub|summary|sup|table|tbody|td|th|thead|tr|tt|u|ul|var"
)
_HTML = re.compile(
    rf"<!--(?:[^<-]|<(?!!--)|-(?!->))*+-->|</?(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE | re.DOTALL
)
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,500})\]\([^()\n]{0,2000}\)")
_LINK = re.compile(
    r"\[([^\[\]\n]{1,1000})\](?:\((?:<[^<>\n]{0,2000}>|[^()\n]{0,2000})\)|\[[^\[\]\n]{0,200}\])"
)
_AUTOLINK = re.compile(r"<((?:https?|mailto|ftp):[^<>\s]{1,2000}|[^<>\s@]{1,100}@[^<>\s@]{1,200})>")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^\n]{1,1000}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*\\])([*_])(?=[^\s*_])([^*_\n]{1,1000}?)(?<=[^\s*_\\])\1(?![\w*])")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,1000})\1")
_STRUCK = re.compile(r"~~(?=\S)([^~\n]{1,1000})~~")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FRONT = re.compile(r"[A-Za-z][\w -]{0,40}\s*:(?:\s|$)")


def plain(text: str) -> str:
    """The text of Markdown as a person sees it, without marks of emphasis, addresses of links and tags.

    >>> plain("**Beslut:** se [dnr 4](https://x.example) och `log_1`")
    'Beslut: se dnr 4 och log_1'
    """
    if not re.search(r"[*_`\[<\\&~]", text):
        return text
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _AUTOLINK.sub(r"\1", text)
    text = _HTML.sub(" ", text) if "<" in text else text
    text = _CODE.sub(r"\2", text)
    for _ in range(2):
        text = _STRONG.sub(r"\2", text)
        text = _EMPHASIS.sub(r"\2", text)
    text = _STRUCK.sub(r"\1", text)
    return html.unescape(_ESCAPED.sub(r"\1", text)) if "\\" in text or "&" in text else text


# -- plain text -----------------------------------------------------------------------------------------------


def read_text(source: Source) -> Content:
    """Plain text: paragraphs, items, and headings where a § or capitals tell them."""
    lines = read_lines(source)
    blocks = list(_text_blocks(lines))
    book_the_rest(source, lines, blocks)
    return Content(blocks)


def _text_blocks(lines: Sequence[Line]) -> Iterator[Block]:
    width = margin(line.text for line in lines)
    held: list[Line] = []
    for line in lines:
        if line.is_blank or RULE.fullmatch(line.text):
            if held:
                yield _text_block(held)
            held = []
            continue
        if held and (starts_block(line.text, held, width) or is_heading_line(held[-1].text)):
            yield _text_block(held)
            held = []
        held.append(line)
    if held:
        yield _text_block(held)


def _text_block(lines: list[Line]) -> Block:
    text = joined(line.text for line in lines)
    bullet = BULLET.match(lines[0].text)
    if bullet and not is_heading_line(text):
        indent = len(bullet["indent"].expandtabs(4))
        body = text if bullet["number"] else joined([text[len(bullet["bullet"]) :]])
        return block_of(lines, body, BlockKind.ITEM, level=1 + indent // 2)
    if len(lines) == 1 and is_heading_line(text):
        return block_of(lines, text, BlockKind.HEADING, level=1)
    if len(lines) == 1 and text.count("\t") == 0 and lines[0].text.strip().count("\t") >= 1:
        cells = tuple(cell.strip() for cell in lines[0].text.strip().split("\t"))
        return block_of(lines, " | ".join(c for c in cells if c), BlockKind.ROW, cells=cells)
    return block_of(lines, text, BlockKind.PARAGRAPH)


# -- Markdown -------------------------------------------------------------------------------------------------


def read_markdown(source: Source) -> Content:
    """Markdown: what CommonMark and tables of GitHub make of it, and the properties in its front matter."""
    if source.size > _LARGEST:
        return read_text(source)
    lines = read_lines(source)
    front, properties = _front_matter(lines)
    blocks = [block_of([line], line.text.strip(), BlockKind.PARAGRAPH) for line in front]
    begin = front[-1].number + 1 if front else 0
    blocks.extend(_markdown_blocks(lines[begin:]))
    blocks.sort(key=lambda block: (block.place.start or 0, -(block.place.length or 0)))
    book_the_rest(source, lines, blocks)
    return Content(blocks, properties)


def _front_matter(lines: Sequence[Line]) -> tuple[list[Line], dict[str, str]]:
    """The lines `name: value` between two `---` at the beginning, and what they say."""
    if not lines or lines[0].text.rstrip() != "---":
        return [], {}
    end = next((i for i, line in enumerate(lines[1:60], start=1) if line.text.rstrip() in ("---", "...")), 0)
    body = [line for line in lines[1:end] if not line.is_blank]
    if not body or not _FRONT.match(body[0].text):
        return [], {}
    properties: dict[str, str] = {}
    for line in body:
        if _FRONT.match(line.text):
            name, _, value = line.text.partition(":")
            properties.setdefault(name.strip().lower(), value.strip().strip("\"'"))
    return body, properties


def _markdown_blocks(lines: Sequence[Line]) -> Iterator[Block]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 40}).enable("table").disable("inline")
    tokens = parser.parse("\n".join(line.text for line in lines))
    depth = 0
    label = ""
    in_head = False
    for index, token in enumerate(tokens):
        name = token.type
        if name in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif name in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif name == "list_item_open":
            label = f"{token.info}{token.markup} " if token.info else "-"
        elif name == "list_item_close":
            label = ""
        elif name in ("thead_open", "thead_close"):
            in_head = name == "thead_open"
        elif name == "heading_open" and token.map:
            yield _heading(lines[token.map[0] : token.map[1]], tokens[index + 1], int(token.tag[1:]))
        elif name == "tr_open" and token.map:
            yield _row(lines[token.map[0] : token.map[0] + 1], tokens, index, is_head=in_head)
        elif name == "inline" and token.map and tokens[index - 1].type == "paragraph_open":
            yield from _paragraph(lines[token.map[0] : token.map[1]], token.content, depth, label)
            label = ""
        elif name in ("fence", "code_block") and token.map:
            yield from _code(lines[token.map[0] : token.map[1]], is_fence=name == "fence")
        elif name == "html_block" and token.map:
            yield from _html_lines(lines[token.map[0] : token.map[1]])


def _heading(lines: Sequence[Line], inline: Token, level: int) -> Block:
    text = joined(plain(inline.content).split("\n"))
    return block_of(lines, text, BlockKind.HEADING, level=level)


def _row(lines: Sequence[Line], tokens: Sequence[Token], index: int, *, is_head: bool) -> Block:
    cells: list[str] = []
    for token in tokens[index + 1 :]:
        if token.type == "tr_close":
            break
        if token.type == "inline":
            cells.append(joined([plain(token.content)]))
    text = " | ".join(cell for cell in cells if cell)
    return block_of(lines, text, BlockKind.ROW, level=int(is_head), cells=tuple(cells))


def _paragraph(lines: Sequence[Line], content: str, depth: int, label: str) -> Iterator[Block]:
    """A paragraph, cut where a line begins with a label or the one before ends with a break."""
    written = content.split("\n")
    count = min(len(written), len(lines))
    held: list[int] = []
    is_first = True
    for number in range(count):
        before = written[number - 1] if number else ""
        breaks = lines[number - 1].text.endswith(("  ", "\\")) if number else False
        if held and (breaks or (LABEL.match(written[number].strip()) and not before.rstrip().endswith(","))):
            yield _text_of(lines, written, held, depth, label if is_first else "")
            held, is_first = [], False
        held.append(number)
    if held:
        yield _text_of(lines, written, held, depth, label if is_first else "")


def _text_of(
    lines: Sequence[Line], written: Sequence[str], held: Sequence[int], depth: int, label: str
) -> Block:
    raw = joined(written[number].removesuffix("\\") for number in held)
    text = joined([plain(raw)])
    is_strong = (
        len(raw) > 4
        and raw.startswith(("**", "__"))
        and raw.endswith(("**", "__"))
        and raw.count(raw[:2]) == 2
    )
    if label not in ("", "-"):
        text = label + text
    kind = BlockKind.ITEM if depth else BlockKind.PARAGRAPH
    return block_of([lines[n] for n in held], text, kind, level=depth, is_strong=is_strong)


def _code(lines: Sequence[Line], *, is_fence: bool) -> Iterator[Block]:
    body = lines[1:] if is_fence else lines
    for line in body:
        if not line.is_blank and not (
            is_fence and line is lines[-1] and line.text.strip().startswith(("```", "~~~"))
        ):
            yield block_of([line], line.text.strip(), BlockKind.PARAGRAPH)


def _html_lines(lines: Sequence[Line]) -> Iterator[Block]:
    whole = "\n".join(line.text for line in lines)
    if not joined([plain(_HTML.sub(" ", whole))]):
        return
    for line in lines:
        text = joined([plain(line.text)])
        if text and text != "-->" and not text.startswith("<!--"):
            yield block_of([line], text, BlockKind.PARAGRAPH)
