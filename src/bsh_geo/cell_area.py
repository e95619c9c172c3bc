"""A grid in any CRS in, the true areas of its cells on the ellipsoid out.

Geographic grids: the exact area between two parallels and two meridians. Projected grids: the
area of the cell's image in the Lambert cylindrical equal-area projection of the same ellipsoid,
found at nodes and interpolated between them, so that EPSG:3857 (37 % too large in Shanghai) and a
3-degree Gauss–Krüger zone (up to 0.1 % too large at its edge) both give ground area.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from bsh_geo.nodes import between, hats
from bsh_geo.rasters import Grid

Numbers = npt.NDArray[np.float64]

NODE_M = 4000.0
"""Metres between two nodes at most; over 4 km a scale bends by less than 2e-7."""

PROBE_M = 500.0
"""Half the length over which a projection's scale is measured: long enough for PROJ's rounding
not to count, short enough for the scale not to change (relative error below 1e-8)."""


def authalic(latitude: Numbers, eccentricity: float) -> Numbers:
    """q of an ellipsoid at ``latitude`` (radians): a² q / 2 is the area per radian of longitude
    from the equator to there (Snyder, Map Projections: A Working Manual, equation 3-12).
    """
    sine = np.sin(latitude)
    if eccentricity == 0:
        return 2 * sine
    es = eccentricity * sine
    shaped: Numbers = (1 - eccentricity**2) * (
        sine / (1 - es**2) - np.log((1 - es) / (1 + es)) / (2 * eccentricity)
    )
    return shaped


def _ellipsoid(crs: pyproj.CRS) -> tuple[float, float]:
    """Semi-major axis in metres and eccentricity."""
    found: Any = crs.ellipsoid
    a, b = float(found.semi_major_metre), float(found.semi_minor_metre)
    return a, float(np.sqrt(max(0.0, 1 - (b / a) ** 2)))


class CellAreas:
    """Areas in m² of the cells of one grid."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.a, self.e = _ellipsoid(grid.crs)
        self.geographic = grid.crs.is_geographic
        self._radians = (
            float(grid.crs.axis_info[0].unit_conversion_factor) if self.geographic else 0.0
        )
        base = grid.crs if self.geographic else grid.crs.geodetic_crs
        self._to_degrees = pyproj.Transformer.from_crs(grid.crs, base, always_xy=True)
        self._base_radians = float(base.axis_info[0].unit_conversion_factor) if base else 0.0

    def window(self, top: int, bottom: int, left: int, right: int) -> Numbers:
        """Areas of rows ``top:bottom``, columns ``left:right``; one column where all are alike."""
        if self.geographic:
            return self._between_parallels(top, bottom)[:, None]
        unit = float(self.grid.crs.axis_info[0].unit_conversion_factor)
        rows = _nodes(top, bottom, self.grid.dy * unit)
        cols = _nodes(left, right, self.grid.dx * unit)
        at_nodes = self._at(rows, cols)
        down = hats(_middles(top, bottom), rows)
        across = hats(_middles(left, right), cols)
        return between(down, at_nodes, across)

    def _between_parallels(self, top: int, bottom: int) -> Numbers:
        edges = self.grid.north - np.arange(top, bottom + 1) * self.grid.dy
        latitude = np.clip(edges * self._radians, -np.pi / 2, np.pi / 2)
        q = authalic(latitude, self.e)
        found: Numbers = self.a**2 * self.grid.dx * self._radians * (q[:-1] - q[1:]) / 2
        return found

    def _at(self, rows: Numbers, cols: Numbers) -> Numbers:
        """The area that a cell has at each node (fractional rows and columns)."""
        x, y = np.meshgrid(
            self.grid.west + cols * self.grid.dx, self.grid.north - rows * self.grid.dy
        )
        unit = float(self.grid.crs.axis_info[0].unit_conversion_factor)
        half = max(PROBE_M / unit, self.grid.dx / 2, self.grid.dy / 2)
        east = self._equal_area(x + half, y) - self._equal_area(x - half, y)
        north = self._equal_area(x, y + half) - self._equal_area(x, y - half)
        east[0] = (east[0] + np.pi) % (2 * np.pi) - np.pi
        north[0] = (north[0] + np.pi) % (2 * np.pi) - np.pi
        product = np.abs(east[0] * north[1] - east[1] * north[0]) / (2 * half) ** 2
        found: Numbers = self.a**2 / 2 * product * self.grid.dx * self.grid.dy
        return found

    def _equal_area(self, x: Numbers, y: Numbers) -> Numbers:
        """Longitude (radians) and q of points: an equal-area plane but for the factor a² / 2."""
        lon, lat = self._to_degrees.transform(x, y)
        latitude = np.asarray(lat) * self._base_radians
        return np.stack([np.asarray(lon) * self._base_radians, authalic(latitude, self.e)])

    def method(self) -> tuple[str, str]:
        """How the areas are found, in both languages."""
        name = self.grid.crs_name
        if self.geographic:
            return (
                f"栅格坐标系 {name}；单元面积按纬度在椭球面上计算",
                f"raster in {name}; cell areas by latitude on the ellipsoid",
            )
        return (
            f"栅格坐标系 {name}；单元面积按投影的面积变形逐格改正到椭球面",
            f"raster in {name}; cell areas corrected cell by cell for the scale of the projection",
        )


def _nodes(first: int, last: int, cell_m: float) -> Numbers:
    """Edges of rows or columns from ``first`` to ``last``, at most ``NODE_M`` apart."""
    spans = int(np.ceil((last - first) * cell_m / NODE_M))
    return np.linspace(first, last, max(2, min(spans, last - first) + 1))


def _middles(first: int, last: int) -> Numbers:
    return np.arange(first, last, dtype=np.float64) + 0.5
