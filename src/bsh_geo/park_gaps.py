"""What parks serve in, what they leave out: ranked blind spots, and what a new park adds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from bsh_geo import park_access, parks, walks
from bsh_geo.crs import DISPLAY, MEASURE, measured
from bsh_geo.errors import DataError
from bsh_geo.park_access import Band, Basis

CELL_M = 1000.0
"""Side of the squares that blind spots are cut by: the countryside is else one patch a district."""

LEAST_CELL_M = 100.0
"""Smaller squares would be half a million."""

MIN_HA = 1.0
"""Smaller patches are slivers between circles, or too small for a site."""


@dataclass(frozen=True, eq=False)
class Gaps:
    """Blind spots of a band, ranked.

    Attributes
    ----------
    patches : GeoDataFrame
        In ``MEASURE``, indexed by rank from 1; ``adcode``, ``area_ha``, ``people`` (NaN where it
        is not given where they live), ``park`` and ``distance_m`` (the nearest located park in a
        straight line from ``lon``, ``lat``, a point inside the patch).
    by : str
        What they are ranked by: "people" or "area"; the further from a park first among equals.
    within : str
        What they are limited to: "land", "homes" (given residential areas), "inhabited" (where
        residents are given).
    dropped, dropped_km2
        Patches below the least size, and their area.
    """

    patches: gpd.GeoDataFrame
    by: str
    within: str
    dropped: int
    dropped_km2: float


@lru_cache(maxsize=16)
def gaps(
    of: Basis,
    wanted: Band,
    codes: tuple[str, ...] = (),
    min_ha: float = MIN_HA,
    cell_m: float = CELL_M,
) -> Gaps:
    """The land (or the residential land) of districts that no park serves, in ranked patches.

    ``codes`` limits them to districts; none stands for all. ``cell_m`` 0 leaves connected patches
    whole.
    """
    if 0 < cell_m < LEAST_CELL_M:
        raise DataError(
            f"方格边长 {cell_m:g} m 太小，应为 0 或不小于 {LEAST_CELL_M:g}。",
            f"Squares of {cell_m:g} m are too small; 0 or at least {LEAST_CELL_M:g} was expected.",
        )
    rows = park_access.reach(of, wanted).areas
    rows = rows.loc[[code for code in rows.index if not codes or code in codes]]
    left = parks.land(of.project).geometry.loc[rows.index].difference(rows.geometry)
    limits, within = _limits(of)
    if limits is not None:
        left = left.intersection(limits)
    patches = _patches(left, cell_m)
    large = patches.area >= min_ha * 10_000
    dropped = patches[~large]
    kept = patches[large].reset_index(drop=True)
    kept["area_ha"] = kept.area / 10_000
    living = park_access.people(of)
    kept["people"] = np.nan if living is None else living.within(kept.geometry).to_numpy()
    if living is not None and within != "homes":
        # A patch where nobody lives is no blind spot of residents.
        kept, within = kept[kept["people"] >= 0.5], "inhabited"
    by = "area" if living is None else "people"
    kept = _with_nearest(of, kept.reset_index(drop=True))
    # Squares without any park have one area: of them the one furthest from a park comes first.
    order = kept.assign(area_ha=kept["area_ha"].round(2), people=kept["people"].fillna(0).round())
    order = order.sort_values(["people", "area_ha", "distance_m"], ascending=False, kind="stable")
    kept = kept.loc[order.index]
    kept.index = pd.RangeIndex(1, len(kept) + 1, name="rank")
    return Gaps(kept, by, within, len(dropped), float(dropped.area.sum() / 1e6))


def _limits(of: Basis) -> tuple[BaseGeometry | None, str]:
    """Where people can live: given residential areas, else where counts have anybody, else all."""
    homes = park_access.homes(of)
    if homes is not None:
        return homes.union_all(), "homes"
    living = park_access.people(of)
    if living is not None and living.counts is not None:
        counts = living.counts
        return counts.geometry[counts["people"] > 0].union_all(), "inhabited"
    return None, "land"


def _patches(left: gpd.GeoSeries, cell_m: float) -> gpd.GeoDataFrame:
    """Connected areas, cut by a grid of squares that is the same whatever is selected."""
    frame = gpd.GeoDataFrame({"adcode": left.index}, geometry=left.to_numpy(), crs=MEASURE)
    frame = _areal(frame)
    if cell_m > 0:
        for axis in (0, 1):
            frame = _areal(_cut(frame, cell_m, axis))
    return frame


def _areal(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    parts = frame.explode(index_parts=False, ignore_index=True)
    kind = shapely.get_type_id(parts.geometry.to_numpy())
    return parts[(kind == 3) & ~parts.is_empty.to_numpy()].reset_index(drop=True)


def _cut(frame: gpd.GeoDataFrame, cell_m: float, axis: int) -> gpd.GeoDataFrame:
    """Each area cut into strips along one axis: two cheap cuts instead of one by every square."""
    bounds = shapely.bounds(frame.geometry.to_numpy())
    if not len(bounds):
        return frame
    first = np.floor(bounds[:, axis] / cell_m).astype(int)
    last = np.ceil(bounds[:, axis + 2] / cell_m).astype(int)
    sizes = np.maximum(last - first, 1)
    row = np.repeat(np.arange(len(frame)), sizes)
    strip = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[row]
    low, high = bounds[row, :2].copy() - 1, bounds[row, 2:].copy() + 1
    low[:, axis], high[:, axis] = strip * cell_m, (strip + 1) * cell_m
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    cut = frame.iloc[row].reset_index(drop=True)
    cut.geometry = shapely.intersection(cut.geometry.to_numpy(), boxes)
    return cut


def _with_nearest(of: Basis, patches: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The patches with a point inside each, and the nearest located park from there."""
    places = parks.city_parks(of.project)
    inside = patches.geometry.representative_point()
    found = patches.assign(park=None, distance_m=np.nan)
    if len(patches) and len(places):
        tree = shapely.STRtree(places.geometry.to_numpy())
        pairs, far = tree.query_nearest(inside.to_numpy(), return_distance=True, all_matches=False)
        found.loc[pairs[0], "park"] = places.index.to_numpy()[pairs[1]]
        found.loc[pairs[0], "distance_m"] = far
    shown = inside.to_crs(DISPLAY)
    return found.assign(lon=shown.x, lat=shown.y)


