"""A raster, zones and settings in, named results out: what the command and the page both do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj

from bsh_geo import catalogue, land, land_change, land_classes, land_report, rasters
from bsh_geo.catalogue import RasterFile
from bsh_geo.errors import DataError
from bsh_geo.land import Kind
from bsh_geo.land_change_report import ChangeReport, change_report
from bsh_geo.land_report import Report
from bsh_geo.land_walk import Tell
from bsh_geo.land_zones import Zones
from bsh_geo.project import Project

ROWS = 512
"""Rows that are checked together."""


@dataclass(frozen=True, eq=False)
class Source:
    """A raster to be opened: a file or the bytes of one, its name, and its declaration if any."""

    content: Path | bytes
    name: str
    band: int | None = None
    declared: RasterFile | None = None


def declared_source(project: Project, raster_id: str) -> Source:
    """The raster of the project with that id.

    Raises
    ------
    DataError
        It is not declared, or its file is missing.
    """
    one = catalogue.raster_of(project, raster_id)
    path = project.path(f"data/{one.file}")
    return Source(path, path.name, one.band, one)


def source_of(project: Project, text: str, band: int | None = None) -> Source:
    """The raster that a command names: the id of a declared one, else a file."""
    if text in catalogue.load_rasters(project):
        return declared_source(project, text)
    return Source(Path(text), Path(text).name, band)


def run(
    project: Project,
    source: Source,
    zones: Zones,
    classes: str | None = None,
    kind: Kind | None = None,
    later: Source | None = None,
    tell: Tell | None = None,
) -> tuple[Report, ChangeReport | None]:
    """Measure a raster in zones, and what became of its classes by a later one.

    Parameters
    ----------
    classes : str, optional
        The id of a class table, or ``land_report.NO_TABLE``; None finds one.
    kind : "classes" or "values", optional
        What the raster holds; None finds out, a class table says it.
    tell : callable, optional
        Told the share of the work done.

    Raises
    ------
    BshError
        A raster, the zones or the class table are faulty; see the modules that do the work.
    """
    if classes not in (None, land_report.NO_TABLE):
        land_classes.table_of(project, str(classes))  # before the work, not after it
    kind = kind or _told_kind(source, classes is not None or later is not None)
    half = tell if later is None or tell is None else (lambda done: tell(done / 2))
    with rasters.opened(source.content, source.band, source.name) as first:
        check_declared(first, source.declared)
        measured = land.measure(first, zones.frame, kind, half)
        found = land_report.report(project, measured, zones, classes, source.declared)
        if later is None:
            return found, None
        rest = None if tell is None else (lambda done: tell(0.5 + done / 2))
        with rasters.opened(later.content, later.band, later.name) as second:
            changed = land_change.change(first, second, zones.frame, rest)
    return found, change_report(project, found, changed)


def _told_kind(source: Source, classes: bool) -> Kind | None:
    """What the raster holds by its declaration or by what is asked of it; None if neither says."""
    if source.declared is not None:
        return "classes" if source.declared.classes else "values"
    return "classes" if classes else None


def cells(project: Project, raster_id: str) -> int:
    """The number of cells of a declared raster, from its head alone."""
    source = declared_source(project, raster_id)
    with rasters.opened(source.content, source.band) as raster:
        return raster.grid.rows * raster.grid.cols


def check(project: Project, raster_id: str) -> int:
    """The number of cells of a declared raster, all of which are read.

    Raises
    ------
    DataError
        The file is faulty, in another CRS than declared, or holds a code that its class table
        does not name.
    """
    source = declared_source(project, raster_id)
    declared = catalogue.raster_of(project, raster_id)
    table = None if declared.classes is None else land_classes.table_of(project, declared.classes)
    found: set[float] = set()
    with rasters.opened(source.content, source.band, f"data/{declared.file}") as raster:
        check_declared(raster, declared)
        for top in range(0, raster.grid.rows, ROWS):
            bottom = min(top + ROWS, raster.grid.rows)
            values, valid = raster.read(top, bottom, 0, raster.grid.cols)
            if table is not None:
                found |= set(np.unique(values[valid]).tolist())
    if table is not None:
        unknown = sorted(found - {one.code for one in table.classes} - set(table.blank))
        if unknown:
            raise DataError(
                f"data/{declared.file} 含编码 {unknown[0]:g}，类别表 {table.id} 中没有。",
                f"data/{declared.file} holds the code {unknown[0]:g}, which the class table "
                f"{table.id} does not name.",
            )
    return raster.grid.rows * raster.grid.cols


def check_declared(found: rasters.Raster, declared: RasterFile | None) -> None:
    """Raise where a raster's CRS is not the one its declaration states."""
    if declared is not None and not found.grid.crs.equals(
        pyproj.CRS.from_user_input(declared.crs), ignore_axis_order=True
    ):
        raise DataError(
            f"data/{declared.file} 的坐标系为 {found.grid.crs_name}，声明为 {declared.crs}。",
            f"data/{declared.file} is in {found.grid.crs_name}; {declared.crs} is declared.",
        )
