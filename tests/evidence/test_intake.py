"""A file becomes an exhibit once; versions keep their lineage; a failure leaves the folder as it was."""

import json
import os
import subprocess
import sys

import pytest

from rca.errors import CaseError, EvidenceError, FormatError, UsageError
from rca.evidence import (
    Outcome,
    State,
    entries,
    exhibit_path,
    expand,
    read_register,
    register_file,
    verify,
    verify_chain,
)

AT = 1_731_385_800 * 10**9


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / "case"
    folder.mkdir()
    return folder


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\n")
    return path


def add(case, path, **choices):
    return register_file(case, path, at=AT, **choices)


def test_a_file_is_copied_hashed_registered_and_entered(case, log):
    intake = add(case, log, received_from="IT", note="=1+1")
    assert (intake.exhibit.id, intake.exhibit.version, intake.outcome) == ("E1", 1, Outcome.ADDED)
    assert exhibit_path(case, intake.exhibit).read_bytes() == b"one\ntwo\n"
    assert read_register(case / "exhibits.csv")[0].note == "=1+1"
    assert [(e["act"], e["exhibit"], e["seq"]) for e in entries(case)] == [("added", "E1", 1)]
    assert not os.access(exhibit_path(case, intake.exhibit), os.W_OK) or os.geteuid() == 0


def test_the_same_bytes_are_taken_once_and_nothing_is_written(case, log, tmp_path):
    add(case, log)
    before = tree(case)
    copy = tmp_path / "copy.log"
    copy.write_bytes(log.read_bytes())
    assert add(case, copy).outcome is Outcome.UNCHANGED
    assert add(case, log).outcome is Outcome.UNCHANGED
    assert tree(case) == before


def test_a_log_that_grew_is_the_next_version_of_its_exhibit(case, log):
    first = add(case, log).exhibit
    log.write_bytes(b"one\ntwo\nthree\n")
    second = add(case, log)
    assert (second.exhibit.id, second.exhibit.version, second.outcome) == ("E1", 2, Outcome.APPENDED)
    assert second.exhibit.key == first.key
    assert exhibit_path(case, first).read_bytes() == b"one\ntwo\n"
    log.write_bytes(b"one\ntwo\nthree\nfour\n")
    assert add(case, log).exhibit.version == 3


def test_other_bytes_under_the_same_name_are_another_exhibit(case, log):
    add(case, log)
    log.write_bytes(b"different\n")
    assert add(case, log).exhibit.id == "E2"
    assert [v.state for v in verify(case)[0]] == [State.INTACT, State.INTACT]


def test_a_correction_is_a_version_because_somebody_says_so(case, log):
    add(case, log)
    log.write_bytes(b"corrected\n")
    intake = add(case, log, replaces="E1")
    assert (intake.exhibit.version, intake.outcome) == (2, Outcome.REPLACED)
    with pytest.raises(CaseError, match="E9"):
        add(case, log.with_name("a.log"), replaces="E9")


def test_a_different_thing_under_the_same_id_is_an_error(case, log):
    add(case, log, exhibit_id="E1")
    log.write_bytes(b"different\n")
    before = tree(case)
    with pytest.raises(CaseError, match="E1 is another file"):
        add(case, log, exhibit_id="E1")
    assert tree(case) == before


def test_a_missing_file_or_wrong_word_leaves_the_folder_as_it_was(case, log, tmp_path):
    add(case, log)
    before = tree(case)
    with pytest.raises(EvidenceError, match="cannot be read"):
        add(case, tmp_path / "absent.log")
    for wrong in ({"handling": "secret"}, {"zone": "Europe/Stokholm"}, {"reliability": "Z"}):
        with pytest.raises(UsageError):
            add(case, log, **wrong)
    assert tree(case) == before


