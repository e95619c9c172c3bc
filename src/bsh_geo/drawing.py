"""A MapSpec in, its page as a figure of matplotlib out, not yet rendered.

The map is drawn in ``crs.MEASURE``, so that the scale bar holds everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.collections import CircleCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox
from shapely.geometry.base import BaseGeometry

from bsh_geo import fonts
from bsh_geo.mapspec import DrawnPart, MapSpec, Style
from bsh_geo.marks import INK, PAPER, POINTS_PER_PIXEL, SEA, Mark, Words, box
from bsh_geo.page_layout import PAGE, page
from bsh_geo.print_frame import MapFrame, in_metres

_NEIGHBOUR = Style("#efece3", "#d9d3c3", 0.6)
_GROUND = Style(PAPER, "#8a8f87", 0.5 / POINTS_PER_PIXEL)
_CASING = Style(None, PAPER, 2.6 / POINTS_PER_PIXEL, opacity=0.9)
_OUTLINE = Style(None, INK, 1.1 / POINTS_PER_PIXEL)
_HATCHES = {"diagonal": "////", "dots": "....", "cross": "xxxx"}


def figure_of(spec: MapSpec, *, approval: str = "", dpi: int = 300) -> Figure:
    """The page as a figure of matplotlib, not yet drawn; for ``render`` and for measuring."""
    laid = page(spec, approval)
    # A thousandth of a pixel more, because matplotlib rounds the size down.
    width, height = ((round(side / 25.4 * dpi) + 0.001) / dpi for side in PAGE)
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white")
    to_figure = Affine2D().scale(1 / PAGE[0], -1 / PAGE[1]).translate(0, 1)
    pen = _Pen(figure, to_figure, laid.frame)
    _draw_map(pen, spec)
    for mark in (*laid.upon, *laid.around):
        for artist in _artists(mark):
            pen.put(artist)
    return figure


@dataclass(frozen=True, eq=False)
class _Pen:
    """A figure, how mm of the page become its fractions, and the map's frame on it."""

    figure: Figure
    to_figure: Affine2D
    frame: MapFrame

    def put(self, artist: Artist) -> None:
        """Add something measured in mm of the page."""
        artist.set_transform(self.to_figure + self.figure.transFigure)
        self.figure.add_artist(artist)

    def put_map(self, artist: CircleCollection | PathCollection) -> None:
        """Add something measured in metres, cut at the frame."""
        page_transform = self.to_figure + self.figure.transFigure
        left, top, right, bottom = self.frame.box
        artist.set_clip_box(TransformedBbox(Bbox([[left, top], [right, bottom]]), page_transform))
        if isinstance(artist, CircleCollection):  # its own transform is the one of the radius
            artist.set_offset_transform(self.frame.to_page + page_transform)
        else:
            artist.set_transform(self.frame.to_page + page_transform)
        self.figure.add_artist(artist)


def _artists(mark: Mark) -> list[Artist]:
    """What matplotlib draws for one mark, the lowest first, still in mm of the page."""
    if isinstance(mark, Words):
        return [*_backing(mark), _text(mark)]
    colours = _colours(mark.fill, mark.stroke, mark.opacity)
    return [
        PathPatch(
            mark.path,
            **colours,
            linewidth=mark.width if mark.stroke else 0.0,
            linestyle=_dashes(mark.dashed),
            hatch=_HATCHES.get(mark.hatch or ""),
            joinstyle="miter",
            capstyle="butt",
        )
    ]


def _text(words: Words) -> Text:
    """Text on its baseline in the shipped font; a dollar sign is no formula."""
    return Text(
        words.x,
        words.y,
        words.text,
        fontproperties=fonts.properties(),
        fontsize=words.size,
        color=words.colour,
        ha=words.align,
        va="baseline",
        rotation=words.turned,
        rotation_mode="anchor",
        parse_math=False,
    )


def _backing(words: Words) -> list[Text]:
    """Halo and imitated bold: outlines under the text, which itself stays text in SVG and PDF."""
    strokes = [(words.halo, 2.2)] if words.halo else []
    strokes += [(words.colour, 0.032 * words.size)] if words.strong else []
    backing = []
    for colour, width in strokes:
        text = _text(words)
        text.set_path_effects([Stroke(linewidth=width, foreground=colour, joinstyle="round")])
        backing.append(text)
    return backing


