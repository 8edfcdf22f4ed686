"""lnav's format files become entries of rca: what lnav's documentation says a setting means is what is read."""

import itertools
import json
import os
import re
import shutil
import subprocess

import polars as pl
import pytest

from rca.errors import FormatError, Severity
from rca.moments.stamps import compile_layout
from rca.reading import Declared, Source
from rca.reading.lines import LineReader
from rca.reading.lines.dialect import Flavour, parse
from rca.reading.lines.formats import parse_formats
from rca.reading.lines.layouts import from_strftime
from rca.reading.lines.lnav import from_lnav
from rca.reading.lines.lookaround import closed, without_looks
from rca.reading.lines.pattern_tree import UntranslatableError, render

WARD = {
    "$schema": "https://lnav.org/schemas/format-v1.schema.json",
    "ward_log": {
        "title": "Ward gateway",
        "description": "What the gateway of the wards writes",
        "url": "https://example.org/ward",
        "regex": {
            "std": {
                "pattern": r"^(?<timestamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)>>(?<level>\w+)>>(?<module>\w++)"
                r"\[(?<log_pid>\d+)\]>>(?<body>.*)$"
            }
        },
        "level": {"error": "ERR|FAIL(?:ED)?", "warning": "^WRN$", "info": "INF"},
        "value": {"module": {"kind": "string", "identifier": True}},
        "sample": [
            {"line": "2024-11-12T05:30:00.250Z>>ERR>>pump[42]>>stopped\n  by hand", "level": "error"},
            {"line": "2024-11-12T05:30:01.000Z>>INF>>bed[7]>>ready"},
        ],
    },
}


def translated(body, name="x_log"):
    document, issues = from_lnav({name: body}, origin="own.json")
    return document["format"][0] if document["format"] else None, issues


def of(pattern, **more):
    return {"regex": {"std": {"pattern": pattern}}, **more}


def groups(pattern, line):
    """The groups that the pattern finds, by Rust's regex and by Python's, which must agree."""
    patterns = [pattern] if isinstance(pattern, str) else pattern
    for one in patterns:
        python = re.match(one, line, re.DOTALL | re.ASCII)
        rust = pl.Series([line]).str.extract_groups(f"(?s){one}")[0]
        assert (python is not None) == pl.Series([line]).str.contains(f"(?s){one}")[0], one
        if python:
            assert rust == python.groupdict()
            return {key: value for key, value in rust.items() if value is not None}
    return None


def codes(issues):
    return [issue.code for issue in issues]


def test_a_format_of_text_becomes_an_entry_that_is_accepted():
    document, issues = from_lnav(WARD, origin="ward.json")
    entry = document["format"][0]
    assert not issues
    assert (entry["name"], entry["title"], entry["reference"]) == (
        "ward-log",
        "Ward gateway",
        "https://example.org/ward",
    )
    assert entry["layouts"] == ["iso"]
    assert entry["severity"] == {"err": 17, "failed": 17, "fail": 17, "wrn": 13, "inf": 9}
    assert parse_formats(document, origin="ward.json")[0].name == "ward-log"


def test_named_groups_go_to_the_columns_of_events():
    entry = from_lnav(WARD, origin="ward.json")[0]["format"][0]
    assert groups(entry["pattern"], "2024-11-12T05:30:00.250Z>>ERR>>pump[42]>>stopped") == {
        "stamp": "2024-11-12T05:30:00.250Z",
        "severity": "ERR",
        "component": "pump",
        "pid": "42",
        "message": "stopped",
    }


def test_samples_carry_over_with_the_stamp_and_level_to_expect():
    entry = from_lnav(WARD, origin="ward.json")[0]["format"][0]
    assert entry["multiline"] is True  # lnav's default
    assert entry["samples"][0] == {
        "line": "2024-11-12T05:30:00.250Z>>ERR>>pump[42]>>stopped",
        "expect": {"time_text": "2024-11-12T05:30:00.250Z", "severity": 17},
    }


