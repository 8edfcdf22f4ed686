"""Intake: a file becomes an exhibit of the case folder, once, with its versions and its custody.

The decision hidden here: what "the same exhibit" means. The same bytes are never registered twice; bytes that begin
with all of an exhibit's bytes are its next version (a log that grew); a correction is a next version only when the
investigator says so. Everything happens under the lock, and a failure leaves the folder as it was.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rca.errors import CaseError, EvidenceError, FormatError, Issue, Severity, UsageError, did_you_mean
from rca.evidence.custody import append, lock, verify_chain
from rca.evidence.opening import Member, members, sha256_of
from rca.evidence.register import (
    Exhibit,
    Handling,
    current,
    next_id,
    read_register,
    write_atomically,
    write_register,
)
from rca.moments.instants import format_instant
from rca.moments.zones import check_zone

__all__ = [
    "Intake",
    "Outcome",
    "State",
    "Verification",
    "exhibit_path",
    "expand",
    "file_name",
    "register_file",
    "safe_name",
    "verify",
]

REGISTER_FILE = "exhibits.csv"
EXHIBITS = "exhibits"
ROOTS_FILE = "roots.toml"
_CHUNK = 1 << 20


class Outcome(StrEnum):
    """What became of a file that was offered."""

    ADDED = "added"
    APPENDED = "appended"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


class State(StrEnum):
    """What `verify` found of one version."""

    INTACT = "intact"
    ALTERED = "altered"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that was offered, and the exhibit it is now."""

    source: str
    exhibit: Exhibit
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Verification:
    """One version of an exhibit against its hash."""

    exhibit: Exhibit
    state: State
    found: str = ""


def expand(paths: Iterable[str | Path]) -> tuple[list[Path], list[Issue]]:
    """The files that `paths` name, folders searched through, sorted; and what was passed over.

    Passed over with an issue are: hidden files and folders, links to folders, links to files outside the folder that is
    searched (an exhibit must not bring a file of ours into the case), pipes, sockets and devices, and folders that
    cannot be opened. Each of them is taken when it is named itself, if it is a file or folder at all.

    Raises:
        EvidenceError: a path does not exist, or is no file or folder.
    """
    files: dict[Path, None] = {}
    issues: list[Issue] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            for file in _walk(path, issues):
                files[file] = None
        elif path.is_file():
            files[path] = None
        elif path.exists():
            raise EvidenceError(
                f"{_shown(path)} is no regular file", hint="Save what it holds to a file, and name that."
            )
        else:
            raise EvidenceError(
                f"There is no file {_shown(path)}", hint="Check the path; it is taken from here."
            )
    return list(files), issues


def _walk(top: Path, issues: list[Issue]) -> Iterator[Path]:
    """The files under `top`, each folder's entries in order of their names; a folder is never entered twice."""
    home = top.resolve()
    entered: set[tuple[int, int]] = set()
    waiting = [iter([top])]
    while waiting:
        path = next(waiting[-1], None)
        if path is None:
            waiting.pop()
            continue
        try:
            if path is not top and (code := _passed_over(path, home)):
                issues.append(_over(code, path))
            elif path.is_dir():
                facts = path.stat()
                if facts.st_ino and (facts.st_dev, facts.st_ino) in entered:
                    issues.append(_over("RCA142", path))
                    continue
                entered.add((facts.st_dev, facts.st_ino))
                waiting.append(iter(sorted(path.iterdir(), key=lambda p: p.name)))
            else:
                yield path
        except OSError as error:
            hint = "Ask for the right to read it, or for a copy."
            message = f"Cannot be opened, passed over: {error.strerror}"
            issues.append(Issue("RCA145", Severity.WARNING, message, _shown(path), hint))


_PASSED_OVER = {
    "RCA141": ("A hidden file was passed over", "Name it to add it."),
    "RCA142": ("A link to a folder was not followed", "Name the folder itself to add what it holds."),
    "RCA143": ("Not a regular file; passed over", ""),
    "RCA144": ("A link to a file outside the folder was not followed", "Name the file itself to add it."),
}


