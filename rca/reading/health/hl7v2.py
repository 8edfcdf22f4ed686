"""HL7 v2 message files: one event a message, and the times of admission, order and observation as events of its record.

The decision hidden here: what a message says. Its time is MSH-7, its id MSH-10, the message it answers MSA-2; an
accepted message (AA) is accepted, not delivered; a refused one is an error. A time without an offset is that of the
source's zone, save where MSH-7 of its message states an offset. Names, births and free text of persons stay in the
exhibit.

References:
    HL7 v2.8.2, chapter 2: 2.9.2 (acknowledgement), 2.10 (continuation, batches), 2.14.8 (MSA), 2.14.9 (MSH), table 0211.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import detect_encoding, mark_length
from rca.moments.moment import Basis
from rca.reading.health.hl7v2_meaning import Fields, Message, message_row, read_segment, time_row
from rca.reading.health.hl7v2_segments import HEADERS, Piece, cut, read_separators
from rca.reading.health.hl7v2_times import TIMES, Hl7Dating
from rca.reading.source import Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Hl7v2Reader"]

_CODE = "RCA185"
_ROWS = 10_000
_MOST_TEXT = 1 << 24  # bytes of one segment that are read
_JUNK_LINES = 20
_KEPT = frozenset(TIMES) | {"MSH", "MSA", "ERR", "DSC", "BHS", "BTS", "FHS", "FTS"}
_BATCH = frozenset({"BHS", "BTS", "FHS", "FTS"})
_STAMPED = re.compile(
    r"\W{0,3}(?:\d{4}[-/.]\d\d[-/.]\d\d[T ,]+\d\d:\d\d|\d\d[:.]\d\d[:.]\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{4} \d\d:\d\d"
    r"|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d|(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR)\b)"
)
_GLUED = re.compile(
    r"(?:\\r\\n|\\r|\\n|<CR>|<cr>|\[CR\]| )(?=(?:EVN|PID|PD1|NK1|PV1|MSA|ERR|ORC|OBR|OBX|NTE|SCH|TXA|SFT|FT1|QRD|MFI|SPM)\|)"
)
_CHARSETS = {
    "ASCII": "ascii", "8859/1": "latin-1", "8859/2": "iso8859-2", "8859/3": "iso8859-3", "8859/4": "iso8859-4",
    "8859/5": "iso8859-5", "8859/6": "iso8859-6", "8859/7": "iso8859-7", "8859/8": "iso8859-8", "8859/9": "iso8859-9",
    "8859/15": "iso8859-15", "ISO IR14": "shift_jis", "ISO IR87": "iso2022_jp", "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030", "KS X 1001": "euc_kr", "BIG-5": "big5", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8",
}  # fmt: skip
"""Codecs of the names in table 0211 and of the shorter ones that interfaces write."""


class Hl7v2Reader:
    """Reads HL7 v2.x messages as files hold them: plain, framed for MLLP, or in batches."""

    name = "hl7v2"
    version = "1"
    title = "HL7 v2 messages: plain, MLLP frames, batches"
    suffixes = (".hl7", ".er7")

    def score(self, sample: Sample) -> float:
        """0.98 for a text whose lines begin with MSH, FHS or BHS and segments, after a few lines of anything; else 0.

        A log that wraps messages is a log: where a stamped line stands before most messages, it is 0.
        """
        lines = [line for line in re.split(r"[\r\n\x0b\x1c]+", sample.text) if line.strip(" \t\0\ufeff")]
        lead = re.compile(r"[\x00-\x20\ufeff]*(?:ï»¿)?(?:[\[<{(]\w{1,6}[\]>})]|\^K)?[\x00-\x20]*")
        heads = []
        for number, line in enumerate(lines):
            place = lead.match(line)
            if place and _is_head(line[place.end() :]):
                heads.append(number)
            elif not heads and number >= _JUNK_LINES:
                return 0.0
        if not heads:
            return 0.0
        logged = sum(number > 0 and _STAMPED.match(lines[number - 1]) is not None for number in heads)
        return 0.0 if logged * 2 >= len(heads) else 0.98

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the messages, in file order."""
        return _File(source).batches()


