"""Readings in the store in, the figures of stations, districts and the city in a period out.

A figure is what HJ 663 makes of the period (``air_classes.statistic`` names it); where the rules
allow none, the value is missing and the reason is told. The reference station (对照点) is shown
but in no mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pandas as pd

from bsh_geo import air_areas, air_days, air_reasons, air_statistics, aqi, areas, join, limits
from bsh_geo import catalogue as declared
from bsh_geo import periods as time
from bsh_geo.air_classes import aqi_item, is_short
from bsh_geo.areas import Selection
from bsh_geo.errors import BshError, UnknownNameError
from bsh_geo.limits import Ruling
from bsh_geo.periods import GRAINS, Grain, Period
from bsh_geo.project import Project
from bsh_geo.standards import AqiStandard
from bsh_geo.store import Store, open_store

NETWORK = "air"
SELECTED = "selected"
"""The area of the stations of a selection that is no single district."""

COLUMNS = ("value", "reason", "level", "primary", "stations", "stations_listed", "valid_days")
_LONG = {"co": "co_percentile", "o3": "o3_8h_percentile"}
_DAILY = {"o3": "o3_8h"}


@dataclass(frozen=True, eq=False)
class AirFigures:
    """What is known of one item in one period.

    ``stations`` and ``districts`` are indexed by station code and adcode; columns are ``COLUMNS``:
    ``value`` (NaN where there is none, and then ``reason`` says why), ``level`` and ``primary`` of
    an AQI, ``stations`` (valid ones, of the ``stations_listed``) and ``valid_days`` (of ``days``).
    ``sources`` and ``quality`` are those of the imports that the readings came from.
    """

    stations: pd.DataFrame
    districts: pd.DataFrame
    days: int
    sources: tuple[str, ...]
    quality: str
    rulings: tuple[Ruling, ...]


def exist(project: Project) -> bool:
    """Whether the project has readings of air, or names a database that should hold them."""
    if project.config.get("store") is not None:
        return True
    return open_store(project).exists(NETWORK)


def state(project: Project) -> str:
    """A fingerprint that changes with any reading; blank where there are none to be had."""
    try:
        return open_store(project).digest(NETWORK)
    except BshError:
        return ""


def extent(project: Project) -> tuple[date, date]:
    """First and last day with readings.

    Raises
    ------
    UnknownNameError
        There are none.
    """
    found = open_store(project).extent(NETWORK)
    if found.first is None or found.last is None:
        raise UnknownNameError(
            "项目中没有空气质量读数，请先用 bsh-geo import readings 导入。",
            "The project has no air readings; import some with bsh-geo import readings.",
        )
    return time.of_label(found.first).first, time.of_label(found.last).first


def periods(project: Project) -> list[str]:
    """The months with readings, newest first, then the years (of the grains, these alone)."""
    first, last = extent(project)
    return [
        one.key for grain in ("month", "year") for one in reversed(time.within(first, last, grain))
    ]


def grains(project: Project) -> tuple[Grain, ...]:
    """The grains of time that can be chosen: three years where the readings are of so many."""
    first, last = extent(project)
    return ("three_years", *GRAINS) if time.within(first, last, "three_years") else GRAINS


def period_of(project: Project, period: str | None) -> Period:
    """The period asked for, by default the last whole month.

    Raises
    ------
    UnknownNameError
        It is no period, or lies outside the readings.
    """
    first, last = extent(project)
    if period is None:
        newest = time.covering(last, "month")
        whole = newest if newest.last <= last else newest.previous()
        return whole if whole.last >= first else newest
    found = time.parse(period)
    if found.grain == "three_years" and found not in time.within(first, last, found.grain):
        raise UnknownNameError(
            f"读数没有“{period}”的全部三年；读数为 {first} 至 {last}。",
            f"The readings are not of all three years of “{period}”; they are of {first} to "
            f"{last}.",
        )
    if found.last < first or found.first > last:
        raise UnknownNameError(
            f"时期“{period}”没有读数；读数为 {first} 至 {last}。",
            f"There are no readings for “{period}”; they are of {first} to {last}.",
        )
    return found


def ruling_of(project: Project, period: Period) -> Ruling:
    """What judges a period: the versions in force on its last day."""
    rules = limits.rulings(project)
    return rules[int(limits.places(pd.Series([pd.Timestamp(period.last)]), rules)[0])]


def figures(project: Project, item: str, period: Period) -> AirFigures:
    """The figures of ``item`` (``aqi``, ``pm25`` …) for every station and district."""
    return _figures(project, state(project), item, period)


@lru_cache(maxsize=64)
def _figures(project: Project, digest: str, item: str, period: Period) -> AirFigures:
    where = join.stations(project, Selection())
    districts = pd.Series(where["in_adcode"].astype(str), index=where.index)
    of_stations, of_areas = _of_period(project, digest, period, tuple(districts.items()))
    codes = list(areas.district_table(project).index)
    sources, quality = provenance(open_store(project), period)
    return AirFigures(
        stations=_picked(of_stations, item, period).reindex(where.index).pipe(_said),
        districts=_picked(of_areas, item, period).reindex(codes).pipe(_said),
        days=(period.last - period.first).days + 1,
        sources=sources,
        quality=quality,
        rulings=limits.rulings(project),
    )


def area_figure(
    project: Project, item: str, period: Period, selection: Selection
) -> tuple[pd.Series, int]:
    """The figure of a selection as one area (the city, a district, a group), and its stations."""
    where = join.stations(project, selection)
    listed = tuple((str(code), SELECTED) for code in where.index)
    if not listed:
        return _said(pd.DataFrame(index=[SELECTED], columns=list(COLUMNS))).iloc[0], 0
    _, found = _of_period(project, state(project), period, listed)
    return _picked(found, item, period).reindex([SELECTED]).pipe(_said).iloc[0], len(listed)


@lru_cache(maxsize=24)
def _of_period(
    project: Project, digest: str, period: Period, area_of: tuple[tuple[str, str], ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every item's figures of the stations, and of the areas that they belong to."""
    del digest  # of the readings: it makes the cache forget
    where = pd.Series(dict(area_of), dtype=object)
    if period.grain == "hour":
        return _hour(project, period, where)
    store = open_store(project)
    days = store.days(NETWORK, first=period.first, last=period.last)
    days = days[days["station"].isin(where.index)]
    rules = limits.rulings(project)
    reference = join.reference_stations(project)
    valid = air_days.valid(days, rules)
    of_areas = air_areas.area_days(valid, where, rules, reference=reference)
    kinds = {"station": valid, "area": of_areas}
    found = []
    for by, kept in kinds.items():
        judged = air_days.judged(kept, rules)
        if period.grain != "day":
            judged = air_statistics.periods(judged, period.grain, rules)
        found.append(_of_three(judged, by, period) if period.grain == "three_years"
                     else judged.set_index(by))  # fmt: skip
    return found[0], found[1]


