"""Tables: CSV and TSV, each row an event, by a mapping that the investigator wrote or one that is guessed and said so.

The decision hidden here: what a row's cells mean as a time. An interval given in the table wins over the width of a
precision word; naive times are local to the mapping's zone; a reduced date in the `known` column means the end of that
period, so that rounding never grants hindsight. Without a mapping, names and content tell (`exports`): rows with a
machine's stamps are a log, rows with dates are facts.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import COLUMNS, SourceKind, Type
from rca.evidence.locators import key_locator
from rca.evidence.opening import is_binary, mark_length
from rca.moments.instants import SECOND, is_in_range
from rca.moments.moment import Basis, Precision
from rca.moments.stamps import Stamp, compile_layout
from rca.moments.units import unit_span
from rca.moments.years import wall
from rca.moments.zones import place
from rca.reading.dating import Dating, is_figures, zone_of
from rca.reading.exports import Export, recognise
from rca.reading.lines.formats import severity_number
from rca.reading.mapping import TableMapping, find_mapping
from rca.reading.records import Record, cells, read_records, records, sniff_delimiter
from rca.reading.source import HEAD, Sample, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TableReader"]

_LISTS = {c.name for c in COLUMNS if c.type is Type.TEXTS}
_FINE = {Precision.NS, Precision.US, Precision.MS, Precision.SECOND, Precision.MINUTE}
_REDUCED = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_PREAMBLE = re.compile(r'"?sep=.{1,2}"?|#TYPE\b.*', re.IGNORECASE)
_WINDOWS_LEVELS = {"0": 9, "1": 21, "2": 17, "3": 13, "4": 9, "5": 5}
_SYSLOG = {"0": 21, "1": 19, "2": 18, "3": 17, "4": 13, "5": 10, "6": 9, "7": 5}
_MANY = 100  # issues of one kind in one table; more would say nothing new
_BATCH = 20_000


@dataclass(slots=True)
class _Times:
    """The time columns of one row, and what was found wrong with them."""

    earliest: int | None = None
    latest: int | None = None
    time: int | None = None
    end: int | None = None
    precision: Precision | None = None
    basis: Basis = Basis.UNDATED
    text: str = ""
    assumptions: list[str] = field(default_factory=list)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Head:
    """The beginning of a table: its delimiter, where the header stands, its cells and those of the first rows."""

    delimiter: str
    start: int
    header: list[str]
    rows: list[list[str]]

    @property
    def width(self) -> int:
        """How many cells most rows have: the header's number, or one more where the last column has no name."""
        count = Counter(len(row) for row in self.rows)
        wide = len(self.header) + 1
        return wide if count[wide] * 2 > len(self.rows) else len(self.header)


class TableReader:
    """Reads delimited tables. With a mapping it is sure; without one it guesses only a column that is clearly time."""

    name = "table"
    version = "2"
    title = "tables: CSV and TSV, by a column mapping or by the names that exports of logs use"
    suffixes = (".csv", ".tsv")

    def score(self, sample: Sample) -> float:
        """1 where a mapping applies; 0.95 for a table with a clear time column, 0.5 for one without."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        head = _look(sample.head, sample.encoding)
        if head is None:
            return 0.0
        if find_mapping(head.header, sample.declared.definitions) is not None:
            return 1.0
        if not _is_header(head.header):
            return 0.0
        return 0.95 if recognise(_padded(head), head.rows) is not None else 0.5

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the table, one a row, in file order."""
        table = _Table(source)
        rows: list[dict[str, Any]] = []
        with source.open() as stream:
            stream.read(table.mark)
            for record in table.rows(
                read_records(
                    stream,
                    start=table.mark,
                    delimiter=table.delimiter,
                    encoding=table.encoding,
                    width=table.width,
                )
            ):
                rows.append(table.event(record))
                if len(rows) >= _BATCH:
                    yield batch(table.dated(rows))
                    rows = []
        if rows:
            yield batch(table.dated(rows))


