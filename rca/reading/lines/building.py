"""Building: lines that formats took apart become columns of events.

The decision hidden here: how groups of a pattern become columns. Groups named like a column go there, all others into
`attributes` under their own name; "-" and nothing are no value; `pri` gives severity and facility (RFC 5424, 6.2.1); a
finer `kind` is given by what the message says.
"""

from __future__ import annotations

import json
from string import Formatter
from typing import TYPE_CHECKING

from rca.reading.lines.formats import Format, severity_number
from rca.reading.lines.keyed import COLUMNS
from rca.reading.lines.kinds import refine

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from rca.reading.lines.matching import Taken

__all__ = ["PARTS", "parts", "refs", "undated_parts"]

PARTS = (
    "message", "actor", "subject", "component", "unit", "channel", "trace_id", "severity", "severity_text", "attributes",
    "kind", "stamp_text",
)  # fmt: skip
"""The columns that a line's own text fills."""
_SYSLOG = (21, 19, 18, 17, 13, 10, 9, 5)
_REFS = r"(?-u:\b)(?:[A-Z][A-Z0-9]{1,9}-[0-9]{1,7}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?-u:\b)"
_NOT_REFS = r"^(?:UTF|ISO|SHA|RFC|MD|AES|TLS|IEC|CP|US)-"


def parts(taken: Taken) -> pl.DataFrame:
    """The lines of one format as columns: `row`, and those of `PARTS`."""
    import polars as pl

    one, n = taken.format, len(taken.rows)
    groups = dict(taken.groups)
    if one.message:
        filled = _fill(one.message, groups, n)
        own = groups.get("message")
        groups["message"] = filled if own is None else pl.select(pl.coalesce(own, filled)).to_series()
    elif "message2" in groups:
        second = groups.pop("message2")
        groups["message"] = (
            pl.select(pl.coalesce(groups["message"], second)).to_series() if "message" in groups else second
        )
    out: dict[str, pl.Series] = {
        "row": pl.Series(taken.rows),
        "stamp_text": taken.stamp_text,
    }
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, n)
    if "pri" in groups:
        groups, out["severity"] = _open_pri(groups)
    word = groups.pop("severity", None)
    if word is not None:
        word = _without_nil(word)
        out["severity_text"] = word
        number = _severities(word, one)
        if "severity" in out:
            number = pl.select(pl.coalesce(number, out["severity"])).to_series()
        out["severity"] = number
    for name in COLUMNS[1:-1]:
        column = groups.pop(name, None)
        out[name] = nothing if column is None else column if name == "message" else _without_nil(column)
    message = out["message"]
    if message.len() and (message == "-").any():
        out["message"] = _without_nil(message)
    out.setdefault("severity_text", nothing)
    out.setdefault("severity", pl.Series([None], dtype=pl.Int8).new_from_index(0, n))
    out["attributes"] = _attributes(groups, n) if groups else nothing
    kind = pl.Series([one.kind]).new_from_index(0, n)
    out["kind"] = refine(kind, out["message"], out["component"]) if one.kind == "log.line" else kind
    return pl.DataFrame([out["row"].rename("row"), *(out[name].rename(name) for name in PARTS)])


def undated_parts(rows: np.ndarray, texts: pl.Series) -> pl.DataFrame:
    """Lines without a stamp as columns: their text is the message."""
    import polars as pl

    n = len(rows)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, n)
    columns = dict.fromkeys(PARTS, nothing)
    columns["severity"] = pl.Series([None], dtype=pl.Int8).new_from_index(0, n)
    columns["message"] = texts.str.strip_chars()
    columns["kind"] = pl.Series(["log.line"]).new_from_index(0, n)
    return pl.DataFrame([pl.Series("row", rows), *(columns[name].rename(name) for name in PARTS)])


