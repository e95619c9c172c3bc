"""A layer of a view, of a layer file or of the whole project in, the bytes of an export out.

One table for an office program (CSV, Excel) or a GIS, or many at once: into one GeoPackage, or a
ZIP archive with a file for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bsh_geo import columns, compose, figure_sheets, frames, gis_files, gis_layers, zip_files
from bsh_geo.compose import Request
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.exports import neutral
from bsh_geo.gis_layers import GisLayer
from bsh_geo.mapspec import MapSpec
from bsh_geo.project import Project

FORMATS = ("csv", "geojson", "gpkg", "xlsx", "fgb", "parquet", "shp")
ENDINGS = {one: one for one in FORMATS} | {"shp": "zip"}
"""How the name of a file of a format ends; a Shapefile is several files, in an archive."""
TITLES = {
    "csv": "CSV",
    "geojson": "GeoJSON",
    "gpkg": "GPKG",
    "xlsx": "Excel",
    "fgb": "FlatGeobuf",
    "parquet": "GeoParquet",
    "shp": "Shapefile",
}
MIME = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "fgb": "application/octet-stream",
    "parquet": "application/vnd.apache.parquet",
    "shp": "application/zip",
}
EVERYTHING = "all"
"""Stands for every layer where one is asked for."""

_SHEETS = {
    "zh": ("数据", "字段", "来源与口径"),
    "en": ("Data", "Columns", "Sources and notes"),
}
_FACTS = {
    "zh": ("项目", "内容", "发布单位", "日期", "许可", "网址"),
    "en": ("Item", "Content", "Publisher", "Date", "Licence", "Address"),
}
_ITEMS = {
    "zh": {"title": "标题", "view": "区域与时期", "date": "数据时间", "quality": "数据质量",
           "schematic": "示意图形", "note": "说明", "source": "来源"},
    "en": {"title": "Title", "view": "Area and period", "date": "Data as of",
           "quality": "Quality", "schematic": "Sketches", "note": "Note", "source": "Source"},
}  # fmt: skip
_SKETCHES = {
    "zh": "含示意图形，不是法定边界，见列“图形质量”",
    "en": "holds sketches, which are no legal boundaries; see the column Geometry quality",
}


def form_of(name: str, form: str | None) -> str:
    """The format asked for, else the one that the end of a file's name says.

    Raises
    ------
    UnknownNameError
        There is no such format.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    found = form or {"zip": "shp", "json": "geojson", "geoparquet": "parquet"}.get(ending, ending)
    if found not in FORMATS:
        raise unknown_name("导出格式", "export format", found, FORMATS)
    return found


def table_bytes(
    project: Project, request: Request, table: str, form: str, spec: MapSpec | None = None,
    encoding: str = "utf-8",
) -> bytes:  # fmt: skip
    """One table of a view as a file."""
    spec = spec or compose.build(project, request)
    known = [one.id for one in spec.tables]
    if table not in known:
        raise unknown_name("数据表", "table", table, known)
    return to_bytes(project, gis_layers.of_table(project, request, table, spec), form, encoding)


def asked_bytes(
    project: Project, request: Request, form: str, name: str, table: str | None = None,
    every: bool = False, encoding: str = "utf-8",
) -> bytes:  # fmt: skip
    """What a command asks for: one table of a view, all of a layer, or all of the project.

    ``name`` is that of the file: many tables go into a ``.gpkg`` or a ``.zip``.

    Raises
    ------
    UnknownNameError
        Layer, table, format or a name of the request is not known.
    DataError
        Many tables are asked for in a file that holds one, or there is none.
    """
    whole = request.layer == EVERYTHING
    if not (whole or every):
        spec = compose.build(project, request)
        if not spec.tables:
            raise DataError("此视图没有数据表。", "This view has no table.")
        return table_bytes(project, request, table or spec.tables[0].id, form, spec, encoding)
    ending = name.rpartition(".")[2].lower()
    if ending not in ("gpkg", "zip") or (ending == "gpkg") != (form == "gpkg"):
        raise DataError(
            f"{name} 只能存一张表；全部导出请用 .gpkg，或用 .zip 并以 --format 指定其他格式。",
            f"{name} holds one table; for all of them name a .gpkg, or a .zip and another "
            "--format.",
        )
    if whole:
        _alone(request, table)
        layers = gis_layers.of_project(project, request.lang)
        return many(project, layers, form, encoding, registers(project))
    layer = compose.layer_of(project, request.layer)
    return many(project, gis_layers.of_layer(project, layer, request.lang, request), form, encoding)


