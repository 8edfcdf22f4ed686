"""Votes: the counts in a sentence, what yes and no stood for, and how each member voted.

The decision hidden here: how a vote is read in words and in columns. An X is told by the column above which it stands; where
the columns were lost on the way into text, the option is unknown and is said to be.

References:
    Popolo, VoteEvent, Count and Vote (options yes, no, abstain, absent); Kommunallagen (2017:725), 5 kap. 54-57 §§.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rca.reading.minutes.attendance import person_key, read_people

__all__ = [
    "Ballot",
    "Counts",
    "Table",
    "counts_of",
    "is_about_voting",
    "listed_ballots",
    "meanings_of",
    "option_of",
]

_WORDS = {
    "en": 1, "ett": 1, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "åtta": 8, "nio": 9, "tio": 10, "elva": 11, "tolv": 12,
    "tretton": 13, "fjorton": 14, "femton": 15, "sexton": 16, "sjutton": 17, "arton": 18, "nitton": 19, "tjugo": 20,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "én": 1, "to": 2, "fire": 4, "seks": 6, "syv": 7, "sju ": 7, "åtte": 8, "otte": 8, "ni": 9, "ti": 10,
    "no one": 0, "ingen": 0, "inga": 0, "none": 0, "noll": 0, "zero": 0,
}  # fmt: skip
_N = r"(?:\d{1,4}|" + "|".join(sorted((word.strip() for word in _WORDS), key=len, reverse=True)) + r")"
_VOTERS = r"(?:st\.?\s*|ledamöter\s+|ledamot\s+|personer\s+|members?\s+|medlemmer\s+)?"
_OPTIONS: dict[str, tuple[str, ...]] = {
    "yes": (
        rf"(?P<n>{_N})\s*{_VOTERS}(?:röstar?(?:de)?\s+|stemte\s+|voted\s+)?(?:ja[- ]?röst(?:er)?|ja(?=\b)|jaa(?:-ääntä)?|yes(?: votes)?|ayes?|yeas?|in favou?r|for(?= *[,.;]| and|$)|röster för|stemmer for|stemte for|votes? for)",
        rf"(?:ja[- ]?röst(?:er)?|ja|jaa(?:-ääntä)?|yes|ayes?|yeas?|in favou?r|for(?: stemte)?|för)(?:\s+(?:röstar?(?:de)?|stemte))?\s*[:=]?\s*(?P<n>{_N})(?=\b)",
    ),
    "no": (
        rf"(?P<n>{_N})\s*{_VOTERS}(?:röstar?(?:de)?\s+|stemte\s+|voted\s+)?(?:nej[- ]?röst(?:er)?|nej(?=\b)|nei(?=\b)|ei-ääntä|ei(?=\b)|no(?: votes)?(?=\b)|noes|nays?|against|opposed|röster (?:emot|mot)|stemmer (?:i?mot|imod)|stemte (?:i?mot|imod)|votes? against)",
        rf"(?:nej[- ]?röst(?:er)?|nej|nei|ei(?:-ääntä)?|no|noes|nays?|against|opposed|imod(?: stemte)?|mot stemte|emot)(?:\s+(?:röstar?(?:de)?|stemte))?\s*[:=]?\s*(?P<n>{_N})(?=\b)",
    ),
    "abstain": (
        rf"(?P<n>{_N})\s*{_VOTERS}(?:som\s+)?(?:avstår|avstod|avståenden?|nedlagda(?: röster)?|blanka?(?: röster)?|abstain(?:ed|ing)?|abstentions?|avholdende|undlod|blankt?|tyhjää?|hverken for eller imod)",
        rf"(?:avstår|avstod|avst\.?|abstain(?:ed)?|abstentions?|avholdende|undlod(?: at stemme)?|tyhjiä|blanka?)\s*[:=]?\s*(?P<n>{_N})(?=\b)",
    ),
    "absent": (
        rf"(?P<n>{_N})\s*{_VOTERS}(?:är\s+|var\s+)?(?:frånvarande|frånv\.?|absent|fraværende|poissa|excused)",
        rf"(?:frånvarande|frånv\.?|absent|fraværende|poissa)\s*[:=]?\s*(?P<n>{_N})(?=\b)",
    ),
}
_FIND = {
    option: [re.compile(rf"(?<![\w/]){pattern}", re.IGNORECASE) for pattern in patterns]
    for option, patterns in _OPTIONS.items()
}
_AGAINST = re.compile(
    rf"(?<![\w/-])(?P<a>{_N})\s+(?:röster|stemmer|votes|ääntä|ääni\w*)?\s*(?:mot|emot|mod|imod|against|vastaan|to)\s+(?P<b>{_N})(?!\s*(?:kap|§|\d))(?=\b)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:omröstning\w*|voter\w*|röst(?:ar|ade|er|etal|siffror|ning\w*)?|ja-röst\w*|nej-röst\w*|avstemning\w*|afstemning\w*|stemme[rs]?|stemte|äänest\w*|ääntä|vot(?:e|es|ed|ing)|ballot|show of hands|roll call|motion (?:carried|passed|failed)|upprop)\b",
    re.IGNORECASE,
)
_MEANS = (
    re.compile(r"ja[- ]?röst(?:er)?\s*(?:för|innebär|betyder|till|=|:|\s[-–]\s)\s*(?P<yes>.{3,240}?)[,.;]?\s+(?:och\s+|samt\s+)?nej[- ]?röst(?:er)?\s*(?:för|innebär|betyder|till|=|:|\s[-–]\s)\s*(?P<no>.{3,240}?)(?:[.;]|$)", re.IGNORECASE),
    re.compile(r"\b(?:ja|jaa|yes)\s*(?:=|(?<=\s)för\b|(?<=\s)for\b|:|(?<=\s)[-–])\s*(?P<yes>[^\d\s(].{2,240}?)[,.;]?\s+(?:och\s+)?\b(?:nej|nei|ei|no)\s*(?:=|(?<=\s)för\b|(?<=\s)for\b|:|(?<=\s)[-–])\s*(?P<no>[^\d\s(].{2,240}?)(?:[.;]|\bavstår\s*=|$)", re.IGNORECASE),
    re.compile(r"(?:den|de|ledamot|ledamöter|those|den,)\s+som\s+(?P<yes>[^.;]{3,200}?),?\s+röstar\s+ja\W+(?:och\s+|medan\s+)?(?:den|de|ledamot|ledamöter)\s+som\s+(?P<no>[^.;]{3,200}?),?\s+röstar\s+nej", re.IGNORECASE),
    re.compile(r"(?P<yes>bifall[^.;]{3,200}?)\s+röstar\s+ja\W+(?:och\s+)?(?P<no>[^.;]{3,200}?)\s+röstar\s+nej", re.IGNORECASE),
)  # fmt: skip
_NAMES = {
    "yes": (
        "ja",
        "jaa",
        "yes",
        "aye",
        "ayes",
        "yea",
        "for",
        "för",
        "ja-röst",
        "ja-röster",
        "+1",
        "in favour",
        "in favor",
        "jaröster",
    ),
    "no": (
        "nej",
        "nei",
        "ei",
        "no",
        "nay",
        "nays",
        "noes",
        "against",
        "mot",
        "emot",
        "imod",
        "nej-röst",
        "nej-röster",
        "-1",
        "opposed",
        "nejröster",
    ),
    "abstain": (
        "avstår",
        "avst",
        "avstod",
        "abstain",
        "abstained",
        "abstention",
        "abstentions",
        "avholdende",
        "undlod",
        "tyhjä",
        "tyhjää",
        "blank",
        "blankt",
        "avstår från att rösta",
        "0",
    ),
    "absent": ("frånvarande", "frånv", "absent", "fraværende", "poissa", "frånvaro", "excused"),
}
_LISTED = re.compile(
    r"(?:följande\s+)?(?:ledamöter\s+(?:som\s+)?)?(?:röstar?(?:de)?\s+|stemte\s+|voted\s+|voting\s+|ledamöter\s+)?(?P<option>ja|nej|nei|jaa|ei|yes|no|avstår(?: från att rösta)?|avstod|ja-röster|nej-röster|for|against|imod|mot|in favou?r|abstain(?:ed|ing)?|abstentions?|frånvarande|absent)"
    r"(?:\s+(?:röstar?(?:de)?|stemte|avges av|avgavs av|avges|röst))?\s*(?::|=|\bav\b(?= (?-i:[A-ZÅÄÖ])))\s*(?P<names>(?-i:[A-ZÅÄÖÆØ]|[a-zåäö]+ [A-ZÅÄÖ]).*)",
    re.IGNORECASE | re.DOTALL,
)
_SINGLE = re.compile(
    r"(?P<name>(?-i:[A-ZÅÄÖÆØ])[^:|\t]{1,60}?(?:\s*\([A-ZÅÄÖÆØa-zåäö+-]{1,7}\)))\s*(?:[-–—:|]|\s{2,}|\t|\s)\s*(?P<option>ja|nej|nei|jaa|ei|yes|no|avstår|avstod|frånvarande|abstain(?:ed)?|absent|against|for)\.?",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?<![\w-])(ja|jaa|yes|for|nej|nei|no|against|avstår|avst\.?|abstain\w*|frånvarande|frånv\.?|absent|poissa|tyhjää?|ei)(?![\w-])",
    re.IGNORECASE,
)
_MARK = re.compile(r"(?<!\S)(?:[xX✓✔☒●•]|1)(?!\S)")
_NAME = re.compile(
    r"[A-ZÅÄÖÆØ][\w.'’-]*(?:\s+(?:[a-zåäö]{1,3}\s+)?[\w.'’-]+){0,5}?\s*\([A-ZÅÄÖÆØa-zåäö+-]{1,7}\)"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a vote by option, or only who had more (`majority`, `minority`)."""

    options: dict[str, int] = field(default_factory=dict)
    majority: int | None = None
    minority: int | None = None

    def fields(self) -> dict[str, str]:
        """The counts as named values of an event."""
        found = {option: str(count) for option, count in self.options.items()}
        if self.majority is not None and self.minority is not None:
            found |= {"majority": str(self.majority), "minority": str(self.minority)}
        return found

    def in_words(self) -> str:
        """The counts in one line.

        >>> Counts({"yes": 5, "no": 54}).in_words()
        'yes 5, no 54'
        """
        return ", ".join(f"{name} {value}" for name, value in self.fields().items())


