"""A Jira CSV is a snapshot: creations, resolutions, comments, work, files and links, in the exporting user's clock and language.

The header names are those of Jira's interface; the cells of comments, files and work logs are built as Jira builds them.
"""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.moments.moment import Basis
from rca.reading import Declared, Source
from rca.reading.tickets.jira_csv import JiraCsvReader
from rca.reading.tickets.jira_stamps import month_of, read_jira_stamp

READER = JiraCsvReader()
HEADER = [
    "Summary", "Issue key", "Issue id", "Issue Type", "Status", "Resolution", "Assignee", "Assignee Id", "Reporter",
    "Created", "Updated", "Resolved", "Description", "Comment", "Comment", "Attachment", "Log Work",
    "Outward issue link (Problem/Incident)", "Inward issue link (Blocks)", "Parent", "Custom field (Ward)",
]  # fmt: skip
ROW = [
    "Medication list empty", "EHR-7", "10007", "Bug", "Done", "Fixed", "on-call", "712:a", "ward nurse",
    "12/Nov/24 4:30 AM", "12/Nov/24 6:00 AM", "12/Nov/24 5:45 AM", "The list is empty since 4; no error\nis shown",
    "12/Nov/24 4:41 AM;712:a;Restarted; no change\nsee EHR-3", "12/Nov/24 5:02 AM;;seen on two more wards",
    "12/Nov/24 4:35 AM;712:a;screen;1.png;https://jira.example/secure/attachment/1/screen.png",
    "restored; checked;12/Nov/24 5:00 AM;712:a;5400", "EHR-3", "EHR-9", "", "7B",
]  # fmt: skip


def written(*rows, delimiter=",", end="\r\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def read(text, *, encoding="utf-8", **declared):
    data = text if isinstance(text, bytes) else text.encode(encoding)
    source = Source.of_bytes(data, declared=Declared(**declared))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    books = source.ledger.close(source.size)
    assert books.balanced
    return rows, source


def score(text):
    return READER.score(Source.of_bytes(text.encode()).sample)


def by_kind(rows, kind):
    return [row for row in rows if row["kind"] == kind]


def more(row):
    return json.loads(row["attributes"])


def test_a_row_gives_an_event_for_all_that_it_dates():
    rows, source = read(written(HEADER, ROW))
    assert [row["kind"] for row in rows] == [
        "ticket.created", "ticket.resolved", "ticket.comment", "ticket.comment", "ticket.worklog", "ticket.attachment",
    ]  # fmt: skip
    created, resolved, first, second, work, file = rows
    assert {row["record_id"] for row in rows} == {"jira:EHR-7"}
    assert created["message"] == "EHR-7 created: Medication list empty"
    assert more(created)["text"] == "The list is empty since 4; no error\nis shown"
    assert more(created)["Ward"] == "7B"
    assert (created["actor"], created["time_text"], created["locator"]) == (
        "ward nurse",
        "12/Nov/24 4:30 AM",
        "L2-4",
    )
    assert str(resolved["time"]) == "2024-11-12 05:45:00+00:00"
    assert (first["actor"], more(first)["actor_name"]) == ("712:a", "on-call")
    assert more(first)["text"] == "Restarted; no change\nsee EHR-3"
    assert first["refs"] == ["EHR-3"]
    assert all(row["parent"] == created["event_id"] for row in rows[1:])
    assert (work["actor"], work["message"]) == ("712:a", "EHR-7 work logged (1 h 30 min): restored; checked")
    assert more(file)["name"] == "screen;1.png"
    assert any("status history" in issue.message for issue in source.issues)


def test_a_comment_without_an_author_has_none_and_keeps_its_text():
    rows, _ = read(written(HEADER, ROW))
    comment = by_kind(rows, "ticket.comment")[1]
    assert comment["actor"] is None
    assert comment["message"] == "EHR-7 comment: seen on two more wards"
    assert str(comment["time"]) == "2024-11-12 05:02:00+00:00"


def test_a_link_column_names_a_type_and_no_phrase_so_that_nothing_is_claimed():
    """RECORDS 1.5: "Problem/Incident" is configured by the site; only the phrase tells, and a CSV has none."""
    rows, _ = read(written(HEADER, ROW))
    (created,) = by_kind(rows, "ticket.created")
    out, inward = more(created)["as_exported"]["links"]
    assert out | {"text": ""} == {
        "relation": "unstated", "target": "EHR-3", "direction": "outward", "link_type": "Problem/Incident",
        "asserted": "true", "phrase_given": "false", "phrase": "", "cite": "L2-4", "text": "",
    }  # fmt: skip
    assert (inward["direction"], inward["target"]) == ("inward", "EHR-9")
    assert created["refs"] == ["EHR-3", "EHR-9"]
    assert not by_kind(rows, "ticket.link"), "a CSV does not say when a link was made"


def test_stamps_without_a_zone_rest_on_one_assumption_about_the_exporting_user():
    rows, source = read(written(HEADER, ROW))
    zones = [one for one in source.assumptions if one.kind == "zone"]
    assert len(zones) == 1
    assert "user who exported" in zones[0].rests_on
    assert {one.kind for one in source.assumptions} == {"zone", "year"}
    dated = [row for row in rows if row["time"] is not None]
    assert all(row["time_basis"] == Basis.ZONE_ASSUMED for row in dated)
    assert all(zones[0].id in row["assumptions"] for row in dated)
    rows, source = read(written(HEADER, ROW), zone="Europe/Stockholm")
    assert str(rows[0]["time"]) == "2024-11-12 03:30:00+00:00"
    assert rows[0]["time_basis"] == Basis.ZONE_GIVEN
    assert {one.kind for one in source.assumptions} == {"year"}


SPANISH = written(
    ["Resumen", "Clave de incidencia", "ID de la incidencia", "Tipo de Incidencia", "Estado", "Persona asignada", "Informador",
     "Creada", "Actualizada", "Resuelta", "Campo personalizado (Root cause)", "Comentario", "Comentario"],
    ["Lista vacía", "HIS-5", "10041", "Error", "Listo", "guardia", "planta 3", "18/jul/26 9:10 AM", "18/ago/26 10:53 AM",
     "18/ene/27 9:15 p. m.", "disco", "18/jul/26 10:52 AM;712:a;Revisado; sigue igual", ""],
)  # fmt: skip
SWEDISH = written(
    ["Sammanfattning", "Ärendenyckel", "Ärendetyp", "Status", "Tilldelad", "Rapportör", "Skapad", "Uppdaterad", "Löst",
     "Anpassat fält (Avdelning)", "Kommentar"],
    ["Läkemedelslistan är tom", "VIS-3", "Fel", "Klar", "jour", "avdelning 7", "03/okt/24 9:26 EM", "04/okt/24 8:00 FM",
     "04/maj/25 12:05 FM", "7B", "03/okt/24 9:40 EM;;startade om; ingen skillnad"],
    delimiter=";",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "times"),
    [
        (SPANISH, ["2026-07-18 09:10", "2027-01-18 21:15", "2026-07-18 10:52"]),
        (SWEDISH, ["2024-10-03 21:26", "2025-05-04 00:05", "2024-10-03 21:40"]),
    ],
)
def test_headers_and_months_of_another_language_are_understood(text, times):
    assert score(text) == 0.98
    rows, source = read(text)
    assert [row["kind"] for row in rows] == ["ticket.created", "ticket.resolved", "ticket.comment"]
    assert [str(row["time"])[:16] for row in rows] == times
    assert not [issue for issue in source.issues if issue.code != "RCA190"]


