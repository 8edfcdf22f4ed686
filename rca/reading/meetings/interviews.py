"""Interviews as notes or transcripts: that one was held, what was stated, when the interviewee approved it.

The decision hidden here: what an interview is evidence of. Each paragraph is a statement: said at the time of the
interview, about the time that it names, a quotation where it is in quotation marks, else a paraphrase. One interview is
one group of independence; interviewees who conferred share one. A restricted interview tells the role, never the person.

References:
    RECORDS.md of this project, section 3; the labels are those of `rca.reading.meetings.labels`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.moments.instants import format_instant
from rca.moments.moment import Basis, Moment, Precision, TimeKind
from rca.moments.spoken import find_dates, spoken_span
from rca.reading.meetings.clock import CODE, Clock, find_clock, locator_of, offset_text
from rca.reading.meetings.cues import Cue, Head, cue_form, read_cues
from rca.reading.meetings.heads import find_head_date
from rca.reading.meetings.interview_head import Interview, is_refused, read_head
from rca.reading.meetings.labels import is_interview
from rca.reading.meetings.names import split_label
from rca.reading.meetings.notes import Note, Notes, open_notes
from rca.reading.meetings.passages import CHANGES, peek
from rca.reading.meetings.voices import Voices, turns_of
from rca.reading.source import Sample, Source
from rca.reading.telling import Place, Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["InterviewReader"]

_QUOTED = re.compile(
    r"“[^“”]{2,4000}”|”[^“”]{2,4000}”|«[^«»]{2,4000}»|»[^«»]{2,4000}«|\"[^\"]{2,4000}\"|„[^„“”]{2,4000}[“”]"
)
_ASKS = re.compile(
    r"(?:fråga|intervjuare|interviewer|utredare|i|q|f|question|spørsmål|spørgsmål|frage|haastattelija|int)",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:svar|answer|a|s|r|ip|respondent|intervjuperson(?:en)?|intervjuad|informant|interviewee|antwort|vastaus|haastateltava)",
    re.IGNORECASE,
)


class InterviewReader:
    """Reads interviews by the labels in their head: statements, when they were made and what time they are about."""

    name = "interview"
    version = "1"
    title = "interviews: notes and transcripts with role, date, interviewer and approval, Swedish and English"
    suffixes = (".md", ".docx", ".txt", ".vtt")

    def score(self, sample: Sample) -> float:
        """0.98 for a text, document or cue file that begins with the labels of an interview, else 0."""
        lines = peek(sample)
        return 0.98 if lines and is_interview(lines) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The interviews of the stream, in order."""
        teller = Teller(source, self, source_kind=SourceKind.MEETING, code=CODE)
        form = cue_form(source.sample.text.lstrip("\ufeff"))
        told = _Interviews(source, teller)
        if form is not None:
            heads = [part for part in read_cues(source, form, is_booked=False) if isinstance(part, Head)]
            voices = Voices()
            for part in read_cues(source, form, is_booked=False):
                if isinstance(part, Cue):
                    voices.count(part)
            told.begin_cues([line for head in heads for line in head.lines])
            for cue in read_cues(source, form):
                if isinstance(cue, Cue):
                    told.take_cue(cue, voices)
                    yield from teller.batches()
        else:
            notes = open_notes(source)
            for note in notes.items:
                told.take(notes, note)
                yield from teller.batches()
            told.take_changes(notes)
            notes.close()
        told.close()
        yield from teller.rest()


