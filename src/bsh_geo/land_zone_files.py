"""A file of polygons, or what a command says of zones, in; named and checked zones out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import site_files
from bsh_geo.catalogue import Text
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import DataError
from bsh_geo.land_zones import TITLES, Zones, made, zones_of
from bsh_geo.outlines import TANGLED, tangled
from bsh_geo.project import Project
from bsh_geo.site_tables import text_of

NAMES_ZH = ("name_zh", "名称", "name", "NAME", "Name", "斑块名称", "区名")
NAMES_EN = ("name_en", "name", "NAME", "Name")
IDS = ("id", "ID", "编号", "adcode", "code", "fid")

MOST_ZONES = 20_000


def zones_in(content: bytes, name: str, crs: str | None = None) -> Zones:
    """The polygons of a file of the user's: GeoJSON, GeoPackage, zipped Shapefile, KML, FlatGeobuf.

    ``crs`` is used where the file names none. Polygons that cross themselves are repaired, and
    that is said.

    Raises
    ------
    DataError
        The file cannot be read, holds something else than polygons, too many of them, or has no
        CRS.
    """
    raw = site_files.with_crs(site_files.read(content, name), crs, name).frame
    kinds = sorted(set(raw.geometry.dropna().geom_type) - {"Polygon", "MultiPolygon"})
    if kinds or raw.geometry.isna().any() or raw.geometry.is_empty.any():
        odd = kinds[0] if kinds else "—"
        raise DataError(
            f"{name} 含 {odd} 或空的几何，分区应全部为面。",
            f"{name} holds a {odd} or an empty geometry; zones must all be polygons.",
        )
    if len(raw) > MOST_ZONES:
        raise DataError(
            f"{name} 有 {len(raw):,} 个面，最多 {MOST_ZONES:,} 个。",
            f"{name} holds {len(raw):,} polygons; at most {MOST_ZONES:,} are taken.",
        )
    shapes, repaired = _repaired(raw.to_crs(DISPLAY).geometry, name)
    frame = gpd.GeoDataFrame(_names(raw), geometry=shapes.to_numpy(), crs=DISPLAY)
    remarks = (_repair_remark(repaired),) if repaired else ()
    return made("file", Text(zh=name, en=name), frame, remarks)


def _repaired(shapes: gpd.GeoSeries, name: str) -> tuple[gpd.GeoSeries, int]:
    """Valid polygons, and how many had to be repaired."""
    west, south, east, north = shapes.total_bounds
    if not (np.isfinite(west + east) and -90 <= south <= north <= 90):
        raise DataError(
            f"{name} 的坐标不能换算为经纬度，坐标系可能写错。",
            f"The coordinates of {name} lead to no longitude and latitude; its CRS may be wrong.",
        )
    broken = ~shapes.is_valid
    if any(tangled(shape) for shape in shapes[broken]):
        raise DataError(f"{name}：{TANGLED.zh}。", f"{name}: {TANGLED.en}.")
    # By structure, as for sites: to node a scribble of 300 corners by linework takes 15 seconds.
    valid = shapely.make_valid(shapes.to_numpy(), method="structure", keep_collapsed=False)
    fixed = shapes.where(~broken, gpd.GeoSeries(valid, index=shapes.index, crs=shapes.crs))
    areal = fixed.geom_type.isin(["Polygon", "MultiPolygon"])
    kept = [shape if plain else _polygons(shape) for shape, plain in zip(fixed, areal, strict=True)]
    found = gpd.GeoSeries(kept, index=shapes.index, crs=shapes.crs)
    if found.is_empty.any():
        at = int(found.is_empty.to_numpy().argmax()) + 1
        raise DataError(f"{name} 第 {at} 个面没有面积。", f"{name}: polygon {at} has no area.")
    return found, int(broken.sum())


def _polygons(shape: shapely.Geometry) -> shapely.MultiPolygon:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == 3]))


def _repair_remark(count: int) -> Text:
    return Text(
        zh=f"{count} 个面自相交，已修复后量算。",
        en=f"{count} polygons crossed themselves and were repaired before measuring.",
    )


def _names(raw: gpd.GeoDataFrame) -> pd.DataFrame:
    """Ids that are unique, names in both languages, and no quality: a user's file states none."""
    numbers = [str(number) for number in range(1, len(raw) + 1)]
    ids = _texts(raw, IDS)
    if ids is None or len(set(ids)) < len(ids) or not all(ids):
        ids = numbers
    zh = _texts(raw, NAMES_ZH) or ids
    en = _texts(raw, NAMES_EN) or zh
    return pd.DataFrame({"name_zh": zh, "name_en": en, "quality": ""}, index=pd.Index(ids))


def _texts(raw: gpd.GeoDataFrame, wanted: Sequence[str]) -> list[str] | None:
    """The first of the wanted columns that the file has, as text."""
    for name in wanted:
        if name in raw.columns:
            return [text_of(cell) for cell in raw[name]]
    return None


def chosen(project: Project, text: str, crs: str | None = None) -> Zones:
    """The zones that a command names: an id of the box, else a file.

    Raises
    ------
    UnknownNameError, DataError
        It is neither, or the file is faulty.
    """
    path = Path(text)
    if text in TITLES or not path.suffix:
        return zones_of(project, text)
    if not path.is_file():
        raise DataError(
            f"没有分区文件 {text}，也没有名为它的分区；可用：{'、'.join(TITLES)}。",
            f"There is no file {text}, and no zones of that name; known: {', '.join(TITLES)}.",
        )
    return zones_in(path.read_bytes(), path.name, crs)
