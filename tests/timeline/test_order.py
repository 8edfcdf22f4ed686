"""In what order exhibits are added makes no difference to what is read from them."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from rca.case import Case

FILES = {
    "app.log": "2024-11-12 05:30:00,120 INFO [worker-1] Order - ready\n2024-11-12 05:30:01,000 WARN [worker-2] Order - slow\n",
    "auth.log": "Dec 31 23:59:58 srv1 sshd[12]: Accepted password for operator\nJan  1 00:00:03 srv1 sshd[12]: closed\n",
    "auth.log.1": "Dec 30 10:00:00 srv1 sshd[9]: Accepted password for operator\n",
    "minutes.md": "# Möte\n\nDatum: 2024-11-11 kl. 13.00\n\n## Närvarande\n\n- IT-chef\n\n## Beslut\n\nDriftstart godkänns.\n",
}


def _read(folder: Path, order: tuple[str, ...]) -> set[tuple[object, ...]]:
    incoming = folder / "incoming"
    incoming.mkdir(parents=True)
    case = Case.create(folder / "case", title="order", zone="Europe/Stockholm")
    for name in order:
        path = incoming / name
        path.write_text(FILES[name], encoding="utf-8")
        os.utime(path, (1735732800, 1735732800))  # 2025-01-01 12:00 UTC
        case.add(path)
    case.ingest(workers=1)
    frame = case.store.scan().select("event_id", "time", "time_earliest", "time_latest", "kind", "message", "locator", "assumptions").collect()  # fmt: skip
    return {tuple(map(str, row)) for row in frame.iter_rows()}


@pytest.mark.parametrize("order", list(itertools.permutations(FILES))[1::5])
def test_any_order_of_adding_gives_the_same_events(tmp_path: Path, order: tuple[str, ...]) -> None:
    assert _read(tmp_path / "a", tuple(FILES)) == _read(tmp_path / "b", order)