def _of_three(table: pd.DataFrame, by: str, period: Period) -> pd.DataFrame:
    """The rows of three years alone: of each place there are those of other years beside them.

    A place without a day in the last of the years has none; it is told which year lacks.
    """
    here = table[table["period"] == period.key].set_index(by)
    found = here.reindex(pd.Index(table[by].unique(), name=by))
    for name in [one for one in found if str(one).endswith("_reason")]:
        reasons = found[name].astype(object)
        found[name] = reasons.where(found["period"].notna(), f"year:{period.last.year}")
    return found


def _hour(project: Project, period: Period, where: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The readings of one hour with their AQI; of an area, the mean of its stations."""
    label = period.label_time
    hours = open_store(project).hours(NETWORK, first=label, last=label)
    hours = hours[hours["station"].isin(where.index)].set_index("station")
    values = hours[list(air_days.ITEMS)]
    used = values.drop(
        index=[one for one in join.reference_stations(project) if one in values.index]
    )
    grouped = used.groupby(where.reindex(used.index))
    means = grouped.mean()
    counts = grouped.count().add_suffix("_stations")
    listed = where.drop(
        index=[one for one in join.reference_stations(project) if one in where.index]
    )
    both = means.join(counts)
    both["stations_listed"] = listed.value_counts().reindex(both.index)
    standard = ruling_of(project, period).aqi
    return tuple(_with_index(one, standard) for one in (values, both))  # type: ignore[return-value]


def _with_index(values: pd.DataFrame, standard: AqiStandard) -> pd.DataFrame:
    named = values.rename(columns={item: aqi_item(item, "hour") for item in air_days.ITEMS})
    return values.join(aqi.aqi(named, standard, standard.real_time))


def _picked(found: pd.DataFrame, item: str, period: Period) -> pd.DataFrame:
    """The columns of one item as ``COLUMNS``."""
    key = _DAILY.get(item, item) if period.grain != "hour" else item
    name = key if is_short(period.grain) else _LONG.get(item, f"{key}_mean")
    if item == "aqi":
        name, key = ("aqi", "aqi") if is_short(period.grain) else ("good_rate", "aqi")
    rows = pd.DataFrame(index=found.index)
    rows["value"] = found[name].astype(float) * (100 if name == "good_rate" else 1)
    reason = f"{key}_reason"
    rows["reason"] = found[reason].astype(object) if reason in found else ""
    for column in ("level", "primary"):
        rows[column] = found[column].astype(object) if item == "aqi" and column in found else None
    stations = [f"{one}_stations" for one in ((*air_days.MEANS,) if item == "aqi" else (key,))]
    known = [one for one in stations if one in found]
    rows["stations"] = found[known].max(axis=1) if known else None
    rows["stations_listed"] = found.get("stations_listed")
    days = "valid_days" if item == "aqi" else f"{key}_days"
    rows["valid_days"] = found.get(days)
    return rows


def _said(rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` where a missing value without a reason says that there is no reading."""
    rows = rows.copy()
    rows["value"] = pd.to_numeric(rows["value"], errors="coerce").astype(float)
    blank = rows["value"].isna() & (rows["reason"].isna() | (rows["reason"] == ""))
    rows["reason"] = rows["reason"].astype(object).where(~blank, "none")
    return rows


def reason_text(row: pd.Series, lang: str) -> str:
    """Why a figure is missing; blank where it is not."""
    return air_reasons.text(str(row["reason"]), lang) if pd.isna(row["value"]) else ""


def provenance(store: Store, period: Period) -> tuple[tuple[str, ...], str]:
    """Sources and the worst quality of the imports with readings in a period."""
    log = store.batches(NETWORK)
    start = pd.Timestamp(period.first)
    end = pd.Timestamp(period.last) + pd.Timedelta(days=1)
    here = log[(log["first"] <= end) & (log["last"] > start) & (log["stored"] > 0)]
    sources = tuple(dict.fromkeys(str(one) for one in here["source"] if one))
    order = list(declared.QUALITY_TITLES)
    known = [str(one) for one in here["quality"] if one in order]
    return sources, max(known, key=order.index, default="open")
