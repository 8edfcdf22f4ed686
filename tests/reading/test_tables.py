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


# -- exports of logs ---------------------------------------------------------------------------------------


def export(text, encoding="utf-8", zone=None):
    data = text if isinstance(text, bytes) else text.encode(encoding)
    source = Source.of_bytes(data, declared=Declared(zone=zone))
    assert TableReader().score(source.sample) == 0.95
    rows = [row for b in TableReader().read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def utc(row):
    return str(row["time"]).split("+")[0][:23]


def test_the_time_of_the_event_goes_before_the_time_at_which_it_was_stored():
    rows, source = export(
        "TenantId,TimeGenerated,Computer,EventTime,SeverityLevel,SyslogMessage,ProcessName,_ResourceId\n"
        "t,2024-11-12 05:31:00,ehr01,2024-11-12 05:30:00,err,queue is full,orders,/x\n"
        "t,2024-11-12 05:31:00,ehr01,,info,ready,orders,/x\n"
    )
    assert [row["time_text"] for row in rows] == ["2024-11-12 05:30:00", "2024-11-12 05:31:00"]
    assert json.loads(rows[0]["attributes"])["TimeGenerated"] == "2024-11-12 05:31:00"
    first = rows[0]
    assert (first["kind"], first["source_kind"]) == ("log.line", "log")
    assert (first["subject"], first["component"], first["message"], first["severity"]) == (
        "ehr01",
        "orders",
        "queue is full",
        17,
    )
    assert first["time_basis"] == "zone_assumed"
    assert any(a.what == 'the column "EventTime" says when' for a in source.assumptions)


def test_a_time_of_storing_alone_is_said_to_be_one():
    rows, _ = export("receivedAt,host,message\n2024-11-12T05:30:00Z,ehr01,x\n")
    assert rows[0]["time_kind"] == "recorded"


def test_a_column_whose_name_ends_in_utc_states_its_zone():
    rows, source = export(
        "TimeCreatedUtc,Computer,EventID\n2024-11-12 05:30:00.010,ehr01,4688\n", zone="Europe/Stockholm"
    )
    assert utc(rows[0]) == "2024-11-12 05:30:00.010"
    assert rows[0]["time_basis"] == "zone_given"


def test_the_index_column_of_pandas_has_no_name_and_does_no_harm():
    rows, _ = export(",TimeGenerated,Message\n0,2024-11-12 05:30:00,x\n1,2024-11-12 05:30:01,y\n")
    assert [row["message"] for row in rows] == ["x", "y"]


def test_timesketch_has_an_iso_time_and_a_count_of_microseconds_that_agree():
    rows, _ = export(
        "message,timestamp,datetime,timestamp_desc\n"
        '"two\nlines",1731385800276340,2024-11-12T04:30:00.276340+00:00,Content Modification Time\n'
    )
    assert (rows[0]["time_precision"], rows[0]["locator"], rows[0]["message"]) == ("us", "L2-3", "two lines")
    assert rows[0]["time_basis"] == "offset_stated"
    rows, source = export("message,timestamp\nx,1731385800276340\n")
    assert utc(rows[0]) == "2024-11-12 04:30:00.276"
    assert "format" in {a.kind for a in source.assumptions}


def test_an_export_of_powershell_begins_with_its_type():
    rows, _ = export(
        "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n"
        '"Message","Id","Level","LevelDisplayName","MachineName","TimeCreated","ProviderName"\r\n'
        '"A logon\r\nwas attempted","4625","2","Error","ehr01","2024-11-12 05:30:00","Security"\r\n',
        zone="Europe/Stockholm",
    )
    assert len(rows) == 1
    assert (rows[0]["message"], rows[0]["severity"], rows[0]["subject"]) == (
        "A logon was attempted",
        17,
        "ehr01",
    )
    assert utc(rows[0]) == "2024-11-12 04:30:00"


def test_the_event_viewer_names_no_column_for_the_message():
    rows, source = export(
        "Level,Date and Time,Source,Event ID,Task Category\n"
        'Information,11/12/2024 5:30:00 AM,Service Control Manager,7036,None,"The queue entered\nthe stopped state."\n'
        "Error,11/13/2024 5:30:00 PM,Service Control Manager,7031,None,The queue terminated.\n"
    )
    assert [row["message"] for row in rows] == [
        "The queue entered the stopped state.",
        "The queue terminated.",
    ]
    assert [utc(row) for row in rows] == ["2024-11-12 05:30:00", "2024-11-13 17:30:00"]
    assert source.issues == []
    assert "order" not in {a.kind for a in source.assumptions}


def test_the_order_of_day_and_month_may_be_told_by_the_last_row():
    many = "".join(f"0{n % 9 + 1}/03/2024 05:30:00,row {n}\n" for n in range(6_000))
    rows, source = export("time,message\n" + many + "13/03/2024 05:30:00,last\n")
    assert utc(rows[0]) == "2024-03-01 05:30:00"
    assert "order" not in {a.kind for a in source.assumptions}
    _, source = export("time,message\n03/04/2024 05:30:00,x\n")
    assert "order" in {a.kind for a in source.assumptions}


def test_a_date_and_a_clock_in_two_columns_with_a_zone_in_a_third_are_one_time():
    # log2timeline, l2t_csv
    rows, _ = export(
        "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc\n"
        "11/14/2024,05:30:00,Europe/Stockholm,M...,LOG,x,Content Modification Time,-,ehr01,short,long\n"
    )
    assert rows[0]["time_text"] == "11/14/2024 05:30:00"
    assert (utc(rows[0]), rows[0]["time_basis"]) == ("2024-11-14 04:30:00", "zone_given")


def test_splunk_kibana_and_the_journal_are_known_by_their_names():
    rows, _ = export(
        '"_time","_raw",host,"_indextime"\n2024-11-12T05:30:00.000+0100,raw line,ehr01,1731385805\n'
    )
    assert (utc(rows[0]), rows[0]["message"], rows[0]["time_precision"]) == (
        "2024-11-12 04:30:00",
        "raw line",
        "ms",
    )
    rows, _ = export('"@timestamp","message"\n"Nov 12, 2024 @ 05:30:00.123",x\n')
    assert utc(rows[0]) == "2024-11-12 05:30:00.123"
    rows, _ = export(
        "__REALTIME_TIMESTAMP,_HOSTNAME,SYSLOG_IDENTIFIER,PRIORITY,MESSAGE\n1731385800123456,ehr01,orders,3,full\n"
    )
    assert (rows[0]["severity"], rows[0]["time_precision"]) == (17, "us")


def test_rows_of_empty_cells_and_blank_lines_are_blank():
    rows, source = export(
        "sep=;\r\nDatum och tid;Nivå;Beskrivning\r\n2024-11-12 05:30:00;Fel;Stopp\r\n;;;\r\n\r\n", "utf-16"
    )
    assert [row["message"] for row in rows] == ["Stopp"]
    assert source.ledger.close(source.size).unparsed == 0


def test_a_table_of_dates_is_one_of_facts_not_a_log():
    rows, _ = export("nr,datum,rubrik\n1,2024-11-12,a\n2,2024-11-13,b\n")
    assert {(row["kind"], row["source_kind"]) for row in rows} == {("fact", "table")}


def test_a_torn_quote_costs_its_own_row():
    rows, source = export(
        'time,host,message\n2024-11-12T05:30:00Z,a,x\n2024-11-12T05:30:01Z,a,"torn\n2024-11-12T05:30:02Z,a,"y, z"\n2024-11-12T05:30:03Z,a,w\n'
    )
    assert [row["time_text"][-3:] for row in rows] == ["00Z", "02Z", "03Z"]
    assert [u.locator for u in source.unparsed] == ["L3"]


def test_a_large_table_is_read_in_blocks():
    lines = "".join(f'2024-11-12T05:30:{n % 60:02}Z,ehr01,"row {n}\n{"x" * 300}"\n' for n in range(5_000))
    rows, _ = export("time,host,message\n" + lines)
    assert len(rows) == 5_000
    assert rows[-1]["line"] == 1 + 2 * 4_999 + 1


@pytest.mark.parametrize("delimiter, encoding", [(",", "utf-8"), (";", "utf-16-le"), ("\t", "utf-32-be")])
def test_spans_are_exact_in_any_encoding(delimiter, encoding):
    text = 'a,b\n"𝄞\n1",ö\n\n2,"x ""y"""\n'.replace(",", delimiter)
    data = text.encode(encoding)
    found = list(records(data, delimiter=delimiter, encoding=encoding))
    assert b"".join(r.raw for r in found) == data
    assert [(r.line, r.last_line) for r in found] == [(1, 1), (2, 3), (4, 4), (5, 5)]
    assert [r.start for r in found] == [sum(len(x.raw) for x in found[:n]) for n in range(4)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_the_books_of_an_export_balance_for_any_bytes(data):
    head = b'time,host,message\n2024-11-12T05:30:00Z,a,"x"\n'
    for text in (head + data, data):
        source = Source.of_bytes(text)
        TableReader().score(source.sample)
        list(TableReader().read(source))
        assert source.ledger.close(source.size).balanced


@pytest.mark.parametrize(
    "name, count",
    [
        ("timesketch/evtx_part.csv", 13),
        ("timesketch/evtx_direct.csv", 13),
        ("msticpy/processes_on_host.csv", 363),
        ("msticpy/sudo_events.csv", 4),
    ],
)
def test_outside_exports_have_the_rows_that_the_csv_module_counts(shared, name, count):
    path = shared / "corpora" / "logs" / name
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert sum(1 for _ in csv.reader(stream)) - 1 == count
    rows, source = export(path.read_bytes())
    assert len(rows) == count
    assert all(row["time"] is not None for row in rows)
    assert source.unparsed == []
