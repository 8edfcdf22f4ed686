"""The store: events on disk, Parquet per exhibit, alive only when the manifest names them.

The decision hidden here: the layout and when a write counts. Each exhibit has one file, sorted by time, written aside
under a name that holds its hash; the manifest is replaced last, so that a crash at any moment leaves the old state. The
layout is plain: DuckDB, Spark or pandas read it without us.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rca.assumptions import Assumption
from rca.errors import Issue, Severity, StoreError
from rca.events.schema import SCHEMA_VERSION, arrow_schema
from rca.evidence.register import write_atomically

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = ["Entry", "Store", "Writer", "logical_hash"]

MANIFEST = "manifest.json"
EVENTS = "events"
_ROW_GROUP = 131_072


@dataclass(frozen=True, slots=True)
class Entry:
    """What the manifest says of one exhibit: its file, what it was read from and by what, and what was noted."""

    exhibit: str
    file: str
    file_sha256: str
    sha256: str
    recipe: str
    summary: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The entry as the manifest holds it."""
        return {
            "file": self.file,
            "file_sha256": self.file_sha256,
            "recipe": self.recipe,
            "sha256": self.sha256,
            "summary": dict(self.summary),
        }


class Writer:
    """Collects the batches of one exhibit; `finish` makes them a file, `Store.commit` makes it count."""

    def __init__(self, folder: Path, exhibit: str, sha256: str, recipe: str) -> None:
        self._folder, self._exhibit, self._sha256 = folder, exhibit, sha256
        self.recipe = recipe
        self._batches: list[pa.RecordBatch] = []

    def events(self, batch: pa.RecordBatch) -> None:
        """Take a batch of events."""
        self._batches.append(batch)

    def finish(
        self,
        summary: Mapping[str, Any],
        *,
        assumptions: Sequence[Assumption] = (),
        issues: Sequence[Issue] = (),
        unparsed: Sequence[Mapping[str, Any]] = (),
    ) -> Entry:
        """Write the file, sorted by time and place, and hand back the entry that `Store.commit` takes."""
        import polars as pl
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_batches(self._batches, schema=arrow_schema())
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        frame = frame.sort("time", "byte_start", nulls_last=True, maintain_order=True)
        table = frame.to_arrow().cast(arrow_schema())
        self._folder.mkdir(parents=True, exist_ok=True)
        aside = self._folder / f".{self._exhibit}.parquet.new"
        try:
            pq.write_table(table, aside, compression="zstd", row_group_size=_ROW_GROUP)
            digest = hashlib.sha256(aside.read_bytes()).hexdigest()
            name = f"{self._exhibit}-{digest[:16]}.parquet"
            aside.replace(self._folder / name)
        finally:
            aside.unlink(missing_ok=True)
        noted = {
            "assumptions": [
                {
                    "id": a.id,
                    "kind": a.kind,
                    "what": a.what,
                    "rests_on": a.rests_on,
                    "alternatives": list(a.alternatives),
                    "exhibit": self._exhibit,
                }
                for a in sorted(assumptions)
            ],
            "issues": [
                {
                    "code": i.code,
                    "severity": i.severity.value,
                    "message": i.message,
                    "where": i.where,
                    "hint": i.hint,
                }
                for i in issues
            ],
            "unparsed": [dict(u) for u in unparsed],
        }
        return Entry(
            self._exhibit, f"{EVENTS}/{name}", digest, self._sha256, self.recipe, {**dict(summary), **noted}
        )


