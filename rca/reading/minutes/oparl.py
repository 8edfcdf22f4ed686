"""OParl: meetings of parliaments and councils as JSON: agenda items, results, papers, consultations, files, people.

The decision hidden here: what an object of OParl is as an event, and at which time. A meeting has its own times, stated with
offset; an object's `modified` is by when the system held what it says, and `created` no event of the meeting. Participants
are those who took part, never those invited. Objects inside others are told in their place.

References:
    OParl specification 1.1 (oparl.org): objects, 3.2 (created, modified, deleted), 3.7 (Meeting), 3.8 (AgendaItem);
    OParl 1.0 has the same names under another type address.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.events.schema import SourceKind
from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.json_records import Value, json_head, read_values
from rca.reading.minutes.decisions import outcome_of
from rca.reading.source import Sample, Source
from rca.reading.telling import Place, Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OParlReader"]

_CODE = "RCA160"
_TYPE = re.compile(r"https?://schema\.oparl\.org/1\.\d/(?P<name>\w+)")
_HELD = re.compile(r"durchgef|beendet|stattgefunden|held|abgeschlossen", re.IGNORECASE)
_DEPTH = 8
_FILES = (
    "invitation",
    "resultsProtocol",
    "verbatimProtocol",
    "auxiliaryFile",
    "mainFile",
    "resolutionFile",
    "derivativeFile",
)


class OParlReader:
    """Reads objects and lists of OParl 1.0 and 1.1."""

    name = "oparl"
    version = "1"
    title = "OParl 1.1: meetings, agenda items, papers, consultations and people of councils, as JSON"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 for objects whose type is an address of OParl's schema; else 0."""
        if "schema.oparl.org" not in sample.text[:65_536]:
            return 0.0
        for value in json_head(sample)[:20]:
            if any(_kind(one) for one in _candidates(value)):
                return 0.98
        return 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the objects, in file order."""
        teller = Teller(source, self, source_kind=SourceKind.MINUTES, code=_CODE)
        telling = _Telling(teller)
        for value in read_values(source, _is_wrapper, code=_CODE, what="object of OParl"):
            telling.tell(value)
            yield from teller.batches()
        if telling.meetings and not telling.participants:
            teller.note_absence(
                "who took part in the meetings",
                hint="OParl states it as `participant`; without it presence is unknown.",
            )
        yield from teller.rest()


def _is_wrapper(key: str, members: Mapping[str, Any], ahead: str) -> bool:  # noqa: ARG001
    """A page of a list holds its objects under `data`."""
    return key == "data" and "type" not in members


def _candidates(value: object) -> list[object]:
    found: list[object] = [value, *list_of(value)[:20]]
    found.extend(list_of(dict_of(value).get("data"))[:20])
    return found


def _kind(value: object) -> str:
    """The name of an object's type, "" for what is no object of OParl."""
    found = _TYPE.match(text_of(dict_of(value).get("type")))
    return found["name"] if found else ""


def _url(value: object) -> str:
    """The address of an object, given as itself or as its address."""
    return text_of(value) or text_of(dict_of(value).get("id"))


def _name(value: object) -> str:
    one = dict_of(value)
    given = " ".join(part for part in (text_of(one.get("givenName")), text_of(one.get("familyName"))) if part)
    return text_of(one.get("name")) or given or _url(value)


