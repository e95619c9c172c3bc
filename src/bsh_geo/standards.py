"""Dated air-quality standards in, the one that judges a date out.

A figure carries the version that judged it; a user may ask for another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import model_validator

from bsh_geo.catalogue import Closed, Colour, NamedFile, SchemaFault, Text, declared_file
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project

INDEX = (0, 50, 100, 150, 200, 300, 400, 500)
"""The IAQI at each break point, HJ 633-2012 table 1 and HJ 633-2026 table 3."""


class Item(Closed):
    """A pollutant and averaging time: concentrations at the steps of ``INDEX``.

    ``above`` is the IAQI of a higher concentration; without it the standard computes none.
    """

    unit: str
    points: tuple[float, ...]
    above: int | None = None

    @model_validator(mode="after")
    def _points_rise_from_zero(self) -> Item:
        rising = list(self.points) == sorted(set(self.points))
        if not rising or self.points[0] != 0 or len(self.points) > len(INDEX):
            raise SchemaFault(
                "points 应从 0 起由小到大，不多于 8 个", "points must rise from 0, at most eight"
            )
        return self


class AqiClass(Closed):
    """A class of the AQI with its official colour (table A.1)."""

    low: int
    high: int
    level: int
    title: Text
    colour: Colour


class AqiStandard(NamedFile):
    """A version of HJ 633: a file ``data/standards/<id>.toml``."""

    title: Text
    source: str
    clause: str
    published: str
    in_force: date
    superseded: date | None = None
    real_time: tuple[str, ...]
    daily: tuple[str, ...]
    rounds_input: bool
    incomplete_above: int | None = None
    """HJ 633-2026, 5.3.1: with a pollutant missing, an AQI is published only above this."""
    items: dict[str, Item]
    classes: tuple[AqiClass, ...]


@cache
def aqi_standards(project: Project) -> dict[str, AqiStandard]:
    """Every version of HJ 633 by id, oldest first."""
    paths = project.files("data/standards", ".toml")
    found = {name: declared_file(project, path, AqiStandard) for name, path in paths.items()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].in_force))


def in_force(project: Project, day: date) -> AqiStandard:
    """The version that judges a day.

    Raises
    ------
    DataError
        The day is before the first version came into force.
    """
    for standard in reversed(aqi_standards(project).values()):
        if standard.in_force <= day:
            return standard
    first = next(iter(aqi_standards(project).values()))
    raise DataError(
        f"{day} 早于 {first.id} 的实施日 {first.in_force}，没有适用的 AQI 标准。",
        f"{day} is before {first.id} came into force on {first.in_force}; no AQI standard applies.",
    )


def effective(days: pd.Series, starts: Sequence[date], what: str) -> NDArray[np.intp]:
    """For each day, the number of the version that judges it: the last that has started.

    Parameters
    ----------
    days : Series of datetime64
        The day that each row belongs to.
    starts : sequence of date
        When each version starts, oldest first.
    what : str
        How a fault names the versions, such as ``HJ 633``.

    Raises
    ------
    DataError
        A row has no date, or one before the first version.
    """
    place = np.searchsorted(
        np.array(starts, dtype="datetime64[D]"),
        days.to_numpy().astype("datetime64[D]"),
        side="right",
    )
    if days.isna().any():
        raise DataError(
            f"有 {int(days.isna().sum())} 行没有日期，无法确定适用的 {what} 版本。",
            f"{int(days.isna().sum())} rows have no date, so no version of {what} can be chosen.",
        )
    if len(place) and place.min() == 0:
        first = f"{days.min():%Y-%m-%d}"
        raise DataError(
            f"{first} 早于 {what} 第一个版本的实施日 {starts[0]}；请指定一个版本来评价。",
            f"{first} is before the first version of {what} came into force on {starts[0]}; "
            "name a version to judge by.",
        )
    return place - 1


def named(project: Project, standard_id: str) -> AqiStandard:
    """The version with that id (``hj-633-2012``) or year (``2012``)."""
    known = aqi_standards(project)
    found = known.get(standard_id) or known.get(f"hj-633-{standard_id}")
    if found is None:
        raise unknown_name("AQI 标准", "AQI standard", standard_id, known)
    return found
