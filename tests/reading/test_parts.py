"""A log read in parts gives the events of the log read whole, whatever the number of threads and the place of the cuts."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rca.events import arrow_schema
from rca.events.columns import conformed
from rca.moments import Basis, parse_instant
from rca.reading import Declared, Source
from rca.reading.lines import LineReader, engine

DECLARED = Declared(
    zone="Europe/Stockholm",
    zone_basis=Basis.ZONE_ASSUMED,
    modified=parse_instant("2025-02-01T00:00:00Z"),
    exhibit="E1",
)


class Shelf:
    """Keeps the parts in memory; none stands from before."""

    def __init__(self):
        self.parts = {}

    def write(self, number, tables):
        self.parts[number] = [conformed(table) for table in tables]

    def standing(self, number):
        return None

    def keep(self, written, *, stands):
        assert not stands


def events(data, *, workers, part=1 << 30, block=1 << 22, counted=False, monkeypatch):
    """The events of `data` in file order, the source, and how many parts were written."""
    monkeypatch.setattr(engine, "PART", part)
    monkeypatch.setattr(engine, "BLOCK", block)
    source = Source.of_bytes(data, declared=DECLARED)
    if counted:  # as `read` counts them in passing: the LF before the byte before each part
        source.line_feeds = tuple(data[: at - 1].count(b"\n") for at in range(part, len(data) + 1, part))
    shelf = Shelf()
    LineReader().parts(source).write(shelf, workers=workers)
    written = shelf.parts
    batches = [batch for number in sorted(written) for batch in written[number]]
    rows = pa.Table.from_batches(batches, schema=arrow_schema())
    assert source.ledger.close(len(data)).balanced
    return rows, source, len(written)


def syslog(lines, *, begin=dt.datetime(2024, 12, 20), step=dt.timedelta(minutes=9)):
    """A log without years, which passes New Year, with a stack trace now and then."""
    out = []
    for number in range(lines):
        moment = begin + number * step
        out.append(
            f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S} ehr01 orders[{number}]: order {number} taken"
        )
        if number % 7 == 0:
            out.append("\tat org.example.Order.take(Order.java:17)\n")
    return "\n".join(out).encode()


MIXED = b"".join(
    (
        b"2024-10-27 02:%02d:%02d,004 ERROR [main] org.example.Order - boom %d\n"
        b"java.lang.IllegalStateException: x\n\n\tat org.example.Order.take(Order.java:1)\n"
        b'10.1.1.1 - - [27/Oct/2024:02:00:01 +0100] "GET /%d HTTP/1.1" 200 12 "-" "curl/8"\n'
        % (n // 60 % 60, n % 60, n, n)
    )
    for n in range(400)
)
HEADED = b"".join(
    b"#Fields: date time cs-method cs-uri-stem sc-status\n" * (n % 50 == 0)
    + b"2024-11-12 05:%02d:%02d GET /ward/%d 200\n" % (n // 60 % 60, n % 60, n)
    for n in range(300)
)


@pytest.mark.parametrize("data", [syslog(3000), MIXED, HEADED], ids=["syslog", "mixed", "headed"])
@pytest.mark.parametrize(("part", "block"), [(5_000, 1_500), (1_777, 700), (9_000, 4_000)])
@pytest.mark.parametrize("counted", [False, True])
def test_parts_and_threads_change_nothing(data, part, block, counted, monkeypatch):
    whole, one, _ = events(data, workers=1, monkeypatch=monkeypatch)
    for workers in (1, 3):
        cut, two, parts = events(
            data, workers=workers, part=part, block=block, counted=counted, monkeypatch=monkeypatch
        )
        assert parts > 1
        assert cut.equals(whole)
        assert sorted(two.assumptions) == sorted(one.assumptions)
        assert set(two.issues) == set(one.issues)


def test_a_new_year_in_a_middle_part_is_found_though_the_ends_do_not_show_it(monkeypatch):
    rows, _, parts = events(syslog(3000), workers=2, part=8_000, block=2_000, monkeypatch=monkeypatch)
    years = [str(value)[:4] for value in rows.column("time").to_pylist()]
    assert parts > 4
    assert set(years) == {"2024", "2025"}
    assert years == sorted(years)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [
                b"2024-11-12 05:30:00 INFO [a] b.C - x\n",
                b"\tat a.b(C.java:1)\n",
                b"words without a stamp\n",
                b"\n",
                b"caf\xe9 \x00\n",
                b"Nov 12 05:30:00 h a[1]: y\n",
                b'{"time":"2024-11-12T05:30:00Z","msg":"z"}\n',
            ]
        ),
        min_size=1,
        max_size=120,
    ),
    st.integers(60, 900),
)
def test_any_mix_of_lines_gives_the_same_events_in_parts(monkeypatch, lines, part):
    data = b"".join(lines)
    whole, _, _ = events(data, workers=1, monkeypatch=monkeypatch)
    cut, _, _ = events(data, workers=2, part=part, block=max(50, part // 3), monkeypatch=monkeypatch)
    assert cut.equals(whole)


def test_a_line_has_the_number_that_an_editor_gives_it(monkeypatch):
    rows, _, _ = events(MIXED, workers=2, part=3_001, block=900, monkeypatch=monkeypatch)
    lines = MIXED.split(b"\n")
    for start, number in zip(
        rows.column("byte_start").to_pylist(), rows.column("line").to_pylist(), strict=True
    ):
        assert MIXED[start:].split(b"\n", 1)[0] == lines[number - 1]
        assert MIXED[:start].count(b"\n") == number - 1


def test_an_order_of_day_and_month_that_only_a_middle_part_shows_is_asked_of_the_whole_file(monkeypatch):
    american = b"".join(b"11/%02d/2024 05:30:00 restarted\n" % day for day in range(1, 29))
    log = syslog(900, begin=dt.datetime(2024, 12, 1))
    middle = log.index(b"\n", len(log) // 2) + 1
    data = log[:middle] + american + log[middle:]
    whole, one, _ = events(data, workers=1, monkeypatch=monkeypatch)
    cut, two, parts = events(data, workers=2, part=6_000, block=2_000, monkeypatch=monkeypatch)
    assert parts > 4
    assert cut.equals(whole)
    assert sorted(two.assumptions) == sorted(one.assumptions)
    times = [
        str(t)[:7]
        for t, m in zip(cut.column("time").to_pylist(), cut.column("message").to_pylist(), strict=True)
        if m == "restarted"
    ]
    assert times == ["2024-11"] * 28


def test_an_order_that_nothing_tells_is_on_record_wherever_it_stands(monkeypatch):
    unsure = b"".join(b"11/%02d/2024 05:30:00 restarted\n" % day for day in range(1, 12))
    log = syslog(900, begin=dt.datetime(2024, 12, 1))
    middle = log.index(b"\n", len(log) // 2) + 1
    data = log[:middle] + unsure + log[middle:]
    _, source, parts = events(data, workers=2, part=6_000, block=2_000, monkeypatch=monkeypatch)
    assert parts > 4
    assert "order" in {a.kind for a in source.assumptions}
