"""Rotation: which files of a folder are one log that was cut into pieces, and in which order.

The decision hidden here: when names alone say so. A piece is the log's own name with a mark of rotation in one of the
places where rotation programs put it, in the same folder, and the name is one that logs have: `report1.txt` and
`report2.txt`, `protokoll-2024-11-12.md` and its like are no set. A higher number is older (logrotate, newsyslog, log4j 1,
Python), a later date is newer, a counter behind a date counts up, and the name without a mark is the newest. Numbers
with leading zeros, and plain numbers behind `-` or `_`, are no mark: some programs count them up, others down.

What names cannot say: log4j 2 (`fileIndex="max"`) and NLog (`Sequence`) count plain numbers up. Whoever uses the order
should hold it against the stamps where these have a year. Copies (`app.log` beside `app.log.gz`) stand side by side;
that their bytes are the same is seen by their hash.

References:
    logrotate(8): dateext, dateformat, start; newsyslog.conf(5); Logback, "TimeBasedRollingPolicy" and
    "SizeAndTimeBasedRollingPolicy"; Log4j 2, "RollingFile appender"; IIS, "W3C log file names" (exyymmdd.log).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["rotated_sets"]

_COMPRESSED = re.compile(r"\.(?:gz|bz2|xz|zst|zstd|lz4|zip|Z)\Z")
_LOG_SUFFIXES = frozenset(("log", "out", "err", "trc", "trace", "audit", "syslog"))
_OTHER_SUFFIXES = frozenset(("txt", "json", "jsonl", "ndjson", "csv", "tsv", "xml"))
_LOG_WORDS = frozenset((
    "access", "accesslog", "applog", "audit", "auditlog", "auth", "authlog", "boot", "catalina", "console", "cron",
    "daemon", "debug", "dmesg", "error", "errorlog", "eventlog", "faillog", "journal", "kern", "localhost", "log",
    "logfile", "logs", "lpr", "mail", "maillog", "messages", "secure", "serverlog", "stderr", "stdout", "syslog",
    "systemerr", "systemout", "trace", "weblog",
))  # fmt: skip
_DATE = (
    r"(?P<year>20\d\d|19[789]\d)(?P<joint>[-_.]?)(?P<month>0[1-9]|1[0-2])"
    r"(?:(?P=joint)(?P<day>0[1-9]|[12]\d|3[01]))?(?P<tail>(?:[-_.T]?\d{1,6}(?:[-_.]\d{1,6}){0,3})?)"
)
_AFTER_DATE = re.compile(rf"(?P<stem>.+?)(?P<before>[-_.]){_DATE}")
_INSIDE_DATE = re.compile(rf"(?P<stem>.+?)(?P<before>[-_.]?){_DATE}(?P<suffix>\.[A-Za-z]{{2,6}})")
_AFTER_EPOCH = re.compile(r"(?P<stem>.+?)(?P<before>[-_.])(?P<seconds>1\d{9})")
_AFTER_NUMBER = re.compile(r"(?P<stem>.+)\.(?P<number>0|[1-9]\d{0,3})")
_INSIDE_NUMBER = re.compile(r"(?P<stem>.+)\.(?P<number>0|[1-9]\d{0,3})(?P<suffix>\.[A-Za-z]{2,6})")
_AFTER_WORD = re.compile(r"(?P<stem>.+)\.(?:old|prev)")
_INSIDE = "number inside"
_IIS = re.compile(r"(?P<stem>(?:u_)?(?:ex|in|nc))(?P<stamp>\d{6}(?:\d\d)?)(?P<suffix>\.log)", re.IGNORECASE)
_WEBSPHERE = re.compile(r"(?P<stem>.+)_(?P<stamp>\d\d(?:\.\d\d){2}_\d\d(?:\.\d\d){2})(?P<suffix>\.log)")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a name says: the log it belongs to, how it is marked, and its place (ascending from old to new)."""

    log: str
    form: str
    place: tuple[int, ...]


