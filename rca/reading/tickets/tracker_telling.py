"""`TrackerTeller`: how trackers of issues and incidents tell changes whose kind their own vocabulary decides.

The decision hidden here: the words of changes and of missing history, the same for all trackers that are read from answers
of their API. What a shape is unknown for isn't dropped silently: it is counted and said once.
"""

from __future__ import annotations

import re
from typing import Any

from rca.errors import Severity
from rca.reading.telling import Place
from rca.reading.tickets.desk_telling import DeskTeller
from rca.reading.tickets.pieces import Piece

__all__ = ["TrackerTeller", "mentions"]

_MENTION = re.compile(r"(?<![\w/#&.-])(?P<project>[\w.-]+(?:/[\w.-]+)+)?(?P<mark>[#!])(?P<number>\d{1,9})\b")


def mentions(text: str, project: str = "", *, marks: str = "#") -> list[str]:
    """The tickets that `text` names as `#12` or `owner/project#12`; a bare number is one of `project`.

    >>> mentions("see #12 and ops/ehr#7, not a#5", "ops/lab")
    ['ops/lab#12', 'ops/ehr#7']
    """
    found = (one for one in _MENTION.finditer(text[:100_000]) if one["mark"] in marks)
    return list(dict.fromkeys(f"{one['project'] or project}{one['mark']}{one['number']}" for one in found))


class TrackerTeller(DeskTeller):
    """A `DeskTeller` whose readers say the kind of a change themselves."""

    def __init__(self, source: Any, reader: Any, *, system: str, **more: Any) -> None:
        super().__init__(source, reader, system=system, **more)
        self.unknown = 0
        self._unknown_place = ""

    def tell_field(
        self,
        ticket: str,
        kind: str,
        change: tuple[str, str, str],
        place: Place,
        **more: Any,
    ) -> str:
        """A change of kind `kind`: field, old and new value; "" stands for nothing."""
        field, old, new = change
        if old and new:
            says = f"{field.replace('_', ' ')}: {old} → {new}"
        elif new:
            says = f"{field.replace('_', ' ')}: {new}"
        else:
            says = (
                f"{field.replace('_', ' ')}: {old} removed" if old else f"{field.replace('_', ' ')} changed"
            )
        fields = {"field": field, "old": old, "new": new, **more.pop("fields", {})}
        message = more.pop("message", "") or f"{ticket} {says}"
        return self.tell(
            kind,
            message,
            place,
            record=more.pop("record", self.record_of(ticket)),
            subject=ticket,
            fields=fields,
            **more,
        )

    def tell_created(self, ticket: str, title: str, place: Place, *, body: str = "", **more: Any) -> str:
        """That a ticket was created, with its title and description as text."""
        return self.tell(
            more.pop("kind", "ticket.created"),
            f"{ticket} {more.pop('verb', 'created')}: {title}" if title else f"{ticket} created",
            place,
            record=more.pop("record", self.record_of(ticket)),
            subject=ticket,
            text=f"{title}\n\n{body}" if body.strip() else "",
            **more,
        )

    def pass_over(self, piece: Piece) -> None:
        """Count an object of no known shape, unless it is empty; `end` says how many there were."""
        if piece.said:
            self.unknown += 1
            self._unknown_place = self._unknown_place or piece.place().locator

    def end(self) -> None:
        """Say what was passed over."""
        if self.unknown:
            self.source.issue(
                self.code,
                Severity.INFO,
                f"Objects without a known meaning, from which no event was told: {self.unknown}",
                place=self._unknown_place,
                hint="They are kept in the exhibit; look whether they carry times.",
            )
