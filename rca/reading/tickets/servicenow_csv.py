"""ServiceNow as CSV: list exports by column names or by labels, tables beside the task, and event logs of incidents.

The decision hidden here: what the header says about the clock. Names of columns with stamps as the database writes them are
stored values; labels, as on the screen, or stamps in another format are shown values. A file in which a number stands in
several rows that each tell an update is a log (`servicenow_log`).

References:
    ServiceNow product documentation, "Export directly from the URL", "Exporting date and time information".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rca.evidence.opening import mark_length
from rca.reading.records import Record, cells, read_records, records, sniff_delimiter
from rca.reading.source import HEAD, Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import DeskTeller
from rca.reading.tickets.servicenow_clock import is_database_stamp
from rca.reading.tickets.servicenow_journal import figures_in, read_shown
from rca.reading.tickets.servicenow_json import has_names
from rca.reading.tickets.servicenow_log import LogRecords
from rca.reading.tickets.servicenow_records import Records
from rca.reading.tickets.servicenow_rows import NULLS, Cell, Row
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_csv", "score_csv"]

_STAMPS = frozenset({
    "opened_at", "closed_at", "resolved_at", "sys_created_on", "sys_updated_on", "sys_created_at", "sys_updated_at",
    "work_start", "work_end", "due_date", "update_time", "reopened_time", "start_date", "end_date",
})  # fmt: skip
# A language a line: English, Swedish, Norwegian and Danish, German, French, Spanish, Dutch.
_LABELS = {
    "number": "number|nummer|numéro|numero|número",
    "opened_at": "opened|öppnad|öppnat|åpnet|åbnet|geöffnet|ouvert|abierto|geopend",
    "opened_by": "opened by|öppnad av|åpnet av|åbnet af|geöffnet von|ouvert par|abierto por|geopend door",
    "sys_created_on": "created|skapad|opprettet|oprettet|erstellt|angelegt|créé|creado|aangemaakt|gemaakt",
    "sys_created_by": "created by|skapad av|opprettet av|oprettet af|erstellt von|angelegt von|créé par|creado por|gemaakt door",
    "sys_updated_on": "updated|uppdaterad|oppdatert|opdateret|aktualisiert|mis à jour|actualizado|bijgewerkt",
    "sys_updated_by": "updated by|uppdaterad av|oppdatert av|opdateret af|aktualisiert von|mis à jour par|actualizado por|bijgewerkt door",
    "sys_mod_count": "updates|uppdateringar|oppdateringer|opdateringer|aktualisierungen",
    "resolved_at": "resolved|löst|løst|gelöst|résolu|resuelto|opgelost",
    "resolved_by": "resolved by|löst av|løst av|løst af|gelöst von|résolu par|resuelto por|opgelost door",
    "closed_at": "closed|stängd|avslutad|lukket|geschlossen|fermé|cerrado|gesloten",
    "closed_by": "closed by|stängd av|avslutad av|lukket av|lukket af|geschlossen von|fermé par|cerrado por|gesloten door",
    "short_description": "short description|kort beskrivning|kort beskrivelse|kurzbeschreibung|brève description|description brève|breve descripción|descripción breve|korte beschrijving",
    "description": "description|beskrivning|beskrivelse|beschreibung|descripción|beschrijving",
    "caller_id": "caller|anmälare|melder|innmelder|anrufer|appelant|solicitante|beller|aanvrager",
    "state": "state|status|tillstånd|tilstand|état|estado",
    "incident_state": "incident state",
    "priority": "priority|prioritet|priorität|priorité|prioridad|prioriteit",
    "assignment_group": "assignment group|tilldelningsgrupp|tildelingsgruppe|zuweisungsgruppe|groupe d'affectation|grupo de asignación|toewijzingsgroep",
    "assigned_to": "assigned to|tilldelad till|tilldelad|tildelt|tildelt til|zugewiesen an|affecté à|asignado a|toegewezen aan",
    "cmdb_ci": "configuration item|konfigurationsobjekt|konfigurasjonselement|konfigurationselement",
    "contact_type": "channel|contact type|kanal",
    "work_notes": "work notes|arbetsanteckningar|arbeidsnotater|arbejdsnotater|arbeitsnotizen|notes de travail|notas de trabajo|werknotities",
    "comments": "additional comments|ytterligare kommentarer|tilleggskommentarer|yderligere kommentarer|zusätzliche kommentare|commentaires supplémentaires|comentarios adicionales|aanvullende opmerkingen",
    "comments_and_work_notes": "comments and work notes|kommentarer och arbetsanteckningar",
    "close_code": "close code|resolution code",
    "close_notes": "close notes|resolution notes",
    "problem_id": "problem",
    "rfc": "change request",
    "caused_by": "caused by change|caused by",
    "parent_incident": "parent incident",
    "parent": "parent",
    "business_service": "service|business service",
    "category": "category|kategori|kategorie|catégorie|categoría",
    "reopen_count": "reopen count",
    "work_start": "actual start|actual start date",
    "work_end": "actual end|actual end date",
    "documentkey": "document key",
    "tablename": "table name",
    "fieldname": "field name",
    "oldvalue": "old value",
    "newvalue": "new value",
    "element_id": "element id",
    "element": "element",
    "value": "value",
    "user": "user",
    "sys_class_name": "task type",
    "file_name": "file name",
    "table_sys_id": "table sys id",
}  # fmt: skip
_BY_LABEL = {label: name for name, labels in _LABELS.items() for label in labels.split("|")}
_NUMBER = re.compile(r"[A-Z]{2,12}\d{4,12}")


@dataclass(frozen=True, slots=True)
class _Head:
    """The beginning of a table: delimiter, where the header stands, its columns, whether they are labels, and first rows."""

    delimiter: str
    start: int
    columns: list[str]
    has_labels: bool
    rows: list[list[str]]

    def values(self, *names: str) -> list[str]:
        """The values of columns in the first rows, empty ones left out."""
        places = [at for at, name in enumerate(self.columns) if name in names]
        found = [row[at].strip() for row in self.rows for at in places if at < len(row)]
        return [value for value in found if value not in NULLS]

    @property
    def is_stored(self) -> bool:
        """Whether stamps are the database's."""
        stamps = self.values(*_STAMPS)
        return not self.has_labels and all(is_database_stamp(value) for value in stamps)

    @property
    def is_log(self) -> bool:
        """Whether rows tell updates: a number stands in rows that follow one another, each with its own update."""
        if "number" not in self.columns or not {"sys_mod_count", "sys_updated_at", "sys_updated_on"} & set(
            self.columns
        ):
            return False
        numbers = self.values("number")
        repeated = sum(a == b for a, b in pairwise(numbers))
        return repeated > 0 and (repeated * 4 >= len(numbers) or "sys_updated_at" in self.columns)


