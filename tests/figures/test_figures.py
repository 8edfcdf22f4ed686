"""Figures tell the truth: what is drawn where is computed here from the events, not from the figure's own output."""

import datetime as dt
import json
import random
import re
from itertools import combinations

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.errors import UsageError
from rca.events import conform
from rca.events.kinds import KINDS
from rca.figures.causal import causal_figure
from rca.figures.causal_layout import lay_out
from rca.figures.causal_routing import Link, route
from rca.figures.lettering import text_width, truncate, wrap
from rca.figures.packing import Box, pack
from rca.figures.palette import looks_of
from rca.figures.timeline import timeline_figure

HOUR = pd.Timedelta("1h")
HOSTILE = '<img src=x onerror=alert(1)><a href="javascript:alert(2)">click</a> & "quoted"'


def frame_of(rows):
    base = {
        "time_precision": "second",
        "time_basis": "zone_given",
        "exhibit": "E1",
        "kind": "log.line",
        "source_kind": "log",
    }
    made = []
    for n, row in enumerate(rows):
        low = pd.Timestamp(row.pop("at", "2024-11-12T05:00Z"))
        width = row.pop("width", pd.Timedelta("1s"))
        made.append(
            {
                **base,
                "time": low,
                "time_earliest": low,
                "time_latest": low + width,
                "locator": f"L{n + 1}",
                "message": f"event {n + 1}",
                **row,
            }
        )
    return conform(pd.DataFrame(made))


def bars(figure):
    """(base, end) in wall-clock time of every horizontal bar of the lanes."""
    found = []
    for trace in figure.data:
        if trace.type == "bar" and trace.orientation == "h" and trace.xaxis in (None, "x"):
            for base, width in zip(trace.base, trace.x, strict=True):
                start = dt.datetime.fromisoformat(base)
                found.append((start, start + dt.timedelta(milliseconds=width)))
    return sorted(found)


def labels(figure):
    meta = figure.layout.meta["labels"]
    trace = figure.data[meta["trace"]]
    return [(x, y, t) for x, y, t in zip(trace.x, trace.y, trace.text, strict=True)]


def test_a_bar_is_as_long_as_the_source_allows_on_local_time():
    frame = frame_of([
        {"at": "2024-11-12T05:00Z", "width": 6 * HOUR, "time_precision": "part_of_day"},
        {"at": "2024-11-11T23:00Z", "width": 24 * HOUR, "time_precision": "day"},
    ])  # fmt: skip
    figure = timeline_figure(frame, zone="Europe/Stockholm")
    assert bars(figure) == [
        (dt.datetime(2024, 11, 12), dt.datetime(2024, 11, 13)),
        (dt.datetime(2024, 11, 12, 6), dt.datetime(2024, 11, 12, 12)),
    ]


def test_an_exact_time_is_a_mark_at_its_hour():
    figure = timeline_figure(
        frame_of([{"at": "2024-11-12T04:30Z", "width": pd.Timedelta("1min"), "time_precision": "minute"}]),
        zone="Europe/Stockholm",
    )
    marks = [t for t in figure.data if t.type == "scatter" and t.mode == "markers" and t.x and t.x[0]]
    assert [m.x[0] for m in marks] == ["2024-11-12 05:30:00"]
    assert bars(figure) == []


