"""The tables of an import's report in, an Excel file with a sheet for each out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bsh_geo import listing

HEAD = PatternFill("solid", fgColor="E6EFEE")
LINE = Border(bottom=Side("thin", color="D6D0C1"))
INK = {"bad": "8C2B1D", "warn": "8A5410", "plain": "48524F"}


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table of the report.

    ``widths`` are those of its columns in characters; ``tones`` gives the tone ("bad", "warn",
    "plain") of what may stand in column ``toned``.
    """

    title: str
    rows: pd.DataFrame
    widths: Sequence[int]
    toned: str = ""
    tones: Mapping[str, str] | None = None


@dataclass(frozen=True, eq=False)
class Summary:
    """The first sheet: a heading, and blocks of pairs under a heading of their own."""

    title: str
    heading: str
    blocks: Sequence[tuple[str, Sequence[tuple[str, object]]]]


def to_bytes(summary: Summary, sheets: Sequence[Sheet]) -> bytes:
    """The workbook as the bytes of its file; no text in it is a formula."""
    book = Workbook()
    first = book.worksheets[0]
    first.title = summary.title
    _summary(first, summary)
    for one in sheets:
        _table(book.create_sheet(one.title), one)
    for page in book.worksheets:
        page.sheet_view.showGridLines = False
        page.page_setup.orientation = "landscape"
        page.page_setup.paperSize = page.PAPERSIZE_A4
        page.page_setup.fitToHeight = 0
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return listing.saved(book)


def _summary(page: Worksheet, summary: Summary) -> None:
    page.column_dimensions["A"].width = 22
    page.column_dimensions["B"].width = 92
    listing.put(page.cell(1, 1), summary.heading)
    page.cell(1, 1).font = Font(bold=True, size=14)
    page.cell(1, 1).alignment = Alignment(wrap_text=False)
    at = 3
    for heading, pairs in summary.blocks:
        listing.put(page.cell(at, 1), heading, bold=True)
        for column in (1, 2):
            page.cell(at, column).fill = HEAD
        for name, said in pairs:
            at += 1
            listing.put(page.cell(at, 1), name)
            listing.put(page.cell(at, 2), said)
            page.cell(at, 2).alignment = Alignment(
                wrap_text=True, vertical="top", horizontal="left"
            )
            for column in (1, 2):
                page.cell(at, column).border = LINE
        at += 2


def _table(page: Worksheet, sheet: Sheet) -> None:
    listing.fill(page, sheet.rows)
    for at, width in enumerate(sheet.widths, start=1):
        page.column_dimensions[get_column_letter(at)].width = width
        page.cell(1, at).fill = HEAD
    page.print_title_rows = "1:1"
    names = list(sheet.rows.columns)
    if sheet.tones is None or sheet.toned not in names:
        return
    fonts = {text: Font(color=INK[tone]) for text, tone in sheet.tones.items()}
    column = names.index(sheet.toned) + 1
    for number, text in enumerate(sheet.rows[sheet.toned], start=2):
        if text in fonts:
            page.cell(number, column).font = fonts[text]
