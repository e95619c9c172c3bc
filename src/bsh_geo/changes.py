"""A metric in, the same metric as its change from another period out: by default a year before."""

from __future__ import annotations

import pandas as pd

from bsh_geo import periods
from bsh_geo.catalogue import Metric, Text
from bsh_geo.classes import number
from bsh_geo.gaps import PALETTE, RANGE

SUFFIX = "_change"


def since(metric: Metric, against: str | None = None) -> Metric:
    """The metric that shows a period minus ``against`` (else the year before), diverging at 0."""
    zh = f"与{periods.parse(against).text('zh')}之差" if against else "与上年同期之差"
    en = (
        f"change from {periods.parse(against).text('en')}"
        if against
        else "change from a year before"
    )
    return metric.model_copy(
        update={
            "id": f"{metric.id}{SUFFIX}",
            "title": Text(
                zh=f"{metric.title.zh}{zh}",
                en=f"{metric.title.en}: {en}",
            ),
            "breaks": metric.change_breaks,
            "palette": PALETTE if metric.better == "low" else PALETTE[::-1],
            "valid": RANGE,
        }
    )


def is_change(metric: Metric) -> bool:
    """Whether a metric is one that ``since`` made."""
    return metric.id.endswith(SUFFIX) and metric.breaks == metric.change_breaks


def year_before(period: str) -> str | None:
    """The same period a year earlier; None for 29 February."""
    found = periods.parse(period).year_before()
    return found.key if found else None


def changed(
    metric: Metric, now: pd.DataFrame, before: pd.DataFrame | None, against: str | None = None
) -> pd.DataFrame:
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
    names = ("上年同期", "a year before")
    if against:
        names = (periods.parse(against).text("zh"), periods.parse(against).text("en"))
    for place in now.index[now["value"].notna() | old.notna()]:
        new_text, old_text = (_shown(one.loc[place], metric) for one in (now, before))
        rows.at[place, "note_zh"] = f"本期 {new_text}，{names[0]} {old_text}"
        rows.at[place, "note_en"] = f"now {new_text}, {names[1]} {old_text}"
    rows["printed"] = None
    rows.loc[rows["value"].isna(), ["source", "quality", "basis"]] = None
    return rows


def _shown(row: pd.Series, metric: Metric) -> str:
    """A figure as it was published, else with the metric's decimals; a dash for a missing one."""
    if pd.isna(row["value"]):
        return "—"
    printed = row.get("printed")
    return (
        str(printed) if isinstance(printed, str) else number(float(row["value"]), metric.decimals)
    )
