"""A raster and zones in, measured land out: km² of each class, or mean, sum and quantiles.

A cell counts with the share of it that the zone covers, and with its area on the ellipsoid. The sum
of a raster of counts (people) takes covered shares alone, so that no area distorts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from bsh_geo.cell_area import CellAreas
from bsh_geo.crs import MEASURE
from bsh_geo.errors import DataError
from bsh_geo.land_amounts import amounts
from bsh_geo.land_walk import Block, Piece, Tell, needed, walk
from bsh_geo.limits_in import MOST_VERTICES
from bsh_geo.rasters import MOST_CELLS, Cells, Grid, Mask, Values, lonlat_bounds

Kind = Literal["classes", "values"]
Numbers = npt.NDArray[np.float64]

EDGE_M = 1000.0
"""Edges longer than this get points before they are reprojected: straight in one CRS is not
straight in another."""

MOST_CLASSES = 64
"""A raster with more different whole numbers than this holds amounts, not classes."""


@dataclass(frozen=True, eq=False)
class Areas:
    """What was counted of each zone, indexed by zone id; all in km².

    Attributes
    ----------
    own : Series
        Area of the polygon itself, in ``crs.MEASURE``.
    counted : Series
        Area of the raster's cells within it, those without data included.
    nodata : Series
        The part of ``counted`` whose cells hold no data.
    beyond : Series
        What lies outside the raster: own less counted, never negative.
    """

    own: pd.Series
    counted: pd.Series
    nodata: pd.Series
    beyond: pd.Series


@dataclass(frozen=True, eq=False)
class Measured:
    """Land of zones by a raster.

    Attributes
    ----------
    kind : str
        "classes": ``classes`` holds km² by zone (rows) and code (columns).
        "values": ``values`` holds mean, sum, min, max, p10, p50, p90 and cells by zone; NaN where
        a zone has no cell with data.
    method : (str, str)
        How areas were found, in both languages.
    """

    kind: Kind
    raster: str
    grid: Grid
    areas: Areas
    classes: pd.DataFrame
    values: pd.DataFrame
    method: tuple[str, str]


def kind_of(cells: Cells, shapes: npt.NDArray[Any]) -> Kind:
    """Whether a raster holds classes or amounts, from sixteen blocks spread over the zones.

    Fractions, or more than ``MOST_CLASSES`` different whole numbers, are amounts.
    """
    top, bottom, left, right = needed(cells.grid, shapes)
    found: set[float] = set()
    for row in np.linspace(top, max(top, bottom - 128), 4).astype(int):
        for col in np.linspace(left, max(left, right - 128), 4).astype(int):
            values, valid = cells.read(row, min(row + 128, bottom), col, min(col + 128, right))
            kept = values[valid]
            if kept.dtype.kind == "f" and (kept % 1 != 0).any():
                return "values"
            found.update(np.unique(kept).tolist())
    return "values" if len(found) > MOST_CLASSES else "classes"


def measure(
    cells: Cells, zones: gpd.GeoDataFrame, kind: Kind | None = None, tell: Tell | None = None
) -> Measured:
    """Land of each zone by a raster.

    Parameters
    ----------
    cells : Cells
        An open raster, in any CRS.
    zones : GeoDataFrame
        Polygons with a CRS, indexed by zone id; they may overlap and reach beyond the raster.
    kind : "classes" or "values", optional
        What the raster holds; None finds out (see ``kind_of``).
    tell : callable, optional
        Told the share of the work done.

    Raises
    ------
    DataError
        Zones and raster lie apart, too many cells would have to be read, a file ends early, or
        classes were asked of fractional values.
    """
    shapes = on_grid(zones, cells)
    areas = CellAreas(cells.grid)
    chosen = kind or kind_of(cells, shapes)
    if chosen == "classes":
        tally = _classes(cells, shapes, areas, tell)
        counted, nodata = tally.counted, tally.nodata
        by_class = _class_frame(tally.areas, zones.index)
        values = pd.DataFrame(index=zones.index)
    else:
        by_class = pd.DataFrame(index=zones.index)
        counted, nodata, values = amounts(cells, shapes, areas, zones.index, tell)
    found = _areas(zones, counted, nodata)
    return Measured(chosen, cells.name, cells.grid, found, by_class, values, areas.method())


def on_grid(zones: gpd.GeoDataFrame, cells: Cells) -> npt.NDArray[Any]:
    """The polygons of zones in the CRS of a raster, long edges given points.

    Raises
    ------
    DataError
        The zones cannot be placed in the raster's CRS, do not meet it, or need too many cells.
    """
    grid = cells.grid
    moved = _dense(zones.geometry).to_crs(grid.crs)
    shapes = np.asarray(moved.values)
    if not np.isfinite(shapely.total_bounds(shapes)).all():
        raise DataError(
            f"分区不能换算到 {cells.name} 的坐标系 {grid.crs_name}。",
            f"The zones cannot be placed in {grid.crs_name}, the CRS of {cells.name}.",
        )
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    _check_meeting(zones, shapes, cells)
    return shapes


def _dense(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Shapes whose edges are at most ``EDGE_M`` long, wherever on earth they are."""
    metre = 1.0 if shapes.crs.is_projected else 1 / 111_000
    points = shapes.count_coordinates().sum() + shapely.length(shapes.array).sum() / EDGE_M / metre
    if points > MOST_VERTICES:
        raise DataError(
            f"分区的边太长或顶点太多：细分后约 {points:,.0f} 个点，最多 {MOST_VERTICES:,} 个。",
            f"The zones have too long edges or too many vertices: about {points:,.0f} points when "
            f"divided; {MOST_VERTICES:,} are the most.",
        )
    return shapes.segmentize(EDGE_M * metre)


