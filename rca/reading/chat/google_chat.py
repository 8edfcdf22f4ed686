"""Google Chat: messages.json of Takeout, and messages of the Chat API.

The decision hidden here: Takeout writes its dates as sentences in English that end in UTC; a topic is a thread whose first
message is not marked. Messages that were deleted stay, with state and time of deletion where Google kept them.

References:
    Google Takeout, Google Chat (messages.json, group_info.json); Google Chat API, spaces.messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.moments.stamps import Stamp, compile_layout
from rca.reading.chat.chat_telling import ChatTeller, Message
from rca.reading.json_fields import dig, list_of, text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GoogleChatReader"]

_SIGNS = re.compile(r'"(?:created_date|createTime)"\s*:')
_OBJECTS = re.compile(r"\[\s*\{")
_LAYOUTS = ("%A, %B %e, %Y at %I:%M:%S %p %Z", "%A, %e %B %Y at %H:%M:%S %Z", "%A, %B %e, %Y at %H:%M:%S %Z")


def _read_stamp(text: str) -> Stamp | None:
    plain = re.sub(r"[\u202f\u00a0\s]+", " ", text).strip()
    for layout in _LAYOUTS:
        found = compile_layout(layout).parse(plain)
        if found is not None:
            return found
    return None


def _enter(key: str, said: Mapping[str, Any], ahead: str) -> bool:
    return key == "messages" and "text" not in said and _OBJECTS.match(ahead) is not None


def _shape_of(piece: Piece) -> str:
    if (
        piece.has("created_date")
        and (piece.has("topic_id") or piece.has("message_id"))
        and piece.has("creator")
    ):
        return "takeout"
    name = piece.text("name")
    return "api" if name.startswith("spaces/") and "/messages/" in name and piece.has("createTime") else ""


class GoogleChatReader:
    """Reads messages of Google Chat: sent, edited, deleted."""

    name = "google-chat"
    version = "1"
    title = "Google Chat: messages (Takeout, API)"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a message of Google Chat, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        teller = ChatTeller(source, self, system="google-chat", read=_read_stamp)
        for piece in read_pieces(source, _enter, code=teller.code):
            shape = _shape_of(piece)
            if shape:
                teller.tell_message(_message(piece, is_api=shape == "api"), piece.place())
            elif piece.key == "messages":
                teller.pass_over(piece.place().locator)
            yield from teller.batches()
        teller.end()
        yield from teller.rest()


def _message(piece: Piece, *, is_api: bool) -> Message:
    files = [text_of(dig(one, key)) for one in [*list_of(piece.said.get("attached_files")), *list_of(piece.said.get("attachment"))][:100]
             for key in ("original_name", "contentName")]  # fmt: skip
    if is_api:
        space = "/".join(piece.text("name").split("/")[:2])
        return Message(
            key=piece.text("name").rpartition("/")[2], stamp=piece.text("createTime"), who=piece.text("sender.displayName", "sender.name"),
            text=piece.text("text", "formattedText", "fallbackText"), channel=piece.text("space.displayName") or space, place_key=space,
            answers=piece.text("quotedMessageMetadata.name").rpartition("/")[2], edited=piece.text("lastUpdateTime"),
            deleted=piece.text("deleteTime"),
            fields={"thread": piece.text("thread.name"), "files": "; ".join(one for one in files if one)},
        )  # fmt: skip
    identity = piece.text("message_id")
    parts = identity.split("/")
    is_deleted = piece.text("message_state").upper() == "DELETED"
    return Message(
        key=parts[-1] if len(parts) > 1 else identity, stamp=piece.text("created_date"), who=piece.text("creator.name", "creator.email"),
        text=piece.text("text"), channel=parts[0] if len(parts) > 1 else "", edited=piece.text("updated_date", "last_updated_date"),
        deleted=piece.text("deleted_date"), is_deleted=is_deleted,
        answers=piece.text("quoted_message_metadata.message_id").rpartition("/")[2],
        fields={"user": piece.text("creator.email"), "topic": piece.text("topic_id"), "files": "; ".join(one for one in files if one),
                "deleted_as": piece.text("deletion_metadata.deletion_type")},
    )  # fmt: skip
