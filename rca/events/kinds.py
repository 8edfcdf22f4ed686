"""The registry of event kinds: every dotted `kind` that a reader may give, with one line of meaning.

The decision hidden here: the vocabulary of what happens. A new reader adds its kinds here, or uses a kind of a table's
mapping under `fact.`.
"""

from __future__ import annotations

__all__ = ["KINDS", "is_kind"]

KINDS: dict[str, str] = {
    "log.line": "a record of a log, with the lines folded into it",
    "log.access": "a request answered by a server",
    "fact": "a row of an investigator's table of dated facts; the mapping may refine it (fact.warning, …)",
    "minutes.meeting": "a meeting took place",
    "minutes.present": "someone is recorded as present at a meeting",
    "minutes.absent": "someone is recorded as absent from a meeting",
    "minutes.item": "an item was on the agenda or was discussed",
    "minutes.statement": "something is recorded as said or reported at a meeting",
    "minutes.decision": "a meeting decided",
    "minutes.action": "a meeting gave someone a task",
    "minutes.approved": "minutes were approved or published",
    "annotation": "a note of the investigators",
}


def is_kind(kind: str) -> bool:
    """Whether `kind` is registered, or refines a registered one.

    >>> is_kind("fact.warning"), is_kind("weather")
    (True, False)
    """
    return kind in KINDS or any(kind.startswith(f"{known}.") for known in KINDS)
