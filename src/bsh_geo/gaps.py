"""A metric in, the same metric measured from the targets out: value − target, per district.

The target is the district's own nearest one in time, else the city's; the legend diverges at 0.
"""

from __future__ import annotations

import math

import pandas as pd

from bsh_geo import targets
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY, Metric, Text
from bsh_geo.project import Project

PALETTE = ("#1f6f78", "#6fb0ae", "#d9ece7", "#ebc68c", "#d08c45", "#9a4a1a")
"""From far on the good side to far on the bad side; light at the target itself."""

RANGE = (-1e6, 1e6)


def against_target(metric: Metric) -> Metric:
    """The metric that shows value − target, with its own fixed breaks around 0."""
    palette = PALETTE if metric.better == "low" else PALETTE[::-1]
    return metric.model_copy(
        update={
            "id": f"{metric.id}_gap",
            "title": Text(
                zh=f"{metric.title.zh}距目标（数值减目标）",
                en=f"{metric.title.en}: gap to target (value − target)",
            ),
            "breaks": metric.gap_breaks,
            "palette": palette,
            "valid": RANGE,
        }
    )


def is_gap(metric: Metric) -> bool:
    """Whether a metric is one measured from the targets."""
    return bool(metric.gap_breaks) and metric.breaks == metric.gap_breaks


def nearest_targets(project: Project, indicator: str, codes: list[str]) -> pd.DataFrame:
    """The target each district is held against: ``target``, ``year``, ``own``, by adcode.

    The numeric target with the earliest year, the district's own before the city's; districts
    without either are left out.
    """
    found = {}
    for code in codes:
        rows = targets.of_indicator(project, indicator, Selection((code,)))
        rows = rows[rows["value"].notna() & rows["year"].notna()]
        if len(rows):
            first = rows.sort_values("year", kind="stable").iloc[0]
            found[code] = {
                "target": float(first["value"]),
                "year": str(first["year"]),
                "own": str(first["area"]) != CITY,
            }
    return pd.DataFrame.from_dict(found, orient="index", columns=["target", "year", "own"])


def measured_from_targets(project: Project, metric: Metric, rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` of districts with ``value`` as the gap to the target, and a note that names both."""
    held = nearest_targets(project, metric.indicator, list(rows.index))
    found = rows.copy()
    wanted = pd.to_numeric(held["target"].reindex(rows.index), errors="coerce").astype(float)
    found["value"] = (rows["value"] - wanted).round(6)
    found["printed"] = None
    for code in rows.index:
        if not math.isfinite(float(str(found.at[code, "value"]))):
            continue
        year, own = str(held.at[code, "year"]), bool(held.at[code, "own"])
        value, target = str(rows.at[code, "printed"]), f"{float(str(held.at[code, 'target'])):g}"
        found.at[code, "note_zh"] = f"现状 {value}，{'' if own else '市级'}{year}年目标 {target}"
        whose = "own" if own else "the city's"
        found.at[code, "note_en"] = f"now {value}; {whose} target for {year}: {target}"
    return found
