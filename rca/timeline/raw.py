"""`raw_sources`: behind each event the bytes that it was read from, with lines around them, ready for a page.

The decision hidden here: how much of a source goes along, and in what form. A record is shown by its first 2,000 bytes, with
two lines before and after as long as they are short; text is text, in which control characters are written out, anything
else hexadecimal; a part of a container (a paragraph of a .docx) is what its reader took out. A member of an archive is read
once, front to back, whatever its size. Exhibits that may not leave the house are named and not quoted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from rca.errors import RcaError
from rca.events import to_arrow
from rca.evidence.locators import cite, parse_citation
from rca.evidence.opening import is_binary, open_member
from rca.evidence.register import Exhibit
from rca.texts import say
from rca.timeline.query import row_in_words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MOST_BYTES", "raw_sources"]

MOST_BYTES = 2_000
"""How many bytes of a record are shown."""
_AROUND = 320
"""How many bytes before and after a record its context may take."""
_LINES = 2
_HEX = 256
_CHUNK = 1 << 20
_WORKBOOK = 64 << 20

Opening = Callable[[str], tuple[Exhibit, Path]]
"""Gives an exhibit and where it lies, once its bytes were held against its hash."""


def raw_sources(
    events: pd.DataFrame,
    opening: Opening,
    *,
    assumptions: Iterable[Mapping[str, Any]] = (),
    zone: str = "UTC",
    language: str = "en",
    withheld: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """What `events` were read from, by citation, as plain values that a page can hold.

    Args:
        events: a frame of events of a case.
        opening: gives an exhibit and its file by the exhibit's id.
        assumptions: those of the store; the ones that the events rest on go along.
        zone: in which the times of events are said.
        language: of the remarks.
        withheld: marks of handling whose exhibits are named and not quoted.
    """
    rows = _rows(events)
    by_member: dict[tuple[str, tuple[str, ...]], dict[str, list[dict[str, Any]]]] = {}
    for citation, group in rows.items():
        cited = parse_citation(citation)
        by_member.setdefault((cited.exhibit, cited.members), {})[citation] = group
    exhibits: dict[str, dict[str, str]] = {}
    sources: dict[str, dict[str, Any]] = {}
    for (name, members), groups in sorted(by_member.items()):
        try:
            exhibit, path = opening(name)
        except RcaError as error:
            exhibits.setdefault(name, {"path": "", "sha256": ""})
            sources.update(
                {
                    c: _told(g, zone, note=f"{say('page.raw_missing', language)}: {error.message}")
                    for c, g in groups.items()
                }
            )
            continue
        exhibits[name] = {"path": exhibit.path, "sha256": exhibit.sha256}
        if exhibit.handling in withheld:
            sources.update(
                {
                    c: _told(g, zone, note=say("page.raw_withheld", language, citation=c))
                    for c, g in groups.items()
                }
            )
            continue
        sources.update(_of_member(path, members, groups, zone, language))
    used = {one for group in rows.values() for row in group for one in row["assumptions"]}
    known = {str(one["id"]): str(one["what"]) for one in assumptions if one["id"] in used}
    return {
        "assumptions": dict(sorted(known.items())),
        "exhibits": dict(sorted(exhibits.items())),
        "sources": dict(sorted(sources.items())),
    }


def _rows(events: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The events by citation."""
    names = [
        "exhibit", "locator", "event_id", "time", "time_earliest", "time_latest", "time_precision", "kind", "message",
        "byte_start", "byte_length", "line", "attributes", "assumptions", "reader",
    ]  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = {}
    for row in to_arrow(events).select(names).to_pylist():
        row["assumptions"] = row["assumptions"] or []
        if row["exhibit"]:
            found.setdefault(cite(row["exhibit"], row["locator"] or ""), []).append(row)
    return found


def _told(group: list[dict[str, Any]], zone: str, **more: Any) -> dict[str, Any]:
    """What a source says of itself: the events that were read from it, and what else is known."""
    events = [
        {
            "id": row["event_id"],
            "when": row_in_words(row, zone),
            "kind": row["kind"] or "",
            "message": str(row["message"] or "")[:400],
            "assumptions": row["assumptions"],
        }
        for row in group
    ]
    return {"events": events, **more}


