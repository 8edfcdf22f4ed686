"""Layouts of protokoll that pages, parties and compound words make hard."""

from __future__ import annotations

import pyarrow as pa

from rca.reading.minutes import MinutesReader
from rca.reading.source import Declared, Source

TEXT = """\
Regionstyrelsen                                   PROTOKOLL                         1 (4)

Sammanträdesdatum 2024-10-29
Beslutande      Ordförande A (S), ledamot B (M), ledamot C (V)
                Ersättare D (S) ersätter ledamot B (M) §§ 201-202
Övriga närvarande  Hälso- och sjukvårdsdirektör, IT-direktör §§ 201-202

§ 200 Val av justerare
Beslut
Ledamot C väljs att justera protokollet.

Regionstyrelsen                                   PROTOKOLL                         2 (4)

§ 201 Driftstart av journalsystem
Beslut
Rapporten läggs till handlingarna.
"""


def _rows() -> list[dict[str, object]]:
    source = Source.of_bytes(TEXT.encode(), declared=Declared(zone="Europe/Stockholm"))
    rows = pa.Table.from_batches(list(MinutesReader().read(source))).to_pylist()
    assert source.ledger.close(len(TEXT.encode())).balanced
    return rows


def test_two_with_a_party_each_are_two_people_and_a_compound_word_is_one() -> None:
    present = [row["actor"] for row in _rows() if row["kind"] == "minutes.present"]
    assert present == [
        "Ordförande A (S)", "ledamot B (M)", "ledamot C (V)", "Ersättare D (S)", "Hälso- och sjukvårdsdirektör", "IT-direktör",
    ]  # fmt: skip


def test_a_running_head_without_marks_of_pages_is_no_statement() -> None:
    assert not [
        row for row in _rows() if "PROTOKOLL" in str(row["message"]) and row["kind"] == "minutes.statement"
    ]


def test_who_is_chosen_to_verify_is_elected_and_a_report_put_on_file_is_noted() -> None:
    decisions = [row for row in _rows() if row["kind"] == "minutes.decision"]
    assert ['"outcome":"elected"' in str(decisions[0]["attributes"]), '"outcome":"noted"' in str(decisions[1]["attributes"])] == [True, True]  # fmt: skip


def test_a_substitute_counts_for_the_paragraphs_served_and_the_replaced_member_does_not() -> None:
    first, second = (row["audience"] for row in _rows() if row["kind"] == "minutes.decision")
    assert "ledamot B (M)" in first  # type: ignore[operator]
    assert "Ersättare D (S)" not in first  # type: ignore[operator]
    assert "ledamot B (M)" not in second  # type: ignore[operator]
    assert "Ersättare D (S)" in second  # type: ignore[operator]
