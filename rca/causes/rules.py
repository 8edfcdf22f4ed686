"""The rules of the causal graph: an investigation linted as one lints code.

The decision hidden here: what each rule asks of a `CausalGraph` whose citations were looked up. Every rule says why it
matters, how to mend it, and carries an example that breaks it, which is its test.
"""

from __future__ import annotations

from collections.abc import Iterator

from rca.causes.graph import EDGES, Basis, CausalGraph, EdgeKind, Node, NodeKind, Rating, StopReason
from rca.errors import Severity
from rca.moments.instants import SECOND, format_instant
from rca.moments.moment import Precision
from rca.moments.stamps import compile_layout
from rca.privacy.language import find_human_error, find_wordings
from rca.privacy.names import find_names
from rca.rules import Hit, Rule, Stage

__all__ = ["RULES"]


def _cycles(graph: CausalGraph) -> Iterator[Hit]:
    import networkx as nx

    causal = graph.causal()
    for component in sorted(nx.strongly_connected_components(causal), key=min):
        loops = len(component) > 1 or any(causal.has_edge(n, n) for n in component)
        if not loops:
            continue
        cycle = min(_shortest_cycles(causal, component), key=lambda c: (len(c), c))
        story = " → ".join([*cycle, cycle[0]])
        yield Hit(graph[cycle[0]].where or cycle[0], f"{cycle[0]} is among its own causes: {story}")


def _shortest_cycles(causal, component) -> Iterator[list[str]]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    import networkx as nx

    inside = causal.subgraph(component)
    for node in sorted(component)[:200]:
        if inside.has_edge(node, node):
            yield [node]
            return
        best = None
        for after in sorted(inside.successors(node)):
            path = nx.shortest_path(inside, after, node)
            if best is None or len(path) < len(best):
                best = path
        if best is not None:
            yield [node, *best[:-1]]


def _unlinked(graph: CausalGraph) -> Iterator[Hit]:
    import networkx as nx

    focal = [n.id for n in graph.factors if n["focal"] == "true"]
    if not graph.factors:
        return
    if not focal:
        yield Hit("analysis/graph.yaml", "No factor is focal: the graph explains nothing in particular")
        return
    causal = graph.causal()
    reaching = set(focal).union(*(nx.ancestors(causal, f) for f in focal))
    for node in graph.factors:
        if node.id not in reaching and node["status"] != "context":
            yield Hit(node.where or node.id, f"{node.id} leads to no focal factor")


def _endpoints(graph: CausalGraph) -> Iterator[Hit]:
    full = graph.nx
    kinds = {name: str(data["kind"]) for name, data in full.nodes(data=True)}
    for source, target, data in sorted(full.edges(data=True), key=lambda e: (e[0], e[1], e[2]["kind"])):
        pair = (kinds[source], kinds[target])
        where = full.nodes[target].get("where") or full.nodes[source].get("where") or target
        if "missing" in pair:
            lost = source if pair[0] == "missing" else target
            yield Hit(where, f'{data["kind"]} leads to "{lost}", which is not in the graph')
        elif (NodeKind(pair[0]), NodeKind(pair[1])) not in EDGES[EdgeKind(data["kind"])]:
            yield Hit(where, f"{data['kind']} cannot join {source} ({pair[0]}) to {target} ({pair[1]})")


_FOR = (Rating.C, Rating.CC)
_AGAINST = (Rating.I, Rating.II)


def _supports(graph: CausalGraph, node: Node) -> list[str]:
    """The citations that speak for a node and lead to an event."""
    return [e.citation for e in node.evidence if e.rating in _FOR and graph.facts(e.citation) is not None]


def _unsupported(graph: CausalGraph) -> Iterator[Hit]:
    for node in graph:
        is_claimed = node.kind is NodeKind.MECHANISM and node["basis"] != Basis.REJECTED
        is_actual = (
            node.kind is NodeKind.FACTOR and node["actual"] in (None, "true") and node["status"] != "context"
        )
        if (is_claimed or is_actual) and not _supports(graph, node):
            yield Hit(node.where or node.id, f"{node.id} has no evidence for it")


