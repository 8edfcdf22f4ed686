"""The seam through which every room states its rules, and the runner that applies them.

A rule looks at a subject (the causal graph, the case) and yields `Hit`s. The runner turns hits into `Issue`s with
the severity of the chosen profile, leaves out what an investigator waived with a reason, and keeps those waivers for
the report. Rules are numbered as ruff numbers lints; `rca explain RCA301` prints everything a rule says of itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from rca.errors import Issue, Issues, Severity, UsageError, did_you_mean

__all__ = ["Hit", "Profile", "Rule", "Stage", "Verdict", "Waiver", "load_profile", "profile_names", "run"]


class Stage(StrEnum):
    """When a rule begins to apply: to any draft, or only to what is to be published."""

    DRAFT = "draft"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule is broken."""

    where: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A numbered rule of the investigation.

    `example` is a document that breaks the rule and nothing else; a test runs every rule on its own example.
    """

    code: str
    short: str
    title: str
    severity: Severity
    stage: Stage
    why: str
    mend: str
    example: str
    source: str
    check: Callable[[Any], Iterable[Hit]] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Profile:
    """Which rules an investigation method asks for, and how strictly: `None` switches a rule off."""

    name: str
    title: str
    severities: Mapping[str, Severity | None]

    def severity(self, rule: Rule) -> Severity | None:
        """The severity of `rule` under this profile, or None where the method does not ask for it."""
        return self.severities.get(rule.code, rule.severity)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule that the investigators set aside, everywhere or in one place, with the reason that the report prints."""

    rule: str
    reason: str
    where: str = ""

    def covers(self, rule: Rule, hit: Hit) -> bool:
        """Whether this waiver sets `hit` of `rule` aside."""
        return self.rule in (rule.code, rule.short) and self.where in ("", hit.where)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run of rules gave: the issues that stand, and those waived, each with its waiver."""

    issues: Issues
    waived: tuple[tuple[Issue, Waiver], ...]


@cache
def _profiles() -> dict[str, dict[str, Any]]:
    text = resources.files("rca").joinpath("profiles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def profile_names() -> list[str]:
    """The names of all profiles, `default` first."""
    names = sorted(_profiles())
    return ["default", *[n for n in names if n != "default"]]


def load_profile(name: str = "default") -> Profile:
    """The profile called `name`.

    Raises:
        UsageError: there is no such profile.
    """
    try:
        entry = _profiles()[name]
    except KeyError:
        raise UsageError(f'There is no profile "{name}"', hint=did_you_mean(name, _profiles())) from None
    levels = {
        code: None if word == "off" else Severity(word) for code, word in entry.get("severity", {}).items()
    }
    return Profile(name, entry["title"], levels)


def run(
    rules: Iterable[Rule],
    subject: Any,
    *,
    profile: Profile | None = None,
    stage: Stage = Stage.PUBLISH,
    waivers: Iterable[Waiver] = (),
) -> Verdict:
    """Apply `rules` to `subject`: the issues that stand under `profile` at `stage`, and what was waived."""
    profile = profile or load_profile()
    waivers = tuple(waivers)
    standing: list[Issue] = []
    waived: list[tuple[Issue, Waiver]] = []
    for rule in sorted(rules, key=lambda r: r.code):
        severity = profile.severity(rule)
        if severity is None or (stage is Stage.DRAFT and rule.stage is Stage.PUBLISH):
            continue
        for hit in rule.check(subject):
            issue = Issue(rule.code, severity, hit.message, hit.where, hit.hint or rule.mend)
            waiver = next((w for w in waivers if w.covers(rule, hit)), None)
            if waiver is None:
                standing.append(issue)
            else:
                waived.append((issue, waiver))
    return Verdict(Issues(standing), tuple(sorted(waived, key=lambda pair: pair[0])))
