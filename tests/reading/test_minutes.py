"""Minutes: who was there, what was said, decided, assigned, and when it was all public. Expected by reading them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rca.moments import format_instant
from rca.reading import Declared, Source
from rca.reading.minutes import MinutesReader

SWEDISH = """# Styrgrupp införande, protokoll

Datum: tisdagen den 5 november 2024
Tid: kl. 13.00–15.30
Plats: Regionens hus

## Närvarande

- ordförande i styrgruppen
- programchef; sjukhusdirektör

## § 12 Lägesrapport (dnr RS 2024-01234)

Programchefen redovisade att 31 av 40 tester är klara.

Kl. 13.40 anmälde sjukhusdirektören oro för inloggningen.

### Beslut

Styrgruppen beslutar att driftstart sker den 12 november 2024.

## § 13 Utbildning

**Beslut:** Inget beslut fattades.

### Åtgärder

- Programchefen tar fram status per enhet. Ansvarig: programchefen, senast den 8 november 2024

Justerat: 2024-11-07
"""

ENGLISH = """# Go-live board

Date: 5 November 2024
Present: chair, programme lead and test manager

1. Readiness

The test manager reported nine open faults.

Decision: Start is confirmed for 12 November 2024.

Actions:
- Programme lead to publish the list by 8 November 2024. Owner: programme lead
"""


def read(text, zone="Europe/Stockholm"):
    source = Source.of_bytes(text.encode(), name="m.md", declared=Declared(zone=zone))
    rows = [row for b in MinutesReader().read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def of(rows, kind):
    return [r for r in rows if r["kind"] == kind]


def test_swedish_minutes_become_events():
    rows, _ = read(SWEDISH)
    assert [r["actor"] for r in of(rows, "minutes.present")] == [
        "ordförande i styrgruppen",
        "programchef",
        "sjukhusdirektör",
    ]
    assert [r["message"] for r in of(rows, "minutes.decision")] == [
        "Styrgruppen beslutar att driftstart sker den 12 november 2024."
    ]
    assert [r["message"] for r in of(rows, "minutes.item")] == [
        "Lägesrapport (dnr RS 2024-01234)",
        "Utbildning",
    ]
    decision = of(rows, "minutes.decision")[0]
    assert decision["refs"] == ["§ 12", "RS 2024-01234"]
    assert decision["audience"] == ["ordförande i styrgruppen", "programchef", "sjukhusdirektör"]
    assert len({r["record_id"] for r in rows}) == 1


def test_no_decision_is_no_decision():
    rows, _ = read(SWEDISH)
    assert "Inget beslut fattades." in [r["message"] for r in of(rows, "minutes.statement")]


def test_the_times_are_those_that_are_written():
    rows, _ = read(SWEDISH)
    (meeting,) = of(rows, "minutes.meeting")
    assert format_instant(meeting["time"].value) == "2024-11-05T12:00:00Z"
    assert format_instant(meeting["time_end"].value) == "2024-11-05T14:30:00Z"
    worry = next(r for r in rows if "oro" in r["message"])
    assert format_instant(worry["time"].value) == "2024-11-05T12:40:00Z"
    due = next(r for r in rows if r["time_kind"] == "due")
    assert format_instant(due["time"].value) == "2024-11-07T23:00:00Z"
    assert due["time_precision"] == "day"


def test_minutes_are_known_from_their_approval():
    rows, _ = read(SWEDISH)
    assert {format_instant(r["known_time"].value) for r in rows if r["known_time"]} == {
        "2024-11-07T23:00:00Z"
    }


def test_english_minutes_become_events():
    rows, _ = read(ENGLISH)
    assert [r["actor"] for r in of(rows, "minutes.present")] == ["chair", "programme lead", "test manager"]
    assert [r["message"] for r in of(rows, "minutes.decision")] == [
        "Start is confirmed for 12 November 2024."
    ]
    assert len(of(rows, "minutes.action")) == 2


def test_minutes_without_a_date_stay_undated_and_say_so():
    rows, source = read("# Möte\n\nNärvarande: ordförande\n\n## § 1 Start\n\n### Beslut\n\nVi börjar.\n")
    assert {r["time"] for r in rows} == {None}
    assert "RCA160" in {i.code for i in source.issues}


def test_prose_and_logs_are_no_minutes():
    for text in ("A story about a decision.\n", "2024-11-12 05:30:00 INFO Decision: go\n" * 20):
        assert MinutesReader().score(Source.of_bytes(text.encode()).sample) == 0
    assert MinutesReader().score(Source.of_bytes(SWEDISH.encode()).sample) > 0.9


@settings(max_examples=120, deadline=None)
@given(st.integers(0, len(SWEDISH)), st.text(max_size=5))
def test_the_books_balance_for_any_edit(position, text):
    read(SWEDISH[:position] + text + SWEDISH[position:])
