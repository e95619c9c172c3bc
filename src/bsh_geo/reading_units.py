"""Units as files and users write them in, factors to the unit of the network out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bsh_geo.errors import DataError
from bsh_geo.networks import Network

_MASS = {"ng": 1e-3, "μg": 1.0, "mg": 1e3, "g": 1e6}
_PER = {"m³": "m³", "l": "L"}
_VOLUME = ("ppb", "ppbv", "ppm", "ppmv", "ppt")
_WORDS = {"微克": "μg", "毫克": "mg", "纳克": "ng", "克": "g", "立方米": "m³", "升": "l", "每": "/"}


def spelled(text: str) -> str:
    """A unit in one spelling: ``ug/m3``, ``微克/立方米`` and ``μg·m-3`` are ``μg/m³``."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold().replace("µ", "μ")
    for word, sign in _WORDS.items():
        plain = plain.replace(word, sign)
    plain = re.sub(r"[\s·.*^()]", "", plain.replace("−", "-"))
    plain = re.sub(r"^ug", "μg", plain)
    plain = re.sub(r"^(.+?)/?m-3$", r"\1/m3", plain).replace("m3", "m³")
    mass, _, per = plain.partition("/")
    if mass in _MASS and per in _PER:
        return f"{mass}/{_PER[per]}"
    return plain


def factor(found: str, wanted: str) -> float | None:
    """What a value in ``found`` is multiplied by to be in ``wanted``; None if there is no such."""
    one, other = spelled(found), spelled(wanted)
    if one == other:
        return 1.0
    mass, _, per = one.partition("/")
    target, _, same = other.partition("/")
    if per == same and per in _PER.values() and mass in _MASS and target in _MASS:
        return _MASS[mass] / _MASS[target]
    return None


def no_unit(where: str, network: Network, item: str, found: str) -> DataError:
    """The fault of a unit that cannot be turned into the item's without knowing more."""
    title, unit = network.items[item].title, network.items[item].unit
    if spelled(found) in _VOLUME:
        return DataError(
            f"{where}：{title.zh}的单位为 {found}，是体积浓度，换算取决于温度和气压，"
            f"请换算成 {unit} 后再导入。",
            f"{where}: {title.en} is in {found}; a volume fraction depends on temperature and "
            f"pressure. Convert it to {unit} first.",
        )
    return DataError(
        f"{where}：{title.zh}的单位“{found}”不能换算成 {unit}。",
        f"{where}: the unit “{found}” of {title.en} cannot be turned into {unit}.",
    )


def unagreed(where: str, network: Network, item: str, found: str) -> DataError:
    """The fault of a unit that could be converted, had somebody said that it should."""
    title, unit = network.items[item].title, network.items[item].unit
    return DataError(
        f"{where}：{title.zh}的单位写为 {found}，应为 {unit}；"
        f"确认要换算请用 --unit {item}={found}，数值其实已是 {unit} 请用 --unit {item}={unit}。",
        f"{where}: {title.en} is given in {found}, {unit} was expected; to have it converted say "
        f"--unit {item}={found}, if the values are in {unit} say --unit {item}={unit}.",
    )


def item_factor(
    where: str, network: Network, item: str, stated: str | None, agreed: Mapping[str, str]
) -> float:
    """The factor for an item whose file states a unit (or none), given what was agreed on.

    Raises
    ------
    DataError
        The unit is not the item's and nobody agreed on a conversion, or there is none.
    """
    unit = agreed.get(item) or stated or network.items[item].unit
    found = factor(unit, network.items[item].unit)
    if found is None:
        raise no_unit(where, network, item, unit)
    if found != 1.0 and item not in agreed:
        raise unagreed(where, network, item, unit)
    return found
