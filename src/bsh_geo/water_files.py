"""Titled tables in, the bytes of one file out: a sheet each in Excel, the first alone in CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd
from openpyxl import Workbook

from bsh_geo import listing
from bsh_geo.errors import unknown_name

Sheets = Sequence[tuple[str, pd.DataFrame]]

FORMATS = ("csv", "xlsx", "json")


def to_bytes(sheets: Sheets, form: str) -> bytes:
    """The file of a format.

    CSV is one plain table and holds the first; Excel and JSON hold them all, under their titles.

    Raises
    ------
    UnknownNameError
        There is no such format.
    """
    if form == "csv":
        return listing.csv_text(sheets[0][1]).encode("utf-8-sig")
    if form == "json":
        found = {title: json.loads(listing.json_text(_records(rows))) for title, rows in sheets}
        return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    if form == "xlsx":
        return _xlsx(sheets)
    raise unknown_name("输出格式", "output format", form, FORMATS)


def _records(rows: pd.DataFrame) -> list[dict[str, object]]:
    plain = rows.astype(object).where(rows.notna(), None)
    return [{str(name): cell for name, cell in one.items()} for one in plain.to_dict("records")]


def _xlsx(sheets: Sheets) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        page = book.create_sheet(title)
        for at, name in enumerate(rows.columns, start=1):
            listing.put(page.cell(1, at), str(name), bold=True)
            for number, cell in enumerate(rows[name], start=2):
                listing.put(page.cell(number, at), _plain(cell))
        listing.fit(page, [str(name) for name in rows.columns], rows)
        page.freeze_panes = "A2"
        if len(rows):
            page.auto_filter.ref = page.dimensions
    return listing.saved(book)


def _plain(cell: object) -> object:
    """A cell as Excel takes it: a blank is an empty cell, a number has no binary noise."""
    if cell is None or cell is pd.NA or cell != cell or cell == "":
        return None
    number = cell.item() if hasattr(cell, "item") else cell
    return round(number, 9) if isinstance(number, float) else number
