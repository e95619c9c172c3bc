"""GeoTIFF files made for tests: any values, grid and CRS, as bytes."""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from shapely.geometry.base import BaseGeometry

SHANGHAI = (121.0, 31.5)
"""West and north of the small rasters, degrees."""


def tif(
    values: Any,
    *,
    crs: str | None = "EPSG:4326",
    west: float = SHANGHAI[0],
    north: float = SHANGHAI[1],
    step: float = 0.01,
    transform: Affine | None = None,
    **more: Any,
) -> bytes:
    """A GeoTIFF of ``values`` (rows × columns, or bands × rows × columns)."""
    array = np.asarray(values)
    bands = array if array.ndim == 3 else array[None]
    place = transform or Affine(step, 0.0, west, 0.0, -step, north)
    shape = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile() as memory:
            with memory.open(
                driver="GTiff", dtype=bands.dtype, crs=crs, transform=place, **shape, **more
            ) as made:
                made.write(bands)
            return bytes(memory.read())


def zones(*shapes: BaseGeometry, crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    """Zones a, b, c … of these shapes."""
    index = [chr(ord("a") + number) for number in range(len(shapes))]
    names = {"name_zh": index, "name_en": index, "quality": "open"}
    return gpd.GeoDataFrame(names, index=index, geometry=list(shapes), crs=crs)
