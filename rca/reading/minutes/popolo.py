"""Popolo: persons, organizations, motions, votes and speeches of assemblies as JSON.

The decision hidden here: how the flat lists of Popolo become events that refer to one another. Names are looked up by id
among what was read before, and stay ids where they come later; the counts of a vote are one event, each voter's another.

References:
    Popolo specification (popoloproject.com/specs): Motion, VoteEvent, Count, Vote, Speech, Event, Membership.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.events.schema import SourceKind
from rca.moments.moment import TimeKind
from rca.reading.json_fields import dict_of, list_of, text_of
from rca.reading.json_records import Value, json_head, read_values
from rca.reading.source import Sample, Source
from rca.reading.telling import Teller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PopoloReader"]

_CODE = "RCA160"
_LISTS = (
    "persons",
    "organizations",
    "memberships",
    "posts",
    "areas",
    "events",
    "motions",
    "vote_events",
    "votes",
    "speeches",
    "counts",
    "group_results",
)
_TOLD = frozenset(_LISTS)
_OWN = frozenset({"vote_events", "motions", "speeches", "memberships", "posts"})
_RESULTS = {
    "pass": "approved",
    "passed": "approved",
    "carried": "approved",
    "fail": "rejected",
    "failed": "rejected",
    "rejected": "rejected",
    "withdrawn": "other",
    "tabled": "tabled",
}


class PopoloReader:
    """Reads the lists of Popolo: motions, vote events, votes, speeches, events, persons, organizations, memberships."""

    name = "popolo"
    version = "1"
    title = "Popolo: motions, votes, speeches, persons and memberships of assemblies, as JSON"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 for an object with lists of Popolo, or an object of it by itself; else 0."""
        for value in json_head(sample)[:3]:
            one = dict_of(value)
            found = {key for key in one if key in _TOLD and (isinstance(one[key], list))}
            if (
                found & _OWN
                and len(found) >= 2
                and any(_is_object(child) for key in found for child in list_of(one[key])[:5])
            ):
                return 0.98
            if _is_vote_event(one) or _is_motion(one):
                return 0.98
        return 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of all lists, in file order."""
        teller = Teller(source, self, source_kind=SourceKind.MINUTES, code=_CODE)
        telling = _Telling(teller)
        for value in read_values(source, _is_list, code=_CODE, what="object of Popolo"):
            telling.tell(value)
            yield from teller.batches()
        yield from teller.rest()


def _is_list(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    return (
        key in _TOLD
        and ahead.lstrip()[:1] == "["
        and not ({"motion_id", "voter_id", "text", "start_date", "identifier"} & set(members))
    )


def _is_object(value: object) -> bool:
    return bool(
        {"id", "name", "text", "person_id", "organization_id", "motion_id", "voter_id"} & set(dict_of(value))
    )


def _is_vote_event(one: Mapping[str, Any]) -> bool:
    return (
        isinstance(one.get("votes"), list)
        and ("motion_id" in one or "motion" in one or isinstance(one.get("counts"), list))
        and any("option" in dict_of(vote) for vote in list_of(one["votes"])[:5])
    )


def _is_motion(one: Mapping[str, Any]) -> bool:
    return (
        "text" in one
        and isinstance(one.get("vote_events"), list)
        and ("requirement" in one or "result" in one or "creator_id" in one or "creator" in one)
    )


class _Telling:
    """Tells the objects of one source, and remembers the names of what they refer to."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.names: dict[str, str] = {}
        self.events: dict[str, str] = {}

    def tell(self, value: Value) -> None:
        """An object of a list, by the list that it stands in or by its members."""
        one, kind = value.value, value.key
        name = text_of(one.get("name")) or text_of(one.get("label"))
        if name and text_of(one.get("id")):
            self.names[text_of(one.get("id"))] = name
        if kind == "vote_events" or _is_vote_event(one):
            self._vote_event(value, one, "")
        elif kind == "motions" or _is_motion(one):
            self._motion(value, one)
        elif kind == "votes":
            self._vote(
                value, one, "", parent=self.events.get(text_of(one.get("vote_event_id")), ""), event=one
            )
        elif kind == "speeches":
            self._speech(value, one)
        elif kind == "events":
            self._meeting(value, one)
        else:
            self._entry(value, one, kind)

    def _named(self, one: Mapping[str, Any], key: str) -> str:
        """The name of what `key` refers to: inside the object, or by an id seen before, or the id."""
        inner = dict_of(one.get(key))
        number = text_of(one.get(f"{key}_id")) or text_of(one.get(key))
        return text_of(inner.get("name")) or self.names.get(number, number)

    def _record(self, one: Mapping[str, Any], kind: str, value: Value) -> str:
        return f"popolo:{kind}:{text_of(one.get('id')) or text_of(one.get('identifier')) or value.pointer or value.start}"

    def _meeting(self, value: Value, one: Mapping[str, Any]) -> None:
        people = [
            text_of(dict_of(person).get("name")) or self.names.get(text_of(person), text_of(person))
            for person in list_of(one.get("attendees"))
        ]
        people = [name for name in people if name]
        record = self._record(one, "event", value)
        event = self.teller.tell(
            "minutes.meeting", text_of(one.get("name")) or "meeting", value.place(), stamp=text_of(one.get("start_date")), end=text_of(one.get("end_date")), known=_known(one), record=record, audience=people,
            fields={"status": text_of(one.get("status")), "classification": text_of(one.get("classification")), "organization": self._named(one, "organization")}, unit=text_of(one.get("location")), refs=_refs(one),
        )  # fmt: skip
        self.events[text_of(one.get("id"))] = event
        for number, name in enumerate(people):
            self.teller.tell(
                "minutes.present",
                f"present: {name}",
                value.place(f"/attendees/{number}"),
                stamp=text_of(one.get("start_date")),
                record=record,
                actor=name,
                parent=event,
                known=_known(one),
            )

    def _motion(self, value: Value, one: Mapping[str, Any]) -> None:
        record = self._record(one, "motion", value)
        text = text_of(one.get("text")) or text_of(one.get("name")) or "motion"
        fields = {
            key: text_of(one.get(key)) for key in ("classification", "requirement", "result", "identifier")
        }
        common: dict[str, Any] = {
            "stamp": text_of(one.get("date")),
            "known": _known(one),
            "record": record,
            "refs": _refs(one),
        }
        event = self.teller.tell(
            "minutes.motion",
            text,
            value.place(),
            fields={**fields, "organization": self._named(one, "organization")},
            actor=self._named(one, "creator"),
            parent=self.events.get(text_of(one.get("legislative_session_id")), ""),
            **common,
        )
        self.events[text_of(one.get("id"))] = event
        result = text_of(one.get("result"))
        if result:
            self.teller.tell(
                "minutes.decision",
                f"{text}: {result}",
                value.place(),
                fields={"outcome": _RESULTS.get(result.casefold(), "other"), "result": result},
                parent=event,
                **common,
            )
        for number, inner in enumerate(list_of(one.get("vote_events"))):
            if isinstance(inner, dict):
                self._vote_event(value, inner, f"/vote_events/{number}", parent=event)

    def _vote_event(self, value: Value, one: Mapping[str, Any], pointer: str, *, parent: str = "") -> None:
        record = self._record(one, "vote_event", value)
        counts: dict[str, int] = {}
        for count in list_of(one.get("counts")) + [
            c for group in list_of(one.get("group_results")) for c in list_of(dict_of(group).get("counts"))
        ] * (not one.get("counts")):
            option, value_of = text_of(dict_of(count).get("option")), text_of(dict_of(count).get("value"))
            if option and value_of.isdecimal():
                counts[option] = counts.get(option, 0) + int(value_of[:18])
        motion = text_of(one.get("motion_id")) or text_of(dict_of(one.get("motion")).get("id"))
        said = ", ".join(f"{option} {total}" for option, total in counts.items())
        about = (
            text_of(dict_of(one.get("motion")).get("text"))
            or text_of(one.get("identifier"))
            or text_of(one.get("id"))
            or "vote"
        )
        result = text_of(one.get("result"))
        fields = {
            **{option: str(total) for option, total in counts.items()},
            "result": result,
            "vote_event": text_of(one.get("id")) or text_of(one.get("identifier")),
            "organization": self._named(one, "organization"),
        }
        event = self.teller.tell(
            "minutes.vote", f"{about}: {said or result or 'a vote was held'}{f' ({result})' if said and result else ''}", value.place(pointer), stamp=text_of(one.get("start_date")), end=text_of(one.get("end_date")), known=_known(one), record=record,
            fields=fields, refs=[*_refs(one), *([motion] if motion else [])], parent=parent or self.events.get(motion, ""),
        )  # fmt: skip
        self.events[text_of(one.get("id"))] = event
        for number, vote in enumerate(list_of(one.get("votes"))):
            if isinstance(vote, dict):
                self._vote(value, vote, f"{pointer}/votes/{number}", parent=event, event=one)

    def _vote(
        self, value: Value, one: Mapping[str, Any], pointer: str, *, parent: str, event: Mapping[str, Any]
    ) -> None:
        voter, option = self._named(one, "voter"), text_of(one.get("option"))
        fields = {
            "option": option,
            "organization": self._named(one, "group"),
            "role": text_of(one.get("role")),
            "weight": text_of(one.get("weight")),
            "pair": self._named(one, "pair"),
            "vote_event": text_of(one.get("vote_event_id"))
            or text_of(event.get("id"))
            or text_of(event.get("identifier")),
        }
        record = (
            self._record(event, "vote_event", value)
            if event is not one
            else f"popolo:vote_event:{fields['vote_event']}"
        )
        self.teller.tell(
            "minutes.vote",
            f"{voter or 'someone'}: {option or 'option not stated'}",
            value.place(pointer),
            stamp=text_of(event.get("start_date")),
            known=_known(event),
            record=record,
            fields=fields,
            actor=voter,
            parent=parent,
        )

    def _speech(self, value: Value, one: Mapping[str, Any]) -> None:
        text = text_of(one.get("text")) or text_of(one.get("title")) or "speech"
        stamp = text_of(one.get("start_date")) or text_of(one.get("date"))
        audience = [self._named(one, "audience")] if self._named(one, "audience") else []
        fields = {
            key: text_of(one.get(key))
            for key in ("role", "type", "position", "title", "attribution_text", "video", "audio")
        }
        self.teller.tell(
            "minutes.statement", text, value.place(), stamp=stamp, end=text_of(one.get("end_date")), known=_known(one), time_kind=TimeKind.SAID, record=self._record(one, "speech", value), fields=fields, actor=self._named(one, "creator") or text_of(one.get("attribution_text")),
            audience=audience, parent=self.events.get(text_of(one.get("event_id")), ""), refs=_refs(one),
        )  # fmt: skip

    def _entry(self, value: Value, one: Mapping[str, Any], kind: str) -> None:
        singular = {
            "persons": "Person",
            "organizations": "Organization",
            "memberships": "Membership",
            "posts": "Post",
            "areas": "Area",
        }.get(kind, "Object")
        who = (
            text_of(one.get("name"))
            or text_of(one.get("label"))
            or " – ".join(
                name for name in (self._named(one, "person"), self._named(one, "organization")) if name
            )
        )
        start = text_of(one.get("start_date")) or text_of(one.get("founding_date"))
        fields = {
            "type": singular,
            **{
                key: text_of(one.get(key))
                for key in (
                    "role",
                    "classification",
                    "end_date",
                    "on_behalf_of_id",
                    "post_id",
                    "founding_date",
                    "dissolution_date",
                )
            },
        }
        self.teller.tell(
            "minutes.register", f"{singular}: {who or text_of(one.get('id'))}".strip(": "), value.place(), stamp=start, known=_known(one), time_kind=TimeKind.STARTED, record=self._record(one, singular.lower(), value), fields=fields, subject=who, refs=_refs(one),
        )  # fmt: skip


def _known(one: Mapping[str, Any]) -> str:
    return text_of(one.get("updated_at")) or text_of(one.get("created_at"))


def _refs(one: Mapping[str, Any]) -> list[str]:
    return [text_of(one.get("id"))] if text_of(one.get("id")) else []
