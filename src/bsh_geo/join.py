"""Points and districts in, layer frames out: a row per district or station, with its figure."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import areas, changes, frames, gaps, observations, parks
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Metric
from bsh_geo.crs import to_measure
from bsh_geo.errors import DataError, LayerError
from bsh_geo.project import Project

REACH_M = 200.0
"""A point this near to a district, but in none, belongs to it and is flagged: the boundary data
and the coast differ by tens of metres, piers and sluices stand outside the land."""


def to_districts(
    points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, reach_m: float = REACH_M
) -> pd.DataFrame:
    """The district of each point, by geometry.

    Parameters
    ----------
    points : GeoDataFrame
        Points in any CRS; their index is kept.
    districts : GeoDataFrame
        Polygons indexed by adcode.

    Returns
    -------
    DataFrame
        ``adcode`` (None where no district is near enough), ``how`` ("within", "near" or
        "outside") and ``distance_m`` to the district (0 within, NaN beyond ``reach_m``).
    """
    adcode = _containing(points, districts)
    distance = pd.Series(np.where(adcode.notna(), 0.0, np.nan), index=points.index)
    left = points[adcode.isna()]
    if len(left):
        near, far = _within_reach(left, districts, reach_m)
        adcode.loc[near.index], distance.loc[near.index] = near, far
    how = pd.Series("outside", index=points.index)
    how[distance > 0] = "near"
    how[distance == 0] = "within"
    return pd.DataFrame({"adcode": adcode, "how": how, "distance_m": distance})


def _containing(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """The district that each point lies in or on; on a shared border the lower code.

    Prepared polygons tested against bare coordinates: a million points in half a second.
    """
    places = points.geometry.to_crs(districts.crs)
    x, y = places.x.to_numpy(), places.y.to_numpy()
    found = pd.Series(np.full(len(points), None, dtype=object), index=points.index)
    for code in sorted(districts.index, reverse=True):
        polygon = districts.geometry.loc[code]
        shapely.prepare(polygon)
        found[shapely.intersects_xy(polygon, x, y)] = code
    return found


def _within_reach(
    points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, reach_m: float
) -> tuple[pd.Series, pd.Series]:
    """The nearest district of the points that have one within ``reach_m``, and the distance."""
    polygons = to_measure(districts).geometry.sort_index()
    places = to_measure(points).geometry
    pairs = polygons.sindex.query(places, predicate="dwithin", distance=reach_m)
    distances = shapely.distance(places.to_numpy()[pairs[0]], polygons.to_numpy()[pairs[1]])
    every = pd.DataFrame({"at": pairs[0], "code": pairs[1], "distance": distances})
    nearest = every.sort_values(["at", "distance", "code"]).drop_duplicates("at")
    index = points.index[nearest["at"]]
    codes = pd.Series(polygons.index[nearest["code"]].to_numpy(), index=index, dtype=object)
    return codes, pd.Series(nearest["distance"].to_numpy(), index=index)


def stations(project: Project, selection: Selection) -> gpd.GeoDataFrame:
    """The air stations inside the selection, indexed by code, with ``in_adcode`` and ``how``.

    ``in_adcode`` is the district by geometry, which filters and figures use; ``adcode`` is the
    one that the list states.
    """
    found = frames.points(project, "stations").set_index("code", drop=False).rename_axis(None)
    joined = to_districts(found, frames.boundary(project, "districts"))
    found["in_adcode"] = joined["adcode"]
    found["how"] = joined["how"]
    return found[found["in_adcode"].isin(areas.all_codes(project, selection))]


def reference_stations(project: Project) -> tuple[str, ...]:
    """The codes of the reference stations (对照点), which are in no mean."""
    found = frames.table(project, "stations")
    return tuple(found.loc[found["reference"].astype(bool), "code"])


def periods(project: Project, metric: Metric) -> list[str]:
    """The periods that a metric can be shown for, the best known first."""
    if metric.source == "observations":
        return observations.periods(project, metric.indicator)
    if metric.source == "daily":
        dates = frames.table(project, str(metric.dataset))["date"]
        return sorted(set(dates), reverse=True)
    return []


def district_frame(
    project: Project,
    metric: Metric,
    period: str | None,
    selection: Selection,
    against: str | None = None,
) -> pd.DataFrame:
    """A row per selected district: value (NaN = none), source, quality, basis and notes.

    ``against`` is the period that a change is measured from, else the same one a year before.
    """
    if changes.is_change(metric):
        before = against or changes.year_before(str(period))
        now = _district_rows(project, metric, period, selection)
        old = None if before is None else _district_rows(project, metric, before, selection)
        return changes.changed(metric, now, old, against)
    rows = _district_rows(project, metric, period, selection)
    _check_valid(rows["value"], metric)
    return gaps.measured_from_targets(project, metric, rows) if gaps.is_gap(metric) else rows


def _district_rows(
    project: Project, metric: Metric, period: str | None, selection: Selection
) -> pd.DataFrame:
    names = areas.district_table(project)[["adcode", "name_zh", "name_en"]]
    rows = names.loc[list(areas.all_codes(project, selection))].copy()
    if metric.source == "computed":
        figures = computed(project, metric)
    else:
        figures = observations.at(project, metric.indicator, str(period))
    for column in ("value", "printed", "source", "quality", "basis", "note_zh", "note_en"):
        rows[column] = figures[column].reindex(rows.index) if column in figures else None
    rows["value"] = pd.to_numeric(rows["value"], errors="coerce").astype(float)
    return rows


def computed(project: Project, metric: Metric) -> pd.DataFrame:
    """The figures of a computed metric, indexed by adcode, with the city's under 310000."""
    if metric.compute not in COMPUTED:
        raise LayerError(
            f"指标 {metric.id} 的 compute 为 {metric.compute}，可用：{'、'.join(COMPUTED)}。",
            f"The metric {metric.id} computes {metric.compute}; known: {', '.join(COMPUTED)}.",
        )
    return COMPUTED[metric.compute](project)


COMPUTED = {"park_land_share": parks.land_share}


def station_frame(
    project: Project, metric: Metric, date: str, selection: Selection
) -> gpd.GeoDataFrame:
    """A row per station inside the selection with its value on ``date`` (NaN = none)."""
    rows = stations(project, selection)
    daily = frames.table(project, str(metric.dataset))
    on_day = daily[daily["date"] == date].set_index("station")
    rows["value"] = on_day[str(metric.column)].reindex(rows.index).astype(float)
    for column in ("source", "quality"):
        rows[column] = on_day[column].reindex(rows.index)
    _check_valid(rows["value"], metric)
    return rows


def _check_valid(values: pd.Series, metric: Metric) -> None:
    wrong = values[values.notna() & ~values.between(*metric.valid)]
    if len(wrong):
        low, high = metric.valid
        raise DataError(
            f"指标 {metric.id} 在 {wrong.index[0]} 的值 {wrong.iloc[0]:g} 超出范围 "
            f"[{low:g}, {high:g}]。",
            f"The value {wrong.iloc[0]:g} of {metric.id} at {wrong.index[0]} is outside "
            f"[{low:g}, {high:g}].",
        )
