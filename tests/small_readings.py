"""Made-up readings for tests: constant hours, so that every figure can be done by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bsh_geo.project import Project, open_project
from bsh_geo.store import BatchInfo, open_store

PUDONG = ("1149A", "1150A")
REFERENCE = "1146A"
CHONGMING = "3266A"
OTHERS = {"so2": 6.0, "no2": 30.0, "co": 0.6, "o3": 90.0, "pm10": 40.0}


def hours(station: str, first: str, last: str, **values: float) -> pd.DataFrame:
    """Every hour of the days from ``first`` to ``last``, labels 01:00 to 24:00, the same values."""
    start = pd.Timestamp(first) + pd.Timedelta(hours=1)
    times = pd.date_range(start, pd.Timestamp(last) + pd.Timedelta(days=1), freq="h", unit="us")
    return pd.DataFrame({"station": station, "time": times, **(values or OTHERS)})


def readings() -> Iterator[pd.DataFrame]:
    """Two stations of 浦东新区, the reference station, 崇明 with gaps; February of two years."""
    yield hours(PUDONG[0], "2024-02-01", "2024-02-29", pm25=30.0, **OTHERS)
    yield hours(PUDONG[0], "2025-02-01", "2025-03-10", pm25=20.0, **OTHERS)
    yield hours(PUDONG[1], "2025-02-01", "2025-03-10", pm25=40.0, **OTHERS)
    yield hours(REFERENCE, "2025-02-01", "2025-03-10", pm25=200.0, **OTHERS)
    # 24 of 28 days.
    yield hours(CHONGMING, "2025-02-01", "2025-02-24", pm25=10.0, **OTHERS)


def write_readings(folder: Path) -> Project:
    """A project folder with these readings in its store."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    here = open_project(folder)
    open_store(here).write(
        "air", readings(), BatchInfo(file="t", source="市环境监测中心导出", quality="official")
    )
    return here
