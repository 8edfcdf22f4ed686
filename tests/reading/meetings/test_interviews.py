"""Interviews: each statement is said at the interview, about the time that it names, in the role's name.

The labels are Swedish and English; restricted interviews keep the person out of everything that is told.
"""

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.events.kinds import is_kind
from rca.evidence.locators import parse_citation
from rca.reading import Declared, Source
from rca.reading.meetings.captions import CaptionsReader
from rca.reading.meetings.interviews import InterviewReader
from rca.reading.meetings.transcripts import TranscriptReader

READER = InterviewReader()
STOCKHOLM = "Europe/Stockholm"


def read(data, **declared):
    data = data if isinstance(data, bytes) else data.encode()
    source = Source.of_bytes(data, declared=Declared(**{"zone": STOCKHOLM, **declared}))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    for row in rows:
        place = row["locator"]
        assert str(parse_citation(f"E1:{place}")) == f"E1:{place}"
    assert all(is_kind(row["kind"]) for row in rows)
    return rows, source


def score(data, reader=READER):
    return reader.score(Source.of_bytes(data if isinstance(data, bytes) else data.encode()).sample)


def fields(row):
    return json.loads(row["attributes"])


def statements(rows):
    return [row for row in rows if row["kind"] == "interview.statement"]


SWEDISH = """# Intervju 3

Roll: Sjuksköterska på akuten
Datum: 2024-11-20 kl. 13.00–14.00
Intervjuare: Utredare 1
Handling: internal

## Införandet

Den 12 november 2024 kl. 05.30 blev listorna tomma.

”Vi fick aldrig svar från röntgen.”

> Vi hade papper.

- Utbildningen var två timmar.

Godkänd av den intervjuade: 2024-12-01
"""
ENGLISH = """Interview

Role: Nurse in the emergency ward
Date: 20 November 2024, 13:00–14:00
Interviewer: Investigator 1
Handling: internal

On 12 November 2024 at 05:30 the lists were empty.

"We never had an answer from radiology."

> We had paper.

- Training was two hours.

Approved by the interviewee: 1 December 2024
"""


@pytest.mark.parametrize(
    "text",
    [
        SWEDISH,
        ENGLISH,
        SWEDISH.replace("#", "")
        .replace(" Införandet\n\n", "")
        .replace("> ", "”")
        .replace("papper.", "papper.”"),
    ],
)
def test_notes_give_the_interview_its_statements_and_its_approval(text):
    assert score(text) == pytest.approx(0.98)
    rows, _ = read(text)
    assert [row["kind"] for row in rows][:1] == ["interview.held"]
    said = statements(rows)
    assert [fields(row)["form"] for row in said] == ["paraphrase", "quotation", "quotation", "paraphrase"][
        : len(said)
    ]
    assert len(said) == 4
    assert {row["time_kind"] for row in said} == {"said"}
    assert {str(row["time_earliest"]) for row in said} == {"2024-11-20 12:00:00+00:00"}
    assert {str(row["time_latest"]) for row in said} == {"2024-11-20 13:01:00+00:00"}
    assert rows[-1]["kind"] == "interview.approved"
    assert str(rows[-1]["time_earliest"]) == "2024-11-30 23:00:00+00:00"
    assert {row["parent"] for row in said} == {rows[0]["event_id"]}


def test_what_time_a_statement_is_about_is_its_own_and_not_when_it_was_said():
    first, second, *_ = statements(read(SWEDISH)[0])
    about = fields(first)
    assert about["about"] == "Den 12 november 2024 kl. 05.30"
    assert (about["about_earliest"], about["about_latest"]) == (
        "2024-11-12T04:30:00Z",
        "2024-11-12T04:31:00Z",
    )
    assert about["about_precision"] == "minute"
    assert "about" not in fields(second)


