"""Ways to take a line apart, and what they cost: nanoseconds a line on one core, for those who would try again.

`python -m tests.bench alternatives --lines 200000 --best 5` on 2026-11-25: AMD EPYC, 2 cores shared with other work
(load 5), Python 3.11.7, Polars 2.1.0, pyarrow 26.0.1, one thread. In two other runs that day most figures were within
20 %; single ones, such as newlines and the Parquet of app, were up to twice as high.

| ns a line                                        | syslog | access |   app |
| ------------------------------------------------ | -----: | -----: | ----: |
| Python re, match and groups                      |    756 |  1 064 |   800 |
| Python re, with cached stamps                    |  1 432 |  1 951 | 2 317 |
| Polars extract_groups, one-pass                  |    395 |    727 |   496 |
| … without the tail                               |    194 |    447 |   332 |
| … not one-pass (lazy steps)                      |    985 |  2 818 | 1 441 |
| Polars splitn                                    |    121 |    205 |   157 |
| newlines by numpy, lines as Arrow offsets        |     25 |     66 |    34 |
| … as Arrow views                                 |     42 |    107 |    55 |
| Parquet, zstd 1, dictionary (default)            |    382 |    554 |   481 |
| … share of the input                             |    .21 |    .12 |   .16 |
| Parquet, delta everywhere                        |    428 |    683 |   459 |
| … share of the input                             |    .18 |    .10 |   .13 |
| Parquet, dictionary; delta for numbers, message  |    299 |    462 |   346 |
| … share of the input                             |    .15 |    .09 |   .11 |

Stamps of app: polars to_datetime 73, numpy at fixed places 117, fromisoformat 118, strptime once a second and a cache
1 051, strptime 5 856, dateutil 35 692. `splitn` only cuts: it takes no stamp apart, checks nothing, and goes wrong on a
day padded with a space. "Without the tail" gives the fields but not the message (access: neither referrer nor agent). The
Parquet table is text fields, a time and a span; the values are generated (30 hosts, 5 loggers), which favours a dictionary.
"""

from __future__ import annotations

import datetime as dt
import gc
import io
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.bench import logs
from tests.bench.contenders import LAYOUTS, PATTERNS, moment

LOOSE = {  # the same fields by lazy steps: more than one way on at a byte, so that the one-pass engine is out
    "syslog": r"^(?P<stamp>.{15}) (?P<host>.+?) (?P<program>.+?)(?:\[(?P<pid>\d+)\])?: (?P<message>.*)$",
    "access": r'^(?P<client>.+?) (?P<ident>.+?) (?P<user>.+?) \[(?P<stamp>.+?)\] "(?P<message>.*?)" (?P<status>\d+) (?P<bytes>\d+|-) "(?P<referrer>.*?)" "(?P<agent>.*?)"$',
    "app": r"^(?P<stamp>.{23}) (?P<level>.+?) +\[(?P<thread>.+?)\] (?P<logger>.+?) - (?P<message>.*)$",
}
PIECES = {"syslog": (" ", 6), "access": ('"', 7), "app": (" ", 7)}
TAIL = {
    "syslog": "(?P<message>.*)$",
    "access": ' "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"$',
    "app": "(?P<message>.*)$",
}


def timed(work: Callable[[], object], count: int, best: int) -> str:
    """Nanoseconds a line, the best of several."""
    seconds = []
    gc.collect()
    gc.disable()  # else the figure follows how many lines the other ways keep alive
    for _ in range(best):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    gc.enable()
    return f"{min(seconds) / count * 1e9:7,.0f} ns"


def measure(lines: int, best: int) -> Iterator[str]:
    """One line of figures for each way; Polars and Arrow are held to one thread."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    import numpy as np
    import polars as pl
    import pyarrow as pa

    pa.set_cpu_count(1)
    yield f"{dt.datetime.now(dt.UTC).date()}, {lines:,} lines, best of {best}, one thread, ns a line"
    stamps: dict[str, list[str]] = {}
    for mix, pattern in PATTERNS.items():
        raw = logs.log(mix, lines).read_bytes()
        match = re.compile(pattern).match
        texts = [line for line in raw.decode().splitlines() if match(line)]
        count, column = len(texts), pl.Series("line", texts)
        stamps[mix] = [match(line)["stamp"] for line in texts]  # type: ignore[index]
        yield f"{mix}: {len(raw) / raw.count(10):.0f} bytes a line"

        def grouped(texts: list[str] = texts, match: Any = match) -> object:
            return [match(line).groups() for line in texts]

        def dated(mix: str = mix, texts: list[str] = texts, match: Any = match) -> object:
            when = moment(mix)
            found = []
            for line in texts:
                hit = match(line)
                found.append((when(hit["stamp"]), hit.groups()))
            return found

        yield f"{'  python re, match and groups':53} {timed(grouped, count, best)}"
        yield f"{'  python re, with cached stamps':53} {timed(dated, count, best)}"
        for title, expression in (
            ("one-pass", pattern),
            ("one-pass, without the tail", pattern.removesuffix(TAIL[mix])),
            ("not one-pass", LOOSE[mix]),
        ):
            cost = timed(lambda c=column, e=expression: c.str.extract_groups(e), count, best)
            yield f"{'  polars extract_groups, ' + title:53} {cost}"
        by, parts = PIECES[mix]
        cost = timed(lambda c=column, b=by, p=parts: c.str.splitn(b, p), count, best)
        label = f"  polars splitn({by!r}, {parts})"
        yield f"{label:53} {cost}"
        data = np.frombuffer(raw, np.uint8)
        yield f"{'  numpy newlines, Arrow offsets':53} {timed(lambda d=data: cut(d), raw.count(10), best)}"
        yield f"{'  numpy newlines, Arrow views':53} {timed(lambda d=data: views(d), raw.count(10), best)}"
        table = pa.table(column.str.extract_groups(pattern).struct.unnest().to_arrow())
        yield from parquet(table, len(raw), count, best)
    yield "stamps of app (2024-11-12 05:00:00,074)"
    yield from clocks(stamps["app"], best)


def cut(data: Any) -> object:
    """Lines as slices of the file's bytes: one scan for newlines, no copy."""
    import numpy as np
    import pyarrow as pa

    ends = np.flatnonzero(data == 10)
    offsets = np.empty(len(ends) + 1, np.int64)
    offsets[0], offsets[1:] = 0, ends + 1
    return pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )


