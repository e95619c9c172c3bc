"""A network and parks in, what is reached on foot out: ways cut where the walk ends, and land.

One run of Dijkstra's algorithm answers for all parks together how far the nearest one is.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.ops import substring

from bsh_geo.crs import MEASURE
from bsh_geo.paths import SHARED_M, Floats, Ints, Network

PIECE_M = 500.0
"""Side of the squares in which reached ways are buffered: many small unions, not one large."""


@dataclass(frozen=True, eq=False)
class Gates:
    """Where parks meet the network: on which edge, how far along it, how far off it (m).

    ``off`` are the ids of parks that no way comes near enough to.
    """

    park: NDArray[np.object_]
    edge: Ints
    along: Floats
    gap: Floats
    off: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Reached stretches of edges: the edge, and where on it the stretch starts and ends (m)."""

    edge: Ints
    start: Floats
    end: Floats

    @property
    def length_m(self) -> float:
        """Length of all stretches."""
        return float((self.end - self.start).sum())


def gates(ways: Network, places: gpd.GeoSeries, snap_m: float, gate_m: float) -> Gates:
    """Where each park meets the network.

    A point is joined to the nearest place on a way within ``snap_m``. A shape is joined to every
    way within ``gate_m`` of it, at the junctions near or in it and where ways enter it; to the
    nearest place within ``snap_m`` where there is none. The straight line to the way counts as
    walked.
    """
    tree = shapely.STRtree(ways.lines)
    found = [_shape_gates(ways, tree, places, gate_m)]
    left = places[~places.index.isin(found[0]["park"])]
    near = tree.query_nearest(left.to_numpy(), max_distance=snap_m + SHARED_M, all_matches=False)
    lines, points = ways.lines[near[1]], left.to_numpy()[near[0]]
    along = shapely.line_locate_point(lines, _nearest_on(lines, points))
    gap = shapely.distance(lines, points)
    park = left.index.to_numpy(object)[near[0]]
    found.append(pd.DataFrame({"park": park, "edge": near[1], "along": along, "gap": gap}))
    joined = pd.concat([one for one in found if len(one)] or found, ignore_index=True)
    off = tuple(str(one) for one in places.index if one not in set(joined["park"]))
    return Gates(
        joined["park"].to_numpy(object),
        joined["edge"].to_numpy(np.int64),
        joined["along"].to_numpy(float),
        joined["gap"].to_numpy(float),
        off,
    )


