"""A raster of the user's own in, what its cells hold over the city out: codes, amounts, extent."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from bsh_geo import own_crs, own_places, rasters
from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError
from bsh_geo.limits_in import told
from bsh_geo.project import Project
from bsh_geo.raster_store import Window
from bsh_geo.rasters import Grid, Raster
from bsh_geo.site_tables import shown

MOST_CLASSES = 64
"""Whole numbers that differ more often are amounts."""

MOST_CODES = 4096
"""Different whole numbers that are counted one by one."""

MOST_CELLS = 400_000_000
"""Cells over the city that are stored: 10 m over all of it has 130 million."""

SAMPLE = 1_000_000
"""Cells that the quantiles of amounts are taken from."""

ROWS = 512


@dataclass(eq=False)
class Look:
    """What the cells of a window hold.

    Attributes
    ----------
    codes : dict of int to int
        Cells by whole number; empty where there are fractions or too many different ones.
    whole : bool
        Whether every value is a whole number.
    low, high : float
        The smallest and largest value; NaN where no cell has data.
    """

    window: Window
    grid: Grid
    cells: int = 0
    valid: int = 0
    whole: bool = True
    codes: dict[int, int] = field(default_factory=dict)
    low: float = math.nan
    high: float = math.nan
    sample: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def many(self) -> bool:
        """Whether the values are too many to be classes."""
        return not self.whole or not self.codes or len(self.codes) > MOST_CLASSES


def city_window(project: Project, grid: Grid, name: str) -> Window:
    """The rows and columns over the city.

    Raises
    ------
    DataError
        None is, or they are more than are stored.
    """
    west, south, east, north = own_places.city_bounds(project)
    x, y = np.meshgrid(np.linspace(west, east, 21), np.linspace(south, north, 21))
    move = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True)
    u, v = (np.asarray(one) for one in move.transform(x.ravel(), y.ravel()))
    finite = np.isfinite(u) & np.isfinite(v)
    if not finite.any():
        raise _elsewhere(grid, name)
    u, v = u[finite], v[finite]
    left = max(0, math.floor((float(u.min()) - grid.west) / grid.dx))
    right = min(grid.cols, math.ceil((float(u.max()) - grid.west) / grid.dx))
    top = max(0, math.floor((grid.north - float(v.max())) / grid.dy))
    bottom = min(grid.rows, math.ceil((grid.north - float(v.min())) / grid.dy))
    found = Window(top, bottom, left, right)
    if bottom <= top or right <= left:
        raise _elsewhere(grid, name)
    if found.cells > MOST_CELLS:
        raise told(shown(name), "个本市范围内的格", "cells over the city", found.cells, MOST_CELLS)
    return found


def _elsewhere(grid: Grid, name: str) -> DataError:
    west, south, east, north = rasters.lonlat_bounds(grid)
    box = f"{west:.4f}, {south:.4f}, {east:.4f}, {north:.4f}"
    return DataError(
        f"{shown(name)} 不在本市：按 {grid.crs_name}，其范围为经纬度 ({box})。",
        f"{shown(name)} is not in the city: by {grid.crs_name} it lies within ({box}) degrees.",
    )


def candidates(project: Project, data: bytes, band: int, name: str) -> list[tuple[str, Text]]:
    """The usual systems by which a raster without one lies over the city."""
    found = []
    for code, crs, text in own_crs.candidates(project):
        try:
            with rasters.opened(data, band, name, crs) as raster:
                city_window(project, raster.grid, name)
        except DataError:
            continue
        found.append((code, text))
    return found


def look(raster: Raster, window: Window) -> Look:
    """Every cell of the window, read once."""
    made = Look(window, raster.grid, window.cells, whole=raster.dtype.kind in "ui")
    step = max(1, window.cells // SAMPLE)
    counts: dict[int, int] | None = {}
    picked, low, high = [], math.inf, -math.inf
    for top in range(window.top, window.bottom, ROWS):
        bottom = min(top + ROWS, window.bottom)
        values, valid = raster.read(top, bottom, window.left, window.right)
        there = values[valid]
        made.valid += there.size
        if not there.size:
            continue
        low, high = min(low, float(there.min())), max(high, float(there.max()))
        picked.append(there[::step].astype(np.float64))
        counts = _counted(counts, there)
        if counts is None and raster.dtype.kind == "f":
            made.whole = False
    if raster.dtype.kind == "f":
        made.whole = counts is not None and made.valid > 0
    made.codes = counts or {}
    made.low, made.high = (low, high) if made.valid else (math.nan, math.nan)
    made.sample = np.concatenate(picked) if picked else np.empty(0)
    return made


def _counted(counts: dict[int, int] | None, values: npt.NDArray[Any]) -> dict[int, int] | None:
    """The cells by whole number; None once there are fractions or too many numbers."""
    if counts is None:
        return None
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2:
        every = np.bincount(values)  # many times faster than sorting
        different = np.flatnonzero(every)
        times = every[different]
    else:
        different, times = np.unique(values, return_counts=True)
    if len(different) > MOST_CODES or (different != np.floor(different)).any():
        return None
    for code, count in zip(different.tolist(), times.tolist(), strict=True):
        counts[int(code)] = counts.get(int(code), 0) + int(count)
    return counts if len(counts) <= MOST_CODES else None
