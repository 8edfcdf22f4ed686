"""Audit messages of health-care systems (ATNA): one event a message, from XML, syslog lines or OpenHIM's JSON.

The decision hidden here: what a stream of audit messages is, and which time a message has. Its time is EventDateTime;
one that breaks off before it states a time has that of its syslog header. A header that states its offset tells when
the message was known. Other lines of the log that carries the messages are events as well, without their text where
it is markup.

References:
    RFC 3881, sections 5 and 6; DICOM PS3.15, A.5 and A.6; IHE ITI TF-2, ITI-20; RFC 5424; RFC 3164; OpenHIM, audits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import Basis, TimeKind
from rca.reading.dating import Dating
from rca.reading.health.atna_meaning import element_of, say_audit
from rca.reading.health.atna_messages import BEGIN, Header, Piece, cut_messages, is_other_text, read_header
from rca.reading.json_spans import Stretch, iter_spans
from rca.reading.source import Sample, Source
from rca.reading.window import Window, xml_encoding
from rca.reading.xml_elements import parse_elements
from rca.reading.xml_meaning import Said

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AtnaReader"]

_CODE = "RCA188"
_BATCH = 20_000
_MANY = 100
_LONG = 400
_MESSAGE = re.compile(r"<((?:[A-Za-z_][\w.\-]{0,60}:)?)AuditMessage(?=[\s/>#])", re.ASCII)
_EVENT = re.compile(r"<(?:[A-Za-z_][\w.\-]{0,60}:)?EventIdentification(?=[\s/>#])", re.ASCII)
_JSON = re.compile(r'"[eE]ventIdentification"\s*+:\s*+\{')
_JSON_PARTS = re.compile(r'"[eE]vent(?:DateTime|OutcomeIndicator|ActionCode|ID|TypeCode)"\s*+:')
_OWN = frozenset({"activeparticipant", "participantobjectidentification", "auditsourceidentification"})
_WRAPPERS = frozenset({"auditmessage", "audit", "_source", "hits", "data", "result"})


class AtnaReader:
    """Reads audit messages of ATNA, RFC 3881 and DICOM, one event a message."""

    name = "atna"
    version = "1"
    title = "audit messages of health-care systems: ATNA, RFC 3881, DICOM PS3.15, OpenHIM"
    suffixes = (".xml",)

    def score(self, sample: Sample) -> float:
        """0.98 for audit messages with nothing but markup and syslog headers around them, or as JSON objects; else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        text = sample.text.lstrip("\ufeff \t\r\n\0\x1e")
        if text[:1] in ("{", "["):
            return 0.98 if _JSON.search(text) and _JSON_PARTS.search(text) else 0.0
        return 0.98 if _is_ours(text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the messages, in file order."""
        stream = _Stream(source)
        rows: list[dict[str, Any]] = []
        for row in stream.rows():
            rows.append(row)
            if len(rows) >= _BATCH:
                yield batch(stream.dated(rows))
                rows = []
        if rows:
            yield batch(stream.dated(rows))
        stream.report()


def _is_ours(text: str) -> bool:
    """Whether a text is audit messages, with a few other lines at most."""
    if not BEGIN.search(text) or not _EVENT.search(text):
        return False
    rest: list[str] = []
    at = count = 0
    while (found := _MESSAGE.search(text, at)) is not None:
        rest.append(text[at : found.start()])
        close = f"</{found[1]}AuditMessage"
        end = text.find(close, found.end())
        count += 1
        at = len(text) if end < 0 else (text.find(">", end) + 1 or len(text))
    rest.append(text[at:])
    others = 0
    for part in rest:
        *lines, last = part.split("\n")
        others += sum(is_other_text(line) for line in lines if read_header(line.lstrip("\r\0 ")) is None)
        others += sum(read_header(line.lstrip("\r\0 ")) is not None for line in lines if "<?xml" not in line)
        is_cut = part is rest[-1] and len(text) > 60_000
        others += is_other_text(last) and read_header(last.lstrip("\r\0 ")) is None and not is_cut
    return others <= max(1, count // 5)


class _Stream:
    """One stream on its way: its messages, and the stamps that wait for their times."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.mark = mark_length(source.head)
        source.structure_bytes(0, self.mark)
        self.encoding = xml_encoding(source, within=1 << 16)
        self.dating = Dating(source, code=_CODE)
        self.has_order = False
        self.stamps: list[str] = []
        self.headers: list[str] = []
        self.lent: list[bool] = []
        self.count = 0
        self.timeless: list[str] = []
        self.torn = 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all messages; what stands between them is booked."""
        text = self.source.sample.text.lstrip("\ufeff \t\r\n\0\x1e")
        with self.source.open() as stream:
            stream.read(self.mark)
            if text[:1] in ("{", "["):
                for stretch in iter_spans(stream, _enters, start=self.mark, encoding=self.encoding):
                    if (row := self._take_json(stretch)) is not None:
                        yield row
                return
            window = Window(stream, start=self.mark, encoding=self.encoding)
            for piece in cut_messages(window):
                if (row := self._take(piece)) is not None:
                    yield row

    # -- XML and syslog -----------------------------------------------------------------------------------

    def _take(self, piece: Piece) -> dict[str, Any] | None:
        source = self.source
        place = f"L{piece.line}" if piece.line == piece.last_line else f"L{piece.line}-{piece.last_line}"
        if piece.what in ("message", "line"):
            text = piece.raw.decode(self.encoding, errors="backslashreplace")
            row = self._row(piece.start, len(piece.raw), piece.line, place)
            self._say_message(row, text, piece) if piece.what == "message" else self._say_line(row, text)
            return row
        if piece.what == "blank":
            source.blank_bytes(piece.start, len(piece.raw))
        elif piece.what == "structure":
            source.structure_bytes(piece.start, len(piece.raw))
        else:
            source.unparsed_bytes(piece.start, piece.raw, place=f"L{piece.line}", reason=piece.reason)
        return None

    def _say_message(self, row: dict[str, Any], text: str, piece: Piece) -> None:
        begin = BEGIN.search(text)
        header = read_header(text) if begin and begin.start() else None
        xml = text[begin.start() :] if begin else text
        if (
            "#01" in xml and "\n" not in xml
        ):  # rsyslog and syslog-ng write control characters as octal numbers
            xml = xml.replace("#012", "\n").replace("#011", "\t").replace("#015", "\r")
        elements = parse_elements(xml)
        said = say_audit(elements[0]) if elements else Said(columns={"message": "Audit message"})
        if not piece.is_whole:
            self.torn += 1
            if self.torn <= _MANY:
                self.source.issue(
                    _CODE,
                    Severity.WARNING,
                    "The audit message breaks off before its end",
                    place=row["locator"].rpartition(":")[2],
                    hint="What was written is kept; was it cut by the limit of a syslog message?",
                )
        self._fill(row, said, header)

    def _say_line(self, row: dict[str, Any], text: str) -> None:
        """A line of the log that carries the messages, dated by its header."""
        header = read_header(text)
        assert header is not None
        rest = " ".join(text[header.end :].split()).lstrip("\ufeff")
        row["kind"] = "log.line"
        row["message"] = "a line without an audit message" if "<" in rest or not rest else rest[:_LONG]
        if header.app:
            row["component"] = header.app
        if header.host:
            row["subject"] = header.host
        self._wait(header.stamp, "", is_lent=False)

    def _fill(self, row: dict[str, Any], said: Said, header: Header | None) -> None:
        self.count += 1
        row |= said.columns
        fields: dict[str, Any] = dict(said.fields)
        if header is not None:
            fields |= {"syslog.host": header.host, "syslog.app": header.app, "syslog.time": header.stamp}
        row["attributes"] = attributes(fields)
        stamp, is_lent = said.stamp, False
        if not stamp and header is not None:
            stamp, is_lent = header.stamp, True
        if not stamp:
            self.timeless.append(row["locator"].rpartition(":")[2])
        self._wait(stamp, header.stamp if header is not None and not is_lent else "", is_lent=is_lent)

    def _row(self, start: int, length: int, line: int, place: str) -> dict[str, Any]:
        source = self.source
        source.event_bytes(start, length)
        return {
            "event_id": event_id(source.stream_key, start),
            "source_kind": SourceKind.LOG.value,
            "kind": "atna.audit",
            "time_basis": Basis.UNDATED.value,
            "time_kind": TimeKind.OCCURRED.value,
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(place),
            "byte_start": start,
            "byte_length": length,
            "line": line,
            "reader": AtnaReader.name,
            "reader_version": AtnaReader.version,
            "reliability": source.declared.reliability or None,
        }

    # -- JSON ---------------------------------------------------------------------------------------------

    def _take_json(self, stretch: Stretch) -> dict[str, Any] | None:
        source = self.source
        length = len(stretch.raw)
        if stretch.value is not None and _JSON.search(stretch.raw.decode(self.encoding, errors="replace")):
            row = self._row(stretch.start, length, stretch.line, f"J{stretch.pointer}")
            self._fill(row, say_audit(element_of("AuditMessage", stretch.value)), None)
            return row
        if stretch.what == "blank":
            source.blank_bytes(stretch.start, length)
        elif stretch.what == "structure":
            source.structure_bytes(stretch.start, length)
        else:
            reason = stretch.reason or "an object that is no audit message"
            source.unparsed_bytes(stretch.start, stretch.raw, place=f"L{stretch.line}", reason=reason)
            self.torn += bool(stretch.reason)
            if stretch.reason and self.torn <= _MANY:
                source.issue(
                    _CODE,
                    Severity.WARNING,
                    f"Not read: {stretch.reason}",
                    place=f"L{stretch.line}",
                    hint="Is the file cut or still being written? The rest is read.",
                )
        return None

    # -- time ---------------------------------------------------------------------------------------------

    def _wait(self, stamp: str, header: str, *, is_lent: bool) -> None:
        self.stamps.append(stamp)
        self.headers.append(header)
        self.lent.append(is_lent)

    def dated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a batch with their times."""
        if not self.has_order:
            self.dating.tell_order(self.stamps)
            self.has_order = True
        self.dating.date(rows, self.stamps)
        for row, is_lent in zip(rows, self.lent, strict=True):
            if is_lent and row.get("time") is not None:
                row["time_kind"] = TimeKind.RECORDED.value
                reason = self.source.assume(
                    "time",
                    "an audit message that states no time has that of its syslog header",
                    rests_on="RFC 5424, 6.2.3: when the message was originated",
                    alternatives=("the audited event was earlier: the message waited to be sent",),
                )
                row["assumptions"] = [*(row.get("assumptions") or ()), reason]
        self._set_known(rows)
        self.stamps, self.headers, self.lent = [], [], []
        return rows

    def _set_known(self, rows: list[dict[str, Any]]) -> None:
        """When the source held a message: at the time of its syslog header, where that states its offset."""
        parsed = [self.dating.parse(text) if text else None for text in self.headers]
        stated = [i for i, stamp in enumerate(parsed) if stamp is not None and stamp.offset is not None]
        if not stated:
            return
        places: list[dict[str, Any]] = [{"locator": rows[i]["locator"]} for i in stated]
        self.dating.date(places, [self.headers[i] for i in stated])
        for i, place in zip(stated, places, strict=True):
            if place.get("time") is not None:
                rows[i]["known_time"], rows[i]["known_basis"] = place["time_latest"], "stated"

    def report(self) -> None:
        """What was found wrong on the way, once."""
        if self.timeless:
            self.source.issue(
                _CODE,
                Severity.WARNING,
                f"{len(self.timeless)} of {self.count} audit messages state no EventDateTime; they stay undated",
                place=self.timeless[0],
                hint="Their order in the file is kept.",
            )


def _enters(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    """Whether a value may hold audit messages: a list of objects, or a wrapper known by name; not a message's part."""
    name = key.casefold()
    if name in _OWN or "eventIdentification" in members or "EventIdentification" in members:
        return False
    return name in _WRAPPERS or re.match(r"\[\s*+\{", ahead) is not None