def _check_meeting(zones: gpd.GeoDataFrame, shapes: npt.NDArray[Any], cells: Cells) -> None:
    top, bottom, left, right = needed(cells.grid, shapes)
    box = shapely.box(*cells.grid.bounds)
    if top >= bottom or left >= right or not shapely.intersects(shapes, box).any():
        raster = _box_text(lonlat_bounds(cells.grid))
        asked = _box_text(tuple(zones.to_crs("EPSG:4326").total_bounds))
        raise DataError(
            f"{cells.name} 与分区没有重叠：栅格在 {raster}，分区在 {asked}。"
            "坐标系可能写错（例如高斯–克吕格坐标的带号）。",
            f"{cells.name} and the zones do not overlap: the raster lies at {raster}, the zones "
            f"at {asked}. The CRS may be wrong (such as the zone of a Gauss–Krüger system).",
        )
    count = (bottom - top) * (right - left)
    if count > MOST_CELLS:
        raise DataError(
            f"{cells.name} 在分区范围内有 {count:,} 格，上限 {MOST_CELLS:,}，请先裁剪或抽稀。",
            f"{cells.name} has {count:,} cells around the zones; at most {MOST_CELLS:,} are read. "
            "Cut it or make its cells larger first.",
        )


def _box_text(bounds: tuple[float, ...]) -> str:
    west, south, east, north = bounds
    return f"{west:.3f}–{east:.3f}°E, {south:.3f}–{north:.3f}°N"


def _areas(zones: gpd.GeoDataFrame, counted: Numbers, nodata: Numbers) -> Areas:
    own = own_km2(zones)
    measured = pd.Series(counted / 1e6, index=zones.index)
    missing = (own - measured).clip(lower=0)
    # Both measures agree to some 1e-6; what is less is rounding, not land beyond the raster.
    beyond = missing.where(missing > 2e-5 * own, 0.0)
    return Areas(own, measured, pd.Series(nodata / 1e6, index=zones.index), beyond)


def own_km2(zones: gpd.GeoDataFrame) -> pd.Series:
    """Area of each zone's polygon in km², in ``crs.MEASURE``, by zone id."""
    found: pd.Series = _dense(zones.geometry).to_crs(MEASURE).area / 1e6
    return found


