"""The graph: verbs that may be said twice, text that git can merge, sheets that come in with nothing added."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.causes import CausalGraph, EvidenceFacts, EvidenceLink, load_graph, save_graph, slug
from rca.causes.sheets import (
    LevelRule,
    SheetMapping,
    import_assurances,
    import_criteria,
    import_factors,
    parse_sheet_mapping,
)
from rca.errors import CaseError, EvidenceError, FormatError, UsageError


def small():
    g = CausalGraph()
    g.factor("o1-harm", "Patients were at risk", focal=True, evidence=["E1#M1"])
    g.factor(
        "c1-lost",
        "Words were lost",
        level=6,
        band="technical",
        evidence=["E1#M2", EvidenceLink("E1#M3", note="why")],
    )
    g.factor("c2-test", "Tests came late", level=5, stop_reason="actionable in scope")
    g.because("c1-lost", "c2-test", id="e1", how="no test found it", basis="inference", evidence=["E1#M4"])
    g.because("o1-harm", "c1-lost", id="e2", basis="claimed", said_by="radiology")
    g.claim(
        "a1-ready",
        "Care is ready",
        sort="assurance",
        asserted_at="2024-11-11",
        evidence=[EvidenceLink("E1#M5")],
    )
    g.claim("r1-words", "No word is lost", sort="criterion", domain="data integrity")
    g.action("act1", "Test each interface", addresses=["c2-test"], owner="test manager")
    return g


def test_saying_a_thing_twice_changes_nothing():
    g = small()
    before = list(g)
    g.factor("c2-test", "Tests came late", level=5, stop_reason="actionable in scope")
    g.because("o1-harm", "c1-lost", id="e2", basis="claimed", said_by="radiology")
    g.evidence("c1-lost", "E1#M2")
    assert list(g) == before


def test_a_different_thing_under_the_same_id_is_an_error_that_names_both():
    g = small()
    with pytest.raises(CaseError, match="Tests came late and Tests came early"):
        g.factor("c2-test", "Tests came early", level=5, stop_reason="actionable in scope")
    with pytest.raises(CaseError, match="level: 5 and 6"):
        g.factor("c2-test", "Tests came late", level=6, stop_reason="actionable in scope")


@pytest.mark.parametrize(
    "say, message",
    [
        (lambda g: g.factor("Not A Slug", "x"), "not-a-slug"),
        (lambda g: g.factor("x", "x", lvel=3), 'Did you mean "level"'),
        (lambda g: g.factor("x", "x", level=9), '"9" is no level'),
        (lambda g: g.factor("x", "x", stop_reason="tired"), "stop_reason"),
        (lambda g: g.because("c1-lost"), "because of what"),
        (lambda g: g.because("c1-lost", "c2-test", join="sometimes"), "join"),
        (lambda g: g.factor("x", "x", evidence=["M101"]), "no citation"),
        (lambda g: g["c1-lots"], 'Did you mean "c1-lost"'),
    ],
)
def test_wrong_words_get_advice(say, message):
    with pytest.raises(UsageError, match=message):
        say(small())


def test_networkx_gets_every_node_and_edge_with_its_kind():
    nx = small().nx
    assert nx.nodes["c1-lost"]["kind"] == "factor"
    assert nx.nodes["c1-lost"]["level"] == 6
    kinds = sorted({(u, v, d["kind"]) for u, v, d in nx.edges(data=True)})
    assert ("c2-test", "e1", "input") in kinds
    assert ("e1", "c1-lost", "yields") in kinds
    assert ("evidence:E1#M2", "c1-lost", "bears_on") in kinds
    assert ("act1", "c2-test", "addresses") in kinds


def test_a_rejected_link_stays_visible_and_carries_no_cause():
    g = small()
    g.factor("x1-attack", "The websites went down", status="context")
    g.because("o1-harm", "x1-attack", id="e9", basis="rejected")
    assert not g.causal().has_edge("x1-attack", "o1-harm")
    assert "e9" in g.nx


def test_only_what_shows_passes_its_moment_on():
    facts = {"E1#M2": EvidenceFacts("E1", "x", 10, 20)}
    g = small().resolve(lambda _citations: facts)
    assert g.bounds("c1-lost") == (None, None)
    g.evidence("c1-lost", "E1#M2", act="shows")
    g.resolve(lambda _citations: facts)
    assert g.bounds("c1-lost") == (10, 20)


# -- text -------------------------------------------------------------------------------------------------


def equal(one, two):
    from dataclasses import replace

    return [replace(n, where="") for n in one] == [replace(n, where="") for n in two]


def test_a_graph_saved_and_loaded_is_the_same_and_saving_again_writes_nothing(tmp_path):
    written = save_graph(small(), tmp_path)
    assert [p.name for p in written] == ["graph.yaml", "claims.yaml", "criteria.yaml", "actions.yaml"]
    loaded = load_graph(tmp_path)
    assert equal(loaded, small())
    assert save_graph(loaded, tmp_path) == []
    assert loaded["c1-lost"].where.startswith("graph.yaml:")


HAND = """\
# our graph
factors:
    b-two:   # the second
        statement: "no"
        evidence: ["E1#M2"]   # seen twice
    d-four:
        statement: yes
        note: 007
