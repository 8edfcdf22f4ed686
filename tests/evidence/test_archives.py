"""Archives: members by content, in order, apart from each other, at one pass; damage costs what it hit."""

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import time
import tracemalloc
import warnings
import zipfile

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.errors import Issue
from rca.evidence import Limits, members, open_member, streams

STAMP = 1_731_385_800
LINES = [
    b"".join(b"%d: line %d of member %d\n" % (n * 7919 % 1000, n, m) for n in range(40)) for m in range(6)
]


def zstd(data):
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


def make_tar(entries, format=tarfile.GNU_FORMAT, **facts):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), STAMP
            for key, value in facts.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def make_zip(entries, method=zipfile.ZIP_DEFLATED, stream=None):
    out = stream or io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name, (2024, 11, 12, 5, 30, 0)), data, method)
    return out.getvalue() if stream is None else b""


class OneWay(io.RawIOBase):
    """What a packer writes to that cannot seek back: sizes then follow the data."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


@pytest.fixture
def read(tmp_path):
    def run(data, **limits):
        path = tmp_path / "archive.bin"
        path.write_bytes(data)
        return read_path(path, **limits)

    return run


def read_path(path, **limits):
    found, codes = [], []
    for item in members(path, limits=Limits(**limits)):
        if isinstance(item, Issue):
            codes.append(item.code)
            continue
        with item.open() as stream:
            found.append(("!".join(item.names), stream.read()))
        codes.extend(issue.code for issue in item.issues())
    return found, codes


ENTRIES = [(f"var/log/{n}.log", data) for n, data in enumerate(LINES)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd])
@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_is_read_in_all_its_forms_and_compressions(read, pack, format):
    assert read(pack(make_tar(ENTRIES, format))) == (ENTRIES, [])


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize(
    "name", ["d/" * 120 + "å" * 40 + ".log", "x" * 5000, "räka.log", "/etc/passwd", "../../up"]
)
def test_names_are_names_however_long_and_wherever_they_point(read, format, name, tmp_path):
    assert read(make_tar([(name, b"x\n")], format)) == ([(name, b"x\n")], [])
    assert [p.name for p in tmp_path.iterdir()] == ["archive.bin"]


def test_a_name_that_is_not_utf_8_can_still_be_cited(read):
    from rca.evidence import Citation, LocatorKind, parse_citation

    raw = bytearray(make_tar([("r?ka.log", b"x\n")]))
    raw[1] = 0xE4
    raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + 8 * 32 + sum(raw[156:512]))
    (((name, _),), _) = read(bytes(raw))
    assert name == "räka.log"
    cited = Citation("E1", (name,), LocatorKind.LINE, first=1)
    assert parse_citation(str(cited)) == cited


def test_a_zip_directory_that_leads_beyond_all_files_is_told(read):
    data = bytearray(make_zip(ENTRIES[:2]))
    at = data.index(b"PK\x01\x02")
    data[at + 20 : at + 24] = data[at + 42 : at + 46] = b"\xff" * 4
    wide = extra(1, b"\xfe" * 16)
    data[at + 30 : at + 32] = struct.pack("<H", len(wide))
    name_end = at + 46 + len("var/log/0.log")
    data[name_end:name_end] = wide
    end = data.index(b"PK\x05\x06")
    struct.pack_into("<L", data, end + 12, struct.unpack_from("<L", data, end + 12)[0] + len(wide))
    found, codes = read(bytes(data))
    assert found == [("var/log/0.log", b""), ENTRIES[1]]
    assert codes == ["RCA131"]


@pytest.mark.parametrize("size", ["stated", "stated in a pax header"])
def test_sizes_beyond_what_is_there_end_with_an_issue(read, size):
    data = bytearray(make_tar([("a.log", b"x\n")]))
    data[124:136] = b"77777777777\0" if size == "stated" else data[124:136]
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 8 * 32 + sum(data[156:512]))
    if size != "stated":
        data = bytearray(make_tar([("a.log", b"x\n")], tarfile.PAX_FORMAT, pax_headers={"size": "9" * 18}))
    found, codes = read(bytes(data))
    assert found[0][1].startswith(b"x\n")
    assert "RCA131" in codes


def test_the_last_write_of_a_tar_member_has_its_fraction_where_it_is_stated(tmp_path):
    path = tmp_path / "a.tar"
    path.write_bytes(make_tar([("a", b"x")], tarfile.PAX_FORMAT, mtime=STAMP + 0.25))
    assert next(iter(members(path))).modified == STAMP * 10**9 + 250_000_000
    path.write_bytes(make_tar([("a", b"x")], mtime=0))
    assert next(iter(members(path))).modified is None


def test_links_devices_and_sparse_files_in_a_tar_are_named_and_passed_over(tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (
            tarfile.SYMTYPE,
            tarfile.LNKTYPE,
            tarfile.CHRTYPE,
            tarfile.FIFOTYPE,
            tarfile.GNUTYPE_SPARSE,
        ):
            info = tarfile.TarInfo("odd")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("folder")
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
        info = tarfile.TarInfo("a.log")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"x\n"))
    path = tmp_path / "a.tar"
    path.write_bytes(out.getvalue())
    items = list(members(path))
    assert [i.code for i in items if isinstance(i, Issue)] == ["RCA137"] * 5
    assert "sparse" in items[4].message
    assert [i.names for i in items if not isinstance(i, Issue)] == [("a.log",)]


def test_tars_joined_to_one_file_are_read_through(read):
    assert read(make_tar(ENTRIES[:2]) + make_tar(ENTRIES[2:])) == (ENTRIES, [])


def test_a_damaged_tar_header_costs_its_own_member(read):
    data = bytearray(make_tar(ENTRIES))
    second = data.index(b"var/log/1.log")
    data[second] ^= 0xFF
    found, codes = read(bytes(data))
    assert found == [ENTRIES[0], *ENTRIES[2:]]
    assert codes == ["RCA135"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd])
def test_a_cut_tar_keeps_what_came_before(read, pack):
    packed = pack(make_tar([(name, data * 40) for name, data in ENTRIES]))
    for cut in range(600, len(packed) - 1200, max(1, len(packed) // 9)):
        found, codes = read(packed[:cut])
        assert codes
        for (name, data), (true_name, true) in zip(found, ENTRIES, strict=False):
            assert name in (true_name, "")
            assert (true * 40).startswith(data) or name == ""


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_zip_is_read_with_all_its_methods(read, method):
    assert read(make_zip(ENTRIES, method)) == (ENTRIES, [])


def test_zip_members_packed_by_zstd_and_xz_are_read(read):
    for method, pack in ((93, zstd), (95, lzma.compress)):
        packed = pack(LINES[0])
        data = make_zip([("a.log", packed)], zipfile.ZIP_STORED)
        import zlib

        fixed = bytearray(data)
        for at, shift in ((fixed.index(b"PK\x03\x04"), 8), (fixed.index(b"PK\x01\x02"), 10)):
            struct.pack_into("<H", fixed, at + shift, method)
            struct.pack_into("<L", fixed, at + shift + 6, zlib.crc32(LINES[0]))
            struct.pack_into("<L", fixed, at + shift + 14, len(LINES[0]))
        assert read(bytes(fixed)) == ([("a.log", LINES[0])], [])


def test_a_zip_with_64_bit_sizes_and_one_behind_other_bytes_are_read(read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in ENTRIES:
            with archive.open(name, "w", force_zip64=True) as stream:
                stream.write(data)
    assert read(out.getvalue()) == (ENTRIES, [])
    piped = OneWay()
    make_zip(ENTRIES, stream=piped)
    assert read(piped.data) == (ENTRIES, [])
    assert read(make_zip([("first", b"1")]) + make_zip(ENTRIES))[0] == ENTRIES


def test_a_zip64_directory_is_read(read):
    """70,000 members: more than the old directory can count."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(70_000):
            archive.writestr(f"{n}", b"")
    start = time.perf_counter()
    names = {item.names for item in _members(out.getvalue(), read)}
    assert len(names) == 70_000
    assert time.perf_counter() - start < 20


