"""Formats as data: an entry of TOML says how a line of one log format looks, and what its parts mean.

The decision hidden here: the keys of an entry, and the order in which formats are tried. How a format takes lines apart
is `matching`'s; the samples of an entry are its tests.

Keys: `name`, `title`, `reference`, `kind`, `priority` (lower is tried first), `pattern` (one, or several that are tried in
order) with named groups, `{stamp}` for the patterns of `layouts`; `other_layouts` for the other order of day and month;
`message`, a template; `severity`, words to numbers; `multiline` for records that run over several lines; `head`, which
finds the first line of a record whose pattern speaks of the whole record, and `tail` its last; `zone`, UTC where the product
fixes it; `structure`, lines that are understood but no
events; `date_line` with `date_layouts`, a structure line that states the date of times that follow; `header` with `separator`, a line that names the columns of those that follow; `json` or `logfmt` with `need` and `need_values`; `keys`,
for each column the names that it goes by; `samples`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from rca.errors import FormatError, did_you_mean
from rca.moments.stamps import compile_layout
from rca.reading.lines.patterns import check, names

__all__ = ["SEPARATORS", "Format", "Style", "load_formats", "names_of", "parse_formats", "severity_number"]

_TEXTS = ("title", "reference", "kind", "message", "head", "tail", "zone", "date_line", "header", "separator")
_LISTS = ("layouts", "other_layouts", "date_layouts", "structure")
_KEYS = {
    "name", "priority", "pattern", "severity", "multiline", "json", "logfmt", "keys", "need", "need_values", "samples", *_TEXTS, *_LISTS,
}  # fmt: skip
SEPARATORS = {"space": " ", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}

# OpenTelemetry log data model, appendix B; numbers of levels that it does not name lie in the band of their meaning.
_SEVERITIES = {
    "trace": 1, "finest": 1, "finer": 3, "verbose": 1, "all": 1, "trc": 1, "vrb": 1,
    "debug": 5, "dbg": 5, "fine": 5, "debugging": 5,
    "info": 9, "information": 9, "informational": 9, "config": 9, "audit": 9, "inf": 9,
    "notice": 10, "ntc": 10,
    "warn": 13, "warning": 13, "wrn": 13,
    "error": 17, "err": 17, "severe": 17, "failure": 17, "eror": 17,
    "crit": 18, "critical": 18, "crt": 18,
    "alert": 19,
    "fatal": 21, "emerg": 21, "emergency": 21, "panic": 21, "ftl": 21,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """How the lines of a format are laid out: by patterns, as JSON, as pairs, or in columns that a header names."""

    json: bool = False
    logfmt: bool = False
    header: str = ""
    separator: str = " "

    @property
    def is_keyed(self) -> bool:
        """Whether the parts of a line have names of their own that `keys` explains."""
        return self.json or self.logfmt or bool(self.header)


@dataclass(frozen=True, slots=True)
class Format:
    """A log format, as its entry says. Equal entries are equal formats."""

    name: str
    title: str
    reference: str
    kind: str
    priority: int
    patterns: tuple[str, ...]
    layouts: tuple[str, ...]
    other_layouts: tuple[str, ...]
    multiline: bool
    message: str
    severity: Mapping[str, int]
    head: str
    tail: str
    zone: str
    structure: tuple[str, ...]
    date_line: str
    date_layouts: tuple[str, ...]
    style: Style
    keys: Mapping[str, tuple[str, ...]]
    need: tuple[tuple[str, ...], ...]
    need_values: Mapping[str, tuple[str, ...]]
    samples: tuple[Mapping[str, Any], ...] = field(compare=False, repr=False)
    origin: str = field(compare=False)

    def __hash__(self) -> int:
        return hash((self.name, self.patterns, self.layouts, self.head))

    @property
    def is_indented(self) -> bool:
        """Whether its lines may begin with a blank or tab: whether a sample of it does."""
        return any(str(sample.get("line", ""))[:1] in (" ", "\t") for sample in self.samples)


def severity_number(word: str, own: Mapping[str, int] | None = None) -> int | None:
    """The OpenTelemetry severity of a level's name, `own` names first; numbers are not guessed.

    >>> severity_number("WARN"), severity_number("blue")
    (13, None)
    """
    bare = word.strip("[]<>() ").casefold()
    if own:
        found = own.get(word.casefold(), own.get(bare))
        if found is not None:
            return found
    return _SEVERITIES.get(bare)


@cache
def load_formats() -> tuple[Format, ...]:
    """The formats that ship with the package, in the order in which they are tried."""
    folder = resources.files(__package__).joinpath("formats")
    found: list[Format] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            document = tomllib.loads(entry.read_text(encoding="utf-8"))
            found.extend(parse_formats(document, origin=entry.name, trusted=True))
    return tuple(sorted(found, key=lambda f: (f.priority, f.name)))


def parse_formats(document: Mapping[str, Any], *, origin: str, trusted: bool = False) -> list[Format]:
    """The formats of a parsed TOML document; `origin` names the file in messages.

    `trusted` leaves out compiling the patterns: what ships is compiled by the tests.

    Raises:
        FormatError: a key is unknown or missing, a pattern does not compile, a layout has an unknown directive.
    """
    entries = document.get("format", [])
    if not isinstance(entries, list):
        raise FormatError("Formats are written as [[format]]", where=origin)
    return [_parse_format(entry, origin, trusted=trusted) for entry in entries]


def _parse_format(entry: Mapping[str, Any], origin: str, *, trusted: bool) -> Format:
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise FormatError("A format has a name", where=origin, hint='Write: name = "…"')
    place = f"{origin}, format {name}"
    for key in entry:
        if key not in _KEYS:
            raise FormatError(f'A format has no key "{key}"', where=place, hint=did_you_mean(key, _KEYS))
    style = _parse_style(entry, place)
    patterns = entry.get("pattern", ())
    found = Format(
        name=name,
        title=str(entry.get("title", name)),
        reference=str(entry.get("reference", "")),
        kind=str(entry.get("kind", "log.line")),
        priority=int(entry.get("priority", 50)),
        patterns=(patterns,) if isinstance(patterns, str) else tuple(patterns),
        layouts=_texts(entry, "layouts", place),
        other_layouts=_texts(entry, "other_layouts", place),
        multiline=bool(entry.get("multiline", False)) or "head" in entry,
        message=str(entry.get("message", "")),
        severity={str(k).casefold(): int(v) for k, v in entry.get("severity", {}).items()},
        head=str(entry.get("head", "")),
        tail=str(entry.get("tail", "")),
        zone=_parse_zone(entry, place),
        structure=_texts(entry, "structure", place),
        date_line=str(entry.get("date_line", "")),
        date_layouts=_texts(entry, "date_layouts", place),
        style=style,
        keys={str(k): tuple(map(str, v)) for k, v in entry.get("keys", {}).items()},
        need=tuple(_group(name) for name in entry.get("need", ())),
        need_values={str(k): _group(v) for k, v in entry.get("need_values", {}).items()},
        samples=tuple(entry.get("samples", ())),
        origin=origin,
    )
    _check_format(found, place, trusted=trusted)
    return found


def _parse_style(entry: Mapping[str, Any], place: str) -> Style:
    separator = str(entry.get("separator", "space"))
    if separator not in SEPARATORS:
        raise FormatError(
            f'There is no separator "{separator}"', where=place, hint=did_you_mean(separator, SEPARATORS)
        )
    return Style(
        bool(entry.get("json", False)),
        bool(entry.get("logfmt", False)),
        str(entry.get("header", "")),
        SEPARATORS[separator],
    )


def _parse_zone(entry: Mapping[str, Any], place: str) -> str:
    zone = str(entry.get("zone", ""))
    if zone not in ("", "UTC"):
        raise FormatError(
            f'A format is written in UTC or its zone is open, not "{zone}"',
            where=place,
            hint="The zone of an exhibit belongs in the register or in zone=…",
        )
    return zone


def _group(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def _texts(entry: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = entry.get(key, ())
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise FormatError(f"{key} is a list", where=place, hint=f'Write: {key} = ["…"]')
    return tuple(map(str, value))


def _check_format(found: Format, place: str, *, trusted: bool) -> None:
    if not found.layouts:
        raise FormatError("A format has layouts for its stamp", where=place, hint='Write: layouts = ["iso"]')
    for layout in (*found.layouts, *found.other_layouts, *found.date_layouts):
        if layout != "epoch":
            compile_layout(layout)
    if not found.patterns and not found.style.is_keyed:
        raise FormatError("A format has a pattern", where=place)
    for pattern in found.patterns:
        if not found.style.is_keyed and "{stamp}" not in pattern and not _states_time(names(pattern)):
            raise FormatError("The pattern has no group (?P<stamp>…)", where=place)
    if found.style.header and "names" not in names(found.style.header):
        raise FormatError("The header has no group (?P<names>…)", where=place)
    if trusted:
        return
    for pattern in (
        *found.patterns,
        *found.structure,
        found.head,
        found.tail,
        found.date_line,
        found.style.header,
    ):
        if pattern:
            check(with_stamp(pattern, (*found.layouts, *found.date_layouts)), place=place)


def _states_time(groups: Iterable[str]) -> bool:
    return bool({"stamp", "stamp_date", "stamp_time", "json"} & set(groups))


def with_stamp(pattern: str, layouts: Iterable[str]) -> str:
    """`pattern` with the patterns of `layouts` in the place of `{stamp}`."""
    if "{stamp}" not in pattern:
        return pattern
    return pattern.replace("{stamp}", f"(?P<stamp>{'|'.join(map(_layout_pattern, layouts))})")


@cache
def _layout_pattern(layout: str) -> str:
    return r"-?\d{9,19}(?:\.\d{1,12})?" if layout == "epoch" else compile_layout(layout).pattern


def names_of(formats: Iterable[Format]) -> dict[str, Format]:
    """Formats by name."""
    return {f.name: f for f in formats}
