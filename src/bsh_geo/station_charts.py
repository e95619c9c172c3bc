"""A station, an item and a period in, its charts out: series, calendar, hours of the day, trend.

Every chart is made of the same valid days as the map; what HJ 663 does not accept is a gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd

from bsh_geo import (
    air_classes,
    air_days,
    air_figures,
    air_reasons,
    air_statistics,
    air_trend,
    charts,
    frames,
    limits,
    networks,
)
from bsh_geo.charts import Class, Draw, Head
from bsh_geo.errors import unknown_name
from bsh_geo.limits import Ruling
from bsh_geo.periods import Period
from bsh_geo.project import Project
from bsh_geo.store import open_store

SHORT_DAYS = 14
"""Days of hourly values that the series of a day or an hour shows."""

KINDS = ("series", "calendar", "hours", "trend")
TITLES = {
    "series": {"zh": "时间序列", "en": "Series"},
    "calendar": {"zh": "日历", "en": "Calendar"},
    "hours": {"zh": "各时次平均", "en": "Hours of the day"},
    "trend": {"zh": "长期趋势", "en": "Trend"},
}
_DAILY_COLUMN = {"o3": "o3_8h"}
_MONTHLY = {"co": "co_percentile", "o3": "o3_8h_percentile"}


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart of the panel: its id, its title, and what gets its figures and then draws it."""

    id: str
    title: str
    made: Callable[[], Draw]

    def render(self, form: str = "png") -> bytes:
        """The chart as a file."""
        return charts.render(self.made(), form)


@dataclass(frozen=True)
class _Asked:
    project: Project
    station: str
    item: str
    period: Period
    lang: str

    @property
    def year(self) -> int:
        """The year whose days are shown; of three the last."""
        return self.period.last.year


def station_charts(
    project: Project, station: str, item: str, period: Period, lang: str = "zh"
) -> tuple[Chart, ...]:
    """The charts of a station for ``item`` (``aqi``, ``pm25`` …) around ``period``.

    Raises
    ------
    UnknownNameError
        There is no such station.
    """
    table = frames.table(project, "stations")
    if station not in set(table["code"]):
        raise unknown_name("站点", "station", station, table["code"])
    asked = _Asked(project, station, item, period, lang)
    makers: dict[str, Callable[[_Asked], Draw]] = {
        "series": _series,
        "calendar": _calendar,
        "hours": _hours,
        "trend": _trend,
    }
    return tuple(Chart(kind, TITLES[kind][lang], partial(makers[kind], asked)) for kind in KINDS)


def station_title(project: Project, station: str, lang: str) -> str:
    """Code and name of a station."""
    table = frames.table(project, "stations").set_index("code")
    return f"{station} {table.at[station, f'name_{lang}']!s}"


def _head(asked: _Asked, what: str, unit: str | None = None) -> Head:
    name = "AQI" if asked.item == "aqi" else asked.item.upper().replace("PM25", "PM2.5")
    sources, _ = air_figures.provenance(open_store(asked.project), asked.period)
    label = "数据来源：" if asked.lang == "zh" else "Source: "
    joint = "；" if asked.lang == "zh" else "; "
    return Head(
        title=f"{station_title(asked.project, asked.station, asked.lang)} · {name} {what}",
        unit=_unit(asked) if unit is None else unit,
        source=label + (joint.join(sources) or "—"),
        lang=asked.lang,
    )


def _unit(asked: _Asked) -> str:
    if asked.item == "aqi":
        return ""
    return networks.network_of(asked.project, air_figures.NETWORK).items[asked.item].unit


def _judged(asked: _Asked, first: date | None, last: date | None) -> pd.DataFrame:
    """Judged days of the station, indexed by date."""
    store = open_store(asked.project)
    days = store.days(air_figures.NETWORK, [asked.station], first, last)
    return air_days.judged(days, limits.rulings(asked.project)).set_index("date").sort_index()


def _day_values(asked: _Asked) -> pd.Series:
    """The year's daily values with a row for every day."""
    first, last = date(asked.year, 1, 1), date(asked.year, 12, 31)
    judged = _judged(asked, first, last)
    column = _DAILY_COLUMN.get(asked.item, asked.item)
    return judged[column].astype(float).reindex(pd.date_range(first, last, unit="us"))


def _series(asked: _Asked) -> Draw:
    """A year of days, or for a day or an hour the two weeks of hours up to it."""
    grain = asked.period.grain
    if air_classes.is_short(grain) and asked.item != "aqi":
        values = _hour_values(asked)
        what = air_classes.statistic(asked.item, "hour").get(asked.lang)
        head = _head(asked, what)
        return lambda: charts.series(values, head)
    values = _day_values(asked)
    what = air_classes.statistic(asked.item, "day").get(asked.lang)
    head, levels = _head(asked, what), _levels(asked)
    return lambda: charts.series(values, head, levels)


def _hour_values(asked: _Asked) -> pd.Series:
    last = pd.Timestamp(asked.period.last) + pd.Timedelta(days=1)
    first = last - pd.Timedelta(days=SHORT_DAYS) + pd.Timedelta(hours=1)
    hours = open_store(asked.project).hours(
        air_figures.NETWORK, [asked.station], first, last, [asked.item]
    )
    every = pd.date_range(first, last, freq="h", unit="us")
    return hours.set_index("time")[asked.item].astype(float).reindex(every)


