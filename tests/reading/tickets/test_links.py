"""A link is what its phrase says; only an explicit cause is causal, and nothing is read into what isn't known."""

import pytest

from rca.reading.json_fields import dict_of, dig, list_of, text_of
from rca.reading.tickets.links import Relation, relation_of


@pytest.mark.parametrize(
    ("phrase", "relation"),
    [
        ("causes", Relation.CAUSES),
        ("is caused by", Relation.CAUSED_BY),
        ("orsakas av", Relation.CAUSED_BY),
        ("forårsakes av", Relation.CAUSED_BY),
        ("wird verursacht durch", Relation.CAUSED_BY),
        ("está causado por", Relation.CAUSED_BY),
        ("est causé par", Relation.CAUSED_BY),
        ("вызвано", Relation.CAUSED_BY),
        ("blocks", Relation.BLOCKS),
        ("isBlockedBy", Relation.BLOCKED_BY),
        ("blockeras av", Relation.BLOCKED_BY),
        ("depends_on", Relation.DEPENDS_ON),
        ("is duplicated by", Relation.DUPLICATED_BY),
        ("clones", Relation.CLONES),
        ("bezieht sich auf", Relation.RELATES),
        ("split to", Relation.SPLIT_TO),
        ("is child of", Relation.CHILD_OF),
        ("mentioned in", Relation.MENTIONED_IN),
        ("precedes", Relation.PRECEDES),
        ("is tested by", Relation.TESTED_BY),
    ],
)
def test_a_phrase_says_the_relation_in_the_languages_of_trackers(phrase, relation):
    assert relation_of(phrase) is relation
    assert relation_of(phrase.upper() if "_" in phrase else f" {phrase} ") is relation


@pytest.mark.parametrize("relation", [one for one in Relation if one not in ("causes", "caused_by")])
def test_only_an_explicit_cause_is_causal(relation):
    assert not relation.is_causal
    assert Relation.CAUSES.is_causal
    assert Relation.CAUSED_BY.is_causal


@pytest.mark.parametrize(
    "phrase",
    [
        "may cause",
        "is not caused by",
        "Problem/Incident",
        "is blocked",
        "was caused",
        "root",
        "x" * 500,
        "duplicate",
    ],
)
def test_what_is_not_known_word_for_word_claims_nothing(phrase):
    assert relation_of(phrase) is Relation.OTHER


def test_no_phrase_is_told_apart_from_an_unknown_one():
    assert relation_of(" ") is Relation.UNSTATED


def test_a_relation_and_its_inverse_undo_each_other():
    assert all(one.inverse.inverse is one for one in Relation)
    assert Relation.BLOCKS.inverse is Relation.BLOCKED_BY


def test_fields_of_any_type_are_read_without_an_error():
    for value in (None, 1, 1.5, True, "a", [1], {"a": [1]}):
        assert isinstance(text_of(value), str)
        assert isinstance(list_of(value), list)
        assert isinstance(dict_of(value), dict)
        assert dig(value, "x", 0, "y") is None
