"""Export: a timeline as figure, tables and a manifest that says what they were made from.

The decision hidden here: what lies in an export folder. `events.csv` depends on no library's version; the figure, the
Parquet file and the manifest do. No clock and no random number goes in, so that a second export writes the same bytes.
Cells that a spreadsheet would run as a formula are led by an apostrophe, and counted.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rca.errors import UsageError, did_you_mean
from rca.events import SCHEMA_VERSION, Type, to_arrow
from rca.events.schema import COLUMNS
from rca.evidence.opening import sha256_of
from rca.evidence.register import write_atomically
from rca.moments.instants import format_instant
from rca.timeline.store import logical_hash

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from rca.timeline.query import Timeline

__all__ = ["FORMATS", "csv_text", "export", "write_manifest"]

FORMATS = ("html", "svg", "png", "pdf", "csv", "parquet", "jsonl")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(timeline: Timeline, folder: Path, *, formats: Sequence[str], **choices: Any) -> dict[str, Path]:
    """Write `timeline` into `folder`: what was written, by format. Pictures are left out where no browser is.

    Raises:
        UsageError: a format is unknown.
    """
    for name in formats:
        if name not in FORMATS:
            raise UsageError(f'A timeline is not exported as "{name}"', hint=did_you_mean(name, FORMATS))
    folder.mkdir(parents=True, exist_ok=True)
    frame = timeline.frame
    table = to_arrow(frame)
    written: dict[str, Path] = {}
    guarded = 0
    if "csv" in formats:
        text, guarded = csv_text(frame)
        written["csv"] = folder / "events.csv"
        write_atomically(written["csv"], text.encode("utf-8"))
    if "parquet" in formats:
        import pyarrow.parquet as pq

        written["parquet"] = folder / "events.parquet"
        pq.write_table(table, written["parquet"], compression="zstd")
    if "jsonl" in formats:
        from rca.events import to_jsonl

        written["jsonl"] = folder / "events.jsonl"
        lines = "".join(f"{line}\n" for line in to_jsonl(table.to_batches()))
        write_atomically(written["jsonl"], lines.encode("utf-8"))
    _write_figures(timeline, folder, formats, choices, written)
    facts = {
        "cells_led_by_an_apostrophe": guarded,
        "events": table.num_rows,
        "filters": list(timeline.filters),
        "inputs": dict(sorted(timeline.view.inputs.items())),
        "logical_hash": logical_hash(table),
        "zone": timeline.zone,
    }
    written["manifest"] = write_manifest(folder, list(written.values()), facts)
    return written


def _write_figures(
    timeline: Timeline,
    folder: Path,
    formats: Sequence[str],
    choices: dict[str, Any],
    written: dict[str, Path],
) -> None:
    wanted = [name for name in formats if name in ("html", "svg", "png", "pdf")]
    if not wanted:
        return
    from rca.figures.page import write_image

    board = timeline.board(is_exported=True, **choices)
    for name in wanted:
        path = folder / f"timeline.{name}"
        if name == "html":
            written[name] = board.save(path)
        elif write_image(board.figure, path):
            written[name] = path


def csv_text(frame: pd.DataFrame) -> tuple[str, int]:
    """The events as CSV text (times RFC 3339 in UTC, lists joined by "; "), and how many cells were guarded."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.name for c in COLUMNS])
    guarded = 0
    columns = [_texts(to_arrow(frame).column(c.name), c.type) for c in COLUMNS]
    for row in zip(*columns, strict=True):
        cells = []
        for cell, column in zip(row, COLUMNS, strict=True):
            if column.type in (Type.TEXT, Type.TEXTS) and cell.startswith(_FORMULA):
                guarded += 1
                cell = f"'{cell}"
            cells.append(cell)
        writer.writerow(cells)
    return out.getvalue(), guarded


def _texts(values: pa.ChunkedArray, kind: Type) -> list[str]:
    import pyarrow as pa

    if kind is Type.TIME:
        return ["" if v is None else format_instant(v) for v in values.cast(pa.int64()).to_pylist()]
    if kind is Type.TEXTS:
        return ["" if v is None else "; ".join(v) for v in values.to_pylist()]
    return ["" if v is None else str(v) for v in values.to_pylist()]


def write_manifest(
    folder: Path, files: Sequence[Path], facts: dict[str, Any], *, name: str = "manifest.json"
) -> Path:
    """Write the manifest of an export: facts, the files with their hashes, and the versions that made them."""
    document = {
        **facts,
        "files": {path.name: sha256_of(path)[0] for path in sorted(files)},
        "schema": SCHEMA_VERSION,
        "versions": {p: version(p) for p in ("rca", "pandas", "plotly", "polars", "pyarrow")},
    }
    path = folder / name
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_atomically(path, text.encode("utf-8"))
    return path
