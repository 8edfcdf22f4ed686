"""Mappings: how the columns of a table become events, written in TOML by the investigator.

The decision hidden here: the keys of a mapping. A mapping applies to any table whose header holds every column that
it names, so that it is found by content, never by file name. What it does not name goes to `attributes` under its own
name: nothing vanishes. A row that carries several times (created, resolved, closed) gives an event for each `[[event]]`
whose cell is filled; the events of a row share a record.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rca.errors import FormatError, UsageError, did_you_mean
from rca.events.schema import COLUMNS, Type
from rca.moments.moment import TimeKind
from rca.moments.stamps import compile_layout
from rca.moments.zones import check_zone

__all__ = ["Cell", "EventMapping", "TableMapping", "TimeMapping", "find_mapping", "parse_mapping", "slug"]

_TABLE_KEYS = {
    "name", "title", "zone", "delimiter", "key", "kind", "source_kind", "time_kind", "record", "absent",
}  # fmt: skip
_EVENT_KEYS = {"kind", "time", "clock", "end", "known", "time_kind"}
_TIME_KEYS = {
    "column",
    "earliest",
    "latest",
    "end",
    "precision",
    "text",
    "layouts",
    "known",
    "known_basis",
    "zone",
}
_GRADE_KEYS = {"column", "reliability", "credibility"}
_CELL_KEYS = {"from", "prefix", "slug", "join", "separator", "split", "default"}
_READER_COLUMNS = {
    "event_id", "record_id", "time", "time_earliest", "time_latest", "time_end", "time_text", "time_precision",
    "time_basis", "known_time", "known_basis", "reliability", "credibility", "exhibit", "locator", "byte_start",
    "byte_length", "line", "reader", "reader_version", "template_id", "assumptions", "attributes",
}  # fmt: skip
_FIELD = re.compile(r"\{([^{}]+)\}")
TARGETS = tuple(c.name for c in COLUMNS if c.name not in _READER_COLUMNS)
_LISTS = {c.name for c in COLUMNS if c.type is Type.TEXTS}


@dataclass(frozen=True, slots=True)
class Cell:
    """Where the value of an event column comes from: one table column or several, and what is done to it.

    A template (`"{Number} created: {Title}"`) is filled with the columns that it names; what joins empty ones goes too.
    """

    columns: tuple[str, ...]
    prefix: str = ""
    is_slug: bool = False
    separator: str = " "
    split: str = ""
    default: str = ""
    template: str = ""

    def value(self, row: Mapping[str, str]) -> str | None:
        """The text for this column, None when the table says nothing."""
        if self.template:
            return self._filled(row) or self.default or None
        parts = [row[c].strip() for c in self.columns if row.get(c, "").strip()]
        text = self.separator.join(parts) or self.default
        if not text:
            return None
        return self.prefix + (slug(text) if self.is_slug else text)

    def _filled(self, row: Mapping[str, str]) -> str:
        if not any(row.get(column, "").strip() for column in self.columns):
            return ""
        text = _FIELD.sub(lambda found: " ".join(row.get(found[1], "").split()), self.template)
        text = re.sub(r"\s+(?=[:,;.])", "", re.sub(r"\(\s*\)|\[\s*\]", "", text))
        return re.sub(r"(?:\s*[:·,;(–-]\s*)+$", "", " ".join(text.split())).removeprefix(": ").strip()

    def values(self, row: Mapping[str, str]) -> list[str] | None:
        """The same for a column that holds a list."""
        text = self.value(row)
        if text is None:
            return None
        return [part.strip() for part in text.split(self.split or ";") if part.strip()] or None


@dataclass(frozen=True, slots=True)
class TimeMapping:
    """The columns that say when, and how they are written."""

    column: str = ""
    earliest: str = ""
    latest: str = ""
    end: str = ""
    precision: str = ""
    text: str = ""
    layouts: tuple[str, ...] = ("iso",)
    known: str = ""
    known_basis: str = "publication"

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns named."""
        named = (self.column, self.earliest, self.latest, self.end, self.precision, self.text, self.known)
        return tuple(c for c in named if c)


@dataclass(frozen=True, slots=True)
class EventMapping:
    """One of several events of a row: its kind, the column of its time, and what is its own.

    `clock` is a column with the time of day, where `time` holds only the date.
    """

    kind: str
    time: str
    clock: str = ""
    end: str = ""
    known: str = ""
    time_kind: str = "occurred"
    cells: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        """Every table column that it names."""
        cells = (column for cell in self.cells.values() for column in cell.columns)
        return frozenset(one for one in (self.time, self.clock, self.end, self.known, *cells) if one)


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping as a whole."""

    name: str
    origin: str
    time: TimeMapping
    cells: Mapping[str, Cell]
    key: str = ""
    zone: str = ""
    delimiter: str = ""
    grade: str = ""
    reliability: str = ""
    credibility: str = ""
    kind: str = "fact"
    source_kind: str = "table"
    time_kind: str = "occurred"
    record: str = ""
    events: tuple[EventMapping, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Every table column that the mapping names."""
        cells = (c for cell in self.cells.values() for c in cell.columns)
        events = (c for event in self.events for c in event.columns)
        own = (self.key, self.grade, self.reliability, self.credibility, self.record)
        named = (*own, *self.time.columns, *cells, *events)
        return frozenset(c for c in named if c)

    @property
    def consumed(self) -> frozenset[str]:
        """The columns that need no place in `attributes`, because all they say stands in the event's own columns."""
        whole = (c for cell in self.cells.values() if not cell.is_slug for c in cell.columns)
        dates = (self.time.earliest, self.time.latest, self.time.text, self.time.end)
        events = (c for event in self.events for c in event.columns)
        own = (self.key, self.reliability, self.credibility, self.record)
        return frozenset(c for c in (*own, *dates, *whole, *events) if c)


