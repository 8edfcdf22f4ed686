"""The vocabulary of minutes: which words are labels, in five languages, and what each makes of the text under it.

The decision hidden here: how a label is told from text. It is a heading or a line of its own, or stands before a colon or
a gap of a table; what a body is called is part of some labels (`<Organ>s beslut`). The words are data (`words.toml`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["ATTENDANCE", "HEAD", "Label", "find_label", "is_meeting_word", "meaning_of"]

HEAD = "head"
"""The room of meanings that say something of the meeting as a whole."""
ATTENDANCE = "present"
"""The room of meanings that head lists of people."""

_EDGE = " \t.:*_#-–—|\u00a0"
_COLON = re.compile(
    r"(?P<word>[^:\n|]{2,70}?)[*_]{0,3}\s?:[*_]{0,3}(?:\s+|$|(?=[^\W\d]))(?P<rest>.*)", re.DOTALL
)
_GAP = re.compile(r"(?P<word>\S(?:[^\n\t]{0,58}?\S)?)(?: {2,}|\t+| \| )(?P<rest>\S.*)", re.DOTALL)
_SINGLE = re.compile(
    r"(?P<word>beslutande(?: ledamöter)?|närvarande(?: ersättare)?|tjänstgörande ersättare|ej tjänstgörande ersättare"
    r"|övriga närvarande|övriga deltagare|plats och tid|tid och plats|sammanträdesdatum|justerare|justerande"
    r"|utses att justera|paragrafer|sekreterare|ordförande|diarienummer|ärendenummer|dnr|møtested|dato|tidspunkt"
    r"|kokousaika|kokouspaikka|läsnä|poissa|expedieras till|beslutet skickas till|justeringens plats och tid"
    r"|protokollet omfattar|anslaget sätts upp|anslaget tas ned|förvaringsplats för protokollet)"
    r"\s+(?P<rest>(?:§|(?-i:[A-ZÅÄÖÆØ0-9(])).*)",
    re.IGNORECASE | re.DOTALL,
)
_DECISION = re.compile(
    r"(?P<owner>[^\W\d][\w åäöÅÄÖæøÆØ,/()–-]{1,60}?(?:s|ns|ts)?)\s+(?P<what>beslut|vedtak|beslutning|päätös)(?:\s+\d{1,2})?",
    re.IGNORECASE,
)
_PROPOSAL = re.compile(
    r"(?:[^\W\d][\w åäöÅÄÖæøÆØ,/()–-]{1,60}?\s+)?(?:förslag(?: på| till)?(?: nytt)?(?: beslut)?|beslutsförslag|innstilling|indstilling"
    r"|forslag til (?:vedtak|beslutning)|päätösehdotus|ehdotus|proposed resolution)"
    r"(?:\s+(?:till|för|til)\s+[\w åäöæø]{2,60}|\s+inför mötet|\s+\d{1,2})?",
    re.IGNORECASE,
)
_MOTION = re.compile(
    r"(?:(?:tilläggs|ändrings|avslags|återremiss)?yrkanden?|ändrings ?yrkan\w*|ytterligare yrkanden?)\b.{0,80}",
    re.IGNORECASE,
)
_DISSENT = re.compile(r"reservation(?:er)?(?: (?:från|av|mot)\b.{0,80})?", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?P<word>(?:beslut|decision|resolution|omröstning(?:slista|sresultat)?|votering(?:slista)?|reservation|yrkande|förslag|vedtak"
    r"|beslutning|vote|motion|särskilt yttrande|protokollsanteckning|bilaga|ändringsyrkande|action item)s?)"
    r"\s*(?:nr\.?|no\.?|#)?\s*\d{1,3}",
    re.IGNORECASE,
)
_SUFFIXED = re.compile(
    r"(?P<what>.{2,80}?)\s*[:–-]\s*(?P<word>beslut|decision|vedtak|beslutning|päätös)", re.IGNORECASE
)
_ABOUT = re.compile(
    r"(?P<word>reservation(?:er)?|särskil(?:t|da) yttranden?|protokollsanteckning(?:ar)?|jäv|deltar (?:ej|inte) i beslutet|yrkanden?)"
    r"\s+(?:från|av|för|till|på)\s+(?P<rest>.{2,100})",
    re.IGNORECASE,
)
_MEETING = re.compile(
    r"\b(?:\w*protokoll(?:et|sutdrag)?|\w*möte(?:t|santeckningar)?|\w*stämma(?:n)?|\w*sammanträde(?:t)?|minnesanteckningar"
    r"|minutes|\w*meeting|mom|møte(?:bok|protokoll|referat)?|\w*møtet?|referat|\w*møde(?:t|referat)?|beslutningsreferat"
    r"|pöytäkirja\w*|kokous\w*|muistio|sitting|session|telecon|teleconference|call notes)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a label means (`part.decision`), as it is written, and the text behind it on the same line.

    `owner` is the body that a label names (`Kommunstyrelsens` beslut).
    """

    meaning: str
    word: str
    rest: str = ""
    owner: str = ""

    @property
    def room(self) -> str:
        """`head`, `present` or `part`."""
        return self.meaning.partition(".")[0]

    @property
    def name(self) -> str:
        """The meaning without its room."""
        return self.meaning.partition(".")[2]


