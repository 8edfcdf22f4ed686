"""`change_of`: what an entry of a GitHub timeline changed, by its name.

The decision hidden here: which kind each event type is, and where its old and new value or its other ticket stand. REST
writes `cross-referenced`, GraphQL `CrossReferencedEvent`: both are read under one name.

References:
    GitHub Docs, "Issue event types" (REST); GraphQL API, unions IssueTimelineItems and PullRequestTimelineItems.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as made_by

from rca.reading.tickets.pieces import Piece

__all__ = ["EVENT_NAMES", "Change", "change_of", "snake_of"]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake_of(name: str) -> str:
    """A name as small letters with underscores.

    >>> snake_of("CrossReferenced"), snake_of("cross-referenced")
    ('cross_referenced', 'cross_referenced')
    """
    return _HUMP.sub("_", name).replace("-", "_").casefold()


_TYPES = """
AddedToMergeQueue AddedToProject AddedToProjectV2 Assigned AutoMergeDisabled AutoMergeEnabled AutoRebaseEnabled AutoSquashEnabled
AutomaticBaseChangeFailed AutomaticBaseChangeSucceeded BaseRefChanged BaseRefDeleted BaseRefForcePushed BlockedByAdded
BlockedByRemoved BlockingAdded BlockingRemoved Closed CommentDeleted Connected ConvertToDraft ConvertedFromDraft
ConvertedNoteToIssue ConvertedToDiscussion CrossReferenced Demilestoned Deployed DeploymentEnvironmentChanged Disconnected
HeadRefDeleted HeadRefForcePushed HeadRefRestored IssueTypeAdded IssueTypeChanged IssueTypeRemoved Labeled Locked
MarkedAsDuplicate Mentioned Merged Milestoned MovedColumnsInProject ParentIssueAdded ParentIssueRemoved Pinned
ProjectV2ItemStatusChanged ReadyForReview Referenced RemovedFromMergeQueue RemovedFromProject RemovedFromProjectV2 RenamedTitle
Reopened ReviewDismissed ReviewRequestRemoved ReviewRequested SubIssueAdded SubIssueRemoved Subscribed Transferred Unassigned
Unlabeled Unlocked UnmarkedAsDuplicate Unpinned Unsubscribed UserBlocked
"""
EVENT_NAMES: dict[str, str] = {f"{name}Event": snake_of(name) for name in _TYPES.split()} | {
    "RenamedTitleEvent": "renamed",
    "IssueComment": "commented",
    "PullRequestReview": "reviewed",
    "PullRequestReviewComment": "commented",
    "PullRequestReviewThread": "line_commented",
    "PullRequestCommit": "committed",
}
"""The types of GraphQL nodes and the names under which REST knows them."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an entry means: its kind, the field with its values, or the phrase and object of a link."""

    kind: str
    field: str
    old: str = ""
    new: str = ""
    phrase: str = ""
    direction: str = "outward"
    target: Piece | None = None
    fields: dict[str, str] = made_by(default_factory=dict)


_LINKS = {
    "cross_referenced": ("mentioned in", "inward"),
    "connected": ("connected to", "outward"),
    "disconnected": ("disconnected from", "outward"),
    "marked_as_duplicate": ("duplicate of", "outward"),
    "unmarked_as_duplicate": ("no longer a duplicate of", "outward"),
    "sub_issue_added": ("parent of", "outward"),
    "sub_issue_removed": ("no longer parent of", "outward"),
    "parent_issue_added": ("child of", "outward"),
    "parent_issue_removed": ("no longer child of", "outward"),
    "blocked_by_added": ("blocked by", "inward"),
    "blocked_by_removed": ("no longer blocked by", "inward"),
    "blocking_added": ("blocks", "outward"),
    "blocking_removed": ("no longer blocks", "outward"),
    "transferred": ("moved from", "inward"),
}
_OTHERS = ("canonical", "source", "subject", "sub_issue", "subIssue", "parent_issue", "parent", "blocking_issue", "blockingIssue",
           "blocked_issue", "blockedIssue", "duplicate_issue")  # fmt: skip
_TOLD = {"mentioned", "subscribed", "unsubscribed"}


def change_of(name: str, piece: Piece) -> Change:
    """What an entry called `name` changed."""
    if name in ("closed", "reopened"):
        old, new = ("open", "closed") if name == "closed" else ("closed", "open")
        reason = piece.text("state_reason", "stateReason", "issue.state_reason")
        return Change("ticket.status", "state", old, new, fields={"state_reason": reason.casefold()})
    if name in ("assigned", "unassigned"):
        who = (
            piece.text("assignee.login", "assignee.name", "user.login", "assignee")
            .rstrip("/")
            .rpartition("/")[2]
        )
        return Change("ticket.assignee", "assignee", *_added(name, who, "assigned"))
    if name in ("labeled", "unlabeled"):
        label = piece.text("label.name", "label") or ", ".join(piece.texts("labels", "name"))
        return Change("ticket.change", "label", *_added(name, label, "labeled"))
    if name in ("milestoned", "demilestoned"):
        title = piece.text("milestone.title", "milestoneTitle", "milestone_title", "issue.milestone.title")
        return Change("ticket.change", "milestone", *_added(name, title, "milestoned"))
    if name in ("renamed", "edited"):
        old = piece.text("rename.from", "previousTitle", "title_was", "changes.title.from")
        return Change(
            "ticket.change", "title", old, piece.text("rename.to", "currentTitle", "title_is", "issue.title")
        )
    if name in ("locked", "unlocked"):
        why = piece.text("lock_reason", "lockReason", "issue.active_lock_reason")
        old, new = ("", "true") if name == "locked" else ("true", "false")
        return Change("ticket.change", "locked", old, new, fields={"reason": why})
    if name == "merged":
        return Change(
            "ticket.commit", "merged", "", piece.text("mergeRefName", "commit_id", "commit.oid") or "true"
        )
    if name == "referenced":
        return Change("ticket.commit", "commit", "", piece.text("commit_id", "commit.oid"))
    if name in ("convert_to_draft", "converted_to_draft", "ready_for_review"):
        new = "ready for review" if name == "ready_for_review" else "draft"
        return Change("ticket.status", "state", "draft" if name == "ready_for_review" else "", new)
    if name in _LINKS:
        phrase, direction = _LINKS[name]
        target = piece.piece(*_OTHERS)
        if target is not None and target.piece("issue") is not None:
            target = target.piece("issue")
        return Change("ticket.link", name, phrase=phrase, direction=direction, target=target)
    if name in _TOLD:
        return Change("ticket.notified", name)
    if name in ("review_requested", "review_request_removed"):
        who = piece.text(
            "requested_reviewer.login",
            "requestedReviewer.login",
            "requested_team.name",
            "requestedReviewer.name",
        )
        return Change("ticket.change", "reviewer", *_added(name, who, "review_requested"))
    if name in (
        "moved_columns_in_project",
        "project_v2_item_status_changed",
        "projectv2_item_status_changed",
    ):
        old = piece.text("project_card.previous_column_name", "previousProjectColumnName", "previousStatus")
        new = piece.text("project_card.column_name", "projectColumnName", "status")
        return Change(
            "ticket.change",
            "project column",
            old,
            new,
            fields={"project": piece.text("project.name", "project.title")},
        )
    new = piece.text(
        "project.name", "project.title", "project_card.column_name", "environment", "ref", "issue_type.name"
    )
    return Change("ticket.change", name, "", new)


def _added(name: str, value: str, adds: str) -> tuple[str, str]:
    """Old and new value of something that was added or removed."""
    return ("", value) if name == adds else (value, "")
