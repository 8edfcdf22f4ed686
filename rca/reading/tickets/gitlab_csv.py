"""GitLab's CSV exports of issues and merge requests.

The decision hidden here: the columns of the export that GitLab mails to whoever asks for it. Its times are UTC, as the names
of the columns say; it holds no notes and no history, so that what isn't there says nothing.

References:
    GitLab Docs, "Export issues to CSV", "Export merge requests to CSV".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rca.evidence.opening import is_binary, mark_length
from rca.reading.records import cells, read_records, sniff_delimiter
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.tickets.tracker_telling import TrackerTeller, mentions
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GitlabCsvReader"]

_NEEDED = {"title", "url", "state", "created at (utc)"}
_NUMBERS = ("issue id", "mr iid", "issue iid", "iid")


def _header_of(text: str) -> tuple[str, list[str]] | None:
    """The delimiter and the columns of a GitLab export, None where the first line is no header of one."""
    first = text.lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    if "created at (utc)" not in first.casefold():
        return None
    delimiter = sniff_delimiter(first + "\n") or ","
    names = [one.strip().casefold() for one in cells(first, delimiter)]
    return (delimiter, names) if set(names) >= _NEEDED and set(names) & set(_NUMBERS) else None


class GitlabCsvReader:
    """Reads GitLab's CSV exports; an issue's creation and closing are events."""

    name = "gitlab-csv"
    version = "1"
    title = "GitLab: CSV exports of issues and merge requests"
    suffixes = (".csv",)

    def score(self, sample: Sample) -> float:
        """0.98 for the columns of GitLab's export, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        return 0.98 if _header_of(sample.text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the rows, in file order."""
        teller = TrackerTeller(source, self, system="gitlab")
        encoding = plain_encoding(source)
        mark = mark_length(source.head)
        source.structure_bytes(0, mark)
        header = _header_of(source.head.decode(encoding, errors="replace"))
        delimiter, names = header or (",", [])
        with source.open() as stream:
            stream.read(mark)
            is_header = True
            for record in read_records(
                stream, start=mark, delimiter=delimiter, encoding=encoding, width=len(names) or None
            ):
                text = record.raw.decode(encoding, errors="replace").rstrip("\r\n")
                if not text.strip():
                    source.blank_bytes(record.start, len(record.raw))
                elif is_header:
                    is_header = False
                    source.structure_bytes(record.start, len(record.raw))
                else:
                    row = dict(zip(names, cells(text, delimiter), strict=False))
                    place = Place(
                        f"L{record.line}" if record.line == record.last_line else f"L{record.line}-{record.last_line}",
                        record.start, len(record.raw), record.line,
                    )  # fmt: skip
                    if not row.get("title", "").strip() and not row.get("url", "").strip():
                        source.unparsed_bytes(
                            record.start, record.raw, place=place.locator, reason="a row without a title"
                        )
                        continue
                    source.event_bytes(record.start, len(record.raw))
                    _tell_row(teller, row, place)
                    yield from teller.batches()
        teller.note_absence("notes and resource events (comments, status history)")
        yield from teller.rest()


def _tell_row(teller: TrackerTeller, row: dict[str, str], place: Place) -> None:
    number = next((row[name].strip() for name in _NUMBERS if row.get(name, "").strip()), "")
    url = row.get("url", "").strip()
    path = url.partition("://")[2].partition("/")[2]
    project = path.partition("/-/")[0] if "/-/" in path else path.rpartition("/")[0].rpartition("/")[0]
    mark = "!" if "merge_requests" in url else "#"
    ticket = f"{project}{mark}{number}"
    common: dict[str, Any] = {"zone": "UTC", "unit": project, "record": f"gitlab:{ticket}"}
    body = row.get("description", "")
    kept = ("state", "labels", "milestone", "assignee username", "assignee usernames", "weight", "due date", "confidential",
            "locked", "time estimate", "time spent", "epic title", "source branch", "target branch")  # fmt: skip
    fields = {name.replace(" ", "_"): row.get(name, "").strip() for name in kept}
    parent = teller.tell_created(
        ticket, row.get("title", "").strip(), place, body=body, stamp=row.get("created at (utc)", "").strip(),
        actor=row.get("author username", "").strip() or row.get("author", "").strip(), refs=mentions(body, project),
        fields={**fields, "url": url, "updated": row.get("updated at (utc)", "").strip()}, **common,
    )  # fmt: skip
    closed = row.get("closed at (utc)", "").strip()
    if closed:
        teller.tell(
            "ticket.closed", f"{ticket} closed", place, stamp=closed, subject=ticket, parent=parent, **common
        )  # fmt: skip
