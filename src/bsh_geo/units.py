"""A boundary set of the project in, its units out: names, districts, outlines, what limits them.

A set is declared in ``data/boundaries/boundaries.toml``: 街镇, a grid, planning units. Figures of
its units stand in the table of observations under the area ``<set>:<unit>``, so that the ids of
two sets, or of a set and the districts, are never taken for each other.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import pandas as pd
import shapely

from bsh_geo import areas, catalogue, frames
from bsh_geo.areas import UNIT_MARK, Selection
from bsh_geo.crs import to_measure
from bsh_geo.errors import DataError
from bsh_geo.project import Project


def area_code(boundary_id: str, unit: str) -> str:
    """The area code of a unit, as the column ``area`` of the observations has it."""
    return f"{boundary_id}{UNIT_MARK}{unit}"


@cache
def table(project: Project, boundary_id: str) -> pd.DataFrame:
    """The units of a set by id: ``name_zh``, ``name_en``, ``adcode`` and ``how``.

    ``adcode`` is the district of the set's own district column, ``how`` then "stated"; without
    one it is the district that most of the unit's area lies in, ``how`` then "geometry". A unit
    outside all districts has none (None, "outside").

    Raises
    ------
    DataError
        The set is not declared or broken, or names a district that does not exist.
    """
    entry = frames.boundary_of(project, boundary_id)
    frame = frames.boundary(project, boundary_id)
    names = frame[entry.name_column].where(frame[entry.name_column].notna(), frame.index)
    english = frame["name_en"] if "name_en" in frame else pd.Series(None, index=frame.index)
    found = pd.DataFrame({"name_zh": names.astype(str)}, index=frame.index)
    found["name_en"] = english.where(english.notna() & english.ne(""), names).astype(str)
    column = entry.district_column or (entry.id_column if entry.id_column == "adcode" else None)
    if column is None:
        found["adcode"] = _mostly_in(frame, frames.boundary(project, "districts"))
        found["how"] = found["adcode"].map(lambda code: "outside" if code is None else "geometry")
    else:
        found["adcode"] = _stated(project, frame[column], f"data/boundaries/{entry.file}")
        found["how"] = found["adcode"].map(lambda code: "outside" if code is None else "stated")
    return found


def _stated(project: Project, column: pd.Series, shown: str) -> pd.Series:
    known = set(areas.district_table(project).index)
    codes = column.map(lambda cell: None if pd.isna(cell) or cell == "" else str(cell))
    wrong = codes[codes.notna() & ~codes.isin(known)]
    if len(wrong):
        raise DataError(
            f"{shown} 中 {wrong.index[0]} 的 {column.name} 为“{wrong.iloc[0]}”，应为区的六位代码。",
            f"{shown}: the {column.name} of {wrong.index[0]} is “{wrong.iloc[0]}”; the six-digit "
            "code of a district was expected.",
        )
    return codes.astype(object).where(codes.notna(), None)


def _mostly_in(units: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """The district that most of each unit's area lies in; None for one that touches none."""
    plane = to_measure(units).geometry.to_numpy()
    wholes = to_measure(districts).geometry.to_numpy()
    tree = shapely.STRtree(plane)
    pairs = []
    for code, whole in zip(districts.index, wholes, strict=True):
        shapely.prepare(whole)
        for at in tree.query(whole, predicate="intersects"):
            inside = shapely.contains_properly(whole, plane[at])
            shared = plane[at] if inside else shapely.intersection(whole, plane[at])
            pairs.append((int(at), str(code), float(shared.area)))
    every = pd.DataFrame(pairs, columns=["at", "code", "area"])
    every = every.sort_values(["at", "area", "code"], ascending=[True, False, True])
    most = every[every["area"] > 0].drop_duplicates("at").set_index("at")["code"]
    codes = [most.get(at) for at in range(len(units))]
    return pd.Series(codes, index=units.index, dtype=object)


def selected(project: Project, boundary_id: str, selection: Selection) -> pd.DataFrame:
    """The units of the selected districts; all of the set, those outside included, for the city."""
    every = table(project, boundary_id)
    return every if selection.is_city else every[every["adcode"].isin(selection.codes)]


def is_sketch(project: Project, boundary_id: str) -> bool:
    """Whether the outlines of a set are schematic, so that they are drawn dashed."""
    return frames.boundary_of(project, boundary_id).quality == "schematic"


def title(project: Project, boundary_id: str, lang: str) -> str:
    """How a legend or table names a set: its title with its quality."""
    entry = frames.boundary_of(project, boundary_id)
    quality = catalogue.QUALITY_TITLES[entry.quality].get(lang)
    text = entry.title.get(lang)
    return f"{text} ({quality})" if lang == "en" else f"{text}（{quality}）"


def notes(project: Project, boundary_id: str, selection: Selection, lang: str) -> tuple[str, ...]:
    """What limits a map of units: what they are, and how they were given to districts."""
    entry = frames.boundary_of(project, boundary_id)
    every = table(project, boundary_id)
    zh = f"统计单元：{title(project, boundary_id, 'zh')}，{entry.limitations.zh}"
    en = f"Units: {title(project, boundary_id, 'en')}. {entry.limitations.en}"
    told = [(zh, en)]
    if not selection.is_city and (every["how"] == "geometry").any():
        told.append(
            (
                "单元按面积最大部分所在的区归入所选的区，跨区单元的数值含区外部分。",
                "Units are given to the district that most of their area lies in; figures of units "
                "across a border include what lies beyond it.",
            )
        )
    outside = int((every["how"] == "outside").sum())
    if outside and selection.is_city:
        told.append((f"{outside} 个单元不在任何区内。", f"{outside} units lie in no district."))
    return tuple(one[lang == "en"] for one in told)


def known(project: Project, codes: set[str]) -> set[str]:
    """Those of ``codes`` that are units of a declared set."""
    declared = catalogue.load_boundaries(project)
    found = set()
    for code in codes:
        owner, mark, unit = code.partition(UNIT_MARK)
        if mark and owner in declared and unit in frames.boundary(project, owner).index:
            found.add(code)
    return found
