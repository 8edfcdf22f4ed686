"""Outside records of meetings with counted events: cue files, transcripts, QMSum, a chat.

The counts are those of the manifest: cues ("-->" lines) are records here, since a cue of two speakers gives two events;
turns are utterances. One file of these families is minutes (ELITR, `minutes116_en`: bullets under Date and Attendees) and
belongs to the reader of minutes. The chat has no count in the manifest: it has four lines, each with a time and a name.
"""

import csv

import pytest

from rca.reading import Source
from rca.reading.meetings.captions import CaptionsReader
from rca.reading.meetings.meeting_chat import MeetingChatReader
from rca.reading.meetings.transcript_json import TranscriptJsonReader
from rca.reading.meetings.transcripts import TranscriptReader

READERS = {
    "webvtt": (CaptionsReader(), None),
    "srt": (CaptionsReader(), None),
    "elitr-transcript": (TranscriptReader(), "meeting.utterance"),
    "qmsum-json": (TranscriptJsonReader(), None),
    "chat_other": (MeetingChatReader(), "meeting.chat"),
}
COUNTED_HERE = {"chat_other": 4}


def test_every_outside_meeting_has_the_records_that_were_counted(shared):
    root = shared / "corpora" / "records"
    if not (root / "vtt").is_dir():
        pytest.skip("outside records of meetings are not here")
    seen = 0
    for entry in csv.DictReader((root / "manifest.csv").open(newline="", encoding="utf-8")):
        if entry["format"] not in READERS:
            continue
        reader, kind = READERS[entry["format"]]
        source = Source.of_bytes((root / entry["file"]).read_bytes(), name=entry["file"])
        assert reader.score(source.sample) == pytest.approx(0.98), entry["file"]
        rows = [row for b in reader.read(source) for row in b.to_pylist()]
        expected = int(entry["expected_events"] or COUNTED_HERE[entry["format"]])
        assert len({row["record_id"] for row in rows if kind in (None, row["kind"])}) == expected, entry[
            "file"
        ]
        assert {row["time"] for row in rows} == {None}, entry["file"]
        books = source.ledger.close(source.size)
        assert books.balanced, entry["file"]
        assert books.unparsed == 0, entry["file"]
        seen += 1
    assert seen >= 16


def test_the_speakers_of_a_file_that_labels_its_cues_are_all_explicit(shared):
    path = shared / "corpora" / "records" / "vtt" / "wayes-btye_meeting-intelligence__sample.vtt"
    if not path.is_file():
        pytest.skip("outside records of meetings are not here")
    source = Source.of_bytes(path.read_bytes())
    rows = [row for b in CaptionsReader().read(source) for row in b.to_pylist()]
    assert len(rows) == 8
    assert all(row["kind"] == "meeting.utterance" and row["actor"] for row in rows)
    assert not source.ledger.close(source.size).unparsed
