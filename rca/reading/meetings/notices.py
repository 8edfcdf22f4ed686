"""`notice_of`: lines in which a product says that someone joined, left, or began or ended a recording.

The decision hidden here: the wording, in the languages of the house. A notice is a whole line: in running speech the same
words are somebody's.

References:
    Microsoft Teams, Zoom, Webex and Google Meet, as their transcripts and chats show it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Notice", "notice_of"]

_THING = (
    r"(?:the )?(?:meeting|call|conference|room|recording|transcription|waiting room)|mötet|samtalet|møtet|mødet|kokoukse\w+|"
    r"(?:dem|der|das|die) (?:meeting|besprechung|anruf)"
)
_FORMS: tuple[tuple[str, str], ...] = (
    ("meeting.joined", rf"(?:has |have )?joined(?: as a guest| (?:{_THING}))?"),
    ("meeting.joined", r"(?:har )?(?:anslöt(?:it)?|anslutit|gick med i|kom in i|gått med i)(?: till)? (?:mötet|samtalet)"),
    ("meeting.joined", r"(?:ble med i|blev med i|deltager nu i|deltok i|sluttet seg til) (?:møtet|mødet)"),
    ("meeting.joined", r"liittyi (?:kokoukseen|puheluun)|ist (?:der Besprechung|dem Meeting) beigetreten"),
    ("meeting.left", rf"(?:has |have )?left(?: (?:{_THING}))?"),
    ("meeting.left", r"(?:har )?lämna(?:de|t) (?:mötet|samtalet)|forlo[dt] (?:møtet|mødet)"),
    ("meeting.left", r"poistui (?:kokouksesta|puhelusta)|hat (?:die Besprechung|das Meeting) verlassen"),
    ("meeting.started", r"(?:has )?started (?:the )?(?:transcription|recording|meeting)|startade (?:transkriberingen|transkribering|avskriften|avskrift|inspelningen|inspelning|mötet)"),
    ("meeting.started", r"startet (?:transkripsjon\w*|transkribering\w*|opptak\w*)|startede (?:transskription\w*|transskribering\w*|optagelse\w*)"),
    ("meeting.started", r"aloitti (?:litteroinnin|tallennuksen|transkription)|hat die (?:Transkription|Aufzeichnung) gestartet"),
    ("meeting.ended", r"(?:has )?(?:stopped|ended) (?:the )?(?:transcription|recording|meeting)|(?:stoppade|avslutade) (?:transkriberingen|transkribering|avskriften|inspelningen|mötet)"),
    ("meeting.ended", r"stoppet (?:transkripsjon\w*|transkribering\w*|opptak\w*)|stoppede (?:transskription\w*|transskribering\w*|optagelse\w*)"),
    ("meeting.ended", r"(?:lopetti|pysäytti) (?:litteroinnin|tallennuksen)|hat die (?:Transkription|Aufzeichnung) (?:beendet|angehalten)"),
)  # fmt: skip
_NOTICES = tuple(
    (kind, re.compile(rf"(?P<who>[^\s:][^:\n]{{0,80}}?) (?:{words})\s*[.!]?", re.IGNORECASE))
    for kind, words in _FORMS
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a product says of someone: the kind of event, and who."""

    kind: str
    who: str


def notice_of(line: str) -> Notice | None:
    """The notice that a whole line is; None where it is none.

    >>> notice_of("IT lead joined the meeting"), notice_of("I joined the meeting late because of the ward")
    (Notice(kind='meeting.joined', who='IT lead'), None)
    """
    line = line.strip(" \t*_")
    if len(line) > 160 or " " not in line:
        return None
    for kind, pattern in _NOTICES:
        found = pattern.fullmatch(line)
        if found and found["who"][0].isupper() and len(found["who"].split()) <= 6:
            if found["who"].casefold() in (
                "i",
                "we",
                "he",
                "she",
                "they",
                "it",
                "you",
                "jag",
                "vi",
                "han",
                "hon",
                "de",
                "who",
            ):
                return None
            return Notice(kind, found["who"].strip())
    return None
