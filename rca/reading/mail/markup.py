"""HTML of a mail as the text that a person reads.

The decision hidden here: which tags break lines, and that quoted blocks keep their mark: what stands in a `blockquote`
begins with `> `, so that quotes are told apart in HTML as in text. One pass from left to right, nothing is run or fetched.

References:
    HTML Living Standard, 15.3 (which elements are blocks).
"""

from __future__ import annotations

import html
import re

__all__ = ["html_text"]

_MOST = 2_000_000
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]{0,40})[^<>]*>?|<!--|<[!?][^<>]*>?|<")
_LINES = frozenset({"br", "tr", "li", "dt", "dd", "option", "hr", "title", "caption"})
_BLOCKS = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote", "section",
     "article", "header", "footer", "form", "address", "center", "body"}
)  # fmt: skip
_SILENT = frozenset({"script", "style", "head", "template", "noscript"})


def html_text(markup: str) -> str:
    r"""The text of `markup`, a line a block, what a `blockquote` holds with `> ` before each line.

    >>> html_text("<style>p{}</style><p>Ready&nbsp;now<br>see below</p><blockquote>Is it?</blockquote>")
    'Ready now\nsee below\n> Is it?'
    """
    markup = markup[:_MOST]
    low = markup.lower()
    lines: list[tuple[int, list[str]]] = [(0, [])]
    depth = at = 0
    while at < len(markup):
        found = _TAG.search(markup, at)
        if found is None:
            lines[-1][1].append(markup[at:])
            break
        lines[-1][1].append(markup[at : found.start()])
        at = found.end()
        if found[0] == "<!--":
            end = markup.find("-->", at)
            at = len(markup) if end < 0 else end + 3
            continue
        if found[2] is None:
            if found[0] == "<":
                lines[-1][1].append("<")
            continue
        name, closes = found[2].lower(), bool(found[1])
        if name in _SILENT and not closes and not found[0].endswith("/>"):
            end = low.find(f"</{name}", at)
            if end < 0 and name == "head":
                end = low.find("<body", at)
            at = len(markup) if end < 0 else end
        elif name == "blockquote":
            depth = max(0, depth - 1) if closes else min(depth + 1, 20)
            lines.append((depth, []))
        elif name in _BLOCKS or (name in _LINES and not closes):
            lines.append((depth, []))
        elif name in ("td", "th") and not closes:
            lines[-1][1].append(" ")
    told: list[str] = []
    for level, pieces in lines:
        text = " ".join(html.unescape("".join(pieces)).split())
        if text:
            told.append("> " * level + text)
    return "\n".join(told)
