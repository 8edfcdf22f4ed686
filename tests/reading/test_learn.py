"""A draft of a format says what was seen, matches what it claims, and is honest where there is nothing."""

import random
import re
import tomllib

import polars as pl
import pytest

from rca.moments.stamps import compile_layout
from rca.reading import Declared, Source
from rca.reading.lines import LineReader
from rca.reading.lines.formats import parse_formats
from rca.reading.lines.learn import learn
from rca.reading.lines.patterns import translate


def draft(lines, name="ward"):
    text = learn(lines, name=name)
    document = tomllib.loads(text)
    return (document["format"][0] if "format" in document else None), text


def patterns_of(entry):
    stamp = "|".join(
        r"\d{9,19}(?:\.\d+)?" if layout == "epoch" else compile_layout(layout).pattern
        for layout in entry["layouts"]
    )
    found = entry["pattern"] if isinstance(entry["pattern"], list) else [entry["pattern"]]
    return [one.replace("{stamp}", f"(?P<stamp>{stamp})") for one in found]


def taken(entry, lines):
    """How many lines the patterns take, by Rust's regex."""
    series = pl.Series(lines)
    return sum(
        any(hits)
        for hits in zip(*(series.str.contains(translate(p)) for p in patterns_of(entry)), strict=True)
    )


def groups(entry, line):
    for pattern in patterns_of(entry):
        if found := re.match(pattern, line, re.DOTALL | re.ASCII):
            return found.groupdict()
    return None


STAMPS = [
    ("2024-11-12 05:30:{:02d}.250", "iso"),
    ("2024-11-12T05:30:{:02d}+01:00", "iso"),
    ("12/Nov/2024:05:30:{:02d} +0100", "%d/%b/%Y:%H:%M:%S %z"),
    ("Nov 12 05:30:{:02d}", "%b %e %H:%M:%S"),
    ("Tue Nov 12 05:30:{:02d} 2024", "%a %b %e %H:%M:%S %Y"),
    ("Tue Nov 12 05:30:{:02d} CET 2024", "%a %b %e %H:%M:%S %Z %Y"),
    ("23.11.2024 05:30:{:02d}", "%d.%m.%Y %H:%M:%S"),
    ("2024/11/12 05:30:{:02d},250", "%Y/%m/%d %H:%M:%S,%f"),
    ("11/23/2024 05:30:{:02d} PM", "%m/%d/%Y %I:%M:%S %p"),
    ("20241112 05:30:{:02d}", "%Y%m%d %H:%M:%S"),
    ("17313858{:02d}", "epoch"),
]


@pytest.mark.parametrize("written, layout", STAMPS)
@pytest.mark.parametrize(
    "around", ["{} {} pump {} stopped", "[{}] {} pump {} stopped", "{}|{}|pump {}|stopped by hand"]
)
def test_the_stamp_is_found_and_its_layout_named(written, layout, around):
    lines = [around.format(written.format(n), ("ERROR", "info", "WARN")[n % 3], n) for n in range(40)]
    entry, _ = draft(lines)
    assert entry["layouts"][0] == layout
    assert taken(entry, lines) == 40
    assert groups(entry, lines[0])["severity"] == "ERROR"


def test_program_and_process_are_named_and_the_rest_is_the_message():
    lines = [
        f"Nov 12 05:30:{n:02d} gw-{n % 3} pumpd[{40 + n}]: bed {n} is {'free' * (n % 2)}" for n in range(50)
    ]
    entry, _ = draft(lines)
    found = groups(entry, lines[7])
    assert (found["field_1"], found["component"], found["pid"]) == ("gw-1", "pumpd", "47")
    assert found["message"] == "bed 7 is free"


def test_brackets_quotes_and_tabs_at_the_same_place_are_structure():
    lines = [f'2024-11-12 05:30:{n:02d}\tINFO\t[main-{n}] "bed board" opened {"x" * n}' for n in range(40)]
    entry, _ = draft(lines)
    found = groups(entry, lines[3])
    assert (found["severity"], found["field_1"], found["field_2"]) == ("INFO", "main-3", "bed board")
    assert found["message"].startswith(("opened", " opened"))


def test_a_level_of_one_letter_before_the_stamp_gets_its_words():
    lines = [f"{'IWE'[n % 3]}1112 05:30:{n:02d}.250000 42 beds.cc:{n}] bed {n}" for n in range(30)]
    entry, _ = draft(lines)
    assert entry["layouts"] == ["%m%d %H:%M:%S.%f"]
    assert entry["severity"] == {"E": 17, "I": 9, "W": 13}


def test_lines_of_a_stack_trace_are_counted_and_folded():
    lines = []
    for n in range(20):
        lines += [f"2024-11-12 05:30:{n:02d} ERROR bed {n}", "  at se.ward.Beds.open", "Caused by: no bed"]
    entry, text = draft(lines)
    assert entry["multiline"] is True
    assert "the pattern takes 20 of 60 lines" in text
    assert "the other 40 (20 begin with a blank)" in text


def test_what_is_claimed_is_what_the_engine_takes():
    lines = [f"2024-11-12 05:30:{n:02d} [INFO] bed {n}" for n in range(50)]
    lines += [f"2024-11-12 05:31:{n:02d} restarted without a level" for n in range(3)]
    entry, text = draft(lines)
    claimed = int(re.search(r"takes (\d+) of 53", text)[1])
    assert claimed == taken(entry, lines) >= 50


