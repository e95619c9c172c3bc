// Large layers: features on a canvas, and vector tiles. The styles are those of the other layers,
// hatches included. All text is set as text (bsh.card).
(function () {
  const bsh = window.bsh;
  const EXTENT = 4096;
  const HELD = 240; // tiles that are kept: a few screens
  const TINY = 64; // units: the square that stands for areas too small to be drawn at a zoom
  const papers = {};

  // One canvas for each pane, which lets the mouse through: see bsh.hover.
  bsh.paper = function (pane) {
    return (papers[pane] = papers[pane] || new (classes().Paper)({ pane: pane, padding: 0.25 }));
  };

  bsh.tiles = function (group, part) {
    const layer = new (classes().Tiles)(part);
    layer.bshPart = part.id;
    layer.addTo(group);
  };

  // Leaflet is looked for at the first call: this file may be read before it.
  let made = null;
  function classes() {
    if (!made) {
      const Paper = L.Canvas.extend(paper());
      made = { Paper: Paper, Tiles: Paper.extend(tiles()) };
    }
    return made;
  }

  function paper() {
    return {
      _initContainer: function () {
        L.Canvas.prototype._initContainer.call(this);
        this._container.style.pointerEvents = "none";
        this._listening = new AbortController();
        const box = this._map.getContainer();
        const options = { signal: this._listening.signal };
        box.addEventListener("mousemove", (event) => this._onMouseMove(event), options);
        box.addEventListener("mouseleave", (event) => this._handleMouseOut(event), options);
      },
      _destroyContainer: function () {
        this._listening.abort();
        L.Canvas.prototype._destroyContainer.call(this);
      },
      // Only the feature is told: the map hears of the mouse by itself.
      _fireEvent: function (layers, event, type) {
        if (!layers) return;
        const said = { originalEvent: event, latlng: this._map.mouseEventToLatLng(event) };
        for (const layer of layers) layer.fire(type || event.type, said);
      },
      _fillStroke: function (ctx, layer) {
        const options = layer.options;
        const style = Object.assign({}, options, { fillColor: options.fill ? ink(ctx, options.fillColor) : null });
        if (layer._pxBounds && !layer.getRadius) style.weight = thinned(options.weight, layer._pxBounds.getSize());
        L.Canvas.prototype._fillStroke.call(this, ctx, { options: style });
      },
    };
  }

  // Outlines of areas of a few pixels are thinner, so that they do not hide the colour inside.
  function thinned(weight, size) {
    return weight * Math.min(1, Math.max(size.x, size.y) / 16);
  }

  // A colour, or the hatch that a style names, as a canvas pattern made from the same numbers.
  const patterns = {};
  function ink(ctx, fill) {
    const named = /^url\(#(.*)\)$/.exec(fill);
    if (!named) return fill;
    if (patterns[named[1]]) return patterns[named[1]];
    const svg = document.getElementById(named[1]);
    const size = Number(svg.getAttribute("width"));
    const ratio = L.Browser.retina ? 2 : 1;
    const tile = document.createElement("canvas");
    tile.width = tile.height = size * ratio;
    const pen = tile.getContext("2d");
    pen.scale(ratio, ratio);
    for (const shape of svg.children) stamp(pen, shape);
    const found = ctx.createPattern(tile, "repeat");
    found.setTransform(new DOMMatrix().scale(1 / ratio));
    patterns[named[1]] = found;
    return found;
  }

  // The three shapes that a pattern is made of: its ground, its lines, its dots.
  function stamp(pen, shape) {
    const value = (name) => Number(shape.getAttribute(name));
    const fill = shape.getAttribute("fill");
    pen.beginPath();
    if (shape.tagName === "path") {
      pen.strokeStyle = shape.getAttribute("stroke");
      pen.lineWidth = value("stroke-width");
      pen.stroke(new Path2D(shape.getAttribute("d")));
      return;
    }
    if (fill === "none") return;
    pen.fillStyle = fill;
    if (shape.tagName === "circle") pen.arc(value("cx"), value("cy"), value("r"), 0, 2 * Math.PI);
    else pen.rect(0, 0, value("width"), value("height"));
    pen.fill();
  }

  function tiles() {
    return {
      initialize: function (part) {
        L.Canvas.prototype.initialize.call(this, { pane: part.pane, padding: 0.1 });
        this._part = part;
        this._held = new Map();
        this._facts = new Map();
        this._tip = L.tooltip({ className: "bsh-card bsh-card-over", opacity: 1, sticky: true, offset: [0, 0] });
      },
      onAdd: function (map) {
        L.Canvas.prototype.onAdd.call(this, map);
        if (!this._about) this._ask();
      },
      onRemove: function (map) {
        this._leave();
        if (this._waiting) clearTimeout(this._waiting);
        bsh.note(this._part.id, "");
        L.Canvas.prototype.onRemove.call(this, map);
      },

      // What the tiles are; while they are being made, asked again.
      _ask: function () {
        const words = bsh.words;
        bsh.fetched(this._part.tiles + "/about").then((about) => {
          if (!this._map) return;
          if (about.state === "ready") {
            this._about = about;
            bsh.note(this._part.id, "");
            this._redraw();
          } else if (about.state === "making") {
            bsh.note(this._part.id, words.making);
            this._waiting = setTimeout(() => this._ask(), 400);
          } else {
            bsh.note(this._part.id, words.unmade);
          }
        }).catch(() => this._map && bsh.note(this._part.id, words.failed));
      },

      _tile: function (z, x, y) {
        const key = z + "/" + x + "/" + y;
        let tile = this._held.get(key);
        if (tile) {
          this._held.delete(key); // and set again below: the latest used stand last
        } else {
          tile = { z: z, x: x, y: y, features: null };
          const url = this._part.tiles + "/" + key;
          fetch(url).then(function (answer) {
            if (!answer.ok) throw new Error(url + ": " + answer.status);
            return answer.status === 204 ? new ArrayBuffer(0) : answer.arrayBuffer();
          }).then((bytes) => {
            tile.features = decoded(new Uint8Array(bytes));
            if (this._map) this._redrawRequest = this._redrawRequest || L.Util.requestAnimFrame(this._redraw, this);
          }).catch(() => {
            this._held.delete(key);
            if (this._map) bsh.note(this._part.id, bsh.words.failed);
          });
        }
        this._held.set(key, tile);
        while (this._held.size > HELD) this._held.delete(this._held.keys().next().value);
        return tile;
      },

      _level: function () {
        const about = this._about;
        // Marks of points lie apart at their own zoom, and must not move together.
        const level = about.shape === "point" ? Math.floor(this._zoom) : Math.round(this._zoom);
        return Math.min(about.maxzoom, Math.max(about.minzoom, level));
      },

      // Where a tile lies: the place of its corner in layer points, and pixels per unit of it.
      _place: function (tile) {
        const side = 256 * Math.pow(2, this._zoom - tile.z);
        const origin = this._map.getPixelOrigin();
        const edge = (at, from) => Math.round(at * side - from);
        return {
          west: edge(tile.x, origin.x), north: edge(tile.y, origin.y),
          east: edge(tile.x + 1, origin.x), south: edge(tile.y + 1, origin.y),
          x: tile.x * side - origin.x, y: tile.y * side - origin.y, scale: side / EXTENT,
        };
      },

      _inView: function () {
        const z = this._level();
        const side = 256 * Math.pow(2, this._zoom - z);
        const origin = this._map.getPixelOrigin();
        const first = this._bounds.min.add(origin).divideBy(side).floor();
        const last = this._bounds.max.add(origin).divideBy(side).floor();
        const limit = Math.pow(2, z) - 1;
        const found = [];
        for (let x = Math.max(0, first.x); x <= Math.min(limit, last.x); x++) {
          for (let y = Math.max(0, first.y); y <= Math.min(limit, last.y); y++) found.push(this._tile(z, x, y));
        }
        return found;
      },

      // A tile that is not here yet is stood in for by one of a lower zoom.
      _standIn: function (tile) {
        for (let up = 1; up <= tile.z - this._about.minzoom; up++) {
          const found = this._held.get([tile.z - up, tile.x >> up, tile.y >> up].join("/"));
          if (found && found.features) return found;
        }
        return null;
      },

      _draw: function () {
        if (!this._about || !this._bounds) return;
        const ctx = this._ctx;
        const shown = { all: 0, marks: 0 };
        this._shown = this._inView();
        for (const tile of this._shown) {
          const found = tile.features ? tile : this._standIn(tile);
          if (!found) continue;
          const place = this._place(tile);
          ctx.save();
          // Areas end at the tile's edge; a point reaches over it, unless it only stands in.
          if (this._about.shape === "area" || found !== tile) {
            ctx.beginPath();
            ctx.rect(place.west, place.north, place.east - place.west, place.south - place.north);
            ctx.clip();
          }
          this._drawTile(ctx, found, shown);
          ctx.restore();
        }
        this._tell(shown);
      },

      _drawTile: function (ctx, tile, shown) {
        const place = this._place(tile);
        const view = this._view || (this._view = { min: null });
        view.min = this._map.containerPointToLayerPoint([0, 0]);
        view.max = view.min.add(this._map.getSize());
        for (const feature of tile.features) {
          if (feature.path === undefined) shaped(feature, this._about);
          const style = this._styleOf(feature);
          if (feature.path) fillArea(ctx, feature, style, place);
          else {
            const x = place.x + feature.x * place.scale;
            const y = place.y + feature.y * place.scale;
            this._mark(ctx, feature, style, x, y, TINY * place.scale);
            if (x < view.min.x || y < view.min.y || x > view.max.x || y > view.max.y) continue;
            shown.all += feature.count;
            shown.marks += 1;
          }
        }
      },

      _styleOf: function (feature) {
        const style = this._part.styles[this._about.keys[feature.key]];
        const lit = this._lit && this._lit.id === feature.id && this._lit.count === feature.count;
        return lit ? Object.assign({}, style, { weight: (style.weight || 1) + 1.2 }) : style;
      },

      // A point; a group of points is larger, by how many they are; tiny areas are a square.
      _mark: function (ctx, feature, style, x, y, side) {
        ctx.beginPath();
        if (this._about.shape === "area") {
          // Whole pixels, so that squares side by side leave no seam.
          const west = Math.round(x - side / 2), north = Math.round(y - side / 2);
          ctx.rect(west, north, Math.round(x + side / 2) - west, Math.round(y + side / 2) - north);
        } else ctx.arc(x, y, radius(feature), 0, 2 * Math.PI);
        ctx.globalAlpha = style.fillOpacity;
        ctx.fillStyle = style.fill ? ink(ctx, style.fillColor) : style.color;
        ctx.fill();
        if (this._about.shape === "area") return;
        ctx.globalAlpha = 1;
        ctx.lineWidth = style.weight;
        ctx.strokeStyle = style.color;
        ctx.setLineDash([]);
        ctx.stroke();
      },

      // How many features the marks in view stand for, as long as they are not one each.
      _tell: function (shown) {
        const whole = this._shown.every((tile) => tile.features);
        if (!whole) return;
        const words = bsh.words;
        const text = this._about.shape === "area" ? words.tiny : words.overview;
        const number = (value) => value.toLocaleString("en-US");
        const filled = text.replace("{all}", number(shown.all)).replace("{marks}", number(shown.marks));
        const noted = shown.all > shown.marks ? filled : "";
        if (noted !== this._noted) bsh.note(this._part.id, noted);
        this._noted = noted;
        this.bshShown = shown;
      },

      _onMouseMove: function (event) {
        if (!this._map || !this._shown || this._map.dragging.moving() || this._map._animatingZoom) return;
        const found = this._under(this._map.mouseEventToLayerPoint(event));
        if (!found) return this._leave();
        this._tip.setLatLng(this._map.mouseEventToLatLng(event));
        if (!this._lit || this._lit.id !== found.id || this._lit.count !== found.count) {
          this._leave();
          this._lit = found;
          bsh.hover(this._part, found.id);
          this._redraw();
          this._told(found);
        }
      },
      _handleMouseOut: function () {
        this._leave();
      },
      _leave: function () {
        if (!this._lit) return;
        this._lit = null;
        this._tip.remove();
        bsh.hover(null);
        if (this._map) this._redraw();
      },

      // The uppermost feature at a place: the last one that was drawn there.
      _under: function (point) {
        let found = null;
        for (const tile of this._shown) {
          if (!tile.features) continue;
          const place = this._place(tile);
          const inside = point.x >= place.west && point.x < place.east && point.y >= place.north && point.y < place.south;
          const x = (point.x - place.x) / place.scale;
          const y = (point.y - place.y) / place.scale;
          for (const feature of tile.features) {
            if (feature.path) {
              if (inside && this._inArea(feature, x, y)) found = feature;
            } else {
              const reach = this._about.shape === "area" ? TINY / 2 : (radius(feature) + 1) / place.scale;
              if (Math.hypot(feature.x - x, feature.y - y) <= reach) found = feature;
            }
          }
        }
        return found;
      },
      _inArea: function (feature, x, y) {
        const box = feature.box;
        if (x < box[0] || y < box[1] || x > box[2] || y > box[3]) return false;
        const ctx = this._ctx;
        ctx.save();
        ctx.setTransform(1, 0, 0, 1, 0, 0);
        const hit = ctx.isPointInPath(feature.path, x, y, "evenodd");
        ctx.restore();
        return hit;
      },

      // The facts of a feature come in blocks of many, when the first of them is asked for.
      _told: function (feature) {
        const about = this._about;
        if (feature.count > 1) {
          const text = about.shape === "area" ? bsh.words.group_areas : bsh.words.group;
          const many = text.replace("{n}", feature.count.toLocaleString("en-US"));
          return this._open(feature, { name: many, lines: [] });
        }
        const block = Math.floor(feature.id / about.block);
        if (!this._facts.has(block)) this._facts.set(block, bsh.fetched(this._part.tiles + "/facts/" + block));
        this._facts.get(block).then((facts) => {
          const found = facts[feature.id - block * about.block];
          if (this._map && this._lit === feature) {
            bsh.hover(this._part, found.id);
            this._open(feature, found);
          }
        }).catch(() => this._facts.delete(block));
      },
      _open: function (feature, properties) {
        this._tip.setContent(bsh.card(properties));
        if (!this._tip.isOpen()) this._tip.openOn(this._map);
      },
    };
  }

  function radius(feature) {
    return feature.radius + (feature.count > 1 ? Math.min(4, 0.4 * Math.log2(feature.count)) : 0);
  }

  function fillArea(ctx, feature, style, place) {
    const path = feature.path;
    const [west, north, east, south] = feature.box;
    const size = { x: (east - west) * place.scale, y: (south - north) * place.scale };
    ctx.save();
    ctx.translate(place.x, place.y);
    ctx.scale(place.scale, place.scale);
    if (style.fill) {
      const fill = ink(ctx, style.fillColor);
      if (typeof fill !== "string") {
        const ratio = L.Browser.retina ? 2 : 1;
        fill.setTransform(new DOMMatrix().scale(1 / place.scale / ratio).translate(-place.x * ratio, -place.y * ratio));
      }
      ctx.globalAlpha = style.fillOpacity;
      ctx.fillStyle = fill;
      ctx.fill(path, "evenodd");
    }
    ctx.globalAlpha = 1;
    ctx.lineJoin = "round";
    ctx.lineWidth = thinned(style.weight, size) / place.scale;
    ctx.strokeStyle = style.color;
    ctx.setLineDash((style.dashArray || "").split(/[, ]+/).filter(Boolean).map((one) => Number(one) / place.scale));
    if (style.weight) ctx.stroke(path);
    ctx.restore();
  }

  // The outline of a feature as a path in the tile's units; a point keeps its place.
  function shaped(feature) {
    const numbers = feature.geometry;
    let at = 0, x = 0, y = 0;
    const next = () => { const n = numbers[at++]; return (n >> 1) ^ -(n & 1); };
    if (feature.type === 1) {
      at = 1;
      feature.x = next();
      feature.y = next();
      feature.path = null;
      return;
    }
    const path = new Path2D();
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    while (at < numbers.length) {
      const command = numbers[at++];
      const kind = command & 7;
      for (let left = command >> 3; left > 0; left--) {
        if (kind === 7) { path.closePath(); continue; }
        x += next();
        y += next();
        box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
        path[kind === 1 ? "moveTo" : "lineTo"](x, y);
      }
    }
    feature.path = path;
    feature.box = box;
  }

  // A Mapbox Vector Tile (version 2): the features of its one layer.
  function decoded(bytes) {
    const found = [];
    each(bytes, 0, bytes.length, function (field, from, to) {
      if (field === 3) layer(bytes, from, to, found);
    });
    return found;
  }

  function layer(bytes, from, to, found) {
    const keys = [], values = [], raw = [];
    each(bytes, from, to, function (field, start, end) {
      if (field === 2) raw.push([start, end]);
      else if (field === 3) keys.push(new TextDecoder().decode(bytes.subarray(start, end)));
      else if (field === 4) values.push(value(bytes, start, end));
    });
    for (const [start, end] of raw) {
      const feature = { id: 0, type: 0, key: 0, count: 1, radius: 4, geometry: null, path: undefined };
      each(bytes, start, end, function (field, a, b) {
        if (field === 1) feature.id = a;
        else if (field === 3) feature.type = a;
        else if (field === 4) feature.geometry = packed(bytes, a, b);
        else if (field === 2) {
          const tags = packed(bytes, a, b);
          for (let at = 0; at < tags.length; at += 2) feature[keys[tags[at]]] = values[tags[at + 1]];
        }
      });
      found.push(feature);
    }
  }

  // The fields of a message: of a number its value, of a text or a message where it lies.
  function each(bytes, from, to, tell) {
    const place = { at: from };
    while (place.at < to) {
      const tag = varint(bytes, place);
      if ((tag & 7) === 0) tell(tag >> 3, varint(bytes, place));
      else if ((tag & 7) === 2) {
        const length = varint(bytes, place);
        tell(tag >> 3, place.at, place.at + length);
        place.at += length;
      } else if ((tag & 7) === 1) {
        tell(tag >> 3, place.at, place.at + 8);
        place.at += 8;
      } else throw new Error("tile");
    }
  }

  function varint(bytes, place) {
    let found = 0, weight = 1, byte;
    do {
      byte = bytes[place.at++];
      found += (byte & 127) * weight;
      weight *= 128;
    } while (byte > 127);
    return found;
  }

  function packed(bytes, from, to) {
    const place = { at: from }, found = [];
    while (place.at < to) found.push(varint(bytes, place));
    return found;
  }

  // A value is a whole number (field 5) or one with decimals (field 3).
  function value(bytes, from, to) {
    let found = 0;
    each(bytes, from, to, function (field, a) {
      if (field === 5) found = a;
      else if (field === 3) found = new DataView(bytes.buffer, bytes.byteOffset + a, 8).getFloat64(0, true);
    });
    return found;
  }
})();
