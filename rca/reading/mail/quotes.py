"""What a mail says itself, and what it quotes of earlier mails.

The decision hidden here: where the quoted part begins. Lines with `>` are quoted; a line of dashes that announces the
original, a block of header lines (From, Sent, To, Subject in the languages of the mail programs) or a line that says who
wrote begins a quoted rest, unless lines with `>` follow it: then only these are quoted and answers between them are not.

References:
    RFC 3676, 4.5 (quoting); the reply headers of Outlook, Gmail, Apple Mail and Thunderbird in Swedish, Norwegian,
    Danish, Finnish, German, French, Dutch, Spanish and English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Parted", "label_of", "part_quotes"]

_QUOTE = re.compile(r"[ \t\u200b]{0,3}(?:>|&gt;)")
_RULED = re.compile(
    r"^[ \t*>]*[-_=]{2,}[ \t]*(?:"
    r"original message|forwarded message|original appointment|forwarded by|reply message|replied message"
    r"|ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrad post"
    r"|opprinnelig melding|opprinnelig avtale|videresendt melding|videresendt e-post"
    r"|oprindelig meddelelse|original meddelelse|videresendt meddelelse"
    r"|alkuperäinen viesti|välitetty viesti|edelleenlähetetty viesti"
    r"|ursprüngliche nachricht|originalnachricht|weitergeleitete nachricht"
    r"|message d'origine|message original|message transféré|oorspronkelijk bericht|doorgestuurd bericht"
    r"|mensaje original|mensaje reenviado|messaggio originale"
    r")\b[^\n]{0,80}$",
    re.IGNORECASE,
)
_BEGUN = re.compile(
    r"^[ \t>]*(?:begin forwarded message|vidarebefordrat brev|start på videresendt|videresendt besked"
    r"|anfang der weitergeleiteten|alkaa välitetty viesti|vidarebefordrat meddelande)[^\n]{0,60}:\s*$",
    re.IGNORECASE,
)
_LABELS = {
    "from": ("from", "från", "fra", "lähettäjä", "von", "de", "van", "da"),
    "sent": ("sent", "skickat", "skickad", "sendt", "lähetetty", "gesendet", "envoyé", "verzonden", "enviado", "inviato",
             "date", "datum", "dato", "päivämäärä", "päiväys", "päivä", "fecha", "data"),
    "to": ("to", "till", "til", "vastaanottaja", "an", "à", "aan", "para", "a"),
    "cc": ("cc", "kopia", "kopi", "kopio", "kopie"),
    "subject": ("subject", "ämne", "emne", "aihe", "betreff", "objet", "onderwerp", "asunto", "oggetto"),
}  # fmt: skip
_LABEL = {word: meaning for meaning, words in _LABELS.items() for word in words}
_LABELLED = re.compile(r"^[ \t>]*[*_]{0,2}([^\W\d_]{1,16})[ \t]?:[*_]{0,2}(?:[ \t]|$)")
_WROTE = re.compile(
    r"(?:wrote|writes|skrev|skriver|kirjoitti|schrieb|schreibt|a écrit|schreef|escribió|ha scritto)\b[^\n:]{0,160}:?\s*$",
    re.IGNORECASE,
)
_ATTRIBUTED = re.compile(
    r"^[ \t>]*(?:on|den|på|am|le|op|el|il|ons|tor|fre|lør|søn|man|tir|mån|tis|tors|lör|sön|mandag|tirsdag|onsdag|torsdag"
    r"|fredag|lørdag|søndag|måndag|tisdag|lördag|söndag|ma|ti|ke|to|pe|la|su|mon|tue|wed|thu|fri|sat|sun|\d{1,4}[-/. ])"
    r"[^\n]{0,400}(?:\d{1,2}[:.]\d{2}|\d{4}|@)",
    re.IGNORECASE,
)
_WROTE_WORDS = ("wrote", "writes", "skrev", "skriver", "kirjoitti", "schrieb", "schreibt", "écrit", "schreef",
                "escribió", "scritto")  # fmt: skip
_RULES = (
    "--",
    "__",
    "==",
    "begin forw",
    "vidarebefordrat",
    "start på",
    "videresendt",
    "anfang der",
    "alkaa ",
)
_MOST = 1_000_000
_NAMED = re.compile(r"^[^\n<>]{1,80}[ \t]*<[^\s<>]+@[^\s<>]+>[^\n]{0,80}$")


@dataclass(frozen=True, slots=True)
class Parted:
    """A text in two: what its author wrote, and what it quotes."""

    own: str
    quoted: str


def part_quotes(text: str) -> Parted:
    r"""The own part of a mail's text and the quoted one.

    >>> part_quotes("It is ready.\n\nDen 3 mars 2024 kl. 14:30 skrev Ward 4 <w@h.example>:\n> Is it ready?").own
    'It is ready.'
    >>> part_quotes("Nej.\n\nFrån: Vårdchef\nSkickat: den 3 mars 2024 14:30\nTill: IT\nÄmne: Redo?\n\nÄr ni redo?").own
    'Nej.'
    """
    text = text[:_MOST].replace("\r\n", "\n").replace("\r", "\n")
    low = text.lower()  # most texts lack what only some lines of replies hold: then no line is asked for it
    has_wrote, has_rule = any(one in low for one in _WROTE_WORDS), any(one in low for one in _RULES)
    lines = text.split("\n")
    own: list[str] = []
    quoted: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if _QUOTE.match(line):
            quoted.append(line)
            at += 1
            continue
        if (has_rule and (_RULED.match(line) or _BEGUN.match(line))) or (
            ":" in line and _begins_header(lines, at)
        ):
            rest = lines[at:]
            while own and re.fullmatch(r"[\s_*-]*", own[-1]):
                rest.insert(0, own.pop())
            quoted.extend(rest)
            break
        length = _attribution(lines, at) if has_wrote else 0
        if length:
            follows = next((n for n in range(at + length, len(lines)) if lines[n].strip()), None)
            if follows is None or not _QUOTE.match(lines[follows]):
                quoted.extend(lines[at:])
                break
            quoted.extend(lines[at:follows])
            at = follows
            continue
        own.append(line)
        at += 1
    return Parted("\n".join(own).strip("\n"), "\n".join(quoted).strip("\n"))


def _begins_header(lines: list[str], at: int) -> bool:
    """Whether a block of mail header lines begins here: a sender first, then at least two of when, to whom, what."""
    if _meaning(lines[at]) != "from":
        return False
    seen = {"from"}
    misses = 0
    for line in lines[at + 1 : at + 10]:
        meaning = _meaning(line)
        if meaning:
            seen.add(meaning)
        elif line.strip():
            misses += 1  # a long list of recipients goes on in the next line
            if misses > 2:
                break
        elif len(seen) > 2:
            break
    return len(seen) >= 3 and "sent" in seen


def label_of(line: str) -> tuple[str, str]:
    """What a header line of a mail program means (from, sent, to, cc, subject), and its value; ("", "") for other lines.

    >>> label_of("Skickat: den 3 mars 2024 14:30")
    ('sent', 'den 3 mars 2024 14:30')
    """
    found = _LABELLED.match(line)
    meaning = _LABEL.get(found[1].casefold(), "") if found else ""
    return (meaning, line[found.end() :].strip(" \t*_")) if found and meaning else ("", "")


def _meaning(line: str) -> str:
    return label_of(line)[0]


def _attribution(lines: list[str], at: int) -> int:
    """Of how many lines from `at` on the sentence is that says who wrote what follows, 0 where there is none."""
    first = lines[at]
    if not first.strip() or len(first) > 500:
        return 0
    if not (
        _ATTRIBUTED.match(first)
        or _NAMED.match(first)
        or "wrote" in first.lower()
        or "skrev" in first.lower()
    ):
        return 0
    joined = ""
    for count, line in enumerate(lines[at : at + 3], start=1):
        if not line.strip() or _QUOTE.match(line):
            return 0
        joined = f"{joined} {line}".strip()
        if _WROTE.search(joined):
            is_told = _ATTRIBUTED.match(joined) or "@" in joined or joined.endswith(":")
            has_time = re.search(r"\d", joined) or "@" in joined
            return count if is_told and has_time and joined.rstrip().endswith((":", ">", ")")) else 0
    return 0
