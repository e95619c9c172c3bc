"""Cells and heads as offices write them in; numbers, units, periods and dates out.

Full-width digits, separators of thousands, units in heads and cells, 万亩, 2024年8月.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from bsh_geo.reading_cells import BLANKS, NUMBER
from bsh_geo.reading_units import factor as concentration_factor
from bsh_geo.reading_units import spelled

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

_SQUARE_M: dict[str, float] = {
    **dict.fromkeys(("m²", "㎡", "m2", "平方米", "平米"), 1.0),
    **dict.fromkeys(("万m²", "万m2", "万平方米", "万平米"), 1e4),
    **dict.fromkeys(("公顷", "ha", "hm²", "hm2", "hectare"), 1e4),
    **dict.fromkeys(("万公顷", "万ha"), 1e8),
    **dict.fromkeys(("km²", "km2", "平方公里", "平方千米"), 1e6),
    **dict.fromkeys(("万km²", "万平方公里"), 1e10),
    "亩": 10_000 / 15,
    "万亩": 1e8 / 15,
}
"""Units of area in square metres; 15 亩 are one hectare (国务院 1984, 法定计量单位的命令)."""

_LENGTH: dict[str, float] = {
    **dict.fromkeys(("m", "米"), 1.0),
    **dict.fromkeys(("km", "公里", "千米"), 1e3),
}
_SHARE = {**dict.fromkeys(("%", "百分比", "百分数"), 1.0), **dict.fromkeys(("‰", "千分比"), 0.1)}
_COUNT = {
    **dict.fromkeys(("个", "座", "处"), 1.0),
    **dict.fromkeys(("天", "d", "日"), 1.0),
}
_FAMILIES = (_SQUARE_M, _LENGTH, _SHARE)

_UNIT = re.compile(
    r"^(?P<name>.*?)\s*(?:[(\[【](?P<in>[^()\[\]【】]+)[)\]】]|[/:](?P<after>.+))\s*$"
)
_CELL = re.compile(r"(?P<number>[+-]?[\d,]*\.?\d+(?:e[+-]?\d+)?)\s*(?P<unit>[^\d\s][^\d]*)?", re.I)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")

_SUMS = (
    "合计",
    "总计",
    "小计",
    "总数",
    "平均",
    "均值",
    "平均值",
    "合 计",
    "总 计",
    "合  计",
    "合　计",
)
_SUMS_EN = ("total", "subtotal", "sum", "mean", "average")
TOTALS = frozenset(
    f"{one}{mark}"
    for name in (*_SUMS, *_SUMS_EN)
    for one in (name, name.capitalize(), name.upper())
    for mark in ("", ":", "：")
)
"""What the first cell of a row of sums or means says."""


def half(text: str) -> str:
    """Text in half-width signs without space around it; units keep their raised figures."""
    if text.isascii():
        return text.strip()
    kept = text.replace("²", "\ue002").replace("³", "\ue003").replace("㎡", "m\ue002")
    plain = unicodedata.normalize("NFKC", kept).replace("−", "-").strip()
    return plain.replace("\ue002", "²").replace("\ue003", "³")


def unit_of(head: str) -> tuple[str, str]:
    """The name and the unit of a column's head: ``PM2.5(μg/m³)``, ``面积（万亩）``."""
    text = half(head)
    found = _UNIT.match(text)
    if found is None:
        return text, ""
    unit = (found["in"] or found["after"] or "").strip().removeprefix("单位:").strip()
    if not is_unit(unit):
        return text, ""
    return found["name"].strip(), unit


def is_unit(text: str) -> bool:
    """Whether a text is a unit that is known."""
    plain = half(text).replace(" ", "")
    if any(plain in family for family in (*_FAMILIES, _COUNT)) or spelled(plain) in ("μg/m³",):
        return True
    return ("/" in spelled(plain) and concentration_factor(plain, "mg/m³") is not None) or (
        plain in ("万人", "人", "°", "度", "AQI", "μg/m³", "mg/m³", "mg/L", "座", "m²/人", "dB")
    )


def factor(found: str, wanted: str) -> float | None:
    """What a value in ``found`` is multiplied by to be in ``wanted``; None if there is no such."""
    one, other = half(found).replace(" ", ""), half(wanted).replace(" ", "")
    if one == other or (one in _COUNT and other in _COUNT and one[0] == other[0]):
        return 1.0
    for family in _FAMILIES:
        if one in family and other in family:
            return family[one] / family[other]
    if one in ("天", "d", "日") and other in ("天", "d", "日"):
        return 1.0
    return concentration_factor(one, other)


def number(text: str) -> tuple[float, str] | None:
    """A cell's number and the unit behind it; NaN for a blank, None for what is no number."""
    plain = half(text)
    if plain in BLANKS or not plain:
        return float("nan"), ""
    if NUMBER.fullmatch(plain):
        value = float(plain)
        return (value, "") if np.isfinite(value) else None
    plain = plain.replace(" ", "") if re.fullmatch(r"[+-]?\d[\d ]*(\.\d+)?", plain) else plain
    found = _CELL.fullmatch(plain.replace("，", ","))
    if found is None:
        return None
    digits = found["number"]
    if "," in digits and not _GROUPED.fullmatch(digits):
        return None
    unit = (found["unit"] or "").strip()
    if unit and not is_unit(unit):
        return None
    return float(digits.replace(",", "")), unit


Made = TypeVar("Made")