def test_fields_that_the_format_names_win_over_usual_names():
    entry, _ = translated(
        of(
            r"^(?<when>\S+) (?<who>\w+) (?<host>\S+) (?<op>\S+) (?<text>.*)$",
            **{"timestamp-field": "when", "level-field": "who", "body-field": "text", "opid-field": "op"},
        )
    )
    found = groups(entry["pattern"], "2024-11-12T05:30:00 ERROR gw1 a7 restarted")
    assert found == {
        "stamp": "2024-11-12T05:30:00", "severity": "ERROR", "subject": "gw1", "trace_id": "a7", "message": "restarted",
    }  # fmt: skip


def test_an_opid_that_is_a_thread_or_an_address_keeps_its_own_name():
    entry, _ = translated(of(r"^(?<timestamp>\S+) (?<thread>\d+) (?<body>.*)$", **{"opid-field": "thread"}))
    assert "(?P<thread>" in entry["pattern"]


def test_several_regexes_become_a_list_in_their_order():
    entry, issues = translated(
        {
            "regex": {
                "pump": {
                    "pattern": r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) pump (?<n>\d+): (?<body>.*)"
                },
                "other": {"pattern": r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<body>.*)"},
            }
        }
    )
    assert not issues
    assert len(entry["pattern"]) == 2
    assert groups(entry["pattern"], "2024-11-12 05:30:00 pump 3: stopped")["n"] == "3"


@pytest.mark.parametrize(
    "foreign, plain",
    [
        (r"a++b*+c?+d{2}+", "a+b*c?d{2}"),
        (r"(?>ab|c)", "(?:ab|c)"),
        (r"(x)(?'q'y)(?P<r>z)", "(?:x)(?P<q>y)(?P<r>z)"),
        (r"[[:digit:][:upper:]_-]", r"[\d\-A-Z_]"),
        (r"(?i)err|fatal", "(?i:err)|(?i:fatal)"),
        (r"\Qa.b\E\h\R", r"(?:a\.b)[\x09 ](?:\x0d\x0a|[\x0a-\x0d])"),
        (r"a(?#note)b\Kc", "abc"),
        (r"(?x) a \s b # blanks do not count", r"a\sb"),
        (r"x{,3}\}", r"x\{,3\}\}"),
    ],
)
def test_what_pcre_can_say_in_other_words_is_said_in_other_words(foreign, plain):
    assert render(parse(foreign, Flavour.PCRE)) == plain


@pytest.mark.parametrize(
    "pattern, named",
    [
        (r"(['\"])(?<body>.*)\1", r"\1"),
        (r"(?<body>\((?:[^()]|(?R))*\))", "(?R)"),
        (r"(?<a>x)?(?(a)y|z)", "(?(a)"),
        (r"(?<body>a(?=\w+=)b\w*)", r"(?=\w+=)"),
        (r"(?<!foo)(?<body>.*)", "(?<!foo)"),
        (r"(?P<q>.)(?P=q)", "(?P=q"),
        (r"(*SKIP)(?<body>.*)", "(*SKIP)"),
        (r"(?<body>[a-", "without its end"),
    ],
)
def test_what_linear_time_cannot_say_is_left_out_by_name(pattern, named):
    entry, issues = translated(of(r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) " + pattern))
    assert entry is None
    assert codes(issues) == ["RCA165", "RCA165"]
    assert 'The regex "std" is left out' in issues[0].message
    assert named in issues[0].message
    assert "linear time" in issues[0].hint
    assert issues[1].severity is Severity.ERROR


def test_one_regex_that_cannot_be_said_does_not_cost_the_others():
    good = r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<body>.*)"
    entry, issues = translated(
        {"regex": {"a": {"pattern": r"^(?<timestamp>\S+) (.)\2"}, "b": {"pattern": good}}}
    )
    assert isinstance(entry["pattern"], str)
    assert codes(issues) == ["RCA165"]


LOOKS = [
    r'(?!")[^ \?]+ x', r"(?!TCP|UD)\w+ ", r"a(?![0-9]) b", r"(?<![A-Z])T\w*", r"(?!T)(?P<b>.*)$", r"(?<!\w)T(?!\w)",
    r"(?!TC|U C)(?P<b>[^D].*)$", r"\w+(?=C|$)", r"T+(?=CD)", r"[TC]+(?!\d)", r"x(?<!\d)T", r"(?=T)\w+",
    r"(?!T|CU)[TCU]*: D", r"(?:(?!T)\w )+D", r"(?![TC])\w? D", r"(?=.*)T", r"T (?!C)",
]  # fmt: skip


