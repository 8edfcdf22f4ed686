r"""`JiraPipelineReader`: the files of Jira Data Center's data pipeline: issues, history, links and users.

The decision hidden here: how these files differ from an export of a search. Their stamps are UTC, as the documentation
says; line ends stand as `\n`; a description ends at 2,000 characters; history and links name issues by number, which
the file of issues alone explains.

References:
    Atlassian, Jira Data Center, "Data pipeline export schema" (issues since 8.14, issue history since 8.18, issue links and
    users since 8.19); RFC 4180.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.reading.records import Record, cells, read_records
from rca.reading.source import Sample, Source
from rca.reading.telling import Place, Teller
from rca.reading.tickets.jira_csv import keys_in
from rca.reading.tickets.jira_history import tell_history
from rca.reading.tickets.jira_telling import HISTORY, LINKERS, record_of, tell_link
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JiraPipelineReader"]

_CUT = 2000
_MANY = 100
_SHOWN = ("id", "url", "project_key", "project_name", "project_category", "issue_type", "status", "status_category", "priority_name", "resolution",
          "assignee_id", "assignee_name", "reporter_id", "reporter_name", "updated_date", "due_date", "parent_id", "labels",
          "affected_versions", "fix_versions", "security_level", "environment", "custom_fields")  # fmt: skip


def _kind(header: list[str]) -> str:
    """Which file of the pipeline a header is of: issues, history, links, users; "" for none."""
    names = {name.strip().casefold() for name in header}
    if {"id", "key", "created_date"} <= names and names & {"instance_url", "project_key"}:
        return "issues"
    if (
        "field" in names
        and "created_date" in names
        and names & {"issue_id", "issue_key"}
        and names & {"to_string", "to", "from_string"}
    ):
        return "history"
    if "instance_url" in names or "link_type_name" in names:
        if _named(names, ("source",), ("id", "key")) and _named(
            names, ("destination", "target", "dest"), ("id", "key")
        ):
            return "links"
        if names & {"user_id", "id"} and names & {"user_name", "user_fullname", "user_full_name"}:
            return "users"
    return ""


def _named(names: set[str], starts: tuple[str, ...], ends: tuple[str, ...]) -> str:
    """The name of a column that holds one of `starts` and ends in one of `ends`."""
    fitting = [name for name in names if any(one in name for one in starts) and name.split("_")[-1] in ends]
    return min(fitting, key=lambda name: (not name.endswith("key"), name), default="")


def _header(head: bytes, encoding: str) -> list[str]:
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    text = head[mark_length(head) :].decode(codec, errors="replace")
    return cells(text.partition("\n")[0].rstrip("\r"), ",")


class JiraPipelineReader:
    """Reads the CSV files of Jira Data Center's data pipeline."""

    name = "jira-pipeline"
    version = "1"
    title = "Jira Data Center: the data pipeline's files of issues, history, links and users"
    suffixes = (".csv",)

    def score(self, sample: Sample) -> float:
        """0.99 for a header of the pipeline's schema, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        return 0.99 if _kind(_header(sample.head, sample.encoding)) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the file, in its order."""
        return _File(source, self).read()


