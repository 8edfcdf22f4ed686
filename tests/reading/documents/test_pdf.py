"""PDFs are read page by page as they look; what is scanned, encrypted or damaged is said.

The files are written here by hand after ISO 32000-1, never by a library and never from what the reader gives.
"""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.documents.blocks import BlockKind, DocumentKind, document_kind, open_document
from rca.reading.documents.pdf import read_pdf_stamp
from rca.reading.documents.reader import DocumentReader

INFO = "<< /Title (Protokoll) /Author (Sekreteraren) /CreationDate (D:20241113080000+01'00') /ModDate (D:20241120093000Z) >>"


def text_at(x, y, text, size=11):
    raw = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"BT /F1 %d Tf %d %d Td (%b) Tj ET" % (size, x, y, raw)


def pdf(pages, *, info=INFO, extra=(), trailer="", image=()):
    """A PDF of pages, each a list of (x, y, text); `image` names pages that hold a picture; `extra` are further objects."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for number, lines in enumerate(pages):
        content = b"\n".join(text_at(*line) for line in lines)
        resources = "/Font << /F1 3 0 R >>"
        if number in image:
            content += b"\nq 500 0 0 700 50 50 cm /I1 Do Q"
            resources += " /XObject << /I1 4 0 R >>"
        kids.append((content, resources))
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
        b"\nstream\n\x00\nendstream"
    )
    objects += [font, picture]
    refs = []
    for number, (content, resources) in enumerate(kids):
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
        annots = f"/Annots [{5 + 2 * len(kids)} 0 R]" if extra and not number else ""
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << {resources} >>"
            f" /Contents {len(objects)} 0 R {annots} >>"
        )
        objects.append(page.encode())
        refs.append(f"{len(objects)} 0 R")
    objects += [one.encode() for one in extra]
    objects.append(info.encode("latin-1"))
    objects[1] = f"<< /Type /Pages /Count {len(refs)} /Kids [{' '.join(refs)}] >>".encode()
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for offset in offsets:
        out.write(b"%010d 00000 n \n" % offset)
    more = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R {trailer} >>"
    out.write(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (more.encode(), start))
    return out.getvalue()


def page(*lines, number=1, of=3):
    """A page with the furniture that a board's minutes have."""
    body = [(60, 740 - 15 * at, line) for at, line in lines]
    return [(60, 800, "Regionstyrelsen · PROTOKOLL"), *body, (60, 40, f"{number}({of})")]


MINUTES = [
    page(
        (0, "§ 81 Driftstart av journalsystemet"),
        (2, "Driftchefen redogör för läget inför driftstarten. Systemet har enligt leverantören"),
        (3, "genomgått samtliga prov och bedöms vara redo att tas i bruk den 12 november 2024 kl."),
        (4, "05.30 vid alla enheter."),
        (6, "Beslut"),
        (8, "Styrelsen godkänner driftstarten."),
    ),
    page(
        (0, "§ 82 Närvaro"),
        (2, "• Ordföranden"),
        (3, "• Chefläkaren, från § 82"),
        (5, "Läkemedelslistorna är inte provade med verkliga ordinationer, och rutiner för reserv-"),
        (6, "drift saknas."),
        number=2,
    ),
    [*page((0, "Slut."), number=3), (60, 600, "Roll"), (250, 600, "Närvarande"), (60, 585, "Chefläkare"), (250, 585, "Ja")],
]  # fmt: skip


def opened(data):
    document = open_document(Source.of_bytes(data, name="x"))
    document.close()
    source = document.source
    assert source.ledger.close(source.total, unit=source.unit).balanced
    return document


