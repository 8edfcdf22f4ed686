"""The rules of the narrative: every sentence cites, every citation leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rca.errors import Severity
from rca.report.narrative import Narrative
from rca.rules import Hit, Rule, Stage

__all__ = ["RULES", "CitedNarrative"]


@dataclass(frozen=True, slots=True)
class CitedNarrative:
    """What these rules look at: the narrative, and which of its citations lead to bytes."""

    narrative: Narrative
    resolved: frozenset[str]


def _uncited(subject: CitedNarrative) -> Iterator[Hit]:
    for sentence in subject.narrative.sentences:
        if not sentence.citations:
            yield Hit(f"{subject.narrative.path}:{sentence.line}", f'No citation: "{_short(sentence.text)}"')


def _dangling(subject: CitedNarrative) -> Iterator[Hit]:
    for sentence in subject.narrative.sentences:
        for citation in sentence.citations:
            if citation not in subject.resolved:
                yield Hit(
                    f"{subject.narrative.path}:{sentence.line}",
                    f'{citation} leads nowhere, cited by "{_short(sentence.text)}"',
                )


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


RULES = (
    Rule(
        "RCA161",
        "N1",
        "a sentence of the narrative has no citation",
        Severity.WARNING,
        Stage.PUBLISH,
        "A board, a regulator or a court asks of each sentence how one knows. One that rests on nothing is an opinion.",
        "End the sentence with the citation that carries it, such as [E1#M074], or take it out.",
        "The system was taken into use at 05:30.",
        "The rule V1 of the graph, applied to prose; ISO/IEC 27037:2012, auditability of digital evidence.",
        _uncited,
    ),
    Rule(
        "RCA162",
        "N2",
        "a citation of the narrative leads nowhere",
        Severity.ERROR,
        Stage.DRAFT,
        "A citation that cannot be followed looks like evidence and is none.",
        "Correct the exhibit or the place; `rca show CITATION` prints what stands there. Was the exhibit ingested?",
        "The system was taken into use at 05:30 [E1#M999].",
        "ISO/IEC 27037:2012, auditability of digital evidence.",
        _dangling,
    ),
)
