"""A GeoTIFF (a local file or its bytes) in, windows of checked cells out: only rasterio's user.

Only GDAL's GeoTIFF driver opens anything, from a local file or from memory; files beside it
(.aux.xml, .ovr, .tfw, .msk) are not looked at, overviews are not used, and nothing is requested
from a network.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from pyproj.exceptions import CRSError
from rasterio.enums import Interleaving, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile
from rasterio.windows import Window

from bsh_geo.crs import DISPLAY, on_earth
from bsh_geo.errors import DataError

Values = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

ENV = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GTIFF_SRS_SOURCE": "GEOKEYS",
    "USE_RRD": "NO",
    "GDAL_CACHEMAX": 64,
}
"""GDAL without neighbours of the file, without a network, and with 64 MB of cached blocks."""

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""The first bytes of TIFF and BigTIFF in both byte orders."""

MOST_BLOCK_BYTES = 256 * 2**20
"""A block (tile or strip) of the file is read whole; a larger one would not fit the memory."""

MOST_CELLS = 4_000_000_000
"""Cells that are read of one raster; 10 m cells over an area as large as Italy."""


@dataclass(frozen=True)
class Grid:
    """Where the cells of a raster lie: north-up, in the units of ``crs``.

    ``west`` and ``north`` are the outer edges of the first cell, ``dx`` and ``dy`` its positive
    width and height.
    """

    crs: pyproj.CRS
    west: float
    north: float
    dx: float
    dy: float
    rows: int
    cols: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """west, south, east, north in the units of the CRS."""
        east = self.west + self.cols * self.dx
        return self.west, self.north - self.rows * self.dy, east, self.north

    @property
    def crs_name(self) -> str:
        """The CRS as a reader knows it: its EPSG code, else its name."""
        code = self.crs.to_epsg()
        return f"EPSG:{code}" if code else str(self.crs.name)

    def same(self, other: Grid) -> bool:
        """Whether both have the same cells."""
        near = 1e-6 * min(self.dx, self.dy)
        pairs = zip(
            (self.west, self.north, self.dx * self.cols, self.dy * self.rows),
            (other.west, other.north, other.dx * other.cols, other.dy * other.rows),
            strict=True,
        )
        shape = (self.rows, self.cols) == (other.rows, other.cols)
        return shape and self.crs == other.crs and all(abs(a - b) <= near for a, b in pairs)


