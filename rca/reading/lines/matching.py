"""Matching: which format takes which lines, and those lines taken apart, a column at a time.

The decision hidden here: a line belongs to the first format, in the order of priorities, whose pattern fits it and whose
stamp is a possible date; nothing else decides, so that blocks may be read in any order. Formats that the beginning of the
stream showed are asked of all lines; the others are asked of one line of each shape that is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from rca.moments.columns import StampColumns, read_stamps
from rca.reading.lines.blocks import Block, views
from rca.reading.lines.formats import Format, Style, with_stamp
from rca.reading.lines.keyed import COLUMNS, columns_of, load_object, load_pairs
from rca.reading.lines.needs import ANY_BYTE, Lines, Needs, needs_of
from rca.reading.lines.patterns import PREFIX, names, shape_of, split_tail, translate

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Taken",
    "Way",
    "headed",
    "is_structure",
    "join",
    "lock",
    "match",
    "relevant",
    "take",
    "take_texts",
    "ways",
]

_SHAPES = 256
_FEW = 400
"""So many lines are asked what they have before a pattern is run on them."""
_GUARD = (".123", ",123", " +0100", "+01:00", "Z", " UTC", ":59", " 2024")
"""What may follow a stamp and be part of it: a locked pattern must not pass it over."""

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(slots=True)
class Taken:
    """The lines that a format took: their rows in the block, their stamps and their parts as columns of text."""

    format: Format
    rows: Array
    stamps: StampColumns
    stamp_text: pl.Series
    groups: dict[str, pl.Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Way:
    """One pattern of a format as it is run: the pattern, whether the rest of the line is left out of it, the layouts.

    `shapes` are locked stamps, asked for first: patterns in which the stamp has exactly that shape.
    """

    pattern: str
    has_tail: bool
    layouts: tuple[str, ...]
    locked: tuple[str, ...] = ()


def ways(one: Format, *, swapped: bool = False) -> tuple[Way, ...]:
    """How the patterns of a format are run; `swapped` takes the other order of day and month."""
    return _ways(one.patterns, one.other_layouts if swapped and one.other_layouts else one.layouts)


@lru_cache(maxsize=4096)
def _ways(patterns: tuple[str, ...], layouts: tuple[str, ...]) -> tuple[Way, ...]:
    found = []
    for pattern in patterns or ("",):
        whole, has_tail = split_tail(with_stamp(pattern, layouts))
        found.append(Way(whole, has_tail, layouts))
    return tuple(found)


def lock(one: Format, way: Way, samples: Sequence[tuple[str, str]]) -> Way:
    """`way` with patterns for just the shapes that the stamps of `samples` (line, stamp) have, where that is safe.

    It is safe where no text that could go on with the stamp is taken for something else by the locked pattern.
    """
    source = next((p for p in one.patterns if split_tail(with_stamp(p, way.layouts))[0] == way.pattern), "")
    if "{stamp}" not in source:
        return way
    shapes: dict[str, tuple[str, str]] = {}
    for line, stamp in samples:
        shapes.setdefault(shape_of(stamp), (line, stamp))
    general = re.compile(with_stamp(source, way.layouts), re.DOTALL | re.ASCII)
    locked = []
    for shape, (line, stamp) in list(shapes.items())[:3]:
        pattern = source.replace("{stamp}", f"(?P<stamp>{shape})")
        narrow = re.compile(pattern, re.DOTALL | re.ASCII)
        if all(_agree(general, narrow, line.replace(stamp, stamp + more, 1)) for more in ("", *_GUARD)):
            locked.append(split_tail(pattern)[0])
    return replace(way, locked=tuple(locked))


def _agree(general: re.Pattern[str], narrow: re.Pattern[str], line: str) -> bool:
    """Whether the locked pattern, where it fits, finds what the general one finds."""
    found = narrow.match(line)
    if found is None:
        return True
    other = general.match(line)
    return other is not None and other.groupdict() == found.groupdict()


def take(
    one: Format, block: Block, rows: Array, plan: Sequence[Way], *, names_: Sequence[str] = ()
) -> Taken | None:
    """The lines among `rows` that a format takes, taken apart; None where it takes none.

    `names_` are the column names that hold, for a format whose columns a header names.
    """
    own_names: dict[str, str] = {}
    joined: dict[str, tuple[str, ...]] = {}
    if one.style.header and names_:
        one, plan, own_names, joined = headed(one, tuple(names_))
    elif one.style.is_keyed:
        return _take_keyed(one, block, rows, plan)
    elif one.head:
        return _take_heads(one, block, rows)
    taken = []
    left = rows
    lines = Lines(block.texts.gather(rows).to_list()) if len(rows) <= _FEW else None
    for number, way in enumerate(plan):
        if lines is not None and not needs_of(way.pattern).allow_any(lines):
            continue
        if number == 1 and lines is None:  # most lines of a file of one format are gone by now
            left = _holding(block, left, _common_texts(tuple(way.pattern for way in plan[1:])))
        chosen = left if lines is not None else _beginning(block, left, needs_of(way.pattern))
        for pattern in (*way.locked, way.pattern):
            if not len(chosen) or (lines is not None and not _fits_any(pattern, block, chosen)):
                continue
            found = _take_by(one, block, chosen, pattern, way)
            if found is not None:
                taken.append(found)
                chosen = np.setdiff1d(chosen, found.rows, assume_unique=True)
                left = np.setdiff1d(left, found.rows, assume_unique=True)
    together = join(taken)
    if together is not None and own_names:
        together.groups = {name: _unquoted(column) for name, column in together.groups.items()}
        for column, parts in joined.items():
            together.groups[column] = _joined([together.groups[part] for part in parts])
        together.groups = {own_names.get(name, name): column for name, column in together.groups.items()}
    return together


def _beginning(block: Block, rows: Array, needs: Needs) -> Array:
    """The rows that begin with a byte with which a pattern can begin."""
    if needs.first == ANY_BYTE:
        return rows
    firsts = np.where(block.text_length[rows] > 0, block.data[block.text_start[rows]], 10)
    return rows[_bytes_of(needs.first)[firsts]]


@lru_cache(maxsize=4096)
def _bytes_of(bits: int) -> Array:
    return np.array([bool(bits >> byte & 1) for byte in range(256)])


@lru_cache(maxsize=4096)
def _common_texts(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The longest text that a line must hold for any of `patterns` to fit it, as a list of one or none."""
    held = [needs_of(pattern).texts for pattern in patterns]
    common = [text for text in (held[0] if held else ()) if all(text in other for other in held)]
    return tuple(sorted(common, key=lambda text: (-len(text), text))[:1])


