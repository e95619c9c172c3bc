"""A vector file of the user's in, its checked shapes in metres out: ways, counts, homes, sites."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from shapely.errors import GEOSException

from bsh_geo import drivers
from bsh_geo.crs import MEASURE, on_earth
from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_FIELDS, told
from bsh_geo.outlines import TANGLED, tangled

Kind = Literal["line", "area"]

KINDS: dict[Kind, tuple[int, ...]] = {"line": (1, 2, 5), "area": (3, 6)}
"""GEOS type ids: LineString, LinearRing, MultiLineString; Polygon, MultiPolygon."""

SUFFIXES = (".gpkg", ".geojson", ".json", ".osm", ".pbf", ".fgb")
"""GeoPackage, GeoJSON, OpenStreetMap extract (XML or PBF), FlatGeobuf."""

NEAR_M = 150_000.0
"""Data of the city lie within this distance of its middle, in each direction."""

_WORDS: dict[Kind, tuple[str, str]] = {"line": ("线", "lines"), "area": ("面", "areas")}


def shapes(path: Path, shown: str, kind: Kind) -> gpd.GeoDataFrame:
    """The features of a file that are of ``kind``, in ``MEASURE``, with all their columns.

    Multipart lines are taken apart; invalid areas are repaired by ``make_valid``.

    Raises
    ------
    DataError
        The file is missing, of another format or damaged, has no CRS, holds no feature of
        ``kind``, or none near the city.
    """
    frame = _read(path, shown, kind)
    if frame.crs is None:
        raise DataError(
            f"{shown} 没有坐标系，请写入坐标系后再用。",
            f"{shown} has no CRS; write one into the file first.",
        )
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    of_kind = frame[np.isin(shapely.get_type_id(frame.geometry.to_numpy()), KINDS[kind])]
    if of_kind.empty:
        zh, en = _WORDS[kind]
        raise DataError(
            f"{shown} 中没有{zh}要素，应至少有一个。",
            f"{shown} holds no {en}; at least one was expected.",
        )
    if not on_earth(of_kind.crs):
        raise DataError(
            f"{shown} 的坐标系“{of_kind.crs.name}”不能换算为经纬度。",
            f"The CRS “{of_kind.crs.name}” of {shown} leads to no longitude and latitude.",
        )
    moved = of_kind.to_crs(MEASURE)
    check_near(moved.geometry, shown)
    if kind == "line":
        return moved.explode(index_parts=False, ignore_index=True)
    broken = moved.geometry[~moved.geometry.is_valid]
    if any(tangled(one) for one in broken):
        raise DataError(f"{shown}：{TANGLED.zh}。", f"{shown}: {TANGLED.en}.")
    # By structure: to node a scribble of 300 corners by linework takes 15 seconds.
    moved.geometry = moved.geometry.make_valid(method="structure", keep_collapsed=False)
    return moved.reset_index(drop=True)


def check_near(found: gpd.GeoSeries, shown: str) -> None:
    """Raise where nothing of ``found`` (any CRS) is near the city."""
    west, south, east, north = found.to_crs(MEASURE).total_bounds
    if not np.isfinite([west, south, east, north]).all() or (
        west > NEAR_M or south > NEAR_M or east < -NEAR_M or north < -NEAR_M
    ):
        raise DataError(
            f"{shown} 与上海没有重叠：坐标系可能写错，或经纬度颠倒。",
            f"{shown} does not overlap Shanghai: its CRS may be wrong, or its axes swapped.",
        )


def _read(path: Path, shown: str, kind: Kind) -> gpd.GeoDataFrame:
    """The one layer of a file that has features of ``kind``."""
    if not path.is_file():
        raise DataError(f"缺少文件 {shown}。", f"The file {shown} is missing.")
    if path.suffix.lower() not in SUFFIXES or not _looks_right(path):
        raise DataError(
            f"{shown} 不是可读的格式，应为 GeoPackage、GeoJSON、FlatGeobuf 或 OSM 摘录"
            "（.osm、.pbf）。",
            f"{shown} is not of a known format; GeoPackage, GeoJSON, FlatGeobuf or an OSM extract "
            "(.osm, .pbf) was expected.",
        )
    try:
        with warnings.catch_warnings():
            # GDAL's remarks on a file that it reads all the same; a fault is raised.
            warnings.simplefilter("ignore", RuntimeWarning)
            layer = _layer(path, kind)
            fields = len(pyogrio.read_info(path, layer=layer)["fields"])
            if fields > MOST_FIELDS:
                raise told(shown, "个字段", "fields", fields, MOST_FIELDS)
            frame = gpd.read_file(path, layer=layer, engine=drivers.ENGINE)
    except (DataSourceError, DataLayerError, FeatureError, GEOSException, ValueError) as error:
        raise DataError(
            f"{shown} 无法读取，文件可能已损坏。", f"{shown} cannot be read; it may be damaged."
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise DataError(
            f"{shown} 没有几何。", f"{shown} has no geometry; a vector file was expected."
        )
    return frame


def _layer(path: Path, kind: Kind) -> str:
    """The first layer whose declared geometry fits; the first of all where none does."""
    listed = pyogrio.list_layers(path)
    if not len(listed):
        raise DataSourceError(path.name)
    wanted = {"line": "LineString", "area": "Polygon"}[kind]
    fitting = [str(name) for name, declared in listed if wanted in str(declared)]
    return fitting[0] if fitting else str(listed[0][0])


def _looks_right(path: Path) -> bool:
    """Whether the content is what the name says.

    GDAL guesses the format from the content; ``drivers`` took out those that would follow it to
    other files and URLs.
    """
    suffix = path.suffix.lower()
    with path.open("rb") as lines:
        start = lines.read(4096)
    if suffix == ".gpkg":
        return start.startswith(b"SQLite format 3\0")
    if suffix == ".osm":
        return b"<osm" in start
    if suffix == ".pbf":
        return b"OSMHeader" in start
    if suffix == ".fgb":
        return start.startswith(b"fgb")
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("type") == "FeatureCollection"
