"""Workbooks: the tables in the sheets of xlsx and ods files, each row read as a row of a table is.

The decision hidden here: where the table of a sheet begins, and what a workbook says that a text table does not. Exports put
titles and filters above the header; sheets may be hidden, which is said; a sheet without a table is context. Programs write
what they display, in the zone of whoever exported it: cells without an offset take the zone of the source.

References:
    ServiceNow, "Export date and time information": Excel files hold display values, in the zone of the user.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import batch
from rca.reading.documents.kinds import package_kind
from rca.reading.documents.packages import Package
from rca.reading.exports import recognise
from rca.reading.mapping import find_mapping
from rca.reading.source import Sample, Source
from rca.reading.spreadsheets import Book, Row, Sheet, read_book
from rca.reading.table_learning import draft_tickets
from rca.reading.table_rows import Spot, TableRows, distinct_names, is_header
from rca.reading.telling import COVERAGE

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CODE", "WorkbookReader", "first_table"]

CODE = "RCA197"
"""The code of what is wrong with a workbook."""
_BATCH = 20_000
_ABOVE = 25


class WorkbookReader:
    """Reads the tables of a workbook, by a column mapping or by the names of their columns."""

    name = "xlsx"
    version = "1"
    title = (
        "workbooks: the tables in xlsx and ods files, by a column mapping or by the names of their columns"
    )
    suffixes = (".xlsx", ".xlsm", ".ods")

    def score(self, sample: Sample) -> float:
        """0.9 for a workbook: what lies in its sheets is told by reading it."""
        if not sample.head.startswith(b"PK\x03\x04"):
            return 0.0
        return 0.9 if package_kind(sample) in ("xlsx", "ods") else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of all sheets, in their order."""
        book = _open(source)
        total = sum(len(sheet.rows) for sheet in book.sheets)
        first = 0
        for sheet in book.sheets:
            yield from self._sheet(source, sheet, first)
            first += len(sheet.rows)
        if not total and not source.unparsed:
            source.issue(CODE, Severity.WARNING, "The workbook holds no rows", hint="Is it the right file?")

    def _sheet(self, source: Source, sheet: Sheet, first: int) -> Iterator[pa.RecordBatch]:
        inside = copy.copy(source)  # the same books and notes; places are told with the sheet's name
        inside.members = (*source.members, sheet.name)
        if sheet.is_hidden and sheet.rows:
            inside.issue(CODE, Severity.INFO, f'The sheet "{sheet.name}" is hidden; it is read all the same')
        if sheet.hidden_rows:
            inside.issue(
                CODE,
                Severity.INFO,
                f'{sheet.hidden_rows} rows of the sheet "{sheet.name}" are hidden; they are read too',
            )
        at = _header_at(sheet.rows, source)
        if at is None:
            source.structure_bytes(first, len(sheet.rows))
            if sheet.rows:
                inside.issue(
                    COVERAGE,
                    Severity.INFO,
                    f'The sheet "{sheet.name}" holds no table with a column of times; it was read as context',
                    hint="Where it holds one, write a mapping: rca formats --learn FILE drafts one.",
                )
            return
        source.structure_bytes(first, at + 1)
        if sheet.formulas:
            source.assume(
                "formula",
                "cells with formulas say what they said when the workbook was saved last",
                rests_on="the values stored beside the formulas; nothing is calculated",
            )
        header = distinct_names(cell.strip() for cell in sheet.rows[at].cells)
        body = sheet.rows[at + 1 :]

        def stamps(stamp: Callable[[Sequence[str]], str]) -> Iterable[str]:
            return (stamp(row.cells) for row in body)

        place = f"R{sheet.rows[at].number}"
        meaning = TableRows(
            inside, self, header, [row.cells for row in body[:500]], head_place=place, stamps=stamps
        )
        rows: list[dict[str, Any]] = []
        for number, row in enumerate(body, start=first + at + 1):
            if not any(cell.strip() for cell in row.cells):
                source.blank_bytes(number, 1)
                continue
            source.event_bytes(number, 1)
            cells = _padded(row.cells, len(header))
            rows.extend(meaning.events(cells, Spot(f"R{row.number}", row.number)))
            if len(rows) >= _BATCH:
                yield batch(meaning.dated(rows))
                rows = []
        if rows:
            yield batch(meaning.dated(rows))


def _open(source: Source) -> Book:
    package = Package(source, code=CODE)
    kind = package_kind(source.sample) or "xlsx"
    if package.is_encrypted or not package.parts:
        reason = "it is encrypted" if package.is_encrypted else "it is damaged"
        source.issue(
            CODE,
            Severity.ERROR,
            f"The workbook cannot be read: {reason}",
            hint="Open it in its own program and save it without a password, or as CSV.",
        )
        source.count_in("rows", 1)
        source.unparsed_bytes(0, b"", place="", reason=reason, length=1)
        return Book([], {})
    book = read_book(package, kind)
    total = sum(len(sheet.rows) for sheet in book.sheets)
    lost = package.unread or ([("", "it has no sheets")] if not book.sheets else [])
    source.count_in("rows", total + len(lost))
    for number, (place, reason) in enumerate(lost, start=total):
        source.unparsed_bytes(number, b"", place=place, reason=reason, length=1)
    return book


def _header_at(rows: Sequence[Row], source: Source) -> int | None:
    """Where the header of a sheet's table stands: the first row of names under which a column holds times."""
    for at, row in enumerate(rows[:_ABOVE]):
        body = [one.cells for one in rows[at + 1 : at + 201]]
        if not body or not is_header(row.cells):
            continue
        names = [name.strip() for name in row.cells]
        if find_mapping(names, source.declared.definitions) is not None:
            return at
        width = max(sum(bool(cell.strip()) for cell in one) for one in body)
        if sum(bool(name) for name in names) * 2 < width:
            continue
        if draft_tickets(names, body) is not None or recognise(names, body) is not None:
            return at
    return None


def _padded(cells: Sequence[str], width: int) -> Sequence[str]:
    """The cells of a row; those that a sheet does not store at its end are empty."""
    return cells if len(cells) >= width else [*cells, *[""] * (width - len(cells))]


def first_table(source: Source) -> tuple[list[str], list[list[str]]] | None:
    """The header and rows of the first table in a workbook, for a draft of a mapping; None where there is none."""
    book = _open(source)
    for sheet in book.sheets:
        at = _header_at(sheet.rows, source)
        if at is None and len(book.sheets) == 1:
            at = next((i for i, row in enumerate(sheet.rows[:_ABOVE]) if is_header(row.cells)), None)
        if at is not None:
            header = distinct_names(cell.strip() for cell in sheet.rows[at].cells)
            return header, [row.cells for row in sheet.rows[at + 1 : at + 501]]
    return None
