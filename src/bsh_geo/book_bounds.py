"""An Excel workbook in, its sheets' rows out while they are no more than a workbook can hold."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from openpyxl.utils.exceptions import InvalidFileException

from bsh_geo.errors import DataError
from bsh_geo.limits_in import (
    MOST_BOOK_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEET_CELLS,
    growth,
    told,
)

BROKEN = (
    InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError,
    AttributeError, SyntaxError, EOFError, OSError, zlib.error, RuntimeError, NotImplementedError,
    OverflowError,
)  # fmt: skip
"""What openpyxl raises on files that only look like a workbook; a ``SyntaxError`` is that of XML,
whichever parser is installed."""


def check(file: BinaryIO, name: str) -> None:
    """Raise where a workbook's parts are too large when unpacked; the file is read from its start
    again.

    Raises
    ------
    DataError
        They are.
    zipfile.BadZipFile
        It is no archive.
    """
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
    size = sum(one.file_size for one in parts)
    if size > MOST_BOOK_BYTES or growth(size, sum(one.compress_size for one in parts)):
        raise DataError(
            f"{name} 解压后过大（{size >> 20} MB），不像工作簿，未读入。",
            f"{name} is too large when unpacked ({size >> 20} MB) for a workbook; it is not read.",
        )
    file.seek(0)


def sheet_rows(
    rows: Iterable[Sequence[Any]], name: str, most: int = MOST_SHEET_CELLS
) -> Iterator[Sequence[Any]]:
    """The rows of a worksheet, while they are no more and no wider than a worksheet can be.

    A file of a few bytes may claim a row number or a column that makes a reader fill in blank
    cells for hours.

    Raises
    ------
    DataError
        There are more than ``MOST_ROWS``, ``MOST_COLUMNS`` or ``most`` cells.
    """
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row)
        if number > MOST_ROWS:
            raise told(name, "行", "rows", number, MOST_ROWS)
        if len(row) > MOST_COLUMNS:
            raise told(name, "列", "columns", len(row), MOST_COLUMNS)
        if cells > most:
            raise told(name, "个单元格", "cells", cells, most)
        yield row
