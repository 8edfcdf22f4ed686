"""The teller gives every record its ids, spans, times and assumptions, whatever reader tells it."""

from __future__ import annotations

import pyarrow as pa

from rca.events.schema import SourceKind
from rca.moments.moment import Basis, TimeKind
from rca.reading.json_records import read_values
from rca.reading.source import Declared, Source
from rca.reading.telling import COVERAGE, Place, Teller, one_line


class _Reader:
    name = "tickets"
    version = "1"


def _teller(data: bytes = b"x" * 100, **declared: object) -> Teller:
    source = Source.of_bytes(data, declared=Declared(**declared))  # type: ignore[arg-type]
    return Teller(source, _Reader(), source_kind=SourceKind.TICKET, code="RCA191")


def _rows(teller: Teller) -> list[dict[str, object]]:
    return pa.Table.from_batches(list(teller.rest())).to_pylist()


def test_events_at_one_byte_have_ids_of_their_own_and_those_after_the_256th_too() -> None:
    teller = _teller()
    ids = [teller.tell("ticket.change", str(n), Place(f"J/changes/{n}", 7, 3, 1)) for n in range(600)]
    assert len(set(ids)) == 600
    assert ids[0].endswith("000000000700")
    again = _teller()
    assert ids == [again.tell("ticket.change", str(n), Place(f"J/changes/{n}", 7, 3, 1)) for n in range(600)]


def test_a_place_without_bytes_has_an_id_from_its_locator() -> None:
    teller = _teller()
    first = teller.tell("minutes.item", "a", Place("P4.2"))
    second = teller.tell("minutes.item", "b", Place("P4.2"))
    assert first != second
    assert first[:12] == teller.source.stream_key[:12]


def test_a_naive_stamp_takes_the_declared_zone_and_nobody_s_zone_is_an_assumption() -> None:
    given = _teller(zone="Europe/Stockholm")
    given.tell("ticket.created", "a", Place("L1", 0, 3, 1), stamp="2024-11-12 06:30:00")
    row = _rows(given)[0]
    assert row["time"].isoformat().startswith("2024-11-12T05:30:00")
    assert row["time_basis"] == Basis.ZONE_GIVEN.value
    nobody = _teller()
    nobody.tell("ticket.created", "a", Place("L1", 0, 3, 1), stamp="2024-11-12 06:30:00")
    row = _rows(nobody)[0]
    assert row["time_basis"] == Basis.ZONE_ASSUMED.value
    assert row["assumptions"]


def test_what_was_known_when_is_the_latest_instant_of_the_stated_stamp() -> None:
    teller = _teller()
    teller.tell("ticket.created", "since 08:15", Place("L1", 0, 3, 1), stamp="2024-11-12T08:15:00Z",
                known="2024-11-12T10:40Z", end="2024-11-12T08:20:00Z", time_kind=TimeKind.REPORTED)  # fmt: skip
    row = _rows(teller)[0]
    assert row["known_time"].isoformat().startswith("2024-11-12T10:41:00")
    assert row["time_end"].isoformat().startswith("2024-11-12T08:20:00")
    assert row["known_basis"] == "stated"


def test_an_impossible_stamp_keeps_its_text_and_is_an_issue() -> None:
    teller = _teller()
    teller.tell("ticket.created", "a", Place("L1", 0, 3, 1), stamp="the day after")
    row = _rows(teller)[0]
    assert (row["time"], row["time_text"], row["time_basis"]) == (None, "the day after", "undated")
    assert [issue.code for issue in teller.source.issues] == ["RCA191"]


def test_a_long_text_is_one_line_in_the_message_and_whole_in_its_attribute() -> None:
    teller = _teller()
    teller.tell("ticket.comment", "first\nsecond " + "x" * 900, Place("L1", 0, 3, 1))
    row = _rows(teller)[0]
    assert row["message"].startswith("first second x")
    assert len(row["message"]) == 500
    assert "first\\nsecond" in row["attributes"]
    assert one_line("a\t b\n") == "a b"


def test_what_a_source_does_not_contain_is_said_once() -> None:
    teller = _teller()
    teller.note_absence("status history")
    teller.note_absence("status history")
    assert [issue.code for issue in teller.source.issues] == [COVERAGE]


def test_a_comment_inside_a_json_record_has_its_own_bytes() -> None:
    data = '{"total": 1, "issues": [{"key": "OPS-1", "comments": [{"body": "räknas"}, {"body": "två"}]}]}'.encode()
    source = Source.of_bytes(data)
    (value,) = read_values(source, lambda key, members, ahead: key == "issues", code="RCA191")
    place = value.place("/comments/1")
    assert value.pointer == "/issues/0"
    assert place.locator == "J/issues/0/comments/1"
    assert data[place.start : place.start + place.length].decode() == '{"body": "två"}'  # type: ignore[operator]
    assert source.ledger.close(len(data)).balanced


def test_half_a_character_is_shown_as_an_unknown_one() -> None:
    teller = _teller()
    teller.tell("ticket.comment", "reply \ud83d", Place("L1", 0, 3, 1), stamp="2024-\ud800", actor="\udc00x",
                audience=["a\ud800"], fields={"note": "\ud800"})  # fmt: skip
    row = _rows(teller)[0]
    assert (row["message"], row["actor"], row["audience"]) == ("reply \ufffd", "\ufffdx", ["a\ufffd"])
