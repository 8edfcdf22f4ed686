"""Small benches of odd shapes: many small files, one huge line, a compressed log, and memory as a log grows."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.bench import logs
from tests.bench.processes import CommandError, run
from tests.bench.tools import Job, rca, rca_command, stored

FILES, LINES_A_FILE = 1000, 21  # 21 lines of syslog are about 2 kB
LONG = 10_000_000


def shapes(lines: int, workers: int | None) -> Iterator[str]:
    """One line of figures for each shape."""
    with tempfile.TemporaryDirectory(prefix="odd-", dir=logs.cache()) as scratch:
        folder = Path(scratch)
        many = folder / "many"
        many.mkdir()
        stream = itertools.chain.from_iterable(logs.entries("syslog"))
        for number in range(FILES):
            text = "\n".join(itertools.islice(stream, LINES_A_FILE)) + "\n"
            path = many / f"node-{number:04d}.log"
            path.write_text(text, encoding="ascii")
            logs.date(path)
        yield ingest(f"{FILES} files of 2 kB", many, folder / "case-many", workers)
        long = folder / "long.log"
        long.write_text(
            "2024-11-12 05:00:00,000 INFO  [main] se.region.Dump - " + "x" * LONG + "\n", encoding="ascii"
        )
        logs.date(long)
        yield ingest("one line of 10 MB", long, folder / "case-long", workers)
        plain = logs.log("syslog", lines)
        yield ingest(f"syslog, {lines:,} lines", plain, folder / "case-plain", workers)
        yield ingest(f"syslog, {lines:,} lines, gzip", logs.packed(plain), folder / "case-gzip", workers)


def ingest(title: str, source: Path, case: Path, workers: int | None) -> str:
    """Add and ingest something in a case of its own; failure is a figure too."""
    command = rca_command()
    more = [] if workers is None else ["--workers", str(workers)]
    try:
        run([command, "init", case, "--zone", "Europe/Stockholm"])
        added = run([command, "add", source, "--case", case], watch=True)
        done = run([command, "ingest", "--case", case, *more], watch=True)
    except CommandError as error:
        return f"{title:32} failed: {error}"
    size, rows = stored(case)
    return (
        f"{title:32} add {added.wall:6.2f} s   ingest {done.wall:6.2f} s wall {done.cpu:6.2f} s CPU   "
        f"peak {max(added.peak, done.peak) / 1e6:5.0f} MB   {rows:,} events   {size / 1e6:.1f} MB stored"
    )


def memory(sizes: Iterable[int], mixes: Iterable[str], workers: int | None) -> Iterator[str]:
    """Peak memory of an ingest for each size: it should not follow the size."""
    for mix in mixes:
        for lines in sizes:
            path = logs.log(mix, lines)
            with tempfile.TemporaryDirectory(prefix="run-", dir=logs.cache()) as scratch:
                try:
                    runs = rca(workers)(Job(mix, path, lines, Path(scratch), watch=True))
                except CommandError as error:
                    yield f"{mix:8} {lines:>12,} lines   failed: {error}"
                    continue
            peaks = "   ".join(f"{name} {one.cost.peak / 1e6:,.0f} MB" for name, one in runs.items())
            yield f"{mix:8} {lines:>12,} lines   {peaks}"
