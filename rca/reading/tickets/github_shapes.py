"""`shape_of`: what an object of GitHub is, and which issue or pull request it belongs to.

The decision hidden here: the keys and addresses by which answers of GitHub are known among all JSON. An issue lies at
`owner/repo/issues/5`, whatever the host; lists and GraphQL connections are entered, records never are.

References:
    GitHub Docs, REST API (`url`, `html_url`, `node_id`, `…_url`); GraphQL API; Webhook events and payloads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rca.reading.json_fields import text_of
from rca.reading.tickets.github_events import EVENT_NAMES, snake_of
from rca.reading.tickets.pieces import Piece

__all__ = [
    "REPOSITORY",
    "REQUEST",
    "SIGNS",
    "Ticket",
    "enter",
    "shape_of",
    "ticket_at",
    "ticket_of",
    "type_of",
]

SIGNS = re.compile(
    r'github|"node_id"|"(?:comments|events|labels|issue|pull_request)_url"|"timelineItems"|/issues/\d|/pull/\d'
)
_URL = re.compile(
    r"^https?://[^/\s]+/(?:api/v3/)?(?:repos/)?(?P<repo>[^/\s]+/[^/\s#?]+)/(?P<what>issues|pulls?)/(?P<number>\d+)\b"
)
REPOSITORY = re.compile(r"^(?:https?://[^/\s]+)?/?(?:api/v3/)?repos/(?P<repo>[^/\s]+/[^/\s?#]+)")
REQUEST = re.compile(
    r"/(?:repos/(?P<repo>[^/\s]+/[^/\s?#]+)|repositories/(?P<id>\d+))/(?:issues|pulls)/(?P<number>\d+)(?P<rest>/[\w/-]*)?"
)
_LISTS = {
    "items", "issues", "pullRequests", "pull_requests", "pulls", "comments", "events", "timeline", "reviews", "nodes", "edges",
    "results", "data", "entries", "response", "issue_comments", "issue_events",
}  # fmt: skip
_OBJECTS = {
    "data",
    "repository",
    "organization",
    "viewer",
    "user",
    "search",
    "node",
    "issue",
    "pullRequest",
    "issues",
    "pullRequests",
}
_OF_RECORD = {
    "id", "node_id", "number", "title", "body", "url", "html_url", "created_at", "createdAt", "action", "type", "event", "state",
    "method", "scope", "path", "login", "author", "request", "comments_url", "full_name", "iid", "key", "uuid",
}  # fmt: skip
_WRAPS = re.compile(
    r'\s*\{\s*"(?:data|repository|organization|viewer|user|search|nodes?|edges|issues?|pullRequests?|timelineItems|totalCount'
    r'|pageInfo|issueCount|nameWithOwner|number|title|url|id|__typename|comments|createdAt|assignees|author|body|closed)"'
)
_ISSUES = re.compile(r'"(?:issues?|pullRequests?)"\s*:\s*[\[{]')


def enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    """Whether an object or list under `key` is entered (see `read_values`)."""
    if members.keys() & _OF_RECORD:
        return False
    if ahead[:1] == "[":
        return key in _LISTS
    if key in ("user", "repository"):
        return _ISSUES.search(ahead) is not None
    return key in _OBJECTS and _WRAPS.match(ahead) is not None


@dataclass(frozen=True, slots=True)
class Ticket:
    """An issue or pull request: its name (`owner/repo#5`), its record id, and its repository."""

    name: str
    record: str
    repo: str


def ticket_at(*urls: str) -> Ticket | None:
    """The issue or pull request that the first of these addresses names."""
    for url in urls:
        found = _URL.match(url)
        if found:
            name = f"{found['repo']}#{found['number']}"
            return Ticket(name, f"github:{name}", found["repo"])
    return None


def _urls(piece: Piece) -> list[str]:
    names = ("html_url", "url", "issue_url", "pull_request_url", "issue", "pull_request")
    return [text for name in names if (text := piece.text(name))]


def ticket_of(piece: Piece) -> Ticket | None:
    """The issue or pull request that an object is, or says it belongs to."""
    found = ticket_at(*_urls(piece))
    if found is None:
        number = piece.text("number")
        repo = REPOSITORY.match(piece.text("repository_url"))
        name = repo["repo"] if repo else ""
        name = name or piece.text("repository.nameWithOwner", "repository.full_name")
        name = name or text_of(piece.around.get("nameWithOwner")) or text_of(piece.around.get("full_name"))
        if number.isdecimal() and name:
            return Ticket(f"{name}#{number}", f"github:{name}#{number}", name)
    return found


def type_of(piece: Piece) -> str:
    """The type of a GraphQL object, under whatever name it was asked for."""
    for name in ("__typename", "eventType", "type"):
        if piece.text(name) in EVENT_NAMES or piece.text(name).endswith("Event"):
            return piece.text(name)
    return next((v for v in piece.said.values() if isinstance(v, str) and v in EVENT_NAMES), "")


def shape_of(piece: Piece) -> str:
    """What an object is: exchange, webhook, feed, event, comment, review, issue or node; "" for none of GitHub's."""
    said = piece.said
    if "method" in said and "response" in said and ("path" in said or "url" in said):
        where = f"{piece.text('scope')} {piece.text('path', 'url')}"
        return "exchange" if "github" in where or REQUEST.search(where) else ""
    if "action" in said and piece.piece("issue", "pull_request") and piece.piece("repository", "sender"):
        return "webhook" if ticket_of(piece.piece("issue", "pull_request") or piece) else ""
    if (
        isinstance(said.get("payload"), dict)
        and piece.text("type").endswith("Event")
        and isinstance(said.get("repo"), dict)
    ):
        return "feed"
    name = snake_of(piece.text("event"))
    is_known = name in EVENT_NAMES.values()
    if name and "project_id" not in said:
        has_sign = (
            "node_id" in said
            or "commit_url" in said
            or "/issues/events/" in piece.text("url")
            or ticket_of(piece)
        )
        if has_sign or (
            is_known and (isinstance(said.get("actor"), dict) or isinstance(said.get("source"), dict))
        ):
            return "event"
    if type_of(piece) and (
        "createdAt" in said or "actor" in said or "submittedAt" in said or "commit" in said
    ):
        return "node"
    link = piece.text("html_url", "url")
    if "body" in said and ("#issuecomment" in link or "#discussion_r" in link or "/issues/comments/" in link):
        return "comment"
    if piece.text("type") == "issue_comment" or (
        "body" in said and "issue_url" in said and "number" not in said
    ):
        return "comment"
    if "pull_request_url" in said and ("submitted_at" in said or "diff_hunk" in said):
        return "comment"
    is_titled = "title" in said and ("number" in said or piece.text("type") == "issue")
    if is_titled and ticket_of(piece) is not None:
        is_rest = "node_id" in said or "comments_url" in said or "labels_url" in said or "diff_url" in said
        return "issue" if is_rest or "github" in link or "createdAt" in said or "updatedAt" in said else ""
    return (
        "issue" if "timelineItems" in said and piece.key in ("issue", "pullRequest", "nodes", "node") else ""
    )
