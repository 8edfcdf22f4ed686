"""Every sentence with its citations; the report in a page whose links lead somewhere."""

import re

import pytest

from rca.errors import CaseError, UsageError
from rca.report import RULES, CitedNarrative, parse_narrative
from rca.rules import run

TEXT = """# Title

<!-- a comment. With a sentence. -->
## The start

It began at 05:30 [E1#M074]. Nobody was hurt, e.g. in Dr. A's ward [E1#M075; E2:L4].
This one cites nothing.

- A bullet cites [E1#M076].
"""


def test_sentences_know_their_citations_and_lines():
    found = parse_narrative(TEXT)
    assert [(s.citations, s.line) for s in found.sentences] == [
        (("E1#M074",), 6),
        (("E1#M075", "E2:L4"), 6),
        ((), 7),
        (("E1#M076",), 9),
    ]
    assert found.sentences[0].text == "It began at 05:30."
    assert [s.slug for s in found.sections] == ["title", "the-start"]
    assert found.citations == ("E1#M074", "E1#M075", "E2:L4", "E1#M076")


def test_uncited_and_dangling_sentences_are_named_with_their_line():
    subject = CitedNarrative(parse_narrative(TEXT), frozenset({"E1#M074", "E1#M075", "E1#M076"}))
    issues = run(RULES, subject).issues
    assert [(i.code, i.where) for i in issues] == [("RCA162", "narrative.md:6"), ("RCA161", "narrative.md:7")]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_a_rule_fires_on_its_example(rule):
    subject = CitedNarrative(parse_narrative(rule.example), frozenset())
    assert rule.code in run(RULES, subject).issues.counts


def test_every_sentence_of_the_shipped_case_cites_what_is_there(shipped):
    sentences = shipped.narrative.sentences
    assert len(sentences) > 40
    assert all(s.citations for s in sentences)
    assert not {"RCA161", "RCA162"} & set(shipped.check().counts)


def test_the_clock_times_of_the_narrative_are_those_of_the_facts(shipped):
    """What a sentence says of a date is held against the rows that it cites."""
    facts = {f"#{row['locator'][1:]}": row for row in shipped.timeline.frame.to_dict("records")}
    for sentence in shipped.narrative.sentences:
        for clock in re.findall(r"\b(\d\d:\d\d)\b", sentence.text):
            cited = [facts[c.removeprefix("E1")] for c in sentence.citations]
            local = {row["time"].tz_convert("Europe/Stockholm").strftime("%H:%M") for row in cited}
            assert clock in local, sentence.text


def test_an_unknown_section_gets_advice(shipped):
    assert "Millennium was taken into use at 05:30" in str(shipped.tell("the-three-days"))
    with pytest.raises(UsageError, match='Did you mean "the-three-days"'):
        shipped.tell("the-three-day")


def test_the_report_holds_what_a_reader_must_know_and_its_links_lead_somewhere(shipped):
    html = shipped.report().read_text(encoding="utf-8")
    body = html.split('<script type="text/plain"')[0]
    ids = set(re.findall(r'id="([^"]+)"', body)) | set(re.findall(r"id='([^']+)'", body))
    links = set(re.findall(r'href="#([^"]+)"', body))
    assert len(links) > 80
    assert links <= ids
    assert shipped.register[0].sha256 in body
    assert 'class="cite lost"' not in body
    for code in shipped.check().counts:
        assert code in body
    assert "http-equiv" in body
    assert (
        "2026-"
        not in re.sub(r"<pre>.*?</pre>", "", body.split("evidence")[0], flags=re.DOTALL).split("<table")[0]
    )


def test_the_report_is_the_same_every_time(shipped, tmp_path):
    assert shipped.report(tmp_path / "a").read_bytes() == shipped.report(tmp_path / "b").read_bytes()


def test_a_failing_cell_is_told_in_one_line(shipped, tmp_path):
    import json

    cell = {
        "cell_type": "code",
        "id": "x",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": "1/0",
    }
    path = tmp_path / "bad.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    with pytest.raises(CaseError, match="ZeroDivisionError"):
        shipped.report(tmp_path, notebook=path)
