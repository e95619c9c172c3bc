"""What became what in, the tables that a reader gets of it out: transitions, gains and losses."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from bsh_geo import land_change, land_classes
from bsh_geo.catalogue import Text
from bsh_geo.land_change import Changed
from bsh_geo.land_classes import Named
from bsh_geo.land_report import Report, method_text, word
from bsh_geo.project import Project


@dataclass(frozen=True, eq=False)
class ChangeReport:
    """Transitions with names; ``gains`` as ``land_change.gains``."""

    changed: Changed
    transitions: pd.DataFrame
    gains: pd.DataFrame
    classes: dict[int, Named]
    remarks: tuple[Text, ...]

    def title(self, code: object, lang: str) -> str:
        """The name of a code; of None, that there is no data."""
        if code is None or pd.isna(code):  # type: ignore[call-overload]
            return word("nodata", lang)
        return self.classes[int(code)].title.get(lang)  # type: ignore[call-overload]


def change_report(project: Project, found: Report, changed: Changed) -> ChangeReport:
    """Name what changed by the class table of ``found``."""
    blank = found.table.blank if found.table is not None else ()
    rows = land_change.without_blank(changed, blank)
    codes = {int(one) for name in ("before", "after") for one in rows[name].dropna()}
    named = land_classes.named(project, found.table, codes)
    remarks = []
    if not changed.same_grid:
        remarks.append(
            Text(
                zh=f"两个栅格的格网不同：{changed.after} 取 {changed.before} "
                "各单元中心处的值比较。",
                en=f"The grids differ: {changed.after} was read at the middle of each cell of "
                f"{changed.before}.",
            )
        )
    return ChangeReport(
        changed, rows, land_change.gains(rows), {one.code: one for one in named}, tuple(remarks)
    )


def transition_rows(
    found: Report, change: ChangeReport, lang: str, changed_only: bool = False
) -> pd.DataFrame:
    """A row per zone and pair of classes: the largest changes of each zone first, then what stayed.

    ``changed_only`` leaves out what stayed, and what has no data in either raster.
    """
    rows = change.transitions
    if changed_only:
        both = rows["before"].notna() & rows["after"].notna()
        rows = rows[both & (rows["before"] != rows["after"])]
    same = rows["before"].eq(rows["after"])
    made = pd.DataFrame(
        {
            word("id", lang): rows["zone"],
            word("zone", lang): [found.name(one, lang) for one in rows["zone"]],
            word("before", lang): [change.title(one, lang) for one in rows["before"]],
            word("after", lang): [change.title(one, lang) for one in rows["after"]],
            word("km2", lang): rows["km2"],
        }
    )
    order = pd.Series({zone: at for at, zone in enumerate(found.zones.frame.index)})
    keys = pd.DataFrame({"zone": rows["zone"].map(order), "same": same, "km2": -rows["km2"]})
    return made.loc[keys.sort_values(["zone", "same", "km2"]).index].reset_index(drop=True)


def gain_rows(found: Report, change: ChangeReport, lang: str) -> pd.DataFrame:
    """A row per zone and class: area before and after, loss, gain and net change."""
    rows = change.gains
    made = pd.DataFrame(
        {
            word("id", lang): rows["zone"],
            word("zone", lang): [found.name(one, lang) for one in rows["zone"]],
            word("class", lang): [change.title(one, lang) for one in rows["code"]],
        }
    )
    for name in ("before_km2", "after_km2", "loss_km2", "gain_km2", "net_km2"):
        made[word(name, lang)] = rows[name]
    return made


def gain_shapes(found: Report, change: ChangeReport) -> gpd.GeoDataFrame:
    """A row per zone with its polygon: loss, gain and net change of each class, machine names."""
    frame = found.zones.frame[["name_zh", "name_en"]].copy()
    frame.insert(0, "id", frame.index)
    for name in ("loss", "gain", "net"):
        pivot = change.gains.pivot_table(index="zone", columns="code", values=f"{name}_km2")
        for code in pivot.columns.tolist():
            frame[f"class_{code:g}_{name}_km2"] = pivot[code].reindex(frame.index).fillna(0.0)
    frame["before"], frame["after"] = change.changed.before, change.changed.after
    frame["method"] = method_text(found.measured, "en")
    geometry = found.zones.frame.geometry.to_numpy()
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=found.zones.frame.crs)
