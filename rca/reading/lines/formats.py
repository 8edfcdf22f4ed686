"""Formats as data: a TOML entry with pattern, layouts and samples becomes something that takes a line apart.

The decision hidden here: the keys of an entry, and how groups become columns. Groups named like a column go there,
all others into `attributes` under their own name; `{stamp}` in a pattern stands for the patterns of the layouts. The
samples of an entry are its tests.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from rca.errors import FormatError, did_you_mean
from rca.moments.stamps import Layout, Stamp, compile_layout

__all__ = ["Format", "Parts", "load_formats", "parse_formats", "severity_number"]

_KEYS = {
    "name", "title", "reference", "kind", "priority", "pattern", "layouts", "other_layouts", "message", "severity",
    "multiline", "json", "logfmt", "keys", "samples",
}  # fmt: skip
_COLUMNS = ("stamp", "message", "subject", "component", "actor", "unit", "channel", "trace_id", "severity")
_NIL = ("-", "")

# OpenTelemetry log data model, appendix B; numbers of levels that it does not name lie in the band of their meaning.
_SEVERITIES = {
    "trace": 1, "finest": 1, "finer": 3, "verbose": 1, "all": 1,
    "debug": 5, "dbg": 5, "fine": 5, "debugging": 5,
    "info": 9, "information": 9, "informational": 9, "config": 9, "audit": 9,
    "notice": 10,
    "warn": 13, "warning": 13, "wrn": 13,
    "error": 17, "err": 17, "severe": 17, "failure": 17,
    "crit": 18, "critical": 18,
    "alert": 19,
    "fatal": 21, "emerg": 21, "emergency": 21, "panic": 21,
}  # fmt: skip
_SYSLOG = (21, 19, 18, 17, 13, 10, 9, 5)
_FACILITY_BITS = 3


@dataclass(slots=True)
class Parts:
    """A line taken apart: its stamp as text, its columns, and the remaining named fields."""

    stamp: str
    columns: dict[str, Any]
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """A log format. `take` takes a line apart or says None; `parse_stamp` reads the stamp that `take` found."""

    name: str
    title: str
    reference: str
    kind: str
    priority: int
    multiline: bool
    layouts: tuple[str, ...]
    other_layouts: tuple[str, ...]
    samples: tuple[Mapping[str, Any], ...]
    origin: str
    take: Callable[[str], Parts | None] = field(compare=False, repr=False)
    find_stamp: Callable[[str], str | None] = field(compare=False, repr=False)

    def parse_stamp(self, text: str, *, swapped: bool = False) -> Stamp | None:
        """The stamp that `text` is in the first layout that fits; `swapped` asks the other order of day and month."""
        for name in self.other_layouts if swapped else self.layouts:
            stamp = _epoch(text) if name == "epoch" else _layout(name).parse(text)
            if stamp is not None:
                return stamp
        return None


@cache
def _layout(name: str) -> Layout:
    return compile_layout(name)


def _epoch(text: str) -> Stamp | None:
    """A count since 1970 whose unit its size tells: seconds to the year 5138, then ms, µs, ns."""
    whole = text.partition(".")[0].lstrip("-")
    if not whole.isdecimal() or not 9 <= len(whole) <= 19:  # shorter numbers are no times of our days
        return None
    size = int(whole)
    unit = "s" if size < 10**11 else "ms" if size < 10**14 else "us" if size < 10**17 else "ns"
    return _layout(f"epoch:{unit}").parse(text)


def severity_number(word: str) -> int | None:
    """The OpenTelemetry severity of a level's name; numbers are not guessed.

    >>> severity_number("WARN"), severity_number("blue")
    (13, None)
    """
    return _SEVERITIES.get(word.strip("[]<>() ").casefold())


@cache
def load_formats() -> tuple[Format, ...]:
    """The formats that ship with the package, in the order in which they are tried."""
    folder = resources.files(__package__).joinpath("formats")
    found: list[Format] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            found.extend(parse_formats(tomllib.loads(entry.read_text(encoding="utf-8")), origin=entry.name))
    return tuple(sorted(found, key=lambda f: (f.priority, f.name)))


def parse_formats(document: Mapping[str, Any], *, origin: str) -> list[Format]:
    """The formats of a parsed TOML document; `origin` names the file in messages.

    Raises:
        FormatError: a key is unknown or missing, a pattern does not compile, a layout has an unknown directive.
    """
    entries = document.get("format", [])
    if not isinstance(entries, list):
        raise FormatError("Formats are written as [[format]]", where=origin)
    return [_parse_format(entry, origin) for entry in entries]


def _parse_format(entry: Mapping[str, Any], origin: str) -> Format:
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise FormatError("A format has a name", where=origin, hint='Write: name = "…"')
    place = f"{origin}, format {name}"
    for key in entry:
        if key not in _KEYS:
            raise FormatError(f'A format has no key "{key}"', where=place, hint=did_you_mean(key, _KEYS))
    layouts = tuple(entry.get("layouts", ()))
    if not layouts:
        raise FormatError("A format has layouts for its stamp", where=place, hint='Write: layouts = ["iso"]')
    for layout in (*layouts, *entry.get("other_layouts", ())):
        if layout != "epoch":
            compile_layout(layout)
    severities = {str(k).casefold(): int(v) for k, v in entry.get("severity", {}).items()}
    if entry.get("json") or entry.get("logfmt"):
        take, find = _object_taker(entry, severities)
    else:
        take, find = _pattern_taker(entry, layouts, severities, place)
    return Format(
        name,
        str(entry.get("title", name)),
        str(entry.get("reference", "")),
        str(entry.get("kind", "log.line")),
        int(entry.get("priority", 50)),
        bool(entry.get("multiline", False)),
        layouts,
        tuple(entry.get("other_layouts", ())),
        tuple(entry.get("samples", ())),
        origin,
        take,
        find,
    )


def _pattern_taker(
    entry: Mapping[str, Any], layouts: Sequence[str], severities: Mapping[str, int], place: str
) -> tuple[Callable[[str], Parts | None], Callable[[str], str | None]]:
    source = entry.get("pattern")
    if not isinstance(source, str):
        raise FormatError("A format has a pattern", where=place)
    if "{stamp}" in source:
        stamps = "|".join(_layout(name).pattern for name in layouts)
        source = source.replace("{stamp}", f"(?P<stamp>{stamps})")
    try:
        pattern = re.compile(source, re.DOTALL)
    except re.error as error:
        raise FormatError(f"The pattern does not compile: {error}", where=place) from None
    if "stamp" not in pattern.groupindex:
        raise FormatError("The pattern has no group (?P<stamp>…)", where=place)
    template = entry.get("message")
    match = pattern.match

    def take(line: str) -> Parts | None:
        found = match(line)
        if found is None:
            return None
        groups = {key: value for key, value in found.groupdict().items() if value is not None}
        if template is not None:
            groups["message"] = template.format_map(groups)
        elif "message2" in groups:
            groups["message"] = groups.pop("message2")
        return _columns(groups, severities)

    def find(line: str) -> str | None:
        found = match(line)
        return found["stamp"] if found else None

    return take, find


def _columns(groups: dict[str, Any], severities: Mapping[str, int]) -> Parts:
    stamp = groups.pop("stamp", "")
    columns: dict[str, Any] = {}
    pri = groups.pop("pri", None)
    if pri is not None and int(pri) <= 191:
        columns["severity"] = _SYSLOG[int(pri) & 7]
        groups["facility"] = str(int(pri) >> _FACILITY_BITS)
    word = groups.pop("severity", None)
    if word is not None:
        columns["severity_text"] = str(word)
        number = severities.get(str(word).casefold()) or severity_number(str(word))
        if number is not None:
            columns["severity"] = number
    for name in _COLUMNS[1:-1]:
        value = groups.pop(name, None)
        if value is not None and value not in _NIL:
            columns[name] = value
    fields = {key: value for key, value in groups.items() if value not in _NIL}
    return Parts(stamp, columns, fields)


_PAIR = re.compile(r'([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')


def _object_taker(
    entry: Mapping[str, Any], severities: Mapping[str, int]
) -> tuple[Callable[[str], Parts | None], Callable[[str], str | None]]:
    keys: Mapping[str, Sequence[str]] = entry.get("keys", {})
    is_json = bool(entry.get("json"))
    guard = re.compile(entry["pattern"]).match if "pattern" in entry else None

    def take(line: str) -> Parts | None:
        if guard is not None and guard(line) is None:
            return None
        found = _load_json(line) if is_json else _load_pairs(line)
        if found is None:
            return None
        groups: dict[str, Any] = {}
        rest = dict(found)
        for column, names in keys.items():
            for name in names:
                value = rest.get(name)
                if value is not None and not isinstance(value, dict | list) and value != "":
                    groups[column] = _text(rest.pop(name))
                    break
        if "stamp" not in groups:
            return None
        for key, value in rest.items():
            groups.setdefault(key if key not in _COLUMNS and key != "pri" else f"{key}_", _text(value))
        return _columns(groups, severities)

    def find(line: str) -> str | None:
        parts = take(line)
        return parts.stamp if parts else None

    return take, find


def _load_json(line: str) -> dict[str, Any] | None:
    stripped = line.strip()
    if not stripped.startswith("{"):
        return None
    try:
        found = json.loads(stripped, parse_float=str, parse_int=str)
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _load_pairs(line: str) -> dict[str, Any] | None:
    pairs = {m[1]: m[2] if m[2] is not None else m[3] for m in _PAIR.finditer(line)}
    return pairs or None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def names_of(formats: Iterable[Format]) -> dict[str, Format]:
    """Formats by name."""
    return {f.name: f for f in formats}
