"""`RedmineTeller`: what an issue of Redmine and the parts of its history mean, from JSON or XML.

The decision hidden here: how journals are told. Details hold numbers for statuses, trackers and people: they stay numbers,
and the name is added only where the same file states it. Notes may be private. A relation has a type seen from one of its
two issues; seen from the other it is the inverse.

References:
    Redmine wiki, "Rest api": Issues, Journals, Issue Relations, Attachments, Time Entries.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rca.moments.moment import TimeKind
from rca.moments.stamps import Stamp, compile_layout
from rca.reading.json_fields import dict_of, text_of
from rca.reading.source import Source
from rca.reading.tickets.pieces import Piece
from rca.reading.tickets.tracker_telling import TrackerTeller, mentions

__all__ = ["RedmineTeller", "shape_of"]

_KINDS = {
    "status_id": "ticket.status",
    "assigned_to_id": "ticket.assignee",
    "priority_id": "ticket.priority",
    "parent_id": "ticket.link",
}
_RELATIONS = {
    "relates": ("relates to", "relates to"),
    "duplicates": ("duplicates", "duplicated by"),
    "duplicated": ("duplicated by", "duplicates"),
    "blocks": ("blocks", "blocked by"),
    "blocked": ("blocked by", "blocks"),
    "precedes": ("precedes", "follows"),
    "follows": ("follows", "precedes"),
    "copied_to": ("cloned to", "cloned from"),
    "copied_from": ("cloned from", "cloned to"),
}
_OLD = compile_layout("%a %b %d %H:%M:%S %z %Y")
_NAMED = ("status", "priority", "tracker", "project", "category", "fixed_version", "assigned_to", "author")


def shape_of(piece: Piece) -> str:
    """What an object is: issue, journal, hours or relation; "" for none of Redmine's."""
    said = piece.said
    if isinstance(said.get("tracker"), dict) and ("created_on" in said or "subject" in said) and "id" in said:
        return "issue"
    if isinstance(said.get("details"), list) and "created_on" in said and ("user" in said or "notes" in said):
        return "journal"
    if "spent_on" in said and "hours" in said and "activity" in said:
        return "hours"
    return "relation" if "relation_type" in said and "issue_to_id" in said and "issue_id" in said else ""


