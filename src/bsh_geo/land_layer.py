"""A raster part of a layer in, its picture, legend with shares, hover cards and table out."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from bsh_geo import areas, catalogue, frames, land, land_job, land_report, raster_image, rasters
from bsh_geo.areas import Selection
from bsh_geo.catalogue import Part, RasterFile, Text
from bsh_geo.land_classes import Named
from bsh_geo.land_report import Report
from bsh_geo.land_walk import needed, walk
from bsh_geo.land_zones import Zones, zones_of
from bsh_geo.mapspec import Built, DrawnImage, LegendBlock, LegendItem, Style, TableView
from bsh_geo.project import Project
from bsh_geo.rasters import Cells, Grid
from bsh_geo.sampling import Classed, Reduced, Sampled
from bsh_geo.wording import quality_title

MOST_PIXELS = 1400
"""Longer side of a picture: 100 m for the whole city, more than a screen or an A4 page shows."""

MOST_BYTES = 180_000
"""Of a picture as text; a more detailed one is drawn with larger cells."""

EXACT_CELLS = 30_000_000
"""Cells that are counted for a legend within some seconds; of a larger raster every n-th is."""

SWATCH_STROKE = "#8a8f87"


def build(project: Project, part: Part, selection: Selection, lang: str) -> Built:
    """A raster inside the selected districts."""
    declared = catalogue.raster_of(project, part.dataset)
    source = land_job.declared_source(project, part.dataset)
    everywhere = zones_of(project, "districts")
    chosen = everywhere.frame.loc[list(areas.all_codes(project, selection))]
    zones = replace(everywhere, frame=chosen)
    with rasters.opened(source.content, source.band, f"data/{declared.file}") as raster:
        land_job.check_declared(raster, declared)
        cells: Cells = Classed(raster, declared.breaks) if declared.breaks else raster
        found, step = _measured(project, cells, zones, declared)
        image = _image(cells, found, part, lang)
    classes = [one for one in found.classes if found.measured.classes[one.code].sum() > 0]
    found = replace(found, classes=tuple(classes))
    return Built(
        drawn=(),
        rows=land_report.wide(found, lang),
        legend=_legend(found, part, declared, step, lang),
        notes=_notes(found, step, lang),
        images=(replace(image, cards=_cards(found, lang)),),
        tables=(_table(found, part, lang),),
        caution=_caution(declared, lang),
    )


def _measured(
    project: Project, cells: Cells, zones: Zones, declared: RasterFile
) -> tuple[Report, int]:
    """Land by class in each district, and how many cells one stands for along each side."""
    shapes = land.on_grid(zones.frame, cells)
    top, bottom, left, right = needed(cells.grid, shapes)
    step = max(1, math.ceil(math.sqrt((bottom - top) * (right - left) / EXACT_CELLS)))
    counted = Reduced(cells, step) if step > 1 else cells
    measured = land.measure(counted, zones.frame, "classes")
    if not declared.breaks:
        return land_report.report(project, measured, zones, None, declared), step
    named = _break_classes(declared)
    there = tuple(one for one in named if one.code in measured.classes)
    remarks = (*zones.remarks, declared.limitations)
    return Report(project, zones, measured, there, None, declared, remarks), step


def _break_classes(declared: RasterFile) -> tuple[Named, ...]:
    """The classes of a raster of amounts, from low to high."""
    marks = [f"{one:g}" for one in declared.breaks]
    texts = [f"≤ {marks[0]}", *(f"{a}–{b}" for a, b in itertools.pairwise(marks))]
    return tuple(
        Named(at, Text(zh=text, en=text), colour, "", True)
        for at, (text, colour) in enumerate(
            zip([*texts, f"> {marks[-1]}"], declared.palette, strict=True)
        )
    )


# The picture ----------------------------------------------------------------------------------


def _image(cells: Cells, found: Report, part: Part, lang: str) -> DrawnImage:
    """The picture with as many cells as its bytes allow."""
    size = MOST_PIXELS
    while True:
        made = _drawn(cells, found, part, lang, size)
        spent = len(raster_image.data_uri(made))
        if spent <= MOST_BYTES or size <= 64:
            return made
        size = int(size * min(0.95, 0.97 * math.sqrt(MOST_BYTES / spent)))


def _drawn(cells: Cells, found: Report, part: Part, lang: str, size: int) -> DrawnImage:
    grid = _mercator(found.zones.frame, cells.grid, size)
    shapes = np.asarray(found.zones.frame.geometry.to_crs(grid.crs).values)
    drawn = np.zeros((grid.rows, grid.cols), np.uint8)
    index = {one.code: at for at, one in enumerate(found.classes, start=1)}
    for block in walk(Sampled(cells, grid), shapes):
        marks = _indices(block.values, block.valid, index)
        target = drawn[block.top : block.bottom, block.left : block.right]
        for piece in block.pieces:
            if piece.part is None:
                target[:] = marks
                continue
            inside = piece.part[0][piece.part[1] >= 0.5]
            row, col = np.unravel_index(inside, marks.shape)
            target[row, col] = marks[row, col]
    west, south, east, north = grid.bounds
    move = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = move.transform([west, east], [south, north])
    return DrawnImage(
        part.id,
        part.title.get(lang),
        drawn,
        tuple(one.colour for one in found.classes),
        (float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])),
        {},
    )


def _indices(
    values: npt.NDArray[np.generic], valid: npt.NDArray[np.bool_], index: dict[int, int]
) -> npt.NDArray[np.uint8]:
    """The place of each cell's class in the palette; 0 for no data."""
    marks = np.zeros(values.shape, np.uint8)
    for code, at in index.items():
        marks[valid & (values == code)] = at
    return marks


