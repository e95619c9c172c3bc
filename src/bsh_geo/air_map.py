"""Figures of readings in, districts and stations coloured by them out, with legend and tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from bsh_geo import air_classes, air_figures, areas, changes, classes, join, origins, tables
from bsh_geo.air_figures import AirFigures
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY, Metric
from bsh_geo.choropleth import INK, NO_DATA_STYLE, POINT_RADIUS, metric_style
from bsh_geo.mapspec import Built, DrawnPart, Figure, LegendBlock, LegendItem, Style, TableView
from bsh_geo.origins import Origin
from bsh_geo.periods import Period, parse
from bsh_geo.project import Project
from bsh_geo.wording import NO_DATA_TITLE, area_text, quality_title, unit_of

RADIUS = POINT_RADIUS + 2.0
REFERENCE_STYLE = Style("#ffffff", INK, 1.6)

_WORDS = {
    "stations": {"zh": "有效站点", "en": "Valid stations"},
    "days": {"zh": "有效天数", "en": "Valid days"},
    "reason": {"zh": "原因", "en": "Reason"},
    "period": {"zh": "时期", "en": "Period"},
    "quality": {"zh": "质量", "en": "Quality"},
    "level": {"zh": "级别", "en": "Class"},
    "primary": {"zh": "首要污染物", "en": "Primary pollutant"},
    "district": {"zh": "区", "en": "District"},
    "station_table": {"zh": "站点", "en": "Stations"},
    "invalid": {"zh": "无有效数据（悬停看原因）", "en": "No valid figure (hover for the reason)"},
    "reference": {"zh": "对照点，不参与均值", "en": "Reference site, in no mean"},
    "station": {"zh": "站点", "en": "Station"},
}
_THREE_YEARS = {
    "zh": "三年值：三个年评价值都有效时取其平均，优良天数比例为三年合计；自定规则，"
    "HJ 663—2026 的三年滑动条文未取得。",
    "en": "Three years: the mean of the three annual figures if each is valid, the share of good "
    "days that of all three; an own rule, as the text of HJ 663-2026 was not available.",
}
_POLLUTANTS = {
    "pm25": "PM2.5", "pm10": "PM10", "so2": "SO₂", "no2": "NO₂", "co": "CO", "o3": "O₃",
}  # fmt: skip


def _word(key: str, lang: str) -> str:
    return _WORDS[key][lang]


def built(
    project: Project,
    metric: Metric,
    period_key: str,
    selection: Selection,
    lang: str,
    against: str | None = None,
) -> Built:
    """The selected districts and their stations in a period; ``metric`` as it is shown for it."""
    period = parse(period_key)
    found = air_figures.figures(project, str(metric.item), period)
    districts = _with_names(project, found.districts, selection)
    stations = join.stations(project, selection).join(found.stations)
    stations["value"] = stations["value"].astype(float)
    quality = "derived" if period.grain != "hour" else found.quality
    if changes.is_change(metric):
        before = _before(project, metric, period, against)
        districts = _changed(metric, districts, before.districts if before else None, against)
        stations = _changed(metric, stations, before.stations if before else None, against)
    rows = _noted(districts, found, lang).assign(
        quality=_where_known(districts, "derived"), source=None, printed=None
    )
    points = _noted(stations, found, lang).assign(quality=_where_known(stations, quality))
    parts = (
        _areas(project, metric, rows, found, period, lang),
        _points(project, metric, points, found, period, lang),
    )
    legend = _legend(project, metric, period, rows, points, lang)
    return Built(
        parts,
        rows,
        legend,
        flagged=int((points["how"] == "near").sum()),
        notes=_notes(found, period, lang),
        sources=found.sources,
        tables=(_table(project, metric, period, points, found, lang, stations=True),),
    )


def _before(
    project: Project, metric: Metric, period: Period, against: str | None
) -> AirFigures | None:
    """The same figures of ``against``, else a year earlier; None where there are no readings."""
    earlier = parse(against) if against else period.year_before()
    if earlier is None or earlier.last < air_figures.extent(project)[0]:
        return None
    return air_figures.figures(project, str(metric.item), earlier)


def _changed(metric: Metric, now: Any, before: pd.DataFrame | None, against: str | None) -> Any:
    """``now`` as the change since ``before``; a place that lacks one of both says so."""
    blank = now.assign(source=None, quality=None, basis=None)
    changed = changes.changed(metric, blank, before, against)
    known = now["value"].notna()
    changed["reason"] = now["reason"].where(~known, "none").where(changed["value"].isna(), "")
    return changed


def _with_names(project: Project, figures: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    names = areas.district_table(project)[["adcode", "name_zh", "name_en"]]
    rows = names.loc[list(areas.all_codes(project, selection))].copy()
    return rows.join(figures)


def _where_known(rows: pd.DataFrame, quality: str) -> pd.Series:
    return pd.Series(quality, index=rows.index, dtype=object).where(rows["value"].notna(), None)


def _noted(rows: Any, found: AirFigures, lang: str) -> Any:
    """``rows`` with the reason of a missing figure as its note."""
    noted = rows.copy()
    for one in ("zh", "en"):
        reasons = [air_figures.reason_text(row, one) or None for _, row in rows.iterrows()]
        old = rows[f"note_{one}"] if "note_zh" in rows and "reference" not in rows else None
        texts = pd.Series(reasons, index=rows.index, dtype=object)
        noted[f"note_{one}"] = texts if old is None else old.where(old.notna(), texts)
    return noted


def _lines(
    project: Project, metric: Metric, row: pd.Series, found: AirFigures, period: Period, lang: str
) -> list[tuple[str, str]]:
    """What the hover box says of a place."""
    unit = unit_of(project, metric, lang)
    value = float(row["value"])
    shown = NO_DATA_TITLE[lang] if pd.isna(value) else classes.number(value, metric.decimals)
    lines = [(metric.title.get(lang), f"{shown} {unit if not pd.isna(value) else ''}".strip())]
    lines.append((_word("period", lang), period.text(lang)))
    if not pd.isna(row["level"]) and not changes.is_change(metric):
        standard = air_figures.ruling_of(project, period).aqi
        lines.append(
            (_word("level", lang), standard.classes[int(row["level"]) - 1].title.get(lang))
        )
        if row["primary"]:
            lines.append((_word("primary", lang), primary_text(str(row["primary"]))))
    if not pd.isna(row["stations_listed"]):
        there = 0.0 if pd.isna(row["stations"]) else float(row["stations"])
        lines.append((_word("stations", lang), f"{there:.3g} / {int(row['stations_listed'])}"))
    if not pd.isna(row["valid_days"]) and not air_classes.is_short(period.grain):
        share = float(row["valid_days"]) / found.days
        lines.append(
            (
                _word("days", lang),
                f"{int(row['valid_days'])} / {found.days}（{share:.0%}）"
                if lang == "zh"
                else f"{int(row['valid_days'])} / {found.days} ({share:.0%})",
            )
        )
    note = row[f"note_{lang}"]
    if isinstance(note, str) and note:
        lines.append((_word("reason", lang), note))
    return lines


def primary_text(items: str) -> str:
    """Ids of pollutants (``o3_8h,pm25``) as they are written."""
    return "、".join(_POLLUTANTS.get(one.split("_")[0], one) for one in items.split(","))


def _areas(
    project: Project,
    metric: Metric,
    rows: pd.DataFrame,
    found: AirFigures,
    period: Period,
    lang: str,
) -> DrawnPart:
    frame = areas.outlines(project).loc[rows.index][["geometry"]].copy()
    frame["key"] = classes.classify(rows["value"], metric)
    frame["name"] = rows[f"name_{lang}"]
    frame["lines"] = [
        tuple(_lines(project, metric, row, found, period, lang)) for _, row in rows.iterrows()
    ]
    styles = {one.key: metric_style(metric, one.colour) for one in classes.bins(metric)}
    styles[classes.NO_DATA] = NO_DATA_STYLE
    return DrawnPart(metric.id, metric.title.get(lang), "area", frame, styles, selects=True)


def _points(
    project: Project, metric: Metric, rows: Any, found: AirFigures, period: Period, lang: str
) -> DrawnPart:
    frame = rows[["geometry"]].copy()
    frame["key"] = classes.classify(rows["value"], metric)
    frame["name"] = [f"{code} {name}" for code, name in rows[f"name_{lang}"].items()]
    frame["radius"] = RADIUS
    reference = rows["reference"].astype(bool)
    frame["lines"] = [
        (
            *_lines(project, metric, row, found, period, lang),
            (_word("district", lang), area_text(project, row["in_adcode"], lang)),
            *([(_word("reference", lang), "")] if row["reference"] else []),
        )
        for _, row in rows.iterrows()
    ]
    # A reference station keeps its colour and gets a second ring: it is shown, but in no mean.
    styles = {one.key: Style(one.colour, INK, 0.9) for one in classes.bins(metric)}
    styles[classes.NO_DATA] = replace(NO_DATA_STYLE, stroke=INK, width=0.9)
    rings = {f"{key}-reference": replace(style, width=2.4) for key, style in styles.items()}
    frame["key"] = frame["key"].where(~reference, frame["key"] + "-reference")
    title = f"{metric.title.get(lang)} · {_word('station_table', lang)}"
    return DrawnPart(
        f"{metric.id}-stations", title, "point", frame, {**styles, **rings}, opens=True
    )


def _legend(
    project: Project, metric: Metric, period: Period, rows: pd.DataFrame, points: Any, lang: str
) -> LegendBlock:
    standard = air_figures.ruling_of(project, period).aqi
    names = air_classes.class_names(metric, period, standard, lang)
    items = []
    for number, one in enumerate(classes.bins(metric)):
        label = classes.bin_label(one, metric, lang)
        label = f"{label} {names[number]}" if names else label
        items.append(LegendItem(label, metric_style(metric, one.colour)))
    if rows["value"].isna().any() or points["value"].isna().any():
        items.append(LegendItem(_word("invalid", lang), NO_DATA_STYLE))
    items.append(LegendItem(_word("station", lang), Style("#ffffff", INK, 0.9), "point", RADIUS))
    if points["reference"].astype(bool).any():
        ring = Style("#ffffff", INK, 2.4)
        items.append(LegendItem(_word("reference", lang), ring, "point", RADIUS))
    return LegendBlock(metric.title.get(lang), unit_of(project, metric, lang), tuple(items))


def _notes(found: AirFigures, period: Period, lang: str) -> tuple[str, ...]:
    """The versions that judged, and how areas are made of stations."""
    used = [one for one in found.rulings if one.start <= period.last][-1]
    names = "、".join(
        one.id.upper().replace("-", " ", 1) for one in (used.aqi, used.limits, used.evaluation)
    )
    three = (_THREE_YEARS[lang],) if period.grain == "three_years" else ()
    if lang == "en":
        return (
            f"Judged by {names.replace('、', ', ')}.",
            *three,
            "District figures: each day the mean of the valid stations, then the statistic; "
            "the reference station is left out. Nothing is interpolated between stations.",
        )
    return (
        f"适用标准：{names}。",
        *three,
        "区值为区内有效站点逐日平均后的统计，对照点不参与；站点之间不作插值。",
    )


def _table(
    project: Project, metric: Metric, period: Period, rows: Any, found: AirFigures, lang: str,
    stations: bool,
) -> TableView:  # fmt: skip
    """The stations behind the map, with completeness and reasons."""
    unit = unit_of(project, metric, lang)
    shown = pd.DataFrame(index=rows.index)
    shown[_word("station", lang)] = [
        f"{code} {name}" for code, name in rows[f"name_{lang}"].items()
    ]
    shown[_word("district", lang)] = [
        areas.area_name(project, str(code), lang) for code in rows["in_adcode"]
    ]
    title = metric.title.get(lang)
    shown[f"{title} ({unit})" if unit else title] = rows["value"].round(metric.decimals)
    if not air_classes.is_short(period.grain):
        shown[_word("days", lang)] = rows["valid_days"].astype(float)
    shown[_word("period", lang)] = period.text(lang)
    shown[_word("quality", lang)] = [quality_title(one, lang) for one in rows["quality"]]
    shown[_word("reason", lang)] = rows[f"note_{lang}"].fillna("")
    export = pd.DataFrame(rows).drop(columns=["how", "source"], errors="ignore")
    export = gpd.GeoDataFrame(
        export.drop(columns="geometry").assign(
            item=str(metric.item), period=period.key, unit=unit, days=found.days,
            source=";".join(found.sources),
        ),
        geometry=rows["geometry"].to_numpy(),
        crs=rows.crs,
    )  # fmt: skip
    heading = f"{title} · {_word('station_table', lang)}"
    return TableView(
        "stations-values", heading, shown.reset_index(drop=True), export, metric.decimals
    )


def key_figure(
    project: Project, metric: Metric, period_key: str, selection: Selection, lang: str
) -> tuple[Figure | None, float | None]:
    """The figure of the whole selection, with its stations and its completeness."""
    period = parse(period_key)
    row, listed = air_figures.area_figure(project, str(metric.item), period, selection)
    value = float(row["value"])
    if pd.isna(value):
        text = air_figures.reason_text(row, lang)
        if not listed:
            text = "所选区域内没有站点" if lang == "zh" else "there is no station in this area"
        return Figure(
            metric.title.get(lang), NO_DATA_TITLE[lang], "", period.text(lang), "", text
        ), None
    there = 0.0 if pd.isna(row["stations"]) else float(row["stations"])
    total = int(row["stations_listed"])
    note = (
        f"有效站点 {there:.3g}/{total}"
        if lang == "zh"
        else f"{there:.3g} of {total} stations valid"
    )
    if not air_classes.is_short(period.grain):
        days = (period.last - period.first).days + 1
        count = int(row["valid_days"])
        note += f"，有效天数 {count}/{days}" if lang == "zh" else f", {count} of {days} days valid"
    figure = Figure(
        label=metric.title.get(lang),
        value=classes.number(value, metric.decimals),
        unit=unit_of(project, metric, lang),
        period=period.text(lang),
        quality=quality_title("derived", lang),
        note=note,
        origin=_origin(project, metric, period, note, lang),
    )
    return figure, value


def _origin(project: Project, metric: Metric, period: Period, note: str, lang: str) -> Origin:
    """The imports that a statistic of readings rests on, how it is made, and what judged it."""
    found = air_figures.figures(project, str(metric.item), period)
    basis = [] if metric.basis is None else [metric.basis.get(lang)]
    how = [note, *basis]
    method = ("；" if lang == "zh" else "; ").join(how)
    return origins.of_readings(project, found.sources, found.quality, found.rulings, method, lang)


def district_table(
    project: Project, metric: Metric, period_key: str, rows: pd.DataFrame, lang: str
) -> TableView:
    """The table of the districts, with stations, completeness and reasons."""
    view = tables.district_view(project, metric, period_key, rows, lang)
    period = parse(period_key)
    shown = view.shown.drop(columns=tables.word("source", lang))
    shown.insert(2, _word("stations", lang), rows["stations"].astype(float).round(1).to_numpy())
    if not air_classes.is_short(period.grain):
        shown.insert(3, _word("days", lang), rows["valid_days"].astype(float).to_numpy())
    export = view.export.assign(
        stations=rows["stations"].astype(float).to_numpy(),
        stations_listed=rows["stations_listed"].astype(float).to_numpy(),
        valid_days=rows["valid_days"].astype(float).to_numpy(),
    )
    return replace(view, shown=shown, export=export)


__all__ = ["CITY", "built", "district_table", "key_figure", "primary_text"]