def refs(messages: pl.Series) -> pl.Series:
    """The identifiers in each message (ticket keys, UUIDs) as lists, each once in order; null where there are none."""
    import polars as pl

    found = pl.Series([None], dtype=pl.List(pl.String)).new_from_index(0, len(messages))
    has_dash = messages.str.contains("-", literal=True).fill_null(value=False)
    if not has_dash.any():
        return found
    has_ref = has_dash & messages.str.contains(_REFS).fill_null(value=False)
    if not has_ref.any():
        return found
    frame = pl.DataFrame({"m": messages, "has": has_ref})
    wanted = (
        pl.when("has").then(pl.col("m").str.extract_all(_REFS).list.eval(pl.element().filter(~pl.element().str.contains(_NOT_REFS))).list.unique(maintain_order=True))
    )  # fmt: skip
    column = frame.select(r=wanted)["r"]
    return pl.DataFrame({"r": column}).select(pl.when(pl.col("r").list.len() > 0).then("r"))["r"]


def _without_nil(column: pl.Series) -> pl.Series:
    import polars as pl

    nil = (column == "-") | (column == "")
    if not nil.any():
        return column
    return pl.DataFrame({"c": column, "n": nil}).select(pl.when(~pl.col("n")).then("c"))["c"]


def _severities(word: pl.Series, one: Format) -> pl.Series:
    """The severity numbers of level words, each spelling looked up once."""
    import polars as pl

    spellings = [w for w in word.unique().to_list() if w is not None]
    found = {w: number for w in spellings if (number := severity_number(w, one.severity)) is not None}
    if not found:
        return pl.Series([None], dtype=pl.Int8).new_from_index(0, len(word))
    return word.replace_strict(found, default=None, return_dtype=pl.Int8)


def _open_pri(groups: dict[str, pl.Series]) -> tuple[dict[str, pl.Series], pl.Series]:
    """PRI taken apart: severity, and facility as an attribute."""
    import polars as pl

    rest = {name: column for name, column in groups.items() if name != "pri"}
    pri = groups["pri"].cast(pl.Int32, strict=False)
    frame = pl.DataFrame({"p": pri}).select(p=pl.when(pl.col("p") <= 191).then("p"))
    level = frame["p"] % 8
    severity = level.replace_strict(dict(enumerate(_SYSLOG)), default=None, return_dtype=pl.Int8)
    number = (frame["p"] // 8).cast(pl.String)
    word = groups.get("facility")
    rest["facility"] = number if word is None else pl.select(pl.coalesce(word, number)).to_series()
    return rest, severity


def _fill(template: str, groups: dict[str, pl.Series], n: int) -> pl.Series:
    """The template with each line's own parts in the places of `{name}`."""
    import polars as pl

    pieces: list[pl.Expr] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            pieces.append(pl.lit(literal))
        if name:
            pieces.append(pl.lit(groups[name]).fill_null("") if name in groups else pl.lit(""))
    whole = pl.select(pl.concat_str(pieces).str.strip_chars()).to_series()
    return whole if len(whole) == n else whole.new_from_index(0, n)


def _attributes(groups: dict[str, pl.Series], n: int) -> pl.Series:  # noqa: ARG001
    """The remaining parts of each line as a JSON object with sorted keys; null where there are none."""
    import polars as pl

    names = sorted(groups)
    frame = pl.DataFrame([groups[name].rename(f"c{at}") for at, name in enumerate(names)])
    columns = [pl.col(f"c{at}") for at in range(len(names))]
    needs_escape = frame.select(
        pl.concat_str(columns, ignore_nulls=True).str.contains(r'["\\\x00-\x1f]').any()
    ).item()
    pieces = []
    for name, column in zip(names, columns, strict=True):
        value = column.map_elements(_escape, return_dtype=pl.String) if needs_escape else column
        key = json.dumps(name, ensure_ascii=False)
        pieces.append(
            pl.when(column.is_not_null() & (column != "-") & (column != "")).then(
                pl.concat_str(pl.lit(f',{key}:"'), value, pl.lit('"'))
            )
        )
    whole = frame.select(a=pl.concat_str(pieces, ignore_nulls=True))["a"]
    opened = pl.DataFrame({"a": whole}).select(
        pl.when(pl.col("a") != "").then(pl.concat_str(pl.lit("{"), pl.col("a").str.slice(1), pl.lit("}")))
    )
    return opened.to_series()


def _escape(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
