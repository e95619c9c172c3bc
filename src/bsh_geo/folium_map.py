"""MapSpec in, folium map out: the renderer for the browser. Nothing is requested from outside.

The base map is constant (ground, controls, our script); what a view adds is one feature group, so
that streamlit-folium exchanges it without reloading the frame. Where a server offers a shelf
(``deliveries``), what is large is fetched by the browser instead of being written into the scripts;
a file that opens from disk carries everything.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
from branca.element import Element, MacroElement
from jinja2 import Template

from bsh_geo import deliveries, map_shapes, raster_image, tile_sets
from bsh_geo.deliveries import Offered, Parcel, Shelf
from bsh_geo.errors import DataError
from bsh_geo.map_shapes import as_text, geojson, geojson_text
from bsh_geo.mapspec import DrawnImage, DrawnPart, LegendBlock, MapSpec, Style

ASSETS = Path(__file__).with_name("assets")

GROUND_STYLE = Style("#f7f3e8", "#8a8f87", 0.7)
NEIGHBOUR_STYLE = Style("#efece3", "#d9d3c3", 0.6)
OUTLINE_STYLE = Style(None, "#22302f", 1.6)
HATCH_SIZE = {"diagonal": 6, "dots": 6, "cross": 7}
DASH = "5 4"

LARGE_BYTES = 100_000
"""Features beyond this are fetched by the browser, which keeps them, instead of being embedded."""

TILED_VERTICES = 200_000
"""Vertices of the display version beyond which areas come as vector tiles."""

TILED_POINTS = 20_000
"""The same for points."""

WORDS = {
    "zh": {
        "failed": "部分地图数据没有取到，请刷新页面。",
        "unmade": "这个图层的地图切片没有做成，原因见服务器的输出。",
        "making": "图层较大，正在为地图生成切片，完成后自动显示…",
        "overview": "概览：视野内 {all} 个点合并为 {marks} 处，圆越大点越多；放大后全部显示",
        "tiny": "概览：视野内 {all} 个图斑过小，以 {marks} 个方点表示，放大后按实际形状显示",
        "group": "此处 {n} 个点，放大后逐一显示",
        "group_areas": "此处 {n} 个小图斑，放大后逐一显示",
        "simplified": "屏幕上的边界已概化（约 {m} 米），图件与导出按原始边界",
    },
    "en": {
        "failed": "Some data of the map did not arrive; reload the page.",
        "unmade": "The map tiles of this layer could not be made; see what the server printed.",
        "making": "A large layer: its map tiles are being made and will appear by themselves…",
        "overview": "Overview: {all} points in view as {marks} marks, larger for more; zoom in",
        "tiny": "Overview: {all} areas too small to draw, as {marks} squares; zoom in to see each",
        "group": "{n} points here; zoom in to see each",
        "group_areas": "{n} small areas here; zoom in to see each",
        "simplified": "Outlines simplified on screen (about {m} m); pictures and exports keep all",
    },
}
"""What the map's frame itself tells a reader."""