def _holding(block: Block, rows: Array, texts: Sequence[str]) -> Array:
    """The rows that hold all of `texts`."""
    for text in texts:
        if len(rows) > _FEW:
            rows = rows[block.texts.gather(rows).str.contains(text, literal=True).to_numpy()]
    return rows


def _fits_any(pattern: str, block: Block, rows: Array) -> bool:
    """Whether a pattern fits one of a few lines: to ask that is cheaper than to take them apart."""
    return bool(block.texts.gather(rows).str.contains(translate(pattern)).any())


def _unquoted(column: pl.Series) -> pl.Series:
    """Cells without the quotes around them; a doubled quote inside stands for one."""
    import polars as pl

    quoted = column.str.contains('^".*"$').fill_null(value=False)
    if not quoted.any():
        return column
    inner = column.str.slice(1).str.head(-1).str.replace_all('""', '"', literal=True)
    return pl.DataFrame({"c": column, "q": quoted, "i": inner}).select(
        c=pl.when(pl.col("q")).then(pl.col("i")).otherwise(pl.col("c"))
    )["c"]


def _joined(columns: Sequence[pl.Series]) -> pl.Series:
    """Several columns as one text, with blanks between; what is nil is left out."""
    import polars as pl

    frame = pl.DataFrame([column.rename(f"c{at}") for at, column in enumerate(columns)])
    said = [pl.when(~pl.col(name).is_in(["-", ""])).then(pl.col(name)) for name in frame.columns]
    return frame.select(j=pl.concat_str(said, separator=" ", ignore_nulls=True))["j"]


