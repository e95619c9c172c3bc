"""A TableView in, bytes of a file out: CSV for office programs, GeoJSON and GeoPackage for GIS."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

from bsh_geo.errors import unknown_name
from bsh_geo.mapspec import TableView

FORMATS = ("csv", "geojson", "gpkg")
MIME = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")


def neutral(cell: object) -> object:
    """A text cell that a spreadsheet will not run: a leading ``= + - @`` gets an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def to_bytes(view: TableView, form: str) -> bytes:
    """The rows of a table as a file of format ``csv``, ``geojson`` or ``gpkg``.

    CSV has a reader's column titles, in UTF-8 with BOM so that Excel shows Chinese; the others
    have machine names, WGS 84 geometry (none where a row has no location), source and quality.
    """
    if form == "csv":
        return _csv(view.shown)
    if form == "geojson":
        return _geojson(view.export)
    if form == "gpkg":
        return _geopackage(view.export, view.id)
    raise unknown_name("导出格式", "export format", form, FORMATS)


def _csv(shown: pd.DataFrame) -> bytes:
    safe = shown.map(neutral)
    safe.columns = [neutral(name) for name in safe.columns]
    text: str = safe.to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def _plain(export: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns as GDAL takes them: extension types become objects, missing stays missing."""
    frame = export.copy()
    for name in frame.columns.drop("geometry"):
        if frame[name].dtype == "boolean":
            frame[name] = frame[name].map({True: "true", False: "false"}).astype(object)
        elif frame[name].dtype == "Int64":
            frame[name] = frame[name].astype(float)
    return frame


def _geojson(export: gpd.GeoDataFrame) -> bytes:
    text: str = _plain(export).to_json(drop_id=True, na="null", ensure_ascii=False)
    return text.encode("utf-8")


def _geopackage(export: gpd.GeoDataFrame, layer: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.gpkg"
        _plain(export).to_file(path, driver="GPKG", layer=layer.replace(".", "_"))
        return io.BytesIO(path.read_bytes()).getvalue()