@dataclass(frozen=True, slots=True)
class Ballot:
    """How one member voted; `option` is "" where the column was lost. `replaces` is the member the voter sat in for."""

    name: str
    option: str
    replaces: str = ""


def option_of(word: str) -> str:
    """The option of Popolo that a word names, "" for none.

    >>> option_of("Avst."), option_of("Nej")
    ('abstain', 'no')
    """
    folded = word.casefold().strip(" .:*")
    return next((option for option, words in _NAMES.items() if folded in words), "")


def is_about_voting(text: str) -> bool:
    """Whether a text speaks of votes."""
    return _ABOUT.search(text) is not None


def counts_of(text: str, *, in_vote: bool = False) -> Counts | None:
    """The counts that a text states; None where it states none. `in_vote` under a label of votes.

    >>> counts_of("5 Ja-röster, 54 Nej-röster och 2 frånvarande").options
    {'yes': 5, 'no': 54, 'absent': 2}
    >>> counts_of("Bifall med 65 Ja mot 9 Nej").options, counts_of("2 ja och så vidare")
    ({'yes': 65, 'no': 9}, None)
    """
    flat = " ".join(text.split())[:5_000]
    if not (
        in_vote
        or is_about_voting(flat)
        or re.search(
            r"\b(?:ja|yes|aye|for|jaa|favou?r)\b.{0,60}\b(?:nej|nei|no|nay|against|ei|imod|mot|opposed)\b",
            flat,
            re.IGNORECASE,
        )
    ):
        return None
    options: dict[str, int] = {}
    for option, patterns in _FIND.items():
        for pattern in patterns:
            found = pattern.search(flat)
            if found:
                options[option] = _number(found["n"])
                break
    has_both = "yes" in options and "no" in options
    is_result = in_vote and bool(options) and re.search(r"\d", flat) is not None and len(flat) < 300
    if has_both or is_result:
        return Counts(options)
    against = _AGAINST.search(flat)
    if against and (is_about_voting(flat) or in_vote):
        return Counts({}, _number(against["a"]), _number(against["b"]))
    return None


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS.get(word.casefold(), 0)


