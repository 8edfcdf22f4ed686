"""A table that nobody described gets a draft of a mapping, which reads it; several times in a row are several events."""

import tomllib

import pytest

from rca.errors import FormatError
from rca.reading import Declared, Source
from rca.reading.mapping import parse_mapping
from rca.reading.table_learning import draft_tickets, learn_table
from rca.reading.tables import TableReader, first_rows

DEVIATIONS = """Ärendenummer;Händelsedatum;Klockslag;Rapporterad;Rapportör;Händelse;Åtgärd;Allvarlighetsgrad;Enhet;Avslutad;Klar senast
AV-1;2024-11-12;05.30;2024-11-12 10:40;Sjuksköterska;Inloggningen svarade inte;Reservrutin på papper;Hög;Akuten;2024-12-01;2024-12-15
AV-2;2024-11-13;kl 08:15;2024-11-13 09:00;Läkare;Läkemedelslistan var tom;;Medel;Medicin;;
"""


def read(text, **declared):
    source = Source.of_bytes(text.encode(), declared=Declared(zone="Europe/Stockholm", **declared))
    rows = [row for batch in TableReader().read(source) for row in batch.to_pylist()]
    assert source.ledger.close(source.size).balanced
    return rows, source


def draft(text, name="own"):
    header, rows = first_rows(Source.of_bytes(text.encode()).sample)
    return learn_table(header, rows, name=name)


def kinds(document):
    return {event["kind"]: event["time"] for event in document["event"]}


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ("Number,Opened,Short description,State,Resolved", "ticket.resolved"),
        ("Ärendenummer,Skapad,Rubrik,Status,Löst", "ticket.resolved"),
        ("Ärende-ID,Registreringsdatum,Ämne,Handläggare,Avslutad", "ticket.closed"),
        ("Saksnummer,Opprettet,Tittel,Status,Lukket", "ticket.closed"),
        ("Sagsnr.,Oprettet,Emne,Status,Afsluttet", "ticket.closed"),
        ("Tunnus,Luotu,Otsikko,Tila,Ratkaistu", "ticket.resolved"),
        ("Call Number,Call Date,Brief description,Status,Completion date", "ticket.resolved"),
    ],
)
def test_exports_are_understood_in_every_language_that_is_promised(names, kind):
    header = names.split(",")
    rows = [["17", "2024-11-12 05:30", "Inloggning", "Stängd", "2024-11-12 09:00"]]
    found = draft_tickets(header, rows)
    assert kinds(found) == {"ticket.created": header[1], kind: header[4]}


def test_a_log_with_an_id_is_no_export_of_tickets():
    header = ["id", "created_at", "level", "message", "host"]
    assert draft_tickets(header, [["1", "2024-11-12T05:30:00Z", "INFO", "started", "a"]]) is None


def test_a_column_whose_cells_are_no_times_is_no_time_whatever_its_name():
    header = ["Number", "Created", "Summary", "Closed"]
    assert draft_tickets(header, [["1", "by mail", "x", "yes"]]) is None


def test_a_deviation_report_gives_what_happened_when_it_was_reported_and_closed():
    rows, source = read(DEVIATIONS)
    assert [(row["kind"], row["time_text"]) for row in rows] == [
        ("fact.incident", "2024-11-12 05.30"),
        ("ticket.created", "2024-11-12 10:40"),
        ("ticket.closed", "2024-12-01"),
        ("fact.incident", "2024-11-13 kl 08:15"),
        ("ticket.created", "2024-11-13 09:00"),
    ]
    assert [row["record_id"] for row in rows] == ["tickets:AV-1"] * 3 + ["tickets:AV-2"] * 2
    assert rows[0]["time_precision"] == "minute"
    assert rows[0]["known_time"] is not None
    assert (rows[1]["actor"], rows[1]["unit"], rows[1]["severity_text"]) == ("Sjuksköterska", "Akuten", "Hög")
    assert rows[2]["message"] == "AV-1 closed: Reservrutin på papper"
    assert '"Klar senast":"2024-12-15"' in rows[0]["attributes"]
    assert any(one.kind == "mapping" for one in source.assumptions)


def test_the_events_of_a_row_share_its_bytes_and_have_ids_of_their_own():
    rows, _ = read(DEVIATIONS)
    assert len({row["byte_start"] for row in rows}) == 2
    assert len({row["event_id"] for row in rows}) == 5


