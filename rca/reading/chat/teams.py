"""Microsoft Teams: messages of Graph (chats, channels, exports) and of the personal data export.

The decision hidden here: what a system message means is in `eventDetail` (Graph) or in the XML of `ThreadActivity/…`
(personal export), never in its wording. Bodies are HTML. An id counts milliseconds and is no second stamp; Graph and the
personal export write their times with an offset.

References:
    Microsoft Graph v1.0: chatMessage, eventMessageDetail and the resources derived from it, chatMessageReaction;
    Microsoft support, "Export or delete your data in Microsoft Teams (free)" (messages.json).
"""

from __future__ import annotations

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

__all__ = ["TeamsReader"]

_SIGNS = re.compile(r'"(?:messageType|MessageList|messagetype)"\s*:')
_MORE = re.compile(r'"@odata\.nextLink"\s*:\s*"')
_OBJECTS = re.compile(r"\[\s*\{")
_TAG = re.compile(r"<(\w+)>([^<>]{0,2000})</\1>")
_HREF = re.compile(r"<a\b[^>]{0,2000}?\bhref=[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)
_CHANGES = {
    "chatRenamed": ("name", "chatDisplayName"), "teamRenamed": ("name", "teamDisplayName"), "channelRenamed": ("name", "channelDisplayName"),
    "channelAdded": ("created", "channelDisplayName"), "channelDeleted": ("deleted", "channelDisplayName"),
    "teamCreated": ("created", "teamDisplayName"), "teamArchived": ("archived", ""), "teamUnarchived": ("archived", ""),
    "channelDescriptionUpdated": ("description", "channelDescription"), "teamDescriptionUpdated": ("description", "teamDescription"),
    "messagePinned": ("pinned", ""), "messageUnpinned": ("pinned", ""), "tabUpdated": ("tab", "tabName"),
    "conversationMemberRoleUpdated": ("role", ""), "teamsAppInstalled": ("app", "teamsAppDisplayName"),
    "teamsAppRemoved": ("app", "teamsAppDisplayName"), "teamsAppUpgraded": ("app", "teamsAppDisplayName"),
    "channelSetAsFavoriteByDefault": ("favourite", ""), "channelUnsetAsFavoriteByDefault": ("favourite", ""),
    "teamJoiningEnabled": ("joining", ""), "teamJoiningDisabled": ("joining", ""), "meetingPolicyUpdated": ("policy", ""),
}  # fmt: skip


def _enter(key: str, said: Mapping[str, Any], ahead: str) -> bool:
    if "messageType" in said or "messagetype" in said or "createdDateTime" in said:
        return False
    if key in ("value", "messages", "conversations", "MessageList"):
        return _OBJECTS.match(ahead) is not None
    return (key == "body" and '"messageType"' in ahead) or (
        key == "responses" and _OBJECTS.match(ahead) is not None
    )


def _shape_of(piece: Piece) -> str:
    if (
        piece.text("messageType")
        and piece.text("createdDateTime")
        and (piece.has("body") or piece.has("eventDetail"))
    ):
        return "graph"
    if (
        piece.text("messagetype")
        and piece.has("content")
        and (piece.has("originalarrivaltime") or piece.has("composetime"))
    ):
        return "export"
    return ""


class TeamsReader:
    """Reads messages of Teams: sent, edited, deleted, members added and removed, changes of channels, calls."""

    name = "teams"
    version = "1"
    title = "Microsoft Teams: messages (Graph, personal data export)"
    suffixes = (".json", ".jsonl", ".ndjson")

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a message of Teams, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        teller = ChatTeller(source, self, system="teams")
        for piece in read_pieces(source, _enter, code=teller.code):
            shape = _shape_of(piece)
            if shape == "graph":
                _tell_graph(teller, piece)
            elif shape == "export":
                _tell_exported(teller, piece)
            elif piece.said:
                teller.pass_over(piece.place().locator)
            yield from teller.batches()
        note_more(source, _MORE, "it has a link to the next")
        teller.end()
        yield from teller.rest()


def _person(value: Any) -> str:
    """Who an identity set of Graph names: a user, an application, a device."""
    for kind in ("user", "application", "device", "conversation", "phone", "guest"):
        one = dict_of(dig(value, kind))
        name = text_of(one.get("displayName")) or text_of(one.get("id"))
        if name:
            return name
    return text_of(dig(value, "displayName")) or text_of(dig(value, "id"))


def _words(piece: Piece, path: str = "body") -> tuple[str, list[str]]:
    """The text of a body, and the addresses that it links to."""
    body = dict_of(piece.said.get(path))
    content = text_of(body.get("content"))
    if text_of(body.get("contentType")).casefold() != "html":
        return content.strip(), []
    return html_text(content), _HREF.findall(content[:200_000])[:100]


def _tell_graph(teller: ChatTeller, piece: Piece, root: Message | None = None) -> None:
    said = _graph_message(piece)
    if root is not None:
        said.answers = said.answers or root.key
        said.channel, said.place_key, said.unit = (
            said.channel or root.channel,
            said.place_key or root.place_key,
            said.unit or root.unit,
        )
    detail = dict_of(piece.said.get("eventDetail"))
    kind = (
        text_of(detail.get("@odata.type"))
        .rpartition(".")[2]
        .removesuffix("EventMessageDetail")
        .removesuffix("MessageDetail")
    )
    if detail and kind:
        _tell_detail(teller, piece, said, detail, kind)
    else:
        line = ""
        if said.deleted and not said.text:
            line = "(a message that was deleted)"
        elif piece.text("messageType") in ("systemEventMessage", "unknownFutureValue") and not said.text:
            line = "(a system message)"
        teller.tell_message(said, piece.place(), line=line)
    for one in piece.pieces("replies"):
        if _shape_of(one) == "graph":
            _tell_graph(teller, one, said)


def _graph_message(piece: Piece) -> Message:
    text, links = _words(piece)
    subject = piece.text("subject")
    chat, channel = piece.text("chatId"), piece.text("channelIdentity.channelId")
    mentions = [
        text_of(dig(one, "mentionText")) or _person(dig(one, "mentioned"))
        for one in list_of(piece.said.get("mentions"))[:500]
    ]
    files = [
        text_of(dig(one, "name")) or text_of(dig(one, "contentType"))
        for one in list_of(piece.said.get("attachments"))[:200]
    ]
    quoted = [
        text_of(dig(one, "id"))
        for one in list_of(piece.said.get("attachments"))[:50]
        if text_of(dig(one, "contentType")) == "messageReference"
    ]
    reactions = [
        " ".join(
            part
            for part in (
                text_of(dig(one, "reactionType")) + ":",
                _person(dig(one, "user")),
                text_of(dig(one, "createdDateTime")),
            )
            if part
        )
        for one in list_of(piece.said.get("reactions"))[:500]
    ]
    return Message(
        key=piece.text("id"), stamp=piece.text("createdDateTime"), who=_person(piece.said.get("from")),
        text=f"{subject}\n{text}".strip() if subject else text, channel=channel or chat, place_key=channel or chat,
        unit=piece.text("channelIdentity.teamId"), audience=[one for one in dict.fromkeys(mentions) if one], refs=links,
        answers=piece.text("replyToId") or next((one for one in quoted if one), ""),
        edited=piece.text("lastEditedDateTime"), deleted=piece.text("deletedDateTime"),
        fields={
            "user": piece.text("from.user.id"), "importance": piece.text("importance").replace("normal", ""),
            "files": "; ".join(one for one in files if one and one != "messageReference"), "reactions": "; ".join(reactions),
            "type": piece.text("messageType").replace("message", "", 1) if piece.text("messageType") == "message" else piece.text("messageType"),
            "link": piece.text("webUrl"), "subject": subject, "modified": piece.text("lastModifiedDateTime"),
        },
    )  # fmt: skip


def _tell_detail(
    teller: ChatTeller, piece: Piece, said: Message, detail: Mapping[str, Any], kind: str
) -> None:
    place = piece.place()
    by = _person(detail.get("initiator")) or said.who
    people = [_person(one) for one in list_of(detail.get("members"))]
    said.who = by
    said.text = said.text if said.text.strip("</> ").casefold() != "systemeventmessage" else ""
    said.fields["event"] = kind
    if kind in ("membersAdded", "membersJoined", "membersDeleted", "membersLeft"):
        by = by if kind in ("membersAdded", "membersDeleted") else ""
        said.fields["history_visible_from"] = text_of(detail.get("visibleHistoryStartDateTime"))
        teller.tell_presence(
            said, place, people or [said.who], left=kind in ("membersDeleted", "membersLeft"), by=by
        )
    elif kind in _CHANGES:
        name, key = _CHANGES[kind]
        new = text_of(detail.get(key)) if key else kind
        teller.tell_change(said, place, name, new=new, line=said.text or f"{kind}: {new}")
    elif kind.startswith("call"):
        said.audience = [
            one
            for one in (
                _person(dig(entry, "participant")) for entry in list_of(detail.get("callParticipants"))[:5000]
            )
            if one
        ]
        said.fields |= {
            "call": text_of(detail.get("callId")), "duration": text_of(detail.get("callDuration")), "phase": kind,
            "call_type": text_of(detail.get("callEventType")), "recording": text_of(detail.get("callRecordingUrl")),
        }  # fmt: skip
        words = {"callStarted": "a call started", "callEnded": "a call ended"}.get(kind, kind)
        length = text_of(detail.get("callDuration"))
        line = f"{words}{f' after {length}' if length and kind == 'callEnded' else ''}"
        teller.tell_message(said, place, kind="chat.call", line=line)
    else:
        teller.tell_change(said, place, kind, line=said.text or kind)


def _tell_exported(teller: ChatTeller, piece: Piece) -> None:
    """A message of the personal data export."""
    kind = piece.text("messagetype")
    content = piece.text("content")
    chat = piece.text("conversationid", "conversationId") or text_of(piece.around.get("id"))
    name = text_of(piece.around.get("displayName"))
    is_html = kind.startswith("RichText")
    said = Message(
        key=piece.text("id"), stamp=piece.text("originalarrivaltime", "composetime"),
        who=piece.text("displayName", "imdisplayname") or piece.text("from").rpartition("/")[2], channel=name or chat, place_key=chat,
        text=html_text(content) if is_html else content, refs=_HREF.findall(content[:200_000])[:100] if is_html else [],
        edited=zero_less(piece.text("properties.edittime")), deleted=zero_less(piece.text("properties.deletetime")),
        answers=piece.text("rootMessageId", "properties.parentmessageid") if piece.text("rootMessageId") != piece.text("id") else "",
        fields={"user": piece.text("from"), "type": kind.replace("RichText/Html", "").replace("Text", "") if kind in ("Text", "RichText/Html") else kind},
    )  # fmt: skip
    place = piece.place()
    if kind.startswith("ThreadActivity/"):
        tags: dict[str, list[str]] = {}
        for tag, value in _TAG.findall(content[:200_000]):
            tags.setdefault(tag.casefold(), []).append(value)
        who = next(iter(tags.get("initiator", [])), said.who)
        act = kind.partition("/")[2]
        said.text, said.who = "", who
        if act in ("AddMember", "DeleteMember", "MemberJoined", "MemberLeft"):
            people = tags.get("target", []) or tags.get("id", [])
            teller.tell_presence(
                said, place, people or [who], left=act in ("DeleteMember", "MemberLeft"), by=who
            )
        else:
            new = next(iter(tags.get("value", [])), "")
            teller.tell_change(said, place, act, new=new, line=f"{act}: {new}" if new else act)
    elif kind == "Event/Call":
        people = re.findall(r"<displayName>([^<>]{1,200})</displayName>", content[:200_000])
        said.audience = list(dict.fromkeys(people))
        said.text = html_text(content)
        is_end = "<ended" in content or 'type="ended"' in content
        teller.tell_message(said, place, kind="chat.call", line="a call ended" if is_end else "a call")
    else:
        teller.tell_message(
            said, place, line="(a message that was deleted)" if said.deleted and not said.text else ""
        )
