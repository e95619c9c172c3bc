"""A metric in, districts or stations coloured by it out, with their rows and legend."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd

from bsh_geo import areas, classes, frames, join, unit_figures, units
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Metric
from bsh_geo.mapspec import Built, DrawnPart, LegendBlock, LegendItem, Style
from bsh_geo.project import Project
from bsh_geo.wording import NO_DATA_TITLE, area_text, period_text, quality_title, unit_of

INK = "#22302f"


AREA_STROKE = "#8a8f87"


POINT_RADIUS = 4.5


NO_DATA_STYLE = Style("#e6e3da", "#a9a59a", 0.8, hatch="diagonal")


def choropleth(
    project: Project,
    metric: Metric,
    period: str | None,
    selection: Selection,
    lang: str,
    against: str | None = None,
) -> Built:
    """The selected districts, or the units in them, coloured by a metric, and their rows."""
    if metric.boundary is not None:
        return _units(project, metric, period, selection, lang, against)
    rows = join.district_frame(project, metric, period, selection, against)
    frame = areas.outlines(project).loc[rows.index][["geometry"]].copy()
    _colour(frame, project, metric, period, rows, lang)
    part = DrawnPart(metric.id, metric.title.get(lang), "area", frame, _metric_styles(metric), True)
    legend = _metric_legend(project, metric, bool(rows["value"].isna().any()), lang)
    return Built((part,), rows, legend)


def _colour(
    frame: gpd.GeoDataFrame,
    project: Project,
    metric: Metric,
    period: str | None,
    rows: pd.DataFrame,
    lang: str,
) -> None:
    """Give the areas of a map their class, name and lines for the hover box."""
    unit = unit_of(project, metric, lang)
    frame["key"] = classes.classify(rows["value"], metric)
    frame["name"] = rows[f"name_{lang}"]
    frame["lines"] = [
        tuple(_district_lines(row, metric, unit, period, lang)) for _, row in rows.iterrows()
    ]


BORDERS = "district-borders"
BORDER_STYLE = Style(None, "#4c5856", 1.1)


def _units(
    project: Project,
    metric: Metric,
    period: str | None,
    selection: Selection,
    lang: str,
    against: str | None,
) -> Built:
    """The units of a boundary set, dashed where their outlines are a sketch, under the borders
    of the selected districts."""
    owner = str(metric.boundary)
    rows = join.district_frame(project, metric, period, selection, against)
    frame = frames.boundary(project, owner).loc[rows.index][["geometry"]].copy()
    _colour(frame, project, metric, period, rows, lang)
    frame["lines"] = [
        (*lines, ("区" if lang == "zh" else "District", area_text(project, code, lang) or "—"))
        for lines, code in zip(frame["lines"], rows["adcode"], strict=True)
    ]
    sketch = units.is_sketch(project, owner)
    styles = {key: replace(one, dashed=sketch) for key, one in _metric_styles(metric).items()}
    title = metric.title.get(lang)
    drawn = DrawnPart(metric.id, title, "area", frame, styles, boundary=owner)
    legend = _metric_legend(project, metric, bool(rows["value"].isna().any()), lang)
    items = tuple(replace(one, style=replace(one.style, dashed=sketch)) for one in legend.items)
    legend = replace(legend, title=f"{title} · {units.title(project, owner, lang)}", items=items)
    told = units.notes(project, owner, selection, lang)
    if metric.source == "computed":
        told += unit_figures.notes(project, metric, lang)
    borders = _borders(project, selection, lang)
    return Built((drawn, borders), rows, legend, schematic=sketch, notes=told)


def _borders(project: Project, selection: Selection, lang: str) -> DrawnPart:
    """The outlines of the selected districts over their units; a click on one selects it."""
    codes = list(areas.all_codes(project, selection))
    frame = areas.outlines(project).loc[codes][["geometry"]].copy()
    frame["key"] = "all"
    frame["name"] = [areas.area_name(project, code, lang) for code in codes]
    frame["lines"] = [()] * len(codes)
    title = "District borders" if lang == "en" else "区界"
    return DrawnPart(BORDERS, title, "area", frame, {"all": BORDER_STYLE}, True)


def _district_lines(
    row: pd.Series, metric: Metric, unit: str, period: str | None, lang: str
) -> list[tuple[str, str]]:
    title = metric.title.get(lang)
    shown = _value_text(row["value"], metric, unit, lang)
    if row["printed"] and not pd.isna(row["printed"]):
        shown = f"{row['printed']} {unit}"
    lines = [(title, shown.strip())]
    if period:
        lines.append(("时期" if lang == "zh" else "Period", period_text(period, lang)))
    if not pd.isna(row["value"]):
        lines.append(("质量" if lang == "zh" else "Quality", quality_title(row["quality"], lang)))
    if row[f"note_{lang}"] and not pd.isna(row[f"note_{lang}"]):
        lines.append(("说明" if lang == "zh" else "Note", str(row[f"note_{lang}"])))
    return lines


def station_points(
    project: Project, metric: Metric, date: str, selection: Selection, lang: str
) -> Built:
    """The stations of the selection coloured by their value on a date."""
    rows = join.station_frame(project, metric, date, selection)
    unit = unit_of(project, metric, lang)
    frame = rows[["geometry"]].copy()
    frame["key"] = classes.classify(rows["value"], metric)
    frame["name"] = rows[f"name_{lang}"]
    frame["radius"] = POINT_RADIUS + 1.5
    frame["lines"] = [
        (
            (metric.title.get(lang), _value_text(row["value"], metric, unit, lang)),
            ("日期" if lang == "zh" else "Date", period_text(date, lang)),
            ("区" if lang == "zh" else "District", area_text(project, row["in_adcode"], lang)),
        )
        for _, row in rows.iterrows()
    ]
    part = DrawnPart(metric.id, metric.title.get(lang), "point", frame, _metric_styles(metric))
    legend = _metric_legend(project, metric, bool(rows["value"].isna().any()), lang)
    return Built((part,), pd.DataFrame(rows), legend, flagged=int((rows["how"] == "near").sum()))


def metric_style(metric: Metric, colour: str) -> Style:
    """How a class of a metric is drawn: areas with a quiet border, points with an inked one."""
    return Style(colour, AREA_STROKE if metric.places == "districts" else INK, 0.8)


def _metric_styles(metric: Metric) -> dict[str, Style]:
    styles = {one.key: metric_style(metric, one.colour) for one in classes.bins(metric)}
    return {**styles, classes.NO_DATA: NO_DATA_STYLE}


def _metric_legend(project: Project, metric: Metric, has_gaps: bool, lang: str) -> LegendBlock:
    symbol = "area" if metric.places == "districts" else "point"
    items = [
        LegendItem(
            classes.bin_label(one, metric, lang),
            metric_style(metric, one.colour),
            symbol,  # type: ignore[arg-type]
            None if symbol == "area" else POINT_RADIUS + 1.5,
        )
        for one in classes.bins(metric)
    ]
    if has_gaps:
        radius = None if symbol == "area" else POINT_RADIUS
        items.append(LegendItem(NO_DATA_TITLE[lang], NO_DATA_STYLE, symbol, radius))  # type: ignore[arg-type]
    return LegendBlock(metric.title.get(lang), unit_of(project, metric, lang), tuple(items))


def _value_text(value: float, metric: Metric, unit: str, lang: str) -> str:
    if pd.isna(value):
        return NO_DATA_TITLE[lang]
    return f"{classes.number(value, metric.decimals)} {unit}"