@pytest.mark.parametrize("pattern", LOOKS)
def test_a_look_that_is_removed_changes_nothing(pattern):
    texts = ["".join(t) for n in range(5) for t in itertools.product('TCUD "1:', repeat=n)]
    ours = re.compile(
        render([without_looks(closed(b)) for b in parse(pattern, Flavour.PCRE)]), re.ASCII | re.DOTALL
    )
    theirs = re.compile(pattern, re.ASCII | re.DOTALL)
    for text in texts:
        mine, its = ours.match(text), theirs.match(text)
        assert bool(mine) == bool(its), text
        if its and "b" in theirs.groupindex:
            assert mine["b"] == its["b"]


@pytest.mark.parametrize(
    "written, layout, text",
    [
        ("%Y-%m-%d %H:%M:%S.%L", "%Y-%m-%d %H:%M:%S.%f", "2024-11-12 05:30:00.250"),
        ("%Y-%m-%dT%H:%M:%S.%NZ", "%Y-%m-%dT%H:%M:%S.%f%z", "2024-11-12T05:30:00.250000001Z"),
        ("%b %e %k:%M:%S", "%b %e %H:%M:%S", "Nov  2  5:30:00"),
        ("%m/%d/%y %l:%M:%S %p", "%m/%d/%y %I:%M:%S %p", "11/12/24 5:30:00 PM"),
        ("%d/%b/%Y:%H:%M:%S +0000", "%d/%b/%Y:%H:%M:%S %z", "12/Nov/2024:05:30:00 +0000"),
        ("%s", "epoch:s", "1731385800"),
        ("%s.%f", "epoch:s", "1731385800.25"),
        ("%i", "epoch:ms", "1731385800250"),
        ("%6", "epoch:us", "1731385800250000"),
        ("%9", "epoch:ns", "1731385800250000000"),
        ("%@", "tai64n", "@400000006732dd88000f4240"),
        ("%F %T,%L", "%Y-%m-%d %H:%M:%S,%f", "2024-11-12 05:30:00,250"),
    ],
)
def test_conversions_of_time_become_layouts(written, layout, text):
    assert from_strftime(written) == layout
    assert compile_layout(layout).parse(text) is not None


@pytest.mark.parametrize("written", ["%q", "[%s]", "%Y week %V"])
def test_a_conversion_without_a_counterpart_is_an_issue(written):
    with pytest.raises(UntranslatableError):
        from_strftime(written)
    entry, issues = translated(of(r"^(?<timestamp>\S+) (?<body>.*)", **{"timestamp-format": [written]}))
    assert entry is None
    assert "RCA166" in codes(issues)
    assert written.strip("[]")[:2] in issues[0].message


def test_of_several_formats_of_time_the_known_ones_are_kept():
    entry, issues = translated(of(r"^(?<timestamp>\S+) (?<body>.*)", **{"timestamp-format": ["%q", "%s"]}))
    assert entry["layouts"] == ["epoch:s"]
    assert codes(issues) == ["RCA166"]


def test_without_a_format_of_time_the_pattern_says_which_layouts_fit():
    entry, _ = translated(of(r"^\[(?<timestamp>\d{2}/\w{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] (?<body>.*)"))
    assert entry["layouts"] == ["%d/%b/%Y:%H:%M:%S %z"]


def test_day_and_month_that_only_the_file_can_tell_are_given_both_ways():
    entry, _ = translated(of(r"^(?<timestamp>\d\d/\d\d/\d{4} \d\d:\d\d:\d\d) (?<body>.*)"))
    assert entry["layouts"] == ["%m/%d/%Y %H:%M:%S"]  # as lnav reads it
    assert entry["other_layouts"] == ["%d/%m/%Y %H:%M:%S"]


