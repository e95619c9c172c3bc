"""Layers in, bytes of a file out: GeoPackage with QGIS styles, GeoJSON, FlatGeobuf, GeoParquet,
Shapefile.

The same layers give the same bytes with the same libraries: no file holds the moment it was made.
"""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio

from bsh_geo import catalogue, columns, qgis_styles, zip_files
from bsh_geo.errors import unknown_name
from bsh_geo.exports import neutral
from bsh_geo.gis_layers import GisLayer
from bsh_geo.project import Project

ENCODINGS = ("utf-8", "gb18030")
"""Of the texts in a Shapefile."""
DBF_TEXT, DBF_NAME = 254, 10
"""Bytes that a text and a name of a column of a Shapefile have at most."""
_DAY, _MOMENT = "2000-01-01", "2000-01-01T00:00:00.000Z"
_VERSION = {"VERSION": "1.2"}
"""Of GeoPackage: what programs of the last years read without a word."""

_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)"""
"""As QGIS makes the table in a GeoPackage."""


def plain(layer: GisLayer) -> gpd.GeoDataFrame:
    """A layer's rows as GDAL takes them: truth values are words, missing stays missing."""
    frame = layer.frame.copy()
    for note in layer.columns:
        values = frame[note.name]
        if note.type == "boolean":
            words = {True: "true", False: "false"}
            cells = [None if pd.isna(one) else words[bool(one)] for one in values]
            frame[note.name] = pd.Series(cells, index=frame.index, dtype=object)
        elif note.type == "integer":
            frame[note.name] = values.astype("Int64")
        elif note.type == "text":
            cells = [None if pd.isna(one) else str(one) for one in values]
            frame[note.name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def geojson(layer: GisLayer) -> bytes:
    """RFC 7946 in UTF-8; beside the features the layer's name, title and what limits it."""
    content = json.loads(plain(layer).to_json(drop_id=True, na="null"))
    content.pop("crs", None)  # RFC 7946 knows WGS 84 only, and no member that says so
    head = {"type": content.pop("type"), "name": layer.id, **about(layer)}
    whole = {**head, **content}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def about(layer: GisLayer) -> dict[str, Any]:
    """What a file says of its layer: title, whether it holds sketches, date, notes."""
    return {
        "title": layer.title,
        "schematic": layer.schematic,
        "date": layer.date,
        "notes": list(layer.notes),
    }


def flatgeobuf(layer: GisLayer) -> bytes:
    """FlatGeobuf; indexed by place where every row has one, as the index takes no other."""
    whole = bool(layer.frame.geometry.notna().all())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.fgb"
        pyogrio.write_dataframe(
            plain(layer),
            path,
            driver="FlatGeobuf",
            layer=layer.id,
            geometry_type=_geometry_type(layer),
            promote_to_multi=layer.shape == "area",
            SPATIAL_INDEX="YES" if whole else "NO",
            TITLE=layer.title,
            DESCRIPTION="\n".join(layer.notes),
        )
        return path.read_bytes()


def _geometry_type(layer: GisLayer) -> str:
    return {"area": "MultiPolygon", "point": "Point", "none": "None"}[layer.shape]


def parquet(layer: GisLayer) -> bytes:
    """GeoParquet 1.1; the layer's words under ``bsh_geo`` in the metadata of the file."""
    made = io.BytesIO()
    plain(layer).to_parquet(made, index=False, schema_version="1.1.0")
    table = pq.read_table(io.BytesIO(made.getvalue()))
    words = {"name": layer.id, **about(layer), "columns": _column_records(layer)}
    told = {**(table.schema.metadata or {}), b"bsh_geo": json.dumps(words, ensure_ascii=False)}
    again = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(told), again)
    return again.getvalue()


def _column_records(layer: GisLayer) -> list[dict[str, str]]:
    heads = ("column", "title", "unit", "type", "meaning", "dataset")
    rows = columns.rows(layer.columns, layer.lang)
    return [dict(zip(heads, row, strict=True)) for row in rows.itertuples(index=False)]


def shapefile(layer: GisLayer, encoding: str = "utf-8") -> bytes:
    """A ZIP archive of a Shapefile, see ``shapefile_parts``."""
    return zip_files.packed(shapefile_parts(layer, encoding))


