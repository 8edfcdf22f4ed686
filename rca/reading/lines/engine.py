"""The line engine: a stream in parts, each part in blocks, each block as columns.

The decision hidden here: parts begin at fixed offsets and own the records that begin in them, so that any number of
workers gives the same events. A part reads on to the first record of the next one; a block holds back its last record
until it knows where that ends. A stream is read once, unless its stamps lack a year or a date, lie in a repeated hour,
or put day and month in an order that only the whole file tells: then all stamps are scanned first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from rca.assumptions import Assumption
from rca.errors import Issue, Severity
from rca.events.columns import coded, constant, event_ids, lists, numbers, table_of, texts
from rca.events.schema import SourceKind
from rca.moments.columns import NO_OFFSET, PRECISIONS, StampColumns, read_stamps
from rca.moments.moment import Basis, TimeKind
from rca.moments.settling import BASES, SettledColumns, needs_timing, settle_columns
from rca.moments.timing import Anchor, Skeleton, Timing, infer
from rca.reading.books import Entry
from rca.reading.lines.blocks import Block, cut, views
from rca.reading.lines.building import PARTS, parts, refs, undated_parts
from rca.reading.lines.folding import Folded, fold
from rca.reading.lines.matching import Taken, take_texts, ways
from rca.reading.lines.plan import Layout, Plan, lay_out

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = [
    "PART",
    "PartResult",
    "Scan",
    "infer_timing",
    "line_start",
    "lines_between",
    "part_bounds",
    "read_part",
    "scan_part",
]

PART = 32 << 20
"""Bytes of a part; the offsets at which parts begin are multiples of it."""
BLOCK = 2 << 20
_LONGEST_RECORD = 64 << 20
"""A record is closed when it has grown to this; lines that follow it are undated events."""

Array = np.ndarray[Any, np.dtype[Any]]


class NeedsTimingError(Exception):
    """A part holds stamps that only the whole stream can settle."""


@dataclass(slots=True)
class PartResult:
    """What was noted while a part was read; its events went out as tables.

    `spans` are (entry, first byte, length) of the stream; `columns` are the header's names in force at the end; the stamps
    are collected in `skeletons` where that is a list, and then `orders` tells how many fit each order of day and month.
    `read_to` is the byte up to which the stream was looked at, -1 where that was its end.
    """

    events: int = 0
    undated: int = 0
    spans: list[tuple[Entry, int, int]] = field(default_factory=list)
    assumptions: set[Assumption] = field(default_factory=set)
    issues: set[Issue] = field(default_factory=set)
    strays: int = 0
    formats: set[str] = field(default_factory=set)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    skeletons: list[Skeleton] | None = None
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)
    lines: int = 0
    read_to: int = -1


@dataclass(slots=True)
class Scan:
    """The stamps of a part, for inference over the whole stream, and how many texts each order of day and month fits."""

    skeleton: Skeleton
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)


def part_bounds(size: int) -> list[tuple[int, int]]:
    """Where the parts of a stream of `size` bytes begin and end."""
    return [(low, min(low + PART, size)) for low in range(0, size, PART)] or [(0, 0)]


class _Bytes:
    """The bytes of a stream from an offset on, in pieces that end at a line end."""

    def __init__(self, stream: BinaryIO, start: int, plan: Plan) -> None:
        self._stream, self._ends, self.at = stream, plan.ends, start
        self._rest = b""
        self.is_done = False

    def next(self, held: bytes) -> tuple[bytes, int]:
        """`held` and the next piece of whole lines after it, and the offset at which that begins."""
        start = self.at - len(held)
        pieces = [held, self._rest]
        self._rest = b""
        want = max(BLOCK, len(held) // 2)
        while True:
            chunk = self._read(want)
            if not chunk:
                self.is_done = True
                data = b"".join(pieces)
                break
            last = self._ends.last_in(chunk) if len(self._ends.end) == 1 else 0
            if last:
                pieces.append(chunk[:last])
                self._rest = chunk[last:]
                data = b"".join(pieces)
                break
            pieces.append(chunk)
            if len(self._ends.end) > 1:
                whole = b"".join(pieces)
                last = self._ends.last_in(whole)
                if last > len(held):
                    data, self._rest = whole[:last], whole[last:]
                    break
                pieces = [whole]
            want *= 2
        self.at = start + len(data)
        return data, start

    def _read(self, count: int) -> bytes:
        got = []
        while count > 0:
            chunk = self._stream.read(count)
            if not chunk:
                break
            got.append(chunk)
            count -= len(chunk)
        return got[0] if len(got) == 1 else b"".join(got)


def _open_at(opener: Callable[[], BinaryIO], offset: int, plan: Plan) -> tuple[BinaryIO, int]:
    """The stream at the first line that begins at or after `offset`, and where that is."""
    stream = opener()
    if offset <= plan.first:
        _skip(stream, plan.first)
        return stream, plan.first
    width = len(plan.ends.end)
    offset -= (offset - plan.first) % width
    _skip(stream, offset - width)
    at = offset - width
    while True:
        chunk = stream.read(1 << 16)
        if not chunk:
            return stream, at
        chunk = chunk[: len(chunk) // width * width] or chunk
        found = chunk.find(plan.ends.end)
        while found >= 0 and found % width:
            found = chunk.find(plan.ends.end, found + 1)
        if found >= 0:
            start = at + found + width
            stream.close()
            stream = opener()
            _skip(stream, start)
            return stream, start
        at += len(chunk)


def line_start(opener: Callable[[], BinaryIO], offset: int, plan: Plan) -> int:
    """Where the first line begins that begins at or after `offset`."""
    stream, at = _open_at(opener, offset, plan)
    stream.close()
    return at


def _skip(stream: BinaryIO, count: int) -> None:
    if stream.seekable():
        stream.seek(count)
        return
    while count > 0:
        chunk = stream.read(min(count, 1 << 20))
        if not chunk:
            return
        count -= len(chunk)


@dataclass(slots=True)
class _Piece:
    """A block on its way: its lines, what they are, and its events; `stop` is the first event that isn't the part's."""

    block: Block
    layout: Layout
    folded: Folded
    begin: int
    stop: int
    read_to: int = -1


def _pieces(
    opener: Callable[[], BinaryIO], low: int, high: int, plan: Plan, columns: dict[str, tuple[str, ...]]
) -> Iterator[_Piece]:
    """The blocks of the part [low, high), the last ones reading on to the first record that begins at `high` or later."""
    stream, start = _open_at(opener, low, plan)
    with stream:
        source = _Bytes(stream, start, plan)
        held = b""
        is_begun = low == 0
        while not source.is_done:
            if not is_begun and source.at >= high:
                return
            raw, offset = source.next(held)
            held = b""
            if not raw:
                return
            block = cut(raw, offset, plan.ends)
            layout = lay_out(block, plan.candidates, plan.others, columns, takes_indented=plan.takes_indented)
            folded = fold(block, layout)
            begin, stop = 0, len(folded.first)
            starts = block.start[folded.first] + offset
            heads = np.flatnonzero(folded.is_head)
            if not is_begun:
                if not len(heads):
                    continue
                begin, is_begun = int(heads[0]), True
                if starts[begin] >= high:
                    return
            over = heads[starts[heads] >= high]
            if len(over) and high < (1 << 62):
                stop = int(over[0])
                columns.update(layout.columns)
                yield _Piece(block, layout, folded, begin, stop, -1 if source.is_done else source.at)
                return
            if not source.is_done and len(heads):
                final = int(heads[-1])
                first_row = int(folded.first[final])
                held_size = len(raw) - int(block.start[first_row])
                if held_size < _LONGEST_RECORD:
                    stop, held = final, raw[int(block.start[first_row]) :]
                    if final <= begin and not _lines_before(block, first_row):
                        continue
            columns.update(layout.columns)
            yield _Piece(block, layout, folded, begin, stop)


def _lines_before(block: Block, row: int) -> bool:  # noqa: ARG001
    return row > 0


def scan_part(
    opener: Callable[[], BinaryIO], low: int, high: int, plan: Plan, columns: dict[str, tuple[str, ...]]
) -> Scan:
    """The stamps of the part [low, high) of a stream."""
    names = dict(columns)
    skeletons: list[Skeleton] = []
    orders: dict[str, tuple[int, int]] = {}
    for piece in _pieces(opener, low, high, plan, names):
        stamps, _, _ = _stamps_of(piece, plan)
        skeletons.extend(_skeletons(piece, stamps))
        _count_orders(piece, orders)
    return Scan(Skeleton.join(skeletons), orders, names)


def _skeletons(piece: _Piece, stamps: StampColumns) -> list[Skeleton]:
    """The stamps of a piece's events, and of the lines in it that state a date for those that follow."""
    block, folded = piece.block, piece.folded
    places = block.start[folded.first] + block.offset
    chosen = np.arange(piece.begin, piece.stop)
    found = [Skeleton.of(stamps.take(chosen), places[chosen])]
    begin_row = int(folded.first[piece.begin]) if 0 < piece.begin < len(folded.first) else 0
    for dates in piece.layout.dates:
        inside = np.flatnonzero((dates.rows < _end_row(piece)) & (dates.rows >= begin_row))
        where = block.start[dates.rows[inside]] + block.offset
        found.append(Skeleton.of(dates.stamps.take(inside), where, header=True))
    return found


