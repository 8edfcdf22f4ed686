"""Named parts: JSON objects, key=value pairs and cells under a header become columns by the names they go by.

The decision hidden here: which name wins. A format's `keys` list, for each column, names in order; the first that is
present wins; a dot reaches into objects, a blank joins two values. What no column takes keeps its name as an attribute.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rca.moments.stamps import compile_layout, parse_count
from rca.reading.lines.formats import Format

__all__ = ["COLUMNS", "columns_of", "is_claimed", "is_stamp", "load_object", "load_pairs", "reach", "text_of"]

COLUMNS = ("stamp", "message", "subject", "component", "actor", "unit", "channel", "trace_id", "severity")
"""The parts of a line that are columns of the event; all others are attributes."""
_RESERVED = {*COLUMNS, "pri"}
_PAIR = re.compile(r'([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')


def load_object(text: str) -> dict[str, Any] | None:
    """The JSON object that a line is, numbers as written; None when it is none."""
    stripped = text.strip().removesuffix(",")
    if not stripped.startswith("{") or not stripped.endswith("}"):
        return None
    try:
        found = json.loads(stripped, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def load_pairs(text: str) -> dict[str, Any] | None:
    """The key=value pairs of a line; None when there are none."""
    pairs = {
        m[1]: m[2].replace('\\"', '"').replace("\\\\", "\\") if m[2] is not None else m[3]
        for m in _PAIR.finditer(text)
    }
    return pairs or None


def reach(fields: Any, name: str) -> Any:
    """The value that `name` leads to; None when there is none.

    A name is a key as it stands, several joined by blanks, or a path with dots: into objects, into lists by position, and
    into texts that hold an object. A key may itself hold dots.

    >>> reach({"log": {"level": "info"}, "day": "2024-11-12", "at": "05:30"}, "log.level")
    'info'
    >>> reach({"day": "2024-11-12", "at": "05:30"}, "day at")
    '2024-11-12 05:30'
    """
    if isinstance(fields, list):
        place, dot, rest = name.partition(".")
        if not place.isdecimal() or int(place) >= len(fields):
            return None
        return reach(fields[int(place)], rest) if dot else fields[int(place)]
    if not isinstance(fields, Mapping):
        return None
    if name in fields:
        return fields[name]
    if " " in name:
        parts = [reach(fields, part) for part in name.split(" ")]
        if any(part is None or isinstance(part, dict | list) for part in parts):
            return None
        return " ".join(text_of(part) for part in parts)
    at = name.find(".")
    while at >= 0:
        inner = fields.get(name[:at])
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            inner = load_object(inner)
        found = reach(inner, name[at + 1 :]) if inner is not None else None
        if found is not None:
            return found
        at = name.find(".", at + 1)
    return None


def is_claimed(one: Format, fields: Mapping[str, Any]) -> bool:
    """Whether the names that a format needs (of a group: one of them) are there, with the values that it needs."""
    if not all(any(reach(fields, name) is not None for name in group) for group in one.need):
        return False
    for name, wanted in one.need_values.items():
        value = reach(fields, name)
        if value is None or text_of(value) not in wanted:
            return False
    return True


def columns_of(one: Format, fields: Mapping[str, Any], *, needs_stamp: bool = True) -> dict[str, str] | None:
    """The parts of an object by the names of columns, the rest under their own names; None where no stamp is found."""
    if needs_stamp and (one.need or one.need_values) and not is_claimed(one, fields):
        return None
    groups: dict[str, str] = {}
    used: set[str] = set()
    for column, names in one.keys.items():
        for name in names:
            value = reach(fields, name)
            if value is None or isinstance(value, dict | list) or value == "":
                continue
            text = text_of(value).strip()
            if column == "stamp" and not is_stamp(one, text):
                continue
            groups[column] = text
            used.update(name.split(" ") if name not in fields else (name,))
            break
    if needs_stamp and "stamp" not in groups:
        return None
    for name, value in fields.items():
        if name not in used and value is not None:
            groups.setdefault(f"{name}_" if name in _RESERVED else name, text_of(value))
    return groups


@lru_cache(maxsize=65_536)
def is_stamp(one: Format, text: str) -> bool:
    """Whether one of the format's layouts can read `text`; "-" is a stamp that says nothing."""
    return text == "-" or any(
        (parse_count(text) if layout == "epoch" else compile_layout(layout).parse(text)) is not None
        for layout in (*one.layouts, *one.other_layouts)
    )


def text_of(value: Any) -> str:
    """A value of JSON as text: strings as they are, the rest as JSON."""
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
