"""A file, pasted coordinates or drawn shapes in, sites ready to be measured out.

What is amiss is mended only where nothing is guessed (a third dimension, a polygon that crosses
itself), and said; a site that cannot be tested is kept with the reason, never dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from bsh_geo import coordinates, frames, site_files
from bsh_geo.catalogue import Text
from bsh_geo.coordinates import Coordinate
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project
from bsh_geo.site_geometry import Shapes, divided, mended, moved, twice
from bsh_geo.site_tables import text_of

SHAPES = ("points", "line", "polygon")
"""What pasted coordinates can be read as."""

MARGIN_DEGREES = 0.5
"""Sites so far around the drawn region are still tested."""

NAMES = (
    *("name", "名称", "name_zh", "项目名称", "场址", "场址名称", "站点", "点位", "title", "site"),
    *("编号", "id", "code", "fid"),
)
"""Columns that a site's name is taken from, the first that is there."""

_DIMENSIONS = {0: "point", 1: "line", 2: "area"}


@dataclass(frozen=True)
class Rejected:
    """A site that cannot be tested: its number and name, and why."""

    number: int
    name: str
    reason: Text


@dataclass(frozen=True, eq=False)
class Sites:
    """Sites that can be tested, and all that is to be said about them.

    Attributes
    ----------
    frame : GeoDataFrame
        Indexed by number (from 1, as in the file): ``name``, ``kind`` ("point", "line" or
        "area"), ``geometry`` in ``DISPLAY`` to draw.
    plane : ndarray of geometries
        The same in metres of ``MEASURE``, edges divided so that they keep their course.
    rejected : tuple of Rejected
        Sites that were not tested.
    notes : tuple of Text
        What was mended or should be known.
    crs, form : str
        CRS and form that they came in.
    """

    frame: gpd.GeoDataFrame
    plane: Shapes
    rejected: tuple[Rejected, ...]
    notes: tuple[Text, ...]
    crs: str
    form: str

    def __len__(self) -> int:
        return len(self.frame)


def read(project: Project, content: bytes, name: str, crs: str | None = None) -> Sites:
    """The sites of a file: GeoJSON, GeoPackage, Shapefile in a zip, KML, FlatGeobuf, CSV, XLSX.

    Parameters
    ----------
    name : str
        The file's name, whose ending says the format.
    crs : str, optional
        An EPSG code, for files that name no CRS; GeoJSON and KML are WGS 84.

    Raises
    ------
    BshError
        The format is unknown, the file damaged, its CRS missing, or no site can be tested.
    """
    raw = site_files.with_crs(site_files.read(content, name), crs, name)
    return _checked(project, raw.frame.geometry.array, _names(raw.frame), raw.frame.crs, raw.form)


def pasted(project: Project, text: str, shape: str = "points") -> Sites:
    """Sites of pasted coordinates in degrees (WGS 84, which CGCS2000 equals within a metre).

    ``shape`` is one of ``SHAPES``. As points each line is a site; as a line or a polygon each
    group of lines between blank ones.

    Raises
    ------
    BshError
        A line is not understood, or there are too few coordinates for the shape.
    """
    if shape not in SHAPES:
        raise unknown_name("形状", "shape", shape, SHAPES)
    groups = coordinates.parse(text)
    if shape == "points":
        flat = [one for group in groups for one in group]
        made: list[BaseGeometry] = [shapely.Point(one.lon, one.lat) for one in flat]
        labels = [one.label for one in flat]
    else:
        made = [_joined(group, shape, at) for at, group in enumerate(groups, start=1)]
        labels = [next((one.label for one in group if one.label), "") for group in groups]
    return _checked(project, made, labels, pyproj.CRS(DISPLAY), "pasted")


def _joined(group: list[Coordinate], shape: str, at: int) -> BaseGeometry:
    pairs = [(one.lon, one.lat) for one in group]
    least, zh, en = (3, "面", "polygon") if shape == "polygon" else (2, "线", "line")
    if len(set(pairs)) < least:
        raise DataError(
            f"第 {at} 组坐标只有 {len(set(pairs))} 个不同的点，{zh}至少需要 {least} 个。",
            f"Group {at} has {len(set(pairs))} different points; a {en} needs at least {least}.",
        )
    return shapely.Polygon(pairs) if shape == "polygon" else shapely.LineString(pairs)


def drawn(project: Project, geometries: Sequence[Mapping[str, Any]]) -> Sites:
    """Sites drawn on the map: GeoJSON geometries in WGS 84.

    Raises
    ------
    DataError
        One is no geometry.
    """
    try:
        made = [shape_of(dict(one)) for one in geometries]
    except (
        ShapelyError, GEOSException, ValueError, TypeError, KeyError, AttributeError, IndexError,
        RecursionError,
    ) as error:  # fmt: skip
        raise DataError(
            "画出的形状无法识别，请重画。", "The drawn shape is not understood; draw it again."
        ) from error
    return _checked(project, made, [""] * len(made), pyproj.CRS(DISPLAY), "drawn")


