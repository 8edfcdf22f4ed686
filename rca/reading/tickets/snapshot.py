"""`fold_snapshot`: what a ticket was like when it was exported goes into its creation as `as_exported`, not into events.

The decision hidden here: a link or a state that an export shows without saying since when is no event of its own, since
nothing says that anything happened. It is a fact of the ticket *at the time of the export*. It is kept in the row of the
ticket's creation, which is the one row that every ticket has; it was not known at creation. **`as_exported` is hindsight
there**: whoever asks what was known at a time must leave it out, and with it the references that it brought, unless the
`known` beside it allows them. A ticket whose creation is not among the rows keeps them as undated events.

    {"as_exported": {"links": [{"relation", "phrase", "target", "direction", "asserted", "cite", …}],
                     "state": {"message", "cite", …}, "known": as written, "known_time": RFC 3339 in UTC}}

`known` is the stamp by which the source held all this, where the export states one; where it differs, each link and state
carries its own. Of several states those after the first are in `further_states`. `cite` is the locator.

References:
    Jira REST API, `issuelinks` and `changelog`; bugzilla.dtd, `dependson`, `blocked`: fields without a time of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rca.events.batches import attributes
from rca.moments.instants import format_instant

__all__ = ["AS_EXPORTED", "fold_snapshot"]

AS_EXPORTED = "as_exported"
"""The attribute of a `ticket.created` event that holds what its export knew: of the export's time, never of creation's."""
_CREATED, _LINK, _STATE = "ticket.created", "ticket.link", "ticket.state"
_OWN = ("subject", "actor", "component", "unit", "channel", "severity_text")

Row = dict[str, Any]


def fold_snapshot(rows: Sequence[Row], knowns: Sequence[str] = ()) -> list[Row]:
    """The events that remain of `rows`, once undated links and states went into the creation of their ticket.

    Args:
        rows: events of the schema, dated, in the order in which they were told; rows of creations are changed.
        knowns: for each row the stamp by which the source held it, as written, "" where none is.

    A row with a stamp that could not be read is undated too and yet an event: its source says that it has a time. Events
    that belong to a folded one (`parent`) belong to the creation. Of several creations of one record the one counts that
    the row names as its parent, then the last one before it, then the first one behind it.

    >>> made = {"event_id": "1", "record_id": "jira:A-1", "kind": "ticket.created", "time": 0}
    >>> link = {"event_id": "2", "record_id": "jira:A-1", "kind": "ticket.link", "refs": ["A-2"], "locator": "L2"}
    >>> [(row["kind"], row["refs"]) for row in fold_snapshot([made, link])]
    [('ticket.created', ['A-2'])]
    """
    by_creation: dict[int, list[int]] = {}
    for index, at in _creations(rows):
        by_creation.setdefault(at, []).append(index)
    moved: dict[str, str] = {}
    for at, indices in by_creation.items():
        created, folded = rows[at], [rows[index] for index in indices]
        stamps = [knowns[index].strip() if index < len(knowns) else "" for index in indices]
        fields = _fields(created)
        if AS_EXPORTED in fields:  # a field of the ticket that happens to have this name
            fields[f"{AS_EXPORTED} (field)"] = fields.pop(AS_EXPORTED)
        created["attributes"] = attributes({**fields, AS_EXPORTED: _snapshot(created, folded, stamps)})
        for name in ("refs", "assumptions"):
            told = (one for row in (created, *folded) for one in row.get(name) or ())
            created[name] = list(dict.fromkeys(told)) or None
        moved |= {str(row["event_id"]): str(created["event_id"]) for row in folded}
    gone = {index for indices in by_creation.values() for index in indices}
    kept = [row for index, row in enumerate(rows) if index not in gone]
    for row in kept:
        if row.get("parent") in moved:
            row["parent"] = moved[row["parent"]]
    return kept


def _creations(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """The number of each row that is no event of its own, with the number of its ticket's creation."""
    by_id: dict[str, int] = {}
    nearest: dict[str, int] = {}
    for index, row in enumerate(rows):
        if row["kind"] == _CREATED and row.get("record_id"):
            by_id[str(row["event_id"])] = index
            nearest.setdefault(row["record_id"], index)
    for index, row in enumerate(rows):
        record = row.get("record_id")
        if record not in nearest:
            continue
        if row["kind"] == _CREATED:
            nearest[record] = index
        elif row["kind"] in (_LINK, _STATE) and row.get("time") is None and not row.get("time_text"):
            above = by_id.get(row.get("parent") or "", -1)
            yield index, above if above >= 0 and rows[above]["record_id"] == record else nearest[record]


def _snapshot(created: Row, folded: Sequence[Row], stamps: Sequence[str]) -> dict[str, Any]:
    """The links and states of one ticket; a `known` that they share stands once."""
    held = [_known(row, stamp) for row, stamp in zip(folded, stamps, strict=True)]
    is_shared = all(one == held[0] for one in held)
    found: dict[str, Any] = dict(held[0]) if is_shared else {}
    links, states = [], []
    for row, known in zip(folded, held, strict=True):
        entry = {**_fields(row), "cite": row.get("locator") or "", **({} if is_shared else known)}
        entry |= {name: row[name] for name in _OWN if row.get(name) and row[name] != created.get(name)}
        if row["kind"] == _LINK:
            links.append({"phrase": "", "target": ", ".join(row.get("refs") or ()), "direction": "", **entry})
        else:
            states.append({**entry, "message": row.get("message") or ""})
    if links:
        found["links"] = links
    if states:
        found["state"] = states[0]
    if len(states) > 1:
        found["further_states"] = states[1:]
    return found


def _known(row: Row, stamp: str) -> dict[str, str]:
    if not stamp:
        return {}
    time = row.get("known_time")
    return {"known": stamp} if time is None else {"known": stamp, "known_time": format_instant(time)}


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    found = json.loads(row.get("attributes") or "{}")
    return found if isinstance(found, dict) else {}
