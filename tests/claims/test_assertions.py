"""Assertions cite events and keep their ids; verdicts are kept, and the last one counts."""

import json

import pandas as pd
import pytest

from rca.claims import Ruling, Verdict, add_verdict, assertions, load_verdicts, merge_verdicts
from rca.claims.assertions import COLUMNS
from rca.errors import UsageError
from rca.events import conform
from rca.timeline import Timeline


def events(*rows):
    base = {
        "exhibit": "E1",
        "locator": "L1",
        "time": pd.Timestamp("2024-11-12T08:00Z"),
        "source_kind": "chat",
    }
    return conform(pd.DataFrame([{**base, "event_id": f"{n:024d}", **row} for n, row in enumerate(rows)]))


def test_only_events_that_speak_are_read_and_the_full_text_counts():
    frame = assertions(
        events(
            {"kind": "log.line", "message": "the system is ready"},
            {
                "kind": "chat.message",
                "message": "short",
                "actor": "lead",
                "attributes": json.dumps({"text": "Hello. We are not ready."}),
            },
            {"kind": "chat.message", "message": "Vården är redo."},
        )
    )
    assert list(frame.columns) == list(COLUMNS)
    assert sorted(zip(frame["class"], frame["text"], strict=True)) == [
        ("assurance", "Vården är redo."),
        ("warning", "We are not ready."),
    ]
    warning = frame[frame["class"] == "warning"].iloc[0]
    assert (warning["span_start"], warning["span_end"], warning["actor"]) == (7, 24, "lead")
    assert set(frame["status"]) == {"proposed"}


def test_a_formal_decision_of_minutes_is_one_by_its_kind():
    frame = assertions(events({"kind": "minutes.decision", "message": "Driftstart den 12 november."}))
    assert frame[["class", "rule"]].to_numpy().tolist() == [["decision", "minutes-decision"]]


def test_a_full_date_becomes_the_deadline():
    frame = assertions(
        events(
            {
                "kind": "minutes.statement",
                "message": "AP: driftchefen skriver rutinen senast den 31 mars 2025.",
            }
        ),
        zone="Europe/Stockholm",
    )
    (row,) = frame.to_dict("records")
    assert row["due"] == "den 31 mars 2025"
    assert row["due_time"] == pd.Timestamp("2025-03-31T21:59:59.999999999Z")


def test_a_timeline_gives_the_same_as_its_frame():
    frame = events(
        {"kind": "chat.message", "message": "Vi är inte redo."},
        {"kind": "fact.note", "message": "Felet är åtgärdat."},
    )
    pd.testing.assert_frame_equal(assertions(frame), assertions(Timeline.of(frame)))
    assert len(assertions(frame)) == 2
    assert assertions(frame.head(0)).empty


def verdict(id, ruling=Ruling.CONFIRMED, **changes):
    return Verdict(
        **{
            "id": id,
            "verdict": ruling,
            "role": "investigator",
            "reason": "quoted",
            "at": "2025-01-02T10:00:00+01:00",
            **changes,
        }
    )


def test_the_last_verdict_counts_and_all_are_kept(tmp_path):
    frame = assertions(events({"kind": "chat.message", "message": "Vi är inte redo."}))
    name = frame["id"][0]
    assert add_verdict(tmp_path, verdict(name))
    assert not add_verdict(tmp_path, verdict(name, at="2025-01-03T10:00:00+01:00"))
    assert add_verdict(tmp_path, verdict(name, Ruling.REJECTED))
    assert add_verdict(tmp_path, verdict("gone"))
    verdicts, issues = load_verdicts(tmp_path)
    assert (len(verdicts), issues) == (3, [])
    merged, gone = merge_verdicts(frame, verdicts)
    assert merged["status"].tolist() == ["rejected"]
    assert frame["status"].tolist() == ["proposed"]
    assert [issue.code for issue in gone] == ["RCA311"]


def test_a_torn_line_is_an_issue_and_spoils_no_other(tmp_path):
    add_verdict(tmp_path, verdict("a"))
    with (tmp_path / "assertions.jsonl").open("a") as file:
        file.write('{"id": "b", "verd')
    add_verdict(tmp_path, verdict("c"))
    verdicts, issues = load_verdicts(tmp_path)
    assert [v.id for v in verdicts] == ["a", "c"]
    assert [issue.code for issue in issues] == ["RCA310"]


@pytest.mark.parametrize(
    "changes",
    [
        {"role": " "},
        {"at": "yesterday"},
        {"at": "2025-01-02T10:00:00"},
        {"verdict": "maybe"},
        {"verdict": "rejected", "reason": ""},
    ],
)
def test_a_verdict_without_role_time_or_reason_is_refused(tmp_path, changes):
    with pytest.raises(UsageError):
        add_verdict(tmp_path, verdict("a", **changes))
    assert not (tmp_path / "assertions.jsonl").exists()