def _passed_over(path: Path, home: Path) -> str:
    """The code of why an entry of a folder is passed over, "" for a file or folder that is taken."""
    if path.name.startswith("."):
        return "RCA141"
    if path.is_symlink():
        if path.is_dir():
            return "RCA142"
        if path.is_file() and not path.resolve().is_relative_to(home):
            return "RCA144"
    return "" if path.is_dir() or path.is_file() else "RCA143"


def _over(code: str, path: Path) -> Issue:
    message, hint = _PASSED_OVER[code]
    return Issue(code, Severity.INFO, message, _shown(path), hint)


def _shown(path: Path) -> str:
    """A path as text that can be printed, whatever bytes its names are made of."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def register_file(
    case: Path,
    source: Path,
    *,
    at: int,
    role: str = "investigator",
    received_from: str = "",
    note: str = "",
    custodian: str = "",
    handling: str = "internal",
    zone: str = "",
    reliability: str = "",
    replaces: str | None = None,
    exhibit_id: str | None = None,
    in_place: bool = False,
    found_in: str = "",
) -> Intake:
    """Make the file at `source` an exhibit of `case`, or find that it is one already.

    Args:
        case: the case folder.
        source: the file; it is copied unless `in_place`.
        at: the time of receipt, in UTC nanoseconds.
        role: the role of the person who adds it.
        received_from: whom it came from.
        note: a remark.
        custodian: who keeps the original.
        handling: public, internal or personal.
        zone: the zone of its stamps, where it is known.
        reliability: Admiralty reliability of the source, A to F.
        replaces: id of the exhibit that this file corrects.
        exhibit_id: the id that it must have; it is an error if that id has other bytes.
        in_place: register the file where it lies, as `root:relative`, without a copy.
        found_in: citation of the record that the file is an attachment of; such a file is no version of another, and
            the time of its last write is unknown.

    Raises:
        EvidenceError: the file is missing, unreadable or changed while it was copied.
        CaseError: `exhibit_id` holds something else, or `replaces` names no exhibit.
    """
    _check_words(handling, zone, reliability)
    digest, size = sha256_of(source)
    with lock(case):
        known = read_register(case / REGISTER_FILE)
        same = [
            e for e in known if e.sha256 == digest and exhibit_id in (None, e.id) and replaces in (None, e.id)
        ]
        if same:
            return Intake(_shown(source), same[-1], Outcome.UNCHANGED)
        before, outcome = (
            (None, Outcome.ADDED) if found_in else _predecessor(source, size, known, replaces, exhibit_id)
        )
        name = before.id if before else exhibit_id or next_id(known)
        version = before.version + 1 if before else 1
        path, target = _place(case, source, name, version, known, in_place=in_place)
        key = before.key if before and outcome is Outcome.APPENDED else _stream_key(source)
        fresh = Exhibit(
            id=name,
            version=version,
            path=path,
            key=key,
            sha256=digest,
            size=size,
            media=mimetypes.guess_type(source.name)[0] or "",
            modified="" if found_in else format_instant(source.stat().st_mtime_ns // 10**9 * 10**9),
            received_at=format_instant(at),
            received_from=received_from or found_in or (before.received_from if before else ""),
            custodian=custodian or (before.custodian if before else ""),
            handling=handling,
            zone=zone or (before.zone if before else ""),
            clock=before.clock if before else "",
            reliability=reliability or (before.reliability if before else ""),
            note=note,
        )
        old_register = (case / REGISTER_FILE).read_bytes() if (case / REGISTER_FILE).is_file() else None
        try:
            if target is not None:
                _copy(source, target, digest)
            write_register(case / REGISTER_FILE, [*known, fresh])
            append(
                case,
                act=outcome.value,
                at=at,
                exhibit=name,
                version=version,
                sha256=digest,
                role=role,
                note=note,
            )
        except BaseException:
            if target is not None and target.exists():
                target.chmod(stat.S_IRUSR | stat.S_IWUSR)
                target.unlink()
            if old_register is None:
                (case / REGISTER_FILE).unlink(missing_ok=True)
            else:
                write_atomically(case / REGISTER_FILE, old_register)
            raise
    return Intake(_shown(source), fresh, outcome)


def _check_words(handling: str, zone: str, reliability: str) -> None:
    if handling not in Handling:
        raise UsageError(f'There is no handling "{handling}"', hint=did_you_mean(handling, Handling))
    if zone:
        check_zone(zone)
    if reliability and reliability not in tuple("ABCDEF"):
        raise UsageError(
            f'There is no reliability "{reliability}"', hint="It is a letter from A to F (Admiralty scale)."
        )


def _predecessor(
    source: Path, size: int, known: list[Exhibit], replaces: str | None, exhibit_id: str | None
) -> tuple[Exhibit | None, Outcome]:
    latest = {e.id: e for e in current(known)}
    if replaces is not None:
        if replaces not in latest:
            raise CaseError(f"There is no exhibit {replaces} to replace", hint=did_you_mean(replaces, latest))
        return latest[replaces], Outcome.REPLACED
    for exhibit in latest.values():
        if (
            file_name(exhibit) == safe_name(source.name)
            and 0 < exhibit.size < size
            and _has_prefix(source, exhibit)
        ):
            return exhibit, Outcome.APPENDED
    if exhibit_id is not None:
        if exhibit_id in latest:
            raise CaseError(
                f"{exhibit_id} is another file already",
                hint=f'A correction is added with replaces="{exhibit_id}".',
            )
        if not (exhibit_id[:1] == "E" and exhibit_id[1:].isdecimal() and exhibit_id[1:2] != "0"):
            raise UsageError(f'"{exhibit_id}" is no id of an exhibit', hint="Ids are E1, E2, …")
    return None, Outcome.ADDED


def file_name(exhibit: Exhibit) -> str:
    """The name under which the exhibit came, without the marks that later versions carry."""
    name = exhibit.path.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    prefix = f"{exhibit.id}."
    name = name.removeprefix(prefix)
    return name.removeprefix(f"v{exhibit.version}.") if exhibit.version > 1 else name


def _has_prefix(source: Path, exhibit: Exhibit) -> bool:
    digest, left = hashlib.sha256(), exhibit.size
    with source.open("rb") as stream:
        while left and (chunk := stream.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    return left == 0 and digest.hexdigest() == exhibit.sha256


def _place(
    case: Path, source: Path, name: str, version: int, known: list[Exhibit], *, in_place: bool
) -> tuple[str, Path | None]:
    """The register's path of a new version, and where its copy goes (None in place)."""
    if in_place:
        return _rooted(case, source), None
    taken = {e.path for e in known}
    safe = safe_name(source.name)
    if version > 1:
        path = f"{EXHIBITS}/{name}.v{version}.{safe}"
    else:
        path = f"{EXHIBITS}/{safe}"
        if path in taken or (case / path).exists():
            path = f"{EXHIBITS}/{name}.{safe}"
    return path, case / path


