"""OpenDocument texts are read with all changes accepted; parts are written here by hand after ODF 1.3."""

import io
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.documents.blocks import BlockKind, DocumentKind, document_kind, open_document
from rca.reading.documents.reader import DocumentReader

SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
)
CONTENT = f"""<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES}><office:body><office:text>
<text:tracked-changes><text:changed-region text:id="c1"><text:insertion><office:change-info><dc:creator>Driftchefen</dc:creator>
<dc:date>2024-11-11T09:15:00</dc:date></office:change-info></text:insertion></text:changed-region>
<text:changed-region text:id="c2"><text:deletion><office:change-info><dc:creator>Chefläkaren</dc:creator>
<dc:date>2024-11-11T10:00:00</dc:date></office:change-info><text:p>skjuts upp</text:p></text:deletion></text:changed-region>
</text:tracked-changes>
<text:h text:outline-level="1">Inför driftstart</text:h>
<text:p>Den 12<text:s/>november 2024 <text:change-start text:change-id="c1"/>startar systemet<text:change-end
 text:change-id="c1"/><text:change text:change-id="c2"/>.<text:line-break/>ny rad</text:p>
<text:list><text:list-item><text:p>ett</text:p><text:list><text:list-item><text:p>djup</text:p></text:list-item></text:list>
</text:list-item></text:list>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Roll</text:p></table:table-cell>
<table:table-cell><text:p>Svar</text:p></table:table-cell></table:table-row></table:table-header-rows>
<table:table-row><table:table-cell><text:p>Chef</text:p></table:table-cell><table:table-cell><text:p>Ja</text:p>
</table:table-cell></table:table-row></table:table>
<text:p>Allt är redo<office:annotation><dc:creator>Chefläkaren</dc:creator><dc:date>2024-11-10T14:00:00</dc:date>
<text:p>Är detta provat?</text:p></office:annotation><text:note><text:note-citation>1</text:note-citation>
<text:note-body><text:p>Muntligt.</text:p></text:note-body></text:note></text:p>
</office:text></office:body></office:document-content>"""
META = f"""<office:document-meta {SPACES}><office:meta><meta:initial-creator>Driftchefen</meta:initial-creator>
<meta:creation-date>2024-11-08T07:00:00</meta:creation-date><dc:date>2024-11-11T15:30:00.123</dc:date><dc:creator>Sekreteraren
</dc:creator></office:meta></office:document-meta>"""
STYLES = f"""<office:document-styles {SPACES}><office:master-styles><style:master-page><style:header><text:p>Sjukhuset</text:p>
</style:header><style:footer><text:p>Sida <text:page-number>1</text:page-number></text:p></style:footer></style:master-page>
</office:master-styles></office:document-styles>"""


def odt(content=CONTENT, **more):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        for name, text in {"content.xml": content, "meta.xml": META, "styles.xml": STYLES, **more}.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 11, 12, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def read(data):
    source = Source.of_bytes(data, name="rapport", declared=Declared(zone="Europe/Stockholm"))
    rows = [row for batch in DocumentReader().read(source) for row in batch.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    return rows, source


def test_an_opendocument_text_is_known_by_its_mimetype():
    assert document_kind(Source.of_bytes(odt(), name="x").sample) is DocumentKind.ODT


def test_the_body_reads_as_with_all_changes_accepted_and_the_changes_follow():
    document = open_document(Source.of_bytes(odt()))
    assert [(block.kind.value, block.text) for block in document.blocks] == [
        ("header", "Sjukhuset"),
        ("heading", "Inför driftstart"),
        ("paragraph", "Den 12 november 2024 startar systemet."),
        ("paragraph", "ny rad"),
        ("inserted", "startar systemet"),
        ("deleted", "skjuts upp"),
        ("item", "ett"),
        ("item", "djup"),
        ("row", "Roll | Svar"),
        ("row", "Chef | Ja"),
        ("paragraph", "Allt är redo"),
        ("comment", "Är detta provat?"),
        ("paragraph", "[1] Muntligt."),
        ("footer", "Sida 1"),
    ]
    assert [block.level for block in document.blocks if block.kind in (BlockKind.ITEM, BlockKind.ROW)] == [
        1,
        2,
        1,
        0,
    ]


def test_comments_changes_and_properties_are_events_in_the_zone_of_the_source():
    rows, _ = read(odt())
    assert [(row["kind"], row["time_text"], row["actor"], row["time_basis"]) for row in rows[1:]] == [
        ("document.inserted", "2024-11-11T09:15:00", "Driftchefen", "zone_given"),
        ("document.deleted", "2024-11-11T10:00:00", "Chefläkaren", "zone_given"),
        ("document.comment", "2024-11-10T14:00:00", "Chefläkaren", "zone_given"),
        ("document.created", "2024-11-08T07:00:00", "Driftchefen", "zone_given"),
        ("document.modified", "2024-11-11T15:30:00.123", "Sekreteraren", "zone_given"),
    ]
    assert (rows[0]["kind"], rows[0]["time_text"]) == ("document.statement", "Den 12 november 2024")


def test_an_encrypted_text_is_an_issue_with_advice():
    manifest = '<m:manifest xmlns:m="m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    _, source = read(odt(**{"META-INF/manifest.xml": manifest}))
    assert "encrypted" in source.issues[0].message


@settings(max_examples=40, deadline=None)
@given(
    cut=st.integers(0, 4000), flips=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6)
)
def test_a_damaged_text_never_raises_and_its_books_balance(cut, flips):
    data = bytearray(odt())
    for at, value in flips:
        data[at % len(data)] = value
    read(bytes(data[: len(data) - cut % len(data)]))
