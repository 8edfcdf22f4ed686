"""`Roll`: who is recorded as present, for each § of the minutes; substitutes, those who came late, left or stood aside.

The decision hidden here: how a list of people is read, and what it says of one §. `X (S) ersätter Y (S) §§ 150-160` makes X
present and Y absent for these, whatever else the lists say. What a note leaves open (a bare "5.3") is unknown, which is
neither present nor absent.

References:
    Kommunallagen (2017:725), 5 kap. 67 § and 8 kap. 12 § (what a protokoll states); Popolo, Membership and Person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rca.reading.minutes.sections import Key, find_ranges
from rca.reading.minutes.spells import Spell, is_partial, is_yes, limit_at, limits, read_spell

__all__ = ["Person", "Roll", "Spell", "person_key", "read_people"]

_PARTY = re.compile(r"\(\(?([A-ZÅÄÖÆØ][A-Za-zÅÄÖåäöÆØæø+-]{0,6}|[a-zåäö]{1,3}|-|–|Høyre|Venstre)\)")
_REPLACES = re.compile(
    r",?\s*\(?\b(?:ersätter|ersatte|tjänstgör(?:ande)?\s+(?:ersättare\s+)?(?:för|i stället för|istället för)|tjg\.?\s+(?:ers\.?\s+)?för|i stället för|istället för"
    r"|ersättare för|(?<=\)\s)för(?= (?-i:[A-ZÅÄÖÆØ]))|suppleant för|møtte for|møter for|vara for|for(?= (?-i:[A-ZÅÄÖÆØ]))|i stedet for|stedfortræder for|afløser|substitut(?:e|ing) for|in place of|replacing|alternate for)\s+",
    re.IGNORECASE,
)
_FINNISH_REPLACES = re.compile(
    r"\((?P<who>(?-i:[A-ZÅÄÖ])[^()]{2,50}?)n varajäsen\)|(?P<who2>(?-i:[A-ZÅÄÖ])[^()]{2,50}?)n tilalla",
    re.IGNORECASE,
)
_ROLE = (
    r"(?:(?:1:e|2:e|första|andra|förste|andre|tredje|1st|2nd)\s+)?(?:vice\s*-?\s*)?(?:mötes|divisions|kommun|region|nämnd|protokoll)?(?:ordförande|ordf\.?|v\.?\s?ordf\.?|sekreterare|sekr\.?|justerare|kassör"
    r"|ledamot|ersättare|suppleant|adjungerad|föredragande|tolk|revisor|puheenjohtaja|varapuheenjohtaja|sihteeri|jäsen|ordfører|varaordfører|leder|nestleder"
    r"|medlem|formand|næstformand|borgmester|referent|sekretær|chair(?:person|man|woman)?|vice[- ]chair|secretary|treasurer|clerk|note[- ]?taker|scribe|member)"
)
_LEADING_ROLE = re.compile(rf"(?P<role>{_ROLE})\s*[:,]?\s+(?=(?-i:[A-ZÅÄÖÆØ]))", re.IGNORECASE)
_TRAILING_ROLE = re.compile(rf"[,\s–-]+\(?(?P<role>{_ROLE})\)?\s*$", re.IGNORECASE)
_TITLE = re.compile(
    r"^(?P<role>[a-zåäöæø][\w-]*(?:[ -][a-zåäöæø][\w-]*){0,4})\s+(?=[A-ZÅÄÖÆØ][\w-]+\s+[A-ZÅÄÖÆØ])"
)
_SPAN = re.compile(
    r"(?:(?:§{1,2}|\bparagraf(?:er(?:na)?)?\b|\bpunkt(?:er(?:na)?)?\b|\bpkt\b\.?)\s*\d[\d\s,.§–—-]*(?:\s*(?:och|och med|samt|og|ja|and)\s*(?:§{1,2}\s*)?\d[\d\s,–—-]*)*)"
    r"|\b\d{1,4}(?:\.\d{1,3})?(?:\s*[-–]\s*\d{1,4}(?:\.\d{1,3})?)?\s*§{1,2}",
    re.IGNORECASE,
)
_CUTS = re.compile(r"\bkl\b\.?\s*\d|\bunder\b|\d{1,2}[.:]\d{2}|\s\[|\s\(")
_WHO = r"(?:ersätter|tjänstgör för)\s+(?P<who>[^,;()§]{2,60}(?:\([^)]{1,8}\))?)"
_EACH_AFTER = re.compile(rf"(?P<span>§{{1,2}}[\d\s,.–-]*\d)\s*,?\s*{_WHO}", re.IGNORECASE)
_EACH_BEFORE = re.compile(rf"{_WHO}(?:\s*,?\s*(?P<span>§{{1,2}}\s*\d[\d\s,–-]*+))?", re.IGNORECASE)
_BIAS = re.compile(
    r"\b(?:pga\.?|p\.g\.a\.?|på grund av|grundet|due to|till följd av)\s*jäv\b|\bjäv(?:ig|s)?\b|\binhabil\b|\besteellinen\b",
    re.IGNORECASE,
)
_MODE = re.compile(
    r"\b(?:på distans|via teams|via länk|digitalt|deltar på distans|remote(?:ly)?|online|via zoom|etänä)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(?:nej|no|nei|frånvarande|absent|ei|-|–|förhinder|anmält förhinder|ej närvarande)$", re.IGNORECASE
)
_NOBODY = re.compile(
    r"(?:inga?|ingen|none|nobody|–|-|n/a|saknas|vakant|tom|ingen(?: frånvarande)?|inga övriga.*|inget förhinder|nil|inga frånvarande|ei ketään|samtliga(?: ledamöter)?(?: närvarande)?|alla)\.?",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:se|enligt|see|jfr|ks\.|jf)\b.{0,30}\b(?:bilaga|närvarolista|sida|sid|nästa sida|upprop|uppropslista|förteckning|särskild|annex|appendix|list|vedlegg|bilag|liite)\w*",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"(?<![\w-])[A-ZÅÄÖÆØ][\w'’.-]*")
_JOINTS = re.compile(r"\s*(?:;|\n|\s\|\s|(?<!\S)•)\s*")
_COLUMNS = re.compile(r"\s{2,}|\t+")
_AND = re.compile(r"(?<!-)\s+(?:och|and|og|samt|&|ja|sekä)\s+(?=[^\W\d_])")


_WHOLE = Spell()


@dataclass(frozen=True, slots=True)
class Person:
    """An entry of a list: the person as written with the party (`Namn (S)`), and what is noted.

    `replaces` is whom the person sat in for. `absent` where the entry says so ("Nej").
    """

    name: str
    party: str = ""
    role: str = ""
    replaces: str = ""
    spell: Spell = _WHOLE
    note: str = ""
    mode: str = ""
    written: str = ""
    is_absent: bool = False
    is_recused: bool = False

    @property
    def key(self) -> str:
        """The name by which lists are joined."""
        return person_key(self.name)


def person_key(name: str) -> str:
    """A name without party, role and marks, for comparing.

    >>> person_key("Ordinarie Ledamot (S)"), person_key("ledamoten Ordinarie Ledamot")
    ('ordinarie ledamot', 'ordinarie ledamot')
    """
    plain = re.sub(r"\([^)]*\)", " ", name)
    plain = re.sub(
        r"^(?:ledamoten|ordföranden?|ersättaren|vice ordföranden?)\s+(?=[A-ZÅÄÖÆØ]\S+\s)",
        "",
        plain.strip(),
        flags=re.IGNORECASE,
    )
    return " ".join(re.sub(r"[*•\"“”]", "", plain).split()).casefold().strip(" .,:")


# -- lists ----------------------------------------------------------------------------------------------------


def read_people(text: str, *, is_item: bool = False, columns: bool = False) -> list[Person]:
    """The people in a list: one a line, or between semicolons, commas and "och"; [] for what names nobody.

    >>> [p.name for p in read_people("chair, programme lead and test manager")]
    ['chair', 'programme lead', 'test manager']
    >>> read_people("Ersättare Ett (S) ersätter Ledamot Två (S) §§ 150-160")[0].replaces
    'Ledamot Två (S)'
    """
    found: list[Person] = []
    for line in _JOINTS.split(text):
        entries = _COLUMNS.split(line.strip()) if columns else [line]
        for entry in _rejoined(entries):
            for one in _separate(entry, is_item=is_item):
                found.extend(person for part in _each_replaced(one) if (person := _person(part)) is not None)
    return found


def _each_replaced(entry: str) -> list[str]:
    """An entry of somebody who sat in for several, one after another, as one entry for each of them."""
    pattern = _EACH_AFTER if len(_EACH_AFTER.findall(entry)) > 1 else _EACH_BEFORE
    parts = list(pattern.finditer(entry))
    if len(parts) < 2:
        return [entry]
    name = entry[: parts[0].start()].strip(" ,")
    return [f"{name} ersätter {part['who'].strip()} {part['span'] or ''}".strip() for part in parts]


def names_nobody(text: str) -> bool:
    """Whether a list says that there is no one in it."""
    return not text.strip() or _NOBODY.fullmatch(text.strip()) is not None


def is_elsewhere(text: str) -> bool:
    """Whether a list points to an annex instead of naming people.

    >>> is_elsewhere("Se bilaga 1, närvarolista")
    True
    """
    return _ELSEWHERE.search(text) is not None and not _PARTY.search(text)


def _rejoined(columns: Iterable[str]) -> list[str]:
    """Columns of a list put together where one only adds to the person before: a party, a role, §§."""
    found: list[str] = []
    for column in columns:
        column = column.strip()
        if not column:
            continue
        adds = (
            _PARTY.match(column)
            or _SPAN.match(column)
            or re.match(
                r"(?:ersätter|ej|kl\b|kl\.|t\.?o\.?m|fr\.?o\.?m|närv|tjg|för\b|§|\d)", column, re.IGNORECASE
            )
            or re.fullmatch(_ROLE, column, re.IGNORECASE)
            or (found and found[-1].endswith((",", "-", "–")))
        )
        if found and adds:
            found[-1] = f"{found[-1]} {column}"
        else:
            found.append(column)
    return found


def _separate(entry: str, *, is_item: bool) -> list[str]:
    """An entry cut at commas and "and", where it names several people."""
    entry = entry.strip(" .;")
    if not entry:
        return []
    if is_item and len(_PARTY.findall(_REPLACES.split(entry)[0])) < 2 and not _is_name_list(entry):
        return [entry]
    parts: list[str] = []
    for piece in re.split(r"\s*,\s*(?![^()]*\))", entry):
        if parts and _goes_on(parts[-1], piece):
            parts[-1] = f"{parts[-1]}, {piece}"
        else:
            parts.append(piece)
    found: list[str] = []
    for part in parts:
        sides = _AND.split(part)
        if len(sides) > 1 and not any(_goes_on(sides[n], sides[n + 1]) for n in range(len(sides) - 1)):
            found.extend(side for side in sides if side.strip())
        else:
            found.append(part)
    return found


def _is_name_list(entry: str) -> bool:
    parts = [part.strip() for part in entry.split(",")]
    return len(parts) > 2 and all(re.fullmatch(r"(?:[A-ZÅÄÖÆØ][\w.'-]*\s?){1,4}", part) for part in parts)


def _goes_on(before: str, piece: str) -> bool:
    """Whether what stands behind a comma is still of the person before it: a role, §§, a time."""
    piece, before = piece.strip(), before[-200:]
    if not piece or not before.strip():
        return True
    if re.match(
        r"(?:§|\d|kl\b|ej\b|inte\b|t\.?\s?o\.?\s?m|fr\.?\s?o\.?\s?m|från och|till och|ersätter|tjg|närv|under\b|pga|via\b|på distans|lämna|anlän|förhinder|\()",
        piece,
        re.IGNORECASE,
    ):
        return True
    if _PARTY.search(before) and _PARTY.search(piece):
        return False  # each has a party: two people
    if re.fullmatch(rf"{_ROLE}(?:\s*[§\d(].*)?", piece, re.IGNORECASE):
        return _is_named(before)
    return (
        _is_named(before) and not re.search(r"(?<![\w-])[A-ZÅÄÖÆØ][a-zåäöæø]", piece) and piece[:1].islower()
    )


def _is_named(text: str) -> bool:
    """Whether an entry names a person, and not only a role."""
    return bool(_PARTY.search(text)) or len(_CAPITALS.findall(text)) >= 2


# -- one person -----------------------------------------------------------------------------------------------


def _person(written: str) -> Person | None:
    written = re.sub(r"^(?:och|and|og|samt|ja|&)\s+", "", " ".join(written.split()).strip(" ,;*•"))
    if not written or names_nobody(written) or not any(c.isalpha() for c in written) or len(written) > 300:
        return None
    text, replaces, tail = written, "", ""
    finnish = _FINNISH_REPLACES.search(text)
    found = _REPLACES.search(text)
    if found and found.start() > 1:
        text, other = text[: found.start()], text[found.end() :]
        replaces, tail = _named(other)
    elif finnish:
        replaces = (finnish["who"] or finnish["who2"] or "").strip()
        text = f"{text[: finnish.start()]} {text[finnish.end() :]}"
    name, rest = _named(text)
    if not name:
        return None
    notes = f"{rest} {tail}".strip()
    name, role = _role_of(name)
    after = _TRAILING_ROLE.search(re.sub(r"[§\d,.\s–-]+$", "", f", {rest}")) if rest else None
    if after and not role:
        role = after["role"]
    elif not role and rest:
        words = re.match(r"[,\s]*(?P<role>[^\d§(),:]{3,60})", rest)
        plain = words["role"].strip() if words else ""
        is_note = limits(plain) or re.match(
            r"(?:under|kl|pga|närv|tjg|via|på distans)\b", plain, re.IGNORECASE
        )
        if plain and not is_note:
            role = plain
    party = _PARTY.search(name)
    mode = _MODE.search(notes)
    return Person(
        name=name,
        party=party[1] if party else "",
        role=role,
        replaces=replaces,
        spell=read_spell(notes),
        note=notes.strip(" ,;()"),
        mode=mode[0] if mode else "",
        written=written,
        is_recused=bool(_BIAS.search(notes)),
    )


def _at(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return found.start() if found else -1


def _named(text: str) -> tuple[str, str]:
    """The name at the beginning of an entry with its party, and what is noted behind it."""
    text = text.strip(" ,;")
    party = _PARTY.search(text)
    if party and not re.search(r"[,;§]", text[: party.start()]):
        return f"{text[: party.start()].strip()} ({party[1]})", text[party.end() :].strip()
    span = _SPAN.search(text)
    cut = span.start() if span else len(text)
    for at in (limit_at(text), _at(_CUTS, text)):
        if at > 2:
            cut = min(cut, at)
    comma = text.find(",")
    if 0 < comma < cut and _is_named(text[:comma]):
        cut = comma
    return text[:cut].strip(" ,;:(–-").removesuffix("[").rstrip(), text[cut:].strip(" ,;")


def _role_of(name: str) -> tuple[str, str]:
    """A name without the role before or behind it, and the role."""
    lead = _LEADING_ROLE.match(name)
    if lead and len(_CAPITALS.findall(name[lead.end() :].partition("(")[0])) >= 2:
        return name[lead.end() :].strip(), lead["role"]
    trail = _TRAILING_ROLE.search(name)
    if trail and len(_CAPITALS.findall(name[: trail.start()])) >= 2:
        return name[: trail.start()].strip(" ,"), trail["role"]
    title = _TITLE.match(name)
    if title and _is_named(name[title.end() :]):
        return name[title.end() :].strip(), title["role"]
    return name, ""


# -- the whole ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Entry:
    """A person on a list, and which list it is: `members`, `serving`, `substitutes`, `others` or `absent`."""

    person: Person
    group: str


@dataclass(slots=True)
class Roll:
    """Everybody on the lists of one meeting."""

    entries: list[Entry] = field(default_factory=list)
    recused: dict[Key, set[str]] = field(default_factory=dict)
    _told: dict[Key, tuple[list[str], list[str]]] = field(default_factory=dict)

    def add(self, person: Person, group: str) -> None:
        """Take an entry of a list."""
        self.entries.append(Entry(person, group))

    @property
    def is_known(self) -> bool:
        """Whether anybody is recorded as present."""
        return any(entry.group != "absent" and not entry.person.is_absent for entry in self.entries)

    def at(self, key: Key) -> tuple[list[str], list[str]]:
        """Who was present at an item, and of whom it can't be said; names as first written."""
        if key not in self._told:
            self._told[key] = self._at(key)
        return self._told[key]

    def _at(self, key: Key) -> tuple[list[str], list[str]]:
        names: dict[str, str] = {}
        states: dict[str, list[bool | None]] = {}
        replaced: dict[str, list[bool | None]] = {}
        for entry in self.entries:
            person = entry.person
            names.setdefault(person.key, person.name)
            if entry.group == "absent" or person.is_absent:
                state: bool | None = False if person.spell.is_whole or person.spell.at(key) else None
                if state is False and not person.spell.is_whole:
                    replaced.setdefault(person.key, []).append(False)
                states.setdefault(person.key, []).append(False)
                continue
            here = person.spell.at(key)
            if here is False and entry.group == "serving" and key not in person.spell.outside:
                here = None  # a substitute may have listened when not serving: the list does not say
            states.setdefault(person.key, []).append(here)
            if person.replaces:
                away = person.spell.at(key) if not person.spell.is_whole or key else True
                if away is not False:
                    replaced.setdefault(person_key(person.replaces), []).append(False if away else None)
        present, unclear = [], []
        aside = self.recused.get(key, set())
        for one, found in states.items():
            if one in aside:
                continue
            over = replaced.get(one)
            if over is not None and False in over:
                continue
            if True in found and over is None:
                present.append(names[one])
            elif None in found or (over is not None and True in found):
                unclear.append(names[one])
        return present, unclear

    def everybody(self) -> list[str]:
        """All who were present at any item."""
        names: dict[str, str] = {}
        for entry in self.entries:
            if entry.group != "absent" and not entry.person.is_absent:
                names.setdefault(entry.person.key, entry.person.name)
        return list(names.values())