def _take_by(one: Format, block: Block, rows: Array, pattern: str, way: Way) -> Taken | None:
    texts = block.texts if len(rows) == len(block) else block.texts.gather(rows)
    return take_texts(one, texts, rows, pattern, way, block=block)


def take_texts(
    one: Format, texts: pl.Series, rows: Array, pattern: str, way: Way, *, block: Block | None = None
) -> Taken | None:
    """The texts that `pattern` fits and whose stamp is a date; `rows` are their numbers, `block` where they lie."""
    import polars as pl

    parts = texts.str.extract_groups(translate(pattern))
    frame = parts.struct.unnest()
    by_name = dict(zip(names(pattern), frame.get_columns(), strict=True))
    if "json" in by_name:
        by_name = _open_json(one, by_name)
    stamp = _stamp_text(by_name)
    if stamp is None:
        return None
    matched = stamp.is_not_null()
    count = int(matched.sum())
    if not count:
        return None
    if count < len(texts):
        keep = matched.to_numpy()
        rows, stamp = rows[keep], stamp.filter(matched)
        by_name = {name: column.filter(matched) for name, column in by_name.items()}
    stamps = read_stamps(stamp, way.layouts)
    if not stamps.ok.all():
        nil = (stamp == "-").to_numpy()
        good = stamps.ok | nil | _fits_other_order(one, stamp, stamps.ok)
        if not good.any():
            return None
        if not good.all():
            where = np.flatnonzero(good)
            rows, stamp, stamps = rows[where], stamp.gather(where), stamps.take(where)
            by_name = {name: column.gather(where) for name, column in by_name.items()}
    prefix = by_name.pop(PREFIX, None)
    if prefix is not None and way.has_tail and block is not None:
        before = prefix.str.len_bytes().to_numpy().astype(np.int64)
        by_name["message"] = views(
            block.data, block.text_start[rows] + before, block.text_length[rows] - before
        )
    elif prefix is not None:
        by_name["message"] = pl.Series(
            [
                text.encode()[len(head.encode()) :].decode()
                for text, head in zip(texts.filter(matched).to_list(), prefix.to_list(), strict=True)
            ]
        )
    return Taken(one, rows, stamps, stamp, by_name)


