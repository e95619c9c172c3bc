"""A frame of rows in, lines for a terminal or the bytes of a file out: table, CSV, JSON, Excel."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from rich.cells import cell_len, set_cell_size

from bsh_geo.errors import unknown_name
from bsh_geo.exports import neutral

FORMATS = ("table", "csv", "json", "xlsx")

WIDEST = 30
"""Cells of a terminal for one column of a table; longer text is cut. The files hold all of it."""

WIDEST_SHEET = 60
"""The same for a column of a worksheet, where text is wrapped."""


def lines(rows: pd.DataFrame, widest: int = WIDEST) -> list[str]:
    """Rows as aligned lines, the head first; a Chinese character is two cells wide.

    What is wider than ``widest`` cells is cut.
    """
    names = [str(name) for name in rows.columns]
    cells = [[_short(text(cell), widest) for cell in row] for row in rows.itertuples(index=False)]
    right = [pd.api.types.is_numeric_dtype(rows[name]) for name in rows.columns]
    widths = [
        max([cell_len(name), *(cell_len(row[at]) for row in cells)])
        for at, name in enumerate(names)
    ]
    return [
        "  ".join(_aligned(*one) for one in zip(row, widths, right, strict=True)).rstrip()
        for row in [names, *cells]
    ]


def _aligned(cell: str, width: int, right: bool) -> str:
    gap = " " * (width - cell_len(cell))
    return gap + cell if right else cell + gap


def _short(cell: str, widest: int) -> str:
    line = " ".join(cell.split())
    return line if cell_len(line) <= widest else set_cell_size(line, widest - 1).rstrip() + "…"


def text(cell: object) -> str:
    """A cell as a reader sees it: no decimals that are noise, blank for a missing one."""
    if _missing(cell):
        return ""
    if isinstance(cell, float):
        return f"{round(cell, 2):.10g}"
    return str(cell)


def _missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell != cell


def csv_text(rows: pd.DataFrame) -> str:
    """Rows as CSV, safe to open in a spreadsheet."""
    made: str = rows.map(_safe).to_csv(index=False, lineterminator="\r\n", float_format="%.10g")
    return made


def _safe(cell: object) -> object:
    """As ``exports.neutral``; an operator such as ``=`` alone is no formula and stays."""
    return cell if isinstance(cell, str) and len(cell) == 1 else neutral(cell)


def json_text(records: Sequence[Mapping[str, Any]]) -> str:
    """Records as a JSON list of objects, machine names as they are; missing is null."""
    plain = [
        {name: None if _missing(cell) else _rounded(cell) for name, cell in one.items()}
        for one in records
    ]
    return json.dumps(plain, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(cell: Any) -> Any:
    return cell.item()  # a number of numpy's


def xlsx(rows: pd.DataFrame, title: str) -> bytes:
    """Rows as an Excel file of one sheet: bold head that stays in view, widths, number formats."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    fill(sheet, rows)
    return saved(book)


def fill(sheet: Worksheet, rows: pd.DataFrame) -> None:
    """Rows onto a worksheet: bold head that stays in view, widths, number formats, a filter."""
    for at, name in enumerate(rows.columns, start=1):
        put(sheet.cell(1, at), str(name), bold=True)
        for number, cell in enumerate(rows[name], start=2):
            put(sheet.cell(number, at), _excel(cell))
    fit(sheet, [str(name) for name in rows.columns], rows)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _excel(cell: object) -> object:
    """A cell as Excel takes it: a blank is an empty cell."""
    if _missing(cell) or cell == "":
        return None
    return _rounded(cell.item() if hasattr(cell, "item") else cell)


def _rounded(cell: object) -> object:
    """A number without the noise of binary fractions."""
    return round(cell, 9) if isinstance(cell, float) else cell


def put(cell: Cell | MergedCell, value: Any, bold: bool = False) -> None:
    """A value into a cell: text is never a formula, whole numbers show no decimals."""
    assert isinstance(cell, Cell)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    elif isinstance(value, float):
        cell.number_format = "0" if value.is_integer() else "0.0##"
        cell.alignment = Alignment(vertical="top")
    if bold:
        cell.font = Font(bold=True)


def fit(sheet: Worksheet, names: Sequence[str], rows: pd.DataFrame) -> None:
    """Column widths after the longest cell, within bounds."""
    for at, name in enumerate(names, start=1):
        longest = max([cell_len(name), *(cell_len(text(cell)) for cell in rows.iloc[:, at - 1])])
        sheet.column_dimensions[get_column_letter(at)].width = min(longest + 2, WIDEST_SHEET)


def saved(book: Workbook) -> bytes:
    """A workbook as the bytes of its file."""
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def to_bytes(
    rows: pd.DataFrame, records: Sequence[Mapping[str, Any]], form: str, title: str
) -> bytes:
    """The file of a format; CSV in UTF-8 with BOM, so that Excel shows Chinese."""
    if form == "table":
        return ("\n".join(lines(rows)) + "\n").encode("utf-8")
    if form == "csv":
        return csv_text(rows).encode("utf-8-sig")
    if form == "json":
        return json_text(records).encode("utf-8")
    if form == "xlsx":
        return xlsx(rows, title)
    raise unknown_name("格式", "format", form, FORMATS)
