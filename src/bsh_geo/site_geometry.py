"""Geometries as they came in; valid ones, flat and in the plane, out, with what was mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from bsh_geo.catalogue import Text
from bsh_geo.crs import DISPLAY
from bsh_geo.errors import DataError
from bsh_geo.limits_in import MOST_VERTICES
from bsh_geo.outlines import TANGLED, tangled
from bsh_geo.outlines import Shapes as Shapes

Pairs = np.ndarray[Any, np.dtype[np.float64]]

STEP_DEGREES, STEP_M = 0.001, 100.0
"""Longest edge that is moved to ``MEASURE`` by its ends alone.

An edge is straight in its own CRS. One of 100 m along a parallel bows by 0.1 mm in ``MEASURE``,
one of 10 km by more than a metre.
"""


EMPTY = Text(zh="几何为空", en="its geometry is empty")
NOT_FINITE = Text(zh="坐标不是有限的数", en="a coordinate is not a finite number")
MIXED = Text(
    zh="点、线、面混合的几何，请拆开", en="points, lines and polygons in one geometry; divide it"
)


def mended(
    found: Shapes,
) -> tuple[Shapes, list[Text | None], list[Text]]:
    """Geometries made valid and flat, why others cannot be tested, and what was done."""
    reasons: list[Text | None] = [None] * len(found)
    mended = shapely.force_2d(found)
    done: dict[str, list[int]] = {"height": [], "crossing": [], "flat": []}
    for at, (one, given) in enumerate(zip(mended, found, strict=True)):
        if one is None or one.is_empty:
            reasons[at] = EMPTY
        elif not np.isfinite(shapely.get_coordinates(one)).all():
            reasons[at] = NOT_FINITE
        else:
            whole, steps = _one_mended(one)
            mended[at] = whole
            reasons[at] = _no_site(one) if whole is None else None
            steps += ["height"] if given.has_z else []
            for step in steps:
                done[step].append(at + 1)
    notes = [_done_note(step, numbers) for step, numbers in done.items() if numbers]
    return mended, reasons, notes


def _no_site(one: BaseGeometry) -> Text:
    return MIXED if one.geom_type == "GeometryCollection" else TANGLED


def _one_mended(one: BaseGeometry) -> tuple[BaseGeometry | None, list[str]]:
    """A geometry of one dimension that is valid, None where that cannot be, and what was done."""
    if one.geom_type == "GeometryCollection":
        parts = shapely.get_parts(one)
        parts = parts[~shapely.is_empty(parts)]
        if len(parts) == 0 or len(set(shapely.get_dimensions(parts))) != 1:
            return None, []
        one = shapely.union_all(parts)
    steps: list[str] = []
    if not one.is_valid:
        if tangled(one):
            return None, []
        valid = shapely.make_valid(one, method="structure", keep_collapsed=False)
        if not valid.is_empty:
            return valid, ["crossing"]
    if shapely.get_dimensions(one) == 2 and one.area == 0:
        steps = ["flat"]
        one = _collapsed(shapely.get_coordinates(one))
    elif shapely.get_dimensions(one) == 1 and one.length == 0:
        steps = ["flat"]
        one = shapely.Point(shapely.get_coordinates(one)[0])
    return one, steps


def _collapsed(points: np.ndarray[Any, np.dtype[np.float64]]) -> BaseGeometry:
    """What a polygon without area is: the line that its points lie on, or their one point."""
    return shapely.MultiPoint(points).convex_hull


_DONE = {
    "height": Text(
        zh="高程不参与核查，已略去：场址 {numbers}", en="Heights are left out: sites {numbers}"
    ),
    "crossing": Text(
        zh="轮廓自相交，已按外轮廓修正：场址 {numbers}",
        en="Outlines that crossed themselves were mended: sites {numbers}",
    ),
    "flat": Text(
        zh="面积或长度为零，按线或点核查：场址 {numbers}",
        en="Without area or length, tested as a line or point: sites {numbers}",
    ),
    "twice": Text(
        zh="几何相同的场址，合计中只计一次：{numbers}",
        en="Sites with the same geometry, counted once in totals: {numbers}",
    ),
}


def _done_note(step: str, numbers: Sequence[int | str]) -> Text:
    """A note that names up to eight sites."""
    listed = [str(one) for one in numbers[:8]]
    rest = len(numbers) - len(listed)
    zh = "、".join(listed) + (f" 等 {len(numbers)} 个" if rest else "")
    en = ", ".join(listed) + (f" and {rest} more" if rest else "")
    return Text(zh=_DONE[step].zh.format(numbers=zh), en=_DONE[step].en.format(numbers=en))


def twice(plane: Shapes, frame: gpd.GeoDataFrame) -> tuple[Text, ...]:
    """A note about sites that have the geometry of an earlier one."""
    same: dict[bytes, int] = {}
    pairs = []
    for number, key in zip(frame.index, shapely.to_wkb(shapely.normalize(plane)), strict=True):
        first = same.setdefault(key, int(number))
        if first != number:
            pairs.append(f"{first}={number}")
    return (_done_note("twice", pairs),) if pairs else ()


def divided(found: Shapes, crs: pyproj.CRS) -> Shapes:
    """Geometries whose edges are no longer than a step.

    Raises
    ------
    DataError
        They would have too many points.
    """
    step = STEP_DEGREES if crs.is_geographic else STEP_M / crs.axis_info[0].unit_conversion_factor
    points = shapely.get_num_coordinates(found).sum() + (shapely.length(found) / step).sum()
    if points > MOST_VERTICES:
        raise DataError(
            f"场址的边太长或顶点太多：细分后约 {points:,.0f} 个点，最多 {MOST_VERTICES:,} 个。",
            f"The sites have too long edges or too many vertices: about {points:,.0f} points when "
            f"divided; {MOST_VERTICES:,} are the most.",
        )
    made: Shapes = shapely.segmentize(found, step)
    return made


def moved(found: Shapes, crs: pyproj.CRS | str, target: str) -> Shapes:
    """Geometries in another CRS, point by point; x is always longitude or easting."""
    if crs == DISPLAY and target == DISPLAY:
        return found
    to = pyproj.Transformer.from_crs(crs, target, always_xy=True)

    def one(pairs: Pairs) -> Pairs:
        return np.column_stack(to.transform(pairs[:, 0], pairs[:, 1]))

    made: Shapes = shapely.transform(found, one)
    return made
