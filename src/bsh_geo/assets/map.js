// Everything that the map does in the browser beside Leaflet itself. Data arrive as JSON and all
// text is set as text, never as markup.
(function () {
  const bsh = (window.bsh = window.bsh || { area: null, clicks: 0 });

  bsh.ready = function (map, ground) {
    bsh.map = map;
    bsh.ground = ground;
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
    // The frame may get its size after Leaflet has measured it; the view is fitted again then.
    new ResizeObserver(() => {
      map.invalidateSize({ animate: false });
      if (bsh.pending && map.getSize().y > 50) fitNow();
    }).observe(map.getContainer());
  };

  // Fill patterns are our own SVG, made from the styles of the view, and hold no text of the data.
  bsh.patterns = function (svg) {
    document.getElementById("bsh-patterns").innerHTML = svg;
  };

  // A new view: its features are already added to `group`; what is left is the frame around them.
  bsh.show = function (map, group, view) {
    bsh.view = view;
    bsh.group = group;
    if (bsh.credit) map.attributionControl.removeAttribution(bsh.credit);
    bsh.credit = view.credit;
    map.attributionControl.addAttribution(bsh.credit);
    legend(map, view.legend);
    labels(map, group, view.labels);
    fit(view);
  };

  // A raster's picture, and over it the borders of the districts, which answer to hover and click.
  bsh.image = function (group, image) {
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
  };

  bsh.part = function (group, part) {
    const style = (feature) => Object.assign({ pane: part.pane }, part.styles[feature.properties.key]);
    const layer = L.geoJSON(part.data, {
      pane: part.pane,
      style: style,
      interactive: part.interactive,
      pointToLayer: (feature, latlng) =>
        L.circleMarker(latlng, Object.assign({ radius: feature.properties.radius }, style(feature))),
      onEachFeature: function (feature, one) {
        if (!part.interactive) return;
        one.bindTooltip(() => card(feature.properties), { sticky: true, className: "bsh-card", opacity: 1 });
        if (part.selects) selectable(one, feature.properties.id);
        if (part.opens) opening(one, feature.properties.id);
        one.on("mouseover", () => one.setStyle({ weight: (style(feature).weight || 1) + 1.2 }));
        one.on("mouseout", () => one.setStyle({ weight: style(feature).weight }));
      },
    });
    layer.bshPart = part.id;
    layer.addTo(group);
  };

  function selectable(layer, id) {
    layer.on("click", function (event) {
      if (bsh.view && bsh.view.picks) return;
      L.DomEvent.stopPropagation(event);
      const more = event.originalEvent && (event.originalEvent.ctrlKey || event.originalEvent.metaKey || event.originalEvent.shiftKey);
      if (window.Streamlit) {
        window.Streamlit.setComponentValue({ district: String(id), more: Boolean(more), at: Date.now() });
      }
    });
  }

  function opening(layer, id) {
    layer.on("click", function (event) {
      L.DomEvent.stopPropagation(event);
      if (window.Streamlit) window.Streamlit.setComponentValue({ station: String(id), at: Date.now() });
    });
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

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

  function fitNow() {
    // Half the legend's width is left free at the right, so that it covers little of the area.
    const legendWidth = bsh.legend ? bsh.legend.getContainer().offsetWidth : 0;
    bsh.map.fitBounds(bsh.pending, { paddingTopLeft: [18, 18], paddingBottomRight: [18 + legendWidth / 2, 18], animate: false });
    bsh.pending = null;
    placeLabels();
  }
})();
