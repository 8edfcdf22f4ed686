"""Pages in a real browser: they open without errors, hostile text shows as text, labels never collide on zoom."""

import json
import subprocess
from html import unescape

import pandas as pd
import pytest

from rca.case import Case
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


CLICK = """
(function wait() {
  var div = document.querySelector(".js-plotly-plot");
  if (!div || document.documentElement.dataset.ready !== "true") { return setTimeout(wait, 50); }
  var target = div.querySelector(".nsewdrag"), area = target.getBoundingClientRect(), out = [];
  var marks = Array.prototype.filter.call(div.querySelectorAll(".scatterlayer .points path"), function (mark) {
    var box = mark.getBoundingClientRect();
    return box.left > area.left + 9 && box.right < area.right && box.top > area.top && box.bottom < area.bottom;
  });
  function tell() {
    var panel = document.querySelector("aside.raw");
    out.push(panel && { name: panel.getAttribute("aria-label"), text: panel.textContent, marked: (panel.querySelector("mark") || {}).textContent,
      foreign: panel.querySelectorAll("img, script, a, iframe").length, focused: document.activeElement === panel, role: panel.getAttribute("role") });
  }
  function key(on, name) { on.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true })); }
  function send(on, kind) {
    on.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true, view: window, clientX: x, clientY: y, detail: 1 }));
  }
  var box = marks[0].getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
  send(target, "mouseover"); send(target, "mousemove");
  setTimeout(function () { send(target, "mousemove"); setTimeout(function () {
    send(target, "mousedown"); send(document, "mouseup");
    setTimeout(function () {
      tell();
      key(document.body, "Escape"); tell();
      document.querySelector("details.data").open = true;
      var row = document.querySelector("tr.way"); row.focus(); key(row, "Enter"); tell();
      document.querySelector("aside.raw button").click(); tell();
      document.title += " " + (document.activeElement === row);
      var note = document.createElement("pre"); note.id = "out"; note.textContent = JSON.stringify(out);
      document.body.innerHTML = ""; document.body.appendChild(note);
    }, 400);
  }, 300); }, 300);
}());
"""


def clicked(browser, path, tmp_path):
    """What the panel says after a click on the first mark, Escape, Enter on the first row, and its button."""
    dom, messages = visit(browser, path, tmp_path, CLICK)
    assert messages == []
    assert "<title>" in dom
    return json.loads(unescape(dom.split('<pre id="out">')[1].split("</pre>")[0])), dom


def test_a_click_on_a_mark_and_enter_on_a_row_show_the_raw_source(browser, tmp_path):
    log = tmp_path / "app.log"
    log.write_text(
        "".join(f"2024-11-12 05:{n:02}:00 INFO request {n} done\n" for n in range(10))
        + f"2024-11-12 05:30:00 ERROR {HOSTILE}\n"
    )
    case = Case.create(tmp_path / "case", zone="Europe/Stockholm")
    case.add(log)
    case.ingest(workers=1)
    (mark, gone, row, closed), dom = clicked(browser, case.board().save(tmp_path / "board.html"), tmp_path)
    assert (gone, closed) == (None, None)
    assert mark["role"] == "dialog"
    assert mark["focused"]
    assert mark["name"].split()[-1].startswith("E1:L")
    assert case.exhibits.loc[0, "sha256"] in mark["text"]
    assert "app.log" in mark["text"]
    assert mark["marked"].startswith("2024-11-12 05:")
    assert row["name"].endswith("E1:L1")
    assert row["marked"] == "2024-11-12 05:00:00 INFO request 0 done"
    assert "request 2 done" in row["text"]
    assert "Europe/Stockholm" in row["text"]  # what had to be assumed
    assert " true</title>" in dom  # the keyboard is back where it was


def test_hostile_bytes_of_a_source_are_shown_and_never_run(browser, tmp_path):
    log = tmp_path / "app.log"
    log.write_bytes(
        f"2024-11-12 05:30:00 ERROR {HOSTILE}</script><!--<script>\x1b[31m\n".encode() + b"\xff\xfe tail\n"
    )
    case = Case.create(tmp_path / "case", zone="Europe/Stockholm", title=HOSTILE)
    case.add(log)
    case.ingest(workers=1)
    board = case.board()
    (mark, *_), dom = clicked(browser, board.save(tmp_path / "board.html"), tmp_path)
    assert mark["foreign"] == 0
    assert HOSTILE in mark["text"]
    assert "\\x1b[31m" in mark["text"]
    assert "\\xff\\xfe tail" in mark["text"]
    assert "<title>&lt;img" in dom
    frame = board._repr_html_()
    assert frame.startswith("<iframe")
    assert 'sandbox="allow-scripts"' in frame
    assert "<script" not in frame.partition(">")[2].partition("</iframe>")[0]


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
