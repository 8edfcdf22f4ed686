"""What a Slack message says as plain text: its markup, its blocks and its attachments.

The decision hidden here: the notation of Slack. A person, channel, group or link in angle brackets becomes what a reader of
the chat saw, with an identifier where the stream has no name for it; three characters are escaped, no others.

References:
    Slack API, "Formatting text for app surfaces"; Block Kit, "Rich text block".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rca.reading.json_fields import dict_of, list_of, text_of

__all__ = ["Words", "read_words", "words_of"]

_MARK = re.compile(r"<([@#!]?)([^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>")
_DEPTH = 12


@dataclass(slots=True)
class Words:
    """A text as its readers saw it, whom it names, and the channels and addresses that it refers to."""

    text: str = ""
    people: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def read_words(text: str, names: Mapping[str, str]) -> Words:
    """The words of a text in Slack's markup; `names` are the names of users and channels that the stream tells.

    >>> read_words("<@U1> see <https://status.example|status> &amp; <#C2|ops>", {"U1": "Night lead"}).text
    '@Night lead see status (https://status.example) & #ops'
    """
    words = Words()

    def shown(found: re.Match[str]) -> str:
        sign, body, label = found[1], found[2], found[3] or ""
        if sign == "@":
            who = names.get(body) or label or body
            if label:
                words.names[body] = label.removeprefix("@")
            words.people.append(who)
            return f"@{who.removeprefix('@')}"
        if sign == "#":
            words.refs.append(body)
            return f"#{(label or names.get(body) or body).removeprefix('#')}"
        if sign == "!":
            name = body.partition("^")[0]
            who = label or body
            if name != "date":
                words.people.append(who.removeprefix("@"))
                return f"@{who.removeprefix('@')}"
            return who
        if not body.startswith("mailto:"):
            words.refs.append(body.replace("&amp;", "&"))
        is_same = label.rstrip("/") in (
            "",
            body.rstrip("/"),
            body.partition("://")[2].rstrip("/"),
            body.partition(":")[2],
        )
        return body if is_same else f"{label} ({body})"

    plain = _MARK.sub(shown, text)
    words.text = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    words.people = list(dict.fromkeys(words.people))
    return words


def words_of(said: Mapping[str, Any], names: Mapping[str, str]) -> Words:
    """The words of a message: its text, else its blocks; attachments follow."""
    raw = text_of(said.get("text"))
    if not raw.strip():
        raw = "".join(_block_texts(said.get("blocks"), 0)).strip()
    parts = [raw] if raw.strip() else []
    for one in list_of(said.get("attachments"))[:100]:
        more = dict_of(one)
        seen = [text_of(more.get(name)).strip() for name in ("pretext", "title", "text")]
        lines = [text for text in seen if text and text not in raw]
        for cell in list_of(more.get("fields"))[:50]:
            cells = [text_of(dict_of(cell).get(name)) for name in ("title", "value")]
            lines.append(": ".join(one for one in cells if one))
        if not any(seen) and not lines:
            lines = [text_of(more.get("fallback"))]
        parts += [text for text in lines if text.strip()]
    return read_words("\n".join(parts), names)


def _block_texts(value: Any, depth: int) -> Iterator[str]:
    if depth > _DEPTH:
        return
    for one in list_of(value)[:1000]:
        block = dict_of(one)
        kind = text_of(block.get("type"))
        if kind == "user":
            yield f"<@{text_of(block.get('user_id'))}>"
        elif kind == "channel":
            yield f"<#{text_of(block.get('channel_id'))}>"
        elif kind == "usergroup":
            yield f"<!subteam^{text_of(block.get('usergroup_id'))}>"
        elif kind == "broadcast":
            yield f"<!{text_of(block.get('range'))}>"
        elif kind == "emoji":
            yield f":{text_of(block.get('name'))}:"
        elif kind == "link":
            label = text_of(block.get("text"))
            yield f"<{text_of(block.get('url'))}{'|' + label if label else ''}>"
        else:
            inner = block.get("text")
            yield text_of(inner) or text_of(dict_of(inner).get("text"))
            yield from _block_texts(block.get("elements"), depth + 1)
            if kind in ("section", "header", "rich_text_section", "context"):
                yield "\n"
