"""`CausalGraph`: factors, mechanisms, barriers, claims and their evidence in one typed graph.

The decision hidden here: the model. Seven kinds of node, a table of which kinds each edge may join, and verbs that read
like speech and change nothing when said twice. A `because` is a mechanism of its own: what joined, how, who says so.
Below lies one `nx_types.MultiDiGraph`, which `g.nx` hands out.

References:
    Ladkin & Loer 1998 (Why-Because Analysis); Svedung & Rasmussen 2002 (AcciMap); Halpern & Pearl 2005 (structural
    causality). The typed graph that projects onto them is this project's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rca.errors import CaseError, UsageError, did_you_mean
from rca.evidence.locators import parse_citation

if TYPE_CHECKING:
    import networkx as nx_types

__all__ = [
    "EDGES",
    "Act",
    "Basis",
    "CausalGraph",
    "EdgeKind",
    "EvidenceFacts",
    "EvidenceLink",
    "Join",
    "Node",
    "NodeKind",
    "Rating",
    "StopReason",
    "slug",
]


class NodeKind(StrEnum):
    """What a node is."""

    FACTOR = "factor"
    MECHANISM = "mechanism"
    ELEMENT = "element"
    BARRIER = "barrier"
    CLAIM = "claim"
    EVIDENCE = "evidence"
    ACTION = "action"


class EdgeKind(StrEnum):
    """What an edge says."""

    INPUT = "input"
    YIELDS = "yields"
    PRECEDES = "precedes"
    INVOLVES = "involves"
    GUARDS = "guards"
    DEFEATS = "defeats"
    CONTROLS = "controls"
    INFORMS = "informs"
    COUPLES = "couples"
    PART_OF = "part_of"
    BEARS_ON = "bears_on"
    BACKS = "backs"
    CHALLENGES = "challenges"
    ASSERTS = "asserts"
    ADDRESSES = "addresses"
    VERIFIES = "verifies"


_F, _M, _EL, _B, _C, _EV, _A = NodeKind

EDGES: dict[EdgeKind, frozenset[tuple[NodeKind, NodeKind]]] = {
    EdgeKind.INPUT: frozenset({(_F, _M)}),
    EdgeKind.YIELDS: frozenset({(_M, _F)}),
    EdgeKind.PRECEDES: frozenset({(_F, _F)}),
    EdgeKind.INVOLVES: frozenset({(_F, _EL)}),
    EdgeKind.GUARDS: frozenset({(_B, _M)}),
    EdgeKind.DEFEATS: frozenset({(_F, _B)}),
    EdgeKind.CONTROLS: frozenset({(_EL, _EL)}),
    EdgeKind.INFORMS: frozenset({(_EL, _EL)}),
    EdgeKind.COUPLES: frozenset({(_EL, _EL)}),
    EdgeKind.PART_OF: frozenset({(_EL, _EL)}),
    EdgeKind.BEARS_ON: frozenset({(s, t) for s in (_EV, _F) for t in (_F, _M, _B, _C)}),
    EdgeKind.BACKS: frozenset({(_C, _C)}),
    EdgeKind.CHALLENGES: frozenset({(_C, _C)}),
    EdgeKind.ASSERTS: frozenset({(_EL, _C)}),
    EdgeKind.ADDRESSES: frozenset({(_A, _F), (_A, _B), (_A, _M)}),
    EdgeKind.VERIFIES: frozenset({(_C, _A), (_A, _C)}),
}
"""Which kinds of node each kind of edge may join."""


class Act(StrEnum):
    """What a piece of evidence does: the event is the factor happening, or a later statement about it."""

    SHOWS = "shows"
    TESTIFIES = "testifies"


class Rating(StrEnum):
    """How evidence bears on something: very consistent, consistent, neutral, inconsistent, very inconsistent, n/a."""

    CC = "CC"
    C = "C"
    N = "N"
    I = "I"  # noqa: E741 (the letter of the scale)
    II = "II"
    NA = "NA"


class Join(StrEnum):
    """How the inputs of a mechanism join; undetermined where nobody has argued it."""

    UNDETERMINED = "undetermined"
    ALL = "all"
    ANY = "any"
    K_OF_N = "k_of_n"


class Basis(StrEnum):
    """Whether a source claims a link, claims it as possible, the analysts infer it, or it was considered and rejected."""

    CLAIMED = "claimed"
    CLAIMED_POSSIBLE = "claimed_possible"
    INFERENCE = "inference"
    REJECTED = "rejected"


class StopReason(StrEnum):
    """Why the question "why" ends at a factor."""

    ACTIONABLE = "actionable in scope"
    OUTSIDE = "outside control"
    UNKNOWN = "unknown, more data needed"
    ACCEPTED = "accepted constant"


@dataclass(frozen=True, slots=True)
class EvidenceLink:
    """One citation under a node: what it does, how it bears, and an optional word of why."""

    citation: str
    act: Act = Act.TESTIFIES
    rating: Rating = Rating.C
    note: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What the store knows of a cited event: bounds, when its source knew it, its grade, its exhibit. UTC ns."""

    exhibit: str
    message: str = ""
    earliest: int | None = None
    latest: int | None = None
    known: int | None = None
    reliability: str | None = None
    credibility: str | None = None
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """What every node has; `attributes` holds the keys of its kind, all text, sorted."""

    id: str
    kind: NodeKind
    statement: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[EvidenceLink, ...] = ()
    where: str = ""

    def __getitem__(self, key: str) -> Any:
        return self.attributes.get(key)


