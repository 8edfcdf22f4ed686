"""Arrow arrays from numpy and Polars columns, without a Python object for each value and without pandas.

The decision hidden here: the buffers. Numbers share numpy's memory, a value that all rows have is kept once, ids and
lists are laid out as bytes; `conformed` gives the plain types of the schema where a reader of batches expects them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rca.events.schema import arrow_schema

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = ["CODED", "conformed", "constant", "event_ids", "lists", "numbers", "table_of", "texts"]

Array = np.ndarray[Any, np.dtype[Any]]
CODED = (
    "time_precision", "time_basis", "time_kind", "source_kind", "reliability", "exhibit", "reader", "reader_version",
)  # fmt: skip
"""The columns that have few values in a whole log: they are kept as codes."""
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


def numbers(values: Array, type: pa.DataType, valid: Array | None = None) -> pa.Array:
    """A column of 64-bit or 8-bit integers (or times) of Arrow's `type`; rows that are not `valid` are null."""
    import pyarrow as pa

    dtype = np.int8 if type == pa.int8() else np.int64
    data = np.ascontiguousarray(values, dtype)
    bitmap = None
    if valid is not None and not valid.all():
        bitmap = pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(type, len(data), [bitmap, pa.py_buffer(data)])


def texts(series: pl.Series) -> pa.Array:
    """A column of texts."""
    import polars as pl

    return series.to_arrow(compat_level=pl.CompatLevel.oldest())


def constant(value: str | None, length: int) -> pa.Array:
    """A column in which all rows have one text, or none."""
    if value is None:
        return coded(np.full(length, -1, np.int32), [""])
    return coded(np.zeros(length, np.int32), [value])


def coded(codes: Array, words: Sequence[str]) -> pa.Array:
    """A column of texts by their place in `words`; a negative code is null."""
    import polars as pl
    import pyarrow as pa

    values = (
        pl.Series(list(words), dtype=pl.String)
        .to_arrow(compat_level=pl.CompatLevel.oldest())
        .cast(pa.string())
    )
    return pa.DictionaryArray.from_arrays(numbers_32(codes), values)


def numbers_32(codes: Array) -> pa.Array:
    """A column of 32-bit codes; negative ones are null."""
    import pyarrow as pa

    data = np.ascontiguousarray(codes, np.int32)
    valid = data >= 0
    bitmap = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(pa.int32(), len(data), [bitmap, pa.py_buffer(data)])


def event_ids(stream_key: str, start: Array) -> pa.Array:
    """The ids of events at the bytes `start` of a stream, as `batches.event_id` makes one."""
    import pyarrow as pa

    n = len(start)
    table = np.empty((n, 24), np.uint8)
    table[:, :12] = np.frombuffer(stream_key[:12].ljust(12, "0").encode(), np.uint8)
    left = start.astype(np.int64)
    for column in range(21, 11, -1):
        table[:, column] = _HEX[left & 15]
        left = left >> 4
    table[:, 22:] = 48
    offsets = np.arange(n + 1, dtype=np.int64) * 24
    return pa.Array.from_buffers(pa.large_string(), n, [None, pa.py_buffer(offsets), pa.py_buffer(table)])


def lists(codes: Array, words: Sequence[Sequence[str]]) -> pa.Array:
    """A column of lists of texts by their place in `words`; an empty list is null."""
    import polars as pl
    import pyarrow as pa

    flat = [text for group in words for text in group]
    counts = np.array([len(group) for group in words] or [0], np.int64)
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    lengths = counts[codes]
    offsets = np.zeros(len(codes) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    places = np.repeat(firsts[codes] - offsets[:-1], lengths) + np.arange(offsets[-1])
    values = pl.Series(flat, dtype=pl.String).gather(places) if flat else pl.Series([], dtype=pl.String)
    inner = values.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string())
    valid = lengths > 0
    bitmap = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(
        pa.list_(pa.string()), len(codes), [bitmap, pa.py_buffer(offsets)], children=[inner]
    )


def table_of(columns: dict[str, pa.Array], length: int) -> pa.Table:
    """A table of events with every column of the schema in order; those that are not given are null.

    A column has the same type in all tables: texts are large strings, those of `CODED` dictionaries.
    """
    import pyarrow as pa

    arrays = []
    for field in arrow_schema():
        if field.name in columns:
            arrays.append(columns[field.name])
        elif field.name in CODED:
            arrays.append(constant(None, length))
        else:
            arrays.append(pa.nulls(length, pa.large_string() if field.type == pa.string() else field.type))
    return pa.table(arrays, names=arrow_schema().names)


def conformed(table: pa.Table) -> pa.RecordBatch:
    """The events of `table` as one batch with the plain types of the schema."""
    import pyarrow as pa

    schema = arrow_schema()
    arrays = []
    for field in schema:
        column = table.column(field.name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, field.type)
        if isinstance(column, pa.DictionaryArray):
            column = column.dictionary_decode()
        arrays.append(column if column.type == field.type else column.cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