def meanings_of(text: str) -> tuple[str, str]:
    """What yes and no stood for, "" where the text does not say.

    >>> meanings_of("Ja-röst för bifall till förslaget. Nej-röst för avslag.")
    ('bifall till förslaget', 'avslag')
    """
    flat = " ".join(text[:4_000].split())[:1_200]
    if not re.search(r"nej|nei|\bei\b|\bno\b", flat, re.IGNORECASE):
        return "", ""
    for pattern in _MEANS:
        found = pattern.search(flat)
        if found:
            return found["yes"].strip(' ,.;"”“'), found["no"].strip(' ,.;"”“')
    return "", ""


def listed_ballots(text: str) -> list[Ballot]:
    """The votes in a list of names behind an option, or in a line of one name and its option; [] for other text.

    >>> [(b.name, b.option) for b in listed_ballots("Nej röstar: Ledamot Ett (S), Ledamot Två (V)")]
    [('Ledamot Ett (S)', 'no'), ('Ledamot Två (V)', 'no')]
    >>> listed_ballots("Ledamot Tre (M) – JA")[0].option
    'yes'
    """
    flat = " ".join(text[:20_000].split())
    single = list(_SINGLE.finditer(flat))
    if single and single[0].start() == 0 and all(not re.search(r"\)\s*,", one["name"]) for one in single):
        return [Ballot(one["name"].strip(" ,;"), option_of(one["option"])) for one in single]
    found: list[Ballot] = []
    for piece in re.split(
        r"(?<=[.;)])\s+(?=(?:Följande|Ja|Nej|Avstår|Röst|Frånvarande|Yes|No|For|Against|Abstain)\b)", flat
    ):
        listed = _LISTED.fullmatch(piece.strip(" ."))
        if listed is None:
            continue
        option = option_of(listed["option"])
        people = read_people(listed["names"].rstrip("."))
        if (
            option
            and people
            and all(len(person.name) < 80 for person in people)
            and (len(people) > 1 or people[0].party)
        ):
            found.extend(Ballot(person.name, option, person.replaces) for person in people)
    return found


