"""Word documents are read as a person reads them: all changes accepted, automatic numbers shown, and who changed what when.

The parts are written here by hand after ECMA-376, never by a library and never from what the reader gives.
"""

import io
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

import rca
from rca.reading import Declared, Source
from rca.reading.documents.blocks import BlockKind, DocumentKind, document_kind, open_document
from rca.reading.documents.reader import DocumentReader

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
UTC = 'xmlns:w16du="http://schemas.microsoft.com/office/word/2023/wordml/word16du"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType=
"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
ROOT = f"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>
<Relationship Id="r2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
 Target="docProps/core.xml"/></Relationships>"""
STYLES = f"""<w:styles {W}><w:style w:type="paragraph" w:styleId="Rubrik1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Paragrafrubrik"><w:name w:val="Paragrafrubrik"/><w:basedOn w:val="Rubrik1"/>
<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style></w:styles>"""
NUMBERS = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="81"/><w:numFmt w:val="decimal"/>
<w:lvlText w:val="§ %1"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2)"/></w:lvl></w:abstractNum>
<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>
</w:numbering>"""
COMMENTS = f"""<w:comments {W} {UTC}><w:comment w:id="7" w:author="Chefläkaren" w:date="2024-11-10T14:00:00Z"
 w16du:dateUtc="2024-11-10T13:00:00Z"><w:p><w:r><w:t>Är detta provat?</w:t></w:r></w:p></w:comment></w:comments>"""
CORE = """<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>Lägesrapport</dc:title><dc:creator>Driftchefen</dc:creator>
<cp:lastModifiedBy>Sekreteraren</cp:lastModifiedBy><dcterms:created xsi:type="dcterms:W3CDTF">2024-11-08T07:00:00Z</dcterms:created>
<dcterms:modified xsi:type="dcterms:W3CDTF">2024-11-11T15:30:00Z</dcterms:modified></cp:coreProperties>"""
APP = """<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">
<Application>Microsoft Office Word</Application></Properties>"""
BODY = """
<w:p><w:pPr><w:pStyle w:val="Rubrik1"/></w:pPr><w:r><w:t>Inför driftstart</w:t></w:r></w:p>
<w:p><w:pPr><w:pStyle w:val="Paragrafrubrik"/></w:pPr><w:r><w:t>Läget</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">Den 12 november 2024 kl. 05.30 </w:t></w:r>
<w:ins w:id="1" w:author="Driftchefen" w:date="2024-11-11T09:15:00Z"><w:r><w:t>startar systemet</w:t></w:r></w:ins>
<w:ins w:id="2" w:author="Driftchefen" w:date="2024-11-11T09:15:00Z"><w:r><w:rPr><w:b/></w:rPr><w:t>.</w:t></w:r></w:ins>
<w:del w:id="3" w:author="Driftchefen" w:date="2024-11-11T09:16:00Z"><w:r><w:delText>skjuts starten upp.</w:delText></w:r></w:del></w:p>
<w:p><w:pPr><w:pStyle w:val="Paragrafrubrik"/></w:pPr><w:r><w:t>Övrigt</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr></w:pPr><w:r><w:t>Första punkten</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="3"/></w:numPr></w:pPr><w:r><w:t>underpunkt</w:t></w:r></w:p>
<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr><w:tc><w:p><w:r><w:t>Roll</w:t></w:r></w:p></w:tc>
<w:tc><w:p><w:r><w:t>Närvarande</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Chefläkare</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Ja</w:t></w:r></w:p>
<w:p><w:r><w:t>från § 82</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:commentRangeStart w:id="7"/><w:r><w:rPr><w:b/></w:rPr><w:t>Allt är redo</w:t><w:br/><w:t>enligt leverantören</w:t></w:r>
<w:commentRangeEnd w:id="7"/><w:r><w:commentReference w:id="7"/></w:r><w:r><w:rPr><w:b/></w:rPr><w:footnoteReference w:id="2"/></w:r></w:p>
"""
NOTES = f"""<w:footnotes {W}><w:footnote w:id="-1" w:type="separator"><w:p/></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>Muntligt, 9 november 2024.</w:t></w:r></w:p></w:footnote></w:footnotes>"""
HEADER = f"""<w:hdr {W}><w:p><w:r><w:t>Sjukhuset · dnr 2024-00017</w:t></w:r></w:p></w:hdr>"""


