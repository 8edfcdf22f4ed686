"""Rendering: the narrative notebook is executed against a case, its output becomes one self-contained page.

The decision hidden here: what the report holds beside the notebook's own words. First the counts that a reader must
know before believing anything, then the notebook, then every exhibit with its hash, every assumption, every open issue,
and the raw evidence behind each citation. Nothing of a run (times, counters, addresses) gets in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any, Protocol

from rca.causes.graph import EvidenceFacts
from rca.errors import CaseError, RcaError, Severity, UsageError
from rca.figures.page import figure_fragment, page, write_text
from rca.report.fragments import anchor, assumption_table, exhibit_table, issue_table, when
from rca.texts import say

__all__ = ["CaseLike", "find_notebook", "render_report", "run_notebook"]

NOTEBOOK = "07-narrative.ipynb"
_TIMEOUT = 600
_BAD = ' class="error"'


class CaseLike(Protocol):
    """What the report needs of a case; `rca.case.Case` has it."""

    @property
    def folder(self) -> Path:
        """The case folder."""
        ...

    @property
    def settings(self) -> Any:
        """What `case.toml` says."""
        ...

    @property
    def store(self) -> Any:
        """The store of events."""
        ...

    @property
    def title(self) -> str:
        """The title of the case."""
        ...

    @property
    def register(self) -> list[Any]:
        """All versions of all exhibits."""
        ...

    @property
    def narrative(self) -> Any:
        """The narrative, sentence by sentence."""
        ...

    def verify(self) -> tuple[list[Any], Any]:
        """Every exhibit against its hash."""
        ...

    def judge(self) -> Any:
        """What the rules find."""
        ...

    def show(self, citation: str, *, context: int = 2) -> Any:
        """The bytes that a citation leads to."""
        ...

    def facts(self, citations: Sequence[str]) -> Mapping[str, EvidenceFacts]:
        """What the store knows of cited events."""
        ...


def find_notebook(case: Path) -> Path:
    """The narrative notebook: the case's own, else the one that comes with the package or the checkout.

    Raises:
        CaseError: there is none.
    """
    places = (
        case / "notebooks" / NOTEBOOK,
        Path(__file__).parent / NOTEBOOK,
        Path(__file__).parents[2] / "notebooks" / NOTEBOOK,
    )
    for place in places:
        if place.is_file():
            return place
    raise CaseError(
        f"There is no narrative notebook {NOTEBOOK}", hint="Name one with notebook=… or --notebook."
    )


def run_notebook(notebook: Path, case: Path) -> Any:
    """The notebook with its outputs, executed in a kernel of its own with RCA_CASE set to `case`.

    Raises:
        UsageError: what executes notebooks is not installed.
        CaseError: a cell failed; the message names it.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
    except ImportError:
        raise UsageError(
            "Notebooks cannot be executed here", hint="Install the extra: pip install 'rca[report]'."
        ) from None
    import os
    import subprocess

    document: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        document,
        timeout=_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(notebook.parent)}},
    )
    environment = {**os.environ, "RCA_CASE": str(case.resolve())}
    try:
        client.execute(env=environment, stderr=subprocess.DEVNULL)  # its own chatter; cells tell theirs
    except CellExecutionError as error:
        raise CaseError(
            f"A cell of {notebook.name} failed: {error.ename}: {error.evalue}", where=notebook.name
        ) from None
    return document


def render_report(case: CaseLike, folder: Path, *, notebook: str | Path | None, language: str) -> Path:
    """Execute the notebook, render the page into `folder` as `report.html`, and hand its path back."""
    source = Path(notebook) if notebook is not None else find_notebook(case.folder)
    if not source.is_file():
        raise UsageError(f"There is no notebook {source}")
    document = run_notebook(source, case.folder)
    verdict = case.judge()
    told = "\n".join(_cell(cell, language) for cell in document.cells)
    title = say("report.title", language, title=case.title)
    parts = [
        f"<h1>{escape(title)}</h1>",
        _summary(case, verdict, language),
        f"<nav class='toc'><h2>{escape(say('report.contents', language))}</h2>{_contents(told, language)}</nav>",
        told,
        f"<h2 id='exhibits'>{escape(say('report.exhibits', language))}</h2>",
        _exhibits(case, language),
        f"<h2 id='assumptions'>{escape(say('report.assumptions', language))}</h2>",
        assumption_table(case.store.assumptions(), language=language),
        f"<h2 id='issues'>{escape(say('report.issues', language))}</h2>",
        issue_table(verdict.issues, verdict.waived, language=language),
    ]
    body = "\n".join(parts)
    body += f"\n<h2 id='evidence'>{escape(say('report.evidence', language))}</h2>\n" + _evidence(
        case, body, language
    )
    text = page(
        title, f'<main class="wide">{body}</main>', language=language, with_plotly="rca-figure" in body
    )
    return write_text(folder / "report.html", text)


# -- the notebook's cells ---------------------------------------------------------------------------------