def _count_orders(piece: _Piece, orders: dict[str, tuple[int, int]]) -> None:
    """Add up how many distinct stamps of each format are no date with the day first, and with the month first."""
    for taken in piece.layout.taken:
        one = taken.format
        if one.other_layouts:
            unique = taken.stamp_text.unique()
            day_first = len(unique) - int(read_stamps(unique, one.layouts).ok.sum())
            month_first = len(unique) - int(read_stamps(unique, one.other_layouts).ok.sum())
            before = orders.get(one.name, (0, 0))
            orders[one.name] = (before[0] + day_first, before[1] + month_first)


def infer_timing(
    scans: Sequence[Scan], plan: Plan, anchors: Sequence[Anchor]
) -> tuple[Plan, list[Assumption], bool]:
    """The plan with what all stamps of the stream tell; whether the order of day and month turned (then scan again)."""
    settings = plan.settings
    misses: dict[str, tuple[int, int]] = {}
    for scan in scans:
        for name, (day_first, month_first) in scan.orders.items():
            before = misses.get(name, (0, 0))
            misses[name] = (before[0] + day_first, before[1] + month_first)
    swapped = set(plan.swapped)
    notes = []
    for name, (day_first, month_first) in sorted(misses.items()):
        if name in plan.swapped:
            continue
        if day_first > month_first:
            swapped.add(name)
        elif day_first == month_first:
            notes.append(
                Assumption(
                    "order",
                    "in dates such as 03/04/2024 the day comes first",
                    "no date of the file tells: none has a number above 12 in one place only",
                    ("the month comes first",),
                    settings.scope,
                )
            )
    if swapped != set(plan.swapped):
        return plan.inferred(Timing(), frozenset(swapped)), notes, True
    skeleton = Skeleton.join([scan.skeleton for scan in scans])
    timing = infer(skeleton, zone=settings.zone, anchors=anchors, scope=settings.scope)
    return plan.inferred(timing, frozenset(swapped)), notes, False