@cache
def _vocabulary() -> dict[str, str]:
    """Meanings by word. Swedish and English come first where languages differ."""
    tables = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for language in ("sv", "en", "nb", "da", "fi"):
        for room, meanings in tables.items():
            for name, words in meanings.items():
                for word in words.get(language, ()):
                    found.setdefault(word, f"{room}.{name}")
    return found


def meaning_of(words: str) -> str:
    """What `words` mean as a whole, as a label; "" for words that are none.

    >>> meaning_of("Beslut"), meaning_of("Närvarande:"), meaning_of("Beslutet var svårt")
    ('part.decision', 'present.members', '')
    """
    return _vocabulary().get(_folded(words), "")


def _folded(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip(_EDGE).casefold()


def find_label(text: str, *, is_heading: bool = False, in_head: bool = False) -> Label | None:
    """The label that a line begins with or is; `in_head` allows one blank as the gap after the labels of a head.

    >>> find_label("Kommunstyrelsens beslut").owner, find_label("Dnr: RS 2024-01234").rest
    ('Kommunstyrelsens', 'RS 2024-01234')
    """
    line = text.strip()
    if not line or (len(line) > 4_000 and ":" not in line[:72] and "  " not in line[:72]):
        return None
    alone = _alone(line) if len(line) <= 120 else None
    if alone is not None:
        return alone
    if is_heading:
        return _suffixed(line)
    for pattern in (_COLON, _GAP) if ":" in line[:74] else (_GAP,):
        found = pattern.match(line)
        if found:
            told = _alone(found["word"], has_mark=True)
            if told is not None and not (
                pattern is _GAP and told.name in ("proposal", "motion", "background") and told.rest
            ):
                return Label(told.meaning, told.word, found["rest"].strip(), told.owner)
    single = _SINGLE.match(line) if in_head else None
    if single:
        meaning = meaning_of(single["word"])
        if meaning:
            return Label(meaning, single["word"], single["rest"].strip())
    return None


def _alone(line: str, *, has_mark: bool = False) -> Label | None:
    word = line.strip(_EDGE)
    meaning = meaning_of(word)
    if meaning:
        if word.casefold() == "att" and not (has_mark or line.rstrip().endswith(":")):
            return None  # the conjunction, alone on its line
        return Label(meaning, word)
    if len(word) > 100 or word.endswith(("!", "?", ",")) or line.rstrip().endswith("."):
        return None
    numbered = _NUMBERED.fullmatch(word)
    if numbered:
        meaning = meaning_of(numbered["word"]) or meaning_of(numbered["word"].removesuffix("s"))
        if meaning:
            return Label(meaning, word)
    decision = _DECISION.fullmatch(word)
    if decision and _is_owner(decision["owner"]):
        return Label("part.decision", word, owner=decision["owner"])
    if _PROPOSAL.fullmatch(word):
        return Label("part.proposal", word)
    about = _ABOUT.fullmatch(word)
    if about and len(word) <= 80:
        meaning = meaning_of(about["word"])
        if meaning:
            return Label(meaning, word, about["rest"])
    if _DISSENT.fullmatch(word):
        return Label("part.dissent", word)
    return _prefixed(word)


def _prefixed(word: str) -> Label | None:
    """A label whose first word tells: `Närvarande medlemmar`, `Frånvarande utan förfall`."""
    first, _, rest = word.partition(" ")
    if not rest or len(word) > 45 or not re.fullmatch(r"[\w ()/,-]+", rest):
        return None
    key = first.casefold()
    if (
        key in ("närvarande", "frånvarande", "deltagare", "present", "absent", "attendees")
        and rest[:1].islower()
    ):
        meaning = meaning_of(rest) if meaning_of(rest).startswith("present.") else meaning_of(key)
        return Label(meaning, word)
    return None


def _is_owner(words: str) -> bool:
    """Whether words before "beslut" name who decides: a genitive, and no preposition before it."""
    folded = words.casefold()
    if folded.split()[0] in (
        "förslag",
        "inget",
        "inga",
        "ej",
        "om",
        "enligt",
        "tidigare",
        "detta",
        "dessa",
        "nytt",
        "vid",
        "efter",
    ):
        return False
    return folded.endswith(("s", "ts", "n")) and " till " not in folded and " om " not in folded


def _suffixed(line: str) -> Label | None:
    """A heading such as `Överlämning: beslut`, or `Yrkande: …`."""
    found = _SUFFIXED.fullmatch(line.strip(_EDGE))
    if found:
        return Label("part.decision", line.strip())
    if _MOTION.fullmatch(line.strip(_EDGE)):
        is_decided = re.search(r"\bbeslut$", line.strip(_EDGE), re.IGNORECASE)
        return Label("part.decision" if is_decided else "part.motion", line.strip())
    return None


def is_meeting_word(text: str) -> bool:
    """Whether a title says that it heads minutes: "Styrelsemöte", "Minutes", "Pöytäkirja".

    >>> is_meeting_word("Protokoll från styrgruppen"), is_meeting_word("Release notes")
    (True, False)
    """
    return _MEETING.search(text) is not None
