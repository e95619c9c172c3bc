"""The cells of a raster and the user's answers in, what they stand for out: classes or amounts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsh_geo import land_classes
from bsh_geo.catalogue import Text
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.land_classes import ClassTable
from bsh_geo.own_options import Options
from bsh_geo.own_raster_look import MOST_CLASSES, Look
from bsh_geo.own_report import Ledger
from bsh_geo.project import Project

NO_TABLE = "none"
"""Said in the place of a class table: the values are amounts."""

UNITLESS = "1"
"""Said in the place of a unit: an amount without one, such as an index."""

NODATA = "nodata"

RAMPS: dict[str, tuple[str, ...]] = {
    "green": ("#f4f1de", "#a9c48f", "#2f6b4f"),
    "blue": ("#eef4f7", "#8fb8d0", "#24577a"),
    "red": ("#fbeee6", "#e2a07f", "#8c3a2b"),
    "purple": ("#f3eff6", "#b3a1cc", "#553a83"),
    "brown": ("#f6efe2", "#cfae7f", "#73502a"),
}
"""Colours of amounts, low to high; those between are mixed."""

PARTS = (0.2, 0.4, 0.6, 0.8)
"""Shares of the cells below each break, where the user names none."""


@dataclass(frozen=True, eq=False)
class Meant:
    """What the values stand for: classes of a table, or amounts with breaks."""

    table: ClassTable | None = None
    dropped: frozenset[int] = frozenset()
    breaks: tuple[float, ...] = ()
    palette: tuple[str, ...] = ()
    unit: str = ""


def meant_by(project: Project, found: Look, options: Options, ledger: Ledger) -> Meant:
    if not found.valid:
        return Meant()
    said = options.classes
    if said is None and not found.many:
        _ask_classes(project, found, ledger)
        return Meant()
    if said not in (None, NO_TABLE):
        return _classes(project, found, str(said), options, ledger)
    if said is None:
        ledger.add(
            "note",
            f"数值不是类别编码（有小数，或多于 {MOST_CLASSES} 种），按数量处理",
            f"The values are no codes of classes (fractions, or more than {MOST_CLASSES} different "
            "ones) and are taken as amounts",
        )
    return _amounts(found, options, ledger)


def _ask_classes(project: Project, found: Look, ledger: Ledger) -> None:
    """Which class table: those that name every code stand first, and say so."""
    fitting = [one.id for one in land_classes.fitting(project, found.codes)]
    choices = []
    for one in sorted(land_classes.tables(project).values(), key=lambda one: one.id not in fitting):
        known = {cell.code for cell in one.classes} | set(one.blank)
        lacks = sorted(set(found.codes) - known)
        zh, en = "含全部编码", "names every code"
        if lacks:
            if len(lacks) == len(found.codes):
                continue
            listed = ", ".join(map(str, lacks[:8]))
            zh, en = f"缺编码 {listed}", f"lacks the codes {listed}"
        title = one.title
        choices.append((one.id, Text(zh=f"{title.zh}（{zh}）", en=f"{title.en} ({en})")))
    choices.append((NO_TABLE, Text(zh="不是类别，是数量", en="no classes but amounts")))
    listed = ", ".join(map(str, sorted(found.codes)[:20]))
    ledger.ask(
        "classes",
        "--classes",
        f"编码 {listed} 按哪个类别表读取：",
        f"By which class table are the codes {listed} read:",
        choices,
    )


def _classes(
    project: Project, found: Look, table_id: str, options: Options, ledger: Ledger
) -> Meant:
    table = land_classes.table_of(project, table_id)
    if not found.whole or not found.codes:
        raise DataError(
            f"数值有小数或种类过多（{found.low:g}–{found.high:g}），不能按类别表 {table.id} 读取。",
            f"The values have fractions or are too many ({found.low:g} to {found.high:g}) to be "
            f"read by the class table {table.id}.",
        )
    known = {one.code for one in table.classes}
    unknown = sorted(set(found.codes) - known - set(table.blank))
    lost = options.unknown == NODATA
    if options.unknown not in (None, NODATA):
        raise unknown_name("处理方式", "way with unknown codes", options.unknown, (NODATA,))
    for code in unknown:
        count = found.codes[code]
        share = f"{count / found.valid * 100:.3g} %"
        done = ("，作为无数据", ", taken as no data") if lost else ("", "")
        ledger.add(
            "unmatched",
            f"编码 {code} 不在类别表 {table.id} 中：{count:,} 格，占 {share}{done[0]}",
            f"The class table {table.id} lacks the code {code}: {count:,} cells, {share}{done[1]}",
        )
    if unknown and not lost:
        ledger.ask(
            "unknown",
            "--unknown",
            "有类别表没有的编码，请换用类别表，或说明：",
            "Some codes are in no class of the table; choose another table, or say:",
            [(NODATA, Text(zh="这些格作为无数据", en="take these cells as no data"))],
        )
    return Meant(table, frozenset(unknown) if lost else frozenset())


def _amounts(found: Look, options: Options, ledger: Ledger) -> Meant:
    if options.unit is None:
        ledger.ask(
            "unit",
            "--unit",
            "请说明数值的单位：",
            "Say the unit of the values:",
            [(UNITLESS, Text(zh="无单位（如指数）", en="none (such as an index)"))],
        )
    ramp = options.ramp or "green"
    if ramp not in RAMPS:
        raise unknown_name("色带", "colour ramp", ramp, RAMPS)
    breaks = options.breaks or _breaks(found)
    if list(breaks) != sorted(set(breaks)):
        listed = ", ".join(f"{one:g}" for one in breaks)
        raise DataError(f"分级界限 {listed} 应由小到大。", f"The breaks {listed} should be rising.")
    listed = "、".join(f"{one:g}" for one in breaks)
    ledger.add(
        "note",
        f"数值 {found.low:g}–{found.high:g}，分级界限 {listed}",
        f"Values from {found.low:g} to {found.high:g}, breaks {', '.join(listed.split('、'))}",
    )
    unit = "" if options.unit in (None, UNITLESS) else str(options.unit)
    return Meant(None, frozenset(), tuple(breaks), colours(ramp, len(breaks) + 1), unit)


def _breaks(found: Look) -> tuple[float, ...]:
    """Round numbers near the fifths of the cells."""
    marks = np.quantile(found.sample, PARTS)
    span = float(marks[-1] - marks[0]) or abs(found.high - found.low) or abs(found.high) or 1.0
    digits = 1 - int(np.floor(np.log10(span)))
    rounded = dict.fromkeys(float(round(float(one), digits)) for one in marks)
    inside = [one for one in rounded if found.low <= one < found.high]
    return tuple(sorted(inside)) or (float(found.low),)


def colours(ramp: str, count: int) -> tuple[str, ...]:
    """That many colours of a ramp, from its first to its last."""
    stops = np.array([list(bytes.fromhex(one[1:])) for one in RAMPS[ramp]], dtype=float)
    at = np.linspace(0, len(stops) - 1, count)
    mixed = [np.interp(at, range(len(stops)), stops[:, one]) for one in range(3)]
    return tuple(
        "#" + "".join(f"{round(float(channel[one])):02x}" for channel in mixed)
        for one in range(count)
    )


def classes_of(project: Project, found: Look, meant: Meant) -> pd.DataFrame:
    """The codes or classes of amounts with their cells."""
    if meant.breaks:
        edges = np.searchsorted(meant.breaks, found.sample, side="left")
        share = np.bincount(edges, minlength=len(meant.breaks) + 1) / max(1, found.sample.size)
        marks = [f"{one:g}" for one in meant.breaks]
        names = [
            f"≤ {marks[0]}",
            *(f"{a}–{b}" for a, b in itertools.pairwise(marks)),
            f"> {marks[-1]}",
        ]
        rows = [(str(at), one, one, "", share[at] * 100) for at, one in enumerate(names)]
    else:
        blank = set(meant.table.blank) if meant.table else set()
        named = land_classes.named(project, meant.table, set(found.codes) - blank)
        whole = max(1, sum(found.codes[one.code] for one in named))
        rows = [
            (str(one.code), one.title.zh, one.title.en, f"{found.codes[one.code]:,}",
             found.codes[one.code] / whole * 100)
            for one in named
        ]  # fmt: skip
    made = pd.DataFrame(rows, columns=["code", "name_zh", "name_en", "cells", "share"])
    made["share"] = [f"{one:.3g} %" for one in made["share"]]
    return made
