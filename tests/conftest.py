"""What tests share: where the checkout and the outside data are, and what skips say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture
def shared():
    """The folder of outside data beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("outside data (../shared) is not here")
    return SHARED


@pytest.fixture
def shipped(tmp_path):
    """A copy of the shipped case, ingested, so that tests may change it."""
    from rca.case import open_case

    folder = tmp_path / "data" / "millennium-vgr-2024"
    ignored = shutil.ignore_patterns("store", "report", "timelines")
    shutil.copytree(ROOT / "data" / "millennium-vgr-2024", folder, ignore=ignored)
    case = open_case(folder)
    case.ingest(workers=1)
    return case


@pytest.fixture
def browser():
    """The path of a Chromium or Chrome."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("no Chromium or Chrome is installed")
