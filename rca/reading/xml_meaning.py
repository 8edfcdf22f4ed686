"""What one element of an XML log says: the event's columns, the stamp as text, and the rest as named fields.

The decision hidden here: the vocabularies. Windows event XML, java.util.logging, log4j 1 and 2 are known by their own
element names; any other flat list is read by the names that its attributes and leaves go by (`exports`).

References:
    Windows event schema (System/TimeCreated/@SystemTime is UTC, MS-EVEN6 2.2.14); java.util.logging.XMLFormatter and
    its logger.dtd; log4j 1.2 XMLLayout and log4j.dtd; log4j 2 XmlLayout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rca.reading.exports import Export, recognise
from rca.reading.lines.formats import severity_number
from rca.reading.xml_elements import Element

__all__ = ["Said", "Shape", "find_shape", "say"]

_WINDOWS_LEVELS = {"0": 9, "1": 21, "2": 17, "3": 13, "4": 9, "5": 5}
_JUL_LEVELS = {"1000": 17, "900": 13, "800": 9, "700": 9, "500": 5, "400": 3, "300": 1}
_NIL = ("", "-")
_LONG = 400


@dataclass(slots=True)
class Said:
    """What one record says. `zone` is the zone that its format states for a stamp without an offset."""

    stamp: str = ""
    zone: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which element of a stream is a record, and how it is read: windows, jul, log4j, log4j2 or list."""

    tag: str
    how: str
    names: tuple[str, ...] = ()
    export: Export | None = None


def say(element: Element, shape: Shape) -> Said:
    """What an element says, read as its shape has it."""
    read = {"windows": _windows, "jul": _jul, "log4j": _log4j, "log4j2": _log4j2}.get(shape.how)
    said = read(element) if read else _listed(element, shape)
    said.fields = {name: value for name, value in said.fields.items() if value not in _NIL}
    return said


def _words(text: str) -> str:
    return " ".join(text.split())


def _gather(pairs: Iterable[tuple[str, str]], found: dict[str, str] | None = None) -> dict[str, str]:
    """Names and values as one mapping, added to `found`; the values of a name that stands twice are joined."""
    found = {} if found is None else found
    for name, value in pairs:
        found[name] = f"{found[name]}; {value}" if found.get(name) else value
    return found


def _set(columns: dict[str, Any], **values: str) -> None:
    for name, value in values.items():
        if value.strip() not in _NIL:
            columns[name] = value.strip()


def _set_severity(columns: dict[str, Any], text: str, numbers: Mapping[str, int]) -> None:
    if text:
        columns["severity_text"] = text
        columns["severity"] = numbers.get(text) or severity_number(text)


def _windows(element: Element) -> Said:
    said = Said(zone="UTC")
    system = element.child("System") or Element("")
    pairs: list[tuple[str, str]] = []
    for position, one in enumerate((element.child("EventData") or Element("")).children, start=1):
        name = one.attributes.get("Name", "") or (f"param{position}" if one.local == "Data" else one.local)
        pairs.append((name, one.text.strip()))
    for name in ("UserData", "DebugData", "ProcessingErrorData", "BinaryEventData"):
        part = element.child(name)
        if part is not None:
            pairs.extend(part.leaves())
    data = _gather(pairs)
    attribute = {one.local: one.attributes for one in system.children}
    created = attribute.get("TimeCreated", {})
    said.stamp = created.get("SystemTime", "") or created.get("RawTime", "")
    provider = attribute.get("Provider", {}).get("Name", "") or attribute.get("Provider", {}).get(
        "EventSourceName", ""
    )
    event = system.text_of("EventID")
    rendering = element.child("RenderingInfo") or Element("")
    level = system.text_of("Level")
    said.fields = {
        "EventID": event,
        "EventRecordID": system.text_of("EventRecordID"),
        "Task": rendering.text_of("Task") or system.text_of("Task"),
        "Opcode": rendering.text_of("Opcode") or system.text_of("Opcode"),
        "Keywords": system.text_of("Keywords"),
        "Version": system.text_of("Version"),
        "ProcessID": attribute.get("Execution", {}).get("ProcessID", ""),
        "ThreadID": attribute.get("Execution", {}).get("ThreadID", ""),
        "Qualifiers": attribute.get("EventID", {}).get("Qualifiers", ""),
        "SecurityUserID": attribute.get("Security", {}).get("UserID", ""),
    }
    for name, value in data.items():
        said.fields[f"EventData.{name}" if said.fields.get(name) else name] = value
    detail = "; ".join(f"{name}={value}" for name, value in data.items() if value not in _NIL)
    message = _words(rendering.text_of("Message")) or _words(f"{provider} {event}: {detail}")[:_LONG].rstrip(
        ": "
    )
    user = data.get("SubjectUserName", "")
    domain = data.get("SubjectDomainName", "")
    actor = (f"{domain}\\{user}" if domain not in _NIL else user) if user not in _NIL else ""
    _set(
        said.columns,
        message=message,
        component=provider,
        subject=system.text_of("Computer"),
        channel=system.text_of("Channel"),
        actor=actor or attribute.get("Security", {}).get("UserID", ""),
        trace_id=attribute.get("Correlation", {}).get("ActivityID", "").strip("{}"),
    )
    _set_severity(said.columns, rendering.text_of("Level") or level, _WINDOWS_LEVELS)
    if said.columns.get("severity") is None and level in _WINDOWS_LEVELS:  # a translated word says no number
        said.columns["severity"] = _WINDOWS_LEVELS[level]
    return said


