"""`conform`: events as a pandas frame with pinned dtypes, and Arrow tables to and from it.

The decision hidden here: how each column type looks in pandas. Parsers give `us`, concatenation of differing
categories gives `str`; every frame of events that leaves the package has passed through `conform`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rca.errors import UsageError, did_you_mean
from rca.events.schema import COLUMNS, Type, arrow_schema, column_names

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["conform", "from_arrow", "to_arrow"]


def _dtypes() -> dict[str, Any]:
    import pandas as pd
    import pyarrow as pa

    fixed: dict[Type, Any] = {
        Type.TEXT: pd.StringDtype(na_value=float("nan")),
        Type.TEXTS: pd.ArrowDtype(pa.list_(pa.string())),
        Type.TIME: pd.DatetimeTZDtype("ns", "UTC"),
        Type.INTEGER: pd.Int64Dtype(),
        Type.SMALL: pd.Int8Dtype(),
    }
    return {
        c.name: pd.CategoricalDtype(list(c.values), ordered=False)
        if c.type is Type.CATEGORY
        else fixed[c.type]
        for c in COLUMNS
    }


def conform(frame: pd.DataFrame) -> pd.DataFrame:
    """The events of `frame` with every column of the schema, in order, each with its pinned dtype.

    Missing columns are added empty; the index becomes 0 … n-1.

    Raises:
        UsageError: a column is not in the schema, or a category holds a value that is not in its closed list.
    """
    import pandas as pd

    unknown = [name for name in frame.columns if name not in set(column_names())]
    if unknown:
        raise UsageError(
            f'An event has no column "{unknown[0]}"',
            hint=did_you_mean(str(unknown[0]), column_names()) + " Other fields belong in attributes.",
        )
    columns = {}
    for name, dtype in _dtypes().items():
        if name not in frame.columns:
            columns[name] = pd.Series([None] * len(frame), dtype=dtype)
            continue
        values = frame[name].reset_index(drop=True)
        if isinstance(dtype, pd.CategoricalDtype):
            plain = values.astype(object).where(values.notna(), None)
            strange = sorted({str(v) for v in plain.dropna()} - set(dtype.categories))
            if strange:
                raise UsageError(
                    f'"{strange[0]}" is not a {name}', hint=did_you_mean(strange[0], list(dtype.categories))
                )
            values = plain
        if isinstance(dtype, pd.DatetimeTZDtype) and getattr(values.dtype, "tz", None) is None:
            values = _aware(values, name)
        columns[name] = values.astype(dtype)
    return pd.DataFrame(columns)


def _aware(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    """A column of nothing becomes a column of no times; a time without a zone is refused."""
    import pandas as pd

    given = values.dropna()
    if any(getattr(value, "tzinfo", None) is None for value in given):
        raise UsageError(
            f"{name} holds times without a zone", hint='Localise them first: .dt.tz_localize("UTC").'
        )
    return pd.Series(pd.to_datetime(values, utc=True))


def to_arrow(frame: pd.DataFrame) -> pa.Table:
    """The events of `frame` as an Arrow table of the schema."""
    import pyarrow as pa

    frame = conform(frame)
    arrays = []
    for column, field in zip(COLUMNS, arrow_schema(), strict=True):
        values = frame[column.name]
        if column.type is Type.CATEGORY:
            values = values.astype(object)
        array = pa.Array.from_pandas(values, type=field.type)
        arrays.append(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array)
    return pa.table(arrays, schema=arrow_schema())


def from_arrow(table: pa.Table | pa.RecordBatch) -> pd.DataFrame:
    """The events of an Arrow table as a pandas frame with pinned dtypes."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    dtypes = _dtypes()
    columns = {}
    for column in COLUMNS:
        if column.name not in table.column_names:
            continue
        array = table.column(column.name).combine_chunks()
        if column.type in (Type.TEXTS, Type.INTEGER, Type.SMALL):
            arrow = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([array])))
            columns[column.name] = arrow.astype(dtypes[column.name])
        else:
            columns[column.name] = array.to_pandas()
    return conform(pd.DataFrame(columns))
