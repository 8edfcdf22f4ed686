"""Reports are statements of the times that they name: by sentence, by row, and under the day that a heading names."""

import pytest

import rca
from rca.reading import Declared, Source
from rca.reading.documents.reader import DocumentReader
from rca.reading.readers import choose

REPORT = """# Händelseanalys

Publicerad: 2024-12-01

## Bakgrund

Systemet togs i drift i hela regionen. Den 5 november 2024 kl. 14.30 sade leverantören att allt var klart, bl.a. på
akuten. Den 7 november 2024 ändrades det igen. Ingen mindes varför.

## Tidslinje 12 november 2024

- 05.30 Inloggningen slutar svara.
- kl. 06:15–07:00 Reservrutin införs.
- 1.2 version installerades

| Datum | Tid | Händelse |
|---|---|---|
| 2024-11-13 | 08:00 | Läkemedelslistan är tom |
| | 09:10 | Driftchefen larmar |

## Åtgärder

Rutinen ska vara klar senast den 15 januari 2025.
"""


def read(text, zone="Europe/Stockholm", name="rapport.md"):
    source = Source.of_bytes(text.encode(), name=name, declared=Declared(zone=zone))
    rows = [row for batch in DocumentReader().read(source) for row in batch.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def told(rows):
    return [(row["message"], row["time_precision"], row["time_basis"]) for row in rows]


def test_each_sentence_row_and_clock_time_is_a_statement_of_its_own():
    rows, _ = read(REPORT)
    assert told(rows) == [
        ("Publicerad: 2024-12-01", "day", "zone_given"),
        (
            "Den 5 november 2024 kl. 14.30 sade leverantören att allt var klart, bl.a. på akuten.",
            "minute",
            "zone_given",
        ),
        ("Den 7 november 2024 ändrades det igen.", "day", "zone_given"),
        ("Tidslinje 12 november 2024", "day", "zone_given"),
        ("05.30 Inloggningen slutar svara.", "minute", "date_inferred"),
        ("kl. 06:15–07:00 Reservrutin införs.", "minute", "date_inferred"),
        ("2024-11-13 | 08:00 | Läkemedelslistan är tom", "minute", "zone_given"),
        ("09:10 | Driftchefen larmar", "minute", "date_inferred"),
        ("Rutinen ska vara klar senast den 15 januari 2025.", "day", "zone_given"),
    ]


def test_a_statement_knows_its_section_and_keeps_its_whole_paragraph():
    rows, _ = read(REPORT)
    said = next(row for row in rows if row["message"].startswith("Den 5"))
    assert '"section":"Händelseanalys / Bakgrund"' in said["attributes"]
    assert "Ingen mindes varför." in said["attributes"]


def test_a_date_that_was_carried_rests_on_an_assumption_and_says_from_where():
    rows, _ = read(REPORT)
    row = next(row for row in rows if row["message"].startswith("05.30"))
    assert row["assumptions"]
    assert '"date_from":"12 november 2024 (L10)"' in row["attributes"]
    assert row["time"].isoformat() == "2024-11-12T04:30:00+00:00"
    span = next(row for row in rows if row["message"].startswith("kl. 06:15"))
    assert span["time_end"].isoformat() == "2024-11-12T06:00:00+00:00"


def test_publication_and_deadlines_are_told_apart_from_what_occurred():
    rows, _ = read(REPORT)
    assert [(row["kind"], row["time_kind"]) for row in (rows[0], rows[-1])] == [
        ("document.published", "occurred"),
        ("document.statement", "due"),
    ]


def test_what_names_no_date_is_context():
    rows, source = read("# Rapport\n\nDen 12 november 2024 stannade det.\n\nIngen vet varför.\n")
    assert len(rows) == 1
    books = source.ledger.close(source.size)
    assert books.structure > 0
    assert books.in_events > 0


def test_a_document_without_any_date_is_undated_events_and_says_so():
    rows, source = read("# Rapport\n\nDet stannade.\n\n- Ingen vet varför.\n")
    assert [(row["message"], row["time_basis"]) for row in rows] == [
        ("Det stannade.", "undated"),
        ("Ingen vet varför.", "undated"),
    ]
    assert any("dates in the text" in issue.message for issue in source.issues)


def test_without_a_zone_the_dates_rest_on_an_assumption():
    rows, source = read(REPORT, zone=None)
    assert all(row["assumptions"] for row in rows)
    assert any(one.kind == "zone" for one in source.assumptions)


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        (REPORT, "document"),
        (
            "# Time: 2024-11-12T05:30:00Z\n# User@Host: a[a]\nSELECT 1;\n# Time: 2024-11-12T05:31:00Z\nSELECT 2;\n"
            * 5,
            "lines",
        ),
        ("2024-11-12 05:30:00 INFO started\n2024-11-12 05:30:01 ERROR log-in failed for user\n" * 5, "lines"),
        ("Nov 12 05:30:00 web sshd[1]: Failed password for root\n" * 5, "lines"),
        ("id,when,what\n1,2024-11-12,stop\n2,2024-11-13,start\n", "table"),
        ('{"a": 1}\n{"a": 2}\n', "lines"),
        (
            "Rapport om avbrottet\n\nDet stannade på natten och ingen kunde logga in.\nPersonalen skrev på papper.\nChefen ringde leverantören den 12 november 2024.\n",
            "document",
        ),
        (
            "<html><head><title>x</title></head><body><h1>Rapport</h1><p>Den 12 november 2024 stannade det.</p></body></html>",
            "document",
        ),
        ("\\documentclass{article}\n\\begin{document}\nDen 12 november 2024.\n\\end{document}\n", "document"),
        ("#!/bin/sh\n# starta om\nset -e\nsystemctl restart x\n# klart\n", "lines"),
    ],
)
def test_documents_and_logs_go_to_their_own_readers(text, reader):
    source = Source.of_bytes(text.encode(), name="x")
    assert choose(source).name == reader


def test_a_report_is_read_through_the_front_door(tmp_path):
    path = tmp_path / "rapport.md"
    path.write_text(REPORT, encoding="utf-8")
    reading = rca.read(path, zone="Europe/Stockholm")
    assert [stream.reader for stream in reading.streams] == ["document"]
    assert reading.books.balanced
    assert len(reading.events) == 9