@pytest.mark.parametrize(
    ("header", "stamp"),
    [
        (
            "Zusammenfassung,Vorgangsschlüssel,Vorgangstyp,Status,Autor,Erstellt,Aktualisiert",
            "12.11.24 09:26",
        ),
        ("Résumé,Clé de ticket,Type de ticket,État,Rapporteur,Création,Mise à jour", "12/nov./24 9:26 AM"),
        ("Resumo,Chave da item,Tipo de item,Status,Relator,Criado,Atualizado(a)", "12/nov/24 9:26 AM"),
        (
            "Riepilogo,Chiave del ticket,Tipo di ticket,Stato,Segnalatore,Data creazione,Aggiornato",
            "12/nov/24 9:26 AM",
        ),
        ("Тема,Ключ проблемы,Тип запроса,Статус,Автор,Создано,Обновлено", "12/ноя/24 9:26 AM"),
        (
            "Podsumowanie,Klucz zgłoszenia,Typ zgłoszenia,Status,Autor,Utworzono,Zaktualizowano",
            "12/lis/24 9:26 AM",
        ),
        ("Samenvatting,Issuesleutel,Issuetype,Status,Melder,Gemaakt,Bijgewerkt", "12/nov/24 9:26 AM"),
        ("Sammendrag,Saksnøkkel,Sakstype,Status,Innmelder,Opprettet,Oppdatert", "2024-11-12 09:26"),
        ("Resumé,Sagsnøgle,Sagstype,Status,Rapportør,Oprettet,Opdateret", "12/nov/24 9:26"),
        ("Yhteenveto,Pyynnön avain,Pyyntötyyppi,Tila,Raportoija,Luotu,Päivitetty", "12.marras.24 09:26"),
        ("Summary,Work item key,Work type,Status,Reporter,Created,Updated", "12 Nov 2024, 9:26 AM"),
        ("Summary,Key,Issue Type,Status,Reporter,Created,Updated", "12/Nov/24"),
    ],
)
def test_the_columns_of_many_languages_are_known(header, stamp):
    quoted = f'"{stamp}"'
    text = f"{header}\nx,VIS-3,Bug,Open,jour,{quoted},{quoted}\n"
    assert score(text) == 0.98
    rows, _ = read(text)
    assert [(row["kind"], row["subject"]) for row in rows] == [("ticket.created", "VIS-3")]
    assert str(rows[0]["time"])[:10] == "2024-11-12"


