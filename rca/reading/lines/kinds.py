"""Kinds: what a log event is about, by what its message says.

The decision hidden here: the table `kinds.toml`, one for all formats. The first rule whose pattern is found in the message
(and whose `component` is found in the program's name) gives its kind; a message that no rule knows stays a `log.line`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from rca.reading.lines.patterns import translate

if TYPE_CHECKING:
    import polars as pl

__all__ = ["KindRule", "kind_rules", "refine"]


@dataclass(frozen=True, slots=True)
class KindRule:
    """A rule: messages in which `pattern` is found, of programs in which `component` is found, are of kind `name`."""

    name: str
    pattern: str
    component: str
    why: str
    samples: tuple[str, ...]
    counter: tuple[str, ...]


@cache
def kind_rules() -> tuple[KindRule, ...]:
    """The rules that ship with the package, in the order in which they are asked."""
    entry = resources.files(__package__).joinpath("kinds.toml")
    if not entry.is_file():
        return ()
    document: Mapping[str, Any] = tomllib.loads(entry.read_text(encoding="utf-8"))
    return tuple(
        KindRule(
            str(rule["name"]),
            str(rule["pattern"]),
            str(rule.get("component", "")),
            str(rule.get("why", "")),
            tuple(rule.get("samples", ())),
            tuple(rule.get("counter", ())),
        )
        for rule in document.get("kind", ())
    )


@cache
def _any_pattern() -> str:
    return "|".join(f"(?:{rule.pattern})" for rule in kind_rules())


def refine(kind: pl.Series, message: pl.Series, component: pl.Series) -> pl.Series:
    """`kind` with a finer kind where a rule knows the message."""
    import polars as pl

    rules = kind_rules()
    if not rules:
        return kind
    hit = message.str.contains(translate(_any_pattern())).fill_null(value=False).to_numpy()
    rows = np.flatnonzero(hit)
    if not len(rows):
        return kind
    codes = np.zeros(len(message), np.int8)
    left = rows
    for number, rule in enumerate(rules, start=1):
        if not len(left):
            break
        fits = message.gather(left).str.contains(translate(rule.pattern)).fill_null(value=False).to_numpy()
        if rule.component:
            fits &= (
                component.gather(left)
                .str.contains(translate(rule.component))
                .fill_null(value=False)
                .to_numpy()
            )
        codes[left[fits]] = number
        left = left[~fits]
    names = pl.Series([str(kind[0]), *(rule.name for rule in rules)])
    return names.gather(codes)
