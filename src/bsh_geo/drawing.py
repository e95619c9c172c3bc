"""A MapSpec in, its page as a figure of matplotlib out, not yet rendered.

The map is drawn in ``crs.MEASURE``, so that the scale bar holds everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import CircleCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.patches import PathPatch
from matplotlib.patheffects import Stroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from bsh_geo import fonts, raster_image
from bsh_geo.mapspec import DrawnImage, DrawnPart, MapSpec, Style
from bsh_geo.marks import INK, POINTS_PER_PIXEL, Mark, Picture, Shape, Words, box
from bsh_geo.page_layout import Page, opened, page
from bsh_geo.print_frame import Box, MapFrame, in_metres, shape_path
from bsh_geo.print_options import PrintOptions
from bsh_geo.themes import LOOKS, Look, themed

_OUTLINE = Style(None, INK, 1.1 / POINTS_PER_PIXEL)
IMAGE_DPI = 200
"""Cells per inch of a raster's picture in a vector file: finer than its cells, light enough."""
_CELLS_PER_MM = IMAGE_DPI / 25.4
_HATCHES = {"diagonal": "////", "dots": "....", "cross": "xxxx"}


def figure_of(spec: MapSpec, options: PrintOptions | None = None) -> Figure:
    """The page as a figure of matplotlib, not yet drawn; for ``render`` and for measuring."""
    options = options or PrintOptions()
    shown = themed(spec, options.theme)
    return figure_on(shown, page(shown, options), options)


def figure_on(shown: MapSpec, laid: Page, options: PrintOptions) -> Figure:
    """A page that is laid out already, its map drawn in colours as they are."""
    # A thousandth of a pixel more, because matplotlib rounds the size down.
    dpi = options.dpi
    width, height = ((round(side / 25.4 * dpi) + 0.001) / dpi for side in laid.size)
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white")
    to_figure = Affine2D().scale(1 / laid.size[0], -1 / laid.size[1]).translate(0, 1)
    pen = _Pen(figure, to_figure, laid.frame, LOOKS[options.theme])
    _draw_map(pen, shown)
    pen.put_all(laid.upon)
    if laid.zoom is not None:
        _draw_map(replace(pen, frame=laid.zoom), shown)
    pen.put_all((*laid.over, *laid.around))
    return figure


@dataclass(frozen=True, eq=False)
class _Pen:
    """A figure, how mm of the page become its fractions, the map's frame on it, its look."""

    figure: Figure
    to_figure: Affine2D
    frame: MapFrame
    look: Look

    def put(self, artist: Artist) -> None:
        """Add something measured in mm of the page."""
        artist.set_transform(self.to_figure + self.figure.transFigure)
        self.figure.add_artist(artist)

    def put_all(self, marks: Iterable[Mark]) -> None:
        """Add marks, the first the lowest."""
        for mark in marks:
            if isinstance(mark, Picture):
                self.put_picture(mark)
            else:
                for artist in _artists(mark):
                    self.put(artist)

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

    def put_picture(self, mark: Picture) -> None:
        """Add a picture, resampled to the resolution of the page."""
        corners = Bbox([[mark.x, mark.y], [mark.x + mark.width, mark.y + mark.height]])
        place = TransformedBbox(corners, self.to_figure + self.figure.transFigure)
        drawn = BboxImage(place, interpolation="hanning", origin="upper")
        drawn.set_data(np.asarray(opened(mark.data)))
        self.figure.add_artist(drawn)


def _artists(mark: Words | Shape) -> list[Artist]:
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
    frame, look = pen.frame, pen.look
    sea = box(*frame.box[:2], frame.width, frame.height, look.sea)
    pen.put(_artists(sea)[0])
    _draw_areas(pen, in_metres(spec.neighbours), Style(look.neighbour, look.neighbour_border, 0.6))
    border = Style(look.paper, look.border, 0.5 / POINTS_PER_PIXEL)
    _draw_areas(pen, in_metres(spec.ground), border)
    for image in spec.images:
        _draw_image(pen, image)
    if spec.images:
        _draw_areas(pen, in_metres(spec.ground), replace(border, fill=None))
    for part in spec.parts:
        _draw_part(pen, part)
    outline = in_metres(spec.outline)
    _draw_areas(pen, outline, Style(None, look.paper, 2.6 / POINTS_PER_PIXEL, opacity=0.9))
    _draw_areas(pen, outline, _OUTLINE)


