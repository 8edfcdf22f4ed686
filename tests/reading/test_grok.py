"""Grok expressions become entries of rca, as Logstash's documentation of the filter says what they mean."""

import re
import time

import polars as pl
import pytest

from rca.errors import FormatError, Severity
from rca.moments.stamps import compile_layout
from rca.reading import Declared, Source
from rca.reading.lines import LineReader
from rca.reading.lines.formats import parse_formats
from rca.reading.lines.grok import _Library, _shipped, from_grok, parse_definitions
from rca.reading.lines.naming import nameless
from rca.reading.lines.pattern_tree import render
from rca.reading.lines.patterns import translate


def entry_of(patterns, **more):
    document, issues = from_grok(patterns, name="own", origin="own.grok", **more)
    assert not issues, issues
    return document["format"][0]


def groups(entry, line):
    """The groups found in the line, by Rust's regex and by Python's, which must agree; nothing where a group is empty."""
    patterns = [entry["pattern"]] if isinstance(entry["pattern"], str) else entry["pattern"]
    for one in patterns:
        python = re.match(one, line, re.DOTALL | re.ASCII)
        whole = translate(one)
        assert (python is not None) == pl.Series([line]).str.contains(whole)[0], one
        if python:
            found = pl.Series([line]).str.extract_groups(whole)[0]
            assert found == python.groupdict()
            return {key: value for key, value in found.items() if value}
    return None


def stamp_parses(entry, text):
    return any(compile_layout(layout).parse(text) for layout in entry["layouts"] if layout != "epoch")


@pytest.mark.parametrize(
    "expression, line, expected",
    [
        (
            "%{COMBINEDAPACHELOG}",
            '10.1.2.3 - nurse [12/Nov/2024:05:30:00 +0100] "GET /beds?w=3 HTTP/1.1" 200 512 "-" "curl/8 \\"x\\""',
            {"clientip": "10.1.2.3", "actor": "nurse", "stamp": "12/Nov/2024:05:30:00 +0100", "verb": "GET",
             "request": "/beds?w=3", "httpversion": "1.1", "response": "200", "bytes": "512", "ident": "-",
             "message": "GET /beds?w=3 HTTP/1.1", "referrer": "-", "agent": 'curl/8 \\"x\\"'},
        ),
        (
            "%{COMMONAPACHELOG}",
            'gw.ward.example - - [12/Nov/2024:05:30:00 +0100] "-" 408 -',
            {"clientip": "gw.ward.example", "ident": "-", "actor": "-", "stamp": "12/Nov/2024:05:30:00 +0100",
             "message": "-", "rawrequest": "-", "response": "408"},
        ),
        (
            "%{SYSLOGLINE}",
            "Nov  2 05:30:00 gw-3 pumpd[42]: pump 7 stopped",
            {"stamp": "Nov  2 05:30:00", "subject": "gw-3", "component": "pumpd", "pid": "42",
             "message": "pump 7 stopped"},
        ),
        (
            "%{SYSLOGBASE2} %{GREEDYDATA:text}",
            "2024-11-12T05:30:00.250+01:00 gw-3 pumpd: pump 7 stopped",
            {"stamp": "2024-11-12T05:30:00.250+01:00", "subject": "gw-3", "component": "pumpd",
             "message": "pump 7 stopped"},
        ),
        (
            "%{SYSLOG5424LINE}",
            '<165>1 2024-11-12T05:30:00Z gw-3 pumpd 42 ID7 [ex@1 a="b]"] pump 7 stopped',
            {"pri": "165", "syslog5424_ver": "1", "stamp": "2024-11-12T05:30:00Z", "subject": "gw-3",
             "component": "pumpd", "pid": "42", "syslog5424_msgid": "ID7", "syslog5424_sd": '[ex@1 a="b]"]',
             "message": "pump 7 stopped"},
        ),
        (
            "%{HTTPD_ERRORLOG}",
            "[Tue Nov 12 05:30:00.250000 2024] [core:error] [pid 42:tid 7] [client 10.1.2.3:5000] AH1: no such bed",
            {"stamp": "Tue Nov 12 05:30:00.250000 2024", "component": "core", "severity": "error", "pid": "42",
             "tid": "7", "client": "10.1.2.3", "clientport": "5000", "errorcode": "AH1", "message": "no such bed"},
        ),
        (
            "%{NGINXERROR}",
            "2024/11/12 05:30:00 [warn] 42#7: *9 upstream is slow",
            {"stamp": "2024/11/12 05:30:00", "severity": "warn", "pid": "42", "tid": "7", "connection": "9",
             "message": "upstream is slow"},
        ),
        (
            "%{CATALINALOG}",
            "Nov 12, 2024 5:30:00 AM se.ward.Beds open WARNING: bed 4 is taken",
            {"stamp": "Nov 12, 2024 5:30:00 AM", "component": "se.ward.Beds", "method": "open", "severity": "WARNING",
             "message": "bed 4 is taken"},
        ),
    ],
)  # fmt: skip
def test_the_usual_expressions_take_lines_of_their_logs(expression, line, expected):
    entry = entry_of(expression)
    assert groups(entry, line) == expected
    assert stamp_parses(entry, expected["stamp"])


