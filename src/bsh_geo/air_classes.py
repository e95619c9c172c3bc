"""A metric of readings and a period in, the metric as it is shown for that grain of time out.

Hours and days are classed by the break points and colours of HJ 633; months, quarters and years
are other statistics (mean, percentile, share of good days) with the breaks of the layer file.
"""

from __future__ import annotations

from bsh_geo.catalogue import Metric, Text
from bsh_geo.changes import is_change
from bsh_geo.limits import Ruling
from bsh_geo.periods import Grain, Period, parse
from bsh_geo.standards import INDEX, AqiStandard

SAFE_COLOURS = ("#f9f3c6", "#e3cd80", "#c49d62", "#96716b", "#5d4a7a", "#2b2358")
"""The six classes of the AQI from light to dark, told apart without telling red from green."""

COLOURS = ("official", "safe")

_HOURLY = {"so2": "so2_1h", "no2": "no2_1h", "co": "co_1h", "o3": "o3_1h"}
_DAILY = {"so2": "so2_24h", "no2": "no2_24h", "co": "co_24h", "o3": "o3_8h"}

_STATISTICS: dict[str, dict[str, Text]] = {
    "hour": {
        "aqi": Text(zh="实时报", en="real time"),
        "": Text(zh="1小时平均", en="1-hour mean"),
    },
    "day": {
        "aqi": Text(zh="日报", en="daily"),
        "o3": Text(zh="日最大8小时平均", en="daily maximum of 8 h"),
        "": Text(zh="日均值", en="daily mean"),
    },
    "long": {
        "aqi": Text(zh="优良天数比例", en="share of good days"),
        "o3": Text(zh="日最大8小时第90百分位", en="90th percentile of daily maximum 8 h"),
        "co": Text(zh="日均值第95百分位", en="95th percentile of daily means"),
        "": Text(zh="平均浓度", en="mean"),
    },
    "three_years": {
        "aqi": Text(zh="三年优良天数比例", en="share of good days of three years"),
        "o3": Text(
            zh="日最大8小时第90百分位三年平均",
            en="three-year mean of the 90th percentile of daily maximum 8 h",
        ),
        "co": Text(
            zh="日均值第95百分位三年平均",
            en="three-year mean of the 95th percentile of daily means",
        ),
        "": Text(zh="三年平均浓度", en="three-year mean"),
    },
}
_UNITS = {"aqi": "", "co": "mg/m³"}


def is_short(grain: Grain) -> bool:
    """Whether a period is an hour or a day, to which the AQI applies."""
    return grain in ("hour", "day")


def is_coloured(period: str | None) -> bool:
    """Whether a period (its key) is shown in the colours of the AQI."""
    return period is not None and is_short(parse(period).grain)


def statistic(item: str, grain: Grain) -> Text:
    """What the figure of an item is in a period of that grain."""
    known = _STATISTICS.get(grain, _STATISTICS["long"])
    return known.get(item, known[""])


def aqi_item(item: str, grain: Grain) -> str:
    """The id of an item in the break-point tables of HJ 633, hourly or daily."""
    return (_HOURLY if grain == "hour" else _DAILY).get(item, item)


def break_points(item: str, grain: Grain, standard: AqiStandard) -> tuple[float, ...]:
    """The upper bounds of the AQI's classes, as index values or as concentrations."""
    if item == "aqi":
        return tuple(float(one.high) for one in standard.classes[:-1])
    points = dict(zip(INDEX, standard.items[aqi_item(item, grain)].points, strict=False))
    highs = [one.high for one in standard.classes[:-1]]
    return tuple(points[high] for high in highs if high in points)


def shown_for(metric: Metric, period: Period, ruling: Ruling, colours: str) -> Metric:
    """The metric with the title, classes, decimals and unit that hold for a period."""
    item, standard = str(metric.item), ruling.aqi
    what = statistic(item, period.grain)
    title = Text(zh=f"{metric.title.zh}·{what.zh}", en=f"{metric.title.en}, {what.en}")
    if not is_short(period.grain):
        # A rate in tenths, as the city publishes it.
        known = ruling.evaluation.period_decimals.values
        decimals = 1 if item == "aqi" else known[_DAILY.get(item, item).removesuffix("_24h")]
        return metric.model_copy(update={"title": title, "decimals": decimals})
    breaks = break_points(item, period.grain, standard)
    limit = breaks[1]
    palette = SAFE_COLOURS if colours == "safe" else tuple(one.colour for one in standard.classes)
    shown = {
        "title": title,
        "unit": _UNITS.get(item, "μg/m³"),
        "better": "low",
        "valid": (0.0, max(metric.valid[1], breaks[-1] * 2, 500.0)),
        "change_breaks": tuple(limit * share for share in (-0.3, -0.1, 0, 0.1, 0.3)),
        "decimals": 1 if item == "co" else 0,
        "breaks": breaks,
        "palette": palette[: len(breaks) + 1],
    }
    return metric.model_copy(update=shown)


def class_names(metric: Metric, period: Period, standard: AqiStandard, lang: str) -> list[str]:
    """The names of the AQI's classes for the legend, where the metric is classed by them."""
    if not is_short(period.grain) or is_change(metric):
        return []
    return [one.title.get(lang) for one in standard.classes][: len(metric.breaks) + 1]
