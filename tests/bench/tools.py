"""Every tool of the comparison: the commands it is given, and what it left on disk.

A tool is a function from a log and an empty scratch folder to its runs by name. A missing tool raises `MissingTool`.

lnav is run with `-q`: without it the whole result is also printed as a table, which takes as long as the export itself;
that run (the command of earlier figures) is kept under its own name. Its `select *` leaves the text of the message out,
and of a file it reads only the lines of the format it met first. plaso reads a slice; psort's l2tcsv sleeps 15 s after a
word about its deprecation, which is taken off its wall clock.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.bench import logs
from tests.bench.contenders import CONTENDERS, posix
from tests.bench.processes import Cost, run

ROOT = Path(__file__).resolve().parents[2]
PLASO_PAUSE = "Waiting for 15 second"
LNAV_TABLES = {"syslog": "syslog_log", "access": "access_log"}  # all_logs for the others


class MissingTool(Exception):  # noqa: N818 - it is a fact about the machine, not a fault
    """A tool that is not here, and how to get it."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a tool is to read: a log of a mix with so many lines, an empty folder, and whether memory is watched."""

    mix: str
    log: Path
    lines: int
    scratch: Path
    watch: bool


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its cost, the lines and bytes it was given, what it left on disk, and how many rows it made (-1: unknown)."""

    cost: Cost
    lines: int
    input: int
    output: int = 0
    rows: int = -1


Tool = Callable[[Job], dict[str, Run]]


def rca_command() -> Path:
    """The `rca` beside this Python, or on the PATH."""
    found = Path(sys.executable).with_name("rca")
    if found.exists():
        return found
    on_path = shutil.which("rca")
    if on_path is None:
        raise MissingTool("rca: install the checkout (make test does)")
    return Path(on_path)


def stored(case: Path) -> tuple[int, int]:
    """Bytes of all Parquet files of a case, and the rows of those that hold events."""
    import pyarrow.parquet as pq

    files = sorted((case / "store").rglob("*.parquet"))
    events = [path for path in files if "events" in path.relative_to(case).parts] or files
    return sum(path.stat().st_size for path in files), sum(pq.read_metadata(path).num_rows for path in events)


def rca(workers: int | None = None) -> Tool:
    """rca's life of a log: added, ingested, ingested unchanged, grown by 1 %, added again, ingested."""

    def steps(job: Job) -> dict[str, Run]:
        command, case = rca_command(), job.scratch / "case"
        work = job.scratch / "incoming" / f"{job.mix}{job.log.suffix}"
        work.parent.mkdir()
        shutil.copyfile(job.log, work)
        logs.date(work)
        more = [] if workers is None else ["--workers", str(workers)]
        ingest = [command, "ingest", "--case", case, *more]
        add = [command, "add", work, "--case", case]
        size = work.stat().st_size
        run([command, "init", case, "--zone", "Europe/Stockholm"])
        runs = {"rca add": Run(run(add, watch=job.watch), job.lines, size, size)}
        cost = run(ingest, watch=job.watch)
        runs["rca ingest"] = Run(cost, job.lines, size, *stored(case))
        runs["rca re-ingest"] = Run(run(ingest, watch=job.watch), job.lines, size, *stored(case))
        tail = job.log.with_suffix(".tail")
        if tail.exists():
            logs.grow(work, tail)
            size, lines = work.stat().st_size, job.lines + logs.tail_lines(job.lines)
            runs["rca add +1 %"] = Run(run(add, watch=job.watch), lines, size, size)
            cost = run(ingest, watch=job.watch)
            runs["rca ingest +1 %"] = Run(cost, lines, size, *stored(case))
        return runs

    return steps


def lnav(job: Job) -> dict[str, Run]:
    """lnav: its index alone, its CSV, and its CSV with the table on standard output."""
    if shutil.which("lnav") is None:
        raise MissingTool("lnav: apt-get install lnav")
    home = logs.cache() / "lnav-home"
    home.mkdir(exist_ok=True)
    environment = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "TZ": "Europe/Stockholm",
    }
    table, csv, size = LNAV_TABLES.get(job.mix, "all_logs"), job.scratch / "x.csv", job.log.stat().st_size
    export = ["-c", f";select * from {table}", "-c", f":write-csv-to {csv}", job.log]
    count = ["lnav", "-n", "-c", f";select count(*) from {table}", job.log]
    index = run(count, watch=job.watch, environment=environment)
    rows = int("".join(index.printed.split()[-1:]) or -1)
    runs = {"lnav index": Run(index, job.lines, size, 0, rows)}
    for name, flags in (("lnav CSV", ["-n", "-q"]), ("lnav CSV and table", ["-n"])):
        cost = run(["lnav", *flags, *export], watch=job.watch, environment=environment, keep=False)
        runs[name] = Run(cost, job.lines, size, csv.stat().st_size if csv.exists() else 0, rows)
        csv.unlink(missing_ok=True)  # of a log that it does not know, lnav writes none
    return runs


