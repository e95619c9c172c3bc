"""Dated air-quality standards in, the one that judges a date out.

A figure carries the version that judged it; a user may ask for another one.
"""

from __future__ import annotations

from datetime import date
from functools import cache

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


def named(project: Project, standard_id: str) -> AqiStandard:
    """The version with that id (``hj-633-2012``) or year (``2012``)."""
    known = aqi_standards(project)
    found = known.get(standard_id) or known.get(f"hj-633-{standard_id}")
    if found is None:
        raise unknown_name("AQI 标准", "AQI standard", standard_id, known)
    return found
