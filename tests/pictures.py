"""The pictures of the README, from the shipped case. Needs a browser; `make pictures` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

from rca.case import open_case
from rca.figures.page import write_image

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Draw the timeline and the causal graph of the shipped case as PNG."""
    case = open_case(ROOT / "data" / "millennium-vgr-2024")
    case.ingest(workers=1)
    target = ROOT / "timelines" / "millennium-vgr-2024"
    drawn = write_image(case.timeline.figure(), target / "timeline.png") and write_image(
        case.graph.figure(title=case.title), target / "causes.png"
    )
    if not drawn:
        sys.exit("No browser was found: install Chromium or Chrome and the extra rca[images].")


if __name__ == "__main__":
    main()
