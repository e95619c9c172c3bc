"""Geometries in degrees in, those that can be used out; every fault counted with its rows."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely

from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.limits_in import MOST_OVERLAPS
from bsh_geo.outlines import TANGLED, tangled
from bsh_geo.own_report import Ledger
from bsh_geo.own_tables import Ints
from bsh_geo.site_geometry import Shapes

Want = Literal["point", "area", "any"]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

TYPES: dict[Want, tuple[int, ...]] = {"point": (0, 4), "area": (3, 6), "any": (0, 3, 4, 6)}
"""GEOS type ids: Point, MultiPoint, Polygon, MultiPolygon."""

WORDS: dict[Want, tuple[str, str]] = {
    "point": ("点", "a point"),
    "area": ("面", "an area"),
    "any": ("点或面", "a point or an area"),
}

TINY_M2 = 1.0
SHARED_M2 = 1.0
"""Areas that share less than this touch by rounding only."""


def checked(
    shapes: Shapes, numbers: Ints, want: Want, repair: bool, ledger: Ledger
) -> tuple[Shapes, Flags]:
    """The geometries, flat and valid, and which of them are usable.

    An invalid area is used only where ``repair`` asks for its repair, which is recorded.
    """
    raised = bool(shapely.has_z(shapes).any())
    made: Shapes = shapely.force_2d(shapes) if raised else shapes.copy()
    good = ~(shapely.is_missing(made) | shapely.is_empty(made))
    if not good.all():
        ledger.add("rejected", "几何为空", "The geometry is empty", numbers[~good])
    if raised:
        ledger.add("note", "高程不用，已略去", "Heights are not used and were left out")
    finite = np.isfinite(shapely.bounds(made)).all(axis=1)
    if (good & ~finite).any():
        ledger.add(
            "rejected", "坐标不是有限的数", "A coordinate is not finite", numbers[good & ~finite]
        )
    good &= finite
    kinds = shapely.get_type_id(made)
    wrong = good & ~np.isin(kinds, TYPES[want])
    if wrong.any():
        zh, en = WORDS[want]
        ledger.add(
            "rejected", f"几何类型不对，应为{zh}", f"The geometry is not {en}", numbers[wrong]
        )
    good &= ~wrong
    made, good = _single(made, good, numbers, ledger)
    made, good = _valid(made, good, numbers, repair, ledger)
    _told(made, good, numbers, ledger)
    return made, good


def _single(made: Shapes, good: Flags, numbers: Ints, ledger: Ledger) -> tuple[Shapes, Flags]:
    """Multipoints of one point as that point; of several, which is the place is not known."""
    many = good & (shapely.get_type_id(made) == 4)
    if not many.any():
        return made, good
    several = many & (shapely.get_num_geometries(made) > 1)
    if several.any():
        ledger.add(
            "rejected",
            "一行有几个点，请拆成几行",
            "Several points in one row; divide them into rows",
            numbers[several],
        )
    one = many & ~several
    made[one] = shapely.get_geometry(made[one], 0)
    return made, good & ~several


def _valid(
    made: Shapes, good: Flags, numbers: Ints, repair: bool, ledger: Ledger
) -> tuple[Shapes, Flags]:
    broken = good & ~shapely.is_valid(made)
    if not broken.any():
        return made, good
    reason = str(shapely.is_valid_reason(made[broken][0]))
    if not repair:
        ledger.add(
            "rejected",
            f"几何无效（如 {reason}），可用 --repair 修复",
            f"The geometry is invalid (such as {reason}); --repair mends it",
            numbers[broken],
        )
        return made, good & ~broken
    knots = np.zeros(len(made), dtype=bool)
    knots[broken] = [tangled(one) for one in made[broken]]
    if knots.any():
        ledger.add("rejected", TANGLED.zh, TANGLED.en, numbers[knots])
        good, broken = good & ~knots, broken & ~knots
    mended = shapely.make_valid(made[broken], method="structure", keep_collapsed=False)
    usable = np.isin(shapely.get_type_id(mended), TYPES["area"]) & ~shapely.is_empty(mended)
    at = np.flatnonzero(broken)
    made[at[usable]] = mended[usable]
    if usable.any():
        ledger.add(
            "repaired",
            f"几何无效（如 {reason}），已按外轮廓修复",
            f"The geometry was invalid (such as {reason}) and has been mended",
            numbers[at[usable]],
        )
    if not usable.all():
        ledger.add(
            "rejected",
            "几何无效且修复后没有面积",
            "The geometry is invalid and has no area once mended",
            numbers[at[~usable]],
        )
        good = good.copy()
        good[at[~usable]] = False
    return made, good


def _told(made: Shapes, good: Flags, numbers: Ints, ledger: Ledger) -> None:
    """What stays but should be looked at: doubles, tiny areas, overlaps."""
    _doubles(made, good, numbers, ledger)
    areal = good & np.isin(shapely.get_type_id(made), TYPES["area"])
    if not areal.any():
        return
    plane = gpd.GeoSeries(made[areal], crs=DISPLAY).to_crs(MEASURE).to_numpy()
    tiny = shapely.area(plane) < TINY_M2
    if tiny.any():
        ledger.add(
            "rejected",
            f"面积不足 {TINY_M2:g} m²",
            f"Areas of less than {TINY_M2:g} m²",
            numbers[areal][tiny],
        )
    first, second = shapely.STRtree(plane).query(plane, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    if len(first) > MOST_OVERLAPS:
        ledger.add(
            "proposed",
            f"{len(first):,} 对面相交，过多，未逐对计算重叠面积",
            f"{len(first):,} pairs of areas meet, too many to measure what each shares",
            np.unique(numbers[areal][first]),
        )
        return
    touching = shapely.touches(plane[first], plane[second])
    first, second = first[~touching], second[~touching]
    shared = shapely.area(
        shapely.intersection(shapely.make_valid(plane[first]), shapely.make_valid(plane[second]))
    )
    over = shared > SHARED_M2
    if over.any():
        rows = np.unique(
            np.concatenate([numbers[areal][first[over]], numbers[areal][second[over]]])
        )
        total = float(shared[over].sum()) / 1e6
        ledger.add(
            "proposed",
            f"{int(over.sum()):,} 对面相互重叠，共 {total:,.4g} km²",
            f"{int(over.sum()):,} pairs of areas overlap, by {total:,.4g} km² in all",
            rows,
        )


def _doubles(made: Shapes, good: Flags, numbers: Ints, ledger: Ledger) -> None:
    at = np.flatnonzero(good)
    if (shapely.get_type_id(made[at]) == 0).all():
        pairs = np.ascontiguousarray(shapely.get_coordinates(made[at])).view(np.complex128)[:, 0]
        _, first = np.unique(pairs, return_index=True)
    else:
        keys = shapely.to_wkb(shapely.normalize(made[at]))
        _, first = np.unique(np.array([hash(one) for one in keys]), return_index=True)
    again = np.ones(len(at), dtype=bool)
    again[first] = False
    if again.any():
        ledger.add(
            "duplicate",
            "几何与前面的行相同",
            "The geometry is that of an earlier row",
            numbers[at[again]],
        )
