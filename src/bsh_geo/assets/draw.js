// Drawing sites on the map: a point by one click, a line or a polygon by its corners. What is drawn
// is handed to the page as GeoJSON; the page draws it again as a site. No text of the data is used.
(function () {
  const bsh = window.bsh;
  const SHAPES = { point: 1, line: 2, polygon: 3 };

  bsh.draw = function (words) {
    const map = bsh.map;
    if (bsh.drawing) {
      stop();
      map.removeControl(bsh.drawing.control);
      bsh.drawing.listeners.abort();
    }
    const state = { words: words, kind: null, corners: [], listeners: new AbortController(), buttons: {} };
    bsh.drawing = state;
    state.sketch = L.layerGroup().addTo(map);
    state.control = L.control({ position: "topleft" });
    state.control.onAdd = toolbar;
    state.control.addTo(map);
    const box = map.getContainer();
    const options = { capture: true, signal: state.listeners.signal };
    box.addEventListener("mousedown", (event) => { state.pressed = [event.clientX, event.clientY]; }, options);
    box.addEventListener("click", onClick, options);
    box.addEventListener("dblclick", onDouble, options);
    box.addEventListener("mousemove", onMove, options);
    document.addEventListener("keydown", onKey, options);
  };

  function toolbar() {
    const state = bsh.drawing;
    const bar = L.DomUtil.create("div", "leaflet-bar bsh-draw");
    for (const kind of Object.keys(SHAPES)) {
      const button = L.DomUtil.create("a", "bsh-draw-" + kind, bar);
      button.href = "#";
      button.role = "button";
      button.title = state.words[kind];
      button.setAttribute("aria-label", state.words[kind]);
      button.appendChild(icon(kind));
      L.DomEvent.on(button, "click", function (event) {
        L.DomEvent.stop(event);
        if (state.kind === kind) stop();
        else start(kind);
      });
      state.buttons[kind] = button;
    }
    L.DomEvent.disableClickPropagation(bar);
    return bar;
  }

  function icon(kind) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("width", 16);
    svg.setAttribute("height", 16);
    svg.setAttribute("viewBox", "0 0 16 16");
    const path = document.createElementNS(space, "path");
    const paths = { point: "M8 5.2a2.8 2.8 0 1 0 .01 0Z", line: "M2.5 12.5 6 5l4 5.5 3.5-7", polygon: "M3 5.5 10.5 2.5 14 8l-4.5 5.5L3.5 12Z" };
    path.setAttribute("d", paths[kind]);
    path.setAttribute("fill", kind === "line" ? "none" : "currentColor");
    path.setAttribute("fill-opacity", kind === "polygon" ? "0.25" : "1");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "1.5");
    path.setAttribute("stroke-linejoin", "round");
    svg.appendChild(path);
    return svg;
  }

  function start(kind) {
    stop();
    const state = bsh.drawing;
    state.kind = kind;
    state.buttons[kind].classList.add("bsh-draw-on");
    bsh.map.getContainer().classList.add("bsh-draws");
    bsh.map.doubleClickZoom.disable();
    hint(state.words["hint_" + kind]);
  }

  function stop() {
    const state = bsh.drawing;
    for (const one of Object.values(state.buttons)) one.classList.remove("bsh-draw-on");
    bsh.map.getContainer().classList.remove("bsh-draws");
    bsh.map.doubleClickZoom.enable();
    state.kind = null;
    state.corners = [];
    state.sketch.clearLayers();
    if (state.hint) state.hint.remove();
    state.hint = null;
  }

  function hint(text) {
    const state = bsh.drawing;
    state.hint = L.DomUtil.create("div", "bsh-draw-hint", bsh.map.getContainer());
    state.hint.textContent = text;
  }

  function onControl(event) {
    return Boolean(event.target.closest && event.target.closest(".leaflet-control"));
  }

  function onClick(event) {
    const state = bsh.drawing;
    if (!state.kind || onControl(event)) return;
    event.stopImmediatePropagation();
    const pressed = state.pressed || [event.clientX, event.clientY];
    if (Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4) return; // a drag
    const place = bsh.map.mouseEventToLatLng(event).wrap();
    const corners = state.corners;
    if (corners.length && near(event, corners[corners.length - 1], 4)) return; // of a double click
    if (state.kind === "polygon" && corners.length >= 3 && near(event, corners[0], 9)) return finish();
    corners.push(place);
    if (state.kind === "point") finish();
    else sketch(null);
  }

  function near(event, corner, pixels) {
    const at = bsh.map.mouseEventToContainerPoint(event);
    return at.distanceTo(bsh.map.latLngToContainerPoint(corner)) <= pixels;
  }

  function onDouble(event) {
    if (!bsh.drawing.kind || onControl(event)) return;
    event.stopImmediatePropagation();
    finish();
  }

  function onMove(event) {
    const state = bsh.drawing;
    if (state.kind && state.corners.length && !onControl(event)) sketch(bsh.map.mouseEventToLatLng(event));
  }

  function onKey(event) {
    const state = bsh.drawing;
    if (!state.kind) return;
    if (event.key === "Escape") stop();
    else if (event.key === "Enter") finish();
    else if (event.key === "Backspace") {
      state.corners.pop();
      sketch(null);
    } else return;
    event.preventDefault();
  }

  function sketch(pointer) {
    const state = bsh.drawing;
    state.sketch.clearLayers();
    const run = pointer ? state.corners.concat([pointer]) : state.corners;
    const style = { color: "#22302f", weight: 1.6, dashArray: "4 3", fillOpacity: 0.12, fillColor: "#1f6f78", interactive: false, pane: "bsh-outline" };
    if (run.length > 1) (state.kind === "polygon" && run.length > 2 ? L.polygon(run, style) : L.polyline(run, Object.assign({}, style, { fill: false }))).addTo(state.sketch);
    for (const corner of state.corners) {
      L.circleMarker(corner, { radius: 4, color: "#22302f", weight: 1.4, fillColor: "#fffdf8", fillOpacity: 1, interactive: false, pane: "bsh-points" }).addTo(state.sketch);
    }
  }

  function finish() {
    const state = bsh.drawing;
    const pairs = state.corners.map((one) => [Number(one.lng.toFixed(7)), Number(one.lat.toFixed(7))]);
    if (pairs.length < SHAPES[state.kind]) return;
    const shapes = {
      point: () => ({ type: "Point", coordinates: pairs[0] }),
      line: () => ({ type: "LineString", coordinates: pairs }),
      polygon: () => ({ type: "Polygon", coordinates: [pairs.concat([pairs[0]])] }),
    };
    const drawn = shapes[state.kind]();
    stop();
    if (window.Streamlit) window.Streamlit.setComponentValue({ drawn: drawn, at: Date.now() });
  }
})();
