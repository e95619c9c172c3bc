"""Readings with gaps to test stores on, and their days worked out hour by hour in plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from bsh_geo.store import BatchInfo

ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3")
MEANS = ITEMS[:5]

INFO = BatchInfo(
    file="城市_20250101.csv",
    sha256="ab" * 32,
    source="cnemc-feed",
    quality="published",
    mapping={"PM2.5": "pm25"},
    note="",
)


def hourly(
    first: str, last: str, stations: tuple[str, ...] = ("1141A", "1142A"), seed: int = 1
) -> pd.DataFrame:
    """Every hour from a label to another for each station; 15 % of values and 5 % of rows lack."""
    labels = pd.date_range(first, last, freq="h", unit="us")
    chance = np.random.default_rng(seed)
    rows = pd.DataFrame({"station": np.repeat(stations, len(labels))})
    rows["time"] = np.tile(labels.to_numpy(), len(stations))
    for item in ITEMS:
        scale, decimals = (0.3, 1) if item == "co" else (12, 0)
        values = np.round(chance.gamma(3, scale, len(rows)), decimals)
        rows[item] = np.where(chance.random(len(rows)) < 0.15, np.nan, values)
    kept = (chance.random(len(rows)) > 0.05) & rows[list(ITEMS)].notna().any(axis=1)
    return rows[kept].reset_index(drop=True)


def expected_days(rows: pd.DataFrame) -> pd.DataFrame:
    """The days of air readings as the standard says, one hour after the other."""
    found: dict[tuple[str, datetime], dict[str, dict[int, float]]] = defaultdict(
        lambda: {item: {} for item in ITEMS}
    )
    for row in rows.itertuples(index=False):
        moment = row.time.to_pydatetime() - timedelta(seconds=1)
        at = found[row.station, datetime(moment.year, moment.month, moment.day)]
        for item in ITEMS:
            if not np.isnan(getattr(row, item)):
                at[item][moment.hour + 1] = getattr(row, item)
    made = []
    for (station, date), hours in sorted(found.items()):
        figures: dict[str, object] = {"station": station, "date": pd.Timestamp(date)}
        for item in MEANS:
            values = list(hours[item].values())
            figures[item] = sum(values) / len(values) if values else np.nan
            figures[f"{item}_hours"] = len(values)
        made.append(figures | _ozone(hours["o3"]))
    return pd.DataFrame(made).astype({"station": "str", "date": "datetime64[us]"})


def _ozone(hours: dict[int, float]) -> dict[str, object]:
    means = []
    for end in range(8, 25):
        values = [hours[hour] for hour in range(end - 7, end + 1) if hour in hours]
        if len(values) >= 6:
            means.append(sum(values) / len(values))
    return {
        "o3_8h": max(means, default=np.nan),
        "o3_8h_windows": len(means),
        "o3_1h": max(hours.values(), default=np.nan),
        "o3_hours": len(hours),
    }


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Two tables of days or hours with the same rows; means to the last digits but one."""
    assert len(expected)
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), expected.reset_index(drop=True), rtol=1e-12, atol=0
    )
