"""A table of figures in, a row per indicator, area and period out, however the table is laid out.

A head may name indicators, periods, districts or two of them in two rows; what no head and no
column says has to be said by the user. Figures of dissolved districts are not those of today's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from bsh_geo import catalogue, own_cells, own_names, own_values
from bsh_geo.catalogue import Column, Indicator, Text
from bsh_geo.errors import unknown_name
from bsh_geo.networks import folded
from bsh_geo.own_fields import Columns
from bsh_geo.own_files import Found
from bsh_geo.own_options import Options
from bsh_geo.own_report import Ledger
from bsh_geo.own_rows import tell_names
from bsh_geo.project import Project
from bsh_geo.reading_cells import BLANKS

SHORT: dict[str, str] = {
    "pm25": "PM2.5 细颗粒物 PM2.5浓度 细颗粒物浓度 PM2.5年均浓度",
    "pm10": "PM10 可吸入颗粒物 PM10浓度 可吸入颗粒物浓度",
    "so2": "SO2 二氧化硫 二氧化硫浓度",
    "no2": "NO2 二氧化氮 二氧化氮浓度",
    "co_p95": "CO 一氧化碳 CO-95per",
    "o3_8h_p90": "O3 臭氧 臭氧浓度 O3-8h-90per O3_8h",
    "aqi_good_rate": "优良率 AQI优良率 优良天数比例 空气优良率 优良天数比率 优良比例",
    "aqi_good_days": "优良天数 优良天 达标天数",
}
"""Short names of indicators in tables, beside their ids and titles."""


@dataclass(frozen=True)
class Head:
    """What a column of figures is about, as far as its head says."""

    indicator: str | None = None
    area: str | None = None
    period: str | None = None
    unit: str = ""

    @property
    def says(self) -> int:
        """How many of indicator, area and period it names."""
        return sum(one is not None for one in (self.indicator, self.area, self.period))


@cache
def indicator_names(project: Project) -> dict[str, str]:
    """Indicator ids by folded name."""
    found: dict[str, str] = {}
    for one in catalogue.load_indicators(project).values():
        plain = own_values.half(one.zh)
        short = plain.split("(")[0]
        inner = plain[plain.find("(") + 1 : plain.find(")")] if "(" in plain else ""
        for name in (one.id, one.zh, one.en, plain, short, *SHORT.get(one.id, "").split()):
            found.setdefault(folded(name), one.id)
        if inner and not own_values.is_unit(inner):
            found.setdefault(folded(inner), one.id)
    return found


def head_of(project: Project, parts: Sequence[str]) -> Head:
    """What the rows of a column's head say, in any order."""
    known = indicator_names(project)
    found: dict[str, str] = {}
    unit = ""
    for part in parts:
        name, stated = own_values.unit_of(part)
        unit = unit or stated
        if own_values.is_unit(part.strip("()（）")):
            unit = part.strip("()（）")
            continue
        period = own_values.period(name)
        code = own_names.match(project, name).code
        indicator = known.get(folded(name))
        if period is not None:
            found.setdefault("period", period)
        elif indicator is not None:
            found.setdefault("indicator", indicator)
        elif code is not None and own_names.match(project, name).how != "part":
            found.setdefault("area", code)
        else:
            _in_one(project, name, known, found)
    return Head(found.get("indicator"), found.get("area"), found.get("period"), unit)


def _in_one(project: Project, name: str, known: Mapping[str, str], found: dict[str, str]) -> None:
    """A head such as ``2025年PM2.5``, ``PM2.5 2025年`` or ``2025年12月优良率``."""
    plain = own_values.half(name)
    for length in range(len(plain) - 1, 3, -1):
        for part, rest in ((plain[:length], plain[length:]), (plain[-length:], plain[:-length])):
            period = own_values.period(part.strip(" _-"))
            indicator = known.get(folded(rest))
            if period is not None and indicator is not None:
                found.setdefault("period", period)
                found.setdefault("indicator", indicator)
                return