def find_mapping(header: Sequence[str], definitions: Mapping[str, Mapping[str, Any]]) -> TableMapping | None:
    """The mapping among the user's definitions that applies to a table with this header: the one that names most.

    Raises:
        FormatError: a mapping is malformed.
    """
    names = set(header)
    fitting = [
        mapping
        for origin, document in sorted(definitions.items())
        if "table" in document and (mapping := parse_mapping(document, origin=origin)).columns <= names
    ]
    return max(fitting, key=lambda m: (len(m.columns), m.name), default=None)


def parse_mapping(document: Mapping[str, Any], *, origin: str) -> TableMapping:
    """The mapping that a parsed TOML document holds.

    Raises:
        FormatError: a key is unknown, a column of the event does not exist, a layout or zone is malformed.
    """
    known = {"table", "time", "columns", "grade", "event"}
    _refuse(document, known, origin, "A mapping")
    table, time = document.get("table", {}), document.get("time", {})
    grade, columns = document.get("grade", {}), document.get("columns", {})
    _refuse(table, _TABLE_KEYS, origin, "[table]")
    _refuse(time, _TIME_KEYS, origin, "[time]")
    _refuse(grade, _GRADE_KEYS, origin, "[grade]")
    _refuse(columns, set(TARGETS), origin, "[columns]")
    zone = str(table.get("zone", ""))
    if zone:
        try:
            check_zone(zone)
        except UsageError as error:
            raise FormatError(error.message, where=origin, hint=error.hint) from None
    layouts = tuple(time.get("layouts", ("iso",)))
    for layout in layouts:
        compile_layout(layout)
    words = {k: str(v) for k, v in time.items() if k not in ("layouts", "zone")}
    events = _events(document.get("event", ()), origin)
    if not words.get("column") and not words.get("earliest") and not events:
        raise FormatError(
            "[time] names a column",
            where=origin,
            hint='Write: column = "date", or earliest and latest, or [[event]] entries with kind and time.',
        )
    absent = table.get("absent", ())
    return TableMapping(
        name=str(table.get("name", origin.removesuffix(".toml"))),
        origin=origin,
        time=TimeMapping(layouts=layouts, **words),
        cells={target: _cell(target, raw, origin) for target, raw in columns.items()},
        key=str(table.get("key", "")),
        zone=zone,
        delimiter=str(table.get("delimiter", "")),
        grade=str(grade.get("column", "")),
        reliability=str(grade.get("reliability", "")),
        credibility=str(grade.get("credibility", "")),
        kind=str(table.get("kind", "fact")),
        source_kind=str(table.get("source_kind", "table")),
        time_kind=str(table.get("time_kind", "occurred")),
        record=str(table.get("record", "")),
        events=events,
        absent=(absent,) if isinstance(absent, str) else tuple(str(one) for one in absent),
    )


def _events(raw: Any, origin: str) -> tuple[EventMapping, ...]:
    """The `[[event]]` entries."""
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise FormatError(
            "[[event]] is a list of tables", where=origin, hint="Write [[event]], with two brackets."
        )
    found: list[EventMapping] = []
    for one in raw:
        _refuse(one, _EVENT_KEYS | set(TARGETS), origin, "[[event]]")
        if not one.get("kind") or not one.get("time"):
            raise FormatError("An [[event]] has a kind and the column of its time", where=origin)
        time_kind = str(one.get("time_kind", "occurred"))
        if time_kind not in set(TimeKind):
            raise FormatError(
                f'"{time_kind}" is no kind of time',
                where=origin,
                hint=did_you_mean(time_kind, list(TimeKind)),
            )
        cells = {key: _cell(key, value, origin) for key, value in one.items() if key not in _EVENT_KEYS}
        words = {key: str(one.get(key, "")) for key in ("kind", "time", "clock", "end", "known")}
        found.append(EventMapping(time_kind=time_kind, cells=cells, **words))
    return tuple(found)


def _cell(target: str, raw: Any, origin: str) -> Cell:
    if isinstance(raw, str):
        fields = tuple(dict.fromkeys(_FIELD.findall(raw)))
        return Cell(fields, template=raw) if fields else Cell((raw,))
    if not isinstance(raw, Mapping):
        raise FormatError(f"[columns] {target} names a column of the table", where=origin)
    _refuse(raw, _CELL_KEYS, origin, f"[columns] {target}")
    columns = raw.get("join", raw.get("from", ()))
    return Cell(
        (columns,) if isinstance(columns, str) else tuple(columns),
        prefix=str(raw.get("prefix", "")),
        is_slug=bool(raw.get("slug", False)),
        separator=str(raw.get("separator", " ")),
        split=str(raw.get("split", ";" if target in _LISTS else "")),
        default=str(raw.get("default", "")),
    )


def _refuse(raw: Mapping[str, Any], known: set[str], origin: str, what: str) -> None:
    for key in raw:
        if key not in known:
            raise FormatError(f'{what} has no key "{key}"', where=origin, hint=did_you_mean(key, known))


def slug(text: str) -> str:
    """A short word for ids and kinds: lower case, letters and digits, joined by `_`.

    >>> slug("Meeting/decision"), slug("log-like system event")
    ('meeting_decision', 'log_like_system_event')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
