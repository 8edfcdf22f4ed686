"""`case.toml`: what the investigators declare about a case, read strictly.

The decision hidden here: the file's keys. An unknown key is an error that names the closest known one; a missing key
has one default, stated here. Arguments of a call win over this file; nothing else configures a case.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rca.errors import CaseError, FormatError, UsageError, did_you_mean
from rca.moments.zones import check_zone
from rca.rules import Waiver, profile_names

__all__ = [
    "SETTINGS_FILE",
    "FigureSettings",
    "Focus",
    "Settings",
    "read_definitions",
    "read_settings",
    "read_toml",
]

SETTINGS_FILE = "case.toml"
SCHEMA = 1
_HANDLING = ("public", "internal", "personal")


@dataclass(frozen=True, slots=True)
class Focus:
    """An event that the investigation turns on, drawn as a line through the timeline. `at` is a citation."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class FigureSettings:
    """How the case's timeline opens: which column makes the lanes, which one the colours, and the window in days."""

    lanes: str = "source_kind"
    colour: str = "kind"
    window: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What `case.toml` says."""

    title: str
    zone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    profile: str = "default"
    handling: str = "internal"
    focus: tuple[Focus, ...] = ()
    figure: FigureSettings = field(default_factory=FigureSettings)
    waivers: tuple[Waiver, ...] = ()

    @property
    def language(self) -> str:
        """The first language of the case, that of its pages where nobody asks for another."""
        return self.languages[0]


def read_toml(path: Path) -> dict[str, Any]:
    """The TOML file at `path`.

    Raises:
        FormatError: the file is not TOML or not UTF-8; the message names the line.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"Not valid TOML: {error}", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise FormatError(
            f"Not UTF-8 at byte {error.start}", where=str(path), hint="Save it as UTF-8."
        ) from None


def read_settings(folder: Path) -> Settings:
    """The settings of the case in `folder`.

    Raises:
        CaseError: there is no `case.toml`, or it was written by a newer version.
        FormatError: a key or value is not what it must be; the message names it.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        raise CaseError(
            f"{folder} is no case: it has no {SETTINGS_FILE}",
            hint="`rca init DIR` makes a case; --case DIR names one.",
        )
    raw = read_toml(path)
    schema = raw.pop("schema", SCHEMA)
    if not isinstance(schema, int) or schema > SCHEMA:
        raise CaseError(
            f"The case has schema {schema}, this version reads {SCHEMA}", where=str(path), hint="Update rca."
        )
    place = str(path)
    known = {f.name for f in fields(Settings)} - {"waivers"} | {"waiver"}
    _refuse_unknown(raw, known, place, "case.toml")
    if not isinstance(raw.get("title"), str) or not raw["title"].strip():
        raise FormatError("A case has a title", where=place, hint='Write: title = "…"')
    profile = _text(raw, "profile", "default", place)
    if profile not in profile_names():
        raise FormatError(
            f'There is no profile "{profile}"', where=place, hint=did_you_mean(profile, profile_names())
        )
    handling = _text(raw, "handling", "internal", place)
    if handling not in _HANDLING:
        raise FormatError(
            f'There is no handling "{handling}"', where=place, hint=did_you_mean(handling, _HANDLING)
        )
    return Settings(
        title=raw["title"],
        zone=_zone(_text(raw, "zone", "UTC", place), place),
        languages=_texts(raw, "languages", ("en",), place),
        profile=profile,
        handling=handling,
        focus=tuple(Focus(**_entry(e, ("at", "label"), (), place, "focus")) for e in raw.get("focus", ())),
        figure=_figure(raw.get("figure", {}), place),
        waivers=tuple(
            Waiver(**_entry(e, ("rule", "reason"), ("where",), place, "waiver"))
            for e in raw.get("waiver", ())
        ),
    )


def read_definitions(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The investigators' own formats and table mappings: the TOML files of the case's `formats/`, by file name."""
    return {path.name: read_toml(path) for path in sorted((folder / "formats").glob("*.toml"))}


def _zone(name: str, place: str) -> str:
    try:
        return check_zone(name)
    except UsageError as error:
        raise FormatError(error.message, where=place, hint=error.hint) from None


def _figure(raw: Mapping[str, Any], place: str) -> FigureSettings:
    _refuse_unknown(raw, {f.name for f in fields(FigureSettings)}, place, "[figure]")
    window = _texts(raw, "window", (), place)
    if len(window) not in (0, 2):
        raise FormatError(
            "A window has a first and a last day", where=place, hint='window = ["2024-11-11", "…"]'
        )
    return FigureSettings(
        lanes=_text(raw, "lanes", "source_kind", place),
        colour=_text(raw, "colour", "kind", place),
        window=window,
    )


def _entry(
    raw: Any, needed: tuple[str, ...], optional: tuple[str, ...], place: str, table: str
) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        raise FormatError(f"[[{table}]] is a table", where=place)
    _refuse_unknown(raw, {*needed, *optional}, place, f"[[{table}]]")
    for key in needed:
        if not isinstance(raw.get(key), str) or not raw[key].strip():
            raise FormatError(f"[[{table}]] needs {key}", where=place, hint=f'Write: {key} = "…"')
    return {key: str(value) for key, value in raw.items()}


def _text(raw: Mapping[str, Any], key: str, default: str, place: str) -> str:
    value = raw.get(key, default)
    if not isinstance(value, str):
        raise FormatError(f"{key} is a text, not {value!r}", where=place)
    return value


def _texts(raw: Mapping[str, Any], key: str, default: tuple[str, ...], place: str) -> tuple[str, ...]:
    value = raw.get(key, default)
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise FormatError(f"{key} is a list of texts, not {value!r}", where=place)
    return tuple(value)


def _refuse_unknown(raw: Mapping[str, Any], known: set[str], place: str, table: str) -> None:
    for key in raw:
        if key not in known:
            raise FormatError(f'{table} has no key "{key}"', where=place, hint=did_you_mean(key, known))