class Store:
    """The derived store of a case. It may be deleted at any time: `rca ingest` makes it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def exhibits(self) -> dict[str, Entry]:
        """What is live, by exhibit.

        Raises:
            StoreError: the manifest is damaged, or was written by a newer version.
        """
        path = self.folder / MANIFEST
        if not path.is_file():
            return {}
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            version, entries = int(raw["schema"]), raw["exhibits"]
        except (json.JSONDecodeError, KeyError, TypeError, ValueError):
            raise StoreError(
                "The manifest of the store is damaged",
                where=str(path),
                hint="Delete the store and run `rca ingest`.",
            ) from None
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"The store has schema {version}, this version reads {SCHEMA_VERSION}",
                where=str(path),
                hint="Update rca, or delete the store and run `rca ingest`.",
            )
        if version < SCHEMA_VERSION:
            return {}
        return {name: Entry(name, **entry) for name, entry in entries.items()}

    def is_current(self, exhibit: str, sha256: str, recipe: str) -> bool:
        """Whether the live events of `exhibit` were read from these bytes by this recipe, and their file is there."""
        entry = self.exhibits().get(exhibit)
        return (
            entry is not None
            and (entry.sha256, entry.recipe) == (sha256, recipe)
            and (self.folder / entry.file).is_file()
        )

    @contextlib.contextmanager
    def writing(self, exhibit: str, *, sha256: str, recipe: str) -> Iterator[Writer]:
        """A writer for one exhibit. Nothing counts before `commit`; on an exception nothing changes."""
        yield Writer(self.folder / EVENTS, exhibit, sha256, recipe)

    def commit(self, *entries: Entry) -> None:
        """Make finished files live instead of those that they replace, which `prune` deletes."""
        live = dict(self.exhibits())
        for entry in entries:
            live[entry.exhibit] = entry
        self._write(live)

    def remove(self, *exhibits: str) -> None:
        """Drop exhibits from the store."""
        live = {name: entry for name, entry in self.exhibits().items() if name not in exhibits}
        self._write(live)

    def _write(self, live: Mapping[str, Entry]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        document = {"exhibits": {n: e.as_json() for n, e in sorted(live.items())}, "schema": SCHEMA_VERSION}
        text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        path = self.folder / MANIFEST
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text.encode("utf-8"))

    def prune(self) -> None:
        """Delete event files that the manifest does not name. Call it when nobody writes."""
        named = {entry.file for entry in self.exhibits().values()}
        for file in sorted((self.folder / EVENTS).glob("*")):
            if f"{EVENTS}/{file.name}" not in named:
                file.unlink(missing_ok=True)

    def scan(self, exhibits: Sequence[str] | None = None) -> pl.LazyFrame:
        """All live events, or those of some exhibits, as a lazy Polars frame in the order of exhibits and time."""
        import polars as pl

        live = self.exhibits()
        chosen = sorted(live if exhibits is None else (e for e in exhibits if e in live), key=_number)
        files = [self.folder / live[name].file for name in chosen]
        missing = [f for f in files if not f.is_file()]
        if missing:
            raise StoreError(
                f"{missing[0].name} is missing from the store",
                where=str(self.folder),
                hint="Run `rca ingest`.",
            )
        if not files:
            return pl.from_arrow(arrow_schema().empty_table()).lazy()  # type: ignore[union-attr]
        return pl.scan_parquet(files)

    def assumptions(self) -> list[dict[str, Any]]:
        """The guesses that live events rest on, with their exhibit."""
        return [a for e in self._entries() for a in e.summary.get("assumptions", ())]

    def issues(self) -> list[Issue]:
        """What the readers found wrong with live exhibits."""
        return [
            Issue(i["code"], Severity(i["severity"]), i["message"], i["where"], i["hint"])
            for e in self._entries()
            for i in e.summary.get("issues", ())
        ]

    def unparsed(self) -> list[dict[str, Any]]:
        """What could not be read, with its exhibit."""
        return [{"exhibit": e.exhibit, **u} for e in self._entries() for u in e.summary.get("unparsed", ())]

    def _entries(self) -> list[Entry]:
        return [entry for _, entry in sorted(self.exhibits().items(), key=lambda pair: _number(pair[0]))]

    def verify(self) -> list[Issue]:
        """Files of the store that are missing or altered."""
        issues = []
        for entry in self._entries():
            path = self.folder / entry.file
            if not path.is_file():
                what = "is missing from the store"
            elif hashlib.sha256(path.read_bytes()).hexdigest() != entry.file_sha256:
                what = "was altered in the store"
            else:
                continue
            issues.append(
                Issue(
                    "RCA126",
                    Severity.ERROR,
                    f"{path.name} {what}",
                    entry.exhibit,
                    "Delete the store, run `rca ingest`.",
                )
            )
        return issues


def _number(exhibit: str) -> tuple[int, str]:
    return (int(exhibit[1:]), "") if exhibit[1:].isdecimal() else (0, exhibit)


def logical_hash(table: pa.Table) -> str:
    """The sha256 of the events' values, column by column in the order of their names.

    The same under any version of the libraries: chunks, dictionaries and null buffers, in which two Arrow tables of the
    same events may differ, do not count. Each column gives its nulls, then numbers as 64-bit integers, texts as lengths
    and UTF-8, lists as their lengths and their texts.
    """
    import polars as pl

    frame = pl.from_arrow(table.select(sorted(arrow_schema().names)))
    assert isinstance(frame, pl.DataFrame)
    digest = hashlib.sha256()
    for series in frame.rechunk().iter_columns():
        digest.update(f"{series.name}\x1f{len(series)}\x1f".encode())
        digest.update(series.is_null().cast(pl.UInt8).to_numpy().tobytes())
        if isinstance(series.dtype, pl.List):
            digest.update(series.list.len().fill_null(0).cast(pl.Int64).to_numpy().tobytes())
            series = series.filter(series.list.len() > 0).explode()
        if series.dtype == pl.String:
            texts = series.fill_null("")
            digest.update(texts.str.len_bytes().cast(pl.Int64).to_numpy().tobytes())
            for text in texts:
                digest.update(text.encode())
        else:
            digest.update(series.cast(pl.Int64).fill_null(0).to_numpy().tobytes())
    return digest.hexdigest()
