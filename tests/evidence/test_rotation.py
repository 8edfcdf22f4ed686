"""Which files are one log: named as rotation programs name them, oldest first, and nothing else."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.evidence.rotation import rotated_sets

# each from the oldest to the newest, as the program named before it writes them
SETS = {
    "logrotate": ["app.log.10.gz", "app.log.9.gz", "app.log.2.gz", "app.log.1", "app.log"],
    "logrotate without a suffix": ["messages.2", "messages.1", "messages"],
    "logrotate with dateext": ["app.log-20240131.gz", "app.log-20241111.gz", "app.log-20241112", "app.log"],
    "logrotate with dateext and hours": ["secure-2024111123", "secure-2024111200", "secure"],
    "logrotate with seconds": ["app.log-1731300000.gz", "app.log-1731385800", "app.log"],
    "rotatelogs": ["access_log.1731300000", "access_log.1731385800"],
    "newsyslog": ["system.log.1.gz", "system.log.0.gz", "system.log"],
    "log4j": ["server.log.2024-10-31", "server.log.2024-11-01", "server.log"],
    "logback": ["app-2024-11-11.log", "app-2024-11-12.log", "app.log"],
    "logback with a counter": [
        "app-2024-11-11.0.log.gz", "app-2024-11-11.9.log.gz", "app-2024-11-11.10.log.gz", "app-2024-11-12.0.log.gz",
    ],
    "logback, counter behind the suffix": ["app.log.2024-11-11.1", "app.log.2024-11-11.2", "app.log"],
    "tomcat": ["localhost_access_log.2024-11-11.txt", "localhost_access_log.2024-11-12.txt"],
    "catalina": ["catalina.2024-11-11.log", "catalina.2024-11-12.log"],
    "nlog": ["log.2.txt", "log.1.txt", "log.txt"],
    "serilog": ["log20241111.txt", "log20241112.txt", "log20241112_001.txt", "log20241112_002.txt"],
    "postgresql": ["postgresql-2024-11-11_235959.log", "postgresql-2024-11-12_000000.log"],
    "iis": ["u_ex241111.log", "u_ex241112.log"],
    "iis by hours": ["u_ex24111123.log", "u_ex24111200.log"],
    "websphere": ["SystemOut_24.11.11_23.59.59.log", "SystemOut_24.11.12_05.30.00.log", "SystemOut.log"],
    "x.org": ["Xorg.0.log.old", "Xorg.0.log"],
    "by month": ["access.2024-10.log", "access.2024-11.log"],
    "a program of no known name": ["spooler.2.gz", "spooler.1", "spooler"],
    "with a gap": ["app.log.7.gz", "app.log.2.gz", "app.log"],
    "without the newest": ["app.log.2", "app.log.1"],
    "zstd": ["app.log.2.zst", "app.log.1.zst", "app.log"],
}  # fmt: skip


@pytest.mark.parametrize("program", SETS)
def test_a_rotated_log_is_one_set_from_oldest_to_newest(program):
    names = list(SETS[program])
    for seed in range(5):
        random.Random(seed).shuffle(names)
        assert rotated_sets(names) == [tuple(SETS[program])]
        inside = [f"var/log/{name}" for name in names]
        assert rotated_sets(inside) == [tuple(f"var/log/{name}" for name in SETS[program])]


@pytest.mark.parametrize(
    "names",
    [
        ["report1.txt", "report2.txt"],
        ["report-1.txt", "report-2.txt"],
        ["report.1.txt", "report.2.txt"],
        ["report.txt", "report.txt.1", "report.txt.2"],
        ["protokoll-2024-11-12.md", "protokoll-2024-11-19.md"],
        ["minutes 2024-11-12.txt", "minutes 2024-11-19.txt"],
        ["tickets-2024-11-12.csv", "tickets-2024-11-19.csv"],
        ["backup-20241112", "backup-20241113"],
        ["scan_20241112.pdf", "scan_20241113.pdf"],
        ["libc.so", "libc.so.6", "libc.so.5"],
        ["app-1.2.log", "app-1.3.log"],
        ["node1.log", "node2.log"],
        ["Xorg.0.log", "Xorg.1.log"],
        ["app-001.log", "app-002.log"],
        ["app.log.001", "app.log.002"],
        ["app.log", "app.log.gz"],
        ["app.log", "other.log"],
        ["app.log.1"],
        ["app-2024-13-12.log", "app-2024-14-12.log"],
        ["app-2024-02-30.log", "app-2024-02-31.log"],
        ["a/app.log", "b/app.log.1"],
        ["changelog.1", "changelog.2"],
        ["log", "LOG.1"],
        [],
        [""],
    ],
)
def test_what_only_looks_alike_is_no_set(names):
    assert rotated_sets(names) == []


def test_logs_of_several_names_and_folders_are_several_sets():
    names = ["a/app.log", "a/app.log.1", "b/app.log", "b/app.log.1", "a/db.log.1", "a/db.log", "a/readme.txt"]
    assert rotated_sets(names) == [
        ("a/app.log.1", "a/app.log"),
        ("a/db.log.1", "a/db.log"),
        ("b/app.log.1", "b/app.log"),
    ]
    assert rotated_sets(["logs\\a.log", "logs\\a.log.1"]) == [("logs\\a.log.1", "logs\\a.log")]


def test_a_log_that_was_rotated_in_two_ways_is_two_sets_with_the_newest_in_the_larger():
    names = [
        "app.log",
        "app.log.1",
        "app.log.2",
        "app.log-20241101.gz",
        "app.log-20241108.gz",
        "app.log-20241109.gz",
    ]
    assert rotated_sets(names) == [(*names[3:], "app.log"), ("app.log.2", "app.log.1")]


def test_copies_stand_side_by_side():
    assert rotated_sets(["app.log", "app.log.gz", "app.log.1", "app.log.1.gz"]) == [
        ("app.log.1", "app.log.1.gz", "app.log", "app.log.gz")
    ]


PARTS = st.sampled_from(
    ["app", "messages", ".log", ".1", ".2", ".10", "-2024-11-12", "-20241112", ".gz", "_", "/", "x", "0", ".txt", ".old", "1731385800"]
)  # fmt: skip


@given(st.lists(st.lists(PARTS, max_size=5).map("".join), max_size=12), st.randoms())
def test_a_name_is_in_one_set_at_most_and_the_order_of_the_names_does_not_matter(names, chance):
    sets = rotated_sets(names)
    held = [name for one in sets for name in one]
    assert len(held) == len(set(held))
    assert set(held) <= set(names)
    assert all(len(one) > 1 for one in sets)
    shuffled = list(names)
    chance.shuffle(shuffled)
    assert rotated_sets(shuffled) == sets


@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_names_are_borne(names):
    rotated_sets(names)


def test_a_hostile_name_costs_no_time():
    import time

    start = time.perf_counter()
    rotated_sets(["-2024" * 50_000, "." * 100_000 + "1", "2024-11-12" * 20_000 + "x"])
    assert time.perf_counter() - start < 2
