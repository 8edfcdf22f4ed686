"""The invented case of the log-in outage: what its exhibits hold, told by who wrote them, never by what was read.

The counts follow from the exhibits themselves: E1 has 283 records (22 with a stack trace of four lines), E2 202 lines; each
other number counts what stands in the file by the meaning of its format.
"""

import json
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from rca.case import open_case
from rca.evidence.locators import cite

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "data" / "login-outage-sample"

COUNTS = {
    "E1": {"log.login_failed": 118, "log.login": 124},
    "E2": {"log.started": 3, "log.stopped": 2, "log.crashed": 1},
    "E3": {"ticket.created": 4, "ticket.comment": 8, "ticket.attachment": 1, "ticket.resolved": 2},
    "E4": {"ticket.created": 3, "ticket.note": 5, "ticket.comment": 1, "ticket.resolved": 3, "ticket.closed": 2},
    "E5": {"ticket.created": 1, "ticket.closed": 1},
    "E6": {"ticket.comment": 2, "ticket.assignee": 1, "ticket.change": 2},
    "E7": {"ticket.acknowledged": 2, "ticket.notified": 2, "ticket.escalated": 1, "ticket.assignee": 1, "ticket.note": 1, "ticket.resolved": 1},
    "E8": {"status.posted": 4, "ticket.created": 1},
    "E9": {"fact.deviation": 7, "ticket.created": 7},
    "E10": {"calendar.response": 7},
    "E11": {"meeting.utterance": 13},
    "E12": {"minutes.present": 8, "minutes.absent": 1, "minutes.decision": 3, "minutes.motion": 2, "minutes.dissent": 1, "minutes.vote": 1},
    "E13": {"minutes.present": 4, "minutes.absent": 1, "minutes.decision": 1},
    "E14": {"mail.message": 4, "mail.attachment": 1, "mail.received": 4},
    "E15": {"chat.message": 13, "chat.joined": 1, "chat.edited": 1},
    "E16": {"interview.held": 1, "interview.statement": 5, "interview.approved": 1},
    "E17": {"document.comment": 1, "document.inserted": 1, "document.deleted": 1},
    "E18": {"fact.measurement": 24},
    "E19": {"fact.measurement": 4},
}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "login-outage-sample"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("store", "report"))
    made = open_case(folder)
    made.ingest(workers=1)
    return made


@pytest.fixture(scope="module")
def frame(case):
    return case.timeline.frame


@pytest.mark.parametrize("exhibit", sorted(COUNTS, key=lambda name: int(name[1:])))
def test_every_exhibit_gives_the_events_that_stand_in_it(frame, exhibit):
    found = Counter(frame.loc[frame["exhibit"] == exhibit, "kind"])
    assert {kind: found[kind] for kind in COUNTS[exhibit]} == COUNTS[exhibit]


def test_links_between_tickets_are_asserted_and_only_a_phrase_claims_a_cause(case):
    links = case.ticket_links
    told = {
        (one["source_ticket"], one["phrase"], one["target"]): one["is_causal"]
        for one in links.to_dict("records")
    }
    assert told == {
        ("LOGIN-212", "blocks", "LOGIN-198"): False,
        ("LOGIN-240", "is caused by", "LOGIN-198"): True,
        ("LOGIN-240", "relates to", "LOGIN-212"): False,
        ("INC0010412", "Caused by Change", "CHG0030045"): True,
    }
    assert links["time"].isna().all()  # the exports do not say since when


def test_the_logs_lose_no_record(frame):
    sizes = frame.groupby("exhibit").size()
    assert (sizes["E1"], sizes["E2"]) == (283, 202)
    traces = frame[(frame["exhibit"] == "E1") & frame["locator"].str.contains("-")]
    assert len(traces) == 22


