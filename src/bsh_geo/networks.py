"""Declared networks in (``data/readings/<id>.toml``); items, their bounds and column names out.

A network is a kind of monitoring: which items its stations measure, how often, in which unit and
range, and by which names files call them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, cached_property
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from bsh_geo import catalogue
from bsh_geo.catalogue import Closed, NamedFile, SchemaFault, Text, declared_file
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project

Grain = Literal["hour", "day", "sample"]
Moments = npt.NDArray[np.datetime64]

_NAME = re.compile(r"^[a-z][a-z0-9_]{0,30}$")
RESERVED = ("station", "time", "date", "batch", "row")
"""Columns of the store beside the items."""

_UNIT = r"[a-zμ%°][a-zμ%°0-9·.*/^−-]*"
_BARE_UNITS = ("ppb", "ppbv", "ppm", "ppmv", "ppt", "%", "℃", "°c", "ntu", "mg", "μg", "ug", "ng")
_SPELLINGS = {
    "μg/m3": "μg/m³", "ug/m3": "μg/m³", "μgm-3": "μg/m³", "ugm-3": "μg/m³",
    "mg/m3": "mg/m³", "mgm-3": "mg/m³", "mg/l": "mg/L", "μg/l": "μg/L", "ug/l": "μg/L",
}  # fmt: skip
"""Units as files write them, folded, and as the declarations do."""


class Item(Closed):
    """What a station measures; a value outside ``min`` … ``max`` (inclusive) is no reading.

    ``daily`` says what a day is made of: the mean of its values, or the largest mean of eight
    consecutive hours (ozone, HJ 663).
    """

    title: Text
    unit: Annotated[str, Field(min_length=1)]
    min: float
    max: float
    decimals: int = Field(ge=0, le=6)
    aliases: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    daily: Literal["mean", "eight_hour"] = "mean"

    @model_validator(mode="after")
    def _range_is_one(self) -> Item:
        if not (np.isfinite([self.min, self.max]).all() and self.min < self.max):
            raise SchemaFault(
                f"min {self.min:g} 应小于 max {self.max:g}，且都是有限数",
                f"min {self.min:g} should be below max {self.max:g}, both finite",
            )
        return self


class Network(NamedFile):
    """A kind of monitoring: a file ``data/readings/<id>.toml``.

    ``endings`` may follow an item's name in a file without changing what it is, ``derived`` make
    it something else (a running mean, an index), ``ignored`` are whole names that are no item.
    """

    title: Text
    stations: str
    grain: Grain
    endings: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    items: dict[str, Item] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_plain(self) -> Network:
        for name in (self.id, *self.items):
            if not _NAME.match(name) or name in RESERVED:
                raise SchemaFault(
                    f"编号 {name} 应以小写字母开头，只含小写字母、数字与下划线，"
                    f"且不是 {'、'.join(RESERVED)}",
                    f"the id {name} should begin with a small letter, hold only small letters, "
                    f"digits and underscores, and be none of {', '.join(RESERVED)}",
                )
        for name, item in self.items.items():
            if item.daily == "eight_hour" and self.grain != "hour":
                raise SchemaFault(
                    f"items.{name} 的 daily 为 eight_hour，但 grain 不是 hour",
                    f"items.{name} has daily eight_hour, but the grain is not hour",
                )
        return self

    @model_validator(mode="after")
    def _columns_of_days_differ(self) -> Network:
        columns = self.day_columns
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise SchemaFault(
                f"日值表的列 {twice[0]} 由两个项目得出，请改项目编号",
                f"two items give the daily column {twice[0]}; rename one",
            )
        return self

    @model_validator(mode="after")
    def _names_are_of_one_item(self) -> Network:
        owner: dict[str, str] = {}
        for item, names in self._spelled().items():
            for name in names:
                other = owner.setdefault(name, item)
                if other != item:
                    raise SchemaFault(
                        f"列名 {name} 既属于 {other or 'ignored'} 又属于 {item or 'ignored'}",
                        f"the column name {name} belongs to both {other or 'ignored'} and "
                        f"{item or 'ignored'}",
                    )
        return self

    def _spelled(self) -> dict[str, list[str]]:
        """Folded names by item; those of no item under ``""``."""
        endings = ["", *map(folded, self.endings)]
        found: dict[str, list[str]] = {"": [folded(name) for name in self.ignored]}
        for id_, item in self.items.items():
            names = {folded(name) for name in (id_, item.title.zh, item.title.en, *item.aliases)}
            found[id_] = [name + ending for name in names for ending in endings]
            found[""] += [
                name + folded(made) + ending
                for name in names
                for made in self.derived
                for ending in endings
            ]
        return found

    @cached_property
    def item_names(self) -> dict[str, str]:
        """The item of each folded column name; of those that are no item, ``""``."""
        return {name: item for item, names in self._spelled().items() for name in names}

    @property
    def counted(self) -> str:
        """What the values of a day are: the ending of the columns that count them."""
        return "hours" if self.grain == "hour" else "count"

    @property
    def day_columns(self) -> list[str]:
        """Columns of a day beside ``station`` and ``date``, in order."""
        columns: list[str] = []
        for name, item in self.items.items():
            if item.daily == "eight_hour":
                columns += [f"{name}_8h", f"{name}_8h_windows", f"{name}_1h"]
            else:
                columns.append(name)
            columns.append(f"{name}_{self.counted}")
        return columns


@cache
def networks(project: Project) -> dict[str, Network]:
    """Every declared network by id.

    Raises
    ------
    DataError
        A declaration breaks the schema, or names a dataset of stations that there is not.
    """
    found: dict[str, Network] = {}
    for name, path in project.files("data/readings", ".toml").items():
        network = declared_file(project, path, Network)
        if network.stations not in catalogue.load_datasets(project):
            shown = project.shown(path)
            raise DataError(
                f"{shown}：stations 为 {network.stations}，应为 data/datasets/ 中声明的数据集。",
                f"{shown}: stations is {network.stations}; a dataset declared in data/datasets/ "
                "was expected.",
            )
        found[name] = network
    return found


def network_of(project: Project, network_id: str) -> Network:
    """The network with that id, which must be declared."""
    known = networks(project)
    if network_id not in known:
        raise unknown_name("监测网络", "network", network_id, known)
    return known[network_id]


def folded(name: str) -> str:
    """A name without case, width, subscripts, spaces and punctuation: ``PM₂.₅`` is ``pm25``."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(one for one in plain if one.isalnum())