def _members(data, read):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(data)
        yield from members(path)


@pytest.mark.parametrize("method, name", [(9, "Deflate64"), (98, "PPMd"), (77, "method 77")])
def test_a_method_that_is_not_read_names_the_member_and_the_method(tmp_path, method, name):
    data = bytearray(make_zip(ENTRIES))
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 10, method)
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(data))
    issues = [item for item in members(path) if isinstance(item, Issue)]
    assert [i.code for i in issues] == ["RCA134"]
    assert "var/log/0.log" in issues[0].message
    assert name in issues[0].message


def test_an_encrypted_member_is_named_and_the_others_are_read(read):
    data = bytearray(make_zip(ENTRIES))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert read(bytes(data)) == (ENTRIES[1:], ["RCA136"])


def test_a_wrong_checksum_is_told_and_the_bytes_are_kept(read):
    data = bytearray(make_zip(ENTRIES[:1]))
    data[data.index(b"PK\x01\x02") + 16] ^= 0xFF
    assert read(bytes(data)) == (ENTRIES[:1], ["RCA131"])


@pytest.mark.parametrize("is_piped", [False, True])
def test_a_zip_cut_off_before_its_directory_keeps_what_came_before(read, is_piped):
    piped = OneWay()
    data = make_zip(ENTRIES, stream=piped) or piped.data if is_piped else make_zip(ENTRIES)
    assert read(data[: data.index(b"PK\x01\x02")]) == (ENTRIES, ["RCA135"])
    third = data.index(b"var/log/3.log") + 60
    found, codes = read(data[:third])
    assert found[:3] == ENTRIES[:3]
    assert ENTRIES[3][1].startswith(found[3][1])
    assert codes == ["RCA135", "RCA131"]


