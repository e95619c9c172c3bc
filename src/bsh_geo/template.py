"""A project in, an Excel file out in which documents, indicators, targets and figures are typed."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from bsh_geo import areas, catalogue, listing
from bsh_geo.catalogue import CITY, QUALITY_TITLES, Column
from bsh_geo.project import Project
from bsh_geo.sheets import EXAMPLE, HELP, MARK, Sheet, is_prose, sheets

HEAD_FILL = PatternFill("solid", start_color="DCE8E4")
QUIET = Font(color="7A8583", italic=True)
ROWS = 2000
"""Rows that the drop-down lists reach to."""


def template(project: Project) -> bytes:
    """The workbook: a sheet each, with heads, machine names and an example row; and a help sheet.

    Rows that are typed begin below the example.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets(project).values():
        _fill(book.create_sheet(sheet.title), sheet)
    _help(book.create_sheet(HELP), project)
    return listing.saved(book)


def _fill(page: Worksheet, sheet: Sheet) -> None:
    heads = {MARK: "标记", **{name: _head(one) for name, one in sheet.columns.items()}}
    example = {MARK: EXAMPLE, **sheet.example}
    for at, (name, head) in enumerate(heads.items(), start=1):
        letter = get_column_letter(at)
        column = sheet.columns.get(name)
        listing.put(page.cell(1, at), head, bold=True)
        page.cell(1, at).fill = HEAD_FILL
        listing.put(page.cell(2, at), name)
        page.cell(2, at).font = QUIET
        listing.put(page.cell(3, at), example.get(name))
        page.cell(3, at).font = QUIET
        page.column_dimensions[letter].width = 8 if name == MARK else 32 if is_prose(name) else 16
        if column is None or column.type not in ("int", "float"):
            page.column_dimensions[letter].number_format = "@"
        if column is not None:
            _choices(page, letter, column)
    page.freeze_panes = "B3"


def _head(column: Column) -> str:
    """The title of a column, a star where a value is required."""
    return f"{column.zh} *" if column.required else column.zh


def _choices(page: Worksheet, letter: str, column: Column) -> None:
    """A drop-down list for a column that knows its values."""
    allowed = column.allowed or (tuple(QUALITY_TITLES) if column.type == "quality" else ())
    if allowed:
        known = DataValidation("list", formula1=f'"{",".join(allowed)}"', allow_blank=True)
        known.add(f"{letter}4:{letter}{ROWS}")
        page.add_data_validation(known)


def _help(page: Worksheet, project: Project) -> None:
    for number, row in enumerate([("内容", "可用的值", "含义"), *_rows(project)], start=1):
        for at, text in enumerate(row, start=1):
            listing.put(page.cell(number, at), text, bold=number == 1)
            page.cell(number, at).alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABC", (18, 28, 90), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"


def _rows(project: Project) -> list[tuple[str, str, str]]:
    found = list(RULES)
    found.append(("区域", CITY, "上海市"))
    table = areas.district_table(project)
    found += [("区域", str(code), str(name)) for code, name in table["name_zh"].items()]
    found += [("区域", code, name) for code, name in areas.group_names(project, "zh").items()]
    documents = catalogue.load_documents(project)
    found += [("文件", one.id, one.short.zh) for one in documents.values()]
    found += [("质量", name, title.zh) for name, title in QUALITY_TITLES.items()]
    indicators = catalogue.load_indicators(project)
    found += [
        (
            "指标",
            one.id,
            f"{one.zh}，单位：{one.unit or '无'}，有效范围 {one.valid[0]:g}–{one.valid[1]:g}",
        )
        for one in indicators.values()
    ]
    return found


RULES = (
    ("填写", "带 * 的列", "必填；英文列可空，空着时用中文。第 2 行是机器用的列名，不要改动。"),
    ("填写", "示例行", "标记为“示例”的行不读入；自己的内容从第 4 行写起，标记列留空。"),
    ("填写", "数字", "写数字本身，不写公式、千分位和百分比格式：90% 写 90，单位列写 %。"),
    ("填写", "末位的 0", "需要保留时（如 28.0）把该单元格设为文本。"),
    ("填写", "编号相同", "与已有的同一编号（现状：指标、区域、时期都相同）时替换原来的行。"),
    ("填写", "读入", "bsh-geo import targets 文件.xlsx --project 文件夹；有一处不对则全部不写入。"),
    ("比较", "≤ ≥ < > =", "不高于、不低于、低于、高于、达到；以表中下拉所列为准，也可写 <= >=。"),
    ("比较", "≈", "左右"),
    ("比较", "done", "建成类目标，没有数值"),
    ("比较", "任务", "定性任务，没有数值"),
    ("方向", "lower", "越低越好"),
    ("方向", "higher", "越高越好"),
    ("方向", "exactly", "正好等于"),
    ("方向", "done", "完成与否"),
    ("状态类别", "draft", "征求意见稿、草案"),
    ("状态类别", "issued", "已印发"),
    ("依据", "stated", "原文公布的数值"),
    ("依据", "derived", "由公布的数值推算"),
    ("时期", "2025", "年度；与年度目标比较"),
    ("时期", "2025-12", "月度；只作展示"),
)
