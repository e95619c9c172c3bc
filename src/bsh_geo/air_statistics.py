"""Judged days in, statistics of days, months, quarters, years and three years out.

A figure that the rules of validity do not allow is missing, with the reason as data; how complete
the period is can always be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd

from bsh_geo import air_periods, air_reasons, aqi
from bsh_geo.air_periods import Floats, Grain, Groups, Ints
from bsh_geo.errors import unknown_name
from bsh_geo.limits import EVALUATED, Average, Ruling

ITEMS = EVALUATED
"""Daily values that statistics are taken of."""

PRIMARY = {
    "pm25": ("pm25",),
    "pm10": ("pm10",),
    "so2": ("so2_24h",),
    "no2": ("no2_24h",),
    "co": ("co_24h",),
    "o3": ("o3_8h", "o3_1h"),
}
"""The names in HJ 633 under which each pollutant can be primary on a day."""

GOOD = 100
"""优良: an AQI up to 100 (HJ 633-2012 table 2, HJ 633-2026 table 1)."""

COMPOSITE: dict[str, tuple[str, str, Average]] = {
    "pm25": ("pm25_mean", "pm25", "year"),
    "pm10": ("pm10_mean", "pm10", "year"),
    "so2": ("so2_mean", "so2", "year"),
    "no2": ("no2_mean", "no2", "year"),
    "co": ("co_percentile", "co", "day"),
    "o3_8h": ("o3_8h_percentile", "o3", "day_8h"),
}
"""Part of the composite index: a statistic over a class II limit of GB 3095."""

Columns = dict[str, object]


def periods(judged: pd.DataFrame, grain: Grain, judging: Sequence[Ruling]) -> pd.DataFrame:
    """Statistics of each station or area, for each period in which it has a row.

    Parameters
    ----------
    judged : DataFrame
        As ``air_days.judged`` returns it, one row per place and day, in any order.
    grain : str
        ``day``, ``month``, ``quarter``, ``year`` or ``three_years`` (a year and the two before
        it, named by both ends: ``2022/2024``).
    judging : sequence of Ruling
        Those that judged the days. A period is evaluated by the one in force on its last day.

    Returns
    -------
    DataFrame
        Sorted by place and period: ``station`` or ``area``, ``period`` (``2024-02``), ``start``,
        ``end``, ``days``. For each of ``ITEMS``: ``_mean``, ``_percentile`` (98 for SO2 and NO2,
        95 for PM10, PM2.5 and CO, 90 for O3; NaN for days), rounded as HJ 663 says and NaN where
        not valid; ``_days`` (valid days), ``_completeness`` (their share of ``days``), ``_valid``,
        ``_reason`` (see ``air_reasons``), and for areas ``_stations`` (valid stations on an
        average valid day). ``valid_days`` (with an AQI), ``good_days`` (AQI up to 100),
        ``good_rate`` (their share, NaN where the days with an AQI do not make a valid period:
        ``aqi_valid``, ``aqi_reason``), ``incomplete_days`` (with an AQI though a pollutant is
        missing), ``level_1`` to ``level_6`` and ``primary_<pollutant>`` (days; ties count for
        each), ``composite`` and ``composite_reason``, for areas ``stations_listed``, and the
        versions ``standard`` (HJ 633), ``limits`` and ``stage`` (GB 3095), ``evaluation``
        (HJ 663). Three years: valid if each year is; the mean of the three annual figures.

    Raises
    ------
    DataError
        A place has two rows for one day, or a day is before the first ruling.
    UnknownNameError
        There is no such grain.
    """
    if grain not in get_args(Grain):
        raise unknown_name("统计时段", "grain", grain, get_args(Grain))
    by = "area" if "area" in judged else "station"
    place, names = pd.factorize(judged[by], sort=True)
    yearly: Grain = "year" if grain == "three_years" else grain
    groups = air_periods.groups(judged, place, yearly, judging)
    found: Columns = {}
    for item in ITEMS:
        found |= _item(judged, item, groups, judging)
    found |= _index(judged, groups, judging)
    if "stations_listed" in judged:
        found["stations_listed"] = groups.one_each(judged["stations_listed"])
    table = pd.DataFrame(found)
    if grain == "three_years":
        groups, table = air_periods.three_years(groups, table)
    _round(table, groups, judging)
    rate = _share(table["good_days"].to_numpy(), table["valid_days"].to_numpy())
    table["good_rate"] = np.where(table["aqi_valid"], rate, np.nan)
    table["composite"], table["composite_reason"] = _composite(table, groups, judging)
    _complete(table, groups, judging, judged["standard"])
    return pd.concat([_head(by, names, groups), table], axis=1)


def _head(by: str, names: pd.Index, groups: Groups) -> pd.DataFrame:
    return pd.DataFrame(
        {
            by: names[groups.place],
            "period": groups.keys(),
            "start": groups.start.astype("datetime64[us]"),
            "end": groups.end.astype("datetime64[us]"),
            "days": groups.days,
        }
    )


def _item(judged: pd.DataFrame, item: str, groups: Groups, judging: Sequence[Ruling]) -> Columns:
    """Mean, percentile and validity of one pollutant, not yet rounded."""
    values = judged[item].to_numpy(dtype=float)
    there = ~np.isnan(values)
    table = groups.matrix(values)
    count = groups.counts(there)
    mean = _share(np.where(np.isnan(table), 0, table).sum(axis=1), count)
    if groups.grain == "day":
        valid, reason = count > 0, groups.one_each(judged[f"{item}_reason"])
        high = np.full(len(groups), np.nan)
    else:
        valid, reason = air_periods.validity(groups, there, judging)
        ranks = groups.each([one.evaluation.percentiles.values[item] for one in judging])
        high = percentile(table, ranks.astype(np.int64))
    found: Columns = {
        f"{item}_mean": np.where(valid, mean, np.nan),
        f"{item}_percentile": np.where(valid, high, np.nan),
        f"{item}_days": count,
        f"{item}_valid": valid,
        f"{item}_reason": reason,
    }
    if f"{item}_stations" in judged:
        stations = judged[f"{item}_stations"].to_numpy(dtype=float)
        total = np.bincount(groups.row[there], weights=stations[there], minlength=len(groups))
        found[f"{item}_stations"] = _share(total, count)
    return found


def percentile(table: Floats, ranks: Ints) -> Floats:
    """The percentile of each row of a table, NaN left out; NaN for a row without values.

    HJ 663 annex A as quoted: sorted ascending, k = 1 + (n − 1)·p, linear between the values of
    rank ⌊k⌋ and ⌊k⌋ + 1. {3, 4, 8, 2, 5, 4} gives 6.5 for p = 90 %.

    Parameters
    ----------
    ranks : ndarray of int
        p in per cent, for each row.
    """
    ordered = np.sort(table, axis=1)
    last = np.maximum((~np.isnan(table)).sum(axis=1) - 1, 0)
    # In hundredths and whole numbers, so that a rank that is whole is found whole.
    low = last * ranks // 100
    rows = np.arange(len(table))
    below, above = ordered[rows, low], ordered[rows, np.minimum(low + 1, last)]
    return np.asarray(below + (above - below) * (last * ranks % 100) / 100, dtype=float)


def _share(part: Floats | Ints, whole: Ints) -> Floats:
    """``part / whole``, NaN where there is no whole."""
    found: Floats = np.full(len(whole), np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def _index(judged: pd.DataFrame, groups: Groups, judging: Sequence[Ruling]) -> Columns:
    """Days by what their AQI says."""
    values = judged["aqi"].to_numpy(dtype=float)
    there = ~np.isnan(values)
    if groups.grain == "day":
        valid, reason = groups.counts(there) > 0, groups.one_each(judged["aqi_reason"])
    else:
        valid, reason = air_periods.validity(groups, there, judging)
    found: Columns = {
        "valid_days": groups.counts(there),
        "good_days": groups.counts(values <= GOOD),
        "aqi_valid": valid,
        "aqi_reason": reason,
        "incomplete_days": groups.counts(there & ~judged["complete"].to_numpy(dtype=bool)),
    }
    level = judged["level"].to_numpy(dtype=float, na_value=np.nan)
    found |= {f"level_{number}": groups.counts(level == number) for number in range(1, 7)}
    primary = judged["primary"].astype("category").cat
    for pollutant, names in PRIMARY.items():
        has = [not set(names).isdisjoint(one.split(",")) for one in primary.categories]
        # A last False for the code -1 of a missing value.
        found[f"primary_{pollutant}"] = groups.counts(np.array([*has, False])[primary.codes])
    versions = judged["standard"].astype("category").cat.codes.to_numpy()
    found["standard"] = sum(
        (groups.counts(versions == number) > 0) * np.int64(1 << number)
        for number in range(versions.max(initial=-1) + 1)
    )
    return found


def _round(table: pd.DataFrame, groups: Groups, judging: Sequence[Ruling]) -> None:
    """Statistics to the decimals of HJ 663, half to even; figures of a day are rounded already."""
    for item in ITEMS:
        decimals = groups.each([one.evaluation.period_decimals.values[item] for one in judging])
        for number in np.unique(decimals):
            here = decimals == number
            for name in (f"{item}_mean", f"{item}_percentile"):
                table.loc[here, name] = aqi.half_even(table.loc[here, name], int(number))


def _composite(
    table: pd.DataFrame, groups: Groups, judging: Sequence[Ruling]
) -> tuple[Floats, pd.Categorical[str]]:
    """The sum of each rounded statistic over its class II limit, by weight.

    2013: weights 1; PM2.5, PM10, SO2, NO2 by their mean and annual limit, CO by its 95th
    percentile and daily limit, O3 by its 90th percentile and 8-hour limit. It needs all six.
    """
    total = np.full(len(groups), np.nan)
    combined = aqi.combinations(list(COMPOSITE))
    names = ["", "grain", "weights", *(f"items:{one}" for one in combined[1:])]
    code = np.ones(len(groups), dtype=np.int64)
    for number, one in enumerate(judging if groups.grain in air_periods.MONTHS else ()):
        here = groups.rules == number
        rule = one.evaluation.composite
        if not rule.weights:
            code[here] = 2
            continue
        missing = np.zeros(int(here.sum()), dtype=np.int64)
        added = np.zeros(len(missing))
        for bit, (item, (name, pollutant, average)) in enumerate(COMPOSITE.items()):
            values = table.loc[here, name].to_numpy(dtype=float)
            missing |= np.isnan(values).astype(np.int64) << bit
            added += rule.weights[item] * values / one.limit(pollutant, average)
        total[here] = aqi.half_even(added, rule.decimals)
        code[here] = np.where(missing > 0, missing + 2, 0)
    return total, air_reasons.chosen(code, names)


def _complete(
    table: pd.DataFrame, groups: Groups, judging: Sequence[Ruling], standard: pd.Series
) -> None:
    """Completeness, and the versions that judged, written into the table."""
    for item in ITEMS:
        table[f"{item}_completeness"] = table[f"{item}_days"] / groups.days
    versions = aqi.combinations([str(one) for one in standard.astype("category").cat.categories])
    table["standard"] = air_reasons.chosen(table["standard"].to_numpy(dtype=np.int64), versions)
    ids = {
        "limits": [one.limits.id for one in judging],
        "stage": [one.stage.id for one in judging],
        "evaluation": [one.evaluation.id for one in judging],
    }
    for name, known in ids.items():
        table[name] = pd.Series(np.array(known, dtype=object)[groups.rules]).astype("category")
