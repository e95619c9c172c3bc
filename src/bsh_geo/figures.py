"""Observations and targets in, the figures of the side panel out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from bsh_geo import areas, catalogue, classes, join, observations, origins, parks, targets
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY, Layer, Metric
from bsh_geo.mapspec import Figure, Trend
from bsh_geo.project import Project
from bsh_geo.wording import NO_DATA_TITLE, period_text, quality_title, unit_of


def key_figure(
    project: Project,
    layer: Layer,
    metric: Metric | None,
    period: str | None,
    selection: Selection,
    lang: str,
) -> tuple[Figure | None, float | None]:
    """The one large figure of the view and its value, for the distance to targets."""
    if metric is None:
        return _first_figure(project, layer, selection, lang)
    if metric.places == "stations":
        rows = join.station_frame(project, metric, str(period), selection)
        return _range_figure(project, metric, period, rows, lang), None
    if metric.source == "computed" and metric.boundary is None:
        share = parks.share_of(project, areas.all_codes(project, selection))
        figures_of = join.computed(project, metric).iloc[0]
        shown = classes.number(share, metric.decimals)
        note = str(figures_of[f"note_{lang}"])
        how = str(figures_of["quality"])
        figure = _metric_figure(project, metric, shown, "", how, note, lang)
        ids = origins.source_ids([figures_of["source"]])
        told = origins.of_measured(project, ids, how, note, lang)
        return replace(figure, origin=told), share
    area = selection.area
    row = observations.at(project, metric.indicator, str(period))
    if area is not None and area in row.index:
        found = row.loc[area]
        figure = _figure(project, pd.Series(found), metric.indicator, lang)
        return replace(figure, label=metric.title.get(lang)), float(str(found["value"]))
    rows = join.district_frame(project, metric, period, selection)
    return _range_figure(project, metric, period, rows, lang), None


def _metric_figure(
    project: Project,
    metric: Metric,
    value: str,
    when: str,
    quality: str,
    note: str,
    lang: str,
) -> Figure:
    return Figure(
        label=metric.title.get(lang),
        value=value,
        unit=unit_of(project, metric, lang),
        period=when,
        quality=quality_title(quality, lang),
        note=note,
    )


def _range_figure(
    project: Project, metric: Metric, period: str | None, rows: pd.DataFrame, lang: str
) -> Figure:
    """What is known of several districts or stations: their range, never a mean of our own."""
    values = rows["value"].dropna()
    when = period_text(period or "", lang)
    unit = unit_of(project, metric, lang)
    if values.empty:
        return Figure(metric.title.get(lang), NO_DATA_TITLE[lang], "", when, "")
    low, high = (classes.number(edge, metric.decimals) for edge in (values.min(), values.max()))
    places = ("站点", "stations") if metric.places == "stations" else ("区", "districts")
    places = places if metric.boundary is None else ("单元", "units")
    text = low if low == high else f"{low} – {high}"
    note = (
        f"{len(rows)} 个{places[0]}中 {len(values)} 个有数据，为最低至最高值"
        if lang == "zh"
        else f"lowest to highest of {len(values)} of {len(rows)} {places[1]} with figures"
    )
    quality = quality_title(_worst(rows["quality"].dropna()), lang)
    told = origins.of_rows(project, metric, rows, period or "", lang)
    return Figure(metric.title.get(lang), text, unit, when, quality, note, told)


def _worst(qualities: pd.Series) -> str:
    order = list(catalogue.QUALITY_TITLES)
    return max((str(one) for one in qualities), key=order.index)


def _first_row(project: Project, layer: Layer, selection: Selection) -> pd.Series | None:
    for indicator_id in layer.figures:
        row = observations.latest(project, indicator_id, selection.area or "")
        if row is not None:
            return row
    return None


def _first_figure(
    project: Project, layer: Layer, selection: Selection, lang: str
) -> tuple[Figure | None, float | None]:
    row = _first_row(project, layer, selection)
    if row is not None:
        return _figure(project, row, str(row["indicator"]), lang), float(row["value"])
    if not layer.figures:
        return None, None
    indicator = observations.indicator_of(project, layer.figures[0])
    title = indicator.en if lang == "en" else indicator.zh
    note = "未见该范围的公布数值" if lang == "zh" else "no figure is published for this area"
    return Figure(title, NO_DATA_TITLE[lang], "", "", "", note), None


def _figure(
    project: Project, row: pd.Series, indicator_id: str, lang: str, named: bool = False
) -> Figure:
    """An observation for a reader; ``named`` puts the area before it."""
    indicator = observations.indicator_of(project, indicator_id)
    title = indicator.en if lang == "en" else indicator.zh
    if named:
        title = f"{areas.area_name(project, str(row['area']), lang)} {title}"
    note = row[f"note_{lang}"]
    return Figure(
        label=title,
        value=str(row["printed"]),
        unit=observations.unit_text(indicator.unit, lang),
        period=period_text(str(row["period"]), lang),
        quality=quality_title(row["quality"], lang),
        note="" if note is None or pd.isna(note) else str(note),
        origin=origins.of_observation(project, row, lang),
    )


def _figure_key(row: pd.Series) -> tuple[str, str, str]:
    """What tells one observation from another: indicator, area, period."""
    return str(row["indicator"]), str(row["area"]), str(row["period"])


def shown_key(
    project: Project, layer: Layer, metric: Metric | None, period: str | None, selection: Selection
) -> tuple[str, str, str] | None:
    """The observation that is shown large, so that it is not repeated below."""
    if metric is not None:
        shown = metric.places == "districts"
        return (metric.indicator, str(selection.area), str(period)) if shown else None
    row = _first_row(project, layer, selection)
    return None if row is None else _figure_key(row)


def figures(
    project: Project,
    layer: Layer,
    selection: Selection,
    key: tuple[str, str, str] | None,
    lang: str,
) -> tuple[Figure, ...]:
    """The latest figures of the area beside the large one; the city's follow where it differs."""
    found = []
    shown_area = selection.area if selection.area and not selection.is_city else None
    for area in dict.fromkeys(one for one in (shown_area, CITY) if one):
        for indicator_id in layer.figures:
            row = observations.latest(project, indicator_id, area)
            if row is not None and _figure_key(row) != key:
                found.append(_figure(project, row, indicator_id, lang, area != selection.area))
    return tuple(found[:7])


