"""Declared registers in, the protected places that sites are tested against out.

A register is a file ``data/sitecheck/<id>.toml``: which rows of which dataset belong to it. A
project folder replaces one, adds one, or brings boundaries of its own for the same datasets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import catalogue, frames
from bsh_geo.catalogue import Colour, Dataset, Hatch, NamedFile, Text
from bsh_geo.crs import DISPLAY, MEASURE
from bsh_geo.errors import DataError, unknown_name
from bsh_geo.project import Project
from bsh_geo.site_geometry import STEP_DEGREES, Shapes, moved


class Register(NamedFile):
    """What sites are tested against: the rows of ``dataset``, with ``shapes`` where it has any.

    ``keep`` and ``drop`` name values of columns; ``kind`` is the column that says what a place is,
    ``kind_en`` its values in English where the data have them in Chinese only.
    """

    order: int = 1000
    title: Text
    short: Text
    dataset: str
    shapes: str | None = None
    keep: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 -- pydantic copies defaults
    drop: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 -- as above
    kind: str | None = None
    kind_en: dict[str, str] = {}  # noqa: RUF012 -- as above
    colour: Colour
    hatch: Hatch | None = None
    note: Text


@dataclass(frozen=True, eq=False)
class Items:
    """Places that sites are tested against.

    Attributes
    ----------
    frame : DataFrame
        A row per place with geometry: ``register``, ``id``, ``name_zh``, ``name_en``,
        ``kind_zh``, ``kind_en``, ``form`` ("area" or "point"), ``quality``, ``source``,
        ``note_zh``, ``note_en`` (how the shape was made, and the row's own note).
    plane : ndarray of geometries
        The same in metres of ``MEASURE``.
    untested : DataFrame
        ``register``, ``id``, ``name_zh``, ``name_en``: places without any location in the data.
    """

    frame: pd.DataFrame
    plane: Shapes
    untested: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)


@cache
def load_registers(project: Project) -> dict[str, Register]:
    """Every declared register by id, in display order."""
    paths = project.files("data/sitecheck", ".toml")
    found = [catalogue.declared_file(project, path, Register) for path in paths.values()]
    return {one.id: one for one in sorted(found, key=lambda one: (one.order, one.id))}


def registers_of(project: Project, ids: Sequence[str] | None = None) -> tuple[Register, ...]:
    """The registers with these ids, in display order; all for None.

    Raises
    ------
    UnknownNameError
        There is no register of that id.
    DataError
        None is named, or a register's file is broken.
    """
    known = load_registers(project)
    wanted = list(known) if ids is None else [one.strip() for one in ids if one.strip()]
    for one in wanted:
        if one not in known:
            raise unknown_name("核查对象", "register", one, known)
    if not wanted:
        raise DataError("没有选择核查对象，请至少选一项。", "Nothing to test against was chosen.")
    return tuple(one for one in known.values() if one.id in wanted)


def items(project: Project, registers: Sequence[Register]) -> Items:
    """The places of the registers, one register after the other.

    Raises
    ------
    DataError
        A dataset is missing or broken, or lacks a column that its register names.
    """
    found = [_items(project, one.id) for one in registers]
    return Items(
        pd.concat([one.frame for one in found], ignore_index=True),
        np.concatenate([one.plane for one in found]),
        pd.concat([one.untested for one in found], ignore_index=True),
    )


@cache
def _items(project: Project, register_id: str) -> Items:
    register = load_registers(project)[register_id]
    dataset = frames.dataset_of(project, register.dataset)
    rows = _rows(frames.table(project, register.dataset), register)
    shaped = _shaped(project, register, rows)
    points = _points(dataset, rows[~rows["id"].isin(shaped["id"])])
    frame = gpd.GeoDataFrame(pd.concat([shaped, points], ignore_index=True), crs=DISPLAY)
    listed = _listed(register, frame)
    left = rows[~rows["id"].isin(frame["id"])]
    untested = left[["id", "name_zh", "name_en"]].assign(register=register.id)
    plane = _plane(frame.geometry.to_numpy())
    return Items(listed, plane, untested.reset_index(drop=True))


def _rows(table: pd.DataFrame, register: Register) -> pd.DataFrame:
    needed = ["id", "name_zh", "name_en", "source", "quality", *register.keep, *register.drop]
    for name in needed:
        if name not in table:
            raise DataError(
                f"data/sitecheck/{register.id}.toml：数据集 {register.dataset} 没有列 {name}。",
                f"data/sitecheck/{register.id}.toml: the dataset {register.dataset} has no "
                f"column {name}.",
            )
    kept = pd.Series(True, index=table.index)
    for name, values in register.keep.items():
        kept &= table[name].isin(values)
    for name, values in register.drop.items():
        kept &= ~table[name].isin(values)
    return pd.DataFrame(table[kept]).drop(columns="geometry", errors="ignore")


def _shaped(project: Project, register: Register, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """The rows that have a shape, a place in several pieces in one row, with the shape's quality.

    A dataset that is geometry itself brings its own shapes.
    """
    source = register.shapes or register.dataset
    if frames.dataset_of(project, source).geometry is None:
        return gpd.GeoDataFrame(rows.iloc[0:0].assign(form="area"), geometry=[], crs=DISPLAY)
    drawn = frames.shapes(project, source)
    merged = drawn.dissolve("id", aggfunc="first")
    found = rows[rows["id"].isin(merged.index)].copy()
    of_shape = merged.loc[found["id"]]
    found["quality"] = of_shape["quality"].to_numpy()
    for lang in ("zh", "en"):
        made = f"method_{lang}"
        found[made] = of_shape[made].to_numpy() if made in of_shape else None
    return gpd.GeoDataFrame(
        found.assign(form="area"), geometry=of_shape.geometry.to_numpy(), crs=DISPLAY
    )


def _points(dataset: Dataset, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    if not (dataset.lon and dataset.lat and dataset.crs):
        return gpd.GeoDataFrame(rows.iloc[0:0].assign(form="point"), geometry=[], crs=DISPLAY)
    located = rows[rows[dataset.lon].notna() & rows[dataset.lat].notna()]
    geometry = gpd.points_from_xy(located[dataset.lon], located[dataset.lat], crs=dataset.crs)
    return gpd.GeoDataFrame(located.assign(form="point"), geometry=geometry).to_crs(DISPLAY)


def _listed(register: Register, frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """The columns of ``Items.frame``."""
    made = pd.DataFrame({"register": register.id, "id": frame["id"]}, index=frame.index)
    made["name_zh"] = frame["name_zh"]
    made["name_en"] = frame["name_en"].fillna(frame["name_zh"])
    for lang in ("zh", "en"):
        kinds = _text(frame, register.kind, lang)
        made[f"kind_{lang}"] = [
            register.kind_en.get(one, one) if lang == "en" else one for one in kinds
        ]
        both = [_text(frame, "method", lang), _text(frame, "note", lang)]
        made[f"note_{lang}"] = [
            " ".join(one for one in pair if one) for pair in zip(*both, strict=True)
        ]
    return made.assign(form=frame["form"], quality=frame["quality"], source=frame["source"])


def _text(frame: pd.DataFrame, name: str | None, lang: str) -> list[str]:
    """A column in ``lang`` where there is one for each, else the column; blank where missing."""
    found = next((one for one in (f"{name}_{lang}", name) if one in frame), None)
    if found is None:
        return [""] * len(frame)
    return ["" if cell is None or pd.isna(cell) else str(cell) for cell in frame[found]]


def _plane(found: Shapes) -> Shapes:
    """Geometries of ``DISPLAY`` in metres, their edges divided so that they keep their course."""
    return moved(shapely.segmentize(found, STEP_DEGREES), DISPLAY, MEASURE)
