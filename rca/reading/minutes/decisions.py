"""`outcome_of`: what a decision did with its matter, read so that no doubt becomes an approval.

The decision hidden here: how the words of outcomes (`outcomes.toml`) are read in a sentence. A clause is judged by its verb and what negates it; a decision
whose clauses end differently has no single outcome; one that only proposes something to another body, puts the matter off
or takes it to the files approves nothing.

References:
    Popolo, Motion (result); Kommunallagen (2017:725), 5 kap. 39-40 §§ (bordläggning, återremiss).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

__all__ = ["Outcome", "Ruling", "deals_with_attendance", "is_no_decision", "outcome_of", "split_clauses"]


class Outcome(StrEnum):
    """What became of a matter."""

    APPROVED = "approved"
    REJECTED = "rejected"
    NOTED = "noted"
    ANSWERED = "answered"
    TABLED = "tabled"
    REMITTED = "remitted"
    ELECTED = "elected"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ruling:
    """An outcome, the words that told it, and what qualifies it.

    `outcomes` has all where the clauses differ; `proposes_to` names the body that has yet to decide.
    """

    outcome: Outcome
    words: str = ""
    outcomes: tuple[Outcome, ...] = ()
    proposes_to: str = ""
    is_conditional: bool = False
    is_unanimous: bool = False
    is_immediate: bool = False


_N = r"(?:nicht|inte|ej|icke|aldrig|ikke|not|never|ei|eivät|eikä)"

_LATER = re.compile(
    r"\W*(?:\w+\s+){0,1}(?:senare|later|(?:vid|på) (?:nästa|ett senare|ett kommande))\b", re.IGNORECASE
)
_BEFORE = re.compile(rf"\b{_N}\b(?:\s+\w+){{0,1}}\s*$", re.IGNORECASE)
_BEFORE_FAR = re.compile(
    r"\b(?:nothing|none|no one|nobody|inget|inga|ingen|ingenting|ingetdera|intet|inte|ej|ikke|not|no|ei|cannot|kan inte|kunde inte|can't|could not|varken|nor|neither|utan att)\b(?:\s+\w+){0,2}\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"^\s*(?:därför\s+|alltså\s+|heller\s+|ännu\s+|yet\s+|foreløpig\s+)?{_N}\b", re.IGNORECASE
)
_ABOUT = re.compile(
    r"\b(?:om|på|till|of|om att|yrkande\w*|förslag\w*|begäran|beslutet om|motion to|proposal to|request to|question of)\s*(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"återremiss(?:en)?|bordläggning(?:en)?|avslag(?:et)?|bifall(?:et)?|uppskov|utsettelse\w*|afslag(?:et)?|godkännande(?:t)?|avvisning(?:en)?|ajournering(?:en)?"
    r"|(?:återremiss|bordläggnings|avslags|bifalls|uppskovs)?(?:yrkand|förslag)\w*|(?:återremiss|bordläggnings|avslags|bifalls)yrkand\w*|remittal|postponement|adjournment|rejection|approval",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"\b(?:krävs|inväntas|saknas|behövs|avvaktas|återstår|pending|required|needed|awaited)\b", re.IGNORECASE
)
_UNTIL = re.compile(r"\b(?:förrän|until|før|førend|ennen kuin)\b", re.IGNORECASE)
_AND = re.compile(r"\b(?:och|samt|men|and|but|og|ja)\b|,", re.IGNORECASE)
_SPLIT = re.compile(
    r"[.;](?=\s|$)|\n|(?<!inte)(?<!ej)\s(?=att\s)|\s(?=samt\s)|\s(?=och därmed\s)|\s(?=och att\s)",
    re.IGNORECASE,
)
_STATES = re.compile(
    r"\b(?:konstaterar|konstaterade|informerar|upplyser|påminner|anser|bedömer|framhåller|redovisar|noterar|antecknar|noted|notes|finds|considers)\s*$",
    re.IGNORECASE,
)
_NO_DECISION = re.compile(
    r"\b(?:inga|inget|ingen|ej|inte|no|not|nothing|ikke|intet|ei)\b[^.]{0,30}\b(?:beslut\w*|beslöt\w*|decision\w*|decided|resolved|vedtak|vedtatt|beslutning\w*|päätöstä|päätetty)\b"
    r"|\b(?:beslut\w*|decision\w*|vedtak|beslutning\w*)\b[^.]{0,20}\b(?:fattades inte|fattades ej|togs inte|togs ej|fattas inte|saknas|inte fattat|not taken|not made|ikke fattet)\b",
    re.IGNORECASE,
)
_PUT_OFF = re.compile(
    r"\b(?:beslut\w*|decision\w*|vedtak\w*|beslutning\w*|ärendet|frågan|punkten)\b[^.]{0,24}\b(?:sköts upp|skjuts upp|uppsköts|uppskjuts|bordlades|bordläggs|deferred|postponed|utsettes|udsættes|väntar|dröjer)\b",
    re.IGNORECASE,
)
_PROPOSES = re.compile(
    r"(?:föreslå(?:r|s)?|förslag till|hemställ\w*|rekommender\w*|tillstyrk\w*|innstill\w*|indstill\w*|anbefal\w*|ehdottaa|esittää|recommends?|proposes?|proposed)\s+(?:till\s+|att\s+)?(?P<body>(?:kommun|region|landstings)?(?:fullmäktige|styrelsen|nämnden|stämman|årsmötet|styret|bestyrelsen|kommunestyret|byrådet|kommunalbestyrelsen|regionsrådet|valtuusto\w*|hallitus\w*)|\w+(?:fullmäktige|styrelsen|nämnden)|(?:the )?(?:council|board|general assembly|assembly|annual meeting))",
    re.IGNORECASE,
)
_HINTS = re.compile(
    r"\b(?:föreslår|föreslås|föreslog|hemställer|rekommenderar|yrkar|yrkade|proposes|proposed|recommends|recommended|foreslår|foreslo|foreslog|innstiller|indstiller|ehdottaa|esittää)\b",
    re.IGNORECASE,
)
_PROPOSAL_FOR = re.compile(
    r"\b\w{1,40}s förslag till (?P<body>\w*(?:fullmäktige|styrelsen|nämnden))", re.IGNORECASE
)
_CONDITION = re.compile(
    r"\b(?:under förutsättning|förutsatt att|med villkor\w*|villkora\w*|på villkor|under forutsetning|betinget|forudsat|edellyttäen|subject to|provided that|conditional(?:ly)?|on condition|contingent)\b",
    re.IGNORECASE,
)
_UNANIMOUS = re.compile(
    r"\b(?:enhällig\w*|enhälligt|enig\w*|enstemmig\w*|enstemt|enighed|yksimielis\w*|unanimous\w*|nem\. ?con\.?)\b",
    re.IGNORECASE,
)
_IMMEDIATE = re.compile(
    r"omedelbart justera\w*|omedelbar justering|direktjustera\w*|justeras omedelbart|tarkastettiin heti",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:^|(?<=[.;:,])\s+|\s+(?:och|samt)\s+|\s+)(?=att\s+[a-zåäö])|(?<=[.;:])\s+(?=\d{1,2}[.)]\s)|(?<=(?<!\d)[.;])\s+(?=(?-i:[A-ZÅÄÖÆØ]))|\s*\n+\s*",
    re.IGNORECASE,
)
_STANDS = re.compile(r"(?<!\d)(?:att\s|\d{1,2}[.)]\s)", re.IGNORECASE)


@cache
def _finder() -> re.Pattern[str]:
    """All words that tell an outcome, each in a group of its outcome's name."""
    tables = tomllib.loads(files(__package__).joinpath("outcomes.toml").read_text(encoding="utf-8"))
    groups = [
        rf"(?P<{name}>(?<![\wåäö-])(?:{'|'.join(table['words'])})(?![\wåäö]))"
        for name, table in tables.items()
    ]
    return re.compile("|".join(groups), re.IGNORECASE)