def target_lines(
    project: Project,
    layer: Layer,
    metric: Metric | None,
    period: str | None,
    selection: Selection,
    current: float | None,
    lang: str,
) -> tuple[targets.TargetLine, ...]:
    found: list[targets.TargetLine] = []
    for indicator_id in layer.targets:
        # Targets are annual: a month is not held against them.
        annual = period is None or len(period) == 4
        value = current if metric and metric.indicator == indicator_id and annual else None
        rows = targets.of_indicator(project, indicator_id, selection)
        if value is None and len(rows):
            latest = observations.latest(project, indicator_id, str(rows.iloc[0]["area"]))
            value = (
                None
                if latest is None or _is_shown(metric, indicator_id)
                else float(latest["value"])
            )
        found += targets.lines(project, indicator_id, selection, value, lang)
    return tuple(found)


def _is_shown(metric: Metric | None, indicator_id: str) -> bool:
    """Whether the map shows that indicator itself, so that no other period may stand for it."""
    return metric is not None and metric.indicator == indicator_id and metric.places == "districts"


def trend(project: Project, metric: Metric | None, selection: Selection, lang: str) -> Trend | None:
    if metric is None or metric.source == "computed":
        return None
    area = selection.area or CITY
    rows = observations.series(project, metric.indicator, area)
    if len(rows) < 2:
        area, rows = CITY, observations.series(project, metric.indicator, CITY)
    if len(rows) < 2:
        return None
    points = tuple((str(p), float(v)) for p, v in zip(rows["period"], rows["value"], strict=True))
    wanted = targets.of_indicator(project, metric.indicator, selection).dropna(subset=["value"])
    levels = tuple(
        dict.fromkeys(
            (str(row["year"]), float(row["value"]))
            for _, row in wanted.sort_values("year").iterrows()
        )
    )
    indicator = observations.indicator_of(project, metric.indicator)
    name = areas.area_name(project, area, lang)
    title = f"{name} {indicator.en}" if lang == "en" else f"{name}{indicator.zh}"
    unit = observations.unit_text(indicator.unit, lang)
    return Trend(title, unit, points, levels, origins.of_series(project, rows, lang))
