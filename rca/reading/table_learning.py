"""A draft of a column mapping for a table that nobody has described: written from its header and first rows.

The decision hidden here: what the names of columns mean in exports of tickets and deviation reports, in English, Swedish,
Norwegian, Danish and Finnish. A name alone is never enough for a time: its cells must be stamps. What is not understood is
left out and said, so that a person can finish the draft; what is surely an export of tickets is read so at once.

References:
    Names are those of the vendors' own exports (Jira, ServiceNow, TOPdesk, Marval, Easit, Nilex, Artologik, Matrix42) and of
    deviation reports in Nordic health care (SOSFS 2005:12, HSLF-FS 2017:40: händelse, åtgärd, allvarlighetsgrad).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rca.moments.moment import Precision
from rca.reading.dating import is_figures, is_stamp, read_stamp
from rca.reading.mapping import parse_mapping

__all__ = ["draft_tickets", "learn_table", "plain_name"]

_ROLES: dict[str, str] = {
    "created": (
        "created createdat createdon createddate createdtime creationdate creationtime datecreated opened openedat opendate"
        " opentime submitted submittedat submitdate registered registeredat logged loggeddate reported reportedat reporteddate"
        " reportedon datereported calldate syscreatedon"
        " skapad skapaddatum skapat skapades skapatdatum registrerad registreringsdatum registrerat registreraddatum inkom"
        " inkommen inkommet inkomdatum ankomstdatum anmäld anmäldatum anmälningsdatum rapporterad rapporterat rapportdatum"
        " rapporteringsdatum öppnad öppnades upprättad upprättat mottagen mottaget inskickad"
        " opprettet opprettetdato meldt meldedato registrert registrertdato innmeldt innmeldtdato"
        " oprettet oprettelsesdato registreret registreringsdato indberettet indberetningsdato anmeldt anmeldelsesdato"
        " luotu luontiaika luontipäivä avattu kirjattu ilmoitettu ilmoituspäivä ilmoitusaika raportoitu"
    ),
    "occurred": (
        "occurred occurredat occurrencedate dateoccurred dateofincident incidentdate incidenttime incidentdatetime dateofevent"
        " eventdate eventtime datetimeofincident"
        " händelsedatum händelsetid händelsetidpunkt händelsedatumochtid inträffade inträffat inträffadedatum datumförhändelse"
        " datumförhändelsen tidpunktförhändelse tidpunktförhändelsen avvikelsedatum skadedatum inträffandedatum"
        " hendelsesdato hendelsestidspunkt hendelsedato hendelsetidspunkt inntruffet hændelsesdato hændelsestidspunkt"
        " tapahtumapäivä tapahtumaaika tapahtumaajankohta tapahtumapvm"
    ),
    "acknowledged": (
        "acknowledged acknowledgedat acceptedat firstresponseat firstresponse kvitterad kvitterat bekräftad påbörjad påbörjat"
        " påbörjaddatum kvittert kvitteret påbegynt vahvistettu aloitettu"
    ),
    "resolved": (
        "resolved resolvedat resolveddate resolutiondate dateresolved resolvedon solved solvedat completed completedat"
        " completiondate completedon datecompleted fixed"
        " löst löstes lösningsdatum löstdatum åtgärdad åtgärdat åtgärdsdatum åtgärdaddatum avhjälpt färdig slutförd slutfört"
        " løst løstdato løsningsdato ferdigstilt fullført ferdigstiltdato afhjulpet udført"
        " ratkaistu ratkaisupäivä ratkaisuaika korjattu valmistunut"
    ),
    "closed": (
        "closed closedat closeddate closedon dateclosed closuredate closetime closedtime"
        " stängd stängt stängddatum stängningsdatum avslutad avslutat avslutsdatum avslutningsdatum avslutaddatum"
        " lukket lukketdato lukkedato avsluttet avsluttetdato lukningsdato afsluttet afslutningsdato"
        " suljettu sulkemispäivä sulkemisaika päätetty päättynyt"
    ),
    "planned": (
        "plannedstart plannedstartdate scheduledstart scheduledstartdate planeradstart planeratstartdatum planeradstarttid"
        " planeratstart planlagtstart planlagtstartdato suunniteltualoitus"
    ),
    "planned_end": (
        "plannedend plannedenddate scheduledend scheduledenddate planeratslut planeradsluttid planeratslutdatum planlagtslutt"
        " planlagtslut suunniteltulopetus"
    ),
    "clock": (
        "tid klockslag händelsetid tidförhändelse tidförhändelsen tidpunkt klocka time timeofincident tidspunkt klokkeslett"
        " klokkeslæt aika kellonaika kl"
    ),
    "updated": (
        "updated updatedat updatedon lastupdated lastmodified modified modifiedat modifieddate sysupdatedon uppdaterad"
        " uppdaterat ändrad ändringsdatum senaständrad senastuppdaterad oppdatert sistendret opdateret sidstændret"
        " päivitetty muokattu"
    ),
    "due": (
        "due duedate dueby deadline targetdate slatarget förfallodatum klarsenast åtgärdassenast slutdatum måldatum frist"
        " fristdato forfaldsdato määräaika eräpäivä"
    ),
    "id": (
        "issuekey key number ticketnumber ticketno ticketid ticket issueid id no nr incident incidentid incidentnumber incidentno"
        " casenumber caseid caseno requestid requestnumber callnumber reference referencenumber ref"
        " ärendenummer ärendeid ärendenr ärende diarienummer dnr avvikelsenummer avvikelseid avvikelsenr löpnummer nummer"
        " referens referensnummer saksnummer saksnr sak sagsnummer sagsnr sagsid avviksnummer avviksnr hendelsesnummer"
        " tikettinumero tiketti tunnus numero tapausnumero pyyntönumero ilmoitusnumero"
    ),
    "title": (
        "summary title subject shortdescription heading briefdescription headline"
        " rubrik ärendemening ämne titel sammanfattning kortbeskrivning ärenderubrik"
        " tittel emne overskrift kortbeskrivelse otsikko aihe"
    ),
    "description": (
        "description details detail longdescription incidentdescription whathappened"
        " beskrivning händelse händelsebeskrivning händelseförlopp vadhände vadharhänt detaljer avvikelse ärendebeskrivning"
        " beskrivelse hendelse hendelsesbeskrivelse hændelse hændelsesbeskrivelse hvaskjedde hvadskete"
        " kuvaus tapahtuma tapahtumankuvaus"
    ),
    "action": (
        "resolution resolutionnotes solution closenotes correctiveaction correctiveactions action actions actiontaken"
        " actionstaken åtgärd åtgärder vidtagenåtgärd vidtagnaåtgärder omedelbaråtgärd omedelbaraåtgärder lösning"
        " lösningsbeskrivning åtgärdsbeskrivning tiltak iverksattetiltak løsning handling tiltag toimenpide toimenpiteet ratkaisu"
    ),
    "status": "status state ticketstatus issuestatus ärendestatus tilstand tila",
    "actor": (
        "reporter reportedby createdby openedby submitter submittedby requester requestedby caller callername creator contact"
        " customer loggedby rapportör rapporteradav skapadav registreradav anmälare anmäldav inskickadav kund kontaktperson"
        " uppgiftslämnare meldtav opprettetav innmelder rapportertav oprettetaf anmelder indberetter indberettetaf"
        " ilmoittaja luoja pyytäjä"
    ),
    "assignee": (
        "assignee assignedto assigned owner technician operator handledby handläggare ansvarig tilldelad ägare utförare tekniker"
        " saksbehandler tildelt tildelttil ansvarlig sagsbehandler käsittelijä vastuuhenkilö"
    ),
    "unit": (
        "department unit location site organisation organization company ward assignmentgroup branch"
        " enhet avdelning verksamhet klinik vårdenhet arbetsplats plats förvaltning inträffadepåenhet berördenhet kontor"
        " avdeling klinikk sted lokasjon afdeling enhed lokation osasto yksikkö sijainti"
    ),
    "severity": (
        "severity allvarlighetsgrad allvarlighet allvarsgrad riskklass svårighetsgrad alvorlighetsgrad alvorlighed"
        " alvorlighedsgrad vakavuus priority prioritet prioritering urgency impact prioriteetti kiireellisyys"
    ),
    "component": (
        "service configurationitem affectedservice affectedci product system application component category type tjänst objekt"
        " produkt kategori typ ärendetyp tjeneste palvelu järjestelmä kategoria"
    ),
}  # fmt: skip
_ROLE = {name: role for role, names in reversed(_ROLES.items()) for name in names.split()}
_RANKS = {name: rank for names in _ROLES.values() for rank, name in enumerate(names.split())}
_TIMES = ("created", "occurred", "acknowledged", "resolved", "closed", "planned")
_CLOCK = re.compile(r"(?:kl\.?\s*)?\d{1,2}[:.]\d{2}(?::\d{2})?")
_LATER = ("status", "resolved", "closed", "assignee", "action", "severity", "updated")


def plain_name(name: str) -> str:
    """A column's name without case, marks and brackets.

    >>> plain_name("Händelse-datum (lokal tid)")
    'händelsedatum'
    """
    name = re.sub(r"\[[^\]]*\]|\([^)]*\)", "", name)
    return re.sub(r"[\W_]+", "", name.casefold())


@dataclass(slots=True)
class _Look:
    """What was seen in a table: the column of each role, the columns that hold stamps, and what to check."""

    roles: dict[str, str] = field(default_factory=dict)
    stamped: list[str] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    clock: str = ""
    notes: list[str] = field(default_factory=list)


def _look(header: Sequence[str], rows: Sequence[Sequence[str]]) -> _Look:
    look = _Look()
    best: dict[str, int] = {}
    for index, name in enumerate(header):
        cells = [row[index].strip() for row in rows if index < len(row) and row[index].strip()]
        stamps = [cell for cell in cells if is_stamp(cell)]
        has_stamps = bool(stamps) and len(stamps) * 2 >= len(cells)
        is_number = bool(cells) and all(cell.replace(".", "").isdecimal() for cell in cells)
        if has_stamps and not is_number:
            look.stamped.append(name)
        look.samples[name] = (stamps or cells or [""])[0]
        plain = plain_name(name)
        role = _ROLE.get(plain, "")
        clocks = [cell for cell in cells if _CLOCK.fullmatch(cell)]
        if (
            role in ("clock", "occurred")
            and clocks
            and len(clocks) * 2 >= len(cells)
            and plain in _ROLES["clock"].split()
        ):
            look.clock = look.clock or name
            continue
        if not role or role == "clock":
            continue
        if role in (*_TIMES, "planned_end") and cells and not has_stamps:
            continue
        rank = _RANKS[plain]
        if role not in best or rank < best[role]:
            best[role], look.roles[role] = rank, name
    return look


def _days_only(column: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    at = list(header).index(column)
    stamps = [
        read_stamp(row[at]) or read_stamp(row[at], day_first=False)
        for row in rows
        if at < len(row) and row[at].strip()
    ]
    return bool(stamps) and all(stamp is None or stamp.precision is Precision.DAY for stamp in stamps)


def draft_tickets(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any] | None:
    """The mapping of a table that is surely an export of tickets, as parsed TOML; None where it is not sure.

    >>> rows = [["A-1", "2024-11-12 05:30", "Log-in failed", "Closed"]]
    >>> draft_tickets(["Number", "Created", "Summary", "State"], rows)["event"][0]["kind"]
    'ticket.created'
    """
    look = _look(header, rows)
    roles = look.roles
    has_text = "title" in roles or "description" in roles
    has_times = "created" in roles and roles["created"] in look.stamped
    has_times = has_times or ("occurred" in roles and roles["occurred"] in look.stamped and "action" in roles)
    if "id" not in roles or not has_text or not has_times or not any(role in roles for role in _LATER):
        return None
    return _tickets(look, header, rows, "tickets")


def _tickets(look: _Look, header: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> dict[str, Any]:
    roles = look.roles
    title = roles.get("title") or roles.get("description", "")
    key = "{" + roles["id"] + "}" if "id" in roles else ""
    text = "{" + title + "}" if title else ""
    action = "{" + roles["action"] + "}" if "action" in roles else text

    def said(verb: str, what: str) -> str:
        return f"{key} {verb}: {what}".strip() if what else f"{key} {verb}".strip()

    events: list[dict[str, str]] = []
    if "occurred" in roles:
        what = "{" + roles["description"] + "}" if "description" in roles else text
        event = {"kind": "fact.incident", "time": roles["occurred"], "message": what}
        if look.clock and _days_only(roles["occurred"], header, rows):
            event["clock"] = look.clock
        if "created" in roles:
            event["known"] = roles["created"]
        events.append(event)
    if "created" in roles:
        event = {"kind": "ticket.created", "time": roles["created"], "message": said("created", text)}
        if "actor" in roles:
            event["actor"] = roles["actor"]
        events.append(event)
    if "acknowledged" in roles:
        events.append(
            {
                "kind": "ticket.acknowledged",
                "time": roles["acknowledged"],
                "message": said("acknowledged", text),
            }
        )
    if "planned" in roles:
        event = {
            "kind": "fact.planned",
            "time": roles["planned"],
            "message": said("planned", text),
            "time_kind": "scheduled",
        }
        if "planned_end" in roles:
            event["end"] = roles["planned_end"]
        events.append(event)
    if "resolved" in roles:
        events.append(
            {"kind": "ticket.resolved", "time": roles["resolved"], "message": said("resolved", action)}
        )
    if "closed" in roles:
        what = text if "resolved" in roles else action
        events.append({"kind": "ticket.closed", "time": roles["closed"], "message": said("closed", what)})
    columns = {target: roles[role] for role, target in
               (("id", "subject"), ("unit", "unit"), ("severity", "severity"), ("component", "component")) if role in roles}  # fmt: skip
    absent = ["status history"]
    if not any(
        re.match(r"(?:comment|kommentar|worknotes|anteckning|merknad|notat|kommentti)", plain_name(one))
        for one in header
    ):
        absent.append("comments")
    table: dict[str, Any] = {"name": name, "source_kind": "ticket", "absent": absent}
    if "id" in roles:
        table["record"] = roles["id"]
    return {"table": table, "columns": columns, "event": events}


def _facts(look: _Look, header: Sequence[str], name: str) -> dict[str, Any]:
    """The mapping of a table that is no export of tickets: each column of stamps is an event."""
    roles = look.roles
    title = (
        roles.get("title")
        or roles.get("description")
        or next((one for one in header if one not in look.stamped and one != roles.get("id")), "")
    )
    events = [
        {
            "kind": "fact",
            "time": column,
            "message": "{" + title + "}" if not number else f"{column}: {{{title}}}",
        }
        for number, column in enumerate(look.stamped)
    ]
    columns = {target: roles[role] for role, target in
               (("actor", "actor"), ("id", "subject"), ("unit", "unit"), ("severity", "severity"), ("component", "component"))
               if role in roles}  # fmt: skip
    table: dict[str, Any] = {"name": name, "source_kind": "table"}
    if "id" in roles:
        table["record"] = roles["id"]
    return {"table": table, "columns": columns, "event": events}


def learn_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, name: str) -> str:
    """A mapping as TOML for the table with this header and these first rows, with comments on what to check.

    >>> rows = [["7", "2024-11-12", "2024-11-13 08:00", "Fel dos"]]
    >>> text = learn_table(["Ärendenummer", "Händelsedatum", "Rapporterad", "Händelse"], rows, name="avvikelser")
    >>> [line.partition("#")[0].strip() for line in text.splitlines() if line.startswith("time")]
    ['time = "Händelsedatum"', 'time = "Rapporterad"']
    """
    look = _look(header, rows)
    if not look.stamped:
        return (
            f"# No mapping was drafted for {name}: no column holds times in at least half of its filled cells.\n"
            f"# Columns: {', '.join(header)}\n"
            '# If one says when, write its layout by hand: [time] column = "…", layouts = ["%d.%m.%Y %H.%M"].\n'
        )
    is_tickets = any(role in look.roles for role in _TIMES) and (
        "id" in look.roles or "occurred" in look.roles or "title" in look.roles
    )
    document = _tickets(look, header, rows, name) if is_tickets else _facts(look, header, name)
    return _written(document, look, header, len(rows), is_tickets=is_tickets)


def _written(
    document: Mapping[str, Any], look: _Look, header: Sequence[str], count: int, *, is_tickets: bool
) -> str:
    what = "an export of tickets or reports" if is_tickets else "a table of dated facts"
    lines = [
        f"# A draft, from the header and {count} rows: {what}. Check each line, then keep it as formats/NAME.toml.",
        "# It applies to every table whose header holds all columns that are named here.",
        "",
        "[table]",
    ]
    lines += [f"{key} = {_toml(value)}" for key, value in document["table"].items() if key != "absent"]
    if "absent" in document["table"]:
        lines.append(
            f"absent = {_toml(document['table']['absent'])}  # what this export does not show; delete what it does"
        )
    lines += [
        '# zone = "Europe/Stockholm"  # the zone of its times: programs often export the zone of whoever exported',
        "",
        "[columns]  # what all events of a row share",
    ]
    lines += [f"{key} = {_toml(value)}" for key, value in document["columns"].items()]
    for event in document["event"]:
        lines += ["", "[[event]]"]
        for key, value in event.items():
            note = f"  # for example {_shown(look.samples.get(value, ''))}" if key == "time" else ""
            lines.append(f"{key} = {_toml(value)}{note}")
    used = {
        str(value)
        for event in document["event"]
        for key, value in event.items()
        if key in ("time", "end", "known")
    }
    others = [name for name in look.stamped if name not in used]
    lines.append("")
    for name in others:
        role = next((role for role, column in look.roles.items() if column == name), "")
        why = {"updated": "only repeats the last change", "due": "is a plan, not an event"}.get(
            role, "is not understood"
        )
        lines.append(
            f"# {_toml(name)} holds times too ({_shown(look.samples[name])}) and {why}; add an [[event]] if it is one."
        )
    figures = [name for name in look.stamped if is_figures(look.samples[name])]
    if figures:
        lines.append(
            f"# The order of day and month in {_toml(figures[0])} is told by the rows where it can be;"
            ' else state it: [time] layouts = ["%d/%m/%Y %H:%M"].'
        )
    named = parse_mapping(document, origin="draft").columns
    rest = [name for name in header if name not in named and name not in others]
    if rest:
        lines.append(f"# Kept under their own names: {', '.join(_toml(name) for name in rest)}")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _shown(text: str) -> str:
    return '"' + " ".join(text.split())[:40] + '"'
