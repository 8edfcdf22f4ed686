"""Statuspage: incidents, maintenances and their updates, as the public or manage API answers.

The decision hidden here: what an update is: a public claim about a service, not a measurement. It has two times: the one that
the page shows (`display_at`), and the one at which it was entered (`created_at`). Whoever writes may set the first back.
The event lies at the time that is shown, since that is what the page claims; it was public at the earliest when it was entered
(`known_time`). Where both differ, both are kept, the row rests on an assumption, and an issue says so.

References:
    Atlassian, Statuspage API: Incidents, Incident updates, Components; public status API v2 (`incidents.json`,
    `scheduled-maintenances.json`, `summary.json`); webhook notifications.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rca.errors import Severity
from rca.moments.moment import Basis, TimeKind
from rca.reading.dating import read_stamp
from rca.reading.source import Sample, Source
from rca.reading.tickets.desk_telling import plain_text
from rca.reading.tickets.pieces import Piece, read_pieces, says_shape
from rca.reading.tickets.tracker_telling import TrackerTeller

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["StatuspageReader"]

_SIGNS = re.compile(r'"incident_updates"|"display_at"|"component_update"|"affected_components"')
_LISTS = {"incidents", "scheduled_maintenances", "incident_updates", "data", "response"}
_OF_RECORD = {"id", "name", "status", "body", "shortlink", "impact", "incident_id"}
_MANY = 100
_LATER = 60 * 10**9


def _enter(key: str, members: Mapping[str, Any], ahead: str) -> bool:
    return ahead[:1] == "[" and key in _LISTS and not members.keys() & _OF_RECORD


def _unwrapped(piece: Piece) -> Piece:
    """The incident of an answer or webhook that holds one (`{"incident": {…}}`), else `piece` itself."""
    found = None if piece.has("id") else piece.piece("incident", "scheduled_maintenance", "incident_update")
    return found or piece


def _shape_of(piece: Piece) -> str:
    """What an object is: incident, update or component; "" for none of Statuspage's."""
    piece = _unwrapped(piece)
    said = piece.said
    if isinstance(said.get("incident_updates"), list) and "id" in said and "name" in said:
        return "incident"
    if "display_at" in said and "body" in said and "status" in said:
        return "update"
    change = piece.piece("component_update")
    return "component" if change is not None and change.has("new_status") else ""