FACTOR_KEYS = (
    "form", "level", "band", "layer", "actual", "focal", "status", "expected", "controllable", "stop_reason",
    "said_by", "source_id", "codes", "earliest", "latest", "bounds_reason", "note",
)  # fmt: skip
MECHANISM_KEYS = (
    "causes",
    "effect",
    "join",
    "k",
    "how",
    "basis",
    "said_by",
    "source_id",
    "lag",
    "sufficiency",
    "note",
)
CLAIM_KEYS = (
    "sort", "asserted_at", "asserted_precision", "asserted_by", "audience", "topic", "status", "gap", "metric",
    "threshold", "window", "owner", "domain", "demonstrated_by", "source_basis", "source_id", "note",
)  # fmt: skip
ELEMENT_KEYS = ("sort", "level", "parent", "responsibilities", "note")
BARRIER_KEYS = ("function", "type", "status", "guards", "defeated_by", "demanded_at", "note")
ACTION_KEYS = (
    "sort", "strength", "cost", "owner", "due", "status", "measure", "addresses", "source_id", "note",
)  # fmt: skip
KEYS: dict[NodeKind, tuple[str, ...]] = {
    NodeKind.FACTOR: FACTOR_KEYS,
    NodeKind.MECHANISM: MECHANISM_KEYS,
    NodeKind.CLAIM: CLAIM_KEYS,
    NodeKind.ELEMENT: ELEMENT_KEYS,
    NodeKind.BARRIER: BARRIER_KEYS,
    NodeKind.ACTION: ACTION_KEYS,
    NodeKind.EVIDENCE: (),
}
CLOSED: dict[str, tuple[str, ...]] = {
    "form": ("event", "state", "omission", "process", "assumption"),
    "layer": ("M", "T", "O"),
    "actual": ("true", "false", "unknown"),
    "focal": ("true", "false"),
    "controllable": ("yes", "partly", "no"),
    "stop_reason": tuple(StopReason),
    "join": tuple(Join),
    "basis": tuple(Basis),
    "level": ("1", "2", "3", "4", "5", "6"),
}
SORTS: dict[NodeKind, tuple[str, ...]] = {
    NodeKind.CLAIM: ("hypothesis", "assurance", "criterion", "constraint", "hazard", "finding"),
    NodeKind.ELEMENT: (
        "person-role", "team", "organisation", "regulator", "component", "process", "function", "document",
    ),
    NodeKind.ACTION: ("mitigate", "prevent", "detect", "process"),
}  # fmt: skip


