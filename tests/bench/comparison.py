"""The comparison itself: every tool on every mix, best of several, and the figures as a table, ratios and JSON.

Wall clock and processor time are each the best of the runs; memory is that of the first. `start` is the wall clock of
the same tool on 100 lines of the same mix and is contained in the speeds, as a user meets it. Ratios to plaso are free
of start-up on both sides, as plaso reads only a slice. Lines per second of an unchanged or grown log count the whole log.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench import logs
from tests.bench.processes import CommandError
from tests.bench.tools import Job, MissingTool, Run, Tool, tools, version, warm

START_LINES = 100
TELLING = 0.1  # seconds above start-up from which a difference says something


@dataclass(frozen=True, slots=True)
class Figure:
    """What one tool did with one mix; seconds, bytes and rows."""

    mix: str
    tool: str
    lines: int
    input: int
    wall: float
    cpu: float
    peak: int
    output: int
    rows: int
    start: float
    start_cpu: float

    @property
    def speed(self) -> float:
        """Lines per second of wall clock."""
        return self.lines / self.wall

    @property
    def thrift(self) -> float:
        """Lines per processor-second."""
        return self.lines / max(self.cpu, 1e-3)

    @property
    def net_thrift(self) -> float:
        """Lines per processor-second once the tool has started."""
        return self.lines / max(self.cpu - self.start_cpu, 1e-3)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure against another, and what it should be; without a target it only informs."""

    mix: str
    name: str
    value: float
    target: str = ""  # such as "≤ 0.5"
    remark: str = ""

    @property
    def verdict(self) -> str:
        """The target and whether it is met."""
        if not self.target:
            return "–"
        sign, _, bound = self.target.partition(" ")
        is_met = self.value <= float(bound) if sign == "≤" else self.value >= float(bound)
        return f"{self.target} {'met' if is_met else 'missed'}"

    def __str__(self) -> str:
        remark = f"  ({self.remark})" if self.remark else ""
        return f"{self.mix:8} {self.name:42} {self.value:9.2f}   {self.verdict}{remark}"


def say(text: str) -> None:
    """Progress, out of the way of the table."""
    print(text, file=sys.stderr, flush=True)


def measured(mix: str, path: Path, lines: int, tool: Tool, times: int) -> dict[str, list[Run]]:
    """The runs of a tool on one log; a fresh scratch folder each time."""
    found: dict[str, list[Run]] = {}
    for turn in range(times):
        with tempfile.TemporaryDirectory(prefix="run-", dir=logs.cache()) as scratch:
            for name, run in tool(Job(mix, path, lines, Path(scratch), turn == 0)).items():
                found.setdefault(name, []).append(run)
    return found


def compare(
    mixes: Iterable[str], lines: int, *, best: int, workers: int | None, plaso_lines: int
) -> tuple[list[Figure], list[str]]:
    """All figures, and a line about each tool that was skipped."""
    figures, skipped = [], []
    for mix in mixes:
        say(f"{mix}: generating {lines:,} lines")
        path, short = logs.log(mix, lines), logs.log(mix, START_LINES)
        warm(path)
        for title, tool in tools(workers=workers, plaso_lines=plaso_lines):
            say(f"{mix}: {title}")
            try:
                starts = measured(mix, short, START_LINES, tool, min(best, 2))
                found = measured(mix, path, lines, tool, best)
            except (
                MissingTool,
                CommandError,
                OSError,
                ValueError,
            ) as error:  # one tool's failure is not the end of a long run
                skipped.append(f"{mix}: {title} skipped: {error}")
                say(skipped[-1])
                continue
            for name, runs in found.items():
                begun, first = starts.get(name, runs), runs[0]
                figures.append(
                    Figure(
                        mix, name, first.lines, first.input,
                        min(run.cost.wall for run in runs), min(run.cost.cpu for run in runs), first.cost.peak,
                        first.output, first.rows,
                        min(run.cost.wall for run in begun), min(run.cost.cpu for run in begun),
                    )
                )  # fmt: skip
    return figures, skipped


