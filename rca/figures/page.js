(function () {
  "use strict";
  var swedish = {
    moduleType: "locale", name: "sv", dictionary: {},
    format: {
      days: ["söndag", "måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag"],
      shortDays: ["sön", "mån", "tis", "ons", "tor", "fre", "lör"],
      months: ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"],
      shortMonths: ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
      date: "%Y-%m-%d"
    }
  };

  function unpack() {
    var bytes = Uint8Array.from(atob(document.getElementById("plotly-gz").textContent.trim()), function (c) { return c.charCodeAt(0); });
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  // Labels of a timeline: on every zoom each row keeps the labels that fit, the rest are counted per lane.
  function layLabels(div) {
    var meta = (div.layout.meta || {}).labels;
    if (!meta || !div._fullLayout.xaxis) { return; }
    var axis = div._fullLayout.xaxis, pixels = axis._length;
    var range = axis.range.map(function (t) { return axis.r2l(t); });
    var perMs = pixels / (range[1] - range[0]);
    var context = document.createElement("canvas").getContext("2d");
    var hidden = meta.lanes.map(function () { return 0; });
    var text = meta.items.map(function () { return ""; }), x = meta.items.map(function (i) { return i.start; });
    var rows = {};
    meta.items.forEach(function (item, index) {
      var low = axis.d2l(item.start), high = Math.max(axis.d2l(item.end), low + 1);
      if (high <= range[0] || low >= range[1]) { return; }
      (rows[item.row] = rows[item.row] || []).push({ index: index, item: item, low: low, high: high });
    });
    Object.keys(rows).forEach(function (key) {
      var row = rows[key].sort(function (a, b) { return a.low - b.low || a.index - b.index; });
      row.forEach(function (entry, position) {
        var item = entry.item;
        var anchor = Math.max(entry.low, range[0]);
        var from = (anchor - range[0]) * perMs + (item.dot ? 8 : 3);
        var next = position + 1 < row.length ? (row[position + 1].low - range[0]) * perMs - 4 : pixels + meta.overhang;
        var room = next - from - 14;
        context.font = (item.dot ? "bold " : "") + meta.size + "px Helvetica, Arial, 'Liberation Sans', sans-serif";
        var label = item.text;
        if (context.measureText(label).width > room) {
          var least = Math.min(label.length, 12), fit = label.length;
          while (fit > least && context.measureText(label.slice(0, fit).trimEnd() + "…").width > room) { fit -= 1; }
          label = fit > least || context.measureText(label.slice(0, fit) + "…").width <= room ? label.slice(0, fit).trimEnd() + "…" : "";
        }
        if (!label || room < 24) { hidden[item.lane] += 1; return; }
        x[entry.index] = anchor > entry.low ? axis.l2d(anchor) : item.start;
        text[entry.index] = "<span style=\"color:" + item.colour + "\">" + item.glyph + "</span> " + (item.dot ? "<b>" : "") +
          label.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;") + (item.dot ? "</b>" : "");
      });
    });
    var labels = div.data[meta.trace];
    labels.text = text;
    labels.x = x;
    hidden.forEach(function (count, lane) {
      div.layout.annotations[meta.lanes[lane]].text = count ? meta.more.replace("{n}", String(count)) : "";
    });
    var frame = div.layout.shapes[meta.window];
    frame.x0 = axis.l2d(range[0]);
    frame.x1 = axis.l2d(range[1]);
    div._rcaBusy = true;
    Plotly.redraw(div).then(function () { div._rcaBusy = false; });
  }

  // A click on the overview moves the window there.
  function followOverview(div) {
    div.on("plotly_click", function (event) {
      var point = event.points && event.points[0];
      if (!point || !point.xaxis || point.xaxis._id === "x" || !(div.layout.meta || {}).labels) { return; }
      var axis = div._fullLayout.xaxis, half = (axis.r2l(axis.range[1]) - axis.r2l(axis.range[0])) / 2;
      var middle = axis.d2l(point.x);
      Plotly.relayout(div, { "xaxis.range": [axis.l2r(middle - half), axis.l2r(middle + half)] });
    });
  }

  // A click on a box of the causal graph shows what leads to it and what it leads to.
  function followCauses(div) {
    var meta = (div.layout.meta || {}).causal;
    if (!meta) { return; }
    var chosen = null;
    function reach(start, forward) {
      var seen = {}, queue = [start];
      while (queue.length) {
        var at = queue.pop();
        meta.links.forEach(function (link) {
          var from = forward ? link[0] : link[1], to = forward ? link[1] : link[0];
          if (from === at && !seen[to]) { seen[to] = true; queue.push(to); }
        });
      }
      seen[start] = true;
      return seen;
    }
    div.on("plotly_click", function (event) {
      var point = event.points && event.points[0], id = point && point.customdata;
      if (typeof id !== "string") { return; }
      chosen = chosen === id ? null : id;
      var near = chosen === null ? null : Object.assign(reach(chosen, true), reach(chosen, false));
      var update = {};
      meta.shapes.forEach(function (owner, index) {
        var on = near === null || owner.every(function (one) { return near[one]; });
        update["shapes[" + index + "].opacity"] = on ? meta.opacities[index] : 0.08;
      });
      meta.texts.forEach(function (owner, index) {
        if (owner) { update["annotations[" + index + "].opacity"] = near === null || near[owner] ? 1 : 0.15; }
      });
      Plotly.relayout(div, update);
    });
  }

  // A click on a mark, or Enter on a row of the table, opens the raw source. All of it is put in as text, never as markup.
  var raw = JSON.parse((document.getElementById("rca-raw") || { textContent: "null" }).textContent);
  var panel = null, opener = null;

  function add(parent, tag, text, name) {
    var element = document.createElement(tag);
    if (text) { element.textContent = text; }
    if (name) { element.className = name; }
    parent.appendChild(element);
    return element;
  }

  function closeRaw() {
    if (!panel) { return; }
    panel.remove();
    panel = null;
    if (opener && opener.focus) { opener.focus({ preventScroll: true }); }
  }

  function rawLines(source) {
    var block = document.createElement("pre"), number = source.first, lead = source.before ? source.before.length : 0;
    var last = (source.first || 0) + (source.lines || []).length + (source.after || []).length;
    function line(mark, write) {
      var row = add(block, "span", "", mark);
      if (source.first) { add(row, "i", String(number).padStart(String(last).length), "no"); number += 1; }
      write(row);
    }
    if (number) { number -= lead; }
    (source.before || []).forEach(function (text) { line("ctx", function (row) { add(row, "span", text); }); });
    (source.lines || []).forEach(function (text, index) {
      line("rec", function (row) {
        if (index === 0 && source.lead) { add(row, "span", source.lead, "beside"); }
        add(row, "mark", text || " ");
        if (index === source.lines.length - 1 && source.rest) { add(row, "span", source.rest, "beside"); }
      });
    });
    (source.after || []).forEach(function (text) { line("ctx", function (row) { add(row, "span", text); }); });
    return block;
  }

  function openRaw(citation, event, from, at) {
    if (!raw) { return; }
    closeRaw();
    var words = raw.words, source = raw.sources[citation] || { events: [], note: words.missing };
    var exhibit = raw.exhibits[citation.split(/[:!#]/)[0]] || { path: "", sha256: "" };
    opener = from;
    panel = add(document.body, "aside", "", "raw");
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", words.title + " " + citation);
    panel.tabIndex = -1;
    var head = add(panel, "header");
    add(head, "b", citation, "mono");
    var close = add(head, "button", "×");
    close.type = "button";
    close.title = words.close;
    close.setAttribute("aria-label", words.close);
    close.onclick = closeRaw;
    add(panel, "p", words.exhibit + " " + citation.split(/[:!#]/)[0] + " · " + exhibit.path, "muted");
    add(panel, "p", "sha256 " + exhibit.sha256, "muted mono hash");
    if (source.lines && source.lines.length) { panel.appendChild(rawLines(source)); }
    if (source.note) { add(panel, "p", source.note, "muted note"); }
    var rests = {};
    if (source.events.length) {
      add(panel, "h4", words.events);
      var list = add(panel, "ul");
      source.events.forEach(function (one) {
        var item = add(list, "li", "", one.id === event ? "this" : "");
        add(item, "span", one.when, "when");
        add(item, "span", one.kind, "tag");
        add(item, "span", one.message);
        if (one.id === event || source.events.length === 1) { one.assumptions.forEach(function (id) { rests[id] = true; }); }
      });
    }
    if (Object.keys(rests).length) {
      add(panel, "h4", words.assumptions);
      var assumed = add(panel, "ul");
      Object.keys(rests).forEach(function (id) { add(assumed, "li", raw.assumptions[id] || id); });
    }
    // beside the mark: below it where there is room, else above it
    var page = document.documentElement, width = Math.min(760, page.clientWidth - 16), height = panel.offsetHeight;
    panel.style.width = width + "px";
    height = panel.offsetHeight;
    panel.style.left = Math.max(8, Math.min(at.x - width / 3, page.clientWidth - width - 8)) + "px";
    var below = at.y + 16 + window.scrollY, above = at.y - 16 - height + window.scrollY;
    panel.style.top = (at.y + 16 + height > window.innerHeight && above > 0 ? above : below) + "px";
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }

  function followRaw(div) {
    if (!raw) { return; }
    div.on("plotly_click", function (event) {
      var point = event.points && event.points[0];
      if (!point || typeof point.customdata !== "string" || (div.layout.meta || {}).causal) { return; }
      var mouse = event.event || {};
      Plotly.Fx.unhover(div);
      openRaw(point.customdata, point.id, div, { x: mouse.clientX || 0, y: mouse.clientY || 0 });
    });
  }

  function followRows() {
    function go(row) {
      var box = row.getBoundingClientRect();
      openRaw(row.dataset.citation, row.dataset.event, row, { x: box.left + 120, y: box.bottom - 12 });
    }
    document.addEventListener("click", function (event) {
      var row = event.target.closest && event.target.closest("tr.way");
      if (row && !String(window.getSelection())) { go(row); }
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { closeRaw(); }
      var row = event.target.closest && event.target.closest("tr.way");
      if (row && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); go(row); }
    });
  }

  function draw() {
    if (raw) { followRows(); }
    Plotly.register(swedish);
    var all = Array.prototype.map.call(document.querySelectorAll("script.rca-figure"), function (script) {
      var div = document.getElementById(script.dataset.for), figure = JSON.parse(script.textContent);
      var config = { displaylogo: false, responsive: false, locale: window.rcaLanguage === "sv" ? "sv" : "en-US",
        modeBarButtonsToRemove: ["select2d", "lasso2d", "toImage"], scrollZoom: false };
      return Plotly.newPlot(div, figure.data, figure.layout, config).then(function () {
        followOverview(div); followCauses(div); followRaw(div);
        div.on("plotly_relayout", function () { if (!div._rcaBusy) { layLabels(div); } });
        layLabels(div);
      });
    });
    return Promise.all(all).then(function () { document.documentElement.dataset.ready = "true"; });
  }

  unpack().then(function (source) {
    var script = document.createElement("script");
    script.textContent = source;
    document.head.appendChild(script);
    return draw();
  }).catch(function (error) {
    var note = document.createElement("p");
    note.className = "error";
    note.textContent = "The figures need a browser of 2023 or newer: " + error;
    document.body.insertBefore(note, document.body.firstChild);
    console.error(error);
  });
}());
