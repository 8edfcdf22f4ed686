"""Minutes in Markdown or plain text: a meeting, who was there, what was said, decided and assigned.

The decision hidden here: the words that make minutes, in Swedish and English, and what each makes of the text under it.
Only what is written becomes a time: statements have the meeting's time, a clock time inside an item its own, a due date
an event of its own; minutes without a date stay undated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import Basis, Moment, TimeKind
from rca.moments.spoken import SpokenSpan, find_dates, spoken_span
from rca.reading.source import Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MinutesReader"]

_WORDS: dict[str, tuple[str, ...]] = {
    "date": ("datum", "sammanträdesdatum", "mötesdatum", "date", "meeting date", "date of meeting"),
    "time": ("tid", "klockan", "tidpunkt", "time"),
    "place_time": ("plats och tid", "tid och plats", "place and time", "time and place"),
    "place": ("plats", "lokal", "place", "location", "venue"),
    "present": (
        "närvarande", "deltagare", "beslutande", "tjänstgörande ersättare", "närvarande ersättare", "övriga närvarande",
        "present", "attendees", "participants", "in attendance", "also present", "members present",
    ),
    "absent": ("frånvarande", "förhinder", "anmält förhinder", "absent", "apologies", "regrets"),
    "chair": ("ordförande", "mötesordförande", "chair", "chairperson", "chaired by"),
    "secretary": ("sekreterare", "vid protokollet", "secretary", "minutes by", "note taker", "minutes taken by"),
    "approver": ("justerare", "justerande", "approved by", "adjusters"),
    "approved": ("justerat", "justerad", "justeringsdatum", "protokollet justerat", "approved", "minutes approved"),
    "published": ("anslag", "anslaget", "anslagsdatum", "publicerat", "published", "posted"),
    "decision": ("beslut", "decision", "decisions", "resolved", "resolution", "beslutades"),
    "action": (
        "åtgärd", "åtgärder", "åtgärdslista", "att göra", "uppdrag", "action", "actions", "action items", "action item",
        "to do",
    ),
    "reference": ("dnr", "diarienummer", "ärendenummer", "ref", "reference"),
}  # fmt: skip
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words}
_LABEL = re.compile(
    r"^\s*(?:[-*+]\s+)?[*_]{0,3}([A-Za-zÅÄÖåäö][A-Za-zÅÄÖåäö /]{1,40}?)[*_]{0,3}\s*:[*_]{0,3}\s*(.*)$"
)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_SECTION = re.compile(r"^\s*(?:#{1,6}\s+)?[*_]{0,2}§\s*(\d+[a-z]?)\b[*_]{0,2}\s*(.*)$")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(.*)$")
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,}|={3,}|\|?[\s:|-]{3,}\|?)\s*$")
_NO_DECISION = re.compile(
    r"\b(?:inga|inget|ej|inte|no|not|nothing)\b[^.]{0,30}\b(?:beslut\w*|decision\w*|decided|resolved)\b"
    r"|\b(?:beslut\w*|decision\w*)\b[^.]{0,20}\b(?:sköts upp|uppsköts|bordlades|deferred|postponed|inte|ej|not)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:kl\.?|klockan|at)\s*(\d{1,2}[.:]\d{2})(?!\d)", re.IGNORECASE)
_OWNER = re.compile(r"\b(?:ansvarig|ansvar|owner|responsible)\s*:\s*([^.;,()\n]+)", re.IGNORECASE)
_DUE = re.compile(r"\b(?:senast|klart|förfaller|due|by|before|deadline)\b\s*:?\s*", re.IGNORECASE)
_DNR = re.compile(r"\b(?:[A-Z]{2,6}[ -])?\d{4}[-/]\d{3,6}\b|\b\d{5}/\d{4}\b")


@dataclass(slots=True)
class _Piece:
    """A stretch of lines that stands for one thing: its text and where it lies."""

    text: str
    line: int
    last_line: int
    start: int
    length: int
    is_heading: bool = False
    is_bullet: bool = False


@dataclass(slots=True)
class _Meeting:
    """What the head of the minutes says."""

    title: str = ""
    date: SpokenSpan | None = None
    date_text: str = ""
    place: str = ""
    present: list[str] = field(default_factory=list)
    public: Moment | None = None


class MinutesReader:
    """Reads minutes by their words: who was present, items, decisions, tasks, approval."""

    name = "minutes"
    version = "1"
    title = "minutes of meetings in Markdown or text, Swedish and English"
    suffixes = (".md", ".markdown")

    def score(self, sample: Sample) -> float:
        """0.97 for a text with the words of minutes: someone present or a decision, and two more; else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        seen = set()
        for line in sample.text.splitlines()[:400]:
            meaning, _ = _label(line)
            if meaning:
                seen.add(meaning)
            if _SECTION.match(line):
                seen.add("section")
        return 0.97 if seen & {"present", "decision"} and len(seen) >= 3 else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the minutes, in file order."""
        rows = _Minutes(source).events()
        if rows:
            yield batch(rows)


def _label(line: str) -> tuple[str, str]:
    """What a line that begins with a label or is a heading means, and the text after the label."""
    heading = _HEADING.match(line)
    if heading:
        word = heading[1].strip(" *_:").casefold()
        return _meaning(word), ""
    found = _LABEL.match(line)
    if found:
        return _meaning(found[1].strip().casefold()), found[2].strip()
    return "", ""


def _meaning(word: str) -> str:
    if word in _MEANING:
        return _MEANING[word]
    return "decision" if word.endswith((" beslut", "s beslut")) else ""


class _Minutes:
    """One set of minutes on its way from pieces to events."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.zone, self.basis = source.zone, source.zone_basis
        self.encoding = "utf-8" if source.encoding == "utf-8-sig" else source.encoding
        self.pieces = self._cut()
        self.meeting = self._read_head()
        self.record_id = f"meeting-{source.stream_key[:12]}"
        self.rows: list[dict[str, Any]] = []
        self.counts: dict[int, int] = {}
        self.assumption = ""

    # -- pieces -------------------------------------------------------------------------------------------

    def _cut(self) -> list[_Piece]:
        """Lines joined into paragraphs and bullets; blank lines and rules are booked."""
        pieces: list[_Piece] = []
        is_open = False
        mark = mark_length(self.source.head)
        if mark:
            self.source.structure_bytes(0, mark)
        for number, begin, raw in self.source.lines():
            start, length = max(begin, mark), len(raw) - max(0, mark - begin)
            line = raw.decode(self.encoding, errors="backslashreplace").lstrip("\ufeff").rstrip("\r\n")
            if not line.strip():
                self.source.blank_bytes(start, length)
                is_open = False
            elif _RULE.match(line) and not (is_open and pieces and pieces[-1].is_heading):
                self.source.structure_bytes(start, length)
                is_open = False
            else:
                heading, bullet = _HEADING.match(line), _BULLET.match(line)
                starts = heading or bullet or _SECTION.match(line) or _label(line)[0] or not is_open
                if starts:
                    pieces.append(
                        _Piece(line.strip(), number, number, start, length, bool(heading), bool(bullet))
                    )
                else:
                    last = pieces[-1]
                    last.text += f" {line.strip()}"
                    last.last_line, last.length = number, start + length - last.start
                is_open = not heading and not _SECTION.match(line)
        return pieces

    # -- head ---------------------------------------------------------------------------------------------

    def _read_head(self) -> _Meeting:
        meeting = _Meeting()
        time_text, section = "", ""
        for piece in self.pieces:
            meaning, rest = _label(piece.text)
            if piece.is_heading and not meeting.title and not meaning:
                meeting.title = _plain(_HEADING.sub(r"\1", piece.text))
            if meaning in ("date", "place_time") and rest and not meeting.date_text:
                meeting.date_text = rest
            elif meaning == "time" and rest and not time_text:
                time_text = rest
            elif meaning == "place" and rest and not meeting.place:
                meeting.place = _plain(rest)
            if meaning or piece.is_heading or _SECTION.match(piece.text):
                section = meaning
            if section == "present":
                meeting.present.extend(_names(rest if meaning else piece.text, piece))
                section = "" if rest and meaning else section
            if meaning in ("approved", "published") and rest and meeting.public is None:
                hits = find_dates(rest, zone=self.zone, zone_basis=self.basis)
                meeting.public = hits[0][2] if hits else None
        meeting.date = self._date(meeting.date_text, time_text) or self._date(meeting.title, time_text)
        return meeting

    def _date(self, text: str, time_text: str) -> SpokenSpan | None:
        text = _plain(text)
        hits = find_dates(text, zone=self.zone, zone_basis=self.basis)
        if not hits:
            return None
        begin, end, _ = hits[0]
        if time_text:
            joined = spoken_span(
                f"{text[begin:end]} kl. {_clock_words(time_text)}", zone=self.zone, zone_basis=self.basis
            )
            if joined is not None:
                return joined
        return spoken_span(text[begin:end], zone=self.zone, zone_basis=self.basis)

    # -- events -------------------------------------------------------------------------------------------

    def events(self) -> list[dict[str, Any]]:
        """All events; every byte of every piece is booked."""
        meeting, source = self.meeting, self.source
        if meeting.date is None:
            source.issue(
                "RCA160",
                Severity.WARNING,
                "The minutes state no date of the meeting; their events stay undated, in order",
                place="L1",
                hint="Is the date on a covering page? Add it as a line: Datum: 2024-11-12.",
            )
        elif self.basis is Basis.ZONE_ASSUMED:
            self.assumption = source.assume(
                "zone",
                f"the dates of the minutes are read as {self.zone}",
                rests_on="minutes state no zone",
                alternatives=("another zone, given with zone=… or in the register",),
            )
        section, item, refs = "", "", []  # type: str, str, list[str]
        has_meeting = False
        for piece in self.pieces:
            meaning, rest = _label(piece.text)
            rest = rest if meaning else ""
            paragraph = _SECTION.match(piece.text)
            if paragraph or (piece.is_heading and not meaning):
                section = ""
                number, title = (
                    (paragraph[1], paragraph[2]) if paragraph else ("", _HEADING.sub(r"\1", piece.text))
                )
                refs = ([f"§ {number}"] if number else []) + _DNR.findall(piece.text)
                if not has_meeting:
                    self._event(
                        piece, "minutes.meeting", meeting.title or _plain(title), refs=refs, whole=True
                    )
                    has_meeting = True
                if paragraph or (has_meeting and _plain(title) != meeting.title):
                    item = self._event(piece, "minutes.item", _plain(title) or f"§ {number}", refs=refs)
                continue
            if meaning:
                section = meaning
            if not meaning and not section and not has_meeting and not rest:
                self._event(piece, "minutes.meeting", _plain(piece.text), refs=refs, whole=True)
                has_meeting = True
                continue
            self._take(piece, section, rest if meaning else piece.text, item, refs, has_label=bool(meaning))
            if rest or meaning in (
                "date",
                "time",
                "place",
                "place_time",
                "chair",
                "secretary",
                "approver",
                "reference",
            ):
                section = ""  # a label with words on its own line labels no more than these
        if not has_meeting and self.pieces:
            first = self.pieces[0]
            self._event(first, "minutes.meeting", meeting.title or "meeting", refs=[], whole=True)
        self.rows.sort(key=lambda row: (row["byte_start"], row["event_id"]))
        return self.rows

    def _take(
        self, piece: _Piece, section: str, text: str, item: str, refs: list[str], *, has_label: bool
    ) -> None:
        text = _plain(_BULLET.sub(r"\1", text) if not has_label else text)
        if section in ("present", "absent"):
            names = _names(text, piece)
            for name in names:
                self._event(piece, f"minutes.{section}", name, actor=name, refs=[])
            if names:
                return
        elif section in ("approved", "published") and text:
            hits = find_dates(text, zone=self.zone, zone_basis=self.basis)
            if hits:
                self._event(piece, "minutes.approved", f"{section}: {text}", refs=refs, moment=hits[0][2])
                return
        elif section == "decision" and text:
            kind = "minutes.statement" if _NO_DECISION.search(text) else "minutes.decision"
            self._event(piece, kind, text, refs=refs, parent=item)
            return
        elif section == "action" and text:
            self._action(piece, text, item, refs)
            return
        elif section == "" and text and not has_label:
            self._event(piece, "minutes.statement", text, refs=refs, parent=item, kind_of_time=TimeKind.SAID)
            return
        self.source.structure_bytes(piece.start, piece.length)

    def _action(self, piece: _Piece, text: str, item: str, refs: list[str]) -> None:
        owner = _OWNER.search(text)
        due = None
        for found in _DUE.finditer(text):
            hits = find_dates(text[found.end() : found.end() + 60], zone=self.zone, zone_basis=self.basis)
            if hits and hits[0][0] <= 2:
                due = hits[0][2]
                break
        named = {"owner": owner[1].strip() if owner else None, "due": due.text if due else None}
        event = self._event(piece, "minutes.action", text, refs=refs, parent=item, fields=named)
        if due is not None:
            self._event(
                piece,
                "minutes.action",
                f"due: {text}",
                refs=refs,
                parent=event,
                moment=due,
                kind_of_time=TimeKind.DUE,
            )

    def _event(
        self,
        piece: _Piece,
        kind: str,
        message: str,
        *,
        refs: list[str],
        actor: str | None = None,
        parent: str = "",
        moment: Moment | None = None,
        kind_of_time: TimeKind = TimeKind.OCCURRED,
        whole: bool = False,
        fields: dict[str, Any] | None = None,
    ) -> str:
        source, meeting = self.source, self.meeting
        index = self.counts.get(piece.start, 0)
        self.counts[piece.start] = index + 1
        name = event_id(source.stream_key, piece.start, index)
        lines = f"L{piece.line}" if piece.line == piece.last_line else f"L{piece.line}-{piece.last_line}"
        spoken = meeting.date
        at = moment or self._clock_in(message) or (spoken.start if spoken else None)
        row: dict[str, Any] = {
            "event_id": name,
            "record_id": self.record_id,
            "time_basis": Basis.UNDATED.value,
            "source_kind": SourceKind.MINUTES.value,
            "kind": kind,
            "message": message,
            "actor": actor,
            "audience": meeting.present or None,
            "channel": meeting.title or None,
            "unit": meeting.place or None,
            "parent": parent or None,
            "refs": refs or None,
            "attributes": attributes(fields or {}),
            "reliability": source.declared.reliability or None,
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(lines),
            "byte_start": piece.start,
            "byte_length": piece.length,
            "line": piece.line,
            "reader": MinutesReader.name,
            "reader_version": MinutesReader.version,
        }
        if at is not None:
            row["time"], row["time_earliest"], row["time_latest"] = at.earliest, at.earliest, at.latest
            if at is (spoken.start if spoken else None) and not whole and spoken and spoken.end:
                row["time_latest"] = max(at.latest, spoken.end.latest)
            row["time_precision"], row["time_basis"] = at.precision.value, at.basis.value
            row["time_kind"], row["time_text"] = kind_of_time.value, at.text
            row["assumptions"] = [self.assumption] if self.assumption else None
            if whole and spoken and spoken.end:
                row["time_end"] = spoken.end.earliest
        if meeting.public is not None and kind_of_time is not TimeKind.DUE:
            row["known_time"], row["known_basis"] = meeting.public.latest, "stated"
        self.rows.append(row)
        source.event_bytes(piece.start, piece.length)
        return name

    def _clock_in(self, message: str) -> Moment | None:
        """The time of day that a statement begins with, on the day of the meeting."""
        found = _CLOCK.match(message)
        if not found or self.meeting.date is None:
            return None
        dates = find_dates(self.meeting.date.start.text, zone=self.zone, zone_basis=self.basis)
        if not dates:
            return None
        day = re.split(r"\s*,?\s*(?:kl\.?|klockan|at)?\s*\d{1,2}[.:]\d{2}", self.meeting.date.start.text)[0]
        span = spoken_span(f"{day} kl. {found[1]}", zone=self.zone, zone_basis=self.basis)
        return span.start if span else None


def _plain(text: str) -> str:
    """Text without Markdown's marks of emphasis and links."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"(?<![\wåäö])[*_]{1,3}|[*_]{1,3}(?![\wåäö])|`", "", text).strip()


def _clock_words(text: str) -> str:
    return re.sub(r"^(?:kl\.?|klockan|at)\s*", "", _plain(text), flags=re.IGNORECASE)


def _names(text: str, piece: _Piece) -> list[str]:
    """The people in a list of those present: one a bullet, or separated by commas and semicolons."""
    text = _plain(_BULLET.sub(r"\1", text))
    if not text:
        return []
    parts = [text] if piece.is_bullet and ";" not in text else re.split(r"\s*[;,]\s*|\s+(?:och|and)\s+", text)
    return [part.strip(" .") for part in parts if part.strip(" .")]