def ratios(figures: Iterable[Figure]) -> list[Ratio]:
    """rca against the peers, with the targets of the project.

    Left out: peers that made no row of the mix, and differences to start-up that are too short to be told from noise.
    """
    by_mix: dict[str, dict[str, Figure]] = {}
    for figure in figures:
        by_mix.setdefault(figure.mix, {})[figure.tool] = figure
    found = []
    for mix, by_tool in by_mix.items():
        own = by_tool.get("rca ingest")
        if own is None:
            continue
        peers = {name: figure for name, figure in by_tool.items() if figure.rows}
        found.append(Ratio(mix, "peak memory, MB", own.peak / 1e6, "≤ 400"))
        for name, target in (("lnav CSV", "≤ 0.5"), ("lnav CSV and table", "")):
            if peer := peers.get(name):
                found.append(
                    Ratio(mix, f"wall clock / {name}", own.wall / peer.wall, target, fewer(own, peer))
                )
        if peer := peers.get("lnav index"):
            found.append(
                Ratio(mix, "lines/s / lnav index", own.speed / peer.speed, "≥ 0.6", fewer(own, peer))
            )
        peer = peers.get("plaso")
        if peer and min(own.cpu - own.start_cpu, peer.cpu - peer.start_cpu) > TELLING:
            value = own.net_thrift / peer.net_thrift
            found.append(Ratio(mix, "lines per CPU-second / plaso", value, "≥ 100", fewer(own, peer)))
        again, peer = by_tool.get("rca re-ingest"), by_tool.get("sha256")
        if again and peer and min(again.wall - again.start, peer.wall - peer.start) > TELLING:
            value = (again.wall - again.start) / (peer.wall - peer.start)
            found.append(Ratio(mix, "re-ingest / sha256, after start-up", value, "≤ 1.5"))
    return found


def fewer(own: Figure, peer: Figure) -> str:
    """A remark where a peer made clearly fewer rows of the same lines than rca: it did less work."""
    share = (peer.rows / peer.lines) / (own.rows / own.lines) if own.rows > 0 else 1
    return f"{peer.tool} made {share:.0%} of our rows" if share < 0.9 else ""


HEADINGS = (
    "mix",
    "tool",
    "lines",
    "k lines/s",
    "k lines/CPU-s",
    "start, s",
    "peak, MB",
    "output/input",
    "rows",
)


def cells(figure: Figure) -> tuple[str, ...]:
    """A figure as a row of the table."""
    return (
        figure.mix,
        figure.tool,
        f"{figure.lines:,}",
        thousands(figure.speed),
        thousands(figure.thrift),
        f"{figure.start:.2f}",
        f"{figure.peak / 1e6:,.0f}",
        f"{figure.output / figure.input:.2f}" if figure.output else "–",
        f"{figure.rows:,}" if figure.rows >= 0 else "–",
    )


def thousands(value: float) -> str:
    """A number in thousands, with a decimal where it is small."""
    return f"{value / 1e3:,.{0 if value >= 1e4 else 1}f}"


def table(figures: Iterable[Figure], *, markdown: bool) -> str:
    """All figures, for the eye or for the README."""
    lines = [HEADINGS, *map(cells, figures)]
    if markdown:
        rule = ("---", "---", *("---:",) * (len(HEADINGS) - 2))
        return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            text.ljust(width) if place < 2 else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def machine() -> dict[str, str]:
    """Date, machine and versions: what a figure is worth nothing without."""
    model = next(
        (line.partition(":")[2].strip() for line in read("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or "unknown",
    )
    total = next((int(line.split()[1]) for line in read("/proc/meminfo") if line.startswith("MemTotal")), 0)
    found = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "cores": str(len(os.sched_getaffinity(0))),
        "cpu": model,
        "memory": f"{total / 2**20:.0f} GiB",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("rca", "polars", "pyarrow")},
    }
    if shutil.which("lnav"):
        found["lnav"] = version(["lnav", "-V"]).removeprefix("lnav ")
    if shutil.which("grep"):
        found["grep"] = version(["grep", "-V"]).split()[-1]
    plaso = logs.cache() / "plaso" / "bin" / "python"
    if plaso.exists():
        found["plaso"] = version([str(plaso), "-c", "import plaso; print(plaso.__version__)"])
    return found


def read(path: str) -> list[str]:
    """The lines of a file of the system; none where there is no such file."""
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def record(figure: Figure) -> dict[str, object]:
    """A figure for the JSON file, with what follows from it."""
    return {
        **asdict(figure),
        "lines_per_second": figure.speed,
        "lines_per_cpu_second": figure.thrift,
        "lines_per_second_after_start": figure.lines / max(figure.wall - figure.start, 1e-3),
        "lines_per_cpu_second_after_start": figure.net_thrift,
        "output_share": figure.output / figure.input,
    }
