"""Jira exports of others, with counts that were made by other tools (../shared/corpora/records/manifest.csv).

The manifest counts what an export dates by its own words: created, resolved, comments, or created and changes. Links and
sub-tasks that an export shows without a time are no events (`as_exported` of the creation), so that XML and JSON are held
strictly: as many events as were counted. Two CSV files differ, and why:

- ericmedlock, 52 instead of 49: its three attachments carry a date and an author and are events (RECORDS 1.1); the manifest
  counts created, resolved and comments alone;
- AditechGH, 324 instead of 0: it has no column of dates and so no dated event and no creation either; its issues are told
  as undated states, one a row.
"""

import csv

import pytest

from rca.reading import Source
from rca.reading.readers import choose
from rca.reading.tickets.jira_csv import JiraCsvReader
from rca.reading.tickets.jira_json import JiraReader
from rca.reading.tickets.jira_xml import JiraXmlReader

READERS = {"jira-csv": JiraCsvReader, "jira-xml-rss": JiraXmlReader, "jira-rest-json": JiraReader}


@pytest.fixture
def entries(shared):
    folder = shared / "corpora" / "records"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        found = [row for row in csv.DictReader(stream) if row["format"] in READERS]
    return [(folder / row["file"], row) for row in found]


def test_events_are_as_many_as_others_counted(entries):
    assert len(entries) == 7
    for path, entry in entries:
        source = Source.of_bytes(path.read_bytes(), name=path.name)
        reader = READERS[entry["format"]]()
        assert reader.score(source.sample) >= 0.98, path.name
        rows = [row for b in reader.read(source) for row in b.to_pylist()]
        counted = rows
        if "csv" in entry["format"]:
            counted = [row for row in rows if row["time"] is not None and row["kind"] != "ticket.attachment"]
        assert len(counted) == int(entry["expected_events"]), path.name
        assert source.ledger.close(source.size).unparsed == 0, path.name
        stamps = {row["time_text"] for row in counted}
        for name in ("first_ts", "last_ts"):
            assert not entry[name] or entry[name] in stamps, path.name
        assert {row["kind"] for row in rows if row["time"] is None} <= {"ticket.state"}


def test_the_readers_win_on_their_own_files(entries):
    from rca.reading.readers import readers

    if not {"jira", "jira-csv", "jira-xml"} <= readers().keys():
        pytest.skip("the entry points of the readers of Jira are not installed yet")
    for path, _ in entries:
        found = choose(Source.of_bytes(path.read_bytes(), name=path.name))
        assert found is not None
        assert found.name.startswith("jira"), path.name
