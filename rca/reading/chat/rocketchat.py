"""Rocket.Chat: messages of the API, of room exports and of dumps of the database.

The decision hidden here: the codes of system messages (`t`), whose text is the name they act on. Dates come as ISO texts or as
MongoDB writes them. With `_hidden` and `parent` a message is the earlier text of another, kept when that was edited; a message
of type `rm` is what is left of one that was deleted.

References:
    Rocket.Chat developer documentation: Message object, channels.history, chat.getThreadMessages; "Export messages";
    RocketChat/Rocket.Chat, packages/core-typings IMessage (MessageTypes); MongoDB Extended JSON v2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.chat.chat_telling import ChatTeller, Message
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.pieces import Piece, note_total, read_pieces, says_shape, wrapper_tail

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RocketChatReader"]

_SIGNS = re.compile(r'"(?:rid|msg)"\s*:')
_OBJECTS = re.compile(r"\[\s*\{")
_JOINS = {"uj", "ujt", "ut", "au", "ui", "added-user-to-team", "livechat-started", "user-added-room-to-team"}
_LEAVES = {"ul", "ult", "ru", "uir", "removed-user-from-team"}
_NAMED = {"au", "ru", "added-user-to-team", "removed-user-from-team"}
_CHANGES = {
    "r": "name", "room_changed_topic": "topic", "room_changed_description": "description",
    "room_changed_announcement": "announcement", "room_changed_privacy": "privacy", "room_changed_avatar": "avatar",
    "room-archived": "archived", "room-unarchived": "archived", "room-set-read-only": "read only",
    "room-removed-read-only": "read only", "room-allowed-reacting": "reactions", "room-disallowed-reacting": "reactions",
    "user-muted": "muted", "user-unmuted": "muted", "subscription-role-added": "role", "subscription-role-removed": "role",
    "new-moderator": "role", "moderator-removed": "role", "new-owner": "role", "owner-removed": "role",
    "new-leader": "role", "leader-removed": "role", "discussion-created": "discussion", "message_pinned": "pinned",
    "user-converted-to-team": "team", "user-converted-to-channel": "team", "room_e2e_enabled": "encryption",
    "room_e2e_disabled": "encryption", "livechat-close": "closed", "livechat_transfer_history": "transferred",
}  # fmt: skip
_CALLS = {"videoconf", "jitsi_call_started", "bbb_call"}


def _enter(key: str, said: Mapping[str, Any], ahead: str) -> bool:
    if "msg" in said or "rid" in said:
        return False
    if key == "message":
        return '"rid"' in ahead
    return key in ("messages", "threads") and _OBJECTS.match(ahead) is not None


def _date(value: Any) -> str:
    """A date as text: written as such, or as MongoDB's extended JSON writes it."""
    if isinstance(value, dict):
        inner = value.get("$date")
        return text_of(inner) or text_of(dict_of(inner).get("$numberLong"))
    return text_of(value)


def _shape_of(piece: Piece) -> str:
    said = piece.said
    if not _date(said.get("ts")) or "msg" not in said:
        return ""
    if "rid" in said and isinstance(said.get("u"), dict):
        return "message"
    return "exported" if "username" in said and "_id" not in said and "id" not in said else ""


class RocketChatReader:
    """Reads messages of Rocket.Chat: sent, edited, deleted, joins and leaves, changes of rooms, calls."""

    name = "rocketchat"
    version = "1"
    title = "Rocket.Chat: messages (API, room export, database)"
    suffixes = (".json", ".jsonl")

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a message of Rocket.Chat, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        teller = ChatTeller(source, self, system="rocketchat")
        count = 0
        for piece in read_pieces(source, _enter, code=teller.code):
            if _shape_of(piece):
                count += 1
                _tell(teller, piece)
            elif piece.said:
                teller.pass_over(piece.place().locator)
            yield from teller.batches()
        if count:
            note_total(source, count, wrapper_tail(source).get("total", ""), code="RCA190", what="messages")
        teller.end()
        yield from teller.rest()


def _tell(teller: ChatTeller, piece: Piece) -> None:
    said = _message(piece)
    kind = piece.text("t", "type")
    place = piece.place()
    text = piece.text("msg")
    if kind in _JOINS or kind in _LEAVES:
        person, by = (text, said.who) if kind in _NAMED and text else (said.who, "")
        said.text = ""
        said.fields["scope"] = {"ut": "thread", "ujt": "team", "ult": "team"}.get(kind, "")
        teller.tell_presence(said, place, [person], left=kind in _LEAVES, by=by)
    elif kind in _CHANGES:
        said.text = ""
        teller.tell_change(said, place, _CHANGES[kind], new=text or piece.text("role"))
    elif kind in _CALLS:
        teller.tell_message(said, place, kind="chat.call", line=text or "a call")
    elif kind == "rm":
        said.deleted, said.deleter = said.edited, said.editor
        said.is_deleted, said.edited = True, ""
        teller.tell_message(said, place, line=text or "(a message that was deleted)")
    else:
        teller.tell_message(said, place)


def _message(piece: Piece) -> Message:
    said = piece.said
    is_earlier = piece.flag("_hidden") and bool(piece.text("parent"))
    people = [_name(one) for one in list_of(said.get("mentions"))[:500]]
    files = [
        text_of(dig(one, "name")) or text_of(dig(one, "title"))
        for one in [said.get("file"), *list_of(said.get("files")), *list_of(said.get("attachments"))][:100]
    ]
    quoted = [text_of(dig(one, "text")) for one in list_of(said.get("attachments"))[:20]]
    reactions = [
        f"{name}: {', '.join(text_of(one) for one in list_of(dict_of(value).get('usernames'))[:100])}"
        for name, value in list(dict_of(said.get("reactions")).items())[:100]
    ]
    user = dict_of(said.get("u"))
    return Message(
        key=piece.text("parent") if is_earlier else piece.text("_id", "_id.$oid"),
        stamp=_date(said.get("ts")),
        who=piece.text("alias") or _name(user) or piece.text("username"),
        text=piece.text("msg") or "\n".join(one for one in quoted if one),
        channel=piece.text("rid"),
        audience=[one for one in people if one],
        answers=piece.text("tmid"),
        edited=_date(said.get("editedAt")),
        editor=_name(dict_of(said.get("editedBy"))),
        fields={
            "username": text_of(user.get("username")),
            "type": piece.text("t", "type"),
            "version": "earlier" if is_earlier else "",
            "hidden": "true" if piece.flag("_hidden") else "",
            "files": "; ".join(dict.fromkeys(one for one in files if one)),
            "reactions": "; ".join(reactions),
            "replies": piece.text("tcount"),
            "updated": _date(said.get("_updatedAt")),
            "discussion": piece.text("drid"),
            "pinned": _date(said.get("pinnedAt")),
        },
        refs=[text_of(dig(one, "url")) for one in list_of(said.get("urls"))[:50] if text_of(dig(one, "url"))],
    )


def _name(user: Any) -> str:
    return text_of(dig(user, "name")) or text_of(dig(user, "username")) or text_of(dig(user, "_id"))
