"""The graph as text that git can merge: `analysis/graph.yaml` and its sisters.

The decision hidden here: the files and their form. One entry a node, sorted by id, a mechanism inside the effect that
it explains. A file whose content did not change is not touched; one that did keeps its comments, order and quotes.
All scalars are text typed by our schema (`no` stays "no"); anchors, aliases, tags and duplicate keys are refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rca.causes.graph import KEYS, Act, CausalGraph, EvidenceLink, Node, NodeKind, Rating
from rca.errors import CaseError, FormatError, UsageError, did_you_mean
from rca.evidence.register import write_atomically

if TYPE_CHECKING:
    from ruamel.yaml import YAML

__all__ = ["FILES", "load_graph", "save_graph"]

FILES: dict[str, dict[str, NodeKind]] = {
    "graph.yaml": {"barriers": NodeKind.BARRIER, "elements": NodeKind.ELEMENT, "factors": NodeKind.FACTOR},
    "claims.yaml": {"claims": NodeKind.CLAIM},
    "criteria.yaml": {"criteria": NodeKind.CLAIM},
    "actions.yaml": {"actions": NodeKind.ACTION},
}
"""The files of `analysis/`, their sections, and the kind of node that a section holds."""

_LINK_KEYS = ("cite", "act", "rating", "note")
_LISTS = ("causes", "guards", "defeated_by", "addresses", "audience", "codes")
_HEADINGS = {
    "graph.yaml": "Factors with the mechanisms that explain them, barriers and elements. One entry a node, sorted by id.",
    "claims.yaml": "What was assured, supposed or found. Evidence with rating I or II stands against the claim.",
    "criteria.yaml": "What must be shown before a return. A threshold that nobody adopted is not written.",
    "actions.yaml": "Corrective actions and what they address.",
}


def load_graph(folder: Path) -> CausalGraph:
    """The graph that the files of `folder` hold together; absent files are empty.

    Raises:
        FormatError: a file is malformed; the message names file and line.
    """
    graph = CausalGraph()
    for name, sections in FILES.items():
        path = folder / name
        if not path.is_file():
            continue
        document = _load(path)
        for section, kind in sections.items():
            entries = document.get(section)
            if entries is None:
                continue
            if not isinstance(entries, Mapping):
                raise FormatError(
                    f"{section} is a mapping of ids to entries", where=_at(path, document, section)
                )
            for node_id, entry in entries.items():
                _read_entry(graph, kind, section, str(node_id), entry, path, entries)
        for section in document:
            if section not in (*sections, "schema"):
                raise FormatError(
                    f'{name} has no section "{section}"',
                    where=_at(path, document, section),
                    hint=did_you_mean(str(section), sections),
                )
    return graph


def save_graph(graph: CausalGraph, folder: Path) -> list[Path]:
    """Write what changed of `graph` into the files of `folder`; the files that were written.

    Nodes that the graph no longer holds leave their file.
    """
    known = load_graph(folder)
    written = []
    for name, sections in FILES.items():
        path = folder / name
        wanted = {section: _wanted(graph, name, section, kind) for section, kind in sections.items()}
        present = {section: _wanted(known, name, section, kind) for section, kind in sections.items()}
        if wanted == present:
            continue
        document = _load(path) if path.is_file() else _fresh(name)
        for section in sections:
            _merge(document, section, wanted[section], present[section])
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, _dump(document).encode("utf-8"))
        written.append(path)
    return written


# -- reading ----------------------------------------------------------------------------------------------


def _yaml() -> YAML:
    from ruamel.yaml import YAML
    from ruamel.yaml.nodes import ScalarNode
    from ruamel.yaml.resolver import VersionedResolver

    class TextResolver(VersionedResolver):
        """Every scalar is text: our schema types it, not YAML."""

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is ScalarNode:
                return self.yaml_base_tag("str")
            return super().resolve(kind, value, implicit)

        @staticmethod
        def yaml_base_tag(name: str) -> Any:
            from ruamel.yaml.tag import Tag

            return Tag(suffix=f"tag:yaml.org,2002:{name}")

    yaml = YAML(typ="rt", pure=True)
    yaml.Resolver = TextResolver
    yaml.preserve_quotes = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=2, offset=0)
    yaml.allow_duplicate_keys = False
    return yaml


def _load(path: Path) -> Any:
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"Not UTF-8 at byte {error.start}", where=str(path)) from None
    try:
        _refuse_tricks(text, path)
        document = _yaml().load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = (error.problem or "a key stands twice").split("with value")[0].strip()
        raise FormatError(f"Not one entry a key: {what}", where=f"{path}:{line}") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise FormatError(f"Not valid YAML: {error.problem or error.context}", where=place) from None
    except (YAMLError, RecursionError) as error:
        raise FormatError(f"Not valid YAML: {error}", where=str(path)) from None
    if document is None:
        return _fresh(path.name)
    if not isinstance(document, Mapping):
        raise FormatError("The file is a mapping of sections", where=f"{path}:1")
    return document


def _refuse_tricks(text: str, path: Path) -> None:
    """Anchors, aliases, tags and several documents have no place in a file that people merge."""
    from ruamel.yaml.events import (
        AliasEvent,
        DocumentStartEvent,
        MappingStartEvent,
        ScalarEvent,
        SequenceStartEvent,
    )

    documents = 0
    for event in _yaml().parse(text):
        line = event.start_mark.line + 1 if event.start_mark else 1
        what = ""
        if isinstance(event, AliasEvent):
            what = "aliases (*name)"
        elif isinstance(event, DocumentStartEvent):
            documents += 1
            what = "more than one document" if documents > 1 else ""
        elif isinstance(event, MappingStartEvent | ScalarEvent | SequenceStartEvent):
            if event.anchor:
                what = "anchors (&name)"
            elif event.ctag is not None and str(event.ctag) not in ("", "None", "!"):
                what = "tags (!name)"
        if what:
            raise FormatError(
                f"These files have no {what}", where=f"{path}:{line}", hint="Write the content out."
            )


def _at(path: Path, container: Any, key: Any) -> str:
    try:
        line = container.lc.key(key)[0] + 1
    except (AttributeError, KeyError, TypeError):
        return str(path)
    return f"{path}:{line}"


def _read_entry(
    graph: CausalGraph, kind: NodeKind, section: str, id: str, entry: Any, path: Path, entries: Any
) -> None:
    place = _at(path, entries, id)
    short = f"{path.name}{place.removeprefix(str(path))}"
    if not isinstance(entry, Mapping):
        raise FormatError(f"{id} is a mapping of keys", where=place, hint='It needs at least a "statement".')
    known = ("statement", "evidence", *KEYS[kind], *(("because",) if kind is NodeKind.FACTOR else ()))
    for key in entry:
        if key not in known:
            raise FormatError(
                f'A {kind} has no key "{key}"',
                where=_at(path, entry, key),
                hint=did_you_mean(str(key), known),
            )
    if not isinstance(entry.get("statement"), str) or not entry["statement"].strip():
        raise FormatError(f"{id} has no statement", where=place)
    given = {key: _value(key, entry[key], path, entry) for key in entry if key in KEYS[kind]}
    if section == "criteria":
        given["sort"] = "criterion"
    given["where"] = short
    try:
        links = list(_links(entry, path))
        if kind is NodeKind.FACTOR:
            graph.factor(id, entry["statement"], evidence=links, **given)
            for because in entry.get("because", ()):
                _read_because(graph, id, because, path, entry)
        elif kind is NodeKind.CLAIM:
            if "sort" not in given:
                raise FormatError(f"{id} has no sort", where=place, hint="assurance, hypothesis, finding, …")
            graph.claim(id, entry["statement"], evidence=links, **given)
        elif kind is NodeKind.BARRIER:
            graph.barrier(id, entry["statement"], evidence=links, **given)
        elif kind is NodeKind.ELEMENT:
            graph.element(id, entry["statement"], **given)
        else:
            graph.action(id, entry["statement"], evidence=links, **given)
    except (UsageError, CaseError) as error:
        raise FormatError(error.message, where=error.where or place, hint=error.hint) from None


def _read_because(graph: CausalGraph, effect: str, because: Any, path: Path, entry: Any) -> None:
    place = _at(path, entry, "because")
    if not isinstance(because, Mapping):
        raise FormatError(f"{effect}: because is a list of mechanisms", where=place, hint="- causes: [id, …]")
    line = because.lc.line + 1 if hasattr(because, "lc") else 1
    place = f"{path}:{line}"
    known = ("id", "how", "evidence", *(k for k in KEYS[NodeKind.MECHANISM] if k != "effect"))
    for key in because:
        if key not in known:
            raise FormatError(
                f'A mechanism has no key "{key}"', where=place, hint=did_you_mean(str(key), known)
            )
    given = {
        k: _value(k, because[k], path, because)
        for k in because
        if k not in ("id", "how", "evidence", "causes")
    }
    causes = _value("causes", because.get("causes", ()), path, because)
    try:
        graph.because(
            effect,
            *causes,
            id=str(because["id"]) if "id" in because else None,
            how=str(because.get("how", "")),
            evidence=list(_links(because, path)),
            where=f"{path.name}:{line}",
            **given,
        )
    except (UsageError, CaseError) as error:
        raise FormatError(error.message, where=error.where or place, hint=error.hint) from None


def _value(key: str, value: Any, path: Path, entry: Any) -> Any:
    if key in _LISTS:
        return tuple(str(v) for v in value) if isinstance(value, list) else (str(value),)
    if isinstance(value, list | Mapping):
        raise FormatError(f"{key} is one text", where=_at(path, entry, key))
    return str(value)


def _links(entry: Any, path: Path) -> Iterator[EvidenceLink]:
    given = entry.get("evidence", ())
    if not isinstance(given, list | tuple):
        raise FormatError("evidence is a list of citations", where=_at(path, entry, "evidence"))
    for item in given:
        if isinstance(item, str):
            yield EvidenceLink(item)
            continue
        if not isinstance(item, Mapping) or "cite" not in item:
            raise FormatError("evidence is a citation, or has a key cite", where=_at(path, entry, "evidence"))
        for key in item:
            if key not in _LINK_KEYS:
                raise FormatError(
                    f'Evidence has no key "{key}"',
                    where=_at(path, item, key),
                    hint=did_you_mean(str(key), _LINK_KEYS),
                )
        try:
            act, rating = Act(str(item.get("act", Act.TESTIFIES))), Rating(str(item.get("rating", Rating.C)))
        except ValueError as error:
            hint = f"act: {', '.join(Act)}; rating: {', '.join(Rating)}."
            raise FormatError(str(error), where=_at(path, entry, "evidence"), hint=hint) from None
        yield EvidenceLink(str(item["cite"]), act, rating, str(item.get("note", "")))


# -- writing ----------------------------------------------------------------------------------------------


def _wanted(graph: CausalGraph, name: str, section: str, kind: NodeKind) -> dict[str, dict[str, Any]]:
    """The entries that a section should hold, as plain values in the order in which keys are written."""
    entries: dict[str, dict[str, Any]] = {}
    for node in graph.of(kind):
        if kind is NodeKind.CLAIM and (node["sort"] == "criterion") != (section == "criteria"):
            continue
        entries[node.id] = _entry(node, skip=("sort",) if name == "criteria.yaml" else ())
        if kind is NodeKind.FACTOR:
            because = [_because(m) for m in graph.mechanisms if m["effect"] == node.id]
            if because:
                entries[node.id]["because"] = because
    return entries


def _entry(node: Node, *, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    entry: dict[str, Any] = {"statement": node.statement}
    for key in KEYS[node.kind]:
        if node[key] is not None and key not in skip:
            entry[key] = list(node[key]) if isinstance(node[key], tuple) else node[key]
    if node.evidence:
        entry["evidence"] = [_plain_link(link) for link in node.evidence]
    return entry


def _because(node: Node) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": node.id, "causes": list(node["causes"])}
    if node.statement:
        entry["how"] = node.statement
    for key in KEYS[NodeKind.MECHANISM]:
        if key not in ("causes", "effect", "how") and node[key] is not None:
            entry[key] = node[key]
    if node.evidence:
        entry["evidence"] = [_plain_link(link) for link in node.evidence]
    return entry


def _plain_link(link: EvidenceLink) -> Any:
    if (link.act, link.rating, link.note) == (Act.TESTIFIES, Rating.C, ""):
        return link.citation
    entry = {"cite": link.citation, "act": link.act.value}
    if link.rating is not Rating.C:
        entry["rating"] = link.rating.value
    if link.note:
        entry["note"] = link.note
    return entry


def _fresh(name: str) -> Any:
    from ruamel.yaml.comments import CommentedMap

    document = CommentedMap()
    document.yaml_set_start_comment(_HEADINGS[name])
    return document


def _merge(document: Any, section: str, wanted: Mapping[str, Any], present: Mapping[str, Any]) -> None:
    from ruamel.yaml.comments import CommentedMap

    if section not in document:
        if not wanted:
            return
        document[section] = CommentedMap()
    entries = document[section]
    if entries is None or not hasattr(entries, "insert"):
        entries = document[section] = CommentedMap()
    for gone in [known for known in entries if known not in wanted]:
        del entries[gone]
    for name, entry in wanted.items():
        if name not in entries:
            position = sum(str(known) < name for known in entries)
            entries.insert(position, name, _commented(entry))
        elif present.get(name) != entry:
            _update(entries[name], entry)


def _update(entry: Any, wanted: Mapping[str, Any]) -> None:
    """Bring an entry to its wanted content, touching only the keys that changed."""
    for key in [k for k in entry if k not in wanted]:
        del entry[key]
    for position, (key, value) in enumerate(wanted.items()):
        if key not in entry:
            entry.insert(min(position, len(entry)), key, _commented(value))
        elif _plain(entry[key]) != value:
            entry[key] = _commented(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return str(value)


def _commented(value: Any) -> Any:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, Mapping):
        out = CommentedMap()
        for key, one in value.items():
            out[key] = _commented(one)
        return out
    if isinstance(value, list | tuple):
        seq = CommentedSeq([_commented(one) for one in value])
        if all(isinstance(one, str) and len(one) < 60 for one in value):
            seq.fa.set_flow_style()
        return seq
    return str(value)


def _dump(document: Any) -> str:
    out = io.StringIO()
    _yaml().dump(document, out)
    return out.getvalue()
