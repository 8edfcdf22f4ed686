"""Benchmarks: how fast logs become events on disk, beside what others do with the same lines in the same run.

`make bench` (LINES=… for another size) writes three generated logs, reads each into a case's store, and prints lines
per second of wall clock and of processor time, peak memory and the size on disk; then the same lines through Python's
`re` alone and, where it is installed, through lnav's CSV export. Compare ratios, not seconds.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LINES = int(os.environ.get("LINES", "200000"))
INGEST = (
    "import sys, resource; from pathlib import Path; from rca.case import Case\n"
    "case = Case.create(Path(sys.argv[2]), zone='Europe/Stockholm'); case.add(sys.argv[1]); case.ingest(workers=1)\n"
    "print(sum(p.stat().st_size for p in (case.folder / 'store').rglob('*.parquet')), "
    "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
)
PATTERNS = {
    "application": r"(\S+ \S+) (\w+) \[([^\]]+)\] (\S+) - (.*)",
    "access": r'(\S+) (\S+) (\S+) \[([^\]]+)\] "([^"]*)" (\d+) (\d+) "([^"]*)" "([^"]*)"',
    "syslog": r"(\w+ +\d+ \S+) (\S+) (\w+)\[(\d+)\]: (.*)",
}


def generate(folder: Path) -> dict[str, Path]:
    """Three logs of LINES lines each, the same every time."""
    rng = random.Random(7)
    at = dt.datetime(2024, 11, 12, 5)
    paths = {name: folder / f"{name}.log" for name in PATTERNS}
    with (
        paths["application"].open("w") as app,
        paths["access"].open("w") as access,
        paths["syslog"].open("w") as syslog,
    ):
        for n in range(LINES):
            at += dt.timedelta(milliseconds=rng.randint(0, 90))
            level = rng.choice(["INFO", "WARN", "ERROR"])
            app.write(
                f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} {level} [worker-{n % 16}] se.region.Order - order {rng.randint(1, 10**6)} took {rng.randint(1, 9000)} ms\n"
            )
            access.write(
                f'10.{n % 9}.{n % 250}.{n % 200} - - [{at:%d/%b/%Y:%H:%M:%S} +0100] "GET /chart/{rng.randint(1, 10**5)} HTTP/1.1" {rng.choice([200, 404, 500])} {rng.randint(100, 90000)} "-" "Mozilla/5.0 (X11; Linux x86_64)"\n'
            )
            syslog.write(
                f"{at:%b} {at.day:2d} {at:%H:%M:%S} srv{n % 30} sshd[{n % 30000}]: Failed password for user{rng.randint(1, 999)} from 10.0.{n % 250}.{n % 200} port {rng.randint(1024, 60000)} ssh2\n"
            )
    return paths


def timed(command: list[str]) -> tuple[float, float, str]:
    """Wall clock and processor seconds of a command, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="rca-bench-"))
    try:
        print(f"{LINES} lines each, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
        for name, path in generate(folder).items():
            wall, cpu, out = timed([sys.executable, "-c", INGEST, str(path), str(folder / f"case-{name}")])
            size, memory = map(int, out.split())
            share = size / path.stat().st_size
            print(
                f"{name:12} rca      {LINES / wall / 1e3:7.0f} k lines/s  {LINES / cpu / 1e3:7.0f} k per CPU-second  {memory} MiB  store {share:.2f} of the input"
            )
            match, begin = re.compile(PATTERNS[name]).match, time.perf_counter()
            with path.open() as lines:
                hits = sum(match(line) is not None for line in lines)
            print(
                f"{'':12} re alone {LINES / (time.perf_counter() - begin) / 1e3:7.0f} k lines/s  ({hits} matched, nothing kept)"
            )
            if shutil.which("lnav"):
                table = {"access": "access_log", "syslog": "syslog_log"}.get(name, "all_logs")
                wall, cpu, _ = timed(
                    [
                        "lnav",
                        "-n",
                        "-c",
                        f";select * from {table}",
                        "-c",
                        f":write-csv-to {folder}/x.csv",
                        str(path),
                    ]
                )
                print(
                    f"{'':12} lnav CSV {LINES / wall / 1e3:7.0f} k lines/s  {LINES / cpu / 1e3:7.0f} k per CPU-second"
                )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
