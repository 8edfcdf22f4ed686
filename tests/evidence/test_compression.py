"""Compressed streams: several in one, cut, padded, followed by something else: all that can be had is handed out."""

import bz2
import gzip
import io
import lzma
import random
import time

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.errors import Issue
from rca.evidence import Limits, Member, members

TEXT = b"".join(b"Nov 12 05:30:%02d host app[%d]: line %d\n" % (n % 60, n * n % 977, n) for n in range(3000))
LARGE = random.Random(1).randbytes(300_000).hex().encode() + TEXT * 3


def framed(kind):
    def pack(data):
        out = pa.BufferOutputStream()
        with pa.CompressedOutputStream(out, kind) as stream:
            stream.write(data)
        return out.getvalue().to_pybytes()

    return pack


PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": framed("zstd"),
    "lz4": framed("lz4"),
}
SKIPPABLE = b"\x53\x2a\x4d\x18" + (5000).to_bytes(4, "little") + bytes(5000)
each_kind = pytest.mark.parametrize("kind", PACKERS)


@pytest.fixture
def read(tmp_path):
    def run(data, **limits):
        path = tmp_path / "stream.bin"
        path.write_bytes(data)
        (member,) = members(path, limits=Limits(**limits))
        with member.open() as stream:
            found = stream.read()
        return found, [issue.code for issue in member.issues()]

    return run


@each_kind
def test_one_stream_and_several_joined_are_read_whole(read, kind):
    pack = PACKERS[kind]
    assert read(pack(LARGE)) == (LARGE, [])
    assert read(pack(TEXT) + pack(b"") + pack(LARGE)) == (TEXT + LARGE, [])


@pytest.mark.parametrize("kind", ["zstd", "lz4"])
def test_skippable_frames_are_skipped(read, kind):
    pack = PACKERS[kind]
    assert read(SKIPPABLE + pack(TEXT)) == (TEXT, [])
    assert read(pack(TEXT) + SKIPPABLE + pack(b"more\n")) == (TEXT + b"more\n", [])


def test_the_output_of_the_zstd_and_lz4_programs_is_read(read):
    import shutil
    import subprocess

    ran = 0
    for program in ("zstd", "lz4", "xz", "bzip2", "gzip"):
        if shutil.which(program):
            packed = subprocess.run([program, "-c"], input=LARGE, capture_output=True, check=True).stdout
            assert read(packed) == (LARGE, [])
            ran += 1
    if not ran:
        pytest.skip("none of the programs zstd, lz4, xz, bzip2 and gzip is installed")


