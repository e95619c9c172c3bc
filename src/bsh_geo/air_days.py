"""Hourly readings in, daily values out: computed, held to the rules of validity, and judged.

``days`` computes, ``valid`` keeps what the rules keep, ``judged`` rounds it and adds the daily AQI.
The day of an hourly value is that of its label less one second: labels 01:00 to 24:00.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bsh_geo import air_reasons, aqi, limits
from bsh_geo.errors import DataError
from bsh_geo.limits import DAILY, Ruling

ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3")
"""Pollutants of hourly readings: μg/m³, CO in mg/m³."""

MEANS = ("pm25", "pm10", "so2", "no2", "co")
"""Pollutants whose daily value is the mean of the day's hours."""

WINDOW, WINDOW_HOURS = 8, 6
"""An 8-hour mean needs 6 of its hours (GB 3095-2026, table 4)."""

INDEX_ITEMS = {"so2": "so2_24h", "no2": "no2_24h", "co": "co_24h"}
"""Daily values by their name in HJ 633, where it is another."""

Floats = NDArray[np.float64]


def natural_day(times: pd.Series) -> pd.Series:
    """The day that each hourly label belongs to; 00:00 belongs to the day before.

    HJ 633-2012, 5.1.2: the 24 hours before 0:00; HJ 633-2026, 5.2.1: the natural day.
    """
    return (times - pd.Timedelta(seconds=1)).dt.normalize()


