"""Formats are data: each entry is tested by its own samples, with all formats loaded, so that none takes another's lines."""

import json
import re
import time

import pytest

from rca.errors import FormatError
from rca.events.kinds import is_kind
from rca.moments import Basis
from rca.reading import Declared, Source
from rca.reading.lines import LineReader
from rca.reading.lines.formats import load_formats, parse_formats, severity_number, with_stamp
from rca.reading.lines.kinds import kind_rules, refine
from rca.reading.lines.needs import needs_of
from rca.reading.lines.patterns import check, shape_of, split_tail, translate

FORMATS = load_formats()
SAMPLES = [
    pytest.param(one, sample, id=f"{one.name}-{number}")
    for one in FORMATS
    for number, sample in enumerate(one.samples)
]


def events_of(text, *, formats=None):
    """The events of a text as plain rows."""
    declared = Declared(zone="UTC", anchor=1_800_000_000_000_000_000, definitions=formats or {})
    source = Source.of_bytes(text.encode(), declared=declared)
    rows = []
    for batch in LineReader().read(source):
        rows.extend(batch.select([n for n in batch.schema.names if not n.startswith("time_")]).to_pylist())
        texts = batch.column("time_text").to_pylist()
        for row, stamp in zip(rows[-batch.num_rows :], texts, strict=True):
            row["time_text"] = stamp
    assert source.ledger.close(source.size).balanced
    return rows


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
def test_a_sample_is_taken_by_its_own_format_and_means_what_it_says(one, sample):
    rows = events_of(sample["line"])
    assert rows, "no event"
    row = rows[0]
    fields = json.loads(row["attributes"]) if row["attributes"] else {}
    for name, value in sample["expect"].items():
        got = fields[name] if name in fields else row.get(name)
        if value == "-":  # nil
            value = None
        assert got == value, f"{one.name}: {name} is {got!r}, not {value!r}"


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_a_shipped_format_says_what_it_is(one):
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", one.name)
    assert one.title
    assert one.reference
    assert is_kind(one.kind)
    assert len(one.samples) >= 2
    for pattern in (*one.patterns, *one.structure, one.head, one.tail, one.date_line, one.style.header):
        if pattern:
            check(with_stamp(pattern, (*one.layouts, *one.date_layouts)), place=one.name)


def test_no_two_formats_have_one_name():
    names = [one.name for one in FORMATS]
    assert len(names) == len(set(names))


BOMBS = (
    "a" * 50_000,
    "[" * 20_000,
    "1" * 50_000,
    '"' * 30_000,
    "a:" * 20_000,
    "\\" * 30_000,
    "k=" * 20_000,
    "{" * 5_000,
)


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda text: text[:3])
def test_no_shipped_pattern_hangs_on_a_bomb(bomb):
    began = time.perf_counter()
    led = ("2024-11-12 05:30:00 ", "Nov 12 05:30:00 host ", "[12/Nov/2024:05:30:00 +0100] ", "")
    rows = events_of("\n".join(f"{head}{bomb}" for head in led) + "\n")
    assert len(rows) >= 1
    assert time.perf_counter() - began < 20


def test_a_pattern_that_would_backtrack_is_refused_or_runs_in_linear_time():
    evil = {"format": [{"name": "evil", "layouts": ["iso"], "pattern": r"^(a+)+{stamp}$"}]}
    began = time.perf_counter()
    events_of("a" * 100_000 + "!\n", formats={"evil.toml": evil})
    assert time.perf_counter() - began < 10
    looks = {"format": [{"name": "looks", "layouts": ["iso"], "pattern": r"^(?=x){stamp}$"}]}
    with pytest.raises(FormatError, match="look-around"):
        parse_formats(looks, origin="looks.toml")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"pattern": "^{stamp}", "layouts": ["iso"]}, "has a name"),
        ({"name": "x", "pattern": "^{stamp}"}, "has layouts"),
        ({"name": "x", "pattern": "^y", "layouts": ["iso"]}, "no group"),
        ({"name": "x", "pattern": "^({stamp}", "layouts": ["iso"]}, "does not compile"),
        ({"name": "x", "patern": "^{stamp}", "layouts": ["iso"]}, 'no key "patern"'),
        ({"name": "x", "pattern": "^{stamp}", "layouts": ["iso"], "separator": "dot"}, "no separator"),
    ],
)
def test_a_wrong_entry_is_told_with_its_place(entry, words):
    with pytest.raises(FormatError, match=words) as caught:
        parse_formats({"format": [entry]}, origin="own.toml")
    assert caught.value.where.startswith("own.toml")