def safe_name(name: str) -> str:
    r"""A file's name as one that every system and the register can hold.

    >>> safe_name("app:1.log"), safe_name("r\udce4ka.log")
    ('app_1.log', 'r%E4ka.log')
    """
    plain = "".join(
        "_" if c == ":" or not (c.isprintable() or "\udc80" <= c <= "\udcff") else c for c in name
    )
    return "".join(f"%{ord(c) - 0xDC00:02X}" if "\udc80" <= c <= "\udcff" else c for c in plain)


def _rooted(case: Path, source: Path) -> str:
    roots = _roots(case)
    absolute = source.resolve()
    if _shown(absolute) != str(absolute):
        raise EvidenceError(
            f"{_shown(source)} cannot be registered in place: its name is not UTF-8",
            hint="Add it as a copy, or rename it.",
        )
    for name, root in sorted(roots.items()):
        if absolute.is_relative_to(root):
            return f"{name}:{absolute.relative_to(root).as_posix()}"
    name = f"root{len(roots) + 1}"
    roots[name] = absolute.parent
    lines = [f"{key} = {_toml_text(str(value))}" for key, value in sorted(roots.items())]
    write_atomically(case / ROOTS_FILE, ("\n".join(lines) + "\n").encode("utf-8"))
    return f"{name}:{absolute.name}"