def _of_member(
    path: Path,
    members: tuple[str, ...],
    groups: Mapping[str, list[dict[str, Any]]],
    zone: str,
    language: str,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The sources in one file or member of an archive, each with its citation."""
    spans: list[tuple[int, int, str]] = []
    sheet: dict[int, str] | None = None
    for citation, group in groups.items():
        spanned = [row for row in group if row["byte_start"] is not None]
        if not spanned:
            if sheet is None:
                sheet = _sheet(path, members) if group[0]["reader"] == "xlsx" else {}
            yield citation, _part(group, zone, language, sheet.get(parse_citation(citation).first or 0, ""))
            continue
        start = min(int(row["byte_start"]) for row in spanned)
        end = max(int(row["byte_start"]) + int(row["byte_length"]) for row in spanned)
        spans.append((start, end - start, citation))
    if not spans:
        return
    with open_member(path, members).open() as stream:
        for start, length, citation, region, begins in _regions(stream, sorted(spans)):
            group = groups[citation]
            first = min((int(row["line"]) for row in group if row["line"] is not None), default=None)
            yield citation, _told(group, zone, **_quoted(region, start - begins, length, first, language))


def _regions(
    stream: BinaryIO, spans: Iterable[tuple[int, int, str]]
) -> Iterator[tuple[int, int, str, bytes, int]]:
    """Each span (in order of its start) with the bytes around it and the place where those begin."""
    held, base = b"", 0
    for start, length, citation in spans:
        low, high = max(0, start - _AROUND), start + min(length, MOST_BYTES) + _AROUND
        while base + len(held) < low:  # what lies between two records is passed over
            passed = stream.read(min(_CHUNK, low - base - len(held)))
            if not passed:
                break
            base, held = base + len(held) + len(passed), b""
        held, base = (held[low - base :], low) if low > base else (held, base)
        while base + len(held) < high:
            more = stream.read(max(1, high - base - len(held)))
            if not more:
                break
            held += more
        yield start, length, citation, held[: high - base], base


def _quoted(region: bytes, offset: int, length: int, first: int | None, language: str) -> dict[str, Any]:
    """A record as lines with its context, or in hexadecimal where it is no text."""
    size = min(length, MOST_BYTES)
    record = region[offset : offset + size]
    note = say("page.raw_cut", language, n=size) if length > size else ""
    if is_binary(record):
        shown = record[:_HEX]
        lines = [f"{n:08x}  {shown[n : n + 16].hex(' ')}" for n in range(0, len(shown), 16)]
        return {
            "before": [],
            "lines": lines,
            "after": [],
            "first": None,
            "note": say("page.raw_hex", language, n=len(shown)),
        }
    head, tail = region[:offset].split(b"\n"), region[offset + size :].split(b"\n")
    if region[:offset] and offset >= _AROUND:
        head = head[1:] or [b""]  # its beginning lies outside
    before, lead = head[:-1][-_LINES:], head[-1]
    lines = [_printable(line) for line in record.rstrip(b"\r\n").split(b"\n")]
    if record.endswith(b"\n"):
        rest, after = "", tail[:_LINES]
    else:
        rest, after = ("" if length > size else _printable(tail[0])), tail[1 : 1 + _LINES]
    if len(tail) == len(after) + (not record.endswith(b"\n")) and len(region) - offset - size >= _AROUND:
        after = after[:-1]  # its end lies outside
    return {
        "before": [_printable(line) for line in before],
        "lead": _printable(lead),
        "lines": lines,
        "rest": rest,
        "after": [_printable(line) for line in after if line.strip()] if length <= size else [],
        "first": first,
        "note": note,
    }


def _sheet(path: Path, members: tuple[str, ...]) -> dict[int, str]:
    """The rows of a sheet by their numbers, as the cells hold them; the sheet is the last of the members."""
    from rca.reading.documents.kinds import package_kind
    from rca.reading.documents.packages import Package
    from rca.reading.source import Source
    from rca.reading.spreadsheets import read_book

    with open_member(path, members[:-1]).open() as stream:
        source = Source.of_bytes(stream.read(_WORKBOOK))
    kind = package_kind(source.sample)
    if kind is None or not members:
        return {}
    book = read_book(Package(source, code=""), kind)
    sheets = [sheet for sheet in book.sheets if sheet.name == members[-1]]
    return {row.number: " | ".join(row.cells) for sheet in sheets for row in sheet.rows}


def _part(group: list[dict[str, Any]], zone: str, language: str, cells: str) -> dict[str, Any]:
    """What a part of a container format says, as its reader took it out."""
    fields = json.loads(group[0]["attributes"] or "{}")
    text = cells or str(fields.get("text") or group[0]["message"] or "")
    lines = [_printable(line.encode("utf-8")) for line in text[:MOST_BYTES].splitlines()]
    return _told(
        group, zone, before=[], lines=lines, after=[], first=None, note=say("page.raw_part", language)
    )


def _printable(line: bytes) -> str:
    text = line.decode("utf-8", errors="backslashreplace").rstrip("\r")
    return "".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in text)