def test_in_a_language_that_is_not_known_the_build_of_cells_tells_and_the_guess_is_said():
    text = written(
        ["Aaa", "Bbb", "Ccc", "Ddd", "Sprint", "Eee", "Eee"],
        ["x", "VIS-3", "12/Nov/24 4:30 AM", "12/Nov/24 4:31 AM", "1", "12/Nov/24 4:41 AM;jour;up again", ""],
        ["y", "VIS-4", "12/Nov/24 4:35 AM", "12/Nov/24 4:36 AM", "1", "", "12/Nov/24 4:41 AM;jour;also; up"],
    )
    assert score(text) == 0.98
    rows, source = read(text)
    assert [row["kind"] for row in rows] == ["ticket.created", "ticket.comment"] * 2
    guess = next(one for one in source.assumptions if one.kind == "column")
    assert guess.id in rows[0]["assumptions"]
    assert guess.id not in (rows[1]["assumptions"] or ())


def test_a_spreadsheet_saved_again_keeps_the_old_layout_inside_comments():
    """RECORDS 1.2: columns had `16/02/2017 15:26`, comments still `16/Feb/17 3:29 PM`."""
    text = written(
        ["Issue key", "Issue Type", "Summary", "Created", "Comment"],
        ["LAB-1", "Bug", "analyser off line", "16/02/2017 15:26", "16/Feb/17 3:29 PM;;restarted"],
        ["", "", "", "", ""],
        ["", "", "", "", ""],
        delimiter=";",
    )
    rows, source = read(text)
    assert [str(row["time"])[:16] for row in rows] == ["2017-02-16 15:26", "2017-02-16 15:29"]
    assert not source.unparsed


def test_an_export_without_dates_gives_states_that_are_undated():
    rows, source = read("Issue Type,Issue key,Summary,Reporter\nBug,LAB-1,off line,ward\n")
    assert [(row["kind"], row["time"], row["actor"]) for row in rows] == [("ticket.state", None, None)]
    assert any("when the issues were created" in issue.message for issue in source.issues)


def test_an_impossible_date_is_undated_and_said():
    rows, source = read("Issue key,Issue Type,Summary,Created\nLAB-1,Bug,off line,31/Feb/24 9:00 AM\n")
    assert (rows[0]["time"], rows[0]["time_text"]) == (None, "31/Feb/24 9:00 AM")
    assert any(issue.code == "RCA191" for issue in source.issues)


@pytest.mark.parametrize(
    "text",
    [
        "id,name\n1,a\n",
        "Key,Value\nABC-1,2\n",
        "Issue Id,Project,Created\nABC-1,x,2024-11-12\n",
        "number,state\nINC0010001,new\n",
        "",
        "Issue key",
    ],
)
def test_other_tables_are_left_to_others(text):
    assert score(text) == 0.0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_preambles_are_taken(encoding):
    text = "sep=;\r\n" + SPANISH.replace(",", ";") if encoding == "utf-8-sig" else SPANISH
    rows, _ = read(text.encode(encoding))
    assert rows[0]["message"] == "HIS-5 created: Lista vacía"


def test_months_of_two_languages_that_begin_alike_are_not_guessed():
    assert month_of("jui") is None
    assert (month_of("mar"), month_of("márc"), month_of("maalis"), month_of("lis"), month_of("ağu")) == (
        3,
        3,
        3,
        11,
        8,
    )
    assert read_jira_stamp("12/jui/24 9:26 AM") is None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_cut_or_changed_is_read_and_booked(data):
    whole = written(HEADER, ROW, ROW).encode()
    at = data.draw(st.integers(0, len(whole)))
    piece = data.draw(st.binary(max_size=6))
    upto = data.draw(st.integers(at, len(whole)))
    read(whole[:at] + piece + whole[upto:])
    score((whole[:at] + piece).decode("utf-8", "replace"))