def is_head(project: Project) -> Callable[[str], bool]:
    """Whether a text heads a column of figures."""

    def known(text: str) -> bool:
        return head_of(project, [text]).says > 0

    return known


def build(
    project: Project, found: Found, columns: Columns, options: Options, ledger: Ledger
) -> pd.DataFrame:
    """Rows of ``observations`` as text, indexed by row number in the file.

    Raises
    ------
    UnknownNameError
        The indicator that the user names does not exist.
    """
    known = catalogue.load_indicators(project)
    if options.indicator is not None and options.indicator not in known:
        raise unknown_name("指标", "indicator", options.indicator, known)
    heads = {at: head_of(project, found.heads[at]) for at in columns.left(len(found.heads))}
    figures = {at: one for at, one in heads.items() if one.says}
    if "value" in columns.places:
        figures[columns.places["value"]] = Head(unit=columns.units.get("value", ""))
    if not figures:
        figures = _only_one(found, columns, ledger)
    long = [_column(found, columns, at, head) for at, head in figures.items()]
    if not long:
        return pd.DataFrame(columns=["indicator", "area", "period"])
    rows = pd.concat(long)
    rows = rows[~rows["text"].isin(list(BLANKS)).to_numpy(dtype=bool)]
    rows = _areas(project, rows, options, ledger)
    rows = _periods(rows, found, options, ledger)
    rows = _indicators(project, rows, options, ledger)
    if ledger.questions:
        return rows
    return _valued(project, rows, options, ledger)


def figure_columns(project: Project, found: Found, columns: Columns) -> dict[int, Head]:
    """The columns that hold figures by place, apart from one that is called value."""
    heads = {at: head_of(project, found.heads[at]) for at in columns.left(len(found.heads))}
    return {at: one for at, one in heads.items() if one.says}


def _only_one(found: Found, columns: Columns, ledger: Ledger) -> dict[int, Head]:
    numeric = [
        at
        for at in columns.left(len(found.heads))
        if pd.to_numeric(found.cells[at], errors="coerce").notna().any()
    ]
    if len(numeric) == 1:
        at = numeric[0]
        return {at: Head(unit=own_values.unit_of(found.names()[at])[1])}
    listed = "、".join(found.names())
    ledger.ask(
        "columns",
        "--map",
        f"没有认出数值列，请指定（列=value）；现有列：{listed}",
        f"No column of figures was recognised; name it (column=value). There are: {listed}",
        [(f"{found.names()[at]}=value", Text(zh="数值", en="value")) for at in numeric],
    )
    return {}


def _column(found: Found, columns: Columns, at: int, head: Head) -> pd.DataFrame:
    cells = {
        name: found.cells[columns.places[name]].astype(str)
        for name in ("indicator", "area", "period", "unit", "source", "quality", "note_zh")
        if name in columns.places
    }
    made = pd.DataFrame(cells, dtype=object)
    made["text"] = found.cells[at].astype(str).astype(object)
    for name, said in (("indicator", head.indicator), ("area", head.area), ("period", head.period)):
        if said is not None:
            made[name] = said
        elif name not in made:
            made[name] = ""
    own = made["unit"] if "unit" in made else pd.Series("", index=made.index)
    made["unit"] = own.where(own.ne(""), head.unit)
    made["head"] = found.names()[at]
    return made.set_index(found.numbers)