def test_a_draft_is_a_mapping_that_reads_the_table_it_was_drafted_from():
    document = tomllib.loads(draft(DEVIATIONS, name="avvikelser"))
    rows, source = read(DEVIATIONS, definitions={"avvikelser.toml": document})
    assert [row["kind"] for row in rows].count("fact.incident") == 2
    assert {row["record_id"] for row in rows} == {"avvikelser:AV-1", "avvikelser:AV-2"}
    assert not any(one.kind == "mapping" for one in source.assumptions)


def test_a_draft_says_which_times_it_leaves_out():
    text = draft(DEVIATIONS)
    assert '"Klar senast" holds times too ("2024-12-15") and is a plan' in text


def test_a_table_that_is_no_export_of_tickets_is_drafted_as_dated_facts():
    text = draft("When,What\n2024-11-12,The system was switched on\n2024-11-14,It was switched off\n")
    document = tomllib.loads(text)
    assert kinds(document) == {"fact": "When"}
    assert document["event"][0]["message"] == "{What}"


def test_a_table_without_times_says_that_nothing_was_drafted():
    text = draft("a,b\nx,y\nz,w\n")
    assert tomllib.loads(text) == {}
    assert "No mapping was drafted" in text


def test_names_with_quotes_stay_valid_toml():
    text = draft('Id,"The ""day""",What\n1,2024-11-12,x\n2,2024-11-13,y\n')
    assert tomllib.loads(text)["event"][0]["time"] == 'The "day"'


MAPPING = {
    "table": {"name": "own", "zone": "Europe/Oslo", "key": "id", "absent": ["comments"]},
    "columns": {"subject": "id"},
    "event": [
        {"kind": "ticket.created", "time": "a", "message": "{id} created ({who}): {what}", "actor": "who"},
        {"kind": "fact.planned", "time": "b", "end": "c", "time_kind": "scheduled"},
    ],
}


def test_several_times_in_a_row_share_a_record_and_a_key():
    rows, source = read(
        "id,a,b,c,who,what\n7,2024-11-12 05:30,2024-11-13 08:00,2024-11-13 09:00,,stop\n",
        definitions={"own.toml": MAPPING},
    )
    assert [(row["kind"], row["record_id"], row["locator"]) for row in rows] == [
        ("ticket.created", "own:7", "#7"),
        ("fact.planned", "own:7", "#7"),
    ]
    assert rows[0]["event_id"] != rows[1]["event_id"]
    assert rows[0]["message"] == "7 created: stop"
    assert rows[1]["time_kind"] == "scheduled"
    assert (rows[1]["time_end"] - rows[1]["time"]).total_seconds() == 3600
    assert "Not in this source: comments" in {issue.message for issue in source.issues}


def test_a_row_without_any_of_its_times_is_one_undated_event():
    rows, _ = read("id,a,b,c,who,what\n7,,,,x,stop\n", definitions={"own.toml": MAPPING})
    assert [(row["kind"], row["time"], row["time_basis"]) for row in rows] == [
        ("ticket.created", None, "undated")
    ]


def test_a_time_of_the_row_itself_and_further_events_go_together():
    mapping = {**MAPPING, "time": {"column": "b"}}
    rows, _ = read(
        "id,a,b,c,who,what\n7,2024-11-12 05:30,2024-11-13,,x,stop\n", definitions={"own.toml": mapping}
    )
    assert [row["kind"] for row in rows] == ["fact", "ticket.created", "fact.planned"]
    assert {row["record_id"] for row in rows} == {"own:7"}


@pytest.mark.parametrize(
    "broken",
    [
        {"event": [{"kind": "x"}]},
        {"event": [{"kind": "x", "time": "a", "time_kind": "perhaps"}]},
        {"event": [{"kind": "x", "time": "a", "massage": "b"}]},
        {"event": {"kind": "x", "time": "a"}},
        {"table": {}},
    ],
)
def test_a_malformed_event_is_refused_with_advice(broken):
    with pytest.raises(FormatError):
        parse_mapping(broken, origin="own.toml")


@pytest.mark.parametrize(
    "text", [DEVIATIONS, "".join(f"2024-11-12 05:30:{n:02} INFO pump {n} started\n" for n in range(20))]
)
def test_the_command_line_drafts_a_mapping_for_a_table_and_a_format_for_a_log(tmp_path, text):
    from typer.testing import CliRunner

    from rca.cli import app

    path = tmp_path / "export.txt"
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["formats", "--learn", str(path)])
    assert done.exit_code == 0
    document = tomllib.loads(done.stdout)
    assert ("event" in document) is (text is DEVIATIONS)
