"""Made-up readings of water for tests: few and round, so that every class can be done by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bsh_geo.project import Project, open_project
from bsh_geo.store import BatchInfo, open_store

LISTED, OTHER, SEA = "w01", "w03", "s01"
SOURCE = "市环境监测中心导出"


def _rows(station: str, **days: dict[str, float]) -> pd.DataFrame:
    """A row per day: ``d20250510={"tp": 0.1}``."""
    rows = [
        {"station": station, "time": pd.Timestamp(day.removeprefix("d")), **values}
        for day, values in days.items()
    ]
    return pd.DataFrame(rows).astype({"time": "datetime64[us]"})


def write_water(folder: Path, *, sea: bool = True, months: int = 2) -> Project:
    """A project folder with readings of two sections and, where wanted, of one sea point.

    w01: total phosphorus 0.10 in May (Ⅱ) and 0.25 in June (Ⅳ), ammonia 0.40 (Ⅱ) in both.
    w03: total phosphorus 0.30 and 0.50 in June (mean 0.40: Ⅴ), none in May.
    s01: inorganic nitrogen 0.45 (class 4) in August.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    here = open_project(folder)
    may = {"d20250510": {"tp": 0.10, "nh3n": 0.40}} if months > 1 else {}
    rivers = pd.concat(
        [
            _rows(LISTED, **may, d20250610={"tp": 0.25, "nh3n": 0.40}),
            _rows(OTHER, d20250605={"tp": 0.30}, d20250620={"tp": 0.50}),
        ],
        ignore_index=True,
    )
    info = BatchInfo(file="t", source=SOURCE, quality="official")
    open_store(here).write("river", rivers, info)
    if sea:
        rows = _rows(SEA, d20250815={"din": 0.45, "po4p": 0.02})
        open_store(here).write("sea", rows, info)
    return open_project(folder)
