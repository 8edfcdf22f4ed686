"""Tables come in by a mapping that applies by content; the shipped facts are compared with a second way of reading."""

import csv
import datetime as dt
import json
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rca
from rca.errors import FormatError
from rca.reading import Declared, Source
from rca.reading.mapping import parse_mapping
from rca.reading.records import cells, records
from rca.reading.tables import TableReader

CASE = Path(__file__).resolve().parents[2] / "data" / "millennium-vgr-2024"
FACTS = CASE / "exhibits" / "facts.csv"
MAPPING = {"facts.toml": tomllib.loads((CASE / "formats" / "facts.toml").read_text(encoding="utf-8"))}
ZONE = ZoneInfo("Europe/Stockholm")


@pytest.fixture(scope="module")
def facts():
    return rca.read(FACTS, definitions=MAPPING)


@pytest.fixture(scope="module")
def truth():
    with FACTS.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def local(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(dt.UTC)


def test_every_fact_is_an_event_with_its_bounds(facts, truth):
    events = facts.events
    assert len(events) == len(truth) == 192
    assert facts.books.balanced
    assert list(facts.issues) == []
    for row, fact in zip(events.to_dict("records"), truth, strict=True):
        assert row["locator"] == f"#{fact['id']}"
        assert row["time_earliest"] == local(fact["earliest"]), fact["id"]
        assert row["time_latest"] == local(fact["latest"]), fact["id"]
        assert row["time_precision"] == fact["precision"]
        assert row["time_earliest"] <= row["time"] < row["time_latest"]
        assert row["message"] == " ".join(fact["title"].split())
        assert (row["reliability"], row["credibility"]) == tuple(fact["confidence"])


def test_those_with_an_hour_stand_at_their_hour(facts):
    at = {row["locator"]: row["time"] for row in facts.events.to_dict("records")}
    assert at["#M073"] == local("2024-11-12T04:00")
    assert at["#M074"] == local("2024-11-12T05:30")
    assert at["#M108"] == local("2024-11-15T13:00")


def test_a_reduced_publication_date_means_the_end_of_its_period(facts, truth):
    known = {row["locator"]: row["known_time"] for row in facts.events.to_dict("records")}
    for fact in truth:
        text = fact["known_from"]
        if len(text) == 10:
            end = local(text) + dt.timedelta(days=1)
            end = local((dt.date.fromisoformat(text) + dt.timedelta(days=1)).isoformat())
        elif len(text) == 7:
            year, month = map(int, text.split("-"))
            end = local(dt.date(year + month // 12, month % 12 + 1, 1).isoformat())
        elif len(text) == 4:
            end = local(f"{int(text) + 1}-01-01")
        else:
            assert str(known[f"#{fact['id']}"]) == "NaT"
            continue
        assert known[f"#{fact['id']}"] == end, fact["id"]


def test_nothing_of_a_row_vanishes(facts, truth):
    for row, fact in zip(facts.events.to_dict("records"), truth, strict=True):
        rest = json.loads(row["attributes"])
        for column in ("description", "category", "source_url", "quote_sv", "known_from", "kind"):
            assert rest.get(column, "") == fact[column].strip(), column


def test_an_inserted_row_moves_no_locator():
    text = FACTS.read_text(encoding="utf-8")
    head, rest = text.split("\n", 1)
    first = rest.split("\n", 1)[0]
    inserted = f"{head}\n{first.replace('M001', 'M000')}\n{rest}"
    source = Source.of_bytes(inserted.encode(), declared=Declared(definitions=MAPPING))
    locators = [x for b in TableReader().read(source) for x in b.column("locator").to_pylist()]
    assert locators[:3] == ["#M000", "#M001", "#M002"]


HEADER = "id,when,what\n"
SMALL = {
    "own.toml": {
        "table": {"key": "id", "zone": "UTC"},
        "time": {"column": "when"},
        "columns": {"message": "what"},
    }
}


def table(text, definitions=SMALL, name="t.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    source = Source.of_bytes(data, name=name, declared=Declared(definitions=definitions))
    rows = [row for b in TableReader().read(source) for row in b.to_pylist()]
    return rows, source


def test_quoted_cells_may_hold_line_ends_and_delimiters():
    rows, source = table(HEADER + '1,2024-11-12,"two\nlines, ""quoted"""\n2,2024-11-13,b\n')
    assert [r["message"] for r in rows] == ['two lines, "quoted"', "b"]
    assert [r["line"] for r in rows] == [2, 4]
    assert source.ledger.close(source.size).balanced


def test_a_key_that_stands_twice_is_an_issue_and_both_rows_are_kept():
    rows, source = table(HEADER + "1,2024-11-12,a\n1,2024-11-13,b\n")
    assert [r["locator"] for r in rows] == ["#1", "#1~2"]
    assert [i.code for i in source.issues] == ["RCA157"]


def test_a_bad_date_leaves_its_row_undated_and_is_named():
    rows, source = table(HEADER + "1,2024-02-30,a\n2,2024-11-13,b\n")
    assert rows[0]["time"] is None
    assert rows[1]["time"] is not None
    assert [(i.code, i.where) for i in source.issues] == [("RCA158", "t.csv#1")]


def test_a_quote_that_is_never_closed_is_unparsed_with_its_line():
    rows, source = table(HEADER + '1,2024-11-12,a\n2,2024-11-13,"torn\nand more\n')
    assert [r["message"] for r in rows] == ["a"]
    assert [(u.locator, u.reason) for u in source.unparsed] == [
        ("L3", "a quote is opened here and never closed")
    ]
    assert source.ledger.close(source.size).balanced


def test_short_and_long_rows_are_read_and_named():
    rows, source = table(HEADER + "1,2024-11-12\n2,2024-11-13,b,c,d\n")
    assert len(rows) == 2
    assert json.loads(rows[1]["attributes"])["extra"] == "c; d"
    assert [i.code for i in source.issues] == ["RCA156", "RCA156"]


def test_semicolons_tabs_latin1_and_utf16_are_recognised():
    rows, _ = table("id;when;what\n1;2024-11-12;å, ä\n".encode("latin-1"))
    assert rows[0]["message"] == "å, ä"
    rows, source = table("id\twhen\twhat\n1\t2024-11-12\tö\n".encode("utf-16"))
    assert rows[0]["message"] == "ö"
    assert source.ledger.close(source.size).balanced


def test_without_a_mapping_a_clear_time_column_is_guessed_and_said():
    rows, source = table("nr,date,text\n" + "".join(f"{n},2024-11-{n:02d},x{n}\n" for n in range(1, 12)), {})
    assert all(r["time"] is not None for r in rows)
    assert {a.kind for a in source.assumptions} >= {"mapping", "zone"}
    rows, source = table("nr,text\n1,a\n2,b\n", {})
    assert all(r["time"] is None for r in rows)
    assert "RCA155" in {i.code for i in source.issues}


@pytest.mark.parametrize(
    "document, message",
    [
        ({"table": {}, "time": {"colunm": "when"}}, 'Did you mean "column"'),
        ({"table": {"zone": "Europe/Stokholm"}, "time": {"column": "when"}}, "Europe/Stockholm"),
        ({"table": {}, "time": {"column": "w"}, "columns": {"mesage": "x"}}, 'Did you mean "message"'),
        ({"table": {}, "time": {}}, "names a column"),
        ({"table": {}, "time": {"column": "w", "layouts": ["%Q"]}}, "%Q"),
    ],
)
def test_a_malformed_mapping_is_refused_by_name(document, message):
    with pytest.raises(FormatError, match=message):
        parse_mapping(document, origin="own.toml")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_the_books_balance_for_any_bytes_after_a_header(data):
    _, source = table(HEADER.encode() + data)
    assert source.ledger.close(source.size).balanced


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8"), max_size=8), min_size=2, max_size=4),
        min_size=1,
        max_size=6,
    )
)
def test_records_agree_with_the_csv_module(rows):
    import io

    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    text = out.getvalue().replace("\0", "")
    expected = [r for r in csv.reader(io.StringIO(text, newline=""))]
    found = [cells(r.raw.decode().removesuffix("\n"), ",") for r in records(text.encode())]
    if "\r" not in text:
        assert found == expected
    assert b"".join(r.raw for r in records(text.encode())) == text.encode()
