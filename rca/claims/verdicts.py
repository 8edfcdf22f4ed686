"""Verdicts on assertions: a person confirms or rejects what a rule proposed, in `assertions.jsonl` that only grows.

The decision hidden here: the file. One JSON object a line, sorted keys; nothing is ever changed or removed, the last
verdict on an id counts. The caller gives the time, so that nothing here reads a clock.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rca.errors import Issue, Severity, UsageError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FILE", "Ruling", "Verdict", "add_verdict", "load_verdicts", "merge_verdicts"]

FILE = "assertions.jsonl"


class Ruling(StrEnum):
    """What a person says of a proposed assertion."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One ruling on one assertion: by which role, why and when (ISO 8601 with offset)."""

    id: str
    verdict: Ruling
    role: str
    reason: str
    at: str


def add_verdict(folder: Path, verdict: Verdict) -> bool:
    """Append `verdict` to the file in `folder` (a case's `analysis`); False where it already is the last on its id.

    Raises:
        UsageError: the role is missing, a rejection has no reason, or `at` is no time with an offset.
    """
    if not verdict.id or not verdict.role.strip():
        raise UsageError(
            "A verdict needs the assertion's id and a role", hint='For example role="investigator".'
        )
    if verdict.verdict not in tuple(Ruling):
        raise UsageError(
            f'"{verdict.verdict}" is no verdict',
            hint=did_you_mean(verdict.verdict, [r.value for r in Ruling]),
        )
    if verdict.verdict == Ruling.REJECTED and not verdict.reason.strip():
        raise UsageError("A rejection needs a reason", hint="Say what the rule misread.")
    if _stamp(verdict.at) is None:
        raise UsageError(
            f'"{verdict.at}" is no time with an offset', hint="For example 2025-02-03T09:30:00+01:00."
        )
    known, _ = load_verdicts(folder)
    last = next((v for v in reversed(known) if v.id == verdict.id), None)
    if last is not None and (last.verdict, last.role, last.reason) == (
        verdict.verdict,
        verdict.role,
        verdict.reason,
    ):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    line = json.dumps(asdict(verdict), ensure_ascii=False, sort_keys=True) + "\n"
    torn = path.is_file() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(("\n" if torn else "") + line)
        file.flush()
        os.fsync(file.fileno())
    return True


def load_verdicts(folder: Path) -> tuple[list[Verdict], list[Issue]]:
    """Every verdict in the order of the file, and an issue for each line that is none."""
    path = folder / FILE
    if not path.is_file():
        return [], []
    verdicts, issues = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            verdicts.append(
                Verdict(
                    id=str(raw["id"]),
                    verdict=Ruling(raw["verdict"]),
                    role=str(raw["role"]),
                    reason=str(raw.get("reason", "")),
                    at=str(raw["at"]),
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            issues.append(
                Issue(
                    "RCA310",
                    Severity.WARNING,
                    f"Line {number} of {FILE} is no verdict",
                    hint="It needs id, verdict (confirmed or rejected), role and at; mend the line by hand.",
                )
            )
    return verdicts, issues


def merge_verdicts(assertions: pd.DataFrame, verdicts: list[Verdict]) -> tuple[pd.DataFrame, list[Issue]]:
    """`assertions` with the status of the last verdict on each, and an issue for every verdict whose assertion is gone."""
    last = {verdict.id: verdict for verdict in verdicts}
    ids = assertions["id"].astype(str)
    merged = assertions.copy()
    merged["status"] = [
        last[i].verdict.value if i in last else old for i, old in zip(ids, merged["status"], strict=True)
    ]
    issues = [
        Issue(
            "RCA311",
            Severity.WARNING,
            f"The verdict on {verdict.id} ({verdict.verdict.value}, {verdict.role}) has no assertion any more",
            hint="Its source or a rule changed: look again.",
        )
        for verdict in sorted(last.values(), key=lambda v: v.id)
        if verdict.id not in set(ids)
    ]
    return merged, issues


def _stamp(text: str) -> dt.datetime | None:
    try:
        stamp = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return stamp if stamp.tzinfo else None
