"""Concentrations of water and a standard in; the class of each row, what decides it, periods out.

Everything here is pure: a result has the index of what was given, and nothing is changed. The
worst single item decides the class (单因子评价法). A value that is missing, not finite or negative
is none; an item without a value is left out of the grade and listed as missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bsh_geo.water_standards import WaterLimit, WaterStandard

Floats = NDArray[np.float64]
Classes = NDArray[np.int8]

PLACES = 10
"""Decimals to which values are rounded before they meet a limit: a mean of 0.1 and 0.3 is 0.2, not
0.2 and some binary noise. No limit has more than five."""

MOST_ITEMS = 62
"""A set of items is held as the bits of one number."""

PeriodGrain = Literal["day", "month", "quarter", "year"]

DAYS = "days"
"""Days with any reading of a station in a period."""


def item_classes(
    values: pd.DataFrame, standard: WaterStandard, kinds: str | pd.Series
) -> pd.DataFrame:
    """The class of every item that the standard limits.

    Parameters
    ----------
    values : DataFrame
        A column per item id, in the units of the network; other columns are not read.
    standard : WaterStandard
        From ``water_standards.standard_of``.
    kinds : str or Series
        The kind of water (``river``, ``lake``, ``sea``) of all rows, or of each, on their index.

    Returns
    -------
    DataFrame
        On the index of ``values``: an Int8 column per item of any of the kinds, from 1 (best) to
        ``standard.worst``; missing where there is no value, or no limit for the kind.

    Raises
    ------
    UnknownNameError
        The standard knows no such kind.
    """
    of_row = _kinds(values, kinds)
    found: dict[str, Classes] = {}
    for kind in dict.fromkeys([*standard.kinds, *of_row.unique()]):
        here = (of_row == kind).to_numpy()
        for name, limit in standard.limits_of(str(kind)).items():
            column = found.setdefault(name, np.zeros(len(values), dtype=np.int8))
            column[here] = _classes(values[here], limit, standard)
    return pd.DataFrame(
        {name: pd.array(column, dtype="Int8") for name, column in found.items()}, index=values.index
    ).mask(pd.DataFrame(found, index=values.index) == 0)


def _kinds(values: pd.DataFrame, kinds: str | pd.Series) -> pd.Series:
    if isinstance(kinds, str):
        return pd.Series(kinds, index=values.index, dtype=object)
    return kinds.reindex(values.index).astype(object)


def _finite(values: pd.DataFrame, item: str) -> Floats:
    """The values of an item; NaN where there is none."""
    if item not in values:
        return np.full(len(values), np.nan)
    found = values[item].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(found), found, np.nan)


def _numbers(values: pd.DataFrame, item: str) -> Floats:
    """The values of an item, rounded; NaN for what is no concentration."""
    found = _finite(values, item)
    return np.where(found >= 0, np.round(found, PLACES), np.nan)


def _classes(values: pd.DataFrame, limit: WaterLimit, standard: WaterStandard) -> Classes:
    """The class of one item in each row; 0 where it has no value."""
    numbers = _numbers(values, limit.item)
    fulfilled = np.stack([_fulfils(numbers, limit, at) for at in range(standard.worst - 1)])
    if limit.or_item is not None:
        other = _numbers(values, limit.or_item)
        for at, least in enumerate(limit.or_values):
            fulfilled[at] |= other >= least
    # The first class whose limit holds; limits only grow looser.
    best = np.where(fulfilled.any(axis=0), fulfilled.argmax(axis=0) + 1, standard.worst)
    return np.where(np.isnan(numbers), 0, best).astype(np.int8)


def _fulfils(numbers: Floats, limit: WaterLimit, at: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_]
    if limit.rule == "within":
        low, high = limit.ranges[at]
        found = (numbers >= low) & (numbers <= high)
    elif limit.rule == "at_most":
        found = numbers <= limit.values[at]
    elif limit.rule == "at_least":
        found = numbers >= limit.values[at]
    else:
        found = numbers > limit.values[at]
    return found


def grades(values: pd.DataFrame, standard: WaterStandard, kinds: str | pd.Series) -> pd.DataFrame:
    """The class of each row by its worst item.

    Parameters
    ----------
    values, standard, kinds
        As for ``item_classes``.

    Returns
    -------
    DataFrame
        On the index of ``values``: ``class`` (Int8, missing without any value), ``items`` (ids of
        the items that are as bad, joined by commas, in the order of the standard; blank for class
        1, which no item decides), ``missing`` (ids of the items of the grade without a value),
        ``complete`` (none is missing) and ``good`` (boolean: class ``standard.good`` or better).
        With items missing the class is that of the rest, which can only be too good.
    """
    of_row = _kinds(values, kinds)
    classes = item_classes(values, standard, of_row)
    counts = _counting(classes, standard, of_row)
    numbers = classes.to_numpy(dtype=np.int8, na_value=0) * counts
    worst = numbers.max(axis=1, initial=0)
    names = np.array(classes.columns, dtype=object)
    deciding = (numbers == worst[:, None]) & (worst[:, None] > 1)
    lacking = counts & (numbers == 0)
    number = pd.array(worst, dtype="Int8")
    number[worst == 0] = pd.NA
    return pd.DataFrame(
        {
            "class": number,
            "items": _joined(names, deciding),
            "missing": _joined(names, lacking),
            "complete": ~lacking.any(axis=1),
            "good": pd.array(number <= standard.good, dtype="boolean"),
        },
        index=values.index,
    )


def _counting(
    classes: pd.DataFrame, standard: WaterStandard, of_row: pd.Series
) -> NDArray[np.bool_]:
    """Which items make up the grade of which row."""
    found = np.zeros(classes.shape, dtype=bool)
    for kind in standard.kinds:
        counted = [name in standard.graded(kind) for name in classes.columns]
        found[(of_row == kind).to_numpy()] = counted
    return found


def _joined(names: NDArray[np.object_], chosen: NDArray[np.bool_]) -> pd.Categorical[str]:
    """The chosen names of each row as one text; rows share few different texts."""
    if len(names) > MOST_ITEMS:
        raise AssertionError("more items than bits of a number")
    bits = chosen @ (1 << np.arange(len(names), dtype=np.int64))
    patterns, place = np.unique(bits, return_inverse=True)
    texts = [
        ",".join(name for at, name in enumerate(names) if pattern >> at & 1)
        for pattern in map(int, patterns)
    ]
    return pd.Categorical.from_codes(place, categories=pd.Index(texts, dtype=object))


def period_means(readings: pd.DataFrame, items: Iterable[str], grain: PeriodGrain) -> pd.DataFrame:
    """Mean concentrations of stations over periods.

    Days with several readings (automatic stations) count once, by their mean; a month is the mean
    of its days, a quarter or year the mean of its months, each of the same weight, so that a month
    with daily readings counts as much as one with a single sample.

    Parameters
    ----------
    readings : DataFrame
        ``station``, ``time`` (naive local time) and columns of items, as the store returns them: it
        holds no value outside the range of its item.
    items : iterable of str
        The items to average; those that ``readings`` lacks come out as missing.
    grain : {"day", "month", "quarter", "year"}

    Returns
    -------
    DataFrame
        A row per station and period, in order: ``station``, ``period`` (``2021-05-13``,
        ``2021-05``, ``2021-Q2``, ``2021``), the items (NaN without any value), ``<item>_months``
        (months with a value; for a day or month 1 or 0), ``months`` and ``days`` (with any value).
    """
    wanted = list(items)
    there = {name: _finite(readings, name) for name in wanted}
    rows = pd.DataFrame({"station": readings["station"].astype(str).to_numpy(), **there})
    rows["day"] = readings["time"].to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    rows = rows[rows[wanted].notna().any(axis=1)] if wanted else rows.iloc[:0]
    daily = rows.groupby(["station", "day"], as_index=False)[wanted].mean()
    daily["month"] = daily["day"].dt.strftime("%Y-%m-%d" if grain == "day" else "%Y-%m")
    grouped = daily.groupby(["station", "month"])
    monthly = grouped[wanted].mean().join(grouped.size().rename(DAYS)).reset_index()
    monthly["period"] = _period_keys(monthly["month"], grain)
    by_period = monthly.groupby(["station", "period"])
    means = by_period[wanted].mean()
    counts = by_period[wanted].count().add_suffix("_months")
    sizes = by_period.agg(months=("month", "size"), days=(DAYS, "sum"))
    return means.join(counts).join(sizes).reset_index()


def _period_keys(months: pd.Series, grain: PeriodGrain) -> pd.Series:
    if grain in ("day", "month"):
        return months
    years = months.str[:4]
    if grain == "year":
        return years
    quarter = (months.str[5:7].astype(int) - 1) // 3 + 1
    return years + "-Q" + quarter.astype(str)


def period_grades(
    means: pd.DataFrame,
    standard: WaterStandard,
    kinds: Mapping[str, str],
    grain: PeriodGrain,
) -> pd.DataFrame:
    """The class of stations over periods by their mean concentrations.

    Parameters
    ----------
    means : DataFrame
        From ``period_means`` of the same grain.
    kinds : mapping
        Station code to kind of water; a station that is not in it has the standard's first kind.

    Returns
    -------
    DataFrame
        ``means`` with the columns of ``grades``, ``kind`` and ``reason``. An item with fewer
        months than the standard needs for a quarter or year does not count. Where none is left
        there is no class, and ``reason`` is ``months:4/8`` (found and needed) or ``none`` (no item
        of the grade at all); else it is blank.
    """
    first = next(iter(standard.kinds))
    of_row = means["station"].map(lambda code: kinds.get(str(code), first))
    least = {
        "quarter": standard.evaluation.quarter_months,
        "year": standard.evaluation.year_months,
    }.get(grain, 1)
    items = [name for name in means if f"{name}_months" in means]
    enough = pd.DataFrame({name: means[f"{name}_months"] >= least for name in items})
    found = grades(means[items].where(enough), standard, of_row)
    there = means[[f"{name}_months" for name in items]].max(axis=1)
    found["reason"] = [
        "" if not empty else f"months:{most}/{least}" if most < least else "none"
        for empty, most in zip(found["class"].isna(), there, strict=True)
    ]
    return pd.concat([means, found], axis=1).assign(kind=of_row)


def shares(graded: pd.DataFrame, standard: WaterStandard) -> pd.DataFrame:
    """How many stations of each period are in each class, and how many are good.

    Parameters
    ----------
    graded : DataFrame
        From ``period_grades``.

    Returns
    -------
    DataFrame
        A row per period, in order: ``period``, ``stations`` (with readings), ``graded`` (with a
        class), ``class_1`` … (stations in each class), ``good``, ``good_rate`` (per cent of the
        graded, NaN without any), ``incomplete`` (graded stations that lack items of the grade).
    """
    rows = graded.assign(has=graded["class"].notna())
    by_period = rows.groupby("period")
    found = by_period.agg(stations=("station", "size"), graded=("has", "sum"))
    for number in range(1, standard.worst + 1):
        here = (rows["class"] == number).fillna(False)
        found[f"class_{number}"] = here.groupby(rows["period"]).sum().astype(int)
    found["good"] = rows["good"].fillna(False).astype(bool).groupby(rows["period"]).sum()
    found["good_rate"] = (found["good"] / found["graded"] * 100).where(found["graded"] > 0)
    lacking = rows["has"] & ~rows["complete"].astype(bool)
    found["incomplete"] = lacking.groupby(rows["period"]).sum()
    return found.reset_index()