def rotated_sets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The rotated logs among the files of one folder or archive, each as its names from oldest to newest.

    `names` may hold folders (`var/log/app.log.1`); only files of the same folder make a set. A name is in one set at
    most, and a set has at least two names. The order of `names` does not matter; sets come sorted by the log's name.

    >>> rotated_sets(["app.log", "app.log.1", "app.log.2.gz", "report1.txt", "report2.txt"])
    [('app.log.2.gz', 'app.log.1', 'app.log')]
    >>> rotated_sets(["app-2024-11-12.log", "app-2024-11-11.log"])
    [('app-2024-11-11.log', 'app-2024-11-12.log')]
    """
    unmarked: dict[str, list[str]] = {}
    pieces: dict[tuple[str, str], list[tuple[tuple[int, ...], str]]] = {}
    present = {_COMPRESSED.sub("", name) for name in names}
    marked = {plain: _piece(_last(plain)) for plain in present}
    lead_of = {plain: plain[: len(plain) - len(_last(plain))] for plain in present}
    bases = {lead_of[plain] + piece.log for plain, piece in marked.items() if piece is not None}
    for name in sorted(set(names)):
        plain = _COMPRESSED.sub("", name)
        piece, lead = marked[plain], lead_of[plain]
        if piece is not None and piece.form == _INSIDE and plain in bases:
            piece = None  # Xorg.0.log, whose older piece is Xorg.0.log.old
        if piece is not None and _is_log(piece, has_live=lead + piece.log in present):
            pieces.setdefault((lead + piece.log, piece.form), []).append((piece.place, name))
        else:
            unmarked.setdefault(plain, []).append(name)
    sets: list[tuple[str, ...]] = []
    taken: set[str] = set()
    # the log as it is now belongs to the larger of several sets of one log
    for (log, form), found in sorted(
        pieces.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1])
    ):
        del form
        ordered = [name for _, name in sorted(found)]
        if log not in taken and log in unmarked:
            taken.add(log)
            ordered += unmarked[log]
        if len(ordered) > 1:
            sets.append(tuple(ordered))
    return sets


def _last(path: str) -> str:
    """The name without its folders."""
    return path.rpartition("\\" if "/" not in path else "/")[2]


def _piece(name: str) -> _Piece | None:
    """What the mark in a name says, None where it has none."""
    for pattern, form in ((_IIS, "iis"), (_WEBSPHERE, "websphere")):
        if found := pattern.fullmatch(name):
            digits = re.sub(r"\D", "", found["stamp"])
            place = tuple(int(digits[at : at + 2]) for at in range(0, len(digits), 2))
            if 1 <= place[1] <= 12 and 1 <= place[2] <= 31:
                return _Piece(found["stem"] + found["suffix"], form, place)
    if found := _AFTER_EPOCH.fullmatch(name):
        return _Piece(found["stem"], f"epoch{found['before']}", (int(found["seconds"]),))
    for pattern in (_AFTER_DATE, _INSIDE_DATE):
        if found := pattern.fullmatch(name):
            parts = found.groupdict()
            dated = _date_place(parts)
            if dated is not None:
                form = f"date{pattern is _AFTER_DATE}{parts['before']}{parts['joint']}{parts['day'] is None}"
                return _Piece(parts["stem"] + parts.get("suffix", ""), form, dated)
    for pattern in (_AFTER_NUMBER, _INSIDE_NUMBER):
        if found := pattern.fullmatch(name):
            parts = found.groupdict()
            form = "number" if pattern is _AFTER_NUMBER else _INSIDE
            return _Piece(parts["stem"] + parts.get("suffix", ""), form, (-int(parts["number"]),))
    if found := _AFTER_WORD.fullmatch(name):
        return _Piece(found["stem"], "number", (-1,))
    return None


def _date_place(parts: dict[str, str]) -> tuple[int, ...] | None:
    """Year, month, day and what counts behind them; None for a date that does not exist."""
    year, month, day = int(parts["year"]), int(parts["month"]), int(parts["day"] or 1)
    if parts["day"] is None and (not parts["joint"] or parts["tail"]):
        return None  # 202411 may be anything, and 2024-11 with a counter may be a version
    try:
        dt.date(year, month, day)
    except ValueError:
        return None
    return (year, month, day, *(int(number) for number in re.findall(r"\d+", parts["tail"] or "")))


def _is_log(piece: _Piece, *, has_live: bool) -> bool:
    """Whether the name without its mark is one that logs have.

    A number before the suffix is a mark only beside the log itself: `node.1.log` may be that of a machine.
    """
    if piece.form == _INSIDE and not has_live:
        return False
    name = piece.log.lower()
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    if suffix in _LOG_SUFFIXES:
        return True
    words = set(re.split(r"[^a-z]+", stem))
    if suffix in _OTHER_SUFFIXES:
        return bool(words & _LOG_WORDS)
    words.add(suffix)
    return bool(words & _LOG_WORDS) or (not suffix and has_live)
