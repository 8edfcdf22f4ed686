"""The events of mails: sent, taken over by each server, files in it, mails in it.

The decision hidden here: what a mail is evidence of. Its `Date` is the sender's clock, each `Received` that of a server;
where these contradict one another an issue says so and nothing is corrected. Quoted text is kept as what the recipients
had before them, never as something said again. A mail inside a mail is one of its own, enclosed.

References:
    RFC 5322, 3.6; RFC 5321, 4.4 (trace information).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from rca.errors import Severity
from rca.events.batches import event_id
from rca.moments.instants import FIRST, LAST, SECOND
from rca.moments.moment import Basis, Moment, Precision, TimeKind
from rca.moments.stamps import Stamp
from rca.moments.zones import possible_zones
from rca.reading.mail.dates import MailDate, ZoneWord, read_date
from rca.reading.mail.headers import Field, decode_words
from rca.reading.mail.mailbox import message_key
from rca.reading.mail.message import Mail, read_mail, references_in
from rca.reading.telling import Place, Teller

__all__ = ["MailTeller", "Spot", "read_stamp"]

CODE = "RCA193"
_SLACK = 60 * SECOND
_DEEP = 8
_MOST_ISSUES = 50
_LONG = 20_000
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]+)", re.IGNORECASE)
_FROM = re.compile(r"^\s*from\s+([^\s;()]+)", re.IGNORECASE)
_FOR = re.compile(r"\sfor\s+<?([^\s;<>()]+@[^\s;<>()]+)>?", re.IGNORECASE)
_WITH = re.compile(r"\swith\s+([A-Z]{2,10}(?:SA?)?)\b")
_MESSAGE = "mail.message"
_ENCLOSED = "mail.message.enclosed"


def read_stamp(text: str) -> Stamp | None:
    """The stamp that a date of a mail is, for the dating of rows."""
    found = read_date(text)
    return found.stamp if found else None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message lies: its place, and the line and byte at which its header begins (None without byte spans)."""

    place: Place
    number: str
    envelope: str = ""
    is_exact: bool = True


