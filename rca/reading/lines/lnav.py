"""lnav's format files: what a format says there, as an entry of rca.

The decision hidden here: how far an lnav format carries over. Its patterns, stamps, levels and samples do; what only
concerns lnav's view (colours, widths, key bindings) is passed over in silence; what would change what is read and
cannot be said (a look ahead that matters, a conversion of time that rca lacks, a pattern for the body of other logs)
is left out and stated as an issue. Formats of one's own are tried before those that ship.

References:
    lnav, "Log Formats" (docs.lnav.org) and the schema format-v1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rca.errors import FormatError, Issue, Severity
from rca.reading.lines.dialect import Flavour, parse
from rca.reading.lines.layouts import (
    GENERAL,
    Span,
    in_one_order,
    is_loose,
    matches,
    usual_fitting,
    usual_reading,
)
from rca.reading.lines.lnav_document import LEVELS, LnavFormat, level_words, said_layouts, severities
from rca.reading.lines.lookaround import closed, without_looks, words
from rca.reading.lines.naming import columns_of, field_name, message_template, renamed, spread
from rca.reading.lines.pattern_tree import Branch, Mark, UntranslatableError, named, render

__all__ = ["from_lnav"]

_PRIORITY = 4
_DIVISORS = {1: "epoch:s", 1000: "epoch:ms", 1_000_000: "epoch:us", 1_000_000_000: "epoch:ns"}
_NO_TRACES = re.compile(r"(?:.*_)?(?:ip|addr|address|user|username|thread|tid|pid|host|hostname|file|module)")


def from_lnav(document: Mapping[str, Any], *, origin: str) -> tuple[dict[str, Any], list[Issue]]:
    r"""The entries that `parse_formats` takes for a parsed lnav format file, and what could not be taken over.

    Issues: RCA165 a pattern left out, RCA166 a stamp that no layout reads, RCA167 a sample that is no longer taken,
    RCA168 a setting left out. A pattern that lnav would find anywhere in a line is anchored at its beginning, unless
    the samples show that something stands before it.

    Raises:
        FormatError: the file is not written as lnav's formats are.

    >>> regex = {"std": {"pattern": r"^(?<timestamp>\d{4}-\S+ \S+) (?<body>.*)"}}
    >>> document, issues = from_lnav({"ward_log": {"regex": regex}}, origin="ward.json")
    >>> document["format"][0]["pattern"]
    '^(?P<stamp>\\d{4}-\\S+ \\S+) (?P<message>.*)$'
    """
    if not isinstance(document, Mapping):
        raise FormatError("An lnav format file is one JSON object", where=origin)
    entries: list[dict[str, Any]] = []
    issues: list[Issue] = []
    for name, body in document.items():
        if name == "$schema":
            continue
        if not isinstance(body, Mapping):
            raise FormatError(f'The format "{name}" is an object', where=origin)
        one = LnavFormat(name, body, origin)
        entry = _entry(one)
        issues.extend(one.issues)
        if entry is not None:
            entries.append(entry)
    return {"format": entries}, issues


def _entry(one: LnavFormat) -> dict[str, Any] | None:
    one.note_unknown()
    if "converter" in one.body:
        hint = "Run the converter by hand and read what it writes: rca executes nothing that a format names."
        one.note(
            "RCA168", Severity.WARNING, "The files of this format are converted by a program first", hint
        )
    url = one.body.get("url", "")
    reference = ", ".join(map(str, url)) if isinstance(url, list) else str(url)
    entry: dict[str, Any] = {
        "name": re.sub(r"[^a-z0-9]+", "-", one.name.casefold()).strip("-") or "lnav",
        "title": one.text("title", one.name),
        "reference": reference or one.text("description", "") or f"lnav format {one.name}",
        "priority": _PRIORITY,
        "multiline": bool(one.body.get("multiline", True)),
    }
    if one.body.get("json"):
        return _json_entry(one, entry)
    if not one.body.get("regex"):
        hint = "Merge it with the format that it changes, or write its regex here."
        one.note(
            "RCA165", Severity.WARNING, "There is no regex: this changes a format that lnav brings", hint
        )
        return None
    return _pattern_entry(one, entry)


# Lines of text


def _pattern_entry(one: LnavFormat, entry: dict[str, Any]) -> dict[str, Any] | None:
    branches: list[tuple[str, Branch]] = []
    for key, regex in one.object("regex").items():
        if not isinstance(regex, Mapping) or not isinstance(regex.get("pattern"), str):
            raise FormatError(f'The regex "{key}" has a pattern', where=one.where)
        if regex.get("module-format"):
            hint = (
                "Lines inside other logs are read by the format of those logs; their body stays the message."
            )
            message = f'The regex "{key}" is for the body of other logs'
            one.note("RCA165", Severity.INFO, message, hint, at=f"regex {key}")
            continue
        branches.extend((key, branch) for branch in _branches(one, key, regex["pattern"]))
    patterns = [render((branch,)) for _, branch in branches]
    layouts = _layouts(one, [branch for _, branch in branches], patterns)
    if not patterns or layouts is None:
        hint = (
            "Write a pattern with a group for the time, and only with what a pattern in linear time can say."
        )
        one.note("RCA165", Severity.ERROR, "Nothing of this format can be read", hint)
        return None
    entry["pattern"] = patterns[0] if len(patterns) == 1 else patterns
    is_said = "timestamp-format" in one.body
    entry["layouts"], other = (layouts, []) if is_said else in_one_order(layouts, month_first=True)
    if other:
        entry["other_layouts"] = other
    if template := message_template([branch for _, branch in branches]):
        entry["message"] = template
    names = {g.name for _, branch in branches for g in named((branch,))}
    if {"cs_method", "sc_status"} <= names:
        entry["kind"] = "log.access"
    words_of_levels = severities(
        one, [g for _, b in branches for g in named((b,)) if g.name == "severity"], is_json=False
    )
    if words_of_levels:
        entry["severity"] = words_of_levels
    entry["samples"] = _samples(one, patterns)
    return entry


def _branches(one: LnavFormat, key: str, pattern: str) -> Iterator[Branch]:
    """The patterns that one regex becomes, with the names of rca; none where it cannot be said."""
    at = f"regex {key}"
    try:
        found = spread(parse(pattern, Flavour.PCRE))
    except UntranslatableError as error:
        one.note("RCA165", Severity.WARNING, f'The regex "{key}" is left out: {error}', _WITHOUT, at=at)
        return
    for raw in found:
        try:
            branch = _anchored(one, raw)
            branch = without_looks(branch)
            names = [g.name for g in named((branch,)) if g.name]
            branch, doubled = renamed(branch, columns_of(names, _given(one, names)))
            if message_template((branch,)) == "{rest}":
                branch, _ = renamed(branch, {"rest": "message"})
            text = render((branch,))
            matches(text, [""])  # compiled by the engine's own regex
            re.compile(text)
        except (UntranslatableError, re.error) as error:
            one.note("RCA165", Severity.WARNING, f'The regex "{key}" is left out: {error}', _WITHOUT, at=at)
            continue
        known = {g.name for g in named((branch,))}
        if not known & {"stamp", "stamp_date"}:
            hint = "Name the group that holds the time as timestamp-field says."
            one.note("RCA166", Severity.WARNING, f'The regex "{key}" has no group for the time', hint, at=at)
            continue
        if doubled:
            message = f"Fields that stand twice are numbered: {', '.join(doubled)}"
            one.note("RCA168", Severity.INFO, message, "Check which of them is wanted.", at=at)
        yield branch


_WITHOUT = (
    "rca's patterns run in linear time: write it without looking ahead or back and without repeating what was matched, "
    "as several patterns where needed."
)


def _anchored(one: LnavFormat, branch: Branch) -> Branch:
    """The branch from the beginning of the line; something may stand before it where only then the samples match."""
    nodes = closed(branch)
    if branch and isinstance(branch[0], Mark) and branch[0].text == "^":
        return nodes
    firsts = [line.split("\n")[0] for line, _ in one.lines]
    anywhere = (nodes[0], *parse("(?:.*?)", Flavour.PCRE)[0], *nodes[1:])
    try:
        strict = matches(render((without_looks(nodes),)), firsts)
        free = matches(render((without_looks(anywhere),)), firsts)
    except UntranslatableError:
        return nodes
    return nodes if sum(strict) >= sum(free) else anywhere


def _given(one: LnavFormat, names: Sequence[str]) -> dict[str, str]:
    """The columns that the format itself names, with lnav's defaults."""
    given = {one.text("timestamp-field", "timestamp"): "stamp", one.text("body-field", "body"): "message"}
    clock = one.text("time-field", "")
    if clock and clock in names:
        given = {one.text("timestamp-field", "timestamp"): "stamp_date", clock: "stamp_time"} | {
            k: v for k, v in given.items() if v != "stamp"
        }
    level = one.text("level-field", "level")
    if level not in given and (not one.object("level") or level_words(one)):
        given[level] = "severity"
    opid = one.text("opid-field", "opid")
    if opid not in given and not _NO_TRACES.fullmatch(opid):
        given[opid] = "trace_id"
    module = one.text("module-field", "")
    if module and module not in given:
        given[module] = "component"
    return {key: value for key, value in given.items() if key in names}


