"""Documents of formats: lnav's and grok's files as entries of our own, and entries as TOML text to keep in a case.

The decision hidden here: what is imported becomes text that a person can read, mend and keep; nothing foreign is read
silently. A `.grok` file holds definitions (`NAME regex`) and expressions (lines that begin with `%{` or `^`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rca.errors import EvidenceError, FormatError, Issue
from rca.reading.lines.grok import from_grok, parse_definitions
from rca.reading.lines.lnav import from_lnav

__all__ = ["import_formats", "to_toml"]


def import_formats(path: Path) -> tuple[dict[str, Any], list[Issue]]:
    """The formats of an lnav format file (`.json`) or a grok file as a document of ours, and what does not carry over.

    Raises:
        EvidenceError: there is no such file.
        FormatError: it is neither, or malformed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FormatError(f"Not UTF-8 at byte {error.start}", where=str(path)) from None
    if path.suffix == ".json" or text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except json.JSONDecodeError as error:
            raise FormatError(f"Not JSON: {error.msg}", where=f"{path}:{error.lineno}") from None
        if not isinstance(document, Mapping):
            raise FormatError("An lnav format file is a JSON object", where=str(path))
        return from_lnav(document, origin=path.name)
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    expressions = [line.strip() for line in lines if line.lstrip().startswith(("%{", "^"))]
    if not expressions:
        raise FormatError(
            "There is no expression in it",
            where=str(path),
            hint="Write one on a line that begins with %{ or ^.",
        )
    named = "\n".join(line for line in lines if line.strip() not in expressions)
    definitions = parse_definitions(named, origin=path.name)
    return from_grok(expressions, name=path.stem, definitions=definitions, origin=path.name)


def to_toml(document: Mapping[str, Any]) -> str:
    """A document of formats as TOML.

    >>> print(to_toml({"format": [{"name": "ward", "layouts": ["iso"]}]}), end="")
    [[format]]
    name = "ward"
    layouts = ["iso"]
    """
    return "\n".join("[[format]]\n" + _table(entry, "format") for entry in document.get("format", ()))


def _table(entry: Mapping[str, Any], path: str) -> str:
    lines = [f"{_key(k)} = {_value(v)}" for k, v in entry.items() if not _is_nested(k, v)]
    text = "\n".join(lines) + "\n"
    for key, value in entry.items():
        if _is_nested(key, value):
            for one in value:
                text += f"\n[[{path}.{key}]]\n" + _table(one, f"{path}.{key}")
    return text


def _is_nested(key: str, value: Any) -> bool:
    return key == "samples" and bool(value)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        if "'" not in value and value.isprintable() and ("\\" in value or '"' in value):
            return f"'{value}'"
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(k))} = {_value(v)}" for k, v in value.items()) + " }"
    assert isinstance(value, Sequence)
    return "[" + ", ".join(map(_value, value)) + "]"
