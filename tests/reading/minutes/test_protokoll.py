"""A Swedish protokoll: items, decisions and their outcomes, votes over a page, attendance by §, three dates.

The sample has what real ones have: a table of contents, `forts.` after a page break, two votes in one §, a § in running text, a
case number with its classification glued on, running heads and feet. Expected by reading it.
"""

import io
import json
import zipfile
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.moments import format_instant
from rca.reading import Declared, Source
from rca.reading.minutes import MinutesReader

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def make_pdf(text):
    """A PDF whose pages are the parts of `text` between form feeds, in Courier."""
    pages = text.split("\f")
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        body = "BT /F1 9 Tf 50 800 Td 11 TL\n"
        for line in page.strip("\n").split("\n"):
            shown = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            body += f"({shown}) Tj T*\n"
        data = (body + "ET").encode("cp1252", "replace")
        resources = "<< /Font << /F1 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources {resources} /Contents {5 + 2 * number} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(data) + data + b"\nendstream")
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, one in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + one + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def make_docx(parts):
    """A Word document of `parts`: a text is a paragraph, `("h1", text)` a heading, a list of rows a table."""
    body = "".join(_part(part) for part in parts)
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
        ' Target="word/document.xml"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", types)
        package.writestr("_rels/.rels", relations)
        package.writestr("word/document.xml", document)
    return out.getvalue()


def _part(part):
    if isinstance(part, list):
        rows = "".join(
            f"<w:tr>{''.join(f'<w:tc>{_text(cell)}</w:tc>' for cell in row)}</w:tr>" for row in part
        )
        return f"<w:tbl>{rows}</w:tbl>"
    if isinstance(part, tuple):
        return _text(part[1], f'<w:pPr><w:pStyle w:val="Heading{part[0][1]}"/></w:pPr>')
    return _text(part)


def _text(text, style=""):
    return f'<w:p>{style}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


READER = MinutesReader()
TEXT = (Path(__file__).parent / "protokoll_sv.txt").read_text(encoding="utf-8")
EVERYBODY = [
    "Ordföranden Ett (S)",
    "Ledamot Två (M)",
    "Ledamot Fyra (V)",
    "Ersättare Fem (S)",
    "Ersättare Sju (C)",
    "Ersättare Åtta (M)",
    "Programchef Nio",
]
DOCX = [
    ("h1", "Sammanträdesprotokoll"),
    [
        ["Organ", "Styrgruppen för journalinförande"],
        ["Sammanträdesdatum", "2024-03-12"],
        ["Plats och tid", "Aulan, kl. 13.00–15.30"],
        ["Paragrafer", "§§ 81-82"],
    ],
    "Beslutande",
    [["Namn", "Roll", "Parti"], ["Ordföranden Ett", "ordförande", "S"], ["Ledamot Två", "ledamot", "M"]],
    "Tjänstgörande ersättare",
    "Ersättare Fem (S) ersätter Ledamot Sex (S) § 82",
    ("h2", "§ 81 Information om kvarvarande fel"),
    "Dnr 00200/2024",
    ("h3", "Beslut"),
    "Styrgruppen lägger informationen till handlingarna.",
    ("h2", "§ 82 Driftstart"),
    ("h3", "Beslut"),
    "Styrgruppen beslutar att godkänna driftstarten.",
    ("h3", "Omröstning"),
    [
        ["Ledamot", "Ja", "Nej", "Avstår"],
        ["Ordföranden Ett (S)", "X", "", ""],
        ["Ledamot Två (M)", "", "X", ""],
        ["Ersättare Fem (S)", "", "", "X"],
    ],
]


def read(data, name="p.txt", zone="Europe/Stockholm"):
    raw = data if isinstance(data, bytes) else data.encode()
    source = Source.of_bytes(raw, name=name, declared=Declared(zone=zone))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    assert len({row["event_id"] for row in rows}) == len(rows)
    return rows, source


def of(rows, kind, section=None):
    found = [row for row in rows if row["kind"] == kind]
    return [row for row in found if section is None or fields(row).get("section") == section]


def fields(row):
    return json.loads(row["attributes"] or "{}")


def when(instant):
    return format_instant(instant.value)


@pytest.fixture(scope="module")
def rows():
    return read(TEXT)[0]