def _nearest_on(lines: NDArray[np.object_], shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The point of each line that is nearest to the shape beside it."""
    return shapely.get_point(shapely.shortest_line(lines, shapes), 0)


def _shape_gates(
    ways: Network, tree: shapely.STRtree, places: gpd.GeoSeries, gate_m: float
) -> pd.DataFrame:
    """Gates of the parks that have a shape: junctions near it, and where ways cross its edge."""
    shapes = places[shapely.get_dimensions(places.to_numpy()) == 2]
    rows: list[pd.DataFrame] = []
    pairs = tree.query(shapes.to_numpy(), predicate="dwithin", distance=gate_m)
    park, edge = shapes.index.to_numpy(object)[pairs[0]], pairs[1]
    outline = shapes.to_numpy()[pairs[0]]
    for side in (0, 1):
        node = shapely.points(ways.nodes[ways.ends[edge, side]])
        gap = shapely.distance(outline, node)
        along = np.where(side, ways.lengths[edge], 0.0)
        made = pd.DataFrame({"park": park, "edge": edge, "along": along, "gap": gap})
        rows.append(made[gap <= gate_m])
    border = shapely.boundary(outline)
    cross = shapely.intersects(ways.lines[edge], border)
    for name, one, ring in zip(park[cross], edge[cross], border[cross], strict=True):
        line = ways.lines[one]
        crossed = shapely.get_coordinates(shapely.intersection(line, ring))
        along = shapely.line_locate_point(line, shapely.points(crossed))
        rows.append(pd.DataFrame({"park": name, "edge": one, "along": along, "gap": 0.0}))
    return pd.concat([one for one in rows if len(one)] or rows[:1], ignore_index=True)


def distances(ways: Network, doors: Gates, limit_m: float) -> Floats:
    """Metres from each node to the nearest park along the ways; inf beyond ``limit_m``.

    One run of Dijkstra's algorithm for all parks: every gate is joined to one place that stands
    for "some park", by the way left to its edge's two ends.
    """
    count = len(ways.nodes)
    ends = ways.ends[doors.edge]
    reach = np.column_stack([doors.along, ways.lengths[doors.edge] - doors.along])
    first = np.concatenate([ways.ends[:, 0], ways.ends[:, 1], np.full(ends.size, count)])
    second = np.concatenate([ways.ends[:, 1], ways.ends[:, 0], ends.T.ravel()])
    length = np.concatenate([ways.lengths, ways.lengths, (reach + doors.gap[:, None]).T.ravel()])
    # Parallel ways: the shortest one counts, where a sparse matrix would add them up.
    order = np.lexsort((length, second, first))
    first, second, length = first[order], second[order], length[order]
    shortest = np.append(True, (first[1:] != first[:-1]) | (second[1:] != second[:-1]))
    links = coo_array(
        (length[shortest], (first[shortest], second[shortest])), shape=(count + 1, count + 1)
    ).tocsr()
    found: Floats = dijkstra(links, directed=True, indices=count, limit=limit_m)
    return found[:count]


def reached(ways: Network, doors: Gates, band_m: float) -> Pieces:
    """The stretches of ways within ``band_m`` metres on foot of a park, cut where the walk ends."""
    from_node = band_m - distances(ways, doors, band_m)
    length = ways.lengths
    near = np.clip(from_node[ways.ends[:, 0]], 0, length)
    far = length - np.clip(from_node[ways.ends[:, 1]], 0, length)
    rows = [(edge, np.zeros(len(edge)), near[edge]) for edge in [np.flatnonzero(near > 0)]] + [
        (edge, far[edge], length[edge]) for edge in [np.flatnonzero(far < length)]
    ]
    left = band_m - doors.gap
    inside = left > 0
    edge = doors.edge[inside]
    rows.append(
        (
            edge,
            np.maximum(doors.along[inside] - left[inside], 0),
            np.minimum(doors.along[inside] + left[inside], length[edge]),
        )
    )
    edges, starts, ends = (np.concatenate(one) for one in zip(*rows, strict=True))
    return _merged(edges, starts, ends)


def _merged(edge: Ints, start: Floats, end: Floats) -> Pieces:
    """Stretches of one edge that overlap or touch made one."""
    order = np.lexsort((start, edge))
    edge, start, end = edge[order], start[order], end[order]
    if not len(edge):
        return Pieces(edge, start, end)
    # The furthest end so far on the same edge: edges are kept apart by an offset.
    apart = edge * (end.max() + 1.0)
    furthest = np.maximum.accumulate(end + apart)
    opens = np.append(True, start[1:] + apart[1:] > furthest[:-1] + SHARED_M)
    at = np.flatnonzero(opens)
    return Pieces(edge[at], start[at], np.maximum.reduceat(end, at))


def lines_of(ways: Network, pieces: Pieces) -> NDArray[np.object_]:
    """The reached stretches as lines; only the last ones of a walk have to be cut."""
    lines = ways.lines[pieces.edge].copy()
    whole = (pieces.start <= 0) & (pieces.end >= ways.lengths[pieces.edge])
    for at in np.flatnonzero(~whole):
        lines[at] = substring(lines[at], pieces.start[at], pieces.end[at])
    return lines


def corridor(
    ways: Network, doors: Gates, band_m: float, width_m: float, barriers: gpd.GeoSeries | None
) -> gpd.GeoSeries:
    """The land within ``band_m`` of a park on foot, the last metres off the way included.

    A place is reached when it lies at most ``width_m`` off a way, and the walk along the ways and
    from there is at most ``band_m`` in all: so nothing lies outside of the straight-line circle.
    Where ``width_m`` is more than half of the band, half of the band is taken.
    ``barriers`` cut what lies off the ways; a part that no reached way leads to is dropped.
    """
    width = min(width_m, band_m / 2)
    lines = lines_of(ways, reached(ways, doors, band_m - width))
    if not len(lines):
        return gpd.GeoSeries([], crs=MEASURE)
    middle = shapely.get_coordinates(shapely.centroid(lines))
    square = np.floor(middle / PIECE_M).astype(np.int64)
    _, square = np.unique(square, axis=0, return_inverse=True)
    order = np.argsort(square.ravel(), kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(square.ravel()[order])) + 1)
    areas = [
        shapely.buffer(shapely.multilinestrings(list(_as_lines(lines[rows]))), width, quad_segs=8)
        for rows in groups
    ]
    found = gpd.GeoSeries(areas, crs=MEASURE)
    return found if barriers is None else _cut(found, lines, barriers)


def _as_lines(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """A stretch of no length is a point for GEOS; here it is a line of no length."""
    points = shapely.get_type_id(shapes) == 0
    if points.any():
        shapes = shapes.copy()
        shapes[points] = [shapely.LineString([one, one]) for one in shapes[points]]
    return shapes


def _cut(
    areas: gpd.GeoSeries, lines: NDArray[np.object_], barriers: gpd.GeoSeries
) -> gpd.GeoSeries:
    parts = areas.difference(barriers.union_all()).explode(ignore_index=True)
    tree = shapely.STRtree(lines)
    touched = np.unique(tree.query(parts.to_numpy(), predicate="intersects")[0])
    return gpd.GeoSeries(parts.iloc[touched], crs=MEASURE)