def _stamps_of(piece: _Piece, plan: Plan) -> tuple[StampColumns, dict[int, Taken], Array]:
    """The stamps of a block's events, the records taken as wholes by their place in `taken`, and which stamps are UTC.

    Those are UTC that have no offset and whose format is written so, where nobody stated the zone of the stream.
    """
    block, layout, folded = piece.block, piece.layout, piece.folded
    stamps = StampColumns.empty(len(folded.first))
    is_utc = np.zeros(len(folded.first), bool)
    where = np.full(len(block), -1, np.int64)
    where[folded.first] = np.arange(len(folded.first))
    wholes: dict[int, Taken] = {}
    for index, taken in enumerate(layout.taken):
        if taken.format.head:
            taken = _take_whole(taken, block, folded, where)
            wholes[index] = taken
        if len(taken.rows):
            stamps.assign(where[taken.rows], taken.stamps)
            is_utc[where[taken.rows]] = bool(taken.format.zone)
    is_utc &= stamps.ok & ~stamps.is_instant & (stamps.offset == NO_OFFSET) & (stamps.abbreviation < 0)
    if plan.settings.zone_basis is Basis.ZONE_GIVEN:
        is_utc[:] = False
    stamps.offset[is_utc] = 0
    return stamps, wholes, is_utc


