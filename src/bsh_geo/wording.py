"""Codes and values in, words of a reader out: names, periods, units, facts of a row."""

from __future__ import annotations

import pandas as pd

from bsh_geo import areas, changes, frames, gaps, periods, places
from bsh_geo.catalogue import QUALITY_TITLES, Metric, Part
from bsh_geo.observations import difference_unit, indicator_of, unit_text
from bsh_geo.project import Project

NO_DATA_TITLE = {"zh": "无数据", "en": "No data"}


def unit_of(project: Project, metric: Metric, lang: str) -> str:
    """The unit of a metric in ``lang``: its own, else its indicator's."""
    unit = metric.unit
    if unit is None:
        unit = indicator_of(project, metric.indicator).unit
    differs = gaps.is_gap(metric) or changes.is_change(metric)
    return difference_unit(unit, lang) if differs else unit_text(unit, lang)


def quality_title(quality: object, lang: str) -> str:
    """The quality's name in ``lang``; blank for a missing one."""
    return QUALITY_TITLES[str(quality)].get(lang) if quality in QUALITY_TITLES else ""


def period_text(period: str, lang: str) -> str:
    """A period (``2025``, ``2025-Q3``, ``2021-04-13``) as a reader writes it; "" stays blank."""
    return periods.parse(period).text(lang) if period else ""


def area_text(project: Project, code: str | float | None, lang: str) -> str:
    """The name of an area code; blank for a missing one."""
    return areas.area_name(project, code, lang) if isinstance(code, str) and code else ""


def fact_title(project: Project, part: Part, name: str, lang: str) -> str:
    """The title of a fact: of the dataset's column, or of what a derivation adds."""
    columns = dict(frames.dataset_of(project, part.dataset).columns)
    if part.shapes:
        columns = {**frames.dataset_of(project, part.shapes).columns, **columns}
    column = columns.get(name) or columns.get(f"{name}_{lang}")
    if name in places.DERIVED_TITLES:
        return places.DERIVED_TITLES[name][lang]
    if column is None:
        return name
    title = column.zh if lang == "zh" else column.en
    for tail in ("（中文）", "（英文）", " (Chinese)", " (English)", "（中）", "（英）"):
        title = title.removesuffix(tail)
    unit = unit_text(column.unit, lang) if column.unit else ""
    return f"{title} ({unit})" if unit and unit not in title else title


def fact_texts(project: Project, name: str, rows: pd.DataFrame, lang: str) -> list[str]:
    """A fact of each row as a reader sees it; blank where it is missing."""
    found = rows.get(f"{name}_{lang}", rows.get(name))
    if found is None:
        return [""] * len(rows)
    cells = found.tolist()
    if name not in ("adcode", "quality"):
        return [_fact_text(project, name, cell, lang) for cell in cells]
    # A few names for many rows.
    known = {cell: _fact_text(project, name, cell, lang) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _fact_text(project: Project, name: str, cell: object, lang: str) -> str:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and pd.isna(cell)):
        return ""
    if name == "adcode":
        return area_text(project, cell if isinstance(cell, str) else None, lang)
    if name == "quality":
        return quality_title(cell, lang)
    if isinstance(cell, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][int(cell)]
    if isinstance(cell, (int, float)):
        return f"{cell:,.2f}".rstrip("0").rstrip(".")
    return str(cell)
