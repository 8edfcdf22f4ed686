"""GitLab: issues, incidents, merge requests, notes, state, label and milestone events, as recorded answers and exports.

The decision hidden here: how the objects of GitLab's API become events. A ticket is known by its global id, which its notes
and resource events repeat; people see `group/project#iid`. System notes are the history in words; resource events say the
same better where they were exported. Dumps of projects (NDJSON), GraphQL and webhooks name the same things otherwise.

References:
    GitLab Docs, REST API: Issues, Notes, Discussions, Issue links, Merge requests, Resource state/label/milestone/iteration/
    weight events; GraphQL API (Issue, Note, TimelineEventType); Webhook events; project export.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.reading.source import Sample, Source
from rca.reading.tickets.gitlab_notes import NoteChange, changes_in
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape
from rca.reading.tickets.tracker_telling import TrackerTeller, mentions

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GitlabReader"]

_SIGNS = re.compile(
    r'"iid"|"noteable_type"|"resource_type"|gid://gitlab/|"object_kind"|"target_iid"|"noteable_i?id"'
)
_LISTS = {
    "issues", "notes", "data", "nodes", "edges", "discussions", "mergeRequests", "merge_requests", "results", "items",
    "timelineEvents", "resource_state_events", "resource_label_events", "events", "comments", "epics", "incidents", "response",
}  # fmt: skip
_OBJECTS = {
    "data", "project", "group", "namespace", "issue", "mergeRequest", "issues", "mergeRequests", "incidentManagementTimelineEvents",
    "node", "currentUser", "epic", "workItem", "workItems", "timelineEvents",
}  # fmt: skip
_OF_RECORD = {
    "iid", "title", "body", "note", "project_id", "noteable_type", "created_at", "createdAt", "web_url", "webUrl", "state", "author",
    "object_kind", "description", "method", "action_name", "resource_type", "system",
}  # fmt: skip
_URL = re.compile(
    r"^https?://[^/\s]+/(?P<project>[^\s#?]+?)(?:/-)?/(?P<what>issues|merge_requests|epics|incidents|work_items)/"
    r"(?:incident/)?(?P<number>\d+)\b"
)
_GID = re.compile(r"^gid://gitlab/(?:\w+::)?(?P<type>\w+)/(?P<id>\d+)")
_KINDS = {
    "issue": "issue",
    "incident": "issue",
    "workitem": "issue",
    "mergerequest": "merge_request",
    "epic": "epic",
}
_MARKS = {"merge_request": "!", "epic": "&"}
_RESOURCE = ("state", "label", "milestone", "iteration", "weight", "action")


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    if members.keys() & _OF_RECORD:
        return False
    if ahead[:1] == "[":
        return key in _LISTS
    if key in ("project", "group", "namespace", "currentUser", "user"):
        return (
            re.search(
                r'"(?:issues?|mergeRequests?|incidentManagement\w+|workItems?|epics?)"\s*:\s*[\[{]', ahead
            )
            is not None
        )
    return key in _OBJECTS


@dataclass(frozen=True, slots=True)
class _Ticket:
    """An issue, merge request or epic: its name (`group/project#5`), its record id, its project."""

    name: str
    record: str
    project: str


def _kind_of(name: str) -> str:
    return _KINDS.get(name.replace("_", "").casefold(), name.casefold())


def _ticket_of(piece: Piece) -> _Ticket:
    """The ticket that an issue, merge request or epic is."""
    gid = _GID.match(piece.text("id"))
    found = _URL.match(piece.text("web_url", "webUrl", "url"))
    what = _kind_of(gid["type"]) if gid else found["what"].rstrip("s") if found else "issue"
    what = "issue" if what in ("incident", "work_item") else what
    if piece.has("source_branch") or piece.has("sourceBranch"):
        what = "merge_request"
    mark = _MARKS.get(what, "#")
    iid = piece.text("iid")
    project = found["project"].removeprefix("groups/") if found else ""
    full = piece.text("references.full", "reference") or (f"{project}{mark}{iid}" if iid else "")
    number = gid["id"] if gid else piece.text("id")
    project = project or full.rpartition(mark)[0]
    if not number:  # a dump of a project names its issues by project and number
        return _Ticket(full, f"gitlab:{piece.text('project_id', 'projectId')}{full}", project)
    return _Ticket(full or f"{what} {number}", f"gitlab:{what}:{number}", project)


def _shape_of(piece: Piece) -> str:
    """What an object is: issue, note, resource, timeline, hook or activity; "" for none of GitLab's."""
    said = piece.said
    is_global = piece.text("id").startswith("gid://gitlab/")
    if "object_kind" in said and isinstance(said.get("object_attributes"), dict):
        return "hook"
    if "noteable_type" in said and ("body" in said or "note" in said):
        return "note"
    if is_global and "body" in said and ("system" in said or "Note/" in piece.text("id")):
        return "note"
    if "resource_type" in said and "resource_id" in said and any(name in said for name in _RESOURCE):
        return "resource"
    if (
        is_global
        and ("occurredAt" in said or "TimelineEvent" in piece.text("id"))
        and ("note" in said or "noteHtml" in said)
    ):
        return "timeline"
    if "occurred_at" in said and "note_html" in said:
        return "timeline"
    if "action_name" in said and "target_iid" in said:
        return "activity"
    if "iid" in said and ("title" in said or "state" in said):
        gid = _GID.match(piece.text("id"))
        is_ticket = _URL.match(piece.text("web_url", "webUrl")) is not None
        is_ticket = is_ticket or (gid is not None and gid["type"].casefold() in _KINDS)
        # milestones and iterations have a number and a title too, but nobody wrote them
        has_project = "project_id" in said or "group_id" in said
        return "issue" if is_ticket or (has_project and said.keys() & {"author", "author_id"}) else ""
    return ""


