"""Dated limits (GB 3095) and rules of evaluation (HJ 663) in, the versions that judge a day out.

A ``Ruling`` holds the versions of HJ 633, GB 3095 and HJ 663 that are in force together; every
figure carries the ids of the one that judged it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import model_validator

from bsh_geo import standards
from bsh_geo.catalogue import Closed, NamedFile, SchemaFault, Text, declared_file
from bsh_geo.errors import unknown_name
from bsh_geo.project import Project
from bsh_geo.standards import AqiStandard

Average = Literal["year", "day", "day_8h", "hour"]
"""Averaging times of GB 3095: year, natural day, the day's largest 8-hour mean, one hour."""

EVALUATED = ("pm25", "pm10", "so2", "no2", "co", "o3_8h")
"""Daily values that HJ 663 evaluates."""

DAILY = (*EVALUATED, "o3_1h")
"""Daily values that HJ 633 judges, the day's largest hour of ozone among them (2012)."""

BY_DATE = "by-date"
"""Asks for the version in force on each day."""


class Limit(Closed):
    """The limits of one pollutant: (class I, class II) by averaging time."""

    unit: str
    year: tuple[float, float] | None = None
    day: tuple[float, float] | None = None
    day_8h: tuple[float, float] | None = None
    hour: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _class_one_is_no_looser(self) -> Limit:
        for pair in (self.year, self.day, self.day_8h, self.hour):
            if pair is not None and not 0 < pair[0] <= pair[1]:
                raise SchemaFault(
                    f"限值 {list(pair)} 应为 [一级, 二级]，大于 0 且一级不大于二级",
                    f"the limits {list(pair)} must be [class I, class II], above 0, the first "
                    "no larger",
                )
        return self


class Stage(Closed):
    """The limits that hold over a stretch of time."""

    id: str
    title: Text
    clause: str
    start: date
    end: date | None = None
    limits: dict[str, Limit]

    def limit(self, item: str, average: Average, grade: Literal[1, 2] = 2) -> float:
        """The limit of a pollutant (``pm25``, ``o3`` …), in its unit.

        Raises
        ------
        UnknownNameError
            GB 3095 sets no such limit.
        """
        known = {
            f"{name} {time}"
            for name, limit in self.limits.items()
            for time in ("year", "day", "day_8h", "hour")
            if getattr(limit, time) is not None
        }
        if f"{item} {average}" not in known:
            raise unknown_name("限值", "limit", f"{item} {average}", sorted(known))
        pair: tuple[float, float] = getattr(self.limits[item], average)
        return pair[grade - 1]


class Limits(NamedFile):
    """A version of GB 3095: a file ``data/standards/limits/<id>.toml``."""

    title: Text
    source: str
    published: str
    confirmed: bool
    note: Text | None = None
    stages: tuple[Stage, ...]


class Cited(Closed):
    """A rule with where it stands; ``confirmed`` only if it was read in an official text."""

    clause: str
    source: str
    confirmed: bool
    note: Text | None = None

    @model_validator(mode="after")
    def _unconfirmed_says_why(self) -> Cited:
        if not self.confirmed and self.note is None:
            raise SchemaFault(
                "confirmed 为 false 的条目应有 note", "a rule that is not confirmed needs a note"
            )
        return self


class Count(Cited):
    """A least number of values."""

    value: int


class Numbers(Cited):
    """A number for each pollutant: the rank of a percentile, or decimals."""

    values: dict[str, int]


class Composite(Cited):
    """The composite index; without ``weights`` none is computed."""

    weights: dict[str, float]
    decimals: int


