"""The same lines by short programs of one's own: Python's `re`, Polars, and a bare hash, each in a process of its own.

`python -m tests.bench.contenders NAME MIX FILE OUT` does one and prints how many rows it made. Patterns are one-pass
(at every byte there is one way on), the best case for Rust's regex engine, and are POSIX once their names are taken off,
so that grep -E counts with the same. Python folds a stack trace into the message before it; Polars, which sees one line
at a time, keeps its lines as rows of their own. Both Parquet files hold time, fields and message, zstd level 1.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

PATTERNS = {
    "syslog": r"^(?P<stamp>[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]{8}) (?P<host>[^ ]+) (?P<program>[^:\[]+)(?:\[(?P<pid>[0-9]+)\])?: (?P<message>.*)$",
    "access": r'^(?P<client>[^ ]+) (?P<ident>[^ ]+) (?P<user>[^ ]+) \[(?P<stamp>[^]]+)\] "(?P<message>[^"]*)" (?P<status>[0-9]{3}) (?P<bytes>[0-9]+|-) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"$',
    "app": r"^(?P<stamp>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8},[0-9]{3}) (?P<level>[A-Z]+) +\[(?P<thread>[^]]+)\] (?P<logger>[^ ]+) - (?P<message>.*)$",
}
LAYOUTS = {"syslog": "%Y %b %d %H:%M:%S", "access": "%d/%b/%Y:%H:%M:%S %z", "app": "%Y-%m-%d %H:%M:%S,%f"}
ROWS = 100_000  # rows in one batch to Parquet


def kinds(mix: str) -> list[str]:
    """The patterns that a mix needs."""
    return list(PATTERNS) if mix == "mixed" else [mix]


def posix(mix: str) -> str:
    """The patterns of a mix for grep -E."""
    bare = [re.sub(r"\(\?(?:P<\w+>|:)", "(", PATTERNS[kind]) for kind in kinds(mix)]
    return "|".join(bare)


def moment(kind: str) -> Callable[[str], dt.datetime]:
    """How a kind's stamp becomes a time: `strptime`, once for each second that occurs."""
    layout, known = LAYOUTS[kind], dict[str, dt.datetime]()

    def read(stamp: str) -> dt.datetime:
        whole, _, part = stamp.partition(",")
        at = known.get(whole)
        if at is None:
            text = f"2024 {whole}" if kind == "syslog" else whole
            at = dt.datetime.strptime(text, layout.removesuffix(",%f"))  # noqa: DTZ007 - bare stamps stay wall clock
            at = at.astimezone(dt.UTC).replace(tzinfo=None) if at.tzinfo else at
            known[whole] = at
        return at + dt.timedelta(milliseconds=int(part)) if part else at

    return read


def rows(mix: str, file: Path) -> Iterator[dict[str, object]]:
    """One dict an entry; the pattern that matched last is tried first."""
    tries = [(re.compile(PATTERNS[kind]).match, moment(kind)) for kind in kinds(mix)]
    row: dict[str, object] | None = None
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            for place, (match, when) in enumerate(tries):
                hit = match(line)
                if hit:
                    if row is not None:
                        yield row
                    row = hit.groupdict()
                    row["time"] = when(row.pop("stamp"))
                    if place:
                        tries.insert(0, tries.pop(place))
                    break
            else:
                if row is not None:
                    row["message"] = f"{row['message']}\n{line.rstrip()}"
    if row is not None:
        yield row


def re_list(mix: str, file: Path, _: Path) -> int:
    """Python's re: a list of groups in memory."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        if mix not in PATTERNS and mix != "mixed":
            return len([json.loads(line) for line in lines])
        tries = [re.compile(PATTERNS[kind]).match for kind in kinds(mix)]
        found = []
        for line in lines:
            for place, match in enumerate(tries):
                hit = match(line)
                if hit:
                    found.append(hit.groups())
                    if place:
                        tries.insert(0, tries.pop(place))
                    break
    return len(found)


def re_parquet(mix: str, file: Path, out: Path) -> int:
    """Python's re: a Parquet file through pyarrow, batch by batch."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = {
        name: pa.string()
        for kind in kinds(mix)
        for name in re.compile(PATTERNS[kind]).groupindex
        if name != "stamp"
    }
    schema = pa.schema({"time": pa.timestamp("us"), **names})
    count = 0
    with pq.ParquetWriter(out, schema, compression="zstd", compression_level=1) as writer:

        def write(batch: list[dict[str, object]]) -> None:
            columns = [
                pa.array([row.get(name) for row in batch], kind)
                for name, kind in zip(schema.names, schema.types, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))

        batch: list[dict[str, object]] = []
        for row in rows(mix, file):
            batch.append(row)
            count += 1
            if len(batch) == ROWS:
                write(batch)
                batch.clear()
        write(batch)
    return count


def polars_parquet(mix: str, file: Path, out: Path) -> int:
    """Polars: `str.extract_groups` in the streaming engine, on all cores."""
    import polars as pl

    if mix not in PATTERNS and mix != "mixed":
        pl.scan_ndjson(file).sink_parquet(out, compression="zstd", compression_level=1)
        return pl.scan_parquet(out).select(pl.len()).collect().item()
    line = pl.col("line")
    frame = pl.scan_csv(
        file,
        has_header=False,
        separator="\x01",
        quote_char=None,
        schema={"line": pl.String},
        encoding="utf8-lossy",
    )
    frame = frame.with_columns(line.str.extract_groups(PATTERNS[kind]).alias(kind) for kind in kinds(mix))
    fields: dict[str, list[pl.Expr]] = {}
    for kind in kinds(mix):
        for name in re.compile(PATTERNS[kind]).groupindex:
            value = pl.col(kind).struct.field(name)
            if name == "stamp":
                name = "time"
                text = pl.lit("2024 ") + value if kind == "syslog" else value
                value = text.str.to_datetime(LAYOUTS[kind].replace(",%f", ",%3f"), time_unit="us")
                if kind == "access":
                    value = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            fields.setdefault(name, []).append(value)
    fields["message"].append(line)
    table = frame.select(pl.coalesce(values).alias(name) for name, values in fields.items())
    table.sink_parquet(out, compression="zstd", compression_level=1)
    return pl.scan_parquet(out).select(pl.len()).collect().item()


def sha256(_: str, file: Path, __: Path) -> int:
    """The hash of the file and nothing else: the floor for reading what is already known."""
    with file.open("rb") as data:
        hashlib.file_digest(data, "sha256")
    return 0


CONTENDERS: dict[str, Callable[[str, Path, Path], int]] = {
    "sha256": sha256,
    "re-list": re_list,
    "re-parquet": re_parquet,
    "polars-parquet": polars_parquet,
}

if __name__ == "__main__":
    name, mix, file, out = sys.argv[1:]
    print(CONTENDERS[name](mix, Path(file), Path(out)))
