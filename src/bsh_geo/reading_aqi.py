"""Hourly readings as wide rows in, the real-time AQI of each station and hour out, as a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bsh_geo import aqi
from bsh_geo.errors import unknown_name
from bsh_geo.exports import neutral
from bsh_geo.networks import Network, days_of
from bsh_geo.project import Project
from bsh_geo.reading_plan import ImportPlan, known_stations
from bsh_geo.reading_run import Reading, rows_of
from bsh_geo.standards import AqiStandard, aqi_standards, named

BY_DATE = "by-date"

HOURLY = {"so2": "so2_1h", "no2": "no2_1h", "co": "co_1h", "o3": "o3_1h"}
"""Items that a standard judges by another table in the hour; particles have the daily one."""

COLUMNS = ("time", "station", "aqi", "class", "primary", "standard", "complete")


def versions(project: Project, asked: str) -> list[AqiStandard]:
    """The one standard asked for (``2012``, ``hj-633-2026``), or all where the date decides."""
    if asked == BY_DATE:
        return list(aqi_standards(project).values())
    known = aqi_standards(project)
    if asked not in known and f"hj-633-{asked}" not in known:
        years = [one.removeprefix("hj-633-") for one in known]
        raise unknown_name("AQI 标准", "AQI standard", asked, [*years, BY_DATE])
    return [named(project, asked)]


def table(
    rows: pd.DataFrame, network: Network, judged_by: list[AqiStandard], lang: str = "zh"
) -> pd.DataFrame:
    """The AQI of wide rows (``station``, ``time``, the items of the network), by time and station.

    With several versions that of the day judges, the hour labelled 00:00 being of the day before.
    ``aqi`` is missing without any index, or where the standard does not let an incomplete one be
    published; ``complete`` says whether all six items had a value. ``primary`` holds the names of
    HJ 633, ties joined by commas.

    Raises
    ------
    DataError
        An hour is before the first version came into force.
    """
    ordered = rows.sort_values(["time", "station"], kind="stable", ignore_index=True)
    readings = ordered.rename(columns=HOURLY)
    if len(judged_by) == 1:
        found = aqi.aqi(readings, judged_by[0], judged_by[0].real_time)
    else:
        days = pd.Series(days_of(network, ordered["time"].to_numpy()).astype("datetime64[us]"))
        found = aqi.by_date(readings, days, judged_by)
    titles = {one.level: one.title.get(lang) for one in judged_by[0].classes}
    made = {
        "time": ordered["time"].dt.strftime("%Y-%m-%d %H:%M"),
        "station": ordered["station"],
        "aqi": found["aqi"].astype("Int64"),
        "class": found["level"].map(titles),
        "primary": _named(found["primary"], network),
        "standard": found["standard"].astype(str),
        "complete": found["complete"].map({True: "true", False: "false"}),
    }
    return pd.DataFrame(made, columns=list(COLUMNS))


def _named(primary: pd.Series, network: Network) -> pd.Series:
    """Pollutants by the names of the standard: ``pm25,o3_1h`` is ``PM2.5,O3``."""
    ids = {judged: item for item, judged in HOURLY.items()}
    different = {
        text: ",".join(
            network.items[ids.get(one, one)].aliases[0] for one in text.split(",") if one
        )
        for text in map(str, primary.unique())
    }
    return primary.astype(str).map(different)


def write_table(
    path: Path, planned: ImportPlan, judged_by: list[AqiStandard], lang: str = "zh"
) -> Reading:
    """Write the AQI of all planned files as CSV (UTF-8 with BOM), file after file."""
    reading = Reading(known_stations(planned.project, planned.network, "all"))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(",".join(COLUMNS) + "\r\n")
        for rows in rows_of(planned, reading, lambda refused: None):
            made = table(rows, planned.network, judged_by, lang)
            safe = {text: neutral(text) for text in made["station"].unique()}
            made["station"] = made["station"].map(safe)
            made.to_csv(file, index=False, header=False, lineterminator="\r\n")
    return reading
