"""An Excel file in, the rows that were typed into its sheets out, as text, with their numbers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from bsh_geo.book_bounds import BROKEN, check, sheet_rows
from bsh_geo.catalogue import Column
from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_ENTERED_CELLS
from bsh_geo.sheets import EXAMPLE, MARK, Sheet, is_prose

WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2212: 0x2D}
"""Full-width signs and the true minus as the keyboard has them; only in columns of codes."""

OPERATORS = {"<=": "≤", ">=": "≥", "≦": "≤", "≧": "≥", "==": "=", "~": "≈"}


@dataclass(frozen=True)
class Row:
    """One row that was typed: its number in the sheet and its cells by machine name, as text."""

    number: int
    cells: dict[str, str]


@dataclass
class Faults:
    """What is wrong so far, each with its sheet and row."""

    found: list[tuple[str, str]] = field(default_factory=list)
    wrong: set[tuple[str, int, str]] = field(default_factory=set)

    def add(self, sheet: str, number: int | None, zh: str, en: str, column: str = "") -> None:
        """A fault of a row (None: of the sheet); a faulty cell is not judged a second time."""
        at_zh, at_en = (f" 第 {number} 行", f" row {number}") if number else ("", "")
        self.found.append((f"{sheet}{at_zh}：{zh}", f"{sheet}{at_en}: {en}"))
        if number and column:
            self.wrong.add((sheet, number, column))

    def fine(self, sheet: str, row: Row, *columns: str) -> bool:
        """Whether these cells are filled in and have no fault yet."""
        return all(
            row.cells[name] and (sheet, row.number, name) not in self.wrong for name in columns
        )


def opened(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            check(file, path.name)
        return load_workbook(path, read_only=True)
    except FileNotFoundError as error:
        raise DataError(f"文件 {path} 不存在。", f"There is no file {path}.") from error
    except BROKEN as error:
        raise DataError(
            f"{path.name} 不是可读的 Excel 工作簿（.xlsx）。",
            f"{path.name} is not a readable Excel workbook (.xlsx).",
        ) from error


def typed_rows(page: Any, sheet: Sheet, faults: Faults) -> Iterator[Row]:
    """The rows that were typed, below the head; blank ones and the example are left out."""
    page.reset_dimensions()  # some programs write wrong ones
    lines = _lines(page, sheet.title)
    names = [str(cell.value or "").strip() for cell in lines[1]] if len(lines) > 1 else []
    missing = [name for name in (MARK, *sheet.columns) if name not in names]
    unknown = [name for name in names if name and name not in (MARK, *sheet.columns)]
    if missing:
        told = "、".join(missing)
        faults.add(sheet.title, 2, f"缺少列 {told}。", f"columns are missing: {told}.")
    if unknown:
        told = "、".join(unknown)
        faults.add(sheet.title, 2, f"未知的列 {told}。", f"unknown columns: {told}.")
    if missing or unknown:
        return
    for number, line in enumerate(lines[2:], start=3):
        cells = dict.fromkeys((MARK, *sheet.columns), "")
        for name, cell in zip(names, line, strict=False):
            if name and cell.value is not None:
                column = sheet.columns.get(name)
                cells[name] = _cell(cell, name, column, Place(sheet.title, number), faults)
        mark = cells.pop(MARK)
        if _is_typed(sheet, mark, cells, number, faults):
            yield Row(number, cells)


def _lines(page: Any, title: str) -> list[Any]:
    try:
        return list(sheet_rows(page.iter_rows(), title, MOST_ENTERED_CELLS))
    except BROKEN as error:
        raise DataError(
            f"工作表 {title} 无法读取，文件可能已损坏。",
            f"The sheet {title} cannot be read; the file may be damaged.",
        ) from error


def _is_typed(sheet: Sheet, mark: str, cells: dict[str, str], number: int, faults: Faults) -> bool:
    if not any(cells.values()):
        return False
    if not mark:
        return True
    if mark != EXAMPLE:
        zh, en = f"标记“{mark}”应为空。", f"the mark “{mark}” should be blank."
        faults.add(sheet.title, number, zh, en)
        return False
    if cells != {name: sheet.example.get(name, "") for name in cells}:
        faults.add(
            sheet.title,
            number,
            "这一行仍标为“示例”，但内容已改；要读入请清空标记。",
            "this row is still marked 示例 but was changed; blank the mark to have it read.",
        )
    return False


@dataclass(frozen=True)
class Place:
    """Where a cell stands."""

    sheet: str
    number: int


def _cell(cell: Any, name: str, column: Column | None, place: Place, faults: Faults) -> str:
    """A cell as text without stray spaces; digits and signs of codes and numbers half-width."""
    value, head = cell.value, column.zh if column else name
    numeric = column is not None and column.type in ("int", "float")
    if cell.data_type in ("f", "e"):
        zh, en = f"{head}是公式或错误值，请粘贴为数值。", f"{name} is a formula or an error value."
        faults.add(place.sheet, place.number, zh, en, name)
    elif numeric and isinstance(value, (int, float)) and "%" in str(cell.number_format):
        zh = f"{head}是百分比格式（存的是 {value:g}），请改为常规格式并写 {value * 100:g}。"
        en = f"{name} is formatted as a percentage (it holds {value:g}); write {value * 100:g}."
        faults.add(place.sheet, place.number, zh, en, name)
    text = re.sub(r"\s+", " ", _plain(value, column)).strip()
    if column is None or is_prose(name):
        return text
    text = text.translate(WIDE).strip()
    if numeric:
        return text.replace(" ", "")
    return OPERATORS.get(text, text) if name == "operator" else text


def _plain(value: Any, column: Column | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return format(Decimal(f"{value:.15g}"), "f")  # as many digits as Excel holds
    if isinstance(value, (datetime.datetime, datetime.date)):
        # Excel takes a typed 2025-12 for a date, the first of that month.
        month = column is not None and column.type == "period"
        return value.strftime("%Y-%m" if month else "%Y-%m-%d")
    return str(value)
