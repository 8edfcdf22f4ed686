"""The chat of a meeting as Zoom, Webex and Meet save it: who wrote what to whom.

The decision hidden here: two clocks. In a chat of a cloud recording (`00:11:09<TAB>Name:<TAB>text`) the time is an offset
into the recording; in one that a participant saved (`10:03:50 From Name to Everyone: text`) it is the time of day of that
computer, without a date. Reactions and replies quote the message that they answer, which becomes their parent.

References:
    Zoom support, "Saving in-meeting chat messages" and "Enabling and managing meeting chat"; Webex, "Save your chat".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import TimeKind
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.meetings.clock import CODE, Clock, find_clock, locator_of, offset_text, read_offset
from rca.reading.source import Sample, Source
from rca.reading.telling import Place, Teller
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MeetingChatReader", "begins_message"]

_CLOCK = r"(?:(?P<date>\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})[ ,T]+)?(?P<time>\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?)"
_RECORDED = re.compile(
    r"^(?P<time>\d{1,3}:\d{2}:\d{2})\t[ ]*(?P<who>[^\t]{1,200}?)[ ]*:(?:\t|[ ]*\t|[ ]+|$)(?P<text>.*)$"
)
_FROM = re.compile(
    rf"^\s*{_CLOCK}\s+(?:From|Från|Fra|Von|Lähettäjä)\s+(?P<who>.{{1,200}}?)"
    r"(?:\s+(?:to|till|til|an|vastaanottaja)\s+(?P<to>.{1,200}?))?\s*"
    r"(?P<private>\((?:privately|direct message|private|privat\w*|direktmeddelande|direktnachricht|yksityisesti)\))?"
    r"\s*:(?:\s+(?P<text>.*)|\s*)$",
    re.IGNORECASE,
)
_WEBEX = re.compile(
    r"^\s*from (?P<who>.{1,200}?) to (?P<to>.{1,200}?)(?P<private>\s*\(privately\))?:\s+(?P<time>\d{1,2}:\d{2}(?::\d{2})?\s?(?:[AaPp][Mm])?)\s*(?P<text>.*)$",
    re.IGNORECASE,
)
_REACTED = re.compile(
    r"^(?:Reacted to|Reagerade på|Removed a (?P<gone>\S+) reaction from)\s+[\"“”](?P<quote>.*?)[\"“”](?:\s+with\s+(?P<mark>\S+)|\s+med\s+(?P<mark2>\S+))?\s*$",
    re.DOTALL,
)
_REPLYING = re.compile(
    r"^(?:Replying to|Svarar på|Svar till)\s+[\"“”](?P<quote>.*?)[\"“”]\s*(?:\n|$)", re.DOTALL
)
_RECENT = 500
_LINES = 60


@dataclass(slots=True)
class _Message:
    """One message: its first line taken apart, and the lines after it."""

    number: int
    line: int
    start: int
    length: int
    who: str
    time: str
    is_recorded: bool
    to: str = ""
    date: str = ""
    is_private: bool = False
    parts: list[str] = field(default_factory=list)


def _read_clock(text: str) -> Stamp | None:
    for layout in ("%H:%M:%S", "%I:%M:%S %p", "%H:%M", "%I:%M %p"):
        found = compile_layout(layout).parse(re.sub(r"(?<=\d)(?=[AaPp][Mm]$)", " ", text.strip()).upper())
        if found is not None:
            return found
    return None


def begins_message(line: str) -> bool:
    """Whether a line begins a message of a saved chat."""
    return _begin(line) is not None


def _begin(line: str) -> re.Match[str] | None:
    line = line[:20_000]
    return _FROM.match(line) or _RECORDED.match(line) or _WEBEX.match(line)


class MeetingChatReader:
    """Reads the saved chat of a meeting: one event a message, with whom it was written to."""

    name = "meeting-chat"
    version = "1"
    title = "the chat of a meeting as Zoom or Webex save it"
    suffixes = (".txt",)

    def score(self, sample: Sample) -> float:
        """0.98 where the first line begins a message and most lines do or go on with one, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        solid = [line for line in sample.text.lstrip("\ufeff").splitlines() if line.strip()][:_LINES]
        begins = [_begin(line) is not None for line in solid]
        if not begins or not begins[0]:
            return 0.0
        below = sum(line[:1] in "\t " for line, begin in zip(solid, begins, strict=True) if not begin)
        return 0.98 if sum(begins) * 2 + below * 2 >= len(solid) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The messages in file order."""
        teller = Teller(source, self, source_kind=SourceKind.MEETING, code=CODE, read=_read_clock)
        told = _Chat(source, teller)
        message: _Message | None = None
        encoding, mark = plain_encoding(source), mark_length(source.head)
        source.structure_bytes(0, mark)
        count = 0
        for number, start, raw in source.lines():
            shift = mark if start == 0 else 0
            line = raw[shift:].decode(encoding, errors="backslashreplace").rstrip("\r\n")
            found = _begin(line)
            if found:
                if message is not None:
                    told.tell(message)
                    yield from teller.batches()
                count += 1
                message = _message(found, count, number, (start + shift, len(raw) - shift))
            elif not line.strip():
                source.blank_bytes(start + shift, len(raw) - shift)
                if message is not None:
                    message.parts.append("")
            elif message is not None:
                message.parts.append(line.strip("\t ") if line[:1] in "\t " else line)
                message.length = start + len(raw) - message.start
            else:
                source.structure_bytes(start + shift, len(raw) - shift)
        if message is not None:
            told.tell(message)
        if teller.events:
            teller.note_absence("attendance (who was present, who joined and left)")
        yield from teller.rest()


def _message(found: re.Match[str], count: int, number: int, span: tuple[int, int]) -> _Message:
    named = found.groupdict()
    return _Message(
        count,
        number,
        *span,
        who=found["who"].strip(),
        time=found["time"],
        is_recorded=found.re is _RECORDED,
        to=(named.get("to") or "").strip(),
        date=named.get("date") or "",
        is_private=bool(named.get("private")),
        parts=[found["text"] or ""],
    )


class _Chat:
    """The messages of one chat on their way to events."""

    def __init__(self, source: Source, teller: Teller) -> None:
        self.source, self.teller = source, teller
        self.key = source.stream_key[:12]
        self.clock: Clock | None = None
        self.recent: list[tuple[str, str]] = []

    def tell(self, message: _Message) -> None:
        """The event of a message."""
        self.source.event_bytes(message.start, message.length)
        text = "\n".join(message.parts).strip()
        text, fields, quote = _taken_apart(text)
        offset = read_offset(message.time) if message.is_recorded else None
        if message.is_recorded and self.clock is None:
            self.clock = find_clock(self.source)
        clock = self.clock or Clock()
        moment = clock.at(offset, message.time, kind=TimeKind.SENT)
        locator = locator_of(offset.value) if offset else f"L{message.line}"
        stamp = ""
        if not message.is_recorded:
            stamp = f"{message.date} {message.time}".strip()
        fields |= {
            "offset": offset_text(offset.value) if offset else "",
            "private": "true" if message.is_private else "",
        }
        told = self.teller.tell(
            "meeting.chat",
            text or "(no words)",
            Place(locator, message.start, message.length, message.line),
            stamp=stamp,
            moment=moment,
            time_kind=TimeKind.SENT,
            record=f"chat:{self.key}/{message.number}",
            actor=message.who,
            audience=[message.to] if message.to else [],
            parent=self._parent(quote),
            assumptions=clock.assumptions if moment is not None else (),
            fields=fields,
        )
        if "reaction" not in fields and "reaction_removed" not in fields:
            self.recent.append((" ".join(text[:400].split()), told))
            del self.recent[: -_RECENT or None]

    def _parent(self, quote: str) -> str | None:
        """The last message that begins as the quotation does."""
        begin = " ".join(quote[:300].rstrip(".… ").split())
        if len(begin) < 2:
            return None
        for text, event in reversed(self.recent):
            if text.startswith(begin):
                return event
        return None


def _taken_apart(text: str) -> tuple[str, dict[str, str], str]:
    """The text of a message, what it is as fields, and the quotation of the message that it answers."""
    reacted = _REACTED.match(text)
    if reacted:
        mark = reacted["mark"] or reacted["mark2"] or ""
        fields = {"reaction_removed": reacted["gone"]} if reacted["gone"] else {"reaction": mark or "yes"}
        return text, {**fields, "answers": reacted["quote"]}, reacted["quote"]
    reply = _REPLYING.match(text)
    if reply and text[reply.end() :].strip():
        return text[reply.end() :].strip(), {"answers": reply["quote"]}, reply["quote"]
    return text, {}, ""
