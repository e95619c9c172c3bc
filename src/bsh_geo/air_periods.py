"""Judged days in, the periods they belong to out, and whether a period has enough of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bsh_geo import limits
from bsh_geo.errors import DataError
from bsh_geo.limits import Ruling

Grain = Literal["day", "month", "quarter", "year", "three_years"]

MONTHS: dict[Grain, int] = {"month": 1, "quarter": 3, "year": 12}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Groups:
    """Places by periods, and which of them each judged day belongs to."""

    grain: Grain
    row: Ints
    """The group of each day."""
    slot: Ints
    """The number of each day within its period, from 0."""
    month: Ints
    """The number of each day's month within its period, from 0."""
    place: Ints
    """The place of each group, by number."""
    start: Days
    end: Days
    """First and last day of each group's period."""
    rules: NDArray[np.intp]
    """The ruling of each group, by number: the one in force on its last day."""

    def __len__(self) -> int:
        return len(self.place)

    @cached_property
    def days(self) -> Ints:
        """Days of each group's period, whether there are readings or not."""
        return np.asarray((self.end - self.start).astype(np.int64) + 1)

    def matrix(self, values: Floats) -> Floats:
        """A row per group with the values of its days, in the order of the days."""
        width = int(self.days.max(initial=1))
        found = np.full(len(self) * width, np.nan)
        found[self.row * width + self.slot] = values
        return found.reshape(len(self), width)

    def counts(self, which: Flags) -> Ints:
        """How many days of each group are meant."""
        return np.bincount(self.row[which], minlength=len(self))

    def by_month(self, which: Flags) -> Ints:
        """The same for each month of each group's period."""
        months = MONTHS[self.grain]
        cells = self.row[which] * months + self.month[which]
        return np.bincount(cells, minlength=len(self) * months).reshape(len(self), months)

    def one_each(self, column: pd.Series) -> pd.Series:
        """The value of a day of each group: of its only day, or of a column that is constant."""
        day = np.zeros(len(self), dtype=np.int64)
        day[self.row] = np.arange(len(self.row))
        return column.iloc[day].reset_index(drop=True)

    def each(self, numbers: Sequence[float]) -> Floats:
        """For each group the number of its ruling."""
        return np.asarray(numbers, dtype=float)[self.rules]

    def keys(self) -> list[str]:
        """The names of the periods, as ``bsh_geo.periods`` reads them."""
        if self.grain in ("day", "month"):
            unit: Literal["D", "M"] = "D" if self.grain == "day" else "M"
            return [str(one) for one in np.datetime_as_string(self.start, unit=unit)]
        years = self.start.astype("datetime64[Y]").astype(np.int64) + 1970
        if self.grain == "quarter":
            quarters = self.start.astype("datetime64[M]").astype(np.int64) % 12 // 3 + 1
            return [f"{year}-Q{one}" for year, one in zip(years, quarters, strict=True)]
        if self.grain == "year":
            return [f"{year}" for year in years]
        return [f"{year}/{year + 2}" for year in years]


