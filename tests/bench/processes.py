"""What a command costs: wall clock, processor time and peak memory of it and of all its children.

Processor time is user plus system of the tree, from `wait4`. Memory is the sum of the proportional set sizes (PSS: shared
pages count once) of every process in the command's session, read from `/proc/*/smaps_rollup` every 50 ms, or more
seldom where reading takes long; the resident set where the kernel shows no PSS. A process that lives shorter than 50 ms
may be missed. Watching costs a few per cent, so that only the first of several runs is watched.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

EVERY = 0.05  # seconds between samples
SPARE = 20  # a sample may take one part in so many of the time
LAST_WORDS = 1 << 16  # bytes of output kept


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall clock and of processor, peak bytes (0: not watched), and the end of what was printed."""

    wall: float
    cpu: float
    peak: int
    printed: str

    def __add__(self, other: Cost) -> Cost:
        """Two commands, one after the other."""
        return Cost(
            self.wall + other.wall,
            self.cpu + other.cpu,
            max(self.peak, other.peak),
            self.printed + other.printed,
        )

    def without_pause(self, seconds: float) -> Cost:
        """The cost less a time in which the command only slept."""
        return replace(self, wall=self.wall - seconds)


class CommandError(Exception):
    """A command that could not be started or ended with an error; its text is the last thing it said."""


def run(
    command: Sequence[str | Path],
    *,
    watch: bool = False,
    environment: Mapping[str, str] | None = None,
    keep: bool = True,
    folder: Path | None = None,
) -> Cost:
    """Run a command to its end and measure it; without `keep` its output goes nowhere."""
    os.sync()  # what the last command left to write is not this one's
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaints:
        begin = time.perf_counter()
        try:
            process = subprocess.Popen(
                [os.fspath(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=printed if keep else subprocess.DEVNULL,
                stderr=complaints,
                start_new_session=True,
                cwd=folder,
                env={**os.environ, **(environment or {})},
            )
        except OSError as error:
            raise CommandError(str(error)) from error
        watcher = Watcher(process.pid) if watch else None
        if watcher:
            watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if watcher:
            watcher.done.set()
            watcher.join()
        if process.returncode:
            said = (last_words(complaints) or last_words(printed)).strip().splitlines()
            raise CommandError(
                f"{command[0]} ended with {process.returncode}: {said[-1] if said else 'no word'}"
            )
        peak = watcher.peak if watcher else 0
        return Cost(wall, usage.ru_utime + usage.ru_stime, peak, last_words(printed) if keep else "")


def last_words(file) -> str:  # noqa: ANN001 - a temporary file has no public type
    """The end of a file, as text."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LAST_WORDS))
    return file.read().decode("utf-8", "replace")


class Watcher(threading.Thread):
    """Looks at the memory of a session until it is told to stop."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.session = session
        self.peak = 0
        self.done = threading.Event()

    def run(self) -> None:
        pause = 0.0
        while not self.done.wait(pause):
            begin = time.perf_counter()
            self.peak = max(self.peak, sum(memory(pid) for pid in members(self.session)))
            pause = max(EVERY, SPARE * (time.perf_counter() - begin))


def members(session: int) -> list[int]:
    """The processes of a session."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - a list of names is all that is needed, twenty times a second
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - likewise
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session:
                found.append(int(name))
    return found


def memory(pid: int) -> int:
    """The proportional set size of a process in bytes; else its resident set; 0 where it is gone."""
    for name, key in (("smaps_rollup", b"Pss:"), ("status", b"VmRSS:")):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123 - twenty times a second
                for line in file:
                    if line.startswith(key):
                        return int(line.split()[1]) * 1024
        except OSError:
            continue
    return 0
