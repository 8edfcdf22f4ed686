"""A look at a folder: no case, no options; one page of what was read, what is doubtful and what could not be read.

The decision hidden here: what a first look must say. Every file stands in the table, read or not; small files come
first, so that within the time there is the most is seen; what would take longer than that is listed as not read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rca.errors import EvidenceError, Issue, Issues, RcaError
from rca.events import arrow_schema
from rca.evidence.folder import expand
from rca.figures.page import figure_fragment, page, write_text
from rca.reading.reading import StreamSummary, read_streams
from rca.reading.source import Declared
from rca.report.fragments import assumption_table, issue_table
from rca.texts import say
from rca.timeline import Doubt, Timeline

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Look", "look_at"]

BUDGET = 45.0
"""Seconds that reading may take, so that a look takes about a minute at most."""

_SLOWEST = 1_500_000.0  # bytes a second, until this look's own pace is known


@dataclass(frozen=True, slots=True)
class _File:
    """One file of the folder: what came of it."""

    name: str
    size: int
    streams: tuple[StreamSummary, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a folder gave: the timeline of it all, the files, and what is wrong."""

    folder: Path
    timeline: Timeline
    files: tuple[_File, ...]
    issues: Issues

    @property
    def events(self) -> int:
        """How many events were read."""
        return sum(s.events for f in self.files for s in f.streams)

    def write(self, path: Path, *, language: str = "en") -> Path:
        """Write the page."""
        title = say("look.title", language, name=self.folder.resolve().name)
        body = "\n".join(_parts(self, title, language))
        text = page(
            title, f'<main class="wide">{body}</main>', language=language, with_plotly="rca-figure" in body
        )
        return write_text(path, text)


def look_at(
    folder: Path,
    *,
    zone: str = "UTC",
    budget: float = BUDGET,
    progress: Callable[[str, int, int], None] | None = None,
) -> Look:
    """Read everything under `folder` (or one file), smallest files first, for about `budget` seconds; a single file without a limit.

    Raises:
        EvidenceError: there is no such folder.
    """
    import polars as pl
    import pyarrow as pa

    if not folder.exists():
        raise EvidenceError(f"There is no folder {folder}", hint="Check the path; it is taken from here.")
    paths, issues = expand([folder])
    budget = float("inf") if folder.is_file() else budget  # one file is asked for as a whole
    root = folder if folder.is_dir() else folder.parent
    order = sorted(paths, key=lambda p: (p.stat().st_size, str(p)))
    began = time.monotonic()
    batches: list[pa.RecordBatch] = []
    files: list[_File] = []
    pace, bytes_read = _SLOWEST, 0
    for done, path in enumerate(order, start=1):
        name = path.relative_to(root).as_posix()
        size = path.stat().st_size
        spent = time.monotonic() - began
        if spent + size / pace > budget:
            files.append(_File(name, size, (), "late"))
        else:
            files.append(_read(path, name, size, batches.append))
            bytes_read += size
            if bytes_read > _SLOWEST:
                pace = bytes_read / max(time.monotonic() - began, 0.001)
        if progress is not None:
            progress(name, done, len(order))
    table = pa.Table.from_batches(batches, schema=arrow_schema())
    streams = [s for f in files for s in f.streams]
    doubt = Doubt(
        tuple(_assumptions(files)),
        tuple({"exhibit": f.name, **_unparsed(u)} for f in files for s in f.streams for u in s.unparsed),
    )
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    files.sort(key=lambda f: f.name)
    found = [*issues, *(i for s in streams for i in s.issues)]
    return Look(folder, Timeline(frame.lazy(), zone=zone, doubt=doubt), tuple(files), Issues(found))


def _read(path: Path, name: str, size: int, sink: Callable[[Any], None]) -> _File:
    held: list[Any] = []
    try:
        declared = Declared(exhibit=name, modified=path.stat().st_mtime_ns)
        streams = tuple(read_streams(path, held.append, declared=declared))
    except RcaError as error:
        return _File(name, size, (), str(error))
    for batch in held:
        sink(batch)
    return _File(name, size, streams)


def _assumptions(files: Sequence[_File]) -> list[dict[str, Any]]:
    return [
        {
            "id": a.id,
            "kind": a.kind,
            "what": a.what,
            "rests_on": a.rests_on,
            "alternatives": list(a.alternatives),
            "exhibit": f.name,
        }
        for f in files
        for s in f.streams
        for a in s.assumptions
    ]