def _jul(element: Element) -> Said:
    said = Said(fields=_gather(element.leaves()))
    date, millis = said.fields.get("date", ""), said.fields.pop("millis", "")
    if re.search(r"(?:Z|[+-]\d\d:?\d\d)$", date) or not millis:
        said.stamp = date
        said.fields.pop("date", None)
    else:
        said.stamp = millis  # before Java 9 the date is local time without a zone, the count is not
    _set(
        said.columns,
        message=_words(
            said.fields.pop("message", "") or said.fields.get("key", "") or element.text_of("exception")
        ),
        component=said.fields.pop("logger", "") or said.fields.get("class", ""),
    )
    _set_severity(said.columns, said.fields.pop("level", ""), _JUL_LEVELS)
    exception = element.child("exception")
    if exception is not None:
        said.fields = {k: v for k, v in said.fields.items() if not k.startswith("exception.")}
        said.fields["exception"] = _words(exception.text_of("message"))[:_LONG]
    return said


def _log4j(element: Element) -> Said:
    said = Said(fields={k: v for k, v in element.attributes.items() if not k.startswith("xmlns")})
    said.stamp = said.fields.pop("timestamp", "")
    for one in element.children:
        if one.local == "locationInfo":
            _gather(one.attributes.items(), said.fields)
        elif one.local == "properties":
            named = ((d.attributes.get("name", "data"), d.attributes.get("value", "")) for d in one.children)
            _gather(named, said.fields)
        elif one.local == "throwable":
            said.fields["throwable"] = _words(one.text)[:_LONG]
        elif one.local != "message":
            said.fields[one.local] = one.text.strip()
    _set(said.columns, message=_words(element.text_of("message")), component=said.fields.pop("logger", ""))
    _set_severity(said.columns, said.fields.pop("level", ""), {})
    return said


def _log4j2(element: Element) -> Said:
    said = Said(fields={k: v for k, v in element.attributes.items() if not k.startswith("xmlns")})
    instant = (element.child("Instant") or element.child("instant") or Element("")).attributes
    millis = said.fields.pop("timeMillis", "")
    said.stamp = millis
    if instant.get("epochSecond"):
        said.stamp = f"{instant['epochSecond']}.{instant.get('nanoOfSecond', '0').zfill(9)}"
    thrown = element.child("Thrown")
    if thrown is not None:
        said.fields["thrown"] = _words(
            " ".join(v for k, v in thrown.attributes.items() if k in ("name", "message"))
        )
    for one in element.children:
        if one.local == "ContextMap":
            named = ((i.attributes.get("key", "item"), i.attributes.get("value", "")) for i in one.children)
            _gather(named, said.fields)
        elif one.local == "Source":
            _gather(one.attributes.items(), said.fields)
        elif one.local == "Marker":
            said.fields["marker"] = one.attributes.get("name", "")
    _set(
        said.columns,
        message=_words(element.text_of("Message")),
        component=said.fields.pop("loggerName", "") or said.fields.pop("logger", ""),
    )
    _set_severity(said.columns, said.fields.pop("level", ""), {})
    return said


