"""A view or a comparison of areas in, the bytes of an Excel file out: figures, targets, sources.

Text is stored as text and never as a formula; the same input gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd
from openpyxl import Workbook

from bsh_geo import listing, zip_files
from bsh_geo.mapspec import MapSpec

_SHEETS = {
    "zh": {"data": "数据", "targets": "指标与目标", "sources": "来源与口径"},
    "en": {"data": "Data", "targets": "Figures and targets", "sources": "Sources and notes"},
}
_FIGURES = {
    "zh": ("指标", "数值", "单位", "时期", "质量", "说明"),
    "en": ("Figure", "Value", "Unit", "Period", "Quality", "Note"),
}
_TARGETS = {
    "zh": ("指标", "区域", "目标年", "目标", "距离", "文件", "状态", "原文"),
    "en": ("Indicator", "Area", "By", "Target", "Distance", "Document", "Status", "Quote"),
}
_FACTS = {
    "zh": ("项目", "内容"),
    "en": ("Item", "Content"),
}
_ITEMS = {
    "zh": ("标题", "区域与时期", "数据时间", "数据质量", "说明", "来源", "句子", "视图"),
    "en": ("Title", "Area and period", "Data as of", "Quality", "Note", "Source", "Sentence",
           "View"),
}  # fmt: skip
_NEVER = re.compile(r"[\[\]:*?/\\]")


def view_xlsx(spec: MapSpec, stamp: str = "") -> bytes:
    """The figures of a view: its rows, what is known beside its targets, where they are from."""
    names = _SHEETS[spec.lang]
    sheets: list[tuple[str, pd.DataFrame]] = []
    for at, table in enumerate(spec.tables):
        sheets.append((names["data"] if at == 0 else table.title, table.shown))
    if not spec.tables:
        sheets.append((names["data"], pd.DataFrame(columns=list(_FIGURES[spec.lang]))))
    sheets.append((names["targets"], _figures(spec)))
    sheets.append((names["sources"], _facts(spec, stamp)))
    return workbook(sheets, spec.title)


def comparison_xlsx(tables: Mapping[str, pd.DataFrame], title: str) -> bytes:
    """Areas compared, a sheet for each layer."""
    return workbook(list(tables.items()), title)


def workbook(sheets: Sequence[tuple[str, pd.DataFrame]], title: str) -> bytes:
    """A workbook of these sheets, whose names Excel takes and which differ."""
    book = Workbook()
    book.remove(book.worksheets[0])
    used: list[str] = []
    for name, rows in sheets:
        used.append(_name(name, used))
        sheet = book.create_sheet(used[-1])
        listing.fill(sheet, rows)
    about = book.properties
    about.title, about.creator, about.lastModifiedBy = title, "bsh_geo", "bsh_geo"
    return zip_files.office_file(listing.saved(book))


def _name(wanted: str, used: Sequence[str]) -> str:
    """A name of a sheet: without what Excel forbids, at most 31 characters, not used yet."""
    plain = _NEVER.sub(" ", wanted).strip("' ")[:31] or "1"
    name, number = plain, 1
    taken = {one.lower() for one in used}
    while name.lower() in taken:
        number += 1
        name = f"{plain[: 31 - len(str(number)) - 1]} {number}"
    return name


def _figures(spec: MapSpec) -> pd.DataFrame:
    """Figures of the area, then its targets, under one head: what Excel users copy together."""
    found = ([spec.key] if spec.key else []) + list(spec.figures)
    rows = [
        (one.label, _number(one.value), one.unit, one.period, one.quality, one.note)
        for one in found
    ]
    figures = pd.DataFrame(rows, columns=list(_FIGURES[spec.lang]), dtype=object)
    aims = [
        (one.label, one.area, one.year, one.wording, one.distance, one.document, one.status,
         one.quote)
        for one in spec.targets
    ]  # fmt: skip
    targets = pd.DataFrame(aims, columns=list(_TARGETS[spec.lang]), dtype=object)
    return pd.concat([figures, targets], ignore_index=True)


def _number(text: str) -> object:
    """A figure as a number where it is one; ranges and words stay text."""
    try:
        return float(text.replace(",", "").replace("−", "-"))
    except ValueError:
        return text


def _facts(spec: MapSpec, stamp: str) -> pd.DataFrame:
    items = _ITEMS[spec.lang]
    told = [
        (items[0], spec.title), (items[1], spec.subtitle), (items[2], spec.data_date),
        (items[3], spec.key.quality if spec.key else ""), (items[3], spec.quality_note),
        *((items[4], note) for note in spec.notes),
        *((items[5], source) for source in spec.sources),
        *((items[6], text) for text in spec.sentences),
        (items[7], stamp),
    ]  # fmt: skip
    rows = [one for one in told if one[1]]
    return pd.DataFrame(rows, columns=list(_FACTS[spec.lang]))
