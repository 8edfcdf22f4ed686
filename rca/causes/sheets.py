"""Spreadsheets in: factors, edges, assurances and criteria that were kept in sheets become the graph.

The decision hidden here: which columns mean what, and that nothing is added. An arrow of a sheet is contributory: its
join stays undetermined. A word for a level is mapped by a table that gives a reason for each; a word without an entry
is an error. Thresholds, owners and stop reasons that a sheet lacks stay absent.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rca.causes.graph import CausalGraph, EvidenceLink, Rating, slug
from rca.errors import CaseError, EvidenceError, FormatError, UsageError, did_you_mean
from rca.evidence.locators import cite, key_locator

__all__ = [
    "LevelRule",
    "SheetMapping",
    "import_assurances",
    "import_criteria",
    "import_factors",
    "parse_sheet_mapping",
]

_FACTORS = {
    "id": ("factor_id", "id"),
    "statement": ("statement", "factor", "title"),
    "level": ("level",),
    "evidence": ("supporting_fact_ids", "evidence", "facts"),
    "said_by": ("who_says_so", "said_by", "claimed_by"),
}
_EDGES = {
    "id": ("edge_id", "id"),
    "cause": ("cause_id", "cause", "from"),
    "effect": ("effect_id", "effect", "to"),
    "evidence": ("supporting_fact_ids", "evidence", "facts"),
    "said_by": ("who_claims", "said_by", "claimed_by"),
    "basis": ("basis",),
    "how": ("note", "how"),
}
_ASSURANCES = {
    "id": ("assurance_id", "id"),
    "statement": ("what_was_assured", "statement"),
    "asserted_by": ("by_whom", "asserted_by"),
    "asserted_at": ("when", "asserted_at"),
    "precision": ("precision",),
    "topic": ("topic",),
    "against": ("contradicting_fact_ids", "against"),
    "gap": ("gap",),
}
_CRITERIA = {
    "id": ("criterion_id", "id"),
    "statement": ("criterion", "statement"),
    "domain": ("domain",),
    "demonstrated_by": ("demonstrating_evidence", "demonstrated_by"),
    "note": ("status_per_public_sources", "note"),
    "evidence": ("fact_ids", "evidence", "facts"),
    "source_basis": ("source_basis",),
}
_BASES = {
    "claimed": "claimed",
    "claimed (as possible)": "claimed_possible",
    "claimed_possible": "claimed_possible",
    "inference": "inference",
    "inferred": "inference",
    "rejected": "rejected",
    "rejected (no source)": "rejected",
}
_NOT_GIVEN = ("", "none", "-")


@dataclass(frozen=True, slots=True)
class LevelRule:
    """What a sheet's word for a level means: an AcciMap level, an outcome, or context; with the reason."""

    word: str
    reason: str
    level: str = ""
    is_outcome: bool = False
    is_context: bool = False


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """How sheets become the graph: the exhibit that their ids point to, and what their level words mean."""

    exhibit: str = "E1"
    levels: Mapping[str, LevelRule] = field(default_factory=dict)


def parse_sheet_mapping(document: Mapping[str, Any], *, origin: str) -> SheetMapping:
    """The mapping that a parsed TOML document holds: `exhibit`, and a table under `[levels]` for each word.

    Raises:
        FormatError: a key is unknown, or a level has no reason.
    """
    for key in document:
        if key not in ("exhibit", "levels"):
            raise FormatError(
                f'A sheet mapping has no key "{key}"',
                where=origin,
                hint=did_you_mean(key, ("exhibit", "levels")),
            )
    levels = {}
    for word, entry in document.get("levels", {}).items():
        place = f"{origin}, level {word}"
        for key in entry:
            if key not in ("level", "outcome", "context", "reason"):
                raise FormatError(
                    f'A level has no key "{key}"', where=place, hint=did_you_mean(key, ("level", "reason"))
                )
        if not str(entry.get("reason", "")).strip():
            raise FormatError("A level is mapped with a reason", where=place, hint='Write: reason = "…"')
        levels[word] = LevelRule(
            word,
            str(entry["reason"]),
            str(entry.get("level", "")),
            is_outcome=bool(entry.get("outcome", False)),
            is_context=bool(entry.get("context", False)),
        )
    return SheetMapping(str(document.get("exhibit", "E1")), levels)


def import_factors(
    graph: CausalGraph, factors: Path, edges: Path, *, mapping: SheetMapping | None = None
) -> CausalGraph:
    """Put the factors and edges of two CSV sheets into `graph`: each edge a mechanism of its own, its join open.

    Raises:
        EvidenceError: a sheet is missing.
        FormatError: a column is unknown or missing, a level word has no entry, an edge names no factor; with the line.
    """
    mapping = mapping or SheetMapping()
    for path in (factors, edges):
        _must_be_there(path)
    ids: dict[str, str] = {}
    for row, place in _rows(factors, _FACTORS):
        name = row["id"]
        if not name or name in ids:
            raise FormatError(f'"{name}" stands twice' if name else "A factor has an id", where=place)
        ids[name] = slug(f"{name} {row['statement']}", most=44)
        _told(
            lambda row=row, name=name: graph.factor(
                ids[name],
                row["statement"],
                evidence=_citations(row["evidence"], mapping.exhibit),
                said_by=row["said_by"],
                source_id=name,
                **_level(row["level"], mapping, place),  # noqa: B023 (called at once)
            ),
            place,
        )
    for row, place in _rows(edges, _EDGES):
        for end in ("cause", "effect"):
            if row[end] not in ids:
                raise FormatError(
                    f'There is no factor "{row[end]}"', where=place, hint=did_you_mean(row[end], ids)
                )
        basis = _BASES.get(row["basis"].casefold())
        if basis is None and row["basis"]:
            raise FormatError(
                f'"{row["basis"]}" is no basis', where=place, hint=did_you_mean(row["basis"], _BASES)
            )
        _told(
            lambda row=row, basis=basis: graph.because(
                ids[row["effect"]],
                ids[row["cause"]],
                id=slug(row["id"]) if row["id"] else None,
                how=row["how"],
                basis=basis or "inference",
                said_by=row["said_by"] if row["said_by"] not in _NOT_GIVEN else "",
                source_id=row["id"],
                evidence=_citations(row["evidence"], mapping.exhibit),
            ),
            place,
        )
    return graph


