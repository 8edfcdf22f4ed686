"""Telegram: the HTML that Telegram Desktop exports.

The decision hidden here: where a message of the page begins and whose it is. A message that is `joined` to the one above has
its sender; the stamp stands in a title, with an offset in newer exports only; dates between messages and notices of the group
are service messages.

References:
    telegramdesktop/tdesktop, export/output/export_output_html.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rca.evidence.opening import mark_length
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.chat.chat_telling import ChatTeller, Message
from rca.reading.mail.markup import html_text
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TelegramHtmlReader"]

_BEGIN = re.compile(rb'<div class="message (default|service)([^"]{0,80})" id="message(-?\d{1,20})">')
_END = re.compile(rb'<a class="pagination|</body>')
_STAMP = re.compile(r'<div class="[^"]{0,60}date details" title="([^"]{1,80})"')
_FROM = re.compile(r'<div class="from_name">(.{0,2000}?)</div>', re.DOTALL)
_TEXT = re.compile(r'<div class="text(?: bold)?">(.*?)</div>', re.DOTALL)
_SERVICE = re.compile(r'<div class="body details">(.*?)</div>', re.DOTALL)
_REPLY = re.compile(r'<div class="reply_to details">.{0,400}?#go_to_message(\d{1,20})', re.DOTALL)
_FORWARD = re.compile(
    r'<div class="forwarded body">.{0,200}?<div class="from_name">(.{0,1000}?)(?:<span|</div>)', re.DOTALL
)
_MEDIA = re.compile(
    r'<a class="(?:media|photo_wrap|video_file_wrap|sticker_wrap|animated_wrap)[^"]{0,100}" href="([^"]{1,500})"'
)
_HREF = re.compile(r'<a href="(https?://[^"]{1,2000})"')
_HEAD = re.compile(
    r'<div class="page_header[^"]{0,60}">.*?<div class="text bold">(.{0,1000}?)</div>', re.DOTALL
)
_DAY = re.compile(r"\d{1,2} \w+ \d{4}")
_INVITED = re.compile(r"(?P<by>.{1,100}?) invited (?P<who>.{1,1000})")
_REMOVED = re.compile(r"(?P<by>.{1,100}?) removed (?P<who>.{1,200})")
_JOINED = re.compile(r"(?P<who>.{1,100}?) joined (?:group|the group|channel|Telegram).*")
_LEFT = re.compile(r"(?P<who>.{1,100}?) left (?:group|the group|channel).*")


def _read_stamp(text: str) -> Stamp | None:
    for layout in ("%d.%m.%Y %H:%M:%S UTC%z", "%d.%m.%Y %H:%M:%S"):
        found = compile_layout(layout).parse(text)
        if found is not None:
            return replace(found, text=text)
    return None


class TelegramHtmlReader:
    """Reads Telegram Desktop's HTML: messages, joins and leaves, notices of groups."""

    name = "telegram-html"
    version = "1"
    title = "Telegram Desktop: exported chats (HTML)"
    suffixes = (".html",)

    def score(self, sample: Sample) -> float:
        """0.98 where the page has messages as Telegram Desktop marks them, else 0."""
        return 0.98 if _BEGIN.search(sample.head) and b"page_header" in sample.head else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The messages in file order."""
        encoding = plain_encoding(source)
        with source.open() as stream:
            data = stream.read()
        teller = ChatTeller(source, self, system="telegram", read=_read_stamp)
        begins = list(_BEGIN.finditer(data))
        first = begins[0].start() if begins else len(data)
        head = data[mark_length(data) : first].decode(encoding, errors="replace")
        titled = _HEAD.search(head)
        channel = html_text(titled[1]) if titled else ""
        source.structure_bytes(0, first)
        sender, line, seen = "", 1, 0
        for number, begin in enumerate(begins):
            stop = begins[number + 1].start() if number + 1 < len(begins) else len(data)
            if number + 1 == len(begins):
                end = _END.search(data, begin.end())
                stop = end.start() if end else stop
                source.structure_bytes(stop, len(data) - stop)
            line += data.count(b"\n", seen, begin.start())
            seen = begin.start()
            block = data[begin.start() : stop].decode(encoding, errors="replace")
            place = Place(f"L{line}", begin.start(), stop - begin.start(), line)
            if begin[1] == b"service":
                _tell_service(teller, block, Message(key=begin[3].decode(), channel=channel), place)
            else:
                said = _message(block, begin[3].decode(), channel)
                sender = said.who = said.who or (sender if b"joined" in begin[2] else "")
                source.event_bytes(begin.start(), stop - begin.start())
                teller.tell_message(said, place)
            yield from teller.batches()
        if begins:
            teller.note_absence("edits and deletions")
        yield from teller.rest()


def _message(block: str, key: str, channel: str) -> Message:
    stamp, name, text = _STAMP.search(block), _FROM.search(block), _TEXT.search(block)
    reply, forward = _REPLY.search(block), _FORWARD.search(block)
    if name and forward and name.start() > forward.start():
        name = None
    return Message(
        key=key, stamp=stamp[1] if stamp else "", who=html_text(name[1]) if name else "", text=html_text(text[1]) if text else "",
        channel=channel, answers=reply[1] if reply else "", refs=_HREF.findall(text[1])[:100] if text else [],
        fields={"files": "; ".join(_MEDIA.findall(block)[:50]), "forwarded_from": html_text(forward[1]) if forward else ""},
    )  # fmt: skip


def _tell_service(teller: ChatTeller, block: str, said: Message, place: Place) -> None:
    found = _SERVICE.search(block)
    line = html_text(found[1]) if found else ""
    start, length = place.start or 0, place.length or 0
    if not line or _DAY.fullmatch(line):
        teller.source.structure_bytes(start, length)
        return
    teller.source.event_bytes(start, length)
    teller.note_absence("the time of day of service messages (joins, leaves, calls)")
    for pattern, is_left in ((_INVITED, False), (_REMOVED, True), (_JOINED, False), (_LEFT, True)):
        one = pattern.fullmatch(line)
        if one is not None:
            people = [name.strip() for name in re.split(r", | and ", one["who"]) if name.strip()]
            teller.tell_presence(said, place, people, left=is_left, by=one.groupdict().get("by") or "")
            return
    teller.tell_change(said, place, "notice", line=line)
