"""ServiceNow: lists as CSV, XML and JSON, XML unloads with their journals and attachments, and event logs of incidents.

The decision hidden here: which files are ServiceNow's, by the names of its columns, and which of three ways reads them
(`servicenow_json`, `servicenow_xml`, `servicenow_csv`). What the rows mean is in `servicenow_records`, what their stamps
mean in `servicenow_clock`.

References:
    ServiceNow product documentation: "Export data", "Table API", "Exporting and importing XML files"; UCI Machine Learning
    Repository, "Incident management process enriched event log".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rca.evidence.opening import is_binary
from rca.reading.source import Sample, Source
from rca.reading.tickets.servicenow_csv import read_csv, score_csv
from rca.reading.tickets.servicenow_json import read_json, score_json
from rca.reading.tickets.servicenow_xml import read_xml, score_xml

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ServiceNowReader"]


class ServiceNowReader:
    """Reads exports of ServiceNow, one event per thing that happened to a task."""

    name = "servicenow"
    version = "1"
    title = (
        "ServiceNow: lists as CSV, XML and JSON, XML unloads, journals, audit rows, event logs of incidents"
    )
    suffixes = (".csv", ".xml", ".json")

    def score(self, sample: Sample) -> float:
        """0.98 where columns, elements or members are ServiceNow's, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        start = sample.text.lstrip(" \t\r\n\0\ufeff")[:1]
        if start == "<":
            return score_xml(sample)
        if start in ("{", "["):
            return score_json(sample)
        return score_csv(sample)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, record by record."""
        start = source.sample.text.lstrip(" \t\r\n\0\ufeff")[:1]
        if start == "<":
            yield from read_xml(source, self)
        elif start in ("{", "["):
            yield from read_json(source, self)
        else:
            yield from read_csv(source, self)