def _look(head: bytes, encoding: str) -> _Head | None:
    mark = mark_length(head)
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    delimiter = sniff_delimiter(head[mark : HEAD - 4].decode(name, errors="backslashreplace"))
    if delimiter is None:
        return None
    start, header, rows = -1, list[str](), list[list[str]]()
    for record in records(head, start=mark, delimiter=delimiter, encoding=name):
        text = record.raw.decode(name, errors="backslashreplace").rstrip("\r\n")
        is_cut = len(head) >= HEAD and record.start + len(record.raw) >= len(head)
        if not text.strip() or is_cut or record.is_torn or re.match(r'"?sep=', text):
            continue
        if not header:
            start, header = record.start, [cell.strip() for cell in cells(text, delimiter)]
        else:
            rows.append(cells(text, delimiter))
        if len(rows) >= 300:
            break
    if not header:
        return None
    columns, has_labels = _columns(header)
    return _Head(delimiter, start, columns, has_labels, rows)


def _columns(header: Sequence[str]) -> tuple[list[str], bool]:
    """The names of the columns, and whether the header has their labels instead. A name that stands twice gets a number."""
    plain = [name.strip().strip('"') for name in header]
    has_labels = not has_names(plain)
    if has_labels:
        plain = [_BY_LABEL.get(name.casefold().replace("’", "'"), name) for name in plain]
    counts: dict[str, int] = {}
    for at, name in enumerate(plain):
        counts[name] = counts.get(name, 0) + 1
        plain[at] = name if counts[name] == 1 else f"{name} ({counts[name]})"
    return plain, has_labels


