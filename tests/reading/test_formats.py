"""Formats are data, and their samples are their tests."""

import time

import pytest

from rca.errors import FormatError, UsageError
from rca.reading.lines.engine import Matcher
from rca.reading.lines.formats import load_formats, parse_formats, severity_number

SAMPLES = [(f.name, n) for f in load_formats() for n in range(len(f.samples))]


def by_name(name):
    return next(f for f in load_formats() if f.name == name)


@pytest.mark.parametrize("name, number", SAMPLES)
def test_a_sample_is_taken_apart_as_it_says(name, number):
    one = by_name(name)
    sample = one.samples[number]
    parts = one.take(sample["line"])
    assert parts is not None
    seen = {"time_text": parts.stamp, **parts.fields, **parts.columns}
    for key, value in sample["expect"].items():
        assert seen.get(key) == value, key
    assert one.parse_stamp(parts.stamp) is not None


@pytest.mark.parametrize("name, number", SAMPLES)
def test_among_all_formats_a_sample_finds_its_own(name, number):
    formats = load_formats()
    found = Matcher(formats).find(by_name(name).samples[number]["line"])
    assert formats[found[0]].name == name


def test_every_format_names_its_reference_and_brings_samples():
    for one in load_formats():
        assert one.reference, one.name
        assert one.samples, one.name


@pytest.mark.parametrize("one", load_formats(), ids=lambda f: f.name)
def test_no_line_makes_a_pattern_slow(one):
    lines = [
        "a" * 100_000,
        " " * 100_000,
        "[" * 50_000 + "]" * 50_000,
        "2024-11-12 05:30:00" + " " * 100_000,
        "2024-11-12 05:30:00 ERROR [" + "a-" * 50_000,
        "<34>1 2024-11-12T05:30:00Z h a p m " + '[a b="' * 15_000,
        '10.0.0.1 - - [12/Nov/2024:05:30:01 +0000] "' + '\\"' * 50_000,
        "k=" * 50_000 + ' time=2024 "',
        "Nov 12 05:30:00 " + "a:" * 50_000,
    ]
    for line in lines:
        begin = time.perf_counter()
        one.take(line)
        one.find_stamp(line)
        assert time.perf_counter() - begin < 2.0, line[:40]


@pytest.mark.parametrize(
    "entry, message",
    [
        ({"name": "x", "layouts": ["iso"], "pattren": "a"}, 'Did you mean "pattern"'),
        ({"name": "x", "layouts": ["iso"], "pattern": "("}, "does not compile"),
        ({"name": "x", "layouts": ["iso"], "pattern": "a"}, "no group"),
        ({"name": "x", "layouts": ["%Q"], "pattern": "{stamp}"}, "%Q"),
        ({"name": "x", "pattern": "{stamp}"}, "layouts"),
        ({"layouts": ["iso"]}, "has a name"),
    ],
)
def test_a_malformed_format_is_refused_by_name(entry, message):
    with pytest.raises(FormatError, match=message):
        parse_formats({"format": [entry]}, origin="own.toml")


def test_levels_have_opentelemetry_numbers():
    words = ("trace", "DEBUG", "Info", "notice", "WARN", "err", "critical", "alert", "emerg")
    assert [severity_number(w) for w in words] == [1, 5, 9, 10, 13, 17, 18, 19, 21]
    assert severity_number("purple") is None


def test_an_own_format_is_tried_first(tmp_path):
    import rca

    path = tmp_path / "a.log"
    path.write_text("@@2024-11-12 05:30:00@@ pump 7 stopped\n")
    own = {
        "format": [
            {
                "name": "pumps",
                "layouts": ["iso"],
                "pattern": r"^@@{stamp}@@ (?P<subject>pump \d+) (?P<message>.*)$",
            }
        ]
    }
    events = rca.read(path, zone="UTC", definitions={"pumps.toml": own}).events
    assert events.loc[0, ["subject", "message"]].tolist() == ["pump 7", "stopped"]


def test_an_unknown_format_gets_advice(tmp_path):
    import rca

    path = tmp_path / "a.log"
    path.write_text("x\n")
    with pytest.raises(UsageError, match="syslog-3164"):
        rca.read(path, format="syslog-3146")
