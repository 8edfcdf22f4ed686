"""Folding: which lines that are no record of their own belong to the record before them.

The decision hidden here: the forms of continuation. Indented lines, the lines of Java, Python, .NET and Go stack traces
and closing brackets fold into any record; any other line folds only into a record of a format whose messages run over
several lines; what is left is an event without a date.
"""

from __future__ import annotations

import re

__all__ = ["is_continuation"]

_TRACE = re.compile(
    r"[ \t]"
    r"|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames)|at [\w.$<>/]+\("
    r"|Traceback \(most recent call last\):|During handling of the above|The above exception was"
    r"|(?:[A-Za-z_$][\w$]*\.)*[A-Z]\w*(?:Exception|Error|Throwable|Warning|Interrupt|Exit|Failure)(?::| |$)"
    r"|--- End of |goroutine \d+ \[|[}\])]+[;,]?\s*$"
)


def is_continuation(line: str, *, multiline: bool) -> bool:
    r"""Whether `line` belongs to the record before it, one of a format with `multiline` messages or not.

    >>> is_continuation("\tat org.example.Order.take(Order.java:17)", multiline=False)
    True
    >>> is_continuation("and this went wrong", multiline=False)
    False
    """
    return multiline or _TRACE.match(line) is not None
