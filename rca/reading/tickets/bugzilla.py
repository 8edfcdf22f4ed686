"""Bugzilla's REST API: bugs, comments, histories and attachments as recorded answers.

The decision hidden here: where the number of a bug stands in each answer. Comments and attachments lie under it, a history
beside it; the answer for one attachment lies under the attachment's own. Each change of a history is an event.

References:
    Bugzilla 5 documentation, WebService API: Get Bug, Bug History, Get Comments, Get Attachment; JSON-RPC (`result`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.bugzilla_fields import CLOSED, BugTeller, bug_links
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BugzillaReader"]

_SIGNS = re.compile(r'"bugs"|"bug_id"|"field_name"|"last_change_time"|"op_sys"')
_LISTS = {"bugs", "comments", "attachments", "history", "data", "response"}
_OF_RECORD = {
    "id", "summary", "product", "bug_id", "text", "creator", "when", "who", "changes", "alias", "assigned_to", "attacher",
    "creation_time", "count", "is_private", "history", "cc", "blocks", "depends_on",
}  # fmt: skip
_IN_POINTER = re.compile(r"/bugs/(\d+)(?:/|$)")


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    if key == "result":
        return "summary" not in members
    if members.keys() & _OF_RECORD:
        return False
    if key in ("history", "data", "response"):
        return ahead[:1] == "["
    return key in _LISTS or key.isdecimal()


def _shape_of(piece: Piece) -> str:
    """What an object is: bug, comment, attachment, history or entry; "" for none of Bugzilla's."""
    said = piece.said
    history = said.get("history")
    if isinstance(history, list) and "id" in said and "summary" not in said:
        first = dict_of(history[0]) if history else {}
        return "history" if {"when", "changes"} <= first.keys() or (not history and "alias" in said) else ""
    changes = list_of(said.get("changes"))
    if "when" in said and changes and "field_name" in dict_of(changes[0]):
        return "entry"
    if "bug_id" in said and "file_name" in said and ("content_type" in said or "creation_time" in said):
        return "attachment"
    if "bug_id" in said and "text" in said and ("time" in said or "creation_time" in said):
        return "comment"
    is_bug = "id" in said and "summary" in said and "product" in said and "component" in said
    if is_bug and ("last_change_time" in said or "creation_time" in said or "creation_ts" in said):
        return "bug"
    return ""


