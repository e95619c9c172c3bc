// Everything that the map does in the browser beside Leaflet itself. Data arrive as JSON and all
// text is set as text, never as markup.
(function () {
  const bsh = (window.bsh = window.bsh || { area: null, clicks: 0 });
  let drawn = [];
  let turn = 0;
  let staying = null;

  // The ground comes with the call, or before it with the file that our server offers.
  bsh.ready = function (map, given) {
    const ground = given || bsh.ground;
    bsh.map = map;
    bsh.ground = ground;
    bsh.notes = new Map();
    map.attributionControl.setPrefix(false);
    for (const [pane, level] of [["bsh-ground", 210], ["bsh-images", 300], ["bsh-borders", 310], ["bsh-areas", 410], ["bsh-outline", 430], ["bsh-points", 450], ["bsh-labels", 640]]) {
      map.createPane(pane).style.zIndex = level;
    }
    map.getPane("bsh-labels").style.pointerEvents = "none";
    L.geoJSON(ground.neighbours, { pane: "bsh-ground", interactive: false, style: ground.neighbourStyle }).addTo(map);
    L.geoJSON(ground.districts, {
      pane: "bsh-ground",
      style: ground.districtStyle,
      onEachFeature: (feature, layer) => selectable(layer, feature.properties.id),
    }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 140 }).addTo(map);
    map.on("zoomend viewreset resize", () => placeLabels());
    // A page that asks for places (view.picks) is told where the map was clicked.
    map.on("click", function (event) {
      if (!bsh.view || !bsh.view.picks || !window.Streamlit) return;
      const place = event.latlng.wrap();
      window.Streamlit.setComponentValue({ lon: place.lng, lat: place.lat, at: Date.now() });
    });
    // The frame may get its size, and the legend its font, after Leaflet has measured them; the
    // view is fitted again then, as long as nobody has moved it.
    map.on("movestart", () => { if (!bsh.fitting) bsh.fitted = null; });
    new ResizeObserver(() => {
      bsh.fitting = true;
      map.invalidateSize({ animate: false });
      bsh.fitting = false;
      fitAgain();
    }).observe(map.getContainer());
    document.fonts.ready.then(fitAgain);
  };

  // Fill patterns are our own SVG, made from the styles of the view, and hold no text of the data.
  bsh.patterns = function (svg) {
    document.getElementById("bsh-patterns").innerHTML = svg;
  };

  // A new view: what was handed over for it is drawn, at once or as soon as its data are here.
  // Until then the view before stays on the map, and a still newer view takes the place of both.
  bsh.show = function (map, group, view) {
    const mine = ++turn;
    const drawing = drawn;
    drawn = [];
    const loads = drawing.map((one) => one.load).filter(Boolean);
    function finish(failed) {
      if (mine !== turn) return;
      if (staying) map.removeLayer(staying);
      staying = null;
      bsh.words = view.words;
      bsh.hover(null);
      for (const one of drawing) if (!failed || !one.load) one.draw();
      framed(map, group, view);
      if (failed) bsh.note("failed", view.words.failed);
    }
    if (!loads.length) return finish(false);
    if (bsh.group && !staying) staying = bsh.group.addTo(map);
    Promise.all(loads).then(() => finish(false), () => finish(true));
  };

  function fetched(url) {
    return fetch(url).then(function (answer) {
      if (!answer.ok) throw new Error(url + ": " + answer.status);
      return answer.json();
    });
  }
  bsh.fetched = fetched;

  function framed(map, group, view) {
    bsh.view = view;
    bsh.group = group;
    bsh.notes = new Map();
    bsh.note("view", view.notes.join("\n"));
    if (bsh.credit) map.attributionControl.removeAttribution(bsh.credit);
    bsh.credit = view.credit;
    map.attributionControl.addAttribution(bsh.credit);
    legend(map, view.legend);
    labels(map, group, view.labels);
    fit(view);
  }

  // Short notes at the foot of the map about what is drawn there; an empty text takes one away.
  bsh.note = function (key, text) {
    if (text) bsh.notes.set(key, text);
    else bsh.notes.delete(key);
    if (bsh.noted) bsh.map.removeControl(bsh.noted);
    bsh.noted = null;
    if (!bsh.notes.size) return;
    bsh.noted = L.control({ position: "bottomleft" });
    bsh.noted.onAdd = () => element("div", "bsh-note", Array.from(bsh.notes.values()).join("\n"));
    bsh.noted.addTo(bsh.map);
  };

  // A raster's picture, and over it the borders of the districts, which answer to hover and click.
  bsh.image = function (group, image) {
    drawn.push({ draw: () => drawImage(group, image) });
  };

  function drawImage(group, image) {
    const layer = L.imageOverlay(image.url, image.bounds, { pane: "bsh-images", className: "bsh-image", alt: image.title, interactive: false });
    layer.bshImage = image.id;
    layer.addTo(group);
    L.geoJSON(bsh.ground.districts, {
      pane: "bsh-borders",
      style: Object.assign({}, bsh.ground.districtStyle, { pane: "bsh-borders", fill: true, fillOpacity: 0 }),
      onEachFeature: function (feature, one) {
        const properties = image.cards[feature.properties.id];
        if (properties) one.bindTooltip(() => card(properties), { sticky: true, className: "bsh-card", opacity: 1 });
        selectable(one, feature.properties.id);
      },
    }).addTo(group);
  }

  // A part brings its features, the address to fetch them from, its rows where the shapes are the
  // districts of the ground, or the address of its tiles.
  bsh.part = function (group, part) {
    const one = { draw: () => (part.tiles ? bsh.tiles(group, part) : drawPart(group, part)) };
    if (part.url) one.load = fetched(part.url).then((data) => { part.data = data; });
    drawn.push(one);
  };

  function onGround(rows) {
    const shapes = new Map(bsh.ground.districts.features.map((one) => [one.properties.id, one.geometry]));
    const features = rows.map((row) => ({ type: "Feature", geometry: shapes.get(row.id), properties: row }));
    return { type: "FeatureCollection", features: features };
  }

  function drawPart(group, part) {
    if (part.rows) part.data = onGround(part.rows);
    const paper = part.canvas ? { renderer: bsh.paper(part.pane) } : {};
    const style = (feature) => Object.assign({ pane: part.pane }, paper, part.styles[feature.properties.key]);
    const layer = L.geoJSON(part.data, {
      pane: part.pane,
      style: style,
      interactive: part.interactive,
      pointToLayer: (feature, latlng) =>
        L.circleMarker(latlng, Object.assign({ radius: feature.properties.radius }, style(feature))),
      onEachFeature: function (feature, one) {
        if (!part.interactive) return;
        const className = part.canvas ? "bsh-card bsh-card-over" : "bsh-card";
        one.bindTooltip(() => card(feature.properties), { sticky: true, className: className, opacity: 1 });
        if (part.selects) selectable(one, feature.properties.id);
        if (part.opens) opening(one, feature.properties.id);
        one.on("mouseover", function () {
          if (part.canvas) bsh.hover(part, feature.properties.id);
          one.setStyle({ weight: (style(feature).weight || 1) + 1.2 });
        });
        one.on("mouseout", function () {
          if (part.canvas) bsh.hover(null);
          one.setStyle({ weight: style(feature).weight });
        });
      },
    });
    layer.bshPart = part.id;
    layer.addTo(group);
  }

  // What is drawn on a canvas lets the mouse through to the shapes below it. While it has the
  // mouse, their cards are hidden and a click is its own.
  bsh.hover = function (part, id) {
    bsh.over = part ? { part: part, id: String(id) } : null;
    bsh.map.getContainer().classList.toggle("bsh-over", Boolean(part));
  };

  function send(value) {
    if (window.Streamlit) window.Streamlit.setComponentValue(Object.assign(value, { at: Date.now() }));
  }

  function selectable(layer, id) {
    layer.on("click", function (event) {
      if (bsh.view && bsh.view.picks) return;
      L.DomEvent.stopPropagation(event);
      if (bsh.over && bsh.over.part.opens) return send({ station: bsh.over.id });
      const more = event.originalEvent && (event.originalEvent.ctrlKey || event.originalEvent.metaKey || event.originalEvent.shiftKey);
      send({ district: String(id), more: Boolean(more) });
    });
  }

  function opening(layer, id) {
    layer.on("click", function (event) {
      L.DomEvent.stopPropagation(event);
      send({ station: String(id) });
    });
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  bsh.card = card;
  function card(properties) {
    const box = element("div");
    box.appendChild(element("div", "bsh-card-title", properties.name));
    for (const [label, value] of properties.lines || []) {
      const row = element("div", "bsh-card-row");
      row.appendChild(element("span", "bsh-card-label", label));
      row.appendChild(element("span", "bsh-card-value", value));
      box.appendChild(row);
    }
    return box;
  }

  function swatch(item) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("width", 26);
    svg.setAttribute("height", item.radius ? Math.max(14, 2 * item.radius + 3) : 14);
    const shape = document.createElementNS(space, item.radius ? "circle" : "rect");
    if (item.radius) {
      shape.setAttribute("cx", 13);
      shape.setAttribute("cy", Math.max(14, 2 * item.radius + 3) / 2);
      shape.setAttribute("r", item.radius);
    } else {
      for (const [name, value] of [["x", 1], ["y", 1], ["width", 24], ["height", 12]]) shape.setAttribute(name, value);
    }
    const style = item.style;
    shape.setAttribute("fill", style.fill ? style.fillColor : "none");
    shape.setAttribute("fill-opacity", style.fillOpacity);
    shape.setAttribute("stroke", style.color);
    shape.setAttribute("stroke-width", style.weight);
    if (style.dashArray) shape.setAttribute("stroke-dasharray", style.dashArray);
    svg.appendChild(shape);
    return svg;
  }

  function legend(map, blocks) {
    if (bsh.legend) map.removeControl(bsh.legend);
    bsh.legend = L.control({ position: "bottomright" });
    bsh.legend.onAdd = function () {
      const box = element("div", "bsh-legend");
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      for (const block of blocks) {
        const head = element("div", "bsh-legend-title", block.title);
        if (block.unit) head.appendChild(element("span", "bsh-legend-unit", block.unit));
        box.appendChild(head);
        for (const item of block.items) {
          const row = element("div", "bsh-legend-row");
          row.appendChild(swatch(item));
          row.appendChild(element("span", "", item.label));
          box.appendChild(row);
        }
      }
      return box;
    };
    bsh.legend.addTo(map);
  }

  function labels(map, group, wanted) {
    bsh.labels = wanted.map(function (label) {
      const text = element("span", "bsh-label bsh-rank-" + label.rank, label.text);
      const icon = L.divIcon({ className: "bsh-label-box", html: text, iconSize: [0, 0] });
      const marker = L.marker([label.lat, label.lon], { icon: icon, pane: "bsh-labels", interactive: false, keyboard: false });
      marker.addTo(group);
      marker.bshRank = label.rank;
      marker.bshText = text;
      return marker;
    });
    // The group joins the map after this script has run; only then do names have a size.
    setTimeout(placeLabels, 0);
    document.fonts.ready.then(placeLabels);
  }

  // Names give way to more important ones: rank 0 first, then 1, then 2.
  function placeLabels() {
    const taken = [];
    const order = (bsh.labels || []).slice().sort((a, b) => a.bshRank - b.bshRank);
    for (const marker of order) {
      marker.bshText.style.visibility = "visible";
      const box = marker.bshText.getBoundingClientRect();
      const hit = taken.some((t) => box.left < t.right + 2 && box.right + 2 > t.left && box.top < t.bottom && box.bottom > t.top);
      if (hit) marker.bshText.style.visibility = "hidden";
      else taken.push(box);
    }
  }

  // The view moves only when the area asked for changes: switching layer or period keeps it.
  function fit(view) {
    if (bsh.area === view.area) return;
    bsh.area = view.area;
    bsh.pending = view.bounds;
    if (bsh.map.getSize().y > 50) fitNow();
  }

  // The districts of the area shown of which a corner lies under the legend.
  bsh.covered = function () {
    if (!bsh.legend) return [];
    const frame = bsh.map.getContainer().getBoundingClientRect();
    const box = bsh.legend.getContainer().getBoundingClientRect();
    const wanted = new Set(bsh.area.split(","));
    function under(places) {
      if (typeof places[0] !== "number") return places.some(under);
      const at = bsh.map.latLngToContainerPoint([places[1], places[0]]);
      return at.x >= box.left - frame.left && at.x <= box.right - frame.left && at.y >= box.top - frame.top && at.y <= box.bottom - frame.top;
    }
    const shown = bsh.ground.districts.features.filter((one) => bsh.area === "city" || wanted.has(one.properties.id));
    return shown.filter((one) => under(one.geometry.coordinates)).map((one) => one.properties.id);
  };

  function fitAgain() {
    bsh.pending = bsh.pending || bsh.fitted;
    if (bsh.pending && bsh.legend && bsh.map.getSize().y > 50) fitNow();
  }

  function fitNow() {
    // As much of the legend's width is left free at the right as it takes to cover no land.
    const legendWidth = bsh.legend ? bsh.legend.getContainer().offsetWidth : 0;
    bsh.fitting = true;
    for (const share of [0.5, 0.75, 1]) {
      bsh.map.fitBounds(bsh.pending, { paddingTopLeft: [18, 18], paddingBottomRight: [18 + legendWidth * share, 18], animate: false });
      if (!bsh.covered().length) break;
    }
    bsh.fitting = false;
    bsh.fitted = bsh.pending;
    bsh.pending = null;
    placeLabels();
  }
})();
