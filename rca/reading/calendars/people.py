"""Who organises, who is invited and who answered, as a calendar states it.

The decision hidden here: invited is not accepted, and accepted is not attended. Each answer becomes a response; nothing
here says that anybody was present. Rooms and other resources are no audience.

References:
    RFC 5545, 3.2.12 (PARTSTAT), 3.2.3 (CUTYPE), 3.8.4; vCalendar 1.0, 2.4.1 (STATUS of an attendee).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from rca.reading.calendars.content import Component, Line

__all__ = ["Invited", "invited", "organizer", "person"]

_ANSWERS = {
    "ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "DELEGATED": "delegated",
    "CONFIRMED": "accepted", "COMPLETED": "completed", "IN-PROCESS": "in process",
}  # fmt: skip
_MAILTO = re.compile(r"(?i)^(?:mailto|smtp|sip):\s*")


@dataclass(frozen=True, slots=True)
class Invited:
    """One attendee: who, what they answered ("" where they did not), in which role, and the line that says so."""

    who: str
    answer: str
    role: str
    kind: str
    line: Line

    @property
    def is_resource(self) -> bool:
        """Whether it is a room or a thing, not a person."""
        return self.kind in ("ROOM", "RESOURCE")


def person(line: Line) -> str:
    """Who a line names, as `Name <address>`.

    >>> person(Line("ATTENDEE", {"CN": "Head of IT"}, "mailto:it@h.example", 0, 0, 1, 1))
    'Head of IT <it@h.example>'
    """
    value = line.text.strip()
    address = _MAILTO.sub("", value).strip().strip("<>")
    if "%40" in address:
        address = unquote(address)
    name = line.params.get("CN", "").strip().strip("'\"")
    if "@" not in address and not name:
        return address
    if "@" not in address or address.lower().startswith(("invalid:", "http:", "https:", "urn:")):
        address = "" if name else address
    if name and address and _MAILTO.sub("", name).casefold() != address.casefold():
        return f"{name} <{address}>"
    return address or name


def invited(component: Component) -> list[Invited]:
    """The attendees of an appointment, in its order."""
    found = []
    for line in component.all("ATTENDEE"):
        status = (
            (line.params.get("PARTSTAT") or line.params.get("STATUS") or "").strip().upper().replace("_", "-")
        )
        found.append(
            Invited(
                person(line),
                _ANSWERS.get(status, ""),
                line.params.get("ROLE", "").lower(),
                line.params.get("CUTYPE", "").strip().upper(),
                line,
            )
        )
    return found


def organizer(component: Component) -> str:
    """Who called the appointment."""
    line = component.first("ORGANIZER")
    return person(line) if line is not None else ""
