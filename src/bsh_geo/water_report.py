"""Readings, classes and periods of water in, tables with a reader's titles out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bsh_geo import areas, water, water_figures
from bsh_geo.catalogue import Text
from bsh_geo.networks import Network
from bsh_geo.project import Project
from bsh_geo.water_figures import WaterStatus, item_texts
from bsh_geo.water_standards import WaterStandard
from bsh_geo.wording import quality_title

TITLES = {
    "time": Text(zh="时间", en="Time"),
    "station": Text(zh="站点编号", en="Station"),
    "name": Text(zh="名称", en="Name"),
    "area": Text(zh="区", en="District"),
    "kind": Text(zh="水体类型", en="Kind of water"),
    "period": Text(zh="时期", en="Period"),
    "class": Text(zh="水质类别", en="Class"),
    "items": Text(zh="定类项目", en="Deciding items"),
    "missing": Text(zh="缺测项目", en="Missing items"),
    "complete": Text(zh="项目齐全", en="Complete"),
    "good": Text(zh="优良", en="Good"),
    "target": Text(zh="目标类别", en="Target class"),
    "meets": Text(zh="达到目标", en="Meets target"),
    "days": Text(zh="有数据天数", en="Days with data"),
    "months": Text(zh="有数据月数", en="Months with data"),
    "reason": Text(zh="无类别的原因", en="Why no class"),
    "standard": Text(zh="标准", en="Standard"),
    "stations": Text(zh="有读数的断面（点位）", en="Stations with readings"),
    "graded": Text(zh="已评价", en="Graded"),
    "good_count": Text(zh="优良数", en="Good"),
    "good_rate": Text(zh="优良率 (%)", en="Share of good (%)"),
    "incomplete": Text(zh="项目不齐", en="Items missing"),
    "quality": Text(zh="质量", en="Quality"),
    "source": Text(zh="来源", en="Source"),
}

CLASSES = "ⅠⅡⅢⅣⅤ"
"""Target classes as the table of stations writes them."""


def _title(name: str, lang: str) -> str:
    return TITLES[name].get(lang)


def _item_title(network: Network, name: str, lang: str) -> str:
    item = network.items[name]
    unit = "" if item.unit == "无量纲" else f" ({item.unit})"
    return f"{item.title.get(lang)}{unit}"


def _yes(flags: pd.Series, lang: str) -> list[str]:
    words = {"zh": ("否", "是"), "en": ("no", "yes")}[lang]
    return ["" if pd.isna(one) else words[int(one)] for one in flags]


def _texts(network: Network, ids: pd.Series, lang: str) -> list[str]:
    known = {text: item_texts(network, text, lang) for text in map(str, ids.unique())}
    return [known[str(one)] for one in ids]


def class_texts(standard: WaterStandard, numbers: pd.Series, lang: str) -> list[str]:
    """Names of classes by number; blank where there is none."""
    return ["" if pd.isna(one) else standard.class_title(int(one), lang) for one in numbers]


def graded(
    readings: pd.DataFrame,
    network: Network,
    standard: WaterStandard,
    listed: pd.DataFrame,
    kind: str | None = None,
    lang: str = "zh",
) -> pd.DataFrame:
    """The class of every reading, by station and time.

    Parameters
    ----------
    readings : DataFrame
        ``station``, ``time`` and columns of items, as the store or an import gives them.
    listed : DataFrame
        From ``water_figures.stations``: names and kinds of water by station; ``kind`` (else the
        standard's first) is that of all others.

    Returns
    -------
    DataFrame
        A row per reading with a reader's titles: time, station, name, kind, class, deciding
        items, missing items, completeness, good, the items that have any value, standard.
    """
    rows = readings.sort_values(["station", "time"], kind="stable", ignore_index=True)
    other = kind or next(iter(standard.kinds))
    kinds, names = listed["kind"].to_dict(), listed[f"name_{lang}"].to_dict()
    of_row = rows["station"].map(lambda code: kinds.get(str(code), other)).astype(object)
    found = water.grades(rows, standard, of_row)
    made = pd.DataFrame(
        {
            "time": rows["time"].dt.strftime("%Y-%m-%d %H:%M"),
            "station": rows["station"].astype(str),
            "name": [names.get(str(code), "") for code in rows["station"]],
            "kind": [standard.kinds[str(one)].title.get(lang) for one in of_row],
            "class": class_texts(standard, found["class"], lang),
            "items": _texts(network, found["items"], lang),
            "missing": _texts(network, found["missing"], lang),
            "complete": _yes(found["complete"], lang),
            "good": _yes(found["good"], lang),
        }
    ).rename(columns={name: _title(name, lang) for name in TITLES})
    for name in _known_items(rows, network):
        made[_item_title(network, name, lang)] = rows[name]
    made[_title("standard", lang)] = standard.id.upper().replace("-", " ", 1)
    return made


def stations(project: Project, found: WaterStatus, lang: str, every: bool = False) -> pd.DataFrame:
    """The class of each station in a period: those with readings, or every one that is listed."""
    rows = found.stations if every else found.stations[found.stations["reason"] != "period"]
    network, standard = found.network, found.standard
    made = pd.DataFrame(
        {
            "station": rows.index.astype(str),
            "name": rows[f"name_{lang}"].to_numpy(),
            "area": [_area(project, code, lang) for code in rows["adcode"]],
            "kind": [standard.kinds[str(one)].title.get(lang) for one in rows["kind"]],
            "period": found.period.key,
            "class": class_texts(standard, rows["class"], lang),
            "items": _texts(network, rows["items"], lang),
            "good": _yes(rows["good"], lang),
        }
    )
    if "target_class" in rows:
        made["target"] = rows["target_class"].fillna("").to_numpy()
        made["meets"] = _yes(meets_target(rows), lang)
    made["months"] = rows["months"].fillna(0).astype(int).to_numpy()
    made["days"] = rows["days"].fillna(0).astype(int).to_numpy()
    made["missing"] = _texts(network, rows["missing"], lang)
    made["reason"] = [water_figures.reason_text(str(one), lang) for one in rows["reason"]]
    for name in _known_items(rows, network):
        made[_item_title(network, name, lang)] = rows[name].round(_places(network, name)).to_numpy()
    made["standard"] = standard.id.upper().replace("-", " ", 1)
    made["quality"] = quality_title(found.quality, lang)
    made["source"] = ("; " if lang == "en" else "；").join(found.sources)
    return made.rename(columns={name: _title(name, lang) for name in TITLES})


def meets_target(rows: pd.DataFrame) -> pd.Series:
    """Whether the class is the target class or better; missing where either is."""
    target = rows["target_class"].map(
        lambda cell: CLASSES.index(cell) + 1 if isinstance(cell, str) else pd.NA
    )
    return (rows["class"] <= target.astype("Int8")).astype("boolean")


def _area(project: Project, code: object, lang: str) -> str:
    return areas.area_name(project, code, lang) if isinstance(code, str) and code else ""


def _known_items(rows: pd.DataFrame, network: Network) -> list[str]:
    return [name for name in network.items if name in rows and rows[name].notna().any()]


def _places(network: Network, name: str) -> int:
    """One decimal more than a reading has: a mean is finer than what it is made of."""
    return network.items[name].decimals + 1


SHORT = ("station", "name", "area", "class", "items", "good", "months", "days", "reason")
"""Columns of ``stations`` for a terminal."""


def short(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The table of stations as a terminal can show it."""
    return rows[[_title(name, lang) for name in SHORT]]


def shares(found: WaterStatus, lang: str) -> pd.DataFrame:
    """One row: stations, how many are in each class, how many are good and their share."""
    row, standard = found.shares, found.standard
    cells: dict[str, object] = {
        _title("period", lang): found.period.key,
        _title("stations", lang): int(row["stations"]),
        _title("graded", lang): int(row["graded"]),
    }
    for number in range(1, standard.worst + 1):
        cells[standard.class_title(number, lang)] = int(row[f"class_{number}"])
    cells[_title("good_count", lang)] = int(row["good"])
    rate = float(row["good_rate"])
    cells[_title("good_rate", lang)] = np.nan if np.isnan(rate) else round(rate, 1)
    cells[_title("incomplete", lang)] = int(row["incomplete"])
    cells[_title("standard", lang)] = standard.id.upper().replace("-", " ", 1)
    return pd.DataFrame([cells])
