"""How each wetland is drawn: a rule, its wording for the reader, and the quality of the shape."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import shapely
from features import polygons
from ground import SLIVER_M, Ground
from shapely.geometry.base import BaseGeometry

from bsh_geo.crs import measured

FLAT_M = 2000.0  # tidal flat of Chongming inside the coast of 2017, which a reserve may cover
HALF_NAUTICAL_MILE_M = 926.0
NANHUI = (121.845, 30.800, 122.100, 31.105)
"""From 芦潮港码头 to the airport, the published limits in words: west, south, east, north."""
JINSHAN_ISLANDS = (121.39, 30.67, 121.44, 30.72)
HENGSHA_SHOAL_WEST = 121.884  # the point of the table, on the western edge of the shoal

Method = tuple[str, str]
Build = Callable[[Ground, "pd.Series[Any]"], BaseGeometry]

BOX_METHOD = (
    "按公布的经纬度范围作同心椭圆，扣除陆域（崇明岸线内2公里滩涂除外），收缩到公布面积。",
    "An ellipse of the proportions of the published box, without the land (but for 2 km of "
    "tidal flat on Chongming), shrunk to the published area.",
)
CIRCLE_METHOD = (
    "以点位为圆心、按公布面积作圆，图形仅示位置与大小。",
    "A circle of the published area about the point, for place and size only.",
)
LAND_CIRCLE_METHOD = (
    "以点位为圆心、按公布面积作圆，只取本区陆域部分。",
    "A circle of the published area about the point, where it is land of the district.",
)
LAKE_METHOD = (
    "2017年OpenStreetMap水面轮廓，源数据按瓦片切割，轮廓残缺。",
    "The outline of the water in OpenStreetMap of 2017, broken by the tiles of the source.",
)
WHOLE_LAKE_METHOD = (
    LAKE_METHOD[0] + "含江苏部分；上海部分公布为47.5平方公里。",
    LAKE_METHOD[1] + " With the part in Jiangsu; 47.5 km² are published for Shanghai.",
)
DYKE_METHOD = (
    "以天地图外廓为外堤，扣除2017年OpenStreetMap陆域；源数据两块误作陆地的切片改作水面。",
    "Within the Tianditu outline as the dyke, what is no land in OpenStreetMap of 2017; two tiles "
    "wrongly shown as land are read as water.",
)
ISLAND_METHOD = (
    "三岛轮廓等距外扩，使总面积等于公布面积。",
    "The outlines of the three islands, widened evenly to the published area.",
)
ISLAND_SEA_METHOD = (
    "名录面积未查到，以三岛及周边0.5海里海域示意。",
    "The listed area was not found: the three islands with 0.5 nautical miles of sea.",
)
NANHUI_METHOD = (
    "按公布的文字四至（机场至芦潮港），沿岸线向海取等宽带，宽度按公布面积确定。",
    "An even strip off the shore between the published limits in words (airport to Luchaogang), "
    "as wide as the published area requires.",
)
SHOAL_METHOD = (
    "2017年OpenStreetMap横沙岛以东已成陆的部分，自点位以东起算。",
    "What was land in OpenStreetMap of 2017 on the shoal east of the point on Hengsha.",
)


def reserve(ground: Ground, place: pd.Series[Any]) -> BaseGeometry:
    """An estuary reserve by ``BOX_METHOD``."""
    box = measured(shapely.box(*(float(place[side]) for side in _SIDES)))
    dry = ground.main_land | {"310151": ground.main_land["310151"].buffer(-FLAT_M)}
    core = shapely.union_all(list(dry.values()))
    outline = _ellipse(box)

    def at(scale: float) -> BaseGeometry:
        scaled = shapely.affinity.scale(outline, scale, scale)
        return max(polygons(scaled.difference(core)), key=lambda part: part.area)

    return _to_area(at, float(place["area_ha"]) * 1e4, 1.0)


_SIDES = ("west", "south", "east", "north")


def _ellipse(box: BaseGeometry) -> BaseGeometry:
    west, south, east, north = box.bounds
    disc = box.centroid.buffer(1.0, quad_segs=24)
    return shapely.affinity.scale(disc, (east - west) / 2, (north - south) / 2)


def _to_area(
    at: Callable[[float], BaseGeometry], square_metres: float, high: float
) -> BaseGeometry:
    """``at(x)`` for the x in (0, high] that gives the area; ``at(high)`` if even that is less."""
    low = 0.0
    if at(high).area <= square_metres:
        return at(high)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).area < square_metres else (low, middle)
    return at(high)


def circle(ground: Ground, place: pd.Series[Any]) -> BaseGeometry:
    """A disc of the published area about the published point."""
    return disc(float(place["lon"]), float(place["lat"]), float(place["area_ha"]))


def land_circle(ground: Ground, place: pd.Series[Any]) -> BaseGeometry:
    """The same on land of the district."""
    return circle(ground, place).intersection(ground.land[place["adcode"]])


def disc(lon: float, lat: float, hectares: float) -> BaseGeometry:
    """A disc of an area in hectares about a point in degrees; in metres."""
    return measured(shapely.Point(lon, lat)).buffer(math.sqrt(hectares * 1e4 / math.pi))


def lake(lake_id: str) -> Build:
    """The shape of a lake of data/boundaries."""
    return lambda ground, place: ground.lakes[lake_id]


def _islands(ground: Ground) -> BaseGeometry:
    return ground.land["310116"].intersection(measured(shapely.box(*JINSHAN_ISLANDS)))


def islands(ground: Ground, place: pd.Series[Any]) -> BaseGeometry:
    """金山三岛, widened to the published area of land."""
    three = _islands(ground)
    return _to_area(lambda metres: three.buffer(metres), float(place["area_ha"]) * 1e4, 500.0)


def islands_with_sea(ground: Ground, place: pd.Series[Any]) -> BaseGeometry:
    """金山三岛 with the waters within half a nautical mile."""
    return _islands(ground).buffer(HALF_NAUTICAL_MILE_M)


def nanhui(ground: Ground, place: pd.Series[Any]) -> BaseGeometry:
    """南汇东滩 as a strip off the shore between its limits in words."""
    limits = measured(shapely.box(*NANHUI))
    shore = ground.main_land["310115"].exterior.intersection(limits)

    def at(metres: float) -> BaseGeometry:
        strip = shapely.line_merge(shore).buffer(metres, cap_style="flat")
        smooth = strip.difference(ground.all_land).buffer(-SLIVER_M).buffer(SLIVER_M)
        return max(polygons(smooth), key=lambda part: part.area)

    return _to_area(at, float(place["area_ha"]) * 1e4, 9000.0)


def hengsha(ground: Ground, place: pd.Series[Any]) -> BaseGeometry:
    """The land of 横沙东滩 east of its point."""
    _, south, east, north = (float(place[side]) for side in _SIDES)
    limits = measured(shapely.box(HENGSHA_SHOAL_WEST, south, east, north))
    return shapely.union_all(polygons(ground.land["310151"].intersection(limits)))


WETLAND_SHAPES: dict[str, tuple[Build, Method, str]] = {  # the others are points or not located
    "dongtan-ramsar": (reserve, BOX_METHOD, "schematic"),
    "dongtan-reserve": (reserve, BOX_METHOD, "schematic"),
    "jiuduansha-reserve": (reserve, BOX_METHOD, "schematic"),
    "jinshan-islands-reserve": (islands, ISLAND_METHOD, "schematic"),
    "jinshan-islands-municipal": (islands_with_sea, ISLAND_SEA_METHOD, "schematic"),
    "xisha-park": (circle, CIRCLE_METHOD, "schematic"),
    "paotaiwan-park": (land_circle, LAND_CIRCLE_METHOD, "schematic"),
    "nanhui-dongtan": (nanhui, NANHUI_METHOD, "schematic"),
    "hengsha-dongtan": (hengsha, SHOAL_METHOD, "schematic"),
    "dianshan-lake": (lake("dianshan-lake"), WHOLE_LAKE_METHOD, "open"),
    "dishui-lake": (lake("dishui-lake"), LAKE_METHOD, "open"),
    "mingzhu-lake": (lake("mingzhu-lake"), LAKE_METHOD, "open"),
    "qingcaosha-reservoir": (lake("qingcaosha-reservoir"), DYKE_METHOD, "open"),
}
