"""Records that others wrote, against counts that others made (`../shared/corpora/records/manifest.csv`).

A manifest's count holds for a file if it is the number of all events, of distinct records, or of the events of one kind.
It may differ for at most 5 % of the files (7 of 143), each argued here against an outside standard:

==================================================  ======  =====  ===================================================================
file                                                 count   ours  why
==================================================  ======  =====  ===================================================================
jira/AditechGH…JIRA.csv                                  0    324  The count is of created, resolved and comment cells; the export has no
                                                                   column of dates. Its 324 rows are tickets (RFC 4180 rows under Jira's
                                                                   own column names): undated states, not nothing.
jira/ericmedlock…Jira.csv                               49     52  Created 22, resolved 10 and comments 17 are the manifest's 49. Three
                                                                   `Attachment` cells state a date, an author and a file (Atlassian, "Import
                                                                   data from a CSV file": attachments): events too.
minutes_md/…ietf110_minutes.md                           0      …  The count is of lines that begin with #; CommonMark 4.3 has headings
                                                                   underlined with === and ---, as these minutes do.
protokoll_sv/…2021-11-17.tex                            87      …  The count is of \\section, \\subsection and \\subsubsection at the beginning
                                                                   of a line; 53 more are indented, which LaTeX allows.
protokoll_sv/…2023-11-30.typ                           164      …  The count is of lines that begin with = or #; in Typst = makes a heading,
protokoll_sv/…2024-03-26.typ                           118      …  # begins code (Typst reference, Syntax: headings; code mode).
protokoll_sv/…styrelsemote_210929                        0      …  The count is of lines that begin with #; these minutes have none, and
                                                                   state who was there and what was decided.
==================================================  ======  =====  ===================================================================
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from rca.reading.reading import read_streams
from rca.reading.source import Declared

ROOT = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "records"
ARGUED = {
    "jira/AditechGH_defect-analysis__JIRA.csv",
    "jira/ericmedlock_planeso-jira-migration__Jira.csv",
    "minutes_md/ietf-wg-httpapi_wg-materials__ietf110_minutes.md",
    "protokoll_sv/Datavetenskapsdivisionen_dokument__2021-11-17.tex",
    "protokoll_sv/Datavetenskapsdivisionen_dokument__2023-11-30.typ",
    "protokoll_sv/Datavetenskapsdivisionen_dokument__2024-03-26.typ",
    "protokoll_sv/lithekod_styrelseprotokoll-21-22__styrelsemote_210929",
}
_OFFSET = re.compile(
    r"[Zz]\b|[+-]\d{2}:?\d{2}\b|[+-]\d{2}\b|\b(?:UTC?|GMT|[ECMP][SD]T)\b|\d{9,}|/Date\(|\b[A-IK-Za-ik-z]\b$"
)

pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason="../shared/corpora is not here")


@cache
def _rows() -> list[dict[str, str]]:
    path = ROOT / "manifest.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if (ROOT / row["file"]).is_file()]


@cache
def _read(name: str) -> tuple[list[dict[str, object]], bool]:
    batches: list[pa.RecordBatch] = []
    streams = list(read_streams(ROOT / name, batches.append, declared=Declared()))
    events = pa.Table.from_batches(batches).to_pylist() if batches else []
    return events, all(stream.books.balanced for stream in streams)


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["file"])
def test_the_count_is_the_manifest_s_or_is_argued(row: dict[str, str]) -> None:
    events, balanced = _read(row["file"])
    assert balanced
    if not row["expected_events"].isdigit():
        return
    kinds = Counter(event["kind"] for event in events)
    records = {event["record_id"] or event["event_id"] for event in events}
    fits = int(row["expected_events"]) in {len(events), len(records), *kinds.values()}
    assert fits is (row["file"] not in ARGUED)


def test_what_is_argued_is_at_most_a_twentieth() -> None:
    counted = [row for row in _rows() if row["expected_events"].isdigit()]
    assert len(ARGUED) <= len(counted) * 0.05


def test_jira_s_attachments_are_beside_the_counted_kinds() -> None:
    events, _ = _read("jira/ericmedlock_planeso-jira-migration__Jira.csv")
    kinds = Counter(event["kind"] for event in events)
    assert kinds == {
        "ticket.created": 22,
        "ticket.resolved": 10,
        "ticket.comment": 17,
        "ticket.attachment": 3,
    }


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["file"])
def test_no_event_has_an_offset_that_its_stamp_does_not_state(row: dict[str, str]) -> None:
    for event in _read(row["file"])[0]:
        if event["time_basis"] == "offset_stated":
            assert _OFFSET.search(str(event["time_text"])), event["time_text"]
