"""ServiceNow as JSON: the Table API's results and the JSON list export, each record a row of a table.

The decision hidden here: whether a value is stored or shown. An object with both (`sysparm_display_value=all`, or `dv_` members)
gives both. A text alone is as stored unless the record shows that it is not: references that have only a display value,
choices in words, a class by its label, journals with entries, or dates in another format.

References:
    ServiceNow, "Table API" (sysparm_display_value: true, false, all; sysparm_exclude_reference_link), "JSONv2 Web Service".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.json_fields import dict_of, text_of
from rca.reading.json_records import Value, json_head, read_values
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import CODE, DeskTeller
from rca.reading.tickets.servicenow_clock import is_database_stamp
from rca.reading.tickets.servicenow_journal import figures_in, is_journal, read_shown
from rca.reading.tickets.servicenow_records import Records
from rca.reading.tickets.servicenow_rows import Cell, Row, table_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["cells_of", "has_names", "is_stored", "read_json", "score_json"]

_LISTS = frozenset({"result", "records"})
_OWN = frozenset({
    "sys_id", "sys_created_on", "sys_updated_on", "sys_created_by", "sys_updated_by", "sys_mod_count", "sys_class_name",
    "sys_domain", "sys_tags", "short_description", "caller_id", "opened_by", "opened_at", "assignment_group", "assigned_to",
    "incident_state", "cmdb_ci", "business_service", "contact_type", "close_code", "close_notes", "work_notes",
    "made_sla", "reassignment_count", "reopen_count", "resolved_at", "closed_at", "problem_id", "rfc", "caused_by",
    "parent_incident", "u_symptom", "sys_created_at", "sys_updated_at", "comments_and_work_notes", "task_effective_number",
})  # fmt: skip
_SPECIAL = frozenset({"sys_audit", "sys_journal_field", "sys_attachment", "sys_history_line"})
_HOLDS = re.compile(r"[\[{]\s*+[^\s\]}]")
_STAMPS = ("sys_created_on", "sys_updated_on", "opened_at", "closed_at", "resolved_at")
_CHOICES = (
    "state",
    "incident_state",
    "priority",
    "urgency",
    "impact",
    "severity",
    "escalation",
    "problem_state",
)


def has_names(names: Mapping[str, Any] | list[str]) -> bool:
    """Whether these are columns of a task, or of a table beside it, as ServiceNow calls them."""
    found = set(names)
    if table_of(dict.fromkeys(found, Cell())) in _SPECIAL:
        return bool(found & {"sys_created_on", "sys_id", "update_time", "sys_created_by"})
    return len(found & _OWN) >= 3 and bool(
        found & {"number", "sys_class_name", "sys_mod_count", "task_effective_number", "short_description"}
    )


def score_json(sample: Sample) -> float:
    """0.98 where the first record has ServiceNow's members."""
    for value in json_head(sample)[:3]:
        records = value
        if isinstance(value, dict):
            records = next((value[name] for name in ("result", "records") if name in value), value)
        first = records[0] if isinstance(records, list) and records else records
        if isinstance(first, dict) and has_names(first):
            return 0.98
    return 0.0


def cells_of(record: Mapping[str, Any]) -> dict[str, Cell]:
    """The cells of a record: texts, `{value, display_value, link}` objects, and `dv_` members beside their own."""
    found: dict[str, Cell] = {}
    is_shown = not is_stored(record)
    for name, value in record.items():
        if name.startswith("dv_") and name[3:] in record:
            continue
        if isinstance(value, dict):
            stored, shown = text_of(value.get("value")), text_of(value.get("display_value"))
            if not stored and not shown:
                stored = text_of(value.get("link")).rpartition("/")[2]
            found[name] = Cell(stored, shown)
            continue
        text = text_of(value)
        shown = text_of(record.get(f"dv_{name}"))
        found[name] = Cell("", text) if is_shown and not shown else Cell(text, shown)
    return found


def is_stored(record: Mapping[str, Any]) -> bool:
    """Whether plain texts of a record are values as stored.

    >>> is_stored({"state": "2", "opened_at": "2024-11-12 04:30:00"}), is_stored({"state": "In Progress"})
    (True, False)
    """
    for value in record.values():
        if isinstance(value, dict):
            if "value" in value:
                return True
            if "display_value" in value:
                return False
    stamps = [text_of(record.get(name)).strip() for name in _STAMPS]
    if any(text and not is_database_stamp(text) for text in stamps):
        return False
    for name in _CHOICES:
        text = text_of(record.get(name)).strip()
        if text:
            return re.fullmatch(r"-?\d{1,4}", text) is not None
    kind = text_of(record.get("sys_class_name")).strip()
    if kind:
        return kind == kind.lower() and " " not in kind
    return not any(is_journal(text_of(record.get(name))) for name in ("work_notes", "comments"))


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    """Enter what holds records: `result` or `records` of an object that is no record itself."""
    return key in _LISTS and _HOLDS.match(ahead) is not None and not has_names(members)


def read_json(source: Source, reader: Any) -> Iterator[pa.RecordBatch]:
    """The events of a JSON export, record by record."""
    teller = DeskTeller(
        source, reader, system="servicenow", read=read_shown, order_samples=figures_in(source.sample.text)
    )
    records = Records(teller)
    for value in read_values(source, _enter, code=CODE):
        record = dict_of(value.value)
        if not has_names(record) and "number" not in record and "sys_id" not in record:
            _say_other(teller, value, record)
            continue
        cells = cells_of(record)
        records.tell(Row(cells, _placer(value), is_stored=is_stored(record)))
        yield from teller.batches()
    records.finish()
    yield from teller.rest()


def _placer(value: Value) -> Any:
    def place(column: str) -> Place:
        return value.place(f"/{column}" if column and column in value.value else "")

    return place


def _say_other(teller: DeskTeller, value: Value, record: dict[str, Any]) -> None:
    """An object that is no record: an error of the API, or something else."""
    error = dict_of(record.get("error"))
    if error:
        detail = text_of(error.get("message")) or text_of(error.get("detail")) or "no message"
        teller.complain(
            "The API answered with an error instead of records", detail=detail, place=f"J{value.pointer}"
        )
        return
    if any(record.get(name) in ([], {}) for name in _LISTS):
        teller.note_absence("any record (the answer holds an empty list)", place=f"J{value.pointer}")
        return
    teller.complain("An object that is no record of a table", place=f"J{value.pointer}")
