"""`read_head`: what the head of an interview says, who states, and which group of independence it belongs to.

The decision hidden here: what keeps a person out. Where the handling is restricted, the role states, and the name of the
interviewee, wherever the head names it, is written over. Interviewees who conferred are one group: by the numbers of
their interviews where the heads name them, else by their roles, so that either head gives the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rca.moments.moment import Moment
from rca.reading.meetings.clock import Clock
from rca.reading.meetings.labels import INTERVIEW, is_restricted, label_of

__all__ = ["Interview", "is_refused", "read_head"]

_REFUSED = re.compile(
    r"^\W*(?:nej|no|not|ej|inte|pending|väntar|avvaktar|ännu|awaiting|nein|ei|n/a|utkast|draft)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"^\W*(?:ingen|none|nobody|no one|niemand)?\W*$", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:intervju|interview|haastattelu)\w*\s*(?:nr|no|nummer|number|id|#)?\.?\s*[:#]?\s*(?P<id>[A-Z]{0,3}-?\d{1,5})\b",
    re.IGNORECASE,
)
_ID = re.compile(r"(?<![\w-])[A-Z]{0,3}-?\d{1,5}(?![\w-])")
_VERBATIM = re.compile(r"transkri|transcri|ordagran|verbatim|utskrift|litteroi", re.IGNORECASE)
_WITH = re.compile(
    r"(?:intervju|interview|haastattelu)\s+(?:med|with|av|of|mit)\s+(?P<who>[^,(–—|-]{3,80})", re.IGNORECASE
)


@dataclass(slots=True)
class Interview:
    """What the head of an interview says."""

    number: int
    title: str = ""
    head: dict[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    end: Moment | None = None
    record: str = ""
    is_verbatim: bool = False
    held: str = ""
    topic: str = ""

    @property
    def is_restricted(self) -> bool:
        """Whether the person is kept out."""
        return is_restricted(self.head.get("handling", ""))

    @property
    def actor(self) -> str:
        """Who states: the role, or the person where no role is named and nothing keeps the person out."""
        role = self.head.get("role", "")
        person = "" if self.is_restricted else self.head.get("interviewee", "")
        return role or person or "interviewee"

    def scrubbed(self, text: str) -> str:
        """`text` without the name of the interviewee, where the person is kept out."""
        if not self.is_restricted:
            return text
        person = self.head.get("interviewee", "")
        named = [
            name
            for name in {person, *_names_in(self.title)}
            if len(name) >= 3 and name != self.head.get("role")
        ]
        words = {
            word for name in named for word in re.findall(r"[^\W\d_][\w'-]{2,}", name) if word[0].isupper()
        }
        for word in sorted({*named, *words}, key=lambda one: (-len(one), one)):
            text = re.sub(
                rf"(?<!\w){re.escape(word)}s?(?!\w)", f"[{self.head.get('role') or 'interviewee'}]", text
            )
        return text

    def group(self) -> str:
        """The group of independence: the interview itself, or one that those who conferred share."""
        others = self.head.get("conferred", "")
        if not others or _REFUSED.match(others) or _NOBODY.match(others):
            return self.record
        own = self.head.get("interview", "")
        own_id = _ID.search(own) if own else None
        ids = _ID.findall(others)
        if own_id and ids:
            return "interviews:" + ",".join(sorted({own_id[0].upper(), *(one.upper() for one in ids)}))
        names = {" ".join(part.casefold().split()) for part in re.split(r"[,;&]|\boch\b|\band\b", others)}
        names.add(" ".join((self.head.get("role") or self.head.get("interviewee") or "").casefold().split()))
        return "interviews:" + hashlib.sha256("|".join(sorted(names - {""})).encode()).hexdigest()[:12]


def _names_in(title: str) -> list[str]:
    """The words after "Intervju med" in a title."""
    found = _WITH.search(title)
    return [found["who"].strip()] if found else []


def is_refused(value: str) -> bool:
    """Whether the value of the label "approved" says that nothing was approved yet.

    >>> is_refused("nej, väntar på svar"), is_refused("2024-12-01"), is_refused("-")
    (True, False, True)
    """
    return _REFUSED.match(value) is not None or not value.strip(" -–—_.")


def read_head(lines: Iterable[str], *, key: str, number: int) -> Interview:
    """The interview whose head has these lines; `key` and `number` make its id."""
    one = Interview(number)
    for line in lines:
        meaning, value = label_of(line)
        if meaning and value and meaning not in one.head:
            one.head[meaning] = value
        elif not meaning and not one.title and INTERVIEW.search(line) and len(line) < 160:
            one.title = line.strip(" #*_")
        one.is_verbatim = one.is_verbatim or bool(_VERBATIM.search(line) and len(line) < 120)
    found = _NUMBER.search(one.title)
    if found and "interview" not in one.head:
        one.head["interview"] = found["id"]
    one.record = f"interview:{key}" + (f"/{number}" if number > 1 else "")
    return one
