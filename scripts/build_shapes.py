"""Write the shapes of bays, wetlands and red-line patches: in go data/boundaries and three tables.

No official limits are public, so every shape but a lake's is schematic, made by a rule that is
written beside it (``method_zh``, ``method_en``). Run from the root of the project, after
``build_boundaries.py`` and after every change of the tables; the same input gives the same bytes::

    python scripts/build_shapes.py
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from features import DATA, polygons, write_features
from ground import SLIVER_M, Ground
from shapely.geometry.base import BaseGeometry
from wetland_shapes import LAND_CIRCLE_METHOD, WETLAND_SHAPES, Method, disc

from bsh_geo.crs import DISPLAY, MEASURE, displayed

STRIP_M = 3000.0
"""Width of a bay strip: about that of Amap's near-shore waters on the open coasts, at most half of
most channels, and wide enough to be seen and clicked on a map of the whole city."""
SHORE_STEP_M = 100.0  # between the points of the shore that share out the water

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
