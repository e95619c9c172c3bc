"""Measured land in, a reader's tables out: shares, amounts, changes, and how they were made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from bsh_geo import land_classes
from bsh_geo.catalogue import QUALITY_TITLES, RasterFile, Text
from bsh_geo.land import Areas, Measured
from bsh_geo.land_amounts import BINS
from bsh_geo.land_classes import ClassTable, Named
from bsh_geo.land_zones import Zones
from bsh_geo.project import Project

NO_TABLE = "none"
"""Asked for in place of a class table: codes stay numbers."""

TOTAL = "total"
"""The id of the row of all zones together."""

NODATA_COLOUR, BEYOND_COLOUR = "#d9d6cd", "#f3f1ea"

_WORDS = {
    "zone": ("分区", "Zone"),
    "id": ("编号", "Id"),
    "own": ("图形面积 (km²)", "Polygon (km²)"),
    "counted": ("计入面积 (km²)", "Counted (km²)"),
    "nodata": ("无数据", "No data"),
    "beyond": ("栅格以外", "Beyond the raster"),
    "total": ("合计", "Total"),
    "code": ("编码", "Code"),
    "class": ("类别", "Class"),
    "group": ("组", "Group"),
    "km2": ("面积 (km²)", "Area (km²)"),
    "share": ("占比 (%)", "Share (%)"),
    "mean": ("面积加权均值", "Mean (by area)"),
    "sum": ("合计值", "Sum"),
    "min": ("最小值", "Minimum"),
    "max": ("最大值", "Maximum"),
    "p10": ("10 % 分位", "10th percentile"),
    "p50": ("中位数", "Median"),
    "p90": ("90 % 分位", "90th percentile"),
    "cells": ("格数", "Cells"),
    "unknown": ("未知编码", "Unknown codes"),
    "before": ("变化前", "Before"),
    "after": ("变化后", "After"),
    "before_km2": ("变化前 (km²)", "Before (km²)"),
    "after_km2": ("变化后 (km²)", "After (km²)"),
    "loss_km2": ("减少 (km²)", "Loss (km²)"),
    "gain_km2": ("增加 (km²)", "Gain (km²)"),
    "net_km2": ("净变化 (km²)", "Net (km²)"),
    "item": ("项目", "Item"),
    "text": ("说明", "Note"),
    "raster": ("栅格", "Raster"),
    "zones": ("分区", "Zones"),
    "table": ("类别表", "Class table"),
    "method": ("量算方法", "Method"),
    "quality": ("质量", "Quality"),
    "source": ("来源", "Source"),
    "remark": ("说明", "Remark"),
    "unstated": ("未注明（用户文件）", "not stated (a user’s file)"),
    "partly": ("含示意", "partly schematic"),
}


def word(key: str, lang: str) -> str:
    """A fixed word of the tables."""
    return _WORDS[key][lang == "en"]


def number(frame: pd.DataFrame, row: object, column: object) -> float:
    """A cell of a frame of numbers."""
    return float(frame.loc[row, column])  # type: ignore[index, arg-type]


@dataclass(frozen=True, eq=False)
class Report:
    """Measured land with names.

    Attributes
    ----------
    classes : tuple of Named
        The classes that occur, in drawing order; empty for amounts.
    table : ClassTable or None
        What named them.
    declared : RasterFile or None
        The declaration of a raster of the project; None for a user's file.
    remarks : tuple of Text
        What a reader must know: guessed or unknown codes, parts beyond the raster, sketches.
    """

    project: Project
    zones: Zones
    measured: Measured
    classes: tuple[Named, ...]
    table: ClassTable | None
    declared: RasterFile | None
    remarks: tuple[Text, ...]

    def name(self, zone: str, lang: str) -> str:
        """The name of a zone in ``lang``."""
        if zone == TOTAL:
            return word("total", lang)
        return str(self.zones.frame.at[zone, f"name_{lang}"])

    @property
    def whole(self) -> pd.Series:
        """What shares are shares of: counted area and what lies beyond the raster, km²."""
        whole: pd.Series = self.measured.areas.counted + self.measured.areas.beyond
        return whole


def report(
    project: Project,
    measured: Measured,
    zones: Zones,
    asked: str | None = None,
    declared: RasterFile | None = None,
) -> Report:
    """Name what was measured.

    Parameters
    ----------
    asked : str, optional
        The id of a class table, or ``NO_TABLE``; None takes the one table that has all codes.
    declared : RasterFile, optional
        The raster's declaration; its class table and quality are used.

    Raises
    ------
    UnknownNameError
        There is no class table of that id.
    """
    if measured.kind == "values":
        remarks = _remarks(measured, zones, (), declared)
        return Report(project, zones, measured, (), None, declared, tuple(remarks))
    wanted = asked or (declared.classes if declared else None)
    table, said = choose(project, measured.classes.columns, wanted)
    measured = _without_blank(measured, table)
    named = land_classes.named(project, table, (int(one) for one in measured.classes.columns))
    remarks = [*said, *_remarks(measured, zones, named, declared)]
    return Report(project, zones, measured, tuple(named), table, declared, tuple(remarks))


def choose(
    project: Project, codes: Iterable[Any], asked: str | None
) -> tuple[ClassTable | None, list[Text]]:
    """The class table for codes, and what is to be said about how it was found."""
    if asked == NO_TABLE:
        return None, []
    if asked:
        return land_classes.table_of(project, asked), []
    found = land_classes.fitting(project, (int(code) for code in codes))
    if len(found) == 1:
        title = found[0].title
        return found[0], [
            Text(
                zh=f"类别表由编码推断为“{title.zh}”；如不符，请另行指定。",
                en=f"The codes are those of {title.en} alone, whose names are used; name another "
                "class table if that is wrong.",
            )
        ]
    if found:
        return None, [
            Text(
                zh=f"编码同时符合 {'、'.join(one.title.zh for one in found)}，"
                "未命名；请指定类别表。",
                en=f"The codes fit {' and '.join(one.title.en for one in found)}, so they are left "
                "unnamed; name the class table.",
            )
        ]
    return None, [
        Text(
            zh="没有一个类别表含全部编码，未命名；可指定类别表，其中没有的编码列为未知。",
            en="No class table has all of the codes, so they are left unnamed; name one, and codes "
            "that it lacks are listed as unknown.",
        )
    ]


def _without_blank(measured: Measured, table: ClassTable | None) -> Measured:
    """Codes that the table calls no data moved there."""
    blank = [code for code in measured.classes if table is not None and code in table.blank]
    if not blank:
        return measured
    areas = measured.areas
    nodata = areas.nodata + measured.classes[blank].sum(axis=1)
    moved = Areas(areas.own, areas.counted, nodata, areas.beyond)
    return replace(measured, areas=moved, classes=measured.classes.drop(columns=blank))


def _remarks(
    measured: Measured, zones: Zones, named: Iterable[Named], declared: RasterFile | None
) -> list[Text]:
    found = []
    unknown = [str(one.code) for one in named if not one.known]
    known = any(one.known for one in named)
    if unknown and known:
        listed = "、".join(unknown)
        found.append(
            Text(
                zh=f"类别表中没有的编码：{listed}；面积照计，列为未知。",
                en=f"Codes that the class table lacks: {', '.join(unknown)}; their area counts and "
                "is listed as unknown.",
            )
        )
    beyond = measured.areas.beyond
    if (beyond > 0).any():
        count, area = int((beyond > 0).sum()), float(beyond.sum())
        found.append(
            Text(
                zh=f"{count} 个分区有一部分在栅格以外，共 {area:,.2f} km²，单列，不作推断。",
                en=f"{count} zones reach beyond the raster, by {area:,.2f} km² in all; that part "
                "is listed by itself and not filled in.",
            )
        )
    if measured.kind == "values":
        found.append(_value_remark())
    found += list(zones.remarks)
    if declared is not None:
        found.append(declared.limitations)
    return found


def _value_remark() -> Text:
    return Text(
        zh=f"均值与分位数按面积加权，合计值只按覆盖比例累加；分位数由 {BINS} 格直方图内插，"
        "跨度较小的整数栅格为精确值。",
        en="Mean and quantiles are weighted by area; the sum takes covered shares alone. Quantiles "
        f"come from {BINS} bins over each zone’s range, and are exact for whole numbers of a "
        "smaller span.",
    )


def quality_text(declared: RasterFile | None, zones: Zones, lang: str) -> str:
    """The quality of raster and zones as a reader is told it."""
    if declared is None:
        said = word("unstated", lang)
    else:
        said = QUALITY_TITLES[declared.quality].get(lang)
    sketchy = zones.schematic or (declared is not None and declared.schematic)
    if not sketchy:
        return said
    return (
        f"{said}（{word('partly', lang)}）" if lang == "zh" else f"{said} ({word('partly', lang)})"
    )


def method_text(measured: Measured, lang: str) -> str:
    """How areas were found, in one sentence."""
    how = measured.method[lang == "en"]
    if lang == "en":
        return f"Cells by the share that the zone covers; {how}; polygons in an equal-area system."
    return f"按单元与分区相交的比例累加；{how}；图形面积在等积投影下量算。"


# Tables ---------------------------------------------------------------------------------------


def shares(found: Report) -> pd.DataFrame:
    """Share (%) of each class, of no data and of what lies beyond, by zone; rows sum to 100."""
    parts = found.measured.classes.copy()
    parts["nodata"] = found.measured.areas.nodata
    parts["beyond"] = found.measured.areas.beyond
    return parts.div(found.whole, axis=0) * 100


def with_total(found: Report) -> Report:
    """The report with a row of all zones together, where no ground would be counted twice."""
    if found.zones.overlap or len(found.zones.frame) < 2 or found.measured.kind == "values":
        return found
    measured = found.measured
    areas = Areas(*(_summed(one) for one in vars(measured.areas).values()))
    classes = measured.classes.copy()
    classes.loc[TOTAL] = measured.classes.sum()
    return replace(found, measured=replace(measured, areas=areas, classes=classes))


def _summed(series: pd.Series) -> pd.Series:
    total = pd.Series({TOTAL: series.sum()})
    joined: pd.Series = pd.concat([series, total])
    return joined


def wide(found: Report, lang: str) -> pd.DataFrame:
    """A row per zone: areas, then km² and % of each class, or the figures of amounts."""
    found = with_total(found)
    areas = found.measured.areas
    ids = list(areas.own.index)
    rows: dict[str, Any] = {word("id", lang): ids}
    rows[word("zone", lang)] = [found.name(one, lang) for one in ids]
    rows[word("own", lang)] = areas.own
    rows[word("counted", lang)] = areas.counted
    if found.measured.kind == "values":
        for name in found.measured.values:
            rows[word(str(name), lang)] = found.measured.values[name]
    else:
        _class_columns(found, rows, lang)
    for name in ("nodata", "beyond"):
        rows[f"{word(name, lang)} (km²)"] = getattr(areas, name)
        rows[f"{word(name, lang)} (%)"] = getattr(areas, name) / found.whole * 100
    return pd.DataFrame(rows, index=ids).reset_index(drop=True)


def _class_columns(found: Report, rows: dict[str, Any], lang: str) -> None:
    percent = shares(found)
    for one, title in zip(found.classes, titles(found.classes, lang), strict=True):
        rows[f"{title} (km²)"] = found.measured.classes[one.code]
        rows[f"{title} (%)"] = percent[one.code]


def titles(classes: Iterable[Named], lang: str) -> list[str]:
    """Names of classes; where two have one name, with their codes."""
    listed = list(classes)
    names = [one.title.get(lang) for one in listed]
    return [
        f"{name} {one.code}" if names.count(name) > 1 else name
        for one, name in zip(listed, names, strict=True)
    ]


def long(found: Report, lang: str) -> pd.DataFrame:
    """A row per zone and class: code, name, group, km² and share."""
    found = with_total(found)
    percent = shares(found)
    groups = land_classes.groups(found.project)
    unknown = word("unknown", lang)
    rows = [
        {
            word("id", lang): zone,
            word("zone", lang): found.name(zone, lang),
            word("code", lang): one.code,
            word("class", lang): one.title.get(lang),
            word("group", lang): groups[one.group].title.get(lang) if one.known else unknown,
            word("km2", lang): found.measured.classes.at[zone, one.code],
            word("share", lang): percent.at[zone, one.code],
        }
        for zone in percent.index
        for one in found.classes
    ]
    return pd.DataFrame(rows)


def by_group(found: Report) -> pd.DataFrame:
    """km² by zone and group, in the order of the groups; unknown codes last."""
    order = [*land_classes.groups(found.project), land_classes.UNKNOWN]
    group_of = {one.code: one.group for one in found.classes}
    summed = found.measured.classes.T.groupby(pd.Series(group_of)).sum().T
    return summed[[one for one in order if one in summed]]


def about(found: Report, lang: str) -> pd.DataFrame:
    """What the tables are: raster, zones, class table, method, quality, remarks."""
    rows = [("raster", found.measured.raster), ("zones", found.zones.title.get(lang))]
    if found.declared is not None:
        rows[0] = ("raster", f"{found.declared.title.get(lang)} ({found.measured.raster})")
    if found.table is not None:
        rows.append(("table", f"{found.table.title.get(lang)}, {found.table.version}"))
        rows.append(("source", found.table.source.get(lang)))
    rows.append(("method", method_text(found.measured, lang)))
    rows.append(("quality", quality_text(found.declared, found.zones, lang)))
    rows += [("remark", one.get(lang)) for one in found.remarks]
    cells = [(word(key, lang), text) for key, text in rows]
    return pd.DataFrame(cells, columns=[word("item", lang), word("text", lang)])


def shapes(found: Report) -> gpd.GeoDataFrame:
    """A row per zone with its polygon (WGS 84) and machine names of columns."""
    frame = found.zones.frame[["name_zh", "name_en"]].copy()
    frame.insert(0, "id", frame.index)
    for name, values in vars(found.measured.areas).items():
        frame[f"{name}_km2"] = values
    percent = shares(found) if found.measured.kind == "classes" else None
    for one in found.classes:
        frame[f"class_{one.code}_km2"] = found.measured.classes[one.code]
        if percent is not None:
            frame[f"class_{one.code}_pct"] = percent[one.code]
    for column in found.measured.values:
        frame[str(column)] = found.measured.values[column]
    frame["raster"] = found.measured.raster
    frame["method"] = method_text(found.measured, "en")
    frame["quality"] = quality_text(found.declared, found.zones, "en")
    geometry = found.zones.frame.geometry.to_numpy()
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=found.zones.frame.crs)
