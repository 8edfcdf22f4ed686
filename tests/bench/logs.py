"""Generated logs: what the lines of each mix look like, the same bytes for the same number of lines every time.

A mix is a stream of entries (one line, or a line and its stack trace), dated from one seeded clock. `log` streams the
entries to a file in a cache folder under the system's temporary folder and never holds more than a block of them. Beside
each `X.log` lies `X.tail`, the 1 % of lines that would have come next: appending it makes the file grow as a log does.
The name of a cached file carries a hash of this module, so that a change of the lines is a change of the file.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import itertools
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

MIXES = ("syslog", "access", "app", "mixed")
JSON_LINES = "jsonl"
BEGIN = dt.datetime(2024, 11, 12, 5, 0, 0)  # the wall clock that the logs print
BLOCK = 20_000  # entries joined into one write

Entry = tuple[str, ...]
Tick = tuple[dt.datetime, str, int]

AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    "curl/8.9.1",
    "ehr-gateway/4.2 (orders)",
)
LEVELS = ("INFO ",) * 12 + ("DEBUG",) * 5 + ("WARN ",) * 2 + ("ERROR",)
LOGGERS = (
    "se.region.orders.OrderService",
    "se.region.lab.ResultSender",
    "se.region.audit.Trail",
    "o.a.kafka.clients.NetworkClient",
    "com.zaxxer.hikari.pool.HikariPool",
)
CAUSES = (
    "java.net.SocketTimeoutException: Read timed out",
    "java.lang.IllegalStateException: bed is taken",
    "org.postgresql.util.PSQLException: ERROR: deadlock detected",
)
FRAMES = tuple(f"\tat se.region.{room}({file}.java:{line})" for room, file, line in (
    ("orders.OrderService.place", "OrderService", 88),
    ("orders.OrderController.post", "OrderController", 41),
    ("web.Filter.doFilter", "Filter", 117),
    ("db.Session.commit", "Session", 233),
    ("db.Pool.lease", "Pool", 75),
    ("lab.ResultSender.send", "ResultSender", 152),
))  # fmt: skip
ORDER_OF_THREADS = 16
TRACE_EVERY = 60  # entries of an application log between stack traces, on average


def cache() -> Path:
    """The folder of generated logs and of what tools keep between runs."""
    folder = Path(tempfile.gettempdir()) / "rca-bench"
    folder.mkdir(exist_ok=True)
    return folder


def entries(mix: str) -> Iterator[Entry]:
    """The endless stream of a mix."""
    rng = random.Random(f"rca bench {mix}")
    return STREAMS[mix](rng, ticks(rng))


def log(mix: str, lines: int) -> Path:
    """The file of exactly so many lines of a mix, made where it is not in the cache yet; `with_suffix(".tail")` follows it."""
    mark = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = cache() / f"{mix}-{lines}-{mark}.log"
    if not (path.exists() and path.with_suffix(".tail").exists()):
        stream = itertools.chain.from_iterable(entries(mix))
        for suffix, count in ((".log", lines), (".tail", tail_lines(lines))):
            target = path.with_suffix(suffix)
            part = target.with_name(f"{target.name}.{os.getpid()}")
            with part.open("w", encoding="ascii", newline="\n") as file:
                for start in range(0, count, BLOCK):
                    file.write("\n".join(itertools.islice(stream, min(BLOCK, count - start))) + "\n")
            date(part)
            part.replace(target)
    return path


def tail_lines(lines: int) -> int:
    """How many lines a log of so many grows by."""
    return max(1, lines // 100)


def grow(path: Path, tail: Path) -> None:
    """Append a tail to a copy of its log."""
    with path.open("ab") as file, tail.open("rb") as more:
        shutil.copyfileobj(more, file)
    date(path)


def date(path: Path) -> None:
    """Give a file the same time of last change every time: stamps without a year are dated by it."""
    last = dt.datetime(2024, 12, 31, 12, tzinfo=dt.UTC).timestamp()
    os.utime(path, (last, last))


def packed(path: Path) -> Path:
    """The log as gzip."""
    target = path.with_suffix(".log.gz")
    if not target.exists():
        part = target.with_name(f"{target.name}.{os.getpid()}")
        with path.open("rb") as file, part.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
            shutil.copyfileobj(file, out, 1 << 20)
        date(part)
        part.replace(target)
    return target


def ticks(rng: random.Random) -> Iterator[Tick]:
    """A clock that moves 0–80 ms an entry: the second, its time of day, and the milliseconds; 10 M entries take 4.6 days."""
    milliseconds, second, text, at = 0, -1, "", BEGIN
    while True:
        milliseconds += int(rng.random() * 80)
        if milliseconds // 1000 != second:
            second = milliseconds // 1000
            at = BEGIN + dt.timedelta(seconds=second)
            text = f"{at:%H:%M:%S}"
        yield at, text, milliseconds % 1000


def syslog(rng: random.Random, clock: Iterator[Tick]) -> Iterator[Entry]:
    """RFC 3164 as Debian's rsyslog writes it: no year, no zone."""
    number = rng.random
    for at, time, _ in clock:
        pick = number()
        lead = f"Nov {at.day:2d} {time} srv{int(number() * 30):02d}"
        pid = 300 + int(number() * 32000)
        if pick < 0.45:
            how = "Accepted publickey" if pick < 0.1 else "Failed password"
            text = f"sshd[{pid}]: {how} for user{int(number() * 999)} from 10.0.{int(number() * 250)}.{int(number() * 250)} port {1024 + int(number() * 60000)} ssh2"
        elif pick < 0.6:
            text = (
                f"systemd[1]: Started session-{pid}.scope - Session {pid} of User user{int(number() * 999)}."
            )
        elif pick < 0.75:
            text = f"CRON[{pid}]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)"
        elif pick < 0.9:
            text = f"postfix/smtpd[{pid}]: connect from mail{int(number() * 90)}.example.org[192.0.2.{int(number() * 250)}]"
        else:
            text = f"kernel: [{number() * 90000:12.6f}] eth0: link up, {int(number() * 4) + 1} Gbps, full duplex, lpa 0x{pid:04X}"
        yield (f"{lead} {text}",)


