"""The sheets of the targets' workbook: what each is called, its columns, its example row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args, get_origin

from bsh_geo import frames
from bsh_geo.catalogue import Closed, Column, Document, Indicator, Source, Text
from bsh_geo.project import Project

MARK = "mark"
"""The first column of every sheet: ``示例`` marks the example row, which is skipped."""

EXAMPLE = "示例"

MODELS: dict[str, type[Closed]] = {
    "documents": Document,
    "indicators": Indicator,
    "sources": Source,
}
"""Sheets whose rows are declarations; those of the others are rows of a dataset."""

FILES = {
    "documents": "data/targets/documents.toml",
    "indicators": "data/targets/indicators.toml",
    "sources": "data/sources/own.csv",
    "targets": "data/targets/targets.csv",
    "observations": "data/indicators/observations.csv",
}
"""The file of a project folder that a sheet's rows go to."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: columns by machine name, the columns that make a row unique, an example."""

    id: str
    title: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    example: dict[str, str]


TITLES = {
    "documents": "文件 Documents",
    "indicators": "指标 Indicators",
    "targets": "目标 Targets",
    "observations": "现状 Observations",
    "sources": "来源 Sources",
}
HELP = "说明 Help"


@cache
def sheets(project: Project) -> dict[str, Sheet]:
    """The sheets by id, in the order of the workbook."""
    found = {}
    key: tuple[str, ...]
    for sheet_id, title in TITLES.items():
        if sheet_id in MODELS:
            columns, key = model_columns(MODELS[sheet_id]), ("id",)
        else:
            dataset = frames.dataset_of(project, sheet_id)
            columns, key = dataset.columns, dataset.key
        found[sheet_id] = Sheet(sheet_id, title, columns, key, EXAMPLES[sheet_id])
    return found


def model_columns(model: type[Closed]) -> dict[str, Column]:
    """The columns that hold a declaration: a text takes two, a range too, a list one.

    The English of a text may be left blank; the Chinese is then taken for both.
    """
    found: dict[str, Column] = {}
    for name, field in model.model_fields.items():
        kind, need = field.annotation, field.is_required()
        if kind is Text or Text in get_args(kind):
            found[f"{name}_zh"] = _column(f"{name}_zh", required=need)
            found[f"{name}_en"] = _column(f"{name}_en")
        elif get_origin(kind) is tuple and get_args(kind) == (float, float):
            for end in ("min", "max"):
                found[f"{name}_{end}"] = _column(f"{name}_{end}", "float", need)
        elif get_origin(kind) is Literal:
            found[name] = _column(name, required=need, allowed=get_args(kind))
        else:
            blank_ok = name == "en" or name.endswith("_en")
            found[name] = _column(name, "int" if kind is int else "str", need and not blank_ok)
    return found


def _column(
    name: str,
    kind: Literal["str", "int", "float"] = "str",
    required: bool = False,
    allowed: tuple[str, ...] = (),
) -> Column:
    return Column(type=kind, zh=HEADS.get(name, name), en=name, required=required, allowed=allowed)


def is_prose(name: str) -> bool:
    """Whether a column holds running text, whose punctuation is left as it is."""
    return name in ("zh", "en", "theme", "clause", "quote") or name.endswith(("_zh", "_en"))


HEADS = {
    "id": "编号",
    "zh": "名称",
    "en": "名称（英文）",
    "title_zh": "标题",
    "title_en": "标题（英文）",
    "short_zh": "简称",
    "short_en": "简称（英文）",
    "issuer_zh": "发文机关",
    "issuer_en": "发文机关（英文）",
    "date": "日期",
    "status_zh": "状态",
    "status_en": "状态（英文）",
    "status_code": "状态类别",
    "scope": "适用区域",
    "completeness_zh": "完整性",
    "completeness_en": "完整性（英文）",
    "file": "文件名",
    "theme": "主题",
    "unit": "单位",
    "decimals": "小数位",
    "direction": "方向",
    "valid_min": "有效下限",
    "valid_max": "有效上限",
    "definition_zh": "口径",
    "definition_en": "口径（英文）",
    "layer": "所属图层",
    "not_comparable": "不可比指标",
    "city_only": "仅限全市（true）",
    "phrase_zh": "行文用语",
    "phrase_en": "行文用语（英文）",
    "publisher_zh": "发布单位",
    "publisher_en": "发布单位（英文）",
    "url": "网址",
    "licence_zh": "许可",
    "licence_en": "许可（英文）",
    "note_zh": "备注",
    "note_en": "备注（英文）",
}

EXAMPLES: dict[str, dict[str, str]] = {
    "documents": {
        "id": "example-plan",
        "title_zh": "某某区生态环境保护三年行动计划",
        "title_en": "Three-year action plan of a district",
        "short_zh": "某某三年行动计划",
        "short_en": "Example plan",
        "issuer_zh": "某某区人民政府办公室",
        "date": "2026-03-01",
        "status_zh": "已印发",
        "status_en": "Issued",
        "status_code": "issued",
        "scope": "崇明区",
        "completeness_zh": "全文。",
        "file": "example.txt",
    },
    "indicators": {
        "id": "example_indicator",
        "zh": "示例指标",
        "en": "Example indicator",
        "theme": "环境",
        "unit": "%",
        "decimals": "1",
        "direction": "higher",
        "valid_min": "0",
        "valid_max": "100",
        "definition_zh": "写明怎样统计、出自哪里。",
    },
    "targets": {
        "id": "example-pm25-310151-2028",
        "document": "example-plan",
        "clause": "二、重点任务 · （一）大气",
        "quote": "到2028年，细颗粒物年均浓度不高于20微克/立方米",
        "area": "崇明区",
        "indicator": "pm25",
        "operator": "≤",
        "value": "20",
        "unit": "μg/m³",
        "year": "2028",
    },
    "observations": {
        "indicator": "pm25",
        "area": "崇明区",
        "period": "2026",
        "value": "19.2",
        "unit": "μg/m³",
        "source": "example-source",
        "quality": "official",
        "basis": "stated",
    },
    "sources": {
        "id": "example-source",
        "title_zh": "某某区生态环境局统计",
        "publisher_zh": "某某区生态环境局",
        "date": "2027-01",
    },
}
