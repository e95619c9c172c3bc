"""A land report in, the bytes of a CSV, Excel or GeoPackage file out."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from openpyxl import Workbook

from bsh_geo import land_change_report, land_report, listing
from bsh_geo.catalogue import Text
from bsh_geo.errors import unknown_name
from bsh_geo.land_change_report import ChangeReport
from bsh_geo.land_report import Report

FORMATS = ("csv", "xlsx", "gpkg")
MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
}

SHEETS = {
    "areas": Text(zh="面积与占比", en="Areas and shares"),
    "values": Text(zh="数值统计", en="Amounts"),
    "classes": Text(zh="分类明细", en="By class"),
    "gains": Text(zh="增减", en="Gains and losses"),
    "transitions": Text(zh="转移", en="Transitions"),
    "about": Text(zh="说明", en="About"),
}


def to_bytes(found: Report, form: str, lang: str, change: ChangeReport | None = None) -> bytes:
    """The file of a format.

    CSV holds one table, transitions where there are any, else a row per zone, each row with raster,
    method and quality; Excel holds all tables; GeoPackage a layer ``land`` (and ``change``) in
    WGS 84, with raster, method and quality as columns.

    Raises
    ------
    UnknownNameError
        The format is none of ``FORMATS``.
    """
    if form == "csv":
        return _csv(found, lang, change)
    if form == "xlsx":
        return _xlsx(found, lang, change)
    if form == "gpkg":
        return _gpkg(found, lang, change)
    raise unknown_name("导出格式", "export format", form, FORMATS)


def _csv(found: Report, lang: str, change: ChangeReport | None) -> bytes:
    if change is None:
        rows = land_report.wide(found, lang)
        rows[land_report.word("raster", lang)] = found.measured.raster
    else:
        rows = land_change_report.transition_rows(found, change, lang)
        pair = f"{change.changed.before} → {change.changed.after}"
        rows[land_report.word("raster", lang)] = pair
    rows[land_report.word("method", lang)] = land_report.method_text(found.measured, lang)
    rows[land_report.word("quality", lang)] = land_report.quality_text(
        found.declared, found.zones, lang
    )
    return listing.csv_text(rows).encode("utf-8-sig")


def sheets(found: Report, lang: str, change: ChangeReport | None) -> dict[str, pd.DataFrame]:
    """The tables of a report by the title of their sheet."""
    first = "values" if found.measured.kind == "values" else "areas"
    made = {first: land_report.wide(found, lang)}
    if found.measured.kind == "classes":
        made["classes"] = land_report.long(found, lang)
    about = land_report.about(found, lang)
    if change is not None:
        made["gains"] = land_change_report.gain_rows(found, change, lang)
        made["transitions"] = land_change_report.transition_rows(found, change, lang)
        about = pd.concat([about, _change_rows(change, list(about.columns), lang)])
    made["about"] = about
    return {SHEETS[key].get(lang): rows for key, rows in made.items()}


def _change_rows(change: ChangeReport, columns: list[str], lang: str) -> pd.DataFrame:
    pair = (
        (land_report.word("before", lang), change.changed.before),
        (land_report.word("after", lang), change.changed.after),
    )
    said = [(land_report.word("remark", lang), one.get(lang)) for one in change.remarks]
    return pd.DataFrame([*pair, *said], columns=columns)


def _xlsx(found: Report, lang: str, change: ChangeReport | None) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets(found, lang, change).items():
        sheet = book.create_sheet(title)
        names = [str(name) for name in rows.columns]
        for at, name in enumerate(names, start=1):
            listing.put(sheet.cell(1, at), name, bold=True)
            for number, cell in enumerate(rows.iloc[:, at - 1], start=2):
                missing = cell is None or cell != cell
                value = round(cell, 6) if isinstance(cell, float) and not missing else cell
                listing.put(sheet.cell(number, at), None if missing else value)
        listing.fit(sheet, names, rows)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
    return listing.saved(book)


def _gpkg(found: Report, lang: str, change: ChangeReport | None) -> bytes:
    frames = {"land": land_report.shapes(found)}
    if change is not None:
        frames["change"] = land_change_report.gain_shapes(found, change)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "land.gpkg"
        for layer, frame in frames.items():
            frame.to_file(path, driver="GPKG", layer=layer)
        return path.read_bytes()
