"""Concentrations in, IAQI, AQI, primary pollutants and class out, as HJ 633 says.

All functions are vectorised and pure; the order of rows does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from bsh_geo.standards import INDEX, AqiStandard, Item, effective

DECIMALS = {"co_24h": 1, "co_1h": 1}
"""HJ 633-2026, 4.2.2: CO to one decimal, the others to whole numbers, half to even."""

CHUNK = 1 << 16
"""Rows judged at once: a chunk stays in the processor's cache and memory does not grow."""

Floats = NDArray[np.float64]
Report = Literal["real_time", "daily"]


class _Piece(NamedTuple):
    """Rows that one version judges by the same items."""

    standard: AqiStandard
    items: tuple[str, ...]
    rows: slice | NDArray[np.intp]


def half_even(values: ArrayLike, decimals: int = 0) -> Floats:
    """Numbers rounded half to even (GB/T 8170).

    What computing in binary left behind (0.65 as 0.6500000000000001) is taken off first: it
    would push a half up.
    """
    steps = np.round(np.asarray(values, dtype=float) * 10**decimals, 6)
    return np.asarray(np.rint(steps) / 10**decimals, dtype=float)


def iaqi(concentration: ArrayLike, item: str, standard: AqiStandard) -> Floats:
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
        values = half_even(values, DECIMALS.get(item, 0))
    return _interpolated(values, rule)


def _interpolated(values: Floats, rule: Item) -> Floats:
    points = np.asarray(rule.points, dtype=float)
    index = np.asarray(INDEX[: len(points)], dtype=float)
    # Whole steps first, so that a concentration on a break point gives its index exactly: 0.1
    # is no binary number, and rounding up would turn an error of 1e-15 into a whole index.
    found: Floats = np.ceil(np.round(np.interp(values, points, index), 9))
    above = values > points[-1]
    found[above] = np.nan if rule.above is None else rule.above
    found[np.isnan(values)] = np.nan
    return found


def aqi(
    readings: pd.DataFrame,
    standard: AqiStandard,
    items: tuple[str, ...],
    *,
    withhold: bool = True,
) -> pd.DataFrame:
    """The AQI of each row, its class, and the pollutants that decide it.

    Parameters
    ----------
    readings : DataFrame
        A column per item (see ``standard.real_time`` and ``standard.daily``); missing columns
        count as missing values.
    items : tuple of str
        The pollutants that count. One that a station's plan does not monitor may be left out
        where HJ 633-2026, 5.3.2 allows it.
    withhold : bool
        Whether an AQI that may not be published is left out (the default), or computed from
        what there is and only marked.

    Returns
    -------
    DataFrame
        On the same index: ``aqi`` (NaN without any index, or withheld), ``level`` (1 to 6),
        ``primary`` (category: items with the largest index, joined by commas, ties all listed;
        blank up to 50), ``complete`` (whether every item had an index), ``published`` and
        ``standard`` (category).

    Notes
    -----
    With a pollutant missing, HJ 633-2026, 5.3.1 computes from the others and publishes only an
    AQI over 100. HJ 633-2012 has no such clause: 5.1.1 asks to name the missing items and the
    notes of tables 3 and 4 to mark them NA, so every AQI is published.
    """
    return _assembled(readings, [_Piece(standard, items, slice(None))], withhold)


def by_date(
    readings: pd.DataFrame,
    days: pd.Series,
    versions: Sequence[AqiStandard],
    report: Report = "real_time",
    *,
    withhold: bool = True,
) -> pd.DataFrame:
    """The AQI of each row by the version that was in force on its day.

    Parameters
    ----------
    days : Series of datetime64
        The day each row belongs to; an hour labelled 00:00 belongs to the day before.
    versions : sequence of AqiStandard
        Oldest first.
    report : "real_time" or "daily"
        Which of a version's lists of items judges.

    Returns
    -------
    DataFrame
        As ``aqi`` returns it; ``standard`` is the version of the row.

    Raises
    ------
    DataError
        A row has no day, or one before the first version came into force.
    """
    place = effective(days, [one.in_force for one in versions], "HJ 633")
    pieces = []
    for number, one in enumerate(versions):
        items = one.real_time if report == "real_time" else one.daily
        rows = slice(None) if (place == number).all() else np.flatnonzero(place == number)
        if isinstance(rows, slice) or len(rows):
            pieces.append(_Piece(one, items, rows))
        if isinstance(rows, slice):
            break
    return _assembled(readings, pieces, withhold)


