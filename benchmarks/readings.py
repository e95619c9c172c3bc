"""Hourly readings of many stations and years: stored, asked for, appended to.

Every figure is taken in a process of its own, whose peak memory is told with it. The readings are
made up: a season, a day's rhythm, weather that lasts for days, and gaps of single values, hours and
whole days. The peer reads the same Parquet files with pandas and computes the same monthly
statistics of the districts from the hours.
"""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from report import duration, options, print_machine, print_table, ratio, seconds_of, size

from bsh_geo import air_areas, air_days, air_statistics, limits
from bsh_geo.project import open_project
from bsh_geo.store import BatchInfo, FileStore

LAST_YEAR = 2025
NEWEST = pd.Timestamp("2025-12-31")
"""The last label that is imported: the rest of the month is appended by the hour."""

TOGETHER = 20
"""Stations of a chunk: a year of so many, as a bureau's archive would hand them over."""

SHAPES = {
    # item: yearly mean, winter's surplus, swing of the day, hour of its peak, decimals
    "pm25": (32.0, 0.5, 0.2, 9, 0),
    "pm10": (50.0, 0.4, 0.2, 10, 0),
    "so2": (7.0, 0.2, 0.2, 11, 0),
    "no2": (32.0, 0.4, 0.4, 19, 0),
    "co": (0.6, 0.3, 0.2, 8, 1),
    "o3": (70.0, -0.3, 0.6, 15, 0),
}
DISTRICTS = 16


def code(number: int) -> str:
    """The code of a station."""
    return f"{1000 + number}A"


def area_of(stations: int) -> pd.Series:
    """The district of each station: they take turns."""
    numbers = np.arange(stations)
    areas = [f"3101{number % DISTRICTS + 1:02d}" for number in numbers]
    return pd.Series(areas, index=[code(number) for number in numbers])


def station_years(years: int, stations: int) -> Iterator[pd.DataFrame]:
    """A frame per year and some stations, with about 6 % of values missing."""
    chance = np.random.default_rng(20251231)
    for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
        end = min(pd.Timestamp(f"{year + 1}-01-01"), NEWEST)
        labels = pd.date_range(f"{year}-01-01 01:00", end, freq="h", unit="us")
        for start in range(0, stations, TOGETHER):
            codes = [code(n) for n in range(start, min(start + TOGETHER, stations))]
            yield _readings(labels, codes, chance)


