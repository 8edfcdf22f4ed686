"""`asserted_links`: what tickets say of other tickets, as edges that somebody asserted.

The decision hidden here: an edge is read from dated link events and from what a ticket was like when it was exported alike.
It says who asserted what and when, and whether the phrase itself claims a cause; it is never a finding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rca.reading.snapshots import AS_EXPORTED
from rca.reading.tickets.links import Relation

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "asserted_links"]

COLUMNS = (
    "record", "subject", "target", "relation", "phrase", "direction", "is_causal", "time", "known", "actor", "exhibit", "locator",
    "event_id",
)  # fmt: skip


def asserted_links(events: pd.DataFrame) -> pd.DataFrame:
    """The links between tickets that events tell, one a row, in the order of the events.

    Columns: `record` and `subject` of the ticket, `target`, `relation` (of `rca.reading.tickets.links.Relation`), the
    `phrase` as written, its `direction`, `is_causal` (the phrase claims a cause), `time` of the linking (UTC, NaT where
    the source does not say), `known` (the last change that the export states, as written), `actor`, `exhibit`, `locator`
    and `event_id` of the event that it was read from.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    chosen = events[events["kind"].isin(["ticket.link", "ticket.created"])]
    for event in chosen.to_dict("records"):
        fields = json.loads(event["attributes"]) if isinstance(event["attributes"], str) else {}
        if event["kind"] == "ticket.link":
            rows.append(_row(event, fields, event["time"], "", event["locator"]))
            continue
        snapshot = fields.get(AS_EXPORTED) or {}
        for link in snapshot.get("links", ()):
            cite = str(link.get("cite") or event["locator"])
            rows.append(_row(event, link, pd.NaT, str(snapshot.get("known", "")), cite))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["time"] = pd.to_datetime(frame["time"], utc=True).astype("datetime64[ns, UTC]")
    return frame


def _row(
    event: Mapping[Any, Any], link: Mapping[str, Any], time: Any, known: str, locator: str
) -> dict[str, Any]:
    relation = str(link.get("relation") or "")
    return {
        "record": event["record_id"],
        "subject": event["subject"],
        "target": str(link.get("target") or ""),
        "relation": relation,
        "phrase": str(link.get("phrase") or ""),
        "direction": str(link.get("direction") or ""),
        "is_causal": relation in {str(one) for one in Relation if one.is_causal},
        "time": time,
        "known": known,
        "actor": event["actor"] if locator == event["locator"] and event["kind"] == "ticket.link" else None,
        "exhibit": event["exhibit"],
        "locator": locator,
        "event_id": event["event_id"],
    }
