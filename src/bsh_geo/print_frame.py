"""A MapSpec and a place on the page in, the map's frame with its ticks out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from shapely.geometry.base import BaseGeometry

from bsh_geo import areas, crs, labels
from bsh_geo.furniture import degree
from bsh_geo.mapspec import Bounds, MapSpec
from bsh_geo.marks import INK, MUTED, Mark, Words, line
from bsh_geo.project import Project

Box = tuple[float, float, float, float]
"""left, top, right, bottom in mm of the page."""


@dataclass(frozen=True)
class MapFrame:
    """Where the map stands on the page (mm) and what it shows (metres of ``crs.MEASURE``).

    ``west`` and ``north`` are the metres at its top left, ``scale`` is mm per metre; ``text`` is
    how large names and furniture are set, 1 for an A4 page.
    """

    left: float
    top: float
    width: float
    height: float
    west: float
    north: float
    scale: float
    text: float = 1.0

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


AIR = 1.06
"""How much more than its extent a map shows."""


def framed(
    spec: MapSpec,
    place: Box,
    extent: Bounds | None = None,
    text: float = 1.0,
    air: float = AIR,
) -> MapFrame:
    """The frame at ``place`` (left, top, width, height in mm) around ``extent`` in degrees.

    Without one it is around the spec's own extent and all of its outline.
    """
    left, top, width, height = place
    around = [ground_box(extent or spec.extent)]
    if extent is None and not spec.outline.empty:
        around.append(tuple(in_metres(spec.outline).total_bounds))
    west, south = (min(one[side] for one in around) for side in (0, 1))
    east, north = (max(one[side] for one in around) for side in (2, 3))
    scale = min(width / (east - west), height / (north - south)) / air
    middle = ((west + east) / 2, (south + north) / 2)
    corner = (middle[0] - width / scale / 2, middle[1] + height / scale / 2)
    return MapFrame(left, top, width, height, *corner, scale, text)


def ground_box(bounds: Bounds) -> Box:
    """west, south, east, north in metres of what ``bounds`` in degrees hold."""
    # A parallel bows in this projection: its middle must be inside too.
    west, south, east, north = crs.measured(shapely.segmentize(shapely.box(*bounds), 0.02)).bounds
    return west, south, east, north


def series_extents(project: Project, codes: Sequence[str]) -> dict[str, Bounds]:
    """Bounds in degrees for each district or group, all of one size on the ground.

    Pictures with these extents, of one size and orientation, have one scale, to be compared.

    Raises
    ------
    UnknownNameError
        A code is no area of the project.
    """
    boxes = {
        code: ground_box(labels.extent(project, areas.select(project, (code,)), ()))
        for code in codes
    }
    across = max(east - west for west, _, east, _ in boxes.values())
    up = max(north - south for _, south, _, north in boxes.values())
    return {
        code: _bounds_of((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, across, up)
        for code, box in boxes.items()
    }


def _bounds_of(x: float, y: float, across: float, up: float) -> Bounds:
    """The bounds in degrees whose ``ground_box`` is about x and y with these sides, metres."""
    wanted = np.array([x - across / 2, y - up / 2, x + across / 2, y + up / 2])
    asked = wanted.copy()
    # Meridians lean: what the bounds hold is a little more than what was asked for.
    for _ in range(6):
        west, south, east, north = crs.displayed(shapely.LineString([asked[:2], asked[2:]])).bounds
        bounds = (float(west), float(south), float(east), float(north))
        asked += wanted - np.array(ground_box(bounds))
    return bounds


def in_metres(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """The geometry in ``crs.MEASURE``; an empty frame as it is, whatever its CRS."""
    return frame.geometry if frame.empty else crs.to_measure(frame.geometry)


def shape_path(shape: BaseGeometry) -> Path:
    """The rings and lines of one geometry as one path, holes running the other way."""
    parts = shapely.get_parts(shapely.orient_polygons(shape))
    return Path.make_compound_path(*(ring for part in parts for ring in _rings(part)))


def _rings(part: BaseGeometry) -> Iterable[Path]:
    """Outer and inner rings of a polygon, the run of a line, nothing for a point."""
    if part.geom_type == "Polygon":
        return [Path(shapely.get_coordinates(r), closed=True) for r in shapely.get_rings(part)]
    return [Path(shapely.get_coordinates(part))] if part.geom_type == "LineString" else []


_STEPS = tuple(s / 3600 for s in (3600, 1800, 1200, 600, 300, 120, 60, 30, 20, 10))
"""Distances in degrees between two ticks of the graticule."""


def graticule(frame: MapFrame) -> list[Mark]:
    """Ticks at round degrees, inward on all four sides, named at the left and the bottom."""
    left, top, right, bottom = frame.box
    larger = max(frame.text, 1.0)
    marks: list[Mark] = []
    for x, _ in _ticks(frame, (left, top), (right, top), 0):
        marks.append(line([(x, top), (x, top + 1.3)], INK, 0.4))
    for x, lon in _ticks(frame, (left, bottom), (right, bottom), 0):
        marks.append(line([(x, bottom), (x, bottom - 1.3)], INK, 0.4))
        name = degree(lon, "EW")
        marks.append(Words(x, bottom + 1.1 + 1.5 * larger, name, 5.5 * larger, MUTED, "center"))
    for y, _ in _ticks(frame, (right, bottom), (right, top), 1):
        marks.append(line([(right, y), (right - 1.3, y)], INK, 0.4))
    for y, lat in _ticks(frame, (left, bottom), (left, top), 1):
        marks.append(line([(left, y), (left + 1.3, y)], INK, 0.4))
        name = degree(lat, "NS")
        marks.append(Words(left - 1.0, y, name, 5.5 * larger, MUTED, "center", turned=90.0))
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
