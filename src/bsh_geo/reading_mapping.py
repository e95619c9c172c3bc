"""What the columns of a file are used for: the mapping, as a file of its own, and as shown."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from bsh_geo.catalogue import Closed, Text, declared
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.networks import Network, folded, is_derived, item_of
from bsh_geo.project import read_toml
from bsh_geo.reading_times import LOCAL, checked_zone
from bsh_geo.reading_units import factor, no_unit

Shape = Literal["national", "long", "wide"]
Role = Literal["code", "name", "time", "date", "hour", "item", "value", "unit"]

SHAPES: dict[Shape, Text] = {
    "national": Text(
        zh="全国发布平台日文件（每站一列）", en="national daily file, a column per station"
    ),
    "long": Text(zh="长表（每行一个数值）", en="long table, a row per value"),
    "wide": Text(zh="宽表（每个项目一列）", en="wide table, a column per item"),
}


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded(name) for name in text.split()))


ROLES: dict[Role, tuple[str, ...]] = {
    "code": _names(
        "站点编码 站点编号 站点代码 测点编码 测点编号 测点代码 点位编码 点位编号 点位代码 "
        "监测点编码 监测点编号 监测点代码 监测站编码 监测站编号 站号 站点ID 测站编码 站码 "
        "stationcode stationid sitecode siteid code 编码 编号 station site "
        "站点 测点 点位 监测点 监测站 监测点位 断面编码"
    ),
    "name": _names(
        "站点名称 测点名称 点位名称 监测点名称 监测站名称 监测点位名称 站名 测站名称 子站名称 "
        "stationname sitename positionname pointname name 名称 断面名称"
    ),
    "time": _names(
        "监测时间 数据时间 采样时间 时间 日期时间 观测时间 发布时间 timepoint datetime time "
        "timestamp monitortime datatime publishtime 时间点"
    ),
    "date": _names("日期 监测日期 数据日期 采样日期 年月日 date day data_date"),
    "hour": _names("小时 监测小时 时 时刻 时次 钟点 hour hr hh"),
    "item": _names(
        "监测项目 监测因子 污染物 项目 因子 指标 参数 监测指标 污染物名称 因子名称 项目名称 item "
        "type parameter pollutant pollutantname factor variable 类型"
    ),
    "value": _names(
        "浓度 监测值 数值 值 浓度值 监测浓度 小时浓度 小时均值 实测值 监测结果 监测数据 数据 value "
        "concentration conc data result"
    ),
    "unit": _names("单位 计量单位 浓度单位 unit units"),
}
"""Names of columns by use, folded, the plainest first."""

USES: dict[Role, Text] = {
    "code": Text(zh="站点", en="station"),
    "name": Text(zh="站点", en="station"),
    "time": Text(zh="时间", en="time"),
    "date": Text(zh="日期", en="date"),
    "hour": Text(zh="小时", en="hour"),
    "item": Text(zh="监测项目", en="item"),
    "value": Text(zh="数值", en="value"),
    "unit": Text(zh="单位", en="unit"),
}

_STATION_CODE = re.compile(r"\d{3,5}[A-Za-z]")


class Mapping(Closed):
    """How tables of one head are read; columns by their heads, blank where there is none.

    ``items`` gives the item of a column (wide) or of a text in the column of items (long,
    national), for names that the network does not list. ``units`` are those in which the file
    gives an item, ``stated`` the one that the head of the values states for all; ``missing`` are
    further texts or numbers that stand for no value.
    """

    network: str
    shape: Shape
    station: str = ""
    time: str = ""
    date: str = ""
    hour: str = ""
    item: str = ""
    value: str = ""
    unit: str = ""
    zone: str = LOCAL
    stated: str = ""
    missing: tuple[str, ...] = ()
    items: dict[str, str] = {}  # noqa: RUF012  pydantic copies the default
    units: dict[str, str] = {}  # noqa: RUF012


@lru_cache(maxsize=256)
def fingerprint(header: tuple[str, ...]) -> str:
    """What tells one head from another: columns of station codes count as one."""
    plain = ["*" if _STATION_CODE.fullmatch(name) else folded(name) for name in header]
    kept = list(dict.fromkeys(plain)) if "*" in plain else plain
    return hashlib.sha256("\x1f".join(kept).encode()).hexdigest()[:16]


def place(header: Sequence[str], name: str, where: str) -> int:
    """The place of a column by its head, spelled as in the file or nearly so.

    Raises
    ------
    DataError
        There is none, or more than one.
    """
    same = [at for at, one in enumerate(header) if one == name] or [
        at for at, one in enumerate(header) if folded(one) == folded(name)
    ]
    if len(same) != 1:
        found_zh, found_en = ("没有", "no") if not same else (f"有{len(same)}个", str(len(same)))
        raise DataError(
            f"{where}：{found_zh}名为“{name}”的列。",
            f"{where}: there is {found_en} column “{name}”."
            if not same
            else f"{where}: there are {found_en} columns “{name}”.",
        )
    return same[0]


def head_of(peek: Sequence[Sequence[str]], mapping: Mapping, where: str) -> int:
    """The row (from 0) that has every column of the mapping."""
    needed = {folded(name) for name in columns_of(mapping)}
    for at, row in enumerate(peek):
        if needed <= {folded(cell) for cell in row}:
            return at
    first = max(peek, key=lambda row: len(needed & {folded(cell) for cell in row}), default=())
    lacking = next(
        name for name in columns_of(mapping) if folded(name) not in {folded(one) for one in first}
    )
    raise DataError(
        f"{where}：没有映射所说的列“{lacking}”。",
        f"{where}: the column “{lacking}” of the mapping is not there.",
    )


def columns_of(mapping: Mapping) -> list[str]:
    """The heads that a mapping names."""
    plain = (
        *(mapping.station, mapping.time, mapping.date, mapping.hour),
        *(mapping.item, mapping.value, mapping.unit),
    )
    wide = mapping.items if mapping.shape == "wide" else {}
    return [name for name in (*plain, *wide) if name]


def checked(mapping: Mapping, network: Network, where: str) -> Mapping:
    """The mapping, which must fit its network and have the columns that its shape needs.

    Raises
    ------
    DataError
        It does not.
    """
    if mapping.network != network.id:
        raise DataError(
            f"{where} 属于监测网络 {mapping.network}，现在导入的是 {network.id}。",
            f"{where} is of the network {mapping.network}; {network.id} is being imported.",
        )
    for item in (*mapping.items.values(), *mapping.units):
        if item not in network.items:
            raise unknown_name("监测项目", "item", item, network.items)
    for item, unit in mapping.units.items():
        if factor(unit, network.items[item].unit) is None:
            raise no_unit(where, network, item, unit)
    needs = {
        "time（或 date 与 hour）": bool(mapping.time or (mapping.date and mapping.hour)),
        "item": bool(mapping.item) or mapping.shape == "wide",
        "value": bool(mapping.value) or mapping.shape != "long",
        "items": bool(mapping.items) or mapping.shape != "wide",
    }
    lacking = [name for name, there in needs.items() if not there]
    if lacking:
        raise DataError(
            f"{where} 缺少 {lacking[0]}，{SHAPES[mapping.shape].zh}需要它。",
            f"{where} lacks {lacking[0]}, which a {SHAPES[mapping.shape].en} needs.",
        )
    checked_zone(mapping.zone)
    return mapping


def read(path: Path) -> Mapping:
    """The mapping of a file, as it stands there (see ``checked``)."""
    try:
        return declared(Mapping, read_toml(path, path.name), path.name)
    except OSError as error:
        raise DataError(
            f"无法读取映射文件 {path}：{error.strerror}。",
            f"Cannot read the mapping {path}: {error.strerror}.",
        ) from error


def as_toml(mapping: Mapping, header: Sequence[str]) -> str:
    """The text of a mapping's file, which can be changed by hand and given again."""
    told = "、".join(name for name in header[:40] if name)
    lines = ["# " + "".join(sign if sign.isprintable() else " " for sign in told)]
    content = mapping.model_dump()
    tables = {name: content.pop(name) for name in ("items", "units")}
    lines += [f"{name} = {_toml(value)}" for name, value in content.items() if value]
    for name, table in tables.items():
        if table:
            lines += [
                "",
                f"[{name}]",
                *(f"{_toml(key)} = {_toml(one)}" for key, one in table.items()),
            ]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def shown(
    mapping: Mapping, header: Sequence[str], network: Network, station: str, lang: str
) -> list[tuple[str, str, str]]:
    """Column, use and note of each column that is read or known to be left out."""
    en = lang == "en"
    rows = []
    for role, name in _roles(mapping):
        note = "" if role not in ("time", "date") or mapping.zone == LOCAL else mapping.zone
        rows.append((name, USES[role].get(lang), note))
    if mapping.shape != "national" and not mapping.station:
        source = "from the name or --station" if en else "文件名或 --station"
        rows.append((f"({source})", USES["code"].get(lang), station))
    for name, item in mapping.items.items():
        rows.append(
            (name, network.items[item].title.get(lang), _unit_note(mapping, network, name, lang))
        )
    if mapping.shape == "national":
        count = len([name for name in header if name not in columns_of(mapping)])
        note = "one column each" if en else "每站一列"
        rows.append((f"{count} columns" if en else f"{count} 列", USES["code"].get(lang), note))
    if mapping.shape != "wide":
        for item, unit in mapping.units.items():
            own = network.items[item]
            rows.append((own.title.get(lang), USES["unit"].get(lang), f"{unit} → {own.unit}"))
    left = [name for name in header if name and is_derived(network, name)]
    if left and mapping.shape == "wide":
        why = "not an hourly value, left out" if en else "不是小时值，不读"
        rows.append((", ".join(left) if en else "、".join(left), "—", why))
    return rows


def _roles(mapping: Mapping) -> list[tuple[Role, str]]:
    pairs: list[tuple[Role, str]] = [
        ("code", mapping.station),
        ("time", mapping.time),
        ("date", mapping.date),
        ("hour", mapping.hour),
        ("item", mapping.item),
        ("value", mapping.value),
        ("unit", mapping.unit),
    ]
    return [(role, name) for role, name in pairs if name]


def _unit_note(mapping: Mapping, network: Network, name: str, lang: str) -> str:
    item = mapping.items[name]
    unit = network.items[item].unit
    given = mapping.units.get(item)
    if given and factor(given, unit) != 1.0:
        return f"{given} × {factor(given, unit):g} → {unit}"
    stated = item_of(network, name)
    if given or (stated and stated[1]):
        return unit
    return f"{unit} (not stated)" if lang == "en" else f"{unit}（未注明）"


def flat(mapping: Mapping) -> dict[str, str]:
    """The mapping for the record of an import: heads by use, items by head, units by item."""
    return {
        "shape": mapping.shape,
        "zone": mapping.zone,
        **{name: USES[role].en for role, name in _roles(mapping)},
        **mapping.items,
        **{f"unit of {item}": unit for item, unit in mapping.units.items()},
    }
