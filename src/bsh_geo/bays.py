"""A project in, its bay segments out: shore, places, rivers, stations, targets by document, state.

No length or water-quality class of a segment is published. The shore is measured on the outline of
the land and said to be; classes are those of imported readings, and none where there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field
from shapely.geometry.base import BaseGeometry

from bsh_geo import catalogue, frames, observations, water_figures
from bsh_geo.catalogue import Closed, Quality, Text, declared
from bsh_geo.crs import DISPLAY, to_measure
from bsh_geo.networks import network_of
from bsh_geo.project import Project, read_toml
from bsh_geo.water_figures import WaterStatus

TABLE, SHAPES = "bays", "bay_shapes"
SHORES_FILE = "data/bays/shorelines.toml"
BUILT = "bay_built"
NETWORKS = ("river", "sea")

JOIN_M = 1.0
"""Gaps of this width between outlines of neighbours are closed before the coast is looked for."""

TOUCH_M = 2.0
"""A district's outline within this distance of the coast is its shore."""

METHOD = Text(
    zh="岸线为本区陆域轮廓（OpenStreetMap，2017年，含滩涂、圈围地）上临水的一段，"
    "在 CGCS2000 椭球的兰勃特等积方位投影平面上量算，全市范围内长度变形小于 0.01%；"
    "岸线长度随轮廓精细程度而变，公布长度口径不同，二者并列，不相互替代。",
    en="The shore is the part of the district's outline of land (OpenStreetMap of 2017, with tidal "
    "flats and reclaimed land) that meets the water, measured in the plane of a Lambert azimuthal "
    "equal-area projection on CGCS2000, which distorts lengths by less than 0.01 % in the city. "
    "The length of a coast depends on how finely it is drawn; published lengths are of another "
    "definition and stand beside it.",
)


class PublishedShore(Closed):
    """A published length of a district's coast."""

    adcode: str
    km: float = Field(gt=0)
    of: Text
    source: str
    quality: Quality


class Nitrogen(Closed):
    """Rivers under control of total nitrogen, and the document that names them."""

    rivers: tuple[str, ...]
    document: str
    indicator: str


class Shorelines(Closed):
    """The file ``data/bays/shorelines.toml``."""

    main_km2: float = Field(gt=0)
    published: tuple[PublishedShore, ...] = ()
    nitrogen: Nitrogen


@dataclass(frozen=True, eq=False)
class Bays:
    """The bay segments.

    Attributes
    ----------
    segments : DataFrame
        Indexed by id: the columns of the table, ``shore_km`` (mainland or main islands),
        ``islet_km`` (islets and shoals), ``published_km``, ``published_of`` (Text or None),
        ``published_source`` (blank where there is none), ``difference_km`` (measured less
        published), ``controlled`` (tuple of the rivers under nitrogen control), ``state``
        ("built", or "open": nothing says so), ``state_source``, ``conflict`` (whether documents
        give different years).
    targets : DataFrame
        A row per segment and target: ``bay``, ``target``, ``document``, ``clause``, ``quote``,
        ``year`` (blank where none is stated), ``note_zh``, ``note_en``.
    rivers : DataFrame
        A row per segment and river: ``bay``, ``river``, ``controlled``, ``stations`` (tuple of
        codes of the network ``river`` on it).
    """

    segments: pd.DataFrame
    targets: pd.DataFrame
    rivers: pd.DataFrame


@cache
def shorelines(project: Project) -> Shorelines:
    """What ``data/bays/shorelines.toml`` says."""
    return declared(Shorelines, read_toml(project.path(SHORES_FILE), SHORES_FILE), SHORES_FILE)


def controlled_rivers(project: Project) -> tuple[str, ...]:
    """国控入海河流 under total-nitrogen control, as the city opinions name them."""
    return shorelines(project).nitrogen.rivers


def shore(land: gpd.GeoSeries, neighbours: gpd.GeoSeries) -> gpd.GeoSeries:
    """The part of each outline of land that meets open water.

    Parameters
    ----------
    land, neighbours : GeoSeries
        Polygons in one CRS in metres. Water inside the land (lakes, reservoirs behind a dyke) is
        no open water.

    Returns
    -------
    GeoSeries
        Lines on the index of ``land``; empty where a piece of land has no coast.
    """
    everything = shapely.union_all([*land.to_numpy(), *neighbours.to_numpy()])
    closed = everything.buffer(JOIN_M, join_style="mitre").buffer(-JOIN_M, join_style="mitre")
    outer = [part.exterior for part in shapely.get_parts(closed)]
    near_coast = shapely.union_all(outer).buffer(TOUCH_M)
    lines = [one.boundary.intersection(near_coast) for one in land]
    return gpd.GeoSeries(lines, index=land.index, crs=land.crs)


