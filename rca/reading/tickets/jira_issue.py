"""`tell_issue`: one issue of Jira's REST API as events: creation, changes, comments, work, files, links, resolution.

The decision hidden here: how a snapshot and its changelog go together. With a whole changelog, what the issue was when
it was created is told as it was then, not as it is now; a link, file or resolution that the changelog dates is told once,
from there. Lists that hold fewer entries than their total are said to. A comment with a restricted audience is a note.

References:
    Atlassian, Jira Cloud REST API v2 and v3 and Jira Server REST API 9 (issue, search, comment, worklog); Jira Service
    Management, entity property `sd.public.comment`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rca.errors import Severity
from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.mail.markup import html_text
from rca.reading.telling import COVERAGE, Place, Teller
from rca.reading.tickets.jira_bodies import body_text
from rca.reading.tickets.jira_csv import keys_in
from rca.reading.tickets.jira_history import History, initial_values, person, second_of, tell_history
from rca.reading.tickets.jira_telling import HISTORY, LINKERS, lasting, record_of, tell_link
from rca.reading.tickets.links import Relation, relation_of

__all__ = ["IssueTeller", "plain_value"]

_MANY = 100
_KNOWN = ("project", "issuetype", "status", "statusCategory", "priority", "resolution", "assignee", "reporter", "creator", "labels", "components",
          "environment", "updated", "duedate", "versions", "fixVersions", "security", "statuscategorychangedate", "lastViewed",
          "timespent", "timeoriginalestimate")  # fmt: skip
_TOLD = frozenset({"summary", "description", "created", "resolutiondate", "comment", "worklog", "attachment", "issuelinks",
                   "subtasks", "parent", "watches", "votes", "progress", "aggregateprogress", "workratio", "thumbnail",
                   "timetracking"})  # fmt: skip
PlaceOf = Callable[[str], Place]


def plain_value(value: object, depth: int = 0) -> str:
    """The value of a field as text: its name where it is an object, all of a list; "" for what has none.

    >>> plain_value([{"name": "ehr"}, {"value": "ward"}]), plain_value(None)
    ('ehr; ward', '')
    """
    if depth > 20:
        return ""
    if isinstance(value, list):
        return "; ".join(text for one in value[:100] if (text := plain_value(one, depth + 1)))
    if isinstance(value, dict):
        if value.get("type") == "doc":
            return body_text(value)
        for name in ("displayName", "name", "value", "key", "title", "id"):
            text = text_of(value.get(name))
            if text:
                child = plain_value(value.get("child"), depth + 1)
                return f"{text} / {child}" if child else text
        return ""
    return text_of(value).strip()


@dataclass(slots=True)
class IssueTeller:
    """Tells the issues of a stream; `names` are those of fields, by id, where the export was expanded with them."""

    teller: Teller
    names: Mapping[str, str] = field(default_factory=dict)
    issues: int = 0
    warnings: int = 0

    def tell_issue(self, issue: Mapping[str, Any], place_of: PlaceOf) -> None:
        """The events of an issue: `place_of` gives the place of what a pointer inside it names."""
        key = text_of(issue.get("key")) or text_of(issue.get("id"))
        fields = dict_of(issue.get("fields"))
        self.issues += 1
        changelog = issue.get("changelog")
        histories, is_whole, pointer = self._histories(key, changelog, place_of)
        created = self._tell_created(key, issue, fields, place_of, histories if is_whole else [])
        told = tell_history(
            self.teller,
            key,
            histories,
            lambda number, index: place_of(f"{pointer}/{number}/items/{index}"),
            created=created,
        )
        if not isinstance(changelog, dict):
            self.teller.note_absence(HISTORY, hint="Export with expand=changelog to see it.")
        self._tell_resolved(key, fields, place_of, told, created)
        self._tell_lists(key, issue, fields, place_of, told, created)

    def _histories(self, key: str, changelog: object, place_of: PlaceOf) -> tuple[list[Any], bool, str]:
        """The histories of a changelog, whether they are all, and the pointer to them."""
        page = dict_of(changelog)
        name = "histories" if isinstance(page.get("histories"), list) else "values"
        histories = list_of(page.get(name))
        is_whole = self.note_page(key, page, len(histories), "changes", place_of("/changelog"))
        return histories, is_whole and bool(histories), f"/changelog/{name}"

    def note_page(self, key: str, page: Mapping[str, Any], given: int, what: str, place: Place) -> bool:
        """Whether a page holds all entries that it counts; an issue says so where it does not."""
        total, start = text_of(page.get("total")), text_of(page.get("startAt"))
        missing = int(total) - given if total.isdecimal() and len(total) < 12 else 0
        is_last = text_of(page.get("isLast")) != "false" and not text_of(page.get("nextPage"))
        if missing <= 0 and is_last:
            return True
        self.warnings += 1
        if self.warnings <= _MANY:
            of = f"{given} of {total}" if missing > 0 else f"{given}, and there are further"
            first = f", from number {start}" if start.isdecimal() and start.strip("0") else ""
            self.teller.source.issue(
                COVERAGE,
                Severity.WARNING,
                f"{key}: the export holds {of} {what}{first}",
                place=place.locator,
                hint="Fetch the other pages; what is missing here is no evidence that it did not happen.",
            )
        return False

    def _tell_created(
        self,
        key: str,
        issue: Mapping[str, Any],
        fields: Mapping[str, Any],
        place_of: PlaceOf,
        histories: list[Any],
    ) -> str:
        initial = initial_values(histories)
        stamp, now = text_of(fields.get("created")), text_of(fields.get("summary"))
        summary = initial.get("summary", "") or now
        description = self._body(issue, fields, "description")
        values: dict[str, Any] = {"key": key, "id": text_of(issue.get("id")), "values_as_of": "export"}
        for name in _KNOWN:
            values[name] = (
                body_text(fields.get(name)) if name == "environment" else plain_value(fields.get(name))
            )
        values["labels"] = [text for one in list_of(fields.get("labels")) if (text := text_of(one))]
        values["status_category"] = text_of(dig(fields, "status", "statusCategory", "key"))
        for name, value in fields.items():
            if name not in _KNOWN and name not in _TOLD:
                label = self.names.get(name, "")
                values[f"{name} ({label})" if label and label != name else name] = plain_value(value)
        values |= {
            f"{name}_when_created": value
            for name, value in initial.items()
            if name in ("status", "assignee", "priority")
        }
        if summary != now:
            values["summary_as_of_export"] = now
        if "description" in initial and initial["description"].strip() != description.strip():
            values["description_as_of_export"] = description
            description = initial["description"]
        account = dict_of(fields.get("creator")) or dict_of(fields.get("reporter"))
        values["actor_id"] = text_of(account.get("accountId")) or text_of(account.get("name"))
        return self.teller.tell(
            "ticket.created" if stamp else "ticket.state",
            f"{key} created: {summary}" if stamp else f"{key}: {summary}",
            place_of(""),
            stamp=stamp,
            record=record_of(key),
            text=description,
            refs=keys_in(description, key),
            fields={name: value for name, value in values.items() if value},
            actor=(person(fields.get("creator")) or person(fields.get("reporter"))) if stamp else "",
            subject=key,
            component=plain_value(fields.get("components")),
        )

    def _body(self, issue: Mapping[str, Any], fields: Mapping[str, Any], name: str) -> str:
        text = body_text(fields.get(name))
        return text or html_text(text_of(dig(issue, "renderedFields", name)))

    def _tell_resolved(
        self, key: str, fields: Mapping[str, Any], place_of: PlaceOf, told: History, created: str
    ) -> None:
        stamp = text_of(fields.get("resolutiondate"))
        if not stamp or second_of(stamp) in told.resolved:
            return
        resolution = plain_value(fields.get("resolution"))
        self.teller.tell(
            "ticket.resolved",
            f"{key} resolved{f': {resolution}' if resolution else ''}",
            place_of("/fields/resolutiondate"),
            stamp=stamp,
            record=record_of(key),
            subject=key,
            parent=created,
            fields={"resolution": resolution},
        )

    def _tell_lists(
        self,
        key: str,
        issue: Mapping[str, Any],
        fields: Mapping[str, Any],
        place_of: PlaceOf,
        told: History,
        created: str,
    ) -> None:
        for name, entries, tell in (
            ("comment", "comments", self.tell_comments),
            ("worklog", "worklogs", self.tell_worklogs),
        ):
            page = fields.get(name)
            if isinstance(page, dict):
                found = list_of(page.get(entries))
                self.note_page(key, page, len(found), entries, place_of(f"/fields/{name}"))
                tell(key, found, place_of, f"/fields/{name}/{entries}", created)
            elif fields:
                what = "comments" if name == "comment" else "work logs"
                self.teller.note_absence(what, hint=f"Export the field {name} to see them.")
        self._tell_files(key, fields, place_of, told, created)
        self._tell_links(key, fields, place_of, told, created)
        self._note_remote(key, issue, place_of, created)

    def tell_comments(
        self, key: str, comments: list[Any], place_of: PlaceOf, pointer: str, created: str = ""
    ) -> None:
        """The comments of an issue; one that answers another has it as parent."""
        ids: dict[str, str] = {}
        for number, one in enumerate(comments):
            comment = dict_of(one)
            if not comment:
                continue
            said = body_text(comment.get("body")) or html_text(text_of(comment.get("renderedBody")))
            limit = _limit_of(comment)
            stamp, updated = text_of(comment.get("created")), text_of(comment.get("updated"))
            fields = {
                "comment_id": text_of(comment.get("id")),
                "visibility": limit,
                "edited": updated if updated and updated != stamp else "",
                "edited_by": person(comment.get("updateAuthor")) if updated and updated != stamp else "",
                "actor_id": text_of(dig(comment, "author", "accountId"))
                or text_of(dig(comment, "author", "name")),
            }
            ids[fields["comment_id"]] = self.teller.tell(
                "ticket.note" if limit else "ticket.comment",
                f"{key} {'internal comment' if limit else 'comment'}: {said or '(empty)'}",
                place_of(f"{pointer}/{number}"),
                stamp=stamp,
                time_kind=TimeKind.SAID,
                record=record_of(key),
                text=said,
                refs=keys_in(said, key),
                fields={name: value for name, value in fields.items() if value},
                actor=person(comment.get("author")),
                subject=key,
                parent=ids.get(text_of(comment.get("parentId")), "") or created,
            )

    def tell_worklogs(
        self, key: str, worklogs: list[Any], place_of: PlaceOf, pointer: str, created: str = ""
    ) -> None:
        """The work logged on an issue: when it began, as whoever logged it states, and by when the tracker held it."""
        for number, one in enumerate(worklogs):
            log = dict_of(one)
            if not log:
                continue
            said, seconds = body_text(log.get("comment")), text_of(log.get("timeSpentSeconds"))
            spent = lasting(seconds) or text_of(log.get("timeSpent"))
            started, held = text_of(log.get("started")), text_of(log.get("created"))
            self.teller.tell(
                "ticket.worklog",
                f"{key} work logged{f' ({spent})' if spent else ''}{f': {said}' if said else ''}",
                place_of(f"{pointer}/{number}"),
                stamp=started or held,
                known=held if started else "",
                time_kind=TimeKind.STARTED if started else TimeKind.RECORDED,
                record=record_of(key),
                text=said,
                refs=keys_in(said, key),
                fields={
                    "worklog_id": text_of(log.get("id")),
                    "seconds": seconds,
                    "visibility": _limit_of(log),
                },
                actor=person(log.get("author")),
                subject=key,
                parent=created,
            )

    def _tell_files(
        self, key: str, fields: Mapping[str, Any], place_of: PlaceOf, told: History, created: str
    ) -> None:
        for number, one in enumerate(list_of(fields.get("attachment"))):
            file = dict_of(one)
            if not file or text_of(file.get("id")) in told.files:
                continue
            name = text_of(file.get("filename")) or text_of(file.get("name"))
            self.teller.tell(
                "ticket.attachment",
                f"{key} attachment: {name}",
                place_of(f"/fields/attachment/{number}"),
                stamp=text_of(file.get("created")),
                record=record_of(key),
                fields={
                    "name": name,
                    "attachment_id": text_of(file.get("id")),
                    "size": text_of(file.get("size")),
                    "media": text_of(file.get("mimeType")),
                    "address": text_of(file.get("content")),
                },
                actor=person(file.get("author")),
                subject=key,
                parent=created,
            )

    def _tell_links(
        self, key: str, fields: Mapping[str, Any], place_of: PlaceOf, told: History, created: str
    ) -> None:
        undated = False
        for number, one in enumerate(list_of(fields.get("issuelinks"))):
            for way in ("outward", "inward"):
                target = text_of(dig(one, f"{way}Issue", "key")) or text_of(dig(one, f"{way}Issue", "id"))
                phrase = text_of(dig(one, "type", way)).strip()
                if not target or (target, relation_of(phrase)) in told.links:
                    continue
                undated = True
                tell_link(
                    self.teller,
                    key,
                    target,
                    place_of(f"/fields/issuelinks/{number}"),
                    phrase=phrase,
                    type_name=text_of(dig(one, "type", "name")),
                    direction=way,
                    parent=created,
                )
        if undated:
            self.teller.note_absence(f"{LINKERS}, for links that no changelog dates")
        above = text_of(dig(fields, "parent", "key"))
        if above and (above, Relation.CHILD_OF) not in told.links:
            tell_link(
                self.teller, key, above, place_of("/fields/parent"), relation=Relation.CHILD_OF, written_as="parent",
                parent=created,
            )  # fmt: skip
        for number, one in enumerate(list_of(fields.get("subtasks"))):
            below = text_of(dig(one, "key"))
            if below:
                tell_link(
                    self.teller, key, below, place_of(f"/fields/subtasks/{number}"), relation=Relation.PARENT_OF,
                    written_as="subtasks", parent=created,
                )  # fmt: skip

    def _note_remote(self, key: str, issue: Mapping[str, Any], place_of: PlaceOf, created: str) -> None:
        """Links to pages and other systems (`remotelinks`), where an export was put together with them."""
        for number, one in enumerate(list_of(issue.get("remotelinks"))):
            address = text_of(dig(one, "object", "url"))
            if address:
                tell_link(
                    self.teller, key, address, place_of(f"/remotelinks/{number}"),
                    phrase=text_of(dig(one, "relationship")), parent=created,
                    fields={"title": text_of(dig(one, "object", "title"))},
                )  # fmt: skip


def _limit_of(entry: Mapping[str, Any]) -> str:
    """Who may read a comment or work log, where not everybody may: a role, a group, or "internal"; else ""."""
    limit = dict_of(entry.get("visibility"))
    if limit:
        said = (text_of(limit.get("type")), text_of(limit.get("value")) or text_of(limit.get("identifier")))
        return " ".join(part for part in said if part) or "restricted"
    if (
        text_of(entry.get("jsdPublic")).casefold() == "false"
        or text_of(entry.get("public")).casefold() == "false"
    ):
        return "internal"
    for one in list_of(entry.get("properties")):
        if (
            text_of(dig(one, "key")) == "sd.public.comment"
            and text_of(dig(one, "value", "internal")).casefold() == "true"
        ):
            return "internal"
    return ""