def read(data):
    source = Source.of_bytes(data, name="protokoll.pdf", declared=Declared(zone="Europe/Stockholm"))
    rows = [row for batch in DocumentReader().read(source) for row in batch.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    return rows, source


def texts(document, *kinds):
    return [block.text for block in document.blocks if block.kind in kinds]


def test_a_pdf_is_known_by_its_header_within_the_first_kilobyte():
    assert document_kind(Source.of_bytes(b"\0" * 900 + b"%PDF-1.4", name="x").sample) is DocumentKind.PDF


def test_wrapped_lines_are_one_paragraph_and_blank_lines_part_them():
    document = opened(pdf(MINUTES))
    assert texts(document, BlockKind.PARAGRAPH)[:3] == [
        "Driftchefen redogör för läget inför driftstarten. Systemet har enligt leverantören genomgått samtliga prov och bedöms vara redo att tas i bruk den 12 november 2024 kl. 05.30 vid alla enheter.",
        "Beslut",
        "Styrelsen godkänner driftstarten.",
    ]


def test_a_paragraph_is_cited_by_its_page_and_its_number_there():
    document = opened(pdf(MINUTES))
    block = next(block for block in document.blocks if block.text == "§ 82 Närvaro")
    assert (block.place.locator, block.page, block.kind) == ("P2.2", 2, BlockKind.HEADING)


def test_what_stands_at_the_edge_of_most_pages_is_furniture():
    document = opened(pdf(MINUTES))
    assert texts(document, BlockKind.HEADER) == ["Regionstyrelsen · PROTOKOLL"] * 3
    assert texts(document, BlockKind.FOOTER) == ["1(3)", "2(3)", "3(3)"]


def test_items_and_cells_are_told_and_a_hyphen_at_a_line_end_stays():
    document = opened(pdf(MINUTES))
    assert texts(document, BlockKind.ITEM) == ["Ordföranden", "Chefläkaren, från § 82"]
    assert any("rutiner för reserv-drift saknas." in text for text in texts(document, BlockKind.PARAGRAPH))
    assert [block.cells for block in document.blocks if block.kind is BlockKind.ROW] == [
        ("Roll", "Närvarande"),
        ("Chefläkare", "Ja"),
    ]


def test_a_date_over_a_line_end_is_one_date():
    rows, _ = read(pdf(MINUTES))
    told = [row for row in rows if row["kind"] == "document.statement"]
    assert [(row["time_precision"], row["locator"]) for row in told] == [("minute", "P1.3")]


def test_properties_are_events_with_the_offset_that_they_state():
    rows, _ = read(pdf(MINUTES))
    created = next(row for row in rows if row["kind"] == "document.created")
    assert (created["time_text"], created["time_basis"]) == ("D:20241113080000+01'00'", "offset_stated")
    assert created["time"].isoformat() == "2024-11-13T07:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("D:20241112053000Z", 0),
        ("D:20241112053000Z00'00'", 0),
        ("D:20241112053000+01'00'", 3600),
        ("D:20241112053000+01'00", 3600),
        ("D:20241112053000-05'30'", -19800),
        ("D:20241112053000", None),
        ("20241112", None),
    ],
)
def test_dates_of_pdf_are_read_in_all_their_forms(text, offset):
    stamp = read_pdf_stamp(text)
    assert (stamp.year, stamp.month, stamp.day, stamp.offset) == (2024, 11, 12, offset)


def test_the_notes_of_readers_are_comments():
    note = "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (Ej provat) /T (Chef) /M (D:20241112060000+01'00') >>"
    rows, _ = read(pdf(MINUTES, extra=(note,)))
    comment = next(row for row in rows if row["kind"] == "document.comment")
    assert (comment["message"], comment["actor"], comment["time_text"]) == (
        "Ej provat",
        "Chef",
        "D:20241112060000+01'00'",
    )


def test_a_scanned_pdf_is_said_to_be_one_and_its_pages_are_unread():
    document = opened(pdf([[], [(60, 800, "3(5)")], []], image=(0, 1, 2)))
    assert document.is_scanned
    assert document.pages_without_text == (1, 2, 3)
    issue = document.source.issues[0]
    assert "It is scanned" in issue.message
    assert "text recognition" in issue.hint
    assert [one.locator for one in document.source.unparsed] == ["P1", "P3"]


def test_one_picture_page_among_text_is_named_and_the_rest_is_read():
    document = opened(pdf([MINUTES[0], [], MINUTES[1]], image=(1,)))
    assert not document.is_scanned
    assert document.pages_without_text == (2,)
    assert "§ 82 Närvaro" in texts(document, BlockKind.HEADING)


def test_an_encrypted_pdf_is_an_issue_with_advice():
    encrypt = (
        "/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <"
        + "28" * 32
        + "> /U <"
        + "41" * 32
        + "> >> /ID [<00><00>]"
    )
    document = opened(pdf(MINUTES, trailer=encrypt))
    assert document.blocks == []
    assert "encrypted" in document.source.issues[0].message
    assert "password" in document.source.issues[0].hint


def test_a_pdf_that_is_cut_off_is_read_as_far_as_it_goes_or_said_to_be_damaged():
    document = opened(pdf(MINUTES)[:1200])
    assert document.blocks or document.source.issues


@settings(max_examples=30, deadline=None)
@given(
    cut=st.integers(0, 6000), flips=st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 255)), max_size=8)
)
def test_a_damaged_pdf_never_raises_and_its_books_balance(cut, flips):
    data = bytearray(pdf(MINUTES))
    for at, value in flips:
        data[at % len(data)] = value
    read(bytes(data[: len(data) - cut % len(data)]))