class _Telling:
    """Tells the objects of one source."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.meetings = 0
        self.participants = 0
        self.is_early = False

    def tell(self, value: Value) -> None:
        """An object at the top of the document, and those inside it."""
        self._object(value, value.value, "", record="", parent="", audience=[], depth=0)

    def _object(
        self,
        value: Value,
        one: dict[str, Any],
        pointer: str,
        *,
        record: str,
        parent: str,
        audience: list[str],
        depth: int,
        when: tuple[str, str] = ("", ""),
    ) -> None:
        if depth > _DEPTH:
            return
        kind = _kind(one)
        place = value.place(pointer)
        if kind == "Meeting":
            self._meeting(value, one, pointer, place, depth=depth)
            return
        record = record or f"oparl:{_url(one) or place.locator}"
        event = parent
        if kind == "AgendaItem":
            event = self._item(
                one,
                place,
                record=f"oparl:{_url(one.get('meeting'))}" if _url(one.get("meeting")) else record,
                parent=parent,
                audience=audience,
                when=when,
            )
        elif kind == "File":
            event = self._file(one, place, record=record, parent=parent)
        elif kind == "Paper":
            event = self._paper(one, place, record=record, parent=parent)
        elif kind == "Consultation":
            event = self._consultation(one, place, record=record, parent=parent)
        elif kind and kind != "Location":
            event = self._entry(kind, one, place, record=record, parent=parent)
        self._inner(
            value, one, pointer, record=record, parent=event, audience=audience, depth=depth, when=when
        )

    def _inner(
        self,
        value: Value,
        one: dict[str, Any],
        pointer: str,
        *,
        record: str,
        parent: str,
        audience: list[str],
        depth: int,
        when: tuple[str, str],
        skip: tuple[str, ...] = (),
    ) -> None:
        """The objects inside an object, wherever they stand."""
        for key, inner in one.items():
            if key in skip:
                continue
            name = key.replace("~", "~0").replace("/", "~1")
            for at, child in (
                [(f"{pointer}/{name}", inner)]
                if isinstance(inner, dict)
                else [(f"{pointer}/{name}/{n}", c) for n, c in enumerate(list_of(inner)[:100_000])]
            ):
                if isinstance(child, dict) and _kind(child):
                    self._object(
                        value,
                        child,
                        at,
                        record=record,
                        parent=parent,
                        audience=audience,
                        depth=depth + 1,
                        when=when,
                    )

    # -- what happened ------------------------------------------------------------------------------------

    def _meeting(self, value: Value, one: dict[str, Any], pointer: str, place: Place, *, depth: int) -> None:
        record = f"oparl:{_url(one) or place.locator}"
        people = [person for person in list_of(one.get("participant")) if _name(person)]
        audience = [_name(person) for person in people]
        state = text_of(one.get("meetingState"))
        is_cancelled = one.get("cancelled") is True
        has_protocol = any(one.get(key) for key in ("resultsProtocol", "verbatimProtocol"))
        is_held = not is_cancelled and (
            bool(_HELD.search(state))
            or has_protocol
            or bool(people)
            or any(text_of(dict_of(item).get("result")) for item in list_of(one.get("agendaItem")))
        )
        location = dict_of(one.get("location"))
        fields = {
            "state": state,
            "cancelled": "true" if is_cancelled else "",
            "organization": ", ".join(
                _name(body) for body in list_of(one.get("organization")) if _name(body)
            ),
            "keyword": ", ".join(text_of(word) for word in list_of(one.get("keyword"))),
            "created": text_of(one.get("created")),
            "deleted": text_of(one.get("deleted")) if one.get("deleted") is True else "",
        }
        self.meetings += 1
        self.participants += len(people)
        start, end = text_of(one.get("start")), text_of(one.get("end"))
        event = self.teller.tell(
            "minutes.meeting",
            (("cancelled: " if is_cancelled else "") + _name(one)) or "meeting",
            place,
            stamp=start,
            end=end,
            known=_known(one),
            time_kind=TimeKind.OCCURRED if is_held else TimeKind.SCHEDULED,
            record=record,
            audience=audience,
            refs=[_url(one)] if _url(one) else (),
            fields=fields,
            subject=_name(one),
            unit=text_of(location.get("description")) or text_of(location.get("room")),
        )
        for number, person in enumerate(list_of(one.get("participant"))):
            if _name(person):
                self.teller.tell(
                    "minutes.present",
                    f"present: {_name(person)}",
                    value.place(f"{pointer}/participant/{number}"),
                    stamp=start,
                    end=end,
                    known=_known(one),
                    record=record,
                    parent=event,
                    actor=_name(person),
                )
        self._inner(
            value,
            one,
            pointer,
            record=record,
            parent=event,
            audience=audience,
            depth=depth,
            when=(start, end),
            skip=("participant", "organization"),
        )

    def _item(
        self,
        one: dict[str, Any],
        place: Place,
        *,
        record: str,
        parent: str,
        audience: list[str],
        when: tuple[str, str],
    ) -> str:
        start, end = (
            text_of(one.get("start")) or when[0],
            text_of(one.get("end")) or (when[1] if not one.get("start") else ""),
        )
        number, name = text_of(one.get("number")), text_of(one.get("name"))
        label = f"{number} {name}".strip() or "agenda item"
        refs = [ref for ref in (_url(one), _url(one.get("consultation"))) if ref]
        common: dict[str, Any] = {
            "stamp": start,
            "end": end,
            "known": _known(one),
            "record": record,
            "audience": audience,
            "subject": number,
        }
        fields = {
            "section": number,
            "public": text_of(one.get("public")),
            "order": text_of(one.get("order")),
            "created": text_of(one.get("created")),
        }
        event = self.teller.tell(
            "minutes.item", label, place, refs=refs, fields=fields, parent=parent, **common
        )
        result, resolution = text_of(one.get("result")), text_of(one.get("resolutionText"))
        if result or resolution:
            ruling = outcome_of(result or resolution)
            if _is_before(common["known"], start):
                common["known"] = ""
                self._tell_early(place)
            named = {
                "outcome": ruling.outcome.value,
                "result": result,
                "section": number,
                "unanimous": "true" if ruling.is_unanimous else "",
            }
            self.teller.tell(
                "minutes.decision",
                f"{label}: {result or resolution}",
                place,
                text=f"{result}\n{resolution}".strip(),
                refs=refs,
                fields=named,
                parent=event,
                **common,
            )
        return event

    def _tell_early(self, place: Place) -> None:
        """An issue, once: a result can't have been held before the meeting that made it."""
        if not self.is_early:
            self.is_early = True
            self.teller.source.issue(
                _CODE,
                Severity.WARNING,
                "An agenda item states a result, but was last modified before its meeting; when the result was known is left open",
                place=place.locator,
                hint="Ask the publisher which of the two times is wrong.",
            )

    def _paper(self, one: dict[str, Any], place: Place, *, record: str, parent: str) -> str:
        reference = text_of(one.get("reference"))
        fields = {
            "paper_type": text_of(one.get("paperType")),
            "reference": reference,
            "created": text_of(one.get("created")),
        }
        makers = [
            _name(person)
            for key in ("originatorPerson", "originatorOrganization")
            for person in list_of(one.get(key))
            if _name(person)
        ]
        refs = [ref for ref in (reference, _url(one)) if ref]
        return self.teller.tell(
            "document.published",
            f"{reference} {_name(one)}".strip() or "paper",
            place,
            stamp=text_of(one.get("date")),
            known=_known(one),
            time_kind=TimeKind.REPORTED,
            record=record,
            refs=refs,
            fields=fields,
            parent=parent,
            actor=", ".join(makers),
            subject=reference,
        )

    def _consultation(self, one: dict[str, Any], place: Place, *, record: str, parent: str) -> str:
        refs = [
            ref
            for ref in (
                _url(one.get("paper")),
                _url(one.get("meeting")),
                _url(one.get("agendaItem")),
                _url(one),
            )
            if ref
        ]
        bodies = ", ".join(_name(body) for body in list_of(one.get("organization")) if _name(body))
        fields = {
            "role": text_of(one.get("role")),
            "authoritative": text_of(one.get("authoritative")),
            "organization": bodies,
        }
        message = f"consultation: {text_of(one.get('role')) or 'a paper is dealt with'}{f' ({bodies})' if bodies else ''}"
        return self.teller.tell(
            "minutes.referred",
            message,
            place,
            known=_known(one),
            record=record,
            refs=refs,
            fields=fields,
            parent=parent,
        )

    def _file(self, one: dict[str, Any], place: Place, *, record: str, parent: str) -> str:
        name = text_of(one.get("name")) or text_of(one.get("fileName")) or "file"
        fields = {
            key: text_of(one.get(key))
            for key in (
                "fileName",
                "mimeType",
                "size",
                "sha1Checksum",
                "sha512Checksum",
                "accessUrl",
                "created",
            )
        }
        refs = [_url(one)] if _url(one) else []
        return self.teller.tell(
            "document.created",
            f"file: {name}",
            place,
            stamp=text_of(one.get("date")),
            known=_known(one),
            record=record,
            refs=refs,
            fields=fields,
            text=text_of(one.get("text")),
            parent=parent,
        )

    def _entry(self, kind: str, one: dict[str, Any], place: Place, *, record: str, parent: str) -> str:
        """A body, person or membership: what a register holds, from its start where it states one."""
        names = (
            "shortName",
            "organizationType",
            "classification",
            "role",
            "votingRight",
            "onBehalfOf",
            "startDate",
            "endDate",
            "created",
            "affix",
            "title",
            "formOfAddress",
            "status",
            "ags",
            "rgs",
            "oparlVersion",
            "contactName",
        )
        fields: dict[str, Any] = {
            "type": kind,
            **{
                key: text_of(one.get(key)) or ", ".join(text_of(v) for v in list_of(one.get(key)))
                for key in names
            },
        }
        stamp = text_of(one.get("startDate")) or text_of(one.get("created"))
        return self.teller.tell(
            "minutes.register",
            f"{kind}: {_name(one)}".strip(": "),
            place,
            stamp=stamp,
            known=_known(one),
            time_kind=TimeKind.STARTED if one.get("startDate") else TimeKind.RECORDED,
            record=record,
            refs=[_url(one)] if _url(one) else (),
            fields=fields,
            parent=parent,
            subject=_name(one),
        )


def _is_before(first: str, second: str) -> bool:
    """Whether one time with an offset is before another; False where one of them can't be told."""
    try:
        a, b = dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(second)
    except ValueError:
        return False
    return a.tzinfo is not None and b.tzinfo is not None and a < b


def _known(one: Mapping[str, Any]) -> str:
    return text_of(one.get("modified")) or text_of(one.get("created"))
