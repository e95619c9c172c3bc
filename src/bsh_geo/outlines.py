"""An outline that crosses itself in, whether it can be mended out: a scribble takes for ever."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from bsh_geo.catalogue import Text
from bsh_geo.limits_in import MOST_CROSSINGS

Shapes = np.ndarray[Any, np.dtype[np.object_]]

TANGLED = Text(
    zh=f"轮廓自相交超过 {MOST_CROSSINGS:,} 处，不像地块边界，未修正",
    en=f"its outline crosses itself more than {MOST_CROSSINGS:,} times; it is not mended",
)

_FEW_EDGES, _SAMPLE = 64, 32
"""Edges that cannot cross often, and edges of a longer outline that are looked at first."""


def tangled(one: BaseGeometry) -> bool:
    """Whether an invalid geometry crosses itself too often to be mended."""
    edges = _edges(one)
    if len(edges) <= _FEW_EDGES:
        return False
    tree = shapely.STRtree(edges)
    some = edges[:: max(1, len(edges) // _SAMPLE)]
    boxes = len(tree.query(some)[0]) / len(some)
    if (boxes - 3) * len(edges) / 2 <= MOST_CROSSINGS:
        return False
    if boxes * len(edges) > 100 * MOST_CROSSINGS:
        return True
    first, second = tree.query(edges, predicate="intersects")
    return int((second - first > 1).sum()) > MOST_CROSSINGS


def _edges(one: BaseGeometry) -> Shapes:
    """The edges of all rings and lines of a geometry."""
    points, ring = shapely.get_coordinates(
        shapely.get_rings(one) if one.geom_type.endswith("Polygon") else one, return_index=True
    )
    same = ring[1:] == ring[:-1]
    made: Shapes = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)[same])
    return made
