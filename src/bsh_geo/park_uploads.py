"""An uploaded file of ways or of residents in, the same file held for one session out.

What is uploaded is taken as bytes, bounded and checked as a project's own file is, and lies in a
folder of its own that goes with the session. Counts without shapes are those of whole districts.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

import geopandas as gpd
import pandas as pd

from bsh_geo import (
    areas,
    given,
    own_tables,
    own_values,
    park_access,
    park_gaps,
    parks,
    site_files,
)
from bsh_geo.areas import Selection
from bsh_geo.catalogue import CITY
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import DataError, UnknownNameError, unknown_name
from bsh_geo.limits_in import MOST_BYTES, MOST_COUNT_CELLS, MOST_FEATURES, told
from bsh_geo.park_access import Basis, File
from bsh_geo.project import Project
from bsh_geo.reading_archives import shown_name
from bsh_geo.residents import GRIDS
from bsh_geo.site_guards import plain_geopackage

WAYS = ("gpkg", "geojson", "json", "fgb", "zip", "osm", "pbf")
"""Endings of files of ways: a zip file holds a Shapefile, .osm and .pbf are extracts of OSM."""
PEOPLE = ("tif", "tiff", "gpkg", "geojson", "json", "fgb", "zip", "csv", "xlsx")
"""Endings of files of residents: a grid, areas with counts, a sheet of counts by district."""

COUNTED = "population"
"""The column of counts by district."""
_HEADS = ("population", "people", "residents", "人口", "人数", "居民")
_TAGS = ("highway", "fclass", "foot", "access", "layer", "bridge", "tunnel", "other_tags")
_TOTALS = ("合计", "总计", "小计", "total", "sum")
_UNITS = {"": 1.0, "人": 1.0, "persons": 1.0, "people": 1.0, "万人": 1e4, "万": 1e4}


class Folder:
    """Where the uploads of one session lie; it goes with its last reference."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="bsh-parks-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.path, True)

    def file(self, content: bytes, shown: str, ending: str) -> File:
        """The bytes as a file under a name of our own."""
        mark = hashlib.sha256(content).hexdigest()
        path = self.path / f"{mark[:24]}.{ending}"
        path.write_bytes(content)
        return File(path, shown, (len(content), int(mark[:12], 16)))


def ways(content: bytes, name: str, folder: Folder) -> File:
    """A file of ways; what it holds is checked by ``park_access.check``.

    Raises
    ------
    BshError
        It is empty, too large, damaged or of another format, or has no CRS.
    """
    ending = _ending(content, name, WAYS)
    if ending == "zip":
        return _unzipped(content, name, folder, "line")
    return _checked(folder.file(content, shown_name(name), ending))


def people(project: Project, content: bytes, name: str, folder: Folder) -> File:
    """A file of residents: a grid, areas, or a sheet of counts by district laid on their land.

    Raises
    ------
    BshError
        As for ``ways``; or a row of a sheet is no district, a district is missing or counted twice.
    """
    ending = _ending(content, name, PEOPLE)
    if ending in ("csv", "xlsx"):
        counts = _by_district(project, content, name)
        return _written(counts, shown_name(name), folder)
    if ending == "zip":
        return _unzipped(content, name, folder, "area")
    return _checked(folder.file(content, shown_name(name), ending))


def _ending(content: bytes, name: str, known: tuple[str, ...]) -> str:
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower().removeprefix(".")
    shown = shown_name(name)
    if ending not in known:
        raise unknown_name("文件格式", "file format", ending or shown, known)
    if not content:
        raise DataError(f"{shown} 是空文件。", f"{shown} is empty.")
    if len(content) > MOST_BYTES:
        size, most = len(content) / 2**20, MOST_BYTES // 2**20
        raise DataError(
            f"{shown} 有 {size:,.0f} MB，最多 {most} MB。",
            f"{shown} has {size:,.0f} MB; {most} MB are the most.",
        )
    return ending


