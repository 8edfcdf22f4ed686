"""A case lists proposed speech acts and keeps every verdict of a person on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rca.case import Case
from rca.errors import UsageError

MINUTES = """\
# Möte om driftstart

Datum: 2024-11-11 kl. 13.00

## Närvarande

- IT-chef

## Läget

Systemet är testat och vården är redo.

Vi är inte redo på avdelning 3.

## Beslut

Driftstart den 12 november godkänns.
"""


@pytest.fixture
def case(tmp_path: Path) -> Case:
    path = tmp_path / "mote.md"
    path.write_text(MINUTES, encoding="utf-8")
    case = Case.create(tmp_path / "case", title="acts", zone="Europe/Stockholm")
    case.add(path)
    case.ingest(workers=1)
    return case


def test_an_assurance_is_proposed_and_not_ready_is_none(case: Case) -> None:
    acts = case.acts
    assurances = acts[acts["class"] == "assurance"]["text"].tolist()
    assert any("redo" in text for text in assurances)
    assert not any("inte redo" in text for text in assurances)
    assert set(acts["status"]) == {"proposed"}
    assert "minutes-decision" in set(acts["rule"])


def test_a_verdict_stays_and_the_last_one_counts(case: Case) -> None:
    act = case.acts["id"][0]
    assert case.judge_act(act, "confirmed", role="utredare")
    assert not case.judge_act(act, "confirmed", role="utredare")
    assert case.judge_act(act, "rejected", role="utredare", reason="en rubrik")
    acts = case.acts.set_index("id")
    assert acts.loc[act, "status"] == "rejected"
    lines = (case.folder / "analysis" / "assertions.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2


def test_a_verdict_on_nothing_is_refused(case: Case) -> None:
    with pytest.raises(UsageError, match="no speech act"):
        case.judge_act("0" * 24, "confirmed")
    with pytest.raises(UsageError, match="no ruling"):
        case.judge_act(case.acts["id"][0], "perhaps")
