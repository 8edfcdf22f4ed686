"""Speech acts against sentences that were labelled before the rules and apart from them (sentences/GUIDE.md).

Three parts. The first half was written before the rules and open to whoever wrote them. The second half was written then too,
scored unseen (recall of assurances and warnings 0.36 to 0.50), and then opened and worked on. The third part was written
after the rules by somebody who did not see them, and never opened by whoever works on them; one sentence of it ("fingers
crossed"), read as an assurance, was looked at and mended. It tells what to expect of new text: twice scored by numbers alone,
it gave precision 0.79 to 1.00 and recall 0.50 to 0.70, and the rounds of work between the two moved neither. Tolerated labels
count neither way.
"""

import tomllib
from pathlib import Path

import pytest

from rca.claims import ActClass, find_acts

FOLDER = Path(__file__).parent / "sentences"
PARTS = ("first_half", "second_half", "third_part")
CLASSES = [act.value for act in ActClass]


def sentences(*halves):
    return [
        entry
        for half in halves
        for entry in tomllib.loads((FOLDER / f"{half}.toml").read_text(encoding="utf-8"))["sentence"]
    ]


def score(entries):
    """Hits, false alarms and misses for each language and class."""
    table = {(language, name): [0, 0, 0] for language in ("en", "sv") for name in CLASSES}
    for entry in entries:
        found = {act.act.value for act in find_acts(entry["text"], language=entry["language"])}
        for name in CLASSES:
            if name in entry.get("tolerated", []):
                continue
            cell = table[entry["language"], name]
            wanted = name in entry["labels"]
            cell[0] += wanted and name in found
            cell[1] += not wanted and name in found
            cell[2] += wanted and name not in found
    return table


def share(part, rest):
    return part / (part + rest) if part + rest else 1.0


def as_text(table):
    lines = ["lang class       hits false missed  precision recall"]
    for (language, name), (hits, false, missed) in sorted(table.items()):
        precision, recall = share(hits, false), share(hits, missed)
        lines.append(f"{language:4} {name:10} {hits:5} {false:5} {missed:6} {precision:9.2f} {recall:7.2f}")
    return "\n".join(lines)


def misread(entries):
    """How many sentences are read as an assurance although nobody asserts one."""
    return sum(
        not entry["asserted"]
        and any(act.act is ActClass.ASSURANCE for act in find_acts(entry["text"], language=entry["language"]))
        for entry in entries
    )


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("name", ["decision", "assurance", "warning"])
def test_the_classes_that_matter_are_found_precisely_on_all_sentences(name, language):
    table = score(sentences(*PARTS))
    hits, false, missed = table[language, name]
    assert hits + missed >= 20
    assert share(hits, false) >= 0.9, as_text(table)
    assert share(hits, missed) >= 0.75, as_text(table)


@pytest.mark.parametrize("half", PARTS)
def test_no_sentence_that_asserts_nothing_is_read_as_an_assurance(half):
    assert misread(sentences(half)) == 0


@pytest.mark.parametrize("half", ["first_half", "second_half"])
def test_what_the_rules_were_worked_out_on_is_read_as_well(half):
    table = score(sentences(half))
    for language in ("en", "sv"):
        for name in ("decision", "assurance", "warning"):
            hits, false, missed = table[language, name]
            assert share(hits, false) >= 0.9, as_text(table)
            assert share(hits, missed) >= 0.75, as_text(table)


def test_wording_that_no_rule_was_worked_out_on_is_found_half_of_the_time():
    """What to expect of new text: most of what is proposed is right, and nearly half of what was said is missed."""
    table = score(sentences("third_part"))
    for language in ("en", "sv"):
        for name in ("decision", "assurance", "warning"):
            hits, false, missed = table[language, name]
            assert share(hits, false) >= 0.75, as_text(table)
            assert share(hits, missed) >= 0.5, as_text(table)


WRAPPED = {
    "sv": [
        "Om {} så startar vi.", "Vi hoppas att {}.", "Leverantören säger att {}.", "Stämmer det att {}?", "Jag tvivlar på att {}.",
        "Det är inte sant att {}.", "Målet är att {}.", "Ingen kan garantera att {}.", "Enligt projektledaren {}.", "{}, eller?",
        "Vi trodde att {}.", "{}, hävdar leverantören.", "”{}”, sade chefen.", "> {}.", "När {} kan vi börja.", "Tänk om {}.",
        "Det återstår att se om {}.", "Han lovade att {}.", "Det påstås att {}.", "Skenet av att {} bedrar.",
    ],
    "en": [
        "If {}, we start.", "We hope that {}.", "The supplier says {}.", "Is it true that {}?", "I doubt that {}.",
        "It is not true that {}.", "The aim is that {}.", "Nobody can guarantee that {}.", "{}, right?", "We thought that {}.",
        "According to the project manager, {}.", "{}, claims the supplier.", "“{}”, said the director.", "> {}.", "Imagine that {}.",
        "Once {}, we can begin.", "It remains to be seen whether {}.", "He promised that {}.", "Allegedly, {}.",
        "The impression that {} is misleading.",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "sv"])
def test_an_assurance_within_a_doubt_a_hope_a_report_or_a_question_is_none(language):
    plain = [
        entry["text"].rstrip(".! ")
        for entry in sentences("first_half", "second_half")
        if entry["labels"] == ["assurance"] and entry["language"] == language
    ]
    whole = [text for text in plain if "!" not in text]  # "Done! Results are rolling in" is two sentences
    assert len(whole) >= 40
    for wrapper in WRAPPED[language]:
        for text in whole:
            inner = text if wrapper.startswith(("{", "“", "”", ">")) else text[0].lower() + text[1:]
            found = find_acts(wrapper.format(inner), language=language)
            assert not any(act.act is ActClass.ASSURANCE for act in found), wrapper.format(inner)


def test_the_language_is_told_from_the_sentence_itself():
    entries = sentences("first_half")
    wrong = sum(
        any(act.language != entry["language"] for act in find_acts(entry["text"])) for entry in entries
    )
    assert wrong <= len(entries) * 0.02
