"""Phabricator and Phorge: Maniphest tasks and their transactions, as answers of Conduit.

The decision hidden here: what each type of transaction means, and what an edge is. Tasks come from `maniphest.search` or the
older `maniphest.query`, transactions from `maniphest.gettasktransactions` or `transaction.search`; times are seconds since
1970. People, projects and tasks are PHIDs, which stay as written: names for them are in other answers. Each transaction is
one event.

References:
    Phabricator, Conduit API: maniphest.search, maniphest.query, maniphest.gettasktransactions, transaction.search; edge
    types (`EDGECONST` of ManiphestTask…EdgeType, PhabricatorObjectMentions…EdgeType).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.links import relation_of
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape
from rca.reading.tickets.tracker_telling import TrackerTeller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PhabricatorReader"]

_SIGNS = re.compile(r"PHID-(?:TASK|XACT)-")
_OF_RECORD = {
    "phid",
    "id",
    "fields",
    "transactionID",
    "transactionPHID",
    "authorPHID",
    "dateCreated",
    "taskID",
    "objectName",
}
_EDGES = {
    "1": ("has commit", "outward"),
    "3": ("depends on", "outward"),
    "4": ("blocks", "outward"),
    "51": ("mentioned in", "inward"),
    "52": ("mentions", "outward"),
    "62": ("duplicated by", "inward"),
    "63": ("duplicate of", "outward"),
}
_EDGE_NAMES = {"task.subtask": "parent of", "task.parent": "child of", "mention": "mentions", "mentioned-in": "mentioned in",
               "commit.task": "has commit", "task.duplicate": "duplicated by"}  # fmt: skip
_KINDS = {
    "status": "ticket.status",
    "close": "ticket.status",
    "reassign": "ticket.assignee",
    "owner": "ticket.assignee",
    "priority": "ticket.priority",
    "comment": "ticket.comment",
    "inline": "ticket.comment",
    "create": "ticket.created",
    "mergedinto": "ticket.link",
    "mergedfrom": "ticket.link",
    "file": "ticket.attachment",
    "attach": "ticket.attachment",
}
_FIELDS = {"reassign": "owner", "owner": "owner", "title": "title", "close": "status"}


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    if members.keys() & _OF_RECORD:
        return False
    if key == "result":
        return True
    return ahead[:1] == "[" and (key in ("data", "response", "transactions", "tasks") or key.isdecimal())


def _shape_of(piece: Piece) -> str:
    """What an object is: task, old task, transaction or old transaction; "" for none of Maniphest's."""
    phid = piece.text("phid")
    if phid.startswith("PHID-TASK-"):
        return (
            "task"
            if isinstance(piece.said.get("fields"), dict)
            else "old task"
            if piece.has("dateCreated")
            else ""
        )
    if piece.text("transactionPHID").startswith("PHID-XACT-") or piece.has("transactionType", "taskID"):
        return "old transaction"
    return "transaction" if phid.startswith("PHID-XACT-") and piece.has("objectPHID") else ""


