"""Formats are tried, drafted and imported from the command line; what is imported is text that rca reads again."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rca.errors import FormatError
from rca.reading import Source
from rca.reading.lines.document import import_formats, to_toml
from rca.reading.lines.formats import load_formats, parse_formats
from rca.reading.lines.trying import try_formats


def shares(data):
    return {share.who: share for share in try_formats(Source.of_bytes(data), load_formats()).shares}


def rca(*args):
    return subprocess.run(
        [str(Path(sys.executable).with_name("rca")), *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_trying_tells_the_fate_of_every_line():
    data = (
        b"Nov 12 05:30:00 ehr01 sshd[7]: opened\n"
        b"2024-11-12 05:30:01,004 ERROR [main] org.example.Order - boom\n"
        b"\tat org.example.Order.take(Order.java:17)\n"
        b"\n"
        b'10.0.0.1 - - [12/Nov/2024:05:30:02 +0100] "GET / HTTP/1.1" 200 5\n'
        b"words without a stamp\n"
    )
    found = shares(data)
    assert found["syslog-3164"].lines == 1
    assert found["log4j"].stamp == "2024-11-12 05:30:01,004"
    assert found["(record before)"].first == 3
    assert found["(blank)"].lines == 1
    assert found["(undated)"].example == "words without a stamp"
    assert sum(share.lines for share in found.values()) == 6


def test_a_file_without_any_stamp_says_so():
    found = shares(b"one\ntwo\n")
    assert list(found) == ["(undated)"]
    assert "no stamp here" in found["(undated)"].why
    assert try_formats(Source.of_bytes(b""), load_formats()).shares == ()


def test_a_grok_file_becomes_a_format_that_reads_its_lines(tmp_path):
    grok = tmp_path / "ward.grok"
    grok.write_text(
        "# ours\nWARD W[0-9]+\n%{WARD:unit} %{TIMESTAMP_ISO8601:timestamp} %{GREEDYDATA:message}\n"
    )
    document, issues = import_formats(grok)
    again = tomllib.loads(to_toml(document))
    assert issues == []
    assert parse_formats(again, origin="ward.toml") == parse_formats(document, origin="ward.toml")


def test_an_lnav_format_goes_to_toml_and_back(tmp_path):
    lnav = {
        "ward_log": {
            "title": 'Ward\'s "log"',
            "regex": {"std": {"pattern": r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<body>.*)$"}},
            "sample": [{"line": "2024-11-12 05:30:00 screen froze"}],
        }
    }
    path = tmp_path / "ward.json"
    path.write_text(json.dumps(lnav))
    document, _ = import_formats(path)
    (one,) = parse_formats(tomllib.loads(to_toml(document)), origin="ward.toml")
    assert one.title.startswith('Ward\'s "log"')


@pytest.mark.parametrize(("name", "text"), [("a.json", "{"), ("a.json", "[]"), ("a.grok", "NAME x\n")])
def test_what_is_no_format_file_is_refused_with_a_reason(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(FormatError):
        import_formats(path)


def test_the_shell_tries_drafts_and_imports(tmp_path):
    log = tmp_path / "own.log"
    log.write_text("".join(f"W{n};2024-11-12 05:30:0{n};froze\n" for n in range(8)))
    assert "stamp-after-field" in rca("formats", "--try", log).stdout
    draft = rca("formats", "--learn", log)
    assert draft.returncode == 0
    own = tmp_path / "own.toml"
    own.write_text(draft.stdout)
    read = rca("read", log, "--mapping", own, "--zone", "UTC", "--jsonl", "-")
    assert [json.loads(line)["message"] for line in read.stdout.splitlines()] == ["froze"] * 8
    assert rca("formats", "--try", tmp_path / "gone.log").returncode == 2
    assert rca("formats", "--try", log, "--learn", log).returncode == 2
