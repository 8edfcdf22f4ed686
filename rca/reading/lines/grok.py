"""Grok expressions: patterns made of named patterns, as an entry of rca.

The decision hidden here: which field is what. Grok's own names are expanded from `grok.toml`, written for patterns in
linear time; the stamp is the field whose pattern can only be a time, preferring one that is called so; what stands at
the end of the line is the message. Grok finds an expression anywhere in a line; here it is anchored at the beginning,
where records begin, and what it leaves of the line is kept.

References:
    Logstash Reference, "Grok filter plugin"; Oniguruma, doc/RE.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from rca.errors import FormatError, Issue, Severity, did_you_mean
from rca.reading.lines.dialect import Flavour, parse
from rca.reading.lines.layouts import GENERAL, Span, in_one_order, is_loose, matches, usual_fitting
from rca.reading.lines.lookaround import closed, without_looks
from rca.reading.lines.naming import (
    COLUMN_NAMES,
    columns_of,
    field_name,
    message_template,
    nameless,
    renamed,
    spread,
)
from rca.reading.lines.pattern_tree import Branch, Group, Node, UntranslatableError, named, render

__all__ = ["from_grok", "parse_definitions"]

_PRIORITY = 4
_WHOLE_LINE = frozenset({"message", "event_original", "log", "line", "text", "content"})
_COUNTS = frozenset({"epoch", "%Y%m%d%H%M%S"})  # any number looks like one of these
_TIME_WORDS = re.compile(r"time|date|_ts$|^ts$|stamp|epoch", re.IGNORECASE)
_WITHOUT = "rca's patterns run in linear time: write it without looking ahead or back and without repeating what was matched."


def parse_definitions(text: str, *, origin: str) -> dict[str, str]:
    """The patterns of a grok pattern file: a name, blanks, a regular expression on each line; `#` begins a comment.

    Raises:
        FormatError: a line has a name and no pattern.

    >>> parse_definitions("WARD [A-Z]{2}[0-9]  ", origin="wards")
    {'WARD': '[A-Z]{2}[0-9]'}
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = line.strip().split(None, 1)
        if len(parts) < 2 or not re.fullmatch(r"\w+", parts[0]):
            raise FormatError("A line of a pattern file is NAME and a pattern", where=f"{origin}:{number}")
        found[parts[0]] = parts[1]
    return found


def from_grok(
    patterns: str | Sequence[str] | Mapping[str, str | Sequence[str]],
    *,
    name: str,
    definitions: Mapping[str, str] | None = None,
    origin: str,
) -> tuple[dict[str, Any], list[Issue]]:
    """The entry that `parse_formats` takes for grok expressions, and what could not be taken over.

    `patterns` is an expression, several in the order of their trial, or Logstash's `match` (field: expressions), of
    which only those of the whole line are read. `definitions` are one's own named patterns and win over the library's.

    Issues: RCA165 an expression left out, RCA166 no stamp in it, RCA168 something else left out.

    Raises:
        FormatError: a name is unknown, or definitions refer to themselves.

    >>> document, _ = from_grok("%{HTTPDATE:when} %{LOGLEVEL:level} %{GREEDYDATA:text}", name="x", origin="x.grok")
    >>> document["format"][0]["layouts"]
    ['%d/%b/%Y:%H:%M:%S %z', '%d/%b/%Y:%H:%M:%S.%f %z', '%d/%b/%Y:%H:%M:%S,%f %z']
    """
    issues: list[Issue] = []
    library = _Library({**_shipped(), **(definitions or {})}, origin)
    found: list[Branch] = []
    layouts: list[str] = []
    for place, expression in _expressions(patterns, origin, issues):
        for branch, its_layouts in _branches(expression, library, place, issues):
            found.append(branch)
            layouts.extend(its_layouts)
    if not found:
        return {"format": []}, issues
    texts = list(dict.fromkeys(render((branch,)) for branch in found))
    first, other = in_one_order(list(dict.fromkeys(layouts)), month_first=False)
    entry: dict[str, Any] = {
        "name": re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "grok",
        "title": f"{name}, from grok",
        "reference": f"grok expressions in {origin}",
        "priority": _PRIORITY,
        "multiline": any("(?m)" in text for _, text in _expressions(patterns, origin, [])),
        "pattern": texts[0] if len(texts) == 1 else texts,
        "layouts": first,
    }
    if other:
        entry["other_layouts"] = other
    names = {g.name for branch in found for g in named((branch,))}
    if {"verb", "response"} <= names or {"http_verb", "http_status_code"} <= names:
        entry["kind"] = "log.access"
    if template := message_template(found):
        entry["message"] = template
    return {"format": [entry]}, issues


