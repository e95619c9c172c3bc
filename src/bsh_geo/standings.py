"""An indicator, areas and a period in, each area's figure beside its target and the others out.

Figures are the published ones of that period; where there is none it is said, and the newest is
named but does not take its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from bsh_geo import areas, assessment, changes, observations, tables, targets
from bsh_geo.assessment import STATES, Assessment
from bsh_geo.catalogue import CITY, Indicator
from bsh_geo.classes import number
from bsh_geo.project import Project
from bsh_geo.wording import period_text, quality_title


@dataclass(frozen=True)
class Standing:
    """An area's figure of one indicator in one period; texts in one language, blank for nothing.

    ``value``, ``gap`` (value − target) and ``change`` (since the same period of the year before)
    are in ``unit``; ``rank`` is 1 for the best of ``ranked`` districts.
    """

    indicator: str
    name: str
    area: str
    area_name: str
    period: str
    unit: str
    value: float | None = None
    printed: str = ""
    quality: str = ""
    source: str = ""
    target: str = ""
    target_year: str = ""
    gap: float | None = None
    state: str = ""
    change: float | None = None
    rank: int | None = None
    ranked: int = 0
    note: str = ""

    def amount(self, value: float | None) -> str:
        """A difference with the decimals of the figure, its sign before it; blank for none."""
        if value is None:
            return ""
        decimals = len(self.printed.partition(".")[2])
        digits = len(f"{round(value, 6):.10g}".partition(".")[2])
        sign = "+" if value > 0 else ""
        return sign + number(value, max(decimals, min(digits, 2)))


def standings(
    project: Project,
    indicator_id: str,
    codes: Iterable[str],
    period: str | None = None,
    lang: str = "zh",
) -> list[Standing]:
    """The standing of each area; ``period`` None is each area's newest year."""
    return [standing(project, indicator_id, code, period, lang) for code in codes]


def standing(
    project: Project, indicator_id: str, area: str, period: str | None = None, lang: str = "zh"
) -> Standing:
    """The figure of one area, held against its next target and against the districts."""
    indicator = observations.indicator_of(project, indicator_id)
    newest = observations.latest(project, indicator_id, area)
    when = period or (str(newest["period"]) if newest is not None else "")
    bare = Standing(
        indicator=indicator_id,
        name=indicator.en if lang == "en" else indicator.zh,
        area=area,
        area_name=areas.area_name(project, area, lang),
        period=period_text(when, lang),
        unit=observations.unit_text(indicator.unit, lang),
    )
    rows = observations.at(project, indicator_id, when) if when else pd.DataFrame()
    if area not in rows.index:
        return _without_figure(bare, newest, when, lang)
    row = rows.loc[area]
    value = float(str(row["value"]))
    aim = _next_target(project, indicator_id, area, when)
    rank, ranked = _rank(rows, area, indicator)
    note = row[f"note_{lang}"]
    return Standing(
        **{
            **vars(bare),
            "value": value,
            "printed": str(row["printed"]),
            "quality": quality_title(row["quality"], lang),
            "source": tables.source_text(project, row["source"], lang),
            "target": "" if aim is None else _worded(aim, indicator, lang),
            "target_year": "" if aim is None or aim.year is None else str(aim.year),
            "gap": None if aim is None else aim.gap,
            "state": "" if aim is None else STATES[aim.state].get(lang),
            "change": _change(project, indicator_id, area, when, value),
            "rank": rank,
            "ranked": ranked,
            "note": "" if note is None or pd.isna(note) else str(note),
        }
    )


def _without_figure(bare: Standing, newest: pd.Series | None, when: str, lang: str) -> Standing:
    """Says that nothing is published for the period, and which figure is the newest."""
    if newest is None:
        note = "no figure is published" if lang == "en" else "没有公布数值"
    else:
        last = f"{period_text(str(newest['period']), lang)} {newest['printed']}"
        shown = period_text(when, lang)
        note = (
            f"no figure for {shown}; the newest is {last}"
            if lang == "en"
            else f"{shown}没有公布数值，最新为{last}"
        )
    return Standing(**{**vars(bare), "note": note})


def _next_target(project: Project, indicator_id: str, area: str, period: str) -> Assessment | None:
    """The numeric target that is due first from that year on, else the last one; of a year only."""
    if len(period) > 4:
        return None
    found = [
        one
        for one in assessment.assess(project, [area], indicator_id, as_of=int(period))
        if one.value is not None and one.current_year == int(period)
    ]
    found.sort(key=lambda one: (one.year is None, one.year or 0, not one.stricter))
    due = [one for one in found if one.year is None or one.year >= int(period)]
    return due[0] if due else (found[-1] if found else None)


def _worded(aim: Assessment, indicator: Indicator, lang: str) -> str:
    return targets.wording(aim.operator, aim.value, indicator, lang)


def _rank(rows: pd.DataFrame, area: str, indicator: Indicator) -> tuple[int | None, int]:
    """The district's place among those with a figure (equal figures share one), and their number.

    None for the city, groups, and indicators that are not better higher or lower.
    """
    codes = rows.index.astype(str)
    of_districts = rows[codes.str.fullmatch(r"\d{6}") & (codes != CITY)]["value"].astype(float)
    if area not in of_districts.index or indicator.direction not in ("lower", "higher"):
        return None, len(of_districts)
    own = of_districts[area]
    better = of_districts < own if indicator.direction == "lower" else of_districts > own
    return int(better.sum()) + 1, len(of_districts)


def _change(
    project: Project, indicator_id: str, area: str, period: str, value: float
) -> float | None:
    before = changes.year_before(period)
    rows = observations.at(project, indicator_id, before) if before else pd.DataFrame()
    return round(value - float(str(rows.at[area, "value"])), 6) if area in rows.index else None


COLUMNS = {
    "zh": (
        *("区域", "指标", "数值", "单位", "时期", "质量", "目标", "目标年", "差距", "状态"),
        *("较上年同期", "排名", "来源", "说明"),
    ),
    "en": (
        *("Area", "Indicator", "Value", "Unit", "Period", "Quality", "Target", "By", "Gap"),
        *("State", "On last year", "Rank", "Source", "Note"),
    ),
}
"""Titles of the columns of ``frame``."""


def frame(found: Sequence[Standing], lang: str = "zh") -> pd.DataFrame:
    """Standings as a table of a reader, a row each; a missing figure is blank."""
    rows = [
        (
            *(one.area_name, one.name, one.value, one.unit, one.period, one.quality, one.target),
            *(one.target_year, one.gap, one.state, one.change, one.rank, one.source, one.note),
        )
        for one in found
    ]
    titles = list(COLUMNS[lang])
    made = pd.DataFrame(rows, columns=titles)
    real = [titles[at] for at in (2, 8, 10)]
    return made.astype(dict.fromkeys(real, "float64") | {titles[11]: "Int64"})
