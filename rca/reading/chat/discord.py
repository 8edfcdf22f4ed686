"""Discord: what DiscordChatExporter writes as JSON, and messages of the API and of the data package.

The decision hidden here: the types of messages. Each form names the same things in another case (`timestampEdited`,
`edited_timestamp`); types are names or numbers. Times of the exporter and the API have offsets; those of the data package
have none in newer packages.

References:
    Tyrrrz/DiscordChatExporter (JsonMessageWriter); Discord developer documentation, "Message object", "Message types";
    Discord support, "Your Discord data package".
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

__all__ = ["DiscordReader"]

_SIGNS = re.compile(r'"(?:timestampEdited|edited_timestamp|Contents|author)"\s*:')
_ID = re.compile(r"\d{15,22}")
_OBJECTS = re.compile(r"\[\s*\{")
_MENTION = re.compile(r"<(@[!&]?|#|a?:\w{1,40}:)(\d{15,22})>")
_NUMBERS = {
    "1": "RecipientAdd", "2": "RecipientRemove", "3": "Call", "4": "ChannelNameChange", "5": "ChannelIconChange", "6": "ChannelPinnedMessage",
    "7": "GuildMemberJoin", "12": "ChannelFollowAdd", "18": "ThreadCreated", "19": "Reply", "0": "Default", "20": "Default", "21": "ThreadStarterMessage",
}  # fmt: skip
_CHANGES = {
    "ChannelNameChange": "name", "ChannelIconChange": "icon", "ChannelPinnedMessage": "pinned", "ThreadCreated": "thread",
    "ChannelFollowAdd": "follow",
}  # fmt: skip


class _Wrappers:
    """What is entered; the channel and guild that an export states before its messages are kept."""

    def __init__(self) -> None:
        self.channel: dict[str, Any] = {}
        self.guild: dict[str, Any] = {}

    def __call__(self, key: str, said: Mapping[str, Any], ahead: str) -> bool:
        if key != "messages" or not _OBJECTS.match(ahead) or "timestamp" in said:
            return False
        self.channel, self.guild = dict_of(said.get("channel")), dict_of(said.get("guild"))
        return True


def _shape_of(piece: Piece) -> str:
    if (
        _ID.fullmatch(piece.text("id"))
        and piece.text("timestamp")
        and piece.has("content")
        and isinstance(piece.said.get("author"), dict)
    ):
        return "message"
    if _ID.fullmatch(piece.text("ID")) and piece.has("Timestamp", "Contents"):
        return "own"
    return ""


class DiscordReader:
    """Reads messages of Discord: sent, edited, joins, recipients added and removed, changes of channels, calls."""

    name = "discord"
    version = "1"
    title = "Discord: messages (DiscordChatExporter, API, data package) in JSON"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a message of Discord, else 0."""
        return says_shape(sample, _Wrappers(), _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        teller = ChatTeller(source, self, system="discord")
        wrappers = _Wrappers()
        count = 0
        for piece in read_pieces(source, wrappers, code=teller.code):
            shape = _shape_of(piece)
            if shape:
                count += 1
                _tell(teller, piece, _message(piece, wrappers, is_own=shape == "own"))
            elif piece.key == "messages":
                teller.pass_over(piece.place().locator)
            if shape == "own":
                teller.note_absence("messages of others: a data package holds those of its owner only")
            yield from teller.batches()
        if count:
            total = wrapper_tail(source).get("messageCount", "")
            note_total(source, count, total, code="RCA190", what="messages")
            teller.note_absence("deleted messages, which an export leaves out")
        teller.end()
        yield from teller.rest()


def _person(value: Any) -> str:
    return next(
        (
            name
            for key in ("nickname", "global_name", "name", "username", "id")
            if (name := text_of(dig(value, key)))
        ),
        "",
    )


def _message(piece: Piece, wrappers: _Wrappers, *, is_own: bool) -> Message:
    if is_own:
        return Message(
            key=piece.text("ID"), stamp=piece.text("Timestamp"), text=piece.text("Contents"),
            fields={"files": piece.text("Attachments")},
        )  # fmt: skip
    channel, guild = wrappers.channel, wrappers.guild
    where = piece.text("channel_id") or text_of(channel.get("id"))
    mentions = {text_of(dig(one, "id")): _person(one) for one in list_of(piece.said.get("mentions"))[:1000]}
    text = _MENTION.sub(
        lambda found: f"@{mentions[found[2]]}" if found[2] in mentions else found[0], piece.text("content")
    )
    embeds = [
        text_of(dig(one, key))
        for one in list_of(piece.said.get("embeds"))[:50]
        for key in ("title", "description", "url")
    ]
    files = [
        text_of(dig(one, "fileName")) or text_of(dig(one, "filename"))
        for one in list_of(piece.said.get("attachments"))[:200]
    ]
    reactions = [f"{text_of(dig(one, 'emoji', 'name'))} {text_of(dig(one, 'count'))} {', '.join(_person(user) for user in list_of(dig(one, 'users'))[:100])}".strip()
                 for one in list_of(piece.said.get("reactions"))[:100]]  # fmt: skip
    return Message(
        key=piece.text("id"), stamp=piece.text("timestamp"), who=_person(piece.said.get("author")),
        text=text or "\n".join(one for one in embeds if one), channel=text_of(channel.get("name")) or where, place_key=where,
        unit=text_of(guild.get("name")), audience=[one for one in dict.fromkeys(mentions.values()) if one],
        answers=piece.text("reference.messageId", "message_reference.message_id"),
        edited=piece.text("timestampEdited", "edited_timestamp"), end=piece.text("callEndedTimestamp", "call.ended_timestamp"),
        fields={
            "user": piece.text("author.id"), "username": piece.text("author.name", "author.username"), "files": "; ".join(one for one in files if one),
            "type": _kind(piece) if _kind(piece) != "Default" else "", "reactions": "; ".join(reactions),
            "pinned": "true" if piece.flag("isPinned", "pinned") else "", "bot": "true" if piece.flag("author.isBot", "author.bot") else "",
            "category": text_of(channel.get("category")),
        },
    )  # fmt: skip


def _kind(piece: Piece) -> str:
    kind = piece.text("type")
    return _NUMBERS.get(kind, kind or "Default")


def _tell(teller: ChatTeller, piece: Piece, said: Message) -> None:
    kind = _kind(piece)
    place = piece.place()
    if kind == "GuildMemberJoin":
        teller.tell_presence(said, place, [said.who], left=False)
    elif kind in ("RecipientAdd", "RecipientRemove"):
        teller.tell_presence(
            said, place, said.audience or [said.who], left=kind == "RecipientRemove", by=said.who
        )
    elif kind in _CHANGES:
        teller.tell_change(
            said, place, _CHANGES[kind], new=said.text, line=f"{said.who}: {said.text or kind}"
        )
    elif kind == "Call":
        teller.tell_message(said, place, kind="chat.call", line=said.text or "a call")
    else:
        teller.tell_message(said, place)
