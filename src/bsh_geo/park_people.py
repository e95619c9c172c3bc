"""The list of parks and populations in, per-head figures out, each with whose heads and when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bsh_geo import areas, frames, observations
from bsh_geo.catalogue import CITY
from bsh_geo.project import Project

CENSUS_YEAR = 2020
PUBLISHED = "park_area_per_capita"
POPULATION = "population"


def populations(project: Project) -> pd.DataFrame:
    """Residents of the city, each group and district: the latest published figure, else the census.

    Indexed by area code or group; ``people``, ``year``, ``kind`` ("published" or "census") and
    ``source`` (ids). A group is the sum of its districts' census figures, and so is the city
    where no figure of its own is published: years are not mixed in a sum.
    """
    table = areas.district_table(project)
    rows = {}
    for code in [CITY, *areas.group_names(project, "zh"), *table.index]:
        rows[str(code)] = _published(project, table, str(code)) or _census(
            project, table, str(code)
        )
    return pd.DataFrame.from_dict(rows, orient="index")


def _published(project: Project, table: pd.DataFrame, code: str) -> dict[str, object] | None:
    """The newest published figure later than the census; None where there is none."""
    found = observations.latest(project, POPULATION, code)
    if found is not None and int(str(found["period"])[:4]) > CENSUS_YEAR:
        return {
            "people": float(found["value"]),
            "year": str(found["period"]),
            "kind": "published",
            "source": str(found["source"]),
        }
    if code not in table.index:
        return None
    row: Any = table.loc[code]
    if pd.isna(row["pop_latest"]):
        return None
    return {
        "people": float(row["pop_latest"]),
        "year": str(int(row["pop_latest_year"])),
        "kind": "published",
        "source": str(row["source"]),
    }


def _census(project: Project, table: pd.DataFrame, code: str) -> dict[str, object]:
    if code == CITY:
        members = list(table.index)
    elif code in table.index:
        members = [code]
    else:
        members = list(areas.group_members(project, code))
    rows = table.loc[members]
    sources = dict.fromkeys(one for cell in rows["source"] for one in str(cell).split(";"))
    return {
        "people": float(rows["pop_2020"].sum()),
        "year": str(CENSUS_YEAR),
        "kind": "census",
        "source": ";".join(sources),
    }


def per_head(project: Project) -> pd.DataFrame:
    """Parks per head of the city, each group and district, beside what is published.

    Returns
    -------
    DataFrame
        Indexed by area code or group; ``parks`` (listed), ``located``, ``with_area``,
        ``area_ha`` (of the parks whose area is known), ``people``, ``year``, ``kind``,
        ``source``; ``known_m2`` (that area per head: a lower bound, NaN where no area is known),
        ``per_100k`` (listed parks per 100,000 people); ``published_m2`` and ``published_period``
        of 人均公园绿地面积 (NaN and blank where none is published), which counts other green space
        too, of a population that its source does not state.
    """
    listed = frames.table(project, "parks")
    located = listed["lon"].notna() & listed["lat"].notna()
    known = pd.DataFrame(
        {
            "adcode": listed["adcode"],
            "parks": 1,
            "located": located.astype(int),
            "with_area": listed["area_ha"].notna().astype(int),
            "area_ha": listed["area_ha"].fillna(0.0).astype(float),
        }
    )
    by_code = known.groupby("adcode").sum()
    found = populations(project)
    sums = {code: _sum(project, by_code, str(code)) for code in found.index}
    rows = pd.DataFrame.from_dict(sums, orient="index").join(found)
    rows["known_m2"] = (rows["area_ha"] * 10_000 / rows["people"]).where(rows["with_area"] > 0)
    rows["per_100k"] = rows["parks"] / rows["people"] * 100_000
    published = [observations.latest(project, PUBLISHED, str(code)) for code in rows.index]
    rows["published_m2"] = [np.nan if one is None else float(one["value"]) for one in published]
    rows["published_period"] = ["" if one is None else str(one["period"]) for one in published]
    return rows.astype({"parks": int, "located": int, "with_area": int})


def _sum(project: Project, by_code: pd.DataFrame, code: str) -> dict[str, float]:
    if code == CITY:
        members = list(by_code.index)
    else:
        members = list(areas.group_members(project, code)) or [code]
    sums = by_code.reindex(members).fillna(0).sum()
    return {str(name): float(value) for name, value in sums.items()}
