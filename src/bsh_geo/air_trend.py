"""A series of months in, its trend out: Theil–Sen slope and Mann–Kendall test, season taken off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bsh_geo.errors import DataError

MONTHS = 36
"""Least number of valid months: three whole years, or more with gaps (own rule)."""

SIGNIFICANT = 0.05
"""Largest p of a trend that is called significant."""

Floats = NDArray[np.float64]
Direction = Literal["rising", "falling", "none"]


@dataclass(frozen=True)
class Trend:
    """A trend in the unit of the series; figures are NaN where there are too few months."""

    reason: str
    """Blank, or why there is no trend (see ``air_reasons``)."""
    months: int
    """Valid months that were used."""
    first: str
    last: str
    """First and last of them, such as ``2021-03``; blank without any."""
    slope: float
    """Change per year: the median of the slopes of all pairs of months."""
    low: float
    high: float
    """Bounds of the slope at ``confidence``."""
    confidence: float
    relative: float
    """The slope as a share of the median month, per year."""
    s: float
    """Mann–Kendall S: rising pairs of months less falling ones."""
    p: float
    """Two-sided probability of such an S without a trend."""

    @property
    def valid(self) -> bool:
        """Whether there were enough months."""
        return not self.reason

    @property
    def significant(self) -> bool:
        """Whether p is below 0.05."""
        return self.valid and self.p < SIGNIFICANT

    @property
    def direction(self) -> Direction:
        """``rising`` or ``falling`` if significant and not flat, else ``none``."""
        if not self.significant or self.slope == 0:
            return "none"
        return "rising" if self.slope > 0 else "falling"


def trend(monthly: pd.Series, confidence: float = 0.95) -> Trend:
    """The trend of monthly figures, with the usual course of the year taken off.

    Parameters
    ----------
    monthly : Series
        Figures on an index of months (``2024-02``, dates or periods), in any order; NaN is
        missing. A calendar month that is there in one year only tells nothing about change and
        is left out.

    Notes
    -----
    From each month the median of its calendar month is subtracted. For these medians a first
    slope, the median over pairs of the same calendar month, is taken off: otherwise they would
    hold the change from January to December, and the trend would come out too small. Slope:
    Theil (1950), Sen (1968), all pairs, with their distance in months; bounds by the normal
    approximation of Sen (1968). Test: Mann (1945), Kendall (1975), variance corrected for ties,
    continuity corrected. The months are taken as independent; where they are not, p is too small.

    Raises
    ------
    DataError
        A month is there twice.
    """
    values = _months(monthly)
    values = values[values.groupby(values.index % 12).transform("size") > 1].sort_index()
    names = [f"{month // 12:04}-{month % 12 + 1:02}" for month in values.index]
    ends = (names[0], names[-1]) if names else ("", "")
    if len(values) < MONTHS:
        none = math.nan
        reason = f"months:{len(values)}/{MONTHS}"
        return Trend(reason, len(values), *ends, none, none, none, confidence, none, none, none)
    month = values.index.to_numpy(dtype=float)
    slopes, s, deviation = _pairs(month, _deseasonalised(month, values.to_numpy()))
    slope = float(np.median(slopes))
    low, high = _bounds(slopes, deviation, confidence)
    middle = float(values.median())
    z = (s - math.copysign(1, s)) / deviation if s and deviation else 0.0
    return Trend(
        "", len(values), *ends, slope, low, high, confidence,
        slope / middle if middle else math.nan, s, math.erfc(abs(z) / math.sqrt(2)),
    )  # fmt: skip


def _months(monthly: pd.Series) -> pd.Series:
    """Valid figures by the number of their month since the year 0."""
    index = monthly.index
    if not isinstance(index, pd.PeriodIndex):
        index = pd.PeriodIndex(index.astype(str), freq="M")
    found = pd.Series(monthly.to_numpy(dtype=float), index.year * 12 + index.month - 1).dropna()
    if not found.index.is_unique:
        twice = int(found.index[found.index.duplicated()][0])
        name = f"{twice // 12:04}-{twice % 12 + 1:02}"
        raise DataError(f"月份 {name} 出现两次。", f"The month {name} is there twice.")
    return found


def _deseasonalised(month: Floats, values: Floats) -> Floats:
    """Figures less the median of their calendar month, from which a first slope was taken off."""
    first, second = np.triu_indices(len(values), 1)
    alike = (month[second] - month[first]) % 12 == 0
    first, second = first[alike], second[alike]
    slope = np.median((values[second] - values[first]) / (month[second] - month[first]))
    level = pd.Series(values - slope * (month - month[0]))
    season = level.groupby(month % 12).transform("median").to_numpy()
    # Equal figures stay equal: what binary subtraction leaves behind would break the ties.
    return np.asarray(np.round(values - season, 9), dtype=float)


def _pairs(month: Floats, values: Floats) -> tuple[Floats, float, float]:
    """Slopes per year of all pairs, Mann–Kendall S, and the deviation of S without a trend."""
    first, second = np.triu_indices(len(values), 1)
    step = values[second] - values[first]
    slopes = np.sort(step / (month[second] - month[first]) * 12)
    count = len(values)
    ties = np.unique(values, return_counts=True)[1]
    variance = count * (count - 1) * (2 * count + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()
    return slopes, float(np.sign(step).sum()), math.sqrt(variance / 18)


def _bounds(slopes: Floats, deviation: float, confidence: float) -> tuple[float, float]:
    """Slopes whose ranks lie ``z`` deviations from the middle."""
    width = NormalDist().inv_cdf(0.5 + confidence / 2) * deviation
    low = max(round((len(slopes) - width) / 2) - 1, 0)
    high = min(round((len(slopes) + width) / 2), len(slopes) - 1)
    return float(slopes[low]), float(slopes[high])
