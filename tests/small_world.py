"""Three documents, ten indicators and their figures, small enough to judge by hand."""

from __future__ import annotations

from conftest import OwnProject

from bsh_geo.project import Project

DOCUMENTS = (
    # id, short zh, short en, date
    ("a", "市实施意见", "City Opinions", "2024"),
    ("b", "市“十五五”规划", "City Plan 2026–2030", "2026-02-01"),
    ("c", "区行动方案", "District Plan", ""),
)

INDICATORS = (
    # id, zh, en, unit, decimals, direction, more
    ("pm25", "细颗粒物（PM2.5）浓度", "Fine particles (PM2.5)", "μg/m³", 1, "lower",
     'phrase = { zh = "细颗粒物年均浓度", en = "the annual mean of fine particles" }'),
    ("no2", "二氧化氮（NO2）浓度", "NO2, annual mean", "μg/m³", 0, "lower", ""),
    ("good_rate", "空气质量优良率", "Share of days with good air", "%", 1, "higher", ""),
    ("water", "水质优良比例", "Share of good water", "%", 1, "higher", ""),
    ("parks", "公园总数", "Parks", "座", 0, "higher", ""),
    ("redline", "生态保护红线面积", "Ecological red line", "km²", 2, "exactly", ""),
    ("forest_old", "森林覆盖率（原口径）", "Forest cover (old)", "%", 1, "higher", ""),
    ("forest", "森林覆盖率（新口径）", "Forest cover (new)", "%", 1, "higher",
     'not_comparable = ["forest_old"]'),
    ("greenway", "骨干绿道长度", "Trunk greenways", "km", 0, "higher", ""),
    ("bay", "美丽海湾建成", "Beautiful bay built", "", 0, "done", ""),
    ("wetland", "重要湿地修复", "Wetland restoration", "", 0, "done", ""),
)  # fmt: skip

TARGETS = (
    # document, area, indicator, operator, value, year
    ("a", "310000", "pm25", "≈", 25, 2027),
    ("a", "310000", "pm25", "≈", 20, 2035),
    ("c", "310151", "pm25", "≈", 25, 2027),
    ("a", "310000", "good_rate", "≥", 90, 2030),
    ("b", "310000", "good_rate", ">", 92, 2030),
    ("a", "310000", "water", "=", 50, 2025),
    ("a", "310000", "parks", "=", 2000, 2035),
    ("a", "310000", "redline", "=", 2527.3, ""),
    ("c", "310151", "redline", "=", 1640.37, ""),
    ("a", "310000", "forest_old", "≈", 23, 2035),
    ("b", "310000", "forest", "=", 14.6, 2030),
    ("a", "310000", "greenway", "≥", 2000, ""),
    ("a", "310116", "bay", "done", "", 2027),
    ("c", "310116", "bay", "done", "", 2025),
    ("a", "310151", "bay", "done", "", 2035),
    ("b", "310151", "wetland", "任务", "", 2030),
    ("b", "310151", "wetland", "任务", "", 2030),
)

FIGURES = (
    # indicator, area, period, value as printed, quality
    ("pm25", "310000", "2019", "35", "official"),
    ("pm25", "310000", "2020", "32", "official"),
    ("pm25", "310000", "2023", "28.4", "official"),
    ("pm25", "310000", "2025", "26.3", "official"),
    ("pm25", "310151", "2024", "21.1", "official"),
    ("pm25", "310151", "2025", "19.5", "official"),
    ("pm25", "310151", "2025-02", "34", "official"),
    ("pm25", "310101", "2020", "30", "official"),
    ("pm25", "310101", "2025", "29.2", "derived"),
    ("pm25", "310116", "2025", "25.0", "official"),
    ("pm25", "310112", "2025", "26", "official"),
    ("pm25", "310115", "2024-08", "18", "published"),
    ("no2", "310151", "2025", "15", "official"),
    ("good_rate", "310000", "2020", "86.5", "official"),
    ("good_rate", "310000", "2025", "89.4", "official"),
    ("good_rate", "310101", "2025", "90", "official"),
    ("water", "310000", "2020", "40", "official"),
    ("water", "310000", "2025", "49", "official"),
    ("parks", "310000", "2020", "532", "official"),
    ("parks", "310000", "2025", "1100", "official"),
    ("parks", "310101", "2025", "50", "official"),
    ("redline", "310000", "2023", "2527.30", "official"),
    ("redline", "310151", "2023", "1640.37", "official"),
    ("forest_old", "310000", "2020", "18.5", "official"),
    ("forest_old", "310000", "2025", "19.5", "official"),
    ("forest_old", "310151", "2022", "25.36", "published"),
    ("greenway", "310000", "2025", "1040", "official"),
    ("bay", "310151", "2025", "1", "official"),
)


def small_world(own: OwnProject) -> Project:
    """The folder with these documents, indicators, targets and figures in place of the shipped."""
    own.write("data/targets/documents.toml", "\n".join(_document(*one) for one in DOCUMENTS))
    own.write("data/targets/indicators.toml", "\n".join(_indicator(*one) for one in INDICATORS))
    units = {one[0]: one[3] for one in INDICATORS}
    targets = [
        {
            "id": f"t{number}",
            "document": document,
            "clause": "一",
            "quote": "原文",
            "area": area,
            "indicator": indicator,
            "operator": operator,
            "value": value,
            "unit": units[indicator],
            "year": year,
        }
        for number, (document, area, indicator, operator, value, year) in enumerate(TARGETS, 1)
    ]
    own.write_rows("data/targets/targets.csv", targets, like="data/targets/targets.csv")
    figures = [
        {
            "indicator": indicator,
            "area": area,
            "period": period,
            "value": value,
            "unit": units[indicator] or "座",
            "source": "doc-000",
            "quality": quality,
            "basis": "stated",
        }
        for indicator, area, period, value, quality in FIGURES
    ]
    name = "data/indicators/observations.csv"
    own.write_rows(name, figures, like=name)
    return own.open()


def _both(zh: str, en: str) -> str:
    return f'{{ zh = "{zh}", en = "{en}" }}'


def _document(code: str, zh: str, en: str, date: str) -> str:
    same = _both(zh, en)
    return f"""[[document]]
id = "{code}"
title = {same}
short = {same}
issuer = {same}
date = "{date}"
status = {_both("已印发", "Issued")}
status_code = "issued"
scope = "310000"
completeness = {_both("全文。", "Full text.")}
file = "{code}.txt"
"""


def _indicator(
    code: str, zh: str, en: str, unit: str, decimals: int, direction: str, more: str
) -> str:
    return f"""[[indicator]]
id = "{code}"
zh = "{zh}"
en = "{en}"
theme = "环境"
unit = "{unit}"
decimals = {decimals}
direction = "{direction}"
valid = [0, 100000]
definition = {_both("口径", "definition")}
{more}
"""