def test_the_longer_the_interval_the_paler_the_ink():
    frame = frame_of([{"width": n * HOUR, "time_precision": "part_of_day"} for n in (2, 12, 24, 24 * 6)])
    (trace,) = [t for t in timeline_figure(frame).data if t.type == "bar" and t.orientation == "h"]
    by_length = [c for _, c in sorted(zip(trace.x, trace.marker.color, strict=True))]
    darkness = [sum(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in by_length]
    assert darkness == sorted(darkness)
    assert len(set(darkness)) >= 3


def test_labels_of_the_opening_window_never_run_over_each_other(shipped):
    figure = shipped.timeline.figure()
    low, high = (dt.datetime.fromisoformat(t) for t in figure.layout.xaxis.range)
    width = figure.layout.width - figure.layout.margin.l - figure.layout.margin.r
    rows = {}
    for x, y, text in labels(figure):
        if text:
            start = (dt.datetime.fromisoformat(x) - low) / (high - low) * width
            plain = re.sub(r"<[^>]+>", "", text)
            rows.setdefault(y, []).append((start, start + text_width(plain, 11.5, bold="<b>" in text)))
    assert sum(map(len, rows.values())) > 40
    for spans in rows.values():
        for (_, end), (start, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert end <= start + 6


def test_every_fact_of_the_case_is_drawn_or_counted(shipped):
    figure = shipped.timeline.figure()
    fine = len(figure.layout.meta["labels"]["items"])
    yearly = sum(
        len(t.x) for t in figure.data if t.type == "bar" and t.orientation == "h" and t.xaxis == "x3"
    )
    assert fine + yearly == 192
    assert len(figure.layout.meta["table"]["rows"]) == 192
    low, high = (pd.Timestamp(d, tz="Europe/Stockholm") for d in ("2024-11-11", "2024-11-17"))
    frame = shipped.timeline.frame
    inside = (
        (frame["time_latest"] > low)
        & (frame["time_earliest"] < high)
        & ~frame["time_precision"].isin(["quarter", "year"])
    )
    assert f"{inside.sum()} of 192 events in this window" in figure.layout.title.subtitle.text


def test_the_same_data_gives_the_same_figure(shipped):
    one, two = shipped.timeline.figure(), shipped.timeline.figure()
    assert one.to_json() == two.to_json()
    assert shipped.graph.figure().to_json() == shipped.graph.figure().to_json()


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{}],
        [{} for _ in range(60)],
        [{"at": "2014-11-12T05:00Z"}, {"at": "2024-11-12T05:00Z"}, {"at": "2024-11-12T05:00:01Z"}],
        [{"subject": f"host {n}"} for n in range(5000)],
        [{"message": "word " * 2000}, {"message": "\u200fمرحبا\u200f 🎉🎉"}, {"message": ""}],
        [{"time": pd.NaT}, {"time": pd.NaT}],
        [{"message": HOSTILE, "actor": HOSTILE, "kind": HOSTILE, "time_text": HOSTILE, "subject": HOSTILE}],
        [{"at": f"2024-11-{d:02d}T05:00Z"} for d in range(1, 28)],
    ],
    ids=[
        "empty",
        "one",
        "same instant",
        "ten years and a second",
        "5000 lanes",
        "odd text",
        "undated",
        "hostile",
        "a month",
    ],
)
@pytest.mark.parametrize("language", ["en", "sv"])
def test_awkward_timelines_are_drawn(rows, language):
    figure = timeline_figure(
        frame_of([dict(r) for r in rows]) if rows else conform(pd.DataFrame()),
        lanes="subject",
        language=language,
    )
    text = figure.to_json()
    assert json.loads(text)
    for tag in ("<img", "<a href"):
        assert tag not in text
    assert figure.layout.height < 20_000


def test_thousands_of_events_become_counts():
    rows = [{"at": f"2024-11-12T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z"} for n in range(4000)]
    figure = timeline_figure(frame_of(rows))
    assert "drawn as counts" in figure.layout.title.subtitle.text
    dense = [t for t in figure.data if t.type == "bar" and t.orientation != "h" and t.xaxis in (None, "x")]
    shown = sum(int(re.search(r"(\d+) events", h)[1]) for t in dense for h in t.hovertext)
    low, high = (pd.Timestamp(x, tz="UTC") for x in figure.layout.xaxis.range)
    assert (
        shown == sum(low <= pd.Timestamp(r["at"]) < high for r in rows) if "at" in rows[0] else shown > 3000
    )


