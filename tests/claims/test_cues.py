"""Cue rules are data: each brings an example and a counter-example, and those are its tests."""

import pytest

from rca.claims import cues, find_acts
from rca.claims.lexicon import languages
from rca.claims.sentences import lowered
from rca.errors import UsageError

ALL = [pytest.param(cue, language, id=cue.id) for language in languages() for cue in cues(language)]


@pytest.mark.parametrize(("cue", "language"), ALL)
def test_a_rule_finds_its_example(cue, language):
    assert cue.pattern.search(lowered(cue.example))
    assert cue.act in {act.act for act in find_acts(cue.example, language=language)}


@pytest.mark.parametrize(("cue", "language"), ALL)
def test_a_rule_leaves_its_counter_example_alone(cue, language):
    assert cue.act not in {act.act for act in find_acts(cue.counter, language=language)}


@pytest.mark.parametrize(("cue", "language"), ALL)
def test_a_rule_is_named_after_language_and_class_and_says_why(cue, language):
    assert cue.id.startswith(f"{language}-{cue.act.value}-")
    assert cue.why.strip()


def test_ids_are_unique():
    ids = [cue.id for language in languages() for cue in cues(language)]
    assert len(ids) == len(set(ids))


def test_an_unknown_language_gets_advice():
    with pytest.raises(UsageError, match="no cue rules"):
        find_acts("hei", language="fi")
