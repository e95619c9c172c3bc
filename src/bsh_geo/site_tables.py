"""A CSV or Excel file with columns of coordinates in, its rows as points out; faults by row."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from openpyxl import load_workbook

from bsh_geo import coordinates
from bsh_geo.book_bounds import BROKEN, sheet_rows
from bsh_geo.errors import DataError
from bsh_geo.limits_in import (
    MOST_BYTES,
    MOST_FIELDS,
    MOST_MEMBERS,
    MOST_TABLE_CELLS,
    growth,
    told,
)
from bsh_geo.reading_archives import shown_name


def shown(name: str) -> str:
    """A file's name without its folders and unseen signs: no path of a machine is printed."""
    return shown_name(name)


def text_of(cell: Any) -> str:
    """A cell of a file as text, blank where it is missing; of a list, as JSON has it, its parts."""
    if isinstance(cell, (list, np.ndarray)):
        return "、".join(str(one).strip() for one in cell)
    return "" if cell is None or pd.isna(cell) else str(cell).strip()


def fault(name: str, zh: str, en: str) -> DataError:
    """A fault of the file ``name``, told without its folders."""
    return DataError(
        f"{shown(name)}{'' if zh[0] in '有是中' else '：'}{zh}。", f"{shown(name)}: {en}."
    )


def decoded(content: bytes, name: str) -> str:
    """Text in UTF-8 or, failing that, GB18030.

    Raises
    ------
    DataError
        It is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise fault(name, "既不是 UTF-8 也不是 GB18030 编码", "the text is neither UTF-8 nor GB18030")


def damaged(name: str, form: str) -> DataError:
    """The fault of a file that its own reader cannot read."""
    return fault(
        name,
        f"无法按 {form} 读取，文件可能已损坏或与扩展名不符",
        f"it cannot be read as {form}; it may be damaged, or not what its name says",
    )


def bounded(packed: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """The members of a zip file, which must not be too many nor too large when unpacked."""
    inside = packed.infolist()
    if len(inside) > MOST_MEMBERS or sum(one.file_size for one in inside) > MOST_BYTES:
        raise fault(
            name,
            f"中的文件过多或解压后超过 {MOST_BYTES // 2**20} MB",
            f"it holds too many files, or more than {MOST_BYTES // 2**20} MB unpacked",
        )
    size = sum(one.file_size for one in inside)
    if growth(size, sum(one.compress_size for one in inside)):
        raise fault(
            name, "解压后膨胀过多，不像数据", "it grows too much when unpacked; it is not data"
        )
    return inside


def read_csv(content: bytes, name: str) -> gpd.GeoDataFrame:
    """The rows of a CSV file, tab-separated ones too, as points without CRS."""
    text = decoded(content, name)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(_few(reader, name))
    except csv.Error as error:
        raise damaged(name, "CSV") from error
    return _with_points(rows, name)


def _few(rows: Iterable[Sequence[Any]], name: str) -> Iterator[list[Any]]:
    """Rows as lists, while they are not too many cells."""
    cells = 0
    for row in rows:
        cells += len(row)
        if cells > MOST_TABLE_CELLS:
            raise told(shown(name), "个单元格", "cells", cells, MOST_TABLE_CELLS)
        yield list(row)


def read_xlsx(content: bytes, name: str) -> gpd.GeoDataFrame:
    """The rows of a workbook's first sheet; of formulas the value last shown is taken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            bounded(packed, name)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        page = book.worksheets[0]
        page.reset_dimensions()  # some programs write wrong ones
        found = _few(map(_typed, sheet_rows(page.iter_rows(values_only=True), shown(name))), name)
        rows = [row for row in found if row]
    except BROKEN as error:
        raise damaged(name, "XLSX") from error
    widest = max(map(len, rows), default=0)
    if widest * len(rows) > MOST_TABLE_CELLS:
        raise told(shown(name), "个单元格", "cells", widest * len(rows), MOST_TABLE_CELLS)
    return _with_points([[*row, *[""] * (widest - len(row))] for row in rows], name)


def _typed(row: Sequence[Any]) -> list[Any]:
    """The cells of a row up to the last that is filled; blank ones are empty texts."""
    end = len(row)
    while end and row[end - 1] in (None, ""):
        end -= 1
    return [_cell(cell) for cell in row[:end]]