def groups(judged: pd.DataFrame, place: Ints, grain: Grain, judging: Sequence[Ruling]) -> Groups:
    """The periods in which each place has a row, sorted by place and period.

    Raises
    ------
    DataError
        A place has two rows for one day.
    """
    day = judged["date"].to_numpy().astype("datetime64[D]")
    month = day.astype("datetime64[M]").astype(np.int64)
    months = MONTHS.get(grain, 1)
    unit = day.astype(np.int64) if grain == "day" else month // months
    # Counted from the first, so that a place and a period make one number whatever the years.
    first, span = (int(unit.min()), int(np.ptp(unit)) + 1) if len(unit) else (0, 1)
    group, row = np.unique(place * span + (unit - first), return_inverse=True)
    ordinal = group % span + first
    if grain == "day":
        start = end = ordinal.astype("datetime64[D]")
    else:
        start = (ordinal * months).astype("datetime64[M]").astype("datetime64[D]")
        end = ((ordinal + 1) * months).astype("datetime64[M]").astype("datetime64[D]") - 1
    slot = (day - start[row]).astype(np.int64)
    _once(judged, row, slot)
    rules = limits.places(pd.Series(end.astype("datetime64[us]")), judging)
    return Groups(grain, row, slot, month % months, group // span, start, end, rules)


def _once(judged: pd.DataFrame, row: Ints, slot: Ints) -> None:
    cells, first = np.unique(row * 400 + slot, return_index=True)
    if len(cells) < len(row):
        at = judged.iloc[int(np.setdiff1d(np.arange(len(row)), first)[0])]
        place = at["area"] if "area" in judged else at["station"]
        raise DataError(
            f"{place} 在 {at['date']:%Y-%m-%d} 有两行日值，应为一行。",
            f"{place} has two rows for {at['date']:%Y-%m-%d}; one was expected.",
        )


def validity(periods: Groups, there: Flags, judging: Sequence[Ruling]) -> tuple[Flags, pd.Series]:
    """Whether each month, quarter or year has enough valid days, and if not, why.

    A month needs 27 days, February 25; a quarter its three months (own rule: HJ 663 is silent); a
    year 324 days and each of its months.

    Parameters
    ----------
    there : ndarray of bool
        Which judged days are valid.
    """
    found = periods.by_month(there)
    first = periods.start.astype("datetime64[M]").astype(np.int64) % 12
    number = first[:, None] + np.arange(found.shape[1]) + 1
    usual = periods.each([one.evaluation.month_days.value for one in judging])[:, None]
    february = periods.each([one.evaluation.february_days.value for one in judging])[:, None]
    needed = np.where(number == 2, february, usual).astype(np.int64)
    yearly = periods.each([one.evaluation.year_days.value for one in judging]).astype(np.int64)
    if periods.grain != "year":
        yearly[:] = 0
    total = found.sum(axis=1)
    wrong = (found < needed).any(axis=1) | (total < yearly)
    reasons = np.full(len(periods), "", dtype=object)
    for at in np.flatnonzero(wrong):
        reasons[at] = _reason(
            periods.grain, total[at], yearly[at], number[at], found[at], needed[at]
        )
    return ~wrong, pd.Series(pd.Categorical(reasons))


def _reason(grain: Grain, total: int, yearly: int, number: Ints, found: Ints, needed: Ints) -> str:
    if not total:
        return "none"
    if grain == "month":
        return f"days:{total}/{needed[0]}"
    parts = [f"days:{total}/{yearly}"] if total < yearly else []
    parts += [
        f"month:{month}:{count}/{least}"
        for month, count, least in zip(number, found, needed, strict=True)
        if count < least
    ]
    return ";".join(parts)


def three_years(years: Groups, table: pd.DataFrame) -> tuple[Groups, pd.DataFrame]:
    """Each year with the two before it: days added up, figures averaged if all three are valid.

    HJ 663-2026 is said to judge by a moving mean of three years; its text was not available. The
    mean of the three annual figures is taken (own rule).

    Parameters
    ----------
    table : DataFrame
        A row per group of ``years``, figures not yet rounded.
    """
    year = years.start.astype("datetime64[Y]").astype(np.int64)
    key = years.place * 10_000 + year
    place = [np.minimum(np.searchsorted(key, key - back), len(key) - 1) for back in (2, 1, 0)]
    there = [key[at] == key - back for at, back in zip(place, (2, 1, 0), strict=True)]

    def three(column: pd.Series, blank: float) -> Floats:
        values = column.to_numpy(dtype=float)
        return np.array(
            [np.where(is_, values[at], blank) for at, is_ in zip(place, there, strict=True)]
        )

    names = [str(name) for name in table]
    found = {name: _three(name, table, three) for name in names}
    for name in [one for one in names if one.endswith("_valid")]:
        valid = three(table[name], 0) > 0
        reasons = np.full(len(years), "", dtype=object)
        for at in np.flatnonzero(~valid.all(axis=0)):
            lacking = year[at] + 1970 - 2 + np.flatnonzero(~valid[:, at])
            reasons[at] = ";".join(f"year:{one}" for one in lacking)
        found[name.removesuffix("valid") + "reason"] = pd.Categorical(reasons)
    start = (year - 2).astype("datetime64[Y]").astype("datetime64[D]")
    return replace(years, grain="three_years", start=start), pd.DataFrame(found)


def _three(name: str, table: pd.DataFrame, three: Callable[[pd.Series, float], Floats]) -> object:
    """One column over three years."""
    column = table[name]
    if name.endswith(("_reason", "stations_listed")):
        return column
    if name.endswith(("_mean", "_percentile")):
        return three(column, np.nan).mean(axis=0)
    if name.endswith("_valid"):
        return (three(column, 0) > 0).all(axis=0)
    if name == "standard":
        return np.bitwise_or.reduce(three(column, 0).astype(np.int64), axis=0)
    if name.endswith("_stations"):
        days = three(table[name.replace("_stations", "_days")], 0)
        total = (np.nan_to_num(three(column, 0)) * days).sum(axis=0)
        some = days.sum(axis=0)
        return np.divide(total, some, out=np.full(len(some), np.nan), where=some > 0)
    return three(column, 0).sum(axis=0).astype(np.int64)