def _dangling(graph: CausalGraph) -> Iterator[Hit]:
    for node in graph:
        for link in node.evidence:
            if graph.facts(link.citation) is None:
                yield Hit(node.where or node.id, f"{node.id} cites {link.citation}, where nothing stands")


def _thin(graph: CausalGraph) -> Iterator[Hit]:
    for node in graph.factors:
        if node["status"] == "context":
            continue
        facts = [f for c in _supports(graph, node) if (f := graph.facts(c)) is not None]
        if len(facts) != 1:
            continue
        letter, digit = facts[0].reliability or "F", facts[0].credibility or "6"
        if letter > "C" or digit > "3":
            grade = f"{facts[0].reliability or '?'}{facts[0].credibility or '?'}"
            yield Hit(node.where or node.id, f"{node.id} rests on one source, graded {grade}")


def _order_in_time(graph: CausalGraph) -> Iterator[Hit]:
    for mechanism in graph.mechanisms:
        if mechanism["basis"] == Basis.REJECTED or mechanism["effect"] not in graph:
            continue
        _, effect_latest = graph.bounds(mechanism["effect"])
        for cause in mechanism["causes"]:
            if cause not in graph:
                continue
            cause_earliest, _ = graph.bounds(cause)
            if cause_earliest is None or effect_latest is None:
                continue
            if cause_earliest >= effect_latest:
                yield Hit(
                    mechanism.where or mechanism.id,
                    f"{cause} began at {format_instant(cause_earliest)} or later, after its effect "
                    f"{mechanism['effect']}, which began before {format_instant(effect_latest)}",
                )


def _person_at_the_end(graph: CausalGraph) -> Iterator[Hit]:
    for node in _leaves(graph):
        if node["status"] == "context":
            continue
        phrase = find_human_error(node.statement)
        if phrase:
            yield Hit(node.where or node.id, f'{node.id} ends the question why with "{phrase}"')
        elif node["form"] in ("event", "omission") and node["layer"] == "M":
            did = "did" if node["form"] == "event" else "did not do"
            yield Hit(node.where or node.id, f"{node.id} ends the question why with what a person {did}")


def _leaves(graph: CausalGraph) -> list[Node]:
    explained = {m["effect"] for m in graph.mechanisms if m["basis"] != Basis.REJECTED}
    return [node for node in graph.factors if node.id not in explained]


def _judging(graph: CausalGraph) -> Iterator[Hit]:
    for node in graph:
        for wording in find_wordings(node.statement):
            word = "judges" if wording.kind == "blame" else "speaks with hindsight"
            yield Hit(node.where or node.id, f'{node.id} {word}: "{wording.text}"')


def _named(graph: CausalGraph) -> Iterator[Hit]:
    for node in graph:
        words = [
            node.statement,
            *(str(v) for k, v in node.attributes.items() if k not in ("source_id", "sort")),
        ]
        for name in dict.fromkeys(found for text in words for _, _, found in find_names(text)):
            yield Hit(node.where or node.id, f'{node.id} names a person: "{name}"')


def _stop_reasons(graph: CausalGraph) -> Iterator[Hit]:
    for node in _leaves(graph):
        if node["status"] != "context" and node["stop_reason"] is None:
            yield Hit(node.where or node.id, f"{node.id} is where the question why ends, without a reason")


def _empty_assurances(graph: CausalGraph) -> Iterator[Hit]:
    for claim in graph.claims("assurance"):
        at = _asserted(claim)
        own = {e.citation for e in claim.evidence if e.note == "the assurance itself"}
        known = [
            c
            for c in _supports(graph, claim)
            if c not in own
            and (f := graph.facts(c)) is not None
            and f.known is not None
            and at is not None
            and f.known <= at
        ]
        if not known:
            when = f" on {claim['asserted_at']}" if claim["asserted_at"] else ""
            yield Hit(
                claim.where or claim.id,
                f"{claim.id} was given{when}; no evidence for it is known to be that old",
            )


def _asserted(claim: Node) -> int | None:
    """The end of the moment at which an assurance was given, read as UTC; None where it is not stated."""
    stamp = compile_layout("iso").parse(claim["asserted_at"] or "")
    if stamp is None or stamp.year is None:
        return None
    from rca.moments.moment import Basis as TimeBasis
    from rca.moments.settling import settle

    settled = settle([stamp], zone="UTC", zone_basis=TimeBasis.ZONE_GIVEN)
    latest = settled.latest[0]
    return None if latest is None else latest + (0 if stamp.precision is Precision.DAY else SECOND)


