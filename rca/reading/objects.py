"""JSON documents: arrays, pretty-printed and concatenated objects, and wrappers with a list of records.

The decision hidden here: what the records of a document are. Keys decide, not names of files: the list whose objects
carry a stamp by the keys of some JSON format (`lines/formats`), at the end of any path. What lies in an envelope (an
Elasticsearch hit, a search result, an audit record as text) is taken out of it. One object a line belongs to the line
reader, FHIR to its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import Basis, TimeKind
from rca.reading.dating import Dating, read_stamp
from rca.reading.json_walk import Found, peek, walk
from rca.reading.lines.formats import Format, load_formats, parse_formats, severity_number
from rca.reading.lines.keyed import COLUMNS, columns_of, load_object
from rca.reading.source import Declared, Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ObjectsReader"]

_BATCH = 20_000
_MANY = 100
_LONG = 400
_LISTS = (
    "Records", "records", "value", "entries", "items", "events", "Events", "hits", "logEvents", "logs", "Logs", "Findings",
    "findings", "resourceLogs", "result", "results", "data", "rows", "messages", "log", "response", "Contents", "alerts",
)  # fmt: skip
_ALWAYS: tuple[tuple[str, ...], ...] = (
    ("resourceLogs", "scopeLogs", "logRecords"),
    ("hits", "hits"),
    ("Records",),
    ("logEvents",),
)
_ENVELOPES = ("_source", "result", "AuditData", "attributes", "content", "node", "record")
_SIGNS = {
    "severity",
    "subject",
    "component",
    "trace_id",
}  # of a log: what holds only a text may be a ticket or a message
_DOTNET = re.compile(r"/Date\((-?\d{9,15})(?:[+-]\d{4})?\)/")


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the records of a stream are, and how sure it is that they are records of a log."""

    path: tuple[str, ...]
    is_sequence: bool
    score: float


class ObjectsReader:
    """Reads JSON documents of log records, one event an object."""

    name = "json"
    version = "1"
    title = "JSON documents: arrays, pretty-printed objects, wrappers with a list of records"
    suffixes = (".json",)
    ceiling = 0.97

    def score(self, sample: Sample) -> float:
        """0.97 for objects that a JSON format knows, 0.92 for others that read like a log, 0.5 for those with a stamp only."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        plan = _plan(sample.text, _Keys(sample.declared))
        return plan.score if plan else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the documents, in file order."""
        documents = _Documents(source)
        rows: list[dict[str, Any]] = []
        for row in documents.rows():
            rows.append(row)
            if len(rows) >= _BATCH:
                yield batch(documents.dated(rows))
                rows = []
        if rows:
            yield batch(documents.dated(rows))


# -- keys -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """An object read by a format: the values of columns, and the rest under their own names."""

    format: Format
    columns: dict[str, str]
    fields: dict[str, str]


class _Keys:
    """The JSON formats, those of the package and the user's own, and which of them took objects with the same keys."""

    def __init__(self, declared: Declared) -> None:
        own = _own_formats(declared)
        formats = sorted((*own, *_json_formats()), key=lambda one: (one.priority, one.name))
        self.known = [one for one in formats if one.need or one.need_values]
        self.generic = [one for one in formats if not one.need and not one.need_values]
        self.usual: dict[frozenset[str], Format] = {}

    def read(self, value: Mapping[str, Any]) -> _Read | None:
        """The object read by the first format that finds a stamp in it or in what it envelops; None where none does."""
        value = {name: _plain(inner) for name, inner in value.items()}
        keys = frozenset(value)
        usual = self.usual.get(keys)
        if usual is not None and (found := _try((usual,), value)) is not None:
            return found
        inner = list(_opened(value))
        for formats in (self.known, self.generic):
            found = _try(formats, value)
            if found is not None:
                if len(self.usual) < 10_000:
                    self.usual[keys] = found.format
                return found
            for content in inner:
                found = _try(formats, content)
                if found is not None:
                    return found
        return None

    def has_stamp(self, value: Any) -> bool:
        """Whether a value is an object in which some format finds a stamp."""
        return isinstance(value, dict) and self.read(value) is not None


@cache
def _json_formats() -> tuple[Format, ...]:
    return tuple(one for one in load_formats() if one.style.json)


def _own_formats(declared: Declared) -> Iterable[Format]:
    for origin, document in sorted(declared.definitions.items()):
        if "format" in document:
            yield from (one for one in parse_formats(document, origin=origin) if one.style.json)


