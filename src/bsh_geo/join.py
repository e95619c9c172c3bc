"""Points and districts in, layer frames out: a row per district or station, with its figure."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import areas, changes, frames, gaps, observations, parks, unit_figures, units, within
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Metric
from bsh_geo.crs import to_measure
from bsh_geo.errors import DataError, LayerError
from bsh_geo.project import Project
from bsh_geo.within import Flags, Floats, Ints

REACH_M = 200.0
"""A point this near to a district, but in none, belongs to it and is flagged: the boundary data
and the coast differ by tens of metres, piers and sluices stand outside the land."""

SEGMENT_M = 500.0
"""A straight line of this length in metres is straight in degrees too, but for millimetres."""


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
    polygons = districts.geometry.sort_index()  # on a shared border the lower code counts
    placed = points.geometry.to_crs(districts.crs).to_numpy()
    x, y = within.coordinates(placed)
    inside = within.first_area(polygons.to_numpy(), x, y)
    distance = np.where(inside >= 0, 0.0, np.nan)
    left = np.flatnonzero(inside < 0)
    if points.crs == districts.crs:
        left = left[_maybe_near(polygons, x[left], y[left], reach_m)]
    if len(left):
        at, nearest, metres = _within_reach(points.geometry.iloc[left], polygons, reach_m)
        inside[left[at]], distance[left[at]] = nearest, metres
    known = np.array([*polygons.index, None], dtype=object)
    # 0 within, 1 near, 2 outside
    how = np.where(np.isnan(distance), 2, np.where(distance > 0, 1, 0))
    words = pd.array(["within", "near", "outside"], dtype="str").take(how)
    codes = pd.Series(known[inside], index=points.index, dtype=object)
    return pd.DataFrame({"adcode": codes}).assign(how=words, distance_m=distance)


def _maybe_near(polygons: gpd.GeoSeries, x: Floats, y: Floats, reach_m: float) -> Flags:
    """Which points, in the districts' system, may be within reach: all that are, and few others.

    Moving half a million points into metres takes longer than the join; the districts with their
    surroundings are moved into degrees instead.
    """
    every: Flags = np.ones(len(x), dtype=bool)
    if len(x) < within.MANY:
        return every
    # 2 % and a metre more: round corners are drawn with straight lines, whose ends are moved.
    around = to_measure(polygons).buffer(1.02 * reach_m + 1).segmentize(SEGMENT_M)
    surroundings = around.to_crs(polygons.crs).to_numpy()
    if not np.isfinite(shapely.get_coordinates(surroundings)).all():
        return every
    near: Flags = within.first_area(surroundings, x, y) != within.NONE
    return near


def _within_reach(
    points: gpd.GeoSeries, polygons: gpd.GeoSeries, reach_m: float
) -> tuple[Ints, Ints, Floats]:
    """The points that have a district within ``reach_m``: their places, the nearest, how far."""
    areas, places = to_measure(polygons), to_measure(points)
    pairs = areas.sindex.query(places, predicate="dwithin", distance=reach_m)
    distances = shapely.distance(places.to_numpy()[pairs[0]], areas.to_numpy()[pairs[1]])
    every = pd.DataFrame({"at": pairs[0], "code": pairs[1], "distance": distances})
    nearest = every.sort_values(["at", "distance", "code"]).drop_duplicates("at")
    at, code, distance = (nearest[name].to_numpy() for name in ("at", "code", "distance"))
    return at, code, distance


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
        found = observations.periods(project, metric.indicator)
        if metric.boundary is not None:  # the figures of units alone: those of the city are no map
            frames.boundary_of(project, metric.boundary)
            found = [one for one in found if with_figure(project, metric, one)]
        return found
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

    A metric of a boundary set has a row per unit of the selected districts instead.
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
    if metric.boundary is not None:
        names = units.selected(project, metric.boundary, selection)
        rows = names[["adcode", "name_zh", "name_en"]].copy()
    else:
        names = areas.district_table(project)[["adcode", "name_zh", "name_en"]]
        rows = names.loc[list(areas.all_codes(project, selection))].copy()
    figures = _figures(project, metric, period)
    for column in ("value", "printed", "source", "quality", "basis", "note_zh", "note_en"):
        rows[column] = figures[column].reindex(rows.index) if column in figures else None
    rows["value"] = pd.to_numeric(rows["value"], errors="coerce").astype(float)
    return rows


def _figures(project: Project, metric: Metric, period: str | None) -> pd.DataFrame:
    """The figures of a metric by adcode, or by the id of the unit of its boundary set."""
    if metric.boundary is not None and metric.source == "computed":
        return unit_figures.computed(project, metric).rows
    if metric.source == "computed":
        return computed(project, metric)
    figures = observations.at(project, metric.indicator, str(period))
    if metric.boundary is None:
        return figures
    own = figures[figures.index.str.startswith(units.area_code(metric.boundary, ""))]
    return own.set_axis([code.partition(areas.UNIT_MARK)[2] for code in own.index], axis=0)


def with_figure(project: Project, metric: Metric, period: str) -> int:
    """How many districts, or units of the metric's boundary set, have a figure in a period."""
    if metric.boundary is None:
        return observations.district_count(project, metric.indicator, period)
    return len(_figures(project, metric, period))


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