def test_an_unknown_lane_gets_advice():
    with pytest.raises(UsageError, match='Did you mean "subject"'):
        timeline_figure(frame_of([{}]), lanes="subjekt")


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(1, 200)), max_size=60))
def test_packed_boxes_of_a_row_keep_their_distance(spans):
    boxes = [Box(start, start + width) for start, width in spans]
    rows = pack(boxes, gap=4)
    for (a, one), (b, two) in combinations(enumerate(boxes), 2):
        if rows[a] == rows[b]:
            assert one.end + 4 <= two.start or two.end + 4 <= one.start
    assert sorted(set(rows)) == list(range(len(set(rows))))


def test_text_is_cut_to_its_room_and_says_so():
    assert truncate("short", 200) == "short"
    cut = truncate("a sentence that is much too long for its room", 90)
    assert cut.endswith("…")
    assert text_width(cut) <= 90
    assert " ".join(wrap("one two three four five six", 60)) == "one two three four five six"
    assert wrap("one two three four five six seven", 60, lines=2)[-1].endswith("…")


def test_known_kinds_keep_their_colour_whatever_stands_beside_them():
    alone = looks_of(["fact.warning_concern"])["fact.warning_concern"]
    beside = looks_of(["fact.warning_concern", "a", "b", "zz.decision"])["fact.warning_concern"]
    assert alone == beside
    looks = looks_of([f"k{n}" for n in range(9)])
    assert len({look.glyph for look in looks.values()}) == 9


def test_a_kind_has_the_colour_of_its_family_and_a_glyph_of_its_own():
    looks = looks_of(KINDS)
    for family in {look.family for look in looks.values()} - {""}:
        mates = [look for look in looks.values() if look.family == family]
        assert len({look.colour for look in mates}) == 1
        if family != "health":
            assert len({look.glyph for look in mates}) == len(mates), family
    colours = {look.colour for look in looks.values() if look.family}
    assert len(colours) == len({look.family for look in looks.values()} - {""})
    assert all(looks_of([kind])[kind] == look for kind, look in looks.items() if look.family)
    assert looks["log.login_failed"].family == "failure" != looks["log.login"].family


def crowd(number, minutes=1):
    start = pd.Timestamp("2024-11-12T05:00Z")
    rows = []
    for n in range(number):
        at = start + pd.Timedelta(seconds=n * minutes * 60)
        rows.append(
            {
                "time": at, "time_earliest": at, "time_latest": at + pd.Timedelta("1s"), "time_precision": "second",
                "time_basis": "zone_given", "exhibit": "E1", "locator": f"L{n + 1}", "event_id": f"{n:024x}", "source_kind": "log",
                "kind": "log.login" if n % 3 else "log.login_failed", "message": f"log-in of somebody, number {n}",
            }
        )  # fmt: skip
    return conform(pd.DataFrame(rows))


def test_a_crowded_lane_stays_low_and_every_mark_leads_to_its_event():
    figure = timeline_figure(crowd(600, minutes=0.2))
    assert figure.layout.height < 700
    marks = [
        (c, i)
        for trace in figure.data
        if trace.customdata is not None
        for c, i in zip(trace.customdata, trace.ids, strict=True)
    ]
    assert len(marks) == len(set(marks)) == 600
    assert ("E1:L7", f"{6:024x}") in marks


def test_the_legend_groups_kinds_by_family():
    figure = timeline_figure(crowd(30))
    notes = [note.text for note in figure.layout.annotations]
    assert "<b>refused or failed</b>" in notes
    assert "<b>logs</b>" in notes
    assert any("login failed" in note and ">10<" in note for note in notes)
    assert not any(trace.showlegend is not False and trace.name for trace in figure.data)


# -- the causal graph -------------------------------------------------------------------------------------


