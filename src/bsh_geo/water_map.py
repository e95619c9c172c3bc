"""Stations of water and a period in, rows as a map shows them out; and which periods there are.

A part of a layer that derives one of ``NETWORKS`` follows a period of its own: a month, a quarter
(a survey season of the sea) or a year with readings, by default each network's newest month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from bsh_geo import catalogue, water_figures
from bsh_geo import periods as time
from bsh_geo.catalogue import Part, Text
from bsh_geo.errors import UnknownNameError
from bsh_geo.periods import Grain, Period
from bsh_geo.project import Project
from bsh_geo.store import open_store
from bsh_geo.water_figures import WaterStatus
from bsh_geo.water_standards import standard_of

NETWORKS = {"river_classes": "river", "sea_classes": "sea"}
"""The network whose classes a derivation adds."""

GRAINS: tuple[Grain, ...] = ("month", "quarter", "year")
"""Grains of time that the map offers, the default first."""

_LANGS = ("zh", "en")
_MISSING = 5
"""Missing items that a text names; ``water status`` lists all."""
_SHOWN = 4
"""Periods of each grain that a sentence names."""


def networks_of(parts: Iterable[Part]) -> tuple[str, ...]:
    """The networks whose classes ``parts`` show, each once."""
    found = [NETWORKS[one.derive] for one in parts if one.derive in NETWORKS]
    return tuple(dict.fromkeys(found))


def periods(project: Project, networks: Iterable[str]) -> dict[Grain, tuple[str, ...]]:
    """Keys of the periods with readings of any of the networks, by grain, the newest first.

    Raises
    ------
    DataError
        The store cannot be read.
    """
    return dict(_periods(project, water_figures.state(project), tuple(networks)))


@lru_cache(maxsize=64)
def _periods(
    project: Project, digest: str, networks: tuple[str, ...]
) -> Mapping[Grain, tuple[str, ...]]:
    del digest  # of the readings: it makes the cache forget
    store = open_store(project)
    months = sorted({one for network in networks for one in store.months(network)}, reverse=True)
    days = [time.parse(one).first for one in months]
    return {
        grain: tuple(dict.fromkeys(time.covering(day, grain).key for day in days))
        for grain in GRAINS
    }


def newest(project: Project, networks: Iterable[str]) -> tuple[str, ...]:
    """The newest months of the networks that have readings, each once, the newest first."""
    found = [periods(project, (one,))["month"][:1] for one in networks]
    return tuple(sorted({key for keys in found for key in keys}, reverse=True))


def checked(project: Project, networks: tuple[str, ...], asked: str | None) -> str | None:
    """The period asked for; None, each network's newest month, stays None.

    Raises
    ------
    UnknownNameError
        No network shown has readings in it, or none is shown.
    """
    if asked is None:
        return None
    if not networks:
        raise UnknownNameError(
            f"水质时期“{asked}”只用于水质叠加内容，地图上没有显示这样的内容。",
            f"The water period “{asked}” is for overlays of water classes; none is shown.",
        )
    known = periods(project, networks)
    if not any(asked in keys for keys in known.values()):
        raise _unknown(asked, known)
    return asked


def _unknown(asked: str, known: Mapping[Grain, tuple[str, ...]]) -> UnknownNameError:
    """A sentence that names the newest of the known periods of each grain, and how many there are.

    Not those that resemble what was asked for: 2024-05 for 2025-05 would be no help.
    """
    count = sum(len(keys) for keys in known.values())
    shown = [key for keys in known.values() for key in keys[:_SHOWN]]
    zh = "、".join(shown) + (f" 等 {count} 个" if count > len(shown) else "")
    en = ", ".join(shown) + (f" … ({count} in all)" if count > len(shown) else "")
    return UnknownNameError(
        f"水质时期“{asked}”不存在。可用：{zh or '无（没有导入读数）'}。",
        f"There is no water period “{asked}”. Known: {en or 'none (no readings are imported)'}.",
    )


def period_of(project: Project, network: str, asked: str | None) -> Period | None:
    """The period that a network is shown for; None where it has no readings at all."""
    if not water_figures.has_readings(project, network):
        return None
    return time.parse(asked) if asked else water_figures.period_of(project, network, None)


def dated(project: Project, part: Part, asked: str | None) -> Part:
    """A part whose title names the period that is shown, where it follows one."""
    if part.derive not in NETWORKS:
        return part
    period = period_of(project, NETWORKS[part.derive], asked)
    if period is None:
        return part
    title = Text(
        zh=f"{part.title.zh}（{period.text('zh')}）", en=f"{part.title.en} ({period.text('en')})"
    )
    return part.model_copy(update={"title": title})


def classes(project: Project, network: str, rows: pd.DataFrame, asked: str | None) -> pd.DataFrame:
    """``rows`` of stations with their classes in a period, by default the newest month.

    Adds ``class_key`` (``class-1`` …, ``none`` without a class), ``reason_text_zh/_en`` and, with
    any readings, ``class_text_*``, ``items_text_*`` (what decides it), ``graded_text_*`` (what it
    is judged by, with the means), ``missing_text_*``, ``period_text_*``, ``standard_text_*``,
    ``readings_source`` and ``readings_text_*`` (ids or titles as the imports gave them, and titles;
    for stations with a class) and ``water_period`` (the key).
    """
    period = period_of(project, network, asked)
    if period is None:
        return rows.assign(class_key="none", **_reasons("readings"))
    texts = {
        f"period_text_{one}": period.text(one) for one in _LANGS
    } | _standard(project, network)  # fmt: skip
    rows = rows.assign(water_period=period.key, **texts)
    if period.key not in periods(project, (network,))[period.grain]:
        return rows.assign(class_key="none", **_reasons("period"))
    found = water_figures.status(project, network, period.key)
    own = found.stations.reindex(rows["code"].astype(str))
    numbers = own["class"].fillna(0).astype(int).to_numpy()
    made: dict[str, Any] = {"class_key": [f"class-{one}" if one else "none" for one in numbers]}
    known = catalogue.load_sources(project)
    joined = "; ".join(found.sources)
    made["readings_source"] = [joined if one else None for one in numbers]
    for lang in _LANGS:
        titles = [known[one].title(lang) if one in known else one for one in found.sources]
        title = ("; " if lang == "en" else "；").join(titles)
        made[f"readings_text_{lang}"] = [title if one else None for one in numbers]
        made |= {f"{name}_{lang}": cells for name, cells in _texts(found, own, lang).items()}
    return rows.assign(**made)


def _reasons(reason: str) -> dict[str, str]:
    return {f"reason_text_{one}": water_figures.reason_text(reason, one) for one in _LANGS}


def _standard(project: Project, network: str) -> dict[str, str]:
    """The standard that judges a network, by number and name."""
    standard = standard_of(project, network)
    number = standard_number(standard.id)
    return {f"standard_text_{one}": f"{number} {standard.title.get(one)}" for one in _LANGS}


def standard_number(standard_id: str) -> str:
    """``GB 3838-2002`` of the id ``gb-3838-2002``."""
    return standard_id.upper().replace("-", " ", 1)


def _texts(found: WaterStatus, own: pd.DataFrame, lang: str) -> dict[str, list[str | None]]:
    """What is said of each station; None where there is nothing to say."""
    titles = ["", *(one.title.get(lang) for one in found.standard.classes)]
    known = own["class"].notna().to_numpy()
    told = {
        "class_text": [titles[one] for one in own["class"].fillna(0).astype(int)],
        "items_text": [
            water_figures.item_texts(found.network, str(one), lang) for one in own["items"]
        ],
        "graded_text": [
            _graded(found, row, lang) if has else ""
            for has, (_, row) in zip(known, own.iterrows(), strict=True)
        ],
        "missing_text": [
            _missing(found, str(one), lang) if has else ""
            for has, one in zip(known, own["missing"], strict=True)
        ],
        "reason_text": [water_figures.reason_text(str(one), lang) for one in own["reason"]],
    }
    return {name: [one or None for one in cells] for name, cells in told.items()}


def _missing(found: WaterStatus, ids: str, lang: str) -> str:
    """The items without a value; of many the first, and how many there are."""
    names = ids.split(",")
    text = water_figures.item_texts(found.network, ",".join(names[:_MISSING]), lang)
    if len(names) <= _MISSING:
        return text
    return f"{text} … ({len(names)} in all)" if lang == "en" else f"{text}等 {len(names)} 项"


def _graded(found: WaterStatus, row: pd.Series, lang: str) -> str:
    """The items that a class is judged by, with their means: one decimal more than a reading."""
    missing = str(row["missing"]).split(",")
    texts = []
    for name in found.standard.graded(str(row["kind"])):
        if name in missing or pd.isna(row.get(name)):
            continue
        item = found.network.items[name]
        unit = "" if item.unit == "无量纲" else f" {item.unit}"
        texts.append(f"{item.title.get(lang)} {float(row[name]):.{item.decimals + 1}f}{unit}")
    return (", " if lang == "en" else "、").join(texts)


def notes(title: str, rows: pd.DataFrame, lang: str) -> tuple[str, ...]:
    """By what the classes of stations are judged and how many have one; ``title`` names the period.

    Nothing where no readings are imported or no station is shown.
    """
    if "standard_text_zh" not in rows or rows.empty:
        return ()
    standard = " ".join(str(rows["standard_text_zh"].iloc[0]).split(" ")[:2])
    count, whole = int((rows["class_key"] != "none").sum()), len(rows)
    return (
        f"{title}: imported readings, graded by their mean concentrations ({standard}); "
        f"{count} of {whole} stations have a class."
        if lang == "en"
        else f"{title}：导入读数，按平均浓度评价（{standard}），{whole} 个中 {count} 个有类别。",
    )


def shown_period(rows: pd.DataFrame, lang: str) -> str:
    """The period of ``rows`` as a reader writes it; blank where they follow none."""
    name = f"period_text_{lang}"
    return str(rows[name].iloc[0]) if "water_period" in rows and len(rows) else ""


def sources(rows: pd.DataFrame) -> tuple[str, ...]:
    """The sources of the readings behind ``rows``, as the imports gave them."""
    if "readings_source" not in rows:
        return ()
    cells = rows["readings_source"].dropna().unique()
    return tuple(dict.fromkeys(one for cell in cells for one in str(cell).split("; ") if one))
