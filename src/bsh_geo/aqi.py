"""Concentrations in, IAQI, AQI, primary pollutants and class out, as HJ 633 says.

All functions are vectorised and pure; the order of rows does not matter.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from bsh_geo.standards import INDEX, AqiStandard, Item

DECIMALS = {"co_24h": 1, "co_1h": 1}
"""HJ 633-2026, 4.2.2: CO to one decimal, the others to whole numbers, half to even."""


def iaqi(concentration: ArrayLike, item: str, standard: AqiStandard) -> NDArray[np.float64]:
    """The individual index of one pollutant, rounded up to whole numbers.

    Parameters
    ----------
    concentration : array_like
        In the item's unit (μg/m³; CO in mg/m³); NaN and negative values are missing.
    item : str
        Such as ``pm25`` (daily mean, or the hourly value in real time), ``o3_8h``, ``so2_1h``.

    Returns
    -------
    ndarray of float
        NaN where the concentration is missing, or so high that the standard computes no index
        (2012: SO2 1 h and O3 8 h above 800). Formula (1) of HJ 633, 4.2; above the last row the
        index stays at 500, as it is published.
    """
    rule = standard.items[item]
    values = np.array(concentration, dtype=float, copy=True)
    values[values < 0] = np.nan
    if standard.rounds_input:
        values = np.round(values, DECIMALS.get(item, 0))
    return _interpolated(values, rule)


def _interpolated(values: NDArray[np.float64], rule: Item) -> NDArray[np.float64]:
    points = np.asarray(rule.points, dtype=float)
    index = np.asarray(INDEX[: len(points)], dtype=float)
    # Whole steps first, so that a concentration on a break point gives its index exactly: 0.1
    # is no binary number, and rounding up would turn an error of 1e-15 into a whole index.
    found: NDArray[np.float64] = np.ceil(np.round(np.interp(values, points, index), 9))
    above = values > points[-1]
    found[above] = np.nan if rule.above is None else rule.above
    found[np.isnan(values)] = np.nan
    return found


def aqi(readings: pd.DataFrame, standard: AqiStandard, items: tuple[str, ...]) -> pd.DataFrame:
    """The AQI of each row, its class, and the pollutants that decide it.

    Parameters
    ----------
    readings : DataFrame
        A column per item (see ``standard.real_time`` and ``standard.daily``); missing columns
        count as missing values.

    Returns
    -------
    DataFrame
        On the same index: ``aqi`` (NaN without any index), ``level`` (1 to 6), ``primary`` (items
        with the largest index, joined by commas, ties all listed; blank up to 50), ``complete``
        (whether every item had an index) and ``standard``.
    """
    parts = pd.DataFrame(
        {item: iaqi(readings[item], item, standard) for item in items if item in readings},
        index=readings.index,
    ).reindex(columns=list(items))
    largest = parts.max(axis=1)
    return pd.DataFrame(
        {
            "aqi": largest,
            "level": levels(largest, standard),
            "primary": _primary(parts, largest),
            "complete": parts.notna().all(axis=1),
            "standard": standard.id,
        },
        index=readings.index,
    )


def levels(values: pd.Series, standard: AqiStandard) -> pd.Series:
    """The level (1 优 to 6 严重污染) of AQI values; missing where the AQI is."""
    highs = [one.high for one in standard.classes[:-1]]
    place = np.searchsorted(highs, values.to_numpy(dtype=float), side="left") + 1
    return pd.Series(place, index=values.index).astype("Int64").where(values.notna())


def _primary(parts: pd.DataFrame, largest: pd.Series) -> pd.Series:
    """HJ 633-2012 4.4.2, HJ 633-2026 4.3.1: AQI over 50, the largest index, ties listed."""
    decides = parts.eq(largest, axis=0) & largest.gt(50).to_numpy()[:, None]
    found = pd.Series("", index=parts.index, dtype=object)
    for item in parts.columns:
        here = decides[item]
        found[here] = found[here].where(found[here] == "", found[here] + ",") + item
    return found
