"""`changes_in`: what a system note of GitLab says was changed.

The decision hidden here: the sentences that GitLab writes into the notes of an issue when something changes ("closed via
merge request !12", "assigned to @a and unassigned @b", "changed title from **{-x-}** to **{+y+}**"). They are English
whatever the language of the site. A sentence may hold several changes; one that isn't known stays a change in its own words.

References:
    GitLab, system notes (Project comments and system notes in the documentation of issues; `SystemNotes` services).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["NoteChange", "changes_in"]


@dataclass(frozen=True, slots=True)
class NoteChange:
    """One change: its kind, field, old and new value; of a link its phrase, target and direction."""

    kind: str
    field: str
    old: str = ""
    new: str = ""
    phrase: str = ""
    direction: str = "outward"


_REF = r"(?:[\w.-]+(?:/[\w.-]+)*)?[#!&]\d+|https?://\S+"
_LABEL = re.compile(r'~(?:"([^"]+)"|([^\s~,"]+))')
_USER = re.compile(r"@([\w.-]*\w)")
_DIFF = re.compile(r"\{[-+]|[-+]\}|\*\*")
_MILESTONE = re.compile(r'%(?:"([^"]+)"|([^\s"]+))')


def _bare(text: str) -> str:
    """`text` without the marks of a difference and of bold print."""
    return _DIFF.sub("", text).strip().strip("`").strip()


def _names(text: str) -> str:
    return ", ".join(_USER.findall(text)) or _bare(text)


def _state(found: re.Match[str]) -> Iterator[NoteChange]:
    new = {"reopened": "opened", "opened": "opened", "merged": "merged"}.get(found[1], "closed")
    old = {"closed": "opened", "reopened": "closed", "merged": "opened"}.get(found[1], "")
    yield NoteChange("ticket.status", "state", old, new)
    if found[2]:
        is_ticket = re.fullmatch(_REF, found[2]) is not None
        kind = "ticket.link" if is_ticket else "ticket.commit"
        yield NoteChange(kind, "closed by", new=found[2], phrase="closed by", direction="inward")


def _assigned(found: re.Match[str]) -> Iterator[NoteChange]:
    text = found[0]
    removed = re.search(r"unassigned (.+?)(?= and assigned|$)", text)
    added = re.search(r"(?<!un)assigned to (.+?)(?= and unassigned|$)", text)
    yield NoteChange(
        "ticket.assignee",
        "assignee",
        _names(removed[1]) if removed else "",
        _names(added[1]) if added else "",
    )


def _labels(found: re.Match[str]) -> Iterator[NoteChange]:
    sides: dict[bool, list[str]] = {False: [], True: []}
    for part in re.split(r"\s+and\s+(?=(?:added|removed)\b)", found[0]):
        names = [a or b for a, b in _LABEL.findall(part)]
        sides[part.startswith("removed")] += names or [_bare(part)]
    yield NoteChange("ticket.change", "labels", ", ".join(sides[True]), ", ".join(sides[False]))


def _changed(field: str, kind: str = "ticket.change") -> Callable[[re.Match[str]], Iterator[NoteChange]]:
    def read(found: re.Match[str]) -> Iterator[NoteChange]:
        parts = found.groupdict()
        yield NoteChange(kind, field, _bare(parts.get("old") or ""), _bare(parts.get("new") or ""))

    return read


def _milestone(found: re.Match[str]) -> Iterator[NoteChange]:
    named = _MILESTONE.search(found[0])
    value = (named[1] or named[2]) if named else ""
    is_removed = found[0].startswith("removed")
    yield NoteChange("ticket.change", "milestone", value if is_removed else "", "" if is_removed else value)


def _linked(phrase: str, direction: str = "outward") -> Callable[[re.Match[str]], Iterator[NoteChange]]:
    def read(found: re.Match[str]) -> Iterator[NoteChange]:
        for target in re.findall(_REF, found["to"]):
            yield NoteChange("ticket.link", phrase, new=target, phrase=phrase, direction=direction)

    return read


def _mentioned(found: re.Match[str]) -> Iterator[NoteChange]:
    kind = "ticket.commit" if found["what"].startswith("commit") else "ticket.link"
    yield NoteChange(kind, "mentioned in", new=found["to"], phrase="mentioned in", direction="inward")


def _commits(found: re.Match[str]) -> Iterator[NoteChange]:
    shas = re.findall(r"\b[0-9a-f]{7,40}\b", found["rest"])
    yield NoteChange("ticket.commit", "commits", new=", ".join(shas) or found["count"])


def _epic(found: re.Match[str]) -> Iterator[NoteChange]:
    for target in re.findall(_REF, found["to"] or found["other"] or ""):
        yield NoteChange("ticket.link", "child of", new=target, phrase="child of")


_WHAT = r"(?:this |the )?(?:issue|incident|merge request|epic|task|test case|work item|objective|key result|ticket|item)"
_CHAIN = r"[^\n]*"
_RULES: tuple[tuple[str, Callable[[re.Match[str]], Iterator[NoteChange]]], ...] = (
    (
        r"(?:status changed to )?(closed|reopened|opened|merged)(?: (?:via|by) (?:merge request |commit |epic |issue )?(\S+))?\.?$",
        _state,
    ),
    (r"(?:assigned to|unassigned) .+$", _assigned),
    (r"removed assignee$", _changed("assignee", "ticket.assignee")),
    (r"(?:reassigned|changed (?:the )?assignee) to (?P<new>.+)$", _changed("assignee", "ticket.assignee")),
    (r"(?:added|removed) (?:~.+|(?:\d+ )?(?:deleted )?labels?\b.*|.+ labels?)$", _labels),
    (r"changed title from (?P<old>.+?) to (?P<new>.+)$", _changed("title")),
    (r"changed the description", _changed("description")),
    (
        r"changed (?:the )?milestone to .+$|removed (?:the )?milestone.*$|set (?:the )?milestone to .+$",
        _milestone,
    ),
    (r"changed (?:the )?severity to (?P<new>.+)$", _changed("severity", "ticket.priority")),
    (
        r"changed the (?:incident |alert )?status to (?P<new>.+?)(?: by (?:changing|closing|reopening|resolving).*)?$",
        _changed("status", "ticket.status"),
    ),
    (r"set status to (?P<new>.+)$", _changed("status", "ticket.status")),
    (r"(?:changed|set) weight to (?P<new>.+)$|removed the weight$", _changed("weight")),
    (r"(?:changed|set) (?:the )?due date to (?P<new>.+)$|removed (?:the )?due date.*$", _changed("due_date")),
    (
        r"(?:changed|set) (?:the )?start date to (?P<new>.+)$|removed (?:the )?start date.*$",
        _changed("start_date"),
    ),
    (r"changed (?:issue )?type (?:from (?P<old>.+?) )?to (?P<new>.+)$", _changed("issue_type")),
    (r"changed (?:the )?time estimate to (?P<new>.+)$|removed time estimate$", _changed("time_estimate")),
    (
        r"(?:added|subtracted|deleted) (?P<new>.+) of (?:time spent|spent time).*$|removed time spent$",
        _changed("time_spent", "ticket.worklog"),
    ),
    (r"made (?:the|this) .+ (?P<new>confidential|visible to everyone)$", _changed("confidential")),
    (rf"(?P<new>locked|unlocked) {_WHAT}$|(?P<old>unlocked|locked) the discussion.*$", _changed("locked")),
    (rf"mentioned in (?P<what>{_WHAT}|commit) (?P<to>\S+)$", _mentioned),
    (rf"mentioned in (?P<what>)(?P<to>{_REF})$", _mentioned),
    (r"moved to (?P<to>.+)$", _linked("moved to")),
    (r"moved from (?P<to>.+)$", _linked("moved from", "inward")),
    (r"cloned to (?P<to>.+)$", _linked("cloned to")),
    (r"cloned from (?P<to>.+)$", _linked("cloned from", "inward")),
    (r"promoted to (?:epic )?(?P<to>.+)$", _linked("moved to")),
    (r"promoted from (?:issue )?(?P<to>.+)$", _linked("moved from", "inward")),
    (rf"marked {_WHAT} as a duplicate of (?P<to>.+)$", _linked("duplicate of")),
    (rf"marked (?P<to>.+) as a duplicate of {_WHAT}$", _linked("duplicated by", "inward")),
    (rf"marked {_WHAT} as related to (?P<to>.+)$", _linked("relates to")),
    (rf"marked {_WHAT} as blocking (?P<to>.+)$", _linked("blocks")),
    (rf"marked {_WHAT} as blocked by (?P<to>.+)$", _linked("blocked by", "inward")),
    (r"removed the relation (?:with|to|from) (?P<old>.+)$", _changed("relation")),
    (r"(?:added|set) (?P<to>.+) as (?:a )?(?:child|sub-?task).*$", _linked("parent of")),
    (r"added (?:the )?(?:child )?(?:task|issue|epic) (?P<to>.+?)(?: as .*)?$", _linked("parent of")),
    (r"(?:added|set) (?P<to>.+) as (?:the )?parent.*$", _linked("child of")),
    (rf"added {_WHAT} to epic (?P<to>.+)$|added to epic (?P<other>.+)$", _epic),
    (r"added (?P<count>\d+) (?:new )?commits?(?P<rest>[\s\S]*)$", _commits),
    (r"(?P<new>approved|unapproved|requested changes)(?: (?:this|on) .*)?$", _changed("approval")),
    (r"requested review from (?P<new>.+)$|removed review request for (?P<old>.+)$", _changed("reviewer")),
    (
        r"marked this merge request as (?:a )?\*{0,2}(?P<new>draft|ready|Work In Progress)\*{0,2}.*$",
        _changed("state", "ticket.status"),
    ),
    (
        r"marked the (?:task|checklist item) (?P<new>.+) as (?:completed|incomplete|done)$",
        _changed("checklist"),
    ),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), read) for pattern, read in _RULES)


def changes_in(body: str) -> list[NoteChange]:
    """The changes that a system note says, in its order; one in its own words where the sentence isn't known.

    >>> [(c.field, c.old, c.new) for c in changes_in("assigned to @night-lead and unassigned @ward-it")]
    [('assignee', 'ward-it', 'night-lead')]
    >>> [(c.phrase, c.new) for c in changes_in("moved to region/ehr#268")]
    [('moved to', 'region/ehr#268')]
    """
    text = body.strip()[:10_000]
    for pattern, read in _COMPILED:
        found = pattern.match(text)
        if found is not None:
            changes = list(read(found))
            if changes:
                return changes
    return [NoteChange("ticket.change", "", new=text)]
