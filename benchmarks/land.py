"""Land by raster: a 10 m raster of the city's size in 16 districts and 2,000 patches.

Ours against ``rasterstats``, a plain loop of ``rasterio.mask`` and ``exactextract``, each in a
process of its own, so that the peak of its memory is its own. The first two count cells whose
middle lies in a zone; exactextract takes covered shares as ours does, but the area that the
projection gives a cell, where ours takes that on the ellipsoid. The largest difference of a share
says what that is worth. Libraries are loaded before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from report import options, print_machine, print_table, ratio, size

from bsh_geo import frames
from bsh_geo.project import open_project

SEED = 20251231
CRS = "EPSG:32651"
CELLS = 12_000
CODES = (10, 20, 30, 40, 50, 60, 80, 90)
MOST_BYTES = 600e6

Shares = dict[str, dict[int, float]]


# The data ---------------------------------------------------------------------------------------


def write_raster(path: Path, cells: int) -> None:
    """A COG of classes in patches of some hundred metres, 10 m, about the city's middle."""
    import rasterio
    from affine import Affine

    chance = np.random.default_rng(SEED)
    coarse = chance.integers(0, len(CODES), (cells // 25 + 1, cells // 25 + 1)).astype(np.uint8)
    codes = np.array(CODES, np.uint8)[np.kron(coarse, np.ones((25, 25), np.uint8))]
    codes = codes[:cells, :cells]
    noise = chance.random((cells, cells), np.float32) < 0.04
    codes[noise] = 40
    west, south, east, north = districts().total_bounds
    left, top = (west + east) / 2 - cells * 5, (south + north) / 2 + cells * 5
    shape = {"height": cells, "width": cells, "count": 1, "dtype": "uint8", "nodata": 0}
    with rasterio.open(
        path,
        "w",
        driver="COG",
        crs=CRS,
        transform=Affine(10.0, 0.0, left, 0.0, -10.0, top),
        compress="DEFLATE",
        **shape,
    ) as made:
        made.write(codes, 1)


def districts() -> gpd.GeoDataFrame:
    """The 16 districts with their near-shore waters, in the raster's CRS."""
    found: gpd.GeoDataFrame = frames.boundary(open_project(), "districts")[["geometry"]].to_crs(CRS)
    return found


def patches(count: int) -> gpd.GeoDataFrame:
    """Irregular patches of 100 vertices and 100 to 900 m radius inside the districts."""
    chance = np.random.default_rng(SEED)
    west, south, east, north = districts().total_bounds
    angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    shapes = []
    for _ in range(count):
        reach = chance.uniform(100, 900) * chance.uniform(0.7, 1.3, 100)
        x, y = chance.uniform(west + 2e4, east - 2e4), chance.uniform(south + 2e4, north - 2e4)
        shapes.append(
            shapely.Polygon(np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)]))
        )
    index = [f"p{number}" for number in range(count)]
    return gpd.GeoDataFrame(geometry=shapes, index=index, crs=CRS)


# The ways ---------------------------------------------------------------------------------------


def ours(raster: Path, zones: gpd.GeoDataFrame) -> Shares:
    """``land.measure``."""
    from bsh_geo import land, rasters

    with rasters.opened(raster) as opened:
        found = land.measure(opened, zones, "classes")
    share = found.classes.div(found.classes.sum(axis=1), axis=0)
    return {
        str(zone): {int(code): float(one) for code, one in row.items() if one > 0}
        for zone, row in share.iterrows()
    }


def by_rasterstats(raster: Path, zones: gpd.GeoDataFrame) -> Shares:
    """``rasterstats.zonal_stats`` with categories."""
    from rasterstats import zonal_stats

    found = zonal_stats(zones, str(raster), categorical=True, nodata=0)
    return {
        str(zone): _share({int(code): float(n) for code, n in one.items()})
        for zone, one in zip(zones.index, found, strict=True)
    }


def by_mask(raster: Path, zones: gpd.GeoDataFrame) -> Shares:
    """A loop over the zones with ``rasterio.mask.mask`` and ``numpy.unique``."""
    import rasterio
    from rasterio.mask import mask

    found = {}
    with rasterio.open(raster) as opened:
        for zone, shape in zones.geometry.items():
            cut, _ = mask(opened, [shape], crop=True)
            codes, counts = np.unique(cut, return_counts=True)
            found[str(zone)] = _share(
                {int(c): float(n) for c, n in zip(codes, counts, strict=True) if c}
            )
    return found


def _share(counts: dict[int, float]) -> dict[int, float]:
    whole = sum(counts.values())
    return {code: count / whole for code, count in counts.items()} if whole else {}