def is_no_decision(text: str) -> bool:
    """Whether a text under a label of decisions says that none was made.

    >>> is_no_decision("Inget beslut fattades."), is_no_decision("Beslut i ärendet sköts upp."), is_no_decision("att inte köpa")
    (True, False, False)
    """
    return _NO_DECISION.search(text) is not None and _PUT_OFF.search(text) is None


def split_clauses(text: str) -> list[str]:
    """The clauses of a decision: at "att", numbers, sentences and line ends.

    >>> split_clauses("Nämnden beslutar att godkänna planen, att uppdra åt chefen att verkställa den.")
    ['Nämnden beslutar', 'att godkänna planen,', 'att uppdra åt chefen', 'att verkställa den.']
    """
    return [piece.strip() for piece in _CLAUSE.split(text) if piece and piece.strip(" .,;")]


def outcome_of(text: str) -> Ruling:
    """What a decision did.

    >>> outcome_of("Nämnden lägger informationen till handlingarna.").outcome
    <Outcome.NOTED: 'noted'>
    >>> outcome_of("Styrelsen beslutar att inte godkänna driftstart.").outcome
    <Outcome.REJECTED: 'rejected'>
    >>> outcome_of("Styrelsen föreslår kommunfullmäktige besluta att godkänna planen.").proposes_to
    'kommunfullmäktige'
    """
    flat = " ".join(text[:20_000].split())
    proposes = _PROPOSES.search(flat) or _PROPOSAL_FOR.search(flat)
    first = _finder().search(flat)
    hints = _HINTS.search(flat)
    plain = Ruling(
        Outcome.OTHER,
        is_conditional=bool(_CONDITION.search(flat)),
        is_unanimous=bool(_UNANIMOUS.search(flat)),
        is_immediate=bool(_IMMEDIATE.search(flat)),
    )
    if proposes:
        return replace(plain, words=proposes[0], proposes_to=proposes["body"])
    if hints and (first is None or hints.start() < first.start()):
        return replace(plain, words=hints[0])
    told = _clause_outcomes(_IMMEDIATE.sub(" ", flat))
    put_off = _PUT_OFF.search(flat)
    if put_off and not told:
        told = [(Outcome.TABLED, put_off[0])]
    if not told:
        return plain
    kinds = list(dict.fromkeys(outcome for outcome, _ in told))
    if len(kinds) == 1:
        return replace(plain, outcome=kinds[0], words=told[0][1])
    real = [kind for kind in kinds if kind is not Outcome.OTHER]
    if len(real) == 1 and not (real[0] is Outcome.APPROVED and len(kinds) > 1):
        return replace(
            plain, outcome=real[0], words=next(words for outcome, words in told if outcome is real[0])
        )
    return replace(plain, words="; ".join(words for _, words in told), outcomes=tuple(kinds))