def _names(frame: gpd.GeoDataFrame) -> list[str]:
    """The names of a file's features; blank where it has none."""
    titles = {str(one).strip().lower(): one for one in frame.columns if one != "geometry"}
    found = next((titles[one] for one in NAMES if one in titles), None)
    if found is None:
        return [""] * len(frame)
    return [text_of(cell) for cell in frame[found]]


@cache
def region(project: Project) -> tuple[float, float, float, float]:
    """west, south, east, north in degrees within which sites are tested."""
    known = [frames.boundary(project, one).total_bounds for one in ("neighbours", "districts")]
    west, south = (min(one[side] for one in known) - MARGIN_DEGREES for side in (0, 1))
    east, north = (max(one[side] for one in known) + MARGIN_DEGREES for side in (2, 3))
    return float(west), float(south), float(east), float(north)


def _checked(
    project: Project, found: Sequence[BaseGeometry], names: list[str], crs: pyproj.CRS, form: str
) -> Sites:
    flat, reasons, notes = mended(np.array(list(found), dtype=object))
    display = _located(project, flat, reasons, crs)
    numbers = np.arange(1, len(flat) + 1)
    names = [one or str(number) for one, number in zip(names, numbers, strict=True)]
    rejected = tuple(
        Rejected(int(number), name, reason)
        for number, name, reason in zip(numbers, names, reasons, strict=True)
        if reason is not None
    )
    good = np.array([one is None for one in reasons], dtype=bool)
    if not good.any():
        raise _none_left(rejected)
    plane = moved(divided(flat[good], crs), crs, MEASURE)
    kinds = [_DIMENSIONS[int(one)] for one in shapely.get_dimensions(plane)]
    frame = gpd.GeoDataFrame(
        {"name": np.array(names, dtype=object)[good], "kind": kinds},
        geometry=gpd.GeoSeries(display[good], crs=DISPLAY).to_numpy(),
        index=pd.Index(numbers[good], name="number"),
        crs=DISPLAY,
    )
    return Sites(frame, plane, rejected, (*notes, *twice(plane, frame)), _crs_text(crs), form)


def _located(project: Project, flat: Shapes, reasons: list[Text | None], crs: pyproj.CRS) -> Shapes:
    """The sites in degrees; a reason is added for each that is not where the data are."""
    display: Shapes = np.full(len(flat), None, dtype=object)
    good = np.array([one is None for one in reasons], dtype=bool)
    display[good] = moved(flat[good], crs, DISPLAY)
    around = region(project)
    bounds = shapely.bounds(display)
    for at in np.flatnonzero(good):
        if _inside(bounds[at], around):
            continue
        swapped = moved(_swapped(flat[at : at + 1]), crs, DISPLAY)[0]
        reasons[at] = _place_fault(bounds[at], _inside(swapped.bounds, around), around)
    return display


def _swapped(found: Shapes) -> Shapes:
    made: Shapes = shapely.transform(found, lambda pairs: pairs[:, ::-1])
    return made


def _none_left(rejected: tuple[Rejected, ...]) -> DataError:
    first = rejected[0]
    count = len(rejected)
    return DataError(
        f"{count} 个场址都无法核查；第 {first.number} 个“{first.name}”：{first.reason.zh}。",
        f"None of the {count} sites can be tested; number {first.number} “{first.name}”: "
        f"{first.reason.en}.",
    )


def _crs_text(crs: pyproj.CRS) -> str:
    code = crs.to_authority()
    return f"{crs.name} ({':'.join(code)})" if code else str(crs.name)


def _place_fault(
    bounds: Sequence[float], swapped: bool, around: tuple[float, float, float, float]
) -> Text:
    """Why a site in degrees is not where the data are; ``swapped``, whether it then would be."""
    west, south, east, north = bounds
    where = f"({(west + east) / 2:.4f}, {(south + north) / 2:.4f})"
    if swapped:
        return Text(
            zh="坐标疑似颠倒：应先经度后纬度，或先东坐标后北坐标",
            en="its coordinates look swapped; longitude (or easting) comes first",
        )
    if not np.isfinite(bounds).all():
        return Text(
            zh="坐标超出该坐标系的适用范围，请核对坐标系",
            en="its coordinates are outside its CRS; check the CRS",
        )
    return Text(
        zh=f"坐标 {where} 不在本市及周边（{_range(around, '东经', '北纬')}），请核对坐标或坐标系",
        en=f"its coordinates {where} are not in or around the city ({_range(around, 'E', 'N')}); "
        "check them, or the CRS",
    )


def _inside(bounds: Sequence[float], around: tuple[float, float, float, float]) -> bool:
    west, south, east, north = around
    return (
        bool(np.isfinite(bounds).all())
        and west <= bounds[0]
        and south <= bounds[1]
        and bounds[2] <= east
        and bounds[3] <= north
    )


def _range(around: tuple[float, float, float, float], lon: str, lat: str) -> str:
    west, south, east, north = around
    return f"{lon} {west:.1f}–{east:.1f}, {lat} {south:.1f}–{north:.1f}"
