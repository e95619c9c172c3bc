"""A grid and zones in its CRS in, blocks of cells with the covered fraction of each out.

Blocks wholly inside a zone need no geometry; in those on its border the exact share of each cell
that the polygon covers is found (see ``coverage``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from bsh_geo import coverage
from bsh_geo.cell_area import CellAreas, Numbers
from bsh_geo.rasters import Cells, Grid, Mask, Values

Tell = Callable[[float], None]
"""Told the share of the work that is done, from 0 to 1."""

CHUNK = 1024
"""Rows and columns of the file that are read together, rounded to its own blocks."""

BLOCK = 128
"""Rows and columns that are tested against the zones together."""

SMALL_CELLS = 65_536
"""A zone whose box spans fewer cells is cut as a whole, not block by block."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Cells of one zone in one block: flat indices and covered fractions; None is all of it."""

    zone: int
    part: tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]] | None = None


@dataclass(frozen=True, eq=False)
class Block:
    """A rectangle of cells with their values, and the zones that reach into it.

    ``area`` is the area of each cell in m², flat; ones where the walk was told no areas.
    """

    top: int
    bottom: int
    left: int
    right: int
    values: Values
    valid: Mask
    area: Numbers
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class _Window:
    top: int
    bottom: int
    left: int
    right: int

    @property
    def cells(self) -> int:
        """How many cells it has; none where it is turned inside out."""
        return max(self.bottom - self.top, 0) * max(self.right - self.left, 0)

    def box(self, grid: Grid) -> tuple[float, float, float, float]:
        """west, south, east, north."""
        west, north = grid.west + self.left * grid.dx, grid.north - self.top * grid.dy
        east, south = grid.west + self.right * grid.dx, grid.north - self.bottom * grid.dy
        return west, south, east, north


def needed(grid: Grid, shapes: npt.NDArray[Any]) -> tuple[int, int, int, int]:
    """Rows and columns (top, bottom, left, right) that the shapes reach; empty if none."""
    west, south, east, north = shapely.total_bounds(shapes)
    edges = (
        np.floor((grid.north - north) / grid.dy),
        np.ceil((grid.north - south) / grid.dy),
        np.floor((west - grid.west) / grid.dx),
        np.ceil((east - grid.west) / grid.dx),
    )
    most = (grid.rows, grid.rows, grid.cols, grid.cols)
    top, bottom, left, right = (
        int(min(max(edge, 0), end)) for edge, end in zip(edges, most, strict=True)
    )
    return top, bottom, left, right


def walk(
    cells: Cells,
    shapes: npt.NDArray[Any],
    areas: CellAreas | None = None,
    tell: Tell | None = None,
) -> Iterator[Block]:
    """Every block of ``cells`` that a shape reaches, with the cells of each shape in it.

    Parameters
    ----------
    cells : Cells
        What is counted.
    shapes : array of polygons
        In the CRS of the grid; they may overlap. ``Piece.zone`` is the position in it.
    areas : CellAreas, optional
        Of the grid, where areas are wanted.
    tell : callable, optional
        Told the share of the work done.
    """
    grid = cells.grid
    tree = shapely.STRtree(shapes)
    shapely.prepare(shapes)
    windows = list(_windows(needed(grid, shapes), *_chunk(cells)))
    for done, window in enumerate(windows, start=1):
        box = shapely.box(*window.box(grid))
        hit = np.sort(tree.query(box, predicate="intersects"))
        if len(hit):
            yield from _blocks(cells, window, box, shapes, hit, areas)
        if tell is not None:
            tell(done / len(windows))