def _mercator(zones: gpd.GeoDataFrame, under: Grid, size: int) -> Grid:
    """Square cells of Web Mercator over the zones: ``size`` along the longer side at most, and
    none smaller than the raster's own."""
    crs = pyproj.CRS.from_user_input(raster_image.MERCATOR)
    west, south, east, north = zones.to_crs(crs).total_bounds
    lon, lat = (zones.total_bounds[0::2].mean(), zones.total_bounds[1::2].mean())
    own = _cell_metres(under, lon, lat)
    step = max(max(east - west, north - south) / size, own / math.cos(math.radians(lat)))
    rows, cols = math.ceil((north - south) / step), math.ceil((east - west) / step)
    return Grid(crs, float(west), float(north), float(step), float(step), rows, cols)


def _cell_metres(grid: Grid, lon: float, lat: float) -> float:
    """The shorter side of a raster's cell near a place, in metres on the ground."""
    if not grid.crs.is_geographic:
        return min(grid.dx, grid.dy) * float(grid.crs.axis_info[0].unit_conversion_factor)
    degrees = min(grid.dx * math.cos(math.radians(lat)), grid.dy)
    return degrees * float(grid.crs.axis_info[0].unit_conversion_factor) * 6_371_000


# Words ----------------------------------------------------------------------------------------


def _legend(found: Report, part: Part, declared: RasterFile, step: int, lang: str) -> LegendBlock:
    whole = float(found.whole.sum())
    items = []
    for one, title in zip(found.classes, land_report.titles(found.classes, lang), strict=True):
        share = float(found.measured.classes[one.code].sum()) / whole * 100
        style = Style(one.colour, SWATCH_STROKE, 0.8)
        about = "≈ " if step > 1 else ""
        items.append(LegendItem(f"{title} · {about}{_percent(share)} %", style))
    return LegendBlock(part.title.get(lang), declared.unit, tuple(items))


def _percent(share: float) -> str:
    return "< 0.1" if 0 < share < 0.05 else f"{share:.1f}"


def _cards(found: Report, lang: str) -> dict[str, tuple[str, tuple[tuple[str, str], ...]]]:
    percent = land_report.shares(found)
    names = land_report.titles(found.classes, lang)
    cards = {}
    for code in found.zones.frame.index:
        lines = [
            (
                title,
                f"{land_report.number(found.measured.classes, code, one.code):,.2f} km² · "
                f"{_percent(land_report.number(percent, code, one.code))} %",
            )
            for one, title in zip(found.classes, names, strict=True)
            if land_report.number(found.measured.classes, code, one.code) > 0
        ]
        for key in ("nodata", "beyond"):
            share = land_report.number(percent, code, key)
            if share >= 0.05:
                lines.append((land_report.word(key, lang), f"{share:.1f} %"))
        cards[str(code)] = (found.name(code, lang), tuple(lines))
    return cards


def _notes(found: Report, step: int, lang: str) -> tuple[str, ...]:
    said = [land_report.method_text(found.measured, lang)]
    if step > 1:
        said.append(
            f"占比按每 {step}×{step} 格取一格估算；精确值请用“土地”页或 bsh-geo 命令。"
            if lang == "zh"
            else f"Shares are from one cell in {step} × {step}; the page Land and the command give "
            "exact ones."
        )
    return (*said, *(one.get(lang) for one in found.remarks))


def _caution(declared: RasterFile, lang: str) -> str:
    if not declared.schematic:
        return ""
    quality = quality_title(declared.quality, lang)
    if lang == "en":
        return f"Partly schematic: this raster is {quality}, with sketches in it; no survey."
    return f"含示意：此栅格为{quality}数据，其中含示意图形，不是调查或遥感成果。"


def _table(found: Report, part: Part, lang: str) -> TableView:
    shown = land_report.wide(found, lang)
    plain = shown.select_dtypes("number").columns
    shown[plain] = shown[plain].round(3)
    export = land_report.shapes(found)
    outlines = frames.boundary(found.project, "districts").geometry.loc[export.index]
    export = export.set_geometry(outlines).reset_index(drop=True)
    brief = _brief(found, lang)
    return TableView(part.id, part.title.get(lang), pd.DataFrame(shown), export, 3, brief)


def _brief(found: Report, lang: str) -> pd.DataFrame:
    """For a page: of one district its classes, of several the share of each class by district."""
    names = land_report.titles(found.classes, lang)
    codes = [one.code for one in found.classes]
    if len(found.zones.frame) == 1:
        zone = found.zones.frame.index[0]
        percent = land_report.shares(found)
        area, share = ("面积（km²）", "占比（%）") if lang == "zh" else ("Area (km²)", "Share (%)")
        return pd.DataFrame(
            {
                "类别" if lang == "zh" else "Class": names,
                area: [land_report.number(found.measured.classes, zone, one) for one in codes],
                share: [land_report.number(percent, zone, one) for one in codes],
            }
        )
    whole = land_report.with_total(found)
    percent = land_report.shares(whole)
    columns: dict[str, object] = {
        land_report.word("zone", lang): [whole.name(str(one), lang) for one in percent.index],
        land_report.word("counted", lang): whole.measured.areas.counted.to_numpy(),
    }
    for code, name in zip(codes, names, strict=True):
        columns[f"{name}（%）" if lang == "zh" else f"{name} (%)"] = percent[code].to_numpy()
    return pd.DataFrame(columns)
