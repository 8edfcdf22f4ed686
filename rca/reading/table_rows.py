"""`TableRows`: what the rows of a table mean, whatever file they stand in: by a mapping, or by what its names tell.

The decision hidden here: one row becomes one event, or several that share a record where the mapping names several times
or where the names say that the table is an export of tickets. Without a mapping, names and content tell: rows with a
machine's stamps are a log, rows with dates are facts. What no column takes stays under its own name.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rca.errors import Severity
from rca.events.batches import attributes, event_id
from rca.events.schema import COLUMNS, SourceKind, Type
from rca.evidence.locators import key_locator
from rca.moments.moment import Basis
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.dating import Dating, is_figures, zone_of
from rca.reading.exports import Export, recognise
from rca.reading.lines.formats import severity_number
from rca.reading.mapping import EventMapping, TableMapping, find_mapping, parse_mapping
from rca.reading.source import Source
from rca.reading.table_learning import draft_tickets
from rca.reading.table_times import MappedTimes
from rca.reading.telling import COVERAGE

__all__ = ["Spot", "TableRows", "distinct_names", "is_header"]

_LISTS = {c.name for c in COLUMNS if c.type is Type.TEXTS}
_WINDOWS_LEVELS = {"0": 9, "1": 21, "2": 17, "3": 13, "4": 9, "5": 5}
_SYSLOG = {"0": 21, "1": 19, "2": 18, "3": 17, "4": 13, "5": 10, "6": 9, "7": 5}
_MANY = 100  # issues of one kind in one table; more would say nothing new


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a row stands: its locator, its line or number, and its bytes where it has any."""

    place: str
    number: int
    start: int | None = None
    length: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Pending:
    """An event whose time is still text, with the texts of its end and of when the source knew."""

    event: dict[str, Any]
    text: str
    zone: str
    end: str = ""
    known: str = ""


def distinct_names(names: Iterable[str]) -> list[str]:
    """The names of columns, each once: one that is empty or was there already gets its number.

    >>> distinct_names(["id", "", "id"])
    ['id', 'column_2', 'id_3']
    """
    found: list[str] = []
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        unique = seen[name] == 1 and name
        found.append(name if unique else f"{name or 'column'}_{len(found) + 1}")
    return found


def is_header(names: Sequence[str]) -> bool:
    """Whether a first row reads like names: all different, none a number or a stamp, two at least not empty."""
    plain = [n.strip() for n in names if n.strip()]
    if len(set(plain)) != len(plain) or len(plain) < 2 or len(plain) * 2 < len(names):
        return False
    return not any(re.fullmatch(r"[\d.,:\-/ +TZ]+", n) or compile_layout("iso").parse(n) for n in plain)


