"""Two periods or two areas of one metric in, their maps, difference, ranking and history out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from bsh_geo import areas, catalogue, compose, observations
from bsh_geo.catalogue import CITY
from bsh_geo.compose import Request
from bsh_geo.errors import UnknownNameError
from bsh_geo.mapspec import MapSpec
from bsh_geo.project import Project
from bsh_geo.wording import period_text


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two views with the same classes and colours.

    Attributes
    ----------
    difference : MapSpec, optional
        Second minus first, where both are periods and the metric has breaks for differences.
    ranking : DataFrame
        A row per district with either figure, the highest second one first: ``name``, ``first``,
        ``second``, ``difference`` (NaN where either is missing).
    """

    first: MapSpec
    second: MapSpec
    difference: MapSpec | None
    ranking: pd.DataFrame

    @property
    def titles(self) -> tuple[str, str]:
        """What tells the two apart: their periods, else their areas."""
        if self.first.area != self.second.area:
            return self.first.area, self.second.area
        return self.first.period, self.second.period


def of_periods(project: Project, request: Request, first: str, second: str) -> Comparison:
    """One view in two periods, and what changed from the first to the second.

    Raises
    ------
    UnknownNameError
        The layer has no metric with periods, or has no figure for one of them.
    """
    layer = compose.layer_of(project, request.layer)
    metric = compose.metric_of(layer, request.metric)
    if metric is None or metric.source == "computed":
        raise _nothing_to_compare(layer.title.zh, layer.title.en)
    views = [
        compose.build(project, replace(request, period=one, mode="value", against=None))
        for one in (first, second)
    ]
    changed = None
    if "change" in compose.modes(metric):
        wanted = replace(request, period=second, mode="change", against=first)
        changed = compose.build(project, wanted)
    return Comparison(views[0], views[1], changed, _ranking(*views))


def of_areas(project: Project, request: Request, first: str, second: str) -> Comparison:
    """One view of two areas in the same period."""
    views = [
        compose.build(project, replace(request, areas=(one,), mode="value", against=None))
        for one in (first, second)
    ]
    return Comparison(views[0], views[1], None, _ranking(*views))


def _nothing_to_compare(zh: str, en: str) -> UnknownNameError:
    return UnknownNameError(
        f"图层“{zh}”没有按时期的指标，不能比较两个时期。",
        f"The layer “{en}” has no metric with periods, so two periods cannot be compared.",
    )


def _ranking(first: MapSpec, second: MapSpec) -> pd.DataFrame:
    """The district figures of both views side by side."""
    columns = []
    for spec in (first, second):
        table = next((one.export for one in spec.tables if "value" in one.export), None)
        if table is None:
            columns.append(pd.Series(dtype=float))
            continue
        rows = table.set_index(f"name_{spec.lang}")["value"]
        columns.append(rows.astype(float))
    both = pd.DataFrame({"first": columns[0], "second": columns[1]}).dropna(how="all")
    both["difference"] = both["second"] - both["first"]
    both = both.sort_values(["second", "first"], ascending=False, na_position="last")
    return both.rename_axis("name").reset_index()


def history(project: Project, indicator: str, lang: str = "zh") -> pd.DataFrame:
    """The annual figures of the city and of every district with any, years as columns.

    Returns
    -------
    DataFrame
        Indexed by area code, the city first; ``name``, then a column per year in order; NaN
        where no figure is published.
    """
    rows = observations.of_indicator(project, indicator)
    rows = rows[rows["period"].str.len() == 4]
    known = [CITY, *areas.district_table(project).index]
    table = rows.pivot_table(index="area", columns="period", values="value", aggfunc="last")
    table = table.reindex([code for code in known if code in table.index])
    table.insert(0, "name", [areas.area_name(project, str(code), lang) for code in table.index])
    table.columns.name = None
    return table


def comparable(project: Project) -> dict[str, tuple[str, ...]]:
    """The layers and their metrics that have at least two periods."""
    layers, _ = catalogue.load_layers(project)
    found = {}
    for layer in layers.values():
        metrics = [
            metric.id
            for metric in compose.offered(project, layer)
            if metric.source != "computed" and len(compose.periods(project, metric)) > 1
        ]
        if metrics:
            found[layer.id] = tuple(metrics)
    return found


def period_names(project: Project, layer: str, metric: str, lang: str) -> dict[str, str]:
    """The periods that a metric can be compared in, newest first, and how they are read."""
    declared = compose.metric_of(compose.layer_of(project, layer), metric)
    return {one: period_text(one, lang) for one in compose.periods(project, declared)}