def _expressions(
    patterns: str | Sequence[str] | Mapping[str, str | Sequence[str]], origin: str, issues: list[Issue]
) -> list[tuple[str, str]]:
    """The expressions of whole lines, each with its place."""
    if isinstance(patterns, str):
        return [(origin, patterns.strip("\r\n"))]
    if not isinstance(patterns, Mapping):
        return [(f"{origin}, expression {n}", text) for n, text in enumerate(patterns, 1)]
    found: list[tuple[str, str]] = []
    for key, value in patterns.items():
        if field_name(key) not in _WHOLE_LINE:
            message = f'The expressions of the field "{key}" read no whole line and were left out'
            hint = 'Put the expression of the line under "message", with this one inside it.'
            issues.append(Issue("RCA168", Severity.WARNING, message, origin, hint))
            continue
        several = [value] if isinstance(value, str) else value
        found.extend((f"{origin}, {key} {n}", text) for n, text in enumerate(several, 1))
    return found


@cache
def _shipped() -> dict[str, str]:
    text = resources.files(__package__).joinpath("grok.toml").read_text(encoding="utf-8")
    return {name: pattern for table in tomllib.loads(text).values() for name, pattern in table.items()}


@dataclass(slots=True)
class _Library:
    """Named patterns, expanded on demand; `open` are the names being expanded, the outermost first."""

    patterns: Mapping[str, str]
    origin: str
    open: list[str] = field(default_factory=list)
    done: dict[str, Group] = field(default_factory=dict)

    def expand(self, inside: str) -> Group:
        """The group that `%{inside}` stands for: a name, then perhaps a field, then perhaps a type.

        Raises:
            FormatError: the name is unknown or refers to itself.
            UntranslatableError: its pattern cannot be said.
        """
        syntax, _, semantic = inside.partition(":")
        semantic = semantic.partition(":")[0]
        if syntax not in self.patterns:
            hint = did_you_mean(syntax, self.patterns) + " Own patterns are given as definitions."
            raise FormatError(
                f'Grok has no pattern "{syntax}"', where=f"{self.origin}, %{{{inside}}}", hint=hint
            )
        if syntax in self.open:
            circle = " → ".join([*self.open[self.open.index(syntax) :], syntax])
            hint = "Write one of them without the other."
            raise FormatError(f"The patterns refer to themselves: {circle}", where=self.origin, hint=hint)
        if syntax not in self.done:
            self.open.append(syntax)
            branches = parse(self.patterns[syntax], Flavour.ONIGURUMA, expand=self.expand)
            self.open.pop()
            self.done[syntax] = Group(branches, origin=syntax)
        return replace(self.done[syntax], name=semantic or None)


def _branches(
    expression: str, library: _Library, place: str, issues: list[Issue]
) -> list[tuple[Branch, tuple[str, ...]]]:
    """The patterns that an expression becomes, with the layouts of their stamps."""
    try:
        parsed = parse(expression, Flavour.ONIGURUMA, expand=library.expand)
        times = frozenset(g.name for g in named(parsed) if g.name and _time_layouts(g) and _is_sure(g))
        found: list[tuple[Branch, tuple[str, ...]]] = []
        for raw in spread(parsed, times):
            branch = without_looks(closed(raw))
            count = Counter(field_name(g.name) for g in named((branch,)) if g.name)
            doubled = sorted(name for name, times in count.items() if times > 1)
            branch, layouts = _with_stamp(branch)
            if not layouts:
                hint = "Name the field with the time, such as %{TIMESTAMP_ISO8601:timestamp}."
                message = "No field of the expression is a time that is known how to read"
                issues.append(Issue("RCA166", Severity.WARNING, message, place, hint))
                continue
            branch, _ = renamed(_with_message(branch), _columns(branch))
            text = render((branch,))
            matches(text, [""])  # compiled by the engine's own regex
            re.compile(text)
            if doubled:
                message = f"Fields that stand twice are numbered: {', '.join(doubled)}"
                issues.append(
                    Issue("RCA168", Severity.INFO, message, place, "Check which of them is wanted.")
                )
            found.append((branch, layouts))
    except (UntranslatableError, re.error) as error:
        library.open.clear()
        issues.append(
            Issue("RCA165", Severity.WARNING, f"The expression is left out: {error}", place, _WITHOUT)
        )
        return []
    return found


