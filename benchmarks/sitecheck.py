"""Sites against patches: ``relate`` and its totals beside ``geopandas.sjoin`` and ``overlay``.

Random rectangles and jagged patches of 100 vertices around the city, in metres. Ours tells inside,
overlapping, touching and the distance to the nearest, with the shared area by pair, by site and in
all; the peer is ``sjoin`` (pairs), ``overlay`` (areas) and ``sjoin_nearest`` (distances) as their
documentation writes them, without prepared geometries and without totals.
"""

from __future__ import annotations

import resource
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from report import in_turn, options, print_machine, print_table, ratio

from bsh_geo import crs, relations

SEED = 20251231
REACH_M = 60_000.0
TARGET_S = 2.0


def patches(count: int, vertices: int) -> np.ndarray:
    """Jagged patches of 0.2 to 1.5 km radius, valid, with so many vertices."""
    chance = np.random.default_rng(SEED)
    middle = chance.uniform(-REACH_M, REACH_M, (count, 1, 2))
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    waves = 0.25 * np.sin(3 * turn + chance.uniform(0, 6, (count, 1)))
    jagged = 1 + waves + 0.1 * chance.uniform(-1, 1, (count, vertices))
    radius = chance.uniform(200, 1500, (count, 1)) * jagged
    corners = radius[..., None] * np.stack([np.cos(turn), np.sin(turn)], -1)
    return shapely.polygons(middle + corners)


def rectangles(count: int) -> np.ndarray:
    """Sites of 200 × 300 m."""
    x, y = np.random.default_rng(SEED + 1).uniform(-REACH_M, REACH_M, (2, count))
    return shapely.box(x - 100, y - 150, x + 100, y + 150)


def ours(sites: np.ndarray, places: np.ndarray) -> tuple[pd.DataFrame, float]:
    """Pairs with areas, the nearest of each site, the union by site, the union of all, m²."""
    rows, shared = relations.relate(sites, places)
    rest = np.setdiff1d(np.arange(len(sites)), rows["site"])
    relations.nearest(sites[rest], places)
    united = relations.united(shared, rows["site"].to_numpy(), len(sites))
    return rows, float(relations.together(united[united != np.array(None)]).area)


def peer(sites: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> tuple[int, float]:
    """The same with geopandas: how many pairs, and the area that they share, m²."""
    pairs = sites.sjoin(places, predicate="intersects")
    common = gpd.overlay(sites, places, how="intersection")
    sites.sjoin_nearest(places, distance_col="distance_m")
    return len(pairs), float(common.area.sum())


def measured(sites: int, places: int, vertices: int, runs: int) -> list[str]:
    """A row of the table, and whether both found the same."""
    a, b = rectangles(sites), patches(places, vertices)
    left = gpd.GeoDataFrame({"site": range(sites)}, geometry=a, crs=crs.MEASURE)
    right = gpd.GeoDataFrame({"place": range(places)}, geometry=b, crs=crs.MEASURE)
    mine, other = partial(ours, a, b), partial(peer, left, right)
    rows, _ = mine()
    count, area = other()
    agree = len(rows) == count and np.isclose(rows["overlap_m2"].sum(), area, rtol=1e-9)
    first, second = in_turn(runs, mine, other)
    met = "yes" if first.median <= TARGET_S else "no"
    name = f"{sites:,} × {places:,} × {vertices}"
    compared = ratio(first.median, second.median)
    return [name, str(first), met, str(second), compared, f"{count:,}", "yes" if agree else "NO"]


def main() -> None:
    """Measure and print."""
    arguments = options("Sites against patches.").parse_args()
    print_machine("geopandas", "shapely", "pandas")
    sizes = ((1_000, 200, 100), (10_000, 2_000, 100), (10_000, 2_000, 1_000))
    rows = [measured(*size, arguments.runs) for size in sizes]
    heads = ["sites × patches × vertices", "ours: median (min – max)", "≤ 2 s"]
    heads += ["sjoin, overlay, sjoin_nearest", "ratio", "pairs", "agree"]
    print_table("Sites against patches", heads, rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"largest memory of both together: {peak:.0f} MB")


if __name__ == "__main__":
    main()