def test_a_stamp_of_any_text_is_read_as_the_samples_are_written():
    entry, _ = translated(
        of(r"^\[(?<timestamp>[^\]]+)\] (?<body>.*)", sample=[{"line": "[12-Nov-24 05:30:00] ward open"}])
    )
    assert entry["layouts"][0] == "%d-%b-%y %H:%M:%S"
    assert "iso" in entry["layouts"]


def test_date_and_time_in_two_fields_are_joined():
    entry, _ = translated(
        of(
            r"^(?<day>\d{4}-\d\d-\d\d)\|(?<clock>\d\d:\d\d:\d\d)\|(?<body>.*)$",
            **{"timestamp-field": "day", "time-field": "clock"},
        )
    )
    assert groups(entry["pattern"], "2024-11-12|05:30:00|x")["stamp_time"] == "05:30:00"
    assert entry["layouts"] == ["%Y-%m-%d %H:%M:%S"]


def test_levels_listed_by_the_pattern_are_put_to_the_expressions():
    entry, _ = translated(
        of(
            r"^(?<level>[EWI])(?<timestamp>\d{4} \d\d:\d\d:\d\d\.\d{6}) (?<body>.*)",
            level={"error": "^[EF]", "warning": "W", "info": "I"},
        )
    )
    assert entry["severity"] == {"e": 17, "w": 13, "i": 9, "f": 17}


def test_levels_found_by_a_pattern_are_stated_as_left_out():
    entry, issues = translated(
        of(
            r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<cs_method>\w+) (?<sc_status>\d+)",
            **{"level-field": "sc_status", "level": {"error": "^[^123].*"}},
        )
    )
    assert codes(issues) == ["RCA168"]
    assert "severity" not in entry
    assert entry["kind"] == "log.access"
    assert entry["message"] == "{cs_method} {sc_status}{rest}"


def test_a_pattern_without_an_end_keeps_what_it_leaves_of_the_line():
    entry, _ = translated(of(r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"))
    assert groups(entry["pattern"], "2024-11-12 05:30:00 pump stopped")["message"] == " pump stopped"


def test_a_regex_is_anchored_unless_samples_have_something_before_it():
    pattern = r"(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<body>.*)"
    anchored, _ = translated(of(pattern, sample=[{"line": "2024-11-12 05:30:00 a"}]))
    free, _ = translated(of(pattern, sample=[{"line": "=== 2024-11-12 05:30:00 a"}]))
    assert anchored["pattern"].startswith("^(?P<stamp>")
    assert groups(free["pattern"], "=== 2024-11-12 05:30:00 a")["message"] == "a"


def test_a_name_that_stands_in_two_branches_becomes_two_patterns():
    entry, issues = translated(
        of(
            r"^(?:(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)|\[(?<timestamp>\w{3} \d\d \d\d:\d\d:\d\d)\]) (?<body>.*)"
        )
    )
    assert not issues
    assert len(entry["pattern"]) == 2
    assert entry["layouts"] == ["iso", "%b %e %H:%M:%S"]


def test_samples_that_are_no_longer_taken_are_counted():
    entry, issues = translated(
        of(
            r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<body>.*)",
            sample=[{"line": "2024-11-12 05:30:00 a"}, {"line": "something else"}],
        )
    )
    assert codes(issues) == ["RCA167"]
    assert "1 of 2 samples" in issues[0].message
    assert len(entry["samples"]) == 1


def test_lines_of_json_are_read_by_keys():
    document, issues = from_lnav(
        {
            "gw_json": {
                "json": True,
                "timestamp-field": "/meta/ts",
                "timestamp-divisor": 1000,
                "level-field": "lvl",
                "level": {"error": 50, "warning": [40], "info": 30},
                "body-field": "msg",
                "opid-field": "req/id",
                "line-format": [{"field": "__timestamp__"}, " ", {"field": "host"}, " ", {"field": "msg"}],
                "value": {"host": {"kind": "string"}, "logger": {"kind": "string"}},
                "hide-extra": True,
            }
        },
        origin="gw.json",
    )
    assert not issues
    entry = document["format"][0]
    assert entry["json"] is True
    assert entry["layouts"] == ["epoch:ms"]
    assert entry["severity"] == {"50": 17, "40": 13, "30": 9}
    assert entry["keys"] == {
        "stamp": ["meta.ts"], "message": ["msg"], "severity": ["lvl"], "trace_id": ["req.id"], "subject": ["host"],
        "component": ["logger"],
    }  # fmt: skip
    assert parse_formats(document, origin="gw.json")


def test_a_line_format_is_the_message_where_there_is_no_body():
    entry, _ = translated(
        {
            "json": True,
            "line-format": [{"field": "timestamp"}, " ", {"field": "op"}, " on ", {"field": "bed"}],
        }
    )
    assert entry["message"] == "{op} on {bed}"


def test_numbers_of_json_without_a_divisor_are_seconds():
    entry, _ = translated({"json": True})
    assert entry["layouts"][0] == "iso"
    assert entry["layouts"][-1] == "epoch:s"
    assert entry["keys"] == {"stamp": ["timestamp"], "message": ["body"], "severity": ["level"]}


@pytest.mark.parametrize(
    "more", [{"timestamp-divisor": 60}, {"subsecond-field": "ns", "subsecond-units": "nano"}]
)
def test_counts_that_no_layout_reads_are_issues(more):
    assert codes(translated({"json": True, **more})[1])[0] == "RCA166"


def test_a_level_pointer_that_can_only_mean_one_field_is_that_field():
    entry, issues = translated({"json": True, "level-pointer": "/log/level$"})
    assert not issues
    assert entry["keys"]["severity"] == ["log.level"]
    assert codes(translated({"json": True, "level-pointer": ".*level.*"})[1]) == ["RCA168"]


def test_settings_of_the_view_are_passed_over_and_unknown_ones_named():
    pattern = r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<body>.*)"
    quiet = {
        "file-pattern": r"ward\.log",
        "ordered-by-time": False,
        "convert-to-local-time": True,
        "highlights": {},
    }
    assert not translated(of(pattern, **quiet))[1]
    _, issues = translated(of(pattern, **{"timestamp-fromat": ["%s"]}))
    assert codes(issues) == ["RCA168"]
    assert 'Did you mean "timestamp-format"' in issues[0].hint