def test_the_role_states_and_the_interviewer_is_addressed():
    rows, _ = read(SWEDISH)
    assert {row["actor"] for row in statements(rows)} == {"Sjuksköterska på akuten"}
    assert rows[0]["actor"] == "Utredare 1"
    assert {tuple(row["audience"]) for row in statements(rows)} == {("Utredare 1",)}


@pytest.mark.parametrize("mark", ["restricted", "Sekretess", "personal", "konfidentiell"])
def test_a_restricted_interview_never_tells_the_name(mark):
    text = (
        SWEDISH.replace("# Intervju 3", "# Intervju med Vera Exempelsson")
        .replace("Handling: internal", f"Intervjuad: Vera Exempelsson\nHandling/Sekretess: {mark}")
        .replace("blev listorna tomma", "såg Vera Exempelsson, alltså Exempelsson, tomma listor")
    )
    rows, source = read(text)
    assert len(statements(rows)) == 4
    shown = json.dumps([rows, [issue.message for issue in source.issues]], default=str)
    assert "Exempelsson" not in shown
    assert "Vera" not in shown
    assert fields(statements(rows)[0])["handling"] == mark


def test_one_interview_is_one_group_and_those_who_conferred_share_one():
    rows, _ = read(SWEDISH)
    assert {fields(row)["group"] for row in statements(rows)} == {rows[0]["record_id"]}
    third, _ = read(SWEDISH.replace("Handling: internal", "Samtalade med: intervju 5"))
    fifth, _ = read(
        ENGLISH.replace("Interview\n", "Interview 5\n").replace(
            "Handling: internal", "Conferred with: interview 3"
        )
    )
    assert fields(third[0])["group"] == fields(fifth[0])["group"] != third[0]["record_id"]
    nurse, _ = read(ENGLISH.replace("Handling: internal", "Conferred with: Pharmacist"))
    other, _ = read(
        ENGLISH.replace("Nurse in the emergency ward", "Pharmacist").replace(
            "Handling: internal", "Conferred with: nurse in the emergency ward"
        )
    )
    assert fields(nurse[0])["group"] == fields(other[0])["group"]
    nobody, _ = read(ENGLISH.replace("Handling: internal", "Conferred with: nobody"))
    assert fields(nobody[0])["group"] == nobody[0]["record_id"]


@pytest.mark.parametrize("value", ["nej", "no, pending", "inte ännu", "–", ""])
def test_notes_that_nobody_approved_are_not_approved(value):
    rows, _ = read(SWEDISH.replace("intervjuade: 2024-12-01", f"intervjuade: {value}"))
    assert "interview.approved" not in {row["kind"] for row in rows}


def test_an_approval_without_a_date_is_undated():
    rows, _ = read(SWEDISH.replace("intervjuade: 2024-12-01", "intervjuade: ja"))
    approved = next(row for row in rows if row["kind"] == "interview.approved")
    assert approved["time"] is None


def test_questions_are_the_interviewers_words():
    text = (
        ENGLISH.partition("On 12")[0]
        + 'Investigator 1: Were the lists tested?\n\nA: Two of nine were.\n\nIP: They were "fine", he said to us then.\n'
    )
    rows, _ = read(text)
    assert [(row["kind"], row["message"]) for row in rows[1:]] == [
        ("interview.question", "Were the lists tested?"),
        ("interview.statement", "Two of nine were."),
        ("interview.statement", 'They were "fine", he said to us then.'),
    ]
    assert fields(rows[-1])["form"] == "paraphrase"
    assert fields(rows[-1])["quotes"] == '"fine"'


def test_an_interview_without_a_date_stays_undated_and_says_so():
    rows, source = read(SWEDISH.replace("Datum: 2024-11-20 kl. 13.00–14.00\n", ""))
    assert {row["time"] for row in statements(rows)} == {None}
    assert any("no date" in issue.message for issue in source.issues)


