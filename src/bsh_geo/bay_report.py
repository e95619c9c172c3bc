"""The bay segments in, tables with a reader's titles out: segments, rivers, stations, targets."""

from __future__ import annotations

import pandas as pd

from bsh_geo import areas, bay_texts, bays, catalogue, observations, water_figures
from bsh_geo.catalogue import CITY, Text
from bsh_geo.networks import network_of
from bsh_geo.project import Project
from bsh_geo.tables import source_text
from bsh_geo.wording import quality_title

_TITLES = {
    "name": Text(zh="湾段", en="Segment"),
    "type": Text(zh="类型", en="Type"),
    "district": Text(zh="区", en="District"),
    "places": Text(zh="沿岸街镇与地点", en="Towns and places"),
    "shore_km": Text(zh="量得岸线 (km)", en="Shore, measured (km)"),
    "islet_km": Text(zh="小岛与沙洲岸线 (km)", en="Islets and shoals (km)"),
    "published_km": Text(zh="公布岸线 (km)", en="Shore, published (km)"),
    "published_of": Text(zh="公布的是", en="Published for"),
    "difference_km": Text(zh="量得减公布 (km)", en="Measured less published (km)"),
    "rivers": Text(zh="入海河流", en="Rivers"),
    "controlled": Text(zh="总氮控制河流", en="Rivers under nitrogen control"),
    "is_controlled": Text(zh="总氮控制", en="Nitrogen control"),
    "stations": Text(zh="断面数", en="Sections"),
    "water": Text(zh="水质", en="Water quality"),
    "years": Text(zh="建成目标年", en="To be built by"),
    "conflict": Text(zh="各文件是否一致", en="Documents agree"),
    "state": Text(zh="状态", en="State"),
    "note": Text(zh="说明", en="Note"),
    "source": Text(zh="来源", en="Source"),
    "shore_quality": Text(zh="岸线质量", en="Quality of the shore"),
    "river": Text(zh="河流", en="River"),
    "network": Text(zh="监测网络", en="Network"),
    "station": Text(zh="站点编号", en="Station"),
    "station_name": Text(zh="名称", en="Name"),
    "period": Text(zh="时期", en="Period"),
    "class": Text(zh="水质类别", en="Class"),
    "items": Text(zh="定类项目", en="Deciding items"),
    "tn": Text(zh="总氮平均 (mg/L)", en="Total nitrogen, mean (mg/L)"),
    "days": Text(zh="有数据天数", en="Days with data"),
    "reason": Text(zh="无类别的原因", en="Why no class"),
    "document": Text(zh="文件", en="Document"),
    "clause": Text(zh="章节", en="Clause (Chinese)"),
    "quote": Text(zh="原文", en="Quote (Chinese)"),
    "year": Text(zh="年份", en="Year"),
    "figure": Text(zh="指标", en="Figure"),
    "value": Text(zh="数值", en="Value"),
    "unit": Text(zh="单位", en="Unit"),
    "quality": Text(zh="质量", en="Quality"),
    "about": Text(zh="说明", en="About"),
}
_SHEETS = {
    "segments": ("湾段", "Segments"),
    "rivers": ("入海河流", "Rivers"),
    "waters": ("水质读数", "Water quality"),
    "targets": ("目标", "Targets"),
    "city": ("全市海域", "Sea of the city"),
    "about": ("说明", "About"),
}
CITY_FIGURES = ("sea_good_share", "sea_worse_than_iv_share")
"""Area shares of the city's sea, as the city reports them; never computed from points."""


