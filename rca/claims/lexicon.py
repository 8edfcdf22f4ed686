"""The cue rules of a language, read from `cues/` and compiled: `sv.toml`, then the general ones of `heads_sv.toml`.

The decision hidden here: a rule is data. It names its class and its pattern over lower-case text, says why it holds, and
brings one example and one counter-example that are its tests. `%name%` in a pattern stands for the list `name` of
`words_sv.toml`: vocabularies grow there, rules stay few.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from rca.errors import UsageError, did_you_mean

__all__ = ["ActClass", "Cue", "cues", "languages"]


class ActClass(StrEnum):
    """What a sentence does in the record."""

    DECISION = "decision"
    PROPOSAL = "proposal"
    ACTION = "action"
    ASSURANCE = "assurance"
    WARNING = "warning"
    QUESTION = "question"
    DISSENT = "dissent"
    DEFERRAL = "deferral"


@dataclass(frozen=True, slots=True)
class Cue:
    """A rule: its id, class and pattern, and what it does under negation and in questions.

    `inside`: the pattern holds its own negation ("no known problems"). `asks`: it is meant as a question too.
    `flips`: negated, the words are an act of this other class.
    """

    id: str
    act: ActClass
    pattern: re.Pattern[str]
    why: str
    example: str
    counter: str
    inside: bool = False
    asks: bool = False
    flips: ActClass | None = None


def languages() -> tuple[str, ...]:
    """The languages that have cue rules."""
    return ("en", "sv")


@cache
def cues(language: str) -> tuple[Cue, ...]:
    """The rules of `language`, in the order of their file.

    >>> any(cue.id == "sv-assurance-state" for cue in cues("sv"))
    True
    """
    if language not in languages():
        raise UsageError(
            f'There are no cue rules in "{language}"', hint=did_you_mean(language, list(languages()))
        )
    folder = resources.files(__package__).joinpath("cues")
    words, *rules = (
        tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
        for name in (f"words_{language}", language, f"heads_{language}")
    )
    words = words["words"]
    for _ in range(3):  # lists may use lists
        words = {name: _filled(text, words) for name, text in words.items()}
    return tuple(
        Cue(
            id=entry["id"],
            act=ActClass(entry["class"]),
            pattern=re.compile(rf"(?:(?<![\w-])|(?='|n't))(?:{_filled(entry['pattern'], words)})(?![\w-])"),
            why=entry["why"],
            example=entry["example"],
            counter=entry["counter"],
            inside=entry.get("inside", False),
            asks=entry.get("asks", False),
            flips=ActClass(entry["flips"]) if "flips" in entry else None,
        )
        for part in rules
        for entry in part["cue"]
    )


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"%(\w+)%", lambda found: "(?:" + "".join(words[found[1]].split("\n")) + ")", text)
