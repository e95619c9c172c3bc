"""A project in, the account of its wetlands out: each designation, each place once, and totals.

A place may be on several lists (a Ramsar site that is also a reserve). Every list is shown, and
in totals the place counts once: its published area is the largest of its designations', its ground
the union of their shapes. Which designations are one place is declared in
``data/wetlands/places.toml``. Published areas are read, never computed; what is measured on shapes
stands beside them under the shapes' own quality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field
from shapely.geometry.base import BaseGeometry

from bsh_geo import frames, observations
from bsh_geo.catalogue import CITY, QUALITY_TITLES, Closed, Text, declared
from bsh_geo.crs import to_measure
from bsh_geo.errors import DataError
from bsh_geo.project import Project, read_toml

TABLE, SHAPES, REDLINE = "wetlands", "wetland_shapes", "redline_shapes"
PLACES_FILE = "data/wetlands/places.toml"
RESERVE = "自然保护区"
LEVELS = ("国际重要湿地", RESERVE, "市级重要湿地", "湿地公园")
"""Grades of protection, the strictest first; a wetland without one has none found."""

TASKS = ("wetland_restoration", "wetland_protection")
"""Indicators whose targets name wetlands."""

BEYOND = "beyond"
"""Code of what lies outside every district."""

SLIVER_KM2 = 1e-4
"""100 m²: a smaller part of a shape in a district is a fault of drawing, not a place in it."""

METHOD = Text(
    zh="图形面积在 CGCS2000 椭球的兰勃特等积方位投影（中心 121.5°E，31.2°N）平面上量算；"
    "按本市陆域轮廓和邻省陆域分为陆、市外和海；重叠面积为图形与红线斑块、自然保护区图形之并集的交。同一处的多项名录和相互"
    "重叠的图形在合计中只计一次。红线与大部分湿地范围为示意，量得的比例只说明图形之间的关系。",
    en="Shapes are measured in the plane of a Lambert azimuthal equal-area projection about "
    "121.5°E, 31.2°N (CGCS2000), and divided into land of the city, land of its neighbours and "
    "sea; overlaps are with the union of the red-line patches and of the reserves' shapes. Several "
    "designations of a place, and ground that shapes share, count once in totals. The red line and "
    "most extents are schematic, so that the shares say how shapes lie to each other and no more.",
)


class Place(Closed):
    """Designations that are one place, and why."""

    id: str
    title: Text
    members: tuple[str, ...] = Field(min_length=2)
    basis: Text


class Task(Closed):
    """A target of a plan, and the places that it names; ``note`` says why it names none."""

    target: str
    places: tuple[str, ...]
    note: Text | None = None


class Places(Closed):
    """The file ``data/wetlands/places.toml``."""

    place: tuple[Place, ...] = ()
    task: tuple[Task, ...] = ()


@dataclass(frozen=True, eq=False)
class Account:
    """The wetlands counted in several ways; published areas in hectares, measured ones in km².

    Attributes
    ----------
    wetlands : DataFrame
        Indexed by the id of a designation: the columns of the table, ``place``, ``area``,
        ``land``, ``outside``, ``sea`` (of the shape: on the city's land, on its neighbours' land,
        on neither), ``redline``, ``reserve`` (of it inside the red-line
        patches, and inside reserves), ``redline_share``, ``reserve_share`` (per cent of the shape),
        ``shape_quality``. NaN where there is no shape.
    places : DataFrame
        Indexed by place: ``name_zh``, ``name_en``, ``ids``, ``levels`` (tuples), ``adcode``,
        ``area_ha`` (largest published), ``area_of`` (whose), the measured columns of its ground,
        ``tasks`` (tuple of ids of targets).
    levels, districts : DataFrame
        By level ("" where none was found) and by stated adcode: ``wetlands`` (designations),
        ``places``, ``published`` (places with a published area), ``area_ha`` (each place once),
        ``shaped`` (places with a shape) and the measured columns of their common ground.
        ``districts`` has ``geo_area`` and ``geo_land`` beside them: the ground of all shapes that
        lies in the district and on its land, whatever is stated ("beyond": in none).
    total : Series
        The same columns for all wetlands, each place and all ground once.
    tasks : DataFrame
        Indexed by target: ``document``, ``quote``, ``year``, ``area``, ``places`` (tuple), ``note``
        (Text or None), ``linked`` (declared in the file).
    quality : str
        The lowest quality of the shapes.
    """

    wetlands: pd.DataFrame
    places: pd.DataFrame
    levels: pd.DataFrame
    districts: pd.DataFrame
    total: pd.Series
    tasks: pd.DataFrame
    quality: str


MEASURED = ("area", "land", "outside", "sea", "redline", "reserve")
"""Columns in km², measured on shapes."""


@dataclass(frozen=True, eq=False)
class _Ground:
    """What wetlands are held against, in metres."""

    land: BaseGeometry
    neighbours: BaseGeometry
    redline: BaseGeometry
    reserves: BaseGeometry
    districts: Mapping[str, BaseGeometry]


@cache
def declared_places(project: Project) -> Places:
    """What ``data/wetlands/places.toml`` says.

    Raises
    ------
    DataError
        The file is broken, or a designation belongs to two places.
    """
    found = declared(Places, read_toml(project.path(PLACES_FILE), PLACES_FILE), PLACES_FILE)
    members = [one for place in found.place for one in place.members]
    twice = sorted({one for one in members if members.count(one) > 1})
    if twice:
        raise DataError(
            f"{PLACES_FILE}：{twice[0]} 属于两处，应只属一处。",
            f"{PLACES_FILE}: {twice[0]} belongs to two places; one was expected.",
        )
    return found


def place_of(project: Project, ids: pd.Series) -> pd.Series:
    """The place of each designation; one that is in no declared place is a place by itself."""
    owner = {one: place.id for place in declared_places(project).place for one in place.members}
    return ids.map(lambda one: owner.get(str(one), str(one)))


@cache
def account(project: Project) -> Account:
    """The account of the project's wetlands. The frames are shared: copy before changing.

    Raises
    ------
    DataError
        A file of wetlands, of the red line or of boundaries is missing or broken.
    """
    table = frames.table(project, TABLE).set_index("id", drop=False).rename_axis(None)
    drawn, ground = _drawn(project), _ground(project)
    wetlands = table.assign(place=place_of(project, table["id"]))
    shapes = drawn.geometry.reindex(wetlands.index)
    wetlands = wetlands.join(measured(project))
    wetlands["shape_quality"] = drawn["quality"].reindex(wetlands.index)
    tasks = _tasks(project)
    places = _places(project, wetlands, shapes, ground, tasks)
    qualities = [str(one) for one in drawn["quality"]]
    return Account(
        wetlands,
        places,
        _by_level(wetlands, shapes, ground),
        _by_district(wetlands, shapes, ground),
        _summed(wetlands, shapes, ground),
        tasks,
        max(qualities, key=list(QUALITY_TITLES).index, default="schematic"),
    )


@cache
def _drawn(project: Project) -> gpd.GeoDataFrame:
    """Every shape once, in metres, by the id of its wetland."""
    return to_measure(frames.shapes(project, SHAPES)).dissolve("id", aggfunc="first")


@cache
def measured(project: Project) -> pd.DataFrame:
    """The measured columns of ``Account.wetlands`` for every shape, by the id of its wetland."""
    return _measured(_drawn(project).geometry, _ground(project))


@cache
def _ground(project: Project) -> _Ground:
    drawn = _drawn(project)
    redline = to_measure(frames.shapes(project, REDLINE)).geometry
    reserves = drawn.geometry[drawn["level"] == RESERVE]
    districts = to_measure(frames.boundary(project, "districts")).geometry
    land, neighbours = (
        shapely.union_all(to_measure(frames.boundary(project, name)).geometry.to_numpy())
        for name in ("land", "neighbours")
    )
    return _Ground(
        land,
        # Their lines meet the city's within metres only; the city's own ground goes first.
        neighbours.difference(land),
        shapely.union_all(redline.to_numpy()),
        shapely.union_all(reserves.to_numpy()),
        {str(code): one for code, one in districts.items()},
    )


def _measured(shapes: gpd.GeoSeries, ground: _Ground) -> pd.DataFrame:
    """Areas of shapes in km² and shares of their overlaps in per cent; NaN without a shape."""
    found = pd.DataFrame({"area": shapes.area / 1e6})
    found["land"] = shapes.intersection(ground.land).area / 1e6
    found["outside"] = shapes.intersection(ground.neighbours).area / 1e6
    found["sea"] = _rest(found["area"] - found["land"] - found["outside"])
    for name, other in (("redline", ground.redline), ("reserve", ground.reserves)):
        found[name] = shapes.intersection(other).area / 1e6
        found[f"{name}_share"] = found[name] / found["area"] * 100
    return found


def _rest(areas: pd.Series) -> pd.Series:
    """What is left of areas, slivers and the noise of planar arithmetic taken as none."""
    return areas.where(areas.isna() | (areas > SLIVER_KM2), 0.0)


def _united(shapes: gpd.GeoSeries, ids: pd.Index) -> BaseGeometry | None:
    """The common ground of some shapes; None where none has one."""
    own = shapes.reindex(ids).dropna()
    return shapely.union_all(own.to_numpy()) if len(own) else None


def _places(
    project: Project,
    wetlands: pd.DataFrame,
    shapes: gpd.GeoSeries,
    ground: _Ground,
    tasks: pd.DataFrame,
) -> pd.DataFrame:
    titles = {place.id: place.title for place in declared_places(project).place}
    rows, grounds = {}, {}
    for place, own in wetlands.groupby("place", sort=False):
        title = titles.get(str(place))
        largest = own["area_ha"].idxmax() if own["area_ha"].notna().any() else None
        levels = [one for one in LEVELS if (own["level"] == one).any()]
        rows[place] = {
            "name_zh": title.zh if title else own["name_zh"].iloc[0],
            "name_en": title.en if title else own["name_en"].iloc[0],
            "ids": tuple(own.index),
            "levels": tuple(levels),
            "adcode": own["adcode"].iloc[0],
            "area_ha": np.nan if largest is None else float(own["area_ha"].max()),
            "area_of": largest,
            "tasks": tuple(code for code, one in tasks["places"].items() if place in one),
        }
        grounds[place] = _united(shapes, own.index)
    found = pd.DataFrame.from_dict(rows, orient="index")
    united = gpd.GeoSeries(list(grounds.values()), index=list(grounds), crs=shapes.crs)
    return found.join(_measured(united, ground))


def _summed(wetlands: pd.DataFrame, shapes: gpd.GeoSeries, ground: _Ground) -> pd.Series:
    """Some wetlands as one: each place once, and all their ground once."""
    largest = wetlands.groupby("place")["area_ha"].max()
    shaped = shapes.reindex(wetlands.index).notna()
    united = gpd.GeoSeries([_united(shapes, wetlands.index)], crs=shapes.crs)
    measured = _measured(united, ground).iloc[0]
    return pd.Series(
        {
            "wetlands": len(wetlands),
            "places": wetlands["place"].nunique(),
            "published": int(largest.notna().sum()),
            "area_ha": largest.sum() if largest.notna().any() else np.nan,
            "shaped": wetlands.loc[shaped, "place"].nunique(),
            **measured.to_dict(),
        },
        dtype=object,
    )


def _by_level(wetlands: pd.DataFrame, shapes: gpd.GeoSeries, ground: _Ground) -> pd.DataFrame:
    kinds = wetlands["level"].fillna("")
    rows = {
        level: _summed(wetlands[kinds == level], shapes, ground)
        for level in (*LEVELS, "")
        if (kinds == level).any()
    }
    return pd.DataFrame.from_dict(rows, orient="index").infer_objects()


def _by_district(wetlands: pd.DataFrame, shapes: gpd.GeoSeries, ground: _Ground) -> pd.DataFrame:
    codes = sorted(set(wetlands["adcode"]))
    found = {code: _summed(wetlands[wetlands["adcode"] == code], shapes, ground) for code in codes}
    whole = _united(shapes, wetlands.index)
    lying = {} if whole is None else _lying(whole, ground)
    columns = list(next(iter(found.values())).index)
    rows = pd.DataFrame.from_dict(found, orient="index").infer_objects()
    rows = rows.reindex([*codes, *(code for code in lying if code not in codes)])[columns]
    for name in ("geo_area", "geo_land"):
        rows[name] = [lying.get(code, {}).get(name, 0.0) for code in rows.index]
    return rows


def _lying(whole: BaseGeometry, ground: _Ground) -> dict[str, dict[str, float]]:
    """How much of the ground lies in each district, and how much in none."""
    parts = {code: whole.intersection(one) for code, one in ground.districts.items()}
    inside = shapely.union_all(np.array(list(ground.districts.values()), dtype=object))
    parts[BEYOND] = whole.difference(inside)
    found = {}
    for code, part in parts.items():
        area, land = part.area / 1e6, part.intersection(ground.land).area / 1e6
        if area > SLIVER_KM2:
            found[code] = {"geo_area": area, "geo_land": land}
    return found


def _tasks(project: Project) -> pd.DataFrame:
    """Targets that name wetlands, with the places that they name."""
    targets = frames.table(project, "targets")
    own = targets[targets["indicator"].isin(TASKS)].set_index("id", drop=False).rename_axis(None)
    links = {one.target: one for one in declared_places(project).task}
    found = own[["document", "clause", "quote", "year", "area", "indicator"]].copy()
    known = [links.get(str(code)) for code in own.index]
    found["places"] = [one.places if one else () for one in known]
    found["note"] = pd.Series(
        [one.note if one else None for one in known], found.index, dtype=object
    )
    found["linked"] = [one is not None for one in known]
    return found


@dataclass(frozen=True)
class Protection:
    """The published share of protected wetlands, and what the list comes to beside it.

    ``listed_ha`` is the sum of the largest published areas of the places with a grade, each once;
    ``listed_share`` is that of ``total_ha``, the city's wetlands in the same ``period``, in per
    cent (None where no total of that period is published). It is a lower bound: the list is not
    complete, and ``without`` graded places have no published area.
    """

    period: str
    published: float
    source: str
    quality: str
    listed_ha: float
    listed: int
    without: int
    total_ha: float | None
    listed_share: float | None


def protection(project: Project) -> Protection | None:
    """The protection share; None where none is published."""
    row = observations.latest(project, "wetland_protection_rate", CITY)
    if row is None:
        return None
    places = account(project).places
    graded = places[places["levels"].map(len) > 0]
    listed = float(graded["area_ha"].sum())
    totals = observations.at(project, "wetland_area", str(row["period"]))
    total = float(totals["value"][CITY]) if CITY in totals.index else None
    return Protection(
        period=str(row["period"]),
        published=float(row["value"]),
        source=str(row["source"]),
        quality=str(row["quality"]),
        listed_ha=listed,
        listed=int(graded["area_ha"].notna().sum()),
        without=int(graded["area_ha"].isna().sum()),
        total_ha=total,
        listed_share=None if not total else listed / total * 100,
    )
