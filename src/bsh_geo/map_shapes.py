"""Features of a part in, what the browser draws out: a display version, and GeoJSON as text.

The display version is for the screen alone: tables, exports, pictures and every measure keep the
full shapes.
"""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

EMBEDDED_VERTICES = 25_000
"""Above this many, areas are simplified for the screen and drawn on a canvas instead of as SVG."""

EMBEDDED_POINTS = 3_000
"""Above this many points, a canvas takes the place of SVG."""

TOLERANCE_M = 2.0
"""Metres of the display version; a pixel is 2 m at the last zoom but one."""

_METRES = (95_200.0, 110_860.0)
"""Metres of a degree of longitude and latitude at 31.2° N; only for the tolerance."""


def vertices(frame: gpd.GeoDataFrame) -> int:
    """How many vertices the geometry of ``frame`` has."""
    return int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum())


def simplified(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, float]:
    """``frame`` for the screen, and the tolerance in metres that it was simplified with.

    Areas that meet without overlapping are simplified as a coverage, so that no gap opens between
    neighbours; others each by itself. Up to ``EMBEDDED_VERTICES`` the shapes stay as they are
    (0 m), and so do points.
    """
    points = (frame.geometry.geom_type == "Point").all()
    if points or vertices(frame) <= EMBEDDED_VERTICES:
        return frame, 0.0
    plane = shapely.transform(frame.geometry.to_numpy(), lambda places: places * _METRES)
    made = (
        shapely.coverage_simplify(plane, TOLERANCE_M)
        if _is_coverage(plane)
        else shapely.simplify(plane, TOLERANCE_M, preserve_topology=True)
    )
    shapes = shapely.transform(made, lambda places: places / _METRES)
    shown = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    return shown, TOLERANCE_M


def _is_coverage(shapes: npt.NDArray[np.object_]) -> bool:
    """Whether the shapes are valid polygons that meet only along common edges."""
    polygons = np.isin(shapely.get_type_id(shapes), (3, 6)).all()
    return bool(polygons and shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes))


def geojson(frame: gpd.GeoDataFrame, columns: tuple[str, ...] = ()) -> dict[str, Any]:
    """A frame as GeoJSON with 5 decimals (1 m) and only the properties a part needs."""
    found: dict[str, Any] = json.loads(geojson_text(frame, columns))
    return found


def geojson_text(frame: gpd.GeoDataFrame, columns: tuple[str, ...] = ()) -> str:
    """The same as text: written feature by feature, as large layers are slow to build as objects.

    Raises
    ------
    ValueError
        A property is not a number that JSON has (NaN).
    """
    rounded = shapely.set_precision(frame.geometry.to_numpy(), 1e-5, mode="pointwise")
    shapes = shapely.to_geojson(rounded)
    features = (
        f'{{"type":"Feature","geometry":{shape or "null"},"properties":{properties}}}'
        for shape, properties in zip(shapes, _properties(frame, columns), strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _properties(frame: gpd.GeoDataFrame, columns: tuple[str, ...]) -> list[str]:
    return [as_text(row) for row in rows(frame, columns)]


def rows(frame: gpd.GeoDataFrame, columns: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The properties of each feature; ``id`` is its index."""
    cells = [frame[name].tolist() for name in columns]
    names = ("id", *columns)
    return [
        dict(zip(names, (str(index), *row), strict=True))
        for index, *row in zip(frame.index, *cells, strict=True)
    ]


def as_text(content: object) -> str:
    """Compact JSON in plain characters; NaN is refused."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
