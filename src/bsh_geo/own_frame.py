"""Mapped columns, districts and geometry in, rows in a dataset's own columns out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bsh_geo import own_cells, own_places
from bsh_geo.catalogue import Column
from bsh_geo.crs import DISPLAY, area_km2
from bsh_geo.own_fields import Columns
from bsh_geo.own_files import Found
from bsh_geo.own_kinds import Kind
from bsh_geo.own_options import Options
from bsh_geo.own_places import Codes
from bsh_geo.own_report import Ledger
from bsh_geo.own_tables import Ints
from bsh_geo.project import Project
from bsh_geo.site_geometry import Shapes


def rows(
    project: Project,
    kind: Kind,
    declared: Mapping[str, Column],
    found: Found,
    texts: Mapping[str, pd.Series],
    columns: Columns,
    codes: Codes,
    shapes: Shapes,
    ledger: Ledger,
    options: Options,
    located: bool,
) -> gpd.GeoDataFrame:
    """The rows in the dataset's columns, without those that are lost."""
    count = len(found.numbers)
    made: dict[str, pd.Series] = {}
    for name, column in declared.items():
        if name in texts and name not in ("lon", "lat", "adcode", "source"):
            unit = columns.units.get(name, "")
            made[name] = own_cells.cells(texts[name], name, column, unit, found.numbers, ledger)
    made["adcode"] = own_cells.codes_text(codes)
    _places_of(made, declared, shapes)
    _names_of(made, kind, found.numbers, ledger)
    if "quality" in declared:
        _default(made, "quality", options.quality or "", count)
    for name, text in kind.defaults.items():
        if name in declared:
            _default(made, name, text, count)
    if "location_grade" in declared:
        missing = shapely.is_missing(shapes)
        made["location_grade"] = pd.Series(np.where(missing, "none", "A"), dtype=str)
    if located:
        _required(made, declared, found.numbers, ledger)
    if "unit_id" in declared and options.within is not None:
        at = own_places.points_of(shapes)
        units = own_places.districts_of(project, at, options.within)
        made["unit_id"] = own_cells.codes_text(units)
    frame = own_cells.filled(made, declared, count).set_index(found.numbers)
    whole = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index), crs=DISPLAY)
    lost = ledger.lost()
    return whole[~whole.index.isin(sorted(lost))] if lost else whole


def _default(made: dict[str, pd.Series], name: str, text: str, count: int) -> None:
    own = made.get(name, own_cells.blank(count))
    made[name] = own.where(own.ne(""), text)


def _places_of(made: dict[str, pd.Series], declared: Mapping[str, Column], shapes: Shapes) -> None:
    if "lon" in declared:
        inner = shapes
        areal = shapely.get_dimensions(shapes) == 2
        if areal.any():
            inner = shapes.copy()
            inner[areal] = shapely.point_on_surface(shapes[areal])
        for name, at in (("lon", shapely.get_x), ("lat", shapely.get_y)):
            made[name] = own_cells.text_of(at(inner), own_cells.DECIMALS[name])
    if "area_km2" in declared:
        sizes = area_km2(gpd.GeoSeries(shapes, crs=DISPLAY)).to_numpy(dtype=float)
        made["area_km2"] = own_cells.text_of(sizes, own_cells.DECIMALS["area_km2"])


def _names_of(made: dict[str, pd.Series], kind: Kind, numbers: Ints, ledger: Ledger) -> None:
    """Names and ids: what is blank gets a number or the other name, which is told."""
    count = len(numbers)
    english = made.get("name_en", own_cells.blank(count))
    names = made.get("name_zh", own_cells.blank(count))
    names = names.where(names.ne(""), english)
    blank = names.eq("").to_numpy(dtype=bool)
    if blank.any():
        ledger.add(
            "note",
            f"没有名称，以“{kind.title.zh} 行号”代替",
            "Rows without a name are called by their row",
            numbers[blank] if blank.sum() < count else (),
        )
        names = names.mask(
            blank, pd.Series([f"{kind.title.zh} {one}" for one in numbers], dtype=str)
        )
    made["name_zh"] = names
    made["name_en"] = english.where(english.ne(""), names)
    _ids_of(made, kind.key, numbers, ledger)


def _ids_of(made: dict[str, pd.Series], key: str, numbers: Ints, ledger: Ledger) -> None:
    count = len(numbers)
    ids = made.get(key, own_cells.blank(count))
    lacking = ids.eq("").to_numpy(dtype=bool)
    if lacking.any():
        ledger.add(
            "note",
            "没有编号，按名称和区生成",
            "Rows without an id get one made of name and district",
            numbers[lacking] if lacking.sum() < count else (),
        )
        pairs = zip(made["name_zh"][lacking], made["adcode"][lacking], strict=True)
        ids = ids.astype(object)
        ids[lacking] = [_id(name, code) for name, code in pairs]
    made[key] = ids.astype(str)
    repeated = own_cells.repeated(made[key])
    if repeated.any():
        example = made[key].iloc[int(repeated.argmax())]
        ledger.add(
            "duplicate",
            f"编号重复（如 {example}），只取前一行",
            f"The id is repeated (such as {example}); the first row counts",
            numbers[repeated],
            lost=True,
        )


def _id(name: str, code: str) -> str:
    return f"own-{hashlib.sha256(f'{name}|{code}'.encode()).hexdigest()[:10]}"


def _required(
    made: dict[str, pd.Series], declared: Mapping[str, Column], numbers: Ints, ledger: Ledger
) -> None:
    lost = np.isin(numbers, sorted(ledger.lost()))
    for name, column in declared.items():
        if not column.required or name in ("source", "quality"):
            continue
        cells = made.get(name, own_cells.blank(len(numbers)))
        blank = cells.eq("").to_numpy(dtype=bool)
        if (blank & ~lost).any():
            zh, en = f"{column.zh}为空，此列必填", f"{column.en} is blank; a value is required"
            ledger.add("rejected", zh, en, numbers[blank & ~lost])
            lost |= blank
