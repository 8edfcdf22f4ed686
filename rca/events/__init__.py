"""WHAT HAPPENED: the event, one schema for memory, disk and lines."""

from rca.events.batches import attributes, batch, event_id
from rca.events.frames import conform, from_arrow, to_arrow
from rca.events.jsonl import from_jsonl, to_jsonl
from rca.events.kinds import KINDS, is_kind
from rca.events.schema import COLUMNS, SCHEMA_VERSION, Column, SourceKind, Type, arrow_schema, column_names

__all__ = [
    "COLUMNS",
    "KINDS",
    "SCHEMA_VERSION",
    "Column",
    "SourceKind",
    "Type",
    "arrow_schema",
    "attributes",
    "batch",
    "column_names",
    "conform",
    "event_id",
    "from_arrow",
    "from_jsonl",
    "is_kind",
    "to_arrow",
    "to_jsonl",
]