def _cell(cell: Any, language: str) -> str:
    if cell.cell_type == "markdown":
        return _markdown(cell.source)
    if cell.cell_type != "code":
        return ""
    out = "".join(_output(output) for output in cell.outputs)
    if not cell.source.strip():
        return out
    code = f"<details class='code'><summary>{escape(say('report.code', language))}</summary><pre>{escape(cell.source)}</pre></details>"
    return f"<section class='cell'>{out}{code}</section>"


def _markdown(source: str) -> str:
    from markdown_it import MarkdownIt

    html = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(source))
    html = re.sub(r"<h1>(.*?)</h1>\n?", r"<p class='lead'>\1</p>", html, flags=re.DOTALL)
    return re.sub(
        r"<h2>(.*?)</h2>", lambda m: f'<h2 id="{_heading_id(m[1])}">{m[1]}</h2>', html, flags=re.DOTALL
    )


def _heading_id(html: str) -> str:
    return "part-" + re.sub(r"[^a-z0-9]+", "-", re.sub(r"<[^>]+>", "", html).lower()).strip("-")


def _output(output: Any) -> str:
    if output.output_type == "stream":
        return f"<pre>{escape(output.text)}</pre>"
    if output.output_type == "error":
        return f"<pre class='error'>{escape(output.ename)}: {escape(output.evalue)}</pre>"
    data = output.get("data", {})
    figure = data.get("application/vnd.plotly.v1+json")
    if figure is not None:
        import plotly.graph_objects as go

        shown = go.Figure(data=figure["data"], layout=figure["layout"], skip_invalid=True)
        return figure_fragment(shown)
    if "text/html" in data:
        return f"<div class='scroll'>{data['text/html']}</div>"
    if "text/markdown" in data:
        return _markdown(data["text/markdown"])
    if "image/svg+xml" in data:
        return f"<div class='scroll'>{data['image/svg+xml']}</div>"
    return f"<pre>{escape(str(data.get('text/plain', '')))}</pre>"


def _contents(html: str, language: str) -> str:
    found = re.findall(r"<h([23])(?: id=\"([^\"]*)\")?>(.*?)</h\1>", html, flags=re.DOTALL)
    items = [(name, re.sub(r"<[^>]+>", "", text)) for _, name, text in found if name]
    items += [
        (key, say(f"report.{key}", language)) for key in ("exhibits", "assumptions", "issues", "evidence")
    ]
    listed = "".join(f'<li><a href="#{escape(name)}">{text}</a></li>' for name, text in items)
    return f"<ul>{listed}</ul>"


# -- what stands around them ------------------------------------------------------------------------------


def _summary(case: CaseLike, verdict: Any, language: str) -> str:
    counts = Counter(issue.severity for issue in verdict.issues)
    entries = case.store.exhibits().values()
    uncited = sum(not sentence.citations for sentence in case.narrative.sentences)
    cards: Iterable[tuple[str, int, bool]] = (
        ("n_exhibits", len({e.id for e in case.register}), False),
        ("n_events", sum(int(e.summary["events"]) for e in entries), False),
        ("n_assumptions", len(case.store.assumptions()), False),
        ("n_unparsed", sum(int(e.summary["books"]["unparsed"]) for e in entries), False),
        ("n_errors", counts[Severity.ERROR], True),
        ("n_warnings", counts[Severity.WARNING], False),
        ("n_notes", counts[Severity.INFO], False),
        ("n_uncited", uncited, True),
    )
    items = "".join(
        f"<li{_BAD if is_bad and n else ''}><b>{n}</b>{escape(say(f'report.{key}', language))}</li>"
        for key, n, is_bad in cards
    )
    return f"<ul class='cards'>{items}</ul>"


def _exhibits(case: CaseLike, language: str) -> str:
    verdicts, _ = case.verify()
    states = {(v.exhibit.id, v.exhibit.version): v.state.value for v in verdicts}
    return exhibit_table(case.register, states, language=language)


def _evidence(case: CaseLike, body: str, language: str) -> str:
    """The raw text behind every citation of the page, in the order of the citations."""
    cited = sorted({unescape(c) for c in re.findall(r'data-cite="([^"]+)"', body)}, key=_natural)
    facts = case.facts(cited)
    out = []
    for citation in cited:
        try:
            shown = case.show(citation, context=0)
        except RcaError as error:
            out.append(
                f'<details class="evidence" id="{anchor(citation)}" open><summary class="error">{escape(citation)}: '
                f"{escape(say('report.lost', language))}</summary><p>{escape(str(error))}</p></details>"
            )
            continue
        known = facts.get(citation)
        about = f"{escape(when(known, case.settings.zone))} · {escape(known.message)}" if known else ""
        raw = "\n".join(shown.lines)
        out.append(
            f'<details class="evidence" id="{anchor(citation)}" open><summary><b>{escape(citation)}</b> {about}</summary>'
            f"<pre>{escape(raw)}</pre><p class='muted'>{escape(say('report.row', language, exhibit=shown.exhibit.path))}, "
            f"<span class='mono'>sha256 {escape(shown.sha256)}</span></p></details>"
        )
    return "\n".join(out)


def _natural(citation: str) -> list[Any]:
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"(\d+)", citation)]
