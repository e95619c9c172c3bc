"""Park places in, the land they serve out: straight-line service areas and shares of land."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import pandas as pd
import shapely

from bsh_geo import catalogue, frames
from bsh_geo.catalogue import CITY, Part
from bsh_geo.crs import MEASURE, to_measure
from bsh_geo.project import Project

DEFAULT_RADIUS_M = 500.0
"""公园绿地 500 m 服务半径, as the Chongming plan words it (崇明方案（四）1: “500米服务半径绿地
扫盲”); a layer file may set another."""

CIRCLE_SEGMENTS = 16
"""Corners per quarter circle: the area is 0.16 % short of the true circle's."""


@dataclass(frozen=True)
class Radii:
    """How far parks serve, in metres: ``steps`` of (least size in hectares, radius), low first."""

    unknown: float = DEFAULT_RADIUS_M
    steps: tuple[tuple[float, float], ...] = ()

    def of(self, area_ha: float | None) -> float:
        """The radius of a park of that size; of one whose size is not known where it is missing."""
        if area_ha is None or pd.isna(area_ha) or not self.steps:
            return self.unknown
        return [radius for least, radius in self.steps if area_ha >= least][-1]

    @property
    def shown(self) -> str:
        """The radii as a reader sees them, such as ``300–500`` or ``500``."""
        every = sorted({self.unknown, *(radius for _, radius in self.steps)})
        return "–".join(f"{one:g}" for one in dict.fromkeys((every[0], every[-1])))


@dataclass(frozen=True)
class Counts:
    """How much is known of the parks: none without a location serves anything."""

    listed: int
    located: int
    with_area: int
    located_with_area: int
    with_shape: int


def service_part(project: Project) -> Part | None:
    """The part of any layer that draws the service area of parks; it sets the radii."""
    layers, _ = catalogue.load_layers(project)
    for layer in layers.values():
        for part in layer.parts:
            if part.kind == "service" and part.dataset == "parks":
                return part
    return None


def radii_of(part: Part | None) -> Radii:
    """The radii that a part of a layer declares."""
    if part is None:
        return Radii()
    steps = tuple((one.min_ha, one.radius_m) for one in part.radii)
    return Radii(part.radius_m or DEFAULT_RADIUS_M, steps)


def radius_notes(part: Part, lang: str) -> tuple[str, ...]:
    """The radius of each size and why it is that, as one sentence; none where there is one."""
    if not part.radii:
        return ()
    unknown = f"{radii_of(part).unknown:g} m"
    told = [
        f"{one.min_ha:g} 公顷起 {one.radius_m:g} m（{one.basis.zh}）"
        if lang == "zh"
        else f"{one.radius_m:g} m from {one.min_ha:g} ha ({one.basis.en})"
        for one in part.radii
    ]
    return (
        f"服务半径：{'；'.join(told)}；面积不详的公园 {unknown}。"
        if lang == "zh"
        else f"Radius: {'; '.join(told)}; {unknown} where the size is not known.",
    )


def radii(project: Project) -> Radii:
    """The service radii in force."""
    return radii_of(service_part(project))


@cache
def located(
    project: Project, dataset: str = "parks", shapes: str | None = None
) -> gpd.GeoDataFrame:
    """The parks that have a place, in ``MEASURE``, indexed by id.

    A park is its shape where the geometry dataset ``shapes`` has one, else its point. Columns
    ``geometry``, ``name_zh``, ``name_en``, ``area_ha`` (NaN where it is not known), ``shaped``.
    """
    key = frames.dataset_of(project, dataset).key[0]
    points = to_measure(frames.points(project, dataset))
    found = points.set_index(key, drop=False).rename_axis(None)
    found["shaped"] = False
    if shapes is not None:
        rows = frames.table(project, dataset).set_index(key, drop=False).rename_axis(None)
        drawn = to_measure(frames.shapes(project, shapes)).dissolve(by="id").geometry
        drawn = drawn[drawn.index.isin(rows.index)]
        shaped = gpd.GeoDataFrame(rows.loc[drawn.index], geometry=drawn).assign(shaped=True)
        found = pd.concat([shaped, found[~found.index.isin(drawn.index)]])
    if "area_ha" not in found:
        found["area_ha"] = float("nan")
    found["area_ha"] = found["area_ha"].astype(float)
    names = ["geometry", "name_zh", "name_en", "area_ha", "shaped"]
    return gpd.GeoDataFrame(found[names], geometry="geometry", crs=MEASURE)