def _colours(fill: str | None, stroke: str | None, opacity: float) -> dict[str, object]:
    """Keywords of a patch; ``opacity`` thins the fill alone."""
    return {
        "facecolor": to_rgba(fill, opacity) if fill else "none",
        "edgecolor": stroke or "none",
    }


def _dashes(dashed: bool) -> str | tuple[float, tuple[float, float]]:
    """matplotlib's line style, dash and gap in multiples of the line's width."""
    return (0.0, (4.0, 2.4)) if dashed else "solid"


def _draw_map(pen: _Pen, spec: MapSpec) -> None:
    """Sea, neighbours, districts, the parts in order, the outline of the selected area."""
    frame = pen.frame
    sea = box(*frame.box[:2], frame.width, frame.height, SEA)
    pen.put(_artists(sea)[0])
    _draw_areas(pen, in_metres(spec.neighbours), _NEIGHBOUR)
    _draw_areas(pen, in_metres(spec.ground), _GROUND)
    for part in spec.parts:
        _draw_part(pen, part)
    outline = in_metres(spec.outline)
    _draw_areas(pen, outline, _CASING)
    _draw_areas(pen, outline, _OUTLINE)


def _draw_part(pen: _Pen, part: DrawnPart) -> None:
    """Points by size, areas and lines one style after the other; nothing for no rows."""
    if part.frame.empty:
        return
    shapes = in_metres(part.frame)
    if part.shape == "point":
        _draw_points(pen, part, shapes)
        return
    for key, style in part.styles.items():
        _draw_areas(pen, shapes[part.frame["key"] == key], style)


def _draw_areas(pen: _Pen, shapes: gpd.GeoSeries, style: Style) -> None:
    """All areas (or lines) of one style as one collection."""
    west, south, east, north = pen.frame.ground
    beyond = 8.0 / pen.frame.scale  # so that the cut edge of a shape is not seen
    seen = shapely.clip_by_rect(
        np.asarray(shapes.values), west - beyond, south - beyond, east + beyond, north + beyond
    )
    paths = [_path(shape) for shape in seen if shape is not None and not shape.is_empty]
    if not paths:
        return
    pen.put_map(
        PathCollection(
            paths,
            facecolors=[to_rgba(style.fill, style.opacity) if style.fill else (0, 0, 0, 0)],
            edgecolors=style.stroke,
            linewidths=style.width * POINTS_PER_PIXEL,
            linestyles=[_dashes(style.dashed)],
            hatch=_HATCHES.get(style.hatch or ""),
            joinstyle="round",
        )
    )


def _path(shape: BaseGeometry) -> Path:
    """The rings and lines of one geometry as one path, holes running the other way."""
    parts = shapely.get_parts(shapely.orient_polygons(shape))
    rings = [ring for part in parts for ring in _rings(part)]
    return Path.make_compound_path(*rings)


def _rings(part: BaseGeometry) -> Iterable[Path]:
    """Outer and inner rings of a polygon, the run of a line, nothing for a point."""
    if part.geom_type == "Polygon":
        return [Path(shapely.get_coordinates(r), closed=True) for r in shapely.get_rings(part)]
    return [Path(shapely.get_coordinates(part))] if part.geom_type == "LineString" else []


def _draw_points(pen: _Pen, part: DrawnPart, shapes: gpd.GeoSeries) -> None:
    """Circles, the large ones first so that they hide no small one."""
    frame = part.frame.assign(metres=shapes.values).sort_values(
        "radius", ascending=False, kind="stable"
    )
    styles = [part.styles[key] for key in frame["key"]]
    radii = frame["radius"].to_numpy(dtype=float) * POINTS_PER_PIXEL
    pen.put_map(
        CircleCollection(
            np.pi * radii**2,
            offsets=shapely.get_coordinates(frame["metres"].values),
            facecolors=[to_rgba(s.fill, s.opacity) if s.fill else (0, 0, 0, 0) for s in styles],
            edgecolors=[s.stroke for s in styles],
            linewidths=[s.width * POINTS_PER_PIXEL for s in styles],
            linestyles=[_dashes(s.dashed) for s in styles],
        )
    )
