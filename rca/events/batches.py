"""`batch`: rows as plain dicts become an Arrow batch of events.

The decision hidden here: readers of records (minutes, tables) think in rows, the store thinks in columns.
Times are integers, nanoseconds since 1970 in UTC; a missing key is null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rca.errors import UsageError, did_you_mean
from rca.events.schema import COLUMNS, Type, arrow_schema, column_names

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["attributes", "batch", "columns_batch", "event_id"]


def event_id(stream_key: str, byte_start: int, index: int = 0) -> str:
    """The id of the event at `byte_start` of the stream: 24 hex digits, the same for every copy of the same bytes.

    `stream_key` is the sha256 (hex) of the member's decompressed bytes; `index` tells several stamps of one record
    apart.

    >>> event_id("ab" * 32, 255)
    'abababababab00000000ff00'
    """
    return f"{stream_key[:12]}{byte_start:010x}{index:02x}"


def attributes(fields: Mapping[str, Any]) -> str | None:
    """The remaining named fields as a JSON object with sorted keys; None when there are none.

    >>> attributes({"b": "2", "a": None})
    '{"b":"2"}'
    """
    kept = {key: value for key, value in fields.items() if value is not None and value != ""}
    if not kept:
        return None
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def batch(rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """An Arrow batch of `rows`, each a mapping from column name to value, times as UTC nanoseconds.

    Raises:
        UsageError: a row has a key that is not a column of the event.
    """
    known = set(column_names())
    for row in rows:
        for key in row:
            if key not in known:
                raise UsageError(f'An event has no column "{key}"', hint=did_you_mean(key, known))
    return columns_batch({name: [row.get(name) for row in rows] for name in column_names()}, len(rows))


def columns_batch(columns: Mapping[str, Sequence[Any]], length: int) -> pa.RecordBatch:
    """An Arrow batch of `length` events from columns of plain values; columns that are not given are null.

    Values pass through Polars: building an Arrow array from Python objects would load pandas, which reading must not.
    """
    import polars as pl
    import pyarrow as pa

    plain = {
        Type.TEXT: pl.String(),
        Type.CATEGORY: pl.String(),
        Type.TIME: pl.Int64(),
        Type.INTEGER: pl.Int64(),
        Type.SMALL: pl.Int8(),
    }
    arrays = []
    for column, field in zip(COLUMNS, arrow_schema(), strict=True):
        values = columns.get(column.name)
        if values is None:
            arrays.append(pa.nulls(length, type=field.type))
        elif column.type is Type.TEXTS:
            arrays.append(_lists(values))
        else:
            series = pl.Series(column.name, values, dtype=plain[column.type], strict=True)
            arrays.append(series.to_arrow().cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema())


def _lists(values: Sequence[Sequence[str] | None]) -> pa.ListArray:
    """Lists of texts as Arrow builds them, from one flat column and offsets; a null offset is a null list."""
    import polars as pl
    import pyarrow as pa

    flat = [text for value in values if value for text in value]
    offsets: list[int | None] = []
    at = 0
    for value in values:
        offsets.append(None if value is None else at)
        at += len(value or ())
    offsets.append(at)
    texts = pl.Series("texts", flat, dtype=pl.String()).to_arrow().cast(pa.string())
    return pa.ListArray.from_arrays(pl.Series("offsets", offsets, dtype=pl.Int32()).to_arrow(), texts)
