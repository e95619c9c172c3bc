"""Columns of an exported layer in, what each holds out: titles, type, unit, meaning, origin.

What a dataset declares is taken from its declaration; what the product adds is described here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from bsh_geo import catalogue, land_classes, places
from bsh_geo.catalogue import Column, Layer, Part, Text
from bsh_geo.errors import BshError
from bsh_geo.observations import unit_text
from bsh_geo.project import Project

CLASS = "class"
"""The column that a style colours by."""
GEOMETRY_QUALITY = "geometry_quality"
"""The column that says how good the geometry of a row is, blank for a row without geometry."""
RADIUS = "map_radius"
"""The column with the radius of a point on the map, in pixels."""


@dataclass(frozen=True)
class ColumnNote:
    """One column: machine name, titles, type (``text`` …), unit, meaning; where it is declared.

    ``origin`` is the id of the dataset whose declaration names the column, else blank.
    """

    name: str
    title: Text
    type: str
    unit: str = ""
    meaning: Text = Text(zh="", en="")  # noqa: RUF009 - frozen
    origin: str = ""


TYPES = {
    "text": Text(zh="文本", en="text"),
    "integer": Text(zh="整数", en="integer"),
    "number": Text(zh="数", en="number"),
    "boolean": Text(zh="是/否", en="boolean"),
}

_DECLARED = {
    "date": Text(zh="日期 YYYY-MM-DD", en="date YYYY-MM-DD"),
    "period": Text(zh="时期 YYYY 或 YYYY-MM", en="period YYYY or YYYY-MM"),
    "area": Text(zh="区域代码", en="area code"),
    "source": Text(zh="来源编号，分号相连，见来源表", en="source ids joined by semicolons"),
    "quality": Text(
        zh="official 官方、published 公开发布、open 开放数据、derived 推算、schematic 示意",
        en="official, published, open, derived or schematic",
    ),
}

_OWN: dict[str, tuple[str, str, str, str]] = {
    "id": ("编号", "Id", "区为六位行政区划代码", "a district's is its six-digit code"),
    "code": ("编码", "Code", "", ""),
    "name_zh": ("名称", "Name (Chinese)", "", ""),
    "name_en": ("英文名称", "Name", "", ""),
    "boundary": ("边界组", "Boundary set", "单元所属的一组边界", "the set the unit belongs to"),
    "adcode": ("所在区代码", "District code", "六位行政区划代码", "six-digit code of the district"),
    "in_adcode": ("所在区代码（按图形）", "District code (by geometry)", "", ""),
    "indicator": ("指标编号", "Indicator", "图层文件中的指标编号", "id of the metric"),
    "item": ("污染物", "Pollutant", "", ""),
    "period": ("时期", "Period", "YYYY、YYYY-MM、YYYY-MM-DD 等", "YYYY, YYYY-MM, YYYY-MM-DD …"),
    "value": ("数值", "Value", "单位见 unit；空为无数据，不是 0",
              "in the unit of the column unit; blank is no data, not 0"),
    "unit": ("单位", "Unit", "value 的单位", "of value"),
    "class": ("类别", "Class", "地图与样式的类别；空为无数据或不上图；|solid 为非示意轮廓",
              "class of map and style; blank is no data or not drawn; |solid is no sketch"),
    "quality": ("质量", "Quality", _DECLARED["quality"].zh, _DECLARED["quality"].en),
    "quality_note": ("质量说明", "Quality in words", "", ""),
    "source": ("来源", "Source", _DECLARED["source"].zh, _DECLARED["source"].en),
    "geometry_quality": ("图形质量", "Geometry quality",
                         "几何的质量；schematic 为示意图形，不是法定边界；没有几何的行为空",
                         "of the geometry; schematic is a sketch, no legal boundary; blank where "
                         "there is no geometry"),
    "map_radius": ("图上半径", "Radius on the map", "点符号半径，像素", "of the point, in pixels"),
    "note": ("说明", "Note", "", ""),
    "note_zh": ("说明", "Note (Chinese)", "", ""),
    "note_en": ("英文说明", "Note", "", ""),
    "how": ("归区方式", "District by", "within 在区内；near 在区外 200 m 内",
            "within the district, or near: up to 200 m outside"),
    "stations": ("有效站点", "Valid stations", "", ""),
    "stations_listed": ("名录站点", "Listed stations", "", ""),
    "valid_days": ("有效天数", "Valid days", "", ""),
    "days": ("天数", "Days", "时期内的天数", "of the period"),
    "label_zh": ("图上标注", "Label (Chinese)", "", ""),
    "label_en": ("图上英文标注", "Label", "", ""),
    "level_zh": ("保护级别", "Grade (Chinese)", "", ""),
    "level_en": ("保护级别（英文）", "Grade", "", ""),
    "level_class": ("级别类", "Class of the grade", "图层文件中的类别", "class of the layer file"),
    "bay_class": ("湾段类", "Class of the bay", "类型与建成目标年", "kind and target year"),
    "class_key": ("水质类别代码", "Class key", "图层文件中的类别", "class of the layer file"),
    "water_period": ("水质时期", "Water period", "YYYY-MM、YYYY-Qn 或 YYYY",
                     "YYYY-MM, YYYY-Qn or YYYY"),
    "readings_source": ("读数来源", "Source of the readings", "导入时所写的编号或标题，分号相连",
                        "ids or titles as the imports gave them, joined by semicolons"),
    "conflict": ("不一致", "Documents differ", "各文件说法不一之处", "where documents differ"),
    "reason": ("无值原因代码", "Why there is no value", "", ""),
    "level": ("AQI 级别", "Level of the AQI", "", ""),
    "primary": ("首要污染物", "Primary pollutant", "", ""),
    "area_name": ("区域", "Area", "", ""),
    "basis": ("口径", "Basis", "", ""),
    "covered_km2": ("服务范围内陆域", "Land served", "", ""),
    "own_km2": ("区域面积", "Area of the zone", "", ""),
    "counted_km2": ("有栅格值的面积", "Area with raster values", "", ""),
    "nodata_km2": ("栅格无值的面积", "Area without values", "", ""),
    "beyond_km2": ("栅格以外的面积", "Area beyond the raster", "", ""),
    "raster": ("栅格", "Raster", "栅格编号", "id of the raster"),
    "method": ("方法", "Method", "", ""),
}  # fmt: skip
"""Columns that the product adds: titles and meanings in both languages."""

_LAND = re.compile(r"class_(\w+)_(km2|pct)")
_SERVICE = {"land_km2": ("陆域面积", "Land area", "", "")}


def noted(project: Project, layer: Layer, part: Part | None, frame: pd.DataFrame) -> tuple[
    ColumnNote, ...
]:  # fmt: skip
    """What each column of an exported layer holds, in the order of the columns."""
    return tuple(
        _note(project, part, str(name), kind_of(frame[name]))
        for name in frame.columns
        if name != "geometry"
    )


def kind_of(values: pd.Series) -> str:
    """``text``, ``integer``, ``number`` or ``boolean``."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(values.dtype):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(values.dtype) else "text"


