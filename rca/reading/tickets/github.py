"""GitHub: issues, pull requests, comments, reviews, events and timelines, as recorded answers and exports.

The decision hidden here: what each answer of the API means, whichever way it was got. REST answers, GraphQL nodes, rows of
`gh … --json`, webhooks, the public event feed and recordings of HTTP exchanges say the same things under other names; a
timeline entry is one change. A link is what somebody asserted by mentioning or closing, never a cause.

References:
    GitHub Docs, REST API: Issues, Timeline events, "Issue event types", Pull requests, Search; GraphQL API: Objects
    (IssueTimelineItems); Webhook events and payloads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.source import Sample, Source
from rca.reading.tickets.github_events import EVENT_NAMES, change_of, snake_of
from rca.reading.tickets.github_shapes import (
    REPOSITORY,
    REQUEST,
    SIGNS,
    Ticket,
    enter,
    shape_of,
    ticket_at,
    ticket_of,
    type_of,
)
from rca.reading.tickets.pieces import Piece, first_pieces, note_total, read_pieces, says_shape, wrapper_tail
from rca.reading.tickets.tracker_telling import TrackerTeller, mentions

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GithubReader"]

_WRITES = ("post", "put", "patch", "delete")


class GithubReader:
    """Reads answers and exports of GitHub; issues, comments, reviews and each entry of a timeline are events."""

    name = "github"
    version = "1"
    title = "GitHub: issues, pull requests, comments, events, timelines (REST, GraphQL, gh, webhooks)"
    suffixes = (".json", ".ndjson")

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is one of GitHub's by its addresses and keys, else 0."""
        return says_shape(sample, enter, shape_of, signs=SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        told = _Telling(source, self)
        for piece in read_pieces(source, enter, code="RCA191"):
            told.tell(piece)
            yield from told.teller.batches()
        told.end()
        yield from told.teller.rest()


class _Telling:
    """One stream on its way."""

    def __init__(self, source: Source, reader: GithubReader) -> None:
        self.source = source
        self.teller = TrackerTeller(source, reader, system="github")
        self.listed: dict[str, Ticket] = {}
        for piece in first_pieces(source.sample, enter):
            ticket = ticket_of(piece) if piece.has("event") else None
            if ticket is not None:
                self.listed.setdefault(piece.root.rpartition("/")[0], ticket)
        self.seen: dict[str, int] = {}
        self.total = ""
        self.has_comments = False

    def tell(self, piece: Piece, ticket: Ticket | None = None) -> None:
        """All events of an object; `ticket` is the one it belongs to where it doesn't say so itself."""
        shape = shape_of(piece)
        self.seen[shape] = self.seen.get(shape, 0) + 1
        self.total = self.total or text_of(piece.around.get("total_count"))
        if shape == "exchange":
            self._tell_exchange(piece)
        elif shape == "webhook":
            self._tell_webhook(piece)
        elif shape == "feed":
            self._tell_feed(piece)
        elif shape == "issue":
            self._tell_issue(piece)
        elif shape == "comment":
            self._tell_comment(piece, ticket_of(piece) or ticket or self._unnamed(piece))
        elif shape in ("event", "node"):
            issue = piece.piece("issue")
            mine = (ticket_of(issue) if issue else None) or ticket or self._ticket_of_entry(piece)
            self._tell_entry(piece, mine)
        else:
            self.teller.pass_over(piece)

    def end(self) -> None:
        """What the stream does not contain."""
        teller = self.teller
        total = self.total or wrapper_tail(self.source).get("total_count", "")
        note_total(
            self.source, self.seen.get("issue", 0), total, code=teller.code, what="results of the search"
        )
        if self.seen.get("issue") and not self.seen.get("event") and not self.seen.get("node"):
            teller.note_absence("events of the issues (labels, assignments, closing and reopening)")
        if self.has_comments and not self.seen.get("comment"):
            teller.note_absence("comments of the issues")
        teller.end()

    def _unnamed(self, piece: Piece) -> Ticket:
        """The one issue whose entries these are, where no entry names it."""
        parent = piece.root.rpartition("/")[0]
        if parent in self.listed:
            return self.listed[parent]
        repo = REPOSITORY.match(piece.text("url"))
        name = f"{repo['repo']}#?" if repo else "issue"
        self.teller.note_absence(
            "the number of the issue that the events belong to",
            hint="The request names it, the answer does not.",
        )
        return Ticket(name, f"github:{self.source.stream_key[:12]}:{parent}", repo["repo"] if repo else "")

    def _ticket_of_entry(self, piece: Piece) -> Ticket:
        own = ticket_of(piece) if piece.text("event") in ("commented", "reviewed", "line-commented") else None
        if own is None and type_of(piece):
            own = ticket_at(piece.text("resourcePath"), piece.text("url"))
        return own or self._unnamed(piece)

    # -- issues and pull requests -------------------------------------------------------------------------

    def _tell_issue(self, piece: Piece) -> None:
        teller = self.teller
        history = list(piece.pieces("timelineItems", "timeline", "events"))
        ticket = ticket_of(piece) or _ticket_within(history)
        if ticket is None:
            ticket = Ticket("issue", f"github:{self.source.stream_key[:12]}:{piece.pointer}", "")
            teller.note_absence(
                "the number of the issue that the events belong to", hint="The query did not ask for it."
            )
        self.has_comments |= piece.text("comments", "comments.totalCount") not in ("0", "")
        common: dict[str, Any] = {"record": ticket.record, "unit": ticket.repo}
        closings = {
            one.text("createdAt", "created_at")
            for one in history
            if "close" in type_of(one).casefold() or one.text("event") == "closed"
        }
        parent = ""
        created = piece.text("created_at", "createdAt")
        if created or piece.has("number") or piece.text("title"):
            parent = self._tell_created(piece, ticket, created)
        merged = piece.text("merged_at", "mergedAt", "pull_request.merged_at")
        if merged:
            commit = piece.text("merge_commit_sha", "mergeCommit.oid")
            teller.tell(
                "ticket.commit", f"{ticket.name} merged", piece.place(), stamp=merged, subject=ticket.name, parent=parent,
                actor=piece.text("merged_by.login", "mergedBy.login"), refs=[commit] if commit else [],
                fields={"relation": "merged", "commit": commit}, **common,
            )  # fmt: skip
        closed = piece.text("closed_at", "closedAt")
        reason = piece.text("state_reason", "stateReason")
        if closed and closed not in closings:
            teller.tell(
                "ticket.closed", f"{ticket.name} closed{f' ({reason})' if reason else ''}", piece.place(), stamp=closed,
                subject=ticket.name, parent=parent, actor=piece.text("closed_by.login"), fields={"state_reason": reason}, **common,
            )  # fmt: skip
        elif piece.text("state").casefold() in ("closed", "merged") and not closed and not closings:
            teller.tell(
                "ticket.state", f"{ticket.name} state: {piece.text('state')}", piece.place(), subject=ticket.name, parent=parent,
                known=piece.text("updated_at", "updatedAt"),
                fields={"field": "state", "new": piece.text("state")}, **common,
            )  # fmt: skip
        for one in history:
            self.seen["event"] = self.seen.get("event", 0) + 1
            self._tell_entry(one, ticket, parent)
        for one in piece.pieces("comments", "reviews"):
            self.seen["comment"] = self.seen.get("comment", 0) + 1
            self._tell_comment(one, ticket, parent)

    def _tell_created(self, piece: Piece, ticket: Ticket, created: str) -> str:
        body = piece.text("body", "bodyText")
        is_pull = (
            piece.has("pull_request")
            or piece.has("merged_at")
            or piece.has("diff_url")
            or "/pull/" in piece.text("html_url", "url")
        )
        fields = {
            "title": piece.text("title"),
            "state": piece.text("state"),
            "labels": ", ".join(piece.texts("labels", "name")),
            "assignees": ", ".join(piece.texts("assignees", "login")) or piece.text("assignee.login"),
            "milestone": piece.text("milestone.title"),
            "comments": piece.text("comments", "comments.totalCount"),
            "author_association": piece.text("author_association", "authorAssociation"),
            "updated": piece.text("updated_at", "updatedAt"),
            "locked": "true" if piece.flag("locked") else "",
            "pull_request": "true" if is_pull else "",
            "draft": "true" if piece.flag("draft", "isDraft") else "",
            "head": piece.text("head.ref", "headRefName"),
            "base": piece.text("base.ref", "baseRefName"),
            "url": piece.text("html_url", "url"),
        }
        return self.teller.tell_created(
            ticket.name, piece.text("title"), piece.place(), body=body, stamp=created, actor=_actor(piece), fields=fields,
            record=ticket.record, unit=ticket.repo, refs=_refs(body, ticket),
        )  # fmt: skip

    def _tell_comment(self, piece: Piece, ticket: Ticket, parent: str = "") -> None:
        body = piece.text("body", "bodyText")
        verdict = piece.text("state") if piece.has("submitted_at") or piece.has("submittedAt") else ""
        line = piece.text("path")
        fields = {
            "review": verdict.casefold(),
            "file": line,
            "commit": piece.text("commit_id", "commit.oid"),
            "author_association": piece.text("author_association", "authorAssociation"),
            "updated": piece.text("updated_at", "updatedAt"),
            "url": piece.text("html_url", "url"),
        }
        stamp = piece.text("submitted_at", "submittedAt", "created_at", "createdAt")
        if verdict and not body:
            self.teller.tell_field(
                ticket.name, "ticket.change", ("review", "", verdict.casefold()), piece.place(), stamp=stamp, actor=_actor(piece),
                record=ticket.record, unit=ticket.repo, parent=parent, fields=fields,
            )  # fmt: skip
            return
        what = (
            f"review ({verdict.casefold().replace('_', ' ')})"
            if verdict
            else "review comment"
            if line
            else ""
        )
        self.teller.tell_text(
            ticket.name, body, piece.place(), is_public=True, who=_actor(piece), what=what, stamp=stamp, record=ticket.record,
            unit=ticket.repo, parent=parent, refs=_refs(body, ticket), fields=fields,
        )  # fmt: skip

    # -- entries of a timeline ----------------------------------------------------------------------------

    def _tell_entry(self, piece: Piece, ticket: Ticket, parent: str = "") -> None:
        name = EVENT_NAMES.get(type_of(piece)) or snake_of(
            type_of(piece).removesuffix("Event") or piece.text("event")
        )
        common: dict[str, Any] = {
            "stamp": piece.text("created_at", "createdAt", "submitted_at", "submittedAt"),
            "actor": _actor(piece),
            "record": ticket.record,
            "unit": ticket.repo,
            "parent": parent,
        }
        if name in ("commented", "reviewed", "commit_commented"):
            self._tell_comment(piece, ticket, parent)
            return
        if name == "line_commented":
            for one in piece.pieces("comments"):
                self._tell_comment(one, ticket, parent)
            return
        if name == "committed":
            self._tell_commit(piece, ticket, common)
            return
        teller, place = self.teller, piece.place()
        change = change_of(name, piece)
        commit = piece.text("commit_id", "commit.oid", "closer.oid", "mergeCommit.oid")
        closer = piece.piece("closer")
        pull = ticket_of(closer) if closer else None
        fields = {"event": name, "change_id": piece.text("id"), "commit": commit, **change.fields}
        if change.kind == "ticket.link":
            other = ticket_of(change.target) if change.target else None
            if other is not None:
                phrase = change.phrase
                if name == "cross_referenced" and piece.flag("willCloseTarget"):
                    phrase = "closed by"
                teller.tell_link(
                    ticket.name,
                    phrase,
                    other.name,
                    place,
                    direction=change.direction,
                    fields=fields,
                    **common,
                )
                return
            fields |= {"phrase": change.phrase}
        kind = "ticket.change" if change.kind == "ticket.link" else change.kind
        said = change.new or change.old
        teller.tell_field(
            ticket.name, kind, (change.field, change.old, change.new), place, refs=[commit] if commit else [],
            audience=[common["actor"]] if kind == "ticket.notified" and common["actor"] else [],
            message="" if said else f"{ticket.name} {name.replace('_', ' ')}", fields=fields, **common,
        )  # fmt: skip
        if name == "closed" and (commit or pull):
            target = pull.name if pull else commit
            teller.tell(
                "ticket.link" if pull else "ticket.commit", f"{ticket.name} closed by {target}", place, subject=ticket.name,
                refs=[target], fields={"relation": "fixed_by", "phrase": "closed by", "target": target, "direction": "inward",
                                       "asserted": "true"}, **common,
            )  # fmt: skip

    def _tell_commit(self, piece: Piece, ticket: Ticket, common: dict[str, Any]) -> None:
        stamp = piece.text("committer.date", "commit.committedDate", "author.date", "commit.authoredDate")
        sha = piece.text("sha", "commit.oid")
        message = piece.text("message", "commit.message", "commit.messageHeadline")
        actor = piece.text("author.name", "commit.author.name", "commit.author.user.login")
        more = {**common, "stamp": stamp or common["stamp"], "actor": actor or common["actor"]}
        self.teller.tell(
            "ticket.commit", f"{ticket.name} commit {sha[:12]}: {message}", piece.place(), subject=ticket.name,
            refs=[one for one in (sha, *_refs(message, ticket)) if one], text=message,
            fields={"commit": sha, "authored": piece.text("author.date", "commit.authoredDate")}, **more,
        )  # fmt: skip

    # -- webhooks, the feed, recorded exchanges -----------------------------------------------------------

    def _tell_webhook(self, piece: Piece) -> None:
        thing = piece.piece("issue", "pull_request")
        assert thing is not None
        ticket = ticket_of(thing)
        action = snake_of(piece.text("action"))
        comment = piece.piece("comment", "review")
        if ticket is None or action == "opened":
            self._tell_issue(thing)
        elif comment is not None and action in ("created", "submitted"):
            self._tell_comment(comment, ticket)
        else:
            change = change_of(action, piece)
            fields = {"event": action, **change.fields}
            stamp = thing.text("closed_at") if action == "closed" else thing.text("updated_at", "created_at")
            self.teller.tell_field(
                ticket.name, "ticket.change" if change.kind == "ticket.link" else change.kind, (change.field, change.old, change.new),
                piece.place(), stamp=stamp, actor=piece.text("sender.login"), record=ticket.record, unit=ticket.repo, fields=fields,
                message="" if change.new or change.old else f"{ticket.name} {action.replace('_', ' ')}",
            )  # fmt: skip

    def _tell_feed(self, piece: Piece) -> None:
        payload = piece.piece("payload") or piece
        thing = payload.piece("issue", "pull_request")
        ticket = ticket_of(thing) if thing else None
        comment = payload.piece("comment", "review")
        action = snake_of(payload.text("action"))
        common: dict[str, Any] = {
            "stamp": piece.text("created_at"),
            "actor": piece.text("actor.login", "actor"),
        }
        if thing is not None and ticket is not None and action == "opened":
            self._tell_issue(thing)
        elif comment is not None and ticket is not None and action in ("created", "submitted", ""):
            self._tell_comment(comment, ticket)
        elif ticket is not None:
            change = change_of(action, payload)
            self.teller.tell_field(
                ticket.name, change.kind if change.kind != "ticket.link" else "ticket.change", (change.field, change.old, change.new),
                piece.place(), record=ticket.record, unit=ticket.repo, fields={"event": action},
                message="" if change.new or change.old else f"{ticket.name} {action.replace('_', ' ')}", **common,
            )  # fmt: skip
        elif piece.text("type") == "PushEvent":
            repo = piece.text("repo.name")
            for one in payload.pieces("commits"):
                refs = mentions(one.text("message"), repo)
                self.teller.tell(
                    "ticket.commit", f"{repo} commit {one.text('sha')[:12]}: {one.text('message')}", one.place(), unit=repo,
                    record=f"github:{repo}@{one.text('sha')}", text=one.text("message"), refs=[one.text("sha"), *refs],
                    fields={"commit": one.text("sha"), "author": one.text("author.name")}, **common,
                )  # fmt: skip
        else:
            self.teller.pass_over(piece)

    def _tell_exchange(self, piece: Piece) -> None:
        """A request and its answer: the exchange by the clock of the server, then what the answer holds."""
        method, path, status = (
            piece.text("method").casefold(),
            piece.text("path", "url"),
            piece.text("status", "statusCode"),
        )
        found = REQUEST.search(path)
        ticket = None
        if found and found["repo"]:
            name = f"{found['repo']}#{found['number']}"
            ticket = Ticket(name, f"github:{name}", found["repo"])
        stamp = _header(piece, "date")
        exchange = self.teller.tell(
            "log.access", f"{method.upper()} {path} → {status}", piece.place(), stamp=stamp, time_kind=TimeKind.RECORDED,
            record=f"github:exchange:{self.source.stream_key[:12]}:{piece.root}", subject=ticket.name if ticket else None,
            fields={"method": method.upper(), "path": path, "status": status, "scope": piece.text("scope")},
        )  # fmt: skip
        rest = (found["rest"] or "") if found else ""
        is_done = status[:1] in ("2", "")
        if ticket is not None and method in _WRITES and is_done and rest in ("/lock", "/labels"):
            self._tell_written(piece, ticket, (method, rest, stamp, exchange))
            return
        for answer in piece.answer("response"):
            self.total = ""
            inner = list(answer.pieces("items")) if answer.has("total_count", "items") else [answer]
            for one in inner:
                if shape_of(one):
                    self.tell(one, ticket)

    def _tell_written(self, piece: Piece, ticket: Ticket, request: tuple[str, str, str, str]) -> None:
        """What a request changed that its answer doesn't say: a lock, the labels."""
        method, rest, stamp, exchange = request
        names = ", ".join(text_of(dict_of(one).get("name")) for one in list_of(piece.said.get("response")))
        if rest == "/lock":
            change = ("locked", "", "true") if method == "put" else ("locked", "true", "false")
        else:
            change = ("labels", "", names)
        self.teller.tell_field(
            ticket.name, "ticket.change", change, piece.place(), stamp=stamp, time_kind=TimeKind.RECORDED, record=ticket.record,
            unit=ticket.repo, parent=exchange, fields={"request": f"{method.upper()} {rest}"},
        )  # fmt: skip


def _ticket_within(history: list[Piece]) -> Ticket | None:
    """The issue whose timeline this is, by the address of a reference to it (`…/issues/5#ref-issue-77`)."""
    for one in history:
        link = one.text("url")
        if "#ref-" in link:
            return ticket_at(link)
    return None


def _actor(piece: Piece) -> str:
    """Who acted: a log-in, or the last part of an address."""
    login = piece.text(
        "actor.login", "user.login", "author.login", "assigner.login", "author.name", "user.name"
    )
    login = login or piece.text("actor", "user", "author")
    return login.rstrip("/").rpartition("/")[2] if "://" in login else login


def _refs(text: str, ticket: Ticket) -> list[str]:
    return [one for one in mentions(text, ticket.repo) if one != ticket.name]


def _header(piece: Piece, name: str) -> str:
    """A header of a recorded answer: an object, or names and values in turn."""
    headers = piece.said.get("headers") or piece.said.get("responseHeaders") or piece.said.get("rawHeaders")
    if isinstance(headers, dict):
        for key, value in headers.items():
            if key.casefold() == name:
                return text_of(value) or next((text_of(one) for one in list_of(value)), "")
    pairs = list_of(headers)
    for key, value in zip(pairs[::2], pairs[1::2], strict=False):
        if text_of(key).casefold() == name:
            return text_of(value)
    return ""
