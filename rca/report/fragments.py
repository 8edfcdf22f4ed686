"""Fragments: pieces of HTML that a notebook shows and the report is put together from.

The decision hidden here: how a citation looks and where it leads. It is a link to the evidence at the end of the page,
with what stands there as its title; one that leads nowhere looks lost. Everything that comes from outside is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from rca.causes.graph import CausalGraph, EvidenceFacts, Node, Rating
from rca.errors import Issues, UsageError, did_you_mean
from rca.evidence.register import Exhibit
from rca.moments.words import in_words
from rca.report.narrative import Narrative
from rca.rules import Waiver
from rca.texts import say

__all__ = [
    "Fragment",
    "anchor",
    "assumption_table",
    "assurance_list",
    "cite_link",
    "criteria_list",
    "exhibit_table",
    "issue_table",
    "told",
]


class Fragment:
    """HTML that is safe to show. In Jupyter it shows itself; `str()` gives the HTML."""

    def __init__(self, html: str) -> None:
        self._html = html

    def __str__(self) -> str:
        return self._html

    def __repr__(self) -> str:
        plain = re.sub(r"<[^>]+>", " ", self._html)
        return f"Fragment({' '.join(plain.split())[:70]}…)"

    def _repr_html_(self) -> str:
        return self._html


def anchor(citation: str) -> str:
    """The id under which a page holds the evidence of a citation.

    >>> anchor("E1#M074")
    'evidence-E1-M074'
    """
    return "evidence-" + re.sub(r"[^A-Za-z0-9]+", "-", citation).strip("-")


def cite_link(citation: str, facts: EvidenceFacts | None, *, zone: str = "UTC") -> str:
    """A citation as a link to its evidence on the same page."""
    if facts is None:
        return f'<a class="cite lost" data-cite="{escape(citation)}" href="#{anchor(citation)}">{escape(citation)}</a>'
    title = f"{when(facts, zone)}: {facts.message}" if facts.earliest is not None else facts.message
    return (
        f'<a class="cite" data-cite="{escape(citation)}" href="#{anchor(citation)}" '
        f'title="{escape(title[:300])}">{escape(citation)}</a>'
    )


def when(facts: EvidenceFacts, zone: str) -> str:
    """The time of a cited event in words, on the wall clock of `zone`."""
    if facts.earliest is None:
        return "–"
    return in_words(facts.earliest, facts.latest, zone, precision=facts.precision)


def told(
    narrative: Narrative, facts: Mapping[str, EvidenceFacts], *, section: str | None = None, zone: str = "UTC"
) -> Fragment:
    """The narrative as HTML, every sentence followed by its citations.

    Raises:
        UsageError: there is no such section.
    """
    chosen = narrative.sections
    if section is not None:
        chosen = tuple(s for s in chosen if s.slug == section)
        if not chosen:
            raise UsageError(
                f'The narrative has no section "{section}"',
                hint=did_you_mean(section, [s.slug for s in narrative.sections]),
            )
    out = []
    for one in chosen:
        if one.heading and one.level > 1:
            out.append(
                f'<h{min(one.level + 1, 6)} id="{escape(one.slug)}">{escape(one.heading)}</h{min(one.level + 1, 6)}>'
            )
        for paragraph in one.paragraphs:
            sentences = []
            for sentence in paragraph:
                links = " ".join(cite_link(c, facts.get(c), zone=zone) for c in sentence.citations)
                sentences.append(f"{escape(sentence.text)} {links}".strip())
            out.append(f"<p>{' '.join(sentences)}</p>")
    return Fragment("\n".join(out))


def assurance_list(graph: CausalGraph, *, zone: str, language: str) -> Fragment:
    """All assurances in order of time, with what stands against them, dated earlier and later apart."""
    head = "".join(
        f"<th>{escape(say(f'assurances.head_{name}', language))}</th>"
        for name in ("when", "by", "assured", "against")
    )
    rows = []
    claims = sorted(graph.claims("assurance"), key=lambda c: (c["asserted_at"] or "9999", c.id))
    for claim in claims:
        own = [e.citation for e in claim.evidence if e.rating not in (Rating.I, Rating.II)]
        cites = " ".join(cite_link(c, graph.facts(c), zone=zone) for c in own)
        gap = f'<br><span class="muted">{escape(claim["gap"])}</span>' if claim["gap"] else ""
        rows.append(
            f'<tr id="{escape(claim.id)}"><td>{_asserted(claim, graph, own, zone)}</td>'
            f"<td>{escape(claim['asserted_by'] or '–')}</td>"
            f"<td><b>{escape(claim.statement)}</b> {cites}{gap}</td><td>{_against(graph, claim, own, zone, language)}</td></tr>"
        )
    return Fragment(
        f'<div class="scroll"><table class="assurances"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _asserted(claim: Node, graph: CausalGraph, own: Sequence[str], zone: str) -> str:
    facts = next((f for c in own if (f := graph.facts(c)) is not None), None)
    return escape(when(facts, zone) if facts is not None else str(claim["asserted_at"] or "–"))


def _against(graph: CausalGraph, claim: Node, own: Sequence[str], zone: str, language: str) -> str:
    """The evidence against an assurance: dated before it, at the same time as far as is known, and after it."""
    given = next((f for c in own if (f := graph.facts(c)) is not None and f.earliest is not None), None)
    piles: dict[str, list[tuple[int, str]]] = {"earlier": [], "same": [], "later": [], "unknown": []}
    for link in claim.evidence:
        if link.rating not in (Rating.I, Rating.II):
            continue
        facts = graph.facts(link.citation)
        words = f"{escape(when(facts, zone))} {escape(facts.message)} " if facts is not None else ""
        entry = f"<li>{words}{cite_link(link.citation, facts, zone=zone)}</li>"
        start = facts.earliest if facts is not None and facts.earliest is not None else 2**63
        piles[_pile(facts, given)].append((start, entry))
    out = []
    for pile, items in piles.items():
        if items:
            listed = "".join(text for _, text in sorted(items))
            out.append(
                f'<span class="muted">{escape(say(f"assurances.{pile}", language))}</span><ul>{listed}</ul>'
            )
    return "".join(out)


def _pile(facts: EvidenceFacts | None, given: EvidenceFacts | None) -> str:
    """How a fact lies in time to the assurance; only what every reading of both intervals allows is said."""
    if facts is None or given is None or facts.earliest is None or facts.latest is None:
        return "unknown"
    assert given.earliest is not None
    assert given.latest is not None
    if facts.latest <= given.earliest:
        return "earlier"
    return "later" if facts.earliest >= given.latest else "same"


def criteria_list(graph: CausalGraph, *, language: str) -> Fragment:
    """All criteria by domain: what would show them, what is known, on what basis they stand here."""
    names = ("criterion", "shown_by", "known", "basis", "citations")
    head = "".join(f"<th>{escape(say(f'criteria.head_{name}', language))}</th>" for name in names)
    rows = []
    for claim in sorted(graph.claims("criterion"), key=lambda c: (c["domain"] or "", c.id)):
        cites = " ".join(cite_link(e.citation, graph.facts(e.citation)) for e in claim.evidence)
        threshold = claim["threshold"] or say("criteria.no_threshold", language)
        rows.append(
            f"<tr><td><b>{escape(claim.statement)}</b><br><span class='muted'>{escape(claim['domain'] or '')}; "
            f"{escape(threshold)}</span></td><td>{escape(claim['demonstrated_by'] or '–')}</td>"
            f"<td>{escape(claim['note'] or '–')}</td><td>{escape(claim['source_basis'] or '–')}</td><td>{cites}</td></tr>"
        )
    return Fragment(
        f'<div class="scroll"><table class="criteria"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def exhibit_table(
    exhibits: Sequence[Exhibit], states: Mapping[tuple[str, int], str], *, language: str
) -> str:
    """The register: every version with its hash and whether it is intact."""
    rows = "".join(
        f'<tr id="{escape(e.id)}-v{e.version}"><td>{escape(e.id)}</td><td class="num">{e.version}</td><td>{escape(e.path)}</td>'
        f'<td class="num">{e.size}</td><td class="mono">{escape(e.sha256)}</td><td>{escape(e.received_from or "–")}</td>'
        f"<td>{escape(say('report.' + states.get((e.id, e.version), 'missing'), language))}</td></tr>"
        for e in exhibits
    )
    names = ("id", "version", "path", "bytes", "sha256", "from", "state")
    head = "".join(f"<th>{escape(say(f'report.col_{n}', language))}</th>" for n in names)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def assumption_table(assumptions: Sequence[Mapping[str, Any]], *, language: str) -> str:
    """The guesses: what, why, what else it may be, for which exhibit."""
    if not assumptions:
        return f"<p>{escape(say('report.no_assumptions', language))}</p>"
    rows = "".join(
        f'<tr><td class="mono">{escape(str(a["id"]))}</td><td>{escape(str(a.get("exhibit") or ""))}</td>'
        f"<td>{escape(str(a['what']))}</td><td>{escape(str(a['rests_on']))}</td>"
        f"<td>{escape('; '.join(a['alternatives']))}</td></tr>"
        for a in assumptions
    )
    head = "".join(
        f"<th>{escape(text)}</th>"
        for text in (
            "id",
            say("report.col_id", language),
            say("look.head_what", language),
            say("look.head_why", language),
            say("look.head_else", language),
        )
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def issue_table(
    issues: Issues | Iterable[Any], waived: Sequence[tuple[Any, Waiver]] = (), *, language: str
) -> str:
    """The open issues, errors first; then those that were waived, with their reasons."""
    names = ("code", "severity", "where", "issue", "mend")
    head = "".join(f"<th>{escape(say(f'report.col_{n}', language))}</th>" for n in names)
    rows = "".join(
        f'<tr><td class="mono nowrap">{escape(i.code)}</td><td class="{i.severity} nowrap">{i.severity}</td><td>{escape(i.where)}</td>'
        f"<td>{escape(i.message)}</td><td>{escape(i.hint)}</td></tr>"
        for i in issues
    )
    out = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    if waived:
        items = "".join(
            f"<li><b>{escape(i.code)}</b> {escape(i.where)}: {escape(i.message)} — {escape(w.reason)}</li>"
            for i, w in waived
        )
        out += f"<h3>{escape(say('report.waived', language))}</h3><ul>{items}</ul>"
    return out
