"""Transcripts as text or documents: Teams, Otter, Google Meet, Zoom, Webex, ELITR, Europarl, and `Name: text`.

The decision hidden here: what the lines of a transcript become. Its head gives title, date and who attended, a turn is an
utterance of the one who is named, lines such as "… joined the meeting" are joins; words before the first turn are context,
and words that a layout gives nobody are captions.

References:
    Microsoft, "View, edit and manage transcripts of Teams meetings"; Google, "Use transcripts with Google Meet"; Otter,
    "Export conversations"; Zoom, "Saving closed captions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.moments.moment import TimeKind
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.meetings.clock import CODE, Clock, find_clock, locator_of, offset_text, read_offset
from rca.reading.meetings.cues import cue_form
from rca.reading.meetings.heads import find_head_date
from rca.reading.meetings.labels import is_interview
from rca.reading.meetings.meeting_chat import begins_message
from rca.reading.meetings.notices import notice_of
from rca.reading.meetings.passages import CHANGES, Passage, Passages, open_passages, peek
from rca.reading.meetings.turns import Layout, Profile, Turn, profile_of, turns_in
from rca.reading.source import Sample, Source
from rca.reading.telling import Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TranscriptReader"]

_ATTENDEES = re.compile(
    r"^\W*(?:attendees|deltagare|deltakere|deltagere|osallistujat|teilnehmer)\W*$", re.IGNORECASE
)
_INVITED = re.compile(
    r"^\W*(?:attendees|deltagare|deltakere|deltagere|osallistujat|teilnehmer)\s*:\s*(?P<names>\S.*)$",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^\W*(?:transcript|transkript\w*|transcription|speakers|summary keywords|summary|notes)\W*$",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"^\W*(?:\d+\s*(?:h|m|s|t|hours?|minutes?|seconds?|tim(?:mar)?|min(?:uter)?|sek(?:under)?|Std|Min|Sek)\.?\s*){1,3}$"
)
_NAME_STAMP = re.compile(r"(20\d{2})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})")
_MOST = 5_000


def _time_of_day(text: str) -> Stamp | None:
    return compile_layout("%H:%M:%S").parse(text)


class TranscriptReader:
    """Reads transcripts of meetings: who said what, in order, at which offset where one is written."""

    name = "transcript"
    version = "1"
    title = "transcripts of meetings as text or documents: Teams, Otter, Meet, Zoom, Webex, Name: text"
    suffixes = (".docx", ".txt")

    def score(self, sample: Sample) -> float:
        """0.98 for a text or document that marks its turns in a known layout, 0.96 for mere `Name: text`, else 0."""
        lines = peek(sample)
        if not lines or is_interview("\n".join(lines)):
            return 0.0
        first = next((line for line in lines if line.strip()), "")
        if begins_message(first) or cue_form(sample.text.lstrip("\ufeff")) is not None:
            return 0.0
        profile = profile_of(lines)
        if profile is None:
            return 0.0
        return 0.96 if profile.layout is Layout.LABEL and not profile.has_marks_of_time else 0.98

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The utterances, joins and leaves, in file order."""
        passages = open_passages(source)
        lines = [passage.text for passage in passages.lines]
        profile = profile_of(lines)
        told = _Transcript(source, self, passages, lines, profile or Profile(Layout.LABEL))
        if profile is None:
            told.take_all()
        for part in turns_in(lines, profile) if profile is not None else ():
            if isinstance(part, int):
                told.take_line(part)
            else:
                told.take_turn(part)
            yield from told.teller.batches()
        told.close()
        yield from told.teller.rest()


