"""The facade: one folder, one investigation, re-runnable, and unharmed by what goes wrong."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

import rca
from rca.case import Case, find_case, open_case
from rca.errors import CaseError, EvidenceError, FormatError, UsageError
from rca.evidence import State


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "app.log").write_text(
        "2024-11-12 05:30:00 INFO start\n2024-11-12 05:31:00 ERROR boom\n\tat a.b(c.java:1)\n"
    )
    (folder / "sys.log").write_text("Nov 12 05:30:30 h sshd[1]: hello\n")
    return folder


@pytest.fixture
def case(tmp_path, logs):
    made = Case.create(tmp_path / "case", title="A case", zone="Europe/Stockholm")
    made.add(logs)
    made.ingest(workers=1)
    return made


def test_a_folder_becomes_a_cited_timeline(case):
    tl = case.timeline
    assert tl.count() == 3
    assert tl.cite(0) == "E1:L1"
    assert str(tl.frame.loc[0, "time"]) == "2024-11-12 04:30:00+00:00"
    assert str(tl.frame.loc[0, "time_basis"]) == "zone_assumed"
    assert {e.id for e in case.register} == {"E1", "E2"}
    shown = case.show("E1:L2", context=1)
    assert shown.lines == ("2024-11-12 05:31:00 ERROR boom",)
    assert shown.before == ("2024-11-12 05:30:00 INFO start",)
    assert shown.first_line == 2
    assert case.show("E1:L2-3").lines[1] == "\tat a.b(c.java:1)"
    assert case.show("E1:B0+10").raw == b"2024-11-12"


def test_everything_may_be_run_again(case, logs):
    before = tree(case.folder)
    case.add(logs)
    assert case.ingest().read == ()
    assert tree(case.folder) == before


def test_a_grown_log_costs_only_itself(case, logs):
    ids = set(case.timeline.frame["event_id"])
    with (logs / "sys.log").open("a") as stream:
        stream.write("Nov 12 05:30:40 h sshd[1]: again\n")
    case.add(logs / "sys.log")
    assert "E2 is not read yet" in str(list(case.check()))
    report = case.ingest(workers=1)
    assert (report.read, report.current) == (("E2",), ("E1",))
    assert case.timeline.count() == 4
    assert len(ids & set(case.timeline.frame["event_id"])) >= 2


def test_parallel_and_executor_runs_give_the_same_bytes(case, tmp_path):
    copies = []
    for name, how in (
        ("two", {"workers": 2}),
        ("threads", {"executor": ThreadPoolExecutor(2)}),
        ("one", {"workers": 1}),
    ):
        folder = tmp_path / name
        shutil.copytree(case.folder, folder, ignore=shutil.ignore_patterns("store"))
        copy = open_case(folder)
        copy.ingest(**how)
        copies.append(tree(folder / "store"))
    assert copies[0] == copies[1] == copies[2]


def test_two_ingests_at_once_lose_nothing(case, tmp_path, logs):
    import subprocess
    import sys

    for n in range(12):
        (logs / f"more{n}.log").write_text(f"2024-11-12 06:00:{n:02d} INFO line {n}\n" * 50)
    case.add(logs)
    code = "import sys; from rca.case import open_case; open_case(sys.argv[1]).ingest(workers=1)"
    running = [subprocess.Popen([sys.executable, "-c", code, str(case.folder)]) for _ in range(2)]
    assert [p.wait() for p in running] == [0, 0]
    assert case.timeline.count() == 3 + 12 * 50
    assert case.store.verify() == []
    assert not list((case.folder / "store").glob(".lock"))


def test_an_altered_exhibit_is_named_everywhere_and_not_read(case):
    path = case.folder / "exhibits" / "app.log"
    path.chmod(0o644)
    path.write_text("2024-11-12 05:30:00 INFO forged\n")
    verdicts, issues = case.verify()
    assert [v.state for v in verdicts] == [State.ALTERED, State.INTACT]
    assert "RCA105" in issues.counts
    assert "RCA105" in case.check().counts
    with pytest.raises(EvidenceError, match="altered"):
        case.show("E1:L1")
    shutil.rmtree(case.folder / "store")
    report = case.ingest(workers=1)
    assert (report.read, [i.code for i in report.issues.errors]) == (("E2",), ["RCA105"])


@pytest.mark.parametrize(
    "citation, message",
    [
        ("E9:L1", "no exhibit E9"),
        ("E1:L99", "has 3 lines"),
        ("E1:L0", "does not exist"),
        ("E1#nothing", "Nothing stands"),
        ("E1:B5+9999", "outside"),
        ("app.log:1", "no citation"),
    ],
)
def test_a_citation_that_leads_nowhere_is_refused(case, citation, message):
    with pytest.raises(UsageError, match=message):
        case.show(citation)


def test_cases_are_found_and_refused_with_advice(case, tmp_path, monkeypatch):
    assert find_case(case.folder / "exhibits") == case.folder.resolve()
    with pytest.raises(CaseError, match="rca init"):
        open_case(tmp_path / "absent")
    with pytest.raises(CaseError, match="in no case"):
        open_case(tmp_path)
    with pytest.raises(CaseError, match="is a case already"):
        Case.create(case.folder)
    with pytest.raises(CaseError, match="not empty"):
        Case.create(tmp_path / "in")
    with pytest.raises(UsageError, match="Stockholm"):
        Case.create(tmp_path / "new", zone="Europe/Stokholm")
    assert not (tmp_path / "new").exists()
    monkeypatch.setenv("RCA_CASE", str(case.folder))
    assert find_case() == case.folder


@pytest.mark.parametrize(
    "text, message",
    [
        ('title = "x"\nzoen = "UTC"\n', 'Did you mean "zone"'),
        ('title = "x"\nzone = "Mars/Olympus"\n', "Mars/Olympus"),
        ('title = "x\n', "line 1"),
        ('zone = "UTC"\n', "has a title"),
        ('title = "x"\nprofile = "rca3"\n', 'Did you mean "rca2"'),
        ('title = "x"\nhandling = "secret"\n', "handling"),
        ('title = "x"\nschema = 9\n', "Update rca"),
        ('title = "x"\n[[focus]]\nat = "E1#a"\n', "needs label"),
        ('title = "x"\n[[waiver]]\nrule = "G1"\n', "needs reason"),
        ('title = "x"\n[figure]\nwindow = ["2024-11-11"]\n', "first and a last"),
        ('title = "x"\n[figure]\nlane = "unit"\n', 'Did you mean "lanes"'),
    ],
)
def test_a_malformed_case_file_is_refused_by_key(case, text, message):
    (case.folder / "case.toml").write_text(text)
    with pytest.raises((FormatError, CaseError), match=message):
        open_case(case.folder)


def test_a_waiver_sets_an_issue_aside_with_its_reason(shipped):
    before = len(shipped.check())
    path = shipped.folder / "case.toml"
    path.write_text(path.read_text() + '\n[[waiver]]\nrule = "R1"\nreason = "not in the public record"\n')
    verdict = open_case(shipped.folder).judge()
    assert len(verdict.waived) == 18
    assert len(verdict.issues) == before - 18


def test_own_mappings_and_formats_count_as_a_change(case, logs):
    (logs / "facts.csv").write_text("nr,day,what\n1,2024-11-12,x\n")
    case.add(logs / "facts.csv")
    case.ingest(workers=1)
    assert case.timeline.where(text="x").frame["time"].isna().sum() == 0
    (case.folder / "formats" / "own.toml").write_text(
        '[table]\nkey = "nr"\nzone = "UTC"\n[time]\ncolumn = "day"\n[columns]\nmessage = "what"\n'
    )
    assert "E3" in case.ingest(workers=1).read
    assert case.show("E3#1").lines == ("1,2024-11-12,x",)
    (case.folder / "formats" / "own.toml").write_text("[table\n")
    with pytest.raises(FormatError, match="own.toml"):
        case.ingest()


def test_the_graph_is_changed_and_saved_through_the_case(case):
    case.graph.factor("boom", "The application reported boom", focal=True, evidence=["E1:L2"])
    case.graph.evidence("boom", "E1:L3", act="shows")
    case.save()
    again = open_case(case.folder)
    assert again.graph.facts("E1:L3").message == "boom"
    assert again.graph.bounds("boom")[0] is not None
    assert again.check().counts == {"RCA321": 1}


def test_an_ingest_or_a_check_loses_nothing_that_was_said_of_the_graph(case, logs):
    case.graph.factor("boom", "The application reported boom", focal=True)
    (logs / "new.log").write_text("2024-11-12 07:00:00 INFO new\n")
    case.add(logs)
    case.ingest(workers=1)
    assert "boom" in case.graph
    case.graph.evidence("boom", "E3:L1")
    assert "RCA101" not in case.check().counts
    assert "RCA106" not in case.check().counts


def test_the_shipped_case_is_checked_as_it_stands(shipped):
    """By hand from the sheets: which factors have no cause, and which lead to no outcome over links not rejected."""
    causes, effects = {}, {}
    for mechanism in shipped.graph.mechanisms:
        if mechanism["basis"] != "rejected":
            for cause in mechanism["causes"]:
                causes.setdefault(mechanism["effect"], set()).add(cause)
                effects.setdefault(cause, set()).add(mechanism["effect"])
    factors = {f.id for f in shipped.graph.factors if f["status"] != "context"}
    leaves = {f for f in factors if f not in causes}

    def reaches(node, seen=()):
        return node.startswith("o") or any(
            reaches(e, (*seen, node)) for e in effects.get(node, ()) if e not in seen
        )

    stranded = {f for f in factors if not reaches(f)}
    counts = shipped.check().counts
    assert counts == {"RCA302": len(stranded), "RCA321": len(leaves), "RCA402": 24}
    assert repr(shipped).startswith("Case('Millennium in Västra Götaland")


def test_public_names_are_the_same_by_both_ways():
    assert rca.open_case is open_case
    assert rca.Case is Case
