"""Write the land raster in the box, 100 m, from the embedded vectors.

District land and near-shore waters first, wetlands over them, then parks (discs of the published
area about their points, on land only), then lakes; a cell takes what lies at its middle. It is no
satellite classification: its shapes are those of the vectors, some of them schematic. Run from the
root of the project; the same input gives the same bytes::

    python scripts/land_raster.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from affine import Affine
from features import DATA
from rasterio import shutil as raster_files
from rasterio.features import rasterize
from rasterio.io import MemoryFile

from bsh_geo import frames, land_classes
from bsh_geo.crs import to_measure
from bsh_geo.project import open_project

CRS = "EPSG:4549"  # CGCS2000 / 3-degree Gauss–Krüger CM 120E, which the city's bureaus use
CELL_M = 100.0
LAND, SEA, LAKE, WETLAND, PARK = 101, 102, 103, 104, 105


def main() -> None:
    """Write ``data/land/land_100m.tif``, or the file named on the command line."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "land" / "land_100m.tif"
    target.parent.mkdir(parents=True, exist_ok=True)
    codes, transform = build()
    target.write_bytes(as_cog(codes, transform))
    print(f"{target.name}: {codes.shape[1]} × {codes.shape[0]}, {target.stat().st_size:,} bytes")


def layers() -> dict[int, gpd.GeoSeries]:
    """The shapes of each class, from below, in ``CRS``."""
    project = open_project()
    land = frames.boundary(project, "land").geometry
    parks = discs(frames.points(project, "parks"))
    on_land = gpd.clip(parks, to_measure(land).union_all())
    return {
        SEA: frames.boundary(project, "nearshore").geometry.to_crs(CRS),
        LAND: land.to_crs(CRS),
        WETLAND: frames.shapes(project, "wetland_shapes").geometry.to_crs(CRS),
        PARK: on_land.to_crs(CRS),
        LAKE: frames.boundary(project, "lakes").geometry.to_crs(CRS),
    }


def discs(parks: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """A disc of the published area about each park's point; parks without an area are left out."""
    sized = parks[parks["area_ha"].notna()]
    radius = np.sqrt(sized["area_ha"].astype(float) * 1e4 / np.pi)
    found: gpd.GeoSeries = to_measure(sized).geometry.buffer(radius)
    return found


def build() -> tuple[Any, Any]:
    """The codes (uint8) and the transform of their grid, which starts at whole cells."""
    shapes = layers()
    whole = np.concatenate([shapes[SEA].values, shapes[LAND].values])
    west, south, east, north = gpd.GeoSeries(whole, crs=CRS).total_bounds
    west, north = np.floor(west / CELL_M) * CELL_M, np.ceil(north / CELL_M) * CELL_M
    cols, rows = int(np.ceil((east - west) / CELL_M)), int(np.ceil((north - south) / CELL_M))
    transform = Affine(CELL_M, 0.0, west, 0.0, -CELL_M, north)
    codes = np.zeros((rows, cols), np.uint8)
    # First every cell that the city touches, so that none on its edge is left without data.
    for code in (SEA, LAND):
        edge = ((one, code) for one in shapes[code])
        rasterize(edge, out=codes, transform=transform, all_touched=True)
    city = codes > 0
    for code, found in shapes.items():
        drawn = [(one, code) for one in found if not one.is_empty]
        rasterize(drawn, out=codes, transform=transform)
    codes[~city] = 0  # lakes and wetlands reach beyond the city
    return codes, transform


def as_cog(codes: Any, transform: Any) -> bytes:
    """The codes as a cloud-optimised GeoTIFF with the colours of the class table."""
    table = land_classes.table_of(open_project(), "bsh_land")
    colours = {one.code: (*bytes.fromhex(one.colour[1:]), 255) for one in table.classes}
    shape = {"height": codes.shape[0], "width": codes.shape[1], "count": 1, "dtype": "uint8"}
    place = {"crs": CRS, "transform": transform, "nodata": 0}
    with MemoryFile() as plain, MemoryFile() as made:
        with plain.open(driver="GTiff", **shape, **place) as first:
            first.write(codes, 1)
            first.write_colormap(1, colours)
        with plain.open() as first:
            raster_files.copy(
                first,
                made.name,
                driver="COG",
                compress="DEFLATE",
                level=9,
                blocksize=256,
                overview_resampling="NEAREST",
            )
        return bytes(made.read())


if __name__ == "__main__":
    main()