# The stamp


def _time_layouts(group: Group, span: Span = Span.MOMENT) -> tuple[str, ...]:
    """The usual layouts that a field's pattern takes; those of counts only where the field is called a time."""
    try:
        pattern = render(nameless(group.branches))
        if is_loose(pattern):
            return ()
        fitting = usual_fitting(pattern, span)
    except UntranslatableError:
        return ()
    is_count = set(fitting) <= _COUNTS or matches(f"^(?:{pattern})$", ["7"])[0]
    return fitting if not is_count or _TIME_WORDS.search(group.name or "") else ()


def _is_sure(group: Group) -> bool:
    return bool(_TIME_WORDS.search(group.name or "")) or group.origin != ""


def _with_stamp(branch: Branch) -> tuple[Branch, tuple[str, ...]]:
    """The branch with its stamp named so, and the stamp's layouts; none where nothing in it is a time."""
    fields = [g for g in named((branch,)) if g.name]
    order = {name: n for n, name in enumerate(COLUMN_NAMES["stamp"])}
    fields.sort(key=lambda g: order.get(field_name(g.name or "").casefold(), len(order)))
    for one in fields:
        if layouts := _time_layouts(one):
            return _marked(branch, {one.name: "stamp"}), layouts
    dates = [(g, some) for g in fields if (some := _time_layouts(g, Span.DATE))]
    clocks = [(g, some) for g in fields if (some := _time_layouts(g, Span.CLOCK))]
    if dates and clocks:
        joined = tuple(f"{date} {clock}" for date in dates[0][1] for clock in clocks[0][1])
        return _marked(branch, {dates[0][0].name: "stamp_date", clocks[0][0].name: "stamp_time"}), joined
    for one in fields:
        if field_name(one.name or "").casefold() in order and is_loose(render(nameless(one.branches))):
            return _marked(branch, {one.name: "stamp"}), GENERAL
    for span in (Span.MOMENT, Span.CLOCK, Span.DATE):
        if span is not Span.MOMENT and (said := (dates if span is Span.DATE else clocks)):
            return _marked(branch, {said[0][0].name: "stamp"}), said[0][1]
        unnamed = _first_unnamed(branch, span)
        if unnamed is not None:
            return _put(branch, unnamed, replace(unnamed, name="stamp")), _time_layouts(unnamed, span)
    return branch, ()


def _marked(branch: Branch, names: Mapping[str | None, str]) -> Branch:
    return renamed(branch, {old: new for old, new in names.items() if old})[0]


def _first_unnamed(branch: Branch, span: Span) -> Group | None:
    """The first part that came from a named pattern, carries no field name, and can only be a time."""
    for node in branch:
        if not isinstance(node, Group):
            continue
        if not node.name and node.origin and _time_layouts(node, span):
            return node
        for inner in node.branches:
            if (found := _first_unnamed(inner, span)) is not None:
                return found
    return None


def _put(branch: Branch, old: Group, new: Group) -> Branch:
    """The branch with one part, found by identity, replaced; the same definition may stand elsewhere too."""
    is_done = False

    def node_of(node: Node) -> Node:
        nonlocal is_done
        if node is old and not is_done:
            is_done = True
            return new
        if isinstance(node, Group):
            return replace(node, branches=tuple(tuple(map(node_of, b)) for b in node.branches))
        return node

    return tuple(map(node_of, branch))


# The message and the other columns


def _with_message(branch: Branch) -> Branch:
    """The branch whose last part, where it is the rest of the line and nothing else is the message, is called so."""
    names = {field_name(g.name).casefold() for g in named((branch,)) if g.name}
    last = branch[-2] if len(branch) > 1 else None
    if names & set(COLUMN_NAMES["message"][:2]) or not isinstance(last, Group):
        return branch
    if last.origin == "GREEDYDATA" or (last.name == "rest" and not names & set(COLUMN_NAMES["message"])):
        is_all_there_is = last.name != "rest" or message_template((branch,)) == "{rest}"
        if is_all_there_is:
            return (*branch[:-2], replace(last, name="message"), branch[-1])
    return branch


def _columns(branch: Branch) -> dict[str, str]:
    names = [g.name for g in named((_with_message(branch),)) if g.name]
    own = {n: n for n in names if n in ("stamp", "stamp_date", "stamp_time", "message", "rest")}
    return columns_of(list(dict.fromkeys(names)), own)