class RedmineTeller(TrackerTeller):
    """A teller of the events of issues; it knows the issue that is open, and the names that the file gives to numbers."""

    def __init__(self, source: Source, reader: Any) -> None:
        super().__init__(source, reader, system="redmine", read=_read_old)
        self.issue = "?"
        self.parent = ""
        self.unit = ""
        self.names: dict[str, dict[str, str]] = {}
        self.told: set[str] = set()
        self.waiting: list[tuple[str, Callable[[], str]]] = []
        self.is_unmapped = False

    @property
    def ticket(self) -> str:
        """The name of the issue that is open."""
        return f"#{self.issue}"

    def _common(self, **more: Any) -> dict[str, Any]:
        return {"record": f"redmine:{self.issue}", "parent": self.parent, "unit": self.unit, **more}

    def learn(self, piece: Piece) -> None:
        """Take over the names that an object gives to its numbers."""
        for name in _NAMED:
            one = dict_of(piece.said.get(name))
            if text_of(one.get("id")) and text_of(one.get("name")):
                self.names.setdefault(f"{name}_id", {})[text_of(one.get("id"))] = text_of(one.get("name"))
        for status in piece.pieces("allowed_statuses"):
            if status.text("id") and status.text("name"):
                self.names.setdefault("status_id", {})[status.text("id")] = status.text("name")

    # -- the issue ----------------------------------------------------------------------------------------

    def open_issue(self, piece: Piece) -> None:
        """The creation of an issue. What its journals may say better waits until `close_issue`."""
        self.close_issue()
        self.issue, self.unit, self.parent = piece.text("id"), piece.text("project.name"), ""
        self.told = set()
        self.learn(piece)
        body, title = piece.text("description"), piece.text("subject")
        names = ("status", "priority", "tracker", "category", "fixed_version", "assigned_to")
        fields = {name: piece.text(f"{name}.name", f"{name}.id") for name in names}
        fields |= {
            name: piece.text(name)
            for name in ("start_date", "due_date", "done_ratio", "estimated_hours", "spent_hours")
        }
        fields |= {
            one.text("name"): one.text("value") or ", ".join(one.texts("value"))
            for one in piece.pieces("custom_fields")
            if one.text("name")
        }
        fields |= {
            "title": title,
            "updated": piece.text("updated_on"),
            "is_private": "true" if piece.flag("is_private") else "",
        }
        closed = piece.text("closed_on")
        if closed and closed == piece.text("created_on"):  # it was created closed: no change to it
            fields["created_closed"], closed = "true", ""
        self.parent = self.tell_created(
            self.ticket, title, piece.place(), body=body, stamp=piece.text("created_on"), actor=_who(piece, "author"), fields=fields,
            refs=self._mentions(body), **self._common(),
        )  # fmt: skip
        above = piece.text("parent.id")
        if above:
            self.waiting.append((f"parent:{above}", partial(
                self.tell_link, self.ticket, "child of", f"#{above}", piece.place("parent"), known=piece.text("updated_on"),
                field="parent", **self._common(),
            )))  # fmt: skip
        if closed:
            self.waiting.append((f"closed:{closed}", partial(
                self.tell, "ticket.closed", f"{self.ticket} closed ({fields['status'] or 'closed'})", piece.place(), stamp=closed,
                subject=self.ticket, fields={"status": fields["status"]}, **self._common(),
            )))  # fmt: skip

    def close_issue(self) -> None:
        """What the issue says of itself and no journal of it said."""
        for mark, tell in self.waiting:
            if mark not in self.told:
                tell()
        self.waiting = []

    def _mentions(self, text: str) -> list[str]:
        return [one for one in mentions(text) if one != self.ticket]

    # -- its parts ----------------------------------------------------------------------------------------

    def tell_journal(self, piece: Piece) -> None:
        """A journal: its notes as a comment or private note, and a change for each detail."""
        self.learn(piece)
        number, notes = piece.text("id"), piece.text("notes")
        common = self._common(stamp=piece.text("created_on"))
        actor = _who(piece, "user")
        count = 0
        if notes.strip():
            count += 1
            is_private = piece.flag("private_notes", "is_private_notes")
            fields = {"change_id": number, "updated": piece.text("updated_on")}
            self.tell_text(
                self.ticket, notes, piece.place(), is_public=not is_private, who=actor, refs=self._mentions(notes), fields=fields, **common
            )  # fmt: skip
        for one in piece.pieces("details"):
            count += 1
            if one.text("name") == "status_id":
                self.told.add(f"closed:{piece.text('created_on')}")
            self._tell_detail(
                one, {**common, "actor": actor}, {"change_id": number, "property": one.text("property")}
            )
        if not count:
            self.tell_field(
                self.ticket, "ticket.change", ("", "", ""), piece.place(), actor=actor, fields={"change_id": number},
                message=f"{self.ticket} changed; the export does not show what", **common,
            )  # fmt: skip

    def _tell_detail(self, piece: Piece, common: dict[str, Any], fields: dict[str, str]) -> None:
        kind, name = piece.text("property"), piece.text("name")
        old, new = piece.text("old_value"), piece.text("new_value")
        old, new = old or ", ".join(piece.texts("old_value")), new or ", ".join(piece.texts("new_value"))
        place = piece.place()
        if kind == "attachment":
            if new and f"attachment:{name}" not in self.told:
                self.tell_file(self.ticket, new, place, fields={**fields, "attachment_id": name}, **common)
            elif not new:
                self.tell_field(
                    self.ticket, "ticket.change", ("attachment", old, ""), place, fields=fields, **common
                )
            return
        if kind == "relation" and new:
            phrase = _RELATIONS.get(name, (name.replace("_", " "), ""))[0]
            self.told.add(f"relation:{new}")
            self.tell_link(
                self.ticket, phrase, f"#{new}", place, direction=_direction(phrase), fields=fields, **common
            )
            return
        if name == "parent_id" and new:
            self.told.add(f"parent:{new}")
            self.tell_link(
                self.ticket, "child of", f"#{new}", place, field=name, old=old, fields=fields, **common
            )
            return
        names = self.names.get(name, {})
        fields |= {"old_name": names.get(old, ""), "new_name": names.get(new, "")}
        if name.endswith("_id") and ((old and old not in names) or (new and new not in names)):
            self.is_unmapped = True
        what = _KINDS.get(name, "ticket.change") if kind == "attr" else "ticket.change"
        label = f"custom field {name}" if kind == "cf" else name.removesuffix("_id").replace("_", " ")
        shown = [f"{one} ({names[one]})" if one in names else one for one in (old, new)]
        self.tell_field(
            self.ticket, "ticket.change" if what == "ticket.link" else what, (name or kind, old, new), place, fields=fields,
            message=f"{self.ticket} {label}: {shown[0] or '(empty)'} → {shown[1] or '(empty)'}", **common,
        )  # fmt: skip

    def tell_child(self, piece: Piece) -> None:
        """An issue that is part of the one that is open."""
        if piece.text("id"):
            self.tell_link(self.ticket, "parent of", f"#{piece.text('id')}", piece.place(), **self._common())

    def tell_attached(self, piece: Piece) -> None:
        """A file of the issue; the journal's mention of the same file isn't told again."""
        self.told.add(f"attachment:{piece.text('id')}")
        self.tell_file(
            self.ticket, piece.text("filename"), piece.place(), stamp=piece.text("created_on"), actor=_who(piece, "author"),
            fields={"attachment_id": piece.text("id"), "size": piece.text("filesize"), "type": piece.text("content_type"),
                    "description": piece.text("description"), "url": piece.text("content_url")}, **self._common(),
        )  # fmt: skip

    def tell_relation(self, piece: Piece) -> None:
        """A relation, seen from the issue that is open."""
        from_issue, to_issue, kind = (
            piece.text("issue_id"),
            piece.text("issue_to_id"),
            piece.text("relation_type"),
        )
        forth, back = _RELATIONS.get(
            kind, (kind.replace("_", " "), f"{kind.replace('_', ' ')} (seen from the other)")
        )
        is_back = to_issue == self.issue and from_issue != self.issue
        ticket = self.ticket
        if self.issue not in (from_issue, to_issue):
            ticket = f"#{from_issue}"
        phrase, target = (back, from_issue) if is_back else (forth, to_issue)
        common = self._common(record=f"redmine:{ticket[1:]}")
        fields = {"relation_id": piece.text("id"), "relation_type": kind, "delay": piece.text("delay")}
        tell = partial(
            self.tell_link, ticket, phrase, f"#{target}", piece.place(), direction=_direction(phrase), fields=fields, **common
        )  # fmt: skip
        self.waiting.append((f"relation:{target}", tell))

    def tell_changeset(self, piece: Piece) -> None:
        """A commit that refers to the issue."""
        revision, comment = piece.text("revision"), piece.text("comments")
        self.tell(
            "ticket.commit", f"{self.ticket} commit {revision[:12]}: {comment}", piece.place(), stamp=piece.text("committed_on"),
            actor=_who(piece, "user"), subject=self.ticket, text=comment, refs=[one for one in (revision,) if one],
            fields={"commit": revision}, **self._common(),
        )  # fmt: skip

    def tell_hours(self, piece: Piece) -> None:
        """An entry of working time: it concerns the day it names, and was entered at another moment."""
        issue = piece.text("issue.id")
        ticket = f"#{issue}" if issue else piece.text("project.name")
        hours, comment = piece.text("hours"), piece.text("comments")
        self.tell(
            "ticket.worklog", f"{ticket} {hours} h {piece.text('activity.name')}{': ' + comment if comment else ''}", piece.place(),
            stamp=piece.text("spent_on"), known=piece.text("created_on"), time_kind=TimeKind.OCCURRED, subject=ticket,
            actor=_who(piece, "user"), record=f"redmine:{issue}" if issue else f"redmine:project:{piece.text('project.id')}",
            unit=piece.text("project.name"), fields={"hours": hours, "entered": piece.text("created_on"), "change_id": piece.text("id")},
        )  # fmt: skip

    def note_end(self) -> None:
        """Tell what waits, and say what the stream does not contain."""
        self.close_issue()
        if self.is_unmapped:
            self.note_absence("names for all numbers of statuses, people and other fields in the journals")
        self.end()


def _read_old(text: str) -> Stamp | None:
    return _OLD.parse(text.strip())


def _direction(phrase: str) -> str:
    return "inward" if phrase.endswith((" by", " from")) or phrase == "follows" else "outward"


def _who(piece: Piece, name: str) -> str:
    return piece.text(f"{name}.name", name) or piece.text(f"{name}.id")