def _areas(project: Project, rows: pd.DataFrame, options: Options, ledger: Ledger) -> pd.DataFrame:
    if rows["area"].eq("").all():
        ledger.ask(
            "area",
            "--map",
            "没有认出区名列，请指定（列=area）",
            "No column of districts was recognised; name it (column=area)",
        )
        return rows
    numbers = rows.index.to_numpy(dtype=np.int64)
    places, different = pd.factorize(rows["area"].astype(object))
    known = [_area_of(project, str(one), options) for one in different]
    tell_names(project, known, places, numbers, ledger, parts=False)
    for at, one in enumerate(known):
        at_rows = np.unique(numbers[places == at])
        if one.how == "part":
            ledger.add(
                "rejected",
                f"“{one.text}”{one.since}年已撤销，其数值不是今区的数值",
                f"“{one.text}” was dissolved in {one.since}; its figures are not today's",
                at_rows,
            )
        elif one.code is None:
            shown = one.text or "（空）"
            ledger.add("rejected", f"没有区名：{shown}", f"No district: {shown}", at_rows)
    codes = np.array([one.code if one.how != "part" else None for one in known], dtype=object)
    return rows.assign(area=codes[places])[[one is not None for one in codes[places]]]


def _area_of(project: Project, text: str, options: Options) -> own_names.Match:
    """The district of a name, or the unit of the boundary set that the figures are of."""
    if options.within is not None:
        return own_names.match_unit(project, options.within, text, options.names)
    return own_names.match(project, text, options.names)


def _periods(rows: pd.DataFrame, found: Found, options: Options, ledger: Ledger) -> pd.DataFrame:
    said = own_values.period(options.period) if options.period else None
    if options.period and said is None:
        raise unknown_name("时间", "period", options.period, ("2025", "2025-08"))
    if rows["period"].eq("").any() and said is None:
        seen = [own_values.periods_in(one) for one in found.above]
        choices = [(one, Text(zh="见表题", en="as in the title")) for each in seen for one in each]
        ledger.ask(
            "period",
            "--period",
            "表中没有写明时间，请指定年或月",
            "The table does not say the period; name the year or month",
            choices,
        )
        return rows
    places, different = pd.factorize(rows["period"].astype(object))
    read = [own_values.period(str(one)) if one else said for one in different]
    for at, one in enumerate(read):
        day = own_values.counted_day(str(different[at])) if one is None else None
        if day is not None:
            read[at] = day
            ledger.add(
                "proposed",
                f"时间“{different[at]}”按 Excel 的日期序号读作 {day}",
                f"The period “{different[at]}” is read as a day that Excel counts, {day}",
                np.unique(rows.index[places == at]),
            )
        elif one is None:
            text = str(different[at])
            ledger.add(
                "rejected",
                f"时间“{text}”不是年或月",
                f"The period “{text}” is neither a year nor a month",
                np.unique(rows.index[places == at]),
            )
    made = np.array(read, dtype=object)[places]
    kept = np.array([one is not None for one in made], dtype=bool)
    return rows.assign(period=made)[kept]


def _indicators(
    project: Project, rows: pd.DataFrame, options: Options, ledger: Ledger
) -> pd.DataFrame:
    known = indicator_names(project)
    if rows["indicator"].eq("").any() and options.indicator is None:
        titles = catalogue.load_indicators(project)
        heads = "、".join(dict.fromkeys(rows.loc[rows["indicator"].eq(""), "head"]))
        ledger.ask(
            "indicator",
            "--indicator",
            f"列 {heads} 没有写明是什么指标，请指定",
            f"The columns {heads} do not say which indicator they are; name it",
            [(one.id, Text(zh=one.zh, en=one.en)) for one in titles.values()][:8],
        )
        return rows
    made = []
    for name in rows["indicator"]:
        made.append(
            known.get(folded(own_values.unit_of(str(name))[0]), None) if name else options.indicator
        )
    lost = np.array([one is None for one in made], dtype=bool)
    for name in dict.fromkeys(rows["indicator"][lost]):
        at = rows.index[lost & rows["indicator"].eq(name).to_numpy(dtype=bool)]
        ledger.add(
            "rejected",
            f"没有名为“{name}”的指标",
            f"There is no indicator “{name}”",
            np.unique(at),
        )
    return rows.assign(indicator=pd.Series(made, index=rows.index, dtype=object))[~lost]


