"""Two sets of geometries in metres in, how they stand to each other and by how much out.

Everything is measured in the plane of ``crs.MEASURE``, where areas are true; lengths are off by
less than 0.01 % within 120 km of the city. Within a millimetre of a border counts as on it:
coordinates that were moved from degrees keep no common border exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

Shapes = np.ndarray[Any, np.dtype[np.object_]]
Numbers = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Places = np.ndarray[Any, np.dtype[np.intp]]

TOUCH_M = 0.001
"""Closer than this is touching, and an overlap narrower than this is none."""

RINGS_M = (1_000.0, 4_000.0)
"""Distances within which the nearest place is looked for at first."""

ARC = 32
"""Straight pieces of a quarter circle of a buffer, whose area they miss by 0.04 %."""

RELATIONS = ("inside", "overlaps", "holds", "touches", "near", "outside")
"""From the most to the least serious.

``inside``: the site lies in the place; ``overlaps``: they share ground; ``holds``: the site holds
the point of a place known by a point only; ``touches``: their borders meet; ``near``: within the
buffer; ``outside``: farther.
"""

COLUMNS = ("site", "item", "relation", "distance_m", "overlap_m2", "overlap_m", "buffer_m2")


def relate(sites: Shapes, places: Shapes, buffer_m: float = 0.0) -> tuple[pd.DataFrame, Shapes]:
    """Every site and place that meet or lie within the buffer, and the ground they share.

    Parameters
    ----------
    sites, places : ndarray of geometries
        Valid, in metres of ``MEASURE``; places are polygons or points.
    buffer_m : float
        Distance within which a place is listed as ``near``, metres.

    Returns
    -------
    DataFrame
        Sorted by ``site`` and ``item`` (positions): ``relation``, ``distance_m`` (0 where they
        meet), ``overlap_m2`` (of polygons), ``overlap_m`` (length inside, of lines) and
        ``buffer_m2`` (of the site widened by the buffer, 0 without one). NaN where the measure
        has no sense: no area for a site that is a point or a place that is.
    ndarray of geometries
        The shared ground of each row, None where there is none.
    """
    shapely.prepare(places)
    reach = max(buffer_m, TOUCH_M)
    item, site = shapely.STRtree(sites).query(places, predicate="dwithin", distance=reach)
    order = np.lexsort((item, site))
    item, site = item[order], site[order]
    a, b = sites[site], places[item]
    meets = shapely.intersects(b, a)
    distance = np.where(meets, 0.0, _distances(a, b, ~meets))
    relation = np.where(meets | (distance <= TOUCH_M), "touches", "near").astype(object)
    distance[relation == "touches"] = 0.0
    lines = shapely.boundary(places)
    shapely.prepare(lines)
    area, length, shared = _judged(a, b, lines[item], meets, relation)
    rows = pd.DataFrame(
        {
            "site": site,
            "item": item,
            "relation": relation,
            "distance_m": distance,
            "overlap_m2": area,
            "overlap_m": length,
            "buffer_m2": _buffered(a, b, buffer_m),
        }
    )
    return rows, shared


def _judged(
    a: Shapes, b: Shapes, borders: Shapes, meets: Mask, relation: Shapes
) -> tuple[Numbers, Numbers, Shapes]:
    """The shared area, length and ground of pairs; ``relation`` is filled in."""
    area, length = np.full(len(a), np.nan), np.full(len(a), np.nan)
    shared: Shapes = np.full(len(a), None, dtype=object)
    of_site, areal = shapely.get_dimensions(a), shapely.get_dimensions(b) == 2
    relation[meets & ~areal] = "holds"
    _polygons(a, b, meets, (of_site == 2) & areal, relation, area, shared)
    length[(of_site == 1) & areal] = 0.0
    _lines(a, b, borders, meets & (of_site == 1) & areal, relation, length, shared)
    _points(a, b, borders, meets & (of_site == 0) & areal, relation, shared)
    return area, length, shared


def _distances(a: Shapes, b: Shapes, wanted: Mask) -> Numbers:
    found = np.zeros(len(a))
    found[wanted] = shapely.distance(b[wanted], a[wanted])
    return found


def _polygons(
    a: Shapes, b: Shapes, meets: Mask, which: Mask, relation: Shapes, area: Numbers, shared: Shapes
) -> None:
    """The area that two polygons share; a sliver along a common border is none."""
    area[which] = 0.0
    at = np.flatnonzero(which & meets)
    whole = shapely.covers(b[at], a[at])
    inside, rest = at[whole], at[~whole]
    relation[inside], area[inside], shared[inside] = "inside", shapely.area(a[inside]), a[inside]
    common = shapely.intersection(b[rest], a[rest])
    size, edge = shapely.area(common), shapely.length(common)
    wide = 2 * size > TOUCH_M * edge
    over = rest[wide]
    relation[over], area[over], shared[over] = "overlaps", size[wide], common[wide]
    # All but a sliver of the site is in the place: they share a border on which it stands.
    outside = shapely.area(a[over]) - area[over]
    relation[over[2 * outside <= TOUCH_M * shapely.length(a[over])]] = "inside"


def _lines(
    a: Shapes,
    b: Shapes,
    borders: Shapes,
    which: Mask,
    relation: Shapes,
    length: Numbers,
    shared: Shapes,
) -> None:
    """The length of a line inside a polygon; what runs along its border touches it."""
    at = np.flatnonzero(which)
    common = shapely.intersection(b[at], a[at])
    inner = shapely.length(common)
    close = np.flatnonzero(shapely.dwithin(borders[at], common, TOUCH_M))
    along = shapely.buffer(borders[at][close], TOUCH_M)
    inner[close] -= shapely.length(shapely.intersection(common[close], along))
    over, parts = at[inner > TOUCH_M], common[inner > TOUCH_M]
    whole = shapely.length(a[over]) - shapely.length(parts) <= TOUCH_M
    relation[over] = np.where(whole, "inside", "overlaps")
    length[over], shared[over] = shapely.length(parts), parts


def _points(
    a: Shapes, b: Shapes, borders: Shapes, which: Mask, relation: Shapes, shared: Shapes
) -> None:
    """A point in a polygon; on its border it touches, and of several points some may be inside."""
    at = np.flatnonzero(which)
    on_border = shapely.dwithin(borders[at], a[at], TOUCH_M)
    covered = shapely.covers(b[at], a[at])
    relation[at] = np.where(covered, "inside", "overlaps")
    relation[at[on_border]] = "touches"
    for one in at[on_border & (shapely.get_num_geometries(a[at]) > 1)]:
        points = shapely.get_parts(a[one])
        free = shapely.covers(b[one], points) & ~shapely.dwithin(borders[one], points, TOUCH_M)
        if free.any():
            relation[one] = "inside" if shapely.covers(b[one], a[one]) else "overlaps"
    inner = at[relation[at] != "touches"]
    shared[inner] = a[inner]


def _buffered(a: Shapes, b: Shapes, buffer_m: float) -> Numbers:
    """The area of each place within the buffer of the site, the site's own included."""
    which = shapely.get_dimensions(b) == 2
    found = np.where(which, 0.0, np.nan)
    if buffer_m > 0 and which.any():
        # Each site is widened once, however many places it meets.
        sites, back = np.unique(shapely.to_wkb(a[which]), return_inverse=True)
        wide = shapely.buffer(shapely.from_wkb(sites), buffer_m, quad_segs=ARC)
        found[which] = shapely.area(shapely.intersection(b[which], wide[back]))
    return found