def plaso_folder() -> Path:
    """The programs of plaso in a venv of its own in the cache, installed from PyPI the first time."""
    folder = logs.cache() / "plaso"
    programs = folder / "bin"
    if not any(programs.glob("log2timeline*")):
        venv.create(folder, with_pip=True, clear=True)
        try:
            install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "plaso"]
            subprocess.run([programs / "python", *install], check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            words = error.stderr.decode().strip().splitlines()[-1:]
            raise MissingTool(f"plaso: pip install plaso failed: {''.join(words)}") from error
    return programs


def plaso(lines: int) -> Tool:
    """plaso on the first so many lines: log2timeline with its text parsers, then psort to l2tcsv."""

    def steps(job: Job) -> dict[str, Run]:
        programs = plaso_folder()
        timeline, sort = (
            next(path for path in (programs / name, programs / f"{name}.py") if path.exists())
            for name in ("log2timeline", "psort")
        )
        part = job.scratch / f"{job.mix}.log"
        with job.log.open("rb") as source, part.open("wb") as target:
            target.writelines(line for line, _ in zip(source, range(min(lines, job.lines)), strict=False))
        logs.date(part)
        store, csv = job.scratch / "x.plaso", job.scratch / "x.csv"
        quiet = ["--unattended", "--quiet", "--status_view", "none", "--logfile"]
        read = [timeline, *quiet, job.scratch / "read.log.gz", "--parsers", "text", "--timezone"]
        write = [sort, *quiet, job.scratch / "sort.log.gz", "-o", "l2tcsv", "-w", csv, store]
        read += ["Europe/Stockholm", "--storage_file", store, part]
        extracted = run(read, watch=job.watch, folder=job.scratch)
        sorted_ = run(write, watch=job.watch, folder=job.scratch)
        if PLASO_PAUSE in sorted_.printed:
            sorted_ = sorted_.without_pause(15)
        with csv.open("rb") as file:
            rows = sum(1 for _ in file) - 1
        size = store.stat().st_size + csv.stat().st_size
        return {
            "plaso": Run(extracted + sorted_, min(lines, job.lines), part.stat().st_size, size, rows),
        }

    return steps


def python(name: str, title: str) -> Tool:
    """A short program of `contenders`."""

    def steps(job: Job) -> dict[str, Run]:
        out = job.scratch / "x.parquet"
        if job.mix == logs.JSON_LINES and name == "re-parquet":
            return {}
        cost = run(
            [sys.executable, "-m", "tests.bench.contenders", name, job.mix, job.log, out],
            watch=job.watch,
            folder=ROOT,
        )
        output = out.stat().st_size if out.exists() else 0
        rows = int(cost.printed) if name != "sha256" else -1
        return {title: Run(cost, job.lines, job.log.stat().st_size, output, rows)}

    return steps


def grep(job: Job) -> dict[str, Run]:
    """grep -E -c with the patterns of the others, in the C locale, its fastest."""
    if shutil.which("grep") is None:
        raise MissingTool("grep: apt-get install grep")
    if job.mix == logs.JSON_LINES:
        return {}
    command = ["grep", "-E", "-c", posix(job.mix), job.log]
    cost = run(command, watch=job.watch, environment={"LC_ALL": "C"})
    return {"grep -E -c": Run(cost, job.lines, job.log.stat().st_size, 0, int(cost.printed))}


def tools(*, workers: int | None, plaso_lines: int) -> Iterable[tuple[str, Tool]]:
    """All tools in the order of the table; plaso only where it is to read some lines."""
    yield "rca", rca(workers)
    yield "lnav", lnav
    if plaso_lines:
        yield "plaso", plaso(plaso_lines)
    titles = ("sha256", "Python re, list", "Python re, Parquet", "Polars, Parquet")
    for name, title in zip(CONTENDERS, titles, strict=True):
        yield title, python(name, title)
    yield "grep", grep


def version(command: list[str]) -> str:
    """The first line that a program prints about itself; empty where it is missing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout or done.stderr).partition("\n")[0].strip()


def warm(path: Path) -> None:
    """Bring a file into the page cache, so that nobody is first."""
    with path.open("rb") as file:
        while file.read(1 << 22):
            pass
