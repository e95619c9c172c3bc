"""The bytes of a workbook in, the merged cells of one worksheet out.

The reader of rows goes through a sheet once and does not tell of merged cells, which stand behind
all rows; they are looked for in the sheet's own text, which is never parsed as a whole.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from bsh_geo.book_bounds import BROKEN

MOST = 20_000
"""Merged areas that are taken; a table has some hundreds."""

_PART, _OVERLAP = 1 << 20, 200
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')


@dataclass(frozen=True)
class Merged:
    """Cells that are one: rows as a spreadsheet counts them, the column from 0."""

    first: int
    last: int
    column: int


def merged_down(content: bytes, title: str) -> list[Merged]:
    """The merged areas of a worksheet that take several rows, by their first column.

    A workbook that cannot be looked through has none: its rows are told to be broken elsewhere.
    """
    try:
        book = load_workbook(io.BytesIO(content), read_only=True)
        try:
            page: Any = book[title]
            path: str = page._worksheet_path
        finally:
            book.close()
        areas = [range_boundaries(one.decode("ascii")) for one in _areas(content, path)]
    except BROKEN:
        return []
    found = [
        Merged(top, bottom, left - 1)
        for left, top, _, bottom in areas
        if left is not None and top is not None and bottom is not None and bottom > top
    ]
    return _apart(found)


def _apart(found: list[Merged]) -> list[Merged]:
    """The areas of each column from above; one that lies over another is no merged cell."""
    made: list[Merged] = []
    for one in sorted(found, key=lambda one: (one.column, one.first, one.last)):
        last = made[-1] if made else None
        if last is None or last.column != one.column or last.last < one.first:
            made.append(one)
    return made


def _areas(content: bytes, path: str) -> list[bytes]:
    """The references of merged areas, read part by part."""
    found: dict[bytes, None] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as packed, packed.open(path) as sheet:
        left = b""
        while (part := sheet.read(_PART)) and len(found) < MOST:
            text = left + part
            found |= dict.fromkeys(_MERGED.findall(text))
            left = text[-_OVERLAP:]
    return list(found)[:MOST]
