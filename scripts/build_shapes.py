"""Write the shapes of bays, wetlands and red-line patches: in go data/boundaries and three tables.

No official limits are public, so every shape but a lake's is schematic, made by a rule that is
written beside it (``method_zh``, ``method_en``). Run from the root of the project, after
``build_boundaries.py`` and after every change of the tables; the same input gives the same bytes::

    python scripts/build_shapes.py
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from build_boundaries import COASTAL, DATA, polygons, write_features
from shapely.geometry.base import BaseGeometry

from bsh_geo.crs import DISPLAY, MEASURE, displayed, measured

STRIP_M = 3000.0
"""Width of a bay strip: about that of Amap's near-shore waters on the open coasts, at most half of
most channels, and wide enough to be seen and clicked on a map of the whole city."""
SHORE_STEP_M = 100.0  # between the points of the shore that share out the water
SLIVER_M = 300.0  # what is narrower than twice this is not drawn in a strip
MAIN_ISLAND_KM2 = 20.0  # 崇明, 长兴 and 横沙 have more; the islets beside them less
FLAT_M = 2000.0  # tidal flat of Chongming inside the coast of 2017, which a reserve may cover
HALF_NAUTICAL_MILE_M = 926.0
NANHUI = (121.845, 30.800, 122.100, 31.105)
"""From 芦潮港码头 to the airport, the published limits in words: west, south, east, north."""
JINSHAN_ISLANDS = (121.39, 30.67, 121.44, 30.72)
HENGSHA_SHOAL_WEST = 121.884  # the point of the table, on the western edge of the shoal

FOREST_PARKS = {  # patch: lon, lat, hectares; rows of data/parks/parks.csv (Ctrip points)
    "sheshan": (121.19229, 31.09655, 401.0),
    "dongping": (121.47562, 31.68553, 355.0),
    "haiwan": (121.68634, 30.86367, 1067.0),
    "gongqing": (121.54758, 31.32119, 131.0),
}


def main() -> None:
    """Build and write the three files."""
    ground = Ground()
    bays = build_bays(ground)
    _write("bays/bays.geojson", bays)
    wetlands = build_wetlands(ground)
    _write("wetlands/wetlands.geojson", wetlands)
    _write("redline/patches.geojson", build_patches(ground, wetlands))


@dataclass(frozen=True)
class Ground:
    """The project's own boundaries, in metres, each read once."""

    @cached_property
    def land(self) -> gpd.GeoSeries:
        """Land as it is drawn, by adcode, so that strips meet the coast on the map."""
        return _boundary("land_display", "adcode")

    @cached_property
    def neighbours(self) -> BaseGeometry:
        return _boundary("neighbours", "id").union_all()

    @cached_property
    def lakes(self) -> gpd.GeoSeries:
        return _boundary("lakes", "id")

    @cached_property
    def all_land(self) -> BaseGeometry:
        """Every land that is drawn, with the reservoir inside its dyke."""
        reservoir = self.lakes["qingcaosha-reservoir"]
        return shapely.union_all([*self.land, self.neighbours, reservoir])

    @cached_property
    def main_land(self) -> dict[str, BaseGeometry]:
        """Mainland or main islands of each coastal district, without shoals and islets."""
        found = {}
        for adcode in COASTAL:
            parts = polygons(self.land[adcode])
            big = [part for part in parts if part.area > MAIN_ISLAND_KM2 * 1e6]
            if adcode == "310115":  # Pudong: the shoals of Jiuduansha have strips of nobody
                big = [max(big, key=lambda part: part.area)]
            found[adcode] = shapely.union_all(big)
        islands = [found["310151"], self.lakes["qingcaosha-reservoir"]]
        found["310151"] = shapely.union_all(islands)
        return found


def _boundary(name: str, key: str) -> gpd.GeoSeries:
    frame = gpd.read_file(DATA / "boundaries" / f"{name}.geojson")
    series: gpd.GeoSeries = frame.set_index(key).geometry.to_crs(MEASURE)
    return series


def _table(path: str) -> pd.DataFrame:
    """A table as text, by id; empty cells are empty strings."""
    return pd.read_csv(DATA / path, dtype=str, keep_default_na=False).set_index("id")


# --- bays --------------------------------------------------------------------------------------

BAY_METHOD = (
    "沿本区岸线向海3公里的等宽条带，水道中以距岸最近者划分；不是批准的海湾边界。",
    "A strip 3 km wide along the district's shore, shared out by the nearest shore in channels; "
    "not an approved limit of the bay.",
)


def build_bays(ground: Ground) -> gpd.GeoDataFrame:
    """One seaward strip per bay segment."""
    nearest = nearest_shore(ground)
    rows = []
    for bay_id, bay in _table("bays/bays.csv").iterrows():
        shore = ground.main_land[bay["adcode"]]
        even = shore.buffer(STRIP_M + SLIVER_M).buffer(-SLIVER_M)  # closes narrow notches
        own = nearest[bay["adcode"]].difference(ground.all_land)
        strip = _tidy(even.intersection(own)).intersection(own)
        kept = [part for part in polygons(strip) if part.area > STRIP_M * SLIVER_M]
        shape = shapely.union_all(kept)
        rows.append(_row(bay_id, bay, shape, BAY_METHOD, "schematic"))
    return _frame(rows)