def _note(project: Project, part: Part | None, name: str, kind: str) -> ColumnNote:
    if part is not None and part.kind in ("areas", "points") and name not in (CLASS, RADIUS):
        found = _declared(project, part, name)
        if found is not None:
            return _of_dataset(name, kind, *found)
        derived = _derived(name, kind)
        if derived is not None:
            return derived
    if part is not None and part.kind == "raster" and _LAND.fullmatch(name):
        return _land(project, part, name, kind)
    own = (_SERVICE if part is not None and part.kind == "service" else {}).get(name)
    own = own or _OWN.get(name)
    unit = "km²" if name.endswith("_km2") else ""
    stations = catalogue.load_datasets(project).get("stations")
    if own is None and part is None and stations is not None and name in stations.columns:
        return _of_dataset(name, kind, "stations", stations.columns[name])
    if own is None:
        return ColumnNote(name, Text(zh=name, en=name), kind, unit)
    zh, en, meaning_zh, meaning_en = own
    return ColumnNote(name, Text(zh=zh, en=en), kind, unit, Text(zh=meaning_zh, en=meaning_en))


def _declared(project: Project, part: Part, name: str) -> tuple[str, Column] | None:
    """The declaration of a column, by the table of a part or by its shapes."""
    datasets = catalogue.load_datasets(project)
    asked = [(part.dataset, name)]
    if part.shapes:
        asked += [(part.shapes, name), (part.shapes, {"shape_km2": "area_km2"}.get(name, name))]
    for dataset, column in asked:
        if dataset in datasets and column in datasets[dataset].columns:
            return dataset, datasets[dataset].columns[column]
    return None


