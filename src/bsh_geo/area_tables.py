"""An order in, its areas compared out: every figure beside its target, as CSV or Excel."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from bsh_geo import areas, briefing_fill, compose, exports, figure_sheets, standings, tables
from bsh_geo.catalogue import CITY, Layer, Metric
from bsh_geo.orders import Order, layer_and_metric, request_of
from bsh_geo.project import Project
from bsh_geo.wording import quality_title, unit_of

NAMES = {"zh": "各区对比", "en": "Areas-compared"}
"""How the files are named."""


def table(project: Project, order: Order, form: str) -> bytes:
    """Areas compared: a sheet for each layer, or one table of all."""
    compared = comparison(project, order)
    if form == "xlsx":
        return figure_sheets.comparison_xlsx(compared, NAMES[order.lang])
    head = "Layer" if order.lang == "en" else "图层"
    every = [
        pd.concat([pd.Series([title] * len(rows), index=rows.index, name=head), rows], axis=1)
        for title, rows in compared.items()
        if len(rows)
    ]
    if not every:  # layers without any figure, such as points alone
        every = [pd.DataFrame(columns=[head, *standings.COLUMNS[order.lang]])]
    safe = pd.concat(every, ignore_index=True).map(exports.neutral)
    text: str = safe.to_csv(index=False, lineterminator="\r\n", float_format="%.10g")
    return text.encode("utf-8-sig")


def comparison(project: Project, order: Order) -> dict[str, pd.DataFrame]:
    """For each layer every area's figures beside their targets, those of the period asked for."""
    found: dict[str, list[standings.Standing]] = {}
    for name in order.layers:
        layer, metric = layer_and_metric(project, name)
        rows = found.setdefault(layer.title.get(order.lang), [])
        if metric is not None and metric.source != "observations" and _by_districts(metric):
            rows += _by_district(project, layer, metric, order)
        first = [metric.indicator] if metric and metric.source == "observations" else []
        for indicator in dict.fromkeys([*first, *layer.figures]):
            rows += standings.standings(project, indicator, order.areas, order.period, order.lang)
    return {
        title: standings.frame(list(dict.fromkeys(rows)), order.lang)
        for title, rows in found.items()
    }


def _by_districts(metric: Metric) -> bool:
    """Whether a metric has a figure per district, not per station or unit."""
    return metric.places == "districts" and metric.boundary is None


def _by_district(
    project: Project, layer: Layer, metric: Metric, order: Order
) -> list[standings.Standing]:
    """The figures of a metric that is no published observation, as its map of the city has them."""
    period, note = briefing_fill.shown_period(project, layer, metric, order.period, order.lang)
    spec = compose.build(project, request_of(CITY, layer, metric, period, order.lang))
    rows = spec.tables[0].export.set_index("id")
    bare = standings.Standing(
        metric.id, metric.title.get(order.lang), "", "", spec.period,
        unit_of(project, metric, order.lang), note=note,
    )  # fmt: skip
    return [
        replace(
            bare,
            area=code,
            area_name=areas.area_name(project, code, order.lang),
            value=None if pd.isna(rows.at[code, "value"]) else float(rows.at[code, "value"]),
            quality=quality_title(rows.at[code, "quality"], order.lang),
            source=tables.source_text(project, rows.at[code, "source"], order.lang),
        )
        for code in order.areas
        if code in rows.index
    ]
