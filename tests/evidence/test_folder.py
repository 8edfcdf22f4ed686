"""Searching folders: nothing outside comes in, nothing loops, and what is passed over is named."""

import os
import socket
import sys
from pathlib import Path

import pytest

from rca.errors import EvidenceError
from rca.evidence import expand, read_register, register_file
from rca.evidence.folder import verify

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="links, pipes and sockets as on POSIX systems"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.log").write_text("a")
    (tmp_path / "in" / "sub" / "b.log").write_text("b")
    (tmp_path / "outside.log").write_text("secret")
    return tmp_path / "in"


def found(folder):
    files, issues = expand([folder])
    return [f.name for f in files], sorted(i.code for i in issues)


def test_links_that_lead_in_a_circle_end(folder):
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "self").symlink_to("self")
    (folder / "x").symlink_to("y")
    (folder / "y").symlink_to("x")
    assert found(folder) == (["a.log", "b.log"], ["RCA142", "RCA143", "RCA143", "RCA143"])


def test_a_link_to_a_file_outside_brings_nothing_in(folder):
    (folder / "log").symlink_to(folder.parent / "outside.log")
    (folder / "gone").symlink_to("nowhere")
    assert found(folder) == (["a.log", "b.log"], ["RCA143", "RCA144"])
    assert expand([folder / "log"])[0] == [folder / "log"]


def test_a_link_to_a_file_inside_is_that_file(folder):
    (folder / "current.log").symlink_to("a.log")
    assert found(folder) == (["a.log", "current.log", "b.log"], [])


def test_a_folder_that_is_a_link_can_be_named(folder):
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert found(link) == (["a.log", "b.log"], [])


def test_pipes_and_sockets_are_passed_over_and_never_opened(folder, tmp_path_factory):
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
        assert found(folder) == (["a.log", "b.log"], ["RCA143", "RCA143"])
        with pytest.raises(EvidenceError, match="no regular file"):
            expand([folder / "pipe"])
        with pytest.raises(EvidenceError, match="no regular file"):
            expand([folder / "s"])


def test_a_folder_that_cannot_be_opened_costs_itself(folder, monkeypatch):
    listing = Path.iterdir

    def refused(self):
        if self.name == "sub":
            raise PermissionError(13, "Permission denied", str(self))
        return listing(self)

    monkeypatch.setattr(Path, "iterdir", refused)
    files, issues = expand([folder])
    assert [f.name for f in files] == ["a.log"]
    assert [(i.code, i.where) for i in issues] == [("RCA145", str(folder / "sub"))]


def dig(top, name, depth, monkeypatch):
    """Folders in folders, made from within, as their path is longer than one may write it."""
    monkeypatch.chdir(top)
    for _ in range(depth):
        Path(name).mkdir()
        os.chdir(name)


def fill_in(name, depth):
    for _ in range(depth):
        os.chdir("..")
        Path(name).rmdir()


def test_a_tree_deeper_than_the_stack_is_searched(tmp_path, monkeypatch):
    dig(tmp_path, "d", 1_500, monkeypatch)
    Path("deep.log").write_text("x")
    files, issues = expand([tmp_path])
    Path("deep.log").unlink()
    fill_in("d", 1_500)
    assert [f.name for f in files] == ["deep.log"]
    assert issues == []


def test_a_path_that_is_too_long_is_an_issue(tmp_path, monkeypatch):
    dig(tmp_path, "d" * 200, 25, monkeypatch)
    files, issues = expand([tmp_path])
    fill_in("d" * 200, 25)
    assert files == []
    assert [i.code for i in issues] == ["RCA145"]


def test_a_name_that_is_not_utf_8_is_found_registered_and_shown(folder, tmp_path):
    path = Path(os.fsdecode(os.fsencode(folder) + b"/r\xe4ka.log"))
    try:
        path.write_text("r")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (folder / "z.log").symlink_to(f"{path}-gone")
    files, _ = expand([folder])
    case = tmp_path / "case"
    case.mkdir()
    for n, file in enumerate(files):
        intake = register_file(case, file, at=n * 10**9)
        intake.source.encode("utf-8")
    assert "exhibits/r%E4ka.log" in [e.path for e in read_register(case / "exhibits.csv")]
    assert verify(case)[1] == []
    path.write_text(path.read_text() + "more")
    (odd,) = [f for f in files if f.name.startswith("r")]
    assert register_file(case, odd, at=9 * 10**9).outcome == "appended"
    path.write_text(path.read_text() + "and more")
    with pytest.raises(EvidenceError, match="in place"):
        register_file(case, odd, at=10**10, in_place=True)


def test_issues_can_be_printed_whatever_the_names_are(folder):
    try:
        os.mkfifo(os.fsencode(folder) + b"/p\xe4pe")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    _, issues = expand([folder])
    assert [str(i).encode("utf-8")[-20:] for i in issues]
    assert "\\udce4" in issues[0].where or "\\xe4" in issues[0].where
