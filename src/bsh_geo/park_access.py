"""Parks, ways and residents in, who reaches a park out: reach by band, shares of both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import areas, catalogue, frames, given, parks, paths, residents, walks
from bsh_geo.catalogue import CITY, PathSettings, ResidentSettings
from bsh_geo.crs import MEASURE
from bsh_geo.errors import DataError, UnknownNameError
from bsh_geo.project import Project

BANDS = ("size", "300m", "500m", "5min", "15min")
"""What is offered: the radius by park size, two distances, two walks."""

Settings = TypeVar("Settings", PathSettings, ResidentSettings)

_BAND = re.compile(r"(\d{1,5}(?:\.\d+)?)\s*(m|min)", re.ASCII)
_WRITTEN = {"米": "m", "分钟": "min", "分": "min"}
LONGEST_M = 5000.0


@dataclass(frozen=True)
class Band:
    """How far a park serves: ``metres`` (None: by the park's size), as minutes where walked so."""

    key: str
    metres: float | None
    minutes: float | None = None

    def title(self, lang: str) -> str:
        """The band as a reader is told it."""
        if self.metres is None:
            return "按公园面积的半径" if lang == "zh" else "Radius by park size"
        if self.minutes is None:
            return f"{self.metres:g} m"
        if lang == "zh":
            return f"{self.minutes:g} 分钟（{self.metres:.0f} m）"
        return f"{self.minutes:g} minutes ({self.metres:.0f} m)"


@dataclass(frozen=True)
class File:
    """A file of the user's in one state of it."""

    path: Path
    shown: str
    mark: tuple[int, int]


@dataclass(frozen=True)
class Basis:
    """What reach is measured by: the project's parks, and what else was given.

    ``network`` None means straight lines; ``people`` None that residents are not estimated.
    """

    project: Project
    walk: PathSettings
    living: ResidentSettings
    network: File | None = None
    barriers: File | None = None
    people: File | None = None
    homes: File | None = None

    @property
    def on_foot(self) -> bool:
        """Whether distances are walked along ways."""
        return self.network is not None


def straight(of: Basis) -> Basis:
    """The same parks and residents, measured in straight lines."""
    return replace(of, network=None, barriers=None)


@dataclass(frozen=True, eq=False)
class Reach:
    """What the parks serve in a band.

    ``areas`` are as of ``parks.on_land``. ``off`` are the ids of located parks that no way comes
    near to: on foot they serve nothing.
    """

    band: Band
    on_foot: bool
    areas: gpd.GeoDataFrame
    off: tuple[str, ...] = ()


def basis(
    project: Project,
    network: str | Path | None = None,
    people: str | Path | None = None,
    **changes: Any,
) -> Basis:
    """What the project's ``config.toml`` gives, a command's own files and settings before it.

    ``changes`` are settings of ``[paths]`` (``speed_m_s``, ``width_m`` …) and of ``[residents]``
    (``column``, ``homes``); None leaves what is declared.
    """
    walk = _settings(project, "paths", PathSettings, changes)
    living = _settings(project, "residents", ResidentSettings, changes)
    return Basis(
        project,
        walk,
        living,
        _file(project, network or walk.file),
        _file(project, walk.barriers),
        _file(project, people or living.file),
        _file(project, living.homes),
    )


def _settings(project: Project, table: str, model: type[Settings], changes: dict[str, Any]) -> Any:
    """A table of ``config.toml``, with what a command sets in its place, checked."""
    declared = project.config.get(table, {})
    found = catalogue.declared(model, dict(declared), f"config.toml [{table}]")
    own = {
        name: value
        for name, value in changes.items()
        if value is not None and name in model.model_fields
    }
    if not own:
        return found
    return catalogue.declared(model, found.model_dump() | own, f"[{table}]")


def _file(project: Project, named: str | Path | None) -> File | None:
    """A file named in the project (relative to its folder), or anywhere by its own path."""
    if not named:
        return None
    path = Path(named).expanduser()
    if not path.is_file() and not path.is_absolute():
        path = project.path(str(named))
    if not path.is_file():
        raise DataError(f"缺少文件 {named}。", f"The file {named} is missing.")
    stat = path.stat()
    return File(path.resolve(), Path(named).name, (stat.st_size, stat.st_mtime_ns))


def band(text: str, speed_m_s: float) -> Band:
    """The band that ``text`` names: ``size``, metres such as ``500m``, minutes such as ``5min``.

    Raises
    ------
    UnknownNameError
        It names none, or one beyond ``LONGEST_M``.
    """
    plain = text.strip().lower()
    if plain == "size":
        return Band("size", None)
    for written, unit in _WRITTEN.items():
        plain = plain.removesuffix(written) + unit if plain.endswith(written) else plain
    found = _BAND.fullmatch(plain)
    amount = float(found[1]) if found else 0.0
    minutes = amount if found and found[2] == "min" else None
    metres = amount * 60 * speed_m_s if minutes is not None else amount
    if not found or not 0 < metres <= LONGEST_M:
        raise UnknownNameError(
            f"服务范围“{text}”应为 size、距离（如 500m）或步行时间（如 5min），不超过"
            f" {LONGEST_M:g} m。",
            f"The band “{text}” should be size, a distance such as 500m or a walk such as 5min, "
            f"at most {LONGEST_M:g} m.",
        )
    return Band(f"{amount:g}{found[2]}", metres, minutes)


def ways(of: Basis) -> paths.Network | None:
    """The network that people walk on, where one is given."""
    if of.network is None:
        return None
    one = of.network
    return paths.load(one.path, one.shown, of.walk.crossings, one.mark)


def people(of: Basis) -> residents.Residents | None:
    """Where people live, where that is given."""
    if of.people is None:
        return None
    one, told = of.people, of.living
    return residents.load(one.path, one.shown, told.column, told.year, told.source, one.mark)


@lru_cache(maxsize=4)
def _shapes(file: File) -> gpd.GeoSeries:
    return given.shapes(file.path, file.shown, "area").geometry


def homes(of: Basis) -> gpd.GeoSeries | None:
    """Residential areas, where they are given."""
    return _shapes(of.homes) if of.homes is not None else None


@lru_cache(maxsize=4)
def without_ways(of: Basis) -> tuple[str, ...]:
    """The districts that no given way touches: what is walked there is not measured.

    None where distances are straight lines.
    """
    network = ways(of)
    if network is None:
        return ()
    land = parks.land(of.project).geometry
    tree = shapely.STRtree(network.lines)
    touched = np.unique(tree.query(land.to_numpy(), predicate="intersects")[0])
    return tuple(str(code) for code in land.index.delete(touched))


@lru_cache(maxsize=4)
def gates(of: Basis) -> walks.Gates:
    """Where the located parks meet the network, which must be given."""
    network = ways(of)
    assert network is not None
    places = parks.city_parks(of.project)
    return walks.gates(network, places.geometry, of.walk.snap_m, of.walk.gate_m)


def served(of: Basis, wanted: Band, places: gpd.GeoDataFrame, doors: walks.Gates | None) -> Any:
    """What parks serve in a band, land and water alike, as areas in ``MEASURE``.

    On foot each size of radius is walked by the parks that have it; a park's own shape is served.
    """
    if doors is None:
        straight = wanted.metres if wanted.metres is not None else parks.radii(of.project)
        return parks.discs(places, straight)
    network = ways(of)
    assert network is not None
    barriers = _shapes(of.barriers) if of.barriers is not None else None
    radii = parks.radii(of.project)
    far = places["area_ha"].map(radii.of if wanted.metres is None else lambda _: wanted.metres)
    found = [places.geometry[places["shaped"]]]
    for metres in sorted(set(far)):
        mine = np.isin(doors.park, far.index[far == metres])
        own = replace(
            doors,
            park=doors.park[mine],
            edge=doors.edge[mine],
            along=doors.along[mine],
            gap=doors.gap[mine],
        )
        found.append(walks.corridor(network, own, float(metres), of.walk.width_m, barriers))
    return gpd.GeoSeries(pd.concat(found, ignore_index=True), crs=MEASURE)


@lru_cache(maxsize=32)
def reach(of: Basis, wanted: Band) -> Reach:
    """What the located parks serve in a band: on foot where ways are given, else straight."""
    places = parks.city_parks(of.project)
    doors = gates(of) if of.on_foot else None
    found = parks.on_land(of.project, served(of, wanted, places, doors))
    return Reach(wanted, of.on_foot, found, doors.off if doors else ())


@lru_cache(maxsize=32)
def by_district(of: Basis, wanted: Band) -> pd.DataFrame:
    """Land and people of each district and how much of them is reached, indexed by adcode.

    Columns ``land_km2``, ``covered_km2``, ``people``, ``people_covered``; the people are NaN
    where it is not given where they live.
    """
    found = reach(of, wanted).areas
    rows = pd.DataFrame(found[["land_km2", "covered_km2"]])
    living = people(of)
    if living is None:
        return rows.assign(people=np.nan, people_covered=np.nan)
    return rows.assign(
        people=living.within(parks.land(of.project).geometry),
        people_covered=living.within(found.geometry),
    )


def shares(of: Basis, wanted: Band) -> pd.DataFrame:
    """Reached land and people of the city, each group and each district, in that order.

    Returns
    -------
    DataFrame
        Indexed by area code or group; ``level`` ("city", "group", "district"), ``land_km2``,
        ``covered_km2``, ``land_share`` (%), ``people``, ``people_covered``, ``people_share`` (%),
        ``in_part`` (a group that takes only parts of its districts, which are counted whole).
        People are NaN where it is not given where they live.
    """
    rows = by_district(of, wanted)
    listed = [(CITY, "city", rows.index)]
    groups = frames.table(of.project, "groups")
    for group in areas.group_names(of.project, "zh"):
        codes = rows.index.intersection(list(areas.group_members(of.project, group)))
        listed.append((group, "group", codes))
    listed += [(str(code), "district", pd.Index([code])) for code in rows.index]
    partly = set(groups.loc[groups["part_zh"].notna(), "group"])
    found = pd.DataFrame(
        [
            {
                "level": level,
                **rows.loc[codes].sum(min_count=len(codes)).to_dict(),
                "in_part": code in partly,
            }
            for code, level, codes in listed
            if len(codes)
        ],
        index=[code for code, _, codes in listed if len(codes)],
    )
    found.insert(3, "land_share", found["covered_km2"] / found["land_km2"] * 100)
    share = found["people_covered"] / found["people"].where(found["people"] > 0) * 100
    found.insert(6, "people_share", share)
    return found


def beside(of: Basis, wanted: Sequence[Band]) -> pd.DataFrame:
    """Shares of several bands side by side, in straight lines and, with a network, on foot.

    Returns
    -------
    DataFrame
        Indexed as ``shares``, with its ``level`` and ``in_part``; in per cent for each band
        ``straight_<key>``, with a network ``walk_<key>``, with residents ``people_<key>`` (on foot
        where there is a network).
    """
    found: dict[str, pd.Series] = {}
    for one in wanted:
        plain = shares(straight(of), one)
        found |= {name: plain[name] for name in ("level", "in_part") if name not in found}
        own = shares(of, one) if of.on_foot else plain
        found[f"straight_{one.key}"] = plain["land_share"]
        if of.on_foot:
            found[f"walk_{one.key}"] = own["land_share"]
        if of.people is not None:
            found[f"people_{one.key}"] = own["people_share"]
    return pd.DataFrame(found)


def share_row(of: Basis, wanted: Band, codes: tuple[str, ...]) -> pd.Series:
    """The same figures for several districts together, such as a selection."""
    rows = by_district(of, wanted)
    total = rows.loc[[code for code in codes if code in rows.index]].sum(min_count=1)
    total["land_share"] = total["covered_km2"] / total["land_km2"] * 100
    total["people_share"] = (
        total["people_covered"] / total["people"] * 100 if total["people"] > 0 else np.nan
    )
    return total


def check(of: Basis) -> None:
    """Raise where a file that was given cannot be used, before anything is measured."""
    ways(of), people(of), homes(of)
    if of.barriers is not None:
        _shapes(of.barriers)
    if of.on_foot and not len(gates(of).park):
        assert of.network is not None
        raise DataError(
            f"{of.network.shown} 中没有离公园 {of.walk.snap_m:g} m 以内的道路。",
            f"No way of {of.network.shown} is within {of.walk.snap_m:g} m of a park.",
        )
