"""Longitude and latitude of WGS 84, GCJ-02 or BD-09 in, the same places in another of them out.

GCJ-02 is what map services in China draw on, shifted by some 500 m in Shanghai; BD-09 is Baidu's
and shifted once more. Neither is published: the series of the shift have been known since 2010
from code that leaked and are the ones that every open converter uses, on the ellipsoid of
Krasovsky 1940. The way back is solved by iteration, to less than a millimetre.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import shapely

from bsh_geo.site_geometry import Pairs, Shapes

Datum = Literal["wgs84", "gcj02", "bd09"]

DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")

NAMES: dict[Datum, str] = {"wgs84": "WGS 84", "gcj02": "GCJ-02", "bd09": "BD-09"}

Numbers = np.ndarray[Any, np.dtype[np.float64]]

_MAJOR, _SQUARE = 6_378_245.0, 0.006_693_421_622_965_943
"""Krasovsky 1940: the semi-major axis in metres and the square of the eccentricity."""

_BAIDU = np.pi * 3000.0 / 180.0
_STEPS, _NEAR = 30, 1e-11
"""The way back: most steps, and the change in degrees (1 µm) at which it ends."""


def _wave(at: Numbers, terms: tuple[tuple[float, float], ...]) -> Numbers:
    """Two thirds of a sum of sines: each term has an amplitude and the half-waves per degree."""
    made: Numbers = np.zeros_like(at)
    for amplitude, rate in terms:
        made += amplitude * np.sin(at * rate * np.pi)
    return made * 2 / 3


def _shift(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    """What GCJ-02 adds to WGS 84 at a place, in degrees east and north."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = _wave(x, ((20.0, 6.0), (20.0, 2.0)))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += _wave(y, ((20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30)))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += _wave(x, ((20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30)))
    angle = np.radians(lat)
    curve = 1 - _SQUARE * np.sin(angle) ** 2
    metres_north = _MAJOR * (1 - _SQUARE) / (curve * np.sqrt(curve)) * np.pi / 180
    metres_east = _MAJOR / np.sqrt(curve) * np.cos(angle) * np.pi / 180
    return east / metres_east, north / metres_north


def _to_gcj(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def _to_bd(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    """GCJ-02 as BD-09: a little farther out and turned, about a place of Baidu's choice."""
    out = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    turned = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return out * np.cos(turned) + 0.0065, out * np.sin(turned) + 0.006


def _back(forth: Any, lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    """The place that ``forth`` moves to ``lon, lat``; the shift changes slowly, so steps settle."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_STEPS):
        to_x, to_y = forth(x, y)
        x, y = x - (to_x - lon), y - (to_y - lat)
        worst = np.nanmax(np.abs([to_x - lon, to_y - lat]), initial=0.0)
        if worst < _NEAR:
            break
    return x, y


def moved(lon: Numbers, lat: Numbers, source: Datum, target: Datum) -> tuple[Numbers, Numbers]:
    """Places in degrees of one datum as degrees of another; NaN stays NaN."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    start, end = DATUMS.index(source), DATUMS.index(target)
    steps = (_to_gcj, _to_bd)
    for step in range(start, end):
        x, y = steps[step](x, y)
    for step in range(start - 1, end - 1, -1):
        x, y = _back(steps[step], x, y)
    return x, y


def shapes_moved(found: Shapes, source: Datum, target: Datum) -> Shapes:
    """Geometries in degrees of one datum as degrees of another."""

    def one(pairs: Pairs) -> Pairs:
        return np.column_stack(moved(pairs[:, 0], pairs[:, 1], source, target))

    made: Shapes = shapely.transform(found, one)
    return made
