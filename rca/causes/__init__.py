"""WHY: the causal graph, its text, its sheets and its rules."""

from rca.causes.graph import (
    EDGES,
    Act,
    Basis,
    CausalGraph,
    EdgeKind,
    EvidenceFacts,
    EvidenceLink,
    Join,
    Node,
    NodeKind,
    Rating,
    StopReason,
    slug,
)
from rca.causes.rules import RULES
from rca.causes.sheets import (
    SheetMapping,
    import_assurances,
    import_criteria,
    import_factors,
    parse_sheet_mapping,
)
from rca.causes.text import load_graph, save_graph

__all__ = [
    "EDGES",
    "RULES",
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
    "SheetMapping",
    "StopReason",
    "import_assurances",
    "import_criteria",
    "import_factors",
    "load_graph",
    "parse_sheet_mapping",
    "save_graph",
    "slug",
]
