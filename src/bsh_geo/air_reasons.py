"""Why a figure is missing: a reason as data in, its sentence out.

A reason is a short text such as ``hours:17/20``: a code, then what was found and what is needed.
Several are joined by semicolons. A blank one means that the figure is valid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bsh_geo.catalogue import Text

TEXTS = {
    "none": Text(zh="没有数据", en="no data"),
    "hours": Text(
        zh="有效小时值 {found} 个，应不少于 {needed} 个",
        en="{found} valid hours; at least {needed} are needed",
    ),
    "windows": Text(
        zh="有效 8 小时均值 {found} 个，少于 {needed} 个，且未超过浓度限值",
        en="{found} valid 8-hour means, fewer than {needed}, and not above the limit",
    ),
    "stations": Text(zh="没有有效站点", en="no station is valid"),
    "unpublished": Text(
        zh="有污染物缺测且其余项算得的 AQI 不大于 100（HJ 633—2026 5.3.1）",
        en="a pollutant is missing and the AQI of the others is not above 100 (HJ 633-2026, 5.3.1)",
    ),
    "days": Text(
        zh="有效日 {found} 天，应不少于 {needed} 天",
        en="{found} valid days; at least {needed} are needed",
    ),
    "month": Text(
        zh="{at} 月有效日 {found} 天，应不少于 {needed} 天",
        en="{found} valid days in month {at}; at least {needed} are needed",
    ),
    "months": Text(
        zh="可用的有效月 {found} 个，应不少于 {needed} 个",
        en="{found} usable valid months; at least {needed} are needed",
    ),
    "year": Text(zh="{at} 年无有效年值", en="no valid figure for {at}"),
    "items": Text(zh="{at} 无有效统计值", en="no valid statistic of {at}"),
    "weights": Text(
        zh="新版规范的权重未经文本证实，不计算",
        en="the weights of the new regulation are not confirmed; no figure is computed",
    ),
    "grain": Text(zh="只按月、季、年计算", en="computed for months, quarters and years only"),
}
"""The sentence of each code; ``{at}`` is a month, a year or the ids of pollutants."""


NAMES = {
    "pm25": "PM2.5",
    "pm10": "PM10",
    "so2": "SO2",
    "no2": "NO2",
    "co": "CO",
    "o3_8h": "O3",
}
"""Pollutants as a reader writes them."""


def text(reason: str, lang: str = "zh") -> str:
    """The sentence of a reason; blank for a blank one."""
    joint = "; " if lang == "en" else "；"
    return joint.join(_sentence(one, lang) for one in reason.split(";") if one)


def _sentence(reason: str, lang: str) -> str:
    code, *more = reason.split(":")
    found, _, needed = more[-1].partition("/") if more else ("", "", "")
    names = [NAMES.get(one, one) for one in (more[0].split(",") if more else [])]
    at = (", " if lang == "en" else "、").join(names)
    return TEXTS[code].get(lang).format(at=at, found=found, needed=needed)


def counted(
    code: str, found: NDArray[np.int64], needed: int, wrong: NDArray[np.bool_]
) -> pd.Categorical[str]:
    """``code:found/needed`` where ``wrong`` (found fewer than needed), ``none`` for no value at
    all, blank elsewhere."""
    names = ["", "none", *(f"{code}:{number}/{needed}" for number in range(1, needed))]
    return chosen(np.where(wrong, found + 1, 0), names)


def chosen(codes: NDArray[np.int64], names: Sequence[str]) -> pd.Categorical[str]:
    """The reasons of a short list by number."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(names))