_GRADE = "The Admiralty scale grades sources A to F and statements 1 to 6 (NATO AJP-2.1)."

RULES: tuple[Rule, ...] = (
    Rule(
        "RCA101",
        "V1",
        "a factor or mechanism that is held to be so has no evidence",
        Severity.ERROR,
        Stage.PUBLISH,
        "What rests on nothing is a supposition. It may stand while one works; it may not be published as a finding.",
        "Cite what shows it or testifies to it, or mark the factor actual: unknown.",
        "factors:\n  screens-froze:\n    statement: Screens froze at log-in\n    focal: true\n"
        "    stop_reason: unknown, more data needed\n",
        "Ladkin & Loer 1998, Why-Because Analysis: every node is to be justified.",
        _unsupported,
    ),
    Rule(
        "RCA102",
        "V2",
        "a factor rests on one weak source",
        Severity.WARNING,
        Stage.PUBLISH,
        "One source graded below C3 carries little; a reader should know before relying on it.",
        "Look for a second, independent source, or say in the text how weak the support is.",
        "factors:\n  screens-froze:\n    statement: Screens froze at log-in\n    focal: true\n"
        "    stop_reason: unknown, more data needed\n    evidence: ['E1#weak']\n",
        _GRADE,
        _thin,
    ),
    Rule(
        "RCA106",
        "V6",
        "a citation of the graph leads nowhere",
        Severity.ERROR,
        Stage.DRAFT,
        "A citation that cannot be followed looks like evidence and is none.",
        "Correct the exhibit or the place; `rca show CITATION` prints what stands there. Was the exhibit ingested?",
        "factors:\n  screens-froze:\n    statement: Screens froze at log-in\n    focal: true\n"
        "    stop_reason: unknown, more data needed\n    evidence: ['E1#good', 'E1#gone']\n",
        "ISO/IEC 27037:2012, auditability of digital evidence.",
        _dangling,
    ),
    Rule(
        "RCA202",
        "T2",
        "a cause began after its effect, under every reading of the evidence",
        Severity.ERROR,
        Stage.DRAFT,
        "A cause does not follow its effect. Either a time is wrong, or the link is.",
        "Check the times with `rca show`, then the direction of the link. Testimony passes no moment on.",
        "factors:\n  early:\n    statement: Screens froze\n    focal: true\n    earliest: '2024-11-12T05:00:00Z'\n"
        "    latest: '2024-11-12T06:00:00Z'\n    evidence: ['E1#good']\n    because:\n    - id: e1\n      causes: [late]\n"
        "      evidence: ['E1#good']\n  late:\n    statement: A server was full\n"
        "    earliest: '2024-11-12T07:00:00Z'\n    latest: '2024-11-12T08:00:00Z'\n"
        "    stop_reason: actionable in scope\n    evidence: ['E1#good']\n",
        "Dechter, Meiri & Pearl 1991, temporal constraint networks.",
        _order_in_time,
    ),
    Rule(
        "RCA301",
        "G1",
        "a factor is among its own causes",
        Severity.ERROR,
        Stage.DRAFT,
        "A circle explains nothing. What looks like a loop is usually two events at two times.",
        "Split one factor of the circle into two, earlier and later, or turn a link round.",
        "factors:\n  a:\n    statement: Staff were overloaded\n    focal: true\n    evidence: ['E1#good']\n    because:\n"
        "    - id: e1\n      causes: [b]\n      evidence: ['E1#good']\n  b:\n    statement: Work took longer\n"
        "    evidence: ['E1#good']\n    because:\n    - id: e2\n      causes: [a]\n      evidence: ['E1#good']\n",
        "Ladkin & Loer 1998: a Why-Because graph is acyclic.",
        _cycles,
    ),
    Rule(
        "RCA302",
        "G2",
        "a factor leads to no outcome",
        Severity.ERROR,
        Stage.PUBLISH,
        "What leads nowhere is either context, or its link is still missing.",
        "Link it with because, mark it status: context, or mark the outcome focal: true.",
        "factors:\n  alone:\n    statement: The website was slow\n    stop_reason: outside control\n"
        "    evidence: ['E1#good']\n  screens-froze:\n    statement: Screens froze at log-in\n    focal: true\n"
        "    stop_reason: unknown, more data needed\n    evidence: ['E1#good']\n",
        "Svedung & Rasmussen 2002, AcciMap: factors are linked to the outcome.",
        _unlinked,
    ),
    Rule(
        "RCA303",
        "G3",
        "an edge joins what it cannot join",
        Severity.ERROR,
        Stage.DRAFT,
        "An edge has a meaning only between the kinds of node that it is made for.",
        "Correct the id, or add the node that is missing.",
        "factors:\n  screens-froze:\n    statement: Screens froze at log-in\n    focal: true\n    evidence: ['E1#good']\n"
        "    because:\n    - id: e1\n      causes: [nobody-wrote-this]\n      evidence: ['E1#good']\n",
        "The typed graph of this project: rca.causes.graph.EDGES.",
        _endpoints,
    ),
    Rule(
        "RCA321",
        "R1",
        "the question why ends without a reason",
        Severity.ERROR,
        Stage.PUBLISH,
        "A chain of causes can always be followed further. That it ends here is a choice, and the choice has a reason.",
        f"Write stop_reason: {', '.join(StopReason)}.",
        "factors:\n  screens-froze:\n    statement: Screens froze at log-in\n    focal: true\n    evidence: ['E1#good']\n",
        "Gano 1999, Apollo Root Cause Analysis: every path ends with a stated reason to stop.",
        _stop_reasons,
    ),
    Rule(
        "RCA341",
        "H1",
        "the question why ends at a person",
        Severity.ERROR,
        Stage.PUBLISH,
        "Human error is where an investigation begins: what made it the sensible thing to do at the time?",
        "Ask what the person knew, was told, had at hand; link those factors with because.",
        "factors:\n  wrong-box:\n    statement: The patient was registered in another field\n    form: event\n"
        "    layer: M\n    focal: true\n"
        "    stop_reason: accepted constant\n    evidence: ['E1#good']\n",
        "NPSF 2015, RCA2, rule 3: human errors must have a preceding cause. Dekker 2014.",
        _person_at_the_end,
    ),
    Rule(
        "RCA402",
        "A2",
        "an assurance was given on no evidence that is known to be as old",
        Severity.WARNING,
        Stage.PUBLISH,
        "An assurance is worth what it rested on when it was given.",
        "Cite what the speaker had in hand then (rating C), or let the warning stand: it is a finding.",
        "claims:\n  all-is-ready:\n    statement: Care is ready for the switch\n    sort: assurance\n"
        "    asserted_at: '2024-11-11'\n    evidence:\n    - cite: 'E1#good'\n      note: the assurance itself\n",
        "GSN Community Standard 3 (2021): a goal is supported by evidence.",
        _empty_assurances,
    ),
    Rule(
        "RCA602",
        "H2",
        "a statement judges, or speaks with hindsight",
        Severity.WARNING,
        Stage.PUBLISH,
        "Blame stops the question why, and hindsight asks of people what they had no way to know.",
        "Say what happened and what was known then; leave the judgement to the quotation of whoever made it.",
        "factors:\n  no-check:\n    statement: Personalen försummade kontrollen\n    focal: true\n"
        "    stop_reason: unknown, more data needed\n    evidence: ['E1#good']\n",
        "NPSF 2015, RCA2, rule 2: no negative descriptors. Dekker 2014 on hindsight.",
        _judging,
    ),
    Rule(
        "RCA603",
        "H3",
        "a statement names a person",
        Severity.WARNING,
        Stage.PUBLISH,
        "How, not who: what is published speaks of roles.",
        "Write the role instead, such as regional director (from October 2022).",
        "factors:\n  call:\n    statement: Anna Svensson took the call\n    focal: true\n"
        "    stop_reason: unknown, more data needed\n    evidence: ['E1#good']\n",
        "HSLF-FS 2017:40, the care provider's systematic work for patient safety: analyses look for causes in the system.",
        _named,
    ),
)
