"""Items of a timeline figure: dated events on the local wall clock, with the words that labels and hovers show.

The decision hidden here: what an event says in a figure, and where the figure opens. Times become milliseconds on the wall
clock of the case's zone; the opening view is the window asked for, the days around the focus, or where most events lie.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.errors import UsageError, did_you_mean
from rca.events.schema import column_names
from rca.evidence.locators import cite
from rca.figures.lettering import escape_markup, truncate, wrap
from rca.figures.palette import readable
from rca.moments.instants import to_datetime
from rca.moments.words import in_words
from rca.moments.zones import local_time
from rca.texts import say

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DAY_MS", "EPOCH", "Item", "focus_lines", "iso", "items_of", "opening_view"]

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 (a wall clock has no zone)
DAY_MS = 86_400_000.0
FINE = ("ns", "us", "ms", "second", "minute")
MONTHLY = ("month",)
YEARLY = ("quarter", "year")
_GRADES = {"A": 1.0, "B": 0.9, "C": 0.68, "D": 0.5, "E": 0.42, "F": 0.42}


@dataclass(slots=True)
class Item:
    """One dated event, ready to be placed. Times are milliseconds on the local wall clock."""

    low: float
    high: float
    at: float
    precision: str
    lane: str
    key: str
    label: str
    hover: str
    citation: str
    grade: float
    in_words: str
    actor: str
    event: str = ""
    row: int = 0

    @property
    def is_dot(self) -> bool:
        """Whether the event has a clock time, so that a mark and no bar stands for it."""
        return self.precision in FINE and self.high - self.low <= 3_600_000


def items_of(
    frame: pd.DataFrame, zone: str, lanes: str, colour: str, language: str
) -> tuple[list[Item], int]:
    """The dated events of `frame` as items, and how many are undated.

    Raises:
        UsageError: `lanes` or `colour` names neither a column nor an attribute.
    """
    dated = frame[frame["time"].notna()]
    undated = len(frame) - len(dated)
    lane_of, key_of = _values(dated, lanes, language), _values(dated, colour, language)
    columns = {name: dated[name].tolist() for name in _USED}
    items: list[Item] = []
    for n in range(len(dated)):
        row = {name: values[n] for name, values in columns.items()}
        low, high, at = (wall_ms(row[c].value, zone) for c in ("time_earliest", "time_latest", "time"))
        end = wall_ms(row["time_end"].value, zone) if _given(row["time_end"]) else high
        precision = str(row["time_precision"] or "second") if _given(row["time_precision"]) else "second"
        citation = cite(_text(row["exhibit"]), _text(row["locator"]))
        instants = [row[c].value for c in ("time_earliest", "time_latest", "time")]
        words = in_words(
            instants[0], instants[1], zone, time=instants[2], precision=_text(row["time_precision"])
        )
        items.append(
            Item(
                low,
                max(high, end),
                at,
                precision if end <= high else "part_of_day",
                lane_of[n],
                key_of[n],
                " ".join(_text(row["message"])[:2_000].split()) or "–",
                _hover(row, citation, words, zone, language),
                citation,
                _GRADES.get(_text(row["reliability"]), 0.9),
                words,
                _text(row["actor"]),
                _text(row["event_id"]),
            )
        )
    return items, undated


_USED = (
    "time", "time_earliest", "time_latest", "time_end", "time_text", "time_precision", "time_basis", "known_time",
    "message", "actor", "kind", "exhibit", "locator", "reliability", "credibility", "event_id",
)  # fmt: skip


def _given(value: Any) -> bool:
    return value is not None and value == value  # noqa: PLR0124 (NaT and NaN differ from themselves)


def _text(value: Any) -> str:
    return str(value) if _given(value) else ""


def _values(frame: pd.DataFrame, name: str, language: str) -> list[str]:
    """The values of a column, or of a key of `attributes`, as texts."""
    none = say("timeline.none", language)
    if name in column_names():
        return [_text(v) or none for v in frame[name].tolist()]
    found = [json.loads(a).get(name) if _given(a) else None for a in frame["attributes"].tolist()]
    if found and not any(found):
        keys = {k for a in frame["attributes"].dropna().head(200).tolist() for k in json.loads(a)}
        raise UsageError(
            f'No event has a column or attribute "{name}"', hint=did_you_mean(name, [*column_names(), *keys])
        )
    return [str(v) if v else none for v in found]


def wall_ms(instant: int, zone: str) -> float:
    return local_time(instant, zone) / 1e6


def iso(ms: float) -> str:
    """Milliseconds of the wall clock as the text that plotly's date axes take."""
    wall = EPOCH + dt.timedelta(milliseconds=ms)
    return wall.isoformat(sep=" ", timespec="milliseconds" if wall.microsecond else "seconds")


