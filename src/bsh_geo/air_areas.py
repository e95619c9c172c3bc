"""Station days in, the days of districts or of the city out: the mean of the valid stations."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from bsh_geo import air_days, air_reasons
from bsh_geo.errors import DataError
from bsh_geo.limits import DAILY, Ruling


def area_days(
    days: pd.DataFrame,
    area_of: pd.Series,
    judging: Sequence[Ruling],
    *,
    reference: Collection[str] = (),
) -> pd.DataFrame:
    """Daily values of areas: each day the mean over the stations that are valid on it.

    HJ 663: the city's value of a day is the mean of its stations, the reference station
    (对照点) left out; statistics are then taken of the area's days.

    Parameters
    ----------
    days : DataFrame
        Station days as ``air_days.days``, the store or ``air_days.valid`` return them.
    area_of : Series
        The area of each station, on an index of stations. Days of other stations are left out.
        For the city, map every station to it.
    judging : sequence of Ruling
        From ``limits.rulings``; decides which station days are valid.
    reference : collection of str
        Reference stations, left out of the means and of ``stations_listed``.

    Returns
    -------
    DataFrame
        A row per (area, date) with any row of its stations, sorted by both: the values of
        ``DAILY``, unrounded, NaN where no station is valid; ``<item>_reason``;
        ``<item>_stations`` (valid stations); ``stations_listed`` (stations of the area,
        whether they report or not) and ``evaluation``. For ``air_days.judged``.

    Raises
    ------
    DataError
        ``area_of`` names a station twice, or a station has two rows for one day.
    """
    if not area_of.index.is_unique:
        twice = area_of.index[area_of.index.duplicated()][0]
        raise DataError(
            f"站点 {twice} 被分到两个区域。", f"Station {twice} is assigned to two areas."
        )
    listed = area_of.drop(index=[one for one in reference if one in area_of.index]).dropna()
    rows = days[days["station"].isin(listed.index)]
    kept = rows if "evaluation" in rows else air_days.valid(rows, judging)
    kept = kept.assign(area=kept["station"].map(listed).to_numpy())
    kept = kept.sort_values(["area", "date", "station"], kind="stable", ignore_index=True)
    if kept.duplicated(["area", "date", "station"]).any():
        at = kept[kept.duplicated(["area", "date", "station"])].iloc[0]
        raise DataError(
            f"站点 {at['station']} 在 {at['date']:%Y-%m-%d} 有两行日值。",
            f"Station {at['station']} has two rows for {at['date']:%Y-%m-%d}.",
        )
    return _means(kept, listed.value_counts())


def _means(kept: pd.DataFrame, listed: pd.Series) -> pd.DataFrame:
    """One row for each run of rows of the same area and date."""
    new = (kept["area"].ne(kept["area"].shift()) | kept["date"].ne(kept["date"].shift())).to_numpy()
    group = np.cumsum(new) - 1
    found = kept.loc[new, ["area", "date"]].reset_index(drop=True)
    for item in DAILY:
        values = kept[item].to_numpy(dtype=float)
        there = ~np.isnan(values)
        count = np.bincount(group[there], minlength=len(found))
        total = np.bincount(group[there], weights=values[there], minlength=len(found))
        mean = np.full(len(found), np.nan)
        found[item] = np.divide(total, count, out=mean, where=count > 0)
        found[f"{item}_reason"] = air_reasons.chosen((count == 0).astype(int), ["", "stations"])
        found[f"{item}_stations"] = count
    found["stations_listed"] = found["area"].map(listed).to_numpy(dtype=np.int64)
    found["evaluation"] = kept.loc[new, "evaluation"].to_numpy()
    return found.astype({"evaluation": kept["evaluation"].dtype})