def _ruling(asked: _Asked) -> Ruling:
    return air_figures.ruling_of(asked.project, asked.period)


def _levels(asked: _Asked) -> list[tuple[str, float]]:
    """The class I and II limits of the daily value; for the AQI the end of its good days."""
    if asked.item == "aqi":
        return [("优良上限" if asked.lang == "zh" else "good up to", 100.0)]
    average = "day_8h" if asked.item == "o3" else "day"
    ruling = _ruling(asked)
    names = ("一级限值", "二级限值") if asked.lang == "zh" else ("class I", "class II")
    values = [ruling.limit(asked.item, average, grade) for grade in (1, 2)]  # type: ignore[arg-type]
    if values[0] == values[1]:
        both = "一、二级限值" if asked.lang == "zh" else "class I and II"
        return [(both, values[0])]
    return list(zip(names, values, strict=True))


def _calendar(asked: _Asked) -> Draw:
    """Every day of the year in the colour of its class by HJ 633."""
    standard = _ruling(asked).aqi
    breaks = (*air_classes.break_points(asked.item, "day", standard), float("inf"))
    classes = [
        Class(low, high, one.colour, one.title.get(asked.lang))
        for low, high, one in zip((0.0, *breaks), breaks, standard.classes, strict=False)
    ]
    values, head = _day_values(asked), _head(asked, f"{asked.year}")
    return lambda: charts.calendar_map(values, asked.year, classes, head)


def _hours(asked: _Asked) -> Draw:
    """The mean of each hour of the day over the year; of the AQI that of PM2.5."""
    item = "pm25" if asked.item == "aqi" else asked.item
    asked = _Asked(asked.project, asked.station, item, asked.period, asked.lang)
    first = pd.Timestamp(asked.year, 1, 1, 1)
    last = pd.Timestamp(asked.year + 1, 1, 1)
    hours = open_store(asked.project).hours(
        air_figures.NETWORK, [asked.station], first, last, [item]
    )
    times = pd.DatetimeIndex(hours["time"])
    by_hour = hours[item].groupby(np.where(times.hour == 0, 24, times.hour))
    mean, count = by_hour.mean(), by_hour.count()
    what = f"{asked.year}年各时次平均" if asked.lang == "zh" else f"{asked.year}, mean by hour"
    head = _head(asked, what)
    return lambda: charts.rose(mean[count > 0], count, head)


def _trend(asked: _Asked) -> Draw:
    """Months without their season, and the trend if there are enough of them."""
    judged = _judged(asked, None, None).reset_index()
    rules = limits.rulings(asked.project)
    table = air_statistics.periods(judged, "month", rules)
    name = _MONTHLY.get(asked.item, f"{asked.item}_mean")
    name = "good_rate" if asked.item == "aqi" else name
    months = pd.Series(
        table[name].to_numpy(dtype=float) * (100 if asked.item == "aqi" else 1),
        index=pd.DatetimeIndex(table["start"]),
    )
    months = months.asfreq("MS") if len(months) else months
    found = air_trend.trend(months)
    season = "月值，去除季节" if asked.lang == "zh" else "months, season removed"
    what = f"{air_classes.statistic(asked.item, 'month').get(asked.lang)} · {season}"
    head = _head(asked, what, "%" if asked.item == "aqi" else None)
    calendar_month = pd.DatetimeIndex(months.index).month
    shown = months - months.groupby(calendar_month).transform("median") + months.median()
    words = _trend_words(found, head.unit, asked.lang)
    level = _line(shown, found) if found.valid else None
    return lambda: charts.trend_chart(shown, level, words, head)


def _line(months: pd.Series, found: air_trend.Trend) -> Callable[[pd.Timestamp], float]:
    """The Theil–Sen line through the middle of the months."""
    known = months.dropna()
    middle = known.index[0] + (known.index[-1] - known.index[0]) / 2
    centre = float(known.median())
    year = timedelta(days=365.25)
    return lambda at: centre + found.slope * ((at - middle) / year)


def _trend_words(found: air_trend.Trend, unit: str, lang: str) -> str:
    """The trend as a sentence, or why there is none."""
    if not found.valid:
        return air_reasons.text(found.reason, lang)
    sure = found.direction != "none"
    p = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
    numbers = [f"{one:+.2f}".replace("-", "−") for one in (found.slope, found.low, found.high)]
    if lang == "en":
        verdict = "significant" if sure else "not significant"
        return (
            f"{numbers[0]} {unit} a year ({found.confidence:.0%}: {numbers[1]} to {numbers[2]}), "
            f"{verdict}, {p}, {found.months} months"
        )
    verdict = "趋势显著" if sure else "趋势不显著"
    return (
        f"每年 {numbers[0]} {unit}（{found.confidence:.0%} 区间 {numbers[1]} 至 {numbers[2]}），"
        f"{verdict}，{p}，{found.months} 个月（Theil–Sen，Mann–Kendall）"
    )