@cache
def shores(project: Project) -> pd.DataFrame:
    """Lengths of the districts' shores in km, measured in ``crs.MEASURE``.

    Indexed by adcode: ``shore_km`` (of land of more than ``main_km2``: mainland and main islands)
    and ``islet_km`` (of the rest: islets and shoals).
    """
    land = to_measure(frames.boundary(project, "land")).geometry
    neighbours = to_measure(frames.boundary(project, "neighbours")).geometry
    parts = land.explode(index_parts=False)
    codes = parts.index.astype(str)
    numbered = parts.set_axis(range(len(parts)))
    lengths = shore(numbered, neighbours).length.to_numpy() / 1e3
    main = _is_main(numbered, shorelines(project).main_km2)
    kinds = pd.DataFrame(
        {"shore_km": np.where(main, lengths, 0.0), "islet_km": np.where(main, 0.0, lengths)}
    )
    return kinds.groupby(codes).sum().rename_axis(None)


def _is_main(parts: gpd.GeoSeries, main_km2: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which pieces of land are mainland or a main island: those that belong to one large piece."""
    joined = shapely.union_all(parts.buffer(JOIN_M).to_numpy())
    large = [one for one in shapely.get_parts(joined) if one.area > main_km2 * 1e6]
    ground = shapely.union_all(large)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        parts.representative_point().within(ground).to_numpy()
    )
    return found


@cache
def account(project: Project) -> Bays:
    """The bay segments of the project, readings left out. The frames are shared: copy them.

    Raises
    ------
    DataError
        A file of bays, of targets or of boundaries is missing or broken.
    """
    table = frames.table(project, TABLE).set_index("id", drop=False).rename_axis(None)
    targets = _targets(project, table)
    rivers = _rivers(project, table)
    lengths = shores(project).reindex(table["adcode"]).set_axis(table.index)
    segments = table.join(lengths).join(_published(project, table))
    segments["difference_km"] = segments["shore_km"] - segments["published_km"]
    segments["controlled"] = [
        tuple(rivers.loc[(rivers["bay"] == one) & rivers["controlled"], "river"])
        for one in segments.index
    ]
    states = [_state(project, str(code)) for code in segments["adcode"]]
    segments["state"] = ["built" if source else "open" for source in states]
    segments["state_source"] = states
    segments["conflict"] = [differ(targets[targets["bay"] == one]) for one in segments.index]
    return Bays(segments, targets, rivers)


def _published(project: Project, table: pd.DataFrame) -> pd.DataFrame:
    known = {one.adcode: one for one in shorelines(project).published}
    own = [known.get(str(code)) for code in table["adcode"]]
    return pd.DataFrame(
        {
            "published_km": [one.km if one else np.nan for one in own],
            "published_of": [one.of if one else None for one in own],
            "published_source": [one.source if one else "" for one in own],
        },
        index=table.index,
    )


def _state(project: Project, code: str) -> str:
    """The source that says that the segment is built; blank where nothing does."""
    row = observations.latest(project, BUILT, code)
    return str(row["source"]) if row is not None and float(row["value"]) == 1 else ""


def _targets(project: Project, table: pd.DataFrame) -> pd.DataFrame:
    every = frames.table(project, "targets")
    own = every[(every["indicator"] == BUILT) & (every["operator"] == "done")]
    of_bay = {str(code): str(one) for one, code in table["adcode"].items()}
    rows = own[own["area"].isin(list(of_bay))]
    found = pd.DataFrame(
        {
            "bay": rows["area"].map(of_bay),
            "target": rows["id"],
            "document": rows["document"],
            "clause": rows["clause"],
            "quote": rows["quote"],
            "year": ["" if pd.isna(one) else str(one) for one in rows["year"]],
            "note_zh": rows["note_zh"],
            "note_en": rows["note_en"],
        }
    )
    place = {bay: number for number, bay in enumerate(table.index)}
    order = found.assign(at=found["bay"].map(place)).sort_values(["at", "year", "document"])
    return order.drop(columns="at").reset_index(drop=True)


PLAN = "001"
"""The fifteenth plan gives no year of its own for a bay."""


def stated_years(years: dict[str, str]) -> list[str]:
    """The different target years of a bay by document, in order.

    The fifteenth plan gives no year of its own; its last year counts where no other document asks
    for an earlier one, since what is built by 2027 is built within the plan.
    """
    own = {year for code, year in years.items() if code != PLAN}
    plan = {
        year for code, year in years.items() if code == PLAN and min(own, default="9999") > year
    }
    return sorted(own | plan)


def differ(targets: pd.DataFrame) -> bool:
    """Whether the documents of a segment's targets ask for different years."""
    years = {str(one.document): str(one.year) for one in targets.itertuples() if one.year}
    return len(stated_years(years)) > 1


def _rivers(project: Project, table: pd.DataFrame) -> pd.DataFrame:
    controlled = controlled_rivers(project)
    listed = water_figures.stations(project, network_of(project, "river"))
    rows = []
    for bay, cell in table["rivers_zh"].items():
        for river in str(cell).split("、") if cell else ():
            on_it = listed.index[listed["river_zh"] == river] if "river_zh" in listed else ()
            rows.append(
                {
                    "bay": bay,
                    "river": river,
                    "controlled": river in controlled,
                    "stations": tuple(map(str, on_it)),
                }
            )
    return pd.DataFrame(rows, columns=["bay", "river", "controlled", "stations"])


def stations_of(project: Project, network: str, listed: pd.DataFrame) -> pd.Series:
    """The bay of each station of a network, on the index of ``listed``; missing where it has none.

    A river section belongs to the bay that its river flows into; a sea point to the segment whose
    (schematic) strip it lies in, else to that of its stated district.
    """
    found = account(project)
    if network == "river":
        owner = {
            code: bay
            for bay, codes in zip(found.rivers["bay"], found.rivers["stations"], strict=True)
            for code in tuple(codes)
        }
        return pd.Series(
            [owner.get(str(code)) for code in listed.index], listed.index, dtype=object
        )
    by_district = {str(code): bay for bay, code in found.segments["adcode"].items()}
    stated = listed["adcode"].map(lambda code: by_district.get(str(code)))
    points = gpd.GeoSeries(gpd.points_from_xy(listed["lon"], listed["lat"]), crs=DISPLAY)
    strips = frames.shapes(project, SHAPES).set_index("id").geometry
    within = _within(points.set_axis(listed.index), strips)
    return within.where(within.notna(), stated).astype(object)


def _within(points: gpd.GeoSeries, strips: gpd.GeoSeries) -> pd.Series:
    """The strip that each point lies in, the first of several; None where it lies in none."""
    found = pd.Series([None] * len(points), index=points.index, dtype=object)
    for bay, strip in reversed(list(strips.items())):
        inside = points.within(_shape(strip)).to_numpy() & ~points.is_empty.to_numpy()
        found[inside] = bay
    return found


def _shape(strip: object) -> BaseGeometry:
    assert isinstance(strip, BaseGeometry)
    return strip


def waters(project: Project, period: str | None = None) -> pd.DataFrame:
    """The stations of the bays and their classes in a period.

    Parameters
    ----------
    period : str, optional
        As ``water_figures.status`` takes it; by default the newest month with readings of each
        network.

    Returns
    -------
    DataFrame
        A row per bay and station, in the order of the bays: ``bay``, ``network``, ``station``,
        ``name_zh``, ``name_en``, ``river_zh`` (None for sea points), ``controlled``, ``period``
        (blank without readings), ``class`` (Int8), ``class_zh``, ``class_en``, ``items``, ``tn``
        (mean total nitrogen in mg/L), ``days``, ``reason`` (``readings`` where none are imported).

    Raises
    ------
    UnknownNameError
        The period is none, or has no readings although there are some.
    """
    pieces = []
    for network in NETWORKS:
        known = network_of(project, network)
        has = water_figures.has_readings(project, network)
        status = water_figures.status(project, network, period) if has else None
        listed = status.stations if status else water_figures.stations(project, known)
        owner = stations_of(project, network, listed)
        rows = listed[owner.notna()]
        pieces.append(_waters(project, network, rows, owner[owner.notna()], status))
    found = pd.concat(pieces, ignore_index=True)
    place = {bay: number for number, bay in enumerate(account(project).segments.index)}
    order = found["bay"].map(place).sort_values(kind="stable").index
    return found.loc[order].reset_index(drop=True)


def _waters(
    project: Project,
    network: str,
    rows: pd.DataFrame,
    owner: pd.Series,
    status: WaterStatus | None,
) -> pd.DataFrame:
    controlled = controlled_rivers(project)
    rivers = rows["river_zh"] if "river_zh" in rows else pd.Series(None, rows.index, dtype=object)
    numbers = rows["class"] if status else pd.Series(pd.NA, rows.index, dtype="Int8")
    found = pd.DataFrame(
        {
            "bay": owner,
            "network": network,
            "station": rows.index.astype(str),
            "name_zh": rows["name_zh"],
            "name_en": rows["name_en"],
            "river_zh": rivers,
            "controlled": [river in controlled for river in rivers],
            "period": status.period.key if status else "",
            "class": numbers.astype("Int8"),
        }
    )
    for lang in ("zh", "en"):
        found[f"class_{lang}"] = _titles(status, numbers, lang)
    for name, empty in (("items", ""), ("tn", np.nan), ("days", 0), ("reason", "readings")):
        found[name] = rows[name] if status and name in rows else empty
    found["days"] = found["days"].fillna(0).astype(int)
    return found


def _titles(status: WaterStatus | None, numbers: pd.Series, lang: str) -> list[str]:
    return [
        "" if status is None or one == 0 else status.standard.class_title(int(one), lang)
        for one in numbers.fillna(0)
    ]


def sources_of(project: Project, bay: str) -> list[str]:
    """Sources of what is said of a segment: of its row and of its published length."""
    row = account(project).segments.loc[bay]
    listed = [
        *catalogue.source_ids(str(row["source"])),
        row["published_source"],
        row["state_source"],
    ]
    return list(dict.fromkeys(str(one) for one in listed if one))
