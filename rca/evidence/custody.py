"""The custody chain: who did what to which exhibit, when; append-only, each entry carrying the hash of the one before.

The decision hidden here: the form of an entry and of the chain. An entry is one line of canonical JSON; `entry` is the
sha256 of the line without it; `previous` is the `entry` of the line before. A changed, missing or reordered line
breaks the chain at a line that can be named. People appear by role.

References:
    Haber & Stornetta 1991, How to time-stamp a digital document (linked time-stamping).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rca.errors import CaseError, Issue, Severity
from rca.moments.instants import format_instant

__all__ = ["CUSTODY_FILE", "append", "entries", "lock", "verify_chain"]

CUSTODY_FILE = "custody.jsonl"
_FIRST = "0" * 64
_STALE = 600.0


@contextlib.contextmanager
def lock(folder: Path, *, wait: float = 30.0) -> Iterator[None]:
    """Hold the case's lock, so that two processes never write its register and chain at once.

    Raises:
        CaseError: another process holds the lock for longer than `wait` seconds.
    """
    path = folder / ".lock"
    deadline = time.monotonic() + wait
    while True:
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            break
        except FileExistsError:
            if _is_stale(path):
                path.unlink(missing_ok=True)
                continue
            if time.monotonic() > deadline:
                raise CaseError(
                    f"Another process is working on {folder}",
                    hint=f"Wait for it to end; if there is none, delete {path}.",
                ) from None
            time.sleep(0.05)
    try:
        os.write(handle, f"{os.getpid()}\n".encode())
        os.close(handle)
        yield
    finally:
        path.unlink(missing_ok=True)


def _is_stale(path: Path) -> bool:
    """Whether the process that took the lock is gone. Where one cannot ask (Windows), ten minutes decide."""
    try:
        if os.name == "nt":
            return time.time() - path.stat().st_mtime > _STALE
        owner = int(path.read_text(encoding="ascii") or 0)
        if not owner:
            return time.time() - path.stat().st_mtime > 1.0
        os.kill(owner, 0)
    except (FileNotFoundError, PermissionError, ValueError):
        return False
    except ProcessLookupError:
        return True
    return False


def append(
    folder: Path,
    *,
    act: str,
    at: int,
    exhibit: str = "",
    version: int | None = None,
    sha256: str = "",
    role: str = "investigator",
    note: str = "",
) -> dict[str, Any]:
    """Append one entry and hand it back. The caller holds the `lock` and gives the time `at` in UTC nanoseconds."""
    path = folder / CUSTODY_FILE
    lines = _lines(path)
    whole = [line for line in lines if _parse(line) is not None]
    last = _parse(whole[-1]) if whole else None
    entry = {
        "act": act,
        "at": format_instant(at),
        "exhibit": exhibit,
        "note": note,
        "previous": last["entry"] if last else _FIRST,
        "role": role,
        "seq": len(lines) + 1,
        "sha256": sha256,
        "version": version,
    }
    entry["entry"] = _digest(entry)
    data = (_canonical(entry) + "\n").encode("utf-8")
    is_torn = bool(lines) and not path.read_bytes().endswith(b"\n")
    with path.open("ab") as stream:
        stream.write((b"\n" if is_torn else b"") + data)
        stream.flush()
        os.fsync(stream.fileno())
    return entry


def entries(folder: Path) -> list[dict[str, Any]]:
    """The entries of the chain in order; lines that are no entry are left out (see `verify_chain`)."""
    return [entry for line in _lines(folder / CUSTODY_FILE) if (entry := _parse(line)) is not None]


def verify_chain(folder: Path) -> list[Issue]:
    """What is wrong with the chain: altered, missing, reordered or torn entries, each with its line."""
    path = folder / CUSTODY_FILE
    issues: list[Issue] = []
    previous = _FIRST
    lines = _lines(path)
    for number, line in enumerate(lines, start=1):
        place = f"{CUSTODY_FILE}:{number}"
        entry = _parse(line)
        if entry is None:
            torn = number == len(lines) and not path.read_bytes().endswith(b"\n")
            what = "The last entry is torn" if torn else "This line is no entry"
            issues.append(Issue("RCA121", Severity.WARNING if torn else Severity.ERROR, what, place, _ASK))
            continue
        if entry.get("entry") != _digest(entry):
            issues.append(Issue("RCA122", Severity.ERROR, "The entry was altered", place, _ASK))
        elif entry.get("previous") != previous:
            issues.append(
                Issue(
                    "RCA123",
                    Severity.ERROR,
                    "An entry before this one is missing, altered or moved",
                    place,
                    _ASK,
                )
            )
        previous = str(entry.get("entry", ""))
    return issues


_ASK = "Compare it with a copy of the case, such as the one in version control."


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return [line for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if line.strip()]


def _parse(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) and "entry" in entry else None


def _canonical(entry: dict[str, Any]) -> str:
    return json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _digest(entry: dict[str, Any]) -> str:
    content = {key: value for key, value in entry.items() if key != "entry"}
    return hashlib.sha256(_canonical(content).encode("utf-8")).hexdigest()
