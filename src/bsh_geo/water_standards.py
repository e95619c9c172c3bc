"""Declared limits of water in (``data/standards/water/<id>.toml``), limits by item and kind out.

GB 3838-2002 grades surface water in five classes and a worse one, by item and kind of water (river,
lake); GB 3097-1997 sea water in four and a worse one. Nothing of a reading is known here.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from bsh_geo.catalogue import Closed, Colour, NamedFile, SchemaFault, Text, declared_file
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.networks import networks
from bsh_geo.project import Project

Rule = Literal["at_most", "at_least", "above", "within"]


class WaterClass(Closed):
    """A class, as it is named and drawn."""

    title: Text
    colour: Colour


class WaterKind(Closed):
    """A kind of water, and the items that do not count in its grade."""

    title: Text
    left_out: tuple[str, ...] = ()
    note: Text


class WaterLimit(Closed):
    """The limits of an item by class, the best class first.

    ``kind`` limits them to one kind of water. ``or_item`` is another item that fulfils the first
    classes by itself, being at least ``or_values`` (90 % of saturation for class I).
    """

    item: str
    kind: str | None = None
    rule: Rule
    unit: str
    values: tuple[float, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()
    or_item: str | None = None
    or_values: tuple[float, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _limits_grow_looser(self) -> WaterLimit:
        given = self.ranges if self.rule == "within" else self.values
        other = self.values if self.rule == "within" else self.ranges
        if not given or other:
            raise SchemaFault(
                f"项目 {self.item} 的 rule 为 {self.rule}，应"
                f"{'有 ranges 而无 values' if self.rule == 'within' else '有 values 而无 ranges'}",
                f"the item {self.item} has the rule {self.rule}; it needs "
                f"{'ranges and no values' if self.rule == 'within' else 'values and no ranges'}",
            )
        if not self._monotone():
            raise SchemaFault(
                f"项目 {self.item} 的限值应由严到宽",
                f"the limits of the item {self.item} must go from strict to loose",
            )
        if bool(self.or_item) != bool(self.or_values):
            raise SchemaFault(
                f"项目 {self.item} 的 or_item 与 or_values 应同时给出",
                f"or_item and or_values of the item {self.item} go together",
            )
        return self

    def _monotone(self) -> bool:
        if self.rule == "within":
            lows, highs = np.array(self.ranges).T
            return bool((np.diff(lows) <= 0).all() and (np.diff(highs) >= 0).all())
        steps = np.diff(self.values)
        return bool((steps >= 0).all() if self.rule == "at_most" else (steps <= 0).all())


class WaterEvaluation(Closed):
    """How many months a quarter and a year need to be graded by their mean concentrations."""

    quarter_months: int = Field(ge=1, le=3)
    year_months: int = Field(ge=1, le=12)
    clause: str
    source: str
    confirmed: bool
    note: Text


class WaterStandard(NamedFile):
    """Limits of water: a file ``data/standards/water/<id>.toml``.

    ``classes`` hold the worse-than-last one too. ``good`` is the last class that counts as 优良.
    ``reference`` names items that never count, for readers of the tables.
    """

    network: str
    title: Text
    source: str
    published: str
    in_force: str
    clause: str
    confirmed: bool
    note: Text
    good: int
    classes: tuple[WaterClass, ...] = Field(min_length=2)
    kinds: dict[str, WaterKind] = Field(min_length=1)
    reference: dict[str, Text] = Field(default_factory=dict)
    evaluation: WaterEvaluation
    limits: tuple[WaterLimit, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _all_fits(self) -> WaterStandard:
        count = len(self.classes) - 1
        for one in self.limits:
            if len(one.values or one.ranges) != count or len(one.or_values) > count:
                raise SchemaFault(
                    f"项目 {one.item} 应有 {count} 个限值，每类一个",
                    f"the item {one.item} needs {count} limits, one for each class",
                )
            if one.kind is not None and one.kind not in self.kinds:
                raise SchemaFault(
                    f"项目 {one.item} 的 kind 为 {one.kind}，应为 {'、'.join(self.kinds)} 之一",
                    f"the kind of the item {one.item} is {one.kind}; one of "
                    f"{', '.join(self.kinds)} was expected",
                )
        if not 1 <= self.good <= count:
            raise SchemaFault(f"good 应在 1 与 {count} 之间", f"good must lie from 1 to {count}")
        for kind in self.kinds:
            names = [one.item for one in self.limits if one.kind in (None, kind)]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise SchemaFault(
                    f"项目 {twice[0]} 对 {kind} 有两套限值",
                    f"the item {twice[0]} has two sets of limits for {kind}",
                )
        return self

    @property
    def worst(self) -> int:
        """The number of the class that is worse than the last limit: 6 (劣Ⅴ) or 5 (劣四类)."""
        return len(self.classes)

    def limits_of(self, kind: str) -> dict[str, WaterLimit]:
        """The limits of every item of a kind of water, those left out of its grade included.

        Raises
        ------
        UnknownNameError
            The standard knows no such kind.
        """
        if kind not in self.kinds:
            raise unknown_name("水体类型", "kind of water", kind, self.kinds)
        return {one.item: one for one in self.limits if one.kind in (None, kind)}

    def graded(self, kind: str) -> tuple[str, ...]:
        """The items that make up the grade of a kind of water."""
        out = self.kinds[kind].left_out if kind in self.kinds else ()
        return tuple(name for name in self.limits_of(kind) if name not in out)

    def class_title(self, number: int, lang: str) -> str:
        """The name of a class by its number, from 1."""
        return self.classes[number - 1].title.get(lang)


@cache
def water_standards(project: Project) -> dict[str, WaterStandard]:
    """Every standard of water by id.

    Raises
    ------
    DataError
        A declaration breaks the schema, or names a network or an item that is not declared.
    """
    found: dict[str, WaterStandard] = {}
    for name, path in project.files("data/standards/water", ".toml").items():
        standard = declared_file(project, path, WaterStandard)
        _fits_its_network(project, standard, project.shown(path))
        found[name] = standard
    return found


def _fits_its_network(project: Project, standard: WaterStandard, shown: str) -> None:
    """Items and units are those of the network that is graded."""
    known = networks(project)
    if standard.network not in known:
        raise DataError(
            f"{shown}：network 为 {standard.network}，应为 {'、'.join(known)} 之一。",
            f"{shown}: the network is {standard.network}; one of {', '.join(known)} was expected.",
        )
    items = known[standard.network].items
    for one in standard.limits:
        missing = [name for name in (one.item, one.or_item) if name and name not in items]
        if missing:
            raise DataError(
                f"{shown}：项目 {missing[0]} 未在 data/readings/{standard.network}.toml 中声明。",
                f"{shown}: the item {missing[0]} is not declared in "
                f"data/readings/{standard.network}.toml.",
            )
        unit = items[one.item].unit
        if one.unit and one.unit != unit:
            raise DataError(
                f"{shown}：项目 {one.item} 的单位为 {one.unit}，监测网络的单位为 {unit}。",
                f"{shown}: the item {one.item} is in {one.unit}; the network has it in {unit}.",
            )


def standard_of(project: Project, network: str) -> WaterStandard:
    """The newest standard that grades a network.

    Raises
    ------
    UnknownNameError
        No standard grades that network.
    """
    found = [one for one in water_standards(project).values() if one.network == network]
    if not found:
        graded = sorted({one.network for one in water_standards(project).values()})
        raise unknown_name("水质监测网络", "network of water", network, graded)
    return max(found, key=lambda one: one.in_force)
