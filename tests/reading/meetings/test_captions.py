"""Cue files become one event for each speaker's turn in a cue; nobody's words end in another's mouth.

What a cue is, is told by the WebVTT specification (W3C) and by the products that write cues.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.evidence.locators import parse_citation
from rca.moments.instants import parse_instant
from rca.reading import Declared, Source
from rca.reading.meetings.captions import CaptionsReader

READER = CaptionsReader()


def read(data, *, name="memory", **declared):
    data = data if isinstance(data, bytes) else data.encode()
    source = Source.of_bytes(data, name=name, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    for row in rows:
        place = row["locator"]
        assert str(parse_citation(f"E1:{place}")) == f"E1:{place}"
    return rows, source


def score(data):
    return READER.score(Source.of_bytes(data if isinstance(data, bytes) else data.encode()).sample)


def said(rows):
    return [(row["actor"], row["message"]) for row in rows]


def fields(row):
    return json.loads(row["attributes"])


def vtt(*cues):
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


ONE = "00:00:01.000 --> 00:00:03.000\n"
TWO = "00:00:04.000 --> 00:00:05.500\n"


def test_two_voices_in_a_cue_are_two_utterances_of_their_own_speakers():
    """The golden case: `<v A>Ja<v B>Nej` is A's yes and B's no."""
    data = vtt(ONE + "<v A>Ja<v B>Nej")
    rows, source = read(data)
    assert said(rows) == [("A", "Ja"), ("B", "Nej")]
    assert {row["kind"] for row in rows} == {"meeting.utterance"}
    assert len({row["record_id"] for row in rows}) == 1
    assert len({row["event_id"] for row in rows}) == 2
    raw = [data.encode()[r["byte_start"] : r["byte_start"] + r["byte_length"]].decode() for r in rows]
    assert raw == ["<v A>Ja", "<v B>Nej"]
    assert source.ledger.close(source.size).unparsed == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<v Head nurse>Ja</v>", [("Head nurse", "Ja")]),
        ("<v Head nurse>Ja", [("Head nurse", "Ja")]),
        ("<v.loud Head nurse>Ja</v> <v IT lead>Nej</v>", [("Head nurse", "Ja"), ("IT lead", "Nej")]),
        ("<v Head nurse>Ja</v> eller", [("Head nurse", "Ja"), (None, "eller")]),
        ("nja <v Head nurse>Ja", [(None, "nja"), ("Head nurse", "Ja")]),
        ("<v A &amp; B>5 &lt; 6</v>", [("A & B", "5 < 6")]),
        ("<v>Ja</v>", [(None, "Ja")]),
        ("<v A>Ja <i>men</i>\nsen</v>", [("A", "Ja men sen")]),
        ("<v A>Ja<v B>Nej</v> ja</v>", [("A", "Ja"), ("B", "Nej"), (None, "ja")]),
    ],
)
def test_a_voice_holds_until_it_is_closed_or_another_begins(text, expected):
    assert said(read(vtt(ONE + text))[0]) == expected


def test_words_without_a_voice_are_a_caption_and_the_file_says_that_nobody_is_named():
    rows, source = read(vtt(ONE + "The lists are <00:00:02.000><c.yellow>empty</c>"))
    assert (rows[0]["kind"], rows[0]["actor"], rows[0]["message"]) == (
        "meeting.caption",
        None,
        "The lists are empty",
    )
    assert any("who spoke" in issue.message for issue in source.issues)


def test_labels_are_speakers_where_the_file_labels_its_cues_and_carried_ones_are_marked():
    rows, source = read(
        vtt(
            ONE + "Head nurse: Are we ready? It is 10:30.",
            TWO + "and the lists",
            "00:00:06.000 --> 00:00:07.000\nIT lead: Not yet.",
            "00:01:06.000 --> 00:01:07.000\nafter a long pause",
        )
    )
    assert said(rows) == [
        ("Head nurse", "Are we ready? It is 10:30."),
        ("Head nurse", "and the lists"),
        ("IT lead", "Not yet."),
        (None, "after a long pause"),
    ]
    assert [fields(row).get("speaker_source") for row in rows] == ["explicit", "carried", "explicit", None]
    assert rows[1]["assumptions"]
    assert not rows[0]["assumptions"]
    assert [assumption.kind for assumption in source.assumptions] == ["speaker"]


def test_a_colon_in_captions_without_labels_names_nobody():
    cues = [f"00:00:{n:02}.000 --> 00:00:{n:02}.500\nwords and words" for n in range(8)]
    rows, _ = read(vtt(*cues, "00:00:09.000 --> 00:00:09.500\nRemember: no beds"))
    assert all(row["actor"] is None for row in rows)
    assert rows[-1]["message"] == "Remember: no beds"


def test_two_labels_in_a_cue_are_two_utterances():
    cues = [
        ONE + "Head nurse: Ready?\nIT lead: No.",
        TWO + "IT lead: Soon.",
        "00:00:06.000 --> 00:00:07.000\nHead nurse: When?",
    ]
    assert said(read(vtt(*cues))[0]) == [
        ("Head nurse", "Ready?"),
        ("IT lead", "No."),
        ("IT lead", "Soon."),
        ("Head nurse", "When?"),
    ]


def test_dashes_and_chevrons_change_the_speaker_without_naming_one():
    rows, _ = read(vtt(ONE + "- Is it warm?\n- No."))
    assert said(rows) == [(None, "Is it warm?"), (None, "No.")]
    rows, _ = read(vtt(ONE + ">> NURSE: Is it up?", TWO + ">> No."))
    assert said(rows) == [("NURSE", "Is it up?"), (None, "No.")]


def test_names_in_brackets_and_in_capitals_begin_turns_inside_a_cue():
    cues = [ONE + "(Head Nurse)\nIs it up?", TWO + "(Head Nurse)\nnow?\n(IT Lead)\nNo, wait."]
    assert said(read(vtt(*cues))[0]) == [
        ("Head Nurse", "Is it up?"),
        ("Head Nurse", "now?"),
        ("IT Lead", "No, wait."),
    ]
    cues = [ONE + "[Music]", TWO + "MAN: Hi.\nWOMAN: No.", "00:00:06.000 --> 00:00:07.000\n[laughter] ok"]
    assert said(read(vtt(*cues))[0]) == [
        (None, "[Music]"),
        ("MAN", "Hi."),
        ("WOMAN", "No."),
        (None, "[laughter] ok"),
    ]


def test_webex_names_the_speaker_in_the_identifier():
    rows, _ = read(vtt('1 "Head nurse" (123)\n' + ONE + "We start."))
    assert said(rows) == [("Head nurse", "We start.")]


def test_teams_metadata_states_the_time_of_each_cue():
    cue = {
        "startDateTime": "2024-11-12T04:30:16.246Z",
        "endDateTime": "2024-11-12T04:30:17.726Z",
        "speakerName": "IT lead",
        "spokenText": "It is up.",
        "spokenLanguage": "en-us",
    }
    rows, source = read(vtt(ONE + json.dumps(cue)))
    assert said(rows) == [("IT lead", "It is up.")]
    assert str(rows[0]["time"]) == "2024-11-12 04:30:16.246000+00:00"
    assert (rows[0]["time_basis"], rows[0]["time_kind"]) == ("offset_stated", "said")
    assert not any("undated" in issue.message for issue in source.issues)


# -- time -------------------------------------------------------------------------------------------------------


def test_offsets_without_an_anchor_stay_undated_in_order_and_cite_the_recording():
    rows, source = read(vtt("00:11:09.000 --> 00:11:10.000\nA", "00:11:10.500 --> 00:11:12.000\nB"))
    assert [row["locator"] for row in rows] == ["T00:11:09", "T00:11:10.500"]
    assert [fields(row)["offset"] for row in rows] == ["00:11:09.000", "00:11:10.500"]
    assert {row["time"] for row in rows} == {None}
    assert {row["time_basis"] for row in rows} == {"undated"}
    assert str(parse_citation(f"E3:{rows[1]['locator']}")) == "E3:T00:11:10.500"
    assert any("--anchor" in issue.hint for issue in source.issues)


def test_a_given_anchor_dates_the_cues_as_exactly_as_it_is_given():
    rows, source = read(
        vtt("00:11:09.250 --> 00:11:12.000\n<v A>Ja"), anchor=parse_instant("2024-11-12T09:00:05+01:00")
    )
    row = rows[0]
    assert str(row["time_earliest"]) == "2024-11-12 08:11:14.250000+00:00"
    assert (row["time_latest"] - row["time_earliest"]).total_seconds() == pytest.approx(1.001)
    assert str(row["time_end"]) == "2024-11-12 08:11:17+00:00"
    assert (row["time_basis"], row["time_precision"], row["time_kind"]) == ("relative", "second", "said")
    assert (row["time_text"], row["assumptions"]) == ("00:11:09.250", [source.assumptions[0].id])
    rows, _ = read(vtt(ONE + "<v A>Ja"), anchor=parse_instant("2024-11-12T09:00Z"))
    assert rows[0]["time_precision"] == "minute"


def test_a_name_as_zoom_writes_it_is_an_assumption_in_utc():
    rows, source = read(vtt(ONE + "A: Ja"), name="GMT20240305-090000_Recording.transcript.vtt")
    assert str(rows[0]["time"]) == "2024-03-05 09:00:01+00:00"
    assert [assumption.kind for assumption in source.assumptions] == ["anchor"]
    rows, _ = read(vtt(ONE + "A: Ja"), name="meeting 20240305-090000.vtt")
    assert rows[0]["time"] is None


def test_a_start_in_the_head_is_the_anchor_and_other_dates_are_not():
    head = "WEBVTT\nKind: captions\n\nNOTE\nRecording started: 2024-11-12 09:00\n\n"
    rows, _ = read(head + ONE + "Ja\n", zone="Europe/Stockholm")
    assert str(rows[0]["time_earliest"]) == "2024-11-12 08:00:01+00:00"
    rows, _ = read("WEBVTT\n\nNOTE translated 2024-11-12 09:00\n\n" + ONE + "Ja\n")
    assert rows[0]["time"] is None


# -- the grammar ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_bytes_are_exact_in_every_encoding_and_line_end(newline, encoding):
    text = vtt("5f/12-0\n" + ONE + "<v Överläkare>Ja, på röntgen\nockså<v IT>Nej</v>").replace("\n", newline)
    data = text.encode(encoding)
    assert score(data) == pytest.approx(0.98)
    rows, _ = read(data)
    assert said(rows) == [("Överläkare", "Ja, på röntgen också"), ("IT", "Nej")]
    assert fields(rows[0])["cue"] == "5f/12-0"
    plain = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    raw = [data[r["byte_start"] : r["byte_start"] + r["byte_length"]].decode(plain) for r in rows]
    assert raw == [f"<v Överläkare>Ja, på röntgen{newline}också", "<v IT>Nej</v>"]


def test_notes_styles_regions_and_headers_are_structure():
    data = (
        "WEBVTT - a title\nKind: captions\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
        "STYLE\n::cue { color: red }\n\nREGION\nid:x\n\nNOTE a remark\n\n" + ONE + "Ja\n\nNOTE\nlast\n"
    )
    rows, source = read(data)
    assert said(rows) == [(None, "Ja")]
    books = source.ledger.close(source.size)
    assert books.in_events == len((ONE + "Ja\n").encode())
    assert books.unparsed == 0


def test_hours_may_be_missing_and_commas_and_points_are_both_understood():
    rows, _ = read("1\n01:02,500 --> 01:03.000 position:50%\nJa\n\n2\n100:00:01,5 --> 100:00:02,0\nNej\n")
    assert [fields(row)["offset"] for row in rows] == ["00:01:02.500", "100:00:01.500"]
    assert [row["locator"] for row in rows] == ["T00:01:02.500", "T100:00:01.500"]


def test_a_cue_follows_another_without_a_blank_line():
    rows, _ = read("1\n00:00:01,000 --> 00:00:02,000\nJa\n2\n00:00:03,000 --> 00:00:04,000\nNej\n")
    assert [row["message"] for row in rows] == ["Ja", "Nej"]
    rows, _ = read(vtt(ONE + "Ja\n" + TWO + "Nej"))
    assert [row["message"] for row in rows] == ["Ja", "Nej"]


@pytest.mark.parametrize(
    ("cue", "message"),
    [
        ("00:00:01.000 --> \nJa", "Ja"),
        ("00:00:01.000 --> soon\nJa", "Ja"),
        ("00:99:01.000 --> 00:99:02.000\nJa", "Ja"),
        ("00:00:09.000 --> 00:00:02.000\nJa", "Ja"),
        ("--> 00:00:02.000\nJa", "Ja"),
        ("00:00:01.000 --> 00:00:02.000", "(no words)"),
    ],
)
def test_a_malformed_cue_is_kept_and_said_to_be_so(cue, message):
    rows, source = read(vtt(cue))
    assert [row["message"] for row in rows] == [message]
    faults = [issue for issue in source.issues if "malformed" in issue.message]
    assert bool(faults) == (message == "Ja")


def test_text_after_a_blank_line_is_nobodys():
    rows, source = read(vtt(ONE + "<v A>Ja", "stray words", TWO + "<v B>Nej"))
    assert said(rows) == [("A", "Ja"), (None, "stray words"), ("B", "Nej")]
    assert rows[0]["record_id"] == rows[1]["record_id"]
    assert any("blank line" in issue.message for issue in source.issues)


def test_subrip_markup_is_no_text():
    rows, _ = read(
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<i>Ja</i> <font color=red>nu</font> &amp; x < y\n"
    )
    assert rows[0]["message"] == "Ja nu & x < y"


def test_a_saved_chat_as_sbv_is_chat_by_assumption_and_captions_are_not():
    rows, source = read(
        "0:00:00.599,0:00:04.160\nHead nurse: hello there\n\n0:00:05.000,0:00:06.000\nIT lead: hi\n"
    )
    assert [row["kind"] for row in rows] == ["meeting.chat"] * 2
    assert [assumption.kind for assumption in source.assumptions] == ["reading"]
    rows, _ = read("0:00:00.599,0:00:04.160\nhello there\n")
    assert [row["kind"] for row in rows] == ["meeting.caption"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WEBVTTX\n",
        "a --> b\n",
        "1\n2\n3\n",
        "Title\n\ntext --> text\n",
        "graph LR\n  A --> B\n",
        "1,2\n3,4\n",
    ],
)
def test_what_is_no_cue_file_is_not_claimed(text):
    assert score(text) == 0


SAMPLE = (
    vtt("5f/12-0\n" + ONE + "<v A>Ja<v B>Nej</v>", TWO + "Överläkare: ja\n- nej\n- jo")
    + '\nNOTE x\n\n1\n00:00:06,0 --> 00:00:07\n{"spokenText": "x"}\n\nstray\n'
).encode()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_cut_or_changed_the_books_balance(data):
    cut = data.draw(st.integers(0, len(SAMPLE)))
    at = data.draw(st.integers(0, len(SAMPLE) - 1))
    byte = data.draw(st.integers(0, 255))
    changed = SAMPLE[:at] + bytes([byte]) + SAMPLE[at + 1 :]
    for body in (SAMPLE[:cut], changed, changed.replace(b"\n", b"\r\n")[:cut], SAMPLE[cut:]):
        score(body)
        read(body, anchor=data.draw(st.sampled_from([None, 0, 2**62])))


def test_a_large_file_is_read_in_one_pass_over_its_cues():
    cues = [
        f"{n // 60:02}:{n % 60:02}.000 --> {n // 60:02}:{n % 60:02}.900\n<v S{n % 9}>word {n}"
        for n in range(3000)
    ]
    rows, _ = read(vtt(*cues))
    assert len(rows) == 3000
