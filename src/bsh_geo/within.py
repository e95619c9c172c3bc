"""Areas and bare coordinates in, for each point the first area that holds it out.

Many points are sorted into the cells of a grid first. Where no outline crosses a cell, all of its
points have the answer of its middle; only points near an outline are tested one by one. The
answer is that of testing every point against every area.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Shapes = np.ndarray[Any, np.dtype[np.object_]]

NONE, CROSSED = -1, -2

POLYGONS = (3, 6)
"""GEOS type ids of Polygon and MultiPolygon."""

MANY = 20_000
"""Points from which on the grid is worth its making."""

POINTS_PER_CELL, FINEST = 40, 256
"""The grid has a cell for so many points, and at most so many cells across."""

STEP, MARGIN = 0.9, 1e-6
"""Outlines are walked in steps of so much of a cell, and count this far into the next one: a
million times what rounding moves a point by."""


def first_area(areas: Shapes, x: Floats, y: Floats) -> Ints:
    """The place in ``areas`` of the first area that each point lies in or on the edge of.

    Parameters
    ----------
    areas : ndarray of geometries
        Polygons, which are prepared; the coordinates are in their system.
    x, y : ndarray of float
        NaN lies nowhere.

    Returns
    -------
    ndarray of int
        ``NONE`` (-1) for a point outside all of them.
    """
    if len(x) < MANY or not len(areas) or not np.isin(shapely.get_type_id(areas), POLYGONS).all():
        return _tried(areas, x, y)
    west, south, east, north = shapely.total_bounds(areas)
    across = int(min(FINEST, max(8, np.sqrt(len(x) / POINTS_PER_CELL))))
    cell = np.array([(east - west) / across, (north - south) / across])
    reach = max(abs(west), abs(south), abs(east), abs(north), 1.0)
    if not (np.isfinite(cell).all() and (cell > reach * 1e-9).all()):
        return _tried(areas, x, y)
    corner, wide = np.array([west, south]) - cell, across + 2
    answers = _cell_answers(areas, corner, cell, wide)
    column, row = (x - corner[0]) / cell[0], (y - corner[1]) / cell[1]
    inside = (column >= 0) & (column < wide) & (row >= 0) & (row < wide)
    found: Ints = np.full(len(x), NONE, dtype=np.int64)
    at = column[inside].astype(np.int64) * wide + row[inside].astype(np.int64)
    found[inside] = answers[at]
    near = np.flatnonzero(found == CROSSED)
    found[near] = _tried(areas, x[near], y[near])
    return found


def _cell_answers(areas: Shapes, corner: Floats, cell: Floats, wide: int) -> Ints:
    """The answer of each cell, column by column; ``CROSSED`` where an outline may pass."""
    middle = np.arange(wide) + 0.5
    x, y = np.repeat(middle, wide), np.tile(middle, wide)
    answers = _tried(areas, corner[0] + x * cell[0], corner[1] + y * cell[1])
    answers[_crossed(areas, corner, cell, wide)] = CROSSED
    return answers


def _crossed(areas: Shapes, corner: Floats, cell: Floats, wide: int) -> Ints:
    """The cells that any outline touches, and some beside them."""
    rings = shapely.get_rings(shapely.get_parts(areas))
    rings = shapely.transform(rings, lambda pairs: (pairs - corner) / cell)
    walked, ring = shapely.get_coordinates(shapely.segmentize(rings, STEP), return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = walked[:-1][same], walked[1:][same]
    low = np.floor(np.minimum(start, end) - MARGIN).astype(np.int64)
    high = np.floor(np.maximum(start, end) + MARGIN).astype(np.int64)
    # A step is shorter than a cell, so that it lies in two columns and two rows at most.
    cells = [one[:, 0] * wide + other[:, 1] for one in (low, high) for other in (low, high)]
    return np.unique(np.concatenate(cells))


def _tried(areas: Shapes, x: Floats, y: Floats) -> Ints:
    """The same by trying each area with the points in its bounds."""
    found: Ints = np.full(len(x), NONE, dtype=np.int64)
    if not len(x):
        return found
    order = np.argsort(x, kind="stable")  # NaN stands last
    sorted_x, sorted_y = x[order], y[order]
    bounds = shapely.bounds(areas)
    for at in range(len(areas) - 1, -1, -1):
        west, south, east, north = bounds[at]
        start = np.searchsorted(sorted_x, west)
        end = np.searchsorted(sorted_x, east, side="right")
        rows = sorted_y[start:end]
        near = start + np.flatnonzero((rows >= south) & (rows <= north))
        if len(near):
            shapely.prepare(areas[at])
            inside = shapely.intersects_xy(areas[at], sorted_x[near], sorted_y[near])
            found[order[near[inside]]] = at
    return found


def coordinates(points: Shapes) -> tuple[Floats, Floats]:
    """x and y of points; NaN for a missing or empty one."""
    there = ~(shapely.is_missing(points) | shapely.is_empty(points))
    if there.all():
        pairs = shapely.get_coordinates(points)
        return pairs[:, 0], pairs[:, 1]
    x, y = np.full(len(points), np.nan), np.full(len(points), np.nan)
    x[there], y[there] = shapely.get_x(points[there]), shapely.get_y(points[there])
    return x, y