def _try(formats: Iterable[Format], value: Mapping[str, Any]) -> _Read | None:
    for one in formats:
        groups = columns_of(one, value)
        if groups is None or not _is_date(groups["stamp"]):
            continue
        columns = {name: groups.pop(name) for name in COLUMNS if name in groups}
        return _Read(one, columns, groups)
    return None


def _plain(value: Any) -> Any:
    """A value as its text: journald writes bytes that are no UTF-8 as numbers, .NET writes dates as /Date(ms)/."""
    if isinstance(value, str):
        found = _DOTNET.fullmatch(value)
        return found[1] if found else value
    if isinstance(value, list) and value and all(isinstance(one, str) and one.isdecimal() for one in value):
        try:
            return bytes(map(int, value)).decode("utf-8", errors="backslashreplace")
        except (ValueError, OverflowError):
            return value
    return value


def _is_date(text: str) -> bool:
    """Whether a stamp says a day, in either order of day and month: a time alone dates no object of a document."""
    return read_stamp(text) is not None or read_stamp(text, day_first=False) is not None


def _opened(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What an object envelops, with the rest of the envelope beside it."""
    for name in _ENVELOPES:
        content = value.get(name)
        if isinstance(content, str) and content.lstrip().startswith("{"):
            content = load_object(content)
        if isinstance(content, dict):
            yield {**{k: v for k, v in value.items() if k != name}, **content}


# -- finding the records ----------------------------------------------------------------------------------


def _plan(text: str, keys: _Keys) -> _Plan | None:
    """Where the records are, from the beginning of a stream; None where it is no document of log records."""
    values = peek(text)
    if not values or any(_is_foreign(value) for value in values[:20]):
        return None
    is_sequence = len(values) > 1
    flat = _objects(values)[:50]
    path = _path(values, keys, is_sequence=is_sequence)
    if path is None:
        return None
    if not path and isinstance(values[0], dict) and _is_lines(text):
        return None
    records = _objects(_follow(values, path))[:50]
    read = [found for record in records if (found := keys.read(record)) is not None]
    if not read or (not path and len(read) * 3 < len(flat)):
        return None
    if any(one.format.need or one.format.need_values for one in read):
        return _Plan(path, is_sequence, 0.97)
    speaking = sum("message" in one.columns and bool(_SIGNS & set(one.columns)) for one in read)
    return _Plan(path, is_sequence, 0.92 if speaking * 2 > len(read) else 0.5)


def _is_foreign(value: Any) -> bool:
    """Whether a document is another reader's: FHIR says its resourceType."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) and "resourceType" in first


def _is_lines(text: str) -> bool:
    """Whether most of the first lines are one whole object each."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    whole = lines if len(lines) < 2 or text.endswith("\n") else lines[:-1]
    return sum(_is_object(line) for line in whole) * 2 > len(whole)


def _is_object(line: str) -> bool:
    if line.rstrip().endswith(","):
        return False  # members of an array, not lines of their own
    return load_object(line.strip("\x1e")) is not None


def _objects(values: Iterable[Any]) -> list[dict[str, Any]]:
    """The objects among values and in arrays among them."""
    found: list[dict[str, Any]] = []
    waiting = list(values)[::-1]
    while waiting and len(found) < 1_000:
        value = waiting.pop()
        if isinstance(value, dict):
            found.append(value)
        elif isinstance(value, list):
            waiting.extend(reversed(value))
    return found


def _follow(values: Iterable[Any], path: tuple[str, ...]) -> list[Any]:
    """The values at the end of a path of keys; arrays on the way are passed through."""
    found: list[Any] = list(values)
    for key in path:
        found = [one[key] for one in _objects(found) if key in one]
    return found


def _path(values: list[Any], keys: _Keys, *, is_sequence: bool) -> tuple[str, ...] | None:
    """The path of keys to the records: none where the objects at the top are the records themselves."""
    objects = _objects(values)[:20]
    first = objects[:5]
    for path in _ALWAYS:
        if any(keys.has_stamp(one) for one in _objects(_follow(objects, path))[:5]):
            return path
    is_own = sum(keys.has_stamp(one) for one in first) * 2 > len(first)
    if is_own and (is_sequence or isinstance(values[0], list) or not first):
        return ()
    best: tuple[tuple[bool, int, int], tuple[str, ...]] | None = None
    for one in first:
        for path, items in _lists(one):
            stamped = sum(keys.has_stamp(item) for item in items[:20])
            if stamped * 2 <= min(len(items), 20) or (is_own and (path[0] not in _LISTS or len(items) < 2)):
                continue
            rank = (path[0] in _LISTS, len(items), -len(path))
            if best is None or rank > best[0]:
                best = (rank, path)
    if best is not None:
        return best[1]
    return () if is_own or any(keys.has_stamp(one) for one in objects) else None


def _lists(value: dict[str, Any], depth: int = 0) -> Iterator[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    """The lists of objects in an object, by their paths."""
    for key, inner in value.items():
        if isinstance(inner, list):
            items = _objects(inner)
            if items:
                yield (key,), items
                if depth < 3:
                    yield from (((key, *path), found) for path, found in _lists(items[0], depth + 1))
        elif isinstance(inner, dict) and depth < 3:
            yield from (((key, *path), found) for path, found in _lists(inner, depth + 1))


# -- reading ----------------------------------------------------------------------------------------------


class _Documents:
    """The documents of one stream on their way: the plan, the keys, and the stamps that wait for their times."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.encoding = "utf-8" if source.encoding == "utf-8-sig" else source.encoding
        self.mark = mark_length(source.head)
        source.structure_bytes(0, self.mark)
        self.keys = _Keys(source.declared)
        self.plan = _plan(source.sample.text, self.keys) or _Plan((), is_sequence=True, score=0.0)
        self.dating = Dating(source)
        self.has_order = False
        self.stamps: list[tuple[str, str]] = []
        self.faults = 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all records; what stands between them is booked."""
        source = self.source
        book = {"blank": source.blank_bytes, "structure": source.structure_bytes}
        with source.open() as stream:
            stream.read(self.mark)
            for found in walk(
                stream,
                path=self.plan.path,
                is_sequence=self.plan.is_sequence,
                start=self.mark,
                encoding=self.encoding,
            ):
                if found.value is not None:
                    yield self._row(found)
                elif found.what in book:
                    book[found.what](found.start, len(found.raw))
                else:
                    self._leave(found)

    def _leave(self, found: Found) -> None:
        place = f"L{found.line}" if found.line == found.last_line else f"L{found.line}-{found.last_line}"
        self.source.unparsed_bytes(found.start, found.raw, place=place, reason=found.reason or "no object")
        self.faults += 1
        if self.faults <= _MANY:
            self.source.issue(
                "RCA182",
                Severity.WARNING,
                f"Not read: {found.reason or 'no object'}",
                place=place,
                hint="Is the file cut or still being written? The rest is read.",
            )

    def _row(self, found: Found) -> dict[str, Any]:
        source = self.source
        assert found.value is not None
        read = self.keys.read(found.value)
        source.event_bytes(found.start, len(found.raw))
        row: dict[str, Any] = {
            "event_id": event_id(source.stream_key, found.start),
            "source_kind": SourceKind.LOG.value,
            "kind": read.format.kind if read else "log.line",
            "time_basis": Basis.UNDATED.value,
            "time_kind": TimeKind.OCCURRED.value,
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(f"J{found.pointer}"),
            "byte_start": found.start,
            "byte_length": len(found.raw),
            "line": found.line,
            "reader": ObjectsReader.name,
            "reader_version": ObjectsReader.version,
            "reliability": source.declared.reliability or None,
        }
        if read is None:
            row["message"] = " ".join(json.dumps(found.value, ensure_ascii=False).split())[:_LONG]
            row["attributes"] = attributes(found.value)
            self.stamps.append(("", ""))
            return row
        columns = dict(read.columns)
        self.stamps.append((columns.pop("stamp"), read.format.zone))
        word = columns.pop("severity", "").strip()
        if word:
            row["severity_text"] = word
            row["severity"] = severity_number(word, read.format.severity)
        row |= {name: value for name, value in columns.items() if value not in ("", "-")}
        row["message"] = " ".join(columns.get("message", "").split()) or _summary(read)
        row["attributes"] = attributes(read.fields)
        return row

    def dated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a batch with their times."""
        texts = [text for text, _ in self.stamps]
        if not self.has_order:
            self.dating.tell_order(texts)
            self.has_order = True
        self.dating.date(rows, texts, [zone for _, zone in self.stamps])
        self.stamps = []
        return rows


def _summary(read: _Read) -> str:
    """A line for an object without a message: its short values."""
    words = [
        f"{name}={value}"
        for name, value in read.fields.items()
        if 0 < len(value) <= 80 and value[0] not in "{["
    ]
    return " ".join(words)[:_LONG] or read.format.title
