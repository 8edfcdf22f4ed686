"""`Assumption`: a guess that results rest on, as a value that is stored, counted, shown and reversible.

The decision hidden here: what a guess must say of itself. A guessed year, zone, fold, encoding or format never hides
in a result; the row that rests on it names its id, and the id is an address of its content, so that it stays the same
from run to run.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

__all__ = ["Assumption"]


@dataclass(frozen=True, slots=True, order=True)
class Assumption:
    """A guess: what is assumed, what it rests on, and what else it might be.

    `kind` is a short word such as `zone`, `year`, `fold`, `date`, `encoding`, `format`; `scope` is the stream key of
    the bytes that it speaks of, so that the same guess on two files has two ids.
    """

    kind: str
    what: str
    rests_on: str
    alternatives: tuple[str, ...] = ()
    scope: str = ""

    @property
    def id(self) -> str:
        """The id that rows name: the kind and ten hex digits of the content."""
        content = "\x1f".join((self.kind, self.what, self.rests_on, *self.alternatives, self.scope))
        return f"{self.kind}-{hashlib.sha256(content.encode()).hexdigest()[:10]}"
