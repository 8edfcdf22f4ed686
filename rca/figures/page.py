"""Pages: one self-contained HTML file, the same bytes every time, that opens without a network.

The decision hidden here: the shell that all our pages share, and how plotly gets into it. Its library is compressed
once into the page and unpacked by the browser; the ids of figures come from their content; a policy in the page
forbids every outside address; all text is escaped by whoever puts it in.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rca.texts import say

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["figure_fragment", "figure_page", "page", "write_html", "write_image", "write_text"]

_LOG = logging.getLogger("rca.figures")


def page(title: str, body: str, *, language: str = "en", with_plotly: bool = False) -> str:
    """A whole HTML page around `body` (HTML that is safe already); with plotly's library where figures are in it."""
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    library = ""
    if with_plotly:
        loader = resources.files(__package__).joinpath("page.js").read_text(encoding="utf-8")
        library = (
            f'<script type="text/plain" id="plotly-gz">{_packed_plotly()}</script>\n'
            f"<script>window.rcaLanguage={json.dumps(language)};\n{loader}</script>"
        )
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; img-src data: blob:; font-src data:"
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n{library}\n</body>\n</html>\n"
    )


@cache
def _packed_plotly() -> str:
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode("utf-8"), 9, mtime=0)).decode("ascii")


def figure_fragment(figure: go.Figure, *, label: str = "") -> str:
    """A figure as HTML for the body of a `page(…, with_plotly=True)`: a place for it, its data, and a text for it."""
    data = _figure_json(figure)
    name = "fig-" + hashlib.sha256(data.encode("utf-8")).hexdigest()[:16]
    height = int(figure.layout.height or 600)
    safe = _in_script(data)
    text = escape(label or str(figure.layout.title.text or ""))
    return (
        f'<div class="figure" role="img" aria-label="{text}" id="{name}" style="min-height:{height}px"></div>\n'
        f'<script type="application/json" class="rca-figure" data-for="{name}">{safe}</script>'
    )


def _figure_json(figure: go.Figure) -> str:
    import plotly.io as pio

    return json.dumps(
        json.loads(pio.to_json(figure, validate=False)),
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )


def write_html(
    figure: go.Figure | Sequence[tuple[str, Any]],
    path: Path,
    *,
    title: str,
    language: str = "en",
    below: str = "",
    raw: Mapping[str, Any] | None = None,
) -> Path:
    """Write a page with a figure, or with several parts (heading, figure or HTML); `below` is HTML after them."""
    return write_text(path, figure_page(figure, title=title, language=language, below=below, raw=raw))


def figure_page(
    figure: go.Figure | Sequence[tuple[str, Any]],
    *,
    title: str,
    language: str = "en",
    below: str = "",
    raw: Mapping[str, Any] | None = None,
) -> str:
    """The page that `write_html` writes. `raw` is what stands behind the marks, by the citation in their `customdata`.

    A click on a mark, or Enter on a row of the table, then opens the raw source: plain values as `rca.timeline.raw` gives
    them, which the page's script only ever puts in as text.
    """
    parts = [("", figure)] if not isinstance(figure, Sequence) else list(figure)
    body = []
    for heading, part in parts:
        if heading:
            body.append(f"<h2>{escape(heading)}</h2>")
        body.append(part if isinstance(part, str) else figure_fragment(part, label=title))
        meta = {} if isinstance(part, str) else part.layout.meta or {}
        if meta.get("table"):
            ways = (
                zip(meta.get("citations", ()), meta.get("events", ()), strict=True) if raw is not None else ()
            )
            body.append(_data_table(meta["table"], language, list(ways)))
    if raw is not None:
        body.append(_raw_data(raw, language))
    return page(
        title, f'<main class="wide">{"".join(body)}{below}</main>', language=language, with_plotly=True
    )


def _raw_data(raw: Mapping[str, Any], language: str) -> str:
    """The raw sources as data of the page, with the words of the panel that shows them."""
    names = ("title", "close", "exhibit", "events", "assumptions", "missing")
    words = {name: say(f"page.raw_{name}", language) for name in names}
    data = json.dumps({**raw, "words": words}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f'<script type="application/json" id="rca-raw">{_in_script(data)}</script>'


def _data_table(table: dict[str, Any], language: str, ways: Sequence[tuple[str, str]] = ()) -> str:
    """What a figure shows, as a table that a keyboard and a screen reader reach; `ways` lead to each row's raw source."""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in table["head"])
    rows = []
    for place, row in enumerate(table["rows"]):
        way = ""
        if place < len(ways):
            citation, event = ways[place]
            way = f' class="way" tabindex="0" data-citation="{escape(citation)}" data-event="{escape(event)}"'
        rows.append(f"<tr{way}>" + "".join(f"<td>{escape(str(c))}</td>" for c in row) + "</tr>")
    words = escape(say("page.as_table", language, n=len(table["rows"])))
    return f'<details class="data"><summary>{words}</summary><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></details>'


def _in_script(data: str) -> str:
    """JSON that cannot end the script element that it stands in, or begin a comment there."""
    return data.replace("<", "\\u003c")


def write_text(path: Path, text: str) -> Path:
    """Write a page, UTF-8 with LF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def write_image(
    figure: go.Figure, path: Path, *, width: int | None = None, height: int | None = None, scale: float = 1
) -> bool:
    """Write a picture (by suffix: svg, png, pdf) through an installed browser; False where there is none.

    The SVG is the same every time: the random ids that plotly gives to clips are replaced by numbers.
    """
    if _browser() is None:
        _LOG.info("no browser: %s was not written", path.name)
        return False
    import plotly.io as pio

    for name in ("kaleido", "choreographer", "logistro"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        data = pio.to_image(figure, format=path.suffix.lstrip("."), width=width, height=height, scale=scale)
    except Exception as error:  # kaleido raises whatever its browser does; a picture is a convenience
        _LOG.warning("the browser drew nothing: %s", error)
        return False
    if path.suffix == ".svg":
        data = _steady_svg(data.decode("utf-8")).encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return True


@cache
def _browser() -> str | None:
    """Where a browser is that kaleido can drive, if kaleido is installed."""
    import shutil
    from importlib.util import find_spec

    if find_spec("kaleido") is None:
        return None
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"):
        found = shutil.which(name)
        if found:
            return found
    return None


def _steady_svg(text: str) -> str:
    """The SVG with ids numbered in the order in which they first stand, instead of random ones."""
    names: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"id{len(names)}")

    found = re.findall(r'id="([^"]*[0-9a-f]{6}[^"]*)"', text) + re.findall(r"\btrace[0-9a-f]{6}\b", text)
    random_ids = sorted(set(found), key=len, reverse=True)
    if not random_ids:
        return text
    return re.sub("|".join(re.escape(name) for name in random_ids), number, text)