def test_haproxy_with_syslog_before_it():
    entry = entry_of("%{HAPROXYHTTP}")
    line = (
        "Nov 12 05:30:00 lb1 haproxy[42]: 10.1.2.3:5000 [12/Nov/2024:05:29:59.250] front beds/srv1 10/0/30/69/109 200 "
        '2750 - - ---- 1/1/1/1/0 0/0 {gw.example} {} "GET /beds HTTP/1.1"'
    )
    found = groups(entry, line)
    assert (found["stamp"], found["subject"], found["component"], found["pid"]) == (
        "Nov 12 05:30:00",
        "lb1",
        "haproxy",
        "42",
    )
    assert (found["backend_name"], found["server_name"], found["http_status_code"]) == ("beds", "srv1", "200")
    assert found["message"] == "GET /beds HTTP/1.1"
    assert entry["kind"] == "log.access"


def test_fields_types_and_nested_names():
    entry = entry_of(
        r"%{TIMESTAMP_ISO8601:[event][created]} %{LOGLEVEL:[log][level]} %{NUMBER:[beds][free]:int} "
        r"(?<queue_id>[0-9A-F]{4}) %{IP:[@metadata][ip]}"
    )
    assert groups(entry, "2024-11-12 05:30:00,250 WARN 4 BEEF 10.1.2.3") == {
        "stamp": "2024-11-12 05:30:00,250", "severity": "WARN", "beds_free": "4", "queue_id": "BEEF",
        "metadata_ip": "10.1.2.3",
    }  # fmt: skip
    assert entry["layouts"][0] == "iso"


def test_the_entry_is_accepted():
    document, _ = from_grok(
        "%{SYSLOGTIMESTAMP:timestamp} %{IPORHOST:host} %{GREEDYDATA:message}", name="Own Log", origin="x"
    )
    one = parse_formats(document, origin="x")[0]
    assert (one.name, one.priority) == ("own-log", 4)


def test_the_rest_of_the_line_is_the_message():
    assert "(?P<message>.*)$" in entry_of("%{TIMESTAMP_ISO8601:t} %{GREEDYDATA}")["pattern"]
    assert "(?P<message>.*)$" in entry_of("%{TIMESTAMP_ISO8601:t} %{GREEDYDATA:why}")["pattern"]
    open_end = entry_of("%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:level}:")
    assert groups(open_end, "2024-11-12 05:30:00 WARN: bed 4")["message"] == " bed 4"


def test_an_expression_without_a_message_tells_its_fields():
    entry = entry_of("%{TIMESTAMP_ISO8601:t} %{IP:client} %{WORD:method} %{NUMBER:ms}")
    assert entry["message"] == "{client} {method} {ms}{rest}"


def test_a_stamp_without_a_name_is_found_by_its_pattern():
    entry = entry_of(r"%{SYSLOGTIMESTAMP} %{SYSLOGHOST:host} %{DATA:program}: %{GREEDYDATA:msg}")
    assert groups(entry, "Nov 12 05:30:00 gw-3 pumpd: stopped")["stamp"] == "Nov 12 05:30:00"


