"""Acts cite their characters, say what qualifies them, and never choke on a text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.claims import ActClass, find_acts
from rca.claims.sentences import split_sentences

WORDS = [
    "vi",
    "är",
    "inte",
    "redo",
    "klart",
    "testat",
    "om",
    "när",
    "men",
    ",",
    ".",
    ";",
    ":",
    "\n",
    ">",
    '"',
    "”",
    "?",
    "risk",
    "ingen",
    "utan",
    "the",
    "is",
    "not",
    "ready",
    "if",
    "but",
    "said",
    "beslutar",
    "AP:",
    "kl.",
    "bl.a.",
    "§",
    "4",
    "–",
]
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from([None, "sv", "en"]), st.booleans())
def test_spans_lie_in_the_text_and_equal_what_they_cut(text, language, withheld):
    for act in find_acts(text, language=language, withheld=withheld):
        assert 0 <= act.start < act.end <= len(text)
        assert text[act.start : act.end] == act.text
        assert 0 <= act.cue_start < act.cue_end <= len(text)
        assert act.status == "proposed"
        assert withheld or not act.withheld


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_sentences_are_in_order_and_lose_nothing_but_space(text):
    end = 0
    for start, stop in split_sentences(text):
        assert end <= start < stop
        assert not text[end:start].strip()
        end = stop
    assert not text[end:].strip()


@pytest.mark.parametrize(
    "piece", ["a", "a ", "är inte ", '"', "risk ", "\n", "Vi är redo om allt är testat, men ingen vet. "]
)
def test_a_long_text_takes_time_in_proportion(piece):
    def seconds(size):
        text = (piece * (size // len(piece) + 1))[:size]
        begin = time.perf_counter()
        find_acts(text)
        return time.perf_counter() - begin

    small, large = max(seconds(40_000), 0.05), seconds(160_000)
    assert large / small < 14


@pytest.mark.slow
def test_a_megabyte_is_read_in_seconds():
    text = ("Systemet är klart, men vi saknar personal på natten. " * 20_000)[:1_000_000]
    begin = time.perf_counter()
    assert find_acts(text)
    assert time.perf_counter() - begin < 60


def acts(text, **choices):
    return [act.act.value for act in find_acts(text, **choices)]


@pytest.mark.parametrize(
    "text",
    [
        "Vi är inte redo.", "Vi är ännu inte redo.", "Redo är vi inte.", "Vi är knappast redo.", "Vi är, för att vara ärlig, inte redo.",
        "Ingen är redo.", "Det är inte så att vi är redo.", "Om allt går bra är vi redo.", "Vi är redo om labbet svarar.",
        "Är vi redo?", "Leverantören säger att vi är redo.", "Vi är redo, säger leverantören.", "Vi hoppas att vi är redo.",
        "Vi skulle ha varit redo.", "Vi är nästan redo.", "> Vi är redo.", "”Vi är redo”, sade chefen.", "Vi är så kallat ”redo”.",
        "Vi måste vara redo på måndag.", "We are not ready.", "We aren't ready.", "We are hardly ready.", "Nobody is ready.",
        "If all goes well we are ready.", "We are ready once the lab answers.", "Are we ready?", "The supplier says we are ready.",
        "We are ready, says the supplier.", "We hope that we are ready.", "We were supposed to be ready.", "We are nearly ready.",
        'They call it "ready".', "I don't think it is ready.", "It is not true that everything is ready.",
    ],
)  # fmt: skip
def test_readiness_that_nobody_vouches_for_is_no_assurance(text):
    assert "assurance" not in acts(text)


def test_two_parts_of_a_sentence_are_two_acts_with_their_own_place():
    text = "Journalsystemet är klart, men vi saknar personal."
    found = find_acts(text)
    assert [(a.act, a.text) for a in found] == [
        (ActClass.ASSURANCE, "Journalsystemet är klart"),
        (ActClass.WARNING, "vi saknar personal."),
    ]


def test_what_is_held_back_says_why():
    (act,) = [
        a for a in find_acts("According to the vendor, all is tested.", withheld=True) if a.act == "assurance"
    ]
    assert act.withheld.startswith("attributed: according to")
    assert act.attribution.startswith("according to the vendor")


def test_a_hedge_and_a_condition_are_given_as_written():
    (hedged,) = find_acts("Såvitt vi vet fungerar överföringen.")
    assert (hedged.act, hedged.hedge) == ("assurance", "såvitt vi vet")
    (warned,) = find_acts("If the generator fails to start, the theatres go dark.")
    assert (warned.act, warned.condition) == ("warning", "if")


def test_a_task_has_its_owner_and_deadline():
    (task,) = find_acts("AP: driftchefen uppdaterar listan senast fredag.")
    assert (task.act, task.owner, task.due) == ("action", "driftchefen", "senast fredag")
