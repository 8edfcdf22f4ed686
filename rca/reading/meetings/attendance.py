"""Who joined and left a meeting: the attendance reports of Teams, Zoom, Webex and Google Meet.

The decision hidden here: which table of a report is evidence of presence. Each stay is a join and a leave; a list that
sums up several stays (first join, last leave) is no more than presence where the stays are listed too; a waiting room is
not the meeting. The reports state no zone, unless a column says so.

References:
    Microsoft Learn, "Manage meeting attendance reports"; Microsoft support, "Download attendance reports in Teams" and
    "Get an attendee engagement report for a live event" (UtcEventTimestamp); Zoom support, "Meeting reports".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import TimeKind
from rca.moments.stamps import Stamp
from rca.reading.dating import is_figures, is_stamp, read_stamp
from rca.reading.meetings.clock import CODE
from rca.reading.records import Record, cells, read_records
from rca.reading.source import Sample, Source
from rca.reading.telling import Place, Teller
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AttendanceReader"]

_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": (
        "name", "full name", "fullname", "display name", "participant", "participant name", "attendee", "user name",
        "name (original name)", "namn", "fullständigt namn", "namn (ursprungligt namn)", "deltagare", "visningsnamn", "navn",
        "fullt navn", "fulde navn", "nimi", "koko nimi", "vollständiger name", "teilnehmer", "name (originalname)",
    ),
    "first": ("first name", "förnamn"),
    "last": ("last name", "efternamn"),
    "join": (
        "join time", "joined", "joined at", "time joined", "first join", "first join time", "join", "anslutningstid",
        "första anslutning", "första anslutningen", "anslutningstidpunkt", "anslöt", "gick med", "tid för anslutning",
        "beitrittszeit", "erster beitritt", "zeitpunkt des beitritts", "tilslutningstid", "første tilslutning",
        "tidspunkt for deltakelse", "første deltakelse", "liittymisaika", "ensimmäinen liittyminen",
    ),
    "leave": (
        "leave time", "left", "left at", "time exited", "last leave", "last leave time", "leave", "utträdestid", "lämnade",
        "senaste utträde", "lämnade mötet", "tid då mötet lämnades", "sista utträde", "tid för att lämna", "verlassen",
        "letztes verlassen", "zeitpunkt des verlassens", "verlassenszeit", "forlod", "sidste udtræden", "forlatt",
        "siste gang forlatt", "poistumisaika", "viimeinen poistuminen",
    ),
    "action": ("user action", "action", "åtgärd", "användaråtgärd", "aktion", "benutzeraktion", "handling"),
    "time": ("timestamp", "tidsstämpel", "utceventtimestamp", "zeitstempel", "tidsstempel"),
    "duration": (
        "duration", "in-meeting duration", "duration (minutes)", "varaktighet", "varaktighet i mötet", "dauer",
        "attendance duration", "varighed", "varighet", "kesto", "varaktighet (minuter)", "time in session (minutes)",
    ),
    "email": ("email", "user email", "e-mail", "e-post", "email address", "e-postadress"),
    "role": ("role", "roll", "rolle", "rooli"),
    "user_id": ("participant id (upn)", "participantid", "deltagar-id (upn)"),
    "guest": ("guest", "gäst"),
    "waiting": ("in waiting room", "i väntrum", "waiting room"),
    "consent": ("recording consent", "recording disclaimer response"),
}  # fmt: skip
_MEANING = {word: meaning for meaning, words in _COLUMNS.items() for word in words}
_SUMMARY = re.compile(
    r"first|last|första|senaste|sista|erster|letztes|første|sidste|siste|ensimmäinen|viimeinen"
)
_TITLE = ("meeting title", "title", "topic", "meeting name", "mötesrubrik", "mötestitel", "rubrik", "ämne", "besprechungstitel", "mødetitel", "møtetittel", "kokouksen otsikko")  # fmt: skip
_BEGIN = ("start time", "meeting start time", "starttid", "mötets starttid", "startzeit", "starttidspunkt", "aloitusaika", "scheduled time", "actual start time")  # fmt: skip
_END = ("end time", "meeting end time", "sluttid", "mötets sluttid", "endzeit", "sluttidspunkt", "lopetusaika", "actual end time")  # fmt: skip
_ID = ("meeting id", "mötes-id", "webinar id", "meeting number")
_LEFT = re.compile(r"left|leave|lämna|verlassen|forlo|forlat|poistu", re.IGNORECASE)
_JOINED = re.compile(r"join|ansl|gick med|beitr|delt|liitty|tilslut", re.IGNORECASE)
_BEFORE = re.compile(r"before|tidigare|zuvor|vorher|aiemmin|før", re.IGNORECASE)
_YES = frozenset(("yes", "ja", "true", "kyllä", "y", "1"))
_HALF = re.compile(r"(?<=\d)\s*\b([ap])\.?\s?m\.?(?=\s|$)|(?<=\d)\s*\b([fe])m\b", re.IGNORECASE)
_DELIMITERS = ("\t", ",", ";")
_HEAD_ROWS = 60


def _clean(text: str) -> str:
    """A stamp as the layouts know it: plain blanks, no comma between date and time."""
    text = " ".join(text.replace("\u202f", " ").replace("\u200e", "").replace("\xa0", " ").split())
    text = re.sub(r"(?<=\d), ?(?=\d)", " ", text)
    half = _HALF.search(text)
    if half:
        letter = (half[1] or ("a" if half[2] and half[2].lower() == "f" else "p")).upper()
        text = f"{text[: half.start()]} {letter}M{text[half.end() :]}"
    return text.strip()


def _plain(cell: str) -> str:
    text = " ".join(cell.replace("\ufeff", "").replace("\xa0", " ").split()).casefold().rstrip(":")
    return re.sub(r"\s*\((?:utc|gmt|local time|lokal tid)\)$", "", text)


@dataclass(slots=True)
class _Table:
    """A header and where its columns are."""

    at: dict[str, int]
    is_utc: bool
    is_summary: bool
    header: list[str] = field(default_factory=list)

    def cell(self, row: Sequence[str], meaning: str) -> str:
        at = self.at.get(meaning)
        return row[at].strip() if at is not None and at < len(row) else ""


def _table(row: Sequence[str]) -> _Table | None:
    """The table that begins with `row` as its header; None where it is no header of attendance."""
    at: dict[str, int] = {}
    for number, cell in enumerate(row[:60]):
        meaning = _MEANING.get(_plain(cell))
        if meaning and meaning not in at:
            at[meaning] = number
    has_name = "name" in at or ("first" in at and "last" in at)
    has_times = ("join" in at and "leave" in at) or ("action" in at and "time" in at)
    is_list = has_name and {"email", "role"} <= set(at) and len(at) >= 3
    if not has_name or not (has_times or is_list):
        return None
    times = [row[at[key]] for key in ("join", "leave", "time") if key in at]
    is_utc = bool(times) and all(re.search(r"\butc\b|^utc|\(gmt\)", cell.casefold()) for cell in times)
    is_summary = any(_SUMMARY.search(_plain(row[at[key]])) for key in ("join", "leave") if key in at)
    return _Table(at, is_utc, is_summary, list(row))


def _delimiter(text: str) -> str:
    """The delimiter by which a header of attendance appears in the first rows; "" where none does."""
    lines = text.lstrip("\ufeff").splitlines()[:_HEAD_ROWS]
    for delimiter in _DELIMITERS:
        tables = [
            found
            for line in lines
            if delimiter in line and (found := _table(cells(line[:10_000], delimiter)))
        ]
        if any("join" in found.at or "time" in found.at for found in tables):
            return delimiter
        if tables and any(
            _plain(cells(line[:10_000], delimiter)[0]) in _TITLE for line in lines if delimiter in line
        ):
            return delimiter
    return ""


class AttendanceReader:
    """Reads reports of attendance: joins, leaves, the meeting's start and end."""

    name = "attendance"
    version = "1"
    title = "attendance reports of meetings: Teams, Zoom, Webex, Google Meet"
    suffixes = (".csv", ".tsv", ".txt")

    def score(self, sample: Sample) -> float:
        """0.98 for a table of names with when they joined and left, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        return 0.98 if _delimiter(sample.text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the report, in file order."""
        told = _Report(source, self)
        for record in told.records():
            told.take(record)
            yield from told.teller.batches()
        told.close()
        yield from told.teller.rest()


