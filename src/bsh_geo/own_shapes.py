"""Geometries in degrees in, those that can be used out; every fault counted with its rows."""

from __future__ import annotations

import re
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo.catalogue import Text
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.limits_in import MOST_OVERLAPS
from bsh_geo.outlines import TANGLED, tangled
from bsh_geo.own_report import Ledger
from bsh_geo.own_tables import Ints
from bsh_geo.site_geometry import Pairs, Shapes

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


REASONS: dict[str, str] = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞相互嵌套",
    "Nested shells": "外环相互嵌套",
    "Interior is disconnected": "内部被洞隔断",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "环的点太少",
    "Invalid Coordinate": "坐标无效",
    "Ring is not closed": "环未闭合",
}
"""Why GEOS finds a geometry invalid, in Chinese."""


def reason_of(shape: shapely.Geometry) -> Text:
    """Why a geometry is invalid, and where (degrees)."""
    said = str(shapely.is_valid_reason(shape))
    found = re.fullmatch(r"(.*?)\s*\[\s*(\S+) (\S+).*\]", said)
    if found is None:
        return Text(zh=REASONS.get(said, said), en=said.lower())
    why, at = found[1], f"{float(found[2]):.4f}, {float(found[3]):.4f}"
    return Text(zh=f"在 {at} {REASONS.get(why, why)}", en=f"{why.lower()} at {at}")


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
        ledger.add("rejected", "几何为空", "The geometry is empty", numbers[~good], about="empty")
    if raised:
        ledger.add("note", "高程不用，已略去", "Heights are not used and were left out")
    finite = np.isfinite(shapely.bounds(made)).all(axis=1)
    if (good & ~finite).any():
        ledger.add(
            "rejected", "坐标不是有限的数", "A coordinate is not finite", numbers[good & ~finite],
            about="empty",
        )  # fmt: skip
    good &= finite
    kinds = shapely.get_type_id(made)
    beyond = _beyond(made, good & np.isin(kinds, TYPES["area"]))
    if beyond.any():
        ledger.add(
            "rejected",
            "坐标超出可以量算的范围",
            "A coordinate lies beyond what can be measured",
            numbers[beyond],
            about="empty",
        )
    good &= ~beyond
    wrong = good & ~np.isin(kinds, TYPES[want])
    if wrong.any():
        zh, en = WORDS[want]
        ledger.add(
            "rejected", f"几何类型不对，应为{zh}", f"The geometry is not {en}", numbers[wrong],
            about="type",
        )  # fmt: skip
    good &= ~wrong
    made, good = _single(made, good, numbers, ledger)
    made, good = _valid(made, good, numbers, repair, ledger)
    _told(made, good, numbers, ledger)
    return made, good


def _beyond(made: Shapes, areal: Flags) -> Flags:
    """Which areas have corners that the plane of measuring does not reach, such as a pole's."""
    west, south, east, north = shapely.bounds(made).T
    # Within some 20 degrees of the city all are reached, and need not be projected for this.
    far: Flags = areal & ~((west > 100) & (south > 10) & (east < 140) & (north < 50))
    if far.any():
        plane = gpd.GeoSeries(made[far], crs=DISPLAY).to_crs(MEASURE)
        far[far] = ~np.isfinite(plane.bounds.to_numpy()).all(axis=1)
    return far


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
            about="type",
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
    reason = reason_of(made[broken][0])
    if not repair:
        ledger.add(
            "rejected",
            f"几何无效（如{reason.zh}），可用 --repair 修复",
            f"The geometry is invalid (such as {reason.en}); --repair mends it",
            numbers[broken],
            about="invalid",
        )
        return made, good & ~broken
    knots = np.zeros(len(made), dtype=bool)
    knots[broken] = [tangled(one) for one in made[broken]]
    if knots.any():
        ledger.add("rejected", TANGLED.zh, TANGLED.en, numbers[knots], about="invalid")
        good, broken = good & ~knots, broken & ~knots
    return _mended(made, good, broken, reason, numbers, ledger)


def _mended(
    made: Shapes, good: Flags, broken: Flags, reason: Text, numbers: Ints, ledger: Ledger
) -> tuple[Shapes, Flags]:
    """Invalid areas mended by their outer rings; those without an area then are lost."""
    mended = shapely.make_valid(made[broken], method="structure", keep_collapsed=False)
    usable = np.isin(shapely.get_type_id(mended), TYPES["area"]) & ~shapely.is_empty(mended)
    at = np.flatnonzero(broken)
    made[at[usable]] = mended[usable]
    if usable.any():
        ledger.add(
            "repaired",
            f"几何无效（如{reason.zh}），已按外轮廓修复",
            f"The geometry was invalid (such as {reason.en}) and has been mended",
            numbers[at[usable]],
        )
    if not usable.all():
        ledger.add(
            "rejected",
            "几何无效且修复后没有面积",
            "The geometry is invalid and has no area once mended",
            numbers[at[~usable]],
            about="invalid",
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
            about="tiny",
        )
    _overlaps(plane, numbers[areal], ledger)


def _overlaps(plane: Shapes, numbers: Ints, ledger: Ledger) -> None:
    """Pairs of areas that share more than a line, with what they share."""
    first, second = shapely.STRtree(plane).query(plane, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    if len(first) > MOST_OVERLAPS:
        ledger.add(
            "proposed",
            f"{len(first):,} 对面相交，过多，未逐对计算重叠面积",
            f"{len(first):,} pairs of areas meet, too many to measure what each shares",
            np.unique(numbers[first]),
        )
        return
    touching = shapely.touches(plane[first], plane[second])
    first, second = first[~touching], second[~touching]
    shared = shapely.area(
        shapely.intersection(shapely.make_valid(plane[first]), shapely.make_valid(plane[second]))
    )
    over = shared > SHARED_M2
    if over.any():
        rows = np.unique(np.concatenate([numbers[first[over]], numbers[second[over]]]))
        total = float(shared[over].sum()) / 1e6
        ledger.add(
            "proposed",
            f"{int(over.sum()):,} 对面相互重叠，共 {total:,.4g} km²",
            f"{int(over.sum()):,} pairs of areas overlap, by {total:,.4g} km² in all",
            rows,
            about="overlap",
        )


def _doubles(made: Shapes, good: Flags, numbers: Ints, ledger: Ledger) -> None:
    at = np.flatnonzero(good)
    if (shapely.get_type_id(made[at]) == 0).all():
        again = repeated(shapely.get_coordinates(made[at]))
    else:
        keys = shapely.to_wkb(shapely.normalize(made[at]))
        again = pd.Series([hash(one) for one in keys], dtype="int64").duplicated().to_numpy()
    if again.any():
        ledger.add(
            "duplicate",
            "几何与前面的行相同",
            "The geometry is that of an earlier row",
            numbers[at[again]],
            about="double",
        )


def repeated(pairs: Pairs) -> Flags:
    """Which pairs of finite numbers stand in an earlier row too."""
    whole = np.ascontiguousarray(pairs + 0.0).view(np.uint64)  # -0.0 is 0.0
    keys = pd.Series(whole[:, 0] * _ODD + whole[:, 1] * _OTHER)
    found: Flags = np.zeros(len(pairs), dtype=bool)
    # Pairs of the same key are held against each other: different ones may share a key.
    at = np.flatnonzero(keys.duplicated(keep=False).to_numpy())
    found[at] = pd.DataFrame(pairs[at]).duplicated().to_numpy(dtype=bool)
    return found


_ODD, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
"""Odd numbers, so that multiplying by them loses no bit."""
