"""What a ticket was like when it was exported, where the export does not say since when.

The decision hidden here: a link or state without a time is no event. It is kept with the event that created the ticket, as
`as_exported` in its attributes, and is knowledge of the time of the export, never of the creation: whoever asks what was
known at some time must not use it. A ticket whose creation is not in the source keeps its undated link or state as an event.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rca.events.batches import attributes

__all__ = ["AS_EXPORTED", "fold_snapshots"]

AS_EXPORTED = "as_exported"
"""The attribute: an object with `links`, `state` and `known`, the last change that the export states."""
_UNDATED = ("ticket.link", "ticket.state")


def fold_snapshots(rows: Sequence[dict[str, Any]], knowns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows without undated links and states of tickets whose creation is among them; `knowns` has a stamp for each row.

    To be called when the rows have their times.
    """
    created: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["kind"] == "ticket.created" and row.get("record_id"):
            created.setdefault(row["record_id"], row)
    kept: list[dict[str, Any]] = []
    told: dict[str, dict[str, Any]] = {}
    for row, known in zip(rows, knowns, strict=True):
        is_undated = row["kind"] in _UNDATED and row.get("time") is None and not row.get("time_text")
        home = created.get(row.get("record_id") or "") if is_undated else None
        if home is None:
            kept.append(row)
            continue
        fields = json.loads(row["attributes"] or "{}")
        snapshot = told.setdefault(row["record_id"], {})
        if known:
            snapshot.setdefault("known", known)
        if row["kind"] == "ticket.link":
            snapshot.setdefault("links", []).append({**fields, "cite": row["locator"]})
        else:
            snapshot["state"] = {**fields, "says": row["message"], "cite": row["locator"]}
        home["refs"] = list(dict.fromkeys([*(home.get("refs") or ()), *(row.get("refs") or ())])) or None
    for record, snapshot in told.items():
        home = created[record]
        home["attributes"] = attributes({**json.loads(home["attributes"] or "{}"), AS_EXPORTED: snapshot})
    return kept