def nearest_shore(ground: Ground) -> dict[str, BaseGeometry]:
    """The part of the plane that is nearer to each district's shore than to any other's."""
    coast = ground.all_land.buffer(1.0).boundary.buffer(2.0)
    owners = ground.main_land | {"neighbours": ground.neighbours}
    points = {
        owner: _sampled(shape.boundary.intersection(coast)) for owner, shape in owners.items()
    }
    flat = [(owner, point) for owner, found in points.items() for point in found]
    cloud = shapely.MultiPoint([point for _, point in flat])
    cells = gpd.GeoDataFrame(geometry=list(shapely.voronoi_polygons(cloud).geoms), crs=MEASURE)
    owned = gpd.GeoDataFrame(
        {"owner": [owner for owner, _ in flat]}, geometry=[point for _, point in flat], crs=MEASURE
    )
    joined = cells.sjoin(owned, predicate="contains").sort_values("owner")
    joined = joined[~joined.index.duplicated()]  # where two districts meet on the shore
    return dict(joined.dissolve(by="owner").geometry)


def _sampled(lines: BaseGeometry) -> list[shapely.Point]:
    dense = shapely.segmentize(lines, SHORE_STEP_M)
    unique = sorted({(round(x, 1), round(y, 1)) for x, y in shapely.get_coordinates(dense)})
    return [shapely.Point(x, y) for x, y in unique]


def _tidy(shape: BaseGeometry) -> BaseGeometry:
    """Without necks and saw teeth: opened by ``SLIVER_M``, then simplified."""
    opened = shape.buffer(-SLIVER_M).buffer(SLIVER_M * 1.2).intersection(shape)
    return opened.simplify(40.0)


# --- wetlands ----------------------------------------------------------------------------------

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


def build_wetlands(ground: Ground) -> gpd.GeoDataFrame:
    """A shape for every wetland whose place and extent are known, in the order of the table."""
    rows = []
    for wetland_id, place in _table("wetlands/wetlands.csv").iterrows():
        if wetland_id in WETLAND_SHAPES:
            build, method, quality = WETLAND_SHAPES[str(wetland_id)]
            shape = build(ground, place)
            rows.append(_row(wetland_id, place, shape, method, quality, "level"))
    return _frame(rows)


# --- red line ----------------------------------------------------------------------------------

PATCH_OF_WETLAND = {  # patch: wetland with the same place, realm
    "dongtan": ("dongtan-reserve", "sea"),
    "jiuduansha": ("jiuduansha-reserve", "sea"),
    "jinshan-islands": ("jinshan-islands-reserve", "sea"),
    "qingcaosha": ("qingcaosha-reservoir", "sea"),
    "dianshan-lake": ("dianshan-lake", "land"),
}
SHANGHAI_LAKE_METHOD = (
    "2017年OpenStreetMap湖面的上海部分，轮廓残缺。",
    "The part in Shanghai of the lake in OpenStreetMap of 2017; its outline is broken.",
)


def build_patches(ground: Ground, wetlands: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A schematic shape for every candidate patch that can be located."""
    shapes = wetlands.geometry.to_crs(MEASURE)
    rows = []
    for patch_id, patch in _table("redline/patches.csv").iterrows():
        if patch_id in FOREST_PARKS:
            district = ground.land[patch["adcode"]]
            shape = disc(*FOREST_PARKS[str(patch_id)]).intersection(district)
            method, realm = LAND_CIRCLE_METHOD, "land"
        elif patch_id in PATCH_OF_WETLAND:
            wetland, realm = PATCH_OF_WETLAND[str(patch_id)]
            shape, method = shapes[wetland], WETLAND_SHAPES[wetland][1]
            if realm == "land":
                shape = shape.intersection(ground.land[patch["adcode"]])
                method = SHANGHAI_LAKE_METHOD
        else:
            continue
        row = _row(patch_id, patch, shape, method, "schematic", "type_zh", "type_en")
        rows.append(row | {"realm": realm})
    return _frame(rows)


# --- rows --------------------------------------------------------------------------------------


def _row(
    key: Any, record: pd.Series[Any], shape: BaseGeometry, method: Method, quality: str, *more: str
) -> dict[str, Any]:
    """A feature: names and sources of the table, its method, and its area measured."""
    copied = {name: record[name] for name in ("name_zh", "name_en", "adcode", *more)}
    return {
        "id": key,
        **copied,
        "method_zh": method[0],
        "method_en": method[1],
        "area_km2": round(shape.area / 1e6, 2),
        "source": record["source"],
        "quality": quality,
        "geometry": displayed(shapely.make_valid(shape)),
    }


def _frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, crs=DISPLAY).set_index("id")


def _write(path: str, frame: gpd.GeoDataFrame) -> None:
    assert set(frame.geom_type) <= {"Polygon", "MultiPolygon"}, set(frame.geom_type)
    write_features(DATA / path, frame)
    print(frame[["name_zh", "area_km2", "quality"]].to_string())


if __name__ == "__main__":
    main()