def test_day_and_month_that_nothing_tells_apart_are_left_to_the_file():
    lines = [f"03/04/2024 05:30:{n:02d} bed {n}" for n in range(12)]
    entry, text = draft(lines)
    assert {entry["layouts"][0], entry["other_layouts"][0]} == {"%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"}
    assert "no stamp tells day from month" in text
    told, _ = draft([*lines, "23/04/2024 05:31:00 bed"])
    assert told["layouts"] == ["%d/%m/%Y %H:%M:%S"]
    assert "other_layouts" not in told


def test_of_two_readings_the_one_of_the_shorter_log_is_proposed():
    lines = [f"24/11/{day:02d} 05:30:00 bed" for day in (9, 10, 11, 12)]
    assert draft(lines)[0]["layouts"] == ["%y/%m/%d %H:%M:%S"]


def test_a_missing_year_and_a_missing_date_are_pointed_out():
    assert "no year" in draft([f"Nov 12 05:30:{n:02d} bed" for n in range(9)])[1]
    clock, text = draft([f"05:30:{n:02d} bed {n}" for n in range(9)])
    assert clock["layouts"] == ["%H:%M:%S"]
    assert "no date" in text


def test_two_samples_unlike_each_other_come_from_the_lines():
    lines = [f"2024-11-12 05:30:{n:02d} INFO bed {n}" for n in range(20)]
    lines[13] = "2024-11-12 05:30:13 ERROR bed 13 cannot be opened"
    entry, _ = draft(lines)
    assert [sample["line"] for sample in entry["samples"]] == [lines[0], lines[13]]
    assert entry["samples"][1]["expect"] == {
        "time_text": "2024-11-12 05:30:13", "severity": 17, "message": "bed 13 cannot be opened",
    }  # fmt: skip


def test_a_draft_is_accepted_as_a_format():
    text = learn([f"2024-11-12 05:30:{n:02d} [INFO] bed {n}" for n in range(9)], name="Ward GW 3")
    one = parse_formats(tomllib.loads(text), origin="draft.toml")[0]
    assert one.name == "ward-gw-3"
    assert len(one.samples) == 2


def test_the_engine_reads_the_lines_by_their_draft():
    lines = [f"2024-11-12 05:30:{n:02d} WARN pumpd[{n}]: bed {n}" for n in range(40)]
    document = tomllib.loads(learn(lines, name="ward"))
    source = Source.of_bytes(
        "\n".join(lines).encode(), declared=Declared(zone="UTC", definitions={"own": document})
    )
    rows = [
        row
        for batch in LineReader().read(source)
        for row in batch.select(["message", "severity"]).to_pylist()
    ]
    assert rows == [{"message": f"bed {n}", "severity": 13} for n in range(40)]


def test_lines_of_json_get_keys():
    lines = [
        f'{{"ts": "2024-11-12T05:30:{n:02d}Z", "log": {{"level": "warn"}}, "msg": "bed {n}", "n": {n}}}'
        for n in range(9)
    ]
    entry, text = draft(lines)
    assert entry["json"] is True
    assert entry["keys"] == {"stamp": ["ts"], "severity": ["log.level"], "message": ["msg"]}
    assert entry["layouts"] == ["iso"]
    assert "9 of 9 objects" in text
    assert parse_formats(tomllib.loads(text), origin="draft.toml")


@pytest.mark.parametrize(
    "lines", [[], ["", "  "], ["bed 3 is free", "bed 4 is taken"] * 10, ['{"bed": 3}', '{"bed": 4}']],
    ids=["nothing", "blanks", "prose", "objects"],
)  # fmt: skip
def test_without_a_stamp_the_draft_says_so_and_holds_no_format(lines):
    entry, text = draft(lines)
    assert entry is None
    assert text.startswith("# No format was drafted for ward.")
    assert parse_formats(tomllib.loads(text), origin="draft.toml") == []


def test_a_stamp_in_few_lines_is_not_the_stamp_of_the_log():
    lines = ["bed is free"] * 20 + ["2024-11-12 05:30:00 started"] * 3
    assert draft(lines)[0] is None


def test_a_word_of_capitals_after_the_time_is_no_zone():
    entry, _ = draft([f"Nov 12 05:30:{n:02d} GW pumpd[{n}]: bed" for n in range(40)])
    assert entry["layouts"] == ["%b %e %H:%M:%S"]


def test_any_lines_give_a_text_that_is_toml():
    chance = random.Random(7)
    parts = [
        "2024-11-12 05:30:00", "Nov 12 05:30:00", " ", "[", "]", "ERROR", "a", '"', "'", "'''", "\t", "|", "\x7f", "\x00",
        "é", "\ud800", "{", "}", ":", "12", "\\", "\n", "%", "{stamp}",
    ]  # fmt: skip
    for turn in range(60):
        lines = [
            "".join(chance.choices(parts, k=chance.randint(0, 12))) for _ in range(chance.randint(0, 20))
        ]
        if turn % 2:
            lines = [f"2024-11-12 05:30:{n:02d} {line}" for n, line in enumerate(lines)]
        entry, text = draft(lines)
        text.encode()
        if entry is not None and "pattern" in entry:
            assert patterns_of(entry)


def test_the_same_lines_give_the_same_draft():
    lines = [f"2024-11-12 05:30:{n % 60:02d} INFO bed {n}" for n in range(5000)]
    assert learn(lines, name="x") == learn(lines, name="x")