class CausalGraph:
    """The causal graph of an investigation: say `factor`, `because`, `evidence`, `action`; ask `nx`."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._facts: dict[str, EvidenceFacts] = {}
        self._is_resolved = False
        self.documents: dict[str, Any] = {}

    # -- saying -------------------------------------------------------------------------------------------

    def factor(
        self, id: str, statement: str, *, evidence: Iterable[str | EvidenceLink] = (), **attributes: Any
    ) -> str:
        """Something that was so, or may have been: an event, a state, an omission. Hands back its id.

        Keys: form, level (AcciMap 1 to 6), band (the case's own word for it), layer (M, T, O), actual, focal, status
        (`context` for what is shown and not held causal), controllable, stop_reason, said_by, source_id.

        Raises:
            UsageError: a key or value is not in the closed lists.
            CaseError: the id says something else already.
        """
        return self._put(NodeKind.FACTOR, id, statement, attributes, evidence)

    def because(
        self,
        effect: str,
        *causes: str,
        id: str | None = None,
        join: str = Join.UNDETERMINED,
        how: str = "",
        basis: str = Basis.INFERENCE,
        evidence: Iterable[str | EvidenceLink] = (),
        **attributes: Any,
    ) -> str:
        """The effect came about through these causes: a mechanism. Hands back its id.

        `join` says how the causes join (`all`, `any`, `k_of_n` with k); it stays `undetermined` until somebody argues
        it. `basis` says whether a source claims the link or the analysts infer it; a `rejected` one stays visible and
        carries no causal meaning.

        Raises:
            UsageError: no cause is named, or an unknown key or value.
            CaseError: the id says something else already.
        """
        if not causes:
            raise UsageError(
                f"{effect} because of what?", hint="Name at least one cause: g.because(effect, cause)."
            )
        name = id or slug(f"{effect} because {' '.join(sorted(causes))}", most=80)
        given = {"effect": effect, "causes": tuple(causes), "join": join, "basis": basis, **attributes}
        return self._put(NodeKind.MECHANISM, name, how, given, evidence)

    def barrier(
        self, id: str, statement: str, *, evidence: Iterable[str | EvidenceLink] = (), **attributes: Any
    ) -> str:
        """A safeguard: its function, type, status, what it `guards` (mechanism ids) and what `defeated_by` (factors)."""
        return self._put(NodeKind.BARRIER, id, statement, attributes, evidence)

    def element(self, id: str, statement: str, **attributes: Any) -> str:
        """A role, team, organisation, component or document. Roles, never personal names."""
        return self._put(NodeKind.ELEMENT, id, statement, attributes, ())

    def claim(
        self,
        id: str,
        statement: str,
        *,
        sort: str,
        evidence: Iterable[str | EvidenceLink] = (),
        **attributes: Any,
    ) -> str:
        """Something asserted: an assurance, criterion, hypothesis, constraint, hazard or finding."""
        return self._put(NodeKind.CLAIM, id, statement, {"sort": sort, **attributes}, evidence)

    def action(
        self, id: str, statement: str, *, evidence: Iterable[str | EvidenceLink] = (), **attributes: Any
    ) -> str:
        """A corrective action, with what it `addresses`, its owner, due date, strength and measure."""
        return self._put(NodeKind.ACTION, id, statement, attributes, evidence)

    def evidence(
        self, about: str, citation: str, *, act: str = Act.TESTIFIES, rating: str = Rating.C, note: str = ""
    ) -> None:
        """Put a citation under a node. Only evidence that `shows` passes its moment on.

        Raises:
            UsageError: there is no such node, or the citation is malformed.
        """
        node = self[about]
        link = _link(EvidenceLink(citation, Act(act), Rating(rating), note))
        if link not in node.evidence:
            kept = [old for old in node.evidence if old.citation != citation]
            self._nodes[about] = replace(node, evidence=(*kept, link))
            self._is_resolved = False

    def _put(
        self,
        kind: NodeKind,
        id: str,
        statement: str,
        attributes: Mapping[str, Any],
        evidence: Iterable[str | EvidenceLink],
    ) -> str:
        if not re.fullmatch(r"[a-z0-9åäöæøé][a-z0-9åäöæøé._-]*", id):
            raise UsageError(
                f'"{id}" is no id', hint=f'Ids are readable slugs, such as "{slug(id) or "words-lost"}".'
            )
        clean = _check(kind, id, attributes)
        where = str(clean.pop("where", ""))
        node = Node(id, kind, statement.strip(), clean, tuple(_link(e) for e in evidence), where)
        old = self._nodes.get(id)
        if old is not None and replace(old, where="") != replace(node, where=""):
            changed = _difference(old, node)
            raise CaseError(
                f"{id} says something else already ({changed})",
                where=old.where,
                hint="Change the entry in the file, or use another id.",
            )
        if old is None:
            self._nodes[id] = node
            self._is_resolved = False
        return id

    # -- asking -------------------------------------------------------------------------------------------

    def __getitem__(self, id: str) -> Node:
        if id not in self._nodes:
            raise UsageError(f'The graph has no node "{id}"', hint=did_you_mean(id, self._nodes))
        return self._nodes[id]

    def __contains__(self, id: object) -> bool:
        return id in self._nodes

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(sorted(self._nodes.values(), key=lambda n: (list(NodeKind).index(n.kind), n.id)))

    def of(self, kind: NodeKind | str) -> list[Node]:
        """The nodes of one kind, by id."""
        return [node for node in self if node.kind == kind]

    @property
    def factors(self) -> list[Node]:
        """The factors, by id."""
        return self.of(NodeKind.FACTOR)

    @property
    def mechanisms(self) -> list[Node]:
        """The mechanisms, by id."""
        return self.of(NodeKind.MECHANISM)

    def claims(self, sort: str | None = None) -> list[Node]:
        """The claims, or those of one sort."""
        return [node for node in self.of(NodeKind.CLAIM) if sort in (None, node["sort"])]

    @property
    def citations(self) -> list[str]:
        """Every citation under any node, sorted."""
        return sorted({link.citation for node in self for link in node.evidence})

    def resolve(self, facts_of: Callable[[Sequence[str]], Mapping[str, EvidenceFacts]]) -> CausalGraph:
        """Look every citation up, once; `facts_of` gets them all. Hands back this graph."""
        self._facts = dict(facts_of(self.citations))
        self._is_resolved = True
        return self

    @property
    def is_resolved(self) -> bool:
        """Whether the citations were looked up since the last change."""
        return self._is_resolved

    def facts(self, citation: str) -> EvidenceFacts | None:
        """What the store knows of a cited event; None where the citation leads nowhere or was not looked up."""
        return self._facts.get(citation)

    def bounds(self, id: str) -> tuple[int | None, int | None]:
        """Between which instants a factor began, as far as is known: stated bounds, else evidence that `shows` it.

        Testimony passes no moment on: a factor with testimony only has open bounds.
        """
        node = self[id]
        stated = (_instant(node["earliest"]), _instant(node["latest"]))
        if stated != (None, None):
            return stated
        shown = [
            self._facts[e.citation] for e in node.evidence if e.act is Act.SHOWS and e.citation in self._facts
        ]
        lows = [f.earliest for f in shown if f.earliest is not None]
        highs = [f.latest for f in shown if f.latest is not None]
        return (min(lows), min(highs)) if lows and highs else (None, None)

    @property
    def nx(self) -> nx_types.MultiDiGraph[str]:
        """The graph as networkx: nodes and edges carry `kind`; evidence nodes are made from citations."""
        from rca.causes.projection import to_networkx

        return to_networkx(self)

    def causal(self) -> nx_types.DiGraph[str]:
        """Causes and effects only: an edge from each cause to its effect, rejected mechanisms left out."""
        from rca.causes.projection import causal_graph

        return causal_graph(self)

    def figure(self, **choices: Any) -> Any:
        """The layered causal graph as a plotly figure; `choices` are those of `rca.figures.causal_figure`."""
        from rca.figures.causal import causal_figure

        return causal_figure(self.nx, **choices)

    def __repr__(self) -> str:
        cited = len(self.citations)
        open_joins = sum(m["join"] == Join.UNDETERMINED for m in self.mechanisms)
        return (
            f"CausalGraph({len(self.factors)} factors, {len(self.mechanisms)} mechanisms of which {open_joins} with "
            f"an open join, {len(self.claims())} claims, {cited} citations)"
        )

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(n.id)}</td><td>{escape(n.statement)}</td><td>{escape(str(n['band'] or n['level'] or ''))}"
            f"</td><td>{escape(', '.join(e.citation for e in n.evidence))}</td></tr>"
            for n in self.factors
        )
        head = "<tr><th>factor</th><th>statement</th><th>level</th><th>evidence</th></tr>"
        return f"<p>{escape(repr(self))}</p><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def slug(text: str, *, most: int = 48) -> str:
    """A readable id: lower case, ASCII, words joined by hyphens, cut at a word.

    >>> slug("Words lost in radiology answers och remissvar på SÄS", most=30)
    'words-lost-in-radiology'
    """
    plain = unicodedata.normalize("NFKD", text.lower().replace("ø", "o").replace("æ", "ae"))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    out = ""
    for word in words:
        longer = f"{out}-{word}" if out else word
        if len(longer) > most and out:
            break
        out = longer
    return out


def _link(given: str | EvidenceLink) -> EvidenceLink:
    link = EvidenceLink(given) if isinstance(given, str) else given
    parse_citation(link.citation)
    return link


def _check(kind: NodeKind, id: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes as text, empty ones left out, closed lists kept closed."""
    known = (*KEYS[kind], "where")
    clean: dict[str, Any] = {}
    for key, value in attributes.items():
        if key not in known:
            raise UsageError(f'A {kind} has no "{key}" ({id})', hint=did_you_mean(key, known))
        if value is None or (isinstance(value, str | tuple | list) and not value):
            continue
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, list | tuple):
            value = tuple(str(v) for v in value)
        else:
            value = str(value)
        closed = (
            SORTS.get(kind) if key == "sort" else CLOSED.get(key) if key != "level" or kind is _F else None
        )
        if closed is not None and value not in closed:
            raise UsageError(f'"{value}" is no {key} ({id})', hint=did_you_mean(value, closed))
        clean[key] = value
    return dict(sorted(clean.items()))


def _difference(old: Node, new: Node) -> str:
    for f in fields(Node):
        if f.name not in ("where", "attributes") and getattr(old, f.name) != getattr(new, f.name):
            return f"{f.name}: {getattr(old, f.name)!s} and {getattr(new, f.name)!s}"
    keys = sorted({*old.attributes, *new.attributes})
    changed = next(k for k in keys if old[k] != new[k])
    return f"{changed}: {old[changed]} and {new[changed]}"


def _instant(text: str | None) -> int | None:
    if not text:
        return None
    from rca.moments.instants import parse_instant

    return parse_instant(text)
