"""EDIFACT interchanges: one event a message, and the times that its DTM segments state as events of its record.

The decision hidden here: what an interchange says. A message (UNH) has the preparation time of its interchange (UNB),
which states no zone and often two digits of the year; where there is no UNB, it has the time at which the message says
it was issued (DTM 137). CONTRL says what became of another interchange or message. Counts in trailers are checked.

References:
    ISO 9735-1:2002 and ISO 9735:1988 (UNA, UNB, UNG, UNH, UNT, UNE, UNZ), ISO 9735-3 (interactive: UIB, UIH, UIT, UIZ),
    ISO 9735-4 (CONTRL); UN/EDIFACT code list 0083.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import detect_encoding, mark_length
from rca.moments.moment import TimeKind
from rca.reading.health.edifact_segments import Segment, cut, read_elements
from rca.reading.health.edifact_times import EdifactDating, meaning, split_period
from rca.reading.source import Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EdifactReader"]

_CODE = "RCA186"
_ROWS = 10_000
_MOST_TIMES = 100_000  # of one message
_MOST_REFS = 50
_MOST_TEXT = 1 << 16  # bytes of one segment that are read
_MANY = 100  # issues of one kind; the rest would only repeat them
_OPENING = re.compile(
    r"(?:\A|[\r\n\x0b])[\x00-\x20\ufeff]*(?:UNA[^A-Za-z0-9 \t\r\n]{3}.{2}\S?\s{0,3}U[NI][BGH][^A-Za-z0-9 \t\r\n]"
    r"|U[NI]B\+(?:UNO[A-Z]|KECA)[:+]|UNH\+[^+'\r\n]{1,35}\+[A-Z]{6}:|UIH\+[A-Z0-9]{1,10}:)"
)
_MAIL = re.compile(r"^(?:From|To|Subject|Received|MIME-Version|Content-Type|Return-Path):", re.MULTILINE)
_STAMPED = re.compile(
    r"\W{0,3}(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[:.]\d\d[:.]\d\d|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d)"
)
_CHARSETS = {
    "UNOC": "latin-1", "UNOD": "iso8859-2", "UNOE": "iso8859-5", "UNOF": "iso8859-7", "UNOG": "iso8859-3",
    "UNOH": "iso8859-4", "UNOI": "iso8859-6", "UNOJ": "iso8859-8", "UNOK": "iso8859-9",
}  # fmt: skip
"""Codecs of the syntax identifiers (S001); those that are not here are ASCII or UTF-8."""
_ACTIONS = {
    "1": "acknowledged with all that it holds",
    "2": "acknowledged",
    "4": "rejected",
    "5": "its envelope accepted",
    "6": "its envelope rejected",
    "7": "acknowledged",
    "8": "received",
}
_REFERENCES = frozenset({"SRI", "ROI", "SOI", "STI", "RTI", "ACW", "ACE", "ON", "AAK", "TN"})
"""Qualifiers of RFF that name orders, reports, specimens and messages; others may name persons."""
_SPANS = {(6, 0): "101", (6, 4): "201", (6, 6): "202", (8, 0): "102", (8, 4): "203", (8, 6): "204"}


class EdifactReader:
    """Reads EDIFACT interchanges and single messages, as MedCom, the NHS and NCPDP SCRIPT write them."""

    name = "edifact"
    version = "1"
    title = "EDIFACT interchanges (ISO 9735)"
    suffixes = (".edi", ".edifact", ".dat")

    def score(self, sample: Sample) -> float:
        """0.98 for a text that opens with UNA, UNB or UNH, after a few lines of anything but mail or log; else 0."""
        found = _OPENING.search(sample.text[:8192])
        if found is None:
            return 0.0
        before = [
            line for line in re.split(r"[\r\n]+", sample.text[: found.start()]) if line.strip("\0 \t\ufeff")
        ]
        if len(before) > 5 or any(_MAIL.match(line) or _STAMPED.match(line) for line in before):
            return 0.0
        return 0.98

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the messages, in file order."""
        return _File(source).batches()


@dataclass(slots=True)
class _Interchange:
    """What the header of an interchange says, and how many messages and groups came since."""

    line: int
    sender: str = ""
    receiver: str = ""
    reference: str = ""
    stamp: tuple[str, str] = ("", "")
    application: str = ""
    is_test: bool = False
    codec: str = ""
    messages: int = 0
    groups: int = 0
    group: str = ""
    group_line: int = 0
    group_messages: int = 0


