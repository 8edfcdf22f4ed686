"""The store: alive only what the manifest names; the same bytes every time; a crash leaves the old state."""

import contextlib
import json
import subprocess
import sys

import pyarrow as pa
import pytest

from rca.assumptions import Assumption
from rca.errors import Issue, Severity, StoreError
from rca.events.batches import batch
from rca.timeline import Store, logical_hash

ROWS = [
    {"event_id": "b" * 24, "time": 5, "time_earliest": 5, "time_latest": 6, "exhibit": "E1", "byte_start": 9},
    {"event_id": "a" * 24, "time": 1, "time_earliest": 1, "time_latest": 2, "exhibit": "E1", "byte_start": 0},
    {"event_id": "c" * 24, "exhibit": "E1", "byte_start": 20},
]


def write(store, exhibit="E1", rows=ROWS, sha256="s", recipe="r"):
    with store.writing(exhibit, sha256=sha256, recipe=recipe) as writer:
        writer(batch([{**r, "exhibit": exhibit} for r in rows]))
        entry = writer.finish(
            {"events": len(rows)},
            assumptions=[Assumption("zone", "read as UTC", "nobody said")],
            issues=[Issue("RCA154", Severity.INFO, "m", "E1:L1", "h")],
            unparsed=[{"locator": "L9", "byte_start": 1, "byte_length": 2, "reason": "r", "text": "t"}],
        )
    store.commit(entry)
    return entry


def test_events_come_back_in_order_of_time_undated_last(tmp_path):
    store = Store(tmp_path / "store")
    write(store)
    assert store.scan().collect()["event_id"].to_list() == ["a" * 24, "b" * 24, "c" * 24]
    live = store.exhibits()["E1"]
    assert store.is_current(live, "s", "r")
    assert not store.is_current(live, "s", "other")
    assert not store.is_current(None, "s", "r")
    assert store.assumptions()[0]["exhibit"] == "E1"
    assert store.issues() == [Issue("RCA154", Severity.INFO, "m", "E1:L1", "h")]
    assert store.unparsed()[0]["locator"] == "L9"


def test_writing_twice_gives_the_same_bytes(tmp_path):
    one, two = Store(tmp_path / "one"), Store(tmp_path / "two")
    assert write(one) == write(two)
    files = [sorted((p.name, p.read_bytes()) for p in (s.folder / "events").iterdir()) for s in (one, two)]
    assert files[0] == files[1]
    assert (one.folder / "manifest.json").read_bytes() == (two.folder / "manifest.json").read_bytes()


def test_what_was_not_committed_does_not_count_and_is_pruned(tmp_path):
    store = Store(tmp_path / "store")
    write(store)
    before = store.scan().collect()
    with store.writing("E1", sha256="s2", recipe="r") as writer:
        writer(batch(ROWS[:1]))
        writer.finish({"events": 1})
    assert store.scan().collect().equals(before)
    assert len(list((store.folder / "events").iterdir())) == 2
    store.prune()
    assert len(list((store.folder / "events").iterdir())) == 1


def test_an_exception_while_writing_changes_nothing(tmp_path):
    store = Store(tmp_path / "store")
    write(store)
    before = (store.folder / "manifest.json").read_bytes()
    with contextlib.suppress(RuntimeError), store.writing("E1", sha256="x", recipe="r") as writer:
        writer(batch(ROWS))
        raise RuntimeError
    assert (store.folder / "manifest.json").read_bytes() == before


def test_an_empty_store_is_an_empty_timeline(tmp_path):
    store = Store(tmp_path / "store")
    assert store.scan().collect().height == 0
    assert not (tmp_path / "store").exists()


def test_damage_is_named(tmp_path):
    store = Store(tmp_path / "store")
    entry = write(store)
    assert store.verify() == []
    path = store.folder / entry.files[0].file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert [i.code for i in store.verify()] == ["RCA126"]
    path.unlink()
    assert [i.code for i in store.verify()] == ["RCA126"]
    with pytest.raises(StoreError, match="rca ingest"):
        store.scan()


def test_a_newer_store_is_refused_and_a_broken_manifest_named(tmp_path):
    store = Store(tmp_path / "store")
    write(store)
    path = store.folder / "manifest.json"
    path.write_text(json.dumps({"schema": 99, "exhibits": {}}))
    with pytest.raises(StoreError, match="schema 99"):
        store.exhibits()
    path.write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        store.exhibits()


def test_the_logical_hash_looks_at_values_only():
    table = pa.Table.from_batches([batch(ROWS)])
    parts = pa.Table.from_batches([batch(ROWS[:1]), batch(ROWS[1:])])
    assert logical_hash(table) == logical_hash(parts)
    assert logical_hash(table) != logical_hash(pa.Table.from_batches([batch(ROWS[::-1])]))


def test_ingesting_loads_neither_pandas_nor_networkx_nor_plotly(tmp_path):
    code = (
        "import sys; from rca.case import Case; from pathlib import Path\n"
        "root = Path(sys.argv[1]); log = root / 'a.log'; log.write_text('2024-11-12 05:30:00 x\\n')\n"
        "case = Case.create(root / 'case', zone='UTC'); case.add(log); case.ingest(workers=1)\n"
        "print([m for m in ('pandas', 'networkx', 'plotly') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
