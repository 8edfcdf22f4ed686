"""`ServiceNowClock`: on which clock the stamps of a ServiceNow export run, and what shows that two clocks are mixed.

The decision hidden here: the database holds UTC, what is shown is in the zone and format of whoever reads. CSV and XML
exports and the Table API (unless asked otherwise) give the database's values, Excel and PDF give what is shown. So a stamp
from the database is UTC by ServiceNow's documentation, an assumption that each of its events names; a zone that the caller
gave counts for shown values only. Where one record has both clocks, both stay and an issue names the difference.

References:
    ServiceNow product documentation, "Exporting date and time information", "Time zones" (all times are stored in UTC),
    "Table API" (sysparm_display_value).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rca.errors import Severity
from rca.moments.moment import Basis
from rca.reading.dating import read_stamp
from rca.reading.tickets.desk_telling import DeskTeller

__all__ = ["ServiceNowClock", "hours_apart", "is_database_stamp"]

_DATABASE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_PASTED = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?![.,:+\d]|Z|\s?[+-]\d{2}:?\d{2})")
_HALF_HOUR = 1_800
_MANY = 50


def is_database_stamp(text: str) -> bool:
    """Whether `text` is written as the database writes its stamps.

    >>> is_database_stamp("2024-11-12 04:30:00"), is_database_stamp("12-11-2024 05:30")
    (True, False)
    """
    return _DATABASE.fullmatch(text.strip()) is not None


def _seconds(text: str) -> int | None:
    stamp = read_stamp(text)
    if stamp is None or stamp.year is None or stamp.month is None or stamp.offset is not None:
        return None
    import datetime as dt

    day = dt.date(stamp.year, stamp.month, stamp.day or 1).toordinal()
    return ((day * 24 + stamp.hour) * 60 + stamp.minute) * 60 + stamp.second


def hours_apart(stored: str, shown: str, *, within: int = 90) -> float | None:
    """By how many hours (steps of a half, up to 14) `shown` is ahead of `stored`; None where it is no such distance.

    `within` is how many seconds the two may differ besides.

    >>> hours_apart("2018-08-16 22:44:46", "2018-08-16 15:44:11"), hours_apart("2018-08-16 22:44:46", "2018-08-16 22:44:11")
    (-7.0, None)
    """
    first, second = _seconds(stored), _seconds(shown)
    if first is None or second is None:
        return None
    steps = round((second - first) / _HALF_HOUR)
    if not 1 <= abs(steps) <= 28 or abs(second - first - steps * _HALF_HOUR) > within:
        return None
    return steps / 2


class ServiceNowClock:
    """Tells the zone of each stamp, takes down why, and looks for two clocks in one record."""

    def __init__(self, teller: DeskTeller) -> None:
        self.teller = teller
        self.source = teller.source
        self._stored = ""
        self._shown = ""
        self._journal = ""
        self._has_offset: set[float] = set()
        self._pasted = 0

    def stored(self) -> str:
        """The id of the assumption that stamps are the database's and so UTC."""
        if not self._stored:
            self._stored = self.source.assume(
                "zone",
                "stamps of records are the database's values and so UTC",
                rests_on="ServiceNow's documentation: times are stored in UTC; CSV, XML and the Table API give stored values",
                alternatives=(
                    "they are values as shown (sysparm_display_value, or saved anew from Excel), in the zone of who exported",
                ),
            )
            if self.source.declared.zone not in (None, "UTC") and self.source.zone_basis is Basis.ZONE_GIVEN:
                self.source.issue(
                    self.teller.code,
                    Severity.INFO,
                    f"The zone that was given ({self.source.zone}) is not used for the stamps of records: they are UTC",
                    hint="It counts for values as shown and for headers of journals. If the stamps are local after all,"
                    " read the file with a column mapping that names their zone.",
                )
        return self._stored

    def shown(self) -> str:
        """The id of the assumption that stamps are values as shown, so in the zone of who exported."""
        if not self._shown:
            self._shown = self.source.assume(
                "zone",
                "stamps of records are values as shown, in the zone of who exported",
                rests_on="their format or the labels and choices beside them are those of the screen, not of the database",
                alternatives=("UTC, as the database stores them",),
            )
        return self._shown

    def journal(self) -> str:
        """The id of the assumption that headers of journal entries are in the zone of who exported."""
        if not self._journal:
            self._journal = self.source.assume(
                "zone",
                "headers of journal entries are in the zone of who exported, not in UTC",
                rests_on="ServiceNow shows journals with the date format and zone of the session that reads them",
                alternatives=("UTC, where the export was made by an account whose zone is UTC",),
            )
        return self._journal

    def compare(self, stored: str, shown: str, *, place: str, within: int = 0) -> None:
        """Look at a stamp that a record gives both as stored and as shown, `within` seconds of each other."""
        apart = hours_apart(stored, shown, within=within) if stored != shown else None
        if apart is None or apart in self._has_offset:
            return
        self._has_offset.add(apart)
        self.source.issue(
            self.teller.code,
            Severity.INFO,
            f"Two clocks in one record: shown {shown} is {_said(apart)} the stored {stored}",
            place=place,
            hint="The stored value (UTC) is used. Headers of journals are on the clock that is shown: give its zone.",
        )

    def look_for_pasted(self, stored: Iterable[str], text: str, *, place: str) -> dict[str, str]:
        """A stamp in `text` that is a whole number of half hours from a stored one: named in fields and an issue."""
        times = [one for one in stored if is_database_stamp(one)]
        for found in _PASTED.finditer(text[:20_000]) if times else ():
            for one in times:
                apart = hours_apart(one, found[0])
                if apart is None:
                    continue
                self._pasted += 1
                if self._pasted <= _MANY:
                    self.source.issue(
                        self.teller.code,
                        Severity.WARNING,
                        f"Two clocks in one record: its text says {found[0]}, {_said(apart)} the stored {one} (UTC)",
                        place=place,
                        hint="Both are kept as written. A time pasted from the screen is in the zone of who read it.",
                    )
                return {"time_in_text": found[0], "hours_from_stored": f"{apart:+g}"}
        return {}


def _said(hours: float) -> str:
    return f"{abs(hours):g} h {'ahead of' if hours > 0 else 'behind'}"