def _level(word: str, mapping: SheetMapping, place: str) -> dict[str, Any]:
    if not word:
        return {}
    rule = mapping.levels.get(word)
    if rule is None:
        if re.fullmatch(r"[1-6]", word):
            return {"level": word}
        raise FormatError(
            f'The level "{word}" has no entry in the mapping',
            where=place,
            hint=f'Write in the mapping: [levels.{word}] level = "1" … "6", and a reason.',
        )
    given: dict[str, Any] = {"band": word}
    if rule.level:
        given["level"] = rule.level
    if rule.is_outcome:
        given["focal"] = "true"
    if rule.is_context:
        given["status"] = "context"
    return given


def import_assurances(graph: CausalGraph, sheet: Path, *, mapping: SheetMapping | None = None) -> CausalGraph:
    """Put the assurances of a CSV sheet into `graph`: each cites its own row, and what contradicts it as rating I."""
    exhibit = (mapping or SheetMapping()).exhibit
    for row, place in _rows(sheet, _ASSURANCES):
        own = EvidenceLink(cite(exhibit, key_locator(row["id"])), note="the assurance itself")
        against = [EvidenceLink(c, rating=Rating.I) for c in _citations(row["against"], exhibit)]
        _told(
            lambda row=row, own=own, against=against: graph.claim(
                slug(f"{row['id']} {row['statement']}", most=44),
                row["statement"],
                sort="assurance",
                asserted_at=row["asserted_at"],
                asserted_precision=row["precision"],
                asserted_by=row["asserted_by"],
                topic=row["topic"],
                gap=row["gap"],
                source_id=row["id"],
                evidence=[own, *against],
            ),
            place,
        )
    return graph


def import_criteria(graph: CausalGraph, sheet: Path, *, mapping: SheetMapping | None = None) -> CausalGraph:
    """Put the criteria of a CSV sheet into `graph`, without a threshold where the sheet states none."""
    exhibit = (mapping or SheetMapping()).exhibit
    for row, place in _rows(sheet, _CRITERIA):
        _told(
            lambda row=row: graph.claim(
                slug(f"{row['id']} {row['statement']}", most=44),
                row["statement"],
                sort="criterion",
                domain=row["domain"],
                demonstrated_by=row["demonstrated_by"],
                note=row["note"],
                source_basis=row["source_basis"],
                source_id=row["id"],
                evidence=_citations(row["evidence"], exhibit),
            ),
            place,
        )
    return graph


def _told(say: Any, place: str) -> None:
    """Say something to the graph; what it refuses is told with the line of the sheet."""
    try:
        say()
    except (UsageError, CaseError) as error:
        raise FormatError(error.message, where=place, hint=error.hint) from None


def _citations(text: str, exhibit: str) -> list[str]:
    parts = [part for part in re.split(r"\s*[;,]\s*", text.strip()) if part]
    found = [p if re.match(r"E\d+[:#!]", p) else cite(exhibit, key_locator(p)) for p in parts]
    return list(dict.fromkeys(found))


def _must_be_there(path: Path) -> None:
    if not path.is_file():
        raise EvidenceError(
            f"There is no file {path}", hint="Check the path; it is taken from the current directory."
        )


def _rows(path: Path, columns: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[dict[str, str], str]]:
    """The rows of a sheet under our names, each with its place."""
    if not path.is_file():
        raise EvidenceError(
            f"There is no file {path}", hint="Check the path; it is taken from the current directory."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"Not UTF-8 at byte {error.start}", where=str(path), hint="Save the sheet as CSV UTF-8."
        ) from None
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    header = reader.fieldnames or []
    names: dict[str, str] = {}
    for ours, theirs in columns.items():
        names[ours] = next((name for name in theirs if name in header), "")
    known = {name for group in columns.values() for name in group}
    for name in header:
        if name not in known:
            raise FormatError(
                f'The sheet has a column "{name}" that has no place',
                where=f"{path}:1",
                hint=did_you_mean(name, known),
            )
    for needed in ("statement", "cause", "effect"):
        if needed in columns and not names[needed]:
            raise FormatError(f"The sheet lacks the column {columns[needed][0]}", where=f"{path}:1")
    for row in reader:
        yield (
            {ours: (row.get(name) or "").strip() if name else "" for ours, name in names.items()},
            f"{path}:{reader.line_num}",
        )
