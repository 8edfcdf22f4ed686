"""Transcripts as text, documents and JSON: each turn is an utterance of the one whom its layout names.

The layouts are those of the products' exports and of the ELITR, Europarl and QMSum corpora, as they are documented.
"""

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.evidence.locators import parse_citation
from rca.reading import Declared, Source
from rca.reading.meetings.transcript_json import TranscriptJsonReader
from rca.reading.meetings.transcripts import TranscriptReader

READER = TranscriptReader()
JSON = TranscriptJsonReader()


def read(data, *, name="memory", reader=READER, **declared):
    data = data if isinstance(data, bytes) else data.encode()
    source = Source.of_bytes(data, name=name, declared=Declared(**declared))
    rows = [row for b in reader.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    for row in rows:
        place = row["locator"]
        assert str(parse_citation(f"E1:{place}")) == f"E1:{place}"
    return rows, source


def score(data, reader=READER):
    return reader.score(Source.of_bytes(data if isinstance(data, bytes) else data.encode()).sample)


def said(rows):
    return [(r["actor"], r["message"]) for r in rows if r["kind"] in ("meeting.utterance", "meeting.caption")]


def fields(row):
    return json.loads(row["attributes"])


def docx(*paragraphs):
    """A Word document as Teams writes it: a line break between the name and the words."""
    body = "".join(
        "<w:p>"
        + "<w:r><w:br/></w:r>".join(
            f'<w:r><w:t xml:space="preserve">{part}</w:t></w:r>' for part in p.split("\n")
        )
        + "</w:p>"
        for p in paragraphs
    )
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        package.writestr("word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>")
    return out.getvalue()


def teams(date="12 November 2024, 04:30am"):
    return docx(
        "Go-live sync-20241112_053000-Meeting Transcript",
        date,
        "32m 10s",
        "IT lead started transcription",
        "Head nurse   0:03\nAre we ready? We meet at 10:30",
        "IT lead   0:09\nNot yet.\nWe wait.",
        "Pharmacist joined the meeting",
        "Head nurse   1:02:03\nFine.",
        "IT lead stopped transcription",
    )


TALK = [
    ("Head nurse", "Are we ready? We meet at 10:30"),
    ("IT lead", "Not yet. We wait."),
    ("Head nurse", "Fine."),
]


def test_a_teams_document_gives_turns_with_offsets_joins_and_the_start():
    data = teams()
    assert score(data) == pytest.approx(0.98)
    rows, source = read(data, zone="UTC")
    assert said(rows) == TALK
    kinds = [row["kind"] for row in rows]
    assert kinds.count("meeting.joined") == 1
    assert (kinds[0], kinds[-1]) == ("meeting.started", "meeting.ended")
    spoken = [row for row in rows if row["kind"] == "meeting.utterance"]
    assert [fields(row)["offset"] for row in spoken] == ["00:00:03.000", "00:00:09.000", "01:02:03.000"]
    assert str(spoken[0]["time_earliest"]) == "2024-11-12 04:30:03+00:00"
    assert (spoken[0]["time_precision"], spoken[0]["time_basis"]) == ("minute", "relative")
    assert source.unit == "paragraphs"


def test_a_stamp_in_the_title_that_contradicts_the_head_is_said():
    _, source = read(teams(), zone="UTC")
    assert any("not in the same zone" in issue.message for issue in source.issues)
    _, source = read(teams("12 November 2024, 05:30"), zone="UTC")
    assert not any("not in the same zone" in issue.message for issue in source.issues)


@pytest.mark.parametrize(
    "date",
    [
        "November 12, 2024, 5:30AM",
        "12 november 2024 05:30",
        "den 12 november 2024 kl. 05.30",
        "tisdag 12 november 2024, 05:30",
        "12. november 2024, 05.30",
        "12. marraskuuta 2024, 5.30",
        "12. November 2024, 05:30 Uhr",
        "2024-11-12 05:30",
        "12.11.2024 05:30",
    ],
)
def test_the_date_of_a_teams_document_is_read_in_six_languages(date):
    rows, _ = read(teams(date), zone="Europe/Stockholm")
    first = next(row for row in rows if row["kind"] == "meeting.utterance")
    assert str(first["time_earliest"]) == "2024-11-12 04:30:03+00:00"


def test_a_date_whose_day_and_month_cannot_be_told_dates_nothing():
    rows, _ = read(teams("11/12/2024 05:30"), zone="UTC")
    assert {row["time"] for row in rows} == {None}


TEXTS = {
    "otter": "Go-live sync\nTue, Nov 12, 2024 9:00AM • 32:10\n\nSUMMARY KEYWORDS\nlists\n\nSPEAKERS\nHead nurse, IT lead\n\n"
    "Head nurse  00:03\nAre we ready? We meet at 10:30\n\nIT lead  00:09\nNot yet.\nWe wait.\n\nHead nurse  1:02:03\nFine.\n\n"
    "Transcribed by https://otter.ai\n",
    "brackets": "Transcript\n\n[00:00:03] Head nurse: Are we ready? We meet at 10:30\n[00:00:09] IT lead: Not yet.\nWe wait.\n"
    "[01:02:03] Head nurse: Fine.\n",
    "after": "Head nurse [00:00:03]: Are we ready? We meet at 10:30\nIT lead [00:00:09]: Not yet.\nWe wait.\n"
    "Head nurse [01:02:03]: Fine.\n",
    "strong": "# Transcript\n\n**Head nurse** (0:03): Are we ready? We meet at 10:30\n\n**IT lead** (0:09): Not yet.\nWe wait.\n\n"
    "**Head nurse** (1:02:03): Fine.\n",
    "stacked": "Head nurse\n00:00:03\nAre we ready? We meet at 10:30\n\nIT lead\n00:00:09\nNot yet.\nWe wait.\n\n"
    "Head nurse\n01:02:03\nFine.\n",
    "arrows": "0:0:3.0 --> 0:0:8.250\nHead nurse\nAre we ready? We meet at 10:30\n\n0:0:9.0 --> 0:0:10.0\nIT lead\nNot yet.\nWe wait.\n\n"
    "1:2:3.0 --> 1:2:4.0\nHead nurse\nFine.\n",
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_text_layouts_with_offsets_name_the_same_speakers(name):
    text = TEXTS[name]
    if name != "arrows":  # a text of arrows alone is a cue file
        assert score(text) == pytest.approx(0.98)
    rows, source = read(text)
    assert said(rows) == TALK
    spoken = [row for row in rows if row["kind"] == "meeting.utterance"]
    assert [row["locator"] for row in spoken] == ["T00:00:03", "T00:00:09", "T01:02:03"]
    assert [fields(row)["speaker_source"] for row in spoken] == ["explicit"] * 3
    raw = text.encode()[spoken[1]["byte_start"] : spoken[1]["byte_start"] + spoken[1]["byte_length"]].decode()
    assert "Not yet." in raw
    assert "We wait." in raw
    assert "Fine" not in raw
    assert source.ledger.close(source.size).unparsed == 0


MEET = (
    "Go-live (2024-11-12 09:00 GMT+1) – Transcript\nAttendees\nHead nurse, IT lead\nTranscript\n"
    "This editable transcript was computer generated and might contain errors.\n\n00:00:00\n \n"
    "Head nurse: Are we ready?\nIT lead: Not yet.\n\n00:05:00\n\nHead nurse: Now?\n\nTranscription ended after 00:07:12\n"
)


def test_marks_of_time_in_google_meet_say_after_what_and_before_what():
    rows, _ = read(MEET)
    assert [row["actor"] for row in rows if row["kind"] == "meeting.present"] == ["Head nurse", "IT lead"]
    spoken = [row for row in rows if row["kind"] == "meeting.utterance"]
    assert said(rows) == [("Head nurse", "Are we ready?"), ("IT lead", "Not yet."), ("Head nurse", "Now?")]
    assert str(spoken[1]["time_earliest"]) == "2024-11-12 08:00:00+00:00"
    assert (spoken[1]["time_latest"] - spoken[1]["time_earliest"]).total_seconds() >= 300
    assert [fields(row)["offset_until"] for row in spoken] == ["00:05:00.000", "00:05:00.000", "00:07:12.000"]
    assert spoken[0]["locator"].startswith("L")


def test_marks_in_brackets_are_the_speakers_of_elitr():
    text = "[PERSON7] Aha, so (now) it is.\nand we record\n[PERSON12] Yeah.\n[PERSON7] Okay, [PERSON12], right.\n"
    assert score(text) == pytest.approx(0.98)
    rows, source = read(text)
    assert said(rows) == [
        ("PERSON7", "Aha, so (now) it is. and we record"),
        ("PERSON12", "Yeah."),
        ("PERSON7", "Okay, [PERSON12], right."),
    ]
    assert {row["time"] for row in rows} == {None}
    assert any("when anything was said" in issue.message for issue in source.issues)
    rows, _ = read("(PERSON1) Ja.\n(PERSON2) Nej.\n(PERSON1) Jo.\n")
    assert said(rows) == [("PERSON1", "Ja."), ("PERSON2", "Nej."), ("PERSON1", "Jo.")]


def test_speaker_tags_are_the_speakers_of_europarl():
    text = '<CHAPTER ID="003">\nA title (debate)\n<SPEAKER ID="7" NAME="Chair" LANGUAGE="FR">\nThe next item.\n<P>\nGo on.\n<SPEAKER ID=8 NAME="Member">\nThanks.\n'
    rows, _ = read(text)
    assert said(rows) == [("Chair", "The next item. Go on."), ("Member", "Thanks.")]
    assert fields(rows[0])["speaker_language"] == "FR"


def test_names_and_colons_are_a_transcript_only_where_speakers_come_back_with_sentences():
    talk = "".join(
        f"Head nurse: The lists are empty again.\nIT lead: We know of it, {n}.\n" for n in range(4)
    )
    assert score(talk) == pytest.approx(0.96)
    rows, _ = read(talk + "Pharmacist: I come late, once.\n")
    assert len(said(rows)) == 9
    assert said(rows)[-1] == ("Pharmacist", "I come late, once.")


def test_a_speaker_who_comes_late_is_never_put_into_the_mouth_of_another():
    talk = "Head nurse: The lists are empty again.\nIT lead: We know of it.\n" * 300
    rows, _ = read(talk + "Pharmacist: No, they are not.\n")
    assert said(rows)[-1] == ("Pharmacist", "No, they are not.")


def test_a_title_that_says_transcript_and_a_date_make_a_short_one_sure_and_said_that_day():
    text = (
        "Möte om införandet – transkript\n12 november 2024 09:00\nDeltagare: Ordförande, IT-chef\n\n"
        "Ordförande: Mötet öppnas.\n\nIT-chef: Systemet är inte testat.\n\nOrdförande: Tack.\nVi går vidare: nästa punkt.\n"
    )
    assert score(text) == pytest.approx(0.96)
    rows, _ = read(text, zone="Europe/Stockholm")
    assert said(rows) == [
        ("Ordförande", "Mötet öppnas."),
        ("IT-chef", "Systemet är inte testat."),
        ("Ordförande", "Tack. Vi går vidare: nästa punkt."),
    ]
    assert [row["actor"] for row in rows if row["kind"] == "meeting.present"] == ["Ordförande", "IT-chef"]
    assert {str(row["time_earliest"]) for row in rows} == {"2024-11-12 08:00:00+00:00"}
    assert {str(row["time_latest"]) for row in rows} == {"2024-11-12 23:00:00+00:00"}
    assert {row["time_precision"] for row in rows} == {"day"}


@pytest.mark.parametrize(
    "text",
    [
        "name: alpha\nid: 4\nname: beta\nid: 5\nname: gamma\nid: 6\n",
        "Host: example.org\nAccept: text/html\nHost: example.org\nAccept: text/html\nHost: x\nAccept: y\n",
        "From: a@example.org\nTo: b@example.org\nSubject: hello you there\nDate: Tue, 12 Nov 2024 09:00:00 +0100\n\nHi.\n",
        "2024-11-12 09:00:01 INFO Server: it started now.\n" * 8,
        "10:00:01 Server: it started now.\n10:00:02 Client: it came.\n" * 8,
        "Anna Test 12:31\nBo Test 12:45\nCia Test 12:59\nDag Test 13:10\n",
        "# Minutes\n\nDate: 2024-11-12\nPresent: nurse, lead\n\n## Decision\n\nWe wait.\n",
        "[INFO] started the server\n[WARN] no disk left here\n[INFO] stopped the server\n",
    ],
)
def test_other_texts_with_colons_and_times_are_not_claimed(text):
    assert score(text) == 0


def test_captions_that_zoom_saves_have_a_time_of_day_and_no_date():
    text = "[Head nurse] 10:03:11\nAre we ready?\n\n[IT lead] 10:03:20\nNot yet.\n"
    rows, _ = read(text)
    assert said(rows) == [("Head nurse", "Are we ready?"), ("IT lead", "Not yet.")]
    assert {row["time"] for row in rows} == {None}
    assert [row["time_text"] for row in rows] == ["10:03:11", "10:03:20"]


def test_a_text_that_is_named_a_transcript_keeps_all_its_words_as_captions():
    rows, source = read("We met.\n\nNothing was ready yet\n")
    assert said(rows) == [(None, "We met."), (None, "Nothing was ready yet")]
    assert any("No layout" in issue.message for issue in source.issues)


# -- JSON -------------------------------------------------------------------------------------------------------


def test_qmsum_gives_one_utterance_for_each_turn_in_order():
    meeting = {
        "topic_list": [{"topic": "x", "relevant_text_span": [["0", "1"]]}],
        "meeting_transcripts": [
            {"speaker": "Head nurse", "content": "Ready?"},
            {"speaker": "IT lead", "content": "No."},
            {"speaker": "", "content": "{vocalsound}"},
        ],
    }
    text = json.dumps(meeting, indent=1)
    assert score(text, JSON) == pytest.approx(0.98)
    rows, source = read(text, reader=JSON)
    assert said(rows) == [("Head nurse", "Ready?"), ("IT lead", "No."), (None, "{vocalsound}")]
    assert [row["locator"] for row in rows] == [f"J/meeting_transcripts/{n}" for n in range(3)]
    assert len({row["record_id"] for row in rows}) == 3
    assert any("when anything was said" in issue.message for issue in source.issues)


def test_a_long_turn_at_the_end_of_the_head_does_not_hide_a_meeting():
    turns = [{"speaker": "Chair", "content": "Well, and so on, and on. " * 40} for _ in range(90)]
    assert score(json.dumps({"meeting_transcripts": turns}), JSON) == pytest.approx(0.98)


def test_segments_of_speech_recognisers_have_offsets():
    text = json.dumps(
        {
            "text": "…",
            "segments": [
                {"id": 0, "start": 0.0, "end": 2.5, "text": " Ready?"},
                {"start": 2.5, "end": 4, "text": "No.", "speaker": "S1"},
            ],
        }
    )
    assert score(text, JSON) == pytest.approx(0.98)
    rows, _ = read(text, reader=JSON, anchor=0)
    assert said(rows) == [(None, "Ready?"), ("S1", "No.")]
    assert [fields(row)["offset"] for row in rows] == ["00:00:00.000", "00:00:02.500"]
    assert str(rows[1]["time"]) == "1970-01-01 00:00:02.500000+00:00"  # the anchor was given as that


@pytest.mark.parametrize(
    "text",
    ['{"speaker": "x", "content": "y"}', '{"segments": [1, null, "a"]}', "[]", '{"data": {"items": []}}'],
)
def test_other_json_is_not_claimed(text):
    assert score(text, JSON) == 0


ALL = [text.encode() for text in TEXTS.values()] + [MEET.encode(), teams()]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_cut_or_changed_the_books_balance(data):
    sample = data.draw(st.sampled_from(ALL))
    cut = data.draw(st.integers(0, len(sample)))
    at = data.draw(st.integers(0, len(sample) - 1))
    changed = sample[:at] + bytes([data.draw(st.integers(0, 255))]) + sample[at + 1 :]
    for body in (sample[:cut], changed):
        score(body)
        read(body, anchor=data.draw(st.sampled_from([None, 10**18])))


WRONG = [None, 7, "x", [], {}, [None], {"speaker": None, "content": None}, {"speaker": ["a"], "text": 5}]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WRONG), max_size=6), st.integers(0, 400))
def test_wrong_types_in_json_end_nothing(turns, cut):
    text = json.dumps({"meeting_transcripts": [{"speaker": "A", "content": "Ja"}, *turns]})
    for body in (text, text[:cut], json.dumps({"meeting_transcripts": turns})):
        score(body, JSON)
        read(body, reader=JSON)
