"""What an lnav format file says, read with care: its texts, its levels, its ways of writing a time.

The decision hidden here: which settings of lnav mean something to a reader of evidence, and that a level is carried
over where it stands for words, because rca knows levels by their words.

References:
    lnav, "Log Formats": level, timestamp-format; OpenTelemetry, log data model, severity numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rca.errors import FormatError, Issue, Severity, did_you_mean
from rca.reading.lines.dialect import Flavour, parse
from rca.reading.lines.layouts import from_strftime, matches
from rca.reading.lines.lookaround import words
from rca.reading.lines.pattern_tree import Group, UntranslatableError, render

__all__ = ["LEVELS", "LnavFormat", "level_words", "said_layouts", "severities"]

_READ = {
    "title", "description", "url", "regex", "json", "multiline", "level-field", "level", "level-pointer",
    "timestamp-field", "timestamp-format", "timestamp-divisor", "time-field", "subsecond-field", "subsecond-units",
    "body-field", "opid-field", "module-field", "value", "sample", "line-format", "converter",
}  # fmt: skip
_VIEW_ONLY = {
    "file-pattern", "file-type", "mime-types", "ordered-by-time", "hide-extra", "convert-to-local-time", "highlights",
    "tags", "partitions", "search-table", "action", "max-unrecognized-lines", "opid", "thread-id-field",
    "duration-field", "start-timestamp-field", "src-file-field", "src-line-field", "src-location-field", "hidden-fields",
}  # fmt: skip
LEVELS = {
    "fatal": 21, "critical": 18, "error": 17, "warning": 13, "stats": 10, "notice": 10, "info": 9,
    "debug": 5, "debug2": 5, "debug3": 5, "debug4": 5, "debug5": 5, "trace": 1,
}  # fmt: skip


@dataclass(slots=True)
class LnavFormat:
    """One format on its way: where it stands, what it says, and what could not be taken over."""

    name: str
    body: Mapping[str, Any]
    origin: str
    issues: list[Issue] = field(default_factory=list)

    @property
    def where(self) -> str:
        """The place that messages name."""
        return f"{self.origin}, format {self.name}"

    def note(self, code: str, severity: Severity, message: str, hint: str, *, at: str = "") -> None:
        """State something that could not be taken over."""
        self.issues.append(Issue(code, severity, message, f"{self.where}{', ' + at if at else ''}", hint))

    def note_unknown(self) -> None:
        """State the settings that are neither read nor only lnav's view."""
        for key in self.body:
            if key not in _READ and key not in _VIEW_ONLY:
                hint = did_you_mean(key, _READ | _VIEW_ONLY)
                self.note("RCA168", Severity.INFO, f'The setting "{key}" is not known and was left out', hint)

    def text(self, key: str, default: str) -> str:
        """A setting that is a text."""
        value = self.body.get(key, default)
        if not isinstance(value, str):
            raise FormatError(f'"{key}" is a text', where=self.where)
        return value

    def object(self, key: str) -> Mapping[str, Any]:
        """A setting that is an object; empty where it is not given."""
        value = self.body.get(key) or {}
        if not isinstance(value, Mapping):
            raise FormatError(f'"{key}" is an object', where=self.where)
        return value

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The samples, each with the level that lnav expects or nothing."""
        samples = self.body.get("sample") or []
        samples = samples if isinstance(samples, list) else [samples]
        return [
            (str(s["line"]), str(s.get("level", "")))
            for s in samples
            if isinstance(s, Mapping) and "line" in s
        ]


def said_layouts(one: LnavFormat) -> list[str] | None:
    """The layouts of timestamp-format; None where the format leaves that to lnav."""
    formats = one.body.get("timestamp-format")
    if formats is None:
        return None
    layouts: list[str] = []
    for text in [formats] if isinstance(formats, str) else formats:
        try:
            layouts.append(from_strftime(str(text)))
        except UntranslatableError as error:
            hint = "Tell the layout in other conversions, or convert these stamps before they are read."
            one.note("RCA166", Severity.WARNING, f"No layout reads {error}", hint, at="timestamp-format")
    return list(dict.fromkeys(layouts))


def level_words(one: LnavFormat) -> dict[str, int]:
    """The words of each level, where its regular expression stands for a handful of words."""
    found: dict[str, int] = {}
    for level, number in LEVELS.items():
        for regex in _listed(one.object("level").get(level)):
            try:
                texts = [regex] if regex.isdecimal() else words(parse(regex, Flavour.PCRE))
            except UntranslatableError:
                texts = None
            for word in texts or ():
                found.setdefault(word.casefold(), number)
    found.pop("", None)
    return found


def _listed(value: object) -> list[str]:
    return [] if value is None else [str(v) for v in value] if isinstance(value, list) else [str(value)]


def severities(one: LnavFormat, groups: Sequence[Group], *, is_json: bool) -> dict[str, int]:
    """Words of levels and their numbers; where the pattern lists its words, each is put to lnav's expressions."""
    levels = one.object("level")
    for level in levels:
        if level not in LEVELS:
            one.note("RCA168", Severity.INFO, f'There is no level "{level}"', did_you_mean(level, LEVELS))
    if not levels:
        return {}
    found: dict[str, int] = {}
    for group in groups:
        for word in words(group.branches) or ():
            number = _number(one, word)
            if number is not None:
                found.setdefault(word.casefold(), number)
    if groups or is_json:
        found |= {word: number for word, number in level_words(one).items() if word not in found}
    if not found:
        message = f"The levels are found by a pattern in {one.text('level-field', 'level')}, not by words of a level"
        one.note(
            "RCA168", Severity.INFO, message, "Name the words and their numbers as severity in a TOML entry."
        )
    return found


def _number(one: LnavFormat, word: str) -> int | None:
    for level, number in LEVELS.items():
        for regex in _listed(one.object("level").get(level)):
            try:
                if any(matches(render(parse(regex, Flavour.PCRE)), [word])):
                    return number
            except UntranslatableError:
                continue
    return None