def with_cells(cells: tuple[str, ...], header: tuple[str, ...]) -> Person | None:
    """The person in a row of a table whose columns are named in `header` or tell themselves."""
    plain = [cell.strip() for cell in cells]
    columns = {_column(word): number for number, word in reversed(list(enumerate(header))) if _column(word)}
    filled = [cell for cell in plain if cell]
    if not filled:
        return None
    at = columns.get("name", -1)
    role = plain[columns["role"]] if columns.get("role", 99) < len(plain) else ""
    if at < 0:
        at = next(
            (n for n, cell in enumerate(plain) if cell and _is_named(cell)),
            next((n for n, cell in enumerate(plain) if cell), 0),
        )
        before = [
            cell
            for cell in plain[:at]
            if cell and re.fullmatch(rf"{_ROLE}|[A-ZÅÄÖa-zåäö .-]{{3,30}}", cell, re.IGNORECASE)
        ]
        role = role or (before[0] if before else "")
    person = _person(plain[at]) if at < len(plain) else None
    if person is None:
        return None
    others = [cell for n, cell in enumerate(plain) if n != at and cell and cell != role]
    party = plain[columns["party"]] if columns.get("party", 99) < len(plain) else ""
    if party and not person.party and len(party) < 30:
        person = replace(person, party=party.strip("()"), name=f"{person.name} ({party.strip('()')})")
    replaces = plain[columns["replaces"]] if columns.get("replaces", 99) < len(plain) else ""
    if replaces:
        person = replace(person, replaces=_named(replaces)[0])
    is_absent = person.is_absent
    for cell in others:
        if cell in (party, replaces):
            continue
        if (_NO.fullmatch(cell) and columns.get("present") is not None) or cell.casefold() in (
            "nej",
            "frånvarande",
            "absent",
        ):
            is_absent = True
        elif find_ranges(cell) or is_partial(cell) or re.search(r"\d+\.\d+", cell):
            note = re.sub(r"^(?:ja|yes),?\s*", "", cell, flags=re.IGNORECASE)
            person = replace(person, spell=read_spell(note), note=f"{person.note} {note}".strip())
        elif not person.party and re.fullmatch(r"\(?[A-ZÅÄÖ]{1,3}\)?", cell) and not is_yes(cell):
            person = replace(person, party=cell.strip("()"), name=f"{person.name} ({cell.strip('()')})")
        elif not role and not is_yes(cell) and len(cell) < 60 and not cell.isdigit():
            role = cell
    return replace(person, role=person.role or role, is_absent=is_absent, written=" | ".join(filled))