class _Report:
    """One report on its way to events."""

    def __init__(self, source: Source, reader: AttendanceReader) -> None:
        self.source = source
        self.delimiter = _delimiter(source.sample.text) or ","
        self.encoding = plain_encoding(source)
        self.teller = Teller(source, reader, source_kind=SourceKind.MEETING, code=CODE, read=self._stamp)
        samples = [_clean(cell) for row in self._rows() for cell in row if is_figures(_clean(cell))]
        self.teller.dating.tell_order(samples)
        self.has_stays = any(
            (found := _table(row)) is not None and not found.is_summary and "join" in found.at
            for row in self._rows()
        )
        self.table: _Table | None = None
        self.named_after: list[str] = []
        self.title = self.meeting_id = self.begin = self.end = ""
        self.is_noted = False

    def _stamp(self, text: str) -> Stamp | None:
        return read_stamp(_clean(text), day_first=self.teller.dating.order.day_first)

    def _rows(self) -> Iterator[list[str]]:
        for line in self.source.sample.text.lstrip("\ufeff").splitlines():
            yield cells(line[:10_000], self.delimiter)

    def records(self) -> Iterator[Record]:
        """The rows of the report, blank ones included."""
        mark = mark_length(self.source.head)
        self.source.structure_bytes(0, mark)
        with self.source.open() as stream:
            stream.read(mark)
            yield from read_records(stream, start=mark, delimiter=self.delimiter, encoding=self.encoding)

    @property
    def record_id(self) -> str:
        """The id that the events of the meeting share."""
        return f"meeting:{self.meeting_id or self.source.stream_key[:12]}"

    def take(self, record: Record) -> None:
        """A row: a header, a line of the summary, or someone's stay."""
        text = record.raw.decode(self.encoding, errors="backslashreplace").rstrip("\r\n")
        if not text.strip(" \t,;\0"):
            self.source.blank_bytes(record.start, len(record.raw))
            return
        row = cells(text, self.delimiter)
        place = Place(_lines(record), record.start, len(record.raw), record.line)
        found = _table(row)
        if found is not None:
            self.table, self.named_after = found, []
        elif self.named_after and len(row) > 2:
            for name, cell in zip(self.named_after, row, strict=False):
                self._summary(name, cell.strip(), place)
            self.named_after = []
            self.source.event_bytes(record.start, len(record.raw))
            return
        elif self.table is not None and self._stay(self.table, row, place):
            self.source.event_bytes(record.start, len(record.raw))
            return
        elif re.match(r"^\s*\d\.\s", row[0]):
            self.table = None
        elif len([cell for cell in row if cell.strip()]) == 2 and self._summary(
            _plain(row[0]), row[1].strip(), place
        ):
            self.source.event_bytes(record.start, len(record.raw))
            return
        elif {_plain(cell) for cell in row} & {*_BEGIN, *_TITLE} and len(row) > 2:
            self.named_after = [_plain(cell) for cell in row]
        self.source.structure_bytes(record.start, len(record.raw))

    def _summary(self, name: str, value: str, place: Place) -> bool:
        """A line about the meeting; whether it gave an event."""
        if name in _TITLE:
            self.title = self.title or value
        elif name in _ID:
            self.meeting_id = self.meeting_id or value
        elif name in _BEGIN and not self.begin and is_stamp(_clean(value)):
            self.begin = value
            self._tell(
                "meeting.started",
                self.title or "the meeting began",
                place,
                stamp=value,
                time_kind=TimeKind.STARTED,
            )
            return True
        elif name in _END and not self.end and is_stamp(_clean(value)):
            self.end = value
            self._tell(
                "meeting.ended",
                self.title or "the meeting ended",
                place,
                stamp=value,
                time_kind=TimeKind.ENDED,
            )
            return True
        return False

    def _tell(
        self,
        kind: str,
        message: str,
        place: Place,
        *,
        stamp: str,
        end: str = "",
        zone: str = "",
        actor: str = "",
        time_kind: TimeKind = TimeKind.OCCURRED,
        fields: dict[str, str] | None = None,
    ) -> None:
        self._note_zone()
        self.teller.tell(
            kind,
            message,
            place,
            stamp=stamp,
            end=end,
            zone=zone,
            time_kind=time_kind,
            record=self.record_id,
            actor=actor,
            subject=self.title,
            fields=fields,
        )

    def _note_zone(self) -> None:
        if not self.is_noted and self.table is not None and not self.table.is_utc:
            self.is_noted = True
            self.source.issue(
                CODE,
                Severity.INFO,
                f"The report states no zone: its times are read as {self.source.zone}",
                hint="Reports show the local time of whoever downloaded them, or of the account: ask, and give the zone.",
            )

    def _stay(self, table: _Table, row: list[str], place: Place) -> bool:
        """The events of someone's row; whether there were any."""
        name = table.cell(row, "name") or f"{table.cell(row, 'first')} {table.cell(row, 'last')}".strip()
        if not name or len(row) < 2:
            return False
        zone = "UTC" if table.is_utc else ""
        keys = ("duration", "email", "role", "user_id", "guest", "consent")
        fields = {key: value for key in keys if (value := table.cell(row, key))}
        joined, left = table.cell(row, "join"), table.cell(row, "leave")
        if "action" in table.at:
            return self._act(table, row, name, zone, fields, place)
        if "join" not in table.at:
            self._tell(
                "meeting.present", name, place, stamp=self.begin, end=self.end, actor=name, fields=fields
            )
            return True
        if table.is_summary and self.has_stays:
            fields |= {"first_join": joined, "last_leave": left}
            self._tell(
                "meeting.present", name, place, stamp=joined, end=left, zone=zone, actor=name, fields=fields
            )
            return True
        if table.is_summary:
            fields["stays"] = "summed up: first join and last leave, absences between them are not listed"
        if table.cell(row, "waiting").casefold() in _YES:
            message = f"{name} was in the waiting room"
            self._tell(
                "meeting.waiting",
                message,
                place,
                stamp=joined,
                end=left,
                zone=zone,
                actor=name,
                fields=fields,
            )
            return True
        if joined:
            self._tell(
                "meeting.joined", f"{name} joined", place, stamp=joined, zone=zone, actor=name, fields=fields
            )
        if left:
            self._tell(
                "meeting.left", f"{name} left", place, stamp=left, zone=zone, actor=name, fields=fields
            )
        if not joined and not left:
            self._tell("meeting.present", name, place, stamp="", actor=name, fields=fields)
        return True

    def _act(
        self, table: _Table, row: list[str], name: str, zone: str, fields: dict[str, str], place: Place
    ) -> bool:
        action, stamp = table.cell(row, "action"), table.cell(row, "time")
        if _LEFT.search(action):
            self._tell(
                "meeting.left", f"{name} left", place, stamp=stamp, zone=zone, actor=name, fields=fields
            )
        elif _BEFORE.search(action):
            fields |= {
                "action": action,
                "meaning": "joined at or before this time, when the report's owner joined",
            }
            self._tell(
                "meeting.present",
                f"{name}: {action}",
                place,
                stamp=stamp,
                zone=zone,
                actor=name,
                fields=fields,
            )
        elif _JOINED.search(action):
            self._tell(
                "meeting.joined", f"{name} joined", place, stamp=stamp, zone=zone, actor=name, fields=fields
            )
        else:
            fields["action"] = action
            self._tell(
                "meeting.present",
                f"{name}: {action}",
                place,
                stamp=stamp,
                zone=zone,
                actor=name,
                fields=fields,
            )
        return True

    def close(self) -> None:
        """Note what the report does not contain."""
        self.teller.note_absence("what was said")
        if self.table is not None and self.table.is_summary and not self.has_stays:
            self.teller.note_absence("each stay (only first joins and last leaves)")


def _lines(record: Record) -> str:
    return f"L{record.line}" if record.last_line <= record.line else f"L{record.line}-{record.last_line}"