class MailTeller:
    """Tells the mails of one source. `starts` says where the messages begin whose Message-ID has a key."""

    def __init__(self, teller: Teller, starts: dict[int, int] | None = None) -> None:
        self.teller = teller
        self.source = teller.source
        self.starts = starts or {}
        self.told: dict[str, int] = {}
        self.issued: dict[str, int] = {}
        self.record = ""

    # -- one message ----------------------------------------------------------------------------------------

    def tell(
        self,
        mail: Mail,
        spot: Spot,
        *,
        outer: str = "",
        depth: int = 0,
        kind: str = "",
        assumptions: tuple[str, ...] = (),
    ) -> str:
        """Tell a mail and what is in it; the id of its event. `outer` is the event of the mail that encloses it."""
        record = self._record(mail, spot)
        date = read_date(mail.date) if mail.date else None
        arrivals = [(hop, _arrival(hop)) for hop in mail.hops]
        first_known = next((text for _, (text, found) in arrivals if found), "")
        fields: dict[str, Any] = {
            **mail.fields,
            "to": _joined(mail.to),
            "cc": _joined(mail.cc),
            "bcc": _joined(mail.bcc),
            "message_id": mail.message_id,
            "in_reply_to": _joined(mail.answers),
            "quoted": mail.quoted[:_LONG],
            "attachments": _joined([one.name or one.media for one in mail.parts]),
            "envelope": spot.envelope,
            "forwarded_in": outer,
        }
        rests = list(assumptions)
        if mail.guessed:
            rests.append(self._assume_charset(mail.guessed))
        moment = None
        if date is not None:
            fields["date_zone"] = "" if date.zone is ZoneWord.OFFSET else date.zone.value
            moment = self._documented(date, rests)
        subject = mail.subject or _first_line(mail.text) or "(no subject)"
        told = self.teller.tell(
            kind or (_ENCLOSED if outer else _MESSAGE),
            subject,
            spot.place,
            stamp=mail.date,
            moment=moment,
            known=first_known,
            time_kind=TimeKind.SENT,
            record=record,
            text=f"{mail.subject}\n\n{mail.text}" if mail.subject and mail.text else mail.text,
            audience=mail.audience or mail.bcc,
            refs=[
                *([mail.message_id] if mail.message_id else []),
                *mail.answers,
                *mail.references,
                *references_in(f"{mail.subject}\n{mail.text}"),
            ],
            fields=fields,
            assumptions=rests,
            actor=mail.sender,
            parent=outer or self._parent(mail, spot),
            channel=mail.fields.get("list_id", ""),
        )
        self._judge_date(mail, date, spot)
        self._tell_hops(arrivals, spot, record, told, subject)
        self._judge_hops(date, arrivals, spot)
        self._tell_parts(mail, spot, record, told, (mail.date if date else "", moment))
        for trouble in mail.troubles:
            self._issue(
                "trouble",
                Severity.WARNING,
                f"The body of the mail is damaged: {trouble}",
                spot,
                "Look at the message itself; its bytes are in the exhibit.",
            )
        self._tell_enclosed(mail, spot, told, depth)
        return told

    def _record(self, mail: Mail, spot: Spot) -> str:
        name = mail.message_id or f"{self.source.stream_key[:12]}/{spot.number}"
        count = self.told.get(name, 0)
        self.told[name] = count + 1
        self.record = f"mail:{name}#{count + 1}" if count else f"mail:{name}"
        return self.record

    def _parent(self, mail: Mail, spot: Spot) -> str:
        """The event of the mail in this stream that this one answers."""
        for identity in [*mail.answers, *reversed(mail.references)]:
            start = self.starts.get(message_key(f"<{identity}>"))
            if start is not None and start != spot.place.start:
                return event_id(self.source.stream_key, start, 0)
        return ""

    def _assume_charset(self, guessed: str) -> str:
        name, _, why = guessed.partition(", ")
        return self.source.assume(
            "encoding",
            f"text {why} is {name}",
            rests_on="its bytes, which that charset does not have or which are not ASCII",
            alternatives=("another charset",),
        )

    # -- dates ----------------------------------------------------------------------------------------------

    def _documented(self, date: MailDate, rests: list[str]) -> Moment | None:
        """The moment of a date with a zone that RFC 5322 defines; the row rests on that definition."""
        if date.zone is not ZoneWord.OBSOLETE:
            return None
        instant = _instant(date.stamp)
        if instant is None:
            return None
        offset = date.stamp.offset or 0
        rests.append(
            self.source.assume(
                "zone",
                f"{date.word.upper()} in the date of a mail is {offset // 3600:+03d}:00",
                rests_on="RFC 5322, 4.3, defines it",
                alternatives=possible_zones(date.word),
            )
        )
        width = date.stamp.width or (60 if date.stamp.precision is Precision.MINUTE else 1) * SECOND
        return Moment(instant, instant + width, date.stamp.precision, Basis.ZONE_ASSUMED, date.stamp.text)

    def _judge_date(self, mail: Mail, date: MailDate | None, spot: Spot) -> None:
        if not mail.date:
            hint = "Its Received headers, if any, are events of their own." if mail.hops else ""
            self._issue("no date", Severity.WARNING, "The mail has no date and stays undated", spot, hint)
        elif date is not None and date.zone is ZoneWord.STRANGE:
            self._issue(
                "zone",
                Severity.WARNING,
                f'The zone of the date is none: "{date.word[:20]}"; the time is read as {self.source.zone}',
                spot,
                "Compare it with the Received headers.",
            )
        elif date is not None and date.wrong_weekday:
            self._issue(
                "weekday",
                Severity.INFO,
                f'The date says "{date.wrong_weekday}", which that day was not',
                spot,
                "The day of the month is used.",
            )
        if mail.dates > 1:
            self._issue(
                "dates", Severity.WARNING, f"The mail states {mail.dates} dates; the first is used", spot, ""
            )

    # -- hops -----------------------------------------------------------------------------------------------

    def _tell_hops(
        self,
        arrivals: list[tuple[Field, tuple[str, MailDate | None]]],
        spot: Spot,
        record: str,
        parent: str,
        subject: str,
    ) -> None:
        count = len(arrivals)
        for index, (hop, (stamp, date)) in enumerate(arrivals):
            by, came = _BY.search(hop.value), _FROM.match(hop.value)
            server = decode_words(by[1]) if by else ""
            meant, means = _FOR.search(hop.value), _WITH.search(hop.value)
            rests: list[str] = []
            moment = self._documented(date, rests) if date is not None else None
            self.teller.tell(
                "mail.received",
                f"{server or 'A server'} took over the mail{f' from {came[1]}' if came else ''}: {subject}",
                self._place_of(hop, spot),
                stamp=stamp,
                moment=moment,
                record=record,
                text=hop.value[:_LONG],
                fields={
                    "hop": f"{count - index} of {count}",
                    "from": came[1] if came else "",
                    "for": meant[1] if meant else "",
                    "with": means[1] if means else "",
                    "date_zone": date.zone.value if date and date.zone is not ZoneWord.OFFSET else "",
                },
                assumptions=rests,
                actor=server,
                parent=parent,
            )

    def _place_of(self, hop: Field, spot: Spot) -> Place:
        place = spot.place
        if not spot.is_exact or place.start is None:
            return place
        line = place.line + hop.line if place.line is not None else None
        return Place(place.locator, place.start + hop.start, hop.length, line)

    def _judge_hops(
        self, date: MailDate | None, arrivals: list[tuple[Field, tuple[str, MailDate | None]]], spot: Spot
    ) -> None:
        """Say where clocks contradict one another: a later server earlier than the one before, a Date after the first."""
        stamped = [(_host(hop), found) for hop, (_, found) in reversed(arrivals) if found is not None]
        known = [(host, _instant(found.stamp)) for host, found in stamped]
        times = [(host, instant) for host, instant in known if instant is not None]
        for (before, earlier), (after, later) in pairwise(times):
            if earlier - later > _SLACK:
                self._issue(
                    "hops",
                    Severity.WARNING,
                    f"{after} took the mail over {_span(earlier - later)} before {before} handed it on:"
                    " one of their clocks is wrong, or a header is forged",
                    spot,
                    "Both times stay as stated; a clock of the exhibit can correct them.",
                )
        sent = _instant(date.stamp) if date is not None else None
        if sent is not None and times and sent - times[0][1] > _SLACK:
            self._issue(
                "date late",
                Severity.WARNING,
                f"The mail is dated {_span(sent - times[0][1])} after {times[0][0]}, the first server, had it",
                spot,
                "The sender's clock or zone is wrong, or that of the server; both times stay as stated.",
            )

    # -- what is in it ----------------------------------------------------------------------------------------

    def _tell_parts(
        self, mail: Mail, spot: Spot, record: str, parent: str, sent: tuple[str, Moment | None]
    ) -> None:
        subject = mail.subject or "(no subject)"
        for number, part in enumerate(mail.parts, start=1):
            name = part.name or f"part {number}"
            found = self.source.attach(name, part.media, part.data, place=f"{spot.number}/{number}")
            is_tnef = (
                part.media in ("application/ms-tnef", "application/vnd.ms-tnef") or part.data[:4] == _TNEF
            )
            self.teller.tell(
                "mail.attachment",
                f"File in the mail “{subject}”: {name}",
                spot.place,
                stamp=sent[0],
                moment=sent[1],
                time_kind=TimeKind.SENT,
                record=record,
                audience=mail.audience or mail.bcc,
                fields={
                    "name": part.name,
                    "media": part.media,
                    "size": str(found.size),
                    "sha256": found.sha256,
                    "place": found.place,
                    "disposition": part.disposition,
                    "content_id": part.content_id,
                },
                actor=mail.sender,
                parent=parent,
            )
            if is_tnef:
                self._issue(
                    "tnef",
                    Severity.WARNING,
                    f"{name} is Outlook's own container (TNEF); it was not opened",
                    spot,
                    "Unpack it with ytnef or tnef and add what it holds.",
                )
            elif part.media in ("application/pkcs7-mime", "application/x-pkcs7-mime") or name.endswith(
                ".p7m"
            ):
                self._issue(
                    "encrypted",
                    Severity.WARNING,
                    f"{name} is an encrypted or signed body; it was not opened",
                    spot,
                    "Ask its custodian for the opened mail.",
                )

    def _tell_enclosed(self, mail: Mail, spot: Spot, outer: str, depth: int) -> None:
        for number, raw in enumerate(mail.mails, start=1):
            if depth >= _DEEP:
                self._issue(
                    "deep",
                    Severity.WARNING,
                    "Mails in mails are nested too deep; the rest was left out",
                    spot,
                    "",
                )
                return
            within = replace(spot, number=f"{spot.number}/m{number}", envelope="", is_exact=False)
            self.tell(read_mail(raw), within, outer=outer, depth=depth + 1)

    # -- issues -----------------------------------------------------------------------------------------------

    def _issue(self, about: str, severity: Severity, message: str, spot: Spot, hint: str) -> None:
        """Take down an issue; of one sort the first fifty, the others are counted."""
        count = self.issued.get(about, 0)
        self.issued[about] = count + 1
        if count < _MOST_ISSUES:
            self.source.issue(CODE, severity, message, place=spot.place.locator, hint=hint)

    def close(self) -> None:
        """Say how many issues of each sort were not listed."""
        for about in sorted(self.issued):
            more = self.issued[about] - _MOST_ISSUES
            if more > 0:
                self.source.issue(CODE, Severity.INFO, f"{more} more mails with the same trouble: {about}")