def _look(head: bytes, encoding: str) -> _Head | None:
    """The beginning of a table in the first bytes of a stream; None where no delimiter cuts it into cells."""
    mark = mark_length(head)
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    body = head[mark:] if len(head) < HEAD else head[mark : HEAD - 4]
    lines = body.decode(name, errors="backslashreplace").splitlines(keepends=True)
    skipped = 0
    while skipped < min(len(lines), 20) and (not lines[skipped].strip() or _PREAMBLE.match(lines[skipped])):
        skipped += 1
    delimiter = sniff_delimiter("".join(lines[skipped:]))
    if delimiter is None:
        return None
    start, header, rows = -1, list[str](), list[list[str]]()
    for record in records(head, start=mark, delimiter=delimiter, encoding=name):
        text = record.raw.decode(name, errors="backslashreplace").rstrip("\r\n")
        if not text.strip() or (not header and _PREAMBLE.match(text)):
            continue
        is_cut = len(head) >= HEAD and record.start + len(record.raw) >= len(head)
        if not header:
            if record.is_torn:
                return None
            start, header = record.start, [cell.strip() for cell in cells(text, delimiter)]
        elif not is_cut and not record.is_torn:
            rows.append(cells(text, delimiter))
        if len(rows) >= 500:
            break
    return _Head(delimiter, start, header, rows) if header else None


def _padded(head: _Head) -> list[str]:
    """The header, with a name for the message of which Windows' Event Viewer names no column."""
    return [*head.header, "message"] if head.width > len(head.header) else head.header