@dataclass(slots=True)
class _Message:
    """A message on its way from UNH to UNT."""

    number: int
    start: int
    end: int
    line: int
    header: list[list[str]]
    stamp: tuple[str, str]
    segments: int = 1
    times: list[tuple[Segment, str, str, str]] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    document: list[list[str]] = field(default_factory=list)
    answers: list[tuple[str, str, str, str]] = field(default_factory=list)  # what, reference, action, error
    error: str = ""


def _at(elements: list[list[str]], element: int, component: int = 0) -> str:
    """A component of a data element, "" where there is none."""
    if element >= len(elements) or component >= len(elements[element]):
        return ""
    return elements[element][component].strip()


def _stamp(elements: list[list[str]], element: int) -> tuple[str, str]:
    """Date and time of S004 or S300: as written, and as "value:code" for dating."""
    date, time = _at(elements, element), _at(elements, element, 1)
    written = f"{date}:{time}" if time else date
    if not date:
        return "", ""
    return written, f"{date}{time}:{_SPANS.get((len(date), len(time)), '')}"


class _File:
    """One stream of interchanges on its way to batches."""

    def __init__(self, source: Source) -> None:
        self.source = source
        encoding, self.is_guess = detect_encoding(source.head, complete=source.size <= len(source.head))
        self.is_wide = encoding.startswith(("utf-16", "utf-32"))
        self.encoding = (source.encoding if self.is_wide and self.is_guess else encoding).removesuffix("-sig")
        self.dating = EdifactDating(source)
        self.rows: list[dict[str, Any]] = []
        self.texts: list[tuple[str, str, str]] = []  # as written, as "value:code", and the end likewise
        self.interchange: _Interchange | None = None
        self.message: _Message | None = None
        self.blank: tuple[int, int] | None = None
        self.aside: tuple[int, int, bytes, int, str] | None = None
        self.count = 0
        self.known: int | None = None
        self.undated: list[str] = []
        self.issues: dict[str, int] = {}

    # -- segments -----------------------------------------------------------------------------------------

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All messages; every byte is booked."""
        source, mark = self.source, mark_length(self.source.head)
        source.structure_bytes(0, mark)
        end = mark
        with source.open() as stream:
            stream.read(mark)
            for segment in cut(stream, start=mark, encoding=self.encoding):
                self._take(segment)
                end = segment.start + len(segment.raw)
                while len(self.rows) >= _ROWS:
                    yield self._batch(_ROWS)
        self._flush_blank()
        self._flush_aside()
        self._close_interchange(None)
        if end < source.size:
            reason, length = "the last bytes are no whole character", source.size - end
            source.unparsed_bytes(end, b"", place=f"B{end}+{length}", reason=reason, length=length)
        while self.rows:
            yield self._batch(_ROWS)
        if self.undated:
            self._say(
                "undated",
                f"{len(self.undated)} messages state no time of preparation; they stay undated",
                self.undated[0],
                "Times inside of them are events of their own.",
            )

    def _take(self, segment: Segment) -> None:
        source, length = self.source, len(segment.raw)
        if segment.is_text:
            self._flush_blank()
            self._put_aside(
                segment, "text that is no segment" if self.count else "text before the first segment"
            )
            return
        if not segment.tag:
            self._flush_blank()
            self.blank = (segment.start, length)
            return
        tag = segment.tag
        if self.message is not None and tag not in (
            "UNA",
            "UNB",
            "UIB",
            "UNG",
            "UNH",
            "UIH",
            "UNE",
            "UNZ",
            "UIZ",
        ):
            if self.blank is not None:  # line ends inside of a message are the message's
                source.event_bytes(*self.blank)
                self.blank = None
            source.event_bytes(segment.start, length)
            self._take_inner(segment)
            return
        self._flush_blank()
        if tag in ("UNH", "UIH"):
            self._close_message()
            source.event_bytes(segment.start, length)
            self._open_message(segment)
        elif tag in ("UNA", "UNB", "UIB", "UNG", "UNE", "UNZ", "UIZ"):
            self._close_message()
            source.structure_bytes(segment.start, length)
            self._take_envelope(segment)
        else:
            self._put_aside(segment, "a segment outside of a message")

    def _put_aside(self, segment: Segment, reason: str) -> None:
        """Book what could not be read; what lies next to each other for the same reason is one piece."""
        end = segment.start + len(segment.raw)
        if self.aside is not None and self.aside[1] == segment.start and self.aside[4] == reason:
            start, _, raw, line, _ = self.aside
            self.aside = (start, end, raw if len(raw) > 2_000 else raw + segment.raw[:2_000], line, reason)
        else:
            self._flush_aside()
            self.aside = (segment.start, end, segment.raw[:2_000], segment.line, reason)

    def _flush_aside(self) -> None:
        if self.aside is not None:
            start, end, raw, line, reason = self.aside
            self.source.unparsed_bytes(start, raw, place=f"L{line}", reason=reason, length=end - start)
            self.aside = None

    def _flush_blank(self) -> None:
        if self.blank is not None:
            self.source.blank_bytes(*self.blank)
            self.blank = None

    def _elements(self, segment: Segment) -> list[list[str]]:
        raw = segment.raw[:_MOST_TEXT]
        if self.is_wide:
            text = raw.decode(self.encoding, errors="replace")
        else:
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                codec = self.interchange.codec if self.interchange else ""
                codec = codec or (self.source.encoding if self.is_guess else "utf-8")
                text = raw.decode(codec, errors="backslashreplace")
        return read_elements(text, segment.marks)

    # -- envelopes ----------------------------------------------------------------------------------------

    def _take_envelope(self, segment: Segment) -> None:
        tag = segment.tag
        if tag == "UNA":
            return
        elements = self._elements(segment)
        if tag in ("UNB", "UIB"):
            self._close_interchange(None)
            self.interchange = _read_interchange(elements, segment.line)
        elif tag == "UNG":
            one = self.interchange = self.interchange or _Interchange(segment.line)
            one.groups += 1
            one.group, one.group_line, one.group_messages = _at(elements, 5) or "?", segment.line, 0
        elif tag == "UNE":
            inside = self.interchange
            if inside is None or not inside.group:
                self._say(
                    "UNE",
                    "UNE ends a group that no UNG began",
                    f"L{segment.line}",
                    "Is its beginning missing?",
                )
            else:
                self._compare("UNE", _at(elements, 1), inside.group_messages, "messages", segment.line)
                inside.group = ""
        else:
            self._close_interchange((elements, segment))

    def _close_interchange(self, trailer: tuple[list[list[str]], Segment] | None) -> None:
        self._close_message()
        inside, self.interchange = self.interchange, None
        if trailer is None:
            if inside is not None:
                self._say("UNZ", "The interchange has no UNZ", f"L{inside.line}", "The file may be cut off.")
            return
        elements, segment = trailer
        if inside is None:
            self._say("UNZ", f"{segment.tag} ends an interchange that no header began", f"L{segment.line}", "Is its beginning missing?")  # fmt: skip
            return
        seen, what = (inside.groups, "groups") if inside.groups else (inside.messages, "messages")
        stated = _at(elements, 1) if segment.tag == "UNZ" else _at(elements, 2)
        self._compare(segment.tag, stated, seen, what, segment.line)
        reference = _at(elements, 2) if segment.tag == "UNZ" else ""
        if reference and inside.reference and reference != inside.reference:
            self._say("reference", f"UNZ names interchange {reference}, UNB {inside.reference}", f"L{segment.line}", "Two files may have been joined, or one lost its middle.")  # fmt: skip

    def _compare(self, tag: str, stated: str, seen: int, what: str, line: int) -> None:
        if stated.isdecimal() and int(stated) != seen:
            self._say(
                f"count {tag}",
                f"{tag} states {stated} {what}, and there are {seen}",
                f"L{line}",
                "Something may have been lost or added between the sender and this file.",
            )

    def _say(self, sort: str, message: str, place: str, hint: str) -> None:
        self.issues[sort] = self.issues.get(sort, 0) + 1
        if self.issues[sort] <= _MANY:
            self.source.issue(_CODE, Severity.WARNING, message, place=place, hint=hint)

    # -- messages -----------------------------------------------------------------------------------------

    def _open_message(self, segment: Segment) -> None:
        self.count += 1
        elements = self._elements(segment)
        stamp = self.interchange.stamp if self.interchange else ("", "")
        if segment.tag == "UIH":
            own = _stamp(elements, 5)
            stamp = own if own[0] else stamp
            name = [_at(elements, 1, i) for i in range(4)]
            elements = [
                ["UIH"],
                [_at(elements, 2)],
                [":".join(p for p in (name[0], name[3]) if p), *name[1:3]],
            ]
        if self.interchange is not None:
            self.interchange.messages += 1
            self.interchange.group_messages += 1
        end = segment.start + len(segment.raw)
        self.message = _Message(self.count, segment.start, end, segment.line, elements, stamp)

    def _take_inner(self, segment: Segment) -> None:
        """A segment of the open message, its trailer included."""
        message, tag = self.message, segment.tag
        assert message is not None
        message.end = segment.start + len(segment.raw)
        message.segments += 1
        if tag == "DTM":
            self._take_time(message, segment)
        elif tag == "RFF" and len(message.refs) < _MOST_REFS:
            elements = self._elements(segment)
            if _at(elements, 1) in _REFERENCES and _at(elements, 1, 1):
                message.refs.append(_at(elements, 1, 1))
        elif tag == "BGM" and not message.document:
            message.document = self._elements(segment)
        elif tag == "UCI":
            elements = self._elements(segment)
            message.answers.append(("interchange", _at(elements, 1), _at(elements, 4), _at(elements, 5)))
        elif tag == "UCM":
            elements = self._elements(segment)
            message.answers.append(("message", _at(elements, 1), _at(elements, 3), _at(elements, 4)))
        elif tag == "ERC" and not message.error:
            message.error = _at(self._elements(segment), 1)
        elif tag in ("UNT", "UIT"):
            self._check_trailer(message, segment)
            self._close_message(is_whole=True)

    def _take_time(self, message: _Message, segment: Segment) -> None:
        if len(message.times) >= _MOST_TIMES:
            if len(message.times) == _MOST_TIMES:
                self._say("times", f"The message holds more than {_MOST_TIMES:,} times; the rest stay in its text", f"R{message.number}", "")  # fmt: skip
            return
        elements = self._elements(segment)
        qualifier, value, code = (_at(elements, 1, i) for i in range(3))
        if value and meaning(qualifier) is not None:
            message.times.append((segment, qualifier, value, code))
            if qualifier == "137" and not message.stamp[0]:
                message.stamp = (value, f"{value}:{code}")

    def _check_trailer(self, message: _Message, segment: Segment) -> None:
        elements = self._elements(segment)
        is_interactive = segment.tag == "UIT"
        stated, reference = (
            _at(elements, 2 if is_interactive else 1),
            _at(elements, 1 if is_interactive else 2),
        )
        if segment.is_torn:
            self._say(
                "torn", f"{segment.tag} has no terminator", f"L{segment.line}", "The file may be cut off."
            )
        self._compare(segment.tag, stated, message.segments, "segments", segment.line)
        own = _at(message.header, 1)
        if reference and own and reference != own:
            self._say("reference", f"{segment.tag} names message {reference}, its header {own}", f"L{segment.line}", "A message may have lost its end, and the next one its beginning.")  # fmt: skip

    def _close_message(self, *, is_whole: bool = False) -> None:
        message, self.message = self.message, None
        if message is None:
            return
        place = f"R{message.number}"
        if not is_whole:
            self._say("UNT", "The message has no UNT", place, "It may be cut off.")
        if not message.stamp[0]:
            self.undated.append(place)
        inside = self.interchange or _Interchange(0)
        row = _message_row(message, inside)
        self._add(row, message.start, place, message, (*message.stamp, ""))
        for segment, qualifier, value, code in message.times:
            known = meaning(qualifier)
            assert known is not None
            begin, end, single = split_period(value, code)
            time_row = {
                "kind": f"edifact.time.{known[0]}",
                "time_kind": known[1].value,
                "message": f"{row['component'] or 'message'}: {known[2]}",
                "actor": row["actor"],
                "component": row["component"],
                "parent": _at(message.header, 1) or None,
                "trace_id": row["trace_id"],
                "byte_length": len(segment.raw),
                "line": segment.line,
                "attributes": attributes({"qualifier": qualifier, "format": code}),
            }
            place = f"B{segment.start}+{len(segment.raw)}"
            text = (value, f"{begin}:{single}", f"{end}:{single}" if end else "")
            self._add(time_row, segment.start, place, message, text)

    def _add(
        self, row: dict[str, Any], start: int, place: str, message: _Message, text: tuple[str, str, str]
    ) -> None:
        source = self.source
        row["event_id"] = event_id(source.stream_key, start)
        row["record_id"] = f"edifact-{source.stream_key[:12]}-R{message.number}"
        row["byte_start"] = start
        row["locator"] = source.locator(place)
        row["exhibit"] = source.declared.exhibit or None
        row["reliability"] = source.declared.reliability or None
        row["source_kind"] = SourceKind.LOG.value
        row["reader"], row["reader_version"] = EdifactReader.name, EdifactReader.version
        self.rows.append(row)
        self.texts.append(text)

    def _batch(self, count: int) -> pa.RecordBatch:
        rows, texts = self.rows[:count], self.texts[:count]
        del self.rows[:count], self.texts[:count]
        self.dating.date(rows, [coded for _, coded, _ in texts])
        ends = [i for i, (_, _, end) in enumerate(texts) if end and rows[i].get("time") is not None]
        if ends:
            places = [{"locator": rows[i]["locator"]} for i in ends]
            self.dating.date(places, [texts[i][2] for i in ends])
            for i, ended in zip(ends, places, strict=True):
                if ended.get("time") is not None and ended["time"] >= rows[i]["time"]:
                    rows[i]["time_end"] = ended["time_latest"]
        for row, (written, _, _) in zip(rows, texts, strict=True):
            row["time_text"] = written or None
            if row["kind"] == "edifact.message":
                self.known = row.get("time_latest")
            elif self.known is not None:  # the sender held it when it prepared the interchange
                row["known_time"], row["known_basis"] = self.known, "stated"
        return batch(rows)


def _read_interchange(elements: list[list[str]], line: int) -> _Interchange:
    if _at(elements, 0) == "UIB":
        return _Interchange(
            line, _at(elements, 6), _at(elements, 7), _at(elements, 3), _stamp(elements, 8), is_test=_at(elements, 10) == "1"
        )  # fmt: skip
    return _Interchange(
        line,
        _at(elements, 2),
        _at(elements, 3),
        _at(elements, 5),
        _stamp(elements, 4),
        application=_at(elements, 7),
        is_test=_at(elements, 11) == "1",
        codec=_CHARSETS.get(_at(elements, 1).upper(), ""),
    )


def _message_row(message: _Message, inside: _Interchange) -> dict[str, Any]:
    kind, reference = _at(message.header, 2), _at(message.header, 1)
    words = kind or "message without a type"
    for what, answered, action, error in message.answers[:20]:
        words += f", {what} {answered or '?'} {_ACTIONS.get(action, f'answered with {action}' if action else 'answered')}"
        words += f" (error {error})" if error else ""
    if inside.sender:
        words += f" from {inside.sender}"
    if inside.receiver:
        words += f" to {inside.receiver}"
    words += f", message {reference}" if reference else ""
    words += f" of interchange {inside.reference}" if inside.reference else ""
    words += f": error {message.error}" if message.error else ""
    answered_messages = [ref for what, ref, _, _ in message.answers if what == "message" and ref]
    answered_files = [ref for what, ref, _, _ in message.answers if what == "interchange" and ref]
    parents = answered_messages if len(answered_messages) == 1 else answered_files or answered_messages
    actions = [action for _, _, action, _ in message.answers if action]
    is_bad = bool(message.error) or any(action in ("4", "6") for action in actions)
    worst = next((action for action in actions if action in ("4", "6")), actions[-1] if actions else "")
    refs = (inside.reference, reference, *answered_files, *answered_messages, *message.refs)
    row: dict[str, Any] = {
        "kind": "edifact.message",
        "time_kind": TimeKind.SENT.value
        if inside.stamp[0] or _at(message.header, 0) == "UIH"
        else TimeKind.RECORDED.value,
        "message": words,
        "actor": inside.sender or None,
        "subject": inside.receiver or None,
        "component": kind or None,
        "parent": parents[0] if parents else None,
        "trace_id": inside.reference or reference or None,
        "refs": list(dict.fromkeys(ref for ref in refs if ref)) or None,
        "byte_length": message.end - message.start,
        "line": message.line,
        "attributes": attributes(
            {
                "version": _at(message.header, 2, 1),
                "release": _at(message.header, 2, 2),
                "agency": _at(message.header, 2, 3),
                "association": _at(message.header, 2, 4),
                "access_reference": _at(message.header, 3),
                "control_id": reference,
                "interchange": inside.reference,
                "group": inside.group,
                "application": inside.application,
                "test": "1" if inside.is_test else "",
                "document": _at(message.document, 1),
                "document_number": _at(message.document, 2),
                "function": _at(message.document, 3),
                "ack_code": worst,
                "error": message.error or next((error for *_, error in message.answers if error), ""),
                "segments": str(message.segments),
            }
        ),
    }
    if is_bad or worst:
        row["severity"] = 17 if is_bad else 9
        row["severity_text"] = worst or message.error
    return row
