"""A MapSpec and a place on the page in, the map's frame with its ticks and furniture out."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.transforms import Affine2D

from bsh_geo import crs
from bsh_geo.furniture import degree, north_arrow, scale_bar
from bsh_geo.mapspec import MapSpec
from bsh_geo.marks import INK, MUTED, Block, Mark, Words, line

Box = tuple[float, float, float, float]
"""left, top, right, bottom in mm of the page."""


@dataclass(frozen=True)
class MapFrame:
    """Where the map stands on the page (mm) and what it shows (metres of ``crs.MEASURE``).

    ``west`` and ``north`` are the metres at its top left, ``scale`` is mm per metre.
    """

    left: float
    top: float
    width: float
    height: float
    west: float
    north: float
    scale: float

    @property
    def box(self) -> Box:
        """left, top, right, bottom on the page, mm."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @property
    def ground(self) -> Box:
        """west, south, east, north in metres."""
        east, south = self.west + self.width / self.scale, self.north - self.height / self.scale
        return self.west, south, east, self.north

    @property
    def to_page(self) -> Affine2D:
        """Metres to mm of the page."""
        moved = Affine2D().translate(-self.west, -self.north)
        return moved.scale(self.scale, -self.scale).translate(self.left, self.top)


def framed(spec: MapSpec, place: Box) -> MapFrame:
    """The frame at ``place`` (left, top, width, height in mm) around all of the spec's extent."""
    left, top, width, height = place
    # A parallel bows in this projection: its middle must be inside too.
    around = [crs.measured(shapely.segmentize(shapely.box(*spec.extent), 0.02)).bounds]
    if not spec.outline.empty:
        around.append(tuple(crs.to_measure(spec.outline.geometry).total_bounds))
    west, south = (min(one[side] for one in around) for side in (0, 1))
    east, north = (max(one[side] for one in around) for side in (2, 3))
    scale = min(width / (east - west), height / (north - south)) / 1.06
    middle = ((west + east) / 2, (south + north) / 2)
    corner = (middle[0] - width / scale / 2, middle[1] + height / scale / 2)
    return MapFrame(left, top, width, height, *corner, scale)


def in_metres(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """The geometry in ``crs.MEASURE``; an empty frame as it is, whatever its CRS."""
    return frame.geometry if frame.empty else crs.to_measure(frame.geometry)


def map_furniture(frame: MapFrame, lang: str) -> list[tuple[Block, float, float]]:
    """Scale bar bottom left and north arrow top right, with their left and top, mm."""
    left, top, right, bottom = frame.box
    bar = scale_bar(frame.scale, min(36.0, frame.width / 4))
    arrow = north_arrow(lang)
    return [
        (bar, left + 3.0, bottom - 3.0 - bar.height),
        (arrow, right - 3.0 - arrow.width, top + 3.0),
    ]


_STEPS = tuple(s / 3600 for s in (3600, 1800, 1200, 600, 300, 120, 60, 30, 20, 10))
"""Distances in degrees between two ticks of the graticule."""


def graticule(frame: MapFrame) -> list[Mark]:
    """Ticks at round degrees, inward on all four sides, named at the left and the bottom."""
    left, top, right, bottom = frame.box
    marks: list[Mark] = []
    for x, _ in _ticks(frame, (left, top), (right, top), 0):
        marks.append(line([(x, top), (x, top + 1.3)], INK, 0.4))
    for x, lon in _ticks(frame, (left, bottom), (right, bottom), 0):
        marks.append(line([(x, bottom), (x, bottom - 1.3)], INK, 0.4))
        name = degree(lon, "EW")
        marks.append(Words(x, bottom + 2.6, name, 5.5, MUTED, "center"))
    for y, _ in _ticks(frame, (right, bottom), (right, top), 1):
        marks.append(line([(right, y), (right - 1.3, y)], INK, 0.4))
    for y, lat in _ticks(frame, (left, bottom), (left, top), 1):
        marks.append(line([(left, y), (left + 1.3, y)], INK, 0.4))
        name = degree(lat, "NS")
        marks.append(Words(left - 1.0, y, name, 5.5, MUTED, "center", turned=90.0))
    return marks


def _ticks(
    frame: MapFrame, start: tuple[float, float], end: tuple[float, float], axis: int
) -> list[tuple[float, float]]:
    """Place (mm) and degree of the ticks on one side of the frame; axis 0 longitude, 1 latitude."""
    share = np.linspace(0.0, 1.0, 60)[:, None]
    side = np.asarray(start) * (1 - share) + np.asarray(end) * share
    metres = frame.to_page.inverted().transform(side)
    degrees = shapely.get_coordinates(crs.displayed(shapely.LineString(metres)))[:, axis]
    span = degrees[-1] - degrees[0]
    step = next((s for s in _STEPS if span / s >= 3), _STEPS[-1])
    round_ones = np.arange(np.ceil(degrees[0] / step), np.floor(degrees[-1] / step) + 1) * step
    places = np.interp(round_ones, degrees, side[:, axis])
    # A name near a corner would leave the side or meet the other side's name.
    inner = np.abs(places - (start[axis] + end[axis]) / 2) < abs(end[axis] - start[axis]) / 2 - 7.0
    return [(float(p), float(d)) for p, d in zip(places[inner], round_ones[inner], strict=True)]
