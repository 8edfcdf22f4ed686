"""`JiraCsvReader`: issues of a Jira CSV export, one event per creation, resolution, comment, work log, attachment and link.

The decision hidden here: what a snapshot proves. A row shows an issue as it was when it was exported, so that its values
are told "as of export"; it has no history, and that is said. Stamps are those of the exporting user's zone and language.
A link column names type and direction only: no phrase, hence no relation.

References:
    Atlassian, "Working with search results" (CSV, all fields or current fields); RFC 4180.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import Basis, TimeKind
from rca.reading.records import Record, cells, read_records, records, sniff_delimiter
from rca.reading.source import HEAD, Sample, Source
from rca.reading.telling import Place, Teller
from rca.reading.tickets.jira_columns import (
    KEY,
    Columns,
    find_columns,
    split_attachment,
    split_comment,
    split_worklog,
)
from rca.reading.tickets.jira_stamps import has_short_year, read_jira_stamp
from rca.reading.tickets.jira_telling import HISTORY, LINKERS, lasting, record_of, tell_link
from rca.reading.tickets.links import Relation
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JiraCsvReader", "keys_in"]

_PREAMBLE = re.compile(r'"?sep=.{1,2}"?')
_LIMIT = 1000
_MANY = 100
_SHOWN = ("type", "status", "category", "category_changed", "priority", "resolution", "assignee", "assignee_id", "reporter",
          "reporter_id", "creator_id", "project", "project_key", "id", "due", "updated", "labels", "components", "sprint",
          "environment", "security", "watchers")  # fmt: skip
_LISTS = {"labels", "components", "sprint", "watchers"}


@dataclass(frozen=True, slots=True)
class _Head:
    """The beginning of an export: delimiter, where the header stands and ends, its columns and first rows."""

    delimiter: str
    start: int
    header: list[str]
    rows: list[list[str]]
    columns: Columns


def _look(head: bytes, encoding: str, *, is_whole: bool) -> _Head | None:
    """The header and what its columns are; None where the stream is no export of Jira."""
    mark = mark_length(head)
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    text = head[mark:].decode(codec, errors="replace")
    first, end, _ = text.partition("\n")
    start = mark
    delimiter = None
    if _PREAMBLE.fullmatch(first.strip()):
        start += len((first + end).encode(codec))
        delimiter = first.strip().strip('"')[4:] or None
        text = text[len(first + end) :]
    delimiter = delimiter or sniff_delimiter(text)
    if delimiter is None:
        return None
    found = list(records(head, start=start, delimiter=delimiter, encoding=codec))
    if not is_whole and len(found) > 1:
        found.pop()
    table = [cells(one.raw.decode(codec, errors="replace").rstrip("\r\n"), delimiter) for one in found]
    table = [row for row in table if any(cell.strip() for cell in row)]
    if not table:
        return None
    columns = find_columns(table[0], table[1:200])
    return _Head(delimiter, start, table[0], table[1:200], columns) if columns is not None else None


class JiraCsvReader:
    """Reads issues that Jira exported as CSV, in any language of its interface."""

    name = "jira-csv"
    version = "1"
    title = "Jira: issues exported as CSV, all or current fields, Server, Data Center and Cloud"
    suffixes = (".csv", ".txt")

    def score(self, sample: Sample) -> float:
        """0.98 for a table with a column of issue keys and two more columns of Jira's, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        is_whole = len(sample.head) < HEAD
        return 0.98 if _look(sample.head, sample.encoding, is_whole=is_whole) is not None else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the export, in file order."""
        return _Export(source, self).read()


class _Export:
    def __init__(self, source: Source, reader: JiraCsvReader) -> None:
        self.source = source
        self.encoding = plain_encoding(source)
        self.head = _look(source.head, self.encoding, is_whole=source.size <= len(source.head))
        self.columns = self.head.columns if self.head else Columns()
        self.teller = Teller(
            source,
            reader,
            source_kind=SourceKind.TICKET,
            code="RCA191",
            read=read_jira_stamp,
            order_samples=self._samples(),
        )
        self.names: dict[str, str] = {}
        self.seen: dict[str, int] = {}
        self.faults = 0
        self.issues = 0

    def _samples(self) -> list[str]:
        """Stamps of the first rows, which tell the order of day and month."""
        found: list[str] = []
        for row in self.head.rows if self.head else ():
            for role in ("created", "updated", "resolved", "viewed", "due"):
                found += self.columns.all(role, row)
            for cell in self.columns.all("comment", row):
                parts = split_comment(cell)
                found += [parts[0]] if parts else []
        return found

    def read(self) -> Iterator[pa.RecordBatch]:
        source, head = self.source, self.head
        if head is None:
            raw = source.head[:2000]
            source.unparsed_bytes(
                0, raw, place="L1", reason="no table with a column of issue keys", length=source.size
            )
            return
        source.structure_bytes(0, head.start)
        with source.open() as stream:
            stream.read(head.start)
            is_header = True
            for record in read_records(
                stream,
                start=head.start,
                delimiter=head.delimiter,
                encoding=self.encoding,
                width=len(head.header),
            ):
                row = cells(
                    record.raw.decode(self.encoding, errors="backslashreplace").rstrip("\r\n"), head.delimiter
                )
                if not any(cell.strip() for cell in row):
                    self._book_blank(record)
                elif is_header:
                    source.structure_bytes(record.start, len(record.raw))
                    is_header = False
                else:
                    self._tell(record, row)
                    yield from self.teller.batches()
        self._close()
        yield from self.teller.rest()

    def _book_blank(self, record: Record) -> None:
        if record.raw.strip():
            self.source.structure_bytes(record.start, len(record.raw))  # delimiters only
        else:
            self.source.blank_bytes(record.start, len(record.raw))

    # -- a row --------------------------------------------------------------------------------------------

    def _tell(self, record: Record, row: Sequence[str]) -> None:
        source, columns = self.source, self.columns
        lines = f"L{record.line}" if record.line == record.last_line else f"L{record.line}-{record.last_line}"
        place = Place(lines, record.start, len(record.raw), record.line)
        key = columns.first("key", row)
        if not key or (record.is_torn and not KEY.fullmatch(key)):
            source.unparsed_bytes(
                record.start, record.raw, place=lines, reason="a row without the key of an issue"
            )
            self._fault("The row has no key of an issue", lines, "Is a quote open, or the file cut?")
            return
        source.event_bytes(record.start, len(record.raw))
        head = self.head
        assert head is not None
        if record.is_torn:
            self._fault(
                "A quote of the row is never closed", lines, "Read as far as its line goes; is the file cut?"
            )
        elif len(row) > len(head.header):
            self._fault(
                f"The row has {len(row)} cells, the header {len(head.header)}", lines, "Cells may be shifted."
            )
        if key in self.seen:
            self._fault(f"{key} stands on line {self.seen[key]} already", lines, "Both rows are told.")
        self.seen[key] = record.line
        self.issues += 1
        self._learn_names(row)
        created = self._tell_issue(key, row, place)
        resolved = columns.first("resolved", row)
        if resolved:
            resolution = columns.first("resolution", row)
            self.teller.tell(
                "ticket.resolved",
                f"{key} resolved{f': {resolution}' if resolution else ''}",
                place,
                stamp=resolved,
                record=record_of(key),
                subject=key,
                parent=created,
                assumptions=self._rests(resolved),
                fields={"resolution": resolution},
            )
        self._tell_comments(key, row, place, created)
        self._tell_work(key, row, place, created)
        self._tell_files(key, row, place, created)
        self._tell_links(key, row, place, created)

    def _tell_issue(self, key: str, row: Sequence[str], place: Place) -> str:
        columns = self.columns
        stamp, summary = columns.first("created", row), columns.first("summary", row)
        fields: dict[str, object] = {"key": key, "values_as_of": "export"}
        for role in _SHOWN:
            found = columns.all(role, row)
            if found:
                fields[role] = list(dict.fromkeys(found)) if role in _LISTS and len(found) > 1 else found[0]
        for index, name in columns.others.items():
            if index < len(row) and row[index].strip():
                fields.setdefault(name, row[index].strip())
        assumptions = self._rests(stamp)
        if columns.is_created_guessed and stamp:
            assumptions.append(self._assume_created())
        return self.teller.tell(
            "ticket.created" if stamp else "ticket.state",
            f"{key} created: {summary}" if stamp else f"{key}: {summary}",
            place,
            stamp=stamp,
            record=record_of(key),
            text=columns.first("description", row),
            fields=fields,
            assumptions=assumptions,
            actor=(columns.first("creator", row) or columns.first("reporter", row)) if stamp else "",
            subject=key,
            component="; ".join(columns.all("components", row)),
        )

    def _tell_comments(self, key: str, row: Sequence[str], place: Place, created: str) -> None:
        for cell in self.columns.all("comment", row):
            stamp, author, body = split_comment(cell) or ("", "", cell)
            if not body.strip() and not stamp:
                continue
            self.teller.tell(
                "ticket.comment",
                f"{key} comment: {body.strip() or '(empty)'}",
                place,
                stamp=stamp,
                time_kind=TimeKind.SAID,
                record=record_of(key),
                text=body,
                refs=keys_in(body, key),
                fields=self._named(author),
                assumptions=self._rests(stamp),
                actor=author,
                subject=key,
                parent=created,
            )

    def _tell_work(self, key: str, row: Sequence[str], place: Place, created: str) -> None:
        for cell in self.columns.all("worklog", row):
            comment, stamp, author, seconds = split_worklog(cell) or (cell, "", "", "")
            spent = lasting(seconds)
            self.teller.tell(
                "ticket.worklog",
                f"{key} work logged{f' ({spent})' if spent else ''}{f': {comment}' if comment else ''}",
                place,
                stamp=stamp,
                time_kind=TimeKind.STARTED,
                record=record_of(key),
                text=comment,
                refs=keys_in(comment, key),
                fields={**self._named(author), "seconds": seconds},
                assumptions=self._rests(stamp),
                actor=author,
                subject=key,
                parent=created,
            )

    def _tell_files(self, key: str, row: Sequence[str], place: Place, created: str) -> None:
        for cell in self.columns.all("attachment", row):
            stamp, author, name, address = split_attachment(cell) or ("", "", cell, "")
            self.teller.tell(
                "ticket.attachment",
                f"{key} attachment: {name}",
                place,
                stamp=stamp,
                record=record_of(key),
                fields={**self._named(author), "name": name, "address": address},
                assumptions=self._rests(stamp),
                actor=author,
                subject=key,
                parent=created,
            )

    def _tell_links(self, key: str, row: Sequence[str], place: Place, created: str) -> None:
        columns, teller = self.columns, self.teller
        for index, (type_name, way) in columns.links.items():
            for target in _split_keys(row[index] if index < len(row) else ""):
                tell_link(teller, key, target, place, type_name=type_name, direction=way, parent=created)
        for target in [one for cell in columns.all("linked", row) for one in _split_keys(cell)]:
            tell_link(teller, key, target, place, parent=created)
        above = columns.first("parent_key", row) or columns.first("parent", row)
        if KEY.fullmatch(above) or above.isdecimal():
            tell_link(
                teller,
                key,
                above,
                place,
                relation=Relation.CHILD_OF,
                written_as="parent",
                parent=created,
            )
        for target in [one for cell in columns.all("subtasks", row) for one in _split_keys(cell)]:
            tell_link(
                teller,
                key,
                target,
                place,
                relation=Relation.PARENT_OF,
                written_as="sub-task",
                parent=created,
            )

    # -- what rows rest on --------------------------------------------------------------------------------

    def _learn_names(self, row: Sequence[str]) -> None:
        """Which account id is whose, as columns side by side tell."""
        for role in ("assignee", "reporter", "creator"):
            name, account = self.columns.first(role, row), self.columns.first(f"{role}_id", row)
            if name and account:
                self.names.setdefault(account, name)

    def _named(self, author: str) -> dict[str, str]:
        name = self.names.get(author, "")
        return {"actor_name": name} if name and name != author else {}

    def _rests(self, stamp: str) -> list[str]:
        """The assumptions that lie in a stamp of Jira's: its zone where none is stated, its century."""
        if not stamp:
            return []
        parsed = self.teller.dating.parse(stamp)
        if parsed is None or parsed.offset is not None or parsed.instant is not None:
            return []
        found: list[str] = []
        source = self.source
        if source.zone_basis is Basis.ZONE_ASSUMED:
            words = f"stamps without an offset are read as {source.zone}"
            zone = source.assume(
                "zone",
                words,
                rests_on="Jira's CSV has the time zone of the user who exported, without naming it; nobody stated it",
                alternatives=("the zone in that user's profile, given with zone=… or in the register",),
            )
            self.teller.dating.known[words] = zone  # the reason above, instead of the common one
            found.append(zone)
        if has_short_year(stamp):
            found.append(
                source.assume(
                    "year",
                    "two-digit years are those of 1969 to 2068",
                    rests_on="POSIX strptime, %y",
                    alternatives=("another century",),
                )
            )
        return found

    def _assume_created(self) -> str:
        head = self.head
        assert head is not None
        name = head.header[self.columns.by_role["created"][0]]
        return self.source.assume(
            "column",
            f'the column "{name}" is when issues were created',
            rests_on="it is the first column of dates that every row fills, as in an export of all fields",
            alternatives=("when issues were updated",),
        )

    def _fault(self, message: str, place: str, hint: str) -> None:
        self.faults += 1
        if self.faults <= _MANY:
            self.source.issue("RCA191", Severity.WARNING, message, place=place, hint=hint)

    def _close(self) -> None:
        """What this export does not contain."""
        teller, by_role = self.teller, self.columns.by_role
        teller.note_absence(HISTORY, hint="Export the changelog (REST, expand=changelog) to see it.")
        if "created" not in by_role:
            teller.note_absence(
                "when the issues were created", hint="Export all fields: this export has no such column."
            )
        if "comment" not in by_role:
            teller.note_absence(
                "comments",
                hint="An export of current fields has none; all fields writes a column per comment.",
            )
        else:
            teller.note_absence("which comments were internal", hint="Jira's CSV does not mark them.")
        if self.columns.links or by_role.get("linked"):
            teller.note_absence(
                f"{LINKERS}; the phrase of links", hint="A column names the type and the direction only."
            )
        if self.issues and self.issues % _LIMIT == 0:
            teller.note_absence(
                f"possibly further issues: it holds exactly {self.issues}",
                hint="Jira exports 1,000 issues at a time where nobody raised the limit.",
            )


def _split_keys(cell: str) -> list[str]:
    return [one for one in re.split(r"[,;\s]+", cell.strip()) if KEY.fullmatch(one)]


def keys_in(text: str, own: str) -> list[str]:
    """The keys of other issues of the same project in a text, and those written as links."""
    project = own.rpartition("-")[0]
    found = re.findall(rf"(?<![\w-])({re.escape(project)}-\d{{1,9}})(?![\w-])", text)
    found += re.findall(r"/browse/([A-Z][A-Z0-9_]{1,30}-\d{1,9})\b", text)
    return [one for one in dict.fromkeys(found) if one != own][:100]
