"""`Records`: what a row of a ServiceNow table says happened, whichever file format it was exported in.

The decision hidden here: the meaning of ServiceNow's tables and columns. A task (incident, problem, change …) gives opened,
resolved, closed, its state as exported, links and the entries of its journals; sys_journal_field, sys_attachment, sys_audit
and sys_history_line give entries, files and changes of the task that they name. A value may stand there as stored, as
shown, or both; stamps go by `ServiceNowClock`.

References:
    ServiceNow product documentation: "Task table", "Incident fields", "Tables and classes" (sys_journal_field,
    sys_attachment, sys_audit, sys_history_line), "Table API".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rca.errors import Severity
from rca.moments.moment import TimeKind
from rca.reading.tickets.desk_telling import DeskTeller
from rca.reading.tickets.servicenow_clock import ServiceNowClock
from rca.reading.tickets.servicenow_journal import Entry, is_journal, is_public_label, split_journal
from rca.reading.tickets.servicenow_rows import NULLS, Row, has_offset, table_of

__all__ = ["Records"]

_ID = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"\b[A-Z]{2,12}\d{4,12}\b")
_LINKS = {
    # column: what the form calls it, and the plain phrase for it
    "caused_by": ("Caused by Change", "caused by"),
    "rfc": ("Change Request", "relates to"),
    "problem_id": ("Problem", "relates to"),
    "problem": ("Problem", "relates to"),
    "parent_incident": ("Parent Incident", "child of"),
    "parent": ("Parent", "child of"),
    "duplicate_of": ("Duplicate of", "duplicate of"),
    "first_reported_by_task": ("First reported by", "relates to"),
    "origin_id": ("Origin", "relates to"),
    "change_request": ("Change Request", "child of"),
    "request_item": ("Request item", "child of"),
    "request": ("Request", "child of"),
    "incident": ("Incident", "child of"),
}
_JOURNALS = ("work_notes", "comments", "comments_and_work_notes", "approval_history")
_FIXED = ("contact_type", "caller_id", "opened_by", "location", "company", "sys_id", "sys_created_by")
_NO_TASK = frozenset({"sys_attachment_doc", "sys_tags", "label_entry", "sys_update_xml", "sys_update_set"})


@dataclass(frozen=True, slots=True)
class _End:
    """A way in which a task ends or begins anew, and the columns that say so."""

    kind: str
    word: str
    columns: tuple[str, ...]
    actors: tuple[str, ...]
    facts: tuple[str, ...] = ()


_CODES = ("close_code", "closed_code", "close_notes")
_ENDS = (
    _End("ticket.resolved", "resolved", ("resolved_at",), ("resolved_by",), _CODES),
    _End("ticket.status", "reopened", ("reopened_time", "reopened_at"), ("reopened_by",)),
    _End("ticket.closed", "closed", ("closed_at",), ("closed_by",), _CODES),
)


@dataclass(slots=True)
class _Seen:
    """What an export was seen to contain."""

    tasks: int = 0
    journals: bool = False
    history: bool = False
    files: bool = False
    passed: dict[str, int] = field(default_factory=dict)


class Records:
    """Tells the events of rows through a `DeskTeller`; `numbers` may know the numbers of tasks by their sys_id."""

    def __init__(self, teller: DeskTeller, numbers: Mapping[str, str] | None = None) -> None:
        self.teller = teller
        self.clock = ServiceNowClock(teller)
        self.numbers: dict[str, str] = dict(numbers or {})
        self.owners: dict[str, str] = {}
        self.created: dict[str, str] = {}
        self.seen = _Seen()
        self.exported = ""  # when the export was made, where it says so

    def tell(self, row: Row) -> bool:
        """The events of a row; False for one of which the table means nothing here."""
        table = table_of(row.cells, row.table)
        special = {
            "sys_journal_field": self._tell_entry,
            "sys_attachment": self._tell_file,
            "sys_audit": self._tell_audit,
            "sys_history_line": self._tell_line,
            "sys_email": self._tell_mail,
        }.get(table)
        if special is not None:
            special(row)
            return True
        is_task = bool(row.stored("number")) or any(
            row.stored(name) for name in ("opened_at", "short_description", "incident_state")
        )
        if table in _NO_TASK or not is_task:
            self.seen.passed[table or "?"] = self.seen.passed.get(table or "?", 0) + 1
            return False
        self._tell_task(row)
        return True

    def finish(self) -> None:
        """The coverage notes and what is left to say at the end of a stream."""
        seen = self.seen
        if seen.tasks:
            self.teller.miss(
                {
                    "status history (no sys_audit, no sys_history_line)": seen.history,
                    "journal entries (work notes and additional comments)": seen.journals,
                    "attachments (no sys_attachment)": seen.files,
                },
                hint="ServiceNow keeps it in tables of its own; ask for their export. Its absence is no evidence.",
            )
        for table, count in sorted(seen.passed.items()):
            if table != "sys_attachment_doc":
                self.teller.complain(
                    "Records of a table that no event is made of",
                    detail=f"{count} of {table}",
                    severity=Severity.INFO,
                    hint="A column mapping can read them from a CSV export.",
                )

    # -- stamps -------------------------------------------------------------------------------------------

    def _time(self, row: Row, *columns: str) -> dict[str, Any]:
        """The arguments for the time of an event: stamp, its zone where the database's, and the reason."""
        text, is_stored = row.stamp(*columns)
        if not text:
            return {}
        for column in columns:
            cell = row.cells.get(column)
            if is_stored and cell is not None and cell.shown and cell.stored:
                self.clock.compare(cell.stored, cell.shown, place=row.place(column).locator)
        if is_stored:
            return {"stamp": text, "zone": "UTC", "assumptions": [self.clock.stored()]}
        return {"stamp": text, "assumptions": [self.clock.shown()] if not has_offset(text) else []}

    def _known(self, row: Row, time: dict[str, Any], *columns: str) -> dict[str, Any]:
        """`time` with the stamp by which the database held it, where that is on the same clock."""
        text, is_stored = row.stamp(*columns)
        if text and is_stored == ("zone" in time):
            return {**time, "known": text}
        return time

    # -- tasks --------------------------------------------------------------------------------------------

    def name(self, row: Row) -> tuple[str, str]:
        """The number of a task and its record id; a number that stands for two tasks gets the sys_id with it."""
        identity = row.stored("sys_id")
        number = row.text("number") or identity or "(no number)"
        if identity:
            owner = self.owners.setdefault(number, identity)
            self.numbers.setdefault(identity, number)
            if owner != identity:
                self.teller.complain(
                    "Two records have the same number",
                    detail=number,
                    place=row.place("number").locator,
                    hint="They are kept apart by sys_id.",
                )
                return number, self.teller.record_of(f"{number}/{identity}")
        return number, self.teller.record_of(number)

    def _tell_task(self, row: Row) -> None:
        teller = self.teller
        self.seen.tasks += 1
        number, record = self.name(row)
        title = row.text("short_description") or row.text("description")
        common: dict[str, Any] = {
            "record": record,
            "component": row.text("cmdb_ci", "business_service"),
            "unit": row.text("assignment_group"),
        }
        opened = self._time(row, "opened_at", "sys_created_on", "sys_created_at")
        opened = self._known(row, opened, "sys_created_on", "sys_created_at")
        text = "\n".join(filter(None, (row.text("short_description"), row.text("description"))))
        stored = [row.stamp(name)[0] for name in ("opened_at", "sys_created_on", "sys_updated_on")]
        pasted = self.clock.look_for_pasted(
            stored if row.is_stored else (), text, place=row.place("").locator
        )
        ends = self._ends(row)
        is_dated = bool(row.stamp("sys_updated_on", "sys_updated_at")[0])
        parent = teller.tell(
            "ticket.created",
            f"{number} opened: {title}" if title else f"{number} opened",
            row.place(""),
            subject=number,
            actor=row.text("opened_by", "sys_created_by"),
            channel=row.text("contact_type"),
            text=text,
            refs=[number],
            fields={
                **{name: row.text(name) for name in _FIXED if row.text(name)},
                **pasted,
                **({} if is_dated or ends else _as_exported(row)),
            },
            **common,
            **opened,
        )
        if row.stored("sys_id"):
            self.created[row.stored("sys_id")] = parent
        more = {"subject": number, "parent": parent, **common}
        for end in ends:
            facts = {} if is_dated or end is not ends[-1] else _as_exported(row)
            self._tell_end(row, number, end, facts, more)
        self._tell_work(row, number, more)
        if is_dated:
            self._tell_state(row, number, more)
        self._tell_links(row, number, {"record": record, "parent": parent})
        self._tell_journals(row, number, {"record": record, "parent": parent})

    def _ends(self, row: Row) -> list[_End]:
        """The ends that a task states: resolved, reopened, closed."""
        return [end for end in _ENDS if row.stamp(*end.columns)[0]]

    def _tell_end(
        self, row: Row, number: str, end: _End, facts: dict[str, str], more: dict[str, Any]
    ) -> None:
        told = {name: row.text(name) for name in end.facts if row.text(name)}
        code = row.text(*end.facts[:2]) if end.facts else ""
        self.teller.tell(
            end.kind,
            f"{number} {end.word}: {code}" if code else f"{number} {end.word}",
            row.place(next(name for name in end.columns if row.stamp(name)[0])),
            actor=row.text(*end.actors),
            fields={**told, **facts},
            **more,
            **self._time(row, *end.columns),
        )

    def _tell_work(self, row: Row, number: str, more: dict[str, Any]) -> None:
        """When work was done (a change's actual start and end)."""
        work = self._time(row, "work_start")
        if not work:
            return
        end, is_stored = row.stamp("work_end")
        if end and is_stored == ("zone" in work):
            work["end"] = end
        who = row.text("assigned_to")
        self.teller.tell(
            "ticket.worklog", f"{number} work", row.place("work_start"), actor=who, **more, **work
        )

    def _tell_state(self, row: Row, number: str, more: dict[str, Any]) -> None:
        """The state as exported, at the last update: later than that nothing changed until the export."""
        state = row.text("state", "incident_state", "problem_state", "stage", "phase")
        self.teller.tell(
            "ticket.state",
            f"{number} as exported: {state or 'no state given'}",
            row.place(""),
            actor=row.text("sys_updated_by"),
            time_kind=TimeKind.MODIFIED,
            fields={**_facts(row), **({"unload_date": self.exported} if self.exported else {})},
            **more,
            **self._time(row, "sys_updated_on", "sys_updated_at"),
        )

    def _tell_links(self, row: Row, number: str, more: dict[str, Any]) -> None:
        known = self._known(row, self._time(row, "sys_updated_on"), "sys_updated_on")
        known = {name: value for name, value in known.items() if name != "stamp"}
        told: set[tuple[str, str]] = set()
        for column, (phrase, relation) in _LINKS.items():
            target = row.stored(column)
            if not target or target == row.stored("sys_id") or (target, relation) in told:
                continue
            told.add((target, relation))
            shown = row.text(column)
            name = shown if shown != target else self.numbers.get(target, target)
            fields = {"sys_id": target} if _ID.fullmatch(target) and name != target else {}
            self.teller.tell_link(
                number,
                phrase,
                name,
                row.place(column),
                relation=relation,
                field=column,
                fields=fields,
                **more,
                **known,
            )

    # -- journals -----------------------------------------------------------------------------------------

    def _tell_journals(self, row: Row, number: str, more: dict[str, Any]) -> None:
        told: set[tuple[str, str, str]] = set()
        for column in sorted(
            row.cells, key=lambda name: (name == "comments_and_work_notes", name not in _JOURNALS)
        ):
            text = row.cells[column].text
            if column not in _JOURNALS and not (len(text) > 20 and is_journal(text)):
                continue
            entries = [entry for entry in split_journal(text) if entry.text or entry.stamp]
            entries = [one for one in entries if one.stamp or one.text not in NULLS]
            if not entries:
                continue
            self.seen.journals = True
            updated, is_stored = row.stamp("sys_updated_on")
            for entry in self._oldest_first(entries):
                if is_stored and entry.stamp:  # an entry updates its task, so that both say the same moment
                    self.clock.compare(updated, entry.stamp, place=row.place(column).locator, within=1)
                key = (entry.stamp, entry.who, entry.text)
                if key in told:
                    continue
                told.add(key)
                is_public = column == "comments" or (
                    column not in _JOURNALS[:2] and is_public_label(entry.label)
                )
                reasons = [self.clock.journal()] if entry.stamp and not has_offset(entry.stamp) else []
                self.teller.tell_text(
                    number,
                    entry.text,
                    row.place(column),
                    is_public=is_public,
                    who=entry.who,
                    what=entry.label.casefold() if entry.label else column.replace("_", " "),
                    stamp=entry.stamp,
                    assumptions=reasons,
                    time_kind=TimeKind.SAID,
                    fields={"label": entry.label, "field": column},
                    **more,
                )

    def _oldest_first(self, entries: list[Entry]) -> list[Entry]:
        """Entries in the order in which they were written: the string has the newest first unless its stamps rise."""
        stamps = [self.teller.dating.parse(entry.stamp) for entry in (entries[0], entries[-1])]
        first, last = (
            (s.year or 0, s.month or 0, s.day or 0, s.hour, s.minute, s.second) if s else None for s in stamps
        )
        return entries if first is not None and last is not None and first < last else entries[::-1]

    # -- tables beside the task ---------------------------------------------------------------------------

    def _owner(self, row: Row, *columns: str) -> tuple[str, dict[str, Any]]:
        """The task that a row belongs to: its number where the export knows it, and what its events share."""
        identity, shown = row.stored(*columns), row.text(*columns)
        numbers = _NUMBER.findall(shown) if shown != identity else _NUMBER.findall(identity)
        number = self.numbers.get(identity) or (numbers[-1] if numbers else identity) or "(unknown)"
        return number, {
            "record": self.teller.record_of(number),
            "parent": self.created.get(identity, ""),
        }

    def _tell_entry(self, row: Row) -> None:
        """An entry of a journal in sys_journal_field: its text is whole, headers pasted into it are text."""
        self.seen.journals = True
        number, more = self._owner(row, "element_id")
        element = row.stored("element")
        text = row.cells["value"].text if "value" in row.cells else ""
        stored = [row.stamp("sys_created_on")[0]] if row.is_stored else []
        place = row.place("")
        self.teller.tell_text(
            number,
            text,
            place,
            is_public=element == "comments"
            or (element != "work_notes" and is_public_label(row.text("element"))),
            who=row.text("sys_created_by"),
            what="additional comment"
            if element == "comments"
            else element.replace("_", " ").removesuffix("s"),
            time_kind=TimeKind.SAID,
            fields={
                "field": element,
                "table": row.text("name"),
                "sys_id": row.stored("sys_id"),
                **self.clock.look_for_pasted(stored, text, place=place.locator),
            },
            **more,
            **self._time(row, "sys_created_on"),
        )

    def _tell_file(self, row: Row) -> None:
        self.seen.files = True
        number, more = self._owner(row, "table_sys_id")
        self.teller.tell_file(
            number,
            row.text("file_name"),
            row.place(""),
            actor=row.text("sys_created_by"),
            fields={
                name: row.text(name)
                for name in (
                    "file_name",
                    "content_type",
                    "size_bytes",
                    "hash",
                    "state",
                    "table_name",
                    "sys_id",
                )
                if row.text(name)
            },
            **more,
            **self._time(row, "sys_created_on"),
        )

    def _tell_audit(self, row: Row) -> None:
        """A row of sys_audit: one changed field; entries of journals stand there too."""
        number, more = self._owner(row, "documentkey")
        field_name = row.stored("fieldname")
        old, new = row.text("oldvalue"), row.text("newvalue")
        more |= self._time(row, "sys_created_on")
        who = row.text("user", "sys_created_by")
        facts = {
            n: row.text(n)
            for n in ("tablename", "reason", "record_checkpoint", "update_count")
            if row.text(n)
        }
        self._tell_changed(number, field_name, field_name, (old, new), row, who=who, facts=facts, more=more)

    def _tell_line(self, row: Row) -> None:
        """A row of sys_history_line, the history as the form shows it."""
        number, more = self._owner(row, "set", "set.id", "documentkey", "id")
        field_name = row.stored("field")
        change = (row.text("old", "old_value"), row.text("new", "new_value"))
        more |= self._time(row, "update_time")
        who = row.text("user_name", "user", "user_id")
        facts = {n: row.text(n) for n in ("update", "type", "old_value", "new_value") if row.text(n)}
        label = row.text("label") or field_name
        self._tell_changed(number, field_name, label, change, row, who=who, facts=facts, more=more)

    def _tell_changed(
        self,
        number: str,
        field_name: str,
        label: str,
        change: tuple[str, str],
        row: Row,
        *,
        who: str,
        facts: dict[str, str],
        more: dict[str, Any],
    ) -> None:
        self.seen.history = True
        if field_name in ("work_notes", "comments") and change[1]:
            self.seen.journals = True
            self.teller.tell_text(
                number,
                change[1],
                row.place(""),
                is_public=field_name == "comments",
                who=who,
                what="additional comment" if field_name == "comments" else "work note",
                time_kind=TimeKind.SAID,
                fields={"field": field_name, **facts},
                **more,
            )
            return
        target = self.numbers.get(change[1], "")
        phrase, relation = _LINKS.get(field_name, (label, ""))
        if field_name in _LINKS and change[1]:
            self.teller.tell_link(
                number,
                phrase,
                target or change[1],
                row.place(""),
                relation=relation,
                field=field_name,
                old=change[0],
                actor=who,
                fields=facts,
                **more,
            )
            return
        self.teller.tell_change(
            number, field_name, change, row.place(""), label=label, actor=who, fields=facts, **more
        )

    def _tell_mail(self, row: Row) -> None:
        number, more = self._owner(row, "instance", "target")
        names = [one.strip() for one in re.split(r"[,;]", row.text("recipients", "direct")) if one.strip()]
        is_received = row.stored("type").startswith("receiv")
        self.teller.tell(
            "ticket.notified",
            f"{number} mail {'received' if is_received else 'sent'}: {row.text('subject')}",
            row.place(""),
            subject=number,
            actor=row.text("user", "sys_created_by"),
            audience=names,
            time_kind=TimeKind.RECORDED if is_received else TimeKind.SENT,
            fields={n: row.text(n) for n in ("type", "mailbox", "uid", "sys_id", "state") if row.text(n)},
            **more,
            **self._time(row, "sys_created_on"),
        )


def _facts(row: Row) -> dict[str, str]:
    """What a task's columns say, but for its journals."""
    return {
        name: cell.text
        for name, cell in row.cells.items()
        if cell.text.strip() not in NULLS and name not in _JOURNALS and not is_journal(cell.text)
    }


def _as_exported(row: Row) -> dict[str, str]:
    """The same under names that say that it is what the export shows, which no date tells."""
    own = (*_FIXED, "number", "short_description", "description", "opened_at", "resolved_at", "closed_at")
    return {f"as_exported.{name}": value for name, value in _facts(row).items() if name not in own}
