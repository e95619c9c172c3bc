"""The fixed words of a filled briefing, in both languages."""

from __future__ import annotations

WORDS = {
    "area": ("区域", "Area"),
    "indicator": ("指标", "Indicator"),
    "value": ("现状", "Current"),
    "target": ("目标", "Target"),
    "year": ("目标年", "By"),
    "gap": ("差距", "Gap"),
    "state": ("状态", "State"),
    "document": ("文件", "Document"),
    "targets": ("{area}目标与进程", "Targets of {area} and where it stands"),
    "comparison": ("各区域对比", "The areas compared"),
    "trend": ("{title}年际变化（{unit}）", "{title} by year ({unit})"),
    "ranking": ("各区{title}（{unit}）", "{title} by district ({unit})"),
    "without": ("没有公布数值：{names}。", "No figure is published for {names}."),
    "more": ("共 {n} 行，此处列出前 {shown} 行。", "The first {shown} of {n} rows."),
    "columns_more": ("另有 {n} 列，见数据表。", "{n} more columns are in the table of figures."),
    "sources": ("来源：", "Sources: "),
    "date": ("数据时间：", "Data as of: "),
    "limits": ("说明：", "Notes: "),
    "quality": ("数据质量：", "Data quality: "),
    "map": ("地图：", "Map: "),
    "view": ("视图：", "View: "),
    "classes": ("图例：", "Legend: "),
}  # fmt: skip


def word(key: str, lang: str, **values: object) -> str:
    """The words of ``key`` in ``lang`` with ``values`` filled in."""
    return WORDS[key][lang == "en"].format(**values)