def _roots(case: Path) -> dict[str, Path]:
    import tomllib

    path = case / ROOTS_FILE
    if not path.is_file():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"Not valid TOML: {error}", where=str(path)) from None
    return {key: Path(str(value)) for key, value in raw.items()}


def _toml_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def exhibit_path(case: Path, exhibit: Exhibit) -> Path:
    """Where the bytes of a version lie.

    Raises:
        CaseError: it was registered in place, and its root is not known on this machine.
    """
    root, colon, rest = exhibit.path.partition(":")
    if not colon:
        return case / exhibit.path
    roots = _roots(case)
    if root not in roots:
        raise CaseError(
            f"{exhibit.id} lies under {root}, which is not known here",
            where=str(case / ROOTS_FILE),
            hint=f'Write there: {root} = "the folder that holds {rest}".',
        )
    return roots[root] / rest


def _stream_key(source: Path) -> str:
    """12 hex digits: of the decompressed bytes of a single stream, of the file's own bytes for an archive."""
    streams = [m for m in members(source) if isinstance(m, Member)]
    if len(streams) == 1 and not streams[0].names:
        digest = hashlib.sha256()
        with streams[0].open() as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()[:12]
    return sha256_of(source)[0][:12]


def _copy(source: Path, target: Path, digest: str) -> None:
    target.parent.mkdir(exist_ok=True)
    aside = target.with_name(f".{target.name}.new")
    try:
        with source.open("rb") as read, aside.open("wb") as write:
            shutil.copyfileobj(read, write, _CHUNK)
            write.flush()
            os.fsync(write.fileno())
        found, _ = sha256_of(aside)
        if found != digest:
            raise EvidenceError(
                f"{source} changed while it was copied", hint="Add it again once nothing writes to it."
            )
        times = source.stat()
        os.utime(aside, ns=(times.st_atime_ns, times.st_mtime_ns))
        aside.replace(target)
        target.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    finally:
        aside.unlink(missing_ok=True)


def verify(case: Path) -> tuple[list[Verification], list[Issue]]:
    """Every version against its hash, and what else is wrong: the chain, files that no row names."""
    results: list[Verification] = []
    issues: list[Issue] = list(verify_chain(case))
    exhibits = read_register(case / REGISTER_FILE)
    for exhibit in exhibits:
        try:
            path = exhibit_path(case, exhibit)
        except CaseError as error:
            results.append(Verification(exhibit, State.MISSING))
            issues.append(Issue("RCA124", Severity.ERROR, error.message, exhibit.id, error.hint))
            continue
        if not path.is_file():
            results.append(Verification(exhibit, State.MISSING))
            issues.append(
                Issue(
                    "RCA124",
                    Severity.ERROR,
                    f"{exhibit.path} is missing",
                    exhibit.id,
                    "Put the original back; its sha256 is in the register.",
                )
            )
            continue
        found, _ = sha256_of(path)
        if found == exhibit.sha256:
            results.append(Verification(exhibit, State.INTACT, found))
            continue
        results.append(Verification(exhibit, State.ALTERED, found))
        issues.append(
            Issue(
                "RCA105",
                Severity.ERROR,
                f"{exhibit.path} was altered after registration",
                exhibit.id,
                "Put the original back; a correction is added with `rca add --replaces`.",
            )
        )
    named = {e.path for e in exhibits}
    folder = case / EXHIBITS
    for file in sorted(folder.rglob("*")) if folder.is_dir() else []:
        relative = file.relative_to(case).as_posix()
        if file.is_file() and relative not in named and not file.name.startswith("."):
            issues.append(
                Issue(
                    "RCA125",
                    Severity.WARNING,
                    f"{relative} is not in the register",
                    relative,
                    "`rca add` registers it.",
                )
            )
    return results, issues