def _of_dataset(name: str, kind: str, dataset: str, column: Column) -> ColumnNote:
    meaning = _DECLARED.get(column.type, Text(zh="", en=""))
    if column.allowed:
        listed = " | ".join(column.allowed)
        meaning = Text(zh=listed, en=listed)
    title = Text(zh=column.zh, en=column.en)
    return ColumnNote(name, title, kind, column.unit or "", meaning, dataset)


def _derived(name: str, kind: str) -> ColumnNote | None:
    """A column that a derivation adds, in both languages or in one."""
    base, tail = (name[:-3], name[-2:]) if name.endswith(("_zh", "_en")) else (name, "")
    title = places.DERIVED_TITLES.get(name) or places.DERIVED_TITLES.get(base)
    if title is None:
        return None
    zh = f"{title['zh']}（英文）" if tail == "en" else title["zh"]
    en = f"{title['en']} (Chinese)" if tail == "zh" else title["en"]
    unit = "%" if name.endswith("_share") else "km²" if name.endswith("_km2") else ""
    meaning = Text(zh="由本产品推算或整理", en="derived or worded by this product")
    return ColumnNote(name, Text(zh=zh, en=en), kind, unit, meaning)


def _land(project: Project, part: Part, name: str, kind: str) -> ColumnNote:
    """Area or share of a class of a raster, with the name of the class where a table gives it."""
    code, measure = _LAND.fullmatch(name).groups()  # type: ignore[union-attr]
    names = _land_names(project, part)
    title = names.get(code, Text(zh=f"类别 {code}", en=f"class {code}"))
    if measure == "km2":
        return ColumnNote(name, title, kind, "km²", Text(zh="该类面积", en="area of the class"))
    return ColumnNote(name, title, kind, "%", Text(zh="该类占比", en="share of the class"))


def _land_names(project: Project, part: Part) -> dict[str, Text]:
    try:
        table = catalogue.raster_of(project, part.dataset).classes
        found = land_classes.table_of(project, table) if table else None
    except BshError:  # a raster without declaration still has areas by code
        return {}
    return {str(one.code): one.title for one in found.classes} if found else {}


def title_of(note: ColumnNote, lang: str) -> str:
    """A column's title with its unit in brackets, as a reader sees it."""
    title = note.title.get(lang)
    unit = unit_text(note.unit, lang) if note.unit else ""
    return f"{title} ({unit})" if unit and unit not in title else title


def rows(notes: tuple[ColumnNote, ...], lang: str) -> pd.DataFrame:
    """The notes as a table: column, title, unit, type, meaning, dataset."""
    heads = _HEADS[lang]
    cells = [
        (
            one.name,
            one.title.get(lang),
            unit_text(one.unit, lang) if one.unit else "",
            TYPES[one.type].get(lang),
            one.meaning.get(lang),
            one.origin,
        )
        for one in notes
    ]
    return pd.DataFrame(cells, columns=list(heads))


_HEADS = {
    "zh": ("列名", "名称", "单位", "类型", "含义", "数据集"),
    "en": ("Column", "Title", "Unit", "Type", "Meaning", "Dataset"),
}


def quality_counts(values: pd.Series, lang: str) -> str:
    """How many rows are of which quality, such as ``公开发布 19、推算 1``."""
    counts = values.value_counts()
    said = [
        f"{title.get(lang)} {counts[key]}"
        for key, title in catalogue.QUALITY_TITLES.items()
        if key in counts
    ]
    return ("、" if lang == "zh" else ", ").join(said)


def markdown(notes: Iterable[ColumnNote]) -> str:
    """Every column once, as the table of ``docs/exports.md``; classes of rasters are left out."""
    listed = {(one.name, one.title.zh, one.unit): one for one in notes}
    ordered = sorted(listed.values(), key=lambda one: (one.name not in _OWN, one.name))
    lines = [
        "| 列 | 名称 Title | 单位 | 类型 | 含义 Meaning | 数据集 |",
        "|---|---|---|---|---|---|",
    ]
    for one in ordered:
        if _LAND.fullmatch(one.name):
            continue
        meaning = " ".join(dict.fromkeys(t for t in (one.meaning.zh, one.meaning.en) if t))
        cells = (
            f"`{one.name}`",
            f"{one.title.zh} · {one.title.en}",
            one.unit,
            TYPES[one.type].zh,
            meaning,
            one.origin,
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)