def by_exactextract(raster: Path, zones: gpd.GeoDataFrame) -> Shares:
    """``exactextract`` with the share of each code, covered cells counted alike."""
    import rasterio
    from exactextract import exact_extract

    with rasterio.open(raster) as opened:
        found = exact_extract(opened, zones, ["unique", "frac"])
    return {
        str(zone): {
            int(code): float(share)
            for code, share in zip(
                one["properties"]["unique"], one["properties"]["frac"], strict=True
            )
        }
        for zone, one in zip(zones.index, found, strict=True)
    }


WAYS: dict[str, Callable[[Path, gpd.GeoDataFrame], Shares]] = {
    "ours": ours,
    "rasterstats": by_rasterstats,
    "rasterio.mask loop": by_mask,
    "exactextract": by_exactextract,
}


# Measuring --------------------------------------------------------------------------------------


def work(way: str, raster: Path, zones_file: Path, out: Path) -> None:
    """In a process of its own: one way, its seconds, its peak of memory and its shares."""
    zones = gpd.read_file(zones_file).set_index("zone")
    WAYS[way](raster, zones.iloc[:1])  # imports, PROJ's tables, the file in the system's cache
    start = time.perf_counter()
    shares = WAYS[way](raster, zones)
    seconds = time.perf_counter() - start
    peak = high_water()
    out.write_text(json.dumps({"seconds": seconds, "peak": peak, "shares": shares}))


def high_water() -> int:
    """The peak of this process's memory in bytes; ``ru_maxrss`` would count the parent's too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def measured(way: str, raster: Path, zones_file: Path, folder: Path) -> dict[str, Any]:
    """Run ``work`` and read what it wrote."""
    out = folder / "result.json"
    subprocess.run(
        [sys.executable, __file__, "--work", way, str(raster), str(zones_file), str(out)],
        check=True,
    )
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def difference(one: Shares, other: Shares) -> str:
    """The largest difference of a class's share in any zone, in percentage points."""
    most = max(
        abs(one[zone].get(code, 0.0) - other[zone].get(code, 0.0))
        for zone in one
        for code in {*one[zone], *other[zone]}
    )
    return f"{most * 100:.2f} pp"


def print_runs(title: str, raster: Path, zones: gpd.GeoDataFrame, runs: int, folder: Path) -> None:
    """Every way in turn, ``runs`` times, with the median of the seconds."""
    zones_file = folder / "zones.gpkg"
    zones.rename_axis("zone").reset_index().to_file(zones_file, driver="GPKG")
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way, results in found.items():
            results.append(measured(way, raster, zones_file, folder))
    seconds, peaks = {}, {}
    for way, results in found.items():
        seconds[way] = float(np.median([one["seconds"] for one in results]))
        peaks[way] = max(one["peak"] for one in results)
    rows = []
    for way in WAYS:
        target = f"≤ {size(MOST_BYTES)}" if way == "ours" else "—"
        pair = found["ours"][0]["shares"], found[way][0]["shares"]
        away = "—" if way == "ours" else difference(*pair)
        rows.append(
            [
                way,
                f"{seconds[way]:.1f} s",
                ratio(seconds["ours"], seconds[way]),
                size(peaks[way]),
                target,
                ratio(peaks["ours"], peaks[way]),
                away,
            ]
        )
    heads = ["way", "time", "ours / it", "peak memory", "target", "ours / it", "largest difference"]
    print_table(title, heads, rows)


def main() -> None:
    """Measure and print, or be one of the processes that are measured."""
    if len(sys.argv) > 1 and sys.argv[1] == "--work":
        way, raster, zones_file, out = sys.argv[2:6]
        work(way, Path(raster), Path(zones_file), Path(out))
        return
    parser: argparse.ArgumentParser = options("A raster measured in zones.", runs=3)
    parser.add_argument("--cells", type=int, default=CELLS, help="cells along each side")
    parser.add_argument("--patches", type=int, default=2_000)
    arguments = parser.parse_args()
    print_machine("rasterio", "exactextract", "rasterstats", "shapely")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raster = folder / "land.tif"
        write_raster(raster, arguments.cells)
        print(f"{arguments.cells:,} × {arguments.cells:,} cells, {size(raster.stat().st_size)}\n")
        both = gpd.GeoDataFrame(
            geometry=[*districts().geometry, *patches(arguments.patches).geometry],
            index=[*districts().index, *patches(arguments.patches).index],
            crs=CRS,
        )
        few = f"16 districts and {arguments.patches:,} patches"
        print_runs("16 districts", raster, both.iloc[:16], arguments.runs, folder)
        print_runs(few, raster, both, arguments.runs, folder)


if __name__ == "__main__":
    main()