def _take_whole(taken: Taken, block: Block, folded: Folded, where: Array) -> Taken:
    """Records whose first lines were found, taken apart as wholes; those that do not fit are left out."""
    from rca.reading.lines.matching import join

    one = taken.format
    events = where[taken.rows]
    last = folded.last[events]
    start = block.text_start[taken.rows]
    length = block.text_start[last] + block.text_length[last] - start
    whole = views(block.data, start, length)
    found = []
    left = np.arange(len(whole))
    for way in ways(one):
        if not len(left):
            break
        got = take_texts(one, whole.gather(left), left, way.pattern, way)
        if got is not None:
            found.append(got)
            left = np.setdiff1d(left, got.rows, assume_unique=True)
    together = join(found)
    if together is None:
        return Taken(one, np.zeros(0, np.int64), StampColumns.empty(0), taken.stamp_text.head(0))
    together.rows = taken.rows[together.rows]
    return together


def read_part(
    opener: Callable[[], BinaryIO],
    low: int,
    high: int,
    plan: Plan,
    *,
    first_line: int,
    columns: dict[str, tuple[str, ...]] | None = None,
    result: PartResult,
) -> Iterator[pa.Table]:
    """The events that begin in the part [low, high) of a stream, as tables in file order; notes go into `result`.

    Args:
        opener: opens the stream at its start.
        low: first byte of the part.
        high: byte after the part.
        plan: how the stream is read.
        first_line: the number of the first line that begins in the part.
        columns: the columns that a header before the part names.
        result: what is noted.

    Raises:
        NeedsTimingError: the part holds stamps that only the whole stream settles, and `plan` has no timing.
    """
    result.columns = dict(columns or {})
    counted = low
    line = first_line
    for piece in _pieces(opener, low, high, plan, result.columns):
        block = piece.block
        result.read_to = piece.read_to
        line += lines_between(opener, counted, block.offset, plan) if counted != block.offset else 0
        counted = block.offset
        table = _build(piece, plan, line, result)
        if table is not None:
            yield table
        end_row = _end_row(piece)
        line += end_row
        counted = block.offset + (
            int(block.start[end_row]) if end_row < len(block) else int(block.start[-1] + block.length[-1])
        )
    result.lines = line - first_line


