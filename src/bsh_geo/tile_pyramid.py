"""Features of a layer in, its vector tiles of all zooms out. Nothing is dropped: what would lie on
top of each other at a zoom becomes one mark that says how many features it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely

from bsh_geo.vector_tiles import EXTENT, Areas, Marks, encode

FIRST = 8
"""The map's first zoom."""

LAST = {"point": 15, "area": 14}
"""The last zoom with tiles of its own, for points the one at which each is drawn by itself. A unit
of a tile is 0.3 m and 0.5 m there."""

CELLS = 16
"""Cells along a tile's side in which marks of one class become one: 16 pixels wide."""

AREA_CELLS = 64
"""The same for areas that are too small to be drawn: squares of 4 pixels, side by side."""

FINE_CELLS = 32
"""The same at the last zoom before the points stand alone."""

TINY = 48
"""Units (3 pixels) below which an area is a mark: it would not be seen."""

SNAP = 4
"""Units (a quarter of a pixel) to which corners are moved before the last zoom, so that few are
left; neighbours move alike, and no gap opens between them."""

BUFFER = 128
"""Units (8 pixels) that areas reach over a tile's edge, so that outlines have no ends there."""

Tile = tuple[int, int, int]
"""Zoom, column from the west, row from the north."""

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Features:
    """What tiles are made of; the number of a feature is its place.

    Attributes
    ----------
    shapes : array of shapely points or polygons
        WGS 84, none missing or empty.
    keys : array of int
        The number of the class of each.
    radii : array of float, optional
        Pixels of each point.
    """

    kind: Literal["point", "area"]
    shapes: Shapes
    keys: npt.NDArray[np.int64]
    radii: npt.NDArray[np.float64] | None = None


def tiles(features: Features) -> Iterator[tuple[Tile, bytes]]:
    """Every tile that is not empty, zoom by zoom for points."""
    if features.kind == "point":
        yield from _point_tiles(features)
    else:
        yield from _area_tiles(features)