class TableRows:
    """The rows of one table on their way to events; `reader` is who reads them, `rows` the first of them.

    `stamps` gives all stamps of the table, where the first rows do not tell the order of day and month.
    """

    def __init__(
        self,
        source: Source,
        reader: Any,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        head_place: str = "L1",
        stamps: Callable[[Callable[[Sequence[str]], str]], Iterable[str]] | None = None,
    ) -> None:
        self.source = source
        self.reader = reader
        self.header = list(header)
        self.export: Export | None = None
        self.dating: Dating | None = None
        self.is_windows = False
        self.keys: dict[str, int] = {}
        self.line_of: dict[str, int] = {}
        self.issues: Counter[str] = Counter()
        self.pending: list[_Pending] = []
        self.written: dict[str, str] = {}
        self._stamps = stamps
        self.mapping = find_mapping(self.header, source.declared.definitions)
        if self.mapping is None:
            self.mapping = self._told_mapping(rows)
        self.consumed = self.mapping.consumed if self.mapping else frozenset[str]()
        self.times = MappedTimes(source, self.mapping, self.issue) if self.mapping else None
        if self.mapping is None:
            self._guess(rows, head_place)
        elif self.mapping.events:
            self._prepare(self.mapping, rows)

    # -- what the columns mean ----------------------------------------------------------------------------

    def _told_mapping(self, rows: Sequence[Sequence[str]]) -> TableMapping | None:
        """The mapping that the names of a ticket export tell, taken down as an assumption."""
        draft = draft_tickets(self.header, rows)
        if draft is None:
            return None
        mapping = parse_mapping(draft, origin="the names of the columns")
        times = ", ".join(f'{event.kind} = "{event.time}"' for event in mapping.events)
        self._assume(
            f"the table is an export of tickets: {times}",
            "the names of its columns, and their cells are stamps",
            ("another mapping: rca formats --learn drafts one to correct",),
        )
        return mapping

    def _prepare(self, mapping: TableMapping, rows: Sequence[Sequence[str]]) -> None:
        columns = [self.header.index(event.time) for event in mapping.events]

        def first(row: Sequence[str]) -> str:
            return next((row[i].strip() for i in columns if i < len(row) and row[i].strip()), "")

        samples = [row[i] for row in rows for i in columns if i < len(row)]
        layouts = [compile_layout(name) for name in mapping.time.layouts if name != "iso"]

        def read(text: str) -> Stamp | None:
            return next((stamp for one in layouts if (stamp := one.parse(text)) is not None), None)

        self.dating = Dating(self.source, samples=samples, code="RCA158", read=read if layouts else None)
        if self._stamps is not None and not self.dating.order.is_told and any(map(is_figures, samples)):
            self.dating.tell_order(self._stamps(first))
        for what in mapping.absent:
            self.source.issue(
                COVERAGE,
                Severity.INFO,
                f"Not in this source: {what}",
                hint="Its absence here is no evidence that it did not happen.",
            )

    def _guess(self, rows: Sequence[Sequence[str]], head_place: str) -> None:
        export = recognise(self.header, rows)
        if export is None:
            self.issue(
                "RCA155",
                Severity.WARNING,
                "The table has no mapping and no column that is clearly a time; its rows stay undated",
                place=head_place,
                hint="Write a mapping: formats/NAME.toml with [table], [time] column = … and [columns]; "
                "rca formats --learn FILE drafts one.",
            )
            return
        self.export = export
        self.is_windows = any(
            re.sub(r"[\W_]", "", name).casefold() in ("eventid", "händelseid") for name in self.header
        )
        best = export.times[0]
        samples = [export.time_text(row)[0] for row in rows]
        self.dating = Dating(self.source, samples=samples, code="RCA158")
        if self._stamps is not None and not self.dating.order.is_told and any(map(is_figures, samples)):
            self.dating.tell_order(self._stamps(lambda row: export.time_text(row)[0]))
        others = [self.header[i] for i in export.times[1:]]
        others += [name for name in self.header if name not in (self.header[best], *others)]
        self._assume(
            f'the column "{self.header[best]}" says when',
            "its name, and its cells are stamps" if len(export.times) > 1 else "its cells are stamps",
            tuple(f'the column "{name}"' for name in others)[:6],
        )

    def _assume(self, what: str, why: str, other: tuple[str, ...]) -> None:
        self.source.assume("mapping", what, rests_on=why, alternatives=other)

    def issue(self, code: str, severity: Severity, message: str, *, place: str, hint: str) -> None:
        """Take down what is wrong; of many of one kind the first hundred."""
        self.issues[code] += 1
        if self.issues[code] <= _MANY:
            self.source.issue(code, severity, message, place=place, hint=hint)

    # -- rows ---------------------------------------------------------------------------------------------

    def events(self, values: Sequence[str], spot: Spot) -> list[dict[str, Any]]:
        """The events of one row; `dated` gives them the times that are not theirs yet."""
        row = dict(zip(self.header, values, strict=False))
        extra = list(values[len(self.header) :])
        if len(values) != len(self.header):
            self.issue(
                "RCA156",
                Severity.WARNING,
                f"The row has {len(values)} cells, the header {len(self.header)}",
                place=spot.place,
                hint="Read all the same; what is over stands in attributes under extra.",
            )
        mapping = self.mapping
        place = self._place(row, spot)
        if mapping is None:
            return [self._guessed(row, values, extra, spot, place)]
        rest = {name: value for name, value in row.items() if name not in self.consumed}
        if extra:
            rest["extra"] = "; ".join(extra)
        found: list[dict[str, Any]] = []
        if mapping.time.column or mapping.time.earliest:
            found.append(self._mapped(row, spot, place, mapping))
        filled = [one for one in mapping.events if row.get(one.time, "").strip()]
        if not filled and not found:
            filled = list(mapping.events[:1])
        for one in filled:
            found.append(self._told(row, spot, place, mapping, one, number=len(found)))
        for event in found:
            event.setdefault("message", self._message(row))
            event.setdefault("reliability", self.source.declared.reliability or None)
        found[0]["attributes"] = attributes({k: v for k, v in rest.items() if k and v.strip()})
        return found

    def _common(self, spot: Spot, place: str, number: int = 0) -> dict[str, Any]:
        source = self.source
        return {
            "event_id": self._id(place, spot.start, number),
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(place),
            "byte_start": spot.start,
            "byte_length": spot.length,
            "line": spot.line,
            "reader": self.reader.name,
            "reader_version": self.reader.version,
        }

    def _mapped(
        self, row: Mapping[str, str], spot: Spot, place: str, mapping: TableMapping
    ) -> dict[str, Any]:
        event = self._common(spot, place)
        event |= {"source_kind": mapping.source_kind, "kind": mapping.kind}
        if mapping.record or mapping.events:
            event["record_id"] = self._record(row, place, mapping)
        self._fill(event, row, mapping.cells)
        self._grade(event, row, mapping)
        assert self.times is not None
        self.times.fill(event, row, place)
        return event

    def _told(
        self,
        row: Mapping[str, str],
        spot: Spot,
        place: str,
        mapping: TableMapping,
        one: EventMapping,
        *,
        number: int,
    ) -> dict[str, Any]:
        """One of the several events of a row."""
        event = self._common(spot, place, number)
        event |= {
            "source_kind": mapping.source_kind,
            "kind": one.kind,
            "record_id": self._record(row, place, mapping),
            "time_kind": one.time_kind,
            "time_basis": Basis.UNDATED.value,
        }
        self._fill(event, row, {**mapping.cells, **one.cells})
        event["kind"] = one.kind
        self._grade(event, row, mapping)
        cell = row.get(one.time, "").strip()
        clock = row.get(one.clock, "").strip() if one.clock and cell else ""
        if clock:
            self.written[str(event["event_id"])] = f"{cell} {clock}"
            cell += " " + re.sub(r"^kl\.?\s*", "", clock).replace(".", ":")
        self.pending.append(_Pending(event, cell, mapping.zone, row.get(one.end, ""), row.get(one.known, "")))
        return event

    def _record(self, row: Mapping[str, str], place: str, mapping: TableMapping) -> str:
        key = row.get(mapping.record or mapping.key, "").strip()
        return f"{mapping.name}:{key}" if key else f"{mapping.name}:{self.source.stream_key[:12]}:{place}"

    def _guessed(
        self, row: dict[str, str], values: Sequence[str], extra: list[str], spot: Spot, place: str
    ) -> dict[str, Any]:
        is_log = self.export is not None and self.export.is_log
        event = self._common(spot, place)
        event["source_kind"] = (SourceKind.LOG if is_log else SourceKind.TABLE).value
        event["kind"] = "log.line" if is_log else "fact"
        rest = dict(row)
        if self.export is not None:
            column = self._fill_guessed(event, values, self.export)
            used = {column, self.export.clock, *self.export.consumed}
            rest = {name: value for i, (name, value) in enumerate(row.items()) if i not in used}
        else:
            event["time_basis"] = Basis.UNDATED.value
        if extra:
            rest["extra"] = "; ".join(extra)
        event.setdefault("message", self._message(rest if is_log else row))
        event["attributes"] = attributes({k: v for k, v in rest.items() if k and v.strip()})
        event.setdefault("reliability", self.source.declared.reliability or None)
        return event

    def _fill_guessed(self, event: dict[str, Any], values: Sequence[str], export: Export) -> int:
        """Fill in the columns that names told; the column of the row's stamp is handed back."""
        text, column = export.time_text(values)
        zone = values[export.zone] if export.zone is not None and export.zone < len(values) else ""
        self.pending.append(_Pending(event, text, "UTC" if column in export.utc else zone_of(zone)))
        event["time_kind"] = export.time_kind(column)
        for target, index in export.columns.items():
            value = values[index].strip() if index < len(values) else ""
            if not value or value == "-":
                continue
            if target == "severity":
                event["severity_text"] = value
                is_priority = self.header[index] == "PRIORITY"
                numbers = _WINDOWS_LEVELS if self.is_windows else _SYSLOG if is_priority else {}
                event["severity"] = numbers.get(value) or severity_number(value)
            else:
                event[target] = " ".join(value.split()) if target == "message" else value
        return column

    def _id(self, place: str, start: int | None, number: int) -> str:
        key = self.source.stream_key
        if place.startswith("#") or start is None:
            mark = place if start is not None else self.source.locator(place)
            mark = f"{mark}~{number}" if number else mark
            return key[:12] + hashlib.sha256(mark.encode()).hexdigest()[:12]
        return event_id(key, start, number)

    def _place(self, row: Mapping[str, str], spot: Spot) -> str:
        key = row.get(self.mapping.key, "").strip() if self.mapping and self.mapping.key else ""
        if not key:
            return spot.place
        count = self.keys[key] = self.keys.get(key, 0) + 1
        if count == 1:
            self.line_of[key] = spot.number
            return key_locator(key)
        what = "line" if spot.line is not None else "row"
        self.issue(
            "RCA157",
            Severity.ERROR,
            f'The key "{key}" stands on {what} {self.line_of[key]} already; this row is {key}~{count}',
            place=spot.place,
            hint="Give each row a key of its own.",
        )
        return key_locator(f"{key}~{count}")

    def _fill(self, event: dict[str, Any], row: Mapping[str, str], cells: Mapping[str, Any]) -> None:
        for target, cell in cells.items():
            value: Any = cell.values(row) if target in _LISTS else cell.value(row)
            if value is None:
                continue
            if target == "severity":
                event["severity_text"] = value
                value = int(value) if value.isdecimal() and 1 <= int(value) <= 24 else severity_number(value)
            event[target] = " ".join(value.split()) if target == "message" else value

    def _grade(self, event: dict[str, Any], row: Mapping[str, str], mapping: TableMapping) -> None:
        grade = row.get(mapping.grade, "").strip()
        letter = grade[:1] if grade else row.get(mapping.reliability, "").strip()
        digit = grade[1:2] if grade else row.get(mapping.credibility, "").strip()
        if letter and letter in "ABCDEF":
            event["reliability"] = letter
        if digit and digit in "123456":
            event["credibility"] = digit

    def _message(self, row: Mapping[str, str]) -> str | None:
        time_column = self.mapping.time.column if self.mapping else ""
        if self.export is not None:
            time_column = self.header[self.export.times[0]]
        return (
            " · ".join(" ".join(v.split()) for k, v in row.items() if v.strip() and k != time_column) or None
        )

    # -- times --------------------------------------------------------------------------------------------

    def dated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The events of a batch with their times; those of a mapped row have theirs already."""
        pending, self.pending = self.pending, []
        if self.dating is None or not pending:
            return rows
        self.dating.date(
            [one.event for one in pending], [one.text for one in pending], [one.zone for one in pending]
        )
        for one in pending if self.written else ():
            one.event["time_text"] = self.written.pop(one.event["event_id"], one.event.get("time_text"))
        for event, found in self._further([(one, one.known) for one in pending if one.known.strip()]):
            event["known_time"], event["known_basis"] = found["time_latest"], "stated"
        for event, found in self._further([(one, one.end) for one in pending if one.end.strip()]):
            if event.get("time") is not None and found["time"] >= event["time"]:
                event["time_end"] = found["time"]
        return rows

    def _further(self, chosen: list[tuple[_Pending, str]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Events and the times of further stamps of theirs, where they are stamps."""
        assert self.dating is not None
        found: list[dict[str, Any]] = [{"locator": one.event["locator"]} for one, _ in chosen]
        self.dating.date(found, [text for _, text in chosen], [one.zone for one, _ in chosen])
        for (one, _), times in zip(chosen, found, strict=True):
            if times.get("time") is not None:
                yield one.event, times