def item_of(network: Network, header: str) -> tuple[str, str | None] | None:
    """The item that a column's head stands for, and the unit it states, if any.

    None for columns of something else, and for what is derived from the item (``PM2.5_24h``,
    ``O3_8h``, ``AQI``): a running mean is not an hourly value. The unit is spelled as in the
    declarations where it is known (``ug/m3`` is ``μg/m³``), else as it stands.
    """
    name, unit = _split_unit(header)
    item = _named(network, name)
    return (item, unit) if item else None


def is_derived(network: Network, header: str) -> bool:
    """Whether a column's head is known and stands for something that is no item's own value."""
    return _named(network, _split_unit(header)[0]) == ""


def _named(network: Network, name: str) -> str | None:
    """The item of a name without unit; ``""`` where it is known to be none."""
    names = network.item_names
    whole = names.get(folded(name))
    if whole is not None:
        return whole
    bracket = re.search(r"[(\[【（]([^()\[\]【】（）]+)[)\]】）]", name)
    if bracket is None:
        return None
    # 细粒子（PM2.5）: only where both name the same; 臭氧（滑动） says more than ozone.
    outside = names.get(folded(name[: bracket.start()] + name[bracket.end() :]))
    return outside if outside == names.get(folded(bracket.group(1))) else None


def _split_unit(header: str) -> tuple[str, str | None]:
    """A head and the unit in or behind it: in brackets, or after a stroke, comma or space."""
    plain = unicodedata.normalize("NFKC", header).strip().replace("【", "[").replace("】", "]")
    for found in re.finditer(r"[(\[]([^()\[\]]+)[)\]]", plain):
        text = found.group(1).strip()
        if _is_unit(text):
            head = plain[: found.start()].rstrip(" /_,") + plain[found.end() :]
            return head.strip(), _unit(text)
    tail = re.search(rf"^(.+?)[\s/,_:]+({_UNIT})$", plain, re.IGNORECASE)
    if tail and _is_unit(tail.group(2)):
        return tail.group(1), _unit(tail.group(2))
    return plain, None


def _is_unit(text: str) -> bool:
    small = text.casefold()
    if small in _BARE_UNITS:
        return True
    per = re.search(r"[/·*^]|−\d|-\d", small) is not None
    return per and re.fullmatch(_UNIT, small) is not None


def _unit(text: str) -> str:
    plain = re.sub(r"[·.*^\s]", "", text.casefold().replace("−", "-"))
    return _SPELLINGS.get(plain, text)


def days_of(network: Network, times: Moments) -> Moments:
    """The day that each time belongs to, as ``datetime64[D]``.

    An hourly value is labelled with the end of its hour, so 00:00 ends the day before (日报为当日
    零点前 24 小时, HJ 633-2012); daily values and samples belong to the date that they carry.
    """
    moments = times.astype("datetime64[us]")
    if network.grain == "hour":
        moments = moments - np.timedelta64(1, "s")
    days: Moments = moments.astype("datetime64[D]")
    return days


def on_grain(network: Network, times: Moments) -> npt.NDArray[np.bool_]:
    """Which times the grain allows: full hours, days at midnight, any moment of a sample."""
    step = {"hour": "h", "day": "D", "sample": "us"}[network.grain]
    moments = times.astype("datetime64[us]")
    fits: npt.NDArray[np.bool_] = moments == moments.astype(f"datetime64[{step}]")
    return fits