def _listed(element: Element, shape: Shape) -> Said:
    found = _gather(element.leaves())
    if element.text.strip():
        found.setdefault("text", _words(element.text))
    export = shape.export
    assert export is not None
    values = [found.pop(name, "") for name in shape.names]
    stamp, column = export.time_text(values)
    said = Said(stamp=stamp, zone="UTC" if column in export.utc else "", fields=found)
    said.columns["time_kind"] = export.time_kind(column)
    used = {column, export.clock}
    for target, index in export.columns.items():
        if values[index].strip() in _NIL:
            continue
        used.add(index)
        if target == "severity":
            _set_severity(said.columns, values[index].strip(), {})
        else:
            said.columns[target] = _words(values[index])
    said.fields |= {name: values[i] for i, name in enumerate(shape.names) if i not in used}
    rest = " · ".join(_words(v) for v in said.fields.values() if v.strip())[:_LONG]
    said.columns.setdefault("message", rest or _words(element.text) or element.local)
    return said


# -- finding the shape ------------------------------------------------------------------------------------

_FOREIGN = re.compile(
    r"<(?:\w+:)?(?:AuditMessage|rss|feed|RDF|bugzilla|mantis|issues?|unload|tickets?|workitems?|html|svg|"
    r"ClinicalDocument|urlset|icalendar|office|Workbook|document|project|metadata)[\s>]"
    r"|http://hl7\.org/fhir|urn:hl7-org:v3",
    re.IGNORECASE,
)
_WINDOWS = re.compile(r"<Event[\s>](?:[^<]|<(?!/Event>)){0,2000}?<TimeCreated\s")
_WINDOWS_SPACE = re.compile(
    r"<Event\s[^<>]*xmlns=[\"']http://schemas\.microsoft\.com/win/2004/08/events/event"
)
_JUL = re.compile(r"<record>\s*<(?:date|millis|sequence)>[^<]*<")
_LOG4J = re.compile(r"<(log4j:event|event)\s(?=[^<>]*\blogger=)(?=[^<>]*\btimestamp=[\"']\d{9,})")
_LOG4J2 = re.compile(
    r"<(Event)\s(?=[^<>]*(?:\btimeMillis=|http://logging\.apache\.org/log4j/2)|[^<>]*\bloggerName=)"
)


def find_shape(text: str, elements: Sequence[Element]) -> tuple[Shape | None, float]:
    """The shape of the records that the beginning of a stream shows, and how sure that is, from 0 to 1."""
    if _FOREIGN.search(text[:4_000]):
        return None, 0.0
    if _WINDOWS_SPACE.search(text) or _WINDOWS.search(text):
        return Shape("Event", "windows"), 0.98
    if _JUL.search(text):
        return Shape("record", "jul"), 0.98
    for pattern, how in ((_LOG4J, "log4j"), (_LOG4J2, "log4j2")):
        found = pattern.search(text)
        if found:
            return Shape(found[1], how), 0.98
    return _find_list(elements)


def _find_list(elements: Sequence[Element]) -> tuple[Shape | None, float]:
    """The element that recurs with a date of its own: the most frequent, then the one that says most."""
    groups: dict[str, list[dict[str, str]]] = {}
    level, depth = list(elements), 0
    while level and depth < 12:
        for one in level:
            if one.attributes or any(not child.children for child in one.children):
                own = [(k, v) for k, v in one.leaves() if "." not in k]
                if own and len(groups.setdefault(one.name, [])) < 200:
                    groups[one.name].append(_gather(own))
        level, depth = [child for one in level for child in one.children][:5_000], depth + 1
    best: tuple[tuple[int, int], Shape] | None = None
    for tag, found in groups.items():
        if len(found) < 2:
            continue
        names = tuple(dict.fromkeys(name for row in found for name in row))
        rows = [[row.get(name, "") for name in names] for row in found]
        export = recognise(names, rows)
        if export is None or not export.is_log:
            continue
        dated = sum(bool(export.time_text(row)[0]) for row in rows)
        if dated >= 2 and (best is None or (dated, len(names)) > best[0]):
            best = ((dated, len(names)), Shape(tag, "list", names, export))
    return (best[1], 0.92) if best else (None, 0.0)
