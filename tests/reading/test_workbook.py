"""Workbooks are read as tables are: dates by their formats, cached values of formulas, hidden sheets said.

The parts are written here by hand after ECMA-376 and ODF, never by a library and never from what the reader gives.
"""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rca
from rca.evidence.locators import parse_citation
from rca.reading import Declared, Source
from rca.reading.readers import choose
from rca.reading.spreadsheets import is_date_format, serial_text
from rca.reading.workbook import WorkbookReader, first_table

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
ROOT = f"""<Relationships><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"""
STYLES = f"""<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>
<numFmt numFmtId="165" formatCode="0.0&quot; dygn&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/>
<xf numFmtId="14"/><xf numFmtId="165"/></cellXfs></styleSheet>"""
STRINGS = [
    "Number",
    "Opened",
    "Short description",
    "State",
    "Resolved",
    "Log-in failed",
    "Resolved by restart",
    "Closed",
]


def column(number):
    return chr(ord("A") + number)


def cell(at, row, value):
    """One cell: text is a shared string, a pair is a number with a style, a triple a formula with its value."""
    ref = f'r="{column(at)}{row}"'
    if value is None:
        return ""
    if isinstance(value, str):
        if value in STRINGS:
            return f'<c {ref} t="s"><v>{STRINGS.index(value)}</v></c>'
        return f'<c {ref} t="inlineStr"><is><t>{value}</t></is></c>'
    if len(value) == 3:
        return f'<c {ref} t="str"><f>{value[0]}</f><v>{value[2]}</v></c>'
    return f'<c {ref} s="{value[1]}"><v>{value[0]}</v></c>'


def sheet(rows, first=1):
    body = "".join(
        f'<row r="{n}">' + "".join(cell(at, n, value) for at, value in enumerate(row)) + "</row>"
        for n, row in enumerate(rows, start=first)
        if row
    )
    return f"<worksheet {MAIN}><sheetData>{body}</sheetData></worksheet>"


