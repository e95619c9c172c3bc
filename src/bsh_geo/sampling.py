"""A raster in, other views of its cells out: on another grid, thinned, or in classes.

Every view takes cells as they are: nothing is blended, so that classes stay classes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from bsh_geo.nodes import between, hats, spread
from bsh_geo.rasters import Cells, Grid, Mask, Values

Places = npt.NDArray[np.float64]

NODE_CELLS = 32
"""Cells between two points that are reprojected; the others lie between them. Over 32 cells of
100 m the difference is below a centimetre."""

MOST_CELLS = 8_000_000
"""Cells of the raster held at once; a larger window is taken in halves."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """``base`` as cells of ``grid``: each takes the value at its middle, nothing is blended.

    Middles that lie outside ``base`` hold no data.
    """

    base: Cells
    grid: Grid

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.base.name

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
        return self.base.dtype

    @property
    def block(self) -> tuple[int, int]:
        """Rows and columns that are read together."""
        return 256, 256

    @cached_property
    def _move(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(self.grid.crs, self.base.grid.crs, always_xy=True)

    def read(self, top: int, bottom: int, left: int, right: int) -> tuple[Values, Mask]:
        """Values at the middles of a window's cells, and which of them hold data."""
        shape = (bottom - top, right - left)
        values, valid = np.zeros(shape, self.base.dtype), np.zeros(shape, bool)
        if not all(shape):
            return values, valid
        rows, cols = self._places(top, bottom, left, right)
        there = (rows >= 0) & (rows < self.base.grid.rows)
        there &= (cols >= 0) & (cols < self.base.grid.cols)
        if not there.any():
            return values, valid
        reach = (
            int(rows[there].min()),
            int(rows[there].max()) + 1,
            int(cols[there].min()),
            int(cols[there].max()) + 1,
        )
        if (reach[1] - reach[0]) * (reach[3] - reach[2]) > MOST_CELLS and max(shape) > 1:
            return self._halves(top, bottom, left, right)
        found, good = self.base.read(*reach)
        at = (rows[there] - reach[0], cols[there] - reach[2])
        values[there], valid[there] = found[at], good[at]
        return values, valid

    def _halves(self, top: int, bottom: int, left: int, right: int) -> tuple[Values, Mask]:
        if bottom - top >= right - left:
            middle = (top + bottom) // 2
            parts = [self.read(top, middle, left, right), self.read(middle, bottom, left, right)]
            axis = 0
        else:
            middle = (left + right) // 2
            parts = [self.read(top, bottom, left, middle), self.read(top, bottom, middle, right)]
            axis = 1
        return (
            np.concatenate([values for values, _ in parts], axis),
            np.concatenate([valid for _, valid in parts], axis),
        )

    def _places(
        self, top: int, bottom: int, left: int, right: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Row and column of ``base`` under the middle of each cell; −1 where there is no place."""
        x: Places = self.grid.west + (np.arange(left, right, dtype=np.float64) + 0.5) * self.grid.dx
        y: Places = (
            self.grid.north - (np.arange(top, bottom, dtype=np.float64) + 0.5) * self.grid.dy
        )
        if self.grid.crs == self.base.grid.crs:
            east, north = np.broadcast_arrays(x[None, :], y[:, None])
        else:
            east, north = self._moved(x, y)
        under = self.base.grid
        with np.errstate(invalid="ignore"):
            rows, cols = (under.north - north) / under.dy, (east - under.west) / under.dx
        bad = (
            ~(np.isfinite(rows) & np.isfinite(cols)) | (np.abs(rows) > 1e15) | (np.abs(cols) > 1e15)
        )
        whole = np.floor(np.where(bad, -1, rows)), np.floor(np.where(bad, -1, cols))
        return whole[0].astype(np.int64), whole[1].astype(np.int64)

    def _moved(self, x: Places, y: Places) -> tuple[Places, Places]:
        """Places in the CRS of ``base``: reprojected at nodes, interpolated between them."""
        at_x, at_y = spread(x, NODE_CELLS), spread(y, NODE_CELLS)
        east, north = self._move.transform(*np.meshgrid(at_x, at_y))
        across, down = hats(x, at_x), hats(y, at_y)
        return between(down, np.asarray(east), across), between(down, np.asarray(north), across)


@dataclass(frozen=True, eq=False)
class Reduced:
    """Every ``step``-th cell of a raster, in both directions, standing for its neighbours.

    Nothing is blended, so that classes stay classes. Rows and columns left over at the south and
    east stay out.
    """

    base: Cells
    step: int

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.base.name

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
        return self.base.dtype

    @property
    def grid(self) -> Grid:
        """The grid of the larger cells."""
        whole, step = self.base.grid, self.step
        return replace(
            whole,
            dx=whole.dx * step,
            dy=whole.dy * step,
            rows=whole.rows // step,
            cols=whole.cols // step,
        )

    @property
    def block(self) -> tuple[int, int]:
        """A block of the file in larger cells."""
        rows, cols = self.base.block
        return max(1, rows // self.step), max(1, cols // self.step)

    def read(self, top: int, bottom: int, left: int, right: int) -> tuple[Values, Mask]:
        """The middle cell of each larger one."""
        step, half = self.step, self.step // 2
        values, valid = self.base.read(top * step, bottom * step, left * step, right * step)
        return values[half::step, half::step], valid[half::step, half::step]


@dataclass(frozen=True, eq=False)
class Classed:
    """A raster of amounts as classes: class n holds what is above break n−1 and up to break n."""

    base: Cells
    breaks: tuple[float, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of a class's number."""
        return np.dtype(np.uint8)

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.base.name

    @property
    def grid(self) -> Grid:
        """The grid of the raster."""
        return self.base.grid

    @property
    def block(self) -> tuple[int, int]:
        """The blocks of the raster."""
        return self.base.block

    def read(self, top: int, bottom: int, left: int, right: int) -> tuple[Values, Mask]:
        """The number of the class of each cell; a value on a break falls in the class below."""
        values, valid = self.base.read(top, bottom, left, right)
        filled = np.where(valid, values, 0)
        return np.searchsorted(self.breaks, filled, side="left").astype(np.uint8), valid
