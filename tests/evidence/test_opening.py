"""From a file to its streams: recognised by content, limited, and kept up to a cut."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.errors import EvidenceError, Issue
from rca.evidence import Limits, Member, members, open_member
from rca.evidence.opening import detect_encoding, is_binary

TEXT = b"".join(b"Nov 12 05:30:%02d host app[1]: line %d\n" % (n % 60, n) for n in range(500))


def read(path, **limits):
    found, issues = [], []
    for item in members(path, limits=Limits(**limits)):
        if isinstance(item, Issue):
            issues.append(item)
            continue
        with item.open() as stream:
            found.append((item.names, stream.read()))
        issues.extend(item.issues())
    return found, issues


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compression_is_recognised_by_content_and_adds_no_name(tmp_path, pack):
    path = tmp_path / "log.txt"
    path.write_bytes(pack(TEXT))
    assert read(path) == ([((), TEXT)], [])


def test_several_gzip_members_are_one_stream(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    assert read(path) == ([((), b"one\ntwo\n")], [])


def test_a_cut_gzip_keeps_what_came_before_at_every_byte(tmp_path):
    packed = gzip.compress(TEXT)
    path = tmp_path / "a.gz"
    for cut in range(11, len(packed), 7):
        path.write_bytes(packed[:cut])
        found, issues = read(path)
        assert TEXT.startswith(found[0][1])
        assert [i.code for i in issues] == ["RCA131"]


def make_zip(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def make_tar(entries, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_731_385_800
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_archives_are_unfolded_in_any_nesting(tmp_path):
    inner = make_zip({"b.log": b"b\n"})
    path = tmp_path / "a.bin"
    path.write_bytes(
        gzip.compress(make_tar({"var/log/a.log": b"a\n", "in.zip": inner, "c.gz": gzip.compress(b"c\n")}))
    )
    found, issues = read(path)
    assert found == [(("var/log/a.log",), b"a\n"), (("in.zip", "b.log"), b"b\n"), (("c.gz",), b"c\n")]
    assert issues == []
    with open_member(path, ("in.zip", "b.log")).open() as stream:
        assert stream.read() == b"b\n"
    with pytest.raises(EvidenceError, match="no member"):
        open_member(path, ("absent",))


def test_a_members_own_last_write_is_known(tmp_path):
    path = tmp_path / "a.tar"
    path.write_bytes(make_tar({"a.log": b"a\n"}))
    member = next(iter(members(path)))
    assert member.modified == 1_731_385_800 * 10**9


def test_names_that_would_leave_the_folder_are_only_names(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(make_zip({"../../evil.txt": b"x", "/abs.txt": b"y"}))
    found, _ = read(path)
    assert sorted(data for _, data in found) == [b"x", b"y"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_a_bomb_stops_at_the_limit(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"\0" * 30_000_000))
    found, issues = read(path, free_bytes=1 << 20, max_ratio=50)
    assert len(found[0][1]) < 5_000_000
    assert "RCA133" in {i.code for i in issues}
    path.write_bytes(make_zip({"a": b"\0" * 30_000_000}))
    _, issues = read(path, free_bytes=1 << 20, max_ratio=50)
    assert "RCA133" in {i.code for i in issues}


def test_depth_and_count_are_limited(tmp_path):
    data = b"x"
    for _ in range(9):
        data = make_zip({"in.zip": data})
    path = tmp_path / "deep.zip"
    path.write_bytes(data)
    assert "RCA133" in {i.code for i in read(path)[1]}
    path.write_bytes(make_zip({f"{n}": b"x" for n in range(30)}))
    found, issues = read(path, max_members=10)
    assert (len(found), [i.code for i in issues]) == (10, ["RCA133"])


def test_links_in_archives_are_passed_over(tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    path = tmp_path / "a.tar"
    path.write_bytes(out.getvalue())
    found, issues = read(path)
    assert (found, [i.code for i in issues]) == ([], ["RCA137"])


def test_office_documents_are_documents(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(make_zip({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"}))
    (member,) = members(path)
    assert isinstance(member, Member)
    assert member.names == ()


@pytest.mark.parametrize(
    "data, encoding, is_guess",
    [
        ("åäö".encode(), "utf-8", False),
        (b"plain", "utf-8", False),
        (b"\xef\xbb\xbfx", "utf-8-sig", False),
        ("å\n".encode("utf-16"), "utf-16-le", False),
        ("en rad med text\n".encode("utf-16-be"), "utf-16-be", True),
        ("caf\xe9 och r\xe4ka\n".encode("latin-1"), "cp1252", True),
        (b"caf\xe9 and " + "caf\xe9".encode(), "utf-8", True),
    ],
)
def test_encodings(data, encoding, is_guess):
    assert detect_encoding(data, complete=True) == (encoding, is_guess)


def test_binary_and_text_are_told_apart():
    assert is_binary(zlib.compress(TEXT))
    assert not is_binary(TEXT)
    assert not is_binary("åäö\n".encode("utf-16"))
    assert not is_binary(b"nul \x00 byte in a line of a log\n")


@given(st.binary(max_size=300))
def test_no_bytes_make_opening_raise(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "file"
    for head in (b"", b"\x1f\x8b", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"PK\x03\x04"):
        path.write_bytes(head + data)
        read(path)
