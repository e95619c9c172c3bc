"""Two surveys of wetlands in, what each wetland gained and lost between them out.

A survey is a frame of polygons with ids and names. A wetland of one is found in the other by its
id, else by its name, else by the ground that most of the smaller one shares; each is used once.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from bsh_geo import frames
from bsh_geo.crs import to_measure
from bsh_geo.project import Project
from bsh_geo.wetlands import SHAPES

SHARED = 0.5
"""Share of the smaller of two shapes that has to lie in the other to make them one wetland."""

SAME = 1e-4
"""Share of its larger extent by which a wetland may differ and still be unchanged."""

MATCHES = ("id", "name", "ground", "")
STATES = ("same", "changed", "new", "gone")


@dataclass(frozen=True, eq=False)
class Change:
    """What became of wetlands between two surveys; areas in km².

    Attributes
    ----------
    wetlands : DataFrame
        A row per wetland of either survey: ``id``, ``before_id`` (in the earlier survey; None where
        it is new), ``name_zh``, ``name_en`` (of the later one where
        it is in both), ``before``, ``after``, ``kept`` (in both extents), ``gained``, ``lost``,
        ``net``, ``net_share`` (per cent of before; NaN where that is none), ``state`` (``STATES``),
        ``match`` (``MATCHES``).
    total : Series
        The measured columns for all wetlands together, ground that shapes share counted once.
    """

    wetlands: pd.DataFrame
    total: pd.Series


def shipped(project: Project) -> gpd.GeoDataFrame:
    """The shapes of the project's own wetlands as a survey."""
    drawn = frames.shapes(project, SHAPES).dissolve("id", aggfunc="first")
    return drawn[["name_zh", "name_en", "geometry"]]


def sketched(project: Project) -> frozenset[str]:
    """Ids of the project's own wetlands whose shape is a sketch."""
    drawn = frames.shapes(project, SHAPES)
    return frozenset(drawn.loc[drawn["quality"] == "schematic", "id"].astype(str))


def compared(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Change:
    """The change of every wetland from one survey to the next.

    Parameters
    ----------
    before, after : GeoDataFrame
        Indexed by id, with ``name_zh``, ``name_en`` and polygons in any CRS.
    """
    old, new = (_in_metres(one) for one in (before, after))
    pairs = _pairs(old, new)
    rows = [_row(old, new, *pair) for pair in pairs]
    whole = [
        shapely.union_all(one.geometry.to_numpy()) if len(one) else shapely.Polygon()
        for one in (old, new)
    ]
    total = pd.Series(_measured(*whole))
    columns = ["id", "before_id", "name_zh", "name_en", *total.index, "state", "match"]
    return Change(pd.DataFrame(rows, columns=columns), total)


def _in_metres(survey: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    found = to_measure(survey)
    found.index = found.index.astype(str)
    return found


def _pairs(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame
) -> list[tuple[str | None, str | None, str]]:
    """Ids of both surveys that are one wetland, and by what; then those of one survey alone."""
    found: list[tuple[str | None, str | None, str]] = []
    ways = {"id": _by_id, "name": _by_name, "ground": _by_ground}
    for match, way in ways.items():
        partner = way(old, new)
        found += [(one, other, match) for one, other in partner.items()]
        old = old.loc[[one for one in old.index if one not in partner]]
        new = new.loc[[one for one in new.index if one not in partner.values()]]
    return [
        *found,
        *((one, None, "") for one in old.index),
        *((None, one, "") for one in new.index),
    ]


def _by_id(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> dict[str, str]:
    """Wetlands with the same id; the numbers of a file without ids match nothing by chance."""
    both = [one for one in old.index if one in new.index and not one.isdigit()]
    return {one: one for one in both}


def folded(name: object) -> str:
    """A name without case, width, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", str(name)).casefold()
    return "".join(one for one in plain if one.isalnum())


def _by_name(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> dict[str, str]:
    """Wetlands with the same name, if just one of each survey has it."""
    names = [frame["name_zh"].map(folded) for frame in (old, new)]
    once = [one[~one.duplicated(keep=False) & (one != "")] for one in names]
    known = {name: code for code, name in once[1].items()}
    return {str(code): str(known[name]) for code, name in once[0].items() if name in known}


def _by_ground(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> dict[str, str]:
    """Wetlands that share most of the smaller one's ground, the largest shares first."""
    shapes_old, shapes_new = old.geometry.to_numpy(), new.geometry.to_numpy()
    if not len(shapes_old) or not len(shapes_new):
        return {}
    at_new, at_old = shapely.STRtree(shapes_old).query(shapes_new, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes_old[at_old], shapes_new[at_new]))
    smaller = np.minimum(shapely.area(shapes_old[at_old]), shapely.area(shapes_new[at_new]))
    order = np.argsort(-shared, kind="stable")
    found: dict[str, str] = {}
    for one in order:
        code, other = str(old.index[at_old[one]]), str(new.index[at_new[one]])
        enough = shared[one] >= SHARED * smaller[one] > 0
        if enough and code not in found and other not in found.values():
            found[code] = other
    return found


def _row(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, code: str | None, other: str | None, match: str
) -> dict[str, object]:
    nothing = shapely.Polygon()
    shapes = (
        nothing if code is None else old.geometry[code],
        nothing if other is None else new.geometry[other],
    )
    named = old.loc[code] if other is None else new.loc[other]
    measured = _measured(*shapes)
    changed = max(measured["gained"], measured["lost"])
    same = changed <= SAME * max(measured["before"], measured["after"])
    state = "gone" if other is None else "new" if code is None else "same" if same else "changed"
    return {
        "id": other if other is not None else code,
        "before_id": code,
        "name_zh": named["name_zh"],
        "name_en": named["name_en"],
        **measured,
        "state": state,
        "match": match,
    }


def _measured(before: BaseGeometry, after: BaseGeometry) -> dict[str, float]:
    old, new, kept = before.area / 1e6, after.area / 1e6, before.intersection(after).area / 1e6
    return {
        "before": old,
        "after": new,
        "kept": kept,
        "gained": max(new - kept, 0.0),
        "lost": max(old - kept, 0.0),
        "net": new - old,
        "net_share": (new - old) / old * 100 if old else float("nan"),
    }
