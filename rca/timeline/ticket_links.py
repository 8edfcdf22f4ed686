"""`asserted_links`: which tickets are said to be linked to which, as a table, each link with its citation.

The decision hidden here: where a link is found. One that was made at a known time is an event, `ticket.link`; one that an
export shows without a time is in the creation of its ticket, `as_exported` (`rca.reading.tickets.snapshot`), and has no time
here: that of the creation is not its own. A link is what somebody asserted, a causal one too; it is never a finding.

References:
    Atlassian, "Configuring issue linking": the phrase of a link and its direction are what a site made of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import UsageError
from rca.events import to_arrow
from rca.moments.instants import parse_instant
from rca.reading.tickets.links import Relation, relation_of
from rca.reading.tickets.snapshot import AS_EXPORTED

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LINK_COLUMNS", "asserted_links"]

LINK_COLUMNS = (
    "record", "source_ticket", "target", "relation", "phrase", "direction", "is_causal", "time", "known", "exhibit", "locator",
    "event_id",
)  # fmt: skip
"""The columns of the table of links."""
_NEEDED = [
    "event_id",
    "record_id",
    "kind",
    "time",
    "known_time",
    "subject",
    "refs",
    "exhibit",
    "locator",
    "attributes",
]


def asserted_links(events: pd.DataFrame) -> pd.DataFrame:
    """The links between tickets that `events`, a frame of events, assert: a row a link and target, in their order.

    `source_ticket` is the ticket that carries the link, `relation` what it is to `target`; `is_causal` holds only where the
    phrase says "causes" or "is caused by". `time` is when the link was made and NaT where only an export shows it; then
    `known` is by when its source held it, NaT where nobody says. Both are in UTC. `event_id` is that of the link, or of the
    creation that holds it; `exhibit` and `locator` cite the link itself.

    Raises:
        UsageError: `events` is no frame of events.

    >>> from rca.events import conform
    >>> import pandas as pd
    >>> linked = {"event_id": "0" * 24, "kind": "ticket.link", "subject": "A-1", "refs": ["A-2"],
    ...           "attributes": '{"phrase": "is caused by", "relation": "caused_by", "target": "A-2"}'}
    >>> asserted_links(conform(pd.DataFrame([linked])))[["source_ticket", "relation", "target", "is_causal"]].values.tolist()
    [['A-1', 'caused_by', 'A-2', True]]
    """
    import pandas as pd

    if "kind" not in events.columns:
        raise UsageError(
            "These are no events: they have no kind", hint="Give a frame of events, as Timeline.frame."
        )
    rows = to_arrow(events[events["kind"].isin(["ticket.link", "ticket.created"])]).select(_NEEDED)
    times = {name: rows.column(name).cast("int64").to_pylist() for name in ("time", "known_time")}
    found: list[dict[str, Any]] = []
    for index, row in enumerate(rows.drop_columns(list(times)).to_pylist()):
        found += _links_of({**row, **{name: values[index] for name, values in times.items()}})
    frame = pd.DataFrame(found, columns=list(LINK_COLUMNS))
    for name in ("time", "known"):
        frame[name] = pd.to_datetime(frame[name].astype("Int64"), unit="ns", utc=True).astype(
            "datetime64[ns, UTC]"
        )
    frame["is_causal"] = frame["is_causal"].astype(bool)
    texts = [name for name in LINK_COLUMNS if name not in ("time", "known", "is_causal")]
    return frame.astype(dict.fromkeys(texts, "str"))


def _links_of(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    fields = _table(_parsed(row["attributes"]))
    if row["kind"] == "ticket.link":
        yield from _rows(
            row,
            fields,
            refs=row["refs"] or [],
            time=row["time"],
            known=row["known_time"],
            locator=row["locator"],
        )
        return
    snapshot = _table(fields.get(AS_EXPORTED))
    links = snapshot.get("links")
    for link in map(_table, links if isinstance(links, list) else ()):
        known = _instant(link.get("known_time", "" if "known" in link else snapshot.get("known_time", "")))
        subject = _said(link, "subject") or row["subject"]
        yield from _rows(
            {**row, "subject": subject}, link, refs=[], time=None, known=known, locator=_said(link, "cite") or row["locator"]
        )  # fmt: skip


def _rows(
    row: Mapping[str, Any],
    link: Mapping[str, Any],
    *,
    refs: list[str],
    time: int | None,
    known: int | None,
    locator: str,
) -> Iterator[dict[str, Any]]:
    phrase, target = _said(link, "phrase"), _said(link, "target")
    relation = _said(link, "relation") or relation_of(phrase).value
    several = bool(refs) and target in ("", ", ".join(refs))
    for one in refs if several else [target]:
        yield {
            "record": row["record_id"] or "",
            "source_ticket": row["subject"] or "",
            "target": one,
            "relation": relation,
            "phrase": phrase,
            "direction": _said(link, "direction"),
            "is_causal": relation in (Relation.CAUSES, Relation.CAUSED_BY),
            "time": time,
            "known": known,
            "exhibit": row["exhibit"] or "",
            "locator": locator or "",
            "event_id": row["event_id"] or "",
        }


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:  # attributes that another tool wrote
        return {}


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _said(link: Mapping[str, Any], name: str) -> str:
    value = link.get(name)
    return value if isinstance(value, str) else ""


def _instant(text: Any) -> int | None:
    try:
        return parse_instant(text) if isinstance(text, str) and text else None
    except UsageError:
        return None