def test_the_field_that_can_only_be_a_time_is_the_stamp_whatever_its_name():
    entry = entry_of(r"%{NUMBER:duration} \[%{HTTPDATE:when}\] %{GREEDYDATA:msg}")
    assert entry["layouts"][0] == "%d/%b/%Y:%H:%M:%S %z"


def test_numbers_are_no_stamps_unless_they_are_called_so():
    assert "epoch" in entry_of("%{NUMBER:epoch} %{GREEDYDATA:msg}")["layouts"]
    document, issues = from_grok("%{NUMBER:bytes} %{GREEDYDATA:msg}", name="x", origin="x.grok")
    assert document == {"format": []}
    assert [i.code for i in issues] == ["RCA166"]


def test_the_example_of_the_documentation_has_no_time_and_says_so():
    expression = "%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes} %{NUMBER:duration}"
    document, issues = from_grok(expression, name="x", origin="x.grok")
    assert document == {"format": []}
    assert "timestamp" in issues[0].hint


def test_date_and_time_in_two_fields_are_joined():
    entry = entry_of("%{DATE_EU:date} %{TIME:time} %{GREEDYDATA:message}")
    found = groups(entry, "23/11/2024 05:30:00 open")
    assert (found["stamp_date"], found["stamp_time"]) == ("23/11/2024", "05:30:00")
    assert "%d/%m/%Y %H:%M:%S" in entry["layouts"]
    assert not any(layout.startswith("%m") for layout in entry["layouts"])


def test_a_date_of_either_order_leaves_the_order_to_the_file():
    entry = entry_of("%{DATESTAMP:timestamp} %{GREEDYDATA:message}")
    assert "%d/%m/%Y %H:%M:%S" in entry["layouts"]
    assert "%m/%d/%Y %H:%M:%S" not in entry["layouts"]
    assert "%m/%d/%Y %H:%M:%S" in entry["other_layouts"]


def test_own_definitions_win_and_may_use_the_librarys():
    text = "# the wards\nWARD [A-Z]{2}%{POSINT}\n\nLOGLEVEL (?:LUGN|AKUT)\n"
    own = parse_definitions(text, origin="wards")
    entry = entry_of("%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:level} %{WARD:ward} %{GREEDYDATA:m}", definitions=own)
    assert groups(entry, "2024-11-12 05:30:00 AKUT AB12 bed")["ward"] == "AB12"
    assert groups(entry, "2024-11-12 05:30:00 ERROR AB12 bed") is None


def test_a_pattern_file_with_a_name_and_nothing_else_is_refused_by_line():
    with pytest.raises(FormatError, match="wards:2"):
        parse_definitions("A b\nB\n", origin="wards")


def test_definitions_that_refer_to_themselves_are_refused_with_the_circle():
    own = {"A": "x%{B}", "B": "(?:%{C}|y)", "C": "%{A}"}
    with pytest.raises(FormatError, match="A → B → C → A"):
        from_grok("%{TIMESTAMP_ISO8601:t} %{A}", name="x", definitions=own, origin="x.grok")


@pytest.mark.parametrize("expression", ["%{TIMESTAMP_ISO8602:t}", "%{:t}", "%{date('yyyy'):t}"])
def test_an_unknown_name_is_refused_with_advice(expression):
    with pytest.raises(FormatError, match="Grok has no pattern") as caught:
        from_grok(expression, name="x", origin="x.grok")
    if "ISO" in expression:
        assert "TIMESTAMP_ISO8601" in str(caught.value)


def test_looks_of_own_definitions_go_where_they_say_nothing_new():
    own = {"STRICT": r"(?<![0-9])[0-9]{3}(?![0-9])", "NOTTCP": r"(?!TCP)\w+"}
    entry = entry_of("%{TIMESTAMP_ISO8601:t} %{STRICT:n} %{NOTTCP:p} %{GREEDYDATA:m}", definitions=own)
    assert groups(entry, "2024-11-12 05:30:00 123 UDP x")["p"] == "UDP"
    assert groups(entry, "2024-11-12 05:30:00 123 TCP6 x") is None


def test_what_linear_time_cannot_say_is_left_out_by_name():
    document, issues = from_grok(
        [r"%{TIMESTAMP_ISO8601:t} (?<q>['\"])%{DATA:text}\k<q>", "%{TIMESTAMP_ISO8601:t} %{GREEDYDATA:m}"],
        name="x",
        origin="x.grok",
    )
    assert [i.code for i in issues] == ["RCA165"]
    assert "\\k<q>" in issues[0].message
    assert issues[0].where == "x.grok, expression 1"
    assert isinstance(document["format"][0]["pattern"], str)


