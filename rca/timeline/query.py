"""`Timeline`: events at hand, a lazy question whose every verb gives a new timeline.

The decision hidden here: what a question about uncertain time means. `between` keeps what possibly happened in a
window, or with `surely` what cannot have happened outside it; events without a date are left out and counted; a gap is
only what the evidence surely leaves empty.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rca.errors import UsageError, did_you_mean
from rca.events.schema import COLUMNS, Type, column_names
from rca.evidence.locators import cite, parse_citation
from rca.moments.instants import to_datetime
from rca.moments.words import in_words
from rca.moments.zones import local_time
from rca.timeline.windows import parse_duration, parse_when

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    import polars as pl

    from rca.figures.board import Board

__all__ = ["Doubt", "Timeline", "View", "row_in_words"]

_LISTS = {c.name for c in COLUMNS if c.type is Type.TEXTS}
_BANDS = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "warning": 13, "error": 17, "fatal": 21}
_COMPARISON = re.compile(r"(>=|<=|>|<|==|!=)\s*(.+)")
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a timeline does not know: guesses, bytes that could not be read, events left out because undated."""

    assumptions: tuple[Mapping[str, Any], ...] = ()
    unparsed: tuple[Mapping[str, Any], ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """How a timeline is drawn where nobody says otherwise: lanes, colours, focus lines, window, title.

    `sources` gives what events of the timeline were read from, as `rca.timeline.raw` does; who holds the exhibits sets it.
    """

    title: str = ""
    lanes: str = "source_kind"
    colour: str = "kind"
    focus: tuple[tuple[str, str], ...] = ()
    window: tuple[str | int, str | int] | None = None
    language: str = "en"
    inputs: Mapping[str, str] = field(default_factory=dict)
    sources: Callable[[pd.DataFrame, bool], Mapping[str, Any]] | None = None


class Timeline:
    """Events as a lazy query over the store, or over a frame. Frozen: every verb gives a new timeline."""

    __slots__ = ("_doubt", "_filters", "_lazy", "_view", "_zone")

    def __init__(
        self,
        lazy: pl.LazyFrame,
        *,
        zone: str = "UTC",
        doubt: Doubt | None = None,
        view: View | None = None,
        filters: tuple[str, ...] = (),
    ) -> None:
        self._lazy = lazy
        self._zone = zone
        self._doubt = doubt or Doubt()
        self._view = view or View()
        self._filters = filters

    @classmethod
    def of(cls, frame: pd.DataFrame, *, zone: str = "UTC") -> Timeline:
        """A timeline over a pandas frame of events, such as `rca.read(…).events`."""
        import polars as pl

        from rca.events import to_arrow

        return cls(pl.from_arrow(to_arrow(frame)).lazy(), zone=zone)  # type: ignore[union-attr]

    def _with(
        self, lazy: pl.LazyFrame, *, note: str, doubt: Doubt | None = None, view: View | None = None
    ) -> Timeline:
        return Timeline(
            lazy,
            zone=self._zone,
            doubt=doubt or self._doubt,
            view=view or self._view,
            filters=(*self._filters, note),
        )

    # -- verbs --------------------------------------------------------------------------------------------

    def between(
        self,
        start: str | int | dt.datetime | pd.Timestamp,
        end: str | int | dt.datetime | pd.Timestamp,
        *,
        surely: bool = False,
    ) -> Timeline:
        """The events that possibly happened in [`start`, `end`), or with `surely` those that happened nowhere else.

        Times without an offset are local to the case's zone. Undated events are left out, and counted. The figure opens
        on the window.

        Raises:
            UsageError: a bound is no time, or the window ends before it begins.
        """
        import polars as pl

        low, high = parse_when(start, self._zone), parse_when(end, self._zone)
        if high <= low:
            raise UsageError(
                f"The window ends before it begins: {start} to {end}", hint="The end is excluded."
            )
        earliest, latest = _instant("time_earliest"), _instant("time_latest")
        dated = pl.col("time").is_not_null()
        if surely:
            lazy = self._lazy.filter(dated & (earliest >= low) & (latest <= high))
        else:
            lazy = self._lazy.filter(dated & (earliest < high) & (latest > low))
        left = self._doubt.left_out or self._undated()
        word = "surely between" if surely else "between"
        note = f"{word} {_stamp(low, self._zone)} and {_stamp(high, self._zone)}"
        doubt = replace(self._doubt, left_out=left)
        return self._with(lazy, note=note, doubt=doubt, view=replace(self._view, window=(low, high)))

    def where(self, expression: pl.Expr | None = None, **conditions: Any) -> Timeline:
        """The events that meet every condition.

        A condition is `column=value`, `column=[values]`, or for numbers a comparison such as `severity=">=error"`.
        `text="…"` looks for a part of the message, any case; `kind="fact"` takes `fact` and everything under `fact.`;
        `audience`, `refs` and `assumptions` ask whether the value is among theirs. An expression of Polars may be given.

        Raises:
            UsageError: a column does not exist, or a value cannot be compared.
        """
        import polars as pl

        parts = [] if expression is None else [expression]
        notes = [] if expression is None else ["an expression"]
        for name, value in conditions.items():
            parts.append(self._condition(name, value))
            notes.append(f"{name}={value}")
        if not parts:
            return self
        lazy = self._lazy.filter(pl.all_horizontal(parts))
        return self._with(lazy, note=f"where {', '.join(notes)}")

    def _condition(self, name: str, value: Any) -> pl.Expr:
        import polars as pl

        if name == "text":
            return (
                pl.col("message")
                .str.to_lowercase()
                .str.contains(str(value).lower(), literal=True)
                .fill_null(value=False)
            )
        if name not in column_names():
            raise UsageError(
                f'An event has no column "{name}"', hint=did_you_mean(name, [*column_names(), "text"])
            )
        column = pl.col(name)
        if name in _LISTS:
            wanted = [value] if isinstance(value, str) else list(value)
            return pl.any_horizontal([column.list.contains(w) for w in wanted]).fill_null(value=False)
        if name == "severity":
            return _severity(column, value)
        if isinstance(value, list | tuple | set | frozenset):
            return pl.any_horizontal(
                [self._condition(name, one) for one in sorted(value, key=str)] or [pl.lit(value=False)]
            )
        if value is None:
            return column.is_null()
        if name == "kind":
            is_kind: pl.Expr = (column == str(value)) | column.str.starts_with(f"{value}.")
            return is_kind.fill_null(value=False)
        if next(c for c in COLUMNS if c.name == name).type is Type.TIME:
            return (_instant(name) == parse_when(value, self._zone)).fill_null(value=False)
        is_equal: pl.Expr = column == value
        return is_equal.fill_null(value=False)

    def around(self, place: str, margin: str | int | dt.timedelta = "10min") -> Timeline:
        """The events within `margin` of an event, named by its citation or its id.

        Raises:
            UsageError: there is no such event, or it is undated.
        """
        rows = self._find(place).select("time_earliest", "time_latest", "time").collect()
        if rows.height == 0:
            raise UsageError(
                f"The timeline has no event {place}", hint="Cite it as in tl.cite(0), such as E3:L48."
            )
        if rows["time"][0] is None:
            raise UsageError(f"{place} is undated: nothing is around it in time")
        width = parse_duration(margin)
        low, high = (int(rows[c].cast(int)[0]) for c in ("time_earliest", "time_latest"))
        return self.between(low - width, high + width)

    def _find(self, place: str) -> pl.LazyFrame:
        import polars as pl

        if re.fullmatch(r"[0-9a-f]{24}", place):
            return self._lazy.filter(pl.col("event_id") == place)
        citation = parse_citation(place)
        return self._lazy.filter(
            (pl.col("exhibit") == citation.exhibit) & (pl.col("locator") == citation.locator)
        )

    def head(self, n: int = 10) -> Timeline:
        """The first `n` events in time."""
        return self._with(self._ordered().head(n), note=f"first {n}")

    def merge(self, other: Timeline) -> Timeline:
        """The events of both timelines; what stands in both (exhibit and id) is kept once."""
        import polars as pl

        both = pl.concat([self._lazy, other._lazy]).unique(["exhibit", "event_id"], maintain_order=True)
        return self._with(both, note="merged")

    def gaps(self, longer_than: str | int | dt.timedelta = "5min") -> pd.DataFrame:
        """The stretches that the evidence surely leaves empty, at least as long as asked.

        A frame of `start`, `end` (UTC), `duration`, and the citations of the events `before` and `after`. An event
        that is only known to the day might have happened at any time of it: that day is no gap.
        """
        import pandas as pd
        import polars as pl

        width = parse_duration(longer_than)
        rows = (
            self._lazy.filter(pl.col("time").is_not_null())
            .select(
                low=_instant("time_earliest"),
                high=pl.max_horizontal(_instant("time_latest"), _instant("time_end")),
                exhibit="exhibit",
                locator="locator",
            )
            .sort("low", "high", "exhibit", "locator")
            .collect()
        )
        found: list[tuple[int, int, str, str]] = []
        reach, before = None, ""
        for low, high, exhibit, locator in rows.iter_rows():
            here = cite(exhibit or "", locator or "")
            if reach is not None and low - reach >= width:
                found.append((reach, low, before, here))
            if reach is None or high > reach:
                reach, before = high, here
        frame = pd.DataFrame(found, columns=["start", "end", "before", "after"])
        for name in ("start", "end"):
            frame[name] = pd.to_datetime(frame[name], unit="ns", utc=True).astype("datetime64[ns, UTC]")
        frame.insert(2, "duration", frame["end"] - frame["start"])
        return frame

    def cite(self, which: int | str = 0) -> str:
        """The citation of the event at a position in time, or of an event id: `E3:L48`.

        Raises:
            UsageError: there is no such event.
        """
        found = self._ordered().slice(which, 1) if isinstance(which, int) else self._find(which)
        rows = found.select("exhibit", "locator").collect()
        if rows.height == 0:
            raise UsageError(f"The timeline has no event {which}", hint=f"It has {self.count()} events.")
        return cite(rows["exhibit"][0] or "", rows["locator"][0] or "")

    # -- what is at hand ----------------------------------------------------------------------------------

    @property
    def lazy(self) -> pl.LazyFrame:
        """The query itself, for Polars."""
        return self._lazy

    @property
    def frame(self) -> pd.DataFrame:
        """The events in order of time (undated ones last), as a pandas frame with pinned dtypes."""
        from rca.events import from_arrow

        return from_arrow(self._ordered().collect().to_arrow())

    @property
    def zone(self) -> str:
        """The zone in which times are shown and in which times without an offset are read."""
        return self._zone

    @property
    def view(self) -> View:
        """How the timeline is drawn where nobody says otherwise."""
        return self._view

    @property
    def filters(self) -> tuple[str, ...]:
        """The verbs that led here, in words."""
        return self._filters

    @property
    def assumptions(self) -> pd.DataFrame:
        """The guesses that the timeline's exhibits rest on."""
        import pandas as pd

        return pd.DataFrame(
            list(self._doubt.assumptions),
            columns=["id", "kind", "what", "rests_on", "alternatives", "exhibit"],
        )

    @property
    def unparsed(self) -> pd.DataFrame:
        """What could not be read."""
        import pandas as pd

        names = ["exhibit", "locator", "byte_start", "byte_length", "reason", "text"]
        return pd.DataFrame(list(self._doubt.unparsed), columns=names)

    def count(self) -> int:
        """How many events there are, without loading them."""
        import polars as pl

        return int(self._lazy.select(pl.len()).collect().item())

    def __len__(self) -> int:
        return self.count()

    def sources(self) -> list[str]:
        """The exhibits that the events come from."""
        import polars as pl

        names = self._lazy.select(pl.col("exhibit").unique()).collect()["exhibit"].drop_nulls().to_list()
        return sorted(names, key=lambda e: (len(e), e))

    def _ordered(self) -> pl.LazyFrame:
        return self._lazy.sort(
            "time", "time_latest", "exhibit", "byte_start", "event_id", nulls_last=True, maintain_order=True
        )

    def _undated(self) -> int:
        import polars as pl

        return int(self._lazy.select(pl.col("time").is_null().sum()).collect().item())

    # -- shown --------------------------------------------------------------------------------------------

    def figure(self, **choices: Any) -> go.Figure:
        """The timeline as a plotly figure; `choices` are those of `rca.figures.timeline_figure`."""
        from rca.figures.timeline import timeline_figure

        view = self._view
        window = choices.pop("window", view.window)
        if window is not None:
            window = (parse_when(window[0], self._zone), parse_when(window[1], self._zone))
        given = {
            "title": view.title,
            "zone": self._zone,
            "lanes": view.lanes,
            "colour": view.colour,
            "language": view.language,
            "focus": view.focus,
            "window": window,
        }
        return timeline_figure(self.frame, **{**given, **choices})

    def board(self, *, is_exported: bool = False, **choices: Any) -> Board:
        """The figure as a page in which a click on a mark shows the raw source; `choices` are those of `figure`.

        Events that no exhibit stands behind, as of a frame that was never a case's, have no source. With `is_exported`
        exhibits that are marked personal are named and not quoted.
        """
        from rca.figures.board import Board, drawn_events

        figure = self.figure(**choices)
        raw: Mapping[str, Any] = {"assumptions": {}, "exhibits": {}, "sources": {}}
        if self._view.sources is not None:
            frame = self.frame
            raw = self._view.sources(frame[frame["event_id"].isin(drawn_events(figure))], is_exported)
        title = choices.get("title") or self._view.title or "Timeline"
        return Board(figure, raw, title=title, language=choices.get("language") or self._view.language)

    def export(
        self,
        folder: str | Path,
        *,
        formats: Sequence[str] = ("html", "csv", "parquet", "svg"),
        **choices: Any,
    ) -> dict[str, Path]:
        """Write data, figure and manifest into `folder`; what was written, by format. See `rca.timeline.export`."""
        from rca.timeline.export import export

        return export(self, Path(folder), formats=formats, **choices)

    def __repr__(self) -> str:
        import polars as pl

        facts = self._lazy.select(
            n=pl.len(),
            first=_instant("time").min(),
            last=_instant("time").max(),
            undated=pl.col("time").is_null().sum(),
            sources=pl.col("exhibit").n_unique(),
        ).collect()
        n, first, last, undated, sources = facts.row(0)
        parts = [_range(first, last, self._zone)] if first is not None else []
        parts.append(f"{_thousands(n)} events")
        parts.append(f"{sources if n else 0} sources")
        missing = undated + self._doubt.left_out
        if missing:
            parts.append(f"{_thousands(missing)} undated" + (" left out" if not undated else ""))
        parts.append(f"{len(self._doubt.assumptions)} assumptions")
        parts.append(f"{_thousands(len(self._doubt.unparsed))} unparsed")
        return f"Timeline({', '.join(parts)})"

    def _repr_html_(self) -> str:
        rows = self._ordered().head(_SHOWN).collect()
        body = []
        for row in rows.iter_rows(named=True):
            cells = (
                row_in_words(row, self._zone),
                row["kind"] or "",
                row["actor"] or "",
                row["message"] or "",
                cite(row["exhibit"] or "", row["locator"] or ""),
            )
            body.append("<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in cells) + "</tr>")
        total = self.count()
        more = f"<p>… and {_thousands(total - _SHOWN)} more</p>" if total > _SHOWN else ""
        head = "".join(
            f"<th>{name}</th>"
            for name in (f"time ({escape(self._zone)})", "kind", "actor", "message", "citation")
        )
        return (
            f"<p>{escape(repr(self))}</p><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table>{more}"
        )


def _instant(name: str) -> pl.Expr:
    import polars as pl

    return pl.col(name).cast(pl.Int64)


def _severity(column: pl.Expr, value: Any) -> pl.Expr:
    import polars as pl

    if isinstance(value, list | tuple):
        return pl.any_horizontal([_severity(column, one) for one in value])
    found = _COMPARISON.fullmatch(str(value).strip())
    sign, word = (found[1], found[2].strip()) if found else ("==", str(value).strip())
    if word.lower() in _BANDS:
        low = _BANDS[word.lower()]
        high = low + 3
    elif word.isdecimal():
        low = high = int(word)
    else:
        raise UsageError(f'"{word}" is no severity', hint=did_you_mean(word, _BANDS))
    meanings = {
        ">=": column >= low,
        ">": column > high,
        "<=": column <= high,
        "<": column < low,
        "==": column.is_between(low, high),
        "!=": ~column.is_between(low, high),
    }
    return meanings[sign].fill_null(value=False)


def row_in_words(row: Mapping[str, Any], zone: str) -> str:
    """The time of an event as its evidence allows it; `row` holds its times as datetimes or instants."""
    low, high, time = (_to_instant(row.get(n)) for n in ("time_earliest", "time_latest", "time"))
    if time is None:
        return "undated"
    return in_words(low, high, zone, time=time, precision=row.get("time_precision"))


def _to_instant(value: Any) -> int | None:
    if value is None or value != value:  # noqa: PLR0124 (NaT is not equal to itself)
        return None
    if isinstance(value, int):
        return value
    if hasattr(value, "value"):
        return int(value.value)
    return _from(value)


def _from(value: dt.datetime) -> int:
    from rca.moments.instants import from_datetime

    return from_datetime(value)


def _wall(instant: int, zone: str) -> dt.datetime:
    return to_datetime(local_time(instant, zone)).replace(tzinfo=None)


def _stamp(instant: int, zone: str) -> str:
    wall = _wall(instant, zone)
    return f"{wall:%Y-%m-%d %H:%M}" if wall.second == 0 else f"{wall:%Y-%m-%d %H:%M:%S}"


def _range(first: int, last: int, zone: str) -> str:
    start, end = _wall(first, zone), _wall(last, zone)
    if start.date() == end.date():
        return f"{start:%Y-%m-%d %H:%M} … {end:%H:%M}"
    short = f"{end:%m-%d}" if start.year == end.year else f"{end:%Y-%m-%d}"
    return f"{start:%Y-%m-%d} … {short}"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")