@dataclass(slots=True)
class Table:
    """A list of members with a mark in the column of their vote, over any number of pages.

    Feed it line by line (`header`, then `row`).
    """

    columns: list[tuple[str, int]] = field(default_factory=list)
    is_squeezed: bool = False
    by_cell: dict[int, str] = field(default_factory=dict)
    width: int = 0

    @property
    def is_open(self) -> bool:
        """Whether columns are known."""
        return bool(self.columns or self.by_cell)

    def header(self, raw: str, cells: Sequence[str] = (), *, is_aligned: bool = True) -> bool:
        """Take a line that names the columns; whether it does. `is_aligned` where its blanks are those of the page."""
        if cells:
            options = {number: option_of(cell) for number, cell in enumerate(cells) if option_of(cell)}
            if len(set(options.values())) >= 2:
                self.by_cell, self.columns, self.width = options, [], len(cells)
                return True
        if len(raw) > 1_000:
            return False
        found = [
            (option_of(one[1]), one.start() + len(one[1]) // 2, one.start(), one.end())
            for one in _HEADER.finditer(raw)
        ]
        found = [one for one in found if one[0]]
        rest = re.sub(
            r"\b(?:ledam\w*|namn|ersättare|tjänstgörande|parti|valkrets|nr|navn|nimi|name|party|member|röst|jäv)\b\.?",
            " ",
            _HEADER.sub(" ", raw),
            flags=re.IGNORECASE,
        )
        if len({one[0] for one in found}) < 2 or re.search(r"\w", rest):
            return False
        gaps = [after[2] - before[3] for before, after in pairwise(found)]
        self.columns, self.by_cell = [(one[0], one[1]) for one in found], {}
        self.is_squeezed = not is_aligned or max(gaps, default=0) <= 1
        return True

    def row(self, raw: str, cells: Sequence[str] = (), *, is_aligned: bool = True) -> Ballot | None:
        """The vote on a line; None for a line that holds none."""
        if cells and len(cells) > 1:
            return self._from_cells(cells)
        if len(raw) > 1_000:
            return None
        names = list(_NAME.finditer(raw))
        if not names:
            return None
        marks = [mark for mark in _MARK.finditer(raw) if mark.start() >= names[-1].end()]
        if len(marks) != 1:
            return None
        option = ""
        if self.columns and not self.is_squeezed and is_aligned:
            at = marks[0].start()
            option = min(self.columns, key=lambda column: abs(column[1] - at))[0]
        return _ballot([name[0] for name in names], option)

    def _from_cells(self, cells: Sequence[str]) -> Ballot | None:
        names = [
            cell for cell in cells if len(cell) > 2 and not option_of(cell) and any(c.isalpha() for c in cell)
        ]
        named = [name[0] for cell in names if (name := _NAME.search(cell))] or names[:1]
        if not named or re.match(r"(?:summa|totalt|total|antal|sum)\b", named[0], re.IGNORECASE):
            return None
        marked = [number for number, cell in enumerate(cells) if _MARK.fullmatch(cell.strip())]
        if len(marked) == 1:
            return _ballot(named, self.by_cell.get(marked[0], "") if len(cells) == self.width else "")
        words = [option_of(cell) for cell in cells if option_of(cell) and len(cell) < 14]
        return _ballot(named, words[0]) if len(words) == 1 and self.is_open else None


def _ballot(names: Sequence[str], option: str) -> Ballot:
    """The ballot of the last name on the line, which sat in for the first where there are two."""
    plain = [" ".join(name.split()) for name in names]
    if len(plain) > 1 and person_key(plain[0]) != person_key(plain[-1]):
        return Ballot(plain[-1], option, plain[0])
    return Ballot(plain[0], option)
