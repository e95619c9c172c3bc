"""A size in, the land cut into squares out, as a boundary set of a project folder.

The squares are those of the equal-area system (``crs.MEASURE``) with its origin at 121.5° E,
31.2° N, so that the same square has the same id whatever the land is: ``e12n-8`` begins 12 km
east and 8 km south of the origin. Squares on the shore are cut at the land's outline.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import frames, intake, own_journal, own_units, own_write
from bsh_geo.catalogue import Text
from bsh_geo.crs import DISPLAY, MEASURE, to_measure
from bsh_geo.errors import DataError
from bsh_geo.own_history import Entry, confirm
from bsh_geo.own_kinds import kind_of
from bsh_geo.own_options import Options
from bsh_geo.own_preview import Preview
from bsh_geo.own_report import Report
from bsh_geo.own_write import Files
from bsh_geo.project import Project

SIZES_KM = (0.5, 50.0)
"""The smallest square would give 27,000 units already; the largest is a third of the city."""

LEAST_KM2 = 1e-4
"""Bits of squares below 100 m² are left out: what the outline cuts off is narrower than it is
exact."""


def cells(project: Project, size_km: float) -> gpd.GeoDataFrame:
    """The squares with land in them: ``id``, ``name_zh``, ``name_en`` and their part on land.

    Raises
    ------
    DataError
        The size is not between half a kilometre and fifty.
    """
    low, high = SIZES_KM
    if not low <= size_km <= high:
        raise DataError(
            f"网格边长应为 {low:g}–{high:g} km，现为 {size_km:g}。",
            f"The squares should be {low:g} to {high:g} km wide; {size_km:g} was given.",
        )
    size = size_km * 1000.0
    land = to_measure(frames.boundary(project, "land")).geometry.to_numpy()
    west, south, east, north = (float(one) for one in shapely.total_bounds(land))
    columns = np.arange(np.floor(west / size), np.ceil(east / size))
    rows = np.arange(np.floor(south / size), np.ceil(north / size))
    x, y = (one.ravel() * size for one in np.meshgrid(columns, rows))
    squares = shapely.box(x, y, x + size, y + size)
    whole = shapely.union_all(land)
    shapely.prepare(whole)
    on_land = shapely.intersects(whole, squares)
    kept = np.array([_land_of(whole, one) for one in squares[on_land]], dtype=object)
    large = shapely.area(kept) >= LEAST_KM2 * 1e6
    east_km, north_km = x[on_land][large] / 1000.0, y[on_land][large] / 1000.0
    names = [_names(e, n) for e, n in zip(east_km, north_km, strict=True)]
    made = pd.DataFrame(names, columns=["id", "name_zh", "name_en"])
    return gpd.GeoDataFrame(made, geometry=kept[large], crs=MEASURE).to_crs(DISPLAY)


def _land_of(whole: shapely.Geometry, square: shapely.Polygon) -> shapely.Geometry:
    """The land in a square without the lines and points where it only touches."""
    if shapely.contains_properly(whole, square):
        return square
    parts = shapely.get_parts(shapely.intersection(whole, square))
    return shapely.MultiPolygon(
        [one for one in parts if shapely.get_dimensions(one) == 2 and one.area >= 1.0]
    )


def _names(east: float, north: float) -> tuple[str, str, str]:
    zh = f"{'东' if east >= 0 else '西'}{abs(east):g}{'北' if north >= 0 else '南'}{abs(north):g}"
    en = f"{'E' if east >= 0 else 'W'}{abs(east):g} {'N' if north >= 0 else 'S'}{abs(north):g}"
    return f"e{east:g}n{north:g}", zh, en


def add(folder: Path, boundary_id: str, size_km: float) -> Entry:
    """Add the squares to a project folder as a boundary set, as an import that can be undone.

    Raises
    ------
    DataError
        The folder is no project, the id is not allowed or in use, or the size is not possible.
    """
    project = intake.target_project(folder)
    name = own_units.new_id(project, boundary_id)
    rows = cells(project, size_km)
    land = frames.boundary_of(project, "land")
    files = Files()
    told = Text(zh=f"{size_km:g} km 网格", en=f"Squares of {size_km:g} km")
    source = {
        "id": f"own-{name}",
        "title_zh": f"{told.zh}（bsh-geo import grid）",
        "title_en": f"{told.en} (bsh-geo import grid)",
        "note_zh": "等面积投影（中心 121.5°E、31.2°N）的方格，裁至陆域轮廓。",
        "note_en": "Squares in an equal-area projection about 121.5° E, 31.2° N, cut at the land.",
    }
    declared = {
        "id_column": "id",
        "name_column": "name_zh",
        "crs": DISPLAY,
        "geometry": "Polygon",
        "source": [source["id"], *land.source],
        "licence": land.licence.model_dump(),
        "date": land.date,
        "quality": "derived",
        "title": told.model_dump(),
        "purpose": own_write.both("统计单元", "Units of counting"),
        "limitations": own_write.both(
            "岸边的方格裁至陆域，面积小于整格；编号为西南角距 121.5°E、31.2°N 的东、北公里数。",
            "Squares on the shore are cut at the land and smaller than the others; the id gives "
            "the kilometres east and north of 121.5° E, 31.2° N of the south-western corner.",
        ),
    }
    own_write.boundary_files(project, files, rows, {"id": name, **declared}, False)
    own_write.add_source(project, files, source)
    return confirm(folder, _preview(project, rows, files, source["id"]))


def _preview(project: Project, rows: gpd.GeoDataFrame, files: Files, source: str) -> Preview:
    """The squares as what an import would write, so that they are written and undone like one."""
    sha = hashlib.sha256(b"".join(one or b"" for one in files.content.values())).hexdigest()
    report = Report(
        "boundary", "bsh-geo import grid", sha, "GeoJSON", "utf-8", "", DISPLAY, "wgs84", source,
        "derived", len(rows), len(rows), (), (), (), tuple(files.planned),
    )  # fmt: skip
    root = project.roots[0]
    before = {one: own_journal.digest(root / one) for one in files.content}
    return Preview(kind_of("boundary"), report, rows, files.content, before, Options())