def _hover(row: Mapping[str, Any], citation: str, words: str, zone: str, language: str) -> str:
    lines = [f"<b>{escape_markup(line)}</b>" for line in wrap(_text(row["message"]) or "–", 420, 13, lines=8)]
    when = escape_markup(words)
    written = _text(row["time_text"])
    if written and written not in words:
        when += f" (“{escape_markup(truncate(written, 300, 12))}”)"
    lines.append(f"{when}, {escape_markup(zone)}")
    lines.append(
        say(
            "timeline.precision",
            language,
            precision=readable(_text(row["time_precision"])),
            basis=readable(_text(row["time_basis"])),
        )
    )
    if _text(row["actor"]):
        lines.append(escape_markup(truncate(_text(row["actor"]), 420, 12)))
    grade = _text(row["reliability"]) + _text(row["credibility"])
    tail = [readable(_text(row["kind"])), escape_markup(citation)]
    if grade:
        tail.append(say("timeline.graded", language, grade=grade))
    lines.append(" · ".join(t for t in tail if t))
    if _given(row["known_time"]):
        last = to_datetime(local_time(row["known_time"].value - 1, zone))
        lines.append(say("timeline.known", language, when=f"{last:%Y-%m-%d}"))
    return "<br>".join(lines)


def focus_lines(
    focus: Sequence[tuple[str, str]], items: Sequence[Item], frame: pd.DataFrame, zone: str
) -> list[tuple[float, str]]:
    """Where the focus lines stand, in milliseconds of the wall clock, with their labels."""
    by_citation = {item.citation: item.at for item in items}
    by_id = {}
    if any(len(at) == 24 for at, _ in focus):
        dated = frame[frame["time"].notna()]
        by_id = {i: wall_ms(t.value, zone) for i, t in zip(dated["event_id"], dated["time"], strict=True)}
    lines = []
    for at, label in focus:
        if at in by_citation:
            lines.append((by_citation[at], label))
        elif at in by_id:
            lines.append((by_id[at], label))
        else:
            try:
                wall = dt.datetime.fromisoformat(at)
            except ValueError:
                continue  # a focus outside this timeline: another filter's events
            lines.append(((wall.replace(tzinfo=None) - EPOCH).total_seconds() * 1000, label))
    return lines


def opening_view(
    items: Sequence[Item], lines: Sequence[tuple[float, str]], window: tuple[int, int] | None, zone: str
) -> tuple[float, float]:
    """First and last millisecond of the opening view: the window, the days around the focus, or where most lie."""
    if window is not None:
        return wall_ms(window[0], zone), wall_ms(window[1], zone)
    if lines:
        low, high = min(at for at, _ in lines), max(at for at, _ in lines)
        return (low // DAY_MS - 1) * DAY_MS, (high // DAY_MS + 2) * DAY_MS
    exact = sorted(i.at for i in items if i.precision not in (*MONTHLY, *YEARLY)) or sorted(
        i.at for i in items
    )
    low, high = exact[0], exact[-1]
    if len(exact) >= 20:
        span = max(1, int(len(exact) * 0.6))
        start = min(range(len(exact) - span + 1), key=lambda i: (exact[i + span - 1] - exact[i], i))
        tight = (exact[start], exact[start + span - 1])
        if (high - low) > 6 * max(tight[1] - tight[0], 60_000):
            low, high = tight
    pad = max((high - low) * 0.06, 30_000.0)
    return low - pad, high + pad