def score_csv(sample: Sample) -> float:
    """0.98 where the header has ServiceNow's column names, or its labels over numbers of tasks."""
    line = sample.text[:20_000]
    if not re.search(
        r"number|nummer|num[ée]ro|número|sys_id|element_id|documentkey|document key", line, re.IGNORECASE
    ):
        return 0.0
    head = _look(sample.head, sample.encoding)
    if head is None or not has_names(head.columns):
        return 0.0
    if head.has_labels or not any(name.startswith("sys_") for name in head.columns):
        numbers = head.values("number")
        if "number" in head.columns and numbers and not all(_NUMBER.fullmatch(one) for one in numbers):
            return 0.0
    return 0.98


def read_csv(source: Source, reader: Any) -> Iterator[pa.RecordBatch]:
    """The events of a table, row by row."""
    encoding = plain_encoding(source)
    mark = mark_length(source.head)
    source.structure_bytes(0, mark)
    head = _look(source.head, source.encoding)
    if head is None:
        data = source.head
        source.unparsed_bytes(
            mark, data[mark:], place="L1", reason="no table", length=max(0, source.size - mark)
        )
        return
    teller = DeskTeller(
        source,
        reader,
        system="servicenow",
        read=read_shown,
        order_samples=[*head.values(*_STAMPS), *figures_in(source.sample.text)],
    )
    told: Records | LogRecords = LogRecords(teller, head.columns) if head.is_log else Records(teller)
    is_stored = head.is_stored
    with source.open() as stream:
        stream.read(mark)
        width = len(head.columns)
        for record in read_records(
            stream, start=mark, delimiter=head.delimiter, encoding=encoding, width=width
        ):
            row = _row(source, teller, head, record, encoding, is_stored=is_stored)
            if row is not None:
                told.tell(row)
                yield from teller.batches()
    told.finish()
    yield from teller.rest()


def _row(
    source: Source, teller: DeskTeller, head: _Head, record: Record, encoding: str, *, is_stored: bool
) -> Row | None:
    """A record as a row; what is none is booked."""
    text = record.raw.decode(encoding, errors="backslashreplace").rstrip("\r\n")
    if not text.strip(f' \t\0"{head.delimiter}'):
        source.blank_bytes(record.start, len(record.raw))
        return None
    if record.start <= head.start and not (record.is_torn and record.start < head.start):
        source.structure_bytes(record.start, len(record.raw))
        return None
    if record.is_torn:
        source.unparsed_bytes(
            record.start,
            record.raw,
            place=f"L{record.line}",
            reason="a quote is opened here and never closed",
        )
        return None
    values = cells(text, head.delimiter)
    locator = f"L{record.line}" if record.line == record.last_line else f"L{record.line}-{record.last_line}"
    if len(values) != len(head.columns):
        teller.complain(
            "A row has another number of cells than the header",
            detail=f"{len(values)} instead of {len(head.columns)}",
            place=locator,
            hint="Its cells are read in the order of the header; a cell with the delimiter in it needs quotes.",
        )
    source.event_bytes(record.start, len(record.raw))
    place = Place(locator, record.start, len(record.raw), record.line)
    found = dict(zip(head.columns, values, strict=False))
    for number, more in enumerate(values[len(head.columns) :], start=1):
        found[f"cell beyond the header {number}"] = more
    pairs = {name: Cell(value) if is_stored else Cell("", value) for name, value in found.items()}
    return Row(pairs, lambda _: place, is_stored=is_stored)
