"""Walks from 444 parks over a street grid of a city's size, against networkx.

The grid is made here: streets 100 m apart, every crossing a junction, a river with a bridge every
2 km. Both answer for each junction how far the nearest park is; the answers are compared. Memory
is what the process holds more than before (Linux).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import networkx
import numpy as np
import shapely
from report import options, print_machine, print_table, ratio, seconds_of, size
from shapely.geometry import Point

from bsh_geo import park_access, park_gaps, parks, paths, walks
from bsh_geo.crs import MEASURE
from bsh_geo.project import open_project

SEED = 20251231
SPACING_M = 100.0
BRIDGE_EVERY = 20
PARKS = 444
BANDS_M = (300.0, 500.0, 1080.0)


def held() -> int:
    """Bytes that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def measured(action: Callable[[], object]) -> tuple[object, float, int]:
    """What an action returns, its seconds, and the bytes held more after it."""
    before, start = held(), time.perf_counter()
    found = action()
    return found, time.perf_counter() - start, max(held() - before, 0)


def streets(count: int) -> gpd.GeoDataFrame:
    """``count`` × ``count`` streets; those from west to east break at the river but for bridges."""
    at = (np.arange(count) - count / 2) * SPACING_M
    river = count // 2
    lines = [shapely.LineString([(x, y) for y in at]) for x in at]
    for number, y in enumerate(at):
        if number % BRIDGE_EVERY == 0:
            lines.append(shapely.LineString([(x, y) for x in at]))
        else:
            lines += [
                shapely.LineString([(x, y) for x in side]) for side in (at[:river], at[river:])
            ]
    return gpd.GeoDataFrame(geometry=lines, crs=MEASURE)


def random_parks(count: int) -> gpd.GeoSeries:
    """Parks spread evenly over the grid."""
    half = count * SPACING_M / 2 - SPACING_M
    places = np.random.default_rng(SEED).uniform(-half, half, (PARKS, 2))
    return gpd.GeoSeries(
        shapely.points(places), index=[f"p{at}" for at in range(PARKS)], crs=MEASURE
    )


def peer_graph(network: paths.Network, doors: walks.Gates) -> networkx.Graph:
    """The same network for networkx, with a node for every gate."""
    graph = networkx.Graph()
    graph.add_weighted_edges_from(
        (int(first), int(second), float(length))
        for (first, second), length in zip(network.ends, network.lengths, strict=True)
    )
    for number, (edge, along, gap) in enumerate(
        zip(doors.edge, doors.along, doors.gap, strict=True)
    ):
        first, second = (int(one) for one in network.ends[edge])
        rest = float(network.lengths[edge] - along)
        graph.add_edge(f"gate-{number}", first, weight=float(gap + along))
        graph.add_edge(f"gate-{number}", second, weight=float(gap + rest))
    return graph


def agreement(network: paths.Network, ours: paths.Floats, peer: dict[object, float]) -> str:
    """For how many junctions both give the same distance, within a millimetre."""
    theirs = np.array([peer.get(at, np.inf) for at in range(len(network.nodes))])
    same = np.isclose(ours, theirs, rtol=0, atol=0.001)
    return f"{int(same.sum()):,} of {len(same):,}"


def print_network(count: int, runs: int) -> None:
    """Building, walking, cutting and buffering, with memory; Dijkstra beside networkx's."""
    lines = streets(count)
    network, built, memory = measured(lambda: paths.network(lines))
    assert isinstance(network, paths.Network)
    doors, snapped, more = measured(lambda: walks.gates(network, random_parks(count), 200, 30))
    assert isinstance(doors, walks.Gates)
    graph, made, peer_memory = measured(lambda: peer_graph(network, doors))
    assert isinstance(graph, networkx.Graph)
    print(f"{len(network.ends):,} edges, {len(network.nodes):,} junctions, {PARKS} parks\n")
    rows = [
        ["network", f"{built:.2f} s", size(memory), f"{made:.2f} s", size(peer_memory), "—", "—"],
        ["gates", f"{snapped:.2f} s", size(more), "—", "—", "—", "—"],
    ]
    gates = [one for one in graph if isinstance(one, str)]
    for band in (*BANDS_M, float("inf")):
        rows.append(_walk(network, doors, graph, gates, band, runs))
    heads = ["step", "ours", "memory", "networkx", "memory", "ours / networkx", "agree"]
    print_table("Distance to the nearest park", heads, rows)
    _print_reach(network, doors)


def _walk(
    network: paths.Network,
    doors: walks.Gates,
    graph: networkx.Graph,
    gates: list[str],
    band: float,
    runs: int,
) -> list[str]:
    limit = None if np.isinf(band) else band
    ours = min(seconds_of(lambda: walks.distances(network, doors, band)) for _ in range(runs))
    found, _, memory = measured(lambda: walks.distances(network, doors, band))
    theirs, seconds, peer_memory = measured(
        lambda: networkx.multi_source_dijkstra_path_length(graph, set(gates), cutoff=limit)
    )
    assert isinstance(theirs, dict)
    title = "Dijkstra, all" if limit is None else f"Dijkstra, {band:g} m"
    same = agreement(network, np.asarray(found), theirs)
    compared = ratio(ours, seconds)
    return [title, f"{ours:.3f} s", size(memory), f"{seconds:.2f} s", size(peer_memory), compared,
            same]  # fmt: skip


def _print_reach(network: paths.Network, doors: walks.Gates) -> None:
    """What of the ways is reached in each band, and the land beside them."""
    rows = []
    for band in BANDS_M:
        pieces, cut, _ = measured(lambda band=band: walks.reached(network, doors, band))
        areas, buffered, memory = measured(
            lambda band=band: walks.corridor(network, doors, band, 50, None)
        )
        assert isinstance(pieces, walks.Pieces)
        assert isinstance(areas, gpd.GeoSeries)
        whole, merged, _ = measured(areas.union_all)
        assert isinstance(whole, shapely.Geometry)
        rows.append(
            [f"{band:g} m", f"{cut:.2f} s", f"{pieces.length_m / 1000:,.0f} km",
             f"{buffered:.2f} s", f"{merged:.2f} s", size(memory), f"{whole.area / 1e6:,.1f} km²"]
        )  # fmt: skip
    heads = ["band", "reached ways", "length", "buffered", "merged", "memory", "area"]
    print_table("Reach on foot, 50 m off the ways", heads, rows)


def print_city() -> None:
    """The shipped parks in straight lines: shares, blind spots, a new park."""
    of = park_access.basis(open_project())
    rows = []
    parks.land(of.project), parks.city_parks(of.project)
    for key in park_access.BANDS:
        band = park_access.band(key, of.walk.speed_m_s)
        shares = seconds_of(lambda band=band: park_access.shares(of, band))
        gaps = seconds_of(lambda band=band: park_gaps.gaps(of, band))
        probe = seconds_of(lambda band=band: park_gaps.probe(of, band, Point(121.43, 31.30), 0.5))
        rows.append([key, f"{shares:.2f} s", f"{gaps:.2f} s", f"{probe * 1000:.0f} ms"])
    heads = ["band", "shares of 16 districts", "blind spots, 1 km squares", "a new park"]
    print_table("The shipped parks, straight line", heads, rows)


def main() -> None:
    """Measure and print."""
    parser = options("Walks from parks over a city's streets.", runs=3)
    parser.add_argument("--streets", type=int, default=388, help="streets each way; 388: 300,000")
    arguments = parser.parse_args()
    print_machine("scipy", "networkx", "shapely", "geopandas")
    print_network(arguments.streets, arguments.runs)
    print_city()


if __name__ == "__main__":
    main()
