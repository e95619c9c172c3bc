"""A preview of own data in, its places as the page draws them out: marked and counted."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import own_marks
from bsh_geo.crs import DISPLAY
from bsh_geo.own_marks import MARKS, Mark
from bsh_geo.own_preview import Preview
from bsh_geo.ui.import_look import Places
from bsh_geo.ui.import_steps import plain

MOST = 3_000
"""Features on a map; a browser draws more only slowly, and a reader sees no more."""

MOST_MARKED = 500
"""Of each mark but the fine ones; these are drawn before fine ones."""

TOLD = 3
"""Findings that a hover box tells of a row."""

_EN = "en"


def places(found: Preview, district: Callable[[str], str], lang: str) -> Places | None:
    """What is drawn of a preview; None where no row has a place.

    Rows that are lost are drawn as the file has them, all others as they would be stored; of a
    mended one the former outline is drawn too.
    """
    seen = found.seen
    if seen is None:
        return None
    raw = _drawable(seen.geometry)
    if not raw.any():
        return None
    marks = _marks(found, seen.index)
    counts: dict[str, int] = {mark: int(((marks == mark) & raw).sum()) for mark in MARKS}
    counts["empty"] = int((~raw).sum())
    at = _chosen(marks, raw)
    some, mark = seen.iloc[at], marks[at]
    kept = found.frame[found.frame.index.isin(some.index)]
    frame = gpd.GeoDataFrame({"mark": mark}, index=some.index, geometry=_shapes(some, kept))
    frame["name"] = _names(some, kept, lang)
    frame["lines"] = _lines(found, some, kept, district, lang)
    mended = some[mark == "repaired"].geometry
    return Places(frame.set_crs(DISPLAY), counts, mended)


def _drawable(shapes: gpd.GeoSeries) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = shapes.to_numpy()
    there: np.ndarray[tuple[int], np.dtype[np.bool_]]
    there = np.logical_and.reduce(np.isfinite(shapely.bounds(found)), axis=1)
    return there


def _marks(found: Preview, rows: pd.Index) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    known = own_marks.marks(found.report.findings)
    made: np.ndarray[tuple[int], np.dtype[np.object_]] = np.full(len(rows), "fine", dtype=object)
    if known:
        at = rows.get_indexer(pd.Index(list(known)))
        there = at >= 0
        made[at[there]] = np.array(list(known.values()), dtype=object)[there]
    return made


def _chosen(
    marks: np.ndarray[tuple[int], np.dtype[np.object_]],
    there: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The places of the rows to draw: marked ones first, of too many an even choice."""
    taken: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    for mark in MARKS:
        at = np.flatnonzero(there & (marks == mark)).astype(np.int64)
        most = MOST_MARKED if mark != "fine" else MOST - sum(map(len, taken))
        if len(at) > most:
            at = at[np.linspace(0, len(at) - 1, most).astype(np.int64)]
        taken.append(at)
    return np.sort(np.concatenate(taken))


def _shapes(some: gpd.GeoDataFrame, kept: pd.DataFrame) -> gpd.GeoSeries:
    """The geometry of each row as it would be stored, else as the file has it."""
    made = some.geometry.copy()
    stored = kept["geometry"].dropna() if "geometry" in kept else made.iloc[0:0]
    made.loc[stored.index] = stored.to_numpy()
    return gpd.GeoSeries(shapely.force_2d(made.to_numpy()), index=made.index, crs=DISPLAY)


def _names(some: gpd.GeoDataFrame, kept: pd.DataFrame, lang: str) -> list[str]:
    column = f"name_{lang}"
    known = kept[column].to_dict() if column in kept else {}
    blank = "No name" if lang == _EN else "没有名称"
    return [
        str(known.get(row) or name or blank)
        for row, name in zip(some.index, some["name"], strict=True)
    ]


def _lines(
    found: Preview,
    some: gpd.GeoDataFrame,
    kept: pd.DataFrame,
    district: Callable[[str], str],
    lang: str,
) -> list[tuple[tuple[str, str], ...]]:
    """What the hover box says: the row, the district, whether it is imported, what was found."""
    en = lang == _EN
    heads = ("Row", "District", "Imported", "Found") if en else ("行", "区", "导入", "发现")
    yes, no = ("yes", "no") if en else ("是", "否")
    codes = kept["adcode"].to_dict() if "adcode" in kept else {}
    told = _told(found, some.index, lang)
    lost = found.report.lost
    made = []
    for row in some.index:
        lines = [(heads[0], f"{row}")]
        if codes.get(row):
            lines.append((heads[1], district(str(codes[row]))))
        lines.append((heads[2], no if row in lost else yes))
        lines += [(heads[3] if at == 0 else "", text) for at, text in enumerate(told.get(row, ()))]
        made.append(tuple(lines))
    return made


def _told(found: Preview, rows: pd.Index, lang: str) -> dict[int, list[str]]:
    """The findings of each of these rows, the gravest first."""
    drawn = set(rows)
    made: dict[int, list[str]] = {}
    marked: list[tuple[Mark, str, tuple[int, ...]]] = [
        (own_marks.mark_of(one), plain(one.text.get(lang)), one.rows)
        for one in found.report.findings
    ]
    for mark, text, numbers in sorted(marked, key=lambda one: MARKS.index(one[0])):
        if mark == "fine" or len(text) > 160:
            continue
        for row in drawn.intersection(numbers):
            texts = made.setdefault(int(row), [])
            if len(texts) < TOLD:
                texts.append(text)
    return made
