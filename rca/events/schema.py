"""The event: one thing at one time with one source. Every column, its type and its meaning, in one place.

The decision hidden here: the columns and their types. Readers build Arrow batches of this schema, the store keeps it
in Parquet, `frames.conform` pins it in pandas, `jsonl` writes it as lines. Nothing else in the package names a dtype.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from rca.moments.moment import Basis, Precision, TimeKind

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "SCHEMA_VERSION", "Column", "SourceKind", "Type", "arrow_schema", "column_names"]

SCHEMA_VERSION = 2


class SourceKind(StrEnum):
    """What kind of evidence an event was read from."""

    LOG = "log"
    TICKET = "ticket"
    MEETING = "meeting"
    MINUTES = "minutes"
    MAIL = "mail"
    CHAT = "chat"
    CALENDAR = "calendar"
    DOCUMENT = "document"
    TABLE = "table"
    METRIC = "metric"
    ANNOTATION = "annotation"


class Type(StrEnum):
    """The types that a column may have."""

    TEXT = "text"
    TEXTS = "list of text"
    TIME = "UTC nanoseconds"
    CATEGORY = "category"
    INTEGER = "integer"
    SMALL = "small integer"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the event: its name, type, meaning and, for a category, its closed list of values."""

    name: str
    type: Type
    meaning: str
    values: tuple[str, ...] = ()


COLUMNS: tuple[Column, ...] = (
    Column(
        "event_id", Type.TEXT, "24 hex digits: 12 of the stream key, 10 of byte_start, 2 of the stamp's index"
    ),
    Column("record_id", Type.TEXT, "groups the events of one record (ticket, meeting, message)"),
    Column("time", Type.TIME, "best single instant for sorting; NaT when undated"),
    Column("time_earliest", Type.TIME, "lower bound that the evidence allows, included"),
    Column("time_latest", Type.TIME, "upper bound that the evidence allows, excluded"),
    Column("time_end", Type.TIME, "end of an event that lasts"),
    Column("time_text", Type.TEXT, "the stamp exactly as written"),
    Column("time_precision", Type.CATEGORY, "how fine the stamp is", tuple(Precision)),
    Column(
        "time_basis", Type.CATEGORY, "why the time is believed; the weakest reason that applies", tuple(Basis)
    ),
    Column("time_kind", Type.CATEGORY, "what the time means", tuple(TimeKind)),
    Column("known_time", Type.TIME, "the latest instant by which the source held it; NaT when unknown"),
    Column("known_basis", Type.CATEGORY, "why known_time is believed", ("stated", "publication", "assumed")),
    Column("source_kind", Type.CATEGORY, "kind of evidence", tuple(SourceKind)),
    Column("kind", Type.TEXT, "dotted type of the event, see rca.events.kinds"),
    Column("message", Type.TEXT, "one human line; the full text stays in the exhibit"),
    Column("actor", Type.TEXT, "who acted: role or system"),
    Column("subject", Type.TEXT, "what was acted on: host, component, ticket, pseudonym"),
    Column("audience", Type.TEXTS, "who was addressed or present"),
    Column("component", Type.TEXT, "part of the system"),
    Column("unit", Type.TEXT, "organisational unit or place"),
    Column("channel", Type.TEXT, "where it was said"),
    Column("parent", Type.TEXT, "event or record that this one answers, belongs to or was split from"),
    Column("reliability", Type.CATEGORY, "Admiralty reliability of the source", tuple("ABCDEF")),
    Column("credibility", Type.CATEGORY, "Admiralty credibility of the statement", tuple("123456")),
    Column("severity", Type.SMALL, "OpenTelemetry severity number, 1 to 24"),
    Column("severity_text", Type.TEXT, "the severity as written"),
    Column("attributes", Type.TEXT, "the remaining named fields: a JSON object with sorted keys"),
    Column("trace_id", Type.TEXT, "correlation id"),
    Column("refs", Type.TEXTS, "identifiers found in the text"),
    Column("exhibit", Type.TEXT, "id of the exhibit, such as E3"),
    Column("locator", Type.TEXT, "place in the exhibit, such as L48 or #M101"),
    Column("byte_start", Type.INTEGER, "first byte of the record in the decompressed member"),
    Column("byte_length", Type.INTEGER, "length of the record in bytes"),
    Column("line", Type.INTEGER, "line number of the record, from 1"),
    Column("reader", Type.TEXT, "name of the reader"),
    Column("reader_version", Type.TEXT, "version of the reader"),
    Column("template_id", Type.TEXT, "id of the log template, where templates were mined"),
    Column("assumptions", Type.TEXTS, "ids of the assumptions that this row rests on"),
)


def column_names() -> list[str]:
    """The names of all columns, in order."""
    return [column.name for column in COLUMNS]


@cache
def arrow_schema() -> pa.Schema:
    """The schema of an Arrow batch of events.

    Times are `timestamp[ns, UTC]`; categories are `dictionary<int8, string>` only in pandas: on disk and in batches
    they are plain strings, which Parquet encodes by dictionary anyway and which concatenate without surprises.
    """
    import pyarrow as pa

    types = {
        Type.TEXT: pa.string(),
        Type.TEXTS: pa.list_(pa.string()),
        Type.TIME: pa.timestamp("ns", tz="UTC"),
        Type.CATEGORY: pa.string(),
        Type.INTEGER: pa.int64(),
        Type.SMALL: pa.int8(),
    }
    return pa.schema(
        [pa.field(c.name, types[c.type]) for c in COLUMNS],
        metadata={"rca.schema": str(SCHEMA_VERSION)},
    )
