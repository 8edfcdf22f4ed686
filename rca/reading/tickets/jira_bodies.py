"""`body_text`: what a person reads in a description or comment of Jira, from ADF or wiki markup.

The decision hidden here: what of a rich document is said. Texts, mentions, dates, statuses, tasks and decisions with
their state, addresses of cards; a block a line. Wiki markup is text already and stays as written. Nothing is fetched.

References:
    Atlassian Document Format, version 1 (nodes and marks); Jira, "Text formatting notation".
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from rca.reading.json_fields import dict_of, dig, list_of, text_of

__all__ = ["body_text"]

_DEPTH = 60
_BLOCKS = frozenset(
    {"paragraph", "heading", "listItem", "codeBlock", "blockquote", "panel", "tableRow", "mediaSingle", "mediaGroup", "rule",
     "taskItem", "decisionItem", "expand", "nestedExpand", "blockCard", "embedCard", "caption"}
)  # fmt: skip


def body_text(value: object) -> str:
    r"""The text of a body: of an ADF document, or the markup that stands there as text.

    >>> body_text({"type": "doc", "version": 1, "content": [
    ...     {"type": "paragraph", "content": [{"type": "text", "text": "Down since "}, {"type": "hardBreak"},
    ...      {"type": "mention", "attrs": {"id": "1", "text": "@operator"}}]},
    ...     {"type": "taskItem", "attrs": {"state": "TODO"}, "content": [{"type": "text", "text": "restart"}]}]})
    'Down since\n@operator\n[ ] restart'
    """
    if not isinstance(value, dict):
        return text_of(value)
    pieces: list[str] = []
    _collect(value, pieces, 0)
    lines = [" ".join(line.split(" ")).rstrip() for line in "".join(pieces).split("\n")]
    return "\n".join(line for line in lines if line.strip())


def _collect(node: dict[str, Any], pieces: list[str], depth: int) -> None:
    kind = text_of(node.get("type"))
    attributes = dict_of(node.get("attrs"))
    is_block = kind in _BLOCKS
    if is_block:
        pieces.append("\n")
    if kind == "text":
        pieces.append(_marked(node))
    elif kind == "hardBreak":
        pieces.append("\n")
    elif kind in ("taskItem", "decisionItem"):
        pieces.append(_state(kind, text_of(attributes.get("state"))))
    elif kind in ("expand", "nestedExpand"):
        pieces.append(f"{text_of(attributes.get('title'))}\n")
    elif kind == "date":
        pieces.append(_day(text_of(attributes.get("timestamp"))))
    elif kind == "media":
        pieces.append(f"[{text_of(attributes.get('alt')) or 'media ' + text_of(attributes.get('id'))}]")
    elif kind in ("inlineCard", "blockCard", "embedCard"):
        pieces.append(text_of(attributes.get("url")) or text_of(dig(attributes, "data", "url")))
    elif kind in ("mention", "emoji", "status", "placeholder"):
        pieces.append(text_of(attributes.get("text")) or text_of(attributes.get("shortName")))
    elif kind in ("tableCell", "tableHeader"):
        pieces.append(" ")
    if depth < _DEPTH:
        for child in list_of(node.get("content")):
            if isinstance(child, dict):
                _collect(child, pieces, depth + 1)
    if is_block:
        pieces.append("\n")


def _marked(node: dict[str, Any]) -> str:
    """A text, with the address of its link where the text does not say it; what is struck out stays, as struck out."""
    text = text_of(node.get("text"))
    for mark in list_of(node.get("marks")):
        kind, address = text_of(dig(mark, "type")), text_of(dig(mark, "attrs", "href"))
        if kind == "link" and address and address not in text:
            text = f"{text} ({address})"
        elif kind == "strike":
            text = f"~~{text}~~"
    return text


def _state(kind: str, state: str) -> str:
    if kind == "decisionItem":
        return "Decision: " if state in ("DECIDED", "") else f"Decision ({state}): "
    return "[x] " if state == "DONE" else "[ ] "


def _day(timestamp: str) -> str:
    """A date of ADF, which counts milliseconds since 1970 at midnight UTC."""
    if timestamp.lstrip("-").isdecimal() and len(timestamp) <= 15:
        try:
            return (dt.date(1970, 1, 1) + dt.timedelta(days=int(timestamp) // 86_400_000)).isoformat()
        except OverflowError:
            return timestamp
    return timestamp