class GitlabReader:
    """Reads answers and exports of GitLab; issues, notes and each change that a note or resource event says are events."""

    name = "gitlab"
    version = "1"
    title = "GitLab: issues, merge requests, notes, resource events, timelines of incidents (REST, GraphQL, hooks, dumps)"
    suffixes = (".json", ".ndjson")

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is one of GitLab's by its keys, else 0."""
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

    def __init__(self, source: Source, reader: GitlabReader) -> None:
        self.source = source
        self.teller = TrackerTeller(source, reader, system="gitlab")
        self.seen: set[str] = set()

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        shape = _shape_of(piece)
        self.seen.add(shape)
        if shape == "issue":
            self._tell_issue(piece)
        elif shape == "note":
            self._tell_note(piece, self._ticket_of_note(piece))
        elif shape == "resource":
            self._tell_resource(piece)
        elif shape == "timeline":
            self._tell_timeline(piece, None)
        elif shape == "hook":
            self._tell_hook(piece)
        elif shape == "activity":
            self._tell_activity(piece)
        else:
            self.teller.pass_over(piece)

    def end(self) -> None:
        """What the stream does not contain."""
        if "issue" in self.seen and not self.seen & {"note", "resource"}:
            self.teller.note_absence("notes and resource events (comments, status history)")
        if "note" in self.seen and "issue" not in self.seen:
            self.teller.note_absence("the issues themselves, whose notes these are")
        self.teller.end()

    # -- issues, merge requests, epics --------------------------------------------------------------------

    def _tell_issue(self, piece: Piece) -> None:
        teller, ticket = self.teller, _ticket_of(piece)
        notes = list(piece.pieces("notes", "discussions"))
        resources = list(piece.pieces("resource_state_events"))
        common: dict[str, Any] = {"record": ticket.record, "unit": ticket.project}
        body, title = piece.text("description"), piece.text("title")
        fields = {
            "title": title,
            "state": piece.text("state"),
            "labels": ", ".join(piece.texts("labels", "name", "title")),
            "assignees": ", ".join(piece.texts("assignees", "username", "name")) or _who(piece, "assignee"),
            "milestone": piece.text("milestone.title"),
            "severity": piece.text("severity"),
            "type": piece.text("issue_type", "type"),
            "due": piece.text("due_date", "dueDate"),
            "confidential": "true" if piece.flag("confidential") else "",
            "updated": piece.text("updated_at", "updatedAt"),
            "notes": piece.text("user_notes_count", "userNotesCount"),
            "url": piece.text("web_url", "webUrl"),
        }
        parent = teller.tell_created(
            ticket.name, title, piece.place(), body=body, stamp=piece.text("created_at", "createdAt"), actor=_who(piece, "author"),
            fields=fields, refs=_refs(body, ticket), **common,
        )  # fmt: skip
        merged = piece.text("merged_at", "mergedAt")
        commit = piece.text("merge_commit_sha", "mergeCommitSha", "squash_commit_sha", "sha")
        if merged:
            teller.tell(
                "ticket.commit", f"{ticket.name} merged", piece.place(), stamp=merged, subject=ticket.name, parent=parent,
                actor=_who(piece, "merge_user", "merged_by", "mergeUser"), refs=[commit] if commit else [],
                fields={"relation": "merged", "commit": commit}, **common,
            )  # fmt: skip
        closed = piece.text("closed_at", "closedAt")
        state = piece.text("state").casefold()
        is_told = any(one.text("state") == "closed" for one in resources) or any(
            one.flag("system") and one.text("body", "note").startswith("closed") for one in notes
        )
        if closed and not is_told:
            teller.tell(
                "ticket.closed", f"{ticket.name} closed", piece.place(), stamp=closed, subject=ticket.name, parent=parent,
                actor=_who(piece, "closed_by", "closedBy"), **common,
            )  # fmt: skip
        elif state in ("closed", "merged") and not merged and not notes and not resources:
            teller.tell(
                "ticket.state", f"{ticket.name} state: {state}", piece.place(), subject=ticket.name, parent=parent,
                known=piece.text("updated_at", "updatedAt"), fields={"field": "state", "new": state},
                **common,
            )  # fmt: skip
        self._tell_link_of(piece, ticket)
        for note in notes:
            self.seen.add("note")
            for one in note.pieces("notes") if note.has("notes") else [note]:
                self._tell_note(one, ticket, parent)
        for one in resources:
            self.seen.add("resource")
            self._tell_resource(one, ticket)
        for one in piece.pieces("resource_label_events", "resource_milestone_events"):
            self._tell_resource(one, ticket)
        for one in piece.pieces("timelineEvents"):
            self._tell_timeline(one, ticket)

    def _tell_link_of(self, piece: Piece, ticket: _Ticket) -> None:
        """The link by which an issue stands in an answer of the links API: the other end isn't named there."""
        kind = piece.text("link_type")
        if not kind:
            return
        self.teller.note_absence(
            "the issue from which the links go",
            hint="The request names it, the answer lists the other ends only.",
        )
        self.teller.tell_link(
            "(issue of the request)", kind.replace("_", " "), ticket.name, piece.place(),
            direction="inward" if kind.startswith("is_") else "outward", stamp=piece.text("link_created_at"),
            record=f"gitlab:{self.source.stream_key[:12]}:links", fields={"change_id": piece.text("issue_link_id")},
        )  # fmt: skip

    # -- notes --------------------------------------------------------------------------------------------

    def _ticket_of_note(self, piece: Piece) -> _Ticket:
        what = _kind_of(piece.text("noteable_type") or "issue")
        iid, number = piece.text("noteable_iid"), piece.text("noteable_id")
        found = _URL.match(piece.text("url", "webUrl", "web_url"))
        project = found["project"] if found else ""
        mark = _MARKS.get(what, "#")
        if found and not iid:
            iid = found["number"]
        commit = piece.text("commit_id")
        if not number and not iid:
            parent = piece.root.rpartition("/")[0]
            name = f"commit {commit[:12]}" if commit else what
            return _Ticket(name, f"gitlab:{commit or self.source.stream_key[:12] + ':' + parent}", project)
        name = f"{project}{mark}{iid}" if iid else f"{what} {number}"
        return _Ticket(name, f"gitlab:{what}:{number}" if number else f"gitlab:{name}", project)

    def _tell_note(self, piece: Piece, ticket: _Ticket, parent: str = "") -> None:
        body = piece.text("body", "note")
        common: dict[str, Any] = {
            "stamp": piece.text("created_at", "createdAt"),
            "record": ticket.record,
            "unit": ticket.project,
            "parent": parent,
        }
        more = {
            "change_id": piece.text("id"),
            "updated": piece.text("updated_at", "updatedAt"),
            "action": piece.text("system_note_metadata.action", "systemNoteMetadata.action"),
        }
        if piece.flag("system"):
            for change in changes_in(body):
                self._tell_change(change, piece, ticket, who=_who(piece, "author"), more=more, common=common)
            return
        is_internal = piece.flag("internal", "confidential")
        name = piece.text("attachment", "attachment.filename")
        fields = {**more, "resolved": piece.text("resolved_at", "resolvedAt"), "url": piece.text("url"),
                  "file": piece.text("position.new_path"), "attachment": name}  # fmt: skip
        told = self.teller.tell_text(
            ticket.name, body, piece.place(), is_public=not is_internal, who=_who(piece, "author"), refs=_refs(body, ticket),
            fields=fields, **common,
        )  # fmt: skip
        if name:
            self.teller.tell_file(
                ticket.name,
                name,
                piece.place("attachment"),
                actor=_who(piece, "author"),
                **{**common, "parent": told},
            )

    def _tell_change(
        self,
        change: NoteChange,
        piece: Piece,
        ticket: _Ticket,
        *,
        who: str,
        more: dict[str, str],
        common: dict[str, Any],
    ) -> None:
        fields = {**more, "note": piece.text("body", "note")}
        if change.kind == "ticket.link":
            target = f"{ticket.project}{change.new}" if change.new[:1] in "#!&" else change.new
            self.teller.tell_link(
                ticket.name, change.phrase, target, piece.place(), direction=change.direction, actor=who, fields=fields, **common
            )  # fmt: skip
            return
        said = change.old or change.new
        if change.kind == "ticket.commit":
            fields |= {"phrase": change.phrase, "commit": change.new}
            common = {**common, "refs": [one for one in change.new.split(", ") if one]}
        self.teller.tell_field(
            ticket.name, change.kind, (change.field or "note", change.old, change.new), piece.place(), actor=who, fields=fields,
            message="" if said and change.field else f"{ticket.name} {piece.text('body', 'note')}", **common,
        )  # fmt: skip

    # -- resource events, timelines -----------------------------------------------------------------------

    def _tell_resource(self, piece: Piece, ticket: _Ticket | None = None) -> None:
        if ticket is None:
            what, number = _kind_of(piece.text("resource_type")), piece.text("resource_id")
            ticket = _Ticket(f"{what} {number}", f"gitlab:{what}:{number}", "")
        common: dict[str, Any] = {
            "stamp": piece.text("created_at"),
            "actor": _who(piece, "user"),
            "record": ticket.record,
            "unit": ticket.project,
        }
        fields = {"change_id": piece.text("id")}
        adds = piece.text("action") not in ("remove", "removed")
        if piece.has("state"):
            commit, merge = (
                piece.text("source_commit"),
                piece.text("source_merge_request", "source_merge_request.iid"),
            )
            refs = [one for one in (commit, f"{ticket.project}!{merge}" if merge else "") if one]
            self.teller.tell_field(
                ticket.name, "ticket.status", ("state", "", piece.text("state")), piece.place(), refs=refs, fields=fields, **common
            )  # fmt: skip
            return
        for field in ("label", "milestone", "iteration", "weight"):
            if piece.has(field):
                value = piece.text(f"{field}.name", f"{field}.title", field)
                change = (field, "", value) if adds else (field, value, "")
                self.teller.tell_field(
                    ticket.name, "ticket.change", change, piece.place(), fields=fields, **common
                )

    def _tell_timeline(self, piece: Piece, ticket: _Ticket | None) -> None:
        """An entry of an incident's timeline: what is said to have happened at a time, entered later."""
        if ticket is None:
            url = _URL.match(piece.text("incident.webUrl", "incident.web_url"))
            number = _GID.match(piece.text("incident.id"))
            name = f"{url['project']}#{url['number']}" if url else "incident"
            record = (
                f"gitlab:issue:{number['id']}" if number else f"gitlab:{self.source.stream_key[:12]}:timeline"
            )
            ticket = _Ticket(name, record, url["project"] if url else "")
        entered = piece.text("createdAt", "created_at")
        self.teller.tell_text(
            ticket.name, piece.text("note", "noteHtml", "note_html"), piece.place(), is_public=False, what="timeline entry",
            who=_who(piece, "author"), stamp=piece.text("occurredAt", "occurred_at"), known=entered, record=ticket.record,
            unit=ticket.project, fields={"entered": entered, "form": "timeline", "change_id": piece.text("id"),
                                         "tags": ", ".join(piece.texts("timelineEventTags", "name"))},
        )  # fmt: skip

    # -- hooks and the activity of a project --------------------------------------------------------------

    def _tell_hook(self, piece: Piece) -> None:
        thing = piece.piece("object_attributes")
        assert thing is not None
        project = piece.text("project.path_with_namespace")
        if piece.text("object_kind") == "note":
            inner = piece.piece("issue", "merge_request") or thing
            mark = "!" if piece.piece("merge_request") else "#"
            what = "merge_request" if mark == "!" else "issue"
            ticket = _Ticket(
                f"{project}{mark}{inner.text('iid')}", f"gitlab:{what}:{inner.text('id')}", project
            )
            said = {**thing.said, "author": piece.said.get("user")}
            self._tell_note(Piece(said, thing.whole, thing.inner, thing.key, thing.root), ticket)
            return
        mark = "!" if piece.text("object_kind") == "merge_request" else "#"
        what = "merge_request" if mark == "!" else "issue"
        ticket = _Ticket(f"{project}{mark}{thing.text('iid')}", f"gitlab:{what}:{thing.text('id')}", project)
        common: dict[str, Any] = {
            "actor": piece.text("user.username", "user.name"),
            "record": ticket.record,
            "unit": project,
        }
        if thing.text("action") == "open":
            self.teller.tell_created(
                ticket.name, thing.text("title"), piece.place(), body=thing.text("description"), stamp=thing.text("created_at"),
                fields={"state": thing.text("state"), "url": thing.text("url")}, **common,
            )  # fmt: skip
            return
        stamp = thing.text("updated_at", "created_at")
        if thing.text("action") in ("close", "reopen", "merge"):
            change = ("state", "", thing.text("state") or thing.text("action"))
            self.teller.tell_field(ticket.name, "ticket.status", change, piece.place(), stamp=stamp, **common)
            return
        changes = piece.piece("changes")
        for name in changes.said if changes else ():
            one = changes.piece(name) if changes else None
            if one is None or name in ("updated_at", "updated_by_id", "last_edited_at"):
                continue
            old = one.text("previous") or ", ".join(one.texts("previous", "title", "username", "name"))
            new = one.text("current") or ", ".join(one.texts("current", "title", "username", "name"))
            kind = (
                "ticket.assignee"
                if name == "assignees"
                else "ticket.priority"
                if name == "severity"
                else "ticket.change"
            )
            self.teller.tell_field(ticket.name, kind, (name, old, new), one.place(), stamp=stamp, **common)

    def _tell_activity(self, piece: Piece) -> None:
        what, iid = _kind_of(piece.text("target_type")), piece.text("target_iid")
        note = piece.piece("note")
        if note is not None and _shape_of(note) == "note":
            self._tell_note(note, self._ticket_of_note(note))
            return
        name = f"{_MARKS.get(what, '#')}{iid}" if iid else what
        number = piece.text("target_id")
        self.teller.tell_field(
            name, "ticket.status" if piece.text("action_name") in ("closed", "reopened", "opened", "accepted") else "ticket.change",
            ("state", "", piece.text("action_name")), piece.place(), stamp=piece.text("created_at"), actor=piece.text("author_username", "author.username"),
            record=f"gitlab:{what}:{number}" if number else f"gitlab:{piece.text('project_id')}{name}",
            fields={"title": piece.text("target_title")},
        )  # fmt: skip


def _who(piece: Piece, *names: str) -> str:
    """A person of an object: the user name, else the name, else a text."""
    for name in names:
        found = piece.text(f"{name}.username", f"{name}.name", name)
        if found:
            return found
    return ""


def _refs(text: str, ticket: _Ticket) -> list[str]:
    return [one for one in mentions(text, ticket.project, marks="#!") if one != ticket.name]
