"""Usual layouts: which ways of writing a time are tried where a foreign format names none, and how its own are said.

The decision hidden here: a layout is proposed only where the pattern of the field takes an example of it. So the
pattern itself says what the stamp looks like, and `%{DATE_US}` never becomes a day before a month.

References:
    POSIX strftime; lnav, "Log Formats": timestamp-format; ISO 8601-1:2019.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from itertools import product

from rca.moments.stamps import compile_layout
from rca.reading.lines.pattern_tree import UntranslatableError
from rca.reading.lines.patterns import translate

__all__ = [
    "GENERAL",
    "Span",
    "from_strftime",
    "in_one_order",
    "is_loose",
    "matches",
    "usual_fitting",
    "usual_layouts",
    "usual_reading",
]


class Span(StrEnum):
    """What a layout states: a moment, only a date, only a time of day."""

    MOMENT = "moment"
    DATE = "date"
    CLOCK = "clock"


_FRACTIONS = ("", ".%f", ",%f", ":%f")
_ZONES = ("", " %z", "%z", " %Z")
_DATED = (
    "%b %e %H:%M:%S", "%b %e %Y %H:%M:%S", "%b %e, %Y %H:%M:%S", "%a %b %e %H:%M:%S", "%a %b %e %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S", "%d/%b/%Y:%H:%M:%S", "%d/%b/%Y %H:%M:%S", "%d/%b/%y %H:%M:%S", "%d-%b-%Y %H:%M:%S",
    "%d-%b-%y %H:%M:%S", "%d %b %Y %H:%M:%S", "%e %b %H:%M:%S", "%Y %b %d %H:%M:%S", "%Y %b %d %a %H:%M:%S",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d_%H:%M:%S", "%Y-%m-%d-%H.%M.%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d-%H:%M:%S",
    "%Y.%m.%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d.%m.%y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%y %H:%M:%S",
    "%d/%m/%y %H:%M:%S",
    "%y/%m/%d %H:%M:%S", "%y-%m-%d %H:%M:%S", "%m-%d-%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%m-%d %H:%M:%S", "%Y%m%d %H:%M:%S",
    "%y%m%d %H:%M:%S", "%m%d %H:%M:%S", "%Y%m%dT%H%M%S", "%Y%m%d-%H%M%S", "%Y%m%d.%H%M%S", "%Y%m%d %H%M%S",
    "%Y%m%d%H%M%S",
)  # fmt: skip
_LED_BY_ZONE_OR_YEAR = (
    "%a %b %e %H:%M:%S %Y", "%a %b %e %H:%M:%S.%f %Y", "%a %b %e %H:%M:%S %Z %Y", "%a %b %e %H:%M:%S %z %Y",
    "%b %e %H:%M:%S %Y",
)  # fmt: skip
_HALVES = ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%Y/%m/%d", "%Y-%m-%d", "%b %e, %Y", "%d-%b-%Y")
_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%b/%Y", "%d-%b-%Y", "%d %b %Y", "%b %e", "%b %e %Y",
    "%a %b %e %Y", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%m-%d-%Y", "%d-%m-%Y", "%y/%m/%d", "%y-%m-%d", "%y%m%d",
)  # fmt: skip
_CLOCKS = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M:%S,%f", "%H:%M:%S:%f", "%H:%M", "%I:%M:%S %p", "%H%M%S")

GENERAL = (
    "iso", "%b %e %H:%M:%S", "%b %e %H:%M:%S.%f", "%a %b %e %H:%M:%S %Y", "%a %b %e %H:%M:%S %Z %Y",
    "%a, %d %b %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z", "%d-%b-%Y %H:%M:%S", "%d %b %Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p",
    "%Y%m%d %H:%M:%S", "%Y%m%dT%H%M%S", "epoch",
)  # fmt: skip
"""The layouts that are tried where nothing at all says how a stamp is written."""

_EXAMPLE = {
    "%Y": ("2024",), "%y": ("24",), "%m": ("11",), "%b": ("Nov",), "%B": ("November",), "%d": ("23",), "%e": ("23",),
    "%j": ("328",), "%H": ("15",), "%I": ("03", "3"), "%M": ("42",), "%S": ("36",), "%p": ("PM", "pm"),
    "%f": ("123", "123456", "123456789"), "%z": ("+0100", "+01:00", "Z"), "%Z": ("CET", "UTC"), "%a": ("Sat",),
    "%A": ("Saturday",), "%%": ("%",),
}  # fmt: skip
_FRACTION_EXAMPLES = ("", ".123", ",123", ".123456", ".123456789")
_ZONE_EXAMPLES = ("", "Z", "+01:00", "+0100", " +0100")
_NAMED_EXAMPLES = {
    "iso": (
        *(f"2024-11-23{t}15:42:36{f}{z}" for t, f, z in product("T ", _FRACTION_EXAMPLES, _ZONE_EXAMPLES)),
        "2024-11-23T15:42",
        "2024-11-23 15:42",
    ),
    "epoch": ("1732376556", "1732376556.123", "1732376556123", "1732376556.123456", "1732376556123456"),
}  # fmt: skip
_SAID_AS = {
    "%L": "%f", "%N": "%f", "%k": "%H", "%l": "%I", "%h": "%b", "%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M",
    "%D": "%m/%d/%y", "%n": " ", "%t": " ", "%P": "%p",
}  # fmt: skip
_EPOCHS = {"%s": "epoch:s", "%i": "epoch:ms", "%6": "epoch:us", "%9": "epoch:ns", "%@": "tai64n"}
_KNOWN = frozenset(_EXAMPLE)


def from_strftime(text: str) -> str:
    """The layout that a strftime format is, lnav's own conversions included.

    A literal Z or +0000 at the end states UTC, so it becomes an offset that is read.

    Raises:
        UntranslatableError: a conversion has no counterpart.

    >>> from_strftime("%Y-%m-%dT%T.%LZ"), from_strftime("%s.%6")
    ('%Y-%m-%dT%H:%M:%S.%f%z', 'epoch:s')
    """
    if text in _EPOCHS:
        return _EPOCHS[text]
    if re.fullmatch(r"%s\.%[fLN69]", text):
        return _EPOCHS["%s"]
    parts: list[str] = []
    for found in re.finditer(r"%.?|[^%]+", text, re.DOTALL):
        part = _SAID_AS.get(found[0], found[0])
        if part.startswith("%") and part[:2] not in _KNOWN:
            raise UntranslatableError(f"the conversion {found[0]} in {text}")
        parts.append(part)
    said = "".join(parts)
    return re.sub(r"(?<=%[Sf])(?P<blank> ?)(?:Z|\+0000|\+00:00)$", r"\g<blank>%z", said)


@cache
def usual_layouts(span: Span) -> tuple[str, ...]:
    """The usual layouts of a span, the more telling first."""
    if span is Span.DATE:
        return _DATES
    if span is Span.CLOCK:
        return _CLOCKS
    halves = tuple(
        f"{date} %I:%M:%S{fraction} %p{zone}"
        for date, fraction, zone in product(_HALVES, ("", ".%f", ":%f"), ("", " %Z"))
    )
    dated = tuple(
        base + fraction + zone
        for base, fraction, zone in product(_DATED, _FRACTIONS, _ZONES)
        if base != "%Y-%m-%d %H:%M:%S" or fraction == ":%f" or zone == " %Z"  # the others are iso
    )
    minutes = tuple(base.removesuffix(":%S") for base in _DATED if base.endswith("%H:%M:%S"))
    short = tuple(f"{date} %I:%M %p" for date in _HALVES)
    return ("iso", *dated, *_LED_BY_ZONE_OR_YEAR, *halves, *minutes, *short, "epoch")


@cache
def _examples(layout: str) -> tuple[str, ...]:
    if layout in _NAMED_EXAMPLES:
        return _NAMED_EXAMPLES[layout]
    pieces = [_EXAMPLE.get(part, (part,)) for part in re.findall(r"%.|[^%]+", layout)]
    return tuple("".join(parts) for parts in product(*pieces))


@cache
def _example_texts(span: Span) -> tuple[tuple[str, str], ...]:
    return tuple((layout, text) for layout in usual_layouts(span) for text in _examples(layout))


def usual_fitting(pattern: str, span: Span) -> tuple[str, ...]:
    r"""The usual layouts of which the whole `pattern` takes an example, in their order.

    >>> usual_fitting(r"\d{2}/\w{3}/\d{4}:[\d:]+ [+-]\d{4}", Span.MOMENT)
    ('%d/%b/%Y:%H:%M:%S %z', '%d/%b/%Y:%H:%M:%S:%f %z')
    """
    pairs = _example_texts(span)
    taken = matches(f"^(?:{pattern})$", [text for _, text in pairs])
    return tuple(dict.fromkeys(layout for (layout, _), fits in zip(pairs, taken, strict=True) if fits))


def usual_reading(stamps: Sequence[str]) -> tuple[str, ...]:
    """The usual layouts that read at least one of the stamps, those that read most first."""
    counts = {
        layout: sum(1 for stamp in stamps if compile_layout(layout).parse(stamp) is not None)
        for layout in usual_layouts(Span.MOMENT)
        if layout != "epoch"
    }
    return tuple(sorted((k for k, n in counts.items() if n), key=lambda k: -counts[k]))


def is_loose(pattern: str) -> bool:
    """Whether a pattern takes what is no time, so that fitting a layout says nothing about it."""
    return any(matches(f"^(?:{pattern})$", ["zq", "zq zq", "7 7:-7"]))


def matches(pattern: str, texts: Sequence[str]) -> list[bool]:
    """Which texts hold the pattern, in linear time whatever the pattern is.

    Raises:
        UntranslatableError: Rust's regex does not compile it.
    """
    import polars as pl

    try:
        found = pl.Series(texts, dtype=pl.String).str.contains(translate(pattern), literal=False)
    except pl.exceptions.ComputeError as error:
        raise UntranslatableError(
            f"a pattern that does not compile ({str(error).splitlines()[-1]})"
        ) from None
    return [bool(value) for value in found]


def in_one_order(layouts: Sequence[str], *, month_first: bool) -> tuple[list[str], list[str]]:
    """The layouts with numeric day and month in one order only, and the same in the other order where both were there.

    A file has one order; which one, only its own stamps tell. The second list is empty where there is nothing to tell.

    >>> in_one_order(["iso", "%m/%d/%Y", "%d/%m/%Y"], month_first=False)
    (['iso', '%d/%m/%Y'], ['iso', '%m/%d/%Y'])
    """
    turned = {layout: re.sub(r"^(%[md])([./-])(%[md])", r"\3\2\1", layout) for layout in layouts}
    doubled = {layout for layout, other in turned.items() if other != layout and other in turned}
    dropped = {layout for layout in doubled if layout.startswith("%d" if month_first else "%m")}
    kept = [layout for layout in layouts if layout not in dropped]
    return kept, [turned[layout] if layout in doubled else layout for layout in kept] if doubled else []