@each_kind
def test_a_cut_stream_keeps_what_came_before(read, kind):
    packed = PACKERS[kind](LARGE)
    last = -1
    for cut in [*range(20, len(packed), len(packed) // 12), len(packed) - 1]:
        found, codes = read(packed[:cut])
        assert codes == ["RCA131"]
        assert LARGE.startswith(found)
        assert len(found) >= last
        last = len(found)
    assert last >= len(LARGE) - (0 if kind in ("gzip", "bzip2") else 1 << 17)


@each_kind
def test_what_a_decompressor_knows_before_damage_is_handed_out_to_the_last_byte(read, kind):
    """The check at the end fails: all of the text was unpacked by then, and is kept."""
    packed = bytearray(PACKERS[kind](TEXT))
    if kind == "gzip":
        packed[-8] ^= 0x55
        assert read(bytes(packed)) == (TEXT, ["RCA131"])
    many = PACKERS[kind](LARGE) + PACKERS[kind](TEXT)
    damaged = bytearray(many)
    middle = len(PACKERS[kind](LARGE)) + 30
    damaged[middle : middle + 40] = b"\xff" * 40
    found, codes = read(bytes(damaged))
    assert found.startswith(LARGE)
    assert codes[:1] == ["RCA131"]


@pytest.mark.parametrize("kind", ["gzip", "xz"])
def test_zeros_after_the_end_are_padding(read, kind):
    packed = PACKERS[kind](TEXT)
    assert read(packed + bytes(100_000)) == (TEXT, [])
    assert read(packed + bytes(200_000) + packed) == (TEXT * 2, [])


@each_kind
@pytest.mark.parametrize("rest", [b"x", b"not compressed\n" * 9, b"not compressed\n" * 20_000])
def test_what_follows_and_is_not_compressed_is_told(read, kind, rest):
    found, codes = read(PACKERS[kind](TEXT) + rest)
    assert found == TEXT
    assert codes[0] in ("RCA132", "RCA131")
    if kind in ("gzip", "bzip2", "xz"):
        assert codes == ["RCA132"]


def test_a_hundred_thousand_tiny_streams_are_read_in_seconds(read):
    packed = gzip.compress(b"one line\n") * 100_000
    start = time.perf_counter()
    assert read(packed) == (b"one line\n" * 100_000, [])
    assert time.perf_counter() - start < 10


def test_a_stream_that_unpacks_to_a_compressed_stream_is_unpacked_further_up_to_the_depth(read):
    data = TEXT
    for pack in PACKERS.values():
        data = pack(data)
    assert read(data) == (TEXT, [])
    for _ in range(20):
        data = gzip.compress(data)
    found, codes = read(data)
    assert found[:2] == b"\x1f\x8b"
    assert codes == ["RCA133"]


@each_kind
def test_a_bomb_stops_at_the_ratio(read, kind):
    start = time.perf_counter()
    found, codes = read(PACKERS[kind](bytes(40_000_000)), free_bytes=1 << 20, max_ratio=40)
    assert len(found) < 12_000_000
    assert codes == ["RCA133"]
    assert time.perf_counter() - start < 5


@each_kind
def test_a_stream_stops_at_its_size(read, kind):
    found, codes = read(PACKERS[kind](LARGE), max_bytes=100_000)
    assert len(found) <= 100_000 + (1 << 20)
    assert codes == ["RCA133"]


@pytest.mark.parametrize(
    "head, name",
    [
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"MSCF\0\0\0\0\x2c", "CAB"),
        (b"\x1f\x9d\x90abc", "compress"),
        (b"\xff\x06\x00\x00sNaPpY", "snappy"),
    ],
)
def test_what_is_known_but_not_read_is_one_member_that_says_so(tmp_path, head, name):
    path = tmp_path / "a.bin"
    path.write_bytes(head + bytes(100))
    (member,) = members(path)
    assert member.names == ()
    (issue,) = member.issues()
    assert issue.code == "RCA134"
    assert name in issue.message
    with member.open() as stream:
        assert stream.read() == head + bytes(100)


def test_text_that_begins_like_a_compressed_stream_is_text(read):
    for text in (b"BZh9 is how bzip2 begins\n", b"BZhello\n", b"\x1f\x8bx not gzip\n", b"BZh"):
        assert read(text) == (text, [])


def test_the_time_in_a_gzip_header_is_known(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"x", mtime=1_731_385_800))
    (member,) = members(path)
    assert (member.gzip_modified, member.modified) == (1_731_385_800 * 10**9, None)
    path.write_bytes(gzip.compress(b"x", mtime=0))
    assert next(iter(members(path))).gzip_modified is None


@each_kind
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_truncation_is_a_prefix_and_any_flip_ends(tmp_path_factory, kind, data):
    packed = bytearray(PACKERS[kind](TEXT[:20_000]) + PACKERS[kind](TEXT[20_000:40_000]))
    cut = data.draw(st.integers(0, len(packed)))
    flips = data.draw(st.lists(st.tuples(st.integers(0, len(packed) - 1), st.integers(1, 255)), max_size=3))
    for at, mask in flips:
        packed[at] ^= mask
    path = tmp_path_factory.mktemp("any") / "stream"
    path.write_bytes(bytes(packed[:cut]))
    for item in members(path):
        if isinstance(item, Issue):
            continue
        assert isinstance(item, Member)
        with item.open() as stream:
            found = stream.read()
        with item.open() as again:
            assert again.read() == found
        if not flips and cut > 20:
            assert TEXT[:40_000].startswith(found)
            assert item.issues() or len(found) in (20_000, 40_000)


def test_what_is_handed_out_does_not_depend_on_how_it_is_asked_for(tmp_path):
    path = tmp_path / "a"
    damaged = bytearray(gzip.compress(LARGE))
    damaged[len(damaged) // 2] ^= 0x40
    for packed in (gzip.compress(LARGE)[:-100], bytes(damaged), framed("zstd")(LARGE)[:-100]):
        path.write_bytes(packed)
        whole = io.BytesIO()
        (member,) = members(path)
        with member.open() as stream:
            while piece := stream.read(777):
                whole.write(piece)
        with member.open() as stream:
            assert stream.read() == whole.getvalue()
