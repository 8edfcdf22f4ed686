"""Ingest: one exhibit becomes one finished file of the store, in this process or in another.

The decision hidden here: what makes a reading current. It holds as long as the exhibit's bytes, everything declared about
it, the case's own formats and the versions of the readers that were used are the same; that is its recipe. A task carries
all that it needs, so that any executor can run it, and its result does not depend on which one did.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rca.errors import CaseError, Issue, Issues, Severity
from rca.evidence.folder import exhibit_path, file_name, safe_name
from rca.evidence.opening import Member, members, sha256_of
from rca.evidence.register import Exhibit, write_atomically
from rca.evidence.rotation import rotated_sets
from rca.moments.instants import parse_instant
from rca.moments.moment import Basis
from rca.reading.readers import readers
from rca.reading.reading import StreamSummary, read_streams
from rca.reading.source import Attachment, Declared
from rca.timeline.store import Entry, Store

__all__ = ["ATTACHMENTS", "Task", "attachment_path", "newer_siblings", "read_exhibit", "run_tasks"]

ATTACHMENTS = "attachments"
"""The folder of the store in which files found inside records wait to be registered."""


_LARGE = 64 << 20
"""Exhibits of more bytes than this are read in parts at once."""
_MANY = 16
"""Fewer small exhibits than this are read sooner than other processes start."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that reading one exhibit needs, so that it can travel to another process.

    `threads` is how many parts of a large log are written at once; the result is the same for any number. `grown_from` is
    the size of the version that the live events were read from, where this version begins with all its bytes; `sibling` is
    the first time of the next newer piece of a rotated log.
    """

    folder: str
    exhibit: Exhibit
    zone: str
    definitions: Mapping[str, Mapping[str, Any]]
    threads: int = 1
    grown_from: int = 0
    sibling: int | None = None

    def declared(self) -> Declared:
        """What the register and the case say about the exhibit."""
        exhibit = self.exhibit
        return Declared(
            zone=exhibit.zone or self.zone,
            zone_basis=Basis.ZONE_GIVEN if exhibit.zone else Basis.ZONE_ASSUMED,
            modified=parse_instant(exhibit.modified) if exhibit.modified else None,
            exhibit=exhibit.id,
            stream_key=exhibit.key,
            sibling=self.sibling,
            reliability=exhibit.reliability or None,
            definitions=self.definitions,
            attachments=self._keep,
        )

    def _keep(self, found: Attachment, data: bytes) -> None:
        """Lay the bytes of an attachment beside the store, where the case finds them to register."""
        path = attachment_path(Path(self.folder), asdict(found))
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)

    def recipe(self, summary: Mapping[str, Any]) -> str:
        """What decides whether a reading still holds: the readers that were used, and everything declared."""
        known = readers()
        used = {name: known[name].version if name in known else "gone" for name in summary.get("readers", ())}
        facts = {
            "definitions": self.definitions,
            "modified": self.exhibit.modified,
            "readers": used,
            "reliability": self.exhibit.reliability,
            "sibling": self.sibling,
            "zone": [self.exhibit.zone, self.zone],
        }
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


def attachment_path(folder: Path, found: Mapping[str, Any]) -> Path:
    """Where the bytes of an attachment wait to be registered, under the last part of the name that it came with."""
    name = safe_name(re.split(r"[/\\]", str(found["name"]))[-1]).strip(". ")[-120:] or "attachment"
    return folder / "store" / ATTACHMENTS / str(found["sha256"])[:32] / name


def newer_siblings(exhibits: Sequence[Exhibit]) -> dict[str, str]:
    """For each exhibit that is a piece of a rotated log, the next newer piece of other bytes."""
    by_name = {file_name(exhibit): exhibit for exhibit in exhibits}
    newer = {}
    for names in rotated_sets(sorted(by_name)):
        pieces = [by_name[name] for name in names]
        for older, next_ in itertools.pairwise(pieces):
            if older.key != next_.key:
                newer[older.id] = next_.id
    return newer


def read_exhibit(task: Task) -> Entry | Issue:
    """Read one exhibit into a finished file of the store; an exhibit that is not intact becomes an issue."""
    folder, exhibit = Path(task.folder), task.exhibit
    try:
        path = exhibit_path(folder, exhibit)
        if not path.is_file():
            return _damaged(exhibit, "RCA124", "is missing")
        is_late = _is_plain(path)  # the hash of a plain file is taken while it is read, that of others before
        if not is_late and sha256_of(path)[0] != exhibit.sha256:
            return _damaged(exhibit, "RCA105", "was altered after registration")
    except CaseError as error:
        return Issue("RCA124", Severity.ERROR, error.message, exhibit.id, error.hint)
    store = Store(folder / "store")
    with store.writing(
        exhibit.id, sha256=exhibit.sha256, recipe="", workers=task.threads, grown_from=task.grown_from
    ) as writer:
        streams = []
        for stream in read_streams(path, writer, declared=task.declared()):
            streams.append(stream)
            writer.next_stream()
        if is_late and streams[0].sha256 != exhibit.sha256:
            return _damaged(exhibit, "RCA105", "was altered after registration")
        summary = _summary(streams)
        writer.recipe = task.recipe(summary)
        return writer.finish(
            summary,
            assumptions=sorted({a for s in streams for a in s.assumptions}),
            issues=Issues(i for s in streams for i in s.issues),
            unparsed=[asdict(u) for s in streams for u in s.unparsed],
        )


def _is_plain(path: Path) -> bool:
    """Whether a file is one stream as it lies, neither packed nor an archive."""
    first = next(iter(members(path)), None)
    return isinstance(first, Member) and first.is_plain()


def _damaged(exhibit: Exhibit, code: str, what: str) -> Issue:
    return Issue(
        code, Severity.ERROR, f"{exhibit.path} {what}; it was not read", exhibit.id, "See `rca verify`."
    )


def _summary(streams: Sequence[StreamSummary]) -> dict[str, Any]:
    return {
        "events": sum(s.events for s in streams),
        "undated": sum(s.undated for s in streams),
        "readers": sorted({s.reader for s in streams if s.reader}),
        "books": {
            key: sum(getattr(s.books, key) for s in streams)
            for key in ("total", "in_events", "structure", "blank", "unparsed")
        },
        "streams": [
            {
                "name": s.name,
                "members": list(s.members),
                "reader": s.reader,
                "events": s.events,
                "key": s.stream_key,
            }
            for s in streams
        ],
        "attachments": [asdict(found) for s in streams for found in s.attachments],
    }


def run_tasks(
    tasks: Sequence[Task], workers: int | None, executor: Executor | None
) -> Iterable[tuple[Task, Entry | Issue]]:
    """Each task with its result, as they finish; in this process for one worker or one task."""
    if executor is not None:
        futures = {executor.submit(read_exhibit, task): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
        return
    cores = workers or os.cpu_count() or 1
    large = [task for task in tasks if task.exhibit.size > _LARGE]
    small = [task for task in tasks if task.exhibit.size <= _LARGE]
    for task in large:  # a large log is read by all threads, one exhibit after the other
        yield task, read_exhibit(replace(task, threads=cores))
    count = min(cores, len(small))
    if count <= 1 or len(small) < _MANY:
        for task in small:
            yield task, read_exhibit(task)
        return
    tasks = small
    import multiprocessing

    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(read_exhibit, task): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
