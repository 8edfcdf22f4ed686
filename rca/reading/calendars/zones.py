"""The zones that calendars name: IANA names, the names of Windows, and rules that stand in the file.

The decision hidden here: which zone a TZID means. An IANA name means itself, also at the end of a path; a name of Windows
means the zone that CLDR gives for the whole world, as an assumption; anything else means the rules (VTIMEZONE) that the
file brings. Where the file's rules and the IANA zone differ at a time that is used, an issue says so.

References:
    RFC 5545, 3.6.5 and 3.8.3.1; Unicode CLDR, windowsZones.xml (territory 001); RFC 7808.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cache

from rca.moments.zones import zone_names
from rca.reading.calendars.content import Component
from rca.reading.calendars.recurrence import onsets

__all__ = ["WINDOWS", "Chosen", "FileZone", "choose_zone", "fixed_offset", "read_offset_value"]

WINDOWS = {
    "Dateline Standard Time": "Etc/GMT+12", "UTC-11": "Etc/GMT+11", "Aleutian Standard Time": "America/Adak",
    "Hawaiian Standard Time": "Pacific/Honolulu", "Marquesas Standard Time": "Pacific/Marquesas",
    "Alaskan Standard Time": "America/Anchorage", "UTC-09": "Etc/GMT+9",
    "Pacific Standard Time (Mexico)": "America/Tijuana", "UTC-08": "Etc/GMT+8",
    "Pacific Standard Time": "America/Los_Angeles", "US Mountain Standard Time": "America/Phoenix",
    "Mountain Standard Time (Mexico)": "America/Chihuahua", "Mountain Standard Time": "America/Denver",
    "Yukon Standard Time": "America/Whitehorse", "Central America Standard Time": "America/Guatemala",
    "Central Standard Time": "America/Chicago", "Easter Island Standard Time": "Pacific/Easter",
    "Central Standard Time (Mexico)": "America/Mexico_City", "Canada Central Standard Time": "America/Regina",
    "SA Pacific Standard Time": "America/Bogota", "Eastern Standard Time (Mexico)": "America/Cancun",
    "Eastern Standard Time": "America/New_York", "Haiti Standard Time": "America/Port-au-Prince",
    "Cuba Standard Time": "America/Havana", "US Eastern Standard Time": "America/Indiana/Indianapolis",
    "Turks And Caicos Standard Time": "America/Grand_Turk", "Paraguay Standard Time": "America/Asuncion",
    "Atlantic Standard Time": "America/Halifax", "Venezuela Standard Time": "America/Caracas",
    "Central Brazilian Standard Time": "America/Cuiaba", "SA Western Standard Time": "America/La_Paz",
    "Pacific SA Standard Time": "America/Santiago", "Newfoundland Standard Time": "America/St_Johns",
    "Tocantins Standard Time": "America/Araguaina", "E. South America Standard Time": "America/Sao_Paulo",
    "SA Eastern Standard Time": "America/Cayenne", "Argentina Standard Time": "America/Argentina/Buenos_Aires",
    "Greenland Standard Time": "America/Nuuk", "Montevideo Standard Time": "America/Montevideo",
    "Magallanes Standard Time": "America/Punta_Arenas", "Saint Pierre Standard Time": "America/Miquelon",
    "Bahia Standard Time": "America/Bahia", "UTC-02": "Etc/GMT+2", "Mid-Atlantic Standard Time": "Etc/GMT+2",
    "Azores Standard Time": "Atlantic/Azores", "Cape Verde Standard Time": "Atlantic/Cape_Verde", "UTC": "Etc/UTC",
    "Coordinated Universal Time": "Etc/UTC", "GMT Standard Time": "Europe/London",
    "Greenwich Standard Time": "Atlantic/Reykjavik", "Sao Tome Standard Time": "Africa/Sao_Tome",
    "Morocco Standard Time": "Africa/Casablanca", "W. Europe Standard Time": "Europe/Berlin",
    "Central Europe Standard Time": "Europe/Budapest", "Romance Standard Time": "Europe/Paris",
    "Central European Standard Time": "Europe/Warsaw", "W. Central Africa Standard Time": "Africa/Lagos",
    "Jordan Standard Time": "Asia/Amman", "GTB Standard Time": "Europe/Bucharest",
    "Middle East Standard Time": "Asia/Beirut", "Egypt Standard Time": "Africa/Cairo",
    "E. Europe Standard Time": "Europe/Chisinau", "Syria Standard Time": "Asia/Damascus",
    "West Bank Standard Time": "Asia/Hebron", "South Africa Standard Time": "Africa/Johannesburg",
    "FLE Standard Time": "Europe/Kyiv", "Israel Standard Time": "Asia/Jerusalem",
    "South Sudan Standard Time": "Africa/Juba", "Kaliningrad Standard Time": "Europe/Kaliningrad",
    "Sudan Standard Time": "Africa/Khartoum", "Libya Standard Time": "Africa/Tripoli",
    "Namibia Standard Time": "Africa/Windhoek", "Arabic Standard Time": "Asia/Baghdad",
    "Turkey Standard Time": "Europe/Istanbul", "Arab Standard Time": "Asia/Riyadh",
    "Belarus Standard Time": "Europe/Minsk", "Russian Standard Time": "Europe/Moscow",
    "E. Africa Standard Time": "Africa/Nairobi", "Iran Standard Time": "Asia/Tehran",
    "Arabian Standard Time": "Asia/Dubai", "Astrakhan Standard Time": "Europe/Astrakhan",
    "Azerbaijan Standard Time": "Asia/Baku", "Russia Time Zone 3": "Europe/Samara",
    "Mauritius Standard Time": "Indian/Mauritius", "Saratov Standard Time": "Europe/Saratov",
    "Georgian Standard Time": "Asia/Tbilisi", "Volgograd Standard Time": "Europe/Volgograd",
    "Caucasus Standard Time": "Asia/Yerevan", "Afghanistan Standard Time": "Asia/Kabul",
    "West Asia Standard Time": "Asia/Tashkent", "Ekaterinburg Standard Time": "Asia/Yekaterinburg",
    "Pakistan Standard Time": "Asia/Karachi", "Qyzylorda Standard Time": "Asia/Qyzylorda",
    "India Standard Time": "Asia/Kolkata", "Sri Lanka Standard Time": "Asia/Colombo",
    "Nepal Standard Time": "Asia/Kathmandu", "Central Asia Standard Time": "Asia/Bishkek",
    "Bangladesh Standard Time": "Asia/Dhaka", "Omsk Standard Time": "Asia/Omsk",
    "Myanmar Standard Time": "Asia/Yangon", "SE Asia Standard Time": "Asia/Bangkok",
    "Altai Standard Time": "Asia/Barnaul", "W. Mongolia Standard Time": "Asia/Hovd",
    "North Asia Standard Time": "Asia/Krasnoyarsk", "N. Central Asia Standard Time": "Asia/Novosibirsk",
    "Tomsk Standard Time": "Asia/Tomsk", "China Standard Time": "Asia/Shanghai",
    "North Asia East Standard Time": "Asia/Irkutsk", "Singapore Standard Time": "Asia/Singapore",
    "W. Australia Standard Time": "Australia/Perth", "Taipei Standard Time": "Asia/Taipei",
    "Ulaanbaatar Standard Time": "Asia/Ulaanbaatar", "Aus Central W. Standard Time": "Australia/Eucla",
    "Transbaikal Standard Time": "Asia/Chita", "Tokyo Standard Time": "Asia/Tokyo",
    "North Korea Standard Time": "Asia/Pyongyang", "Korea Standard Time": "Asia/Seoul",
    "Yakutsk Standard Time": "Asia/Yakutsk", "Cen. Australia Standard Time": "Australia/Adelaide",
    "AUS Central Standard Time": "Australia/Darwin", "E. Australia Standard Time": "Australia/Brisbane",
    "AUS Eastern Standard Time": "Australia/Sydney", "West Pacific Standard Time": "Pacific/Port_Moresby",
    "Tasmania Standard Time": "Australia/Hobart", "Vladivostok Standard Time": "Asia/Vladivostok",
    "Lord Howe Standard Time": "Australia/Lord_Howe", "Bougainville Standard Time": "Pacific/Bougainville",
    "Russia Time Zone 10": "Asia/Srednekolymsk", "Magadan Standard Time": "Asia/Magadan",
    "Norfolk Standard Time": "Pacific/Norfolk", "Sakhalin Standard Time": "Asia/Sakhalin",
    "Central Pacific Standard Time": "Pacific/Guadalcanal", "Russia Time Zone 11": "Asia/Kamchatka",
    "New Zealand Standard Time": "Pacific/Auckland", "UTC+12": "Etc/GMT-12", "Fiji Standard Time": "Pacific/Fiji",
    "Kamchatka Standard Time": "Asia/Kamchatka", "Chatham Islands Standard Time": "Pacific/Chatham",
    "UTC+13": "Etc/GMT-13", "Tonga Standard Time": "Pacific/Tongatapu", "Samoa Standard Time": "Pacific/Apia",
    "Line Islands Standard Time": "Pacific/Kiritimati",
}  # fmt: skip
"""The zone of the whole world for each name of Windows."""

_WINDOWS = {name.casefold(): zone for name, zone in WINDOWS.items()}
_SHOWN = {
    "amsterdam, berlin, bern, rom": "W. Europe Standard Time", "amsterdam, berlin, bern, roma": "W. Europe Standard Time",
    "stockholm": "W. Europe Standard Time", "brussels, copenhagen, madrid, paris": "Romance Standard Time",
    "belgrade, bratislava, budapest, ljubljana, prague": "Central Europe Standard Time",
    "sarajevo, skopje, warsaw, zagreb": "Central European Standard Time",
    "helsinki, kyiv, riga, sofia, tallinn, vilnius": "FLE Standard Time",
    "dublin, edinburgh, lisbon, london": "GMT Standard Time", "athens, bucharest": "GTB Standard Time",
    "eastern time (us & canada)": "Eastern Standard Time", "central time (us & canada)": "Central Standard Time",
    "mountain time (us & canada)": "Mountain Standard Time", "pacific time (us & canada)": "Pacific Standard Time",
    "monrovia, reykjavik": "Greenwich Standard Time",
}  # fmt: skip
_FIXED = re.compile(r"(?:GMT|UTC|TZ)? ?([+-])(\d{1,2})[:.]?(\d{2})?", re.IGNORECASE)
_BRACKET = re.compile(r"\((?:GMT|UTC)(?:[+-]\d{1,2}[:.]?\d{0,2})?\) *(.*)", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2}):?(\d{2})?")


@dataclass(slots=True)
class _Observance:
    """One STANDARD or DAYLIGHT part of a zone: from when on, with which offset."""

    before: int
    after: int
    component: Component
    known: dict[int, list[dt.datetime]] = field(default_factory=dict)

    def last_onset(self, wall: dt.datetime) -> dt.datetime | None:
        """The last time at or before `wall` at which this part began."""
        year = wall.year + 1
        if year not in self.known:
            if len(self.known) > 400:
                self.known.clear()
            self.known[year] = onsets(
                self.component, until=dt.datetime(min(year, 9998), 1, 2), offset=self.before
            )
        return max((one for one in self.known[year] if one <= wall), default=None)


@dataclass(slots=True)
class FileZone:
    """A zone as the file itself defines it."""

    name: str
    observances: list[_Observance]
    alias: str = ""

    @classmethod
    def of(cls, component: Component) -> FileZone:
        """The zone of a VTIMEZONE."""
        parts = []
        for child in component.children[:5_000]:
            if child.name in ("STANDARD", "DAYLIGHT"):
                before = read_offset_value(child.text("TZOFFSETFROM"))
                after = read_offset_value(child.text("TZOFFSETTO"))
                if after is not None:
                    parts.append(_Observance(after if before is None else before, after, child))
        alias = component.text("X-LIC-LOCATION") or component.text("TZID-ALIAS-OF")
        return cls(component.text("TZID").strip('"'), parts, alias)

    def offset(self, wall: dt.datetime) -> int | None:
        """The offset in seconds that the rules give for a wall clock, None before the first rule.

        An onset is stated in the clock before it. In a repeated hour the first reading counts, in a left-out hour the
        offset before it (RFC 5545, 3.3.5).
        """
        best: tuple[dt.datetime, _Observance] | None = None
        for part in self.observances:
            onset = part.last_onset(wall)
            if onset is not None and (best is None or onset > best[0]):
                best = (onset, part)
        if best is None:
            return self.observances[0].after if len(self.observances) == 1 else None
        onset, part = best
        gap = part.after - part.before
        if gap > 0 and wall < onset + dt.timedelta(seconds=gap):
            return part.before
        return part.after


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a TZID means: an IANA zone, a fixed offset, rules of the file, or nothing known (all empty)."""

    iana: str = ""
    fixed: int | None = None
    rules: FileZone | None = None
    how: str = ""

    @property
    def is_known(self) -> bool:
        """Whether anything is known of the zone."""
        return bool(self.iana) or self.fixed is not None or self.rules is not None


