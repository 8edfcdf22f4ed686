"""Slack: day files of an export, lists of channels, direct messages and integrations, and answers of the API.

The decision hidden here: what each record of Slack means. `ts` is a message's time and its id in the channel; a day file does
not say its channel, the folder in the archive does. A tombstone keeps the time of the message, not that of its deletion.

References:
    Slack help, "How to read Slack data exports"; Slack API: message events and subtypes, conversations.history,
    conversations.replies, conversations.list, search.messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.chat.chat_telling import ChatTeller, Message, note_more, zero_less
from rca.reading.chat.slack_text import Words, read_words, words_of
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SlackReader"]

_SIGNS = re.compile(
    r'"ts"\s*:\s*"?\d{9,10}\.\d|"change_type"\s*:|"is_(?:channel|im|mpim|group|archived|bot)"\s*:|"(?:creator|members|profile)"\s*:'
)
_TS = re.compile(r"\d{9,10}\.\d{1,6}")
_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_OBJECTS = re.compile(r"\[\s*\{")
_MORE = re.compile(r'"has_more"\s*:\s*true')
_JOINS = ("channel_join", "group_join", "bot_add")
_LEAVES = ("channel_leave", "group_leave", "bot_remove")
_CHANGES = {
    "topic": "topic", "purpose": "purpose", "name": "name", "archive": "archived", "unarchive": "archived",
    "convert_to_private": "privacy", "convert_to_public": "privacy", "posting_permissions": "permissions",
}  # fmt: skip
_CALLS = ("huddle_thread", "sh_room_created", "sh_room_shared")


def _enter(key: str, said: Mapping[str, Any], ahead: str) -> bool:
    if "ts" in said:
        return False
    if key in ("messages", "matches"):
        return _OBJECTS.match(ahead) is not None or (ahead[:1] == "{" and '"matches"' in ahead)
    if key in ("channels", "members", "groups", "ims", "mpims"):
        return _OBJECTS.match(ahead) is not None
    if key == "event":
        return '"ts"' in ahead
    return key in ("channel", "user", "message") and "ok" in said and ahead[:1] == "{"


def _shape_of(piece: Piece) -> str:
    said = piece.said
    if _TS.fullmatch(piece.text("ts")):
        marks = ("user", "bot_id", "subtype", "username", "user_profile", "thread_ts", "blocks", "permalink")
        named = text_of(said.get("type")) == "message" or ("type" not in said and "text" in said)
        return "message" if named and any(name in said for name in marks) else ""
    if piece.has("change_type", "date") and (piece.has("user_id") or piece.has("user_name")):
        return "integration"
    identity = piece.text("id")
    if not _ID.fullmatch(identity):
        return ""
    if isinstance(said.get("profile"), dict) and (piece.has("team_id") or piece.has("deleted")):
        return "user"
    flags = ("is_channel", "is_group", "is_im", "is_mpim", "is_general", "is_archived")
    is_listed = piece.has("members") and identity[0] == "D"
    if piece.has("created") and (any(f in said for f in flags) or piece.has("creator", "name") or is_listed):
        return "channel"
    return ""


class SlackReader:
    """Reads exports and answers of Slack: messages, edits, deletions, joins and leaves, changes of channels, calls."""

    name = "slack"
    version = "1"
    title = "Slack: exports (day files, channels, integrations) and answers of the API"
    suffixes = (".json", ".ndjson", ".jsonl")

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a message, channel, user or integration of Slack, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        told = _Telling(source, self)
        for piece in read_pieces(source, _enter, code=told.teller.code):
            told.tell(piece)
            yield from told.teller.batches()
        told.end()
        yield from told.teller.rest()


class _Telling:
    """One stream on its way."""

    def __init__(self, source: Source, reader: SlackReader) -> None:
        self.source = source
        self.teller = ChatTeller(source, reader, system="slack")
        self.names: dict[str, str] = {}
        parts = source.members[-1].replace("\\", "/").split("/") if source.members else []
        self.folder = parts[-2] if len(parts) > 1 else ""
        self.users = 0
        self.lacks_channel = self.lacks_names = False

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        shape = _shape_of(piece)
        if shape == "message":
            self._tell_message(piece)
        elif shape == "channel":
            self._tell_channel(piece)
        elif shape == "integration":
            self._tell_integration(piece)
        elif shape == "user":
            self.users += 1
            self._learn(piece.text("id"), dict_of(piece.said.get("profile")), piece.text("name"))
        elif piece.said:
            self.teller.pass_over(piece.place().locator)

    def end(self) -> None:
        """What the stream does not contain."""
        teller = self.teller
        if self.lacks_channel:
            teller.note_absence(
                "the channel of the messages",
                hint="In an export the folder of a day file names it: read the archive as a whole.",
            )
        if self.lacks_names:
            teller.note_absence("names of some users, who stand as ids", hint="The file users.json has them.")
        if self.users:
            teller.note_absence(
                f"events in {self.users} profiles of users", hint="They tell names, not acts."
            )
        note_more(self.source, _MORE, "it says has_more")
        teller.end()

    # -- messages -----------------------------------------------------------------------------------------

    def _tell_message(self, piece: Piece) -> None:
        subtype = piece.text("subtype")
        said = self._message(piece)
        place = piece.place()
        inner = piece.piece("message")
        verb = subtype.removeprefix("channel_").removeprefix("group_")
        if subtype in ("message_changed", "message_deleted"):
            self._tell_later(piece, said)
        elif subtype == "message_replied" and inner is not None:
            return  # a notice that a thread has one more reply, which is a message itself
        elif subtype in (*_JOINS, *_LEAVES):
            by = self._named(piece.text("inviter")) if piece.text("inviter") else ""
            self.teller.tell_presence(said, place, [said.who], left=subtype in _LEAVES, by=by)
        elif verb in _CHANGES and verb != subtype:
            new = piece.text(verb) or {"archive": "true", "unarchive": "false"}.get(verb, "")
            self.teller.tell_change(said, place, _CHANGES[verb], old=piece.text("old_name"), new=new)
        elif subtype in _CALLS:
            self._tell_call(piece, said)
        elif subtype == "tombstone":
            said.text, said.who = "", ""
            said.is_deleted = True
            said.fields["user"] = ""
            self.teller.tell_message(said, place, line="(a message that was deleted)")
        else:
            self.teller.tell_message(said, place)

    def _message(self, piece: Piece) -> Message:
        said = piece.said
        user = piece.text("user", "user_id", "bot_id")
        profile = dict_of(said.get("user_profile"))
        if profile:
            self._learn(user, profile, "")
        words = self._words(piece)
        channel = piece.text("channel.name", "channel_name")
        place_key = piece.text("channel.id", "channel") or text_of(piece.around.get("channel"))
        channel = channel or self.folder or place_key
        self.lacks_channel = self.lacks_channel or not channel
        thread = piece.text("thread_ts")
        own = piece.text("username", "user_name", "bot_profile.name", "icons.name")
        who = self.names.get(user) or own or user or piece.text("bot_id")
        self.lacks_names = self.lacks_names or (bool(user) and who == user)
        return Message(
            key=piece.text("ts"),
            stamp=piece.text("ts"),
            who=who,
            text=words.text,
            channel=channel,
            place_key=place_key or self.folder,
            unit=piece.text("user_team", "team"),
            audience=words.people,
            refs=words.refs,
            answers=thread if thread != piece.text("ts") else "",
            edited=piece.text("edited.ts"),
            editor=self._named(piece.text("edited.user")),
            fields={
                "user": user if user != who else "",
                "bot": piece.text("bot_id"),
                "subtype": piece.text("subtype"),
                "files": _files(said),
                "reactions": self._reactions(said),
                "client_msg_id": piece.text("client_msg_id"),
                "replies": piece.text("reply_count"),
                "link": piece.text("permalink"),
                "pinned_to": ", ".join(piece.texts("pinned_to")),
            },
        )

    def _words(self, piece: Piece) -> Words:
        words = words_of(piece.said, self.names)
        for user, name in words.names.items():
            self.names.setdefault(user, name)
        return words

    def _tell_later(self, piece: Piece, said: Message) -> None:
        """An edit or a deletion with a record of its own."""
        now, before = piece.piece("message"), piece.piece("previous_message", "original")
        of = now or before
        said.key = piece.text("deleted_ts") or (of.text("ts") if of else "") or said.key
        said.answers = ""
        old = words_of(before.said, self.names).text if before else ""
        new = words_of(now.said, self.names).text if now else ""
        author = self._named(of.text("user")) if of else ""
        if now is not None and now.text("edited.ts"):
            said.stamp = now.text("edited.ts")
            said.who = self._named(now.text("edited.user")) or author
        is_gone = piece.text("subtype") == "message_deleted" or (
            now is not None and now.text("subtype") == "tombstone"
        )
        if not said.who and not is_gone:
            said.who = author
        said.fields |= {"author": author}
        kind = "chat.deleted" if is_gone else "chat.edited"
        self.teller.tell_later(kind, said, piece.place(), old=old, new="" if is_gone else new)

    def _tell_call(self, piece: Piece, said: Message) -> None:
        room = dict_of(piece.said.get("room"))
        start, end = zero_less(text_of(room.get("date_start"))), zero_less(text_of(room.get("date_end")))
        people = [*list_of(room.get("participant_history")), *list_of(room.get("participants")), *list_of(room.get("attended_user_ids"))]  # fmt: skip
        said.audience = list(dict.fromkeys(self._named(text_of(one)) for one in people if text_of(one)))
        said.fields |= {"room": text_of(room.get("id")), "posted": said.stamp}
        said.stamp, said.end = start or said.stamp, end
        said.who = said.who or self._named(text_of(room.get("created_by")))
        line = said.text or text_of(room.get("name")) or "a huddle"
        self.teller.tell_message(said, piece.place(), kind="chat.call", line=line)

    def _reactions(self, said: Mapping[str, Any]) -> str:
        found = []
        for one in list_of(said.get("reactions"))[:200]:
            users = [self._named(text_of(user)) for user in list_of(dict_of(one).get("users"))[:200]]
            found.append(f"{text_of(dict_of(one).get('name'))}: {', '.join(users)}")
        return "; ".join(found)

    # -- channels, integrations, people ---------------------------------------------------------------------

    def _tell_channel(self, piece: Piece) -> None:
        identity = piece.text("id")
        name = piece.text("name", "name_normalized") or identity
        place = piece.place()
        people = [self._named(one) for one in piece.texts("members")]
        base = {"channel": name, "place_key": identity, "key": "channel"}
        made = Message(**base, stamp=zero_less(piece.text("created")), who=self._named(piece.text("creator")))  # type: ignore[arg-type]
        made.fields = {
            "id": identity,
            "archived": piece.text("is_archived"),
            "private": piece.text("is_private"),
        }
        self.teller.tell_change(made, place, "created", line=f"{name} created")
        for what in ("topic", "purpose"):
            one = dict_of(piece.said.get(what))
            stamp = zero_less(text_of(one.get("last_set")))
            if stamp:
                set_by = self._named(text_of(one.get("creator")))
                words = read_words(text_of(one.get("value")), self.names)
                self.teller.tell_change(
                    Message(**base, stamp=stamp, who=set_by, refs=words.refs),  # type: ignore[arg-type]
                    piece.place(what), what, new=words.text,
                )  # fmt: skip
        if people:
            listed = Message(**base, audience=people)  # type: ignore[arg-type]
            listed.fields = {"count": str(len(people))}
            line = f"{name}: {len(people)} members, as the export lists them"
            self.teller.tell_change(listed, piece.place("members"), "members", line=line)
            self.teller.note_absence("since when the listed members belonged to their channels")

    def _tell_integration(self, piece: Piece) -> None:
        what = piece.text("service_type", "app_type", "app_id", "service_id") or "integration"
        user = piece.text("user_id")
        said = Message(
            stamp=piece.text("date"),
            who=piece.text("user_name") or self._named(user),
            channel=piece.text("channel"),
            fields={
                "user": user,
                "service": piece.text("service_id"),
                "app": piece.text("app_id"),
                "reason": piece.text("reason"),
                "scope": piece.text("scope"),
            },
        )
        change = piece.text("change_type")
        self.teller.tell_change(
            said, piece.place(), "integration", new=change, line=f"integration {what} {change}"
        )

    def _learn(self, user: str, profile: Mapping[str, Any], name: str) -> None:
        known = (text_of(dig(profile, key)).strip() for key in ("real_name", "display_name", "name"))
        found = next((one for one in known if one), name)
        if user and found and len(self.names) < 1_000_000:
            self.names[user] = found

    def _named(self, user: str) -> str:
        return self.names.get(user, user)


def _files(said: Mapping[str, Any]) -> str:
    """The files of a message: names, media types and sizes as written."""
    found = []
    for one in [*list_of(said.get("files")), said.get("file")][:200]:
        file = dict_of(one)
        if not file:
            continue
        name = text_of(file.get("name")) or text_of(file.get("title")) or text_of(file.get("id"))
        more = [
            text_of(file.get("mimetype")),
            text_of(file.get("size")) and f"{text_of(file.get('size'))} bytes",
        ]
        mode = text_of(file.get("mode"))
        more += [mode] if mode in ("tombstone", "hidden_by_limit") else []
        tail = ", ".join(part for part in more if part)
        found.append(f"{name} ({tail})" if tail else name)
    return "; ".join(found)