_COLUMNS_OF = {
    "name": (
        "namn",
        "navn",
        "nimi",
        "name",
        "ledamot",
        "ledamöter",
        "member",
        "deltagare",
        "medlem",
        "medlemmar",
        "person",
    ),
    "role": (
        "roll",
        "funktion",
        "funksjon",
        "rolle",
        "befattning",
        "titel",
        "role",
        "title",
        "tehtävä",
        "uppdrag",
    ),
    "party": ("parti", "representerer", "party", "puolue", "ryhmä", "grupp", "organisation", "organization"),
    "replaces": ("ersätter", "møtte for", "vara for", "varamedlem for", "för", "replaces", "tjänstgör för"),
    "present": ("närvarande", "present", "til stede", "tilstede", "närvaro", "läsnä", "attended"),
    "sections": (
        "§",
        "§§",
        "paragraf",
        "paragrafer",
        "anmärkning",
        "kommentar",
        "notering",
        "note",
        "merknad",
    ),
}


def _column(word: str) -> str:
    folded = word.casefold().strip(" .:")
    return next((name for name, words in _COLUMNS_OF.items() if folded in words), "")


def is_header_row(cells: tuple[str, ...]) -> bool:
    """Whether a row names the columns of a list of people.

    >>> is_header_row(("Navn", "Funksjon", "Representerer")), is_header_row(("Ledamot Ett", "S"))
    (True, False)
    """
    named = [_column(cell) for cell in cells if cell.strip()]
    return (
        len(named) >= 2
        and sum(bool(one) for one in named) * 2 >= len(named)
        and bool({"name", "role", "party"} & set(named))
    )