class _Table:
    """One table on its way: header, mapping or guess, and the keys seen so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        name = source.encoding
        self.encoding = "utf-8" if name == "utf-8-sig" else name
        self.mark = mark_length(source.head)
        if self.mark:
            source.structure_bytes(0, self.mark)
        self.head = _look(source.head, source.encoding)
        self.delimiter = self.head.delimiter if self.head else ","
        self.width = self.head.width if self.head else None
        self.header: list[str] = []
        self.mapping: TableMapping | None = None
        self.export: Export | None = None
        self.dating: Dating | None = None
        self.stamps: list[tuple[str, str]] = []
        self.is_windows = False
        self.keys: dict[str, int] = {}
        self.line_of: dict[str, int] = {}
        self.issues: Counter[str] = Counter()

    def rows(self, found: Iterator[Record]) -> Iterator[Record]:
        """The records after the header; blank ones and the header are booked, a torn one is unparsed."""
        empty = f'{self.delimiter}"'
        for record in found:
            text = self._decode(record.raw)
            if not text.strip() or (self.header and not text.strip().strip(empty).strip()):
                self.source.blank_bytes(record.start, len(record.raw))
            elif record.is_torn:
                self.source.unparsed_bytes(
                    record.start,
                    record.raw,
                    place=f"L{record.line}",
                    reason="a quote is opened here and never closed",
                )
            elif self.header:
                yield record
            elif _PREAMBLE.match(text) and (self.head is None or record.start < self.head.start):
                self.source.structure_bytes(record.start, len(record.raw))
            else:
                self._take_header(record)

    def _take_header(self, record: Record) -> None:
        names = [c.strip() for c in cells(self._decode(record.raw).rstrip("\r\n"), self.delimiter)]
        if self.head is not None and self.head.width > len(names) == len(self.head.header):
            names.append("message")
            self._assume(
                "the cell after the last named column is the message", "most rows have one cell more", ()
            )
        seen: Counter[str] = Counter()
        for name in names:
            seen[name] += 1
            unique = seen[name] == 1 and name
            self.header.append(name if unique else f"{name or 'column'}_{len(self.header) + 1}")
        self.source.structure_bytes(record.start, len(record.raw))
        self.mapping = find_mapping(self.header, self.source.declared.definitions)
        if self.mapping is None:
            self._guess()

    def _guess(self) -> None:
        rows = self.head.rows if self.head else []
        export = recognise(self.header, rows)
        if export is None:
            self._issue(
                "RCA155",
                Severity.WARNING,
                "The table has no mapping and no column that is clearly a time; its rows stay undated",
                place="L1",
                hint="Write a mapping: formats/NAME.toml with [table], [time] column = … and [columns].",
            )
            return
        self.export = export
        self.is_windows = any(
            re.sub(r"[\W_]", "", name).casefold() in ("eventid", "händelseid") for name in self.header
        )
        best = export.times[0]
        samples = [export.time_text(row)[0] for row in rows]
        self.dating = Dating(self.source, samples=samples, code="RCA158")
        if not self.dating.order.is_told and any(is_figures(text) for text in samples):
            self.dating.tell_order(self._stamps(export))
        others = [self.header[i] for i in export.times[1:]]
        others += [name for name in self.header if name not in (self.header[best], *others)]
        self._assume(
            f'the column "{self.header[best]}" says when',
            "its name, and its cells are stamps" if len(export.times) > 1 else "its cells are stamps",
            tuple(f'the column "{name}"' for name in others)[:6],
        )

    def _stamps(self, export: Export) -> Iterator[str]:
        """The stamps of the whole table: the order of day and month may be told by its last row."""
        with self.source.open() as stream:
            stream.read(self.mark)
            for record in read_records(
                stream, start=self.mark, delimiter=self.delimiter, encoding=self.encoding, width=self.width
            ):
                yield export.time_text(cells(self._decode(record.raw).rstrip("\r\n"), self.delimiter))[0]

    def _assume(self, what: str, why: str, other: tuple[str, ...]) -> None:
        self.source.assume("mapping", what, rests_on=why, alternatives=other)

    def _issue(self, code: str, severity: Severity, message: str, *, place: str, hint: str) -> None:
        self.issues[code] += 1
        if self.issues[code] <= _MANY:
            self.source.issue(code, severity, message, place=place, hint=hint)

    def _decode(self, raw: bytes) -> str:
        return raw.decode(self.encoding, errors="backslashreplace")

    def dated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a batch with their times, where the columns were guessed; mapped rows have theirs already."""
        if self.dating is not None:
            texts, zones = [text for text, _ in self.stamps], [zone for _, zone in self.stamps]
            self.dating.date(rows, texts, zones)
            self.stamps = []
        return rows

    # -- rows ---------------------------------------------------------------------------------------------

    def event(self, record: Record) -> dict[str, Any]:
        """The event of one record; where the columns were guessed, `dated` gives it its time."""
        source = self.source
        values = cells(self._decode(record.raw).rstrip("\r\n"), self.delimiter)
        row = dict(zip(self.header, values, strict=False))
        place = f"L{record.line}" if record.line == record.last_line else f"L{record.line}-{record.last_line}"
        extra = values[len(self.header) :]
        if len(values) != len(self.header):
            self._issue(
                "RCA156",
                Severity.WARNING,
                f"The row has {len(values)} cells, the header {len(self.header)}",
                place=place,
                hint="Read all the same; what is over stands in attributes under extra.",
            )
        mapping = self.mapping
        place = self._place(row, record, place)
        source.event_bytes(record.start, len(record.raw))
        is_log = self.export is not None and self.export.is_log
        event: dict[str, Any] = {
            "event_id": self._id(place, record.start),
            "source_kind": mapping.source_kind
            if mapping
            else (SourceKind.LOG if is_log else SourceKind.TABLE).value,
            "kind": mapping.kind if mapping else "log.line" if is_log else "fact",
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(place),
            "byte_start": record.start,
            "byte_length": len(record.raw),
            "line": record.line,
            "reader": TableReader.name,
            "reader_version": TableReader.version,
        }
        rest = dict(row)
        if mapping is not None:
            self._fill(event, row, mapping)
            rest = {k: v for k, v in row.items() if k not in mapping.consumed}
            times = self._times(row, mapping)
            self._set_times(event, times, mapping, place)
            text = row.get(mapping.time.text or mapping.time.column, "").strip()
            if text:
                event["time_text"] = text
            known = self._known(row.get(mapping.time.known, ""), place) if mapping.time.known else None
            if known is not None:
                event["known_time"], event["known_basis"] = known, mapping.time.known_basis
        elif self.export is not None:
            column = self._fill_guessed(event, values, self.export)
            used = {column, self.export.clock, *self.export.consumed}
            rest = {name: value for i, (name, value) in enumerate(row.items()) if i not in used}
        else:
            event["time_basis"] = Basis.UNDATED.value
        if extra:
            rest["extra"] = "; ".join(extra)
        event.setdefault("message", self._message(rest if is_log else row))
        event["attributes"] = attributes({k: v for k, v in rest.items() if k and v.strip()})
        event.setdefault("reliability", source.declared.reliability or None)
        return event

    def _fill_guessed(self, event: dict[str, Any], values: Sequence[str], export: Export) -> int:
        """Fill in the columns that names told; the column of the row's stamp is handed back."""
        text, column = export.time_text(values)
        zone = values[export.zone] if export.zone is not None and export.zone < len(values) else ""
        self.stamps.append((text, "UTC" if column in export.utc else zone_of(zone)))
        event["time_kind"] = export.time_kind(column)
        for target, index in export.columns.items():
            value = values[index].strip() if index < len(values) else ""
            if not value or value == "-":
                continue
            if target == "severity":
                event["severity_text"] = value
                numbers = (
                    _WINDOWS_LEVELS
                    if self.is_windows
                    else _SYSLOG
                    if self.header[index] == "PRIORITY"
                    else {}
                )
                event["severity"] = numbers.get(value) or severity_number(value)
            else:
                event[target] = " ".join(value.split()) if target == "message" else value
        return column

    def _id(self, place: str, start: int) -> str:
        if place.startswith("#"):
            return self.source.stream_key[:12] + hashlib.sha256(place.encode()).hexdigest()[:12]
        return event_id(self.source.stream_key, start)

    def _place(self, row: Mapping[str, str], record: Record, line: str) -> str:
        key = row.get(self.mapping.key, "").strip() if self.mapping and self.mapping.key else ""
        if not key:
            return line
        count = self.keys[key] = self.keys.get(key, 0) + 1
        if count == 1:
            self.line_of[key] = record.line
            return key_locator(key)
        self._issue(
            "RCA157",
            Severity.ERROR,
            f'The key "{key}" stands on line {self.line_of[key]} already; this row is {key}~{count}',
            place=line,
            hint="Give each row a key of its own.",
        )
        return key_locator(f"{key}~{count}")

    def _fill(self, event: dict[str, Any], row: Mapping[str, str], mapping: TableMapping) -> None:
        for target, cell in mapping.cells.items():
            value: Any = cell.values(row) if target in _LISTS else cell.value(row)
            if value is None:
                continue
            if target == "severity":
                event["severity_text"] = value
                value = int(value) if value.isdecimal() and 1 <= int(value) <= 24 else severity_number(value)
            event[target] = " ".join(value.split()) if target == "message" else value
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

    def _zone(self, mapping: TableMapping) -> tuple[str, Basis]:
        if mapping.zone:
            return mapping.zone, Basis.ZONE_GIVEN
        return self.source.zone, self.source.zone_basis

    def _times(self, row: Mapping[str, str], mapping: TableMapping) -> _Times:
        columns, found = mapping.time, _Times()
        zone, basis = self._zone(mapping)
        word = row.get(columns.precision, "").strip().casefold() if columns.precision else ""
        if word:
            try:
                found.precision = Precision(word)
            except ValueError:
                found.trouble = f'"{word}" is no precision'
                return found
        main = self._stamp(row.get(columns.column, ""), columns.layouts)
        low = self._stamp(row.get(columns.earliest, ""), columns.layouts)
        high = self._stamp(row.get(columns.latest, ""), columns.layouts)
        for name, stamp in ((columns.column, main), (columns.earliest, low), (columns.latest, high)):
            if name and row.get(name, "").strip() and stamp is None:
                found.trouble = f'"{row[name].strip()}" in {name} is no date'
                return found
        if low is not None and high is not None:
            found.earliest, found.latest = self._point(low, zone), self._point(high, zone)
            found.basis = self._basis(low, basis)
            if found.precision is None:
                found.precision = main.precision if main else low.precision
        elif main is not None or low is not None:
            stamp = main or low
            assert stamp is not None
            found.precision = found.precision or stamp.precision
            found.earliest, found.latest, found.basis = self._unit(stamp, found.precision, zone, basis)
        else:
            return found
        if found.earliest is None or found.latest is None or found.latest <= found.earliest:
            found.trouble = "the interval ends before it begins"
            return found
        found.time = found.earliest
        if main is not None and main.precision in _FINE and found.precision in (*_FINE, Precision.HOUR):
            point = self._point(main, zone)
            if point is not None and found.earliest <= point < found.latest:
                found.time = point
        if columns.end and row.get(columns.end, "").strip():
            end = self._stamp(row[columns.end], columns.layouts)
            found.end = self._point(end, zone) if end else None
        if found.basis is Basis.ZONE_ASSUMED:
            found.assumptions.append(
                self.source.assume(
                    "zone",
                    f"dates without an offset are read as {zone}",
                    rests_on="nobody stated the zone of this table",
                    alternatives=('another zone, given with zone = "…" in the mapping',),
                )
            )
        return found

    def _stamp(self, text: str, layouts: Sequence[str]) -> Stamp | None:
        text = text.strip()
        if not text:
            return None
        for name in layouts:
            stamp = compile_layout(name).parse(text)
            if stamp is not None and (stamp.year is not None or stamp.instant is not None):
                return stamp
        return None

    def _point(self, stamp: Stamp, zone: str) -> int | None:
        """The instant at which the stamp begins."""
        if stamp.instant is not None:
            return stamp.instant
        local = _wall(stamp)
        if stamp.offset is not None:
            return local - stamp.offset * SECOND
        spot = place(local, zone)
        return spot.transition if spot.is_gap else spot.instants[0]

    def _unit(
        self, stamp: Stamp, precision: Precision, zone: str, basis: Basis
    ) -> tuple[int | None, int | None, Basis]:
        if stamp.instant is not None or stamp.offset is not None:
            start = self._point(stamp, zone)
            low, high = unit_span(_wall(stamp) if stamp.instant is None else stamp.instant, precision, "UTC")
            if stamp.instant is None and stamp.offset is not None:
                low, high = low - stamp.offset * SECOND, high - stamp.offset * SECOND
            assert start is not None
            return low, high, Basis.OFFSET_STATED
        local = _wall(stamp)
        spot = place(local, zone)
        if precision in _FINE and (spot.is_fold or spot.is_gap):
            width = unit_span(local, precision, "UTC")
            inferred = Basis.FOLD_INFERRED if spot.is_fold else Basis.GAP_INFERRED
            return spot.instants[0], spot.instants[1] + width[1] - width[0], Basis.weakest(basis, inferred)
        low, high = unit_span(local, precision, zone)
        return low, high, basis

    def _basis(self, stamp: Stamp, basis: Basis) -> Basis:
        return Basis.OFFSET_STATED if stamp.offset is not None or stamp.instant is not None else basis

    def _set_times(self, event: dict[str, Any], times: _Times, mapping: TableMapping, place_: str) -> None:
        given = [
            event_range
            for event_range in (times.earliest, times.latest, times.time)
            if event_range is not None
        ]
        if not times.trouble and given and not all(is_in_range(instant) for instant in given):
            times.trouble = "the date lies outside the years 1678 to 2261"
        event["time_kind"] = event.get("time_kind") or mapping.time_kind
        if times.trouble or times.time is None:
            event["time_basis"] = Basis.UNDATED.value
            event.pop("time_kind", None)
            if times.trouble:
                self._issue(
                    "RCA158",
                    Severity.WARNING,
                    f"The row stays undated: {times.trouble}",
                    place=place_,
                    hint="Correct the cell, or the layouts in the mapping.",
                )
        else:
            event["time"], event["time_earliest"], event["time_latest"] = (
                times.time,
                times.earliest,
                times.latest,
            )
            event["time_end"] = times.end
            event["time_precision"] = times.precision.value if times.precision else None
            event["time_basis"] = times.basis.value
            event["assumptions"] = times.assumptions or None

    def _known(self, text: str, place_: str) -> int | None:
        text = text.strip()
        if not text:
            return None
        mapping = self.mapping
        assert mapping is not None
        zone, _ = self._zone(mapping)
        found = _REDUCED.fullmatch(text)
        if found:
            precision = Precision.DAY if found[3] else Precision.MONTH if found[2] else Precision.YEAR
            stamp = compile_layout("%Y-%m-%d").parse(f"{found[1]}-{found[2] or '01'}-{found[3] or '01'}")
            if stamp is not None:
                return unit_span(_wall(stamp), precision, zone)[1]
        stamp = self._stamp(text, mapping.time.layouts)
        if stamp is not None:
            return self._unit(stamp, stamp.precision, zone, Basis.ZONE_GIVEN)[1]
        self._issue(
            "RCA159",
            Severity.WARNING,
            f'"{text}" is no date from which the source knew',
            place=place_,
            hint="Write YYYY, YYYY-MM or YYYY-MM-DD.",
        )
        return None


def _wall(stamp: Stamp) -> int:
    """The wall clock of a stamp that states its year."""
    assert stamp.year is not None
    local = wall(stamp, stamp.year)
    assert local is not None
    return local


def _is_header(names: Sequence[str]) -> bool:
    """Whether a first row reads like names: all different, none a number or a stamp, two at least not empty."""
    plain = [n.strip() for n in names if n.strip()]
    if len(set(plain)) != len(plain) or len(plain) < 2 or len(plain) * 2 < len(names):
        return False
    return not any(re.fullmatch(r"[\d.,:\-/ +TZ]+", n) or compile_layout("iso").parse(n) for n in plain)
