"""SAID: what people decided, promised, warned of and asked, as assertions that cite their words."""

from rca.claims.acts import Act, Polarity, find_acts
from rca.claims.assertions import assertions, is_spoken
from rca.claims.lexicon import ActClass, Cue, cues
from rca.claims.verdicts import Ruling, Verdict, add_verdict, load_verdicts, merge_verdicts

__all__ = [
    "Act",
    "ActClass",
    "Cue",
    "Polarity",
    "Ruling",
    "Verdict",
    "add_verdict",
    "assertions",
    "cues",
    "find_acts",
    "is_spoken",
    "load_verdicts",
    "merge_verdicts",
]