def to_units(shapes: Shapes, zoom: int) -> Shapes:
    """Shapes of WGS 84 in units of the tiles of a zoom: Web Mercator, y downwards."""
    side = float(EXTENT * 2**zoom)

    def projected(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        x = (points[:, 0] + 180) / 360
        y = 0.5 - np.arcsinh(np.tan(np.radians(points[:, 1]))) / (2 * np.pi)
        return np.column_stack([x, y]) * side

    found: Shapes = shapely.transform(shapes, projected)
    return found


def _point_tiles(features: Features) -> Iterator[tuple[Tile, bytes]]:
    last = LAST["point"]
    places = shapely.get_coordinates(to_units(features.shapes, last))
    every = np.arange(len(places))
    for zoom in range(FIRST, last + 1):
        units = np.floor(places / 2 ** (last - zoom)).astype(np.int64)
        cells = 0 if zoom == last else FINE_CELLS if zoom == last - 1 else CELLS
        marks = _merged(units, every, features, cells)
        for (column, row), own in _by_tile(marks).items():
            yield (zoom, column, row), encode(own, None)


def _merged(
    units: npt.NDArray[np.int64], ids: npt.NDArray[np.int64], features: Features, cells: int
) -> Marks:
    """One mark for the features of a class in a cell, in the middle of them.

    It has the number of the first of them, whose place it keeps where it stands alone.

    ``units`` are the places of the features ``ids``; without cells each is its own mark.
    """
    radii = None if features.radii is None else features.radii[ids]
    keys = features.keys[ids]
    if not cells:
        return Marks(ids, units[:, 0], units[:, 1], keys, np.ones(len(ids), np.int64), radii)
    tile, inside = np.divmod(units, EXTENT)
    cell = tile * cells + inside * cells // EXTENT
    one = (cell[:, 0] * (int(cell[:, 1].max(initial=0)) + 1) + cell[:, 1]) * (
        int(keys.max(initial=0)) + 1
    ) + keys
    _, first, group, counts = np.unique(
        one, return_index=True, return_inverse=True, return_counts=True
    )
    x, y = (np.bincount(group, column) // counts for column in units.T)
    return Marks(
        ids[first],
        x.astype(np.int64),
        y.astype(np.int64),
        keys[first],
        counts,
        None if radii is None else radii[first],
    )


def _by_tile(marks: Marks) -> dict[tuple[int, int], Marks]:
    """The marks of each tile, at places within it, in the order of their features."""
    tile = np.column_stack([marks.x, marks.y]) // EXTENT
    order = np.lexsort((marks.ids, tile[:, 1], tile[:, 0]))
    starts = np.flatnonzero(np.r_[True, (np.diff(tile[order], axis=0) != 0).any(axis=1)])
    found = {}
    for own in np.split(order, starts[1:]) if len(order) else []:
        column, row = (int(one) for one in tile[own[0]])
        found[column, row] = Marks(
            marks.ids[own],
            marks.x[own] - column * EXTENT,
            marks.y[own] - row * EXTENT,
            marks.keys[own],
            marks.counts[own],
            None if marks.radii is None else marks.radii[own],
        )
    return found


@dataclass(frozen=True)
class _Areas:
    """The areas of a pyramid in units of its last zoom, and by zoom which are marks there."""

    units: Shapes
    keys: npt.NDArray[np.int64]
    small: dict[int, npt.NDArray[np.bool_]]
    marks: dict[int, dict[tuple[int, int], Marks]]


def _area_tiles(features: Features) -> Iterator[tuple[Tile, bytes]]:
    """Tile by tile from the first zoom: a tile's shapes are cut from those of the one above it."""
    if not len(features.shapes):
        return
    units = to_units(features.shapes, LAST["area"])
    zooms = range(FIRST, LAST["area"] + 1)
    small = {zoom: _small(units, zoom) for zoom in zooms}
    marks = {zoom: _by_tile(_tiny(units, small[zoom], features, zoom)) for zoom in zooms}
    areas = _Areas(units, features.keys, small, marks)
    west, north, east, south = shapely.total_bounds(units)
    side = EXTENT * 2 ** (LAST["area"] - FIRST)
    ids = np.arange(len(units))
    for column in range(int(west // side), int(east // side) + 1):
        for row in range(int(north // side), int(south // side) + 1):
            yield from _below((FIRST, column, row), units, ids, areas)


def _small(units: Shapes, zoom: int) -> npt.NDArray[np.bool_]:
    """Which areas are too small to be seen at a zoom; at the last one none is."""
    if zoom == LAST["area"]:
        return np.zeros(len(units), dtype=bool)
    bounds = shapely.bounds(units) / 2 ** (LAST["area"] - zoom)
    found: npt.NDArray[np.bool_] = (bounds[:, 2:] - bounds[:, :2]).max(axis=1) < TINY
    return found


def _tiny(units: Shapes, small: npt.NDArray[np.bool_], features: Features, zoom: int) -> Marks:
    """The marks of the small areas, in the middles of the cells."""
    ids = np.flatnonzero(small)
    bounds = shapely.bounds(units[ids]) / 2 ** (LAST["area"] - zoom)
    places = np.floor((bounds[:, :2] + bounds[:, 2:]) / 2).astype(np.int64)
    marks = _merged(places, ids, features, AREA_CELLS)
    side = EXTENT // AREA_CELLS
    return replace(
        marks, x=marks.x // side * side + side // 2, y=marks.y // side * side + side // 2
    )


def _below(
    tile: Tile, units: Shapes, ids: npt.NDArray[np.int64], areas: _Areas
) -> Iterator[tuple[Tile, bytes]]:
    """A tile and those under it, from the shapes ``units`` of the features ``ids`` around it."""
    zoom, column, row = tile
    scale = 2 ** (LAST["area"] - zoom)
    edges = np.array([column, row, column + 1, row + 1]) * EXTENT
    cut = shapely.clip_by_rect(units, *((edges + BUFFER * np.array([-1, -1, 1, 1])) * scale))
    left = ~shapely.is_empty(cut)
    if not left.any():
        return
    cut, ids = cut[left], ids[left]
    drawn = ~areas.small[zoom][ids]
    snap = 1 if zoom == LAST["area"] else SNAP
    local = _local(cut[drawn], edges[:2], scale)
    found = Areas(ids[drawn], areas.keys[ids[drawn]], local, snap) if drawn.any() else None
    marks = areas.marks[zoom].get((column, row))
    if found is not None or marks is not None:
        yield tile, encode(marks, found)
    if zoom < LAST["area"]:
        for east, south in ((0, 0), (0, 1), (1, 0), (1, 1)):
            child = (zoom + 1, 2 * column + east, 2 * row + south)
            yield from _below(child, cut, ids, areas)


def _local(cut: Shapes, corner: npt.NDArray[np.int64], scale: int) -> Shapes:
    """Polygons in the units of a tile, outer rings as the format wants them."""
    parts, index = shapely.get_parts(cut, return_index=True)
    kept = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    found: Shapes = np.full(len(cut), shapely.MultiPolygon(), dtype=object)
    if kept.any():
        moved = shapely.transform(parts[kept], lambda points: points / scale - corner)
        whole = shapely.orient_polygons(moved, exterior_cw=False)
        shapely.multipolygons(whole, indices=index[kept], out=found)
    return found
