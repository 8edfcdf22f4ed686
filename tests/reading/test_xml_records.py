"""XML event logs come in record by record, with or without a root, whole or broken, in any encoding."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Declared, Source
from rca.reading.xml_elements import parse_elements
from rca.reading.xml_records import XmlRecordsReader

READER = XmlRecordsReader()
SPACE = "http://schemas.microsoft.com/win/2004/08/events/event"


def event(number, *, level=2, data="lab &amp; ward", gap=""):
    """A Windows event (Microsoft, event schema: System, EventData)."""
    return gap.join(
        [
            f"<Event xmlns='{SPACE}'>",
            "<System>",
            "<Provider Name='Service Control Manager' Guid='{555908d1}'/>",
            "<EventID Qualifiers='49152'>7031</EventID>",
            f"<Level>{level}</Level>",
            f"<TimeCreated SystemTime='2024-11-12T04:30:{number:02}.1234567Z'/>",
            f"<EventRecordID>{number}</EventRecordID>",
            "<Channel>System</Channel>",
            "<Computer>ehr01</Computer>",
            "</System>",
            f"<EventData><Data Name='param1'>{data}</Data><Data>second</Data></EventData>",
            "</Event>",
        ]
    )


def read(data, **declared):
    source = Source.of_bytes(
        data if isinstance(data, bytes) else data.encode(), declared=Declared(**declared)
    )
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    books = source.ledger.close(source.size)
    assert books.balanced
    return rows, source, books


def score(text):
    return READER.score(Source.of_bytes(text if isinstance(text, bytes) else text.encode()).sample)


SHAPES = {
    "one a line": "\n".join(event(n) for n in range(3)) + "\n",
    "with a root": "<?xml version='1.0'?>\n<Events>" + "".join(event(n) for n in range(3)) + "</Events>\n",
    "pretty-printed": "<Events>\n" + "\n".join(event(n, gap="\n  ") for n in range(3)) + "\n</Events>\n",
    "as a browser shows them": "".join(f"- {event(n, gap='- ')}" for n in range(3)),
    "with numbers between": "".join(f"Record {n}\n<?xml version='1.0'?>\n{event(n)}\n" for n in range(3)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_windows_events_are_read_in_every_shape_with_their_exact_bytes(shape, encoding):
    data = SHAPES[shape].encode(encoding)
    assert score(data) >= 0.97
    rows, source, books = read(data)
    assert [row["time_text"] for row in rows] == [f"2024-11-12T04:30:0{n}.1234567Z" for n in range(3)]
    plain = "utf-8" if "utf-8" in encoding else "utf-16-le"
    for row in rows:
        raw = data[row["byte_start"] : row["byte_start"] + row["byte_length"]].decode(plain)
        assert raw.startswith("<Event ")
        assert raw.endswith("</Event>")
        assert row["line"] == data[: row["byte_start"]].decode(plain).count("\n") + 1
    first = rows[0]
    assert (first["component"], first["subject"], first["channel"], first["severity"]) == (
        "Service Control Manager",
        "ehr01",
        "System",
        17,
    )
    fields = json.loads(first["attributes"])
    assert (fields["param1"], fields["EventID"], fields["EventRecordID"]) == ("lab & ward", "7031", "0")
    assert source.unparsed == []
    assert books.structure + books.blank + books.in_events == len(data)


def test_a_system_time_without_an_offset_is_utc_as_the_schema_says():
    text = event(1).replace("04:30:01.1234567Z", "04:30:01.123456").replace("T04", " 04")
    rows, source, _ = read(text, zone="Europe/Stockholm")
    assert str(rows[0]["time"])[:19] == "2024-11-12 04:30:01"
    assert rows[0]["time_basis"] == "zone_given"
    assert source.assumptions == []


def test_a_rendered_message_is_the_message():
    text = event(1).replace(
        "</Event>",
        "<RenderingInfo Culture='sv-SE'><Message>Kön stannade.</Message><Level>Fel</Level></RenderingInfo></Event>",
    )
    rows, _, _ = read(text)
    assert (rows[0]["message"], rows[0]["severity_text"], rows[0]["severity"]) == ("Kön stannade.", "Fel", 17)


def test_java_records_take_the_count_where_the_date_lacks_its_zone():
    # java.util.logging.XMLFormatter: until Java 8 date is local time, millis counts from 1970; since Java 9 date is UTC
    old = "<record>\n<date>2024-11-12T05:30:00</date>\n<millis>1731385800123</millis>\n<level>SEVERE</level>\n<logger>orders</logger>\n<message>a &lt; b</message>\n</record>\n"
    new = "<record><date>2024-11-12T04:30:01.123456Z</date><millis>1731385801123</millis><nanos>456000</nanos><level>900</level><message>x</message></record>"
    text = f'<?xml version="1.0"?>\n<!DOCTYPE log SYSTEM "logger.dtd">\n<log>\n{old}{new}\n</log>\n'
    assert score(text) >= 0.97
    rows, _, _ = read(text, zone="Europe/Stockholm")
    assert [str(row["time"])[:26] for row in rows] == [
        "2024-11-12 04:30:00.123000",
        "2024-11-12 04:30:01.123456",
    ]
    assert [row["severity"] for row in rows] == [17, 13]
    assert (rows[0]["message"], rows[0]["component"]) == ("a < b", "orders")


def test_log4j_events_have_no_root_and_may_quote_themselves():
    one = '<log4j:event logger="orders" timestamp="1731385800123" level="ERROR" thread="main">\n<log4j:message><![CDATA[no <log4j:event> </log4j:event> here]]></log4j:message>\n<log4j:throwable><![CDATA[java.io.IOException: x]]></log4j:throwable>\n</log4j:event>\n\n'
    assert score(one * 2) >= 0.97
    rows, source, _ = read(one * 2)
    assert [row["message"] for row in rows] == ["no <log4j:event> </log4j:event> here"] * 2
    assert (rows[0]["severity"], rows[0]["time_precision"]) == (17, "ms")
    assert source.issues == []


def test_log4j2_takes_the_instant_with_its_nanoseconds():
    text = '<Events xmlns="http://logging.apache.org/log4j/2.0/events"><Event xmlns="http://logging.apache.org/log4j/2.0/events" timeMillis="1731385800018" level="WARN" loggerName="orders"><Instant epochSecond="1731385800" nanoOfSecond="18000001"/><Message>hi</Message></Event></Events>'
    assert score(text) >= 0.97
    rows, _, _ = read(text)
    assert (rows[0]["time_precision"], rows[0]["message"], rows[0]["severity"]) == ("ns", "hi", 13)
    assert rows[0]["time"].value % 1_000_000_000 == 18_000_001


def test_a_flat_list_of_elements_with_dates_is_a_log():
    text = (
        '<?xml version="1.0"?>\n<visits>\n'
        + "".join(f'  <visit page="ward{n}"\n   at="x" time="2024-11-12T04:30:0{n}Z"/>\n' for n in range(3))
        + "</visits>\n"
    )
    assert 0.9 < score(text) < 0.97
    rows, _, books = read(text)
    assert [row["locator"] for row in rows] == ["L3-4", "L5-6", "L7-8"]
    assert rows[1]["message"] == "ward1 · x"
    assert books.unparsed == 0


def test_dates_may_stand_in_elements():
    text = (
        "<rows>"
        + "".join(f"<row><when>2024-11-{n} 05:30:00</when><what>x{n}</what></row>" for n in range(10, 14))
        + "</rows>"
    )
    rows, source, _ = read(text)
    assert [row["message"] for row in rows] == ["x10", "x11", "x12", "x13"]
    assert {row["time_basis"] for row in rows} == {"zone_assumed"}
    assert [a.kind for a in source.assumptions] == ["zone"]


@pytest.mark.parametrize(
    "text",
    [
        "<AuditMessage><EventIdentification EventDateTime='2024-11-12T04:30:00Z'/></AuditMessage>" * 2,
        "<AuditEvent xmlns='http://hl7.org/fhir'><recorded value='2024-11-12T04:30:00Z'/></AuditEvent>" * 2,
        "<rss><channel>"
        + "<item><pubDate>2024-11-12T04:30:00Z</pubDate><title>x</title></item>" * 3
        + "</channel></rss>",
        "<bugzilla>" + "<bug><creation_ts>2024-11-12 04:30:00</creation_ts></bug>" * 3 + "</bugzilla>",
        "<configuration><a b='c'/><a b='d'/></configuration>",
        "<13>Nov 12 05:30:00 ehr01 orders: <Event xmlns='x'>\n",
        "Nov 12 05:30:00 ehr01 orders: <a date='2024-11-12'/>\n",
        "",
        "<",
    ],
)
def test_what_is_no_event_log_is_left_alone(text):
    assert score(text) == 0


def test_a_record_that_breaks_off_ends_where_the_next_begins():
    whole = event(1)
    text = whole + "\n" + event(2)[:380] + "\n" + event(3)
    rows, source, _ = read(text)
    assert [row["time_text"] for row in rows] == [f"2024-11-12T04:30:0{n}.1234567Z" for n in (1, 2, 3)]
    assert [i.code for i in source.issues] == ["RCA181"]
    assert rows[1]["locator"] == "L2"


def test_text_between_the_records_is_not_lost():
    rows, source, _ = read(event(1) + "\nthe service was restarted by hand\n" + event(2))
    assert len(rows) == 2
    assert [u.text.strip() for u in source.unparsed] == ["the service was restarted by hand"]


def test_an_impossible_stamp_keeps_its_text_and_is_named():
    rows, source, _ = read(event(1).replace("2024-11-12T", "2024-13-12T"))
    assert rows[0]["time"] is None
    assert rows[0]["time_text"] == "2024-13-12T04:30:01.1234567Z"
    assert [i.code for i in source.issues] == ["RCA180"]


def test_entities_are_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n' + event(
        1, data="&b; &#229; &lt;"
    )
    rows, _, _ = read(bomb)
    assert json.loads(rows[0]["attributes"])["param1"] == "&b; å <"


@pytest.mark.parametrize(
    "text",
    [
        "<a>" * 300_000,
        "<!--" * 300_000,
        "<![CDATA[" * 300_000,
        '<a b="' * 300_000,
        "<a " + "b" * 300_000 + ">",
        "<a " + "b=" * 300_000 + ">",
        "<a>" * 90 + "</b>" * 300_000,
        f"<Event xmlns='{SPACE}'><System><TimeCreated SystemTime='x'/>" * 3_000,
        f"<Event xmlns='{SPACE}'><![CDATA[" * 20_000,
        f"<Event xmlns='{SPACE}'" * 20_000,
    ],
)
def test_nests_and_endless_marks_cost_little(text):
    begun = time.monotonic()
    score(text)
    parse_elements(text)
    read(text)
    assert time.monotonic() - begun < 20


def test_large_files_are_read_in_blocks():
    text = "<Events>\n" + "".join(event(n % 60, data="x" * 300) + "\n" for n in range(4_000)) + "</Events>"
    rows, source, books = read(text)
    assert len(rows) == 4_000
    assert source.issues == []
    assert books.unparsed == 0


BASE = SHAPES["pretty-printed"].encode()


def test_truncation_at_every_byte_raises_nothing():
    for end in range(len(BASE)):
        score(BASE[:end])
        read(BASE[:end])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), max_size=6))
def test_the_books_balance_with_any_bytes_changed(changes):
    data = bytearray(BASE)
    for at, byte in changes:
        data[at] = byte
    score(bytes(data))
    read(bytes(data))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120), st.sampled_from([b"", b"<Event>", BASE[:300], b"\xff\xfe<\0"]))
def test_the_books_balance_for_any_bytes(data, head):
    score(head + data)
    read(head + data)


@pytest.mark.parametrize(
    "name, events, first",
    [
        ("plaso/typed_history.xml", 4, "2013-11-11 23:45:27"),
        ("crowdsec/windows-logs__windows-logs.log", 1, "2022-04-28 16:09:28"),
    ],
)
def test_outside_files_give_what_the_manifest_counts(shared, name, events, first):
    rows, source, _ = read((shared / "corpora" / "logs" / name).read_bytes())
    assert len(rows) == events
    assert str(rows[0]["time"])[:19] == first
    assert source.unparsed == []