def nearest(sites: Shapes, places: Shapes) -> tuple[Places, Numbers]:
    """The nearest place of each site (its position, the first of equals), and how far, metres."""
    item, distance = np.full(len(sites), -1, dtype=np.intp), np.full(len(sites), np.inf)
    shapely.prepare(places)  # twice as fast as the tree's own search, which prepares nothing
    for reach in RINGS_M:
        left = np.flatnonzero(item < 0)
        place, site = shapely.STRtree(sites[left]).query(
            places, predicate="dwithin", distance=reach
        )
        _closest(
            item, distance, left[site], place, shapely.distance(places[place], sites[left][site])
        )
    left = np.flatnonzero(item < 0)
    (site, place), far = shapely.STRtree(places).query_nearest(
        sites[left], return_distance=True, all_matches=True
    )
    _closest(item, distance, left[site], place, far)
    return item, distance


def _closest(item: Places, distance: Numbers, site: Places, place: Places, far: Numbers) -> None:
    """Put the nearest of the found places into the rows of their sites."""
    order = np.lexsort((place, far, site))
    first = order[np.flatnonzero(np.diff(site[order], prepend=-1))]
    item[site[first]], distance[site[first]] = place[first], far[first]


def united(shared: Shapes, site: Places, count: int) -> Shapes:
    """The shared ground of each of ``count`` sites taken once; None where there is none.

    ``site`` is the position of each of ``shared``, rising.
    """
    found: Shapes = np.full(count, None, dtype=object)
    has = np.array([one is not None for one in shared], dtype=bool)
    shared, site = shared[has], site[has]
    starts = np.flatnonzero(np.r_[True, site[1:] != site[:-1]]) if len(site) else site
    for start, end in zip(starts, np.r_[starts[1:], len(site)][: len(starts)], strict=True):
        found[site[start]] = shared[start] if end - start == 1 else together(shared[start:end])
    return found


def together(shared: Shapes) -> BaseGeometry:
    """Polygons, or lines, as one, ground that they share once.

    Lines are noded on a grid of a millimetre: cut from one line, they would not meet exactly.
    """
    if (shapely.get_dimensions(shared) == 2).all():
        return shapely.disjoint_subset_union_all(shared)
    return shapely.union_all(shared, grid_size=TOUCH_M)