class _File:
    def __init__(self, source: Source, reader: JiraPipelineReader) -> None:
        self.source = source
        self.encoding = plain_encoding(source)
        self.header = [name.strip().casefold() for name in _header(source.head, self.encoding)]
        self.kind = _kind(self.header)
        self.teller = Teller(source, reader, source_kind=SourceKind.TICKET, code="RCA191")
        self.faults = 0

    def read(self) -> Iterator[pa.RecordBatch]:
        """The rows as events; a list of users has none."""
        source, start = self.source, mark_length(self.source.head)
        source.structure_bytes(0, start)
        with source.open() as stream:
            stream.read(start)
            is_header = True
            for record in read_records(
                stream, start=start, delimiter=",", encoding=self.encoding, width=len(self.header)
            ):
                row = cells(record.raw.decode(self.encoding, errors="backslashreplace").rstrip("\r\n"), ",")
                if not any(cell.strip() for cell in row):
                    blank = not record.raw.strip()
                    (source.blank_bytes if blank else source.structure_bytes)(record.start, len(record.raw))
                elif is_header or self.kind == "users":
                    source.structure_bytes(record.start, len(record.raw))
                    is_header = False
                else:
                    self._tell(record, dict(zip(self.header, row, strict=False)))
                    yield from self.teller.batches()
        self._close()
        yield from self.teller.rest()

    def _tell(self, record: Record, row: Mapping[str, str]) -> None:
        source = self.source
        lines = f"L{record.line}" if record.line == record.last_line else f"L{record.line}-{record.last_line}"
        place = Place(lines, record.start, len(record.raw), record.line)
        telling = {"issues": self._tell_issue, "history": self._tell_change, "links": self._tell_link}.get(
            self.kind
        )
        if telling is None or not telling({name: cell.strip() for name, cell in row.items()}, place):
            source.unparsed_bytes(record.start, record.raw, place=lines, reason="a row that names no issue")
            self.faults += 1
            if self.faults <= _MANY:
                source.issue(
                    "RCA191", Severity.WARNING, "The row names no issue", place=lines, hint="Is the file cut?"
                )
        else:
            source.event_bytes(record.start, len(record.raw))

    def _dated(self, stamp: str) -> dict[str, Any]:
        """A stamp, which is UTC by the documentation where it states no offset itself."""
        parsed = self.teller.dating.parse(stamp) if stamp else None
        if parsed is None or parsed.offset is not None or parsed.instant is not None:
            return {"stamp": stamp}
        return {"stamp": stamp, "zone": "UTC", "assumptions": [self._assume()]}

    def _assume(self) -> str:
        return self.source.assume(
            "zone",
            "stamps of the data pipeline are UTC",
            rests_on="Atlassian's schema of the data pipeline: dates are ISO, in UTC",
            alternatives=("the zone of the server",),
        )

    def _tell_issue(self, row: Mapping[str, str], place: Place) -> bool:
        key = row.get("key", "") or row.get("id", "")
        if not key:
            return False
        description = _lines(row.get("description", ""))
        fields: dict[str, Any] = {"key": key, "values_as_of": "export"}
        fields |= {name: row[name] for name in _SHOWN if row.get(name)}
        if len(row.get("description", "")) >= _CUT:
            fields["description_cut"] = "true"
            self.teller.note_absence(
                "descriptions beyond 2,000 characters",
                place=place.locator,
                hint="The data pipeline cuts them there.",
            )
        stamp = row.get("created_date", "")
        summary = _lines(row.get("summary", ""))
        created = self.teller.tell(
            "ticket.created" if stamp else "ticket.state",
            f"{key} created: {summary}" if stamp else f"{key}: {summary}",
            place,
            record=record_of(key),
            text=description,
            refs=keys_in(description, key),
            fields=fields,
            subject=key,
            actor=(row.get("creator_name", "") or row.get("creator_id", "")) if stamp else "",
            component=row.get("components", "").strip("[]"),
            **self._dated(stamp),
        )
        if row.get("resolution_date"):
            resolution = row.get("resolution", "")
            self.teller.tell(
                "ticket.resolved",
                f"{key} resolved{f': {resolution}' if resolution else ''}",
                place,
                record=record_of(key),
                subject=key,
                parent=created,
                fields={"resolution": resolution},
                **self._dated(row["resolution_date"]),
            )
        return True

    def _tell_change(self, row: Mapping[str, str], place: Place) -> bool:
        key = row.get("issue_key", "") or row.get("issue_id", "")
        if not key or not row.get("field"):
            return False
        history = {
            "id": row.get("changelog_id", "") or row.get("id", ""),
            "author": row.get("author_name", "") or row.get("author_key", "") or row.get("author_id", ""),
            "created": row.get("created_date", ""),
            "items": [
                {
                    "field": row.get("field", ""),
                    "from": row.get("from", ""),
                    "fromString": _lines(row.get("from_string", "")),
                    "to": row.get("to", ""),
                    "toString": _lines(row.get("to_string", "")),
                }
            ],
        }
        dated = self._dated(row.get("created_date", ""))
        dated.pop("stamp")
        tell_history(self.teller, key, [history], lambda _, __: place, **dated)
        return True

    def _tell_link(self, row: Mapping[str, str], place: Place) -> bool:
        names = set(self.header)
        key = row.get(_named(names, ("source",), ("id", "key")), "")
        target = row.get(_named(names, ("destination", "target", "dest"), ("id", "key")), "")
        if not key or not target:
            return False
        outward = next((row[name] for name in self.header if "outward" in name and row.get(name)), "")
        kinds = [name for name in self.header if "type" in name and not name.endswith("id") and row.get(name)]
        tell_link(
            self.teller,
            key,
            target,
            place,
            phrase=outward,
            type_name=row[kinds[0]] if kinds else "",
            direction="outward",
        )
        return True

    def _close(self) -> None:
        teller = self.teller
        if self.kind == "issues":
            teller.note_absence(HISTORY, hint="It is in the pipeline's file of issue history.")
            teller.note_absence("comments", hint="The data pipeline exports none.")
        elif self.kind == "history":
            teller.note_absence(
                "the issues themselves", hint="The pipeline's file of issues says which number is which key."
            )
        elif self.kind == "links":
            teller.note_absence(LINKERS, hint="It is in the pipeline's file of issue history (field Link).")
        else:
            teller.note_absence("events", hint="This file lists users by number.")


def _lines(text: str) -> str:
    r"""A text with its line ends, which the pipeline writes as two characters.

    >>> _lines(r"one\ntwo")
    'one\ntwo'
    """
    return text.replace("\\r\\n", "\n").replace("\\n", "\n")
