"""Transcripts as JSON: QMSum's meetings, and the segments that speech recognisers and meeting tools write.

The decision hidden here: which lists of objects are turns, by the names of their fields; who speaks, what, and at which
offset. Offsets in whole numbers may be seconds or milliseconds: which of them is told by the fields beside them, and an
assumption.

References:
    QMSum (Zhong et al., NAACL 2021), data format; OpenAI Whisper and WhisperX (segments); AssemblyAI (utterances, in
    milliseconds); Fireflies and Rev (sentences, monologues).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.moments.instants import SECOND
from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.json_records import Value, json_head, read_values
from rca.reading.meetings.clock import CODE, Clock, Offset, find_clock, offset_text, read_offset
from rca.reading.source import Sample, Source
from rca.reading.telling import Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TranscriptJsonReader"]

_LISTS = frozenset(
    (
        "meeting_transcripts",
        "transcripts",
        "transcript",
        "turns",
        "utterances",
        "segments",
        "sentences",
        "dialogue",
    )
)
_WRAPPERS = frozenset(("data", "result", "results", "meeting", "transcription", "output"))
_SPEAKER = (
    "speaker",
    "speaker_name",
    "speakerName",
    "speaker_label",
    "speakerLabel",
    "speakerDisplayName",
    "participant",
)
_TEXT = ("content", "text", "sentence", "utterance", "transcript", "spokenText", "body")
_START = ("start", "start_time", "startTime", "start_timestamp", "begin", "offset", "timestamp")
_END = ("end", "end_time", "endTime", "end_timestamp")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?\d*")


class TranscriptJsonReader:
    """Reads transcripts in JSON: one utterance for each turn, in order."""

    name = "transcript-json"
    version = "1"
    title = "transcripts of meetings in JSON: QMSum, Whisper, segments with speaker and text"
    suffixes = (".json", ".jsonl")

    def score(self, sample: Sample) -> float:
        """0.98 where objects with a speaker and text stand in a list of turns, else 0."""
        values = json_head(sample)
        if not values and sample.text[:1] in "{[\ufeff":
            # a text that is cut in the middle of long words: the last whole object is end enough
            values = json_head(replace(sample, text=sample.text[: sample.text.rfind("}") + 1]))
        return 0.98 if any(_is_transcript(value, 0) for value in values[:3]) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The utterances in file order."""
        teller = Teller(source, self, source_kind=SourceKind.MEETING, code=CODE)
        told = _Turns(source, teller)
        for value in read_values(source, _enter, code=CODE, what="turn of a transcript"):
            told.tell(value)
            yield from teller.batches()
        told.close()
        yield from teller.rest()


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:  # noqa: ARG001
    return key in _LISTS or key in _WRAPPERS


def _is_transcript(value: object, depth: int) -> bool:
    if isinstance(value, list):
        return depth == 0 and len(value) >= 1 and all(_is_turn(one) for one in value[:5])
    found = dict_of(value)
    for key, inner in list(found.items())[:40]:
        if key in _LISTS and any(
            _is_turn(one, is_strict=key != "meeting_transcripts") for one in list_of(inner)[:5]
        ):
            return True
        if key in _WRAPPERS and depth < 3 and _is_transcript(inner, depth + 1):
            return True
    return "meeting_transcripts" in found and isinstance(found["meeting_transcripts"], list)


def _is_turn(value: object, *, is_strict: bool = True) -> bool:
    one = dict_of(value)
    has_text = any(isinstance(one.get(name), str) for name in _TEXT)
    has_speaker = any(name in one for name in _SPEAKER)
    has_times = any(name in one for name in _START) and any(name in one for name in _END)
    return has_text and (has_speaker or (is_strict and has_times))


def _first(value: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        found = value.get(name)
        if isinstance(found, dict):
            found = dig(found, "name") or dig(found, "displayName")
        text = text_of(found).strip()
        if text:
            return text
    return ""


class _Turns:
    """The turns of one stream on their way to events."""

    def __init__(self, source: Source, teller: Teller) -> None:
        self.source, self.teller = source, teller
        self.key = source.stream_key[:12]
        self.clock: Clock | None = None
        self.unit = ""
        self.named = 0

    def tell(self, value: Value) -> None:
        """The event of a turn."""
        one = value.value
        text, speaker = _first(one, _TEXT), _first(one, _SPEAKER)
        start, end = self._offset(one, _START), self._offset(one, _END)
        stamp = "" if start is not None else _first(one, _START)
        if start is not None and self.clock is None:
            self.clock = find_clock(self.source, _heads(value.around), is_loose=False)
        clock = self.clock or Clock()
        moment = clock.at(start, _first(one, _START))
        self.named += bool(speaker)
        if not text and not speaker and start is None:
            return
        reasons = [*clock.assumptions, *([self.unit] if self.unit else [])] if moment is not None else []
        self.teller.tell(
            "meeting.utterance" if speaker else "meeting.caption",
            text or "(no words)",
            value.place(),
            stamp=stamp if re.match(r"\d{4}-\d\d", stamp) else "",
            moment=moment,
            time_kind=TimeKind.SAID,
            time_end=clock.instant(end) if moment is not None else None,
            record=f"turn:{self.key}{value.pointer}",
            actor=speaker,
            assumptions=reasons,
            fields={
                "offset": offset_text(start.value) if start else "",
                "offset_end": offset_text(end.value) if end else "",
                "speaker_source": "explicit" if speaker else "",
                "turn_id": text_of(one.get("id")),
            },
        )

    def _offset(self, one: dict[str, Any], names: tuple[str, ...]) -> Offset | None:
        text = _first(one, names)
        found = read_offset(text)
        if found is not None or not _NUMBER.fullmatch(text):
            return found
        whole, _, fraction = text.partition(".")
        if fraction or not ("confidence" in one and "words" in one):
            unit, factor = "seconds", SECOND
        else:
            unit, factor = "milliseconds", 1_000_000
        if not self.unit:
            self.unit = self.source.assume(
                "format",
                f"numbers as offsets are {unit}",
                rests_on="numbers with decimals, or the fields beside them",
                alternatives=("milliseconds" if unit == "seconds" else "seconds",),
            )
        value = int(whole) * factor + int(fraction[:9].ljust(9, "0") or 0)
        return Offset(value, 1_000_000)

    def close(self) -> None:
        """Note what the transcript does not contain."""
        if not self.teller.events:
            self.source.issue(
                CODE,
                Severity.INFO,
                "The file holds no turn",
                hint="Ask its custodian whether that is all of it.",
            )
            return
        if not self.named:
            self.teller.note_absence("who spoke (its turns name no speaker)")
        if self.clock is None:
            self.teller.note_absence("when anything was said (no date, no offsets)")
        self.teller.note_absence("attendance (who was present, who joined and left)")


def _heads(around: Mapping[str, Any]) -> list[str]:
    """The members before the turns that may say when the recording began, as lines of a head."""
    return [f"{key}: {value}" for key, value in around.items() if isinstance(value, str) and len(value) < 200]
