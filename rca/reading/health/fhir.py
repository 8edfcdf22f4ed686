"""FHIR resources, JSON or XML: alone, one a line, in arrays and in bundles within bundles; one event a resource.

The decision hidden here: what a stream of resources is, and where each resource lies. A bundle is entered and an entry
is the record of its resource; what is contained in a resource belongs to it. `meta.lastUpdated` is when a server held
a resource, never when something happened.

References:
    HL7 FHIR R5, 2.1.17 to 2.1.19 (XML, JSON, NDJSON), Bundle, Resource.meta; R4, STU3 and DSTU2 alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import attributes, batch, event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary, mark_length
from rca.moments.moment import Basis
from rca.reading.health.fhir_meaning import Said, is_bundle_entry, say_resource
from rca.reading.health.fhir_times import TYPES, FhirDating
from rca.reading.health.fhir_xml import Piece, cut_resources, is_fhir_xml, resource_of
from rca.reading.json_spans import Stretch, iter_spans
from rca.reading.json_walk import peek
from rca.reading.lines.keyed import load_object
from rca.reading.source import Sample, Source
from rca.reading.window import Window, plain_encoding, xml_encoding
from rca.reading.xml_elements import parse_elements

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FhirReader"]

_CODE = "RCA187"
_BATCH = 20_000
_MANY = 100
_LEAD = " \t\r\n\0\x1e\ufeff"
_AUDITS = ("AuditEvent", "SecurityEvent")
_PLAIN = frozenset(
    {"Account", "Basic", "Contract", "Device", "Endpoint", "Evidence", "Flag", "Goal", "Group", "Ingredient", "Invoice",
     "Library", "Linkage", "List", "Location", "Measure", "Media", "Order", "Organization", "Permission", "Person",
     "Requirements", "Schedule", "Sequence", "Slot", "Subscription", "Substance", "Task", "Transport"}
)  # fmt: skip
"""Resources whose name another log may give to something of its own."""
_SIGNS = ("meta", "identifier", "text", "extension", "contained", "code", "subject", "status", "type")
_NAME = re.compile(r"[A-Z][A-Za-z]{1,60}")
_BUNDLE = re.compile(r'\{(?:[^{}\[\]]{0,380}?"resourceType"\s*+:\s*+"Bundle"|\s*+"entry"\s*+:\s*+\[)')
_ENTRIES = re.compile(r'\[\s*+\{\s*+"(?:fullUrl|resource|link|request|response|search|id|extension)"\s*+:')
_OBJECTS = re.compile(r"\[\s*+\{")


class FhirReader:
    """Reads FHIR resources, JSON or XML, one event a resource."""

    name = "fhir"
    version = "1"
    title = "FHIR: audit events and other resources, in JSON, NDJSON, XML and bundles"
    suffixes = (".json", ".ndjson", ".xml")

    def score(self, sample: Sample) -> float:
        """0.98 where the values at the beginning are resources, or the root element is one; else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        text = sample.text.lstrip(_LEAD)
        if text.startswith("<"):
            return 0.98 if is_fhir_xml(text) else 0.0
        return 0.98 if _is_fhir_json(text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the resources, in file order."""
        stream = _Stream(source)
        rows: list[dict[str, Any]] = []
        for row in stream.rows():
            rows.append(row)
            if len(rows) >= _BATCH:
                yield batch(stream.dated(rows))
                rows = []
        if rows:
            yield batch(stream.dated(rows))
        stream.report()


# -- what is FHIR -----------------------------------------------------------------------------------------


def _is_fhir_json(text: str) -> bool:
    """Whether most values at the beginning are resources; a few lines that are none do not count."""
    if '"resourceType"' not in text:
        return False
    if text[:1] in ("{", "["):
        values = [one for value in peek(text) for one in (value if isinstance(value, list) else [value])][
            :200
        ]
        found = sum(_is_resource(value) for value in values)
        if len(values) > 1 or found:
            return found * 2 > len(values)
    lines = [line for line in text.splitlines()[:200] if line.strip()]  # the first line is broken
    found = sum(_is_resource(load_object(line.strip(_LEAD))) for line in lines)
    return found > 0 and found * 2 > len(lines)


def _is_resource(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    kind = value.get("resourceType")
    if kind is None and isinstance(
        value.get("entry"), list
    ):  # the type of the bundle comes behind its entries
        return any(isinstance(one, dict) and _is_resource(one.get("resource")) for one in value["entry"][:20])
    if not isinstance(kind, str) or kind not in TYPES:
        return False
    return kind not in _PLAIN or any(
        name in value and isinstance(value[name], (dict, list)) for name in _SIGNS
    )


def _enters(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    """Whether a value is entered: the entries of a bundle, and a bundle in an entry."""
    if key == "entry":
        kind = members.get("resourceType")
        return (_ENTRIES if kind is None else _OBJECTS).match(ahead) is not None and kind in (None, "Bundle")
    return key == "resource" and "resourceType" not in members and _BUNDLE.match(ahead) is not None


# -- reading ----------------------------------------------------------------------------------------------


class _Stream:
    """One stream on its way: its resources, and the stamps that wait for their times."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.mark = mark_length(source.head)
        source.structure_bytes(0, self.mark)
        self.is_xml = source.sample.text.lstrip(_LEAD).startswith("<")
        self.encoding = xml_encoding(source) if self.is_xml else plain_encoding(source)
        self.dating = FhirDating(source, code=_CODE)
        self.has_order = False
        self.told: list[Said] = []
        self.audits = 0
        self.faults = 0
        self.timeless: list[str] = []

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all resources; what stands between them is booked."""
        with self.source.open() as stream:
            stream.read(self.mark)
            if self.is_xml:
                for piece in cut_resources(Window(stream, start=self.mark, encoding=self.encoding)):
                    if (row := self._take_xml(piece)) is not None:
                        yield row
                return
            for stretch in iter_spans(stream, _enters, start=self.mark, encoding=self.encoding):
                if (row := self._take_json(stretch)) is not None:
                    yield row

    def _take_json(self, stretch: Stretch) -> dict[str, Any] | None:
        value = stretch.value
        if value is None:
            self._leave(stretch)
            return None
        entry = value if "resourceType" not in value else {}
        inner = entry.get("resource")
        resource = inner if isinstance(inner, dict) else value
        kind = resource.get("resourceType")
        is_named = isinstance(kind, str) and _NAME.fullmatch(kind) is not None
        if not is_named and not (kind is None and is_bundle_entry(entry)):
            self._leave(stretch, reason="an object that is no FHIR resource")
            return None
        said = say_resource(resource)
        if resource is not value:
            self._say_entry(said, entry)
        return self._row(stretch, f"J{stretch.pointer}", str(kind or ""), said)

    def _say_entry(self, said: Said, entry: Mapping[str, Any]) -> None:
        """What the entry around a resource says of it."""
        around = say_resource({name: entry[name] for name in ("request", "response") if name in entry})
        said.fields |= {name: text for name, text in around.fields.items() if name.startswith("re")}
        said.stored = said.stored or around.stamp

    def _take_xml(self, piece: Piece) -> dict[str, Any] | None:
        if piece.what != "resource":
            self._leave(piece)
            return None
        place = f"L{piece.line}" if piece.line == piece.last_line else f"L{piece.line}-{piece.last_line}"
        elements = parse_elements(piece.raw.decode(self.encoding, errors="backslashreplace"))
        if not elements:
            self._leave(piece, reason="a resource that breaks off in its first tag")
            return None
        if not piece.is_whole:
            self._warn(
                "The resource breaks off before its end", place, "What was written is kept; is the file cut?"
            )
        return self._row(piece, place, elements[0].local, say_resource(resource_of(elements[0])))

    def _leave(self, part: Stretch | Piece, *, reason: str = "") -> None:
        """Book a stretch that is no event."""
        source, length = self.source, len(part.raw)
        book: dict[str, Callable[[int, int], None]] = {
            "blank": source.blank_bytes, "structure": source.structure_bytes,
        }  # fmt: skip
        if not reason and part.what in book:
            book[part.what](part.start, length)
            return
        reason = reason or part.reason or "no FHIR resource"
        place = f"L{part.line}" if part.line == part.last_line else f"L{part.line}-{part.last_line}"
        source.unparsed_bytes(part.start, part.raw, place=place, reason=reason)
        self._warn(f"Not read: {reason}", place, "Is the file cut or still being written? The rest is read.")

    def _warn(self, message: str, place: str, hint: str) -> None:
        self.faults += 1
        if self.faults <= _MANY:
            self.source.issue(_CODE, Severity.WARNING, message, place=place, hint=hint)

    def _row(self, part: Stretch | Piece, place: str, kind: str, said: Said) -> dict[str, Any]:
        source = self.source
        source.event_bytes(part.start, len(part.raw))
        is_audit = kind in _AUDITS
        self.audits += is_audit
        if is_audit and not said.stamp:
            self.timeless.append(place)
        self.told.append(said)
        return {
            "event_id": event_id(source.stream_key, part.start),
            "source_kind": SourceKind.LOG.value,
            "kind": "fhir.audit" if is_audit else "fhir.resource",
            "time_basis": Basis.UNDATED.value,
            "time_kind": said.time_kind.value,
            "exhibit": source.declared.exhibit or None,
            "locator": source.locator(place),
            "byte_start": part.start,
            "byte_length": len(part.raw),
            "line": part.line,
            "reader": FhirReader.name,
            "reader_version": FhirReader.version,
            "reliability": source.declared.reliability or None,
            **said.columns,
            "attributes": attributes(said.fields),
        }

    # -- time ---------------------------------------------------------------------------------------------

    def dated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a batch with their times, their ends, and when a server held them."""
        told, self.told = self.told, []
        stamps = [said.stamp for said in told]
        if not self.has_order:
            self.dating.tell_order(stamps)
            self.has_order = True
        self.dating.date(rows, stamps)
        ends = self._settle(rows, [said.end for said in told])
        stored = self._settle(rows, [said.stored for said in told])
        for index, end in ends.items():
            time = rows[index].get("time")
            if time is not None and end["time"] >= time:
                rows[index]["time_end"] = end["time"]
        for index, held in stored.items():
            rows[index]["known_time"], rows[index]["known_basis"] = held["time_latest"], "stated"
        return rows

    def _settle(self, rows: list[dict[str, Any]], texts: list[str]) -> dict[int, dict[str, Any]]:
        """The times of further stamps, by the number of their row."""
        chosen = [index for index, text in enumerate(texts) if text]
        places: list[dict[str, Any]] = [{"locator": rows[index]["locator"]} for index in chosen]
        self.dating.date(places, [texts[index] for index in chosen])
        found: dict[int, dict[str, Any]] = {}
        for index, place in zip(chosen, places, strict=True):
            if place.get("time") is not None:
                found[index] = place
                reasons = dict.fromkeys(
                    [*(rows[index].get("assumptions") or ()), *(place.get("assumptions") or ())]
                )
                rows[index]["assumptions"] = list(reasons) or None
        return found

    def report(self) -> None:
        """What was found wrong on the way, once."""
        if self.timeless:
            self.source.issue(
                _CODE,
                Severity.WARNING,
                f"{len(self.timeless)} of {self.audits} audit events state no time; they stay undated",
                place=self.timeless[0],
                hint="meta.lastUpdated is when they were stored. Their order in the file is kept.",
            )