def _each(cells: pd.Series, made: Callable[[str], Made]) -> tuple[np.ndarray[Any, Any], list[Made]]:
    """Each different text judged once: where each cell's answer stands, and the answers."""
    places, different = pd.factorize(cells.astype(object))
    return places, [made(str(one)) for one in different]


def numbers(cells: pd.Series, unit: str, wanted: str) -> tuple[Numbers, Flags, bool]:
    """A column of text as numbers in ``wanted`` (blank: no conversion).

    ``unit`` is what the head says; a cell's own goes before it. Gives the values (NaN is
    missing), which cells are no number, and whether any cell's unit cannot be converted.
    """
    values = plain_numbers(cells)
    plain = ~np.isnan(values)
    wrong, misfit = np.zeros(len(cells), dtype=bool), False
    scale = 1.0 if not unit or not wanted else factor(unit, wanted)
    if scale is None:
        misfit, wrong = bool(plain.any()), plain.copy()
        values[plain] = np.nan
    else:
        values = values * scale
    rest = np.flatnonzero(~plain & cells.ne("").to_numpy(dtype=bool))
    if len(rest):
        values[rest], wrong[rest], odd = _judged(cells.iloc[rest], unit, wanted)
        misfit |= odd
    return values, wrong, misfit


_PLAIN = r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def plain_numbers(cells: pd.Series) -> Numbers:
    """Cells that are finite numbers in plain digits, maybe with space around; NaN for all others.

    Each has the value that ``number`` gives it.
    """
    text = pa.array(cells, from_pandas=True)
    try:
        found = pc.if_else(pc.equal(text, ""), None, text).cast(pa.float64())
    except pa.ArrowInvalid:
        text = pc.utf8_trim_whitespace(text)
        text = pc.replace_substring_regex(text, r"^\+([0-9.])", r"\1")
        fits = pc.match_substring_regex(text, _PLAIN)
        found = pc.if_else(fits, text, None).cast(pa.float64())
    values: Numbers = found.to_numpy(zero_copy_only=False).copy()
    values[~np.isfinite(values)] = np.nan
    return values


def any_code(cells: pd.Series) -> bool:
    """Whether any of the cells is digits behind a zero, such as 007."""
    text = pa.array(cells, from_pandas=True)
    return bool(pc.any(pc.match_substring_regex(text, r"^\s*[+-]?0[0-9]")).as_py())


def _judged(cells: pd.Series, unit: str, wanted: str) -> tuple[Numbers, Flags, bool]:
    """The same for cells that are no plain numbers, each different one judged once."""
    places, answers = _each(cells, number)
    values = np.full(len(answers), np.nan)
    wrong, misfit = np.zeros(len(answers), dtype=bool), False
    for at, answer in enumerate(answers):
        if answer is None:
            wrong[at] = True
            continue
        own = answer[1] or unit
        times = 1.0 if not own or not wanted else factor(own, wanted)
        if times is None:
            misfit = True
            wrong[at] = not np.isnan(answer[0])
        else:
            values[at] = answer[0] * times
    return values[places], wrong[places], misfit


_PERIODS = (
    re.compile(r"(?P<y>(?:19|20)\d\d)(?:\.0)?年?(?:度|全年)?"),
    re.compile(r"(?P<y>(?:19|20)\d\d)[年\-/.](?P<m>\d{1,2})月?(?:份)?"),
    re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])"),
    re.compile(r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-01 00:00:00"),
    re.compile(r"(?P<y>(?:19|20)\d\d)年(?P<m>\d{1,2})月1日"),
)


def period(text: str) -> str | None:
    """``2024`` or ``2024-08`` of a cell such as 2024年8月; None where it is neither.

    A day that a spreadsheet keeps for a typed month (its first) is that month.
    """
    plain = half(text).replace(" 00:00:00", "\x00").replace(" ", "").replace("\x00", " 00:00:00")
    for form in _PERIODS:
        found = form.fullmatch(plain)
        if found is None:
            continue
        month = found.groupdict().get("m")
        if month is None:
            return found["y"]
        return f"{found['y']}-{int(month):02d}" if 1 <= int(month) <= 12 else None
    return None


_FIRST_DAY = datetime.date(1899, 12, 30)
"""Day 0 of the days that Excel counts (ECMA-376 part 1, 18.17.4.1, as of 1900-03-01)."""


def counted_day(text: str) -> str | None:
    """The month of a day as Excel counts days, such as 45505; None for any other text.

    Only days of 1990 to 2079 are taken: five digits that are anything else do not look like one.
    """
    plain = half(text)
    if not re.fullmatch(r"\d{5}(\.0)?", plain) or not 32_874 <= float(plain) <= 65_745:
        return None
    return f"{_FIRST_DAY + datetime.timedelta(days=int(float(plain))):%Y-%m}"


_IN_TEXT = re.compile(r"((?:19|20)\d\d)年(?:(\d{1,2})月)?(?![-—至~\d])")


def periods_in(text: str) -> list[str]:
    """The years and months that a running text, such as a title, names."""
    found = []
    for year, month in _IN_TEXT.findall(half(text)):
        found.append(f"{year}-{int(month):02d}" if month else str(year))
    return list(dict.fromkeys(found))


def totals(cells: pd.Series) -> Flags:
    """Which cells of a column say that their row is a sum or a mean of others."""
    found: Flags = cells.isin(list(TOTALS)).to_numpy(dtype=bool)
    return found
