"""`assertions`: the speech acts in events, as a frame with one row each that cites its event and its characters.

The decision hidden here: which events speak, which text of theirs is read, and what an assertion's id is made of. The id
is the content address of event, class and span, so that verdicts survive a second reading.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rca.claims.acts import Act, find_acts
from rca.claims.lexicon import ActClass

if TYPE_CHECKING:
    import pandas as pd

    from rca.timeline import Timeline

__all__ = ["COLUMNS", "assertions", "is_spoken"]

COLUMNS = (
    "id", "event_id", "exhibit", "locator", "time", "actor", "class", "span_start", "span_end", "text", "rule", "polarity",
    "hedge", "condition", "quotation", "attribution", "owner", "due", "due_time", "language", "status",
)  # fmt: skip
_KINDS = (
    "minutes.statement", "minutes.decision", "minutes.action", "minutes.motion", "minutes.dissent", "minutes.item", "meeting.utterance",
    "meeting.chat", "meeting.caption", "interview.statement", "interview.question", "mail.message", "chat.message",
    "chat.edited", "ticket.created", "ticket.comment", "ticket.note", "ticket.worklog", "status.posted",
    "document.statement", "document.comment", "document.inserted", "fact",
)  # fmt: skip
_BY_KIND = {
    "minutes.decision": (ActClass.DECISION, "minutes-decision"),
    "minutes.action": (ActClass.ACTION, "minutes-action"),
    "minutes.motion": (ActClass.PROPOSAL, "minutes-motion"),
    "minutes.dissent": (ActClass.DISSENT, "minutes-dissent"),
}


def is_spoken(kind: str) -> bool:
    """Whether events of `kind` hold what someone said or wrote.

    >>> is_spoken("ticket.comment"), is_spoken("log.line")
    (True, False)
    """
    return kind in _KINDS or any(kind.startswith(f"{known}.") for known in _KINDS)


def assertions(
    events: pd.DataFrame | Timeline, *, language: str | None = None, zone: str | None = None
) -> pd.DataFrame:
    """The speech acts that rules propose in `events`: one row per act, ordered by time, event and place.

    `span_start` and `span_end` count characters of the event's text (`attributes.text`, else `message`). `due` is as
    written; `due_time` is the last instant that a full date in it allows, in UTC, read in `zone` (a timeline's own zone,
    else UTC); NaT where no full date is written. Formal decisions, tasks, motions and dissent of minutes are such by
    their kind. Every `status` is `proposed`.
    """
    import pandas as pd

    if not isinstance(events, pd.DataFrame):
        zone = zone or events.zone
    rows = [row for row in _spoken_rows(events) for row in _rows(row, language, zone or "UTC")]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("time", "due_time"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[ns, UTC]")
    for name in ("span_start", "span_end"):
        frame[name] = frame[name].astype("int64")
    frame["quotation"] = frame["quotation"].astype(bool)
    order = ["time", "exhibit", "event_id", "span_start", "span_end", "class"]
    return frame.sort_values(order, kind="stable", na_position="last").reset_index(drop=True)


def _spoken_rows(events: pd.DataFrame | Timeline) -> Iterator[dict[str, Any]]:
    import pandas as pd

    wanted = ["event_id", "exhibit", "locator", "time", "actor", "kind", "message", "attributes"]
    if not isinstance(events, pd.DataFrame):
        import polars as pl

        kinds = pl.col("kind").cast(pl.String)
        kept = events.lazy.filter(
            kinds.is_in(list(_KINDS)) | pl.any_horizontal([kinds.str.starts_with(f"{k}.") for k in _KINDS])
        )
        frame = kept.select(wanted).collect().to_pandas()
    else:
        frame = events.reindex(columns=wanted)
        frame = frame[frame["kind"].astype(object).fillna("").map(lambda kind: is_spoken(str(kind)))]
    for row in frame.to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def _text(row: dict[str, Any]) -> str:
    raw = row.get("attributes")
    if isinstance(raw, str) and '"text"' in raw:
        try:
            full = json.loads(raw).get("text")
        except (ValueError, AttributeError, RecursionError):
            full = None
        if isinstance(full, str) and full.strip():
            return full
    message = row.get("message")
    return message if isinstance(message, str) else ""


def _rows(row: dict[str, Any], language: str | None, zone: str) -> Iterator[dict[str, Any]]:
    text = _text(row)
    if not text.strip():
        return
    acts = find_acts(text, language=language)
    by_kind = _BY_KIND.get(str(row["kind"]))
    if by_kind:
        acts = [act for act in acts if act.act is not by_kind[0]]
        yield _row(row, _whole(text, *by_kind), zone)
    for act in acts:
        yield _row(row, act, zone)


def _whole(text: str, act: ActClass, rule: str) -> Act:
    """The whole text as one act, by the kind of its event."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    first = next((a for a in find_acts(text, withheld=True) if a.owner or a.due), None)
    return Act(
        act, start, end, text[start:end], rule, first.language if first else "", start, end,
        owner=first.owner if first and act is ActClass.ACTION else "", due=first.due if first and act is ActClass.ACTION else "",
    )  # fmt: skip


def _row(row: dict[str, Any], act: Act, zone: str) -> dict[str, Any]:
    event_id = "" if row["event_id"] is None else str(row["event_id"])
    key = f"{event_id}\x1f{act.act.value}\x1f{act.start}\x1f{act.end}"
    due_time = due = None
    if act.act is ActClass.ACTION:
        due, due_time = _due(act, zone)
    return {
        "id": hashlib.sha256(key.encode()).hexdigest()[:24],
        "event_id": event_id,
        "exhibit": row["exhibit"],
        "locator": row["locator"],
        "time": row["time"],
        "actor": row["actor"] if isinstance(row["actor"], str) else "",
        "class": act.act.value,
        "span_start": act.start,
        "span_end": act.end,
        "text": act.text,
        "rule": act.rule,
        "polarity": act.polarity.value,
        "hedge": act.hedge,
        "condition": act.condition,
        "quotation": act.quotation,
        "attribution": act.attribution,
        "owner": act.owner,
        "due": due or "",
        "due_time": due_time,
        "language": act.language,
        "status": act.status,
    }


def _due(act: Act, zone: str) -> tuple[str, Any]:
    """The deadline as written and, where a full date is written, the last instant that it allows."""
    import pandas as pd

    from rca.moments.spoken import find_dates

    for start, end, moment in find_dates(act.text, zone=zone):
        return act.text[start:end].strip(), pd.Timestamp(moment.latest, unit="ns", tz="UTC") - pd.Timedelta(
            1, "ns"
        )
    return act.due, None