class Cells(Protocol):
    """What can be counted: a grid, and the values of any window of it."""

    @property
    def name(self) -> str:
        """How the file is called."""

    @property
    def grid(self) -> Grid:
        """Where the cells lie."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""

    @property
    def block(self) -> tuple[int, int]:
        """Rows and columns that are best read together."""

    def read(self, top: int, bottom: int, left: int, right: int) -> tuple[Values, Mask]:
        """Values of rows ``top:bottom`` and columns ``left:right``, and where there are any."""


@dataclass(frozen=True, eq=False)
class Raster:
    """One band of an open GeoTIFF, north-up whatever the file's direction.

    ``scale`` and ``offset`` are those of the band and already applied by ``read``.
    """

    name: str
    grid: Grid
    dtype: np.dtype[Any]
    block: tuple[int, int]
    band: int
    bands: int
    nodata: float | None
    scale: float
    offset: float
    flipped: bool
    masked: bool
    dataset: Any

    def read(self, top: int, bottom: int, left: int, right: int) -> tuple[Values, Mask]:
        """Values of a window of cells, and which of them hold data.

        NaN and infinity are no data, whatever the file declares.

        Raises
        ------
        DataError
            The file ends early or its blocks cannot be unpacked.
        """
        first = self.grid.rows - bottom if self.flipped else top
        window = Window(left, first, right - left, bottom - top)
        try:
            values = self.dataset.read(self.band, window=window)
            mask = self.dataset.read_masks(self.band, window=window) if self.masked else None
        except RasterioError as error:
            raise DataError(
                f"{self.name} 第 {top + 1}–{bottom} 行无法读取，文件可能不完整或已损坏。",
                f"Rows {top + 1}–{bottom} of {self.name} cannot be read; the file may be cut off "
                "or damaged.",
            ) from error
        valid = self._valid(values, mask)
        if self.scale != 1.0 or self.offset != 0.0:
            values = values * self.scale + self.offset
        return (values[::-1], valid[::-1]) if self.flipped else (values, valid)

    def _valid(self, values: Values, mask: Values | None) -> Mask:
        found = np.ones(values.shape, bool) if mask is None else mask != 0
        if self.nodata is not None and not math.isnan(self.nodata):
            found &= values != self.nodata
        if values.dtype.kind == "f":
            found &= np.isfinite(values)
        return found


@contextmanager
def opened(
    source: Path | bytes, band: int | None = None, name: str = "", crs: pyproj.CRS | None = None
) -> Iterator[Raster]:
    """One band of a GeoTIFF, open while the block runs; ``name`` is how messages call it.

    ``crs`` is that of a file which names none.

    Raises
    ------
    DataError
        There is no such file; it is no GeoTIFF, is damaged, has no place on earth, or has several
        bands and ``band`` names none of them.
    """
    shown = name or (source.name if isinstance(source, Path) else "GeoTIFF")
    with _dataset(source, shown) as dataset:
        yield _checked(dataset, band, shown, crs)


@contextmanager
def _dataset(source: Path | bytes, shown: str) -> Iterator[Any]:
    """The dataset of a file that is plainly a TIFF, opened by that one driver."""
    _check_start(source, shown)
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(**ENV))
        stack.enter_context(warnings.catch_warnings())
        # A file without georeference is told in our own sentence.
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            if isinstance(source, bytes):
                memory = stack.enter_context(MemoryFile(source))
                dataset = stack.enter_context(memory.open(driver="GTiff"))
            else:
                place = str(source.resolve())
                dataset = stack.enter_context(rasterio.open(place, driver="GTiff", sharing=False))
        except (RasterioError, UnicodeDecodeError) as error:
            raise DataError(
                f"{shown} 无法作为 GeoTIFF 打开，文件可能不完整或已损坏。",
                f"{shown} cannot be opened as a GeoTIFF; the file may be cut off or damaged.",
            ) from error
        yield dataset


def band_count(source: Path | bytes, name: str) -> int:
    """How many bands a GeoTIFF has; see ``opened`` for what is an error."""
    with _dataset(source, name) as dataset:
        return int(dataset.count)


def names_crs(source: Path | bytes, name: str) -> bool:
    """Whether a GeoTIFF says in which CRS it is; see ``opened`` for what is an error."""
    with _dataset(source, name) as dataset:
        return dataset.crs is not None


def _check_start(source: Path | bytes, shown: str) -> None:
    """A real file that starts as a TIFF does: no VRT, no address, no pipeline reaches GDAL."""
    if isinstance(source, Path):
        if not source.is_file():
            raise DataError(
                f"没有文件 {shown}，应为本机上的 GeoTIFF 文件。",
                f"There is no file {shown}; a GeoTIFF file on this machine was expected.",
            )
        with source.open("rb") as opened_file:
            start = opened_file.read(4)
    else:
        start = source[:4]
    if start not in _MAGIC:
        raise DataError(
            f"{shown} 不是 GeoTIFF 文件。栅格只接受 GeoTIFF（含 COG），不接受 VRT、压缩包或网址。",
            f"{shown} is no GeoTIFF. Rasters are taken as GeoTIFF (COG included) only, not as VRT, "
            "archive or address.",
        )


def _checked(dataset: Any, band: int | None, shown: str, crs: pyproj.CRS | None) -> Raster:
    """The band asked for of a dataset that has all a count needs."""
    if dataset.subdatasets:
        count = len(dataset.subdatasets)
        raise DataError(
            f"{shown} 含 {count} 个子数据集（多页），请另存为单个栅格。",
            f"{shown} holds {count} subdatasets (pages); save the one wanted as a file of its own.",
        )
    number = _band(dataset, band, shown)
    dtype = np.dtype(dataset.dtypes[number - 1])
    if dtype.kind not in "uif":
        raise DataError(
            f"{shown} 的数值类型为 {dtype}，应为整数或浮点数。",
            f"The values of {shown} are {dtype}; integers or floating-point numbers were expected.",
        )
    rows, cols = dataset.block_shapes[number - 1]
    # The bands of a block lie together in a file that is interleaved by pixel.
    together = dataset.count if dataset.interleaving == Interleaving.pixel else 1
    if rows * cols * dtype.itemsize * together > MOST_BLOCK_BYTES:
        raise DataError(
            f"{shown} 的数据块为 {cols}×{rows} 格，过大；请另存为分块（tiled）的 GeoTIFF 或 COG。",
            f"The blocks of {shown} have {cols} × {rows} cells, which is too large; save it as a "
            "tiled GeoTIFF or COG.",
        )
    flags = dataset.mask_flag_enums[number - 1]
    scale, offset = dataset.scales[number - 1], dataset.offsets[number - 1]
    return Raster(
        name=shown,
        grid=_grid(dataset, shown, crs),
        dtype=dtype if (scale, offset) == (1.0, 0.0) else np.dtype(np.float64),
        block=(rows, cols),
        band=number,
        bands=dataset.count,
        nodata=dataset.nodatavals[number - 1],
        scale=scale,
        offset=offset,
        flipped=dataset.transform.e > 0,
        masked=MaskFlags.per_dataset in flags or MaskFlags.alpha in flags,
        dataset=dataset,
    )


def _band(dataset: Any, band: int | None, shown: str) -> int:
    if band is None and dataset.count == 1:
        return 1
    if band is None:
        raise DataError(
            f"{shown} 有 {dataset.count} 个波段，请指明用哪一个（1–{dataset.count}）。",
            f"{shown} has {dataset.count} bands; say which one to use (1–{dataset.count}).",
        )
    if not 1 <= band <= dataset.count:
        raise DataError(
            f"{shown} 没有第 {band} 波段，它有 {dataset.count} 个。",
            f"{shown} has no band {band}; it has {dataset.count}.",
        )
    return band


def _grid(dataset: Any, shown: str, said: pyproj.CRS | None) -> Grid:
    """The grid of a dataset, which must have a CRS and lie on the earth, upright."""
    crs = said if dataset.crs is None and said is not None else _crs(dataset, shown)
    move = dataset.transform
    if move.is_identity or not all(map(math.isfinite, tuple(move)[:6])) or not move.a * move.e:
        raise DataError(
            f"{shown} 没有地理定位（缺少起点和格网大小）。",
            f"{shown} is not georeferenced: it has no origin and cell size.",
        )
    if move.b or move.d or move.a < 0:
        raise DataError(
            f"{shown} 的格网是旋转或镜像的，请先重采样为正北向上。",
            f"The grid of {shown} is rotated or mirrored; resample it to north-up first.",
        )
    height = dataset.height * abs(move.e)
    north = move.f + height if move.e > 0 else move.f
    grid = Grid(crs, move.c, north, move.a, abs(move.e), dataset.height, dataset.width)
    _check_place(grid, shown)
    return grid


def _crs(dataset: Any, shown: str) -> pyproj.CRS:
    if dataset.crs is None:
        raise DataError(
            f"{shown} 没有坐标系，请在导出时写入（如 EPSG:4326、EPSG:4490、EPSG:4549）。",
            f"{shown} has no CRS; write it when exporting (such as EPSG:4326, 4490 or 4549).",
        )
    try:
        found = pyproj.CRS.from_wkt(dataset.crs.to_wkt())
    except CRSError as error:
        raise DataError(
            f"{shown} 的坐标系无法识别。", f"The CRS of {shown} is not recognised."
        ) from error
    found = found.sub_crs_list[0] if found.is_compound else found
    if not (found.is_geographic or found.is_projected) or not on_earth(found):
        raise DataError(
            f"{shown} 的坐标系“{found.name}”不能换算为经纬度，应为地理或投影坐标系。",
            f"The CRS “{found.name}” of {shown} leads to no longitude and latitude; a geographic "
            "or projected one was expected.",
        )
    return found


def _check_place(grid: Grid, shown: str) -> None:
    """The corners are places on earth; metres declared as degrees are not."""
    west, south, east, north = grid.bounds
    box = f"({west:.6g}, {south:.6g}, {east:.6g}, {north:.6g})"
    degrees = grid.crs.is_geographic and grid.crs.axis_info[0].unit_name == "degree"
    wrong = degrees and (south < -90.001 or north > 90.001 or west < -360 or east > 360)
    if not wrong:
        wrong = not all(map(math.isfinite, lonlat_bounds(grid)))
    if wrong:
        raise DataError(
            f"{shown} 的坐标系写为 {grid.crs_name}，但范围 {box} 不在其中，坐标系可能写错。",
            f"{shown} declares {grid.crs_name}, but its extent {box} lies outside of it; the CRS "
            "is probably wrong.",
        )


def lonlat_bounds(grid: Grid) -> tuple[float, float, float, float]:
    """west, south, east, north in degrees of WGS 84, from points along all four sides."""
    west, south, east, north = grid.bounds
    step = np.linspace(0.0, 1.0, 21)
    x = west + (east - west) * np.concatenate([step, step, 0 * step, 0 * step + 1])
    y = south + (north - south) * np.concatenate([0 * step, 0 * step + 1, step, step])
    move = pyproj.Transformer.from_crs(grid.crs, DISPLAY, always_xy=True)
    lon, lat = move.transform(x, y)
    return float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat))