def read_offset_value(text: str) -> int | None:
    """The seconds of a UTC-OFFSET value.

    >>> read_offset_value("-0330"), read_offset_value("+000000"), read_offset_value("soon")
    (-12600, 0, None)
    """
    found = _OFFSET.fullmatch(text.strip())
    if not found:
        return None
    seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4] or 0)
    return (-seconds if found[1] == "-" else seconds) if seconds <= 18 * 3600 else None


def fixed_offset(name: str) -> int | None:
    """The seconds of an offset that stands in the place of a zone's name (`GMT+0100`, `UTC+1`)."""
    found = _FIXED.fullmatch(name.strip())
    if not found or int(found[2]) > 18 or int(found[3] or 0) > 59:
        return None
    seconds = int(found[2]) * 3600 + int(found[3] or 0) * 60
    return -seconds if found[1] == "-" else seconds


@cache
def _folded() -> dict[str, str]:
    return {name.casefold(): name for name in zone_names()}


def _iana(name: str) -> str:
    """The IANA zone that `name` is or ends in."""
    known = _folded()
    name = name.strip().strip('"')
    if name.casefold() in known:
        return known[name.casefold()]
    parts = name.split("/")
    for count in (3, 2):
        tail = "/".join(parts[-count:]).casefold()
        if len(parts) > count and tail in known and "/" in tail:
            return known[tail]
    return ""


