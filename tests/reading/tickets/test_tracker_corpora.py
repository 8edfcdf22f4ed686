"""Files of trackers and incident tools by others, with counts made by other tools (../shared/corpora/records/manifest.csv).

The manifest counts records: objects of a list, journals, transactions. States and links in fields without a time of their
own (a closed issue without `closed_at`, `dependson` and `blocked` of Bugzilla) are no events: `as_exported` of the creation.
So 26 of the 34 files have exactly as many events as were counted. In the other eight one record says more than one thing, and
the count is that of the records or of one kind (`DIFFER` says which):

- two answers of GitHub's GraphQL API are one object each (`len(list)` is 1), whose timelines hold two dated events each;
- an issue of GitHub and an incident of PagerDuty are one object and state when they were closed or resolved besides
  (RECORDS 1.1: an event for created, resolved, closed);
- four recordings of HTTP exchanges count an event an exchange (`log.access`), beside what the answers hold.
"""

import csv
import importlib
import json
import random
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from rca.reading import Source

ROOT = Path(__file__).resolve().parents[3]
FAMILIES = ("github", "gitlab", "bugzilla", "redmine", "pagerduty", "phabricator", "launchpad")
DIFFER = {
    "github/chaoss_grimoirelab-perceval__github_events_page_1": "record",
    "github/chaoss_grimoirelab-perceval__github_events_page_2": "record",
    "github/chaoss_grimoirelab-perceval__github_issue_2": "record",
    "github/octokit_fixtures__add-labels-to-issue.json": "log.access",
    "github/octokit_fixtures__lock-issue.json": "log.access",
    "github/octokit_fixtures__paginate-issues.json": "log.access",
    "github/octokit_fixtures__search-issues.json": "log.access",
    "pagerduty/incidents__response.json": "record",
}
OF_A_MILESTONE = ("gitlab/chaoss_grimoirelab-perceval__issue_page_2", "first_ts")


@pytest.fixture
def readers():
    """All readers as the project declares them, whether or not their entry points are installed."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "entry-points"
    ]["rca.readers"]
    found = {}
    for name, target in declared.items():
        module, _, cls = target.partition(":")
        try:
            found[name] = getattr(importlib.import_module(module), cls)()
        except ImportError:
            continue
    return found


@pytest.fixture
def entries(shared):
    folder = shared / "corpora" / "records"
    if not folder.is_dir():
        pytest.skip("outside data (../shared/corpora/records) is not here")
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return [
            (folder / row["file"], row)
            for row in csv.DictReader(stream)
            if row["file"].partition("/")[0] in FAMILIES
        ]


def read(reader, path):
    source = Source.of_bytes(path.read_bytes(), name=path.name)
    rows = [row for b in reader.read(source) for row in b.to_pylist()]
    books = source.ledger.close(source.size)
    assert books.balanced, path.name
    assert not books.unparsed, path.name
    return rows


def test_the_counts_of_others_are_held(entries, readers):
    assert len(entries) == 34
    wrong = []
    for path, entry in entries:
        source = Source.of_bytes(path.read_bytes(), name=path.name)
        scores = {name: reader.score(source.sample) for name, reader in readers.items()}
        best = max(scores, key=scores.__getitem__)
        assert best.startswith(entry["file"].partition("/")[0]), path.name
        assert sum(score == scores[best] for score in scores.values()) == 1, path.name
        rows = read(readers[best], path)
        by_kind = Counter(row["kind"] for row in rows)
        counts = {"": len(rows), "record": len({row["record_id"] for row in rows}), **by_kind}
        if int(entry["expected_events"]) != counts[DIFFER.get(entry["file"], "")]:
            wrong.append((entry["file"], entry["expected_events"], dict(by_kind)))
        assert all(row["time"] is not None for row in rows), path.name
    assert wrong == []


def test_the_first_and_last_stamps_are_there_as_written(entries, readers):
    missing = []
    for path, entry in entries:
        source = Source.of_bytes(path.read_bytes(), name=path.name)
        best = max(readers, key=lambda name: readers[name].score(source.sample))
        text = " ".join(
            str(value)
            for row in read(readers[best], path)
            for value in (row["time_text"], row["attributes"], row["known_time"])
        )
        missing += [
            (entry["file"], entry[name])
            for name in ("first_ts", "last_ts")
            if entry[name] and entry[name] not in text and (entry["file"], name) != OF_A_MILESTONE
        ]
    assert missing == []


def test_nothing_has_an_offset_that_its_file_does_not_state(entries, readers):
    for path, _ in entries:
        source = Source.of_bytes(path.read_bytes(), name=path.name)
        best = max(readers, key=lambda name: readers[name].score(source.sample))
        for row in read(readers[best], path):
            assert row["time"] is None or row["time_basis"] == "offset_stated", (path.name, row["time_text"])


ODD = (
    None,
    True,
    [],
    {},
    "",
    "x",
    1,
    -1.5,
    ["x"],
    [None],
    {"a": 1},
    {"nodes": [None, 1, {}]},
    {"edges": [{"node": None}, 1]},
    "\ud800",
    "9" * 400,
)


def spoilt(value, rng, share):
    if rng.random() < share:
        return rng.choice(ODD)
    if isinstance(value, dict):
        return {name: spoilt(one, rng, share) for name, one in value.items() if rng.random() > share / 3}
    return [spoilt(one, rng, share) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(4))
def test_values_of_the_wrong_type_anywhere_stop_nothing(entries, readers, seed):
    rng = random.Random(seed)
    for path, entry in entries:
        if path.suffix == ".xml":
            continue
        data = json.dumps(spoilt(json.loads(path.read_bytes()), rng, 0.06)).encode()
        family = entry["file"].partition("/")[0]
        source = Source.of_bytes(data)
        rows = [row for b in readers[family].read(source) for row in b.to_pylist()]
        assert source.ledger.close(source.size).balanced
        assert len({row["event_id"] for row in rows}) == len(rows)
