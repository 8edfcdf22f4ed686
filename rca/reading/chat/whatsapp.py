"""WhatsApp: the text that "Export chat" writes.

The decision hidden here: the stamp is written as the phone's language has it, in its zone, without an offset; lines after a
message belong to it. A line without a name is a notice of the group. An edit or deletion is marked, its time is not.

References:
    WhatsApp help centre, "How to export your chat history".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rca.evidence.opening import is_binary, mark_length
from rca.moments.stamps import Stamp
from rca.reading.chat.chat_telling import ChatTeller, Message
from rca.reading.dating import read_stamp
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["WhatsAppReader"]

_MARKS = "\u200e\u200f\u202a\u202c\ufeff"
_DAY = r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? (?:klo |kl\. ?|at )?\d{1,2}[:.]\d\d"
_HALF = r"(?:[ \u202f\u00a0]?[AaPp]\.?[ \u00a0]?[Mm]\.?)?"
_BEGIN = re.compile(
    rf"[{_MARKS}]*(?:\[(?P<boxed>{_DAY}[:.]\d\d{_HALF})\] |(?P<plain>{_DAY}{_HALF}) - )(?P<rest>.*)"
)
_BARE = re.compile(r"\d{4}-\d\d-\d\d \d")
_SAID = re.compile(r"(?P<who>[^:]{1,80}): (?P<text>.*)|(?P<alone>[^:]{1,80}):")
_LEVELS = re.compile(
    r"(?:^|[\s.\[])(?:emerg|alert|crit|critical|err|error|warn|warning|notice|info|debug|trace|fatal)\]?$",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"<(?:attached|bifogad|bifogat|vedlagt|vedhæftet|Anhang|liite): (?P<name>[^<>]+)>|(?P<other>\S+\.\w{2,5}) \((?:file attached|bifogad fil|fil vedlagt|Datei angehängt)\)"
)
_GONE = re.compile(
    r"(?i)(?:you deleted this message|this message was deleted|du raderade (?:det här )?meddelandet|(?:det här )?meddelandet (?:har raderats|raderades|togs bort)|denne meldingen ble slettet|diese nachricht wurde gelöscht|du hast diese nachricht gelöscht)\.?"
)
_EDITED = re.compile(
    r"\s*<(?:This message was edited|Det här meddelandet (?:har )?redigera(?:ts|des)|Diese Nachricht wurde bearbeitet)>\s*$"
)
_ADDED = re.compile(
    r"(?P<by>.{1,80}?) (?:added|lade till|la til|tilføjede|hat (?=.* hinzugefügt)) ?(?P<who>.{1,500}?)(?: hinzugefügt)?\.?"
)
_REMOVED = re.compile(
    r"(?P<by>.{1,80}?) (?:removed|tog bort|fjernet|fjernede|hat (?=.* entfernt)) ?(?P<who>.{1,500}?)(?: entfernt)?\.?"
)
_JOINED = re.compile(
    r"(?P<who>.{1,80}?) (?:joined (?:using|from|via) .*|joined|gick med .*|ble med .*|ist .* beigetreten)\.?"
)
_LEFT = re.compile(
    r"(?P<who>.{1,80}?) (?:left|lämnade|har lämnat|forlot|forlod|hat die Gruppe verlassen)(?: (?:the group|gruppen))?\.?"
)
_AND = re.compile(r", | and | och | og | und ")
_LINES = 60


def _plain(text: str) -> str:
    plain = re.sub(r"[\s\u202f\u00a0]+", " ", text)
    plain = re.sub(r" (?:klo|kl\.|at) ?", " ", plain)
    plain = re.sub(r"([AaPp])\.? ?([Mm])\.?$", r"\1\2", plain)
    return re.sub(r"^(\d{4}\D\d{1,2}\D\d{1,2}),", r"\1", plain)


class WhatsAppReader:
    """Reads exported chats of WhatsApp: messages, joins and leaves, notices of the group."""

    name = "whatsapp"
    version = "1"
    title = "WhatsApp: exported chats (text)"
    suffixes = (".txt",)

    def score(self, sample: Sample) -> float:
        """0.98 where the first line begins a message, as a third of the others do, and persons write, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        lines = [line for line in sample.text.splitlines() if line.strip()][:_LINES]
        begins = [found for line in lines if (found := _BEGIN.match(line[:2_000]))]
        if not lines or not _BEGIN.match(lines[0][:2_000]) or len(begins) * 3 < len(lines):
            return 0.0
        is_bare = any(one["boxed"] and _BARE.match(one["boxed"]) for one in begins)
        if is_bare and "\u200e" not in sample.text:  # logs write such stamps too; a phone marks its notices
            return 0.0
        people = {found["who"] for one in begins if (found := _SAID.match(one["rest"])) and found["who"]}
        return 0.98 if people and not any(_LEVELS.search(who) for who in people) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The messages in file order."""
        encoding, mark = plain_encoding(source), mark_length(source.head)

        def lines() -> Iterator[tuple[int, int, bytes, str]]:
            for number, start, raw in source.lines():
                shift = mark if start == 0 else 0
                yield (
                    number,
                    start + shift,
                    raw[shift:],
                    raw[shift:].decode(encoding, errors="replace").rstrip("\r\n"),
                )

        stamps = {
            _plain(found["boxed"] or found["plain"])
            for *_, line in lines()
            if (found := _BEGIN.match(line[:2_000]))
        }

        def read(text: str) -> Stamp | None:
            return read_stamp(_plain(text), day_first=teller.dating.order.day_first)

        teller = ChatTeller(source, self, system="whatsapp", read=read, order_samples=stamps)
        source.structure_bytes(0, mark)
        held: tuple[re.Match[str], list[str], list[int]] | None = None
        for number, start, raw, line in lines():
            found = _BEGIN.match(line[:100_000])
            if found is not None:
                _tell(teller, held)
                yield from teller.batches()
                held = (found, [], [number, start, len(raw)])
            elif not line.strip():
                source.blank_bytes(start, len(raw))
                if held is not None:
                    held[1].append("")
            elif held is None:
                source.unparsed_bytes(
                    start, raw, place=f"L{number}", reason="a line before the first message"
                )
            else:
                held[1].append(line)
                held[2][2] = start + len(raw) - held[2][1]
        _tell(teller, held)
        if teller.events:
            teller.note_absence("when messages were edited or deleted")
        yield from teller.rest()


def _tell(teller: ChatTeller, held: tuple[re.Match[str], list[str], list[int]] | None) -> None:
    if held is None:
        return
    found, more, (number, start, length) = held
    teller.source.event_bytes(start, length)
    place = Place(f"L{number}", start, length, number)
    said = Message(stamp=found["boxed"] or found["plain"])
    rest = found["rest"].strip(_MARKS)
    spoken = _SAID.match(rest)
    if spoken is None:
        said.text = "\n".join([rest, *more]).strip()
        _tell_notice(teller, said, place)
        return
    said.who = (spoken["who"] or spoken["alone"]).strip(_MARKS + " ~")
    said.text = "\n".join([(spoken["text"] or "").strip(_MARKS), *more]).strip()
    files = [one["name"] or one["other"] for one in _FILE.finditer(said.text[:10_000])]
    said.fields["files"] = "; ".join(files)
    if _GONE.fullmatch(said.text.strip(_MARKS)):
        said.is_deleted, said.text = True, ""
        teller.tell_message(said, place, line="(a message that was deleted)")
        return
    is_edited = _EDITED.search(said.text)
    if is_edited:
        said.text = said.text[: is_edited.start()].rstrip(_MARKS)
        said.fields["edited"] = "true"
    teller.tell_message(said, place)


def _tell_notice(teller: ChatTeller, said: Message, place: Place) -> None:
    line = said.text.strip(_MARKS)
    for pattern, is_left in ((_ADDED, False), (_REMOVED, True), (_JOINED, False), (_LEFT, True)):
        found = pattern.fullmatch(line[:2_000])
        if found is not None:
            by = found.groupdict().get("by") or ""
            people = [one.strip() for one in _AND.split(found["who"]) if one.strip()]
            teller.tell_presence(said, place, people, left=is_left, by=by)
            return
    teller.tell_change(said, place, "notice", line=line or "(nothing)")
