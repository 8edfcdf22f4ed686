"""Behind each event stand its bytes: read once, bounded, in context, with what could not be quoted said."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.case import Case
from rca.timeline.raw import _AROUND, MOST_BYTES, _regions


@pytest.fixture
def made(tmp_path):
    def make(name, data, **more):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        case = Case.create(tmp_path / "case", zone="Europe/Stockholm")
        case.add(path, **more)
        case.ingest(workers=1)
        return case

    return make


LOG = "".join(f"2024-11-12 05:{n:02}:00 INFO request {n} done\n" for n in range(20))


def test_a_record_stands_between_the_lines_around_it(made):
    raw = made("a.log", LOG).board().raw
    source = raw["sources"]["E1:L10"]
    assert source["lines"] == ["2024-11-12 05:09:00 INFO request 9 done"]
    assert source["before"] == [f"2024-11-12 05:{n:02}:00 INFO request {n} done" for n in (7, 8)]
    assert source["after"] == [f"2024-11-12 05:{n:02}:00 INFO request {n} done" for n in (10, 11)]
    assert source["first"] == 10
    assert raw["sources"]["E1:L1"]["before"] == []
    assert raw["sources"]["E1:L20"]["after"] == []
    (event,) = source["events"]
    assert [raw["assumptions"][one] for one in event["assumptions"]]


def test_a_long_record_is_cut_and_says_so(made):
    case = made("a.log", LOG + f"2024-11-12 05:30:00 ERROR {'x' * 10_000}\n")
    source = case.board().raw["sources"]["E1:L21"]
    assert sum(map(len, source["lines"])) == MOST_BYTES
    assert str(MOST_BYTES) in source["note"]
    assert source["after"] == []


def test_a_member_of_an_archive_is_quoted(made, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("var/log/a.log", LOG)
    raw = made("logs.zip", packed.getvalue()).board().raw
    assert raw["sources"]["E1!var/log/a.log:L3"]["lines"] == ["2024-11-12 05:02:00 INFO request 2 done"]


def test_a_personal_exhibit_stays_at_home_when_a_page_leaves(made, tmp_path):
    case = made("a.log", LOG, handling="personal")
    assert case.board().raw["sources"]["E1:L1"]["lines"]
    source = case.timeline.board(is_exported=True).raw["sources"]["E1:L1"]
    assert "lines" not in source
    assert "rca show E1:L1" in source["note"]
    written = case.timeline.export(tmp_path / "out", formats=("html",))["html"].read_text(encoding="utf-8")
    assert "rca show E1:L1" in written
    assert "INFO request" not in written


def test_an_altered_exhibit_is_not_quoted(made):
    case = made("a.log", LOG)
    timeline = case.timeline
    path = case.folder / "exhibits" / "a.log"
    path.chmod(0o644)
    path.write_bytes(b"2024-11-12 05:00:00 INFO all is well\n")
    source = timeline.board().raw["sources"]["E1:L1"]
    assert "lines" not in source
    assert "altered" in source["note"]


def test_only_what_is_drawn_goes_along(made):
    case = made("a.log", LOG)
    board = case.board(case.timeline.where(text="request 7"))
    assert set(board.raw["sources"]) == {"E1:L8"}
    assert case.board().html == case.board().html


def test_a_frame_of_nobodys_case_has_no_sources(made):
    from rca.timeline import Timeline

    board = Timeline.of(made("a.log", LOG).timeline.frame).board()
    assert board.raw["sources"] == {}
    assert "INFO" not in board.html.partition("rca-raw")[2][:200]


class Trickle(io.BytesIO):
    """A stream that gives a few bytes at a time and cannot go back."""

    def read(self, size=-1):
        return super().read(min(size, 37) if size > 0 else size)

    def seekable(self):
        return False


@given(st.lists(st.tuples(st.integers(0, 4_000), st.integers(1, 3_000)), max_size=12), st.integers(0, 5_000))
def test_regions_hold_each_span_with_what_is_around_it(spans, total):
    data = bytes(n % 251 for n in range(total))
    asked = sorted((start, length, f"c{n}") for n, (start, length) in enumerate(spans))
    found = list(_regions(Trickle(data), asked))
    assert [one[2] for one in found] == [one[2] for one in asked]
    for start, length, _, region, begins in found:
        low, high = max(0, start - _AROUND), min(total, start + min(length, MOST_BYTES) + _AROUND)
        if low < total:
            assert region == data[begins : begins + len(region)]
            assert (begins, begins + len(region)) == (low, high)