def _checked(file: File) -> File:
    """The file, nothing in it that computes."""
    if file.path.suffix == ".gpkg":
        with file.path.open("rb") as content:
            start = content.read(100)
        if start.startswith(b"SQLite format 3\0"):  # else its reader says what it is not
            plain_geopackage(file.path, file.shown)
    return file


def _unzipped(content: bytes, name: str, folder: Folder, kind: given.Kind) -> File:
    """The Shapefiles of a zip file; of ways only what says who may walk on them."""
    raw = site_files.read(content, name, MOST_FEATURES)
    frame = site_files.with_crs(raw, None, name).frame
    if kind == "line":
        lowered = frame.rename(columns={one: str(one).lower() for one in frame.columns})
        frame = lowered[[*(one for one in _TAGS if one in lowered), "geometry"]]
    return _written(frame, shown_name(name), folder)


def _written(frame: gpd.GeoDataFrame, shown: str, folder: Folder) -> File:
    made = folder.path / "made.fgb"
    # Without an index the features keep their order, by which faults name them.
    frame.to_file(made, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    return folder.file(made.read_bytes(), shown, "fgb")


# Residents ------------------------------------------------------------------------------------


def columns(file: File) -> tuple[str, ...]:
    """The columns of numbers of a file of areas, those first that are called so; none of a grid."""
    if file.path.suffix.lower() in GRIDS:
        return ()
    frame = given.shapes(file.path, file.shown, "area")
    numeric = [str(one) for one in frame.select_dtypes("number").columns]
    if not numeric:
        raise DataError(
            f"{file.shown} 没有数值列，应有一列人数。",
            f"{file.shown} has no column of numbers; one of people was expected.",
        )
    return tuple(sorted(numeric, key=lambda one: not _is_count(one)))


def _is_count(head: str) -> bool:
    return any(word in head.lower() for word in _HEADS)


def _by_district(project: Project, content: bytes, name: str) -> gpd.GeoDataFrame:
    """The land of each district with the people that a sheet counts in it."""
    shown = shown_name(name)
    rows = own_tables.read(content, name, lambda text: _is_count(text) or _is_place(text))
    heads = rows.names()
    size = len(heads) * len(rows.numbers)
    if size > MOST_COUNT_CELLS:
        raise told(shown, "个单元格", "cells", size, MOST_COUNT_CELLS)
    cells = [rows.cells[at] for at in range(len(heads))]
    place = max(range(len(heads)), key=lambda at: sum(_known(project, one) for one in cells[at]))
    counted = [at for at, head in enumerate(heads) if at != place and _is_count(head)]
    if not any(_known(project, one) for one in cells[place]) or len(counted) != 1:
        raise DataError(
            f"{shown} 应有一列区名和一列人口（列名含“人口”或“人数”），实有："
            f"{'、'.join(heads[:12])}。",
            f"{shown} should have a column of districts and one of people (called “population”); "
            f"it has: {', '.join(heads[:12])}.",
        )
    head = heads[counted[0]]
    times = 1e4 if "万人" in head else 1.0
    found: dict[str, float] = {}
    for at, (text, count) in enumerate(zip(cells[place], cells[counted[0]], strict=True)):
        row = int(rows.numbers[at])
        if text.strip().lower() in _TOTALS or _code(project, text) == CITY:
            continue  # the sum of the others
        code = _district(project, text, shown, row)
        if code in found:
            raise _twice(shown, row, text)
        found[code] = _count(count, times, shown, row, head)
    return _laid(project, found, shown)


def _is_place(text: str) -> bool:
    return text.strip().lower() in ("区", "区名", "区县", "行政区", "地区", "district", "area")


def _code(project: Project, text: str) -> str | None:
    """The code of the city or of a district; None for another text."""
    try:
        chosen: Selection = areas.select(project, [text.strip()])
    except UnknownNameError:
        return None
    return chosen.area if chosen.group is None else None


def _known(project: Project, text: str) -> bool:
    return bool(text.strip()) and _code(project, text) is not None


def _district(project: Project, text: str, shown: str, row: int) -> str:
    code = _code(project, text)
    if code is None:
        raise DataError(
            f"{shown} 第 {row} 行“{text[:40]}”不是区名；分街道、镇的人数请上传带边界的面文件"
            "（GeoPackage、GeoJSON 或 Shapefile 压缩包）。",
            f"{shown}, row {row}: “{text[:40]}” is no district; upload counts of sub-districts "
            "as areas (GeoPackage, GeoJSON or a zipped Shapefile).",
        )
    return code


def _twice(shown: str, row: int, text: str) -> DataError:
    return DataError(
        f"{shown} 第 {row} 行“{text[:40]}”前面已有一行，一个区应只有一行。",
        f"{shown}, row {row}: “{text[:40]}” has a row already; a district takes one.",
    )


def _count(text: str, times: float, shown: str, row: int, head: str) -> float:
    """A cell as people; a unit of its own goes before that of the head."""
    read = own_values.number(text)
    value, unit = read if read is not None else (float("nan"), "?")
    if not 0 <= value < float("inf") or unit not in _UNITS:
        raise DataError(
            f"{shown} 第 {row} 行的{head}为“{text[:40]}”，应为不小于 0 的人数。",
            f"{shown}, row {row}: {head} is “{text[:40]}”; a number of people, 0 or more, was "
            "expected.",
        )
    return value * (_UNITS[unit] if unit else times)


def _laid(project: Project, found: dict[str, float], shown: str) -> gpd.GeoDataFrame:
    """People on the land of the districts, all of which must be counted."""
    land = parks.land(project)
    missing = [str(code) for code in land.index if str(code) not in found]
    if missing:
        zh = "、".join(areas.area_name(project, code, "zh") for code in missing)
        en = ", ".join(areas.area_name(project, code, "en") for code in missing)
        raise DataError(f"{shown} 缺少这些区的人数：{zh}。", f"{shown} lacks the people of {en}.")
    counts = pd.Series(found, dtype=float).reindex([str(code) for code in land.index])
    frame = gpd.GeoDataFrame({COUNTED: counts.to_numpy()}, geometry=land.geometry.to_numpy())
    return frame.set_crs(land.crs).to_crs(DISPLAY)


# Work -----------------------------------------------------------------------------------------

Step = tuple[str, Callable[[], object]]


def steps(of: Basis, band: park_access.Band, codes: tuple[str, ...], spots: bool) -> list[Step]:
    """What is to be done before a view can be shown, each by the key of its words.

    Every step keeps what it finds; done again it takes no time.
    """
    listed: list[Step] = []
    if of.on_foot:
        listed += [
            ("ways", lambda: park_access.ways(of)),
            ("gates", lambda: park_access.gates(of)),
        ]
    if of.people is not None:
        listed.append(("people", lambda: park_access.people(of)))
    listed.append(("check", lambda: park_access.check(of)))
    listed.append(("reach", lambda: park_access.reach(of, band)))
    if of.on_foot:
        straight = park_access.straight(of)
        listed.append(("straight", lambda: park_access.reach(straight, band)))
    listed.append(("shares", lambda: park_access.by_district(of, band)))
    if spots:
        listed.append(("gaps", lambda: park_gaps.gaps(of, band, codes)))
    return listed


def band_steps(of: Basis) -> list[Step]:
    """The same for the bands side by side."""
    wanted = [park_access.band(key, of.walk.speed_m_s) for key in park_access.BANDS]
    ways_of = [park_access.straight(of), *([of] if of.on_foot else [])]
    return [
        ("bands", partial(park_access.by_district, one, band))
        for band in wanted
        if band.metres is not None
        for one in ways_of
    ]