def _unparsed(unparsed: Any) -> dict[str, Any]:
    return {
        name: getattr(unparsed, name) for name in ("locator", "byte_start", "byte_length", "reason", "text")
    }


# -- the page ---------------------------------------------------------------------------------------------


def _parts(look: Look, title: str, language: str) -> list[str]:
    frame = look.timeline.frame
    dated = frame["time"].dropna()
    total = sum(f.size for f in look.files)
    read = sum(any(s.events for s in f.streams) for f in look.files)
    facts = {
        "files": len(look.files),
        "bytes": f"{total:,}".replace(",", "\u202f"),
        "events": look.events,
        "read": read,
    }
    if len(dated):
        lead = say("look.lead", language, first=_stamp(dated.min()), last=_stamp(dated.max()), **facts)
    else:
        lead = say("look.lead_empty", language, files=facts["files"], bytes=facts["bytes"])
    parts = [f"<h1>{escape(title)}</h1><p class='lead'>{escape(lead)}</p>"]
    if len(dated):
        figure = look.timeline.figure(title="", lanes="exhibit", colour="source_kind", language=language)
        parts.append(
            f"<h2>{escape(say('look.timeline', language))}</h2>{figure_fragment(figure, label=title)}"
        )
    parts.append(f"<h2>{escape(say('look.files', language))}</h2>{_file_table(look, frame, language)}")
    parts.append(f"<h2>{escape(say('look.gaps', language))}</h2>{_gap_table(look, language)}")
    doubts = assumption_table(_assumptions(look.files), language=language)
    parts.append(f"<h2>{escape(say('look.doubts', language))}</h2>{doubts}")
    parts.append(f"<h2>{escape(say('look.unread', language))}</h2>{_unread(look, language)}")
    return parts


def _stamp(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}"


def _file_table(look: Look, frame: Any, language: str) -> str:
    names = ("file", "reader", "events", "undated", "first", "last", "books")
    head = "".join(f"<th>{escape(say(f'look.head_{n}', language))}</th>" for n in names)
    spans = frame[frame["time"].notna()].groupby("exhibit", observed=True)["time"].agg(["min", "max"])
    rows = []
    for one in look.files:
        readers = ", ".join(sorted({s.reader for s in one.streams if s.reader})) or "–"
        events, undated = sum(s.events for s in one.streams), sum(s.undated for s in one.streams)
        first, last = (
            (_stamp(spans.loc[one.name][c]) for c in ("min", "max"))
            if one.name in spans.index
            else ("–", "–")
        )
        cells = (one.name, readers, events, undated, first, last, _books(one, language))
        rows.append("<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in cells) + "</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _books(one: _File, language: str) -> str:
    total = sum(s.books.total for s in one.streams)
    lost = sum(s.books.unparsed for s in one.streams)
    if one.problem or not one.streams:
        return "–"
    if not all(s.books.balanced for s in one.streams):
        return "!"
    return say("look.all", language) if not lost else f"{100 * (total - lost) / max(1, total):.1f} %"


def _gap_table(look: Look, language: str) -> str:
    gaps = look.timeline.gaps("1h")
    if not len(gaps):
        return f"<p>{escape(say('look.gaps_none', language))}</p>"
    longest = gaps.sort_values(["duration", "start"], ascending=[False, True]).head(20)
    head = "".join(
        f"<th>{escape(say(f'look.head_{n}', language))}</th>" for n in ("start", "end", "duration")
    )
    rows = "".join(
        f"<tr><td>{_stamp(g.start)} <span class='muted'>{escape(str(g.before))}</span></td>"
        f"<td>{_stamp(g.end)} <span class='muted'>{escape(str(g.after))}</span></td><td>{escape(str(g.duration))}</td></tr>"
        for g in longest.itertuples()
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _unread(look: Look, language: str) -> str:
    rows = []
    for one in look.files:
        if one.problem:
            reason = say("look.late", language) if one.problem == "late" else one.problem
            rows.append((one.name, "", one.size, reason))
        for stream in one.streams:
            rows += [(one.name, u.locator, u.byte_length, u.reason) for u in stream.unparsed]
    labels = (
        say("look.head_file", language),
        "",
        say("report.col_bytes", language),
        say("look.head_reason", language),
    )
    head = "".join(f"<th>{escape(n)}</th>" for n in labels)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in row) + "</tr>" for row in rows)
    table = (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        if rows
        else ""
    )
    noted: list[Issue] = list(look.issues)
    return table + (issue_table(noted, language=language) if noted else "")
