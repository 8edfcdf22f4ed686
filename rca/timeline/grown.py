"""Notes beside the parts of a large log, by which they stand when the log has grown.

The decision hidden here: how what was noted of a part is kept. One JSON file lies beside each file of events, named in the
manifest with its hash; stamps are packed as bytes. Notes that are gone, altered or of another version only cost the
reading of that part anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rca.assumptions import Assumption
from rca.errors import Issue, Severity
from rca.reading.books import Entry as Kind
from rca.reading.lines.engine import PartResult
from rca.reading.lines.parts import Written

__all__ = ["load_notes", "save_notes"]

_VERSION = 1


def save_notes(path: Path, written: Written) -> str:
    """Write what is known of a part to `path`; the sha256 of the file."""
    result = written.result
    document = {
        "version": _VERSION,
        "number": written.number,
        "bounds": list(written.bounds),
        "first_line": written.first_line,
        "plan": written.plan,
        "said": written.said,
        "events": result.events,
        "undated": result.undated,
        "spans": [[kind.value, start, length] for kind, start, length in result.spans],
        "assumptions": [asdict(one) for one in sorted(result.assumptions)],
        "issues": [asdict(one) for one in sorted(result.issues)],
        "strays": result.strays,
        "formats": sorted(result.formats),
        "lines": result.lines,
        "read_to": result.read_to,
        "skeleton": None if written.skeleton is None else _packed(written.skeleton),
    }
    data = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def load_notes(path: Path, sha256: str) -> Written | None:
    """What is known of a part; None where the notes are gone, altered or of another version."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != sha256:
        return None
    raw = json.loads(data)
    if raw.get("version") != _VERSION:
        return None
    skeleton = None if raw["skeleton"] is None else _unpacked(raw["skeleton"])
    result = PartResult(
        events=raw["events"],
        undated=raw["undated"],
        spans=[(Kind(kind), start, length) for kind, start, length in raw["spans"]],
        assumptions={
            Assumption(**{**one, "alternatives": tuple(one["alternatives"])}) for one in raw["assumptions"]
        },
        issues={Issue(**{**one, "severity": Severity(one["severity"])}) for one in raw["issues"]},
        strays=raw["strays"],
        formats=set(raw["formats"]),
        skeletons=None if skeleton is None else [skeleton],
        lines=raw["lines"],
        read_to=raw["read_to"],
    )
    low, high = raw["bounds"]
    return Written(raw["number"], (low, high), raw["first_line"], raw["plan"], raw["said"], result, skeleton)


_DTYPES = {"place": "<i8", "sort": "<i1", "second": "<i8", "weekday": "<i1"}


def _packed(skeleton: Any) -> dict[str, str]:
    import numpy as np

    return {
        name: base64.b64encode(
            zlib.compress(np.ascontiguousarray(getattr(skeleton, name), dtype).tobytes(), 6)
        ).decode()
        for name, dtype in _DTYPES.items()
    }


def _unpacked(raw: Mapping[str, str]) -> Any:
    import numpy as np

    from rca.moments.timing import Skeleton

    return Skeleton(
        **{
            name: np.frombuffer(zlib.decompress(base64.b64decode(raw[name])), dtype)
            for name, dtype in _DTYPES.items()
        }
    )
