"""Nine time traps with known answers; published timeline tools get at least four of them wrong."""

import json
import os
import shutil

import rca
from rca.moments import format_instant, parse_instant


def test_every_trap_is_answered_as_the_truth_has_it(shared, tmp_path):
    folder = shared / "torture"
    truth = {k: v for k, v in json.loads((folder / "truth.json").read_text()).items() if isinstance(v, dict)}
    wrong = {}
    for name, expected in truth.items():
        path = tmp_path / name
        shutil.copy(folder / "files" / name, path)
        if "mtime" in expected:
            instant = parse_instant(expected["mtime"])
            os.utime(path, ns=(instant, instant))
        reading = rca.read(path, zone=expected["tz"])
        dated = reading.events[reading.events["time"].notna()]
        assert reading.books.balanced, name
        if "utc" in expected:
            got = [format_instant(int(t.value))[:-1] for t in dated["time"]]
            want = [format_instant(parse_instant(f"{t}Z"))[:-1] for t in expected["utc"]]
        else:
            got, want = len(dated), expected["records"]
        if got != want:
            wrong[name] = got
    assert len(truth) == 9
    assert wrong == {}


def test_copies_and_the_packed_copy_share_their_ids(shared, tmp_path):
    ids = []
    for name in ("t3_rollover_ooo.log", "t5_copy.log", "t5_copy2.log.gz"):
        path = tmp_path / name
        shutil.copy(shared / "torture" / "files" / name, path)
        os.utime(path, ns=(parse_instant("2025-01-02T00:00:05Z"),) * 2)
        ids.append(list(rca.read(path, zone="UTC").events["event_id"]))
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0])) == 5
