"""A view in, layers of a GIS out: every table with its geometry, the class and style of each row.

A layer says of every row where it is from (``source``), how good it is (``quality``) and how good
its geometry is (``geometry_quality``); a sketch is named in the layer's id and title too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import pandas as pd

from bsh_geo import areas, catalogue, columns, compose, frames, parts
from bsh_geo.catalogue import Layer, Part
from bsh_geo.columns import CLASS, GEOMETRY_QUALITY, RADIUS, ColumnNote
from bsh_geo.compose import Request
from bsh_geo.crs import DISPLAY
from bsh_geo.gis_classes import DrawnClass, classes_of, sketched
from bsh_geo.mapspec import DrawnPart, MapSpec, TableView
from bsh_geo.project import Project
from bsh_geo.tables import UNITS, source_text, word
from bsh_geo.wording import quality_title

DISTRICT_TABLE = "districts"
STATION_TABLE = "stations-values"


@dataclass(frozen=True, eq=False)
class GisLayer:
    """One layer of a GIS.

    Attributes
    ----------
    id : str
        Letters, digits and ``_``: its name in files. Ends with ``_schematic`` where any geometry
        is a sketch.
    frame : GeoDataFrame
        WGS 84; geometry is missing for rows without a location. Columns with machine names.
    shown : DataFrame
        The same rows under a reader's titles.
    shape : {"area", "point", "none"}
        ``none`` for a table without any geometry.
    classes : tuple of DrawnClass
        By the keys of the column ``class``; empty where rows are not classed.
    """

    id: str
    title: str
    layer: str
    frame: gpd.GeoDataFrame
    shown: pd.DataFrame
    shape: Literal["area", "point", "none"]
    classes: tuple[DrawnClass, ...]
    columns: tuple[ColumnNote, ...]
    lang: str
    schematic: bool
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    date: str = ""
    decimals: int | None = None


def of_view(project: Project, request: Request, spec: MapSpec | None = None) -> list[GisLayer]:
    """The layers of a view: one per table, one per drawn part that has no table of its own.

    Raises
    ------
    BshError
        As ``compose.build``.
    """
    spec = spec or compose.build(project, request)
    layer = compose.layer_of(project, request.layer)
    found: list[GisLayer] = []
    for table in spec.tables:
        owner, part = _part_of(project, layer, table)
        found.append(_layer(project, spec, owner, part, table))
        found += _points_beside(project, spec, owner, part, table)
    return found + _services(project, spec, layer, request)


def of_table(
    project: Project, request: Request, table: str, spec: MapSpec | None = None
) -> GisLayer:
    """The layer of one table of a view, by the table's id, which must be there."""
    spec = spec or compose.build(project, request)
    view = next(one for one in spec.tables if one.id == table)
    owner, part = _part_of(project, compose.layer_of(project, request.layer), view)
    return _layer(project, spec, owner, part, view)


def of_layer(
    project: Project, layer: Layer, lang: str = "zh", limits: Request | None = None
) -> list[GisLayer]:
    """Everything of a layer: each metric at its newest full period, each part once.

    ``limits`` may name areas, parts, and a metric with its period, to which the export keeps.
    """
    limits = limits or Request(layer.id)
    every = tuple(part.id for part in layer.parts) if limits.parts is None else limits.parts
    metrics: list[str | None] = [metric.id for metric in compose.offered(project, layer)]
    if limits.metric is not None or limits.period is not None:
        metrics = [limits.metric]
    found: dict[str, GisLayer] = {}
    for metric in metrics or [None]:
        request = replace(limits, layer=layer.id, metric=metric, parts=every, lang=lang)
        for one in of_view(project, request):
            found.setdefault(one.id, one)
    return list(found.values())


def of_project(project: Project, lang: str = "zh") -> list[GisLayer]:
    """Everything of every layer, in the order of the layers.

    Raises
    ------
    LayerError, DataError
        A layer file is broken: nothing is left out in silence.
    """
    layers, faults = catalogue.load_layers(project)
    if faults:
        raise faults[0]
    return [one for layer in layers.values() for one in of_layer(project, layer, lang)]


