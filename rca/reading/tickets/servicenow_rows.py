"""`Row` and `Cell`: a row of a ServiceNow table, whichever file format it was exported in.

The decision hidden here: a value may stand as the database stores it, as it is shown, or both, and a stamp is the database's
only where the row's plain values are. `table_of` tells the table by the columns that only it has.

References:
    ServiceNow product documentation, "Table API" (sysparm_display_value), "Tables and classes".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rca.reading.telling import Place
from rca.reading.tickets.servicenow_clock import is_database_stamp

__all__ = ["NULLS", "Cell", "Row", "has_offset", "table_of"]

NULLS = frozenset({"", "?", "null", "NULL", "None", "undefined", "(empty)"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the database stores it and as it is shown to a reader; "" where the export does not give it."""

    stored: str = ""
    shown: str = ""

    @property
    def text(self) -> str:
        """The value as a person reads it."""
        return self.shown or self.stored


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells by column, where it and each cell stands, and whether stamps are the database's."""

    cells: Mapping[str, Cell]
    place: Callable[[str], Place]
    table: str = ""
    is_stored: bool = True

    def text(self, *columns: str) -> str:
        """The first of `columns` that says something, as shown."""
        for column in columns:
            found = self.cells.get(column)
            if found is not None and found.text.strip() not in NULLS:
                return found.text.strip()
        return ""

    def stored(self, *columns: str) -> str:
        """The same as stored, where that is given."""
        for column in columns:
            found = self.cells.get(column)
            if found is not None and (found.stored or found.shown).strip() not in NULLS:
                return (found.stored or found.shown).strip()
        return ""

    def stamp(self, *columns: str) -> tuple[str, bool]:
        """The first of `columns` that has a stamp, and whether it is the database's."""
        for column in columns:
            found = self.cells.get(column)
            if found is None:
                continue
            if self.is_stored and found.stored.strip() not in NULLS:
                return found.stored.strip(), is_database_stamp(found.stored)
            if found.text.strip() not in NULLS:
                return found.text.strip(), False
        return "", False


def table_of(cells: Mapping[str, Cell], name: str = "") -> str:
    """Which table a row is of, by the columns that only it has; `name` where the columns leave it open."""
    has = cells.keys().__contains__
    if has("documentkey") and has("fieldname") and (has("newvalue") or has("oldvalue")):
        return "sys_audit"
    if has("element_id") and has("element") and has("value"):
        return "sys_journal_field"
    if has("table_sys_id") and has("file_name"):
        return "sys_attachment"
    if has("update_time") and has("field") and (has("new") or has("old") or has("new_value")):
        return "sys_history_line"
    if name:
        return name
    return cells["sys_class_name"].stored if has("sys_class_name") else ""


def has_offset(text: str) -> bool:
    """Whether a stamp states its offset."""
    return re.search(r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$", text.strip()) is not None and ":" in text
