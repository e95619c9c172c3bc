"""A file of ways in, the network that people walk out: joined at shared vertices, in metres.

A river is crossed where a way crosses it, and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bsh_geo import given
from bsh_geo.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOT_WALKED = frozenset(
    {
        *("motorway", "motorway_link", "raceway", "bus_guideway", "busway"),
        *("construction", "proposed", "planned", "abandoned", "razed", "disused"),
    }
)
"""Values of OpenStreetMap's ``highway`` (``fclass`` in some extracts) that nobody walks on."""

SHARED_M = 0.001
"""Vertices are one where their coordinates are, rounded to a millimetre."""


@dataclass(frozen=True, eq=False)
class Network:
    """Ways between junctions, in ``MEASURE``; ``ends`` are the rows of ``nodes`` of each edge.

    A way has no direction: people walk both ways. ``read`` ways are in the file, ``left_out`` of
    them nobody walks on.
    """

    nodes: Floats
    ends: Ints
    lengths: Floats
    lines: NDArray[np.object_]
    read: int = 0
    left_out: int = 0

    @property
    def length_km(self) -> float:
        """Length of all ways."""
        return float(self.lengths.sum() / 1000)

    @property
    def components(self) -> int:
        """Parts of the network that are not joined to each other."""
        count = len(self.nodes)
        links = coo_array((np.ones(len(self.ends)), self.ends.T), shape=(count, count))
        return int(connected_components(links, directed=False, return_labels=False))


@lru_cache(maxsize=2)
def load(path: Path, shown: str, crossings: str, mark: tuple[int, int]) -> Network:
    """The network of a file; ``mark`` (size, time of change) tells one state of it from another."""
    del mark
    return network(given.shapes(path, shown, "line"), shown, crossings == "junction")


def network(ways: gpd.GeoDataFrame, shown: str = "", crossings: bool = False) -> Network:
    """The walkable ways of a frame in ``MEASURE`` as a network.

    Ways meet where they share a vertex. Where they cross without one, a bridge or a tunnel is
    assumed, unless ``crossings`` is set: then ways of one level (``layer``, ``bridge``,
    ``tunnel``) meet where they cross.

    Raises
    ------
    DataError
        Nobody can walk on any of the ways.
    """
    tags = _tags(ways)
    walked = ways[_walked(tags)]
    if walked.empty:
        raise DataError(
            f"{shown} 中没有可步行的道路。", f"{shown} holds no way that people walk on."
        )
    lines = walked.geometry.to_numpy()
    if crossings:
        lines = _crossed(lines, _levels(tags.loc[walked.index]))
    nodes, ends, edges = _split(lines)
    return Network(nodes, ends, shapely.length(edges), edges, len(ways), len(ways) - len(walked))


def _tags(ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """The tags that matter, from columns of their own or from GDAL's ``other_tags``; "" is none."""
    found = pd.DataFrame(index=ways.index)
    other = ways["other_tags"].fillna("") if "other_tags" in ways else None
    for name in ("highway", "foot", "access", "layer", "bridge", "tunnel"):
        column = "fclass" if name == "highway" and "highway" not in ways else name
        if column in ways:
            texts = ways[column].astype(object).where(ways[column].notna(), "").astype(str)
        elif other is not None:
            pattern = re.compile(rf'"{name}"=>"([^"]*)"')
            texts = other.str.extract(pattern, expand=False).fillna("")
        else:
            texts = pd.Series("", index=ways.index)
        found[name] = texts.str.strip().str.lower()
    found.attrs["kinds"] = bool({"highway", "fclass"} & set(ways.columns))
    return found


def _walked(tags: pd.DataFrame) -> pd.Series:
    """Whether people walk there: any line of a file without kinds, else the kinds that allow it."""
    closed = tags["access"].isin(["no", "private"]) & ~tags["foot"].isin(
        ["yes", "designated", "permissive"]
    )
    open_to_feet = ~closed & ~tags["foot"].isin(["no", "private", "use_sidepath"])
    if not tags.attrs["kinds"]:
        return open_to_feet
    return open_to_feet & tags["highway"].ne("") & ~tags["highway"].isin(NOT_WALKED)


def _levels(tags: pd.DataFrame) -> pd.Series:
    """What level a way runs on; a blank, "no", "f" or "0" is the ground."""
    ground = ("", "no", "f", "false", "0", "0.0", "none")
    plain = tags[["layer", "bridge", "tunnel"]].mask(tags.isin(ground), "")
    return plain["layer"] + "|" + plain["bridge"] + "|" + plain["tunnel"]


def _crossed(lines: NDArray[np.object_], levels: pd.Series) -> NDArray[np.object_]:
    """The lines with a vertex wherever two of one level cross."""
    found = [
        shapely.get_parts(shapely.node(shapely.multilinestrings(list(lines[rows]))))
        for rows in levels.reset_index(drop=True).groupby(levels.to_numpy()).indices.values()
    ]
    return np.concatenate(found)


def _split(lines: NDArray[np.object_]) -> tuple[Floats, Ints, NDArray[np.object_]]:
    """Nodes, the ends of each edge, and the edges: the lines cut at every vertex they share."""
    places, of_line = shapely.get_coordinates(lines, return_index=True)
    kept = np.ones(len(places), bool)
    rounded = np.round(places / SHARED_M).astype(np.int64)
    kept[1:] = (of_line[1:] != of_line[:-1]) | (rounded[1:] != rounded[:-1]).any(axis=1)
    places, of_line, rounded = places[kept], of_line[kept], rounded[kept]
    unique, vertex = np.unique(rounded[:, 0] * (1 << 32) + rounded[:, 1], return_inverse=True)
    first = np.append(True, of_line[1:] != of_line[:-1])
    last = np.append(first[1:], True)
    used = np.bincount(vertex, minlength=len(unique))
    is_node = first | last | (used[vertex] > 1)
    at = np.flatnonzero(is_node)
    runs = of_line[at[:-1]] == of_line[at[1:]]
    start, end = at[:-1][runs], at[1:][runs]
    edges = _between(places, start, end)
    codes, node = np.unique(vertex[at], return_inverse=True)
    number = np.full(len(places), -1)
    number[at] = node
    nodes = np.empty((len(codes), 2))
    nodes[node] = places[at]
    return nodes, np.column_stack([number[start], number[end]]), edges


def _between(places: Floats, start: Ints, end: Ints) -> NDArray[np.object_]:
    """A line through the places of each run, both ends included."""
    sizes = end - start + 1
    of_edge = np.repeat(np.arange(len(start)), sizes)
    offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rows = np.repeat(start, sizes) + offsets
    found: NDArray[np.object_] = shapely.linestrings(places[rows], indices=of_edge)
    return found
