"""Names of fields: which column of an event a foreign field is, and what becomes of names that stand twice.

The decision hidden here: a field takes a column only by a name that means nothing else (`hostname` is what was acted
on, `clientip` is not), each column is taken once, and every other field keeps its own name. Two branches that use the
same names become two patterns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rca.reading.lines.pattern_tree import ONCE, Branch, Group, Node, named

__all__ = ["COLUMN_NAMES", "columns_of", "field_name", "message_template", "nameless", "renamed", "spread"]

COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "stamp": (
        "timestamp", "@timestamp", "time", "ts", "datetime", "date_time", "logtime", "log_time", "logdate", "log_date",
        "log_timestamp", "syslog_timestamp", "timestamp8601", "event_time", "eventtime", "time_local", "accept_date",
        "date", "created", "syslog5424_ts",
    ),
    "message": (
        "message", "body", "msg", "log_message", "syslog_message", "logmessage", "log_body", "errormsg", "error_message",
        "raw_message", "messagebody", "content", "text", "syslog5424_msg",
    ),
    "severity": (
        "level", "loglevel", "log_level", "severity", "levelname", "log_severity", "syslog_severity", "severity_text",
        "priority_text", "lvl",
    ),
    "subject": (
        "hostname", "log_hostname", "host", "logsource", "syslog_host", "syslog_hostname", "logging_host", "host_name",
        "host_hostname", "syslog_server", "host_ip", "syslog5424_host",
    ),
    "component": (
        "log_procname", "procname", "program", "process_name", "syslog_program", "appname", "app_name", "application",
        "module", "logger", "log_logger", "logger_name", "component", "comp", "class", "process", "service_name",
        "log_syslog_tag", "syslog5424_app",
    ),
    "actor": ("user", "username", "cs_username", "user_name", "cs_userid", "auth", "apache_access_user_name", "login"),
    "trace_id": (
        "trace_id", "traceid", "opid", "op_id", "operation_id", "request_id", "req_id", "requestid", "correlation_id",
        "correlationid", "corid", "transaction_id",
    ),
    "pid": ("pid", "log_pid", "syslog_pid", "process_pid", "process_id", "procid", "syslog5424_proc"),
    "pri": ("pri", "syslog_pri", "syslog5424_pri", "log_syslog_priority"),
}  # fmt: skip
"""Columns, and `pid`, with the names that they go by elsewhere, the surest first."""

_RESERVED = frozenset(
    {*COLUMN_NAMES, "unit", "channel", "json", "stamp_date", "stamp_time", "message2"} - {"pid"}
)
_MOST_PATTERNS = 16
_NO_MESSAGE = frozenset(
    {
        *COLUMN_NAMES["stamp"],
        *COLUMN_NAMES["severity"],
        *COLUMN_NAMES["pid"],
        "stamp",
        "stamp_date",
        "stamp_time",
    }
    | {"pri", "subject", "rest", "tid"}
)


def field_name(name: str) -> str:
    """A foreign name as the name of a group: `[nested][field]` is `nested_field`.

    >>> field_name("[http][request][method]"), field_name("@version"), field_name("2nd")
    ('http_request_method', 'version', '_2nd')
    """
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name.replace("][", "_")).strip("_") or "field"
    return f"_{plain}" if plain[0].isdigit() else plain


def columns_of(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """What each name becomes: what is `given`, else a column by its usual names, else its own name, made a group's.

    >>> columns_of(["timestamp", "host", "hostname", "status"], {})
    {'timestamp': 'stamp', 'hostname': 'subject', 'host': 'host', 'status': 'status'}
    """
    found = {name: given[name] for name in names if name in given}
    taken = set(found.values())
    plain = {name: field_name(name) for name in names}
    for column, usual in COLUMN_NAMES.items():
        if column in taken:
            continue
        for candidate in usual:
            match = next(
                (n for n in names if n not in found and candidate in (n.casefold(), plain[n].casefold())),
                None,
            )
            if match is not None:
                found[match] = column
                taken.add(column)
                break
    for name in names:
        if name not in found:
            found[name] = plain[name] + "_" * (plain[name] in _RESERVED)
    return found


def renamed(branch: Branch, columns: Mapping[str, str]) -> tuple[Branch, list[str]]:
    """The branch with its groups renamed, and the names that stood twice: from the second on they are numbered."""
    count: Counter[str] = Counter()

    def node_of(node: Node) -> Node:
        if not isinstance(node, Group):
            return node
        name = columns.get(node.name, node.name) if node.name else None
        if name:
            count[name] += 1
            name = f"{name}_{count[name]}" if count[name] > 1 else name
        return replace(node, name=name, branches=tuple(tuple(map(node_of, b)) for b in node.branches))

    return tuple(map(node_of, branch)), sorted(name for name, times in count.items() if times > 1)


def nameless(branches: Sequence[Branch]) -> tuple[Branch, ...]:
    """The branches without names, for asking what they take."""

    def node_of(node: Node) -> Node:
        if not isinstance(node, Group):
            return node
        return replace(node, name=None, branches=nameless(node.branches))

    return tuple(tuple(map(node_of, branch)) for branch in branches)


def message_template(branches: Sequence[Branch]) -> str | None:
    """A message where a pattern captures none: the fields that always stand there, and what it leaves of the line."""
    for branch in branches:
        if "message" not in {g.name for g in named((branch,))}:
            sure = [n.name for n in branch if isinstance(n, Group) and n.name and n.times.low]
            told = [f"{{{name}}}" for name in sure if name not in _NO_MESSAGE][:8]
            return (" ".join(told) + "{rest}" * ("rest" in sure)) or None
    return None


def spread(branches: Sequence[Branch], together: frozenset[str] = frozenset()) -> list[Branch]:
    """The branches, with alternatives multiplied out in which a name stands twice, or two names of `together` do."""
    done: list[Branch] = []
    waiting = list(branches)
    while waiting:
        branch = waiting.pop(0)
        parts = _multiplied(branch, together) if len(done) + len(waiting) < _MOST_PATTERNS else None
        if parts is None:
            done.append(branch)
        else:
            waiting[:0] = parts
    return done


def _multiplied(branch: Branch, together: frozenset[str]) -> list[Branch] | None:
    count = Counter("\0" if g.name in together else g.name for g in named((branch,)))
    doubled = {name for name, times in count.items() if times > 1}
    return _multiplied_for(branch, doubled, together) if doubled else None


def _multiplied_for(
    branch: Branch, doubled: set[str | None], together: frozenset[str]
) -> list[Branch] | None:
    for at, node in enumerate(branch):
        if not isinstance(node, Group) or node.times != ONCE:
            continue
        if len(node.branches) > 1:
            holders: Counter[str | None] = Counter()
            for inner in node.branches:
                holders.update({"\0" if g.name in together else g.name for g in named((inner,))})
            if any(holders[name] > 1 for name in doubled):
                return [
                    (*branch[:at], replace(node, branches=(b,)), *branch[at + 1 :]) for b in node.branches
                ]
        for place, inner in enumerate(node.branches):
            parts = _multiplied_for(inner, doubled, together)
            if parts is not None and len(node.branches) == 1:
                return [(*branch[:at], replace(node, branches=(p,)), *branch[at + 1 :]) for p in parts]
            if parts is not None:
                others = (*node.branches[:place], *parts, *node.branches[place + 1 :])
                return [(*branch[:at], replace(node, branches=(b,)), *branch[at + 1 :]) for b in others]
    return None
