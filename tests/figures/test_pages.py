"""Pages in a real browser: they open without errors, hostile text shows as text, labels never collide on zoom."""

import json
import subprocess

import pandas as pd
import pytest

from rca.events import conform
from rca.figures.page import page, write_html, write_image
from rca.figures.timeline import timeline_figure

pytestmark = pytest.mark.browser
HOSTILE = '<img src=x onerror="document.title=666"><a href="javascript:document.title=667">x</a><script>document.title=668</script>'
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=15000", "--enable-logging=stderr", "--v=0",
)  # fmt: skip


def visit(browser, path, tmp_path, extra=""):
    """The page's DOM after its scripts ran, and the messages on its console."""
    if extra:
        text = path.read_text(encoding="utf-8").replace("</body>", f"<script>{extra}</script></body>")
        path = path.with_name(f"probe-{path.name}")
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.resolve().as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_all_pages_of_the_demo_open_without_console_errors(browser, shipped, tmp_path):
    written = shipped.timeline.export(tmp_path / "out", formats=("html",))
    graph = write_html(shipped.graph.figure(), tmp_path / "out" / "causes.html", title="t")
    report = shipped.report(tmp_path / "out")
    for path in (written["html"], graph, report):
        dom, messages = visit(browser, path, tmp_path)
        assert messages == [], path.name
        assert 'data-ready="true"' in dom, path.name
    assert "http" not in json.dumps([m for m in messages])


def test_hostile_text_shows_as_text(browser, tmp_path):
    at = pd.Timestamp("2024-11-12T05:00Z")
    row = {
        "time": at, "time_earliest": at, "time_latest": at + pd.Timedelta("1h"), "time_precision": "hour",
        "time_basis": "zone_given", "exhibit": "E1", "locator": "L1", "message": HOSTILE, "actor": HOSTILE, "kind": HOSTILE,
        "subject": HOSTILE, "time_text": HOSTILE,
    }  # fmt: skip
    figure = timeline_figure(
        conform(pd.DataFrame([row])), title=HOSTILE, lanes="subject", focus=[("2024-11-12T05:30", HOSTILE)]
    )
    path = write_html(figure, tmp_path / "x.html", title=HOSTILE)
    dom, messages = visit(browser, path, tmp_path)
    assert messages == []
    assert "<title>&lt;img" in dom
    assert "<img src" not in dom.split('<script type="application/json"')[0]


PROBE = """
(function wait() {
  var div = document.querySelector(".js-plotly-plot");
  if (!div || document.documentElement.dataset.ready !== "true") { return setTimeout(wait, 50); }
  function texts() {
    return Array.prototype.map.call(div.querySelectorAll(".textpoint text, g.text text"), function (t) {
      var b = t.getBoundingClientRect();
      return [Math.round(b.left), Math.round(b.right), Math.round(b.top), Math.round(b.bottom), t.textContent];
    }).filter(function (t) { return t[1] > t[0] && t[4].trim(); });
  }
  function clash(all) {
    var n = 0;
    all.forEach(function (a, i) { all.slice(i + 1).forEach(function (b) {
      if (a[0] < b[1] - 3 && b[0] < a[1] - 3 && a[2] < b[3] - 4 && b[2] < a[3] - 4) { n += 1; } }); });
    return n;
  }
  var out = [[texts().length, clash(texts())]];
  var ranges = [["2024-11-01", "2024-12-15"], ["2024-11-12 00:00", "2024-11-12 12:00"], ["2024-01-01", "2026-06-01"]];
  (function next() {
    var range = ranges.shift();
    if (!range) { document.body.innerHTML = "<pre id=out>" + JSON.stringify(out) + "</pre>"; return; }
    Plotly.relayout(div, { "xaxis.range": range }).then(function () {
      setTimeout(function () { out.push([texts().length, clash(texts())]); next(); }, 400);
    });
  }());
}());
"""


def test_labels_never_collide_at_any_zoom(browser, shipped, tmp_path):
    path = write_html(shipped.timeline.figure(), tmp_path / "t.html", title="t")
    dom, messages = visit(browser, path, tmp_path, PROBE)
    found = json.loads(dom.split('<pre id="out">')[1].split("</pre>")[0])
    assert len(found) == 4
    assert all(clashes == 0 for _, clashes in found), found
    assert all(count > 10 for count, _ in found), found
    assert messages == []


def test_pictures_are_drawn_and_are_the_same_every_time(browser, shipped, tmp_path):
    pytest.importorskip("kaleido")
    figure = shipped.timeline.figure()
    one, two = tmp_path / "one.svg", tmp_path / "two.svg"
    assert write_image(figure, one)
    assert write_image(figure, two)
    assert one.read_bytes() == two.read_bytes()
    assert b"Millennium goes live at 05:30" in one.read_bytes()


def test_a_page_names_its_language_and_no_outside_address():
    text = page("A <title>", "<p>x</p>", language="sv")
    assert '<html lang="sv">' in text
    assert "A &lt;title&gt;" in text
    assert "http://" not in text
    assert "https://" not in text


def test_without_a_browser_no_picture_is_written_and_nothing_breaks(shipped, tmp_path, monkeypatch):
    import rca.figures.page as module

    monkeypatch.setattr(module, "_browser", lambda: None)
    written = shipped.timeline.export(tmp_path / "out")
    assert "svg" not in written
    assert written["html"].is_file()