def city_parks(project: Project) -> gpd.GeoDataFrame:
    """The located parks that the service part of the layers means."""
    part = service_part(project)
    return located(project, "parks", part.shapes if part else None)


def counts(project: Project) -> Counts:
    """What the list of parks knows."""
    rows = frames.table(project, "parks")
    places = city_parks(project)
    return Counts(
        listed=len(rows),
        located=len(places),
        with_area=int(rows["area_ha"].notna().sum()),
        located_with_area=int(places["area_ha"].notna().sum()),
        with_shape=int(places["shaped"].sum()),
    )


def discs(places: gpd.GeoDataFrame, radius: Radii | float) -> gpd.GeoSeries:
    """What each park serves in a straight line, land and water alike; ``places`` in ``MEASURE``."""
    if isinstance(radius, Radii):
        distances = places["area_ha"].map(radius.of).astype(float).to_numpy()
    else:
        distances = radius
    buffered = shapely.buffer(places.geometry.to_numpy(), distances, quad_segs=CIRCLE_SEGMENTS)
    return gpd.GeoSeries(buffered, index=places.index, crs=MEASURE)


@cache
def land(project: Project) -> gpd.GeoDataFrame:
    """The districts' full-precision land outlines in ``MEASURE``, indexed by adcode.

    Inland water is part of them; columns ``geometry`` and ``land_km2``.
    """
    outlines = to_measure(frames.boundary(project, "land"))[["geometry"]]
    outlines["land_km2"] = outlines.area / 1e6
    return outlines


def on_land(project: Project, reached: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """What a set of areas covers of each district's land, overlaps counted once.

    Indexed by adcode, in ``MEASURE``; columns ``geometry``, ``covered_km2`` and ``land_km2``.
    """
    outlines = land(project)
    whole = reached.union_all()
    covered = outlines.geometry.intersection(whole)
    return gpd.GeoDataFrame(
        {"covered_km2": covered.area / 1e6, "land_km2": outlines["land_km2"]},
        geometry=covered,
        crs=MEASURE,
    )


@cache
def service_areas(
    project: Project,
    radius: Radii | float,
    dataset: str = "parks",
    shapes: str | None = None,
) -> gpd.GeoDataFrame:
    """Land within the radius of a located park of ``dataset``, per district, as ``on_land``.

    ``radius`` is one distance in metres or one by size. A park serves across district borders.
    """
    return on_land(project, discs(located(project, dataset, shapes), radius))


def _areas(project: Project) -> gpd.GeoDataFrame:
    part = service_part(project)
    return service_areas(project, radii_of(part), "parks", part.shapes if part else None)


def land_share(project: Project) -> pd.DataFrame:
    """Share of land within the service radius, in per cent, per adcode and for the city."""
    areas = _areas(project)
    share = areas["covered_km2"] / areas["land_km2"] * 100
    share[CITY] = areas["covered_km2"].sum() / areas["land_km2"].sum() * 100
    shown = radii(project).shown
    note_zh = f"按已定位公园点 {shown} m 直线服务半径与陆域轮廓（含内陆水面）计算"
    note_en = (
        f"computed from located park points, {shown} m straight-line, and land outlines "
        "(inland water included)"
    )
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
    areas = _areas(project).loc[list(codes)]
    return float(areas["covered_km2"].sum() / areas["land_km2"].sum() * 100)
