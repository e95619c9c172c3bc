"""A polygon in cells of a window in, the exact share of each cell that it covers out.

Every edge is cut where it crosses an edge of a cell. What lies right of a piece within its own
cell, and of all cells right of that, is added with the sign of the piece's direction; summed along
a row, this is the covered area. Tests hold it against exactextract.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Numbers = npt.NDArray[np.float64]

LEAST = 1e-9
"""Shares below this come from rounding."""


def edges(shape: BaseGeometry) -> Numbers:
    """x and y of both ends of each edge (edges × 4) of a valid Polygon or MultiPolygon.

    Outer rings run one way round and holes the other.
    """
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(shape)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    found: Numbers = np.hstack([points[:-1][same], points[1:][same]])
    return found


def fractions(
    of: Numbers, west: float, north: float, dx: float, dy: float, rows: int, cols: int
) -> Numbers:
    """Covered share (0 to 1) of each cell of a window, rows from the north.

    Parameters
    ----------
    of : array
        All ``edges`` of the polygon; they may reach beyond the window.
    west, north, dx, dy : float
        The window's north-west corner and the size of its cells.
    """
    u0, u1 = (of[:, 0] - west) / dx, (of[:, 2] - west) / dx
    v0, v1 = (north - of[:, 1]) / dy, (north - of[:, 3]) / dy
    near = (np.maximum(v0, v1) > 0) & (np.minimum(v0, v1) < rows) & (np.minimum(u0, u1) < cols)
    u0, v0, u1, v1 = (one[near] for one in (u0, v0, u1, v1))
    # What lies west of the window covers its rows from their start.
    outside = (u0 <= 0) & (u1 <= 0)
    u0[outside] = u1[outside] = 0.0
    which, start, end = _pieces(u0, v0, u1, v1)
    middle, dv = (start + end) / 2, v1 - v0
    at_u = np.clip(u0[which] + middle * (u1 - u0)[which], 0, cols)
    row = np.floor(v0[which] + middle * dv[which]).astype(np.intp)
    within = (row >= 0) & (row < rows)
    height, at_u, row = ((end - start) * dv[which])[within], at_u[within], row[within]
    col = np.floor(at_u).astype(np.intp)
    wide = cols + 2
    beyond = height * (at_u - col)  # of the cell: what the cells right of it get in its place
    sums = np.bincount(row * wide + col, height - beyond, rows * wide)
    sums += np.bincount(row * wide + col + 1, beyond, rows * wide)
    # Rows count southward, so that rings that run counter-clockwise come out negative.
    covered: Numbers = np.abs(np.cumsum(sums.reshape(rows, wide), axis=1)[:, :cols])
    covered[covered < LEAST] = 0.0
    covered[covered > 1 - LEAST] = 1.0
    return covered


def _pieces(
    u0: Numbers, v0: Numbers, u1: Numbers, v1: Numbers
) -> tuple[npt.NDArray[np.intp], Numbers, Numbers]:
    """The edges cut at whole u and v: the edge of each piece, its start and end from 0 to 1."""
    count = len(u0)
    first, at_first = _crossings(u0, u1)
    second, at_second = _crossings(v0, v1)
    ends = np.arange(count, dtype=np.intp)
    edge = np.concatenate([ends, first, second, ends])
    place = np.concatenate([np.zeros(count), at_first, at_second, np.ones(count)])
    order = np.lexsort((place, edge))
    edge, place = edge[order], place[order]
    same = edge[1:] == edge[:-1]
    return edge[:-1][same], place[:-1][same], place[1:][same]


def _crossings(start: Numbers, end: Numbers) -> tuple[npt.NDArray[np.intp], Numbers]:
    """Where edges cross whole numbers strictly between their ends: the edge and the place on it."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    first = np.floor(low) + 1
    counts = np.maximum(np.ceil(high) - first, 0).astype(np.intp)
    edge = np.repeat(np.arange(len(start), dtype=np.intp), counts)
    before = np.cumsum(counts) - counts
    whole = first[edge] + (np.arange(len(edge)) - before[edge])
    place: Numbers = (whole - start[edge]) / (end[edge] - start[edge])
    return edge, place