def xlsx(sheets, *, states=(), is_1904=False, files=None):
    """The bytes of a workbook with these sheets by name."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="s{i}"{states[i - 1] if i <= len(states) else ""}/>'
        for i, name in enumerate(sheets, start=1)
    )
    rels = "".join(
        f'<Relationship Id="s{i}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    kinds = f'<Relationship Id="a" Type="{OFFICE}/styles" Target="styles.xml"/>'
    kinds += f'<Relationship Id="b" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT,
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><workbookPr date1904="{int(is_1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{rels}{kinds}</Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f"<sst {MAIN}>"
        + "".join(f"<si><t>{text}</t></si>" for text in STRINGS)
        + "</sst>",
        **{f"xl/worksheets/sheet{i}.xml": text for i, text in enumerate(sheets.values(), start=1)},
        **(files or {}),
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 11, 12, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return data.getvalue()


TICKETS = [
    ["Incident export"],
    [],
    ["Number", "Opened", "Short description", "State", "Resolved"],
    ["INC1", (45608.22916666666, 1), "Log-in failed", "Closed", (45608.5, 1)],
    ["INC2", (45609, 2), "Resolved by restart", "State", None],
]


def read(data, zone="Europe/Stockholm", **declared):
    source = Source.of_bytes(data, name="export.xlsx", declared=Declared(zone=zone, **declared))
    rows = [row for batch in WorkbookReader().read(source) for row in batch.to_pylist()]
    books = source.ledger.close(source.total, unit=source.unit)
    assert books.balanced
    return rows, source, books


def test_serials_are_dates_by_their_format_in_both_systems():
    assert serial_text("45608.22916666666", "yyyy-mm-dd hh:mm") == "2024-11-12 05:30"
    assert serial_text("44146.22916666666", "yyyy-mm-dd hh:mm", is_1904=True) == "2024-11-12 05:30"
    assert serial_text("61", "yyyy-mm-dd") == "1900-03-01"
    assert serial_text("59", "yyyy-mm-dd") == "1900-02-28"
    assert serial_text("45608.2291666", "h:mm:ss") == "05:30:00"
    assert serial_text("45608.229166898", "yyyy-mm-dd hh:mm:ss.000") == "2024-11-12 05:30:00.020"


def test_the_day_that_never_was_is_no_date():
    assert serial_text("60", "yyyy-mm-dd") == ""


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("General", False),
        ("0.00", False),
        ('#,##0 "kr/mån"', False),
        ("[Red]0.0", False),
        ("dd/mm/yyyy", True),
        ("[$-41D]d mmmm yyyy", True),
        ("[h]:mm", True),
        ('yyyy"-"mm', True),
        ("åååå-MM-DD", True),
        ("0.0E+00", False),
    ],
)
def test_a_format_is_one_of_dates_by_its_letters_outside_quotes_and_brackets(code, is_date):
    assert is_date_format(code) is is_date


def test_an_export_of_tickets_gives_its_times_as_events_of_a_record():
    rows, source, books = read(xlsx({"Page 1": sheet(TICKETS)}))
    assert [(row["kind"], row["subject"], row["time_text"], row["locator"]) for row in rows] == [
        ("ticket.created", "INC1", "2024-11-12 05:30", "!Page%201:R4"),
        ("ticket.resolved", "INC1", "2024-11-12 12:00", "!Page%201:R4"),
        ("ticket.created", "INC2", "2024-11-13", "!Page%201:R5"),
    ]
    assert {row["record_id"] for row in rows} == {"tickets:INC1", "tickets:INC2"}
    assert rows[0]["message"] == "INC1 created: Log-in failed"
    assert {row["time_basis"] for row in rows} == {"zone_given"}
    assert (books.unit, books.in_events, books.structure) == ("rows", 2, 2)
    assert len({row["event_id"] for row in rows}) == 3
    notes = {issue.message for issue in source.issues if issue.code == "RCA190"}
    assert "Not in this source: status history" in notes


def test_without_a_zone_the_cells_rest_on_an_assumption():
    rows, source, _ = read(xlsx({"A": sheet(TICKETS)}), zone=None)
    assert {row["time_basis"] for row in rows} == {"zone_assumed"}
    assert any(one.kind == "zone" for one in source.assumptions)
    assert all(row["assumptions"] for row in rows)


def test_a_row_is_cited_by_its_sheet_and_its_number():
    rows, _, _ = read(xlsx({"Blad 1: ö": sheet(TICKETS)}))
    cited = parse_citation(f"E1{rows[0]['locator']}")
    assert (cited.members, cited.first) == (("Blad 1: ö",), 4)


def test_a_mapping_applies_to_a_sheet_and_its_key_column_cites():
    mapping = {
        "facts.toml": {
            "table": {"key": "Number"},
            "time": {"column": "Opened", "layouts": ["iso"]},
            "columns": {},
        }
    }
    rows, _, _ = read(xlsx({"A": sheet(TICKETS)}), definitions=mapping)
    assert [(row["kind"], row["locator"]) for row in rows] == [("fact", "!A#INC1"), ("fact", "!A#INC2")]


def test_formulas_are_never_calculated_but_said_to_be_there():
    rows = [["Number", "Opened", "Short description", "State"],
            ["INC1", (45608, 2), ("1+1", 0, "as saved"), "Closed"]]  # fmt: skip
    found, source, _ = read(xlsx({"A": sheet(rows)}))
    assert "as saved" in found[0]["message"]
    assert any(one.kind == "formula" for one in source.assumptions)


def test_a_hidden_sheet_is_read_and_said():
    data = xlsx({"A": sheet(TICKETS), "B": sheet(TICKETS)}, states=("", ' state="veryHidden"'))
    rows, source, _ = read(data)
    assert len(rows) == 6
    assert any('"B" is hidden' in issue.message for issue in source.issues)


def test_a_sheet_without_a_table_is_context():
    rows, source, books = read(xlsx({"Om": sheet([["Hej"], ["då"]]), "A": sheet(TICKETS)}))
    assert len(rows) == 3
    assert books.structure == 4
    assert any('"Om" holds no table' in issue.message for issue in source.issues)


def test_numbers_are_shown_as_excel_shows_them_and_long_days_are_no_dates():
    rows = [["Number", "Opened", "Short description", "State", "Dygn"],
            ["INC1", (45608, 2), "Log-in failed", "Closed", ("1.7000000000000002", 3)]]  # fmt: skip
    found, _, _ = read(xlsx({"A": sheet(rows)}))
    assert '"Dygn":"1.7"' in found[0]["attributes"]


def test_a_workbook_reaches_its_reader_by_content(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(xlsx({"A": sheet(TICKETS)}))
    reading = rca.read(path, zone="Europe/Stockholm")
    assert [stream.reader for stream in reading.streams] == ["xlsx"]
    assert reading.books.balanced
    assert len(reading.events) == 3


def test_word_files_are_not_the_workbook_readers():
    source = Source.of_bytes(b"PK\x03\x04" + bytes(22) + b"\x11\x00\x00\x00word/document.xml", name="a.xlsx")
    assert WorkbookReader().score(source.sample) == 0.0


def test_an_ods_sheet_reads_the_same():
    names = "".join(
        f'<t:table-cell o:value-type="string"><x:p>{name}</x:p></t:table-cell>' for name in STRINGS[:4]
    )
    content = f"""<o:document-content xmlns:o="o" xmlns:t="t" xmlns:x="x"><o:body><o:spreadsheet>
