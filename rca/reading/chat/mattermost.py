"""Mattermost: posts and channels from the API, and the bulk export of one object a line.

The decision hidden here: the types of posts. Times count milliseconds, 0 means never; a post of type `system_…` tells of the
channel, not what somebody wrote; a post with `original_id` is the earlier text of another, kept when that was edited.

References:
    Mattermost API Reference, Posts and Channels; Mattermost documentation, "Bulk loading data" (bulk export);
    mattermost/server, model/post.go (types of posts).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.chat.chat_telling import ChatTeller, Message, note_more, zero_less
from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MattermostReader"]

_SIGNS = re.compile(r'"create_at"\s*:')
_MORE = re.compile(r'"has_next"\s*:\s*true|"(?:next|prev)_post_id"\s*:\s*"\w')
_MENTION = re.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]{1,63})")
_OBJECT = re.compile(r"\{\s*\"")
_POSTS = ("post", "direct_post")
_JOINS = {
    "system_join_channel", "system_add_to_channel", "system_join_team", "system_add_to_team", "system_join_leave",
    "system_guest_join_channel", "system_add_guest_to_chan", "system_add_remove",
}  # fmt: skip
_LEAVES = {
    "system_leave_channel",
    "system_remove_from_channel",
    "system_leave_team",
    "system_remove_from_team",
}
_CHANGES = {
    "system_header_change": ("header", "old_header", "new_header"),
    "system_purpose_change": ("purpose", "old_purpose", "new_purpose"),
    "system_displayname_change": ("name", "old_displayname", "new_displayname"),
    "system_channel_deleted": ("archived", "", ""),
    "system_channel_restored": ("archived", "", ""),
    "system_convert_channel": ("privacy", "", ""),
    "system_change_chan_privacy": ("privacy", "", ""),
    "system_create_channel": ("created", "", ""),
}


def _enter(key: str, said: Mapping[str, Any], ahead: str) -> bool:
    if "create_at" in said:
        return False
    if key in ("posts", "channels", "original_posts"):
        return True
    if key in _POSTS or key == "channel":
        return text_of(said.get("type")) == key
    return _OBJECT.match(ahead) is not None and f'"{key}"' in ahead and '"create_at"' in ahead


def _shape_of(piece: Piece) -> str:
    if piece.has("message", "create_at") and (
        piece.has("channel_id", "user_id") or piece.key in _POSTS or piece.key == "replies"
    ):
        return "post"
    if piece.has("create_at", "creator_id", "team_id", "display_name"):
        return "channel"
    if piece.text("type") == "version" and piece.has("version"):
        return "version"
    if piece.key == "channel" and piece.has("team", "name", "type"):
        return "listed"
    wrapped = text_of(piece.said.get("type"))
    if wrapped in ("team", "user", "role", "scheme", "direct_channel", "emoji", "bot"):
        return "other" if isinstance(piece.said.get(wrapped), dict) else ""
    return ""


class MattermostReader:
    """Reads posts of Mattermost: messages, edits, deletions, joins and leaves, changes of channels, calls."""

    name = "mattermost"
    version = "1"
    title = "Mattermost: posts and channels (API), bulk export"
    suffixes = (".json", ".jsonl")

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a post or channel of Mattermost, else 0."""
        return says_shape(sample, _enter, lambda one: _shape_of(one) in ("post", "channel"), signs=_SIGNS)  # type: ignore[arg-type, return-value]

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        teller = ChatTeller(source, self, system="mattermost")
        posts = 0
        for piece in read_pieces(source, _enter, code=teller.code):
            shape = _shape_of(piece)
            if shape == "post":
                posts += 1
                _tell_post(teller, piece, _message(piece))
            elif shape == "channel":
                _tell_channel(teller, piece)
            elif not shape and piece.said and not piece.has("order"):
                teller.pass_over(piece.place().locator)
            yield from teller.batches()
        if posts:
            note_more(source, _MORE, "it names a post before or after it")
        teller.end()
        yield from teller.rest()


