"""Blocks of a raster of amounts in, mean, sum, range and quantiles of each zone out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bsh_geo.cell_area import CellAreas
from bsh_geo.land_walk import Block, Tell, walk
from bsh_geo.rasters import Cells

Numbers = npt.NDArray[np.float64]

BINS = 4096
"""Bins of the quantiles of amounts; whole numbers that span less than this are exact."""

QUANTILES = (10, 50, 90)


@dataclass(eq=False)
class _Moments:
    """Running figures of amounts by zone."""

    cells: Numbers
    total: Numbers
    area: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers

    @classmethod
    def of(cls, count: int) -> _Moments:
        cells, total, area, mean = (np.zeros(count) for _ in range(4))
        return cls(cells, total, area, mean, np.full(count, np.inf), np.full(count, -np.inf))

    def add(self, zone: int, values: Numbers, covered: Numbers, area: Numbers) -> None:
        if len(values):
            self.cells[zone] += covered.sum()
            self.total[zone] += values @ covered
            self.area[zone] += area.sum()
            self.mean[zone] += values @ area
            self.low[zone] = min(self.low[zone], values.min())
            self.high[zone] = max(self.high[zone], values.max())


def _pieces(block: Block, weight: Numbers) -> Iterator[tuple[int, Numbers, Numbers, Numbers]]:
    """Zone, values, covered shares and areas of the cells with data of each piece."""
    values, valid = block.values.ravel().astype(np.float64), block.valid.ravel()
    for piece in block.pieces:
        if piece.part is None:
            yield piece.zone, values[valid], np.ones(int(valid.sum())), weight[valid]
            continue
        kept = valid[piece.part[0]] & (piece.part[1] > 0)
        ids, covered = piece.part[0][kept], piece.part[1][kept]
        yield piece.zone, values[ids], covered, weight[ids] * covered


def amounts(
    cells: Cells,
    shapes: npt.NDArray[Any],
    areas: CellAreas,
    index: pd.Index,
    tell: Tell | None,
) -> tuple[Numbers, Numbers, pd.DataFrame]:
    """Figures of amounts by zone, with the counted area and that without data in m².

    Two passes: sums and ranges first, then the quantiles within each zone's range.
    """
    counted, found = np.zeros(len(shapes)), _Moments.of(len(shapes))
    for block in walk(cells, shapes, areas, _half(tell, 0.0)):
        weight = block.area
        for piece in block.pieces:
            inside = weight if piece.part is None else weight[piece.part[0]] * piece.part[1]
            counted[piece.zone] += inside.sum()
        for zone, values, covered, area in _pieces(block, weight):
            found.add(zone, values, covered, area)
    nodata = np.maximum(counted - found.area, 0.0)
    # What is left of rounding is no missing data.
    nodata[nodata < 1e-9 * counted] = 0.0
    quantiles = _quantiles(cells, shapes, areas, found, tell)
    return counted, nodata, _value_frame(found, quantiles, index)


def _half(tell: Tell | None, start: float) -> Tell | None:
    return None if tell is None else lambda done: tell(start + done / 2)


def _quantiles(
    cells: Cells,
    shapes: npt.NDArray[Any],
    areas: CellAreas,
    found: _Moments,
    tell: Tell | None,
) -> Numbers:
    """Area-weighted quantiles (zones × ``QUANTILES``); NaN for a zone without data."""
    whole = cells.dtype.kind in "ui"
    span = found.high - found.low
    bins = np.where(whole & (span < BINS), span + 1, BINS)
    with np.errstate(invalid="ignore"):
        width = np.where(whole & (span < BINS), 1.0, np.maximum(span, 1e-300) / BINS)
    counts = {zone: np.zeros(int(bins[zone])) for zone in np.flatnonzero(found.area > 0).tolist()}
    for block in walk(cells, shapes, areas, _half(tell, 0.5)):
        for zone, values, _, area in _pieces(block, block.area):
            if zone in counts:
                at = ((values - found.low[zone]) / width[zone]).astype(np.int64)
                np.clip(at, 0, len(counts[zone]) - 1, out=at)
                counts[zone] += np.bincount(at, area, len(counts[zone]))
    made = np.full((len(shapes), len(QUANTILES)), np.nan)
    for zone, count in counts.items():
        exact = bool(whole and span[zone] < BINS)
        made[zone] = _read_off(count, found.low[zone], width[zone], exact)
    return made


def _read_off(counts: Numbers, low: float, width: float, exact: bool) -> Numbers:
    """Quantiles of binned amounts: the whole number reached, or a place inside the bin."""
    rising = np.cumsum(counts)
    wanted = np.array(QUANTILES) / 100 * rising[-1]
    at = np.minimum(np.searchsorted(rising, wanted * (1 - 1e-12)), len(counts) - 1)
    if exact:
        whole: Numbers = low + at.astype(float)
        return whole
    before = np.where(at > 0, rising[at - 1], 0.0)
    inside = np.divide(wanted - before, counts[at], out=np.zeros(len(at)), where=counts[at] > 0)
    placed: Numbers = low + (at + np.clip(inside, 0, 1)) * width
    return placed


def _value_frame(found: _Moments, quantiles: Numbers, index: pd.Index) -> pd.DataFrame:
    there = found.area > 0
    mean = np.divide(found.mean, found.area, out=np.full(len(there), np.nan), where=there)
    columns = {
        "mean": mean,
        "sum": np.where(there, found.total, np.nan),
        "min": np.where(there, found.low, np.nan),
        "max": np.where(there, found.high, np.nan),
    }
    columns |= {f"p{one}": quantiles[:, at] for at, one in enumerate(QUANTILES)}
    return pd.DataFrame(columns | {"cells": found.cells}, index=index)
