"""The open sea and the lakes, cut out of OpenStreetMap's land."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from features import SLIVER_KM2, polygons
from geo_maps import SOURCE_BOX
from shapely.geometry.base import BaseGeometry

from bsh_geo.crs import DISPLAY, MEASURE, measured

OPEN_SEA = shapely.Point(122.5, 31.0)
CHANNEL_M = 300.0
"""Half the width of an inlet that still counts as land: closes rivers and the notches that the
source's tiles cut, and leaves open the channel between Changxing and Hengsha (1 km)."""

LAKES = {  # a point inside the OpenStreetMap water: names
    "dianshan-lake": ("淀山湖", "Dianshan Lake", (120.955, 31.115)),
    "mingzhu-lake": ("明珠湖", "Mingzhu Lake", (121.2500, 31.7335)),
    "dishui-lake": ("滴水湖", "Dishui Lake", (121.9380, 30.8960)),
}
QINGCAOSHA_BOX = (121.5527, 31.4196, 121.7285, 31.5036)
"""Where the reservoir lies: west, south, east, north of its water in OpenStreetMap."""
QINGCAOSHA_TILES = (121.5955, 31.4325, 121.6623, 31.4700)
"""Tiles of the source that turned the reservoir's water into land: west, south, east, north."""
WUSONG_MOUTH = (121.485, 31.370, 121.5165, 31.391)
"""Banks of the Huangpu that a tile of the source cut away: west, south, east, north."""
DYKE_M = 60.0  # half the width of a bare dyke, which is not drawn as land


def open_sea(land_parts: list[BaseGeometry]) -> BaseGeometry:
    """The water that reaches the open sea through nothing narrower than 600 m, in metres.

    Rivers, lakes and the holes that the source's tiles left in the land are thereby land, as in
    official areas.
    """
    banks = [*land_parts, shapely.box(*WUSONG_MOUTH)]
    land = gpd.GeoSeries(banks, crs=DISPLAY).to_crs(MEASURE).make_valid().union_all()
    water = measured(shapely.box(*SOURCE_BOX)).difference(land)
    water = water.buffer(DYKE_M, join_style="mitre").buffer(-DYKE_M, join_style="mitre")
    wide = water.buffer(-CHANNEL_M).buffer(CHANNEL_M * 1.5).intersection(water)
    sea = next(part for part in polygons(wide) if part.contains(measured(OPEN_SEA)))
    small = [ring for ring in sea.interiors if shapely.Polygon(ring).area < SLIVER_KM2 * 1e6]
    return shapely.union_all([sea, *map(shapely.Polygon, small)])


def build_lakes(land_parts: list[BaseGeometry], chongming: BaseGeometry) -> gpd.GeoDataFrame:
    """Four lakes and reservoirs of OpenStreetMap, in degrees, by id.

    ``chongming``: the district in the Tianditu outline.
    """
    holes = [shapely.Polygon(ring) for part in land_parts for ring in part.interiors]
    rows = {}
    for lake_id, (zh, en, point) in LAKES.items():
        lake = next(hole for hole in holes if hole.contains(shapely.Point(point)))
        rows[lake_id] = (zh, en, lake)
    reservoir = qingcaosha(land_parts, chongming)
    rows["qingcaosha-reservoir"] = ("青草沙水库", "Qingcaosha Reservoir", reservoir)
    columns = ["name_zh", "name_en", "geometry"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return gpd.GeoDataFrame(frame.rename_axis("id"), crs=DISPLAY).sort_index()


def qingcaosha(land_parts: list[BaseGeometry], chongming: BaseGeometry) -> BaseGeometry:
    """青草沙水库 in degrees: within the Tianditu outline (its dyke), what is no land to OSM.

    Two tiles of the source that show land in the middle of the water are read as water.
    """
    dyke = chongming.intersection(shapely.box(*QINGCAOSHA_BOX))
    land = shapely.union_all(land_parts).difference(shapely.box(*QINGCAOSHA_TILES))
    return max(polygons(dyke.difference(land)), key=lambda part: part.area)
