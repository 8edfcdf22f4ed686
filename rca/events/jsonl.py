"""Events as JSON Lines: one object a line, nulls left out, times RFC 3339 in UTC.

The decision hidden here: how a time is written. `time` shows the digits that its precision warrants (a minute
still ends in `:00Z`, a nanosecond stamp keeps nine digits); the bounds show what they need.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rca.errors import FormatError
from rca.events.batches import batch
from rca.events.schema import COLUMNS, Type
from rca.moments.instants import format_instant, parse_instant

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["from_jsonl", "to_jsonl"]

_DIGITS = {"ms": 3, "us": 6, "ns": 9}
_TIMES = tuple(c.name for c in COLUMNS if c.type is Type.TIME)


def to_jsonl(batches: Iterable[pa.RecordBatch]) -> Iterator[str]:
    """One JSON object (no line end) for each event of `batches`, in their order, columns in schema order."""
    import pyarrow as pa

    plain = {name: pa.int64() for name in _TIMES}
    for part in batches:
        names = part.schema.names
        columns = [
            (part.column(i).cast(plain[name]) if name in plain else part.column(i)).to_pylist()
            for i, name in enumerate(names)
        ]
        for values in zip(*columns, strict=True):
            row: dict[str, Any] = {n: v for n, v in zip(names, values, strict=True) if v is not None}
            for name in _TIMES:
                if name in row:
                    digits = _DIGITS.get(row.get("time_precision", ""), 0) if name == "time" else 0
                    row[name] = format_instant(row[name], at_least=digits)
            yield json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def from_jsonl(lines: Iterable[str]) -> pa.RecordBatch:
    """The events of JSON Lines as one Arrow batch; blank lines are passed over.

    Raises:
        FormatError: a line is not a JSON object, names the line.
    """
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise FormatError(f"Not JSON: {error.msg}", where=f"line {number}") from None
        if not isinstance(row, dict):
            raise FormatError("An event is a JSON object", where=f"line {number}")
        for name in _TIMES:
            if name in row:
                row[name] = parse_instant(row[name])
        rows.append(row)
    return batch(rows)