def boxes_hit(layout, points, own):
    hit = []
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        for box in layout.boxes.values():
            if box.id in own:
                continue
            if (
                min(x0, x1) < box.right - 1
                and max(x0, x1) > box.left + 1
                and min(y0, y1) < box.bottom - 1
                and max(y0, y1) > box.y + 1
            ):
                hit.append(box.id)
    return hit


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 30), st.integers(0, 2**20))
def test_no_arrow_runs_through_a_box_of_another(count, seed):
    rng = random.Random(seed)
    names = [f"n{n:02d}" for n in range(count)]
    bands = [(str(b), str(b)) for b in range(1, 7)]
    texts = {n: "word " * rng.randrange(1, 14) for n in names}
    band_of = {n: rng.choice(bands)[0] for n in names}
    pairs = {(rng.choice(names), rng.choice(names)) for _ in range(count * 2)}
    links = [
        Link(f"l{i}", a, b, rng.choice(["claimed", "inference"]))
        for i, (a, b) in enumerate(sorted(pairs))
        if a != b
    ]
    layout = lay_out(texts, band_of, bands, [(k.cause, k.effect) for k in links], width=1300.0)
    routed = route(layout, links)
    for one, two in combinations(layout.boxes.values(), 2):
        if one.row == two.row:
            assert one.right <= two.left + 0.01 or two.right <= one.left + 0.01
    for link in links:
        points = routed.paths[link.id]
        assert boxes_hit(layout, points, {link.cause, link.effect}) == []
        assert all(
            abs(x0 - x1) < 0.5 or y0 == y1 for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False)
        )


def test_the_layout_does_not_depend_on_the_order_of_insertion(shipped):
    graph = shipped.graph.nx
    rng = random.Random(5)
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))
    rng.shuffle(nodes)
    rng.shuffle(edges)
    other = nx.MultiDiGraph()
    other.add_nodes_from(nodes)
    other.add_edges_from((u, v, k, d) for u, v, k, d in edges)
    assert causal_figure(other).to_json() == causal_figure(graph).to_json()


def test_every_factor_and_every_link_of_the_case_is_drawn(shipped):
    figure = causal_figure(shipped.graph.nx)
    shown = {a.text for a in figure.layout.annotations}
    assert sum(bool(re.fullmatch(r"[COX]\d+ · \[\d+\]", t or "")) for t in shown) == 40
    assert len(figure.layout.meta["causal"]["links"]) == 52
    assert any("nothing recorded at this level" in (t or "") for t in shown)
    dashes = [s.line.dash for s in figure.layout.shapes if s.type == "path" and s.line.dash]
    assert (dashes.count("solid"), dashes.count("dash"), dashes.count("dashdot"), dashes.count("dot")) == (
        19,
        31,
        1,
        1,
    )


def test_circles_and_hostile_words_are_drawn():
    graph = nx.MultiDiGraph()
    for name in "abc":
        graph.add_node(name, kind="factor", statement=HOSTILE, level=3, focal=name == "a", status="in_force")
    for n, (cause, effect) in enumerate([("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")]):
        graph.add_node(f"m{n}", kind="mechanism", how=HOSTILE, basis="claimed", join="all")
        graph.add_edge(cause, f"m{n}", kind="input")
        graph.add_edge(f"m{n}", effect, kind="yields")
    text = causal_figure(graph).to_json()
    assert "<img" not in text
    assert "<a href" not in text


def test_a_large_graph_is_drawn_around_its_outcome_and_says_so():
    graph = nx.MultiDiGraph()
    for n in range(2000):
        graph.add_node(
            f"f{n}", kind="factor", statement=f"factor {n}", level=n % 6 + 1, focal=n == 0, status="in_force"
        )
        if n:
            graph.add_node(f"m{n}", kind="mechanism", basis="claimed", join="undetermined")
            graph.add_edge(f"f{n}", f"m{n}", kind="input")
            graph.add_edge(f"m{n}", f"f{n // 3}", kind="yields")
    figure = causal_figure(graph)
    assert "160 of 2000 factors shown" in figure.layout.title.subtitle.text


def test_an_empty_graph_is_drawn():
    assert causal_figure(nx.MultiDiGraph()).layout.height > 0
