"""`read`: a file in, events, unparsed bytes, assumptions and balanced books out; no case needed.

The decision hidden here: the way from a path to streams. A file is opened into its members, each member gets a reader,
batches go to a sink as they come, and what was noted on the way is summed up per stream.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

from rca.assumptions import Assumption
from rca.errors import EvidenceError, Issue, Issues, Severity
from rca.evidence.opening import Limits, Member, is_binary, members
from rca.moments.instants import parse_instant
from rca.moments.moment import Basis
from rca.moments.zones import check_zone
from rca.reading.books import Books, total_books
from rca.reading.lines.engine import PART
from rca.reading.lines.parts import Shelf
from rca.reading.readers import PartedReader, choose
from rca.reading.source import Attachment, Declared, Source, Unparsed

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Reading", "StreamSummary", "read", "read_streams"]

Sink = Callable[["pa.RecordBatch"], None]
_CHUNK = 1 << 20


@runtime_checkable
class PartSink(Shelf, Protocol):
    """A sink that also takes the parts of a large stream, several at once."""

    workers: int

    def __call__(self, batch: pa.RecordBatch) -> None:
        """Take a batch of events."""
        ...


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """What came of one stream: who read it, how much, and what was noted on the way."""

    name: str
    members: tuple[str, ...]
    stream_key: str
    reader: str | None
    reader_version: str | None
    events: int
    undated: int
    books: Books
    assumptions: tuple[Assumption, ...]
    issues: tuple[Issue, ...]
    unparsed: tuple[Unparsed, ...]
    sha256: str = ""
    attachments: tuple[Attachment, ...] = ()


def read_streams(
    path: Path, sink: Sink, *, declared: Declared, limits: Limits | None = None
) -> Iterator[StreamSummary]:
    """Read every stream of the file at `path`, its batches into `sink`, and yield a summary of each.

    An archive yields one stream a member. A stream that no reader knows is unparsed as a whole, with the reason.

    Raises:
        EvidenceError: there is no such file, or it is a directory or not to be opened.
    """
    if path.is_dir():
        raise EvidenceError(f"{path} is a directory", hint="Name its files, or use `rca look` or `rca add`.")
    if not path.is_file():
        raise EvidenceError(
            f"There is no file {path}", hint="Check the path; it is taken from the current directory."
        )
    for member in members(path, limits=limits or Limits()):
        if isinstance(member, Issue):
            yield _only_issue(path.name, replace(member, where=declared.exhibit or path.name))
        else:
            yield _read_member(path.name, member, sink, declared)


def _only_issue(name: str, issue: Issue) -> StreamSummary:
    return StreamSummary(name, (), "", None, None, 0, 0, Books(0, 0, 0, 0, 0), (), (issue,), ())


def _read_member(file_name: str, member: Member, sink: Sink, declared: Declared) -> StreamSummary:
    opener = member.seekable()
    with ThreadPoolExecutor(1) as pool:
        # the key of a registered file is known: its hash is checked while it is read
        late = pool.submit(_digest, opener) if declared.stream_key and member.is_plain() else None
        digest = "" if late else _digest(opener)
        size, line_feeds = _count_lines(opener)
        summary = _read_source(file_name, member, opener, digest, size, line_feeds, sink, declared)
        return replace(summary, sha256=late.result()) if late else summary


def _digest(opener: Callable[[], BinaryIO]) -> str:
    digest = hashlib.sha256()
    with opener() as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _count_lines(opener: Callable[[], BinaryIO]) -> tuple[int, tuple[int, ...]]:
    """The size of a stream, and how many LF lie before the last byte of each part."""
    size, marks, line_feeds = 0, [], 0
    with opener() as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            line_feeds += chunk.count(b"\n")
            if size % PART == 0:
                marks.append(line_feeds - chunk.endswith(b"\n"))
    return size, tuple(marks)


def _read_source(
    file_name: str,
    member: Member,
    opener: Callable[[], BinaryIO],
    digest: str,
    size: int,
    line_feeds: tuple[int, ...],
    sink: Sink,
    declared: Declared,
) -> StreamSummary:
    source = Source(
        member.names[-1] if member.names else file_name,
        opener,
        stream_key=(not member.names and declared.stream_key) or digest,
        size=size,
        members=member.names,
        declared=declared,
        member_modified=member.modified,
        gzip_modified=member.gzip_modified,
        line_feeds=line_feeds,
    )
    source.issues.extend(member.issues())
    events = undated = 0
    reader = choose(source) if size else None
    if isinstance(reader, PartedReader) and isinstance(sink, PartSink):
        parts = reader.parts(source)
        parts.write(sink, workers=sink.workers)
        events, undated = parts.events, parts.undated
    elif reader is not None:
        for batch in reader.read(source):
            events += batch.num_rows
            undated += batch.column("time").null_count
            sink(batch)
    elif size:
        _leave_unparsed(source)
    else:
        source.issue(
            "RCA152", Severity.INFO, "The file is empty", hint="Ask its custodian whether that is all of it."
        )
    return StreamSummary(
        source.name,
        source.members,
        source.stream_key,
        reader.name if reader else None,
        reader.version if reader else None,
        events,
        undated,
        source.ledger.close(source.total, unit=source.unit),
        tuple(sorted(source.assumptions)),
        tuple(Issues(source.issues)),
        tuple(source.unparsed),
        digest,
        tuple(source.attachments),
    )


def _leave_unparsed(source: Source) -> None:
    reason = "binary data that no reader knows" if is_binary(source.head) else "text that no reader knows"
    source.unparsed_bytes(0, source.head, place=f"B0+{source.size}", reason=reason, length=source.size)
    source.issue(
        "RCA153",
        Severity.WARNING,
        f"Not read: {reason}",
        hint="`rca formats` lists what can be read; a mapping or an own format may help.",
    )


def read(
    path: str | Path,
    *,
    zone: str | None = None,
    anchor: str | None = None,
    format: str | None = None,
    definitions: Mapping[str, Mapping[str, Any]] | None = None,
) -> Reading:
    """The events of one file, with what was assumed on the way and what could not be read.

    Args:
        path: a log, table or minutes, plain or compressed, or an archive of such.
        zone: IANA zone of stamps without an offset; without it UTC is assumed, and that is on record.
        anchor: RFC 3339 time that no stamp may exceed, for logs whose stamps lack the year; without it the stamps,
            the archive and the file's last write are asked, in that order.
        format: name of a reader or format, instead of recognising the content.
        definitions: the user's own formats and table mappings, parsed TOML by name.

    Raises:
        EvidenceError: the file is missing or is a directory.
        UsageError: the zone, anchor or format is unknown.
    """
    path = Path(path)
    declared = Declared(
        zone=check_zone(zone) if zone is not None else None,
        zone_basis=Basis.ZONE_GIVEN,
        anchor=parse_instant(anchor) if anchor is not None else None,
        modified=path.stat().st_mtime_ns if path.is_file() else None,
        format=format,
        definitions=definitions or {},
    )
    batches: list[pa.RecordBatch] = []
    streams = tuple(read_streams(path, batches.append, declared=declared))
    return Reading(path.name, tuple(batches), streams)


class Reading:
    """What reading one file gave. Printing it states size and doubt."""

    def __init__(
        self, name: str, batches: tuple[pa.RecordBatch, ...], streams: tuple[StreamSummary, ...]
    ) -> None:
        self.name = name
        self.batches = batches
        self.streams = streams

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events in file order: a frame of `rca.events.COLUMNS`, times in UTC."""
        import pyarrow as pa

        from rca.events import arrow_schema, from_arrow

        return from_arrow(pa.Table.from_batches(list(self.batches), schema=arrow_schema()))

    @cached_property
    def unparsed(self) -> pd.DataFrame:
        """What could not be read: locator, byte_start, byte_length, reason, text (the first 2,000 bytes)."""
        import pandas as pd

        rows = [
            (u.locator, u.byte_start, u.byte_length, u.reason, u.text)
            for s in self.streams
            for u in s.unparsed
        ]
        return pd.DataFrame(rows, columns=["locator", "byte_start", "byte_length", "reason", "text"])

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """The guesses that events rest on: id, kind, what, rests_on, alternatives (joined by "; ")."""
        import pandas as pd

        unique = sorted({a for s in self.streams for a in s.assumptions})
        rows = [(a.id, a.kind, a.what, a.rests_on, "; ".join(a.alternatives)) for a in unique]
        return pd.DataFrame(rows, columns=["id", "kind", "what", "rests_on", "alternatives"])

    @property
    def issues(self) -> Issues:
        """The defects found on the way."""
        return Issues(issue for stream in self.streams for issue in stream.issues)

    @property
    def books(self) -> Books:
        """Where the bytes of all streams ended."""
        return total_books(stream.books for stream in self.streams)

    def __repr__(self) -> str:
        events = sum(s.events for s in self.streams)
        undated = sum(s.undated for s in self.streams)
        balance = "books balance" if self.books.balanced else "BOOKS DO NOT BALANCE"
        guesses = len({a.id for s in self.streams for a in s.assumptions})
        return (
            f"Reading({self.name}: {events} events, {undated} undated, {guesses} assumptions, "
            f"{self.books.unparsed} bytes unparsed, {balance})"
        )

    def _repr_html_(self) -> str:
        from html import escape

        head = self.events.head(10)[["time", "time_precision", "kind", "message", "locator"]]
        return f"<p>{escape(repr(self))}</p>{head.to_html(escape=True)}"
