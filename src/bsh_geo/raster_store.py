"""Cells of an open raster in, the bytes of a tiled, compressed GeoTIFF with overviews out.

The layout is that of a cloud-optimised GeoTIFF. Nothing of the former file is carried along but the
cells that are asked for and where they lie: no metadata, no colour table, no other band.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from bsh_geo.errors import DataError
from bsh_geo.rasters import ENV, Cells, Grid, Mask, Values

TILE = 256
"""Rows and columns of a tile of the stored file."""

ROWS = 1024
"""Rows that are written together."""


@dataclass(frozen=True)
class Window:
    """Rows ``top:bottom`` and columns ``left:right`` of a grid."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return max(0, self.bottom - self.top) * max(0, self.right - self.left)


def within(grid: Grid, window: Window) -> Grid:
    """The grid of a window."""
    return Grid(
        grid.crs,
        grid.west + window.left * grid.dx,
        grid.north - window.top * grid.dy,
        grid.dx,
        grid.dy,
        window.bottom - window.top,
        window.right - window.left,
    )


Change = Callable[[Values, Mask], tuple[Values, Mask]]


def content(
    cells: Cells,
    window: Window,
    dtype: np.dtype[Any],
    nodata: float | None,
    overview: str,
    change: Change | None = None,
) -> bytes:
    """The file of a window of cells.

    Parameters
    ----------
    dtype, nodata
        Of the stored file; ``nodata`` fills cells without data, None where all have some.
    overview : str
        How overviews are made: "mode" of classes, "average" of amounts.
    change : callable, optional
        What is done to values and mask before they are written.

    Raises
    ------
    DataError
        The source cannot be read to its end, or the file cannot be written.
    """
    grid = within(cells.grid, window)
    profile = {
        "driver": "GTiff", "height": grid.rows, "width": grid.cols, "count": 1, "dtype": dtype,
        "nodata": nodata, "crs": grid.crs.to_wkt(), "tiled": True, "blockxsize": TILE,
        "blockysize": TILE, "compress": "deflate", "zlevel": 1, "BIGTIFF": "IF_SAFER",
        "transform": Affine(grid.dx, 0.0, grid.west, 0.0, -grid.dy, grid.north),
    }  # fmt: skip
    try:
        with rasterio.Env(**ENV), MemoryFile() as plain, MemoryFile() as made:
            with plain.open(**profile) as target:
                for top in range(0, grid.rows, ROWS):
                    bottom = min(top + ROWS, grid.rows)
                    rows = window.top + top, window.top + bottom
                    values, valid = cells.read(*rows, window.left, window.right)
                    if change is not None:
                        values, valid = change(values, valid)
                    # What is under no data may be no number, which has no whole one.
                    filled = np.where(valid, values, 0).astype(dtype)
                    if nodata is not None:
                        filled[~valid] = nodata
                    target.write(filled, 1, window=((top, bottom), (0, grid.cols)))
            copy(
                plain.name, made.name, driver="COG", COMPRESS="DEFLATE", LEVEL="6",
                PREDICTOR="YES", BLOCKSIZE=str(TILE), OVERVIEW_RESAMPLING=overview,
                OVERVIEW_COMPRESS="DEFLATE", NUM_THREADS="1", STATISTICS="NO",
            )  # fmt: skip
            return bytes(made.read())
    except RasterioError as error:
        raise DataError(
            f"无法写出 {cells.name} 的栅格文件。",
            f"The raster file of {cells.name} cannot be written.",
        ) from error


def free_value(dtype: np.dtype[Any], taken: set[int], wished: float | None) -> int | None:
    """A whole number of the type that no cell with data has: the wished one, 0, or the type's ends.

    None where there is none.
    """
    about = np.iinfo(dtype)
    asked = [wished] if wished is not None and not math.isnan(wished) else []
    for one in (*asked, 0, about.max, about.min, *range(1, 256)):
        if one == int(one) and about.min <= one <= about.max and int(one) not in taken:
            return int(one)
    return None
