"""Park points in, the land they serve out: straight-line service areas and shares of land."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import pandas as pd

from bsh_geo import catalogue, frames
from bsh_geo.catalogue import CITY, Part
from bsh_geo.crs import MEASURE, to_measure
from bsh_geo.project import Project

DEFAULT_RADIUS_M = 500.0
"""公园绿地 500 m 服务半径, as the Chongming plan words it (崇明方案（四）1: “500米服务半径绿地
扫盲”); a layer file may set another."""


def service_part(project: Project) -> Part | None:
    """The part of any layer that draws the service area of parks; it sets the radius."""
    layers, _ = catalogue.load_layers(project)
    for layer in layers.values():
        for part in layer.parts:
            if part.kind == "service" and part.dataset == "parks":
                return part
    return None


def radius_m(project: Project) -> float:
    """The service radius in force, in metres."""
    part = service_part(project)
    return part.radius_m if part is not None and part.radius_m else DEFAULT_RADIUS_M


@cache
def service_areas(project: Project, radius: float, dataset: str = "parks") -> gpd.GeoDataFrame:
    """Land within ``radius`` metres of a located point of ``dataset``, per district.

    The circles around the points are dissolved and cut to each district's full-precision land
    outline; a park serves across district borders. Indexed by adcode, in ``MEASURE``; columns
    ``geometry``, ``covered_km2`` and ``land_km2``.
    """
    parks = to_measure(frames.points(project, dataset))
    land = to_measure(frames.boundary(project, "land"))
    reached = parks.buffer(radius, quad_segs=16).union_all()
    covered = land.geometry.intersection(reached)
    return gpd.GeoDataFrame(
        {"covered_km2": covered.area / 1e6, "land_km2": land.area / 1e6},
        geometry=covered,
        crs=MEASURE,
    )


def land_share(project: Project) -> pd.DataFrame:
    """Share of land within the service radius, in per cent, per adcode and for the city."""
    radius = radius_m(project)
    areas = service_areas(project, radius)
    share = areas["covered_km2"] / areas["land_km2"] * 100
    share[CITY] = areas["covered_km2"].sum() / areas["land_km2"].sum() * 100
    note_zh = f"按已定位公园点 {radius:g} m 直线服务半径与陆域轮廓计算"
    note_en = f"computed from located park points, {radius:g} m straight-line, and land outlines"
    return pd.DataFrame(
        {
            "value": share,
            "source": "bsh-park-service",
            "quality": "derived",
            "basis": "computed",
            "note_zh": note_zh,
            "note_en": note_en,
        }
    )


def share_of(project: Project, codes: tuple[str, ...]) -> float:
    """Share of the land of several districts together within the service radius, in per cent."""
    areas = service_areas(project, radius_m(project)).loc[list(codes)]
    return float(areas["covered_km2"].sum() / areas["land_km2"].sum() * 100)
