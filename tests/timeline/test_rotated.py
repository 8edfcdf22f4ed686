"""The pieces of a rotated log bound one another: an older piece ends before the next one begins, whenever they were copied."""

import gzip
import os

import pytest

from rca.case import Case

LINES = {
    "messages": "Nov 20 10:00:00 h a[1]: newest\n",
    "messages.1": "Dec  5 10:00:00 h a[1]: middle\nDec  6 10:00:00 h a[1]: middle\n",
    "messages.2.gz": "Dec 20 10:00:00 h a[1]: oldest\n",
}
COPIED = 1_772_323_200  # 2026-03-01: all were copied long after


def times(case):
    frame = case.store.scan().select("message", "time").collect()
    found = {}
    for message, time in frame.iter_rows():
        found.setdefault(message, []).append(f"{time:%Y-%m-%d}")
    return found


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in LINES.items():
        data = gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode()
        (folder / name).write_bytes(data)
        os.utime(folder / name, (COPIED, COPIED))
    case = Case.create(tmp_path / "case", zone="UTC")
    case.add(folder)
    return case


@pytest.mark.parametrize("workers", [1, 2])
def test_an_older_piece_is_of_the_year_before_the_newer_one(case, workers):
    case.ingest(workers=workers)
    assert times(case) == {
        "newest": ["2025-11-20"],
        "middle": ["2024-12-05", "2024-12-06"],
        "oldest": ["2023-12-20"],
    }
    why = {a["rests_on"] for a in case.store.assumptions() if a["kind"] == "year"}
    assert why == {"the file's last write", "the first stamp of the next rotated file"}


def test_a_second_ingest_finds_all_current(case):
    case.ingest(workers=1)
    report = case.ingest(workers=1)
    assert (report.read, len(report.current)) == ((), 3)