def _layouts(one: LnavFormat, branches: Sequence[Branch], patterns: Sequence[str]) -> list[str] | None:
    """The layouts of the format's stamps: those it names, else the usual ones that its patterns can take."""
    said = said_layouts(one)
    if said is not None:
        return said or None
    found: list[str] = []
    is_open = False
    for branch in branches:
        groups = {g.name: render(g.branches) for g in named((branch,))}
        pattern = groups.get("stamp") or groups["stamp_date"]
        if "stamp_time" in groups:
            clocks = usual_fitting(groups["stamp_time"], Span.CLOCK)
            found.extend(f"{date} {clock}" for date in usual_fitting(pattern, Span.DATE) for clock in clocks)
        elif is_loose(pattern):
            is_open = True
        else:
            spans = (usual_fitting(pattern, span) for span in (Span.MOMENT, Span.CLOCK, Span.DATE))
            fitting = next((some for some in spans if some), ())
            if not fitting:
                message = f"No usual way of writing a time fits the group {pattern}"
                one.note("RCA166", Severity.WARNING, message, "Add a timestamp-format.")
            found.extend(fitting)
    if is_open:
        stamps = [groups["stamp"] or "" for _, groups in _taken(one, patterns) if "stamp" in groups]
        found.extend([*usual_reading(stamps), *GENERAL])
    return list(dict.fromkeys(found)) or None