_TNEF = b"\x78\x9f\x3e\x22"


def _joined(values: list[str]) -> str:
    return "; ".join(values)[:_LONG]


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")[:200]


def _host(hop: Field) -> str:
    by = _BY.search(hop.value)
    return decode_words(by[1]) if by else "a server"


def _arrival(hop: Field) -> tuple[str, MailDate | None]:
    """The stamp at the end of a Received header, as written and as read."""
    before, mark, stamp = hop.value.rpartition(";")
    if not mark:
        found = re.search(
            r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} \d{1,2}:\d{2}(?::\d{2})?.*$", before or stamp
        )
        stamp = found[0] if found else ""
    stamp = stamp.strip()
    date = read_date(stamp) if stamp else None
    return (stamp if date is not None else "", date)


def _instant(stamp: Stamp) -> int | None:
    """The instant of a stamp that states an offset."""
    if stamp.offset is None or stamp.year is None or stamp.month is None or stamp.day is None:
        return None
    days = dt.date(stamp.year, stamp.month, stamp.day).toordinal() - dt.date(1970, 1, 1).toordinal()
    seconds = days * 86_400 + stamp.hour * 3600 + stamp.minute * 60 + stamp.second - stamp.offset
    instant = seconds * SECOND + stamp.ns
    return instant if FIRST < instant < LAST else None


def _span(nanoseconds: int) -> str:
    seconds = nanoseconds // SECOND
    for unit, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} seconds"