<t:table t:name="A"><t:table-row>{names}</t:table-row><t:table-row>
<t:table-cell o:value-type="string"><x:p>INC1</x:p></t:table-cell>
<t:table-cell o:value-type="date" o:date-value="2024-11-12T05:30:00"><x:p>12 nov</x:p></t:table-cell>
<t:table-cell o:value-type="string"><x:p>Log-in failed</x:p></t:table-cell>
<t:table-cell o:value-type="float" o:value="3"><x:p>3</x:p></t:table-cell>
</t:table-row></t:table></o:spreadsheet></o:body></o:document-content>"""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    source = Source.of_bytes(data.getvalue(), name="x")
    assert choose(source).name == "xlsx"
    rows, _, _ = read(data.getvalue())
    assert [(row["kind"], row["time_text"]) for row in rows] == [("ticket.created", "2024-11-12 05:30:00")]


def test_the_first_table_of_a_workbook_can_be_learnt_from():
    header, rows = first_table(Source.of_bytes(xlsx({"A": sheet(TICKETS)}), name="x.xlsx"))
    assert header == ["Number", "Opened", "Short description", "State", "Resolved"]
    assert rows[0][1] == "2024-11-12 05:30"


def test_a_stray_cell_far_to_the_right_costs_no_memory():
    names = "".join(
        f'<c r="{column(n)}1" t="str"><v>{v}</v></c>'
        for n, v in enumerate(("Number", "Opened", "Title", "State"))
    )
    values = '<c r="A2" t="str"><v>1</v></c><c r="B2" s="2"><v>45608</v></c><c r="C2" t="str"><v>x</v></c><c r="XFD2"><v>1</v></c>'
    far = f'<worksheet {MAIN}><sheetData><row r="1">{names}</row><row r="2">{values}</row></sheetData></worksheet>'
    rows, _, _ = read(xlsx({"A": far}))
    assert len(rows) == 1


@settings(max_examples=40, deadline=None)
@given(
    cut=st.integers(0, 4000), flips=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6)
)
def test_a_damaged_workbook_never_raises_and_its_books_balance(cut, flips):
    data = bytearray(xlsx({"A": sheet(TICKETS)}))
    for at, value in flips:
        data[at % len(data)] = value
    rows, source, _ = read(bytes(data[: len(data) - cut % len(data)]))
    assert rows or source.issues
