"""`text_of`, `list_of`, `dict_of`, `dig`: what a field of a JSON record holds, of whatever type it turns out to be.

The decision hidden here: what a value of the wrong type is worth. A text where an object was promised, a list where a
text was, null everywhere: an export may hold any of it, and no reader stops for it. What isn't of the type asked for is
empty, never guessed.
"""

from __future__ import annotations

from typing import Any

__all__ = ["dict_of", "dig", "list_of", "text_of"]


def text_of(value: object) -> str:
    """`value` as text: a text as it is, a number or truth value as written, "" for null, lists and objects.

    >>> text_of("a"), text_of(7), text_of(True), text_of(None), text_of({"a": 1})
    ('a', '7', 'true', '', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else ""


def list_of(value: object) -> list[Any]:
    """`value` where it is a list, else an empty list.

    >>> list_of([1]), list_of({"a": 1}), list_of(None)
    ([1], [], [])
    """
    return value if isinstance(value, list) else []


def dict_of(value: object) -> dict[str, Any]:
    """`value` where it is an object, else an empty one.

    >>> dict_of({"a": 1}), dict_of([1]), dict_of("a")
    ({'a': 1}, {}, {})
    """
    return value if isinstance(value, dict) else {}


def dig(value: object, *keys: str | int) -> Any:
    """What lies under `keys` in nested objects (names) and lists (numbers from 0), None where a step is missing.

    >>> dig({"a": [{"b": 1}]}, "a", 0, "b"), dig({"a": None}, "a", "b")
    (1, None)
    """
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            return None
    return value
