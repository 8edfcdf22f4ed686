"""Calendar files (iCalendar, vCalendar): appointments, occurrences, answers, cancellations, tasks and journal entries.

The decision hidden here: what a calendar is evidence of. An appointment is scheduled, never held; an answer is an answer,
never attendance; a cancellation is told at the time at which the calendar was changed, where it states one. Recurring
appointments are told once as they are written and once an occurrence, with moved and cancelled ones in their places.
Files are read twice, line by line: zones and moved occurrences may stand behind what needs them.

References:
    RFC 5545 (iCalendar); RFC 5546 (iTIP: METHOD, SEQUENCE, DTSTAMP); vCalendar 1.0; RFC 7986 (names of calendars).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.batches import event_id
from rca.events.schema import SourceKind
from rca.evidence.opening import is_binary
from rca.moments.moment import Moment, TimeKind
from rca.reading.calendars.content import Component, Item, ItemKind, Line, read_items
from rca.reading.calendars.occurrences import (
    Appointment,
    Occurrences,
    known_stamp,
    line_place,
    place_of,
    utc_stamp,
)
from rca.reading.calendars.people import Invited, invited, organizer
from rca.reading.calendars.times import Clock, Stated, read_stated
from rca.reading.calendars.zones import FileZone
from rca.reading.source import Sample, Source
from rca.reading.telling import Teller, one_line

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CalendarReader"]

CODE = "RCA195"
_BEGIN = re.compile(r"(?im)^BEGIN:(VCALENDAR|VEVENT|VTODO|VJOURNAL|VTIMEZONE|VFREEBUSY)[ \t]*\r?$")
_STAMPS = ("DTSTAMP", "LAST-MODIFIED", "CREATED", "COMPLETED", "DCREATED")
_TOLD = {"VEVENT": "calendar.event", "VTODO": "calendar.task", "VJOURNAL": "calendar.note"}
_ANSWERED = {"tentative": "answered tentatively to", "delegated": "passed on"}
_MOST_ISSUES = 50
_MOST_KNOWN = 1_000_000
_KEPT = {
    "STATUS": "status", "LOCATION": "location", "CATEGORIES": "categories", "PRIORITY": "priority", "CLASS": "class",
    "URL": "url", "TRANSP": "transparency", "SEQUENCE": "sequence", "CREATED": "created", "DCREATED": "created",
    "DTSTAMP": "stamped", "LAST-MODIFIED": "modified", "RRULE": "rule", "RECURRENCE-ID": "recurrence_id",
    "PERCENT-COMPLETE": "percent_complete", "RELATED-TO": "related_to", "CONTACT": "contact", "COMMENT": "comment",
    "X-MICROSOFT-CDO-BUSYSTATUS": "busy", "X-MICROSOFT-SKYPETEAMSMEETINGURL": "meeting_url", "CONFERENCE": "meeting_url",
    "X-GOOGLE-CONFERENCE": "meeting_url", "REQUEST-STATUS": "request_status",
}  # fmt: skip


class CalendarReader:
    """Reads calendars."""

    name = "ics"
    version = "1"
    title = "calendars: iCalendar and vCalendar"
    suffixes = (".ics", ".ical", ".ifb", ".vcs", ".icalendar")

    def score(self, sample: Sample) -> float:
        """0.98 for a file that begins with a calendar or a part of one, 0.93 for one with a few lines before it, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        text = sample.text.lstrip("\ufeff \t\r\n").replace("\r\n", "\n").replace("\r", "\n")
        found = _BEGIN.search(text)
        if found is None:
            return 0.0
        if found.start() == 0:
            return 0.98
        return 0.93 if found[1].upper() == "VCALENDAR" and text.count("\n", 0, found.start()) < 10 else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the calendars, in file order."""
        survey = _survey(source)
        telling = _Telling(source, self, survey)
        for item in read_items(source):
            telling.take(item)
            yield from telling.teller.batches()
        telling.close()
        yield from telling.teller.rest()


# -- first reading --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Survey:
    """What has to be known before the first appointment is told."""

    rules: dict[str, FileZone] = field(default_factory=dict)
    shown_in: list[str] = field(default_factory=list)
    moved: dict[int, list[Stated]] = field(default_factory=dict)
    masters: dict[int, int] = field(default_factory=dict)
    last: dt.datetime | None = None


def _key(uid: str) -> int:
    return int.from_bytes(hashlib.sha256(uid.encode("utf-8", "replace")).digest()[:8], "big")


def _survey(source: Source) -> _Survey:
    found = _Survey()
    for item in read_items(source):
        if item.kind is ItemKind.OPENED:
            found.shown_in.append("")
        elif item.property is not None and item.property.name in ("X-WR-TIMEZONE", "TIMEZONE-ID"):
            found.shown_in = found.shown_in or [""]
            found.shown_in[-1] = found.shown_in[-1] or item.property.text.strip()
        elif item.component is not None:
            _look_at(item.component, found)
    return found


def _look_at(component: Component, found: _Survey) -> None:
    if component.name == "VTIMEZONE":
        zone = FileZone.of(component)
        if len(found.rules) < 2_000:
            found.rules.setdefault(zone.name, zone)
        return
    for name in _STAMPS:
        _reach(found, read_stated(component.text(name)))
    uid = component.text("UID")
    if component.name not in _TOLD or not uid:
        return
    line = component.first("RECURRENCE-ID")
    if line is not None:
        stated = read_stated(line.value, line.params.get("TZID", ""))
        if stated is not None:
            found.moved.setdefault(_key(uid), []).append(stated)
            _reach(found, stated)
    elif len(found.masters) < _MOST_KNOWN:
        found.masters.setdefault(_key(uid), component.start)


def _reach(found: _Survey, stated: Stated | None) -> None:
    """Note a stamp as the last of the file, where it is; years that no calendar of today has don't count."""
    if stated is not None and stated.wall.year < 2200 and (found.last is None or stated.wall > found.last):
        found.last = stated.wall