def forms():
    return [pytest.param(TEXT.encode(), "p.txt", id="text"), pytest.param(make_pdf(TEXT), "p.pdf", id="pdf")]


@pytest.mark.parametrize("data, name", forms())
def test_contents_and_page_breaks_double_no_item(data, name):
    found, _ = read(data, name)
    assert [fields(row)["section"] for row in of(found, "minutes.item")] == ["80", "81", "82", "83", "84"]
    assert of(found, "minutes.item")[2]["message"] == (
        "Driftstart av journalsystemet på akutmottagningen och avdelning 12"
    )


@pytest.mark.parametrize("data, name", forms())
def test_a_section_in_running_text_is_a_reference(data, name):
    found, _ = read(data, name)
    (statement,) = of(found, "minutes.statement", "81")
    assert "§ 121" in statement["refs"]
    assert "Då beslutades att felen" in statement["message"]
    assert not of(found, "minutes.decision", "121")


@pytest.mark.parametrize("data, name", forms())
def test_each_decision_has_its_outcome(data, name):
    found, _ = read(data, name)
    outcomes = {fields(row)["section"]: fields(row)["outcome"] for row in of(found, "minutes.decision")}
    assert outcomes == {"80": "elected", "81": "noted", "82": "other", "83": "answered", "84": "tabled"}
    (go,) = of(found, "minutes.decision", "82")
    assert fields(go)["conditional"] == "true"


@pytest.mark.parametrize("data, name", forms())
def test_two_votes_in_one_section_stay_two(data, name):
    found, _ = read(data, name)
    counts = [row for row in of(found, "minutes.vote", "82") if not row["actor"]]
    assert [fields(row)["vote_event"] for row in counts] == ["§ 82 #1", "§ 82 #2"]
    assert [(fields(row)["yes"], fields(row)["no"], fields(row).get("abstain")) for row in counts] == [
        ("4", "1", None),
        ("3", "1", "1"),
    ]
    assert fields(counts[0])["no_means"] == "återremiss"
    assert fields(counts[1])["no_means"] == "avslag"


@pytest.mark.parametrize("data, name", forms())
def test_an_x_is_the_vote_of_its_column_over_the_page_break(data, name):
    found, source = read(data, name)
    ballots = {row["actor"]: fields(row)["option"] for row in of(found, "minutes.vote") if row["actor"]}
    assert ballots == {
        "Ordföranden Ett (S)": "yes",
        "Ledamot Två (M)": "yes",
        "Ledamot Fyra (V)": "no",
        "Ersättare Fem (S)": "yes",
        "Ersättare Sju (C)": "abstain",
    }
    assert not [issue for issue in source.issues if "differs" in issue.message]


@pytest.mark.parametrize("data, name", forms())
def test_attendance_is_that_of_each_section(data, name):
    found, _ = read(data, name)

    def heard(section):
        (item,) = of(found, "minutes.item", section)
        return set(item["audience"])

    assert heard("81") == {*EVERYBODY, "Ledamot Tre (C)"}
    assert heard("82") == {*EVERYBODY, "Systemförvaltare Tio"}
    assert heard("83") == {*EVERYBODY} - {"Ledamot Två (M)"}  # stood aside for bias
    assert heard("84") == {*EVERYBODY} - {"Ersättare Fem (S)"}  # served for §§ 80-83
    (last,) = of(found, "minutes.item", "84")
    assert fields(last)["presence_unknown"] == "Ersättare Fem (S)"


@pytest.mark.parametrize("data, name", forms())
def test_a_substitute_makes_the_replaced_member_absent_for_these_sections(data, name):
    found, _ = read(data, name)
    absent = {row["actor"]: fields(row) for row in of(found, "minutes.absent")}
    assert absent["Ledamot Sex (S)"]["sections"] == "80-83"
    assert absent["Ledamot Tre (C)"]["replaced_by"] == "Ersättare Sju (C)"
    assert absent["Ledamot Elva (L)"].get("sections") is None