def _clause_outcomes(text: str) -> list[tuple[Outcome, str]]:
    """The outcome of each clause, in order."""
    found: list[tuple[Outcome, str]] = []
    clauses: list[str] = []
    for clause in _SPLIT.split(text):
        before = clauses[-1].rstrip() if clauses else ""
        ends = [match.end() for match in _finder().finditer(before)] if clause.startswith("att ") else []
        is_object = clause.startswith("att ") and (_STATES.search(before) or ends[-1:] == [len(before)])
        if is_object and clauses:
            clauses[-1] = f"{before} {clause}"
        else:
            clauses.append(clause)
    for clause in clauses:
        states = re.search(_STATES.pattern.removesuffix("\\s*$") + r"\s+att\b", clause, re.IGNORECASE)
        found.extend(_one_clause(clause[: states.end()] if states else clause))
    return found


def _one_clause(clause: str) -> list[tuple[Outcome, str]]:
    """What a clause did, once for each verb; a noun ("återremiss", "avslagsyrkandet") tells what a verb was about.

    Approving a motion to put off puts off; rejecting it rejects; the noun alone is the outcome.
    """
    nouns: list[tuple[Outcome, str]] = []
    verbs: list[tuple[Outcome, str]] = []
    end = 0
    for match in _finder().finditer(clause):
        outcome = Outcome(match.lastgroup or "other")
        told = _negated(
            outcome, clause[max(0, match.start() - 60) : match.start()], match[0], clause[match.end() :]
        )
        if _NOUN.fullmatch(match[0]):
            is_first = not re.sub(r"^\W*(?:att|om)?\W*", "", clause[: match.start()], flags=re.IGNORECASE)
            if outcome is not Outcome.APPROVED or (is_first and not _WAITING.search(clause)):
                nouns.append((told, match[0]))
            continue
        joint = clause[end : match.start()] if verbs else ""
        if (
            verbs
            and told is Outcome.APPROVED
            and verbs[0][0] in (Outcome.NOTED, Outcome.TABLED, Outcome.REMITTED, Outcome.ANSWERED)
        ):
            continue  # what is noted or put off may speak of an approval; it is none
        if (
            verbs
            and verbs[-1][0] is Outcome.APPROVED
            and outcome is not Outcome.APPROVED
            and not _AND.search(joint)
        ):
            verbs[-1] = (
                told,
                f"{verbs[-1][1]} … {match[0]}",
            )  # what was approved is that it be put off, rejected, noted
        elif not verbs or told is not verbs[-1][0]:
            verbs.append((told, match[0]))
        end = match.end()
    if not nouns:
        return verbs
    if not verbs:
        return nouns[:1]
    if all(outcome is Outcome.APPROVED for outcome, _ in verbs):
        return [(nouns[0][0], f"{verbs[0][1]} … {nouns[0][1]}")]
    return verbs


def _negated(outcome: Outcome, before: str, words: str, after: str) -> Outcome:
    """The outcome with the negation at its verb: not approved is rejected, or put off ("not until"); not rejected is neither."""
    is_negated = bool(
        _BEFORE.search(before)
        or _BEFORE_FAR.search(before)
        or _AFTER.match(after)
        or re.search(rf"\b{_N}\b", words)
    )
    if not is_negated:
        return Outcome.TABLED if outcome is Outcome.APPROVED and _LATER.match(after) else outcome
    if outcome is Outcome.APPROVED:
        return Outcome.TABLED if _UNTIL.search(after) else Outcome.REJECTED
    return Outcome.OTHER


def deals_with_attendance(text: str) -> bool:
    """Whether a paragraph under a decision says who took no part in it.

    >>> deals_with_attendance("Ledamot Ett (S) deltar inte i beslutet.")
    True
    """
    return (
        re.search(
            r"\bdelt(?:ar|og|ager) (?:ej|inte|ikke|icke) i (?:beslut|handlägg|behandl|overvej)\w*",
            text,
            re.IGNORECASE,
        )
        is not None
    )