def docx(body=BODY, *, app=APP, **parts):
    """The bytes of a Word document, as a zip of parts."""
    kinds = {
        "styles": STYLES,
        "numbering": NUMBERS,
        "comments": COMMENTS,
        "footnotes": NOTES,
        "header": HEADER,
        **parts,
    }
    rels = "".join(
        f'<Relationship Id="d{i}" Type="{OFFICE}/{k}" Target="{k}.xml"/>' for i, k in enumerate(kinds)
    )
    files = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT,
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships>{rels}</Relationships>",
        "docProps/core.xml": CORE,
        "docProps/app.xml": app,
        **{f"word/{kind}.xml": text for kind, text in kinds.items()},
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 11, 12, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def blocks(data, name="report.docx"):
    document = open_document(Source.of_bytes(data, name=name))
    document.close()
    assert document.source.ledger.close(document.source.total).balanced
    return document


def read(data, zone="Europe/Stockholm"):
    source = Source.of_bytes(data, name="report.docx", declared=Declared(zone=zone))
    rows = [row for batch in DocumentReader().read(source) for row in batch.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    return rows, source


def texts(document, kind):
    return [block.text for block in document.blocks if block.kind is kind]


def test_a_zip_with_the_parts_of_word_is_a_word_document_whatever_its_name():
    assert document_kind(Source.of_bytes(docx(), name="x").sample) is DocumentKind.DOCX


def test_a_paragraph_reads_as_with_all_changes_accepted_and_the_changes_follow_it():
    found = blocks(docx()).blocks
    at = next(i for i, block in enumerate(found) if block.text.startswith("Den 12"))
    assert found[at].text == "Den 12 november 2024 kl. 05.30 startar systemet."
    assert [(b.kind, b.text, b.author) for b in found[at + 1 : at + 3]] == [
        (BlockKind.INSERTED, "startar systemet.", "Driftchefen"),
        (BlockKind.DELETED, "skjuts starten upp.", "Driftchefen"),
    ]


def test_automatic_numbers_stand_before_the_text_and_bullets_do_not():
    document = blocks(docx())
    assert texts(document, BlockKind.HEADING) == ["Inför driftstart", "§ 81 Läget", "§ 82 Övrigt"]
    assert [(b.text, b.level) for b in document.blocks if b.kind is BlockKind.ITEM] == [
        ("Första punkten", 1),
        ("a) underpunkt", 2),
    ]


def test_a_heading_is_known_by_the_name_of_its_style_in_every_language():
    document = blocks(docx())
    assert [b.level for b in document.blocks if b.kind is BlockKind.HEADING] == [1, 1, 1]


def test_a_row_keeps_its_cells_and_the_paragraphs_in_them():
    rows = [block for block in blocks(docx()).blocks if block.kind is BlockKind.ROW]
    assert [(row.cells, row.level) for row in rows] == [
        (("Roll", "Närvarande"), 1),
        (("Chefläkare", "Ja\nfrån § 82"), 0),
    ]


def test_a_table_that_lays_out_the_page_is_told_as_the_paragraphs_in_it():
    body = (
        '<w:tbl><w:tr><w:tc><w:p><w:pPr><w:pStyle w:val="Rubrik1"/></w:pPr><w:r><w:t>Rubrik</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>text</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>kant</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    found = [b for b in blocks(docx(body)).blocks if b.kind not in (BlockKind.HEADER, BlockKind.COMMENT)]
    assert [(b.kind, b.text) for b in found] == [
        (BlockKind.HEADING, "Rubrik"),
        (BlockKind.PARAGRAPH, "text"),
        (BlockKind.PARAGRAPH, "kant"),
    ]


def test_a_broken_line_is_a_block_of_its_own_and_bold_is_told():
    found = [
        block for block in blocks(docx()).blocks if block.text in ("Allt är redo", "enligt leverantören")
    ]
    assert [block.is_strong for block in found] == [True, True]


def test_a_comment_knows_what_it_stands_at_and_its_true_utc_time_where_word_wrote_one():
    comment = next(block for block in blocks(docx()).blocks if block.kind is BlockKind.COMMENT)
    assert (comment.text, comment.author) == ("Är detta provat?", "Chefläkaren")
    assert comment.stamp == "2024-11-10T13:00:00Z"
    assert comment.about == "Allt är redo enligt leverantören"


def test_word_writes_local_time_as_if_it_were_utc_and_is_not_believed():
    rows, source = read(docx())
    change = next(row for row in rows if row["kind"] == "document.inserted")
    assert change["time_text"] == "2024-11-11T09:15:00"
    assert change["time_basis"] == "zone_given"
    assert any("local times of the authors" in one.what for one in source.assumptions)
    assert change["assumptions"]


def test_another_program_that_writes_utc_is_believed():
    other = APP.replace("Microsoft Office Word", "Another Writer")
    rows, _ = read(docx(app=other))
    change = next(row for row in rows if row["kind"] == "document.inserted")
    assert (change["time_text"], change["time_basis"]) == ("2024-11-11T09:15:00Z", "offset_stated")


def test_footnotes_and_headers_are_read():
    document = blocks(docx())
    assert "[1] Muntligt, 9 november 2024." in texts(document, BlockKind.PARAGRAPH)
    assert texts(document, BlockKind.HEADER) == ["Sjukhuset · dnr 2024-00017"]


def test_a_dated_paragraph_is_a_statement_under_its_heading_and_the_properties_are_events():
    rows, _ = read(docx())
    told = [(row["kind"], row["time_text"]) for row in rows]
    assert ("document.statement", "Den 12 november 2024 kl. 05.30") in told
    assert ("document.created", "2024-11-08T07:00:00Z") in told
    assert ("document.modified", "2024-11-11T15:30:00Z") in told
    assert all(row["record_id"] == rows[0]["record_id"] for row in rows)
    saved = next(row for row in rows if row["kind"] == "document.modified")
    assert (saved["actor"], saved["time_kind"]) == ("Sekreteraren", "modified")


def test_the_template_of_python_docx_does_not_say_when_a_document_was_created():
    core = CORE.replace("2024-11-08T07:00:00Z", "2013-12-23T23:15:00Z")
    data = docx()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["docProps/core.xml"] = core.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    rows, source = read(out.getvalue())
    assert "document.created" not in {row["kind"] for row in rows}
    assert any("template" in issue.message for issue in source.issues)


def test_a_document_without_dates_says_so_and_its_paragraphs_are_undated():
    rows, source = read(
        docx("<w:p><w:r><w:t>Inget hände.</w:t></w:r></w:p>", footnotes="<a/>", comments="<a/>")
    )
    assert [(row["message"], row["time"]) for row in rows if row["kind"] == "document.statement"] == [
        ("Inget hände.", None)
    ]
    assert any(issue.code == "RCA190" for issue in source.issues)


def test_a_word_document_reaches_the_reader_as_one_stream(tmp_path):
    path = tmp_path / "rapport"
    path.write_bytes(docx())
    reading = rca.read(path, zone="Europe/Stockholm", format="document")
    assert len(reading.streams) == 1
    assert reading.books.balanced
    assert reading.books.unit == "paragraphs"


def test_entities_are_refused_and_what_stands_before_is_kept():
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    document = blocks(docx(comments=f"{bomb}<w:comments {W}><w:comment><w:p/></w:comment></w:comments>"))
    assert "§ 81 Läget" in texts(document, BlockKind.HEADING)
    assert any("entities" in issue.message for issue in document.source.issues)


def test_a_part_that_is_cut_off_is_read_to_there():
    document = blocks(docx("<w:p><w:r><w:t>först</w:t></w:r></w:p><w:p><w:r><w:t>sedan</w:t></w:p>"))
    assert "först" in texts(document, BlockKind.PARAGRAPH)
    assert any("cannot be read to its end" in issue.message for issue in document.source.issues)


def test_an_encrypted_document_says_what_to_do():
    ole = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    source = Source.of_bytes(ole, name="rapport.docx")
    assert 0 < DocumentReader().score(source.sample) < 0.5
    assert list(DocumentReader().read(source)) == []
    assert "encrypted" in source.issues[0].message
    assert "password" in source.issues[0].hint
    assert source.ledger.close(source.total).unparsed == len(ole)


def test_markdown_that_was_pasted_into_word_is_read():
    body = "".join(
        f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
        for text in ("**Datum:** 12 november 2024", "**Beslut:**", "* **Drift:** starta om")
    )
    document = blocks(docx(body))
    assert texts(document, BlockKind.PARAGRAPH)[:2] == ["Datum: 12 november 2024", "Beslut:"]
    assert texts(document, BlockKind.ITEM) == ["Drift: starta om"]


@settings(max_examples=40, deadline=None)
@given(
    cut=st.integers(0, 4000), flips=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6)
)
def test_a_damaged_document_never_raises_and_its_books_balance(cut, flips):
    data = bytearray(docx())
    for at, value in flips:
        data[at % len(data)] = value
    rows, source = read(bytes(data[: len(data) - cut % len(data)]))
    assert rows or source.issues