# -- second reading -------------------------------------------------------------------------------------------


class _Telling:
    """Turns the items of a file into events."""

    def __init__(self, source: Source, reader: CalendarReader, survey: _Survey) -> None:
        self.source = source
        self.survey = survey
        self.teller = Teller(source, reader, source_kind=SourceKind.CALENDAR, code=CODE)
        self.clock = Clock(source, CODE)
        self.clock.rules = survey.rules
        self.calendars = 0
        self.method = self.title = ""
        self.issued: dict[str, int] = {}
        self.occurrences = Occurrences(self.teller, self.clock, survey.last, self._issue)
        if len(survey.shown_in) == 1:
            self.clock.shown_in = survey.shown_in[0]

    def take(self, item: Item) -> None:
        """Book an item's bytes, and tell what it says."""
        if item.kind is ItemKind.BLANK:
            self.source.blank_bytes(item.start, item.length)
            return
        if item.kind is ItemKind.STRAY:
            self.source.unparsed_bytes(
                item.start,
                item.raw,
                place=f"L{item.line}",
                reason="no line of a calendar",
                length=item.length,
            )
            return
        component = item.component
        if component is None:
            self.source.structure_bytes(item.start, item.length)
            self._take_frame(item)
            return
        if not component.is_closed:
            self._issue(
                "open",
                Severity.WARNING,
                f"The {component.name} is not closed",
                component,
                "The file is cut off or was put together by hand; what stands there was read.",
            )
        if component.name not in _TOLD:
            self.source.structure_bytes(item.start, item.length)
            return
        self.source.event_bytes(item.start, item.length)
        self._tell(component)

    def _take_frame(self, item: Item) -> None:
        if item.kind is ItemKind.OPENED:
            shown = self.survey.shown_in
            self.clock.shown_in = shown[self.calendars] if self.calendars < len(shown) else ""
            self.calendars += 1
            self.method = self.title = ""
        elif item.property is not None:
            if item.property.name == "METHOD":
                self.method = item.property.text.strip().upper()
            elif item.property.name in ("X-WR-CALNAME", "NAME"):
                self.title = item.property.text.strip()

    # -- one component --------------------------------------------------------------------------------------

    def _tell(self, component: Component) -> None:
        uid = component.text("UID")
        place = place_of(component)
        start = self.clock.stated(component.first("DTSTART"))
        due = component.first("DUE") if component.name == "VTODO" else None
        main = self.clock.stated(due) if due is not None else start
        moment, rests, stamp = self._dated(component, due or component.first("DTSTART"), main)
        guests = invited(component)
        people = list(dict.fromkeys(one.who for one in guests if one.who and not one.is_resource))
        summary = component.text("SUMMARY") or one_line(component.text("DESCRIPTION"), 120) or "(no title)"
        is_cancelled = component.text("STATUS").upper() == "CANCELLED" or self.method == "CANCEL"
        moved = component.first("RECURRENCE-ID")
        record = f"calendar:{uid}" if uid else f"calendar:{self.source.stream_key[:12]}/{place.locator}"
        columns: dict[str, Any] = {
            "actor": organizer(component),
            "subject": uid,
            "unit": component.text("LOCATION"),
            "channel": self.title,
        }
        told = self.teller.tell(
            _TOLD[component.name],
            f"Cancelled: {summary}" if is_cancelled else summary,
            place,
            stamp=stamp,
            moment=moment,
            end=self._end(component, start) if due is None and moment is not None else "",
            known=known_stamp(component),
            time_kind=TimeKind.DUE if due is not None else TimeKind.SCHEDULED,
            record=record,
            text=_text(component, summary),
            audience=people,
            refs=[uid] if uid else [],
            fields=self._fields(component, guests),
            assumptions=rests,
            parent=self._master(uid, component) if moved is not None else "",
            **columns,
        )
        one = Appointment(component, summary, record, told, people, columns)
        if moment is None and component.name == "VEVENT":
            self._issue(
                "undated", Severity.WARNING, f"“{summary}” has no start and stays undated", component, ""
            )
        if is_cancelled:
            self._tell_cancelled(one)
        if component.name == "VTODO":
            self._tell_completed(one)
        self._tell_answers(one, guests)
        self._take_files(component)
        if moved is not None:
            self._judge_range(one, moved)
        elif start is not None and not is_cancelled:
            self.occurrences.tell(one, start, self.survey.moved.get(_key(uid), []) if uid else [])
        elif start is None:
            self.occurrences.tell_dates(one)

    def _dated(
        self, component: Component, line: Line | None, stated: Stated | None
    ) -> tuple[Moment | None, list[str], str]:
        """The moment of the component, the assumptions it rests on, and the stamp where it is none of this reader's."""
        if stated is None:
            return None, [], line.value.strip()[:200] if line is not None else ""
        moment, rests = self.clock.moment(stated, place_of=f"L{component.line}")
        return moment, rests, "" if moment is not None else stated.text

    def _end(self, component: Component, start: Stated | None) -> str:
        if start is None:
            return ""
        finish = self.clock.stated(component.first("DTEND"))
        return self.clock.end(start, finish, component.text("DURATION"))

    def _fields(self, component: Component, guests: list[Invited]) -> dict[str, Any]:
        fields: dict[str, Any] = {"method": self.method, "uid": component.text("UID")}
        for line in component.lines:
            name = _KEPT.get(line.name)
            if name and name not in fields:
                fields[name] = line.text.strip()[:4_000]
        for name, key in (("EXDATE", "excluded"), ("RDATE", "further_dates")):
            fields[key] = ",".join(line.value for line in component.all(name))[:4_000]
        start = component.first("DTSTART")
        fields["zone"] = start.params.get("TZID", "") if start is not None else ""
        fields["all_day"] = (
            "true" if start is not None and re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", start.value.strip()) else ""
        )
        rooms = [one.who for one in guests if one.is_resource]
        fields["resources"] = "; ".join(rooms)[:4_000]
        count = sum(1 for one in guests if not one.is_resource)
        fields["invited"] = str(count) if count else ""
        fields["completed"] = component.text("COMPLETED")
        return fields

    def _master(self, uid: str, component: Component) -> str:
        start = self.survey.masters.get(_key(uid))
        return (
            event_id(self.source.stream_key, start, 0)
            if start is not None and start != component.start
            else ""
        )

    # -- what goes with it ------------------------------------------------------------------------------------

    def _tell_cancelled(self, one: Appointment) -> None:
        """The cancellation, at the time at which the calendar was changed or the message made."""
        component = one.component
        line = component.first("STATUS") or component.first("UID") or component.first("SUMMARY")
        is_sent = self.method == "CANCEL"
        names = ("DTSTAMP", "LAST-MODIFIED") if is_sent else ("LAST-MODIFIED", "DTSTAMP")
        stamp = next((text for name in names if (text := utc_stamp(component.text(name)))), "")
        what = (
            "One occurrence of it was cancelled" if component.first("RECURRENCE-ID") else "It was cancelled"
        )
        self.teller.tell(
            "calendar.cancelled",
            f"{what}: {one.summary}",
            line_place(line, component),
            stamp=stamp,
            time_kind=TimeKind.SENT if is_sent else TimeKind.MODIFIED,
            record=one.record,
            audience=one.people,
            fields={"by": "METHOD:CANCEL" if is_sent else "STATUS:CANCELLED"},
            parent=one.told,
            **one.columns,
        )

    def _tell_completed(self, one: Appointment) -> None:
        line = one.component.first("COMPLETED")
        stated = self.clock.stated(line)
        if line is None or stated is None:
            return
        moment, rests, stamp = self._dated(one.component, line, stated)
        self.teller.tell(
            "calendar.task.completed",
            f"Completed: {one.summary}",
            line_place(line, one.component),
            stamp=stamp,
            moment=moment,
            record=one.record,
            assumptions=rests,
            parent=one.told,
            **one.columns,
        )

    def _tell_answers(self, one: Appointment, guests: list[Invited]) -> None:
        """The answers; they have a time only where the file is a reply itself."""
        is_reply = self.method in ("REPLY", "COUNTER")
        stamp = utc_stamp(one.component.text("DTSTAMP")) if is_reply else ""
        comment = one.component.text("COMMENT") if is_reply else ""
        for guest in guests:
            if not guest.answer:
                continue
            word = _ANSWERED.get(guest.answer, guest.answer)
            self.teller.tell(
                "calendar.response",
                f"{guest.who or 'Somebody'} {word} the invitation: {one.summary}",
                line_place(guest.line, one.component),
                stamp=stamp,
                time_kind=TimeKind.SENT,
                record=one.record,
                fields={
                    "answer": guest.answer,
                    "role": guest.role,
                    "cutype": guest.kind.lower(),
                    "comment": comment,
                },
                parent=one.told,
                **{**one.columns, "actor": guest.who},
            )
        if any(guest.answer for guest in guests):
            self.teller.note_absence(
                "who attended the appointments", hint="An accepted invitation is no attendance."
            )
            if not is_reply:
                self.teller.note_absence("when invitations were answered", hint="The answers are undated.")

    def _take_files(self, component: Component) -> None:
        """Files inside the calendar; those that it only names stay named."""
        for number, line in enumerate(component.all("ATTACH"), start=1):
            if line.params.get("ENCODING", "").upper() not in ("BASE64", "B"):
                continue
            letters = re.sub(r"[^A-Za-z0-9+/]", "", line.value)
            try:
                data = base64.b64decode(letters + "=" * (-len(letters) % 4))
            except (binascii.Error, ValueError):
                self._issue("file", Severity.WARNING, "A file in it cannot be decoded", component, "")
                continue
            name = line.params.get("FILENAME") or line.params.get("X-FILENAME") or f"part {number}"
            media = line.params.get("FMTTYPE") or "application/octet-stream"
            self.source.attach(name, media, data, place=f"L{line.line}")

    def _judge_range(self, one: Appointment, moved: Line) -> None:
        if moved.params.get("RANGE", "").upper() == "THISANDFUTURE":
            self._issue(
                "range",
                Severity.WARNING,
                f"“{one.summary}” was changed from one occurrence on; the later ones are told as they were before",
                one.component,
                "Read the later occurrences by hand.",
            )

    # -- issues -----------------------------------------------------------------------------------------------

    def _issue(self, about: str, severity: Severity, message: str, component: Component, hint: str) -> None:
        count = self.issued.get(about, 0)
        self.issued[about] = count + 1
        if count < _MOST_ISSUES:
            self.source.issue(CODE, severity, message, place=f"L{component.line}", hint=hint)

    def close(self) -> None:
        """Say how many issues of each sort were not listed."""
        for about in sorted(self.issued):
            more = self.issued[about] - _MOST_ISSUES
            if more > 0:
                self.source.issue(
                    CODE, Severity.INFO, f"{more} more appointments with the same trouble: {about}"
                )


def _text(component: Component, summary: str) -> str:
    description = component.text("DESCRIPTION")
    return f"{summary}\n\n{description}" if description and description != summary else summary