@dataclass(eq=False)
class _Tally:
    """Sums in m² by zone: cells with and without data, and by class."""

    counted: Numbers
    nodata: Numbers
    areas: list[dict[int, float]]

    @classmethod
    def of(cls, count: int) -> _Tally:
        blank: list[dict[int, float]] = [defaultdict(float) for _ in range(count)]
        return cls(np.zeros(count), np.zeros(count), blank)


def compact(values: Values, valid: Mask) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """Codes that occur, and for each cell (flat) the place of its code; no data comes last.

    Raises
    ------
    ValueError
        A valid cell holds a fraction.
    """
    flat = valid.ravel()
    every = bool(flat.all())
    kept = values.ravel() if every else values.ravel()[flat]
    if kept.dtype.kind == "f":
        if (kept % 1 != 0).any():
            raise ValueError(float(kept[kept % 1 != 0][0]))
        kept = kept.astype(np.int64)
    if not len(kept):
        return kept, np.zeros(values.size, np.intp)
    codes, place = _ranked(kept)
    if every:
        return codes, place
    whole = np.full(values.size, len(codes), np.intp)
    whole[flat] = place
    return codes, whole


def _ranked(kept: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """The different numbers, rising, and the place of each of ``kept`` among them."""
    low, high = int(kept.min()), int(kept.max())
    if high - low >= 65_536:
        codes, place = np.unique(kept, return_inverse=True)
        return codes, place.astype(np.intp)
    shifted = kept.astype(np.intp)
    shifted -= low
    there = np.bincount(shifted, minlength=high - low + 1) > 0
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[shifted]


def class_places(
    block: Block, values: Values, valid: Mask, name: str
) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """``compact`` with the fault told as a sentence that names row and value."""
    try:
        return compact(values, valid)
    except ValueError as error:
        raise DataError(
            f"{name} 第 {block.top + 1} 行附近的值 {error.args[0]:g} 不是整数编码，"
            "不能按类别统计；连续数值请按数量统计。",
            f"{name}: the value {error.args[0]:g} near row {block.top + 1} is no class code; "
            "measure it as amounts.",
        ) from error


def _classes(cells: Cells, shapes: npt.NDArray[Any], areas: CellAreas, tell: Tell | None) -> _Tally:
    tally = _Tally.of(len(shapes))
    for block in walk(cells, shapes, areas, tell):
        codes, places = class_places(block, block.values, block.valid, cells.name)
        weight = block.area
        whole: Numbers | None = None
        for piece in block.pieces:
            part = by_place(places, weight, len(codes) + 1, piece, whole)
            whole = part if piece.part is None else whole
            tally.counted[piece.zone] += part.sum()
            tally.nodata[piece.zone] += part[-1]
            mine = tally.areas[piece.zone]
            for code, area in zip(codes.tolist(), part.tolist(), strict=False):
                mine[code] += area
    return tally


def by_place(
    places: npt.NDArray[np.intp], weight: Numbers, count: int, piece: Piece, whole: Numbers | None
) -> Numbers:
    """Weight by place within a piece; ``whole`` is that of the block where it is known."""
    if piece.part is None:
        return np.asarray(np.bincount(places, weight, count) if whole is None else whole, float)
    cells, covered = piece.part
    return np.asarray(np.bincount(places[cells], weight[cells] * covered, count), float)


def _class_frame(tallied: Sequence[dict[int, float]], index: pd.Index) -> pd.DataFrame:
    """km² by zone and code, codes rising; 0 where a zone has none of a code."""
    codes = sorted({int(code) for one in tallied for code, area in one.items() if area > 0})
    rows = [[one.get(code, 0.0) / 1e6 for code in codes] for one in tallied]
    return pd.DataFrame(rows, index=index, columns=pd.Index(codes, dtype=object), dtype=float)