def views(data: Any) -> object:
    """Lines as Arrow string views without their newlines: 16 bytes a line, for lines longer than 12 bytes."""
    import numpy as np
    import pyarrow as pa

    ends = np.flatnonzero(data == 10)
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    made = np.empty((len(ends), 4), np.int32)
    made[:, 0], made[:, 2], made[:, 3] = ends - starts, 0, starts
    made[:, 1] = data[starts[:, None] + np.arange(4)].view(np.int32)[:, 0]
    buffers = [None, pa.py_buffer(made), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string_view(), len(ends), buffers)


def parquet(table: Any, size: int, count: int, best: int) -> Iterator[str]:
    """Writing the fields with the columns of a store that are numbers: a time and the span of bytes."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = table.column_names
    ends = np.cumsum(np.full(count, size // count) + np.arange(count) % 7 * 3)
    numbers = {"start": np.r_[0, ends[:-1]], "end": ends, "time": np.arange(count) // 25 * 1_000_000}
    for name, values in numbers.items():
        table = table.append_column(name, pa.array(values))
    packed = dict.fromkeys(numbers, "DELTA_BINARY_PACKED")
    long = {"message": "DELTA_LENGTH_BYTE_ARRAY"}
    for title, options in (
        ("dictionary (default)", {}),
        (
            "delta",
            {"use_dictionary": False, "column_encoding": packed | dict.fromkeys(texts, "DELTA_BYTE_ARRAY")},
        ),
        (
            "dictionary, delta for numbers and message",
            {
                "use_dictionary": [name for name in texts if name not in long],
                "column_encoding": packed | long,
            },
        ),
    ):
        sink = io.BytesIO()

        def write(options: dict[str, Any] = options, sink: io.BytesIO = sink) -> None:
            sink.seek(0)
            sink.truncate()
            pq.write_table(table, sink, compression="zstd", compression_level=1, **options)

        cost = timed(write, count, best)
        share = len(sink.getvalue()) / size
        yield f"{'  Parquet, ' + title:53} {cost}  {share:.2f} of the input"


def clocks(stamps: list[str], best: int) -> Iterator[str]:
    """Stamps to times; the slow ways on a part of them."""
    import numpy as np
    import polars as pl

    column = pl.Series("stamp", stamps)
    raw = np.frombuffer("".join(stamps).encode(), np.uint8).reshape(-1, 23)
    some, few, layout = stamps[:20_000], stamps[:5_000], LAYOUTS["app"]

    def once_a_second() -> object:
        when = moment("app")
        return [when(stamp) for stamp in some]

    yield f"{'  numpy, fixed width':53} {timed(lambda: fixed(raw), len(stamps), best)}"
    yield f"{'  polars to_datetime':53} {timed(lambda: column.str.to_datetime('%Y-%m-%d %H:%M:%S,%3f', time_unit='us'), len(stamps), best)}"
    yield f"{'  datetime.fromisoformat':53} {timed(lambda: [dt.datetime.fromisoformat(s) for s in some], len(some), best)}"
    yield f"{'  strptime, once a second':53} {timed(once_a_second, len(some), best)}"
    yield f"{'  strptime':53} {timed(lambda: [dt.datetime.strptime(s, layout) for s in some], len(some), best)}"  # noqa: DTZ007
    try:
        from dateutil.parser import parse
    except ImportError:
        yield "  dateutil is not installed"
    else:
        yield f"{'  dateutil':53} {timed(lambda: [parse(s) for s in few], len(few), best)}"


def fixed(raw: Any) -> object:
    """Microseconds since 1970 from the digits at their places; days through numpy's own calendar."""
    import numpy as np

    digits = raw.astype(np.int64) - 48

    def number(*places: int) -> Any:
        value = digits[:, places[0]]
        for place in places[1:]:
            value = value * 10 + digits[:, place]
        return value

    months = (number(0, 1, 2, 3) - 1970) * 12 + number(5, 6) - 1
    days = months.astype("M8[M]").astype("M8[D]").astype(np.int64) + number(8, 9) - 1
    seconds = days * 86400 + number(11, 12) * 3600 + number(14, 15) * 60 + number(17, 18)
    return seconds * 1_000_000 + number(20, 21, 22) * 1000