def _cell(cell: Any) -> Any:
    """A cell as it is shown: a whole number without decimals, a blank one as an empty text."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return "" if cell is None else cell


EAST = (
    "lon",
    "lng",
    "long",
    "longitude",
    "经度",
    "东经",
    "x",
    "x坐标",
    "东坐标",
    "easting",
    "横坐标",
)
NORTH = ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "北坐标", "northing", "纵坐标")


def _with_points(rows: list[list[object]], name: str) -> gpd.GeoDataFrame:
    """A table with columns of coordinates as points without CRS; a blank pair has no geometry."""
    filled = [row for row in rows if any(str(cell).strip() for cell in row)]
    if not filled:
        raise fault(name, "是空文件", "the file is empty")
    head = [str(cell).strip() for cell in filled[0]]
    if len(head) > MOST_FIELDS:
        raise told(shown(name), "列", "columns", len(head), MOST_FIELDS)
    for number, row in enumerate(filled[1:], start=2):
        if len(row) != len(head):
            raise fault(
                name,
                f"第 {number} 行有 {len(row)} 个单元格，表头有 {len(head)} 个",
                f"row {number} has {len(row)} cells, the head {len(head)}",
            )
    east, north = (
        _column(head, EAST, name, "经度", "longitude"),
        _column(head, NORTH, name, "纬度", "latitude"),
    )
    x, y = _numbers(filled, east, head, "lon", name), _numbers(filled, north, head, "lat", name)
    one_only = np.isnan(x) != np.isnan(y)
    if one_only.any():
        at = int(one_only.argmax()) + 2
        raise fault(name, f"第 {at} 行只有一个坐标", f"row {at} has one coordinate only")
    points = np.array(shapely.points(x, y), dtype=object)
    points[np.isnan(x)] = None
    table = pd.DataFrame(filled[1:], columns=_unique(head))
    return gpd.GeoDataFrame(table.astype(str), geometry=points)


def _unique(head: list[str]) -> list[str]:
    """Column titles, repeated and blank ones and ``geometry`` made different."""
    seen: dict[str, int] = {"geometry": 1}
    made: list[str] = []
    for one in head:
        seen[one] = seen.get(one, 0) + 1
        made.append(one if seen[one] == 1 and one else f"{one}_{len(made)}")
    return made


def _column(head: list[str], known: tuple[str, ...], name: str, zh: str, en: str) -> int:
    found = [at for at, title in enumerate(head) if _plain(title) in known]
    if len(found) == 1:
        return found[0]
    listed = "、".join(known)
    if found:
        twice = "、".join(head[at] for at in found)
        raise fault(name, f"有多个{zh}列：{twice}", f"more than one column of {en}: {twice}")
    raise fault(
        name,
        f"中没有{zh}列（可用列名：{listed}）；现有：{_listed(head, '、')}",
        f"no column of {en} (known names: {listed}); found: {_listed(head, ', ')}",
    )


def _listed(head: list[str], comma: str) -> str:
    """The titles of the first columns, shortened."""
    return comma.join(one[:24] for one in head[:24]) + ("…" if len(head) > 24 else "")


def _plain(title: str) -> str:
    """A column's title without case, unit and spaces."""
    return re.sub(r"[(（\[].*$", "", title).strip().lower()


def _numbers(
    rows: list[list[object]], at: int, head: list[str], axis: str, name: str
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The coordinates of a column: numbers, or degrees with minutes and seconds; blank is NaN."""
    found = np.full(len(rows) - 1, np.nan)
    for number, row in enumerate(rows[1:]):
        cell = str(row[at]).strip()
        if not cell:
            continue
        try:
            found[number] = coordinate(cell, axis)
        except ValueError as error:
            raise fault(
                name,
                f"第 {number + 2} 行：{head[at]} 的值“{cell}”不是坐标",
                f"row {number + 2}: {head[at]} “{cell}” is no coordinate",
            ) from error
    return found


def coordinate(cell: str, axis: str) -> float:
    """A cell as a number, or as degrees with minutes and seconds; ``axis`` is lon or lat.

    Raises
    ------
    ValueError
        It is neither, or an angle of the other axis.
    """
    try:
        value = float(cell)
    except ValueError:
        found = coordinates.angle(cell)
        if found.axis not in ("", axis):
            raise
        value = found.degrees
    if not np.isfinite(value):
        raise ValueError(cell)
    return value
