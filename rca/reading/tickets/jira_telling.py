"""`tell_link`, `record_of`, `lasting`: what the readers of Jira's exports say in the same words.

The decision hidden here: how a link of an issue is told. It is an assertion of whoever linked, read from its phrase;
where an export names only the type, the direction is told and the relation stays unstated.

References:
    Atlassian, "Configuring issue linking"; Jira REST API, `issuelinks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rca.reading.telling import Place, Teller, one_line
from rca.reading.tickets.links import Relation, relation_of

__all__ = ["HISTORY", "LINKERS", "lasting", "record_of", "tell_link"]

HISTORY = "status history: when status, assignee and other fields changed, and who changed them"
LINKERS = "who linked issues, and when"
_STATED = {Relation.CHILD_OF: "has the parent", Relation.PARENT_OF: "has the sub-task"}


def record_of(key: str) -> str:
    """The id of the record of an issue.

    >>> record_of("OPS-7")
    'jira:OPS-7'
    """
    return f"jira:{key}"


def lasting(seconds: str) -> str:
    """Seconds of work as hours and minutes; "" for what is no number.

    >>> lasting("5400"), lasting("90"), lasting("soon")
    ('1 h 30 min', '1 min 30 s', '')
    """
    if not seconds.isdecimal() or len(seconds) > 12:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def tell_link(
    teller: Teller,
    key: str,
    target: str,
    place: Place,
    *,
    phrase: str = "",
    relation: Relation | None = None,
    written_as: str = "",
    type_name: str = "",
    direction: str = "",
    stamp: str = "",
    known: str = "",
    fields: Mapping[str, Any] | None = None,
    assumptions: Sequence[str] = (),
    **columns: Any,
) -> str:
    """Tell that issue `key` is linked to `target`; the id of the event.

    `phrase` is read from `key` to `target` ("is caused by"); "" where the export gives only the type's name and the
    direction (outward, inward). Where the place states the relation instead (a list of sub-tasks), `relation` is it and
    `written_as` the name of that place.
    """
    if relation is not None:
        message = f"{key} {_STATED.get(relation, relation.value)} {target}"
    elif phrase:
        message = f"{key} {one_line(phrase, 120)} {target}"
    else:
        way = f"{direction} " if direction else ""
        named = f' of type "{one_line(type_name, 120)}"' if type_name else ""
        message = f"{key} has an {way}link{named} to {target}"
        message = message if way else message.replace(" has an link", " has a link")
        message += "; its phrase is not given"
    is_worded = bool(phrase) or relation is not None
    relation = relation or relation_of(phrase)
    return teller.tell(
        "ticket.link",
        message,
        place,
        stamp=stamp,
        known=known,
        record=record_of(key),
        refs=[target],
        subject=key,
        fields={
            "relation": relation.value,
            "phrase": phrase,
            "target": target,
            "direction": direction,
            "link_type": type_name,
            "asserted": "true",
            **({"written_as": written_as} if written_as else {}),
            **({} if is_worded else {"phrase_given": "false"}),
            **(fields or {}),
        },
        assumptions=assumptions,
        **columns,
    )