def _open_json(one: Format, groups: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """The parts of JSON objects inside lines under the names that `keys` gives; what stands outside them wins."""
    import polars as pl

    columns = {name: column.to_list() for name, column in groups.items() if name != "json"}
    n = len(groups["json"])
    for row, text in enumerate(groups["json"].to_list()):
        if not text:
            continue
        fields = load_object(text)
        found = columns_of(one, fields, needs_stamp=False) if fields is not None else {"message": text}
        for name, value in (found or {}).items():
            column = columns.setdefault(name, [None] * n)
            if column[row] is None:
                column[row] = value
    return {name: pl.Series(name, values, dtype=pl.String) for name, values in columns.items()}


def _fits_other_order(one: Format, stamp: pl.Series, ok: Array) -> Array:
    """Which stamps are dates only in the other order of day and month: the whole file will say which one holds."""
    fits = np.zeros(len(ok), bool)
    if one.other_layouts:
        rows = np.flatnonzero(~ok)
        fits[rows] = read_stamps(stamp.gather(rows), (*one.layouts, *one.other_layouts)).ok
    return fits


def _stamp_text(groups: dict[str, pl.Series]) -> pl.Series | None:
    """The stamp of each line, taken out of its groups: one piece, or a date and a time in two places."""
    date, time, stamp = (
        groups.pop("stamp_date", None),
        groups.pop("stamp_time", None),
        groups.pop("stamp", None),
    )
    if stamp is not None:
        return stamp
    if date is not None and time is not None:
        return date + " " + time
    return date if date is not None else time


def join(taken: Sequence[Taken]) -> Taken | None:
    """Lines that one format took by several patterns, together."""
    import polars as pl

    if not taken:
        return None
    if len(taken) == 1:
        return taken[0]
    rows = np.concatenate([t.rows for t in taken])
    order = np.argsort(rows, kind="stable")
    stamps = StampColumns.empty(len(rows))
    at = 0
    groups: dict[str, list[pl.Series]] = {}
    for one in taken:
        stamps.assign(np.arange(at, at + len(one.rows)), one.stamps)
        for name in one.groups:
            groups.setdefault(name, [])
        at += len(one.rows)
    for name, pieces in groups.items():
        pieces.extend(
            t.groups[name]
            if name in t.groups
            else pl.Series(name, [None], dtype=pl.String).new_from_index(0, len(t.rows))
            for t in taken
        )
    return Taken(
        taken[0].format,
        rows[order],
        stamps.take(order),
        pl.concat([t.stamp_text for t in taken]).gather(order),
        {name: pl.concat([p.rename(name) for p in pieces]).gather(order) for name, pieces in groups.items()},
    )


def _take_heads(one: Format, block: Block, rows: Array) -> Taken | None:
    """The first lines of records that run over several lines; their stamps are read once the records are whole."""
    texts = block.texts.gather(rows)
    found = texts.str.contains(translate(with_stamp(one.head, one.layouts))).to_numpy()
    if not found.any():
        return None
    return Taken(one, rows[found], StampColumns.empty(int(found.sum())), texts.filter(found), {})


def _take_keyed(one: Format, block: Block, rows: Array, plan: Sequence[Way]) -> Taken | None:
    """Lines that are objects or pairs, one by one: their names differ from line to line."""
    texts = block.texts.gather(rows)
    guard = (
        with_stamp(one.patterns[0], one.layouts) if one.patterns else (r"^\s*\{" if one.style.json else "=")
    )
    fits = texts.str.contains(translate(guard)).to_numpy()
    rows, texts = rows[fits], texts.filter(fits)
    load = load_object if one.style.json else load_pairs
    found: list[tuple[int, dict[str, str]]] = []
    for row, text in zip(rows.tolist(), texts.to_list(), strict=True):
        fields = load(text)
        groups = columns_of(one, fields) if fields else None
        if groups is not None:
            found.append((row, groups))
    return _of_groups(one, found, plan[0].layouts if plan else one.layouts)


def _of_groups(
    one: Format, found: Sequence[tuple[int, Mapping[str, str]]], layouts: Sequence[str]
) -> Taken | None:
    import polars as pl

    if not found:
        return None
    stamp = pl.Series("stamp", [groups["stamp"] for _, groups in found], dtype=pl.String)
    stamps = read_stamps(stamp, layouts)
    good = np.flatnonzero(stamps.ok | (stamp == "-").to_numpy() | _fits_other_order(one, stamp, stamps.ok))
    if not len(good):
        return None
    kept = [found[at] for at in good.tolist()]
    columns: dict[str, list[str | None]] = {}
    for at, (_, groups) in enumerate(kept):
        for name, value in groups.items():
            if name != "stamp":
                column = columns.get(name)
                if column is None:
                    column = columns[name] = [None] * len(kept)
                column[at] = value
    return Taken(
        one,
        np.array([row for row, _ in kept], np.int64),
        stamps.take(good),
        stamp.gather(good),
        {name: pl.Series(name, values, dtype=pl.String) for name, values in columns.items()},
    )


@lru_cache(maxsize=256)
def headed(
    one: Format, columns: tuple[str, ...]
) -> tuple[Format, tuple[Way, ...], dict[str, str], dict[str, tuple[str, ...]]]:
    """The format that a header line makes: one group a column, and the names of the groups that `keys` does not name."""
    separator = one.style.separator
    plain_cell = r"[^ \t]+" if separator == " " else f"[^{re.escape(separator)}]*"
    cell = plain_cell
    if separator in " ,;":  # a quoted cell may hold the separator, and a doubled quote
        cell = f'(?:"(?:[^"]|"")*"|{plain_cell})'
    joint = r"[ \t]+" if separator == " " else re.escape(separator)
    roles: dict[int, str] = {}
    together: dict[str, list[int]] = {}
    for column, options in one.keys.items():
        for option in options:
            wanted = [option] if option in columns else option.split(" ")
            if all(name in columns for name in wanted):
                places = [columns.index(name) for name in wanted]
                if column == "stamp" and len(places) == 2:
                    roles[places[0]], roles[places[1]] = "stamp_date", "stamp_time"
                elif len(places) > 1:
                    together[column] = places
                else:
                    roles[places[0]] = column
                break
    own_names: dict[str, str] = {}
    pieces = []
    for at, name in enumerate(columns):
        if at not in roles:
            own_names[f"column_{at}"] = (
                name if name and name not in COLUMNS else f"{name or 'column'}_{at + 1}"
            )
        pieces.append(f"(?P<{roles.get(at, f'column_{at}')}>{{cell}})")
    end = f"{joint}?" if separator in ",;" else " *"
    whole = f"^{joint.join(pieces)}{end}$"
    patterns = tuple(dict.fromkeys(whole.replace("{cell}", one_cell) for one_cell in (cell, plain_cell)))
    made = replace(one, patterns=patterns, style=Style())
    joined = {
        column: tuple(roles.get(place, f"column_{place}") for place in places)
        for column, places in together.items()
    }
    run = tuple(Way(pattern, has_tail=False, layouts=one.layouts) for pattern in patterns)
    return made, run, own_names, joined


def is_structure(patterns: Iterable[str], texts: pl.Series, layouts: Sequence[str] = ()) -> Array:
    """Which texts one of `patterns` fits."""
    fits = np.zeros(len(texts), bool)
    for pattern in patterns:
        fits |= texts.str.contains(translate(with_stamp(pattern, layouts))).to_numpy()
    return fits


def representatives(texts: pl.Series) -> Array:
    """One row of each shape among `texts`, by the classes of their first characters."""
    import polars as pl

    heads = texts.str.slice(0, 64)
    shapes = heads.str.replace_all("[0-9]+", "0").str.replace_all("[A-Za-z]+", "a").str.slice(0, 24)
    frame = pl.DataFrame({"shape": shapes}).with_row_index("row")
    first = frame.group_by("shape", maintain_order=True).agg(pl.col("row").first())["row"]
    return first.head(_SHAPES).to_numpy().astype(np.int64)


def relevant(
    asked: Sequence[tuple[Format, tuple[Way, ...]]], lines: Iterable[str]
) -> list[tuple[Format, tuple[Way, ...]]]:
    """The formats that may take one of `lines`, by what their patterns need."""
    known = Lines(lines)
    return [(one, plan) for one, plan in asked if any(needs.allow_any(known) for needs in _needs(one, plan))]


@lru_cache(maxsize=4096)
def _needs_of_patterns(patterns: tuple[str, ...]) -> tuple[Needs, ...]:
    return tuple(needs_of(pattern) for pattern in patterns)


def _needs(one: Format, plan: Sequence[Way]) -> tuple[Needs, ...]:
    if one.head:
        return _needs_of_patterns((one.head,))
    if one.style.header:
        return _needs_of_patterns((one.style.header,))
    if one.style.json:
        return _needs_of_patterns((r"^\s*\{",))
    if one.style.logfmt:
        return _needs_of_patterns((with_stamp(one.patterns[0], one.layouts),) if one.patterns else ("^.*=",))
    return _needs_of_patterns(tuple(way.pattern for way in plan))


def match(
    block: Block, rows: Array, asked: Sequence[tuple[Format, tuple[Way, ...]]], *, is_sure: bool
) -> tuple[list[Taken], Array]:
    """The lines among `rows` as formats took them, and the rows that none took.

    Where it is not sure that a format has lines here, one line of each shape is asked before all of them are.
    """
    taken: list[Taken] = []
    if not is_sure and len(rows):
        sample = rows[representatives(block.texts.gather(rows))]
        asked = [
            (one, plan) for one, plan in asked if take(one, block, _for(one, block, sample), plan) is not None
        ]
    return taken, _ask(block, asked, rows, taken)


def _for(one: Format, block: Block, rows: Array) -> Array:
    return rows if one.is_indented else rows[~block.is_indented[rows]]


def _ask(
    block: Block, formats: Sequence[tuple[Format, tuple[Way, ...]]], left: Array, taken: list[Taken]
) -> Array:
    for one, plan in formats:
        if not len(left):
            break
        found = take(one, block, _for(one, block, left), plan)
        if found is not None:
            taken.append(found)
            left = np.setdiff1d(left, found.rows, assume_unique=True)
    return left