@pytest.mark.parametrize("data, name", forms())
def test_the_three_dates_are_kept_apart(data, name):
    found, _ = read(data, name)
    (meeting,) = of(found, "minutes.meeting")
    assert (when(meeting["time"]), when(meeting["time_end"])) == (
        "2024-03-12T12:00:00Z",
        "2024-03-12T14:30:00Z",
    )
    approved = [row for row in of(found, "minutes.approved") if not fields(row).get("immediate")]
    assert [(when(row["time"])[:10], row["time_kind"]) for row in approved] == [
        ("2024-03-18", "scheduled"),
        ("2024-03-18", "occurred"),  # 19 March begins at 23:00 UTC
    ]
    (published,) = of(found, "minutes.published")
    assert when(published["time"]) == "2024-03-19T23:00:00Z"
    assert fields(published)["until"] == "2024-04-11"


@pytest.mark.parametrize("data, name", forms())
def test_the_text_is_known_from_its_verification_and_at_once_where_it_was_verified_at_once(data, name):
    found, _ = read(data, name)
    assert {when(row["known_time"]) for row in of(found, "minutes.decision", "81")} == {
        "2024-03-19T23:00:00Z"
    }
    assert {when(row["known_time"]) for row in of(found, "minutes.decision", "82")} == {
        "2024-03-12T14:31:00Z"
    }


def test_a_case_number_loses_the_classification_glued_to_it(rows):
    assert of(rows, "minutes.item", "80")[0]["refs"] == ["§ 80", "00123/2024"]


def test_motions_dissent_recusal_reference_and_dispatch_are_told(rows):
    assert [row["actor"] for row in of(rows, "minutes.motion", "82")] == [
        "Ledamot Fyra (V)",
        "Ledamot Två (M)",
    ]
    assert [(row["actor"], fields(row)["form"]) for row in of(rows, "minutes.dissent")] == [
        ("Ledamot Fyra (V)", "reservation"),
        ("Ersättare Sju (C)", "special opinion"),
    ]
    (aside,) = of(rows, "minutes.recused")
    assert (aside["actor"], fields(aside)["section"]) == ("Ledamot Två (M)", "83")
    (earlier,) = of(rows, "minutes.referred")
    assert "§ 29" in earlier["refs"]
    assert fields(earlier)["treatment"] == "tabled"
    sent = of(rows, "minutes.dispatched")
    assert [row["audience"] for row in sent] == [
        ["Programkontoret", "Systemförvaltningen"],
        ["Akutmottagningen", "Avdelning 12"],
    ]
    assert {row["time"] for row in sent} == {None}  # nobody wrote when


def test_an_adjournment_has_its_own_time(rows):
    (pause,) = [row for row in of(rows, "minutes.statement") if "Ajournering" in row["message"]]
    assert when(pause["time"]) == "2024-03-12T13:00:00Z"


def test_a_word_document_tells_the_same_things():
    found, source = read(make_docx(DOCX), "p.docx")
    assert READER.score(source.sample) > 0.9
    assert source.unit == "paragraphs"
    assert [row["actor"] for row in of(found, "minutes.present")] == [
        "Ordföranden Ett (S)",
        "Ledamot Två (M)",
        "Ersättare Fem (S)",
    ]
    assert {fields(r)["section"]: fields(r)["outcome"] for r in of(found, "minutes.decision")} == {
        "81": "noted",
        "82": "approved",
    }
    assert of(found, "minutes.item", "81")[0]["refs"] == ["§ 81", "00200/2024"]
    ballots = {row["actor"]: fields(row)["option"] for row in of(found, "minutes.vote")}
    assert ballots == {"Ordföranden Ett (S)": "yes", "Ledamot Två (M)": "no", "Ersättare Fem (S)": "abstain"}
    assert "Ersättare Fem (S)" in of(found, "minutes.item", "82")[0]["audience"]
    assert "Ersättare Fem (S)" not in of(found, "minutes.item", "81")[0]["audience"]
    (meeting,) = of(found, "minutes.meeting")
    assert when(meeting["time"]) == "2024-03-12T12:00:00Z"
    assert not [row for row in found if not row["locator"].startswith("P")]


def test_a_long_pdf_is_told_by_its_beginning():
    annex = "\f".join(["Bilaga\n\n" + "\n".join(f"rad {n} som fyller sidan" for n in range(60))] * 60)
    whole = make_pdf(f"{TEXT}\f{annex}")
    assert len(whole) > 65_536
    assert READER.score(Source.of_bytes(whole).sample) == 0.97


