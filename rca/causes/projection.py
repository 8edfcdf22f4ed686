"""Projections of the causal graph onto networkx: the whole typed graph, and causes with their effects only.

The decision hidden here: the names of edges and of node data that figures, rules and the user's own code rely on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rca.causes.graph import Basis, CausalGraph, EdgeKind, Node, NodeKind

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["causal_graph", "to_networkx"]


def to_networkx(graph: CausalGraph) -> nx.MultiDiGraph[str]:
    """The typed graph: every node with `kind`, `statement` and its attributes, every edge with `kind`.

    Edges whose other end is not in the graph lead to a node of kind `missing`, so that rules can name it.
    """
    import networkx as nx

    out: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in graph:
        out.add_node(node.id, **_data(node))
    for node in graph:
        if node.kind is NodeKind.MECHANISM:
            for cause in node["causes"]:
                _edge(out, cause, node.id, EdgeKind.INPUT, polarity="+")
            _edge(out, node.id, node["effect"], EdgeKind.YIELDS)
        for target in _list(node, "guards"):
            _edge(out, node.id, target, EdgeKind.GUARDS)
        for factor in _list(node, "defeated_by"):
            _edge(out, factor, node.id, EdgeKind.DEFEATS)
        for target in _list(node, "addresses"):
            _edge(out, node.id, target, EdgeKind.ADDRESSES)
        if node.kind is NodeKind.ELEMENT and node["parent"]:
            _edge(out, node.id, node["parent"], EdgeKind.PART_OF)
        for link in node.evidence:
            name = f"evidence:{link.citation}"
            if name not in out:
                facts = graph.facts(link.citation)
                out.add_node(
                    name,
                    kind=NodeKind.EVIDENCE.value,
                    citation=link.citation,
                    statement=facts.message if facts else "",
                    is_resolved=facts is not None,
                )
            _edge(
                out,
                name,
                node.id,
                EdgeKind.BEARS_ON,
                act=link.act.value,
                rating=link.rating.value,
                note=link.note,
            )
    return out


def _data(node: Node) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": node.kind.value, "statement": node.statement, "where": node.where}
    data.update(
        {key: list(value) if isinstance(value, tuple) else value for key, value in node.attributes.items()}
    )
    if node.kind is NodeKind.FACTOR:
        data["level"] = int(node["level"]) if node["level"] else None
        data["focal"] = node["focal"] == "true"
        data["status"] = node["status"] or "in_force"
    if node.kind is NodeKind.MECHANISM:
        data["how"] = node.statement
    return data


def _list(node: Node, key: str) -> tuple[str, ...]:
    value = node[key]
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _edge(out: nx.MultiDiGraph[str], source: str, target: str, kind: EdgeKind, **data: Any) -> None:
    for end in (source, target):
        if end not in out:
            out.add_node(end, kind="missing", statement="")
    out.add_edge(source, target, key=kind.value, kind=kind.value, **data)


def causal_graph(graph: CausalGraph) -> nx.DiGraph[str]:
    """An edge from each cause to its effect, with the ids of the mechanisms; rejected mechanisms are left out."""
    import networkx as nx

    out: nx.DiGraph[str] = nx.DiGraph()
    out.add_nodes_from(node.id for node in graph.factors)
    for mechanism in graph.mechanisms:
        if mechanism["basis"] == Basis.REJECTED:
            continue
        for cause in mechanism["causes"]:
            if cause in graph and mechanism["effect"] in graph:
                known = out.get_edge_data(cause, mechanism["effect"], {}).get("mechanisms", ())
                out.add_edge(cause, mechanism["effect"], mechanisms=(*known, mechanism.id))
    return out
