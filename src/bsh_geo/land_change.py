"""Two rasters of classes and zones in, what became what out: transitions, gains and losses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from bsh_geo.cell_area import CellAreas
from bsh_geo.errors import DataError
from bsh_geo.land import by_place, class_places, on_grid
from bsh_geo.land_walk import Tell, walk
from bsh_geo.rasters import Cells
from bsh_geo.sampling import Sampled

MOST_RATIO = 40.0
"""How much smaller cells of the later raster may be than those of the earlier one: nearest cells
of a grid that is finer still would stand for too few of their neighbours."""

Pair = tuple[int | None, int | None]
"""Code before and after; None is no data."""


@dataclass(frozen=True, eq=False)
class Changed:
    """What became what in each zone.

    Attributes
    ----------
    transitions : DataFrame
        ``zone``, ``before``, ``after`` (codes; None for no data) and ``km2``, pairs without
        area left out.
    same_grid : bool
        Whether both rasters have the same cells; else the later one was read at the middles of
        the earlier one's cells.
    """

    before: str
    after: str
    transitions: pd.DataFrame
    same_grid: bool
    method: tuple[str, str]


def change(
    before: Cells, after: Cells, zones: gpd.GeoDataFrame, tell: Tell | None = None
) -> Changed:
    """Transitions of classes between two rasters in each zone, measured on the earlier one's cells.

    Raises
    ------
    DataError
        Zones and rasters lie apart, the cells of the rasters are too unlike, or a raster does not
        hold classes.
    """
    same = before.grid.same(after.grid)
    if not same:
        _check_ratio(before, after)
    shapes = on_grid(zones, before)
    on_grid(zones, after)  # that they meet at all
    later: Cells = after if same else Sampled(after, before.grid)
    areas = CellAreas(before.grid)
    found = _transitions(before, later, shapes, areas, tell)
    rows = [
        (zones.index[zone], pair[0], pair[1], area / 1e6)
        for zone, pairs in enumerate(found)
        for pair, area in sorted(pairs.items(), key=lambda one: _order(one[0]))
        if area > 0
    ]
    frame = pd.DataFrame(rows, columns=["zone", "before", "after", "km2"])
    for name in ("before", "after"):
        codes = [None if pd.isna(code) else int(code) for code in frame[name]]
        frame[name] = pd.Series(codes, index=frame.index, dtype=object)
    return Changed(before.name, after.name, frame, same, areas.method())


def _order(pair: Pair) -> tuple[float, float]:
    first, second = (np.inf if code is None else code for code in pair)
    return first, second


def _check_ratio(before: Cells, after: Cells) -> None:
    """Both cells in m², at the middle of the grids."""
    sizes = []
    for cells in (before, after):
        row, col = cells.grid.rows // 2, cells.grid.cols // 2
        area = CellAreas(cells.grid).window(row, row + 1, col, col + 1)
        sizes.append(float(np.sqrt(area[0, 0])))
    if max(sizes) / min(sizes) > MOST_RATIO:
        raise DataError(
            f"{before.name} 的格网约 {sizes[0]:.0f} m，{after.name} 约 {sizes[1]:.0f} m，相差过大，"
            "不能逐格比较，请先重采样到相近的分辨率。",
            f"The cells of {before.name} measure about {sizes[0]:.0f} m, those of {after.name} "
            f"about {sizes[1]:.0f} m: too unlike to be compared; resample one of them first.",
        )


def _transitions(
    before: Cells,
    later: Cells,
    shapes: npt.NDArray[Any],
    areas: CellAreas,
    tell: Tell | None,
) -> list[dict[Pair, float]]:
    found: list[dict[Pair, float]] = [defaultdict(float) for _ in range(len(shapes))]
    for block in walk(before, shapes, areas, tell):
        values, valid = later.read(block.top, block.bottom, block.left, block.right)
        old, first = class_places(block, block.values, block.valid, before.name)
        new, second = class_places(block, values, valid, later.name)
        codes = [*old.tolist(), None], [*new.tolist(), None]
        places = first * len(codes[1]) + second
        weight, count = block.area, len(codes[0]) * len(codes[1])
        whole = None
        for piece in block.pieces:
            part = by_place(places, weight, count, piece, whole)
            whole = part if piece.part is None else whole
            for at in np.flatnonzero(part).tolist():
                pair = (codes[0][at // len(codes[1])], codes[1][at % len(codes[1])])
                found[piece.zone][pair] += float(part[at])
    return found


def without_blank(found: Changed, blank: tuple[int, ...]) -> pd.DataFrame:
    """The transitions with codes that stand for no data as such."""
    rows = found.transitions.copy()
    for name in ("before", "after"):
        codes = [None if code in blank else code for code in rows[name]]
        rows[name] = pd.Series(codes, index=rows.index, dtype=object)
    keys = ["zone", "before", "after"]
    return rows.groupby(keys, dropna=False, sort=False)[["km2"]].sum().reset_index()


def gains(transitions: pd.DataFrame) -> pd.DataFrame:
    """Area before and after, gain, loss and net change (km²) by zone and code.

    Only ground with data in both rasters counts, so that a gap in one is no loss of a class.
    """
    both = transitions[transitions["before"].notna() & transitions["after"].notna()]
    moved = both[both["before"] != both["after"]]
    parts = {
        "before_km2": both.groupby(["zone", "before"])["km2"].sum(),
        "after_km2": both.groupby(["zone", "after"])["km2"].sum(),
        "loss_km2": moved.groupby(["zone", "before"])["km2"].sum(),
        "gain_km2": moved.groupby(["zone", "after"])["km2"].sum(),
    }
    named = {key: one.rename_axis(["zone", "code"]) for key, one in parts.items()}
    rows = pd.DataFrame(named).fillna(0.0).reset_index()
    rows["net_km2"] = rows["after_km2"] - rows["before_km2"]
    return rows
