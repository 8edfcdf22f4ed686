"""`tell_history`: the changes of an issue from its changelog, one event per item of each history.

The decision hidden here: what a changed field means. The id of the field decides, then its English name; a link is told
with its phrase as the changelog words it ("This issue is caused by OPS-9"); a link, file or resolution that is taken
away is a change of the field. What a field held before its first change is what it held when the issue was created.

References:
    Atlassian, Jira REST API v2 and v3, `expand=changelog`, `issue/{key}/changelog`, `changelog/bulkfetch`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.telling import Place, Teller, one_line
from rca.reading.tickets.jira_columns import KEY
from rca.reading.tickets.jira_telling import record_of, tell_link
from rca.reading.tickets.links import Relation, relation_of

__all__ = ["History", "initial_values", "person", "second_of", "tell_history"]

_KINDS = {
    "status": "ticket.status",
    "assignee": "ticket.assignee",
    "priority": "ticket.priority",
    "severity": "ticket.priority",
    "urgency": "ticket.priority",
    "impact": "ticket.priority",
}
_LINKS = frozenset({"link", "issuelinks", "workitemlink", "work item link", "issue link"})
_PARENTS = frozenset({"parent", "epic link", "parent issue", "issueparentassociation", "parent link"})
_PHRASE = re.compile(
    rf"(?:(?:this|diese[rs]?|esta|este|cette|ce|denna|denne|эта)\s+\S+(?:\s+item)?\s+)?(?P<phrase>.+?)\s+(?P<key>{KEY.pattern})",
    re.IGNORECASE | re.DOTALL,
)

_LONG = 400


@dataclass(slots=True)
class History:
    """What a changelog told: values before their first change, and what need not be told again.

    `resolved` holds the seconds at which a resolution was set, `links` the (target, relation) that were linked, `files`
    the ids of files that were attached.
    """

    initial: dict[str, str] = field(default_factory=dict)
    resolved: set[str] = field(default_factory=set)
    links: set[tuple[str, Relation]] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    count: int = 0


def person(value: object) -> str:
    """A user as written: the name shown, else the name, the address or the account; "" for nobody.

    >>> person({"displayName": "on-call", "accountId": "1"}), person(None), person("admin")
    ('on-call', '', 'admin')
    """
    if isinstance(value, dict):
        names = ("displayName", "name", "emailAddress", "accountId", "key")
        return next((text for name in names if (text := text_of(value.get(name)).strip())), "")
    return text_of(value).strip()


def _instant(text: str) -> float:
    """An instant to sort by, 0 for what is none."""
    try:
        found = dt.datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return float(text) if text.isdecimal() and len(text) < 20 else 0.0


def second_of(stamp: str) -> str:
    """A stamp to the second, so that `resolutiondate` meets the change that set it.

    >>> second_of("2015-09-15T11:02:23.281+0200")
    '2015-09-15T11:02:23+0200'
    """
    return re.sub(r"(?<=:\d\d)\.\d+", "", stamp.strip())


def initial_values(histories: list[Any]) -> dict[str, str]:
    """What fields held before the first change of each, by the field's name in small letters."""
    found: dict[str, tuple[float, str]] = {}
    for one in histories:
        at = _instant(text_of(dig(one, "created")))
        for item in list_of(dig(one, "items")):
            name = (text_of(dig(item, "fieldId")) or text_of(dig(item, "field"))).casefold()
            if name and (name not in found or at < found[name][0]):
                found[name] = (at, text_of(dig(item, "fromString")) or text_of(dig(item, "from")))
    return {name: value for name, (_, value) in found.items()}


