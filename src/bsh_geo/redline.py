"""A project in, the account of its ecological red line out: official areas, and shapes beside them.

Official areas are read, never computed. What is measured on shapes stands beside them under the
shapes' own quality, by the district and realm that their table states, and by where they lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from bsh_geo import areas, frames, observations
from bsh_geo.catalogue import CITY, QUALITY_TITLES, Text
from bsh_geo.crs import to_measure
from bsh_geo.errors import BshError, DataError
from bsh_geo.project import Project

SHAPES, PATCHES = "redline_shapes", "redline_patches"
CHONGMING, REST, BEYOND = "310151", "rest", "beyond"
"""Area codes: 崇明区; the city without 崇明区; outside every district."""

OFFICIAL_KM2 = {
    CITY: {"redline_area": 2527.30, "redline_land": 130.05, "redline_sea": 2397.25},
    CHONGMING: {"redline_area": 1640.37, "redline_land": 91.78, "redline_sea": 1548.59},
}
"""Of 2023, by area code and indicator: 沪府发〔2023〕4号; 崇明 as in 美丽崇明行动方案, 二（一）."""

OFFICIAL_PERIOD = "2023"
"""A project with the figures of a later notice is not held against those of this one."""

SLIVER_KM2 = 1e-4
"""100 m²: a smaller part of a shape in a district is a fault of drawing, not a place in it."""

METHOD = Text(
    zh="图形面积在 CGCS2000 椭球的兰勃特等积方位投影（中心 121.5°E，31.2°N）平面上量算；跨岸斑块按"
    "陆域轮廓分为陆与海，区按含水域的行政区多边形划分；重叠的斑块在分区和分类合计中只计一次。",
    en="Shapes are measured in the plane of a Lambert azimuthal equal-area projection about "
    "121.5°E, 31.2°N (CGCS2000); a patch across the coast is divided by the outline of the land, "
    "districts are the administrative polygons with their waters; ground that patches share is "
    "counted once by district and by type.",
)


@dataclass(frozen=True, eq=False)
class Account:
    """The red line counted in several ways; all areas in km².

    Attributes
    ----------
    official : DataFrame
        Indexed by area code ("310000", "310151", …, and "rest", the city without those districts
        that have a figure): ``area``, ``land``, ``sea``, ``period``, ``quality``, ``source``.
        "rest" is derived by subtraction.
    patches : DataFrame
        Indexed by patch id: ``name_zh``, ``name_en``, ``type_zh``, ``type_en``, ``adcode`` and
        ``realm`` as stated, ``quality``, ``area``, ``land``, ``sea`` (measured), ``in_adcode``
        (where most of it lies), ``in_share`` (per cent of it that lies in the stated district).
        NaN where a patch has no shape.
    districts, types : DataFrame
        Indexed by area code ("beyond": outside every district) and by type: ``land``, ``sea``,
        ``area`` of shapes by what their table states, the same with the prefix ``geo_`` by where
        they lie, and ``difference`` (geometry less statement).
    quality : str
        The lowest quality of the shapes: what every measured figure has to be called.
    """

    official: pd.DataFrame
    patches: pd.DataFrame
    districts: pd.DataFrame
    types: pd.DataFrame
    quality: str


APART = "disjoint_subset"
"""How shapes are united: those that meet no other stay as they are, which most patches do."""


@cache
def account(project: Project) -> Account:
    """The account of the project's red line. The frames are shared: copy before changing.

    Raises
    ------
    DataError
        A file of the red line, of observations or of boundaries is missing or broken.
    """
    drawn = to_measure(frames.shapes(project, SHAPES))
    land = shapely.union_all(to_measure(frames.boundary(project, "land")).geometry.to_numpy())
    districts = to_measure(frames.boundary(project, "districts")).geometry
    whole = drawn.dissolve("id", aggfunc="first", method=APART)
    patches = _patches(project, whole, land, districts)
    qualities = list(QUALITY_TITLES)
    lowest = max((str(one) for one in drawn["quality"]), key=qualities.index)
    return Account(
        official(project),
        patches,
        _by_district(drawn, land, districts),
        _by_type(drawn, land),
        lowest,
    )


def split(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` of red-line patches with what of their shape is on land and off it.

    Adds ``land_km2`` and ``sea_km2`` (NaN without a shape; of the shape's quality) and
    ``in_area_zh/_en`` (the district that most of the shape lies in, None beyond all).
    """
    patches = account(project).patches.reindex(rows["id"])
    found = rows.assign(land_km2=patches["land"].to_numpy(), sea_km2=patches["sea"].to_numpy())
    for lang in ("zh", "en"):
        found[f"in_area_{lang}"] = [
            areas.area_name(project, str(code), lang) if str(code).isdigit() else None
            for code in patches["in_adcode"]
        ]
    return found