def _taken(one: LnavFormat, patterns: Sequence[str]) -> Iterator[tuple[int, dict[str, str | None]]]:
    """The samples that a pattern takes by their first line: their place in the list, and their groups."""
    for at, (line, _) in enumerate(one.lines):
        first = line.split("\n")[0]
        found = next((m for p in patterns if (m := re.match(p, first, re.DOTALL | re.ASCII))), None)
        if found:
            yield at, found.groupdict()


def _samples(one: LnavFormat, patterns: Sequence[str]) -> list[dict[str, Any]]:
    """The samples that the patterns take, with the stamp that they find; those that none takes are an issue."""
    kept: list[dict[str, Any]] = []
    lost = dict(enumerate(line for line, _ in one.lines))
    for at, groups in _taken(one, patterns):
        line, level = one.lines[at]
        del lost[at]
        expect: dict[str, Any] = {
            "time_text": groups.get("stamp") or f"{groups.get('stamp_date')} {groups.get('stamp_time')}"
        }
        if level in LEVELS and groups.get("severity"):
            expect["severity"] = LEVELS[level]
        kept.append({"line": line.split("\n")[0], "expect": expect})
    if lost:
        first = next(iter(lost.values())).split("\n")[0]
        message = f"{len(lost)} of {len(one.lines)} samples are not taken by what was translated, first: {first[:80]}"
        hint = "They may belong to a regex that was left out; lines like them are read by other formats."
        one.note("RCA167", Severity.WARNING, message, hint)
    return kept


# Lines of JSON