def test_the_match_option_of_logstash_is_read_for_whole_lines():
    match = {
        "message": [
            "%{TIMESTAMP_ISO8601:t} pump %{INT:n}: %{GREEDYDATA:m}",
            "%{TIMESTAMP_ISO8601:t} %{GREEDYDATA:m}",
        ],
        "syslog_message": "%{WORD:verb}",
    }
    document, issues = from_grok(match, name="x", origin="x.conf")
    assert len(document["format"][0]["pattern"]) == 2
    assert [(i.code, i.severity) for i in issues] == [("RCA168", Severity.WARNING)]
    assert "syslog_message" in issues[0].message


def test_a_field_that_stands_twice_is_numbered_and_stated():
    document, issues = from_grok(
        "%{TIMESTAMP_ISO8601:t} %{IP:ip} %{IP:ip} %{GREEDYDATA:m}", name="x", origin="x"
    )
    assert [i.code for i in issues] == ["RCA168"]
    assert "(?P<ip_2>" in document["format"][0]["pattern"]


def test_two_stamps_in_branches_become_two_patterns():
    entry = entry_of(
        "(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) %{GREEDYDATA:message}"
    )
    assert len(entry["pattern"]) == 2
    assert groups(entry, "Nov 12 05:30:00 a")["stamp"] == "Nov 12 05:30:00"
    assert groups(entry, "2024-11-12T05:30:00Z a")["stamp"] == "2024-11-12T05:30:00Z"


def test_dot_all_means_that_records_have_several_lines():
    assert entry_of("(?m)%{TIMESTAMP_ISO8601:t} %{GREEDYDATA:message}")["multiline"] is True
    assert entry_of("%{TIMESTAMP_ISO8601:t} %{GREEDYDATA:message}")["multiline"] is False


def test_the_engine_reads_lines_by_a_translated_expression():
    document, _ = from_grok("%{COMBINEDAPACHELOG}", name="beds", origin="beds.grok")
    line = '10.1.2.3 - nurse [12/Nov/2024:05:30:00 +0100] "GET /beds HTTP/1.1" 200 512 "-" "curl/8"\n'
    source = Source.of_bytes(line.encode(), declared=Declared(zone="UTC", definitions={"own": document}))
    (batch,) = LineReader().read(source)
    assert batch.column("message").to_pylist() == ["GET /beds HTTP/1.1"]
    assert batch.column("kind").to_pylist() == ["log.access"]
    assert batch.column("time_text").to_pylist() == ["12/Nov/2024:05:30:00 +0100"]


# The library