@dataclass(frozen=True, eq=False)
class Probe:
    """What a park at a place would add to the parks that are there.

    Attributes
    ----------
    rows : DataFrame
        By adcode, only districts that gain: ``added_km2``, ``land_share`` and ``new_share`` (%),
        ``people_added`` (NaN where unknown), ``people_share`` and ``new_people_share``.
    served, added : shapely geometries in ``MEASURE``
        What the park serves, on land and water, and the newly reached land.
    city_share, new_city_share, city_people_share, new_city_people_share : float
        Share of the city's land and people before and after, in per cent; NaN where unknown.
    off : bool
        On foot: no way comes near enough, so that it serves nothing.
    """

    place: BaseGeometry
    area_ha: float
    radius_m: float
    on_foot: bool
    rows: pd.DataFrame
    served: BaseGeometry
    added: BaseGeometry
    added_km2: float
    people_added: float
    city_share: float
    new_city_share: float
    city_people_share: float
    new_city_people_share: float
    off: bool


def probe(of: Basis, wanted: Band, place: BaseGeometry, area_ha: float | None = None) -> Probe:
    """What a new park at ``place`` (a point or an area in ``DISPLAY``) would add.

    ``area_ha`` decides the radius where the band is by size; an area's own size where None is
    given, and the radius of unknown size for a point.

    Raises
    ------
    DataError
        The place is not on the city's land, or the size is not above 0.
    """
    if not place.is_valid:
        raise DataError(
            f"拟建公园的范围无效：{shapely.is_valid_reason(place)}。",
            f"The new park's area is invalid: {shapely.is_valid_reason(place)}.",
        )
    shape = measured(place)
    outlines = parks.land(of.project)
    if not np.isfinite(shape.bounds).all() or not outlines.intersects(shape).any():
        at = place.representative_point()
        raise DataError(
            f"拟建公园位置 ({at.x:.5f}, {at.y:.5f}) 不在上海陆域内，应为经度,纬度。",
            f"The place ({at.x:.5f}, {at.y:.5f}) is not on the land of Shanghai; longitude, "
            "latitude was expected.",
        )
    size = shape.area / 10_000 if area_ha is None and shape.area > 0 else area_ha
    if size is not None and not size > 0:
        raise DataError(
            f"拟建公园面积 {size:g} 公顷，应大于 0。", f"The size is {size:g} ha; above 0 expected."
        )
    new = gpd.GeoDataFrame(
        {"area_ha": [np.nan if size is None else size], "shaped": [shape.area > 0]},
        index=["new"],
        geometry=[shape],
        crs=MEASURE,
    )
    doors = _doors(of, new)
    served = park_access.served(of, wanted, new, doors).union_all()
    return _probed(of, wanted, new, served, bool(doors is not None and doors.off))


def _doors(of: Basis, new: gpd.GeoDataFrame) -> walks.Gates | None:
    network = park_access.ways(of)
    if network is None:
        return None
    return walks.gates(network, new.geometry, of.walk.snap_m, of.walk.gate_m)


def _probed(
    of: Basis, wanted: Band, new: gpd.GeoDataFrame, served: BaseGeometry, off: bool
) -> Probe:
    before = park_access.by_district(of, wanted)
    land = parks.land(of.project).geometry
    near = land[land.intersects(served)]
    found = park_access.reach(of, wanted).areas.geometry.loc[near.index]
    added = near.intersection(served).difference(found)
    living = park_access.people(of)
    people = np.nan if living is None else living.within(added)
    rows = before.loc[near.index].assign(added_km2=added.area / 1e6, people_added=people)
    rows["land_share"] = rows["covered_km2"] / rows["land_km2"] * 100
    rows["new_share"] = (rows["covered_km2"] + rows["added_km2"]) / rows["land_km2"] * 100
    rows["people_share"] = rows["people_covered"] / rows["people"] * 100
    rows["new_people_share"] = (
        (rows["people_covered"] + rows["people_added"]) / rows["people"] * 100
    )
    every = before.sum(min_count=len(before))
    total, covered = every["land_km2"], every["covered_km2"]
    gained = rows["people_added"].sum(min_count=1)
    size = float(new["area_ha"].iloc[0])
    distance = wanted.metres
    return Probe(
        place=new.geometry.iloc[0],
        area_ha=size,
        radius_m=parks.radii(of.project).of(size) if distance is None else distance,
        on_foot=of.on_foot,
        rows=rows[rows["added_km2"] > 0],
        served=served,
        added=added.union_all(),
        added_km2=float(rows["added_km2"].sum()),
        people_added=float(gained),
        city_share=float(covered / total * 100),
        new_city_share=float((covered + rows["added_km2"].sum()) / total * 100),
        city_people_share=float(every["people_covered"] / every["people"] * 100),
        new_city_people_share=float((every["people_covered"] + gained) / every["people"] * 100),
        off=off,
    )