def official(project: Project) -> pd.DataFrame:
    """Published areas by area code, and the city without the districts that have one."""
    found = {}
    for code in (CITY, *map(str, areas.district_table(project).index)):
        rows = {name: observations.latest(project, f"redline_{name}", code) for name in _KINDS}
        if rows["area"] is None:
            continue
        found[code] = {
            **{name: _value(row) for name, row in rows.items()},
            **{name: rows["area"][name] for name in ("period", "quality", "source")},
        }
    frame = pd.DataFrame.from_dict(found, orient="index", columns=[*_KINDS, *_ORIGIN])
    if CITY in frame.index and len(frame) > 1:
        of_districts = frame.drop(index=CITY)
        same = of_districts[of_districts["period"] == frame.at[CITY, "period"]]
        whole = frame.loc[[CITY], list(_KINDS)].sum() - same[list(_KINDS)].sum()
        rest: dict[str, object] = {name: round(_number(whole[name]), 2) for name in _KINDS}
        rest["period"], rest["quality"] = frame.at[CITY, "period"], "derived"
        rest["source"] = ";".join(dict.fromkeys([str(frame.at[CITY, "source"]), *same["source"]]))
        frame.loc[REST] = pd.Series(rest)
    return frame


_KINDS = ("area", "land", "sea")
_ORIGIN = ("period", "quality", "source")


def _value(row: pd.Series | None) -> float:
    return float("nan") if row is None else float(row["value"])


def _patches(
    project: Project,
    whole: gpd.GeoDataFrame,
    land: BaseGeometry,
    districts: gpd.GeoSeries,
) -> pd.DataFrame:
    table = frames.table(project, PATCHES).set_index("id")
    found = table[["name_zh", "name_en", "type_zh", "type_en", "adcode", "source"]].copy()
    shapes = whole.geometry.reindex(found.index)
    found["realm"] = whole["realm"].reindex(found.index)
    found["quality"] = whole["quality"].reindex(found.index).fillna(table["quality"])
    found["area"] = shapes.area / 1e6
    found["land"] = shapes.intersection(land).area / 1e6
    found["sea"] = found["area"] - found["land"]
    within = pd.DataFrame(
        {code: shapes.intersection(one).area / 1e6 for code, one in districts.items()}
    )
    most = within.fillna(0.0).idxmax(axis=1).where(within.max(axis=1) > SLIVER_KM2, BEYOND)
    found["in_adcode"] = most.where(found["area"].notna(), None)
    own = [
        within.at[name, code] if code in within else np.nan
        for name, code in found["adcode"].items()
    ]
    found["in_share"] = np.array(own) / found["area"] * 100
    return found.rename_axis(None)


def _by_district(
    drawn: gpd.GeoDataFrame, land: BaseGeometry, districts: gpd.GeoSeries
) -> pd.DataFrame:
    stated = _stated(drawn, "adcode")
    ground = shapely.disjoint_subset_union_all(drawn.geometry.to_numpy())
    shared = {str(code): ground.intersection(one) for code, one in districts.items()}
    shared[BEYOND] = ground.difference(shapely.union_all(districts.to_numpy()))
    kept = {code: one for code, one in shared.items() if one.area / 1e6 > SLIVER_KM2}
    codes = [code for code in shared if code in kept or code in stated.index]
    return _beside(stated, _measured(kept, land), codes)


def _by_type(drawn: gpd.GeoDataFrame, land: BaseGeometry) -> pd.DataFrame:
    ground = drawn.dissolve("type_zh", method=APART).geometry
    measured = _measured({str(name): one for name, one in ground.items()}, land)
    return _beside(_stated(drawn, "type_zh"), measured, list(dict.fromkeys(drawn["type_zh"])))