def choose_zone(tzid: str, rules: FileZone | None) -> Chosen:
    """What `tzid` means, given the rules that the file has for it.

    >>> choose_zone("/mozilla.org/20050126_1/Europe/Stockholm", None).iana
    'Europe/Stockholm'
    >>> choose_zone("W. Europe Standard Time", None).how
    'CLDR'
    """
    name = tzid.strip().strip('"')
    iana = _iana(name)
    if iana:
        return Chosen(iana=iana, rules=rules, how="name")
    alias = _iana(rules.alias) if rules is not None else ""
    if alias:
        return Chosen(iana=alias, rules=rules, how="alias")
    low = name.casefold()
    bracket = _BRACKET.fullmatch(name)
    shown = _SHOWN.get(bracket[1].casefold().replace("/", ", ").strip(), "") if bracket else ""
    if bracket and not shown:
        shown = next((one for text, one in _SHOWN.items() if bracket[1].casefold().startswith(text)), "")
    windows = _WINDOWS.get(low) or _WINDOWS.get(shown.casefold())
    if windows:
        return Chosen(iana=windows, rules=rules, how="CLDR")
    if rules is not None and rules.observances:
        return Chosen(rules=rules, how="rules")
    fixed = fixed_offset(name)
    if fixed is not None:
        return Chosen(fixed=fixed, how="offset")
    return Chosen()