def test_a_failure_while_copying_leaves_the_folder_as_it_was(case, log, monkeypatch):
    import rca.evidence.folder as folder

    def fails(*_args, **_kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(folder, "append", fails)
    with pytest.raises(OSError, match="no space"):
        add(case, log)
    assert tree(case) == {}


def test_in_place_registers_without_a_copy_and_says_when_the_root_is_unknown(case, log):
    exhibit = add(case, log, in_place=True).exhibit
    assert exhibit.path == "root1:a.log"
    assert exhibit_path(case, exhibit).read_bytes() == log.read_bytes()
    (case / "roots.toml").unlink()
    with pytest.raises(CaseError, match="root1"):
        exhibit_path(case, exhibit)


def test_an_altered_and_a_missing_exhibit_are_named(case, log, tmp_path):
    one = add(case, log).exhibit
    other = tmp_path / "b.log"
    other.write_bytes(b"b\n")
    two = add(case, other).exhibit
    path = exhibit_path(case, one)
    path.chmod(0o644)
    path.write_bytes(b"One\ntwo\n")
    exhibit_path(case, two).unlink()
    (case / "exhibits" / "stray.txt").write_text("x")
    verdicts, issues = verify(case)
    assert [(v.exhibit.id, v.state) for v in verdicts] == [("E1", State.ALTERED), ("E2", State.MISSING)]
    assert {(i.code, i.where) for i in issues} == {
        ("RCA105", "E1"),
        ("RCA124", "E2"),
        ("RCA125", "exhibits/stray.txt"),
    }


def chain(case):
    return (case / "custody.jsonl").read_text().splitlines()


@pytest.fixture
def three(case, tmp_path):
    for name in "abc":
        path = tmp_path / name
        path.write_text(name)
        add(case, path)
    return case


def test_an_untouched_chain_verifies(three):
    assert verify_chain(three) == []


def test_an_altered_entry_is_named(three):
    lines = chain(three)
    lines[1] = lines[1].replace('"act":"added"', '"act":"touched"')
    (three / "custody.jsonl").write_text("\n".join(lines) + "\n")
    assert [(i.code, i.where) for i in verify_chain(three)] == [("RCA122", "custody.jsonl:2")]


def test_a_removed_and_a_moved_entry_are_named(three):
    lines = chain(three)
    (three / "custody.jsonl").write_text("\n".join([lines[0], lines[2]]) + "\n")
    assert [(i.code, i.where) for i in verify_chain(three)] == [("RCA123", "custody.jsonl:2")]
    (three / "custody.jsonl").write_text("\n".join([lines[1], lines[0], lines[2]]) + "\n")
    assert "custody.jsonl:1" in {i.where for i in verify_chain(three)}


def test_a_torn_last_line_is_an_issue_and_nothing_is_glued_to_it(three, tmp_path):
    text = (three / "custody.jsonl").read_text()
    (three / "custody.jsonl").write_text(text[:-20])
    assert [i.code for i in verify_chain(three)] == ["RCA121"]
    path = tmp_path / "d"
    path.write_text("d")
    add(three, path)
    last = json.loads(chain(three)[-1])
    assert last["exhibit"] == "E4"
    assert last["previous"] == json.loads(chain(three)[1])["entry"]


def test_two_processes_at_once_lose_nothing(case, tmp_path):
    code = (
        "import sys; from pathlib import Path; from rca.evidence import register_file\n"
        "for n in range(8):\n"
        "    p = Path(sys.argv[2]) / f'{sys.argv[3]}{n}'; p.write_text(f'{sys.argv[3]}{n}')\n"
        "    register_file(Path(sys.argv[1]), p, at=n * 10**9)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(case), str(tmp_path), name]) for name in ("x", "y")
    ]
    assert [p.wait() for p in running] == [0, 0]
    assert [e.id for e in read_register(case / "exhibits.csv")] == [f"E{n}" for n in range(1, 17)]
    assert verify_chain(case) == []


def test_folders_are_searched_through_without_loops(tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "b.log").write_text("b")
    (tmp_path / "in" / "sub" / "a.log").write_text("a")
    (tmp_path / "in" / ".hidden").write_text("h")
    (tmp_path / "in" / "sub" / "loop").symlink_to(tmp_path / "in")
    files, issues = expand([tmp_path / "in"])
    assert [f.name for f in files] == ["b.log", "a.log"]
    assert sorted(i.code for i in issues) == ["RCA141", "RCA142"]
    with pytest.raises(EvidenceError, match="There is no file"):
        expand([tmp_path / "absent"])


@pytest.mark.parametrize(
    "text, message",
    [
        ("id,version\nE1,1\n", "lacks the column"),
        ("id,versoin\n", 'Did you mean "version"'),
        ("GOOD\nE1,x,p,k,s,1,,,,,,internal,,,,\n", "exhibits.csv:2"),
        ("GOOD\nX1,1,p,k,s,1,,,,,,internal,,,,\n", "no id"),
        ("GOOD\nE1,1,p,k,s,1,,noon,,,,internal,,,,\n", "modified"),
    ],
)
def test_a_malformed_register_is_refused_with_its_place(case, text, message):
    good = "id,version,path,key,sha256,size,media,modified,received_at,received_from,custodian,handling,zone,clock,reliability,note"
    (case / "exhibits.csv").write_text(text.replace("GOOD", good))
    with pytest.raises(FormatError, match=message):
        read_register(case / "exhibits.csv")
