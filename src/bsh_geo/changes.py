"""A metric in, the same metric as its change from the same period of the year before out."""

from __future__ import annotations

import pandas as pd

from bsh_geo import periods
from bsh_geo.catalogue import Metric, Text
from bsh_geo.classes import number
from bsh_geo.gaps import PALETTE, RANGE

SUFFIX = "_change"


def since_last_year(metric: Metric) -> Metric:
    """The metric that shows this period minus the same one a year before, diverging at 0."""
    return metric.model_copy(
        update={
            "id": f"{metric.id}{SUFFIX}",
            "title": Text(
                zh=f"{metric.title.zh}与上年同期之差",
                en=f"{metric.title.en}: change from a year before",
            ),
            "breaks": metric.change_breaks,
            "palette": PALETTE if metric.better == "low" else PALETTE[::-1],
            "valid": RANGE,
        }
    )


def is_change(metric: Metric) -> bool:
    """Whether a metric is one that ``since_last_year`` made."""
    return metric.id.endswith(SUFFIX) and metric.breaks == metric.change_breaks


def year_before(period: str) -> str | None:
    """The same period a year earlier; None for 29 February."""
    found = periods.parse(period).year_before()
    return found.key if found else None


def changed(metric: Metric, now: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """``now`` with ``value`` as the change since ``before``, and a note that names both figures.

    Missing where either is; both frames have a row per place with ``value`` and notes.
    """
    rows = now.copy()
    if before is None:
        before = pd.DataFrame(index=now.index, columns=["value", "printed"])
    before = before.reindex(now.index)
    old = pd.to_numeric(before["value"], errors="coerce").astype(float)
    rows["value"] = (now["value"] - old).round(6)
    rows["note_zh"], rows["note_en"] = None, None
    for place in now.index[now["value"].notna() | old.notna()]:
        new_text, old_text = (_shown(one.loc[place], metric) for one in (now, before))
        rows.at[place, "note_zh"] = f"本期 {new_text}，上年同期 {old_text}"
        rows.at[place, "note_en"] = f"now {new_text}, a year before {old_text}"
    rows["printed"] = None
    rows.loc[rows["value"].isna(), ["source", "quality", "basis"]] = None
    return rows


def _shown(row: pd.Series, metric: Metric) -> str:
    """A figure as it was published, else with the metric's decimals; a dash for a missing one."""
    if pd.isna(row["value"]):
        return "—"
    printed = row.get("printed")
    return str(printed) if isinstance(printed, str) else number(float(row["value"]), metric.decimals)
