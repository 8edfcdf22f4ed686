"""The benchmark: its logs are the same every time, and it runs from end to end with whatever tools are here."""

import hashlib
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MIXES = ["syslog", "access", "app", "mixed", "jsonl"]


def python(code: str, *words: str, temp: Path) -> str:
    environment = {**os.environ, "TMPDIR": str(temp)}
    done = subprocess.run(
        [sys.executable, *([code] if code.startswith("-m") else ["-c", code]), *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def made(tmp_path):
    """Makes the logs of all mixes in a cache of its own and gives them by mix."""

    def make(lines, cache):
        folder = tmp_path / cache
        folder.mkdir()
        code = "import sys; from tests.bench import logs; print(logs.log(sys.argv[1], int(sys.argv[2])))"
        return {mix: Path(python(code, mix, str(lines), temp=folder).strip()) for mix in MIXES}

    return make


def test_a_generated_log_is_the_same_every_time(made):
    first, second = made(500, "a"), made(500, "b")
    for mix in MIXES:
        assert first[mix] != second[mix]
        for suffix in (".log", ".tail"):
            digests = {
                hashlib.sha256(log[mix].with_suffix(suffix).read_bytes()).hexdigest()
                for log in (first, second)
            }
            assert len(digests) == 1, (mix, suffix)


def test_a_generated_log_has_the_promised_lines_and_its_tail_one_per_cent_more(made):
    for log in made(1234, "a").values():
        assert log.read_bytes().count(b"\n") == 1234
        assert log.with_suffix(".tail").read_bytes().count(b"\n") == 12


def test_a_longer_log_begins_as_the_shorter_one(made):
    short, long = made(200, "a"), made(300, "b")
    for mix in MIXES:
        with long[mix].open() as lines:
            assert short[mix].read_text() == "".join(itertools.islice(lines, 200))


@pytest.mark.slow
def test_the_benchmark_runs_from_end_to_end(tmp_path):
    figures = tmp_path / "figures.json"
    words = ["--lines", "2000", "--best", "1", "--json", str(figures), "--markdown"]
    printed = python("-mtests.bench", *words, temp=tmp_path)
    assert "| mix | tool |" in printed
    found = json.loads(figures.read_text(encoding="utf-8"))
    by_mix = {}
    for figure in found["figures"]:
        by_mix.setdefault(figure["mix"], {})[figure["tool"]] = figure
    assert list(by_mix) == ["syslog", "access", "app", "mixed"]
    for mix, tools in by_mix.items():
        assert tools["rca ingest"]["rows"] > 1000, (mix, found["skipped"])
        assert 0 < tools["rca ingest"]["output_share"] < 5
        assert tools["rca ingest"]["peak"] > 0
        assert tools["Python re, list"]["rows"] == tools["Python re, Parquet"]["rows"]
    assert by_mix["syslog"]["rca ingest"]["rows"] == 2000
    assert any(ratio["name"] == "peak memory, MB" for ratio in found["ratios"])