def _part_of(project: Project, layer: Layer, table: TableView) -> tuple[Layer, Part | None]:
    """The part that a table belongs to and its layer; no part for the table of a metric."""
    owner_id, _, name = table.id.rpartition(".")
    owner = compose.layer_of(project, owner_id) if owner_id else layer
    return owner, next((part for part in owner.parts if part.id == name), None)


def _drawn_id(spec: MapSpec, part: Part | None, table: TableView) -> str:
    if part is not None:
        return part.id
    metric = str(table.export.get("indicator", pd.Series([""])).iloc[:1].squeeze() or "")
    if table.id != STATION_TABLE:
        return metric
    known = [one.id for one in spec.parts if one.shape == "point"]
    return next((one for one in known if one == metric or one.endswith("-stations")), metric)


def _layer(
    project: Project, spec: MapSpec, owner: Layer, part: Part | None, table: TableView
) -> GisLayer:
    drawn = {one.id: one for one in spec.parts}.get(_drawn_id(spec, part, table))
    frame = _keyed(table.export, drawn)
    frame = _described(project, owner, part, table, _sourced(spec, table, frame))
    return _made(project, spec, owner, part, table, frame, drawn)


def _sourced(spec: MapSpec, table: TableView, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Figures of districts that are made of readings, with the source of those readings."""
    stations = next((one.export for one in spec.tables if one.id == STATION_TABLE), None)
    if table.id != DISTRICT_TABLE or stations is None or not len(stations):
        return frame
    blank = frame["source"].isna() & frame["value"].notna()
    cells = frame["source"].astype(object)
    return frame.assign(source=cells.mask(blank, str(stations["source"].iloc[0])))


def _ids(frame: pd.DataFrame) -> pd.Series:
    """The ids of rows as features have them: of a place, a district or a station."""
    name = next((one for one in ("id", "code") if one in frame), None)
    found = frame.index.to_series() if name is None else frame[name]
    return found.astype(str)


def _keyed(export: gpd.GeoDataFrame, drawn: DrawnPart | None) -> gpd.GeoDataFrame:
    """Rows with the class that the map draws them in: blank for rows that are not drawn."""
    frame = export.reset_index(drop=True).copy()
    if drawn is None:
        return frame
    ids = _ids(frame)
    keys = dict(zip(drawn.frame.index.astype(str), drawn.frame["key"], strict=True))
    frame[CLASS] = ids.map(keys).fillna("").replace("nodata", "").astype(object)
    if drawn.shape == "point" and drawn.frame["radius"].nunique() > 1:
        radii = dict(zip(drawn.frame.index.astype(str), drawn.frame["radius"], strict=True))
        frame[RADIUS] = ids.map(radii).astype(float)
    return frame


def _described(
    project: Project, owner: Layer, part: Part | None, table: TableView, frame: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Rows with source, quality and the quality of their geometry, whatever they had of these."""
    stated = _quality_of(project, owner, part)
    if part is not None and part.kind == "raster":
        frame = frame.rename(columns={"quality": "quality_note"})
    if "quality" not in frame:
        frame["quality"] = stated
    if "source" not in frame:
        frame["source"] = ";".join(_sources_of(project, owner, part))
    frame[GEOMETRY_QUALITY] = _geometry_quality(project, part, table, frame)
    last = [*(one for one in (CLASS, RADIUS) if one in frame), "quality", "source"]
    last += [one for one in ("quality_note", GEOMETRY_QUALITY) if one in frame]
    first = [one for one in frame.columns if one not in last and one != "geometry"]
    return frame[[*first, *last, "geometry"]]


def _quality_of(project: Project, owner: Layer, part: Part | None) -> str:
    if part is None:
        return owner.quality
    if part.kind == "raster":
        return catalogue.raster_of(project, part.dataset).quality
    return "derived" if part.kind == "service" else frames.dataset_of(project, part.dataset).quality


def _sources_of(project: Project, owner: Layer, part: Part | None) -> tuple[str, ...]:
    if part is not None and part.kind == "raster":
        return catalogue.raster_of(project, part.dataset).source
    return owner.source


def _geometry_quality(
    project: Project, part: Part | None, table: TableView, frame: gpd.GeoDataFrame
) -> pd.Series:
    """By row: of its shape, of the station, of the outlines, else of the row itself."""
    if part is not None and part.shapes:
        shapes = frames.shapes(project, part.shapes)
        worst = list(catalogue.QUALITY_TITLES)
        by_id = shapes.groupby("id")["quality"].agg(lambda found: max(found, key=worst.index))
        found = _ids(frame).map(by_id)
    elif table.id == STATION_TABLE:
        found = _ids(frame).map(frames.table(project, "stations").set_index("code")["quality"])
    elif part is not None and part.kind == "points":
        found = frame["quality"]
    elif table.id == UNITS and len(frame):
        kind = str(frame["boundary"].iloc[0])
        found = pd.Series(frames.boundary_of(project, kind).quality, index=frame.index)
    else:
        kind = "districts" if part is not None else "land"
        found = pd.Series(frames.boundary_of(project, kind).quality, index=frame.index)
    there = frame.geometry.notna()
    cells = [one if here else None for one, here in zip(found, there, strict=True)]
    return pd.Series(cells, index=frame.index, dtype=object)


def _made(
    project: Project, spec: MapSpec, owner: Layer, part: Part | None, table: TableView,
    frame: gpd.GeoDataFrame, drawn: DrawnPart | None,
) -> GisLayer:  # fmt: skip
    schematic = bool((frame[GEOMETRY_QUALITY] == "schematic").any())
    if part is not None and part.kind == "raster":
        schematic = catalogue.raster_of(project, part.dataset).schematic
    kinds = set(frame.geometry.dropna().geom_type)
    shape = "none" if not kinds else "point" if kinds == {"Point"} else "area"
    name = _drawn_id(spec, part, table) if part is None else part.id
    stem = f"{owner.id}_{name or table.id}"
    found = GisLayer(
        id=plain_id(stem, schematic),
        title=sketched(table.title, schematic, spec.lang),
        layer=owner.id,
        frame=frame,
        shown=table.shown.reset_index(drop=True),
        shape=shape,  # type: ignore[arg-type]
        classes=classes_of(spec, drawn) if drawn is not None else (),
        columns=columns.noted(project, owner, part, frame),
        lang=spec.lang,
        schematic=schematic,
        subtitle=spec.subtitle if part is None else spec.area,
        notes=tuple(text for text in (spec.quality_note, *spec.notes) if text),
        date=spec.data_date,
        decimals=table.decimals,
    )
    return replace(found, shown=_reader(project, found))


def plain_id(stem: str, schematic: bool) -> str:
    """A name that files of every format take."""
    text = "".join(one if one.isalnum() and one.isascii() else "_" for one in stem)
    return f"{text}_schematic" if schematic else text


def _points_beside(
    project: Project, spec: MapSpec, owner: Layer, part: Part | None, table: TableView
) -> list[GisLayer]:
    """Rows of an area's table that are drawn as points, for want of an extent."""
    drawn = {one.id: one for one in spec.parts}.get(f"{part.id}-points" if part else "")
    if drawn is None or part is None:
        return []
    here = _ids(table.export).isin(drawn.frame.index.astype(str)).to_numpy()
    export = table.export[here].reset_index(drop=True)
    located = drawn.frame.geometry.reindex(_ids(export)).to_numpy()
    export = export.set_geometry(gpd.GeoSeries(located, crs=DISPLAY).to_numpy(), crs=DISPLAY)
    shown = table.shown[here].reset_index(drop=True)
    title = drawn.title + ("（点位）" if spec.lang == "zh" else " (points)")
    view = TableView(f"{owner.id}.{part.id}-points", title, shown, export)
    frame = _described(project, owner, part, view, _keyed(export, drawn))
    frame[GEOMETRY_QUALITY] = frame["quality"]
    found = _made(project, spec, owner, part, view, frame, drawn)
    return [replace(found, id=plain_id(f"{owner.id}_{part.id}_points", found.schematic))]


def _services(
    project: Project, spec: MapSpec, layer: Layer, request: Request
) -> list[GisLayer]:  # fmt: skip
    """What points serve: drawn from land and points, with the areas behind it."""
    found = []
    drawn = {one.id: one for one in spec.parts}
    for part in layer.parts:
        if part.kind != "service" or part.id not in drawn:
            continue
        one = drawn[part.id]
        selection = areas.select(project, request.areas)
        rows = parts.build(project, part, selection, spec.lang).rows
        codes = [str(index).removeprefix("service-") for index in one.frame.index]
        export = gpd.GeoDataFrame(
            {
                "id": codes,
                "name_zh": [areas.area_name(project, code, "zh") for code in codes],
                "name_en": [areas.area_name(project, code, "en") for code in codes],
                "covered_km2": rows.loc[codes, "covered_km2"].to_numpy(dtype=float),
                "land_km2": rows.loc[codes, "land_km2"].to_numpy(dtype=float),
            },
            geometry=one.frame.geometry.to_numpy(),
            crs=DISPLAY,
        )
        renamed = replace(one, frame=one.frame.set_axis(pd.Index(codes)))
        view = TableView(f"{layer.id}.{part.id}", one.title, pd.DataFrame(index=export.index),
                         export)  # fmt: skip
        frame = _described(project, layer, part, view, _keyed(export, renamed))
        frame[GEOMETRY_QUALITY] = "derived"
        found.append(_made(project, spec, layer, part, view, frame, renamed))
    return found


def _reader(project: Project, layer: GisLayer) -> pd.DataFrame:
    """A reader's rows with what every export must say: id, place, quality, source, of geometry."""
    lang, frame = layer.lang, layer.frame
    titles = {one.name: columns.title_of(one, lang) for one in layer.columns}
    shown = layer.shown.copy()
    if len(shown) != len(frame) or shown.columns.empty:  # as where a last row is a total
        plain = frame.drop(columns=["geometry", CLASS, "source", "quality"], errors="ignore")
        shown = pd.DataFrame(plain.rename(columns=titles))
    identity = "编号" if lang == "zh" else "Id"
    if identity not in shown:
        shown[identity] = _ids(frame).to_numpy()
    if layer.shape == "point":
        for name, values in _degrees(frame, lang).items():
            if name not in shown:
                shown[name] = values
    for title, cells in _told(project, layer).items():
        if title not in shown:
            shown[title] = cells
    return shown


def _degrees(frame: gpd.GeoDataFrame, lang: str) -> dict[str, pd.Series]:
    lon, lat = ("经度 (WGS 84)", "纬度 (WGS 84)") if lang == "zh" else ("Longitude", "Latitude")
    return {lon: frame.geometry.x.reset_index(drop=True), lat: frame.geometry.y.reset_index(
        drop=True)}  # fmt: skip


def _told(project: Project, layer: GisLayer) -> dict[str, list[str]]:
    """The columns of quality and source for a reader."""
    lang, frame = layer.lang, layer.frame
    ofshape = "图形质量" if lang == "zh" else "Geometry quality"
    known = catalogue.load_sources(project)

    def source(cell: object) -> str:
        ids = catalogue.source_ids(cell) if isinstance(cell, str) else []
        return source_text(project, cell, lang) if all(one in known for one in ids) else str(cell)

    return {
        word("quality", lang): [quality_title(one, lang) for one in frame["quality"]],
        word("source", lang): [source(one) for one in frame["source"]],
        ofshape: [quality_title(one, lang) for one in frame[GEOMETRY_QUALITY]],
    }
