"""Rows behind a map in, tables out: one for the reader, one with machine names for export."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from bsh_geo import areas, catalogue, classes, frames, units
from bsh_geo.catalogue import Layer, Metric, Part
from bsh_geo.classes import NO_DATA
from bsh_geo.crs import DISPLAY
from bsh_geo.mapspec import TableView
from bsh_geo.project import Project
from bsh_geo.wording import (
    area_text,
    fact_texts,
    fact_title,
    period_text,
    quality_title,
    unit_of,
)

_WORDS = {
    "district": {"zh": "区", "en": "District"},
    "period": {"zh": "时期", "en": "Period"},
    "quality": {"zh": "质量", "en": "Quality"},
    "source": {"zh": "来源", "en": "Source"},
    "note": {"zh": "说明", "en": "Note"},
    "name": {"zh": "名称", "en": "Name"},
    "station": {"zh": "站点", "en": "Station"},
}


def word(key: str, lang: str) -> str:
    """A fixed column title."""
    return _WORDS[key][lang]


def source_text(project: Project, cell: object, lang: str) -> str:
    """The titles of the sources of a ``source`` cell."""
    if not isinstance(cell, str):
        return ""
    known = catalogue.load_sources(project)
    mark = "；" if lang == "zh" else "; "
    return mark.join(known[one].title(lang) for one in catalogue.source_ids(cell))


def district_view(
    project: Project, metric: Metric, period: str | None, rows: pd.DataFrame, lang: str
) -> TableView:
    """The table of a metric: a row per district (unit, station), missing figures left blank."""
    unit = unit_of(project, metric, lang)
    value = f"{metric.title.get(lang)} ({unit})" if unit else metric.title.get(lang)
    stations = metric.places == "stations"
    shown = pd.DataFrame(index=rows.index)
    shown[_head(project, metric, lang)] = rows[f"name_{lang}"]
    if metric.boundary is not None:
        shown[word("district", lang)] = [area_text(project, one, lang) for one in rows["adcode"]]
    if stations:
        shown[word("district", lang)] = [
            areas.area_name(project, str(code), lang) for code in rows["in_adcode"]
        ]
    shown[value] = rows["value"].round(metric.decimals)
    shown[word("period", lang)] = period_text(period or "", lang) or None
    shown[word("quality", lang)] = [quality_title(one, lang) for one in rows["quality"]]
    shown[word("source", lang)] = [source_text(project, one, lang) for one in rows["source"]]
    shown[word("note", lang)] = rows[f"note_{lang}"]
    return TableView(
        "stations-values" if stations else (UNITS if metric.boundary else "districts"),
        metric.title.get(lang),
        shown.reset_index(drop=True),
        _district_export(project, metric, period, rows, unit),
        _decimals(rows, metric),
    )


UNITS = "units"
"""Id of the table of a boundary set's units."""


def _head(project: Project, metric: Metric, lang: str) -> str:
    """What the rows of a metric are; a set that has the name of the districts' column is told."""
    if metric.boundary is None:
        return word("station" if metric.places == "stations" else "district", lang)
    title = frames.boundary_of(project, metric.boundary).title.get(lang)
    return title if title != word("district", lang) else units.title(project, metric.boundary, lang)


def _decimals(rows: pd.DataFrame, metric: Metric) -> int:
    """The most decimals that a figure of the table was published with."""
    if "printed" not in rows or not rows["printed"].notna().any():
        return metric.decimals
    return max(len(str(text).partition(".")[2]) for text in rows["printed"].dropna())


def _district_export(
    project: Project, metric: Metric, period: str | None, rows: pd.DataFrame, unit: str
) -> gpd.GeoDataFrame:
    export = pd.DataFrame(
        {
            "id": rows.index.astype(str),
            "name_zh": rows["name_zh"].to_numpy(),
            "name_en": rows["name_en"].to_numpy(),
            "indicator": metric.id,
            "period": period or "",
            "value": rows["value"].to_numpy(),
            "unit": unit,
            "class": classes.classify(rows["value"], metric).replace(NO_DATA, "").to_numpy(),
            "quality": rows["quality"].to_numpy(),
            "source": rows["source"].to_numpy(),
            "note": rows["note_zh"].to_numpy(),
        }
    )
    if metric.places == "stations":
        geometry = gpd.GeoSeries(rows["geometry"].to_numpy(), crs=DISPLAY)
    elif metric.boundary is not None:
        export.insert(3, "boundary", metric.boundary)
        export.insert(4, "adcode", rows["adcode"].to_numpy())
        outlines = frames.boundary(project, metric.boundary).geometry
        geometry = gpd.GeoSeries(outlines.loc[rows.index].to_numpy(), crs=DISPLAY)
    else:
        outlines = areas.outlines(project, "land").geometry
        geometry = gpd.GeoSeries(outlines.loc[rows.index].to_numpy(), crs=DISPLAY)
    return gpd.GeoDataFrame(export, geometry=geometry.to_numpy(), crs=DISPLAY)


def part_view(
    project: Project, layer: Layer, part: Part, rows: pd.DataFrame, lang: str
) -> TableView:
    """The table of a part: a row per place, those without a location included."""
    shown = pd.DataFrame(index=rows.index)
    shown[word("name", lang)] = rows[f"name_{lang}"].fillna(rows["name_zh"])
    for name in part.facts:
        title = fact_title(project, part, name, lang)
        shown[title] = _fact_column(project, name, rows, lang)
    if "source" in rows:
        cells = rows["source"].tolist()
        texts = {one: source_text(project, one, lang) for one in set(cells)}
        shown[word("source", lang)] = [texts[one] for one in cells]
    title = part.title.get(lang)
    export = _part_export(project, part, rows)
    return TableView(f"{layer.id}.{part.id}", title, shown.reset_index(drop=True), export)


def _fact_column(project: Project, name: str, rows: pd.DataFrame, lang: str) -> pd.Series:
    if name in rows and pd.api.types.is_numeric_dtype(rows[name]) and rows[name].dtype != "boolean":
        return rows[name].round(2)
    texts = fact_texts(project, name, rows, lang)
    return pd.Series(texts, index=rows.index, dtype=object)


def _united(shapes: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """The shape of each place by its id; those in several pieces as one."""
    repeated = shapes["id"].duplicated(keep=False)
    single = shapes[~repeated].set_index("id").geometry
    if not repeated.any():
        return single
    return pd.concat([single, shapes[repeated].dissolve("id").geometry])


def _part_export(project: Project, part: Part, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    plain = pd.DataFrame(rows).drop(columns="geometry", errors="ignore").reset_index(drop=True)
    dataset = frames.dataset_of(project, part.dataset)
    if part.shapes:
        shapes = _united(frames.shapes(project, part.shapes))
        geometry = shapes.reindex(plain["id"]).to_numpy()
    else:
        geometry = gpd.points_from_xy(plain[dataset.lon], plain[dataset.lat]).copy()
        geometry[plain[dataset.lon].isna().to_numpy()] = None
    return gpd.GeoDataFrame(plain, geometry=geometry, crs=DISPLAY)