class _Transcript:
    """One transcript on its way to events."""

    def __init__(
        self, source: Source, reader: TranscriptReader, passages: Passages, lines: list[str], profile: Profile
    ) -> None:
        self.source, self.passages, self.lines, self.profile = source, passages, lines, profile
        is_of_day = profile.layout is Layout.CAPTION
        self.teller = Teller(
            source,
            reader,
            source_kind=SourceKind.MEETING,
            code=CODE,
            read=_time_of_day if is_of_day else None,
        )
        self.key = source.stream_key[:12]
        self.is_of_day = is_of_day
        self.head = self._head()
        self.title = self._title()
        self.clock = Clock()
        has_offsets = (
            profile.layout not in (Layout.EUROPARL, Layout.MARK, Layout.LABEL) or profile.has_marks_of_time
        )
        self.dated: Clock = Clock()
        heads = [lines[at] for at in self.head]
        if has_offsets and not is_of_day:
            self.clock = find_clock(source, heads, is_loose=True)
        elif source.declared.anchor is not None or any(
            find_head_date(line, zone=source.zone, zone_basis=source.zone_basis) for line in heads[:20]
        ):
            self.dated = find_clock(source, heads, is_loose=True)
        self.is_attendees = False
        self.present = 0
        self.named = 0
        self._check_title()

    def _head(self) -> list[int]:
        found: list[int] = []
        for part in turns_in(self.lines[:400], self.profile):
            if not isinstance(part, int):
                break
            found.append(part)
        return found[:60]

    def _title(self) -> str:
        for at in self.head:
            line = self.lines[at].strip(" #*_\t")
            if notice_of(line) or re.fullmatch(r"<[^<>]*>", line):
                continue
            if not _LENGTH.match(line) and not _HEADING.match(line) and re.search(r"[^\W\d_]{2}", line):
                return line[:200]
        return ""

    def _check_title(self) -> None:
        """Teams writes a local stamp into the title and a date without a zone under it: they may contradict."""
        found, start = _NAME_STAMP.search(self.title or self.source.name), self.clock.start
        if not found or start is None or self.source.declared.anchor is not None:
            return
        plain = "{}-{}-{} {}:{}:{}".format(*found.groups())
        other = find_head_date(plain, zone=self.source.zone, zone_basis=self.source.zone_basis)
        if other is None or abs(other.moment.earliest - start.earliest) < 15 * 60 * 10**9:
            return
        self.source.issue(
            CODE,
            Severity.WARNING,
            f'The title says "{found[0]}" and the head "{start.text}": they are not in the same zone, or not the same start',
            place=self.passages.lines[self.head[0]].place.locator if self.head else "",
            hint="Which of the two is local time? Give zone and --anchor.",
        )

    def take_all(self) -> None:
        """A text in no known layout, which was named a transcript: its lines are words that nobody is named for."""
        self.source.issue(
            CODE,
            Severity.WARNING,
            "No layout of a transcript is known that marks the turns of this text",
            hint="Write each turn as a line: Name: words. Until then its lines are captions.",
        )
        for number, passage in enumerate(self.passages.lines, start=1):
            if not passage.is_blank:
                self.passages.as_event(passage)
                record = f"turn:{self.key}/{number}"
                self.teller.tell(
                    "meeting.caption", passage.text, passage.place, record=record, subject=self.title
                )

    def take_line(self, at: int) -> None:
        """A line that belongs to no turn: a notice, someone in attendance, or context."""
        passage = self.passages.lines[at]
        line = passage.text.strip()
        if self._notice(passage, line):
            return
        listed = _INVITED.match(line)
        if _ATTENDEES.match(line):
            self.is_attendees = True
        elif listed:
            self._attend(passage, listed["names"])
            return
        elif self.is_attendees and not _HEADING.match(line):
            self._attend(passage, line)
            return
        else:
            self.is_attendees = False
        self.passages.as_structure(passage)

    def _attend(self, passage: Passage, names: str) -> None:
        self.passages.as_event(passage)
        for name in re.split(r"\s*[,;]\s*", names.strip(" -*•")):
            if name and self.present < _MOST:
                self.present += 1
                clock = self.clock if self.clock.start else self.dated
                self.teller.tell(
                    "meeting.present",
                    name,
                    passage.place,
                    moment=clock.during(TimeKind.OCCURRED),
                    record=f"meeting:{self.key}",
                    actor=name,
                    subject=self.title,
                    assumptions=clock.assumptions,
                )

    def _notice(self, passage: Passage, line: str, *, after: str = "") -> bool:
        notice = notice_of(line)
        if notice is None:
            return False
        self.passages.as_event(passage)
        clock = self.clock if self.clock.start else self.dated
        is_start = notice.kind == "meeting.started"
        moment = clock.at(read_offset("0:00"), kind=TimeKind.STARTED) if is_start else None
        self.teller.tell(
            notice.kind,
            line,
            passage.place,
            moment=moment,
            record=f"meeting:{self.key}",
            actor=notice.who,
            subject=self.title,
            assumptions=clock.assumptions if moment else (),
            fields={"offset_after": after},
        )
        return True

    def take_turn(self, turn: Turn) -> None:
        """The event of a turn; notices that stand inside it become events of their own."""
        last, notices = self._cut_notices(turn)
        first = self.passages.lines[turn.first]
        end = self.passages.lines[last]
        for passage in self.passages.lines[turn.first : last + 1]:
            if not passage.is_blank:
                self.passages.as_event(passage)
        own = turn.offset is not None and not turn.is_marked and not self.is_of_day
        place = self.passages.span(first, end, locator_of(turn.offset.value) if own and turn.offset else "")
        clock = self.clock if self.clock.start is not None else self.dated
        moment = None
        if turn.offset is None:
            moment = clock.during()
        elif not self.is_of_day:
            moment = clock.at(turn.offset, turn.time, until=turn.until)
        self.named += bool(turn.speaker)
        fields = {
            "offset": "" if self.is_of_day or turn.offset is None else offset_text(turn.offset.value),
            "offset_end": offset_text(stop.value) if (stop := read_offset(turn.end)) else "",
            "offset_until": offset_text(turn.until) if turn.until is not None else "",
            "speaker_source": "explicit" if turn.speaker else "",
            "layout": self.profile.layout.value,
            **turn.fields,
        }
        self.teller.tell(
            "meeting.utterance" if turn.speaker else "meeting.caption",
            turn.text or "(no words)",
            place,
            stamp=turn.time if self.is_of_day else "",
            moment=moment,
            time_kind=TimeKind.SAID,
            time_end=self.clock.instant(read_offset(turn.end)) if moment is not None and turn.end else None,
            record=f"turn:{self.key}/{turn.number}",
            actor=turn.speaker,
            subject=self.title,
            assumptions=clock.assumptions if moment is not None else (),
            fields=fields,
        )
        for passage in notices:
            self._notice(passage, passage.text.strip(), after=str(fields["offset"]))

    def _cut_notices(self, turn: Turn) -> tuple[int, list[Passage]]:
        """Take notices ("… left the meeting") out of the lines under a turn; the number of its last line, and them."""
        notices: list[Passage] = []
        kept: list[str] = []
        last = turn.first
        spoken = turn.parts[:1]
        numbers = [at for at in range(turn.first, turn.last + 1) if self.lines[at].strip()]
        below = numbers[len(numbers) - (len(turn.parts) - 1) :] if len(turn.parts) > 1 else []
        last = max(turn.first, (below[0] - 1) if below else turn.last)
        for at, part in zip(below, turn.parts[1:], strict=False):
            if notice_of(part.strip()):
                notices.append(self.passages.lines[at])
                continue
            kept.append(part)
            last = at
        turn.parts = [*spoken, *kept]
        return last, notices

    def close(self) -> None:
        """Comments and tracked changes, and what the transcript does not contain."""
        for block in self.passages.changes:
            if self.passages.document is not None:
                self.passages.document.as_event(block)
            self.teller.tell(
                CHANGES[block.kind], block.text, block.place, stamp=block.stamp, actor=block.author,
                time_kind=TimeKind.MODIFIED, record=f"meeting:{self.key}",
            )  # fmt: skip
        self.passages.close()
        if not self.named:
            self.teller.note_absence("who spoke (its turns name no speaker)")
        if not self.present:
            self.teller.note_absence("attendance (who was present, who joined and left)")
        has_times = self.clock.start or self.dated.start or self.is_of_day or self.profile.has_marks_of_time
        if not has_times and self.profile.layout in (Layout.EUROPARL, Layout.MARK, Layout.LABEL):
            self.teller.note_absence("when anything was said (no date, no offsets)")