def _draw_image(pen: _Pen, image: DrawnImage) -> None:
    """A raster's picture, its cells warped to the frame's metres; their colours are not blended."""
    left, top, right, bottom = pen.frame.box
    place = TransformedBbox(
        Bbox([[left, top], [right, bottom]]), pen.to_figure + pen.figure.transFigure
    )
    drawn = _Cells(image, pen.frame, place)
    drawn.set_zorder(1)  # as the areas: matplotlib draws images below all else by default
    pen.figure.add_artist(drawn)


class _Cells(BboxImage):
    """A raster's picture in a frame: a cell for each dot of a PNG, in a vector file ``IMAGE_DPI``.

    matplotlib would stretch a picture that is made beforehand, which takes longer than to make
    it at the size that is drawn, and would draw some cells a dot wider than others.
    """

    def __init__(self, image: DrawnImage, frame: MapFrame, place: TransformedBbox) -> None:
        super().__init__(place, origin="upper")
        self._image, self._ground = image, frame.ground
        self._size = round(frame.width * _CELLS_PER_MM), round(frame.height * _CELLS_PER_MM)
        self.set_data(np.zeros((1, 1, 4), np.uint8))  # of nothing, matplotlib draws nothing

    def _check_unsampled_image(self) -> bool:
        """That a vector file takes the cells as they are and scales them itself."""
        return True

    def make_image(
        self, renderer: RendererBase, magnification: float = 1.0, unsampled: bool = False
    ) -> tuple[np.ndarray[Any, Any], float, float, Affine2D]:
        """RGBA from the lowest row, the place of its corner, how a cell becomes a dot."""
        box = self.get_window_extent(renderer)
        if unsampled:
            cols, rows = self._size
            scaled = Affine2D().scale(box.width / cols, box.height / rows)
            return self._cells(self._ground, cols, rows), box.x0, box.y0, scaled
        left, low = np.floor(box.min)
        right, high = np.ceil(box.max)
        west, south, east, north = self._ground
        dot = (east - west) / box.width, (north - south) / box.height
        ground = (
            west - (box.x0 - left) * dot[0],
            south - (box.y0 - low) * dot[1],
            east + (right - box.x1) * dot[0],
            north + (high - box.y1) * dot[1],
        )
        size = round((right - left) * magnification), round((high - low) * magnification)
        return self._cells(ground, *size), float(left), float(low), Affine2D()

    def _cells(self, ground: Box, cols: int, rows: int) -> np.ndarray[Any, Any]:
        cells = raster_image.in_metres(self._image, ground, cols, rows)
        return raster_image.dots(self._image, cells[::-1])


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
    paths = [shape_path(shape) for shape in seen if shape is not None and not shape.is_empty]
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


def figure_of_maps(
    maps: Sequence[tuple[MapSpec, MapFrame, Sequence[Mark]]],
    around: Iterable[Mark],
    size: tuple[float, float],
    options: PrintOptions,
) -> Figure:
    """Several maps on one page of ``size`` mm, each with the marks upon it, and those around."""
    dpi = options.dpi
    width, height = ((round(side / 25.4 * dpi) + 0.001) / dpi for side in size)
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white")
    to_figure = Affine2D().scale(1 / size[0], -1 / size[1]).translate(0, 1)
    pen = _Pen(figure, to_figure, maps[0][1], LOOKS[options.theme])
    for spec, frame, upon in maps:
        _draw_map(replace(pen, frame=frame), themed(spec, options.theme))
        pen.put_all(upon)
    pen.put_all(around)
    return figure
