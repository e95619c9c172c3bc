"""The observations table in, figures out: one number per indicator, area and period."""

from __future__ import annotations

from functools import cache

import pandas as pd

from bsh_geo import catalogue, frames
from bsh_geo.catalogue import CITY, Indicator
from bsh_geo.errors import DataError
from bsh_geo.project import Project

UNITS_EN = {
    "天": "days",
    "座": "",
    "个": "",
    "人": "people",
    "人/km²": "people/km²",
    "公顷": "ha",
    "亩": "mu",
    "m²/人": "m²/person",
    "平方米": "m²",
    "万亩": "10,000 mu",
    "万亩次": "10,000 mu (treated)",
    "万m²": "10,000 m²",
    "万吨": "10,000 t",
    "万吨/年": "10,000 t a year",
    "万人": "10,000 people",
    "万标准箱": "10,000 TEU",
}
"""Chinese units as the English interface writes them; symbols stay as they are."""


def unit_text(unit: str, lang: str) -> str:
    """A unit in ``lang``."""
    return UNITS_EN.get(unit, unit) if lang == "en" else unit


def difference_unit(unit: str, lang: str) -> str:
    """The unit of a difference in ``lang``: two percentages differ by percentage points."""
    if unit == "%":
        return "percentage points" if lang == "en" else "个百分点"
    return unit_text(unit, lang)


@cache
def observations(project: Project) -> pd.DataFrame:
    """Every figure: indicator, area, period, value, unit, source, quality, basis, notes.

    ``printed`` is the value as it was published, with no decimal more: 28 is not 28.0.
    """
    rows = frames.table(project, "observations").copy()
    rows["printed"] = [
        _separated(text) for text in frames.column_text(project, "observations", "value")
    ]
    return rows


def _separated(text: str) -> str:
    """A published number with its thousands separated and a true minus sign."""
    whole, point, decimals = text.lstrip("-").partition(".")
    sign = "−" if text.startswith("-") else ""
    return f"{sign}{int(whole):,}{point}{decimals}" if whole.isdigit() else text


def indicator_of(project: Project, indicator_id: str) -> Indicator:
    """The declaration of an indicator, which must exist."""
    indicators = catalogue.load_indicators(project)
    if indicator_id not in indicators:
        raise DataError(
            f"data/targets/indicators.toml 未声明指标 {indicator_id}。",
            f"data/targets/indicators.toml does not declare the indicator {indicator_id}.",
        )
    return indicators[indicator_id]


@cache
def of_indicator(project: Project, indicator_id: str) -> pd.DataFrame:
    """The observations of one indicator, in the order of their periods."""
    every = observations(project)
    return every[every["indicator"] == indicator_id].sort_values("period", kind="stable")


def periods(project: Project, indicator_id: str) -> list[str]:
    """Periods (``YYYY`` or ``YYYY-MM``) with any figure, years before months, newest first."""
    found = set(of_indicator(project, indicator_id)["period"])
    return sorted(found, key=lambda period: (len(period) == 4, period), reverse=True)


def at(project: Project, indicator_id: str, period: str) -> pd.DataFrame:
    """The observations of an indicator in one period, indexed by area code."""
    rows = of_indicator(project, indicator_id)
    return rows[rows["period"] == period].set_index("area", drop=False).rename_axis(None)


def series(project: Project, indicator_id: str, area: str) -> pd.DataFrame:
    """The annual observations of an indicator in one area, oldest first."""
    rows = of_indicator(project, indicator_id)
    return rows[(rows["area"] == area) & (rows["period"].str.len() == 4)]


def latest(project: Project, indicator_id: str, area: str) -> pd.Series | None:
    """The newest annual observation (else the newest monthly one), or None."""
    rows = of_indicator(project, indicator_id)
    rows = rows[rows["area"] == area]
    if rows.empty:
        return None
    years = rows[rows["period"].str.len() == 4]
    return (years if len(years) else rows).iloc[-1]


def district_count(project: Project, indicator_id: str, period: str) -> int:
    """How many of the 16 districts have a figure of that indicator in that period."""
    areas = at(project, indicator_id, period)["area"].astype(str)
    return int((areas.str.fullmatch(r"\d{6}") & (areas != CITY)).sum())