class PhabricatorReader:
    """Reads Maniphest tasks and transactions; each transaction is an event."""

    name = "phabricator"
    version = "1"
    title = "Phabricator, Phorge: Maniphest tasks and transactions (Conduit)"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is a task or a transaction by its PHID, else 0."""
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

    def __init__(self, source: Source, reader: PhabricatorReader) -> None:
        self.teller = TrackerTeller(source, reader, system="phabricator")
        self.created: set[str] = set()
        self.seen: set[str] = set()

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        shape = _shape_of(piece)
        if not shape and not piece.has(
            "phid"
        ):  # an answer of `maniphest.query` has its tasks under their PHIDs
            inner = [one for name in piece.said if (one := piece.piece(name)) is not None and _shape_of(one)]
            for one in inner:
                self.tell(one)
            if inner:
                return
        self.seen.add(shape)
        if shape == "task":
            self._tell_task(piece, piece.piece("fields") or piece)
        elif shape == "old task":
            self._tell_task(piece, piece)
        elif shape:
            self._tell_transaction(piece)
        elif not piece.said.keys() <= {"queryKey", "limit", "after", "before", "order"}:
            self.teller.pass_over(piece)

    def end(self) -> None:
        """What the stream does not contain."""
        if self.seen & {"task", "old task"} and not self.seen & {"transaction", "old transaction"}:
            self.teller.note_absence("transactions of the tasks (comments, status history)")
        if self.seen & {"task", "old task", "transaction", "old transaction"}:
            self.teller.note_absence(
                "names of people, projects and tasks", hint="They are PHIDs here; other answers name them."
            )
        self.teller.end()

    def _tell_task(self, piece: Piece, fields: Piece) -> None:
        teller = self.teller
        ticket = f"T{piece.text('id')}"
        common: dict[str, Any] = {"record": f"phabricator:{ticket}"}
        title, body = fields.text("name", "title"), fields.text("description.raw", "description")
        status = fields.text("status.name", "statusName", "status")
        projects = text_list(dig(piece.said, "attachments", "projects", "projectPHIDs")) or piece.texts(
            "projectPHIDs"
        )
        more = {
            "title": title,
            "status": status,
            "priority": fields.text("priority.name", "priority"),
            "owner": fields.text("ownerPHID"),
            "projects": ", ".join(projects),
            "points": fields.text("points"),
            "phid": piece.text("phid"),
            "updated": fields.text("dateModified"),
            "url": piece.text("uri"),
        }
        parent = teller.tell_created(
            ticket, title, piece.place(), body=body, stamp=fields.text("dateCreated"), actor=fields.text("authorPHID"), fields=more,
            refs=[piece.text("phid")], severity_text=more["priority"], **common,
        )  # fmt: skip
        closed = fields.text("dateClosed")
        value = fields.text("status.value", "status").casefold()
        is_closed = piece.flag("isClosed") or value in (
            "resolved",
            "wontfix",
            "invalid",
            "duplicate",
            "spite",
            "declined",
        )
        if closed:
            teller.tell(
                "ticket.closed", f"{ticket} closed ({status})", piece.place(), stamp=closed, subject=ticket, parent=parent,
                actor=fields.text("closerPHID"), fields={"status": status}, **common,
            )  # fmt: skip
        elif is_closed:
            teller.tell(
                "ticket.state", f"{ticket} status: {status}", piece.place(), known=fields.text("dateModified"), subject=ticket, parent=parent, fields={"field": "status", "new": value}, **common,
            )  # fmt: skip
        for other in piece.texts("dependsOnTaskPHIDs"):
            teller.tell_link(
                ticket,
                "depends on",
                other,
                piece.place(),
                parent=parent,
                known=fields.text("dateModified"),
                **common,
            )

    # -- transactions -------------------------------------------------------------------------------------

    def _tell_transaction(self, piece: Piece) -> None:
        task = piece.text("taskID")
        ticket = f"T{task}" if task else piece.text("objectPHID")
        name = piece.text("transactionType", "type").removeprefix("core:").removeprefix("maniphest:")
        kind = _KINDS.get(name, "ticket.change")
        common: dict[str, Any] = {
            "record": f"phabricator:{ticket}",
            "stamp": piece.text("dateCreated"),
            "actor": piece.text("authorPHID"),
        }
        fields = {
            "type": name,
            "change_id": piece.text("transactionPHID", "phid"),
            "group": piece.text("groupID"),
        }
        old_value, new_value = self._values(piece)
        old, new = value_text(old_value), value_text(new_value)
        comment = self._comment(piece)
        teller, place = self.teller, piece.place()
        if kind == "ticket.comment" or (comment and not old and not new and name != "create"):
            self._tell_comment(piece, ticket, comment, fields, common)
        elif kind == "ticket.created" or (name == "title" and not old and ticket not in self.created):
            self._tell_creation(ticket, name, (old, new), piece, fields=fields, common=common)
        elif name in ("edge", "mergedinto", "mergedfrom", "parent", "subtask") or "operations" in dict_of(
            piece.said.get("fields")
        ):
            self._tell_edges(piece, ticket, name, (old_value, new_value), fields=fields, common=common)
        elif kind == "ticket.attachment":
            teller.tell_file(ticket, new or old, place, fields=fields, **common)
        else:
            teller.tell_field(
                ticket, kind, (_FIELDS.get(name, name), old, new), place, fields=fields, **common
            )

    def _values(self, piece: Piece) -> tuple[Any, Any]:
        fields = dict_of(piece.said.get("fields"))
        if piece.has("transactionType"):
            return piece.said.get("oldValue"), piece.said.get("newValue")
        return fields.get("old"), fields.get("new")

    def _comment(self, piece: Piece) -> str:
        text = piece.text("comments")
        for one in list_of(piece.said.get("comments")):
            text = text or text_of(dig(one, "content", "raw"))
        return text

    def _tell_comment(
        self, piece: Piece, ticket: str, comment: str, fields: dict[str, str], common: dict[str, Any]
    ) -> None:
        versions = list_of(piece.said.get("comments"))
        more = {
            "removed": "true" if any(dict_of(one).get("removed") is True for one in versions) else "",
            "versions": str(len(versions)) if len(versions) > 1 else "",
        }
        who = common["actor"]
        rest = {name: value for name, value in common.items() if name != "actor"}
        self.teller.tell_text(
            ticket, comment, piece.place(), is_public=True, who=who, fields={**fields, **more}, **rest
        )  # fmt: skip

    def _tell_creation(
        self,
        ticket: str,
        name: str,
        change: tuple[str, str],
        piece: Piece,
        *,
        fields: dict[str, str],
        common: dict[str, Any],
    ) -> None:
        """The creation of a task, once: further transactions of the same moment are changes."""
        if ticket in self.created:
            self.teller.tell_field(
                ticket, "ticket.change", (name, *change), piece.place(), fields=fields, **common
            )
            return
        self.created.add(ticket)
        self.teller.tell_created(ticket, change[1], piece.place(), fields=fields, **common)

    def _tell_edges(
        self,
        piece: Piece,
        ticket: str,
        name: str,
        values: tuple[Any, Any],
        *,
        fields: dict[str, str],
        common: dict[str, Any],
    ) -> None:
        """A transaction that links: a link to each task or commit, a change where it names projects or takes links away."""
        old, new = (_edges(one) for one in values)
        operations = [dict_of(one) for one in list_of(dict_of(piece.said.get("fields")).get("operations"))]
        if operations:
            new = [
                (text_of(one.get("phid")), "")
                for one in operations
                if text_of(one.get("operation")) != "remove"
            ]
            old = [
                (text_of(one.get("phid")), "")
                for one in operations
                if text_of(one.get("operation")) == "remove"
            ]
        added = [one for one in new if one not in old]
        removed = [one for one in old if one not in new]
        tasks = [one for one in added if "-TASK-" in one[0] or "-CMIT-" in one[0] or "-DREV-" in one[0]]
        for target, edge in tasks:
            phrase, direction = _EDGES.get(
                edge, (_EDGE_NAMES.get(piece.text("meta.edge:type", "fields.edge"), ""), "outward")
            )
            if name.startswith("merged"):
                phrase, direction = (
                    ("merged into", "outward") if name == "mergedinto" else ("merged from", "inward")
                )
            link = {"relation": relation_of(phrase).value, "phrase": phrase, "target": target, "direction": direction, "edge": edge,
                    "asserted": "true"}  # fmt: skip
            self.teller.tell(
                "ticket.commit" if "-CMIT-" in target else "ticket.link", f"{ticket} {phrase or 'linked to'}: {target}", piece.place(),
                subject=ticket, refs=[target], fields={**fields, **link}, **common,
            )  # fmt: skip
        if not tasks:
            texts = (", ".join(one[0] for one in removed), ", ".join(one[0] for one in added))
            kind = "projects" if any("-PROJ-" in one[0] for one in (*added, *removed)) else "links"
            self.teller.tell_field(
                ticket,
                "ticket.change",
                (kind, *texts),
                piece.place(),
                refs=[o[0] for o in added],
                fields=fields,
                **common,
            )


def text_list(value: Any) -> list[str]:
    """The texts in a list."""
    return [text for one in list_of(value) if (text := text_of(one))]


def value_text(value: Any) -> str:
    """An old or new value as text: a list as its texts, an object as its own name."""
    if isinstance(value, list):
        found = [text_of(one) or text_of(dict_of(one).get("columnPHID")) for one in value]
        return ", ".join(one for one in found if one)
    if isinstance(value, dict):
        named = text_of(value.get("name")) or text_of(value.get("value")) or text_of(value.get("raw"))
        return named or ", ".join(value)
    return text_of(value)


def _edges(value: Any) -> list[tuple[str, str]]:
    """The PHIDs that an edge transaction names, each with the type of its edge."""
    if isinstance(value, dict):
        return [(phid, text_of(dict_of(one).get("type"))) for phid, one in value.items()]
    if isinstance(value, str):
        return [(value, "")] if value else []
    return [(text_of(one), "") for one in list_of(value) if text_of(one)]