class Evaluation(NamedFile):
    """A version of HJ 663: a file ``data/standards/evaluation/<id>.toml``."""

    title: Text
    source: str
    published: str
    in_force: date
    superseded: date | None = None
    day_hours: Count
    window_hours: Count
    windows: Count
    month_days: Count
    february_days: Count
    year_days: Count
    percentiles: Numbers
    day_decimals: Numbers
    period_decimals: Numbers
    composite: Composite

    @model_validator(mode="after")
    def _every_pollutant_has_its_number(self) -> Evaluation:
        needed: dict[str, tuple[Iterable[str], tuple[str, ...]]] = {
            "percentiles": (self.percentiles.values, EVALUATED),
            "day_decimals": (self.day_decimals.values, DAILY),
            "period_decimals": (self.period_decimals.values, EVALUATED),
            # Without weights no composite index is computed.
            "composite": (self.composite.weights or dict.fromkeys(EVALUATED, 0.0), EVALUATED),
        }
        for name, (found, items) in needed.items():
            if set(found) != set(items):
                odd = sorted(set(found) ^ set(items))[0]
                raise SchemaFault(
                    f"{name} 应恰有 {'、'.join(items)}，{odd} 缺少或多余",
                    f"{name} must have {', '.join(items)} and no other; {odd} is missing or odd",
                )
        return self

    def cited(self) -> dict[str, Cited]:
        """Every rule by its key in the file."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: rule for name, rule in found.items() if isinstance(rule, Cited)}


@dataclass(frozen=True)
class Ruling:
    """The versions that judge together, from ``start`` on."""

    start: date
    aqi: AqiStandard
    limits: Limits
    stage: Stage
    evaluation: Evaluation

    @property
    def id(self) -> str:
        """``2012``, ``2026-transition`` or ``2026-final``: the id of its stage of limits."""
        return self.stage.id

    def limit(self, item: str, average: Average, grade: Literal[1, 2] = 2) -> float:
        """The limit of GB 3095, as ``Stage.limit``."""
        return self.stage.limit(item, average, grade)


@cache
def limits(project: Project) -> dict[str, Limits]:
    """Every version of GB 3095 by id, oldest first."""
    paths = project.files("data/standards/limits", ".toml")
    found = {name: declared_file(project, path, Limits) for name, path in paths.items()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].stages[0].start))


@cache
def evaluations(project: Project) -> dict[str, Evaluation]:
    """Every version of HJ 663 by id, oldest first."""
    paths = project.files("data/standards/evaluation", ".toml")
    found = {name: declared_file(project, path, Evaluation) for name, path in paths.items()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].in_force))


@cache
def all_rulings(project: Project) -> tuple[Ruling, ...]:
    """What judges by date, oldest first: one for each stage of limits."""
    aqis = list(standards.aqi_standards(project).values())
    rules = list(evaluations(project).values())
    found = []
    for version in limits(project).values():
        for stage in version.stages:
            aqi = [one for one in aqis if one.in_force <= stage.start] or aqis[:1]
            rule = [one for one in rules if one.in_force <= stage.start] or rules[:1]
            found.append(Ruling(stage.start, aqi[-1], version, stage, rule[-1]))
    return tuple(found)


def rulings(project: Project, version: str = BY_DATE) -> tuple[Ruling, ...]:
    """What judges the days: by date, or one version whatever the date.

    Parameters
    ----------
    version : str
        ``by-date``; ``2012``; ``2026`` (its stages by date, the first also for days before it);
        or one stage alone, ``2026-transition`` or ``2026-final``.

    Raises
    ------
    UnknownNameError
        There is no such version.
    """
    found = all_rulings(project)
    if version == BY_DATE:
        return found
    chosen = [one for one in found if one.id == version or one.id.startswith(f"{version}-")]
    if not chosen:
        known = dict.fromkeys(
            [BY_DATE, *(one.id.split("-")[0] for one in found), *(one.id for one in found)]
        )
        raise unknown_name("评价标准版本", "version of the standards", version, known)
    return (replace(chosen[0], start=date.min), *chosen[1:])


def places(days: pd.Series, judging: Sequence[Ruling]) -> NDArray[np.intp]:
    """For each day, the number of the ruling that judges it.

    Raises
    ------
    DataError
        A row has no date, or one before the first ruling.
    """
    return standards.effective(days, [one.start for one in judging], "GB 3095、HJ 663")