class BugzillaReader:
    """Reads answers of Bugzilla's REST API; bugs, comments, attachments and each change are events."""

    name = "bugzilla"
    version = "1"
    title = "Bugzilla: bugs, comments, histories and attachments (REST, JSON-RPC)"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is one of Bugzilla's by its keys, else 0."""
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

    def __init__(self, source: Source, reader: BugzillaReader) -> None:
        self.teller = BugTeller(source, reader)
        self.seen: set[str] = set()

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        shape = _shape_of(piece)
        self.seen.add(shape)
        if shape == "bug":
            self._tell_bug(piece)
        elif shape == "history":
            self._tell_history(piece, piece.text("id"))
        elif shape == "entry":
            self._tell_entry(piece, self._bug_of(piece))
        elif shape == "comment":
            self._tell_comment(piece, self._bug_of(piece))
        elif shape == "attachment":
            self._tell_attachment(piece, self._bug_of(piece))
        else:
            self.teller.pass_over(piece)

    def end(self) -> None:
        """What the stream does not contain."""
        for shape, what in (("history", "history of the bugs"), ("comment", "comments of the bugs")):
            if "bug" in self.seen and shape not in self.seen:
                self.teller.note_absence(what)
        self.teller.end()

    def _bug_of(self, piece: Piece) -> str:
        found = _IN_POINTER.search(piece.root)
        return piece.text("bug_id") or (found[1] if found else "?")

    def _tell_bug(self, piece: Piece) -> None:
        teller, bug = self.teller, piece.text("id")
        common: dict[str, Any] = {"component": piece.text("component"), "unit": piece.text("product")}
        changed = piece.text("last_change_time", "delta_ts")
        names = ("status", "resolution", "assigned_to", "priority", "severity", "version", "target_milestone", "op_sys", "platform",
                 "whiteboard", "url", "classification", "qa_contact")  # fmt: skip
        fields = {name: piece.text(name, f"{name}.name") for name in names}
        fields |= {
            "title": piece.text("summary"),
            "keywords": ", ".join(piece.texts("keywords")),
            "cc": ", ".join(piece.texts("cc", "email", "name")),
            "flags": ", ".join(
                f"{text_of(dict_of(f).get('name'))}{text_of(dict_of(f).get('status'))}"
                for f in list_of(piece.said.get("flags"))
            ),
            "updated": changed,
        }
        parent = teller.tell_created(
            f"bug {bug}", piece.text("summary"), piece.place(), body=piece.text("description"), record=f"bugzilla:{bug}",
            stamp=piece.text("creation_time", "creation_ts"), actor=piece.text("creator", "creator.name", "reporter"), fields=fields,
            severity_text=piece.text("severity"), **common,
        )  # fmt: skip
        for name in piece.said:
            if bug_links(name):
                value = text_of(piece.said[name])
                targets = [value] if value else piece.texts(name, "id")
                teller.tell_links(
                    bug, name, targets, piece.place(name), known=changed, parent=parent, **common
                )
        history = list(piece.pieces("history"))
        resolved = piece.text("cf_last_resolved")
        if resolved:
            teller.tell(
                "ticket.resolved", f"bug {bug} resolved{': ' + fields['resolution'] if fields['resolution'] else ''}", piece.place(),
                stamp=resolved, subject=f"bug {bug}", record=f"bugzilla:{bug}", parent=parent, fields={"resolution": fields["resolution"]}, **common,
            )  # fmt: skip
        elif fields["status"].casefold() in CLOSED and not history:
            teller.tell(
                "ticket.state", f"bug {bug} status: {fields['status']} {fields['resolution']}", piece.place(), known=changed, subject=f"bug {bug}", record=f"bugzilla:{bug}", parent=parent,
                fields={"field": "status", "new": fields["status"], "resolution": fields["resolution"]}, **common,
            )  # fmt: skip
        for one in history:
            self.seen.add("history")
            self._tell_entry(one, bug, parent)
        for one in piece.pieces("comments"):
            self.seen.add("comment")
            self._tell_comment(one, bug, parent)
        for one in piece.pieces("attachments"):
            self._tell_attachment(one, bug, parent)

    def _tell_history(self, piece: Piece, bug: str) -> None:
        for one in piece.pieces("history"):
            self._tell_entry(one, bug)

    def _tell_entry(self, piece: Piece, bug: str, parent: str = "") -> None:
        """One entry of a history: a change for each field that was changed at that moment."""
        who, when = piece.text("who", "who.name"), piece.text("when")
        for one in piece.pieces("changes"):
            attachment = one.text("attachment_id")
            self.teller.tell_bug_change(
                bug, one.text("field_name"), (one.text("removed"), one.text("added")), one.place(), stamp=when, actor=who, parent=parent,
                fields={"change_id": f"{bug}@{when}", "attachment": attachment},
            )  # fmt: skip

    def _tell_comment(self, piece: Piece, bug: str, parent: str = "") -> None:
        attachment = piece.text("attachment_id")
        self.teller.tell_comment(
            bug, piece.text("text", "raw_text"), piece.place(), is_private=piece.flag("is_private"),
            is_description=piece.text("count") == "0", who=piece.text("creator", "author"), parent=parent,
            stamp=piece.text("time", "creation_time"),
            fields={"comment_id": piece.text("id"), "attachment": attachment, "tags": ", ".join(piece.texts("tags"))},
        )  # fmt: skip

    def _tell_attachment(self, piece: Piece, bug: str, parent: str = "") -> None:
        self.teller.tell_attachment(
            bug, piece.text("file_name"), piece.place(), media=piece.text("content_type"), data=piece.text("data"),
            summary=piece.text("summary", "description"), stamp=piece.text("creation_time"), parent=parent,
            actor=piece.text("creator", "attacher"),
            fields={"attachment_id": piece.text("id"), "size": piece.text("size"), "is_private": "true" if piece.flag("is_private") else "",
                    "is_obsolete": "true" if piece.flag("is_obsolete") else "", "updated": piece.text("last_change_time")},
        )  # fmt: skip
