"""Readings of water in the store in, classes of stations, and of periods, out.

A station is a river section, a point in a lake or a sea point. Its class in a period is that of its
mean concentrations (``water.period_grades``). Nothing is interpolated between stations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import get_args

import pandas as pd

from bsh_geo import catalogue, frames, water
from bsh_geo import periods as time
from bsh_geo.catalogue import QUALITY_TITLES, Text
from bsh_geo.errors import BshError, UnknownNameError, unknown_name
from bsh_geo.networks import Network, network_of
from bsh_geo.periods import Grain, Period
from bsh_geo.project import Project
from bsh_geo.store import open_store
from bsh_geo.water import PeriodGrain
from bsh_geo.water_standards import WaterStandard, standard_of, water_standards

GRAINS: tuple[Grain, ...] = ("year", "quarter", "month", "day")
"""Grains of time that water is graded for; a single hour is a reading, not a period."""

REASONS = {
    "none": Text(zh="没有参与评价的项目", en="no item of the grade"),
    "months": Text(
        zh="有数据的月份 {found} 个，应不少于 {needed} 个",
        en="{found} months with data; at least {needed} are needed",
    ),
    "readings": Text(zh="没有导入读数", en="no readings are imported"),
    "period": Text(zh="该时期没有读数", en="no readings in this period"),
}
"""Why a station has no class."""


def reason_text(reason: str, lang: str) -> str:
    """The sentence of a reason such as ``months:4/8``; blank for a blank one."""
    if not reason:
        return ""
    code, _, numbers = reason.partition(":")
    found, _, needed = numbers.partition("/")
    return REASONS[code].get(lang).format(found=found, needed=needed)


@dataclass(frozen=True, eq=False)
class WaterStatus:
    """The classes of a network's stations in one period.

    Attributes
    ----------
    stations : DataFrame
        Indexed by station code, those of the project's table first: ``name_zh``, ``name_en``,
        ``kind``, ``adcode``, ``lon``, ``lat`` (None or NaN where the table has none), ``listed``
        (in the table), the columns of ``water.period_grades`` and ``reason`` (``period`` or
        ``readings`` where there is nothing to grade).
    shares : Series
        One row of ``water.shares`` of this period; zeros where nothing is graded.
    period : Period
    network : Network
    standard : WaterStandard
    sources : tuple of str
        Sources of the imports with readings in the period.
    quality : str
        The lowest quality of those imports, ``derived`` at best: a class is computed.
    """

    stations: pd.DataFrame
    shares: pd.Series
    period: Period
    network: Network
    standard: WaterStandard
    sources: tuple[str, ...]
    quality: str


def networks(project: Project) -> tuple[str, ...]:
    """The networks that a standard of water grades."""
    return tuple(dict.fromkeys(one.network for one in water_standards(project).values()))


def has_readings(project: Project, network: str) -> bool:
    """Whether there is any reading of a network.

    Raises
    ------
    DataError
        The database of the project cannot be read.
    """
    return open_store(project).exists(network)


def state(project: Project) -> str:
    """A fingerprint that changes with any reading of water; blank where there are none."""
    try:
        store = open_store(project)
        return "".join(store.digest(one) for one in networks(project))
    except BshError:
        return ""


def extent(project: Project, network: str) -> tuple[date, date]:
    """First and last day with readings of a network.

    Raises
    ------
    UnknownNameError
        There are none.
    """
    found = open_store(project).extent(network)
    if found.first is None or found.last is None:
        title = network_of(project, network).title
        raise UnknownNameError(
            f"项目中没有{title.zh}读数，请先用 bsh-geo import readings --network {network} 导入。",
            f"The project has no readings of {title.en.lower()}; import some with "
            f"bsh-geo import readings --network {network}.",
        )
    return found.first.date(), found.last.date()


def period_of(project: Project, network: str, period: str | None) -> Period:
    """The period asked for, by default the newest month with readings.

    Raises
    ------
    UnknownNameError
        It is no period, an hour, or lies outside the readings.
    """
    first, last = extent(project, network)
    if period is None:
        return time.covering(last, "month")
    found = time.parse(period)
    if found.grain not in GRAINS:
        raise unknown_name(
            "时期", "period", period, [time.covering(last, one).key for one in GRAINS]
        )
    if found.last < first or found.first > last:
        raise UnknownNameError(
            f"时期“{period}”没有读数；读数为 {first} 至 {last}。",
            f"There are no readings for “{period}”; they are of {first} to {last}.",
        )
    return found


def stations(project: Project, network: Network) -> pd.DataFrame:
    """The stations of a network's table by code, with the kind of water of each.

    Columns: ``name_zh``, ``name_en``, ``kind``, ``adcode``, ``lon``, ``lat`` and the rest of the
    table. A table without ``kind`` holds stations of the standard's first kind.
    """
    key = catalogue.load_datasets(project)[network.stations].key[0]
    table = frames.table(project, network.stations)
    found = table.set_index(key, drop=False).rename_axis(None)
    if "kind" not in found:
        found = found.assign(kind=next(iter(standard_of(project, network.id).kinds)))
    return found


def readings(project: Project, network: Network, period: Period) -> pd.DataFrame:
    """The rows of the store in a period: a sample belongs to the date that it carries."""
    first = pd.Timestamp(period.first)
    last = pd.Timestamp(period.last + timedelta(days=1)) - pd.Timedelta(1, "us")
    return open_store(project).hours(network.id, first=first, last=last)


def status(project: Project, network_id: str, period: str | None = None) -> WaterStatus:
    """The class of every station of a network in a period.

    Raises
    ------
    UnknownNameError
        The network is not graded, or the period has no readings at all.
    """
    standard_of(project, network_id)
    return _status(project, state(project), network_id, period_of(project, network_id, period))


@lru_cache(maxsize=64)
def _status(project: Project, digest: str, network_id: str, period: Period) -> WaterStatus:
    del digest  # of the readings: it makes the cache forget
    network, standard = network_of(project, network_id), standard_of(project, network_id)
    listed = stations(project, network)
    graded = _graded(project, network, standard, period, listed)
    rows = _beside(listed, graded.set_index("station", drop=False))
    sources, quality = _provenance(project, network_id, period)
    return WaterStatus(
        rows, _share(graded, standard, period), period, network, standard, sources, quality
    )


def _graded(
    project: Project,
    network: Network,
    standard: WaterStandard,
    period: Period,
    listed: pd.DataFrame,
) -> pd.DataFrame:
    grain = grain_of(period)
    rows = readings(project, network, period)
    means = water.period_means(rows, network.items, grain)
    kinds = dict(zip(listed.index.astype(str), listed["kind"].astype(str), strict=True))
    return water.period_grades(means, standard, kinds, grain)


def grain_of(period: Period) -> PeriodGrain:
    """The grain of a period that water is graded for."""
    found = next(one for one in get_args(PeriodGrain) if one == period.grain)
    grain: PeriodGrain = found
    return grain


def _beside(listed: pd.DataFrame, graded: pd.DataFrame) -> pd.DataFrame:
    """Every station of the table, then those that only the store knows, with their classes."""
    codes = [*listed.index, *(code for code in graded.index if code not in listed.index)]
    found = listed.drop(columns="kind").reindex(codes)
    found["listed"] = [code in listed.index for code in codes]
    for lang in ("zh", "en"):
        name = f"name_{lang}"
        found[name] = found[name].where(found["listed"], pd.Series(codes, index=codes))
    kinds = graded["kind"].reindex(codes)
    made = graded.drop(columns=["station", "kind"])
    found = found.drop(columns=made.columns, errors="ignore").join(made)
    found["kind"] = kinds.where(kinds.notna(), listed["kind"].reindex(codes))
    found["reason"] = found["reason"].astype(object).where(found["reason"].notna(), "period")
    for name in ("items", "missing"):
        found[name] = found[name].astype(object).where(found[name].notna(), "")
    return found


def _share(graded: pd.DataFrame, standard: WaterStandard, period: Period) -> pd.Series:
    found = water.shares(graded, standard)
    found = found[found["period"] == period.key]
    if len(found):
        return found.iloc[0]
    names = [name for name in found.columns if name not in ("period", "good_rate")]
    return pd.Series({"period": period.key, **dict.fromkeys(names, 0), "good_rate": float("nan")})


def _provenance(project: Project, network: str, period: Period) -> tuple[tuple[str, ...], str]:
    """Sources and the lowest quality of the imports with readings in a period."""
    log = open_store(project).batches(network)
    start = pd.Timestamp(period.first)
    end = pd.Timestamp(period.last) + pd.Timedelta(days=1)
    here = log[(log["first"] < end) & (log["last"] >= start) & (log["stored"] > 0)]
    sources = tuple(dict.fromkeys(str(one) for one in here["source"] if one))
    order = list(QUALITY_TITLES)
    known = [str(one) for one in here["quality"] if one in order]
    return sources, max([*known, "derived"], key=order.index)


def item_texts(network: Network, ids: str, lang: str) -> str:
    """Ids of items (``do,tp``) as a reader writes them."""
    joint = ", " if lang == "en" else "、"
    return joint.join(network.items[one].title.get(lang) for one in ids.split(",") if one)
