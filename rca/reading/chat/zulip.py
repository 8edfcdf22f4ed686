"""Zulip: messages of the API and of a server's export.

The decision hidden here: where a message was said is a stream and a topic. Times count seconds; `edit_history` holds each
earlier text with the time at which it was replaced, so that every edit is told with what stood there before.

References:
    Zulip API documentation, "Get messages", "Get message edit history"; Zulip help, "Export your organization" (zerver_message).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.chat.chat_telling import ChatTeller, Message, note_more, zero_less
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.mail.markup import html_text
from rca.reading.source import Sample, Source
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ZulipReader"]

_SIGNS = re.compile(r'"(?:sender_full_name|display_recipient|zerver_message|date_sent)"\s*:')
_OBJECTS = re.compile(r"\[\s*\{")
_MENTION = re.compile(r"@_?\*\*([^*|]{1,200})(?:\|\d+)?\*\*")
_MORE = re.compile(r'"found_(?:newest|oldest)"\s*:\s*false|"history_limited"\s*:\s*true')


def _enter(key: str, said: Mapping[str, Any], ahead: str) -> bool:
    return (
        key in ("messages", "zerver_message") and "content" not in said and _OBJECTS.match(ahead) is not None
    )


def _shape_of(piece: Piece) -> str:
    if piece.has("content", "timestamp") and (
        piece.has("sender_full_name") or piece.has("display_recipient", "sender_id")
    ):
        return "message"
    return "exported" if piece.has("content", "date_sent", "sender", "recipient") else ""


class ZulipReader:
    """Reads messages of Zulip: sent, edited, moved to another topic."""

    name = "zulip"
    version = "1"
    title = "Zulip: messages (API, export)"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a message of Zulip, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        teller = ChatTeller(source, self, system="zulip")
        for piece in read_pieces(source, _enter, code=teller.code):
            if _shape_of(piece):
                _tell(teller, piece)
            elif piece.key in ("messages", "zerver_message"):
                teller.pass_over(piece.place().locator)
            yield from teller.batches()
        note_more(source, _MORE, "it says that older or newer messages exist")
        teller.end()
        yield from teller.rest()


def _tell(teller: ChatTeller, piece: Piece) -> None:
    recipient = piece.said.get("display_recipient")
    people = [text_of(dig(one, "full_name")) for one in list_of(recipient)[:1000]]
    content = piece.text("content")
    text = html_text(content) if content.lstrip().startswith("<") else content
    mentions = _MENTION.findall(content[:50_000])
    stream = text_of(recipient) or piece.text("recipient") or ("direct messages" if people else "")
    topic = piece.text("subject", "topic")
    reactions = [f"{text_of(dig(one, 'emoji_name'))}: {text_of(dig(one, 'user', 'full_name')) or text_of(dig(one, 'user_id'))}" for one in list_of(piece.said.get("reactions"))[:200]]  # fmt: skip
    history = piece.said.get("edit_history")
    if isinstance(history, str):
        try:
            history = json.loads(history, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            history = None
    edits = [dict_of(one) for one in list_of(history)[:1000]]
    said = Message(
        key=piece.text("id"), stamp=piece.text("timestamp", "date_sent"), who=piece.text("sender_full_name", "sender_email", "sender", "sender_id"),
        text=text, channel=stream, place_key=piece.text("stream_id") or stream, audience=list(dict.fromkeys([*people, *mentions])),
        edited="" if edits else zero_less(piece.text("last_edit_timestamp", "last_edit_time")),
        fields={"user": piece.text("sender_email"), "topic": topic, "reactions": "; ".join(reactions), "client": piece.text("client")},
    )  # fmt: skip
    teller.tell_message(said, piece.place())
    for one in sorted(edits, key=lambda edit: text_of(edit.get("timestamp"))):
        later = Message(
            key=said.key,
            stamp=text_of(one.get("timestamp")),
            who=text_of(one.get("user_id")),
            channel=stream,
            place_key=said.place_key,
        )
        old = text_of(one.get("prev_content"))
        before = text_of(one.get("prev_topic")) or text_of(one.get("prev_subject"))
        moved = {"old_topic": before, "topic": text_of(one.get("topic")) or (topic if before else "")}
        teller.tell_later(
            "chat.edited",
            later,
            piece.place(),
            old=old or (f"topic {before}" if before else ""),
            fields=moved,
        )