def _assembled(readings: pd.DataFrame, pieces: list[_Piece], withhold: bool) -> pd.DataFrame:
    """The pieces judged one by one, in the order of the rows."""
    count = len(readings)
    names = tuple(dict.fromkeys(item for piece in pieces for item in piece.items))
    values = np.full(count, np.nan)
    deciding = np.zeros(count, dtype=np.int16)
    complete = np.zeros(count, dtype=bool)
    published = np.zeros(count, dtype=bool)
    version = np.zeros(count, dtype=np.int8)
    for number, (standard, items, rows) in enumerate(pieces):
        bits = tuple(1 << names.index(item) for item in items)
        values[rows], deciding[rows], complete[rows] = _indices(
            readings, standard, items, rows, bits
        )
        least = standard.incomplete_above
        known = ~np.isnan(values[rows])
        enough = True if least is None else complete[rows] | (values[rows] > least)
        published[rows] = known & enough
        version[rows] = number
    if withhold:
        values[~published], deciding[~published] = np.nan, 0
    ids = [piece.standard.id for piece in pieces]
    largest = pd.Series(values, index=readings.index)
    return pd.DataFrame(
        {
            "aqi": largest,
            "level": levels(largest, pieces[0].standard) if pieces else None,
            "primary": pd.Categorical.from_codes(
                deciding, categories=pd.Index(combinations(names))
            ),
            "complete": complete,
            "published": published,
            "standard": pd.Categorical.from_codes(version, categories=pd.Index(ids)),
        },
        index=readings.index,
    )


def _indices(
    readings: pd.DataFrame,
    standard: AqiStandard,
    items: tuple[str, ...],
    rows: slice | NDArray[np.intp],
    bits: tuple[int, ...],
) -> tuple[Floats, NDArray[np.int16], NDArray[np.bool_]]:
    """Largest index, the bits of the items that have it (HJ 633-2012 4.4.2, -2026 4.3.1: over 50,
    ties listed), and whether no item lacks one."""
    present = [item for item in items if item in readings]
    columns = {item: readings[item].to_numpy(dtype=float, na_value=np.nan) for item in present}
    columns = {item: column[rows] for item, column in columns.items()}
    count = len(range(*rows.indices(len(readings)))) if isinstance(rows, slice) else len(rows)
    largest = np.full(count, np.nan)
    deciding = np.zeros(count, dtype=np.int16)
    complete = np.full(count, len(present) == len(items))
    for start in range(0, count, CHUNK):
        here = slice(start, start + CHUNK)
        parts = [iaqi(columns[item][here], item, standard) for item in present]
        for part in parts:
            np.fmax(largest[here], part, out=largest[here])
            complete[here] &= ~np.isnan(part)
        for item, part in zip(present, parts, strict=True):
            decides = (part == largest[here]) & (part > 50)
            deciding[here] += decides * np.int16(bits[items.index(item)])
    return largest, deciding, complete


def combinations(names: Sequence[str]) -> list[str]:
    """The text of every set of items, by the sum of its bits."""
    return [
        ",".join(name for bit, name in enumerate(names) if chosen >> bit & 1)
        for chosen in range(1 << len(names))
    ]


def levels(values: pd.Series, standard: AqiStandard) -> pd.Series:
    """The level (1 优 to 6 严重污染) of AQI values; missing where the AQI is."""
    highs = [one.high for one in standard.classes[:-1]]
    place = np.searchsorted(highs, values.to_numpy(dtype=float), side="left") + 1
    found = pd.arrays.IntegerArray(place.astype(np.int64), values.isna().to_numpy())
    return pd.Series(found, index=values.index)
