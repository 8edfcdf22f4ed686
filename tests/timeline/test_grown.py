"""A log that has grown costs its tail: parts that lie before stand, and the store is the one of a reading from scratch."""

import datetime as dt

import pytest

from rca.case import Case
from rca.reading.lines import engine, parts


def syslog(first, count):
    begin = dt.datetime(2024, 11, 1)
    lines = []
    for number in range(first, first + count):
        moment = begin + number * dt.timedelta(minutes=1)
        lines.append(
            f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S} ehr01 orders[{number}]: order {number} taken\n"
        )
    return "".join(lines)


def application(first, count):
    begin = dt.datetime(2024, 11, 1)
    return "".join(
        f"{begin + number * dt.timedelta(minutes=1)} ERROR [main] org.example.Order - order {number}\n\tat a.b(C.java:1)\n\n"
        for number in range(first, first + count)
    )


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of a few thousand bytes; the numbers of those that were written, in `small_parts`."""
    monkeypatch.setattr(engine, "PART", 8_000)
    monkeypatch.setattr(engine, "BLOCK", 2_000)
    written = []
    before = parts.Parts._write_part

    def write_part(self, number, *args, **choices):
        written.append(number)
        return before(self, number, *args, **choices)

    monkeypatch.setattr(parts.Parts, "_write_part", write_part)
    return written


def ingest(case):
    report = case.ingest(workers=1)
    assert [i for i in report.issues if i.severity == "error"] == []


def set_times(path):
    import os

    os.utime(path, (1_733_000_000, 1_733_000_000))


@pytest.mark.parametrize("make", [syslog, application])
def test_a_log_that_grew_keeps_its_parts_and_ends_as_if_read_at_once(tmp_path, small_parts, make):
    log = tmp_path / "app.log"
    case = Case.create(tmp_path / "case", zone="Europe/Stockholm")
    log.write_text(make(0, 1000))
    set_times(log)
    case.add(log)
    ingest(case)
    first = len(set(small_parts))
    small_parts.clear()
    log.write_text(make(0, 1010))
    set_times(log)
    case.add(log)
    ingest(case)
    assert first > 5
    assert len(set(small_parts)) <= 2
    assert case.store.verify() == []
    fresh = Case.create(tmp_path / "fresh", zone="Europe/Stockholm")
    fresh.add(log)
    small_parts.clear()
    ingest(fresh)
    assert len(set(small_parts)) >= first
    # all but what names the stream: its key is that of the bytes as first registered
    columns = [
        "time",
        "time_earliest",
        "time_latest",
        "time_basis",
        "message",
        "locator",
        "byte_start",
        "byte_length",
    ]
    one, two = (c.store.scan().sort("byte_start").select(columns).collect() for c in (case, fresh))
    assert one.equals(two)


def test_notes_that_were_altered_cost_their_part_only(tmp_path, small_parts):
    log = tmp_path / "app.log"
    case = Case.create(tmp_path / "case", zone="UTC")
    log.write_text(application(0, 600))
    case.add(log)
    ingest(case)
    (entry,) = case.store.exhibits().values()
    (case.store.folder / entry.files[1].notes_file).write_text("{}")
    log.write_text(application(0, 605))
    case.add(log)
    small_parts.clear()
    ingest(case)
    assert 1 in small_parts
    assert 0 not in small_parts


def test_another_zone_lets_no_part_stand(tmp_path, small_parts):
    log = tmp_path / "app.log"
    case = Case.create(tmp_path / "case", zone="UTC")
    log.write_text(application(0, 600))
    case.add(log)
    ingest(case)
    log.write_text(application(0, 605))
    case.add(log)
    settings = case.folder / "case.toml"
    settings.write_text(settings.read_text().replace("UTC", "Europe/Stockholm"))
    small_parts.clear()
    ingest(Case(case.folder))
    assert 0 in small_parts