def shapefile_parts(layer: GisLayer, encoding: str = "utf-8") -> list[tuple[str, bytes]]:
    """A Shapefile with its encoding (``.cpg``), style and table of columns, as files by name.

    Names of columns have ten characters: ``*_columns.csv`` says which stands for which. Texts over
    254 bytes are cut there and whole in ``*_full.csv``. A blank text reads as missing.
    """
    if encoding not in ENCODINGS:
        raise unknown_name("编码", "encoding", encoding, ENCODINGS)
    frame = plain(layer)
    names = short_names([one.name for one in layer.columns])
    cut: dict[str, int] = {}
    for note in layer.columns:
        if note.type in ("text", "boolean"):
            frame[note.name], cut[note.name] = _cut(frame[note.name], encoding)
    with tempfile.TemporaryDirectory() as folder:
        stem = Path(folder) / layer.id
        pyogrio.write_dataframe(
            frame.rename(columns=names),
            stem.with_suffix(".shp"),
            driver="ESRI Shapefile",
            encoding=encoding.upper(),
            geometry_type="Polygon" if layer.shape == "area" else _geometry_type(layer),
            DBF_DATE_LAST_UPDATE=_DAY,
        )
        files = [(one.name, one.read_bytes()) for one in sorted(Path(folder).iterdir())]
    files.append((f"{layer.id}_columns.csv", _csv(_mapping(layer, names, cut))))
    if any(cut.values()):
        files.append((f"{layer.id}_full.csv", _csv(plain(layer).drop(columns="geometry"))))
    if layer.shape != "none":
        files.append((f"{layer.id}.qml", qgis_styles.qml(layer).encode("utf-8")))
    return files


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Each name in at most ten characters, none twice: a tail is a number from 2 on."""
    found: dict[str, str] = {}
    for name in names:
        base = name.encode("ascii", "replace").decode().replace("?", "_")[:DBF_NAME]
        short, number = base, 1
        while short.lower() in {one.lower() for one in found.values()}:
            number += 1
            short = f"{base[: DBF_NAME - len(str(number))]}{number}"
        found[name] = short
    return found


def _cut(values: pd.Series, encoding: str) -> tuple[pd.Series, int]:
    """Texts that a Shapefile holds, and how many had to be cut; never inside a character."""
    cells, count = [], 0
    for cell in values:
        if not isinstance(cell, str) or len(cell.encode(encoding)) <= DBF_TEXT:
            cells.append(cell if isinstance(cell, str) else None)
            continue
        cells.append(cell.encode(encoding)[:DBF_TEXT].decode(encoding, "ignore"))
        count += 1
    return pd.Series(cells, index=values.index, dtype=object), count


def _mapping(layer: GisLayer, names: dict[str, str], cut: dict[str, int]) -> pd.DataFrame:
    rows = columns.rows(layer.columns, layer.lang)
    zh = layer.lang == "zh"
    rows.insert(0, "字段" if zh else "Field", [names[one.name] for one in layer.columns])
    rows["截断行数" if zh else "Rows cut"] = [cut.get(one.name, 0) for one in layer.columns]
    return rows


def _csv(rows: pd.DataFrame) -> bytes:
    text: str = rows.map(neutral).to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def geopackage(
    project: Project,
    layers: Sequence[GisLayer],
    beside: Mapping[str, tuple[str, pd.DataFrame]] | None = None,
) -> bytes:
    """Every layer with its style, and the tables of layers, of columns and of sources.

    ``beside`` are further tables without geometry, each with its title, by name.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layers.gpkg"
        for layer in layers:
            _add(path, layer)
        for name, (title, rows) in {**(beside or {}), **_tables(project, layers)}.items():
            _add_table(path, name, title, rows)
        with closing(sqlite3.connect(path)) as file:
            _styled(file, layers)
        return path.read_bytes()


def _add(path: Path, layer: GisLayer) -> None:
    told = "\n".join([layer.subtitle, *layer.notes]).strip()
    pyogrio.write_dataframe(
        plain(layer),
        path,
        driver="GPKG",
        layer=layer.id,
        append=path.exists(),
        geometry_type=_geometry_type(layer),
        promote_to_multi=layer.shape == "area",
        dataset_options=_VERSION,
        IDENTIFIER=f"{layer.title} [{layer.id}]",
        DESCRIPTION=told,
    )


def _add_table(path: Path, name: str, title: str, rows: pd.DataFrame) -> None:
    pyogrio.write_dataframe(rows, path, driver="GPKG", layer=name, append=True, IDENTIFIER=title)


def _tables(
    project: Project, layers: Sequence[GisLayer]
) -> dict[str, tuple[str, pd.DataFrame]]:  # fmt: skip
    heads = ("column", "title", "unit", "type", "meaning", "dataset")
    described = [
        columns.rows(one.columns, one.lang).set_axis(list(heads), axis=1).assign(layer=one.id)
        for one in layers
    ]
    listed = pd.DataFrame(
        [
            {
                "layer": one.id,
                "title": one.title,
                "view": one.subtitle,
                "rows": len(one.frame),
                "located": int(one.frame.geometry.notna().sum()),
                "schematic": "true" if one.schematic else "false",
                "date": one.date,
                "notes": "\n".join(one.notes),
            }
            for one in layers
        ]
    )
    return {
        "bsh_layers": ("图层说明 Layers", listed),
        "bsh_columns": ("字段说明 Columns", pd.concat(described, ignore_index=True)),
        "bsh_sources": ("数据来源 Sources", sources(project, layers)),
    }


def sources(project: Project, layers: Sequence[GisLayer]) -> pd.DataFrame:
    """Every source that a row names, with publisher, address, date and licence; in order."""
    known = catalogue.load_sources(project)
    used: dict[str, list[str]] = {}
    for layer in layers:
        for cell in layer.frame["source"].dropna().unique():
            for one in catalogue.source_ids(str(cell)):
                used.setdefault(one, [])
                if layer.id not in used[one]:
                    used[one].append(layer.id)
    blank = dict.fromkeys(catalogue.Source.model_fields, "")
    rows = [
        {
            **(known[one].model_dump() if one in known else {**blank, "id": one, "title_zh": one}),
            "layers": ";".join(used[one]),
        }
        for one in sorted(used)
    ]
    return pd.DataFrame(rows, columns=[*catalogue.Source.model_fields, "layers"])


def _styled(file: sqlite3.Connection, layers: Sequence[GisLayer]) -> None:
    """Styles into the table that QGIS looks for, and no moment anywhere in the file."""
    file.execute(_STYLES)
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, "
        "srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
        (_MOMENT,),
    )
    columns_of = dict(
        file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
    )
    for layer in layers:
        if layer.shape == "none":
            continue
        row = ("", "", layer.id, columns_of[layer.id], layer.title[:30], qgis_styles.qml(layer),
               "", 1, layer.title, "", None, _MOMENT)  # fmt: skip
        file.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
            "ui, update_time) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            row,
        )
    file.execute("UPDATE gpkg_contents SET last_change = ?", (_MOMENT,))
    file.commit()
    file.execute("VACUUM")