def extra(tag, body):
    return struct.pack("<2H", tag, len(body)) + body


@pytest.mark.parametrize(
    "field, modified",
    [
        (b"", 1_731_389_400),
        (extra(0x5455, struct.pack("<Bl", 1, STAMP)), STAMP),
        (extra(0x5455, struct.pack("<Bl", 2, STAMP)), 1_731_389_400),
        (
            extra(0x000A, bytes(4) + struct.pack("<2H3Q", 1, 24, (STAMP + 11_644_473_600) * 10**7, 0, 0)),
            STAMP,
        ),
    ],
)
def test_the_last_write_of_a_zip_member_is_utc_where_that_is_stated(tmp_path, field, modified):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("a.log", (2024, 11, 12, 5, 30, 0))
        info.extra = field
        archive.writestr(info, b"x\n")
    assert next(iter(members(path))).modified == modified * 10**9


def test_members_of_one_name_are_kept_apart(tmp_path):
    for name, pack in (("a.tar", make_tar), ("a.zip", make_zip)):
        path = tmp_path / name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile warns of the second a.log
            data = pack([("a.log", b"1"), ("a.log", b"2"), ("a.log~2", b"3"), ("a.log", b"4"), ("b", b"5")])
        path.write_bytes(data)
        found, codes = read_path(path)
        assert found == [
            ("a.log", b"1"),
            ("a.log~2", b"2"),
            ("a.log~2~2", b"3"),
            ("a.log~3", b"4"),
            ("b", b"5"),
        ]
        assert codes == ["RCA139"] * 3
        with open_member(path, ("a.log~3",)).open() as stream:
            assert stream.read() == b"4"


def test_archives_in_archives_are_unfolded(read):
    inner = make_zip([("deep.log", b"deep\n")])
    middle = gzip.compress(make_tar([("inner.zip", inner), ("x.gz", gzip.compress(b"x\n"))]))
    outer = make_zip([("middle.tgz", middle), ("document.docx", document()), ("y.log", b"y\n")])
    found, codes = read(zstd(outer))
    assert codes == []
    assert [name for name, _ in found] == [
        "middle.tgz!inner.zip!deep.log", "middle.tgz!x.gz", "document.docx", "y.log",
    ]  # fmt: skip
    assert [data for _, data in found] == [b"deep\n", b"x\n", document(), b"y\n"]