@pytest.mark.parametrize(
    ("exhibit", "words", "when"),
    [
        ("E1", "Pool exhausted: 40 of 40 connections in use, 118 waiting", "2025-11-19T05:41:12.345Z"),
        ("E2", "System clock wrong", "2025-11-19T10:48:00Z"),  # as its clock has it: two minutes early
        ("E3", "LOGIN-212 created", "2025-11-03T08:12:00Z"),
        ("E3", "lasttest på morgonens topp innan", "2025-10-07T06:40:00Z"),  # still summer time
        ("E4", "INC0010412 opened", "2025-11-19T05:48:20Z"),  # the database's clock
        ("E4", "41 samtal", "2025-11-19T05:53:02Z"),  # the journal's clock
        ("E5", "Nested group resolution", "2025-10-30T12:01:00Z"),
        ("E7", "Acknowledged by IT-jour", "2025-11-19T05:52:31Z"),
        ("E9", "AVV-2025-3118: ", "2025-11-19T05:45:00Z"),
        ("E11", "Första felet i loggen", "2025-11-20T09:03:02Z"),
        ("E14", "File in the mail", "2025-11-17T08:40:00Z"),
        ("E15", "Ute ur mötet", "2025-11-19T09:31:00.00095Z"),
        ("E17", "Det stämmer inte", "2025-12-04T13:02:00Z"),
        ("E18", "1567 inloggningar", "2025-11-19T05:45:00Z"),
        ("E19", "200 samtidiga", "2025-11-06T13:50:00Z"),
    ],
)
def test_each_clock_is_read_as_its_format_says(frame, exhibit, words, when):
    rows = frame[(frame["exhibit"] == exhibit) & frame["message"].str.contains(words, regex=False)]
    assert pd.Timestamp(when) in set(rows["time"])


def test_a_back_dated_update_was_known_only_when_it_was_entered(frame):
    row = frame[frame["message"].str.contains("lokaliserat till katalogtjänsten")].iloc[0]
    assert row["time"] == pd.Timestamp("2025-11-19T07:15Z")
    assert row["known_time"] >= pd.Timestamp("2025-11-19T07:40Z")


def test_behind_every_event_stand_bytes_that_hold_what_it_says(case, frame):
    """The words of an event, as far as they are the source's own, stand in the bytes that its citation leads to."""
    board = case.board()
    sources = board.raw["sources"]
    drawn = frame[frame["time"].notna()]
    assert {cite(e, loc) for e, loc in zip(drawn["exhibit"], drawn["locator"], strict=True)} <= set(sources)
    own = drawn[
        drawn["kind"].isin(
            [
                "log.line",
                "log.login",
                "log.login_failed",
                "chat.message",
                "meeting.utterance",
                "minutes.statement",
                "interview.statement",
            ]
        )
    ]
    assert len(own) > 450
    for row in own.to_dict("records"):
        shown = sources[cite(row["exhibit"], row["locator"])]
        raw = " ".join(shown["lines"]).replace("<@", "@").replace(">", "")
        words = row["message"].split()[-1].strip('”“"')
        assert words.replace(">", "") in raw, row["message"]
        assert any(one["id"] == row["event_id"] for one in shown["events"])


def test_a_citation_shows_the_same_record_as_the_page(case, frame):
    board = case.board()
    for exhibit in ("E1", "E4", "E7", "E9", "E11", "E12", "E15"):
        row = frame[(frame["exhibit"] == exhibit) & frame["byte_start"].notna()].iloc[0]
        citation = cite(row["exhibit"], row["locator"])
        shown = case.show(citation)
        first = board.raw["sources"][citation]["lines"][0]
        assert first in shown.lines[0]
        assert board.raw["exhibits"][exhibit]["sha256"] == shown.exhibit.sha256


def test_a_second_ingest_reads_nothing(case):
    before = (case.folder / "custody.jsonl").read_bytes()
    report = case.ingest(workers=1)
    assert report.read == ()
    assert len(report.current) == 19
    assert (case.folder / "custody.jsonl").read_bytes() == before


def test_every_exhibit_is_as_it_was_registered(case):
    verdicts, issues = case.verify()
    assert len(verdicts) == 19
    assert len(issues.errors) == 0


def test_the_interviewee_is_a_role_and_addresses_are_nobodys(frame):
    said = frame[frame["exhibit"] == "E16"]
    assert set(said["actor"].dropna()) <= {"sjuksköterska på akuten", "utredare 1"}
    named = " ".join(frame["actor"].dropna())
    assert {word.rsplit("@")[-1].strip("<>") for word in named.split() if "@" in word} <= {
        "example.org",
        "leverantor.example",
    }


def test_the_notebook_runs_from_top_to_bottom(case):
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    from rca.report.rendering import run_notebook

    path = ROOT / "notebooks" / "02-timeline.ipynb"
    committed = json.loads(path.read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in committed["cells"])
    document = run_notebook(path, case.folder)
    outputs = {cell["id"]: cell["outputs"] for cell in document.cells if cell["cell_type"] == "code"}
    assert all(outputs.values())
    assert "srcdoc" in outputs["board"][0]["data"]["text/html"]
    assert "183" in outputs["offsets"][0]["data"]["text/plain"]
