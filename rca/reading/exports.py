"""Exports of logs as tables: which column says when, what, where and by whom, told by name and by content.

The decision hidden here: the names that columns go by in what log systems export (SIEMs, cloud portals, Windows, plaso
and Timesketch, Splunk, Kibana, journald). When several columns are times, the time of the event goes before the time
at which something stored it; the others stay in `attributes`. A name alone is not enough: its cells must be stamps.

References:
    Names are those that the vendors' own exports write; a column ending in UTC states its zone by its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rca.moments.moment import Precision, TimeKind
from rca.reading.dating import is_stamp, read_stamp

__all__ = ["Export", "find_time", "recognise"]

_OCCURRED = (
    "systemtime", "timecreated", "eventtime", "eventdatetime", "eventtimestamp", "eventcreatedtime", "eventdate",
    "timeoccurred", "occurredat", "occurrencetime", "sourcetimestamp", "sourcerealtimestamp", "originaltime",
    "activitydatetime", "datetime", "timestamp", "requesttime", "requesttimestamp", "requestdatetime", "time",
    "logtime", "logdate", "logtimestamp", "logdatetime", "creationdate", "creationtime", "createddatetime",
    "starttime", "startdate", "startdatetime", "start", "begintime", "firstseen", "dateandtime", "datumochtid",
    "eventstarttime", "realtimetimestamp", "timegenerated", "timestamptime", "ts", "date", "datum", "tid",
    "tidpunkt", "tidsstämpel", "tidsstampel", "when", "created", "createdat", "createdon", "datumzeit", "datumuhrzeit",
    "zeit", "zeitstempel", "tidspunkt", "datoogklokkeslett", "datoogklokkeslæt", "recordedat", "recorded", "timewritten",
)  # fmt: skip
_STORED = (
    "timewritten", "receivetime", "receivedtime", "receivetimestamp", "received", "receivedat", "ingestiontime",
    "timeingested", "ingesttime", "indextime", "indexedat", "loadtime", "collectiontime", "collectedat", "insertedat",
    "observedtime", "observedtimestamp", "timereceived", "storedat", "processedat", "exporttime",
)  # fmt: skip
_RANK = {name: rank for rank, name in reversed([*enumerate((*_OCCURRED, *_STORED))])}

_COLUMNS: dict[str, tuple[str, ...]] = {
    "message": (
        "message", "msg", "raw", "syslogmessage", "logmessage", "eventmessage", "renderedmessage", "rendereddescription",
        "eventdescription", "description", "desc", "beskrivning", "meddelande", "summary", "text", "details", "detail",
        "short", "title", "event", "händelse", "rubrik", "operationname", "operation", "operations", "eventname",
        "activity", "activitydisplayname", "actiontype", "action", "request", "commandline", "command", "body", "log",
        "what", "textpayload",
    ),
    "severity": (
        "severity", "leveldisplayname", "level", "severitylevel", "loglevel", "eventlevel", "severitytext", "entrytype",
        "nivå", "niva", "allvarlighetsgrad", "priority",
    ),
    "subject": (
        "computer", "computername", "hostname", "host", "machinename", "machine", "devicename", "server", "servername",
        "node", "nodename", "endpoint", "dator", "dvchostname", "resourceid",
    ),
    "component": (
        "providername", "provider", "source", "sourcename", "eventsource", "processname", "syslogidentifier", "program",
        "appname", "application", "appdisplayname", "service", "servicename", "logger", "loggername", "component",
        "källa", "kalla", "module", "sourcetype", "process", "workload", "category",
    ),
    "actor": (
        "actor", "username", "user", "userid", "userids", "userprincipalname", "account", "accountname",
        "subjectusername", "caller", "initiatedby", "identity", "initiatingprocessaccountname", "sudoer",
        "användare", "anvandare", "principal", "upn",
    ),
    "trace_id": (
        "correlationid", "traceid", "trace", "requestid", "activityid", "operationid", "transactionid", "spanid",
    ),
}  # fmt: skip
_ZONES = ("timezone", "tz", "zone", "tidszon")
_CLOCKS = ("time", "tid", "timeofday", "clock", "zeit", "klockslag")
_FINE = {Precision.SECOND, Precision.MS, Precision.US, Precision.NS}
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp][Mm])?")


@dataclass(frozen=True, slots=True)
class Export:
    """What the columns of an export mean, by position.

    `times` are the columns that say when, best first; `clock` is a column with the time of day where the first of
    them holds only the date; `is_log` says that the stamps are a machine's (seconds or finer).
    """

    times: tuple[int, ...]
    clock: int | None = None
    zone: int | None = None
    utc: frozenset[int] = frozenset()
    stored: frozenset[int] = frozenset()
    columns: dict[str, int] = field(default_factory=dict)
    is_log: bool = False

    @property
    def consumed(self) -> frozenset[int]:
        """The columns of which all that they say stands in the event's own columns."""
        return frozenset(self.columns.values())

    def time_text(self, row: Sequence[str]) -> tuple[str, int]:
        """The stamp of a row and the column that it stands in: the best column that has one."""
        for column in self.times:
            text = row[column].strip() if column < len(row) else ""
            if text and (column == self.times[-1] or read_stamp(text) or read_stamp(text, day_first=False)):
                clock = row[self.clock].strip() if self.clock is not None and self.clock < len(row) else ""
                return (f"{text} {clock}" if clock else text), column
        for column in self.times:
            if column < len(row) and row[column].strip():
                return row[column].strip(), column
        return "", self.times[0]

    def time_kind(self, column: int) -> str:
        """What a time in this column means."""
        return (TimeKind.RECORDED if column in self.stored else TimeKind.OCCURRED).value