def document():
    return make_zip([("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")])


def test_an_archive_that_is_not_read_is_a_member_that_says_so(read):
    found, codes = read(make_tar([("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(60)), ("b.log", b"b\n")]))
    assert [name for name, _ in found] == ["a.7z", "b.log"]
    assert codes == ["RCA134"]


# -- one pass, little memory ----------------------------------------------------------------------------------


def many(count, size):
    body = random.Random(1).randbytes(size // 2).hex().encode()
    return [(f"log/{n:05}.log", b"%d " % n + body) for n in range(count)]


def test_a_compressed_tar_is_unpacked_once_however_many_members_it_has(tmp_path, monkeypatch):
    path = tmp_path / "a.tar.gz"
    entries = many(300, 4_000)
    path.write_bytes(gzip.compress(make_tar(entries), 1))
    unpacked = 0
    engine = streams.Budget.take_bytes

    def counted(self, count):
        nonlocal unpacked
        unpacked += count
        engine(self, count)

    monkeypatch.setattr(streams.Budget, "take_bytes", counted)
    held = list(members(path))
    for member in held:
        for _ in range(3):
            with member.open() as stream:
                stream.read()
    whole = len(make_tar(entries))
    assert unpacked <= whole + sum(len(data) for _, data in entries)
    with held[7].open() as stream:
        assert stream.read() == entries[7][1]


def test_members_can_be_read_in_any_order_and_side_by_side(tmp_path):
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(make_tar(ENTRIES)))
    held = list(members(path))
    open_streams = [member.open() for member in reversed(held)]
    parts = [b""] * len(held)
    for _ in range(200):
        for n, stream in enumerate(open_streams):
            parts[n] += stream.read(17)
    assert parts == [data for _, data in reversed(ENTRIES)]


def test_a_large_archive_is_spooled_to_a_file_that_goes_away(tmp_path, monkeypatch):
    import gc
    import tempfile

    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(streams, "SPOOL_IN_MEMORY", 1 << 16)
    path = tmp_path / "a.tgz"
    entries = many(200, 40_000)
    path.write_bytes(gzip.compress(make_tar(entries), 1))
    del entries
    tracemalloc.start()
    total = 0
    for member in members(path):
        with member.open() as stream:
            while piece := stream.read(1 << 16):
                total += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 8_000_000
    assert peak < 7 << 20
    del member, stream
    gc.collect()
    assert list(folder.iterdir()) == []


def test_a_full_temporary_folder_costs_what_did_not_fit(tmp_path, monkeypatch):
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(make_tar(many(60, 40_000)), 1))

    class Full(io.BytesIO):
        def write(self, data):
            if self.tell() > 1_500_000:
                raise OSError(28, "No space left on device")
            return super().write(data)

    monkeypatch.setattr(streams.tempfile, "SpooledTemporaryFile", lambda **_: Full())
    found, codes = read_path(path)
    assert 30 < len(found) < 60
    assert "RCA138" in codes


# -- hostile archives -----------------------------------------------------------------------------------------


def test_a_header_that_announces_a_name_of_gigabytes_costs_nothing(read):
    long = bytearray(make_tar([("x" * 200, b"x")]))
    long[124:136] = b"77777777777\0"
    long[148:156] = b"%06o\0 " % (sum(long[:148]) + 8 * 32 + sum(long[156:512]))
    start = time.perf_counter()
    read(gzip.compress(bytes(long) + bytes(1 << 24)))
    assert time.perf_counter() - start < 3


def test_members_that_share_their_bytes_are_a_bomb(read):
    data = bytearray(make_zip([("a", b"x" * 1000), ("b", b"x" * 1000)]))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    assert read(bytes(data)) == ([("a", b"x" * 1000)], ["RCA133"])


def test_all_members_together_are_limited(read):
    """A hundred bombs, each below the free size, are one bomb."""
    one = gzip.compress(bytes(900_000))
    start = time.perf_counter()
    found, codes = read(make_zip([(f"{n}.gz", one) for n in range(100)]), free_bytes=1 << 20, max_ratio=10)
    assert sum(len(data) for _, data in found) < 3 << 20
    assert "RCA133" in codes
    assert time.perf_counter() - start < 5


def test_a_limit_cuts_at_the_same_byte_however_and_how_often_a_member_is_read(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(make_zip([(f"{n}.gz", gzip.compress(b"%d" % n * 1_500_000)) for n in range(9)]))
    held = [m for m in members(path, limits=Limits(free_bytes=3 << 20, max_ratio=10))]
    first = []
    for member in held:
        with member.open() as stream:
            first.append(len(stream.read()))
    assert 0 < sum(first) < 8 << 20
    for member, size in zip(held, first, strict=True):
        with member.open() as stream:
            assert sum(len(piece) for piece in iter(lambda: stream.read(100_000), b"")) == size


def test_a_tree_of_archives_is_limited(read):
    data = gzip.compress(bytes(5_000_000))
    for _ in range(5):
        data = make_zip([(f"{n}.zip", data) for n in range(8)])
    start = time.perf_counter()
    found, _ = read(data, free_bytes=4 << 20, max_ratio=50)
    assert sum(len(d) for _, d in found) < 30 << 20
    assert time.perf_counter() - start < 20


def test_the_number_of_members_is_limited_in_zip_and_tar_folders_included(read):
    empty = [(f"{n}", b"") for n in range(3000)]
    for data in (make_tar(empty), gzip.compress(make_tar(empty)), make_zip(empty)):
        found, codes = read(data, max_members=100)
        assert (len(found), codes) == (100, ["RCA133"])
    found, codes = read(make_tar(empty, type=tarfile.DIRTYPE), max_members=100)
    assert (found, codes) == ([], ["RCA133"])


def test_an_archive_nested_too_deep_is_one_member(read):
    data = make_zip([("a.log", b"a\n")])
    for _ in range(8):
        data = make_zip([("in.zip", data)])
    found, codes = read(data, max_depth=4)
    assert [name for name, _ in found] == ["!".join(["in.zip"] * 4)]
    assert codes == ["RCA133"]


CONTAINERS = {
    "tar": make_tar(ENTRIES),
    "pax": make_tar([("å" * 120, b"x\n"), *ENTRIES], tarfile.PAX_FORMAT, mtime=STAMP + 0.5),
    "tar.gz": gzip.compress(make_tar(ENTRIES)),
    "tar.bz2": bz2.compress(make_tar(ENTRIES)),
    "tar.xz": lzma.compress(make_tar(ENTRIES)),
    "tar.zst": zstd(make_tar(ENTRIES)),
    "zip": make_zip(ENTRIES),
    "zip.lzma": make_zip(ENTRIES, zipfile.ZIP_LZMA),
    "zip.bzip2": make_zip(ENTRIES, zipfile.ZIP_BZIP2),
    "nested": make_zip([("t.tgz", gzip.compress(make_tar([("z.zip", make_zip(ENTRIES))])))]),
}


@pytest.mark.parametrize("kind", CONTAINERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_cut_and_any_flip_of_any_container_ends_without_an_exception(tmp_path_factory, kind, data):
    raw = bytearray(CONTAINERS[kind])
    for at, mask in data.draw(
        st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(1, 255)), max_size=6)
    ):
        raw[at] ^= mask
    cut = data.draw(st.integers(0, len(raw)))
    path = tmp_path_factory.mktemp("any") / "archive"
    path.write_bytes(bytes(raw[:cut]))
    start = time.perf_counter()
    read_path(path, free_bytes=1 << 22)
    assert time.perf_counter() - start < 5


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_cut_container_hands_out_prefixes_of_the_truth(tmp_path_factory, data):
    kind = data.draw(st.sampled_from(["tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip", "zip.bzip2"]))
    raw = CONTAINERS[kind]
    path = tmp_path_factory.mktemp("any") / "archive"
    path.write_bytes(raw[: data.draw(st.integers(20, len(raw)))])
    truth = dict(ENTRIES)
    for name, content in read_path(path)[0]:
        if name:
            assert truth[name].startswith(content)
