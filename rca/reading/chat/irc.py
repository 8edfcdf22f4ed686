"""IRC: logs of clients, bouncers and bots: who said what, who came and went.

The decision hidden here: how each program dates its lines. Some write a full stamp, some the time of day and the date in lines
of their own, some neither year nor date: then the stream is dated as a whole, by what it states and was declared. The day in a
file's name is no statement of the log.

References:
    Documentation of irssi (autolog), WeeChat (logger), HexChat (logging, scrollback), mIRC (logging), ZNC (log module),
    eggdrop (logfile), Limnoria (ChannelLogger).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rca.evidence.opening import is_binary, mark_length
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.chat.chat_telling import ChatTeller, Message
from rca.reading.chat.irc_lines import Said, read_body, read_tabbed
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["IrcReader"]

_ISO = re.compile(
    r"\[?(?P<stamp>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d\d:?\d\d)?)\]?(?:\t(?P<prefix>[^\t]{0,80})\t(?P<tabbed>.*)|[ \t]{1,2}(?P<body>.*))"
)
_MONTH = re.compile(r"(?P<stamp>[^\W\d]{3,5}\.? [ \d]?\d \d\d:\d\d:\d\d) (?P<body>.*)")
_CLOCK = re.compile(
    r"(?:\x03\d{0,2})?(?:\[(?P<boxed>\d\d:\d\d(?::\d\d)?)\]|(?P<stamp>\d\d:\d\d(?::\d\d)?)) (?P<body>.*)"
)
_SCROLL = re.compile(r"T (?P<stamp>\d{9,10}) (?P<body>.*)")
_DATE = r"(?P<date>[^\W\d]{2,5}\.? [^\W\d]{3,9}\.? [ \d]?\d (?:\d\d:\d\d:\d\d )?\d{4})"
_DATE_LINE = re.compile(
    rf"(?:--- (?:Log opened|Log closed|Day changed) |Session (?:Start|Time|Close): |\[00:00(?::00)?\] --- ){_DATE}\s*"
)
_IDENT = re.compile(r"Session Ident: (?P<room>\S{1,100}).*")
_BEGIN = re.compile(rf"\*\*\*\* (?P<what>[^\d*]{{3,80}}?) {_DATE}\s*")
_LAYOUTS = ("%a %b %e %H:%M:%S %Y", "%a %b %e %Y")
_YEARLESS = "%b %e %H:%M:%S"
_LEVELS = frozenset(
    [
        "emerg",
        "emergency",
        "alert",
        "crit",
        "critical",
        "err",
        "error",
        "warn",
        "warning",
        "notice",
        "info",
        "information",
        "debug",
        "trace",
        "fatal",
        "severe",
        "verbose",
        "finest",
    ]
)
_LINES = 80
_HELD = 200_000
_HALF_DAY = 12 * 3600


@dataclass(frozen=True, slots=True)
class _Line:
    """A line taken apart: its stamp as written, what it says, the date or channel that it states for those after it."""

    stamp: str = ""
    said: Said | None = None
    date: str = ""
    room: str = ""
    begins: str = ""
    is_clock: bool = False
    is_yearless: bool = False
    body: str = ""


def _read_line(line: str) -> _Line | None:
    line = line[:20_000]
    found = _DATE_LINE.fullmatch(line) or _BEGIN.fullmatch(line)
    if found:
        is_begin = found.re is _BEGIN
        return _Line(
            date=found["date"],
            begins=found["what"] if is_begin else "",
            stamp=found["date"] if is_begin else "",
        )
    found = _IDENT.fullmatch(line)
    if found:
        return _Line(room=found["room"])
    for pattern in (_ISO, _CLOCK, _MONTH, _SCROLL):
        found = pattern.fullmatch(line)
        if found is None:
            continue
        named = found.groupdict()
        stamp = named.get("stamp") or named.get("boxed") or ""
        if named.get("tabbed") is not None:
            said: Said | None = read_tabbed(named["prefix"] or "", named["tabbed"])
        else:
            said = read_body(named["body"])
        if said is None and pattern is _SCROLL:
            said = Said("other", found["body"])
        return _Line(
            stamp, said, is_clock=pattern is _CLOCK, is_yearless=pattern is _MONTH,
            body=named.get("body") or named.get("tabbed") or "",
        )  # fmt: skip
    return None


class _DatedClock(str):
    """A time of day as written, with the day that a line before it states."""

    __slots__ = ("day",)
    day: dt.date


def _read_stamp(text: str) -> Stamp | None:
    for layout in _LAYOUTS:
        found = compile_layout(layout).parse(text)
        if found is not None:
            return found
    found = compile_layout(_YEARLESS).parse(text.replace(".", ""))
    for layout in ("%H:%M:%S", "%H:%M"):
        found = found or compile_layout(layout).parse(text)
    if found is not None and isinstance(text, _DatedClock):
        return replace(found, year=text.day.year, month=text.day.month, day=text.day.day)
    return found


def _day_of(text: str) -> dt.date | None:
    found = _read_stamp(text)
    if found is None or not (found.year and found.month and found.day):
        return None
    try:
        return dt.date(found.year, found.month, found.day)
    except ValueError:
        return None


class IrcReader:
    """Reads logs of IRC: one event an utterance, join, leave, change of name, topic or mode."""

    name = "irc"
    version = "1"
    title = "IRC logs: irssi, WeeChat, XChat and HexChat, mIRC, ZNC, eggdrop, Limnoria"
    suffixes = (".log", ".txt", ".weechatlog")

    def score(self, sample: Sample) -> float:
        """0.98 where nine of ten of the first lines are lines of an IRC log and persons speak or come, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        lines = [line for line in sample.text.lstrip("\ufeff").splitlines() if line.strip()][:_LINES]
        read = [_read_line(line.rstrip("\r")) for line in lines]
        good = [one for one in read if one is not None and (one.said is not None or not one.body)]
        if not lines or len(good) * 10 < len(lines) * 9:
            return 0.0
        said = [one.said for one in good if one.said is not None]
        people = {one.who.casefold() for one in said if one.what in ("message", "notice")}
        if people & _LEVELS:
            return 0.0
        comes = any(one.what in ("joined", "left", "kicked", "renamed", "topic", "mode") for one in said)
        tabbed = all("\t" in line for line in lines)
        speaks = sum(one.what in ("message", "action") for one in said)
        dated = any(one.date or one.room for one in good)
        return 0.98 if comes or dated or (speaks and not tabbed) or (speaks > 2 and tabbed) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the log, in file order."""
        told = _Log(source, self)
        encoding, mark = plain_encoding(source), mark_length(source.head)
        source.structure_bytes(0, mark)
        for number, start, raw in source.lines():
            shift = mark if start == 0 else 0
            text = raw[shift:].decode(encoding, errors="replace").rstrip("\r\n\0")
            told.take(text, Place(f"L{number}", start + shift, len(raw) - shift, number), raw[shift:])
            if not told.is_loose or told.held >= _HELD:
                told.held = 0
                yield from told.teller.batches()
        told.end()
        yield from told.teller.rest()


class _Log:
    """One log on its way."""

    def __init__(self, source: Source, reader: IrcReader) -> None:
        self.source = source
        self.teller = ChatTeller(source, reader, system="irc", read=_read_stamp)
        self.day: dt.date | None = None
        self.clock = -1
        self.room = ""
        self.rooms: set[str] = set()
        self.is_loose = False
        self.held = 0
        self.passed: list[str] = []
        self.lacks_date = False

    def take(self, text: str, place: Place, raw: bytes) -> None:
        """What a line comes to."""
        source = self.source
        assert place.start is not None
        if not text.strip():
            source.blank_bytes(place.start, len(raw))
            return
        line = _read_line(text)
        if line is None:
            source.unparsed_bytes(place.start, raw, place=place.locator, reason="no line of an IRC log")
            return
        if line.date:
            self.day, self.clock = _day_of(line.date) or self.day, -1
        self.room = line.room or self.room
        if line.begins:
            said = Message(stamp=line.stamp, text=line.begins, channel=self.room)
            source.event_bytes(place.start, len(raw))
            self._tell("log.line", said, place)
        elif not line.stamp:
            source.structure_bytes(place.start, len(raw))
        else:
            source.event_bytes(place.start, len(raw))
            self._tell_line(line, place)

    def end(self) -> None:
        """What the log does not state."""
        if self.lacks_date:
            self.teller.note_absence(
                "the date of lines that have a time of day only",
                hint="Programs put it into the file's name; say it with the anchor of the exhibit.",
            )

    def _tell_line(self, line: _Line, place: Place) -> None:
        said = line.said or Said("other", line.body)
        message = Message(
            stamp=self._stamp(line),
            who=said.who,
            text=said.text,
            channel=self._room_of(said),
            fields={"mode": said.mode, "reason": said.why},
            assumptions=list(self.passed),
        )
        teller = self.teller
        self.held += 1
        if said.what in ("message", "action", "notice"):
            message.fields["form"] = "" if said.what == "message" else said.what
            teller.tell_message(
                message, place, line="" if said.what != "action" else f"* {said.who} {said.text}"
            )
        elif said.what in ("joined", "left", "kicked"):
            if said.who:
                teller.tell_presence(message, place, [said.who], left=said.what != "joined", by=said.by)
            else:
                self._tell("log.line", message, place)
        elif said.what == "renamed":
            line_text = f"{said.who} is now known as {said.new}"
            teller.tell_change(message, place, "nick", old=said.who, new=said.new, line=line_text)
        elif said.what in ("topic", "mode"):
            teller.tell_change(message, place, said.what, new=said.new)
        else:
            self._tell("log.line", message, place)

    def _tell(self, kind: str, said: Message, place: Place) -> None:
        said.who = ""
        self.teller.tell_change(said, place, "", line=said.text or "(nothing)", kind=kind)

    def _stamp(self, line: _Line) -> str:
        """The stamp of a line; a time of day has the day of the last line that states one."""
        self.is_loose = self.is_loose or line.is_yearless
        if not line.is_clock:
            return line.stamp
        if self.day is None:
            self.is_loose = self.lacks_date = True
            return line.stamp
        parts = [int(one) for one in line.stamp.split(":")]
        clock = parts[0] * 3600 + parts[1] * 60
        if self.clock - clock > _HALF_DAY:
            self._pass_midnight()
        self.clock = clock
        stamp = _DatedClock(line.stamp)
        stamp.day = self.day
        return stamp

    def _pass_midnight(self) -> None:
        assert self.day is not None
        try:
            self.day += dt.timedelta(days=1)
        except OverflowError:
            return
        self.passed = [
            self.source.assume(
                "date",
                "where the time of day falls by more than half a day, midnight has passed",
                rests_on="the order of the lines; no line states the new day",
                alternatives=("more than one day passed", "the clock was set back"),
            )
        ]

    def _room_of(self, said: Said) -> str:
        """The channel of a line: as it says, or the only one that lines before it name."""
        if said.room:
            self.rooms.add(said.room)
            if not said.who:
                self.room = said.room
            return said.room
        return self.room or (next(iter(self.rooms)) if len(self.rooms) == 1 else "")