def access(rng: random.Random, clock: Iterator[Tick]) -> Iterator[Entry]:
    """The combined log format of Apache httpd and nginx."""
    number = rng.random
    months = {11: "Nov", 12: "Dec"}
    for at, time, _ in clock:
        pick = number()
        status = 200 if pick < 0.85 else 304 if pick < 0.92 else 404 if pick < 0.97 else 500
        verb = "POST" if number() < 0.2 else "GET"
        who = "-" if number() < 0.5 else f"nurse{int(number() * 400)}"
        line = (
            f"10.{int(number() * 9)}.{int(number() * 250)}.{int(number() * 250)} - {who} [{at.day:02d}/{months[at.month]}/{at.year}:{time} +0100]"
            f' "{verb} /chart/{int(number() * 90000)}/orders?page={int(number() * 20)} HTTP/1.1" {status} {int(number() * 90000)}'
            f' "https://ehr.example.org/ward/{int(number() * 60)}" "{AGENTS[int(number() * 4)]}"'
        )
        yield (line,)


def app(rng: random.Random, clock: Iterator[Tick]) -> Iterator[Entry]:
    """A Java service's log: stamp, level, thread, logger, message; an error now and then brings its stack trace."""
    number = rng.random
    for at, time, millisecond in clock:
        thread = f"http-nio-8080-exec-{int(number() * ORDER_OF_THREADS) + 1}"
        lead = f"2024-{at.month:02d}-{at.day:02d} {time},{millisecond:03d}"
        logger = LOGGERS[int(number() * 5)]
        if number() * TRACE_EVERY < 1:
            depth = 4 + int(number() * 12)
            frames = (FRAMES[int(number() * 6)] for _ in range(depth))
            yield (
                f"{lead} ERROR [{thread}] {logger} - request {int(number() * 1e6)} failed",
                CAUSES[int(number() * 3)],
                *frames,
            )
        else:
            level = LEVELS[int(number() * 20)]
            yield (
                f"{lead} {level} [{thread}] {logger} - order {int(number() * 1e6)} for ward {int(number() * 60)} took {int(number() * 9000)} ms",
            )


def jsonl(rng: random.Random, clock: Iterator[Tick]) -> Iterator[Entry]:
    """One JSON object a line."""
    number = rng.random
    for at, time, millisecond in clock:
        record = {
            "timestamp": f"2024-{at.month:02d}-{at.day:02d}T{time}.{millisecond:03d}+01:00",
            "level": LEVELS[int(number() * 20)].strip(),
            "thread": f"worker-{int(number() * ORDER_OF_THREADS)}",
            "logger": LOGGERS[int(number() * 5)],
            "message": f"order {int(number() * 1e6)} for ward {int(number() * 60)}",
            "took_ms": int(number() * 9000),
        }
        yield (json.dumps(record, separators=(",", ":")),)


def mixed(rng: random.Random, clock: Iterator[Tick]) -> Iterator[Entry]:
    """The three text logs in one file, entry by entry in random order, as a collector without tags would write them."""
    streams = [make(rng, clock) for make in (syslog, access, app)]
    while True:
        yield next(streams[int(rng.random() * 3)])


STREAMS = {"syslog": syslog, "access": access, "app": app, "mixed": mixed, JSON_LINES: jsonl}