def days(hours: pd.DataFrame) -> pd.DataFrame:
    """Daily values of each station, raw and unrounded, with the number of hours behind them.

    Parameters
    ----------
    hours : DataFrame
        ``station``, ``time`` (naive local time: the full hour that ends the reading) and any of
        the columns ``pm25 pm10 so2 no2 co o3`` (μg/m³; CO mg/m³). NaN, negative and infinite
        values are missing. A row that is there twice counts once. The order of rows does not
        matter.

    Returns
    -------
    DataFrame
        A row per (station, date) that has any row, sorted by both; ``date`` is midnight. For
        each of pm25 pm10 so2 no2 co: ``<item>`` (mean of the hours) and ``<item>_hours`` (valid
        hours). For ozone: ``o3_8h`` (largest 8-hour mean; a mean needs 6 hours; windows end at
        08:00 to 24:00 and lie within the day), ``o3_8h_windows`` (valid windows), ``o3_1h``
        (largest hour) and ``o3_hours``. NaN where there is no valid hour or window.

    Raises
    ------
    DataError
        A time is missing, has a zone or is not a full hour, or two rows of one station and time
        have different values.
    """
    slots = _slots(hours)
    station, names = pd.factorize(hours["station"], sort=True)
    if (station < 0).any():
        raise DataError("有小时值没有站点编号。", "An hourly reading has no station.")
    first, last = (int(slots.min()) // 24, int(slots.max()) // 24) if len(slots) else (0, 0)
    span = last - first + 1
    values = {item: _values(hours, item) for item in ITEMS}
    key = station * (span * 24) + (slots - first * 24)
    key, values = _once(key, values, names, first, span)
    group, row = np.unique(key // 24, return_inverse=True)
    cell = row * 24 + key % 24
    found: dict[str, object] = {
        "station": names[group // span],
        "date": ((group % span + first).astype("datetime64[D]")).astype("datetime64[us]"),
    }
    for item in MEANS:
        found[item], found[f"{item}_hours"] = _mean(_matrix(values[item], cell, len(group)))
    found |= _ozone(_matrix(values["o3"], cell, len(group)))
    return pd.DataFrame(found)


def _slots(hours: pd.DataFrame) -> NDArray[np.int64]:
    """Hours since 1970 that end at the labels, numbered so that 24 of them make a day."""
    times = hours["time"]
    if not pd.api.types.is_datetime64_dtype(times):
        raise DataError(
            f"time 列应为不带时区的当地时间，现为 {times.dtype}。",
            f"The column time must be local time without a zone; it is {times.dtype}.",
        )
    moments = times.to_numpy().astype("datetime64[us]")
    slots = moments.astype("datetime64[h]")
    odd = moments != slots
    if odd.any():
        at = times[odd].iloc[0]
        raise DataError(
            f"时间 {at} 不是整点；小时值以其结束的整点标记。",
            f"The time {at} is not a full hour; an hourly value is labelled by the hour it ends.",
        )
    return slots.astype(np.int64) - 1


def _values(hours: pd.DataFrame, item: str) -> Floats:
    if item not in hours:
        return np.full(len(hours), np.nan)
    values = hours[item].to_numpy(dtype=float, na_value=np.nan)
    usable = np.isfinite(values) & (values >= 0)
    return values if usable.all() else np.where(usable, values, np.nan)


def _once(
    key: NDArray[np.int64], values: dict[str, Floats], names: pd.Index, first: int, span: int
) -> tuple[NDArray[np.int64], dict[str, Floats]]:
    """Rows of the same station and time taken as one; differing values are a fault."""
    unique, place = np.unique(key, return_inverse=True)
    if len(unique) == len(key):
        return key, values
    single = {}
    for item, column in values.items():
        low, high = (np.full(len(unique), np.nan) for _ in range(2))
        np.fmin.at(low, place, column)
        np.fmax.at(high, place, column)
        differs = low < high
        if differs.any():
            at = int(differs.argmax())
            station, slot = divmod(int(unique[at]), span * 24)
            time = np.datetime64(int(slot + first * 24 + 1), "h").astype("datetime64[m]")
            raise DataError(
                f"站点 {names[station]} 在 {time} 的 {item} 有不同的值：{low[at]:g} 与 "
                f"{high[at]:g}；同一站点同一时间只应有一个值。",
                f"Station {names[station]} has different values of {item} at {time}: "
                f"{low[at]:g} and {high[at]:g}; one value was expected.",
            )
        single[item] = low
    return unique, single


def _matrix(values: Floats, cell: NDArray[np.int64], count: int) -> Floats:
    """A row per day with its 24 hours, 01:00 to 24:00; the same however the rows were ordered."""
    found = np.full(count * 24, np.nan)
    found[cell] = values
    return found.reshape(count, 24)


def _mean(hours: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Mean of what is there in each row, and how much is there."""
    there = ~np.isnan(hours)
    count = there.sum(axis=-1)
    total = np.where(there, hours, 0).sum(axis=-1)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0), count


def _ozone(hours: Floats) -> dict[str, object]:
    there = ~np.isnan(hours)
    mean = np.full((len(hours), 25 - WINDOW), np.nan)
    total = sliding_window_view(np.where(there, hours, 0), WINDOW, axis=1).sum(axis=-1)
    count = sliding_window_view(there, WINDOW, axis=1).sum(axis=-1)
    np.divide(total, count, out=mean, where=count >= WINDOW_HOURS)
    return {
        "o3_8h": np.fmax.reduce(mean, axis=1),
        "o3_8h_windows": (count >= WINDOW_HOURS).sum(axis=1),
        "o3_1h": np.fmax.reduce(hours, axis=1),
        "o3_hours": there.sum(axis=1),
    }


def valid(days: pd.DataFrame, judging: Sequence[Ruling]) -> pd.DataFrame:
    """Daily values that may be used, unrounded, and why the others may not.

    Parameters
    ----------
    days : DataFrame
        As ``days`` or the store returns them.
    judging : sequence of Ruling
        From ``limits.rulings``.

    Returns
    -------
    DataFrame
        The same rows and columns with NaN where a value is not valid, ``<item>_reason``
        (category, blank where valid; see ``air_reasons``), and ``evaluation``, the version of
        HJ 663 (category). Hours: 20 of 24. ``o3_8h``: 14 valid 8-hour means, or above the
        class II limit. ``o3_1h``: 20 hours, or above its limit (own rule after the 8-hour one).

    Raises
    ------
    DataError
        A day is before the first ruling.
    """
    place = limits.places(days["date"], judging)
    rows = days.reset_index(drop=True)
    pieces = [_kept(rows[place == number], one) for number, one in _used(place, judging)]
    return _joined(pieces).sort_index().set_axis(days.index)


def _used(place: NDArray[np.intp], judging: Sequence[Ruling]) -> list[tuple[int, Ruling]]:
    """The rulings that judge any row, at least one."""
    there = set(np.unique(place)) or {0}
    return [(number, one) for number, one in enumerate(judging) if number in there]


def _kept(days: pd.DataFrame, ruling: Ruling) -> pd.DataFrame:
    found = days.copy()
    for item in DAILY:
        kept, reason = _item_kept(days, item, ruling)
        found[item] = days[item].where(kept)
        found[f"{item}_reason"] = reason
    found["evaluation"] = pd.Categorical([ruling.evaluation.id] * len(days))
    return found


def _item_kept(
    days: pd.DataFrame, item: str, ruling: Ruling
) -> tuple[NDArray[np.bool_], pd.Categorical[str]]:
    rules = ruling.evaluation
    counts, code, least = {
        "o3_8h": ("o3_8h_windows", "windows", rules.windows.value),
        "o3_1h": ("o3_hours", "hours", rules.day_hours.value),
    }.get(item, (f"{item}_hours", "hours", rules.day_hours.value))
    found = days[counts].to_numpy(dtype=np.int64)
    kept = found >= least
    if item in ("o3_8h", "o3_1h"):
        limit = ruling.limit("o3", "day_8h" if item == "o3_8h" else "hour")
        rounded = aqi.half_even(days[item], rules.day_decimals.values[item])
        kept = kept | (rounded > limit)
    return kept, air_reasons.counted(code, found, least, ~kept)


def _joined(pieces: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames below each other, categories kept as categories."""
    if len(pieces) == 1:
        return pieces[0]
    columns = [name for name in pieces[0] if isinstance(pieces[0][name].dtype, pd.CategoricalDtype)]
    for name in columns:
        both = pd.api.types.union_categoricals([one[name] for one in pieces]).categories
        for one in pieces:
            one[name] = one[name].cat.set_categories(both)
    return pd.concat(pieces)


def judged(days: pd.DataFrame, judging: Sequence[Ruling]) -> pd.DataFrame:
    """Valid daily values, rounded, and the daily AQI of each station or area.

    Parameters
    ----------
    days : DataFrame
        Station days as ``days`` returns them, or area days as ``air_areas.area_days`` does.
    judging : sequence of Ruling
        From ``limits.rulings``: by date, or one version for all days.

    Returns
    -------
    DataFrame
        On the same index: ``station`` or ``area``, ``date``; the values of ``DAILY`` rounded
        half to even (whole numbers, CO one decimal), NaN where invalid; ``<item>_reason``; the
        counts of ``days``; and by HJ 633 for daily reports (2012: seven values with ``o3_1h``;
        2026: six) ``aqi``, ``level``, ``primary``, ``complete``, ``published``, ``aqi_reason``,
        ``standard`` and ``evaluation`` (versions).

    Raises
    ------
    DataError
        A day is before the first ruling.
    """
    kept = days if "evaluation" in days else valid(days, judging)
    place = limits.places(days["date"], judging)
    rounded = {item: _rounded(kept[item], item, place, judging) for item in DAILY}
    rows = kept.assign(**rounded).reset_index(drop=True)
    return pd.concat([rows, _index(rows, place, judging)], axis=1).set_axis(days.index)


def _rounded(
    values: pd.Series, item: str, place: NDArray[np.intp], judging: Sequence[Ruling]
) -> Floats:
    found = values.to_numpy(dtype=float, copy=True)
    for number, one in _used(place, judging):
        here = place == number
        found[here] = aqi.half_even(found[here], one.evaluation.day_decimals.values[item])
    return found


def _index(rows: pd.DataFrame, place: NDArray[np.intp], judging: Sequence[Ruling]) -> pd.DataFrame:
    """The daily AQI by the version of HJ 633 in each row's ruling."""
    pieces = []
    named = rows[list(DAILY)].rename(columns=INDEX_ITEMS)
    for number, one in _used(place, judging):
        values = named.loc[place == number, list(one.aqi.daily)]
        found = aqi.aqi(values, one.aqi, one.aqi.daily)
        withheld = values.notna().any(axis=1) & (one.aqi.incomplete_above is not None)
        code = np.where(found["published"], 0, np.where(withheld, 2, 1))
        found["aqi_reason"] = air_reasons.chosen(code, ["", "none", "unpublished"])
        pieces.append(found)
    return _joined(pieces).sort_index()