def lines_between(opener: Callable[[], BinaryIO], low: int, high: int, plan: Plan) -> int:
    """How many lines begin in [low, high)."""
    if high <= low or low <= plan.first >= high:
        return 0
    stream, start = _open_at(opener, low, plan)
    count = 0
    with stream:
        left = high - start
        width = len(plan.ends.end)
        tail = b""
        while left > 0:
            chunk = stream.read(min(left, 1 << 20))
            if not chunk:
                break
            left -= len(chunk)
            if width == 1:
                count += chunk.count(plan.ends.end)
            else:
                data = tail + chunk
                whole = data[: len(data) // width * width]
                tail = data[len(whole) :]
                units = np.frombuffer(whole, np.uint8).reshape(-1, width)
                count += int((units == np.frombuffer(plan.ends.end, np.uint8)).all(axis=1).sum())
    return count


def _end_row(piece: _Piece) -> int:
    """The first line of a block that is no longer the piece's."""
    if piece.stop < len(piece.folded.first):
        return int(piece.folded.first[piece.stop])
    return len(piece.block)


def _build(piece: _Piece, plan: Plan, line: int, result: PartResult) -> pa.Table | None:
    """The events of a piece as a table; what was noted, and where the bytes ended, goes into `result`."""
    import pyarrow as pa

    block, folded, settings = piece.block, piece.folded, plan.settings
    stamps, wholes, is_utc = _stamps_of(piece, plan)
    if plan.timing is None and (
        needs_timing(stamps, settings.zone) or any(t.format.other_layouts for t in piece.layout.taken)
    ):
        raise NeedsTimingError
    if result.skeletons is not None:
        result.skeletons.extend(_skeletons(piece, stamps))
        _count_orders(piece, result.orders)
    places = block.start[folded.first] + block.offset
    settled = settle_columns(
        stamps,
        places,
        plan.timing or Timing(),
        zone=settings.zone,
        zone_basis=settings.zone_basis,
        scope=settings.scope,
    )
    if is_utc.any():
        settled.rest(
            np.flatnonzero(is_utc & settled.dated),
            Assumption(
                "zone",
                "stamps without an offset are UTC",
                "the documentation of the format says that it is written in UTC",
                ("the product was set to write local time; give its zone with zone=… or in the register",),
                settings.scope,
            ),
            Basis.ZONE_ASSUMED,
        )
    _bound_undated(settled)
    chosen = np.arange(piece.begin, piece.stop)
    _enter(piece, result)
    _note(piece, settled, chosen, line, plan, result)
    if not len(chosen):
        return None
    n = len(chosen)
    frame = _parts_frame(piece, wholes, chosen)
    first, last = folded.first[chosen], folded.last[chosen]
    start = places[chosen]
    length = block.start[last] + block.length[last] - block.start[first]
    dated = settled.dated[chosen]
    has_bounds = dated | (settled.latest[chosen] > settled.earliest[chosen])
    stamp_time = pa.timestamp("ns", tz="UTC")
    words = [tuple(a.id for a in settled.assumptions)]
    masks, codes = np.unique(settled.rests_on[chosen], return_inverse=True)
    words = [
        tuple(a.id for bit, a in enumerate(settled.assumptions) if mask >> bit & 1) for mask in masks.tolist()
    ]
    columns = {
        "event_id": event_ids(settings.stream_key, start),
        "time": numbers(settled.time[chosen], stamp_time, dated),
        "time_earliest": numbers(settled.earliest[chosen], stamp_time, has_bounds),
        "time_latest": numbers(settled.latest[chosen], stamp_time, has_bounds),
        "time_text": texts(frame["stamp_text"]),
        "time_precision": coded(np.where(dated, settled.precision[chosen], -1), PRECISIONS),
        "time_basis": coded(settled.basis[chosen], BASES),
        "time_kind": coded(np.where(dated, 0, -1), [TimeKind.RECORDED.value]),
        "source_kind": constant(SourceKind.LOG.value, n),
        "refs": texts_list(refs(frame["message"])),
        "reliability": constant(settings.reliability, n),
        "exhibit": constant(settings.exhibit or None, n),
        "locator": texts(_locators(settings.prefix, line + first, line + last)),
        "byte_start": numbers(start, pa.int64()),
        "byte_length": numbers(length, pa.int64()),
        "line": numbers(line + first, pa.int64()),
        "reader": constant(settings.reader, n),
        "reader_version": constant(settings.version, n),
        "assumptions": lists(codes, words),
    }
    for name in PARTS:
        if name == "severity":
            columns[name] = frame[name].to_arrow()
        elif name != "stamp_text" and frame[name].null_count() < n:
            columns[name] = texts(frame[name])
    result.events += n
    result.undated += int(n - dated.sum())
    return table_of(columns, n)


def texts_list(series: pl.Series) -> pa.Array:
    """A column of lists of texts as Arrow's plain list."""
    import polars as pl
    import pyarrow as pa

    if series.null_count() == len(series):
        return pa.nulls(len(series), pa.list_(pa.string()))
    return series.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.list_(pa.string()))


def _locators(prefix: str, first: Array, last: Array) -> pl.Series:
    import polars as pl

    frame = pl.DataFrame({"a": first, "b": last})
    joint = f"{prefix}L"
    if (first == last).all():
        return frame.select(l=pl.concat_str(pl.lit(joint), pl.col("a")))["l"]
    return frame.select(
        l=pl.when(pl.col("a") == pl.col("b"))
        .then(pl.concat_str(pl.lit(joint), pl.col("a")))
        .otherwise(pl.concat_str(pl.lit(joint), pl.col("a"), pl.lit("-"), pl.col("b")))
    )["l"]