class _Interviews:
    """The interviews of one stream on their way to events."""

    def __init__(self, source: Source, teller: Teller) -> None:
        self.source, self.teller = source, teller
        self.one: Interview | None = None
        self.count = 0
        self.zone_reason: tuple[str, ...] = ()
        self.is_open = False
        self.statements = 0

    # -- the head -----------------------------------------------------------------------------------------

    def take(self, notes: Notes, note: Note) -> None:
        """A paragraph, item, row or heading."""
        if self.one is None or (notes.begins_interview(note) and self.is_open):
            self.one = self._head(notes.head_from(note))
            self.is_open = False
        one = self.one
        meaning, value = note.label
        if meaning == "approved":
            self._hold(one, note.place, notes, None)
            self._approve(one, note, value, notes)
            return
        if not self.is_open and (meaning or note.is_heading or note.number in notes.titles):
            if meaning == "interviewer" or (meaning and not one.held):
                self._hold(one, note.place, notes, note)
            notes.as_structure(note)
            if note.is_heading and not meaning and note.number not in notes.titles:
                one.topic = note.text
            return
        if note.is_heading:
            one.topic = note.text
            notes.as_structure(note)
            return
        if meaning in ("handling", "conferred", "interview", "interviewer") and len(value) <= 300:
            notes.as_structure(note)
            return
        self.is_open = True
        self._hold(one, note.place, notes, None)
        self._state(one, note, notes)

    def _head(self, lines: list[str]) -> Interview:
        self.count += 1
        one = read_head(lines, key=self.source.stream_key[:12], number=self.count)
        self._date(one)
        return one

    def _date(self, one: Interview) -> None:
        """When the interview was held, from its labels or its title."""
        zone, basis = self.source.zone, self.source.zone_basis
        text = one.head.get("date", "")
        time = one.head.get("time", "")
        clock = re.search(r"\d{1,2}[.:]\d{2}", time)
        for candidate in ([f"{text} kl. {time[clock.start() :]}"] if clock and text else []) + [
            text,
            one.title,
        ]:
            span = spoken_span(candidate, zone=zone, zone_basis=basis) if candidate else None
            if span is not None and not re.search(r"\d\s*[ap]\.?m\b", candidate, re.IGNORECASE):
                one.clock, one.end = Clock(span.start, self._zone_assumed()), span.end
                return
            found = find_head_date(candidate, zone=zone, zone_basis=basis) if candidate else None
            if found is not None:
                one.clock = Clock(found.moment, () if found.has_offset else self._zone_assumed())
                return
        self.source.issue(
            CODE,
            Severity.WARNING,
            "The interview states no date that can be read; its statements stay undated, in order",
            place="L1",
            hint="Add it to the head as a line: Datum: 2024-11-20.",
        )

    def _zone_assumed(self) -> tuple[str, ...]:
        if self.source.zone_basis is Basis.ZONE_ASSUMED and not self.zone_reason:
            self.zone_reason = (
                self.source.assume(
                    "zone",
                    f"the dates of the interview are read as {self.source.zone}",
                    rests_on="interviews state no zone",
                    alternatives=("another zone, given with zone=… or in the register",),
                ),
            )
        return self.zone_reason

    # -- events -------------------------------------------------------------------------------------------

    def _fields(self, one: Interview) -> dict[str, str]:
        others = one.head.get("conferred", "")
        return {
            "group": one.group(),
            "handling": one.head.get("handling", ""),
            "interview": one.head.get("interview", ""),
            "conferred_with": "" if one.is_restricted else others,
            "conferred": "true" if others and one.group() != one.record else "",
        }

    def _hold(self, one: Interview, place: Place, notes: Notes | None, note: Note | None) -> None:
        """The event that the interview was held, once."""
        if one.held:
            return
        start = one.clock.start
        role = one.head.get("role", "")
        words = (
            [f"Interview: {one.actor}"]
            if role or one.is_restricted
            else [one.title or f"Interview: {one.actor}"]
        )
        if one.head.get("interviewer"):
            words.append(f"by {one.head['interviewer']}")
        one.held = self.teller.tell(
            "interview.held",
            one.scrubbed(", ".join(words)),
            place,
            moment=start,
            time_kind=TimeKind.STARTED if start and _is_fine(start) else TimeKind.OCCURRED,
            time_end=one.end.earliest
            if one.end is not None and start and one.end.earliest >= start.earliest
            else None,
            record=one.record,
            actor=one.head.get("interviewer", ""),
            subject=one.actor,
            unit=one.head.get("unit", ""),
            audience=[one.actor],
            assumptions=one.clock.assumptions,
            fields={**self._fields(one), "place": one.head.get("place", ""), "role": role},
        )
        if notes is not None and note is not None:
            notes.as_event(note)

    def _approve(self, one: Interview, note: Note, value: str, notes: Notes) -> None:
        if is_refused(value):
            self.source.issue(
                CODE,
                Severity.INFO,
                "The interviewee has not approved the notes, as they say",
                place=note.place.locator,
                hint="Ask the interviewer; without approval it is the interviewer's account.",
            )
            notes.as_structure(note)
            return
        found = find_dates(value, zone=self.source.zone, zone_basis=self.source.zone_basis)
        moment = found[0][2] if found else None
        if moment is None:
            other = find_head_date(value, zone=self.source.zone, zone_basis=self.source.zone_basis)
            moment = other.moment if other else None
        notes.as_event(note)
        self.teller.tell(
            "interview.approved",
            f"The interviewee ({one.actor}) approved the notes: {one.scrubbed(value)}",
            note.place,
            moment=moment,
            record=one.record,
            actor=one.actor,
            parent=one.held,
            assumptions=self._zone_assumed() if moment else (),
            fields=self._fields(one),
        )

    def _state(self, one: Interview, note: Note, notes: Notes) -> None:
        notes.as_event(note)
        text, speaker = note.text, ""
        label = split_label(text, is_strict=False) or _short_label(text)
        is_turn = False
        if note.is_question:
            speaker = "interviewer"
        if (
            label
            and label[1]
            and (_ASKS.fullmatch(label[0]) or _same(label[0], one.head.get("interviewer", "")))
        ):
            speaker, text, is_turn = "interviewer", label[1], True
        elif (
            label
            and label[1]
            and (
                _ANSWERS.fullmatch(label[0])
                or _same(label[0], one.head.get("role", ""))
                or _same(label[0], one.head.get("interviewee", ""))
            )
        ):
            text, is_turn = label[1], True
        self._tell_statement(
            one, text, note.place, speaker=speaker, is_quote=note.is_quote or (is_turn and one.is_verbatim)
        )

    def _tell_statement(
        self,
        one: Interview,
        text: str,
        place: Place,
        *,
        speaker: str = "",
        is_quote: bool = False,
        moment: Moment | None = None,
        more: dict[str, str] | None = None,
    ) -> None:
        if speaker == "interviewer":
            self.teller.tell(
                "interview.question", one.scrubbed(text), place, moment=moment or self._said(one),
                time_kind=TimeKind.SAID, record=one.record, actor=one.head.get("interviewer", "interviewer"),
                parent=one.held, audience=[one.actor], assumptions=one.clock.assumptions,
                fields={"group": one.group(), **(more or {})},
            )  # fmt: skip
            return
        quotes = [found[0] for found in _QUOTED.finditer(text)]
        letters = len(re.sub(r"\W", "", text))
        quoted = len(re.sub(r"\W", "", "".join(quotes)))
        is_quotation = is_quote or (letters > 0 and quoted * 2 >= letters)
        plain = text.strip()
        if is_quotation and len(quotes) == 1 and quotes[0] == plain.rstrip(".,"):
            plain = quotes[0][1:-1]
        self.statements += 1
        interviewer = one.head.get("interviewer", "")
        self.teller.tell(
            "interview.statement",
            one.scrubbed(plain),
            place,
            moment=moment or self._said(one),
            time_kind=TimeKind.SAID,
            record=one.record,
            actor=one.actor,
            parent=one.held,
            unit=one.head.get("unit", ""),
            audience=[interviewer] if interviewer else [],
            assumptions=one.clock.assumptions,
            fields={
                **self._fields(one),
                "form": "quotation" if is_quotation else "paraphrase",
                "quotes": one.scrubbed(" | ".join(quotes)) if quotes and not is_quotation else "",
                "topic": one.scrubbed(one.topic),
                **self._about(text),
                **(more or {}),
            },
        )

    def _said(self, one: Interview) -> Moment | None:
        """When the statements were made: between the start and the end of the interview, else on its day."""
        start = one.clock.start
        if start is None:
            return None
        if one.end is not None and one.end.latest > start.earliest:
            return Moment(
                start.earliest,
                one.end.latest,
                Precision.HOUR,
                start.basis,
                start.text,
                start.zone,
                TimeKind.SAID,
            )
        if start.precision in (Precision.MINUTE, Precision.SECOND, Precision.HOUR):
            during = one.clock.during()
            return (
                Moment(
                    during.earliest,
                    during.latest,
                    Precision.DAY,
                    start.basis,
                    start.text,
                    start.zone,
                    TimeKind.SAID,
                )
                if during
                else None
            )
        return start

    def _about(self, text: str) -> dict[str, str]:
        """What time a statement is about: the first date in it as written, with its bounds in UTC."""
        zone, basis = self.source.zone, self.source.zone_basis
        found = [
            (text[begin:end].strip(), moment)
            for begin, end, moment in find_dates(text, zone=zone, zone_basis=basis)
        ]
        if not found:
            other = find_head_date(text, zone=zone, zone_basis=basis)
            if other is None:
                return {}
            found = [(other.moment.text, other.moment)]
        words, moment = found[0]
        more = "; ".join(words for words, _ in found[1:])
        return {
            "about": words,
            "about_earliest": format_instant(moment.earliest),
            "about_latest": format_instant(moment.latest),
            "about_precision": moment.precision.value,
            "about_more": more,
        }

    # -- cues ---------------------------------------------------------------------------------------------

    def begin_cues(self, lines: list[str]) -> None:
        """The head of an interview that is a cue file: its header and notes."""
        self.one = self._head([re.sub(r"^NOTE\s+", "", line) for line in lines])
        self.one.is_verbatim = True
        if self.source.declared.anchor is not None:
            self.one.clock = find_clock(self.source)
        place = Place("L1", 0, min(self.source.size, 6), 1)
        self._hold(self.one, place, None, None)
        value = self.one.head.get("approved", "")
        if value:
            self._approve(
                self.one, Note(value, place, 0, label=("approved", value)), value, Notes(self.source)
            )

    def take_cue(self, cue: Cue, voices: Voices) -> None:
        """The statements in a cue: all that is not said by the interviewer."""
        one = self.one
        if one is None:
            return
        locator = locator_of(cue.start.value) if cue.start else f"L{cue.timing.number}"
        start = one.clock.start
        has_clock = start is not None and _is_fine(start)
        for turn in turns_of(cue, voices):
            is_asker = bool(_ASKS.fullmatch(turn.speaker)) or _same(
                turn.speaker, one.head.get("interviewer", "")
            )
            moment = one.clock.at(cue.start, cue.start_text) if has_clock else None
            more = {"offset": offset_text(cue.start.value) if cue.start else cue.start_text, "cue": cue.name}
            if turn.speaker and not is_asker and not one.is_restricted:
                more["speaker"] = turn.speaker
            self._tell_statement(
                one, turn.text or "(no words)", cue.place(locator), speaker="interviewer" if is_asker else "",
                is_quote=True, moment=moment, more=more,
            )  # fmt: skip

    def take_changes(self, notes: Notes) -> None:
        """Comments and tracked changes of the document."""
        one = self.one
        for block in notes.changes:
            notes.as_event_block(block)
            author = "" if one is None or one.is_restricted else block.author
            text = one.scrubbed(block.text) if one else block.text
            self.teller.tell(
                CHANGES[block.kind], text, block.place, stamp=block.stamp, actor=author, time_kind=TimeKind.MODIFIED,
                record=one.record if one else "",
            )  # fmt: skip

    def close(self) -> None:
        """Note what the interviews do not contain."""
        if not self.statements:
            self.source.issue(
                CODE,
                Severity.WARNING,
                "The interview holds no statement",
                hint="Is the text in another file?",
            )
        if self.one is not None and "approved" not in self.one.head:
            self.teller.note_absence("the interviewee's approval")


def _is_fine(moment: Moment) -> bool:
    return moment.precision in (Precision.NS, Precision.US, Precision.MS, Precision.SECOND, Precision.MINUTE)


def _same(one: str, other: str) -> bool:
    """Whether two names are the same, or one is the other's first or last word."""
    one, other = one.casefold().strip(), other.casefold().strip()
    return bool(one and other) and (one == other or one in re.split(r"[\s,;]+", other))


def _short_label(text: str) -> tuple[str, str] | None:
    """A label of one or two letters (`I:`, `IP:`)."""
    found = re.match(r"^\s*([A-ZÅÄÖ]{1,3})\s?[:.]\s+(\S.*)$", text, re.DOTALL)
    return (found[1], found[2]) if found else None