def test_columns_that_were_lost_make_no_vote():
    squeezed = TEXT.replace("Ja      Nej     Avstår", "Ja Nej Avstår")
    found, source = read(squeezed)
    ballots = [row for row in of(found, "minutes.vote") if row["actor"]]
    assert len(ballots) == 5
    assert {fields(row).get("option") for row in ballots} == {None}
    assert "RCA160" in {issue.code for issue in source.issues}


def test_a_list_that_contradicts_its_counts_is_an_issue():
    _, source = read(TEXT.replace("3 Ja-röster, 1 Nej-röst och 1 avstår", "4 Ja-röster, 1 Nej-röst"))
    assert [i for i in source.issues if "yes 4 stated, 3 named" in i.message]


def test_without_a_list_of_those_present_nobody_is_heard_and_it_is_said():
    found, source = read(
        "Protokoll\n\nDatum: 2024-03-12\n\n§ 1 Val\n\nBeslut\n\nNämnden beslutar att godkänna planen.\n"
    )
    assert {row["audience"] for row in found if row["audience"] is None} == {None}
    assert "RCA190" in {issue.code for issue in source.issues}


def test_a_list_in_an_annex_is_said_to_be_there():
    _, source = read(
        "Protokoll\n\nDatum: 2024-03-12\nNärvarande: Se bilaga 1\n\n§ 1 Val\n\nBeslut\n\nNämnden väljer en ledamot.\n"
    )
    assert [issue for issue in source.issues if "annex" in issue.message]


def test_a_weekday_that_contradicts_its_date_makes_no_date():
    found, source = read(
        "Protokoll\n\nDatum: onsdagen den 12 mars 2024\n\nNärvarande: ordförande\n\n§ 1 Val\n"
    )
    assert {row["time"] for row in found} == {None}
    assert [issue for issue in source.issues if "weekday" in issue.message]


def test_a_meeting_over_two_days_has_both():
    found, _ = read(
        "Protokoll\n\nDatum: 12–13 mars 2024\n\nNärvarande: ordförande\n\n§ 1 Val\n\nBeslut\n\nNämnden väljer en ledamot.\n"
    )
    (meeting,) = of(found, "minutes.meeting")
    assert (when(meeting["time_earliest"]), when(meeting["time_latest"])) == (
        "2024-03-11T23:00:00Z",
        "2024-03-13T23:00:00Z",
    )
    assert fields(meeting)["last_day"] == "2024-03-13"


def test_a_decision_of_another_body_before_is_a_reference():
    text = (
        "Protokoll\nKommunstyrelsen\nDatum: 2024-03-12\nNärvarande: ordförande\n\n§ 1 Budget\n\n"
        "Arbetsutskottets beslut\n\nArbetsutskottet beslutade att avslå förslaget.\n\n"
        "Kommunstyrelsens beslut\n\nKommunstyrelsen beslutar att bifalla förslaget.\n"
    )
    found, _ = read(text)
    assert [fields(row)["outcome"] for row in of(found, "minutes.decision")] == ["approved"]
    assert [row["message"] for row in of(found, "minutes.referred")] == [
        "Arbetsutskottet beslutade att avslå förslaget."
    ]


def test_clauses_that_end_differently_are_told_each_with_its_outcome():
    text = (
        "Protokoll\n\nDatum: 2024-03-12\nNärvarande: ordförande\n\n§ 1 Yttrande\n\nBeslut\nStyrgruppen beslutar:\n"
        "1. Återremissyrkandet avslås.\n2. Programkontorets förslag bifalls.\n3. Motionen avslås.\n"
    )
    found, _ = read(text)
    assert [fields(row)["outcome"] for row in of(found, "minutes.decision")] == [
        "rejected",
        "approved",
        "rejected",
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, 400), st.text(max_size=6))
def test_the_books_balance_for_any_edit_of_a_text(position, length, text):
    read(TEXT[:position] + text + TEXT[position + length :])


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_damaged_office_document_never_raises(data):
    whole = data.draw(st.sampled_from([make_docx(DOCX), make_pdf(TEXT)]))
    cut = data.draw(st.integers(0, len(whole)))
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:cut] if data.draw(st.booleans()) else whole[:at] + b"\x00" + whole[at + 1 :]
    source = Source.of_bytes(broken, name="x")
    READER.score(source.sample)
    list(READER.read(source))
    assert source.ledger.close(source.total, unit=source.unit).balanced
