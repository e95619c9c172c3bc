"""A metric of a boundary set in, the figure of each unit out: counted, summed, averaged, covered.

Sketches are never counted: rows that are schematic are left out, and the map says how many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import catalogue, frames
from bsh_geo.catalogue import Metric
from bsh_geo.crs import to_measure
from bsh_geo.errors import LayerError
from bsh_geo.project import Project


@dataclass(frozen=True, eq=False)
class UnitFigures:
    """Computed figures and what they leave out.

    Attributes
    ----------
    rows : DataFrame
        By unit id: ``value`` (NaN where nothing is known), ``source``, ``quality``
        ("derived"), ``note_zh``, ``note_en``.
    unlocated, sketched, outside : int
        Rows without a location, schematic ones, and those in no unit; none is in any figure.
    """

    rows: pd.DataFrame
    unlocated: int
    sketched: int
    outside: int


@cache
def computed(project: Project, metric: Metric) -> UnitFigures:
    """What ``metric.compute`` says of the places of its dataset in each unit.

    "count" is the number of places (an area counts where its inner point lies), "density" that
    number per km² of the unit, "sum" and "mean" are of a column, "cover" is how much of the unit
    the shapes cover, in per cent, overlaps once.

    Raises
    ------
    LayerError
        The dataset has no geometry, no such column, or nothing but sketches.
    """
    places, unlocated, sketched = _places(project, metric)
    units = frames.boundary(project, str(metric.boundary))
    plane = to_measure(units).geometry
    if metric.compute == "cover":
        rows, at = _covered(plane, places, metric)
    else:
        rows, at = _counted(plane, places, metric)
    inside = len({int(one) for one in at["place"]})
    rows["source"] = _sources(places, at, units.index)
    rows["quality"] = [None if math.isnan(one) else "derived" for one in rows["value"]]
    return UnitFigures(rows, unlocated, sketched, len(places) - inside)


def _places(project: Project, metric: Metric) -> tuple[gpd.GeoDataFrame, int, int]:
    """The located rows that are no sketches, in metres; how many are left out of either kind."""
    dataset = frames.dataset_of(project, str(metric.dataset))
    every = frames.table(project, dataset.id)
    shaped = isinstance(every, gpd.GeoDataFrame)
    if not shaped and not (dataset.lon and dataset.lat):
        raise LayerError(
            f"指标 {metric.id} 的数据集 {dataset.id} 没有位置，不能按单元计算。",
            f"The dataset {dataset.id} of the metric {metric.id} has no locations, so nothing can "
            "be computed by unit.",
        )
    if metric.column is not None and not (
        metric.column in every and pd.api.types.is_numeric_dtype(every[metric.column])
    ):
        raise LayerError(
            f"指标 {metric.id} 的 column“{metric.column}”不是数据集 {dataset.id} 的数值列。",
            f"The column “{metric.column}” of the metric {metric.id} is no column of numbers of "
            f"{dataset.id}.",
        )
    located = every if shaped else frames.points(project, dataset.id)
    sketch = located.get("quality", pd.Series(dataset.quality, index=located.index)) == "schematic"
    if len(located) and sketch.all():
        raise LayerError(
            f"数据集 {dataset.id} 的图形都是示意，不能按单元统计（指标 {metric.id}）。",
            f"All of {dataset.id} is schematic and cannot be counted by unit (metric {metric.id}).",
        )
    kept = to_measure(gpd.GeoDataFrame(located[~sketch])).reset_index(drop=True)
    return kept, len(every) - len(located), int(sketch.sum())


def _counted(
    units: gpd.GeoSeries, places: gpd.GeoDataFrame, metric: Metric
) -> tuple[pd.DataFrame, pd.DataFrame]:
    points = shapely.point_on_surface(places.geometry.to_numpy())
    pairs = units.sindex.query(points, predicate="intersects")
    # A place on a border belongs to the first of its units alone.
    at = pd.DataFrame({"place": pairs[0], "unit": pairs[1]}).sort_values(["place", "unit"])
    at = at.drop_duplicates("place")
    count = at.groupby("unit").size().reindex(range(len(units)), fill_value=0).to_numpy(float)
    noted = [(f"{n:.0f} 处", f"{n:.0f} places") for n in count]
    values = count
    if metric.compute == "density":
        values = count / (units.area.to_numpy() / 1e6)
    elif metric.compute in ("sum", "mean"):
        cells = places[str(metric.column)].astype("float64").to_numpy(dtype=float, na_value=np.nan)
        groups = pd.Series(cells[at["place"]]).groupby(at["unit"].to_numpy())
        made = groups.sum(min_count=1) if metric.compute == "sum" else groups.mean()
        values = made.reindex(range(len(units))).to_numpy(float)
        known = groups.count().reindex(range(len(units)), fill_value=0).to_numpy()
        if metric.compute == "sum":  # no place at all is a sum of nothing, not a missing figure
            values = np.where(count == 0, 0.0, values)
        noted = [
            (f"{n:.0f} 处，{m} 处有值", f"{n:.0f} places, {m} with a value")
            for n, m in zip(count, known, strict=True)
        ]
    return _rows(units.index, values, noted), at


def _covered(
    units: gpd.GeoSeries, places: gpd.GeoDataFrame, metric: Metric
) -> tuple[pd.DataFrame, pd.DataFrame]:
    shapes = places.geometry.to_numpy()
    if len(shapes) and (shapely.get_dimensions(shapes) < 2).any():
        raise LayerError(
            f"指标 {metric.id} 计算覆盖率（cover），数据集应为面。",
            f"The metric {metric.id} computes a cover, for which the dataset must hold areas.",
        )
    pairs = units.sindex.query(shapes, predicate="intersects")
    at = pd.DataFrame({"place": pairs[0], "unit": pairs[1]})
    values, noted = np.zeros(len(units)), [("0 处", "0 places")] * len(units)
    polygons = units.to_numpy()
    for number, group in at.groupby("unit"):
        unit = polygons[int(str(number))]
        whole = shapely.union_all(shapely.intersection(shapes[group["place"]], unit))
        values[int(str(number))] = 100.0 * whole.area / unit.area
        noted[int(str(number))] = (f"{len(group)} 处", f"{len(group)} places")
    return _rows(units.index, values, noted), at


def _rows(index: pd.Index, values: np.ndarray, noted: list[tuple[str, str]]) -> pd.DataFrame:
    zh, en = ([one[at] for one in noted] for at in (0, 1))
    return pd.DataFrame({"value": values, "note_zh": zh, "note_en": en}, index=index)


def _sources(places: gpd.GeoDataFrame, at: pd.DataFrame, index: pd.Index) -> list[str | None]:
    """The sources of the places in each unit, each once, in the order of their ids."""
    if "source" not in places:
        return [None] * len(index)
    named: dict[int, set[str]] = {}
    cells = places["source"].to_numpy()
    for place, unit in zip(at["place"], at["unit"], strict=True):
        named.setdefault(int(unit), set()).update(catalogue.source_ids(str(cells[place] or "")))
    return [";".join(sorted(named[one])) if one in named else None for one in range(len(index))]


def notes(project: Project, metric: Metric, lang: str) -> tuple[str, ...]:
    """What the figures leave out, and the limits of the dataset they are computed from."""
    found = computed(project, metric)
    dataset = frames.dataset_of(project, str(metric.dataset))
    left = [
        (found.unlocated, "没有位置", "without a location"),
        (found.sketched, "为示意图形", "schematic"),
        (found.outside, "不在任何单元内", "in no unit"),
    ]
    told = [
        (f"{zh} {count}" if lang == "zh" else f"{count} {en}") for count, zh, en in left if count
    ]
    named = dataset.title.get(lang)
    said = []
    if told:
        said.append(
            f"{named}中未计入的：{'、'.join(told)}。"
            if lang == "zh"
            else f"{named}, not counted: {', '.join(told)}."
        )
    return (*said, dataset.limitations.get(lang))
