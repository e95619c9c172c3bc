"""Geometries in degrees in, the district of each and what is known nearby out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import frames, within
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.errors import DataError
from bsh_geo.own_names import plain
from bsh_geo.project import Project
from bsh_geo.site_geometry import Pairs, Shapes

Codes = np.ndarray[Any, np.dtype[np.object_]]
Numbers = np.ndarray[Any, np.dtype[np.float64]]

DEGREE_M = 111_195.0
"""Metres of a degree on a sphere of 6,371 km; used to compare distances of some hundred metres."""

KNOWN = ("stations", "water_sections", "river_stations", "parks")
"""Datasets of points whose places are known."""


def districts_of(project: Project, points: Pairs, boundary: str = "districts") -> Codes:
    """The code of the district that each point (degrees) lies in; None outside all."""
    polygons = frames.boundary(project, boundary).geometry
    codes = np.array([*map(str, polygons.index), None], dtype=object)
    found: Codes = codes[within.first_area(polygons.to_numpy(), points[:, 0], points[:, 1])]
    return found


def mostly_in(project: Project, shapes: Shapes) -> Codes:
    """The district that most of each area lies in; None for one that touches none."""
    frame = gpd.GeoSeries(shapes, crs=DISPLAY).to_crs(MEASURE)
    districts = frames.boundary(project, "districts").geometry.to_crs(MEASURE)
    whole = frame.to_numpy()
    tree = shapely.STRtree(whole)
    most, found = np.zeros(len(whole)), np.full(len(whole), None, dtype=object)
    for code, polygon in districts.items():
        shapely.prepare(polygon)
        at = tree.query(polygon, predicate="intersects")
        inside = shapely.contains_properly(polygon, whole[at])
        size = np.where(inside, shapely.area(whole[at]), 0.0)
        cut = at[~inside]
        size[~inside] = shapely.area(shapely.intersection(whole[cut], polygon))
        better = size > most[at]
        most[at[better]], found[at[better]] = size[better], str(code)
    return found


def points_of(found: Shapes) -> Pairs:
    """One point of each geometry: a point itself, else its centroid; NaN for a missing one."""
    if (shapely.get_type_id(found) == 0).all() and not shapely.is_empty(found).any():
        return shapely.get_coordinates(found)
    made = np.full((len(found), 2), np.nan)
    with np.errstate(invalid="ignore"):  # beyond a system's reach coordinates are infinite
        middle = shapely.centroid(found)
    there = ~(shapely.is_missing(middle) | shapely.is_empty(middle))
    made[there, 0] = shapely.get_x(middle[there])
    made[there, 1] = shapely.get_y(middle[there])
    return made


@cache
def city_bounds(project: Project) -> tuple[float, float, float, float]:
    """west, south, east, north of the districts in degrees, with a twentieth of one around."""
    west, south, east, north = frames.boundary(project, "districts").total_bounds
    return float(west - 0.05), float(south - 0.05), float(east + 0.05), float(north + 0.05)


def inside_share(project: Project, points: Pairs) -> float:
    """How many of the points (0 to 1) lie in the bounds of the city."""
    west, south, east, north = city_bounds(project)
    x, y = points[:, 0], points[:, 1]
    within = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return float(within.mean()) if len(points) else 0.0


@cache
def _known(project: Project) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for dataset_id in reversed(KNOWN):
        try:
            rows = frames.points(project, dataset_id)
        except DataError:
            continue  # a project may do without a dataset; what is broken, check tells
        key = frames.dataset_of(project, dataset_id).key[0]
        for name in ("name_en", "name_zh", key):
            for text, shape in zip(rows[name], rows.geometry, strict=True):
                if text is not None and not pd.isna(text):
                    found[plain(str(text))] = (shape.x, shape.y)
    return found


def known_at(project: Project, names: list[list[str]], count: int) -> Pairs:
    """Where the project knows each row's place to be, by any of its names; NaN elsewhere."""
    known = _known(project)
    found = np.full((count, 2), np.nan)
    for column in names:
        for at, text in enumerate(column):
            if text and np.isnan(found[at, 0]) and (place := known.get(plain(text))):
                found[at] = place
    return found


@dataclass(frozen=True)
class Evidence:
    """How well places agree with what is known.

    ``metres`` is the median distance of ``matched`` rows to their known places (NaN without any),
    ``east`` and ``north`` the median shift; of ``stated`` rows that name a district ``wrong`` lie
    outside it.
    """

    inside: float
    centre: tuple[float, float]
    matched: int
    metres: float
    east: float
    north: float
    stated: int
    wrong: int


def evidence(project: Project, points: Pairs, known: Pairs, stated: Codes) -> Evidence:
    """What speaks for these places (degrees of WGS 84)."""
    finite = np.isfinite(points).all(axis=1)
    x, y = (np.median(points[finite, at]) if finite.any() else float("nan") for at in (0, 1))
    both = finite & np.isfinite(known).all(axis=1)
    east = (points[both, 0] - known[both, 0]) * np.cos(np.radians(31.2)) * DEGREE_M
    north = (points[both, 1] - known[both, 1]) * DEGREE_M
    away = np.hypot(east, north)
    named = np.array([one is not None for one in stated], dtype=bool) & finite
    lies = districts_of(project, points[named])
    return Evidence(
        inside_share(project, points[finite]),
        (float(x), float(y)),
        int(both.sum()),
        float(np.median(away)) if len(away) else float("nan"),
        float(np.median(east)) if len(away) else float("nan"),
        float(np.median(north)) if len(away) else float("nan"),
        int(named.sum()),
        int((lies != stated[named]).sum()),
    )