def tell_history(
    teller: Teller,
    key: str,
    histories: list[Any],
    place_of: Callable[[int, int], Place],
    *,
    created: str = "",
    zone: str = "",
    assumptions: Sequence[str] = (),
) -> History:
    """Tell the items of `histories`; `place_of` gives the place of an item by its numbers, `created` its parent.

    `zone` is what the format's documentation says of stamps without an offset; then `assumptions` say so.
    """
    told = History(initial=initial_values(histories))
    for number, one in enumerate(histories):
        history = dict_of(one)
        for index, item in enumerate(list_of(history.get("items"))):
            if isinstance(item, dict):
                shared = {"parent": created, "zone": zone, "assumptions": assumptions}
                _tell_item(teller, key, history, item, place_of(number, index), told=told, shared=shared)
                told.count += 1
    return told


def _tell_item(
    teller: Teller,
    key: str,
    history: Mapping[str, Any],
    item: Mapping[str, Any],
    place: Place,
    *,
    told: History,
    shared: dict[str, Any],
) -> None:
    name = text_of(item.get("field")) or text_of(item.get("fieldId"))
    field_id = text_of(item.get("fieldId"))
    plain = {field_id.casefold(), name.casefold()}
    old_id, new_id = text_of(item.get("from")), text_of(item.get("to"))
    old, new = text_of(item.get("fromString")) or old_id, text_of(item.get("toString")) or new_id
    stamp = text_of(history.get("created"))
    shared |= {"actor": person(history.get("author")), "stamp": stamp}
    fields = {
        "field": name,
        "field_id": field_id,
        "old": old,
        "new": new,
        "old_id": old_id if old_id != old else "",
        "new_id": new_id if new_id != new else "",
        "change_id": text_of(history.get("id")),
        "change_note": text_of(dig(history, "historyMetadata", "activityDescription"))
        or text_of(dig(history, "historyMetadata", "description")),
    }
    fields = {label: value for label, value in fields.items() if value or label in ("old", "new")}
    if plain & _LINKS and new:
        phrase, target = _phrase_of(new, new_id)
        if target:
            told.links.add((target, relation_of(phrase)))
            tell_link(teller, key, target, place, phrase=phrase, fields=fields, **shared)
            return
    if plain & _PARENTS and KEY.fullmatch(new):
        told.links.add((new, Relation.CHILD_OF))
        tell_link(
            teller, key, new, place, relation=Relation.CHILD_OF, written_as=name, fields=fields, **shared
        )
        return
    kind = next((_KINDS[one] for one in plain if one in _KINDS), "ticket.change")
    message = (
        f"{key} {one_line(name, 80) or 'field'}: {one_line(old, 150) or '–'} → {one_line(new, 150) or '–'}"
    )
    if "resolution" in plain and new:
        kind, message = "ticket.resolved", f"{key} resolved: {one_line(new, 150)}"
        told.resolved.add(second_of(stamp))
    elif "attachment" in plain and new:
        kind, message = "ticket.attachment", f"{key} attachment: {one_line(new, 150)}"
        fields["name"] = new
        told.files.add(new_id)
    refs = [one for one in dict.fromkeys(re.findall(rf"(?<![\w-]){KEY.pattern}(?![\w-])", f"{old[:2000]} {new[:2000]}"))
            if one != key] if plain & (_LINKS | _PARENTS | {"key"}) else []  # fmt: skip
    teller.tell(kind, message, place, record=record_of(key), subject=key, refs=refs, fields=fields, **shared)


def _phrase_of(text: str, target: str) -> tuple[str, str]:
    """The phrase and the key in a text such as "This issue is caused by OPS-9"; the key alone where no phrase is.

    >>> _phrase_of("This issue is caused by OPS-9", "OPS-9"), _phrase_of("OPS-9", "OPS-9")
    (('is caused by', 'OPS-9'), ('', 'OPS-9'))
    """
    found = _PHRASE.fullmatch(text.strip()) if len(text) <= _LONG else None
    if found:
        return " ".join(found["phrase"].split()), found["key"]
    keys = re.findall(rf"(?<![\w-]){KEY.pattern}(?![\w-])", text[:2000])
    if keys:
        return "", keys[-1]
    return "", target if KEY.fullmatch(target) else ""
