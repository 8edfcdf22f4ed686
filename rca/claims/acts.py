"""`find_acts`: what a text does in the record, each act with its exact place, its rule and what qualifies it.

The decision hidden here: how cues and context make an act. Cues say what words could do, context says whether they do.
An assurance is only what its writer vouches for in a flat voice: negated words become a warning, and asked, conditional,
wished, past, quoted and reported ones are held back (`withheld=True` shows them, with the reason). Rules and order are
fixed: the same text gives the same acts.

References:
    Searle 1976, "A classification of illocutionary acts"; Chapman et al. 2001 (NegEx).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from rca.claims.context import (
    RULES,
    Rules,
    attributed,
    comma_part,
    doubtful_matrix,
    language_of,
    negator,
    said_before,
)
from rca.claims.lexicon import ActClass, Cue, cues
from rca.claims.sentences import lowered, quotations, split_parts, split_sentences

__all__ = ["Act", "Polarity", "find_acts"]


class Polarity(StrEnum):
    """Whether the words that carry an act are affirmed or negated."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Act:
    """A speech act that a rule proposes: `text[start:end]`, and the words `text[cue_start:cue_end]` that gave it away.

    `hedge`, `condition`, `attribution`, `owner` and `due` are words of the text, empty where there are none. `withheld`
    says why the context rules do not let it count; it is empty for every act that counts.
    """

    act: ActClass
    start: int
    end: int
    text: str
    rule: str
    language: str
    cue_start: int
    cue_end: int
    polarity: Polarity = Polarity.POSITIVE
    hedge: str = ""
    condition: str = ""
    quotation: bool = False
    attribution: str = ""
    owner: str = ""
    due: str = ""
    withheld: str = ""
    status: str = "proposed"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a sentence with what holds for the whole of it."""

    start: int
    end: int
    low: str
    language: str
    question: str
    title: bool
    reply: bool
    attribution: str
    condition: str
    condition_at: int
    wish: str
    past: str
    hedge: str


def find_acts(text: str, *, language: str | None = None, withheld: bool = False) -> list[Act]:
    """The speech acts in `text`, in order, each proposed by a rule until a person confirms or rejects it.

    Args:
        text: running text: an utterance, a comment, a mail, minutes.
        language: `sv` or `en`; None judges each sentence by its small words.
        withheld: also give what the context rules held back, with the reason in `withheld`.

    Raises:
        UsageError: there are no rules in `language`.

    >>> [(a.act.value, a.text) for a in find_acts("Journalsystemet är klart, men vi saknar personal.")]
    [('assurance', 'Journalsystemet är klart'), ('warning', 'vi saknar personal.')]
    >>> find_acts("Vi är inte redo.")[0].act
    <ActClass.WARNING: 'warning'>
    >>> find_acts("Leverantören uppger att allt är testat.", withheld=True)[0].withheld
    'attributed: leverantören uppger'
    """
    if language is not None:
        cues(language)
    low = lowered(text)
    main = language or language_of(low, otherwise="sv" if re.search(r"[åäö]", low[:4000]) else "en")
    quotes = quotations(text)
    starts = [a for a, _ in quotes]
    acts: list[Act] = []
    for begin, end in split_sentences(text):
        spoken = language or language_of(low[begin:end], otherwise=main)
        found = _acts_of_sentence(text, low, begin, end, spoken)
        acts.extend(_quoted(act, quotes, starts) for act in found)
    chosen = [act for act in acts if withheld or not act.withheld]
    return sorted(chosen, key=lambda act: (act.start, act.end, act.act.value, act.rule, act.withheld))


def _acts_of_sentence(text: str, low: str, begin: int, end: int, language: str) -> Iterator[Act]:
    rules = RULES[language]
    sentence = low[begin:end]
    bare = re.sub(r"^[\s>*•|–-]+(?!1\b)", "", sentence)
    label = re.match(r"^(?:\[[^\]]{1,20}\]\s*)?[\w.-]+(?:\s[\w.-]+){0,2}:\s+(?=\S)", bare)
    voice = bare[label.end() :] if label else bare  # a speaker's label is no part of what is said
    reply = sentence.startswith(">")
    question = _question(bare, voice, rules)
    title = (
        not re.search(r"[.!?…]\W*$", bare)
        and not text[begin].islower()
        and (not rules.verb.search(bare) or bool(rules.titles.match(bare)))
    )
    if question and not reply:
        yield _make(
            text, begin, end, language, ActClass.QUESTION, f"{language}-question-{question}", begin, end
        )
    for first, last in split_parts(sentence):
        part = _part(
            sentence[first:last],
            begin + first,
            begin + last,
            language,
            rules,
            question,
            title=title,
            reply=reply,
        )
        yield from _acts_of_part(text, part, rules)


def _question(bare: str, voice: str, rules: Rules) -> str:
    """Why a sentence is a question: its mark, a tag or its word order; empty where it is none."""
    if re.search(r"\?[\s\"”’»)!]*$", bare):
        return "mark"
    if rules.tags.search(bare):
        return "tag"
    if rules.asking.search(voice) and not re.search(r"[,:]|\bså\s+\w+[rs]\b", voice):
        return "order"
    return ""


def _part(
    low: str,
    start: int,
    end: int,
    language: str,
    rules: Rules,
    question: str,
    *,
    title: bool,
    reply: bool,
) -> _Part:
    masked = rules.no_conditions.sub(lambda m: "_" * len(m[0]), low)
    condition = rules.conditions.search(masked)
    voice = re.sub(r"^[\w.-]+(?:\s[\w.-]+){0,2}:\s+", "", low)
    if condition is None and rules.asking.search(voice) and not question:
        condition = re.search(r"\S+", low)  # "Går testerna bra, är vi redo"
    flat = rules.no_wishes.sub(lambda m: "_" * len(m[0]), low)
    wish = rules.wishes.search(flat) or rules.nearly.search(flat)
    hedge = rules.hedges.search(low)
    return _Part(
        start=start,
        end=end,
        low=low,
        language=language,
        question=question,
        title=title,
        reply=reply,
        attribution=attributed(low, rules),
        condition=low[condition.start() : condition.end()] if condition else "",
        condition_at=condition.start() if condition else -1,
        wish=low[wish.start() : wish.end()] if wish else "",
        past=said_before(low, rules),
        hedge=hedge[0] if hedge else "",
    )


def _acts_of_part(text: str, part: _Part, rules: Rules) -> Iterator[Act]:
    hits: list[tuple[Cue, int, int, str, re.Match[str]]] = []
    for cue in cues(part.language):
        for found in cue.pattern.finditer(part.low):
            if found.end() == found.start():
                continue
            bad = cue.act is ActClass.WARNING
            negated = negator(part.low, *found.span(), rules, own=cue.inside, plainly=bad)
            hits.append((cue, found.start(), found.end(), negated, found))
            if cue.act not in (ActClass.ASSURANCE, ActClass.WARNING, ActClass.DECISION):
                break
    proposal = min((h[1] for h in hits if h[0].act is ActClass.PROPOSAL and not h[0].asks), default=None)
    decision = min((h[1] for h in hits if h[0].act is ActClass.DECISION), default=None)
    task = any(h[0].id.endswith(("action-label", "action-request")) for h in hits)
    deferred = any(h[0].act is ActClass.DEFERRAL and not _settled(part.low, h) for h in hits)
    best: dict[tuple[ActClass, bool], Act] = {}
    dangers = [
        a for cue, a, b, no, _ in hits
        if cue.act is ActClass.WARNING and not _withheld(cue, a, b, no, part, rules, None, None, task=False, deferred=False)
    ]  # fmt: skip
    firm = [(a, b) for cue, a, b, no, _ in hits if cue.act is ActClass.WARNING and cue.inside and not no]
    calm = [(a, b) for cue, a, b, no, _ in hits if cue.act is ActClass.ASSURANCE and cue.inside and not no]
    chosen = [
        b for cue, _, b, _, _ in hits if cue.act in (ActClass.DECISION, ActClass.PROPOSAL) and not cue.asks
    ]
    ruled = [(a, b) for cue, a, b, _, _ in hits if cue.act is ActClass.DECISION]
    if any(cue.id.endswith("decision-label") for cue, *_ in hits):
        ruled = [(0, len(part.low))]
    for cue, start, end, negated, found in hits:
        act, polarity = cue.act, Polarity.POSITIVE
        why = _withheld(
            cue, start, end, negated, part, rules, proposal, decision, task=task, deferred=deferred
        )
        danger = next((at for at in dangers if at >= end), -1)
        if (
            act is ActClass.ASSURANCE
            and not why
            and re.search(r"\b(?:att|that)\b", part.low[end - 4 : danger + 1])
        ):
            why = "vouches for a danger"
        if act is ActClass.ASSURANCE and not why and _covered(start, end, firm, longer=cue.inside):
            why = "contradicted by a warning in the same words"
        if act is ActClass.ASSURANCE and not why and _covered(start, end, ruled, longer=False):
            why = "decided"
        if act is ActClass.WARNING and not why:
            if _covered(start, end, calm, longer=cue.inside):
                why = "denied in the same words"
            elif any(b <= start and rules.content.match(part.low[b:start]) for b in chosen):
                why = "what is chosen"
        if cue.inside:
            polarity = Polarity.NEGATIVE
        if negated and cue.flips and not part.question:
            after = cue.id.endswith("-vouch") and part.low.find(negated) >= end
            beside = any((a < end and start < b) or negated in part.low[a:b] for a, b in calm)
            content = any(b <= start and rules.content.match(part.low[b:start]) for b in chosen)
            if why.startswith("negated") and not after and not beside and not content:
                act, polarity = cue.flips, Polarity.NEGATIVE
                why = _withheld_warning(part, rules)
        made = _make(
            text, part.start, part.end, part.language, act, cue.id, part.start + start, part.start + end
        )
        owner = due = ""
        if act is ActClass.ACTION:
            owner = next((v.strip() for k, v in found.groupdict().items() if k.startswith("owner") and v), "")
            limit = rules.deadline.search(part.low)
            due = limit[0] if limit else ""
        made = replace(
            made,
            polarity=polarity,
            hedge=part.hedge,
            condition=part.condition,
            attribution=part.attribution,
            owner=owner,
            due=due,
            withheld=why,
        )
        key = (act, bool(why))
        better = key in best and (
            (made.owner and not best[key].owner)
            or (cue.act is act and f"-{act.value}-" not in best[key].rule)
        )
        if key not in best or better:
            best[key] = made
    counted = {act for act, held in best if not held}
    yield from (made for (act, held), made in best.items() if not held or act not in counted)


def _covered(start: int, end: int, spans: list[tuple[int, int]], *, longer: bool) -> bool:
    """Whether one of `spans` meets `start:end`; with `longer`, only one that says more counts: the longer words win."""
    return any(a < end and start < b and (not longer or b - a > end - start) for a, b in spans)


def _settled(low: str, hit: tuple[Cue, int, int, str, re.Match[str]]) -> bool:
    """Whether the words of a deferral only name one: "the motion to postpone", "yrkandet om återremiss"."""
    before = low[max(0, hit[1] - 45) : hit[1]]
    return (
        bool(hit[3])
        and not re.search(
            r"inget|inga|inte något|no decision|(?:n't|not) (?:decid|tak|mak|settl|reach)", hit[4][0]
        )
    ) or bool(
        re.search(
            r"(?:motion|proposal|request|option|would be|wants?|asked|call|refus\w+|plan) (?:to|for) (?:\w+ )?$|"
            r"(?:yrkande\w*|förslag\w*|begäran|önskemål\w*|motion\w*) (?:om )?(?:att )?(?:\w+ )?$|not to (?:\w+ )?$|att inte (?:\w+ )?$|would be to $",
            before,
        )
    )


def _withheld(
    cue: Cue, start: int, end: int, negated: str, part: _Part, rules: Rules,
    proposal: int | None, decision: int | None, *, task: bool, deferred: bool,
) -> str:  # fmt: skip
    """Why the words of `cue` do not count as its act here; empty where they do."""
    low, act = part.low, cue.act
    if part.reply:
        return "quoted reply"
    if part.question and not cue.asks and act is not ActClass.QUESTION:
        return "asked"
    if cue.asks and not part.question and act is ActClass.PROPOSAL:
        return "not asked"
    if act is ActClass.ASSURANCE:
        return _no_assurance(start, negated, part, rules, proposal, task=task)
    if act is ActClass.WARNING:
        if cue.inside or cue.asks:
            return _withheld_warning(part, rules)
        return (
            f"negated: {negated}"
            if negated and not cue.id.endswith(("-if", "-except", "-label"))
            else _withheld_warning(part, rules)
        )
    begin, _ = comma_part(low, start, end)
    before = rules.no_conditions.sub(lambda m: "_" * len(m[0]), low[begin:start])
    if act is ActClass.DECISION:
        if cue.id.endswith("-label"):
            return ""
        if proposal is not None and proposal < start and not rules.next_body.search(low[proposal:start]):
            return "proposed"
        if deferred:
            return "deferred"
        if rules.no_choice.search(before) or (
            re.match(r"\s+(?:ännu\s+)?(?:inte|ej|aldrig|inget|ingenting)\b(?!\s+(?:att|om))", low[end:])
            and part.language == "sv"
            and cue.id == "sv-decision-decides"
        ):
            return "not decided"
        if rules.before_choice.search(before):
            return "not yet decided"
        return (
            f"negated: {negated}"
            if negated and cue.id.endswith(("-go", "-agreed")) and negated not in {"no", "utan", "ingen"}
            else ""
        )
    if act is ActClass.PROPOSAL:
        if decision is not None and decision < start and not cue.asks:
            return "decided"
        return (
            f"negated: {negated}"
            if negated and not cue.asks and re.search(r"(?:inte|not|n't|no|never|ingen)\s+$", low[:start])
            else ""
        )
    if act is ActClass.DEFERRAL:
        if proposal is not None:
            return "proposed"
        hit = (cue, start, end, negated, cue.pattern.search(low, start) or re.match("", ""))
        return "not deferred" if _settled(low, hit) else ""  # type: ignore[arg-type]
    if act is ActClass.DISSENT:
        return (
            f"negated: {negated}"
            if re.search(
                r"\b(?:ingen|inga|nobody|no one|no|none|were no|inte|without)\s+(?:\w+\s+){0,2}$", low[:start]
            )
            else ""
        )
    return "title" if part.title and not cue.id.endswith(("-label", "-owner")) else ""


def _withheld_warning(part: _Part, rules: Rules) -> str:
    if part.reply:
        return "quoted reply"
    if rules.clinical.search(part.low):
        return "clinical"
    if rules.everyday.search(part.low):
        return "beside the point"
    if part.title and not re.match(r"[\w\s-]{1,30}[:!,]", part.low):
        return "title"
    return ""


def _no_assurance(
    start: int, negated: str, part: _Part, rules: Rules, proposal: int | None, *, task: bool
) -> str:
    for reason, words in (
        ("exception", _found(rules.exceptions, part.low)),
        ("negated", negated),
        ("attributed", part.attribution),
        ("conditional", part.condition),
        ("wished, planned or nearly", part.wish),
        ("past", part.past),
    ):
        if words:
            return f"{reason}: {words}"
    if proposal is not None:
        return "proposed"
    matrix = doubtful_matrix(part.low, start, rules)
    if matrix:
        return f"hangs on: {matrix}"
    relative = re.search(r"(?<!\w)(?:som|which|who|whose|(?P<that>that))\s+$", part.low[:start])
    if relative and not (relative["that"] and rules.matrix.search(part.low[: relative.start()])):
        return "of a part only"
    if rules.beside.search(part.low) or rules.everyday.search(part.low):
        return "beside the point"
    if task:
        return "asked for"
    return "clinical" if rules.clinical.search(part.low) else ""


def _found(pattern: re.Pattern[str], low: str) -> str:
    found = pattern.search(low)
    return found[0] if found else ""


def _make(
    text: str, start: int, end: int, language: str, act: ActClass, rule: str, cue_start: int, cue_end: int
) -> Act:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Act(act, start, end, text[start:end], rule, language, cue_start, cue_end)


def _quoted(act: Act, quotes: list[tuple[int, int]], starts: list[int]) -> Act:
    """`act` with its quotation mark: the words that gave it away stand in quotation marks."""
    at = bisect_right(starts, act.cue_start) - 1
    inside = at >= 0 and act.cue_end <= quotes[at][1] and act.act is not ActClass.QUESTION
    touches = any(a < act.cue_end and act.cue_start < b for a, b in quotes[max(0, at) : at + 2])
    if not inside and not (touches and act.act is ActClass.ASSURANCE):
        return act
    keeps = act.act is ActClass.WARNING and quotes[at][1] - quotes[at][0] > 15
    return replace(act, quotation=True, withheld=act.withheld or ("" if keeps else "quoted"))
