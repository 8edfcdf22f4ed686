"""`ChatTeller`: the events of chats, the same for all products.

The decision hidden here: what one message comes to. It was sent, and each later edit and deletion is an event of its own at
the time stated for it; a join or leave has the person whose presence changed as actor and the channel as subject. An answer
has the event that it answers as parent where the stream holds it, before or after; the identifier as written stays a field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.moments.moment import TimeKind
from rca.moments.stamps import Stamp
from rca.reading.mail.message import references_in
from rca.reading.source import HEAD, Source
from rca.reading.telling import Place, Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CODE", "ChatTeller", "Message", "links_in", "note_more", "zero_less"]

CODE = "RCA194"
_KEPT = 200_000
_TAIL = 4096
_LINK = re.compile(r"\bhttps?://[^\s<>\"')\]]{1,2000}[^\s<>\"')\].,;:!?]")
_NOTHING = re.compile(r"[\s0.]*")


@dataclass(slots=True)
class Message:
    """One message as its record says it; stamps are as written, "" where none is.

    `key` is its identifier within the channel, `place_key` names the channel in identifiers where `channel` is a name for
    readers; `answers` is the key of the message or thread that it answers.
    """

    key: str = ""
    stamp: str = ""
    who: str = ""
    text: str = ""
    channel: str = ""
    place_key: str = ""
    unit: str = ""
    zone: str = ""
    audience: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    answers: str = ""
    edited: str = ""
    editor: str = ""
    deleted: str = ""
    deleter: str = ""
    is_deleted: bool = False
    end: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)


def links_in(text: str) -> list[str]:
    """The web addresses and the keys of tickets that a text names.

    >>> links_in("OPS-7 is at https://tickets.example/browse/OPS-7.")
    ['https://tickets.example/browse/OPS-7', 'OPS-7']
    """
    return [found[0] for found in _LINK.finditer(text[:100_000])][:100] + references_in(text)


def zero_less(stamp: str) -> str:
    """A stamp, "" where it is only zeros: how programs write that something never happened.

    >>> zero_less("0"), zero_less("1731385800000")
    ('', '1731385800000')
    """
    return "" if _NOTHING.fullmatch(stamp) else stamp


def note_more(source: Source, pattern: re.Pattern[str], what: str) -> None:
    """A coverage note where the beginning or end of a stream says that other pages hold more."""
    text = source.head[:HEAD].decode("latin-1")
    if source.size > HEAD:
        try:
            with source.open() as stream:
                stream.seek(max(0, source.size - _TAIL))
                text += stream.read(_TAIL).decode("latin-1")
        except (OSError, ValueError):  # a stream that cannot go back
            return
    if pattern.search(text):
        source.issue(
            "RCA190",
            Severity.WARNING,
            f"The answer is a page: {what}",
            hint="Other pages hold the rest; its absence here is no evidence.",
        )


class ChatTeller(Teller):
    """A `Teller` of one chat export; `system` begins the ids of its records."""

    def __init__(
        self,
        source: Source,
        reader: Any,
        *,
        system: str,
        read: Callable[[str], Stamp | None] | None = None,
        order_samples: Iterable[str] = (),
    ) -> None:
        super().__init__(
            source,
            reader,
            source_kind=SourceKind.CHAT,
            code=CODE,
            read=read,
            order_samples=tuple(order_samples),
        )
        self.system = system
        self.number = 0
        self._told: dict[str, str] = {}
        self._answers: list[tuple[dict[str, Any], str]] = []
        self.unknown = 0
        self._unknown_place = ""

    def record_of(self, said: Message) -> str:
        """The id of a message's record: its channel and key; the stream stands for a channel that is not said."""
        where = said.place_key or said.channel or self.source.stream_key[:12]
        if said.key:
            return f"{self.system}:{where}/{said.key}"
        self.number += 1
        return f"{self.system}:{self.source.stream_key[:12]}/n{self.number}"

    def tell_message(self, said: Message, place: Place, *, kind: str = "chat.message", line: str = "") -> str:
        """What a message comes to: that it was sent, and its edit and deletion where they are stated."""
        record = self.record_of(said)
        common = self._common(said, record)
        shown = line or said.text or _shown(said)
        told = self._tell(
            kind,
            shown,
            place,
            stamp=said.stamp,
            end=said.end,
            time_kind=TimeKind.OCCURRED if kind == "chat.call" else TimeKind.SENT,
            text=said.text or shown,
            actor=said.who,
            audience=said.audience,
            refs=[*said.refs, *links_in(said.text)],
            fields={**said.fields, "answers": said.answers},
            **common,
        )
        if said.key:
            self._remember(record, told)
        if said.answers:
            where = record.rpartition("/")[0]
            self._answers.append((self._rows[-1], f"{where}/{said.answers}"))
        if said.edited:
            self.note_absence("earlier versions of edited messages, where none is told")
            is_old = said.fields.get("version") == "earlier"
            self._tell(
                "chat.edited", f"edited{', was' if is_old else ''}: {shown}", place, stamp=said.edited, time_kind=TimeKind.MODIFIED,
                actor=said.editor or said.who, parent=told, **common,
            )  # fmt: skip
        if said.deleted or said.is_deleted:
            self._tell(
                "chat.deleted", f"deleted: {shown}", place, stamp=said.deleted, actor=said.deleter, parent=told,
                fields={"sent": said.stamp}, **common,
            )  # fmt: skip
        return told

    def tell_later(
        self,
        kind: str,
        said: Message,
        place: Place,
        *,
        old: str = "",
        new: str = "",
        fields: Mapping[str, Any] | None = None,
    ) -> str:
        """An edit or a deletion that is a record of its own; `said.key` is the message that it was done to."""
        record = self.record_of(said)
        verb = kind.partition(".")[2]
        told = self._tell(
            kind, f"{verb}: {new or old or said.text or 'a message'}", place, stamp=said.stamp, actor=said.who,
            time_kind=TimeKind.MODIFIED if kind == "chat.edited" else TimeKind.OCCURRED,
            fields={**said.fields, "old": old, "new": new, "answers": said.key, **(fields or {})},
            refs=said.refs, **self._common(said, record),
        )  # fmt: skip
        self._answers.append((self._rows[-1], record))
        return told

    def tell_presence(
        self, said: Message, place: Place, people: Iterable[str], *, left: bool, by: str = ""
    ) -> None:
        """That each of `people` joined or left the channel; `by` is who added or removed them, where somebody else did."""
        record = self.record_of(said)
        common = self._common(said, record)
        where = said.channel or "the channel"
        for who in dict.fromkeys(one for one in people if one):
            other = by if by != who else ""
            verb = ("was removed from" if left else "was added to") if other else "left" if left else "joined"
            tail = f" by {other}" if other else ""
            self._tell(
                "chat.left" if left else "chat.joined", f"{who} {verb} {where}{tail}", place, stamp=said.stamp,
                actor=who, audience=[who], fields={**said.fields, "by": other, "said": said.text}, refs=said.refs,
                **common,
            )  # fmt: skip

    def tell_change(
        self,
        said: Message,
        place: Place,
        field_name: str,
        *,
        old: str = "",
        new: str = "",
        line: str = "",
        kind: str = "chat.changed",
    ) -> str:
        """That a channel was changed: a topic, a name, archived, created; or what else a line of `kind` says."""
        record = self.record_of(said)
        shown = (
            line
            or said.text
            or f"{said.channel or 'the channel'} {field_name}: {old + ' → ' if old else ''}{new}"
        )
        fields = {**said.fields, "field": field_name, "old": old, "new": new}
        return self._tell(
            kind, shown, place, stamp=said.stamp, text=said.text or shown, actor=said.who, audience=said.audience,
            fields=fields, refs=said.refs, **self._common(said, record),
        )  # fmt: skip

    def pass_over(self, locator: str) -> None:
        """Count an object of no known shape; `end` says how many there were."""
        self.unknown += 1
        self._unknown_place = self._unknown_place or locator

    def end(self) -> None:
        """Say what was passed over."""
        if self.unknown:
            self.source.issue(
                self.code,
                Severity.INFO,
                f"Objects without a known meaning, from which no event was told: {self.unknown}",
                place=self._unknown_place,
                hint="They are kept in the exhibit; look whether they carry times.",
            )

    def _tell(self, kind: str, message: str, place: Place, **more: Any) -> str:
        return self.tell(
            kind, _whole(message), place, **{name: _wholes(value) for name, value in more.items()}
        )

    def _common(self, said: Message, record: str) -> dict[str, Any]:
        return {
            "record": record,
            "subject": said.channel,
            "channel": said.channel,
            "unit": said.unit,
            "zone": said.zone,
            "assumptions": said.assumptions,
        }

    def _remember(self, record: str, told: str) -> None:
        self._told.setdefault(record, told)
        while len(self._told) > _KEPT:
            del self._told[next(iter(self._told))]

    def _flush(self) -> pa.RecordBatch:
        for row, record in self._answers:
            parent = self._told.get(record)
            if parent and parent != row["event_id"]:
                row["parent"] = parent
        self._answers = []
        return super()._flush()


def _shown(said: Message) -> str:
    """What stands for a message without words."""
    files = str(said.fields.get("files", ""))
    return f"(files: {files})" if files else "(no words)"


def _whole(text: str) -> str:
    """`text` without halves of surrogate pairs, which JSON can hold and no encoding can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _wholes(value: Any) -> Any:
    if isinstance(value, str):
        return _whole(value) if type(value) is str else value
    if isinstance(value, list):
        return [_wholes(one) for one in value]
    if isinstance(value, dict):
        return {_whole(str(key)): _wholes(one) for key, one in value.items()}
    return value