def test_an_unknown_directive_names_its_layout():
    entry = {"name": "x", "pattern": "^{stamp}", "layouts": ["%Q"]}
    with pytest.raises(FormatError, match="no directive"):
        parse_formats({"format": [entry]}, origin="own.toml")


UTC_FORMAT = {
    "format": [
        {"name": "ward", "layouts": ["iso"], "zone": "UTC", "pattern": r"^W\|{stamp}\|(?P<message>.*)$"}
    ]
}


@pytest.mark.parametrize(
    ("zone", "basis", "hour"),
    [
        ("Europe/Stockholm", Basis.ZONE_ASSUMED, 5),
        ("Europe/Stockholm", Basis.ZONE_GIVEN, 4),
        (None, Basis.ZONE_GIVEN, 5),
    ],
)
def test_a_format_written_in_utc_is_read_so_unless_the_zone_of_the_exhibit_is_stated(zone, basis, hour):
    declared = Declared(zone=zone, zone_basis=basis, definitions={"ward.toml": UTC_FORMAT})
    source = Source.of_bytes(b"W|2024-11-12 05:30:00|screen froze\n", declared=declared)
    (batch,) = LineReader().read(source)
    assert batch.column("time").cast("int64")[0].as_py() == (1731369600 + hour * 3600 + 1800) * 10**9
    if hour == 5:
        assert batch.column("time_basis")[0].as_py() == "zone_assumed"
        assert "documentation" in source.assumptions[0].rests_on


def test_an_own_format_comes_before_those_that_ship():
    own = {
        "format": [
            {
                "name": "ward",
                "layouts": ["%d.%m.%Y %H:%M"],
                "pattern": r"^(?P<unit>\w+)/{stamp}/(?P<message>.*)$",
            }
        ]
    }
    rows = events_of("W7/12.11.2024 05:30/screen froze\n", formats={"ward.toml": own})
    assert (rows[0]["unit"], rows[0]["message"]) == ("W7", "screen froze")


def test_levels_have_the_numbers_of_opentelemetry():
    assert [severity_number(word) for word in ("TRACE", "debug", "Info", "WARN", "[error]", "fatal")] == [
        1, 5, 9, 13, 17, 21,
    ]  # fmt: skip


@pytest.mark.parametrize("rule", kind_rules(), ids=lambda rule: f"{rule.name}-{rule.pattern[:20]}")
def test_a_rule_for_kinds_takes_its_samples_and_no_counter_example(rule):
    import polars as pl

    def kind_of(sample):
        text, program = (
            (sample, None) if isinstance(sample, str) else (sample["message"], sample.get("component"))
        )
        kind = refine(pl.Series(["log.line"]), pl.Series([text]), pl.Series([program], dtype=pl.String))
        return kind[0]

    assert is_kind(rule.name)
    for sample in rule.samples:
        assert kind_of(sample) == rule.name, sample
    for sample in rule.counter:
        assert kind_of(sample) != rule.name, sample


def test_what_a_pattern_needs_rules_out_no_line_that_it_fits():
    lines = [line for one in FORMATS for sample in one.samples for line in sample["line"].splitlines()]
    for one in FORMATS:
        for pattern in one.patterns:
            whole = with_stamp(pattern, one.layouts)
            needs, fits = needs_of(whole), re.compile(whole, re.DOTALL | re.ASCII).match
            assert not [line for line in lines if not needs.allow(line) and fits(line)], one.name


def test_the_rest_of_a_line_is_left_out_of_a_pattern_only_where_that_changes_nothing():
    assert split_tail(r"^a (?P<message>.*)$") == (r"^(?P<rca_prefix>a )", True)
    assert split_tail(r"^a|b (?P<message>.*)$")[1] is False
    assert split_tail(r"^a (?P<message>.*)x$")[1] is False


def test_shapes_and_classes_are_ascii():
    assert re.fullmatch(shape_of("Nov  3 01:24:56"), "Dec 31 23:59:59") is None
    assert re.fullmatch(shape_of("Nov 13 01:24:56"), "Dec 31 23:59:59")
    assert translate(r"[\d-]\w") == "(?s)[0-9-][0-9A-Za-z_]"