"""


def test_a_hand_written_file_is_not_touched_while_nothing_changes(tmp_path):
    (tmp_path / "graph.yaml").write_text(HAND)
    g = load_graph(tmp_path)
    assert save_graph(g, tmp_path) == []
    assert (tmp_path / "graph.yaml").read_text() == HAND
    assert (g["b-two"].statement, g["d-four"].statement, g["d-four"]["note"]) == ("no", "yes", "007")


def test_a_new_entry_stands_in_its_place_and_comments_stay(tmp_path):
    (tmp_path / "graph.yaml").write_text(HAND)
    g = load_graph(tmp_path)
    g.factor("c-three", "true: it happened")
    save_graph(g, tmp_path)
    text = (tmp_path / "graph.yaml").read_text()
    assert "# our graph" in text
    assert "# the second" in text
    assert "# seen twice" in text
    assert text.index("b-two") < text.index("c-three") < text.index("d-four")
    assert equal(load_graph(tmp_path), g)
    assert '"no"' in text


@pytest.mark.parametrize(
    "text, message, line",
    [
        ("factors:\n  a:\n    statement: x\n    levle: 3\n", 'Did you mean "level"', 4),
        ("factors:\n  a:\n    statement: x\n  a:\n    statement: y\n", "Not one entry a key", 4),
        ("factors:\n  a: &anchor\n    statement: x\n", "anchors", 2),
        ("factors:\n  a: *name\n", "aliases|undefined", 2),
        ("factors:\n  a: !!python/object:os.system\n    statement: x\n", "tags", 2),
        ("factors:\n  a:\n    statement: [x\n", "Not valid YAML", None),
        ("factors:\n  a:\n    level: 3\n", "no statement", 2),
        ("factors:\n  - a\n", "mapping", 1),
        ("factros:\n  a:\n    statement: x\n", 'Did you mean "factors"', 1),
        ("- a\n", "mapping of sections", 1),
        ("factors:\n  a:\n    statement: x\n    evidence: [M101]\n", "no citation", 2),
        ("factors: {}\n---\nfactors: {}\n", "more than one document", 2),
    ],
)  # fmt: skip
def test_malformed_text_is_refused_with_its_line(tmp_path, text, message, line):
    (tmp_path / "graph.yaml").write_text(text)
    with pytest.raises(FormatError, match=message) as caught:
        load_graph(tmp_path)
    assert "graph.yaml" in caught.value.where
    if line is not None:
        assert caught.value.where.endswith(f":{line}")


def test_an_alias_bomb_is_refused_at_once(tmp_path):
    bomb = "a: &a [x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(24)
    )
    (tmp_path / "graph.yaml").write_text(bomb)
    with pytest.raises(FormatError, match="anchors"):
        load_graph(tmp_path)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20).filter(
    str.strip
)


@settings(max_examples=40, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(0, 2**16), WORDS)
def test_any_graph_survives_its_text(tmp_path_factory, statements, seed, word):
    folder = tmp_path_factory.mktemp("graph")
    rng = random.Random(seed)
    g = CausalGraph()
    for n, text in enumerate(statements):
        g.factor(f"f{n}", text, said_by=word, evidence=[f"E1#M{k}" for k in range(rng.randrange(3))])
    for n in range(1, len(statements)):
        g.because(f"f{n - 1}", f"f{n}", id=f"m{n}", how=word)
    save_graph(g, folder)
    assert equal(load_graph(folder), g)


def test_slugs_are_readable_and_short():
    assert slug("Å, ä och ö: 3 ord!") == "a-a-och-o-3-ord"
    assert len(slug("word " * 40, most=30)) <= 30


# -- sheets -----------------------------------------------------------------------------------------------

FACTORS = "factor_id,statement,level,supporting_fact_ids,who_says_so\nC1,Tests came late,procedural,M1;M2,review\nO1,Harm,outcome,M3,\n"
EDGES = "edge_id,cause_id,effect_id,who_claims,supporting_fact_ids,basis,note\nE1,C1,O1,review,M2,claimed (as possible),found late\n"
LEVELS = SheetMapping(
    "E7",
    {"procedural": LevelRule("procedural", "r", "5"), "outcome": LevelRule("outcome", "r", is_outcome=True)},
)


@pytest.fixture
def sheets(tmp_path):
    (tmp_path / "f.csv").write_text(FACTORS)
    (tmp_path / "e.csv").write_text(EDGES)
    return tmp_path / "f.csv", tmp_path / "e.csv"


def test_a_sheet_becomes_the_graph_and_nothing_is_added(sheets):
    g = import_factors(CausalGraph(), *sheets, mapping=LEVELS)
    cause, effect = g["c1-tests-came-late"], g["o1-harm"]
    assert [e.citation for e in cause.evidence] == ["E7#M1", "E7#M2"]
    assert (cause["level"], effect["focal"], effect["level"]) == ("5", "true", None)
    assert cause["stop_reason"] is None
    (mechanism,) = g.mechanisms
    assert (mechanism["join"], mechanism["basis"], mechanism.statement) == (
        "undetermined",
        "claimed_possible",
        "found late",
    )


@pytest.mark.parametrize(
    "old, new, message, place",
    [
        ("procedural", "procedurel", "no entry in the mapping", "f.csv:2"),
        ("factor_id", "factor_idd", "factor_idd", "f.csv:1"),
        ("statement,level", "level,level2", "level2", "f.csv:1"),
        ("O1,Harm", "C1,Harm", "stands twice", "f.csv:3"),
    ],
)
def test_a_wrong_factor_sheet_is_refused_with_its_line(sheets, old, new, message, place):
    sheets[0].write_text(FACTORS.replace(old, new))
    with pytest.raises(FormatError, match=message) as caught:
        import_factors(CausalGraph(), *sheets, mapping=LEVELS)
    assert caught.value.where.endswith(place)


def test_a_dangling_edge_is_refused_with_its_line(sheets):
    sheets[1].write_text(EDGES.replace("E1,C1,O1", "E1,C9,O1"))
    with pytest.raises(FormatError, match='no factor "C9"') as caught:
        import_factors(CausalGraph(), *sheets, mapping=LEVELS)
    assert caught.value.where.endswith("e.csv:2")
    with pytest.raises(EvidenceError, match="There is no file"):
        import_factors(CausalGraph(), sheets[0], sheets[0].with_name("absent.csv"))


def test_a_level_needs_a_reason():
    with pytest.raises(FormatError, match="reason"):
        parse_sheet_mapping({"levels": {"x": {"level": "3"}}}, origin="m.toml")


def test_the_millennium_sheets_come_in_whole(shared):
    import tomllib

    folder = shared / "cases" / "millennium-vgr-2024"
    text = (
        Path(__file__).resolve().parents[2] / "data" / "millennium-vgr-2024" / "graph-import.toml"
    ).read_text(encoding="utf-8")
    mapping = parse_sheet_mapping(tomllib.loads(text), origin="graph-import.toml")
    g = import_factors(
        CausalGraph(), folder / "causal_factors.csv", folder / "causal_edges.csv", mapping=mapping
    )
    import_assurances(g, folder / "assurances_vs_reality.csv", mapping=mapping)
    import_criteria(g, folder / "reinstatement_criteria.csv", mapping=mapping)
    assert (len(g.factors), len(g.mechanisms)) == (40, 52)
    assert (len(g.claims("assurance")), len(g.claims("criterion"))) == (24, 18)
    assert {m["basis"] for m in g.mechanisms} == {"claimed", "claimed_possible", "inference", "rejected"}
    assert [c["threshold"] for c in g.claims("criterion")] == [None] * 18