def _parts_frame(piece: _Piece, wholes: dict[int, Taken], chosen: Array) -> pl.DataFrame:
    """What the lines' own texts fill, one row for each chosen event in order."""
    import polars as pl

    block, folded = piece.block, piece.folded
    first = folded.first[chosen]
    low, high = int(first[0]), int(first[-1])
    frames = []
    done = np.zeros(len(block), bool)
    for index, taken in enumerate(piece.layout.taken):
        taken = wholes.get(index, taken)
        inside = np.flatnonzero((taken.rows >= low) & (taken.rows <= high))
        if not len(inside):
            continue
        if len(inside) < len(taken.rows):
            start, count = int(inside[0]), len(inside)  # rows are in order, so that those inside lie together
            taken = Taken(
                taken.format,
                taken.rows[inside],
                taken.stamps,
                taken.stamp_text.slice(start, count),
                {name: column.slice(start, count) for name, column in taken.groups.items()},
            )
        done[taken.rows] = True
        frames.append(parts(taken))
    left = first[~done[first]]
    if len(left):
        frames.append(undated_parts(left, block.texts.gather(left)))
    whole = frames[0] if len(frames) == 1 else pl.concat(frames)
    return whole if len(frames) == 1 else whole.sort("row", maintain_order=True)


def _bound_undated(settled: SettledColumns) -> None:
    """Rows without a date lie between their neighbours: they take their bounds, not a time."""
    missing = np.flatnonzero(~settled.dated)
    known = np.flatnonzero(settled.dated)
    if not len(missing):
        return
    settled.earliest[missing] = settled.latest[missing] = 0
    if not len(known):
        return
    after = np.searchsorted(known, missing)
    between = (after > 0) & (after < len(known))
    rows = missing[between]
    low = settled.earliest[known[after[between] - 1]]
    high = settled.latest[known[after[between]]]
    good = low < high
    settled.earliest[rows[good]], settled.latest[rows[good]] = low[good], high[good]


def _enter(piece: _Piece, result: PartResult) -> None:
    """Take down where the bytes of the piece's lines ended, run by run."""
    block, folded = piece.block, piece.folded
    first = int(folded.first[piece.begin]) if piece.begin and piece.begin < len(folded.first) else 0
    end = _end_row(piece)
    if piece.begin and piece.begin >= len(folded.first):
        first = end
    code = np.where(folded.inside, 0, np.where(piece.layout.is_structure, 1, 2))[first:end]
    if not len(code):
        return
    runs = np.concatenate([[0], np.flatnonzero(np.diff(code)) + 1, [len(code)]])
    entries = (Entry.EVENTS, Entry.STRUCTURE, Entry.BLANK)
    for low, high in zip(runs[:-1].tolist(), runs[1:].tolist(), strict=True):
        start = int(block.start[first + low])
        stop = int(block.start[first + high - 1] + block.length[first + high - 1])
        result.spans.append((entries[int(code[low])], block.offset + start, stop - start))


def _note(
    piece: _Piece, settled: SettledColumns, chosen: Array, line: int, plan: Plan, result: PartResult
) -> None:
    block, folded = piece.block, piece.folded
    used = int(np.bitwise_or.reduce(settled.rests_on[chosen])) if len(chosen) else 0
    result.assumptions |= {a for bit, a in enumerate(settled.assumptions) if used >> bit & 1}
    result.strays += block.strays
    for row, issue in settled.issues:
        if piece.begin <= row < piece.stop:
            result.issues.add(replace(issue, where=f"L{line + int(folded.first[row])}"))
    if block.cut:
        result.issues.add(
            Issue(
                "RCA158",
                Severity.INFO,
                "A line is longer than a MiB; only its beginning was looked at",
                f"L{line}",
                "Its span is whole; the raw bytes stand in the exhibit.",
            )
        )
    counts = {
        t.format.name
        for t in piece.layout.taken
        if any(layout.startswith("epoch") for layout in t.format.layouts) and t.stamps.is_instant.any()
    }
    if counts:
        result.assumptions.add(
            Assumption(
                "format",
                "numeric stamps count from 1970; their unit is told by their size",
                "numbers of up to 11 digits are read as seconds, up to 14 as milliseconds, then µs and ns",
                ("another unit or another epoch, stated by an own format",),
                plan.settings.scope,
            )
        )
    result.formats |= {t.format.name for t in piece.layout.taken}
