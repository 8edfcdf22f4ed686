"""`label_of`: the labels in the head of an interview, and `is_interview`: whether a text is one.

The decision hidden here: the words. An interview is known by its labels, never by its file's name: who asked, what role
the interviewee has, when it was held, who approved the notes, how they are to be handled, whom the interviewee talked
with before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["INTERVIEW", "is_interview", "is_restricted", "label_of"]

_WORDS: dict[str, tuple[str, ...]] = {
    "interview": ("intervju", "interview", "haastattelu", "intervju nr", "interview no", "intervju nummer", "interview number", "intervjunummer", "intervju-id", "interview id"),
    "role": ("roll", "role", "befattning", "yrkesroll", "funktion", "position", "rolle", "stilling", "rooli", "funktion/roll", "roll/funktion", "interviewee's role", "den intervjuades roll", "role of the interviewee", "role of interviewee"),
    "interviewee": ("intervjuad", "intervjuade", "den intervjuade", "intervjuperson", "intervjupersonen", "informant", "respondent", "interviewee", "interviewed", "person interviewed", "intervjuobjekt", "interviewpartner", "haastateltava", "namn", "name", "navn", "nimi"),
    "date": ("datum", "date", "intervjudatum", "interview date", "date of interview", "datum för intervjun", "datum för intervju", "intervjun hölls", "dato", "päivämäärä", "datum och tid", "date and time", "held", "tidpunkt"),
    "time": ("tid", "time", "klockslag", "kl", "zeit", "tidspunkt", "aika"),
    "interviewer": ("intervjuare", "interviewer", "interviewers", "intervjuad av", "interviewed by", "intervjuledare", "intervjuer", "utredare", "haastattelija", "haastattelijat"),
    "approved": (
        "godkänd", "godkänt", "godkänd av den intervjuade", "godkänt av den intervjuade", "godkänd av intervjuperson",
        "godkänd av intervjupersonen", "godkännande", "datum för godkännande", "godkänd datum", "approved", "approved on",
        "approved by the interviewee", "approved by interviewee", "approval", "date of approval", "approval date",
        "date of the interviewee's approval", "interviewee's approval", "interviewee approval", "approved by interviewee on", "faktagranskad", "faktagranskat", "godkjent", "godkendt", "hyväksytty", "freigegeben", "genehmigt",
        "godkjent av intervjuobjektet", "godkendt af den interviewede", "godkänd av den intervjuade den",
    ),
    "handling": ("handling", "sekretess", "hantering", "confidentiality", "classification", "handling/sekretess", "sekretess/handling", "skyddsklass", "informationsklass", "fortrolighed", "fortrolighet", "vertraulichkeit", "luottamuksellisuus", "confidential"),
    "conferred": ("samtalade med", "samtalat med", "har samtalat med", "talat med", "conferred with", "had conferred with", "has conferred with", "talked with", "spoke with", "discussed with", "snakket med", "talte med", "keskusteli"),
    "place": ("plats", "place", "location", "ort", "sted", "paikka"),
    "unit": ("enhet", "unit", "avdelning", "department", "klinik", "verksamhet", "arbetsplats", "workplace", "yksikkö", "abteilung", "afdeling", "avdeling"),
}  # fmt: skip
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words}
INTERVIEW = re.compile(r"(?<!\w)(?:intervju|interview|haastattelu)(?:n|en|et)?(?!\w)", re.IGNORECASE)
_LABEL = re.compile(
    r"^\s*(?:NOTE\s+)?(?:[-*+•>]\s+|\|\s*)?[*_]{0,3}(?P<word>[^\W\d_][^:|\t\n*]{1,48}?)[*_]{0,3}\s*(?::|\||\t)[*_]{0,3}[\s|]*(?P<value>.*?)[\s|]*$"
)
_RESTRICTED = re.compile(
    r"restrict|begräns|sekret|konfidentiel|confidential|hemlig|secret|personal|personuppgift|skydda|internt? skydd|"
    r"fortrolig|vertraulich|luottamuksel|salas|rajoit|anonym",
    re.IGNORECASE,
)
_OPEN = re.compile(r"^\W*(?:nej|no|none|ingen|inga|ej|not|public|offentlig|öppen|open)\b", re.IGNORECASE)
_CORE = frozenset(("role", "interviewee", "date", "interviewer", "approved", "handling", "conferred"))
_HEAD = 60


def label_of(line: str) -> tuple[str, str]:
    """What a line that begins with a label means, and its value; two empty texts where it has none.

    >>> label_of("**Roll:** sjuksköterska"), label_of("Approved by the interviewee: 2024-12-01"), label_of("We waited")
    (('role', 'sjuksköterska'), ('approved', '2024-12-01'), ('', ''))
    """
    found = _LABEL.match(line[:2_000])
    if not found:
        return "", ""
    word = " ".join(found["word"].split()).strip(" .").casefold()
    meaning = _MEANING.get(word, "")
    return (meaning, found["value"].strip(" *_")) if meaning else ("", "")


def is_restricted(handling: str) -> bool:
    """Whether a mark of handling keeps the person out of what is told.

    >>> is_restricted("restricted"), is_restricted("Sekretess 25 kap. OSL"), is_restricted("public")
    (True, True, False)
    """
    return bool(handling) and not _OPEN.match(handling) and _RESTRICTED.search(handling) is not None


def is_interview(text: str | Iterable[str]) -> bool:
    r"""Whether a text begins with the head of an interview: three of its labels, who asks and who answers among them.

    >>> is_interview("Interview\nRole: nurse\nDate: 2024-11-20\n\nWe waited.")
    True
    >>> is_interview("Date: 2024-11-20\nRole: admin\nName: x")
    False
    """
    lines = text.splitlines() if isinstance(text, str) else list(text)
    solid = [line.strip() for line in lines if line.strip(" -=#*_~|")][:_HEAD]
    found: dict[str, int] = {}
    for line in solid:
        meaning, value = label_of(line)
        if meaning in _CORE and len(value) <= 300:
            found[meaning] = found.get(meaning, 0) + 1
        elif meaning == "interview":
            found[meaning] = 1
    has_title = "interview" in found or any(INTERVIEW.search(line) and len(line) < 120 for line in solid[:6])
    has_roles = "role" in found or "interviewee" in found
    once = {meaning for meaning, number in found.items() if number <= 5 and meaning in _CORE}
    has_asker = "interviewer" in once or "approved" in once or (has_title and "date" in once)
    return (
        has_roles and has_asker and (has_title or "interviewer" in once) and len(once) >= 2 + (not has_title)
    )
