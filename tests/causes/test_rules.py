"""Each rule fires on its own example, and is silent once the example is mended."""

import time

import pytest

from rca.causes import RULES, CausalGraph, EvidenceFacts, load_graph
from rca.rules import load_profile, profile_names, run

FACTS = {
    "E1#good": EvidenceFacts("E1", "good", 0, 10, 20, "A", "1"),
    "E1#weak": EvidenceFacts("E1", "weak", 0, 10, 20, "D", "3"),
}

MENDS = {
    "RCA101": ("stop_reason: unknown, more data needed\n", "stop_reason: unknown, more data needed\n    evidence: ['E1#good']\n"),
    "RCA102": ("['E1#weak']", "['E1#weak', 'E1#good']"),
    "RCA106": ("'E1#gone'", "'E1#good'"),
    "RCA202": ("'2024-11-12T07:00:00Z'", "'2024-11-12T05:30:00Z'"),
    "RCA301": ("  b:\n    statement: Work took longer\n    evidence: ['E1#good']\n    because:\n    - id: e2\n      causes: [a]\n      evidence: ['E1#good']\n",
               "  b:\n    statement: Work took longer\n    stop_reason: outside control\n    evidence: ['E1#good']\n"),
    "RCA302": ("stop_reason: outside control\n", "stop_reason: outside control\n    status: context\n"),
    "RCA303": ("    because:\n    - id: e1\n      causes: [nobody-wrote-this]\n      evidence: ['E1#good']\n", "    stop_reason: outside control\n"),
    "RCA321": ("focal: true\n", "focal: true\n    stop_reason: accepted constant\n"),
    "RCA341": ("    stop_reason: accepted constant\n", "    because:\n    - id: e1\n      causes: [form]\n      evidence: ['E1#good']\n"),
    "RCA402": ("- cite: 'E1#good'\n      note: the assurance itself\n", "- 'E1#good'\n"),
    "RCA602": ("Personalen försummade kontrollen", "Kontrollen gjordes inte"),
    "RCA603": ("Anna Svensson took the call", "The nurse on duty took the call"),
}  # fmt: skip


def codes(tmp_path, text):
    name = "claims.yaml" if text.startswith("claims") else "graph.yaml"
    (tmp_path / name).write_text(text, encoding="utf-8")
    graph = load_graph(tmp_path).resolve(lambda _citations: FACTS)
    return set(run(RULES, graph).issues.counts)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_a_rule_fires_on_its_example_alone_and_is_silent_once_mended(rule, tmp_path):
    found = codes(tmp_path, rule.example)
    assert rule.code in found
    assert found - {rule.code} == (
        {"RCA402"} - {rule.code} if rule.example.startswith("claims") else set()
    ), found
    old, new = MENDS[rule.code]
    assert old in rule.example
    assert rule.code not in codes(tmp_path, rule.example.replace(old, new))


def test_human_error_as_the_last_answer_is_an_error_in_both_languages():
    for words in ("Handhavandefel vid registreringen", "The cause was human error", "Mänskliga faktorn"):
        g = CausalGraph()
        g.factor("f", words, focal=True)
        assert len(hits(g, "RCA341")) == 1, words


def test_every_rule_says_why_how_and_from_where():
    for rule in RULES:
        assert rule.why
        assert rule.mend
        assert rule.source
        assert rule.code.startswith("RCA")
    assert len({r.code for r in RULES}) == len({r.short for r in RULES}) == len(RULES)
    asked = {"G1", "G2", "G3", "V1", "V2", "T2", "H1", "H2", "H3", "R1", "A2"}
    assert asked <= {r.short for r in RULES}


@pytest.mark.parametrize("name", profile_names())
def test_profiles_speak_of_rules_that_exist(name):
    from rca.case import all_rules

    assert set(load_profile(name).severities) <= {r.code for r in all_rules()}


def graph_of(edges, focal="f0", n=None):
    g = CausalGraph()
    nodes = {x for e in edges for x in e} | {focal} | {f"f{i}" for i in range(n or 0)}
    for node in sorted(nodes):
        g.factor(node, node, focal=node == focal)
    for cause, effect in edges:
        g.because(effect, cause, id=f"m-{cause}-{effect}")
    return g


def hits(graph, code):
    rule = next(r for r in RULES if r.code == code)
    return [h.message for h in rule.check(graph)]


def test_the_shortest_circle_is_told():
    g = graph_of([("f1", "f2"), ("f2", "f3"), ("f3", "f1"), ("f2", "f1"), ("f1", "f0")])
    assert hits(g, "RCA301") == ["f1 is among its own causes: f1 → f2 → f1"]


def test_testimony_alone_never_puts_a_cause_after_its_effect():
    g = CausalGraph()
    g.factor("effect", "x", focal=True, evidence=["E1#early"])
    g.factor("cause", "y", evidence=["E1#late"])
    g.because("effect", "cause", id="m")
    facts = {"E1#early": EvidenceFacts("E1", "", 0, 10), "E1#late": EvidenceFacts("E1", "", 50, 60)}
    g.resolve(lambda _c: facts)
    assert hits(g, "RCA202") == []
    g.evidence("effect", "E1#early", act="shows")
    g.evidence("cause", "E1#late", act="shows")
    g.resolve(lambda _c: facts)
    assert len(hits(g, "RCA202")) == 1


def test_overlapping_times_are_no_error():
    g = CausalGraph()
    for name, low, high in (
        ("effect", "2024-11-12T05:00:00Z", "2024-11-12T07:00:00Z"),
        ("cause", "2024-11-12T06:00:00Z", "2024-11-12T08:00:00Z"),
    ):
        g.factor(name, name, earliest=low, latest=high)
    g.because("effect", "cause", id="m")
    assert hits(g, "RCA202") == []


def test_an_assurance_that_rested_on_something_older_is_silent():
    g = CausalGraph()
    g.claim("a", "Ready", sort="assurance", asserted_at="2024-11-11", evidence=["E1#old"])
    g.resolve(lambda _c: {"E1#old": EvidenceFacts("E1", "", 0, 1, known=1_731_200_000 * 10**9)})
    assert hits(g, "RCA402") == []
    g.resolve(lambda _c: {"E1#old": EvidenceFacts("E1", "", 0, 1, known=1_741_200_000 * 10**9)})
    assert len(hits(g, "RCA402")) == 1


def test_ten_thousand_factors_are_checked_in_seconds():
    g = graph_of([(f"f{n}", f"f{n // 2}") for n in range(1, 10_000)])
    begin = time.perf_counter()
    assert hits(g, "RCA301") == []
    assert hits(g, "RCA302") == []
    assert time.perf_counter() - begin < 5