def _is_head(text: str) -> bool:
    """Whether `text` begins with a header that states encoding characters, in good order or not."""
    found = read_separators(text)
    return found is not None and (not found.is_odd or bool(re.search(r"[~^]", text[4:9])))


@dataclass(slots=True)
class _Segment:
    """The segment that is being gathered: its pieces, until the next one begins."""

    name: str
    start: int
    length: int
    line: int
    parts: list[bytes]
    size: int


class _File:
    """One stream of messages on its way to batches."""

    def __init__(self, source: Source) -> None:
        self.source = source
        encoding, is_guess = detect_encoding(source.head, complete=source.size <= len(source.head))
        self.is_wide = encoding.startswith(("utf-16", "utf-32"))
        self.encoding = source.encoding if self.is_wide and is_guess else encoding
        self.encoding = self.encoding.removesuffix("-sig")
        self.is_guess = is_guess
        self.dating = Hl7Dating(source)
        self.dating.tell_order(
            re.split(r"[|^\r\n~]", source.head.decode(encoding, errors="replace")) if source.head else ()
        )
        self.rows: list[dict[str, Any]] = []
        self.texts: list[tuple[str, str]] = []
        self.message: Message | None = None
        self.segment: _Segment | None = None
        self.blank: tuple[int, int] | None = None
        self.junk: tuple[int, int, int, bytes] | None = None
        self.count = 0
        self.open: dict[str, tuple[int, int]] = {}  # FHS or BHS: its line, and how many parts were seen since
        self.frame = 0  # line of the frame that was opened and not closed
        self.known: int | None = None  # the end of the second in which the message at hand was sent
        self.empty: list[str] = []
        self.odd: list[str] = []

    # -- pieces -------------------------------------------------------------------------------------------

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All messages; every byte is booked."""
        source, mark = self.source, mark_length(self.source.head)
        source.structure_bytes(0, mark)
        end = mark
        with source.open() as stream:
            stream.read(mark)
            for piece in cut(stream, start=mark, encoding=self.encoding):
                self._take(piece)
                end = piece.start + piece.length + piece.tail
                while len(self.rows) >= _ROWS:
                    yield self._batch(_ROWS)
        self._close_message()
        self._flush()
        if end < source.size:
            reason = "the last bytes are no whole character"
            source.unparsed_bytes(end, b"", place=f"B{end}+{source.size - end}", reason=reason, length=source.size - end)  # fmt: skip
        while self.rows:
            yield self._batch(_ROWS)
        self._report()

    def _take(self, piece: Piece) -> None:
        source = self.source
        source.structure_bytes(piece.start - piece.lead, piece.lead)
        if piece.frame:
            source.structure_bytes(piece.start + piece.length, piece.tail)
        if piece.is_blank:
            self._take_blank(piece)
        elif piece.separators is not None:
            self._close_message()
            self._flush()
            if piece.name == "MSH":
                self._open_message(piece)
            else:
                self._take_batch(piece)
        elif piece.name in _BATCH:
            self._close_message()
            self._flush()
            self._take_batch(piece)
        elif self.message is None or self.message.is_closed:
            self._take_junk(piece)
        else:
            self._take_segment(piece)
        if piece.frame == "\x0b":
            self.frame = piece.line
        elif piece.frame:
            self.frame = 0
            if self.message is not None:
                self.message.is_closed = True

    def _take_blank(self, piece: Piece) -> None:
        start, end = piece.start - piece.lead, piece.end
        if self.blank is not None and self.blank[1] == start:
            self.blank = (self.blank[0], end)
        else:
            self._flush_blank()
            self.blank = (start, end)

    def _take_junk(self, piece: Piece) -> None:
        if self.junk is not None and self.junk[1] == piece.start and len(self.junk[3]) < 2_000:
            begin, _, line, raw = self.junk
            self.junk = (begin, piece.end, line, raw + piece.raw[:2_000] + b"\n")
        else:
            self._flush()
            self.junk = (piece.start, piece.end, piece.line, piece.raw[:2_000] + b"\n")

    def _flush_blank(self) -> None:
        if self.blank is not None:
            self.source.blank_bytes(self.blank[0], self.blank[1] - self.blank[0])
            self.blank = None

    def _flush(self) -> None:
        """Book what stands between messages."""
        self._flush_blank()
        if self.junk is not None:
            start, end, line, raw = self.junk
            reason = "text before the first message" if not self.count else "text outside of a message"
            self.source.unparsed_bytes(start, raw, place=f"L{line}", reason=reason, length=end - start)
            self.junk = None

    # -- messages -----------------------------------------------------------------------------------------

    def _open_message(self, piece: Piece) -> None:
        assert piece.separators is not None
        self.count += 1
        self._count_part("BHS")
        start = piece.start
        self.message = Message(self.count, start, piece.end, piece.line, piece.separators, segments=1)
        self.segment = _Segment("MSH", start, piece.length, piece.line, [piece.raw], piece.length)

    def _take_segment(self, piece: Piece) -> None:
        """A line of the open message: a segment, or more of the one before it."""
        message, segment = self.message, self.segment
        assert message is not None
        if self.blank is not None:  # blank lines inside of a message are the message's
            self.blank = None
        message.end = max(message.end, piece.end)
        if piece.name and piece.name != "ADD":
            self._close_segment()
            message.segments += 1
            if piece.name in _KEPT:
                self.segment = _Segment(
                    piece.name, piece.start, piece.length, piece.line, [piece.raw], piece.length
                )
            return
        if piece.name == "ADD":
            message.segments += 1
        if segment is None or (piece.name == "ADD" and segment.name == "MSH"):
            return
        segment.length = piece.start + piece.length - segment.start
        if segment.size < _MOST_TEXT:
            raw = piece.raw
            if piece.name == "ADD":
                raw = self._after_add(raw, message)
            elif not piece.is_rest:
                segment.parts.append(" ".encode(self.encoding))
            segment.parts.append(raw)
            segment.size += len(raw)

    def _after_add(self, raw: bytes, message: Message) -> bytes:
        encoding = self.encoding if self.is_wide else "latin-1"
        mark = message.separators.field if self.is_wide or message.separators.field.isascii() else "|"
        return (
            raw.decode(encoding, "surrogatepass" if self.is_wide else "strict")
            .partition(mark)[2]
            .encode(encoding, "surrogatepass" if self.is_wide else "strict")
        )

    def _close_segment(self) -> None:
        segment, message, self.segment = self.segment, self.message, None
        if segment is None or message is None:
            return
        if segment.name == "MSH":
            self._read_header(message, b"".join(segment.parts))
            return
        text = self._decode(b"".join(segment.parts), message.codec)
        fields = text.lstrip("\0 \t").split(message.separators.field)
        read_segment(
            message, segment.name, fields, start=segment.start, length=segment.length, line=segment.line
        )

    def _decode(self, raw: bytes, codec: str) -> str:
        if self.is_wide:
            return raw.decode(self.encoding, errors="replace")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            if codec and codec not in ("utf-8", "ascii"):
                return raw.decode(codec, errors="backslashreplace")
            if self.is_guess:
                return raw.decode(self.source.encoding, errors="backslashreplace")
            return raw.decode("utf-8", errors="backslashreplace")

    def _read_header(self, message: Message, raw: bytes) -> None:
        mark = message.separators.field
        if not self.is_wide:
            rough = raw.decode("latin-1").split(mark)
            charset = rough[17].split("~")[0].strip() if len(rough) > 17 else ""
            message.codec = _CHARSETS.get(
                charset.upper().replace("ISO 8859", "8859").replace("8859-", "8859/"), ""
            )
        text = self._decode(raw, message.codec)
        glued = _GLUED.split(text) if mark == "|" else [text]
        message.header = ["MSH", *glued[0].split(mark)]
        if len(glued) > 1:
            for more in glued[1:]:
                name = more[:3]
                message.segments += 1
                if name in _KEPT:
                    read_segment(
                        message,
                        name,
                        more.split(mark),
                        start=message.start,
                        length=len(raw),
                        line=message.line,
                    )

    def _close_message(self) -> None:
        self._close_segment()
        message, self.message = self.message, None
        if message is None:
            return
        source = self.source
        source.event_bytes(message.start, message.end - message.start)
        say = Fields(message.header, message.separators)
        place = f"R{message.number}"
        if message.separators.is_odd:
            self.odd.append(place)
        if not say(7):
            self.empty.append(place)
        if message.is_capped:
            source.issue(
                _CODE,
                Severity.WARNING,
                f"The message holds more than {len(message.times):,} times; the rest stay in its text",
                place=place,
                hint="Split the message if each of its observations has to be an event.",
            )
        sender = "/".join(part for part in (say.party(3), say.party(4)) if part)
        receiver = "/".join(part for part in (say.party(5), say.party(6)) if part)
        self._add(message_row(message, say, sender, receiver), message.start, place, say(7), "")
        offset = re.search(r"(?:Z|[+-]\d{2}:?\d{2})$", say(7)) if self.dating.parse(say(7)) else None
        for time in message.times:
            row = time_row(time, message, say, sender)
            text = time.text
            if offset is not None:
                row["assumptions"] = [offset[0]]  # replaced by the assumption when the batch is dated
            self._add(row, time.start, f"B{time.start}+{time.length}", text, time.end, index=time.index)

    def _add(
        self, row: dict[str, Any], start: int, place: str, text: str, end: str, *, index: int = 0
    ) -> None:
        source = self.source
        row["event_id"] = event_id(source.stream_key, start, index)
        row["record_id"] = f"hl7v2-{source.stream_key[:12]}-R{self.count}"
        row["byte_start"] = start
        row["locator"] = source.locator(place)
        row["exhibit"] = source.declared.exhibit or None
        row["reliability"] = source.declared.reliability or None
        row["source_kind"] = SourceKind.LOG.value
        row["reader"], row["reader_version"] = Hl7v2Reader.name, Hl7v2Reader.version
        self.rows.append(row)
        self.texts.append((text, end))

    # -- time ---------------------------------------------------------------------------------------------

    def _batch(self, count: int) -> pa.RecordBatch:
        rows, texts = self.rows[:count], self.texts[:count]
        del self.rows[:count], self.texts[:count]
        offsets = [(row.pop("assumptions", None) or ("",))[0] for row in rows]
        lent = [self._lend(text, offset) for (text, _), offset in zip(texts, offsets, strict=True)]
        self.dating.date(rows, [f"{text}{offset}" for (text, _), offset in zip(texts, lent, strict=True)])
        for row, (text, _), offset in zip(rows, texts, lent, strict=True):
            row["time_text"] = text or None
            if offset and row.get("time") is not None:
                self._note_lent(row)
            if row["locator"].rpartition(":")[2].startswith("R"):
                self.known = row.get("time_latest")
            elif self.known is not None:  # the sender held it when it sent the message
                row["known_time"], row["known_basis"] = self.known, "stated"
        ends = [i for i, (_, end) in enumerate(texts) if end and rows[i].get("time") is not None]
        if ends:
            places = [{"locator": rows[i]["locator"]} for i in ends]
            self.dating.date(places, [texts[i][1] + self._lend(texts[i][1], offsets[i]) for i in ends])
            for i, ended in zip(ends, places, strict=True):
                if ended.get("time") is not None and ended["time"] >= rows[i]["time"]:
                    rows[i]["time_end"] = ended["time"]
        return batch(rows)

    def _lend(self, text: str, offset: str) -> str:
        """The offset of MSH-7 where `text` states none and may have one."""
        if not offset or not text:
            return ""
        stamp, with_offset = self.dating.parse(text), self.dating.parse(f"{text}{offset}")
        if stamp is None or with_offset is None or stamp.offset is not None or stamp.instant is not None:
            return ""
        return offset if (with_offset.year, with_offset.precision) == (stamp.year, stamp.precision) else ""

    def _note_lent(self, row: dict[str, Any]) -> None:
        row["time_basis"] = Basis.weakest(Basis(row["time_basis"]), Basis.ZONE_GIVEN).value
        reason = self.source.assume(
            "zone",
            "a stamp without an offset has the offset of MSH-7 of its message",
            rests_on="HL7 v2, 2.14.9.7: the zone of MSH-7 is the default of its message",
            alternatives=("the local time of the sender on that day, which summer time may shift",),
        )
        row["assumptions"] = [*(row.get("assumptions") or ()), reason]

    # -- batches ------------------------------------------------------------------------------------------

    def _count_part(self, name: str) -> None:
        if name in self.open:
            line, parts = self.open[name]
            self.open[name] = (line, parts + 1)

    def _take_batch(self, piece: Piece) -> None:
        """A header or trailer of a file or batch: structure, its count compared with what was seen."""
        self.source.structure_bytes(piece.start, piece.end - piece.start)
        name = piece.name
        if name in HEADERS:
            if name in self.open:
                self._miss_trailer(name)
            if name == "BHS":
                self._count_part("FHS")
            self.open[name] = (piece.line, 0)
            return
        opener = "BHS" if name == "BTS" else "FHS"
        if name == "FTS" and "BHS" in self.open:
            self._miss_trailer("BHS")
        text = self._decode(piece.raw, "").strip("\0 \t")
        mark = text[3:4]
        said = text.split(mark)[1].strip() if mark and mark in text else ""
        what = "messages" if name == "BTS" else "batches"
        if opener not in self.open:
            self._say(f"{name} ends what no {opener} began", f"L{piece.line}", "Is the beginning missing?")
            return
        _, seen = self.open.pop(opener)
        is_implied = name == "FTS" and seen == 0 and said == "1"  # messages without BHS are one batch
        if said.isdecimal() and int(said) != seen and not is_implied:
            self._say(
                f"{name}-1 states {said} {what}, and the file holds {seen}",
                f"L{piece.line}",
                "Messages may have been lost or added between the sender and this file.",
            )

    def _miss_trailer(self, name: str) -> None:
        line, _ = self.open.pop(name)
        trailer = {"BHS": "BTS", "FHS": "FTS"}[name]
        self._say(f"{name} has no {trailer}", f"L{line}", "The file may be cut off.")

    def _say(self, message: str, place: str, hint: str) -> None:
        self.source.issue(_CODE, Severity.WARNING, message, place=place, hint=hint)

    def _report(self) -> None:
        """What was found wrong on the way, each kind once."""
        for name in [name for name in ("BHS", "FHS") if name in self.open]:
            self._miss_trailer(name)
        if self.frame:
            self._say("An MLLP frame is opened and not closed", f"L{self.frame}", "The file may be cut off.")
        if self.empty:
            self._say(
                f"{len(self.empty)} of {self.count} messages state no time (MSH-7); they stay undated",
                self.empty[0],
                "Times inside of them are events of their own.",
            )
        if self.odd:
            self._say(
                f"{len(self.odd)} of {self.count} messages have no four encoding characters in MSH-2",
                self.odd[0],
                "The usual ones were taken for those that are missing.",
            )
