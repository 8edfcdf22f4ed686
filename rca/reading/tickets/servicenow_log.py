"""`LogRecords`: an event log of incidents, one row an update, read as the updates and as the changes between them.

The decision hidden here: how history is derived. Each row is the state of a task at one update (`ticket.state`); what differs
between consecutive rows of one number changed by then: an assumption, for an update whose row is missing hides in it. Some
logs repeat a task's last values in all of its rows (when it was resolved and closed, by whom): those are told once, never as
something that was known at the first update.

References:
    UCI Machine Learning Repository, "Incident management process enriched event log" (from sys_audit; `?` is null).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rca.errors import Severity
from rca.moments.moment import TimeKind
from rca.reading.tickets.desk_telling import DeskTeller, kind_of_field
from rca.reading.tickets.servicenow_clock import ServiceNowClock
from rca.reading.tickets.servicenow_rows import Row

__all__ = ["LogRecords"]

_UPDATE = ("sys_updated_on", "sys_updated_at")
_LAST = frozenset({
    "resolved_at", "closed_at", "resolved_by", "closed_by", "closed_code", "close_code", "close_notes", "calendar_duration",
    "business_duration", "calendar_stc", "business_stc",
})  # fmt: skip
_NO_CHANGE = frozenset({
    "number", "sys_id", "sys_mod_count", "sys_updated_on", "sys_updated_at", "sys_updated_by", "sys_created_on",
    "sys_created_at", "sys_created_by", "opened_at", "opened_by",
})  # fmt: skip
_PHRASES = {
    "caused_by": ("Caused by Change", "caused by"),
    "rfc": ("Change Request", "relates to"),
    "problem_id": ("Problem", "relates to"),
    "parent_incident": ("Parent Incident", "child of"),
    "parent": ("Parent", "child of"),
}


class LogRecords:
    """Tells the events of the rows of a log; keeps the last row of each task."""

    def __init__(self, teller: DeskTeller, columns: Sequence[str]) -> None:
        self.teller = teller
        self.clock = ServiceNowClock(teller)
        self.columns = [name for name in columns if name not in _NO_CHANGE and name not in _LAST]
        self.before: dict[str, tuple[str, ...]] = {}
        self.counts: dict[str, str] = {}
        self.ends: dict[str, tuple[str, str]] = {}
        self.parents: dict[str, str] = {}
        self.reason = ""
        self.is_early = False

    def tell(self, row: Row) -> bool:
        """The events of a row."""
        number = row.text("number") or row.stored("sys_id") or "(no number)"
        values = tuple(row.text(name) for name in self.columns)
        before = self.before.get(number)
        if before is None:
            self._tell_opened(row, number)
        self._tell_update(row, number)
        if before is None:
            self._tell_links(row, number)
        elif before != values:
            self._tell_changes(row, number, before, values)
        self.before[number] = values
        self.counts[number] = row.text("sys_mod_count")
        self._tell_ends(row, number)
        return True

    def finish(self) -> None:
        """What the log does not hold."""
        self.teller.miss(
            {"journal entries (work notes and additional comments)": False, "attachments": False}
        )

    def _time(self, row: Row, *columns: str) -> dict[str, Any]:
        text, is_stored = row.stamp(*columns)
        if not text:
            return {}
        if is_stored:
            return {"stamp": text, "zone": "UTC", "assumptions": [self.clock.stored()]}
        return {"stamp": text, "assumptions": [self.clock.shown()]}

    def _tell_opened(self, row: Row, number: str) -> None:
        time = self._time(row, "opened_at", "sys_created_on", "sys_created_at")
        known, _ = row.stamp("sys_created_on", "sys_created_at")
        title = row.text("short_description")
        self.parents[number] = self.teller.tell(
            "ticket.created",
            f"{number} opened: {title}" if title else f"{number} opened",
            row.place("opened_at"),
            record=self.teller.record_of(number),
            subject=number,
            actor=row.text("opened_by", "sys_created_by"),
            channel=row.text("contact_type"),
            refs=[number],
            known=known,
            fields={
                name: row.text(name) for name in ("caller_id", "location", "sys_created_by") if row.text(name)
            },
            **time,
        )

    def _tell_update(self, row: Row, number: str) -> None:
        state = row.text("incident_state", "state")
        count = row.text("sys_mod_count")
        facts = {name: cell.text for name, cell in row.cells.items() if name not in _LAST and row.text(name)}
        self.teller.tell(
            "ticket.state",
            f"{number} at update {count}: {state or 'no state given'}"
            if count
            else f"{number} updated: {state}",
            row.place(""),
            record=self.teller.record_of(number),
            subject=number,
            actor=row.text("sys_updated_by"),
            parent=self.parents.get(number, ""),
            component=row.text("cmdb_ci"),
            unit=row.text("assignment_group"),
            time_kind=TimeKind.RECORDED,
            fields=facts,
            **self._time(row, *_UPDATE),
        )

    def _changed(self, row: Row, number: str) -> dict[str, Any]:
        """What the changes of an update share."""
        if not self.reason:
            self.reason = self.teller.source.assume(
                "history",
                "what differs between consecutive rows of a task changed at the later row's update",
                rests_on="the log has a row for each update of a task, numbered by sys_mod_count",
                alternatives=("an update in between whose row is missing: a gap in sys_mod_count",),
            )
        time = self._time(row, *_UPDATE)
        reasons = time.pop("assumptions", [])
        return {
            **time,
            "assumptions": [*(reasons if isinstance(reasons, list) else []), self.reason],
            "actor": row.text("sys_updated_by"),
            "parent": self.parents.get(number, ""),
        }

    def _tell_changes(self, row: Row, number: str, before: Sequence[str], values: Sequence[str]) -> None:
        count, last = row.text("sys_mod_count"), self.counts.get(number, "")
        facts: dict[str, str] = {"update": count} if count else {}
        if count.isascii() and last.isascii() and count.isdecimal() and last.isdecimal():
            missing = int(count[:15]) - int(last[:15]) - 1
            if missing > 0:
                facts["updates_without_a_row"] = str(missing)
        more = self._changed(row, number)
        for name, old, new in zip(self.columns, before, values, strict=True):
            if old == new:
                continue
            phrase, relation = _PHRASES.get(name, ("", ""))
            if phrase and new:
                self.teller.tell_link(
                    number,
                    phrase,
                    new,
                    row.place(name),
                    relation=relation,
                    field=name,
                    old=old,
                    fields=facts,
                    **more,
                )
            elif kind_of_field(name) == "ticket.status" and name != "state" and "state" in self.columns:
                continue  # the same choice under a second name
            else:
                self.teller.tell_change(number, name, (old, new), row.place(name), fields=facts, **more)

    def _tell_links(self, row: Row, number: str) -> None:
        """Links that the first row has already: made by then, nobody knows when."""
        text, is_stored = row.stamp(*_UPDATE)
        for name, (phrase, relation) in _PHRASES.items():
            if row.text(name):
                self.teller.tell_link(
                    number,
                    phrase,
                    row.text(name),
                    row.place(name),
                    relation=relation,
                    field=name,
                    parent=self.parents.get(number, ""),
                    known=text,
                    zone="UTC" if is_stored else "",
                )

    def _tell_ends(self, row: Row, number: str) -> None:
        """Resolved and closed, where a row says so for the first time or says something else than before."""
        found = (row.text("resolved_at"), row.text("closed_at"))
        before = self.ends.get(number, ("", ""))
        if found == before:
            return
        self.ends[number] = found
        self._look_ahead(row, found)
        for kind, word, column, actor, old, new in (
            ("ticket.resolved", "resolved", "resolved_at", ("resolved_by",), before[0], found[0]),
            ("ticket.closed", "closed", "closed_at", ("closed_by",), before[1], found[1]),
        ):
            if not new or new == old:
                continue
            code = row.text("closed_code", "close_code")
            self.teller.tell(
                kind,
                f"{number} {word}: {code}" if code else f"{number} {word}",
                row.place(column),
                record=self.teller.record_of(number),
                subject=number,
                actor=row.text(*actor),
                parent=self.parents.get(number, ""),
                fields={"code": code} if code else {},
                **self._time(row, column),
            )

    def _look_ahead(self, row: Row, ends: tuple[str, str]) -> None:
        """Say once that rows hold dates that lie after their own update."""
        update, _ = row.stamp(*_UPDATE)
        if self.is_early or not update:
            return
        parse = self.teller.dating.parse
        now = parse(update)
        for text in ends:
            then = parse(text) if text else None
            if now is None or then is None or None in (now.year, now.month, then.year, then.month):
                continue
            if (then.year, then.month, then.day, then.hour, then.minute) > (
                now.year, now.month, now.day, now.hour, now.minute,
            ):  # fmt: skip
                self.is_early = True
                self.teller.complain(
                    "Rows hold what came after them",
                    detail=f"an update of {update} already has {text}",
                    place=row.place("").locator,
                    severity=Severity.INFO,
                    hint="The log repeats a task's last values in all of its rows; when it was resolved and closed is told"
                    " once and left out of the updates, so that no row knows what came later.",
                )
                return
