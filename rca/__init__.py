"""rca: from a folder of evidence to a cited timeline, a checked causal graph and a report.

    >>> import rca
    >>> case = rca.open_case("data/millennium-vgr-2024")  # doctest: +SKIP
    >>> case.timeline.between("2024-11-12", "2024-11-16").figure()  # doctest: +SKIP

Names are loaded when they are first used, so that `import rca` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rca.case import Case, open_case
    from rca.causes import CausalGraph
    from rca.errors import Issue, Issues, RcaError
    from rca.moments import Moment
    from rca.reading.reading import Reading, read
    from rca.timeline import Timeline

__version__ = "0.1.0"

_HOMES = {
    "Case": "rca.case",
    "CausalGraph": "rca.causes",
    "Issue": "rca.errors",
    "Issues": "rca.errors",
    "Moment": "rca.moments",
    "RcaError": "rca.errors",
    "Reading": "rca.reading.reading",
    "Timeline": "rca.timeline",
    "open_case": "rca.case",
    "read": "rca.reading.reading",
}

__all__ = [
    "Case",
    "CausalGraph",
    "Issue",
    "Issues",
    "Moment",
    "RcaError",
    "Reading",
    "Timeline",
    "__version__",
    "open_case",
    "read",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if not name.startswith("_"):
        try:
            return import_module(f"rca.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"rca.{name}":
                raise
    from rca.errors import did_you_mean

    raise AttributeError(f"rca has no {name}. {did_you_mean(name, __all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