class Script(MacroElement):
    """JavaScript that runs when the element's turn comes; ``{parent}`` is the parent's variable."""

    _template = Template("{% macro script(this, kwargs) %}{{ this.code() }}{% endmacro %}")

    def __init__(self, code: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "BshScript"
        self._code = code

    def code(self) -> str:
        """The script with the parent's variable name filled in."""
        parent: Any = self._parent
        return self._code.replace("{parent}", parent.get_name())


_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def as_json(content: object) -> str:
    """JSON that stays data wherever it ends up.

    Inside a script element (no ``<``), a template literal (no backtick, no ``${``), and branca,
    which renders scripts as Jinja templates a second time (no brace inside a string).
    """
    text = as_text(content).replace("<", "\\u003c").replace("`", "\\u0060")
    return _JSON_STRING.sub(lambda found: found.group().replace("{", "\\u007b"), text)


def leaflet_style(style: Style) -> dict[str, Any]:
    """A Style in Leaflet's words; a hatch is an SVG pattern of the page."""
    fill = style.fill
    if style.hatch:
        fill = f"url(#{pattern_id(style)})"
    return {
        "fill": fill is not None,
        "fillColor": fill or "none",
        "fillOpacity": style.opacity,
        "color": style.stroke,
        "weight": style.width,
        "opacity": 1,
        "dashArray": DASH if style.dashed else None,
    }


def pattern_id(style: Style) -> str:
    """The id of the SVG pattern that a hatched style is filled with."""
    return f"bsh-{style.hatch}-{(style.fill or '#none')[1:]}-{style.stroke[1:]}"


def pattern_svg(style: Style) -> str:
    """The SVG pattern of a hatched style: its fill, and lines or dots in its stroke colour."""
    size = HATCH_SIZE[str(style.hatch)]
    ink = style.stroke
    lines = {
        "diagonal": f'<path d="M0 {size}L{size} 0M-1 1L1 -1M{size - 1} {size + 1}L{size + 1} '
        f'{size - 1}" stroke="{ink}" stroke-width="1"/>',
        "dots": f'<circle cx="{size / 2}" cy="{size / 2}" r="1" fill="{ink}"/>',
        "cross": f'<path d="M0 0L{size} {size}M{size} 0L0 {size}" stroke="{ink}" '
        'stroke-width="0.8"/>',
    }
    back = f'<rect width="{size}" height="{size}" fill="{style.fill or "none"}"/>'
    return (
        f'<pattern id="{pattern_id(style)}" width="{size}" height="{size}" '
        f'patternUnits="userSpaceOnUse">{back}{lines[str(style.hatch)]}</pattern>'
    )


def part_head(part: DrawnPart) -> dict[str, Any]:
    """How the browser draws a part, without its features."""
    return {
        "id": part.id,
        "pane": "bsh-points" if part.shape == "point" else "bsh-areas",
        "interactive": part.id != "service",
        "selects": part.selects,
        "opens": part.opens,
        "styles": {key: leaflet_style(style) for key, style in part.styles.items()},
    }


def part_payload(part: DrawnPart) -> dict[str, Any]:
    """What the browser needs to draw a part, its features included."""
    return _embedded(part, map_shapes.simplified(part.frame)[0])


def _embedded(part: DrawnPart, shown: gpd.GeoDataFrame) -> dict[str, Any]:
    return {**part_head(part), **_canvas(part), "data": geojson(shown, _columns(part))}


def _columns(part: DrawnPart) -> tuple[str, ...]:
    return ("key", "name", "lines") + (("radius",) if part.shape == "point" else ())


def _canvas(part: DrawnPart) -> dict[str, bool]:
    """Whether a part is too much for SVG; parts of an ordinary size say nothing of it."""
    many = (
        len(part.frame) > map_shapes.EMBEDDED_POINTS
        or map_shapes.vertices(part.frame) > map_shapes.EMBEDDED_VERTICES
    )
    return {"canvas": True} if many else {}


def image_payload(image: DrawnImage) -> dict[str, Any]:
    """A raster's picture, its edges, and what the hover box says of each district."""
    west, south, east, north = image.bounds
    return {
        "id": image.id,
        "title": image.title,
        "url": raster_image.data_uri(image),
        "bounds": [[south, west], [north, east]],
        "cards": {
            code: {"name": name, "lines": [list(pair) for pair in lines]}
            for code, (name, lines) in image.cards.items()
        },
    }


def _screen_notes(lang: str, tolerances: list[float]) -> list[str]:
    """What is true of the screen alone: outlines that are simplified there."""
    coarsest = max(tolerances, default=0.0)
    text = WORDS[lang]["simplified"]
    return [text.replace("{m}", f"{coarsest:g}")] if coarsest else []


def legend_payload(blocks: tuple[LegendBlock, ...]) -> list[dict[str, Any]]:
    """The legend as the browser draws it, from the same styles as the map."""
    return [
        {
            "title": block.title,
            "unit": block.unit,
            "items": [
                {"label": one.label, "radius": one.radius, "style": leaflet_style(one.style)}
                for one in block.items
            ],
        }
        for block in blocks
    ]


def view_payload(spec: MapSpec, area_key: str, credit: str = "") -> dict[str, Any]:
    """What frames the features: legend, labels, and where to look when the area changes."""
    west, south, east, north = spec.extent
    return {
        "layer": spec.layer,
        "title": spec.title,
        "subtitle": spec.subtitle,
        "period": spec.period,
        "area": area_key,
        "credit": html.escape(credit),
        "notes": [],
        "words": WORDS[spec.lang],
        "bounds": [[south, west], [north, east]],
        "legend": legend_payload(spec.legend),
        "labels": [
            {"text": one.text, "lon": one.lon, "lat": one.lat, "rank": one.rank}
            for one in spec.labels
        ],
    }


def view_script(spec: MapSpec, area_key: str, credit: str = "") -> str:
    """The JavaScript that puts a view into the feature group ``{parent}``.

    Plain text, so that it can be cached: it holds all that differs between views. ``credit`` is
    the attribution line, as plain text.
    """
    return _script(spec, area_key, credit, _embedded)


@dataclass(frozen=True, eq=False)
class Delivered:
    """The script of a view, and what it refers to: offered for as long as this is kept."""

    script: str
    parcels: tuple[Offered, ...] = ()


def delivered(spec: MapSpec, area_key: str, credit: str, shelf: Shelf) -> Delivered:
    """The view with what is large on a shelf of the server.

    Features beyond ``LARGE_BYTES`` are fetched by their digest, districts that the base map has
    are told as rows, and parts beyond ``TILED_VERTICES`` or ``TILED_POINTS`` come as tiles.
    """
    parcels: list[Offered] = []

    def sent(part: DrawnPart, shown: gpd.GeoDataFrame) -> dict[str, Any]:
        made, parcel = _sent(part, shown, spec, shelf)
        parcels.extend([parcel] if parcel else [])
        return made

    return Delivered(_script(spec, area_key, credit, sent), tuple(parcels))


def _sent(
    part: DrawnPart, shown: gpd.GeoDataFrame, spec: MapSpec, shelf: Shelf
) -> tuple[dict[str, Any], Offered | None]:
    """A part as it is told to a browser that can fetch, and what it will fetch."""
    head = part_head(part)
    if _is_ground(part, spec):
        return {**head, "rows": map_shapes.rows(part.frame, _columns(part))}, None
    tiled = TILED_POINTS if part.shape == "point" else TILED_VERTICES
    if map_shapes.vertices(shown) > tiled:
        found = _tiles(part, shelf)
        if found is not None:
            return {**head, "tiles": found.url}, found
    text = geojson_text(shown, _columns(part))
    if len(text) <= LARGE_BYTES:
        return _embedded(part, shown), None
    parcel = shelf.parcel(text, deliveries.JSON)
    return {**head, **_canvas(part), "url": parcel.url}, parcel


def _is_ground(part: DrawnPart, spec: MapSpec) -> bool:
    """Whether a part colours districts in the shapes that the base map has of them."""
    own, ground = part.frame.geometry, spec.ground.geometry
    if part.shape != "area" or not own.index.isin(ground.index).all():
        return False
    return bool((own.to_numpy() == ground.loc[own.index].to_numpy()).all())


def _tiles(part: DrawnPart, shelf: Shelf) -> tile_sets.TileSet | None:
    """The tiles of a part; None where there is no place for them, so that it is sent whole."""
    source = tile_sets.source_of(part)
    known = shelf.find(source.digest)
    if isinstance(known, tile_sets.TileSet):
        return known
    try:
        return shelf.offer(tile_sets.begin(source))
    except DataError:
        return None


def _script(
    spec: MapSpec,
    area_key: str,
    credit: str,
    payload: Callable[[DrawnPart, gpd.GeoDataFrame], dict[str, Any]],
) -> str:
    shown = [map_shapes.simplified(part.frame) for part in spec.parts]
    patterns = {pattern_id(style): pattern_svg(style) for style in _styles(spec) if style.hatch}
    lines = [f"bsh.patterns({as_json(''.join(patterns.values()))});"]
    lines += [f"bsh.image({{parent}}, {as_json(image_payload(one))});" for one in spec.images]
    told = [payload(part, frame) for part, (frame, _) in zip(spec.parts, shown, strict=True)]
    outlines = [_outline(spec)] if len(spec.outline) else []
    lines += [f"bsh.part({{parent}}, {as_json(one)});" for one in [*told, *outlines]]
    # Tiles hold the shapes as they are.
    drawn = [0.0 if "tiles" in one else shown[at][1] for at, one in enumerate(told)]
    notes = _screen_notes(spec.lang, drawn)
    view = {**view_payload(spec, area_key, credit), "notes": notes}
    lines.append(f"bsh.show(bsh.map, {{parent}}, {as_json(view)});")
    return "\n".join(lines)


def _outline(spec: MapSpec) -> dict[str, Any]:
    """The outline of the selected districts."""
    return {
        "id": "outline",
        "pane": "bsh-outline",
        "interactive": False,
        "selects": False,
        "opens": False,
        "styles": {"all": leaflet_style(OUTLINE_STYLE)},
        "data": geojson(spec.outline[["geometry"]].assign(key="all"), ("key",)),
    }


def _styles(spec: MapSpec) -> list[Style]:
    drawn = [style for part in spec.parts for style in part.styles.values()]
    return drawn + [one.style for block in spec.legend for one in block.items]


def feature_group(script: str) -> folium.FeatureGroup:
    """The feature group of a view, from its script."""
    group = folium.FeatureGroup(name="view", control=False)
    group.add_child(Script(script))
    return group


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def drawing_script(words: Mapping[str, str]) -> str:
    """The script that lets a reader draw points, lines and polygons on a map that is shown.

    ``words`` names the three tools (``point``, ``line``, ``polygon``) and says how each is used
    (``hint_point`` …). What is drawn comes back as ``{"drawn": geometry, "at": time}``.
    """
    return f"{_asset('draw.js')}\nbsh.draw({as_json(dict(words))});"


def ground_payload(spec: MapSpec) -> dict[str, Any]:
    """What lies under every view: the neighbours and the 16 districts."""
    return {
        "neighbours": geojson(spec.neighbours),
        "neighbourStyle": leaflet_style(NEIGHBOUR_STYLE),
        "districts": geojson(spec.ground),
        "districtStyle": leaflet_style(GROUND_STYLE),
    }


def base_parcel(spec: MapSpec, shelf: Shelf) -> Parcel:
    """Our script and the ground as one file, which a browser fetches once."""
    ground = f"window.bsh.ground={as_text(ground_payload(spec))};"
    return shelf.parcel(f"{scripts()}\n{ground}\n", deliveries.JAVASCRIPT)


def base_map(
    spec: MapSpec,
    leaflet_url: str,
    font_url: str = "",
    tiles: tuple[str, str] | None = None,
    base_url: str = "",
) -> folium.Map:
    """The constant map under all views.

    Parameters
    ----------
    spec : MapSpec
        Any view: its ground and its whole extent are used.
    leaflet_url : str
        Folder that serves ``leaflet.js`` and ``leaflet.css``, as the map's frame sees it.
    font_url : str
        A Chinese TrueType font, loaded by browsers only where the system has none.
    tiles : (url, attribution), optional
        An online basemap; None, the default, requests nothing.
    base_url : str
        Where ``base_parcel`` is offered; without it script and ground are embedded.
    """
    west, south, east, north = spec.whole
    made = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=9,
        tiles=None,
        zoom_snap=0.25,
        zoom_delta=0.5,
        min_zoom=8,
        max_zoom=17,
        attribution_control=True,
    )
    made.default_js = [("leaflet", f"{leaflet_url}/leaflet.js")]
    made.default_css = [("leaflet_css", f"{leaflet_url}/leaflet.css")]
    if base_url:
        made.default_js.append(("bsh", base_url))
    if tiles:
        folium.TileLayer(tiles[0], attr=html.escape(tiles[1])).add_to(made)
    _dress(made, spec, font_url, bool(base_url))
    return made


def scripts() -> str:
    """Our own JavaScript, which comes before ``bsh.ready`` and a view's script."""
    return f"{_asset('map.js')}\n{_asset('canvas.js')}"


def _dress(made: folium.Map, spec: MapSpec, font_url: str, fetched: bool) -> None:
    """Give the map its style sheet, fill patterns, script and ground."""
    face = f'@font-face{{font-family:"Bsh Noto Sans SC";src:url("{font_url}")}}' if font_url else ""
    root: Any = made.get_root()
    root.html.add_child(Element(f"<style>{face}{_asset('map.css')}</style>"))
    root.html.add_child(Element(_asset("patterns.svg")))
    if fetched:
        made.add_child(Script("bsh.ready({parent});\n"))
        return
    ground = as_json(ground_payload(spec))
    made.add_child(Script(f"{scripts()}\nbsh.ready({{parent}}, {ground});\n"))
