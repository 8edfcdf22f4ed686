"""Blame and hindsight in text: words that judge a person instead of describing what happened.

The decision hidden here: the lexicons, Swedish and English, with their inflections, and that a quotation is nobody's
judgement but the speaker's: what stands in quotation marks is passed over.

References:
    NPSF 2015, RCA2 (five rules of causation); Dekker 2014, The Field Guide to Understanding "Human Error".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Wording", "find_human_error", "find_wordings", "outside_quotes"]

_BLAME = (
    r"careless(?:ly|ness)?|negligen(?:t|tly|ce)|inattenti(?:ve|vely|on)|sloppy|sloppily|incompeten(?:t|ce)|reckless(?:ly)?",
    r"fail(?:ed|s|ing|ure) to|neglect(?:ed|s|ing)? to|forgot to|should(?:n't| not)? have|ought to have",
    r"human errors?|operator errors?|user errors?|(?:a |the )?mistakes? (?:by|of) (?:the )?\w+|at fault|to blame|his fault|her fault",
    r"slarv(?:a|ar|ade|at|ig|iga|igt|fel)?|vårdslös(?:a|t|het)?|oaktsam(?:t|ma|het)?|försumlig(?:a|t|het)?|inkompeten(?:t|ta|s)",
    r"försumma(?:r|de|t|s|des|ts)?|underl(?:åter|ät|åtit) att|borde (?:inte )?ha|misslyck(?:as|ades|ats) med att|glömde att",
    r"den mänskliga faktorn|mänskliga faktorn|mänskligt fel|mänskliga fel|handhavandefel(?:et|en)?|bar(?:a)? skulden|vållade",
)
_HINDSIGHT = (
    r"could have|would have|if only|had (?:they|he|she|the \w+) only|in hindsight|with hindsight|it was obvious that|inevitably",
    r"om bara|skulle (?:inte )?(?:ha|kunnat|kunna ha)|kunde (?:inte )?ha|hade (?:man|de|han|hon) bara|i efterhand|med facit i hand|uppenbart att",
)
_HUMAN_ERROR = re.compile(
    r"\b(?:human errors?|operator errors?|user errors?|mistakes? by|(?:den )?mänskliga? (?:faktorn|fel)|handhavandefel\w*)\b",
    re.IGNORECASE,
)


def _compile(groups: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(groups) + r")(?!\w)", re.IGNORECASE)


_WORDS = {"blame": _compile(_BLAME), "hindsight": _compile(_HINDSIGHT)}
_QUOTES = re.compile(r"\"[^\"]*\"|“[^”]*”|”[^”]*”|„[^“”]*[“”]|»[^«»]*«|«[^«»]*»|‘[^’]*’")


@dataclass(frozen=True, slots=True)
class Wording:
    """A word that judges: what it is, which kind, and where it stands."""

    kind: str
    text: str
    start: int


def outside_quotes(text: str) -> str:
    """`text` with what stands in quotation marks blanked out, its length unchanged.

    >>> outside_quotes('they said "human error" twice')
    'they said               twice'
    """
    return _QUOTES.sub(lambda found: " " * len(found[0]), text)


def find_wordings(text: str) -> list[Wording]:
    """The words of blame and of hindsight outside quotations, in order.

    >>> [w.text for w in find_wordings("Personalen försummade kontrollen.")]
    ['försummade']
    """
    plain = outside_quotes(text)
    hits = [
        Wording(kind, m[0], m.start()) for kind, pattern in _WORDS.items() for m in pattern.finditer(plain)
    ]
    return sorted(hits, key=lambda w: (w.start, w.kind))


def find_human_error(text: str) -> str | None:
    """The phrase that puts a person's error down as a cause, outside quotations."""
    found = _HUMAN_ERROR.search(outside_quotes(text))
    return found[0] if found else None