def _json_entry(one: LnavFormat, entry: dict[str, Any]) -> dict[str, Any] | None:
    keys: dict[str, list[str]] = {"stamp": [_dotted(one.text("timestamp-field", "timestamp"))]}
    keys["message"] = [_dotted(one.text("body-field", "body"))]
    level = one.text("level-field", "") or _pointed(one) or "level"
    keys["severity"] = [_dotted(level)]
    opid = one.text("opid-field", "")
    if opid and not _NO_TRACES.fullmatch(opid):
        keys["trace_id"] = [_dotted(opid)]
    if module := one.text("module-field", ""):
        keys["component"] = [_dotted(module)]
    claimed = {name for names in keys.values() for name in names}
    fields = [_dotted(name) for name in one.object("value")]
    fields += [_dotted(str(e["field"])) for e in _line_format(one) if isinstance(e, Mapping) and "field" in e]
    free = [name for name in dict.fromkeys(fields) if name not in claimed and not name.startswith("__")]
    for name, column in columns_of(free, {}).items():
        if column in ("subject", "component", "actor", "trace_id") and column not in keys:
            keys[column] = [name]
    layouts = _json_layouts(one)
    if layouts is None:
        return None
    entry |= {"json": True, "layouts": layouts, "keys": keys}
    template = _line_template(one, keys)
    if template and "body-field" not in one.body:
        entry["message"] = template
    if words_of_levels := severities(one, (), is_json=True):
        entry["severity"] = words_of_levels
    entry["samples"] = [
        {"line": line, "expect": {}} for line, _ in one.lines if line.lstrip().startswith("{")
    ]
    return entry


def _line_format(one: LnavFormat) -> list[Any]:
    value = one.body.get("line-format") or []
    if not isinstance(value, list):
        raise FormatError('"line-format" is a list', where=one.where)
    return value


def _json_layouts(one: LnavFormat) -> list[str] | None:
    said = said_layouts(one)
    divisor = one.body.get("timestamp-divisor")
    if divisor is not None:
        epoch = (
            _DIVISORS.get(int(divisor))
            if isinstance(divisor, int | float) and divisor == int(divisor)
            else None
        )
        if epoch is None:
            hint = "Counts of seconds, milli-, micro- and nanoseconds are read: divisors 1, 1000, 1000000, 1000000000."
            one.note("RCA166", Severity.WARNING, f"No layout reads a count divided by {divisor}", hint)
        else:
            said = [*(said or ()), epoch]
    if "subsecond-field" in one.body:
        hint = "Stamps are as precise as the timestamp field; the other stays an attribute."
        one.note("RCA166", Severity.INFO, "Fractions of a second in a field of their own are not added", hint)
    if said is None:
        return [*(layout for layout in GENERAL if layout != "epoch"), "epoch:s"]  # lnav counts seconds
    if not said:
        one.note("RCA166", Severity.ERROR, "No stamp of this format can be read", "Add a timestamp-format.")
    return list(dict.fromkeys(said)) or None


def _pointed(one: LnavFormat) -> str | None:
    """The field that a level-pointer, a regular expression on a JSON pointer, can only mean."""
    pointer = one.text("level-pointer", "")
    if not pointer:
        return None
    try:
        found = words(parse(pointer, Flavour.PCRE))
    except UntranslatableError:
        found = None
    if found and len(found) == 1:
        return found[0]
    message = f"The level-pointer {pointer} does not say one field"
    one.note("RCA168", Severity.INFO, message, "Name the field in level-field.")
    return None


def _dotted(name: str) -> str:
    """A field, a path `a/b` or a JSON pointer as the key that rca takes: dots reach into objects.

    >>> _dotted("/log/level"), _dotted("op/id"), _dotted("ts")
    ('log.level', 'op.id', 'ts')
    """
    parts = name.removeprefix("/").split("/")
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _line_template(one: LnavFormat, keys: Mapping[str, Sequence[str]]) -> str | None:
    """The line-format without stamp and level, as the message of events that have no body."""
    columns = {name: column for column, names in keys.items() for name in names}
    parts: list[str] = []
    for element in _line_format(one):
        if isinstance(element, str):
            parts.append(element.replace("{", "{{").replace("}", "}}"))
            continue
        name = _dotted(str(element.get("field", ""))) if isinstance(element, Mapping) else ""
        column = columns.get(name, name)
        if column in ("stamp", "severity") or name.startswith("__"):
            parts = parts[:-1] if parts and not parts[-1].startswith("{") else parts
        elif column == field_name(column):
            parts.append(f"{{{column}}}")
    text = "".join(parts).strip(" \t|:-")
    return text if "{" in text.replace("{{", "") else None