def _stated(drawn: gpd.GeoDataFrame, by: str) -> pd.DataFrame:
    """Area of shapes by a column of theirs and their stated realm, shared ground once."""
    united = drawn.dissolve([by, "realm"], method=APART).area.div(1e6).unstack("realm")
    found: pd.DataFrame = united.reindex(columns=["land", "sea"]).fillna(0.0)
    found["area"] = drawn.dissolve(by, method=APART).area / 1e6
    return found.rename_axis(None).rename_axis(None, axis=1)


def _measured(ground: dict[str, BaseGeometry], land: BaseGeometry) -> pd.DataFrame:
    """Area of pieces of ground, on and off the land."""
    rows = {
        code: {"geo_land": one.intersection(land).area / 1e6, "geo_area": one.area / 1e6}
        for code, one in ground.items()
    }
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["geo_land", "geo_area"])
    return found.assign(geo_sea=found["geo_area"] - found["geo_land"])


def _beside(stated: pd.DataFrame, measured: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    found = (
        stated.reindex(order)
        .join(measured)
        .fillna(0.0)[["land", "sea", "area", "geo_land", "geo_sea", "geo_area"]]
    )
    made: pd.DataFrame = found.assign(difference=found["geo_area"] - found["area"])
    return made


def reconciliation(project: Project) -> Iterator[BshError | int]:
    """What has to agree: totals, the plans' own words, and where each patch is said to lie.

    Yields a fault for each thing that does not, and how many do.
    """
    figures = official(project)
    for code, expected in OFFICIAL_KM2.items():
        yield from _official(project, figures, code, expected)
    yield from _quoted(project, figures)
    yield from _placed(project)


def _official(
    project: Project, figures: pd.DataFrame, code: str, expected: dict[str, float]
) -> Iterator[BshError | int]:
    """The figures of an area are those of the notice, and its land and sea make its total."""
    name = Text(zh=areas.area_name(project, code, "zh"), en=areas.area_name(project, code, "en"))
    if code not in figures.index:
        yield DataError(
            f"{name.zh}没有红线面积（redline_area）。",
            f"No red-line area (redline_area) of {name.en}.",
        )
        return
    row = figures.loc[code]
    parts = round(_number(row["land"]) + _number(row["sea"]), 2)
    yield from _same(
        f"{name.zh}红线陆海合计",
        f"red line of {name.en}, land and sea",
        parts,
        _number(row["area"]),
    )
    if row["period"] != OFFICIAL_PERIOD:
        return
    for indicator, value in expected.items():
        kind = indicator.removeprefix("redline_")
        zh = f"{name.zh}红线{'' if kind == 'area' else {'land': '陆域', 'sea': '海域'}[kind]}面积"
        yield from _same(zh, f"{indicator} of {name.en}", _number(row[kind]), value)


def _quoted(project: Project, figures: pd.DataFrame) -> Iterator[BshError | int]:
    """The plans that swear to keep the red line name its published area."""
    targets = frames.table(project, "targets")
    for row in targets[
        targets["indicator"].isin([f"redline_{one}" for one in _KINDS])
    ].itertuples():
        kind = str(row.indicator).removeprefix("redline_")
        if row.area not in figures.index:
            continue
        yield from _same(
            f"{row.id} 的目标值",
            f"target {row.id}",
            _number(row.value),
            _number(figures.at[row.area, kind]),
        )


def _placed(project: Project) -> Iterator[BshError | int]:
    """Every patch lies, with its larger part, in the district that the table states."""
    for name, row in account(project).patches.iterrows():
        if pd.isna(row["area"]) or row["adcode"] == CITY:
            continue
        if row["in_adcode"] == row["adcode"]:
            yield 1
        else:
            yield DataError(
                f"data/redline/patches.geojson：{name} 应在 {row['adcode']}，图形主要在 "
                f"{row['in_adcode']}。",
                f"data/redline/patches.geojson: {name} should lie in {row['adcode']}; most of its "
                f"shape is in {row['in_adcode']}.",
            )


def _number(cell: object) -> float:
    return float(str(cell))


def _same(zh: str, en: str, found: float, expected: float) -> Iterator[BshError | int]:
    if found == expected:
        yield 1
    else:
        yield DataError(
            f"{zh}为 {found:g} km²，应为 {expected:g} km²。",
            f"The {en} is {found:g} km²; {expected:g} km² was expected.",
        )
