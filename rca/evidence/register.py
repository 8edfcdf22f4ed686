"""The register: `exhibits.csv`, one row a version of an exhibit.

The decision hidden here: the columns and their text form. The file is UTF-8 with LF, sorted by exhibit and version, and
written aside and swapped in, so that reading and writing it back changes no byte and a crash leaves the old one.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from rca.errors import FormatError, UsageError, did_you_mean
from rca.moments.instants import parse_instant

__all__ = ["Exhibit", "Handling", "current", "next_id", "read_register", "write_atomically", "write_register"]

Handling = ("public", "internal", "personal")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One version of an exhibit: where it is, what it is, whom it came from. Times are RFC 3339 in UTC."""

    id: str
    version: int
    path: str
    key: str
    sha256: str
    size: int
    media: str = ""
    modified: str = ""
    received_at: str = ""
    received_from: str = ""
    custodian: str = ""
    handling: str = "internal"
    zone: str = ""
    clock: str = ""
    reliability: str = ""
    note: str = ""

    @property
    def number(self) -> int:
        """The number in the id."""
        return int(self.id[1:])


_COLUMNS = [f.name for f in fields(Exhibit)]


def read_register(path: Path) -> list[Exhibit]:
    """All versions of all exhibits, sorted; an absent file is an empty register.

    Raises:
        FormatError: a column is missing or unknown, or a value is not what it must be; the message names the line.
    """
    if not path.is_file():
        return []
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"Not UTF-8 at byte {error.start}", where=str(path)) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise FormatError(f"Not valid CSV: {error}", where=f"{path}:{reader.line_num}") from None
    if not rows:
        return []
    header = rows[0][1]
    for name in header:
        if name not in _COLUMNS:
            raise FormatError(
                f'The register has no column "{name}"', where=str(path), hint=did_you_mean(name, _COLUMNS)
            )
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise FormatError(f"The register lacks the column {missing[0]}", where=str(path))
    return sorted((_exhibit(header, row, f"{path}:{line}") for line, row in rows[1:]), key=_order)


def _exhibit(header: list[str], row: list[str], place: str) -> Exhibit:
    if len(row) != len(header):
        raise FormatError(f"The row has {len(row)} cells, the header {len(header)}", where=place)
    cells = dict(zip(header, row, strict=True))
    try:
        version, size = int(cells.pop("version")), int(cells.pop("size"))
    except ValueError:
        raise FormatError("version and size are whole numbers", where=place) from None
    if not (cells["id"][:1] == "E" and cells["id"][1:].isdecimal()):
        raise FormatError(f'"{cells["id"]}" is no id of an exhibit', where=place, hint="Ids are E1, E2, …")
    if cells["handling"] not in Handling:
        raise FormatError(
            f'There is no handling "{cells["handling"]}"',
            where=place,
            hint=did_you_mean(cells["handling"], Handling),
        )
    for name in ("modified", "received_at"):
        if cells[name]:
            try:
                parse_instant(cells[name])
            except UsageError as error:
                raise FormatError(f"{name}: {error.message}", where=place) from None
    return Exhibit(version=version, size=size, **cells)


def write_register(path: Path, exhibits: Iterable[Exhibit]) -> None:
    """Write the register, sorted by exhibit and version."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for exhibit in sorted(exhibits, key=_order):
        writer.writerow([getattr(exhibit, name) for name in _COLUMNS])
    write_atomically(path, out.getvalue().encode("utf-8"))


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a crash leaves either the old file or the new one, never a part."""
    aside = path.with_name(f".{path.name}.new")
    try:
        with aside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def current(exhibits: Iterable[Exhibit]) -> list[Exhibit]:
    """The latest version of each exhibit, in order."""
    latest: dict[str, Exhibit] = {}
    for exhibit in sorted(exhibits, key=_order):
        latest[exhibit.id] = exhibit
    return sorted(latest.values(), key=_order)


def next_id(exhibits: Iterable[Exhibit]) -> str:
    """The id that the next new exhibit gets."""
    return f"E{max((e.number for e in exhibits), default=0) + 1}"


def _order(exhibit: Exhibit) -> tuple[int, int]:
    return exhibit.number, exhibit.version