def test_what_is_for_other_logs_or_needs_a_program_is_left_out_and_stated():
    inner = {"pattern": r"^(?<timestamp>\S+) (?<body>.*)", "module-format": True}
    entry, issues = translated({"regex": {"std": inner}})
    assert entry is None
    assert issues[0].severity is Severity.INFO
    assert "executes nothing" in translated({"json": True, "converter": {"command": "x"}})[1][0].hint


def test_a_patch_of_a_format_of_lnavs_own_is_stated():
    entry, issues = translated({"level": {"error": "bad"}}, name="syslog_log")
    assert entry is None
    assert "changes a format that lnav brings" in issues[0].message


@pytest.mark.parametrize(
    "document, message",
    [([], "one JSON object"), ({"a": 1}, "is an object"), ({"a": {"regex": {"s": {}}}}, "has a pattern"),
     ({"a": {"json": True, "line-format": "x"}}, "is a list"), ({"a": {"json": True, "level": ["x"]}}, "is an object"),
     ({"a": {"json": True, "body-field": 3}}, "is a text")],
)  # fmt: skip
def test_a_file_that_is_no_format_file_is_refused(document, message):
    with pytest.raises(FormatError, match=message):
        from_lnav(document, origin="own.json")


# Through the engine


def events_of(text, document):
    declared = Declared(zone="UTC", definitions={"own": document})
    source = Source.of_bytes(text.encode(), declared=declared)
    rows = [row for batch in LineReader().read(source) for row in batch.drop_columns(TIMES).to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows


TIMES = ["time", "time_earliest", "time_latest", "time_end", "known_time"]


def test_the_engine_reads_lines_by_a_translated_format():
    document, _ = from_lnav(WARD, origin="ward.json")
    lines = [line["line"] for line in WARD["ward_log"]["sample"]]
    rows = events_of("\n".join(lines) + "\n", document)
    assert [(r["severity"], r["component"], r["message"]) for r in rows] == [
        (17, "pump", "stopped"),
        (9, "bed", "ready"),
    ]
    assert rows[0]["time_text"] == "2024-11-12T05:30:00.250Z"


def test_the_engine_tells_the_fields_where_a_format_has_no_body():
    document, _ = from_lnav(
        {"x_log": of(r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<verb>\w+) (?<bed>\d+)")},
        origin="own.json",
    )
    rows = events_of("2024-11-12 05:30:00 opened 3\n2024-11-12 05:30:01 closed 4 by hand\n", document)
    assert [r["message"] for r in rows] == ["opened 3", "closed 4 by hand"]


def test_the_engine_reads_lines_of_json_by_a_translated_format():
    body = {
        "json": True,
        "timestamp-field": "ts",
        "timestamp-divisor": 1000,
        "body-field": "msg",
        "level": {"error": 50},
    }
    document, _ = from_lnav({"gw_json": body}, origin="gw.json")
    rows = events_of('{"ts": 1731389400250, "level": 50, "msg": "bed 3"}\n', document)
    assert [(r["time_text"], r["severity"], r["message"]) for r in rows] == [("1731389400250", 17, "bed 3")]


# Against lnav itself

needs_lnav = pytest.mark.skipif(
    shutil.which("lnav") is None, reason="lnav is not installed: nothing to compare with"
)


def run_lnav(home, *arguments):
    environment = {**os.environ, "HOME": str(home), "TERM": "dumb", "TZ": "UTC"}
    command = ["lnav", "-n", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


@needs_lnav
def test_lnav_takes_the_same_lines_apart_in_the_same_way(tmp_path):
    folder = tmp_path / ".lnav" / "formats" / "installed"
    folder.mkdir(parents=True)
    (folder / "ward.json").write_text(json.dumps(WARD))
    log = tmp_path / "ward.log"
    lines = [
        "2024-11-12T05:30:00.250Z>>ERR>>pump[42]>>stopped",
        "2024-11-12T05:30:01.000Z>>INF>>bed[7]>>ready >> again",
        "2024-11-12T05:30:02.500Z>>FAILED>>pump[42]>>",
    ]
    log.write_text("\n".join(lines) + "\n")
    query = ";select log_time, log_level, module, log_body from ward_log"
    theirs = json.loads(run_lnav(tmp_path, "-c", query, "-c", ":write-json-to -", str(log)))
    entry = from_lnav(WARD, origin="ward.json")[0]["format"][0]
    assert len(theirs) == len(lines)
    numbers = {"error": 17, "info": 9, "warning": 13}
    for row, line in zip(theirs, lines, strict=True):
        found = groups(entry["pattern"], line)
        assert row["log_time"] == found["stamp"].replace("T", " ").removesuffix("Z")
        assert numbers[row["log_level"]] == entry["severity"][found["severity"].casefold()]
        assert row["module"] == found["component"]
        assert (row["log_body"] or "") == found["message"]


@needs_lnav
def test_most_of_the_formats_that_lnav_brings_carry_over_with_their_samples(tmp_path):
    log = tmp_path / "x.log"
    log.write_text("2024-11-12 05:30:00 x\n")
    run_lnav(tmp_path, str(log))  # writes the formats that it brings into its home
    files = sorted((tmp_path / ".lnav" / "formats" / "default").glob("*.json.sample"))
    if not files:
        pytest.skip("this lnav writes its formats nowhere")
    formats = samples = taken = lost = 0
    for file in files:
        document, issues = from_lnav(json.loads(file.read_text()), origin=file.name)
        for name, body in json.loads(file.read_text()).items():
            formats += name != "$schema"
            samples += len(body.get("sample", [])) if isinstance(body, dict) and not body.get("json") else 0
        for entry in document["format"]:
            lost -= 1
            for sample in entry["samples"] if "pattern" in entry else ():
                assert groups(entry["pattern"], sample["line"]) is not None
                taken += 1
        lost += sum(name != "$schema" for name in json.loads(file.read_text()))
        assert all(issue.where and issue.hint for issue in issues)
    assert lost <= 0.1 * formats
    assert taken >= 0.8 * samples