YES_AND_NO = {
    "WORD": (["ward", "w_3"], ["", "a b", "a-b"]),
    "INT": (["7", "-7", "+07"], ["7.0", "x"]),
    "NUMBER": (["7", "-7.25", ".5"], ["7.", "1e3", "x"]),
    "BASE16NUM": (["0xBEEF", "beef", "-0x1"], ["0xg", ""]),
    "POSINT": (["1", "10"], ["0", "01"]),
    "IPV4": (["0.0.0.0", "10.1.2.3", "255.255.255.255"], ["256.1.1.1", "1.2.3", "01.2.3.4"]),
    "IPV6": (
        ["::", "::1", "fe80::1%eth0", "2001:db8::8a2e:370:7334", "1:2:3:4:5:6:7:8", "::ffff:10.1.2.3"],
        ["1:2:3", ":::", "1:2:3:4:5:6:7:8:9", "g::1"],
    ),
    "HOSTNAME": (["gw", "gw-3.ward.example", "a.b."], ["-gw", "a..b", ""]),
    "HOSTPORT": (["gw-3:443", "10.1.2.3:80"], ["gw-3", "gw-3:"]),
    "EMAILADDRESS": (["on.call+3@ward.example"], ["@ward.example", "x@"]),
    "UUID": (["0A1b2c3d-0000-4000-8000-0123456789ab"], ["0A1b2c3d00004000800001234567", "x"]),
    "MAC": (["00:1b:63:84:45:e6", "00-1B-63-84-45-E6", "001b.6384.45e6"], ["00:1b:63:84:45", "001b:6384:45e6"]),
    "UNIXPATH": (["/", "/var/log/ward.log"], ["var/log", "C:\\x"]),
    "WINPATH": (["C:\\Ward\\log 1.txt", "\\\\srv\\share"], ["/var", "C:"]),
    "URI": (["https://gw.example:8443/beds?id=3", "ftp://u:p@h/x"], ["/beds", "https:"]),
    "URIPATHPARAM": (["/beds?id=3&x=[1]", "/"], ["beds", "?id"]),
    "QUOTEDSTRING": (['"a \\" b"', "'x'", '""'], ['"a', 'a"']),
    "MONTH": (["Nov", "November", "may"], ["Nove", "13"]),
    "MONTHNUM": (["1", "01", "12"], ["0", "13"]),
    "MONTHDAY": (["1", "09", "31"], ["0", "32"]),
    "HOUR": (["0", "09", "23"], ["24"]),
    "TIME": (["05:30:00", "5:30:00.250", "23:59:60"], ["05:30", "24:00:00", "05:60:00"]),
    "DATE_US": (["11/23/2024", "1-2-24"], ["23/11/2024"]),
    "DATE_EU": (["23/11/2024", "23.11.24"], ["11/23/2024"]),
    "ISO8601_TIMEZONE": (["Z", "+01:00", "-0500", "+01"], ["CET", "+1:"]),
    "TIMESTAMP_ISO8601": (["2024-11-12T05:30:00Z", "2024-11-12 05:30", "2024-11-12 05:30:00,250+0100"], ["2024-11-12", "12:30"]),
    "DATESTAMP_RFC2822": (["Tue, 12 Nov 2024 05:30:00 +0100"], ["12 Nov 2024"]),
    "DATESTAMP_OTHER": (["Tue Nov 12 05:30:00 CET 2024"], ["Tue Nov 12 05:30:00 2024"]),
    "DATESTAMP_EVENTLOG": (["20241112053000"], ["2024111205300", "20241312053000"]),
    "HTTPDATE": (["12/Nov/2024:05:30:00 +0100"], ["12/11/2024:05:30:00 +0100"]),
    "SYSLOGTIMESTAMP": (["Nov  2 05:30:00", "Nov 12 05:30:00"], ["2024-11-12 05:30:00"]),
    "LOGLEVEL": (["INFO", "warn", "Emergency"], ["LUGN", "INFOS"]),
    "JAVACLASS": (["se.ward.Beds$Bed", "Beds"], ["se.", "3x"]),
    "SYSLOG5424SD": (['[a@1 b="c"]', '[a@1 b="]"][c@2]'], ["-", "[a"]),
    "PROG": (["pumpd", "postfix/smtpd"], ["a b", "a[1]"]),
}  # fmt: skip


@pytest.mark.parametrize("name", YES_AND_NO)
def test_a_name_of_the_library_takes_what_it_means_and_nothing_else(name):
    group = _Library(_shipped(), "grok.toml").expand(name)
    whole = translate(f"^(?:{render(nameless(group.branches))})$")
    yes, no = YES_AND_NO[name]
    assert pl.Series(yes).str.contains(whole).to_list() == [True] * len(yes)
    assert pl.Series(no).str.contains(whole).to_list() == [False] * len(no)


@pytest.mark.parametrize("name", sorted(_shipped()))
def test_every_name_of_the_library_compiles_in_both_engines(name):
    group = _Library(_shipped(), "grok.toml").expand(name)
    text = render(nameless(group.branches))
    re.compile(text)
    pl.Series(["x"]).str.contains(translate(text))


def test_no_line_makes_an_expression_slow():
    entry = entry_of("%{COMBINEDAPACHELOG}")
    lines = [
        '10.0.0.1 - - [12/Nov/2024:05:30:01 +0000] "' + '\\"' * 20_000,
        "a." * 20_000,
        "1:" * 20_000,
        "a" * 50_000,
    ]
    begin = time.perf_counter()
    assert not pl.Series(lines).str.contains(translate(entry["pattern"])).any()
    assert time.perf_counter() - begin < 3
