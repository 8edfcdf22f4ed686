"""`Teller`: the events of records (tickets, mail, chat, meetings) as a reader tells them, dated and batched.

The decision hidden here: what every row of a record needs. A reader says kind, message, place and stamps as written; ids,
spans, times, what was known when, assumptions and provenance are filled in here, one batch after another, so that two
readers cannot fill them differently.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import SourceKind
from rca.moments.moment import Basis, Moment, TimeKind
from rca.moments.stamps import Stamp
from rca.reading.dating import Dating
from rca.reading.source import Source
from rca.reading.tickets.snapshot import fold_snapshot

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COVERAGE", "Place", "Teller", "one_line"]

COVERAGE = "RCA190"
"""The code of coverage notes: what a source does not contain, so that absence in it is not read as evidence."""
_HALF = re.compile("[\ud800-\udfff]")
_BATCH = 20_000
_LINE = 500
_LONG = 200_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a stream: locator, first byte, length and line.

    `start` is None in a container format without byte spans (docx, pdf, msg); then the id comes from the locator.
    """

    locator: str
    start: int | None = None
    length: int | None = None
    line: int | None = None


def one_line(text: str, limit: int = _LINE) -> str:
    r"""`text` with all white space as single blanks, cut to `limit` characters.

    >>> one_line(" log-in \n failed ")
    'log-in failed'
    """
    line = " ".join(text[: limit * 8].split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _whole(value: Any) -> Any:
    """`value`, in whose texts halves of characters (an escape of one surrogate alone) are shown as unknown ones."""
    if isinstance(value, str):
        return value if value.isascii() else _HALF.sub("\ufffd", value)
    return [_whole(one) for one in value] if isinstance(value, list) else value


class Teller:
    """Collects the events of one source and hands them out as batches.

    `order_samples` tells the order of day and month where stamps are in figures; `read` is tried on each stamp before the
    layouts of `rca.reading.dating`. Undated links and states of a ticket go into its creation (`rca.reading.tickets.snapshot`).
    """

    def __init__(
        self,
        source: Source,
        reader: Any,
        *,
        source_kind: SourceKind,
        code: str,
        read: Callable[[str], Stamp | None] | None = None,
        order_samples: Sequence[str] = (),
    ) -> None:
        self.source = source
        self.code = code
        self.dating = Dating(source, samples=order_samples, code=code, read=read)
        self.events = 0
        self._reader = reader
        self._source_kind = source_kind.value
        self._rows: list[dict[str, Any]] = []
        self._stamps: list[tuple[str, str]] = []
        self._ends: list[str] = []
        self._knowns: list[str] = []
        self._ids: dict[int, int] = {}
        self._marks: dict[str, int] = {}
        self._noted: set[str] = set()

    def tell(
        self,
        kind: str,
        message: str,
        place: Place,
        *,
        stamp: str = "",
        zone: str = "",
        moment: Moment | None = None,
        end: str = "",
        known: str = "",
        time_kind: TimeKind = TimeKind.OCCURRED,
        record: str = "",
        text: str = "",
        audience: Sequence[str] = (),
        refs: Sequence[str] = (),
        fields: Mapping[str, Any] | None = None,
        assumptions: Sequence[str] = (),
        **columns: Any,
    ) -> str:
        """Take an event; its id, for the `parent` of others.

        Args:
            kind: a kind of `rca.events.kinds`.
            message: what happened, made one line.
            place: where it stands.
            stamp: its time as written, "" where none is.
            zone: the IANA zone that the record itself states for `stamp`, `end` and `known`.
            moment: its time, where the reader has settled it already (spoken dates).
            end: when it ended, as written.
            known: by when the source held it, as written.
            time_kind: what the time means.
            record: the id of the record that its events share.
            text: the full text, kept as attribute `text` where `message` is not all of it.
            audience: who was addressed or present.
            refs: identifiers found in it.
            fields: further named values.
            assumptions: ids from `Source.assume` that it rests on.
            columns: further columns of the event (actor, subject, component, unit, channel, parent, severity, …).
        """
        source = self.source
        line = one_line(message)
        more = dict(fields or {})
        whole = text or message
        if whole and whole.strip() != line:
            more["text"] = whole.strip()[:_LONG]
        row: dict[str, Any] = {
            "event_id": self._new_id(place),
            "record_id": record or None,
            "source_kind": self._source_kind,
            "kind": kind,
            "time_basis": Basis.UNDATED.value,
            "time_kind": time_kind.value,
            "message": line,
            "audience": list(audience) or None,
            "refs": list(dict.fromkeys(refs)) or None,
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(place.locator),
            "byte_start": place.start,
            "byte_length": place.length,
            "line": place.line,
            "reader": self._reader.name,
            "reader_version": self._reader.version,
            "reliability": source.declared.reliability or None,
            "assumptions": list(assumptions) or None,
            "attributes": attributes(more),
            **{name: value for name, value in columns.items() if value not in ("", None)},
        }
        if moment is not None:
            row |= {
                "time": moment.earliest,
                "time_earliest": moment.earliest,
                "time_latest": moment.latest,
                "time_text": moment.text or None,
                "time_precision": moment.precision.value,
                "time_basis": moment.basis.value,
            }
        self._rows.append({name: _whole(value) for name, value in row.items()})
        self._stamps.append(("" if moment is not None else _whole(stamp), zone))
        self._ends.append(_whole(end))
        self._knowns.append(_whole(known))
        self.events += 1
        return str(row["event_id"])

    def note_absence(self, what: str, *, place: str = "", hint: str = "") -> None:
        """A coverage note, once: `what` this source does not contain ("no status history")."""
        if what not in self._noted:
            self._noted.add(what)
            advice = hint or "Its absence here is no evidence that it did not happen."
            self.source.issue(
                COVERAGE, Severity.INFO, f"Not in this source: {what}", place=place, hint=advice
            )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """A batch, where enough events wait for one. Call it after each record."""
        if len(self._rows) >= _BATCH:
            yield self._flush()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """The last batch."""
        if self._rows:
            yield self._flush()

    def _new_id(self, place: Place) -> str:
        """The id of an event; events at the same byte are told apart by their number, then by their locator."""
        key = self.source.stream_key
        if place.start is not None:
            index = self._ids.get(place.start, 0)
            self._ids[place.start] = index + 1
            if index < 256:
                return event_id(key, place.start, index)
        number = self._marks.get(place.locator, 0)
        self._marks[place.locator] = number + 1
        mark = f"{place.locator}#{number}" if number else place.locator
        return key[:12] + hashlib.sha256(mark.encode()).hexdigest()[:12]

    def _flush(self) -> pa.RecordBatch:
        rows = self._rows
        told = [index for index, row in enumerate(rows) if row.get("time") is None]
        self.dating.date(
            [rows[i] for i in told], [self._stamps[i][0] for i in told], [self._stamps[i][1] for i in told]
        )
        for index, end in self._further(self._ends).items():
            if rows[index].get("time") is not None and end["time"] >= rows[index]["time"]:
                rows[index]["time_end"] = end["time"]
        for index, held in self._further(self._knowns).items():
            rows[index]["known_time"], rows[index]["known_basis"] = held["time_latest"], "stated"
        for row in rows:
            if row.get("assumptions"):
                row["assumptions"] = list(dict.fromkeys(row["assumptions"]))
        if self._source_kind == SourceKind.TICKET.value:
            rows = fold_snapshot(rows, self._knowns)
            self.events -= len(self._rows) - len(rows)
        self._rows, self._stamps, self._ends, self._knowns = [], [], [], []
        return batch(rows)

    def _further(self, texts: list[str]) -> dict[int, dict[str, Any]]:
        """The times of further stamps, by the number of their row; the row rests on their assumptions too."""
        chosen = [index for index, text in enumerate(texts) if text]
        if not chosen:
            return {}
        places: list[dict[str, Any]] = [{"locator": self._rows[index]["locator"]} for index in chosen]
        zones = [self._stamps[index][1] for index in chosen]
        self.dating.date(places, [texts[index] for index in chosen], zones)
        found: dict[int, dict[str, Any]] = {}
        for index, place in zip(chosen, places, strict=True):
            if place.get("time") is not None:
                found[index] = place
                row = self._rows[index]
                row["assumptions"] = [
                    *(row.get("assumptions") or ()),
                    *(place.get("assumptions") or ()),
                ] or None
        return found