def _alone(request: Request, table: str | None) -> None:
    """Raise where the whole project is asked for and limited at the same time."""
    given = (request.metric, request.areas, request.period, request.parts, request.water, table)
    if any(given):
        raise DataError(
            "导出全部（all）时不能再限定区、时期、指标、内容或表。",
            "The whole project (all) is exported without limits of district, period, metric, "
            "part or table.",
        )


def to_bytes(project: Project, layer: GisLayer, form: str, encoding: str = "utf-8") -> bytes:
    """One layer as a file of a format; ``encoding`` is that of a Shapefile's texts.

    Raises
    ------
    UnknownNameError
        There is no such format or encoding.
    """
    if form not in FORMATS:
        raise unknown_name("导出格式", "export format", form, FORMATS)
    if form == "shp":
        return gis_files.shapefile(layer, encoding)
    if form == "gpkg":
        return gis_files.geopackage(project, [layer])
    if form == "xlsx":
        return workbook(project, layer)
    made = {
        "csv": csv_file,
        "geojson": gis_files.geojson,
        "fgb": gis_files.flatgeobuf,
        "parquet": gis_files.parquet,
    }[form]
    return made(layer)


def registers(project: Project) -> dict[str, tuple[str, pd.DataFrame]]:
    """The tables behind all layers: every published figure and every target, as registered."""
    return {
        "bsh_observations": (
            "公布的数值 Figures",
            frames.table(project, "observations").reset_index(drop=True),
        ),
        "bsh_targets": (
            "规划目标 Targets",
            frames.table(project, "targets").reset_index(drop=True),
        ),
    }


def many(
    project: Project, layers: Sequence[GisLayer], form: str, encoding: str = "utf-8",
    beside: Mapping[str, tuple[str, pd.DataFrame]] | None = None,
) -> bytes:  # fmt: skip
    """Layers in one GeoPackage, or in an archive of files with the tables that explain them.

    ``beside`` are further tables without geometry, each with its title, by name.

    Raises
    ------
    DataError
        There is no layer at all.
    """
    if not layers:
        raise DataError("没有可导出的数据表。", "There is no table to export.")
    if form == "gpkg":
        return gis_files.geopackage(project, layers, beside)
    files: list[tuple[str, bytes]] = []
    for one in layers:
        if form == "shp":
            files += gis_files.shapefile_parts(one, encoding)
        else:
            files.append((f"{one.id}.{form}", to_bytes(project, one, form, encoding)))
    files += [(f"{name}.csv", _csv(rows)) for name, (_, rows) in (beside or {}).items()]
    described = [columns.rows(one.columns, one.lang).assign(layer=one.id) for one in layers]
    files.append(("bsh_columns.csv", _csv(pd.concat(described, ignore_index=True))))
    files.append(("bsh_sources.csv", _csv(gis_files.sources(project, layers))))
    return zip_files.packed(files)


def csv_file(layer: GisLayer) -> bytes:
    """A reader's rows in UTF-8 with BOM, so that Excel shows Chinese; nothing in it runs."""
    return _csv(layer.shown)


def _csv(rows: pd.DataFrame) -> bytes:
    safe = rows.map(neutral)
    safe.columns = [str(neutral(name)) for name in safe.columns]
    text: str = safe.to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def workbook(project: Project, layer: GisLayer) -> bytes:
    """Three sheets: the rows, what their columns hold, where they are from and what limits them."""
    names = _SHEETS[layer.lang]
    sheets = [
        (names[0], layer.shown),
        (names[1], columns.rows(layer.columns, layer.lang)),
        (names[2], _facts(project, layer)),
    ]
    return figure_sheets.workbook(sheets, layer.title)


def _facts(project: Project, layer: GisLayer) -> pd.DataFrame:
    lang, items = layer.lang, _ITEMS[layer.lang]
    qualities = columns.quality_counts(layer.frame["quality"], lang)
    told = [
        (items["title"], layer.title),
        (items["view"], layer.subtitle),
        (items["date"], layer.date),
        (items["quality"], qualities),
        (items["schematic"], _SKETCHES[lang] if layer.schematic else ""),
        *((items["note"], text) for text in layer.notes),
    ]
    rows = [(*one, "", "", "", "") for one in told if one[1]]
    for one in gis_files.sources(project, [layer]).to_dict("records"):
        title = one[f"title_{lang}"] or one["title_zh"]
        tail = (one[f"publisher_{lang}"], one["date"], one[f"licence_{lang}"], one["url"])
        rows.append((items["source"], f"{title} [{one['id']}]", *tail))
    return pd.DataFrame(rows, columns=list(_FACTS[lang]))
