"""What can go wrong: exceptions for misuse, `Issue` values for defects of the evidence and the case.

The decision hidden here: a wrong call raises, a torn log or a contradictory minute does not. Both carry a code,
a place and a hint, so that a person knows where to look and what to do next.

Codes: `RCA0xx` misuse and environment, `RCA1xx` evidence and custody, `RCA2xx` time, `RCA3xx` graph, `RCA4xx` claims,
`RCA5xx` actions, `RCA6xx` privacy and language, `RCA7xx` readiness.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import overload

__all__ = [
    "CaseError",
    "EvidenceError",
    "FormatError",
    "Issue",
    "Issues",
    "LimitError",
    "RcaError",
    "Severity",
    "StoreError",
    "UsageError",
    "did_you_mean",
]


class Severity(StrEnum):
    """How much a defect weighs: an error blocks publication, a warning asks for a look, an info informs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class RcaError(Exception):
    """A wrong call or a broken environment, with a code, the place and what to do next.

    `str(error)` is the message, then the place and the hint where there are any.
    """

    default_code = "RCA000"

    def __init__(self, message: str, *, code: str | None = None, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" {self.hint}" if self.hint else ""
        return f"{self.message}{place}.{advice}" if advice else f"{self.message}{place}"


class UsageError(RcaError, ValueError):
    """An argument that cannot be meant: an unknown zone, format, column, rule or citation."""

    default_code = "RCA001"


class CaseError(RcaError, ValueError):
    """A case folder that is missing, malformed or in conflict with what is asked of it."""

    default_code = "RCA002"


class EvidenceError(RcaError, OSError):
    """An exhibit that is missing, unreadable or altered."""

    default_code = "RCA003"


class FormatError(RcaError, ValueError):
    """A file of ours (TOML, YAML, CSV) that does not say what it must say."""

    default_code = "RCA004"


class LimitError(RcaError, OverflowError):
    """Input that exceeds a stated limit of size, depth, ratio or count."""

    default_code = "RCA005"


class StoreError(RcaError, OSError):
    """A derived store that is missing, damaged or written by a newer version."""

    default_code = "RCA006"


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """A defect of the case or its evidence, as a value with coordinates.

    `where` is a citation (`E3:L48`), a file with a line (`analysis/graph.yaml:12`) or the id of a node.
    """

    code: str
    severity: Severity
    message: str
    where: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{self.code} {self.severity} {place}{self.message}{advice}"


_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def _reading_order(issue: Issue) -> tuple[int, str, list[tuple[int, str]], str]:
    """Errors first, then by code and place; line 27 comes before line 130."""
    place = [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", issue.where)]
    return _WEIGHT[issue.severity], issue.code, place, issue.message


class Issues(Sequence[Issue]):
    """Issues in the order that a reader wants: errors first, then by code and place. Equal issues are kept once."""

    def __init__(self, issues: Iterable[Issue] = ()) -> None:
        unique = set(issues)
        self._issues = tuple(sorted(unique, key=_reading_order))

    @overload
    def __getitem__(self, index: int) -> Issue: ...
    @overload
    def __getitem__(self, index: slice) -> Issues: ...
    def __getitem__(self, index: int | slice) -> Issue | Issues:
        return Issues(self._issues[index]) if isinstance(index, slice) else self._issues[index]

    def __len__(self) -> int:
        return len(self._issues)

    def __iter__(self) -> Iterator[Issue]:
        return iter(self._issues)

    def __add__(self, other: Iterable[Issue]) -> Issues:
        return Issues([*self, *other])

    def of(self, severity: Severity) -> Issues:
        """The issues of one severity."""
        return Issues(i for i in self if i.severity is severity)

    @property
    def errors(self) -> Issues:
        """The issues that block publication."""
        return self.of(Severity.ERROR)

    @property
    def counts(self) -> dict[str, int]:
        """How many issues there are of each code."""
        return dict(sorted(Counter(i.code for i in self).items()))

    def __repr__(self) -> str:
        n = Counter(i.severity for i in self)
        return f"Issues({n[Severity.ERROR]} errors, {n[Severity.WARNING]} warnings, {n[Severity.INFO]} notes)"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{i.code}</td><td>{i.severity}</td><td>{escape(i.where)}</td>"
            f"<td>{escape(i.message)}</td><td>{escape(i.hint)}</td></tr>"
            for i in self
        )
        head = "<tr><th>code</th><th>severity</th><th>where</th><th>what</th><th>what to do</th></tr>"
        return f"<p>{escape(repr(self))}</p><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def did_you_mean(name: str, options: Iterable[str], *, most: int = 8) -> str:
    """A hint for an unknown `name`: the closest option, or the first few options when none is close.

    >>> did_you_mean("Europe/Stokholm", ["Europe/Oslo", "Europe/Stockholm"])
    'Did you mean "Europe/Stockholm"?'
    """
    known = sorted(set(options))
    folded = {option.casefold(): option for option in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{folded[close[0]]}"?'
    if not known:
        return ""
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"Known: {', '.join(known[:most])}{more}."