class StatuspageReader:
    """Reads incidents of Statuspage; each update is a public statement with the time it shows and the time it was entered."""

    name = "statuspage"
    version = "1"
    title = "Statuspage: incidents, maintenances and their public updates"
    suffixes = (".json",)

    def score(self, sample: Sample) -> float:
        """0.98 where one of the first objects is an incident or an update by its keys, else 0."""
        return says_shape(sample, _enter, _shape_of, signs=_SIGNS)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the stream, in file order."""
        told = _Telling(source, self)
        for piece in read_pieces(source, _enter, code="RCA191"):
            told.tell(_unwrapped(piece))
            yield from told.teller.batches()
        told.teller.end()
        yield from told.teller.rest()


class _Telling:
    """One stream on its way."""

    def __init__(self, source: Source, reader: StatuspageReader) -> None:
        self.source = source
        self.teller = TrackerTeller(source, reader, system="statuspage")
        self.backdated = 0

    def tell(self, piece: Piece) -> None:
        """All events of an object."""
        shape = _shape_of(piece)
        if shape == "incident":
            self._tell_incident(piece)
        elif shape == "update":
            self._tell_update(piece, piece.text("incident_id"), "", "")
        elif shape == "component":
            self._tell_component(piece)
        elif not piece.has("page_id") and not piece.has("time_zone"):
            self.teller.pass_over(piece)

    def _tell_incident(self, piece: Piece) -> None:
        teller, name = self.teller, piece.text("name")
        record = f"statuspage:{piece.text('id')}"
        updates = list(piece.pieces("incident_updates"))
        common: dict[str, Any] = {"record": record, "component": ", ".join(piece.texts("components", "name"))}
        fields = {
            "title": name,
            "status": piece.text("status"),
            "impact": piece.text("impact_override", "impact"),
            "started_at": piece.text("started_at"),
            "updated": piece.text("updated_at"),
            "url": piece.text("shortlink"),
        }
        parent = teller.tell_created(
            f"public incident {piece.text('id')}", name, piece.place(), stamp=piece.text("created_at"), fields=fields,
            severity_text=fields["impact"], **common,
        )  # fmt: skip
        if piece.text("scheduled_for"):
            teller.tell(
                "status.posted", f"maintenance planned: {name}", piece.place(), stamp=piece.text("scheduled_for"), subject=name,
                end=piece.text("scheduled_until"), time_kind=TimeKind.SCHEDULED, known=piece.text("created_at"), parent=parent, **common,
            )  # fmt: skip
        for one in updates:
            self._tell_update(one, piece.text("id"), name, parent)
        if piece.text("resolved_at") and not any(
            one.text("status") in ("resolved", "completed") for one in updates
        ):
            teller.tell(
                "status.posted", f"resolved: {name}", piece.place(), stamp=piece.text("resolved_at"), subject=name, parent=parent,
                fields={"status": "resolved"}, **common,
            )  # fmt: skip
        if piece.text("postmortem_body"):
            text = plain_text(piece.text("postmortem_body"))
            teller.tell(
                "status.posted", f"postmortem: {name}", piece.place("postmortem_body"), stamp=piece.text("postmortem_published_at"),
                text=text, subject=name, parent=parent, fields={"status": "postmortem"}, **common,
            )  # fmt: skip

    def _tell_update(self, piece: Piece, incident: str, name: str, parent: str) -> None:
        """A public update: at the time it shows, known from when it was entered."""
        status, text = piece.text("status"), plain_text(piece.text("body"))
        shown, entered = piece.text("display_at"), piece.text("created_at")
        reasons: list[str] = []
        apart = _apart(shown, entered)
        if shown and entered and abs(apart) >= _LATER:
            reasons.append(self._assume())
            self._note(piece, shown, entered, apart)
        changes = [
            f"{one.text('name')}: {one.text('old_status')} → {one.text('new_status')}"
            for one in piece.pieces("affected_components")
            if one.text("new_status") and one.text("new_status") != one.text("old_status")
        ]
        components = ", ".join(piece.texts("affected_components", "name"))
        self.teller.tell(
            "status.posted", f"{name}{': ' if name else ''}{status}: {text}", piece.place(), stamp=shown or entered, known=entered,
            text=text, record=f"statuspage:{incident}", subject=name, parent=parent, component=components, assumptions=reasons,
            fields={"status": status, "displayed": shown, "entered": entered, "update_id": piece.text("id"), "updated": piece.text("updated_at"),
                    "back_dated": "true" if reasons and apart < 0 else "", "components": "; ".join(changes),
                    "subscribers_notified": piece.text("deliver_notifications")},
        )  # fmt: skip

    def _tell_component(self, piece: Piece) -> None:
        change = piece.piece("component_update") or piece
        name = piece.text("component.name") or change.text("component_id")
        self.teller.tell(
            "status.posted", f"{name}: {change.text('old_status')} → {change.text('new_status')}", change.place(),
            stamp=change.text("created_at"), component=name, record=f"statuspage:component:{change.text('component_id')}",
            fields={"field": "status", "old": change.text("old_status"), "new": change.text("new_status")},
        )  # fmt: skip

    def _assume(self) -> str:
        return self.source.assume(
            "time",
            "a public update lies at the time that the page shows (display_at)",
            rests_on="it differs from when the update was entered (created_at), which is kept as known_time",
            alternatives=("it was made when it was entered",),
        )

    def _note(self, piece: Piece, shown: str, entered: str, apart: int) -> None:
        self.backdated += 1
        if self.backdated > _MANY:
            return
        how = "back-dated" if apart < 0 else "dated forward"
        self.source.issue(
            self.teller.code,
            Severity.WARNING,
            f"A public update is {how}: shown as {shown}, entered {entered}",
            place=piece.place().locator,
            hint="Nobody could read it before it was entered: known_time has that; compare with mail and chat.",
        )


def _apart(shown: str, entered: str) -> int:
    """How long after its entry an update is shown, in nanoseconds; negative where it is back-dated, 0 where unknown."""
    from rca.moments.settling import settle

    stamps = [read_stamp(shown), read_stamp(entered)]
    if any(one is None for one in stamps):
        return 0
    times = settle(stamps, zone="UTC", zone_basis=Basis.ZONE_ASSUMED).time
    return times[0] - times[1] if times[0] is not None and times[1] is not None else 0
