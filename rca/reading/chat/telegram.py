"""Telegram: the JSON that Telegram Desktop exports, of one chat or of an account.

The decision hidden here: the actions of service messages, and which of two stamps is the time: `date_unixtime` is an instant,
`date` the same on the clock of the computer that exported it, without an offset; only older exports have nothing else.

References:
    telegramdesktop/tdesktop, export/output/export_output_json.cpp (fields and actions); core.telegram.org, "Export".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.chat.chat_telling import ChatTeller, Message, zero_less
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TelegramReader"]

_SIGNS = re.compile(r'"(?:from_id|actor_id|date_unixtime|text_entities|actor)"\s*:')
_JOINS = {"invite_members", "join_group_by_link", "join_group_by_request", "joined_telegram"}
_CALLS = {"phone_call", "group_call", "group_call_scheduled", "invite_to_group_call", "conference_call"}
_CHANGES = {
    "create_group": "created", "create_channel": "created", "edit_group_title": "name", "edit_group_photo": "photo",
    "delete_group_photo": "photo", "pin_message": "pinned", "clear_history": "history", "migrate_to_supergroup": "moved",
    "migrate_from_group": "moved", "topic_created": "topic", "topic_edit": "topic", "set_messages_ttl": "lifetime",
    "edit_chat_theme": "theme",
}  # fmt: skip


def _enter(key: str, said: Mapping[str, Any], ahead: str) -> bool:
    if "date" in said:
        return False
    return key in ("chats", "left_chats") or (key in ("list", "messages") and ahead[:1] == "[")


def _shape_of(piece: Piece) -> str:
    kind = piece.text("type")
    if piece.key == "messages" and kind in ("message", "service") and piece.has("id", "date"):
        marks = ("from_id", "actor_id", "actor", "from", "text_entities", "date_unixtime", "action")
        return kind if any(name in piece.said for name in marks) else ""
    return ""


class TelegramReader:
    """Reads Telegram Desktop's JSON: messages, edits, joins and leaves, changes of groups, calls."""

    name = "telegram"
    version = "1"
    title = "Telegram Desktop: exported chats (JSON)"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a message of Telegram, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        teller = ChatTeller(source, self, system="telegram")
        count = 0
        for piece in read_pieces(source, _enter, code=teller.code):
            shape = _shape_of(piece)
            if shape:
                count += 1
                _tell(teller, piece, is_service=shape == "service")
            elif piece.key == "messages":
                teller.pass_over(piece.place().locator)
            yield from teller.batches()
        if count:
            teller.note_absence("deleted messages, which an export leaves out")
        teller.end()
        yield from teller.rest()


def _text(value: Any) -> tuple[str, list[str], list[str]]:
    """The text of a message, whom it mentions, and the addresses behind its words."""
    if isinstance(value, str):
        return value, [], []
    words, people, links = [], [], []
    for one in list_of(value)[:10_000]:
        part = text_of(one) or text_of(dig(one, "text"))
        words.append(part)
        kind = text_of(dig(one, "type"))
        if kind in ("mention", "mention_name"):
            people.append(part.removeprefix("@"))
        if kind == "text_link":
            links.append(text_of(dig(one, "href")))
    return "".join(words), people, [one for one in links if one]


def _message(piece: Piece) -> Message:
    around = piece.around
    chat = text_of(around.get("id"))
    text, people, links = _text(piece.said.get("text") or piece.said.get("text_entities"))
    media = [
        piece.text("media_type"),
        piece.text("file_name") or piece.text("file"),
        piece.text("photo") and "photo",
        piece.text("sticker_emoji"),
    ]
    reactions = [
        f"{text_of(dict_of(one).get('emoji'))} {text_of(dict_of(one).get('count'))}"
        for one in list_of(piece.said.get("reactions"))[:100]
    ]
    return Message(
        key=piece.text("id"), stamp=piece.text("date_unixtime", "date"), who=piece.text("from", "actor", "author") or piece.text("from_id", "actor_id"),
        text=text, channel=text_of(around.get("name")) or chat, place_key=chat, audience=list(dict.fromkeys(people)), refs=links,
        answers=piece.text("reply_to_message_id"), edited=zero_less(piece.text("edited_unixtime", "edited")),
        fields={
            "user": piece.text("from_id", "actor_id"), "date": piece.text("date") if piece.has("date_unixtime") else "",
            "chat_type": text_of(around.get("type")), "forwarded_from": piece.text("forwarded_from"), "saved_from": piece.text("saved_from"),
            "files": ", ".join(one for one in media if one), "reactions": "; ".join(reactions), "action": piece.text("action"),
            "via": piece.text("via_bot"), "duration": piece.text("duration_seconds", "duration"),
            "reply_in": piece.text("reply_to_peer_id"), "location": "yes" if piece.has("location_information") else "",
        },
    )  # fmt: skip


def _tell(teller: ChatTeller, piece: Piece, *, is_service: bool) -> None:
    said = _message(piece)
    place = piece.place()
    if not is_service:
        teller.tell_message(said, place)
        return
    action = piece.text("action")
    people = [one for one in piece.texts("members") if one]
    if said.fields.get("reply_in"):
        said.answers = ""
    if action in _JOINS:
        teller.tell_presence(said, place, people or [said.who], left=False, by=said.who if people else "")
    elif action == "remove_members":
        teller.tell_presence(said, place, people or [said.who], left=True, by=said.who if people else "")
    elif action in _CALLS:
        said.audience = people
        said.fields |= {"outcome": piece.text("discard_reason"), "scheduled": piece.text("schedule_date")}
        teller.tell_message(said, place, kind="chat.call", line=action.replace("_", " "))
    else:
        what = _CHANGES.get(action, action.replace("_", " ") or "service")
        new = piece.text("title", "new_title", "message_id", "period", "emoticon")
        shown = f"{action.replace('_', ' ')}{f': {new}' if new else ''}"
        said.fields["members"] = ", ".join(people)
        if action == "pin_message":
            said.refs = [f"{teller.system}:{said.place_key}/{piece.text('message_id')}"]
        teller.tell_change(
            said, place, what, new=new, line=shown if action else said.text or "service message"
        )
        if action == "create_group" and people:
            teller.tell_presence(said, place, people, left=False, by=said.who)
