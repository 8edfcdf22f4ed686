"""Captions and transcripts with cues (WebVTT, SubRip, .sbv): one event for each speaker's turn in a cue.

The decision hidden here: what a cue tells. Each cue is a record; who speaks is as marked in the cue, or carried from the
cue before, and then marked so and an assumption; offsets become times only where something says when the recording
began. Words that nobody is named for are captions.

References:
    WebVTT (W3C); Microsoft Graph, callTranscript; Zoom support, "Using audio transcription for cloud recordings"; Google,
    "Supported subtitle and closed caption files".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary
from rca.moments.moment import TimeKind
from rca.reading.meetings.clock import CODE, Clock, find_clock, locator_of, offset_text
from rca.reading.meetings.cues import Cue, CueForm, Head, cue_form, read_cues
from rca.reading.meetings.labels import is_interview
from rca.reading.meetings.voices import Turn, Voices, turns_of
from rca.reading.source import Sample, Source
from rca.reading.telling import Teller
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CaptionsReader"]

_MANY = 100
_PAUSE = 10 * 10**9
_HEADS = 200


class CaptionsReader:
    """Reads cue files: who said what at which offset, in file order."""

    name = "captions"
    version = "1"
    title = "captions and transcripts with cues: WebVTT (Teams, Zoom, Webex, YouTube), SubRip, .sbv"
    suffixes = (".vtt", ".srt", ".sbv")

    def score(self, sample: Sample) -> float:
        """0.98 for a file of cues that is no interview, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        text = sample.text.lstrip("\ufeff")
        return 0.98 if cue_form(text) is not None and not is_interview(text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The turns of all cues."""
        form = cue_form(source.sample.text.lstrip("\ufeff")) or CueForm.VTT
        voices = Voices()
        heads: list[str] = []
        for part in read_cues(source, form, is_booked=False):
            if isinstance(part, Cue):
                voices.count(part)
            elif len(heads) < _HEADS:
                heads.extend(part.lines[:_HEADS])
        teller = Teller(source, self, source_kind=SourceKind.MEETING, code=CODE)
        told = _Captions(source, teller, voices, heads, is_chat=form is CueForm.SBV and voices.is_chat)
        for part in read_cues(source, form):
            if not isinstance(part, Head):
                told.tell(part)
                yield from teller.batches()
        told.close()
        yield from teller.rest()


class _Captions:
    """The cues of one file on their way to events."""

    def __init__(
        self, source: Source, teller: Teller, voices: Voices, heads: list[str], *, is_chat: bool
    ) -> None:
        self.source, self.teller, self.voices, self.heads = source, teller, voices, heads
        self.encoding = plain_encoding(source)
        self.key = source.stream_key[:12]
        self.last: tuple[str, int] | None = None
        self.carried = ""
        self.named = 0
        self.faults = 0
        self.written = ""
        if is_chat:
            self.written = source.assume(
                "reading",
                "what the cues hold was written in the chat of the meeting",
                rests_on="all cues of a .sbv file have a name, as in the chats that Google Meet saves",
                alternatives=("captions of what was said",),
            )

    @cached_property
    def clock(self) -> Clock:
        """When the recording began; asked for only where a cue does not state its time itself."""
        return find_clock(self.source, self.heads)

    def tell(self, cue: Cue) -> None:
        """The events of a cue."""
        locator = locator_of(cue.start.value) if cue.start else f"L{cue.timing.number}"
        for fault in cue.faults:
            self._note(cue, locator, fault)
        turns = turns_of(cue, self.voices)
        for number, turn in enumerate(turns, start=1):
            self._tell_turn(cue, turn, locator, (number, len(turns)))
        if cue.start is None:
            self.last = None

    def _tell_turn(self, cue: Cue, turn: Turn, locator: str, which: tuple[int, int]) -> None:
        number, count = which
        place = cue.place(locator)
        if count > 1:
            place = cue.place_of(turn.begin, turn.end, locator, self.encoding)
        speaker, origin, reasons = (
            turn.speaker,
            "explicit" if turn.speaker else "",
            [],
        )
        if not speaker and not turn.is_change and turn.text:
            speaker = self._carry(cue)
            origin = "carried" if speaker else ""
            if speaker:
                reasons.append(self.carried)
        self.named += bool(turn.speaker)
        self.last = (speaker, (cue.end or cue.start).value) if speaker and cue.start else None
        moment = None if turn.stamps[0] else self.clock.at(cue.start, cue.start_text)
        if self.written:
            reasons.append(self.written)
        if moment is not None:
            reasons.extend(self.clock.assumptions)
        end = self.clock.instant(cue.end) if moment is not None else None
        if end is not None and moment is not None and end < moment.earliest:
            end = None
        self.teller.tell(
            "meeting.chat" if self.written else "meeting.utterance" if speaker else "meeting.caption",
            turn.text or "(no words)",
            place,
            stamp=turn.stamps[0],
            end=turn.stamps[1],
            moment=moment,
            time_kind=TimeKind.SENT if self.written else TimeKind.SAID,
            time_end=None if self.written else end,
            record=f"cue:{self.key}/{cue.number}",
            actor=speaker,
            assumptions=reasons,
            fields={
                "offset": offset_text(cue.start.value) if cue.start else cue.start_text,
                "offset_end": offset_text(cue.end.value) if cue.end else cue.end_text,
                "cue": cue.name,
                "speaker_source": origin,
                "speaker_mark": turn.mark if turn.speaker else "",
                "language": turn.language,
                "turn": f"{number}/{count}" if count > 1 else "",
            },
        )

    def _carry(self, cue: Cue) -> str:
        """The speaker of the cue before, where the file labels its cues and the words go on without a long pause."""
        voices = self.voices
        is_labelled = not voices.spans and (voices.has_labels or voices.has_brackets)
        if self.last is None or cue.start is None or not is_labelled:
            return ""
        if cue.start.value - self.last[1] > _PAUSE:
            return ""
        if not self.carried:
            self.carried = self.source.assume(
                "speaker",
                "a cue without a speaker goes on with the one of the cue before",
                rests_on="the file names a speaker where the speaker changes",
                alternatives=("another speaker, whom the transcript does not name",),
            )
        return self.last[0]

    def _note(self, cue: Cue, locator: str, fault: str) -> None:
        self.faults += 1
        if self.faults <= _MANY:
            self.source.issue(
                CODE,
                Severity.WARNING,
                f"Cue {cue.number} is malformed: {fault}",
                place=locator,
                hint="What it says is kept; compare it with the recording.",
            )

    def close(self) -> None:
        """Note what the file does not contain."""
        if not self.teller.events:
            self.source.issue(
                CODE,
                Severity.INFO,
                "The file holds no cue",
                hint="Ask its custodian whether that is all of it.",
            )
            return
        if not self.named:
            self.teller.note_absence("who spoke (its cues name no speaker)")
        self.teller.note_absence("attendance (who was present, who joined and left)")