def _chunk(cells: Cells) -> tuple[int, int]:
    """Rows and columns read at once: whole blocks of the file, about a million cells."""
    rows, cols = cells.block
    wide = cols if cols > CHUNK else cols * max(1, CHUNK // cols)
    high = max(1, CHUNK * CHUNK // wide)
    return (rows * (high // rows) if high > rows else rows), wide


def _windows(
    reach: tuple[int, int, int, int], rows: int, cols: int, origin: tuple[int, int] = (0, 0)
) -> Iterator[_Window]:
    """Windows of at most ``rows`` × ``cols`` inside ``reach``, on multiples from ``origin``."""
    top, bottom, left, right = reach
    if top >= bottom or left >= right:
        return
    first = origin[0] + (top - origin[0]) // rows * rows
    start = origin[1] + (left - origin[1]) // cols * cols
    for row in range(first, bottom, rows):
        for col in range(start, right, cols):
            yield _Window(
                max(row, top), min(row + rows, bottom), max(col, left), min(col + cols, right)
            )


def _blocks(
    cells: Cells,
    chunk: _Window,
    box: BaseGeometry,
    shapes: npt.NDArray[Any],
    hit: npt.NDArray[np.intp],
    areas: CellAreas | None,
) -> Iterator[Block]:
    """The chunk with its small zones, then its blocks with the zones that are larger than some."""
    read = _read(cells, chunk, areas)
    parts = {int(zone): _polygons(shapely.intersection(shapes[zone], box)) for zone in hit}
    parts = {zone: part for zone, part in parts.items() if not part.is_empty}
    edges = {zone: coverage.edges(part) for zone, part in parts.items()}
    reach = (chunk.top, chunk.bottom, chunk.left, chunk.right)
    spans = {zone: _span(part, cells.grid, reach) for zone, part in parts.items()}
    for zone, span in spans.items():
        if span.cells <= SMALL_CELLS and span.cells:
            yield read.block(span, (_cut(span, cells.grid, zone, edges[zone]),))
    large = [zone for zone, span in spans.items() if span.cells > SMALL_CELLS]
    if not large:
        return
    windows = list(_windows(reach, BLOCK, BLOCK, (chunk.top, chunk.left)))
    boxes = shapely.box(*np.array([one.box(cells.grid) for one in windows]).T)
    inside = {zone: shapely.covers(shapes[zone], boxes) for zone in large}
    beside = {zone: shapely.intersects(shapes[zone], boxes) & ~inside[zone] for zone in large}
    for at, window in enumerate(windows):
        whole = [Piece(zone) for zone in large if inside[zone][at]]
        cut = [_cut(window, cells.grid, zone, edges[zone]) for zone in large if beside[zone][at]]
        if whole or cut:
            yield read.block(window, (*whole, *cut))


@dataclass(frozen=True, eq=False)
class _Read:
    """What was read of a chunk; blocks are views of it."""

    chunk: _Window
    values: Values
    valid: Mask
    area: Numbers

    def block(self, window: _Window, pieces: tuple[Piece, ...]) -> Block:
        rows = slice(window.top - self.chunk.top, window.bottom - self.chunk.top)
        cols = slice(window.left - self.chunk.left, window.right - self.chunk.left)
        return Block(
            window.top,
            window.bottom,
            window.left,
            window.right,
            self.values[rows, cols],
            self.valid[rows, cols],
            self.area[rows, cols].ravel(),
            pieces,
        )


def _read(cells: Cells, chunk: _Window, areas: CellAreas | None) -> _Read:
    reach = (chunk.top, chunk.bottom, chunk.left, chunk.right)
    values, valid = cells.read(*reach)
    area = np.asarray(1.0 if areas is None else areas.window(*reach))
    return _Read(chunk, values, valid, np.broadcast_to(area, values.shape))


def _span(part: BaseGeometry, grid: Grid, reach: tuple[int, int, int, int]) -> _Window:
    """The cells of a chunk that a zone may reach."""
    top, bottom, left, right = needed(grid, np.array([part]))
    return _Window(
        max(top, reach[0]), min(bottom, reach[1]), max(left, reach[2]), min(right, reach[3])
    )


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """The areal part of a shape: where zones only touch, a line or a point is left."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == 3]))


def _cut(window: _Window, grid: Grid, zone: int, edges: Numbers) -> Piece:
    """The cells of a zone whose border runs through the window, with exact covered fractions."""
    west, _, _, north = window.box(grid)
    rows, cols = window.bottom - window.top, window.right - window.left
    covered = coverage.fractions(edges, west, north, grid.dx, grid.dy, rows, cols).ravel()
    ids = np.flatnonzero(covered)
    return Piece(zone, (ids, covered[ids]))