def _message(piece: Piece) -> Message:
    props = dict_of(piece.said.get("props"))
    user = piece.text("user_id")
    who = (
        piece.text("user")
        or text_of(props.get("override_username"))
        or text_of(props.get("webhook_display_name"))
    )
    text = piece.text("message")
    original = piece.text("original_id")
    members = piece.texts("channel_members")
    reactions = [f"{text_of(dict_of(one).get('emoji_name'))}: {text_of(dict_of(one).get('user')) or text_of(dict_of(one).get('user_id'))}"
                 for one in [*list_of(piece.said.get("reactions")), *list_of(dict_of(piece.said.get("metadata")).get("reactions"))][:200]]  # fmt: skip
    files = [*piece.texts("attachments", "path"), *piece.texts("file_ids"), *piece.texts("filenames")]
    attached = "\n".join(
        text_of(dict_of(one).get("text")) or text_of(dict_of(one).get("fallback"))
        for one in list_of(props.get("attachments"))[:50]
    ).strip()
    key = original or piece.text("id")
    if not key and piece.key in (*_POSTS, "replies"):
        key = f"{piece.text('create_at')}-{piece.text('user')}"
    return Message(
        key=key,
        stamp=zero_less(piece.text("create_at")),
        who=who or user,
        text="\n".join(one for one in (text, attached) if one),
        channel=piece.text("channel") or piece.text("channel_id") or ", ".join(members),
        place_key=piece.text("channel_id") or "/".join(one for one in (piece.text("team"), piece.text("channel")) if one),
        unit=piece.text("team"),
        audience=list(dict.fromkeys([*members, *_MENTION.findall(text[:50_000])])),
        answers=piece.text("root_id", "parent_id"),
        edited=zero_less(piece.text("edit_at")),
        deleted=zero_less(piece.text("delete_at")),
        deleter=text_of(props.get("deleteBy")),
        fields={
            "user": user if user != who and who else "",
            "type": piece.text("type"),
            "files": "; ".join(files),
            "reactions": "; ".join(reactions),
            "pinned": "true" if piece.flag("is_pinned") else "",
        },
    )  # fmt: skip


def _tell_post(teller: ChatTeller, piece: Piece, said: Message) -> str:
    kind = piece.text("type")
    props = dict_of(piece.said.get("props"))
    place = piece.place()

    def prop(*names: str) -> str:
        return next((found for name in names if (found := text_of(props.get(name)))), "")

    if piece.text("original_id"):
        said.fields["version"] = "earlier"
        said.stamp = said.deleted or zero_less(piece.text("update_at"))
        return teller.tell_later("chat.edited", said, place, old=said.text)
    if kind in _JOINS or kind in _LEAVES:
        person = prop("addedUsername", "removedUsername", "username") or said.who
        by = prop("username") if prop("addedUsername") else ""
        if kind in ("system_remove_from_channel", "system_remove_from_team"):
            by = said.who if said.who != person else ""
        if kind in ("system_join_leave", "system_add_remove"):
            return teller.tell_change(said, place, "members")
        said.fields["scope"] = "team" if "team" in kind else "channel"
        teller.tell_presence(said, place, [person], left=kind in _LEAVES, by=by)
        return ""
    if kind in _CHANGES:
        name, old, new = _CHANGES[kind]
        said.who = prop("username") or said.who
        return teller.tell_change(said, place, name, old=prop(old), new=prop(new))
    if kind == "custom_calls":
        start, end = zero_less(prop("start_at")), zero_less(prop("end_at"))
        said.fields |= {"posted": said.stamp, "title": prop("title")}
        said.stamp, said.end = start or said.stamp, end
        said.audience = [text_of(one) for one in list_of(props.get("participants")) if text_of(one)]
        return teller.tell_message(said, place, kind="chat.call", line=said.text or "a call")
    told = teller.tell_message(said, place)
    for one in piece.pieces("replies"):
        answer = _message(one)
        answer.channel, answer.place_key, answer.unit = said.channel, said.place_key, said.unit
        answer.answers = answer.answers or said.key
        answer.audience = answer.audience or (said.audience if piece.has("channel_members") else [])
        _tell_post(teller, one, answer)
    return told


def _tell_channel(teller: ChatTeller, piece: Piece) -> None:
    name = piece.text("display_name", "name", "id")
    said = Message(
        key="channel",
        place_key=piece.text("id"),
        channel=name,
        stamp=zero_less(piece.text("create_at")),
        who=piece.text("creator_id"),
        unit=piece.text("team_id"),
        fields={
            "id": piece.text("id"),
            "type": piece.text("type"),
            "header": piece.text("header"),
            "purpose": piece.text("purpose"),
            "messages": piece.text("total_msg_count"),
            "last_post": zero_less(piece.text("last_post_at")),
        },
    )
    teller.tell_change(said, piece.place(), "created", line=f"{name} created")
    gone = zero_less(piece.text("delete_at"))
    if gone:
        said.stamp, said.who = gone, ""
        teller.tell_change(said, piece.place(), "archived", new="true", line=f"{name} archived")
