"""The command line: what goes where, how it ends, and that nobody ever sees a traceback."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RCA = [str(Path(sys.executable).parent / "rca")]


def rca(*args, cwd=None, **env):
    clean = {k: v for k, v in os.environ.items() if k not in ("RCA_CASE", "RCA_ROLE")}
    return subprocess.run(
        [*RCA, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**clean, "COLUMNS": "160", **env},
    )


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_text(
        "2024-11-12 05:30:00,004 ERROR [main] a.B - boom\n\tat a.b(c.java:1)\n2024-11-12T05:31:00Z INFO on\n"
    )
    return path


@pytest.fixture
def case(tmp_path, log):
    folder = tmp_path / "case"
    assert rca("init", folder, "--zone", "Europe/Stockholm").returncode == 0
    assert rca("add", log, "--case", folder, "--from", "IT", RCA_ROLE="analyst").returncode == 0
    assert rca("ingest", "--case", folder).returncode == 0
    return folder


def test_events_go_to_stdout_one_a_line(log):
    done = rca("read", log, "--zone", "UTC", "--jsonl", "-")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["time"] for r in rows] == ["2024-11-12T05:30:00.004Z", "2024-11-12T05:31:00Z"]
    assert rows[0]["locator"] == "L1-2"
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_summary_is_one_object(log, tmp_path):
    done = rca("read", log, tmp_path, "--summary", "-", "--jsonl", tmp_path / "out.jsonl")
    facts = json.loads(done.stdout)
    assert facts["schema"] == 1
    one = facts["files"][0]
    assert (one["events"], one["undated"], one["books"]["balanced"], one["bytes"]) == (
        2,
        0,
        True,
        log.stat().st_size,
    )
    assert one["assumptions"][0]["kind"] == "zone"
    assert rca("read", log, "--summary", "-", "--jsonl", "-").returncode == 2


def test_the_whole_way_through_a_case(case, tmp_path):
    assert "2 read" not in rca("ingest", "--case", case).stdout
    assert rca("verify", "--case", case).stdout.startswith("E1  v1  intact")
    assert "> 1 2024-11-12 05:30:00,004 ERROR" in rca("show", "E1:L1", "--case", case).stdout
    table = rca("timeline", "--case", case, "--where", "severity=>=error").stdout
    assert "boom" in table
    assert "E1:L1-2" in table
    out = rca("timeline", "--case", case, "--export", tmp_path / "out").stdout
    assert (tmp_path / "out" / "events.csv").read_text().count("\n") == 3
    assert "html" in out
    custody = json.loads((case / "custody.jsonl").read_text())
    assert custody["role"] == "analyst"
    assert rca("show", "E1:L1", cwd=case / "exhibits").returncode == 0
    assert rca("show", "E1:L1", cwd=tmp_path, RCA_CASE=str(case)).returncode == 0


def test_check_ends_with_one_where_errors_stand_and_explain_explains(case):
    (case / "analysis" / "graph.yaml").write_text("factors:\n  a:\n    statement: x\n    focal: true\n")
    done = rca("check", "--case", case)
    assert done.returncode == 1
    assert "RCA101 error graph.yaml:2: a has no evidence" in done.stdout
    assert rca("check", "--case", case, "--stage", "draft").returncode == 0
    rows = [json.loads(line) for line in rca("check", "--case", case, "--json").stdout.splitlines()]
    assert {r["code"] for r in rows} == {"RCA101", "RCA321"}
    told = rca("explain", "G1").stdout
    assert "RCA301" in told
    assert "Ladkin" in told
    assert len(rca("explain").stdout.splitlines()) == 14


def test_damage_ends_with_one(case):
    path = case / "exhibits" / "app.log"
    path.chmod(0o644)
    path.write_text("forged\n")
    done = rca("verify", "--case", case)
    assert done.returncode == 1
    assert "altered" in done.stdout
    assert "RCA105" in done.stderr


@pytest.mark.parametrize(
    "args, message",
    [
        (["read", "absent.log"], "There is no file absent.log"),
        (["read", "app.log", "--zone", "Europe/Stokholm"], 'Did you mean "Europe/Stockholm"'),
        (["read", "app.log", "--format", "log4"], "log4j"),
        (["read", "app.log", "--anchor", "soon"], "2024-11-12T05:30:00Z"),
        (["read", "app.log", "--mapping", "bad.toml"], "bad.toml"),
        (["read", "app.log", "--jsonl", "no/such/dir"], "cannot be written"),
        (["show", "E1:L1"], "rca init"),
        (["show", "nonsense", "--case", "case"], "E3:L48"),
        (["show", "E1:L999", "--case", "case"], "lines"),
        (["add", "absent.log", "--case", "case"], "There is no file"),
        (["ingest", "--case", "absent"], "There is no folder absent"),
        (["timeline", "--case", "case", "--where", "severty=error"], 'Did you mean "severity"'),
        (["timeline", "--case", "case", "--between", "noon", "night"], "no time"),
        (["timeline", "--case", "case", "--figure", "x.gif"], ".svg"),
        (["explain", "RCA999"], "no rule"),
        (["check", "--case", "case", "--profile", "rca3"], 'Did you mean "rca2"'),
        (["check", "--case", "case", "--stage", "final"], "publish"),
        (["graph", "import", "absent.csv", "absent.csv", "--case", "case"], "There is no file"),
        (["init", "case"], "is a case already"),
        (["look", "absent"], "There is no folder"),
        (["raed", "x"], "No such command"),
        (["read"], "Missing argument"),
    ],
)
def test_a_wrong_call_ends_with_two_one_message_and_an_unharmed_case(case, tmp_path, args, message):
    (tmp_path / "bad.toml").write_text("[table\n")
    before = {p: p.read_bytes() for p in case.rglob("*") if p.is_file()}
    done = rca(*args, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert {p: p.read_bytes() for p in case.rglob("*") if p.is_file()} == before


def test_malformed_yaml_is_told_with_its_line(case):
    (case / "analysis" / "graph.yaml").write_text("factors:\n  a: [x\n")
    done = rca("check", "--case", case)
    assert done.returncode == 2
    assert "graph.yaml:" in done.stderr


def test_a_cycle_is_an_issue_not_a_crash(case):
    (case / "analysis" / "graph.yaml").write_text(
        "factors:\n  a:\n    statement: x\n    focal: true\n    because:\n    - id: e1\n      causes: [b]\n"
        "  b:\n    statement: y\n    because:\n    - id: e2\n      causes: [a]\n"
    )
    done = rca("check", "--case", case)
    assert "a → b → a" in done.stdout
    assert rca("graph", "draw", case.parent / "g.html", "--case", case).returncode == 0


def test_a_look_at_a_folder_needs_nothing_and_may_be_kept(tmp_path, log):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.log").write_bytes(log.read_bytes())
    (folder / "empty.log").write_text("")
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 20)
    (folder / "x.csv").write_text("date,what\n2024-11-12,=cmd()\n2024-11-13,<b>b</b>\n")
    done = rca("look", folder, "--out", tmp_path / "page.html", "--keep", tmp_path / "kept")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for word in (
        "a.log",
        "empty.log",
        "noise.bin",
        "x.csv",
        "binary data that no reader knows",
        "read as UTC",
        "The file is empty",
    ):
        assert word in page, word
    assert "<b>b</b>" not in page.split('<script type="text/plain"')[0].replace('\\"', "")
    assert (tmp_path / "kept" / "custody.jsonl").read_text().count("\n") == 4
    assert "4 exhibits" in done.stdout


def test_a_look_lists_what_it_had_no_time_for(tmp_path, log):
    from rca.report.look import look_at

    (tmp_path / "big.log").write_text("2024-11-12T05:31:00Z INFO on\n" * 5000)
    seen = look_at(tmp_path, budget=0.05)
    assert [(f.name, f.problem) for f in seen.files] == [("app.log", ""), ("big.log", "late")]
    page = seen.write(tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    assert "longer than one look" in page


def test_formats_lists_readers_and_those_that_failed():
    out = rca("formats").stdout
    for word in ("lines", "table", "minutes", "syslog-5424", "RFC 5424"):
        assert word in out
    assert "FAILED" not in out


def test_every_command_says_what_it_does():
    out = rca("--help").stdout
    for name in [
        "init",
        "add",
        "ingest",
        "verify",
        "show",
        "read",
        "timeline",
        "graph",
        "check",
        "explain",
        "report",
        "formats",
        "demo",
        "look",
    ]:
        assert f"\n  {name} " in out
        assert rca(name, "--help").returncode == 0


def test_starting_is_quick():
    begin = time.perf_counter()
    assert rca("--help").returncode == 0
    assert time.perf_counter() - begin < 1.0
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import rca"], check=True)
    assert time.perf_counter() - begin < 0.5


def test_a_closed_pipe_is_no_error(log):
    done = subprocess.run(
        f"{RCA[0]} read {log} --jsonl - | head -n 0; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_demo_runs_twice_to_the_same_bytes(tmp_path, shipped):
    out, folder = tmp_path / "out", shipped.folder

    def files():
        made = [*out.rglob("*"), *(folder / "report").rglob("*"), *(folder / "store").rglob("*")]
        return {p: p.read_bytes() for p in made if p.is_file()}

    first = rca("demo", "--case", folder, "--out", out)
    assert first.returncode == 0, first.stderr
    before = files()
    second = rca("demo", "--case", folder, "--out", out)
    assert second.stdout == first.stdout
    assert files() == before
    for word in ("timeline", "graph", "assurances", "report"):
        line = next(x for x in first.stdout.splitlines() if x.startswith(word))
        assert Path(line.split()[-1]).exists() or (Path.cwd() / line.split()[-1]).exists()
    names = {p.name for p in before}
    assert {
        "timeline.html",
        "events.csv",
        "events.parquet",
        "manifest.json",
        "causes.html",
        "assurances.html",
        "report.html",
    } <= names
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["events"] == 192
    assert manifest["inputs"] == {"E1": shipped.register[0].sha256}


def test_the_tracked_export_is_what_the_demo_writes(shipped, tmp_path):
    shipped.timeline.export(tmp_path, formats=("csv",))
    tracked = ROOT / "timelines" / "millennium-vgr-2024" / "events.csv"
    assert tracked.read_bytes() == (tmp_path / "events.csv").read_bytes()