def _titled(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    return rows.rename(columns={name: _TITLES[str(name)].get(lang) for name in rows})


def sheets(project: Project, period: str | None, lang: str) -> list[tuple[str, pd.DataFrame]]:
    """Every table of the bays; ``period`` as ``bays.waters`` takes it."""
    found = bays.waters(project, period)
    made = {
        "segments": segments(project, found, lang),
        "rivers": _rivers(project, lang),
        "waters": _waters(project, found, lang),
        "targets": _targets(project, lang),
        "city": _city(project, lang),
        "about": pd.DataFrame({_TITLES["about"].get(lang): statements(project, lang)}),
    }
    return [(_SHEETS[name][lang == "en"], rows) for name, rows in made.items()]


def segments(project: Project, found: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A row per segment; ``found`` are the stations of ``bays.waters``."""
    rows = bays.account(project).segments
    joint = ", " if lang == "en" else "、"
    made = pd.DataFrame(
        {
            "name": rows[f"name_{lang}"],
            "type": [bay_texts.TYPES[str(one)].get(lang) for one in rows["type"]],
            "district": [areas.area_name(project, str(one), lang) for one in rows["adcode"]],
            "places": rows[f"places_{lang}"],
            "shore_km": rows["shore_km"].round(1),
            "islet_km": rows["islet_km"].round(1),
            "shore_quality": quality_title("derived", lang),
            "published_km": rows["published_km"],
            "published_of": [one.get(lang) if one else "" for one in rows["published_of"]],
            "difference_km": rows["difference_km"].round(1),
            "rivers": rows[f"rivers_{lang}"].fillna(""),
            "controlled": [
                joint.join(bay_texts.river_names(project, str(one), lang)) for one in rows.index
            ],
            "water": [bay_texts.water_text(found[found["bay"] == one], lang) for one in rows.index],
            "years": [bay_texts.years_text(project, str(one), lang) for one in rows.index],
            "conflict": [bay_texts.agreement(bool(one), lang) for one in rows["conflict"]],
            "state": [bay_texts.state_text(str(one), lang) for one in rows["state"]],
            "note": rows[f"note_{lang}"].fillna(""),
            "source": [
                source_text(project, ";".join(bays.sources_of(project, str(one))), lang)
                for one in rows.index
            ],
        }
    )
    return _titled(made, lang).reset_index(drop=True)


def _rivers(project: Project, lang: str) -> pd.DataFrame:
    found = bays.account(project)
    rows = found.rivers
    documents = catalogue.load_documents(project)
    by = documents[bays.shorelines(project).nitrogen.document].short.get(lang)
    words = ("", by)
    made = pd.DataFrame(
        {
            "name": [found.segments.at[one, f"name_{lang}"] for one in rows["bay"]],
            "river": rows["river"],
            "is_controlled": [words[int(one)] for one in rows["controlled"]],
            "stations": [len(one) for one in rows["stations"]],
            "station": ["、".join(one) for one in rows["stations"]],
        }
    )
    return _titled(made, lang)


def _waters(project: Project, rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    found = bays.account(project)
    networks = {name: network_of(project, name) for name in bays.NETWORKS}
    yes = "yes" if lang == "en" else "是"
    made = pd.DataFrame(
        {
            "name": [found.segments.at[one, f"name_{lang}"] for one in rows["bay"]],
            "network": [networks[str(one)].title.get(lang) for one in rows["network"]],
            "station": rows["station"],
            "station_name": rows[f"name_{lang}"],
            "river": rows["river_zh"].fillna(""),
            "is_controlled": [yes if one else "" for one in rows["controlled"]],
            "period": rows["period"],
            "class": rows[f"class_{lang}"],
            "items": [
                water_figures.item_texts(networks[str(name)], str(items), lang)
                for name, items in zip(rows["network"], rows["items"], strict=True)
            ],
            "tn": rows["tn"].astype(float).round(2),
            "days": rows["days"],
            "reason": [water_figures.reason_text(str(one), lang) for one in rows["reason"]],
        }
    )
    return _titled(made, lang)


def _targets(project: Project, lang: str) -> pd.DataFrame:
    found = bays.account(project)
    documents = catalogue.load_documents(project)
    rows = found.targets
    made = pd.DataFrame(
        {
            "name": [found.segments.at[one, f"name_{lang}"] for one in rows["bay"]],
            "document": [documents[str(one)].short.get(lang) for one in rows["document"]],
            "year": rows["year"],
            "clause": rows["clause"],
            "quote": rows["quote"],
            "note": rows[f"note_{lang}"].fillna(""),
        }
    )
    return _titled(made, lang)


def _city(project: Project, lang: str) -> pd.DataFrame:
    rows = []
    for indicator_id in CITY_FIGURES:
        indicator = observations.indicator_of(project, indicator_id)
        for _, row in observations.series(project, indicator_id, CITY).iterrows():
            rows.append(
                {
                    "figure": indicator.en if lang == "en" else indicator.zh,
                    "period": row["period"],
                    "value": row["value"],
                    "unit": row["unit"],
                    "quality": quality_title(row["quality"], lang),
                    "source": source_text(project, row["source"], lang),
                    "note": row[f"note_{lang}"] or "",
                }
            )
    columns = ["figure", "period", "value", "unit", "quality", "source", "note"]
    return _titled(pd.DataFrame(rows, columns=columns), lang)


def statements(project: Project, lang: str) -> list[str]:
    """What every reader of the tables is told."""
    told = [bays.METHOD.get(lang)]
    missing = [
        network_of(project, name).title.get(lang)
        for name in bays.NETWORKS
        if not water_figures.has_readings(project, name)
    ]
    if missing:
        told.append(
            f"No readings are imported: {', '.join(missing)}."
            if lang == "en"
            else f"没有导入读数：{'、'.join(missing)}。"
        )
    told.append(
        "Sea points belong to a segment by its schematic strip, else by district; shares of the "
        "city's sea area are the city's own and are not computed from points."
        if lang == "en"
        else "海水点位按示意条带归入湾段，条带之外按所在区；"
        "全市海域面积比例为公布值，不由点位推算。"
    )
    return told