def _valued(project: Project, rows: pd.DataFrame, options: Options, ledger: Ledger) -> pd.DataFrame:
    """Values in the unit of their indicator, within its range, each figure once."""
    done = []
    for indicator_id, some in rows.groupby("indicator", sort=False):
        one = catalogue.load_indicators(project)[str(indicator_id)]
        done += [
            _values(one, each, options, ledger) for _, each in some.groupby("unit", sort=False)
        ]
    if not done:
        return rows.assign(value=np.empty(0))
    whole = pd.concat(done).sort_index(kind="stable")
    key = ["indicator", "area", "period"]
    again = whole.duplicated(key, keep=False)
    differs = again & whole.groupby(key)["value"].transform("nunique").gt(1)
    if differs.any():
        ledger.add(
            "rejected",
            "同一指标、区和时间有不同的数值",
            "The same indicator, area and period have different values",
            np.unique(whole.index[differs]),
        )
    twice = whole.duplicated(key) & ~differs
    if twice.any():
        ledger.add(
            "duplicate",
            "同一指标、区和时间重复",
            "The same indicator, area and period again",
            np.unique(whole.index[twice]),
            lost=False,
        )
    return whole[~differs & ~twice]


def _values(one: Indicator, rows: pd.DataFrame, options: Options, ledger: Ledger) -> pd.DataFrame:
    unit = str(rows["unit"].iloc[0]) or options.unit or ""
    numbers = rows.index.to_numpy(dtype=np.int64)
    low, high = one.valid
    values, wrong, misfit = own_values.numbers(rows["text"].astype(str), unit, one.unit)
    if wrong.any():
        example = rows["text"].iloc[int(wrong.argmax())]
        zh = f"单位 {unit} 不能换算成 {one.unit}" if misfit else "不是数字"
        en = f"in {unit} cannot be turned into {one.unit}" if misfit else "is not a number"
        ledger.add(
            "rejected",
            f"{one.zh}“{example}”{zh}",
            f"{one.en} “{example}” {en}",
            np.unique(numbers[wrong]),
        )
    outside = (values < low) | (values > high)
    if outside.any():
        ledger.add(
            "rejected",
            f"{one.zh} {values[int(outside.argmax())]:g} 超出 [{low:g}, {high:g}] {one.unit}",
            f"{one.en} {values[int(outside.argmax())]:g} is outside [{low:g}, {high:g}] {one.unit}",
            np.unique(numbers[outside]),
        )
    if unit and own_values.half(unit) != own_values.half(one.unit) and not misfit:
        factor = own_values.factor(unit, one.unit)
        if factor not in (None, 1.0):
            ledger.add(
                "note",
                f"{one.zh}由 {unit} 换算为 {one.unit}（× {factor:.6g}）",
                f"{one.en} is turned from {unit} into {one.unit} (× {factor:.6g})",
            )
    elif not unit and one.unit:
        ledger.add(
            "proposed",
            f"{one.zh}没有写明单位，按 {one.unit} 读取",
            f"{one.en} states no unit and is read in {one.unit}",
        )
    made = rows.assign(value=values, unit=one.unit)
    return made[~(wrong | outside | np.isnan(values))]


def as_cells(rows: pd.DataFrame, declared: Mapping[str, Column], options: Options) -> pd.DataFrame:
    """The rows in the columns of ``observations``, as text; the source is left blank."""
    count = len(rows)
    quality = rows["quality"] if "quality" in rows else own_cells.blank(count)
    found = {name: rows[name] for name in ("indicator", "area", "period", "unit")}
    found["value"] = own_cells.text_of(rows["value"].to_numpy(dtype=float))
    found["quality"] = quality.where(quality.ne("").to_numpy(), options.quality or "")
    found["basis"] = pd.Series(["stated"] * count, dtype=str)
    if "note_zh" in rows:
        found["note_zh"] = rows["note_zh"]
    plain = {name: one.astype(str).reset_index(drop=True) for name, one in found.items()}
    return own_cells.filled(plain, declared, count).set_index(rows.index)
