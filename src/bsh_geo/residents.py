"""A file of where people live in, the people inside any areas out: a grid, or counts by area."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import given, land, rasters
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import DataError, unknown_name

GRIDS = (".tif", ".tiff")


@dataclass(frozen=True, eq=False)
class Residents:
    """Where people live.

    Attributes
    ----------
    path : Path
        The grid; counts are held in ``counts``.
    counts : GeoDataFrame or None
        Areas in ``MEASURE`` with the people in each (``people``); None for a grid.
    year, source : str
        As the project's settings or the command state them; blank where they do not.
    """

    path: Path
    shown: str
    counts: gpd.GeoDataFrame | None
    year: str = ""
    source: str = ""

    def method(self, lang: str) -> str:
        """How people are given to areas, in one sentence."""
        origin = "，".join(text for text in (self.shown, self.source, self.year) if text)
        from_en = ", ".join(text for text in (self.shown, self.source, self.year) if text)
        if self.counts is None:
            return (
                f"人口取自格网（{origin}），按格元被覆盖的面积比例计入，格网以外不计。"
                if lang == "zh"
                else f"People come from a grid ({from_en}); a cell counts by its covered "
                "share, and nobody beyond the grid."
            )
        return (
            f"人口取自分区统计（{origin}），假定在每个统计单元内均匀分布，按面积加权。"
            if lang == "zh"
            else f"People come from counts by area ({from_en}), taken as spread evenly over each "
            "area: weighted by area."
        )

    def within(self, zones: gpd.GeoSeries) -> pd.Series:
        """People inside each zone (``MEASURE``), by the zones' index; overlaps count in each."""
        if not len(zones):
            return pd.Series(dtype=float)
        return _in_counts(self.counts, zones) if self.counts is not None else self._in_grid(zones)

    def _in_grid(self, zones: gpd.GeoSeries) -> pd.Series:
        found = pd.Series(0.0, index=zones.index)
        with rasters.opened(self.path, name=self.shown) as grid:
            box = shapely.box(*rasters.lonlat_bounds(grid.grid))
            near = zones[~zones.is_empty & zones.to_crs(DISPLAY).intersects(box)]
            if not len(near):
                return found
            numbered = gpd.GeoDataFrame(geometry=near.to_numpy(), crs=zones.crs)
            values = land.measure(grid, numbered, "values").values
        if (values["min"] < 0).any():
            raise DataError(
                f"{self.shown} 有小于 0 的人数（{values['min'].min():g}），应将其声明为无数据。",
                f"{self.shown} holds fewer than no people ({values['min'].min():g}); declare that "
                "value as no data.",
            )
        found.loc[near.index] = values["sum"].fillna(0.0).to_numpy(float)
        return found


def _in_counts(counts: gpd.GeoDataFrame, zones: gpd.GeoSeries) -> pd.Series:
    """People of the areas, each by the share of it that lies in the zone."""
    areas = counts.geometry.to_numpy()
    density = counts["people"].to_numpy(float) / counts.area.to_numpy()
    shapes = zones.to_numpy()
    pairs = shapely.STRtree(areas).query(shapes, predicate="intersects")
    shapely.prepare(shapes)
    inside = shapely.covers(shapes[pairs[0]], areas[pairs[1]])
    shared = shapely.area(areas[pairs[1]])
    cut = ~inside
    shared[cut] = shapely.area(shapely.intersection(shapes[pairs[0][cut]], areas[pairs[1][cut]]))
    sums = np.bincount(pairs[0], shared * density[pairs[1]], minlength=len(shapes))
    return pd.Series(sums, index=zones.index)


@lru_cache(maxsize=4)
def load(
    path: Path, shown: str, column: str, year: str, source: str, mark: tuple[int, int]
) -> Residents:
    """The residents of a file; ``mark`` (size, time of change) tells its states apart.

    Raises
    ------
    DataError
        The file is missing, of another format or damaged, has no CRS, does not overlap the city,
        or holds people that are not numbers or are fewer than none.
    UnknownNameError
        The areas have no such column.
    """
    del mark
    if path.suffix.lower() in GRIDS:
        _check_grid(path, shown)
        return Residents(path, shown, None, year, source)
    areas = given.shapes(path, shown, "area")
    if column not in areas:
        names = [str(name) for name in areas.columns if name != "geometry"]
        raise unknown_name("人口列", "column of people", column, names)
    return Residents(path, shown, _counts(areas, column, shown), year, source)


def _counts(areas: gpd.GeoDataFrame, column: str, shown: str) -> gpd.GeoDataFrame:
    people = pd.to_numeric(areas[column], errors="coerce")
    wrong = people.isna() | (people < 0) | ~np.isfinite(people)
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        raise DataError(
            f"{shown} 第 {at + 1} 个要素的 {column} 为“{areas[column].iloc[at]}”，应为不小于 0 的"
            "人数。",
            f"{shown}: {column} of feature {at + 1} is “{areas[column].iloc[at]}”; a number of "
            "people, 0 or more, was expected.",
        )
    found = gpd.GeoDataFrame({"people": people.astype(float)}, geometry=areas.geometry)
    return found[found.area > 0].reset_index(drop=True)


def _check_grid(path: Path, shown: str) -> None:
    """The grid can be read, has one band and a CRS, and lies over the city."""
    with rasters.opened(path, name=shown) as grid:
        box = gpd.GeoSeries([shapely.box(*rasters.lonlat_bounds(grid.grid))], crs=DISPLAY)
    given.check_near(box, shown)