def _plain(name: str) -> str:
    """A column's name without case, marks and the brackets in which exports put units and zones."""
    name = re.sub(r"\[[^\]]*\]|\([^)]*\)", "", name)
    return re.sub(r"[\W_]+", "", name.casefold())


def _is_utc(name: str) -> bool:
    return re.search(r"(?:^|[\W_a-z])(?:UTC|Utc|utc|GMT)\W*$", name) is not None


def _bare(name: str) -> str:
    plain = _plain(name)
    return plain[:-3] if plain.endswith(("utc", "gmt")) and len(plain) > 3 else plain


def find_time(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The columns that say when, best first: known names whose cells are stamps, else the first that is clearly time.

    A known name needs half of its filled cells to be stamps, an unknown one nine in ten of all rows, and no bare
    numbers: a number of an unknown column is rather an id than a count since 1970.
    """
    known: list[tuple[int, int]] = []
    others: list[int] = []
    for index, name in enumerate(header):
        filled = [row[index].strip() for row in rows if index < len(row) and row[index].strip()]
        if not filled:
            continue
        rank = _RANK.get(_bare(name))
        stamps = sum(is_stamp(cell) for cell in filled)
        if rank is not None and stamps * 2 >= len(filled):
            known.append((rank, index))
        elif (
            len(filled) * 10 >= len(rows) * 9
            and stamps * 10 >= len(filled) * 9
            and not all(cell.replace(".", "").isdecimal() for cell in filled)
        ):
            others.append(index)
    return tuple(index for _, index in sorted(known)) or tuple(others[:1])


def recognise(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Export | None:
    """What the columns mean, from their names and the first rows; None when no column says when."""
    times = find_time(header, rows)
    if not times:
        return None
    bare = [_bare(name) for name in header]
    day, clock = times[0], None
    if _is_bare_day(day, rows):
        clock = next(
            (i for i, name in enumerate(bare) if i != day and name in _CLOCKS and _is_clock(i, rows)), None
        )
    taken = {*times, *(() if clock is None else (clock,))}
    columns: dict[str, int] = {}
    for target, names in _COLUMNS.items():
        for name in names:
            at = next((i for i, one in enumerate(bare) if one == name and i not in taken), None)
            if at is not None and _says_something(at, rows):
                columns[target] = at
                taken.add(at)
                break
    zone = next((i for i, name in enumerate(bare) if name in _ZONES), None)
    return Export(
        times,
        clock,
        zone,
        frozenset(i for i in times if _is_utc(header[i])),
        frozenset(i for i in times if bare[i] in _STORED),
        columns,
        _is_fine(times[0], clock, rows),
    )


def _says_something(column: int, rows: Sequence[Sequence[str]]) -> bool:
    return not rows or any(column < len(row) and row[column].strip() not in ("", "-") for row in rows)


def _cells(column: int, rows: Sequence[Sequence[str]]) -> list[str]:
    return [row[column].strip() for row in rows if column < len(row) and row[column].strip()]


def _is_bare_day(column: int, rows: Sequence[Sequence[str]]) -> bool:
    stamps = [read_stamp(cell) or read_stamp(cell, day_first=False) for cell in _cells(column, rows)]
    return bool(stamps) and all(s is None or s.precision is Precision.DAY for s in stamps)


def _is_clock(column: int, rows: Sequence[Sequence[str]]) -> bool:
    found = _cells(column, rows)
    return bool(found) and sum(_CLOCK.fullmatch(cell) is not None for cell in found) * 2 >= len(found)


def _is_fine(column: int, clock: int | None, rows: Sequence[Sequence[str]]) -> bool:
    if clock is not None:
        return True
    stamps = [read_stamp(cell) or read_stamp(cell, day_first=False) for cell in _cells(column, rows)]
    known = [s for s in stamps if s is not None]
    return bool(known) and sum(s.precision in _FINE for s in known) * 2 > len(known)
