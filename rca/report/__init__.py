"""TOLD: the narrative, its citations, its pages."""

from rca.report.fragments import Fragment
from rca.report.narrative import Narrative, Section, Sentence, parse_narrative, read_narrative
from rca.report.rules import RULES, CitedNarrative

__all__ = [
    "RULES",
    "CitedNarrative",
    "Fragment",
    "Narrative",
    "Section",
    "Sentence",
    "parse_narrative",
    "read_narrative",
]
