"""MapSpec in, folium map out: the renderer for the browser. Nothing is requested from outside.

The base map is constant (ground, controls, our script); what a view adds is one feature group, so
that streamlit-folium exchanges it without reloading the frame.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
from branca.element import Element, MacroElement
from jinja2 import Template

from bsh_geo import raster_image
from bsh_geo.mapspec import DrawnImage, DrawnPart, LegendBlock, MapSpec, Style

ASSETS = Path(__file__).with_name("assets")

GROUND_STYLE = Style("#f7f3e8", "#8a8f87", 0.7)
NEIGHBOUR_STYLE = Style("#efece3", "#d9d3c3", 0.6)
OUTLINE_STYLE = Style(None, "#22302f", 1.6)
HATCH_SIZE = {"diagonal": 6, "dots": 6, "cross": 7}
DASH = "5 4"


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
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c").replace("`", "\\u0060")
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


def geojson(frame: gpd.GeoDataFrame, columns: tuple[str, ...] = ()) -> dict[str, Any]:
    """A frame as GeoJSON with 5 decimals (1 m) and only the properties a part needs."""
    rounded = frame.geometry.set_precision(1e-5, mode="pointwise")
    geometries = json.loads(gpd.GeoSeries(rounded, crs=frame.crs).to_json(drop_id=True))
    features = []
    for (index, row), made in zip(frame.iterrows(), geometries["features"], strict=True):
        properties = {"id": str(index), **{name: _plain(row[name]) for name in columns}}
        features.append({"type": "Feature", "geometry": made["geometry"], "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def _plain(cell: object) -> object:
    return [list(pair) for pair in cell] if isinstance(cell, tuple) else cell


def part_payload(part: DrawnPart) -> dict[str, Any]:
    """What the browser needs to draw a part."""
    columns = ("key", "name", "lines") + (("radius",) if part.shape == "point" else ())
    return {
        "id": part.id,
        "pane": "bsh-points" if part.shape == "point" else "bsh-areas",
        "interactive": part.id != "service",
        "selects": part.selects,
        "opens": part.opens,
        "styles": {key: leaflet_style(style) for key, style in part.styles.items()},
        "data": geojson(part.frame, columns),
    }


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
    patterns = {pattern_id(style): pattern_svg(style) for style in _styles(spec) if style.hatch}
    lines = [f"bsh.patterns({as_json(''.join(patterns.values()))});"]
    lines += [f"bsh.image({{parent}}, {as_json(image_payload(one))});" for one in spec.images]
    lines += [f"bsh.part({{parent}}, {as_json(part_payload(part))});" for part in spec.parts]
    if len(spec.outline):
        outline = {
            "id": "outline",
            "pane": "bsh-outline",
            "interactive": False,
            "selects": False,
            "opens": False,
            "styles": {"all": leaflet_style(OUTLINE_STYLE)},
            "data": geojson(spec.outline[["geometry"]].assign(key="all"), ("key",)),
        }
        lines.append(f"bsh.part({{parent}}, {as_json(outline)});")
    lines.append(f"bsh.show(bsh.map, {{parent}}, {as_json(view_payload(spec, area_key, credit))});")
    return "\n".join(lines)


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


def base_map(
    spec: MapSpec,
    leaflet_url: str,
    font_url: str = "",
    tiles: tuple[str, str] | None = None,
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
    if tiles:
        folium.TileLayer(tiles[0], attr=html.escape(tiles[1])).add_to(made)
    _dress(made, spec, font_url)
    return made


def _dress(made: folium.Map, spec: MapSpec, font_url: str) -> None:
    """Give the map its style sheet, fill patterns, script and ground."""
    face = f'@font-face{{font-family:"Bsh Noto Sans SC";src:url("{font_url}")}}' if font_url else ""
    root: Any = made.get_root()
    root.html.add_child(Element(f"<style>{face}{_asset('map.css')}</style>"))
    root.html.add_child(Element(_asset("patterns.svg")))
    ground = as_json(ground_payload(spec))
    made.add_child(Script(f"{_asset('map.js')}\nbsh.ready({{parent}}, {ground});\n"))
