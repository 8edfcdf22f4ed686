"""Launchpad: bugs, bug tasks, activity, messages and attachments, as recorded answers of its web service.

The decision hidden here: objects are known by their `resource_type_link`. A bug has a task in each project that it affects,
and a task states when it reached each status. Activity is the history, in words: "status" and others carry the name of the
task before a colon. Message 0 is the description.

References:
    Launchpad web service API 1.0: bug, bug_task, bug_activity, message, bug_attachment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.moments.moment import TimeKind
from rca.reading.json_fields import text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.pieces import Piece, note_total, read_pieces, says_shape, wrapper_tail
from rca.reading.tickets.tracker_telling import TrackerTeller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LaunchpadReader"]

_SIGNS = re.compile(r'"resource_type_link"')
_OF_RECORD = {"self_link", "id", "http_etag", "title", "web_link", "bug_link", "content"}
_TYPES = {"bug", "bug_task", "bug_activity", "message", "bug_attachment", "bug_subscription"}
_BUG = re.compile(r"/\+?bugs?/(\d+)\b")
_COMMENT = re.compile(r"/comments/(\d+)\b")
_DATES = {
    "date_incomplete": "Incomplete",
    "date_confirmed": "Confirmed",
    "date_triaged": "Triaged",
    "date_in_progress": "In Progress",
    "date_fix_committed": "Fix Committed",
    "date_fix_released": "Fix Released",
}
_KINDS = {"status": "ticket.status", "importance": "ticket.priority", "assignee": "ticket.assignee"}


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    return ahead[:1] == "[" and key in ("entries", "response", "data") and not members.keys() & _OF_RECORD


def _shape_of(piece: Piece) -> str:
    """What an object is, by its type: bug, bug_task, bug_activity, message, bug_attachment; "" for none of Launchpad's."""
    link = piece.text("resource_type_link")
    kind = link.rpartition("#")[2]
    if kind in _TYPES:
        return kind
    if "#" in link and piece.has("bug_link", "date_created", "status", "importance"):
        return "bug_task"
    return "bug" if "#" in link and piece.has("bug_tasks_collection_link") else ""


class LaunchpadReader:
    """Reads answers of Launchpad; bugs, the dates of their tasks, each activity and message are events."""

    name = "launchpad"
    version = "1"
    title = "Launchpad: bugs, bug tasks, activity, messages (web service)"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a bug or a part of one by its type, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        told = _Telling(source, self)
        for piece in read_pieces(source, _enter, code="RCA191"):
            told.tell(piece)
            yield from told.teller.batches()
        told.end()
        yield from told.teller.rest()