def _readings(
    labels: pd.DatetimeIndex, codes: list[str], chance: np.random.Generator
) -> pd.DataFrame:
    hours, count = len(labels), len(codes)
    season = np.cos(2 * np.pi * (labels.dayofyear.to_numpy() - 15) / 365)
    weather = np.repeat(np.exp(chance.normal(0, 0.45, hours // 24 + 1)), 24)[:hours]
    made: dict[str, Any] = {
        "station": np.repeat(np.array(codes, dtype=object), hours),
        "time": np.tile(labels.to_numpy(), count),
    }
    down = chance.random((count, hours // 24 + 1)) < 0.01  # a station's day off
    off = np.repeat(down, 24, axis=1)[:, :hours] | (chance.random((count, hours)) < 0.01)
    for item, (mean, winter, swing, peak, decimals) in SHAPES.items():
        rhythm = 1 + swing * np.cos(2 * np.pi * (labels.hour.to_numpy() - peak) / 24)
        expected = mean * (1 + winter * season) * rhythm * weather
        values = expected * chance.uniform(0.7, 1.3, (count, hours))
        values[off | (chance.random((count, hours)) < 0.04)] = np.nan
        made[item] = np.round(values, decimals).ravel()
    return pd.DataFrame(made)


@dataclass(frozen=True)
class Figure:
    """What one process measured: seconds, bytes of peak memory, and what it counted."""

    seconds: float
    memory: int
    told: Any = None


def measured(action: Callable[..., tuple[float, Any]], *arguments: Any) -> Figure:
    """The figure of an action that runs in a new process and times itself."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(_measured, action, *arguments).result()


def _measured(action: Callable[..., tuple[float, Any]], *arguments: Any) -> Figure:
    seconds, told = action(*arguments)
    return Figure(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, told)


def store_at(folder: Path) -> FileStore:
    """The store of a folder, with the networks that are shipped."""
    return FileStore(open_project(), folder)


def imported(folder: Path, years: int, stations: int) -> tuple[float, Any]:
    """Store everything: seconds without those of making the readings up.

    Told: values stored, seconds of the processor for them, bytes of the files.
    """
    making = np.zeros(2)

    def timed() -> Iterator[pd.DataFrame]:
        made = station_years(years, stations)
        while True:
            begun = clocks()
            frame = next(made, None)
            making[:] += clocks() - begun
            if frame is None:
                return
            yield frame

    begun = clocks()
    written = store_at(folder).write("air", timed(), BatchInfo(file="made up"))
    seconds, processor = clocks() - begun - making
    files = sum(path.stat().st_size for path in (folder / "air" / "months").iterdir())
    return float(seconds), (written.stored, float(processor), files)


def clocks() -> np.ndarray[Any, Any]:
    """Seconds on the wall and of the processor: on a busy machine they lie far apart."""
    return np.array([time.perf_counter(), time.process_time()])


def district_months(days: pd.DataFrame, stations: int) -> pd.DataFrame:
    """Monthly statistics of every district from the days of its stations."""
    judging = limits.rulings(open_project())
    areas = air_areas.area_days(days, area_of(stations), judging)
    return air_statistics.periods(air_days.judged(areas, judging), "month", judging)


def asked_for_months(folder: Path, stations: int) -> tuple[float, Any]:
    """Monthly statistics of the whole store; told: seconds of the days alone, and the table."""
    store = store_at(folder)
    begun = time.perf_counter()
    days = store.days("air")
    of_days = time.perf_counter() - begun
    table = district_months(days, stations)
    return time.perf_counter() - begun, (of_days, len(days), summary(table))


def summary(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    """The monthly means of PM2.5 and ozone, to compare two ways with."""
    rows = table[["area", "period", "pm25_mean", "o3_8h_percentile"]]
    return [tuple(row) for row in rows.sort_values(["area", "period"]).itertuples(index=False)]


def pandas_months(folder: Path, stations: int) -> tuple[float, Any]:
    """The peer: read the files, group the hours by day with pandas, the rest as we do."""
    files = sorted((folder / "air" / "months").iterdir())
    begun = time.perf_counter()
    rows = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    rows = rows.sort_values(["station", "time"], ignore_index=True)
    rows["date"] = (rows["time"] - pd.Timedelta(seconds=1)).dt.normalize()
    table = district_months(_pandas_days(rows), stations)
    return time.perf_counter() - begun, summary(table)


def _pandas_days(rows: pd.DataFrame) -> pd.DataFrame:
    grouped = rows.groupby(["station", "date"], sort=True)
    items = [item for item in SHAPES if item != "o3"]
    days = grouped[items].mean().join(grouped[items].count().add_suffix("_hours"))
    days["o3_1h"], days["o3_hours"] = grouped["o3"].max(), grouped["o3"].count()
    wide = rows.pivot(index="time", columns="station", values="o3").asfreq("h")
    means = wide.rolling(8, min_periods=6).mean()
    moments = means.index - pd.Timedelta(seconds=1)
    inside = moments.hour >= 7  # windows that end at 08:00 to 24:00 begin on the same day
    windows = means[inside].groupby(moments[inside].normalize())
    days["o3_8h"] = windows.max().T.stack()
    days["o3_8h_windows"] = windows.count().T.stack().reindex(days.index).astype("int64")
    return days.reset_index()


def asked_for_a_station_year(folder: Path, runs: int) -> tuple[float, Any]:
    """One station's hours of a year: the middle of some askings for different stations."""
    store = store_at(folder)
    store.hours("air", [code(0)], f"{LAST_YEAR}-06-01", f"{LAST_YEAR}-06-02")  # imports
    times = []
    for number in range(runs):
        ask = partial(
            store.hours, "air", [code(number)], f"{LAST_YEAR}-01-01 01:00", f"{LAST_YEAR + 1}-01-01"
        )
        times.append(seconds_of(ask))
    return float(np.median(times)), len(ask())


def appended(folder: Path, stations: int, runs: int) -> tuple[float, Any]:
    """One hour of all stations, added to a month that is nearly full: the middle of some."""
    store = store_at(folder)
    codes = [code(number) for number in range(stations)]
    times = []
    for hour in range(1, runs + 2):
        label = pd.DatetimeIndex([NEWEST + pd.Timedelta(hours=hour)], dtype="datetime64[us]")
        rows = _readings(label, codes, np.random.default_rng(hour))
        times.append(seconds_of(partial(store.write, "air", rows, BatchInfo(file="an hour"))))
    return float(np.median(times[1:])), None  # the first imports the libraries


def rows_of(folder: Path, years: int, stations: int, runs: int) -> list[list[str]]:
    """Every figure of a store of so many years, a row each."""
    store = measured(imported, folder, years, stations)
    values, processor, files = store.told
    again = measured(asked_for_months, folder, stations)
    for path in (folder / "air" / "days").iterdir():
        path.unlink()
    first = measured(asked_for_months, folder, stations)
    peer = measured(pandas_months, folder, stations)
    year = measured(asked_for_a_station_year, folder, runs)
    hour = measured(appended, folder, stations, runs)
    agree = "same figures" if same_figures(first.told[2], peer.told) else "OTHER FIGURES"
    of_core = f"{values / processor / 1e6:.1f} M/s of one core"
    rate = f"{values / store.seconds / 1e6:.1f} M values/s, {of_core}; {size(files)}"
    days = f"{first.told[1]:,} days from the hours in {duration(first.told[0])}"
    kept = f"days that the import made, read in {duration(again.told[0])}"
    span = str(years)
    return [
        _row(span, f"import of {values / 1e6:.1f} M values", "≥ 1 M values/s", store, rate),
        _row(span, "months of districts", "≤ 5 s", again, kept, peer),
        _row(span, "months of districts, days not kept", "—", first, days, peer),
        _row(span, "the same by pandas", "(peer)", peer, agree),
        _row(span, "a station's year of hours", "≤ 0.2 s", year, f"{year.told:,} rows"),
        _row(span, "an hour of all stations appended", "≤ 0.5 s", hour, ""),
    ]


def _row(
    span: str, what: str, target: str, figure: Figure, told: str, peer: Figure | None = None
) -> list[str]:
    compared = ratio(figure.seconds, peer.seconds) if peer else "—"
    return [span, what, target, duration(figure.seconds), size(figure.memory), compared, told]


def same_figures(ours: list[tuple[str, str, float]], peer: list[tuple[str, str, float]]) -> bool:
    """Whether two ways found the same districts, months and rounded figures."""
    left, right = pd.DataFrame(ours), pd.DataFrame(peer)
    return left.shape == right.shape and len(left) > 0 and left.equals(right)


def main() -> None:
    """Measure stores of several lengths and print a table; memory is that of the process."""
    parser = options("Readings stored, asked for and appended to.")
    parser.add_argument("--years", type=int, nargs="+", default=[1], help="10 for the full size")
    parser.add_argument("--stations", type=int, default=50, help="200 for the full size")
    arguments = parser.parse_args()
    print_machine("duckdb", "ibis-framework", "pyarrow", "pandas")
    rows = []
    for years in arguments.years:
        with tempfile.TemporaryDirectory() as folder:
            rows += rows_of(Path(folder), years, arguments.stations, arguments.runs)
    heads = ["years", "what", "target", "seconds", "peak memory (≤ 1.5 GB)", "ours / peer", ""]
    print_table(f"Readings of {arguments.stations} stations, 6 items", heads, rows)


if __name__ == "__main__":
    main()
