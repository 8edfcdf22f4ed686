"""`BugTeller`: how changes, links and attachments of Bugzilla are told, whichever export they come from.

The decision hidden here: the names of Bugzilla's fields, in the database (`bug_status`, `dependson`), in the REST API
(`status`, `depends_on`) and on its pages ("Depends on"), and which of them are links. A list of changes holds added and
removed values, so that a link that was taken away is a change, not a link.

References:
    Bugzilla 5 documentation, WebService API: Bugs, Comments, Attachments; "The Bugzilla XML format" (bugzilla.dtd).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from rca.moments.stamps import Stamp, compile_layout
from rca.reading.source import Source
from rca.reading.telling import Place
from rca.reading.tickets.tracker_telling import TrackerTeller

__all__ = ["CLOSED", "BugTeller", "bug_links", "read_abbreviated"]

CLOSED = frozenset({"resolved", "verified", "closed"})
"""The states that end a bug, in small letters."""
_STATUS = {"status", "bugstatus"}
_ASSIGNEE = {"assignedto", "assignee", "qacontact"}
_PRIORITY = {"priority", "severity", "bugseverity", "importance"}
_LINKS = {
    "dependson": "depends on",
    "dependencies": "depends on",
    "blocks": "blocks",
    "blocked": "blocks",
    "dupeof": "duplicate of",
    "dupid": "duplicate of",
    "duplicates": "duplicated by",
    "seealso": "see also",
    "regressedby": "regressed by",
    "regresses": "regresses",
    "regressions": "regresses",
}
_WORDS = re.compile(r"[\W_]+")
_BUG = re.compile(r"\bbug ?#?(\d{1,9})\b", re.IGNORECASE)
_ASKED = re.compile(r"\b\w+\?\(([^()\s]+)\)")
_ABBREVIATED = (compile_layout("%Y-%m-%d %H:%M:%S %Z"), compile_layout("%Y-%m-%d %H:%M %Z"))


def _plain(field: str) -> str:
    return _WORDS.sub("", field).casefold()


def read_abbreviated(text: str) -> Stamp | None:
    """The stamp that `text` is, with an abbreviation for its zone, as Bugzilla's pages have it; else None."""
    for layout in _ABBREVIATED:
        stamp = layout.parse(text.strip())
        if stamp is not None:
            return stamp
    return None


def bug_links(field: str) -> str:
    """The phrase of a link for the field that holds it, "" for other fields.

    >>> bug_links("dependson"), bug_links("Depends on"), bug_links("cc")
    ('depends on', 'depends on', '')
    """
    return _LINKS.get(_plain(field), "")


class BugTeller(TrackerTeller):
    """A teller of the events of bugs."""

    def __init__(self, source: Source, reader: Any) -> None:
        super().__init__(source, reader, system="bugzilla", read=read_abbreviated)

    def tell_links(self, bug: str, field: str, targets: list[str], place: Place, **more: Any) -> None:
        """A link for each target of a field; numbers are bugs of the same tracker."""
        phrase = bug_links(field)
        for target in targets:
            name = f"bug {target}" if target.isdecimal() else target
            direction = "inward" if phrase.endswith(" by") else "outward"
            self.tell_link(
                f"bug {bug}",
                phrase,
                name,
                place,
                direction=direction,
                field=field,
                record=f"bugzilla:{bug}",
                **more,
            )

    def tell_bug_change(
        self, bug: str, field: str, change: tuple[str, str], place: Place, **more: Any
    ) -> None:
        """A change of a field from what was removed to what was added."""
        old, new = change
        more = {"record": f"bugzilla:{bug}", **more}
        if bug_links(field) and new:
            fields = more.pop("fields", {})
            more.pop("record")
            targets = [one.strip() for one in new.split(",") if one.strip()]
            self.tell_links(bug, field, targets, place, fields={**fields, "removed": old}, **more)
            return
        name = _plain(field)
        kind = "ticket.change"
        if name in _STATUS:
            kind = "ticket.status"
        elif name in _ASSIGNEE:
            kind = "ticket.assignee"
        elif name in _PRIORITY:
            kind = "ticket.priority"
        asked = _ASKED.findall(new)
        self.tell_field(f"bug {bug}", kind, (field, old, new), place, audience=asked, **more)

    def tell_comment(
        self, bug: str, text: str, place: Place, *, is_private: bool, is_description: bool, **more: Any
    ) -> str:
        """A comment; the first one of a bug is its description."""
        refs = [f"bug {number}" for number in dict.fromkeys(_BUG.findall(text[:100_000])) if number != bug]
        fields = {"description": "true" if is_description else "", **more.pop("fields", {})}
        return self.tell_text(
            f"bug {bug}", text, place, is_public=not is_private, what="description" if is_description else "",
            record=f"bugzilla:{bug}", refs=refs, fields=fields, **more,
        )  # fmt: skip

    def tell_attachment(
        self,
        bug: str,
        name: str,
        place: Place,
        *,
        media: str = "",
        data: str = "",
        is_base64: bool = True,
        **more: Any,
    ) -> None:
        """An attachment, handed on where its bytes are in the export."""
        summary = more.pop("summary", "")
        fields = {"summary": summary, "type": media, **more.pop("fields", {})}
        self.tell_file(f"bug {bug}", name or summary, place, record=f"bugzilla:{bug}", fields=fields, **more)
        if data.strip():
            try:
                raw = base64.b64decode("".join(data.split()), validate=True) if is_base64 else data.encode()
            except (binascii.Error, ValueError):
                self.complain(
                    "The data of an attachment can't be decoded",
                    place=place.locator,
                    hint="It is kept in the exhibit.",
                )
                return
            self.source.attach(name or "attachment", media, raw, place=place.locator)
