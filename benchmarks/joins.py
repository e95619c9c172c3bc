"""Views composed cold and warm, and points joined to districts against ``geopandas.sjoin``.

``to_districts`` answers more than the peer: it measures in metres, gives points that stand just
outside a district to it, flags them, and decides points on a shared border by code. The last
column joins with one prepared polygon per district and ``contains_xy``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from report import in_turn, options, print_machine, print_table, ratio

from bsh_geo import catalogue, compose, crs, frames, join
from bsh_geo.project import Project, open_project

SEED = 20251231


def opened_anew(project: Project, number: int) -> Project:
    """The same folders as a project that nothing has been read of: caches go by project."""
    return Project(project.roots, f"cold-{number}")


def print_builds(project: Project, runs: int) -> None:
    """``compose.build`` of each layer: every file read and checked, and all of them known."""
    layers, _ = catalogue.load_layers(project)
    rows = []
    numbers = iter(range(10_000))

    def cold(request: compose.Request) -> None:
        compose.build(opened_anew(project, next(numbers)), request)

    for layer in layers:
        request = compose.Request(layer)
        warm = partial(compose.build, project, request)
        partial(cold, request)(), warm()  # imports and PROJ's tables are not of the build
        first, again = in_turn(runs, partial(cold, request), warm)
        rows.append([layer, str(first), str(again), ratio(again.median, first.median)])
    heads = ["layer", "cold: median (min – max)", "warm", "warm / cold"]
    print_table("compose.build", heads, rows)


def random_points(districts: gpd.GeoDataFrame, count: int) -> gpd.GeoDataFrame:
    """Points spread evenly over the box around the districts, the sea included."""
    west, south, east, north = districts.total_bounds
    chance = np.random.default_rng(SEED)
    lon, lat = chance.uniform(west, east, count), chance.uniform(south, north, count)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat, crs=crs.DISPLAY))


def sjoined(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """The peer: the district that each point lies within, missing where there is none."""
    polygons = districts[["geometry"]].rename_axis("adcode")
    found = points.sjoin(polygons, how="left", predicate="within")["adcode"]
    return found[~found.index.duplicated()]


def contained(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """The same from prepared polygons and plain coordinates, district by district."""
    x, y = shapely.get_coordinates(points.geometry.values).T
    found = np.full(len(points), None, dtype=object)
    for adcode, shape in districts.geometry.items():
        shapely.prepare(shape)
        found[shapely.contains_xy(shape, x, y)] = adcode
    return pd.Series(found, index=points.index)


def print_joins(project: Project, counts: list[int], runs: int) -> None:
    """Each join of so many random points, and for how many points the answers agree."""
    districts = frames.boundary(project, "districts")
    rows = []
    for count in counts:
        points = random_points(districts, count)
        ways: list[Callable[[], object]] = [
            partial(way, points, districts) for way in (join.to_districts, sjoined, contained)
        ]
        ours, peer, prepared = in_turn(runs, *ways)
        compared = ratio(ours.median, peer.median)
        agreed = agreement(points, districts)
        target = "≤ 0.5 s" if count == 1_000_000 else "—"
        rows.append([f"{count:,}", target, str(ours), str(peer), compared, str(prepared), agreed])
    heads = ["points", "target", "to_districts", "sjoin within", "ratio", "contains_xy", "agree"]
    print_table("Points to 16 districts: median (min – max)", heads, rows)


def agreement(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> str:
    """How many of the points that lie in a district get the same one from all three ways."""
    ours = join.to_districts(points, districts)
    within = ours.loc[ours["how"] == "within", "adcode"]
    peer, prepared = sjoined(points, districts), contained(points, districts)
    same = (peer.loc[within.index] == within) & (prepared.loc[within.index] == within)
    return f"{int(same.sum()):,} of {len(within):,}"


def main() -> None:
    """Measure and print."""
    parser = options("Views composed, points joined to districts.")
    parser.add_argument(
        "--points",
        type=int,
        nargs="+",
        default=[20, 1_000, 100_000, 1_000_000],
        help="how many to join",
    )
    arguments = parser.parse_args()
    print_machine("geopandas", "shapely", "pandas", "pyogrio")
    project = open_project()
    print_builds(project, arguments.runs)
    print_joins(project, arguments.points, arguments.runs)


if __name__ == "__main__":
    main()
