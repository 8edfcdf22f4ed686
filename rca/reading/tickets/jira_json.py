"""`JiraReader`: issues of Jira's REST API as JSON: searches, single issues, and pages of changes, comments and work.

The decision hidden here: what an answer of the API is, told by its fields, not by its file's name. Whatever wraps issues
is entered; a page of changes, comments or work logs by itself names its issue in its address only.

References:
    Atlassian, Jira Cloud REST API v2 and v3, Jira Server and Data Center REST API (issue, search, changelog, comment,
    worklog, changelog/bulkfetch), webhooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.json_records import Value, read_values
from rca.reading.source import Sample, Source
from rca.reading.telling import COVERAGE, Place, Teller
from rca.reading.tickets.jira_columns import KEY
from rca.reading.tickets.jira_history import tell_history
from rca.reading.tickets.jira_issue import IssueTeller
from rca.reading.tickets.pieces import first_pieces, wrapper_tail

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JiraReader"]

_ENTERED = frozenset({"issues", "issueChangeLogs", "workItems"})
_WRAPPERS = frozenset({"data", "result", "results", "response", "body", "payload", "value", "output"})
_SIGNS = re.compile(
    r'"(?:fields|histories|changeHistories|fromString|timeSpentSeconds|updateAuthor|changelog|comments)"\s*:'
)
_FIELDS = frozenset(
    {
        "summary",
        "issuetype",
        "status",
        "project",
        "created",
        "issuelinks",
        "resolutiondate",
        "reporter",
        "labels",
    }
)
_ISSUE = re.compile(r"/rest/(?:api|agile|servicedeskapi)/[\w.]+/(?:issue|request)/([\w-]+)")
_NAMES = re.compile(rb'"names"\s*:\s*(?=\{)')
_MANY = 1 << 25


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    """Whether issues may stand under `key`: never inside an issue itself."""
    if "fields" in members:
        return False
    return key in _ENTERED or (key in _WRAPPERS and ('"fields"' in ahead or '"issues"' in ahead))


def _shape(value: Mapping[str, Any]) -> str:
    """What an object is: issue, webhook, bulk, changes, comments, worklogs, history, comment, worklog; else ""."""
    if _is_issue(value):
        return "issue"
    if _is_issue(value.get("issue")):
        return "webhook"
    if isinstance(value.get("changeHistories"), list) and "issueId" in value:
        return "bulk"
    for name in ("values", "histories"):
        if any(_is_history(one) for one in list_of(value.get(name))[:5]):
            return "changes"
    if any(_is_comment(one) for one in list_of(value.get("comments"))[:5]):
        return "comments"
    if any(_is_worklog(one) for one in list_of(value.get("worklogs"))[:5]):
        return "worklogs"
    if _is_history(value):
        return "history"
    if _is_worklog(value):
        return "worklog"
    return "comment" if _is_comment(value) else ""


def _is_issue(value: object) -> bool:
    said = dict_of(value)
    fields = said.get("fields")
    if not KEY.fullmatch(text_of(said.get("key"))):
        return False
    if isinstance(fields, dict):
        return bool(_FIELDS & fields.keys()) or _ISSUE.search(text_of(said.get("self"))) is not None
    return fields is None and isinstance(said.get("changelog"), dict)


def _is_history(value: object) -> bool:
    item = dig(value, "items", 0)
    return (
        isinstance(item, dict)
        and "field" in item
        and ("toString" in item or "fromString" in item)
        and bool(dig(value, "created"))
    )


def _is_comment(value: object) -> bool:
    said = dict_of(value)
    return "/comment/" in text_of(said.get("self")) and "body" in said and "created" in said


def _is_worklog(value: object) -> bool:
    said = dict_of(value)
    return (
        "timeSpentSeconds" in said
        and "started" in said
        and ("issueId" in said or "/worklog/" in text_of(said.get("self")))
    )


class JiraReader:
    """Reads what Jira's REST API answers, saved as JSON."""

    name = "jira"
    version = "1"
    title = "Jira: issues of the REST API as JSON, with changelog, comments and work logs"
    suffixes = (".json", ".jsonl", ".ndjson")

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is an issue, a change, a comment or a work log of Jira, else 0."""
        if not _SIGNS.search(sample.text):
            return 0.0
        return (
            0.98 if any(_shape(_unwrapped(piece.said)[0]) for piece in first_pieces(sample, _enter)) else 0.0
        )

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        return _Stream(source, self).read()


class _Stream:
    def __init__(self, source: Source, reader: JiraReader) -> None:
        self.source = source
        self.teller = Teller(source, reader, source_kind=SourceKind.TICKET, code="RCA191")
        self.issues = IssueTeller(self.teller, names=_names_of(source))
        self.unknown = 0
        self.totals: dict[str, str] = {}
        self.is_paged = False

    def read(self) -> Iterator[pa.RecordBatch]:
        """The events, value by value."""
        for value in read_values(self.source, _enter, code="RCA191", what="issue"):
            self._tell(value)
            yield from self.teller.batches()
        self._close()
        yield from self.teller.rest()

    def _tell(self, value: Value) -> None:
        said, inner = _unwrapped(value.value)
        shape = _shape(said)
        for name in ("total", "isLast", "nextPageToken"):
            text = text_of(value.around.get(name))
            if text and value.key in _ENTERED:
                self.totals[name] = text

        def place_of(pointer: str) -> Place:
            return value.place(f"{inner}{pointer}")

        key = self._key_of(said)
        if shape == "issue":
            names = {name: text_of(one) for name, one in dict_of(said.get("names")).items() if text_of(one)}
            self.issues.names = {**self.issues.names, **names}
            self.issues.tell_issue(said, place_of)
        elif shape == "webhook":
            self._tell_webhook(said, place_of)
        elif shape == "bulk":
            self.is_paged = True
            tell_history(
                self.teller, key, list_of(said.get("changeHistories")),
                lambda number, index: place_of(f"/changeHistories/{number}/items/{index}"),
            )  # fmt: skip
        elif shape == "changes":
            self._tell_page(key, said, "values" if list_of(said.get("values")) else "histories", place_of)
        elif shape in ("comments", "worklogs"):
            self._tell_page(key, said, shape, place_of)
        elif shape == "history":
            self.is_paged = True
            tell_history(self.teller, key, [said], lambda _, index: place_of(f"/items/{index}"))
        elif shape in ("comment", "worklog"):
            self.is_paged = True
            tell = self.issues.tell_comments if shape == "comment" else self.issues.tell_worklogs
            tell(key, [said], lambda _: place_of(""), "")
        else:
            self._note_unknown(value)

    def _tell_page(self, key: str, page: Mapping[str, Any], name: str, place_of: Any) -> None:
        """A page of changes, comments or work logs that stands by itself."""
        self.is_paged = True
        entries = list_of(page.get(name))
        what = "changes" if name in ("values", "histories") else name
        self.issues.note_page(key, page, len(entries), what, place_of(""))
        if what == "changes":
            tell_history(
                self.teller, key, entries, lambda number, index: place_of(f"/{name}/{number}/items/{index}")
            )
            return
        tell = self.issues.tell_comments if name == "comments" else self.issues.tell_worklogs
        keys = [self._key_of(dict_of(one)) or key for one in entries]
        if len(set(keys)) <= 1:
            tell(keys[0] if keys else key, entries, place_of, f"/{name}")
            return
        for number, (own, one) in enumerate(zip(keys, entries, strict=True)):  # of several issues
            tell(own, [one], _Fixed(place_of(f"/{name}/{number}")), "")

    def _tell_webhook(self, said: Mapping[str, Any], place_of: Any) -> None:
        """What a webhook reported: the issue as it was then, and the change or comment that it was sent for."""
        issue = dict_of(said.get("issue"))
        self.issues.tell_issue(issue, lambda pointer: place_of(f"/issue{pointer}"))
        key = text_of(issue.get("key"))
        items = list_of(dig(said, "changelog", "items"))
        if items:
            history = {
                "id": dig(said, "changelog", "id"),
                "author": said.get("user"),
                "created": text_of(said.get("timestamp")),
                "items": items,
            }
            tell_history(self.teller, key, [history], lambda _, index: place_of(f"/changelog/items/{index}"))
        if isinstance(said.get("comment"), dict):
            self.issues.tell_comments(key, [said["comment"]], lambda _: place_of("/comment"), "")

    def _key_of(self, said: Mapping[str, Any]) -> str:
        """The key of the issue, or its id, from what an answer says of itself."""
        for entry in (
            said,
            *(
                dict_of(one)
                for name in ("values", "histories", "comments", "worklogs")
                for one in list_of(said.get(name))[:3]
            ),
        ):
            found = _ISSUE.search(text_of(entry.get("self")))
            named = (
                text_of(entry.get("issueKey"))
                or text_of(entry.get("issueIdOrKey"))
                or text_of(entry.get("issueId"))
            )
            key = named or (found[1] if found else "")
            if key:
                return key
        return ""

    def _note_unknown(self, value: Value) -> None:
        if not value.value:
            return
        self.unknown += 1
        if self.unknown <= 20:
            self.source.issue(
                "RCA191",
                Severity.INFO,
                "The object is no issue, change, comment or work log of Jira",
                place=value.place().locator,
                hint="Its keys: " + ", ".join(list(value.value)[:8]),
            )

    def _close(self) -> None:
        """What this answer does not contain."""
        totals = {**self.totals, **({} if self.is_paged else wrapper_tail(self.source))}
        total = totals.get("total", "")
        given = self.issues.issues
        if given and total.isdecimal() and len(total) < 12 and int(total) > given:
            self._note_more(f"The export holds {given} of {total} issues")
        elif given and (
            totals.get("isLast") == "false" or totals.get("nextPageToken", "null") not in ("null", "")
        ):
            self._note_more(f"The export holds {given} issues, and Jira says that there are more")
        if self.is_paged and not given:
            self.teller.note_absence(
                "the issues themselves: this is a page of changes, comments or work logs"
            )

    def _note_more(self, message: str) -> None:
        self.source.issue(
            COVERAGE,
            Severity.WARNING,
            message,
            hint="Fetch the other pages; what is missing here is no evidence.",
        )


@dataclass(frozen=True, slots=True)
class _Fixed:
    """One place, whatever is asked for."""

    place: Place

    def __call__(self, _: str) -> Place:
        return self.place


def _unwrapped(value: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """An issue out of what holds one by itself (`{"data": {…}}`), and the pointer to it."""
    if not _shape(value):
        for name in ("data", "issue", "_source", "value"):
            inside = value.get(name)
            if isinstance(inside, dict) and _shape(inside):
                return inside, f"/{name}"
    return value, ""


def _names_of(source: Source) -> dict[str, str]:
    """The names of fields by id, which a search that was expanded with them states after its issues."""
    if source.size > _MANY:
        return {}
    with source.open() as stream:
        data = stream.read()
    found: dict[str, str] = {}
    for match in _NAMES.finditer(data):
        try:
            text = data[match.end() : match.end() + 200_000].decode("utf-8", errors="replace")
            names = json.JSONDecoder(strict=False).raw_decode(text)[0]
        except (ValueError, RecursionError):
            continue
        if "summary" in names or any(str(name).startswith("customfield_") for name in names):
            found |= {name: text_of(one) for name, one in names.items() if text_of(one)}
    return found