def test_an_interview_with_cues_is_anchored_by_its_head():
    text = (
        "WEBVTT\n\nNOTE\nIntervju\nRoll: Läkare\nDatum: 2024-11-20 13:00\nIntervjuare: Utredare\nGodkänd: 2024-12-01\n\n"
        "00:00:01.000 --> 00:00:03.000\n<v Utredare>Vad hände?</v>\n\n00:00:03.000 --> 00:00:09.000\n<v Läkare>Listorna var tomma.</v>\n"
    )
    assert score(text) == pytest.approx(0.98)
    assert score(text, CaptionsReader()) == 0
    rows, _ = read(text)
    assert [(row["kind"], row["message"]) for row in rows if row["kind"] != "interview.approved"][1:] == [
        ("interview.question", "Vad hände?"),
        ("interview.statement", "Listorna var tomma."),
    ]
    said = statements(rows)[0]
    assert (said["locator"], fields(said)["form"]) == ("T00:00:03", "quotation")
    assert str(said["time_earliest"]) == "2024-11-20 12:00:03+00:00"


def docx(text):
    """The notes as a Word document, the head as a table of two columns."""
    head, _, body = text.partition("\n\n")[2].partition("\n\n")
    run = '<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>'
    rows = "".join(
        "<w:tr>"
        + "".join(f"<w:tc>{run.format(cell.strip())}</w:tc>" for cell in line.split(":", 1))
        + "</w:tr>"
        for line in head.splitlines()
    )
    words = run.format(text.partition("\n")[0].strip("# ")) + f"<w:tbl>{rows}</w:tbl>"
    words += "".join(run.format(part.strip("#>- \n")) for part in body.split("\n\n"))
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        package.writestr("word/document.xml", f"<w:document {space}><w:body>{words}</w:body></w:document>")
    return out.getvalue()


def test_an_interview_in_word_with_its_head_in_a_table_is_the_same():
    data = docx(SWEDISH)
    assert score(data) == pytest.approx(0.98)
    rows, source = read(data)
    said = statements(rows)
    assert "”Vi fick aldrig svar från röntgen.”"[1:-1] in [row["message"] for row in said]
    assert {row["actor"] for row in said} == {"Sjuksköterska på akuten"}
    assert {str(row["time_earliest"]) for row in said} == {"2024-11-20 12:00:00+00:00"}
    assert rows[-1]["kind"] == "interview.approved"
    assert source.unit == "paragraphs"


def test_two_interviews_in_a_document_are_two_groups():
    second = SWEDISH.replace("Intervju 3", "Intervju 4").replace("Sjuksköterska på akuten", "Läkare")
    rows, _ = read(SWEDISH + "\n" + second)
    assert [row["kind"] for row in rows].count("interview.held") == 2
    assert {row["actor"] for row in statements(rows)} == {"Sjuksköterska på akuten", "Läkare"}
    assert len({fields(row)["group"] for row in statements(rows)}) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Date: 2024-11-20\nRole: admin\nName: x\n",
        "# Minutes\n\nDatum: 2024-11-20\nNärvarande: a, b\n\n## Beslut\n\nVi väntar.\n",
        "Interviewer: Were you there?\nNurse: Yes, I was there.\n" * 6,
        "An interview was held with the nurse.\n\nRole models were discussed: many.\n",
        "",
    ],
)
def test_other_texts_are_no_interviews(text):
    assert score(text) == 0


def test_a_transcript_of_a_meeting_is_no_interview_and_an_interview_no_transcript():
    assert score(SWEDISH, TranscriptReader()) == 0
    assert score(ENGLISH, TranscriptReader()) == 0


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_whatever_is_cut_or_changed_the_books_balance(data):
    sample = data.draw(st.sampled_from([SWEDISH.encode(), ENGLISH.encode(), docx(SWEDISH)]))
    cut = data.draw(st.integers(0, len(sample)))
    at = data.draw(st.integers(0, len(sample) - 1))
    changed = sample[:at] + bytes([data.draw(st.integers(0, 255))]) + sample[at + 1 :]
    for body in (sample[:cut], sample[cut:], changed):
        score(body)
        read(body)