class _Telling:
    """One stream on its way."""

    def __init__(self, source: Source, reader: LaunchpadReader) -> None:
        self.source = source
        self.teller = TrackerTeller(source, reader, system="launchpad")
        self.seen: dict[str, int] = {}
        self.created: set[str] = set()
        self.total = ""

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        shape = _shape_of(piece)
        self.seen[shape] = self.seen.get(shape, 0) + 1
        self.total = self.total or text_of(piece.around.get("total_size"))
        tell = {
            "bug": self._tell_bug,
            "bug_task": self._tell_task,
            "bug_activity": self._tell_activity,
            "message": self._tell_message,
            "bug_attachment": self._tell_attachment,
            "bug_subscription": self._tell_subscription,
        }.get(shape)
        if tell is not None:
            tell(piece)
        else:
            self.teller.pass_over(piece)

    def end(self) -> None:
        """What the stream does not contain."""
        total = self.total or wrapper_tail(self.source).get("total_size", "")
        note_total(self.source, sum(self.seen.values()), total, code=self.teller.code, what="entries")
        if self.seen.get("bug") or self.seen.get("bug_task"):
            for shape, what in (
                ("bug_activity", "activity of the bugs (history)"),
                ("message", "messages of the bugs (comments)"),
            ):
                if not self.seen.get(shape):
                    self.teller.note_absence(what)
        self.teller.end()

    def _bug_of(self, piece: Piece) -> str:
        for name in ("bug_link", "self_link", "web_link", "message_link"):
            found = _BUG.search(piece.text(name))
            if found:
                return found[1]
        return piece.text("id") or "?"

    def _common(self, bug: str, **more: Any) -> dict[str, Any]:
        return {"record": f"launchpad:{bug}", **more}

    def _tell_bug(self, piece: Piece) -> None:
        bug = piece.text("id") or self._bug_of(piece)
        title, body = piece.text("title"), piece.text("description")
        self.created.add(bug)
        parent = self.teller.tell_created(
            f"bug {bug}", title, piece.place(), body=body, stamp=piece.text("date_created"), actor=_who(piece, "owner_link"),
            fields={"title": title, "tags": ", ".join(piece.texts("tags")), "information_type": piece.text("information_type"),
                    "private": "true" if piece.flag("private") else "", "heat": piece.text("heat"), "messages": piece.text("message_count"),
                    "updated": piece.text("date_last_updated"), "url": piece.text("web_link")}, **self._common(bug),
        )  # fmt: skip
        found = _BUG.search(piece.text("duplicate_of_link"))
        if found:
            self.teller.tell_link(
                f"bug {bug}", "duplicate of", f"bug {found[1]}", piece.place("duplicate_of_link"), parent=parent,
                known=piece.text("date_last_updated"), **self._common(bug),
            )  # fmt: skip

    def _tell_task(self, piece: Piece) -> None:
        teller, bug = self.teller, self._bug_of(piece)
        ticket, target = f"bug {bug}", piece.text("bug_target_name", "bug_target_display_name")
        title = piece.text("title").partition('"')[2].rstrip('"') or piece.text("title")
        common = self._common(bug, component=target)
        fields = {name: piece.text(name) for name in ("status", "importance", "milestone_link")}
        parent = teller.tell_created(
            ticket, title, piece.place(), stamp=piece.text("date_created"), actor=_who(piece, "owner_link"), severity_text=fields["importance"],
            fields={**fields, "assignee": _who(piece, "assignee_link"), "url": piece.text("web_link"), "target": target}, **common,
        )  # fmt: skip
        common["parent"] = parent
        if piece.text("date_assigned"):
            change = ("assignee", "", _who(piece, "assignee_link"))
            teller.tell_field(
                ticket,
                "ticket.assignee",
                change,
                piece.place("date_assigned"),
                stamp=piece.text("date_assigned"),
                **common,
            )
        for name, status in _DATES.items():
            if piece.text(name):
                change = ("status", "", status)
                teller.tell_field(
                    ticket,
                    "ticket.status",
                    change,
                    piece.place(name),
                    stamp=piece.text(name),
                    fields={"target": target},
                    **common,
                )
        if piece.text("date_closed"):
            teller.tell(
                "ticket.closed", f"{ticket} closed ({fields['status']})", piece.place("date_closed"), stamp=piece.text("date_closed"),
                subject=ticket, fields={"status": fields["status"], "target": target}, **common,
            )  # fmt: skip

    def _tell_activity(self, piece: Piece) -> None:
        teller, bug = self.teller, self._bug_of(piece)
        ticket, what = f"bug {bug}", piece.text("whatchanged")
        target, _, field = what.rpartition(": ")
        old, new, message = piece.text("oldvalue"), piece.text("newvalue"), piece.text("message")
        common = self._common(
            bug, stamp=piece.text("datechanged"), actor=_who(piece, "person_link"), component=target
        )
        fields = {"message": message}
        number = re.fullmatch(r"\d+", new or old)
        if what == "bug" and message == "added bug" and bug not in self.created:
            self.created.add(bug)
            teller.tell_created(ticket, "", piece.place(), fields=fields, **common)
        elif what in ("marked as duplicate", "changed duplicate marker") and number and new:
            teller.tell_link(
                ticket, "duplicate of", f"bug {new}", piece.place(), fields={**fields, "old": old}, **common
            )
        elif what == "attachment added" and new:
            teller.tell_file(ticket, new, piece.place(), fields=fields, **common)
        elif what == "branch linked" and new:
            teller.tell(
                "ticket.commit", f"{ticket} branch linked: {new}", piece.place(), subject=ticket, refs=[new],
                fields={**fields, "relation": "branch", "target": new}, **common,
            )  # fmt: skip
        else:
            said = old or new
            teller.tell_field(
                ticket, _KINDS.get(field, "ticket.change"), (field or what, old, new), piece.place(), fields=fields,
                message="" if said else f"{ticket} {message or what}", **common,
            )  # fmt: skip

    def _tell_message(self, piece: Piece) -> None:
        bug = self._bug_of(piece)
        found = _COMMENT.search(piece.text("self_link", "web_link"))
        is_first = bool(found and found[1] == "0")
        text, subject = piece.text("content"), piece.text("subject")
        refs = [
            f"bug {n}"
            for n in dict.fromkeys(re.findall(r"\b[Bb]ug:? #?(\d{1,9})\b", text[:100_000]))
            if n != bug
        ]
        self.teller.tell_text(
            f"bug {bug}", text or subject, piece.place(), is_public=True, who=_who(piece, "owner_link"), refs=refs,
            what="description" if is_first else "", stamp=piece.text("date_created"),
            fields={"subject": subject, "number": found[1] if found else "", "description": "true" if is_first else "",
                    "answers": piece.text("parent_link"), "deleted": piece.text("date_deleted")}, **self._common(bug),
        )  # fmt: skip

    def _tell_attachment(self, piece: Piece) -> None:
        bug = self._bug_of(piece)
        self.teller.tell_file(
            f"bug {bug}", piece.text("title"), piece.place(), time_kind=TimeKind.OCCURRED,
            fields={"type": piece.text("type"), "url": piece.text("data_link"), "message": piece.text("message_link")}, **self._common(bug),
        )  # fmt: skip

    def _tell_subscription(self, piece: Piece) -> None:
        bug = self._bug_of(piece)
        who = _who(piece, "person_link")
        self.teller.tell_field(
            f"bug {bug}", "ticket.change", ("subscriber", "", who), piece.place(), stamp=piece.text("date_created"),
            actor=_who(piece, "subscribed_by_link"), audience=[who] if who else [], **self._common(bug),
        )  # fmt: skip


def _who(piece: Piece, name: str) -> str:
    """A person: the last part of the address (`~night-lead`)."""
    return piece.text(name).rstrip("/").rpartition("/")[2].removeprefix("~")
